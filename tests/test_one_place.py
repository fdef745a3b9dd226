"""An activation, a loss or a notation is one row: one that is added at run time is derived, checked, written and read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import symbp
from symbp.language.form import TWO, Function, Node, Var, ddx, exp, frac, number, power, sub, times
from symbp.language.forms import normal, parse
from symbp.language.latex import LatexWriter
from symbp.language.notation import NOTATIONS
from symbp.language.plain import PlainWriter
from symbp.network.activation import ACTIVATIONS, Activation
from symbp.network.loss import LOSSES, Loss, same
from symbp.network.worked import Chain

FILE = """
learning_rate = 0.5
loss = "{loss}"
notation = "{notation}"
inputs = 2
[[layers]]
units = 2
activation = "{activation}"
weights = [[0.5, -0.3], [0.2, 0.4]]
bias = [0.1, -0.2]
[[layers]]
units = 1
weights = [[0.6, -0.5]]
bias = [0.3]
[[samples]]
inputs = [1, 0.5]
targets = [1]
"""


def bell(x: Node) -> Node:
    return exp(times(number(-1), power(x, TWO)))


def bell_worked(x: Var) -> Chain:
    return ((ddx(bell(x), x), "definition"), (times(number(-2), x, bell(x)), "chain_rule"))


BELL = Activation("bell", Function("bell", "bell"), bell, lambda net, out: times(number(-2), net, out), bell_worked)
QUARTIC = Loss(
    "quartic_error",
    "a quarter of the fourth power of the difference between target and output",
    lambda t, o, n: frac(power(sub(t, o), number(4)), number(4)),
    same(lambda t, o, n: times(number(-1), power(sub(t, o), number(3)))),
    lambda t, o, n: (),
)


def everything_works(path: Path) -> str:
    """The text of the network, derived and checked; every format is written, every formula reads back."""
    derived = symbp.derive(path)
    assert symbp.check(path).ok
    spec = derived.spec
    for writer, medium in ((LatexWriter(spec.speller), "latex"), (PlainWriter(spec.speller), "plain")):
        for step in derived.checked.derivation.steps():
            for node in (step.lhs, *(link.form for link in step.chain)):
                assert parse(writer.text(node), spec.speller, medium) == normal(node, medium)
    for name in ("tex", "md", "json"):
        assert derived.render(name)
    return derived.render("txt")


def network(folder: Path, **changes: str) -> Path:
    path = folder / "row.toml"
    path.write_text(FILE.format(**{"loss": "half_squared_error", "notation": "mazur", "activation": "tanh"} | changes), "utf-8")
    return path


def test_an_activation_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIVATIONS, "bell", BELL)
    text = everything_works(network(tmp_path, activation="bell"))
    assert "bell'(x)" in text
    assert "(-2)·net_h1·out_h1" in text


def test_a_wrong_derivative_in_a_row_is_refuted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIVATIONS, "bell", replace(BELL, derivative=lambda net, out: times(number(2), net, out)))
    with pytest.raises(symbp.SymbpError, match="refuted"):
        symbp.derive(network(tmp_path, activation="bell"))


def test_a_loss_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LOSSES, "quartic_error", QUARTIC)
    text = everything_works(network(tmp_path, loss="quartic_error"))
    assert "fourth power" in text


def test_a_notation_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = replace(NOTATIONS["mazur"], name="own", patterns=dict(NOTATIONS["mazur"].patterns) | {"net": "s_{unit}", "out": "y_{unit}"})
    monkeypatch.setitem(NOTATIONS, "own", own)
    text = everything_works(network(tmp_path, notation="own"))
    assert "∂E/∂y_o1 · ∂y_o1/∂s_o1" in text
