"""Slips of the pen in a printed value: the decimal point in the wrong place, two digits swapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Final

from symbp.language.written import Number
from symbp.verification.judging.printed import value_of

SHIFTS: Final = (1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6)
"""By so many places a decimal point may have slipped, the likeliest first."""
CLOSE: Final = Fraction(1, 50)
"""A value is that of the truth, but for the slip, if it is off by no more than this share of it."""


def slip(true: float, number: Number) -> Mapping[str, str | int]:
    """Which slip leads from the `true` size to what is printed: its name, and with how many places the value is to be shown."""
    exact, printed, unit = abs(Fraction(true)), abs(value_of(number)), Fraction(10) ** -number.places
    if not exact or not printed:
        return {}
    for shift in SHIFTS:
        if is_rounding(printed * Fraction(10) ** shift, exact, unit * Fraction(10) ** shift):
            return {"slip": "point", "places": number.places - shift}
    if any(is_rounding(Fraction(text) * Fraction(10) ** number.exponent, exact, unit) for text in swapped(number.text)):
        return {"slip": "digits"}
    return {}


def is_rounding(value: Fraction, exact: Fraction, unit: Fraction) -> bool:
    """Is `value`, printed to a `unit`, the rounding of what is exact, or next to it?"""
    return abs(value - exact) <= min(unit, CLOSE * exact)


def swapped(text: str) -> Iterator[str]:
    """A number with two digits next to each other exchanged, also across the point."""
    digits = [at for at, char in enumerate(text) if char.isdigit()]
    for first, second in pairwise(digits):
        if text[first] != text[second]:
            yield text[:first] + text[second] + text[first + 1 : second] + text[first] + text[second + 1 :]
