r"""Reading the rows of a work: which there are, where each stands, and that no text hides a row, or takes long."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbp.errors import SymbpError
from symbp.verification.source.extract import MAX_PROSE, MAX_ROW, MAX_ROWS, extract
from symbp.verification.source.rows import Row, Work
from symbp.verification.source.sources import KINDS, MAX_BYTES, decode, kind_of_text, read_work

CORPUS = sorted(path for folder in ("hand", "hand_more") for path in (Path(__file__).parent / folder).glob("*/work.*"))
PD = r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}"


def maths(text: str, kind: str, *words: str) -> list[str]:
    """What of every row is mathematics, or why it cannot be read."""
    return [row.math or f"! {row.trouble}" for row in extract(text, kind, words=words).rows]


def texts(text: str, kind: str = "tex") -> list[tuple[int, int, str]]:
    """Where every row stands, and what is shown of it."""
    return [(row.line, row.column, row.text) for row in extract(text, kind).rows]


def stand_in(text: str, work: Work) -> None:
    """Every row is found where it says that it stands, in order, and every character of its mathematics within it."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    last = 0
    for row in work.rows:
        at = starts[row.line - 1] + row.column - 1
        assert text.startswith(row.text, at)
        assert at >= last
        assert bool(row.math) != bool(row.trouble)
        assert row.math == row.math.strip()
        assert len(row.places) == len(row.math) + 1
        assert all(0 <= place <= len(row.text) for place in row.places)
        last = at


def copies(row: Row) -> None:
    """Every character of the mathematics is the one at its place; nothing has been written by a macro."""
    for char, place in zip(row.math, row.places[:-1], strict=True):
        assert row.text[place] == char or char == " "
    assert list(row.places) == sorted(row.places)


# -- the corpus ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.parent.name)
def test_every_judged_line_is_a_row(path: Path) -> None:
    text, kind = read_work(path)
    work = extract(text, kind, str(path))
    stand_in(text, work)
    judged = {line["line"]: line["text"] for line in json.loads((path.parent / "expected.json").read_text("utf-8"))["lines"]}
    found: dict[int, list[str]] = {}
    for row in work.rows:
        assert not row.trouble
        found.setdefault(row.line, []).append(row.text)
    assert set(judged) <= set(found)
    for line, shown in judged.items():
        assert shown in found[line] or all(text in shown for text in found[line])


def test_hardly_anything_else_is_a_row() -> None:
    """What is no judged line but a row is a remark with a sign of equality: `$L=3$`."""
    more = 0
    for path in CORPUS:
        judged = {line["line"] for line in json.loads((path.parent / "expected.json").read_text("utf-8"))["lines"]}
        text, kind = read_work(path)
        others = [row for row in extract(text, kind).rows if row.line not in judged]
        assert all(row.text[0] == "$" or kind == "txt" for row in others)
        more += len(others)
    assert more <= 20


# -- displays ------------------------------------------------------------------------------------------------------------

ROWS = [
    (r"\begin{align} a &= b \\ c &= d \end{align}", ["a = b", "c = d"]),
    (r"\begin{align*} a &= b \\*[2pt] &= c \nonumber \\ \end{align*}", ["a = b", "= c"]),
    (r"\begin{eqnarray} a & = & b \\ & = & c \end{eqnarray}", ["a  =  b", "=  c"]),
    (r"\begin{gather} a = b \\ c \end{gather}", ["a = b", "c"]),
    (r"\begin{alignat}{2} a &= b \\ c &= d \end{alignat}", ["a = b", "c = d"]),
    (r"\begin{flalign} a &= b \tag{1} \label{x} \\ c &= d \end{flalign}", ["a = b", "c = d"]),
    (r"\begin{IEEEeqnarray}{rCl} a &=& b \\ c &=& d \end{IEEEeqnarray}", ["a = b", "c = d"]),
    (r"\begin{multline} a = b \\ + c \\ = d \end{multline}", ["a = b + c = d"]),
    (r"\begin{dmath} a = b \end{dmath}", ["a = b"]),
    (r"\begin{dgroup} \begin{dmath} a = b \end{dmath} \begin{dmath} c = d \end{dmath} \end{dgroup}", ["a = b", "c = d"]),
    (r"\begin{displaymath} a = b \end{displaymath} \begin{math} c = d \end{math}", ["a = b", "c = d"]),
    (r"\begin{equation} \label{e} a = b \end{equation}", ["a = b"]),
    (r"\begin{equation} \begin{split} a &= b \\ &= c \end{split} \end{equation}", ["a = b", "= c"]),
    (r"\begin{equation} \begin{aligned}[t] a &= b \\ c &= d \end{aligned} \end{equation}", ["a = b", "c = d"]),
    (r"\[ \left\{ \begin{aligned} a &= b \\ c &= d \end{aligned} \right. \]", ["a = b", "c = d"]),
    (r"\[ E = \begin{aligned} a \\ = b \end{aligned} \]", ["E = a", "= b"]),
    (r"\[ \left\{ \begin{array}{rcl} a &=& b \\ c &=& d \end{array} \right. \]", ["a = b", "c = d"]),
    (r"\[ \begin{cases} a = b \\ c = d \end{cases} \]", ["a = b", "c = d"]),
    (r"\[ a = \begin{cases} 1 & i = j \\ 0 \end{cases} \]", [r"a = \begin{cases} 1 & i = j \\ 0 \end{cases}"]),
    (r"\[ a = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} b \]", [r"a = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} b"]),
    (
        r"\[ \left[ \begin{array}{cc} 1 & 2 \\ 3 & 4 \end{array} \right] = a \]",
        [r"\left[ \begin{array}{cc} 1 & 2 \\ 3 & 4 \end{array} \right] = a"],
    ),
    (
        r"\begin{align} a &= \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \\ &= c \end{align}",
        [r"a = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "= c"],
    ),
    (r"\[ a = b \\ c = d \]", ["a = b", "c = d"]),
    (r"$$ a = b \\ = c $$", ["a = b", "= c"]),
    (r"$$\begin{align} a &= b \\ &= c \end{align}$$", ["a = b", "= c"]),
    (r"\[ \boxed{a = b} \]", [r"\boxed{a = b}"]),
    (r"\[ a = \sum_{\substack{i \\ j}} b \]", [r"a = \sum_{\substack{i \\ j}} b"]),
    (r"\begin{align} a &= b & c &= d \\ e &= f && \text{(as above)} \end{align}", ["a = b", "c = d", r"e = f  \text{(as above)}"]),
    (r"\begin{align} a &= b \\ &\quad + c \\ &= d + \\ & e \end{align}", [r"a = b \quad + c", "= d + e"]),
    (r"\begin{align} \delta&x = \alpha&y \end{align}", [r"\delta x = \alpha y"]),
    (r"\begin{align} \left( a \right. &= b \\ c &= d \right) \end{align}", [r"\left( a \right. = b", "c = d"]),
    (r"\[ a \stackrel{!}{=} b \] \[ \mathbf{1}\{a = b\} \]", [r"a \stackrel{!}{=} b", r"\mathbf{1}\{a = b\}"]),
    (r"\begin{empheq}[box=\fbox]{align} a &= b \\ c &= d \end{empheq}", ["a = b", "c = d"]),
    (r"\[ i \neq j \]", [r"i \neq j"]),
    (r"\[ a + b \] \[ \sum_{k=1} k \] \[ \text{axis = 1} \]", []),
    (r"\begin{tabular}{l} $a = b$ \\ $c = d$ \end{tabular}", ["a = b", "c = d"]),
    (r"\ensuremath{a = b} \ensuremath{c", ["a = b"]),
    (r"\begin{verbatim} $a = b$ \end{verbatim} \begin{comment} \[ a = b \] \end{comment} $c = d$", ["c = d"]),
    (r"$a = b$ \end{document} $c = d$", ["a = b"]),
    (r"costs \$5, 3\% $a = 5\% \$$", [r"a = 5\% \$"]),
]


@pytest.mark.parametrize(("text", "found"), ROWS, ids=[text[:40] for text, _ in ROWS])
@pytest.mark.parametrize("kind", ["tex", "md"])
def test_rows(text: str, found: list[str], kind: str) -> None:
    work = extract(text, kind)
    assert [row.math.split() for row in work.rows] == [math.split() for math in found]
    stand_in(text, work)
    for row in work.rows:
        copies(row)


RELATIONS = [
    *("=", ":=", r"\approx", r"\equiv", r"\simeq", r"\leftarrow", r"\gets", r"\coloneqq", r"\doteq", "≈", "←", "≡"),
    *(r"\overset{!}{=}", r"\mathrel{:=}"),
]


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_formula_in_a_line_is_a_row_if_it_relates(relation: str) -> None:
    assert maths(f"so $a {relation} b$ holds", "tex") == [f"a {relation} b"]


@pytest.mark.parametrize(
    ("formula", "is_row"),
    [
        (r"w \to w - \eta g", True),
        (r"w \rightarrow w - \eta \frac{a}{b}", True),
        (r"x \to y", False),
        (r"x \to -\infty", False),
        (r"i \neq j", False),
        (r"\sum_{k=1}^n k", False),
        (r"\tanh", False),
        (r"\mathrm{a=b}", False),
    ],
)
def test_what_relates_nothing_is_prose(formula: str, is_row: bool) -> None:
    work = extract(f"Now ${formula}$:\n$$a = b$$", "tex")
    assert [row.math for row in work.rows] == [formula] * is_row + ["a = b"]
    assert f"${formula}$" in work.rows[-1].prose


# -- where a row stands ----------------------------------------------------------------------------------------------------

PLACES = [
    ("  \\[ a = b \\]  ", [(1, 3, r"\[ a = b \]")]),
    (
        "\\begin{align}\n  a &= b \\\\[2pt]\n  &= c, % so\n  \\\\ d &= e \\label{x}\n\\end{align}",
        [(2, 3, r"a &= b \\[2pt]"), (3, 3, "&= c,"), (4, 6, r"d &= e \label{x}")],
    ),
    ("\\[\n  a =\n  b\n\\]", [(2, 3, "a =\n  b")]),
    ("\\begin{equation}\\label{x}\na = b\n\\end{equation}", [(2, 1, "a = b")]),
    ("\\begin{equation} a = b \\end{equation}", [(1, 1, r"\begin{equation} a = b \end{equation}")]),
    ("$a = b$ and\n  $c = d$, $e =\nf$.", [(1, 1, "$a = b$"), (2, 3, "$c = d$"), (2, 12, "$e =\nf$")]),
    ("\\begin{align}\na &= b \\nonumber \\\\\n&+ c\n\\end{align}", [(2, 1, "a &= b \\nonumber \\\\\n&+ c")]),
    (PD + "\n\\[ \\pd{E}{w} = \\pd ab \\]", [(2, 1, r"\[ \pd{E}{w} = \pd ab \]")]),
    ("\\newcommand{\\be}{\\begin{equation}}\\newcommand{\\ee}{\\end{equation}}\n\\be\na = b\n\\ee", [(3, 1, "a = b")]),
    ("\\newcommand{\\eqs}[1]{\\begin{align}#1\\end{align}}\n\\eqs{a &= b \\\\\nc &= d}", [(2, 6, r"a &= b \\"), (3, 1, "c &= d")]),
    ("\\newcommand{\\id}[1]{#1}\n$\\id{a} = \\id{b}$", [(2, 1, r"$\id{a} = \id{b}$")]),
    ("\\begin{align}\n\\text{Now:} \\\\\na &= b\n\\end{align}", [(3, 1, "a &= b")]),
]


@pytest.mark.parametrize(("text", "found"), PLACES, ids=[text[:40] for text, _ in PLACES])
def test_places(text: str, found: list[tuple[int, int, str]]) -> None:
    assert texts(text) == found
    stand_in(text, extract(text, "tex"))


def test_places_of_characters() -> None:
    """What a macro wrote stands where it was called, its arguments where they stand."""
    (row,) = extract(PD + r"$a = \pd{E}{w} x$", "tex").rows
    assert row.math == r"a = \frac{\partial E}{\partial w} x"
    call = row.text.index(r"\pd")
    assert [row.places[row.math.index(part)] for part in (r"\frac", "E", r"}{\partial w", "w")] == [
        call,
        row.text.index("E"),
        call,
        row.text.index("w"),
    ]
    assert row.places[row.math.index(" x") + 1] == row.text.index("x")
    assert row.places[-1] == row.text.index("$", 1)


def test_rows_of_a_display_share_its_number() -> None:
    work = extract("$$a = b$$\n\\begin{align} c &= d \\\\ &= e \\end{align}\n$f = g$", "tex")
    assert [row.display for row in work.rows] == [1, 2, 2, 3]


def test_prose() -> None:
    work = extract(
        "First \\emph{some} words.\n$$a = b$$\nFor $i = j$ and $x$:\n\\begin{align}\nc &= d \\\\\n\\intertext{but}\ne &= f\n\\end{align}\n"
        "$g = h$\n\n$k = l$\n",
        "tex",
    )
    assert [(row.math, row.prose) for row in work.rows] == [
        ("a = b", r"First \emph{some} words."),
        ("i = j", "For"),
        ("c = d", "For $i = j$ and $x$:"),
        ("e = f", "but"),
        ("g = h", ""),
        ("k = l", ""),
    ]


def test_long_prose_is_cut_at_its_beginning() -> None:
    (row,) = extract("word " * 10_000 + "last $$a = b$$", "tex").rows
    assert len(row.prose) <= MAX_PROSE
    assert row.prose.endswith("last")


# -- macros ----------------------------------------------------------------------------------------------------------------

MACROS = [
    (PD + r"\pd{\pd{a}{b}}{c}", r"\frac{\partial \frac{\partial a}{\partial b}}{\partial c}"),
    (PD + "\\pd\n {a} {b}", r"\frac{\partial a}{\partial b}"),
    (r"\newcommand\a[1]{x_{#1}}\a2 \a\beta", r"x_{2} x_{\beta}"),
    (r"\newcommand{\a}[2][x]{#1_{#2}}\a{1} + \a[y]{2}", "x_{1} + y_{2}"),
    (r"\newcommand*{\a}{b}\renewcommand{\a}{c}\providecommand{\a}{d}\providecommand{\e}{f}\a\e", "cf"),
    (r"\def\W#1{W^{(#1)}}\W{2} \W3", "W^{(2)} W^{(3)}"),
    (r"\def\a#1#2{#2#1}\a{b}{c}", "cb"),
    (r"\gdef\a {b}\a", "b"),
    (
        r"\DeclareMathOperator{\softmax}{softmax}\DeclareMathOperator*{\am}{arg\,max}\softmax x \am",
        r"\operatorname{softmax} x \operatorname{arg\,max}",
    ),
    (r"\DeclarePairedDelimiter{\norm}{\lVert}{\rVert}\norm{x}", r"\left\lVert x \right\rVert"),
    (r"\NewDocumentCommand{\a}{O{E} m}{#1/#2}\a{b} \a[c]{d}", "E/b c/d"),
    (r"\let\al\alpha \al x \let\b=\al\b y", r"\alpha x \alpha y"),
    (r"\let\oldvec\vec\renewcommand{\vec}[1]{\oldvec{\mathbf{#1}}}\vec{x}", r"\vec{\mathbf{x}}"),
    (r"\newcommand{\p}{\q}\newcommand{\q}[1]{(#1)}\p{a}", "(a)"),
    (r"\newcommand{\ea}[1]{\alpha#1}\ea{x}", r"\alpha x"),
    (r"\newcommand{\ea}[1]{#1\alpha}\ea{y}x", r"y\alpha x"),
    ("\\newcommand{\\a}{% what\n  b% it is\n}\\a", "b"),
    (r"\unknown{a} \pd", r"\unknown{a} \pd"),
]


@pytest.mark.parametrize(("text", "expanded"), MACROS, ids=[text[-40:] for text, _ in MACROS])
def test_macros(text: str, expanded: str) -> None:
    text = f"$1 = {text}$"
    work = extract(text, "tex")
    assert [row.math.replace("1 = ", "").split() for row in work.rows] == [expanded.split()]
    stand_in(text, work)


def test_definitions_hold_from_where_they_stand() -> None:
    assert maths(r"$\a = 1$ \def\a{b} $\a = 2$ \def\a{c} $\a = 3$", "tex") == [r"\a = 1", "b = 2", "c = 3"]
    assert maths("$$\\def\\a{b}$$\n\n$\\a = 2$", "md") == ["b = 2"]
    assert maths("% \\def\\a{b}\n$\\a = 2$", "tex") == [r"\a = 2"]


STUCK = [
    (r"\def\a{\a}", r"\a", r"the macro \a expands itself"),
    (r"\def\a{x\b}\def\b{\a y}", r"\a", r"the macro \a expands itself"),
    (r"\def\a#1{\a{#1 x}}", r"\a{1}", r"the macro \a expands itself"),
    (
        r"\def\a{x}\def\b{\a\a\a\a\a\a\a\a\a\a\a}\def\c{\b\b\b\b\b\b\b\b\b\b}\def\d{\c\c\c\c\c\c\c\c\c\c}",
        r"\d",
        r"the macro \d needs more than 1000 expansions",
    ),
    (r"\def\a{" + "x" * 9_000 + r"}\def\b{\a\a\a}", r"\b", "this expands to more than 20000 characters"),
    (r"\def\a#1{#1#1#1}", r"\a{" + "x" * 9_000 + "}", "this expands to more than 20000 characters"),
    (PD, r"\pd{a", r"an argument of \pd is not closed"),
    (PD, r"\pd{a}", r"an argument of \pd is missing"),
    (r"\def\a(#1){x}", r"\a(1)", r"\a is defined with delimited arguments"),
    (r"\NewDocumentCommand{\a}{s t+ m}{x}", r"\a{1}", r"\a is defined with arguments of a kind that is not read"),
]


@pytest.mark.parametrize(("definitions", "call", "reason"), STUCK, ids=[reason for *_, reason in STUCK])
def test_a_macro_that_is_stuck_troubles_its_own_row_only(definitions: str, call: str, reason: str) -> None:
    text = definitions + "\n\\begin{align}\nx &= y \\\\\n" + call + " \\\\\nz &= 3\n\\end{align}\n$$a = b$$"
    work = extract(text, "tex")
    assert [(row.math, row.trouble) for row in work.rows] == [("x = y", ""), ("", reason), ("z = 3", ""), ("a = b", "")]
    assert [row.line for row in work.rows] == [3, 4, 5, 7]


def test_a_row_with_too_many_calls() -> None:
    assert maths(r"\def\a{x}$1 = " + r"\a " * 1_001 + "$ $2 = 3$", "tex") == [
        "! the row needs more than 1000 expansions of macros",
        "2 = 3",
    ]


# -- what is not closed ------------------------------------------------------------------------------------------------------

OPEN = [
    ("\\[ a = b\n", [r"! \[ is not closed"]),
    ("\\[ a = b\n\\[ c = d \\]", [r"! \[ is not closed", "c = d"]),
    ("\\[ a = b\n\nand then it goes on\n\n$$ c = d $$", [r"! \[ is not closed", "c = d"]),
    ("$$ a = b\n\nand then it goes on\n\n$$ c = d $$", ["! $$ is not closed", "c = d"]),
    ("$$ a = b\n$$ c = d $$", ["! $$ is not closed", "c = d"]),
    ("$$\n\na = b\n\n$$", ["a = b"]),
    ("$a = b\n$c = d$", ["! $ is not closed", "c = d"]),
    ("$a = b\n\n$c = d$", ["! $ is not closed", "c = d"]),
    ("\\(a = b\n\n\\(c = d\\)", [r"! \( is not closed", "c = d"]),
    ("\\begin{align}\na &= b \\\\\nc &= d\n\n$e = f$", ["a = b", r"! \begin{align} is not closed", "e = f"]),
    ("\\begin{align}\na &= b \\\\\nc &= d", ["a = b", r"! \begin{align} is not closed"]),
    ("\\begin{align}\na &= b\n\\begin{align}\nc &= d\n\\end{align}", [r"! \begin{align} is not closed", "c = d"]),
    ("\\begin{align}\na &= b\n\\end{aligm}\n$c = d$", [r"! \begin{align} is not closed", "c = d"]),
    ("\\begin{align} a &= b \\end{align*} $c = d$", ["a = b", "c = d"]),
    ("\\begin{align} a &= \\begin{bmatrix} 1 \\\\ c &= d \\end{align}", [r"! \begin{bmatrix} is not closed", "c = d"]),
    ("\\begin{align} a &= 1 \\end{bmatrix} \\\\ c &= d \\end{align}", [r"! \end{bmatrix} closes nothing", "c = d"]),
    ("\\begin{align} a &= {1 \\\\ c &= d \\end{align}", ["a = {1", "c = d"]),
    ("\\begin{align} a &= 1} \\\\ c &= d \\end{align}", ["a = 1}", "c = d"]),
    ("\\begin{verbatim} a = b", []),
]


@pytest.mark.parametrize(("text", "found"), OPEN, ids=[text[:40] for text, _ in OPEN])
def test_what_is_not_closed_hides_no_row(text: str, found: list[str]) -> None:
    assert maths(text, "tex") == found
    stand_in(text, extract(text, "tex"))


def test_a_long_row_hides_no_row() -> None:
    text = f"$$a = {'1 + ' * MAX_ROW}$$ $$b = 1$$"
    assert maths(text, "tex") == [f"! the row is longer than {MAX_ROW} characters", "b = 1"]
    assert maths(f"a = {'1 + ' * MAX_ROW}\nb = 1", "txt") == ["! the line is longer than 20000 characters", "b = 1"]


def test_too_many_rows() -> None:
    assert len(extract("a = b\n" * MAX_ROWS, "txt").rows) == MAX_ROWS
    with pytest.raises(SymbpError, match=r"w\.txt: the work has more than 5000 rows"):
        extract("a = b\n" * (MAX_ROWS + 1), "txt", "w.txt")


# -- Markdown ----------------------------------------------------------------------------------------------------------------

MARKDOWN = [
    ("so $a = b$ and $$c = d$$ and \\(e = f\\) and \\[g = h\\]", ["a = b", "c = d", "e = f", "g = h"]),
    ("\\\\( a = b \\\\) and \\\\[ c = d \\\\\\\\ = e \\\\]", ["a = b", "c = d", "= e"]),
    ("$`a = b`$ but `$c = d$` and ``a ` $e = f$`` $g = h$", ["a = b", "g = h"]),
    ("```math\na = b \\\\\n= c % yes\n```\n", ["a = b", "= c"]),
    ("~~~latex\n\\begin{align}\na &= b \\\\ &= c\n\\end{align}\n~~~", ["a = b", "= c"]),
    ("```python\na = 3 # $b = c$\n```\n$d = e$", ["d = e"]),
    ("````\n```math\na = b\n```\n````", []),
    ("```math\na = b", ["a = b"]),
    ("> $$\n> a = b \\\\\n> = c\n> $$", ["a = b", "= c"]),
    ("* $a = b$\n- $c = d$\n1. $e = f$\n# $g = h$", ["a = b", "c = d", "e = f", "g = h"]),
    ("\\begin{align}\na &= b\n\\end{align}", ["a = b"]),
    ("It costs $5, and then x is = $6 more; 5% of $a = b$", ["a = b"]),
    ("<!-- $a = b$ --> $c = d$", ["c = d"]),
    ("z = w*x + b\n\nso dE/dw = z\n\nThis is a line of words, with a = b.", ["z = w*x + b", "dE/dw = z"]),
    ("- \\delta = \\frac{a}{b}\n- h1 = w1*i1\n| a | b = c |\n## E = 3", [r"\delta = \frac{a}{b}", "h1 = w1*i1"]),
    ("$$\n\\sum_{k=1}^n x\n$$", []),
    ("$$ a = b % it is\n = c $$", ["a = b \n = c"]),
]


@pytest.mark.parametrize(("text", "found"), MARKDOWN, ids=[text[:40] for text, _ in MARKDOWN])
def test_markdown(text: str, found: list[str]) -> None:
    assert maths(text, "md") == found
    work = extract(text, "md")
    stand_in(text, work)
    for row in work.rows:
        copies(row)


def test_markdown_keeps_its_places() -> None:
    text = "# T\n\n* $a = b$\n> $$c = d$$\n```math\ne = f\n```\ng = h1\n"
    assert texts(text, "md") == [(3, 3, "$a = b$"), (4, 3, "$$c = d$$"), (6, 1, "e = f"), (8, 1, "g = h1")]
    assert [row.medium for row in extract(text, "md").rows] == ["latex", "latex", "latex", "plain"]


# -- plain text ---------------------------------------------------------------------------------------------------------------

PLAIN = [
    ("net_h1 = w1*i1 + w2*i2", ["net_h1 = w1*i1 + w2*i2"]),
    ("Step 1: net_h1 = w1*i1", ["net_h1 = w1*i1"]),
    ("so dE/dw5 = dE/dout * dout/dw5", ["dE/dw5 = dE/dout * dout/dw5"]),
    ("therefore,  dE/dw = -(target - out) * hidden", ["dE/dw = -(target - out) * hidden"]),
    ("net_h1 = 0.15*0.05 + ... = 0.3775 (rounded)", ["net_h1 = 0.15*0.05 + ... = 0.3775"]),
    ("E = ½(t-o)², since we square it", ["E = ½(t-o)²"]),
    ("a) E = 1", ["E = 1"]),
    ("(1) E = 1", ["E = 1"]),
    ("(ii) E = 1", ["E = 1"]),
    ("1. net = 2", ["net = 2"]),
    ("=> dE/dw = 1", ["dE/dw = 1"]),
    ("- net = w x + b", ["net = w x + b"]),
    ("* h1 = σ(z1)", ["h1 = σ(z1)"]),
    ("• h = 3", ["h = 3"]),
    ("-x = 3", ["-x = 3"]),
    ("where delta = (o - t)*o*(1 - o)", ["delta = (o - t)*o*(1 - o)"]),
    ("z_i = Σ_j w_ij x_j for all i", ["z_i = Σ_j w_ij x_j for all i"]),
    ("dL/dz_i = y_i - t_i for i = 1,2", ["dL/dz_i = y_i - t_i for i = 1,2"]),
    ("y_i = s_i if i != j", ["y_i = s_i if i != j"]),
    ("∂y_i/∂z_j = -y_i y_j   (i ≠ j)", ["∂y_i/∂z_j = -y_i y_j   (i ≠ j)"]),
    ("For i = j:", []),
    ("If i = j: ∂y_i/∂z_j = y_i(1 - y_i)", ["∂y_i/∂z_j = y_i(1 - y_i)"]),
    ("h = f(z), where z = w x + b", ["h = f(z)", "z = w x + b"]),
    ("dE/dw1 = δ_P A;   dE/dw2 = δ_P B", ["dE/dw1 = δ_P A", "dE/dw2 = δ_P B"]),
    ("x = 1, y = 2", ["x = 1, y = 2"]),
    ("the error in w5 = 0.3", ["w5 = 0.3"]),
    ("loss function L = (t-o)^2", ["L = (t-o)^2"]),
    ("net input z1 = w1 x1", ["z1 = w1 x1"]),
    ("Let eta = 0.5 be the rate.", ["eta = 0.5"]),
    ("z = net input", []),
    ("w1 = w1 - lr * gradient * x", ["w1 = w1 - lr * gradient * x"]),
    ("pred = sigmoid(w*x)", ["pred = sigmoid(w*x)"]),
    ("z = np.dot(W, x) + b", ["z = np.dot(W, x) + b"]),
    ("dW = delta * x.T", ["dW = delta * x.T"]),
    ("||y-a||^2 = 3", ["||y-a||^2 = 3"]),
    ("w₁⁺ = w₁ − η·∂E/∂w₁", ["w₁⁺ = w₁ − η·∂E/∂w₁"]),
    ("ŷ = σ(z)", ["ŷ = σ(z)"]),
    ("w → w − η·δ", ["w → w − η·δ"]),
    ("w -> w - 0.1 * g", ["w -> w - 0.1 * g"]),
    ("w1 w2 -> h1, w3 -> h2", []),
    ("w := w - η∇E", ["w := w - η∇E"]),
    ("w <- w - g", ["w <- w - g"]),
    ("dE / dw = dE / do * do / dw", ["dE / dw = dE / do * do / dw"]),
    ("a == b", ["a == b"]),
    ("h1 = 1/(1+e^{-z})  [sigmoid]", ["h1 = 1/(1+e^{-z})"]),
    ("E = E1 + E2 # the sum", ["E = E1 + E2"]),
    ("**Step 2** z = w*x", ["z = w*x"]),
    ("also 0,4 + 0,3 = 0,7", ["0,4 + 0,3 = 0,7"]),
    ("h1 = max(0, z1) = 0.69 and both units are on", ["h1 = max(0, z1) = 0.69"]),
    ("Backprop (see eq. h1 = 2) is fun", ["h1 = 2"]),
    ("Hi, here is my attempt. z is before activation, h after.", []),
    ("cost = how much we are wrong", []),
    ("back-propagation = chain rule", []),
    ("weight(s) = 2", []),
    ("price = $5", []),
    ("E = ?", []),
    ("3-2-2 net, w1 w2 -> h1; a <= b => c", []),
]


@pytest.mark.parametrize(("line", "found"), PLAIN, ids=[line[:40] for line, _ in PLAIN])
def test_plain(line: str, found: list[str]) -> None:
    assert maths(line, "txt") == found
    text = f"Some words.\n\n  {line}  \n"
    work = extract(text, "txt")
    assert [row.math for row in work.rows] == found
    stand_in(text, work)
    if len(found) == 1:
        assert [row.text for row in work.rows] == [line]
    for row in work.rows:
        copies(row)


def test_names_of_the_network_are_mathematics() -> None:
    assert maths("left = w1 * right", "txt") == ["left = w1 * right"]
    assert maths("so left = w1", "txt") == []
    assert maths("so left = w1", "txt", "left") == ["left = w1"]
    assert maths("so dE/dw = δ right", "txt") == ["dE/dw = δ"]
    assert maths("so dE/dw = δ right", "txt", "right") == ["dE/dw = δ right"]


LINES = [
    ("a = b\n  = c\n≈ 3", ["a = b", "= c", "≈ 3"], [1, 1, 1]),
    ("a = b\n\nc = d\nwords\ne = f", ["a = b", "c = d", "e = f"], [1, 2, 3]),
    ("E = ½(t1-o1)² +\n  ½(t2-o2)²\n  = 3", ["E = ½(t1-o1)² +\n  ½(t2-o2)²", "= 3"], [1, 1]),
    ("E = ½(t1-o1)²\n  + ½(t2-o2)²\n* F = 3", ["E = ½(t1-o1)²\n  + ½(t2-o2)²", "F = 3"], [1, 1]),
    ("net = (w1*i1 +\n   w2*i2)\nE =\n3", ["net = (w1*i1 +\n   w2*i2)", "E =\n3"], [1, 1]),
    ("E = 3 +\n\nwords", ["E = 3 +"], [1]),
]


@pytest.mark.parametrize(("text", "found", "displays"), LINES, ids=[text[:30] for text, *_ in LINES])
def test_lines_that_go_on(text: str, found: list[str], displays: list[int]) -> None:
    work = extract(text, "txt")
    assert [row.math for row in work.rows] == found
    assert [row.display for row in work.rows] == displays
    stand_in(text, work)


def test_prose_of_plain_text() -> None:
    work = extract("Some words\n\nIf i = j: a_i = b_i\nand c = d\n= e", "txt")
    assert [row.prose for row in work.rows] == ["Some words\n\nIf i = j:", "and", ""]


def test_plain_text_with_formulas_of_latex() -> None:
    text = "it costs $5\nE = (t-o)^2 and some more words of prose\n\\[ a = b \\]\n\\frac{a}{b} = c \\\\\n"
    rows = extract(text, "txt").rows
    assert [(row.math, row.medium) for row in rows] == [("E = (t-o)^2", "plain"), ("a = b", "latex"), (r"\frac{a}{b} = c", "latex")]


def test_latex_without_delimiters() -> None:
    text = "The chain rule says that\n\\frac{\\partial E}{\\partial w} = \\delta x \\\\\n&= net_{h1} x \\\\ = 3"
    assert maths(text, "tex") == [r"\frac{\partial E}{\partial w} = \delta x", "= net_{h1} x", "= 3"]
    assert {row.medium for row in extract(text, "tex").rows} == {"latex"}


# -- declarations -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("\n% symbp: h1 = net_h1, z = net(a, b); q = {x, y}\n", "tex"),
        ("\n$a = b$ %symbp : h1=net_h1 , z=net(a, b),q={x, y}", "tex"),
        ("\n# symbp: h1 = net_h1, z = net(a, b); q = {x, y}\n", "txt"),
        ("\n% symbp: h1 = net_h1, z = net(a, b); q = {x, y}\n", "txt"),
        ("\n<!-- symbp: h1 = net_h1, z = net(a, b); q = {x, y} -->\n", "md"),
        ("\n% symbp: h1 = net_h1, z = net(a, b); q = {x, y}\n", "md"),
    ],
)
def test_declarations(text: str, kind: str) -> None:
    work = extract(text, kind)
    assert work.declared == (("h1", "net_h1", 2), ("z", "net(a, b)", 2), ("q", "{x, y}", 2))
    assert not any("net_h1" in row.math for row in work.rows)


def test_declarations_over_lines() -> None:
    work = extract("<!--\nsymbp: a = b,\n c = d\n  e\n-->", "md")
    assert work.declared == (("a", "b", 2), ("c", "d", 3), ("e", "", 4))


# -- files ----------------------------------------------------------------------------------------------------------------------

NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "source": ["# $x = 1$\n"], "outputs": [{"data": {"cell_type": "markdown", "source": "$y = 1$"}}]},
        {
            "cell_type": "markdown",
            "metadata": {"cells": []},
            "source": [
                "# Ü\n",
                "$$ \\frac{a}{b} = c $$\n",
                "prose \ud83d\ude00 ü\n",
                "\\begin{align}\n",
                "d &= e \\\\\n",
                "&= f\n",
                "\\end{align}",
            ],
        },
        {"source": 'one line\n$$ z = "1" $$\n$$ = 2 $$', "cell_type": "markdown"},
        {"cell_type": "raw", "source": "$r = s$"},
    ],
    "nbformat": 4,
}


@pytest.mark.parametrize("indent", [None, 1, "\t"])
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_notebooks(indent: int | str | None, ensure_ascii: bool) -> None:
    text = json.dumps(json.loads(json.dumps(NOTEBOOK)), indent=indent, ensure_ascii=ensure_ascii)
    work = extract(text, "ipynb")
    assert [row.math for row in work.rows] == [r"\frac{a}{b} = c", "d = e", "= f", 'z = "1"', "= 2"]
    assert [row.text for row in work.rows] == [r"$$ \frac{a}{b} = c $$", r"d &= e \\", "&= f", '$$ z = "1" $$', "$$ = 2 $$"]
    assert [row.display for row in work.rows] == [1, 2, 2, 3, 4]
    lines = text.split("\n")
    for row in work.rows:
        copies(row)
        assert json.dumps(row.text)[1:-1] == lines[row.line - 1][row.column - 1 :][: len(json.dumps(row.text)) - 2]


BAD_NOTEBOOKS = [
    ("{", r"w\.ipynb:1:2: the notebook is no JSON"),
    ('{"cells":\n[}', r"w\.ipynb:2:2: the notebook is no JSON"),
    ("[" * 100_000, "nested too deep"),
    ("[1]", "this is no notebook"),
    ("{}", "this is no notebook"),
    ("", "the notebook is no JSON"),
]


@pytest.mark.parametrize(("text", "message"), BAD_NOTEBOOKS, ids=[message for _, message in BAD_NOTEBOOKS])
def test_what_is_no_notebook(text: str, message: str) -> None:
    with pytest.raises(SymbpError, match=message):
        extract(text, "ipynb", "w.ipynb")


@pytest.mark.parametrize(
    "cells", ["null", "[]", "{}", "3", '[[], null, {"cell_type": "markdown"}, {"cell_type": 3, "source": [1, ["$a = b$"]]}]']
)
def test_notebooks_without_work(cells: str) -> None:
    assert extract(f'{{"cells": {cells}}}', "ipynb").rows == ()


@pytest.mark.parametrize("name", ["w.tex", "w.MD", "w.markdown", "w.ipynb", "w.txt"])
def test_files(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes("\ufeffa = ½\r\nb\rc".encode())
    assert read_work(path) == ("a = ½\nb\nc", KINDS[path.suffix.lower()])


def bad(make: Callable[[Path], Path], message: str, hint: str) -> pytest.param:  # type: ignore[valid-type]
    return pytest.param(make, message, hint, id=message)


def written(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def directory(folder: Path) -> Path:
    (folder / "w.tex").mkdir()
    return folder / "w.tex"


@pytest.mark.parametrize(
    ("make", "message", "hint"),
    [
        bad(lambda folder: folder / "none.tex", "cannot be read: No such file", "check the name"),
        bad(lambda folder: folder / "no\0ne.tex", "cannot be read", "check the name"),
        bad(directory, "this is a directory", "known: .ipynb"),
        bad(written("w.pdf", b""), "work is not read from a file with the extension '.pdf'", ".ipynb, .markdown, .md, .tex, .txt"),
        bad(written("w", b""), "a name without an extension", ".tex"),
        bad(written("w.tex", b"a\nb\0"), "w.tex:2: the file has a NUL byte", "save it as text"),
        bad(written("w.tex", b"a\n\nb\xff"), "w.tex:3: the byte 0xff is no UTF-8", "save the file as UTF-8"),
        bad(written("w.tex", b"a" * (MAX_BYTES + 1)), "the file is too large", "at most 5 MB"),
    ],
)
def test_files_that_are_not_read(tmp_path: Path, make: Callable[[Path], Path], message: str, hint: str) -> None:
    with pytest.raises(SymbpError) as caught:
        read_work(make(tmp_path))
    assert message in str(caught.value)
    assert hint in str(caught.value.hint)


def test_what_comes_without_a_file() -> None:
    assert decode("\ufeffa\r\n".encode(), "standard input") == "a\n"
    with pytest.raises(SymbpError, match="standard input: the file is too large"):
        decode(b"a" * (MAX_BYTES + 1), "standard input")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a = b", "txt"),
        ("# Title\na = b", "txt"),
        (r"\begin{align} a &= b \end{align}", "tex"),
        (r"\[ a = b \]", "tex"),
        (r"\frac{a}{b} = c", "tex"),
        ("so $a = b$", "md"),
        ("## Title\n\\[ a = b \\]", "md"),
        ("```math\na = b\n```", "md"),
        ("* $a = \\frac{1}{2}$", "md"),
        ('{"cells": [], "nbformat": 4}', "ipynb"),
        ("{a} = b", "txt"),
        ("", "txt"),
    ],
)
def test_kind_of_text(text: str, kind: str) -> None:
    assert kind_of_text(text) == kind


# -- whatever is given -----------------------------------------------------------------------------------------------------------

PIECES = [
    *(r"\begin{align}", r"\end{align}", r"\begin{aligned}", r"\end{aligned}", r"\begin{bmatrix}", r"\end{bmatrix}", r"\begin{cases}"),
    *(r"\end{cases}", r"\begin{array}{rl}", r"\end{array}", r"\begin{multline}", r"\end{multline}", r"\\", r"\\[2pt]", "&", "&=", "="),
    *("a", "x_1", " ", "\n", "\n\n", "$", "$$", r"\[", r"\]", r"\(", r"\)", r"\\(", r"\\)", r"\\[", r"\\]", "{", "}", "%", "`", "```\n"),
    *("<!--", "-->", "> ", "- ", r"\left(", r"\right)", r"\left", r"\right", r"\tag{1}", r"\label{", r"\intertext{hi}", r"\text{if }"),
    *(r"\alpha", r"\frac{a}{b}", "dE/dw", "net", "out", "for", "i", "(", ")", ",", ".", ";", ":", "→", "≈", "0.5", '"', "# ", "symbp:"),
    *(
        "|",
        "**",
        "*",
        "+",
        "∂E/∂w",
        "σ(z)",
        "²",
        "\t",
        "word",
        "and so on",
        r"\ensuremath{",
        r"\begin{verbatim}",
        r"\end{document}",
        "^",
        "_",
    ),
]
OWN = [r"\newcommand{\m}[1]{x #1}", r"\m", r"\m{a}", r"\def\k{\begin{align}}", r"\k", r"\def\r{\r}", r"\r "]


@settings(max_examples=250)
@given(st.lists(st.sampled_from([*PIECES, *OWN]), max_size=50).map("".join), st.sampled_from(["tex", "md", "txt"]))
def test_every_row_stands_in_its_text(text: str, kind: str) -> None:
    work = extract(text, kind)
    stand_in(text, work)
    if not any(macro in text for macro in (r"\m", r"\k", r"\r")):
        for row in work.rows:
            copies(row)


@settings(max_examples=100)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200), st.sampled_from(["tex", "md", "txt"]))
def test_any_text_is_read(text: str, kind: str) -> None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    stand_in(plain, extract(text, kind))


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.sampled_from(["tex", "md"]))
def test_no_paragraph_hides_what_follows_it(text: str, kind: str) -> None:
    if any(piece in text for piece in ("```", "verbatim", "document", "<!--")):
        return
    work = extract(text + "\n\nAnd this is some prose.\n\n$$ q_{99} = 7 $$\n", kind)
    assert work.rows[-1].math == "q_{99} = 7"


@settings(max_examples=50)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_a_notebook_is_read_like_its_cell(text: str) -> None:
    cell = {"cells": [{"cell_type": "markdown", "source": text.splitlines(keepends=True)}]}
    found, given_ = extract(json.dumps(cell, indent=1), "ipynb").rows, extract(text, "md").rows
    assert [(row.text, row.math, row.places) for row in found] == [(row.text, row.math, row.places) for row in given_]


N = 60_000
HOSTILE = {
    "dollars": "$" * N,
    "equals": "=" * N,
    "inline": "$" + "x=" * N + "$",
    "backslashes": "\\" * N,
    "openers": r"\[" * (N // 2),
    "brackets": r"\(" * (N // 2),
    "doubled": r"\\[" * (N // 3),
    "ensuremath": r"\ensuremath{" * (N // 12),
    "begins": r"\begin{align}" * (N // 13),
    "paragraphs": "\\begin{aligned}\n\n" * (N // 17),
    "displays": "$$ a\n\n" * (N // 7),
    "ends": r"\end{align}" * (N // 11),
    "braces": r"\[ x=" + "{" * N + "}" * N + r"\]",
    "open braces": r"\[ x=" + "{" * N + r"\]",
    "nested": r"\[ x=" + r"\begin{bmatrix}" * 1_000 + r"\end{bmatrix}" * 1_000 + r"\]",
    "cases": r"\[" + r"\begin{cases}" * (N // 13) + r"\]",
    "lefts": r"\[ x=" + r"\left( " * (N // 7) + r"\]",
    "marks": r"\begin{align}" + r"\label{a} " * (N // 20) + "& " * (N // 4) + r"=\end{align}",
    "columns": r"\begin{align}" + "a=b&" * (N // 20) + r"\end{align}",
    "tags": r"\[ x=" + r"\tag{" * (N // 5) + r"\]",
    "ticks": "`" * N,
    "code": "` `` ``` " * (N // 9),
    "comments": "<!-- " * (N // 5),
    "percent": "%\n" * (N // 2),
    "quotes": "> " * (N // 2),
    "fences": "```\n" * (N // 4),
    "definitions": r"\def\a{" * (N // 7),
    "spaced": r"\def\a  " * (N // 8),
    "new": r"\newcommand{\a}[1]{" * (N // 19),
    "loop": r"\def\a{\a\a}" + r"$\a=1$" * 200,
    "bombs": r"\def\a{xxxxxxxxxx}\def\b{\a\a\a\a\a\a\a\a}\def\c{\b\b\b\b\b\b\b\b}\def\d{\c\c\c\c\c\c\c\c}" + r"\d" * 200,
    "arguments": r"\def\a#1{#1}" + r"\a{" * (N // 3),
    "nested arguments": r"\def\a#1{#1}$x=" + r"\a{" * 900 + "}" * 900 + "$",
    "line": "a = b " * (N // 6),
    "open": "a = (\n" * 2_000,
    "semicolons": "a=b;" * 2_000,
    "words": "word " * (N // 5) + "= 3",
    "stars": "**a " * (N // 4),
    "differentials": "d/d" * (N // 3),
    "calls": "abc(" * (N // 4),
    "arrows": "-> " * (N // 3),
    "declarations": "% symbp: " + "a," * (N // 2),
    "mixed": "$$ a \\[ b \\begin{align} c \\] $ " * (N // 34),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["tex", "md", "txt"])
def test_no_text_takes_long(name: str, kind: str) -> None:
    """Time goes with length: 60 kB take a second at the very most; what is quadratic takes minutes."""
    start = time.process_time()
    try:
        found = len(extract(HOSTILE[name], kind).rows)
    except SymbpError:
        found = MAX_ROWS
    assert found <= MAX_ROWS
    assert time.process_time() - start < 4
