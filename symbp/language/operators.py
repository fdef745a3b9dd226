"""OPS: how tightly each operator binds, how it is spelled in each medium, and what it means in an algebra."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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


# Precedences, loosest first. A product of chain factors (dot) may hold products without a sign (times).
ADD, DOT, TIMES, NEG, POWER, ATOM = 10, 20, 30, 35, 40, 90


def infix(text: str, binds: int, asks: int | None = None) -> Spelling:
    return Spelling(text, binds, (binds + 1 if asks is None else asks,), infix=True)


def template(text: str, binds: int, *asks: int) -> Spelling:
    return Spelling(text, binds, asks)


def _add(algebra: Algebra, *terms: Any) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _product(algebra: Algebra, *factors: Any) -> Any:
    total = factors[0]
    for factor in factors[1:]:
        total = total * factor
    return total


def _named(latex: str, plain: str, *asks: int) -> dict[str, Spelling]:
    return {"latex": template(latex, ATOM, *asks), "plain": template(plain, ATOM, *asks)}


_BRACKETS = template(r"\frac{{d}}{{d {1}}} \left[ {0} \right]", DOT, 0, 0)

OPS: dict[str, Op] = {
    row.name: row
    for row in (
        Op("add", {"latex": infix(" + ", ADD), "plain": infix(" + ", ADD)}, _add),
        Op("neg", {"latex": template("-{0}", NEG, NEG + 1), "plain": template("-{0}", NEG, NEG + 1)}, lambda _, x: -x),
        Op("dot", {"latex": infix(r" \cdot ", DOT), "plain": infix(" · ", DOT)}, _product),
        Op("times", {"latex": infix(" ", TIMES), "plain": infix("·", TIMES)}, _product),
        Op(
            "frac",
            {"latex": template(r"\frac{{{0}}}{{{1}}}", POWER, 0, 0), "plain": template("{0}/{1}", TIMES, POWER, POWER)},
            lambda algebra, x, y: algebra.divide(x, y),
        ),
        Op(
            "pow",
            {"latex": template("{0}^{{{1}}}", POWER, ATOM, 0), "plain": template("{0}^{1}", POWER, ATOM, ATOM)},
            lambda algebra, x, n: algebra.power(x, n),
        ),
        Op(
            "exp",
            {"latex": template("e^{{{0}}}", POWER, 0), "plain": template("exp({0})", ATOM, 0)},
            lambda algebra, x: algebra.exp(x),
        ),
        Op(
            "log",
            {"latex": template(r"\ln\left({0}\right)", ATOM, 0), "plain": template("ln({0})", ATOM, 0)},
            lambda algebra, x: algebra.log(x),
        ),
        Op("sqrt", _named(r"\sqrt{{{0}}}", "sqrt({0})", 0), lambda algebra, x: algebra.sqrt(x)),
        Op("sin", _named(r"\sin\left({0}\right)", "sin({0})", 0), lambda algebra, x: algebra.sin(x)),
        Op("cos", _named(r"\cos\left({0}\right)", "cos({0})", 0), lambda algebra, x: algebra.cos(x)),
        Op("erf", _named(r"\operatorname{{erf}}\left({0}\right)", "erf({0})", 0), lambda algebra, x: algebra.erf(x)),
        Op("pi", _named(r"\pi", "π"), lambda algebra: algebra.pi()),
        Op("abs", _named(r"\left|{0}\right|", "|{0}|", 0), lambda algebra, x: algebra.absolute(x)),
        Op("sign", _named(r"\operatorname{{sgn}}\left({0}\right)", "sgn({0})", 0), lambda algebra, x: algebra.sign(x)),
        Op("max", _named(r"\max\left({0}, {1}\right)", "max({0}, {1})", 0, 0), lambda algebra, x, y: algebra.maximum(x, y)),
        # x ln y with 0 ln 0 = 0; it is written as a product, and read back as one.
        Op("xlogy", {"latex": infix("", TIMES), "plain": infix("", TIMES)}, lambda algebra, x, y: algebra.logarithmic(x, y)),
        # The first argument is what must be positive; a writer shows it as a comparison and fills in its words.
        Op(
            "cases",
            {
                "latex": template(r"\begin{{cases}} {1} & \text{{{when}}}\ {0} \\ {2} & \text{{{otherwise}}} \end{{cases}}", 0, 0, 0, 0),
                "plain": template("{{{1}, {when} {0}; {2}, {otherwise}}}", ATOM, 0, 0, 0),
            },
            lambda algebra, x, a, b: algebra.cases(x, a, b),
        ),
        # The nodes below have no meaning of their own: a program, a network or a matrix resolves them.
        Op("apply", {"latex": template("{0}({1})", ATOM, 0, 0), "plain": template("{0}({1})", ATOM, 0, 0)}),
        Op(
            "partial",
            {
                "latex": template(r"\frac{{\partial {0}}}{{\partial {1}}}", POWER, POWER, POWER),
                "plain": template("∂{0}/∂{1}", TIMES + 1, POWER, POWER),
            },
        ),
        Op(
            "total",
            {
                "latex": template(r"\frac{{\partial {0}}}{{\partial {1}}}", POWER, POWER, POWER),
                "plain": template("∂{0}/∂{1}", TIMES + 1, POWER, POWER),
            },
        ),
        Op("ddx", {"latex": _BRACKETS, "plain": template("d/d{1} [{0}]", DOT, 0, 0)}),
        Op("sum", {"latex": template(r"\sum_{{{0}}} {1}", DOT, 0, TIMES), "plain": template("Σ_{0} {1}", DOT, 0, TIMES)}),
        Op("matmul", {"latex": infix(r" \, ", TIMES), "plain": infix(" ", TIMES)}),
        Op("hadamard", {"latex": infix(r" \circ ", DOT, POWER), "plain": infix(" ∘ ", DOT, POWER)}),
        Op("hadamard_quotient", {"latex": infix(r" \oslash ", DOT, POWER), "plain": infix(" ⊘ ", DOT, POWER)}),
        Op("transpose", {"latex": template(r"{0}^{{\top}}", POWER, ATOM), "plain": template("{0}ᵀ", POWER, ATOM)}),
        Op("matrix", {"latex": template("", ATOM), "plain": template("", ATOM)}),
        Op("row", {"latex": infix(" & ", ATOM, 0), "plain": infix(", ", ATOM, 0)}),
        # Kronecker's delta of two indices: 1 where they agree, else 0; the letter delta is taken.
        Op("kronecker", {"latex": template(r"\mathbf{{1}}[{0} = {1}]", ATOM, 0, 0), "plain": template("1[{0} = {1}]", ATOM, 0, 0)}),
        Op("diag", {"latex": template(r"\operatorname{{diag}}({0})", ATOM, 0), "plain": template("diag({0})", ATOM, 0)}),
    )
}


STRAIGHT: Mapping[str, Spelling] = {
    "latex": template(r"\frac{{d {0}}}{{d {1}}}", POWER, POWER, POWER),
    "plain": template("d{0}/d{1}", TIMES + 1, POWER, POWER),
}
"""How `total` is spelled where it differs from `partial`."""


KINKED = frozenset({"cases", "abs", "sign", "max"})
"""The operators that are not differentiable everywhere."""
