"""Printed numbers: what the rounding of the literals of a form explains, and how far a value may be from the truth.

A literal stands for any number that rounds to it, unless it is exact: a whole number, a number of the network file, or a simple fraction
such as 0.5. A value that is printed as a result is right within one unit of its last place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from symbp.language import written as w
from symbp.language.written import Name, Number, Written
from symbp.verification.judging.checks import Checker, Difference, Outcome
from symbp.verification.judging.meaning import Meaning
from symbp.verification.judging.scope import Misfit, Numeric, Unclear
from symbp.verification.judging.shapes import shape
from symbp.verification.source.statements import Condition


def value_of(number: Number) -> Fraction:
    """A printed number, exactly."""
    return Fraction(number.text) * Fraction(10) ** number.exponent


def literals(form: Written) -> list[Number]:
    """The numbers of a form, without those of exponents and indices that only count."""
    return [part for part in w.parts(form) if isinstance(part, Number)]


def is_pure(form: Written) -> bool:
    """Is this a form of numbers alone?"""
    has_number = False
    for part in w.parts(form):
        if isinstance(part, w.Derivative | w.Nabla) or (isinstance(part, Name) and part.base not in {"e", "pi"}):
            return False
        has_number |= isinstance(part, Number)
    return has_number


def results(form: Written) -> Iterator[Number]:
    """The numbers that a form prints as results: itself, or the cells of its matrix."""
    while isinstance(form, w.Bracket | w.Negative | w.Transposed):
        form = form.of
    if isinstance(form, Number):
        yield form
    elif isinstance(form, w.Matrix):
        for row in form.rows:
            for cell in row:
                yield from results(cell)


def is_result(form: Written) -> bool:
    """Is this nothing but printed values?"""
    found = list(results(form))
    return bool(found) and len(found) == len(literals(form)) and is_pure(form)


@dataclass
class Numbers:
    """Compares forms at the network's own numbers. `exact` are the numbers of its file."""

    exact: frozenset[Fraction]
    printed: Sequence[Fraction] = ()

    def is_exact(self, number: Number) -> bool:
        value = value_of(number)
        if number.is_whole or value in self.exact:
            return True
        return number.places <= 2 and value in _SIMPLE and value not in self.printed

    def slack(self, form: Written, *, is_given: bool = False) -> dict[int, float]:
        """How far each inexact literal of `form` may be off: half a unit of its last place, of a result a whole one.

        A single digit is no rounded number.
        """
        whole = {number.span[0] for number in results(form)} if is_result(form) else set()
        found: dict[int, float] = {}
        for number in literals(form):
            unit = 10.0**-number.places
            if number.is_whole and len(number.text) == 1 and not number.exponent:
                continue
            if number.span[0] in whole:
                found[number.span[0]] = 0.0 if number.is_whole else unit / 2 if is_given else unit
            elif not self.is_exact(number):
                found[number.span[0]] = unit if value_of(number) in self.printed else unit / 2
        return found

    def equal(
        self,
        checker: Checker,
        left: Written,
        right: Written,
        conditions: Sequence[Condition],
        arguments: frozenset[str],
        *,
        is_given: bool = False,
    ) -> tuple[Outcome, float]:
        """Whether left = right as far as the rounding of their literals explains; and how much of that it takes, 1 being all."""
        used = [0.0]
        slack = (self.slack(left, is_given=is_given), self.slack(right, is_given=is_given))

        def compare(meaning: Meaning) -> Difference | None:
            (a, room), (b, more) = (spread(meaning, form, own) for form, own in zip((left, right), slack, strict=True))
            if shape(a) != shape(b):
                raise Misfit(shape(a), shape(b), left.span)
            if not np.all(np.isfinite(a) & np.isfinite(b)):
                raise Unclear("too_large", left.span[0])
            gap = np.abs(a - b)
            allowed = room + more + 1e-12 * np.maximum(np.abs(a), np.abs(b)) + 1e-15
            with np.errstate(all="ignore"):
                shares = gap / allowed
                used[0] = max(used[0], float(np.max(shares, initial=0.0, where=~np.isnan(shares))))
            off = ~((gap <= allowed) & np.isfinite(allowed))
            if not np.any(off):
                return None
            point, i, j = (int(x) for x in np.argwhere(off)[0])
            return Difference(
                dict(meaning.letters),
                point,
                (i, j),
                float(np.broadcast_to(a, gap.shape)[point, i, j]),
                float(np.broadcast_to(b, gap.shape)[point, i, j]),
            )

        outcome = checker.decide(compare, conditions, checker.meaning(Numeric(checker.truth), arguments))
        return outcome, used[0]


def spread(meaning: Meaning, form: Written, slack: dict[int, float]) -> tuple[Any, Any]:
    """The value of a form, and how far the rounding of its literals may move it."""
    value = meaning.of(form)
    room = np.zeros_like(value)
    source = meaning.source
    assert isinstance(source, Numeric)
    for at, size in slack.items():
        moved = replace(meaning, source=replace(source, shifts={at: size})).of(form)
        back = replace(meaning, source=replace(source, shifts={at: -size})).of(form)
        room = room + np.maximum(np.abs(moved - value), np.abs(back - value))
    return value, room


_SIMPLE = frozenset({Fraction(1, 2), Fraction(1, 4), Fraction(3, 4), Fraction(3, 2), Fraction(5, 2)})
