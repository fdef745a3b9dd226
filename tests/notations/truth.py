"""Whether a row holds: a forward pass of its own, derivatives by the complex step, at random points of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

import numpy as np

from notations.nets import Network
from notations.trees import ERROR, Call, Fraction, Free, Index, Number, Over, Prime, Product, Quantity, Row, Slope, Square, Sum, Tree, nodes

Array = np.ndarray[Any, Any]
Key = tuple[str, int, int]
STEP = 1e-30
TOLERANCE = 1e-9
SAMPLES = 3

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "identity": lambda z: z,
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "relu": lambda z: np.where(z.real > 0, z, 0),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=0),
}
FUNCTIONS: dict[str, Callable[[Array], Array]] = {**ACTIVATIONS, "ln": np.log, "exp": np.exp}
WORKED: dict[str, Callable[[Array, Array], Array]] = {
    "sigmoid": lambda net, out: out * (1 - out),
    "tanh": lambda net, out: 1 - out**2,
    "identity": lambda net, out: 1 + 0 * net,
    "softplus": lambda net, out: 1 / (1 + np.exp(-net)),
    "relu": lambda net, out: 1.0 * (net > 0),
}
"""Derivatives as people write them, in terms of net and out."""
LOSSES: dict[str, Callable[[Array, Array], Array]] = {
    "half_squared_error": lambda t, o: (t - o) ** 2 / 2,
    "squared_error": lambda t, o: (t - o) ** 2,
    "binary_cross_entropy": lambda t, o: -(t * np.log(o) + (1 - t) * np.log(1 - o)),
    "cross_entropy": lambda t, o: -t * np.log(o),
}


@dataclass(frozen=True, slots=True)
class Sense:
    """What a person means: the sign of delta, whether it leaves out the 1/N of a mean, whether a sample is a row."""

    delta_sign: int = 1
    per_sample: bool = False
    rows: bool = False


class World:
    """All quantities of a network at one point: a random one, or the one that its file gives."""

    def __init__(self, network: Network, sense: Sense, rng: Random, *, given: bool = False) -> None:
        self.network, self.sense, self.given = network, sense, given
        self.samples = SAMPLES if network.kind == "batch" else 1
        self.rate = 0.5 if given else rng.uniform(0.1, 0.6)
        self.free = self._given() if given else self._random(rng)
        self.values = self._run()
        self._slopes: dict[tuple[Key, tuple[int, int]], dict[Key, Array]] = {}

    def _given(self) -> dict[Key, Array]:
        return {(kind, layer, 0): np.array(rows) for (kind, layer), rows in self.network.numbers().items()}

    def _random(self, rng: Random) -> dict[Key, Array]:
        def some(rows: int, columns: int, low: float, high: float) -> Array:
            return np.array([[rng.uniform(low, high) for _ in range(columns)] for _ in range(rows)])

        network, sizes = self.network, self.network.sizes
        free: dict[Key, Array] = {}
        for step in self._steps():
            free["x", 0, step] = some(sizes[0], self.samples, 0.2, 1.5)
            free["t", network.last, step] = target = some(sizes[-1], self.samples, 0.1, 0.9)
            if network.loss == "cross_entropy":
                target /= target.sum(axis=0)
        for layer in range(1, network.last + 1):
            free["w", layer, 0] = some(sizes[layer], sizes[layer - 1], -1.5, 1.5)
            if network.bias != "none":
                free["b", layer, 0] = some(sizes[layer] if network.bias == "unit" else 1, 1, -1, 1)
        if network.steps:
            free["u", 1, 0] = some(sizes[1], sizes[1], -1, 1)
        return free

    def _steps(self) -> range:
        return range(1, self.network.steps + 1) if self.network.steps else range(1)

    def _run(self, bumped: Key | None = None, entry: tuple[int, int] = (0, 0)) -> dict[Key, Array]:
        """Every quantity, after one entry of one of them was moved a step into the imaginary."""
        network = self.network
        values: dict[Key, Array] = {}

        def put(key: Key, value: Array) -> None:
            values[key] = value.astype(complex)
            if key == bumped:
                values[key][entry] += 1j * STEP

        for key, value in self.free.items():
            put(key, value)
        if network.steps:
            put(("out", 1, 0), np.zeros((network.sizes[1], 1)))
        total: Array = np.zeros((1, 1))
        for step in self._steps():
            for layer in range(1, network.last + 1):
                net = values["w", layer, 0] @ (values["x", 0, step] if layer == 1 else values["out", layer - 1, step])
                if network.steps and layer == 1:
                    net = net + values["u", 1, 0] @ values["out", 1, step - 1]
                put(("net", layer, step), net + values["b", layer, 0] if network.bias != "none" else net)
                put(("out", layer, step), ACTIVATIONS[network.activations[layer - 1]](values["net", layer, step]))
            error = LOSSES[network.loss](values["t", network.last, step], values["out", network.last, step])
            total = total + error.sum() / (self.samples if network.mean else 1)
        put(("E", 0, 0), total)
        return values

    def key(self, of: Quantity, env: Mapping[str, int]) -> Key:
        """Where the layer of a quantity stands; the outs of layer 0 are the inputs."""
        layer, step = _index(of.layer, env), _index(of.step, env)
        return ("x" if of.kind == "out" and layer == 0 else "w" if of.kind == "new" else of.kind), layer, step

    def value(self, of: Quantity, env: Mapping[str, int]) -> Array:
        """Of one unit a number in a matrix of one entry; of a layer a matrix, turned where samples are rows."""
        key = self.key(of, env)
        if of.kind in {"eta", "count"}:
            return np.array([[self.rate if of.kind == "eta" else float(self.samples)]])
        if of.kind == "delta":
            return self._delta(of, env)
        if of.kind == "new":
            old = replace_kind(of, "w")
            return self.value(old, env) - self.rate * self.slope(ERROR, old, env)
        return self._part(self.values[key].real, of, env)

    def _delta(self, of: Quantity, env: Mapping[str, int]) -> Array:
        if self.network.steps and _index(of.step, env) > self.network.steps:
            shape = (self.network.sizes[_index(of.layer, env)], 1)
            return np.zeros(shape[::-1] if self.sense.rows else shape)
        scale = self.samples if self.sense.per_sample and self.network.mean else 1
        return self.sense.delta_sign * scale * self.slope(ERROR, replace_kind(of, "net"), env)

    def _part(self, whole: Array, of: Quantity, env: Mapping[str, int]) -> Array:
        if not of.unit:
            return whole.T if self.sense.rows and whole.size > 1 else whole
        place = _entry(of, env)
        return whole[place[0] : place[0] + 1, place[1] : place[1] + 1]

    def slope(self, of: Quantity, by: Quantity, env: Mapping[str, int]) -> Array:
        """The derivative of a number by a number, or by each entry of a layer."""
        base = self.key(by, env)
        places = [_entry(by, env)] if by.unit else list(np.ndindex(*self.values[base].shape))
        found = [self._part(self._bumped(base, place)[self.key(of, env)].imag / STEP, of, env) for place in places]
        if any(one.size != 1 for one in found):
            raise ValueError("no number")
        if by.unit:
            return found[0]
        return self._part(np.array(found).reshape(self.values[base].shape), by, env)

    def _bumped(self, key: Key, place: tuple[int, int]) -> dict[Key, Array]:
        if (key, place) not in self._slopes:
            self._slopes[key, place] = self._run(key, place)
        return self._slopes[key, place]

    def of(self, tree: Tree, env: Mapping[str, int]) -> Array:
        """The value of a formula; a ValueError where shapes do not fit."""
        match tree:
            case Quantity():
                return self.value(tree, env)
            case Number(text):
                return np.array([[float(text)]])
            case Sum(terms):
                return _added([sign * self.of(term, env) for sign, term in terms])
            case Product(factors, sign):
                return _multiplied([self.of(factor, env) for factor in factors], sign)
            case Fraction(above, below):
                return _multiplied([self.of(above, env), 1 / self.of(below, env)], "*")
            case Square(base):
                return self.of(base, env) ** 2
            case Call(function, of):
                return self._call(function, self.of(of, env))
            case Prime():
                return self._prime(tree, env)
            case Slope(of, by):
                return self.slope(of, by, env)
            case Over(letter, end, body):
                return _added([self.of(body, {**env, letter: at}) for at in range(1, end + 1)])

    def _call(self, function: str, value: Array) -> Array:
        match function:
            case "T":
                return np.transpose(value)
            case "norm":
                return (value**2).sum(keepdims=True)
            case "ones":
                return value.sum(axis=0 if self.sense.rows else 1, keepdims=True)
            case "softmax" if self.sense.rows:
                return FUNCTIONS[function](value.T).T
        return FUNCTIONS[function](value)

    def _prime(self, tree: Prime, env: Mapping[str, int]) -> Array:
        net = self.value(tree.net, env)
        if tree.worked:
            return WORKED[tree.function](net, self.value(replace_kind(tree.net, "out"), env))
        return ACTIVATIONS[tree.function](net + 1j * STEP).imag / STEP

    def holds(self, row: Row) -> bool:
        """Whether neighbouring sides are equal, for every value of the free indices."""
        return all(self._equal(left, right, env) for left, right in zip(row.sides, row.sides[1:], strict=False) for env in _values(row))

    def _equal(self, left: Tree, right: Tree, env: Mapping[str, int]) -> bool:
        rounded = [node.places for side in (left, right) for node in nodes(side) if isinstance(node, Number) and node.places]
        if bool(rounded) != self.given:
            return True
        try:
            with np.errstate(all="ignore"):  # what is not defined equals nothing
                one, other = self.of(left, env), self.of(right, env)
        except ValueError:
            return False
        if one.shape != other.shape:
            return False
        tolerance = 2 * 10.0 ** -min(rounded) if rounded else TOLERANCE
        return bool(np.all(abs(one - other) <= tolerance * np.maximum(np.maximum(abs(one), abs(other)), 1 if rounded else 1e-3)))


def replace_kind(of: Quantity, kind: str) -> Quantity:
    """Another quantity of the same unit."""
    return Quantity(kind, of.layer, of.unit, of.step)


def worlds(network: Network, sense: Sense, rng: Random) -> list[World]:
    """The points at which a row must hold."""
    random = [World(network, sense, rng) for _ in range(2)]
    return [*random, World(network, sense, rng, given=True)] if network.kind == "numbers" else random


def true(row: Row, at: Sequence[World]) -> bool:
    """Whether a row holds at all points."""
    return all(world.holds(row) for world in at)


def _index(index: Index, env: Mapping[str, int]) -> int:
    return env[index.letter] + index.shift if isinstance(index, Free) else index


def _entry(of: Quantity, env: Mapping[str, int]) -> tuple[int, int]:
    unit = [_index(index, env) - 1 for index in of.unit]
    return (unit[0], unit[1]) if len(unit) == 2 else (unit[0], 0)


def _values(row: Row) -> Iterator[dict[str, int]]:
    for chosen in product(*(range(first, last + 1) for _, first, last in row.free)):
        yield dict(zip((letter for letter, _, _ in row.free), chosen, strict=True))


def _added(terms: list[Array]) -> Array:
    """A sum of equal shapes; a bias may be added to each sample."""
    total = terms[0]
    for term in terms[1:]:
        if total.shape != term.shape and 1 not in total.shape and 1 not in term.shape:
            raise ValueError("shapes do not fit")
        total = total + term
    return total


def _multiplied(factors: list[Array], sign: str) -> Array:
    total = factors[0]
    for factor in factors[1:]:
        if sign == "@" and total.size > 1 and factor.size > 1:
            total = total @ factor
        elif 1 in (total.size, factor.size) or total.shape == factor.shape:
            total = total * factor
        else:
            raise ValueError("shapes do not fit")
    return total
