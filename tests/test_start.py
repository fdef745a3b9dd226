"""How the command line starts: it alone sets the cyclic collector, and a command imports what it needs and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from symbp.publishing.formats import FORMATS, INTERNAL

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


# -- imports -----------------------------------------------------------------------------------------------------------

ELSEWHERE = {"symbp.verification", "symbp.proof.general", "symbp.proof.layers", "symbp.derivation.layouts", "symbp.derivation.layers"}
"""What no derivation of a network needs."""
HTML, TYPST = {"symbp.language.mathml", "symbp.publishing.page"}, {"symbp.language.typst", "symbp.publishing.drawing_typst"}
TIKZ, SLIDES = {"symbp.publishing.drawing_tikz"}, {"symbp.publishing.frames", "symbp.publishing.heights", "symbp.publishing.packing"}
CONVERTED = {f"symbp.publishing.{name}" for name in ("pdf", "latexmk", "notebook", "python_code", "office", "office_pages", "pandoc")}
PICTURES = {f"symbp.publishing.{name}" for name in ("pictures", "drawing", "diagram", "activation_plot", "plot", "drawing_svg")}
OTHERS = {
    "md": HTML | TYPST | TIKZ | SLIDES | CONVERTED | PICTURES,
    "txt": HTML | TYPST | TIKZ | SLIDES | CONVERTED | PICTURES,
    "json": HTML | TYPST | TIKZ | SLIDES | CONVERTED | PICTURES | {"jinja2.sandbox"},
    "tex": HTML | TYPST | SLIDES | CONVERTED | {"symbp.publishing.drawing_svg"},
    "html": TYPST | TIKZ | SLIDES | CONVERTED,
}
"""What other formats need; on standard output Markdown has no pictures."""


@pytest.mark.parametrize("name", OTHERS)
def test_a_format_imports_nothing_that_only_others_need(checkout: Path, name: str) -> None:
    done = program(checkout, "-X", "importtime", "-m", "symbp", "derive", "mazur", "--to", name)
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert {"sympy", "symbp.proof.certify"} <= imported
    assert not imported & (ELSEWHERE | OTHERS[name] | {"numpy", "importlib.resources", "difflib"})


def test_the_formats_have_their_rows_in_order() -> None:
    """Rows are made when they are asked for, each once."""
    assert list(FORMATS) == [row.name for row in FORMATS.values()]
    assert [row.name for row in INTERNAL.values()] == list(INTERNAL)
    assert FORMATS["md"] is FORMATS["md"]
    assert "doc" not in FORMATS
