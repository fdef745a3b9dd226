"""ACTIVATIONS: one row each; the function, its derivative as a teacher writes it, and the steps that lead there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symbp.language.form import ONE, TWO, Form, Function, Node, Var, add, apply, ddx, dot, exp, frac, neg, power, sub, times

Chain = tuple[tuple[Node, str], ...]
"""Equal forms, each with the rule that leads to it."""


@dataclass(frozen=True, slots=True)
class Activation:
    """A row of ACTIVATIONS: out = f(net).

    `definition(x)` is f written out, `derivative(net, out)` is f'(net) as it is used, in terms of out where that is shorter,
    `worked(x)` derives it, starting at d/dx of the definition. `analytic` allows the complex step.
    """

    name: str
    function: Function
    definition: Callable[[Node], Node]
    derivative: Callable[[Node, Node], Node]
    worked: Callable[[Var], Chain]
    analytic: bool = True
    joint: Callable[[Sequence[Node], int], Node] | None = None
    joint_derivative: Callable[[Sequence[Node], int, int], Node] | None = None

    def out(self, net: Node) -> Node:
        """The activation of `net`, by the function's name where it has one."""
        return net if self.name == "identity" else apply(self.function, net)

    def slope(self, x: Node) -> Form:
        """f'(x), by name."""
        return apply(prime(self.function), x)


def prime(function: Function) -> Function:
    return Function(function.name, function.symbol, function.order + 1)


SIGMA, TANH = Function("sigmoid", "sigma"), Function("tanh", "tanh")
IDENTITY = Function("identity", "id")


def _sigmoid(x: Node) -> Node:
    return frac(ONE, add(ONE, exp(neg(x))))


def _sigmoid_worked(x: Var) -> Chain:
    bottom = add(ONE, exp(neg(x)))
    return (
        (ddx(_sigmoid(x), x), "definition"),
        (frac(exp(neg(x)), power(bottom, TWO)), "quotient_rule"),
        (dot(frac(ONE, bottom), frac(exp(neg(x)), bottom)), "split_fraction"),
        (times(apply(SIGMA, x), sub(ONE, apply(SIGMA, x))), "recognise"),
    )


def _tanh(x: Node) -> Node:
    return frac(sub(exp(x), exp(neg(x))), add(exp(x), exp(neg(x))))


def _tanh_worked(x: Var) -> Chain:
    plus, minus = add(exp(x), exp(neg(x))), sub(exp(x), exp(neg(x)))
    return (
        (ddx(_tanh(x), x), "definition"),
        (frac(sub(power(plus, TWO), power(minus, TWO)), power(plus, TWO)), "quotient_rule"),
        (sub(ONE, power(frac(minus, plus), TWO)), "split_fraction"),
        (sub(ONE, power(apply(TANH, x), TWO)), "recognise"),
    )


ACTIVATIONS: dict[str, Activation] = {
    row.name: row
    for row in (
        Activation("sigmoid", SIGMA, _sigmoid, lambda net, out: times(out, sub(ONE, out)), _sigmoid_worked),
        Activation("tanh", TANH, _tanh, lambda net, out: sub(ONE, power(out, TWO)), _tanh_worked),
        Activation("identity", IDENTITY, lambda x: x, lambda net, out: ONE, lambda x: ((ddx(x, x), "definition"), (ONE, "power_rule"))),
    )
}
