"""Form × Notation → LaTeX that pdfLaTeX with amsmath, KaTeX and MathJax all read."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from unicodedata import east_asian_width

from symbp.language.form import Function
from symbp.language.speller import Name
from symbp.language.symbols import GREEK, MARKED
from symbp.language.typeset import TypesetWriter, is_differential, parted

_FUNCTIONS = {"tanh": r"\tanh", "sin": r"\sin"}


def word(text: str, *, is_own: bool = False) -> str:
    """A name's letters: greek by command (but not a user's own), several letters upright, one letter or a differential slanted."""
    if text in GREEK and not is_own:
        return "\\" + text
    if text in MARKED and not is_own:
        return MARKED[text][0]
    if is_differential(text) and not is_own:
        return rf"\mathit{{{text}}}"
    escaped = text.replace("_", r"\_")
    return text if len(text) == 1 else rf"\mathrm{{{escaped}}}"


def unit_name(name: str) -> str:
    """A unit's name in a subscript: h1, h_{1,2} for h1_2, and words upright."""
    if match := re.fullmatch(r"([A-Za-z])(\d+)_(\d+)", name):
        return f"{match[1]}_{{{match[2]},{match[3]}}}"
    return name if re.fullmatch(r"[A-Za-z]\d*", name) else word(name, is_own=True)


@lru_cache(maxsize=1 << 14)
def name_latex(name: Name) -> str:
    """A Name in LaTeX."""
    base, subs = parted(name)
    sub = ",".join([*subs, *map(unit_name, name.words)])
    if name.of is not None:
        sub = name_latex(name.of)
    out = word(base, is_own=name.is_own)
    sup = name.sup + (rf"\langle {name.time} \rangle" if name.time else "")
    if sup:
        out += f"^{{{sup}}}"
    return out + (f"_{{{sub}}}" if sub else "")


class LatexWriter(TypesetWriter):
    """The medium `latex`."""

    medium = "latex"
    dot, thin, beside = r" \cdot ", r" \, ", " "
    tall = re.compile(r"\\frac|\\sum|\\begin")
    leads_digit, leads_gap, leads_bracket = re.compile("[0-9]"), re.compile(r"\\frac|\\mathbf"), re.compile(r"\(|\\left")
    has_word = leads_word = re.compile(r"\\mathrm")
    ends_gap = re.compile(r"\]$")

    def named(self, name: Name) -> str:
        return name_latex(name)

    def measure(self, text: str) -> float:
        return width(text)

    def nabla(self, wrt: str, of: str) -> str:
        return rf"\nabla_{{{wrt}}} {of}"

    def value(self, shown: str) -> str:
        mantissa, _, exponent = shown.partition("e")
        if not exponent:
            return mantissa
        return rf"{mantissa} \times 10^{{{int(exponent)}}}"

    def function(self, function: Function) -> str:
        return self._symbol(function.symbol) + "'" * function.order

    @staticmethod
    def _symbol(symbol: str) -> str:
        if symbol in GREEK or len(symbol) == 1:
            return word(symbol)
        return _FUNCTIONS.get(symbol, rf"\operatorname{{{symbol}}}")

    def flat(self, inner: str) -> str:
        return f"({inner})"

    def growing(self, inner: str) -> str:
        return rf"\left({inner}\right)"

    def large(self, inner: str) -> str:
        return rf"\Bigl({inner}\Bigr)"

    def matrix(self, rows: list[list[str]]) -> str:
        return r"\begin{bmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{bmatrix}"

    def hadamard(self) -> str:
        return rf" \{self.speller.notation.hadamard} "

    def range(self, index: str, top: str) -> str:
        return f"{index}=1}}^{{{top}" if top else index


_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
_WIDE = {
    r"\cdot": 1.9,
    r"\left": 0.5,
    r"\right": 0.5,
    r"\circ": 1.9,
    r"\odot": 2.4,
    r"\oslash": 2.4,
    r"\times": 2.5,
    r"\,": 0.35,
    r"\quad": 2.0,
    r"\sum": 2.9,
    r"\sigma": 1.2,
    r"\top": 1.0,
    r"\ln": 1.9,
    r"\sin": 2.8,
    r"\cos": 3.0,
    r"\max": 4.0,
    r"\tanh": 4.2,
}
_SILENT = {
    *(r"\Bigl", r"\Bigr", r"\mathrm", r"\mathit", r"\operatorname", r"\mathbf", r"\hat", r"\sqrt"),
    *(r"\begin", r"\end", r"\text", "bmatrix", "cases"),
}
_BINARY = {"+": 2.5, "-": 2.5, "=": 2.5, ">": 2.5, " ": 0.0}


@lru_cache(maxsize=1 << 14)
def width(latex: str) -> float:
    """About how wide `latex` comes out, in digits of the text size; a fraction is as wide as its wider part."""
    return _width(_TOKEN.findall(latex))


def _width(tokens: list[str]) -> float:
    total, at = 0.0, 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token in {r"\frac", r"\dfrac"}:
            top, at = group(tokens, at)
            bottom, at = group(tokens, at)
            total += max(_width(top), _width(bottom)) + 0.6
        elif token in "_^" and at < len(tokens):
            script, at = group(tokens, at)
            total += 0.72 * _width(script)
        elif token == r"\begin":
            matrix, at = _until_end(tokens, at)
            total += _matrix_width(matrix)
        elif token not in "{}" and token not in _SILENT:
            total += _WIDE.get(token, _BINARY.get(token, _letter(token)))
    return total


@cache
def _letter(token: str) -> float:
    if len(token) == 1 and east_asian_width(token) in "WF":
        return 2.0
    return 1.15 if token.isalpha() or token[0] == "\\" else 1.0


def group(tokens: list[str], at: int) -> tuple[list[str], int]:
    """The braced group, or single token, that starts at `at`, and where it ends."""
    if at >= len(tokens) or tokens[at] != "{":
        return tokens[at : at + 1], at + 1
    depth, end = 0, at
    for end in range(at, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[end], 0)
        if depth == 0:
            break
    return tokens[at + 1 : end], end + 1


def _until_end(tokens: list[str], at: int) -> tuple[list[str], int]:
    _, at = group(tokens, at)
    end = at
    while end < len(tokens) and tokens[end] != r"\end":
        end += 1
    inner = tokens[at:end]
    _, end = group(tokens, end + 1)
    return inner, end


def _matrix_width(tokens: list[str]) -> float:
    rows: list[list[list[str]]] = [[[]]]
    for token in tokens:
        if token == r"\\":
            rows.append([[]])
        elif token == "&":
            rows[-1].append([])
        else:
            rows[-1][-1].append(token)
    columns = max(len(row) for row in rows)
    return 2.0 + sum(2.0 + max((_width(row[c]) for row in rows if c < len(row)), default=0.0) for c in range(columns))
