"""latexmk: a LaTeX source → a PDF, in a folder that is gone afterwards."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from symbp.errors import SymbpError

SECONDS = 180
_OPTIONS = ("-norc", "-interaction=nonstopmode", "-halt-on-error", "-silent")
_ENGINES = {"pdflatex": "-pdf", "xelatex": "-pdfxe", "lualatex": "-pdflua"}
_ALL = "%O %S"
_MISSING = re.compile(r"File `([^']+)\.(?:sty|cls|def)' not found")
_ENVIRONMENT = {
    "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "10000",
    "openin_any": "p", "openout_any": "p", "shell_escape": "f",
}  # fmt: skip
"""No dates in the PDF, so that the same source gives the same bytes; no file outside the folder is read or written by the source."""


def by_latexmk(source: str, engine: str) -> bytes:
    """`source` compiled by `engine`, as often as it takes."""
    latexmk = shutil.which("latexmk")
    if latexmk is None or shutil.which(engine) is None:
        missing = "latexmk" if latexmk is None else engine
        raise SymbpError(f"--engine latex needs {missing}, which is not installed", hint="install TeX Live, or leave out --engine latex")
    with TemporaryDirectory() as folder:
        (Path(folder) / "document.tex").write_text(source, "utf-8")
        command = [latexmk, *_OPTIONS, _ENGINES[engine], f"-{engine}={engine} -no-shell-escape {_ALL}", "document.tex"]
        try:
            subprocess.run(
                command, cwd=folder, env={**os.environ, **_ENVIRONMENT}, stdin=subprocess.DEVNULL, capture_output=True,
                timeout=SECONDS, check=True,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise SymbpError(f"{engine} did not end within {SECONDS} seconds") from None
        except subprocess.CalledProcessError as error:
            log = Path(folder) / "document.log"
            said = log.read_text("utf-8", errors="replace") if log.is_file() else error.stderr.decode("utf-8", errors="replace")
            raise _failure(engine, said) from None
        return (Path(folder) / "document.pdf").read_bytes()


def _failure(engine: str, log: str) -> SymbpError:
    """What went wrong in one line: the package that is missing, or TeX's error with the line that it stopped at."""
    if found := _MISSING.search(log):
        return SymbpError(f"LaTeX has no package {found[1]}", hint=f"install it, for instance with tlmgr install {found[1]}")
    lines = log.splitlines()
    start = next((at for at, line in enumerate(lines) if line.startswith("!")), None)
    if start is None:
        return SymbpError(f"{engine} stopped without saying why")
    place = next((line for line in lines[start:] if line.startswith("l.")), "")
    return SymbpError(f"{engine} stopped: {lines[start][1:].strip()}" + (f" ({place.strip()})" if place else ""))
