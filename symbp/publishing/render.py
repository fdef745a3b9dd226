"""Document → text in a format: sentences, formulas, tables and pictures in the order of the document, laid out by the template."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from symbp.derivation.rules import RULES
from symbp.derivation.steps import Algorithm, Display, Figure, Line, Part, Plot, Say, Section, Step, Table
from symbp.language.form import Form, Function, Node, Value, Var
from symbp.language.latex import LatexWriter
from symbp.language.markers import finished, has_gap
from symbp.language.plain import terminal_columns
from symbp.language.writer import Writer
from symbp.network.numbers import Rounding
from symbp.publishing.columns import Columns
from symbp.publishing.document import Document
from symbp.publishing.environment import Safe, embedded, rendered, sentence, template, templates_folder
from symbp.publishing.formats import FORMATS, Format, Made, Style, format_named, terminal
from symbp.publishing.languages import ENGLISH, RULE
from symbp.publishing.layout import NO_NOTE, Measure, Note, Row, Shown, by_equation, display_rows, is_explained, rows
from symbp.publishing.numbering import Equation, Numbering, coloured, factors_of, name_of, ranges_of, slug, without_gaps
from symbp.publishing.palette import FACTORS, PALETTE, PALETTES, latex_colours
from symbp.publishing.saying import Sayer
from symbp.publishing.wide import beside_formulas, has_cjk, one_line

if TYPE_CHECKING:
    from symbp.publishing.drawing import Drawing

__all__ = ["FORMATS", "Safe", "Style", "publish", "render", "sentence", "template", "templates_folder"]

ROWS_OF_A_PAGE = 50
LISTED_SHARE = 0.7
"""So much of a line may be filled with the symbols of one row of a table."""
MOST_DIGITS, LISTED_DIGITS = 24, 8
"""A typed number with more digits than MOST_DIGITS stands in a table of symbols with LISTED_DIGITS."""
DOTS = {"latex": r"\dots", "typst": "thin … thin"}
"""What is left out between the commas of a condition."""
MOST_RANGES = 3
"""A note refers to equations where their numbers make so many ranges at most; else it is in words."""

WORDY = {"symbols", "shapes", "general_symbols", "general_lines", "general_instances", "answers"}
"""Tables whose columns all start at the left."""


def render(document: Document, name: str, *, fragment: bool = False, lang: str = ENGLISH) -> str:
    """`document` as the text of the format `name` in the language `lang`; `fragment` leaves out what stands around the sections."""
    text = publish(document, name, Style(fragment=fragment, lang=lang))[""]
    assert isinstance(text, str)
    return text


def publish(document: Document, name: str, style: Style) -> dict[str, str | bytes]:
    """`document` in the format `name` under "", and the files that belong beside it, each under what its name has after the stem."""
    row = format_named(name)
    if style.only:
        from symbp.publishing.lifting import lifted

        document, style = lifted(document, style.only), replace(style, only=(), fragment=True)
    if isinstance(row, Made):
        return row.make(document, style, publish)
    renderer = _Renderer(row, document, style)
    return {"": renderer.render(), **renderer.beside}


NOTHING: dict[str, Any] = {}
"""A part that a format leaves out."""


class _Renderer(Sayer):
    """One document in one format and one language."""

    def __init__(self, row: Format, document: Document, style: Style) -> None:
        super().__init__(row, document, style)
        self.beside: dict[str, str | bytes] = {}
        self.factors: dict[Node, int] = {}
        self.numbering = document.numbering or Numbering.of(document.sections, document.speller)
        displays = [part for section in document.sections for part in section.parts if isinstance(part, Display)]
        self.here = {id(step) for display in displays for step in display.steps}

    def render(self) -> str:
        sections, colours = self._sections(), latex_colours()
        names = {
            "title": self._title(),
            "sections": sections,
            "style": self.style,
            "fragment": self.style.fragment,
            "is_wide": self.is_wide,
            "has_drawing": any("drawing" in block for section in sections for block in section["blocks"]),
            "columns": Columns(self.style.columns),
            "colours": Safe(colours),
            "palette": PALETTES["colour" if self.style.color else "none"],
            "words": self.phrase,
            "anchor": lambda name: Safe(self._anchor(name)),
            "embedded": embedded,
            "provided_colours": Safe(colours.replace(r"\definecolor", r"\providecolor")),
            "factors": [Safe(PALETTE[role].light) for role in FACTORS],
            "quoted": _quoted,
            "is_cjk": self.style.lang.startswith("zh") or has_cjk(self.document.title),
            **self.row.names(self.document),
        }
        text = rendered(self.environment, self.row.template, names)
        text = finished(text, self.row.paint if self.is_coloured else lambda _, inner: inner, self.row.gap)
        text = beside_formulas(text) if self.is_full_width and self.row.name in {"md", "cells"} else text
        return self.row.tidied(re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n")

    def _title(self) -> str:
        return self.titled(self.document.titled or self.document.title)

    @property
    def is_coloured(self) -> bool:
        return self.style.color and (self.style.ansi or not self.row.is_terminal)

    # -- blocks ------------------------------------------------------------------------------------------------------

    def _sections(self) -> list[dict[str, Any]]:
        found, numbered, keys = [], 0, Counter[str]()
        for section in self.document.sections:
            is_numbered = section.key not in {"activations", "check", "colophon", "general_check", "answers"}
            numbered += is_numbered
            title = self.written(self.sentences.heading(section.key, dict(section.names)))
            self.factors = {}
            number = str(numbered) if is_numbered else ""
            blocks = [block for part in section.parts if (block := self._block(part, section)) is not NOTHING]
            blocks += [{"kind": "say", "text": note} for note in self.notes]
            self.notes.clear()
            at = f"-{keys[section.key]}" if keys[section.key] else ""
            keys[section.key] += 1
            anchor = Safe(self._anchor(f"section-{slug(section.key)}{at}"))
            found.append({"key": section.key, "title": title, "number": number, "blocks": blocks, "anchor": anchor})
        return found

    def _block(self, part: Part, section: Section) -> dict[str, Any]:
        match part:
            case Say():
                return {"kind": "say", "text": self.said(part)}
            case Display(steps):
                shown = [self._shown(step) for step in steps]
                rows = [self._safe(row) for row in self._rows(shown)]
                left = max(self.measure.of(row.lhs) for row in rows)
                return {"kind": "display", "rows": rows, "equations": by_equation(rows), "left": left}
            case Table():
                return self._table(part)
            case Plot():
                return self._plot(part)
            case Figure():
                return self._figure(part)
            case Algorithm():
                return self._algorithm(part)
        raise AssertionError(part)

    @property
    def measure(self) -> Measure:
        """The measure of the format; on a terminal that of its width."""
        return replace(self.row.measure, room=self.style.columns - 2) if self.row.is_terminal else self.row.measure

    def _rows(self, shown: list[Shown]) -> list[Row]:
        """The lines of a display, in the largest size in which no formula breaks; in the format's own if there is none."""
        measure = self.measure
        tried = [display_rows(shown, self.writer, replace(measure, room=measure.room / size)) for size in self.row.sizes]
        return next((rows for rows in tried if not any(row.indent for row in rows)), tried[0])

    def _shown(self, step: Step) -> Shown:
        """`step` in colours, with its notes and its number."""
        equation = self.numbering.equation(step)
        assert equation is not None
        self.factors = factors_of(without_gaps(step)) or self.factors
        notes = tuple(self._note(step, at) for at in range(len(step.chain)))
        return Shown(coloured(step, self.factors), notes, equation.number, self._label(equation))

    def _label(self, equation: Equation) -> str:
        return self._anchor(slug(equation.label))

    def _anchor(self, name: str) -> str:
        """What is referred to by `name`, with the prefix of this document's anchors, which holds no syntax of any format."""
        return re.sub(r"[^\w.:/+-]", "-", self.style.prefix) + name

    def _note(self, step: Step, at: int) -> Note:
        """Why a link follows: by which equations, or by which rule."""
        link = step.chain[at]
        if not is_explained(step, link):
            return NO_NOTE
        used = self.numbering.used(step, at)
        ranges = ranges_of(used) if all(id(equation.step) in self.here for equation in used) else []
        if ranges and len(ranges) <= MOST_RANGES:
            length = sum(len(f"({end.number})") for ends in ranges for end in ends) + 5 * len(ranges)
            return Note(Safe(one_line(self.sentences.by_equations(self._referred(ranges)))), length)
        words = self.named(RULE, RULES[link.rule])
        return Note(Safe(self.escape(words)), terminal_columns(words))

    def _safe(self, row: Row) -> Row:
        condition = row.condition.replace("…", DOTS.get(self.writer.medium, "…"))
        lhs, relation, text, note, label = map(Safe, (row.lhs, row.relation, row.text, row.note, row.label))
        return replace(row, lhs=lhs, relation=relation, text=text, note=note, label=label, condition=Safe(condition))

    def _table(self, table: Table) -> dict[str, Any]:
        key, table_rows = table.key, table.rows
        cells = [line for row in table_rows for line in self._table_lines(key, row)]
        keep = [any(row[c] for row in cells) for c in range(len(cells[0]))]
        header = [self.written(self.sentences.header(key, c)) for c in range(1 if table.samples else len(cells[0]))]
        header += [self.written(self.sentences.sample_header(sample)) for sample in table.samples]
        align = ["l" if key in WORDY or c == 0 or (key in {"updates", "late_updates"} and c == 3) else "r" for c in range(len(cells[0]))]
        stretch = _stretch([*header, *(cell for row in cells for cell in row)])
        return {
            "kind": "table",
            "caption": self.phrase("table_caption", key),
            "stretch": stretch,
            "header": [cell for cell, kept in zip(header, keep, strict=True) if kept],
            "rows": (kept_rows := [[cell for cell, kept in zip(row, keep, strict=True) if kept] for row in cells]),
            "parts": _parts(kept_rows, stretch),
            "align": "".join(letter for letter, kept in zip(align, keep, strict=True) if kept),
        }

    def _table_lines(self, key: str, row: tuple[Any, ...]) -> list[list[Safe]]:
        """A row of a table; one of answers goes on below where it does not fit."""
        if key == "symbols":
            return [self._symbol_row(row)]
        if key != "answers":
            return [[self._cell(cell) for cell in row]]
        at, where, *answers = row
        lines = [line for answer in answers for line in self._answer(answer)]
        return [[Safe(at), self._cell(where), lines[0]], *([Safe(""), Safe(""), line] for line in lines[1:])]

    def _answer(self, answer: Step | Node) -> list[Safe]:
        """What stands in a gap, in lines that fit into a table."""
        if not isinstance(answer, Step):
            return [self._cell(answer)]
        measure = replace(self.measure, room=self.measure.room * LISTED_SHARE)
        lines = rows(Shown(answer, (NO_NOTE,) * len(answer.chain)), self.writer, measure)
        blank = r"\quad " if self.row.writer is LatexWriter else "    "
        texts = (" ".join(filter(None, (row.lhs, row.relation, blank * row.indent + row.text))) for row in lines)
        return [Safe(self.row.inline.format(_in_cell(text, self.row.writer))) for text in texts]

    def _plot(self, plot: Plot) -> dict[str, Any]:
        from symbp.publishing.pictures import curve_drawing, curve_of

        curve = curve_of(plot)
        names: dict[str, Any] = {**plot.names, "is_log": int(curve.up.is_log)}
        across, up = (one_line(self.sentences.axis(plot.key, which, names)) for which in ("across", "up"))
        caption = Safe(one_line(getattr(self.sentences, plot.key)(names)))
        if not self.has_pictures:
            from symbp.publishing.plot import chart

            return {"kind": "chart", "key": plot.key, "caption": caption, "drawing": Safe(chart(curve, across, up))}
        return self._drawn(plot.key, curve_drawing(plot, across, up), caption, self._plainly(plot.key, names))

    def _plainly(self, key: str, names: dict[str, Any]) -> str:
        """A sentence as it stands on a terminal, where a picture is read in words."""
        plain = _Renderer(terminal(), replace(self.document, sections=()), self.style)
        return one_line(getattr(plain.sentences, key)(names))

    def _figure(self, figure: Figure) -> dict[str, Any]:
        """A picture with its caption; where the format has none, nothing."""
        spec = self.document.spec
        if spec is None or not self.has_pictures:
            return NOTHING
        from symbp.publishing.pictures import figure_described, figure_drawing

        drawing = figure_drawing(figure, spec, self.style.lang)
        if drawing is None:
            return NOTHING
        names: dict[str, Any] = {"about": figure.about, "points": figure.points, "samples": spec.vocabulary.samples}
        names["name"] = figure.about.name if isinstance(figure.about, Function) else ""
        caption = Safe(one_line(getattr(self.sentences, f"figure_{figure.key}")(names)))
        about = f"-{name_of(figure.about, self.document.speller)}" if figure.about is not None else ""
        return self._drawn(slug(figure.key + about), drawing, caption, figure_described(figure, spec, self.style.lang))

    @property
    def has_pictures(self) -> bool:
        """Can pictures be drawn here? Those that stand beside the document need a name."""
        return self.row.draw is not None and (bool(self.style.stem) or not self.row.draws_beside)

    def _drawn(self, key: str, drawing: Drawing, caption: Safe, description: str) -> dict[str, Any]:
        from symbp.publishing.pictures import Picture

        palette = PALETTES["colour" if self.style.color else "none"]
        picture = Picture(drawing, self._anchor(key), self.document.title_in(self.style.lang), description, self.writer, palette)
        assert self.row.draw is not None
        drawn = Safe(self.row.draw(picture))
        if self.row.draws_beside:
            name = f".{key.replace('/', '-')}.svg"
            self.beside[name] = str(drawn)
            drawn = Safe(f"({_address(self.style.stem + name)})")
        block = {"kind": "figure", "key": key, "drawing": drawn, "caption": caption, "alt": description}
        return block | {"width": drawing.width, "height": drawing.height, "stages": drawing.stages}

    def _algorithm(self, part: Algorithm) -> dict[str, Any]:
        return {"kind": "algorithm", "lines": [self._line(line) for line in part.lines]}

    def _line(self, line: Line) -> dict[str, Any]:
        """A line of pseudocode: its words, then the equations that it carries out."""
        words = one_line(getattr(self.sentences, line.say.key)(dict(line.say.names)))
        found = [self.numbering.equation(step) for step in line.steps if id(step) in self.here]
        ranges = ranges_of(tuple(equation for equation in found if equation is not None))
        if ranges:
            words = one_line(self.sentences.line_equations(Safe(words), self._referred(ranges)))
        return {"depth": line.depth, "text": Safe(words)}

    def _referred(self, ranges: list[tuple[Equation, ...]]) -> list[Safe]:
        return [Safe("–".join(self.row.refer(self._label(end), end.number) for end in ends)) for ends in ranges]

    def _symbol_row(self, row: tuple[Any, ...]) -> list[Safe]:
        variables, kind, layer, values = row
        assert self.document.spec is not None
        last = self.document.spec.vocabulary.last
        return [self._listed(variables), self.written(self.sentences.meaning(kind, layer, last, len(variables))), self._listed(values)]

    def _listed(self, items: tuple[Any, ...], most: int = 8) -> Safe:
        """All of them, or where they are many or wide the first two and the last."""
        if not items:
            return Safe("")
        shown = [self._entry(item) for item in items]
        wide = sum(self.measure.of(text) + 2 for text in shown) > self.measure.room * LISTED_SHARE
        if len(shown) > most or (wide and len(shown) > 3):
            shown = [*shown[:2], self.inline(r"\dots") if self.row.writer is LatexWriter else self.sym("…"), shown[-1]]
        return Safe(", ".join(shown))

    def _entry(self, item: Any) -> Safe:
        """A number that was typed with more digits than a table has room for is rounded, and says so."""
        if not isinstance(item, Value) or sum(map(str.isdigit, item.shown)) <= MOST_DIGITS:
            return self.m(item)
        rounded = Value(Rounding(LISTED_DIGITS).text(Decimal(item.shown)), item.meaning, exact=False)
        return Safe(self.row.inline.format(f"{self.measure.relations['≈']} {self.writer.text(rounded)}"))

    def _cell(self, cell: Any) -> Safe:
        match cell:
            case Say():
                return self.said(cell)
            case Step(lhs, chain):
                sides = [self.writer.text(lhs), *(f"{self.measure.relations[x.relation]} {self.writer.text(x.form)}" for x in chain)]
                return Safe(self.row.inline.format(" ".join(sides)))
            case Var() | Value() | Form() | Function():
                return self.m(cell)
        return Safe(self.escape(str(cell)))


def _quoted(text: object) -> Safe:
    """A text, as Typst takes it."""
    from symbp.language.typst import quoted

    return Safe(quoted(str(text)))


def _address(name: str) -> str:
    """The name of a file beside a document, as Markdown refers to it."""
    return re.sub(r"[^A-Za-z0-9._~+-]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8")), name)


def _in_cell(text: str, writer: type[Writer]) -> str:
    """A bar would end the cell of a table in Markdown."""
    return text.replace("|", r"\vert ") if writer is LatexWriter else text


def _stretch(cells: list[Safe]) -> str:
    """How far apart LaTeX sets the rows of a table: by its tallest formula, a gap, a fraction, or a script above a script."""
    if any(map(has_gap, cells)):
        return "2.1"
    if any(r"\frac" in cell for cell in cells):
        return "1.8"
    return "1.25" if any(re.search(r"\^\{(?:\(?[\dl]|[^}]*langle)", cell) for cell in cells) else "1.12"


def _parts(rows: list[list[Safe]], stretch: str) -> list[list[list[Safe]]]:
    """The rows in as many tables as pages need, since LaTeX does not break one."""
    most = int(ROWS_OF_A_PAGE / float(stretch))
    return [rows[at : at + most] for at in range(0, len(rows), most)]
