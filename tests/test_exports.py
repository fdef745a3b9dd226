"""What learning systems import, held against their published formats; the report on a class; and names that would do something."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

import judged
from symbp.cli import main
from symbp.errors import SymbpError
from symbp.publishing.class_report import render_class
from symbp.publishing.report import REPORT_FORMATS, View, render_report
from symbp.verification.report.exports import (
    WORKSHEET,
    Graded,
    feedback_zip,
    file_name,
    gradescope_results,
    harmless,
    settled,
    worksheet,
)
from symbp.verification.report.marks import Mark
from symbp.verification.report.report import FileReport, JudgedRow, Reached, Report
from symbp.verification.report.summary import Summary, Tally
from symbp.verification.report.systems import Student

ADA = Student("101", "Ada Lovelace", "ada@x.org", "moodle")


def graded(mark: str | None = "3.5", out_of: str = "8", student: Student = ADA, comment: str = "3.5 of 8 marks.") -> Graded:
    given = None if mark is None else Decimal(mark)
    found = Mark("a.txt", given, Decimal(out_of), 1, 0, 0, mark is None, None, ())
    return Graded(found, student, comment, (("dE/dw1", True), ("dE/dw2", False)))


def table(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter))


# -- Moodle ----------------------------------------------------------------------------------------------------------------------


def test_a_new_worksheet_has_the_columns_of_moodle() -> None:
    text = worksheet([graded(), graded(None, student=replace(ADA, id="102"))])
    assert text.splitlines()[0].split(",") == list(WORKSHEET)
    assert [(row["Identifier"], row["Grade"], row["Maximum grade"]) for row in table(text)] == [
        ("Participant 101", "3.5", "8"),
        ("Participant 102", "", "8"),
    ]


GIVEN = (
    "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade),Feedback comments\r\n"
    'Participant 100,"Noether, Emmy",e@x.org,No submission,,8.00,Yes,-,\r\n'
    "Participant 101,Ada Lovelace,ada@x.org,Submitted for grading,,8.00,Yes,-,\r\n"
    'Participant 102,=cmd(),c@x.org,Submitted for grading,7.00,8.00,Yes,"Monday, 1 June, 10:00","kept\r\nas it is"\r\n'
)


def test_a_worksheet_of_moodle_is_filled_in_and_nothing_else_of_it_changes() -> None:
    text = worksheet([graded(), graded(None, student=replace(ADA, id="102"))], GIVEN)
    before, after = table(GIVEN), table(text)
    assert text.startswith("\ufeff")
    assert after[0] == before[0]
    assert after[2] == before[2], "what a person must mark stays as it is"
    assert after[1] == before[1] | {"Grade": "3.5", "Feedback comments": "3.5 of 8 marks."}


def test_a_worksheet_with_semicolons() -> None:
    text = worksheet([graded()], "Identifier;Full name;Grade\r\nTeilnehmer/in101;Ada;\r\n")
    assert table(text, ";")[0]["Grade"] == "3.5"


def test_marks_out_of_another_number_are_refused() -> None:
    with pytest.raises(SymbpError, match="maximum grade is 8, and the marks are out of 10"):
        worksheet([graded(out_of="10")], GIVEN)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Identifier,Full name\n"])
def test_what_is_no_worksheet_is_told(text: str) -> None:
    with pytest.raises(SymbpError, match="the worksheet has no column"):
        worksheet([graded()], text, "x.csv")


def test_feedback_is_called_as_moodle_expects_it() -> None:
    """By `explode("_", …, 5)` of mod/assign/feedback/file/importziplib.php: name, participant, subtype, type, rest."""
    students = [ADA, replace(ADA, id="7", name="../../_evil_/x\u202e"), replace(ADA, id="8", name="=cmd")]
    content = feedback_zip((student, "feedback.html", b"x") for student in students)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
    assert feedback_zip((student, "feedback.html", b"x") for student in students) == content
    for name, student in zip(names, students, strict=True):
        folder, file = name.split("/")
        parts = folder.split("_", 4)
        assert len(parts) == 5
        assert parts[1:4] == [student.id, "assignsubmission", "file"]
        assert file == "feedback.html"
        assert name.isprintable()
        assert ".." not in name


# -- Gradescope ------------------------------------------------------------------------------------------------------------------

VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
RESULTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "leaderboard": {"type": "array"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "name_format": FORMAT,
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
    },
    "anyOf": [{"required": ["score"]}, {"properties": {"tests": {"items": {"required": ["score"]}, "minItems": 1}}, "required": ["tests"]}],
}
"""results.json as "Autograder Specifications" of Gradescope's documentation has it, key by key."""


def test_results_are_as_gradescope_specifies() -> None:
    text = gradescope_results(graded())
    assert text is not None
    found = json.loads(text)
    jsonschema.validate(found, RESULTS)
    assert found["score"] == 3.5
    assert [(test["name"], test["status"]) for test in found["tests"]] == [("dE/dw1", "passed"), ("dE/dw2", "failed")]
    assert gradescope_results(graded(None)) is None
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"tests": []}, RESULTS)


def test_a_mark_in_doubt_is_not_exported_and_a_full_one_is_in_no_doubt() -> None:
    doubted = replace(graded(), mark=replace(graded().mark, needs_review=True))
    assert settled(doubted.mark) is None
    assert gradescope_results(doubted) is None
    assert table(worksheet([doubted]))[0]["Grade"] == ""
    assert table(worksheet([doubted], GIVEN)) == table(GIVEN)
    assert settled(replace(doubted.mark, mark=Decimal(8))) == 8
    assert settled(graded("0").mark) == 0


# -- names that would do something -----------------------------------------------------------------------------------------------

NAMES = (
    "=1+1.txt",
    "a;=cmd()|x.txt",
    "a\t=1.txt",
    "\x1b[31mred.txt",
    "\u202etxt.exe.txt",
    "a\nb.txt",
    "<script>alert(1)</script>.txt",
    "\\input{x}.txt",
    "a\u2028b.txt",
    "\u200bz.txt",
    "`id`.txt",
    "\u009bx.txt",
)


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "＝1", "a;=1", "a,+1", "a\t=1", 'a;"=1', "a; =1", "a|@x"])
def test_no_cell_is_a_formula_whatever_ends_the_one_before(cell: str) -> None:
    for part in re.split(r"[;,\t|]", harmless(cell)):
        assert not part.lstrip("\"' ").startswith("=") or part.lstrip(' "').startswith("'")
        assert part[:1] not in tuple("=+-@＝")


@pytest.mark.parametrize("name", NAMES)
def test_names_are_safe_wherever_they_are_printed(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    judged.put_in_place(monkeypatch)
    folder = Path("w")
    folder.mkdir()
    if "/" in name:
        name = name.replace("/", "-")
    (folder / name).write_text("wrong b\n", "utf-8")
    (folder / ("x" + name)).write_bytes(b"\xff")
    arguments = ["verify", "1-1", "w", "--csv", "marks.csv", "-o", "out/", "--summary", "class.md", "--jobs", "1"]
    result = CliRunner().invoke(main, [*arguments, "--to", "txt", "--to", "json", "--to", "html", "--to", "md", "--to", "tex"])
    assert result.exit_code == 0, result.output
    written = [path for path in Path().rglob("*") if path.is_file() and "w" not in path.parts]
    assert len(written) == 12
    for path in written:
        assert path.name.isprintable()
        assert not path.name.startswith(("=", "-", "+", "@"))
        text = path.read_text("utf-8")
        assert all(c.isprintable() or c in "\n\r" for c in text), path
        assert "<script>alert" not in text or path.suffix in {".txt", ".json", ".csv"}, path
        if path.suffix == ".tex":
            assert "\\input{x}" not in text
    assert all(c.isprintable() or c == "\n" for c in result.stderr)
    for row in csv.reader(io.StringIO(Path("marks.csv").read_text("utf-8"))):
        assert not any(cell.startswith(("=", "+", "@")) for cell in ";".join(row).replace("\t", ";").split(";"))


def test_a_name_of_a_file_is_one_on_any_system() -> None:
    assert file_name("../a/b") == "a-b" or "/" not in file_name("../a/b")
    assert file_name("...") == "work"
    assert len(file_name("x" * 500)) <= 80


ODD = "w = \u202e1\u2066 \x1b[2J\x07 \u200b\x85 \ud800"


@pytest.mark.parametrize("name", [*REPORT_FORMATS, "json"])
def test_no_text_of_a_report_moves_turns_or_hides(name: str) -> None:
    row = JudgedRow(1, 1, ODD, "wrong", "sign", expected=ODD, span=(0, 3), witness={ODD: ODD, "left": ODD, "right": ODD})
    file = FileReport(ODD, (row,), {ODD: ODD}, (Reached(ODD, "missing"),), not_read=(ODD,))
    text = render_report(Report((file, FileReport(ODD, trouble=ODD))), name, View(witness=True, every=True, marks={ODD: ODD}))
    assert all(c.isprintable() or c == "\n" for c in text)
    if name == "json":
        assert json.loads(text)["files"][0]["rows"][0]["text"] == ODD.replace("\ud800", "�")


# -- the class -------------------------------------------------------------------------------------------------------------------


def summary(*reports: FileReport) -> Summary:
    tally = Tally()
    for report in reports:
        tally.add(report)
    return tally.done()


def wrong(text: str, code: str = "sign", line: int = 1, expected: str | None = "fixed") -> JudgedRow:
    return JudgedRow(line, 1, text, "wrong", code, expected=expected)


def test_a_class_in_short() -> None:
    found = summary(
        FileReport("a", (wrong("x = -1"), wrong("y = 22222", line=2)), reached=(Reached("E", "reached"), Reached("F", "missing"))),
        FileReport("b", (wrong("y = 22222"), wrong("x  = -1", line=2)), reached=(Reached("E", "wrong"), Reached("F", "missing"))),
        FileReport("c", (wrong("z", "wrong_index", expected=None), wrong("long " * 50, "wrong_index")), reached=(Reached("E", "reached"),)),
        FileReport("d", (JudgedRow(3, 1, "?", "unreadable"),)),
        FileReport("e", trouble="no such file"),
        FileReport("f", (JudgedRow(1, 1, "x = 1", "correct"),)),
    )
    assert (found.works, found.clean) == (6, 1)
    assert [(one.name, one.reached, one.wrong, one.missing) for one in found.quantities] == [("E", 2, 1, 0), ("F", 0, 0, 2)]
    assert [(one.code, one.works, one.rows, one.example) for one in found.mistakes] == [
        ("sign", 2, 4, "x = -1"),
        ("wrong_index", 1, 2, "z"),
    ]
    assert found.alike == (("a", "b"),)
    assert dict(found.review) == {"d": "line 3 unreadable", "e": "no such file"}


def test_an_example_names_nobody() -> None:
    found = summary(FileReport("a", (wrong("\\text{Ada Lovelace}: x = 1"), wrong("x = 1 % Ada"))))
    assert found.mistakes[0].example is None


def test_right_works_are_all_alike_and_that_is_nothing() -> None:
    right = tuple(JudgedRow(n, 1, f"x = {n}", "correct") for n in range(5))
    assert summary(FileReport("a", right), FileReport("b", right)).alike == ()
    assert summary(FileReport("a", (wrong("x"),)), FileReport("b", (wrong("x"),))).alike == ()


@pytest.mark.parametrize("name", ["md", "html"])
def test_the_report_on_a_class_is_safe(name: str) -> None:
    found = summary(
        FileReport("<b>\u202e", (wrong("a<b`"), wrong("c | d")), reached=(Reached("dE/dw1", "reached"),)),
        FileReport("[x](y)", (wrong("a<b`"), wrong("c | d"))),
        FileReport("e\n# x", trouble="\x1b[2J<i>"),
    )
    text = render_class(found, name)
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "<b>" not in text
    assert "<i>" not in text
    assert "\n# x" not in text
    assert "dE/dw1" in text
    with pytest.raises(SymbpError, match="no class report"):
        render_class(found, "pdf")
