"""What only a reader sees: a stretch of mathematics in a colour, or a gap where it stood. Characters in the text mark both.

`Form("painted", (colour, node))` and `Form("gap", (number, node))` are no operators of OPS: they have no meaning and cannot be proved,
so they can only be put into what is already certified. A writer marks them by characters of the private use area, which take no
room; a format turns the marks into its own commands when the line is finished, so a stretch may go on over a line break.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from symbp.language.form import Form, Node, number

MOST_COLOURS = 8
_FIRST, CLOSED = 0xE000, "\ue00f"
_GAP_OPEN, _GAP_CLOSE = "\ue010", "\ue011"
_MARK = re.compile("[\ue000-\ue00f]")
_GAP = re.compile("\ue010([0-9]+)\ue011")
GAP_WIDTH = 9
"""The room that a gap is left, in digits."""


def painted(colour: int, node: Node) -> Form:
    """`node` in the colour of factor `colour`, counted from 1."""
    return Form("painted", (number(colour), node))


def gap(at: int, node: Node) -> Form:
    """The gap numbered `at`, where `node` stood."""
    return Form("gap", (number(at), node))


def unmarked(node: Node) -> Node:
    """`node` without the colour around it."""
    return unmarked(node.args[1]) if isinstance(node, Form) and node.op == "painted" else node


def painted_text(colour: int, text: str) -> str:
    return chr(_FIRST + colour) + text + CLOSED


def gap_text(at: int) -> str:
    return f"{_GAP_OPEN}{at}{_GAP_CLOSE}"


def bare(text: str) -> str:
    """`text` without colours, as wide as it comes out: a gap is so many zeros."""
    return _GAP.sub("0" * GAP_WIDTH, _MARK.sub("", text))


def closed(lines: list[str]) -> list[str]:
    """`lines` in which no colour goes on over a line's end: it is closed there, and opened again on the next."""
    found, still = [], ""
    for line in lines:
        line = still + line
        marks = _MARK.findall(line)
        still = marks[-1] if marks and marks[-1] != CLOSED else ""
        found.append(line + (CLOSED if still else ""))
    return found


def finished(text: str, paint: Callable[[int, str], str], gap: Callable[[int], str]) -> str:
    """`text` with its marks turned into what a medium writes: the innermost colour of a stretch counts."""
    out: list[str] = []
    stack: list[tuple[int, int]] = []
    for part in re.split("([\ue000-\ue00f])", text):
        if part == CLOSED:
            colour, start = stack.pop()
            inner = "".join(out[start:])
            del out[start:]
            out.append(paint(colour, inner) if inner else "")
        elif part and _MARK.fullmatch(part):
            stack.append((ord(part) - _FIRST, len(out)))
        else:
            out.append(part)
    return _GAP.sub(lambda found: gap(int(found[1])), "".join(out))
