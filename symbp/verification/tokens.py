r"""A row's mathematics → tokens: one lexer for LaTeX, Unicode and plain text, since people mix them.

    number  = digits [ "." digits ] [ "e" [sign] digits ] [ times "10" "^" power ]     also "0,5" and "0{,}5" where commas are decimal
    name    = letter | greek | a known word | "\text" "{" word "}" | accent letter
    sub     = Unicode subscripts, given out as "_" "{" … "}";  sup likewise as "^" "{" … "}"
    sign    = one of the operators, relations and brackets, under one name whatever its spelling

Blanks, sizes of brackets and everything else that only looks are passed over. What is not known is an error that names it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from symbp.errors import nearest
from symbp.language.lexer import _LOOK_ALIKES as LOOK_ALIKES
from symbp.verification.braces import without_idle
from symbp.verification.source.rows import Medium
from symbp.verification.spellings import (
    ACCENTS,
    BIG,
    BOLD,
    DELIMITED,
    GREEK_LETTERS,
    GREEK_MACROS,
    HALVES,
    HATTED,
    LATEX_WORDS,
    LOOKS,
    LOWERED,
    NAMED,
    PROSE,
    RAISED,
    RELATIONS,
    SAME,
    SIGNS,
    STACKED,
    SWALLOWED,
    WORDS,
    WRAPPERS,
)
from symbp.verification.written import Token

__all__ = ["RELATIONS", "WORDS", "Lexer", "Unreadable", "lex"]

MAX_ROW: Final = 20_000
MAX_TOKENS: Final = 6_000
MAX_NESTED: Final = 30
"""So many macros that set text in another way may stand within each other."""
MAX_DIGITS: Final = 60
MAX_EXPONENT: Final = 300


class Unreadable(Exception):
    """What is wrong at the offset `at`: `found` there, and what was `expected` instead."""

    def __init__(self, found: str, at: int, expected: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.at = at
        self.expected = expected


_NUMBER = r"(?:[0-9]+(?:COMMA[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?![A-Za-z0-9.^]))?"
_BLANKS = r"(?:\s|\\[,;:! ])*"
_POWER = r"\^\s*(?:\{\s*[-−+]?\s*[0-9]{1,4}\s*\}|\(\s*[-−+]?[0-9]{1,4}\s*\)|[-−+]?[0-9]{1,4})|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}"
_TEN = rf"(?P<ten>{_BLANKS}(?:\\times|\\cdot|×|·|\*|⋅){_BLANKS}10\s*(?:{_POWER}))?"
_NUMBERS = {
    comma: re.compile(rf"(?P<digits>{_NUMBER.replace('COMMA', mark)}){_TEN}")
    for comma, mark in ((False, r"(?:\.|\{,\})"), (True, r"(?:\.|,|\{,\})"))
}
_MACRO = re.compile(r"\\(?:[A-Za-z]+\*?|.)", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]+")
_OVER = re.compile(r"sum\s+over\s+(?:all\s+)?([A-Za-z])\s+(?:of\s+)?", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:[ ]{2,}|\t)[ \t]*\([0-9]{1,3}[a-z]?\)\s*\Z")
"""The number of an equation, apart from it."""
_PLAIN_SIGNS = sorted((sign for sign in SIGNS if not (sign.startswith("\\") and sign[1:].isalpha())), key=len, reverse=True)
_PLAIN_SIGN = re.compile("|".join(map(re.escape, _PLAIN_SIGNS)))


class Lexer:
    """The tokens of one row. `words` are names of several letters that the network or the person has."""

    def __init__(self, text: str, medium: Medium, words: Collection[str] = (), *, decimal_comma: bool = False, depth: int = 0) -> None:
        if len(text) > MAX_ROW:
            raise Unreadable(f"a row of {len(text)} characters", MAX_ROW, f"at most {MAX_ROW} are read")
        self.text = text.translate(SAME)
        self.depth = depth
        self.medium = medium
        self.words = WORDS.union(words)
        self.longest = max(map(len, self.words))
        self.number = _NUMBERS[decimal_comma]
        self.tokens: list[Token] = []
        self.at = 0
        self.end = 0

    def lex(self) -> list[Token]:
        while self.at < len(self.text):
            self.step()
            if len(self.tokens) > MAX_TOKENS:
                raise Unreadable("a row of too many symbols", self.at, f"at most {MAX_TOKENS} are read")
        return self.tokens

    def put(self, kind: str, text: str, end: int) -> None:
        start = self.at
        self.tokens.append(Token(kind, text, start, end, start == self.end))
        self.at = self.end = end

    def skip(self, end: int) -> None:
        self.at = end

    def step(self) -> None:
        text, at = self.text, self.at
        character = text[at]
        if character in " \t\r\n~\u00a0\u2009\u202f\u200a\u2005\u3000\ufeff":
            self.skip(at + 1)
        elif (number := self.number.match(text, at)) and not (character == "." and self.is_behind_operand()):
            self.numeral(number)
        elif character == "\\":
            self.macro()
        elif character in HALVES:
            self.put("half", HALVES[character], at + 1)
        elif character in RAISED or character in LOWERED:
            self.unicode_script(RAISED if character in RAISED else LOWERED)
        elif text[at : at + 2] in HATTED or character in HATTED:
            width = 2 if text[at : at + 2] in HATTED else 1
            self.put("name", HATTED[text[at : at + width]], at + width)
        elif character in BIG:
            self.put("sign", BIG[character], at + 1)
        elif character in GREEK_LETTERS:
            self.put("name", GREEK_LETTERS[character] + self.combining(at + 1), at + 1 + len(self.combining(at + 1)) // 3)
        elif character.isascii() and character.isalpha():
            self.letters()
        else:
            self.sign()

    def is_behind_operand(self) -> bool:
        """Does a full stop stand right behind something that it could multiply?"""
        return bool(self.tokens) and self.end == self.at and self.tokens[-1].kind != "sign"

    def combining(self, at: int) -> str:
        return {"\u0302": "hat", "\u0304": "bar"}.get(self.text[at : at + 1], "")

    def numeral(self, match: re.Match[str]) -> None:
        digits, ten = match["digits"], match["ten"]
        mantissa, _, exponent = digits.lower().partition("e")
        mantissa = mantissa.replace("{,}", ".").replace(",", ".")
        if ten:
            raised = "".join(RAISED.get(c, c) for c in re.split(r"10(?=\s*\^|[⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹])", ten)[-1])
            exponent = re.sub(r"[^-0-9]", "", raised.replace("−", "-"))
        if len(mantissa) > MAX_DIGITS:
            raise Unreadable(f"a number of {len(mantissa)} digits", self.at, f"at most {MAX_DIGITS}")
        if exponent and abs(int(exponent)) > MAX_EXPONENT:
            raise Unreadable(f"the exponent {exponent[:12]}", self.at, f"at most {MAX_EXPONENT} either way")
        self.put("number", f"{mantissa}e{int(exponent)}" if exponent else mantissa, match.end())

    def unicode_script(self, table: dict[str, str]) -> None:
        start = self.at
        end = start
        while end < len(self.text) and self.text[end] in table:
            end += 1
        inner = "".join(table[c] for c in self.text[start:end])
        self.put("sign", "^" if table is RAISED else "_", start)
        self.put("sign", "{", start)
        for offset, c in enumerate(inner):
            kind = "number" if c.isdigit() else "name" if c.isalpha() else "sign"
            previous = self.tokens[-1]
            self.at = start + offset
            if kind == "number" and previous.kind == "number":
                self.tokens.pop()
                self.at = previous.start
                self.put("number", previous.text + c, start + offset + 1)
            else:
                self.put(kind, c, start + offset + 1)
        self.at = end
        self.put("sign", "}", end)

    def letters(self) -> None:
        """A run of letters: in LaTeX the known words in it and single letters, elsewhere one word."""
        match = _WORD.match(self.text, self.at)
        assert match is not None
        word, end = match[0], match.end()
        if (over := _OVER.match(self.text, self.at)) is not None:
            for kind, text, stop in (("sign", "Σ", end), ("sign", "_", over.start(1)), ("name", over[1], over.end(1))):
                self.put(kind, text, stop)
            self.skip(over.end())
            return
        hat = self.combining(end)
        if hat:
            for letter in self.segments(word[:-1]) if len(word) > 1 else ():
                self.put("name", letter, self.at + len(letter))
            self.put("name", word[-1] + hat, end + 1)
            return
        if word.lower() in PROSE and word not in self.words and (self.medium == "plain" or len(word) > 2):
            self.put("word", word.lower(), end)
            return
        for piece in self.segments(word):
            self.put("name", piece, self.at + len(piece))

    def segments(self, word: str) -> list[str]:
        """A run of letters as the fewest known words and single letters; in plain text one that is not known stays whole."""
        if word in self.words or len(word) == 1:
            return [word]
        counts, starts = [0], [0]
        for end in range(1, len(word) + 1):
            known = (start for start in range(max(0, end - self.longest), end - 1) if word[start:end] in self.words)
            start = min([*known, end - 1], key=lambda at: counts[at])
            counts.append(counts[start] + 1)
            starts.append(start)
        pieces: list[str] = []
        end = len(word)
        while end:
            pieces.insert(0, word[starts[end] : end])
            end = starts[end]
        if self.medium == "latex":
            return pieces
        is_differential = pieces[0] == "d" and len(pieces) == 2
        return pieces if is_differential or (word[0] == "d" and len(word) == 2) else [word]

    def macro(self) -> None:
        match = _MACRO.match(self.text, self.at)
        if match is None:
            raise Unreadable("a lone backslash", self.at)
        macro = match[0].rstrip("*") if match[0] not in SIGNS else match[0]
        end = self.at + len(macro)
        if macro in {r"\begin", r"\end"}:
            self.environment(macro, end)
        elif macro in GREEK_MACROS:
            self.put("name", GREEK_MACROS[macro], end)
        elif macro in NAMED:
            self.put("name", macro[1:], end)
        elif macro in SIGNS:
            self.put("sign", SIGNS[macro], end)
        elif macro in LOOKS:
            self.skip(end + (macro in {r"\left", r"\right"} and self.text[end : end + 1] == "."))
        elif macro in SWALLOWED:
            self.skip(self.argument(end)[1])
        elif macro in STACKED:
            self.stacked(STACKED[macro], end)
        elif macro in DELIMITED:
            self.delimited(DELIMITED[macro], end)
        elif macro in WRAPPERS:
            self.put("wrapper", macro[1:], end)
        elif macro in LATEX_WORDS:
            self.upright(macro, end)
        elif macro in BOLD:
            self.bold(macro, end)
        elif macro in ACCENTS:
            self.accent(ACCENTS[macro], end)
        else:
            known = [*SIGNS, *GREEK_MACROS, *LATEX_WORDS, *ACCENTS, *BOLD, *WRAPPERS]
            raise Unreadable(f"unknown macro {macro[:40]}", self.at, nearest(macro[:40], [k for k in known if k.startswith("\\")]))

    def environment(self, macro: str, end: int) -> None:
        name, after = self.argument(end)
        if macro == r"\begin" and name == "array" and self.text[after : after + 1] == "{":
            after = self.argument(after)[1]
        self.put("environment", f"{macro[1:]} {name.rstrip('*')}", after)

    def argument(self, at: int) -> tuple[str, int]:
        """The text in braces (or the one token) at `at`, and where it ends."""
        while self.text[at : at + 1].isspace():
            at += 1
        if self.text[at : at + 1] != "{":
            match = _MACRO.match(self.text, at)
            width = len(match[0]) if match else 1
            return self.text[at : at + width], at + width
        depth = 0
        for end in range(at, len(self.text)):
            depth += {"{": 1, "}": -1}.get(self.text[end], 0) if self.text[end - 1 : end] != "\\" else 0
            if depth == 0:
                return self.text[at + 1 : end], end + 1
        raise Unreadable("this '{' is never closed", at, "'}'")

    def stacked(self, mark: str, end: int) -> None:
        """What stands over or under something is a comment on it, but the limit of a sum."""
        over, after = self.argument(end)
        start = after - len(over) - 1 if self.text[after - 1 : after] == "}" else after - len(over)
        content, stop = self.argument(after)
        if not content.strip():
            raise Unreadable("nothing to set something over or under", self.at, "a sign or a letter")
        at = self.text.find(content, after)
        self.inner(at, at + len(content), stop)
        if re.search(r"\\(?:sum|prod|max|min)(?![A-Za-z])|[∑∏]", content):
            self.put("sign", mark, stop)
            self.put("sign", "{", stop)
            self.inner(start, start + len(over), stop)
            self.put("sign", "}", stop)

    def delimited(self, bar: str, end: int) -> None:
        """Bars around an argument, as \\abs and \\norm put them."""
        content, after = self.argument(end)
        start = self.text.find(content, end)
        self.put("sign", bar, start)
        self.inner(start, start + len(content), after)
        self.put("sign", bar, after)

    def upright(self, macro: str, end: int) -> None:
        """A word set upright is one name, whatever it says; prose in it is none."""
        word, after = self.argument(end)
        bare = re.sub(r"\\[_ ,]", lambda m: "_" if m[0] == r"\_" else " ", word).strip()
        if macro in {r"\mathrm", r"\mathit", r"\mathsf", r"\mathnormal"} and not re.fullmatch(r"[A-Za-z][A-Za-z.]*", bare):
            self.inner(self.text.index("{", end) + 1, after - 1, after) if "{" in self.text[end:after] else self.skip(end)
            return
        if re.fullmatch(r"[A-Za-z]+=[A-Za-z0-9-]+(?:, ?[A-Za-z]+=[A-Za-z0-9-]+)*|(?!\([0-9]+\)$)[^A-Za-z\s.,;:]+", bare):
            self.inner(self.text.index("{", end) + 1, after - 1, after)
            return
        first, *rest = re.split(r"[ ,]+", bare) if bare else [""]
        if not bare or all(part.lower().strip(".:;,") in PROSE or not re.fullmatch(r"[A-Za-z0-9._]+", part) for part in (first, *rest)):
            if bare:
                self.put("word", bare.lower().strip(".:;, "), after)
            else:
                self.skip(after)
            return
        match = re.fullmatch(r"([A-Za-z.]+?)(?:_?([0-9A-Za-z]*[0-9]))?", bare)
        if match is None:
            is_prose = len(re.findall(r"(?<![A-Za-z])[A-Za-z]{2,}(?![A-Za-z0-9])", bare)) > 2
            if ("_" in bare or any(c.isdigit() for c in bare)) and not is_prose:
                self.inner(self.text.index("{", end) + 1, after - 1, after)
                return
            self.put("word", bare.lower(), after)
            return
        if match[2]:
            self.inner(self.text.index("{", end) + 1, after - 1, after, plain=True)
            return
        self.put("name", match[1], after)
        if match[1] == "d":
            while self.text[self.at : self.at + 1].isspace():
                self.at = self.end = self.at + 1

    def inner(self, start: int, stop: int, after: int, *, plain: bool = False) -> None:
        """The tokens of a part of the text, as if the macro around it were not there."""
        if self.depth >= MAX_NESTED:
            raise Unreadable("this is nested too deeply", self.at, f"at most {MAX_NESTED} macros within each other")
        sub = Lexer(self.text[:stop].replace(r"\_", " _"), "plain" if plain else self.medium, self.words, depth=self.depth + 1)
        sub.number, sub.at, sub.end = self.number, start, start
        is_tight = self.at == self.end
        sub.lex()
        for offset, token in enumerate(sub.tokens):
            self.tokens.append(Token(token.kind, token.text, token.start, token.end, token.tight if offset else is_tight))
        self.at = self.end = after

    def bold(self, macro: str, end: int) -> None:
        content, after = self.argument(end)
        if content == "1":
            self.put("ones", "1", after)
        elif macro in {r"\mathbb", r"\mathcal"} and content in {"I", "E"}:
            self.put("ones" if content == "I" and macro == r"\mathbb" else "name", content, after)
        elif self.text[end:after].lstrip().startswith("{"):
            self.inner(self.text.index("{", end) + 1, after - 1, after)
        else:
            self.skip(end)

    def accent(self, accent: str, end: int) -> None:
        content, after = self.argument(end)
        if accent == "hat" and content.strip() == "=":
            self.put("sign", "=", after)
            return
        inner = re.fullmatch(r"\s*(?:\\(?:mathbf|boldsymbol|bm|mathrm|vec)\s*)?\{?\s*(\\?[A-Za-z]+)\s*\}?\s*", content)
        scripted = re.fullmatch(r"\s*(\\?[A-Za-z]+)\s*([_^].*)", content, re.DOTALL)
        found = inner or scripted
        if found is None:
            raise Unreadable(f"what stands under \\{accent} is no letter", self.at, "a letter")
        letter = GREEK_MACROS.get(found[1], found[1].lstrip("\\"))
        if scripted and not inner:
            offset = self.text.index(content, end) + scripted.start(2)
            self.put("name", letter + accent, offset)
            self.inner(offset, after - 1, after)
        else:
            self.put("name", letter + accent, after)

    def sign(self) -> None:
        if (found := _PLAIN_SIGN.match(self.text, self.at)) is not None:
            self.put("sign", SIGNS[found[0]], found.end())
            return
        character = self.text[self.at]
        name = unicodedata.name(character, f"U+{ord(character):04X}")
        like = LOOK_ALIKES.get(character)
        hint = f"it looks like {like!r}, which is another character" if like else "letters, digits, brackets and operators"
        shown = character if character.isprintable() else f"U+{ord(character):04X}"
        raise Unreadable(f"unexpected character {shown!r} ({name})", self.at, hint)


def lex(text: str, medium: Medium, words: Collection[str] = (), *, decimal_comma: bool = False) -> list[Token]:
    """The tokens of `text`; raises Unreadable."""
    if medium == "plain":
        text = _NUMBERED.sub("", text)
    return list(without_idle(Lexer(text, medium, words, decimal_comma=decimal_comma).lex()))
