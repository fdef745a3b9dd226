"""Drawing → TikZ. Needs tikz, and where there are colours the lines of `palette.latex_colours`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from symbp.language.form import Node
from symbp.publishing.drawing import DASH, Circle, Content, Curve, Dot, Drawing, Head, Label, Line, Point, Rectangle, Shape, plain, unlit
from symbp.publishing.latex_escape import escape_wide_latex
from symbp.publishing.palette import PALETTE, Palette, latex_colours

Write = Callable[[Node], str]


def tikz(
    drawing: Drawing, write: Write, *, palette: Palette = PALETTE, overlays: bool = False, page: str = "white", is_alone: bool = False
) -> str:
    """The drawing as a tikzpicture; `write` gives the LaTeX of mathematics.

    With `overlays` it is for beamer: everything is there unlit, and what has a stage lights up with that slide after the first.
    `page` is the colour behind it. One that `is_alone` brings the definitions of its colours, and needs no preamble but tikz.
    """
    pen = _Tikz(write, palette, page)
    used = {shape.role for shape in drawing.shapes} | ({"faint"} if overlays else set())
    lines = [latex_colours({role: palette[role] for role in palette if role in used})] if is_alone else []
    lines = list(filter(None, lines))
    lines.append(f"\\useasboundingbox (0,0) rectangle ({drawing.width:.2f},{drawing.height:.2f});")
    for shape in drawing.shapes:
        if overlays and shape.stage:
            lines += pen.shape(unlit(shape))
            lines.append(f"\\onslide<{shape.stage + 1}->{{%\n" + "\n".join(pen.shape(shape)) + "}")
        else:
            lines += pen.shape(shape)
    return "\n".join(["\\begin{tikzpicture}[x=1mm,y=1mm,line cap=butt,line join=round]", *lines, "\\end{tikzpicture}"])


class _Tikz:
    def __init__(self, write: Write, palette: Palette, page: str) -> None:
        self.write, self.palette, self.page = write, palette, page

    def shape(self, shape: Shape) -> list[str]:
        return [self._one(part) for part in plain((shape,))]

    def _one(self, shape: Shape | Head) -> str:
        stroke = self._stroke(shape.role, shape.width, shape.dashed)
        at = _point((shape.x, shape.y)) if isinstance(shape, Circle | Dot | Rectangle | Label) else ""
        match shape:
            case Line(points=points):
                return rf"\draw[{stroke}] {_path(points)};"
            case Curve(points=(a, b, c, d)):
                return rf"\draw[{stroke}] {_point(a)} .. controls {_point(b)} and {_point(c)} .. {_point(d)};"
            case Head(points=points):
                return rf"\fill{self._fill(shape.role)} {_path(points)} -- cycle;"
            case Circle(radius=radius):
                return rf"\filldraw[{stroke},fill={self.page}] {at} circle ({radius:.2f});"
            case Dot(radius=radius):
                return rf"\fill{self._fill(shape.role)} {at} circle ({radius:.2f});"
            case Rectangle(across=across, up=up, filled=filled):
                command = rf"\filldraw[{stroke},fill={self.page}]" if filled else rf"\draw[{stroke}]"
                return rf"{command} {at} rectangle {_point((shape.x + across, shape.y + up))};"
            case Label():
                return self._label(shape, at)

    def _label(self, label: Label, at: str) -> str:
        leading = round(label.size * 1.2, 1)
        options = [f"anchor={label.anchor}", f"inner sep={0.5 if label.backed else 0}mm", f"fill={self.page}" if label.backed else ""]
        options += [f"rotate=90,anchor={_TURNED[label.anchor]}" if label.turned else "", self._named("text=", label.role)]
        options.append(rf"font=\fontsize{{{label.size}}}{{{leading:g}}}\selectfont")
        return rf"\node[{','.join(filter(None, options))}] at {at} {{{self._content(label.content)}}};"

    def _content(self, content: Content) -> str:
        if isinstance(content, tuple):
            return "".join(map(self._content, content))
        return escape_wide_latex(content) if isinstance(content, str) else f"${self.write(content)}$"

    def _named(self, prefix: str, role: str) -> str:
        name = self.palette[role].latex
        return prefix + name if name else ""

    def _fill(self, role: str) -> str:
        name = self._named("", role)
        return f"[{name}]" if name else ""

    def _stroke(self, role: str, width: float, dashed: bool) -> str:
        dash = f"dash pattern=on {DASH[0]}mm off {DASH[1]}mm" if dashed else ""
        return ",".join(filter(None, (self._named("draw=", role), f"line width={width:.2f}mm", dash)))


_TURNED = {"center": "center", "west": "north", "east": "south", "north": "east", "south": "west"}
"""The side that lies there once the label is turned."""


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-0.00", "0.00")


def _point(point: Point) -> str:
    return f"({_number(point[0])},{_number(point[1])})"


def _path(points: Iterable[Point], most: int = 6) -> str:
    """The points joined by straight lines, some on each line of text."""
    found = [_point(point) for point in points]
    rows = [" -- ".join(found[at : at + most]) for at in range(0, len(found), most)]
    return " --\n".join(rows)
