"""A curve of the error over the steps: scales with ticks, then a Drawing, or Unicode dots for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from symbp.language.form import Node, Value, number, power
from symbp.publishing.drawing import Content, Drawing, Label, Line, Rectangle, Shape
from symbp.publishing.lettering import box_of, framed, measure
from symbp.publishing.wide import padded

Point = tuple[int, Decimal]
DECADES = 2
"""An error that spans more decades than this is drawn on a logarithmic scale."""
WIDTH, HEIGHT = 120.0, 60.0
"""The drawing in millimetres."""
TICK, FIGURES, CURVE = 1.5, 9, 0.35
"""A tick's length in millimetres, the size of its figure in points, the width of the curve."""
COLUMNS, ROWS = 60, 14
"""The drawing in characters; each is two dots wide and four dots high."""
TICKS = 5
LONGEST = 8
"""A tick in more characters is written as a power of ten."""


@dataclass(frozen=True)
class Scale:
    """Numbers to a share of the axis, from 0 at `low` to 1 at `high`; of their logarithms, where it `is_log`."""

    low: float
    high: float
    ticks: tuple[Decimal, ...]
    is_log: bool = False

    def share(self, value: Decimal) -> float:
        return ((_log(value) if self.is_log else float(value)) - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Curve:
    """The points with the scales of both axes."""

    points: tuple[Point, ...]
    across: Scale
    up: Scale

    @classmethod
    def of(cls, points: Sequence[Point]) -> Curve:
        across = linear(Decimal(0), Decimal(points[-1][0]), whole=True)
        across = Scale(0.0, float(points[-1][0]), tuple(t for t in across.ticks if t <= points[-1][0]))
        return cls(tuple(points), across, scale_of([y for _, y in points]))

    def shares(self) -> list[tuple[float, float]]:
        """The points as shares of both axes."""
        return [(self.across.share(Decimal(x)), self.up.share(y)) for x, y in self.points]


def _log(value: Decimal) -> float:
    """The decimal logarithm of a positive number of any size."""
    exponent = value.adjusted()
    return exponent + math.log10(float(value.scaleb(-exponent)))


def scale_of(values: Sequence[Decimal]) -> Scale:
    """Logarithmic where all are positive and span more than DECADES, else linear."""
    low, high = min(values), max(values)
    if low > 0 and _log(high) - _log(low) > DECADES:
        return logarithmic(low, high)
    return linear(low, high)


def logarithmic(low: Decimal, high: Decimal) -> Scale:
    """Whole decades around the numbers, a tick at each or at every second, third, …"""
    first, last = math.floor(_log(low)), math.ceil(_log(high))
    stride = -(-(last - first) // TICKS)
    return Scale(float(first), float(last), tuple(Decimal(1).scaleb(n) for n in range(first, last + 1, stride)), is_log=True)


def linear(low: Decimal, high: Decimal, *, whole: bool = False) -> Scale:
    """Ticks at multiples of 1, 2 or 5 times a power of ten, which reach around the numbers."""
    span = high - low or abs(high) or Decimal(1)
    exponent = (span / TICKS).adjusted()
    strides = (Decimal(m).scaleb(e) for e in (exponent, exponent + 1) for m in (1, 2, 5))
    stride = next(s for s in strides if s * TICKS >= span)
    stride = max(stride, Decimal(1)) if whole else stride
    first = math.floor(low / stride)
    last = max(math.ceil(high / stride), first + 1)
    return Scale(float(first * stride), float(last * stride), tuple(n * stride for n in range(first, last + 1)))


def figures(scale: Scale) -> list[str]:
    """The ticks in figures, all with as many decimals on a linear scale: 0.05, 0.10; 2000; 1e-7."""
    ticks = [tick.normalize() for tick in scale.ticks]
    places = max(max(0, -int(tick.as_tuple().exponent)) for tick in ticks)
    plain = [format(tick, "f" if scale.is_log else f".{places}f") for tick in ticks]
    if max(map(len, plain)) <= LONGEST:
        return plain
    return [f"{tick:e}".replace("e+", "e") if tick else "0" for tick in ticks]


# -- drawn -------------------------------------------------------------------------------------------------------------


def plot_drawing(curve: Curve, across: str, up: str) -> Drawing:
    """The curve within its axes, with the names of both."""
    path = tuple((x * WIDTH, y * HEIGHT) for x, y in curve.shares())
    shapes = [*axes(curve.across, curve.up, WIDTH, HEIGHT), Line(path, width=CURVE)]
    return framed([*shapes, *axis_names(shapes, across, up, WIDTH, HEIGHT)], measure(None))


def axes(across: Scale, up: Scale, width: float, height: float) -> list[Shape]:
    """A frame of that many millimetres with a grid, ticks and their figures."""
    shapes: list[Shape] = [Line(((0, y), (width, y)), role="grid") for y in (up.share(tick) * height for tick in up.ticks)]
    for tick, text in zip(across.ticks, contents(across), strict=True):
        x = across.share(tick) * width
        shapes += [Line(((x, 0), (x, -TICK))), Label(x, -TICK - 1, text, "north", FIGURES)]
    for tick, text in zip(up.ticks, contents(up), strict=True):
        y = up.share(tick) * height
        shapes += [Line(((0, y), (-TICK, y))), Label(-TICK - 1, y, text, "east", FIGURES)]
    return [*shapes, Rectangle(0, 0, width, height, filled=False)]


def axis_names(shapes: Sequence[Shape], across: Content, up: Content, width: float, height: float) -> list[Label]:
    """What both axes show, beside the figures that are among `shapes`."""
    rooms = [box_of(shape, measure(None)) for shape in shapes if isinstance(shape, Label)]
    left, low = min(room.left for room in rooms), min(room.bottom for room in rooms)
    beside = Label(left - 2, height / 2, up, "east", FIGURES, turned=True) if up else None
    return [Label(width / 2, low - 1.5, across, "north", FIGURES), *([beside] if beside else [])]


def contents(scale: Scale) -> list[Node]:
    """The ticks as numbers: powers of ten on a logarithmic scale."""
    if scale.is_log:
        return [power(number(10), number(tick.adjusted())) for tick in scale.ticks]
    return [Value(text, Fraction(tick)) for text, tick in zip(figures(scale), scale.ticks, strict=True)]


# -- text --------------------------------------------------------------------------------------------------------------

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a Braille character's dots, row by row."""


def chart(curve: Curve, across: str, up: str) -> str:
    """The curve in Braille dots, with its ticks and the names of both axes."""
    cells = _cells(curve)
    ticks = zip(curve.up.ticks, figures(curve.up), strict=True)
    labels = {ROWS - 1 - round(curve.up.share(tick) * (ROWS - 1)): text for tick, text in ticks}
    margin = max(map(len, labels.values()))
    lines = [padded(up, margin, "r")]
    for row in range(ROWS):
        text = "".join(chr(0x2800 + cells[row][column]) if cells[row][column] else " " for column in range(COLUMNS)).rstrip()
        lines.append(f"{labels.get(row, ''):>{margin}} {'┤' if row in labels else '│'}{text}")
    axis, below = ["─"] * COLUMNS, [" "] * (COLUMNS + 12)
    free = 0
    for tick, text in zip(curve.across.ticks, figures(curve.across), strict=True):
        at = round(curve.across.share(tick) * (COLUMNS - 1))
        start = max(0, at - len(text) // 2)
        if start >= free:
            axis[at] = "┬"
            below[start : start + len(text)] = text
            free = start + len(text) + 2
    end = " " * margin
    lines += [f"{end} └{''.join(axis)}", f"{end}  {''.join(below).rstrip()}", f"{end}  {padded(across, COLUMNS, 'c')}".rstrip()]
    return "\n".join(lines)


def _cells(curve: Curve) -> list[list[int]]:
    """The Braille bits of every character."""
    wide, high = 2 * COLUMNS - 1, 4 * ROWS - 1
    cells = [[0] * COLUMNS for _ in range(ROWS)]
    dots = [(round(x * wide), round((1 - y) * high)) for x, y in curve.shares()]
    for (x0, y0), (x1, y1) in pairwise(dots):
        length = max(abs(x1 - x0), abs(y1 - y0), 1)
        for k in range(length + 1):
            x, y = round(x0 + (x1 - x0) * k / length), round(y0 + (y1 - y0) * k / length)
            cells[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    return cells
