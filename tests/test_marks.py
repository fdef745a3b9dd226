"""Marks: what a scheme gives, what a table of them says, and what is wrong with a scheme."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from judged import AGAIN, BROKEN, WRONG
from symbp.errors import SymbpError
from symbp.network.reader import load
from symbp.verification.report.marks import COLUMNS, Scheme, csv_text, explained, mark, parse_scheme, read_scheme
from symbp.verification.report.report import Evidence, FileReport, JudgedRow, Reached

CLEAR = FileReport(
    "clear.txt",
    (JudgedRow(1, 1, "a = a", "correct"), replace(WRONG, line=9), replace(AGAIN, line=12, same_as=9), JudgedRow(14, 1, "b = b", "follows")),
    reached=(
        Reached("dE/dw5", "reached", 1),
        Reached("dE/dw7", "wrong", 9),
        Reached("delta_h1", "reached", 14),
        Reached("dE/dw1", "missing"),
    ),
)
SCHEME = """
penalty = 0.5
[marks]
"dE/dw5" = 2
"delta_*" = 1.5
w7 = 3
default = 0
"""


def scheme(text: str) -> Scheme:
    return parse_scheme(text, "marks.toml")


def table(*reports: FileReport, by: Scheme | None = None) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(mark(report, by or Scheme()) for report in reports))))


def test_one_for_each_quantity_that_is_reached_unless_a_scheme_says_otherwise() -> None:
    assert table(CLEAR) == [
        {
            "file": "clear.txt",
            "mark": "2",
            "out_of": "4",
            "range": "",
            "reached": "2",
            "wrong": "1",
            "follows": "1",
            "needs_review": "false",
            "flags": "",
            "first_wrong_line": "9",
            "codes": "wrong_index",
            "dE/dw5": "1",
            "dE/dw7": "0",
            "delta_h1": "1",
            "dE/dw1": "0",
        }
    ]


def test_a_scheme_names_quantities_and_patterns() -> None:
    found = mark(CLEAR, scheme(SCHEME))
    assert (found.mark, found.out_of) == (Decimal("3.0"), Decimal("6.5"))
    assert found.cells()[1:3] == ("3", "6.5")


def test_a_name_comes_before_a_pattern_and_a_pattern_before_those_below_it() -> None:
    by = scheme('[marks]\n"dE/*" = 1\n"dE/dw*" = 2\n"dE/dw5" = 3')
    assert [by.worth(name) for name in ("dE/dw5", "dE/dw6", "dE/db1", "out_h1")] == [3, 1, 1, 1]


def test_padding_is_worth_nothing() -> None:
    padded = replace(CLEAR, rows=CLEAR.rows + (CLEAR.rows[0],) * 20)
    assert table(padded) == table(CLEAR)


def test_a_repeated_mistake_counts_once() -> None:
    repeated = replace(CLEAR, rows=(*CLEAR.rows, *(replace(AGAIN, line=n, same_as=9) for n in range(20, 30))))
    assert table(repeated, by=scheme("penalty = 0.5")) == table(CLEAR, by=scheme("penalty = 0.5"))
    assert table(CLEAR, by=scheme("penalty = 0.5"))[0]["mark"] == "1.5"


def test_no_work_gets_less_than_nothing() -> None:
    assert mark(CLEAR, scheme("penalty = 100")).mark == 0


def test_marks_per_row_leave_out_what_could_not_be_judged_and_what_is_repeated() -> None:
    found = mark(replace(CLEAR, rows=(*CLEAR.rows, JudgedRow(20, 1, "?", "unreadable"))), scheme('per = "row"\n[marks]\ndefault = 2'))
    assert (found.mark, found.out_of, found.needs_review) == (4, 6, True)


@pytest.mark.parametrize("verdict", ["unreadable", "undecidable"])
def test_what_nobody_could_judge_is_for_a_person_and_never_0(verdict: str) -> None:
    row = JudgedRow(1, 1, "?", verdict)  # type: ignore[arg-type]
    missed = FileReport("a.txt", (row,), reached=(Reached("dE/dw5", "missing"),))
    found = table(missed)[0]
    assert [found[name] for name in ("mark", "out_of", "range", "needs_review", "dE/dw5")] == ["", "1", "0 to 1", "line 1", ""]
    partly = table(replace(missed, reached=(*missed.reached, Reached("dE/dw6", "reached"))))[0]
    assert [partly[name] for name in ("mark", "range", "needs_review", "dE/dw5", "dE/dw6")] == ["", "1 to 2", "line 1", "", "1"]


def test_a_work_without_a_row_or_one_that_was_not_read_is_for_a_person() -> None:
    empty, broken = table(FileReport("empty.txt", reached=(Reached("dE/dw5", "missing"),)), BROKEN)
    assert (empty["mark"], empty["needs_review"]) == ("", "true")
    assert [broken[name] for name in COLUMNS] == ["broken.tex", "", "", "", "0", "0", "0", "true", "", "", ""]
    assert broken["dE/dw5"] == ""


def test_a_work_without_anything_right_gets_0() -> None:
    nothing = FileReport("a.txt", (JudgedRow(1, 1, "x", "wrong", "sign"),), reached=(Reached("dE/dw5", "wrong", 1),))
    assert table(nothing)[0]["mark"] == "0"


def test_codes_are_named_once_in_their_order() -> None:
    rows = [JudgedRow(n, 1, "x", "wrong", code) for n, code in enumerate(("sign", "rounding", "sign"))]
    assert table(replace(CLEAR, rows=tuple(rows)))[0]["codes"] == "sign rounding"


@pytest.mark.parametrize("name", ["=1+1.txt", "+x", "-", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(name: str) -> None:
    assert table(replace(CLEAR, file=name))[0]["file"] == "'" + name


def test_names_of_files_with_anything_in_them() -> None:
    text = csv_text([mark(replace(CLEAR, file='a, "b"\n=c.txt'), Scheme())])
    assert text.count("\n") == 2
    assert "\r" not in text
    assert next(csv.DictReader(io.StringIO(text)))["file"] == 'a, "b"�=c.txt'


def test_what_a_scheme_names_is_looked_for() -> None:
    words = load("mazur").vocabulary
    assert Scheme().asked(words) == ()
    found = scheme('[marks]\n"delta_*" = 1\nout_h1 = 2\n"net_*" = 0\ndefault = 0').asked(words)
    assert found == ("delta_h1", "delta_h2", "delta_o1", "delta_o2", "out_h1")
    others = scheme('[marks]\n"delta_h1" = 1').asked(words)
    assert set(others) == {"delta_h1", "dE/db1", "dE/db2", *(f"dE/dw{n}" for n in range(1, 9))}, "what is not named is worth the default"
    with pytest.raises(SymbpError, match=r"no quantity of the network is like 'sigma_\*'"):
        scheme('[marks]\n"sigma_*" = 1').asked(words)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mark = 1", "marks.toml:1:1: unknown key 'mark'\n"),
        ("mark = 1", "did you mean 'marks'? known: bare, decimals, default, "),
        ("marks = 2", "marks is 2"),
        ('per = "line"', "unknown per 'line'"),
        ('per = "line"', "known: quantity, row"),
        ('per = "row"\n[marks]\n"dE/dw5" = 1', "marks.toml:3:2: marks per row have no name 'dE/dw5'"),
        ("penalty = -1", "marks.toml:1:1: the penalty: -1 is below 0"),
        ("penalty = true", "the penalty: true is not a number"),
        ('[marks]\nw5 = "2"', "marks.toml:2:1: the marks of 'w5': '2' is not a number"),
        ("[marks]\nw5 = nan", "is not a finite number"),
        ("[marks]\ndE/dw5 = 2", 'in [marks] a name stands in quotes, as in "dE/dw5" = 2'),
        ("[marks]\ndelta.h1 = 2", "a table is not a number"),
        ("follows = 2", "marks.toml:1:1: the share for what follows: 2 is above 1"),
        ("significant = 0", "marks.toml:1:1: significant is 0"),
        ("decimals = 1.5", "marks.toml:1:1: decimals is 1.5"),
        ("significant = 3\ndecimals = 2", "marks.toml:2:1: there are both significant and decimals"),
        ('bare = "half"', "unknown bare 'half'"),
        ("numeric = 1", "marks.toml:1:1: numeric is 1"),
        ("given = 3", "marks.toml:1:1: given is 3"),
        ('[form]\n"dE/dw1" = "short"', "marks.toml:2:2: unknown dE/dw1 'short'"),
        ('[form]\n"dE/dw1" = "short"', "known: any, composed, delta, value"),
        ('[from]\n"dE/dw1" = 3', "marks.toml:2:2: 'dE/dw1' of [from] is 3"),
        ('[required]\n"dE/dw1" = ["* 2"]', "'* 2' names nothing"),
        ("default = 1\n[marks]\ndefault = 2", "marks.toml:3:1: default is there twice"),
        ('penalty = -1\nbare = "half"', "marks.toml:2:1: unknown bare 'half'"),
    ],
)
def test_what_is_wrong_with_a_scheme(text: str, says: str) -> None:
    with pytest.raises(SymbpError) as caught:
        scheme(text)
    assert says in str(caught.value)


def test_a_scheme_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(SymbpError, match="cannot read the marks: No such file"):
        read_scheme(tmp_path / "none.toml")
    with pytest.raises(SymbpError, match="cannot read the marks: Is a directory"):
        read_scheme(tmp_path)
    (tmp_path / "a.toml").write_bytes(b"penalty = 1 # \xe4")
    with pytest.raises(SymbpError, match="not UTF-8 at byte 15"):
        read_scheme(tmp_path / "a.toml")
    (tmp_path / "b.toml").write_bytes(b"\xef\xbb\xbfpenalty = 1\r\n")
    assert read_scheme(tmp_path / "b.toml") == Scheme(penalty=Decimal(1), marks={})


def test_all_faults_of_a_scheme_are_told_at_once_those_about_the_network_too() -> None:
    text = 'given = ["delta_h9"]\n[marks]\n"dE/dw5" = 1\n"dE/dw9" = 1\n[from]\n"dE/dw1" = ["delta_h7"]\n[form]\nw3 = "value"\n'
    text += '[required]\nw10 = "delta_h1"'
    with pytest.raises(SymbpError) as caught:
        scheme(text).asked(load("mazur").vocabulary)
    said = str(caught.value)
    for fault in ("marks.toml:4:2: no quantity of the network is 'dE/dw9'", "marks.toml:1:1: ", "marks.toml:6:2: ", "'delta_h7'"):
        assert fault in said
    assert "'w10', which [required] names" in said
    assert "'w3'" not in said


def test_default_may_stand_at_the_top() -> None:
    assert scheme("default = 2") == scheme("[marks]\ndefault = 2")
    assert scheme("default = 2").worth("dE/dw1") == 2


def test_it_is_explained_which_rows_earned_a_mark() -> None:
    evidence = (
        Evidence("dE/dw5", 3, "right"),
        Evidence("dE/dw6", 4, "right", "bare", digits=(3, 4)),
        Evidence("dE/dw7", 5, "right", needs=("dE/dw7",)),
    )
    report = FileReport(
        "a.txt",
        tuple(JudgedRow(n, 1, "x", "correct") for n in (3, 4, 5)),
        reached=tuple(Reached(f"dE/dw{n}", "reached") for n in (5, 6, 7)),
        evidence=evidence,
    )
    assert explained(mark(report, Scheme())).splitlines() == [
        "a.txt: 1 to 2 of 3",
        "  dE/dw5: 1 of 1, by line 3",
        "  dE/dw6: 0 to 1 of 1, by line 4 (number_alone: see line 4)",
        "  dE/dw7: 0 of 1 (rests_on_itself)",
    ]
    assert explained(mark(report, Scheme("row"))).splitlines() == ["a.txt: 3 of 3", "  by lines 3, 4, 5"]
    assert explained(mark(BROKEN, Scheme())) == "broken.tex: no mark\n"


def test_another_scheme_marks_the_same_report_again() -> None:
    row = JudgedRow(3, 1, "x", "correct")
    evidence = (Evidence("dE/dw5", 3, "right", "bare", digits=(3, 4)),)
    report = FileReport("a.txt", (row,), reached=(Reached("dE/dw5", "reached", 3),), evidence=evidence)
    found = [(one.low, one.high) for one in (mark(report, scheme(f'bare = "{bare}"')) for bare in ("full", "review", "none"))]
    assert found == [(1, 1), (0, 1), (0, 0)]
