"""Numbers put in place: a step's forms with the network's numbers, then the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from symbp.derivation.meaning import as_adjoints
from symbp.derivation.steps import Link, Relation, Step
from symbp.language.form import Form, Node, Value, Var, leaves, number, rewrite
from symbp.network.calculus import fold, unfold_functions
from symbp.network.numbers import (
    ExactRational,
    HighPrecision,
    Irrational,
    Quantity,
    Rounding,
    evaluate,
    is_settled,
    settle,
    terminating,
    to_decimal,
    without_zeros,
)
from symbp.network.program import Program
from symbp.network.spec import NetworkSpec
from symbp.network.sums import values


@dataclass(frozen=True)
class Numbers:
    """The values of a numeric network, computed at `precision` digits, and how they are printed: rounded once."""

    spec: NetworkSpec
    program: Program
    rounding: Rounding
    precision: int
    known: dict[Node, Quantity] = field(default_factory=dict)
    finer: dict[int, dict[Var, Quantity]] = field(default_factory=dict)
    """What the program computes, at more digits than `precision`: for sums whose terms cancel."""

    @classmethod
    def of(cls, spec: NetworkSpec, program: Program, rounding: Rounding) -> Numbers:
        values, precision = settle(lambda digits: evaluate(program, spec.data, digits), rounding, rounding.working_digits)
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
        near = _near(node, self.known, self.precision)
        if is_settled(_near(node, self.known, self.precision // 2), near, self.rounding):
            return Quantity(near, None)
        return self._settled(node) or Quantity(near, None)

    def _settled(self, node: Node) -> Quantity | None:
        """The value of `node`, whose terms cancel beyond the precision that they are known to; of what the program computes only."""
        if not all(var in self._values(self.precision) for var in leaves(node) if isinstance(var, Var)):
            return None
        key = Var("argument")

        def compute(digits: int) -> dict[Var, Quantity]:
            return {key: Quantity(_near(node, self._values(digits), digits), None)}

        return settle(compute, self.rounding, self.precision // 2)[0][key]

    def _values(self, digits: int) -> dict[Var, Quantity]:
        if digits not in self.finer:
            self.finer[digits] = evaluate(self.program, self.spec.data, digits)
        return self.finer[digits]

    def _exact(self, var: Var) -> Any:
        exact = self.known[var].exact
        return Irrational.of(self.known[var].near) if exact is None else Fraction(exact)

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
        if exact and not plain:
            return Value(format(without_zeros(number), "e").replace("e+", "e"), node)
        return Value(format(number, "f") if exact else self.rounding.text(number), node, exact)

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
        """`step`, then its last form with numbers in place, then its value; a constant is its own value."""
        last = step.chain[-1].form if step.chain else step.lhs
        if isinstance(last, Value) and isinstance(last.meaning, Fraction):
            return step
        value = self.value(step.lhs)
        placed = self.place(last)
        if isinstance(placed, Value) or _shows_no_more(placed, value):
            return step.then(Link(relation_between(last, value), value, "value"))
        put_in = Link(relation_between(last, placed), placed, "numbers_put_in")
        return step.then(put_in, Link(relation_between(placed, value), value, "value"))


def _near(node: Node, known: Mapping[Var, Quantity] | Mapping[Node, Quantity], digits: int) -> Decimal:
    """`node` at `digits` digits, where `known` are the values of its variables."""
    algebra = HighPrecision(digits)
    near = fold(node, algebra, lambda var: algebra.decimal(known[var].near))
    algebra.require(near)
    return to_decimal(near)


def _shows_no_more(placed: Node, value: Value) -> bool:
    """Is `placed` the minus of a number, and `value` the same negative number?"""
    match placed:
        case Form("neg", (Value(shown),)):
            return value.shown == f"-{shown}"
    return False


def relation_between(left: Node, right: Node) -> Relation:
    """`=` where what is shown is equal, `≈` where a rounded number makes it differ.

    After rounded numbers an exact one is equal only if the numbers as they are shown give it: 0.138499 · 0 = 0.
    """
    if is_rounded(right):
        return "≈"
    if is_rounded(left) and _as_shown(left) != _as_shown(right):
        return "≈"
    return "="


def is_rounded(node: Node) -> bool:
    """Does `node` hold a rounded number?"""
    return any(not value.exact for value in values(node))


def _as_shown(node: Node) -> Fraction | None:
    """The rational that the numbers of `node`, taken as they are shown, give; None where there is none."""
    if any(isinstance(leaf, Var) for leaf in leaves(node)):
        return None
    shown = rewrite(node, lambda part: number(Fraction(part.shown)) if isinstance(part, Value) else part)
    try:
        found = fold(shown, ExactRational(), None)
    except (AssertionError, ZeroDivisionError):
        return None
    return found if isinstance(found, Fraction) else None


def _top_down(node: Node, change: Any) -> Node:
    changed = change(node)
    if changed is not node or not isinstance(node, Form):
        return changed  # type: ignore[no-any-return]
    return Form(node.op, tuple(_top_down(arg, change) for arg in node.args))
