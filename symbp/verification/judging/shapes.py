"""Shapes of values: rows and columns, with any number of points before them; with or without derivatives beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from symbp.language import written as w
from symbp.language.written import Written
from symbp.verification.judging.arrays import Dual
from symbp.verification.judging.scope import Misfit


def unwrapped(node: Written) -> Written:
    """Without the brackets around it."""
    while isinstance(node, w.Bracket):
        node = node.of
    return node


def is_ones(node: Written) -> bool:
    node = unwrapped(node)
    return isinstance(node, w.Ones) or (isinstance(node, w.Transposed) and is_ones(node.of))


def shape(value: Any) -> tuple[int, int]:
    """Rows and columns."""
    array = value.value if isinstance(value, Dual) else value
    return array.shape[-2], array.shape[-1]


def numbers_in(value: Any) -> int:
    """How many numbers it takes to hold a value, its derivatives among them; an entry that is a form is as much as a hundred."""
    if isinstance(value, Dual):
        return int(value.value.size + value.slopes.size)
    return int(value.size) * (100 if value.dtype == object else 1)


def transpose(value: Any) -> Any:
    if isinstance(value, Dual):
        return Dual(np.swapaxes(value.value, -1, -2), np.swapaxes(value.slopes, -1, -2))
    return np.swapaxes(value, -1, -2)


def matmul(a: Any, b: Any) -> Any:
    if shape(a)[1] != shape(b)[0]:
        raise Misfit(shape(a), shape(b), (0, 0))
    return a @ b


def part(value: Any, i: int, j: int) -> Any:
    """One entry, as a matrix of one."""
    if isinstance(value, Dual):
        return Dual(
            value.value[..., i : i + 1, j : j + 1], value.slopes[..., i : i + 1, j : j + 1] if value.slopes.shape[-1] > 1 else value.slopes
        )
    return value[..., i : i + 1, j : j + 1]
