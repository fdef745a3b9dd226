"""Equations of one shape are proved once: the sides as quotients of polynomials, with every name as a free symbol."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Final, TypeAlias

from symbp.language.form import ARGUMENT, OPS, Form, Function, Node, Value, Var, rewrite
from symbp.network.calculus import abstract, definition_of, unfold_functions, unfolded
from symbp.proof.floats import Floats
from symbp.proof.quotient import NotRational, QuotientAlgebra

KEPT: Final = 2_000_000
"""So many parts the shapes that are remembered have together, some 16 MB."""
FLOATS: Final = Floats()
_draw = Random(7)
RANDOM: Final = tuple(_draw.uniform(0.2, 1.1) for _ in range(4096))
Shape: TypeAlias = tuple[object, ...]


def known_equal(left: Node, right: Node) -> bool | None:
    """Whether sides of this shape were proved to be equal; None where that was not tried."""
    return PROOFS.known.get(shape_of(left, right))


def equal_shapes(left: Node, right: Node) -> bool:
    """Are the sides one quotient of polynomials?"""
    shape = shape_of(left, right)
    known = PROOFS.known.get(shape)
    if known is None:
        known = PROOFS.keep(shape, _same_quotient(left, right))
    return known


@dataclass
class Proofs:
    """Shapes of equations, each of which is proved once, and whether it was; once they take too much room, all are forgotten."""

    known: dict[Shape, bool] = field(default_factory=dict)
    size: int = 0

    def keep(self, shape: Shape, is_proved: bool) -> bool:
        if self.size + len(shape) > KEPT:
            self.cache_clear()
        self.known[shape] = is_proved
        self.size += len(shape)
        return is_proved

    def cache_clear(self) -> None:
        """Named as `functools` names it."""
        self.known.clear()
        self.size = 0


PROOFS = Proofs()


def shape_of(left: Node, right: Node) -> Shape:
    """What two pairs of sides have in common if they are `abstract`ed to the same: operators and constants in their order, and which
    names stand where; a function is what its own definition says, whatever it is called.
    """
    names: dict[Node, int] = {}
    found: list[object] = []
    waiting = [right, left]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Var) or (isinstance(part, Form) and part.op in {"total", "partial"}):
            found.append(names.setdefault(part, len(names)))
        elif isinstance(part, Form):
            found += (part.op, -len(part.args))
            waiting += part.args[::-1]
        elif isinstance(part, Function):
            found += (part.order, definition_of(part))
        else:
            found.append(part)
    return tuple(found)


class _AtRandom(dict[Node, float]):
    """Values of names: each, when it is first asked for, the next of the same random numbers. A derivative is a name, too."""

    def __missing__(self, name: Node) -> float:
        found = self[name] = RANDOM[len(self) % len(RANDOM)]
        return found

    def value(self, node: Node) -> float:
        """The value of a form, its functions as they are defined."""
        if not isinstance(node, Form):
            return FLOATS.rational(node.meaning) if isinstance(node, Value) and isinstance(node.meaning, Fraction) else self[node]
        if node.op in {"total", "partial"}:
            return self[node]
        if node.op == "apply" and isinstance(function := node.args[0], Function):
            return _AtRandom({ARGUMENT: self.value(node.args[1])}).value(unfolded(function))
        meaning = OPS[node.op].meaning
        if meaning is None:
            raise LookupError(node.op)
        found: float = meaning(FLOATS, *[self.value(arg) for arg in node.args])
        return found


def _plausible(left: Node, right: Node) -> bool:
    """Might the sides be equal with every name free? A stage that fails here needs no polynomials."""
    at = _AtRandom()
    try:
        a, b = at.value(left), at.value(right)
    except (ValueError, ArithmeticError, LookupError):
        return True
    if math.isnan(a) or math.isnan(b):
        return True
    return bool(abs(a - b) <= 1e-6 * max(abs(a), abs(b), 1e-3))


def _same_quotient(left: Node, right: Node) -> bool:
    """Functions of a name are names themselves first, which keeps polynomials short; then they are what their definitions say."""
    if not _plausible(left, right):
        return False
    names: dict[Node, Var] = {}
    left, right = (abstract(side, names) for side in (left, right))
    calls: dict[Node, Var] = {}
    short = [_named_calls(side, calls, len(names)) for side in (left, right)]
    if calls and _plausible(*short) and _is_identity(*short):
        return True
    return _is_identity(left, right)


def _named_calls(node: Node, calls: dict[Node, Var], first: int) -> Node:
    """`node` with f(x) as a name of its own, for every f and every name x; `calls` is extended."""

    def change(part: Node) -> Node:
        if isinstance(part, Form) and part.op == "apply" and isinstance(part.args[1], Var):
            return calls.setdefault(part, Var("argument", step=first + len(calls)))
        return part

    return rewrite(node, change)


def _is_identity(left: Node, right: Node) -> bool:
    left, right = unfold_functions(left), unfold_functions(right)
    algebra = QuotientAlgebra.for_nodes(left, right)
    try:
        return algebra.same(left, right)
    except (NotRational, ZeroDivisionError):
        return False
