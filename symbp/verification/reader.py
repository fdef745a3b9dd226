r"""Tokens → what a person wrote: a Pratt parser over the operators that hand work has.

    sum      = [ "-" ] product { ( "+" | "-" ) product }
    product  = factor { [ "·" | "×" | "*" | "⊙" | "@" | "." ] factor | "/" factor }
    factor   = atom { "^" script | "_" script | "'" }
    atom     = number | name scripts | call | bracket | fraction | derivative | gradient | big sum | matrix | cases | indicator | norm

Everything must be consumed. Nesting is limited; what cannot be read raises Unreadable with the place and what was expected there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from symbp.network.activation import ACTIVATIONS
from symbp.verification.tokens import Unreadable
from symbp.verification.written import (
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
)

MAX_DEPTH: Final = 60
MAX_CELLS: Final = 4096
FUNCTIONS: Final = frozenset(
    "exp log ln tanh sinh cosh sin cos max min diag relu softmax softplus sigmoid logistic sign sgn sqrt erf sech silu gelu elu "
    "np.sum np.dot np.exp np.log np.tanh np.maximum np.multiply np.sqrt np.mean np.outer np.diag".split()
) | {row.function.symbol for row in ACTIVATIONS.values() if row.name != "sigmoid"}
"""Names that are always functions."""
BARE: Final = frozenset("exp log ln tanh sinh cosh sin cos sech softplus sigmoid".split())
"""Functions whose argument may stand without brackets."""
SIGNS: Final = frozenset({"cdot", "times", "star", "odot", "at"})
_CLOSING: Mapping[str, str] = {"(": ")", "[": "]", "{": "}", "\\{": "\\}"}
_MATRICES = frozenset({"matrix", "bmatrix", "pmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array"})
_PUNCTUATION = frozenset({",", ".", ";", ":"})
_COMPARISONS = frozenset({"=", "≠", "<", ">", "≤", "≥"})
_END = Token("end", "", -1, -1)


class Reader:
    """Reads one run of tokens. `functions` are the letters that stand for a function where a bracket follows."""

    def __init__(self, tokens: Sequence[Token], functions: Collection[str] = (), end: int = 0) -> None:
        self.tokens = [*tokens, Token("end", "", tokens[-1].end if tokens else end, tokens[-1].end if tokens else end)]
        self.functions = functions
        self.at = 0
        self.depth = 0
        self.bars_open = 0

    # -- places ----------------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def behind(self) -> int:
        """Where the token before this one ends."""
        return self.tokens[self.at - 1].end

    def take(self, text: str) -> bool:
        found = self.token.kind != "end" and self.token.text == text and self.token.kind in {"sign", "environment"}
        self.at += found
        return found

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.unexpected(repr(text))

    def unexpected(self, expected: str) -> Unreadable:
        token = self.token
        return Unreadable("the formula ends too early" if token.kind == "end" else f"unexpected {token.text!r}", token.start, expected)

    # -- expressions -----------------------------------------------------------------------------------------------

    def whole(self) -> Written:
        """All tokens as one expression."""
        node = self.sum()
        if self.token.kind != "end":
            raise self.unexpected("an operator or the end")
        return node

    def sum(self) -> Written:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("this is nested too deeply", self.token.start, f"at most {MAX_DEPTH} levels")
        start = self.token.start
        terms: list[Written] = []
        minus: list[bool] = []
        is_minus = self.sign()
        while True:
            term = self.product()
            terms.append(term)
            minus.append(is_minus)
            if self.token.text not in {"+", "-"} or self.token.kind != "sign":
                break
            is_minus = self.sign()
        self.depth -= 1
        span = (start, self.behind())
        if len(terms) > 1:
            return Sum(tuple(terms), tuple(minus), span)
        return Negative(terms[0], span) if minus[0] else terms[0]

    def sign(self) -> bool:
        """The signs here: is what follows them negative?"""
        is_minus = False
        while self.token.kind == "sign" and self.token.text in {"+", "-"}:
            is_minus ^= self.token.text == "-"
            self.at += 1
        return is_minus

    def product(self) -> Written:
        start = self.token.start
        factors, signs = [self.factor()], []
        while True:
            if self.take("/"):
                top = self.joined(factors, signs, start)
                bottom = self.signed()
                factors, signs = [Quotient(top, bottom, (start, self.behind()))], []
            elif sign := self.multiplication():
                factors.append(self.signed())
                signs.append(sign)
            elif self.starts_factor():
                factors.append(self.factor())
                signs.append("")
            else:
                return self.joined(factors, signs, start)

    def joined(self, factors: list[Written], signs: list[str], start: int) -> Written:
        return factors[0] if len(factors) == 1 else Product(tuple(factors), tuple(signs), (start, self.behind()))

    def multiplication(self) -> str:
        """The sign of a product here, if there is one; a full stop is one only between two factors."""
        token = self.token
        if token.kind != "sign":
            return ""
        if token.text in SIGNS:
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
        return token.kind == "sign" and token.text in {"(", "[", "{", "\\{", "frac", "∂", "∇", "Σ", "Π", "sqrt"}

    def factor(self) -> Written:
        start = self.token.start
        node = self.atom()
        while True:
            if self.take("^"):
                script = self.script()
                node = self.raised(node, script, start)
            elif self.token.kind == "sign" and self.token.text == "_" and not isinstance(node, Number):
                self.at += 1
                node = Entry(node, self.script(), (start, self.behind()))
            elif self.token.text == "." and self.peek().text == "T" and self.peek().tight:
                self.at += 2
                node = Transposed(node, (start, self.behind()))
            else:
                return node

    def raised(self, node: Written, script: Script, start: int) -> Written:
        span = (start, self.behind())
        if is_transpose(script):
            return Transposed(node, span)
        return Power(node, self.sub_reader(script).whole(), span)

    def sub_reader(self, script: Script) -> Reader:
        reader = Reader(script.tokens, self.functions, script.span[0])
        reader.depth = self.depth + 1
        if reader.depth > MAX_DEPTH:
            raise Unreadable("this is nested too deeply", script.span[0], f"at most {MAX_DEPTH} levels")
        return reader

    def script(self) -> Script:
        """What is raised or lowered: a group in braces or brackets, or one token."""
        start, first = self.token.start, self.at
        if self.token.text == "{" and self.token.kind == "sign":
            self.close()
            return Script(tuple(self.tokens[first + 1 : self.at - 1]), (start, self.behind()))
        if self.token.text in {"(", "["} and self.token.kind == "sign":
            self.close()
            return Script(tuple(self.tokens[first : self.at]), (start, self.behind()))
        if self.token.kind == "end":
            raise self.unexpected("what is raised or lowered")
        while self.token.text in {"-", "+"} and self.token.kind == "sign" and self.peek().kind in {"number", "name"} and self.peek().tight:
            self.at += 1
        self.at += 1
        while self.token.tight and self.token.kind == "number" and self.tokens[self.at - 1].kind == "name":
            self.at += 1
        return Script(tuple(self.tokens[first : self.at]), (start, self.behind()))

    def close(self) -> None:
        """Step over the bracket here and everything up to the one that closes it."""
        opening = self.token
        waiting = []
        while True:
            token = self.token
            if token.kind == "end":
                raise Unreadable(f"this {opening.text!r} is never closed", opening.start, repr(_CLOSING[opening.text]))
            if token.kind == "sign" and token.text in _CLOSING:
                waiting.append(_CLOSING[token.text])
            elif token.kind == "sign" and waiting and token.text == waiting[-1]:
                waiting.pop()
            self.at += 1
            if not waiting:
                return

    # -- atoms -----------------------------------------------------------------------------------------------------

    def atom(self) -> Written:
        token = self.token
        rule = _KINDS.get(token.kind) or (_ATOMS.get(token.text) if token.kind == "sign" else None)
        if token.kind == "environment" and token.text.startswith("begin"):
            rule = Reader.environment
        if rule is None:
            raise self.unexpected("a number, a name or a bracket")
        return rule(self)

    def number(self) -> Written:
        token = self.token
        self.at += 1
        mantissa, _, exponent = token.text.partition("e")
        return Number(mantissa, int(exponent or 0), (token.start, token.end))

    def half(self) -> Written:
        token = self.token
        self.at += 1
        top, bottom = (Number(part, 0, (token.start, token.end)) for part in token.text.split("/"))
        return Quotient(top, bottom, (token.start, token.end))

    def bracket(self) -> Written:
        opening = self.token
        self.at += 1
        node = self.sum()
        if self.token.text in _COMPARISONS and self.token.kind == "sign" and opening.text == "[":
            node = self.comparison(node, opening.start)
            self.expect("]")
            return Indicator(node, (opening.start, self.behind()))
        if opening.text == "[" and self.token.text in {",", ";"}:
            return self.listed(node, opening)
        self.expect(_CLOSING[opening.text])
        return Bracket(node, (opening.start, self.behind()))

    def listed(self, first: Written, opening: Token) -> Written:
        """[a, b; c, d] as a matrix; a single row is a column, as a list of numbers is meant."""
        rows = [[first]]
        while not self.take("]"):
            if self.take(";"):
                rows.append([self.sum()])
            else:
                self.expect(",")
                rows[-1].append(self.sum())
        if len(rows) == 1:
            rows = [[cell] for cell in rows[0]]
        return Matrix(tuple(tuple(row) for row in rows), (opening.start, self.behind()))

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
        while opening.text in {"underbrace", "overbrace"} and self.token.text in {"_", "^"} and self.token.kind == "sign":
            self.at += 1
            self.script()
        return Bracket(node, (opening.start, self.behind()))

    def root(self) -> Written:
        start = self.token.start
        self.at += 1
        name = Name("sqrt", None, (), 0, False, (start, self.behind()), (start, self.behind()))
        if not (self.take("{") or self.take("(")):
            raise self.unexpected("'{'")
        node = self.sum()
        self.expect("}" if self.token.text == "}" else ")")
        return Call(name, (node,), (), (start, self.behind()))

    def ones(self) -> Written:
        """A column of ones, or the indicator of what follows."""
        start = self.token.start
        self.at += 1
        if self.token.text == "_" and self.token.kind == "sign":
            self.at += 1
            inner = self.sub_reader(self.script())
            node = inner.sum()
            if inner.token.kind == "end":
                return Ones((start, self.behind()))
            return Indicator(inner.comparison(node, start), (start, self.behind()))
        if self.token.text in {"(", "[", "{", "\\{"} and self.token.kind == "sign":
            save, opening = self.at, self.token.text
            self.at += 1
            nested = opening == "{" and self.take("\\{")
            node = self.sum()
            if self.token.text in _COMPARISONS:
                condition = self.comparison(node, start)
                if nested:
                    self.expect("\\}")
                self.expect(_CLOSING[opening])
                return Indicator(condition, (start, self.behind()))
            self.at = save
        return Ones((start, self.behind()))

    # -- fractions and derivatives ---------------------------------------------------------------------------------

    def fraction(self) -> Written:
        start = self.token.start
        self.at += 1
        top = self.group()
        bottom = self.group()
        span = (start, self.behind())
        if top and bottom and _is_differential(top[0]) and bottom[0].text == top[0].text:
            return self.derivative(top, bottom, span)
        return Quotient(self.read(top, start), self.read(bottom, start), span)

    def read(self, tokens: Sequence[Token], at: int) -> Written:
        return self.sub_reader(Script(tuple(tokens), (at, at))).whole()

    def group(self) -> list[Token]:
        """The tokens of a fraction's part: in braces, or one token, of a number its first digit."""
        token, first = self.token, self.at
        if token.text == "{" and token.kind == "sign":
            self.close()
            return self.tokens[first + 1 : self.at - 1]
        if token.kind == "number" and len(token.text) > 1 and token.text.isdigit():
            self.tokens[self.at] = Token("number", token.text[1:], token.start + 1, token.end, True)
            return [Token("number", token.text[0], token.start, token.start + 1)]
        if token.kind == "end":
            raise self.unexpected("'{'")
        self.at += 1
        return [token]

    def derivative(self, top: list[Token], bottom: list[Token], span: tuple[int, int]) -> Written:
        is_round = top[0].text == "∂"
        if len(top) > 1 and top[1].text == "^":
            raise Unreadable("a second derivative", top[0].start, "first derivatives")
        wrt = self.read(bottom[1:], bottom[0].end)
        if len(top) > 1:
            return Derivative(self.read(top[1:], top[0].end), wrt, is_round, span)
        return self.applied(wrt, is_round, span[0])

    def applied(self, wrt: Written, is_round: bool, start: int) -> Written:
        """d/dx before what it is applied to: a bracket, or the product that follows."""
        if self.token.text in {"(", "[", "\\{"}:
            node: Written = self.factor()
        elif self.token.text == "{":
            node = self.factor()
        else:
            node = self.product()
        return Derivative(node, wrt, is_round, (start, self.behind()), is_applied=True)

    def along(self) -> Written:
        """∂E/∂w or ∂/∂w E, in a line."""
        start = self.token.start
        self.at += 1
        if self.token.text == "/":
            self.at += 1
            self.expect("∂")
            return self.applied(self.factor(), True, start)
        of = self.factor()
        self.expect("/")
        self.expect("∂")
        return Derivative(of, self.factor(), True, (start, self.behind()))

    def straight(self) -> Written | None:
        """dE/dw or d/dw E, in a line; nothing if the d here is the letter of a name."""
        start, save = self.token.start, self.at
        self.at += 1
        if self.token.text == "/" and self.peek().text == "d" and self.peek(2).tight:
            self.at += 2
            return self.applied(self.factor(), False, start)
        if not (self.token.tight and (self.token.kind == "name" or self.token.text == "(")):
            self.at = save
            return None
        try:
            of = self.factor()
        except Unreadable:
            self.at = save
            return None
        if self.token.text == "/" and self.peek().text in {"d", "("} and self.peek(2 if self.peek().text == "d" else 1).kind != "end":
            self.at += 1
            if self.token.text == "d" and self.peek().tight:
                self.at += 1
                return Derivative(of, self.factor(), False, (start, self.behind()))
        self.at = save
        return None

    def nabla(self) -> Written:
        start = self.token.start
        self.at += 1
        if not self.take("_"):
            raise self.unexpected("'_' and what the derivative is by")
        wrt = self.script()
        of = self.factor() if self.token.kind == "name" or self.token.text == "(" else None
        return Nabla(wrt, of, (start, self.behind()))

    def big(self) -> Written:
        """A sum or product over an index, and all factors after it."""
        start, sign = self.token.start, "Π" if self.token.text == "Π" else "Σ"
        self.at += 1
        found: dict[str, Script] = {}
        while self.token.kind == "sign" and self.token.text in {"_", "^"} and self.token.text not in found:
            mark = self.token.text
            self.at += 1
            found[mark] = self.script()
        body = self.product()
        return BigSum(sign, found.get("_"), found.get("^"), body, (start, self.behind()))

    # -- names and calls -------------------------------------------------------------------------------------------

    def name(self) -> Written:
        token = self.token
        if token.text == "d" and (found := self.straight()) is not None:
            return found
        if token.text == "sum" and self.peek().text == "_":
            return self.big()
        start = token.start
        base, head = token.text, (token.start, token.end)
        self.at += 1
        is_change = base == "Delta" and self.token.text in {"w", "W", "b", "theta", "v", "B"}
        if base in {"d", "Delta"} and self.token.kind == "name" and (self.token.tight or is_change) and self.token.text not in FUNCTIONS:
            base, head = base + self.token.text, (start, self.token.end)
            self.at += 1
        name = self.scripts(base, head)
        if name.base == "e" and name.sub is None and len(name.sups) == 1 and not name.primes:
            exponent = self.sub_reader(name.sups[0]).whole()
            return Call(Name("exp", None, (), 0, False, head, head), (exponent,), (), (start, self.behind()))
        if name.base in FUNCTIONS or (name.base in self.functions and self.token.text in {"(", "[", "\\{"}):
            return self.call(name)
        return name

    def scripted(self) -> Name | None:
        """All tokens as one name with its scripts, if they are that."""
        token = self.token
        self.at += 1
        name = self.scripts(token.text, (token.start, token.end)) if token.kind == "name" else None
        return name if self.token.kind == "end" else None

    def scripts(self, base: str, head: tuple[int, int]) -> Name:
        sub: Script | None = None
        sups: list[Script] = []
        primes, plus = 0, False
        while True:
            token = self.token
            if token.kind == "number" and token.tight and sub is None and not sups and token.text.isdigit() and base not in FUNCTIONS:
                self.at += 1
                sub = Script((token,), (token.start, token.end))
            elif token.kind == "sign" and token.text == "_":
                self.at += 1
                more = self.lowered()
                sub = more if sub is None else Script((*sub.tokens, *more.tokens), (sub.span[0], more.span[1]))
            elif token.kind == "sign" and token.text == "^":
                self.at += 1
                script = self.script()
                if script.text in {"'", "''"}:
                    primes += len(script.text)
                else:
                    sups.append(script)
            elif token.kind == "sign" and token.text in {"'", "''"}:
                self.at += 1
                primes += len(token.text)
            elif token.kind == "sign" and token.text == "+" and token.tight and not plus and self.is_mark():
                self.at += 1
                plus = True
            else:
                break
        return Name(base, sub, tuple(sups), primes, plus, head, (head[0], self.behind()))

    def lowered(self) -> Script:
        """A subscript; without braces a word, or letters and digits that stand close together: h1, 12, ij."""
        token = self.token
        if token.kind not in {"name", "number"}:
            return self.script()
        first = self.at
        self.at += 1
        is_word = token.kind == "name" and len(token.text) > 1
        while self.token.tight and self.token.kind == "number" and not is_word:
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

    def call(self, name: Name) -> Written:
        """A function and its arguments; a power between them is one of the value."""
        start = name.span[0]
        primes, powers = name, [s for s in name.sups if not is_layer(s)]
        name = Name(name.base, name.sub, tuple(s for s in name.sups if is_layer(s)), name.primes, False, name.head, name.span)
        if powers and is_transpose(powers[0]):
            raise Unreadable("a function is transposed", powers[0].span[0], "an argument")
        args, options = self.arguments(primes)
        node: Written = Call(name, args, options, (start, self.behind()))
        for script in powers:
            node = Power(node, self.sub_reader(script).whole(), (start, self.behind()))
        return node

    def arguments(self, name: Name) -> tuple[tuple[Written, ...], tuple[tuple[str, str], ...]]:
        if self.token.text not in {"(", "[", "\\{", "{"} or self.token.kind != "sign":
            if name.base not in BARE:
                raise self.unexpected("'('")
            return (self.bare(),), ()
        closing = _CLOSING[self.token.text]
        self.at += 1
        args: list[Written] = []
        options: list[tuple[str, str]] = []
        while True:
            if self.token.text in {"axis", "keepdims"} and self.peek().text == "=":
                key = self.token.text
                self.at += 2
                sign = "-" if self.take("-") else ""
                options.append((key, sign + self.token.text))
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

    # -- matrices and cases ----------------------------------------------------------------------------------------

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

    def condition(self, tokens: list[Token], span: tuple[int, int]) -> Written | None:
        """The condition of a case: a comparison, or a place in the network that words name; None is otherwise."""
        said = " ".join(token.text for token in tokens if token.kind == "word")
        rest = [t for t in tokens if t.kind != "word" and t.text not in {"otherwise", "quad"}]
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


PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "output": ("output", "last layer", "ausgabe"),
    "hidden": ("hidden", "inner", "verdeckt"),
    "input": ("input",),
}
"""Words that say where in the network a unit is."""


def is_transpose(script: Script) -> bool:
    return script.text in {"T", "⊤", "t", "tr", "⊺"}


def is_layer(script: Script) -> bool:
    """Is this a superscript in brackets: (2), [l]?"""
    return len(script.tokens) > 2 and script.tokens[0].text in {"(", "["} and script.tokens[-1].text in {")", "]"}


def _is_differential(token: Token) -> bool:
    return (token.text == "∂" and token.kind == "sign") or (token.text == "d" and token.kind == "name")


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
    "|": Reader.bars,
    "‖": Reader.bars,
    "frac": Reader.fraction,
    "∂": Reader.along,
    "∇": Reader.nabla,
    "Σ": Reader.big,
    "Π": Reader.big,
    "sqrt": Reader.root,
}
