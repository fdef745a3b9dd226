"""Whatever stops a write, a kill, a full disk, a folder that nobody may write to: no name has half a file, and what was there is intact."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from symbp.cli import main
from symbp.errors import SymbpError
from symbp.publishing.write import PREFIX, STALE, SUFFIX, write_files

KILLS = 200
OLD = "old\n"
NOBODY = 65534
ROOT = Path(__file__).resolve().parents[1]


def python(code: str, *arguments: str, **named: object) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own, which finds symbp."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, code, *arguments], capture_output=True, text=True, timeout=300, env=environment, check=False)


def derive(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["derive", *arguments])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no SIGKILL on this system")
def test_killed_at_any_moment_every_file_is_wholly_old_or_new(tmp_path: Path) -> None:
    """And a later run removes what the killed ones left, once it is old."""
    done = python(str(ROOT / "tests" / "killed.py"), str(tmp_path), str(KILLS))
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen.pop("kills") == KILLS
    assert seen.pop("with temporaries") > KILLS / 4, "the writer was not killed while it wrote"
    assert seen.keys() == {"old", "new"}
    assert min(seen.values()) > KILLS / 4


LIMITED = """
import resource, signal, sys
from pathlib import Path
from symbp.errors import SymbpError
from symbp.publishing.write import write_files
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
folder = Path(sys.argv[1])
try:
    write_files({folder / "net.md": "new", folder / "net.svg": "new" * 10_000})
except SymbpError as error:
    print(error)
"""


def test_where_there_is_no_room_nothing_changes(tmp_path: Path) -> None:
    """A limit on the size of files, which the second goes beyond, stands for a full disk."""
    pytest.importorskip("resource")
    (tmp_path / "net.md").write_text(OLD, "utf-8")
    done = python("-c", LIMITED, str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "cannot write" in done.stdout
    assert "net.svg" in done.stdout
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {"net.md": OLD}


POWERLESS = """
import os, sys
from pathlib import Path
from symbp.errors import SymbpError
from symbp.publishing.write import write_files
if os.getuid() == 0:
    os.setgroups([])
    os.setuid(int(sys.argv[2]))
try:
    write_files({Path(sys.argv[1]) / "net.md": "new"})
except SymbpError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no such permissions on this system")
def test_a_folder_that_may_not_be_written_to_stays_as_it_is(tmp_path: Path) -> None:
    """As a user who is not root, for whom no folder is closed."""
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.owner() == tmp_path.owner() and folder != Path("/tmp"):
            folder.chmod(0o755)
    folder = tmp_path / "locked"
    folder.mkdir()
    (folder / "net.md").write_text(OLD, "utf-8")
    folder.chmod(0o555)
    try:
        done = python("-c", POWERLESS, str(folder), str(NOBODY))
    finally:
        folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{folder / 'net.md'}: cannot write: Permission denied\n"
    assert [path.read_text("utf-8") for path in folder.iterdir()] == [OLD]


def test_a_disk_that_is_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    (tmp_path / "1-1.md").write_text(OLD, "utf-8")
    monkeypatch.setattr("tempfile.mkstemp", refused)
    result = derive("1-1", "--to", "md", "-o", f"{tmp_path}/")
    assert result.exit_code == 2
    assert "cannot write: Read-only file system" in result.stderr
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] == [OLD]


MOUNTED = """
set -e
mount -t tmpfs -o size=64k tmpfs "$1"
printf 'old\\n' > "$1/mazur.html"
if [ "$2" = closed ]; then mount -o remount,ro "$1"; fi
"$3" -m symbp derive mazur --to html -o "$1/" || echo "exit $?"
cat "$1/mazur.html"
ls -A "$1"
"""


def can_mount() -> bool:
    """May a process mount something that only it sees?"""
    try:
        return subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not can_mount(), reason="nothing may be mounted here; a limit and a refusal stand for it above")
@pytest.mark.parametrize(("how", "said"), [("full", "No space left on device"), ("closed", "Read-only file system")])
def test_a_disk_that_is_full_or_closed(how: str, said: str, tmp_path: Path) -> None:
    """A page of some 170 kB, on a disk of 64 kB and on one that is mounted to be read only."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = ["unshare", "-rm", "sh", "-c", MOUNTED, "sh", str(tmp_path), how, sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert f"mazur.html: cannot write: {said}" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines() == ["exit 2", "old", "mazur.html"]


# -- what stands under the name ------------------------------------------------------------------------------------------


def test_a_directory_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "1-1.md").mkdir()
    (tmp_path / "1-1.txt").write_text(OLD, "utf-8")
    result = derive("1-1", "--to", "txt", "--to", "md", "-o", f"{tmp_path}/")
    assert result.exit_code == 2
    assert "1-1.md: cannot write: it is a directory" in result.stderr
    assert (tmp_path / "1-1.txt").read_text("utf-8") == OLD
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1-1.md", "1-1.txt"]


def test_a_link_that_leads_nowhere_gets_its_file(tmp_path: Path) -> None:
    link = tmp_path / "net.md"
    link.symlink_to(tmp_path / "there" / "net.md")
    write_files({link: "new"})
    assert link.is_symlink()
    assert (tmp_path / "there" / "net.md").read_text("utf-8") == "new"


@pytest.mark.parametrize("names", [("net.md",), ("net.md", "other.md")])
def test_a_link_that_leads_back_to_itself_is_refused(names: tuple[str, ...], tmp_path: Path) -> None:
    for name, to in zip(names, (*names[1:], names[0]), strict=True):
        (tmp_path / name).symlink_to(tmp_path / to)
    with pytest.raises(SymbpError, match=r"net\.md: cannot write: .*link"):
        write_files({tmp_path / "net.md": "new"})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all(path.is_symlink() for path in tmp_path.iterdir())


def test_a_link_in_the_folders_above_that_leads_back_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(SymbpError, match="cannot write"):
        write_files({tmp_path / "loop" / "net.md": "new"})
    assert [path.name for path in tmp_path.iterdir()] == ["loop"]


def test_a_link_to_a_directory_is_one(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "net.md").symlink_to(tmp_path / "there")
    with pytest.raises(SymbpError, match="directory"):
        write_files({tmp_path / "net.md": "new"})
    assert not list((tmp_path / "there").iterdir())


@pytest.mark.parametrize("name", ["a\0b.md", f"{'a' * 300}.md", f"{'a/' * 3000}b.md"])
def test_names_that_no_file_can_have(name: str, tmp_path: Path) -> None:
    with pytest.raises(SymbpError, match="cannot write"):
        write_files({tmp_path / name: "new"})
    assert not list(tmp_path.iterdir())
    result = derive("1-1", "--to", "md", "-o", str(tmp_path / name))
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert "cannot write" in result.stderr


# -- temporaries -----------------------------------------------------------------------------------------------------------


def test_old_temporaries_go_and_those_of_other_runs_stay(tmp_path: Path) -> None:
    stale, fresh, foreign = (tmp_path / name for name in (f"{PREFIX}a{SUFFIX}", f"{PREFIX}b{SUFFIX}", "mine.tmp"))
    for path in (stale, fresh, foreign):
        path.write_text("half", "utf-8")
    for path in (stale, foreign):
        os.utime(path, (time.time() - 2 * STALE,) * 2)
    write_files({tmp_path / "net.md": "new"})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([fresh.name, foreign.name, "net.md"])


def test_a_folder_under_the_name_of_a_temporary_is_left(tmp_path: Path) -> None:
    strange = tmp_path / f"{PREFIX}x{SUFFIX}"
    strange.mkdir()
    os.utime(strange, (0, 0))
    write_files({tmp_path / "net.md": "new"})
    assert strange.is_dir()
