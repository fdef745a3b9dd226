"""A .docx file as a piece of work: by pandoc, equations and all; one clear line where that is missing or fails."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from symbp.cli import main
from symbp.errors import SymbpError
from symbp.publishing import pandoc

ROW = "$$\\frac{\\partial E}{\\partial w_%d} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1}$$"
TEXT = f"By the chain rule\n\n{ROW % 5}\n\nand\n\n{ROW % 6}\n"
NEEDED = pytest.mark.skipif(find_spec("pypandoc") is None and shutil.which("pandoc") is None, reason="pandoc is not installed")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def document(name: str) -> str:
    program = pandoc.pandoc_path(".docx")
    subprocess.run([program, "-f", "markdown", "-t", "docx", "-o", name], input=TEXT, text=True, timeout=60, check=True)
    return name


@NEEDED
def test_equations_of_a_word_processor_are_judged() -> None:
    result = CliRunner().invoke(main, ["verify", "2-2-2", document("work.docx"), "--to", "json"])
    assert result.exit_code == 1, result.output
    assert '"verdict": "correct"' in result.stdout
    assert '"verdict": "wrong"' in result.stdout


@NEEDED
def test_in_a_batch_too() -> None:
    """In the process of a batch, whose memory is limited."""
    names = [document("a.docx"), document("b.docx")]
    result = CliRunner().invoke(main, ["verify", "2-2-2", *names, "--csv", "-"])
    assert result.exit_code == 0
    assert result.stdout.count("docx") == 2
    assert result.stderr == ""


@NEEDED
@pytest.mark.parametrize("content", [b"", b"no document", b"PK\x03\x04"])
def test_what_is_no_document_is_one_line(content: bytes) -> None:
    Path("x.docx").write_bytes(content)
    with pytest.raises(SymbpError, match="pandoc cannot read it"):
        pandoc.markdown_of(content, "x.docx")
    result = CliRunner().invoke(main, ["verify", "2-2-2", "x.docx"])
    assert result.exit_code == 2
    assert result.stderr.startswith("symbp: x.docx: pandoc cannot read it")


def test_without_pandoc_it_is_said_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(pandoc, "import_module", missing)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    Path("x.docx").write_bytes(b"PK")
    result = CliRunner().invoke(main, ["verify", "2-2-2", "x.docx"])
    assert result.exit_code == 2
    assert result.stderr == "symbp: .docx needs pandoc, which is not installed\ninstall pandoc, or pip install 'symbp[office]'\n"
