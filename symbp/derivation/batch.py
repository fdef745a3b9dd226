"""What a layer that works on a whole batch is made of, with samples as rows or as columns.

Every layer is written once, with samples as rows. With samples as columns each matrix of the batch is transposed, and so is each
equation for one: (A B)^T = B^T A^T. Neither is taken on trust: both are proved entry by entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from symbp.derivation.steps import Display, Link, Part, Say, Section, Step, Table, link
from symbp.language.form import Form, Index, Matrix, Node, Var, partial, rewrite, times, total
from symbp.language.matrices import entry, sum_over, whole
from symbp.network.forward import ERROR

Samples = Literal["rows", "columns"]
SAMPLES: tuple[Samples, ...] = ("rows", "columns")
Shape = Mapping[str, int]
"""The number of samples N, and the numbers of features D and K."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A matrix of `rows` by `columns`; a vector has no columns, a number neither."""

    name: str
    rows: str = ""
    columns: str = ""

    @property
    def is_batch(self) -> bool:
        """Does it hold a row (or column) for each sample?"""
        return self.rows == "N" and bool(self.columns)


@dataclass(frozen=True)
class BatchLayer:
    """A layer: its symbols, what each index runs over, the forward pass by entries, and all that is shown.

    The steps of `forward` define each entry that the layer computes, in the order of computation; Y is the last.
    """

    name: str
    symbols: tuple[Symbol, ...]
    indices: Mapping[str, str]
    forward: tuple[Step, ...]
    sections: tuple[Section, ...]
    shapes: tuple[Shape, ...]
    samples: Samples = "rows"

    def steps(self) -> tuple[Step, ...]:
        """Every equation that is shown."""
        parts = (part for section in self.sections for part in section.parts)
        return tuple(step for part in parts if isinstance(part, Display) for step in part.steps)

    def symbol(self, name: str) -> Symbol:
        return next(symbol for symbol in self.symbols if symbol.name == name)

    def arranged(self, samples: Samples) -> BatchLayer:
        """This layer, written with samples as rows, with samples as `samples`."""
        if samples == self.samples:
            return self
        turn = _Turn(frozenset(symbol.name for symbol in self.symbols if symbol.is_batch))
        symbols = tuple(replace(s, rows=s.columns, columns=s.rows) if s.is_batch else s for s in self.symbols)
        sections = tuple(replace(s, parts=tuple(turn.part(part) for part in s.parts)) for s in self.sections)
        forward = tuple(turn.step(step) for step in self.forward)
        return replace(self, symbols=symbols, forward=forward, sections=sections, samples=samples)


@dataclass(frozen=True)
class _Turn:
    """From samples as rows to samples as columns: the matrices called `batch` are transposed."""

    batch: frozenset[str]

    def part(self, part: Part) -> Part:
        return Display(tuple(self.step(step) for step in part.steps)) if isinstance(part, Display) else part

    def step(self, step: Step) -> Step:
        change = self._across if self._is_batch(step.lhs) else self._along
        return replace(step, lhs=change(step.lhs), chain=tuple(replace(x, form=change(x.form)) for x in step.chain))

    def _is_batch(self, node: Node) -> bool:
        match node:
            case Var(_, Matrix(symbol, None)):
                return symbol in self.batch
            case Form("total", (_, wrt)):
                return self._is_batch(wrt)
        return False

    def _is_batch_shaped(self, node: Node) -> bool:
        if isinstance(node, Form) and node.op in _ENTRYWISE:
            return any(map(self._is_batch_shaped, node.args))
        return self._is_batch(node)

    def _entries(self, node: Node) -> Node:
        """The entries of a batch matrix trade row and column."""

        def change(part: Node) -> Node:
            match part:
                case Var(_, Matrix(symbol, row, column)) if symbol in self.batch and column is not None:
                    return replace(part, owner=Matrix(symbol, column, row))
            return part

        return rewrite(node, change)

    def _along(self, node: Node) -> Node:
        """The form that now has the value that `node` had."""
        match node:
            case Form("transpose", (inner,)):
                return self._across(inner)
            case Form("total" | "partial"):
                return Form("transpose", (node,)) if self._is_batch(node) else self._entries(node)
            case Form("matmul", args):
                return Form("matmul", tuple(map(self._along, args)))
            case Form(op, args) if op in _ENTRYWISE:
                if self._is_batch_shaped(node) and op != "neg":
                    return Form("transpose", (self._across(node),))
                return Form(op, tuple(map(self._along, args)))
        return Form("transpose", (node,)) if self._is_batch(node) else self._entries(node)

    def _across(self, node: Node) -> Node:
        """The form that now has the value of the transpose of what `node` had."""
        match node:
            case Form("transpose", (inner,)):
                return self._along(inner)
            case Form("total" | "partial"):
                return node if self._is_batch(node) else self._transposed(node)
            case Form("matmul", args):
                numbers = tuple(arg for arg in args if is_number(arg))
                return Form("matmul", numbers + tuple(self._across(arg) for arg in reversed(args) if not is_number(arg)))
            case Form(op, args) if op in _ENTRYWISE and not is_number(node):
                return Form(op, tuple(map(self._across, args)))
        return node if self._is_batch(node) else self._transposed(node)

    def _transposed(self, node: Node) -> Node:
        return node if is_number(node) else Form("transpose", (node,))


_ENTRYWISE = frozenset({"add", "neg", "hadamard", "hadamard_quotient", "apply", "log", "sqrt"})
_NUMBERS = frozenset({"N", "D", "K", "p", "epsilon"})


def is_number(node: Node) -> bool:
    """Is it one number, made of no matrix?"""
    match node:
        case Var(_, Matrix(symbol)):
            return symbol in _NUMBERS
        case Var():
            return True
        case Form("total"):
            return False
        case Form(_, args):
            return all(map(is_number, args))
    return not isinstance(node, Var)


def explained(lhs: Node, *links: Link) -> Step:
    """A step whose rules stand beside its lines, where it has several."""
    return Step(lhs, links, explain=len(links) > 1)


# -- what layers are written with ----------------------------------------------------------------------------------------


def matmul(*factors: Node) -> Form:
    return Form("matmul", factors)


def transpose(of: Node) -> Form:
    return Form("transpose", (of,))


def hadamard(*factors: Node) -> Form:
    return Form("hadamard", factors)


def over(top: Node, bottom: Node) -> Form:
    """The quotient entry by entry."""
    return Form("hadamard_quotient", (top, bottom))


def grad(symbol: str) -> Form:
    """dE / d a whole matrix."""
    return total(ERROR, whole(symbol))


def sections(name: str, forward: tuple[Part, ...], backward: tuple[Part, ...], matrices: tuple[Part, ...]) -> tuple[Section, ...]:
    """The three parts of every layer."""
    return (
        Section("layer_forward", (Say("layer_convention"), Table("shapes", ()), Say(f"layer_{name}"), *forward)),
        Section("layer_backward", (Say("layer_given"), *backward)),
        Section("layer_matrices", (Say("layer_matrices"), *matrices)),
    )


def upstream(*steps: Step) -> Display:
    return Display((explained(grad("Y"), link(whole("G"), "definition")), *steps))


def chain_over(index: Index, size: str, wrt: Node, row: Index, column: Index) -> Form:
    """sum of dE/dY · dY/d wrt over the entries of Y that `wrt` acts on: they share a row, or a column."""
    y = entry("Y", row, column)
    return sum_over(index, size, times(total(ERROR, y), partial(y, wrt)))
