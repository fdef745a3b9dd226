"""`Vocabulary`: which quantities a layered network has, and their canonical names.

The canonical names are those of JSON and Python whatever the notation: i1, h1 (or h1_2), o1; w1, w2, … numbered unit by
unit through all layers; b1, b2 for a bias that layer 1, 2 shares, b_h1 for one per unit; net_h1, out_h1, t1, E_o1, E,
delta_h1, dE/dw5, w5+.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from symbp.language.form import Edge, Layer, Unit, Var


class Sharing(StrEnum):
    """How a layer's units come by their biases."""

    SHARED = "shared"
    UNIT = "unit"
    NONE = "none"


@dataclass(frozen=True)
class Vocabulary:
    """`names[l]` are the units of layer l (0 is the input); `sharing[l - 1]` is about the biases of layer l."""

    names: tuple[tuple[str, ...], ...]
    sharing: tuple[Sharing, ...]

    @property
    def last(self) -> int:
        """The output layer, where 0 is the input."""
        return len(self.names) - 1

    def width(self, layer: int) -> int:
        return len(self.names[layer])

    @cached_property
    def widest(self) -> int:
        return max(len(layer) for layer in self.names)

    @cached_property
    def _weights_before(self) -> tuple[int, ...]:
        counts = [0]
        for layer in range(1, self.last + 1):
            counts.append(counts[-1] + self.width(layer) * self.width(layer - 1))
        return tuple(counts)

    def units(self, layer: int) -> tuple[Unit, ...]:
        return tuple(Unit(layer, i) for i in range(1, self.width(layer) + 1))

    def unit_name(self, unit: Unit) -> str:
        assert isinstance(unit.layer, int) and isinstance(unit.index, int)
        return self.names[unit.layer][unit.index - 1]

    def weight_number(self, edge: Edge) -> int:
        """Weights are numbered from 1, unit by unit through all layers."""
        layer, row, column = edge.target.layer, edge.target.index, edge.source.index
        assert isinstance(layer, int) and isinstance(row, int) and isinstance(column, int)
        return self._weights_before[layer - 1] + (row - 1) * self.width(layer - 1) + column

    def bias(self, unit: Unit) -> Var | None:
        """The bias that `unit` adds, which may be one that its whole layer shares."""
        assert isinstance(unit.layer, int)
        match self.sharing[unit.layer - 1]:
            case Sharing.SHARED:
                return Var("bias", Layer(unit.layer))
            case Sharing.UNIT:
                return Var("bias", unit)
            case _:
                return None

    def weights(self, unit: Unit) -> tuple[Var, ...]:
        """The weights of `unit`, one per source."""
        assert isinstance(unit.layer, int)
        return tuple(Var("weight", Edge(source, unit)) for source in self.units(unit.layer - 1))

    def biases(self, layer: int) -> tuple[Var, ...]:
        """The distinct biases of `layer`."""
        found = (self.bias(unit) for unit in self.units(layer))
        return tuple(dict.fromkeys(var for var in found if var is not None))

    def out(self, unit: Unit) -> Var:
        """What `unit` passes on: an input, or a unit's out."""
        return Var("input" if unit.layer == 0 else "out", unit, sample=1)

    def parameters(self) -> Iterator[Var]:
        """Every weight and bias: layer by layer, the weights first."""
        for layer in range(1, self.last + 1):
            for unit in self.units(layer):
                yield from self.weights(unit)
            yield from self.biases(layer)

    def variables(self) -> Iterator[Var]:
        """Every scalar quantity of the network, and the parameters after an update."""
        for unit in self.units(0):
            yield Var("input", unit, sample=1)
        for unit in self.units(self.last):
            yield Var("target", unit, sample=1)
            yield Var("error", unit, sample=1)
        for layer in range(1, self.last + 1):
            for unit in self.units(layer):
                for kind in ("net", "out", "delta"):
                    yield Var(kind, unit, sample=1)
        for parameter in self.parameters():
            yield parameter
            yield Var(parameter.kind, parameter.owner, step=1)
        yield Var("error_total")
        yield Var("error_total", step=1)
        yield Var("learning_rate")

    def canonical(self, var: Var) -> str:
        """The name of a concrete scalar quantity in JSON and Python."""
        after = {0: "", 1: "+"}.get(var.step, f"+{var.step}")
        match var.kind, var.owner:
            case "weight", Edge() as edge:
                return f"w{self.weight_number(edge)}{after}"
            case "bias", Layer(layer):
                return f"b{layer}{after}"
            case "bias", Unit() as unit:
                return f"b_{self.unit_name(unit)}{after}"
            case "input", Unit() as unit:
                return self.unit_name(unit)
            case "target", Unit(_, index):
                return f"t{index}"
            case "error", Unit() as unit:
                return f"E_{self.unit_name(unit)}"
            case ("net" | "out" | "delta") as kind, Unit() as unit:
                return f"{kind}_{self.unit_name(unit)}{after}"
            case "gradient", owner:
                return f"dE/d{self.canonical(Var('bias' if isinstance(owner, Unit | Layer) else 'weight', owner))}"
            case "error_total", None:
                return f"E{after}"
            case "learning_rate", None:
                return "eta"
        raise AssertionError(f"no canonical name for {var}")
