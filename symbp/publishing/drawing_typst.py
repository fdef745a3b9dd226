"""Drawing → Typst, in its own shapes: packages would have to be fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from symbp.language.form import Node
from symbp.publishing.drawing import ANCHORS, DASH, Circle, Content, Curve, Dot, Drawing, Head, Label, Line, Point, Rectangle, Shape, plain
from symbp.publishing.palette import PALETTE, Palette

Write = Callable[[Node], str]

_PUT = (
    "let put(x, y, u, v, it) = context { let s = measure(it); "
    "place(top + left, dx: x - s.width * u, dy: y - s.height * v, box(width: s.width, it)) }"
)
"""Content with a given point of it at a place."""


def typst(drawing: Drawing, write: Write, *, palette: Palette = PALETTE, page: str = "white") -> str:
    """The drawing as a Typst box; `write` gives the Typst markup of mathematics, `page` is the colour behind it."""
    pen = _Typst(drawing.height, write, palette, page)
    lines = [f"#box(width: {drawing.width:.2f}mm, height: {drawing.height:.2f}mm, {{", f"  {_PUT}"]
    lines.append('  set text(top-edge: "bounds", bottom-edge: "bounds")')
    lines += [f"  {line}" for shape in plain(drawing.shapes) for line in pen.shape(shape)]
    return "\n".join([*lines, "})"])


class _Typst:
    def __init__(self, height: float, write: Write, palette: Palette, page: str) -> None:
        self.height, self.write, self.palette, self.page = height, write, palette, page

    def shape(self, shape: Shape | Head) -> Iterator[str]:
        stroke = self._stroke(shape)
        match shape:
            case Line(points=points):
                yield self._curve(points, f"stroke: {stroke}")
            case Curve(points=(a, b, c, d)):
                parts = f"curve.move({self._at(a)}), curve.cubic({', '.join(map(self._at, (b, c, d)))})"
                yield f"place(top + left, curve(stroke: {stroke}, {parts}))"
            case Head(points=points):
                yield self._curve(points, f"fill: {self._colour(shape.role)}", ", curve.close()")
            case Circle(x=x, y=y, radius=radius):
                yield self._round(x, y, radius, f"fill: {self.page}, stroke: {stroke}")
            case Dot(x=x, y=y, radius=radius):
                yield self._round(x, y, radius, f"fill: {self._colour(shape.role)}")
            case Rectangle(x=x, y=y, across=across, up=up, filled=filled):
                fill = f"fill: {self.page}, " if filled else ""
                yield (
                    f"place(top + left, dx: {_mm(x)}, dy: {_mm(self.height - y - up)}, "
                    f"rect(width: {_mm(across)}, height: {_mm(up)}, {fill}stroke: {stroke}))"
                )
            case Label():
                yield self._label(shape)

    def _label(self, label: Label) -> str:
        u, v = ANCHORS[label.anchor]
        it = f"text(size: {label.size}pt, fill: {self._colour(label.role)}, {{ {self._content(label.content)} }})"
        it = f"rotate(-90deg, reflow: true, {it})" if label.turned else it
        it = f"box(fill: {self.page}, inset: 0.4mm, {it})" if label.backed else it
        return f"put({_mm(label.x)}, {_mm(self.height - label.y)}, {u:g}, {v:g}, {it})"

    def _content(self, content: Content) -> str:
        if isinstance(content, tuple):
            return "; ".join(map(self._content, content))
        return f"[#{_quoted(content)}]" if isinstance(content, str) else f"[${self.write(content)}$]"

    def _round(self, x: float, y: float, radius: float, style: str) -> str:
        return f"place(top + left, dx: {_mm(x - radius)}, dy: {_mm(self.height - y - radius)}, circle(radius: {_mm(radius)}, {style}))"

    def _curve(self, points: tuple[Point, ...], style: str, close: str = "") -> str:
        first, *others = map(self._at, points)
        steps = "".join(f", curve.line({point})" for point in others)
        return f"place(top + left, curve({style}, curve.move({first}){steps}{close}))"

    def _at(self, point: Point) -> str:
        return f"({_mm(point[0])}, {_mm(self.height - point[1])})"

    def _colour(self, role: str) -> str:
        return f'rgb("{self.palette[role].light}")'

    def _stroke(self, shape: Shape | Head) -> str:
        dash = f", dash: ({_mm(DASH[0])}, {_mm(DASH[1])})" if shape.dashed else ""
        return f"(paint: {self._colour(shape.role)}, thickness: {_mm(shape.width)}{dash})"


def _mm(value: float) -> str:
    return f"{value:.2f}mm".replace("-0.00mm", "0.00mm")


def _quoted(text: str) -> str:
    """Words as a Typst string, in which nothing is markup."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
