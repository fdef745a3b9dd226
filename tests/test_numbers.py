"""Links are decided without an absolute tolerance, at every scale; printed numbers by what their digits say, and what they came from."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symbp
from symbp.language.written import Number
from symbp.verification.repair.slips import slip
from symbp.verification.report.report import JudgedRow

LAYERED: Final = """
notation = "mazur"
loss = "half_squared_error"
learning_rate = {rate}
inputs = 2
[[layers]]
units = 2
activation = "sigmoid"
weights = [[0.5, 1.0], [-1.0, 0.5]]
bias = false
[[layers]]
units = 2
activation = "sigmoid"
weights = [[1.5, -1.0], [0.5, 2.0]]
bias = false
[[samples]]
inputs = [1.0, 2.0]
targets = [0.0, 1.0]
"""


def rows(network: str | Path, *work: str) -> list[JudgedRow]:
    return list(symbp.verify(network, "\n\n".join(work) + "\n", time_limit=60.0).files[0].rows)


def verdicts(network: str | Path, *work: str) -> list[str]:
    return [row.verdict for row in rows(network, *work)]


# -- nothing false passes by size, and nothing right fails by it ---------------------------------------------------------------

FALSE: Final = {
    "2-2-1": r"""
        $10^{-10} = 2 \cdot 10^{-10}$
        $10^{-300} = 2 \cdot 10^{-300}$
        $\frac{1}{2^{99}} = \frac{1}{2^{98}}$
        $2^{60} + 1 = 2^{60}$
        $e^{-50} = e^{-51}$
        $e^{-60} = 0$
        $e^{50} = e^{50} + 1$
        $e^{-50} + 1 = 1$
        $1 + 10^{-30} = 1$
        $(1 + 10^{-9})^2 = 1 + 2 \cdot 10^{-9}$
        $10^{20} + 1 - 10^{20} = 0$
        $10^{-30} w_1 = 10^{-30} w_2$
        $10^{-300} w_1 = 10^{-300} w_2$
        $w_1 + 10^{-70} = w_1$
        $w_1 + 10^{-20} w_2 = w_1$
        $e^{-50} w_1 + w_2 = w_2$
        $10^{15} + out_{h1} = 10^{15} + out_{h2}$
        $w_1 (1 + 10^{-14}) = w_1$
        $(out_{o1} (1 - out_{o1}))^{30} = (out_{o1} (1 - out_{o1}))^{31}$
        $out_{h1} = \frac{1}{1 + e^{-net_{h1}} + 10^{-20}}$
        $\frac{\partial E}{\partial w_5} = \delta_{o1} out_{h1} + 10^{-25}$
        $0.7 \cdot 0.3 = 0.23$
        $2 \cdot 3 = 6.1$
    """,
    "mazur": r"""
        dE/dw5 + 10^{12} = 10^{12} + w6
        (out_o1*(1 - out_o1))^{30} = 0
        net_h1 = (1 + 10^{-10})*(w1*i1 + w2*i2 + b1)
        net_h1 = (1 + 10^{-15})*(w1*i1 + w2*i2 + b1)
        dE/dw1 = 0.1
        dE/dw1 = 0.001
        dE/dw1 = 0.0005
        dE/dw1 = 0
        net_h1 = 0.4 = 0.3
        net_h1 = 0.4 = 0.45
        0.1*0.1 = 0.02
        w5 = 0.41
        w5 = 0.4 + 0.5*0.0822 = 0.4411
        w5 = 0.3598
    """,
}
TRUE: Final = {
    "2-2-1": r"""
        $10^{-10} = \frac{1}{10^{10}}$
        $2^{99} = 2 \cdot 2^{98}$
        $e^{-60} = e^{-30} e^{-30}$
        $10^{20} + 1 - 10^{20} = 1$
        $(1 + 10^{-9})^2 = 1 + 2 \cdot 10^{-9} + 10^{-18}$
        $10^{-30} w_1 = w_1 \frac{1}{10^{30}}$
        $w_1 + 10^{12} - 10^{12} = w_1$
        $(10^{12} + w_1)^2 - 10^{24} = 2 \cdot 10^{12} w_1 + w_1^2$
        $(out_{h1} + 10^{15}) - 10^{15} = out_{h1}$
        $e^{30 w_1} e^{-30 w_1} = 1$
        $\frac{e^{40 w_1} - 1}{e^{40 w_1}} = 1 - e^{-40 w_1}$
        $1 - out_{o1} - (1 - out_{o1}) = 0$
        $3 \cdot 10^{-4} = 0.0003$
    """,
    "mazur": r"""
        dE/dw1 + 10^{12} = 10^{12} + delta_h1*i1
        net_h1 = 0.4 = 0.38
        net_h1 = 0.3775 = 0.378 = 0.38
        dE/dw1 = 0.0004
        dE/dw1 = 4.386e-4
        out_o1 ≈ 1
        w5 = 0.4 - 0.5*0.0822 = 0.3589
        w5 = 0.3589
        w5 = 0.4 - 0.5*dE/dw5
        w5 = 0.40
    """,
}


def lines(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(network, row.strip()) for network, text in table.items() for row in text.strip().splitlines()]


@pytest.mark.parametrize(("network", "row"), lines(FALSE))
def test_what_is_false_by_little_or_by_much_is_wrong(network: str, row: str) -> None:
    assert verdicts(network, row) == ["wrong"]


@pytest.mark.parametrize(("network", "row"), lines(TRUE))
def test_what_is_true_stays_right_where_floats_lose_it(network: str, row: str) -> None:
    assert verdicts(network, row) == ["correct"]


PAIRS: Final = (
    (r"out_{o1} (1 - out_{o1})", r"out_{o1} - out_{o1}^2", r"out_{o1} - out_{o1}^3"),
    (r"\frac{\partial E}{\partial w_5}", r"\delta_{o1} out_{h1}", r"\delta_{o1} out_{h2}"),
    (r"net_{h1} - w_2 i_2", r"w_1 i_1 + b_1", r"w_1 i_1 - b_1"),
    (r"\frac{\partial E}{\partial w_1}", r"\delta_{o1} w_5 out_{h1} (1 - out_{h1}) i_1", r"\delta_{o1} w_5 out_{h1} i_1"),
)
"""A form, what it is equal to in a net with one output, and what it is not."""


@settings(max_examples=8, deadline=None)
@given(pair=st.sampled_from(PAIRS), power=st.integers(-250, 100), shift=st.integers(-60, 60))
def test_scales_and_large_constants_change_no_verdict(pair: tuple[str, str, str], power: int, shift: int) -> None:
    left, right, other = pair
    for form in (rf"10^{{{power}}} (X)", rf"10^{{{shift}}} + X", rf"10^{{{shift}}} (X) - 10^{{{power}}}"):
        assert verdicts("2-2-1", f"${form.replace('X', left)} = {form.replace('X', right)}$") == ["correct"]
        assert verdicts("2-2-1", f"${form.replace('X', left)} = {form.replace('X', other)}$") == ["wrong"]


@settings(max_examples=15, deadline=None)
@given(a=st.integers(1, 10**6), b=st.integers(1, 10**6), power=st.integers(-100, 60))
def test_whole_numbers_are_exact_at_every_scale(a: int, b: int, power: int) -> None:
    assert verdicts("2-2-1", rf"$\frac{{{a}}}{{7}} 10^{{{power}}} = \frac{{{b}}}{{7}} 10^{{{power}}}$") == [
        "correct" if a == b else "wrong"
    ]


# -- printed numbers -------------------------------------------------------------------------------------------------------


def article() -> dict[str, float]:
    """Some quantities of the network "mazur", worked out here."""
    h = [1 / (1 + math.exp(-x)) for x in (0.15 * 0.05 + 0.2 * 0.1 + 0.35, 0.25 * 0.05 + 0.3 * 0.1 + 0.35)]
    o = [1 / (1 + math.exp(-x)) for x in (0.4 * h[0] + 0.45 * h[1] + 0.6, 0.5 * h[0] + 0.55 * h[1] + 0.6)]
    delta = [(x - t) * x * (1 - x) for x, t in zip(o, (0.01, 0.99), strict=True)]
    back = (delta[0] * 0.4 + delta[1] * 0.5) * h[0] * (1 - h[0])
    return {"out_h1": h[0], "out_o2": o[1], "delta_o1": delta[0], "delta_o2": delta[1], "dE/dw5": delta[0] * h[0], "dE/dw1": back * 0.05}


@settings(max_examples=25, deadline=None)
@given(name=st.sampled_from(sorted(article())), places=st.integers(1, 8), off=st.sampled_from((0, 3, -3, 20)))
def test_a_printed_value_is_right_if_it_is_a_rounding_that_shows_a_digit(name: str, places: int, off: int) -> None:
    value = article()[name]
    shown = round(value, places) + off * 10.0**-places
    has_digit = float(f"{shown:.{places}f}") != 0
    found = verdicts("mazur", f"{name} = {shown:.{places}f}")
    if off == 0:
        assert found == ["correct" if has_digit else "undecidable"]
    else:
        assert found == ["wrong"]


def test_a_last_digit_that_is_off_is_right_only_within_a_tenth() -> None:
    found = rows("mazur", "dE/dw5 = 0.0823", "dE/dw5 = 0.083", "dE/dw1 = 0.0005", "delta_o1 = 0.2")
    assert [row.verdict for row in found] == ["wrong", "correct", "wrong", "wrong"]
    found = rows("mazur", "out_o1 = 0.76", "delta_o1 = 0.14", "delta_o1 = 0.13")
    assert [(row.verdict, [said.key for said in row.remarks]) for row in found] == [
        ("correct", ["half_unit"]),
        ("correct", []),
        ("correct", ["half_unit"]),
    ]


def test_a_value_without_a_digit_of_the_truth_is_undecided_and_asks_for_more_places() -> None:
    found = rows("mazur", "dE/dw3 = 0.0", "dE/dw3 = 0.00", "out_o1 = 0.0")
    assert [row.verdict for row in found] == ["undecidable", "undecidable", "wrong"]
    assert found[0].message is not None
    assert "more places" in str(found[0].message.names["reason"])


def test_a_value_that_is_0_may_be_printed_so(tmp_path: Path) -> None:
    net = tmp_path / "net.toml"
    net.write_text(LAYERED.format(rate=1.0), "utf-8")
    assert verdicts(net, "net_h2 = 0", "net_h2 = 0.00", "net_h2 = -1*1 + 0.5*2 = 0.0") == ["correct"] * 3


def test_rounding_is_carried_forward_row_by_row_and_the_row_is_named() -> None:
    found = rows(
        "mazur",
        "dE/dout_h1 = 0.139*0.4 + (-0.0381)*0.5 = 0.03655",
        "dE/dw1 = 0.03655 * 0.593 * 0.407 * 0.05 = 0.000441",
        "w1+ = 0.15 - 0.5*0.000441 = 0.14978",
    )
    assert [row.verdict for row in found] == ["correct"] * 3
    for row in found[1:]:
        assert [said.names["line"] for said in row.remarks if said.key == "carried"] == [1]


def test_rounding_is_carried_through_names_too() -> None:
    found = rows("mazur", "delta_o1 = 0.139", "out_h1 = 0.593", "dE/dw5 = delta_o1 * out_h1 = 0.0824", "dE/dw5 = 0.0834")
    assert [row.verdict for row in found] == ["correct"] * 3 + ["wrong"]
    assert [said.names["line"] for said in found[2].remarks if said.key == "carried"] == [1]
    assert verdicts("mazur", "dE/dw5 = 0.0824") == ["wrong"]


def test_two_decimals_all_the_way(tmp_path: Path) -> None:
    net = tmp_path / "net.toml"
    net.write_text(LAYERED.format(rate=1.0), "utf-8")
    work = (
        "net_h1 = 0.5*1 + 1*2 = 2.5",
        "out_h1 = 0.92",
        "net_o1 = 1.5*0.92 - 1*0.5 = 0.88",
        "out_o1 = 0.71",
        "net_o2 = 0.5*0.92 + 2*0.5 = 1.46",
        "out_o2 = 0.81",
        "E = 0.5*(0-0.71)^2 + 0.5*(1-0.81)^2 = 0.25 + 0.02 = 0.27",
        "delta_o1 = 0.71*0.71*0.29 = 0.15",
        "delta_o2 = (0.81-1)*0.81*0.19 = -0.03",
        "delta_h1 = (0.15*1.5 + (-0.03)*0.5)*0.92*0.08 = 0.21*0.07 = 0.015",
        "delta_h2 = (0.15*(-1) + (-0.03)*2)*0.5*0.5 = -0.21*0.25 = -0.05",
        "w5 = 1.5 - 0.15*0.92 = 1.36",
        "w6 = -1 - 0.15*0.5 = -1.08",
        "w7 = 0.5 + 0.03*0.92 = 0.53",
        "w1 = 0.5 - 0.015*1 = 0.485",
        "w3 = -1 + 0.05*1 = -0.95",
        "w4 = 0.5 + 0.05*2 = 0.6",
    )
    assert verdicts(net, *work) == ["correct"] * len(work)
    assert verdicts(net, *work, "w8 = 2 + 0.03*0.5 = 2.15")[-1] == "wrong"
    assert verdicts(net, *work, "w2 = 1 - 0.015*1 = 0.985")[-1] == "wrong"


def test_updates_may_stand_without_a_plus() -> None:
    assert verdicts("mazur", "w5 = 0.4 - 0.5*0.0822 = 0.3589", "w6 = 0.45 - 0.5*0.0827 = 0.4087") == ["correct", "correct"]
    found = rows("mazur", "w5 = 0.4 - 0.5*0.0822 = 0.3689", "w5 = 0.4 - 0.5*0.0827 = 0.3587")
    assert [row.verdict for row in found] == ["wrong", "wrong"]
    assert found[0].code == "arithmetic_slip"


# -- slips -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "kind", "right"),
    [
        ("dE/dw1 = 0.0364 * 0.5933 * 0.4067 * 0.05 = 0.00439", "point", "0.000439"),
        ("delta_o1 = 0.7414*0.7514*0.2486 = 0.1358", "digits", "0.1385"),
        ("out_o1 = 7.514", "point", "0.7514"),
        ("out_o1 = 0.7541", "digits", "0.7514"),
        ("3.5 * 12 = 4.2", "point", "42"),
        ("net_h1 = 0.05*0.15 + 0.1*0.2 + 0.35 = 0.4775", None, "0.3775"),
    ],
)
def test_a_slip_is_named_and_points_at_the_value(row: str, kind: str | None, right: str) -> None:
    found = rows("mazur", row)[0]
    assert (found.verdict, found.code) == ("wrong", "arithmetic_slip")
    assert found.message is not None
    assert (found.message.names.get("slip"), found.message.names["should"]) == (kind, right)
    assert found.text[slice(*found.span or (0, 0))] == row.rpartition("= ")[2]


@given(st.integers(1000, 99999), st.integers(1, 6))
def test_every_shift_of_the_point_is_a_slip_of_the_point(digits: int, shift: int) -> None:
    text = f"{digits * 10.0**-shift:.6f}"
    assert slip(digits / 1e7, Number(text, 0, (0, 0))).get("slip") in ({"point"} if shift != 7 else {None})


# -- vectors and matrices --------------------------------------------------------------------------------------------------


def test_lists_of_numbers_are_vectors_and_matrices() -> None:
    work = ("$z_1 = W_1 x + b_1 = (0.3775, 0.3925)^T$", r"$a_1 = \sigma(z_1) = (0.5933, 0.5969)$", "$W_1 = [[0.15, 0.20], [0.25, 0.30]]$")
    assert verdicts("mazur", *work) == ["correct"] * 3
    wrong = ("$z_1 = (0.3775, 0.3952)^T$", "$W_1 = [[0.15, 0.20], [0.25, 0.35]]$", "$z_1 = (0.3775, 0.0)^T$")
    assert verdicts("mazur", *wrong) == ["wrong"] * 3
