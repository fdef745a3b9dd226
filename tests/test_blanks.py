"""Handouts: every gap has one answer, which is read nowhere else and follows from what is left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import Phase, given, reject, settings
from hypothesis import strategies as st
from random_networks import network

import symbp
from consumers import compile_latex, katex_check, markdown_faults, markdown_formulas, mathjax_check
from symbp.cli import main
from symbp.derivation.derive import derive as build
from symbp.derivation.steps import Display, Say, Step, Table
from symbp.errors import SymbpError
from symbp.language.form import Form, Node, Value, decimal, number, rewrite
from symbp.language.markers import GAP_WIDTHS, bare, gap, gap_text, whole
from symbp.network.calculus import fold, unfold_functions
from symbp.network.numbers import HighPrecision, Rounding
from symbp.network.reader import read
from symbp.publishing.blanks import LEFT_OUT, with_blanks
from symbp.publishing.document import Document
from symbp.publishing.formats import Style
from symbp.publishing.numbering import Numbering, without_gaps
from symbp.publishing.render import publish, render

WIDE = 20_000
GAP = re.compile(r"_+\((\d+)\)")
MOST = re.compile(r"room for (\d+)")
CASES = [
    ("mazur", {}, 10, 1),
    ("mazur", {"detail": "brief"}, 14, 2),
    ("mazur", {"detail": "full", "notation": "nielsen"}, 25, 3),
    ("mazur", {"digits": 3, "weights": ("w1",)}, 9, 4),
    ("han_kamber", {"notation": "ufldl"}, 12, 1),
    ("xor", {"steps": 30}, 12, 1),
    ("recurrent", {}, 12, 6),
    ("autoencoder", {}, 20, 1),
    ("softmax", {"appendix": "used"}, 15, 5),
    ("convolution", {}, 12, 2),
    ("skip", {}, 8, 1),
    ("2-3-1:tanh,sigmoid", {}, 12, 1),
    ("general", {}, 10, 1),
    ("layer:batch_norm", {}, 8, 1),
]


@cache
def documented(name: str, options: tuple[tuple[str, object], ...]) -> Document:
    return symbp.derive(name, **dict(options)).document()  # type: ignore[call-overload, no-any-return]


def made(name: str, options: dict[str, object], n: int, seed: int) -> tuple[Document, Document, Document]:
    """The document without what a handout leaves out, the handout, and the answers."""
    document = documented(name, tuple(options.items()))
    handout, answers = with_blanks(document, n, seed)
    return replace(document, sections=tuple(s for s in document.sections if s.key not in LEFT_OUT)), handout, answers


def text(document: Document, columns: int = WIDE) -> str:
    content = publish(document, "txt", Style(columns=columns))[""]
    assert isinstance(content, str)
    return content


def answer_rows(answers: Document) -> list[tuple[object, ...]]:
    (table,) = (part for part in answers.sections[0].parts if isinstance(part, Table))
    return list(table.rows)


def kind(row: tuple[object, ...]) -> str:
    if len(row) == 4:
        return "factor"
    assert isinstance(row[2], Step)
    return "value" if isinstance(row[2].chain[0].form, Value) else "line"


def belongs(row: tuple[object, ...]) -> Node:
    """What stands in the gap."""
    found = row[2].chain[0].form if isinstance(row[2], Step) else row[2]
    assert isinstance(found, Form | Value)
    return found


def printed(document: Document, node: Node) -> str:
    from symbp.language.plain import PlainWriter

    return PlainWriter(document.speller).text(node)


def steps(document: Document) -> list[Step]:
    return [step for section in document.sections for part in section.parts if isinstance(part, Display) for step in part.steps]


def gaps_in(node: Node) -> Iterator[int]:
    if isinstance(node, Form):
        if node.op == "gap":
            assert isinstance(node.args[0], Value)
            yield int(node.args[0].shown)
        else:
            for arg in node.args:
                yield from gaps_in(arg)


def segments(line: str) -> list[str]:
    """The sides of a displayed line."""
    return [re.sub(r"\s{2,}.*", "", part).strip() for part in re.split(r" [=≈] ", line)]


def loose(content: str) -> str:
    """Without blanks, rules and brackets, which may stand around what is put in."""
    return re.sub(r"[\s()─]", "", content)


def judge(whole_document: Document, handout: Document, answers: Document, n: int) -> None:
    """All that must hold of a handout."""
    rows = answer_rows(answers)
    handed = text(handout)
    by_number = {int(str(row[0])): row for row in rows}
    assert list(by_number) == list(range(1, n + 1))
    in_reading = list(dict.fromkeys(int(at) for at in GAP.findall(handed)))
    assert in_reading == list(range(1, n + 1)), "gaps are numbered as they are read"

    # Put back, the answers give the document that the gaps were made in.
    handout_steps = steps(handout)
    assert [without_gaps(step) for step in handout_steps] == steps(whole_document)
    restored = GAP.sub(lambda found: printed(handout, belongs(by_number[int(found[1])])), handed)
    first = handout.sections[0].parts[0]
    assert isinstance(first, Say)
    assert first.key == "fill_in"
    without = replace(handout.sections[0], parts=handout.sections[0].parts[1:])
    said = text(replace(handout, sections=(replace(without, parts=(first,)),))).splitlines()[-1]
    assert loose(restored.replace(said, "", 1)) == loose(text(whole_document))

    # What is missing is read nowhere.
    sides = [side for line in handed.splitlines() for side in segments(line)]
    for row in rows:
        answer = belongs(row)
        shown = printed(handout, answer)
        assert shown not in sides
        if isinstance(answer, Value) and len(answer.shown.strip("-0.").replace(".", "")) >= 4:
            assert not re.search(rf"(?<![\d.]){re.escape(shown.lstrip('-'))}(?![\d×])", handed), shown

    # It follows from what is left: one gap a line, one form an equation, numbers from those before them.
    numbers = {at for at, row in by_number.items() if kind(row) == "value"}
    for step in handout_steps:
        inside = [set(gaps_in(link.form)) for link in step.chain]
        assert all(len(found) <= 1 for found in inside)
        assert len(set().union(*inside) - numbers) <= 1
        assert not set(gaps_in(step.lhs))
    for at in numbers:
        place = next(((step, k) for step in handout_steps for k, link in enumerate(step.chain) if at in gaps_in(link.form)), None)
        if place is not None:
            before = place[0].chain[place[1] - 1]
            assert before.rule == "numbers_put_in"
            assert all(other < at for other in gaps_in(before.form))
            assert_gives(whole(before.form), belongs(by_number[at]))

    # Equations keep their numbers and labels.
    kept = [(e.number, e.label) for e in (whole_document.numbering or Numbering.of(whole_document.sections, handout.speller)).equations]
    assert kept == [(e.number, e.label) for e in (handout.numbering or Numbering.of(handout.sections, handout.speller)).equations]


def assert_gives(form: Node, value: Node) -> None:
    """The numbers of `form`, as they are shown, give `value` up to what rounding loses where numbers cancel."""
    assert isinstance(value, Value)
    filled = rewrite(unfold_functions(form), lambda part: number(Fraction(part.shown)) if isinstance(part, Value) else part)
    found = float(str(fold(filled, HighPrecision(30), None)))
    shown = float(value.shown)
    assert abs(found - shown) <= 0.02 * max(abs(shown), 0.05), (found, shown)


@pytest.mark.parametrize(("name", "options", "n", "seed"), CASES)
def test_handout(name: str, options: dict[str, object], n: int, seed: int) -> None:
    judge(*made(name, options, n, seed), n)


@settings(max_examples=15, phases=[Phase.explicit, Phase.generate])
@given(st.integers(0, 399), st.integers(0, 9), st.sampled_from(["brief", "normal", "full"]), st.integers(1, 30))
def test_handout_of_any_network(index: int, seed: int, detail: str, n: int) -> None:
    try:
        derivation = build(read(network(index), "random"), Rounding(6), detail=detail)  # type: ignore[arg-type]
    except SymbpError:  # online training with a penalty that needs all samples
        reject()
    document = Document(derivation.spec.title, derivation.sections, derivation.spec.speller, derivation.spec)
    try:
        handout, answers = with_blanks(document, n, seed)
    except SymbpError as error:
        most = MOST.search(str(error))
        assert most is not None
        n = int(most[1])
        handout, answers = with_blanks(document, n, seed)
    judge(document, handout, answers, n)


@pytest.mark.parametrize("seed", range(1, 9))
def test_gaps_are_of_all_kinds_and_in_all_sections(seed: int) -> None:
    _, handout, answers = made("mazur", {}, 10, seed)
    kinds = [kind(row) for row in answer_rows(answers)]
    assert set(kinds) == {"value", "factor", "line"}
    assert all(kinds.count(one) <= 6 for one in set(kinds))
    sections = {s.key for s in handout.sections for p in s.parts for found in [GAP.findall(text(replace(handout, sections=(s,))))] if found}
    assert sections >= {"forward", "error", "output_layer", "hidden_layer", "update"}


def test_the_seed_chooses() -> None:
    handed = [text(made("mazur", {}, 8, seed)[1]) for seed in (1, 1, 2, 3)]
    assert handed[0] == handed[1]
    assert len(set(handed)) == 3


def test_all_formats_have_the_same_gaps() -> None:
    _, handout, _ = made("mazur", {}, 9, 7)
    boxes = {name: set(re.findall(r"\\boxed\{\\rule\[-4pt\]\{0pt\}\{16pt\}_\{(\d+)\}", render(handout, name))) for name in ("tex", "md")}
    assert boxes["tex"] == boxes["md"] == set(GAP.findall(text(handout)))


def test_answers_say_which_equation() -> None:
    _, handout, answers = made("mazur", {}, 10, 1)
    lines = text(handout).splitlines()
    for row in text(answers).splitlines():
        if found := re.match(r"\s*(\d+)\s+\((\d+)\)", row):
            (at,) = (k for k, line in enumerate(lines) if line.endswith(f"({found[2]})") and "   " in line)
            assert f"({found[1]})" in "".join(lines[at - 4 : at + 1])


def test_answers_tell_that_all_was_checked() -> None:
    _, handout, answers = made("mazur", {}, 3, 1)
    assert "proved exactly" in text(answers)
    assert "proved exactly" not in text(handout)
    assert text(answers).splitlines()[0].endswith(": answers")


@pytest.mark.parametrize("name", ["mazur", "general", "2-2-1"])
def test_as_many_as_there_is_room_for(name: str) -> None:
    document = documented(name, ())
    with pytest.raises(SymbpError, match=r"500 blanks do not fit") as error:
        with_blanks(document, 500)
    most = int(MOST.search(str(error.value))[1])  # type: ignore[index]
    for seed in (1, 2):
        handout, answers = with_blanks(document, most, seed)
        assert len(answer_rows(answers)) == most
        assert set(GAP.findall(text(handout))) == {str(at) for at in range(1, most + 1)}
    with pytest.raises(SymbpError, match=f"{most + 1} blanks do not fit"):
        with_blanks(document, most + 1)


def test_where_there_is_nothing_to_take_out() -> None:
    document = documented("mazur", ())
    bare_document = replace(document, sections=tuple(s for s in document.sections if s.key in {"network", "pattern"}))
    with pytest.raises(SymbpError, match="room for none"):
        with_blanks(bare_document, 1)


@pytest.mark.parametrize("n", [0, -1])
def test_blanks_are_at_least_one(n: int) -> None:
    with pytest.raises(SymbpError, match="at least 1"):
        with_blanks(documented("mazur", ()), n)


# -- what reads them -----------------------------------------------------------------------------------------------------

READ = [
    ("mazur", {}, 10, 1),
    ("mazur", {"detail": "full"}, 40, 2),
    ("autoencoder", {}, 30, 1),
    ("general", {}, 15, 1),
    ("4-4-4", {}, 60, 1),
]


@pytest.mark.parametrize(("name", "options", "n", "seed"), READ)
def test_latex_compiles(name: str, options: dict[str, object], n: int, seed: int, tmp_path: Path) -> None:
    _, handout, answers = made(name, options, n, seed)
    compile_latex(render(handout, "tex"), tmp_path / "handout")
    compile_latex(render(answers, "tex"), tmp_path / "answers")


@pytest.mark.parametrize("check", [katex_check, mathjax_check])
def test_markdown_is_read(check: object) -> None:
    found = set()
    for case in READ:
        for document in made(*case)[1:]:
            content = render(document, "md")
            assert set(markdown_faults(content)) <= set(markdown_faults(render(documented(case[0], tuple(case[1].items())), "md")))
            found.update(markdown_formulas(content))
    assert not check(sorted(found))  # type: ignore[operator]


def test_text_keeps_to_the_width() -> None:
    for document in made("mazur", {}, 12, 1)[1:]:
        assert all(len(line) <= 80 for line in text(document, 80).splitlines())


# -- marks ---------------------------------------------------------------------------------------------------------------


def test_a_gap_is_as_wide_as_what_stood_there() -> None:
    x, y = decimal("0.5"), decimal("1.25")
    long = Form("add", (x, y, x, y, x))
    widths = [len(bare(gap_text(gap(3, node)))) for node in (x, Form("add", (x, y)), long)]
    assert widths == list(GAP_WIDTHS)


def test_what_is_put_back_joins_its_product() -> None:
    a, b, c = decimal("0.1"), decimal("0.2"), decimal("0.3")
    assert whole(Form("times", (a, gap(1, b, c)))) == Form("times", (a, b, c))
    inner = Form("dot", (b, c))
    assert whole(Form("dot", (a, gap(1, inner)))) == Form("dot", (a, inner))
    assert whole(gap(2, inner)) == inner


def test_factors_keep_their_colours() -> None:
    """Colours are those of the document without gaps: what is not in a gap is written as it was."""
    original, handout, _ = made("mazur", {}, 10, 2)
    colour = re.compile(r"\\textcolor\{symbp([A-D])\}\{(\\frac\{[^{}]*\}\{[^{}]*\}|[a-z_{}0-9\\]+)\}")
    before, after = colour.findall(render(original, "tex")), colour.findall(render(handout, "tex"))
    assert len(after) >= len(before) - 10
    assert set(after) <= set(before)


# -- the command line and Python -----------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(arguments))
    return result.exit_code, result.output


@pytest.mark.parametrize("extension", ["tex", "md", "txt"])
def test_answers_are_beside(tmp_path: Path, extension: str) -> None:
    code, said = run("derive", "1-1", "--blanks", "3", "--seed", "2", "-o", str(tmp_path / f"one.{extension}"))
    assert code == 0, said
    assert {f"one.{extension}", f"one.answers.{extension}"} <= {path.name for path in tmp_path.iterdir()}
    handout = (tmp_path / f"one.{extension}").read_text("utf-8")
    saved = symbp.derive("1-1").save(tmp_path / "again" / f"one.{extension}", blanks=3, seed=2)
    assert saved[0].read_text("utf-8") == handout
    assert (tmp_path / "again" / f"one.answers.{extension}") in saved


def test_one_choice_for_several_formats(tmp_path: Path) -> None:
    assert run("derive", "1-1", "--blanks", "3", "--to", "txt", "--to", "md", "-o", f"{tmp_path}/")[0] == 0
    in_text = set(GAP.findall((tmp_path / "1-1.txt").read_text("utf-8")))
    assert in_text == set(re.findall(r"\\boxed\{[^_]*_\{(\d+)\}", (tmp_path / "1-1.md").read_text("utf-8")))


@pytest.mark.parametrize("arguments", [(), ("-o", "-"), ("--to", "tex")])
def test_standard_output_has_no_room_for_answers(arguments: tuple[str, ...]) -> None:
    code, said = run("derive", "1-1", "--blanks", "3", *arguments)
    assert code == 2
    assert "-o" in said


def test_json_has_no_gaps(tmp_path: Path) -> None:
    code, said = run("derive", "1-1", "--blanks", "3", "-o", str(tmp_path / "one.json"))
    assert code == 2
    assert "json has no gaps" in said
    assert not list(tmp_path.iterdir())


def test_seed_alone_is_refused(tmp_path: Path) -> None:
    code, said = run("derive", "1-1", "--seed", "3", "-o", str(tmp_path / "one.txt"))
    assert code == 2
    assert "--blanks" in said


@pytest.mark.parametrize("n", ["0", "201", "x"])
def test_blanks_are_a_number_of_some(n: str, tmp_path: Path) -> None:
    assert run("derive", "1-1", "--blanks", n, "-o", str(tmp_path / "one.txt"))[0] == 2


def test_too_many_are_refused_before_a_file_is_written(tmp_path: Path) -> None:
    code, said = run("derive", "1-1", "--blanks", "200", "-o", str(tmp_path / "one.txt"))
    assert code == 2
    assert MOST.search(said)
    assert not list(tmp_path.iterdir())


def test_gaps_in_what_is_lifted(tmp_path: Path) -> None:
    """Only a section: its equations keep the numbers that they have in the whole."""
    (handout, answers) = symbp.derive("mazur").save(tmp_path / "part.txt", only=("hidden_layer",), blanks=4)
    handed = handout.read_text("utf-8")
    assert set(GAP.findall(handed)) == {"1", "2", "3", "4"}
    numbers = [int(found) for found in re.findall(r"\((\d+)\)$", handed, re.MULTILINE)]
    assert numbers == sorted(numbers)
    assert numbers[0] > 20
    assert re.search(rf"\(({'|'.join(map(str, numbers))})\)", answers.read_text("utf-8"))
