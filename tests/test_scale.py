"""Wide networks: weights that are moved together are checked as strictly as one by one, and cost the same each however many there are."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from time import process_time

import pytest

import symbp
from symbp.derivation.formulas import gradient_program
from symbp.language.form import Var, neg
from symbp.network.forward import forward
from symbp.network.program import Binding, Program
from symbp.network.reader import load
from symbp.network.spec import NetworkSpec
from symbp.proof import numeric
from symbp.proof.gradients import check_gradients, point_of
from symbp.proof.numeric import GradientOracle

WIDE = ("20-3-2", "18-2:relu", "20-2-2:tanh,softmax", "17-18-1:leaky_relu,identity")


def oracle(spec: NetworkSpec, point: dict[Var, Fraction] | None = None) -> GradientOracle:
    program = forward(spec)
    is_analytic = spec.loss.analytic and all(a.analytic for a in spec.activations)
    return GradientOracle(program, point or point_of(spec, program, 1), analytic=is_analytic)


@pytest.mark.parametrize("network", WIDE)
def test_weights_that_are_moved_together_have_the_slopes_that_each_has_alone(network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = load(network)
    parameters = list(spec.vocabulary.parameters())
    together = [oracle(spec).gradient(p) for p in parameters]
    monkeypatch.setattr(numeric, "MANY", 10**9)
    alone = [oracle(spec).gradient(p) for p in parameters]
    for one, other in zip(together, alone, strict=True):
        assert abs(one.central - other.central) < 1e-40
        assert (one.complex_step is None) == (other.complex_step is None)
        assert one.complex_step is None or abs(one.complex_step - other.complex_step) < 1e-40
    assert any(one.central != other.central for one, other in zip(together, alone, strict=True))


def test_a_weight_on_an_input_of_0_moves_nothing() -> None:
    spec = load("20-3-2")
    first = next(spec.vocabulary.parameters())
    point = point_of(spec, forward(spec), 1) | {spec.vocabulary.out(first.owner.source): Fraction(0)}  # type: ignore[union-attr]
    found = oracle(spec, point).gradient(first)
    assert found.central == 0 == found.complex_step


def test_a_wide_sum_at_a_kink_is_not_moved_for_all() -> None:
    spec = load("18-2:relu")
    weights = [p for p in spec.vocabulary.parameters() if p.kind == "weight"]
    free = point_of(spec, forward(spec), 1)
    point = free | {p: Fraction(0) for p in spec.vocabulary.parameters()}
    found = oracle(spec, point).gradient(weights[0])
    assert found.one_sided is not None
    assert sorted(side == 0 for side in found.one_sided) == [False, True]


@pytest.mark.parametrize("network", WIDE)
def test_every_wrong_gradient_of_a_wide_network_is_found(network: str) -> None:
    spec = load(network)
    program, right = forward(spec), gradient_program(spec)
    wrong = Program(tuple(Binding(b.var, neg(b.form)) if b.var.kind == "gradient" else b for b in right.bindings))
    assert all(check.agrees for check in check_gradients(spec, program, formulas=right))
    assert not any(check.agrees for check in check_gradients(spec, program, formulas=wrong) if check.analytic)


def test_the_cost_of_a_weight_does_not_grow() -> None:
    def cost(network: str) -> float:
        start = process_time()
        symbp.derive(network, detail="brief").render("md")
        return process_time() - start

    cost("4-4-4")
    small = min(cost("16-16-8") for _ in range(2)) / 384
    large = cost("64-32-16") / 2560
    assert large < 2 * small


def test_hashes_of_quantities_are_kept_and_do_not_travel() -> None:
    var = Var("weight", None, 1)
    assert hash(var) == hash(replace(var))
    assert var == replace(var)
    assert var.__reduce__() == (Var, ("weight", None, 1, None, 0))
