"""The one kind of error that a user meets: what is wrong, where, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 120
"""So many characters of a line are shown at most."""
LONGEST_NAME = 1000
"""So many characters of a file's name are shown at most."""
LONGEST = 3000
"""So many characters a message has at most, and a hint."""


def clipped(text: str, most: int = SHOWN) -> str:
    """`text` as a message may show it: not endless, and without characters that do something to a terminal."""
    shown = "".join(c if c.isprintable() else "�" for c in text[:most])
    return shown + "…" * (len(text) > most)


def _readable(message: str) -> str:
    """A message, without the middle of what nobody would read to its end."""
    return message if len(message) <= LONGEST else f"{message[: LONGEST // 2]} … {message[-LONGEST // 2 :]}"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text that a user wrote: file (or argument), 1-based line and column, and that line itself."""

    source: str
    line: int | None = None
    column: int | None = None
    text: str | None = None

    def __str__(self) -> str:
        numbers = [str(n) for n in (self.line, self.column) if n is not None]
        return ":".join([clipped(self.source, LONGEST_NAME), *numbers])

    @staticmethod
    def pointed(text: str, column: int) -> list[str]:
        """The line, cut to what is near the column, and a caret under it."""
        start = max(0, column - 1 - SHOWN // 2) if len(text) > SHOWN else 0
        shown = "".join(c if c.isprintable() or c == "\t" else "�" for c in text[start : start + SHOWN])
        return ["  " + shown.replace("\t", " "), "  " + " " * (column - 1 - start) + "^"]


class SymbpError(Exception):
    """Names the thing, the place and, in `hint`, the valid choices.

    `str()` of it is the whole message, with a caret under the column where a line is known.
    """

    def __init__(self, message: str, place: Place | None = None, hint: str | None = None) -> None:
        self.message = _readable(message)
        super().__init__(self.message)
        self.place = place
        self.hint = hint and _readable(hint)

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.message}" if self.place else self.message]
        if self.place and self.place.text is not None and self.place.column is not None:
            lines += self.place.pointed(self.place.text, self.place.column)
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


class StepRefuted(SymbpError):
    """An equation that is not true; no document is made of a derivation that holds one."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The hint for an unknown word: the nearest known one if there is one, then all of them."""
    from difflib import get_close_matches

    choices = sorted(set(known))
    close = get_close_matches(word, choices, n=1, cutoff=0.6)
    shown = ", ".join(choices[:24]) + (", …" if len(choices) > 24 else "")
    guess = f"did you mean {close[0]!r}? " if close else ""
    return f"{guess}known: {shown}" if choices else "there is none"
