"""A user's template has limits: of time, of size, of memory; and it is a file of its folder, not what a link leads to."""

from __future__ import annotations

import os
import signal
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from symbp.cli import main
from symbp.publishing import bounded

LOOP = "((* for a in 'x' * 99999 *))((* for b in 'x' * 99999 *))((* set c = b *))((* endfor *))((* endfor *))"
WORDS = "((* for a in 'x' * 99999 *))((* for b in 'x' * 99999 *))words((* endfor *))((* endfor *))"
DOUBLING = "((* set n = namespace(s='x' * 1000) *))((* for a in 'x' * 40 *))((* set n.s = n.s ~ n.s *))((* endfor *))((( n.s|length )))"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("own").mkdir()


def run() -> Result:
    return CliRunner().invoke(main, ["derive", "1-1", "--template", "own", "--to", "txt"])


def written(text: str, name: str = "txt.j2") -> Result:
    Path("own", name).write_text(text, "utf-8")
    return run()


def test_the_sandbox_is_one_that_holds() -> None:
    """Jinja2 3.1.5 let `format` out of it (CVE-2025-27516)."""
    assert tuple(map(int, version("jinja2").split(".")[:3])) >= (3, 1, 6)


@pytest.mark.parametrize("text", [LOOP, WORDS])
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
def test_a_template_that_does_not_end_is_ended(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "SECONDS", 0.5)
    before = signal.getsignal(signal.SIGALRM)
    result = written(text)
    assert result.exit_code == 2
    assert "takes too much: it runs for more than 0.5 seconds" in result.stderr
    assert "txt.j2" in result.stderr
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_template_that_writes_too_much_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "CHARACTERS", 100_000)
    result = written(WORDS)
    assert result.exit_code == 2
    assert "it writes more than 100000 characters" in result.stderr


def test_a_template_that_takes_too_much_memory_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    if not Path("/proc/self/statm").exists():
        pytest.skip("the system does not tell what is taken")
    before = resource.getrlimit(resource.RLIMIT_AS)
    monkeypatch.setattr(bounded, "MEMORY", 2**28)
    result = written(DOUBLING)
    assert result.exit_code == 2
    assert "takes too much: memory" in result.stderr
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_a_template_is_not_read_through_a_link() -> None:
    Path("secret.j2").write_text("secret", "utf-8")
    Path("own/txt.j2").symlink_to("../secret.j2")
    result = run()
    assert result.exit_code == 2
    assert "not read through a link" in result.stderr
    assert "secret" not in result.stdout
    Path("own/txt.j2").unlink()
    Path("elsewhere").mkdir()
    Path("elsewhere/part.j2").write_text("secret", "utf-8")
    Path("own/sub").symlink_to("../elsewhere")
    result = written('((* include "sub/part.j2" *))')
    assert result.exit_code == 2
    assert "not read through a link" in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_template_is_no_pipe() -> None:
    os.mkfifo("own/txt.j2")
    assert "a template is a regular file" in run().stderr


def test_a_template_is_not_too_large() -> None:
    assert "the template is too large" in written("x" * 1_000_001).stderr


def test_the_folder_itself_may_be_a_link() -> None:
    Path("own/txt.j2").write_text("mine", "utf-8")
    Path("mine").symlink_to("own")
    assert CliRunner().invoke(main, ["derive", "1-1", "--template", "mine", "--to", "txt"]).stdout.strip() == "mine"
