"""OPS: how tightly each operator binds, how it is spelled in each medium, and what it means in an algebra."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeAlias

from symbp.language.algebra import Algebra

Meaning: TypeAlias = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How an operator is written in one medium.

    `text` stands between the arguments (infix) or is a template with `{0}`, `{1}`; `binds` is the precedence of the
    whole, `asks` the least precedence that an argument must have to stand without brackets.
    """

    text: str
    binds: int
    asks: tuple[int, ...]
    infix: bool = False


@dataclass(frozen=True, slots=True)
class Op:
    """A row of OPS."""

    name: str
    spellings: Mapping[str, Spelling]
    meaning: Meaning | None = field(default=None)
    native: Meaning | None = field(default=None)
    """Python's own operator that gives `meaning`, in every algebra: of one argument, or of two at a time from the left."""


# Precedences, loosest first. A product of chain factors (dot) may hold products without a sign (times).
ADD, DOT, TIMES, NEG, POWER, ATOM = 10, 20, 30, 35, 40, 90


def infix(text: str, binds: int, asks: int | None = None) -> Spelling:
    return Spelling(text, binds, (binds + 1 if asks is None else asks,), infix=True)


def template(text: str, binds: int, *asks: int) -> Spelling:
    return Spelling(text, binds, asks)


def _from_the_left(native: Meaning) -> Meaning:
    """The meaning of an operator of any number of arguments: ((a ∘ b) ∘ c) …"""

    def meaning(algebra: Algebra, *args: Any) -> Any:
        return reduce(native, args)

    return meaning


_ADD, _PRODUCT = _from_the_left(operator.add), _from_the_left(operator.mul)


def _beside(binds: int, *asks: int, **texts: str) -> dict[str, Spelling]:
    """The media in which a template binds alike."""
    return {medium: template(text, binds, *asks) for medium, text in texts.items()}


def _between(binds: int, asks: int | None = None, **texts: str) -> dict[str, Spelling]:
    """An infix spelling in each medium."""
    return {medium: infix(text, binds, asks) for medium, text in texts.items()}


def _called(latex: str, typst: str, mathml: str, plain: str) -> dict[str, Spelling]:
    """A function whose argument stands in brackets, which grow with it where a medium has two dimensions."""
    return _beside(
        *(ATOM, 0),
        latex=rf"{latex}\left({{0}}\right)",
        typst=f"{typst} lr(( {{0}} ))",
        mathml=f"<mi>{mathml}</mi>{_OF}<mrow><mo>(</mo>{{0}}<mo>)</mo></mrow>",
        plain=f"{plain}({{0}})",
    )


def _fraction(latex: str, typst: str, mathml: str, plain: str) -> dict[str, Spelling]:
    """A derivative: what stands before each of the two quantities."""
    return _beside(
        *(POWER, POWER, POWER),
        latex=rf"\frac{{{{{latex} {{0}}}}}}{{{{{latex} {{1}}}}}}",
        typst=f"frac({typst} {{0}}, {typst} {{1}})",
        mathml=f"<mfrac><mrow>{mathml}{{0}}</mrow><mrow>{mathml}{{1}}</mrow></mfrac>",
    ) | _beside(TIMES + 1, POWER, POWER, plain=f"{plain}{{0}}/{plain}{{1}}")


_ROWS = "<mrow>{0}</mrow><mrow>{1}</mrow>"
_OF = "<mo>&#8289;</mo>"
"""MathML's sign that a function is applied, which is not seen but read aloud."""
_FIRST = '<mtd style="text-align: left; padding-left: 0">'
_THEN = '<mtd style="text-align: left; padding-right: 0">'
_ALONG_AN_EDGE = _fraction(r"\partial", "partial", "<mi>∂</mi>", "∂")

OPS: dict[str, Op] = {
    row.name: row
    for row in (
        Op("add", _between(ADD, latex=" + ", plain=" + ", typst=" + ", mathml='<mo form="infix">+</mo>'), _ADD, operator.add),
        Op(
            "neg",
            _beside(NEG, NEG + 1, latex="-{0}", plain="-{0}", typst="-{0}", mathml='<mo form="prefix">−</mo>{0}'),
            lambda _, x: -x,
            operator.neg,
        ),
        # How a tape computes x + (-y), which is what a Form holds.
        Op(
            "sub",
            _between(ADD, latex=" - ", plain=" - ", typst=" - ", mathml='<mo form="infix">−</mo>'),
            lambda _, x, y: x - y,
            operator.sub,
        ),
        Op("dot", _between(DOT, latex=r" \cdot ", plain=" · ", typst=" dot.op ", mathml="<mo>⋅</mo>"), _PRODUCT, operator.mul),
        Op("times", _between(TIMES, latex=" ", plain="·", typst=" ", mathml="<mo>&#8290;</mo>"), _PRODUCT, operator.mul),
        Op(
            "frac",
            _beside(POWER, 0, 0, latex=r"\frac{{{0}}}{{{1}}}", typst="frac({0}, {1})", mathml=f"<mfrac>{_ROWS}</mfrac>")
            | _beside(TIMES, POWER, POWER, plain="{0}/{1}"),
            lambda algebra, x, y: algebra.divide(x, y),
        ),
        Op(
            "pow",
            _beside(POWER, ATOM, 0, latex="{0}^{{{1}}}", typst="{0}^({1})", mathml=f"<msup>{_ROWS}</msup>")
            | _beside(POWER, ATOM, ATOM, plain="{0}^{1}"),
            lambda algebra, x, n: algebra.power(x, n),
        ),
        Op(
            "exp",
            _beside(POWER, 0, latex="e^{{{0}}}", typst="e^({0})", mathml="<msup><mi>e</mi><mrow>{0}</mrow></msup>")
            | _beside(ATOM, 0, plain="exp({0})"),
            lambda algebra, x: algebra.exp(x),
        ),
        Op("log", _called(r"\ln", "ln", "ln", "ln"), lambda algebra, x: algebra.log(x)),
        Op(
            "sqrt",
            _beside(ATOM, 0, latex=r"\sqrt{{{0}}}", plain="sqrt({0})", typst="sqrt({0})", mathml="<msqrt>{0}</msqrt>"),
            lambda algebra, x: algebra.sqrt(x),
        ),
        Op("sin", _called(r"\sin", "sin", "sin", "sin"), lambda algebra, x: algebra.sin(x)),
        Op("cos", _called(r"\cos", "cos", "cos", "cos"), lambda algebra, x: algebra.cos(x)),
        Op("erf", _called(r"\operatorname{{erf}}", 'op("erf")', "erf", "erf"), lambda algebra, x: algebra.erf(x)),
        Op("pi", _beside(ATOM, latex=r"\pi", plain="π", typst="pi", mathml="<mi>π</mi>"), lambda algebra: algebra.pi()),
        Op(
            "abs",
            _beside(ATOM, 0, latex=r"\left|{0}\right|", plain="|{0}|", typst="abs({0})", mathml="<mrow><mo>|</mo>{0}<mo>|</mo></mrow>"),
            lambda algebra, x: algebra.absolute(x),
        ),
        Op("sign", _called(r"\operatorname{{sgn}}", 'op("sgn")', "sgn", "sgn"), lambda algebra, x: algebra.sign(x)),
        Op(
            "max",
            _beside(
                *(ATOM, 0, 0),
                latex=r"\max\left({0}, {1}\right)",
                plain="max({0}, {1})",
                typst="max lr(( {0} comma {1} ))",
                mathml=f"<mi>max</mi>{_OF}<mrow><mo>(</mo>{{0}}<mo>,</mo>{{1}}<mo>)</mo></mrow>",
            ),
            lambda algebra, x, y: algebra.maximum(x, y),
        ),
        # x ln y with 0 ln 0 = 0; it is written as a product, and read back as one.
        Op("xlogy", _between(TIMES, latex="", plain="", typst="", mathml=""), lambda algebra, x, y: algebra.logarithmic(x, y)),
        # The first argument is what must be positive; a writer shows it as a comparison and fills in its words.
        Op(
            "cases",
            _beside(
                *(0, 0, 0, 0),
                latex=r"\begin{{cases}} {1} & \text{{{3}}}\ {0} \\ {2} & \text{{{4}}} \end{{cases}}",
                typst='cases({1} & quad "{3}" {0}, {2} & quad "{4}")',
                mathml='<mrow><mo>{{</mo><mtable columnalign="left">'
                f"<mtr>{_FIRST}{{1}}</mtd>{_THEN}<mtext>{{3}}&#160;</mtext>{{0}}</mtd></mtr>"
                f"<mtr>{_FIRST}{{2}}</mtd>{_THEN}<mtext>{{4}}</mtext></mtd></mtr></mtable></mrow>",
            )
            | _beside(ATOM, 0, 0, 0, plain="{{{1}, {3} {0}; {2}, {4}}}"),
            lambda algebra, x, a, b: algebra.cases(x, a, b),
        ),
        # The nodes below have no meaning of their own: a program, a network or a matrix resolves them.
        Op(
            "apply",
            _beside(
                *(ATOM, 0, 0),
                latex="{0}({1})",
                plain="{0}({1})",
                typst="{0} lr(( {1} ))",
                mathml=f"{{0}}{_OF}<mrow><mo>(</mo>{{1}}<mo>)</mo></mrow>",
            ),
        ),
        Op("partial", _ALONG_AN_EDGE),
        Op("total", _ALONG_AN_EDGE),
        Op(
            "ddx",
            _beside(
                *(DOT, 0, 0),
                latex=r"\frac{{d}}{{d {1}}} \left[ {0} \right]",
                plain="d/d{1} [{0}]",
                typst="frac(d, d {1}) lr([ {0} ])",
                mathml="<mfrac><mi>d</mi><mrow><mi>d</mi>{1}</mrow></mfrac><mrow><mo>[</mo>{0}<mo>]</mo></mrow>",
            ),
        ),
        # In Typst and MathML the range is written with the sign of the sum.
        Op("sum", _beside(DOT, 0, TIMES, latex=r"\sum_{{{0}}} {1}", plain="Σ_{0} {1}", typst="{0} {1}", mathml="{0}{1}")),
        Op("matmul", _between(TIMES, latex=r" \, ", plain=" ", typst=" thin ", mathml='<mo rspace="0.167em">&#8290;</mo>')),
        Op("hadamard", _between(DOT, POWER, latex=r" \circ ", plain=" ∘ ", typst=" ∘ ", mathml="<mo>∘</mo>")),
        Op("hadamard_quotient", _between(DOT, POWER, latex=r" \oslash ", plain=" ⊘ ", typst=" ⊘ ", mathml="<mo>⊘</mo>")),
        Op(
            "transpose",
            _beside(POWER, ATOM, latex=r"{0}^{{\top}}", plain="{0}ᵀ", typst="{0}^top", mathml="<msup><mrow>{0}</mrow><mi>⊤</mi></msup>"),
        ),
        Op("matrix", _beside(ATOM, latex="", plain="", typst="", mathml="")),
        Op("row", _between(ATOM, 0, latex=" & ", plain=", ", typst=", ", mathml="")),
        # Kronecker's delta of two indices: 1 where they agree, else 0; the letter delta is taken.
        Op(
            "kronecker",
            _beside(
                *(ATOM, 0, 0),
                latex=r"\mathbf{{1}}[{0} = {1}]",
                plain="1[{0} = {1}]",
                typst=r"bold(1) \[ {0} = {1} \]",
                mathml="<mn>𝟏</mn><mrow><mo>[</mo>{0}<mo>=</mo>{1}<mo>]</mo></mrow>",
            ),
        ),
        Op(
            "diag",
            _beside(
                *(ATOM, 0),
                latex=r"\operatorname{{diag}}({0})",
                plain="diag({0})",
                typst='op("diag") lr(( {0} ))',
                mathml=f"<mi>diag</mi>{_OF}<mrow><mo>(</mo>{{0}}<mo>)</mo></mrow>",
            ),
        ),
    )
}


STRAIGHT: Mapping[str, Spelling] = _fraction("d", "d", "<mi>d</mi>", "d")
"""How `total` is spelled where it differs from `partial`."""


KINKED = frozenset({"cases", "abs", "sign", "max"})
"""The operators that are not differentiable everywhere."""
