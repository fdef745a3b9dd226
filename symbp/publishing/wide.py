"""Full-width letters, as Chinese has: how text with them is spaced, and where its lines may break."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from symbp.language.plain import terminal_columns

_OPENING: Final = "（《「『【〔“‘"
_CLOSING: Final = "，。；：、！？）》」』】〕”’"
_LETTER: Final = r"\u2e80-\u303f\u3041-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60"
_UNSPACED: Final = r"\u2e80-\u303f\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60"
"""Letters of languages that set no space between words; Korean does."""
_NO_SPACE: Final = rf" *([（《「『【〔，。；：、！？）》」』】〕]) *|(?<=[{_UNSPACED}]) +(?=[{_UNSPACED}])"
_BESIDE_FORMULA: Final = rf"(?<=[{_LETTER}])(?=\$)|(?<=\$)(?=[{_LETTER}])"
_PIECE: Final = rf"[{_OPENING}]*(?:[^\s{_LETTER}]+|[{_LETTER}])[{_CLOSING}]*|\s+"
"""What a line is not broken in: a word, or a full-width letter, with the marks that may not stand apart from it."""
_CJK: Final = "[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003134f]"
_FIRST: Final = "\u2e80"
"""The first letter of any of these patterns, but for the quotation marks beside others. They take long to compile; most texts need none."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _may_be_wide(text: str) -> bool:
    return not text.isascii() and max(text) >= _FIRST


def is_wide(c: str) -> bool:
    """Is `c` a full-width letter or mark?"""
    return _may_be_wide(c) and _compiled(f"[{_LETTER}]").fullmatch(c) is not None


def has_cjk(text: str) -> bool:
    """Does `text` hold Chinese, Japanese or Korean letters or punctuation?"""
    return _may_be_wide(text) and _compiled(_CJK).search(text) is not None


def one_line(text: str) -> str:
    """`text` on one line; no space stands beside full-width marks, which bring their own, or between Chinese letters."""
    line = re.sub(r"\s+", " ", text)
    return (_compiled(_NO_SPACE).sub(r"\1", line) if _may_be_wide(line) else line).strip()


def beside_formulas(markdown: str) -> str:
    """A space between every `$` and a full-width letter: GitHub reads no formula where they touch."""
    return _compiled(_BESIDE_FORMULA).sub(" ", markdown)


def wrapped(text: str, columns: int, *, on_hyphens: bool = True) -> list[str]:
    """`text` in lines of at most so many columns; words are not broken, between full-width letters a line may end."""
    if not any(map(is_wide, text)):
        import textwrap

        return textwrap.wrap(text, columns, break_long_words=False, break_on_hyphens=on_hyphens)
    lines, current = [], ""
    for piece in _compiled(_PIECE).findall(text):
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
