"""The terminal's layout of a document: paragraphs, displays and tables, none wider than the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from symbp.language.plain import terminal_columns
from symbp.publishing.environment import Safe
from symbp.publishing.layout import Row
from symbp.publishing.wide import padded, wrapped

COLUMNS, NARROWEST = 80, 12
"""The terminal that text is written for, and the least room that a column of words is left."""


@dataclass(frozen=True)
class Columns:
    """So many columns of a terminal."""

    width: int = COLUMNS

    def strong(self, number: str, title: str) -> Safe:
        """A heading, underlined."""
        line = f"{number} {title}".strip()
        return Safe(line + "\n" + "─" * min(terminal_columns(line), self.width))

    def filled(self, text: str, indent: int = 0) -> Safe:
        """A paragraph, wrapped; lines after the first are indented."""
        return Safe(("\n" + " " * indent).join(wrapped(text, self.width - indent, on_hyphens=False)))

    def boxed(self, lines: list[dict[str, Any]]) -> Safe:
        """Lines of pseudocode in a box, each as deep as its loops."""
        inside = self.width - 6
        rows = [
            " " * (4 * line["depth"] + (2 if at else 0)) + text
            for line in lines
            for at, text in enumerate(wrapped(line["text"], inside - 4 * line["depth"] - 2))
        ]
        room = max(map(terminal_columns, rows))
        body = [f"  │ {row}{' ' * (room - terminal_columns(row))} │" for row in rows]
        return Safe("\n".join([f"  ┌{'─' * (room + 2)}┐", *body, f"  └{'─' * (room + 2)}┘"]))

    def aligned(self, lines: list[Row]) -> Safe:
        """A display with its relations one under the other, and the numbers of its equations at the right edge."""
        left = max(terminal_columns(row.lhs) for row in lines)
        found: list[str] = []
        for row in lines:
            text = ("    " if row.indent else "") + row.text
            line = f"  {' ' * (left - terminal_columns(row.lhs))}{row.lhs} {row.relation or ' '} {text}"
            line += f"   ({row.condition})" if row.condition else ""
            number = f"({row.number})" if row.number else ""
            room = self.width - (len(number) + 2 if number else 0)
            note = f"   ({row.note})" if row.note and terminal_columns(line) + terminal_columns(row.note) + 5 <= room else ""
            folded = self._folded(line + note, left + 9)
            if number:
                if terminal_columns(folded[-1]) > room:
                    folded.append("")
                folded[-1] += " " * (self.width - terminal_columns(folded[-1]) - len(number)) + number
            found += folded
        return Safe("\n".join(found))

    def _folded(self, line: str, indent: int) -> list[str]:
        """`line`, or where it is wider than the terminal, its parts: broken at blanks, what follows indented."""
        found: list[str] = []
        while terminal_columns(line) > self.width and (at := self._last_blank(line, indent)) > indent:
            found.append(line[:at])
            line = " " * indent + line[at + 1 :]
        return [*found, line]

    def _last_blank(self, line: str, indent: int) -> int:
        """The last blank of the line before the terminal's edge."""
        at = len(line)
        while (at := line.rfind(" ", indent + 1, at)) > indent:
            if terminal_columns(line[:at]) <= self.width:
                return at
        return -1

    def grid(self, block: Mapping[str, Any]) -> Safe:
        """A table in columns; where it would be too wide, its words wrap."""
        lines = [block["header"], *block["rows"]]
        widths = [max(terminal_columns(row[c]) for row in lines) for c in range(len(block["header"]))]
        room = self.width - 2 - 3 * (len(widths) - 1)
        wordy = [c for c, letter in enumerate(block["align"]) if letter == "l"]
        while sum(widths) > room and max(widths[c] for c in wordy) > NARROWEST:
            widths[max(wordy, key=widths.__getitem__)] -= 1
        header, *body = (_grid_row(row, widths, block["align"]) for row in lines)
        return Safe("\n".join([header, "  " + "─" * (sum(widths) + 3 * (len(widths) - 1)), *body]))


def _grid_row(row: list[str], widths: list[int], align: str) -> str:
    lines = []
    cells_of = [wrapped(cell, w) if letter == "l" else [cell] for cell, w, letter in zip(row, widths, align, strict=True)]
    for cells in zip_longest(*cells_of, fillvalue=""):
        placed = [padded(cell, w, letter) for cell, w, letter in zip(cells, widths, align, strict=True)]
        lines.append(("  " + "   ".join(placed)).rstrip())
    return "\n".join(lines) or " "
