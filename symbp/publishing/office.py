"""docx, pptx and epub, by pandoc from the Markdown of `pandoc.j2`; then what Markdown cannot say, in the files of the archive.

Colours of factors go through pandoc as marks: a word of one private letter where a stretch begins, one where it ends.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from symbp.publishing.environment import sentence
from symbp.publishing.palette import PALETTE
from symbp.publishing.pandoc import converted

if TYPE_CHECKING:
    from symbp.publishing.document import Document
    from symbp.publishing.formats import Style

Edit = Callable[[str], str]
Publish = Callable[["Document", str, "Style"], dict[str, str | bytes]]
OPEN, CLOSE = 0xE020, "\ue02f"
"""The marks: OPEN + the number of the colour, CLOSE."""
LANGUAGES = {"zh": "zh-Hans"}
"""Languages that pandoc knows under another tag."""
_MARK = "[\ue021-\ue02f]"


def mark_paint(colour: int, text: str) -> str:
    return rf"{{\text{{{chr(OPEN + colour)}}}{text}\text{{{CLOSE}}}}}"


def mark_gap(at: int, digits: int) -> str:
    """A box to write in, of commands that pandoc turns into formulas that can be edited."""
    return rf"\,\boxed{{\phantom{{\frac{{1}}{{1}}}}_{{{at}}}\hspace{{{digits / 2 - 1.5:g}em}}}}\,"


def make_docx(document: Document, style: Style, publish: Publish) -> dict[str, str | bytes]:
    """A document for word processors; its equations can be edited there."""
    made = converted(_text(document, "pandoc", style, publish), "docx", _lang(style))
    edits = {"word/document.xml": _docx_document, "word/footnotes.xml": _coloured_omml, "word/styles.xml": _docx_styles}
    return {"": edited(made, {**edits, "docProps/core.xml": _undated})}


def make_pptx(document: Document, style: Style, publish: Publish) -> dict[str, str | bytes]:
    """Slides for a presentation program; their equations can be edited there."""
    text = _text(document, "pandoc_slides", style, publish)
    made = converted(text, "pptx", (*_lang(style), "--slide-level=1"))
    edits = {"ppt/slideMasters/slideMaster1.xml": _pptx_master, "docProps/core.xml": _undated}
    return {"": edited(made, edits, {r"ppt/slides/slide\d+\.xml": partial(_pptx_slide, lang=LANGUAGES.get(style.lang, style.lang))})}


def make_epub(document: Document, style: Style, publish: Publish) -> dict[str, str | bytes]:
    """A book for e-readers, a chapter a section, with MathML."""
    text = _text(document, "pandoc_book", style, publish)
    name = uuid5(NAMESPACE_URL, f"{document.title}\n{style.lang}\n{text}")
    title = ("-M", f"title={document.title_in(style.lang)}") if style.fragment else ()
    options = (*_lang(style), "-M", f"identifier=urn:uuid:{name}", *title, "--mathml", "--toc")
    made = converted(text, "epub", options)
    return {
        "": edited(
            made,
            {
                "EPUB/styles/stylesheet1.css": _book_css,
                "EPUB/content.opf": _epub_package,
                "EPUB/nav.xhtml": partial(_epub_places, lang=style.lang),
            },
            {r"EPUB/text/.*\.xhtml": _epub_chapter},
        )
    }


def _lang(style: Style) -> tuple[str, ...]:
    return "-M", f"lang={LANGUAGES.get(style.lang, style.lang)}"


def _text(document: Document, name: str, style: Style, publish: Publish) -> str:
    text = publish(document, name, style)[""]
    assert isinstance(text, str)
    return text


def edited(archive: bytes, edits: dict[str, Edit], patterns: dict[str, Edit] | None = None) -> bytes:
    """The zip `archive` with the files that are named, or fit a pattern, changed; order and dates stay."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            edit = edits.get(entry.filename) or next(
                (found for pattern, found in (patterns or {}).items() if re.fullmatch(pattern, entry.filename)), None
            )
            if edit is not None:
                content = edit(content.decode("utf-8")).encode("utf-8")
            fresh = zipfile.ZipInfo(entry.filename, entry.date_time)
            fresh.compress_type = entry.compress_type
            fresh.external_attr = 0o644 << 16
            new.writestr(fresh, content)
    return out.getvalue()


def _undated(core: str) -> str:
    """Properties without the times of making, which pandoc knows nothing of in its sandbox."""
    return re.sub(r"<dcterms:(created|modified)\b.*?</dcterms:\1>", "", core)


# -- OMML --------------------------------------------------------------------------------------------------------------

_PART = re.compile(r"<m:r>(?P<run>.*?)</m:r>|(?P<bar></m:fPr>)", re.DOTALL)
_RUN_MARK = re.compile(rf"<m:t[^>]*>(?P<mark>{_MARK})</m:t>")
WORD_COLOUR = '<w:rPr><w:rFonts w:ascii="Cambria Math" w:hAnsi="Cambria Math" /><w:color w:val="{}" /></w:rPr>'
SLIDE_COLOUR = '<a:rPr><a:solidFill><a:srgbClr val="{}" /></a:solidFill><a:latin typeface="Cambria Math" /></a:rPr>'


def _coloured_omml(xml: str, properties: str = WORD_COLOUR) -> str:
    """What stands between marks in their colours, runs and the bars of fractions; the innermost counts."""
    stack: list[int] = []

    def coloured(part: re.Match[str]) -> str:
        inside = part["run"] or ""
        if mark := _RUN_MARK.search(inside):
            if mark["mark"] == CLOSE:
                stack.pop()
            else:
                stack.append(ord(mark["mark"]) - OPEN)
            return ""
        if not stack:
            return part[0]
        colour = properties.format(PALETTE[f"factor{stack[-1]}"].light[1:])
        if part["bar"]:
            return f"<m:ctrlPr>{colour}</m:ctrlPr></m:fPr>"
        head, text, rest = inside.partition("<m:t")
        return f"<m:r>{head}{colour}{text}{rest}</m:r>"

    return _PART.sub(coloured, xml)


_UNDESCRIBED = re.compile(r' descr="data:[^"]*"')
"""A picture's own data, which pandoc gives for its description."""


def _at_left(xml: str) -> str:
    """Displays at the left, their relations one under the other."""
    return xml.replace('<m:jc m:val="center" />', '<m:jc m:val="left" />')


# -- docx --------------------------------------------------------------------------------------------------------------

PAGE = (
    '<w:pgSz w:w="11906" w:h="16838" />'
    '<w:pgMar w:top="1134" w:right="1247" w:bottom="1134" w:left="1247" w:header="567" w:footer="567" w:gutter="0" />'
)
"""A4, in twentieths of a point."""
_LINES = '<w:{0} w:val="single" w:sz="6" w:space="0" w:color="808080" />'
_MARGINS = "".join(f'<w:{side} w:w="{width}" w:type="dxa" />' for side, width in (("left", 80), ("right", 80)))
_BORDERS = "".join(_LINES.format(side) for side in ("top", "bottom"))
_STYLES = (
    '<w:style w:type="table" w:customStyle="1" w:styleId="Equations"><w:name w:val="Equations" />'
    f'<w:tblPr><w:tblInd w:w="0" w:type="dxa" /><w:tblCellMar>{_MARGINS}</w:tblCellMar></w:tblPr>'
    '<w:tcPr><w:vAlign w:val="center" /></w:tcPr></w:style>'
    '<w:style w:type="table" w:customStyle="1" w:styleId="Quantities"><w:name w:val="Quantities" />'
    f'<w:tblPr><w:jc w:val="center" /><w:tblBorders>{_BORDERS}</w:tblBorders><w:tblCellMar>{_MARGINS}</w:tblCellMar></w:tblPr>'
    f'<w:tblStylePr w:type="firstRow"><w:rPr><w:b /></w:rPr><w:tcPr><w:tcBorders>{_LINES.format("bottom")}</w:tcBorders></w:tcPr>'
    "</w:tblStylePr></w:style>"
)


def _docx_document(xml: str) -> str:
    xml = _UNDESCRIBED.sub("", _at_left(_coloured_omml(xml)))
    return re.sub(r"<w:sectPr>(\s*<w:footnotePr>.*?</w:footnotePr>)?", lambda found: found[0] + PAGE, xml, flags=re.DOTALL)


def _docx_styles(xml: str) -> str:
    return xml.replace("</w:styles>", _STYLES + "</w:styles>").replace('w:eastAsia="zh-Hans"', 'w:eastAsia="zh-CN"')


# -- pptx --------------------------------------------------------------------------------------------------------------

_TITLE = {'sz="3300"': 'sz="2400"', 'algn="ctr"': 'algn="l"'}
_BODY = {'sz="2400"': 'sz="1600"', 'sz="2100"': 'sz="1600"', 'sz="1800"': 'sz="1400"'}
"""What of pandoc's styles for titles and text is otherwise on our slides: sizes in hundredths of a point, titles at the left."""


def _pptx_master(xml: str) -> str:
    return _restyled(_restyled(xml, "titleStyle", _TITLE), "bodyStyle", _BODY)


def _restyled(xml: str, style: str, changes: Mapping[str, str]) -> str:
    start, end = xml.index(f"<p:{style}>"), xml.index(f"</p:{style}>")
    inside = re.sub("|".join(changes), lambda found: changes[found[0]], xml[start:end])
    return xml[:start] + inside + xml[end:]


_TABLE_WITH_MATHS = re.compile(r"<p:graphicFrame>(?:(?!</p:graphicFrame>).)*?<a14:m>.*?</p:graphicFrame>", re.DOTALL)


def _requiring_a14(table: re.Match[str]) -> str:
    """A table with formulas as what needs the namespace a14, which pandoc declares around text only."""
    return (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" Requires="a14">'
        f"{table[0]}</mc:Choice></mc:AlternateContent>"
    )


def _pptx_slide(xml: str, lang: str) -> str:
    xml = _UNDESCRIBED.sub("", xml)
    xml = _TABLE_WITH_MATHS.sub(_requiring_a14, _at_left(_coloured_omml(xml, SLIDE_COLOUR)))
    return xml.replace("<a:rPr />", f'<a:rPr lang="{lang}" />')


# -- epub --------------------------------------------------------------------------------------------------------------

BOOK_CSS = """\
body { margin: 5%; line-height: 1.45; }
h1 { font-size: 1.35em; margin: 1.4em 0 0.6em; }
table { border-collapse: collapse; margin: 1em auto; }
table[data-custom-style="Quantities"] { border-top: 1px solid #808080; border-bottom: 1px solid #808080; }
table[data-custom-style="Quantities"] th { border-bottom: 1px solid #808080; }
td, th { padding: 0.2em 0.6em; }
table[data-custom-style="Equations"] { width: 100%; margin: 0.8em 0; }
table[data-custom-style="Equations"] td { padding: 0.35em 0; }
mrow.gap { border: 1px solid; padding: 0.25em 0.3em; }
mtd { padding-top: 0.25em; padding-bottom: 0.25em; }
"""
_DATE = re.compile(r"\s*<dc:date\b.*?</dc:date>")
_ANNOTATION = re.compile(r"<annotation\b.*?</annotation></semantics>", re.DOTALL)
_HEADING, _TAG = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.DOTALL), re.compile(r"<[^>]*>")
_FILE_NAME = re.compile(r"<title>ch\d+\.xhtml</title>")
"""What pandoc calls a chapter."""
_MATHML_MARK = re.compile(rf"<mtext[^>]*>(?P<mark>{_MARK})</mtext>")


def _book_css(css: str) -> str:
    """Our rules in the place of pandoc's."""
    del css
    return BOOK_CSS


def _epub_package(xml: str) -> str:
    """The package without a date of publication; that of the last change must stand there, and is the beginning of all time."""
    return _DATE.sub("", xml)


def _epub_places(xml: str, lang: str) -> str:
    """The names of the places that an e-reader can go to, in the language of the book."""
    for key, words in (("title_page", "Title Page"), ("table_of_contents", "Table of Contents")):
        xml = xml.replace(f">{words}</a>", f">{sentence(key, {}, lang)}</a>")
    return xml


def _display(found: re.Match[str]) -> str:
    """A display in a cell of a table: at the left, but as large as a display."""
    table = '<mtable displaystyle="true">' if found[2] else ""
    return f'<math display="inline" displaystyle="true"{found[1]}>{table}'


def _epub_chapter(xml: str) -> str:
    """MathML without its source in LaTeX; marks are colours, and a box is a row with a border, as MathML Core has it."""
    xml = _ANNOTATION.sub("", xml).replace("<semantics>", "")
    if heading := _HEADING.search(xml):
        xml = _FILE_NAME.sub(lambda _: f"<title>{_TAG.sub('', heading[1])}</title>", xml)
    xml = xml.replace('<menclose notation="box">', '<mrow class="gap">').replace("</menclose>", "</mrow>")
    xml = re.sub(r"&#(573\d\d);", lambda found: chr(int(found[1])), xml)
    xml = re.sub(r'<math display="block"([^>]*)>(<mtable>)?', _display, xml)

    def style(mark: re.Match[str]) -> str:
        colour = ord(mark["mark"]) - OPEN
        return "</mstyle>" if mark["mark"] == CLOSE else f'<mstyle mathcolor="{PALETTE[f"factor{colour}"].light}">'

    return _MATHML_MARK.sub(style, xml)
