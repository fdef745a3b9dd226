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
from collections.abc import Collection, Iterator
from typing import Final

from symbp.errors import nearest
from symbp.language.lexer import _LOOK_ALIKES as LOOK_ALIKES
from symbp.language.symbols import GREEK
from symbp.verification.rows import Medium
from symbp.verification.written import Token

MAX_ROW: Final = 20_000
MAX_DIGITS: Final = 60
MAX_EXPONENT: Final = 300


class Unreadable(Exception):
    """What is wrong at the offset `at`: `found` there, and what was `expected` instead."""

    def __init__(self, found: str, at: int, expected: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.at = at
        self.expected = expected


WORDS: Final = frozenset(
    "net out in target output input total error loss cost exp log ln tanh sinh cosh sin cos max min diag relu ReLU leaky softmax softplus "
    "sigmoid logistic sign sgn sqrt erf sech new old sum mean dot np axis keepdims True False act grad elu silu gelu hidden bias weight "
    "delta eta alpha beta gamma lambda sigma theta rho epsilon mu phi psi prev next step true pred prediction identity linear KL MSE BCE CE "
    "Error Loss Cost Net Out Target Output Total Input hid inp tot otherwise".split()
)
"""Words that are names, functions or marks though they have several letters."""
PROSE: Final = frozenset(
    "if for where and or with all every otherwise else so then since because from by is are we get thus hence when as here have".split()
)
"""Words that are none of a formula's."""

_GREEK = {**{letter: name for name, letter in GREEK.items()}, "ϕ": "phi", "φ": "phi", "π": "pi", "ψ": "psi", "ϵ": "epsilon", "∆": "Delta"}
_GREEK_MACROS = {f"\\{name}": name for name in GREEK} | {
    r"\phi": "phi",
    r"\varphi": "phi",
    r"\varepsilon": "epsilon",
    r"\vartheta": "theta",
    r"\varrho": "rho",
    r"\varsigma": "sigma",
    r"\pi": "pi",
    r"\Sigma": "Sigma",
    r"\Psi": "Psi",
    r"\Phi": "phi",
    r"\ell": "l",
}
_NAMED = {f"\\{word}" for word in "exp log ln tanh sinh cosh sin cos max min det".split()}

_SIGNS = {
    r"\cdot": "cdot", "·": "cdot", "⋅": "cdot", "∙": "cdot", "•": "cdot", r"\bullet": "cdot", r"\cdotp": "cdot",
    r"\times": "times", "×": "times", "*": "star", "∗": "star", r"\ast": "star", r"\star": "star",
    ".^": "^", r"\odot": "odot", "⊙": "odot", r"\circ": "odot", "∘": "odot", "◦": "odot", r"\otimes": "odot", ".*": "odot", "@": "at",
    "+": "+", "-": "-", "−": "-", "–": "-", "‐": "-", r"\pm": "±", "/": "/", "∕": "/", r"\div": "/", "÷": "/",
    "^": "^", "_": "_", "(": "(", ")": ")", "[": "[", "]": "]", "{": "{", "}": "}", r"\{": "\\{", r"\}": "\\}",
    r"\lbrace": "\\{", r"\rbrace": "\\}", r"\lbrack": "[", r"\rbrack": "]", r"\lparen": "(", r"\rparen": ")",
    "|": "|", r"\vert": "|", r"\lvert": "|", r"\rvert": "|", r"\mid": "|",
    "||": "‖", "‖": "‖", r"\langle": "⟨", "⟨": "⟨", r"\rangle": "⟩", "⟩": "⟩", r"\|": "‖", r"\Vert": "‖", r"\lVert": "‖", r"\rVert": "‖",
    "=": "=", "==": "=", r"\equiv": "=", "≡": "=", r"\triangleq": "=", "≜": "=", r"\doteq": "=", "≝": "=", ":=": ":=", r"\coloneqq": ":=", "≔": ":=",
    r"\colon": ":", r"\leftarrow": "←", r"\gets": "←", "←": "←", "<-": "←", r"\longleftarrow": "←", "⟵": "←",
    r"\to": "→", r"\rightarrow": "→", "→": "→", "->": "→", r"\mapsto": "→", r"\longrightarrow": "→", "⟶": "→", "↦": "→",
    r"\approx": "≈", "≈": "≈", r"\simeq": "≈", "≃": "≈", r"\sim": "≈", r"\cong": "≈", "≅": "≈", "~=": "≈", "=~": "≈",
    r"\neq": "≠", r"\ne": "≠", "≠": "≠", "!=": "≠", "<>": "≠", "<": "<", ">": ">", r"\lt": "<", r"\gt": ">",
    r"\leq": "≤", r"\le": "≤", "≤": "≤", "<=": "≤", r"\geq": "≥", r"\ge": "≥", "≥": "≥", ">=": "≥",
    r"\Rightarrow": "⇒", r"\implies": "⇒", "⇒": "⇒", "=>": "⇒", r"\Longrightarrow": "⇒", "⟹": "⇒", r"\iff": "⇒", r"\Leftrightarrow": "⇒", "⇔": "⇒",
    r"\Longleftrightarrow": "⇒", r"\leadsto": "⇒", r"\therefore": "⇒", "∴": "⇒", r"\because": "⇒", "∵": "⇒",
    ",": ",", ";": ";", ":": ":", ".": ".", "!": "!", "'": "'", "’": "'", "′": "'", r"\prime": "'", "″": "''", "&": "&", r"\\": r"\\",
    r"\frac": "frac", r"\dfrac": "frac", r"\tfrac": "frac", r"\cfrac": "frac", r"\sfrac": "frac", r"\nicefrac": "frac",
    r"\partial": "∂", "∂": "∂", r"\nabla": "∇", "∇": "∇", r"\sum": "Σ", "∑": "Σ", r"\prod": "Π", "∏": "Π",
    r"\sqrt": "sqrt", "√": "sqrt", r"\in": "∈", "∈": "∈", r"\forall": "∀", "∀": "∀", r"\dots": "…", r"\ldots": "…", r"\cdots": "…", "…": "…",
    r"\top": "⊤", "⊤": "⊤", r"\intercal": "⊤", r"\dagger": "⊤", r"\infty": "∞", "∞": "∞", "$": "$",
    r"\quad": "quad", r"\qquad": "quad", r"\cup": "∪", r"\setminus": "∖", "\u2212": "-",
}  # fmt: skip
RELATIONS: Final = frozenset({"=", ":=", "←", "→", "≈", "≠", "<", ">", "≤", "≥"})
_LATEX_WORDS = frozenset(
    r"\text \mathrm \mathit \operatorname \textrm \textit \textbf \mathsf \mathtt \texttt \mbox \textnormal \mathnormal".split()
)
_BOLD = frozenset(r"\mathbf \boldsymbol \bm \vec \mathbb \mathcal \mathscr \pmb \bf \underline \mathfrak".split())
_ACCENTS = {
    r"\hat": "hat", r"\widehat": "hat", r"\bar": "bar", r"\overline": "bar", r"\tilde": "tilde", r"\widetilde": "tilde", r"\dot": "dot",
    r"\ddot": "ddot",
}  # fmt: skip
_LOOKS = frozenset(
    r"\left \right \middle \bigl \bigr \Bigl \Bigr \biggl \biggr \Biggl \Biggr \big \Big \bigg \Bigg \displaystyle \textstyle \scriptstyle "
    r"\scriptscriptstyle \limits \nolimits \, \; \: \! \  \> \nonumber \notag \hfill \hfil \mathopen \mathclose \mathrel \mathbin \mathord "
    r"\allowbreak \nobreak \noindent \small \large \Large \normalsize \footnotesize \strut \mathstrut \relax \, \thinspace \medspace "
    r"\thickspace \enspace \rm \it \cal \centering \null \smash \ensuremath \boldmath \bigm \Bigm \null \hline \par \it".split()
) | {"\\ "}
_SWALLOWED = frozenset(
    r"\label \tag \hspace \vspace \hskip \color \phantom \hphantom \vphantom \textcolor \ref \eqref \cite \rule \raisebox".split()
)
WRAPPERS: Final = frozenset(
    r"\boxed \underbrace \overbrace \fbox \cancel \bcancel \xcancel \mathclap \substack \colorbox \framebox".split()
)
_BIG = {"Σ": "Σ", "Π": "Π"}
_HALVES = {"½": "1/2", "⅓": "1/3", "¼": "1/4", "⅔": "2/3", "¾": "3/4", "⅛": "1/8"}
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ˡⁿᵖᵗˣʰʸᵒᴸᵀⁱʲᵏᵐ⁼", "0123456789+-()lnptxhyoLTijkm=", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₗₘₙₚₜₕₒₐₑₓᵣₛᵤᵥ₌", "0123456789+-()ijklmnpthoaexrsuv=", strict=True))
_HATTED = {"ŷ": "yhat", "ẑ": "zhat", "â": "ahat", "ô": "ohat", "x̂": "xhat", "p̂": "phat"}

_NUMBER = r"(?:[0-9]+(?:COMMA[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?![A-Za-z0-9.^]))?"
_TEN = r"(?P<ten>(?:\s|\\[,;:! ])*(?:\\times|\\cdot|×|·|\*|⋅)(?:\s|\\[,;:! ])*10\s*(?:\^\s*(?:\{\s*[-−+]?\s*[0-9]{1,4}\s*\}|\(\s*[-−+]?[0-9]{1,4}\s*\)|[-−+]?[0-9]{1,4})|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}))?"
_NUMBERS = {
    comma: re.compile(rf"(?P<digits>{_NUMBER.replace('COMMA', mark)}){_TEN}")
    for comma, mark in ((False, r"(?:\.|\{,\})"), (True, r"(?:\.|,|\{,\})"))
}
_MACRO = re.compile(r"\\(?:[A-Za-z]+\*?|.)", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]+")
_PLAIN_SIGNS = sorted((sign for sign in _SIGNS if not (sign.startswith("\\") and sign[1:].isalpha())), key=len, reverse=True)


class Lexer:
    """The tokens of one row. `words` are names of several letters that the network or the person has."""

    def __init__(self, text: str, medium: Medium, words: Collection[str] = (), *, decimal_comma: bool = False) -> None:
        if len(text) > MAX_ROW:
            raise Unreadable(f"a row of {len(text)} characters", MAX_ROW, f"at most {MAX_ROW} are read")
        self.text = text
        self.medium = medium
        self.words = WORDS.union(words)
        self.number = _NUMBERS[decimal_comma]
        self.tokens: list[Token] = []
        self.at = 0
        self.end = 0

    def lex(self) -> list[Token]:
        while self.at < len(self.text):
            self.step()
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
        if character in " \t\r\n~\u00a0\u2009\u202f\u200a\u2005\ufeff":
            self.skip(at + 1)
        elif (number := self.number.match(text, at)) and not (character == "." and self.is_behind_operand()):
            self.numeral(number)
        elif character == "\\":
            self.macro()
        elif character in _HALVES:
            self.put("half", _HALVES[character], at + 1)
        elif character in _RAISED or character in _LOWERED:
            self.unicode_script(_RAISED if character in _RAISED else _LOWERED)
        elif text[at : at + 2] in _HATTED or character in _HATTED:
            width = 2 if text[at : at + 2] in _HATTED else 1
            self.put("name", _HATTED[text[at : at + width]], at + width)
        elif character in _BIG:
            self.put("sign", _BIG[character], at + 1)
        elif character in _GREEK:
            self.put("name", _GREEK[character] + self.combining(at + 1), at + 1 + len(self.combining(at + 1)) // 3)
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
            raised = "".join(_RAISED.get(c, c) for c in re.split(r"10(?=\s*\^|[⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹])", ten)[-1])
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
        self.put("sign", "^" if table is _RAISED else "_", start)
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
        best: list[list[str] | None] = [[]] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(end):
                known = best[start]
                piece = word[start:end]
                if known is not None and (len(piece) == 1 or piece in self.words):
                    found = [*known, piece]
                    if best[end] is None or len(found) < len(best[end] or []):
                        best[end] = found
        pieces = best[-1] or list(word)
        if self.medium == "latex":
            return pieces
        is_differential = pieces[0] == "d" and len(pieces) == 2
        return pieces if is_differential or (word[0] == "d" and len(word) == 2) else [word]

    def macro(self) -> None:
        match = _MACRO.match(self.text, self.at)
        if match is None:
            raise Unreadable("a lone backslash", self.at)
        macro = match[0].rstrip("*") if match[0] not in _SIGNS else match[0]
        end = self.at + len(macro)
        if macro in {r"\begin", r"\end"}:
            self.environment(macro, end)
        elif macro in _GREEK_MACROS:
            self.put("name", _GREEK_MACROS[macro], end)
        elif macro in _NAMED:
            self.put("name", macro[1:], end)
        elif macro in _SIGNS:
            self.put("sign", _SIGNS[macro], end)
        elif macro in _LOOKS:
            self.skip(end + (macro in {r"\left", r"\right"} and self.text[end : end + 1] == "."))
        elif macro in _SWALLOWED:
            self.skip(self.argument(end)[1])
        elif macro in WRAPPERS:
            self.put("wrapper", macro[1:], end)
        elif macro in _LATEX_WORDS:
            self.upright(macro, end)
        elif macro in _BOLD:
            self.bold(macro, end)
        elif macro in _ACCENTS:
            self.accent(_ACCENTS[macro], end)
        else:
            known = [*_SIGNS, *_GREEK_MACROS, *_LATEX_WORDS, *_ACCENTS, *_BOLD, *WRAPPERS]
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

    def upright(self, macro: str, end: int) -> None:
        """A word set upright is one name, whatever it says; prose in it is none."""
        word, after = self.argument(end)
        bare = re.sub(r"\\[_ ,]", lambda m: "_" if m[0] == r"\_" else " ", word).strip()
        if macro in {r"\mathrm", r"\mathit", r"\mathsf", r"\mathnormal"} and not re.fullmatch(r"[A-Za-z][A-Za-z.]*", bare):
            self.inner(self.text.index("{", end) + 1, after - 1, after) if "{" in self.text[end:after] else self.skip(end)
            return
        if re.fullmatch(r"[A-Za-z]+=[A-Za-z0-9-]+", bare):
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

    def inner(self, start: int, stop: int, after: int, *, plain: bool = False) -> None:
        """The tokens of a part of the text, as if the macro around it were not there."""
        sub = Lexer(self.text[:stop].replace(r"\_", " _"), "plain" if plain else self.medium, self.words)
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
        inner = re.fullmatch(r"\s*(?:\\(?:mathbf|boldsymbol|bm|mathrm|vec)\s*)?\{?\s*(\\?[A-Za-z]+)\s*\}?\s*", content)
        scripted = re.fullmatch(r"\s*(\\?[A-Za-z]+)\s*([_^].*)", content, re.DOTALL)
        found = inner or scripted
        if found is None:
            raise Unreadable(f"what stands under \\{accent} is no letter", self.at, "a letter")
        letter = _GREEK_MACROS.get(found[1], found[1].lstrip("\\"))
        if scripted and not inner:
            offset = self.text.index(content, end) + scripted.start(2)
            self.put("name", letter + accent, offset)
            self.inner(offset, after - 1, after)
        else:
            self.put("name", letter + accent, after)

    def sign(self) -> None:
        for sign in _PLAIN_SIGNS:
            if self.text.startswith(sign, self.at):
                self.put("sign", _SIGNS[sign], self.at + len(sign))
                return
        character = self.text[self.at]
        name = unicodedata.name(character, f"U+{ord(character):04X}")
        like = LOOK_ALIKES.get(character)
        hint = f"it looks like {like!r}, which is another character" if like else "letters, digits, brackets and operators"
        shown = character if character.isprintable() else f"U+{ord(character):04X}"
        raise Unreadable(f"unexpected character {shown!r} ({name})", self.at, hint)


def lex(text: str, medium: Medium, words: Collection[str] = (), *, decimal_comma: bool = False) -> list[Token]:
    """The tokens of `text`; raises Unreadable."""
    return Lexer(text, medium, words, decimal_comma=decimal_comma).lex()


def spelled(tokens: Iterator[Token]) -> str:
    """The tokens' texts, run together."""
    return "".join(token.text for token in tokens)
