"""What only a reader sees: a stretch of mathematics in a colour, or a gap where it stood. Characters in the text mark both.

`Form("painted", (colour, node))` and `Form("gap", (number, *nodes))` are no operators of OPS: they have no meaning and cannot be proved,
so they can only be put into what is already certified. A writer marks them by characters of the private use area, which take no
room; a format turns the marks into its own commands when the line is finished, so a stretch may go on over a line break.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import is_

from symbp.language.form import Form, Node, Value, leaves, number

MOST_COLOURS = 8
_FIRST, CLOSED = 0xE000, "\ue00f"
_GAP_OPEN, _GAP_CLOSE = "\ue010", "\ue011"
_MARK = re.compile("[\ue000-\ue00f]")
_GAP = re.compile("\ue010([0-9]+),([0-9])\ue011")
GAP_WIDTHS = (12, 18, 40)
"""The room that a gap takes, in digits: that of a number, of a short formula, of a long one."""
FEW = 4
"""A formula of so many letters and numbers is short."""


def painted(colour: int, node: Node) -> Form:
    """`node` in the colour of factor `colour`, counted from 1."""
    return Form("painted", (number(colour), node))


def gap(at: int, *nodes: Node) -> Form:
    """The gap numbered `at`, where a node stood; or several, side by side among the arguments of a product or sum."""
    return Form("gap", (number(at), *nodes))


def unmarked(node: Node) -> Node:
    """`node` without the colour around it."""
    return unmarked(node.args[1]) if isinstance(node, Form) and node.op == "painted" else node


def whole(node: Node) -> Node:
    """`node` with everything back in its gaps."""
    if not isinstance(node, Form):
        return node
    if node.op == "gap":
        return whole(node.args[1])
    args = tuple(filled for arg in node.args for filled in _filled(arg))
    return node if len(args) == len(node.args) and all(map(is_, args, node.args)) else Form(node.op, args)


def _filled(arg: Node) -> tuple[Node, ...]:
    return tuple(map(whole, arg.args[1:])) if isinstance(arg, Form) and arg.op == "gap" else (whole(arg),)


def painted_text(colour: int, text: str) -> str:
    return chr(_FIRST + colour) + text + CLOSED


def gap_text(gap: Form) -> str:
    """The mark of a gap: its number and the size of what stood there, an index of GAP_WIDTHS."""
    at, *nodes = gap.args
    assert isinstance(at, Value)
    few = sum(1 for node in nodes for _ in leaves(node)) <= FEW
    return f"{_GAP_OPEN}{at.shown},{0 if isinstance(nodes[0], Value) else 1 if few else 2}{_GAP_CLOSE}"


def has_gap(text: str) -> bool:
    return _GAP_OPEN in text


def bare(text: str) -> str:
    """`text` without colours, as wide as it comes out: a gap is so many zeros."""
    return _GAP.sub(lambda found: "0" * GAP_WIDTHS[int(found[2])], _MARK.sub("", text))


def closed(lines: list[str]) -> list[str]:
    """`lines` in which no colour goes on over a line's end: it is closed there, and opened again on the next."""
    found, still = [], ""
    for line in lines:
        line = still + line
        marks = _MARK.findall(line)
        still = marks[-1] if marks and marks[-1] != CLOSED else ""
        found.append(line + (CLOSED if still else ""))
    return found


def finished(text: str, paint: Callable[[int, str], str], gap: Callable[[int, int], str]) -> str:
    """`text` with its marks turned into what a medium writes: the innermost colour of a stretch counts. A gap is told its number and
    the room that it takes, in digits."""
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
    return _GAP.sub(lambda found: gap(int(found[1]), GAP_WIDTHS[int(found[2])]), "".join(out))
