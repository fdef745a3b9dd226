"""`Writer`: a Form and a notation to text, in one medium. What differs between media is a row's spelling and a few atoms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from symbp.language.form import (
    ADD,
    ATOM,
    DOT,
    OPS,
    POWER,
    STRAIGHT,
    TIMES,
    Form,
    Function,
    Index,
    Node,
    Position,
    Range,
    Spelling,
    Value,
    Var,
    comparison,
)
from symbp.language.markers import bare, gap_text, painted_text, unmarked
from symbp.language.notation import Notation
from symbp.language.speller import Name

BREAK, _DEEPER = "\x1f", "\x1e"
"""Stands where a long line may break; `Writer.text` takes it out, `Writer.pieces` splits at it. Behind it stand as many marks as there
are sums and products around that in which it stands."""
_BREAK = re.compile(f"{BREAK}({_DEEPER}*)")


def unbroken(text: str) -> str:
    """`text` on one line."""
    return _BREAK.sub("", text)


def _deeper(text: str) -> str:
    """What is a term or a factor: where it breaks, the sum or product breaks inside."""
    return text.replace(BREAK, BREAK + _DEEPER)


class Quantities(Protocol):
    """What a writer asks of the quantities that it spells: is a derivative along every path told from one along an edge?"""

    @property
    def distinguishes(self) -> bool: ...


class Spells(Protocol):
    """What a writer asks of a speller."""

    @property
    def notation(self) -> Notation: ...
    @property
    def vocabulary(self) -> Quantities: ...
    def name(self, var: Var) -> Name: ...
    def width_name(self, layer: Position) -> Name | None: ...
    def gradient_name(self, var: Var) -> Name | None: ...
    def letter(self, index: Index) -> str: ...


class CaseWords(NamedTuple):
    """The words inside a formula with cases; the parser reads these, a document in another language has its own."""

    when: str = "if"
    otherwise: str = "otherwise"


IN_ENGLISH = CaseWords()


@dataclass(frozen=True)
class Writer:
    """Subclasses say how a medium writes atoms, brackets, juxtaposition and matrices."""

    speller: Spells
    case_words: CaseWords = IN_ENGLISH
    medium = ""
    minus = " - "
    plus = " + "
    greater = " > "

    def text(self, node: Node) -> str:
        """`node` on one line."""
        return unbroken(self._write(node)[0])

    def pieces(self, node: Node) -> list[tuple[str, int]]:
        """`node` in the pieces between which a line may break; how deep inside the formula the break before each is: 0 between its own
        terms or factors.
        """
        first, *rest = _BREAK.split(self._write(node)[0])
        return [(first, 0), *((piece, len(depth)) for depth, piece in zip(rest[::2], rest[1::2], strict=True))]

    # -- what a medium supplies ------------------------------------------------------------------------------------

    def var(self, var: Var) -> tuple[str, int]:
        raise NotImplementedError

    def name(self, name: Name) -> str:
        raise NotImplementedError

    def nabla(self, wrt: str, of: str) -> str:
        raise NotImplementedError

    def value(self, shown: str) -> str:
        raise NotImplementedError

    def function(self, function: Function) -> str:
        raise NotImplementedError

    def brackets(self, inner: str) -> str:
        raise NotImplementedError

    def juxtaposed(self, left: str, right: str, right_node: Node) -> str:
        raise NotImplementedError

    def matrix(self, rows: list[list[str]]) -> str:
        raise NotImplementedError

    def hadamard(self) -> str:
        raise NotImplementedError

    def range(self, index: str, top: str) -> str:
        raise NotImplementedError

    def typed(self, text: str) -> str:
        """Letters, digits and signs as they are typed, `l+1` or `k = 1, 2, …, n_l`, in this medium."""
        return text

    def is_negative(self, written: str) -> bool:
        """Does what is written start with the sign of a negative number?"""
        return written.startswith("-")

    def fill(self, template: str, args: Sequence[str]) -> str:
        """A spelling's template with its arguments in place."""
        return template.format(*args)

    # -- the walk --------------------------------------------------------------------------------------------------

    def _write(self, node: Node, lead: bool = True) -> tuple[str, int]:
        match node:
            case Var():
                return self.var(node)
            case Value(text):
                return self._number(text, lead)
            case Function():
                return self.function(node), ATOM
            case Index():
                return self.typed(self.speller.letter(node)), ATOM
            case Range(index, over):
                top = None if isinstance(over, str) else self.speller.width_name(over)
                return self.range(self.typed(self.speller.letter(index)), self.name(top) if top else ""), ATOM
            case Form("partial" | "total", (Var() as of, Var() as wrt)) if name := self._gradient(of, wrt):
                return name, POWER
            case Form("add", args):
                return self._sum(args, lead), ADD
            case Form("painted", (Value() as colour, inner)):
                written, binds = self._write(inner, lead)
                return painted_text(int(colour.shown), written), binds
            case Form("gap"):
                return gap_text(node), ATOM
            case Form("xlogy", (x, y)):
                return self._write(Form("times", (x, Form("log", (y,)))), lead)
            case Form("matrix", rows):
                return self.matrix([[self.text(cell) for cell in row.args] for row in rows if isinstance(row, Form)]), ATOM
            case Form(op, args):
                spelling = OPS[op].spellings[self.medium]
                if op == "total" and self.speller.vocabulary.distinguishes:
                    spelling = STRAIGHT[self.medium]
                if op == "cases":
                    return self._cases(args, spelling), spelling.binds
                if spelling.infix:
                    return self._product(op, args, spelling, lead), OPEN if _is_open(node) else spelling.binds
                return self._template(op, args, spelling), spelling.binds

    def _cases(self, args: tuple[Node, ...], spelling: Spelling) -> str:
        condition = self.greater.join(self.text(side) for side in comparison(args[0]))
        return self.fill(spelling.text, [condition, *(self.text(arg) for arg in args[1:]), *self.case_words])

    def _gradient(self, error: Var, wrt: Var) -> str:
        """The derivative with respect to a whole layer, where the notation has more than a fraction for it."""
        if error.kind != "error_total" or wrt.kind not in {"weights", "biases", "nets", "outs"}:
            return ""
        if self.speller.notation.gradient == "nabla":
            return self.nabla(self.var(wrt)[0], self.var(error)[0])
        name = self.speller.gradient_name(wrt)
        return self.name(name) if name else ""

    def _number(self, text: str, lead: bool) -> tuple[str, int]:
        written = self.value(text)
        if text.startswith("-"):
            return (written, TIMES) if lead else (self.brackets(written), ATOM)
        return written, POWER - 1 if "e" in text else ATOM

    def _inside(self, node: Node, asks: int, lead: bool = True) -> str:
        written, binds = self._write(node, lead)
        if binds < asks or (not lead and self.is_negative(bare(written))):
            return self.brackets(self._write(node)[0])
        return written

    def _sum(self, args: tuple[Node, ...], lead: bool) -> str:
        out = _deeper(self._inside(args[0], DOT, lead))
        for at, arg in enumerate(args[1:], 2):
            asks = OPEN if at == len(args) else DOT
            if isinstance(arg, Form) and arg.op == "neg":
                out += BREAK + self.minus + _deeper(self._inside(arg.args[0], asks, lead=False))
            else:
                out += BREAK + self.plus + _deeper(self._inside(arg, asks, lead=False))
        return out

    def _product(self, op: str, args: tuple[Node, ...], spelling: Spelling, lead: bool) -> str:
        asks = spelling.asks[0]
        out = _deeper(self._inside(args[0], asks, lead))
        for at, arg in enumerate(args[1:], 2):
            right = _deeper(self._inside(arg, OPEN if op == "times" and at == len(args) and _is_sum(arg) else asks, lead=False))
            if op == "times":
                out += self.juxtaposed(bare(out), bare(right), unmarked(arg)) + right
            else:
                out += ("" if op == "matmul" else BREAK) + (self.hadamard() if op == "hadamard" else spelling.text) + right
        return out

    def _template(self, op: str, args: tuple[Node, ...], spelling: Spelling) -> str:
        written = []
        for arg, asks in zip(args, spelling.asks, strict=True):
            text = self._inside(arg, asks, lead=asks <= ADD)
            written.append(text if op == "neg" else unbroken(text))
        return self.fill(spelling.text, written)


OPEN = ADD + 1
"""How a sum over an index binds, and a product that ends in one: nothing may follow it without brackets."""


def _is_sum(node: Node) -> bool:
    return isinstance(node, Form) and node.op == "sum"


def _is_open(node: Form) -> bool:
    return node.op == "times" and _is_sum(node.args[-1])
