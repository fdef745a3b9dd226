"""Form × Notation → LaTeX that pdfLaTeX with amsmath, KaTeX and MathJax all read."""

from __future__ import annotations

import re

from symbp.language.form import ATOM, POWER, Function, Node, Value, Var
from symbp.language.notation import Name
from symbp.language.writer import BREAK, Writer

GREEK = frozenset({"alpha", "delta", "eta", "sigma", "lambda", "rho", "beta"})
_FUNCTIONS = {"sigma": r"\sigma", "tanh": r"\tanh", "f": "f"}
_TALL = re.compile(r"\\frac|\\sum|\\begin")


def word(text: str) -> str:
    """A name's letters: greek by command, several letters upright, one letter as it is."""
    if text in GREEK:
        return "\\" + text
    escaped = text.replace("_", r"\_")
    return text if len(text) == 1 else rf"\mathrm{{{escaped}}}"


def unit_name(name: str) -> str:
    """A unit's name in a subscript: h1, h_{1,2} for h1_2, and words upright."""
    if match := re.fullmatch(r"([A-Za-z])(\d+)_(\d+)", name):
        return f"{match[1]}_{{{match[2]},{match[3]}}}"
    return name if re.fullmatch(r"[A-Za-z]\d*", name) else word(name)


def name_latex(name: Name) -> str:
    """A Name in LaTeX."""
    base, sub = name.base, unit_name(name.unit) if name.unit else name.sub
    if match := re.fullmatch(r"([A-Za-z]+)(\d+)", base):
        base, sub = match[1], match[2]
    out = word(base)
    if name.sup:
        out += f"^{{{name.sup}}}"
    return out + (f"_{{{sub}}}" if sub else "")


class LatexWriter(Writer):
    """The medium `latex`."""

    medium = "latex"

    def var(self, var: Var) -> tuple[str, int]:
        name = self.speller.name(var)
        return name_latex(name), POWER if name.sup else ATOM

    def value(self, shown: str) -> str:
        mantissa, _, exponent = shown.partition("e")
        if not exponent:
            return mantissa
        return rf"{mantissa} \times 10^{{{int(exponent)}}}"

    def function(self, function: Function) -> str:
        return _FUNCTIONS.get(function.symbol, rf"\operatorname{{{function.symbol}}}") + "'" * function.order

    def brackets(self, inner: str) -> str:
        if _TALL.search(inner):
            return rf"\left({inner.replace(BREAK, '')}\right)"
        return f"({inner})"

    def juxtaposed(self, left: str, right: str, right_node: Node) -> str:
        if right[0].isdigit() or (isinstance(right_node, Value) and right[0] == "("):
            return r" \cdot "
        if right.startswith(("(", r"\left", r"\frac")):
            return r" \, " if right.startswith(r"\frac") else " "
        return r" \, " if r"\mathrm" in left or right.startswith(r"\mathrm") else " "

    def matrix(self, rows: list[list[str]]) -> str:
        return r"\begin{bmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{bmatrix}"

    def hadamard(self) -> str:
        return rf" \{self.speller.notation.hadamard} "

    def range(self, index: str, top: str) -> str:
        return f"{index}=1}}^{{{top}" if top else index
