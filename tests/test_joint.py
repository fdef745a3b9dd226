"""Joint activations, each out of which is made of all nets of its layer: their Jacobian times the slopes of their outs, in factored form.

delta_k = sum over i of (dE/dout_i) (d out_i / d net_k) = out_k (dE/dout_k - sum over i of (dE/dout_i) out_i) under softmax.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

import pytest
from test_reference import judge

import symbp
from symbp.derivation.backward import Backward
from symbp.derivation.derive import derive
from symbp.derivation.formulas import Formulas, gradient_program
from symbp.derivation.steps import Detail
from symbp.language.form import ONE, ZERO, Node, Unit, Var, add, neg, sub, times
from symbp.language.notation import NOTATIONS
from symbp.language.plain import PlainWriter
from symbp.language.speller import Speller
from symbp.network.activation import ACTIVATIONS, Activation
from symbp.network.forward import forward
from symbp.network.numbers import Rounding
from symbp.network.program import Program, bindings
from symbp.network.reader import read
from symbp.network.spec import NetworkSpec
from symbp.proof.certify import certify
from symbp.proof.identity import Proved, Prover, Refuted

JOINT = [row for row in ACTIVATIONS.values() if row.is_joint]
COUNT = 36
LOSSES = ("half_squared_error", "squared_error", "mean_squared_error", "binary_cross_entropy", "kl_divergence", "(t - o)^4 / 4")


# -- the rows of the table -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", JOINT, ids=lambda row: row.name)
@pytest.mark.parametrize("missing", [(), (0,), (1,), (0, 2)])
def test_the_product_of_a_row_is_the_sum_over_its_jacobian(row: Activation, missing: tuple[int, ...]) -> None:
    """For any slopes; those of outs that lead nowhere are 0."""
    nets, outs, slopes = ([Var(kind, Unit(1, k), sample=1) for k in (1, 2, 3)] for kind in ("net", "out", "input"))
    assert row.joint is not None
    assert row.joint_derivative is not None
    assert row.joint_product is not None
    prover = Prover(Program(bindings([(out, row.joint(nets, k)) for k, out in enumerate(outs)])))
    given: list[Node] = [ZERO if i in missing else slope for i, slope in enumerate(slopes)]
    for k in range(3):
        entries = add(*(times(slope, row.joint_derivative(outs, i, k)) for i, slope in enumerate(given)))
        product = row.joint_product(outs, given, k)
        assert prover.equal(entries, product) == Proved()
        assert isinstance(prover.equal(entries, times(outs[k], product)), Refuted)


# -- networks with softmax in any place ----------------------------------------------------------------------------------


def numbers(random: Random, count: int, low: float = -1.2, high: float = 1.2) -> str:
    return "[" + ", ".join(f"{random.uniform(low, high):.2f}" for _ in range(count)) + "]"


def matrix(random: Random, rows: int, columns: int) -> str:
    return "[" + ", ".join(numbers(random, columns) for _ in range(rows)) + "]"


def targets(random: Random, loss: str, count: int) -> str:
    """Of a divergence, a distribution; of the others, anything between 0 and 1."""
    if loss != "kl_divergence":
        return numbers(random, count, 0.05, 0.95)
    parts = [random.randint(1, 9) for _ in range(count - 1)]
    return "[" + ", ".join(f"{part / 40:g}" for part in parts) + f", {(40 - sum(parts)) / 40:g}]"


@cache
def network(index: int) -> str:
    """A network file: softmax in the last layer, hidden, in both, in a recurrent layer; no error that collapses with it."""
    random, loss = Random(f"joint {index}"), LOSSES[index % len(LOSSES)]
    is_recurrent, samples = index % 4 == 3, random.choice([1, 1, 1, 2])
    sizes = [random.randint(1, 2), *(random.randint(2, 3) for _ in range(1 if is_recurrent else random.randint(1, 2)))]
    sizes += [random.randint(2, 3)]
    places = random.sample(range(1, len(sizes)), random.randint(1, len(sizes) - 1)) if not is_recurrent else [1]
    steps, every = random.randint(2, 3), random.choice([True, False])
    lines = [f'title = "{index}"', f'loss = "{loss}"', f'notation = "{sorted(NOTATIONS)[index % len(NOTATIONS)]}"', f"inputs = {sizes[0]}"]
    lines += [line for line in ("delta_sign = -1", 'reduction = "mean"', "weight_decay = 0.1", "l1 = 0.02") if random.random() < 0.3]
    if is_recurrent:
        lines += ["[recurrent]", f"units = {sizes[1]}", 'activation = "softmax"', f"input_weights = {matrix(random, sizes[1], sizes[0])}"]
        lines += [f"recurrent_weights = {matrix(random, sizes[1], sizes[1])}", f'error = "{"every" if every else "last"}"']
    for layer in range(2 if is_recurrent else 1, len(sizes)):
        is_joint, is_last = layer in places, layer == len(sizes) - 1
        activation = "softmax" if is_joint else "sigmoid" if is_last else random.choice(["tanh", "sigmoid"])
        bias = random.choice([numbers(random, sizes[layer]), "0.3", "false"])
        lines += ["[[layers]]", f"units = {sizes[layer]}", f'activation = "{activation}"', f"bias = {bias}"]
        lines += [f"weights = {matrix(random, sizes[layer], sizes[layer - 1])}"]
    for _ in range(samples):
        own = [targets(random, loss, sizes[-1]) for _ in range(steps)]
        lines += ["[[samples]]"]
        lines += [f"inputs = {matrix(random, steps, sizes[0]) if is_recurrent else numbers(random, sizes[0])}"]
        lines += [f"targets = {'[' + ', '.join(own) + ']' if is_recurrent and every else own[0]}"]
    return "\n".join(lines) + "\n"


def test_the_networks_have_softmax_in_every_place() -> None:
    found = set()
    for index in range(COUNT):
        spec = read(network(index), "random")
        assert not spec.collapses
        found |= {(unit.layer == spec.vocabulary.last, bool(spec.vocabulary.times)) for unit in joint_units(spec)}
        found |= {spec.delta_sign, spec.reduction if spec.vocabulary.samples > 1 else ""}
    assert {(True, False), (False, False), (False, True), 1, -1, "sum", "mean"} <= found


def joint_units(spec: NetworkSpec) -> list[Unit]:
    words = spec.vocabulary
    return [unit for layer in range(1, words.last + 1) for unit in words.units(layer) if spec.activation(unit).is_joint]


@pytest.mark.parametrize("index", range(COUNT))
def test_gradients_are_those_of_a_forward_pass_that_shares_no_code(index: int) -> None:
    judge(network(index), f"joint {index}")


@pytest.mark.parametrize("index", range(0, COUNT, 2))
def test_every_derivation_is_proved(index: int) -> None:
    detail: Detail = ("brief", "normal", "full")[index // 2 % 3]
    assert certify(derive(read(network(index), "random"), Rounding(6), detail)).verdicts


# -- outs that lead nowhere ----------------------------------------------------------------------------------------------


def softmax_of(answers: dict[int, Node]) -> Node:
    """The delta of o1 in a softmax of three units, if only the outs of `answers` led to the error, with these derivatives."""
    spec = layered("tanh", 3, "softmax", "half_squared_error")

    class Given(Formulas):
        def answers(self, place: Var) -> list[Node]:
            return [answers.get(k, ZERO) for k in range(3)]

    return Given(spec).delta_form(Var("net", spec.vocabulary.outputs[0], 1))


def test_one_out_that_leads_to_the_error_leaves_nothing_to_share() -> None:
    slope, outs = Var("input", Unit(0, 1), 1), [Var("out", Unit(2, k), 1) for k in (1, 2, 3)]
    assert softmax_of({0: slope}) == times(slope, outs[0], sub(ONE, outs[0]))
    assert softmax_of({2: slope}) == times(slope, neg(times(outs[2], outs[0])))
    assert softmax_of({}) == ZERO


def test_outs_without_a_path_to_the_error_are_no_terms() -> None:
    a, b = (Var("input", Unit(0, k), 1) for k in (1, 2))
    outs = [Var("out", Unit(2, k), 1) for k in (1, 2, 3)]
    assert softmax_of({1: a, 2: b}) == times(neg(outs[0]), add(times(a, outs[1]), times(b, outs[2])))
    assert softmax_of({1: neg(a), 2: neg(b)}) == times(outs[0], add(times(a, outs[1]), times(b, outs[2])))
    assert softmax_of({0: neg(a), 2: neg(b)}) == times(neg(outs[0]), sub(a, add(times(a, outs[0]), times(b, outs[2]))))


# -- how a reader sees it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sign", "last"), [(1, "-out_o1"), (-1, "out_o1")])
def test_the_jacobian_is_put_in_then_the_out_factored_out_then_the_derivatives_put_in(sign: int, last: str) -> None:
    spec = layered("tanh", 2, "softmax", "half_squared_error", sign)
    step = Backward(spec, None).delta_step(Var("net", spec.vocabulary.outputs[0], 1), full=True)
    writer = PlainWriter(Speller(spec.speller.notation, spec.vocabulary))
    before, minus = ("", "") if sign > 0 else ("-(", ")")
    assert [link.rule for link in step.chain[2:]] == ["derivative_of_activation", "factor_out", "factors_put_in"]
    first, factored, put_in = (writer.text(link.form) for link in step.chain[2:])
    assert first.startswith(f"{before}∂E/∂out_o1{minus}·out_o1·(1 - out_o1) + ")
    assert factored == f"{before[:1]}out_o1·(∂E/∂out_o1 - (∂E/∂out_o1·out_o1 + ∂E/∂out_o2·out_o2))"
    assert put_in == f"{last}·((t₁ - out_o1) - ((t₁ - out_o1)·out_o1 + (t₂ - out_o2)·out_o2))"


# -- what they cost ------------------------------------------------------------------------------------------------------


def layered(hidden: str, outputs: int, activation: str, loss: str, sign: int = 1, last: int | None = None) -> NetworkSpec:
    """4-4-n with softmax at the end, or 4-n-2 with softmax in between."""
    layers = [(4, hidden), (outputs, activation)] if last is None else [(outputs, activation), (last, hidden)]
    text = "".join(f'[[layers]]\nunits = {units}\nactivation = "{name}"\n' for units, name in layers)
    return read(f'title = "joint"\nloss = "{loss}"\ndelta_sign = {sign}\ninputs = 4\n{text}', "joint")


def operations(spec: NetworkSpec) -> tuple[int, int]:
    """Of the forward pass, and of all deltas and gradients."""
    return forward(spec).tape.operations, gradient_program(spec).tape.operations


@pytest.mark.parametrize("row", JOINT, ids=lambda row: row.name)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("sign", "last"), [(1, None), (-1, None), (1, 2)])
def test_all_deltas_take_work_that_grows_with_the_outputs_and_not_with_their_square(
    row: Activation, loss: str, sign: int, last: int | None
) -> None:
    """As much more from 8 to 12 units as from 4 to 8; a Jacobian that is summed entry by entry takes 3.65 of the forward pass at 16."""
    works = [operations(layered("sigmoid", units, row.name, loss, sign, last))[1] for units in (4, 8, 12)]
    assert works[2] - works[1] == works[1] - works[0]
    before, after = operations(layered("sigmoid", 16, row.name, loss, sign, last))
    assert after <= 1.5 * before


# -- hand work -----------------------------------------------------------------------------------------------------------


THREE = """
title = "2-2-3 softmax"
inputs = 2
[[layers]]
units = 2
activation = "tanh"
bias = [0.1, 0.2]
[[layers]]
units = 3
activation = "softmax"
bias = [0.3, 0.4, 0.5]
"""
FIRST, SUM = "(out_o1 - t1)", "((out_o1 - t1)*out_o1 + (out_o2 - t2)*out_o2 + (out_o3 - t3)*out_o3)"
BY_NET, BY_OUT = r"\frac{\partial E}{\partial z^{(3)}_k}", r"\frac{\partial E}{\partial a^{(3)}_"
RIGHT = {
    "factored": f"delta_o1 = out_o1*({FIRST} - {SUM})",
    "the sign before": f"delta_o1 = -out_o1*({SUM} - {FIRST})",
    "entry by entry": f"delta_o1 = {FIRST}*out_o1*(1 - out_o1) - (out_o2 - t2)*out_o2*out_o1 - (out_o3 - t3)*out_o3*out_o1",
    "in indices": rf"${BY_NET} = a^{{(3)}}_k ({BY_OUT}k}} - \sum_i {BY_OUT}i}} a^{{(3)}}_i)$",
    "in indices, put in": rf"${BY_NET} = a^{{(3)}}_k ((a^{{(3)}}_k - y_k) - \sum_i (a^{{(3)}}_i - y_i) a^{{(3)}}_i)$",
    "in indices, entries": rf"${BY_NET} = \sum_i {BY_OUT}i}} a^{{(3)}}_i (1[i = k] - a^{{(3)}}_k)$",
}
WRONG = {
    "no out in the sum": f"delta_o1 = out_o1*({FIRST} - ((out_o1 - t1) + (out_o2 - t2) + (out_o3 - t3)))",
    "sign of the sum": f"delta_o1 = out_o1*({FIRST} + {SUM})",
    "sign of the whole": f"delta_o1 = -out_o1*({FIRST} - {SUM})",
    "no out before": f"delta_o1 = {FIRST} - {SUM}",
    "only the diagonal": f"delta_o1 = {FIRST}*out_o1*(1 - out_o1)",
    "a sign of the entries": f"delta_o1 = {FIRST}*out_o1*(1 - out_o1) + (out_o2 - t2)*out_o2*out_o1 - (out_o3 - t3)*out_o3*out_o1",
    "in indices, no out in the sum": rf"${BY_NET} = a^{{(3)}}_k ((a^{{(3)}}_k - y_k) - \sum_i (a^{{(3)}}_i - y_i))$",
    "in indices, sign": rf"${BY_NET} = a^{{(3)}}_k ((a^{{(3)}}_k - y_k) + \sum_i (a^{{(3)}}_i - y_i) a^{{(3)}}_i)$",
    "in indices, no out before": rf"${BY_NET} = (a^{{(3)}}_k - y_k) - \sum_i (a^{{(3)}}_i - y_i) a^{{(3)}}_i$",
}


def judged(folder: Path, row: str) -> tuple[str, str | None]:
    """The verdict on one row after one that fixes the sign of delta, and the row as it should be."""
    path = folder / "three.toml"
    path.write_text(THREE, "utf-8")
    notation = "ufldl" if row.startswith("$") else "mazur"
    rows = [row] if row.startswith("$") else ["delta_o1 = dE/dnet_o1", row]
    found = symbp.verify(str(path), "\n\n".join(rows), notation=notation).files[0].rows[-1]
    return found.verdict, found.expected


@pytest.mark.parametrize("row", RIGHT.values(), ids=RIGHT.keys())
def test_either_form_is_right_by_hand(row: str, tmp_path: Path) -> None:
    assert judged(tmp_path, row) == ("correct", None)


@pytest.mark.parametrize("row", WRONG.values(), ids=WRONG.keys())
def test_a_slip_in_either_form_is_wrong(row: str, tmp_path: Path) -> None:
    assert judged(tmp_path, row)[0] == "wrong"


@pytest.mark.parametrize(
    "name", ["sign of the sum", "no out before", "in indices, no out in the sum", "in indices, sign", "in indices, no out before"]
)
def test_a_slip_is_repaired(name: str, tmp_path: Path) -> None:
    """What the row should be is itself right."""
    expected = judged(tmp_path, WRONG[name])[1]
    assert expected is not None
    assert judged(tmp_path, f"${expected}$" if WRONG[name].startswith("$") else expected) == ("correct", None)


@pytest.mark.parametrize("kind", ["txt", "md", "tex"])
def test_what_is_printed_of_it_is_right_by_hand(kind: str, tmp_path: Path) -> None:
    """Each row of the document of a softmax that does not collapse, hidden and at the end, read back by the judge of hand work."""
    path, work = tmp_path / "three.toml", tmp_path / f"work.{kind}"
    path.write_text(THREE.replace("tanh", "softmax"), "utf-8")
    work.write_text(symbp.derive(str(path)).render(kind), "utf-8")
    report = symbp.verify(str(path), work).files[0]
    assert {row.verdict for row in report.rows} == {"correct"}
    assert sum("delta_o1" in row.text or r"\delta_{o1}" in row.text or "δ_o1" in row.text for row in report.rows) > 1
