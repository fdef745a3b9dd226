"""A network's quantities as the work names them: which quantity a reading is at the indices of a scope, and what letters range over."""

from __future__ import annotations

from symbp.language.form import Index, Layer, Unit, Var
from symbp.language.vocabulary import Sharing
from symbp.network.forward import ERROR
from symbp.verification.judging.scope import Absent, Indexed, Unclear, error_of
from symbp.verification.reading.lettered import Lettered, Own, own_keys
from symbp.verification.reading.quantities import Quantity

__all__ = ["Grid", "Grids", "Own", "own_keys"]

Grid = list[list[Var]]
ONE = Var("one")
"""The source of a bias, whose output is always 1."""
AVERAGES = frozenset({"mean_activation", "divergence"})
"""Quantities of a unit that are about all samples together."""


class Grids(Lettered):
    """The quantities of a network at the indices of a scope, in rows and columns."""

    def grid(self, quantity: Quantity, meaning: Indexed) -> Grid:
        """The quantities that `quantity` is at the letters' values, in rows and columns."""
        if quantity.var is not None:
            return [[self.sampled(quantity, quantity.var, meaning)]]
        if quantity.kind in {"error_total", "error_sample"}:
            return [[self.error(quantity, meaning)]]
        layer = self.layer_of(quantity, meaning)
        assert layer is not None
        kind = quantity.kind
        if kind == "out" and layer == 0:
            kind = "input"
        lowest = 0 if kind == "input" else 1
        if not lowest <= layer <= self.spec.vocabulary.last or (kind == "target" and layer != self.spec.vocabulary.last):
            raise Absent
        if kind == "weight":
            return self.weights(quantity, layer, meaning)
        if kind == "bias":
            return self.biases(quantity, layer, meaning)
        return self.units(quantity, kind, layer, meaning)

    def error(self, quantity: Quantity, meaning: Indexed) -> Var:
        if quantity.time is not None and self.spec.vocabulary.times:
            return Var("error_sample", None, self.sample(quantity.sample, meaning), self.time(quantity.time, meaning))
        if quantity.kind == "error_total" or self.samples == 1:
            if isinstance(quantity.sample, Index) and self.samples == 1:
                self.sample(quantity.sample, meaning)
            return Var("error_total", step=quantity.step)
        return error_of(self.sample(quantity.sample, meaning), self.samples)

    def units(self, quantity: Quantity, kind: str, layer: int, meaning: Indexed) -> Grid:
        words, told = self.spec.vocabulary, quantity.layer is not None
        if quantity.unit is not None:
            is_source = kind in {"input", "out"}
            unit = Unit(layer, self.index_value(quantity.unit, layer, meaning, is_told=told, is_source=is_source))
            if unit.index == 0:
                return [[ONE]]
            return [[self.unit_var(kind, unit, self.sample(quantity.sample, meaning), self.time(quantity.time, meaning))]]
        samples = list(words.every_sample) if quantity.is_batch else [self.sample(quantity.sample, meaning)]
        time = self.time(quantity.time, meaning)
        grid = [[self.unit_var(kind, unit, sample, time) for sample in samples] for unit in words.units(layer)]
        return grid if self.conventions.samples == "columns" else turned(grid)

    def unit_var(self, kind: str, unit: Unit, sample: int, time: int | None = None) -> Var:
        if kind in {"target", "error"} and unit not in self.spec.vocabulary.outputs:
            raise Absent
        if kind in AVERAGES:
            return Var(kind, unit)
        if kind == "error":
            return Var("error", unit, sample, time) if self.spec.loss.joint is None else Var("error_sample", None, sample, time)
        return Var(kind, unit, sample, time)

    def weights(self, quantity: Quantity, layer: int, meaning: Indexed) -> Grid:
        words, told = self.spec.vocabulary, quantity.layer is not None
        if quantity.unit is not None:
            assert quantity.source is not None
            if words.wiring is None and quantity.source_layer is None:
                layer = self.layer_between(quantity, layer, meaning)
            below = layer - 1 if quantity.source_layer is None else quantity.source_layer
            unit = Unit(layer, self.index_value(quantity.unit, layer, meaning, is_told=told))
            source = Unit(below, self.index_value(quantity.source, below, meaning, is_told=told, is_source=True))
            if source.index == 0 and (bias := words.bias(unit)) is not None:
                return [[stepped(bias, quantity.step)]]
            found = [arrow.weight for arrow in words.connections(unit) if arrow.source == source]
            if not found:
                raise Absent
            return [[stepped(found[0], quantity.step)]]
        if words.times and quantity.source_layer is not None:
            arrows = [
                [arrow for arrow in words.connections(unit) if arrow.source.layer == quantity.source_layer] for unit in words.units(layer)
            ]
            grid = [[stepped(arrow.weight, quantity.step) for arrow in row] for row in arrows]
        else:
            grid = [[stepped(weight, quantity.step) for weight in words.weights(unit)] for unit in words.units(layer)]
        if len({len(row) for row in grid}) != 1:
            raise Unclear("ragged")
        return grid if self.conventions.weight_rows == "unit" else turned(grid)

    def layer_between(self, quantity: Quantity, layer: int, meaning: Indexed) -> int:
        """The layer whose matrix an entry is of. Its source is one layer before what it leads into; where the letters say that the two
        stand the other way round, it is the entry of the same matrix with its indices exchanged."""
        if isinstance(quantity.source, Index) and isinstance(quantity.unit, Index):
            for known in (meaning.letters, meaning.chosen):
                source = known.get(f"layer {quantity.source.name}", layer - 1)
                unit = known.get(f"layer {quantity.unit.name}", layer)
                if source == unit + 1 and quantity.layer is None:
                    return int(source)
                if source != layer - 1:
                    raise Absent
        return layer

    def biases(self, quantity: Quantity, layer: int, meaning: Indexed) -> Grid:
        words, told = self.spec.vocabulary, quantity.layer is not None
        if quantity.unit is not None:
            unit = Unit(layer, self.index_value(quantity.unit, layer, meaning, is_told=told))
            bias = words.bias(unit)
            if bias is None:
                raise Absent
            return [[stepped(bias, quantity.step)]]
        if words.wiring is None and words.sharing[layer - 1] is Sharing.SHARED:
            return [[Var("bias", Layer(layer), step=quantity.step)]]
        biases = [words.bias(unit) for unit in words.units(layer)]
        if any(bias is None for bias in biases):
            raise Absent
        grid = [[stepped(bias, quantity.step)] for bias in biases if bias is not None]
        return grid if self.conventions.samples == "columns" else turned(grid)

    def error_for(self, var: Var) -> Var:
        """The error that dZ, dW is about: of a sample's quantity that sample's own, if the convention is so."""
        if self.samples > 1 and var.sample is not None and self.conventions.per_example:
            assert isinstance(var.sample, int)
            return error_of(var.sample, self.samples)
        return ERROR

    def error_by(self, of: Var, by: Var) -> Var:
        """The error that ∂E/∂x is about."""
        return of


def turned(grid: Grid) -> Grid:
    return [list(column) for column in zip(*grid, strict=True)]


def stepped(var: Var, step: int) -> Var:
    return Var(var.kind, var.owner, step=step) if step else var
