"""What a written form is worth in a scope: arrays of points by rows by columns, of numbers or of symbols.

Letters get their values as they are needed: a form that needs one that it has not raises `Need` (it is about all of them) or `Choose`
(it can be meant in several ways).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final

import numpy as np

from symbp.language.form import Index, Parameter, Position, Unit, Var
from symbp.network.activation import Activation
from symbp.network.forward import ERROR
from symbp.verification import written as w
from symbp.verification.arrays import Dual
from symbp.verification.grids import Grids
from symbp.verification.quantities import Quantity, Reading, position, spelling
from symbp.verification.reader import Reader
from symbp.verification.scope import Choose, Misfit, Need, Numeric, Source, Symbolic, Unclear, activation_called
from symbp.verification.statements import condition_of
from symbp.verification.written import Name, Script, Written

MAX_TERMS: Final = 4096
MAX_BOUND: Final = 8
MAX_VALUE: Final = 1e120
ARGUMENTS: Final = frozenset("x z u s t a y v q r".split()) | {"net", "theta", "xi", "zeta"}
"""Letters that may stand for a function's argument."""


@dataclass
class Meaning:
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
        return _RULES[type(node)](self, node)

    def at(self, letter: str, value: int) -> Meaning:
        """With a letter bound to a value."""
        return replace(self, letters={**self.letters, letter: value})

    # -- numbers and arithmetic ------------------------------------------------------------------------------------

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

    def choose(self, key: str, values: tuple[Any, ...]) -> Any:
        """What was chosen of these; not yet, then it is asked."""
        if key not in self.chosen:
            raise Choose(key, values)
        return self.chosen[key]

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
        return part(value, *self.entry_at(node, *shape(value)))

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

    # -- names -----------------------------------------------------------------------------------------------------

    def name(self, node: Name) -> Any:
        if node.base in self.held and node.sub is None:
            return self.with_rest(self.held[node.base], node.sups)
        if self.is_argument(node):
            value = self.source.var(Var("argument", Parameter(node.base)))
            return self.with_rest(value, node.sups)
        if node.base == "e" and not node.sub and not node.sups:
            return self.source.call("exp", self.source.constant(Fraction(1)))
        if node.base == "pi" and not node.sub:
            return self.source.call("pi") if isinstance(self.source, Symbolic) else self.source.constant(Fraction(np.pi))
        if (count := self.counted(node)) is not None:
            return count
        if (own := self.grids.own_value(node)) is not None:
            return self.with_rest(self.of(own), self.grids.rest_of(node))
        reading = self.reading(node)
        return self.with_rest(self.quantity(reading.quantity), reading.rest)

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
                value = self.raised(value, Reader(script.tokens, self.grids.functions, script.span[0]).whole())
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
            return self.slopes(quantity.of)
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

    def joined(self, cells: list[list[Any]]) -> Any:
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
        size = max(np.shape(v)[0] for v in values)
        return np.concatenate([np.broadcast_to(v, (size, *np.shape(v)[1:])) for v in values], axis=axis)

    # -- derivatives -----------------------------------------------------------------------------------------------

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
            tops = self.of_grid(of) if isinstance(of, Name) else None
            return self.applied(node.of, grid[i][j]) if tops is None else self.jacobian(tops, [[grid[i][j]]], node)
        if not isinstance(wrt, Name):
            raise Unclear("derivative_by", node.span[0])
        if self.is_argument(wrt):
            return self.applied(node.of, Var("argument", Parameter(wrt.base)))
        by = self.by_grid(wrt)
        if isinstance(of, Name) and not self.is_argument(of):
            grid = self.of_grid(of)
            if grid is not None:
                return self.jacobian(grid, by, node)
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

    # -- functions -------------------------------------------------------------------------------------------------

    def call(self, node: w.Call) -> Any:
        base, order = node.name.base, node.name.primes
        if (base, order) in self.grids.own.templates:
            return self.templated(node)
        if base.startswith("np.") or base in {"sum", "dot"}:
            return self.library(node)
        if base in _CALLS:
            if len(node.args) != 1 or order > 3:
                raise Unclear("call", node.span[0], name=base)
            return self.derived_call(base, self.of(node.args[0]), order)
        if base == "max":
            values = [self.of(arg) for arg in node.args]
            total = values[0]
            for value in values[1:]:
                total = self.source.call("maximum", total, value)
            return total
        if base == "diag":
            return self.diagonal(self.of(node.args[0]))
        if len(node.args) != 1:
            raise Unclear("call", node.span[0], name=base)
        activation = self.activation(node)
        if activation.joint is not None:
            return self.softmax(node, activation)
        return self.source.activate(activation, order, self.of(node.args[0]))

    def templated(self, node: w.Call) -> Any:
        """A function that the work defines at one layer's quantity, at that of another: Σ'(z^l) = diag(σ'(z^l))."""
        parameter, body = self.grids.own.templates[node.name.base, node.name.primes]
        if parameter.sub is None and not parameter.sups:
            if len(self.held) > MAX_BOUND:
                raise Unclear("call", node.span[0], name=node.name.base)
            return replace(self, held={**self.held, parameter.base: self.of(node.args[0])}).of(body)
        given, wanted = unwrapped(node.args[0]), self.grids.readings(parameter)
        if not isinstance(given, Name) or not wanted or not isinstance(wanted[0].quantity.layer, Index):
            raise Unclear("call", node.span[0], name=node.name.base)
        layer = self.grids.layer_of(self.reading(given).quantity, self)
        assert layer is not None
        at = wanted[0].quantity.layer
        return self.at(at.name, layer - at.offset).of(body)

    def derived_call(self, base: str, x: Any, order: int) -> Any:
        if order:
            activation = activation_called(base)
            if activation is None:
                raise Unclear("call", 0, name=base)
            return self.source.activate(activation, order, x)
        return _CALLS[base](self.source, x)

    def library(self, node: w.Call) -> Any:
        """np.sum and its like."""
        base = node.name.base.removeprefix("np.")
        options = dict(node.options)
        args = [self.of(arg) for arg in node.args]
        if base in {"sum", "mean"}:
            axis = options.get("axis")
            axes = {None: (-1, -2), "0": (-2,), "1": (-1,), "-1": (-1,)}.get(axis, (-1,))
            value, count = args[0], 1
            for at in axes:
                count *= shape(value)[at]
                value = self.summed(value, at)
            return value if base == "sum" else self.source.call("divide", value, self.source.constant(Fraction(count)))
        if base == "dot":
            return self.multiplied(args[0], args[1], "at", node.span)
        if base == "multiply":
            return self.multiplied(args[0], args[1], "odot", node.span)
        if base == "outer":
            return matmul(args[0], transpose(args[1]))
        if base == "maximum":
            return self.source.call("maximum", args[0], args[1])
        if base == "diag":
            return self.diagonal(args[0])
        return self.derived_call(base, args[0], 0)

    def activation(self, node: w.Call) -> Activation:
        """The function that a call means: one by its own name, or that of the layer that its argument belongs to."""
        base = node.name.base
        if (own := activation_called(base)) is not None and base != "softmax":
            return own
        if (declared := self.grids.own_function(base)) is not None:
            return declared
        every = list(dict.fromkeys(self.grids.activations()))
        layer = self.layer_called(node)
        here = self.grids.activation_of(layer) if layer is not None else every[0] if len(every) == 1 else None
        if base == "softmax":
            return next((a for a in every if a.joint is not None), activation_called("softmax") or every[0])
        if base == "sigma" and layer is None and here is not None and here.name != "sigmoid":
            both: Activation = self.choose("function sigma", (activation_called("sigmoid"), here))
            return both
        if base == "sigma" and self.grids.spec.notation.function != "sigma":
            sigmoid = activation_called("sigmoid")
            assert sigmoid is not None
            if sigmoid in every or here is None:
                return sigmoid if here is None or here.joint is None else here
        if here is not None:
            return here
        found: Activation = self.choose(f"function {base}", tuple(every))
        return found

    def layer_called(self, node: w.Call) -> int | None:
        """The layer of a function's argument, or that which its own superscript tells."""
        for script in node.name.sups:
            at = position(script.text.strip("()[]"))
            if at is not None:
                return self.grids.layer_value(at, self)
        argument = unwrapped(node.args[0])
        names = [part for part in w.parts(argument) if isinstance(part, Name)] if not isinstance(argument, Name) else [argument]
        for name in names[:1] if isinstance(argument, Name) else ():
            if not self.is_argument(name) and self.grids.own_value(name) is None and (found := self.grids.readings(name)):
                return self.grids.layer_of(found[0].quantity, self)
        return None

    def softmax(self, node: w.Call, activation: Activation) -> Any:
        """softmax of a vector, column by column; of one entry of a layer, that entry's."""
        if node.name.primes:
            raise Unclear("call", node.span[0], name=node.name.base)
        argument = unwrapped(node.args[0])
        if isinstance(argument, Name):
            reading = self.reading(argument)
            if reading.quantity.kind == "net" and reading.quantity.unit is not None:
                var = self.grids.grid(reading.quantity, self)[0][0]
                return self.source.var(replace_kind(var, "out"))
        exponentials = self.source.call("exp", self.of(node.args[0]))
        axis = -2 if self.grids.conventions.samples == "columns" else -1
        return self.source.call("divide", exponentials, self.summed(exponentials, axis))

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

    # -- sums over indices, cases, matrices ------------------------------------------------------------------------

    def big(self, node: w.BigSum) -> Any:
        letters, condition = self.bound(node)
        if not letters:
            value = self.of(node.body)
            if shape(value) == (1, 1):
                raise Unclear("sum_without_index", node.span[0])
            return self.summed(self.summed(value, -1), -2)
        total: Any = None
        for values in self.ranges(letters, node):
            inner = replace(self, letters={**self.letters, **values})
            if not condition(inner):
                continue
            value = inner.of(node.body)
            total = value if total is None else total + value if node.sign == "Σ" else total * value
        return self.source.constant(Fraction(int(node.sign == "Π"))) if total is None else total

    def bound(self, node: w.BigSum) -> tuple[list[str], Callable[[Meaning], bool]]:
        """The letters that the sum binds, and the condition on them."""
        if node.low is None:
            return [x for x in self.grids.free_letters(node.body) if x not in self.letters], lambda _: True
        tokens = [t for t in node.low.tokens if t.kind != "word"]
        said = condition_of(tokens)
        names = [t.text for t in tokens if t.kind == "name" and len(t.text) == 1 or t.text in {"ell"}]
        if not names:
            raise Unclear("sum_without_index", node.span[0])
        if said and said[0].sign in {"≠", "<", ">", "≤", "≥"} and said[0].other:
            first, other = said[0].letter, said[0].other
            letter = first if first not in self.letters or other in self.letters and first not in self.letters else other
            if first in self.letters and other in self.letters:
                letter = first
            sign = said[0].sign
            other = other if letter == first else first
            if other not in self.letters:
                self.grids.need_letter(other, node.body, self)
            return [letter], lambda inner: _compares(inner.letters[first], sign, inner.letters[said[0].other])
        if said and said[0].sign == "≠" and said[0].values:
            return [said[0].letter], lambda inner: inner.letters[said[0].letter] not in said[0].values
        more = [c for c in said[1:]] if said else []
        if len(tokens) > 4 and any(t.text in {"≠"} for t in tokens):
            at = next(k for k, t in enumerate(tokens) if t.text == "≠")
            a, b = tokens[at - 1].text, tokens[at + 1].text
            if b in self.letters or a in self.letters:
                return [names[0]], lambda inner: inner.letters.get(a) != inner.letters.get(b)
        del more
        listed = [t.text for t in tokens if t.kind == "name"]
        is_list = len(listed) > 1 and all(t.kind == "name" or t.text == "," for t in tokens)
        return (listed if is_list else [names[0]]), lambda _: True

    def ranges(self, letters: list[str], node: w.BigSum) -> list[dict[str, int]]:
        found: list[dict[str, int]] = [{}]
        for letter in letters:
            values = self.range(letter, node)
            found = [{**done, letter: value} for done in found for value in values]
            if len(found) > MAX_TERMS:
                raise Unclear("too_many_terms", node.span[0])
        return found

    def range(self, letter: str, node: w.BigSum) -> tuple[int, ...]:
        """The values of a bound letter: as its limits say in numbers, or else all of what it counts in the body."""
        low = _limit(node.low)
        high = position(node.high.text) if node.high is not None else None
        if isinstance(high, int) and low is not None:
            if high - low > MAX_TERMS:
                raise Unclear("too_many_terms", node.span[0])
            return tuple(range(low, high + 1))
        listed = condition_of(node.low.tokens) if node.low is not None else None
        if listed and listed[0].sign == "in" and len(listed[0].values) > 1:
            return listed[0].values
        values = self.grids.values_of(letter, node.body, self)
        if low == 0 and values and values[0] == 1:
            values = (0, *values)
        return values

    def cases(self, node: w.Cases) -> Any:
        """The first value whose condition holds; conditions on indices are decided, those on quantities stay cases."""
        found: Any = None
        for value, condition in zip(reversed(node.values), reversed(node.conditions), strict=True):
            if condition is None:
                found = self.of(value)
                continue
            decided = self.decided(condition)
            if decided is True:
                found = self.of(value)
            elif decided is None:
                x = self.positive(condition)
                found = self.of(value) if found is None else self.source.call("cases", x, *self.sides(condition, self.of(value), found))
        if found is None:
            raise Unclear("no_case", node.span[0])
        return found

    def sides(self, condition: Written, value: Any, otherwise: Any) -> tuple[Any, Any]:
        assert isinstance(condition, w.Relation)
        return (value, otherwise) if condition.sign in {">", "<"} else (otherwise, value)

    def decided(self, condition: Written) -> bool | None:
        """Whether a condition on indices holds; None where it is one on quantities."""
        if isinstance(condition, w.Placed):
            return self.grids.is_placed(condition, self)
        assert isinstance(condition, w.Relation)
        left, right = unwrapped(condition.left), unwrapped(condition.right)
        sides = [self.letter(side) for side in (left, right)]
        if sides[0] is None or sides[1] is None:
            return None
        return _compares(sides[0], condition.sign, sides[1])

    def letter(self, node: Written) -> int | None:
        """The value of an index or a whole number."""
        if isinstance(node, Name) and not node.sub and not node.sups and len(node.base) == 1 and not self.is_argument(node):
            if node.base in self.letters:
                return self.letters[node.base]
            if not self.grids.readings(node) and node.base.isalpha():
                raise Need(node.base, tuple(range(1, self.grids.spec.vocabulary.widest + 1)))
        if isinstance(node, w.Number) and node.is_whole and len(node.text) < 5:
            return int(node.text)
        return None

    def positive(self, condition: Written) -> Any:
        """What must be positive for > and <, and must not be for ≤ and ≥."""
        assert isinstance(condition, w.Relation)
        left, right = self.of(condition.left), self.of(condition.right)
        if condition.sign in {"=", "≠"}:
            raise Unclear("equality_condition", condition.span[0])
        return left - right if condition.sign in {">", "≤"} else right - left

    def indicator(self, node: w.Indicator) -> Any:
        assert isinstance(node.condition, w.Relation)
        one, zero = self.source.constant(Fraction(1)), self.source.constant(Fraction(0))
        decided = self.decided(node.condition)
        if decided is not None:
            return one if decided else zero
        x = self.positive(node.condition)
        return self.source.call("cases", x, *self.sides(node.condition, one, zero))

    def matrix(self, node: w.Matrix) -> Any:
        if len({len(row) for row in node.rows}) != 1:
            raise Unclear("ragged", node.span[0])
        cells = [[self.of(cell) for cell in row] for row in node.rows]
        return self.joined(cells)

    def relation(self, node: Written) -> Any:
        raise Unclear("comparison", node.span[0])


def _compares(a: int, sign: str, b: int) -> bool:
    return {"=": a == b, "≠": a != b, "<": a < b, ">": a > b, "≤": a <= b, "≥": a >= b}[sign]


def _limit(low: Script | None) -> int | None:
    """The number at which a sum starts: 1 where none is told."""
    if low is None:
        return 1
    tail = low.text.rpartition("=")[2]
    return int(tail) if tail.isdigit() and len(tail) < 6 else 1


def _indices(script: Script) -> list[Position | None]:
    text = script.text
    pieces = text.split(",") if "," in text else [*text] if len(text) == 2 and text.isalpha() else [text]
    return [position(piece) for piece in pieces]


def unwrapped(node: Written) -> Written:
    """Without the brackets around it."""
    while isinstance(node, w.Bracket):
        node = node.of
    return node


def is_ones(node: Written) -> bool:
    node = unwrapped(node)
    return isinstance(node, w.Ones) or (isinstance(node, w.Transposed) and is_ones(node.of))


def shape(value: Any) -> tuple[int, int]:
    """Rows and columns."""
    array = value.value if isinstance(value, Dual) else value
    return array.shape[-2], array.shape[-1]


def transpose(value: Any) -> Any:
    if isinstance(value, Dual):
        return Dual(np.swapaxes(value.value, -1, -2), np.swapaxes(value.slopes, -1, -2))
    return np.swapaxes(value, -1, -2)


def matmul(a: Any, b: Any) -> Any:
    return a @ b


def part(value: Any, i: int, j: int) -> Any:
    """One entry, as a matrix of one."""
    if isinstance(value, Dual):
        return Dual(
            value.value[..., i : i + 1, j : j + 1], value.slopes[..., i : i + 1, j : j + 1] if value.slopes.shape[-1] > 1 else value.slopes
        )
    return value[..., i : i + 1, j : j + 1]


def replace_kind(var: Var, kind: str) -> Var:
    return Var(kind, var.owner, var.sample, var.time)


def _through(op: str) -> Callable[[Source, Any], Any]:
    return lambda source, x: source.call(op, x)


def _sech(source: Source, x: Any) -> Any:
    two = source.constant(Fraction(2))
    return source.call("divide", two, source.call("exp", x) + source.call("exp", -x))


def _hyperbolic(sign: int) -> Callable[[Source, Any], Any]:
    def value(source: Source, x: Any) -> Any:
        one, other = source.call("exp", x), source.call("exp", -x)
        return source.call("divide", one + other if sign > 0 else one - other, source.constant(Fraction(2)))

    return value


def _activated(name: str) -> Callable[[Source, Any], Any]:
    activation = activation_called(name)
    assert activation is not None
    return lambda source, x: source.activate(activation, 0, x)


_CALLS: Mapping[str, Callable[[Source, Any], Any]] = {
    "exp": _through("exp"),
    "log": _through("log"),
    "ln": _through("log"),
    "sin": _through("sin"),
    "cos": _through("cos"),
    "sqrt": _through("sqrt"),
    "erf": _through("erf"),
    "sign": _through("sign"),
    "sgn": _through("sign"),
    "sech": _sech,
    "cosh": _hyperbolic(1),
    "sinh": _hyperbolic(-1),
    "tanh": _activated("tanh"),
}
_RULES: Mapping[type, Callable[[Meaning, Any], Any]] = {
    w.Number: Meaning.number,
    w.Name: Meaning.name,
    w.Sum: Meaning.sum,
    w.Product: Meaning.product,
    w.Negative: Meaning.negative,
    w.Quotient: Meaning.quotient,
    w.Power: Meaning.power,
    w.Bracket: Meaning.bracket,
    w.Transposed: Meaning.transposed,
    w.Entry: Meaning.entry,
    w.Call: Meaning.call,
    w.Derivative: Meaning.derivative,
    w.Nabla: Meaning.nabla,
    w.BigSum: Meaning.big,
    w.Relation: Meaning.relation,
    w.Placed: Meaning.relation,
    w.Cases: Meaning.cases,
    w.Indicator: Meaning.indicator,
    w.Matrix: Meaning.matrix,
    w.Norm: Meaning.norm,
    w.Ones: Meaning.ones,
}
