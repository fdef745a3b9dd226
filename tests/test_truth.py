"""The numbers that are known: Mazur's, to every digit he prints, and what becomes of them after many steps."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from symbp.derivation.derive import derive
from symbp.derivation.instantiate import Numbers
from symbp.derivation.meaning import gradient
from symbp.derivation.training import after_one, iterate, updated
from symbp.language.form import Node, Unit, Value, Var, leaves
from symbp.network.forward import ERROR, forward
from symbp.network.numbers import HighPrecision, Rounding, to_decimal
from symbp.network.reader import load

NINE = Rounding(decimals=9)

PRINTED = {
    "net_h1": "0.3775",
    "out_h1": "0.593269992",
    "net_o1": "1.105905967",
    "out_o1": "0.75136507",
    "out_o2": "0.772928465",
    "E_o1": "0.274811083",
    "E_o2": "0.023560026",
    "E": "0.298371109",
    "dE/dw5": "0.082167041",
    "delta_o1": "0.138498562",
    "w5+": "0.35891648",
    "w6+": "0.408666186",
    "w7+": "0.511301270",
    "w8+": "0.561370121",
    "dE/dw1": "0.000438568",
    "w1+": "0.149780716",
    "w2+": "0.19956143",
    "w3+": "0.24975114",
    "w4+": "0.29950229",
}
"""As he prints them; some with a zero at the end left out, and w2+, w3+, w4+ with eight decimals."""


@cache
def numbers(update: str = "simultaneous") -> Numbers:
    spec = load("mazur").with_options(update=update)
    found = Numbers.of(spec, forward(spec), NINE)
    found.learn(after_one(spec, found.program, NINE))
    return found


def named(name: str) -> Node:
    speller = numbers().spec.speller
    if name.startswith("dE/d"):
        return gradient(speller.read(name.removeprefix("dE/d")))
    return speller.read(name)


def rounded_like(value: Decimal, printed: str) -> Decimal:
    """`value` rounded to as many decimals as are printed."""
    return value.quantize(Decimal(printed))


@pytest.mark.parametrize(("name", "printed"), PRINTED.items())
def test_a_number_of_mazurs_comes_out(name: str, printed: str) -> None:
    shown = Decimal(numbers().value(named(name)).shown)
    assert rounded_like(numbers().quantity(named(name)).near, printed) == Decimal(printed)
    assert rounded_like(shown, printed) == Decimal(printed)


def test_the_derivation_prints_them() -> None:
    """Each number stands in the document itself, at nine decimals, as the value of what it is the number of."""
    derivation = derive(load("mazur"), NINE, "full")
    every = [leaf for step in derivation.steps() for link in step.chain for leaf in leaves(link.form) if isinstance(leaf, Value)]
    shown = {value.meaning: value.shown for value in every}
    for name, printed in PRINTED.items():
        assert rounded_like(Decimal(shown[named(name)]), printed) == Decimal(printed), name


def test_a_number_that_ends_is_exact_and_one_that_does_not_is_rounded() -> None:
    assert numbers().value(named("net_h1")).exact
    assert not numbers().value(named("out_h1")).exact


@pytest.mark.parametrize(("update", "error"), [("simultaneous", "0.291027774"), ("output_first", "0.291027924")])
def test_the_error_after_one_step(update: str, error: str) -> None:
    """Gradient descent gives the first; what Mazur prints is the second."""
    assert numbers(update).value(updated(ERROR)).shown == error


def test_the_output_weights_are_updated_alike_and_the_hidden_ones_are_not() -> None:
    w1, w5 = named("w1+"), named("w5+")
    assert numbers().quantity(w5) == numbers("output_first").quantity(w5)
    assert numbers().quantity(w1) != numbers("output_first").quantity(w1)


STEPS, DIGITS = 10_000, 30


@cache
def iterated(update: str) -> tuple[dict[int, Decimal], dict[Var, Any]]:
    """E after each number of steps, and every quantity after the last."""
    spec = load("mazur").with_options(update=update)
    program = forward(spec)
    every = list(iterate(spec, program, STEPS, DIGITS))
    return {n: error for n, error, _ in every}, program.evaluate(every[-1][2], HighPrecision(DIGITS))


@pytest.mark.parametrize(
    ("update", "steps", "error"),
    [
        ("simultaneous", 0, "0.298371109"),
        ("simultaneous", 1, "0.291027774"),
        ("output_first", 1, "0.291027924"),
        ("simultaneous", 10_000, "0.0000351019"),
        ("simultaneous", 9_999, "0.0000351085"),
    ],
)
def test_the_error_after_many_steps(update: str, steps: int, error: str) -> None:
    """0.0000351085, which Mazur gives for 10,000 steps, is that of the rule he states after 9,999."""
    assert rounded_like(iterated(update)[0][steps], error) == Decimal(error)


@pytest.mark.parametrize(("index", "printed"), [(1, "0.015912196"), (2, "0.984065734")])
def test_the_outputs_after_many_steps_are_those_of_output_first(index: int, printed: str) -> None:
    out = Var("out", Unit(2, index), sample=1)
    assert rounded_like(to_decimal(iterated("output_first")[1][out]), printed) == Decimal(printed)
    assert rounded_like(to_decimal(iterated("simultaneous")[1][out]), printed) != Decimal(printed)
