"""How lines and rows are shared out among frames: as few as it takes, all about as full, equations whole where they can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any, NamedTuple

from symbp.publishing.environment import Safe
from symbp.publishing.layout import Row

MOST_LINES = 8
"""So many lines of mathematics are read on one frame."""


class Chunk(NamedTuple):
    """Lines that stay together: a link of a chain, with the lines that it is broken into."""

    lhs: Safe
    rows: tuple[Row, ...]
    height: float
    is_first: bool


def packed(chunks: Sequence[Chunk], first: float, rest: float) -> list[list[Chunk]]:
    """The chunks of each frame: as few frames as it takes, all about as full."""
    fewest = _filled(chunks, first, rest, MOST_LINES)
    for lines in range(2, MOST_LINES):
        found = _filled(chunks, first, rest, lines)
        if len(found) == len(fewest):
            return found
    return fewest


def _filled(chunks: Sequence[Chunk], first: float, rest: float, most: int) -> list[list[Chunk]]:
    """Frames filled one after the other; an equation that fits on a frame is not broken."""
    found: list[list[Chunk]] = [[]]

    def fits(more: Sequence[Chunk]) -> bool:
        page = [*found[-1], *more]
        room = first if len(found) == 1 else rest
        return sum(c.height for c in page) <= room and sum(len(c.rows) for c in page) <= most

    starts = [at for at, chunk in enumerate(chunks) if chunk.is_first or at == 0]
    for start, end in zip(starts, [*starts[1:], len(chunks)], strict=True):
        equation = chunks[start:end]
        whole = sum(c.height for c in equation) <= rest and sum(len(c.rows) for c in equation) <= most
        for part in [equation] if whole else [[chunk] for chunk in equation]:
            if not fits(part) and (found[-1] or len(found) == 1):
                found.append([])
            found[-1] += part
    return found


def shared(rows: Sequence[Any], first: int, most: int) -> Iterator[tuple[Any, ...]]:
    """The rows of each frame: at most `first` on the first and `most` on the others, all about as long."""
    count = 1 if len(rows) <= first else 1 + ceil((len(rows) - first) / most)
    at = min(first, ceil(len(rows) / count))
    yield tuple(rows[:at])
    for left in range(count - 1, 0, -1):
        size = ceil((len(rows) - at) / left)
        yield tuple(rows[at : at + size])
        at += size
