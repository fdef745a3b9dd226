"""Rulings on short works: conventions that are found, what follows, printed numbers, a person's own names, what cannot be told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import symbp
from symbp.errors import SymbpError
from symbp.verification.report.report import FileReport

NINE = """
notation = "{notation}"
loss = "{loss}"
{more}
inputs = {inputs}
[[layers]]
units = {hidden}
activation = "{activation}"
bias = [0.1, 0.2]
[[layers]]
units = 2
activation = "sigmoid"
bias = [0.3, 0.4]
"""


def network(folder: Path, **changed: object) -> Path:
    """A 3-2-2 network without numbers."""
    values = {"notation": "ufldl", "loss": "half_squared_error", "more": "", "inputs": 3, "hidden": 2, "activation": "sigmoid"} | changed
    path = folder / "network.toml"
    path.write_text(NINE.format(**values), "utf-8")
    return path


def judged(net: str | Path, work: str, **options: object) -> FileReport:
    return symbp.verify(net, work, **options).files[0]  # type: ignore[arg-type]


def verdicts(net: str | Path, *rows: str) -> list[str]:
    return [row.verdict for row in judged(net, "\n\n".join(rows)).rows]


# -- conventions -------------------------------------------------------------------------------------------------------


def test_a_negative_delta_that_is_used_throughout_is_accepted_and_named() -> None:
    rows = (
        "delta_o1 = (t1 - out_o1) * out_o1 * (1 - out_o1)",
        "delta_h1 = (w5*delta_o1 + w7*delta_o2) * out_h1 * (1 - out_h1)",
        "dE/dw5 = -delta_o1 * out_h1",
        "w5+ = w5 + eta * delta_o1 * out_h1",
    )
    report = judged("mazur", "\n".join(rows))
    assert [row.verdict for row in report.rows] == ["correct"] * 4
    assert report.conventions["delta"] == "-dE/dnet"


def test_a_convention_that_is_switched_is_wrong_where_it_switches() -> None:
    rows = (
        "delta_o1 = (out_o1 - t1) * out_o1 * (1 - out_o1)",
        "dE/dw5 = delta_o1 * out_h1",
        "dE/dw6 = -delta_o1 * out_h2",
        "delta_o2 = (t2 - out_o2) * out_o2 * (1 - out_o2)",
    )
    assert verdicts("mazur", *rows) == ["correct", "correct", "wrong", "wrong"]


def test_the_sign_that_the_file_decides_is_not_the_works_to_choose(tmp_path: Path) -> None:
    net = network(tmp_path, more="delta_sign = 1")
    assert verdicts(net, r"$\delta^{(3)}_1 = (y_1 - a^{(3)}_1) a^{(3)}_1 (1 - a^{(3)}_1)$") == ["wrong"]
    assert verdicts(network(tmp_path), r"$\delta^{(3)}_1 = (y_1 - a^{(3)}_1) a^{(3)}_1 (1 - a^{(3)}_1)$") == ["correct"]


def test_samples_as_rows_are_found(tmp_path: Path) -> None:
    net = network(tmp_path, notation="ng")
    rows = (
        r"$Z^{[1]} = X W^{[1]} + b^{[1]}$",
        r"$A^{[1]} = \sigma(Z^{[1]})$",
        r"$dZ^{[2]} = (A^{[2]} - Y) \odot A^{[2]} \odot (1 - A^{[2]})$",
        r"$dW^{[2]} = \frac{1}{m} A^{[1]T} dZ^{[2]}$",
    )
    assert verdicts(net, *rows) == ["correct"] * 4


def test_a_mixture_of_rows_and_columns_is_not_right(tmp_path: Path) -> None:
    net = network(tmp_path, notation="ng")
    rows = (
        r"$Z^{[1]} = W^{[1]} X + b^{[1]}$",
        r"$Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}$",
        r"$dW^{[2]} = \frac{1}{m} A^{[1]T} dZ^{[2]}$",
    )
    assert verdicts(net, *rows) == ["correct", "correct", "wrong"]


@pytest.mark.parametrize(("scale", "word"), [(r"\frac{1}{m}", "mean"), ("", "sum")])
def test_the_scale_of_the_cost_is_the_works_own(tmp_path: Path, scale: str, word: str) -> None:
    net = network(tmp_path, notation="ng", loss="binary_cross_entropy")
    rows = (
        rf"$J = -{scale} \sum_{{i=1}}^m \sum_k (y_k^{{(i)}} \log a_k^{{[2](i)}} + (1 - y_k^{{(i)}}) \log (1 - a_k^{{[2](i)}}))$",
        r"$dZ^{[2]} = A^{[2]} - Y$",
        rf"$dW^{{[2]}} = {scale} dZ^{{[2]}} A^{{[1]T}}$",
    )
    report = judged(net, "\n\n".join(rows))
    assert [row.verdict for row in report.rows] == ["correct"] * 3
    assert word in report.conventions["J"]


def test_weights_from_i_to_j_are_found_by_the_forward_pass(tmp_path: Path) -> None:
    net = network(tmp_path, notation="mazur")
    rows = (r"$net_j = \sum_i w_{ij} x_i + b_j$", r"$\frac{\partial E}{\partial w_{ij}} = \delta_j x_i$")
    assert verdicts(net, *rows) == ["correct", "correct"]
    assert verdicts(net, r"$net_j = \sum_i w_{ji} x_i + b_j$", r"$\frac{\partial E}{\partial w_{ij}} = \delta_j x_i$") == [
        "correct",
        "wrong",
    ]


# -- what follows ------------------------------------------------------------------------------------------------------


def test_a_forward_mistake_is_carried_through_numbers() -> None:
    rows = (
        "net_h1 = 0.15*0.05 + 0.20*0.10 + 0.53 = 0.5575",
        "out_h1 = 1/(1 + exp(-0.5575)) = 0.635874",
        "out_h2 = 0.596884",
    )
    assert verdicts("mazur", *rows) == ["wrong", "follows", "correct"]


def test_a_symbol_keeps_its_true_meaning_after_a_wrong_row() -> None:
    rows = (
        "delta_o1 = (out_o1 - t1) * out_o1",
        "dE/dw5 = delta_o1 * out_h1",
        "dE/dw6 = (out_o1 - t1) * out_o1 * out_h2",
        "dE/dw7 = (out_o2 - t2) * out_o2 * out_h1",
    )
    report = judged("mazur", "\n\n".join(rows))
    assert [row.verdict for row in report.rows] == ["wrong", "correct", "follows", "wrong"]
    assert report.rows[2].message is not None
    assert report.rows[2].message.names["line"] == 1


def test_the_same_mistake_again_points_back() -> None:
    rows = ("dE/dw5 = (out_o1 - t1) * out_o1 * out_h1", "net_h1 = w1*i1 + w2*i2 + b1", "dE/dw5 = (out_o1 - t1) * out_o1 * out_h1")
    report = judged("mazur", "\n\n".join(rows))
    assert report.rows[0].verdict == "wrong"
    assert report.rows[2].verdict in {"follows", "wrong"}
    assert report.rows[2].verdict == "follows" or report.rows[2].same_as == 1


def test_a_right_row_after_a_wrong_one_in_a_chain_is_right() -> None:
    rows = ("dE/dw5 = (t1 - out_o1) * out_o1 * (1 - out_o1) * out_h1", "= (out_o1 - t1) * out_o1 * (1 - out_o1) * out_h1")
    assert verdicts("mazur", "\n".join(rows)) == ["wrong", "correct"]


# -- printed numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "verdict", "code"),
    [
        ("out_o1 = 0.7514", "correct", None),
        ("out_o1 = 0.7513", "correct", None),
        ("out_o1 = 0.7515", "wrong", "arithmetic_slip"),
        ("out_o1 = 0.75136507", "correct", None),
        ("out_o1 = 0.751365071", "wrong", "arithmetic_slip"),
        ("w5 = 0.40", "correct", None),
        ("w5 = 0.41", "wrong", None),
        ("out_h1 = 1/(1 + e^(-0.3775)) = 0.5933", "correct", None),
        ("out_h1 = 1/(1 + e^(0.3775)) = 0.5933", "wrong", "sign"),
        ("out_h1 = 1/(1 + e^(-0.38)) = 0.5939", "correct", None),
        ("dE/dw5 = 0.74136507 * 0.186815602 * 0.593269992 = 0.082167041", "correct", None),
        ("dE/dw5 = 0.74136507 * 0.186815602 * 0.593269992 = 0.083167041", "wrong", "arithmetic_slip"),
        ("dE/dw5 = 0.74136507 * 0.186815602 * 0.596884378 = 0.082667628", "wrong", None),
        ("E = 0.298371109", "correct", None),
        ("-dE/dw5 = -0.082167041", "correct", None),
        ("dE/dw5 = -0.082167041", "wrong", "sign"),
        ("3 * 4 = 12", "correct", None),
        ("3 * 4 = 13", "wrong", "arithmetic_slip"),
    ],
)
def test_printed_numbers(row: str, verdict: str, code: str | None) -> None:
    found = judged("mazur", row).rows[0]
    assert found.verdict == verdict, found
    if code:
        assert found.code == code


def test_a_last_digit_that_is_off_by_one_is_remarked() -> None:
    found = judged("mazur", "out_o1 = 0.7513").rows[0]
    assert [(said.key, said.names["true"]) for said in found.remarks if said.key == "half_unit"] == [("half_unit", "0.7514")]


def test_early_rounding_of_ones_own_values_is_a_mistake() -> None:
    rows = ("out_h1 = 0.593270", "out_h2 = 0.596884", "net_o1 = 0.40*0.59 + 0.45*0.597 + 0.60 = 1.10465")
    report = judged("mazur", "\n".join(rows))
    assert [(row.verdict, row.code) for row in report.rows] == [("correct", None), ("correct", None), ("wrong", "rounding")]


def test_a_repaired_value_is_what_a_calculator_says() -> None:
    found = judged("mazur", "net_h1 = 0.15*0.05 + 0.20*0.10 + 0.35 = 0.3875").rows[0]
    assert found.expected == "net_h1 = 0.15*0.05 + 0.20*0.10 + 0.35 = 0.3775"


def test_a_number_for_a_symbol_without_one_cannot_be_told(tmp_path: Path) -> None:
    net = network(tmp_path)
    found = judged(net, r"$\delta^{(3)}_1 \approx 0.0187$").rows[0]
    assert (found.verdict, found.message and found.message.key) == ("undecidable", "undecidable_numbers")
    assert verdicts(net, r"$\frac{\partial z^{(3)}_1}{\partial b^{(2)}_1} = 1$") == ["correct"]
    assert verdicts(net, r"$\frac{\partial z^{(3)}_1}{\partial b^{(2)}_1} = 0$") == ["wrong"]


# -- names -------------------------------------------------------------------------------------------------------------


def test_names_are_bound_where_the_work_defines_them() -> None:
    rows = ("p = w1*i1 + w2*i2 + b1", "q = 1/(1 + exp(-p))", "dq/dp = q*(1 - q)", "dE/dq = dE/dout_h1")
    assert verdicts("mazur", *rows) == ["correct"] * 4


def test_an_abbreviation_stands_for_its_form() -> None:
    rows = ("g_1 = (out_o1 - t1) * out_o1 * (1 - out_o1)", "dE/dw5 = g_1 * out_h1", "dE/dw6 = g_1 * out_h1")
    assert verdicts("mazur", *rows) == ["correct", "correct", "wrong"]


def test_a_comment_or_the_network_file_says_what_a_name_means(tmp_path: Path) -> None:
    work = r"$\frac{\partial E}{\partial w_5} = \kappa\, out_{h1}$"
    assert verdicts("mazur", work) == ["undecidable"]
    assert verdicts("mazur", "% symbp: \\kappa = delta_o1\n" + work) == ["correct"]
    path = tmp_path / "mazur.toml"
    original = (Path(symbp.__file__).parent / "examples" / "mazur.toml").read_text("utf-8")
    path.write_text(original.replace("\ninputs = 2", '\nnames = { "\\\\kappa" = "delta_o1" }\ninputs = 2', 1), "utf-8")
    assert verdicts(path, work) == ["correct"]


def test_an_unknown_name_gets_the_nearest_known_ones() -> None:
    found = judged("mazur", "dE/dw5 = delta_o1 * ouut_h1").rows[0]
    assert found.message is not None
    assert (found.verdict, found.message.key) == ("undecidable", "unknown_name")
    assert "out_h1" in found.message.names["near"]  # type: ignore[operator]
    assert found.text[slice(*found.span or (0, 0))] == "ouut_h1"


def test_a_name_that_is_given_one_value_after_another_is_never_called_wrong(tmp_path: Path) -> None:
    """Goodfellow, Bengio, Courville, Deep Learning (2016), algorithm 6.4: g is overwritten as the loop goes down."""
    net = network(tmp_path)
    rows = (
        r"$g \leftarrow \nabla_{\hat y} J = \hat y - y$",
        r"$g \leftarrow \nabla_{z^{(3)}} J = g \odot f'(z^{(3)})$",
        r"$\nabla_{b^{(2)}} J = g$",
        r"$g \leftarrow \nabla_{a^{(2)}} J = W^{(2)\top} g$",
    )
    assert verdicts(net, *rows) == ["correct", "undecidable", "undecidable", "undecidable"]
    assert verdicts(net, rows[0].replace("- y", "+ y"), *rows[1:])[0] == "wrong"
    assert verdicts(net, rows[0], r"$\nabla_{z^{(3)}} J = g \odot f'(z^{(3)})$") == ["correct", "correct"]


def test_plain_text_of_matlab_and_of_indices_behind_a_layers_number(tmp_path: Path) -> None:
    net = network(tmp_path, inputs=2)
    rows = (
        "z3_k = sum_j W2_kj*a2_j + b2_k",
        "a3_k = f(z3_k)",
        "J = 1/2 * sum_k (y_k - a3_k)^2",
        "J = 1/2 * sum((y - a3).^2)",
        "delta3_k = (a3_k - y_k)*a3_k*(1 - a3_k)",
        "delta2_j = sum_k W2_kj*delta3_k * a2_j*(1 - a2_j)",
        "dJ/dW2_kj = delta3_k*a2_j",
        "dJ/db2_k = delta3_k",
    )
    assert verdicts(net, *rows) == ["correct"] * 8
    slips = {
        2: ("y_k", "y_j"),
        3: ("1/2 * ", ""),
        5: ("W2_kj", "W2_jk"),
        6: ("delta3_k*a2_j", "delta3_j*a2_k"),
        7: ("= delta3_k", "= -delta3_k"),
    }
    for at, (was, now) in slips.items():
        changed = [*rows[:at], rows[at].replace(was, now), *rows[at + 1 :]]
        assert [n for n, verdict in enumerate(verdicts(net, *changed)) if verdict != "correct"] == [at], changed[at]


# -- indices, both readings of ∂, proofs -----------------------------------------------------------------------------------


def test_conditions_of_the_prose_hold_for_the_row_after_it(tmp_path: Path) -> None:
    net = tmp_path / "softmax.toml"
    net.write_text(
        'notation = "ufldl"\nloss = "cross_entropy"\ninputs = 2\n[[layers]]\nunits = 3\nactivation = "softmax"\nbias = [0, 0, 0]\n', "utf-8"
    )
    same, other = (
        r"$$\frac{\partial \hat y_i}{\partial z_j} = \hat y_i (1 - \hat y_i)$$",
        r"$$\frac{\partial \hat y_i}{\partial z_j} = -\hat y_i \hat y_j$$",
    )
    assert verdicts(net, f"For $i = j$:\n\n{same}", f"For $i \\neq j$:\n\n{other}") == ["correct", "correct"]
    assert verdicts(net, f"For $i \\neq j$:\n\n{same}", f"For $i = j$:\n\n{other}") == ["wrong", "wrong"]
    assert verdicts(net, same) == ["wrong"]


def test_a_round_d_is_partial_or_total_whichever_makes_the_row_true() -> None:
    rows = (
        r"$\frac{\partial E}{\partial out_{h1}} = \frac{\partial E}{\partial net_{h2}} w_3 + \frac{\partial E}{\partial net_{o1}} w_4$",
    )
    report = judged("skip", rows[0])
    assert report.rows[0].verdict == "correct"
    first, second = (
        rf"\frac{{\partial E}}{{\partial {net}}} \frac{{\partial {net}}}{{\partial out_{{h1}}}}" for net in ("net_{h2}", "net_{o1}")
    )
    chain = rf"$\frac{{\partial E}}{{\partial out_{{h1}}}} = {first} + {second}$"
    found = judged("skip", chain).rows[0]
    assert (found.verdict, "reading_partial" in {said.key for said in found.remarks}) == ("correct", True)


def test_factors_that_do_not_connect_are_remarked() -> None:
    row = "dE/dw5 = dE_o1/dout_o1 * dnet_o1/dw5 * dout_o1/dnet_o1"
    assert verdicts("mazur", row) == ["correct"]
    lost = "dE/db_o1 = dE/dout_o1 * dout_o1/dnet_o1 * dnet_o2/db_o2"
    found = judged("2-2-2", lost).rows[0]
    assert (found.verdict, "not_connected" in {said.key for said in found.remarks}) == ("correct", True)


def test_right_rows_are_proved_and_wrong_ones_have_a_witness() -> None:
    report = judged("mazur", "dE/dw5 = delta_o1 * out_h1\ndE/dw6 = delta_o1 * out_h1")
    assert [row.certainty for row in report.rows] == ["proved", "refuted"]
    witness = report.rows[1].witness
    assert witness is not None
    assert {"left", "right"} <= set(witness)
    assert witness["left"] != witness["right"]


# -- what was reached, notebooks, options ----------------------------------------------------------------------------------


def test_two_right_rows_are_no_finished_derivation() -> None:
    report = judged("mazur", "dE/dw5 = delta_o1 * out_h1\n\ndE/dw6 = delta_o1 * out_h1")
    status = {one.name: one.status for one in report.reached}
    assert (status["dE/dw5"], status["dE/dw6"], status["dE/dw1"]) == ("reached", "wrong", "missing")
    expected = judged("mazur", "dE/dw5 = delta_o1 * out_h1", expect=("dE/dw5", "delta_h1"))
    assert [(one.name, one.status) for one in expected.reached] == [("dE/dw5", "reached"), ("delta_h1", "missing")]
    with pytest.raises(SymbpError, match="there is no 'dE/dw99'"):
        judged("mazur", "E = 1", expect=("dE/dw99",))


def test_a_row_that_says_only_itself_reaches_nothing() -> None:
    report = judged("mazur", "dE/dw5 = dE/dw5")
    assert report.rows[0].verdict == "correct"
    assert all(one.status == "missing" for one in report.reached)


def test_general_rows_reach_every_quantity_that_they_are_about(tmp_path: Path) -> None:
    report = judged(network(tmp_path), r"$\frac{\partial J}{\partial W^{(l)}_{ij}} = a^{(l)}_j \delta^{(l+1)}_i$")
    assert {one.status for one in report.reached if "w" in one.name} == {"reached"}


def test_the_markdown_cells_of_a_notebook_are_read(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Mine\n", "$$ net_{h1} = w_1 i_1 + w_2 i_2 + b_1 $$"], "metadata": {}},
        {"cell_type": "code", "source": ["net_h1 = 5"], "metadata": {}, "outputs": [], "execution_count": None},
        {"cell_type": "markdown", "source": "$$ net_{h2} = w_3 i_1 + w_4 i_1 + b_1 $$", "metadata": {}},
    ]
    path = tmp_path / "work.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1), "utf-8")
    report = judged("mazur", str(path))
    assert [(row.verdict, row.code) for row in report.rows] == [("correct", None), ("wrong", "wrong_index")]
    lines = path.read_text("utf-8").splitlines()
    assert all("net_" in lines[row.line - 1] for row in report.rows)


def test_what_cannot_be_read_does_not_hide_the_next_row() -> None:
    report = judged("mazur", r"$w_5 = \foo{3}$" + "\n\n" + "$net_{h1} = w_1 i_1 + w_2 i_2 + b_1$")
    assert [row.verdict for row in report.rows] == ["unreadable", "correct"]
    assert report.rows[0].message is not None
    assert r"\foo" in str(report.rows[0].message.names["reason"])


def test_no_row_is_wrong_for_names_that_nothing_settles(tmp_path: Path) -> None:
    """Letters in another sense than the usual one make every row false: none is called wrong. The file's own names are held to it."""
    rows = (r"z_1 = W_1 x + b_1", r"a_1 = \tanh(z_1)", r"z_2 = W_2 a_1 + b_2", r"a_2 = \tanh(z_2)", r"z_3 = W_3 a_2 + b_3")
    assert set(verdicts("3-4-3-2:tanh,tanh,identity", *(f"${row}$" for row in rows))) == {"undecidable"}
    net = network(tmp_path, notation="mazur", inputs=2)
    false = [f"net_h1 = {k}*w1*i1 + w2*i2 + b_h1" for k in (2, 3, 4)]
    assert verdicts(net, *false) == ["wrong"] * 3
