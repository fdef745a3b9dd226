"""Files, folders and archives as learning systems export them, and what in them is refused."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from symbp.errors import SymbpError
from symbp.verification.report import files
from symbp.verification.report.files import Part, content_of, leads_out
from symbp.verification.report.submissions import Submission, collected, gathered
from symbp.verification.report.systems import gradescope_students, own_pattern, student_of

ROW = "E = 1\n"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def put(*names: str, text: str = ROW) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, "utf-8")


def packed(archive: str, *names: str, text: str = ROW) -> str:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, text)
    return archive


def shape(found: list[Submission]) -> dict[str, list[str]]:
    return {one.name: [part.member or part.path for part in one.parts] for one in found}


def no_office(content: bytes, name: str) -> str:
    raise AssertionError(name)


def text(submission: Submission) -> str:
    return gathered(submission, no_office).text


MOODLE = (
    "Ada Lovelace_101_assignsubmission_file_/part10.tex",
    "Ada Lovelace_101_assignsubmission_file_/part2.tex",
    "Emmy Noether_102_assignsubmission_file_/work.md",
)
MOODLE_FLAT = ("Ada Lovelace_101_assignsubmission_file_a.tex", "Ada Lovelace_101_assignsubmission_file_b.tex")
CANVAS = ("lovelaceada_101_9001_work.tex", "lovelaceada_101_9002_rest.tex", "noetheremmy_LATE_102_9003_work_1.txt")
GRADESCOPE = (
    "assignment_5_export/submission_7/work.tex",
    "assignment_5_export/submission_8/a.md",
    "assignment_5_export/submission_8/b.md",
)


@pytest.mark.parametrize(("names", "count"), [(MOODLE, (2, 1)), (MOODLE_FLAT, (2,)), (CANVAS, (2, 1)), (GRADESCOPE, (1, 2))])
def test_exports_are_read_alike_as_archive_and_as_folder(names: tuple[str, ...], count: tuple[int, ...]) -> None:
    put(*(f"folder/{name}" for name in names))
    for found in (collected([packed("export.zip", *names)]), collected(["folder"])):
        assert sorted(len(one.parts) for one in found) == sorted(count)
        assert all(one.student is not None and one.trouble is None for one in found)
        assert all(text(one) for one in found)


def test_who_it_is_from() -> None:
    found = {one.student.id: one.student for one in collected([packed("m.zip", *MOODLE)]) if one.student}
    assert {key: one.name for key, one in found.items()} == {"101": "Ada Lovelace", "102": "Emmy Noether"}
    late = student_of(CANVAS[2])
    assert late is not None
    assert (late.system, late.id, late.name) == ("canvas", "102", "noetheremmy")
    assert student_of("tests/hand/work.tex") is None


def test_parts_are_in_the_order_in_which_a_person_counts() -> None:
    (ada, _) = collected([packed("m.zip", *MOODLE)])
    assert [part.name.rpartition("/")[2] for part in ada.parts] == ["part2.tex", "part10.tex"]
    assert ada.name == "m.zip/Ada Lovelace_101"


def test_gradescope_says_who_is_who() -> None:
    metadata = "---\nsubmission_7:\n  :submitters:\n  - :name: Ada\n    :sid: '12'\n    :email: a@x.org\n  - :name: Emmy\n    :email:\n"
    with zipfile.ZipFile("g.zip", "w") as file:
        file.writestr("x_export/submission_metadata.yml", metadata)
        file.writestr("x_export/submission_7/work.tex", ROW)
    (one,) = collected(["g.zip"])
    assert one.student is not None
    assert (one.student.id, one.student.name, one.student.email) == ("7", "Ada, Emmy", "a@x.org")
    assert gradescope_students("submission_1:\n  :submitters: !ruby/object\n")["submission_1"].name == ""


def test_a_pattern_of_ones_own() -> None:
    put("subs/17_Ada.tex", "subs/17_Ada.md", "subs/18_Emmy.tex")
    found = collected(["subs"], own_pattern("{id}_{name}"))
    assert [(one.student and one.student.name, len(one.parts)) for one in found] == [("Ada", 2), ("Emmy", 1)]
    assert [one.student for one in collected(["subs"])] == [None] * 3


@pytest.mark.parametrize("pattern", ["{ident}_{name}", "{id}_{id}", "work_*", ""])
def test_a_pattern_that_says_nothing(pattern: str) -> None:
    with pytest.raises(SymbpError, match="--student"):
        own_pattern(pattern)


def test_without_a_pattern_a_folder_is_a_submission_and_so_is_a_file() -> None:
    put("subs/anna/a.tex", "subs/anna/b.tex", "subs/ben.md")
    assert shape(collected(["subs"])) == {"subs/ben.md": ["subs/ben.md"], "subs/anna": ["subs/anna/a.tex", "subs/anna/b.tex"]}
    put("one/anna/a.tex", "one/anna/b.tex")
    assert list(shape(collected(["one"]))) == ["one/anna"]
    assert list(shape(collected([packed("class.zip", "class/anna.tex", "class/ben.tex")]))) == [
        "class.zip/class/anna.tex",
        "class.zip/class/ben.tex",
    ]


def test_named_files_of_one_student_are_together() -> None:
    put(*MOODLE_FLAT)
    (one,) = collected(MOODLE_FLAT)
    assert len(one.parts) == 2


def test_what_no_student_wrote_is_left_out_and_what_is_not_read_is_told() -> None:
    packed("x.zip", "anna/a.tex", "anna/scan.pdf", "__MACOSX/anna/._a.tex", "anna/.DS_Store")
    (one,) = collected(["x.zip"])
    assert [part.member for part in one.parts] == ["anna/a.tex"]
    assert one.unread == (("scan.pdf", "work is not read from .pdf"),)
    assert gathered(one, no_office).unread == ("scan.pdf: work is not read from .pdf",)
    (only,) = collected([packed("y.zip", "anna/scan.pdf")])
    assert only.trouble is not None
    assert "scan.pdf" in only.trouble


# -- several files as one --------------------------------------------------------------------------------------------------------


def test_files_are_joined_and_each_line_keeps_its_file() -> None:
    put("s/1.tex", text="\\[a=1\\]\n\\end{document}\n")
    put("s/2.tex", text="\\[b=2\\]")
    put("t/1.md", text="$a=1$\n")
    put("t/2.ipynb", text='{"cells": [{"cell_type": "markdown", "source": ["$b=2$"]}], "nbformat": 4}')
    many = collected(["."])
    by_name = {each.name.rpartition("/")[2]: gathered(each, no_office) for each in many}
    assert by_name["s"].kind == "tex"
    assert by_name["s"].text == "\\[a=1\\]\n\n\n\\[b=2\\]\n\n" or "\\end{document}" not in by_name["s"].text
    assert by_name["s"].text.splitlines()[int(by_name["s"].lines.split("2.tex: ")[1].split(" ")[0]) - 1] == "\\[b=2\\]"
    assert by_name["t"].kind == "md"
    assert "$b=2$" in by_name["t"].text


def test_a_file_that_cannot_be_read_does_not_stop_the_others() -> None:
    put("s/anna/a.tex")
    Path("s/anna/b.tex").write_bytes(b"\xff\xfe")
    found = gathered(collected(["s"])[0], no_office)
    assert "E = 1" in found.text
    assert found.unread[0].startswith("b.tex: ")


# -- what is refused -------------------------------------------------------------------------------------------------------------


def test_no_link_is_followed() -> None:
    put("secret.txt", text="top secret\n")
    put("subs/anna/a.txt")
    Path("subs/anna/b.txt").symlink_to("../../secret.txt")
    Path("subs/c.txt").symlink_to("../secret.txt")
    Path("subs/up").symlink_to("..")
    Path("subs/loop").symlink_to("loop")
    found = collected(["subs", "subs/c.txt"])
    assert "secret" not in " ".join(text(one) for one in found if one.trouble is None and one.name != "subs/c.txt")
    for one in found:
        if one.name == "subs/c.txt" and one.parts:
            with pytest.raises(SymbpError, match="this is a link"):
                text(one)
    told = " ".join(f"{one.trouble} {one.unread}" for one in found)
    assert told.count("this is a link, which is not followed") >= 4


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_no_pipe_is_waited_for_and_no_device_read() -> None:
    put("subs/anna/a.txt")
    os.mkfifo("subs/anna/b.txt")
    os.mkfifo("pipe.txt")
    (one,) = collected(["subs"])
    assert one.unread == (("b.txt", "this is no regular file"),)
    for name in ("pipe.txt", "subs/anna/b.txt"):
        with pytest.raises(SymbpError, match="this is no regular file"):
            content_of(Part(name))
    with pytest.raises(SymbpError, match=r"this is no regular file"):
        files.regular(Path("/dev/zero"))


def test_what_becomes_a_link_after_it_was_looked_at_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    put("secret.txt")
    Path("a.txt").symlink_to("secret.txt")
    monkeypatch.setattr(files, "kind_of_file", lambda _: "file")
    with pytest.raises(SymbpError, match="cannot be read"):
        content_of(Part("a.txt"))


@pytest.mark.parametrize("name", ["../a.txt", "a/../../b.txt", "/etc/a.txt", "C:\\a.txt", "\\\\host\\a.txt", "..\\a.txt", "\\a.txt"])
def test_no_name_leads_out_of_an_archive(name: str) -> None:
    assert leads_out(name)
    packed("x.zip", "anna/ok.txt")
    with zipfile.ZipFile("x.zip", "a") as file:
        info = zipfile.ZipInfo("x")
        info.filename = name
        file.writestr(info, "secret")
    with pytest.raises(SymbpError):
        content_of(Part("x.zip", name.replace("\0", "")))
    assert any("leads out" in f"{one.trouble}{one.unread}" for one in collected(["x.zip"]))
    assert sorted(path.name for path in Path().iterdir()) == ["x.zip"]


def test_links_and_devices_in_archives_are_refused() -> None:
    with zipfile.ZipFile("x.zip", "w") as file:
        for name, mode in (("a/link.txt", stat.S_IFLNK), ("a/pipe.txt", stat.S_IFIFO), ("a/device.txt", stat.S_IFCHR)):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (mode | 0o644) << 16
            file.writestr(info, "/etc/passwd")
    (one,) = collected(["x.zip"])
    assert [why for _, why in one.unread] == ["this is no regular file"] * 2 + ["this is a link, which is not followed"] or len(
        one.unread
    ) == 3
    for name in ("a/link.txt", "a/pipe.txt", "a/device.txt"):
        with pytest.raises(SymbpError):
            content_of(Part("x.zip", name))


def test_a_bomb_is_read_to_the_limit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    packed("x.zip", "a/bomb.txt", text="0" * 60_000_000)
    assert Path("x.zip").stat().st_size < 100_000
    with pytest.raises(SymbpError, match="too large"):
        content_of(Part("x.zip", "a/bomb.txt"))
    raw = bytearray(Path("x.zip").read_bytes())
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    Path("lies.zip").write_bytes(raw)
    with pytest.raises(SymbpError, match=r"cannot be read|too large"):
        content_of(Part("lies.zip", "a/bomb.txt"))
    monkeypatch.setattr(files, "MAX_MEMBERS", 3)
    (one,) = collected([packed("many.zip", "1.txt", "2.txt", "3.txt", "4.txt")])
    assert one.trouble is not None
    assert "more than 3 files" in one.trouble


def test_an_archive_within_an_archive_is_not_unpacked() -> None:
    with zipfile.ZipFile("outer.zip", "w") as file:
        file.writestr("anna/inner.zip", Path(packed("inner.zip", "a.txt")).read_bytes())
    (one,) = collected(["outer.zip"])
    assert one.trouble is not None
    assert ".zip" in one.trouble


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive at all", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_archive_is_one_line(content: bytes) -> None:
    Path("x.zip").write_bytes(content)
    (one,) = collected(["x.zip"])
    assert one.trouble is not None
    assert "\n" not in one.trouble
    (none,) = collected(["none.zip"])
    assert none.trouble is not None
    assert "No such file" in none.trouble


def test_two_files_of_one_name_in_an_archive_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        packed("x.zip", "a/a.txt", "a/a.txt")
    (one,) = collected(["x.zip"])
    assert one.trouble is not None
    assert "several files of this name" in one.trouble
