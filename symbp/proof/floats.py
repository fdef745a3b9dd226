"""The algebra of ordinary floats, to see at once that an identity does not hold with its names as free symbols."""

from __future__ import annotations

import math
from fractions import Fraction


class Floats:
    """What does not exist raises ValueError or ZeroDivisionError; in a case that is not taken, too."""

    def rational(self, value: Fraction) -> float:
        return value.numerator / value.denominator

    def divide(self, x: float, y: float) -> float:
        return x / y

    def power(self, x: float, n: float) -> float:
        return math.pow(x, n)

    def exp(self, x: float) -> float:
        return math.exp(x)

    def log(self, x: float) -> float:
        return math.log(x)

    def sqrt(self, x: float) -> float:
        return math.sqrt(x)

    def sin(self, x: float) -> float:
        return math.sin(x)

    def cos(self, x: float) -> float:
        return math.cos(x)

    def erf(self, x: float) -> float:
        return math.erf(x)

    def pi(self) -> float:
        return math.pi

    def cases(self, x: float, a: float, b: float) -> float:
        return a if x > 0 else b

    def absolute(self, x: float) -> float:
        return abs(x)

    def sign(self, x: float) -> float:
        return float((x > 0) - (x < 0))

    def maximum(self, x: float, y: float) -> float:
        return max(x, y)

    def logarithmic(self, x: float, y: float) -> float:
        return x * math.log(y) if x else 0.0
