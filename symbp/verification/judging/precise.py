"""Evaluation with as many digits as it takes, where floats do not decide: numbers of high precision at the points of a `Truth`.

Nothing here has a tolerance. Both sides are evaluated with some digits and with twice as many. What is equal draws closer by as many
digits as there are more; a difference that is there stays. There are enough digits for the smallest part of a form beside its largest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import numpy as np

from symbp.language import written as w
from symbp.language.form import KINKED, Var
from symbp.language.written import Number, Written
from symbp.network.algebra import HighPrecision
from symbp.network.calculus import fold
from symbp.verification.judging.arrays import Array, Arrays, Dual
from symbp.verification.judging.meaning import Meaning
from symbp.verification.judging.scope import Numeric, Unclear
from symbp.verification.judging.truth import Truth

DIGITS: Final = 40
GUARD: Final = 12
"""So many of the last digits may be lost by rounding."""
MOST: Final = 3000
"""What spans more digits is not decided."""
SMOOTH: Final = 4
"""So many points tell forms apart that have no kinks."""
MAX_POWER: Final = 2**40
MAX_QUANTITIES: Final = 5000
"""Larger networks are evaluated in floats only."""


class PreciseArrays(Arrays):
    """The algebra of arrays whose entries are numbers of `digits` digits; what does not exist is a NaN."""

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self.numbers = HighPrecision(digits)
        self.one = self.numbers.context.mpf(1)

    def array(self, value: Any) -> Array:
        return _each(self.numbers.context.convert, np.asarray(value, dtype=object))

    def rational(self, value: Fraction) -> Array:
        return self.numbers.rational(value)

    def divide(self, x: Array, y: Array) -> Array:
        return _each(lambda a, b: self.numbers.divide(self.one * a, b), x, y)

    def power(self, x: Array, n: Array) -> Array:
        return _each(self._power, x, n)

    def _power(self, x: Any, n: Any) -> Any:
        return self.numbers.power(self.one * x, n) if abs(n) < MAX_POWER else self.numbers.context.nan

    def exp(self, x: Array) -> Array:
        return _each(self.numbers.exp, x)

    def log(self, x: Array) -> Array:
        return _each(self.numbers.log, x)

    def sqrt(self, x: Array) -> Array:
        return _each(self.numbers.sqrt, x)

    def sin(self, x: Array) -> Array:
        return _each(self.numbers.sin, x)

    def cos(self, x: Array) -> Array:
        return _each(self.numbers.cos, x)

    def erf(self, x: Array) -> Array:
        return _each(self.numbers.erf, x)

    def pi(self) -> Array:
        return self.numbers.pi()

    def sign(self, x: Array) -> Array:
        return _each(self.numbers.sign, x)

    def logarithmic(self, x: Array, y: Array) -> Array:
        return _each(self.numbers.logarithmic, x, y)


def _each(function: Callable[..., Any], *args: Any) -> Array:
    """A function of every entry."""
    return np.frompyfunc(function, len(args), 1)(*args)


@dataclass
class Precise(Numeric):
    """As `Numeric`, at a `Truth` of more digits: printed numbers are exactly what is printed."""

    def number(self, node: Number) -> Any:
        value = self.truth.algebra.rational(Fraction(node.text) * Fraction(10) ** node.exponent)
        return np.full((1, 1, 1), value + self.shifts.get(node.span[0], 0.0))


@dataclass
class Watched(Meaning):
    """Notes how large every part of a form is, as a power of 2, in the order in which they are worked out."""

    sizes: list[int] = field(default_factory=list)

    def of(self, node: Written) -> Any:
        value = super().of(node)
        for x in (value.value if isinstance(value, Dual) else value).flat:
            self.sizes.append(_size(x))
        return value


ZERO: Final = -(10**9)


def _size(x: Any) -> int:
    """About the logarithm of a number to the base 2; ZERO of what is 0 or no number."""
    if hasattr(x, "_mpf_"):
        _, mantissa, exponent, bits = x._mpf_
        return int(exponent + bits) if mantissa else ZERO
    return int(np.frexp(float(x))[1]) if x and np.isfinite(float(x)) else ZERO


@dataclass(frozen=True, slots=True)
class Closeness:
    """Both sides at the points `at` (of those of the truth), and where they are equal."""

    at: Sequence[int]
    left: Array
    right: Array
    equal: Array

    @property
    def gap(self) -> Array:
        """How far they are apart, as floats."""
        return floats(abs(self.left - self.right))


def floats(value: Array) -> Array:
    """Numbers of many digits as floats."""
    return _each(_float, value).astype(float)


def _float(x: Any) -> float:
    try:
        return float(x)
    except OverflowError:
        return float("inf")


def can_be_precise(meaning: Meaning) -> bool:
    """Can the meaning be had with more digits? What a person wrote instead of the truth is known in floats only."""
    source = meaning.source
    return isinstance(source, Numeric) and not source.truth.taken and len(source.truth.program.position) <= MAX_QUANTITIES


def closeness(meaning: Meaning, left: Written, right: Written) -> Closeness:
    """Where two forms are equal, to as many digits as it takes; where there are too many of them, it is unclear."""
    digits = DIGITS
    for _ in range(3):
        meaning.grids.budget.check()
        try:
            (a, b, rough), (c, d, fine) = (_evaluated(meaning, left, right, n) for n in (digits, 2 * digits))
        except (ZeroDivisionError, OverflowError):
            raise Unclear("no_value", left.span[0]) from None
        # What is there with twice the digits too is no rounding.
        real = [size for size, other in zip(fine, rough, strict=True) if size != ZERO and abs(size - other) < 3]
        top = max(fine, default=0)
        span = 0.302 * (top - min(real, default=top))
        if span > MOST:
            raise Unclear("too_large", left.span[0])
        if span + 2 * GUARD <= 2 * digits:
            return _closeness(meaning, (a, b), (c, d), top, digits)
        digits = int(span) + 2 * GUARD
    raise Unclear("too_large", left.span[0])


def _closeness(meaning: Meaning, rough: tuple[Array, Array], fine: tuple[Array, Array], top: int, digits: int) -> Closeness:
    source = meaning.source
    assert isinstance(source, Numeric)
    first, second = abs(rough[0] - rough[1]), abs(fine[0] - fine[1])
    ten, two = (_precise(source.truth, 2 * digits).algebra.rational(Fraction(n)) for n in (10, 2))
    noise = two**top * ten ** (GUARD - 2 * digits)

    def is_equal(a: Any, b: Any, was: Any, now: Any) -> bool:
        if a != a or b != b:
            return bool(a != a and b != b)
        return bool(now <= noise or now <= was * ten ** (-digits // 2))

    equal = _each(is_equal, *np.broadcast_arrays(fine[0], fine[1], first, second)).astype(bool)
    a, b = np.broadcast_arrays(*fine)
    return Closeness(points_of(source.truth), a, b, equal)


def _evaluated(meaning: Meaning, left: Written, right: Written, digits: int) -> tuple[Array, Array, list[int]]:
    source = meaning.source
    assert isinstance(source, Numeric)
    at = Precise(_precise(source.truth, digits), source.by, source.shifts)
    other = Watched(at, meaning.grids, meaning.letters, meaning.chosen, meaning.arguments, meaning.held)
    with np.errstate(all="ignore"):
        return other.of(left), other.of(right), other.sizes


def points_of(truth: Truth) -> Sequence[int]:
    """The points at which more digits are asked for: all where there are kinks, else some."""
    is_kinked = any(op in KINKED for op, _ in truth.program.tape.instructions)
    return range(truth.points if is_kinked else min(truth.points, SMOOTH))


def _precise(truth: Truth, digits: int) -> Truth:
    """The same truth at `points_of` it, with so many digits: what the file gives exactly, what is random as the float that it is."""
    if digits not in truth.finer:
        algebra, at = PreciseArrays(digits), list(points_of(truth))
        free: dict[Var, Any] = {}
        for var, values in truth.free.items():
            given = truth.spec.data.get(var)
            is_given = given is not None and bool(np.all(values == float(given)))
            free[var] = algebra.array([algebra.rational(Fraction(given))] * len(at) if is_given and given is not None else values[at])
        for var, form in truth.program.assumptions.items():
            if var in free and np.allclose(fold(form, Arrays(), truth.free.__getitem__), truth.free[var], rtol=1e-12, atol=0):
                free[var] = fold(form, algebra, free.__getitem__) + np.zeros(len(at))
        truth.finer[digits] = Truth(truth.spec, free, per_example=truth.per_example, algebra=algebra)
        truth.finer[digits].__dict__["program"] = truth.program
        truth.finer[digits].__dict__["unfolded"] = truth.unfolded
    return truth.finer[digits]


def reach(node: Written) -> float:
    """By how many powers of 2 at most, about, the numbers and powers of a form may make a part of it larger or smaller than others."""
    try:
        return node._reach
    except AttributeError:
        object.__setattr__(node, "_reach", _reach(node))
        return node._reach


def _reach(node: Written) -> float:
    if isinstance(node, Number):
        value = abs(float(node.text)) * 10.0 ** max(min(node.exponent, 300), -300)
        return abs(math.log2(value)) if value else 0.0
    if isinstance(node, w.Name):
        return 0.5 + sum(2.0 * _largest(script) for script in node.sups)
    if isinstance(node, w.Power):
        exponent = node.exponent.of if isinstance(node.exponent, w.Negative) else node.exponent
        times = abs(float(exponent.text)) if isinstance(exponent, Number) and not exponent.exponent and len(exponent.text) < 4 else 4.0
        return times * (1.0 + reach(node.base)) + (0.0 if isinstance(exponent, Number) else 2.0 ** min(reach(exponent), 60.0))
    below = [reach(child) for child in w.children(node)]
    if isinstance(node, w.Call) and node.name.base in _GROWING:
        return max((2.0 ** min(x, 60.0) for x in below), default=1.0)
    if isinstance(node, w.Sum | w.Matrix | w.Cases):
        return max(below, default=0.0)
    return sum(below)


def _largest(script: w.Script) -> float:
    """The largest number of a superscript that may be a power; the smallest are of layers, or of squares."""
    numbers = [float(token.text) for token in script.tokens if token.kind == "number" and len(token.text) < 9]
    return max((x for x in numbers if x > 3), default=0.0)


_GROWING = frozenset({"exp", "sinh", "cosh", "sech", "sigma", "sigmoid", "tanh", "softmax", "erf"})
"""Functions that make of a sum what products are of factors."""
