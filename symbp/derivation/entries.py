"""General formulas on a concrete network: free indices given values, sums written out, matrices taken entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache, partial, reduce
from itertools import product

from symbp.derivation.steps import Over, Step
from symbp.language.form import (
    Edge,
    Form,
    Function,
    Index,
    Layer,
    Node,
    Owner,
    Position,
    Range,
    Unit,
    Var,
    add,
    number,
    times,
)
from symbp.language.names import GENERAL
from symbp.language.vocabulary import Sharing
from symbp.network.spec import NetworkSpec
from symbp.network.sums import is_long


class Layout(StrEnum):
    """How derivatives are laid out: dE/dx with the shape of x, dy/dx with a row for each x; or the transposes of these."""

    DENOMINATOR = "denominator"
    NUMERATOR = "numerator"


Assignment = Mapping[str, int]
Entries = list[list[Node]]

_MATRICES = frozenset({"matrix", "transpose", "matmul", "hadamard", "diag"})
_SCALAR = {"nets": "net", "outs": "out", "deltas": "delta", "inputs": "input", "targets": "target", "biases": "bias"}


class ShapeMismatch(Exception):
    """Matrices that do not fit, in a formula of our own."""


def position(at: Position, values: Assignment) -> int:
    if isinstance(at, int):
        return at
    if at.name not in values:
        raise ShapeMismatch(f"the index {at.name} is bound nowhere")
    return values[at.name] + at.offset


def assignments(every: tuple[Over, ...], spec: NetworkSpec) -> Iterator[dict[str, int]]:
    """Every choice of values for the free indices; a unit's index ranges over its layer, the last layer has the notation's name."""

    def extend(done: dict[str, int], left: tuple[Over, ...]) -> Iterator[dict[str, int]]:
        if not left:
            yield done
            return
        first, *rest = left
        if first.span is not None:
            start, end = (position(at, done) for at in first.span)
            values: tuple[int, ...] = tuple(range(start, end + 1))
        elif first.layer is None:
            values = first.values
        else:
            values = tuple(range(1, _width(position(first.layer, done), spec) + 1))
        for value in values:
            yield from extend(done | {first.name: value}, tuple(rest))

    row = spec.speller.notation
    return extend({row.depth: spec.vocabulary.last + row.numbering}, every)


def _width(layer: int, spec: NetworkSpec) -> int:
    if not 0 <= layer <= spec.vocabulary.last:
        raise ShapeMismatch(f"there is no layer {layer}")
    return spec.vocabulary.width(layer)


def _count(over: Position | str, values: Assignment, spec: NetworkSpec) -> int:
    """How many values an index takes."""
    if isinstance(over, str):
        return {"samples": spec.vocabulary.samples, "times": spec.vocabulary.times}[over]
    return _width(position(over, values), spec)


def concrete(node: Node, values: Assignment, spec: NetworkSpec) -> Node:
    """`node` with its free indices at `values` and its sums written out, as scalars and whole layers of `spec`."""
    match node:
        case Var():
            return _concrete_var(node, values, spec)
        case Form("sum", (Range(index, layer), body)):
            count = _count(layer, values, spec)
            return add(*(concrete(body, {**values, index.name: k}, spec) for k in range(1, count + 1)))
        case Form("kronecker", (Index() as i, Index() as j)):
            return number(int(position(i, values) == position(j, values)))
        case Form("apply", (Function() as function, x)):
            at = concrete(x, values, spec)
            return Form("apply", (_function(function, at, spec), at))
        case Form(op, args):
            return Form(op, tuple(concrete(arg, values, spec) for arg in args))
    return node


def _function(function: Function, x: Node, spec: NetworkSpec) -> Function:
    if function.name != GENERAL:
        return function
    if not (isinstance(x, Var) and isinstance(x.owner, Unit | Layer) and isinstance(x.owner.layer, int) and x.owner.layer):
        raise ShapeMismatch("f of what is no net input")
    own = spec.activations[x.owner.layer - 1].function
    return replace(own, order=function.order)


def _concrete_var(var: Var, values: Assignment, spec: NetworkSpec) -> Var:
    def unit(u: Unit) -> Unit:
        layer, index = position(u.layer, values), position(u.index, values)
        if not 1 <= index <= _width(layer, spec):
            raise ShapeMismatch(f"layer {layer} has no unit {index}")
        return Unit(layer, index)

    owner: Owner = var.owner
    match owner:
        case Unit():
            owner = unit(owner)
        case Edge(source, target):
            owner = Edge(unit(source), unit(target))
        case Layer(at):
            owner = Layer(position(at, values))
            _width(position(at, values), spec)
    kind = "input" if var.kind == "out" and isinstance(owner, Unit) and owner.layer == 0 else var.kind
    sample, time = (None if at is None else position(at, values) for at in (var.sample, var.time))
    return Var(kind, owner, sample, time, var.step)


def entries(node: Node, spec: NetworkSpec, layout: Layout = Layout.DENOMINATOR) -> Entries:
    """A concrete matrix formula as its scalar entries; a scalar is one by one, a layer's quantities are a column.

    Derivatives and deltas follow `layout`. In denominator layout dE/dW has the shape of W: entry (i, j) is dE/dw_ij, and entry
    (i, j) of dy/dx is dy_j/dx_i; numerator layout transposes them.
    """
    inner = partial(entries, spec=spec, layout=layout)
    match node:
        case Var(kind, Layer(int(layer))) if kind in _SCALAR or kind == "weights":
            found = _layer_entries(kind, layer, spec, 1 if node.sample is None else node.sample)
            return _laid_out(found, layout) if kind == "deltas" else found
        case Form("total" | "partial", (of, wrt)):
            return _laid_out(_derivatives(node.op, inner(of), inner(wrt)), layout)
        case Form("matrix", rows):
            return [list(row.args) for row in rows if isinstance(row, Form)]
        case Form("transpose", (x,)):
            return _transposed(inner(x))
        case Form("diag", (x,)):
            return _diagonal(inner(x))
        case Form("matmul", factors):
            return reduce(_matmul, [_Scalar(inner(f)) if not _is_matrix(f) else inner(f) for f in factors])
        case Form("apply", (Function() as function, x)):
            return [[Form("apply", (function, cell)) for cell in row] for row in inner(x)]
        case Form("times", args) if any(_is_matrix(arg) for arg in args):
            matrix, *more = (arg for arg in args if _is_matrix(arg))
            if more:
                raise ShapeMismatch("a product of matrices that is none of matrices")
            return [[times(*(cell if arg is matrix else arg for arg in args)) for cell in row] for row in inner(matrix)]
        case Form("hadamard" | "add" | "neg", args):
            op = "times" if node.op == "hadamard" else node.op
            return _elementwise(op, [inner(arg) for arg in args])
    return [[node]]


class _Scalar(list[list[Node]]):
    """A factor that multiplies every entry of a matrix."""


def _transposed(matrix: Entries) -> Entries:
    return [list(column) for column in zip(*matrix, strict=True)]


def _laid_out(matrix: Entries, layout: Layout) -> Entries:
    """`matrix`, which is in denominator layout, in `layout`."""
    return matrix if layout is Layout.DENOMINATOR else _transposed(matrix)


def _derivatives(op: str, of: Entries, wrt: Entries) -> Entries:
    """In denominator layout: of a scalar by a matrix, or of a column by a column."""
    if (len(of), len(of[0])) == (1, 1):
        return [[Form(op, (of[0][0], cell)) for cell in row] for row in wrt]
    if len(of[0]) != 1 or len(wrt[0]) != 1:
        raise ShapeMismatch("a derivative of a matrix, or of a column by a matrix")
    return [[Form(op, (top[0], below[0])) for top in of] for below in wrt]


def _diagonal(column: Entries) -> Entries:
    if len(column[0]) != 1:
        raise ShapeMismatch("a diagonal matrix of what is no column")
    return [[cell if i == j else number(0) for j in range(len(column))] for i, (cell,) in enumerate(column)]


def _layer_entries(kind: str, layer: int, spec: NetworkSpec, sample: Position) -> Entries:
    assert isinstance(sample, int)
    words = spec.vocabulary
    if kind == "weights" and not layer:
        raise ShapeMismatch("no weights lead into the input")
    if kind == "weights":
        return [list(words.weights(unit)) for unit in words.units(layer)]
    if kind == "biases":
        if words.sharing[layer - 1] is not Sharing.UNIT:
            raise ShapeMismatch(f"layer {layer} has no bias per unit")
        return [[Var("bias", unit)] for unit in words.units(layer)]
    if kind == "outs":
        return [[words.out(unit, sample)] for unit in words.units(layer)]
    return [[Var(_SCALAR[kind], unit, sample)] for unit in words.units(layer)]


def _matmul(left: Entries, right: Entries) -> Entries:
    if isinstance(left, _Scalar) or isinstance(right, _Scalar):
        (((scalar,),), matrix) = (left, right) if isinstance(left, _Scalar) else (right, left)
        return [[times(scalar, cell) for cell in row] for row in matrix]
    if len(left[0]) != len(right):
        raise ShapeMismatch(f"{len(left)} by {len(left[0])} times {len(right)} by {len(right[0])}")
    return [[add(*(times(a, b) for a, b in zip(row, column, strict=True))) for column in zip(*right, strict=True)] for row in left]


def _elementwise(op: str, operands: list[Entries]) -> Entries:
    shapes = {(len(m), len(m[0])) for m in operands}
    if len(shapes) != 1:
        raise ShapeMismatch(f"shapes {sorted(shapes)} do not agree")
    rows, columns = shapes.pop()
    return [[Form(op, tuple(m[i][j] for m in operands)) for j in range(columns)] for i in range(rows)]


def scalar_pairs(step: Step, spec: NetworkSpec, layout: Layout = Layout.DENOMINATOR) -> Iterator[tuple[int, Node, Node]]:
    """Every scalar equation that a general or matrix step stands for: (which link, left, right)."""
    for values in assignments(step.every, spec):
        left = entries(concrete(step.lhs, values, spec), spec, layout)
        for at, link in enumerate(step.chain):
            right = entries(concrete(link.form, values, spec), spec, layout)
            if (len(left), len(left[0])) != (len(right), len(right[0])):
                raise ShapeMismatch(f"{len(left)} by {len(left[0])} against {len(right)} by {len(right[0])}")
            for i, j in product(range(len(left)), range(len(left[0]))):
                yield at, left[i][j], right[i][j]
            left = right


def is_general(step: Step) -> bool:
    """Does the step speak of indices or of whole layers?"""
    if step.every:
        return True
    return any(_is_whole(part) for part in (step.lhs, *(link.form for link in step.chain)))


def _is_whole(node: Node) -> bool:
    """Has `node` an index or a whole layer in it? What is found of a long sum is kept, as many equations may share it."""
    match node:
        case Var(kind):
            return kind in _SCALAR or kind == "weights"
        case Form() if is_long(node):
            return _is_whole_sum(node)
        case Form(op, args):
            return op in _MATRICES or any(map(_is_whole, args))
    return isinstance(node, Range)


def _is_matrix(node: Node) -> bool:
    match node:
        case Var(kind):
            return kind in _SCALAR or kind == "weights"
        case Form(op, args):
            return op in _MATRICES or any(map(_is_matrix, args))
    return False


@lru_cache(maxsize=256)
def _is_whole_sum(node: Form) -> bool:
    return any(map(_is_whole, node.args))
