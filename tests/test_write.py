"""Files are replaced whole, all of them or none; whatever fails, the old ones stay as they were."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from symbp.cli import main
from symbp.errors import SymbpError
from symbp.publishing.write import write_files

OLD, NEW = "old\n", "new — ≈\n"
SECOND = 2


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def contents() -> dict[str, str]:
    """Everything there is, hidden or not."""
    return {str(path): path.read_text("utf-8") for path in Path().rglob("*") if path.is_file()}


def derive(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["derive", *arguments])


def failing_at(count: int, real: Callable[..., Any]) -> Callable[..., Any]:
    """`real`, but its call number `count` finds the disk full."""
    calls = iter(range(1, 100))

    def call(*arguments: Any, **named: Any) -> Any:
        if next(calls) == count:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments, **named)

    return call


def test_a_file_is_written_with_the_directories_above_it() -> None:
    write_files({Path("a/b/net.md"): NEW})
    assert contents() == {str(Path("a/b/net.md")): NEW}


def test_line_ends_are_the_same_everywhere() -> None:
    write_files({Path("net.md"): NEW})
    assert Path("net.md").read_bytes() == NEW.encode()


def test_an_old_file_is_replaced_not_written_into() -> None:
    """Who has the old file open goes on reading the old one."""
    path = Path("net.md")
    path.write_text(OLD, "utf-8")
    with path.open(encoding="utf-8") as reader:
        write_files({path: NEW})
        assert reader.read() == OLD
    assert contents() == {"net.md": NEW}


def test_permissions_stay() -> None:
    path = Path("net.md")
    path.write_text(OLD, "utf-8")
    path.chmod(0o640)
    write_files({path: NEW})
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_has_the_permissions_of_any_new_file() -> None:
    Path("plain").write_text("", "utf-8")
    write_files({Path("net.md"): NEW})
    assert Path("net.md").stat().st_mode == Path("plain").stat().st_mode


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_a_link(exists: bool) -> None:
    Path("there").mkdir()
    target, link = Path("there/net.md"), Path("net.md")
    if exists:
        target.write_text(OLD, "utf-8")
    link.symlink_to(target)
    write_files({link: NEW})
    assert link.is_symlink()
    assert target.read_text("utf-8") == NEW


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on this system")
def test_what_is_not_a_file_is_not_replaced_by_one() -> None:
    """For root, /dev/null would be gone."""
    os.mkfifo("net.md")
    with pytest.raises(SymbpError, match=r"net\.md"):
        write_files({Path("net.md"): NEW})
    assert Path("net.md").is_fifo()


@pytest.mark.parametrize("function", ["fsync", "replace"])
@pytest.mark.parametrize("count", [1, SECOND])
def test_several_files_are_written_all_or_none(function: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: f"{OLD}{name}" for name in ("net.md", "net.tex")}
    for name, text in before.items():
        Path(name).write_text(text, "utf-8")
    monkeypatch.setattr(os, function, failing_at(count, getattr(os, function)))
    with pytest.raises(SymbpError, match="No space left"):
        write_files({Path(name): NEW for name in before})
    assert contents() == before


def test_a_new_file_goes_when_the_next_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", failing_at(SECOND, os.replace))
    with pytest.raises(SymbpError, match="No space left"):
        write_files({Path("net.md"): NEW, Path("net.tex"): NEW})
    assert contents() == {}


def test_the_file_that_failed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", failing_at(SECOND, os.fsync))
    with pytest.raises(SymbpError, match=r"net\.tex"):
        write_files({Path("net.md"): NEW, Path("net.tex"): NEW})


def test_not_the_temporary_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, prefix: str = "", **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(Path.cwd() / f"{prefix}x"))

    monkeypatch.setattr(tempfile, "mkstemp", forbidden)
    with pytest.raises(SymbpError, match=r"net\.md") as caught:
        write_files({Path("net.md"): NEW})
    assert ".symbp-" not in str(caught.value)


def test_stopped_by_the_user_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_files({Path("net.md"): NEW})
    assert contents() == {}


def test_a_directory_is_no_target() -> None:
    Path("net.md").mkdir()
    with pytest.raises(SymbpError, match="directory"):
        write_files({Path("net.md"): NEW})
    assert list(Path().rglob("*")) == [Path("net.md")]


def test_a_file_is_no_directory() -> None:
    Path("net").write_text(OLD, "utf-8")
    result = derive("1-1", "--to", "md", "-o", "net/")
    assert result.exit_code == 2
    assert "net" in result.stderr
    assert contents() == {"net": OLD}


def test_a_directory_that_cannot_be_written_to() -> None:
    folder = Path("locked")
    folder.mkdir()
    folder.chmod(0o500)
    try:
        (folder / "probe").write_text("", "utf-8")
    except OSError:
        result = derive("1-1", "--to", "md", "-o", "locked/")
        assert result.exit_code == 2
        assert "Permission denied" in result.stderr
        assert "1-1.md" in result.stderr
        assert not list(folder.iterdir())
    else:
        pytest.skip("this user may write anywhere")
    finally:
        folder.chmod(0o700)


def test_a_title_that_one_format_cannot_hold_leaves_all_files_as_they_were() -> None:
    """LaTeX has no Hebrew here, so nothing is written, the Markdown neither."""
    Path("net.toml").write_text('title = "שלום"\ninputs = 1\n[[layers]]\nunits = 1\n', "utf-8")
    Path("net.md").write_text(OLD, "utf-8")
    before = contents()
    result = derive("net.toml", "--to", "md", "--to", "tex", "-o", "./")
    assert result.exit_code == 2, result.output
    assert "LaTeX" in result.stderr
    assert contents() == before
    assert derive("net.toml", "--to", "md", "-o", "./").exit_code == 0
    assert "שלום" in contents()["net.md"]
