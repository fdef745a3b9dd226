"""What people get wrong: a right row with one thing changed, and the code of that mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from notations.nets import Network
from notations.trees import (
    ERROR,
    Call,
    Fraction,
    Free,
    Number,
    Prime,
    Product,
    Quantity,
    Row,
    Slope,
    Sum,
    Tree,
    nodes,
    parts,
    times,
    with_parts,
)
from notations.truth import replace_kind

Edit = tuple[str, Tree]
Reading = Callable[[Tree], Tree]

CONSISTENT = ("missing_activation_derivative", "wrong_activation_derivative", "net_vs_out", "missing_sum", "factor_two", "sign")
"""What people get wrong all through a work."""
FORWARD = {"forward", "error", "update"}


def edited(row: Row, network: Network) -> Iterator[Row]:
    """The row with each single mistake in its last symbolic side; whether it is false then is to be seen."""
    at = max(k for k, side in enumerate(row.sides) if not _put_in(side))
    if at:
        for code, side in edits(row.sides[at], network, backward=row.about not in FORWARD):
            yield replace(row.with_side(at, side), code=code)
    head = row.sides[0]
    if isinstance(head, Slope) and head.by.kind == "b" and len(head.by.unit) == 1 and len(row.sides) == 2:
        before = Quantity("out" if head.by.layer != 1 else "x", int(str(head.by.layer)) - 1, (1,))
        yield replace(row.with_side(1, times(row.sides[1], before)), code="bias_gradient")
    if isinstance(row.sides[-1], Number) and row.sides[-1].places:
        yield replace(row.with_side(-1 % len(row.sides), _slipped(row.sides[-1])), code="arithmetic_slip")


def _put_in(side: Tree) -> bool:
    return any(isinstance(node, Number) and node.places for node in nodes(side))


def _slipped(number: Number) -> Number:
    """Two digits changed round, or a place of the point."""
    digits = number.text.lstrip("-")
    for at in range(2, len(digits) - 2):
        if digits[at] != digits[at + 1]:
            return replace(number, text=number.text.replace(digits, digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]))
    return replace(number, text=number.text + "1")


def edits(tree: Tree, network: Network, *, backward: bool) -> Iterator[Edit]:
    """The formula with one thing changed, here or within."""
    yield from _here(tree, network, backward=backward)
    for at, part in enumerate(parts(tree)):
        if not isinstance(tree, Prime | Slope):
            for code, new in edits(part, network, backward=backward):
                yield code, with_parts(tree, [*parts(tree)[:at], new, *parts(tree)[at + 1 :]])


def _here(tree: Tree, network: Network, *, backward: bool) -> Iterator[Edit]:
    match tree:
        case Quantity(unit=()):
            yield from _layer_edits(tree, network)
        case Quantity():
            yield from _unit_edits(tree, network)
        case Sum(terms):
            yield from _sum_edits(terms, backward=backward)
        case Product(factors, sign):
            yield from _product_edits(factors, sign, backward=backward)
        case Prime(function, net, worked) if worked:
            yield from (("wrong_activation_derivative", Prime(other, net, True)) for other in ("sigmoid", "tanh") if other != function)
        case Call("T", of):
            yield "transpose_order", of
        case Slope(of, by) if of != ERROR and by.unit:
            yield from (("wrong_index", Slope(of, new)) for _, new in _unit_edits(by, network) if isinstance(new, Quantity))


def _unit_edits(of: Quantity, network: Network) -> Iterator[Edit]:
    layer = of.layer
    assert isinstance(layer, int)
    if of.kind == "w":
        siblings: Sequence[Quantity] = [Quantity("w", m, (i, j)) for m, i, j in network.weights() if m == layer]
    else:
        siblings = [replace(of, unit=(i,)) for i in network.units(layer)]
    yield from (("wrong_index", one) for one in siblings if one != of)
    yield from _layer_edits(of, network)


def _layer_edits(of: Quantity, network: Network) -> Iterator[Edit]:
    before = isinstance(of.step, Free) and of.step.shift
    if of.kind == "out" and isinstance(of.layer, int) and of.layer and network.activations[of.layer - 1] != "identity" and not before:
        yield "net_vs_out", replace_kind(of, "net")


def _sum_edits(terms: tuple[tuple[int, Tree], ...], *, backward: bool) -> Iterator[Edit]:
    if [sign for sign, _ in terms] == [1, -1] and backward:
        yield "sign", Sum(((1, terms[1][1]), (-1, terms[0][1])))
    for at, (sign, term) in enumerate(terms):
        rest = (*terms[:at], *terms[at + 1 :])
        if at:
            yield "sign", Sum((*rest[:at], (-sign, term), *rest[at:]))
        elif not rest:
            yield "sign", term
        if backward and rest and isinstance(term, Product):
            yield "missing_sum", Sum(rest) if len(rest) > 1 or rest[0][0] < 0 else rest[0][1]


def _product_edits(factors: tuple[Tree, ...], sign: str, *, backward: bool) -> Iterator[Edit]:
    for at, factor in enumerate(factors):
        rest = (*factors[:at], *factors[at + 1 :])
        if isinstance(factor, Prime):
            code = "missing_activation_derivative"
        elif isinstance(factor, Number | Fraction):
            code = "factor_two"
        else:
            code = "dropped_factor"
        if isinstance(factor, Prime | Number | Fraction | Quantity | Slope) and sign != "@" and backward:
            yield code, times(*rest, sign=sign)
        if isinstance(factor, Quantity) and sign == "*" and backward:
            yield "duplicated_factor", Product((*factors[: at + 1], *factors[at:]), sign)
    if sign == "@" and len(factors) == 2:
        yield "transpose_order", Product(factors[::-1], sign)


def throughout(row: Row, code: str, network: Network) -> Row:
    """The row with a mistake wherever it can be made in its last symbolic side; the row itself where it cannot."""
    at = max(k for k, side in enumerate(row.sides) if not _put_in(side))
    if row.about in FORWARD or not at:
        return row

    def change(tree: Tree) -> Tree:
        match tree, code:
            case Product(factors, sign), "missing_activation_derivative":
                kept = [factor for factor in factors if not isinstance(factor, Prime)]
                return times(*kept, sign=sign) if kept else tree
            case Prime(function, net, True), "wrong_activation_derivative":
                return Prime("tanh" if function == "sigmoid" else "sigmoid", net, True)
            case Quantity("out", int(layer), _, int()), "net_vs_out" if 0 < layer < network.last:
                return replace_kind(tree, "net")
            case Sum(terms), "missing_sum" if len(terms) > 1 and all(isinstance(term, Product) for _, term in terms):
                return terms[0][1]
            case Product((Number("2"), *rest)), "factor_two":
                return times(*rest)
            case Sum(((1, Quantity("out", layer) as o), (-1, Quantity("t") as t))), "sign" if layer == network.last:
                return Sum(((1, t), (-1, o)))
        return tree

    side = _replacing(change)(row.sides[at])
    return replace(row.with_side(at, side), code=code) if side != row.sides[at] else row


def readings(network: Network, false: Row) -> Iterator[Reading]:
    """Ways in which a marker could read a whole work that has this row, otherwise than it is meant."""
    of = {node for side in false.sides for node in nodes(side) if isinstance(node, Quantity)}
    for one in of:
        for _, other in _unit_edits(one, network) if one.unit else ():
            if isinstance(other, Quantity) and other.kind == one.kind:
                yield _exchanged(one, other)
    delta = [node for node in of if node.kind == "delta"]
    if delta:
        yield _renamed("delta", lambda one: Sum(((-1, one),)))
        yield _renamed("delta", lambda one: Slope(ERROR, replace_kind(one, "out")))


def _exchanged(one: Quantity, other: Quantity) -> Reading:
    return _replacing(lambda node: {one: other, other: one}.get(node, node) if isinstance(node, Quantity) else node)


def _renamed(kind: str, meaning: Callable[[Quantity], Tree]) -> Reading:
    return _replacing(lambda node: meaning(node) if isinstance(node, Quantity) and node.kind == kind else node)


def _replacing(change: Callable[[Tree], Tree]) -> Reading:
    def read(tree: Tree) -> Tree:
        new = change(tree)
        done = new != tree and not isinstance(tree, Product)
        return new if done or not parts(new) else with_parts(new, [read(part) for part in parts(new)])

    return read


def shuffled(rows: Sequence[Row], rng: Random) -> list[Row]:
    """Mistakes in random order, codes first: a code that has few rows comes as often as one that has many."""
    codes = sorted({row.code for row in rows})
    rng.shuffle(codes)
    by_code = {code: [row for row in rows if row.code == code] for code in codes}
    for some in by_code.values():
        rng.shuffle(some)
    return [row for code in codes for row in by_code[code]]
