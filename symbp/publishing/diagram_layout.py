"""Where the units of a network stand: in columns by depth, as far apart as their names and the labels between them need."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from symbp.language.form import Node, Parameter, Unit, Var
from symbp.network.spec import NetworkSpec
from symbp.publishing.drawing import Point
from symbp.publishing.lettering import Measured, measure

MOST_UNITS, FIRST_UNITS = 8, 3
"""A layer of more units than that is drawn as its first ones, dots, and its last."""
MOST_LAYERS = 8
"""So many layers are drawn; of a deeper network, the first ones, dots, and the last two."""
MOST_WEIGHTS, MOST_OF_A_GAP = 40, 16
"""Weights are labelled where there are no more than that, in all and between two columns."""
MOST_NAMED_BIASES = 5
"""Biases are named in layers of no more units than that."""
NAME_SIZES: Final = (9, 8, 7, 6)
LABEL_SIZES: Final = (8, 7)
"""Of the labels, in points; smaller where more than SPARSE connections lead from a unit or into one."""
SPARSE: Final = 3
RADIUS: Final = (4.2, 6.4)
STUB: Final = 4.2
"""The length of the arrow by which a unit's own bias comes in."""
LOOP: Final = 7.5
"""How far a loop reaches above its circle."""
LINE: Final = 3.6
"""The height of a label with scripts, and a little room."""


@dataclass(frozen=True)
class Name:
    """A unit's name: within its circle, or above it where it is too long."""

    content: Node
    size: int
    inside: bool
    width: float


class Layout:
    """The places of all that is drawn, around the middle line y = 0."""

    def __init__(self, spec: NetworkSpec, keep: tuple[Unit, ...] = ()) -> None:
        self.spec, self.words = spec, spec.vocabulary
        self.keep = keep
        self.measured: Measured = measure(spec.speller)

    # -- what is drawn ---------------------------------------------------------------------------------------------

    @cached_property
    def layers(self) -> tuple[int, ...]:
        """The layers that are drawn."""
        last = self.words.last
        if last < MOST_LAYERS:
            return tuple(range(last + 1))
        wanted = {0, 1, last - 1, last} | {int(unit.layer) for unit in self.keep}  # type: ignore[arg-type]
        for layer in range(last + 1):
            if len(wanted) >= MOST_LAYERS:
                break
            wanted.add(layer)
        return tuple(sorted(wanted))

    def units(self, layer: int) -> tuple[Unit, ...]:
        """The units of a layer that are drawn."""
        every = self.words.units(layer)
        if len(every) <= MOST_UNITS:
            return every
        return tuple(u for u in every if u in {*every[:FIRST_UNITS], every[-1], *self.keep})

    @cached_property
    def shown(self) -> frozenset[Unit]:
        return frozenset(unit for layer in self.layers for unit in self.units(layer))

    @cached_property
    def has_labels(self) -> bool:
        """Are the weights labelled?"""
        every = [(unit, arrow) for unit in self.shown for arrow in self.words.connections(unit)]
        gaps: dict[object, int] = {}
        for unit, _ in every:
            gaps[unit.layer] = gaps.get(unit.layer, 0) + 1
        is_whole = all(len(self.units(layer)) == self.words.width(layer) for layer in self.layers)
        return is_whole and len(every) <= MOST_WEIGHTS and max(gaps.values(), default=0) <= MOST_OF_A_GAP

    # -- biases ----------------------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> tuple[tuple[int, Var, tuple[Unit, ...]], ...]:
        """The biases that several units of a layer share, each with them."""
        found: dict[tuple[int, Var], list[Unit]] = {}
        for layer in self.layers[1:]:
            for unit in self.units(layer):
                if (bias := self.words.bias(unit)) is not None:
                    found.setdefault((layer, bias), []).append(unit)
        return tuple((layer, bias, tuple(units)) for (layer, bias), units in found.items() if len(units) > 1)

    @cached_property
    def stubs(self) -> dict[Unit, Var]:
        """The units that have a bias to themselves."""
        shared = {unit for _, _, units in self.groups for unit in units}
        own = ((unit, self.words.bias(unit)) for layer in self.layers[1:] for unit in self.units(layer) if unit not in shared)
        return {unit: bias for unit, bias in own if bias is not None}

    @cached_property
    def names_biases(self) -> bool:
        return not self.stubs or max(len(self.units(layer)) for layer in self.layers[1:]) <= MOST_NAMED_BIASES

    # -- sizes -----------------------------------------------------------------------------------------------------

    def content(self, unit: Unit) -> Node:
        """What a unit is called by: its name where the equations use it in subscripts, else its out."""
        own = Var("weight", Parameter(self.words.unit_name(unit)))
        if unit.layer == 0:
            var = Var("input", unit)
            return own if self.spec.speller.name(var).base == self.words.unit_name(unit) else var
        var = Var("out", unit)
        return own if self.words.unit_name(unit) in self.spec.speller.name(var).words else var

    @cached_property
    def names(self) -> dict[Unit, Name]:
        return {unit: self._name(self.content(unit)) for unit in self.shown}

    def _name(self, content: Node) -> Name:
        for size in NAME_SIZES:
            width, height = self.measured(content, size)
            if math.hypot(width, height * 0.8) / 2 + 0.5 <= RADIUS[1]:
                return Name(content, size, True, width)
        return Name(content, 8, False, self.measured(content, 8)[0])

    @cached_property
    def error_name(self) -> Name:
        return self._name(Var("error_total"))

    @cached_property
    def radius(self) -> float:
        """The circles' radius, as the largest name in one needs it."""
        need = [math.hypot(n.width, self.measured(n.content, n.size)[1] * 0.8) / 2 + 0.5 for n in self.names.values() if n.inside]
        return min(max([RADIUS[0], *need]), RADIUS[1])

    @cached_property
    def fan(self) -> int:
        """How many connections lead from a unit to the next column, or from the last one into it, at the most."""
        into = [len(self.words.connections(unit)) for unit in self.shown]
        away = [sum(target.layer == unit.layer + 1 for _, target in self.words.feeds(unit)) for unit in self.shown]  # type: ignore[operator]
        return max([1, *into, *away])

    @property
    def label_size(self) -> int:
        return LABEL_SIZES[self.fan > SPARSE]

    @cached_property
    def label_width(self) -> float:
        """The width of the widest weight's label."""
        if not self.has_labels:
            return 0.0
        weights = {arrow.weight for unit in self.shown for arrow in self.words.connections(unit)}
        return max(self.measured(weight, self.label_size)[0] for weight in weights) + 1

    @cached_property
    def row(self) -> float:
        """The distance of units in a column."""
        need = 2 * self.radius + (8.5 if self.has_labels else 5)
        if self.stubs:
            need += (STUB + LINE - 1) if self.names_biases else 1.5
        if self.words.times:
            need += LOOP + (LINE if self.has_labels else 0)
        if any(not name.inside for name in self.names.values()):
            need += LINE
        return max(need, (self.fan + 1) * (LINE + 0.4)) if self.has_labels else need

    @cached_property
    def column(self) -> float:
        """The distance of columns."""
        need = [24.0, max((name.width for name in self.names.values() if not name.inside), default=0.0) + 5]
        if self.has_labels:
            between = self.fan + 1
            clear = max(self.row / between - LINE / 2, 1.0)
            steep = self.row * self.label_width / clear if self.fan > 1 else 0.0
            need.append(min(max(between * (self.radius + self.label_width / 2 + 1.5), steep, 2 * self.radius + self.label_width + 8), 62.0))
        return max(need)

    # -- places ----------------------------------------------------------------------------------------------------

    @cached_property
    def x(self) -> dict[int, float]:
        """Where each column stands."""
        return {layer: at * self.column for at, layer in enumerate(self.layers)}

    @cached_property
    def places(self) -> dict[Unit, Point]:
        """The middle of each unit's circle."""
        found = {}
        for layer in self.layers:
            rows = list(self._rows(self.units(layer)))
            for unit, row in rows:
                found[unit] = (self.x[layer], (rows[-1][1] / 2 - row) * self.row)
        return found

    @staticmethod
    def _rows(units: tuple[Unit, ...]) -> Iterator[tuple[Unit, float]]:
        """The row of each unit; dots take one."""
        row, before = -1.0, 0
        for unit in units:
            assert isinstance(unit.index, int)
            row += 1 if unit.index == before + 1 else 1.8
            before = unit.index
            yield unit, row

    @cached_property
    def gaps(self) -> tuple[tuple[Point, bool], ...]:
        """Where dots stand for units (one above the other) or, if so, for layers (side by side)."""
        found = []
        for layer in self.layers:
            for above, below in pairwise(self.units(layer)):
                if below.index != above.index + 1:  # type: ignore[operator]
                    (x, top), (_, bottom) = self.places[above], self.places[below]
                    found.append(((x, (top + bottom) / 2), False))
        for left, right in pairwise(self.layers):
            if right != left + 1:
                found.append((((self.x[left] + self.x[right]) / 2, 0.0), True))
        return tuple(found)

    @cached_property
    def error_place(self) -> Point:
        return self.x[self.layers[-1]] + max(18.0, 2 * self.radius + 9), 0.0

    def reach(self, layer: int) -> tuple[float, float]:
        """The lowest and the highest y that a column takes, with loops, stubs and names."""
        ys = [self.places[unit][1] for unit in self.units(layer)]
        down = self.radius + (STUB + LINE if any(u in self.stubs for u in self.units(layer)) else 0.0)
        up = self.radius + (LOOP + LINE if self.words.times and layer == 1 else 0.0)
        up += LINE if any(not self.names[u].inside for u in self.units(layer)) else 0.0
        return min(ys) - down, max(ys) + up

    @cached_property
    def squares(self) -> tuple[Point, ...]:
        """The middle of the square of each bias of `groups`: under the column before."""
        found: list[Point] = []
        taken: dict[int, int] = {}
        for layer, _, _ in self.groups:
            before = self.layers[self.layers.index(layer) - 1]
            many = taken.get(layer, 0)
            taken[layer] = many + 1
            low = self.reach(before)[0] + self.radius
            gap = max(self.row * 0.72, 2 * self.radius + 3) if before not in self._stubbed else self.radius + 4
            found.append((self.x[before] + many * (2 * self.radius + 3), low - gap))
        return tuple(found)

    @cached_property
    def _stubbed(self) -> set[int]:
        return {int(unit.layer) for unit in self.stubs}  # type: ignore[arg-type]
