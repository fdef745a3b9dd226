"""The same mistake in several cells of a matrix: an edit of each that is wrong, all of one code, counts as one."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from symbp.language import written as w
from symbp.language.form import Var
from symbp.language.written import Written
from symbp.verification.judging.following import FAULTS
from symbp.verification.judging.scope import Choose, Need, Numeric
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.repair.editing import Edit, Repair, exchanged, patched
from symbp.verification.source.work import Line, Link

if TYPE_CHECKING:
    from symbp.verification.repair.diagnose import Diagnosis

MOST = 600
"""So many edits of one cell are tried."""


def in_cells(diagnosis: Diagnosis, line: Line, link: Link, subject: Var | None) -> Repair | None:
    """The right side with every wrong cell edited, if edits of one code make all of them right."""
    matrix = unwrapped(link.right)
    if not isinstance(matrix, w.Matrix):
        return None
    wrong = wrong_cells(diagnosis, line, link, matrix)
    if len(wrong) < 2:
        return None
    found: list[Edit] = []
    for cell, wanted in wrong:
        code = found[0].code if found else None
        edit = mended(diagnosis, line, link, subject, cell, wanted, code)
        if edit is None:
            return None
        found.append(edit)
    form = link.right
    for (cell, _), edit in zip(wrong, found, strict=True):
        form = exchanged(form, cell, edit.form)
    new = replace(link, right=form)
    if not diagnosis.holds(new, line):
        return None
    span = (min(edit.span[0] for edit in found), max(edit.span[1] for edit in found))
    text = patched(line.row.math, span, [(edit.span, edit.text) for edit in found])
    return Repair(found[0].code, span, text, new)


def wrong_cells(diagnosis: Diagnosis, line: Line, link: Link, matrix: w.Matrix) -> list[tuple[Written, Any]]:
    """The cells that are not the entries of the left side, and what they should be at every point."""
    left = values(diagnosis, line, link, link.left)
    if left is None or left.shape[1:] != (len(matrix.rows), len(matrix.rows[0])):
        return []
    found = []
    for i, cells in enumerate(matrix.rows):
        for j, cell in enumerate(cells):
            if not agrees(values(diagnosis, line, link, cell), left[:, i, j]):
                found.append((cell, left[:, i, j]))
    return found


def mended(diagnosis: Diagnosis, line: Line, link: Link, subject: Var | None, cell: Written, wanted: Any, code: str | None) -> Edit | None:
    """The first edit of a cell, of a code if one is given, that makes it what is wanted."""
    for edit in islice(diagnosis.editor(line, cell, subject).edits(), MOST):
        diagnosis.world.budget.check()
        if (code is None or edit.code == code) and agrees(values(diagnosis, line, link, edit.form), wanted):
            return edit
    return None


def values(diagnosis: Diagnosis, line: Line, link: Link, form: Written) -> Any:
    """The values of a form at every point, if it has any without letters."""
    checker = diagnosis.world.checker(line)
    try:
        with np.errstate(all="ignore"):
            return checker.meaning(Numeric(checker.truth), link.arguments).of(form)
    except (*FAULTS, Choose, Need):
        return None


def agrees(value: Any, wanted: Any) -> bool:
    """Is a value the one that is wanted, at every point?"""
    return value is not None and value.shape[1:] == (1, 1) and bool(np.allclose(value[:, 0, 0], wanted, rtol=1e-9, atol=1e-12))
