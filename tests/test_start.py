"""How the command line starts: it alone sets the cyclic collector."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SETTINGS = "import gc; settings = lambda: (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count())"


def program(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python process of its own, whose symbp is the one of this checkout."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="other collectors have no such settings")
@pytest.mark.parametrize(
    "work",
    [
        "import symbp; symbp.derive('1-1').render('md')",
        "import symbp.__main__",
        "import symbp.cli; symbp.cli.main(['examples'], 'symbp', None, False)",
    ],
)
def test_the_collector_is_left_alone_by_who_imports_symbp(checkout: Path, work: str) -> None:
    done = program(checkout, "-c", f"{SETTINGS}; before = settings(); {work}; assert settings() == before, settings()")
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="other collectors have no such settings")
def test_the_collector_still_runs_in_the_process(checkout: Path) -> None:
    """Rarely, so that a small network sees no round of it, and a large one does not keep what is gone."""
    script = (
        f"{SETTINGS}; import sys; from symbp.__main__ import run; sys.argv = ['symbp', '--version']\ntry: run()\nfinally: print(settings())"
    )
    enabled, threshold = eval_settings(program(checkout, "-c", script).stdout.splitlines()[-1])
    assert enabled
    assert 100_000 < threshold < 1_000_000


def eval_settings(line: str) -> tuple[bool, int]:
    """Whether it is enabled, and after how many objects it runs, of what `settings` printed."""
    enabled, threshold, *_ = line.strip("()").replace("(", "").split(", ")
    return enabled == "True", int(threshold)


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--version",), 0), (("derive", "nothing"), 2), (("derive",), 2), (("derive", "1-1", "--to", "txt"), 0)]
)
def test_the_process_gives_the_code_of_its_command(checkout: Path, arguments: tuple[str, ...], code: int) -> None:
    done = program(checkout, "-m", "symbp", *arguments)
    assert done.returncode == code
    assert bool(done.stdout) == (code == 0)
