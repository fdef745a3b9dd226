"""Equations of one shape are proved once: the sides as quotients of polynomials, with every name as a free symbol."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeAlias

from symbp.language.form import Form, Function, Node, Var, leaves
from symbp.network.calculus import abstract, definition_of, fold, unfold_functions
from symbp.proof.floats import Floats
from symbp.proof.quotient import NotRational, QuotientAlgebra

KEPT: Final = 20_000
Shape: TypeAlias = tuple[object, ...]


def known_equal(left: Node, right: Node) -> bool | None:
    """Whether sides of this shape were proved to be equal; None where that was not tried."""
    return PROOFS.known.get(shape_of(left, right))


def equal_shapes(left: Node, right: Node) -> bool:
    """Are the sides one quotient of polynomials?"""
    shape = shape_of(left, right)
    known = PROOFS.known.get(shape)
    if known is None:
        names: dict[Node, Var] = {}
        known = PROOFS.keep(shape, _same_quotient(abstract(left, names), abstract(right, names)))
    return known


@dataclass
class Proofs:
    """Shapes of equations, each of which is proved once, and whether it was; once there are too many, all are forgotten."""

    known: dict[Shape, bool] = field(default_factory=dict)

    def keep(self, shape: Shape, is_proved: bool) -> bool:
        if len(self.known) >= KEPT:
            self.cache_clear()
        self.known[shape] = is_proved
        return is_proved

    def cache_clear(self) -> None:
        """Named as `functools` names it."""
        self.known.clear()


PROOFS = Proofs()


def shape_of(left: Node, right: Node) -> Shape:
    """What two pairs of sides have in common if they are `abstract`ed to the same: operators and constants in their order, and which
    names stand where; of functions their definitions, since a name may be given to another one later.
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


def _plausible(left: Node, right: Node) -> bool:
    """Might the sides be equal with every variable free? A stage that fails here needs no polynomials."""
    random = Random(7)
    at = {var: random.uniform(0.2, 1.1) for var in dict.fromkeys((*leaves(left), *leaves(right)))}
    try:
        a, b = (fold(side, Floats(), at.__getitem__) for side in (left, right))
    except (ValueError, OverflowError, ZeroDivisionError):
        return True
    if math.isnan(a) or math.isnan(b):
        return True
    return bool(abs(a - b) <= 1e-6 * max(abs(a), abs(b), 1e-3))


def _same_quotient(left: Node, right: Node) -> bool:
    left, right = unfold_functions(left), unfold_functions(right)
    if not _plausible(left, right):
        return False
    algebra = QuotientAlgebra.for_nodes(left, right)
    try:
        return algebra.same(left, right)
    except (NotRational, ZeroDivisionError):
        return False
