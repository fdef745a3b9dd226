"""Tricks to get marks that are not earned: each gets the marks that are said here, and not one more. Marks are out of 8 on `mazur`."""

from __future__ import annotations

from decimal import Decimal

import pytest
from marked import grade, marked, span

STEP_BACK = r"$\frac{\partial E}{\partial w_5} = \frac{w_5 - w_5^+}{\eta}$"
CHAIN = "dE/dw5 = delta_o1*out_h1"
GUESSES = ("dE/dw5 = 0.5", "dE/dw5 = 0.25", "dE/dw5 = 0.0822*0.5", "dE/dw5 = 0.11", "dE/dw5 = delta_o1*out_h1")
GIVEN = "\n".join(f"w{at} = {value}" for at, value in enumerate((0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55), 1))
NOTHING = {
    "an own name with arithmetic": "q = 2*dE/dw1\ndE/dw1 = q/2",
    "given weights": GIVEN,
    "given weights with more digits": "w1 = 0.150\nw5 = 0.4000\nw6 = 0.45000",
    "given inputs and targets": "i1 = 0.05\ni2 = 0.10\nt1 = 0.01\nt2 = 0.99",
    "old weights for new": "w1+ = 0.15\nw2+ = 0.20\nw3+ = 0.25\nw4+ = 0.30",
    "old weight plus nothing": "w1+ = 0.15 + 0",
    "old weight times one": "w1+ = 0.15*1 = 0.15",
    "plus 0": "\n".join(f"dE/dw{n} = dE/dw{n} + 0" for n in range(1, 9)),
    "minus 0": "dE/dw5 = dE/dw5 - 0",
    "times 1": "\n".join(f"dE/dw{n} = 1*dE/dw{n}" for n in range(1, 9)),
    "times 2 over 2": "dE/dw5 = 2*dE/dw5/2",
    "itself": "dE/dw5 = dE/dw5",
    "itself through dE/dE": "dE/dw5 = dE/dE*dE/dw5",
    "x w over w": "dE/dw1 = dE/dw1*w5/w5",
    "minus minus": "dE/dw1 = -(-dE/dw1)",
    "plus and minus": "dE/dw1 = dE/dw1 + w5 - w5",
    "an own name and back": "q = dE/dw1\ndE/dw1 = q",
    "own names for all": "\n".join(f"q{n} = dE/dw{n}" for n in range(1, 9)),
    "a sibling and its converse": "dE/dw5 = dE/dw6*out_h1/out_h2\ndE/dw6 = dE/dw5*out_h2/out_h1",
    "a sibling alone": "dE/dw5 = dE/dw6*out_h1/out_h2",
    "siblings in a ring": "dE/dw1 = dE/dw2*i1/i2\ndE/dw2 = dE/dw1*i2/i1\n",
    "a sibling of the other unit": "dE/dw5 = dE/dw7*delta_o1/delta_o2\ndE/dw7 = dE/dw5*delta_o2/delta_o1",
    "the error's parts and back": "dE/dw5 = dE_o1/dw5\ndE_o1/dw5 = dE/dw5",
    "the operator": "dE/dw5 = d/dw5 E",
    "a comment that names the answer": "% symbp: kappa = dE/dw5\ndE/dw5 = kappa",
    "a comment that holds the answer": "% symbp: kappa = dE/dw5/out_h1\ndE/dw5 = kappa*out_h1",
    "an own family for all gradients": "dE/dw5 = kappa_5\ndE/dw6 = kappa_6\ndE/dw7 = kappa_7",
    "what is true of both sides": "2*dE/dw5 = dE/dw5 + dE/dw5\ndE/dw5 - dE/dw5 = 0",
    "the step back": STEP_BACK,
    "the step and back": r"$w_5^+ = w_5 - \eta\frac{\partial E}{\partial w_5}$ and " + STEP_BACK,
    "the update rule": "\n".join(f"w{n}+ = w{n} - eta*dE/dw{n}" for n in range(1, 9)),
    "1 = 1": "1 = 1\n2 = 2\nfoo = 15",
    "E is 0 by comment": "% symbp: E = 0\ndE/dw5 = 0\ndE/dw6 = 0",
    "E is 0 in words": "Let E = 0.\n\ndE/dw5 = 0\ndE/dw6 = 0",
    "5 twice": "dE/dw1 = 5\ndE/dw1 = 5",
    "0 as a value": "dE/dw5 = 0.0",
    "0 for all": "\n".join(f"dE/dw{n} = 0" for n in range(1, 9)),
    "a digit too few": "dE/dw1 = 0.1",
    "delta 0 and what follows in numbers": "delta_o1 = 0\ndelta_o2 = 0\ndE/dw5 = 0\ndE/dw6 = 0\ndE/dw7 = 0\ndE/dw8 = 0",
    "delta 1 and what follows": "delta_o1 = 1\ndE/dw5 = out_h1\ndE/dw6 = out_h2",
    "delta 1 and what follows from that": "delta_o1 = 1\ndelta_o2 = 1\ndelta_h1 = (w5 + w7)*out_h1*(1 - out_h1)\n",
    "delta 0 by its definition and what follows": "delta_o1 = dE/dnet_o1 = 0\ndelta_o2 = dE/dnet_o2 = 0\ndE/dw5 = 0\ndE/dw7 = 0",
    "the error 0 and what follows": "E = 0\ndE/dw5 = 0",
    "one weight is another": "w5 = w7\n",
    "local derivatives only": "dnet_o1/dw5 = out_h1\ndnet_o1/dw6 = out_h2",
    "the forward pass only": "net_h1 = w1*i1 + w2*i2 + b1\nout_h1 = 1/(1 + e^(-net_h1))",
    "a definition only": "delta_o1 = dE/dnet_o1",
    "a quotient of differences": "dE/dw5 = (0.298412 - 0.298330)/0.001",
}


@pytest.mark.parametrize("name", NOTHING)
def test_it_earns_nothing(name: str) -> None:
    found = marked(NOTHING[name])
    assert span(found) == (0, 0), found


ELSEWHERE = [
    ("recurrent", "dE/dwhh_1_1 = dE/dwhh_1_1 + 0"),
    ("batch", "dE/dw1 = dE/dw1*1"),
    ("convolution", "dE/dk1 = dE/dk1*1"),
    ("skip", "dE/dw1 = dE/dw1"),
    ("softmax", "dE/dw1 = dE/dw2*i1/i2\ndE/dw2 = dE/dw1*i2/i1"),
    ("deep", "w1+ = w1 - eta*dE/dw1"),
    ("relu", "w1 = 0.5\nw2 = -0.3\nw1+ = 0.5"),
    ("xor", "dE/dw1 = -(-dE/dw1)"),
]


@pytest.mark.parametrize(("name", "work"), ELSEWHERE)
def test_it_earns_nothing_on_other_networks(name: str, work: str) -> None:
    assert span(marked(work, name=name)) == (0, 0)


DOUBTFUL = {
    "five guesses, the right one last": ("\n".join(GUESSES), 1),
    "five guesses, the right one first": ("\n".join(reversed(GUESSES)), 1),
    "five guesses, the right one among them": ("\n".join((*GUESSES[:2], GUESSES[4], *GUESSES[2:4])), 1),
    "five guesses, each taken back": ("\n\nActually no:\n\n".join(GUESSES), 1),
    "five guesses in parts": ("\n\n".join(f"Part {chr(97 + n)}\n\n{row}" for n, row in enumerate(GUESSES)), 1),
    "a guess after the right row": (f"{CHAIN}\ndE/dw5 = 7", 1),
    "numbers tuned to the answer": ("dE/dw5 = 12.3*1000 - 12299.917833", 1),
    "the answer times one": ("dE/dw5 = 0.082167041*1", 1),
    "the answer over a weight and back": ("dE/dw5 = 0.082167041*w5/w5", 1),
    "a sum that is the answer": ("dE/dw5 = 0.051134 + 0.031033", 1),
    "letters whose meaning is picked": ("dE/dw5 = kappa_1*mu_1\ndE/dw6 = kappa_1*mu_2", 2),
    "letters whose meaning is picked, for all": (
        "\n".join(f"dE/dw{4 + 2 * i + j - 2} = kappa_{i}*mu_{j}" for i in (1, 2) for j in (1, 2)),
        4,
    ),
    "an answer alone": ("dE/dw5 = 0.082167041", 1),
    "0 with an exponent": ("dE/dw5 = 0.0e9", 1),
    "what follows from a number from nowhere": ("delta_o1 = 0.7\ndE/dw5 = 0.7*out_h1\ndE/dw6 = 0.7*out_h2", 2),
    "a chain that is said to be 0": ("delta_o1 = dE/dout_o1*dout_o1/dnet_o1 = 0\ndE/dw5 = 0\ndE/dw6 = 0", 2),
    "a chain that is not worked out": ("dE/dw1 = dE/dout_h1*dout_h1/dnet_h1*dnet_h1/dw1", 1),
    "a new weight alone": ("w5+ = 0.35891648", 1),
    "all new weights": ("w5+ = 0.35891648\nw6+ = 0.408666186\nw7+ = 0.511301270\nw8+ = 0.561370121", 4),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_it_earns_nothing_for_certain_and_a_person_is_told(name: str) -> None:
    work, most = DOUBTFUL[name]
    found = marked(work)
    assert found.low == 0, found
    assert found.high == most
    assert found.mark is None
    assert found.needs_review
    assert found.review
    assert found.flags


UNSETTLED = {
    "two own names and back": "q = dE/dw1\nr = q\ndE/dw1 = r",
    "5 eight times twice": "\n".join(f"dE/dw{n} = 5" for n in (*range(1, 9), *range(1, 9))),
    "a weight 0 and what follows": "w5 = 0\nw7 = 0\ndE/dw1 = 0\ndE/dw2 = 0",
}
"""Works in which so little is true that the meaning of their names is left open."""


@pytest.mark.parametrize("name", UNSETTLED)
def test_it_earns_nothing_before_a_person_has_seen_it(name: str) -> None:
    found = marked(UNSETTLED[name])
    assert (found.low, found.mark, found.needs_review) == (0, None, True)


PARTLY = {
    "a true row among copies": (CHAIN + "\n" + "\n".join(f"dE/dw{n} = dE/dw{n}*1" for n in range(1, 9)), 1, 1),
    "one row ten times": ("\n".join([CHAIN] * 10), 1, 1),
    "given weights beside a row": (GIVEN + "\n" + CHAIN, 1, 1),
    "delta 0 beside a true formula": ("delta_o1 = 0\ndE/dw5 = delta_o1*out_h1\ndE/dw6 = 0", 1, 1),
    "two names for one weight": ("% symbp: w5 = w6\n" + CHAIN, 1, 1),
}


@pytest.mark.parametrize("name", PARTLY)
def test_it_earns_what_is_true_of_it(name: str) -> None:
    work, low, high = PARTLY[name]
    assert span(marked(work)) == (low, high)


BY_SCHEME = {
    "bare answers, none": ('bare = "none"', "dE/dw5 = 0.082167041", 0, 0),
    "bare answers with too few digits": ('bare = "full"\nsignificant = 3', "dE/dw5 = 0.082", 0, 0),
    "too few decimals": ('bare = "full"\ndecimals = 4', "dE/dw5 = 0.08", 0, 0),
    "tuned numbers where bare ones count": ('bare = "full"', "dE/dw5 = 12.3*1000 - 12299.917833", 0, 1),
    "a delta where a composed form is asked for": ('form = "composed"', CHAIN, 0, 0),
    "a formula where a value is asked for": ('form = "value"', CHAIN, 0, 0),
    "a composed form where deltas are asked for": ('form = "delta"', "dE/dw5 = (out_o1 - t1)*out_o1*(1 - out_o1)*out_h1", 0, 0),
    "without what it must rest on": ('[from]\n"dE/dw5" = ["dE/dout_o1"]', CHAIN, 0, 0),
    "without the row that is required": ('[required]\n"dE/dw5" = "dE/dout_o1 * dout_o1/dnet_o1 * dnet_o1/dw5"', CHAIN, 0, 0),
    "the required row said of itself": ('[required]\n"dE/dw5" = "dE/dw5"', "dE/dw5 = dE/dw5", 0, 0),
    "what follows is worth nothing": ("follows = 0", "delta_o1 = out_o1 - t1\ndE/dw5 = (out_o1 - t1)*out_h1", 0, 0),
    "rows: 1 = 1": ('per = "row"', "1 = 1\n2 = 2\nfoo = 15\nx = x", 0, 0),
    "rows: given values": ('per = "row"', GIVEN, 0, 0),
    "rows: itself": ('per = "row"', "dE/dw5 = dE/dw5 + 0\ndE/dw6 = 1*dE/dw6", 0, 0),
    "rows: what follows from nothing": ('per = "row"', "delta_o1 = 0\ndE/dw5 = 0\ndE/dw6 = 0", 0, 0),
    "rows: the same mistake": ('per = "row"', "dE/dw1 = 5\ndE/dw1 = 5", 0, 0),
    "updates: the old ones": ('[marks]\n"w1+" = 1\ndefault = 0', "w1+ = 0.15", 0, 0),
    "updates: restated": ('[marks]\n"w1+" = 1\ndefault = 0', "w1+ = w1+", 0, 0),
    "deltas: through a gradient and back": ('[marks]\n"delta_o1" = 1\ndefault = 0', "delta_o1 = dE/dw5/out_h1\n" + CHAIN, 0, 0),
    "deltas: through two gradients": (
        '[marks]\n"delta_h*" = 1\ndefault = 0',
        "delta_h1 = dE/dw1/i1\ndE/dw1 = dE/dw2*i1/i2\ndE/dw2 = delta_h1*i2",
        0,
        0,
    ),
    "outputs: restated": ('[marks]\n"out_h1" = 1\ndefault = 0', "out_h1 = out_h1*1", 0, 0),
    "outputs: backwards": ('[marks]\n"net_h1" = 1\ndefault = 0', "net_h1 = -ln(1/out_h1 - 1)", 0, 0),
    "general formulas by default": ("", r"$\frac{\partial E}{\partial w_{ji}} = \delta_j\, out_i$", 0, 0),
}


@pytest.mark.parametrize("name", BY_SCHEME)
def test_by_a_scheme(name: str) -> None:
    scheme, work, low, high = BY_SCHEME[name]
    found = marked(work, scheme)
    assert span(found) == (low, high), found


def test_a_repeated_wrong_row_is_one_mistake_and_follows_from_nothing() -> None:
    found = marked("dE/dw1 = 5\ndE/dw1 = 5", 'per = "row"')
    assert (found.wrong, found.follows) == (1, 0)


def test_different_wrong_numbers_are_different_mistakes() -> None:
    assert marked("dE/dw1 = 5\ndE/dw2 = 5").wrong == 2


def test_a_comment_that_rebinds_a_known_name_is_shown() -> None:
    assert "binding" in marked("% symbp: E = 0\ndE/dw5 = 0").flags


def test_formulas_in_indices_are_shown_to_a_person() -> None:
    found = marked(r"$\frac{\partial E}{\partial w_{ji}} = \delta_j\, out_i$")
    assert (span(found), found.mark, found.review, found.flags) == ((0, 0), None, (1,), ("general",))


def test_the_grade_in_doubt_is_empty_and_the_others_are_not() -> None:
    found = marked(CHAIN + "\ndE/dw6 = 0.082667628")
    assert (grade(found, "dE/dw5"), grade(found, "dE/dw6")) == ((1, 1), (0, 1))
    assert [one.mark for one in found.grades if one.name in {"dE/dw5", "dE/dw6"}] == [Decimal(1), None]
    assert found.review == (2,)
