"""docx, pptx and epub: every formula is native, numbers stand beside their equations, titles and bytes are what they should be."""

from __future__ import annotations

import re
import subprocess
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

import symbp
from symbp.api_printable import Printable
from symbp.cli import main
from symbp.publishing import office_pages, pandoc
from symbp.publishing.formats import Style
from symbp.publishing.office_pages import SLIDE, _height, equations, png_data, slides, svg_data
from symbp.publishing.palette import PALETTE
from symbp.publishing.render import publish

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
XHTML = "{http://www.w3.org/1999/xhtml}"
NETWORKS = ("mazur", "relu", "recurrent", "general", "layer:batch_norm")
TITLE = r"""1. A $x_1$ & <b>"C:\dir"</b> `#%%` *a* [b](c) ^[d] ![e](f) {g} \alpha | ~h~ 反向传播 'é' --- ..."""
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10" fill="red"/></svg>'

pandoc_needed = pytest.mark.usefixtures("_pandoc")


@pytest.fixture(scope="session")
def _pandoc() -> None:
    from consumers import unavailable

    try:
        pandoc.pandoc_path("docx")
    except symbp.SymbpError:
        unavailable("no pandoc on this machine")


@cache
def derived(name: str) -> Printable:
    return symbp.derive(name)


@cache
def made(name: str, what: str, **style: object) -> bytes:
    content = derived(name).published(what, Style(**style))[""]  # type: ignore[arg-type]
    assert isinstance(content, bytes)
    return content


def parts(archive: bytes, pattern: str) -> list[str]:
    """The texts of the files of an archive whose names fit, by their numbers."""
    with zipfile.ZipFile(BytesIO(archive)) as found:
        assert found.testzip() is None
        names = [name for name in found.namelist() if re.fullmatch(pattern, name)]
        return [found.read(name).decode("utf-8") for name in sorted(names, key=lambda name: (len(name), name))]


def markdown(name: str, row: str) -> str:
    text = publish(derived(name).document(), row, Style())[""]
    assert isinstance(text, str)
    return text


def formulas(text: str) -> int:
    """How many formulas stand in what pandoc is given."""
    return len(re.findall(r"\$\$.+?\$\$|(?<![\\$])\$(?!\$).+?(?<!\\)\$", text))


def numbered(name: str) -> list[str]:
    """The numbers of the equations, as the Markdown of `md` has them."""
    return re.findall(r"\\tag\{(\d+)\}", derived(name).render("md"))


def words(element: ElementTree.Element, tag: str) -> str:
    return "".join(piece.text or "" for piece in element.iter(tag))


def all_is_native(texts: list[str]) -> None:
    for text in texts:
        assert not re.search(r"\\[A-Za-z]+|\$", text), text[:400]
        assert not re.search("[\ue000-\uf8ff]", text)


@pandoc_needed
@pytest.mark.parametrize("name", NETWORKS)
def test_docx_has_every_formula_as_omml_and_every_number_in_a_cell(name: str) -> None:
    archive = made(name, "docx")
    (document,) = parts(archive, r"word/document\.xml")
    tree = ElementTree.fromstring(document)
    footnotes = ElementTree.fromstring(parts(archive, r"word/footnotes\.xml")[0])
    assert len(list(tree.iter(MATH + "oMath"))) + len(list(footnotes.iter(MATH + "oMath"))) == formulas(markdown(name, "pandoc"))
    all_is_native([words(tree, WORD + "t"), words(tree, MATH + "t").replace("&", "")])
    cells = [words(row.findall(WORD + "tc")[-1], WORD + "t") for row in tree.iter(WORD + "tr") if row.findall(".//" + MATH + "oMathPara")]
    assert cells == [f"({number})" for number in numbered(name)]


@pandoc_needed
@pytest.mark.parametrize("name", NETWORKS)
def test_pptx_has_every_formula_as_omml_and_its_number_after_it(name: str) -> None:
    trees = [ElementTree.fromstring(text) for text in parts(made(name, "pptx"), r"ppt/slides/slide\d+\.xml")]
    displays = [display for tree in trees for display in tree.iter(MATH + "oMathPara")]
    assert sum(len(list(tree.iter(MATH + "oMath"))) for tree in trees) == formulas(markdown(name, "pandoc_slides"))
    all_is_native([words(tree, tag).replace("&", "") for tree in trees for tag in (DRAWING + "t", MATH + "t")])
    ends = [re.search(r"\((\d+)\)$", words(display, MATH + "t")) for display in displays]
    assert [end[1] for end in ends if end] == numbered(name)


@pandoc_needed
@pytest.mark.parametrize("name", NETWORKS)
def test_epub_has_every_formula_as_mathml(name: str) -> None:
    trees = [ElementTree.fromstring(text) for text in parts(made(name, "epub"), r"EPUB/text/ch\d+\.xhtml")]
    found = [formula for tree in trees for formula in tree.iter(MATHML + "math")]
    assert len(found) == formulas(markdown(name, "pandoc_book"))
    all_is_native([text for tree in trees for text in tree.itertext()])
    rows = [row for tree in trees for table in tree.iter(XHTML + "table") for row in table.iter(XHTML + "tr")]
    cells = [row.findall(XHTML + "td") for row in rows]
    numbers = ["".join(row[-1].itertext()) for row in cells if row and row[0].find(MATHML + "math[@displaystyle='true']") is not None]
    assert numbers == [f"({number})" for number in numbered(name)]


@pandoc_needed
@pytest.mark.parametrize("what", ["docx", "pptx", "epub"])
def test_factors_keep_their_colours(what: str) -> None:
    pattern = {"docx": r"word/document\.xml", "pptx": r"ppt/slides/.*\.xml", "epub": r"EPUB/text/ch\d+\.xhtml"}[what]
    text, plain = ("".join(parts(made("mazur", what, color=color), pattern)) for color in (True, False))
    for factor in ("factor1", "factor2", "factor3"):
        assert PALETTE[factor].light[1:] in text
        assert PALETTE[factor].light[1:] not in plain


@pandoc_needed
def test_a_factor_is_coloured_whole_and_nothing_else() -> None:
    """dE/dout_o1 stands in the colour of the first factor; the relation after it in none."""
    (document,) = parts(made("mazur", "docx"), r"word/document\.xml")
    colour = f".//{WORD}color[@{WORD}val='{PALETTE['factor1'].light[1:]}']"
    runs = [run for run in ElementTree.fromstring(document).iter(MATH + "r") if run.find(colour) is not None]
    assert runs
    assert not {"=", "≈"} & {words(run, MATH + "t") for run in runs}


@pandoc_needed
@pytest.mark.parametrize("what", ["docx", "epub"])
def test_equal_documents_have_equal_bytes(what: str) -> None:
    assert derived("relu").published(what, Style())[""] == made("relu", what)


@pandoc_needed
def test_titles_come_out_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(f"title = '''{TITLE}'''\ninputs = 1\n[[layers]]\nunits = 1\n", "utf-8")
    own = symbp.derive(path)
    for what, pattern, tag in (("docx", r"word/document\.xml", WORD + "t"), ("pptx", r"ppt/slides/slide1\.xml", DRAWING + "t")):
        content = own.published(what, Style())[""]
        assert isinstance(content, bytes)
        assert words(ElementTree.fromstring(parts(content, pattern)[0]), tag).startswith(TITLE)
        assert TITLE in "".join(ElementTree.fromstring(parts(content, r"docProps/core\.xml")[0]).itertext())
    book = own.published("epub", Style())[""]
    assert isinstance(book, bytes)
    assert TITLE in "".join(ElementTree.fromstring(parts(book, r"EPUB/content\.opf")[0]).itertext())
    assert TITLE in "".join(ElementTree.fromstring(parts(book, r"EPUB/text/title_page\.xhtml")[0]).itertext())


@pandoc_needed
def test_what_a_book_says_of_itself() -> None:
    archive = made("relu", "epub", lang="zh")
    with zipfile.ZipFile(BytesIO(archive)) as book:
        first = book.infolist()[0]
        assert (first.filename, first.compress_type, book.read(first)) == ("mimetype", zipfile.ZIP_STORED, b"application/epub+zip")
    (package,) = parts(archive, r"EPUB/content\.opf")
    assert "<dc:language>zh-Hans</dc:language>" in package
    assert re.search(r"<dc:identifier[^>]*>urn:uuid:[0-9a-f-]{36}<", package)
    (contents,) = parts(archive, r"EPUB/nav\.xhtml")
    sections = re.findall(r"^## (.+)$", derived("relu").render("md", lang="zh"), re.MULTILINE)
    assert len(sections) > 5
    assert [section for section in sections if section in contents] == sections


@pandoc_needed
@pytest.mark.parametrize("what", ["docx", "pptx"])
def test_chinese_documents_are_as_native(what: str) -> None:
    pattern = {"docx": r"word/document\.xml", "pptx": r"ppt/slides/slide\d+\.xml"}[what]
    trees = [ElementTree.fromstring(text) for text in parts(made("softmax", what, lang="zh"), pattern)]
    for tree in trees:
        all_is_native([words(tree, tag).replace("&", "") for tag in (WORD + "t", DRAWING + "t", MATH + "t")])
    assert "链式法则" in "".join(words(tree, MATH + "t") for tree in trees)


@pandoc_needed
def test_pictures_are_in_the_archive_with_what_they_show() -> None:
    for what, pattern in (("docx", r"word/media/.*\.png"), ("pptx", r"ppt/media/.*\.png"), ("epub", r"EPUB/media/.*\.svg")):
        with zipfile.ZipFile(BytesIO(made("mazur", what))) as archive:
            assert len([name for name in archive.namelist() if re.fullmatch(pattern, name)]) >= 3


@pandoc_needed
def test_without_typst_a_picture_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_pages, "find_spec", lambda name: None)
    content = derived("mazur").published("docx", Style(color=False, fragment=True))[""]
    assert isinstance(content, bytes)
    (document,) = parts(content, r"word/document\.xml")
    assert "Network with 2 inputs, a hidden layer of 2 units and 2 outputs." in words(ElementTree.fromstring(document), WORD + "t")


@pandoc_needed
@pytest.mark.parametrize("what", ["docx", "pptx", "epub"])
def test_gaps_are_boxes(what: str, tmp_path: Path) -> None:
    pattern = {"docx": r"word/document\.xml", "pptx": r"ppt/slides/slide\d+\.xml", "epub": r"EPUB/text/ch\d+\.xhtml"}[what]
    handout, answers = derived("relu").save(tmp_path / f"relu.{what}", blanks=7)
    found = "".join(parts(handout.read_bytes(), pattern))
    assert found.count('class="gap"' if what == "epub" else "<m:borderBox>") == derived("relu").render("md", blanks=7).count(r"\boxed") > 0
    assert parts(answers.read_bytes(), pattern)


@pandoc_needed
def test_a_single_equation_is_a_document() -> None:
    for what in ("docx", "pptx", "epub"):
        content = derived("mazur").published(what, Style(only=("dE/dw5",)))[""]
        assert isinstance(content, bytes)


@pandoc_needed
def test_tables_of_a_docx_have_a_header_row() -> None:
    (document,) = parts(made("mazur", "docx"), r"word/document\.xml")
    tables = list(ElementTree.fromstring(document).iter(WORD + "tbl"))
    styled = {
        kind: [t for t in tables if t.find(f".//{WORD}tblStyle[@{WORD}val='{kind}']") is not None] for kind in ("Equations", "Quantities")
    }
    assert sum(map(len, styled.values())) == len(tables)
    assert all(table.find(f".//{WORD}tblHeader") is not None for table in styled["Quantities"])
    assert not any(table.find(f".//{WORD}tblHeader") is not None for table in styled["Equations"])


def test_no_slide_is_fuller_than_it_can_be() -> None:
    renderer_blocks: list[list[dict[str, object]]] = []
    for name in ("mazur", "recurrent", "general"):
        document = derived(name).document()
        from symbp.publishing.formats import format_named
        from symbp.publishing.render import _Renderer

        row = format_named("pandoc_slides")
        renderer_blocks += [section["blocks"] for section in _Renderer(row, document, Style())._sections()]  # type: ignore[arg-type]
    assert len(renderer_blocks) > 20
    for blocks in renderer_blocks:
        pages = slides(blocks)
        lines = [row for page in pages for block in page if block["kind"] == "display" for row in block["rows"]]
        assert lines == [row for block in blocks if block["kind"] == "display" for row in block["rows"]]
        for page in pages:
            assert len(page) == 1 or sum(map(_height, page)) <= SLIDE


def test_equations_end_at_their_numbers() -> None:
    from symbp.publishing.layout import Row

    rows = [Row("a", "=", "1", number=1), Row("b", "=", "2"), Row("", "=", "3", number=2), Row("c", "=", "4")]
    assert [(len(found.rows), found.number) for found in equations(rows)] == [(1, 1), (2, 2), (1, 0)]


def test_pictures_are_data() -> None:
    assert svg_data(SQUARE).startswith("(data:image/svg+xml;base64,")
    assert (png_data(SQUARE) or "").startswith("(data:image/png;base64,iVBOR")


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_without_pandoc_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(pandoc, "import_module", missing)
    monkeypatch.setattr(pandoc.shutil, "which", lambda name: None)
    result = CliRunner().invoke(main, ["derive", "neuron", "--to", "docx", "-o", str(tmp_path / "x.docx")])
    assert result.exit_code == 2
    assert result.stderr == "symbp: docx needs pandoc, which is not installed\ninstall pandoc, or pip install 'symbp[office]'\n"
    assert not list(tmp_path.iterdir())


@pandoc_needed
def test_a_formula_that_pandoc_cannot_read_is_an_error() -> None:
    with pytest.raises(symbp.SymbpError, match=r"pandoc failed to write docx: .*Could not convert TeX math"):
        pandoc.converted(r"$\color{#123456}x$", "docx")


def test_a_pandoc_that_hangs_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(*arguments: object, **named: object) -> object:
        raise subprocess.TimeoutExpired("pandoc", 1)

    monkeypatch.setattr(pandoc, "pandoc_path", lambda what: "pandoc")
    monkeypatch.setattr(pandoc, "subprocess", SimpleNamespace(run=hangs, TimeoutExpired=subprocess.TimeoutExpired))
    with pytest.raises(symbp.SymbpError, match="did not finish docx"):
        pandoc.converted("x", "docx")
