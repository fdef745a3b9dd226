"""What a work is told of its names: which rows only define them, what they were read as, what is asked of them, what the file decides."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from symbp.errors import SymbpError
from symbp.language.form import Index
from symbp.network.reader import load, read
from symbp.publishing.report import REPORT_FORMATS, View, render_report
from symbp.publishing.verdicts import PLAIN
from symbp.verification.reading.conventions import Conventions
from symbp.verification.reading.given import kind_given, no_unit
from symbp.verification.reading.quantities import Quantity
from symbp.verification.reading.questions import Words, family_text, merged
from symbp.verification.report.marks import Scheme, mark
from symbp.verification.report.report import FileReport, JudgedRow, ReadAs, Report, Said
from symbp.verification.report.verify import verify_file

NET = """inputs = 2
[[layers]]
units = 2
activation = "sigmoid"
[[layers]]
units = 1
activation = "sigmoid"
"""


def judged(network: str, text: str) -> FileReport:
    spec = read(network, "net.toml") if "\n" in network else load(network)
    return verify_file(spec, text, "txt", "work.txt")


def verdicts(network: str, text: str) -> list[str]:
    return [row.verdict for row in judged(network, text).rows]


# -- definitions ---------------------------------------------------------------------------------------------------------


def test_a_row_that_only_names_its_right_side_is_a_definition_and_earns_nothing() -> None:
    report = judged("mazur", "delta_o1 = (out_o1 - t1)*out_o1*(1 - out_o1)\ng5 = 3 * out_h1 - w2\n")
    assert [row.verdict for row in report.rows] == ["correct", "definition"]
    row = report.rows[1]
    assert (row.certainty, row.code, row.message) == (None, None, Said("definition", {"name": "g5"}))
    assert report.is_clean
    assert not report.needs_review
    given = mark(report, Scheme(per="row"))
    assert (given.mark, given.out_of) == (Decimal(1), Decimal(1))


def test_a_definition_that_a_right_row_goes_on_from_is_right() -> None:
    work = "q = out_o1 * (1 - out_o1)\ndE/dw5 = (out_o1 - t1) * q * out_h1\n"
    assert verdicts("mazur", work) == ["correct", "correct"]


def test_a_definition_of_a_definition_claims_nothing_either() -> None:
    work = "delta_o1 = (out_o1 - t1)*out_o1*(1 - out_o1)\ndE/dw5 = delta_o1 * out_h1\nq = 3*out_h1 - w2\nr = q + w1\n"
    assert verdicts("mazur", work)[2:] == ["definition", "definition"]


@pytest.mark.parametrize("row", ["out_h1 = net_h1", "net_h1 = out_h1", "out_o1 = out_o2", "grad_w5 = out_h1"])
def test_names_of_the_file_are_claims(row: str) -> None:
    assert verdicts("mazur", f"dE/dout_o1 = out_o1 - t1\n{row}\n") == ["correct", "wrong"]


# -- units that are not there --------------------------------------------------------------------------------------------


def test_a_unit_that_is_not_there_is_said_so() -> None:
    (row,) = judged("mazur", "dE/dw5 = (out_o1 - t1) * out_o1 * (1 - out_o1) * out_h3\n").rows
    assert (row.verdict, row.code) == ("wrong", "wrong_index")
    assert row.message is not None
    assert PLAIN.said(row.message) == "There is no unit h3; h1 and h2 feed o1."
    assert row.span is not None
    assert row.text[slice(*row.span)] == "out_h3"


def test_a_unit_that_is_not_there_without_a_weight() -> None:
    rows = judged("mazur", "dE/dout_o1 = out_o1 - t1\ndE/dnet_o4 = out_o1 * (1 - out_o1)\n").rows
    assert rows[1].message is not None
    assert PLAIN.said(rows[1].message) == "There is no unit o4; there are o1 and o2."


def test_units_are_told_by_their_numbers() -> None:
    words = load("mazur").vocabulary
    from symbp.language.reader import Reader
    from symbp.language.tokens import lex

    def name(text: str):  # type: ignore[no-untyped-def]
        return Reader(lex(text, "plain"), ()).whole()

    units = {words.unit_name(unit) for layer in range(3) for unit in words.units(layer)}
    found = no_unit([name("out_h1"), name("net_h3")], words)
    assert found is not None
    assert (found.unit, found.units, found.layer) == ("h3", ("h1", "h2"), 1)
    assert no_unit([name("out_h2"), name("q_h3"), name("net_j")], words) is None
    assert [kind_given(name(text), units) for text in ("out_h1", "net_o2", "out_h3", "a_h1")] == ["out", "net", None, None]


# -- words ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        (Quantity("net", 1, 2), "the net input of unit 2 of layer 1"),
        (Quantity("net", None, Index("j")), "the net input of unit j"),
        (Quantity("out", 0, 1), "input 1"),
        (Quantity("delta", Index("l", 1)), "the deltas of layer l+1"),
        (Quantity("weight", Index("l")), "the weights into layer l, a row for each unit"),
        (Quantity("weight", 1, Index("j"), Index("i")), "the weight from input i into unit j of layer 1"),
        (Quantity("weight", 2, 1, 2, step=1), "the weight from unit 2 of layer 1 into unit 1 of layer 2, after the update"),
        (Quantity("out", 1, is_batch=True), "the outputs of layer 1 of all samples"),
        (Quantity("slope", of=Quantity("net", 2, 1)), "the gradient of E with respect to the net input of unit 1 of layer 2"),
        (Quantity("error_total"), "the error E"),
    ],
)
def test_meanings_in_words(quantity: Quantity, words: str) -> None:
    spec = load("mazur")
    assert Words(spec, Conventions.of(spec)).of(quantity) == words


def test_a_family_in_the_persons_letters() -> None:
    assert family_text(["I_1", "I_2"]) == "I_#"
    assert family_text(["v_{i-1}", "v_i"]) == "v_#"
    assert family_text(["\\hat{y}"]) == "\\hat{y}"
    assert merged(["the output of unit 1 of layer 1", "the output of unit 2 of layer 1"]) == "the output of unit # of layer 1"
    assert merged(["the error E", "input 1"]) == "the error E; input 1"


# -- what names were read as ---------------------------------------------------------------------------------------------


def test_read_as_names_the_family_its_meaning_and_its_rows() -> None:
    report = judged("mazur", "I_1 = w1*i1 + w2*i2 + b1\nout_h1 = 1/(1 + exp(-I_1))\n")
    assert [row.verdict for row in report.rows] == ["correct", "correct"]
    (mine,) = [one for one in report.read_as if not one.is_usual]
    assert (mine.family, mine.meaning, mine.by, mine.rows) == ("I_1", "the net input of unit 1 of layer 1", "rows", (1, 2))
    assert {one.family for one in report.read_as if one.is_usual} >= {"w#", "i#", "b1"}


def test_a_comment_says_what_a_whole_family_is() -> None:
    report = judged("mazur", "% symbp: zz_j = net_j\nzz_1 = w1*i1 + w2*i2 + b1\nzz_2 = w3*i1 + w4*i2 + b1\nzz_2 = w1*i1 + w4*i2 + b1\n")
    assert [row.verdict for row in report.rows] == ["correct", "correct", "wrong"]
    assert [(one.family, one.by) for one in report.read_as if one.by == "file"] == [("zz_#", "file")]


# -- questions -----------------------------------------------------------------------------------------------------------

ASKED = FileReport(
    "work.txt",
    (
        JudgedRow(1, 1, "g5 = 3*out_h1", "definition", message=Said("definition", {"name": "g5"})),
        JudgedRow(
            2,
            1,
            "I_j = q",
            "undecidable",
            message=Said("undecidable_meaning", {"reason": "rival", "name": "I_j"}),
            question=Said("question", {"name": "I_j", "what": "the net input of unit j", "rival": "input j", "answer": "net_j"}),
        ),
        JudgedRow(
            3,
            1,
            "I_4 = q",
            "undecidable",
            message=Said("undecidable_meaning", {"reason": "open", "name": "I_4"}),
            question=Said("question_asked", {"name": "I_4", "line": 2}),
        ),
    ),
    read_as=(
        ReadAs("r_#", "the net input of unit # of layer 1", "rows", (4, 5), ("input #",)),
        ReadAs("w#", "the weight from input # into unit 1 of layer 1", "prior", is_usual=True),
    ),
)
QUESTION = "Is I_j the net input of unit j, or input j? Say so by a comment `% symbp: I_j = net_j`, or in `[reading]` of the network file."


def test_json_has_questions_and_what_was_read() -> None:
    (file,) = json.loads(render_report(Report((ASKED,)), "json"))["files"]
    assert [row["question"] for row in file["rows"]] == [None, QUESTION, "What is I_4? See the question in line 2."]
    assert file["rows"][0]["verdict"] == "definition"
    assert file["summary"]["definition"] == 1
    assert file["read_as"][0] == {
        "family": "r_#",
        "meaning": "the net input of unit # of layer 1",
        "by": "rows",
        "rows": [4, 5],
        "rivals": ["input #"],
    }
    assert len(file["read_as"]) == 2


@pytest.mark.parametrize("name", REPORT_FORMATS)
@pytest.mark.parametrize("hints", [False, True])
def test_reports_show_questions_and_what_is_not_usual(name: str, hints: bool) -> None:
    text = " ".join(render_report(Report((ASKED,)), name, View(hints=hints, columns=200)).replace("\\allowbreak{}", "").split())
    for words in (
        "the net input of unit j, or",
        "a definition",
        "net input of unit \\# of layer 1" if name in {"tex", "md"} else "net input",
    ):
        assert words in text or words.replace("\\#", "#") in text
    assert "See the question in line 2" in text
    assert "the weight from input" not in text
    assert {"txt": "≔", "md": "≔", "html": '<li class="row neutral">', "tex": "\\defined"}[name] in text


def test_a_family_is_asked_about_once() -> None:
    rows = judged("2-3-2:tanh,tanh", "2*q_1 = Q_2 + 3*Q_1\n7*q_2 = Q_2 + 5*Q_1\n").rows
    asked = [row.question for row in rows if row.verdict == "undecidable"]
    assert asked
    assert asked[0] is not None
    assert asked[0].key == "question"
    assert [said.key for said in asked[1:] if said is not None] == ["question_asked"] * (len(asked) - 1)


# -- [reading] -----------------------------------------------------------------------------------------------------------


def test_the_file_fixes_conventions_and_names() -> None:
    table = '[reading]\nweight_rows = "source"\nsamples = "rows"\ndelta = "-dE/dnet"\ninput_layer = 0\n'
    table += 'names = { "I_j" = "net_j", "u" = "net_h1" }\n'
    spec = read(NET + table, "net.toml")
    assert spec.reading == {"weight_rows": "source", "samples": "rows", "delta_sign": -1, "numbering": 0}
    assert spec.names == {"I_j": "net_j", "u": "net_h1"}
    assert spec.delta_sign == 1
    report = judged(NET + table, "I_1 = w1*i1 + w2*i2 + b_h1\nu = I_1\ndelta_o1 = (t1 - out_o1) * out_o1 * (1 - out_o1)\n")
    assert [row.verdict for row in report.rows] == ["correct", "correct", "correct"]
    assert report.conventions["delta"] == "-dE/dnet"


def test_what_the_file_fixes_no_work_changes() -> None:
    work = "delta_o1 = (t1 - out_o1) * out_o1 * (1 - out_o1)\nw5+ = w5 + eta * delta_o1 * out_h1\n"
    assert verdicts(NET, work) == ["correct", "correct"]
    work += "net_h1 = w1*i1 + w2*i2 + b_h1\nnet_h2 = w3*i1 + w4*i2 + b_h2\n"
    row = judged(NET + '[reading]\ndelta = "dE/dnet"\n', work).rows[0]
    assert (row.verdict, row.code) == ("wrong", "sign")


@pytest.mark.parametrize(
    ("table", "message", "hint", "line"),
    [
        ('[reading]\nsampels = "rows"\n', "unknown key 'sampels' in [reading]", "samples", 9),
        ('[reading]\nsamples = "row"\n', "unknown samples 'row'", "rows", 9),
        ("[reading]\ninput_layer = 2\n", "unknown input_layer 2", "known: 0, 1", 9),
        ("[reading]\ninput_layer = true\n", "unknown input_layer true", "known: 0, 1", 9),
        ("[reading]\nnames = { q = 3 }\n", "names is no table of texts", "net_j", 9),
        ("[reading]\ngradient = [1]\n", "unknown gradient a list", "same", 9),
    ],
)
def test_faults_in_the_table_are_told_with_their_line(table: str, message: str, hint: str, line: int) -> None:
    with pytest.raises(SymbpError) as caught:
        read(NET + table, "net.toml")
    assert caught.value.message == message
    assert hint in (caught.value.hint or "")
    assert caught.value.place is not None
    assert caught.value.place.line == line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("reading = 3\n" + NET, "reading is 3"),
        ("delta_sign = 1\n" + NET + '[reading]\ndelta = "-dE/dnet"\n', "[reading] says delta otherwise than delta_sign = 1"),
        ('names = { u = "net_h1" }\n' + NET + '[reading]\nnames = { u = "net_h2" }\n', "'u' means two things: 'net_h1' and 'net_h2'"),
    ],
)
def test_what_contradicts_itself(text: str, message: str) -> None:
    with pytest.raises(SymbpError) as caught:
        read(text, "net.toml")
    assert caught.value.message == message
