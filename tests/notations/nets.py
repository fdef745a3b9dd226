"""The networks that the works are about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

Rows = list[list[float]]
Weight = tuple[int, int, int]
"""The layer, the unit that it leads into, the unit that it comes from."""


@dataclass(frozen=True, slots=True)
class Network:
    """Layers of units counted from 1; layer 0 are the inputs. With `steps`, layer 1 is recurrent."""

    key: str
    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str = "half_squared_error"
    bias: str = "unit"  # or "shared", by a layer, or "none"
    kind: str = "scalar"  # or "numbers", "vector", "batch", "recurrent"
    mean: bool = False
    steps: int = 0

    @property
    def last(self) -> int:
        """The layer of the outputs."""
        return len(self.sizes) - 1

    def units(self, layer: int) -> range:
        """The units of a layer."""
        return range(1, self.sizes[layer] + 1)

    def weights(self) -> list[Weight]:
        """In the order of the names w1, w2, …: unit by unit."""
        return [(layer, i, j) for layer in range(1, self.last + 1) for i in self.units(layer) for j in self.units(layer - 1)]

    def numbers(self) -> dict[tuple[str, int], Rows]:
        """Weights, biases, inputs and targets of a network that has them: always the same."""
        rng = Random(self.key)
        given: dict[tuple[str, int], Rows] = {("x", 0): [[round(rng.uniform(0.1, 1), 2)] for _ in self.units(0)]}
        for layer in range(1, self.last + 1):
            given["w", layer] = [[_number(rng) for _ in self.units(layer - 1)] for _ in self.units(layer)]
            given["b", layer] = [[_number(rng)] for _ in (self.units(layer) if self.bias == "unit" else [0])]
        given["t", self.last] = [[rng.choice([0.01, 0.2, 0.7, 0.9])] for _ in self.units(self.last)]
        return given

    def spec(self, notation: str) -> str:
        """The network file."""
        return "\n".join([*self._head(notation), *self._layers(), *self._sample()]) + "\n"

    def _head(self, notation: str) -> Iterator[str]:
        yield f'title = "{self.key}"'
        yield f'notation = "{notation}"'
        yield f'loss = "{self.loss}"'
        yield "learning_rate = 0.5"
        if self.kind == "batch":
            yield f'reduction = "{"mean" if self.mean else "sum"}"'
        yield f"inputs = {self.sizes[0]}"

    def _layers(self) -> Iterator[str]:
        for layer in range(1, self.last + 1):
            recurrent = bool(self.steps) and layer == 1
            yield "[recurrent]" if recurrent else "[[layers]]"
            yield f"units = {self.sizes[layer]}"
            yield f'activation = "{self.activations[layer - 1]}"'
            if recurrent:
                yield f'error = "every"\nlength = {self.steps}'
            if self.kind == "numbers":
                yield f"weights = {self.numbers()['w', layer]}"
            if self.bias == "none":
                yield "bias = false"
            elif self.kind == "numbers":
                given = [row[0] for row in self.numbers()["b", layer]]
                yield f"bias = {given if self.bias == 'unit' else given[0]}"
            elif self.bias == "shared":
                yield "bias = 0.5"

    def _sample(self) -> Iterator[str]:
        if self.kind == "numbers":
            given = self.numbers()
            yield "[[samples]]"
            yield f"inputs = {[row[0] for row in given['x', 0]]}"
            yield f"targets = {[row[0] for row in given['t', self.last]]}"


def _number(rng: Random) -> float:
    return round(rng.choice([-1, 1, 1]) * rng.uniform(0.1, 0.9), 2)


NETWORKS = (
    Network("2-2-2", (2, 2, 2), ("sigmoid", "sigmoid"), bias="shared"),
    Network("2-3-1", (2, 3, 1), ("sigmoid", "sigmoid"), bias="none"),
    Network("3-2-1 tanh", (3, 2, 1), ("tanh", "identity")),
    Network("2-2-1 entropy", (2, 2, 1), ("tanh", "sigmoid"), "binary_cross_entropy"),
    Network("2-2-2 softplus", (2, 2, 2), ("softplus", "identity"), "squared_error", bias="none"),
    Network("2-2-3 softmax", (2, 2, 3), ("tanh", "softmax"), "cross_entropy"),
    Network("2-2-2-1", (2, 2, 2, 1), ("sigmoid", "tanh", "sigmoid"), bias="none"),
    Network("1-1-1", (1, 1, 1), ("sigmoid", "sigmoid")),
    Network("2-2-1 numbers", (2, 2, 1), ("sigmoid", "sigmoid"), kind="numbers"),
    Network("2-2-2 numbers", (2, 2, 2), ("sigmoid", "sigmoid"), kind="numbers", bias="shared"),
    Network("3-2-1 numbers", (3, 2, 1), ("tanh", "identity"), "squared_error", kind="numbers"),
    Network("3-4-2 vectors", (3, 4, 2), ("tanh", "identity"), kind="vector"),
    Network("2-3-4-2 vectors", (2, 3, 4, 2), ("sigmoid", "tanh", "sigmoid"), kind="vector"),
    Network("3-4-3 softmax vectors", (3, 4, 3), ("relu", "softmax"), "cross_entropy", kind="vector"),
    Network("3-4-2 batch", (3, 4, 2), ("tanh", "sigmoid"), kind="batch"),
    Network("3-4-3 softmax batch", (3, 4, 3), ("tanh", "softmax"), "cross_entropy", kind="batch", mean=True),
    Network("2-3-2 recurrent", (2, 3, 2), ("tanh", "identity"), kind="recurrent", steps=3),
)
"""One of each kind of work."""
