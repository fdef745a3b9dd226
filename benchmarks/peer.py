"""Peers: other programs, in an environment of their own under build/, each asked by JSON, a line for a line."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sympy

from measuring import ROOT, Pace

HOME = ROOT / "build" / "bench-venv"
SOURCES = ROOT / "build" / "bench-sources"
SCRIPTS = Path(__file__).parent / "peers"
BASE = (f"sympy=={sympy.__version__}", "numpy")
"""The SymPy that symbp runs with, so that peers have the same."""
REQUIREMENTS: Mapping[str, tuple[str, ...]] = {
    "symengine": ("symengine==0.15.0",),
    "math-verify": ("math-verify[antlr4_13_2]==0.9.0",),
    "nerva-sympy": ("--no-deps", "nerva-sympy==1.0.0"),  # of its dependencies, what is timed needs SymPy and numpy only
    "torch": ("torch==2.13.0",),
}
SDISTS = {"nerva-sympy": "nerva-sympy==1.0.0"}
"""Whose tests are not in the wheel."""


class NoPeer(Exception):
    """A peer that cannot be had; the message says why."""


@dataclass
class Peer:
    """A script of `peers/` running in the environment of peers."""

    script: str
    needs: str
    pace: Pace
    _run: subprocess.Popen[str] | None = field(default=None, init=False)

    def __enter__(self) -> Peer:
        install(self.needs, self.pace.install)
        command = [str(_python()), str(SCRIPTS / f"{self.script}.py"), str(SOURCES)]
        self._run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=ROOT)
        return self

    def __exit__(self, *_: object) -> None:
        if self._run is not None:
            self._run.communicate()

    def ask(self, **request: Any) -> Any:
        """The answer to one request."""
        assert self._run is not None
        assert self._run.stdin is not None
        assert self._run.stdout is not None
        self._run.stdin.write(json.dumps(request) + "\n")
        self._run.stdin.flush()
        answer = self._run.stdout.readline()
        if not answer:
            raise NoPeer(f"{self.needs} ended without an answer")
        return json.loads(answer)


@functools.cache
def install(name: str, allowed: bool = True) -> None:
    """Install a peer, unless it is there; raise NoPeer if that cannot be done."""
    stamp = HOME / f".{name}"
    wanted = "\n".join((*BASE, *REQUIREMENTS[name]))
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return
    if not allowed:
        raise NoPeer(f"{name} is not installed, and was not to be")
    if not _python().exists():
        _do(sys.executable, "-m", "venv", str(HOME))
    print(f"{name}: installing …", file=sys.stderr, flush=True)
    _pip("install", *BASE)
    _pip("install", *REQUIREMENTS[name])
    if name in SDISTS:
        SOURCES.mkdir(parents=True, exist_ok=True)
        _pip("download", "--no-deps", "--no-binary", ":all:", "--dest", str(SOURCES), SDISTS[name])
        for archive in SOURCES.glob("*.tar.gz"):
            with tarfile.open(archive) as opened:
                opened.extractall(SOURCES, filter="data")
    stamp.write_text(wanted, "utf-8")


def versions() -> str:
    """The installed peers, with their versions."""
    if not _python().exists():
        return "none"
    script = "import json; from importlib.metadata import distributions as d; print(json.dumps({x.name: x.version for x in d()}))"
    found = json.loads(_do(str(_python()), "-c", script))
    return ", ".join(f"{name} {found[name]}" for name in (*REQUIREMENTS, "sympy", "numpy") if name in found)


def _python() -> Path:
    return HOME / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _pip(*arguments: str) -> None:
    _do(str(_python()), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments)


def _do(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    except subprocess.CalledProcessError as error:
        said = [line for line in error.stderr.splitlines() if line.startswith("ERROR")]
        raise NoPeer(f"`pip {' '.join(command[-1:])}` fails: {said[0] if said else error.stderr.strip()[-200:]}") from None
