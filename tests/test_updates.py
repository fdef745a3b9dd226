"""Updates: rules that are changed, values that do not exist or are far away, and what is kept for a parameter in every notation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symbp
from symbp.derivation.derive import derive, train
from symbp.derivation.steps import Derivation, Display, Section, Step, Table
from symbp.derivation.training import after_sample, shown_steps
from symbp.derivation.update import curve_steps
from symbp.errors import StepRefuted, SymbpError
from symbp.language.form import ONE, Var, frac, number, power, rewrite, sub, times
from symbp.network.numbers import Rounding
from symbp.network.reader import read
from symbp.network.spec import NetworkSpec
from symbp.proof.certify import certify
from symbp.publishing.document import Document
from symbp.publishing.plot import COLUMNS, Curve, figures, scale_of
from symbp.publishing.render import render

MAZUR = """
learning_rate = 0.5
train_bias = false
inputs = 2
[[layers]]
units = 2
weights = [[0.15, 0.20], [0.25, 0.30]]
bias = 0.35
[[layers]]
units = 2
weights = [[0.40, 0.45], [0.50, 0.55]]
bias = 0.60
[[samples]]
inputs = [0.05, 0.10]
targets = [0.01, 0.99]
"""
BATCH = """
learning_rate = 0.5
reduction = "mean"
weight_decay = 0.01
inputs = 2
[[layers]]
units = 2
weights = [[0.1, 0.2], [0.3, -0.4]]
bias = [0.1, 0.2]
[[layers]]
units = 1
weights = [[0.5, -0.6]]
bias = [0.1]
[[samples]]
inputs = [1, 0]
targets = [1]
[[samples]]
inputs = [0, 1]
targets = [0]
[[samples]]
inputs = [1, 1]
targets = [0.5]
"""
RECURRENT = """
learning_rate = 0.1
inputs = 1
[recurrent]
units = 2
activation = "tanh"
input_weights = [[0.5], [-0.3]]
recurrent_weights = [[0.1, 0.2], [-0.4, 0.3]]
bias = [0.1, 0]
[[layers]]
units = 1
activation = "identity"
weights = [[0.7, -0.2]]
bias = 0.1
[[samples]]
inputs = [[1], [0.5], [-1]]
targets = [[0], [0.2], [0.3]]
"""
NETWORKS = {"mazur": MAZUR, "batch": BATCH, "recurrent": RECURRENT}
OPTIMIZERS = {
    "gradient_descent": "",
    "momentum": 'optimizer = "momentum"\nmomentum = 0.8\n',
    "adam": 'optimizer = "adam"\nbeta1 = 0.85\nbeta2 = 0.99\nepsilon = 0.000001\n',
}


def spec_of(network: str, optimizer: str = "gradient_descent", extra: str = "") -> NetworkSpec:
    return read(OPTIMIZERS[optimizer] + extra + NETWORKS[network], network)


def written(folder: Path, network: str, optimizer: str = "gradient_descent", extra: str = "") -> str:
    path = folder / "network.toml"
    path.write_text(OPTIMIZERS[optimizer] + extra + NETWORKS[network], "utf-8")
    return str(path)


# -- the same in floats, by another way --------------------------------------------------------------------------------

Vector = Any
Error = Callable[[Vector], Any]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


SAMPLES = (((1, 0), 1), ((0, 1), 0), ((1, 1), 0.5))


def sample_error(w: Vector, sample: int) -> Any:
    """Of BATCH: w1 to w4, two biases, w5 and w6, a bias."""
    x, t = SAMPLES[sample]
    hidden = sigmoid(w[0:4].reshape(2, 2) @ np.array(x) + w[4:6])
    return (t - sigmoid(w[6:8] @ hidden + w[8])) ** 2 / 2


def decay(w: Vector) -> Any:
    return 0.01 / 2 * (np.sum(w[0:4] ** 2) + np.sum(w[6:8] ** 2))


def slope(error: Error, w: Vector) -> Vector:
    """The gradient by the complex step: it needs no derivative rule, and loses no digits."""
    found = np.zeros(len(w))
    for at in range(len(w)):
        moved = w.astype(complex)
        moved[at] += 1e-30j
        found[at] = error(moved).imag / 1e-30
    return found


def start_of(spec: NetworkSpec) -> Vector:
    return np.array([float(spec.values[p]) for p in spec.trained])


def test_online_with_one_sample_is_batch() -> None:
    online, batch = (certify(train(spec_of("mazur", "adam", extra), Rounding(6), 3)) for extra in ('training = "online"\n', ""))
    assert [v.shown for v in online.derivation.values()] == [v.shown for v in batch.derivation.values()]


def test_the_first_pass_is_tabulated_sample_by_sample() -> None:
    spec = spec_of("batch", extra='training = "online"\n')
    checked = certify(derive(spec, Rounding(10)))
    w = start_of(spec)
    table = next(part for part in parts(checked.derivation) if isinstance(part, Table) and part.key == "pass")
    columns = list(zip(*table.rows, strict=True))[1:]
    assert table.samples == (1, 2, 3)
    for p, column in enumerate(columns):
        assert float(column[0].shown) == pytest.approx(float(sample_error(w, p)), rel=1e-9)  # type: ignore[union-attr]
        w = w - 0.5 * slope(lambda w, p=p: sample_error(w, p) + decay(w), w)
        assert [float(cell.shown) for cell in column[1:]] == pytest.approx(list(w), rel=1e-9)  # type: ignore[union-attr]


def test_adam_moves_first_by_the_rate_whatever_the_gradient(tmp_path: Path) -> None:
    """|eta m^ / (sqrt(v^) + eps)| = eta |g| / (|g| + eps) at the first update."""
    trained = symbp.train(written(tmp_path, "recurrent", "adam"), steps=1)
    before = {trained.spec.vocabulary.canonical(p): float(v) for p, v in trained.spec.values.items()}
    moved = [abs(value - before[name]) for name, value in trained.parameters.items()]
    assert max(moved) == pytest.approx(0.1, rel=1e-3)


# -- what certification refuses ----------------------------------------------------------------------------------------


def parts(derivation: Derivation) -> list[Any]:
    return [part for section in derivation.sections for part in section.parts]


def mended(derivation: Derivation, old: object, new: object) -> Derivation:
    def mend(section: Section) -> Section:
        return replace(section, parts=tuple(new if part is old else part for part in section.parts))  # type: ignore[misc]

    return replace(derivation, sections=tuple(mend(section) for section in derivation.sections))


CASES = [("mazur", "momentum", ""), ("batch", "adam", ""), ("batch", "momentum", 'training = "online"\n'), ("recurrent", "adam", "")]


def of_kind(derivation: Derivation, kind: str) -> tuple[Display, Step]:
    return next(
        (part, step)
        for part in parts(derivation)
        if isinstance(part, Display)
        for step in part.steps
        if isinstance(step.lhs, Var) and step.lhs.kind == kind and step.lhs.step
    )


def wrong(form: Any, kind: str) -> Any:
    """The update's formula with one thing in it changed, which makes it another rule."""
    match kind:
        case "second_moment":
            return rewrite(form, lambda part: part.args[0] if getattr(part, "op", "") == "pow" else part)
        case "first_corrected":
            return frac(form.args[0], sub(ONE, Var("beta2")))
        case "second_corrected":
            return frac(form.args[0], sub(ONE, power(Var("beta2"), number(2))))
    return times(number(2), form)


@pytest.mark.parametrize(
    ("optimizer", "kind"),
    [
        *(("momentum", kind) for kind in ("velocity", "weight")),
        *(("adam", kind) for kind in ("first_moment", "second_moment", "first_corrected", "second_corrected", "weight")),
    ],
)
def test_a_changed_rule_is_refuted(optimizer: str, kind: str) -> None:
    derivation = derive(spec_of("mazur", optimizer), Rounding(6))
    display, step = of_kind(derivation, kind)
    first, *others = step.chain
    changed = replace(step, chain=(replace(first, form=wrong(first.form, kind)), *others))
    steps = tuple(changed if s is step else s for s in display.steps)
    with pytest.raises(StepRefuted):
        certify(mended(derivation, display, replace(display, steps=steps)))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_gradient_of_a_sample_is_proved_not_said(reduction: str) -> None:
    """dE^(1)/dw = sum over the uses with sample 1: proved exactly, and refuted for the whole batch."""
    spec = read('training = "online"\n' + BATCH.replace("mean", reduction), "online")
    derivation = derive(spec, Rounding(6))
    display, step = next(
        (part, s)
        for part in parts(derivation)
        if isinstance(part, Display)
        for s in part.steps
        if s.chain and s.chain[0].rule == "share_of_sample"
    )
    assert certify(derivation).counts()["agrees"] == 0
    whole = replace(step, chain=(replace(step.chain[0], form=sub(step.chain[0].form, Var("weight_decay"))), *step.chain[1:]))
    with pytest.raises(StepRefuted):
        certify(mended(derivation, display, replace(display, steps=tuple(whole if s is step else s for s in display.steps))))


# -- what does not go together -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("optimizer", "extra"), [("momentum", ""), ("adam", "")])
def test_output_first_is_for_gradient_descent_alone(tmp_path: Path, optimizer: str, extra: str) -> None:
    with pytest.raises(SymbpError, match="output_first"):
        symbp.derive(written(tmp_path, "mazur", optimizer, extra), update="output_first")


def test_online_and_sparsity_do_not_go_together() -> None:
    text = 'training = "online"\nsparsity = { rho = 0.1, beta = 3 }\n' + BATCH
    with pytest.raises(SymbpError, match="sparsity"):
        derive(read(text, "sparse"), Rounding(6))


def test_a_division_by_zero_is_said_not_printed() -> None:
    """Without epsilon Adam divides 0 by 0 where a gradient is 0, here of an input that is 0."""
    text = 'optimizer = "adam"\nepsilon = 0\n' + MAZUR.replace("0.05, 0.10", "0, 0.10")
    with pytest.raises(SymbpError, match="divided by 0"):
        derive(read(text, "zero"), Rounding(6))


def test_a_unit_that_is_thrown_far_away_passes_on_nothing() -> None:
    """After one step net is about -7e22, so that out is 0 and E = t^2 / 2; e^(7e22) itself could not be printed."""
    text = "learning_rate = 0.25\ninputs = 1\n[[layers]]\nunits = 1\nweights = [[0.5]]\nbias = [0.125]\n[[layers]]\nunits = 1\n"
    text += 'activation = "identity"\nweights = [[1e12]]\nbias = false\n[[samples]]\ninputs = [1]\ntargets = [0.125]\n'
    checked = certify(train(read(text, "far"), Rounding(6), 1))
    errors = next(part for part in parts(checked.derivation) if isinstance(part, Table) and part.key == "errors")
    assert [cell.shown for _, cell in errors.rows][1] == "0.00781250"  # type: ignore[union-attr, misc]


def test_an_error_that_goes_to_zero_does_not_diverge() -> None:
    """w -> w - 0.9 w, so that E = w^2 / 2 falls by 100 at each step: far below what a float holds."""
    text = 'learning_rate = 0.9\ninputs = 1\n[[layers]]\nunits = 1\nactivation = "identity"\nweights = [[1]]\nbias = false\n'
    spec = read(text + "[[samples]]\ninputs = [1]\ntargets = [0]\n", "line")
    checked = certify(train(spec, Rounding(6), 6100))
    errors = {n: v.shown for part in parts(checked.derivation) if isinstance(part, Table) and part.key == "errors" for n, v in part.rows}  # type: ignore[union-attr, misc]
    assert errors[0] == "0.5"
    assert errors[1] == "0.005"
    assert errors[6100] == "5.00000e-12201"
    for name in ("txt", "md", "tex"):
        assert render(Document.of(checked), name)


def test_a_symbolic_network_is_not_trained_but_its_rule_is_shown(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^weights = .*\n|^bias = .*\n|\[\[samples\]\](.|\n)*", "", OPTIMIZERS["adam"] + MAZUR)
    path = tmp_path / "n.toml"
    path.write_text(text, "utf-8")
    assert "m̂" in symbp.derive(path).render()
    with pytest.raises(SymbpError, match="without numbers"):
        symbp.train(path, steps=2)


# -- documents ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", ["mazur", "ufldl", "nielsen", "ng", "bishop", "goodfellow"])
@pytest.mark.parametrize(("network", "optimizer", "extra"), CASES)
def test_every_document_of_a_training_can_be_had(tmp_path: Path, network: str, optimizer: str, extra: str, notation: str) -> None:
    trained = symbp.train(written(tmp_path, network, optimizer, extra), steps=7, notation=notation)
    for text in (trained.render("txt"), trained.table()):
        assert max(map(len, text.splitlines())) <= 80
    assert re.search(r"```text\n error|```text\n\s*error", trained.render("md"))
    assert r"\usepackage{tikz}" in trained.render("tex")
    found = json.loads(trained.render("json"))["records"]
    assert len([r for r in found if r["kind"] == "trained"]) == len(trained.spec.trained)
    assert [float(r["value"]) for r in found if r["kind"] == "error_after"] == pytest.approx(trained.errors[1:], rel=1e-5)


def test_what_is_kept_for_a_parameter_reads_back_in_every_notation() -> None:
    for notation in ("mazur", "ufldl", "nielsen", "ng", "bishop", "goodfellow", "rumelhart"):
        for network, optimizer, extra in CASES:
            spec = spec_of(network, optimizer, extra).with_options(notation)
            kept = [v for v in spec.vocabulary.variables() if isinstance(v.owner, Var)]
            assert kept
            assert [spec.speller.read(spec.speller.ascii(v)) for v in kept] == kept


def curve(*errors: float) -> Curve:
    return Curve.of([(n, Decimal(repr(error))) for n, error in enumerate(errors)])


@pytest.mark.parametrize(
    ("values", "is_log", "ticks"),
    [
        ((0.3, 0.02), False, ["0.0", "0.1", "0.2", "0.3"]),
        ((0.3, 0.00002), True, ["0.00001", "0.0001", "0.001", "0.01", "0.1", "1"]),
        ((0.3, 0.0), False, ["0.0", "0.1", "0.2", "0.3"]),
        ((-1, 0.5), False, ["-1.0", "-0.5", "0.0", "0.5"]),
        ((2, 2), False, ["2.0", "2.5"]),
        ((1e-300, 1e300), True, None),
        ((0, 0), False, None),
    ],
)
def test_a_scale_reaches_around_its_numbers(values: tuple[float, ...], is_log: bool, ticks: list[str] | None) -> None:
    numbers = [Decimal(repr(v)) for v in values]
    scale = scale_of(numbers)
    assert scale.is_log == is_log
    assert all(-1e-9 <= scale.share(x) <= 1 + 1e-9 for x in numbers)
    assert 2 <= len(scale.ticks) <= 8
    if ticks is not None:
        assert figures(scale) == ticks


def test_a_curve_of_many_steps_is_thinned() -> None:
    assert curve_steps(7) == tuple(range(8))
    steps = curve_steps(1_000_000)
    assert steps[0] == 0
    assert steps[-1] == 1_000_000
    assert len(steps) < 140
    assert shown_steps(7, 3) == (0, 3, 6, 7)
    assert after_sample(Var("weight"), 2) == Var("weight", sample=2, step=1)
    assert COLUMNS < 70
    assert len(curve(1, 2).shares()) == 2
