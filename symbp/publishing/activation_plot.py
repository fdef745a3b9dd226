"""The picture of an activation and its slope, with a dot for each unit of a numeric network that has it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from symbp.errors import SymbpError
from symbp.language.form import ARGUMENT, Node, Var, apply
from symbp.network.activation import Activation
from symbp.network.algebra import HighPrecision
from symbp.network.forward import forward
from symbp.network.program import Tape
from symbp.network.spec import NetworkSpec
from symbp.proof.floats import Floats
from symbp.publishing.described import called
from symbp.publishing.diagram_layout import Layout
from symbp.publishing.drawing import Circle, Dot, Drawing, Label, Line, Point, Shape
from symbp.publishing.environment import sentence
from symbp.publishing.label_places import Place, chosen, crosses
from symbp.publishing.languages import ENGLISH
from symbp.publishing.lettering import Measured, box_of, framed, measure
from symbp.publishing.plot import CURVE, FIGURES, Scale, axes, axis_names, linear

WIDTH, HEIGHT = 76.0, 34.0
NARROWEST, WIDEST = 4, 10
"""The nets shown reach at least from -4 to 4; units whose nets are beyond 10 stand at the edge, with an arrow."""
TALLEST: Final = 10.0
"""Values further from 0 are not shown, unless a unit has one."""
ROOM: Final = 0.05
"""Above and below the curves, as a share of their height."""
RING: Final = 0.9
STEPS, DIGITS = 240, 25
MOST_NAMED = 14
"""Dots are named where there are no more."""
SLOPE_ROLE: Final = "factor2"
"""The slope is the factor d out / d net."""
NEAR: Final = 3.8
FURTHER: Final = (6.5, 9.5, 13.0, 17.0)
"""How far the middle of a name is from its dot."""

FAR: Final = 1e9
"""What is farther out is on no picture."""

Value = Callable[[float], float | None]


def plotted(spec: NetworkSpec) -> tuple[Activation, ...]:
    """The activations of which a numeric network has pictures: a joint one is no function of one net."""
    words = spec.vocabulary
    every = [spec.activation(unit) for layer in range(1, words.last + 1) for unit in words.units(layer)]
    return tuple({own.name: own for own in every if not own.is_joint}.values()) if spec.is_numeric else ()


def activation_drawing(
    spec: NetworkSpec, activation: Activation, *, sample: int = 1, time: int | None = None, lang: str = ENGLISH
) -> Drawing:
    """out over net: the function, its slope dashed, and the units that have it at one sample (and time step, 1 if there are any).

    A unit is a dot on the function, under its name, and a circle on the slope.
    """
    if activation.is_joint:
        raise SymbpError(f"{activation.name} is a function of all nets of a layer", hint="it has no such plot")
    return _Plot(spec, activation, sample, time or (1 if spec.vocabulary.times else None)).drawing(lang)


def activation_described(
    spec: NetworkSpec, activation: Activation, *, sample: int = 1, time: int | None = None, lang: str = ENGLISH
) -> str:
    """What `activation_drawing` shows, in words alone."""
    plot = _Plot(spec, activation, sample, time or (1 if spec.vocabulary.times else None))
    units = [called(Layout(spec), unit) for unit in plot.nets]
    names = {"name": activation.name, "low": -plot.most, "high": plot.most, "units": units}
    return sentence("activation_picture", names, lang)


class _Plot:
    def __init__(self, spec: NetworkSpec, activation: Activation, sample: int, time: int | None) -> None:
        self.spec, self.activation = spec, activation
        self.measured: Measured = measure(spec.speller)
        self.algebra = HighPrecision(DIGITS)
        self.value, self.slope = self._functions()
        words = spec.vocabulary
        every = [unit for layer in range(1, words.last + 1) for unit in words.units(layer)]
        units = [unit for unit in every if spec.activation(unit) == activation and words.is_there(unit, time)]
        values = forward(spec).evaluate(self.algebra.point(spec.data), self.algebra) if units else {}
        self.nets = {unit: float(values[Var("net", unit, sample, time)]) for unit in units}
        far = max([NARROWEST, *(math.ceil(abs(net) * 1.1) for net in self.nets.values())])
        self.most = min(far, WIDEST)
        self.across = linear(Decimal(-self.most), Decimal(self.most))
        self.across = Scale(float(-self.most), float(self.most), tuple(t for t in self.across.ticks if abs(t) <= self.most))
        self.up = self._up()

    def _functions(self) -> tuple[Value, Value]:
        """The function and its derivative, as they are derived, in floats; nothing where they have no value."""
        out = self.activation.definition(ARGUMENT)
        return self._function(out), self._function(self.activation.derivative(ARGUMENT, out))

    def _function(self, form: Node) -> Value:
        result = Var("out")
        tape = Tape.of({result: form})

        def value(x: float) -> float | None:
            try:
                near: float = tape.run({ARGUMENT: x}, Floats())[result]
                if abs(near) < FAR:
                    return near
            except (ValueError, OverflowError, ZeroDivisionError):
                pass  # perhaps only in the case that is not taken
            found: Any = tape.run({ARGUMENT: self.algebra.context.mpf(x)}, self.algebra)[result]
            return float(found) if self.algebra.exists(found) and abs(found) < FAR else None

        return value

    def _up(self) -> Scale:
        """The values between the edges, but none that are far out without a unit."""
        own = [self.value(self._shown(net)) or 0.0 for net in self.nets.values()]
        limit = max([TALLEST, *(1.1 * abs(y) for y in own)])
        xs = [-self.most + 2 * self.most * k / 60 for k in range(61)]
        ys = [y for f in (self.value, self.slope) for y in map(f, xs) if y is not None and abs(y) <= limit]
        low, high = min([0.0, *ys]), max([0.0, *ys, *own])
        scale = linear(Decimal(repr(round(low, 6))), Decimal(repr(round(high, 6))))
        room = (scale.high - scale.low) * ROOM
        return Scale(scale.low - room, scale.high + room, scale.ticks)

    def _shown(self, net: float) -> float:
        return max(-float(self.most), min(float(self.most), net))

    def _place(self, x: float, y: float) -> Point:
        wide, tall = self.across.high - self.across.low, self.up.high - self.up.low
        return (x - self.across.low) / wide * WIDTH, (y - self.up.low) / tall * HEIGHT

    # -- drawing ---------------------------------------------------------------------------------------------------

    def drawing(self, lang: str) -> Drawing:
        frame = axes(self.across, self.up, WIDTH, HEIGHT)
        zeros = [Line((self._place(*a), self._place(*b)), role="faint") for a, b in self._zero_lines()]
        slopes = [Line(path, role=SLOPE_ROLE, width=CURVE, dashed=True) for path in self._traced(self.slope)]
        values = [Line(path, width=CURVE + 0.1) for path in self._traced(self.value)]
        names = self._names([line.points for line in (*slopes, *values)])
        shapes: list[Shape] = [*frame, *zeros, *values, *slopes, *self._dots(), *names, *self._legend()]
        across = sentence("activation_axis", {}, lang)
        return framed([*shapes, *axis_names(frame, across, "", WIDTH, HEIGHT)], self.measured)

    def _zero_lines(self) -> list[tuple[Point, Point]]:
        lines = [((self.across.low, 0.0), (self.across.high, 0.0))]
        return [*lines, ((0.0, self.up.low), (0.0, self.up.high))]

    def _traced(self, f: Value) -> list[tuple[Point, ...]]:
        """The curve in pieces: it is broken where it has no value, leaves the frame or jumps."""
        kinks = [float(kink.at) for kink in self.activation.kinks if abs(kink.at) < self.most]
        xs = sorted({*(-self.most + 2 * self.most * k / STEPS for k in range(STEPS + 1)), *kinks})
        pieces: list[list[Point]] = [[]]
        before: tuple[float, float] | None = None
        for x in xs:
            y = f(x)
            y = None if y is None or not self.up.low <= y <= self.up.high else y
            if y is not None and before is not None and (jump := self._jump(f, before, (x, y))):
                pieces[-1].append(self._place(*jump[0]))
                pieces.append([self._place(*jump[1])])
            if y is not None:
                pieces[-1].append(self._place(x, y))
            elif pieces[-1]:
                pieces.append([])
            before = None if y is None else (x, y)
        return [tuple(piece) for piece in pieces if len(piece) > 1]

    def _jump(self, f: Value, left: Point, right: Point) -> tuple[Point, Point] | None:
        """Both sides of a jump between two points; nothing where halving the distance again and again makes the step small."""
        tall = 0.02 * (self.up.high - self.up.low)
        if abs(right[1] - left[1]) < tall:
            return None
        for _ in range(40):
            x = (left[0] + right[0]) / 2
            y = f(x)
            if y is None:
                return None
            if abs(y - left[1]) < abs(right[1] - y):
                left = x, y
            else:
                right = x, y
        return (left, right) if abs(right[1] - left[1]) >= tall else None

    def _dots(self) -> list[Shape]:
        """Each unit on the function and, right above or below, on the slope."""
        shapes: list[Shape] = []
        for net in self.nets.values():
            x = self._shown(net)
            value, slope = self.value(x), self.slope(x)
            if value is None or slope is None:
                continue
            dot, ring = self._place(x, value), self._place(x, slope)
            shapes.append(Line((dot, ring), role="faint", width=0.15, dashed=True))
            radius = RING if math.dist(dot, ring) > 2 * RING else 1.8 * RING
            shapes += [Circle(*ring, radius, role=SLOPE_ROLE, width=CURVE), Dot(*dot, 1.0)]
            if x != net:
                side = math.copysign(1.0, net)
                shapes.append(Line((dot, (dot[0] + side * 5.5, dot[1])), True))
        return shapes

    def _names(self, paths: Sequence[tuple[Point, ...]]) -> list[Shape]:
        """The units' names around their dots, with a line to the dot where that is not beside it."""
        dots = {unit: self._place(x, y) for unit, net in self.nets.items() for x in [self._shown(net)] if (y := self.value(x)) is not None}
        if not dots or len(dots) > MOST_NAMED:
            return []
        content = {unit: Layout(self.spec).content(unit) for unit in dots}
        places = [self._places(dot, content[unit], list(dots.values()), paths) for unit, dot in dots.items()]
        shapes: list[Shape] = []
        for (unit, dot), place in zip(dots.items(), chosen(places), strict=True):
            if math.dist(dot, place.point) > NEAR + 0.6:
                shapes.insert(0, Line((dot, place.point), role="faint", width=0.15))
            shapes.append(Label(*place.point, content[unit], size=FIGURES, backed=True))
        return shapes

    def _places(self, dot: Point, content: Node, dots: Sequence[Point], paths: Sequence[tuple[Point, ...]]) -> list[Place]:
        found = []
        for far in (NEAR, *FURTHER):
            for k in range(24):
                angle = math.pi / 2 + (k + 1) // 2 * (-1) ** k * math.pi / 12
                x, y = dot[0] + far * math.cos(angle), dot[1] + far * math.sin(angle)
                box = box_of(Label(x, y, content, size=FIGURES), self.measured).grown(0.5)
                met = sum(crosses(box, path) for path in paths)
                hidden = sum(box.grown(0.9).holds(*other) for other in dots)
                out = box.left < 0.5 or box.right > WIDTH - 0.5 or box.bottom < 0.5 or box.top > HEIGHT - 0.5
                found.append(Place(box, 40 * met + 300 * hidden + 900 * out + 1.2 * (far - NEAR) + 0.05 * k, (x, y)))
        return found

    def _legend(self) -> list[Shape]:
        """Which line is the function and which the slope."""
        y, length = HEIGHT + 4.0, 9.0
        function = apply(self.activation.function, ARGUMENT)
        rows = ((function, {"width": CURVE + 0.1}), (self.activation.slope(ARGUMENT), {"role": SLOPE_ROLE, "width": CURVE, "dashed": True}))
        shapes: list[Shape] = []
        x = 2.0
        for content, pen in rows:
            shapes += [Line(((x, y), (x + length, y)), **pen), Label(x + length + 2, y, content, "west", FIGURES)]
            x += length + 2 + self.measured(content, FIGURES)[0] + 8
        return shapes
