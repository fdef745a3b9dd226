r"""What is a row, wherever it stands and in whatever language the words around it are; which words say what a row is about."""

from __future__ import annotations

import time
from typing import Final

import pytest

import symbp
from symbp.verification.source.extract import extract
from symbp.verification.source.work import Line, functions_of, read_lines


def maths(text: str, kind: str = "txt") -> list[str]:
    """What of every row is mathematics, without blanks."""
    return ["".join(row.math.split()) or f"! {row.trouble}" for row in extract(text, kind).rows]


def lines(text: str, kind: str = "txt") -> list[Line]:
    spec = symbp.derive("mazur").spec
    work = extract(text, kind)
    return read_lines(spec, work, functions_of(spec, work))


ROW: Final = "dE/dw5 = 0.1385*0.5933"
AROUND: Final = [
    *(
        "Step 3: {}",
        "(a) {}",
        "1. {}",
        "2) {}",
        "=> {}",
        "-> {}",
        "∴ {}",
        "• {}",
        "- {}",
        "therefore {}",
        "so {}",
        "neuron h1: {}",
        "**{}**",
    ),
    *(
        "Por lo tanto {}.",
        "Daraus folgt {}, wie oben.",
        "Donc {} d'où le résultat",
        "Quindi {} come sopra",
        "因此{}。",
        "Значит {} (см. выше)",
    ),
    *(
        "We have {}, which is small.",
        "“{}”",
        "(see {})",
        "{} (rounded)",
        "{} by the chain rule",
        "{}  [chain rule]",
        "{} # as above",
        "{} // so",
    ),
    *(
        "Hence, as we saw in class, {} for this weight.",
        "Således {} som ovan",
        "Zatem {} i gotowe",
        "Hallo zusammen, also gilt {} und fertig",
    ),
]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("kind", ["txt", "md"])
def test_words_around_a_row_are_prose(around: str, kind: str) -> None:
    assert maths(around.format(ROW), kind) == [ROW.replace(" ", "")]


MARKED: Final = [
    "```\n{}\n```",
    "```python\n{}\n```",
    "~~~text\n{}\n~~~",
    "| step | row |\n|---|---|\n| 1 | {} |",
    "* item: {}",
    "> {}",
    "> - {}",
    "## {}",
    "`{}`",
    "Some words `{}` and more.",
    "A [link](http://example.org/?a=b) and {}",
    "Words.\n{}\nWords.",
]


@pytest.mark.parametrize("marked", MARKED)
def test_a_row_is_one_behind_every_mark_of_markdown(marked: str) -> None:
    assert maths(marked.format(ROW), "md") == [ROW.replace(" ", "")]


SEVERAL: Final = [
    ("w5 = 0.3; w6 = 0.4", ["w5=0.3", "w6=0.4"]),
    ("w5 = 0.3 and w6 = 0.4", ["w5=0.3", "w6=0.4"]),
    ("w5 = 0.3 y w6 = 0.4", ["w5=0.3", "w6=0.4"]),
    ("w5 = 0,3 und w6 = 0,4", ["w5=0,3", "w6=0,4"]),
    ("w5 = 0.3    w6 = 0.4", ["w5=0.3", "w6=0.4"]),
    ("w5 = 0.3, w6 = 0.4", ["w5=0.3,w6=0.4"]),
    ("(a) w5 = 0.3; (b) w6 = 0.4", ["w5=0.3", "w6=0.4"]),
    ("minimum: 2q - 5 = 0 => q = 2.5", ["2q-5=0", "q=2.5"]),
    ("net = 2.5 -> 0.92", ["net=2.5"]),
    ("h = f(z), where z = w x + b", ["h=f(z)", "z=wx+b"]),
]


@pytest.mark.parametrize(("text", "found"), SEVERAL)
def test_several_rows_in_a_line(text: str, found: list[str]) -> None:
    assert maths(text) == found


NONE: Final = [
    *(
        "There is nothing to see here.",
        "z = net input",
        "cost = how much we are wrong",
        "The sum = is nice",
        "backprop = chain rule",
        "=====",
        "price = $5",
    ),
    *(
        "x -> h, w1 w2 -> h1",
        "http://example.org/?a=b&c=d",
        "for i = j:",
        "The weights (see page 3) are small - as always.",
        "E_total = sum of both",
        "An exact one stands after =, a rounded one after ≈.",
    ),
]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_mathematics_is_no_row(text: str) -> None:
    assert maths(text) == []


WITHIN: Final = [
    ("w5 = 0.3589 (rounded) = 0.36", "w5=0.3589=0.36"),
    ("w5 ≈ about 0.36", "w5≈0.36"),
    ("eta = learning rate = 0.5", "eta=0.5"),
    ("w_new = w_old - lr * gradient of w", "w_new=w_old-lr*dE/dw"),
    ("so out_o1 (1 - out_o1) = 0.1868", "out_o1(1-out_o1)=0.1868"),
    ("dE/dw5 = (out_o1 - t1) out_o1 (1 - out_o1) out_h1   (chain rule)", "dE/dw5=(out_o1-t1)out_o1(1-out_o1)out_h1"),
    ("dE/dw5 = -0.74 * 0.18 - this is negative", "dE/dw5=-0.74*0.18"),
    ("δo1 = –(1 – 0.519) · 0.519 = –0.120", "δo1=–(1–0.519)·0.519=–0.120"),
    ("A = pi r^2", "A=pir^2"),
    ("h1 = δ_o1   (by (22) and (25))      (31)", "h1=δ_o1"),
    ("Err = target - output = 0.26", "Err=target-output=0.26"),
]


@pytest.mark.parametrize(("text", "found"), WITHIN)
def test_where_a_row_begins_and_ends(text: str, found: str) -> None:
    assert maths(text) == [found]


PHRASES: Final = [
    *(
        ("new w5 = 0.36", "w5⁺=0.36"),
        ("w5 new = 0.36", "w5⁺=0.36"),
        ("w5neu = w5alt - 0.04", "w5⁺=w5-0.04"),
        ("neues w5 = 0,36", "w5⁺=0,36"),
    ),
    *(
        ("nuevo peso w5 = 0.36", "w5⁺=0.36"),
        ("nouveau w5 = 0.36", "w5⁺=0.36"),
        ("новый w5 = 0.36", "w5⁺=0.36"),
        ("新的 w5 = 0.36", "w5⁺=0.36"),
    ),
    *(
        ("the new value of w5 is 0.36.", "w5⁺=0.36"),
        ("gradient of w5: 0.0822", "dE/dw5=0.0822"),
        ("Gradient von w5: 0,0822", "dE/dw5=0,0822"),
    ),
    ("derivative of E with respect to w5 = 0.08", "dE/dw5=0.08"),
    ("Ableitung von E nach w5 = 0,08", "dE/dw5=0,08"),
    ("derivada de E respecto a w5: 0.08", "dE/dw5=0.08"),
    ("градиент w5 = 0.08", "dE/dw5=0.08"),
    ("delta o1 = 0.7414 * 0.7514", "delta_{o1}=0.7414*0.7514"),
    ("δ of o1: (out_o1 - t1)*out_o1", "delta_{o1}=(out_o1-t1)*out_o1"),
    ("delta of neuron o1 = 0.13", "delta_{o1}=0.13"),
    ("o1 error = 0.75 - 0.01", "error_{o1}=0.75-0.01"),
    ("output of h1 = 0.59", "out_{h1}=0.59"),
    ("net input z1 = w1 x1", "z1=w1x1"),
    ("Delta w5 = -0.5*0.08", "Deltaw5=-0.5*0.08"),
    ("dE/dw5: 0.0822", "dE/dw5=0.0822"),
    ("gradient of w5: dE/dw5 = 0.0822", "dE/dw5=0.0822"),
    ("0.3 times 0.5 = 0.15", "0.3*0.5=0.15"),
]


@pytest.mark.parametrize(("text", "found"), PHRASES)
def test_words_that_say_what_a_row_is_about(text: str, found: str) -> None:
    assert maths(text) == [found]
    (row,) = extract(text, "txt").rows
    assert row.text == text
    assert [*row.places] == sorted(row.places)


def test_the_loss_has_the_letter_of_the_text() -> None:
    assert maths("dJ/dw6 = 0.3\ngradient of w5: 0.0822") == ["dJ/dw6=0.3", "dJ/dw5=0.0822"]


def test_the_words_before_a_row_are_kept() -> None:
    text = "neuron h1: net = 0.3775\nH1: 0.5*1 + 1*2 = 2.5\nFor the output:\nE = 3\nso E = 4. Then w5 = 3"
    assert [row.about for row in extract(text, "txt").rows] == ["neuron h1", "H1", "For the output", "so", "Then"]
    assert [row.about for row in extract("Hidden unit $net_{h1} = 3$ and $b = 1$", "md").rows] == ["Hidden unit", "and"]


def test_samples_are_counted_by_their_headings() -> None:
    text = "## Sample 1\nE = 1\n### Forward\nE = 2\n## Sample 2\nE = 3\n## Altogether\nE = 4\n**Beispiel 3:**\nE = 5\n\nt = 4:\nE = 6\n"
    assert [row.sample for row in extract(text, "md").rows] == [1, 1, 2, None, 3, 4]
    assert [row.sample for row in extract("Sample 7: E = 1\n\nE = 2", "txt").rows] == [7, 7]
    assert [row.sample for row in extract("t = 1", "txt").rows] == [None]


FORMULAS: Final = [
    (r"$frac{partial E}{partial w_5} = delta_5 cdot x$", [r"\frac{\partialE}{\partialw_5}=\delta_5\cdotx"]),
    ("$\x0crac{a}{b} = c$", [r"\frac{a}{b}=c"]),
    (r"$\delta_{o1}$ = $(o - t) o$ = 0.1385", [r"\delta_{o1}=(o-t)o=0.1385"]),
    (r"new $w_5 = 0.36$", ["w_5⁺=0.36"]),
    (r"$w_5$ new = 0.36", ["w_5⁺=0.36"]),
    (r"\text{new } w_5 = 0.36", ["w_5⁺=0.36"]),
    ("Gradient of w5:\n$$= 0.1385 = 0.0822$$", ["dE/dw5=0.1385=0.0822"]),
    ("w<sub>5</sub> = 0.4 &minus; 0.5 &middot; 0.08", ["w_{5}=0.4−0.5·0.08"]),
    ("**dE/dw5** = 0.0822 and *w5* = 0.3", ["dE/dw5=0.0822", "w5=0.3"]),
    ("| net_h1 | = 0.3775 |", ["net_h1=0.3775"]),
    (r"where \frac{a}{b} = c \\ = 0.13 holds", [r"\frac{a}{b}=c", "=0.13"]),
    ("$g =$ the logistic function", []),
]


@pytest.mark.parametrize(("text", "found"), FORMULAS)
def test_formulas_in_prose(text: str, found: list[str]) -> None:
    assert maths(text, "md") == found


def test_what_a_reader_does_not_see_is_not_read() -> None:
    assert maths("\\iffalse $a = 1$ \\ifx x y \\fi $b = 1$ \\fi $c = 1$ \\iff $d = 1$", "tex") == ["c=1", "d=1"]
    assert maths("% $a = 1$\n\\begin{comment}$b = 1$\\end{comment} $c = 1$", "tex") == ["c=1"]
    assert maths("<!-- a = 1 --> <img src='x' alt='b = 1'> c = 1", "md") == ["c=1"]


def test_a_comment_that_binds_nothing_is_prose() -> None:
    assert extract("% symbp: see README\n$a = 1$", "tex").declared == ()
    assert extract("% symbp: h1 = net_h1, see above\n$a = 1$", "tex").declared == (("h1", "net_h1", 1), ("see above", "", 1))


OPEN: Final = [
    ("a = 2(b - c) d (1 - e\nf = g", ["a=2(b-c)d(1-e", "f=g"]),
    ("a = 2(b - c)) d\nf = g", ["a=2(b-c))d", "f=g"]),
    ("net = (w1*i1 +\n   w2*i2) = 3", ["net=(w1*i1+w2*i2)=3"]),
    ("E = 0.3 *\ndE/dw5 = 0.08", ["E=0.3*", "dE/dw5=0.08"]),
    ("E =\nF = 3", ["E=", "F=3"]),
    ("dE/dw5 =\n0.1385*0.5933 = 0.0822", ["dE/dw5=0.1385*0.5933=0.0822"]),
]


@pytest.mark.parametrize(("text", "found"), OPEN)
def test_what_is_not_closed_swallows_no_row(text: str, found: list[str]) -> None:
    assert maths(text) == found


def test_a_row_goes_on_from_the_one_above_only() -> None:
    found = lines("dE/dw6 = 0.0827\ndE/dw5 = @(0.5 *\n= 0.0822\n= 0.5*0.2 = 0.1\nw5 = 0.3\n= 0.4")
    assert [line.trouble is None for line in found] == [True, False, False, True, True, True]
    assert [link.is_carried for line in found for link in line.links] == [False, False, False, True]
    assert found[2].trouble is not None
    assert "goes on" in found[2].trouble.found


@pytest.mark.parametrize("text", ["= 0.3", "dE/dw5 ="])
def test_half_an_equation_is_told(text: str) -> None:
    (line,) = lines(text)
    assert line.trouble is not None


def test_an_arrow_before_a_row_breaks_no_chain() -> None:
    text = "-> dE/dw5 = 0.1385 * 0.5933\n   = 0.0822\n-> w5 new = 0.4 - 0.5 * 0.0822\n   = 0.4 - 0.0411\n   = 0.3589\n"
    assert [row.verdict for row in symbp.verify("mazur", text).files[0].rows] == ["correct"] * 5


CONDITIONS: Final = ["l = L-1, …, 1", "j = 1, 2, 3", "i \\neq j", "k \\in \\{1, 2\\}", "1 \\le i \\le 3", "i = 1, \\dots, n"]


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("before", [r"\quad ", r", \quad ", r"\qquad \text{for } ", r"\text{ for all } ", r"\quad \forall "])
def test_what_is_said_behind_a_row_is_a_condition(condition: str, before: str) -> None:
    if "all" in before and "=" in condition and "…" not in condition and "dots" not in condition:
        return
    (line,) = lines(f"$a_i = b_i c{before}{condition}$", "md")
    assert line.trouble is None
    assert len(line.links) == 1
    assert line.conditions


N: Final = 60_000
HOSTILE: Final = {
    "new": "new " * (N // 4),
    "blanks": "new" + " " * N,
    "nouns": "net input of the " * (N // 17),
    "units": "delta o1 " * (N // 9),
    "colons": "gradient of w5: " * (N // 16),
    "names": "w5 new " * (N // 7),
    "words": "a = b c = d words " * (N // 18),
    "brackets": "a = (b c (" * (N // 10),
    "cells": "| a = b " * (N // 8),
    "bold": "**a" * (N // 3),
    "scripts": "<sub>1" * (N // 6),
    "entities": "&a" * (N // 2),
    "headings": "# Sample\n" * (N // 9),
    "stars": "*" * N,
    "lost": "frac{" * (N // 5),
    "hidden": r"\iffalse " * (N // 9),
    "fences": "```\na = b\n" * 400,
    "code": "`a` = `b` " * (N // 10),
    "dollars": "$a$ = $b$ " * (N // 10),
    "hyphens": "a-b-" * (N // 4) + " = 3",
    "scripted": "x_{" * (N // 3) + "= 3",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["tex", "md", "txt"])
def test_no_text_takes_long(name: str, kind: str) -> None:
    start = time.process_time()
    extract(HOSTILE[name], kind)
    assert time.process_time() - start < 4
