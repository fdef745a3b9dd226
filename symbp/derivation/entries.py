"""General formulas on a concrete network: free indices given values, sums written out, matrices taken entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

from symbp.derivation.steps import Over, Step
from symbp.language.form import (
    Edge,
    Form,
    Function,
    Layer,
    Node,
    Owner,
    Position,
    Range,
    Unit,
    Var,
    add,
    times,
)
from symbp.language.vocabulary import Sharing
from symbp.network.spec import NetworkSpec

Assignment = Mapping[str, int]
Entries = list[list[Node]]

GENERAL = "f"
"""The name of the activation of whatever layer its argument belongs to."""

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
    """Every choice of values for the free indices; a unit's index ranges over its layer."""

    def extend(done: dict[str, int], left: tuple[Over, ...]) -> Iterator[dict[str, int]]:
        if not left:
            yield done
            return
        first, *rest = left
        if first.layer is None:
            values: tuple[int, ...] = first.values
        else:
            values = tuple(range(1, _width(position(first.layer, done), spec) + 1))
        for value in values:
            yield from extend(done | {first.name: value}, tuple(rest))

    return extend({}, every)


def _width(layer: int, spec: NetworkSpec) -> int:
    if not 0 <= layer <= spec.vocabulary.last:
        raise ShapeMismatch(f"there is no layer {layer}")
    return spec.vocabulary.width(layer)


def concrete(node: Node, values: Assignment, spec: NetworkSpec) -> Node:
    """`node` with its free indices at `values` and its sums written out, as scalars and whole layers of `spec`."""
    match node:
        case Var():
            return _concrete_var(node, values, spec)
        case Form("sum", (Range(index, layer), body)):
            count = _width(position(layer, values), spec)
            return add(*(concrete(body, {**values, index.name: k}, spec) for k in range(1, count + 1)))
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
    return Var(kind, owner, var.sample, var.time, var.step)


def entries(node: Node, spec: NetworkSpec) -> Entries:
    """A concrete matrix formula as its scalar entries; a scalar is one by one, a layer's quantities are a column.

    dE/dW has the shape of W: entry (i, j) is dE/dw_ij.
    """
    match node:
        case Var(kind, Layer(int(layer))) if kind in _SCALAR or kind == "weights":
            return _layer_entries(kind, layer, spec)
        case Form("total" | "partial", (of, wrt)):
            return [[Form(node.op, (of, cell)) for cell in row] for row in entries(wrt, spec)]
        case Form("matrix", rows):
            return [list(row.args) for row in rows if isinstance(row, Form)]
        case Form("transpose", (inner,)):
            return [list(column) for column in zip(*entries(inner, spec), strict=True)]
        case Form("matmul", (left, right)):
            return _matmul(entries(left, spec), entries(right, spec))
        case Form("apply", (Function() as function, x)):
            return [[Form("apply", (function, cell)) for cell in row] for row in entries(x, spec)]
        case Form("hadamard" | "add" | "neg", args):
            op = "times" if node.op == "hadamard" else node.op
            return _elementwise(op, [entries(arg, spec) for arg in args])
    return [[node]]


def _layer_entries(kind: str, layer: int, spec: NetworkSpec) -> Entries:
    words = spec.vocabulary
    if kind == "weights":
        return [list(words.weights(unit)) for unit in words.units(layer)]
    if kind == "biases":
        if words.sharing[layer - 1] is not Sharing.UNIT:
            raise ShapeMismatch(f"layer {layer} has no bias per unit")
        return [[Var("bias", unit)] for unit in words.units(layer)]
    if kind == "outs":
        return [[words.out(unit)] for unit in words.units(layer)]
    return [[Var(_SCALAR[kind], unit, sample=1)] for unit in words.units(layer)]


def _matmul(left: Entries, right: Entries) -> Entries:
    if len(left[0]) != len(right):
        raise ShapeMismatch(f"{len(left)} by {len(left[0])} times {len(right)} by {len(right[0])}")
    return [[add(*(times(a, b) for a, b in zip(row, column, strict=True))) for column in zip(*right, strict=True)] for row in left]


def _elementwise(op: str, operands: list[Entries]) -> Entries:
    shapes = {(len(m), len(m[0])) for m in operands}
    if len(shapes) != 1:
        raise ShapeMismatch(f"shapes {sorted(shapes)} do not agree")
    rows, columns = shapes.pop()
    return [[Form(op, tuple(m[i][j] for m in operands)) for j in range(columns)] for i in range(rows)]


def scalar_pairs(step: Step, spec: NetworkSpec) -> Iterator[tuple[int, Node, Node]]:
    """Every scalar equation that a general or matrix step stands for: (which link, left, right)."""
    for values in assignments(step.every, spec):
        left = entries(concrete(step.lhs, values, spec), spec)
        for at, link in enumerate(step.chain):
            right = entries(concrete(link.form, values, spec), spec)
            if (len(left), len(left[0])) != (len(right), len(right[0])):
                raise ShapeMismatch(f"{len(left)} by {len(left[0])} against {len(right)} by {len(right[0])}")
            for i, j in product(range(len(left)), range(len(left[0]))):
                yield at, left[i][j], right[i][j]
            left = right


def is_general(step: Step) -> bool:
    """Does the step speak of indices or of whole layers?"""
    if step.every:
        return True
    return any(_is_matrix(part) for part in (step.lhs, *(link.form for link in step.chain)))


def _is_matrix(node: Node) -> bool:
    match node:
        case Var(kind):
            return kind in _SCALAR or kind == "weights"
        case Form("matrix" | "transpose" | "matmul" | "hadamard", _):
            return True
        case Form(_, args):
            return any(_is_matrix(arg) for arg in args)
    return False
