"""Exact normal forms: a form as a quotient of two polynomials over the rationals, in SymPy's sparse rings.

The generators are the variables and one per exponential or logarithm. An identity that holds with those as free symbols is
proved; one that fails so is not refuted, since two of them may depend on each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from symbp.language.form import Form, Node, Var, leaves
from symbp.network.calculus import fold


@dataclass(frozen=True, slots=True)
class Quotient:
    """`top / bottom`, not reduced."""

    top: Any
    bottom: Any

    def __add__(self, other: Quotient) -> Quotient:
        if self.bottom == other.bottom:
            return Quotient(self.top + other.top, self.bottom)
        return Quotient(self.top * other.bottom + other.top * self.bottom, self.bottom * other.bottom)

    def __neg__(self) -> Quotient:
        return Quotient(-self.top, self.bottom)

    def __mul__(self, other: Quotient) -> Quotient:
        return Quotient(self.top * other.top, self.bottom * other.bottom)

    def __truediv__(self, other: Quotient) -> Quotient:
        if not other.top:
            raise ZeroDivisionError
        return Quotient(self.top * other.bottom, self.bottom * other.top)

    def __pow__(self, other: Quotient) -> Quotient:
        exponent = other.constant()
        if exponent is None or exponent.denominator != 1 or abs(exponent) > MAX_POWER:
            raise NotRational(f"the power {other.top}/{other.bottom}")
        n = int(exponent)
        base = self if n >= 0 else Quotient(self.bottom, self.top)
        return Quotient(base.top ** abs(n), base.bottom ** abs(n))

    def constant(self) -> Fraction | None:
        """The rational that this is, if it is one."""
        if not self.top:
            return Fraction(0)
        if not (self.top.is_ground and self.bottom.is_ground):
            return None
        top, bottom = self.top.LC, self.bottom.LC
        return Fraction(int(top.numerator), int(top.denominator)) / Fraction(int(bottom.numerator), int(bottom.denominator))

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
        found: Quotient = fold(node, self, lambda var: Quotient(self.variables[var], self.ring.one))
        return found

    def rational(self, value: Fraction) -> Quotient:
        return Quotient(self.ring(value.numerator), self.ring(value.denominator))

    def exp(self, x: Quotient) -> Quotient:
        if x.is_zero():
            return Quotient(self.ring.one, self.ring.one)
        top, bottom = x.top.cancel(x.bottom)
        content, primitive = top.primitive()
        if primitive.LC < 0:
            content, primitive = -content, -primitive
        scale = _fraction(content)
        power = scale.numerator
        atom = self._atom("exp", primitive, bottom * scale.denominator)
        raised = atom ** abs(power)
        return Quotient(raised, self.ring.one) if power > 0 else Quotient(self.ring.one, raised)

    def log(self, x: Quotient) -> Quotient:
        top, bottom = x.top.cancel(x.bottom)
        return Quotient(self._atom("log", top, bottom), self.ring.one)

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
    return (node.op in {"exp", "log"}) + sum(_calls(arg) for arg in node.args)
