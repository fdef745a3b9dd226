"""UPDATE_RULES: how each optimizer moves a parameter, a row each; what it carries from update to update starts at zero.

The constants and their defaults are read by `network.reader`, from `spec.OPTIMIZERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from symbp.language.form import ONE, TWO, Form, Node, Var, add, frac, power, sub, times

RATE = Var("learning_rate")
COUNT = Var("update_number")
"""The number n of the update, from 1."""
Mark = Callable[[Var], Var]
"""A quantity before the update to the same one after it."""


def of_parameter(kind: str, parameter: Var) -> Var:
    """What an optimizer keeps for `parameter`: its velocity, a moment."""
    return Var(kind, parameter)


def gradient_descent(w: Var, slope: Node, after: Mark) -> Iterator[tuple[Var, Node]]:
    """w+ = w - eta dE/dw."""
    yield after(w), sub(w, times(RATE, slope))


def momentum(w: Var, slope: Node, after: Mark) -> Iterator[tuple[Var, Node]]:
    """v+ = mu v - eta dE/dw; w+ = w + v+."""
    velocity = of_parameter("velocity", w)
    yield after(velocity), sub(times(Var("momentum"), velocity), times(RATE, slope))
    yield after(w), add(w, after(velocity))


def adam(w: Var, slope: Node, after: Mark) -> Iterator[tuple[Var, Node]]:
    """m+ = b1 m + (1 - b1) g; v+ = b2 v + (1 - b2) g^2; both over 1 - b^n; w+ = w - eta m^ / (sqrt(v^) + eps)."""
    hats = []
    for beta, order, term in ((Var("beta1"), "first", slope), (Var("beta2"), "second", power(slope, TWO))):
        moment, hat = of_parameter(f"{order}_moment", w), of_parameter(f"{order}_corrected", w)
        yield after(moment), add(times(beta, moment), times(sub(ONE, beta), term))
        yield after(hat), frac(after(moment), sub(ONE, power(beta, COUNT)))
        hats.append(after(hat))
    yield after(w), sub(w, times(RATE, frac(hats[0], add(Form("sqrt", (hats[1],)), Var("epsilon")))))


@dataclass(frozen=True)
class UpdateRule:
    """A row of UPDATE_RULES: `pairs` gives what is computed for a parameter from its gradient, in order.

    `kept` are the kinds that go on to the next update; `tables` the columns of each table of an update after the parameter's name:
    "before", "gradient", "after", or a kind as it is after the update.
    """

    name: str
    source: str
    pairs: Callable[[Var, Node, Mark], Iterator[tuple[Var, Node]]]
    kept: tuple[str, ...] = ()
    counts: bool = False
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


UPDATE_RULES: dict[str, UpdateRule] = {
    row.name: row
    for row in (
        UpdateRule("gradient_descent", "Cauchy 1847", gradient_descent),
        UpdateRule(
            "momentum",
            "Polyak 1964; Rumelhart, Hinton and Williams 1986",
            momentum,
            ("velocity",),
            tables={"momentum_updates": ("before", "gradient", "velocity", "after")},
        ),
        UpdateRule(
            "adam",
            "Kingma and Ba 2015, Algorithm 1",
            adam,
            ("first_moment", "second_moment"),
            counts=True,
            tables={
                "moments": ("gradient", "first_moment", "second_moment"),
                "adam_updates": ("before", "first_corrected", "second_corrected", "after"),
            },
        ),
    )
}
