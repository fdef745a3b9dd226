"""Derivations unit by unit: the forward pass, deltas, gradients, the chain rule written out, updates, numbers put in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from notations.nets import Network
from notations.notation import Notation
from notations.trees import (
    ERROR,
    HALF,
    RATE,
    Call,
    Fraction,
    Number,
    Prime,
    Product,
    Quantity,
    Row,
    Slope,
    Square,
    Sum,
    Tree,
    minus,
    minus_of,
    parts,
    plus,
    times,
    with_parts,
)
from notations.truth import World, replace_kind

ONE, TWO = Number("1"), Number("2")
EXACT = 12
"""The places of a number that the network file gives."""


@dataclass
class Scalars:
    """The rows of one person's derivation; some gradients and updates are left out, as people do."""

    network: Network
    notation: Notation
    rng: Random

    def rows(self) -> list[Row]:
        """All rows in order."""
        found = [*(self.forward() if self.notation.forward else ()), *self.output(), *self.hidden(), *self.updates()]
        if self.network.kind != "numbers":
            return found
        world = World(self.network, self.notation.sense, self.rng, given=True)
        return [self._with_numbers(row, world) for row in found]

    # what there is

    def net(self, layer: int, i: int) -> Quantity:
        return Quantity("net", layer, (i,))

    def out(self, layer: int, i: int) -> Quantity:
        return Quantity("out" if layer else "x", layer, (i,))

    def bias(self, layer: int, i: int) -> Quantity | None:
        return {"unit": Quantity("b", layer, (i,)), "shared": Quantity("b", layer)}.get(self.network.bias)

    def weight(self, layer: int, i: int, j: int) -> Quantity:
        return Quantity("w", layer, (i, j))

    def prime(self, layer: int, i: int) -> Prime | None:
        function = self.network.activations[layer - 1]
        return None if function == "identity" else Prime(function, self.net(layer, i), self.notation.worked)

    # the forward pass

    def forward(self) -> Iterator[Row]:
        for layer in range(1, self.network.last + 1):
            for i in self.network.units(layer):
                yield Row("forward", (self.net(layer, i), self._weighted(layer, i)))
            for i in self.network.units(layer):
                yield Row("forward", (self.out(layer, i), self._activated(layer, i)))
        yield Row("error", (ERROR, self._error()))

    def _weighted(self, layer: int, i: int) -> Tree:
        terms: list[Tree] = [times(self.weight(layer, i, j), self.out(layer - 1, j)) for j in self.network.units(layer - 1)]
        bias = self.bias(layer, i)
        return plus([*terms, bias] if bias else terms)

    def _activated(self, layer: int, i: int) -> Tree:
        function, net = self.network.activations[layer - 1], self.net(layer, i)
        if function == "softmax":
            return Fraction(Call("exp", net), plus([Call("exp", self.net(layer, k)) for k in self.network.units(layer)]))
        return net if function == "identity" else Call(function, net)

    def _error(self) -> Tree:
        last = self.network.last
        pairs = [(Quantity("t", last, (i,)), self.out(last, i)) for i in self.network.units(last)]
        match self.network.loss:
            case "half_squared_error":
                return plus([times(HALF, Square(minus(t, o))) for t, o in pairs])
            case "squared_error":
                return plus([Square(minus(t, o)) for t, o in pairs])
            case "cross_entropy":
                return Sum(tuple((-1, times(t, Call("ln", o))) for t, o in pairs))
        t, o = pairs[0]
        return minus_of(Sum(((1, times(t, Call("ln", o))), (1, times(minus(ONE, t), Call("ln", minus(ONE, o)))))))

    # the backward pass

    def output(self) -> Iterator[Row]:
        last = self.network.last
        simple = self.network.loss != "cross_entropy"
        for i in self.network.units(last):
            if simple and self.notation.locals:
                yield Row("output", (Slope(ERROR, self.out(last, i)), self._by_out(i)))
                yield from self._local(last, i)
        yield from self._blames(last)
        yield from self._gradients(last, chained=simple and self.notation.chains != "none")

    def hidden(self) -> Iterator[Row]:
        for layer in range(self.network.last - 1, 0, -1):
            chained = self.notation.chains == "all"
            if chained:
                for i in self.network.units(layer):
                    yield Row("hidden", (Slope(ERROR, self.out(layer, i)), self._signed(self._gathered(layer, i))))
            yield from self._blames(layer)
            yield from self._gradients(layer, chained=chained)

    def _local(self, layer: int, i: int) -> Iterator[Row]:
        prime = self.prime(layer, i)
        if prime:
            yield Row("output", (Slope(self.out(layer, i), self.net(layer, i)), prime))
        j = self.rng.choice(self.network.units(layer - 1))
        yield Row("output", (Slope(self.net(layer, i), self.weight(layer, i, j)), self.out(layer - 1, j)))

    def _by_out(self, i: int, sign: int = 1) -> Tree:
        """sign * dE/dout of an output."""
        last = self.network.last
        t, o = Quantity("t", last, (i,)), self.out(last, i)
        if self.network.loss == "binary_cross_entropy":
            return Sum(((-sign, Fraction(t, o)), (sign, Fraction(minus(ONE, t), minus(ONE, o)))))
        left: Tree = minus(t, o) if self.notation.turned or sign < 0 else minus(o, t)
        full = times(TWO, left) if self.network.loss == "squared_error" else left
        return minus_of(full) if self.notation.turned and sign > 0 else full

    def _gathered(self, layer: int, i: int) -> Tree:
        """What comes back to a hidden out."""
        return plus([times(self.blame(layer + 1, k), self.weight(layer + 1, k, i)) for k in self.network.units(layer + 1)])

    def _worked_blame(self, layer: int, i: int) -> Tree:
        """sign of delta * dE/dnet, by what the layers after it give."""
        if layer < self.network.last:
            return times(self._gathered(layer, i), self.prime(layer, i))
        if self.network.loss.endswith("cross_entropy"):
            pair = self.out(layer, i), Quantity("t", layer, (i,))
            return minus(*pair) if self.notation.delta_sign > 0 else minus(pair[1], pair[0])
        return times(self._by_out(i, self.notation.delta_sign), self.prime(layer, i))

    def blame(self, layer: int, i: int) -> Tree:
        """The derivative by a net input as this person writes it in other rows."""
        match self.notation.blame:
            case "delta":
                return Quantity("delta", layer, (i,))
            case "slope":
                return Slope(ERROR, self.net(layer, i))
        return self._worked_blame(layer, i)

    def _blames(self, layer: int) -> Iterator[Row]:
        if self.notation.blame == "expanded":
            return
        for i in self.network.units(layer):
            slope: Tree = Slope(ERROR, self.net(layer, i))
            if self.notation.blame == "delta":
                named = [minus_of(slope) if self.notation.delta_sign < 0 else slope] if self._anchors() else []
                yield Row("delta", (Quantity("delta", layer, (i,)), *named, self._worked_blame(layer, i)))
            else:
                yield Row("delta", (slope, self._worked_blame(layer, i)))

    def _anchors(self) -> bool:
        return self.notation.anchored or self.notation.delta_sign < 0

    def _gradients(self, layer: int, *, chained: bool) -> Iterator[Row]:
        edges = [(i, j) for i in self.network.units(layer) for j in self.network.units(layer - 1)]
        for i, j in self._some(edges):
            yield self._gradient(layer, i, j, chained=chained)
        if self.network.bias != "none" and self.rng.random() < 0.7:
            yield from self._bias_gradients(layer)

    def _gradient(self, layer: int, i: int, j: int, *, chained: bool) -> Row:
        weight, before = self.weight(layer, i, j), self.out(layer - 1, j)
        head = self._heads(weight)
        short = self._signed(times(self.blame(layer, i), before))
        if not chained:
            return Row("gradient", (*head, short))
        out, net = self.out(layer, i), self.net(layer, i)
        chain = times(Slope(ERROR, out), Slope(out, net), Slope(net, weight))
        return Row("chain", (*head, chain, self._full(layer, i, before)))

    def _full(self, layer: int, i: int, before: Tree) -> Tree:
        """The gradient in terms of the layer after it alone."""
        if layer == self.network.last:
            return times(self._by_out(i), self.prime(layer, i), before)
        return self._signed(times(self._gathered(layer, i), self.prime(layer, i), before))

    def _signed(self, tree: Tree) -> Tree:
        """Of what is delta times something: the gradient."""
        return minus_of(tree) if self.notation.delta_sign < 0 else tree

    def _heads(self, by: Quantity) -> list[Tree]:
        own = self.notation.gradient and self.notation.anchored
        return [Slope(ERROR, by), Slope(ERROR, by, plain=True)] if own else [Slope(ERROR, by)]

    def _bias_gradients(self, layer: int) -> Iterator[Row]:
        units = self.network.units(layer)
        if self.network.bias == "shared":
            yield Row("gradient", (Slope(ERROR, Quantity("b", layer)), self._signed(plus([self.blame(layer, i) for i in units]))))
            return
        for i in self._some([(i, 0) for i in units]):
            yield Row("gradient", (Slope(ERROR, Quantity("b", layer, (i[0],))), self._signed(self.blame(layer, i[0]))))

    def updates(self) -> Iterator[Row]:
        if not self.notation.updates:
            return
        for layer, i, j in self.rng.sample(self.network.weights(), min(3, len(self.network.weights()))):
            weight = self.weight(layer, i, j)
            if self.notation.delta_sign < 0:
                moved = plus([weight, times(RATE, self.blame(layer, i), self.out(layer - 1, j))])
            else:
                moved = minus(weight, times(RATE, Slope(ERROR, weight)))
            yield Row("update", (replace_kind(weight, "new"), moved))

    def _some(self, things: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Most of them; at least one."""
        kept = [thing for thing in things if self.rng.random() < 0.65]
        return kept or [self.rng.choice(things)]

    # numbers

    def _with_numbers(self, row: Row, world: World) -> Row:
        """The row, then with numbers put in, then worked out; only sometimes all of that."""
        if self.rng.random() < 0.25:
            return row
        put = self._put_in(row.sides[-1], world)
        value = self._printed(float(world.of(row.sides[0], {})[0, 0]))
        return Row(row.about, (*row.sides, *([put] if put and not isinstance(put, Number) else []), value))

    def _put_in(self, tree: Tree, world: World) -> Tree | None:
        match tree:
            case Quantity(kind) | Slope(Quantity(kind)):
                value = float(world.of(tree, {})[0, 0])
                given = isinstance(tree, Quantity) and kind in {"x", "t", "w", "b", "eta"}
                return Number(f"{value:g}", EXACT) if given else self._printed(value)
            case Prime(worked=False):
                return None
            case Prime(function, net):
                out = self._printed(float(world.of(replace_kind(net, "out"), {})[0, 0]))
                return times(out, minus(ONE, out)) if function == "sigmoid" else minus(ONE, Square(out))
        made = [self._put_in(part, world) for part in parts(tree)]
        whole = [part for part in made if part is not None]
        if len(whole) < len(made):
            return None
        return times(*whole) if isinstance(tree, Product) else with_parts(tree, whole)

    def _printed(self, value: float) -> Number:
        return Number(f"{value:.{self.notation.digits}f}", self.notation.digits)
