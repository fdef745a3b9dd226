"""Slides: pdfLaTeX takes every deck without an overfull box, each equation of the article stands on one frame, chains are uncovered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import symbp
from consumers import Compiled, compile_latex, page_count, require
from symbp.language.latex import width
from symbp.publishing.environment import Safe
from symbp.publishing.formats import FORMATS
from symbp.publishing.frame import Frame
from symbp.publishing.frames import Frames, sentences
from symbp.publishing.heights import height
from symbp.publishing.layout import Measure, Row
from symbp.publishing.packing import MOST_LINES

DECKS: dict[str, tuple[str, dict[str, Any]]] = {
    "mazur": ("mazur", {}),
    "mazur brief": ("mazur", {"detail": "brief"}),
    "mazur full": ("mazur", {"detail": "full"}),
    "ufldl": ("2-3-1:tanh,sigmoid", {"notation": "ufldl"}),
    "softmax": ("softmax", {}),
    "recurrent": ("recurrent", {}),
    "xor": ("xor", {"steps": 20}),
    "general": ("general", {}),
    "layer": ("layer:softmax", {}),
    "batch_norm": ("layer:batch_norm", {}),
    "4-4-4": ("4-4-4", {}),
    "skip": ("skip", {}),
}
OWN_DECK = r"""\documentclass[aspectratio=169,11pt]{beamer}
\usepackage{amsmath}
\usepackage{tikz}
\begin{document}
\begin{frame}{Mine}
Before: \begin{equation} a = b \label{mine} \end{equation}
\end{frame}
\input{fragment}
\begin{frame}{Mine again}
By \eqref{mine} and \eqref{lecture:dE/dw5}:
\begin{equation} c = d \end{equation}
\end{frame}
\end{document}
"""
ONE_UNIT = "inputs = 1\n[[layers]]\nunits = 1\n"
LABEL = re.compile(r"\\label\{([^}]*)\}")
UNCOVER = re.compile(r"\\(?:uncover|onslide)<(\d+)->")


@cache
def derived(name: str) -> Any:
    network, options = DECKS[name]
    return symbp.derive(network, **options)


def frames_of(deck: str) -> list[str]:
    return re.findall(r"\\begin\{frame\}.*?\\end\{frame\}", deck, re.DOTALL)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Compiled]:
    """Every deck is compiled once, side by side with the others."""
    require("pdflatex")
    root = tmp_path_factory.mktemp("decks")
    sources = {name: derived(name).render("beamer") for name in DECKS}
    with ThreadPoolExecutor() as pool:
        jobs = {name: pool.submit(compile_latex, source, root / str(at)) for at, (name, source) in enumerate(sources.items())}
    return lambda name: jobs[name].result()


@pytest.mark.parametrize("name", DECKS)
def test_nothing_overflows(name: str, compiled: Callable[[str], Compiled]) -> None:
    """No overfull box in either direction, nothing undefined; and there are more slides than frames."""
    deck = derived(name).render("beamer")
    steps = [max([1, *map(int, UNCOVER.findall(frame))]) for frame in frames_of(deck)]
    assert page_count(compiled(name).pdf) == sum(steps) > len(steps)


@pytest.mark.parametrize("name", DECKS)
def test_every_equation_of_the_article_stands_on_one_frame(name: str) -> None:
    """In the same order, so that the numbers of slides and notes agree."""
    assert LABEL.findall(derived(name).render("beamer")) == LABEL.findall(derived(name).render("tex"))


@pytest.mark.parametrize("name", DECKS)
def test_frames_are_not_crammed(name: str) -> None:
    for frame in frames_of(derived(name).render("beamer")):
        for display in re.findall(r"\\begin\{align\}(.*?)\\end\{align\}", frame, re.DOTALL):
            assert len(re.findall(r"\\notag|\\label", display)) <= MOST_LINES
        assert frame.count(r"\begin{align}") + frame.count(r"\begin{tabular}") <= 1


def test_a_handout_has_a_page_for_each_frame(tmp_path: Path) -> None:
    handout = derived("mazur").render("beamer", handout=True)
    assert page_count(compile_latex(handout, tmp_path).pdf) == len(frames_of(handout))


def test_a_fragment_goes_into_a_deck_of_ones_own(tmp_path: Path) -> None:
    fragment = derived("mazur").render("beamer", fragment=True, prefix="lecture:")
    assert r"\documentclass" not in fragment
    assert r"\usepackage" not in fragment
    assert fragment.startswith("% Frames for a beamer class")
    assert set(LABEL.findall(fragment)) == {label.replace("symbp:", "lecture:") for label in LABEL.findall(derived("mazur").render("tex"))}
    (tmp_path / "fragment.tex").write_text(fragment, "utf-8")
    compile_latex(OWN_DECK, tmp_path)


@pytest.mark.parametrize("title", ["100% of $x_1$ & {braces} #1 \\input{x} ~^", 'A "very" long title <|> ' * 8])
def test_hostile_titles_are_only_text(title: str, tmp_path: Path) -> None:
    network = tmp_path / "network.toml"
    network.write_text(f"title = {json.dumps(title)}\n{ONE_UNIT}", "utf-8")
    deck = symbp.derive(network).render("beamer")
    assert r"\input{x}" not in deck
    compile_latex(deck, tmp_path)


def test_chinese_is_set_by_xelatex(tmp_path: Path) -> None:
    """What pdfLaTeX has no glyphs for asks for ctex, as in an article."""
    network = tmp_path / "network.toml"
    network.write_text(f'title = "反向传播"\n{ONE_UNIT}', "utf-8")
    deck = symbp.derive(network).render("beamer")
    assert deck.startswith("% !TeX program = xelatex\n")
    compile_latex(deck, tmp_path, program="xelatex")


# -- how a chain is uncovered --------------------------------------------------------------------------------------------


def test_the_path_is_lit_as_the_factors_appear() -> None:
    """The factor next to the weight comes first, as the influence travels; the figure lights in the same step and the same colour."""
    frame = next(frame for frame in frames_of(derived("mazur").render("beamer")) if r"\label{symbp:dE/dw1.chain-rule}" in frame)
    chain = frame.split(r"\end{align}")[0]
    for step, letter in ((2, "C"), (3, "B"), (4, "A")):
        assert rf"\uncover<{step}->{{\textcolor{{symbp{letter}}}" in chain
        assert re.search(rf"\\onslide<{step}->{{%\n\\[a-z]+\[[^]]*symbp{letter}\b", frame)
    assert r"\onslide<5->" in frame


def test_lines_are_uncovered_one_by_one() -> None:
    frame = next(frame for frame in frames_of(derived("mazur").render("beamer")) if r"\label{symbp:E}" in frame)
    assert [int(n) for n in UNCOVER.findall(frame)] == [2, 2, 3, 3, 4, 4]
    assert re.findall(r"\\symbpfrom\{(\d)\}", frame) == ["2", "3", "4", "1"]


def test_slides_without_colours_step_as_well() -> None:
    deck = derived("mazur").render("beamer", color=False)
    assert r"\textcolor" not in deck
    assert page_ends(deck) == page_ends(derived("mazur").render("beamer"))


def page_ends(deck: str) -> list[int]:
    return [max([1, *map(int, UNCOVER.findall(frame))]) for frame in frames_of(deck)]


# -- how blocks are cut ----------------------------------------------------------------------------------------------------

MEASURE = Measure(70, width, {"=": "=", "≈": r"\approx"}, note_width=0.8, number_width=6)


def display(*rows: Row) -> dict[str, Any]:
    return {"kind": "display", "rows": list(rows)}


def row(lhs: str, text: str, number: int = 0) -> Row:
    return Row(Safe(lhs), Safe("="), Safe(text), Safe(""), number=number, label=Safe(f"l{number}" if number else ""), condition=Safe(""))


def cut(*blocks: dict[str, Any]) -> list[Frame]:
    return Frames(MEASURE).of({"title": Safe("Title"), "number": "1", "blocks": blocks})


def say(text: str) -> dict[str, Any]:
    return {"kind": "say", "text": Safe(text)}


def test_a_chain_too_long_goes_on_with_its_left_side() -> None:
    chain = [row("y" if at == 0 else "", f"x_{{{at}}}", number=7 if at == 19 else 0) for at in range(20)]
    frames = cut(say("So."), display(*chain))
    assert len(frames) == 3
    assert all(frame.lines[0].row.lhs == "y" for frame in frames)
    assert [line.row.text for frame in frames for line in frame.lines] == [r.text for r in chain]
    assert [frame.lines[0].step for frame in frames] == [2, 1, 1]
    assert [frame.at for frame in frames] == [1, 2, 3]


def test_equations_stay_whole_and_frames_are_about_as_full() -> None:
    rows = [r for n in range(1, 7) for r in (row(f"y_{n}", "a"), row("", "b", n))]
    frames = cut(display(*rows))
    assert [len(frame.lines) for frame in frames] == [6, 6]


def test_a_display_too_wide_is_set_smaller() -> None:
    matrix = r"\begin{bmatrix} " + " & ".join(["0.123456"] * 8) + r" \end{bmatrix}"
    (frame,) = cut(display(row("y", matrix, 1)))
    assert frame.size not in {"normalsize", "tiny"}


def test_a_short_sentence_leads_as_the_subtitle() -> None:
    (frame,) = cut(say("Their product:"), display(row("y", "x", 1)))
    assert (frame.subtitle, frame.paragraphs, frame.has_steps) == ("Their product", (), False)


def test_what_is_said_at_the_end_stands_below_where_there_is_room() -> None:
    (frame,) = cut(display(row("y", "x", 1)), say("That was all."))
    assert frame.after == ("That was all.",)
    many = [row(f"y_{n}", r"\frac{a}{b}", n) for n in range(1, 6)]
    assert [f.kind for f in cut(display(*many), say("That was all of it. " * 12))] == ["display", "text"]


def test_a_table_is_cut_between_rows() -> None:
    cells = [[Safe(f"${n}$"), Safe("word")] for n in range(40)]
    frames = cut({"kind": "table", "header": [Safe("n"), Safe("w")], "rows": cells, "align": "rl", "stretch": "1.12"})
    assert [cell for frame in frames for cell in frame.rows] == cells
    lengths = [len(frame.rows) for frame in frames]
    assert max(lengths) - min(lengths) <= 1 < len(frames)


def test_an_algorithm_stands_on_a_frame_with_its_depths() -> None:
    lines = [{"depth": n % 2, "text": Safe("update every weight")} for n in range(5)]
    (frame,) = cut(say("The whole."), {"kind": "algorithm", "lines": lines})
    assert list(frame.rows) == lines


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two. Three.", ["One.", "Two.", "Three."]),
        ("At $x. Y$ it is. So $z$ is.", ["At $x. Y$ it is.", "So $z$ is."]),
        (r"All.\footnote{No. Never.} $x$ is 0.5 here. $y$ too.", [r"All.\footnote{No. Never.} $x$ is 0.5 here.", "$y$ too."]),
        ("不。是。", ["不。", "是。"]),
    ],
)
def test_sentences_end_outside_of_mathematics(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_heights_grow_with_fractions_and_matrices() -> None:
    line = height("x + y")
    assert line < height(r"\sum_{k} x_{k}") < height(r"\frac{\frac{a}{b}}{c}")
    assert (
        height(r"\frac{a}{b}")
        < height(r"\begin{bmatrix} a \\ b \\ c \end{bmatrix}")
        < height(r"\begin{bmatrix} a \\ b \\ c \\ d \end{bmatrix}")
    )


def test_the_format_of_slides_is_told_from_an_article_by_its_name() -> None:
    from symbp.publishing.formats import format_of

    assert FORMATS["beamer"].extension == ".slides.tex"
    assert format_of(Path("lecture.slides.tex")) == "beamer"
    assert format_of(Path("lecture.tex")) == "tex"
