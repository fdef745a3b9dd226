"""The picture of a network, and what it shows in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from symbp.language.form import Unit, Var
from symbp.language.vocabulary import Connection
from symbp.network.spec import NetworkSpec
from symbp.publishing.diagram_layout import LOOP, STUB, Layout
from symbp.publishing.drawing import (
    THICK,
    THIN,
    Circle,
    Curve,
    Dot,
    Drawing,
    Label,
    Line,
    Point,
    Rectangle,
    Shape,
    sampled,
)
from symbp.publishing.label_places import Place, chosen, clash, crosses
from symbp.publishing.lettering import Box, box_of, framed, room_of
from symbp.publishing.lighting import Light, Lighting

CIRCLE: Final = 0.3
FRAME: Final = 0.45
"""The lines of a circle, and of a lit frame."""
SQUARE: Final = 3.3
"""Half the side of the square of a shared bias."""
LANE: Final = 5.0
"""How far apart connections run that go around a column."""
BENDS: Final = (0.2, 0.1, 0.0, -0.05)
STEEPER: Final = 60
"""How curves around columns are tried: where their control points may stand, and how often further out."""
MOST_HEADS: Final = 5
"""Arrow heads are drawn where no unit has more connections that lead into it."""
TRIES: Final = tuple(n / 100 for n in range(12, 90, 3))
"""Where along its connection a label may stand."""


@dataclass(frozen=True, slots=True)
class Way:
    """A connection as it is drawn: its path, its light, and the weight that stands at it."""

    path: Line | Curve
    light: Light | None
    weight: Var | None
    best: float
    """Where along it the weight's label belongs."""
    beside: float = 0.0
    """How far above it the label stands; on it, if 0."""


def network_drawing(spec: NetworkSpec, lit: Var | None = None, *, error: bool = True) -> Drawing:
    """The network's picture: inputs left, outputs right, and the error that they make.

    With `lit`, a weight or a bias, the paths that it takes to the error are in the colours of the factors of the chain rule, and
    everything else is faint. Weights and biases are named as long as their names find room.
    """
    return _Network(spec, lit, error).drawing()


class _Network:
    def __init__(self, spec: NetworkSpec, lit: Var | None, error: bool) -> None:
        self.words, self.lit, self.has_error = spec.vocabulary, lit, error
        self.light = Lighting(spec, lit)
        users = self.light.users
        self.layout = Layout(spec, tuple(u for unit, arrow in users[:2] for u in (unit, *([arrow.source] if arrow else []))))
        self.spec = spec
        self.base = "faint" if users else "ink"
        self.lanes: list[tuple[int, float, float, float]] = []
        """Connections that go around: above or below, from where to where, and how far out."""

    def drawing(self) -> Drawing:
        ways = [*self._connections(), *self._shared(), *(self._errors() if self.has_error else [])]
        stubs = list(self._stubs())
        paths = sorted((self._inked(way) for way in ways), key=lambda line: line.stage > 0)
        over = [*self._frames(), *stubs, *self._circles(), *self._dots()]
        labels = self._labels(ways, [*over])
        return framed([*paths, *labels, *over], self.layout.measured)

    # -- pens ------------------------------------------------------------------------------------------------------

    def _pen(self, light: Light | None, thin: float = THIN) -> dict[str, Any]:
        if light is None:
            return {"role": self.base, "width": thin, "stage": 0}
        return {"role": light.role, "width": THICK, "stage": light.stage}

    def _said(self, light: Light | None) -> dict[str, Any]:
        """The colour and the stage of words."""
        return {"role": light.role if light else self.base, "stage": light.stage if light else 0}

    def _inked(self, way: Way) -> Line | Curve:
        return replace(way.path, **self._pen(way.light))

    # -- connections -----------------------------------------------------------------------------------------------

    def _connections(self) -> Iterator[Way]:
        heads = max(len(self.words.connections(unit)) for unit in self.layout.shown) <= MOST_HEADS
        shown = [u for layer in self.layout.layers for u in self.layout.units(layer)]
        arrows = [(unit, arrow) for unit in shown for arrow in self.words.connections(unit) if arrow.source in self.layout.shown]
        for unit, arrow in sorted(arrows, key=lambda each: self._span(each[1].source, each[0])):
            path = self._path(arrow, unit, heads)
            if path is not None:
                size = self.words.width(unit.layer) if isinstance(unit.layer, int) else 1
                best = 1 / (size + 1) if isinstance(path, Line) else 0.5
                beside = 2.6 if arrow.source == unit else 0.0
                yield Way(path, self.light.arrows.get((unit, arrow)), arrow.weight, best, beside)

    def _span(self, source: Unit, target: Unit) -> int:
        index = self.layout.layers.index
        return index(target.layer) - index(source.layer)

    def _path(self, arrow: Connection, target: Unit, heads: bool) -> Line | Curve | None:
        """Straight to the next column, around those between, or, a step before, within its own; none through layers that are left out."""
        start, end = self.layout.places[arrow.source], self.layout.places[target]
        if arrow.delay:
            return self._recurrent(start, end)
        span = self._span(arrow.source, target)
        if span == 1 and target.layer == arrow.source.layer + 1:  # type: ignore[operator]
            return straight(start, end, self.layout.radius, heads)
        if self.words.wiring is None:
            return None
        return self._around(start, end, self._between(arrow.source, target), heads)

    def _between(self, source: Unit, target: Unit | None) -> list[int]:
        layers = self.layout.layers
        first = layers.index(source.layer) + 1
        return list(layers[first : len(layers) if target is None else layers.index(target.layer)])

    def _around(self, start: Point, end: Point, between: list[int], heads: bool) -> Curve:
        """Over the columns between, or under them where that is nearer, further out where another such connection runs there."""
        radius, reaches = self.layout.radius, [self.layout.reach(layer) for layer in between]
        side = 1 if start[1] + end[1] >= -0.01 else -1
        edge = max(high for _, high in reaches) if side > 0 else -min(low for low, _ in reaches)
        edge = max(edge, side * start[1] + 2, side * end[1] + 2) + 3
        while any(way == side and left < end[0] and start[0] < right and abs(edge - high) < LANE for way, left, right, high in self.lanes):
            edge += LANE
        self.lanes.append((side, start[0], end[0], edge))
        xs = [self.layout.x[layer] for layer in between]
        columns = min(xs) - radius, max(xs) + radius
        bends = BENDS if side > 0 else BENDS[:2]  # from below come the units' own biases
        return min((self._over(start, end, columns, side * edge, share, heads) for share in bends), key=lambda each: abs(each.points[1][1]))

    def _over(self, start: Point, end: Point, columns: tuple[float, float], edge: float, share: float, heads: bool) -> Curve:
        """The flattest curve that is beyond `edge` all along the columns; its control points stand `share` of the way from its ends."""
        side, far = math.copysign(1.0, edge), abs(edge)
        inner, outer = start[0] * (1 - share) + end[0] * share, start[0] * share + end[0] * (1 - share)
        for _ in range(STEEPER):
            curve = curved(start, end, (inner, side * far), (outer, side * far), self.layout.radius, heads)
            if min(side * y for x, y in sampled(curve) if columns[0] <= x <= columns[1]) >= abs(edge):
                break
            far += 1.0
        return curve

    def _recurrent(self, start: Point, end: Point) -> Curve:
        """A dashed loop above the unit, or an arc beside the column: down on the right, up on the left."""
        radius, (x, y) = self.layout.radius, start
        if start == end:
            wide, high = radius * 1.9, radius + LOOP * 1.33 - radius * 0.29
            return replace(curved(start, end, (x - wide, y + high), (x + wide, y + high), radius, True), dashed=True)
        side = 1 if end[1] < y else -1
        rows = abs(end[1] - y) / self.layout.row
        bulge = side * (radius + 3.5 + 3.5 * rows)
        inward = (end[1] - y) * 0.25
        return replace(curved(start, end, (x + bulge, y + inward), (x + bulge, end[1] - inward), radius, True), dashed=True)

    def _shared(self) -> Iterator[Way]:
        """From the square of a shared bias into the units that share it."""
        for (_, _, units), place in zip(self.layout.groups, self.layout.squares, strict=True):
            for unit in units:
                yield Way(straight(place, self.layout.places[unit], self.layout.radius, True), self.light.biases.get(unit), None, 0.5)

    def _errors(self) -> Iterator[Way]:
        """From the outputs into the error."""
        for unit in self.words.outputs:
            if unit not in self.layout.shown:
                continue
            start, end, between = self.layout.places[unit], self.layout.error_place, self._between(unit, None)
            radius = self.layout.radius
            path = self._around(start, end, between, True) if between else straight(start, end, radius, True)
            yield Way(path, self.light.errors.get(unit), None, 0.5)

    # -- units -----------------------------------------------------------------------------------------------------

    def _stubs(self) -> Iterator[Shape]:
        """A short arrow from below for a bias that one unit has for itself."""
        layout = self.layout
        for unit, bias in layout.stubs.items():
            (x, y), light = layout.places[unit], self.light.biases.get(unit)
            named = layout.names_biases or light is not None
            low = y - layout.radius - (STUB if named else STUB * 0.7)
            yield Line(((x, low), (x, y - layout.radius)), True, **self._pen(light))
            if named:
                yield Label(x, low - 0.4, bias, "north", layout.label_size, **self._said(light))

    def _circles(self) -> Iterator[Shape]:
        layout, radius = self.layout, self.layout.radius
        for unit, (x, y) in layout.places.items():
            name, light = layout.names[unit], self.light.units.get(unit)
            yield Circle(x, y, radius, **self._pen(light, CIRCLE))
            above = radius + (LOOP if self.words.times and unit.layer == 1 else 0) + 0.6
            place = (x, y, "center") if name.inside else (x, y + above, "south")
            yield Label(place[0], place[1], name.content, place[2], name.size, backed=not name.inside, **self._said(light))
        for (_, bias, units), (x, y) in zip(layout.groups, layout.squares, strict=True):
            light = next((self.light.biases[unit] for unit in units if unit in self.light.biases), None)
            half = max(SQUARE, layout.measured(bias, layout.label_size)[0] / 2 + 0.8)
            yield Rectangle(x - half, y - SQUARE, 2 * half, 2 * SQUARE, **self._pen(light, CIRCLE))
            yield Label(x, y, bias, size=layout.label_size, **self._said(light))
        if self.has_error:
            (x, y), name, light = layout.error_place, layout.error_name, self.light.error
            yield Circle(x, y, radius, **self._pen(light, CIRCLE))
            yield Label(x, y, name.content, size=name.size, **self._said(light))

    def _dots(self) -> Iterator[Dot]:
        """Three dots where units or layers are left out, lit if the way goes through them."""
        for (x, y), is_across in self.layout.gaps:
            layer = None if is_across else next(at for at, place in self.layout.x.items() if place == x)
            left_out = [u for u in self.light.units if u not in self.layout.shown and (layer is None or u.layer == layer)]
            light = self.light.units[left_out[0]] if left_out else None
            for k in (-1, 0, 1):
                dx, dy = (2.2 * k, 0.0) if is_across else (0.0, 2.2 * k)
                yield Dot(x + dx, y + dy, 0.55, **self._said(light))

    def _frames(self) -> Iterator[Shape]:
        """A frame around units whose outs are made together, with what makes them."""
        layout = self.layout
        for layer in layout.layers[1:]:
            units = layout.units(layer)
            if len(units) < 2 or self.spec.activation(units[0]).joint is None or self.spec.group(units[0]) != self.words.units(layer):
                continue
            lights = [self.light.units[u] for u in units if u in self.light.units]
            light = min(lights, key=lambda light: light.stage, default=None)
            half, low, high = layout.radius + 1.6, layout.places[units[-1]][1], layout.places[units[0]][1]
            x = layout.x[layer]
            pen = self._pen(light) | {"width": FRAME if light else THIN}
            yield Rectangle(x - half, low - half, 2 * half, high - low + 2 * half, filled=False, dashed=True, **pen)
            word = self.spec.activation(units[0]).name.replace("_", " ")
            yield Label(x, high + half + 0.9, word, "south", layout.label_size, **self._said(light))

    # -- weights ---------------------------------------------------------------------------------------------------

    def _labels(self, ways: Sequence[Way], over: Sequence[Shape]) -> list[Label]:
        """The weights' names, each on its connection, where it meets no other name and, if there is such a place, no other line."""
        named = [way for way in ways if way.weight is not None and (self.layout.has_labels or way.weight == self.lit)]
        lines = [list(way.path.points) if isinstance(way.path, Line) else sampled(way.path, 3.0) for way in ways]
        blocks = [room_of(shape, self.layout.measured) for shape in over]
        every = [self._places(way, [p for other, p in zip(ways, lines, strict=True) if other is not way], blocks) for way in named]
        found: list[Label] = []
        taken: list[Box] = []
        order = sorted(zip(named, chosen(every) if every else [], strict=True), key=lambda each: each[0].light is None)
        for way, place in order:
            if clash(place.box, taken):
                continue
            taken.append(place.box)
            found.append(Label(*place.point, way.weight or "", size=self.layout.label_size, backed=True, **self._said(way.light)))
        return sorted(found, key=lambda label: label.stage > 0)

    def _places(self, way: Way, lines: Sequence[list[Point]], blocks: Sequence[Box]) -> list[Place]:
        points = sampled(way.path, 0.4)
        found = []
        for t in (way.best, *TRIES):
            x, y = points[round(t * (len(points) - 1))]
            y += way.beside
            box = box_of(Label(x, y, way.weight or "", size=self.layout.label_size), self.layout.measured).grown(0.35)
            met = sum(crosses(box, line) for line in lines)
            hidden = sum(block.overlap(box) > 0 for block in blocks)
            found.append(Place(box, 400 * hidden + 20 * met + 6 * abs(t - way.best), (x, y)))
        return found


# -- geometry ----------------------------------------------------------------------------------------------------------


def straight(start: Point, end: Point, radius: float, arrow: bool) -> Line:
    """From circle to circle."""
    return Line((_toward(start, end, radius), _toward(end, start, radius)), arrow)


def curved(start: Point, end: Point, first: Point, second: Point, radius: float, arrow: bool) -> Curve:
    """From circle to circle by two control points."""
    return Curve((_toward(start, first, radius), first, second, _toward(end, second, radius)), arrow)


def _toward(start: Point, end: Point, by: float) -> Point:
    length = math.dist(start, end) or 1.0
    return start[0] + (end[0] - start[0]) * by / length, start[1] + (end[1] - start[1]) * by / length
