r"""Text → tokens, one lexer for each medium. A character or a macro that no formula of ours has is an error that names it.

    latex  = { space | number | name | bracket | environment | macro | sign }
    space  = blank | "~" | "\," | "\:" | "\;" | "\!" | "\quad"
    number = digits [ "." digits ] [ "\times" "10" "^" "{" [ "-" ] digits "}" ]
    name   = letter | greek | "\tanh" | "\sin" | "\cos" | ( "\mathrm" | "\mathit" | "\operatorname" | "\text" ) "{" word "}"
           | "\hat" "{" letter "}"

    plain  = { blank | number | name | raised | lowered | "½" | "Σ_" | "d/d" | sign }
    number = digits [ "." digits ] [ "×10" [ "⁻" ] superscript digits ]
    name   = ( letter | greek ) { letter | digit } { "_" { letter | digit } }
    raised, lowered = superscript or subscript characters, without a gap; the number of a layer may be raised as "[2]"
    time   = "⟨" step "⟩"

No pattern can match one text in two ways, so that a hostile text costs time in proportion to its length.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal, TypeAlias

from symbp.errors import Place, SymbpError, nearest
from symbp.language.symbols import GREEK, LOWERED, MARKED
from symbp.language.symbols import RAISED as SUPERSCRIPTS
from symbp.language.tokens import LOOK_ALIKES

MAX_TEXT: Final = 100_000
MAX_DIGITS: Final = 400
MAX_EXPONENT: Final = 400
MAX_SHOWN: Final = 160
"""A longer line is not repeated in a message."""

Medium: TypeAlias = Literal["latex", "plain"]
Kind: TypeAlias = Literal["number", "name", "raised", "lowered", "time", "sign", "end"]

SPACED, TIGHT = " · ", "·"
"""In plain text a product's sign has blanks around it between the factors of a chain rule, and none elsewhere."""

RAISED = str.maketrans({high: low for low, high in SUPERSCRIPTS.items()})
_HIGH, _LOW = ("".join(table.values()).replace("\u2009", "") for table in (SUPERSCRIPTS, LOWERED))
_ANY_GREEK = "".join(GREEK.values())

_ALIASES = {r"\dfrac": r"\frac", r"\tfrac": r"\frac"}
_NAMES = frozenset({"\\" + letter for letter in GREEK} | {r"\tanh", r"\sin", r"\cos"})
_MACROS = frozenset(
    {
        *(r"\frac", r"\partial", r"\cdot", r"\ln", r"\exp", r"\sum", r"\circ", r"\odot", r"\top", r"\sqrt", r"\max", r"\pi"),
        *(r"\mathbf", r"\nabla", r"\langle", r"\rangle"),
    }
)
_HATS = {latex: name for name, (latex, _) in MARKED.items()}
_ENVIRONMENTS = frozenset({r"\begin{bmatrix}", r"\end{bmatrix}", r"\begin{cases}", r"\end{cases}"})

_LATEX = r"""
      (?P<space>(?:[ \t\r\n~]|\\[,:;! ]|\\quad(?![A-Za-z]))+)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[ ]?\\times[ ]?10\^\{-?[0-9]+\})?)
    | (?P<name>[A-Za-z]|\\(?:mathrm|mathit|operatorname|text)\{(?:[A-Za-z0-9]|\\_)+\}|\\hat\{(?:[A-Za-z]|\\[a-z]+)\})
    | (?P<bracket>\\(?:left|right|Bigl|Bigr)[ ]?[()\[\]|])
    | (?P<environment>\\(?:begin|end)\{[A-Za-z]*\*?\})
    | (?P<macro>\\[A-Za-z]+)
    | (?P<sign>\\\\|[-+/^_=>,'&(){}\[\]])
    """
_PLAIN = rf"""
      (?P<space>[ \t\r\n]+)
    | (?P<ddx>d/d(?=(?:[^ \t\r\n\[\]()/·]|\[[0-9lLn_+-]+\]){{1,200}}[ ]\[))
    STRAIGHT
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:×10⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)
    | (?P<name>[A-Za-zπ{_ANY_GREEK}]\u0302?[A-Za-z0-9]*(?:_[A-Za-z0-9]+)*)
    | (?P<raised>(?<=[A-Za-z{_ANY_GREEK}\u0302])\[[0-9lLn_+-]+\][{_HIGH}]*|[{_HIGH}]+(?:\u2009[{_HIGH}]+)*)
    | (?P<lowered>[{_LOW}]+(?:\u2009[{_LOW}]+)*)
    | ⟨(?P<time>[0-9a-z+-]+)⟩
    | (?P<sign>Σ_|∇_|[-+=·/^()\[\]{{}},;>|½∂∘⊙ᵀ'])
    """
_STRAIGHT = rf"""
    | (?P<straight>d(?=[A-Za-z{_ANY_GREEK}](?:[^ \t\r\n/·()\[\]]|\[[0-9lLn_+-]+\]){{0,80}}/d[A-Za-z{_ANY_GREEK}])
        | (?<=/)d(?=[A-Za-z{_ANY_GREEK}]))
"""


@cache
def _pattern(medium: Medium, distinguishes: bool) -> re.Pattern[str]:
    """By medium, and by whether derivatives dE/dw are told from ∂E/∂w there; compiled when something is read, since much only writes."""
    if medium == "latex":
        return re.compile(_LATEX, re.VERBOSE)
    return re.compile(_PLAIN.replace("STRAIGHT", _STRAIGHT if distinguishes else ""), re.VERBOSE)


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is canonical: a number as `Decimal` reads it, a name without `\\mathrm`; it stands at `start` to `end`."""

    kind: Kind
    text: str
    start: int
    end: int


def error(message: str, text: str, at: int, expected: str | None = None) -> SymbpError:
    """What is wrong at the offset `at` of `text`, and what would be right there."""
    line = text.count("\n", 0, at) + 1
    begin = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    shown = text[begin : end if end >= 0 else len(text)]
    return SymbpError(message, Place("formula", line, at - begin + 1, shown if len(shown) <= MAX_SHOWN else None), expected)


def lex(text: str, medium: Medium, *, distinguishes: bool = False) -> list[Token]:
    """The tokens of `text`, with one of kind `end` after the last; `distinguishes` says that derivatives are also written dE/dw."""
    if len(text) > MAX_TEXT:
        raise error(f"a formula of {len(text)} characters", text, MAX_TEXT, f"at most {MAX_TEXT} are read")
    tokens, at, pattern = [], 0, _pattern(medium, distinguishes)
    while at < len(text):
        match = pattern.match(text, at)
        if match is None:
            raise _stranger(text, at)
        if match.lastgroup != "space":
            tokens.append(_token(match, text))
        at = match.end()
    return [*tokens, Token("end", "", at, at)]


def _token(match: re.Match[str], text: str) -> Token:
    start, end, found = match.start(), match.end(), match[0]
    match match.lastgroup:
        case "number":
            return Token("number", _number(found, text, start), start, end)
        case "name" if found.startswith(r"\hat"):
            return Token("name", found[5] + "hat", start, end)
        case "name":
            if found.startswith(r"\hat"):
                return Token("name", _HATS.get(found, found), start, end)
            return Token("name", found[found.find("{") + 1 :].rstrip("}").replace("\\", ""), start, end)
        case ("raised" | "lowered" | "time") as kind:
            return Token(kind, found, start, end)
        case "bracket":
            return Token("sign", found.replace(" ", "") if found[-1] == "|" else found[-1], start, end)
        case "macro" | "environment":
            return _command(_ALIASES.get(found, found), text, start, end)
    is_dot = found == TIGHT and text[start - 1 : start] == " " and text[end : end + 1] == " "
    return Token("sign", SPACED if is_dot else found, start, end)


def _number(found: str, text: str, start: int) -> str:
    plain = found.replace(" ", "").replace(r"\times10^{", "e").replace("×10", "e").rstrip("}").translate(RAISED)
    mantissa, _, exponent = plain.partition("e")
    if len(mantissa) > MAX_DIGITS or len(exponent) > MAX_DIGITS:
        raise error("this number is too long", text, start, f"at most {MAX_DIGITS} digits are read")
    if not exponent:
        return mantissa
    if abs(int(exponent)) > MAX_EXPONENT:
        raise error(f"the exponent {int(exponent)} is out of reach", text, start, f"at most {MAX_EXPONENT} either way")
    return f"{mantissa}e{int(exponent)}"


def _command(found: str, text: str, start: int, end: int) -> Token:
    if found in _NAMES:
        return Token("name", found, start, end)
    if found in _MACROS or found in _ENVIRONMENTS:
        return Token("sign", found, start, end)
    known = _MACROS | _NAMES | _ENVIRONMENTS | {r"\left", r"\right", r"\mathrm"}
    shown = found if len(found) <= 40 else found[:40] + "…"
    raise error(f"unknown macro {shown}", text, start, nearest(shown, known))


def _stranger(text: str, at: int) -> SymbpError:
    character = text[at]
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    like = LOOK_ALIKES.get(character) or unicodedata.normalize("NFKC", character)
    shown = repr(character)
    hint = f"it looks like {like!r}, which is another character" if like != character and like.strip() else None
    return error(f"unexpected character {shown} ({name})", text, at, hint or "formulas have letters, digits, brackets and operators")


@dataclass
class Cursor:
    """A place among the tokens of `text`: `at` is the number of the next one."""

    text: str
    tokens: list[Token]
    at: int = field(default=0, kw_only=True)

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def ahead(self, *texts: str) -> bool:
        return [token.text for token in self.tokens[self.at : self.at + len(texts)]] == [*texts]

    def take(self, text: str) -> bool:
        """Step over the next token if it is `text`."""
        found = self.token.kind != "end" and self.token.text == text
        self.at += found
        return found

    def expect(self, *texts: str) -> None:
        for text in texts:
            if not self.take(text):
                raise self.unexpected(repr(text))

    def unexpected(self, expected: str) -> SymbpError:
        token = self.token
        found = "the formula ends too early" if token.kind == "end" else f"unexpected {self.text[token.start : token.end][:40]!r}"
        return error(found, self.text, token.start, f"expected {expected}")
