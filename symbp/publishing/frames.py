"""Blocks → frames: what of a section stands on one slide, and with which step each line of it is uncovered.

One idea stands on a frame: sentences, and the display or table that follows them. What is too high for one frame goes on on the next,
broken between equations, else within a chain; what is too wide is set smaller. Points are those of text at 11 points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from symbp.language.markers import bare
from symbp.publishing.environment import Safe
from symbp.publishing.frame import NO_WORDS, Frame, Line
from symbp.publishing.heights import TEXT_LINE, height
from symbp.publishing.layout import Measure, Row
from symbp.publishing.packing import Chunk, packed, shared

HEIGHT, SUBTITLE, LEAD = 204.0, 13.5, 8.0
"""The room below the title of a frame, what a subtitle takes of it, and the space where no text stands before a block."""
AROUND, JOT, PARAGRAPH = 14.0, 5.5, 6.0
"""The space around a display, between its lines, and between paragraphs."""
SIZES = (("normalsize", 1.0), ("small", 0.913), ("footnotesize", 0.822), ("scriptsize", 0.73), ("tiny", 0.548))
"""LaTeX's sizes of text, largest first."""
MOST_TEXT = 0.6
"""Text that takes more of a frame than this leaves it to itself."""
SHORT = 64
"""A sentence that leads to a display and takes so little room is set beside the frame's title."""
LONG_TEXT = 3
"""A text of more lines falls into a paragraph for each sentence."""
TEXT_ROOM, LETTER = 73.0, 0.89
"""A line of text, and a letter of it, in digits."""
DIGITS_PER_MM, POINTS_PER_MM = 0.52, 2.845
GAP, SMALLEST_FIGURE = 6.0, 0.55
"""Between a display and the figure beside it, in mm; a figure is not made smaller than by this factor."""
CAPTION = 32.0
SMALL_LINE = 11.0
"""What a figure needs besides its height, and for each line of its caption."""
TABLE_SIZES = 2
"""So many of SIZES are tried before a table goes on on another frame."""
ALGORITHM_INDENT = 3.0
"""How far a line of pseudocode is indented for each loop around it, in digits."""
FACTORS = 3
"""The factors of a chain rule product, which are uncovered from the last to the first, as the influence travels."""

_REFERENCE = re.compile(r"\\ref\{[^}]*\}")
_FOOTNOTE = re.compile(r"\\footnote\{")
_PAINTED = re.compile("([\ue001-\ue00e])([^\ue000-\ue00f]*)(\ue00f)((?: \\\\cdot)?)")
_COMMAND = re.compile(r"\\[A-Za-z]+\s*|[{}$\\]")


@dataclass
class _Idea:
    """Sentences, what they lead to, and a figure that stands beside it."""

    says: list[Safe] = field(default_factory=list)
    body: Mapping[str, Any] | None = None
    figure: Mapping[str, Any] | None = None


class Frames:
    """Cuts sections into frames on which `measure.room` digits stand beside each other."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure

    def of(self, section: Mapping[str, Any]) -> list[Frame]:
        """The frames of a section of a document, as the renderer hands it to templates."""
        blank = Frame(section["title"], section["number"])
        found: list[Frame] = []
        for idea in _ideas(section["blocks"]):
            if not (idea.body is None and found and self._ends(found, idea)):
                found += self._frames(idea, blank)
        return [replace(frame, at=at, last=len(found)) for at, frame in enumerate(found, 1)]

    def _frames(self, idea: _Idea, blank: Frame) -> Iterator[Frame]:
        """The frames of one idea; long text gets one of its own."""
        frame, says = self._led(idea, blank)
        paragraphs = tuple(paragraph for say in says for paragraph in self._paragraphs(say))
        if idea.body is None:
            yield from (replace(frame, paragraphs=part) for part in self._pages(paragraphs))
            return
        make = {"display": self._display, "table": self._table, "algorithm": self._algorithm}.get(idea.body["kind"], self._drawing)
        together = list(make(idea, replace(frame, paragraphs=paragraphs)))
        if paragraphs:
            apart = [replace(frame, subtitle=NO_WORDS, paragraphs=part) for part in self._pages(paragraphs)]
            apart += make(idea, frame)
            text = self._text_height(paragraphs)
            if (_broken(apart), len(apart)) < (_broken(together), len(together)) or text > HEIGHT * MOST_TEXT:
                together = apart
        yield from together

    def _ends(self, found: list[Frame], idea: _Idea) -> bool:
        """Does what is said at the end of a section find room on its last frame? Then it stands there."""
        after = tuple(paragraph for say in idea.says for paragraph in self._paragraphs(say))
        if self._used(found[-1]) + self._text_height(after) > self._room(replace(found[-1], paragraphs=())):
            return False
        found[-1] = replace(found[-1], after=after)
        return True

    def _used(self, frame: Frame) -> float:
        """How much of a frame is taken."""
        text = self._text_height(frame.paragraphs) + AROUND
        factor = dict(SIZES)[frame.size]
        match frame.kind:
            case "text":
                return text
            case "display" if frame.figure is None:
                return text + sum(height(line.row.lhs + line.row.text) * factor + JOT for line in frame.lines)
            case "table":
                return text + (len(frame.rows) + 1) * TEXT_LINE * factor * frame.stretch
        return HEIGHT

    def _room(self, frame: Frame) -> float:
        """The height that is left for a block below the text of a frame."""
        room = HEIGHT - (SUBTITLE if frame.subtitle else 0.0)
        return room - (self._text_height(frame.paragraphs) if frame.paragraphs else LEAD)

    def _led(self, idea: _Idea, blank: Frame) -> tuple[Frame, list[Safe]]:
        """The frame with its subtitle, if a short sentence leads to what follows, and the other sentences."""
        if idea.body is None or not idea.says:
            return blank, idea.says
        *before, last = sentences(idea.says[-1])
        is_short = last[-1] in ":：" and self.text_width(last) <= SHORT and not _FOOTNOTE.search(last)
        if not is_short or (before and len(self._paragraphs(idea.says[-1])) == 1):
            return blank, idea.says
        return replace(blank, subtitle=Safe(last[:-1])), [*idea.says[:-1], *([Safe(" ".join(before))] if before else [])]

    # -- text --------------------------------------------------------------------------------------------------------

    def text_width(self, text: str) -> float:
        """How wide words with inline mathematics come out."""
        total = 0.0
        for at, part in enumerate(_REFERENCE.sub("99", bare(text)).split("$")):
            total += self.measure.of(part) if at % 2 else sum(2.0 if ord(c) > 0x2E80 else LETTER for c in _COMMAND.sub("", part))
        return total

    def _text_height(self, paragraphs: Sequence[Safe]) -> float:
        """The height of paragraphs and of the footnotes in them."""
        total = 0.0
        for paragraph in paragraphs:
            text, _, note = paragraph.partition(r"\footnote{")
            total += ceil(self.text_width(text) / TEXT_ROOM) * TEXT_LINE + PARAGRAPH
            total += ceil(self.text_width(note) * 0.75 / TEXT_ROOM) * 9.5 + 14.0 if note else 0.0
        return total

    def _paragraphs(self, say: Safe) -> list[Safe]:
        """A long text falls into its sentences."""
        if self.text_width(say) <= LONG_TEXT * TEXT_ROOM:
            return [say]
        return [Safe(part) for part in sentences(say)]

    def _pages(self, paragraphs: Sequence[Safe]) -> Iterator[tuple[Safe, ...]]:
        page: tuple[Safe, ...] = ()
        for paragraph in paragraphs:
            if page and self._text_height((*page, paragraph)) > HEIGHT:
                yield page
                page = ()
            page += (paragraph,)
        if page:
            yield page

    # -- displays ----------------------------------------------------------------------------------------------------

    def _display(self, idea: _Idea, frame: Frame) -> Iterator[Frame]:
        assert idea.body is not None
        if idea.figure is not None and (beside := self._beside(idea, frame)) is not None:
            yield beside
            return
        if idea.figure is not None:
            yield from self._drawing(_Idea(body=idea.figure), replace(frame, paragraphs=(), subtitle=NO_WORDS))
        rows = idea.body["rows"]
        chunks = self._chunks(rows, dict(SIZES)[self._size_of(self._chunks(rows, 1.0))])
        rest = self._room(replace(frame, paragraphs=())) - AROUND
        for at, part in enumerate(packed(chunks, self._room(frame) - AROUND, rest)):
            on = frame if at == 0 else replace(frame, paragraphs=())
            if part:
                lines = _stepped(part, 2 if on.paragraphs else 1)
                yield replace(on, kind="display", lines=lines, size=self._size_of(part))
            elif on.paragraphs:
                yield replace(on, subtitle=NO_WORDS)

    def _row_width(self, row: Row, *, with_note: bool = True) -> float:
        width = self.measure.of(row.lhs) + 3 + self.measure.of(row.text) + (4 if row.indent else 0)
        width += 5 + self.measure.of(row.condition) if row.condition else 0
        width += 3 + self.text_width(row.note) * self.measure.note_width if row.note and with_note else 0
        return width + (self.measure.number_width if row.number else 0)

    def _size_of(self, chunks: Sequence[Chunk]) -> str:
        """The size in which these lines fit."""
        rows = [row for chunk in chunks for row in chunk.rows]
        highest = max(height(row.lhs + row.text) for row in rows)
        return self._size(max(map(self._row_width, rows)), highest + AROUND, HEIGHT - SUBTITLE - LEAD)[0]

    def _size(self, width: float, high: float = 0.0, room: float = 1.0, room_across: float = 0.0) -> tuple[str, float]:
        """The largest size in which something so wide, and so high, fits."""
        across = room_across or self.measure.room
        fitting = (size for size in SIZES if width * size[1] <= across and high * size[1] <= room)
        return next(fitting, SIZES[-1])

    def _chunks(self, rows: Sequence[Row], factor: float) -> list[Chunk]:
        found: list[Chunk] = []
        lhs = NO_WORDS
        for row in rows:
            high = height(row.lhs + row.text + row.condition) * factor + JOT
            lhs = Safe(row.lhs) if row.lhs else lhs
            if row.lhs or row.relation or not found:
                found.append(Chunk(lhs, (row,), high, bool(row.lhs)))
            else:
                last = found[-1]
                found[-1] = last._replace(rows=(*last.rows, row), height=last.height + high)
        return found

    # -- figures -----------------------------------------------------------------------------------------------------

    def _beside(self, idea: _Idea, frame: Frame) -> Frame | None:
        """A chain with the figure that shows it beside it, or below; none where the figure would be too small."""
        assert idea.body is not None and idea.figure is not None
        rows = [part for row in idea.body["rows"] for part in _without_note(row)]
        wide, high = idea.figure["width"], idea.figure["height"]
        left = max(self._row_width(row) for row in rows) / DIGITS_PER_MM + 2
        room, whole = self._room(frame), TEXT_ROOM / DIGITS_PER_MM
        scale = min(1.0, (whole - left - GAP) / wide, (room - AROUND) / POINTS_PER_MM / high)
        chain = sum(height(row.lhs + row.text) + JOT for row in rows) + AROUND
        steps = _stepped(self._chunks(rows, 1.0), 2 if frame.paragraphs else 1)
        if any("\ue001" in line.row.text for line in steps[:1]):
            steps = _lit(steps)
        shown = replace(frame, kind="display", lines=steps, figure=idea.figure)
        if scale >= SMALLEST_FIGURE and chain <= room:
            return replace(shown, scale=scale, left=left)
        scale = min(1.0, whole / wide, (room - chain - AROUND) / POINTS_PER_MM / high)
        return replace(shown, scale=scale) if scale >= SMALLEST_FIGURE else None

    def _drawing(self, idea: _Idea, frame: Frame) -> Iterator[Frame]:
        """A figure or a plot with its caption, as large as there is room."""
        assert idea.body is not None
        wide, high = idea.body["width"], idea.body["height"]
        room = self._room(frame) - CAPTION - SMALL_LINE * ceil(self.text_width(idea.body["caption"]) * 0.82 / TEXT_ROOM)
        scale = min(1.0, TEXT_ROOM / DIGITS_PER_MM / wide, room / POINTS_PER_MM / high)
        yield replace(frame, kind="figure", block=idea.body, scale=scale)

    # -- tables and algorithms ---------------------------------------------------------------------------------------

    def _table(self, idea: _Idea, frame: Frame) -> Iterator[Frame]:
        """A table in as many parts as there are frames for it, all about as long; smaller where it then fits on one."""
        table = idea.body
        assert table is not None
        frame = replace(frame, kind="table", block=table)
        lines = [table["header"], *table["rows"]]
        width = sum(max(self.text_width(row[c]) for row in lines) + 2.3 for c in range(len(table["header"])))
        widest = self._size(width, room_across=TEXT_ROOM)
        sizes = SIZES[SIZES.index(widest) : max(TABLE_SIZES, SIZES.index(widest) + 1)]
        line = max([TEXT_LINE * frame.stretch, *(self._cell_height(cell) for row in table["rows"] for cell in row)])
        room = self._room(frame) - AROUND
        size, factor = next((size for size in sizes if len(lines) * line * size[1] <= room), widest)
        most = max(1, int((self._room(replace(frame, paragraphs=())) - AROUND) / line / factor) - 1)
        first = int(room / line / factor) - 1
        if first < min(3, len(table["rows"])):
            if frame.paragraphs:
                yield replace(frame, kind="text", subtitle=NO_WORDS)
            frame, first = replace(frame, paragraphs=()), most
        for at, part in enumerate(shared(table["rows"], first, most)):
            yield replace(frame, rows=part, size=size, paragraphs=frame.paragraphs if at == 0 else ())

    def _cell_height(self, cell: str) -> float:
        """The height of the mathematics in a cell."""
        return max((height(part, displayed=False) for part in bare(cell).split("$")[1::2]), default=0.0)

    def _algorithm(self, idea: _Idea, frame: Frame) -> Iterator[Frame]:
        """Pseudocode, its long lines going on below; on more than one frame if need be."""
        assert idea.body is not None
        frame = replace(frame, kind="algorithm")
        part: list[Mapping[str, Any]] = []
        used = 0.0
        for line in idea.body["lines"]:
            room = TEXT_ROOM - ALGORITHM_INDENT * (line["depth"] + 1)
            high = ceil(self.text_width(line["text"]) / room) * TEXT_LINE + PARAGRAPH / 2
            if part and used + high > self._room(frame):
                yield replace(frame, rows=tuple(part))
                frame, part, used = replace(frame, paragraphs=()), [], 0.0
            part.append(line)
            used += high
        yield replace(frame, rows=tuple(part))


def _ideas(blocks: Sequence[Mapping[str, Any]]) -> list[_Idea]:
    """Sentences with the display, table or drawing that follows them; a lit figure goes with the display that follows."""
    found, idea = [], _Idea()
    for block in blocks:
        if block["kind"] == "say":
            idea.says.append(block["text"])
        elif block["kind"] == "figure" and block["stages"] and idea.figure is None:
            idea.figure = block
        else:
            if idea.figure is not None and block["kind"] != "display":
                found.append(_Idea(body=idea.figure))
                idea.figure = None
            idea.body = block
            found.append(idea)
            idea = _Idea()
    if idea.figure is not None:
        idea.body, idea.figure = idea.figure, None
    return [*found, idea] if idea.says or idea.body else found


def sentences(text: str) -> list[str]:
    """The sentences of a text in LaTeX: broken after a full stop outside of mathematics and braces."""
    found, start, depth, is_math = [], 0, 0, False
    for at, c in enumerate(text):
        is_math ^= c == "$" and text[at - 1 : at] != "\\"
        depth += {"{": 1, "}": -1}.get(c, 0) if text[at - 1 : at] != "\\" else 0
        ends = c in ".?" and text[at + 1 : at + 2] == " " and (text[at + 2 : at + 3].isupper() or text[at + 2 : at + 3] == "$")
        if depth == 0 and not is_math and (ends or c in "。？"):
            found.append(text[start : at + 1].strip())
            start = at + 1
    return [*found, text[start:].strip()] if text[start:].strip() else found


def _without_note(row: Row) -> list[Row]:
    """`row`, and on a row of its own the note that stood beside it."""
    if not row.note:
        return [row]
    aside = replace(row, lhs=NO_WORDS, relation=NO_WORDS, text=NO_WORDS)
    return [replace(row, note=NO_WORDS, number=0, label=NO_WORDS), aside]


def _stepped(chunks: Sequence[Chunk], first: int) -> tuple[Line, ...]:
    """The lines, a step for each chunk; what begins within a chain begins with its left side again."""
    found: list[Line] = []
    for at, chunk in enumerate(chunks):
        head, *rest = chunk.rows
        if at == 0 and not head.lhs:
            head = replace(head, lhs=chunk.lhs)
        found += [Line(row, first + at) for row in (head, *rest)]
    return tuple(found)


def _lit(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The first line with its factors uncovered one by one, from the last to the first, as the figure lights them; then the others."""
    head, *rest = lines
    text = _PAINTED.sub(lambda found: _uncovered(found, ord(found[1]) - 0xE000), head.row.text)
    after = FACTORS + 1
    return (Line(replace(head.row, text=Safe(text))), *(Line(line.row, line.step - head.step + after) for line in rest))


def _uncovered(found: re.Match[str], colour: int) -> str:
    r"""A factor and the dot after it; {} keeps the dot apart from what follows, of which it sees nothing."""
    dot = found[4] + "{}" if found[4] else ""
    return rf"\uncover<{FACTORS + 2 - colour}->{{{found[1]}{found[2]}{found[3]}{dot}}}"


def _broken(frames: Sequence[Frame]) -> int:
    """How many of the frames end within an equation."""
    return sum(bool(frame.lines) and not frame.lines[-1].row.number for frame in frames)
