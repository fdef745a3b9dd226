"""The algebras that hand work is evaluated in: float arrays over many points at once, and the same with derivatives beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

Array = Any
"""A numpy array of floats; the first axis of a whole quantity is the point, then rows and columns."""


class Arrays:
    """The algebra of float arrays; what does not exist is a NaN, what is too large an infinity."""

    def array(self, value: Any) -> Array:
        """Values that are given, as this algebra has them."""
        return np.asarray(value, dtype=float)

    def rational(self, value: Fraction) -> Array:
        return np.float64(value.numerator / value.denominator)

    def divide(self, x: Array, y: Array) -> Array:
        return x / y

    def power(self, x: Array, n: Array) -> Array:
        return np.power(x, n)

    def exp(self, x: Array) -> Array:
        return np.exp(x)

    def log(self, x: Array) -> Array:
        return np.log(x)

    def sqrt(self, x: Array) -> Array:
        return np.sqrt(x)

    def sin(self, x: Array) -> Array:
        return np.sin(x)

    def cos(self, x: Array) -> Array:
        return np.cos(x)

    def erf(self, x: Array) -> Array:
        return _erf(x)

    def pi(self) -> Array:
        return np.float64(math.pi)

    def cases(self, x: Array, a: Array, b: Array) -> Array:
        return np.where(x > 0, a, b)

    def absolute(self, x: Array) -> Array:
        return np.abs(x)

    def sign(self, x: Array) -> Array:
        return np.sign(x)

    def maximum(self, x: Array, y: Array) -> Array:
        return np.where(x >= y, x, y)

    def logarithmic(self, x: Array, y: Array) -> Array:
        return np.where(x == 0, 0.0, x * np.log(np.where(x == 0, 1.0, y)))


_erf = np.vectorize(math.erf, otypes=[float])


@dataclass(frozen=True, slots=True, eq=False)
class Dual:
    """`value`, and in `slopes` its derivatives: one more axis in front, a derivative each."""

    value: Array
    slopes: Array

    __array_ufunc__ = None

    def __add__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value + other.value, self.slopes + other.slopes)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slopes)

    def __sub__(self, other: Any) -> Dual:
        return self + (-dual(other))

    def __rsub__(self, other: Any) -> Dual:
        return dual(other) + (-self)

    def __mul__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value * other.value, self.slopes * other.value + other.slopes * self.value)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value / other.value, (self.slopes - self.value / other.value * other.slopes) / other.value)

    def __rtruediv__(self, other: Any) -> Dual:
        return dual(other) / self

    def __matmul__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value @ other.value, self.slopes @ other.value + self.value @ other.slopes)

    def __rmatmul__(self, other: Any) -> Dual:
        return dual(other) @ self

    def through(self, value: Array, slope: Array) -> Dual:
        """A function of it that has this `value` and derivative."""
        return Dual(value, self.slopes * slope)


def dual(x: Any) -> Dual:
    """A constant has no slopes."""
    if isinstance(x, Dual):
        return x
    value = np.asarray(x)
    return Dual(value if value.dtype == object else value.astype(float), np.zeros((1,) * (np.ndim(x) + 1)))


class Duals(Arrays):
    """The algebra of `base` with derivatives, by the rules of each function; at a kink the conventions of OPS."""

    def __init__(self, base: Arrays | None = None) -> None:
        self.base = base or Arrays()

    def array(self, value: Any) -> Array:
        return self.base.array(value)

    def rational(self, value: Fraction) -> Array:
        return self.base.rational(value)

    def pi(self) -> Array:
        return self.base.pi()

    def divide(self, x: Any, y: Any) -> Any:
        return dual(x) / dual(y)

    def power(self, x: Any, n: Any) -> Any:
        x, n = dual(x), dual(n)
        value = self.base.power(x.value, n.value)
        slopes = x.slopes * (n.value * self.base.power(x.value, n.value - 1))
        if np.any(n.slopes):
            slopes = slopes + n.slopes * (value * self.base.log(x.value))
        return Dual(value, slopes)

    def exp(self, x: Any) -> Any:
        value = self.base.exp(dual(x).value)
        return dual(x).through(value, value)

    def log(self, x: Any) -> Any:
        x = dual(x)
        return x.through(self.base.log(x.value), self.base.divide(1, x.value))

    def sqrt(self, x: Any) -> Any:
        value = self.base.sqrt(dual(x).value)
        return dual(x).through(value, self.base.divide(0.5, value))

    def sin(self, x: Any) -> Any:
        x = dual(x)
        return x.through(self.base.sin(x.value), self.base.cos(x.value))

    def cos(self, x: Any) -> Any:
        x = dual(x)
        return x.through(self.base.cos(x.value), -self.base.sin(x.value))

    def erf(self, x: Any) -> Any:
        x, base = dual(x), self.base
        return x.through(base.erf(x.value), base.divide(2, base.sqrt(base.pi())) * base.exp(-(x.value * x.value)))

    def cases(self, x: Any, a: Any, b: Any) -> Any:
        x, a, b = dual(x), dual(a), dual(b)
        return Dual(np.where(x.value > 0, a.value, b.value), np.where(x.value > 0, a.slopes, b.slopes))

    def absolute(self, x: Any) -> Any:
        x = dual(x)
        return x.through(self.base.absolute(x.value), self.base.sign(x.value))

    def sign(self, x: Any) -> Any:
        x = dual(x)
        return x.through(self.base.sign(x.value), np.zeros(np.shape(x.value)))

    def maximum(self, x: Any, y: Any) -> Any:
        x, y = dual(x), dual(y)
        return (
            self.cases(x - y, x, y)
            if not np.any(x.value == y.value)
            else Dual(np.where(x.value >= y.value, x.value, y.value), np.where(x.value >= y.value, x.slopes, y.slopes))
        )

    def logarithmic(self, x: Any, y: Any) -> Any:
        x, y = dual(x), dual(y)
        is_zero = x.value == 0
        safe = Dual(np.where(is_zero, 1.0, y.value), y.slopes)
        product = x * self.log(safe)
        return Dual(np.where(is_zero, 0.0, product.value), product.slopes)
