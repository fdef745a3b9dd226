"""The algebras of numbers: high precision, and exact rationals as far as they go.

A value that does not exist (a logarithm of a negative number, a division by 0) is a NaN as long as nothing depends on it: the
case that is not taken may well have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, Final

from mpmath.ctx_mp import MPContext

from symbp.errors import SymbpError
from symbp.language.form import Var

_WIDE = Context(prec=50_000, Emax=10**15, Emin=-(10**15))
MAX_ARGUMENT: Final = 10**15
"""A number of about e^MAX_ARGUMENT has more digits in its exponent than a decimal can have: it is not printed."""
MAX_SIZE: Final = 4096
"""e^x is worked with up to x = 2**MAX_SIZE, far beyond what is printed: 1 / (1 + e^x) is 0 to any number of digits there."""
MAX_BITS: Final = 200_000
"""Numbers larger than 2**MAX_BITS have no sine here; rationals with more bits are not kept exactly."""


class Unreachable(SymbpError):
    """A value that does not exist, or that is out of reach."""


class HighPrecision:
    """The algebra of mpmath's binary floats at `digits` decimal digits, in a context of its own.

    `trouble` says what the first value that does not exist would have been.
    """

    def __init__(self, digits: int) -> None:
        self.context = MPContext()
        self.context.dps = digits
        self.trouble = ""

    def rational(self, value: Fraction) -> Any:
        return self.context.mpf(value.numerator) / value.denominator

    def decimal(self, value: Decimal) -> Any:
        """A decimal of any length: through integers, since Python limits the length of numbers in texts."""
        exponent = value.as_tuple().exponent
        assert isinstance(exponent, int)
        whole = int(value.scaleb(-exponent, _WIDE))
        return self.context.mpf(whole) * self.context.mpf(10) ** exponent

    def none(self, trouble: str) -> Any:
        """The value that does not exist."""
        self.trouble = self.trouble or trouble
        return self.context.nan

    def require(self, value: Any) -> None:
        """Refuse a value that does not exist, or that no decimal could hold."""
        if self.context.isfinite(value) and not self.exists(value):
            size = self.context.nstr(self.context.mpf(self.context.mag(value)), 3)
            raise Unreachable(
                f"a value of this network is out of reach: it is about 2^{size}",
                hint="a unit is saturated too far: smaller weights or inputs",
            )
        if not self.exists(value):
            raise Unreachable(f"a value of this network does not exist: {self.trouble or 'it is out of reach'}")

    def exists(self, value: Any) -> bool:
        """Is `value` a number that can be printed?"""
        context = self.context
        return bool(context.isfinite(value)) and (not value or abs(context.mag(value)) < 3 * MAX_ARGUMENT)

    def shown(self, value: Any) -> str:
        return str(self.context.nstr(value, 6))

    def divide(self, x: Any, y: Any) -> Any:
        return x / y if y else self.none(f"{self.shown(x)} divided by 0")

    def power(self, x: Any, n: Any) -> Any:
        if not x and self.real(n) < 0:
            return self.none(f"0 to the power {self.shown(n)}")
        if self.real(x) < 0 and not self.context.isint(n):
            return self.none(f"{self.shown(x)} to the power {self.shown(n)}")
        return x**n

    def exp(self, x: Any) -> Any:
        if not self.context.isfinite(x) or (x and self.context.mag(x) > MAX_SIZE):
            return self.none(f"e to the power {self.shown(x)} is out of reach")
        return self.context.exp(x)

    def log(self, x: Any) -> Any:
        if not self.real(x) > 0:
            return self.none(f"the logarithm of {self.shown(x)}")
        return self.context.log(x)

    def sqrt(self, x: Any) -> Any:
        return self.none(f"the square root of {self.shown(x)}") if self.real(x) < 0 else self.context.sqrt(x)

    def sin(self, x: Any) -> Any:
        return self.context.sin(x) if self._is_near(x) else self.none(f"the sine of {self.shown(x)} is out of reach")

    def cos(self, x: Any) -> Any:
        return self.context.cos(x) if self._is_near(x) else self.none(f"the cosine of {self.shown(x)} is out of reach")

    def erf(self, x: Any) -> Any:
        return self.context.erf(x) if self._is_near(x) else self.sign(x)

    def pi(self) -> Any:
        return +self.context.pi

    def real(self, x: Any) -> Any:
        """The real part, by which a complex step is on the one or the other side."""
        return self.context.re(x) if self.context.isfinite(x) else x

    def _is_near(self, x: Any) -> bool:
        return bool(self.context.isfinite(x)) and (not x or self.context.mag(x) < MAX_BITS)

    def cases(self, x: Any, a: Any, b: Any) -> Any:
        real = self.real(x)
        return self.context.nan if self.context.isnan(real) else a if real > 0 else b

    def absolute(self, x: Any) -> Any:
        return self.cases(x, x, -x)

    def sign(self, x: Any) -> Any:
        return self.cases(x, self.context.mpf(1), self.cases(-x, self.context.mpf(-1), self.context.mpf(0)))

    def maximum(self, x: Any, y: Any) -> Any:
        return self.cases(y - x, y, x)

    def logarithmic(self, x: Any, y: Any) -> Any:
        return x * self.log(y) if x else self.context.mpf(0)

    def point(self, data: Mapping[Var, Decimal]) -> dict[Var, Any]:
        """Exact decimals as elements of this algebra."""
        return {var: self.rational(Fraction(value)) for var, value in data.items()}


NEAR_DIGITS = 60
_NEAR = HighPrecision(NEAR_DIGITS)


class Irrational:
    """What an exact evaluation gives once an exponential is met, and about how large it is if that is known.

    It swallows every operation but a product with 0. `near` serves to tell which case is taken; its `scale` is the largest number
    that it was made from, below whose 40th digit nothing is decided.
    """

    __slots__ = ("near", "scale")

    def __init__(self, near: Any = None, scale: Any = None) -> None:
        self.near = near if near is not None and _NEAR.context.isfinite(near) else None
        own = 0 if self.near is None or not self.near else max(abs(self.near), 1 / abs(self.near))
        self.scale = own if scale is None else max(own, scale)

    @classmethod
    def of(cls, near: Decimal) -> Irrational:
        return cls(_NEAR.decimal(near))

    @property
    def sign(self) -> int | None:
        """1 or -1, or None where it is not certain."""
        if self.near is None or abs(self.near) * _NEAR.context.mpf(10) ** 40 <= self.scale:
            return None
        return 1 if self.near > 0 else -1

    def __neg__(self) -> Irrational:
        return Irrational(None if self.near is None else -self.near, self.scale)

    def __add__(self, other: Irrational | Fraction) -> Irrational:
        return _combined(lambda a, b: a + b, self, other)

    def __sub__(self, other: Irrational | Fraction) -> Irrational:
        return _combined(lambda a, b: a - b, self, other)

    def __rsub__(self, other: Irrational | Fraction) -> Irrational:
        return -self + other

    def __mul__(self, other: Irrational | Fraction) -> Irrational | Fraction:
        return Fraction(0) if other == 0 else _combined(lambda a, b: a * b, self, other)

    __radd__, __rmul__ = __add__, __mul__


def _near(x: Irrational | Fraction) -> Irrational:
    return x if isinstance(x, Irrational) else Irrational(_NEAR.rational(x))


def _combined(operation: Any, *args: Irrational | Fraction) -> Irrational:
    """The `operation` of _NEAR on what is known of `args`."""
    for arg in args:
        if isinstance(arg, Irrational) and arg.near is None:
            return IRRATIONAL
    nears = [_near(arg) for arg in args]
    if any(x.near is None for x in nears):
        return IRRATIONAL
    return Irrational(operation(*(x.near for x in nears)), max(x.scale for x in nears))


IRRATIONAL = Irrational()


class ExactRational:
    """The algebra of rationals; a result that is not known to be rational is Irrational.

    One that `decides` no case need not know about how large that is, which takes longer than all that is exact.
    """

    def __init__(self, *, decides: bool = True) -> None:
        self.decides = decides

    def _irrational(self, operation: Any, *args: Any) -> Irrational:
        return _combined(operation, *args) if self.decides else IRRATIONAL

    def rational(self, value: Fraction) -> Any:
        return value

    def divide(self, x: Any, y: Any) -> Any:
        if isinstance(x, Fraction) and isinstance(y, Fraction):
            return x / y if y else IRRATIONAL
        return Fraction(0) if isinstance(x, Fraction) and not x else self._irrational(_NEAR.divide, x, y)

    def power(self, x: Any, n: Any) -> Any:
        if not (isinstance(x, Fraction) and isinstance(n, Fraction) and n.denominator == 1):
            return self._irrational(_NEAR.power, x, n)
        size = max(x.numerator.bit_length(), x.denominator.bit_length())
        if (not x and n < 0) or size * abs(n) > MAX_BITS:
            return self._irrational(_NEAR.power, x, n)
        return x ** int(n)

    def exp(self, x: Any) -> Any:
        return Fraction(1) if x == 0 else self._irrational(_NEAR.exp, x)

    def log(self, x: Any) -> Any:
        return Fraction(0) if x == 1 else self._irrational(_NEAR.log, x)

    def sqrt(self, x: Any) -> Any:
        if isinstance(x, Fraction) and x >= 0:
            from math import isqrt

            root = Fraction(isqrt(x.numerator), isqrt(x.denominator))
            if root * root == x:
                return root
        return self._irrational(_NEAR.sqrt, x)

    def sin(self, x: Any) -> Any:
        return Fraction(0) if x == 0 else self._irrational(_NEAR.sin, x)

    def cos(self, x: Any) -> Any:
        return Fraction(1) if x == 0 else self._irrational(_NEAR.cos, x)

    def erf(self, x: Any) -> Any:
        return Fraction(0) if x == 0 else self._irrational(_NEAR.erf, x)

    def pi(self) -> Any:
        return Irrational(_NEAR.pi()) if self.decides else IRRATIONAL

    def cases(self, x: Any, a: Any, b: Any) -> Any:
        sign = x.sign if isinstance(x, Irrational) else (x > 0) - (x < 0)
        if sign is None:
            return a if isinstance(a, Fraction) and a == b else IRRATIONAL
        return a if sign > 0 else b

    def absolute(self, x: Any) -> Any:
        return self.cases(x, x, -x)

    def sign(self, x: Any) -> Any:
        return self.cases(x, Fraction(1), self.cases(-x, Fraction(-1), Fraction(0)))

    def maximum(self, x: Any, y: Any) -> Any:
        return self.cases(y - x, y, x)

    def logarithmic(self, x: Any, y: Any) -> Any:
        return Fraction(0) if x == 0 else x * self.log(y)
