"""What the reference itself is held to: printed numbers of others, and networks small enough to be worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from math import e, erf, exp, log, sin, sqrt, tanh
from pathlib import Path

import pytest
from reference import read
from reference_math import evaluate, floats

MAZUR = Path(__file__).parent.parent / "symbp" / "examples" / "mazur.toml"
MAZUR_PRINTED = {"w1": "0.000438568", "w5": "0.082167041"}
MAZUR_UPDATED = {
    "w1": "0.149780716",
    "w2": "0.19956143",
    "w3": "0.24975114",
    "w4": "0.29950229",
    "w5": "0.35891648",
    "w6": "0.408666186",
    "w7": "0.511301270",
    "w8": "0.561370121",
}
HAN_KAMBER = """
inputs = ["1", "2", "3"]
outputs = ["6"]
delta_sign = -1
[[units]]
name = "4"
inputs = { 1 = "w14", 2 = "w24", 3 = "w34" }
bias = "b4"
[[units]]
name = "5"
inputs = { 1 = "w15", 2 = "w25", 3 = "w35" }
bias = "b5"
[[units]]
name = "6"
inputs = { 4 = "w46", 5 = "w56" }
bias = "b6"
[parameters]
w14 = 0.2
w15 = -0.3
w24 = 0.4
w25 = 0.1
w34 = -0.5
w35 = 0.2
w46 = -0.3
w56 = -0.2
b4 = -0.4
b5 = 0.2
b6 = 0.1
[[samples]]
inputs = [1, 0, 1]
targets = [1]
"""
"""Han and Kamber, Data Mining, the example of backpropagation."""


def rounded(value: float, printed: str) -> bool:
    """Is `value`, rounded to as many places, what is printed?"""
    return Decimal(value).quantize(Decimal(printed)) == Decimal(printed)


@pytest.mark.parametrize("by", ["autograd", "central"])
def test_mazurs_numbers_come_out(by: str) -> None:
    network = read(MAZUR.read_text("utf-8"))
    assert rounded(network.error(), "0.298371109")
    found = {name: float(value) for name, value in network.gradients(by).items()}
    assert list(found) == ["w1", "w2", "w3", "w4", "b1", "w5", "w6", "w7", "w8", "b2"]
    assert all(rounded(found[name], printed) for name, printed in MAZUR_PRINTED.items())
    assert all(rounded(float(network.values[name]) - 0.5 * found[name], printed) for name, printed in MAZUR_UPDATED.items())


def test_han_and_kambers_numbers_come_out() -> None:
    """Their errors are -dE/dnet, which is minus the gradient of the bias; their rate is 0.9.

    Unrounded, the error of unit 6 is 0.13117, so 0.1312; they print 0.1311, which the rounded output gives: 0.474 (1 - 0.474)^2.
    """
    network = read(HAN_KAMBER)
    [[outs]] = network.outs()
    assert [round(outs[unit], 3) for unit in "456"] == [0.332, 0.525, 0.474]
    found = network.gradients()
    assert [round(-found[f"b{unit}"], 4) for unit in "654"] == [0.1312, -0.0065, -0.0087]
    assert round(0.474 * (1 - 0.474) * (1 - 0.474), 4) == 0.1311
    updated = {name: round(float(value) - 0.9 * found[name], 3) for name, value in network.values.items()}
    assert updated["w46"] == -0.261
    assert updated["w14"] == 0.192


# -- by hand -----------------------------------------------------------------------------------------------------------

ONE = """
loss = "{loss}"
{more}
inputs = {count}
[[layers]]
units = {count}
activation = "{activation}"
weights = {weights}
[[samples]]
inputs = {inputs}
targets = {targets}
"""


def passed(loss: str, inputs: list[float], targets: list[float], activation: str = "identity", more: str = "") -> float:
    """E of a network that passes its inputs through an activation."""
    count = len(inputs)
    weights = [[int(i == j) for j in range(count)] for i in range(count)]
    text = ONE.format(loss=loss, more=more, count=count, activation=activation, weights=weights, inputs=inputs, targets=targets)
    return read(text).error()


@pytest.mark.parametrize(
    ("loss", "outs", "targets", "expected"),
    [
        ("half_squared_error", [1.0, 2.0], [0.5, 0.0], 2.125),
        ("squared_error", [1.0, 2.0], [0.5, 0.0], 4.25),
        ("mean_squared_error", [1.0, 2.0], [0.5, 0.0], 2.125),
        ("binary_cross_entropy", [0.25, 0.5], [1, 0], log(8)),
        ("binary_cross_entropy", [0.25], [0.5], -0.5 * log(0.25 * 0.75)),
        ("cross_entropy", [0.25, 0.5], [1, 0], log(4)),
        ("cross_entropy", [0.25, 0.5], [0.5, 2.0], 2.5 * log(2) + log(2) / 2),
        ("cross_entropy_from_logits", [0.0, log(3)], [1, 0], log(4)),
        ("cross_entropy_from_logits", [0.0, log(3)], [1, 1], 2 * log(4) - log(3)),
        ("cross_entropy_from_logits", [1000.0, 0.0], [0, 1], 1000.0),
        ("hinge", [0.5, 3.0], [1, 1], 0.5),
        ("hinge", [0.5, 3.0], [-1, -1], 5.5),
        ("huber", [0.5, 3.0], [0.0, 0.0], 2.625),
        ("huber", [-0.5, -3.0], [0.0, 0.0], 2.625),
        ("kl_divergence", [0.25, 0.75], [0.5, 0.5], 0.5 * log(2) + 0.5 * log(2 / 3)),
        ("kl_divergence", [0.25, 0.75], [0, 1], log(4 / 3)),
        ("(t - o)^4 / 4", [1.0, 2.0], [0.0, 0.0], 4.25),
    ],
)
def test_a_loss_is_what_its_name_says(loss: str, outs: list[float], targets: list[float], expected: float) -> None:
    assert passed(loss, outs, targets) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("activation", "x", "expected"),
    [
        ("sigmoid", 0.5, 1 / (1 + exp(-0.5))),
        ("sigmoid", -800.0, 0.0),
        ("tanh", 0.5, tanh(0.5)),
        ("relu", -2.0, 0.0),
        ("relu", 2.0, 2.0),
        ("leaky_relu", -2.0, -0.02),
        ("elu", -1.0, 1 / e - 1),
        ("elu", 2.0, 2.0),
        ("softplus", 0.5, log(1 + exp(0.5))),
        ("softplus", 800.0, 800.0),
        ("silu", -1.0, -1 / (1 + e)),
        ("gelu", 1.0, 0.5 * (1 + erf(1 / sqrt(2)))),
        ("sin", 0.5, sin(0.5)),
        ("softmax", 3.0, 1.0),
        ("x / (1 + abs(x))", -3.0, -0.75),
    ],
)
def test_an_activation_is_what_its_name_says(activation: str, x: float, expected: float) -> None:
    """(0 - out)^2 and (1 - out)^2 together give out."""
    square, other = (passed("squared_error", [x], [target], activation) for target in (0.0, 1.0))
    assert (square - other + 1) / 2 == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("-x^2", -9.0), ("2 - 3 - 4", -5.0), ("8 / 2 / 2", 2.0), ("2 * -x", -6.0), ("-(x - 1) * 2 + 1", -3.0), ("ln(exp(x))", 3.0)],
)
def test_a_formula_means_what_it_means_on_paper(formula: str, expected: float) -> None:
    assert evaluate(floats(), formula, {"x": 3.0}) == pytest.approx(expected)


def test_a_convolution_is_a_correlation_and_its_gradient_too() -> None:
    """outs (1 + 20, 2 + 30, 3 + 40) - 0; dE/dk_m = sum_j out_j x_(j + m - 1)."""
    layer = "inputs = 4\n[[layers]]\nkernel = [1, 10]\nactivation = 'identity'\nbias = 1\n"
    network = read(layer + "[[samples]]\ninputs = [1, 2, 3, 4]\ntargets = [1, 1, 1]\n")
    assert network.gradients() == {
        "k1": 21 * 1 + 32 * 2 + 43 * 3,
        "k2": 21 * 2 + 32 * 3 + 43 * 4,
        "b1": 21 + 32 + 43,
    }


RECURRENT = """
inputs = 1
[recurrent]
units = 1
activation = "identity"
input_weights = [[2]]
recurrent_weights = [[3]]
start = [1]
error = "{error}"
[[layers]]
units = 1
activation = "identity"
weights = [[1]]
[[samples]]
inputs = [[1], [4]]
targets = {targets}
"""


def test_a_recurrent_network_by_hand() -> None:
    """h1 = 2·1 + 3·1 = 5, h2 = 2·4 + 3·5 = 23; y = h. E is (t - y)^2 / 2 with t = y - 1 at each step with an error."""
    last = read(RECURRENT.format(error="last", targets="[22]")).gradients()
    assert last == {"wxh_1_1": 4 + 3 * 1, "whh_1_1": 5 + 3 * 1, "why_1_1": 23}
    every = read(RECURRENT.format(error="every", targets="[[4], [22]]")).gradients()
    assert every == {"wxh_1_1": 7 + 1, "whh_1_1": 8 + 1, "why_1_1": 23 + 5}


BATCH = """
{options}
inputs = 1
[[layers]]
units = 1
activation = "identity"
weights = [[0.5]]
bias = false
[[layers]]
units = 1
activation = "identity"
weights = [[-2]]
bias = 0.25
[[samples]]
inputs = [0.4]
targets = [-1.15]
[[samples]]
inputs = [0.8]
targets = [-1.55]
"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", 1.0),
        ('reduction = "mean"', 0.5),
        ("weight_decay = 0.1", 1.0 + 0.05 * 4.25),
        ("weight_decay = 0.1\ndecay_biases = true", 1.0 + 0.05 * 4.3125),
        ("l1 = 0.1", 1.0 + 0.1 * 2.5),
        ("l1 = 0.1\ndecay_biases = true", 1.0 + 0.1 * 2.75),
        ('weight_decay = 0.1\nreduction = "mean"', 0.5 + 0.05 * 4.25),
        ("sparsity = { rho = 0.05, beta = 3 }", 1.0 + 3 * (0.05 * log(0.05 / 0.3) + 0.95 * log(0.95 / 0.7))),
        ("delta_sign = -1", 1.0),
    ],
)
def test_penalties_and_reduction_by_hand(options: str, expected: float) -> None:
    """The hidden outs are 0.2 and 0.4, with the mean 0.3; the outputs are off by 1 each."""
    assert read(BATCH.format(options=options)).error() == pytest.approx(expected, rel=1e-14)


def test_names_of_units_and_shared_biases() -> None:
    layers = "inputs = 1\n[[layers]]\nunits = 2\nweights = [[1], [2]]\nbias = [1, 2]\n"
    layers += "[[layers]]\nunits = ['a']\nweights = [[1, 2]]\nbias = [3]\n[[layers]]\nunits = 1\nweights = [[4]]\nbias = 5\n"
    assert read(layers).names == ["w1", "w2", "b_h1_1", "b_h1_2", "w3", "w4", "b_a", "w5", "b3"]


def test_a_cycle_is_an_error() -> None:
    with pytest.raises(ValueError, match="a cycle among"):
        read(HAN_KAMBER.replace('3 = "w34"', '6 = "w34"'))
