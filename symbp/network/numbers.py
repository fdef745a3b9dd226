"""Numbers: high-precision evaluation, exact evaluation where it stays rational, and rounding once for print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from symbp.errors import SymbpError
from symbp.language.form import Var
from symbp.network.algebra import IRRATIONAL, ExactRational, HighPrecision, Irrational, Unreachable
from symbp.network.program import Program

__all__ = ["IRRATIONAL", "ExactRational", "HighPrecision", "Irrational"]

_WIDE = Context(prec=50_000, Emax=10**15, Emin=-(10**15))

GUARD = 25
"""Digits carried beyond those that are printed."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """How many digits are printed: `digits` significant ones, or `decimals` after the point; `guard` more are worked with."""

    digits: int = 6
    decimals: int | None = None
    guard: int = GUARD

    @property
    def working_digits(self) -> int:
        """The precision at which values are computed before they are rounded."""
        return (self.digits if self.decimals is None else self.decimals) + self.guard

    @property
    def needed_digits(self) -> int:
        """So many digits of a value must be settled before it is rounded."""
        return self.working_digits - GUARD // 2

    def places(self, size: int) -> int:
        """The decimal place at which a number whose leading digit stands for 10**size is rounded."""
        return self.digits - 1 - size if self.decimals is None else self.decimals

    def decimal(self, value: Decimal) -> Decimal:
        """`value`, rounded once, half to even."""
        if not value:
            return Decimal(0)
        quantum = Decimal(1).scaleb(-self.places(value.adjusted()))
        rounded = value.quantize(quantum, ROUND_HALF_EVEN, _WIDE)
        if self.decimals is None and rounded and rounded.adjusted() > value.adjusted():
            rounded = rounded.quantize(quantum.scaleb(1), ROUND_HALF_EVEN, _WIDE)
        return rounded

    def tie(self, value: Decimal) -> Decimal | None:
        """The number halfway between two that can be printed, where `value` is so close to it that its digits may not tell the side."""
        if not value:
            return None
        place = self.places(value.adjusted())
        scaled = value.copy_abs().scaleb(place, _WIDE)
        half = _WIDE.add(scaled.to_integral_value(ROUND_FLOOR), Decimal("0.5"))
        is_near = _WIDE.subtract(scaled, half).copy_abs() < Decimal("0.001")
        return half.scaleb(-place, _WIDE).copy_sign(value) if is_near else None

    def text(self, value: Decimal) -> str:
        """`value` rounded, in figures: plain for ordinary sizes, `1.5e-12` for very small or very large ones."""
        rounded = self.decimal(value)
        if not rounded:
            return "0"
        limit = self.digits if self.decimals is None else self.decimals
        if -6 <= rounded.adjusted() <= max(limit, 6) or (self.decimals is not None and rounded.adjusted() < 15):
            return format(rounded, "f")
        return format(rounded, "e").replace("e+", "e")


def to_decimal(value: Any) -> Decimal:
    """An mpf as a decimal with 30 digits more than it has, or a Fraction to 600 digits."""
    if isinstance(value, Fraction):
        return context_of(600).divide(Decimal(value.numerator), Decimal(value.denominator))
    sign, mantissa, exponent, bits = value._mpf_
    context = context_of(int(bits * 0.302) + 30)
    signed = context.create_decimal(-int(mantissa) if sign else int(mantissa))
    return context.multiply(signed, context.power(Decimal(2), int(exponent)))


@cache
def context_of(digits: int) -> Context:
    """Decimal arithmetic at `digits` digits, with room for any exponent."""
    return Context(prec=digits, Emax=10**15, Emin=-(10**15))


def terminating(value: Fraction) -> Decimal | None:
    """`value` as a finite decimal, if it is one of at most 400 digits."""
    denominator, places = value.denominator, 0
    while denominator % 10 == 0:
        denominator //= 10
        places += 1
    for prime in (2, 5):
        while denominator % prime == 0 and places < 400:
            denominator //= prime
            places += 1
    if denominator != 1:
        return None
    return Decimal(value.numerator * 10**places // value.denominator).scaleb(-places, _WIDE).normalize(_WIDE)


def without_zeros(value: Decimal) -> Decimal:
    """`value` without trailing zeros, and not rounded."""
    return value.normalize(_WIDE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """The value of a variable: exact where that is known, and at working precision."""

    near: Decimal
    exact: Decimal | None

    def is_exact_at(self, rounding: Rounding) -> bool:
        """Does printing at `rounding` lose nothing?"""
        return self.exact is not None and rounding.decimal(self.exact) == self.exact


VANISHED = 4000


def settle(compute: Callable[[int], dict[Var, Quantity]], rounding: Rounding, digits: int) -> tuple[dict[Var, Quantity], int]:
    """What `compute(digits)` gives once twice the digits change nothing that `rounding` needs, and the digits that took.

    Where numbers cancel (1 - out^2 of a saturated tanh), any fixed number of guard digits is too few, and also where a value is next to a
    tie (a weight of 2e-300 changed by a little of itself). What is still below 10**-VANISHED at the end is 0, as the difference of two
    equal activations is, and what is still so close to a tie is the tie.
    """
    found = _tried(compute, digits)
    while True:
        digits *= 2
        finer = compute(digits) if digits > VANISHED else _tried(compute, digits)
        if not finer:
            continue
        unsettled = [
            var
            for var, quantity in finer.items()
            if quantity.exact is None and not (var in found and is_settled(found[var].near, quantity.near, rounding))
        ]
        if not unsettled:
            return finer, digits
        if digits > VANISHED:
            break
        found = finer
    needed, tiny = rounding.needed_digits, Decimal(1).scaleb(-VANISHED, _WIDE)
    ties = {var: rounding.tie(finer[var].near) for var in unsettled if var in found and _agree(found[var].near, finer[var].near, needed)}
    if any(finer[var].near.copy_abs() > tiny for var in unsettled if var not in ties):
        raise SymbpError(f"a value of this network cannot be had to {needed} digits", hint="its numbers cancel, or it is saturated too far")
    return finer | {var: Quantity(ties.get(var) or Decimal(0), None) for var in unsettled}, digits


def is_settled(before: Decimal, after: Decimal, rounding: Rounding) -> bool:
    """Do all digits that `rounding` needs agree, and next to a tie the side of it?"""
    if not _agree(before, after, rounding.needed_digits):
        return False
    tie = rounding.tie(after)
    return tie is None or _agree(_WIDE.subtract(before, tie), _WIDE.subtract(after, tie), 1)


def _tried(compute: Callable[[int], dict[Var, Quantity]], digits: int) -> dict[Var, Quantity]:
    """What `compute(digits)` gives; nothing where a number was lost, so that a logarithm or a quotient of it has no value."""
    try:
        return compute(digits)
    except Unreachable:
        return {}


def _agree(a: Decimal, b: Decimal, digits: int) -> bool:
    """Do `a` and `b` agree to so many digits, and are they not lost altogether?"""
    return bool(b) and _WIDE.subtract(a, b).copy_abs() <= b.copy_abs().scaleb(-digits, _WIDE)


def evaluate(program: Program, data: Mapping[Var, Decimal], digits: int) -> dict[Var, Quantity]:
    """Every variable of `program` and every derivative of E, at `data`; derivatives as Var("adjoint", v)."""
    algebra = HighPrecision(digits)
    values = program.evaluate(algebra.point(data), algebra)
    values |= {Var("adjoint", var): value for var, value in program.gradients(values, algebra).items()}
    rationals = ExactRational(decides=program.tape.has_kinks or program.split.reverse.tape.has_kinks)
    exacts: dict[Var, Any] = program.evaluate({var: Fraction(value) for var, value in data.items()}, rationals)
    exact_gradients = program.gradients(exacts, rationals)
    exacts |= {Var("adjoint", var): value for var, value in exact_gradients.items()}
    found = {}
    for var, value in values.items():
        if _is_by_target(var) and not algebra.exists(value):
            continue  # nobody asks for it, and t ln t has no slope at 0
        algebra.require(value)
        exact = exacts[var]
        rational = terminating(exact) if isinstance(exact, Fraction) else None
        near = to_decimal(exact) if isinstance(exact, Fraction) else to_decimal(value)
        found[var] = Quantity(near, rational)
    return found


def _is_by_target(var: Var) -> bool:
    return var.kind == "adjoint" and isinstance(var.owner, Var) and var.owner.kind == "target"
