"""Which rows a person has struck out: they are still told about, but nothing is held against or for a work because of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from symbp.language.written import Span
from symbp.verification.source.rows import Row

MOST: Final = 4_000
"""So many characters may be struck out at once."""
_OPENS: Final = re.compile(r"~~(?=\S)|<(?:del|s|strike)>|\\(?:sout|st|[xbh]?cancel|strikeout)[ \t]*\{", re.IGNORECASE)
_BRACE: Final = re.compile(r"\\.|[{}]", re.DOTALL)


def struck(text: str, rows: Sequence[Row]) -> frozenset[int]:
    """The positions in `rows` of those that are struck out as a whole in `text`, the file that they stand in."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    spans = list(_spans(text))
    if not spans:
        return frozenset()
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found = set()
    for at, row in enumerate(rows):
        start = starts[min(row.line, len(starts)) - 1] + row.column - 1
        if any(_holds(span, (start, start + len(row.text)), len(row.text.strip("$ \n"))) for span in spans):
            found.add(at)
    return frozenset(found)


def _holds(span: Span, row: Span, length: int) -> bool:
    """Is the row within the span, or the span all but the delimiters of the row?"""
    return (span[0] <= row[0] and row[1] <= span[1]) or (row[0] <= span[0] and span[1] <= row[1] and span[1] - span[0] >= length)


def _spans(text: str) -> Iterator[Span]:
    """What is struck out, one after another; nothing after a mark that is not closed."""
    at = 0
    while (opens := _OPENS.search(text, at)) is not None:
        end = _end(text, opens[0], opens.end())
        if end < 0:
            return
        yield opens.start(), end
        at = end


def _end(text: str, mark: str, start: int) -> int:
    """Where it ends that begins at `start` behind a mark; -1 where that is too far away, or nowhere."""
    if not mark.startswith("\\"):
        close = mark.replace("<", "</")
        found = text.find(close, start, start + MOST)
        return found + len(close) if found >= 0 else -1
    depth = 1
    for brace in _BRACE.finditer(text, start, start + MOST):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if not depth:
            return brace.end()
    return -1
