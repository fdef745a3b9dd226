"""What hand work is held against: every derivative against differences, and a truth that is bent by what a person wrote."""

from __future__ import annotations

import numpy as np
import pytest

from symbp.language.form import Unit, Var
from symbp.network.forward import ERROR
from symbp.network.gallery import example_lines
from symbp.network.reader import load
from symbp.verification.judging.arrays import Dual, Duals
from symbp.verification.judging.truth import Taken, Truth, near_numbers, numbers_of, random_point

EXAMPLES = [name for name, _ in example_lines()]
STEP = 1e-6


def moved(truth: Truth, var: Var, by: float) -> Truth:
    return Truth(truth.spec, {**truth.free, var: truth.free[var] + by})


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_total_derivative_is_the_limit_of_differences(example: str) -> None:
    spec = load(example)
    truth = Truth(spec, random_point(spec))
    free = [*spec.vocabulary.parameters(), *(v for v in truth.program.free if v.kind == "input")]
    ends = [ERROR, *(v for v in truth.program.forms if v.kind in {"net", "out", "error"})][:9]
    for var in free:
        up, down = moved(truth, var, STEP).values, moved(truth, var, -STEP).values
        for end in ends:
            slope = (up[end] - down[end]) / (2 * STEP)
            is_smooth = np.abs(slope - truth.total(end, var)) < 1e-4 * np.maximum(1, np.abs(slope))
            assert np.mean(is_smooth) > 0.9, (end, var)


@pytest.mark.parametrize("example", EXAMPLES)
def test_totals_are_sums_over_users_of_totals_times_partials(example: str) -> None:
    spec = load(example)
    truth = Truth(spec, random_point(spec))
    for var in [v for v in truth.program.forms if v.kind == "out"]:
        users = [u for u in truth.program.forms if var in truth.locals(u)]
        chain = sum((truth.total(ERROR, u) * truth.along(u, var) for u in users), start=truth.zero)
        assert np.allclose(chain, truth.total(ERROR, var), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("example", EXAMPLES)
def test_random_points_are_in_the_domain_and_nothing_coincides(example: str) -> None:
    spec = load(example)
    truth = Truth(spec, random_point(spec))
    assert all(np.all(np.isfinite(value)) for value in truth.values.values())
    weights = [truth.values[p] for p in spec.vocabulary.parameters()]
    assert all(not np.any(np.isclose(a, b)) for k, a in enumerate(weights) for b in weights[:k])
    assert any(np.any(w > 0) and np.any(w < 0) for w in weights)


def test_the_numbers_are_those_of_the_file() -> None:
    spec = load("mazur")
    truth = Truth(spec, numbers_of(spec))
    assert truth.value(ERROR)[0] == pytest.approx(0.298371109, abs=1e-9)
    assert truth.value(Var("error_total", step=1))[0] == pytest.approx(0.291027774, abs=1e-9)


def test_points_near_the_numbers_are_on_their_side_of_every_kink() -> None:
    spec = load("relu")
    here, near = Truth(spec, numbers_of(spec)), Truth(spec, near_numbers(spec))
    for var in here.program.forms:
        if var.kind == "net":
            assert np.all(np.sign(near.values[var]) == np.sign(here.values[var]))
    assert len({float(x) for x in near.values[ERROR]}) == near.points


NET_O1 = Var("net", Unit(2, 1), 1)
NET_H1, OUT_H1 = Var("net", Unit(1, 1), 1), Var("out", Unit(1, 1), 1)


def test_what_is_taken_for_a_derivative_is_passed_on_to_what_depends_on_it() -> None:
    spec = load("mazur")
    truth = Truth(spec, random_point(spec))
    bent = truth.bent(Taken({}, {(ERROR, NET_O1): -truth.total(ERROR, NET_O1)}))
    w5, w7 = (p for p in spec.vocabulary.parameters() if spec.vocabulary.canonical(p) in {"w5", "w7"})
    assert np.allclose(bent.total(ERROR, w5), -truth.total(ERROR, w5))
    assert np.allclose(bent.total(ERROR, w7), truth.total(ERROR, w7))
    rest = truth.total(ERROR, OUT_H1) - 2 * truth.total(ERROR, NET_O1) * truth.values[w5]
    assert np.allclose(bent.total(ERROR, OUT_H1), rest)


def test_what_is_taken_for_a_derivative_between_two_layers_replaces_the_way_through_it() -> None:
    spec = load("mazur")
    truth = Truth(spec, random_point(spec))
    bent = truth.bent(Taken({}, {(NET_O1, NET_H1): truth.zero}))
    other = truth.total(ERROR, Var("net", Unit(2, 2), 1)) * truth.total(Var("net", Unit(2, 2), 1), NET_H1)
    assert np.allclose(bent.total(ERROR, NET_H1), other)


def test_what_is_taken_for_a_quantity_is_what_later_ones_are_made_of() -> None:
    spec = load("mazur")
    truth = Truth(spec, random_point(spec))
    bent = truth.bent(Taken({NET_H1: truth.zero}))
    assert np.allclose(bent.values[OUT_H1], 0.5)
    assert not np.allclose(bent.values[ERROR], truth.values[ERROR])


def test_duals_differentiate_every_operator() -> None:
    algebra, x = Duals(), np.linspace(0.3, 1.7, 9)
    seeded = Dual(x, np.ones((1, 9)))
    operators = {
        "exp": algebra.exp,
        "log": algebra.log,
        "sqrt": algebra.sqrt,
        "sin": algebra.sin,
        "cos": algebra.cos,
        "erf": algebra.erf,
        "divide": lambda y: algebra.divide(2.0, y),
        "power": lambda y: algebra.power(y, 3.0),
        "exponent": lambda y: algebra.power(2.0, y),
        "maximum": lambda y: algebra.maximum(y, 1.05),
        "absolute": lambda y: algebra.absolute(y - 1.02),
        "logarithmic": lambda y: algebra.logarithmic(y, y),
        "cases": lambda y: algebra.cases(y - 1.02, y * y, -y),
    }
    for name, operator in operators.items():
        up, down = (operator(Dual(x + h, np.ones((1, 9)))).value for h in (STEP, -STEP))
        assert np.allclose(operator(seeded).slopes[0], (up - down) / (2 * STEP), rtol=1e-6), name
