"""`Drawing`: lines, circles and labels in millimetres, before any medium; what is lit knows when.

The origin is at the lower left, y goes up. A shape's colour is a role of PALETTE. `stage` 0 is always there; 1, 2, 3, … is the order
in which an influence travels, so that slides can light one after the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Final, TypeAlias

from symbp.language.form import Node

Point: TypeAlias = tuple[float, float]
Content: TypeAlias = "str | Node | tuple[str | Node, ...]"
"""Plain words, mathematics, or both one after the other."""

THIN: Final = 0.25
THICK: Final = 0.75
"""Lines in millimetres: as they are, and lit."""
DASH: Final = (1.1, 0.8)
HEAD: Final = (2.1, 0.75)
"""An arrow head's length and half its width, on a thin line."""
MM_PER_POINT: Final = 25.4 / 72.27

ANCHORS: Final = {"center": (0.5, 0.5), "west": (0.0, 0.5), "east": (1.0, 0.5), "north": (0.5, 0.0), "south": (0.5, 1.0)}
"""Which point of a label stands at its place: shares of its width from the left and of its height from the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """What all shapes have."""

    role: str = "ink"
    width: float = THIN
    dashed: bool = False
    stage: int = 0


@dataclass(frozen=True, slots=True)
class Line(Pen):
    """A polyline, with an arrow head at its end if asked."""

    points: tuple[Point, ...]
    arrow: bool = False


@dataclass(frozen=True, slots=True)
class Curve(Pen):
    """A cubic Bézier curve: where it starts, its two control points, where it ends."""

    points: tuple[Point, Point, Point, Point]
    arrow: bool = False

    def at(self, t: float) -> Point:
        """The point at the parameter `t` from 0 to 1."""
        s = 1 - t
        weights = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
        x, y = (sum(w * p[axis] for w, p in zip(weights, self.points, strict=True)) for axis in (0, 1))
        return x, y


@dataclass(frozen=True, slots=True)
class Circle(Pen):
    """A circle, filled with the page."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Dot(Pen):
    """A full circle."""

    x: float
    y: float
    radius: float = 0.8


@dataclass(frozen=True, slots=True)
class Rectangle(Pen):
    """A rectangle by its lower left corner; `filled` with the page, or a frame."""

    x: float
    y: float
    across: float
    up: float
    filled: bool = True


@dataclass(frozen=True, slots=True)
class Label(Pen):
    """Words or mathematics; `size` in points, `turned` by 90 degrees to the left, `backed` by the page so that lines end before it."""

    x: float
    y: float
    content: Content
    anchor: str = "center"
    size: int = 8
    turned: bool = False
    backed: bool = False


Shape: TypeAlias = Line | Curve | Circle | Dot | Rectangle | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of `width` by `height` millimetres; what is drawn later lies above."""

    width: float
    height: float
    shapes: tuple[Shape, ...]

    @property
    def stages(self) -> int:
        """How many steps light it up."""
        return max((shape.stage for shape in self.shapes), default=0)


def moved(shape: Shape, dx: float, dy: float) -> Shape:
    """`shape` shifted."""
    if isinstance(shape, Line):
        return replace(shape, points=tuple((x + dx, y + dy) for x, y in shape.points))
    if isinstance(shape, Curve):
        a, b, c, d = ((x + dx, y + dy) for x, y in shape.points)
        return replace(shape, points=(a, b, c, d))
    return replace(shape, x=shape.x + dx, y=shape.y + dy)


def unlit(shape: Shape) -> Shape:
    """A lit shape as it is before its stage comes."""
    return replace(shape, role="faint", width=min(shape.width, THIN), stage=0) if shape.stage else shape


def plain(shapes: tuple[Shape, ...]) -> Iterator[Shape | Head]:
    """The shapes with each arrow head apart, and the line shortened so that it ends in it."""
    for shape in shapes:
        if isinstance(shape, Line | Curve) and shape.arrow:
            head = Head.of(shape)
            yield _until(shape, head.base)
            yield head
        else:
            yield shape


def _until(line: Line | Curve, end: Point) -> Line | Curve:
    if isinstance(line, Line):
        return replace(line, points=(*line.points[:-1], end), arrow=False)
    return replace(line, points=(*line.points[:3], end), arrow=False)


@dataclass(frozen=True, slots=True)
class Head(Pen):
    """An arrow head: a full triangle, its tip first."""

    points: tuple[Point, Point, Point]
    base: Point

    @classmethod
    def of(cls, line: Line | Curve) -> Head:
        """The head at the end of `line`, in the direction in which that comes."""
        (x0, y0), (x, y) = _direction(line), line.points[-1]
        across = math.hypot(x - x0, y - y0) or 1.0
        ux, uy = (x - x0) / across, (y - y0) / across
        grown = 1 + (line.width - THIN) * 0.9
        length, half = HEAD[0] * grown, HEAD[1] * grown
        foot = x - ux * length, y - uy * length
        sides = tuple((foot[0] - side * uy * half, foot[1] + side * ux * half) for side in (1, -1))
        inner = x - ux * length * 0.8, y - uy * length * 0.8
        pen = {field.name: getattr(line, field.name) for field in fields(Pen)}
        return cls(points=((x, y), sides[0], sides[1]), base=inner, **pen)


def _direction(line: Line | Curve) -> Point:
    """A point through which `line` comes to its end, about a head's length before it."""
    if isinstance(line, Line):
        return line.points[-2]
    end = line.points[-1]
    return next((p for p in (line.at(1 - k / 50) for k in range(1, 51)) if math.dist(p, end) >= HEAD[0]), line.points[0])


def sampled(shape: Line | Curve, most: float = 1.0) -> list[Point]:
    """Points along a line or curve, at most about `most` millimetres apart."""
    found: list[Point] = []
    if isinstance(shape, Curve):
        length = sum(math.dist(a, b) for a, b in pairwise(shape.points))
        steps = max(8, math.ceil(length / most))
        return [shape.at(k / steps) for k in range(steps + 1)]
    for (x0, y0), (x1, y1) in pairwise(shape.points):
        steps = max(1, math.ceil(math.dist((x0, y0), (x1, y1)) / most))
        found += [(x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps) for k in range(steps)]
    return [*found, shape.points[-1]]
