"""Layers on a whole batch: proved at every shape, wrong ones refuted, and equal to automatic differentiation."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import autograd.numpy as np
import pytest
from autograd import grad as automatic
from click.testing import CliRunner

import symbp
from consumers import unnumbered
from symbp.cli import main
from symbp.derivation.batch import SAMPLES, BatchLayer, Samples
from symbp.derivation.layers import LAYERS, layer_named
from symbp.derivation.steps import Display, Step, link
from symbp.errors import StepRefuted, SymbpError
from symbp.language.form import Form, Function, Index, Matrix, Node, Value, Var, rewrite
from symbp.language.matrices import whole
from symbp.language.plain import terminal_columns
from symbp.proof.identity import Proved, Refuted
from symbp.proof.layers import CheckedEquation, CheckedLayer, certify_layer

BOTH = [(name, samples) for name in LAYERS for samples in SAMPLES]


def arranged(name: str, samples: Samples) -> BatchLayer:
    return LAYERS[name].arranged(samples)


@pytest.fixture(scope="module")
def checked() -> dict[tuple[str, str], CheckedLayer]:
    return {(name, samples): certify_layer(arranged(name, samples)) for name, samples in BOTH}


# -- proved --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "samples"), BOTH)
def test_every_entry_of_every_equation_is_proved_at_several_shapes(name: str, samples: str, checked: Any) -> None:
    found = checked[name, samples]
    assert {(shape["N"], shape["D"]) for shape in found.layer.shapes} >= {(2, 3), (3, 2), (3, 3), (1, 2)}
    for equation in found.equations:
        for links in equation.verdicts:
            assert links
            assert all(verdicts and all(isinstance(v, Proved) for v in verdicts) for verdicts in links)


@pytest.mark.parametrize(("name", "samples"), BOTH)
def test_the_gradient_of_everything_that_can_be_learned_is_there(name: str, samples: Samples) -> None:
    taken = {str(step.lhs.args[1].owner.symbol) for step in arranged(name, samples).steps() if _is_gradient(step.lhs)}
    learned = {"dense": {"W", "b"}, "batch_norm": {"gamma", "beta"}, "layer_norm": {"gamma", "beta"}}.get(name, set())
    assert taken >= learned | {"X"}


def _is_gradient(node: Node) -> bool:
    return isinstance(node, Form) and node.op == "total" and isinstance(node.args[1], Var) and node.args[1].owner.row is None  # type: ignore[union-attr]


@pytest.mark.parametrize(("name", "samples"), BOTH)
def test_no_equation_takes_a_second(name: str, samples: Samples) -> None:
    """Nor does a whole layer take much more; SymPy's simplify takes 87 s for softmax in a published validation (nerva-sympy)."""
    layer = arranged(name, samples)
    certify_layer(arranged("dropout", "rows"))
    start = time.process_time()
    certify_layer(layer)
    assert (time.process_time() - start) / len(layer.steps()) < 1


def test_what_is_not_proved_does_not_get_in(checked: Any) -> None:
    found = checked["softmax", "rows"]
    first, *others = found.equations
    unproved = CheckedEquation(first.step, (((Refuted({}, "1", "2"),),), *first.verdicts[1:]))
    empty = CheckedEquation(first.step, (((),), *first.verdicts[1:]))
    for wrong in ((unproved, *others), (empty, *others), tuple(others), (replace(first, verdicts=first.verdicts[1:]), *others)):
        with pytest.raises(ValueError, match=r"unproved|without a verdict|another layer"):
            CheckedLayer(found.layer, wrong)


# -- refuted -------------------------------------------------------------------------------------------------------------


def with_step(layer: BatchLayer, old: Step, new: Step) -> BatchLayer:
    """`layer` with one equation replaced, where it is shown."""

    def changed(part: Any) -> Any:
        return Display(tuple(new if step is old else step for step in part.steps)) if isinstance(part, Display) else part

    return replace(layer, sections=tuple(replace(s, parts=tuple(map(changed, s.parts))) for s in layer.sections))


def mutants(node: Node) -> Iterator[tuple[str, Node]]:
    """`node` with one thing wrong: a sign, a transpose, a size, a term or factor left out, a product for a quotient."""
    if isinstance(node, Var) and node.kind == "size":
        yield "another size", whole("N" if node.owner == Matrix("D") else "D")
    if isinstance(node, Var) and isinstance(node.owner, Matrix) and node.kind == "ones":
        yield "ones of another size", Var("ones", Matrix("ones", Index("D" if node.owner.row == Index("N") else "N")))
    if not isinstance(node, Form):
        return
    if node.op == "transpose":
        yield "no transpose", node.args[0]
    if node.op == "neg":
        yield "no sign", node.args[0]
    if node.op == "hadamard_quotient":
        yield "a product", Form("hadamard", node.args)
    if node.op == "add":
        yield from (("a term less", Form("add", node.args[:at] + node.args[at + 1 :])) for at in range(len(node.args)))
    if node.op == "matmul":
        yield "the factors turned round", Form("matmul", node.args[::-1])
    if node.op in {"total", "partial"}:
        return
    for at, arg in enumerate(node.args):
        for what, wrong in mutants(arg):
            yield what, Form(node.op, (*node.args[:at], wrong, *node.args[at + 1 :]))


def is_refused(layer: BatchLayer, step: Step) -> bool:
    """Only this equation is tried, at the layer's shapes."""
    section = replace(layer.sections[0], parts=(Display((step,)),))
    try:
        certify_layer(replace(layer, sections=(section,), shapes=layer.shapes[:2]))
    except StepRefuted:
        return True
    return False


@pytest.mark.parametrize(("name", "samples"), BOTH)
def test_one_thing_wrong_in_a_matrix_equation_is_refuted(name: str, samples: Samples) -> None:
    layer, tried, (_, at_point) = arranged(name, samples), 0, world(name, samples, 3)
    for step in layer.steps():
        if not (_is_gradient(step.lhs) or (isinstance(step.lhs, Var) and step.lhs.owner.row is None)):  # type: ignore[union-attr]
            continue
        for at, one in enumerate(step.chain):
            for what, wrong in mutants(one.form):
                if is_equal(wrong, one.form, at_point):
                    continue
                tried += 1
                chain = (*step.chain[:at], link(wrong, one.rule), *step.chain[at + 1 :])
                assert is_refused(layer, replace(step, chain=chain)), (what, step.lhs, wrong)
    assert tried >= (2 if name == "dropout" else 5)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "batch_norm", "layer_norm"])
def test_a_term_or_a_sign_less_in_an_entry_is_refuted(name: str) -> None:
    layer, tried = arranged(name, "rows"), 0
    for step in layer.steps():
        is_entry = isinstance(step.lhs, Form) and isinstance(step.lhs.args[1], Var) and step.lhs.args[1].owner.row is not None  # type: ignore[union-attr]
        if not is_entry:
            continue
        for at, one in enumerate(step.chain):
            for what, wrong in mutants(one.form):
                zero = len(step.chain) - 1 > at and step.chain[-1].rule == "deviations"
                if what in {"a term less", "no sign", "another size"} and not zero:
                    tried += 1
                    chain = (*step.chain[:at], link(wrong, one.rule), *step.chain[at + 1 :])
                    assert is_refused(layer, replace(step, chain=chain)), (what, step.lhs, wrong)
    assert tried >= 3


def test_a_refusal_says_where() -> None:
    layer = arranged("softmax", "rows")
    step = layer.steps()[-1]
    wrong = replace(step, chain=(link(rewrite(step.chain[0].form, lambda n: n.args[0] if _is(n, "neg") else n), "by_components"),))
    with pytest.raises(StepRefuted, match=r"refuted: ∂E/∂X = Y ∘ \(G \+ \(G ∘ Y\) 1_D 1_Dᵀ\) where N = 2, D = 3, in the entry"):
        certify_layer(with_step(layer, step, wrong))


def _is(node: Node, op: str) -> bool:
    return isinstance(node, Form) and node.op == op


# -- the same by automatic differentiation ---------------------------------------------------------------------------------


def _softmax(x: Any) -> Any:
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def _normalised(x: Any, v: dict[str, Any], axis: int) -> Any:
    centred = x - np.mean(x, axis=axis, keepdims=True)
    return v["gamma"].T * centred / np.sqrt(np.var(x, axis=axis, keepdims=True) + v["epsilon"]) + v["beta"].T


REFERENCE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "dense": lambda v: np.dot(v["X"], v["W"].T) + v["b"].T,
    "softmax": lambda v: _softmax(v["X"]),
    "log_softmax": lambda v: v["X"] - np.log(np.sum(np.exp(v["X"]), axis=1, keepdims=True)),
    "dropout": lambda v: v["X"] * v["M"] / (1 - v["p"]),
    "batch_norm": lambda v: _normalised(v["X"], v, 0),
    "layer_norm": lambda v: _normalised(v["X"], v, 1),
}
"""Each layer, samples as rows, as one writes it with arrays."""


def value(node: Node, at: dict[Any, Any], sizes: dict[str, int]) -> Any:
    """A matrix formula with arrays, by itself: it shares nothing with the proofs."""

    def of(part: Node) -> Any:
        return value(part, at, sizes)

    match node:
        case Value():
            return float(node.meaning)  # type: ignore[arg-type]
        case Var("ones", Matrix(_, Index(size))):
            return np.ones((sizes[size], 1))
        case Var("size", Matrix(symbol)):
            return float(sizes[symbol])
        case Var(_, Matrix(symbol)):
            return at[symbol]
        case Form("total", (_, Var(_, Matrix(symbol)))):
            return at["d" + symbol]
        case Form("matmul", args):
            product: Any = 1.0
            for factor in map(of, args):
                product = product * factor if np.ndim(product) == 0 or np.ndim(factor) == 0 else product @ factor
            return product
        case Form("transpose", (x,)):
            return of(x).T
        case Form("hadamard", (x, y)):
            assert of(x).shape == of(y).shape
            return of(x) * of(y)
        case Form("hadamard_quotient", (x, y)):
            assert of(x).shape == of(y).shape
            return of(x) / of(y)
        case Form("frac", (x, y)):
            return of(x) / of(y)
        case Form("add", args):
            assert len({np.shape(of(arg)) for arg in args}) == 1
            return sum(map(of, args))
        case Form("neg", (x,)):
            return -of(x)
        case Form("apply", (Function("exp"), x)):
            return np.exp(of(x))
        case Form("log", (x,)):
            return np.log(of(x))
        case Form("sqrt", (x,)):
            return np.sqrt(of(x))
    raise AssertionError(node)


GIVEN = ("X", "G", "W", "b", "M", "p", "gamma", "beta", "epsilon")
SIZES = {"N": 7, "D": 5, "K": 4}


def world(name: str, samples: Samples, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Random arrays, samples as rows; and, as `samples` says, all that the matrix equations make of them, dX under "dX"."""
    random, layer = np.random.RandomState(seed), LAYERS[name]
    rows = {s.name: _random(random, s.name, [SIZES[x] for x in (s.rows, s.columns) if x]) for s in layer.symbols}
    batch = {s.name for s in layer.symbols if s.is_batch}
    at = {s: rows[s].T if samples == "columns" and s in batch else rows[s] for s in GIVEN if s in rows}
    for step in layer.arranged(samples).steps():
        lhs = step.lhs
        if isinstance(lhs, Var) and isinstance(lhs.owner, Matrix) and lhs.owner.row is None:
            at[lhs.owner.symbol] = value(step.chain[-1].form, at, SIZES)
        elif _is_gradient(lhs):
            found = [value(x.form, at, SIZES) for x in step.chain]
            assert all(np.max(np.abs(x - found[0])) < 1e-10 for x in found)
            at["d" + lhs.args[1].owner.symbol] = found[-1]  # type: ignore[union-attr]
    return rows, at


def is_equal(wrong: Node, right: Node, at: dict[str, Any]) -> bool:
    """Are both the same matrix? What has no value is not."""
    one = value(right, at, SIZES)
    try:
        other = value(wrong, at, SIZES)
    except (AssertionError, ValueError):
        return False
    return bool(np.shape(one) == np.shape(other) and np.max(np.abs(one - other)) < 1e-9)


@pytest.mark.parametrize(("name", "samples"), BOTH)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_matrices_are_those_of_automatic_differentiation(name: str, samples: Samples, seed: int) -> None:
    rows, at = world(name, samples, seed)
    batch = {s.name for s in LAYERS[name].symbols if s.is_batch}

    def turned(symbol: str, array: Any) -> Any:
        return array.T if samples == "columns" and symbol in batch else array

    inputs = {s: rows[s] for s in GIVEN if s in rows}
    assert np.max(np.abs(at["Y"] - turned("Y", REFERENCE[name](inputs)))) < 1e-10
    for symbol in {"X", "W", "b", "gamma", "beta"} & set(inputs):
        right = automatic(lambda x, s=symbol: np.sum(rows["G"] * REFERENCE[name]({**inputs, s: x})))(rows[symbol])
        assert at["d" + symbol].shape == turned(symbol, right).shape
        assert np.max(np.abs(at["d" + symbol] - turned(symbol, right))) < 1e-10


def _random(random: Any, symbol: str, shape: list[int]) -> Any:
    if symbol in {"p", "epsilon"}:
        return 0.25
    if symbol == "M":
        return (random.uniform(size=shape) > 0.3).astype(float)
    return random.normal(size=(*shape, 1) if len(shape) == 1 else shape)


# -- printed -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "samples"), BOTH)
@pytest.mark.parametrize("medium", ["tex", "md", "txt"])
def test_every_format_says_the_convention_and_the_shapes(name: str, samples: str, medium: str) -> None:
    text = symbp.derive(f"layer:{name}", samples=samples).render(medium)
    assert f"for a whole batch, samples as {samples}" in text
    assert f"Samples are {samples}: each {samples.removesuffix('s')} of" in text
    shape = "N by D" if samples == "rows" else "D by N"
    assert (shape if medium == "txt" else "${}$ by ${}$".format(*shape.split(" by "))) in text
    assert "proved exactly, entry by entry" in text
    assert medium != "txt" or all(terminal_columns(line) <= 80 for line in text.splitlines())


def test_the_formulas_that_everyone_knows() -> None:
    def last(name: str, samples: str) -> list[str]:
        text = unnumbered(symbp.derive(f"layer:{name}", samples=samples).render("txt"))
        return [line.split("∂E/∂")[1] for line in text.partition("Backward in matrices")[2].splitlines() if line.startswith("  ∂E/∂")]

    assert last("dense", "rows") == ["Y = G", "X = G W", "W = Gᵀ X", "b = Gᵀ 1_N"]
    assert last("dense", "columns") == ["Y = G", "X = Wᵀ G", "W = G Xᵀ", "b = G 1_N"]
    assert last("softmax", "rows")[1] == "X = Y ∘ (G - (G ∘ Y) 1_D 1_Dᵀ)"
    assert last("softmax", "columns")[1] == "X = Y ∘ (G - 1_D 1_Dᵀ (G ∘ Y))"
    assert last("log_softmax", "rows")[1] == "X = G - S ∘ (G 1_D 1_Dᵀ)"


def test_json_holds_every_equation_and_where_it_was_certified() -> None:
    found = json.loads(symbp.derive("layer:dense", samples="columns").render("json"))
    assert (found["layer"], found["samples"]) == ("dense", "columns")
    assert {"latex": "W", "shape": ["K", "D"]} in found["symbols"]
    gradient = next(x for x in found["equations"] if x["sides"][0] == r"\frac{\partial E}{\partial W}")
    assert gradient["latex"] == r"\frac{\partial E}{\partial W} = G \, X^{\top}"
    assert gradient["certified"][0] == {"N": 2, "D": 3, "K": 2, "entries": 6}


def test_it_shows_itself_in_a_notebook() -> None:
    found = symbp.derive("layer:dropout")
    assert found._repr_markdown_() == found.render("md")


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["derive", *arguments])


def test_the_command_line() -> None:
    found = run("layer:softmax", "--samples", "columns", "--to", "md")
    assert found.exit_code == 0
    assert found.output.startswith("# The softmax layer for a whole batch, samples as columns\n")
    assert "samples as rows" in run("layer:softmax").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("layer:softmacks",), "there is no layer 'softmacks'\ndid you mean 'softmax'? known: batch_norm, dense, dropout, layer_norm"),
        (("layer:",), "there is no layer ''\nknown: batch_norm"),
        (("2-2-1", "--samples", "rows"), "samples does not go with a network"),
        (("layer:dense", "--weights", "w1"), "weights does not go with a layer"),
        (("layer:dense", "--notation", "ufldl"), "notation does not go with a layer"),
    ],
)
def test_what_makes_no_sense_is_said(arguments: tuple[str, ...], message: str) -> None:
    found = run(*arguments)
    assert found.exit_code == 2
    assert message in found.output


def test_an_unknown_convention() -> None:
    with pytest.raises(SymbpError, match=r"samples as 'diagonals'\nknown: columns, rows"):
        symbp.derive("layer:dense", samples="diagonals")
    assert layer_named("dense").name == "dense"
