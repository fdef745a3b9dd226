"""Honest works that look like tricks: none loses a mark by a rule that was made against these; at worst a person looks.

Each is given with the least and the most that it may get, out of 8 on `mazur`, out of 9 on `relu`.
"""

from __future__ import annotations

import pytest
from marked import marked, span

OUTPUT = """
dE/dw5 = (out_o1 - t1)*out_o1*(1 - out_o1)*out_h1
dE/dw6 = (out_o1 - t1)*out_o1*(1 - out_o1)*out_h2
dE/dw7 = (out_o2 - t2)*out_o2*(1 - out_o2)*out_h1
dE/dw8 = (out_o2 - t2)*out_o2*(1 - out_o2)*out_h2
"""
DELTAS = """
delta_o1 = (out_o1 - t1)*out_o1*(1 - out_o1)
delta_o2 = (out_o2 - t2)*out_o2*(1 - out_o2)
delta_h1 = (delta_o1*w5 + delta_o2*w7)*out_h1*(1 - out_h1)
delta_h2 = (delta_o1*w6 + delta_o2*w8)*out_h2*(1 - out_h2)
"""
FROM_DELTAS = """
dE/dw1 = delta_h1*i1
dE/dw2 = delta_h1*i2
dE/dw3 = delta_h2*i1
dE/dw4 = delta_h2*i2
dE/dw5 = delta_o1*out_h1
dE/dw6 = delta_o1*out_h2
dE/dw7 = delta_o2*out_h1
dE/dw8 = delta_o2*out_h2
"""
VALUES = (0.000438568, 0.000877135, 0.000497713, 0.000995425, 0.082167041, 0.082667628, -0.022602540, -0.022740242)
ANSWERS = "\n".join(f"dE/dw{n} = {value:.9f}" for n, value in enumerate(VALUES, 1))
W5 = r"\frac{\partial E_{total}}{\partial w_5}"
ALIGNED = rf"""
\begin{{align*}}
{W5} &= \frac{{\partial E_{{total}}}}{{\partial out_{{o1}}}} \cdot \frac{{\partial out_{{o1}}}}{{\partial net_{{o1}}}}
  \cdot \frac{{\partial net_{{o1}}}}{{\partial w_5}} \\
  &= 0.74136507 \cdot 0.186815602 \cdot 0.593269992 \\
  &= 0.082167041
\end{{align*}}
"""
SECOND_STEP = """
w5+ = 0.4 - 0.5*0.082167041 = 0.35891648

Second training step:

w5+ = 0.35891648 - 0.5*0.0801 = 0.31886648
"""
DONE = {
    "all from deltas": DELTAS + FROM_DELTAS,
    "gradients before deltas": FROM_DELTAS + DELTAS,
    "deltas of the notation, not worked out": FROM_DELTAS,
    "with a summary of the same": DELTAS + FROM_DELTAS + "\n\nSummary:\n" + FROM_DELTAS,
    "with a summary of values": DELTAS + FROM_DELTAS + "\n\nSummary:\n\n" + ANSWERS,
    "with the given numbers first": "w1 = 0.15\nw2 = 0.20\ni1 = 0.05\ni2 = 0.10\n" + DELTAS + FROM_DELTAS,
    "with a coarser summary": DELTAS + FROM_DELTAS + "\n\nRounded:\n\ndE/dw5 = 0.0822\ndE/dw6 = 0.083\ndE/dw7 = -0.0226",
    "with updates": DELTAS + FROM_DELTAS + "w5+ = w5 - eta*dE/dw5 = 0.35891648\nw6+ = w6 - eta*dE/dw6 = 0.408666186",
    "with a second step": DELTAS + FROM_DELTAS + SECOND_STEP,
    "with short names": DELTAS + FROM_DELTAS + "g = dE/dw5\n",
    "with what is trivial too": DELTAS + FROM_DELTAS + "dE/dw5 = dE/dw5\n1 = 1",
    "with rows that say a step twice": DELTAS + FROM_DELTAS + "dE/dw5 = 1*delta_o1*out_h1\ndE/dw6 = delta_o1*out_h2 + 0",
    "with a check by differences": DELTAS + FROM_DELTAS + "\n\nCheck:\n\ndE/dw5 = (0.298412 - 0.298330)/0.001",
    "with a ratio of gradients": DELTAS + FROM_DELTAS + "dE/dw6 = dE/dw5*out_h2/out_h1",
    "with a retraction": "dE/dw5 = delta_o1*out_h2\n\nCorrection: I took the wrong output.\n\n" + DELTAS + FROM_DELTAS,
    "with two retractions": "dE/dw5 = delta_o1*out_h2\n\nActually\n\ndE/dw5 = delta_o2*out_h1\n\nOops, so actually:\n\n"
    + DELTAS
    + FROM_DELTAS,
    "in parts": "Part a)\n" + DELTAS + "\n\nPart b)\n" + FROM_DELTAS,
}


@pytest.mark.parametrize("name", DONE)
def test_all_marks(name: str) -> None:
    found = marked(DONE[name])
    assert span(found) == (8, 8), found
    assert found.mark == 8


PARTLY: dict[str, tuple[str, int, int]] = {
    "formulas without a delta": (OUTPUT, 4, 4),
    "one row": ("dE/dw5 = delta_o1*out_h1", 1, 1),
    "a chain of derivatives": ("dE/dw5 = dE/dout_o1*dout_o1/dnet_o1*dnet_o1/dw5", 1, 1),
    "a chain through a sum that is worked out": (
        "dE/dout_h1 = delta_o1*w5 + delta_o2*w7\ndE/dw1 = dE/dout_h1*out_h1*(1 - out_h1)*i1",
        1,
        1,
    ),
    "a chain through a sum that is worked out wrong": (
        "dE/dout_h1 = delta_o1*w5 + delta_o2*w6\ndE/dw1 = dE/dout_h1*out_h1*(1 - out_h1)*i1",
        1,
        1,
    ),
    "a sibling, the first one worked out": (
        "delta_o1 = (out_o1 - t1)*out_o1*(1 - out_o1)\ndE/dw5 = delta_o1*out_h1\ndE/dw6 = dE/dw5*out_h2/out_h1",
        2,
        2,
    ),
    "a sibling, the first one given by a delta only": ("dE/dw5 = delta_o1*out_h1\ndE/dw6 = dE/dw5*out_h2/out_h1", 1, 2),
    "an own name for a delta": ("d1 = (out_o1 - t1)*out_o1*(1 - out_o1)\ndE/dw5 = d1*out_h1\ndE/dw6 = d1*out_h2", 2, 2),
    "own letters, told by other rows": ("dE/dw5 = kappa_1*mu_1\ndE/dw6 = kappa_1*mu_2\nmu_1 = out_h1", 2, 2),
    "an own letter for a delta, in two rows": ("dE/dw5 = kappa_1*out_h1\ndE/dw6 = kappa_1*out_h2", 2, 2),
    "numbers": ("dE/dw5 = 0.74136507*0.186815602*0.593269992 = 0.082167041", 1, 1),
    "numbers of four digits": ("dE/dw5 = 0.7414*0.1868*0.5933 = 0.0822", 1, 1),
    "numbers and a formula": ("dE/dw5 = delta_o1*out_h1 = 0.138498562*0.593269992 = 0.082167041", 1, 1),
    "a difference of numbers": ("dE/dw5 = -(0.01 - 0.75136507)*0.186815602*0.593269992 = 0.082167041", 1, 1),
    "an update with the formula in it": ("w5+ = w5 - eta*(out_o1 - t1)*out_o1*(1 - out_o1)*out_h1", 1, 1),
    "a wrong gradient and the right update": ("dE/dw5 = delta_o1*out_h2\nw5+ = w5 - eta*delta_o1*out_h1", 0, 1),
    "a wrong gradient and the update that follows": ("dE/dw5 = delta_o1*out_h2\nw5+ = w5 - eta*delta_o1*out_h2", 0, 0),
    "answers only": (ANSWERS, 0, 8),
    "answers to four digits": ("dE/dw5 = 0.08217\ndE/dw6 = 0.08267", 0, 2),
    "new weights only": ("w5+ = 0.35891648\nw6+ = 0.408666186", 0, 2),
    "a mistake and what follows": ("delta_o1 = (out_o1 - t1)*out_o1\ndE/dw5 = (out_o1 - t1)*out_o1*out_h1", 1, 1),
    "a sign and what follows": (
        "delta_o1 = (t1 - out_o1)*out_o1*(1 - out_o1)\ndE/dw5 = (t1 - out_o1)*out_o1*(1 - out_o1)*out_h1\ndE/dw6 = delta_o1*out_h2",
        2,
        2,
    ),
    "a slip in a number and what follows": (
        "delta_o1 = (out_o1 - t1)*out_o1*(1 - out_o1) = 0.1348\ndE/dw5 = 0.1348*0.593269992 = 0.07997",
        1,
        1,
    ),
    "an unexplained number and what follows": ("delta_o1 = 0.2431\ndE/dw5 = 0.2431*out_h1", 0, 1),
    "a draft without a word between": ("dE/dw5 = delta_o1*out_h2\ndE/dw5 = delta_o1*out_h1", 0, 1),
    "a row that nobody can read": ("dE/dw5 = delta_o1*out_h1\n\ndE/dw6 = ((delta_o1 * *", 1, 8),
    "a comment that numbers the weights otherwise": ("% symbp: w5 = w7\ndE/dw5 = delta_o2*out_h1", 0, 8),
    "a comment that names what is new": ("% symbp: kappa = delta_o1\ndE/dw5 = kappa*out_h1", 1, 1),
    "a comment that says what is known": ("% symbp: E = E_total\ndE/dw5 = delta_o1*out_h1", 1, 1),
    "decimal commas": ("dE/dw5 = 0,74136507*0,186815602*0,593269992 = 0,082167041", 1, 1),
}


@pytest.mark.parametrize("name", PARTLY)
def test_what_is_there_is_worth_its_marks(name: str) -> None:
    work, low, high = PARTLY[name]
    found = marked(work)
    assert span(found) == (low, high), found
    assert (found.mark is None) == (low != high)
    assert found.needs_review == (low != high) or "unread" in found.flags


BY_SCHEME = {
    "answers only where they count": ('bare = "full"', ANSWERS, 8),
    "three digits are asked for": ('bare = "full"\nsignificant = 3', "dE/dw5 = 0.0822\ndE/dw6 = 0.0827", 2),
    "two decimals are asked for": ('bare = "full"\ndecimals = 2', "dE/dw5 = 0.08\ndE/dw6 = 0.08", 2),
    "digits are asked for, and a formula is given": ("significant = 6", "dE/dw5 = delta_o1*out_h1 = 0.08", 1),
    "deltas are given": ('given = ["dE/dout_h*"]', "dE/dw1 = dE/dout_h1*out_h1*(1 - out_h1)*i1", 1),
    "a composed form": ('form = "composed"', OUTPUT, 4),
    "a delta form": ('form = "delta"', FROM_DELTAS, 8),
    "a value": ('form = "value"', "dE/dw5 = delta_o1*out_h1 = 0.082167041", 1),
    "what it must rest on": ('[from]\n"dE/dw5" = ["delta_o1", "out_h1"]', "dE/dw5 = delta_o1*out_h1", 1),
    "what it must rest on, by another row": ('[from]\n"dE/dw1" = "delta_o1"', DELTAS + "dE/dw1 = delta_h1*i1", 1),
    "the row that is required": (
        '[required]\n"dE/dw5" = ["dE/dw5 = dE/dout_o1 * dout_o1/dnet_o1 * dnet_o1/dw5"]',
        "dE/dw5 = dE/dout_o1*dout_o1/dnet_o1*dnet_o1/dw5 = delta_o1*out_h1",
        1,
    ),
    "a quotient of differences where it counts": ("numeric = true", "dE/dw5 = (0.298412 - 0.298330)/0.001", 1),
    "formulas in indices where they count": ("general = true", r"$\frac{\partial E}{\partial w_{ji}} = \delta_j\, out_i$", 4),
    "updates where they are asked for": ('[marks]\n"w5+" = 2\ndefault = 0', "w5+ = w5 - eta*dE/dw5", 2),
    "an updated number": ('bare = "full"\n[marks]\n"w5+" = 2\ndefault = 0', "w5+ = 0.3589", 2),
    "deltas where they are asked for": ('[marks]\n"delta_*" = 1\ndefault = 0', DELTAS, 4),
    "the forward pass": (
        '[marks]\n"out_h1" = 1\n"net_h1" = 1\ndefault = 0',
        "net_h1 = w1*i1 + w2*i2 + b1\nout_h1 = 1/(1 + e^(-net_h1))",
        2,
    ),
    "rows": ('per = "row"', OUTPUT, 4),
    "half for what follows": ("follows = 0.5", "delta_o1 = out_o1 - t1\ndE/dw5 = (out_o1 - t1)*out_h1\ndE/dw6 = (out_o1 - t1)*out_h2", 1),
}


@pytest.mark.parametrize("name", BY_SCHEME)
def test_by_a_scheme(name: str) -> None:
    scheme, work, mark = BY_SCHEME[name]
    found = marked(work, scheme)
    assert span(found) == (mark, mark), found


@pytest.mark.parametrize(
    ("work", "low", "high"),
    [
        ("dE/dw5 = (out_o1 - t1)*out_h1 = (0.215 - 1)*0.45 = -0.35325", 1, 1),
        ("dE/dw6 = (out_o1 - t1)*out_h2 = 0", 1, 1),
        ("dE/dw6 = (0.215 - 1)*0 = 0", 1, 1),
        ("delta_h2 = 0\ndE/dw3 = delta_h2*i1 = 0\ndE/dw4 = delta_h2*i2 = 0", 2, 2),
        ("dE/dw3 = 0\ndE/dw4 = 0", 0, 2),
        ("dE/db_o1 = delta_o1", 1, 1),
    ],
)
def test_exact_numbers_and_units_that_are_off(work: str, low: int, high: int) -> None:
    found = marked(work, name="relu")
    assert span(found) == (low, high), found


def test_a_chain_over_several_rows_that_ends_in_numbers() -> None:
    assert span(marked(ALIGNED, kind="tex")) == (1, 1)


def test_steps_of_a_chain_that_only_rewrite_keep_their_marks_per_row() -> None:
    work = (
        r"\begin{align*} \delta_{o1} &= -(t_1 - out_{o1}) out_{o1}(1 - out_{o1}) \\ &= (out_{o1} - t_1) out_{o1}(1 - out_{o1}) \end{align*}"
    )
    assert span(marked(work, 'per = "row"', kind="tex")) == (2, 2)


def test_a_mistake_that_is_written_out_is_one_mistake() -> None:
    found = marked("dE/dw5 = delta_o1*out_h2\ndE/dw5 = (out_o1 - t1)*out_o1*(1 - out_o1)*out_h2", "penalty = 1")
    assert found.wrong == 1


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("md", "~~$", "$~~"),
        ("md", "<del>$", "$</del>"),
        ("tex", r"\sout{$", "$}"),
        ("tex", r"$\cancel{", "}$"),
        ("tex", r"\st{\( ", r" \)}"),
    ],
)
def test_what_is_struck_out_is_held_against_nobody(kind: str, before: str, after: str) -> None:
    wrong, right = (rf"\frac{{\partial E}}{{\partial w_5}} = \delta_{{o1}} out_{{{unit}}}" for unit in ("h2", "h1"))
    found = marked(f"{before}{wrong}{after}\n\n${right}$", "penalty = 1", kind=kind)
    assert (span(found), found.mark, found.wrong) == ((1, 1), 1, 0)
    assert marked(f"${wrong}$\n\n{before}{right}{after}", kind=kind).high == 0
