"""What the template of the formats made by pandoc asks for: equations one by one, the slides of a section, pictures as data."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from math import ceil
from typing import Any

from symbp.language.markers import bare
from symbp.publishing.document import Document
from symbp.publishing.environment import Safe
from symbp.publishing.layout import Row

Block = Mapping[str, Any]
SLIDE = 255.0
"""The room below the title of a slide, in points, with text at 16."""
LINE, TALL, PARAGRAPH, LETTERS = 21.0, 40.0, 8.0, 92
"""The height of a line, and of one with a fraction; the space after a paragraph; the letters on a line."""
TABLE_LINE, TABLE_TALL = 25.0, 44.0
MARK = r"\*"
"""The mark of a note, and what the note begins with."""
WIDEST, WIDEST_ON_SLIDE, HIGHEST_ON_SLIDE = 150.0, 210.0, 72.0
"""A figure, in millimetres."""
PIXELS_PER_INCH = 220
_TALL = re.compile(r"\\frac|\\sum|\\begin|\\underbrace")
_COMMAND = re.compile(r"\\[A-Za-z]+|[{}$_^\\]")
_BAR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Equation:
    """The lines of one equation, and its number; 0 where it goes on, or has none."""

    rows: tuple[Row, ...]
    number: int = 0


def equations(rows: Sequence[Row]) -> list[Equation]:
    """The equations of a display: each ends with the line that has its number."""
    found: list[Equation] = []
    current: list[Row] = []
    for row in rows:
        current.append(row)
        if row.number:
            found.append(Equation(tuple(current), row.number))
            current = []
    return [*found, Equation(tuple(current))] if current else found


def without_bars(cell: str) -> Safe:
    r"""A cell in which no bar ends it: those of plain text are escaped, those of mathematics are called \vert."""
    return Safe(_BAR.sub(r"\\vert ", cell))


def svg_data(drawing: str) -> Safe:
    """An SVG as an address in Markdown."""
    return Safe(f"(data:image/svg+xml;base64,{b64encode(drawing.encode('utf-8')).decode('ascii')})")


def png_data(drawing: str) -> Safe | None:
    """An SVG as the address of a PNG, by Typst; None where the extra `pdf` is missing."""
    if find_spec("typst") is None:
        return None
    source = f'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes({_typst_string(drawing)}), format: "svg")\n'
    png = import_module("typst").compile(source.encode("utf-8"), format="png", ppi=PIXELS_PER_INCH)
    return Safe(f"(data:image/png;base64,{b64encode(png).decode('ascii')})")


def _typst_string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def page_names(document: Document) -> dict[str, Any]:
    """For text that flows: a section is one page."""
    del document
    return _names(lambda blocks: [list(blocks)], png_data)


def book_names(document: Document) -> dict[str, Any]:
    """The same, for what shows SVG."""
    del document
    return _names(lambda blocks: [list(blocks)], svg_data)


def slide_names(document: Document) -> dict[str, Any]:
    """For slides."""
    del document
    return _names(slides, png_data) | {"is_slides": True, "width_of": _width_on_slide}


def _width_of(block: Block) -> int:
    """The width of a figure in millimetres, on a page."""
    return round(min(float(block["width"]), WIDEST))


def _width_on_slide(block: Block) -> int:
    """The same on a slide, which it may fill."""
    width, height = float(block["width"]), float(block["height"])
    return round(width * min(WIDEST_ON_SLIDE / width, HIGHEST_ON_SLIDE / height, 2.0))


def _names(pages: Callable[[Sequence[Block]], list[list[Block]]], picture: Callable[[str], Safe | None]) -> dict[str, Any]:
    return {"pages": pages, "equations": equations, "picture": picture, "cell": without_bars, "width_of": _width_of, "is_slides": False}


# -- slides ------------------------------------------------------------------------------------------------------------


def slides(blocks: Sequence[Block]) -> list[list[Block]]:
    """The blocks of a section, slide by slide: sentences with the display that they lead to; a table or a figure by itself."""
    found: list[list[Block]] = []
    current: list[Block] = []
    room = SLIDE
    for block in (part for whole in _with_notes(blocks) for part in _parts(whole)):
        height = _height(block)
        stands_alone = block["kind"] not in {"say", "display"}
        leads_on = bool(current) and all(one["kind"] == "say" for one in current)
        ends = block["kind"] == "say" and not leads_on
        if current and (height > room or stands_alone or ends):
            found.append(current)
            current, room = [], SLIDE
        current.append(block)
        room -= height
        if stands_alone:
            found.append(current)
            current, room = [], SLIDE
    return [*found, current] if current else found


def _with_notes(blocks: Sequence[Block]) -> list[Block]:
    """The notes of a section, which stand at its end, after the sentence that they belong to."""
    notes = [block for block in blocks if block["kind"] == "say" and block["text"].startswith(MARK)]
    found = [block for block in blocks if block not in notes]
    for note in notes:
        marked = [at for at, block in enumerate(found) if block["kind"] == "say" and MARK in block["text"]]
        found.insert(marked[0] + 1 if marked else len(found), note)
    return found


def _parts(block: Block) -> Iterator[Block]:
    """A display or a table in as many parts as slides need."""
    if block["kind"] == "display":
        for rows in _filled(_pieces(block["rows"]), 0.8 * SLIDE):
            yield {**block, "rows": rows}
    elif block["kind"] == "table":
        head = _table_line(block["header"])
        for rows in _filled([([row], _table_line(row)) for row in block["rows"]], SLIDE - head):
            yield {**block, "rows": rows}
    else:
        yield block


def _pieces(rows: Sequence[Row]) -> Iterator[tuple[list[Row], float]]:
    """What of a display may stand on a slide by itself: an equation, or its lines where it is too high."""
    for equation in equations(rows):
        height = sum(map(_row_height, equation.rows))
        if height <= 0.8 * SLIDE:
            yield list(equation.rows), height
        else:
            yield from (([row], _row_height(row)) for row in equation.rows)


def _filled(pieces: Sequence[tuple[list[Any], float]] | Iterator[tuple[list[Any], float]], room: float) -> Iterator[list[Any]]:
    current: list[Any] = []
    left = room
    for rows, height in pieces:
        if current and height > left:
            yield current
            current, left = [], room
        current = [*current, *rows]
        left -= height
    if current:
        yield current


def _height(block: Block) -> float:
    match block["kind"]:
        case "say":
            letters = len(_COMMAND.sub("", bare(block["text"])))
            return ceil(letters / LETTERS) * LINE + PARAGRAPH
        case "display":
            return sum(map(_row_height, block["rows"])) + PARAGRAPH
    return SLIDE


def _row_height(row: Row) -> float:
    return TALL if _TALL.search(row.lhs + row.text) else LINE + 4


def _table_line(cells: Sequence[str]) -> float:
    return TABLE_TALL if any(_TALL.search(cell) for cell in cells) else TABLE_LINE
