"""What holds for every layered network: random sizes, activations, losses and ways of sharing biases."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from evaluator import MP, World
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from symbp.derivation.derive import derive
from symbp.derivation.formulas import gradient_program
from symbp.derivation.steps import Detail
from symbp.language.form import Layer, Unit, Var
from symbp.language.notation import NOTATIONS, notation
from symbp.language.speller import Speller
from symbp.language.vocabulary import Sharing, Vocabulary
from symbp.network.activation import ACTIVATIONS
from symbp.network.forward import ERROR, forward
from symbp.network.loss import LOSSES
from symbp.network.numbers import HighPrecision, Rounding
from symbp.network.reader import load, read
from symbp.network.spec import NetworkSpec, default_names
from symbp.proof.certify import certify
from symbp.proof.gradients import check_gradients, derived, point_of
from symbp.proof.identity import Proved, Rounds
from symbp.proof.numeric import PRECISION

DECIMALS = st.decimals("-1.5", "1.5", places=2)
slow = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)


@st.composite
def networks(draw: st.DrawFn, *, layers: int = 4, width: int = 4, numeric: bool | None = None) -> NetworkSpec:
    """A network of up to `layers` layers of weights, `width` units wide; with numbers, without, or either."""
    sizes = tuple(draw(st.lists(st.integers(1, width), min_size=2, max_size=layers + 1)))
    sharing = tuple(draw(st.sampled_from(list(Sharing))) for _ in sizes[1:])
    words = Vocabulary(default_names(sizes), sharing)
    loss = draw(st.sampled_from([row for row in LOSSES.values() if not row.is_joint]))
    single = [row for row in ACTIVATIONS.values() if not row.is_joint]
    activations = tuple(draw(st.sampled_from(single)) for _ in sizes[2:])
    last = ACTIVATIONS["sigmoid"] if loss.outs.low is not None else draw(st.sampled_from(single))
    activations = (*activations, last)
    rate = draw(st.none() | st.decimals("0.01", "1", places=2))
    with_numbers = draw(st.booleans()) if numeric is None else numeric
    values: dict[Var, Decimal] = {}
    sample: dict[Var, Decimal] = {}
    if with_numbers:
        values = {var: draw(DECIMALS) for var in words.parameters()}
        owners = [("input", unit) for unit in words.units(0)] + [("target", unit) for unit in words.units(words.last)]
        targets = st.sampled_from([Decimal(1), Decimal(-1)]) if loss.targets.only else DECIMALS
        if loss.targets.low is not None and not loss.targets.only:
            targets = st.decimals("0", "1", places=2)
        sample = {Var(kind, unit, sample=1): draw(targets if kind == "target" else DECIMALS) for kind, unit in owners}
    return NetworkSpec(
        words,
        activations,
        title="random",
        notation=NOTATIONS[draw(st.sampled_from(sorted(NOTATIONS)))],
        loss=loss,
        learning_rate=rate,
        values=values,
        samples=(sample,) if sample else (),
        train_bias=draw(st.booleans()),
        update=draw(st.sampled_from(["simultaneous", "output_first"])),
    )


def close(a: Any, b: Any, digits: int) -> bool:
    """Equal to so many digits, or both as good as nothing."""
    return bool(abs(a - b) <= MP.mpf(10) ** -digits * max(abs(a), abs(b)) + MP.mpf(10) ** -50)


# -- gradients ---------------------------------------------------------------------------------------------------------


@slow
@given(networks(), st.integers(1, 10**6))
def test_the_formulas_give_what_differences_give(spec: NetworkSpec, seed: int) -> None:
    program = forward(spec)
    checks = check_gradients(spec, program, seed)
    assert [c.parameter for c in checks] == list(spec.vocabulary.parameters())
    for check in checks:
        assert check.agrees, check
        assert check.one_sided is not None or close(check.analytic, check.central, 30)
        assert check.complex_step is not None or not (spec.loss.analytic and all(a.analytic for a in spec.activations))
        assert check.complex_step is None or close(check.analytic, check.complex_step, 30)


@slow
@given(networks(), st.integers(1, 10**6))
def test_the_formulas_give_what_the_tests_own_evaluator_gives(spec: NetworkSpec, seed: int) -> None:
    program = forward(spec)
    point = point_of(spec, program, seed)
    values = derived(program, gradient_program(spec), point)
    world = World(spec, {var: MP.mpf(x.numerator) / x.denominator for var, x in point.items()})
    for var, value in values.items():
        if var.kind == "gradient":
            parameter = next(p for p in spec.vocabulary.parameters() if p.owner == var.owner)
            assert close(MP.mpf(value), world.total(ERROR, parameter), 45)
        if var.kind == "delta":
            assert close(MP.mpf(value), world.total(ERROR, Var("net", var.owner, sample=1)), 45)


@slow
@given(networks(), st.integers(1, 10**6))
def test_the_reverse_sweep_gives_the_same(spec: NetworkSpec, seed: int) -> None:
    program, algebra = forward(spec), HighPrecision(PRECISION)
    point = point_of(spec, program, seed)
    formulas = derived(program, gradient_program(spec), point)
    swept = program.gradients(program.evaluate({v: algebra.rational(x) for v, x in point.items()}, algebra), algebra)
    for parameter in spec.vocabulary.parameters():
        assert close(formulas[Var("gradient", parameter.owner)], swept[parameter], 60)


SMALL = ("1-1:tanh", "2-1", "1-2:identity", "1-1-1", "2-1-1:tanh,sigmoid", "1-2-1:sigmoid,identity", "1-1-1:tanh", "1-1-2:identity,sigmoid")


@pytest.mark.parametrize("network", SMALL)
def test_the_formulas_are_exactly_the_derivative_of_the_composed_error(network: str) -> None:
    spec = load(network)
    checks = check_gradients(spec, forward(spec), with_sympy=True)
    assert [check.composed for check in checks] == [True] * len(checks)


@settings(max_examples=12)
@given(networks(layers=2, width=2))
def test_the_formulas_of_a_random_small_network_are_exactly_that(spec: NetworkSpec) -> None:
    assume(sum(a * b for a, b in pairwise(map(len, spec.vocabulary.names))) <= 3)
    checks = check_gradients(spec, forward(spec), with_sympy=True)
    assert all(check.composed is True and check.agrees for check in checks)


# -- whole derivations -------------------------------------------------------------------------------------------------

FOUR_LAYERS = load("4-4-4-4-4:tanh,sigmoid,identity,sigmoid")


@slow
@given(networks(), st.sampled_from(["brief", "normal", "full"]))
@example(FOUR_LAYERS, "normal")
def test_every_derivation_is_proved(spec: NetworkSpec, detail: Detail) -> None:
    derivation = derive(spec, Rounding(6), detail)
    checked = certify(derivation)
    assert len(checked.verdicts) == len(list(derivation.steps()))
    for _, links in checked.verdicts:
        assert all(isinstance(verdict, Proved | Rounds) for verdicts in links for verdict in verdicts)
    assert all(isinstance(verdict, Proved | Rounds) for _, verdict in checked.numbers)
    assert "agrees" not in checked.counts()


@settings(max_examples=15)
@given(networks(layers=3, width=2), st.data())
def test_a_part_of_the_parameters_can_be_derived_alone(spec: NetworkSpec, data: st.DataObject) -> None:
    chosen = data.draw(st.frozensets(st.sampled_from(list(spec.vocabulary.parameters())), min_size=1))
    assert certify(derive(spec, Rounding(6), chosen=chosen)).verdicts


@settings(max_examples=15)
@given(networks(layers=3, width=2, numeric=True), st.integers(1, 15), st.booleans())
def test_any_number_of_digits_is_certified(spec: NetworkSpec, digits: int, are_decimals: bool) -> None:
    rounding = Rounding(decimals=digits) if are_decimals else Rounding(digits)
    assert certify(derive(spec, rounding)).verdicts


EXACT_HIT = """
inputs = 1
[[layers]]
units = 1
activation = "identity"
weights = [[0.3]]
bias = 0.1
[[layers]]
units = 1
activation = "identity"
weights = [[0.7]]
bias = 0.1
[[samples]]
inputs = [0.1]
targets = [0.191]
"""


def test_gradients_that_are_zero_are_no_mismatch() -> None:
    """The network gives its target exactly, so that nothing but the rounding of the differences is left."""
    spec = read(EXACT_HIT, "exact")
    assert all(check.agrees for check in check_gradients(spec, forward(spec)))
    assert certify(derive(spec, Rounding(6))).verdicts


# -- names -------------------------------------------------------------------------------------------------------------


@given(networks(width=12), st.sampled_from(sorted(NOTATIONS)))
def test_what_is_spelled_is_read_back(spec: NetworkSpec, name: str) -> None:
    """In every notation, and by the canonical names whatever the notation."""
    words = spec.vocabulary
    speller = Speller(notation(name), words)
    speller.check()
    every = list(words.variables())
    for var in every:
        assert speller.read(speller.ascii(var)) == var
        assert speller.read(words.canonical(var)) == var
    assert len({words.canonical(var) for var in every}) == len(every)
    assert len({speller.ascii(var) for var in every}) == len(every)


@given(networks(width=12))
def test_every_parameter_belongs_to_one_place(spec: NetworkSpec) -> None:
    words = spec.vocabulary
    parameters = list(words.parameters())
    assert len(set(parameters)) == len(parameters)
    weights = [p for p in parameters if p.kind == "weight"]
    assert [words.canonical(w) for w in weights] == [f"w{n}" for n in range(1, len(weights) + 1)]
    for bias in (p for p in parameters if p.kind == "bias"):
        assert isinstance(bias.owner, Unit | Layer)
        assert isinstance(bias.owner.layer, int)
        expected = Sharing.SHARED if isinstance(bias.owner, Layer) else Sharing.UNIT
        assert words.sharing[bias.owner.layer - 1] is expected
