"""Any text as LaTeX that prints it and does nothing: words, and what somebody typed, letter by letter.

pdfLaTeX has glyphs for few letters of Unicode; mathematics and accents are made of what it has, the rest is named by its number.
"""

from __future__ import annotations

from typing import Final
from unicodedata import combining, normalize

from symbp.language.symbols import GREEK
from symbp.publishing.environment import Safe
from symbp.publishing.verdicts import clean

_GREEK: Final = {letter: rf"\{name}" for name, letter in GREEK.items() if name.isalpha() and len(letter) == 1}
_LATIN: Final = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True))
_MATHEMATICS: Final = {
    "∂": r"\partial", "∇": r"\nabla", "∑": r"\Sigma", "∏": r"\Pi", "∫": r"\smallint", "√": r"\surd", "∞": r"\infty", "·": r"\cdot",
    "⋅": r"\cdot", "∙": r"\cdot", "•": r"\bullet", "×": r"\times", "÷": r"\div", "−": "-", "±": r"\pm", "∓": r"\mp", "≈": r"\approx",
    "≠": r"\ne", "≤": r"\le", "≥": r"\ge", "≡": r"\equiv", "∝": r"\propto", "∼": r"\sim", "→": r"\to", "←": r"\gets", "⇒": r"\Rightarrow",
    "⇔": r"\Leftrightarrow", "↦": r"\mapsto", "∘": r"\circ", "⊙": r"\odot", "⊗": r"\otimes", "⊕": r"\oplus", "∈": r"\in", "∀": r"\forall",
    "∃": r"\exists", "′": "{}'", "″": "{}''", "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\Vert", "∗": "*", "⋆": r"\star", "…": r"\ldots",
    "⋯": r"\cdots", "⊤": r"\top", "ᵀ": "^T", "½": r"\frac12", "¼": r"\frac14", "¾": r"\frac34", "ℓ": r"\ell", "¬": r"\neg", "°": r"^\circ",
    "✓": r"\surd", "✗": r"\times", "∴": ".{}\\cdot.", "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil",
    "«": r"\ll", "»": r"\gg", "π": r"\pi", "ι": r"\iota", "υ": r"\upsilon", "ς": r"\varsigma",
    "Σ": r"\Sigma", "Π": r"\Pi", "Ψ": r"\Psi", "Ξ": r"\Xi", "Υ": r"\Upsilon", "ϵ": r"\epsilon", "ϕ": r"\phi", "ϑ": r"\vartheta",
    "µ": r"\mu",
}  # fmt: skip
_WORDS: Final = {
    "–": "--", "—": "---", "‘": "`", "’": "'", "‚": ",", "“": "``", "”": "''", "„": ",,", "ß": r"\ss",
    "æ": r"\ae", "Æ": r"\AE", "œ": r"\oe", "Œ": r"\OE", "ø": r"\o", "Ø": r"\O", "ł": r"\l", "Ł": r"\L", "ı": r"\i", "§": r"\S", "¶": r"\P",
    "å": r"\aa", "Å": r"\AA", "¡": "!`", "¿": "?`",
}  # fmt: skip
_ACCENTS: Final = {
    "̀": "`", "́": "'", "̂": "^", "̃": "~", "̈": '"', "̄": "=", "̇": ".", "̆": "u", "̌": "v", "̋": "H", "̧": "c", "̣": "d", "̱": "b",
}  # fmt: skip
_SPECIALS: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\ensuremath{<}", ">": r"\ensuremath{>}", "|": r"\ensuremath{|}",
    "`": r"{`}", '"': r"{\char34}", "-": "{-}",
}  # fmt: skip
RAISED: Final = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁱⁿ", "0123456789+-()in", strict=True))
LOWERED: Final = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₗₘₙ", "0123456789+-()ijklmn", strict=True))
BREAK: Final = r"\allowbreak{}"
TOGETHER, LONGEST_WORD = 12, 30
"""So many letters in a row may stand without a place to break the line: of what is typed, and of a word."""


def latex_words(text: str) -> Safe:
    """Words, in the font around them; a very long one may be broken."""
    found, letters = [], 0
    for _, c in _placed(text.replace("\n", " ")):
        letters = 0 if c == " " else letters + 1
        found.append((_SPECIALS.get(c) or _glyph(c)) + (BREAK if letters and letters % LONGEST_WORD == 0 else ""))
    return Safe("".join(found))


def latex_typed(text: str, span: tuple[int, int] | None = None, mark: str = "") -> Safe:
    r"""What somebody typed, in the typewriter font; what is in the `span` of it stands in `mark`, as in `\mark{x}`.

    Lines may be broken beside everything that is no letter or digit, and within long words.
    """
    found, letters = [], 0
    for at, c in _placed(text):
        set_ = _typed(c)
        if mark and c != "\n" and span and span[0] <= at < max(span[1], span[0] + 1):
            set_ = rf"\{mark}{{{set_}}}"
        letters = letters + 1 if c.isalnum() or c in ".,\n" else 0
        found.append(set_ + (BREAK if not letters or letters % TOGETHER == 0 else ""))
    return Safe(rf"\texttt{{{''.join(found)}}}")


def _typed(c: str) -> str:
    r"""A letter of the typewriter font, which has all of ASCII in its places."""
    if c == "\n":
        return r"\newline "
    if c == " ":
        return r"\ "
    if len(c) == 1 and "!" <= c <= "~":
        return c if c.isalnum() or c in "()[]=+*/,.:;!?" else rf"{{\char{ord(c)}}}"
    return _glyph(c)


def _glyph(c: str) -> str:
    """One letter with the accents on it; ASCII stands for itself, and what cannot be set is named by its number."""
    for same in (c, normalize("NFD", c), normalize("NFKC", c), normalize("NFKD", c)):
        letter, accents = same[0], same[1:]
        found = _bare(letter)
        if found and all(accent in _ACCENTS for accent in accents):
            for accent in accents:
                found = rf"\{_ACCENTS[accent]}{{{found}}}"
            return found
    return "".join(map(_number, c))


def _bare(letter: str) -> str | None:
    """A letter without accents, if there is a way to set it."""
    if letter.isascii():
        return letter
    if letter in _WORDS:
        return f"{{{_WORDS[letter]}}}"
    if letter in RAISED or letter in LOWERED:
        return rf"\ensuremath{{{'^' if letter in RAISED else '_'}{{{RAISED.get(letter) or LOWERED[letter]}}}}}"
    if letter in _LATIN:
        return rf"\ensuremath{{\mathrm{{{_LATIN[letter]}}}}}"
    found = _MATHEMATICS.get(letter) or _GREEK.get(letter)
    return rf"\ensuremath{{{found}}}" if found else None


def _number(c: str) -> str:
    return rf"{{\scriptsize U+{ord(c):04X}}}"


def _placed(text: str) -> list[tuple[int, str]]:
    """Letters, each with the accents that stand on it, and where in the text they are."""
    found: list[tuple[int, str]] = []
    for at, c in enumerate(clean(text)):
        if combining(c) and found and found[-1][1] not in {" ", "\n"}:
            found[-1] = (found[-1][0], found[-1][1] + c)
        else:
            found.append((at, c))
    return found
