"""Equations that are true whatever their names mean: 1 = 1, x = x + 0. Nothing is shown by them."""

from __future__ import annotations

from collections.abc import Callable
from math import isclose, isfinite
from random import Random
from typing import Any, Final

from symbp.language import written as w
from symbp.language.written import Written
from symbp.verification.judging.following import skeleton
from symbp.verification.judging.printed import is_result, value_of
from symbp.verification.source.work import Link

TRIES: Final = 3


def is_vacuous(link: Link) -> bool:
    """Is the link true for any values of its names and derivatives, each written name being one unknown?"""
    if is_result(link.left) and is_result(link.right):
        return link.left is link.head
    return all(_is_equal(link.left, link.right, Random(seed)) for seed in range(TRIES))


def _is_equal(left: Written, right: Written, random: Random) -> bool:
    known: dict[Any, float] = {}

    def unknown(part: Written) -> float:
        return known.setdefault(skeleton(part), random.uniform(0.5, 2.0))

    try:
        a, b = _value(left, unknown), _value(right, unknown)
    except (ArithmeticError, ValueError, RecursionError):
        return False
    return isfinite(a) and isclose(a, b, rel_tol=1e-12, abs_tol=0.0)


def _value(node: Written, unknown: Callable[[Written], float]) -> float:
    """The value of arithmetic; of all else that of an unknown."""
    match node:
        case w.Number():
            return float(value_of(node))
        case w.Bracket():
            return _value(node.of, unknown)
        case w.Negative():
            return -_value(node.of, unknown)
        case w.Sum():
            return sum(-_value(x, unknown) if minus else _value(x, unknown) for x, minus in zip(node.terms, node.minus, strict=True))
        case w.Product():
            found = 1.0
            for factor in node.factors:
                found *= _value(factor, unknown)
            return found
        case w.Quotient():
            return _value(node.top, unknown) / _value(node.bottom, unknown)
        case w.Power():
            found = _value(node.base, unknown) ** _value(node.exponent, unknown)
            return found if isinstance(found, float) else unknown(node)
    return unknown(node)
