"""`evaluate`: E and all gradients in numbers, at one point and at many."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from random_networks import network

import symbp
from symbp.api_evaluate import Evaluator
from symbp.network.gallery import examples
from symbp.network.reader import load, read
from symbp.network.spec import NetworkSpec

STEP = 1e-5


def values(spec: NetworkSpec, points: int, seed: int) -> dict[str, Any]:
    """Numbers for everything that can be given, between 0.2 and 0.9, so that logarithms and rates exist."""
    draw = np.random.default_rng(seed)
    return {name: draw.uniform(0.2, 0.9, points) for name in Evaluator(spec).inputs}


def assert_true_gradients(spec: NetworkSpec, at: dict[str, Any]) -> None:
    """Each gradient is the central difference of E, which the forward pass alone gives."""
    evaluator = Evaluator(spec)
    found = evaluator.at(at)
    for name in found:
        if name == "E":
            continue
        parameter = name.removeprefix("dE/d")
        if parameter not in evaluator.inputs:  # it leads nowhere
            assert np.all(found[name] == 0), name
            continue
        above, below = (evaluator.at({**at, parameter: at[parameter] + sign * STEP})["E"] for sign in (1, -1))
        assert np.allclose(found[name], (above - below) / (2 * STEP), rtol=1e-5, atol=1e-7), name


@pytest.mark.parametrize("name", ["2-2-2", "3-3-3", "2-3-1:tanh,sigmoid", "mazur", "softmax", "recurrent", "autoencoder", "skip", "shared"])
def test_gradients_are_those_of_the_error(name: str) -> None:
    assert_true_gradients(load(name), values(load(name), 5, 1))


@pytest.mark.parametrize("seed", range(25))
def test_gradients_of_random_networks(seed: int) -> None:
    """At the network's own numbers, which are away from kinks."""
    spec = read(network(seed), f"network {seed}")
    assert_true_gradients(spec, {name: float(spec.data[var]) for name, var in Evaluator(spec).inputs.items()})


@pytest.mark.parametrize("name", examples())
def test_many_points_are_the_same_as_one_by_one(name: str) -> None:
    spec = load(name)
    evaluator, at = Evaluator(spec), values(spec, 4, 2)
    many = evaluator.at(at)
    for k in range(4):
        one = evaluator.at({key: float(x[k]) for key, x in at.items()})
        assert list(one) == list(many)
        for key, x in one.items():
            assert isinstance(x, float)
            assert math.isclose(x, np.broadcast_to(many[key], 4)[k], rel_tol=1e-12, abs_tol=1e-15), key


def test_what_the_file_has_need_not_be_given() -> None:
    derived = symbp.derive("mazur")
    assert math.isclose(derived.evaluate()["E"], 0.298371109, abs_tol=1e-9)
    line = np.linspace(0, 1, 7)
    found = derived.evaluate({"w5": line})
    assert found["E"].shape == found["dE/dw5"].shape == (7,)
    assert derived.evaluate({"w5": float(line[3])})["dE/dw5"] == pytest.approx(found["dE/dw5"][3], rel=1e-12)


def test_saturated_units_have_values() -> None:
    found = symbp.derive("1-1").evaluate({"i1": 1.0, "w1": -800.0, "b_o1": 0.0, "t1": 0.0})
    assert found == {"E": 0.0, "dE/dw1": 0.0, "dE/db_o1": 0.0}


def test_arrays_of_the_caller_stay_and_results_are_their_own() -> None:
    evaluator, at = Evaluator(load("2-2-2")), values(load("2-2-2"), 6, 3)
    kept = {name: x.copy() for name, x in at.items()}
    first = evaluator.at(at)
    before = {name: x.copy() for name, x in first.items()}
    evaluator.at({name: x + 1 for name, x in at.items()})
    assert all(np.array_equal(kept[name], at[name]) for name in at)
    assert all(np.array_equal(before[name], first[name]) for name in first)


def test_threads_may_share_an_evaluator() -> None:
    evaluator = Evaluator(load("3-3-3"))
    points = [values(load("3-3-3"), 8, seed) for seed in range(24)]
    alone = [Evaluator(load("3-3-3")).at(at) for at in points]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(evaluator.at, points))
    assert all(np.array_equal(a[name], b[name]) for a, b in zip(alone, together, strict=True) for name in a)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "no value for w1, i1"),
        ({"w99": 1.0}, "'w99' is nothing that can be given"),
        ({"w1": "x"}, "w1 is neither a number nor a row of numbers"),
        ({"w1": [[1.0]]}, "w1 is neither a number nor a row of numbers"),
        ({"w1": [1.0, 2.0], "w2": [1.0, 2.0, 3.0]}, "w1 has 2, w2 has 3"),
        ({"w1": None}, "w1 is neither a number"),
        ({"w1": "0.4"}, "w1 is neither a number"),
        ({"w1": ["0.4", "0.5"]}, "w1 is neither a number"),
        ({"w1": np.array([1j, 2])}, "w1 is neither a number"),
        ({"w1": np.array([1, None])}, "w1 is neither a number"),
        ({"w1": np.datetime64("2020-01-01")}, "w1 is neither a number"),
        ({"w1": np.ma.masked_array([1.0, 2.0], [True, False])}, "w1 is neither a number"),
        ({"w1": 10**400}, "w1 is too large for a float"),
        ({"w1": [10**400, 1]}, "w1 is too large for a float"),
        ({1: 2.0}, "1 is nothing that can be given"),
        ({"net_h1": 2.0}, "'net_h1' is nothing that can be given"),
    ],
)
def test_what_cannot_be_evaluated_is_said(given: dict[str, Any], said: str) -> None:
    spec = load("2-2-2")
    rest = dict.fromkeys(Evaluator(spec).inputs, 0.5) if given else {}
    with pytest.raises(symbp.SymbpError, match=said):
        Evaluator(spec).at({**rest, **given})


@pytest.mark.parametrize("number", [1, True, 0.5, np.float32(0.5), np.int64(1), np.array(0.5), Decimal("0.5"), Fraction(1, 2)])
def test_a_number_of_any_kind_is_one_point(number: Any) -> None:
    found = symbp.derive("mazur").evaluate({"w5": number})
    assert {type(x) for x in found.values()} == {float}
    assert found == symbp.derive("mazur").evaluate({"w5": float(number)})


def test_whole_numbers_give_floats() -> None:
    spec = read("inputs = 1\n[[layers]]\nunits = 1\nactivation = 'identity'\n", "net")
    assert {type(x) for x in Evaluator(spec).at({"i1": 1, "w1": 2, "b_o1": 3, "t1": 4}).values()} == {float}


def test_what_nothing_depends_on_may_be_given() -> None:
    derived = symbp.derive("mazur")
    assert derived.evaluate({"eta": 0.1}) == derived.evaluate()
    spec = read(network(116), "network 116")
    assert "i1" not in Evaluator(spec).inputs
    at = {name: float(spec.data[var]) for name, var in Evaluator(spec).inputs.items()}
    assert Evaluator(spec).at({**at, "i1": 0.5}) == Evaluator(spec).at(at)


def test_a_target_that_the_others_leave_is_not_given() -> None:
    with pytest.raises(symbp.SymbpError, match="'t2' is what the other targets leave of 1"):
        symbp.derive("softmax").evaluate({"t2": 0.3})


def test_no_points_are_no_values() -> None:
    assert {len(x) for x in symbp.derive("mazur").evaluate({"w5": []}).values()} == {0}
