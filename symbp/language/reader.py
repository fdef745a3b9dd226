r"""Tokens → what a person wrote: a recursive descent over the operators that hand work has, tolerant of what people mean alike.

    whole      = sum | word name | name word                          delta o1, w5 new: a name in two words
    sum        = [ sign ] product { sign product }                    sign: "+" | "-"
    product    = factor { [ "·" | "×" | "*" | "⊙" | "@" | "." ] [ sign ] factor | "/" [ sign ] factor }
    factor     = atom { "^" script | "_" script | ".T" | "." method | index }
    atom       = number | "½" | name | call | bracket | list | fraction | derivative | gradient | big | root | matrix | cases
               | indicator | norm | box
    name       = [ "d" | "∂" | "Δ" ] letter { digits | "_" script | "^" script | "'" | index | "⟨" … "⟩" | "+" }
    index      = "[" ( number | letter ) … "]"                        tight: h[0], W[1][2]
    script     = "{" … "}" | "(" … ")" | "[" … "]" | "⟨" … "⟩" | [ sign ] token     its tokens are kept, not read
    call       = function { script | "'" } ( "(" sum { "," ( sum | option ) } ")" | bare )
    option     = word "=" token                                       axis=1
    bare       = [ sign ] [ number ] factor                           tanh 2z
    bracket    = "(" sum ")" | "[" sum "]" | "{" sum "}" | "\{" sum "\}"
    list       = ( "(" | "⟨" | "\{" ) sum { "," sum } closing | "[" sum { ( "," | ";" | blank ) sum } "]"      a vector, or rows of a matrix
    fraction   = "\frac" group group
    derivative = "\frac" "{" d [ "^" n ] [ sum ] "}" "{" { d factor [ "^" k ] } "}" [ applied ]         d: "d" | "∂"
               | d [ "^" n ] factor "/" d factor { d factor } | d "/" d factor applied | "∂_" script factor
               | "\dv" [ "[" n "]" ] group [ group ] | "D" "[" sum "," sum "]"
    gradient   = "∇" [ "_" script ] [ factor ]
    big        = ( "Σ" | "Π" ) { "_" script | "^" script } product
    root       = "√" ( "{" sum "}" | "(" sum ")" | factor )
    matrix     = "\begin{…}" sum { ( "&" | "\\" ) sum } "\end{…}"
    cases      = "\begin{cases}" sum "&" condition … "\end{cases}" | "{" sum "," condition { ";" sum "," condition } "}"
    indicator  = "𝟙" ( "_" script | "[" relation "]" ) | "[" relation "]"
    norm       = "|" sum "|" | "‖" sum "‖"
    box        = "\boxed" "{" sum "}", and its like

Everything must be consumed. Nesting is limited; what cannot be read raises Unreadable with the place and what was expected there.
What the characters leave open is decided by `choices`, the default first (see `tokens`):

    ("call", base)     base(…), where base is no known function: a "call"; a "product"; a name with an "index", net(h1); or "dropped", the
                       arguments of a name that is meant without them, L(w, b)
    ("raised", base)   z^2: a "script", whose meaning is open, or a "power"
    ("primed", base)   W': "prime", or "transposed"
    ("glued", "δo")    δo1: one "name", or a "product"
    ("spaced", word)   delta o1, w5 new: one "name", or a "product"
    ("over", "d")      C/dw, with no d above: a "derivative", or a "quotient"
    ("order", "/")     1/2m: "left", (1/2)m, or "right", 1/(2m)
    ("glued", "dL_dW") dL_dW1, as in programs: a "derivative", or a "name"
    ("times", "x")     2 x 3: a sign of a product, "times", or a "name"
    ("raised", "t")    (…)^t: "transposed", or a "power"
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from symbp.language.tokens import (
    GLUING,
    NO_CHOICES,
    RELATIONS,
    Choices,
    Medium,
    Options,
    Tokens,
    Unreadable,
    lex,
)
from symbp.language.written import (
    BigSum,
    Bracket,
    Call,
    Cases,
    Derivative,
    Entry,
    Indicator,
    Matrix,
    Nabla,
    Name,
    Negative,
    Norm,
    Number,
    Ones,
    Placed,
    Power,
    Product,
    Quotient,
    Relation,
    Script,
    Sum,
    Token,
    Transposed,
    Written,
    parts,
)

__all__ = ["FUNCTIONS", "PLACES", "Reader", "is_layer", "is_transpose", "open_choices"]

MAX_DEPTH: Final = 60
MAX_SCRIPTS: Final = 12
"""So many scripts one name or bracket may have, and so many indices one subscript."""
MAX_PRIMES: Final = 4
MAX_ORDER: Final = 4
"""The highest derivative that is read."""
MAX_CELLS: Final = 4096
FUNCTIONS: Final = frozenset(
    "exp log ln tanh sinh cosh sin cos max min diag relu ReLU softmax softplus sigmoid logistic sign sgn sqrt erf sech silu gelu elu id "
    "ELU GELU LeakyReLU SiLU abs norm "
    "np.sum np.dot np.exp np.log np.tanh np.maximum np.multiply np.sqrt np.mean np.outer np.diag np.matmul np.square np.power np.abs "
    "np.transpose np.minimum np.sigmoid np.relu np.softmax np.sin np.cos np.array np.asarray np.tensor np.Tensor np.constant".split()
)
"""Names that are always functions."""
BARE: Final = frozenset("exp log ln tanh sinh cosh sin cos sech softplus sigmoid".split())
"""Functions whose argument may stand without brackets."""
PRODUCTS: Final = frozenset({"cdot", "times", "star", "odot", "at"})
PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "output": ("output", "last layer", "ausgabe"),
    "hidden": ("hidden", "inner", "verdeckt"),
    "input": ("input",),
}
"""Words that say where in the network a unit is."""
CLOSING: Final[Mapping[str, str]] = {"(": ")", "[": "]", "{": "}", "\\{": "\\}", "⟨": "⟩"}

_STARTING = frozenset({"(", "[", "{", "\\{", "frac", "dv", "pdv", "∂", "∇", "Σ", "Π", "sqrt"})
_DOTTED = {"ddot": 2, "dot": 1}
_MATRICES = frozenset({"matrix", "bmatrix", "pmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array"})
_PUNCTUATION = frozenset({",", ".", ";", ":"})
_COMPARISONS = frozenset({"=", "≠", "<", ">", "≤", "≥"})
_ARRAYS = frozenset({"np.array", "np.asarray", "np.tensor", "np.Tensor", "np.constant"})
"""What only makes an array of its argument."""
_LIBRARY: Final[Mapping[str, str]] = {
    **{f"np.{name}": name for name in ("sigmoid", "relu", "softmax", "sin", "cos")},
    "np.abs": "abs",
    "np.minimum": "min",
    "np.matmul": "np.dot",
    "np.reduce_sum": "np.sum",
    "np.reduce_mean": "np.mean",
    "np.mm": "np.dot",
}
"""Functions of libraries by the names that they have here."""
_METHODS: Final[Mapping[str, str]] = {"dot": "at", "mul": "odot", "matmul": "at"}
"""Methods that multiply: x.dot(W)."""
_DIFFERENTIATORS: Final = frozenset({"D", "diff", "Diff"})
"""What D[E, w] begins with."""


class Reader:
    """Reads one run of tokens: `whole` gives its tree.

    `functions` are the letters that stand for a function where a bracket follows; `names` are no functions though they look like one,
    but where a bracket stands close behind. `choices` decide what the characters leave open; which choices there were, with their
    options, is noted in `met`.
    """

    def __init__(
        self,
        tokens: Sequence[Token],
        functions: Collection[str] = (),
        end: int = 0,
        *,
        choices: Choices = NO_CHOICES,
        met: Options | None = None,
        names: Collection[str] = (),
    ) -> None:
        self.tokens = [*tokens, Token("end", "", tokens[-1].end if tokens else end, tokens[-1].end if tokens else end)]
        self.functions = functions
        self.choices = choices
        self.met: Options = {} if met is None else met
        self.names = names
        self.at = 0
        self.depth = 0
        self.bars_open = 0
        self.is_under = False

    # -- where it stands -------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def is_sign(self, *texts: str) -> bool:
        """Is the token here one of these signs?"""
        token = self.tokens[self.at]
        return token.kind == "sign" and token.text in texts

    def behind(self) -> int:
        """Where the token before this one ends."""
        return self.tokens[self.at - 1].end

    def take(self, text: str) -> bool:
        """Step over the token here if it is this sign."""
        found = self.token.kind != "end" and self.token.text == text and self.token.kind in {"sign", "environment"}
        self.at += found
        return found

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.unexpected(repr(text))

    def unexpected(self, expected: str) -> Unreadable:
        token = self.token
        if token.kind == "end":
            return Unreadable("the formula ends too early", token.start, expected)
        if token.text == "|" and self.peek().text == "_":
            return Unreadable("a value at a point", token.start, "the formula without it")
        return Unreadable(f"unexpected {token.text!r}", token.start, expected)

    def too_deep(self, at: int) -> Unreadable:
        return Unreadable("this is nested too deeply", at, f"at most {MAX_DEPTH} levels")

    def choose(self, kind: str, what: str, *options: str) -> str:
        """The way that is decided on for what the characters leave open; the first where nothing is."""
        key = kind, what
        known = self.met.get(key, options)
        self.met[key] = known if known is options or set(options) <= set(known) else tuple(dict.fromkeys((*known, *options)))
        found = self.choices.get(key, options[0])
        return found if found in options else options[0]

    # -- parts that are kept as tokens, or read by a reader of their own ----------------------------------------------

    def sub_reader(self, script: Script) -> Reader:
        """What reads a script, or a part of what is here."""
        reader = type(self)(script.tokens, self.functions, script.span[0], choices=self.choices, met=self.met, names=self.names)
        reader.depth = self.depth + 1
        if reader.depth > MAX_DEPTH:
            raise self.too_deep(script.span[0])
        return reader

    def read(self, tokens: Sequence[Token], at: int) -> Written:
        """A part of what is here as one expression."""
        return self.sub_reader(Script(tuple(tokens), (at, at))).whole()

    def script(self, *, is_exponent: bool = False) -> Script:
        """What is raised or lowered: a group in braces or brackets, or one token; an exponent without braces may be -net_h1 as a whole."""
        start, first = self.token.start, self.at
        if self.is_sign("{"):
            self.close()
            return Script(tuple(self.tokens[first + 1 : self.at - 1]), (start, self.behind()))
        if self.is_sign("(", "[", "⟨"):
            self.close()
            return Script(tuple(self.tokens[first : self.at]), (start, self.behind()))
        if self.token.kind == "end":
            raise self.unexpected("what is raised or lowered")
        while self.is_sign("-", "+") and self.peek().tight and (self.peek().kind in {"number", "name"} or self.peek().text == "("):
            self.at += 1
            is_exponent = True
        if self.is_sign("("):
            self.close()
            return Script(tuple(self.tokens[first : self.at]), (start, self.behind()))
        is_name = self.token.kind == "name"
        self.at += 1
        while self.token.tight and self.token.kind == "number" and is_name:
            self.at += 1
        while is_name and self.is_sign("_") and (is_exponent or self.names or self.token.start == self.token.end):
            self.at += 1
            self.lowered()
        return Script(tuple(self.tokens[first : self.at]), (start, self.behind()))

    def close(self) -> None:
        """Step over the bracket here and everything up to the one that closes it."""
        opening = self.token
        waiting = []
        while True:
            token = self.token
            if token.kind == "end":
                raise Unreadable(f"this {opening.text!r} is never closed", opening.start, repr(CLOSING[opening.text]))
            if token.kind == "sign" and token.text in CLOSING:
                waiting.append(CLOSING[token.text])
            elif token.kind == "sign" and waiting and token.text == waiting[-1]:
                waiting.pop()
            self.at += 1
            if not waiting:
                return
            if len(waiting) > MAX_DEPTH:
                raise self.too_deep(opening.start)

    def group(self) -> list[Token]:
        """The tokens of a fraction's part: in braces, or one token, of a number its first digit."""
        token, first = self.token, self.at
        if self.is_sign("{"):
            self.close()
            return self.tokens[first + 1 : self.at - 1]
        if token.kind == "number" and len(token.text) > 1 and token.text.isdigit():
            self.tokens[self.at] = Token("number", token.text[1:], token.start + 1, token.end, True)
            return [Token("number", token.text[0], token.start, token.start + 1)]
        if token.kind == "end":
            raise self.unexpected("'{'")
        self.at += 1
        return [token]

    def over(self, at: int) -> int:
        """Behind the bracket that opens at the token `at`, or behind that token if it is none; nothing is read."""
        if self.tokens[at].kind != "sign" or self.tokens[at].text not in CLOSING:
            return min(at + 1, len(self.tokens) - 1)
        waiting: list[str] = []
        while self.tokens[at].kind != "end":
            token = self.tokens[at]
            if token.kind == "sign" and token.text in CLOSING:
                waiting.append(CLOSING[token.text])
            elif token.kind == "sign" and token.text == waiting[-1]:
                waiting.pop()
            at += 1
            if not waiting:
                break
        return at

    # -- sums and products -------------------------------------------------------------------------------------------

    def whole(self) -> Written:
        """All tokens as one expression."""
        if (name := self.spaced()) is not None:
            return name
        node = self.sum()
        if self.token.kind != "end":
            raise self.unexpected("an operator or the end")
        return node

    def sum(self) -> Written:
        start = self.token.start
        terms: list[Written] = []
        minus: list[bool] = []
        is_minus = self.sign()
        while True:
            term = self.product()
            terms.append(term)
            minus.append(is_minus)
            if not self.is_sign("+", "-"):
                break
            is_minus = self.sign()
        span = (start, self.behind())
        if len(terms) > 1:
            return Sum(tuple(terms), tuple(minus), span)
        return Negative(terms[0], span) if minus[0] else terms[0]

    def sign(self) -> bool:
        """The signs here: is what follows them negative?"""
        is_minus = False
        while self.is_sign("+", "-"):
            is_minus ^= self.token.text == "-"
            self.at += 1
        return is_minus

    def product(self) -> Written:
        start, quotients = self.token.start, 0
        factors: list[Written] = [self.factor()]
        signs: list[str] = []
        while True:
            if self.is_sign("/"):
                quotients += 1
                if quotients > MAX_DEPTH:
                    raise self.too_deep(start)
                top = self.joined(factors, signs, start)
                self.at += 1
                factors, signs = [Quotient(top, self.below(), (start, self.behind()))], []
            elif sign := self.multiplication():
                factors.append(self.signed())
                signs.append(sign)
            elif self.starts_factor():
                factors.append(self.factor())
                signs.append("")
            else:
                return self.joined(factors, signs, start)

    def below(self) -> Written:
        """What is divided by: a factor, or with it what stands close beside it, 1/2m."""
        start = self.token.start
        node = self.signed()
        if not (self.token.tight and self.starts_factor() and self.token.kind in {"name", "number"} and isinstance(node, Name | Number)):
            return node
        if self.choose("order", "/", "left", "right") == "left":
            return node
        factors: list[Written] = [node]
        while self.token.tight and self.starts_factor():
            factors.append(self.factor())
        return self.joined(factors, [""] * (len(factors) - 1), start)

    def joined(self, factors: list[Written], signs: list[str], start: int) -> Written:
        return factors[0] if len(factors) == 1 else Product(tuple(factors), tuple(signs), (start, self.behind()))

    def multiplication(self) -> str:
        """The sign of a product here, if there is one; a full stop is one only between two factors."""
        token = self.token
        if token.kind == "name" and token.text in {"x", "X"} and self.tokens[self.at - 1].kind == "number" == self.peek().kind:
            if token.tight or self.peek().tight or self.choose("times", "x", "times", "name") == "name":
                return ""
            self.at += 1
            return "times"
        if token.kind != "sign":
            return ""
        if token.text in PRODUCTS:
            self.at += 1
            return token.text
        if token.text == "." and self.starts(self.peek()) and self.peek().kind != "end":
            self.at += 1
            return "cdot"
        return ""

    def signed(self) -> Written:
        """A factor after a sign of a product, which may be negative."""
        start = self.token.start
        is_minus = self.sign()
        node = self.factor()
        return Negative(node, (start, self.behind())) if is_minus else node

    def starts_factor(self) -> bool:
        if self.token.kind == "number":
            return self.tokens[self.at - 1].kind != "number"
        return self.starts(self.token)

    def starts(self, token: Token) -> bool:
        if token.kind in {"name", "number", "half", "ones", "wrapper"}:
            return True
        if token.kind == "environment":
            return token.text.startswith("begin")
        if token.text == "‖" and token.kind == "sign":
            return not self.bars_open
        if token.text == "|" and token.kind == "sign":
            return not self.bars_open and self.is_closed_by_a_bar(token)
        return token.kind == "sign" and token.text in _STARTING

    def is_closed_by_a_bar(self, opening: Token) -> bool:
        """Does a bar that may close this one stand in the same brackets: x |y|, but not f(y | x)?"""
        depth = 0
        for token in (token for token in self.tokens if token.start > opening.start and token.kind == "sign"):
            if token.text == "|" and not depth:
                return True
            depth += (token.text in _OPENINGS) - (token.text in _CLOSINGS)
            if depth < 0:
                break
        return False

    # -- factors -----------------------------------------------------------------------------------------------------

    def factor(self) -> Written:
        start = self.token.start
        node, bare = self.atom(), self.at
        for _ in range(MAX_SCRIPTS):
            if self.take("^"):
                node = self.raised(node, self.script(is_exponent=isinstance(node, Number)), start)
            elif self.is_sign("_") and not isinstance(node, Number):
                self.at += 1
                node = self.lowered_by(node, self.script(), start, is_first=self.tokens[bare].text == "_")
            elif self.is_sign(".") and self.peek().kind == "name" and self.peek().tight and (found := self.method(node, start)) is not None:
                node = found
            elif isinstance(node, Call | Bracket | Transposed | Entry) and self.is_indexed():
                first = self.at
                self.close()
                node = Entry(node, self.behind_bracket(first), (start, self.behind()))
            else:
                return node
        raise Unreadable("too many scripts", self.token.start, f"at most {MAX_SCRIPTS}")

    def method(self, node: Written, start: int) -> Written | None:
        """W.T, x.dot(W), dZ.sum(axis=0); None where the full stop is a sign of a product."""
        name = self.peek()
        if name.text == "T":
            self.at += 2
            if self.is_sign("(") and self.peek().text == ")":
                self.at += 2
            return Transposed(node, (start, self.behind()))
        if name.text not in {*_METHODS, "sum", "mean", "exp", "log", "tanh"} or self.peek(2).text != "(" or not self.peek(2).tight:
            return None
        self.at += 2
        head = (name.start, name.end)
        if name.text not in _METHODS:
            args, options = ((), ()) if self.peek().text == ")" else self.arguments(name.text)
            self.at += 2 * (not args and not options)
            function = Name(f"np.{name.text}", None, (), 0, False, head, head)
            return Call(function, (node, *args), options, (start, self.behind()))
        args, _ = self.arguments(name.text)
        return Product((node, *args), (_METHODS[name.text],) * len(args), (start, self.behind()))

    def lowered_by(self, node: Written, script: Script, start: int, *, is_first: bool) -> Written:
        """An entry of what is in brackets; behind the bars of a norm, 2 and F only name it."""
        if isinstance(node, Norm) and is_first and script.text in {"2", "F"}:
            return node
        return Entry(node, script, (start, self.behind()))

    def raised(self, node: Written, script: Script, start: int) -> Written:
        span = (start, self.behind())
        if is_transpose(script) and not (script.text == "t" and self.is_counted(node)):
            return Transposed(node, span)
        return Power(node, self.sub_reader(script).whole(), span)

    def is_counted(self, node: Written) -> bool:
        """Is ^t behind this a power, as of (1 - beta)^t, and no transposition?"""
        is_number = not any(isinstance(part, Name) and part.base[0].isupper() for part in parts(node))
        options = ("power", "transposed") if is_number else ("transposed", "power")
        return self.choose("raised", "t", *options) == "power"

    def is_indexed(self) -> bool:
        """Does an index in square brackets stand close behind what was read: h[0], W[1][2], a[i, j]?"""
        if not (self.is_sign("[") and self.token.tight):
            return False
        at, length = self.at + 1, 0
        while _is_index(self.tokens[at]) and length <= MAX_SCRIPTS:
            at, length = at + 1, length + 1
        return self.tokens[at].text == "]" and 0 < length <= MAX_SCRIPTS

    def behind_bracket(self, first: int) -> Script:
        """The bracket from the token `first` to here as a script, with its brackets."""
        return Script(tuple(self.tokens[first : self.at]), (self.tokens[first].start, self.behind()), "[")

    # -- names -------------------------------------------------------------------------------------------------------

    def spaced(self) -> Written | None:
        """All tokens as a name in two words, delta o1, o1 error or w5 new; None where they are something else."""
        tokens = self.tokens[:-1]
        if len(tokens) != 3 or any(t.kind not in {"name", "number"} or t.text in FUNCTIONS for t in tokens):
            return None
        word, *owner = tokens if tokens[0].kind == "name" and len(tokens[0].text) > 1 else (tokens[-1], *tokens[:-1])
        letter, number = owner
        is_first = word is tokens[0]
        is_name = word.kind == "name" and len(word.text) > 1 and letter.kind == "name" and number.kind == "number" and number.tight
        if not is_name or (letter if is_first else word).tight or self.choose("spaced", word.text, "name", "product") == "product":
            return None
        self.at = len(tokens)
        span = (tokens[0].start, tokens[-1].end)
        base, rest = (letter, (number, word)) if word.text in _MARKS else (word, (letter, number))
        return Name(
            base.text, Script(rest, (min(t.start for t in rest), max(t.end for t in rest))), (), 0, False, (base.start, base.end), span
        )

    def scripted(self) -> Name | None:
        """All tokens as one name with its scripts, if they are that."""
        token = self.token
        base, head = token.text, (token.start, token.end)
        self.at += 1
        if base == "Delta" and self.token.text in {"_", "^"}:
            self.skip_pattern()
        if self.is_changed(base):
            base, head = base + self.token.text, (head[0], self.token.end)
            self.at += 1
        name = self.scripts(base, head) if token.kind == "name" else None
        return name if self.token.kind == "end" else None

    def scripts(self, base: str, head: tuple[int, int], sub: Script | None = None) -> Name:
        """The name with all that is attached to it."""
        sups: list[Script] = []
        primes, plus = 0, False
        is_function = base in FUNCTIONS
        while True:
            token = self.token
            if token.kind == "number" and token.tight and sub is None and not sups and token.text.isdigit() and not is_function:
                self.at += 1
                sub = Script((token,), (token.start, token.end))
            elif token.kind == "name" and token.tight and (more := self.identifier(sub)) is not None:
                sub = more
            elif token.kind != "sign":
                break
            elif token.text == "_":
                self.at += 1
                more = self.lowered()
                if not more.tokens:
                    continue
                sub = more if sub is None else Script((*sub.tokens, *more.tokens), (sub.span[0], more.span[1]))
            elif token.text == "^":
                self.at += 1
                script = self.script(is_exponent=base == "e")
                while script.tokens and script.tokens[-1].text in {"'", "''"} and script.tokens[-1].kind == "sign":
                    primes += len(script.tokens[-1].text)
                    script = Script(script.tokens[:-1], script.span)
                if script.tokens:
                    sups += _split(script)
            elif token.text in {"'", "''"}:
                self.at += 1
                primes += len(token.text)
            elif token.text == "+" and token.tight and not plus and self.is_mark():
                self.at += 1
                plus = True
            elif token.text == "star" and token.tight and self.peek().kind == "end" and self.at + 1 < len(self.tokens):
                self.at += 1
                sups.append(Script((token,), (token.start, token.end)))
            elif token.text == "⟨" and token.tight:
                sups.append(self.script())
            elif token.text == "[" and not is_function and self.is_index_of(base):
                first = self.at
                self.close()
                sups.append(self.behind_bracket(first))
            else:
                break
            if primes > MAX_PRIMES or len(sups) > MAX_SCRIPTS or (sub is not None and len(sub.tokens) > 4 * MAX_SCRIPTS):
                raise Unreadable("too many scripts", token.start, f"at most {MAX_PRIMES} primes and {MAX_SCRIPTS} scripts")
        if sub is not None and sub.text in _SLOPES and (is_function or base in self.functions):
            sub, primes = None, primes + 1
        return Name(base, sub, tuple(sups), primes, plus, head, (head[0], self.behind()))

    def skip_pattern(self) -> None:
        """Pass over the pattern that a change is for, where a name with an index of its own follows: Δ_p w_{ji}."""
        before = self.at
        self.at += 1
        script = self.lowered()
        if script.text not in _PATTERNS or self.token.kind != "name" or self.peek().text != "_":
            self.at = before

    def is_index_of(self, base: str) -> bool:
        """Is the bracket here an index of the name, and not an argument?"""
        if base in self.functions or not self.is_indexed():
            return False
        is_open = self.peek().kind == "name"
        return not is_open or self.choose("call", base, "index", "call", "product") == "index"

    def identifier(self, sub: Script | None) -> Script | None:
        """The subscript with the word that stands close behind it, as in w5neu or w_h1i1; None where that is a factor."""
        if sub is None or sub.tokens[0].kind == "sign" or sub.tokens[-1].end != self.token.start:
            return None
        word = self.token.text
        is_mark = sub.tokens[-1].kind == "number" and word in _MARKS
        is_edge = sub.tokens[0].kind == "name" and sub.tokens[-1].kind == "number" and len(word) == 1 and self.peek().kind == "number"
        if not is_mark and not (is_edge and self.peek().tight and self.peek(2).text not in {"_", "("} and sub.span[1] == self.token.start):
            return None
        self.at += 1
        first = self.at - 1
        if is_edge and not is_mark:
            self.at += 1
        return Script((*sub.tokens, *self.tokens[first : self.at]), (sub.span[0], self.behind()), sub.mark)

    def lowered(self) -> Script:
        """A subscript; without braces a word, or letters and digits that stand close together: h1, 12, ij."""
        token = self.token
        if token.kind not in {"name", "number"}:
            return self.script()
        first = self.at
        self.at += 1
        is_word = token.kind == "name" and len(token.text) > 1
        while self.token.tight and self.token.kind == "number":
            self.at += 1
        if token.kind == "name" and self.at == first + 1 and not is_word:
            while self.is_index() and self.peek().text not in {"_", "^"}:
                self.at += 1
        return Script(tuple(self.tokens[first : self.at]), (token.start, self.behind()))

    def is_index(self) -> bool:
        """Is this a letter that belongs to the subscript before it?"""
        token, before = self.token, self.tokens[self.at - 1]
        letters = "ijklmnpqr"
        return token.tight and token.kind == "name" and token.text in letters and before.text in letters and len(token.text) == 1

    def is_mark(self) -> bool:
        """Is the plus here that of an updated weight: w5+, with an operator or the end behind it?"""
        after = self.peek()
        if after.kind == "end":
            return True
        return after.kind == "sign" and after.text in {"=", ")", "star", "cdot", "times", "-", "+", "/", "≈", ",", ":="} and not after.tight

    def name(self) -> Written:
        """What begins with a name: a derivative, a sum in words, a call, an exponential, or the name."""
        token = self.token
        if token.text == "d" and (found := self.straight()) is not None:
            return found
        if token.text == "sum" and self.peek().text == "_" and self.is_summed():
            return self.big()
        if token.text in _DIFFERENTIATORS and (found := self.differentiated()) is not None:
            return found
        start = token.start
        base, head, sub = token.text, (token.start, token.end), None
        self.at += 1
        if base == "d" and (function := self.slope_called()) is not None:
            return self.call(replace(self.scripts(function.text, (function.start, function.end)), primes=1))
        if base == "Delta" and self.token.text in {"_", "^"}:
            self.skip_pattern()
        if self.is_changed(base):
            base, head = base + self.token.text, (start, self.token.end)
            self.at += 1
        elif self.token.kind == "name" and self.token.tight and head[1] - head[0] == 1 and len(base) > 1 and self.is_glued(base):
            sub = self.glued()
        name = self.undotted(self.scripts(base, head, sub))
        if base[0] == "d" and len(base) > 1 and name.sub is not None and (slope := self.underscored(name, name.sub)) is not None:
            return slope
        if name.base in self.names and not (self.token.tight and self.is_sign("(", "'") and self.is_called(name.base)):
            return name
        if name.base == "e" and name.sub is None and len(name.sups) == 1 and not name.primes:
            exponent = self.sub_reader(name.sups[0]).whole()
            return Call(Name("exp", None, (), 0, False, head, head), (exponent,), (), (start, self.behind()))
        if name.base in FUNCTIONS or name.base.startswith("np."):
            is_alone = self.token.kind == "end" or (
                not self.is_sign("(", "[", "{", "\\{", "-", "frac", "|", "sqrt") and not self.starts_factor()
            )
            return name if is_alone and not name.base.startswith("np.") else self.call(name)
        if name.base in self.functions and self.is_sign("(", "[", "\\{"):
            return self.call(name)
        if name.base == "sum" and name.head == name.span and self.is_sign("("):
            return self.call(name)
        if self.is_sign("(", "[") and (applied := self.applied_name(name)) is not None:
            return applied
        if name.sub is not None and any(t.text == ":" and t.kind == "sign" for t in name.sub.tokens):
            return self.line_of(name, name.sub)
        return self.marked_name(name)

    def is_called(self, base: str) -> bool:
        return base in FUNCTIONS or base in self.functions

    def underscored(self, name: Name, sub: Script) -> Written | None:
        """dL_dW1, as it is called in programs, as a derivative; None where the d below is no differential."""
        first, *rest = sub.tokens
        is_one = first.kind == "name" and len(first.text) > 1 and first.text[0] == "d" and first.text not in _LETTERS
        if not is_one or sub.span != (first.start, sub.tokens[-1].end) or name.sups or name.primes:
            return None
        if self.choose("glued", f"{name.base}_{first.text}", "derivative", "name") == "name":
            return None
        below = Token("name", first.text[1:], first.start + 1, first.end, True)
        wrt = type(self)((below, *rest), self.functions, choices=self.choices, met=self.met, names=self.names).scripted()
        of = Name(name.base[1:], None, (), 0, False, (name.head[0] + 1, name.head[1]), (name.head[0] + 1, name.head[1]))
        return None if wrt is None else Derivative(of, wrt, False, name.span)

    def is_summed(self) -> bool:
        """Does something follow sum_k that it is of? Else it is a name, sum_h1."""
        start = self.at
        self.at += 2
        is_index = self.lowered().text.isalpha()
        found = self.starts_factor() or (is_index and self.is_sign("-", "^"))
        self.at = start
        return found

    def marked_name(self, name: Name) -> Written:
        """The name, or a power or transposition where its superscript or prime is chosen to be that."""
        is_primed = name.primes == 1 and name.base[0].isupper() and len(name.base) == 1 and not name.sups
        if is_primed and self.choose("primed", name.base, "prime", "transposed") == "transposed":
            return Transposed(replace(name, primes=0), name.span)
        is_raised = bool(name.sups) and len(name.sups[-1].tokens) == 1 and name.sups[-1].tokens[0].kind == "number"
        if is_raised and self.choose("raised", name.base, "script", "power") == "power":
            exponent = self.sub_reader(name.sups[-1]).whole()
            return Power(replace(name, sups=name.sups[:-1], span=(name.span[0], name.sups[-1].span[0])), exponent, name.span)
        return name

    def slope_called(self) -> Token | None:
        """The function in d_sigmoid(z) or dsigmoid(z), behind which the cursor stands then; None where this is something else."""
        at = self.at + self.is_sign("_")
        function = self.tokens[at]
        is_function = function.kind == "name" and (function.text in FUNCTIONS or (at > self.at and function.text in self.functions))
        if not is_function or not function.tight or self.peek_at(at + 1).text != "(":
            return None
        self.at = at + 1
        return function

    def is_changed(self, base: str) -> bool:
        """Is this the d or Δ of a name: dW, Δw?"""
        if self.token.kind != "name" or self.token.text in FUNCTIONS:
            return False
        return base == "Delta" or (base == "d" and self.token.tight)

    def is_glued(self, base: str) -> bool:
        """Is the Greek letter before this one name with the letters right behind it: δo1?"""
        if self.tokens[self.at].end - self.tokens[self.at].start != len(self.token.text) or self.token.text in FUNCTIONS:
            return False
        options = ("name", "product") if base in GLUING else ("product", "name")
        return self.choose("glued", f"{_GREEK.get(base, base)}{self.token.text}", *options) == "name"

    def glued(self) -> Script:
        """The letters and digits close behind a Greek letter, as its subscript."""
        first = self.at
        self.at += 1
        while self.token.tight and self.token.kind in {"number", "name"} and self.tokens[self.at - 1].kind != self.token.kind:
            self.at += 1
        return Script(tuple(self.tokens[first : self.at]), (self.tokens[first].start, self.behind()))

    def undotted(self, name: Name) -> Name:
        """A dot over a function's letter is a prime."""
        for mark, primes in _DOTTED.items():
            letter = name.base.removesuffix(mark)
            if name.base.endswith(mark) and (letter in FUNCTIONS or letter in self.functions) and self.is_sign("(", "[", "\\{"):
                return replace(name, base=letter, primes=name.primes + primes)
        return name

    def line_of(self, name: Name, sub: Script) -> Written:
        """A row or column of a matrix, Z_{n,:}: what is raised behind it is raised to that."""
        layers = tuple(script for script in name.sups if is_layer(script))
        node: Written = Entry(replace(name, sub=None, sups=layers), sub, name.span)
        for script in name.sups:
            if not is_layer(script):
                node = self.raised(node, script, name.span[0])
        return node

    # -- calls -------------------------------------------------------------------------------------------------------

    def applied_name(self, name: Name) -> Written | None:
        """What a name that is no known function and the bracket behind it are; None where they are a product."""
        opening, first = self.token, self.at
        end = self.over(first) - 1
        if self.tokens[end].text != CLOSING[opening.text] or end <= first + 1:
            return None
        inside = self.tokens[first + 1 : end]
        is_list = all(t.kind in {"name", "number"} or t.text in _LISTING for t in inside) and inside[0].kind != "number"
        has_separator = is_list and any(t.text in {",", ";", "|"} for t in inside)
        is_under, self.is_under = self.is_under, False
        is_whole = is_under or (first == _length_of(name, self.tokens) and self.tokens[end + 1].kind == "end")
        is_unit = opening.tight and _is_unit(inside) and self.tokens[end + 1].text not in {"_", "^"}
        is_step = opening.tight and (_is_step(inside) or (len(inside) == 1 and _is_index(inside[0]) and inside[0].kind == "name"))
        is_word = len(name.base) > 1 and name.base.isascii() and name.base.isalpha() and name.base not in _LETTERS
        is_scored = is_word and name.base.lower() in _SCORES
        if opening.text == "[" and (not opening.tight or not is_list or has_separator):
            return None
        if opening.tight and len(inside) > 2 and all(t.text == "," or (t.kind == "number" and t.text.isdigit()) for t in inside):
            options: tuple[str, ...] = ("index", "call", "product")
        elif has_separator:
            options = ("dropped", "call", "index")
        elif name.primes and not name.base[0].isupper() and opening.tight and is_list:
            options = ("call", "product")
        elif opening.text == "[":
            options = ("call", "product", "index")
        elif is_unit or is_step:
            options = ("index", "call", "product", "dropped") if is_list else ("index", "product", "call")
        elif is_list and is_whole and (is_scored or not is_word):
            options = ("dropped", "call", "product", "index")
        elif is_list and is_word and opening.tight and name.sub is None:
            options = ("call", "product", "index", "dropped")
        elif opening.tight and name.base not in _LETTERS:
            options = ("product", "call", "index", "dropped") if is_list else ("product", "call")
        else:
            return None
        way = self.choose("call", name.base, *options)
        if way == "product":
            return None
        if way == "call":
            return self.call(name)
        self.close()
        if way == "dropped":
            return self.scripts_behind(name)
        span = (opening.start, self.behind())
        if name.sub is None and not is_step:
            return self.scripts_behind(replace(name, sub=Script(tuple(inside), span, "("), span=(name.span[0], span[1])))
        step = Script(tuple(self.tokens[first : self.at]), span, "(")
        return self.scripts_behind(replace(name, sups=(*name.sups, step), span=(name.span[0], span[1])))

    def scripts_behind(self, name: Name) -> Name:
        """The name with the scripts that stand behind its arguments."""
        more = self.scripts(name.base, name.head, name.sub)
        return replace(more, sups=(*name.sups, *more.sups), primes=name.primes + more.primes, plus=name.plus or more.plus)

    def call(self, name: Name) -> Written:
        """A function and its arguments; a power between them is one of the value."""
        start = name.span[0]
        primes, powers = name, [s for s in name.sups if not is_layer(s)]
        base = _LIBRARY.get(name.base, name.base)
        if base.startswith("np.") and base not in FUNCTIONS and base[3:] in FUNCTIONS:
            base = base[3:]
        name = Name(base, name.sub, tuple(s for s in name.sups if is_layer(s)), name.primes, False, name.head, name.span)
        if powers and is_transpose(powers[0]):
            raise Unreadable("a function is transposed", powers[0].span[0], "an argument")
        args, options = self.arguments(primes.base)
        node: Written = Call(name, args, options, (start, self.behind()))
        if len(args) == 1 and base in _ARRAYS:
            node = Bracket(args[0], node.span)
        elif len(args) == 1 and base in {"np.transpose", "np.square", "abs", "norm"} and not name.primes:
            two = Number("2", 0, node.span)
            node = (
                Transposed(args[0], node.span)
                if base == "np.transpose"
                else Power(Bracket(args[0], args[0].span), two, node.span)
                if base == "np.square"
                else Norm(args[0], node.span)
            )
        elif len(args) == 2 and base == "np.power":
            node = Power(Bracket(args[0], args[0].span), args[1], node.span)
        for script in powers:
            node = Power(node, self.sub_reader(script).whole(), (start, self.behind()))
        return node

    def arguments(self, base: str) -> tuple[tuple[Written, ...], tuple[tuple[str, str], ...]]:
        """The arguments of a function, and its options such as axis=1."""
        if not self.is_sign("(", "[", "\\{", "{"):
            if base not in BARE:
                raise self.unexpected("'('")
            return (self.bare(),), ()
        closing = CLOSING[self.token.text]
        self.at += 1
        args: list[Written] = []
        options: list[tuple[str, str]] = []
        while True:
            if self.token.kind == "name" and len(self.token.text) > 1 and self.peek().text == "=" and self.peek().kind == "sign":
                key = self.token.text
                self.at += 2
                sign = "-" if self.take("-") else ""
                options.append((key.replace("dim", "axis") if key == "dim" else key, sign + self.token.text))
                self.at += 1
            else:
                args.append(self.sum())
            if self.take(closing):
                return tuple(args), tuple(options)
            self.expect(",")

    def bare(self) -> Written:
        """An argument without brackets: a factor, with a number before it: tanh 2z."""
        start = self.token.start
        is_minus = self.sign()
        factors = [self.factor()]
        if isinstance(factors[0], Number) and self.starts_factor():
            factors.append(self.factor())
        node = self.joined(factors, [""] * (len(factors) - 1), start)
        return Negative(node, (start, self.behind())) if is_minus else node

    # -- fractions and derivatives -----------------------------------------------------------------------------------

    def fraction(self) -> Written:
        start = self.token.start
        self.at += 1
        top = self.group()
        bottom = self.group()
        span = (start, self.behind())
        mark = self.differential_of(top, bottom)
        if mark == "":
            return Quotient(self.read(top, start), self.read(bottom, start), span)
        if mark == "over":
            return Derivative(self.read(top, start), self.read(bottom[1:], bottom[0].end), _is_round(bottom[0]), span)
        return self.derivative(top, bottom, span)

    def differential_of(self, top: Sequence[Token], bottom: Sequence[Token]) -> str:
        """What the parts of a fraction are: "d", differentials both; "over", the lower one only; or "", no derivative."""
        if not top or len(bottom) < 2:
            return ""
        first, below = top[0], bottom[0]
        if _is_differential(first) and _is_differential(below):
            is_name = first.text == "d" and len(top) > 1 and top[1].kind == "sign" and top[1].text not in {"^", "("}
            return "" if is_name else "d"
        if _is_delta(top) and _is_delta(bottom):
            return "d" if self.choose("delta", "δ", "partial", "letter") == "partial" else ""
        is_below = _is_differential(below) and bottom[1].kind == "name" and (below.text == "∂" or bottom[1].tight)
        if is_below and first.kind == "name" and self.sub_reader(Script(tuple(top), (first.start, first.start))).scripted() is not None:
            return "over" if self.choose("over", below.text, "derivative", "quotient") == "derivative" else ""
        return ""

    def derivative(self, top: list[Token], bottom: list[Token], span: tuple[int, int]) -> Written:
        """The derivative of what is above by what is below; of higher order as nested ones."""
        is_round = _is_round(top[0])
        order, rest = 1, top[1:]
        if rest and rest[0].text == "^" and rest[0].kind == "sign":
            upper = self.sub_reader(Script(tuple(rest[1:]), (rest[0].end, rest[0].end)))
            order = self.order(upper.script())
            rest = rest[1 + upper.at :]
        by = [self.read(bottom[1:], bottom[0].end)] if order == 1 else self.lower(bottom, order)
        if rest:
            return self.nested(self.read(rest, top[0].end), by, span, is_round=is_round)
        of = self.operand()
        return self.nested(of, by, (span[0], self.behind()), is_round=is_round, is_applied=True)

    def nested(self, of: Written, by: Sequence[Written], span: tuple[int, int], *, is_round: bool, is_applied: bool = False) -> Written:
        """The derivative of `of` by each of `by`, the last of them first, as they are written."""
        for wrt in reversed(by):
            of = Derivative(of, wrt, is_round, span, is_applied)
        return of

    def order(self, script: Script) -> int:
        """The order that is raised behind a d."""
        if not script.text.isdigit() or not 1 <= int(script.text) <= MAX_ORDER:
            raise Unreadable("a derivative of this order", script.span[0], f"a whole number up to {MAX_ORDER}")
        return int(script.text)

    def lower(self, bottom: Sequence[Token], order: int) -> list[Written]:
        """What a derivative of higher order is by: dw^2, or dw_1 dw_2."""
        reader = self.sub_reader(Script(tuple(bottom), (bottom[0].start, bottom[0].start)))
        found = reader.by_each(order)
        if reader.token.kind != "end":
            raise reader.unexpected("the end of the denominator")
        return found

    def by_each(self, order: int) -> list[Written]:
        """d x, d x^2 or d x d y, here."""
        found: list[Written] = []
        start = self.token.start
        while len(found) < order and (_is_differential(self.token) or _is_delta(self.tokens[self.at : self.at + 2])):
            self.at += 1
            node, count = self.peeled(self.factor())
            found += [node] * count
        if len(found) != order:
            raise Unreadable(f"a derivative of order {order} by {len(found)} quantities", start, f"{order} below")
        return found

    def peeled(self, node: Written) -> tuple[Written, int]:
        """What a power is of, and which: w^2 in d²E/dw^2."""
        if isinstance(node, Name) and node.sups and node.sups[-1].text.isdigit() and len(node.sups[-1].tokens) == 1:
            script = node.sups[-1]
            return replace(node, sups=node.sups[:-1], span=(node.span[0], script.span[0] - 1)), self.order(script)
        if isinstance(node, Power) and isinstance(node.exponent, Number) and node.exponent.text.isdigit():
            return node.base, min(int(node.exponent.text), MAX_ORDER + 1)
        return node, 1

    def marked(self) -> Written:
        """\\dv{E}{w}, or \\dv{w} before what it is applied to; \\dv[2]{E}{w} is one of higher order."""
        token = self.token
        is_round = token.text == "pdv"
        self.at += 1
        order = 1
        if self.is_sign("["):
            script = self.script()
            order = self.order(Script(script.tokens[1:-1], script.span))
        first = self.group()
        if not self.is_sign("{") or not self.token.tight:
            by = [self.read(first, token.start)] * order
            return self.nested(self.operand(), by, (token.start, self.behind()), is_round=is_round, is_applied=True)
        of, wrt = self.read(first, token.start), self.read(self.group(), token.start)
        return self.nested(of, [wrt] * order, (token.start, self.behind()), is_round=is_round)

    def operand(self) -> Written:
        """What d/dx stands before and is applied to: a bracket, or the product that follows."""
        return self.factor() if self.is_sign("(", "[", "\\{", "{") else self.product()

    def along(self) -> Written:
        """∂E/∂w, ∂/∂w E or ∂_w E, in a line; ∂w alone, as some write the gradient by w, is a name."""
        start, first = self.token.start, self.token
        self.at += 1
        if self.take("/"):
            by = self.by("∂", 1)
            return self.nested(self.operand(), by, (start, self.behind()), is_round=True, is_applied=True)
        if self.take("_"):
            wrt = self.sub_reader(self.script()).whole()
            return Derivative(self.factor(), wrt, True, (start, self.behind()), is_applied=True)
        order = 1
        if self.take("^"):
            order = self.order(self.script())
            if self.take("/"):
                by = self.by("∂", order)
                return self.nested(self.operand(), by, (start, self.behind()), is_round=True, is_applied=True)
        of = self.differentiable()
        if isinstance(of, Name) and order == 1 and not (self.is_sign("/") and self.is_differential(self.at + 1, "∂")):
            return replace(of, base=f"∂{of.base}", head=(first.start, of.head[1]), span=(first.start, of.span[1]))
        self.expect("/")
        return self.nested(of, self.by("∂", order), (start, self.behind()), is_round=True)

    def differentiable(self) -> Written:
        """The factor that a derivative is of; a name with names in brackets is there no product."""
        self.is_under = True
        node = self.factor()
        self.is_under = False
        return node

    def by(self, mark: str, order: int) -> list[Written]:
        """What stands under ∂ or d, which may be in a bracket with it."""
        is_held = self.is_sign("(")
        self.at += is_held
        if not _is_differential(self.token):
            raise self.unexpected(repr(mark))
        if order > 1:
            found = self.by_each(order)
        else:
            self.at += 1
            found = [self.factor()]
        if is_held:
            self.expect(")")
        return found

    def straight(self) -> Written | None:
        """dE/dw or d/dw E, in a line; nothing if the d here is the letter of a name."""
        start = self.token.start
        if self.peek().text == "/" and self.is_differential(self.at + 2, "d"):
            self.at += 2
            by = self.by("d", 1)
            return self.nested(self.operand(), by, (start, self.behind()), is_round=False, is_applied=True)
        if self.peek().text == "^" and self.peek().kind == "sign":
            return self.straight_of_order(start)
        of = self.peek()
        if not (of.tight and (of.kind == "name" or of.text == "(")) or not self.is_differential(self.behind_factor(self.at + 1) + 1, "d"):
            return None
        self.at += 1
        top = self.differentiable()
        if not self.is_sign("/"):
            raise self.unexpected("'/'")
        self.at += 1
        return self.nested(top, self.by("d", 1), (start, self.behind()), is_round=False)

    def straight_of_order(self, start: int) -> Written | None:
        """d²E/dw² or d²/dw² E, in a line."""
        at = self.over(self.at + 2)
        is_applied = self.tokens[at].text == "/"
        end = at if is_applied else self.behind_factor(at)
        if not self.is_differential(end + 1, "d"):
            return None
        self.at += 2
        order = self.order(self.script())
        top = None if is_applied else self.differentiable()
        self.expect("/")
        by = self.by("d", order)
        of = self.operand() if top is None else top
        return self.nested(of, by, (start, self.behind()), is_round=False, is_applied=top is None)

    def is_differential(self, at: int, mark: str) -> bool:
        """Is the token at `at` a d or ∂ with something close behind it, and a sign of division before it?"""
        if self.tokens[min(at, len(self.tokens) - 1) - 1].text != "/":
            return False
        here = self.tokens[at : at + 3]
        if here and here[0].text == "(" and here[0].kind == "sign":
            here = here[1:]
        if len(here) < 2 or here[0].text != mark or here[1].kind == "end":
            return False
        return mark == "∂" or (here[0].kind == "name" and here[1].tight)

    def behind_factor(self, at: int) -> int:
        """Behind a name or a bracket at `at` with its scripts and, of a function, its argument; nothing is read."""
        is_name = self.tokens[at].kind == "name"
        at = self.over(at)
        while self.tokens[at].kind != "end":
            token = self.tokens[at]
            if token.kind == "sign" and token.text in {"^", "_"}:
                is_bare, at = self.tokens[at + 1].kind == "name", self.over(at + 1)
                while is_bare and self.tokens[at].tight and self.tokens[at].kind in {"name", "number"} and len(self.tokens[at].text) == 1:
                    at += 1
            elif (token.tight and (token.kind == "number" or token.text in {"'", "''"})) or (
                token.tight and token.kind == "name" and self.tokens[at - 1].kind == "number" and self.peek_at(at + 1).kind == "number"
            ):
                at += 1
            elif is_name and token.kind == "sign" and token.text in {"(", "["}:
                at, is_name = self.over(at), False
            else:
                break
        return at

    def peek_at(self, at: int) -> Token:
        return self.tokens[min(at, len(self.tokens) - 1)]

    def differentiated(self) -> Written | None:
        """D[E, w]; None where the letter is a name."""
        start, end = self.token.start, self.over(self.at + 1)
        if self.peek().text not in {"[", "("} or self.peek().kind != "sign" or not self.peek().tight:
            return None
        inside = self.tokens[self.at + 2 : end - 1]
        commas = [at for at, token in enumerate(inside) if token.text == "," and token.kind == "sign"]
        if len(commas) != 1 or not 0 < commas[0] < len(inside) - 1 or self.tokens[end - 1].text != CLOSING[self.peek().text]:
            return None
        of, wrt = self.read(inside[: commas[0]], start), self.read(inside[commas[0] + 1 :], start)
        self.at = end
        return Derivative(of, wrt, False, (start, self.behind()))

    def nabla(self) -> Written:
        """∇_W E, or ∇_W alone, the gradient of the error; ∇E is a name."""
        start = self.token.start
        self.at += 1
        if not self.take("_"):
            of = self.factor() if self.token.kind == "name" else None
            if isinstance(of, Name):
                return replace(of, base=f"∇{of.base}", head=(start, of.head[1]), span=(start, of.span[1]))
            raise self.unexpected("'_' and what the derivative is with respect to")
        wrt = self.named() if self.token.kind == "name" else self.script()
        of = self.differentiable() if self.token.kind == "name" or self.is_sign("(") else None
        return Nabla(wrt, of, (start, self.behind()))

    def named(self) -> Script:
        """A name with its scripts as what a gradient is with respect to: ∇_W⁽¹⁾."""
        first, token = self.at, self.token
        self.at += 1
        self.scripts(token.text, (token.start, token.end))
        return Script(tuple(self.tokens[first : self.at]), (token.start, self.behind()))

    # -- atoms -------------------------------------------------------------------------------------------------------

    def atom(self) -> Written:
        """What stands here that no operator binds."""
        token = self.token
        rule = _KINDS.get(token.kind) or (_ATOMS.get(token.text) if token.kind == "sign" else None)
        if token.kind == "environment" and token.text.startswith("begin"):
            rule = Reader.environment
        if rule is None:
            raise self.unexpected("a number, a name or a bracket")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep(token.start)
        node = rule(self)
        self.depth -= 1
        return node

    def number(self) -> Written:
        token = self.token
        if token.text == "1" and self.is_indicator():
            return self.ones()
        self.at += 1
        mantissa, _, exponent = token.text.partition("e")
        return Number(mantissa, int(exponent or 0), (token.start, token.end))

    def is_indicator(self) -> bool:
        """Is the 1 here that of 1_{z>0} or 1[z > 0]?"""
        after = self.peek()
        if after.kind != "sign" or not after.tight or after.text not in {"_", "[", "(", "\\{"}:
            return False
        at = self.at + 1 + (after.text == "_")
        return any(t.kind == "sign" and t.text in _COMPARISONS for t in self.tokens[at : self.over(at)])

    def half(self) -> Written:
        token = self.token
        self.at += 1
        top, bottom = (Number(part, 0, (token.start, token.end)) for part in token.text.split("/"))
        return Quotient(top, bottom, (token.start, token.end))

    def bracket(self) -> Written:
        """A bracket, a list in it, or an indicator; braces around a bare name only are none."""
        opening = self.token
        if opening.text == "[" and (numbers := self.spread()) is not None:
            return numbers
        self.at += 1
        node = self.sum()
        if opening.text == "[" and self.token.kind == "sign" and self.token.text in _COMPARISONS:
            node = self.comparison(node, opening.start)
            self.expect("]")
            return Indicator(node, (opening.start, self.behind()))
        if opening.text in {"{", "\\{"} and self.is_sign(",") and self.peek().kind == "word":
            return self.cases_in_line(node, opening)
        if opening.text in {"(", "[", "\\{", "⟨"} and self.is_sign(",", ";"):
            return self.listed(node, opening)
        if opening.text == "[" and isinstance(node, Product) and _is_rows(node):
            self.expect("]")
            return self.stacked(node.factors, opening.start)
        self.expect(CLOSING[opening.text])
        span = (opening.start, self.behind())
        if opening.text == "{" and isinstance(node, Name):
            if not self.is_sign("^", "_", "'"):
                return node
            if self.is_sign("_") and node.sub is None and not node.primes and not node.sups:
                return replace(self.scripts(node.base, node.head), span=(opening.start, self.behind()))
        return Bracket(node, span)

    def spread(self) -> Written | None:
        """[0.1 -0.2; 0.3 0.4]: numbers with nothing but blanks between them; None where the bracket holds something else."""
        end = self.at + 1
        rows: list[list[Written]] = [[]]
        minus: Token | None = None
        blanks = 0
        while (token := self.tokens[end]).kind == "number" or token.text in {"-", "+", ";"}:
            if token.kind == "number":
                mantissa, _, exponent = token.text.partition("e")
                number: Written = Number(mantissa, int(exponent or 0), (token.start, token.end))
                blanks += bool(rows[-1])
                if minus is not None and not token.tight:
                    return None
                if minus is None and rows[-1] and token.tight:
                    return None
                rows[-1].append(Negative(number, (minus.start, token.end)) if minus is not None and minus.text == "-" else number)
                minus = None
            elif token.text == ";":
                rows.append([])
            elif minus is not None or (rows[-1] and token.tight):
                return None
            else:
                minus = token
            end += 1
        if token.text != "]" or not blanks or minus is not None or not all(rows):
            return None
        start = self.token.start
        self.at = end + 1
        cells = rows if len(rows) > 1 else [[cell] for cell in rows[0]]
        return Matrix(tuple(map(tuple, cells)), (start, self.behind()), is_list=len(rows) == 1)

    def listed(self, first: Written, opening: Token) -> Written:
        """[a, b; c, d] or [[a, b], [c, d]] as a matrix; a single list is a column in square brackets, and a row in round ones."""
        rows = [[first]]
        closing = CLOSING[opening.text]
        while not self.take(closing):
            if self.take(";"):
                rows.append([self.sum()])
            else:
                self.expect(",")
                if self.take(closing):
                    break
                rows[-1].append(self.sum())
        cells = rows[0]
        if len(rows) == 1 and all(isinstance(cell, Matrix) and cell.is_list for cell in cells):
            return self.stacked(cells, opening.start)
        span = (opening.start, self.behind())
        if len(rows) > 1:
            return Matrix(tuple(tuple(_apart(row)) for row in rows), span)
        if opening.text == "⟨" and len(cells) == 2 and not any(isinstance(cell, Number | Negative) for cell in cells):
            return Product((Transposed(cells[0], cells[0].span), cells[1]), ("at",), span)
        return Matrix((tuple(cells),) if opening.text == "(" else tuple((cell,) for cell in cells), span, is_list=True)

    def stacked(self, lists: Sequence[Written], start: int) -> Written:
        """Lists of equal length as the rows of a matrix."""
        rows = tuple(tuple(cell for row in one.rows for cell in row) for one in lists if isinstance(one, Matrix))
        return Matrix(rows, (start, self.behind()))

    def comparison(self, left: Written, start: int) -> Relation:
        sign = self.token.text
        if sign not in _COMPARISONS:
            raise self.unexpected("a comparison")
        self.at += 1
        return Relation(left, sign, self.sum(), (start, self.behind()))

    def bars(self) -> Written:
        """|x| or ‖x‖."""
        opening = self.token
        self.at += 1
        self.bars_open += 1
        node = self.sum()
        self.bars_open -= 1
        if self.token.text != opening.text:
            raise self.unexpected(repr(opening.text))
        self.at += 1
        return Norm(node, (opening.start, self.behind()))

    def wrapper(self) -> Written:
        """A box or a brace around something; what stands over or under the brace only comments."""
        opening = self.token
        self.at += 1
        self.expect("{")
        node = self.sum()
        self.expect("}")
        while opening.text in {"underbrace", "overbrace"} and self.is_sign("_", "^"):
            self.at += 1
            self.script()
        return Bracket(node, (opening.start, self.behind()))

    def root(self) -> Written:
        start = self.token.start
        self.at += 1
        name = Name("sqrt", None, (), 0, False, (start, self.behind()), (start, self.behind()))
        if not self.is_sign("{", "("):
            if self.token.kind not in {"name", "number"}:
                raise self.unexpected("'{'")
            return Call(name, (self.factor(),), (), (start, self.behind()))
        closing = CLOSING[self.token.text]
        self.at += 1
        node = self.sum()
        self.expect(closing)
        return Call(name, (node,), (), (start, self.behind()))

    def ones(self) -> Written:
        """A column of ones, or the indicator of what follows."""
        start = self.token.start
        self.at += 1
        if self.take("_"):
            inner = self.sub_reader(self.script())
            node = inner.sum()
            if inner.token.kind == "end":
                return Ones((start, self.behind()))
            return Indicator(inner.comparison(node, start), (start, self.behind()))
        if self.is_sign("(", "[", "{", "\\{") and self.compares():
            opening = self.token.text
            self.at += 1
            nested = opening == "{" and self.take("\\{")
            condition = self.comparison(self.sum(), start)
            if nested:
                self.expect("\\}")
            self.expect(CLOSING[opening])
            return Indicator(condition, (start, self.behind()))
        return Ones((start, self.behind()))

    def compares(self) -> bool:
        """Does the bracket here hold a comparison?"""
        return any(t.kind == "sign" and t.text in _COMPARISONS for t in self.tokens[self.at : self.over(self.at)])

    def big(self) -> Written:
        """A sum or product over an index, and all factors after it."""
        start, sign = self.token.start, "Π" if self.token.text == "Π" else "Σ"
        self.at += 1
        found: dict[str, Script] = {}
        while self.is_sign("_", "^") and self.token.text not in found:
            mark = self.token.text
            self.at += 1
            found[mark] = self.script()
        body = self.product()
        return BigSum(sign, found.get("_"), found.get("^"), body, (start, self.behind()))

    # -- matrices and cases ------------------------------------------------------------------------------------------

    def environment(self) -> Written:
        opening = self.token
        kind = opening.text.split()[1]
        if kind not in _MATRICES and kind not in {"cases", "dcases", "rcases"}:
            raise self.unexpected("a matrix or cases")
        self.at += 1
        rows: list[list[list[Token]]] = [[[]]]
        depth = 0
        while self.token.kind != "end":
            token = self.token
            self.at += 1
            if token.kind == "environment":
                depth += 1 if token.text.startswith("begin") else -1
                if depth < 0:
                    break
            if depth == 0 and token.text == "&":
                rows[-1].append([])
            elif depth == 0 and token.text == r"\\":
                rows.append([[]])
            else:
                rows[-1][-1].append(token)
        else:
            raise Unreadable(f"this {kind} is never closed", opening.start, f"\\end{{{kind}}}")
        rows = [row for row in rows if any(row)]
        if sum(map(len, rows)) > MAX_CELLS:
            raise Unreadable("a matrix of too many entries", opening.start, f"at most {MAX_CELLS}")
        span = (opening.start, self.behind())
        if kind in _MATRICES:
            return Matrix(tuple(tuple(self.read(cell, opening.start) for cell in row) for row in rows), span)
        return self.cases(rows, opening, span)

    def cases(self, rows: list[list[list[Token]]], opening: Token, span: tuple[int, int]) -> Written:
        values, conditions = [], []
        for row in rows:
            value, *rest = row
            while value and value[-1].text in {",", ";"}:
                value = value[:-1]
            values.append(self.read(value, opening.start))
            conditions.append(self.condition(rest[0] if rest else [], span))
        return Cases(tuple(values), tuple(conditions), span)

    def cases_in_line(self, first: Written, opening: Token) -> Written:
        """{a, if x > 0; b, otherwise}."""
        values, conditions = [first], []
        while True:
            self.expect(",")
            start = self.at
            while self.token.kind != "end" and not self.is_sign(";", CLOSING[opening.text]):
                self.at = self.over(self.at)
            conditions.append(self.condition(self.tokens[start : self.at], (self.tokens[start].start, self.behind())))
            if not self.take(";"):
                self.expect(CLOSING[opening.text])
                return Cases(tuple(values), tuple(conditions), (opening.start, self.behind()))
            if len(values) > MAX_SCRIPTS:
                raise Unreadable("too many cases", opening.start, f"at most {MAX_SCRIPTS}")
            values.append(self.sum())

    def condition(self, tokens: list[Token], span: tuple[int, int]) -> Written | None:
        """The condition of a case: a comparison, or a place in the network that words name; None is otherwise."""
        depth, rest, words = 0, [], []
        for token in tokens:
            depth += token.kind == "sign" and token.text in CLOSING
            if depth == 0 and (token.kind == "word" or token.text in {"otherwise", "quad"}):
                words.append(token.text)
            else:
                rest.append(token)
            depth -= token.kind == "sign" and token.text in CLOSING.values()
        said = " ".join(words)
        while rest and rest[0].text in _PUNCTUATION:
            rest = rest[1:]
        while rest and rest[-1].text in _PUNCTUATION:
            rest = rest[:-1]
        if not rest:
            return None
        reader = self.sub_reader(Script(tuple(rest), span))
        left = reader.sum()
        if reader.token.kind == "end":
            place = next((kind for kind, words in PLACES.items() if any(word in said for word in words)), None)
            if place is None or not isinstance(left, Name):
                raise Unreadable(f"the condition {said[:40]!r}", rest[0].start, "a comparison, or the words output, hidden or input")
            return Placed(left, place, span)
        return reader.comparison(left, rest[0].start)


# -- what tells the tokens apart -------------------------------------------------------------------------------------------------


def is_transpose(script: Script) -> bool:
    return script.text in {"T", "⊤", "t", "tr", "⊺"}


def is_layer(script: Script) -> bool:
    """Is this a superscript in brackets: (2), [l], ⟨t⟩?"""
    return len(script.tokens) > 2 and script.tokens[0].text in {"(", "[", "⟨"} and script.tokens[-1].text in {")", "]", "⟩"}


def _split(script: Script) -> Iterator[Script]:
    """What is raised behind a layer within its superscript, W^{(2)^T}, by itself; else the superscript."""
    tokens = script.tokens
    at = next((at for at, token in enumerate(tokens) if token.text == "^" and token.kind == "sign"), 0)
    if not at or not is_layer(Script(tokens[:at], script.span)) or not is_transpose(Script(tokens[at + 1 :], script.span)):
        yield script
        return
    rest = tokens[at + 2 : -1] if tokens[at + 1].text == "{" and tokens[-1].text == "}" else tokens[at + 1 :]
    yield Script(tokens[:at], (script.span[0], tokens[at].start))
    yield Script(rest, (tokens[at + 1].start, script.span[1]))


def _is_differential(token: Token) -> bool:
    return (token.text == "∂" and token.kind == "sign") or (token.text == "d" and token.kind == "name")


def _is_round(token: Token) -> bool:
    return token.text != "d"


def _is_delta(tokens: Sequence[Token]) -> bool:
    """Is this a letter delta with a name behind it, as a derivative's sign is?"""
    return len(tokens) > 1 and tokens[0].text == "delta" and tokens[0].kind == "name" and tokens[1].kind == "name"


def _is_unit(tokens: Sequence[Token]) -> bool:
    """Is this the name of a unit, h1 or o_1?"""
    texts = [t.text for t in tokens if t.text not in {"_", "{", "}"}]
    is_ascii = tokens[0].end - tokens[0].start == len(tokens[0].text)
    return len(texts) == 2 and len(tokens) < 5 and tokens[0].kind == "name" and is_ascii and texts[1].isdigit()


def _is_step(tokens: Sequence[Token]) -> bool:
    """Is this a step before or after an index, t-1, written closely?"""
    texts = [t.text for t in tokens]
    return len(tokens) == 3 and _is_index(tokens[0]) and texts[1] in {"-", "+"} and texts[2].isdigit() and all(t.tight for t in tokens)


def _apart(cells: Sequence[Written]) -> Sequence[Written]:
    """The entries of a row of a matrix that has nothing but blanks between them."""
    only = cells[0]
    is_spread = len(cells) == 1 and isinstance(only, Product) and not any(only.signs)
    return only.factors if is_spread and isinstance(only, Product) and all(isinstance(f, Name | Number) for f in only.factors) else cells


def _is_rows(node: Product) -> bool:
    """Are these lists side by side, as numpy prints a matrix?"""
    return not any(node.signs) and all(isinstance(factor, Matrix) and factor.is_list for factor in node.factors)


def _length_of(name: Name, tokens: Sequence[Token]) -> int:
    """By how many tokens the name is written, if it is what the tokens begin with."""
    return next((at for at, token in enumerate(tokens) if token.start >= name.span[1]), 0) if tokens[0].start == name.span[0] else -1


def _is_index(token: Token) -> bool:
    """May the token stand in an index in square brackets?"""
    if token.kind == "number":
        return token.text.isdigit()
    return token.text in _INDICES if token.kind == "name" else token.kind == "sign" and token.text in {",", ":", "-", "+"}


_INDICES: Final = frozenset("ijklmnpqrstLT")
"""Letters that usually are an index where they stand alone in square brackets; others are arguments."""
_SCORES: Final = frozenset("loss cost error err total risk objective".split())
"""Words for what a network is trained on, whose arguments are of no account."""
_SLOPES: Final = frozenset({"prime", "derivative", "deriv", "der", "grad", "ableitung"})
"""What a function's slope is called by in programs: sigmoid_prime."""
_MARKS: Final = frozenset("new neu old alt nuevo nouveau novo next prev updated".split())
"""What says close behind a number, w5neu, which value of a parameter is meant."""
_LISTING = frozenset({",", ";", "|", "_", "^", "{", "}"})
"""What may stand between names in a list of arguments."""
_OPENINGS: Final = frozenset({"(", "[", "{", "\\{"})
_CLOSINGS: Final = frozenset({")", "]", "}", "\\}"})
_PATTERNS: Final = frozenset({"p", "(p)"})
"""What tells the pattern that something is for."""
_GREEK: Final[Mapping[str, str]] = {"delta": "δ", "Delta": "Δ"}
_LETTERS: Final = frozenset("delta eta alpha beta gamma lambda theta rho epsilon mu".split())
"""Greek letters, by which a bracket is multiplied."""

_Rule = Callable[[Reader], Written]
_KINDS: Mapping[str, _Rule] = {
    "number": Reader.number,
    "half": Reader.half,
    "name": Reader.name,
    "ones": Reader.ones,
    "wrapper": Reader.wrapper,
}
_ATOMS: Mapping[str, _Rule] = {
    "(": Reader.bracket,
    "[": Reader.bracket,
    "{": Reader.bracket,
    "\\{": Reader.bracket,
    "⟨": Reader.bracket,
    "|": Reader.bars,
    "‖": Reader.bars,
    "frac": Reader.fraction,
    "dv": Reader.marked,
    "pdv": Reader.marked,
    "∂": Reader.along,
    "∇": Reader.nabla,
    "Σ": Reader.big,
    "Π": Reader.big,
    "sqrt": Reader.root,
}


# -- what is open in a row -------------------------------------------------------------------------------------------------------


def open_choices(
    text: str,
    medium: Medium,
    words: Collection[str] = (),
    functions: Collection[str] = (),
    *,
    decimal_comma: bool = False,
    choices: Choices = NO_CHOICES,
) -> Options:
    """The choices that the characters of a row leave open when `choices` are taken, each with its options, the default first."""
    try:
        tokens = lex(text, medium, words, decimal_comma=decimal_comma, choices=choices)
    except Unreadable:
        return {}
    met = dict(tokens.met)
    for form in _forms(tokens):
        try:
            Reader(form, functions, choices=choices, met=met).whole()
        except Unreadable:
            continue
    return met


def _forms(tokens: Tokens) -> Iterator[list[Token]]:
    """The runs of tokens between relations, commas and words, outside of brackets."""
    depth = 0
    form: list[Token] = []
    for token in tokens:
        is_sign = token.kind == "sign"
        depth += (is_sign and token.text in CLOSING) - (is_sign and token.text in CLOSING.values())
        if depth <= 0 and (token.kind == "word" or (is_sign and (token.text in RELATIONS or token.text in {",", ";", ":", "⇒", "quad"}))):
            if form:
                yield form
            form = []
        else:
            form.append(token)
    if form:
        yield form
