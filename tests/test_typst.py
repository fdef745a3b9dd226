"""Typst and PDF: every document compiles without a warning and stays on the page; user text is data; the same run, the same bytes."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from typing import NamedTuple

import pytest
import typst

import symbp
from consumers import page_count, require
from symbp.derivation.layers import LAYERS
from symbp.errors import SymbpError
from symbp.language.notation import NOTATIONS
from symbp.language.typst import quoted
from symbp.network.gallery import examples
from symbp.publishing import latexmk, pdf
from symbp.publishing.environment import Safe, environment
from symbp.publishing.formats import Style, escape_typst, typst_paint
from symbp.publishing.pdf import by_typst
from symbp.publishing.render import publish
from symbp.publishing.wide import has_cjk

POINT = 72 / 25.4
LEFT, RIGHT, BOTTOM = 25 * POINT, 185 * POINT, 285 * POINT
"""The edges of the text, and the lowest that the number of a page may stand."""
SLACK = 0.6
TITLES = (
    r"\input{x} $x$ <script>alert(1)</script> & % # _ ^ ~ | [a](b) `code`",
    '#panic("x") #read("/etc/passwd") #import "@preview/x:1.0.0": * // c /* d */',
    "**b** _i_ ~~s~~ = h @ref <label> \\u{41} https://example.org -- --- ... -? +1 'q' \"r\"",
    "((( 7 * 7 ))) ((* for x in y *)) ((= z =)) {{ 7 }} {% raw %} %s {0} ] [ $",
    "1. one - two + three / four: five",
    "= not a heading é — “s” ≈",
    "/ term: x",
)


class Word(NamedTuple):
    """A word on a page, by its edges in points from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


def words(content: bytes, folder: Path) -> list[Word]:
    """Every word of the PDF with its box."""
    require("pdftotext")
    (folder / "it.pdf").write_bytes(content)
    shown = subprocess.run(["pdftotext", "-bbox", "it.pdf", "-"], cwd=folder, capture_output=True, text=True, check=True).stdout
    edge = r'="([-0-9.]+)"'
    found = re.findall(rf"<word xMin{edge} yMin{edge} xMax{edge} yMax{edge}>(.*?)</word>", shown)
    return [Word(*map(float, box), unescape(text)) for *box, text in found]


def outside(content: bytes, folder: Path) -> list[Word]:
    return [word for word in words(content, folder) if word.left < LEFT - SLACK or word.right > RIGHT + SLACK or word.bottom > BOTTOM]


def text_of(content: bytes, folder: Path) -> str:
    return " ".join(word.text for word in words(content, folder))


def info(content: bytes, folder: Path) -> str:
    require("pdfinfo")
    (folder / "it.pdf").write_bytes(content)
    return subprocess.run(["pdfinfo", "it.pdf"], cwd=folder, capture_output=True, text=True, check=True).stdout


@cache
def source(network: str, **options: str) -> str:
    made = publish(symbp.derive(network, **options).document(), "typ", Style())[""]
    assert isinstance(made, str)
    return made


def titled(title: str) -> bytes:
    """The PDF of a small network with this title."""
    content = publish(replace(symbp.derive("1-1").document(), title=title, titled=None), "pdf", Style())[""]
    assert isinstance(content, bytes)
    return content


CASES = [
    *((name, {}) for name in examples()),
    *((name, {"detail": detail}) for name in ("mazur", "softmax", "convolution") for detail in ("brief", "full")),
    *((name, {"notation": notation}) for name in ("mazur", "recurrent") for notation in ("ufldl", "nielsen", "goodfellow")),
    *(("general", {"notation": notation}) for notation in NOTATIONS),
    ("general", {"layout": "numerator"}),
    *((f"layer:{name}", {}) for name in LAYERS),
    *((size, {}) for size in ("4-4-4", "3-10-3")),
    ("5-5-5-5", {"detail": "brief"}),
]


@pytest.mark.parametrize(("network", "options"), CASES, ids=lambda value: value if isinstance(value, str) else "-".join(value.values()))
def test_compiles_without_a_warning_and_nothing_leaves_the_page(network: str, options: dict[str, str], tmp_path: Path) -> None:
    assert not outside(by_typst(source(network, **options)), tmp_path)


def test_the_check_of_margins_sees_what_is_too_wide(tmp_path: Path) -> None:
    wide = re.sub(r'(#number\("symbp:net-h1"\))', r"+ b + b + b + b + b + b + b + b + b + b + b + b \1", source("mazur"), count=1)
    assert wide != source("mazur")
    assert outside(by_typst(wide), tmp_path)


def test_pages_title_and_language(tmp_path: Path) -> None:
    content = by_typst(source("mazur"))
    (tmp_path / "mazur.pdf").write_bytes(content)
    assert 3 <= page_count(tmp_path / "mazur.pdf") <= 6
    shown = info(content, tmp_path)
    assert re.search(r"^Title: +A step by step backpropagation example$", shown, re.MULTILINE)
    assert "Date" not in shown
    assert "A4" in shown


def test_every_equation_has_its_number_at_the_right_edge(tmp_path: Path) -> None:
    text = source("mazur")
    numbers = [int(found) for found in re.findall(r'#number\("[^"]+"\)\[(\d+)\]', text)]
    assert numbers == list(range(1, len(numbers) + 1))
    at_the_edge = [word.text for word in words(by_typst(text), tmp_path) if abs(word.right - RIGHT) < SLACK]
    assert {f"({n})" for n in numbers} <= set(at_the_edge)


def test_references_lead_to_equations() -> None:
    text = source("mazur").encode()
    labels = set(re.findall(r'#number\("([^"]+)"\)', text.decode()))
    asked = set(re.findall(r'#link\(label\("([^"]+)"\)\)', text.decode()))
    assert asked
    assert asked <= labels
    assert '"label":"<symbp:net-h1>"' in typst.query(text, "metadata").replace(" ", "")
    with pytest.raises(SymbpError, match="label"):
        by_typst(source("mazur").replace('#link(label("', '#link(label("no-', 1))


def test_factors_are_painted_unless_colour_is_off() -> None:
    document = symbp.derive("mazur").document()
    assert typst_paint(1, "x") == "fa(x)"
    assert "fa(frac(" in source("mazur")
    plain = publish(document, "typ", Style(color=False))[""]
    assert isinstance(plain, str)
    assert "fa(frac(" not in plain


@pytest.mark.parametrize("title", TITLES)
def test_titles_are_data(title: str, tmp_path: Path) -> None:
    content = titled(title)
    shown = info(content, tmp_path)
    assert f"Title:           {title}\n" in shown
    assert title.replace(" ", "") in text_of(content, tmp_path).replace(" ", "")


@pytest.mark.parametrize("mark", [chr(code) for code in range(33, 127) if not chr(code).isalnum()])
def test_every_mark_prints_as_it_is(mark: str, tmp_path: Path) -> None:
    text = f"{mark} a {mark}{mark} b{mark}1{mark}c {mark}{mark}{mark}"
    content = by_typst(f"#set document(title: [{escape_typst(text)}], date: none)\n{escape_typst(text)}\n")
    assert f"Title:           {text}\n" in info(content, tmp_path)


def test_a_source_reads_no_file_and_warnings_are_errors() -> None:
    with pytest.raises(SymbpError, match="Typst stopped"):
        by_typst('#read("/etc/hostname")')
    with pytest.raises(SymbpError, match="Typst warns: unknown font"):
        by_typst('#set text(font: "No Such Font")\nx')


def test_chinese_needs_a_font(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    families = {family.casefold() for family in typst.Fonts().families()}
    if any(family.casefold() in families for family in pdf.CHINESE):
        assert "反向传播：两层" in text_of(titled("反向传播：两层"), tmp_path)
        assert symbp.derive("1-1").published("pdf", Style(lang="zh"))
    monkeypatch.setattr(pdf, "CHINESE", ("No Such Font",))
    with pytest.raises(SymbpError, match="no font for Chinese"):
        titled("反向传播：两层")
    assert not has_cjk("naïve — “x” ∑")


def test_letters_of_no_font_are_refused() -> None:
    with pytest.raises(SymbpError, match=r"U\+1F600"):
        titled("smile 😀")


def test_fragments_are_included_in_a_document_of_ones_own(tmp_path: Path) -> None:
    text = symbp.derive("mazur").render("typ", fragment=True, prefix="a:")
    assert "#set page" not in text
    assert '"a:net-h1"' in text
    (tmp_path / "part.typ").write_text(text, "utf-8")
    own = '#set text(font: "New Computer Modern")\n= Mine\n#include "part.typ"\nSee #link(label("a:net-h1"))[there].\n'
    (tmp_path / "own.typ").write_text(own, "utf-8")
    content, warnings = typst.compile_with_warnings(str(tmp_path / "own.typ"), ignore_system_fonts=True)
    assert not warnings
    assert "Forward pass" in text_of(content, tmp_path)
    assert symbp.derive("1-1").published("pdf", Style(fragment=True)) == symbp.derive("1-1").published("pdf", Style())


@pytest.mark.parametrize("prefix", ['a"b', "a\\", "a b", "ä"])
def test_a_prefix_that_no_label_can_have_is_refused(prefix: str) -> None:
    with pytest.raises(SymbpError, match="cannot begin a label"):
        symbp.derive("1-1").render("typ", prefix=prefix)


def test_figures_and_algorithms_are_laid_out(tmp_path: Path) -> None:
    box = Safe("#box(width: 3cm, height: 1cm, stroke: 1pt)")
    lines = [{"depth": 0, "text": Safe("for $l$ from 1")}, {"depth": 1, "text": Safe("do $x$")}]
    figure = {"kind": "figure", "drawing": box, "caption": Safe("A picture."), "alt": 'a "b" \\ #c'}
    blocks = [figure, {"kind": "algorithm", "lines": lines}]
    page = environment(escape_typst).get_template("typ.j2")
    names = {"title": "T", "style": Style(), "fragment": False, "factors": [], "is_cjk": False}
    names["quoted"] = lambda text: Safe(quoted(str(text)))
    text = page.render(sections=[{"key": "x", "title": Safe("One"), "number": "1", "blocks": blocks}], **names)
    shown = words(by_typst(text), tmp_path)
    assert "picture." in [word.text for word in shown]
    first, second = (next(word for word in shown if word.text == text) for text in ("for", "do"))
    assert second.left > first.left + 10
    assert second.top > first.top


def test_the_same_bytes_twice() -> None:
    code = "import hashlib, symbp; from symbp.publishing.formats import Style\n"
    code += "print(hashlib.sha256(symbp.derive('mazur').published('pdf', Style())['']).hexdigest())"
    folder = Path(symbp.__file__).parents[1]
    runs = {subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1


def test_saves_a_pdf_and_nothing_else(tmp_path: Path) -> None:
    written = symbp.derive("1-1").save(tmp_path / "it.pdf")
    assert list(tmp_path.iterdir()) == written == [tmp_path / "it.pdf"]
    assert written[0].read_bytes().startswith(b"%PDF-")
    with pytest.raises(SymbpError, match="pdf is no text"):
        symbp.derive("1-1").render("pdf")


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(SymbpError, match="a PDF needs typst, which is not installed") as caught:
        symbp.derive("1-1").published("pdf", Style())
    assert caught.value.hint == "pip install 'symbp[pdf]'"


# -- latexmk -----------------------------------------------------------------------------------------------------------


def test_latex_makes_the_same_bytes_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("latexmk")
    require("pdflatex")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    derived = symbp.derive("1-1")
    first, second = (derived.published("pdf", Style(engine="latex"))[""] for _ in range(2))
    assert isinstance(first, bytes)
    assert first == second
    assert not list(here.iterdir())
    assert not list((tmp_path / "temporary").iterdir())
    assert "Forward pass" in text_of(first, tmp_path)


def test_latex_says_what_is_wrong_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    require("latexmk")
    require("pdflatex")
    with pytest.raises(SymbpError, match=r"pdflatex stopped: Undefined control sequence\. \(l\.3 \\nosuchthing\)"):
        latexmk.by_latexmk("\\documentclass{article}\n\\begin{document}\n\\nosuchthing\n\\end{document}\n", "pdflatex")
    with pytest.raises(SymbpError, match="LaTeX has no package nosuchpackage"):
        latexmk.by_latexmk("\\documentclass{article}\n\\usepackage{nosuchpackage}\n\\begin{document}x\\end{document}\n", "pdflatex")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SymbpError, match="--engine latex needs latexmk, which is not installed"):
        symbp.derive("1-1").published("pdf", Style(engine="latex"))


def test_latex_runs_no_programs(tmp_path: Path) -> None:
    require("latexmk")
    require("pdflatex")
    mark = tmp_path / "mark"
    latexmk.by_latexmk(f"\\documentclass{{article}}\\begin{{document}}x\\immediate\\write18{{touch {mark}}}\\end{{document}}\n", "pdflatex")
    assert not mark.exists()
