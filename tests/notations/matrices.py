"""Derivations by whole layers: vectors, batches with a sample as a column or a row, a recurrent layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from notations.nets import Network
from notations.notation import Notation
from notations.trees import (
    COUNT,
    ERROR,
    HALF,
    RATE,
    Call,
    Fraction,
    Free,
    Index,
    Number,
    Over,
    Prime,
    Quantity,
    Row,
    Slope,
    Tree,
    minus,
    minus_of,
    plus,
    times,
)
from notations.truth import replace_kind


@dataclass
class Matrices:
    """The rows of one person's derivation."""

    network: Network
    notation: Notation
    rng: Random

    def rows(self) -> list[Row]:
        """All rows in order."""
        if self.network.steps:
            return [*(self._forward_in_time() if self.notation.forward else ()), *self._backward_in_time(), *self._updates()]
        return [*(self._forward() if self.notation.forward else ()), *self._backward(), *self._updates()]

    def _product(self, left: Tree, right: Tree) -> Tree:
        """A product of matrices as it stands where a sample is a column; turned round where it is a row."""
        return times(right, left, sign="@") if self.notation.rows else times(left, right, sign="@")

    def _out(self, layer: Index, step: Index = 0) -> Quantity:
        return Quantity("out" if layer else "x", layer, (), step)

    def _activated(self, net: Quantity) -> Tree:
        assert isinstance(net.layer, int)
        function = self.network.activations[net.layer - 1]
        return net if function == "identity" else Call(function, net)

    def _weighted(self, layer: Index, before: Quantity) -> Tree:
        product = self._product(Quantity("w", layer), before)
        return product if self.network.bias == "none" else plus([product, Quantity("b", layer)])

    def _forward(self) -> Iterator[Row]:
        layers = range(1, self.network.last + 1)
        if self.notation.general and self.notation.inputs_out:
            free = Free("l")
            yield Row(
                "forward", (Quantity("net", free), self._weighted(free, Quantity("out", Free("l", -1)))), (("l", 1, self.network.last),)
            )
        for layer in layers:
            net = Quantity("net", layer)
            yield Row("forward", (net, self._weighted(layer, self._out(layer - 1))))
            yield Row("forward", (self._out(layer), self._activated(net)))
        yield Row("error", (ERROR, self._error()))

    def _error(self) -> Tree:
        last = self.network.last
        if self.network.loss == "cross_entropy":
            return self._cross_entropy()
        norm = Call("norm", minus(self._out(last), Quantity("t", last)))
        return times(Fraction(Number("1"), times(Number("2"), COUNT)) if self.network.mean else HALF, norm)

    def _cross_entropy(self) -> Tree:
        last, classes = self.network.last, self.network.sizes[-1]
        entry = (Free("k"), Free("n")) if self.network.kind == "batch" else (Free("k"),)
        inner: Tree = Over("k", classes, times(Quantity("t", last, entry), Call("ln", Quantity("out", last, entry))))
        if self.network.kind == "batch":
            inner = Over("n", 3, inner)
        return minus_of(times(Fraction(Number("1"), COUNT), inner) if self.network.mean else inner)

    def _mean(self, tree: Tree, *, of_delta: bool) -> Tree:
        """With the 1/N of a mean, if the deltas have it where it is wanted."""
        wanted = self.network.mean and of_delta != self.notation.per_sample
        return times(Fraction(Number("1"), COUNT), tree) if wanted else tree

    def blame(self, layer: int, step: Index = 0) -> Tree:
        """The derivative by the net inputs as this person writes it in other rows."""
        net = Quantity("net", layer, (), step)
        return replace_kind(net, "delta") if self.notation.blame == "delta" or self.notation.per_sample else Slope(ERROR, net)

    def _backward(self) -> Iterator[Row]:
        last = self.network.last
        for layer in range(last, 0, -1):
            if layer < last and self.notation.locals and not self.notation.per_sample:
                yield Row("hidden", (Slope(ERROR, self._out(layer)), self._gathered(layer)))
            yield Row("delta", (*self._heads(layer), self._worked(layer)))
            yield from self._gradients(layer)
        if self.notation.general and self.notation.inputs_out and self.network.kind == "vector" and self.notation.blame == "delta":
            before, free = Quantity("out", Free("l", -1)), Free("l")
            general = self._product(Quantity("delta", free), Call("T", before))
            yield Row("gradient", (Slope(ERROR, Quantity("w", free)), general), (("l", 1, last),))

    def _heads(self, layer: int) -> list[Tree]:
        blame = self.blame(layer)
        anchored = self.notation.anchored and not self.notation.per_sample and not isinstance(blame, Slope)
        return [blame, Slope(ERROR, Quantity("net", layer))] if anchored else [blame]

    def _gathered(self, layer: int) -> Tree:
        return self._product(Call("T", Quantity("w", layer + 1)), self.blame(layer + 1))

    def _prime(self, layer: int, step: Index = 0) -> Prime | None:
        function = self.network.activations[layer - 1]
        return None if function in {"identity", "softmax"} else Prime(function, Quantity("net", layer, (), step), self.notation.worked)

    def _worked(self, layer: int) -> Tree:
        if layer < self.network.last:
            return times(self._gathered(layer), self._prime(layer), sign="o")
        residual = minus(self._out(layer), Quantity("t", layer))
        prime = self._prime(layer)
        return self._mean(times(residual, prime, sign="o"), of_delta=True)

    def _gradients(self, layer: int) -> Iterator[Row]:
        before = self._out(layer - 1)
        product = self._product(self.blame(layer), Call("T", before))
        yield Row("gradient", (Slope(ERROR, Quantity("w", layer)), self._mean(product, of_delta=False)))
        if self.network.bias != "none":
            blame = self.blame(layer)
            summed = Call("ones", blame) if self.network.kind == "batch" else blame
            yield Row("gradient", (Slope(ERROR, Quantity("b", layer)), self._mean(summed, of_delta=False)))

    def _updates(self) -> Iterator[Row]:
        for layer in range(1, self.network.last + 1) if self.notation.updates else ():
            weight = Quantity("w", layer)
            yield Row("update", (replace_kind(weight, "new"), minus(weight, times(RATE, Slope(ERROR, weight)))))

    # over time

    def _forward_in_time(self) -> Iterator[Row]:
        now, before = Free("t"), Free("t", -1)
        every = (("t", 1, self.network.steps),)
        net = Quantity("net", 1, (), now)
        terms: list[Tree] = [self._product(Quantity("w", 1), self._out(0, now)), self._product(Quantity("u", 1), self._out(1, before))]
        yield Row("forward", (net, plus([*terms, Quantity("b", 1)])), every)
        yield Row("forward", (self._out(1, now), self._activated(net)), every)
        yield Row("forward", (self._out(2, now), self._weighted(2, self._out(1, now))), every)
        norm = Call("norm", minus(self._out(2, now), Quantity("t", 2, (), now)))
        yield Row("error", (ERROR, times(HALF, Over("t", self.network.steps, norm))))

    def _backward_in_time(self) -> Iterator[Row]:
        now, last = Free("t"), self.network.steps
        residual = minus(self._out(2, now), Quantity("t", 2, (), now))
        yield Row("output", (Slope(ERROR, self._out(2, now)), residual), (("t", 1, last),))
        for step, free in ((last, ()), (now, (("t", 1, last - 1),))):
            gathered = self._product(Call("T", Quantity("w", 2)), minus(self._out(2, step), Quantity("t", 2, (), step)))
            if isinstance(step, Free):
                later = self._product(Call("T", Quantity("u", 1)), self.blame(1, Free("t", 1)))
                gathered = plus([gathered, later])
            yield Row("delta", (self.blame(1, step), times(gathered, self._prime(1, step), sign="o")), free)
        yield from self._gradients_in_time(residual)

    def _gradients_in_time(self, residual: Tree) -> Iterator[Row]:
        now, before, steps = Free("t"), Free("t", -1), self.network.steps
        blame = self.blame(1, now)
        for by, back, source in (
            (Quantity("w", 2), residual, self._out(1, now)),
            (Quantity("u", 1), blame, self._out(1, before)),
            (Quantity("w", 1), blame, self._out(0, now)),
        ):
            yield Row("gradient", (Slope(ERROR, by), Over("t", steps, self._product(back, Call("T", source)))))
        yield Row("gradient", (Slope(ERROR, Quantity("b", 1)), Over("t", steps, blame)))
