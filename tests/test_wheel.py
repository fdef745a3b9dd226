"""The wheel, built and installed where there is no checkout: it brings its templates and its examples along."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from consumers import unavailable

MEDIA = ("tex", "md", "txt")
SECONDS = 300
_NETWORK_TROUBLE = re.compile(r"ConnectionError|NewConnectionError|NameResolutionError|Max retries exceeded|from versions: none")


def _run(command: list[str | Path], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run it as a user would who has no PYTHONPATH."""
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONWARNINGS"}}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=False)


def _installing(command: list[str | Path], cwd: Path) -> None:
    """A step that may need a package index."""
    done = _run(command, cwd)
    if done.returncode and _NETWORK_TROUBLE.search(done.stdout + done.stderr):
        unavailable(f"no package index: {done.stderr.strip()[-300:]}")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def archives(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist, and the wheel that is built from it alone: what the sdist lacks, the wheel lacks."""
    if find_spec("build") is None:
        unavailable("the package `build` is not installed")
    out = tmp_path_factory.mktemp("dist")
    isolation: list[str | Path] = ["--no-isolation"] if find_spec("hatchling") else []
    _installing([sys.executable, "-m", "build", *isolation, "--outdir", out, checkout], out)
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def wheel(archives: tuple[Path, Path]) -> Path:
    return archives[1]


@pytest.fixture(scope="module")
def symbp(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `symbp` of a clean environment that has the wheel and what it depends on, nothing else."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, with_pip=True)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    _installing([scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel], home)
    return scripts / "symbp"


def test_wheel_holds_templates_and_examples(wheel: Path, checkout: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"symbp/{path.relative_to(checkout).as_posix()}" for path in (checkout / "templates").rglob("*") if path.is_file()}
    expected |= {f"symbp/examples/{path.name}" for path in (checkout / "symbp" / "examples").glob("*.toml")}
    assert {f"symbp/templates/{medium}.j2" for medium in MEDIA} <= expected
    assert {"symbp/examples/mazur.toml", "symbp/templates/locale/zh/LC_MESSAGES/symbp.mo"} <= expected
    assert expected <= names


def test_wheel_holds_the_package_only(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"symbp"}
    ours = [Path(name) for name in zipfile.ZipFile(wheel).namelist() if name.startswith("symbp/")]
    assert {path.suffix or path.name for path in ours} == {".py", ".toml", ".j2", ".woff2", ".txt", ".typed", ".po", ".mo"}, (
        "and nothing that was left lying about"
    )


def test_sdist_is_complete_and_clean(archives: tuple[Path, Path]) -> None:
    with tarfile.open(archives[0]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    tracked = ("pyproject.toml", "README.md", "LICENSE", "Makefile", "templates/tex.j2", "symbp/cli.py", "tests/real/package.json")
    assert names.issuperset(tracked)
    assert not [name for name in names if "node_modules" in name or name.endswith(".pyc") or name.startswith(".venv")]


def test_help(symbp: Path, tmp_path: Path) -> None:
    shown = _run([symbp, "--help"], tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "derive" in shown.stdout


def test_derives_the_example_from_anywhere(symbp: Path, tmp_path: Path) -> None:
    shown = _run([symbp, "derive", "mazur", "--to", "md", "-o", "-"], tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("# ")
    assert r"\frac{\partial E}{\partial w_{5}}" in shown.stdout
    assert not list(tmp_path.iterdir())
