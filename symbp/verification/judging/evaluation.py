"""`Evaluation`: where a form is evaluated, and arithmetic there: sums, products, powers, matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, Self

import numpy as np

from symbp.language import written as w
from symbp.language.form import Position
from symbp.language.written import Script, Written
from symbp.verification.judging.arrays import Dual
from symbp.verification.judging.scope import Absent, Choose, Misfit, Need, Source, Unclear
from symbp.verification.judging.shapes import is_ones, matmul, part, shape, transpose, unwrapped
from symbp.verification.reading.grids import Grids
from symbp.verification.reading.quantities import position

MAX_VALUE: Final = 1e120


@dataclass
class Evaluation:
    """The evaluation of forms. `letters` are the values of indices, `chosen` what was decided of what can be meant in several ways.

    `arguments` are the names that are a function's argument here, and nothing of the network.
    """

    source: Source
    grids: Grids
    letters: Mapping[str, int] = field(default_factory=dict)
    chosen: Mapping[str, Any] = field(default_factory=dict)
    arguments: frozenset[str] = frozenset()
    held: Mapping[str, Any] = field(default_factory=dict)
    """Values of the arguments of a function that the work defines."""

    def of(self, node: Written) -> Any:
        """The value of `node`."""
        raise NotImplementedError

    def under(self, letters: Mapping[str, int]) -> Self:
        """With letters of these values, and no others."""
        return type(self)(self.source, self.grids, letters, self.chosen, self.arguments, self.held)

    def at(self, letter: str, value: int) -> Self:
        """With a letter bound to a value."""
        return self.under({**self.letters, letter: value})

    def choose(self, key: str, values: tuple[Any, ...]) -> Any:
        """What was chosen of these; not yet, then it is asked."""
        if key not in self.chosen:
            raise Choose(key, values)
        return self.chosen[key]

    def number(self, node: w.Number) -> Any:
        return self.source.number(node)

    def sum(self, node: w.Sum) -> Any:
        total = None
        for term, minus in zip(node.terms, node.minus, strict=True):
            value = self.of(term)
            value = -value if minus else value
            total = value if total is None else self.added(total, value, term.span)
        return total

    def added(self, a: Any, b: Any, span: w.Span) -> Any:
        left, right = shape(a), shape(b)
        if left != right and (1, 1) not in {left, right} and not self.is_broadcast(left, right):
            raise Misfit(left, right, span)
        return a + b

    def is_broadcast(self, left: tuple[int, int], right: tuple[int, int]) -> bool:
        """Is one a vector that is added to each sample of the other?"""
        if self.grids.conventions.samples == "columns":
            return left[0] == right[0] and 1 in {left[1], right[1]}
        return left[1] == right[1] and 1 in {left[0], right[0]}

    def negative(self, node: w.Negative) -> Any:
        return -self.of(node.of)

    def product(self, node: w.Product) -> Any:
        total: Any = None
        ones: str = ""
        for factor, sign in zip(node.factors, ("", *node.signs), strict=True):
            if isinstance(unwrapped(factor), w.Ones | w.Transposed) and is_ones(factor):
                if total is None:
                    ones = "left"
                    continue
                total = self.summed(total, -1) if isinstance(unwrapped(factor), w.Ones) else self.repeated(total)
                continue
            value = self.of(factor)
            if ones:
                value, ones = self.summed(value, -2), ""
            total = value if total is None else self.multiplied(total, value, sign, factor.span)
        return self.source.constant(Fraction(1)) if total is None else total

    def multiplied(self, a: Any, b: Any, sign: str, span: w.Span) -> Any:
        """A product as its sign says: entry by entry, of matrices, or, where signs are used loosely, whichever fits."""
        left, right = shape(a), shape(b)
        if (1, 1) in {left, right}:
            return a * b
        fits = left[1] == right[0]
        if sign == "odot":
            if left != right and not self.is_broadcast(left, right):
                raise Misfit(left, right, span)
            return a * b
        if sign in {"star", "cdot", "times"} and left == right and not fits:
            return a * b
        if sign in {"star", "cdot", "times"} and left == right:
            return a * b if self.choose("product", (sign == "star", sign != "star")) else matmul(a, b)
        if not fits:
            raise Misfit(left, right, span)
        return matmul(a, b)

    def quotient(self, node: w.Quotient) -> Any:
        top, bottom = self.of(node.top), self.of(node.bottom)
        if shape(bottom) not in {(1, 1), shape(top)} and shape(top) != (1, 1):
            raise Misfit(shape(top), shape(bottom), node.span)
        return self.source.call("divide", top, bottom)

    def power(self, node: w.Power) -> Any:
        return self.raised(self.of(node.base), node.exponent)

    def raised(self, base: Any, exponent: Written) -> Any:
        n = self.of(exponent)
        if shape(n) != (1, 1):
            raise Unclear("matrix_exponent", exponent.span[0])
        if isinstance(n, np.ndarray) and n.dtype != object:
            if np.any(np.abs(n) > MAX_VALUE) or not np.all(np.isfinite(n)):
                raise Unclear("too_large", exponent.span[0])
            if n.size == 1 and isinstance(base, np.ndarray) and base.dtype != object and float(n.flat[0]).is_integer():
                result = base ** int(n.flat[0]) if abs(n.flat[0]) < 1000 else self.source.call("power", base, n)
                return self.bounded(result, exponent)
        return self.bounded(self.source.call("power", base, n), exponent)

    def bounded(self, value: Any, node: Written) -> Any:
        if isinstance(value, np.ndarray) and value.dtype != object and np.any(np.abs(value) > MAX_VALUE):
            raise Unclear("too_large", node.span[0])
        return value

    def bracket(self, node: w.Bracket) -> Any:
        return self.of(node.of)

    def transposed(self, node: w.Transposed) -> Any:
        inner = unwrapped(node.of)
        if isinstance(inner, w.Matrix) and inner.is_list and len(inner.rows[0]) == 1:
            return self.of(inner)  # a list of numbers is a column already; the T says so
        return transpose(self.of(node.of))

    def summed(self, value: Any, axis: int) -> Any:
        """The sum along rows or columns, which stays a matrix."""
        if isinstance(value, Dual):
            return Dual(value.value.sum(axis=axis, keepdims=True), value.slopes.sum(axis=axis, keepdims=True))
        return value.sum(axis=axis, keepdims=True)

    def repeated(self, value: Any) -> Any:
        """A column times a row of ones: as it stands, since it is added to every sample."""
        return value

    def ones(self, node: w.Ones) -> Any:
        return self.source.constant(Fraction(1))

    def norm(self, node: w.Norm) -> Any:
        value = self.of(node.of)
        if shape(value) == (1, 1):
            return self.source.call("absolute", value)
        square = self.summed(self.summed(value * value, -1), -2)
        return self.source.call("sqrt", square)

    def entry(self, node: w.Entry) -> Any:
        """(W delta)_j."""
        value = self.of(node.of)
        if ":" in node.sub.text:
            return self.slice(node, value)
        return part(value, *self.entry_at(node, *shape(value)))

    def slice(self, node: w.Entry, value: Any) -> Any:
        """A row, (Z)_{n,:}, or a column, (Z)_{:,n}."""
        first, _, second = node.sub.text.partition(",")
        if (first == ":") == (second == ":"):
            raise Unclear("entry", node.span[0])
        turned = transpose(value) if first == ":" else value
        at = self.index(position(second if first == ":" else first), shape(turned)[0])
        if not 1 <= at <= shape(turned)[0]:
            raise Unclear("entry", node.span[0])
        found = turned[..., at - 1 : at, :]
        return transpose(found) if first == ":" else found

    def entry_at(self, node: w.Entry, rows: int, columns: int) -> tuple[int, int]:
        """The row and the column, from 0, that the subscript says."""
        sizes = (max(rows, columns), 1) if 1 in {rows, columns} else (rows, columns)
        indices = [self.index(at, sizes[min(k, 1)]) for k, at in enumerate(_indices(node.sub))]
        if len(indices) == 1 and 1 in {rows, columns}:
            i, j = (indices[0], 1) if columns == 1 else (1, indices[0])
        elif len(indices) == 2:
            i, j = indices
        else:
            raise Unclear("entry", node.span[0])
        if not (1 <= i <= rows and 1 <= j <= columns):
            raise Unclear("entry", node.span[0])
        return i - 1, j - 1

    def index(self, at: Position | None, size: int) -> int:
        if at is None:
            raise Unclear("entry")
        if isinstance(at, int):
            return at
        if at.name not in self.letters:
            raise Need(at.name, tuple(range(1, size + 1)))
        return self.letters[at.name] + at.offset

    def matrix(self, node: w.Matrix) -> Any:
        if len({len(row) for row in node.rows}) != 1:
            raise Unclear("ragged", node.span[0])
        cells = [[self.of(cell) for cell in row] for row in node.rows]
        return self.joined(cells)

    def relation(self, node: Written) -> Any:
        raise Unclear("comparison", node.span[0])

    def joined(self, cells: list[list[Any]]) -> Any:
        if not cells or not cells[0]:
            raise Absent
        if len(cells) == 1 and len(cells[0]) == 1:
            return cells[0][0]
        odd = next((cell for row in cells for cell in row if shape(cell) != (1, 1)), None)
        if odd is not None and len({shape(cell) for row in cells for cell in row}) > 1:
            raise Misfit(shape(odd), (1, 1), (0, 0))
        return self.stack([self.stack(row, -1) for row in cells], -2)

    def stack(self, values: list[Any], axis: int) -> Any:
        if any(isinstance(v, Dual) for v in values):
            size = max(np.shape(v.value)[0] if isinstance(v, Dual) else np.shape(v)[0] for v in values)
            both = [v if isinstance(v, Dual) else Dual(v, np.zeros((1, *np.shape(v)))) for v in values]
            flat = [np.broadcast_to(v.value, (size, *np.shape(v.value)[1:])) for v in both]
            slopes = [np.broadcast_to(v.slopes, (1, size, *np.shape(v.value)[1:])) for v in both]
            return Dual(np.concatenate(flat, axis=axis), np.concatenate(slopes, axis=axis))
        sizes = {v.shape[0] for v in values}
        if len(sizes) > 1:
            size = max(sizes)
            values = [np.broadcast_to(v, (size, *v.shape[1:])) for v in values]
        return np.concatenate(values, axis=axis)

    def diagonal(self, value: Any) -> Any:
        rows, columns = shape(value)
        if 1 not in {rows, columns}:
            raise Unclear("diagonal")
        zero = self.source.constant(Fraction(0))
        size = max(rows, columns)
        cells = [
            [part(value, i if columns == 1 else 0, 0 if columns == 1 else i) if i == j else zero for j in range(size)] for i in range(size)
        ]
        return self.joined(cells)


def _indices(script: Script) -> list[Position | None]:
    text = script.text
    pieces = text.split(",") if "," in text else [*text] if len(text) == 2 and text.isalpha() else [text]
    return [position(piece) for piece in pieces]
