"""Printed numbers: what the rounding of the literals of a form explains, and how far a value may be from the truth.

A literal stands for any number that rounds to it, unless it is exact: a whole number or power, a number of the network file, a simple
fraction such as 0.5, or, in a calculation, a short decimal that is the rounding of nothing known. Where a person's own earlier value is
put in, it may be as far off as that one was. A value that is printed as a result is right if it is a correct rounding that shows a
digit of the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np

from symbp.language import written as w
from symbp.language.written import Name, Number, Written
from symbp.network.forward import ERROR
from symbp.verification.judging.arrays import Array
from symbp.verification.judging.checks import Checker, Difference, Outcome
from symbp.verification.judging.equality import compared, located
from symbp.verification.judging.meaning import Meaning
from symbp.verification.judging.precise import can_be_precise, closeness, floats, reach
from symbp.verification.judging.scope import Misfit, Numeric, Unclear
from symbp.verification.judging.shapes import shape, transpose, unwrapped
from symbp.verification.judging.truth import Truth
from symbp.verification.source.statements import Condition

FINE: Final = 1e-12
"""Where less than this share of a value is at stake, more digits than those of floats are asked for."""
TIE: Final = 1e-14
"""A value so close to a tie, relative to itself, may be rounded either way."""
MOST: Final = 0.1
"""What is no correct rounding may be off by this share of the truth, and no more."""
ORDINARY: Final = 40.0
"""Where the numbers of a form reach further, more digits than those of floats are asked for, too."""
SHORT: Final = 3
"""A literal of fewer digits is a rounded value only if there is something that it is the rounding of."""
NO_DIGIT: Final = "no_digit"
"""Why a value is undecided that shows no digit of the truth."""


def value_of(number: Number) -> Fraction:
    """A printed number, exactly."""
    return Fraction(number.text) * Fraction(10) ** number.exponent


def unit_of(number: Number) -> float:
    """What one of its last place is worth."""
    return float(Fraction(10) ** -number.places)


def digits_of(number: Number) -> int:
    """How many significant digits it shows."""
    return len(number.text.replace(".", "").lstrip("0"))


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


def is_tuple(form: Written) -> bool:
    """Is this (1, 2, 3), which may be a column as well as a row?"""
    form = unwrapped(form)
    return isinstance(form, w.Matrix) and form.is_list and len(form.rows) == 1


def is_of_whole_numbers(form: Written) -> bool:
    """Is this arithmetic of whole numbers, in which nothing is rounded?"""
    return is_pure(form) and all("." not in n.text for n in literals(form)) and not any(isinstance(p, Name | w.Call) for p in w.parts(form))


@dataclass(frozen=True)
class Carried:
    """What a person's earlier values are off by: of each as it is printed, and truths that take one of them so."""

    off: Mapping[Fraction, float]
    truths: Sequence[Truth]

    def slack(self, number: Number) -> float:
        """How far a literal may be off that is one of these values, or a rounding of it."""
        value, half = abs(value_of(number)), Fraction(10) ** -number.places / 2
        return max((off for earlier, off in self.off.items() if abs(abs(earlier) - value) <= half), default=0.0)


@dataclass
class Numbers:
    """Compares forms at the network's own numbers. `exact` are the numbers of its file, `known` the values of its quantities."""

    exact: frozenset[Fraction]
    printed: Sequence[Fraction] = ()
    known: Callable[[], Array] = lambda: np.zeros(0)

    def is_exact(self, number: Number) -> bool:
        value = value_of(number)
        if "." not in number.text or value in self.exact:
            return True
        return number.places <= 2 and value in _SIMPLE and value not in self.printed

    def is_rounding(self, number: Number) -> bool:
        """May this be a rounded value? One digit is if it is printed as a value, two if such a value or one of the network rounds to it."""
        value, half = abs(value_of(number)), unit_of(number) / 2
        if digits_of(number) >= SHORT or any(abs(p) == value for p in self.printed):
            return True
        if digits_of(number) < 2:
            return False
        if any(abs(abs(p) - value) <= half for p in self.printed):
            return True
        return bool(np.any(np.abs(self.known() - float(value)) <= half))

    def slack(self, form: Written, carried: Carried | None = None) -> dict[int, float]:
        """How far each inexact literal of `form` may be off: half a unit of its last place, of a value printed elsewhere a whole one."""
        found: dict[int, float] = {}
        for number in literals(form):
            if not self.is_exact(number):
                unit = unit_of(number)
                size = unit if value_of(number) in self.printed else unit / 2
                found[number.span[0]] = max(size, carried.slack(number) if carried else 0.0)
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
        is_about: bool = False,
        carried: Carried | None = None,
    ) -> tuple[Outcome, float]:
        """Whether left = right as far as the rounding of their literals explains; and 1 where a last digit is off, else 0.

        `is_given`: the left side is given in the file, so that no digit of it may be off. `is_about`: the sign between them was ≈.
        """
        used = [0.0]

        def compare(meaning: Meaning) -> Difference | None:
            if is_result(right) or is_result(left):
                source, shown = (left, right) if is_result(right) else (right, left)
                one = _Shown(self, meaning, source, shown, is_given, is_about, carried)
                found = one.difference()
                used[0] = max(used[0], one.used)
                return found if found is None or source is left else replace(found, left=found.right, right=found.left)
            return self.within(meaning, left, right, carried)

        outcome = checker.decide(compare, conditions, checker.meaning(Numeric(checker.truth), arguments))
        return outcome, used[0]

    def within(self, meaning: Meaning, left: Written, right: Written, carried: Carried | None) -> Difference | None:
        """Where two forms differ by more than their literals and earlier values explain."""
        slack = (self.slack(left, carried), self.slack(right, carried))
        if not any(slack) and carried is None:
            return compared(meaning, left, right)
        (a, room), (b, more) = (spread(meaning, form, own, carried) for form, own in zip((left, right), slack, strict=True))
        require_one_shape(a, b, left)
        allowed = room + more
        a, b, gap, is_equal = differences(meaning, (left, right), a, b, allowed)
        size = np.maximum(np.abs(a), np.abs(b))
        is_close = is_equal | ((gap <= allowed + TIE * size) & (allowed > 0))
        if np.all(is_close) and np.any(~is_equal & (gap > MOST * size) & (allowed >= size)):
            raise Unclear(NO_DIGIT, right.span[0])
        return located(meaning, a, b, ~is_close)


@dataclass
class _Shown:
    """The printed values of `shown` beside the form that they are values of."""

    numbers: Numbers
    meaning: Meaning
    source: Written
    shown: Written
    is_given: bool
    is_about: bool
    carried: Carried | None
    used: float = 0.0
    """1 if a value is no correct rounding, and only next to one."""

    def units(self) -> dict[int, float]:
        """The last place of each printed value; a whole number is exact, unless it is said to be about so much."""
        return {n.span[0]: 0.0 if n.is_whole and not self.is_about else unit_of(n) for n in results(self.shown)}

    def slack(self) -> dict[int, float]:
        """Of the literals that the values were worked out from; a value that is printed twice is not worked out."""
        if is_result(self.source):
            return {}
        found = self.numbers.slack(self.source, self.carried)
        if is_pure(self.source):
            kept = {n.span[0] for n in literals(self.source) if n.span[0] in found and self.numbers.is_rounding(n)}
            return {at: size for at, size in found.items() if at in kept}
        return found

    def difference(self) -> Difference | None:
        """The first value that is wrong; one that shows no digit of the truth makes it unclear."""
        a, room = spread(self.meaning, self.source, self.slack(), self.carried)
        b, unit = spread(self.meaning, self.shown, self.units())
        if is_tuple(self.shown) and shape(b) == shape(a)[::-1]:
            b, unit = transpose(b), transpose(unit)
        require_one_shape(a, b, self.source)
        a, b, gap, is_equal = differences(self.meaning, (self.source, self.shown), a, b, unit / 2 + room)
        tie, most = TIE * np.maximum(np.abs(a), np.abs(b)), MOST * np.abs(a)
        is_rounded = (gap <= unit / 2 + tie) & (unit > 0)
        is_explained = (gap <= unit / 2 + room + tie) & (room > 0) & (gap <= most if self.carried is None else gap <= 5 * most)
        is_near = (gap <= unit + tie) & (unit > 0) & (gap <= most) & (not self.is_given and not is_of_whole_numbers(self.source))
        is_blank = (b == 0) & (unit > 0) & ~is_equal & any(not value_of(number) for number in results(self.shown))
        is_right = is_equal | np.where(is_blank, gap <= unit / 2 + room + tie, is_rounded | is_explained | is_near)
        found = located(self.meaning, a, b, ~is_right)
        if found is None and np.any(is_blank):
            raise Unclear(NO_DIGIT, self.shown.span[0])
        if np.any(is_near & ~is_rounded & ~is_explained & ~is_equal):
            self.used = 1.0
        return found


def require_one_shape(a: Array, b: Array, left: Written) -> None:
    """At numbers a number stands for no matrix."""
    if shape(a) != shape(b):
        raise Misfit(shape(a), shape(b), left.span)


def differences(meaning: Meaning, forms: tuple[Written, Written], a: Array, b: Array, allowed: Array) -> tuple[Array, Array, Array, Array]:
    """The values of two forms, how far they are apart, and where they are equal, by floats where these tell it."""
    if not np.all(np.isfinite(a) & np.isfinite(b) & np.isfinite(allowed)):
        raise Unclear("too_large", forms[0].span[0])
    gap, size = np.abs(a - b), np.maximum(np.abs(a), np.abs(b))
    is_fine = (allowed <= FINE * size) & (gap <= 10 * allowed + FINE * np.maximum(size, 1.0))
    if (np.any(is_fine | (b == 0)) or max(map(reach, forms)) > ORDINARY) and can_be_precise(meaning):
        found = closeness(meaning, *forms)
        return floats(found.left), floats(found.right), found.gap, found.equal
    return a, b, gap, (gap == 0) | ((gap <= FINE * size) & (allowed == 0))


def spread(meaning: Meaning, form: Written, slack: Mapping[int, float], carried: Carried | None = None) -> tuple[Array, Array]:
    """The value of a form, and how far the rounding of its literals, and what was carried forward, may move it."""
    value = meaning.of(form)
    room = np.zeros_like(value)
    source = meaning.source
    assert isinstance(source, Numeric)
    for at, size in slack.items():
        if size:
            moved = replace(meaning, source=replace(source, shifts={at: size})).of(form)
            back = replace(meaning, source=replace(source, shifts={at: -size})).of(form)
            room = room + np.maximum(np.abs(moved - value), np.abs(back - value))
    for truth in carried.truths if carried is not None and not is_pure(form) else ():
        room = room + np.abs(replace(meaning, source=replace(source, truth=truth)).of(form) - value)
    return value, room


def sizes_of(truth: Truth | None) -> Array:
    """The sizes of all that a person may have worked out of a network: its quantities, its derivatives, and the parts of these."""
    if truth is None:
        return np.zeros(0)
    found = [float(truth.value(var)[0]) for var in truth.values]
    found += [float(truth.total(ERROR, var)[0]) for var in truth.values]
    for var in truth.program.forms:
        if var.kind == "out":
            found += [float(slope[0]) for slope in truth.locals(var).values()]
            out = float(truth.value(var)[0])
            found += [1 - out, *(out - float(x[0]) for target, x in truth.free.items() if target.kind == "target")]
    sizes: Array = np.abs(np.array([x for x in found if np.isfinite(x)]))
    return sizes


_SIMPLE = frozenset({Fraction(1, 2), Fraction(1, 4), Fraction(3, 4), Fraction(3, 2), Fraction(5, 2)})
