"""Notebooks: valid, the same twice, and every one of them runs and checks itself."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest

import symbp
from executed import executed
from symbp.language.form import ARGUMENT, Form, cases, exp, frac, number, power, sub, times
from symbp.network.calculus import fold
from symbp.network.forward import forward
from symbp.network.numbers import HighPrecision
from symbp.network.reader import load
from symbp.publishing.notebook import notebook
from symbp.publishing.python_code import Code, PythonAlgebra, forward_code, identifiers, literal

OWN = """
title = 'Ein $x_1$ <b>Netz</b> 反向传播'
#%% code evil
# raise SystemExit
notation = "../notations/mine.toml"   # beside the file
loss = "(t - o)^4 / 4"
learning_rate = 0.5
weight_decay = 0.1
inputs = ["x", "lambda"]
[[layers]]
units = ["alpha", "beta"]
activation = "x / (1 + abs(x))"
weights = [[0.5, -0.3], [0.2, 0.4]]
bias = [0.1, -0.2]
[[layers]]
units = ["yes"]
activation = "relu"
weights = [[0.6, -0.5]]
bias = [0.3]
[[samples]]
inputs = [1, 0.5]
targets = [1]
[[samples]]
inputs = [0, 0.25]
targets = [1]
"""
NOTATION = 'base = "mazur"\n[patterns]\nnet = "s_{unit}"\n'
KINK = """
learning_rate = 0.5
inputs = 1
[[layers]]
units = 1
activation = "relu"
weights = [[0.5]]
bias = [-0.5]
[[samples]]
inputs = [1]
targets = [1]
"""


def read(text: str) -> Any:
    found = nbformat.reads(text, as_version=4)
    nbformat.validate(found)
    return found


def code(found: Any) -> str:
    return "\n\n".join(cell.source for cell in found.cells if cell.cell_type == "code")


@cache
def text_of(name: str) -> str:
    return symbp.derive(name).render("ipynb")


def own_network(folder: Path) -> Path:
    (folder / "networks").mkdir()
    (folder / "notations").mkdir()
    (folder / "notations" / "mine.toml").write_text(NOTATION, "utf-8")
    path = folder / "networks" / "net.toml"
    path.write_text(OWN, "utf-8")
    return path


def texts(folder: Path) -> dict[str, str]:
    """A notebook of each kind; the files of those that had any are gone."""
    kink, own = folder / "kink.toml", own_network(folder)
    kink.write_text(KINK, "utf-8")
    found = {name: text_of(name) for name in ("mazur", "2-3-1:tanh,sigmoid", "softmax", "xor", "recurrent", "general", "layer:dense")}
    found["own"] = symbp.derive(own).render("ipynb")
    found["kink"] = symbp.derive(kink, digits=12).render("ipynb")
    found["notation"] = symbp.derive("neuron", notation=str(folder / "notations" / "mine.toml"), weights=["w2"]).render("ipynb")
    found["trained"] = symbp.train("neuron", steps=30, every=10, decimals=4).render("ipynb")
    for path in (kink, own, folder / "notations" / "mine.toml"):
        path.unlink()
    return found


MUTANTS = {
    '"w5": mpf("0.4")': '"w5": mpf("0.41")',
    "net_o1 = w5 * out_h1": "net_o1 = w6 * out_h1",
    'eta = mpf("0.5")': 'eta = mpf("0.6")',
    'derived.gradient(record["parameter"])': 'derived.gradient("w5")',
}
"""What stands in Mazur's notebook once, and what would be wrong there."""


def mutant(old: str, new: str) -> str:
    """Mazur's notebook with something wrong in it."""
    found = read(text_of("mazur"))
    cells = [cell for cell in found.cells if old in cell.source]
    assert len(cells) == 1
    cells[0].source = cells[0].source.replace(old, new)
    return nbformat.writes(found)


def test_every_notebook_runs_and_fails_where_something_is_wrong(tmp_path: Path) -> None:
    kinds = texts(tmp_path)
    ran = executed(kinds | {old: mutant(old, new) for old, new in MUTANTS.items()})
    assert {name: found["error"] for name, found in ran.items()} == dict.fromkeys(kinds, "") | dict.fromkeys(MUTANTS, "AssertionError")
    codes = {name: [cell for cell in ran[name]["cells"] if cell["cell_type"] == "code"] for name in kinds}
    assert all(cell["execution_count"] for cells in codes.values() for cell in cells)
    printed = {name: "".join(o.get("text", "") for cell in cells for o in cell["outputs"]) for name, cells in codes.items()}
    assert re.search(r"out_o1 +0\.751365069552 +0\.751365\n", printed["mazur"])
    assert re.search(r"w5 +0\.0821670405642 +0\.0821670405642\n", printed["mazur"])
    assert "at a kink: one-sided" in printed["kink"]
    assert any("image/png" in o.get("data", {}) for cell in codes["mazur"] for o in cell["outputs"])


def test_a_notebook_has_what_the_document_has() -> None:
    """All text of the Markdown in its order, and nothing else in Markdown cells."""
    for name in ("mazur", "general"):
        cells = [cell.source for cell in read(text_of(name)).cells if cell.cell_type == "markdown"]
        text = re.sub(r"!\[.*\]\(attachment:.*\)\n\n.*\n\n", "", "\n\n".join(cells) + "\n")
        assert text == symbp.derive(name).render("md")


def test_it_is_the_same_twice_and_has_no_outputs() -> None:
    again = symbp.derive("mazur").render("ipynb")
    assert again == text_of("mazur")
    found = read(again)
    assert (found.nbformat, found.nbformat_minor) == (4, 5)
    assert found.metadata.kernelspec.name == "python3"
    assert all(cell.outputs == [] and cell.execution_count is None for cell in found.cells if cell.cell_type == "code")
    assert len({cell.id for cell in found.cells}) == len(found.cells)


def test_cells_keep_their_names_when_others_are_added() -> None:
    brief, full = ({cell.id for cell in read(symbp.derive("mazur", appendix=a).render("ipynb")).cells} for a in ("none", "all"))
    assert {"setup", "network", "plain-python", "check-gradients"} <= brief < full


def test_options_are_those_of_the_call() -> None:
    text = code(read(symbp.derive("mazur", digits=9, update="output_first", weights=["w1"]).render("ipynb")))
    assert 'symbp.derive(network, digits=9, update="output_first", weights=("w1",))' in text
    assert 'symbp.train(network, steps=100, update="output_first")' in text
    assert "# One step by hand" not in text
    assert 'derived.gradient("w1")' in text


def test_a_users_text_is_never_a_cell(tmp_path: Path) -> None:
    found = read(symbp.derive(own_network(tmp_path)).render("ipynb"))
    assert not any("evil" in cell.id for cell in found.cells)
    assert found.cells[0].source == r"# Ein &#36;x\_1&#36; &lt;b&gt;Netz&lt;/b&gt; 反向传播"
    setup = next(cell.source for cell in found.cells if cell.id == "setup")
    assert compile(setup, "setup", "exec")
    assert "evil" in setup


def test_a_handout_and_a_part_have_no_code(tmp_path: Path) -> None:
    for path in symbp.derive("mazur").save(tmp_path / "m.ipynb", blanks=5):
        assert code(read(path.read_text("utf-8"))) == ""
    assert code(read(symbp.derive("mazur").render("ipynb", only=("error",)))) == ""


def test_pictures_are_attachments() -> None:
    svg = "<svg xmlns='http://www.w3.org/2000/svg'/>"
    found = read(notebook(f"#%% markdown a\n![it](attachment:net.svg)\n#%% figure net.svg\n{svg}\n#%% more a\ntext\n#%% code b\n1\n"))
    assert found.cells[0].source == "![it](attachment:net.svg)\n\ntext"
    assert [cell.id for cell in found.cells] == ["a", "b"]
    assert list(found.cells[0].attachments) == ["net.svg"]
    assert list(found.cells[0].attachments["net.svg"]) == ["image/svg+xml"]


# -- Python ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mazur", "softmax", "xor", "recurrent", "relu", "convolution", "skip", "autoencoder"])
def test_the_forward_pass_in_python_is_that_of_the_program(name: str) -> None:
    from mpmath import mp

    spec = load(name)
    program = forward(spec)
    names = identifiers(dict.fromkeys((*program.free, *program.forms)), spec.vocabulary)
    written = forward_code(program.bindings, names)
    algebra = HighPrecision(40)
    point = algebra.point({var: spec.data[var] for var in program.free})
    with mp.workdps(40):
        scope: dict[str, Any] = {names[var]: mp.mpf(str(value)) for var, value in point.items()}
        exec("\n".join([f"from mpmath import {', '.join(['mpf', *written.imports])}", *written.functions, *written.lines]), scope)
        for var, value in program.evaluate(point, algebra).items():
            assert abs(scope[names[var]] - mp.mpf(str(value))) < 1e-30, names[var]


def test_expressions_keep_their_brackets() -> None:
    def written(node: Any) -> str:
        found: Code = fold(node, PythonAlgebra(), lambda var: Code("x"))
        return found.text

    x = ARGUMENT
    assert written(frac(number(1), number(3))) == "mpf(1) / 3"
    assert written(times(number(2), sub(x, number(1)))) == "2 * (x - 1)"
    assert written(sub(x, sub(x, number(1)))) == "x - (x - 1)"
    assert written(power(Form("neg", (x,)), number(2))) == "(-x) ** 2"
    assert written(frac(x, times(x, x))) == "x / (x * x)"
    assert written(times(number(2), cases(x, x, exp(x)))) == "2 * (x if x > 0 else exp(x))"


@pytest.mark.parametrize("text", ["a", "a\nb\n", 'a\n"""\nb', "a\n#%% code x\nb", "\\n\n'", 'ends with "\n"', "反\n\u2028", "反\nb"])
def test_literals_are_read_back_and_open_no_cell(text: str) -> None:
    assert eval(literal(text)) == text
    assert not re.search(r"^#%%", literal(text), re.MULTILINE)
