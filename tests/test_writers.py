"""Typst and MathML: all that any derivation writes is read by a compiler or a parser, piece by piece, and is as wide as in LaTeX."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from unicodedata import normalize

import pytest
import typst
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from test_notations import VOCABULARIES
from test_parser import forms

from symbp.derivation.batch import SAMPLES
from symbp.derivation.derive import derive
from symbp.derivation.layers import LAYERS
from symbp.derivation.layouts import General, Layout
from symbp.derivation.steps import Step
from symbp.language import latex, mathml
from symbp.language import typst as typst_medium
from symbp.language.form import (
    HALF,
    Form,
    Function,
    Index,
    Node,
    Unit,
    Value,
    Var,
    absolute,
    add,
    apply,
    cases,
    decimal,
    exp,
    frac,
    log,
    maximum,
    neg,
    number,
    power,
    sub,
    times,
    total,
)
from symbp.language.latex import LatexWriter
from symbp.language.mathml import MathmlWriter, is_single
from symbp.language.matrices import LayerSpeller, entry, kronecker, ones, sum_over, whole
from symbp.language.notation import NOTATIONS
from symbp.language.operators import OPS, STRAIGHT
from symbp.language.speller import Name, Speller
from symbp.language.symbols import GREEK, MARKED
from symbp.language.typst import TypstWriter
from symbp.language.writer import Spells
from symbp.network.gallery import examples
from symbp.network.numbers import Rounding
from symbp.network.reader import load
from symbp.proof.general import networks

ELEMENTS = {
    *("mi", "mn", "mo", "mtext", "mrow", "mfrac", "msqrt", "mtable", "mtr", "mtd"),
    *("msub", "msup", "msubsup", "munder", "munderover", "mover"),
}
CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
ATTRIBUTES = {
    "mi": {"mathvariant"},
    "mo": {"form", "stretchy", "lspace", "rspace", "minsize", "maxsize"},
    "mtable": {"columnalign"},
    "mtd": {"style"},
    "mover": {"accent"},
}

NESTED = re.compile(r"\\begin((?!\\end).)*\\begin")
"""A table in a table."""


def nodes(steps: Iterable[Step]) -> Iterator[Node]:
    for step in steps:
        yield from (step.lhs, *(link.form for link in step.chain))


@cache
def shown(notation: str) -> tuple[tuple[Spells, Node], ...]:
    """Every side of every equation of the examples, and of the general derivation in both layouts, each once."""
    found: dict[tuple[str, Node], tuple[Spells, Node]] = {}
    for name in examples():
        spec = load(name).with_options(notation=notation)
        derivation = derive(spec, Rounding(6), detail="full", appendix="used")
        found |= {(name, node): (spec.speller, node) for node in nodes(derivation.steps())}
    speller = networks(notation)[0].speller
    for layout in Layout:
        found |= {
            ("general", node): (speller, node) for one in General(NOTATIONS[notation], layout).equations() for node in nodes([one.step])
        }
    return tuple(found.values())


@cache
def of_layers() -> tuple[tuple[Spells, Node], ...]:
    """The same of every layer on a batch, under every convention."""
    layers = (row.arranged(samples) for row in LAYERS.values() for samples in SAMPLES)
    return tuple((LayerSpeller(), node) for node in dict.fromkeys(node for layer in layers for node in nodes(layer.steps())))


def of_names(notation: str) -> tuple[tuple[Spells, Node], ...]:
    """Every quantity of every kind of network, and its square."""
    spellers = [Speller(NOTATIONS[notation], words) for words in VOCABULARIES.values()]
    return tuple((known, node) for known in spellers for var in known.vocabulary.variables() for node in (var, power(var, number(2))))


everywhere = pytest.mark.parametrize("notation", [*NOTATIONS, "layers"])


def corpus(notation: str) -> tuple[tuple[Spells, Node], ...]:
    return of_layers() if notation == "layers" else (*shown(notation), *of_names(notation))


def texts(pieces: list[tuple[str, int]]) -> list[str]:
    """The pieces, however deep the breaks before them are."""
    return [text for text, _ in pieces]


def compiled(formulas: list[str]) -> None:
    """Typst makes one document of them, and has nothing to say about it."""
    lines = "\n".join(f"${formula}$\n" for formula in dict.fromkeys(formulas))
    _, warnings = typst.compile_with_warnings(lines.encode(), format="pdf")
    assert not warnings, warnings[0].message


def parsed(text: str) -> ET.Element:
    """`text` in a <math> element: known elements, with as many children as they must have and no text beside them."""
    tree = ET.fromstring(f"<math>{text}</math>")
    for element in tree.iter():
        if element is tree:
            continue
        assert element.tag in ELEMENTS, text
        assert set(element.attrib) <= ATTRIBUTES.get(element.tag, set()), text
        assert len(element) == CHILDREN.get(element.tag, len(element)), text
        is_leaf = element.tag in {"mi", "mn", "mo", "mtext"}
        assert bool((element.text or "").strip("\n ")) == is_leaf, text
        assert not element.tail, text
    return tree


@everywhere
def test_typst_compiles_every_formula_and_every_piece(notation: str) -> None:
    found = []
    for speller, node in corpus(notation):
        writer = TypstWriter(speller)
        pieces = texts(writer.pieces(node))
        found += [writer.text(node), *(pieces if len(pieces) > 1 else ())]
    compiled(found)


@everywhere
def test_mathml_is_well_formed_in_every_piece(notation: str) -> None:
    for speller, node in corpus(notation):
        writer = MathmlWriter(speller)
        pieces = texts(writer.pieces(node))
        for text in (writer.text(node), *pieces):
            parsed(text)
        assert writer.text(node) == "".join(pieces)


@everywhere
def test_every_medium_is_about_as_wide_as_latex(notation: str) -> None:
    for speller, node in corpus(notation):
        text = LatexWriter(speller).text(node)
        if NESTED.search(text):
            continue  # which LaTeX's own measure does not know
        expected = latex.width(text)
        for writer, width in ((TypstWriter(speller), typst_medium.width), (MathmlWriter(speller), mathml.width)):
            written = writer.text(node)
            found = width(written)
            assert abs(found - expected) <= max(0.15 * expected, 1.0), (text, written, found, expected)


@everywhere
def test_lines_may_break_at_the_same_places_in_every_medium(notation: str) -> None:
    for speller, node in corpus(notation):
        counts = {len(write(speller).pieces(node)) for write in (LatexWriter, TypstWriter, MathmlWriter)}
        assert len(counts) == 1, LatexWriter(speller).text(node)


@pytest.mark.parametrize("notation", NOTATIONS)
@given(form=forms(negative=True))
@settings(max_examples=60)
def test_any_form_is_written_in_whole_elements_and_balanced_brackets(notation: str, form: Node) -> None:
    speller = load("mazur").with_options(notation=notation).speller
    for piece in texts(MathmlWriter(speller).pieces(form)):
        parsed(piece)
    text = TypstWriter(speller).text(form)
    without = re.sub(r'"(?:\\.|[^"\\])*"|\\.', "", text)
    assert without.count("(") == without.count(")"), text
    expected = latex.width(LatexWriter(speller).text(form))
    for found in (typst_medium.width(text), mathml.width(MathmlWriter(speller).text(form))):
        assert found > 0.75 * expected - 2 or NESTED.search(LatexWriter(speller).text(form)), text


@given(found=st.lists(forms(negative=True), min_size=40, max_size=60))
@settings(max_examples=12)
def test_typst_compiles_any_form(found: list[Node]) -> None:
    writer = TypstWriter(load("mazur").speller)
    compiled([piece for form in found for piece in (writer.text(form), *texts(writer.pieces(form)))])


# -- exactly -----------------------------------------------------------------------------------------------------------

MAZUR, NG = (load("mazur").with_options(notation=name).speller for name in ("mazur", "ng"))
H1, O1 = Unit(1, 1), Unit(2, 1)
NET, OUT, TARGET, E = Var("net", H1, sample=1), Var("out", O1, sample=1), Var("target", O1, sample=1), Var("error_total")
SIGMA_PRIME = Function("sigmoid", "sigma", 1)
X = Var("argument")

NET_H1 = "<msub><mi>net</mi><mrow><mi>h</mi><mn>1</mn></mrow></msub>"
OUT_O1 = "<msub><mi>out</mi><mrow><mi>o</mi><mn>1</mn></mrow></msub>"
FLAT, CLOSED, OF, TIMES = '<mo stretchy="false">(</mo>', '<mo stretchy="false">)</mo>', "<mo>&#8289;</mo>", "<mo>&#8290;</mo>"
MINUS, THIN = '<mo form="prefix">−</mo>', '<mo rspace="0.167em">&#8290;</mo>'

GOLDEN: list[tuple[Spells, Node, str, str]] = [
    (
        *(MAZUR, apply(SIGMA_PRIME, NET)),
        r"""sigma' \( upright("net")_(h 1) \)""",
        f"<mrow><mi>σ</mi><mo>′</mo></mrow>{OF}<mrow>{FLAT}{NET_H1}{CLOSED}</mrow>",
    ),
    (
        *(MAZUR, total(E, OUT)),
        'frac(partial E, partial upright("out")_(o 1))',
        f"<mfrac><mrow><mi>∂</mi><mi>E</mi></mrow><mrow><mi>∂</mi>{OUT_O1}</mrow></mfrac>",
    ),
    (
        *(MAZUR, power(sub(TARGET, OUT), number(2))),
        r'\( t_1 - upright("out")_(o 1) \)^(2)',
        f'<msup><mrow>{FLAT}<msub><mi>t</mi><mn>1</mn></msub><mo form="infix">−</mo>{OUT_O1}{CLOSED}</mrow><mn>2</mn></msup>',
    ),
    (
        *(MAZUR, power(TARGET, number(2))),
        "t_1^(2)",
        "<msubsup><mi>t</mi><mn>1</mn><mn>2</mn></msubsup>",
    ),
    (
        *(MAZUR, exp(neg(add(X, number(1))))),
        r"e^(-\( x + 1 \))",
        f'<msup><mi>e</mi><mrow>{MINUS}{FLAT}<mi>x</mi><mo lspace="0em" rspace="0em">+</mo><mn>1</mn>{CLOSED}</mrow></msup>',
    ),
    (
        *(MAZUR, Value("-1.2e-05", HALF)),
        "-1.2 times 10^(-5)",
        f"{MINUS}<mn>1.2</mn><mo>×</mo><msup><mn>10</mn><mrow>{MINUS}<mn>5</mn></mrow></msup>",
    ),
    (*(MAZUR, times(decimal("0.5"), decimal("0.25"))), "0.5 dot.op 0.25", "<mn>0.5</mn><mo>⋅</mo><mn>0.25</mn>"),
    (*(MAZUR, times(X, log(X))), r"x ln \( x \)", f"<mi>x</mi>{THIN}<mi>ln</mi>{OF}<mrow>{FLAT}<mi>x</mi>{CLOSED}</mrow>"),
    (
        *(MAZUR, times(X, log(frac(X, number(2))))),
        "x ln lr(( frac(x, 2) ))",
        f"<mi>x</mi>{THIN}<mi>ln</mi>{OF}<mrow><mo>(</mo><mfrac><mi>x</mi><mn>2</mn></mfrac><mo>)</mo></mrow>",
    ),
    (*(MAZUR, absolute(X)), "abs(x)", '<mrow><mo stretchy="false">|</mo><mi>x</mi><mo stretchy="false">|</mo></mrow>'),
    (
        *(MAZUR, maximum(number(0), X)),
        r"max \( 0 comma x \)",
        f"<mi>max</mi>{OF}<mrow>{FLAT}<mn>0</mn><mo>,</mo><mi>x</mi>{CLOSED}</mrow>",
    ),
    (
        *(MAZUR, cases(X, X, number(0))),
        'cases(x & quad "if" x > 0, 0 & quad "otherwise")',
        (
            '<mrow><mo>{</mo><mtable columnalign="left"><mtr><mtd style="text-align: left; padding-left: 0"><mi>x</mi></mtd>'
            '<mtd style="text-align: left; padding-right: 0"><mtext>if&#160;</mtext><mi>x</mi><mo>&gt;</mo><mn>0</mn></mtd></mtr>'
            '<mtr><mtd style="text-align: left; padding-left: 0"><mn>0</mn></mtd>'
            '<mtd style="text-align: left; padding-right: 0"><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>'
        ),
    ),
    (
        *(MAZUR, Form("matrix", (Form("row", (X, number(1))),))),
        'mat(delim: "[", x, 1)',
        (
            '<mrow><mo>[</mo><mtable><mtr><mtd style="padding-left: 0"><mi>x</mi></mtd><mtd style="padding-right: 0"><mn>1</mn></mtd>'
            "</mtr></mtable><mo>]</mo></mrow>"
        ),
    ),
    (
        *(NG, Var("delta", H1, sample=1)),
        'italic("dz")_1^([1])',
        (
            "<msubsup><mrow><mi>d</mi><mi>z</mi></mrow><mn>1</mn>"
            '<mrow><mo stretchy="false">[</mo><mn>1</mn><mo stretchy="false">]</mo></mrow></msubsup>'
        ),
    ),
    (*(LayerSpeller(), whole("xhat")), "hat(X)", '<mover accent="true"><mi>X</mi><mo stretchy="false">ˆ</mo></mover>'),
    (*(LayerSpeller(), whole("epsilon")), "epsilon.alt", "<mi>ϵ</mi>"),
    (
        *(LayerSpeller(), sum_over(Index("n"), "N", times(entry("X", Index("n"), Index("j")), kronecker(Index("k"), Index("j"))))),
        "sum_(n = 1)^(N) X_(n j) delta_(k j)",
        (
            '<munderover><mo lspace="0em">∑</mo><mrow><mi>n</mi><mo lspace="0em" rspace="0em">=</mo><mn>1</mn></mrow><mi>N</mi>'
            "</munderover>"
            f"<msub><mi>X</mi><mrow><mi>n</mi><mi>j</mi></mrow></msub>{TIMES}<msub><mi>δ</mi><mrow><mi>k</mi><mi>j</mi></mrow></msub>"
        ),
    ),
    (*(LayerSpeller(), Form("transpose", (ones("N"),))), "bold(1)_N^top", "<msubsup><mn>𝟏</mn><mi>N</mi><mi>⊤</mi></msubsup>"),
]


@pytest.mark.parametrize(("speller", "node", "in_typst", "in_mathml"), GOLDEN, ids=lambda part: part if isinstance(part, str) else "")
def test_a_form_is_written_like_this(speller: Spells, node: Node, in_typst: str, in_mathml: str) -> None:
    assert TypstWriter(speller).text(node) == in_typst
    assert MathmlWriter(speller).text(node) == in_mathml


@pytest.mark.parametrize(
    ("name", "in_typst", "in_mathml"),
    [
        (Name("skip", is_own=True), 'upright("skip")_""', "<mi>skip</mi>"),
        (Name("alpha", is_own=True), 'upright("alpha")_""', "<mi>alpha</mi>"),
        (Name("w", words=("a_b",)), 'w_(upright("a_b"))', "<msub><mi>w</mi><mi>a_b</mi></msub>"),
        (Name("Delta", sup="(2)"), "Delta^((2))", f'<msup><mi mathvariant="normal">Δ</mi><mrow>{FLAT}<mn>2</mn>{CLOSED}</mrow></msup>'),
        (
            Name("v", of=Name("w1")),
            "v_(w_1)",
            "<msub><mi>v</mi><msub><mi>w</mi><mn>1</mn></msub></msub>",
        ),
        (
            Name("z", sup="(n_l-1)", time="t"),
            "z^((n_l - 1) ⟨t⟩)",
            (
                f"<msup><mi>z</mi><mrow>{FLAT}<msub><mi>n</mi><mi>l</mi></msub>"
                f'<mo lspace="0em" rspace="0em">−</mo><mn>1</mn>{CLOSED}'
                '<mo stretchy="false">⟨</mo><mi>t</mi><mo stretchy="false">⟩</mo></mrow></msup>'
            ),
        ),
        (
            Name("w", sub="k", words=("h1_2", "bias")),
            'w_(k comma h_(1 comma 2) comma upright("bias"))',
            (
                '<msub><mi>w</mi><mrow><mi>k</mi><mo lspace="0em" rspace="0em">,</mo><msub><mi>h</mi><mrow><mn>1</mn>'
                '<mo lspace="0em" rspace="0em">,</mo><mn>2</mn></mrow></msub><mo lspace="0em" rspace="0em">,</mo><mi>bias</mi>'
                "</mrow></msub>"
            ),
        ),
    ],
)
def test_a_name_is_written_like_this(name: Name, in_typst: str, in_mathml: str) -> None:
    assert TypstWriter(MAZUR).name(name) == in_typst
    assert MathmlWriter(MAZUR).name(name) == in_mathml
    compiled([in_typst])
    parsed(in_mathml)


def test_conditions_are_written_as_they_are_typed() -> None:
    condition = "l = 2, …, n_l-1; k = 1"
    assert TypstWriter(MAZUR).typed(condition) == r"l = 2 comma … comma n_l - 1 \; k = 1"
    written = MathmlWriter(MAZUR).typed(condition)
    assert written.startswith("<mi>l</mi><mo>=</mo><mn>2</mn><mo>,</mo><mi>…</mi><mo>,</mo><msub><mi>n</mi><mi>l</mi></msub><mo>−</mo>")
    assert LatexWriter(MAZUR).typed(condition) == condition
    compiled([TypstWriter(MAZUR).typed(condition)])
    parsed(written)


# -- tables ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", OPS)
def test_every_operator_has_a_row_for_every_medium(op: str) -> None:
    assert set(OPS[op].spellings) == {"latex", "plain", "typst", "mathml"} == set(STRAIGHT)


@pytest.mark.parametrize("letter", [*GREEK, *MARKED])
def test_every_letter_is_a_letter_of_its_own_in_every_medium(letter: str) -> None:
    for write in (TypstWriter, MathmlWriter):
        names = [write(MAZUR).name(Name(other)) for other in (*GREEK, *MARKED)]
        assert names.count(write(MAZUR).name(Name(letter))) == 1
    compiled([TypstWriter(MAZUR).name(Name(letter))])
    assert is_single(MathmlWriter(MAZUR).name(Name(letter)))


def test_a_text_is_one_element_or_not() -> None:
    assert is_single("<mi>x</mi>")
    assert is_single("<mrow><mi>x</mi><mi>y</mi></mrow>")
    assert not is_single("<mi>x</mi><mi>y</mi>")
    assert not is_single("<mi>x</mi>y")
    assert not is_single("")


# -- the font ----------------------------------------------------------------------------------------------------------


@cache
def font(checkout: Path) -> TTFont:
    return TTFont(checkout / "templates" / "math.woff2")


@everywhere
def test_the_font_has_every_character(notation: str, checkout: Path) -> None:
    has = font(checkout).getBestCmap()
    for speller, node in corpus(notation):
        for element in parsed(MathmlWriter(speller).text(node)).iter():
            text = (element.text or "") if element.tag != "math" else ""
            assert all(ord(c) in has for c in text), text
            is_slanted = element.tag == "mi" and len(text) == 1 and not element.attrib
            if is_slanted and (text.isalpha() or text == "∂"):
                assert any(normalize("NFKC", chr(code)) == normalize("NFKC", text) for code in has if code == 0x210E or code > 0x1D400), (
                    text
                )


def test_the_font_bears_a_name_of_its_own_and_its_licence_lies_beside_it(checkout: Path) -> None:
    names = {record.nameID: record.toUnicode() for record in font(checkout)["name"].names}
    assert names[1] == names[4] == "symbp math"
    assert "Jackowski" in names[0]
    assert "GUST Font License" in (checkout / "templates" / "math.woff2.LICENSE.txt").read_text("utf-8")


@pytest.mark.parametrize("bracket", "()[]{|")
def test_the_font_has_brackets_of_every_height(bracket: str, checkout: Path) -> None:
    table = font(checkout)
    variants, glyphs = table["MATH"].table.MathVariants, table.getGlyphSet()
    construction = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(table.getBestCmap()[ord(bracket)])]
    sizes = [(record.AdvanceMeasurement, record.VariantGlyph) for record in construction.MathGlyphVariantRecord]
    assert sizes == sorted(sizes)
    assert sizes[-1][0] >= 9000
    for size, name in sizes:
        bounds = BoundsPen(glyphs)
        glyphs[name].draw(bounds)
        assert abs(bounds.bounds[3] - bounds.bounds[1] - size) <= 15, name
