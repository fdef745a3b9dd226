"""Where a row is evaluated: the network's quantities as numbers or as symbols, what letters stand for, and what must still be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, Protocol

import numpy as np

from symbp.language.form import ARGUMENT, Form, Node, Parameter, Var, leaves, number, rewrite
from symbp.language.written import Number
from symbp.network.activation import ACTIVATIONS, Activation
from symbp.network.calculus import fold, unfold_functions
from symbp.network.forward import ERROR
from symbp.verification.judging.arrays import Array, Arrays, Dual
from symbp.verification.judging.truth import SEED, Truth


class Need(Exception):
    """The letter has no value yet; it is to be each of `values`, as the row is about all of them."""

    def __init__(self, letter: str, values: tuple[int, ...]) -> None:
        super().__init__(letter)
        self.letter = letter
        self.values = values


class Choose(Exception):
    """The row can be meant in several ways; `key` is to be one of `values`, whichever makes it true."""

    def __init__(self, key: str, values: tuple[Any, ...]) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class Absent(Exception):
    """The network has no such quantity at these indices: layer 0 has no delta."""


class Unclear(Exception):
    """What cannot be judged, and why; `hint` says what would decide it. `at` is the place in the row."""

    def __init__(self, key: str, at: int = 0, **names: str) -> None:
        super().__init__(key)
        self.key = key
        self.at = at
        self.names = names


class Misfit(Exception):
    """Matrices of shapes that do not fit; `at` is where they meet."""

    def __init__(self, left: tuple[int, ...], right: tuple[int, ...], span: tuple[int, int]) -> None:
        super().__init__(f"{left} and {right}")
        self.left = left
        self.right = right
        self.span = span


class Indexed(Protocol):
    """What is asked of a scope for the indices of a quantity."""

    @property
    def letters(self) -> Mapping[str, int]: ...
    @property
    def chosen(self) -> Mapping[str, Any]: ...
    def choose(self, key: str, values: tuple[Any, ...]) -> Any: ...


class Source(Protocol):
    """What gives quantities and numbers their values."""

    def var(self, var: Var) -> Any: ...
    def slope(self, of: Var, wrt: Var, *, is_partial: bool) -> Any: ...
    def number(self, node: Number) -> Any: ...
    def constant(self, value: Fraction) -> Any: ...
    def pi(self) -> Any: ...
    def call(self, op: str, *args: Any) -> Any: ...
    def activate(self, activation: Activation, order: int, x: Any) -> Any: ...


@dataclass
class Numeric:
    """Floats at the points of a `Truth`; `by` is the quantity that everything is differentiated by, if there is one.

    `shifts` moves printed numbers, to see what their rounding explains. `arguments` are letters that are no quantity.
    """

    truth: Truth
    by: Var | None = None
    shifts: Mapping[int, float] = field(default_factory=dict)

    @property
    def algebra(self) -> Arrays:
        return self.truth.duals if self.by is not None else self.truth.algebra

    def var(self, var: Var) -> Any:
        if var.kind == "one":
            return np.ones((1, 1, 1))
        value = self.truth.entries.get(var)
        if value is None:
            found = argument(var, self.truth.points) if var.kind == "argument" else self._value(var)
            value = self.truth.entries[var] = self.truth.algebra.array(found).reshape(-1, 1, 1)
        if self.by is None:
            return value
        slope = np.ones(self.truth.points) if var == self.by else self._slope(var)
        return Dual(value, slope.reshape(1, -1, 1, 1))

    def _value(self, var: Var) -> Array:
        try:
            return self.truth.value(var)
        except KeyError:
            raise Absent from None

    def _slope(self, var: Var) -> Array:
        assert self.by is not None
        if var.kind == "argument" or self.by.kind == "argument":
            return np.zeros(self.truth.points)
        if var.kind == "delta" or var.step:
            raise Unclear("derivative_of_derivative")
        return self.truth.total(var, self.by)

    def slope(self, of: Var, wrt: Var, *, is_partial: bool) -> Any:
        if self.by is not None:
            raise Unclear("derivative_of_derivative")
        if of.kind == "delta" or of.step or wrt.step or wrt.kind == "delta":
            raise Unclear("derivative_of_derivative")
        key = of, wrt, is_partial
        if key not in self.truth.entries:
            self.truth.entries[key] = self._along(of, wrt, is_partial=is_partial)
        return self.truth.entries[key]

    def _along(self, of: Var, wrt: Var, *, is_partial: bool) -> Any:
        direct = wrt in self.truth.locals(of)
        found = self.truth.along(of, wrt) if is_partial and direct else self.truth.total(of, wrt)
        return np.asarray(found).reshape(-1, 1, 1)

    def number(self, node: Number) -> Any:
        value = float(node.text) * 10.0**node.exponent + self.shifts.get(node.span[0], 0.0)
        return np.full((1, 1, 1), value)

    def constant(self, value: Fraction) -> Any:
        return np.full((1, 1, 1), self.truth.algebra.rational(value))

    def pi(self) -> Any:
        return np.full((1, 1, 1), self.truth.algebra.pi())

    def call(self, op: str, *args: Any) -> Any:
        return getattr(self.algebra, op)(*args)

    def activate(self, activation: Activation, order: int, x: Any) -> Any:
        value = fold(definition(activation, order), self.algebra, lambda _: x)
        return value if isinstance(value, Dual) or np.ndim(value) else np.full(np.shape(x.value if isinstance(x, Dual) else x), value)


@lru_cache(maxsize=256)
def argument(var: Var, points: int) -> Array:
    """Values for a letter that is no quantity: of both signs, the same each time."""
    assert isinstance(var.owner, Parameter)
    random = np.random.default_rng([SEED, *var.owner.name.encode()])
    return random.uniform(0.2, 2.0, points) * random.choice([-1.0, 1.0], points)


@cache
def definition(activation: Activation, order: int) -> Node:
    """The activation, or its derivative, as a form of ARGUMENT without names of functions."""
    function = replace(activation.function, order=order)
    return unfold_functions(Form("apply", (function, ARGUMENT))) if activation.is_named else _identity(order)


def _identity(order: int) -> Node:
    return ARGUMENT if not order else number(1 if order == 1 else 0)


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """A form that numpy can add and multiply."""

    form: Node

    def __add__(self, other: Any) -> Symbol:
        return Symbol(Form("add", (self.form, _node(other))))

    def __radd__(self, other: Any) -> Symbol:
        return Symbol(Form("add", (_node(other), self.form)))

    def __sub__(self, other: Any) -> Symbol:
        return Symbol(Form("add", (self.form, Form("neg", (_node(other),)))))

    def __rsub__(self, other: Any) -> Symbol:
        return Symbol(Form("add", (_node(other), Form("neg", (self.form,)))))

    def __neg__(self) -> Symbol:
        return Symbol(Form("neg", (self.form,)))

    def __mul__(self, other: Any) -> Symbol:
        return Symbol(Form("times", (self.form, _node(other))))

    def __rmul__(self, other: Any) -> Symbol:
        return Symbol(Form("times", (_node(other), self.form)))

    def __truediv__(self, other: Any) -> Symbol:
        return Symbol(Form("frac", (self.form, _node(other))))

    def __rtruediv__(self, other: Any) -> Symbol:
        return Symbol(Form("frac", (_node(other), self.form)))


def _node(value: Any) -> Node:
    return value.form if isinstance(value, Symbol) else number(Fraction(value))


_OPERATORS = {"divide": "frac", "power": "pow", "absolute": "abs", "maximum": "max"}


@dataclass
class Symbolic:
    """Forms for a proof; derivatives stay named, as the prover unrolls them."""

    by: Var | None = None

    def var(self, var: Var) -> Any:
        return self.constant(Fraction(1)) if var.kind == "one" else _cell(Symbol(var))

    def slope(self, of: Var, wrt: Var, *, is_partial: bool) -> Any:
        return _cell(Symbol(Form("partial" if is_partial else "total", (of, wrt))))

    def number(self, node: Number) -> Any:
        return self.constant(Fraction(node.text) * Fraction(10) ** node.exponent)

    def constant(self, value: Fraction) -> Any:
        return _cell(Symbol(number(value)))

    def pi(self) -> Any:
        return self.call("pi")

    def call(self, op: str, *args: Any) -> Any:
        name = _OPERATORS.get(op, op)
        return np.frompyfunc(lambda *cells: Symbol(Form(name, tuple(map(_node, cells)))), len(args), 1)(*args)

    def activate(self, activation: Activation, order: int, x: Any) -> Any:
        def at(cell: Any) -> Symbol:
            if activation.is_named:
                return Symbol(Form("apply", (replace(activation.function, order=order), _node(cell))))
            return Symbol(rewrite(_identity(order), lambda part: _node(cell) if part == ARGUMENT else part))

        return np.frompyfunc(at, 1, 1)(x)

    def derived(self, x: Any, wrt: Var) -> Any:
        """The derivative of written-out forms: along every way in which their quantities depend on `wrt`."""

        def at(cell: Any) -> Symbol:
            form = unfold_functions(_node(cell))
            variables = dict.fromkeys(v for v in leaves(form) if isinstance(v, Var))
            terms: list[Node] = []
            for var in variables:
                if var == wrt:
                    terms.append(Form("ddx", (form, var)))
                elif var.kind not in _FREE and wrt.kind != "argument":
                    terms.append(Form("times", (Form("ddx", (form, var)), Form("total", (var, wrt)))))
            return Symbol(Form("add", tuple(terms)) if len(terms) > 1 else terms[0] if terms else number(0))

        return np.frompyfunc(at, 1, 1)(x)


_FREE = frozenset({"weight", "bias", "input", "target", "learning_rate", "argument"})


def _cell(symbol: Symbol) -> Any:
    cell = np.empty((1, 1, 1), dtype=object)
    cell[0, 0, 0] = symbol
    return cell


def activation_called(word: str) -> Activation | None:
    """The activation that a word names."""
    known = {row.function.symbol: row for row in ACTIVATIONS.values() if row.name != "sigmoid"}
    known |= {**ACTIVATIONS, "logistic": ACTIVATIONS["sigmoid"], "sig": ACTIVATIONS["sigmoid"]}
    return known.get(word)


def error_of(sample: int | None, samples: int) -> Var:
    """The error of a sample, or the whole of it where there is one sample or none is meant."""
    return ERROR if sample is None or samples == 1 else Var("error_sample", None, sample)
