r"""Form × Notation → Typst mathematics: what stands between dollars.

Every comma is `comma` and every bracket that a line may break after is escaped, `\(`, so that any piece compiles by itself and
may stand among the arguments of a function.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from symbp.language.form import Function
from symbp.language.speller import Name
from symbp.language.symbols import GREEK, HATTED
from symbp.language.typeset import BAR, CELL, SCRIPT, THIN_WIDTH, TypesetWriter, is_differential, letter_width, parted

_LETTERS = {**{letter: letter for letter in GREEK}, "epsilon": "epsilon.alt", "varphi": "phi", "ones": "bold(1)"}
"""Greek letters by their names in Typst, which has LaTeX's epsilon as a variant, and LaTeX's varphi as phi."""
_FUNCTIONS = {"tanh", "sin"}
_TYPED = re.compile(r"[A-Za-z]_[A-Za-z0-9]|\d+|\S")
_SIGNS = {",": "comma", ";": r"\;", "/": r"\/"}
_BARE = re.compile(r"\d+|[A-Za-z]")
_TALL = re.compile(r"frac\(|sum_|mat\(|cases\(")
_GAP = "gap: #0.5em, "
"""Between the rows of what is tall."""


def quoted(text: str) -> str:
    """A text of any characters."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def word(text: str, *, is_own: bool = False) -> str:
    """A name's letters: greek by name (but not a user's own), several letters upright, one letter or a differential slanted."""
    if not is_own:
        if text in _LETTERS:
            return _LETTERS[text]
        if text in HATTED:
            return f"hat({_LETTERS.get(HATTED[text], HATTED[text])})"
        if is_differential(text):
            return f"italic({quoted(text)})"
    return text if len(text) == 1 else f"upright({quoted(text)})"


def unit_name(name: str) -> str:
    """A unit's name in a subscript: h1, h_{1,2} for h1_2, and words upright."""
    if match := re.fullmatch(r"([A-Za-z])(\d+)_(\d+)", name):
        return f"{match[1]}_({match[2]} comma {match[3]})"
    return typed(name) if re.fullmatch(r"[A-Za-z]\d*", name) else word(name, is_own=True)


def typed(text: str) -> str:
    """Letters, digits and signs one by one; n_l has a subscript."""
    parts = (_SIGNS.get(part, part) for part in _TYPED.findall(text))
    return re.sub(r"(?<=[(\[]) | (?=[)\]])", "", " ".join(parts))


def name_typst(name: Name) -> str:
    """A Name in Typst."""
    base, subs = parted(name)
    out = word(base, is_own=name.is_own)
    sub = name_typst(name.of) if name.of is not None else " comma ".join([*map(typed, subs), *map(unit_name, name.words)])
    sup = " ".join(filter(None, (typed(name.sup), f"⟨{typed(name.time)}⟩" if name.time else "")))
    if out.startswith("upright") and not sub and not sup:
        # Typst keeps the blanks around a word, but not around a word that bears a script.
        return out + '_""'
    return out + _script("_", sub) + _script("^", sup)


def _script(mark: str, text: str) -> str:
    if not text:
        return ""
    return mark + (text if _BARE.fullmatch(text) else f"({text})")


class TypstWriter(TypesetWriter):
    """The medium `typst`."""

    medium = "typst"
    dot, thin, beside = " dot.op ", " thin ", " "
    tall = _TALL
    leads_digit, leads_gap, leads_bracket = re.compile("[0-9]"), re.compile(r"frac\(|bold\("), re.compile(r"\\\(|lr\(|abs\(")
    has_word = leads_word = re.compile(r"upright\(")
    ends_gap = re.compile(r"\\\]$| [)\]]\)$")

    def named(self, name: Name) -> str:
        return name_typst(name)

    def measure(self, text: str) -> float:
        return width(text)

    def typed(self, text: str) -> str:
        return typed(text)

    def nabla(self, wrt: str, of: str) -> str:
        return f"nabla{_script('_', wrt)} {of}"

    def value(self, shown: str) -> str:
        mantissa, _, exponent = shown.partition("e")
        mantissa = mantissa.replace("/", r"\/").replace(",", r"\,")
        return rf"{mantissa} times 10^({int(exponent)})" if exponent else mantissa

    def function(self, function: Function) -> str:
        return self._symbol(function.symbol) + "'" * function.order

    @staticmethod
    def _symbol(symbol: str) -> str:
        if symbol in GREEK or len(symbol) == 1:
            return word(symbol)
        return symbol if symbol in _FUNCTIONS else f"op({quoted(symbol)})"

    def flat(self, inner: str) -> str:
        return rf"\( {inner} \)"

    def growing(self, inner: str) -> str:
        return f"lr(( {inner} ))"

    def large(self, inner: str) -> str:
        return rf"stretch(\(, size: #180%) {inner} stretch(\), size: #180%)"

    def fill(self, template: str, args: Sequence[str]) -> str:
        is_tall = any(map(self.tall.search, args))
        if not is_tall:
            template = template.replace("lr(( ", r"\( ").replace(" ))", r" \)")
        elif template.startswith("cases("):
            template = template.replace("cases(", "cases(" + _GAP)
        return template.format(*args)

    def matrix(self, rows: list[list[str]]) -> str:
        gap = "row-" + _GAP if any(self.tall.search(cell) for row in rows for cell in row) else ""
        return f'mat(delim: "[", {gap}' + "; ".join(", ".join(row) for row in rows) + ")"

    def hadamard(self) -> str:
        return " ∘ " if self.speller.notation.hadamard == "circ" else " ⊙ "

    def range(self, index: str, top: str) -> str:
        return f"sum_({index} = 1)^({top})" if top else "sum" + _script("_", index)


# -- widths ------------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""(?:delim|row-gap|gap|size):\s*[^,;)]*[,;]?   # what a function is told by name
      | "(?:\\.|[^"\\])*" | \\. | [A-Za-z]{2,}(?:\.[a-z]+)* | [0-9]+(?:\.[0-9]+)? | .""",
    re.VERBOSE | re.DOTALL,
)
_NAMES: Mapping[str, float] = {
    **{letter: letter_width(greek) for letter, greek in GREEK.items()},
    "epsilon.alt": 1.15,
    "phi": 1.15,
    "pi": 1.15,
    "partial": 1.15,
    "nabla": 1.15,
    "top": 1.0,
    "comma": 1.0,
    "thin": THIN_WIDTH,
    "quad": 2.0,
    "sum": letter_width("∑"),
    "times": letter_width("×"),
    "dot.op": letter_width("⋅"),
}
_CALLED = {"frac", "mat", "cases", "upright", "italic", "bold", "hat", "sqrt", "lr", "op", "abs", "stretch"}


def width(typst: str) -> float:
    """About how wide `typst` comes out, in digits of the text size; a fraction is as wide as its wider part."""
    return _Reader(_TOKEN.findall(typst)).sequence("")


class _Reader:
    """Measures tokens from left to right."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0

    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else ""

    def sequence(self, ends: str) -> float:
        """Up to one of the characters `ends`, which stays."""
        total = 0.0
        while self.next() and not (len(self.next()) == 1 and self.next() in ends):
            total += self.one()
        return total

    def one(self) -> float:
        token = self.take()
        if token in _CALLED and self.next() == "(":
            return self.called(token)
        if token in {"_", "^"}:
            return SCRIPT * (self.group() if self.next() == "(" else self.one())
        if token == "(":
            self.at -= 1
            return 2.0 + self.group()
        if ":" in token or token == "&":
            return 0.0
        if token[0] == '"':
            return letter_width(re.sub(r"\\(.)", r"\1", token[1:-1]))
        return _NAMES.get(token, letter_width(token.lstrip("\\")))

    def group(self) -> float:
        """What stands between brackets, without these."""
        self.take()
        total = self.sequence(")")
        self.take()
        return total

    def called(self, function: str) -> float:
        rows = self.arguments("&" if function == "cases" else ",")
        widths = [width for row in rows for width in row]
        match function:
            case "frac":
                return max(widths) + BAR
            case "mat" | "cases":
                columns = max(map(len, rows))
                return CELL + sum(CELL + max(row[at] for row in rows if at < len(row)) for at in range(columns))
            case "abs":
                return sum(widths) + 3.0
        return sum(widths)

    def arguments(self, beside: str) -> list[list[float]]:
        """The widths of the arguments, by rows."""
        rows: list[list[float]] = [[]]
        while self.next() not in {")", ""}:
            mark = self.take()
            if mark not in {"(", beside}:
                rows.append([])
            rows[-1].append(self.sequence(",;&)" if beside == "&" else ",;)"))
        self.take()
        return rows
