"""The gallery: golden files, made by the very commands that output/README.md gives."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from symbp.cli import main

COMMAND = re.compile(r"\| (`[^|]*`) \| `symbp ([^`]*)` \|")


def rows(checkout: Path) -> list[tuple[list[str], list[str]]]:
    """The files that each command of the gallery's table makes, and its arguments."""
    text = (checkout / "output" / "README.md").read_text("utf-8")
    return [(re.findall(r"`([^`]+)`", files), shlex.split(command)) for files, command in COMMAND.findall(text)]


def test_every_row_of_the_table_is_tried(checkout: Path) -> None:
    assert len(rows(checkout)) == 12


def test_the_table_names_every_file_of_the_gallery(checkout: Path) -> None:
    named = {name for files, _ in rows(checkout) for name in files}
    there = {path.name for path in (checkout / "output").iterdir()} - {"README.md", "mazur-pdf.png", "mazur-slides.png", "mazur-page.png"}
    assert named == there


@pytest.mark.parametrize("at", range(12))
def test_the_gallery_is_what_its_commands_write(at: int, checkout: Path, tmp_path: Path) -> None:
    files, arguments = rows(checkout)[at]
    result = CliRunner().invoke(main, [f"{tmp_path}/" if part == "output/" else part for part in arguments])
    assert result.exit_code == 0, result.output
    for name in files:
        assert (tmp_path / name).read_bytes() == (checkout / "output" / name).read_bytes(), (
            f"{name}: run `make gallery` and look at the change"
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(files)
