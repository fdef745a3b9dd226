"""Whole numbers in a form that names quantities too: which quantities they may have been put in for.

A row such as `(a - y) a (1 - a) 0`, on a network whose second input is 0, is true only there. What else it names must be free, or it would
be true of any row in which a factor happens to be 0 in this network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from symbp.language.form import Var
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.checks import Checker, Outcome
from symbp.verification.judging.printed import literals, value_of
from symbp.verification.judging.scope import Absent, Choose, Misfit, Need, Numeric, Unclear
from symbp.verification.judging.truth import Truth, random_point
from symbp.verification.source.work import Link
from symbp.verification.tokens import Unreadable
from symbp.verification.written import Written


@dataclass
class _Recording(Numeric):
    """Notes which quantities are asked for."""

    seen: set[Var] = field(default_factory=set)

    def var(self, var: Var) -> Any:
        self.seen.add(var)
        return super().var(var)


def held(checker: Checker, at_numbers: Checker, link: Link, outcome: Outcome) -> dict[Var, Fraction] | None:
    """The quantities of the file that whole numbers of the link may stand for; None if one may stand for a computed value."""
    found: dict[Var, Fraction] = {}
    for form in (link.left, link.right):
        values = {abs(value_of(number)) for number in literals(form)}
        if not values:
            continue
        named = set(_named(checker, form, link, outcome))
        for var, x in at_numbers.grids.spec.data.items():
            if abs(Fraction(x)) in values and var not in named:
                found[var] = Fraction(x)
        if any(abs(x) in values for x in _computed(at_numbers.truth)):
            return None
    return found


def _named(checker: Checker, form: Written, link: Link, outcome: Outcome) -> Iterator[Var]:
    source = _Recording(checker.truth)
    for letters in outcome.assignments or ({},):
        meaning = replace(checker.meaning(source, link.arguments, outcome.chosen), letters=letters)
        try:
            with np.errstate(all="ignore"):
                meaning.of(form)
        except (Need, Choose, Absent, Misfit, Unclear, Unreadable):
            continue
    yield from source.seen


def _computed(truth: Truth) -> Iterator[Fraction]:
    """The values of nets, outs and deltas."""
    for var in truth.program.forms:
        if var.kind in {"net", "out"}:
            yield from (Fraction(float(x)) for x in truth.value(var) if np.isfinite(x))
        if var.kind == "net":
            delta = truth.value(Var("delta", var.owner, var.sample, var.time))
            yield from (Fraction(float(x)) for x in delta if np.isfinite(x))


def held_truth(spec: NetworkSpec, at: dict[Var, Fraction], *, per_example: bool) -> Truth:
    """Random points at which these quantities have these values."""
    free = random_point(spec)
    points = len(next(iter(free.values())))
    return Truth(spec, {**free, **{var: np.full(points, float(x)) for var, x in at.items()}}, per_example=per_example)
