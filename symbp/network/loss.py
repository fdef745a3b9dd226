"""LOSSES: one row each; the error of one output, and its derivative as a teacher derives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from symbp.language.form import HALF, ONE, TWO, Node, dot, neg, power, sub, times
from symbp.network.activation import Chain

Pair = Callable[[Node, Node, int], Node]


@dataclass(frozen=True, slots=True)
class Loss:
    """A row of LOSSES: E = sum over outputs of term(t, o), which `words` say.

    `derivative[style](t, o)` is d term / d o in the form that a notation's `loss_derivative` asks for; `worked(t, o)` leads there.
    """

    name: str
    words: str
    term: Pair
    derivative: Mapping[str, Pair]
    worked: Callable[[Node, Node, int], Chain]
    joint: Callable[[Sequence[Node], Sequence[Node]], Node] | None = None
    joint_derivative: Callable[[Sequence[Node], Sequence[Node], int], Node] | None = None


def _power_rule(t: Node, o: Node) -> Node:
    return power(sub(t, o), sub(TWO, ONE))


LOSSES: dict[str, Loss] = {
    row.name: row
    for row in (
        Loss(
            "half_squared_error",
            "half the squared difference between target and output",
            lambda t, o, n: times(HALF, power(sub(t, o), TWO)),
            {"-(t - o)": lambda t, o, n: neg(sub(t, o)), "o - t": lambda t, o, n: sub(o, t)},
            lambda t, o, n: ((dot(TWO, HALF, _power_rule(t, o), neg(ONE)), "power_and_chain_rule"),),
        ),
        Loss(
            "squared_error",
            "the squared difference between target and output",
            lambda t, o, n: power(sub(t, o), TWO),
            {"-(t - o)": lambda t, o, n: times(neg(TWO), sub(t, o)), "o - t": lambda t, o, n: times(TWO, sub(o, t))},
            lambda t, o, n: ((dot(TWO, _power_rule(t, o), neg(ONE)), "power_and_chain_rule"),),
        ),
    )
}
