"""FORMATS: Document → text, a row and a template each. The only module that imports jinja2."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from itertools import zip_longest
from pathlib import Path
from typing import Any
from unicodedata import combining

from symbp.derivation.rules import RULES
from symbp.derivation.steps import Display, Part, Plot, Say, Section, Step, Table
from symbp.errors import SymbpError, nearest
from symbp.language.form import OPS, Form, Function, Value, Var
from symbp.language.latex import LatexWriter, width
from symbp.language.plain import PlainWriter, terminal_columns
from symbp.language.writer import Writer
from symbp.publishing.document import Document
from symbp.publishing.languages import ENGLISH, RULE, callables, case_words, is_full_width, translations
from symbp.publishing.layout import Measure, Row, display_rows
from symbp.publishing.plot import Curve, chart, tikz
from symbp.publishing.wide import beside_formulas, is_wide, one_line, wrapped

ROWS_OF_A_PAGE = 50
LISTED_SHARE = 0.7
"""So much of a line may be filled with the symbols of one row of a table."""
COLUMNS, NARROWEST = 80, 12
"""The terminal that text is written for, and the least room that a column of words is left."""


WORDY = {"symbols", "shapes", "general_symbols", "general_lines", "general_instances"}
"""Tables whose columns all start at the left."""

SAYERS = (
    "m", "listed", "footnote", "named", "words", "written", "sym",
    "function", "hadamard", "sign_of", "m_symbol", "joined", "series", "operator",
)  # fmt: skip
"""What the sentences may call."""


class Safe(str):
    """Text in the format's own syntax; everything else is escaped on its way out."""


@dataclass(frozen=True)
class Format:
    """A row of FORMATS: how plain text is escaped, how inline mathematics is set, what fits on a line.

    `footnote` makes one where it stands; a format without footnotes gets `mark`, and the note at the end of the section.
    """

    name: str
    extension: str
    template: str
    writer: type[Writer]
    escape: Callable[[str], str]
    inline: str
    measure: Measure
    footnote: str
    mark: str = "*"


_LATEX_SPECIALS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\ensuremath{<}", ">": r"\ensuremath{>}", "|": r"\ensuremath{|}",
    "≈": r"$\approx$", "`": r"\textasciigrave{}", '"': r"\char`\"{}",
}  # fmt: skip


def escape_latex(text: str, *, wide: bool = False) -> str:
    """Plain text as LaTeX that prints the same and does nothing; what it has no glyph for is refused.

    pdfLaTeX has none for full-width letters; with the package ctex, XeLaTeX and LuaLaTeX have (`wide`).
    """
    for c in text:
        if ord(c) > 126 and c not in _LATEX_SPECIALS and not (0xC0 <= ord(c) <= 0x17F or (wide and is_wide(c))) and c not in "–—‘’“”…":
            raise SymbpError(
                f"LaTeX has no {c!r} (U+{ord(c):04X}) here, which {text!r} holds", hint="choose another title, or --to md or txt"
            )
    return "".join(_LATEX_SPECIALS.get(c, c) for c in text).replace("--", "-{}-").replace("--", "-{}-")


escape_wide_latex = partial(escape_latex, wide=True)
_MARKDOWN_SPECIALS = {c: "\\" + c for c in "\\`*_[]|#"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "~": "&#126;"}


def escape_markdown(text: str) -> str:
    """Plain text as Markdown that shows the same: no emphasis, links, HTML, tables or mathematics come of it."""
    return "".join(_MARKDOWN_SPECIALS.get(c, c) for c in text)


_LATEX_RELATIONS = {"=": "=", "≈": r"\approx"}
_PLAIN_RELATIONS = {"=": "=", "≈": "≈"}

FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format("tex", ".tex", "tex.j2", LatexWriter, escape_latex, "${}$", Measure(86, width, _LATEX_RELATIONS), r"\footnote{{{}}}"),
        Format("md", ".md", "md.j2", LatexWriter, escape_markdown, "${}$", Measure(78, width, _LATEX_RELATIONS), "", r"\*"),
        Format(
            "txt",
            ".txt",
            "txt.j2",
            PlainWriter,
            str,
            "{}",
            Measure(COLUMNS - 2, terminal_columns, _PLAIN_RELATIONS, 1.0, is_exact=True),
            "",
        ),
    )
}


def render(document: Document, name: str, *, fragment: bool = False, lang: str = ENGLISH) -> str:
    """`document` in the format `name` and the language `lang`; `fragment` leaves out what stands around the sections."""
    if name not in FORMATS:
        raise SymbpError(f"unknown format {name!r}", hint=nearest(name, [*FORMATS, "json"]))
    return _Renderer(FORMATS[name], document, lang).render(fragment=fragment)


def sentence(key: str, names: Mapping[str, object]) -> str:
    """The sentence `key` as plain words, without mathematics."""
    text: str = getattr(_environment(str).get_template("sentences.j2").module, key)(names)
    return one_line(text)


def templates_folder() -> Path:
    """The templates: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / "sentences.j2").is_file():
            return folder
    raise SymbpError("the templates of symbp are missing", hint="install symbp again")


def locale_folder() -> Path:
    """Where the catalogues of other languages are."""
    return templates_folder() / "locale"


def template(name: str, escape: Callable[[str], str]) -> Any:
    """The template `name`, on whose way out everything that is not Safe is escaped."""
    return _environment(escape).get_template(name)


@cache
def _environment(escape: Callable[[str], str], lang: str = ENGLISH) -> Any:
    """What reads the templates. Words of templates and catalogues go out as they are, what they name by way of `escape`."""
    import jinja2

    finalize = partial(_finalize, escape)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder()),
        undefined=jinja2.StrictUndefined,
        block_start_string="((*", block_end_string="*))",
        variable_start_string="(((", variable_end_string=")))",
        comment_start_string="((=", comment_end_string="=))",
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False,
        finalize=finalize, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    environment.newstyle_gettext = True  # type: ignore[attr-defined]

    def fill(message: str, names: Mapping[str, object]) -> Safe:
        return Safe(message % {name: finalize(value) for name, value in names.items()})

    environment.globals.update(callables(translations(lang, locale_folder()), fill))
    return environment


def _finalize(escape: Callable[[str], str], value: object) -> str:
    return value if isinstance(value, Safe) else Safe(escape(str(value)))


class _Renderer:
    """One document in one format and one language."""

    def __init__(self, row: Format, document: Document, lang: str = ENGLISH) -> None:
        self.row, self.document = row, document
        self.notes: list[Safe] = []
        self.translations = translations(lang, locale_folder())
        self.is_full_width = is_full_width(self.translations)
        self.writer = row.writer(document.speller, case_words(self.translations))
        self.escape = escape_wide_latex if self.is_full_width and row.escape is escape_latex else row.escape
        self.environment = _environment(self.escape, lang)
        functions = {name: getattr(self, name) for name in SAYERS}
        self.sentences = self.environment.get_template("sentences.j2", globals=functions).make_module(functions)

    def render(self, *, fragment: bool) -> str:
        sections = self._sections()
        has_plot = any(block["kind"] == "plot" for section in sections for block in section["blocks"])
        names = {"title": self._title(), "sections": sections, "fragment": fragment, "has_plot": has_plot}
        layout = {"filled": filled, "aligned": aligned, "grid": grid, "strong": strong}
        text: str = self.environment.get_template(self.row.template).render(**names, **layout)
        text = beside_formulas(text) if self.is_full_width and self.row.name == "md" else text
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"

    def _title(self) -> str:
        titled = self.document.titled
        return self.named("title", self.document.title) if titled is None else self._said(titled)

    # -- what the sentences call -------------------------------------------------------------------------------------

    def m(self, node: Any) -> Safe:
        """Inline mathematics."""
        return Safe(self.row.inline.format(self.writer.text(node)))

    def listed(self, nodes: tuple[Any, ...]) -> Safe:
        """Inline mathematics, with commas and `and`."""
        return self.joined([self.m(node) for node in nodes])

    def footnote(self, text: str) -> Safe:
        """A footnote of `text`, which a sentence of ours has written."""
        text = one_line(text)
        if self.row.footnote:
            return Safe(self.row.footnote.format(text))
        self.notes.append(Safe(f"{self.row.mark} {text}"))
        return Safe(self.row.mark)

    def named(self, context: str, name: str, **names: object) -> str:
        """What `name`, which a table of another room has, is called here; what no catalogue has is called by its name."""
        known = self.translations.pgettext(context, name)
        return known % names if names else known

    def written(self, text: str) -> Safe:
        """What a macro has written, which is escaped already."""
        return Safe(one_line(text))

    def words(self, name: str) -> str:
        """The name of an activation."""
        return self.named("activation", name).replace("_", " ")

    def sym(self, name: str) -> Safe:
        return Safe(self.row.inline.format(name))

    def function(self) -> Safe:
        return self.sym(self.writer.function(Function("f", self.document.speller.notation.function)))

    def sign_of(self, op: str) -> Safe:
        """The letter of a derivative: ∂ along one connection, d along every path."""
        latex = self.row.writer is LatexWriter
        return self.sym((r"\partial" if latex else "∂") if op == "partial" else "d")

    def m_symbol(self, kind: str) -> Safe:
        """A quantity that belongs to no unit."""
        return self.m(Var(kind))

    def joined(self, parts: list[str]) -> Safe:
        """With commas and `and`."""
        return Safe(one_line(self.sentences.enumeration(parts)))

    def series(self, parts: list[str]) -> Safe:
        """With commas."""
        return Safe(one_line(self.sentences.with_commas(parts)))

    def hadamard(self) -> Safe:
        return self.sym(self.writer.hadamard().strip())

    def operator(self, name: str) -> Safe:
        return self.hadamard() if name == "hadamard" else self.sym(OPS[name].spellings[self.writer.medium].text.strip())

    # -- blocks ------------------------------------------------------------------------------------------------------

    def _sections(self) -> list[dict[str, Any]]:
        found, numbered = [], 0
        for section in self.document.sections:
            is_numbered = section.key not in {"activations", "check", "colophon", "general_check"}
            numbered += is_numbered
            title = self.written(self.sentences.heading(section.key, dict(section.names)))
            number = str(numbered) if is_numbered else ""
            blocks = [self._block(part, section) for part in section.parts]
            blocks += [{"kind": "say", "text": note} for note in self.notes]
            self.notes.clear()
            found.append({"title": title, "number": number, "blocks": blocks})
        return found

    def _block(self, part: Part, section: Section) -> dict[str, Any]:
        match part:
            case Say():
                return {"kind": "say", "text": self._said(part)}
            case Display(steps):
                rows = display_rows(steps, self.writer, self.row.measure, lambda rule: self.named(RULE, RULES[rule]))
                return {"kind": "display", "rows": [self._safe(row) for row in rows]}
            case Table():
                return self._table(part)
            case Plot():
                return self._plot(part)
        raise AssertionError(part)

    def _said(self, say: Say) -> Safe:
        return Safe(one_line(getattr(self.sentences, say.key)(dict(say.names))))

    def _safe(self, row: Row) -> Row:
        condition = row.condition.replace("…", r"\dots") if self.row.writer is LatexWriter else row.condition
        return Row(Safe(row.lhs), Safe(row.relation), Safe(row.text), row.note, row.indent, Safe(condition))

    def _table(self, table: Table) -> dict[str, Any]:
        key, table_rows = table.key, table.rows
        cells = [self._symbol_row(row) if key == "symbols" else [self._cell(cell) for cell in row] for row in table_rows]
        keep = [any(row[c] for row in cells) for c in range(len(cells[0]))]
        header = [self.written(self.sentences.header(key, c)) for c in range(1 if table.samples else len(cells[0]))]
        header += [self.written(self.sentences.sample_header(sample)) for sample in table.samples]
        align = ["l" if key in WORDY or c == 0 or (key in {"updates", "late_updates"} and c == 3) else "r" for c in range(len(cells[0]))]
        stretch = _stretch([*header, *(cell for row in cells for cell in row)])
        return {
            "kind": "table",
            "stretch": stretch,
            "header": [cell for cell, kept in zip(header, keep, strict=True) if kept],
            "rows": (kept_rows := [[cell for cell, kept in zip(row, keep, strict=True) if kept] for row in cells]),
            "parts": _parts(kept_rows, stretch),
            "align": "".join(letter for letter, kept in zip(align, keep, strict=True) if kept),
        }

    def _plot(self, plot: Plot) -> dict[str, Any]:
        curve = Curve.of([(n, Decimal(value.shown)) for n, value in plot.points])
        names = {**plot.names, "is_log": int(curve.up.is_log)}
        across, up = (one_line(self.sentences.axis(plot.key, which, names)) for which in ("across", "up"))
        caption = Safe(one_line(getattr(self.sentences, plot.key)(names)))
        drawing = tikz(curve, across, up) if self.row.name == "tex" else chart(curve, across, up)
        return {"kind": "plot", "caption": caption, "drawing": Safe(drawing)}

    def _symbol_row(self, row: tuple[Any, ...]) -> list[Safe]:
        variables, kind, layer, values = row
        assert self.document.spec is not None
        last = self.document.spec.vocabulary.last
        return [self._listed(variables), self.written(self.sentences.meaning(kind, layer, last, len(variables))), self._listed(values)]

    def _listed(self, items: tuple[Any, ...], most: int = 8) -> Safe:
        """All of them, or where they are many or wide the first two and the last."""
        if not items:
            return Safe("")
        shown = [self.m(item) for item in items]
        wide = sum(self.row.measure.width(text) + 2 for text in shown) > self.row.measure.room * LISTED_SHARE
        if len(shown) > most or (wide and len(shown) > 3):
            shown = [*shown[:2], Safe(self.row.inline.format(r"\dots" if self.row.writer is LatexWriter else "…")), shown[-1]]
        return Safe(", ".join(shown))

    def _cell(self, cell: Any) -> Safe:
        match cell:
            case Say():
                return self._said(cell)
            case Step(lhs, chain):
                sides = [self.writer.text(lhs), *(f"{self.row.measure.relations[x.relation]} {self.writer.text(x.form)}" for x in chain)]
                return Safe(self.row.inline.format(" ".join(sides)))
            case Var() | Value() | Form() | Function():
                return self.m(cell)
        return Safe(self.escape(str(cell)))


def _stretch(cells: list[Safe]) -> str:
    """How far apart LaTeX sets the rows of a table: by its tallest formula, a fraction, or a script above a script."""
    if any(r"\frac" in cell for cell in cells):
        return "1.8"
    return "1.25" if any(re.search(r"\^\{(?:\(?[\dl]|[^}]*langle)", cell) for cell in cells) else "1.12"


def _parts(rows: list[list[Safe]], stretch: str) -> list[list[list[Safe]]]:
    """The rows in as many tables as pages need, since LaTeX does not break one."""
    most = int(ROWS_OF_A_PAGE / float(stretch))
    return [rows[at : at + most] for at in range(0, len(rows), most)]


# -- the terminal's layout -------------------------------------------------------------------------------------------


def strong(number: str, title: str) -> Safe:
    """A heading, underlined."""
    line = f"{number} {title}".strip()
    return Safe(line + "\n" + "─" * terminal_columns(line))


def filled(text: str, columns: int = COLUMNS) -> Safe:
    """A paragraph, wrapped."""
    return Safe("\n".join(wrapped(text, columns, on_hyphens=False)))


def cells(text: str) -> int:
    """How many cells of a terminal `text` takes: a hat stands above its letter."""
    return sum(not combining(c) for c in text)


def aligned(lines: list[Row]) -> Safe:
    """A display with its relations one under the other."""
    left = max(terminal_columns(row.lhs) for row in lines)
    found = []
    for row in lines:
        text = ("    " if row.indent else "") + row.text
        line = f"  {' ' * (left - terminal_columns(row.lhs))}{row.lhs} {row.relation or ' '} {text}"
        line += f"   ({row.condition})" if row.condition else ""
        note = f"   ({row.note})" if row.note and len(line) + terminal_columns(row.note) + 5 <= COLUMNS else ""
        found += _folded(line + note, left + 9)
    return Safe("\n".join(found))


def _folded(line: str, indent: int) -> list[str]:
    """`line`, or where it is wider than the terminal, its parts: broken at blanks, what follows indented."""
    found: list[str] = []
    while terminal_columns(line) > COLUMNS and (at := line.rfind(" ", indent + 1, COLUMNS + 1)) > indent:
        found.append(line[:at])
        line = " " * indent + line[at + 1 :]
    return [*found, line]


def grid(block: Mapping[str, Any]) -> Safe:
    """A table in columns; where it would be too wide, its words wrap."""
    lines = [block["header"], *block["rows"]]
    widths = [max(terminal_columns(row[c]) for row in lines) for c in range(len(block["header"]))]
    room = COLUMNS - 2 - 3 * (len(widths) - 1)
    wordy = [c for c, letter in enumerate(block["align"]) if letter == "l"]
    while sum(widths) > room and max(widths[c] for c in wordy) > NARROWEST:
        widths[max(wordy, key=widths.__getitem__)] -= 1
    header, *body = (_grid_row(row, widths, block["align"]) for row in lines)
    return Safe("\n".join([header, "  " + "─" * (sum(widths) + 3 * (len(widths) - 1)), *body]))


def _grid_row(row: list[str], widths: list[int], align: str) -> str:
    broken = [wrapped(cell, w) if letter == "l" else [cell] for cell, w, letter in zip(row, widths, align, strict=True)]
    lines = []
    for cells in zip_longest(*broken, fillvalue=""):
        room = [" " * (w - terminal_columns(cell)) for cell, w in zip(cells, widths, strict=True)]
        padded = [space + cell if letter == "r" else cell + space for cell, space, letter in zip(cells, room, align, strict=True)]
        lines.append(("  " + "   ".join(padded)).rstrip())
    return "\n".join(lines) or " "
