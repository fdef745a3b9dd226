r"""Text → tokens: one lexer, and the one table of spellings, for LaTeX, Unicode and plain text, since people mix them.

    number  = digits [ "." digits ] [ "e" [sign] digits ] [ times "10" "^" power ]     also "0,5" and "0{,}5" where commas are decimal
    name    = letter | greek | a run of letters | module "." function | "\text" "{" word "}" | accent letter
    sub     = Unicode subscripts, given out as "_" "{" … "}", a thin gap between them as a comma;  sup likewise as "^" "{" … "}"
    sign    = one of the operators, relations and brackets, under one name whatever its spelling

Blanks, sizes of brackets and everything else that only looks are passed over. What is not known is an error that names it.

What the characters leave open is a *choice* for the whole document, ("glued", "dao"), with the ways to decide it, the default first:

    ("glued", run)    a run of letters: one "name", the "known" words in it, or a product of "letters"
    ("glued", "dao")  in dao/dno: the "d" of ao, or a "name"
    ("delta", "δ")    δE/δw: "partial", a derivative, or "letter", the letter delta
    ("differential", "d")    d E / d w, with blanks between: "derivative", or "letter"

The reader of the tokens has more (`reader`). Whoever reads a document gives its decisions as a mapping, and finds in `Tokens.met` those
that were to be taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from symbp.errors import nearest
from symbp.language.symbols import GREEK
from symbp.language.written import Token

Medium: TypeAlias = Literal["latex", "plain"]
Choice: TypeAlias = tuple[str, str]
"""What is left open: the kind of choice, and the name or sign that it is about."""
Choices: TypeAlias = Mapping[Choice, str]
"""Decisions for a document; where there is none, the first option holds."""
Options: TypeAlias = dict[Choice, tuple[str, ...]]
"""The choices that were met, and the options of each, the default first."""
NO_CHOICES: Final[Choices] = {}

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


class Tokens(list[Token]):
    """The tokens of a row, and the choices that were met in making them."""

    def __init__(self, tokens: Sequence[Token] = (), met: Options | None = None) -> None:
        super().__init__(tokens)
        self.met: Options = {} if met is None else met


# -- the table ---------------------------------------------------------------------------------------------------------------

WORDS: Final = frozenset(
    "net out in target output input total error loss cost exp log ln tanh sinh cosh sin cos max min diag relu ReLU leaky softmax softplus "
    "sigmoid logistic sign sgn sqrt erf sech new old sum mean dot np axis keepdims True False act grad elu silu gelu hidden bias weight "
    "delta eta alpha beta gamma lambda sigma theta rho epsilon mu phi psi prev next step true pred prediction identity linear KL MSE BCE "
    "CE lr neu Error Loss Cost Net Out Target Output Total Input hid inp tot otherwise".split()
)
"""Words that are names, functions or marks though they have several letters."""
PROSE: Final = frozenset(
    "if for where and or with all every otherwise else so then since because from by is are we get thus hence when as here have".split()
)
"""Words that are none of a formula's."""

GREEK_LETTERS: Final = {
    **{letter: name for name, letter in GREEK.items()},
    "ϕ": "phi",
    "φ": "phi",
    "π": "pi",
    "ψ": "psi",
    "ϵ": "epsilon",
    "∆": "Delta",
    "ϑ": "theta",
    "ς": "sigma",
    "ι": "iota",
    "Ψ": "Psi",
    "Ξ": "Xi",
    "ℓ": "l",
}
GREEK_MACROS: Final = {f"\\{name}": name for name in GREEK} | {
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
    r"\imath": "i",
    r"\jmath": "j",
    r"\iota": "iota",
    r"\Pi": "Pi",
    r"\Xi": "Xi",
    r"\varpi": "pi",
}
NAMED: Final = {f"\\{word}" for word in "exp log ln tanh sinh cosh sin cos max min det".split()}

SIGNS: Final = {
    r"\cdot": "cdot", "·": "cdot", "⋅": "cdot", "∙": "cdot", "•": "cdot", r"\bullet": "cdot", r"\cdotp": "cdot",
    r"\times": "times", "×": "times", "*": "star", "∗": "star", r"\ast": "star", r"\star": "star",
    ".^": "^", "**": "^", r"\odot": "odot", "⊙": "odot", r"\circ": "odot", "∘": "odot", "◦": "odot", r"\otimes": "odot", "⊗": "odot",
    "⨀": "odot", r"\bigodot": "odot", r"\boxdot": "odot", "⊡": "odot",
    ".*": "odot", "@": "at", "+": "+", "-": "-", "−": "-", "–": "-", "‐": "-", r"\pm": "±",
    "—": "-", "‑": "-", "‒": "-", "﹣": "-", "⁃": "-", "/": "/", "⁄": "/", "∕": "/", r"\div": "/", "÷": "/",
    "^": "^", "_": "_", r"\_": "_", "(": "(", ")": ")", "[": "[", "]": "]", "{": "{", "}": "}", r"\{": "\\{", r"\}": "\\}",
    r"\lbrace": "\\{", r"\rbrace": "\\}", r"\lbrack": "[", r"\rbrack": "]", r"\lparen": "(", r"\rparen": ")",
    "|": "|", r"\vert": "|", r"\lvert": "|", r"\rvert": "|", r"\mid": "|",
    "||": "‖", "‖": "‖", r"\langle": "⟨", "⟨": "⟨", r"\rangle": "⟩", "⟩": "⟩", r"\|": "‖", r"\Vert": "‖", r"\lVert": "‖", r"\rVert": "‖",
    "=": "=", "==": "=", "-=": "-=", "+=": "+=",
    r"\equiv": "=", "≡": "=", r"\triangleq": "=", "≜": "=", r"\doteq": "=", "≝": "=", "≙": "=", "≐": "=",
    r"\propto": "∝", "∝": "∝", "=:": "=", "⩵": "=", r"\defeq": "=", r"\eqdef": "=", r"\corresponds": "=", ":=": ":=",
    r"\coloneqq": ":=", "≔": ":=",
    r"\colon": ":", r"\leftarrow": "←", r"\gets": "←", "←": "←", "<-": "←", r"\longleftarrow": "←", "⟵": "←",
    r"\to": "→", r"\rightarrow": "→", "→": "→", "->": "→", r"\mapsto": "→", r"\longrightarrow": "→", "⟶": "→", "↦": "→",
    r"\approx": "≈", "≈": "≈", r"\approxeq": "≈", "∼": "≈", "≒": "≈", r"\simeq": "≈", "≃": "≈", r"\sim": "≈", r"\cong": "≈", "≅": "≈",
    "~=": "≈", "=~": "≈",
    r"\neq": "≠", r"\ne": "≠", "≠": "≠", "!=": "≠", "<>": "≠", "<": "<", ">": ">", r"\lt": "<", r"\gt": ">",
    r"\leq": "≤", r"\le": "≤", "≤": "≤", "<=": "≤", r"\leqslant": "≤", r"\geqslant": "≥", r"\geq": "≥", r"\ge": "≥", "≥": "≥", ">=": "≥",
    r"\Rightarrow": "⇒", r"\implies": "⇒", "⇒": "⇒", "=>": "⇒", r"\Longrightarrow": "⇒", "⟹": "⇒",
    "⟺": "⇒", "➔": "→", "➜": "→", "⇐": "⇒", r"\Leftarrow": "⇒", r"\iff": "⇒", r"\Leftrightarrow": "⇒", "⇔": "⇒",
    r"\Longleftrightarrow": "⇒", r"\leadsto": "⇒",
    r"\therefore": "⇒", "∴": "⇒", r"\because": "⇒", "∵": "⇒",
    ",": ",", ";": ";", ":": ":", ".": ".", "!": "!", "'": "'", "’": "'", "′": "'", "´": "'", "`": "'", "‘": "'", r"\prime": "'",
    "″": "''", "&": "&", r"\\": r"\\",
    r"\frac": "frac", r"\dfrac": "frac", r"\tfrac": "frac", r"\cfrac": "frac", r"\sfrac": "frac", r"\nicefrac": "frac",
    r"\flatfrac": "frac", r"\dv": "dv", r"\derivative": "dv", r"\odv": "dv", r"\diff": "dv",
    r"\pdv": "pdv", r"\pderivative": "pdv", r"\partialderivative": "pdv", r"\diffp": "pdv",
    r"\partial": "∂", "∂": "∂", r"\nabla": "∇", "∇": "∇", r"\sum": "Σ", "∑": "Σ", r"\prod": "Π", "∏": "Π",
    r"\sqrt": "sqrt", "√": "sqrt", r"\in": "∈", "∈": "∈", r"\forall": "∀", "∀": "∀", r"\dots": "…", r"\ldots": "…", r"\cdots": "…",
    "…": "…", r"\top": "⊤", "⊤": "⊤", r"\intercal": "⊤", r"\dagger": "⊤", r"\infty": "∞", "∞": "∞", "⋯": "…", "⋮": "…", r"\vdots": "…",
    r"\ddots": "…", "$": "$",
    r"\quad": "quad", r"\qquad": "quad", r"\cup": "∪", r"\setminus": "∖",
}  # fmt: skip
RELATIONS: Final = frozenset({"-=", "+=", "=", ":=", "←", "→", "≈", "≠", "<", ">", "≤", "≥", "∝"})
LATEX_WORDS: Final = frozenset(
    r"\text \mathrm \mathit \operatorname \textrm \textit \textbf \mathsf \mathtt \texttt \mbox \textnormal \mathnormal".split()
)
BOLD: Final = frozenset(
    r"\mathbf \boldsymbol \bm \vec \mathbb \mathcal \mathscr \pmb \bf \underline \mathfrak \vb \va \vectorbold \symbf \mathop \mathopen "
    r"\overrightarrow \uline \mathclose \mathrel \mathbin \mathord \qty \quantity \ensuremath \smash \mathstrut".split()
)
ACCENTS: Final = {
    r"\hat": "hat", r"\widehat": "hat", r"\bar": "bar", r"\overline": "bar", r"\tilde": "tilde", r"\widetilde": "tilde", r"\dot": "dot",
    r"\ddot": "ddot", r"\check": "check", r"\breve": "breve", r"\acute": "acute", r"\grave": "grave", r"\mathring": "ring",
    r"\widebar": "bar",
}  # fmt: skip
LOOKS: Final = frozenset(
    r"\left \right \middle \bigl \bigr \Bigl \Bigr \biggl \biggr \Biggl \Biggr \big \Big \bigg \Bigg \displaystyle \textstyle \scriptstyle "
    r"\scriptscriptstyle \limits \nolimits \, \; \: \! \  \> \nonumber \notag \hfill \hfil "
    r"\allowbreak \nobreak \noindent \small \large \Large \normalsize \footnotesize \strut \relax \, \thinspace \medspace "
    r"\thickspace \enspace \rm \it \cal \centering \null \boldmath \bigm \Bigm \null \hline \par \it".split()
) | {"\\ "}
SWALLOWED: Final = frozenset(
    r"\label \tag \hspace \vspace \hskip \color \phantom \hphantom \vphantom \textcolor \ref \eqref \cite \rule \raisebox".split()
)
DELIMITED: Final = {r"\abs": "|", r"\absolutevalue": "|", r"\norm": "‖"}
"""Macros that put bars around their argument."""
STACKED: Final = {r"\overset": "^", r"\stackrel": "^", r"\underset": "_"}
"""Macros that put their first argument over or under the second, and what that is if the second is a sum."""
WRAPPERS: Final = frozenset(
    r"\boxed \underbrace \overbrace \fbox \cancel \bcancel \xcancel \mathclap \substack \colorbox \framebox".split()
)
BIG: Final = {"Σ": "Σ", "Π": "Π"}
HALVES: Final = {"½": "1/2", "⅓": "1/3", "¼": "1/4", "⅔": "2/3", "¾": "3/4", "⅛": "1/8"}
RAISED: Final = dict(
    zip(
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾⁼ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
        "0123456789+-()=abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
        strict=True,
    )
)
LOWERED: Final = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎₌ᵢⱼₖₗₘₙₚₜₕₒₐₑₓᵣₛᵤᵥ", "0123456789+-()=ijklmnpthoaexrsuv", strict=True))
MARKS: Final = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde", "\u0307": "dot", "\u20d7": "vec"}
"""Combining characters that are accents of mathematics."""
MODULES: Final = frozenset("np numpy jnp tf torch math cmath F nn keras K scipy special sp xp cp Math".split())
"""What stands before the functions of libraries."""
GLUING: Final = frozenset({"delta", "Delta"})
"""Greek letters that usually are one name with letters right behind them, δo1; others multiply them, ηx."""
LOOK_ALIKES: Final = dict(zip("АВЕКМНОРСТХаеосрухіјΑΒΕΗΙΚΜΝΟΡΤΧον−–‐⋅•∗’′", "ABEKMHOPCTXaeocpyxijABEHIKMNOPTXov---···''", strict=True))
SAME: Final = {
    code: like
    for first, last in ((0xFF01, 0xFF5E), (0x1D400, 0x1D7FF))
    for code in range(first, last + 1)
    if len(like := unicodedata.normalize("NFKC", chr(code))) == 1 and like != chr(code)
}
"""Full-width and mathematical letters, digits and signs: the ordinary one for each."""


def _bare_macros() -> tuple[dict[str, str], dict[str, str]]:
    """Macros by their names: those that stand as a word of their own, and those that an argument follows."""
    alone = {m[1:]: m for m in SIGNS if m[1:].isalpha() and m.startswith("\\") and len(m) > 4} | {"left": r"\left", "right": r"\right"}
    holding = {m[1:]: m for m in (*LATEX_WORDS, *BOLD, *ACCENTS, *WRAPPERS, *STACKED, *DELIMITED, r"\sqrt")}
    holding |= {m[1:]: m for m, sign in SIGNS.items() if sign in {"frac", "dv", "pdv"}}
    alone = {word: m for word, m in alone.items() if word not in WORDS and word not in holding and word not in _COMMON}
    return alone, {word: m for word, m in holding.items() if word not in WORDS or word in {"hat", "bar"}}


_COMMON: Final = frozenset("colon prime star ast mid vert".split())
"""Names of macros that are names or words as well."""
BARE_MACROS, BARE_HOLDING = _bare_macros()
"""LaTeX that lost its backslashes: cdot and partial as words of their own, frac and text before a brace."""


# -- the lexer ---------------------------------------------------------------------------------------------------------------

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
_DOTTED = re.compile(r"([A-Za-z]+)\.((?:[A-Za-z_]+\.)*)([A-Za-z_]+)(?=\s*\()")
_STEP = re.compile(r"<\s*[A-Za-z0-9]+(?:\s*[-+−]\s*[A-Za-z0-9]+)?\s*>")
_PAIR = re.compile(r"_[A-Za-z]?[0-9]+,[A-Za-z]?[0-9]+(?![A-Za-z0-9_(.,])")
_HELD = re.compile(r"\s*\{")
_OVER = re.compile(r"sum\s+over\s+(?:all\s+)?([A-Za-z])\s+(?:of\s+)?", re.IGNORECASE)
_NUMBERED = re.compile(r"(?<![ \t])(?=[ ]{2}|\t)[ \t]+\([0-9]{1,3}[a-z]?\)\s*\Z")
"""The number of an equation, apart from it."""
_PLAIN_SIGNS = sorted((sign for sign in SIGNS if not (sign.startswith("\\") and sign[1:].isalpha())), key=len, reverse=True)
_SINGLE: Final = frozenset(s for s in _PLAIN_SIGNS if len(s) == 1 and not any(len(t) > 1 and t[0] == s for t in _PLAIN_SIGNS))
"""Signs of one character that no longer sign begins with."""
_PLAIN_SIGN = re.compile("|".join(map(re.escape, _PLAIN_SIGNS)))


@lru_cache(64)
def _known_words(words: frozenset[str]) -> tuple[frozenset[str], int]:
    """All known words when `words` are the document's own, and the length of the longest."""
    every = WORDS | words
    return every, max(map(len, every))


class Lexer:
    """The tokens of one row. `words` are names of several letters that the network or the person has."""

    def __init__(
        self,
        text: str,
        medium: Medium,
        words: Collection[str] = (),
        *,
        decimal_comma: bool = False,
        choices: Choices = NO_CHOICES,
        met: Options | None = None,
        depth: int = 0,
    ) -> None:
        if len(text) > MAX_ROW:
            raise Unreadable(f"a row of {len(text)} characters", MAX_ROW, f"at most {MAX_ROW} are read")
        self.text = text.translate(SAME)
        self.depth = depth
        self.medium = medium
        self.words, self.longest = _known_words(frozenset(words))
        self.number = _NUMBERS[decimal_comma]
        self.choices = choices
        self.met: Options = {} if met is None else met
        self.tokens: list[Token] = []
        self.at = 0
        self.end = 0
        self.lowering: list[bool] = []
        self.is_latex = medium == "latex" or "\\" in text or "frac{" in text

    def lex(self) -> list[Token]:
        while self.at < len(self.text):
            self.step()
            if len(self.tokens) > MAX_TOKENS:
                raise Unreadable("a row of too many symbols", self.at, f"at most {MAX_TOKENS} are read")
        return self.tokens

    def choose(self, kind: str, what: str, *options: str) -> str:
        """The way that is decided on for what the characters leave open; the first where nothing is."""
        self.met[kind, what] = options
        found = self.choices.get((kind, what), options[0])
        return found if found in options else options[0]

    def put(self, kind: str, text: str, end: int) -> None:
        start = self.at
        if kind == "sign":
            self.note(text)
        self.tokens.append(Token(kind, text, start, end, start == self.end))
        self.at = self.end = end

    def note(self, sign: str) -> None:
        """Keep in mind whether the brace that is open is that of a script."""
        if sign == "{":
            self.lowering.append(self.is_lowered())
        elif sign == "}" and self.lowering:
            self.lowering.pop()

    def is_lowered(self) -> bool:
        """Does what comes next stand in a subscript or superscript?"""
        last = self.tokens[-1] if self.tokens else None
        if last is not None and last.kind == "sign" and last.text in {"_", "^"}:
            return True
        return bool(self.lowering) and self.lowering[-1]

    def skip(self, end: int) -> None:
        self.at = end

    def step(self) -> None:
        text, at = self.text, self.at
        character = text[at]
        if character == " ":
            self.skip(at + 1)
        elif "a" <= character <= "z" or "A" <= character <= "Z":
            self.letters()
        elif (character in "0123456789" or (character == "." and text[at + 1 : at + 2].isdigit() and not self.is_behind_operand())) and (
            number := self.number.match(text, at)
        ) is not None:
            self.numeral(number)
        elif character in "\t\r\n~\u00a0\u2009\u202f\u200a\u2005\u3000\ufeff":
            self.skip(at + 1)
        elif character == "\\":
            self.macro()
        elif character in HALVES:
            self.put("half", HALVES[character], at + 1)
        elif character in RAISED or character in LOWERED:
            self.unicode_script(RAISED if character in RAISED else LOWERED)
        elif character in BIG:
            self.put("sign", BIG[character], at + 1)
        elif character in GREEK_LETTERS:
            mark = self.combining(at + 1)
            self.put("name", GREEK_LETTERS[character] + mark, at + 1 + bool(mark))
        elif not character.isascii() and (accented := self.accented(character)) is not None:
            self.put("name", accented, at + 1)
        else:
            self.sign()

    def is_behind_operand(self) -> bool:
        """Does a full stop stand right behind something that it could multiply?"""
        return bool(self.tokens) and self.end == self.at and self.tokens[-1].kind != "sign"

    def combining(self, at: int) -> str:
        """The accent that is set over the character before `at`, or nothing."""
        return MARKS.get(self.text[at : at + 1], "")

    def accented(self, character: str) -> str | None:
        """The letter and accent of ŷ or x̄ where it is one character; in a word it is only a letter of another language."""
        parts = unicodedata.normalize("NFD", character)
        if len(parts) != 2 or not parts[0].isascii() or not parts[0].isalpha() or (mark := MARKS.get(parts[1])) is None:
            return None
        around = self.text[self.at - 1 : self.at] + self.text[self.at + 1 : self.at + 2]
        return None if mark in {"tilde", "dot"} and any(c.isalpha() for c in around) else parts[0] + mark

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
        while end < len(self.text) and (self.text[end] in table or (self.text[end] == "\u2009" and self.text[end + 1 : end + 2] in table)):
            end += 1
        inner = "".join(table.get(c, ",") for c in self.text[start:end])
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
        """A run of letters: a macro that lost its backslash, a word, the function of a library, or names."""
        match = _WORD.match(self.text, self.at)
        assert match is not None
        word, end = match[0], match.end()
        if (over := _OVER.match(self.text, self.at)) is not None:
            for kind, text, stop in (("sign", "Σ", end), ("sign", "_", over.start(1)), ("name", over[1], over.end(1))):
                self.put(kind, text, stop)
            self.skip(over.end())
            return
        if len(word) > 1 and word in MODULES and (dotted := _DOTTED.match(self.text, self.at)) is not None:
            self.put("name", f"np.{dotted[3]}", dotted.end())
            return
        if len(word) > 2 and (macro := self.without_backslash(word, end)):
            self.macro(macro, end)
            return
        if accent := self.combining(end):
            for letter in self.segments(word[:-1]) if len(word) > 1 else ():
                self.put("name", letter, self.at + len(letter))
            self.put("name", word[-1] + accent, end + 1)
            return
        if word.lower() in PROSE and word not in self.words and (self.medium == "plain" or len(word) > 2):
            self.put("word", word.lower(), end)
            return
        for piece in self.segments(word):
            self.put("name", piece, self.at + len(piece))

    def without_backslash(self, word: str, end: int) -> str:
        """The macro that lost its backslash here, or nothing: known macros as a word in LaTeX, and before a brace anywhere."""
        if word in BARE_HOLDING and _HELD.match(self.text, end):
            return BARE_HOLDING[word]
        is_alone = word in BARE_MACROS and self.is_latex and word not in self.words and not self.is_lowered()
        return BARE_MACROS[word] if is_alone else ""

    def segments(self, word: str) -> list[str]:
        """A run of letters as names: what is known stays whole; else it is one name, several, or a product, as is chosen."""
        if word in self.words or len(word) == 1:
            return [word]
        known = self.known(word)
        letters = list(word)
        if self.is_lowered():
            if word[0] == "T" and self.medium == "plain" and self.tokens[-1].text == "^":
                return ["T", word[1:]]
            return known if self.medium == "latex" else [word]
        if word[0] == "d" and len(word) > 1:
            if self.medium == "plain":
                return self.differential(known, word)
            rest = self.known(word[1:])
            return ["d", *(rest if len(rest) < len(word) - 1 else [word[1:]])]
        if self.medium == "plain":
            if len(word) > 3:
                return [word]
            ways = {"name": [word], "letters": letters}
        elif len(word) == 2:
            ways = {"letters": letters, "name": [word]}
        elif len(known) < len(word):
            ways = {"known": known, "name": [word], "letters": letters}
        else:
            ways = {"name": [word], "letters": letters}
        return ways[self.choose("glued", word, *ways)]

    def differential(self, known: list[str], word: str) -> list[str]:
        """The d of a differential and what is known, in plain text; any other word is whole there."""
        return known if known[0] == "d" and len(known) == 2 else [word]

    def known(self, word: str) -> list[str]:
        """A run of letters as the fewest known words and single letters."""
        if word in self.words:
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
        return pieces

    def macro(self, macro: str = "", end: int = 0) -> None:
        r"""A macro, which ends at `end`: that which stands here, or one that is given."""
        if not macro:
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

    def is_pair(self) -> bool:
        """Is the comma in w_1,2 or w_h1,i1 one between two indices, and not one between decimals?"""
        return self.medium == "plain" and not self.is_lowered() and self.number is _NUMBERS[False]

    def inner(self, start: int, stop: int, after: int, *, plain: bool = False) -> None:
        """The tokens of a part of the text, as if the macro around it were not there."""
        if self.depth >= MAX_NESTED:
            raise Unreadable("this is nested too deeply", self.at, f"at most {MAX_NESTED} macros within each other")
        sub = Lexer(
            self.text[:stop].replace(r"\_", " _"),
            "plain" if plain else self.medium,
            self.words,
            choices=self.choices,
            met=self.met,
            depth=self.depth + 1,
        )
        sub.number, sub.at, sub.end, sub.lowering = self.number, start, start, [self.is_lowered()]
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
        """An operator, relation or bracket; behind a mark of a script, w^+= is that of an update, and h^<t> a step of time."""
        last = self.tokens[-1] if self.tokens else None
        if last is not None and last.kind == "sign" and last.text in {"^", "_"}:
            if self.text[self.at : self.at + 2] in {"+=", "-="}:
                self.put("sign", self.text[self.at], self.at + 1)
                return
            if (step := _STEP.match(self.text, self.at)) is not None:
                self.put("sign", "⟨", self.at + 1)
                self.inner(self.at, step.end() - 1, step.end() - 1)
                self.put("sign", "⟩", step.end())
                return
        if self.text[self.at] == "_" and (pair := _PAIR.match(self.text, self.at)) is not None and self.is_pair():
            self.put("sign", "_", self.at + 1)
            self.put("sign", "{", self.at)
            self.inner(self.at, pair.end(), pair.end())
            self.put("sign", "}", pair.end())
            return
        if self.text[self.at] in _SINGLE:
            self.put("sign", SIGNS[self.text[self.at]], self.at + 1)
            return
        if (found := _PLAIN_SIGN.match(self.text, self.at)) is not None:
            self.put("sign", SIGNS[found[0]], found.end())
            return
        character = self.text[self.at]
        name = unicodedata.name(character, f"U+{ord(character):04X}")
        like = LOOK_ALIKES.get(character)
        hint = f"it looks like {like!r}, which is another character" if like else "letters, digits, brackets and operators"
        shown = character if character.isprintable() else f"U+{ord(character):04X}"
        raise Unreadable(f"unexpected character {shown!r} ({name})", self.at, hint)


def lex(text: str, medium: Medium, words: Collection[str] = (), *, decimal_comma: bool = False, choices: Choices = NO_CHOICES) -> Tokens:
    """The tokens of `text`, where what it leaves open is decided by `choices`; raises Unreadable."""
    if medium == "plain":
        text = _NUMBERED.sub("", text)
    lexer = Lexer(text, medium, words, decimal_comma=decimal_comma, choices=choices)
    return Tokens(_differentials(list(_without_idle(lexer.lex())), lexer), lexer.met)


# -- what several tokens say together ----------------------------------------------------------------------------------------

FRACTIONS: Final = frozenset({"frac", "dv", "pdv"})
_HOLDING = FRACTIONS | {"^", "_", "sqrt"}
"""Signs whose argument the braces behind them are."""
_OPENING: Final = frozenset({"(", "[", "{", "\\{"})
_CLOSING: Final = frozenset({")", "]", "}", "\\}"})


def _without_idle(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens without braces that say nothing: that hold nothing, or only a d that was set upright, or a script: W_i{_j}."""
    partners = closings(tokens)
    dropped: set[int] = set()
    arguments: set[int] = set()
    for at, token in enumerate(tokens):
        if token.kind != "sign" or token.text != "{":
            continue
        before = tokens[at - 1] if at else None
        if before is not None and (before.kind in {"wrapper", "environment"} or (before.kind == "sign" and before.text in _HOLDING)):
            arguments.add(at)
            if before.text in FRACTIONS and at in partners and before.kind == "sign":
                arguments.add(partners[at] + 1)
        elif before is not None and before.text != "{" and at > 1 and tokens[at - 2].text in FRACTIONS and tokens[at - 2].kind == "sign":
            arguments.add(at)
    tight_next = False
    for at, token in enumerate(tokens):
        if at in dropped:
            continue
        if token.kind == "sign" and token.text == "{" and at not in arguments and at in partners and at + 1 < len(tokens):
            first, end = tokens[at + 1], partners[at]
            if end == at + 1:
                dropped.add(end)
                tight_next = tight_next or token.tight
                continue
            if end == at + 2 and first.text in {"d", "∂"}:
                dropped |= {at + 1, end}
                yield replace(first, tight=token.tight)
                tight_next = True
                continue
            if first.kind == "sign" and first.text in {"_", "^"}:
                dropped.add(end)
                continue
        yield replace(token, tight=True) if tight_next else token
        tight_next = False


def closings(tokens: Sequence[Token]) -> dict[int, int]:
    """Where each bracket is closed, by the tokens' numbers; of those that are."""
    waiting: list[int] = []
    found: dict[int, int] = {}
    for at, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        if token.text in _OPENING:
            waiting.append(at)
        elif token.text in _CLOSING and waiting:
            found[waiting.pop()] = at
    return found


def _differentials(tokens: list[Token], lexer: Lexer) -> list[Token]:
    """The tokens with d and ∂ made out in quotients: δE/δw is ∂E/∂w, dao/dno has the d of ao and of no, and d E / d w is dE/dw."""
    if not any(t.text == "/" for t in tokens):
        return tokens
    partners = closings(tokens)
    found: list[Token] = []
    due: set[int] = set()
    is_held = False
    for at, token in enumerate(tokens):
        token, is_held = (replace(token, tight=True) if is_held else token), False
        if token.text == "d" and at + 2 < len(tokens) and tokens[at + 1].text == "/" and tokens[at + 2].kind == "name":
            due.add(at + 2)  # d/da is applied to what follows
        kind = "" if token.kind != "name" else _differential(tokens, at, lexer.words, is_below=at in due)
        if not kind or not (at in due or (below := _below(tokens, at, kind, partners, lexer.words))):
            found.append(token)
            continue
        if at not in due:
            options = {"∂": ("delta", "δ", "partial", "letter"), "d": ("differential", "d", "derivative", "letter")}
            choice = options.get(kind) or ("glued", token.text, "d", "name")
            is_open = kind != "d" or not tokens[at + 1].tight
            if is_open and lexer.choose(*choice) != choice[2]:
                found.append(token)
                continue
            due.add(below)
        if kind == "∂":
            found.append(Token("sign", "∂", token.start, token.end, token.tight))
        elif kind == "d":
            found.append(token)
            is_held = True
        else:
            found.append(Token("name", "d", token.start, token.start + 1, token.tight))
            found.append(Token("name", token.text[1:], token.start + 1, token.end, True))
    return found


def _differential(tokens: Sequence[Token], at: int, words: Collection[str], *, is_below: bool = False) -> str:
    """Which differential the name at `at` may be or begin with: "∂" (a delta), "d" (alone), "glued" (dao), or none."""
    token = tokens[at]
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if token.text == "delta" and after is not None and (after.kind == "name" or after.text == "("):
        is_letter = token.end - token.start in {1, 6}
        return "∂" if is_letter and (after.tight or token.end - token.start == 6) else ""
    if token.text == "d" and after is not None and after.kind == "name":
        return "d"
    is_glued = token.text[0] == "d" and len(token.text) > 1 and token.end - token.start == len(token.text)
    return "glued" if is_glued and (is_below or (len(token.text) > 2 and token.text not in words)) and token.text not in WORDS else ""


def _below(tokens: Sequence[Token], at: int, kind: str, partners: Mapping[int, int], words: Collection[str]) -> int:
    """Where the differential of the same kind stands under that at `at`, behind a sign of division; 0 where none does."""
    end = at + 1
    if kind != "glued":
        end = partners.get(end, end) + 1
    while end < len(tokens):
        token = tokens[end]
        if token.kind == "sign" and token.text in {"_", "^"} and end + 1 < len(tokens):
            end = partners.get(end + 1, end + 1) + 1
        elif (token.tight and (token.kind == "number" or (token.kind == "sign" and token.text == "'"))) or (
            token.tight and token.kind == "name" and tokens[end - 1].kind == "number"
        ):
            end += 1
        else:
            break
    if end + 1 >= len(tokens) or tokens[end].text != "/" or tokens[end].kind != "sign":
        return 0
    below = end + 1 + (tokens[end + 1].text == "(")
    if below >= len(tokens) or tokens[below].kind != "name":
        return 0
    other = _differential(tokens, below, words, is_below=True)
    return below if other == kind or {other, kind} == {"d", "glued"} else 0
