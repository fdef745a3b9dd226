"""Training: the optimizers and online updates against float64 loops over the reference's gradients; what is refuted."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from reference import Network as Reference
from reference import read as read_reference

import symbp
from consumers import compile_latex, require
from symbp.api import TrainedNetwork
from symbp.cli import main
from symbp.derivation.derive import train as build
from symbp.derivation.steps import Cell, Derivation, Part, Plot, Say, Table
from symbp.errors import StepRefuted, SymbpError
from symbp.language.form import Value
from symbp.network.numbers import Rounding
from symbp.network.reader import read
from symbp.proof.certify import certify

STEPS = 50
NEAR = 1e-9
WIDTH = 80
"""The columns of a terminal."""


def example_text(name: str) -> str:
    return (files("symbp.examples") / f"{name}.toml").read_text("utf-8")


LAYERED = """
learning_rate = 0.3
{top}
inputs = 2
[[layers]]
units = 2
activation = "tanh"
weights = [[0.15, -0.2], [0.25, 0.3]]
bias = 0.35
[[layers]]
units = 1
weights = [[0.4, -0.45]]
bias = [0.6]
[[samples]]
inputs = [0.5, 1]
targets = [0.1]
"""
BATCH = (
    """
reduction = "mean"
weight_decay = 0.01
"""
    + LAYERED
    + """
[[samples]]
inputs = [-1, 0.25]
targets = [0.8]
[[samples]]
inputs = [0.75, -0.5]
targets = [0.4]
"""
)
RECURRENT = "{top}\n" + example_text("recurrent")
FILES = {"layered": LAYERED, "batch": BATCH, "recurrent": RECURRENT}
TOPS = {
    "gradient_descent": "",
    "momentum": 'optimizer = "momentum"\nmomentum = 0.8',
    "adam": 'optimizer = "adam"\nbeta1 = 0.85\nbeta2 = 0.99\nepsilon = 1e-6',
}
ONLINE = 'training = "online"\n'


def text_of(name: str, optimizer: str, more: str = "") -> str:
    return FILES[name].replace("{top}", more + TOPS[optimizer])


def trained(text: str, directory: Path, steps: int) -> TrainedNetwork:
    file = directory / "network.toml"
    file.write_text(text, "utf-8")
    return symbp.train(file, steps=steps)


# -- a loop of its own -------------------------------------------------------------------------------------------------


def at(network: Reference, point: Mapping[str, float]) -> Reference:
    """The network with other parameters: a float64 is a Decimal exactly."""
    return replace(network, values={name: Decimal(value) for name, value in point.items()})


def alone(network: Reference, sample: int) -> Reference:
    """The network whose error is that of one sample, with the penalties; not divided by the number of samples."""
    return replace(network, table={**network.table, "samples": [network.table["samples"][sample]], "reduction": "sum"})


class Loop:
    """One optimizer with what it remembers, in plain floats."""

    def __init__(self, network: Reference) -> None:
        self.network, self.table = network, network.table
        self.rate = float(self.table["learning_rate"])
        self.one = dict.fromkeys(network.values, 0.0)
        self.two = dict.fromkeys(network.values, 0.0)
        self.count = 0

    def moved(self, point: Mapping[str, float], slopes: Mapping[str, float]) -> dict[str, float]:
        self.count += 1
        still = self.network.biases if not self.table.get("train_bias", True) else frozenset()
        return {name: value if name in still else value + self._change(name, slopes[name]) for name, value in point.items()}

    def _change(self, name: str, slope: float) -> float:
        match self.table.get("optimizer", "gradient_descent"):
            case "momentum":
                self.one[name] = float(self.table["momentum"]) * self.one[name] - self.rate * slope
                return self.one[name]
            case "adam":
                beta1, beta2 = float(self.table["beta1"]), float(self.table["beta2"])
                self.one[name] = beta1 * self.one[name] + (1 - beta1) * slope
                self.two[name] = beta2 * self.two[name] + (1 - beta2) * slope**2
                mean, square = self.one[name] / (1 - beta1**self.count), self.two[name] / (1 - beta2**self.count)
                return -self.rate * mean / (math.sqrt(square) + float(self.table["epsilon"]))
        return -self.rate * slope

    def run(self, steps: int) -> Iterator[tuple[float, dict[str, float]]]:
        """The error and the parameters before the first step and after each."""
        point = {name: float(value) for name, value in self.network.values.items()}
        parts = [self.network]
        if self.table.get("training") == "online":
            parts = [alone(self.network, p) for p in range(len(self.table["samples"]))]
        yield self.network.error(), point
        for _ in range(steps):
            for part in parts:
                point = self.moved(point, at(part, point).gradients("autograd"))
            yield at(self.network, point).error(), point


def agree(found: TrainedNetwork, text: str, steps: int) -> None:
    every = list(Loop(read_reference(text)).run(steps))
    assert found.errors == pytest.approx([error for error, _ in every], rel=0, abs=NEAR)
    assert found.parameters == pytest.approx(every[-1][1], rel=0, abs=NEAR)


@pytest.mark.parametrize("optimizer", TOPS)
@pytest.mark.parametrize("name", FILES)
def test_an_optimizer_does_what_a_loop_in_floats_does(name: str, optimizer: str, tmp_path: Path) -> None:
    text = text_of(name, optimizer)
    agree(trained(text, tmp_path, STEPS), text, STEPS)


@pytest.mark.parametrize("steps", [1, 5])
@pytest.mark.parametrize("optimizer", TOPS)
def test_online_training_takes_the_error_of_one_sample_at_a_time(optimizer: str, steps: int, tmp_path: Path) -> None:
    text = text_of("batch", optimizer, ONLINE)
    agree(trained(text, tmp_path, steps), text, steps)


def test_biases_stay_where_they_are_not_trained(tmp_path: Path) -> None:
    text = text_of("batch", "momentum", "train_bias = false\n" + ONLINE)
    found = trained(text, tmp_path, 5)
    agree(found, text, 5)
    assert {name: found.parameters[name] for name in ("b1", "b_o1")} == {"b1": 0.35, "b_o1": 0.6}


def test_the_published_example() -> None:
    """Mazur's biases stay as they are."""
    assert symbp.train("mazur", steps=1).errors == pytest.approx((0.298371109, 0.291027774), abs=5e-10)


@pytest.mark.parametrize(("biases", "error"), [("shared", 0.285750887), ("own", 0.280471447)])
def test_the_published_example_with_its_biases(biases: str, error: float, tmp_path: Path) -> None:
    """0.280471 is known where every unit has a bias of its own; one that a layer shares has the sum of their gradients."""
    text = example_text("mazur").replace("train_bias = false\n", "")
    if biases == "own":
        text = text.replace("bias = 0.35", "bias = [0.35, 0.35]").replace("bias = 0.60", "bias = [0.60, 0.60]")
    found = trained(text, tmp_path, 1)
    agree(found, text, 1)
    assert found.errors[1] == pytest.approx(error, abs=5e-10)


# -- what is refuted ---------------------------------------------------------------------------------------------------


@cache
def derivation(optimizer: str, *, online: bool = False) -> Derivation:
    return build(read(text_of("batch", optimizer, ONLINE if online else ""), "here"), Rounding(6), 6)


def with_last_digit_changed(value: Value) -> Value:
    """Its last significant digit raised by one, or 9 lowered."""
    mantissa, e, exponent = value.shown.partition("e")
    last = mantissa[-1]
    return replace(value, shown=mantissa[:-1] + ("8" if last == "9" else str(int(last) + 1)) + e + exponent)


def tampered(cells: tuple[Cell | tuple[Cell, ...], ...]) -> Iterator[tuple[Cell | tuple[Cell, ...], ...]]:
    """The row with one of its numbers changed, for each of its numbers."""
    for k, cell in enumerate(cells):
        if isinstance(cell, Value):
            yield (*cells[:k], with_last_digit_changed(cell), *cells[k + 1 :])


def in_place_of(whole: Derivation, old: Part, new: Part) -> Derivation:
    sections = [replace(s, parts=tuple(new if part is old else part for part in s.parts)) for s in whole.sections]
    return replace(whole, sections=tuple(sections))


def part_of(whole: Derivation, key: str) -> Table | Plot:
    found = [part for section in whole.sections for part in section.parts if isinstance(part, Table | Plot) and part.key == key]
    return found[0]


TABLES = [
    ("gradient_descent", False, "updates"),
    ("momentum", False, "momentum_updates"),
    ("adam", False, "moments"),
    ("adam", False, "adam_updates"),
    ("gradient_descent", True, "pass"),
    ("momentum", False, "errors"),
    ("momentum", False, "outputs"),
    ("momentum", False, "parameters"),
]


@pytest.mark.parametrize(("optimizer", "online", "key"), TABLES)
def test_a_number_changed_in_a_table_is_refuted(optimizer: str, online: bool, key: str) -> None:
    whole = derivation(optimizer, online=online)
    table = part_of(whole, key)
    assert isinstance(table, Table)
    row = table.rows[1]
    assert any(isinstance(cell, Value) for cell in row)
    *_, changed = tampered(row)
    rows = (table.rows[0], changed, *table.rows[2:])
    with pytest.raises(StepRefuted, match="stands for"):
        certify(in_place_of(whole, table, replace(table, rows=rows)))


@pytest.mark.parametrize(("optimizer", "online", "key"), TABLES)
def test_rows_exchanged_are_refuted(optimizer: str, online: bool, key: str) -> None:
    whole = derivation(optimizer, online=online)
    table = part_of(whole, key)
    assert isinstance(table, Table)
    (first, *one), (second, *two), *rest = table.rows
    with pytest.raises(StepRefuted, match="do not belong"):
        certify(in_place_of(whole, table, replace(table, rows=((first, *two), (second, *one), *rest))))


def test_a_changed_curve_is_refuted() -> None:
    whole = derivation("momentum")
    plot = part_of(whole, "error_curve")
    assert isinstance(plot, Plot)
    (n, value), *rest = plot.points
    lies = {
        "stands for": ((n, with_last_digit_changed(value)), *rest),
        "not the error after": ((n, rest[0][1]), (rest[0][0], value), *rest[1:]),
        "in their order": plot.points[:-1],
    }
    for message, points in lies.items():
        with pytest.raises(StepRefuted, match=message):
            certify(in_place_of(whole, plot, replace(plot, points=points)))
    with pytest.raises(StepRefuted, match="error_curve"):
        certify(in_place_of(whole, plot, replace(plot, names={**plot.names, "last": plot.names["first"]})))


def test_a_sentence_about_another_training_is_refuted() -> None:
    whole = derivation("momentum")
    say = next(part for section in whole.sections for part in section.parts if isinstance(part, Say) and part.key == "iterated")
    for lie in ({"steps": 7}, {"optimizer": "adam"}, {"is_online": 1}):
        with pytest.raises(StepRefuted, match="iterated"):
            certify(in_place_of(whole, say, replace(say, names={**say.names, **lie})))


def test_what_is_not_tampered_with_is_certified() -> None:
    for optimizer, online in {(optimizer, online) for optimizer, online, _ in TABLES}:
        certify(derivation(optimizer, online=online))


# -- the command line --------------------------------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["train", *arguments])


def steps_shown(text: str) -> list[int]:
    lines = text.partition("error\n")[2].splitlines()[1:]
    rows = [line.split() for line in lines[: lines.index("")]]
    return [int(first) for first, _ in rows]


def test_the_table_is_printed_by_default() -> None:
    text = run("neuron", "--steps", "100").stdout
    assert steps_shown(text) == [0, 1, 2, 5, 10, 20, 50, 100]
    assert "after 100 steps" in text
    assert "⣀" not in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_every_says_which_steps_are_shown() -> None:
    assert steps_shown(run("neuron", "--steps", "10", "--every", "4").stdout) == [0, 4, 8, 10]
    assert steps_shown(run("neuron", "--steps", "3", "--every", "7").stdout) == [0, 3]


def test_a_document_is_written_in_each_format(tmp_path: Path) -> None:
    result = run("neuron", "--steps", "30", *(f"--to={name}" for name in ("tex", "md", "txt", "json")), "-o", f"{tmp_path}/")
    assert result.exit_code == 0, result.output
    texts = {name: (tmp_path / f"neuron.{name}").read_text("utf-8") for name in ("tex", "md", "txt", "json")}
    assert r"\begin{tikzpicture}" in texts["tex"]
    assert r"\usepackage{tikz}" in texts["tex"]
    assert "┤⠉" in texts["txt"] or "┤⡀" in texts["txt"] or "⠑" in texts["txt"]
    assert "error" in texts["md"]
    assert "\\draw" not in texts["md"]
    assert json.loads(texts["json"])
    assert "](neuron.error_curve.svg)" in texts["md"]
    assert (tmp_path / "neuron.error_curve.svg").read_text("utf-8").startswith("<?xml")
    printed = run("neuron", "--steps", "30", "--to", "md").stdout
    assert "svg" not in printed
    assert "```text" in printed


NO_RATE = example_text("neuron").replace("learning_rate = 0.5\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no_rate.toml", "--steps", "3"), "learning rate"),
        (("2-2-1", "--steps", "3"), "learning rate"),
        (("symbolic.toml", "--steps", "3"), "without numbers"),
        (("neuron", "--steps", "0"), "0 is not in the range"),
        (("neuron", "--steps", "two"), "not a valid integer"),
        (("neuron",), "Missing option '--steps'"),
        (("neuron", "--steps", "3", "--every", "0"), "0 is not in the range"),
        (("neuron", "--steps", "3", "--digits", "0"), "0 is not in the range"),
        (("neuron", "--steps", "3", "--to", "doc"), "'doc' is not one of"),
        (("batch", "--steps", "3", "--update", "output_first"), "one sample"),
        (("neuron", "--steps", "3", "--to", "md", "--to", "tex"), "several formats"),
        (("nothing", "--steps", "3"), "nothing"),
    ],
)
def test_a_bad_option_is_one_clear_line(arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "no_rate.toml").write_text(NO_RATE, "utf-8")
    (tmp_path / "symbolic.toml").write_text("inputs = 1\nlearning_rate = 0.5\n[[layers]]\nunits = 1\n", "utf-8")
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    said = [line for line in result.stderr.splitlines() if line.startswith(("symbp: ", "Error: "))]
    assert len(said) == 1


@pytest.mark.parametrize(("steps", "every"), [(0, None), (-1, None), (3, 0), (10**7, None)])
def test_the_python_interface_refuses_the_same(steps: int, every: int | None) -> None:
    with pytest.raises(SymbpError, match="steps"):
        symbp.train("neuron", steps=steps, every=every)


def test_a_training_that_diverges_is_a_clear_error(tmp_path: Path) -> None:
    text = RECURRENT.replace("{top}", "").replace("learning_rate = 0.1", "learning_rate = 1e9").replace('"tanh"', '"identity"')
    with pytest.raises(SymbpError, match="grows beyond all bounds") as caught:
        trained(text, tmp_path, 60)
    assert "smaller learning_rate" in str(caught.value)


# -- the document ------------------------------------------------------------------------------------------------------


def test_the_text_of_a_document_with_a_curve_fits_a_terminal() -> None:
    text = symbp.train("mazur", steps=300).render("txt")
    assert "on a logarithmic scale" not in text
    assert max(map(len, text.splitlines())) <= WIDTH
    assert max(len(line) for line in text.splitlines() if "┤" in line) > WIDTH // 2


@pytest.mark.parametrize(("optimizer", "online"), [("gradient_descent", True), ("momentum", False), ("adam", False)])
def test_a_document_with_a_curve_compiles(optimizer: str, online: bool, tmp_path: Path) -> None:
    require("pdflatex")
    text = text_of("batch", optimizer, ONLINE if online else "")
    source = trained(text, tmp_path, 40).render("tex")
    assert r"\end{tikzpicture}" in source
    assert compile_latex(source, tmp_path / "out").pdf.stat().st_size > 0
