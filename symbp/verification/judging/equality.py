"""Are two forms equal at every point? Floats say so where nothing is large, small or cancelled; else more digits do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from symbp.language.written import Written
from symbp.verification.judging.arrays import Array
from symbp.verification.judging.meaning import Meaning
from symbp.verification.judging.precise import Watched, can_be_precise, closeness, reach
from symbp.verification.judging.scope import Misfit, Numeric, Unclear
from symbp.verification.judging.shapes import shape

Letters = Mapping[str, int]

NEAR: Final = 1e-11
"""Floats of ordinary size that are this close, relative to themselves, are equal."""
FAR: Final = 1e-6
"""Floats of ordinary size that are this far apart are not."""
LOST: Final = 1e-12
"""So much of the largest part of a form may rounding be, where there are only floats."""
ORDINARY: Final = 16.0
"""A form of numbers that reach further (`reach`) is not judged by floats."""
DEEP: Final = 10
"""In a network of more layers and steps, a share of a derivative may be too small beside the others, …"""
WIDE: Final = 1e6
"""… if there are derivatives of such different sizes."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two forms differ: the letters' values, the point, the entry, and both values there."""

    letters: Letters
    point: int
    entry: tuple[int, int]
    left: float
    right: float


def compared(meaning: Meaning, left: Written, right: Written) -> Difference | None:
    """Where two forms differ, if they do; different shapes are an error."""
    a, b = meaning.of(left), meaning.of(right)
    require_fit(a, b, left)
    gap, size = np.abs(a - b), np.maximum(np.abs(a), np.abs(b))
    same = (gap <= NEAR * size) | (a == b) | (np.isnan(a) & np.isnan(b))
    is_short, is_precise = max(reach(left), reach(right)) <= ORDINARY, can_be_precise(meaning)
    if is_short and (is_shallow(meaning) or not is_precise):
        far = np.isfinite(gap) & (gap > FAR * np.maximum(size, 1.0))
        if np.any(far):
            return located(meaning, a, b, far)
        if np.all(same) and np.any(np.isfinite(gap)):
            return None
    if is_precise:
        return by_digits(meaning, left, right)
    if not is_short or not np.any(np.isfinite(gap)):
        raise Unclear("too_large" if not is_short else "no_value", left.span[0])
    return located(meaning, a, b, ~(same | (gap <= LOST * largest(meaning, left, right))))


def by_digits(meaning: Meaning, left: Written, right: Written) -> Difference | None:
    """As `compared`, to as many digits as it takes."""
    found = closeness(meaning, left, right)
    if all(x != x for x in found.left.flat) and all(x != x for x in found.right.flat):
        raise Unclear("no_value", left.span[0])
    at = located(meaning, found.left, found.right, ~found.equal)
    return None if at is None else Difference(at.letters, found.at[min(at.point, len(found.at) - 1)], at.entry, at.left, at.right)


def require_fit(a: Array, b: Array, left: Written) -> None:
    """Values that are compared have one shape; a number stands for a matrix only if it is the same everywhere, as 0 does."""
    one, other = shape(a), shape(b)
    if one != other and not ((1, 1) in {one, other} and _is_constant(a if one == (1, 1) else b)):
        raise Misfit(one, other, left.span)


def _is_constant(value: Array) -> bool:
    return bool(np.all(value == value.flat[0]))


def located(meaning: Meaning, a: Array, b: Array, off: Array) -> Difference | None:
    """The first entry where something is off."""
    if not np.any(off):
        return None
    off = np.broadcast_to(off, np.broadcast_shapes(a.shape, b.shape))
    point, i, j = (int(x) for x in np.argwhere(off)[0])
    a, b = np.broadcast_to(a, off.shape), np.broadcast_to(b, off.shape)
    return Difference(dict(meaning.letters), point, (i, j), float(a[point, i, j]), float(b[point, i, j]))


def largest(meaning: Meaning, left: Written, right: Written) -> float:
    """The size of the largest part of two forms."""
    watched = Watched(meaning.source, meaning.grids, meaning.letters, meaning.chosen, meaning.arguments, meaning.held)
    watched.of(left)
    watched.of(right)
    return float(2.0 ** min(max(watched.sizes, default=0), 1000))


def is_shallow(meaning: Meaning) -> bool:
    """Is no derivative of the network made of so many factors that floats lose it beside others?"""
    words, source = meaning.grids.spec.vocabulary, meaning.source
    return words.last + words.times <= DEEP or (isinstance(source, Numeric) and source.truth.range_of_slopes < WIDE)
