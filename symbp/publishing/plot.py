"""A curve of the error over the steps: scales with ticks, then TikZ for LaTeX or Unicode dots for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from symbp.publishing.wide import padded

Point = tuple[int, Decimal]
DECADES = 2
"""An error that spans more decades than this is drawn on a logarithmic scale."""
WIDTH, HEIGHT = 120.0, 60.0
"""The drawing in millimetres."""
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


# -- LaTeX -------------------------------------------------------------------------------------------------------------


def tikz(curve: Curve, across: str, up: str) -> str:
    """The curve as a TikZ picture with the names of both axes."""
    lines = []
    for tick, text in zip(curve.across.ticks, latex_figures(curve.across), strict=True):
        x = curve.across.share(tick) * WIDTH
        lines.append(rf"\draw ({x:.2f},0) -- ({x:.2f},-1.5) node[below] {{${text}$}};")
    for tick, text in zip(curve.up.ticks, latex_figures(curve.up), strict=True):
        y = curve.up.share(tick) * HEIGHT
        lines.append(rf"\draw[gray!40] (0,{y:.2f}) -- ({WIDTH:g},{y:.2f});")
        lines.append(rf"\draw (0,{y:.2f}) -- (-1.5,{y:.2f}) node[left] {{${text}$}};")
    lines.append(rf"\draw (0,0) rectangle ({WIDTH:g},{HEIGHT:g});")
    path = [f"({x * WIDTH:.2f},{y * HEIGHT:.2f})" for x, y in curve.shares()]
    rows = [" -- ".join(path[at : at + 6]) for at in range(0, len(path), 6)]
    lines.append("\\draw[thick]\n" + " --\n".join(rows) + ";")
    lines.append(rf"\node[below] at ({WIDTH / 2:g},-6) {{{across}}};")
    lines.append(rf"\node[rotate=90] at (-15,{HEIGHT / 2:g}) {{{up}}};")
    return "\n".join([r"\begin{tikzpicture}[x=1mm,y=1mm,font=\small]", *lines, r"\end{tikzpicture}"])


def latex_figures(scale: Scale) -> list[str]:
    """The ticks in LaTeX: powers of ten on a logarithmic scale."""
    if scale.is_log:
        return [f"10^{{{tick.adjusted()}}}" for tick in scale.ticks]
    split = [text.partition("e") for text in figures(scale)]
    return [rf"{mantissa} \cdot 10^{{{exponent}}}" if exponent else mantissa for mantissa, _, exponent in split]


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
