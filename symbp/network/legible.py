"""SymPy's expressions as Forms for reading: signs before terms, one fraction per quotient, powers where SymPy has reciprocals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symbp.language.form import Form, Node, Var, add, frac, neg, number, power, sqrt, times
from symbp.network.calculus import from_sympy


def operations(node: Node) -> int:
    """How long `node` is to read: its operators and its leaves."""
    return 1 + sum(operations(arg) for arg in node.args) if isinstance(node, Form) else 1


def legible(expression: Any, variables: dict[Any, Var]) -> Node:
    """`expression` as a Form; its symbols are those of `variables`."""
    found = _Legible(variables).of(expression)
    match found:
        case Form("neg", (Form("times", (first, *others)),)):
            return times(neg(first), *others)  # -2 x, which needs no brackets
    return found


class _Legible:
    def __init__(self, variables: dict[Any, Var]) -> None:
        self.variables = variables

    def of(self, part: Any) -> Node:
        if part.is_Add:
            return self._sum(part)
        if part.could_extract_minus_sign() and (part.is_Mul or part.is_Rational):
            return neg(self.of(-part))
        if part.is_Rational:
            return _rational(Fraction(int(part.p), int(part.q)))
        if part.is_Mul or (part.is_Pow and part.exp.is_Rational):
            return self._product(part)
        if part.args and not part.is_Symbol:
            # A function: what from_sympy makes of it, with its arguments made legible.
            shell = from_sympy(part, self.variables)
            if isinstance(shell, Form) and len(shell.args) == len(part.args):
                return Form(shell.op, tuple(self.of(arg) for arg in part.args))
            return shell
        return from_sympy(part, self.variables)

    def _sum(self, part: Any) -> Node:
        """Positive terms first."""
        terms = [self.of(term) for term in part.as_ordered_terms()]
        terms.sort(key=lambda term: isinstance(term, Form) and term.op == "neg")
        return add(*terms)

    def _product(self, part: Any) -> Node:
        top: list[Node] = []
        bottom: list[Node] = []
        coefficient = Fraction(1)
        for factor in part.as_ordered_factors() if part.is_Mul else (part,):
            if factor.is_Rational:
                coefficient *= Fraction(int(factor.p), int(factor.q))
            elif factor.is_Pow and factor.exp.is_Rational:
                (bottom if factor.exp < 0 else top).append(self._power(factor.base, abs(factor.exp)))
            else:
                top.append(self.of(factor))
        if coefficient.numerator != 1 or not top:
            top.insert(0, number(coefficient.numerator))
        if coefficient.denominator != 1:
            bottom.insert(0, number(coefficient.denominator))
        return frac(times(*top), times(*bottom)) if bottom else times(*top)

    def _power(self, base: Any, exponent: Any) -> Node:
        if exponent.q > 2:
            raise NotImplementedError("a root that is not square")
        inner = self.of(base)
        root = sqrt(inner) if exponent.q == 2 else inner
        return root if exponent.p == 1 else power(root, number(int(exponent.p)))


def _rational(value: Fraction) -> Node:
    return number(value) if value.denominator == 1 else frac(number(value.numerator), number(value.denominator))
