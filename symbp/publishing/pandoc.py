"""Runs pandoc, which turns Markdown into the formats of word processors: in its sandbox, within a time, a warning being an error."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from importlib import import_module
from pathlib import Path

from symbp.errors import Place, SymbpError, clipped

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


TEXT = "markdown_strict+tex_math_dollars+pipe_tables+backtick_code_blocks"
"""The Markdown that hand work is read in: formulas stand between dollars."""
READING_SECONDS, LONGEST_TEXT = 60, 5_000_000
HEAP = "-M1g"
"""So much memory pandoc may take for a file that it reads."""


def markdown_of(content: bytes, name: str) -> str:
    """The text of a .docx file, its equations in LaTeX; `name` is what messages call it. Pandoc reads it in its sandbox, within limits."""
    program = pandoc_path(".docx")
    command = [program, "--sandbox", "-f", "docx", "-t", TEXT, "--wrap=none", "+RTS", HEAP, "-RTS"]
    try:
        with tempfile.TemporaryDirectory(prefix="symbp-") as folder:
            environment = {**os.environ, "LC_ALL": "C.UTF-8"}
            run = subprocess.run(
                command, input=content, cwd=folder, env=environment, capture_output=True, timeout=READING_SECONDS, check=False
            )
    except subprocess.TimeoutExpired:
        raise SymbpError(f"pandoc did not read it within {READING_SECONDS} seconds", Place(name), "save it as Markdown or LaTeX") from None
    except OSError as error:
        raise SymbpError(f"pandoc cannot be run: {error.strerror}", hint="install pandoc, or pip install 'symbp[office]'") from None
    if run.returncode:
        said = run.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise SymbpError(f"pandoc cannot read it: {clipped(said[0])}", Place(name), "save it as .docx again")
    if len(run.stdout) > LONGEST_TEXT:
        raise SymbpError("the file is too large", Place(name), "give the work in several files")
    return run.stdout.decode("utf-8", "replace").replace("\r\n", "\n").replace("\0", "")
