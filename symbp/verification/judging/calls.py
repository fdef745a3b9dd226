"""Calls of functions: exponentials, activations, those of numpy, and those that the work defines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from symbp.language import written as w
from symbp.language.form import Index, Var
from symbp.language.written import Name, Written
from symbp.network.activation import Activation
from symbp.verification.judging.differentiation import Differentiation
from symbp.verification.judging.scope import Source, Unclear, activation_called
from symbp.verification.judging.shapes import matmul, shape, transpose, unwrapped
from symbp.verification.reading.quantities import position

MAX_BOUND: Final = 8


class Calls(Differentiation):
    """The values of functions."""

    def call(self, node: w.Call) -> Any:
        base, order = node.name.base, node.name.primes
        if (template := self.grids.template((base, order))) is not None:
            return self.templated(node, *template)
        if base.startswith("np.") or base in {"sum", "dot"}:
            return self.library(node)
        if base in _CALLS:
            if len(node.args) != 1 or order > 3:
                raise Unclear("call", node.span[0], name=base)
            return self.derived_call(base, self.of(node.args[0]), order)
        if base in {"max", "min"}:
            sign = 1 if base == "max" else -1
            values = [self.of(arg) * sign for arg in node.args]
            total = values[0]
            for value in values[1:]:
                total = self.source.call("maximum", total, value)
            return total * sign
        if base == "diag":
            return self.diagonal(self.of(node.args[0]))
        if len(node.args) != 1:
            raise Unclear("call", node.span[0], name=base)
        activation = self.activation(node)
        if activation.joint is not None:
            return self.softmax(node, activation)
        return self.source.activate(activation, order, self.of(node.args[0]))

    def templated(self, node: w.Call, parameter: Name, body: Written) -> Any:
        """A function that the work defines at one layer's quantity, at that of another: Σ'(z^l) = diag(σ'(z^l))."""
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
            if node.name.base == "sum" and shape(value) == (1, 1):
                raise Unclear("sum_without_index", node.span[0])
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
        if (declared := self.grids.own_function(base)) is not None and node.name.sub is None:
            return declared
        every = list(dict.fromkeys(self.grids.activations()))
        layer = self.layer_called(node)
        here = self.grids.activation_of(layer) if layer is not None else every[0] if len(every) == 1 else None
        if base == "softmax":
            return next((a for a in every if a.joint is not None), activation_called("softmax") or every[0])
        if node.name.sub is not None and here is not None:
            return here  # the function of the layer that its own subscript, or its argument, tells
        if base == "sigma" and (here is None or here.name != "sigmoid"):  # the layer's activation, or the logistic function
            ways = (activation_called("sigmoid"), *([here] if here is not None else every))
            ways = ways if layer is None else ways[::-1]
            either: Activation = self.choose("function sigma", tuple(dict.fromkeys(ways)))
            return either
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
        if node.name.sub is not None and (named := self.grids.axes.named_layer(node.name.sub.text)) is not None:
            return named
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
