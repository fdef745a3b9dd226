"""Runs pandoc, which turns Markdown into the formats of word processors: in its sandbox, within a time, a warning being an error."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from importlib import import_module
from pathlib import Path

from symbp.errors import SymbpError

READER = "+".join(
    (
        "markdown_strict-raw_html",
        *("tex_math_dollars", "pipe_tables", "table_captions", "table_attributes", "pandoc_title_block", "inline_notes", "line_blocks"),
        *("all_symbols_escapable", "intraword_underscores", "implicit_figures", "link_attributes"),
    )
)
"""The Markdown that is written for it: what stands here, and nothing else, means something."""
SECONDS = 120


def pandoc_path(what: str) -> str:
    """The pandoc that the extra `office` brings, else the one on the path."""
    try:
        return str(import_module("pypandoc").get_pandoc_path())
    except (ImportError, OSError):
        found = shutil.which("pandoc")
    if found is None:
        raise SymbpError(f"{what} needs pandoc, which is not installed", hint="install pandoc, or pip install 'symbp[office]'")
    return found


def converted(text: str, what: str, options: tuple[str, ...] = ()) -> bytes:
    """`text` in the format `what` of pandoc."""
    program = pandoc_path(what)
    with tempfile.TemporaryDirectory(prefix="symbp-") as folder:
        target = Path(folder, "document." + what)
        command = [program, "--sandbox", "--fail-if-warnings", "-f", READER, "-t", what, "-o", str(target), *options]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        try:
            run = subprocess.run(
                command, input=text.encode("utf-8"), cwd=folder, env=environment, capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise SymbpError(f"pandoc did not finish {what} within {SECONDS} seconds", hint="choose a smaller network") from None
        except OSError as error:
            raise SymbpError(f"pandoc cannot be run: {error.strerror}", hint="install pandoc, or pip install 'symbp[office]'") from None
        if run.returncode or run.stderr.strip() or not target.is_file():
            said = run.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
            raise SymbpError(f"pandoc failed to write {what}: {said[0]}", hint="pandoc 3.2 or newer is needed")
        return target.read_bytes()
