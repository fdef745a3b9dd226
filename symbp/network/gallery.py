"""The built-in examples: network files in the package."""

from __future__ import annotations

import tomllib
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent.parent / "examples"


def examples() -> tuple[str, ...]:
    """The names of the built-in examples."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def example_lines() -> tuple[tuple[str, str], ...]:
    """The built-in examples, and what each teaches."""
    return tuple((name, str(tomllib.loads(example(name))["about"])) for name in examples())


def example_titles() -> tuple[str, ...]:
    """The titles of the built-in examples."""
    return tuple(str(tomllib.loads(example(name))["title"]) for name in examples())


def example(name: str) -> str:
    """The text of an example's file."""
    return (_FOLDER / f"{name}.toml").read_text("utf-8")
