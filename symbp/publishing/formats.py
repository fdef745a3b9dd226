"""FORMATS: what tells one format from another, a row and a template each. A row imports what it needs when it is first asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from symbp.errors import SymbpError, nearest
from symbp.language.latex import LatexWriter, width
from symbp.language.plain import PlainWriter, terminal_columns
from symbp.language.writer import Writer
from symbp.publishing import palette
from symbp.publishing.columns import COLUMNS
from symbp.publishing.document import Document
from symbp.publishing.latex_escape import escape_latex
from symbp.publishing.layout import Measure
from symbp.publishing.palette import PALETTE

if TYPE_CHECKING:
    from symbp.publishing.pictures import Picture


@dataclass(frozen=True)
class Style:
    """How a document is to be written: what of it stands in every format.

    A `fragment` has nothing around the sections. `color` says whether factors are coloured. `prefix` begins every label. `own` is a
    folder of templates that stand before ours. `columns` is the width of the terminal, `ansi` whether it has colours. `stem` is the name
    that files beside the document begin with; where it is empty there are none, and pictures are left out. With so many `blanks` it is a
    handout, and its answers stand beside it; `seed` chooses them.
    `only` names the parts of the document that are wanted, if not all of it.
    """

    fragment: bool = False
    color: bool = True
    lang: str = "en"
    prefix: str = "symbp:"
    own: Path | None = None
    columns: int = COLUMNS
    ansi: bool = False
    handout: bool = False
    engine: str = "typst"
    stem: str = ""
    only: tuple[str, ...] = ()
    blanks: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9./+':_-]*", self.prefix):
            raise SymbpError(f"{self.prefix!r} cannot begin a label", hint="letters, digits and . / + ' : _ -")


@dataclass(frozen=True)
class Format:
    """A row of FORMATS: how plain text is escaped, how inline mathematics is set, what fits on a line.

    `footnote` makes one where it stands; a format without footnotes gets `mark`, and the note at the end of the section. `paint` puts a
    stretch of mathematics in the colour of a factor, `gap` leaves a numbered gap as wide as so many digits, `refer` refers to an
    equation by its label and number. `draw` draws a picture, in place, or where it `draws_beside` as a file beside the document.
    `tidied` is the last to see the whole text. `sizes` are those of displays: a smaller one is taken where a formula would break in a
    larger. `names` are those that its template has beside the ones that every template has.
    """

    name: str
    extension: str
    template: str
    writer: type[Writer]
    escape: Callable[[str], str]
    inline: str
    measure: Measure
    footnote: str
    paint: Callable[[int, str], str]
    gap: Callable[[int, int], str]
    refer: Callable[[str, int], str]
    mark: str = "*"
    sizes: tuple[float, ...] = (1.0,)
    is_terminal: bool = False
    draw: Callable[[Picture], str] | None = None
    draws_beside: bool = False
    tidied: Callable[[str], str] = str
    names: Callable[[Document], Mapping[str, Any]] = lambda document: {}


Publish = Callable[[Document, str, Style], dict[str, str | bytes]]
"""A document in a format: under "" itself, and the files beside it, each under what its name has after the stem."""


@dataclass(frozen=True)
class Made:
    """A row of FORMATS that is made of another: `make` gets the document, the style and what publishes the other format."""

    name: str
    extension: str
    make: Callable[[Document, Style, Publish], dict[str, str | bytes]]


_MARKDOWN_SPECIALS = {c: "\\" + c for c in "\\`*_[]|#"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "~": "&#126;"}


def escape_markdown(text: str) -> str:
    """Plain text as Markdown that shows the same: no emphasis, links, HTML, tables or mathematics come of it."""
    return "".join(_MARKDOWN_SPECIALS.get(c, c) for c in text)


_TYPST_SPECIALS = re.compile(r"""[\\#$*_`<>@=~\[\]"'+/-]|(?<=[0-9])\.(?![0-9])|\.(?=\.)""")


def escape_typst(text: str) -> str:
    """Plain text as Typst that prints the same: no markup, code, lists, links or smart quotes come of it."""
    return _TYPST_SPECIALS.sub(r"\\\g<0>", text).replace("≈", "$approx$")


_PANDOC_SPECIALS = {c: "\\" + c for c in "\\`*_{}[]|#&<>$^!"}


def escape_pandoc(text: str) -> str:
    """Plain text as the Markdown of `pandoc.READER` that shows the same."""
    return "".join(_PANDOC_SPECIALS.get(c, c) for c in text)


def latex_paint(colour: int, text: str) -> str:
    return rf"\textcolor{{symbp{'ABCD'[colour - 1]}}}{{{text}}}"


def hex_paint(colour: int, text: str) -> str:
    r"""For KaTeX, to which \color is a switch, and MathJax, to which it is a command of two arguments."""
    return rf"{{\color{{{PALETTE[f'factor{colour}'].light}}}{{{text}}}}}"


def typst_paint(colour: int, text: str) -> str:
    return f"f{'abcd'[colour - 1]}({text})"


def latex_gap(at: int, digits: int) -> str:
    """A box to write in, its number small in the corner; of commands that pdfLaTeX, KaTeX and MathJax share."""
    return rf"\,\boxed{{\rule[-4pt]{{0pt}}{{16pt}}_{{{at}}}\hspace{{{digits / 2 - 1.5:g}em}}}}\,"


def plain_gap(at: int, digits: int) -> str:
    return f"({at})".rjust(digits, "_")


def _ansi_paint(colour: int, text: str) -> str:
    return f"\x1b[{palette.TERMINAL[f'factor{colour}']}m{text}\x1b[0m"


_LATEX_RELATIONS = {"=": "=", "≈": r"\approx"}
_PLAIN_RELATIONS = {"=": "=", "≈": "≈"}
_MATHML_RELATIONS = {"=": "<mo>=</mo>", "≈": "<mo>≈</mo>"}


def _tex() -> Format:
    from symbp.publishing.drawing_tikz import tikz

    return Format(
        "tex",
        ".tex",
        "tex.j2",
        LatexWriter,
        escape_latex,
        "${}$",
        Measure(86, width, _LATEX_RELATIONS, number_width=6),
        r"\footnote{{{}}}",
        latex_paint,
        latex_gap,
        lambda label, at: rf"\eqref{{{label}}}",
        draw=lambda picture: tikz(picture.drawing, picture.writer.text, palette=picture.palette),
    )


def _beamer() -> Format:
    from symbp.publishing.drawing_tikz import tikz
    from symbp.publishing.frames import Frames

    measure = Measure(70, width, _LATEX_RELATIONS, note_width=0.8, number_width=6)
    return Format(
        "beamer",
        ".slides.tex",
        "beamer.j2",
        LatexWriter,
        escape_latex,
        "${}$",
        measure,
        r"\footnote{{{}}}",
        latex_paint,
        latex_gap,
        lambda label, at: rf"(\ref{{{label}}})",
        sizes=(1.0, 0.913, 0.822),
        draw=lambda picture: tikz(picture.drawing, picture.writer.text, palette=picture.palette, overlays=True),
        names=lambda document: {"frames": Frames(measure)},
    )


def _svg(picture: Picture) -> str:
    from symbp.publishing.drawing_svg import svg

    return svg(picture.drawing, picture.writer.speller, title=picture.title, description=picture.description, palette=picture.palette)


def _md() -> Format:
    return Format(
        "md",
        ".md",
        "md.j2",
        LatexWriter,
        escape_markdown,
        "${}$",
        Measure(78, width, _LATEX_RELATIONS, number_width=5),
        "",
        hex_paint,
        latex_gap,
        lambda label, at: f"({at})",
        r"\*",
        draw=_svg,
        draws_beside=True,
    )


@cache
def terminal() -> Format:
    """The row of text on a terminal."""
    return Format(
        "txt",
        ".txt",
        "txt.j2",
        PlainWriter,
        str,
        "{}",
        Measure(COLUMNS - 2, terminal_columns, _PLAIN_RELATIONS, 1.0, is_exact=True, number_width=6),
        "",
        _ansi_paint,
        plain_gap,
        lambda label, at: f"({at})",
        is_terminal=True,
    )


def _typ() -> Format:
    from symbp.language.typst import TypstWriter, quoted
    from symbp.language.typst import width as typst_width
    from symbp.publishing.drawing_typst import typst

    return Format(
        "typ",
        ".typ",
        "typ.j2",
        TypstWriter,
        escape_typst,
        "${}$",
        Measure(89, typst_width, _PLAIN_RELATIONS, number_width=6),
        "#footnote[{}]",
        typst_paint,
        lambda at, digits: f"gap({at}, #{digits})",
        lambda label, at: f"#link(label({quoted(label)}))[({at})]",
        draw=lambda picture: typst(picture.drawing, picture.writer.text, palette=picture.palette),
    )


def _html() -> Format:
    from symbp.language.mathml import MathmlWriter
    from symbp.language.mathml import width as mathml_width
    from symbp.publishing.page import escape_html, html_drawing, html_gap, html_paint, html_refer, tied

    return Format(
        "html",
        ".html",
        "html.j2",
        MathmlWriter,
        escape_html,
        "<math>{}</math>",
        Measure(84, mathml_width, _MATHML_RELATIONS, number_width=6),
        '<span class="footnote">{}</span>',
        html_paint,
        html_gap,
        html_refer,
        draw=html_drawing,
        tidied=tied,
    )


def _pdf() -> Made:
    from symbp.publishing.pdf import make_pdf

    return Made("pdf", ".pdf", make_pdf)


def _ipynb() -> Made:
    from symbp.publishing.notebook import make_notebook

    return Made("ipynb", ".ipynb", make_notebook)


def _docx() -> Made:
    from symbp.publishing.office import make_docx

    return Made("docx", ".docx", make_docx)


def _pptx() -> Made:
    from symbp.publishing.office import make_pptx

    return Made("pptx", ".pptx", make_pptx)


def _epub() -> Made:
    from symbp.publishing.office import make_epub

    return Made("epub", ".epub", make_epub)


def _cells() -> Format:
    from symbp.publishing.notebook import cell_names

    return replace(_md(), name="cells", extension="", template="ipynb.j2", names=cell_names, draws_beside=False)


def _pandoc() -> Format:
    from symbp.publishing.office import mark_gap, mark_paint
    from symbp.publishing.office_pages import page_names

    return replace(
        _md(),
        name="pandoc",
        extension="",
        template="pandoc.j2",
        escape=escape_pandoc,
        measure=Measure(66, width, _LATEX_RELATIONS),
        footnote="^[{}]",
        paint=mark_paint,
        gap=mark_gap,
        names=page_names,
        draws_beside=False,
    )


def _pandoc_book() -> Format:
    from symbp.publishing.office_pages import book_names

    return replace(_pandoc(), name="pandoc_book", measure=Measure(78, width, _LATEX_RELATIONS), names=book_names)


def _pandoc_slides() -> Format:
    from symbp.publishing.office_pages import slide_names

    measure = Measure(60, width, _LATEX_RELATIONS, number_width=6)
    return replace(_pandoc(), name="pandoc_slides", measure=measure, footnote="", names=slide_names)


class Rows(Mapping[str, Format | Made]):
    """Rows by their names, each made once, when it is first asked for: who writes Markdown does not import what makes a PDF."""

    def __init__(self, **make: Callable[[], Format | Made]) -> None:
        self._make = {name: cache(row) for name, row in make.items()}

    def __getitem__(self, name: str) -> Format | Made:
        return self._make[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._make)

    def __len__(self) -> int:
        return len(self._make)

    def __contains__(self, name: object) -> bool:
        return name in self._make


FORMATS: Final = Rows(
    tex=_tex, beamer=_beamer, md=_md, txt=terminal, typ=_typ, pdf=_pdf, html=_html, ipynb=_ipynb, docx=_docx, pptx=_pptx, epub=_epub
)
INTERNAL: Final = Rows(cells=_cells, pandoc=_pandoc, pandoc_book=_pandoc_book, pandoc_slides=_pandoc_slides)
"""What other formats are made of; nobody asks for these by name."""


def format_named(name: str) -> Format | Made:
    """The row of FORMATS, or of INTERNAL; an unknown name is an error."""
    if name in INTERNAL:
        return INTERNAL[name]
    if name not in FORMATS:
        raise SymbpError(f"unknown format {name!r}", hint=nearest(name, [*FORMATS, "json"]))
    return FORMATS[name]


def format_of(path: Path) -> str:
    """The format that a file's name asks for."""
    known = {row.extension: row.name for row in FORMATS.values()} | {".json": "json"}
    fitting = [extension for extension in known if path.name.endswith(extension) and path.suffix]
    if not fitting:
        raise SymbpError(f"no format is known for {str(path)!r}", hint=f"give a format, or a name that ends in {', '.join(known)}")
    return known[max(fitting, key=len)]
