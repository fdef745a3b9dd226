"""The operators with kinks as functions of SymPy, each with its derivative and what is stated for the kink.

SymPy's own Abs and Piecewise are for complex numbers and for sets of conditions; these are real, and keep their shape.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Function, Integer


class Signum(Function):  # type: ignore[misc]
    """1, 0 or -1; its derivative is 0 wherever it has one, and is taken for 0 at 0."""

    is_extended_real = True
    is_finite = True

    @classmethod
    def eval(cls, x: Any) -> Any:
        if x.is_number and x.is_comparable:
            return sympy.sign(x)
        return -cls(-x) if x.could_extract_minus_sign() else None

    def fdiff(self, argindex: int = 1) -> Any:
        return Integer(0)


class Absolute(Function):  # type: ignore[misc]
    """|x|; |x|' = sgn x, 0 at 0."""

    is_extended_real = True
    is_extended_nonnegative = True

    @classmethod
    def eval(cls, x: Any) -> Any:
        if x.is_number and x.is_comparable:
            return sympy.Abs(x)
        return cls(-x) if x.could_extract_minus_sign() else None

    def _eval_power(self, exponent: Any) -> Any:
        return self.args[0] ** exponent if exponent.is_even else None

    def fdiff(self, argindex: int = 1) -> Any:
        return Signum(self.args[0])


class Cases(Function):  # type: ignore[misc]
    """a where x > 0, else b; differentiated case by case."""

    is_extended_real = True

    @classmethod
    def eval(cls, x: Any, a: Any, b: Any) -> Any:
        if a == b:
            return a
        if x.is_number and x.is_comparable:
            return a if x > 0 else b
        return None

    def _eval_derivative(self, s: Any) -> Any:
        x, a, b = self.args
        return Cases(x, a.diff(s), b.diff(s))


class Maximum(Function):  # type: ignore[misc]
    """The larger of two; where they are equal, the derivative is that of the first."""

    is_extended_real = True

    @classmethod
    def eval(cls, x: Any, y: Any) -> Any:
        if x == y:
            return x
        if (y - x).is_number and (y - x).is_comparable:
            return y if y > x else x
        return None

    def _eval_derivative(self, s: Any) -> Any:
        x, y = self.args
        return Cases(y - x, y.diff(s), x.diff(s))


OPERATORS: dict[Any, str] = {Signum: "sign", Absolute: "abs", Cases: "cases", Maximum: "max"}
"""The operator of OPS that each is."""
