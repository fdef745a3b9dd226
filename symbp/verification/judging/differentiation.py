"""Names and derivatives: which quantity a name is, and how one changes with another."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

import numpy as np

from symbp.language import written as w
from symbp.language.form import Parameter, Position, Unit, Var
from symbp.language.reader import Reader
from symbp.language.written import Name, Script, Written
from symbp.network.forward import ERROR
from symbp.verification.judging.arrays import Dual
from symbp.verification.judging.evaluation import Evaluation
from symbp.verification.judging.scope import Need, Numeric, Symbolic, Unclear
from symbp.verification.judging.shapes import shape, transpose, unwrapped
from symbp.verification.reading.quantities import Quantity, Reading, spelling

ARGUMENTS: Final = frozenset("x z u s t a y v q r".split()) | {"net", "theta", "xi", "zeta"}
"""Letters that may stand for a function's argument."""

MAX_NESTED: Final = 120
"""A name of the work's own may take so many others to work out, one by the other."""


class Differentiation(Evaluation):
    """What names stand for, and derivatives of and by them."""

    def name(self, node: Name) -> Any:
        if node.base in self.held and node.sub is None:
            return self.with_rest(self.held[node.base], node.sups)
        if self.is_argument(node):
            value = self.source.var(Var("argument", Parameter(node.base)))
            return self.with_rest(value, node.sups)
        if node.base == "e" and not node.sub and not node.sups:
            return self.source.call("exp", self.source.constant(Fraction(1)))
        if node.base == "pi" and not node.sub:
            return self.source.pi()
        if (count := self.counted(node)) is not None:
            return count
        if node.sub is None and self.grids.is_overwritten(node.base):
            raise Unclear("overwritten", node.span[0])
        if (own := self.grids.own_value(node)) is not None:
            return self.with_rest(self.of_own(own, node), self.grids.rest_of(node))
        reading = self.reading(node)
        return self.with_rest(self.quantity(reading.quantity), reading.rest)

    def of_own(self, own: Written, name: Name) -> Any:
        """The value of what the work introduced a name for, which may name others, though not one after another for ever."""
        if self.grids.nested >= MAX_NESTED:
            raise Unclear("too_many_terms", name.span[0])
        self.grids.nested += 1
        try:
            return self.of(own)
        finally:
            self.grids.nested -= 1

    def is_argument(self, node: Name) -> bool:
        return node.base in self.arguments and node.sub is None

    def counted(self, node: Name) -> Any:
        """The number of samples, and values of letters that are bound here."""
        if node.base in {"m", "N"} and not node.sub and not node.sups and self.grids.samples > 1 and node.base not in self.letters:
            return self.source.constant(Fraction(self.grids.samples))
        if node.base in self.letters and not node.sub and not node.sups:
            return self.source.constant(Fraction(self.letters[node.base]))
        return None

    def reading(self, node: Name) -> Reading:
        """What the name is taken to mean here."""
        found = self.grids.readings(node)
        if not found:
            raise Unclear("unknown_name", node.span[0], name=spelling(node), end=str(node.span[1]))
        return found[0]

    def with_rest(self, value: Any, rest: tuple[Script, ...]) -> Any:
        """With powers and transpositions that follow a name."""
        for script in rest:
            if script.text in {"T", "⊤", "t", "⊺", "tr"}:
                value = transpose(value)
            elif script.text in {"'", "+", "*"}:
                raise Unclear("unknown_mark", script.span[0])
            else:
                value = self.raised(value, exponent(script, frozenset(self.grids.functions)))
        return value

    def quantity(self, quantity: Quantity) -> Any:
        """A quantity of the network: one number, a vector or a matrix."""
        if quantity.kind == "kronecker":
            i, j = (self.letter_value(at, quantity) for at in (quantity.unit, quantity.source))
            return self.source.constant(Fraction(int(i == j)))
        if quantity.kind == "change":
            assert quantity.of is not None
            grid = self.grids.grid(quantity.of, self)
            return self.spread([[Var(v.kind, v.owner, step=1) for v in row] for row in grid]) - self.spread(grid)
        if quantity.kind == "slope":
            assert quantity.of is not None
            return -self.slopes(quantity.of) if quantity.key == "-" else self.slopes(quantity.of)
        return self.spread(self.grids.grid(quantity, self))

    def letter_value(self, at: Position | None, quantity: Quantity) -> int:
        assert at is not None
        if isinstance(at, int):
            return at
        if at.name not in self.letters:
            raise Need(at.name, tuple(range(1, self.grids.spec.vocabulary.widest + 1)))
        return self.letters[at.name] + at.offset

    def spread(self, grid: list[list[Var]]) -> Any:
        """The values of a grid of quantities as a matrix."""
        return self.joined([[self.source.var(var) for var in row] for row in grid])

    def slopes(self, of: Quantity) -> Any:
        """dW, dZ: the derivative of the error by a quantity; by one of a sample of that sample's own error, if so it is meant."""
        grid = self.grids.grid(of, self)
        value = self.joined([[self.source.slope(self.grids.error_for(var), var, is_partial=False) for var in row] for row in grid])
        return transpose(value) if self.grids.conventions.gradient == "transposed" and of.kind in {"weight", "bias"} else value

    def derivative(self, node: w.Derivative) -> Any:
        of, wrt = unwrapped(node.of), unwrapped(node.wrt)
        if isinstance(wrt, w.Entry) and isinstance(inner := unwrapped(wrt.of), Name):
            grid = self.by_grid(inner)
            i, j = self.entry_at(wrt, len(grid), len(grid[0]))
            what = self.of_grid(of) if isinstance(of, Name) else None
            return self.applied(node.of, grid[i][j]) if what is None else self.jacobian(what, [[grid[i][j]]], node)
        if not isinstance(wrt, Name):
            raise Unclear("derivative_by", node.span[0])
        if self.is_argument(wrt):
            return self.applied(node.of, Var("argument", Parameter(wrt.base)))
        by = self.by_grid(wrt)
        if isinstance(of, Name) and not self.is_argument(of):
            tops = self.of_grid(of)
            if tops is not None:
                return self.jacobian(tops, by, node)
        if len(by) == len(by[0]) == 1:
            return self.applied(node.of, by[0][0])
        if len(by[0]) == 1 or len(by) == 1:
            found = [[self.applied(node.of, var) for var in row] for row in by]
            if shape(found[0][0]) == (1, 1):
                return self.joined(found)
        raise Unclear("derivative_of_matrix", node.span[0])

    def by_grid(self, wrt: Name) -> list[list[Var]]:
        grid = self.of_grid(wrt)
        if grid is None:
            raise Unclear("derivative_by", wrt.span[0])
        return grid

    def of_grid(self, name: Name) -> list[list[Var]] | None:
        """The quantities that a name stands for, if it is one of the network's."""
        own = self.grids.own_value(name)
        if own is not None:
            return None
        reading = self.reading(name)
        if reading.rest or reading.quantity.kind in {"slope", "change", "kronecker"}:
            if reading.rest and all(s.text in {"T", "⊤"} for s in reading.rest):
                return [list(column) for column in zip(*self.grids.grid(reading.quantity, self), strict=True)]
            return None
        return self.grids.grid(reading.quantity, self)

    def jacobian(self, of: list[list[Var]], by: list[list[Var]], node: w.Derivative) -> Any:
        """d of / d by: of one number with the shape of `by`; of columns a matrix; of one and the same layer also entry by entry."""
        is_partial = bool(node.is_round) and bool(self.chosen.get("partial", False))

        def slope(u: Var, v: Var) -> Any:
            return self.source.slope(self.grids.error_by(u, v), v, is_partial=is_partial)

        if len(of) == len(of[0]) == 1:
            value = self.joined([[slope(of[0][0], v) for v in row] for row in by])
            is_turned = self.grids.conventions.gradient == "transposed" and shape(value) != (1, 1)
            return transpose(value) if is_turned else value
        if len(by) == len(by[0]) == 1:
            return self.joined([[slope(u, by[0][0]) for u in row] for row in of])
        if min(len(of), len(of[0])) > 1 or min(len(by), len(by[0])) > 1:
            if (len(of), len(of[0])) == (len(by), len(by[0])) and self.is_own_layer(of, by):
                return self.joined([[slope(u, v) for u, v in zip(r, q, strict=True)] for r, q in zip(of, by, strict=True)])
            raise Unclear("derivative_of_matrix", node.span[0])
        tops = [u for row in of for u in row]
        below = [v for row in by for v in row]
        if len(tops) == len(below) and self.is_own_layer(of, by) and self.choose("entrywise", (False, True)):
            return self.joined([[slope(u, v)] for u, v in zip(tops, below, strict=True)])
        value = self.joined([[slope(u, v) for v in below] for u in tops])
        return value if self.grids.conventions.jacobian == "of" else transpose(value)

    def is_own_layer(self, of: list[list[Var]], by: list[list[Var]]) -> bool:
        a, b = of[0][0].owner, by[0][0].owner
        return isinstance(a, Unit) and isinstance(b, Unit) and a.layer == b.layer

    def applied(self, body: Written, by: Var) -> Any:
        """The derivative of a written-out form."""
        if isinstance(self.source, Symbolic):
            return self.source.derived(self.of(body), by)
        assert isinstance(self.source, Numeric)
        if self.source.by is not None:
            raise Unclear("derivative_of_derivative", body.span[0])
        value = replace(self, source=replace(self.source, by=by)).of(body)
        if not isinstance(value, Dual):
            return np.zeros_like(value)
        return np.broadcast_to(value.slopes, (1, *np.shape(value.value)))[0] if np.shape(value.slopes)[1] == 1 else value.slopes[0]

    def nabla(self, node: w.Nabla) -> Any:
        wrt = self.reader(node.wrt)
        of = None if node.of is None else self.of_grid(node.of) if isinstance(node.of, Name) else None
        if of is not None and len(of) * len(of[0]) > 1:
            raise Unclear("derivative_of_matrix", node.span[0])
        by = self.by_grid(wrt)
        error = ERROR if of is None else of[0][0]
        return self.joined([[self.source.slope(self.grids.error_by(error, v), v, is_partial=False) for v in row] for row in by])

    def reader(self, script: Script) -> Name:
        """What ∇ is by."""
        wrt = Reader(script.tokens, self.grids.functions, script.span[0]).whole()
        if not isinstance(wrt, Name):
            raise Unclear("derivative_by", script.span[0])
        return wrt


@lru_cache(maxsize=2048)
def exponent(script: Script, functions: frozenset[str]) -> Written:
    """What is raised behind a name, read."""
    return Reader(script.tokens, functions, script.span[0]).whole()
