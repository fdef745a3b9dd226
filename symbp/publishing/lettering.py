"""How a label is set where neither LaTeX nor Typst does it: runs of letters, upright or slanted, raised or lowered; and its room."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from symbp.language.form import Form, Function, Node, Value, Var
from symbp.language.plain import PlainWriter
from symbp.language.speller import Name
from symbp.language.symbols import GREEK, MARKED
from symbp.language.writer import Spells
from symbp.publishing.drawing import (
    ANCHORS,
    MM_PER_POINT,
    Circle,
    Content,
    Curve,
    Dot,
    Drawing,
    Label,
    Line,
    Rectangle,
    Shape,
    moved,
    sampled,
)
from symbp.publishing.wide import is_wide

MARGIN: Final = 1.0
"""Around a drawing, in millimetres."""
SCRIPT: Final = 0.7
WIDER: Final = 1.12
"""The size of a script as a share of the text's; small fonts are made wider."""
RISE: Final = 0.4
FALL: Final = 0.22
"""How far the base line of a superscript and of a subscript is shifted, in the text's size."""
ASCENT: Final = 0.72
DESCENT: Final = 0.22
"""Letters above and below their base line, in their own size."""

_WIDTHS: Final = (
    ("\u0302", 0.0),
    ("ijl.,:;'|!⋮ ", 0.36),
    ("()[]⟨⟩ftI/-", 0.43),
    ("crsezv", 0.5),
    ("0123456789abdgkopqxyσδρηαλβμ_", 0.54),
    ("hnuLPSFJ", 0.68),
    ("mwMOQDGHNUKAX", 0.98),
    ("W", 1.09),
    ("+−=≈×·→…⋯∂∇", 0.86),
)
_DEFAULT: Final = 0.78


@dataclass(frozen=True, slots=True)
class Run:
    """Letters in one style; `level` 1 is raised, -1 lowered."""

    text: str
    slanted: bool = False
    level: int = 0


def runs(content: Content, speller: Spells | None) -> tuple[Run, ...]:
    """The letters of a label."""
    if isinstance(content, tuple):
        return tuple(run for part in content for run in runs(part, speller))
    if isinstance(content, str):
        return (Run(content),)
    return tuple(_runs(content, speller))


def _runs(node: Node, speller: Spells | None) -> list[Run]:
    match node:
        case Var() if speller is not None:
            return name_runs(speller.name(node))
        case Form("pow", (base, raised)):
            return [*_runs(base, speller), *(replace(run, level=1) for run in _runs(raised, speller))]
        case Form("apply", (Function() as function, x)):
            return [*_word(function.symbol), Run("′" * function.order + "("), *_runs(x, speller), Run(")")]
        case Form("neg", (x,)):
            return [Run("−"), *_runs(x, speller)]
        case Value(shown):
            figures, _, exponent = shown.replace("-", "−").partition("e")
            return [Run(figures), Run(" × 10"), Run(exponent, level=1)] if exponent else [Run(figures)]
    assert speller is not None, node
    return [Run(PlainWriter(speller).text(node))]


def name_runs(name: Name) -> list[Run]:
    """A Name: its base slanted if it is one letter, then its superscript and its subscript."""
    base, sub = name.base, name.sub
    if match := re.fullmatch(r"([A-Za-z]+)(\d+)", base):
        base, sub = match[1], ",".join(filter(None, (match[2], sub)))
    found = _word(base, is_own=name.is_own)
    if sup := name.sup + (f"⟨{name.time}⟩" if name.time else ""):
        found += _script(sup.replace("-", "−"), 1)
    if name.of is not None:
        return found + [replace(run, level=-1) for run in name_runs(name.of)]
    found += _script(sub, -1) if sub else []
    for at, word in enumerate(name.words):
        found += [Run(",", level=-1)] if at or sub else []
        found += _unit(word)
    return found


def _word(text: str, *, is_own: bool = False) -> list[Run]:
    if not is_own and (text in GREEK or text in MARKED):
        return [Run(GREEK.get(text) or MARKED[text][1], slanted=text in GREEK and text[0].islower())]
    return [Run(text, slanted=len(text) == 1 or bool(re.fullmatch("d[A-Za-z]", text)))]


def _script(text: str, level: int) -> list[Run]:
    """A script: its letters slanted one by one, figures and brackets upright."""
    parts = re.findall(r"[A-Za-z]+|[^A-Za-z]+", text)
    return [Run(part, slanted=part.isalpha() and part.isascii(), level=level) for part in parts]


def _unit(name: str) -> list[Run]:
    """A unit's name in a subscript: h1, and h1,2 for h1_2; words upright."""
    if match := re.fullmatch(r"([A-Za-z])(\d+)_(\d+)", name):
        return [Run(match[1], slanted=True, level=-1), Run(f"{match[2]},{match[3]}", level=-1)]
    if match := re.fullmatch(r"([A-Za-z])(\d*)", name):
        return [Run(match[1], slanted=True, level=-1), *([Run(match[2], level=-1)] if match[2] else [])]
    return [Run(name, level=-1)]


def run_width(run: Run, size: float) -> float:
    """About how wide a run is, in the unit of `size`; rather more than less, since fonts differ."""
    return sum(_letter(c) for c in run.text) * size * (SCRIPT * WIDER if run.level else 1)


def _letter(c: str) -> float:
    return 1.0 if is_wide(c) else next((width for letters, width in _WIDTHS if c in letters), _DEFAULT)


def columns(letters: tuple[Run, ...]) -> list[tuple[tuple[Run, ...], ...]]:
    """The runs in the order of writing; a superscript and the subscript that follows it share a column: (raised, lowered)."""
    found: list[tuple[tuple[Run, ...], ...]] = []
    at = 0
    while at < len(letters):
        raised, at = _while(letters, at, 1)
        lowered, at = _while(letters, at, -1)
        if raised or lowered:
            found.append((raised, lowered))
        else:
            found.append(((letters[at],),))
            at += 1
    return found


def _while(letters: tuple[Run, ...], at: int, level: int) -> tuple[tuple[Run, ...], int]:
    end = at
    while end < len(letters) and letters[end].level == level:
        end += 1
    return letters[at:end], end


def text_width(letters: tuple[Run, ...], size: float) -> float:
    """How wide the runs come out, scripts one above the other."""
    return sum(max(sum(run_width(run, size) for run in part) for part in column) for column in columns(letters))


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle."""

    left: float
    bottom: float
    right: float
    top: float

    def grown(self, by: float) -> Box:
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def overlap(self, other: Box) -> float:
        """The area that both cover."""
        if self.right <= other.left or other.right <= self.left or self.top <= other.bottom or other.top <= self.bottom:
            return 0.0
        return (min(self.right, other.right) - max(self.left, other.left)) * (min(self.top, other.top) - max(self.bottom, other.bottom))

    def holds(self, x: float, y: float) -> bool:
        return self.left < x < self.right and self.bottom < y < self.top


Measured = Callable[[Content, int], tuple[float, float]]
"""The width and height of a content at a size in points, in millimetres."""


def measure(speller: Spells | None) -> Measured:
    """How large contents come out in the notation of `speller`, which words and numbers do without; each is measured once."""

    @cache
    def measured(content: Content, size: int) -> tuple[float, float]:
        letters = runs(content, speller)
        up, down = extent(letters)
        em = size * MM_PER_POINT
        return text_width(letters, em), (up + down) * em

    return measured


def extent(letters: tuple[Run, ...]) -> tuple[float, float]:
    """How far the letters reach above and below their base line, in their size."""
    up = max((RISE + ASCENT * SCRIPT if run.level > 0 else ASCENT for run in letters if run.level >= 0), default=ASCENT)
    lower = any(run.level < 0 for run in letters)
    deep = any(set(run.text) & set("gjpqy()[],_⟨⟩") or any(map(is_wide, run.text)) for run in letters if run.level == 0)
    return up, max(FALL + 0.12 if lower else 0.0, DESCENT if deep else 0.02)


def box_of(label: Label, measured: Measured) -> Box:
    """The room that a label takes."""
    width, height = measured(label.content, label.size)
    u, v = ANCHORS[label.anchor]
    if label.turned:
        width, height = height, width
    left, top = label.x - u * width, label.y + v * height
    return Box(left, top - height, left + width, top)


def room_of(shape: Shape, measured: Measured) -> Box:
    """The rectangle around a shape."""
    match shape:
        case Label():
            return box_of(shape, measured)
        case Circle(x=x, y=y, radius=r) | Dot(x=x, y=y, radius=r):
            return Box(x - r, y - r, x + r, y + r)
        case Rectangle(x=x, y=y, across=across, up=up):
            return Box(x, y, x + across, y + up)
        case Line() | Curve():
            xs, ys = zip(*sampled(shape), strict=True)
            return Box(min(xs), min(ys), max(xs), max(ys)).grown(0.8 if shape.arrow else shape.width / 2)


def framed(shapes: Sequence[Shape], measured: Measured) -> Drawing:
    """The shapes, moved so that they fill a drawing with a margin around them."""
    rooms = [room_of(shape, measured).grown(shape.width / 2) for shape in shapes]
    left, bottom = min(r.left for r in rooms) - MARGIN, min(r.bottom for r in rooms) - MARGIN
    right, top = max(r.right for r in rooms) + MARGIN, max(r.top for r in rooms) + MARGIN
    return Drawing(right - left, top - bottom, tuple(moved(shape, -left, -bottom) for shape in shapes))
