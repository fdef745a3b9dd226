"""A batch: no work harms another, nothing that was judged is lost, and what stops it is told in one clear line."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import judged
import symbp
from symbp.cli import main
from symbp.errors import SymbpError
from symbp.publishing.write import Journal
from symbp.verification.report import batch, kept
from symbp.verification.report.kept import line_of, report_of
from symbp.verification.report.report import FileReport, JudgedRow, ReadAs, Said

RIGHT, WRONG = "correct a\ncorrect dE/dw1\n", "correct a\nwrong b\n"


@pytest.fixture
def _shammed(monkeypatch: pytest.MonkeyPatch) -> None:
    judged.put_in_place(monkeypatch)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["verify", "1-1", *arguments])


def works(**texts: str) -> list[str]:
    for name, text in texts.items():
        Path(f"{name}.txt").write_text(text, "utf-8")
    return [f"{name}.txt" for name in texts]


def marks() -> dict[str, str]:
    with Path("marks.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: row["mark"] for row in csv.DictReader(file)}


def left() -> list[str]:
    return sorted(path.name for path in Path().iterdir() if path.suffix != ".txt")


# -- limits ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_shammed")
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_work_that_waits_for_ever_is_ended_by_the_clock(jobs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "LONGEST_SECONDS", 1)
    monkeypatch.setattr(batch, "ROWS", 0)
    monkeypatch.setattr(batch, "PATIENCE", 0.7)
    result = run(*works(a=RIGHT, b="hang", c=WRONG), "--csv", "marks.csv", "--jobs", jobs)
    assert result.exit_code == 0, result.output
    assert marks() == {"a.txt": "1", "b.txt": "", "c.txt": "0"}
    assert f"symbp: b.txt: {batch.KILLED}" in result.stderr.splitlines()


@pytest.mark.usefixtures("_shammed")
@pytest.mark.parametrize("trick", ["spin", "eat"])
def test_a_work_that_takes_too_much_is_ended_and_the_others_are_judged(trick: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("resource")
    monkeypatch.setattr(batch, "LONGEST_SECONDS", 1)
    monkeypatch.setattr(batch, "ROWS", 0)
    monkeypatch.setattr(batch, "PATIENCE", 30)
    monkeypatch.setattr(batch, "MEMORY", 2**29)
    result = run(*works(a=RIGHT, b=trick, c=WRONG, d=RIGHT), "--csv", "marks.csv", "--jobs", "2")
    assert result.exit_code == 0, result.output
    assert marks() == {"a.txt": "1", "b.txt": "", "c.txt": "0", "d.txt": "1"}
    assert f"symbp: b.txt: {batch.KILLED}" in result.stderr.splitlines()


def test_a_process_has_limits_of_time_and_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    put: dict[int, int] = {}
    monkeypatch.setattr(resource, "setrlimit", lambda limit, values: put.update({limit: values[0]}))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    batch._begin()
    batch._limit(7)
    assert put.keys() == {resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE}
    assert put[resource.RLIMIT_AS] >= batch.MEMORY
    assert put[resource.RLIMIT_CORE] == 0


# -- nothing is lost -------------------------------------------------------------------------------------------------------------


def told(report: FileReport) -> FileReport:
    found = report_of(line_of("key", report))
    assert found is not None
    assert found[0] == "key"
    return found[1]


def test_what_is_kept_is_what_was_judged() -> None:
    for report in (judged.WORK, judged.BROKEN, replace(judged.WORK, read_as=(ReadAs("a_#", "net", "rows", (1, 2)),), not_read=("x: y",))):
        assert told(report) == report
    true = symbp.verify("mazur", "dE/dw5 = (out_o1 - t1) * out_h2\n\nq = dE/dw7\n").files[0]
    assert told(true) == true
    odd = FileReport("\udc80\u202e", (JudgedRow(1, 1, "x\ud800", "wrong", message=Said("a", {"n": 3, "t": ("a", "b")})),))
    assert told(odd) == odd


def test_a_damaged_line_is_none() -> None:
    line = line_of("key", judged.WORK)
    assert report_of(line[: len(line) // 2]) is None
    assert report_of(line.replace("wrong_index", "wrong_indices", 1)) is None
    assert report_of(line.replace('"key"', '"yek"', 1)) is None
    for text in ("", "{}", "[1, 2, 3]", "[" * 10_000, '["a","b"]', '["a","b",{}]'):
        assert report_of(text) is None


def key(text: str = RIGHT, name: str = "a.txt", network: str = "1-1", **options: float) -> str | None:
    from symbp.verification.report.submissions import collected
    from symbp.verification.report.verify import VerifyOptions

    Path(name).write_text(text, "utf-8")
    kept._task.cache_clear()
    batch.network.cache_clear()
    return kept.key_of(batch.Task(network, None, VerifyOptions(**options)), batch.Piece(collected([name])[0]))  # type: ignore[arg-type]


def test_a_key_says_all_that_a_verdict_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    first = key()
    assert first is not None
    assert key() == first
    Path("net.toml").write_text("inputs = 1\n[[layers]]\nunits = 1\n", "utf-8")
    one = key(network="net.toml")
    Path("net.toml").write_text("inputs = 1\n[[layers]]\nunits = 1\nactivation = 'tanh'\n", "utf-8")
    two = key(network="net.toml")
    others = [key(WRONG), key(name="b.txt"), key(network="2-1"), key(time_limit=1.0), key(name="a.md"), one, two]
    monkeypatch.setattr(kept, "_code", lambda: "another version")
    others.append(key())
    assert None not in others
    assert len({first, *others}) == len(others) + 1
    Path("c.txt").write_bytes(b"")
    Path("c.txt").unlink()


@pytest.mark.usefixtures("_shammed")
def test_an_interrupted_batch_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    names = works(a=RIGHT, b=WRONG, c=RIGHT)
    whole = batch.judge_all

    def stops(task: batch.Task, pieces: list[batch.Piece], jobs: int, done: object) -> None:
        whole(task, pieces[:2], jobs, done)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "judge_all", stops)
    result = run(*names, "--csv", "marks.csv")
    assert result.exit_code == 1
    assert "symbp: interrupted; 2 of 3 works are kept in marks.csv.verdicts: --resume goes on" in result.stderr
    assert left() == ["marks.csv.verdicts"]
    refused = run(*names, "--csv", "marks.csv")
    assert refused.exit_code == 2
    assert "--resume goes on with it" in refused.stderr
    seen: list[str] = []

    def goes_on(task: batch.Task, pieces: list[batch.Piece], jobs: int, done: object) -> None:
        seen.extend(piece.file for piece in pieces)
        whole(task, pieces, jobs, done)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "judge_all", goes_on)
    with Path("marks.csv.verdicts").open("a", encoding="utf-8") as file:
        file.write('["half a li')
    assert run(*names, "--csv", "marks.csv", "--resume").exit_code == 0
    assert seen == ["c.txt"]
    assert marks() == {"a.txt": "1", "b.txt": "0", "c.txt": "1"}
    table = Path("marks.csv").read_bytes()
    Path("b.txt").write_text(RIGHT, "utf-8")
    seen.clear()
    assert run(*names, "--csv", "marks.csv", "--resume").exit_code == 0
    assert seen == ["b.txt"], "what has changed is judged again"
    assert Path("marks.csv").read_bytes() != table
    Path("scheme.toml").write_text("[marks]\ndefault = 3\n", "utf-8")
    seen.clear()
    assert run(*names, "--csv", "marks.csv", "--resume", "--marks", "scheme.toml").exit_code == 0
    assert seen == [], "another scheme needs no work judged again"
    assert marks()["a.txt"] == "3"


@pytest.mark.usefixtures("_shammed")
def test_what_could_not_be_judged_is_tried_again() -> None:
    names = works(a=RIGHT, b="die")
    assert run(*names, "--csv", "marks.csv", "--resume").exit_code == 0
    assert marks()["b.txt"] == ""
    result = run(*names, "--csv", "marks.csv", "--resume")
    assert "1 of 2 works are judged already" in result.stderr


@pytest.mark.usefixtures("_shammed")
def test_a_batch_that_is_done_leaves_only_what_was_asked_for() -> None:
    assert run(*works(a=RIGHT, b=WRONG), "--csv", "marks.csv").exit_code == 0
    assert left() == ["marks.csv"]
    assert run("a.txt", "--resume").exit_code == 2


KILLED = """
import os, sys
sys.path.insert(0, sys.argv[1])
import judged, pytest
from symbp.cli import main
monkeypatch = pytest.MonkeyPatch()
judged.put_in_place(monkeypatch)
main(["verify", "1-1", *sys.argv[2:]])
"""


def started(*arguments: str) -> subprocess.Popen[str]:
    folder = Path(__file__).resolve().parent
    env = {**os.environ, "PYTHONPATH": str(folder.parent)}
    command = [sys.executable, "-c", KILLED, str(folder), *arguments]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_killed_in_the_middle_it_keeps_what_was_judged() -> None:
    names = works(**{f"n{n}": RIGHT for n in range(4)}, z="hang")
    program = started(*names, "--csv", "marks.csv")
    journal = Path("marks.csv.verdicts")
    end = time.monotonic() + 60
    while time.monotonic() < end and (not journal.exists() or journal.read_text("utf-8").count("\n") < 4):
        time.sleep(0.05)
    os.killpg(program.pid, signal.SIGKILL)
    program.communicate(timeout=60)
    works(z=WRONG)
    done = started(*names, "--csv", "marks.csv", "--resume")
    _, errors = done.communicate(timeout=60)
    assert "4 of 5 works are judged already" in errors
    assert marks() == dict.fromkeys(names, "1") | {"z.txt": "0"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_a_full_disk_is_one_clear_line() -> None:
    names = works(a=RIGHT, b=WRONG)
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        folder = Path(__file__).resolve().parent
        env = {**os.environ, "PYTHONPATH": str(folder.parent)}
        command = [sys.executable, "-c", KILLED, str(folder), *names, "--csv", "-"]
        done = subprocess.run(command, env=env, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["symbp: cannot write to standard output: No space left on device"]


LIMITED = """
import resource, sys
from pathlib import Path
from symbp.errors import SymbpError
from symbp.publishing.write import Journal
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
journal = Journal(Path(sys.argv[1]))
try:
    for n in range(100):
        journal.append(f"{n:02} " + "x" * 96)
except SymbpError as error:
    print(error)
"""


def test_a_journal_without_room_is_one_clear_line_and_keeps_what_it_has() -> None:
    pytest.importorskip("resource")
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    command = [sys.executable, "-c", LIMITED, "x.verdicts"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "x.verdicts: cannot write: File too large\n"
    journal = Journal(Path("x.verdicts"))
    lines = [line for _, line in journal.lines()]
    assert [line[:2] for line in lines] == [f"{n:02}" for n in range(10)]
    at = journal.append("next")
    assert journal.line(at) == "next"
    journal.close(removes=True)
    assert not Path("x.verdicts").exists()


def test_a_journal_follows_no_link_and_is_no_folder() -> None:
    Path("folder").mkdir()
    Path("link").symlink_to("elsewhere")
    for name in ("folder", "link"):
        with pytest.raises(SymbpError, match="cannot write"):
            Journal(Path(name)).append("x")
    assert not Path("elsewhere").exists()


@pytest.mark.parametrize("arguments", [("--csv", "-"), ("--to", "json"), ()])
def test_a_closed_pipe_is_one_clear_line(arguments: tuple[str, ...]) -> None:
    names = works(a=RIGHT, b=WRONG)
    program = started(*names, *arguments)
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    errors = program.stderr.read()
    program.stderr.close()
    assert program.wait(timeout=60) == 2
    assert errors.splitlines() == ["symbp: cannot write to standard output: Broken pipe"]


# -- what is read, and what is written -------------------------------------------------------------------------------------------


def moodle(**texts: str) -> str:
    with zipfile.ZipFile("export.zip", "w") as file:
        for at, (name, text) in enumerate(texts.items(), 1):
            file.writestr(f"{name} Noether_{at}_assignsubmission_file_/work.txt", text)
    return "export.zip"


@pytest.mark.usefixtures("_shammed")
def test_an_export_of_moodle_becomes_what_moodle_imports() -> None:
    archive = moodle(Ada=RIGHT, Emmy=WRONG, Max="unreadable x\n")
    result = run(archive, "--moodle", "back", "--summary", "class.html")
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO(Path("back/grading_worksheet.csv").read_text("utf-8"))))
    assert [(row["Identifier"], row["Full name"], row["Grade"], row["Maximum grade"]) for row in rows] == [
        ("Participant 1", "Ada Noether", "1", "2"),
        ("Participant 2", "Emmy Noether", "0", "2"),
        ("Participant 3", "Max Noether", "", "2"),
    ]
    with zipfile.ZipFile("back/feedback.zip") as file:
        assert file.namelist() == [
            f"{name} Noether_{at}_assignsubmission_file_/feedback.html" for at, name in enumerate(("Ada", "Emmy", "Max"), 1)
        ]
        assert "1 of 2 marks." in file.read(file.namelist()[0]).decode()
        assert "A person will give the marks." in file.read(file.namelist()[2]).decode()
    page = Path("class.html").read_text("utf-8")
    assert "3 works" in page
    assert "wrong b" in page
    assert sorted(path.name for path in Path().iterdir()) == ["back", "class.html", "export.zip"]


@pytest.mark.usefixtures("_shammed")
def test_results_for_gradescope() -> None:
    assert run(*works(a=RIGHT, b="unreadable x"), "--gradescope", "results").exit_code == 0
    assert [path.as_posix() for path in sorted(Path("results").rglob("*.json"))] == ["results/a/results.json"]
    assert json.loads(Path("results/a/results.json").read_text("utf-8"))["score"] == 1
    assert run("a.txt", "--gradescope", "results.json").exit_code == 0
    assert Path("results.json").is_file()
    assert run("a.txt", "b.txt", "--gradescope", "x.json").exit_code == 2


@pytest.mark.usefixtures("_shammed")
@pytest.mark.parametrize(
    "place", [("--csv", "a/b/m.csv"), ("-o", "a/b/"), ("-o", "a/b/x.md"), ("--moodle", "a/b/"), ("--summary", "a/b/s.md")]
)
def test_no_folders_are_made_above_what_is_named_unless_that_is_asked_for(place: tuple[str, str]) -> None:
    names = works(a=RIGHT, b=RIGHT)
    refused = run(*names, *place)
    assert refused.exit_code == 2
    assert "--parents makes it" in refused.stderr
    assert left() == []
    assert run(*names, *place, "--parents").exit_code == 0
    assert left() == ["a"]


@pytest.mark.usefixtures("_shammed")
def test_several_files_of_a_student_are_one_work() -> None:
    for name in ("subs/1_ada/a.txt", "subs/1_ada/b.txt", "subs/2_emmy.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(RIGHT, "utf-8")
    assert run("subs", "--student", "{id}_{name}", "--csv", "marks.csv", "--to", "json", "-o", "all.json").exit_code == 0
    files = json.loads(Path("all.json").read_text("utf-8"))["files"]
    assert [(file["file"], len(file["rows"])) for file in files] == [("subs/ada_1", 4), ("subs/2_emmy.txt", 2)]
    assert files[0]["conventions"]["lines"] == "a.txt: 1 to 2; b.txt: 4 to 5"


@pytest.mark.usefixtures("_shammed")
def test_a_link_in_a_folder_is_told_and_not_read() -> None:
    Path("subs").mkdir()
    Path("secret.txt").write_text("correct secret\n", "utf-8")
    Path("subs/a.txt").symlink_to("../secret.txt")
    Path("subs/b.txt").write_text(RIGHT, "utf-8")
    for given in (("subs",), ("subs/a.txt", "subs/b.txt")):
        result = run(*given, "--csv", "marks.csv", "--to", "json", "-o", "all.json")
        assert "link, which is not followed" in result.stderr
        assert "secret" not in Path("all.json").read_text("utf-8")
        assert marks()["subs/b.txt"] == "1"
    alone = run("subs/a.txt")
    assert alone.exit_code == 2
    assert "this is a link, which is not followed\nname the file that it leads to" in alone.stderr


@pytest.mark.usefixtures("_shammed")
def test_no_folder_below_the_first_of_a_name_may_be_a_link() -> None:
    Path("other/deep").mkdir(parents=True)
    Path("other/deep/a.txt").write_text("correct secret\n", "utf-8")
    Path("subs").mkdir()
    Path("subs/anna").symlink_to("../other/deep")
    Path("mine").symlink_to("other")
    for name in ("subs/anna/a.txt", "subs/anna"):
        result = run(name)
        assert result.exit_code == 2
        assert "link, which is not followed" in result.stderr
    assert run("mine/deep/a.txt").exit_code == 0, "the first folder is the caller's own"
    assert run("mine/").exit_code == 0


@pytest.mark.usefixtures("_shammed")
def test_reports_are_named_by_students_and_no_name_is_too_long() -> None:
    names = ["J. Smith_1_assignsubmission_file_a.txt", "J. Doe_2_assignsubmission_file_a.txt", f"{'x' * 240}.txt", "é" * 120 + ".md"]
    for name in names:
        Path(name).write_text(RIGHT, "utf-8")
    assert run(*names[:2], "-o", "out/").exit_code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["J. Doe_2.txt", "J. Smith_1.txt"]
    assert run(*names, "-o", "more/").exit_code == 0
    assert len(list(Path("more").iterdir())) == 4


@pytest.mark.usefixtures("_shammed")
def test_the_worksheet_that_is_read_is_not_written_over() -> None:
    archive = moodle(Ada=RIGHT)
    assert run(archive, "--moodle", "back").exit_code == 0
    sheet = Path("back/grading_worksheet.csv")
    before = sheet.read_bytes()
    result = run(archive, "--moodle", "back", "--worksheet", str(sheet))
    assert result.exit_code == 2
    assert "written over a work" in result.stderr
    assert sheet.read_bytes() == before
    assert run(archive, "--moodle", "again", "--worksheet", str(sheet)).exit_code == 0


# -- size ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_shammed")
def test_reports_are_not_held_while_others_are_judged_and_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many works there are, a few reports are in memory."""
    import gc

    from symbp import cli_batch

    held: list[int] = []
    real = cli_batch.render_report

    def counted(*arguments: object) -> str:
        held.append(sum(isinstance(thing, FileReport) for thing in gc.get_objects()))
        return real(*arguments)  # type: ignore[arg-type]

    before = sum(isinstance(thing, FileReport) for thing in gc.get_objects())
    monkeypatch.setattr(cli_batch, "render_report", counted)
    names = works(**{f"n{n}": RIGHT for n in range(60)})
    assert run(*names, "--csv", "marks.csv", "-o", "out/", "--to", "md", "--summary", "class.md").exit_code == 0
    assert len(held) == 60
    assert max(held) - before < 10


def test_the_benchmark_of_batches_runs() -> None:
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, str(root / "benchmarks" / "batch.py"), "3"]
    env = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["2", "3", "3"]
