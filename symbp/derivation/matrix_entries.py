"""Equations of a layer at a concrete shape: indices given values, sums written out, matrices taken entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import product

from symbp.derivation.batch import BatchLayer, Shape, is_number
from symbp.derivation.entries import Entries, ShapeMismatch
from symbp.derivation.steps import Step
from symbp.language.form import (
    ONE,
    Form,
    Function,
    Index,
    Matrix,
    Node,
    Position,
    Range,
    Var,
    add,
    frac,
    number,
    times,
)
from symbp.language.matrices import KINDS, free_indices
from symbp.network.forward import ERROR
from symbp.network.program import Binding, Program

ZERO = number(0)


def program(layer: BatchLayer, shape: Shape) -> Program:
    """The forward pass of `layer` by entries. E is the sum of G ∘ Y: its derivative by Y is G, as that of any error is."""
    found = []
    for step in layer.forward:
        for values in _assignments(step, layer, shape):
            var = concrete(step.lhs, values, shape)
            assert isinstance(var, Var)
            found.append(Binding(var, concrete(step.chain[0].form, values, shape)))
    outputs, given = _var_entries("Y", layer, shape), _var_entries("G", layer, shape)
    terms = [times(g, y) for row, other in zip(given, outputs, strict=True) for g, y in zip(row, other, strict=True)]
    return Program((*found, Binding(ERROR, add(*terms))))


def _assignments(step: Step, layer: BatchLayer, shape: Shape) -> Iterator[dict[str, int]]:
    names = free_indices(step.lhs)
    for values in product(*(range(1, shape[layer.indices[name]] + 1) for name in names)):
        yield dict(zip(names, values, strict=True))


def scalar_pairs(step: Step, layer: BatchLayer, shape: Shape) -> Iterator[tuple[int, Node, Node]]:
    """Every scalar equation that `step` stands for at `shape`: (which link, left, right)."""
    for values in _assignments(step, layer, shape):
        left = entries(concrete(step.lhs, values, shape), layer, shape)
        for at, link in enumerate(step.chain):
            right = entries(concrete(link.form, values, shape), layer, shape)
            if (len(left), len(left[0])) != (len(right), len(right[0])):
                raise ShapeMismatch(f"{len(left)} by {len(left[0])} against {len(right)} by {len(right[0])}")
            for row, other in zip(left, right, strict=True):
                for a, b in zip(row, other, strict=True):
                    yield at, a, b
            left = right


# -- indices -------------------------------------------------------------------------------------------------------------


def concrete(node: Node, values: Mapping[str, int], shape: Shape) -> Node:
    """`node` with its indices at `values`, its sums written out, and N, D, K as the numbers that they are."""
    match node:
        case Var(kind, Matrix(symbol, row, column)):
            if kind == "size":
                return number(shape[symbol])
            at = Matrix(symbol, _place(row, values, shape), _place(column, values, shape))
            if kind == "kronecker":
                return ONE if at.row == at.column else ZERO
            return Var(kind, at)
        case Form("sum", (Range(index, Index(size)), body)):
            return _added([concrete(body, {**values, index.name: k}, shape) for k in range(1, shape[size] + 1)])
        case Form("add", args):
            return _added([concrete(arg, values, shape) for arg in args])
        case Form("times", args):
            return _multiplied([concrete(arg, values, shape) for arg in args])
        case Form(op, args):
            return Form(op, tuple(concrete(arg, values, shape) for arg in args))
    return node


def _place(at: Position | None, values: Mapping[str, int], shape: Shape) -> Position | None:
    if not isinstance(at, Index):
        return at
    found = values.get(at.name, shape.get(at.name))
    if found is None:
        raise ShapeMismatch(f"the index {at.name} is bound nowhere")
    return found


def _added(terms: list[Node]) -> Node:
    kept = [term for term in terms if term != ZERO]
    return add(*kept) if kept else ZERO


def _multiplied(factors: list[Node]) -> Node:
    if ZERO in factors:
        return ZERO
    kept = [factor for factor in factors if factor != ONE]
    return times(*kept) if kept else ONE


# -- matrices ------------------------------------------------------------------------------------------------------------


def entries(node: Node, layer: BatchLayer, shape: Shape) -> Entries:
    """A concrete formula as its scalar entries: a vector is a column, a number one by one, dE/dX has the shape of X."""

    def of(part: Node) -> Entries:
        return entries(part, layer, shape)

    match node:
        case Var("ones", Matrix(_, int(count))):
            return [[ONE]] * count
        case Var(_, Matrix(symbol, None)):
            return _var_entries(symbol, layer, shape)
        case Form("total" | "partial", (of_what, wrt)):
            return [[Form(node.op, (of_what, cell)) for cell in row] for row in of(wrt)]
        case Form("transpose", (inner,)):
            return [list(column) for column in zip(*of(inner), strict=True)]
        case Form("matmul", args):
            numbers = [part for part in args if is_number(part)]
            found = reduce(_matmul, [of(part) for part in args if not is_number(part)])
            return [[_multiplied([*numbers, cell]) for cell in row] for row in found]
        case Form("apply", (Function(name), x)):
            return [[Form(name, (cell,)) for cell in row] for row in of(x)]
        case Form("hadamard" | "hadamard_quotient" | "add" | "neg" | "log" | "sqrt" | "exp" | "times" | "frac" | "pow" as op, args):
            return _entrywise(op, [of(arg) for arg in args])
    return [[node]]


def _var_entries(symbol: str, layer: BatchLayer, shape: Shape) -> Entries:
    known = layer.symbol(symbol)
    kind = KINDS[symbol]
    if not known.rows:
        return [[Var(kind, Matrix(symbol))]]
    rows = range(1, shape[known.rows] + 1)
    if not known.columns:
        return [[Var(kind, Matrix(symbol, i))] for i in rows]
    return [[Var(kind, Matrix(symbol, i, j)) for j in range(1, shape[known.columns] + 1)] for i in rows]


def _matmul(left: Entries, right: Entries) -> Entries:
    if len(left[0]) != len(right):
        raise ShapeMismatch(f"{len(left)} by {len(left[0])} times {len(right)} by {len(right[0])}")
    columns = list(zip(*right, strict=True))
    return [[_added([_multiplied([a, b]) for a, b in zip(row, column, strict=True)]) for column in columns] for row in left]


def _entrywise(op: str, operands: list[Entries]) -> Entries:
    shapes = {(len(m), len(m[0])) for m in operands}
    if len(shapes) != 1:
        raise ShapeMismatch(f"shapes {sorted(shapes)} do not agree")
    rows, columns = shapes.pop()
    return [[_entry(op, [m[i][j] for m in operands]) for j in range(columns)] for i in range(rows)]


def _entry(op: str, cells: list[Node]) -> Node:
    match op:
        case "add":
            return _added(cells)
        case "hadamard" | "times":
            return _multiplied(cells)
        case "hadamard_quotient":
            return frac(*cells)
    return Form(op, tuple(cells))
