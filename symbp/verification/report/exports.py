"""Marks → what learning systems import: Moodle's grading worksheet with its feedback files, and Gradescope's results.json.

A mark that a person must give is left empty, or not exported; it never becomes 0. No flag is written where a student could read it.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from symbp.errors import Place, SymbpError, nearest
from symbp.verification.report.marks import Mark, shown
from symbp.verification.report.systems import Student

WORKSHEET: Final = (
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum grade", "Grade can be changed"),
    *("Last modified (submission)", "Last modified (grade)", "Feedback comments"),
)
"""The columns of Moodle's grading worksheet (mod/assign/gradingtable.php, feedback type "Offline grading worksheet")."""
IDENTIFIER, GRADE, MAXIMUM, COMMENTS = "identifier", "grade", "maximum grade", "feedback comments"
PARTICIPANT: Final = re.compile(r"[^0-9]*([0-9]+)")
"""Of `Participant 101` the number, whatever the language says for participant."""
FORMULAS: Final = tuple("=+-@\t\r＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula, also in its wide forms."""
_CELL: Final = re.compile(r"(?<=[;,\t|])(?=\s*['\"]?\s*[=+\-@＝＋－＠])")
_DATE: Final = (1980, 1, 1, 0, 0, 0)
LONGEST_FILE_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class Graded:
    """A work with its marks: who it is from, the quantities with what became of each, and the `comment` that the student reads."""

    mark: Mark
    student: Student | None
    comment: str = ""
    quantities: tuple[tuple[str, bool], ...] = ()


def settled(mark: Mark) -> Decimal | None:
    """The mark that may be given without a person: none where something was not read or not decided and could still earn more."""
    if mark.mark is None or mark.out_of is None or (mark.needs_review and mark.mark < mark.out_of):
        return None
    return mark.mark


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, whatever it takes for the end of the one before; nothing in it hides or turns.

    >>> harmless("=1+1"), harmless("a;=1+1")
    ("'=1+1", "a;'=1+1")
    """
    text = _CELL.sub("'", visible(cell))
    return f"'{text}" if text.startswith(FORMULAS) else text


def visible(text: str) -> str:
    """`text` on one line, with a mark in place of every character that would move, turn or hide something."""
    return "".join(c if c.isprintable() else "�" for c in text)


def file_name(text: str) -> str:
    """`text` as the name of a file on any system: no folders, nothing hidden, never empty."""
    kept = "".join("-" if c in '/\\:*?"<>|_' or not c.isprintable() else c for c in unicodedata.normalize("NFC", text))
    return kept.strip(" .-=+@")[:LONGEST_FILE_NAME].rstrip(" .") or "work"


# -- Moodle ------------------------------------------------------------------------------------------------------------------------


def worksheet(graded: Iterable[Graded], given: str | None = None, source: str = "worksheet") -> str:
    """Moodle's grading worksheet: a new one, or the one that Moodle gave, every row and column of it, with the grades filled in."""
    by_id = {one.student.id: one for one in graded if one.student is not None and one.student.id}
    return _new_worksheet(by_id) if given is None else _filled(by_id, given, source)


def _new_worksheet(by_id: Mapping[str, Graded]) -> str:
    rows = [
        dict.fromkeys(WORKSHEET, "")
        | {
            "Identifier": f"Participant {key}",
            "Full name": harmless(one.student.name if one.student else ""),
            "Grade": shown(settled(one.mark)),
            "Maximum grade": shown(one.mark.out_of),
            "Grade can be changed": "Yes",
            "Feedback comments": harmless(one.comment),
        }
        for key, one in by_id.items()
    ]
    return _csv([WORKSHEET, *([row[name] for name in WORKSHEET] for row in rows)])


def _filled(by_id: Mapping[str, Graded], given: str, source: str) -> str:
    """The worksheet `given` with grades and comments; a row without a mark stays as it is."""
    has_mark = given.startswith("\ufeff")
    given = given.removeprefix("\ufeff")
    first = given.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    rows = list(csv.reader(io.StringIO(given, newline=""), delimiter=delimiter))
    columns = {name.strip().lower(): at for at, name in enumerate(rows[0] if rows else [])}
    for name in (IDENTIFIER, GRADE):
        if name not in columns:
            hint = f"Moodle's grading worksheet, downloaded in English; {nearest(name, columns)}"
            raise SymbpError(f"the worksheet has no column {name!r}", Place(source, 1), hint)
    for at, row in enumerate(rows[1:], 2):
        match = PARTICIPANT.fullmatch(row[columns[IDENTIFIER]].strip()) if len(row) > columns[IDENTIFIER] else None
        one = by_id.get(match[1]) if match else None
        if one is None or settled(one.mark) is None:
            continue
        row += [""] * (len(rows[0]) - len(row))
        _same_maximum(row, columns, one.mark, Place(source, at))
        row[columns[GRADE]] = shown(settled(one.mark))
        if COMMENTS in columns:
            row[columns[COMMENTS]] = harmless(one.comment)
    return "\ufeff" * has_mark + _csv(rows, delimiter)


def _same_maximum(row: Sequence[str], columns: Mapping[str, int], mark: Mark, place: Place) -> None:
    """Marks out of another number than Moodle has would be imported as they stand, and mean something else."""
    text = row[columns[MAXIMUM]].strip().replace(",", ".") if MAXIMUM in columns else ""
    try:
        maximum = Decimal(text)
    except InvalidOperation:
        return
    if mark.out_of is not None and maximum != mark.out_of:
        said = f"the worksheet's maximum grade is {shown(maximum)}, and the marks are out of {shown(mark.out_of)}"
        raise SymbpError(said, place, "set the maximum in Moodle, or the marks in the scheme")


def _csv(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    held = io.StringIO()
    csv.writer(held, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return held.getvalue()


def feedback_zip(files: Iterable[tuple[Student, str, bytes]]) -> bytes:
    """The archive for "Upload multiple feedback files in a zip": a folder for each student, called as Moodle's own download calls it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, name, content in files:
            folder = f"{file_name(student.shown)}_{student.id}_assignsubmission_file_"
            info = zipfile.ZipInfo(f"{folder}/{file_name(name)}", _DATE)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, content)
    return held.getvalue()


# -- Gradescope --------------------------------------------------------------------------------------------------------------------


def gradescope_results(one: Graded) -> str | None:
    """results.json of one work, by https://gradescope-autograders.readthedocs.io/en/latest/specs/; none where a person gives the mark."""
    score = settled(one.mark)
    if score is None:
        return None
    tests = [{"name": name, "status": "passed" if is_reached else "failed", "visibility": "visible"} for name, is_reached in one.quantities]
    found: dict[str, Any] = {"score": float(score), "output": one.comment, "output_format": "text", "visibility": "visible"}
    return json.dumps(found | {"stdout_visibility": "hidden", "tests": tests}, ensure_ascii=True, indent=1) + "\n"
