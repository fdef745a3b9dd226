"""Equations of one shape are proved once: the sides as quotients of polynomials, with every name as a free symbol."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Final, TypeAlias

from symbp.language.form import ARGUMENT, OPS, Form, Function, Node, Value, Var, rewrite
from symbp.network.calculus import abstract, definition_of, unfold_functions, unfolded
from symbp.proof.floats import Floats
from symbp.proof.quotient import Effort, NotRational, QuotientAlgebra

KEPT: Final = 2_000_000
"""So many parts the shapes that are remembered have together, some 16 MB."""
NODES: Final = 2
"""So many nodes of a form are taken as one step of those that are counted."""
PRODUCTS: Final = 4
"""So many products of terms are one step, too."""
FLOATS: Final = Floats()
_draw = Random(7)
RANDOM: Final = tuple(_draw.uniform(0.2, 1.1) for _ in range(4096))
Shape: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """Whether sides were proved to be equal, by forming so many products of terms; or whether that was given up after so many."""

    is_proved: bool
    products: int
    is_given_up: bool = False


def known_equal(left: Node, right: Node) -> bool | None:
    """Whether sides of this shape were proved to be equal; None where that was not tried to its end."""
    known = PROOFS.known.get(shape_of(left, right))
    return None if known is None or known.is_given_up else known.is_proved


def equal_shapes(left: Node, right: Node, most: float = math.inf, tick: Callable[[float], None] | None = None) -> Tried:
    """Are the sides one quotient of polynomials, found by at most so many products of terms?

    `tick` is told how much it takes, in nodes and in products. All of this is the same whether or not the shape was met before.
    """
    shape = shape_of(left, right)
    if tick is not None:
        tick(len(shape) / NODES)
    known = PROOFS.known.get(shape)
    if known is None or (known.is_given_up and known.products < most):
        known = PROOFS.keep(shape, _tried(left, right, most))
    found = given_up(most) if known.products > most else known
    if tick is not None:
        tick(found.products / PRODUCTS)
    return found


def given_up(most: float) -> Tried:
    return Tried(is_proved=False, products=int(most), is_given_up=True)


def _tried(left: Node, right: Node, most: float) -> Tried:
    effort = Effort(most)
    is_proved = _same_quotient(left, right, effort)
    return given_up(most) if effort.made > most else Tried(is_proved, effort.made)


@dataclass
class Proofs:
    """Shapes of equations, each of which is proved once, and whether it was; once they take too much room, all are forgotten."""

    known: dict[Shape, Tried] = field(default_factory=dict)
    size: int = 0

    def keep(self, shape: Shape, found: Tried) -> Tried:
        if self.size + len(shape) > KEPT:
            self.cache_clear()
        self.known[shape] = found
        self.size += len(shape)
        return found

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


def _same_quotient(left: Node, right: Node, effort: Effort) -> bool:
    """Functions of a name are names themselves first, which keeps polynomials short; then they are what their definitions say."""
    if not _plausible(left, right):
        return False
    names: dict[Node, Var] = {}
    left, right = (abstract(side, names) for side in (left, right))
    calls: dict[Node, Var] = {}
    short = [_named_calls(side, calls, len(names)) for side in (left, right)]
    if calls and _plausible(*short) and _is_identity(short[0], short[1], effort):
        return True
    return _is_identity(left, right, effort)


def _named_calls(node: Node, calls: dict[Node, Var], first: int) -> Node:
    """`node` with f(x) as a name of its own, for every f and every name x; `calls` is extended."""

    def change(part: Node) -> Node:
        if isinstance(part, Form) and part.op == "apply" and isinstance(part.args[1], Var):
            return calls.setdefault(part, Var("argument", step=first + len(calls)))
        return part

    return rewrite(node, change)


def _is_identity(left: Node, right: Node, effort: Effort) -> bool:
    left, right = unfold_functions(left), unfold_functions(right)
    algebra = QuotientAlgebra.for_nodes(left, right, effort=effort)
    try:
        return algebra.same(left, right)
    except (NotRational, ZeroDivisionError):
        return False
