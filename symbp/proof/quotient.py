"""Exact normal forms: a form as a quotient of two polynomials over the rationals, in SymPy's sparse rings.

The generators are the variables and one per exponential or logarithm. An identity that holds with those as free symbols is
proved; one that fails so is not refuted, since two of them may depend on each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from symbp.language.form import Form, Node, Var, leaves
from symbp.network.calculus import fold


@dataclass(frozen=True, slots=True)
class Quotient:
    """`top / product of factor**exponent over bottom`, not reduced; keeping the bottom in factors keeps sums small."""

    top: Any
    bottom: Mapping[Any, int]

    def __add__(self, other: Quotient) -> Quotient:
        if self.bottom == other.bottom:
            return Quotient(self.top + other.top, self.bottom)
        common = {f: max(self.bottom.get(f, 0), other.bottom.get(f, 0)) for f in (*self.bottom, *other.bottom)}
        return Quotient(self._over(common) + other._over(common), common)

    def _over(self, common: Mapping[Any, int]) -> Any:
        """The top over the bottom `common`, of which the own bottom is a part."""
        top = self.top
        for factor, exponent in common.items():
            missing = exponent - self.bottom.get(factor, 0)
            if missing:
                top = top * factor**missing
        return top

    def __neg__(self) -> Quotient:
        return Quotient(-self.top, self.bottom)

    def __mul__(self, other: Quotient) -> Quotient:
        bottom = {f: self.bottom.get(f, 0) + other.bottom.get(f, 0) for f in (*self.bottom, *other.bottom)}
        return Quotient(self.top * other.top, bottom)

    def __truediv__(self, other: Quotient) -> Quotient:
        if not other.top:
            raise ZeroDivisionError
        return self * other.inverse()

    def inverse(self) -> Quotient:
        """1 over this; the old top becomes a factor of the bottom."""
        top = self.top.ring.one
        for factor, exponent in self.bottom.items():
            top = top * factor**exponent
        lead = self.top.LC
        factor = self.top.quo_ground(lead)
        return Quotient(top.quo_ground(lead), {} if factor.is_ground else {factor: 1})

    def __pow__(self, other: Quotient) -> Quotient:
        exponent = other.constant()
        if exponent is None or exponent.denominator != 1 or abs(exponent) > MAX_POWER:
            raise NotRational(f"a power of {other.top}")
        n = int(exponent)
        base = self if n >= 0 else self.inverse()
        return Quotient(base.top ** abs(n), {f: m * abs(n) for f, m in base.bottom.items() if n})

    def constant(self) -> Fraction | None:
        """The rational that this is, if it is one."""
        if not self.top:
            return Fraction(0)
        return _fraction(self.top.LC) if self.top.is_ground and not self.bottom else None

    def reduced(self) -> tuple[Any, Any]:
        """Top and bottom without a common factor."""
        bottom = self.top.ring.one
        for factor, exponent in self.bottom.items():
            bottom = bottom * factor**exponent
        top, bottom = self.top.cancel(bottom)
        return top, bottom

    def is_zero(self) -> bool:
        return not self.top


MAX_POWER = 64


class NotRational(Exception):
    """The form has a part that no generator stands for."""


@dataclass
class QuotientAlgebra:
    """The algebra of quotients; `exp(n x)` becomes the n-th power of one generator per x."""

    ring: Any
    variables: dict[Var, Any]
    spare: list[Any]
    atoms: dict[tuple[str, Any, Any], Any] = field(default_factory=dict)

    @classmethod
    def for_nodes(cls, *nodes: Node) -> QuotientAlgebra:
        from sympy import QQ
        from sympy.polys.rings import PolyRing

        variables = list(dict.fromkeys(leaf for node in nodes for leaf in leaves(node) if isinstance(leaf, Var)))
        calls = sum(_calls(node) for node in nodes)
        ring = PolyRing([f"x{i}" for i in range(max(1, len(variables) + calls))], QQ)
        generators = list(ring.gens)
        return cls(ring, dict(zip(variables, generators, strict=False)), generators[len(variables) :])

    def of(self, node: Node) -> Quotient:
        """The normal form of `node`, whose functions are unfolded."""
        found: Quotient = fold(node, self, lambda var: Quotient(self.variables[var], {}))
        return found

    def rational(self, value: Fraction) -> Quotient:
        return Quotient(self.ring.ground_new(self.ring.domain(value.numerator, value.denominator)), {})

    def exp(self, x: Quotient) -> Quotient:
        if x.is_zero():
            return Quotient(self.ring.one, {})
        top, bottom = x.reduced()
        content, primitive = top.primitive()
        if primitive.LC < 0:
            content, primitive = -content, -primitive
        scale = _fraction(content)
        power = scale.numerator
        atom = self._atom("exp", primitive, bottom * scale.denominator)
        return Quotient(atom**power, {}) if power > 0 else Quotient(self.ring.one, {atom: -power})

    def log(self, x: Quotient) -> Quotient:
        return Quotient(self._atom("log", *x.reduced()), {})

    def sqrt(self, x: Quotient) -> Quotient:
        return Quotient(self._atom("sqrt", *x.reduced()), {})

    def _atom(self, kind: str, top: Any, bottom: Any) -> Any:
        key = kind, top, bottom
        if key not in self.atoms:
            self.atoms[key] = self.spare.pop()
        return self.atoms[key]


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.numerator), int(value.denominator))


def _calls(node: Node) -> int:
    if not isinstance(node, Form):
        return 0
    return (node.op in {"exp", "log", "sqrt"}) + sum(_calls(arg) for arg in node.args)
