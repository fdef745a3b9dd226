"""Numbers, labels and references of equations; what can be lifted out of a document; templates of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import symbp
from consumers import compile_latex
from symbp.api_printable import Printable
from symbp.cli import main
from symbp.derivation.steps import Display, Step
from symbp.language.form import Form, Node, Value, Var
from symbp.publishing.formats import FORMATS, Format
from symbp.publishing.lifting import items
from symbp.publishing.numbering import Numbering, coloured, factors_of, slug

NETWORKS = ("mazur", "2-3-1:tanh,sigmoid", "softmax", "skip", "recurrent", "xor", "autoencoder", "shared", "convolution")
NOTATIONS = ("mazur", "ufldl", "nielsen", "ng", "bishop", "rumelhart", "goodfellow")
HOST = r"""\documentclass{article}
\usepackage{amsmath,xcolor,tikz}
\setlength{\textwidth}{16cm}
\begin{document}
\input{one}
\input{two}
By \eqref{a:dE/dw5} and \eqref{b:delta-o1}.
\end{document}
"""


@cache
def derived(network: str, notation: str = "mazur") -> Printable:
    return symbp.derive(network, notation=notation)


def numbering(found: Printable) -> Numbering:
    document = found.document()
    return Numbering.of(document.sections, document.speller)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


# -- numbers and labels --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", NETWORKS)
def test_every_equation_has_a_number_and_a_label_of_its_own(network: str) -> None:
    equations = numbering(derived(network)).equations
    shown = [step for s in derived(network).document().sections for part in s.parts if isinstance(part, Display) for step in part.steps]
    assert [equation.step for equation in equations] == shown
    assert [equation.number for equation in equations] == list(range(1, len(shown) + 1))
    slugs = [slug(equation.label) for equation in equations]
    assert len(set(slugs)) == len(slugs)
    assert all(re.fullmatch(r"[A-Za-z0-9./+':-]+", label) for label in slugs)


def test_labels_stay_when_numbers_move() -> None:
    """With fewer weights, and in another notation, the same equations have the same labels."""
    every = {equation.label: equation.number for equation in numbering(derived("mazur")).equations}
    few = {equation.label: equation.number for equation in numbering(symbp.derive("mazur", weights=("w5", "w1"))).equations}
    assert few.keys() < every.keys()
    assert any(every[label] != number for label, number in few.items())
    concrete = {label for label in every if "^" not in label}
    for notation in NOTATIONS:
        labels = {equation.label for equation in numbering(derived("mazur", notation)).equations}
        assert concrete - labels == set(), notation


@pytest.mark.parametrize("network", NETWORKS)
def test_what_a_line_refers_to_is_what_it_puts_in(network: str) -> None:
    """An equation that is referred to stands before, and its left side has gone from the line or is a delta that has come."""
    found = numbering(derived(network))
    references = 0
    for here in found.equations:
        for at in range(len(here.step.chain)):
            for used in found.used(here.step, at):
                references += 1
                assert used.number < here.number
                assert used.step.lhs not in list(parts(here.step.chain[at].form)) or isinstance(used.step.lhs, Var)
    assert references


def parts(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Form):
        for arg in node.args:
            yield from parts(arg)


@pytest.mark.parametrize("name", [row.name for row in FORMATS.values() if isinstance(row, Format)])
def test_every_number_stands_once_in_every_format(name: str) -> None:
    text = derived("mazur").render(name)
    count = len(numbering(derived("mazur")).equations)
    found = {
        "tex": r"\\label\{symbp:[^}]+\}",
        "beamer": r"\\label\{symbp:[^}]+\}",
        "md": r"\\tag\{\d+\}",
        "txt": r" \(\d+\)$",
        "html": r'class="equation" id="symbp:[^"]+"',
        "typ": r'#number\("symbp:[^"]+"\)',
    }[name]
    assert len(re.findall(found, text, re.MULTILINE)) == count


# -- colours -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", NETWORKS)
def test_colours_change_nothing_but_colours(network: str) -> None:
    """What is coloured is the step itself, with `painted` around some of its nodes; the same factor always in the same colour."""
    factors: dict[Node, int] = {}
    for equation in numbering(derived(network)).equations:
        factors = factors_of(equation.step) or factors
        painted = coloured(equation.step, factors)
        assert bare(painted) == equation.step
        for node in (part for x in painted.chain for part in parts(x.form)):
            match node:
                case Form("painted", (Value(colour), inner)) if inner in factors:
                    assert factors[inner] == int(colour)


def bare(step: Step) -> Step:
    links = tuple(type(x)(x.relation, unpainted(x.form), x.rule) for x in step.chain)
    return Step(unpainted(step.lhs), links, step.every, step.explain)


def unpainted(node: Node) -> Node:
    match node:
        case Form("painted", (_, inner)):
            return unpainted(inner)
        case Form(op, args):
            return Form(op, tuple(map(unpainted, args)))
    return node


@pytest.mark.parametrize("name", ["tex", "md", "html", "typ", "beamer"])
def test_without_colours_there_are_none(name: str) -> None:
    used = {"tex": r"\\textcolor", "beamer": r"\\textcolor", "md": r"\\color", "html": r'class="factor\d', "typ": r"\bf[abc]\("}[name]
    assert re.search(used, derived("mazur").render(name))
    body = derived("mazur").render(name, color=False).split("#let")[-1]
    assert not re.search(used, body)


# -- lifting -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["mazur", "softmax", "recurrent", "xor"])
def test_everything_on_the_list_can_be_lifted(network: str) -> None:
    found = derived(network)
    whole = found.render("txt")
    for item in items(found.document()):
        text = found.render("txt", only=(item.name,))
        if item.kind == "figure":
            assert found.render("tex", only=(item.name,)).count(r"\begin{tikzpicture}") == 1
        if item.kind == "equation":
            assert re.findall(r"\((\d+)\)$", text, re.MULTILINE) == [str(item.number)]
            assert f"({item.number})" in whole


def test_a_list_names_what_only_takes() -> None:
    listed = run("derive", "mazur", "--list").stdout.splitlines()
    names = {line.split()[1] for line in listed}
    assert {"forward", "delta", "dE/dw5", "dE/dw5.chain_rule", "figure.network", "algorithm"} <= names
    assert names == {item.name for item in items(derived("mazur").document())}
    assert all(len(line) <= 100 for line in listed)


def test_no_part_of_json_is_lifted() -> None:
    result = run("derive", "1-1", "--to", "json", "--only", "error")
    assert result.exit_code == 2
    assert "parts are lifted out of documents" in result.stderr


def test_several_parts_come_in_the_order_of_the_document() -> None:
    text = run("derive", "mazur", "--only", "dE/dw5", "--only", "delta_o1", "--only", "error").stdout
    assert text.index("The error") < text.index("δ_o1 =") < text.index("∂E/∂w₅ =")


def test_an_unknown_part_is_named() -> None:
    result = run("derive", "mazur", "--only", "dE/dw55")
    assert result.exit_code == 2
    assert "there is no 'dE/dw55'" in result.stderr
    assert "did you mean 'dE/dw5'" in result.stderr


def test_two_fragments_stand_in_one_document(tmp_path: Path) -> None:
    """A lifted equation and a whole derivation, each with a prefix of its own, and text that refers to both."""
    (tmp_path / "one.tex").write_text(derived("mazur").render("tex", only=("dE/dw5",), prefix="a:"), "utf-8")
    (tmp_path / "two.tex").write_text(derived("mazur").render("tex", fragment=True, prefix="b:"), "utf-8")
    compile_latex(HOST, tmp_path)


def test_what_is_lifted_refers_to_nothing_that_is_not_there() -> None:
    for name in ("delta_h1", "dE/dw5.factors_put_in", "dout_o1/dnet_o1"):
        assert r"\eqref" not in derived("mazur").render("tex", only=(name,))


@pytest.mark.parametrize("prefix", ["a b", "}", "\\x", "#"])
def test_a_prefix_that_no_label_has_is_refused(prefix: str) -> None:
    result = run("derive", "mazur", "--to", "tex", "--label-prefix", prefix)
    assert result.exit_code == 2
    assert "cannot begin a label" in result.stderr


# -- templates -----------------------------------------------------------------------------------------------------------


def own(tmp_path: Path, body: str, name: str = "tex.j2") -> list[str]:
    (tmp_path / name).write_text(body, "utf-8")
    return ["derive", "1-1", "--to", name.removesuffix(".j2"), "--template", str(tmp_path)]


def test_a_template_writes_single_blocks_anew(tmp_path: Path) -> None:
    body = '((* extends "symbp/tex.j2" *))\n((* block title *))\n\\section*{Mine: ((( title )))}\n((* endblock *))\n'
    text = run(*own(tmp_path, body)).stdout
    ours = run("derive", "1-1", "--to", "tex").stdout
    assert "\\section*{Mine: Backpropagation in a 1-1 network}" in text
    assert text.partition("\\section{")[2] == ours.partition("\\section{")[2]


@pytest.mark.parametrize("name", [row.template for row in FORMATS.values() if isinstance(row, Format)])
def test_what_is_exported_gives_the_same(name: str, tmp_path: Path) -> None:
    assert run("templates", "export", f"{tmp_path}/t").exit_code == 0
    form = name.removesuffix(".j2")
    assert run("derive", "1-1", "--to", form, "--template", f"{tmp_path}/t").stdout == run("derive", "1-1", "--to", form).stdout
    blocks = run("templates", "blocks", name).stdout.split()
    assert {"section", "say", "display", "table"} <= set(blocks) or name == "beamer.j2"


def test_an_export_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "tex.j2").write_text("mine", "utf-8")
    result = run("templates", "export", str(tmp_path))
    assert result.exit_code == 2
    assert "is there already" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["tex.j2"]
    assert (tmp_path / "tex.j2").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("((( nope )))", "'nope' is undefined"),
        ("((( title.__class__.__mro__ )))", "unsafe"),
        ("((* for", "does not parse"),
        ("((( ''.join.__globals__ )))", "has no attribute '__globals__'"),
        ("((* for i in range(10**9) *))x((* endfor *))", "Range too big"),
        ('((* include "../../../../etc/passwd" *))', "fails"),
        ('((* extends "tex.j2" *))', "fails"),
        ("((( 1 / 0 )))", "division by zero"),
    ],
)
def test_what_is_wrong_with_a_template_is_one_error(body: str, says: str, tmp_path: Path) -> None:
    result = run(*own(tmp_path, body))
    assert result.exit_code == 2, result.output
    assert says in result.stderr
    assert "tex.j2" in result.stderr
    assert result.stdout == ""


def test_a_folder_that_is_not_there() -> None:
    result = run("derive", "1-1", "--to", "tex", "--template", "nowhere")
    assert result.exit_code == 2
    assert "no folder 'nowhere'" in result.stderr
