"""`Row`: one line of a person's derivation, and where it stands in their file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Medium: TypeAlias = Literal["latex", "plain"]


@dataclass(frozen=True, slots=True)
class Row:
    r"""One row of hand work: what was written, and what of it is to be read as mathematics.

    `text` is the row as it stands in the file (without the blanks around it), which begins at `line` and `column`, both from 1.
    `math` is what of it is mathematics: macros of the person's own expanded, comments, alignment marks and what only delimits it
    taken out. `places[k]` is the offset in `text` of the k-th character of `math` (of one that a macro wrote, where the macro was
    called), and `places[len(math)]` is the end. `prose` is the text between the row before and this one, `display` the number of
    the display that the row belongs to: rows of one `align` share it, and so may go on from the row above. `trouble` is why the row
    cannot be read at all, if it cannot; then `math` is empty.
    """

    line: int
    column: int
    text: str
    math: str
    places: tuple[int, ...]
    medium: Medium
    prose: str = ""
    display: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A whole piece of work: its rows in order, and what its comments declare (`% symbp: h1 = net_h1`), as (name, meaning, line)."""

    file: str
    rows: tuple[Row, ...]
    declared: tuple[tuple[str, str, int], ...] = ()
