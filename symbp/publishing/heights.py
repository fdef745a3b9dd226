"""About how high a line of LaTeX comes out, as `width` in language/latex.py says how wide: in points, in text of 11 points."""

from __future__ import annotations

import re
from typing import NamedTuple

from symbp.language.latex import group
from symbp.language.markers import bare

TEXT_LINE = 13.6
"""From one line of text to the next."""
NUMERATOR, DENOMINATOR = 7.5, 7.6
"""How far the parts of a displayed fraction are shifted from the line."""
AXIS = 2.7
"""How far fraction bars and the middles of matrices lie above the line."""
SECOND = 1.7
"""So much further a script is shifted that stands below another."""
SCRIPT = 0.73
"""The size of scripts; fractions within fractions are set as small."""

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)


class Extent(NamedTuple):
    """How far something reaches above and below its line."""

    up: float
    down: float

    def __or__(self, other: object) -> Extent:
        """Both, side by side."""
        assert isinstance(other, tuple)
        return Extent(max(self.up, other[0]), max(self.down, other[1]))

    @property
    def height(self) -> float:
        return self.up + self.down


LETTER = Extent(7.9, 2.5)
LINE = Extent(9.5, 4.1)
_HIGH = {r"\Bigl": Extent(12.0, 6.5), r"\Bigr": Extent(12.0, 6.5), r"\sum": Extent(11.0, 5.5), r"\underbrace": Extent(8.0, 7.0)}


def height(latex: str, *, displayed: bool = True) -> float:
    """The height of a line that holds `latex`, in a display or in text: at least that of a line of text."""
    return (_extent(_TOKEN.findall(bare(latex)), 1.0, displayed=displayed) | LINE).height


def _extent(tokens: list[str], size: float, *, displayed: bool = False) -> Extent:
    """What `tokens` need at this `size`: displayed, fractions and sums are large."""
    found, at, is_limit, is_second = Extent(0.0, 0.0), 0, False, False
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token in {r"\frac", r"\dfrac"}:
            top, at = group(tokens, at)
            bottom, at = group(tokens, at)
            inner = size if displayed else SCRIPT
            found |= _fraction(_extent(top, inner), _extent(bottom, inner), displayed)
        elif token in {"_", "^"}:
            script, at = group(tokens, at)
            found |= _script(token, _extent(script, SCRIPT), SECOND if is_second else size, is_limit and displayed)
            is_second = True
            continue
        elif token == r"\begin":
            rows, at = _rows(tokens, at)
            half = sum((_extent(row, size) | LINE).height + 1.0 for row in rows) / 2 + 1.0
            found |= Extent(half + AXIS, half - AXIS)
        elif token not in {"{", "}", " "}:
            found |= Extent(*(size * part for part in _HIGH.get(token, LETTER)))
        is_limit, is_second = token in {r"\sum", r"\underbrace"}, False
    if displayed and r"\left" in tokens:
        half = max(found.up - AXIS, found.down + AXIS) + 1.5
        return Extent(half + AXIS, half - AXIS)
    return found


def _fraction(top: Extent, bottom: Extent, displayed: bool) -> Extent:
    shrink = 1.0 if displayed else 0.62
    up = max(NUMERATOR * shrink, top.down + AXIS + 1.5) + top.up
    down = max(DENOMINATOR * shrink, bottom.up - AXIS + 1.5) + bottom.down
    return Extent(up, down)


def _script(token: str, script: Extent, size: float, is_limit: bool) -> Extent:
    """Above or below what it belongs to if `is_limit`, else beside it."""
    if is_limit:
        return Extent(14.0 + script.height, 0.0) if token == "^" else Extent(0.0, 9.0 + script.height)
    return Extent(4.4 * size + script.up, 0.0) if token == "^" else Extent(0.0, 2.0 * size + script.down)


def _rows(tokens: list[str], at: int) -> tuple[list[list[str]], int]:
    """The rows of the environment whose name is at `at`, and where it ends."""
    _, at = group(tokens, at)
    rows: list[list[str]] = [[]]
    depth = 1
    while at < len(tokens):
        depth += {r"\begin": 1, r"\end": -1}.get(tokens[at], 0)
        if depth == 0:
            break
        if depth == 1 and tokens[at] == r"\\":
            rows.append([])
        else:
            rows[-1].append(tokens[at])
        at += 1
    _, at = group(tokens, at + 1)
    return rows, at
