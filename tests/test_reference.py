"""Every gradient of symbp against HIPS autograd, PyTorch and high-precision differences of a forward pass that shares no code with it."""

from __future__ import annotations

import importlib.util
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from random_networks import ACTIVATIONS, DISTRIBUTIONS, LOSSES, MOST, TOPOLOGIES, network, plain, sparse
from reference import read

from consumers import unavailable
from symbp.api import check
from symbp.language.form import OPS
from symbp.network.activation import ACTIVATIONS as SYMBP_ACTIVATIONS
from symbp.network.forward import forward
from symbp.network.loss import LOSSES as SYMBP_LOSSES
from symbp.network.reader import read as read_network
from symbp.proof.gradients import check_gradients

COUNT, SPARSE, PLAIN = 300, 24, 30
RELATIVE, FLOOR = 1e-10, 1e-12
"""Floats agree to RELATIVE of a gradient, or to FLOOR of the largest gradient of its network."""
EXACT = 1e-20
"""What symbp says at high precision agrees so far with differences at 60 digits."""
FAMILIES = {"network": (network, COUNT), "sparse": (sparse, SPARSE), "plain": (plain, PLAIN)}
DRAWN = [(kind, index) for kind, (_, count) in FAMILIES.items() for index in range(count)]


def text_of(kind: str, index: int) -> str:
    return FAMILIES[kind][0](index)


@cache
def gradients(text: str, by: str) -> Mapping[str, Any]:
    return read(text).gradients(by)


def assert_agree(found: Mapping[str, Any], expected: Mapping[str, Any], relative: float = RELATIVE, floor: float = FLOOR) -> None:
    """The same parameters, in any order, and the same gradients."""
    assert found.keys() == expected.keys()
    largest = max(map(abs, expected.values()))
    for name, value in expected.items():
        allowed = max(relative * max(abs(value), abs(found[name])), floor * largest)
        assert abs(found[name] - value) <= allowed, f"dE/d{name}: {found[name]}, not {value}"


# -- symbp -------------------------------------------------------------------------------------------------------------


def supported(text: str) -> bool:
    """Has this symbp the rows that the network needs? To be removed once it has all, and reads formulas."""
    table = tomllib.loads(text)
    parts = [*table.get("layers", []), *table.get("units", []), table.get("recurrent", {})]
    rows = {part.get("activation", "sigmoid") for part in parts}
    return (
        rows <= set(SYMBP_ACTIVATIONS) and table.get("loss", "half_squared_error") in SYMBP_LOSSES and ("l1" not in table or "abs" in OPS)
    )


JUDGED = [pytest.param(kind, index, id=f"{kind}-{index}") for kind, index in DRAWN if supported(text_of(kind, index))]


def judge(text: str, name: str) -> None:
    """Hold the gradient of every parameter to the reference, in floats and at high precision."""
    spec = read_network(text, name)
    checks = check_gradients(spec, forward(spec))
    found = {spec.vocabulary.canonical(c.parameter): c.analytic for c in checks}
    assert_agree({name: float(value) for name, value in found.items()}, gradients(text, "autograd"))
    exact = gradients(text, "central")
    assert_agree({name: type(exact[name])(value) for name, value in found.items()}, exact, EXACT, EXACT)
    assert all(c.agrees for c in checks)


@pytest.mark.parametrize(("kind", "index"), JUDGED)
def test_gradients_are_those_of_the_reference(kind: str, index: int) -> None:
    judge(text_of(kind, index), f"{kind} {index}")


EXAMPLES = sorted((Path(__file__).parent.parent / "symbp" / "examples").glob("*.toml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_gradients_of_an_example_are_those_of_the_reference(path: Path) -> None:
    text = path.read_text("utf-8")
    if not supported(text):
        pytest.skip("this symbp cannot read it yet")
    judge(text, path.stem)


LATE_HIDDEN = """
loss = "squared_error"
sparsity = { rho = 0.05, beta = 0.5 }
inputs = 1
[recurrent]
units = 1
input_weights = [[-0.8]]
recurrent_weights = [[0.3]]
error = "last"
[[layers]]
units = 1
weights = [[-0.4]]
[[layers]]
units = 1
weights = [[-0.7]]
[[samples]]
inputs = [[0.2], [-0.2]]
targets = [0.7]
"""


def test_hidden_units_after_a_recurrent_layer_are_sparse_where_they_are_computed() -> None:
    judge(LATE_HIDDEN, "late hidden")


def test_the_python_api_gives_the_same() -> None:
    report = check("mazur")
    found = {report.spec.vocabulary.canonical(c.parameter): float(c.analytic) for c in report.checks}
    assert report.ok
    assert_agree(found, gradients(next(path for path in EXAMPLES if path.stem == "mazur").read_text("utf-8"), "autograd"))


# -- the reference, by itself ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "index"), DRAWN)
def test_autograd_agrees_with_differences(kind: str, index: int) -> None:
    exact = {name: float(value) for name, value in gradients(text_of(kind, index), "central").items()}
    assert_agree(gradients(text_of(kind, index), "autograd"), exact)


@pytest.mark.parametrize(("kind", "index"), DRAWN)
def test_torch_agrees_with_autograd(kind: str, index: int) -> None:
    if importlib.util.find_spec("torch") is None:
        unavailable("no torch: pip install torch==2.13.0")
    assert_agree(gradients(text_of(kind, index), "torch"), gradients(text_of(kind, index), "autograd"))


# -- what is drawn -----------------------------------------------------------------------------------------------------


def features(text: str) -> Iterator[str]:
    """Everything that a network file says, as words to be counted."""
    table = tomllib.loads(text)
    topology, hidden, loss = table["title"].split(", ")
    yield from (
        topology,
        f"hidden {hidden}",
        f"loss {loss}",
        f"{topology} with {hidden}",
        f"{topology} with {loss}",
        f"{hidden} with {loss}",
    )
    yield f"{min(len(table['samples']), 3)} samples"
    yield from ("several parameters share" for _ in [0] if topology == "shared graph")
    for key in (
        "reduction",
        "weight_decay",
        "l1",
        "sparsity",
        "decay_biases",
        "delta_sign",
        "train_bias",
        "update",
        "optimizer",
        "training",
    ):
        if key in table:
            yield f"{key} {table[key]}" if isinstance(table[key], str | bool) or key == "delta_sign" else key
    recurrent = table.get("recurrent", {})
    if recurrent:
        yield f"error {recurrent.get('error', 'by default')}"
        yield from ("start" for _ in [0] if "start" in recurrent)
        yield f"{len(table['samples'][0]['inputs'])} steps"
    for layer in [*table.get("layers", []), recurrent]:
        yield f"bias {type(layer['bias']).__name__ if 'bias' in layer else 'absent'}"
        yield from ("softmax" for _ in [0] if layer.get("activation") == "softmax")
    if "layers" in table and table["layers"][-1]["activation"] == "softmax":
        yield f"softmax under {loss}"
    if "layers" in table:
        yield f"{sum('kernel' in layer for layer in table['layers'])} kernels"
    if "units" in table:
        names = [weight for unit in table["units"] for weight in unit["inputs"].values()]
        biases = [unit["bias"] for unit in table["units"] if "bias" in unit]
        yield from (f"shared {what}" for what, used in (("weight", names), ("bias", biases)) if len(set(used)) < len(used))
        order = [unit["name"] for unit in table["units"]]
        yield from ("an output that is read" for unit in table["units"] if set(unit["inputs"]) & set(table["outputs"]))
        yield from ("units out of order" for _ in [0] if order != sorted(order))


@cache
def counted() -> Counter[str]:
    return Counter(word for index in range(COUNT) for word in set(features(network(index))))


NEEDED = {
    **{f"hidden {name}": 25 for name in ACTIVATIONS},
    **{f"loss {name}": 25 for name in LOSSES},
    **dict.fromkeys(TOPOLOGIES, 50),
    **{f"{topology} with {name}": 4 for topology in TOPOLOGIES for name in (*ACTIVATIONS, *LOSSES)},
    **{f"{activation} with {loss}": 2 for activation in ACTIVATIONS for loss in LOSSES},
    **{f"softmax under {name}": 3 for name in DISTRIBUTIONS - {"cross_entropy_from_logits"}},
    **{f"{count} samples": 40 for count in (1, 2, 3)},
    **dict.fromkeys(("reduction mean", "reduction sum", "weight_decay", "l1", "decay_biases True", "decay_biases False"), 15),
    **dict.fromkeys(("delta_sign -1", "delta_sign 1", "train_bias True", "train_bias False"), 10),
    **dict.fromkeys(("update output_first", "optimizer momentum", "optimizer adam", "training online", "sparsity"), 10),
    **dict.fromkeys(("bias float", "bias list", "bias bool", "bias absent", "softmax"), 20),
    **dict.fromkeys(("error every", "error last", "start"), 8),
    **dict.fromkeys(("error by default", "2 kernels", "units out of order", "an output that is read"), 3),
    **{f"{steps} steps": 5 for steps in (1, 2, 3, 4)},
    **dict.fromkeys(("shared weight", "shared bias"), 10),
    "1 kernels": 20,
}


@pytest.mark.parametrize("word", sorted(NEEDED))
def test_everything_is_drawn_often_enough(word: str) -> None:
    assert counted()[word] >= NEEDED[word]


def test_networks_are_small_different_and_drawn_again_from_their_number() -> None:
    texts = [text_of(kind, index) for kind, index in DRAWN]
    assert len(set(texts)) == len(texts)
    assert all(len(read(text).values) <= MOST for text in texts)
    again = network.__wrapped__(7)
    assert again == network(7)
