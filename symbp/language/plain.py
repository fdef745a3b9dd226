"""Form × Notation → Unicode text for a terminal."""

from __future__ import annotations

import re
from dataclasses import replace

from symbp.language.form import ATOM, HALF, POWER, Function, Node, Spelling, Value, Var
from symbp.language.latex import HATS
from symbp.language.notation import Name
from symbp.language.writer import Writer

_GREEK = {"alpha": "α", "delta": "δ", "eta": "η", "sigma": "σ", "lambda": "λ", "rho": "ρ", "beta": "β", "mu": "μ", "epsilon": "ε"}
_HATS = {name: name[0] + "\u0302" for name in HATS}
_SUPERSCRIPTS = str.maketrans("0123456789+-()l", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ˡ")
_SUBSCRIPTS = str.maketrans("0123456789+-()ijkl", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₗ")


def raised(text: str) -> str:
    """`text` in Unicode superscripts."""
    return text.translate(_SUPERSCRIPTS)


def lowered(text: str) -> str:
    """`text` in Unicode subscripts; a comma has none and becomes a thin gap."""
    return text.replace(",", "\u2009").translate(_SUBSCRIPTS)


def name_plain(name: Name) -> str:
    """A Name in Unicode."""
    name = replace(name, base=_HATS.get(name.base, name.base)).flat if name.of is not None else name
    base = name.base if name.is_own else _GREEK.get(name.base, name.base)
    if match := re.fullmatch(r"([A-Za-z]+)(\d+)", base):
        base = match[1] + lowered(match[2])
    tail = f"_{name.unit}" if name.unit else lowered(name.sub)
    time = f"⟨{name.time}⟩" if name.time else ""
    if name.sup.startswith("+"):
        return base + tail + raised(name.sup) + time
    return base + raised(name.sup) + tail + time


class PlainWriter(Writer):
    """The medium `plain`."""

    medium = "plain"

    def var(self, var: Var) -> tuple[str, int]:
        name = self.speller.name(var)
        return name_plain(name), POWER if name.sup and not name.time else ATOM

    def value(self, shown: str) -> str:
        mantissa, _, exponent = shown.partition("e")
        return f"{mantissa}×10{raised(str(int(exponent)))}" if exponent else mantissa

    def function(self, function: Function) -> str:
        return _GREEK.get(function.symbol, function.symbol) + "'" * function.order

    def brackets(self, inner: str) -> str:
        return f"({inner})"

    def juxtaposed(self, left: str, right: str, right_node: Node) -> str:
        return "·"

    def _write(self, node: Node, lead: bool = True) -> tuple[str, int]:
        return ("½", ATOM) if node == HALF else super()._write(node, lead)

    def _template(self, op: str, args: tuple[Node, ...], spelling: Spelling) -> str:
        if op == "pow" and isinstance(args[1], Value) and args[1].shown.isdigit():
            return self._inside(args[0], spelling.asks[0], lead=False) + raised(args[1].shown)
        return super()._template(op, args, spelling)

    def matrix(self, rows: list[list[str]]) -> str:
        return "[" + "; ".join(", ".join(row) for row in rows) + "]"

    def hadamard(self) -> str:
        return " ∘ " if self.speller.notation.hadamard == "circ" else " ⊙ "

    def range(self, index: str, top: str) -> str:
        return index
