"""Numbers put in place: a step's forms with the network's numbers, then the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from symbp.derivation.meaning import as_adjoints
from symbp.derivation.steps import Link, Step
from symbp.language.form import Form, Node, Value, Var, leaves
from symbp.network.calculus import fold, unfold_functions
from symbp.network.numbers import (
    GUARD,
    IRRATIONAL,
    ExactRational,
    HighPrecision,
    Quantity,
    Rounding,
    evaluate,
    settle,
    terminating,
    to_decimal,
)
from symbp.network.program import Program
from symbp.network.spec import NetworkSpec


@dataclass(frozen=True)
class Numbers:
    """The values of a numeric network, computed at `precision` digits, and how they are printed: rounded once."""

    spec: NetworkSpec
    program: Program
    rounding: Rounding
    precision: int
    known: dict[Node, Quantity] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: NetworkSpec, program: Program, rounding: Rounding) -> Numbers:
        needed = rounding.working_digits - GUARD // 2
        values, precision = settle(lambda digits: evaluate(program, spec.data, digits), needed, rounding.working_digits)
        numbers = cls(spec, program, rounding, precision)
        numbers.learn(values)
        return numbers

    def learn(self, found: Mapping[Var, Quantity]) -> None:
        """Take in the values of quantities that the program does not compute: those after an update."""
        for var, quantity in found.items():
            self.known[var] = quantity

    def quantity(self, node: Node) -> Quantity:
        """The value of `node` on this network."""
        resolved = as_adjoints(node, self.program)
        if resolved not in self.known:
            self.known[resolved] = self._measure(unfold_functions(resolved))
        return self.known[resolved]

    def _measure(self, node: Node) -> Quantity:
        exact: Any = fold(node, ExactRational(), self._exact)
        if isinstance(exact, Fraction):
            return Quantity(to_decimal(exact), terminating(exact))
        algebra = HighPrecision(self.precision)
        return Quantity(to_decimal(fold(node, algebra, lambda var: algebra.decimal(self.known[var].near))), None)

    def _exact(self, var: Var) -> Any:
        exact = self.known[var].exact
        return IRRATIONAL if exact is None else Fraction(exact)

    def value(self, node: Node) -> Value:
        """The number that `node` is: as it was typed, exact, or rounded."""
        if isinstance(node, Var) and node in self.spec.data:
            return self._typed(node, self.spec.data[node])
        quantity = self.quantity(node)
        exact = quantity.is_exact_at(self.rounding)
        assert not exact or quantity.exact is not None
        return Value(
            self._shown(quantity.exact) if exact and quantity.exact is not None else self.rounding.text(quantity.near), node, exact
        )

    def _typed(self, node: Node, number: Decimal) -> Value:
        rounded = self.rounding.decimal(number)
        exact = rounded == number
        plain = -7 < number.adjusted() < 12 if number else True
        return Value(format(number, "f") if exact and plain else self.rounding.text(number), node, exact)

    def _shown(self, exact: Decimal) -> str:
        if not exact:
            return "0"
        return format(exact, "f") if -7 < exact.adjusted() < 12 else self.rounding.text(exact)

    def place(self, node: Node) -> Node:
        """`node` with the value of every variable and derivative in its place."""

        def change(part: Node) -> Node:
            is_quantity = isinstance(part, Var) or (isinstance(part, Form) and part.op in {"total", "partial"})
            return self.value(part) if is_quantity else part

        return _top_down(node, change)

    def finish(self, step: Step) -> Step:
        """`step`, then its last form with numbers in place, then its value."""
        last = step.chain[-1].form if step.chain else step.lhs
        value = self.value(step.lhs)
        placed = self.place(last)
        links = []
        if not isinstance(placed, Value):
            exact = all(leaf.exact for leaf in leaves(placed) if isinstance(leaf, Value))
            links.append(Link("=" if exact else "≈", placed, "numbers_put_in"))
        links.append(Link("=" if value.exact else "≈", value, "value"))
        return step.then(*links)


def _top_down(node: Node, change: Any) -> Node:
    changed = change(node)
    if changed is not node or not isinstance(node, Form):
        return changed  # type: ignore[no-any-return]
    return Form(node.op, tuple(_top_down(arg, change) for arg in node.args))
