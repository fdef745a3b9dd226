"""Full-width letters, as Chinese has: how text with them is spaced, and where its lines may break."""

from __future__ import annotations

import re
import textwrap
from typing import Final

from symbp.language.plain import terminal_columns

_OPENING: Final = "（《「『【〔“‘"
_CLOSING: Final = "，。；：、！？）》」』】〕”’"
_LETTER: Final = r"\u2e80-\u303f\u3041-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60"
_UNSPACED: Final = r"\u2e80-\u303f\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60"
"""Letters of languages that set no space between words; Korean does."""
_NO_SPACE: Final = re.compile(rf" *([（《「『【〔，。；：、！？）》」』】〕]) *|(?<=[{_UNSPACED}]) +(?=[{_UNSPACED}])")
_BESIDE_FORMULA: Final = re.compile(rf"(?<=[{_LETTER}])(?=\$)|(?<=\$)(?=[{_LETTER}])")
_PIECE: Final = re.compile(rf"[{_OPENING}]*(?:[^\s{_LETTER}]+|[{_LETTER}])[{_CLOSING}]*|\s+")
"""What a line is not broken in: a word, or a full-width letter, with the marks that may not stand apart from it."""


def is_wide(c: str) -> bool:
    """Is `c` a full-width letter or mark?"""
    return re.fullmatch(rf"[{_LETTER}]", c) is not None


def one_line(text: str) -> str:
    """`text` on one line; no space stands beside full-width marks, which bring their own, or between Chinese letters."""
    return _NO_SPACE.sub(r"\1", re.sub(r"\s+", " ", text)).strip()


def beside_formulas(markdown: str) -> str:
    """A space between every `$` and a full-width letter: GitHub reads no formula where they touch."""
    return _BESIDE_FORMULA.sub(" ", markdown)


def wrapped(text: str, columns: int, *, on_hyphens: bool = True) -> list[str]:
    """`text` in lines of at most so many columns; words are not broken, between full-width letters a line may end."""
    if not any(map(is_wide, text)):
        return textwrap.wrap(text, columns, break_long_words=False, break_on_hyphens=on_hyphens)
    lines, current = [], ""
    for piece in _PIECE.findall(text):
        if current and terminal_columns((current + piece).rstrip()) > columns:
            lines.append(current.rstrip())
            current = piece.lstrip()
        else:
            current += piece
    return [*lines, current.rstrip()] if current.strip() else lines


def padded(text: str, columns: int, side: str) -> str:
    """`text` with blanks on the left, on the right, or on both sides, by `side`: l, r or c, where it then stands."""
    room = max(0, columns - terminal_columns(text))
    left = {"l": 0, "r": room, "c": room // 2}[side]
    return " " * left + text + " " * (room - left)
