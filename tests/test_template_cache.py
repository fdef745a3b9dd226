"""Compiled templates that are kept between processes: they change nothing, and nothing fails for want of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = "import sys; from symbp.cli import main; main(['derive', '2-2-1', '--to', 'md', '--detail', 'brief'])"


def written(checkout: Path, cache: Path) -> bytes:
    """What a process of its own prints with its cache at `cache`."""
    environment = os.environ | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(checkout)}
    return subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, check=True).stdout


def kept(cache: Path) -> list[Path]:
    return sorted(cache.glob("symbp/templates-*/*.cache"))


@pytest.fixture(scope="module")
def first(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What is printed where nothing can be kept: a file stands where the folder would be."""
    place = tmp_path_factory.mktemp("none") / "file"
    place.write_text("")
    return written(checkout, place)


def test_what_is_kept_changes_nothing(checkout: Path, tmp_path: Path, first: bytes) -> None:
    assert written(checkout, tmp_path) == first
    files = kept(tmp_path)
    assert len(files) == 2
    times = [file.stat().st_mtime_ns for file in files]
    assert written(checkout, tmp_path) == first
    assert [file.stat().st_mtime_ns for file in kept(tmp_path)] == times


@pytest.mark.parametrize("damage", [b"", b"\x00" * 50, b"half"])
def test_a_damaged_file_is_made_again(checkout: Path, tmp_path: Path, first: bytes, damage: bytes) -> None:
    written(checkout, tmp_path)
    whole = [file.read_bytes() for file in kept(tmp_path)]
    for file, content in zip(kept(tmp_path), whole, strict=True):
        file.write_bytes(content[: len(content) // 2] if damage == b"half" else damage)
    assert written(checkout, tmp_path) == first
    assert [file.read_bytes() for file in kept(tmp_path)] == whole


def test_a_folder_that_others_may_write_to_is_not_used(checkout: Path, tmp_path: Path, first: bytes) -> None:
    written(checkout, tmp_path)
    folder = kept(tmp_path)[0].parent
    for file in kept(tmp_path):
        file.write_bytes(b"")
    folder.chmod(0o777)
    assert written(checkout, tmp_path) == first
    assert [file.read_bytes() for file in kept(tmp_path)] == [b"", b""]
