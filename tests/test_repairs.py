"""Repairs: the kinds of mistakes that the table names, how the repaired row is printed, and what is refused as a repair."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbp.network.reader import load
from symbp.verification.judging.judge import Judge
from symbp.verification.repair.diagnose import near_miss
from symbp.verification.report.report import JudgedRow
from symbp.verification.report.verify import VerifyOptions, verify_file
from symbp.verification.source.extract import extract
from symbp.verification.source.work import words_of

NETWORK = """
notation = "{notation}"
inputs = 2
[[layers]]
units = {hidden}
activation = "tanh"
bias = {first}
[[layers]]
units = 2
activation = "sigmoid"
bias = [0, 0]
"""
FORWARD = (
    "net_h1 = w1*i1 + w2*i2 + b_h1\nout_h1 = tanh(net_h1)\nnet_o1 = w5*out_h1 + w6*out_h2 + b_o1\nnet_o2 = w7*out_h1 + w8*out_h2 + b_o2\n"
)
PATHS = "dE/dw1 = (delta_o1*w5 + delta_o2*w7) * (1 - out_h1^2) * i1"
LAYERS = r"""$$z^{(2)} = W^{(1)} x + b^{(1)}$$
$$a^{(2)} = f(z^{(2)})$$
$$z^{(3)} = W^{(2)} a^{(2)} + b^{(2)}$$
$$\nabla_{W^{(1)}} J = \delta^{(2)} x^T$$
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("networks")
    (found / "scalars.toml").write_text(NETWORK.format(notation="mazur", hidden=2, first=[0, 0]), "utf-8")
    (found / "matrices.toml").write_text(NETWORK.format(notation="ufldl", hidden=3, first=[0, 0, 0]), "utf-8")
    return found


def last(folder: Path, network: str, text: str) -> JudgedRow:
    spec, kind = load(folder / f"{network}.toml"), "txt" if network == "scalars" else "md"
    report = verify_file(spec, text, kind, "work", VerifyOptions(prove=False, time_limit=30.0))
    return report.rows[-1]


SCALARS = {
    "a factor of one term": (PATHS.replace("*w7", ""), "dropped_factor", PATHS.replace("delta_o2*w7", "delta_o2 * w7")),
    "1 - out for 1 - out^2": (PATHS.replace("out_h1^2", "out_h1"), "wrong_activation_derivative", PATHS),
    "another activation's derivative": (
        PATHS.replace("(1 - out_h1^2)", "out_h1 * (1 - out_h1)"),
        "wrong_activation_derivative",
        PATHS,
    ),
    "one path only": (PATHS.replace("(delta_o1*w5 + delta_o2*w7)", "delta_o1*w5"), "missing_sum", None),
    "the output in place of the input": (PATHS.replace("i1", "out_h1"), "wrong_index", PATHS),
    "a factor that stands twice": (PATHS + " * i1", "duplicated_factor", PATHS),
    "another weight on the left": (PATHS.replace("dE/dw1", "dE/dw3"), "wrong_lhs", PATHS),
    "a sign in a bracket": (PATHS.replace("1 - out", "1 + out"), "sign", PATHS),
    "a weight of another unit": (PATHS.replace("w7", "w8"), "wrong_index", PATHS),
    "a half too much": ("dE/dout_o1 = 1/2 * (out_o1 - t1)", "factor_two", None),
}
WHOLE = {
    "the matrix is missing": (r"z^{(2)} = x + b^{(1)}", "dropped_factor"),
    "a factor of an outer product is missing": (r"\nabla_{W^{(2)}} J = \delta^{(3)}", "dropped_factor"),
    "not transposed": (r"\delta^{(2)} = W^{(2)} \delta^{(3)} \odot f'(z^{(2)})", "transpose_order"),
    "the left side of a row that stands already": (r"a^{(2)} = f(z^{(3)})", "wrong_lhs"),
    "an outer product turned": (r"\nabla_{W^{(1)}} J = x (\delta^{(2)})^T", "transpose_order"),
}


@pytest.mark.parametrize("name", SCALARS)
def test_a_mistake_of_scalars_is_named_and_repaired_in_place(name: str, folder: Path) -> None:
    text, code, expected = SCALARS[name]
    row = last(folder, "scalars", FORWARD + text)
    assert (row.verdict, row.code) == ("wrong", code), row.expected
    assert row.expected is not None
    if expected is not None:
        assert "".join(row.expected.split()) == "".join(expected.split())


@pytest.mark.parametrize("name", WHOLE)
def test_a_mistake_of_whole_layers_is_named(name: str, folder: Path) -> None:
    text, code = WHOLE[name]
    row = last(folder, "matrices", f"{LAYERS}$${text}$$")
    assert (row.verdict, row.code) == ("wrong", code), row.expected
    assert row.expected is not None


def test_the_repair_is_not_the_left_side_itself(folder: Path) -> None:
    row = last(folder, "scalars", FORWARD + "dE/dw5 = delta_o1 * out_h1\ndE/dw6 = net_h1 * net_h1")
    assert row.verdict == "wrong"
    assert row.expected is None or "dE/dw6" not in row.expected.split("=")[1]


def test_no_repair_adds_what_it_takes_away(folder: Path) -> None:
    row = last(folder, "scalars", FORWARD + "net_h2 = w3*i1 + w4*i2 + b_h2 + w1*i1")
    assert row.code == "duplicated_factor"
    assert row.expected is not None
    assert row.expected.replace(" ", "") == "net_h2=w3*i1+w4*i2+b_h2"


def test_the_condition_of_a_case_is_no_place_for_a_factor(folder: Path) -> None:
    row = last(folder, "scalars", FORWARD + r"dout_h1/dnet_h2 = \begin{cases} 1 & net_h1 > 0 \\ 0.01 & net_h1 < 0 \end{cases}")
    assert row.verdict in {"wrong", "unreadable"}


def test_the_same_mistake_in_two_rows_is_one(folder: Path) -> None:
    rows = ["dE/dw5 = (out_o1 - t1) * out_h1", "dE/dw8 = (out_o2 - t2) * out_h2"]
    work = FORWARD + "\n".join(rows)
    spec = load(folder / "scalars.toml")
    judge = Judge(spec, extract(work, "txt", "work", words_of(spec)))
    wrong = [judged for judged in judge.run() if judged.verdict == "wrong"]
    edits = [near_miss(judge.world, judge.lines, judged.line, judged.worst.link) for judged in wrong if judged.worst]
    assert len(edits) == 2
    assert edits[0] is not None
    assert edits[1] is not None
    assert edits[0].code == "missing_activation_derivative"
    assert edits[0].identity == edits[1].identity
    assert last(folder, "scalars", work).same_as == len(FORWARD.splitlines()) + 1
