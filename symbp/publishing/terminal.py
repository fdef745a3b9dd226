"""The terminal's layout of judged rows: a row with carets under it, lines that never pass the edge, colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from unicodedata import category, east_asian_width

from symbp.publishing.verdicts import clean

LINES_OF_A_ROW: Final = 6
"""So many lines a row may take, before it is cut to what is near the mistake."""
LINES_AROUND: Final = 2
"""So many lines of the text are shown above and below the mistake then."""
CUT: Final = "…"
COLOURS: Final = {"wrong": "31", "right": "32", "unclear": "33", "follows": "35", "neutral": "36", "strong": "1", "faint": "2"}
Span = tuple[int, int] | None


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes: an accent stands on its letter, a Chinese letter takes two."""
    return sum(map(_columns, text))


def _columns(c: str) -> int:
    if category(c) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if east_asian_width(c) in {"W", "F"} else 1


@dataclass(frozen=True, slots=True)
class Terminal:
    """So many columns, with colours or without."""

    width: int = 80
    color: bool = False

    def paint(self, text: str, *styles: str) -> str:
        """`text` in colour, if there are colours."""
        if not self.color or not text or not styles:
            return text
        return f"\x1b[{';'.join(COLOURS[style] for style in styles)}m{text}\x1b[0m"

    def pointed(self, text: str, span: Span, indent: int, styles: tuple[str, ...], *, whole: bool = False, carets: bool = True) -> str:
        """`text`, indented, with carets under the `span` of it, which is in colour where there are colours.

        A text of too many lines is cut to what is near the span, unless the `whole` of it is wanted.
        """
        room = max(8, self.width - indent)
        span = (min(span[0], len(text)), span[1]) if span else None
        cells = list(enumerate(clean(text) + " " if span and span[0] == len(text) else clean(text)))
        found = [
            " " * indent + line
            for cut in _broken(cells if whole else _near(cells, span, room * LINES_OF_A_ROW), room)
            for line in self._line(cut, span, styles, carets)
        ]
        return "\n".join(found)

    def _line(self, cells: list[tuple[int, str]], span: Span, styles: tuple[str, ...], carets: bool) -> Iterator[str]:
        """One line, and the carets under it."""
        start, end = span or (0, 0)
        inside = [start <= at < max(end, start + 1) and span is not None for at, _ in cells]
        text = "".join(c for _, c in cells).rstrip()
        runs = groupby(zip(text, inside, strict=False), key=lambda placed: placed[1])
        yield "".join(self.paint("".join(c for c, _ in run), *styles * is_inside) for is_inside, run in runs)
        under = "".join(("^" if is_inside else " ") * _columns(c) for (_, c), is_inside in zip(cells, inside, strict=True)).rstrip()
        if carets and under:
            yield self.paint(under, *styles)

    def wrapped(self, text: str, indent: int = 0, first: str = "") -> str:
        """`text` within the width, with `first` before it, and as much room before its other lines; long words are broken."""
        if columns(first) > self.width // 2:
            first, text = "", f"{first} {text}"
        indent = max(indent, columns(first))
        room = max(8, self.width - indent)
        lines: list[str] = []
        current = ""
        for word in text.split():
            for piece in _pieces(word, room):
                if current and columns(f"{current} {piece}") > room:
                    lines.append(current)
                    current = ""
                current = f"{current} {piece}" if current else piece
        lines.append(current)
        return "\n".join((first + " " * (indent - columns(first)) if at == 0 else " " * indent) + line for at, line in enumerate(lines))

    def cut(self, text: str, room: int) -> str:
        """`text` on one line of at most `room` columns."""
        text = " ".join(clean(text).split())
        if columns(text) <= room:
            return text
        kept, used = "", columns(CUT)
        for c in text:
            used += _columns(c)
            if used > room:
                break
            kept += c
        return kept + CUT

    def heading(self, text: str) -> str:
        """A line that stands out, underlined."""
        lines = self.wrapped(text)
        rule = "─" * max(map(columns, lines.split("\n")))
        return self.paint(f"{lines}\n{rule}", "strong")


def _pieces(word: str, room: int) -> Iterator[str]:
    """A word, in pieces that fit."""
    current, used = "", 0
    for c in word:
        if used + _columns(c) > room:
            yield current
            current, used = "", 0
        current += c
        used += _columns(c)
    yield current


def _near(cells: list[tuple[int, str]], span: Span, room: int) -> list[tuple[int, str]]:
    """Of a text that takes more room, what is near the span, with dots where something is left out."""
    if sum(_columns(c) for _, c in cells) <= room and sum(c == "\n" for _, c in cells) < LINES_OF_A_ROW:
        return cells
    start, end = span or (0, 0)
    end = min(max(start, end), start + room)
    spare = (room - (end - start)) // 2
    low, high = max(0, start - spare), min(len(cells), end + spare)
    above = [at for at in range(low, start) if cells[at][1] == "\n"]
    below = [at for at in range(end, high) if cells[at][1] == "\n"]
    low = above[-LINES_AROUND - 1] + 1 if len(above) > LINES_AROUND else low
    high = below[LINES_AROUND] if len(below) > LINES_AROUND else high
    before, after = [(-1, CUT)] * (low > 0), [(-1, CUT)] * (high < len(cells))
    return [*before, *cells[low:high], *after]


def _broken(cells: list[tuple[int, str]], room: int) -> Iterator[list[tuple[int, str]]]:
    """Lines that fit: broken where the text is, else after a blank in the second half of the line, else anywhere."""
    line: list[tuple[int, str]] = []
    used = 0
    for at, c in cells:
        if c == "\n":
            yield line
            line, used = [], 0
            continue
        if used + _columns(c) > room:
            blank = max((k for k, (_, held) in enumerate(line) if held == " "), default=-1)
            cut = blank + 1 if blank + 1 > len(line) // 2 else len(line)
            yield line[:cut]
            line = line[cut:]
            used = sum(_columns(held) for _, held in line)
        line.append((at, c))
        used += _columns(c)
    yield line
