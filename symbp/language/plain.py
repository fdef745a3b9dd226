"""Form × Notation → Unicode text for a terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from unicodedata import combining, east_asian_width

from symbp.language.form import ATOM, HALF, POWER, Function, Node, Spelling, Value, Var
from symbp.language.markers import bare
from symbp.language.speller import Name
from symbp.language.symbols import GREEK, LOWERED, MARKED, RAISED
from symbp.language.writer import BREAK, Writer, unbroken

_LETTERS = {**GREEK, **{name: plain for name, (_, plain) in MARKED.items()}}
_SUPERSCRIPTS, _SUBSCRIPTS = (str.maketrans({**table, "_": None}) for table in (RAISED, LOWERED))

LONG_FRACTION = 50
"""A longer fraction may break before its bar."""


def raised(text: str) -> str:
    """`text` in Unicode superscripts; what stands in square brackets, which have none, stays on the line."""
    bracketed = re.match(r"\[[^]]*\]|", text)
    assert bracketed is not None
    return bracketed[0] + text[bracketed.end() :].translate(_SUPERSCRIPTS)


def lowered(text: str) -> str:
    """`text` in Unicode subscripts; a comma has none and becomes a thin gap."""
    return text.translate(_SUBSCRIPTS)


def name_plain(name: Name) -> str:
    """A Name in Unicode."""
    name = replace(name, base=_LETTERS.get(name.base, name.base)).flat if name.of is not None else name
    base = name.base if name.is_own else _LETTERS.get(name.base, name.base)
    tail = "_" + name.lower("_").replace(",", "_") if name.words or name.sub.isupper() else lowered(name.sub)
    if match := re.fullmatch(r"([A-Za-z]+)(\d+)", base):
        base, tail = match[1], lowered(match[2]) + tail
    time = f"⟨{name.time}⟩" if name.time else ""
    if name.words or name.sup.startswith("+"):
        return base + tail + raised(name.sup) + time
    return base + raised(name.sup) + tail + time


def terminal_columns(text: str) -> int:
    """How many columns of a terminal `text` takes: an accent stands on its letter, a Chinese letter takes two."""
    return sum(2 if east_asian_width(c) in {"W", "F"} else 1 for c in bare(text) if not combining(c))


class PlainWriter(Writer):
    """The medium `plain`."""

    medium = "plain"

    def var(self, var: Var) -> tuple[str, int]:
        name = self.speller.name(var)
        return name_plain(name), POWER if name.sup and not name.time else ATOM

    def name(self, name: Name) -> str:
        return name_plain(name)

    def nabla(self, wrt: str, of: str) -> str:
        return f"∇_{wrt} {of}"

    def value(self, shown: str) -> str:
        mantissa, _, exponent = shown.partition("e")
        return f"{mantissa}×10{raised(str(int(exponent)))}" if exponent else mantissa

    def function(self, function: Function) -> str:
        return GREEK.get(function.symbol, function.symbol) + "'" * function.order

    def brackets(self, inner: str) -> str:
        return f"({inner})"

    def juxtaposed(self, left: str, right: str, right_node: Node) -> str:
        return "·"

    def _write(self, node: Node, lead: bool = True) -> tuple[str, int]:
        return ("½", ATOM) if node == HALF else super()._write(node, lead)

    def _template(self, op: str, args: tuple[Node, ...], spelling: Spelling) -> str:
        if op == "pow" and isinstance(args[1], Value) and args[1].shown.isdigit():
            return self._inside(args[0], spelling.asks[0], lead=False) + raised(args[1].shown)
        written = super()._template(op, args, spelling)
        if op == "frac" and len(written) > LONG_FRACTION:
            top = unbroken(self._inside(args[0], spelling.asks[0]))
            return top + BREAK + written[len(top) :]
        return written

    def matrix(self, rows: list[list[str]]) -> str:
        return "[" + "; ".join(", ".join(row) for row in rows) + "]"

    def hadamard(self) -> str:
        return " ∘ " if self.speller.notation.hadamard == "circ" else " ⊙ "

    def range(self, index: str, top: str) -> str:
        return index
