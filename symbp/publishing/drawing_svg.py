"""Drawing → SVG that stands by itself, or within a page that brings the style; with a text alternative."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from symbp.language.writer import Spells
from symbp.publishing.drawing import ANCHORS, DASH, Circle, Curve, Dot, Drawing, Head, Label, Line, Point, Rectangle, Shape, plain
from symbp.publishing.lettering import FALL, RISE, SCRIPT, Run, box_of, columns, extent, measure, run_width, runs
from symbp.publishing.palette import PAGE, PALETTE, Palette

PIXELS: Final = 96 / 25.4
"""CSS pixels to the millimetre; the picture's own unit, since browsers round fonts of less than one unit."""
POINT: Final = 96 / 72.27
FAMILY: Final = "'Latin Modern Roman','CMU Serif','STIX Two Text','Times New Roman',Times,serif"
SET: Final = 0.826
"""How wide figures in scripts come out, as a share of the room kept for them: a superscript goes back by the subscript's width."""
PREFIX: Final = "symbp-"
"""Before every class, since the style of an SVG within a page holds for the whole page."""


def svg_style(palette: Palette = PALETTE) -> str:
    """The rules of all classes, for light pages and dark ones: `symbp-s-…` draws in a role's colour, `symbp-f-…` fills with it."""
    light = _rules({role: colour.light for role, colour in palette.items()}, PAGE[0])
    dark = _rules({role: colour.dark for role, colour in palette.items()}, PAGE[1])
    text = f".{PREFIX}picture text{{font-family:{FAMILY};user-select:none;-webkit-user-select:none;pointer-events:none}}"
    return f"{text}\n{light}\n@media (prefers-color-scheme:dark){{\n{dark}\n}}"


def _rules(colours: dict[str, str], page: str) -> str:
    rules = [f".{PREFIX}s-{role}{{stroke:{value}}}.{PREFIX}f-{role}{{fill:{value}}}" for role, value in colours.items()]
    return "\n".join([*rules, f".{PREFIX}page{{fill:{page}}}"])


def svg(
    drawing: Drawing,
    speller: Spells | None,
    *,
    title: str,
    description: str,
    identity: str = "picture",
    palette: Palette = PALETTE,
    standalone: bool = True,
) -> str:
    """The drawing as SVG; `title` and `description` are what is read aloud in its stead.

    Within a page each has an `identity` of its own, and `standalone=False` leaves the style and the XML declaration to the page. A
    standalone one brings its page's colour along, so that it can be read wherever it lies. Shapes carry their stage in `data-stage`.
    """
    pen = _Svg(drawing, speller, palette)
    width, height = drawing.width * PIXELS, drawing.height * PIXELS
    name = _quoted(f"{identity}-title {identity}-desc")
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{PREFIX}picture" role="img" aria-labelledby={name} '
        f'width="{width:.2f}" height="{height:.2f}" viewBox="0 0 {width:.2f} {height:.2f}" font-family={_quoted(FAMILY)}>'
    )
    words = [
        f"<{tag} id={_quoted(f'{identity}-{tag}')}>{escape(text, quote=False)}</{tag}>"
        for tag, text in (("title", title), ("desc", description))
    ]
    lines = [head, *words]
    if standalone:
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', *lines, f"<style>{svg_style(palette)}</style>"]
        lines.append(f'<rect class="{PREFIX}page" width="100%" height="100%" fill="{PAGE[0]}"/>')
    return "\n".join([*lines, *(text for shape in plain(drawing.shapes) for text in pen.shape(shape)), "</svg>"]) + "\n"


class _Svg:
    def __init__(self, drawing: Drawing, speller: Spells | None, palette: Palette) -> None:
        self.height, self.speller, self.palette = drawing.height, speller, palette
        self.measured = measure(speller)

    def shape(self, shape: Shape | Head) -> list[str]:
        stage = f' data-stage="{shape.stage}"' if shape.stage else ""
        stroke = self._stroke(shape) + stage
        match shape:
            case Line(points=points):
                return [f'<polyline points="{" ".join(map(self._at, points))}" fill="none"{stroke}/>']
            case Curve(points=(a, b, c, d)):
                return [f'<path d="M{self._at(a)} C{self._at(b)} {self._at(c)} {self._at(d)}" fill="none"{stroke}/>']
            case Head(points=points):
                return [f'<polygon points="{" ".join(map(self._at, points))}"{self._fill(shape.role)}{stage}/>']
            case Circle(x=x, y=y, radius=radius):
                return [f'<circle cx="{_n(x)}" cy="{self._y(y)}" r="{_n(radius)}" fill="{PAGE[0]}"{self._stroke(shape, "page")}{stage}/>']
            case Dot(x=x, y=y, radius=radius):
                return [f'<circle cx="{_n(x)}" cy="{self._y(y)}" r="{_n(radius)}"{self._fill(shape.role)}{stage}/>']
            case Rectangle(x=x, y=y, across=across, up=up, filled=filled):
                fill = PAGE[0] if filled else "none"
                stroke = self._stroke(shape, *(["page"] if filled else []))
                place = f'x="{_n(x)}" y="{self._y(y + up)}" width="{_n(across)}" height="{_n(up)}"'
                return [f'<rect {place} fill="{fill}"{stroke}{stage}/>']
            case Label():
                return self._label(shape, stage)

    def _label(self, label: Label, stage: str) -> list[str]:
        letters = runs(label.content, self.speller)
        size = label.size * POINT
        up, down = extent(letters)
        u, v = ANCHORS[label.anchor]
        if label.turned:
            u, v = v, u
        x, y = label.x * PIXELS, (self.height - label.y) * PIXELS
        base = (up - v * (up + down)) * size
        turn = f' transform="rotate(-90 {x:.2f} {y:.2f})"' if label.turned else ""
        anchor = {0.0: "start", 0.5: "middle", 1.0: "end"}[u]
        back = []
        if label.backed:
            box = box_of(label, self.measured).grown(0.3)
            place = f'x="{_n(box.left)}" y="{self._y(box.top)}" width="{_n(box.right - box.left)}" height="{_n(box.top - box.bottom)}"'
            back = [f"<rect {place}{_PAGE}{stage}/>"]
        attributes = f'x="{x:.2f}" y="{y + base:.2f}" font-size="{size:.2f}" text-anchor="{anchor}"{turn}{self._fill(label.role)}{stage}'
        return [*back, f"<text {attributes}>{''.join(_tspans(letters, size))}</text>"]

    def _at(self, point: Point) -> str:
        return f"{_n(point[0])},{self._y(point[1])}"

    def _y(self, y: float) -> str:
        return _n(self.height - y)

    def _stroke(self, shape: Shape | Head, *others: str) -> str:
        dash = f' stroke-dasharray="{_n(DASH[0])} {_n(DASH[1])}"' if shape.dashed else ""
        colour = self.palette[shape.role].light
        classes = " ".join(PREFIX + name for name in (f"s-{shape.role}", *others))
        return f' class="{classes}" stroke="{colour}" stroke-width="{_n(shape.width)}" stroke-linejoin="round"{dash}'

    def _fill(self, role: str) -> str:
        return f' class="{PREFIX}f-{role}" fill="{self.palette[role].light}"'


_PAGE: Final = f' class="{PREFIX}page" fill="{PAGE[0]}"'


def _n(value: float) -> str:
    """A length of millimetres in the picture's unit."""
    return f"{value * PIXELS:.2f}".replace("-0.00", "0.00")


def _tspans(letters: tuple[Run, ...], size: float) -> Iterable[str]:
    """The runs; `dy` moves the base line, by as much as the run before was moved the other way."""
    shifted = gap = 0.0
    for column in columns(letters):
        widths = [sum(run_width(run, size) for run in part) * SET for part in column]
        if len(column) == 1:
            yield _tspan(column[0][0], size, gap, -shifted)
            shifted = gap = 0.0
            continue
        raised, lowered = column
        for part, back in ((lowered, gap), (raised, -widths[1] if lowered else gap)):
            for at, run in enumerate(part):
                target = (-RISE if run.level > 0 else FALL) * size
                yield _tspan(run, size, 0.0 if at else back, target - shifted)
                shifted = target
        gap = max(widths[1] - widths[0], 0.0) if raised else 0.0


def _tspan(run: Run, size: float, dx: float, dy: float) -> str:
    style = ' font-style="italic"' if run.slanted else ""
    style += f' font-size="{size * SCRIPT:.2f}"' if run.level else ""
    style += f' dx="{dx:.2f}"' if abs(dx) > 0.005 else ""
    style += f' dy="{dy:.2f}"' if abs(dy) > 0.005 else ""
    return f"<tspan{style}>{_text(run.text)}</tspan>"


def _quoted(value: str) -> str:
    """The value of an attribute, which holds no double quotes."""
    return f'"{_text(value)}"'


def _text(text: str) -> str:
    return escape(text, quote=False)
