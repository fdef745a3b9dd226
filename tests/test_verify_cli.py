"""`symbp verify`: what goes where, with which exit code, and that one bad work never stops the rest."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import judged
from symbp.cli import main
from symbp.cli_verify import EXTENSIONS
from symbp.publishing.report import REPORT_FORMATS
from symbp.verification.report import batch

RIGHT, WRONG, UNCLEAR = "correct a\ncorrect dE/dw1\n", "correct a\nwrong b\n", "correct a\nunreadable b\n"
HEAVY = {"sympy", "mpmath", "jinja2", "numpy", "concurrent"}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    judged.put_in_place(monkeypatch)
    monkeypatch.delenv("NO_COLOR", raising=False)


def run(*arguments: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["verify", "1-1", *arguments], input=given)


def works(**texts: str) -> list[str]:
    for name, text in texts.items():
        Path(f"{name}.txt").write_text(text, "utf-8")
    return [f"{name}.txt" for name in texts]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# -- exit codes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        (RIGHT, (), 0),
        (RIGHT, ("--strict",), 0),
        (WRONG, (), 1),
        ("follows a", (), 1),
        (UNCLEAR, (), 0),
        (UNCLEAR, ("--strict",), 1),
        ("undecidable a", ("--strict",), 1),
        ("", (), 0),
        (WRONG, ("--csv", "marks.csv"), 0),
        (WRONG, ("--csv", "marks.csv", "--strict"), 1),
        (RIGHT, ("--csv", "marks.csv", "--strict"), 0),
    ],
)
def test_one_work(text: str, arguments: tuple[str, ...], code: int) -> None:
    result = run(*works(a=text), *arguments)
    assert result.exit_code == code, result.output


@pytest.mark.parametrize(("text", "strict", "code"), [(RIGHT, True, 0), (WRONG, False, 0), (WRONG, True, 1), (UNCLEAR, True, 1)])
def test_a_batch_is_done_once_every_work_is_judged(text: str, strict: bool, code: int) -> None:
    result = run(*works(a=RIGHT, b=text), *(["--strict"] if strict else []))
    assert result.exit_code == code, result.output
    assert "a.txt: " in result.stdout
    assert "b.txt: " in result.stdout


@pytest.mark.parametrize(
    ("name", "says"),
    [("none.txt", "No such file"), ("folder.txt", "directory"), ("latin.txt", "UTF-8"), ("zero.txt", "NUL"), ("a.pdf", "extension")],
)
def test_a_work_that_cannot_be_read(name: str, says: str) -> None:
    Path("folder.txt").mkdir()
    Path("latin.txt").write_bytes(b"correct \xe4\xf6\xfc")
    Path("zero.txt").write_bytes(b"correct \0")
    Path("a.pdf").write_bytes(b"%PDF-1.4")
    alone = run(name)
    assert (alone.exit_code, alone.stdout) == (2, "")
    assert alone.stderr.startswith(f"symbp: {name}")
    assert says in alone.stderr
    several = run(name, *works(a=RIGHT), "--csv", "marks.csv")
    assert several.exit_code == 0
    assert several.stderr.startswith(f"symbp: {name}: ")
    assert says in several.stderr
    broken, good = rows(Path("marks.csv").read_text("utf-8"))
    assert (broken["file"], broken["mark"], broken["needs_review"]) == (name, "", "true")
    assert (good["file"], good["mark"], good["needs_review"]) == ("a.txt", "1", "false")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("a.txt", "--to", "pdf"), "'pdf' is not one of 'txt', 'json', 'html', 'md', 'tex'"),
        (("a.txt", "--to", "md", "--to", "html"), "several formats"),
        (("a.txt", "--to", "md", "--to", "html", "-o", "x.md"), "one file for 2 formats"),
        (("a.txt", "-o", "x.pdf"), "no format is known for 'x.pdf'"),
        (("a.txt", "--hints", "--witness"), "--hints takes the answers out"),
        (("-", "-"), "standard input can be read once only"),
        (("a.txt", "--marks", "m.toml"), "--csv marks.csv"),
        (("a.txt", "--csv", "-", "--to", "json"), "do not both fit"),
        (("a.txt", "--csv", "x.md", "-o", "x.md"), "two things would be written to it"),
        (("a.txt", "--csv", "a.txt"), "written over a work"),
        (("a.txt", "-o", "a.txt"), "written over a work"),
        (("a.txt", "-o", "./"), "written over a work"),
        (("a.txt", "--csv", "m.csv", "--marks", "none.toml"), "cannot read the marks"),
        (("a.txt", "--expect", " , "), "--expect names nothing"),
        (("a.txt", "--jobs", "0"), "1<=x<=256"),
        (("a.txt", "--time-limit", "0"), "x>0"),
        (("a.txt", "--notation", "nobody"), "'nobody' is not one of mazur"),
        ((), "Missing argument 'WORK...'"),
    ],
)
def test_arguments_that_make_no_sense(arguments: tuple[str, ...], says: str) -> None:
    works(a=WRONG)
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""
    assert [path.name for path in Path().iterdir()] == ["a.txt"]
    assert Path("a.txt").read_text("utf-8") == WRONG


def test_a_network_that_is_not_there() -> None:
    result = CliRunner().invoke(main, ["verify", "nobody", *works(a=RIGHT, b=RIGHT)])
    assert result.exit_code == 2
    assert "there is no built-in example 'nobody'" in result.stderr


# -- what goes where -------------------------------------------------------------------------------------------------------


def test_every_format_has_its_extension() -> None:
    assert {name: row.extension for name, row in REPORT_FORMATS.items()} | {"json": ".json"} == EXTENSIONS


@pytest.mark.parametrize(
    ("name", "start"), [("txt", "a.txt\n─"), ("json", "{"), ("html", "<!doctype html>"), ("md", "# "), ("tex", "\\doc")]
)
def test_one_format_goes_to_standard_output(name: str, start: str) -> None:
    for dash in ([], ["-o", "-"]):
        result = run(*works(a=WRONG), "--to", name, *dash)
        assert result.exit_code == 1
        assert result.stdout.startswith(start)
        assert result.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        (("-o", "x.html"), ["x.html"]),
        (("--to", "json", "-o", "x.data"), ["x.data"]),
        (("-o", "reports/"), ["reports/a.txt", "reports/b.txt"]),
        (("--to", "md", "--to", "html", "-o", "reports/"), ["reports/a.html", "reports/a.md", "reports/b.html", "reports/b.md"]),
        (("--csv", "m/marks.csv"), ["m/marks.csv"]),
        (("--csv", "marks.csv", "-o", "x.json"), ["marks.csv", "x.json"]),
    ],
)
def test_files_that_are_written(arguments: tuple[str, ...], written: list[str]) -> None:
    result = run(*works(a=WRONG, b=RIGHT), *arguments)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    found = sorted(path.as_posix() for path in Path().rglob("*") if path.is_file() and path.as_posix() not in {"a.txt", "b.txt"})
    assert found == written
    assert sorted(line.removeprefix("wrote ") for line in result.stderr.splitlines()) == written


def test_a_directory_has_a_report_for_each_work() -> None:
    for name in ("anna", "ben"):
        Path(name).mkdir()
        Path(name, "work.txt").write_text(WRONG if name == "ben" else RIGHT, "utf-8")
    assert run("anna/work.txt", "ben/work.txt", "--to", "json", "-o", "out/").exit_code == 0
    found = {path.name: json.loads(path.read_text("utf-8"))["files"] for path in Path("out").iterdir()}
    assert {name: [file["file"] for file in files] for name, files in found.items()} == {
        "anna-work.json": ["anna/work.txt"],
        "ben-work.json": ["ben/work.txt"],
    }


def test_works_of_the_same_name_are_told_apart() -> None:
    (name,) = works(a=RIGHT)
    assert run(name, name, "--to", "md", "-o", "out/").exit_code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["a-1.md", "a-2.md"]


def test_the_table_and_a_report() -> None:
    both = run(*works(a=WRONG, b=RIGHT), "--csv", "marks.csv", "--to", "txt")
    assert "line 2  ✗ wrong (sign)" in both.stdout
    alone = run("a.txt", "b.txt", "--csv", "-")
    assert [row["mark"] for row in rows(alone.stdout)] == ["0", "1"]
    assert alone.stdout == Path("marks.csv").read_text("utf-8")


def test_marks_by_a_scheme_are_looked_for() -> None:
    Path("m.toml").write_text('[marks]\n"delta_*" = 1\n"dE/dw1" = 2.5\ndefault = 0', "utf-8")
    assert run(*works(a=RIGHT), "--csv", "marks.csv", "--marks", "m.toml").exit_code == 0
    assert (
        rows(Path("marks.csv").read_text("utf-8"))[0] | {"mark": "2.5", "out_of": "3.5", "reached": "1"}
        == rows(Path("marks.csv").read_text("utf-8"))[0]
    )


def test_marks_are_explained() -> None:
    found = run(*works(a=RIGHT), "--csv", "marks.csv", "--explain")
    assert found.stdout.startswith("a.txt: 1 of 2\n  dE/dw1: 1 of 1")
    assert run("a.txt", "--csv", "-", "--explain").stderr == found.stdout
    assert "--explain is about a table of marks" in run("a.txt", "--explain").stderr


def test_a_fault_in_the_marks_is_told_before_a_work_is_opened() -> None:
    Path("m.toml").write_text('follows = 3\nbare = "half"', "utf-8")
    found = run("none.txt", "--csv", "marks.csv", "--marks", "m.toml")
    assert found.exit_code == 2
    assert "m.toml:1:1: " in found.stderr
    assert "m.toml:2:1: " in found.stderr
    assert "none.txt" not in found.stderr


def test_a_file_that_cannot_be_written_leaves_none(tmp_path: Path) -> None:
    Path("taken").write_text("", "utf-8")
    result = run(*works(a=RIGHT), "-o", "x.html", "--csv", "taken/marks.csv")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr
    assert not Path("x.html").exists()


def test_standard_input() -> None:
    result = run("-", given=WRONG)
    assert result.exit_code == 1
    assert result.stdout.startswith("standard input\n")
    assert json.loads(run("-", "--to", "json", given="$x$ correct\n").stdout)["files"][0]["conventions"]["kind"] == "md"
    broken = run("-", given=b"\xe4")
    assert broken.exit_code == 2
    assert broken.stderr.startswith("symbp: standard input:1: ")
    assert rows(run("-", *works(a=RIGHT), "--csv", "-", given=WRONG).stdout)[0]["file"] == "'-"


def test_options_reach_the_judge() -> None:
    found = json.loads(run(*works(a=RIGHT), "--to", "json", "--expect", "dE/dw1, delta_h1;", "--time-limit", "0.5").stdout)["files"][0]
    assert [quantity["name"] for quantity in found["reached"]] == ["dE/dw1", "delta_h1"]
    assert found["conventions"] == {"kind": "txt", "limit": "0.5"}


def test_hints_hold_for_every_format() -> None:
    works(a=WRONG)
    for name in EXTENSIONS:
        assert "Which sign does this have?" in run("a.txt", "--to", name, "--hints").stdout
        assert "-wrong b" not in run("a.txt", "--to", name, "--hints").stdout.replace("{\\char45}\\allowbreak{}", "-")


# -- colours -----------------------------------------------------------------------------------------------------------------


def test_colours_are_for_terminals_and_those_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    works(a=WRONG)
    assert "\x1b[" not in run("a.txt").stdout
    assert "\x1b[" in run("a.txt", "--color", "always").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" in run("a.txt", "--color", "always").stdout
    assert run("a.txt", "--color", "always", "-o", "x.txt").exit_code == 1
    assert "\x1b[" not in Path("x.txt").read_text("utf-8")
    assert "\x1b[" not in run("a.txt", "--color", "always", "--to", "html").stdout


# -- batches -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_results_are_in_the_order_of_the_works(jobs: str) -> None:
    names = works(**{f"n{n}": ("sleep\n" if n == 0 else "") + "correct a\n" * n for n in range(8)})
    found = json.loads(run(*names, "--jobs", jobs, "--to", "json").stdout)["files"]
    assert [(file["file"], len(file["rows"])) for file in found] == [(name, n) for n, name in enumerate(names)]


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_one_bad_work_never_stops_the_rest(jobs: str) -> None:
    names = works(a=RIGHT, b="die", c=WRONG, d="raise", e="refuse", f="sleep\n" + RIGHT, g="die", h=RIGHT)
    result = run(*names, "--jobs", jobs, "--csv", "marks.csv")
    assert result.exit_code == 0, result.output
    table = {row["file"]: (row["mark"], row["needs_review"]) for row in rows(Path("marks.csv").read_text("utf-8"))}
    bad = ("", "true")
    assert table == dict(zip(names, [("1", "false"), bad, ("0", "false"), bad, bad, ("1", "false"), bad, ("1", "false")], strict=True))
    told = [line for line in result.stderr.splitlines() if not line.startswith("wrote")]
    assert told == [
        f"symbp: b.txt: {batch.KILLED}",
        "symbp: d.txt: it could not be judged (ValueError: a fault of ours in two lines)",
        "symbp: e.txt: this is no work (give one)",
        f"symbp: g.txt: {batch.KILLED}",
    ]
    assert run(*names, "--csv", "marks.csv", "--strict").exit_code == 1


def test_where_processes_cannot_be_had_the_works_are_judged_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no semaphores here")

    monkeypatch.setattr(batch, "ProcessPoolExecutor", refuse)
    result = run(*works(a=RIGHT, b="raise", c=WRONG), "--jobs", "2", "--csv", "-")
    assert result.exit_code == 0
    assert [row["mark"] for row in rows(result.stdout)] == ["1", "", "0"]


def test_an_interruption_leaves_no_half_written_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "judge_all", interrupted)
    assert run(*works(a=RIGHT, b=RIGHT), "--csv", "marks.csv", "-o", "x.html").exit_code == 1
    assert sorted(path.name for path in Path().iterdir()) == ["a.txt", "b.txt"]


# -- as a program --------------------------------------------------------------------------------------------------------------


def test_help_is_quick_and_says_what_exit_codes_mean(checkout: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-X", "importtime", "-m", "symbp", "verify", "--help"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert not imported & HEAVY
    words = " ".join(done.stdout.split())
    assert "Exit code 0: nothing is wrong; 1: something is wrong; 2: the work cannot be read." in words
    assert re.search(r"a batch: what cannot be read does not stop the rest", words)


def test_verify_is_among_the_commands() -> None:
    assert "  verify " in CliRunner().invoke(main, ["--help"]).stdout
