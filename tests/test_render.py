"""Documents: user text is data in every format, sentences are free of formats, the same run gives the same bytes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import jinja2
import pytest
from markdown_it import MarkdownIt

from symbp.api import DerivedGeneral, DerivedNetwork, derive, train
from symbp.derivation.layers import LAYERS
from symbp.derivation.rules import RULES
from symbp.derivation.steps import Algorithm, Detail, Figure, Plot, Say, Section, Step, Table
from symbp.errors import Place, SymbpError
from symbp.language.form import Unit, Var
from symbp.network.activation import ACTIVATIONS
from symbp.network.gallery import examples
from symbp.network.loss import LOSSES
from symbp.network.spec import activation_named
from symbp.proof.layers import certify_layer
from symbp.publishing.document import Document
from symbp.publishing.environment import environment as _environment
from symbp.publishing.general import general_document
from symbp.publishing.layers import layer_document
from symbp.publishing.layout import UNEXPLAINED
from symbp.publishing.numbering import REFERRING
from symbp.publishing.render import render, templates_folder

NOTATIONS = ("mazur", "ufldl", "nielsen")
MEDIA = ("tex", "md", "txt")
TITLES = (
    r"\input{x} $x$ <script>alert(1)</script> & % # _ ^ ~ | [a](b) `code`",
    r"\end{document} $$\write18{ls}$$ ^^5cinput \\ {} }{ %",
    "**b** _i_ __b__ ~~s~~ ![p](q) <a href='x'>y</a> &lt; &#36; \\* \\_ C #",
    "((( 7 * 7 ))) ((* for x in y *)) ((= z =)) {{ 7 }} {% raw %} %s {0}",
    "| a | b | --- \"q\" 'r' — “s” é",
    "1. one - two + three > four",
)
UNITS = ("under_score", "A_1_b", "lambda")
NETWORK = f"""
title = 'T'
learning_rate = 0.5
inputs = ["rain_1"]
[[layers]]
units = ["{UNITS[0]}", "{UNITS[1]}"]
weights = [[0.1], [0.2]]
[[layers]]
units = ["{UNITS[2]}"]
weights = [[0.3, 0.4]]
bias = [0.5]
[[samples]]
inputs = [1]
targets = [0]
"""
IDENTITY = """
loss = "squared_error"
learning_rate = 0.1
inputs = 2
[[layers]]
units = 2
activation = "identity"
bias = 0
[[layers]]
units = 1
activation = "tanh"
"""
WITHOUT_SAMPLE = "inputs = 1\n[[layers]]\nunits = 1\nweights = [[0.5]]\n"
KINK = """
inputs = 1
[[layers]]
units = 2
activation = "relu"
weights = [[1], [1]]
bias = [-1, -0.9999999999999999999999999999999]
[[layers]]
units = 1
activation = "identity"
weights = [[0.5, 1]]
[[samples]]
inputs = [1]
targets = [0.2]
"""
DEAD = """
loss = "cross_entropy"
weight_decay = 0.1
l1 = 0.01
learning_rate = 0.1
inputs = ["x"]
outputs = ["a", "b"]
[[units]]
name = "dead"
inputs = { x = "u" }
[[units]]
name = "a"
activation = "softmax"
inputs = { x = "v" }
[[units]]
name = "b"
activation = "softmax"
inputs = { x = "w" }
"""
MIXED = """
inputs = ["x"]
outputs = ["a", "b"]
[[units]]
name = "a"
inputs = { x = "u" }
[[units]]
name = "c"
inputs = { x = "v" }
[[units]]
name = "b"
inputs = { a = "w", c = "z" }
"""
BATCH = """
title = 'Softmax over a batch'
loss = 'cross_entropy'
learning_rate = 0.1
optimizer = 'adam'
inputs = 1
[[layers]]
units = 2
activation = 'softmax'
weights = [[0.5], [1]]
[[samples]]
inputs = [1]
targets = [0, 1]
[[samples]]
inputs = [-1]
targets = [1, 0]
"""
ONLINE = """
title = 'Momentum, sample by sample'
learning_rate = 0.1
optimizer = 'momentum'
training = 'online'
weight_decay = 0.01
delta_sign = -1
loss = '(t - o)^4 / 4'
inputs = 1
[[layers]]
units = 1
activation = 'x / (1 + abs(x))'
weights = [[0.5]]
[[samples]]
inputs = [1]
targets = [0.5]
[[samples]]
inputs = [-1]
targets = [0.2]
"""
FILES = {
    "named": NETWORK,
    "identity": IDENTITY,
    "without_sample": WITHOUT_SAMPLE,
    "kink": KINK,
    "dead": DEAD,
    "mixed": MIXED,
    "batch": BATCH,
    "online": ONLINE,
}
TEX = {
    r"\textbackslash{}": "\\", r"\{": "{", r"\}": "}", r"\$": "$", r"\&": "&", r"\#": "#", r"\_": "_", r"\%": "%",
    r"\textasciitilde{}": "~", r"\textasciicircum{}": "^", r"\ensuremath{<}": "<", r"\ensuremath{>}": ">", r"\ensuremath{|}": "|",
    r"\char`\"{}": '"', r"\textquotedbl{}": '"', r"\textless{}": "<", r"\textgreater{}": ">", r"\textbar{}": "|",
    r"\textasciigrave{}": "`", r"\textquotesingle{}": "'", "{-}": "-", "-{}": "-",
}  # fmt: skip
_TEX = re.compile("|".join(re.escape(text) for text in sorted(TEX, key=len, reverse=True)))
ACTIVE = re.compile(r"[\\{}$&#_%~^]")


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("networks")
    for name, text in FILES.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return folder


@cache
def derived(
    network: str, notation: str = "mazur", detail: Detail = "normal", update: str = "simultaneous", steps: int = 0
) -> DerivedNetwork:
    return derive(network, notation=notation, detail=detail, update=update, steps=steps)


@pytest.fixture(scope="session")
def golden(files: Path) -> list[DerivedNetwork]:
    """Derivations that have everything in them that a derivation may have."""
    own = [derived(str(files / f"{name}.toml")) for name in FILES]
    mazur = [derived("mazur", "mazur", "full"), derived("mazur", "ufldl"), derived("mazur", "nielsen", "brief")]
    others = [derived(name) for name in examples() if name != "mazur"]
    mazur += [derived("mazur", update="output_first", steps=2), derived("mazur", steps=2), derive("1-1", appendix="used")]
    more = [derived(str(files / "batch.toml"), detail="brief"), derived(str(files / "online.toml"), steps=2)]
    return [*own, *mazur, *others, *more, derived("2-3-2-1:tanh")]


def titled(title: str) -> DerivedNetwork:
    """A small derivation under another title."""
    found = derived("1-1")
    derivation = found.checked.derivation
    return DerivedNetwork(replace(found.checked, derivation=replace(derivation, spec=replace(derivation.spec, title=title))))


# -- user text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_data_in_latex(title: str) -> None:
    shown = re.search(r"\\Large (.*)\n\\end\{center\}", titled(title).render("tex"))
    assert shown is not None
    assert not ACTIVE.search(_TEX.sub("", shown[1])), "no active character is left"
    assert _TEX.sub(lambda found: TEX[found[0]], shown[1]) == title


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_data_in_markdown(title: str) -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(titled(title).render("md"))
    assert [token.type for token in tokens[:3]] == ["heading_open", "inline", "heading_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children) == title


@pytest.mark.parametrize("title", TITLES)
def test_no_mathematics_comes_of_a_title_in_markdown(title: str) -> None:
    first = titled(title).render("md").splitlines()[0]
    assert "$" not in first
    assert "<" not in first


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_data_in_text(title: str) -> None:
    assert titled(title).render("txt").splitlines()[0] == title


def test_a_title_that_latex_cannot_print_is_refused() -> None:
    with pytest.raises(SymbpError, match="LaTeX has no 'ש'"):
        titled("ש").render("tex")
    assert "ש" in titled("ש").render("md")


@pytest.mark.parametrize("notation", NOTATIONS)
def test_names_of_units_are_data(notation: str, files: Path) -> None:
    found = derived(str(files / "named.toml"), notation)
    tex, md, txt = (found.render(medium) for medium in MEDIA)
    for shown in (tex, md):
        assert not re.search(r"(?<!\\)_score|(?<!\\)_b\b|\\lambda|\\under", shown)
    if notation == "mazur":
        assert r"under\_score" in tex
        assert r"under\_score" in md
        assert all(f"net_{unit}" in txt for unit in UNITS)


# -- the same derivation in each notation and format -------------------------------------------------------------------


@pytest.mark.parametrize("medium", MEDIA)
def test_the_same_derivation_renders_in_each_notation(medium: str) -> None:
    shown = {notation: derived("mazur", notation).render(medium) for notation in NOTATIONS}
    assert len(set(shown.values())) == len(NOTATIONS)
    net = {"tex": [r"\mathrm{net}_{h1}", "z^{(2)}_{1}", "z^{2}_{1}"], "txt": ["net_h1", "z⁽²⁾₁", "z²₁"]}
    for notation, name in zip(NOTATIONS, net.get(medium, net["tex"]), strict=True):
        assert name in shown[notation]
    numbers = [set(re.findall(r"(?<!\d)0\.\d{4,}", text)) for text in shown.values()]
    assert numbers[0] == numbers[1] == numbers[2], "the same numbers whatever the notation"


@pytest.mark.parametrize(("notation", "form"), [("mazur", "-(t₁ - out_o1)"), ("ufldl", "-(y₁ - a⁽³⁾₁)"), ("nielsen", "a³₁ - y₁")])
def test_the_derivative_of_the_loss_is_in_the_notations_form(notation: str, form: str) -> None:
    assert f"= {form} " in derived("mazur", notation).render("txt").replace("\n", " ")


def test_unknown_format_is_named() -> None:
    with pytest.raises(SymbpError, match="'doc'") as caught:
        derived("1-1").render("doc")
    assert "'docx'" in str(caught.value)
    with pytest.raises(SymbpError, match="docx is no text"):
        derived("1-1").render("docx")


def test_a_notebook_gets_markdown() -> None:
    assert derived("1-1")._repr_markdown_() == derived("1-1").render("md")


# -- sentences ---------------------------------------------------------------------------------------------------------


def template_names() -> list[str]:
    return sorted(path.name for path in templates_folder().glob("*.j2"))


def test_what_a_sentence_does_not_get_is_an_error() -> None:
    assert _environment(str).undefined is jinja2.StrictUndefined
    document = replace(Document.of(derived("1-1").checked), sections=(Section("error", (Say("error", {}),)),))
    with pytest.raises(jinja2.UndefinedError):
        render(document, "txt")


def test_words_of_sentences_have_no_format() -> None:
    """The formats share them, and what is literal in a template is not escaped."""
    source = (templates_folder() / "sentences.j2").read_text("utf-8")
    words = [(line, text) for line, kind, text in _environment(str).lex(source) if kind == "data"]
    assert len(words) > len(RULES)
    assert not [(line, text) for line, text in words if re.search(r"[\\{}$&#_%~^<>*`\[\]|\"]", text)]
    assert not [(line, text) for line, text in words if not text.isascii()]


def layers() -> list[str]:
    return [f"layer:{name}" for name in LAYERS]


def layer_documents() -> list[Document]:
    return [layer_document(certify_layer(layer)) for layer in LAYERS.values()]


@cache
def general() -> DerivedGeneral:
    return derive("general", notation="ufldl")


def steps_of(golden: list[DerivedNetwork]) -> list[Step]:
    """Every equation of the golden derivations, the general one and the layers."""
    found = [step for one in golden for step in one.checked.derivation.steps()]
    return [*found, *(one.step for one in general().checked.equations), *(step for layer in LAYERS.values() for step in layer.steps())]


OF_HANDOUTS = {"fill_in", "answers", "answers_title", "answer_where"}
"""Sentences of handouts: tests/test_blanks.py."""
OF_FRAMES = {"plain_title", "group_words", "table_of_contents", "title_page"}
"""What stands around a document: tests/test_words.py."""
OF_WIDE = {"direction_check"}
"""What is said of networks of many parameters: tests/test_wide.py."""
OF_PICTURES = {"picture", "activation_axis", "activation_picture"}
"""Sentences that a picture calls: tests/test_drawing.py."""


def test_every_sentence_is_said_somewhere(golden: list[DerivedNetwork]) -> None:
    source = (templates_folder() / "sentences.j2").read_text("utf-8")
    macros = set(re.findall(r"\(\(\* macro (\w+)\(n\) -\*\)\)", source))
    trained = Document.of(train("mazur", steps=2).checked)
    documents = [*(Document.of(found.checked) for found in golden), general_document(general().checked), *layer_documents(), trained]
    parts = [part for document in documents for section in document.sections for part in section.parts]
    cells = [cell for part in parts if isinstance(part, Table) for row in part.rows for cell in row]
    said = {part.key for part in (*parts, *cells) if isinstance(part, Say | Plot)}
    said |= {line.say.key for part in parts if isinstance(part, Algorithm) for line in part.lines}
    said |= {f"figure_{part.key}" for part in parts if isinstance(part, Figure)}
    said |= {document.titled.key for document in documents if document.titled}
    part_of_another = set(re.findall(r"written\((\w+)\(n\)\)", source))
    assert said | OF_HANDOUTS | OF_FRAMES | OF_WIDE | OF_PICTURES | part_of_another | {"heading_words"} == macros


def test_every_rule_justifies_a_line(golden: list[DerivedNetwork]) -> None:
    used = {link.rule for step in steps_of(golden) for link in step.chain}
    assert used | set(rules_of_functions()) == set(RULES)


def rules_of_functions() -> Iterator[str]:
    """The rules of the steps to the derivative of an activation or a loss, a user's own included."""
    x, t, o = (Var(kind, Unit(1, 1), sample=1) for kind in ("net", "target", "out"))
    yield from (rule for row in ACTIVATIONS.values() if not row.is_joint for _, rule in row.worked(x))
    yield from (rule for loss in LOSSES.values() if not loss.is_joint for _, rule in loss.worked(t, o, 2))
    yield from (rule for _, rule in activation_named("x^2", Place("x")).worked(x))


def test_every_rule_that_is_worth_saying_is_said(golden: list[DerivedNetwork]) -> None:
    """Beside a line, in some golden document; those that put in equations refer to these instead."""
    tex = "".join(found.render("tex") for found in (*golden, general(), *map(derive, layers())))
    said = {rule for rule, words in RULES.items() if f"({words})" in tex}
    explained = {x.rule for step in steps_of(golden) if step.explain for x in step.chain}
    assert said | REFERRING == (explained - UNEXPLAINED) | REFERRING
    assert re.search(r"\(by \\eqref\{[^}]+\}", tex)


@pytest.mark.parametrize("medium", MEDIA)
def test_every_section_has_its_heading(medium: str, golden: list[DerivedNetwork]) -> None:
    pattern = {"tex": r"\\section\*?\{(.*)\}", "md": r"^## (?:\d+\. )?(.*)$", "txt": r"^(?:\d+ )?(.*)\n─+$"}[medium]
    for found in golden:
        sections = Document.of(found.checked).sections
        headings = re.findall(pattern, found.render(medium, fragment=True), re.MULTILINE)
        assert len(headings) == len(sections)
        assert all(re.fullmatch(r"[A-Z][\w :]+", heading) for heading in headings), headings
        assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("medium", MEDIA)
def test_no_template_syntax_or_object_shows(medium: str, golden: list[DerivedNetwork]) -> None:
    for found in golden:
        text = found.render(medium)
        assert not re.search(r"\(\(\*|\*\)\)|\(\(\(=|Undefined|None|Var\(|Form\(|<symbp| object at ", text)
        assert not re.search(r"[ \t]+$| {2,}[a-z]", re.sub(r"(?s)```.*?```", "", text) if medium == "md" else "", re.MULTILINE)
        assert text.endswith("\n")
        assert "\n\n\n" not in text


# -- the same bytes ----------------------------------------------------------------------------------------------------

SCRIPT = """
import sys, symbp
for network, notation in (("mazur", "mazur"), ("2-3-1:tanh,sigmoid", "ufldl")):
    found = symbp.derive(network, notation=notation)
    for medium in ("tex", "md", "txt", "json"):
        sys.stdout.buffer.write(found.render(medium).encode())
"""


def test_two_runs_give_the_same_bytes(checkout: Path) -> None:
    def run(seed: str) -> bytes:
        env = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONHASHSEED": seed}
        return subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, timeout=60, check=True).stdout

    first = run("1")
    assert b"\\documentclass" in first
    assert first == run("2") == run("3")
