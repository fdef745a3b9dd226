r"""Sums, products, powers, names and calls, which hold what else a reader reads: a Pratt parser over the operators that hand work has.

sum      = [ "-" ] product { ( "+" | "-" ) product }
product  = factor { [ "·" | "×" | "*" | "⊙" | "@" | "." ] factor | "/" factor }
factor   = atom { "^" script | "_" script | "'" }
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Self

from symbp.verification.cursor import CLOSING, FUNCTIONS, MAX_DEPTH, MAX_SCRIPTS, Cursor
from symbp.verification.tokens import Unreadable
from symbp.verification.written import (
    Call,
    Entry,
    Name,
    Negative,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Script,
    Sum,
    Token,
    Transposed,
    Written,
)

ERRORS: Final = frozenset({"E", "J", "C", "L", "Loss", "Cost", "loss", "cost"})
PARAMETERS: Final = frozenset({"w", "W", "b", "theta", "Theta"})
"""What an error is a function of."""
BARE: Final = frozenset("exp log ln tanh sinh cosh sin cos sech softplus sigmoid".split())
"""Functions whose argument may stand without brackets."""
PRODUCTS: Final = frozenset({"cdot", "times", "star", "odot", "at"})
_STARTING = frozenset({"(", "[", "{", "\\{", "frac", "dv", "pdv", "∂", "∇", "Σ", "Π", "sqrt"})
_DOTTED = {"ddot": 2, "dot": 1}


class Expressions(Cursor, ABC):
    """Reads expressions; what they are made of, it is told by `atom`."""

    @abstractmethod
    def atom(self) -> Written:
        """What stands here that no operator binds."""

    @abstractmethod
    def straight(self) -> Written | None:
        """dE/dw or d/dw E, in a line; nothing if the d here is the letter of a name."""

    @abstractmethod
    def big(self) -> Written:
        """A sum or product over an index, and all factors after it."""

    def whole(self) -> Written:
        """All tokens as one expression."""
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
            if self.token.text not in {"+", "-"} or self.token.kind != "sign":
                break
            is_minus = self.sign()
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
        start, quotients = self.token.start, 0
        factors: list[Written] = [self.factor()]
        signs: list[str] = []
        while True:
            if self.take("/"):
                quotients += 1
                if quotients > MAX_DEPTH:
                    raise self.too_deep(start)
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
        return token.kind == "sign" and token.text in _STARTING

    def factor(self) -> Written:
        start = self.token.start
        node, bare = self.atom(), self.at
        for _ in range(MAX_SCRIPTS):
            if self.take("^"):
                node = self.raised(node, self.script(), start)
            elif self.is_sign("_") and not isinstance(node, Number):
                self.at += 1
                node = self.lowered_by(node, self.script(), start, is_first=self.tokens[bare].text == "_")
            elif self.token.text == "." and self.peek().text == "T" and self.peek().tight:
                self.at += 2
                node = Transposed(node, (start, self.behind()))
            else:
                return node
        raise Unreadable("too many scripts", self.token.start, f"at most {MAX_SCRIPTS}")

    def lowered_by(self, node: Written, script: Script, start: int, *, is_first: bool) -> Written:
        """An entry of what is in brackets; behind the bars of a norm, 2 and F only name it."""
        if isinstance(node, Norm) and is_first and script.text in {"2", "F"}:
            return node
        return Entry(node, script, (start, self.behind()))

    def raised(self, node: Written, script: Script, start: int) -> Written:
        span = (start, self.behind())
        if is_transpose(script):
            return Transposed(node, span)
        return Power(node, self.sub_reader(script).whole(), span)

    def sub_reader(self, script: Script) -> Self:
        """What reads a script, or a part of what is here."""
        reader = type(self)(script.tokens, self.functions, script.span[0])
        reader.depth = self.depth + 1
        if reader.depth > MAX_DEPTH:
            raise self.too_deep(script.span[0])
        return reader

    def read(self, tokens: Sequence[Token], at: int) -> Written:
        return self.sub_reader(Script(tuple(tokens), (at, at))).whole()

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
        name = self.undotted(self.scripts(base, head))
        if name.base == "e" and name.sub is None and len(name.sups) == 1 and not name.primes:
            exponent = self.sub_reader(name.sups[0]).whole()
            return Call(Name("exp", None, (), 0, False, head, head), (exponent,), (), (start, self.behind()))
        if name.base in FUNCTIONS and self.token.kind == "end":
            return name
        if name.base in ERRORS and self.is_sign("("):
            self.skip_arguments()
        if name.base in FUNCTIONS or (name.base in self.functions and self.is_sign("(", "[", "\\{")):
            return self.call(name)
        if name.base == "sum" and name.head == name.span and self.is_sign("("):
            return self.call(name)
        if name.sub is not None and any(t.text == ":" and t.kind == "sign" for t in name.sub.tokens):
            return self.line_of(name, name.sub)
        return name

    def skip_arguments(self) -> None:
        """Step over what an error is a function of: J(W, b), E(w)."""
        save = self.at
        self.close()
        inner = [t for t in self.tokens[save + 1 : self.at - 1] if t.text not in {",", ";", "{", "}", "_", "^"}]
        names = {t.text for t in inner if t.kind == "name"}
        if not names & PARAMETERS or any(t.kind not in {"name", "number"} and t.text not in {"(", ")"} for t in inner):
            self.at = save

    def undotted(self, name: Name) -> Name:
        """A dot over a function's letter is a prime."""
        for mark, primes in _DOTTED.items():
            letter = name.base.removesuffix(mark)
            if name.base.endswith(mark) and letter in {*self.functions, *FUNCTIONS} and self.is_sign("(", "[", "\\{"):
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

    def scripted(self) -> Name | None:
        """All tokens as one name with its scripts, if they are that."""
        token = self.token
        self.at += 1
        name = self.scripts(token.text, (token.start, token.end)) if token.kind == "name" else None
        return name if self.token.kind == "end" else None

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
        closing = CLOSING[self.token.text]
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


def is_transpose(script: Script) -> bool:
    return script.text in {"T", "⊤", "t", "tr", "⊺"}


def is_layer(script: Script) -> bool:
    """Is this a superscript in brackets: (2), [l]?"""
    return len(script.tokens) > 2 and script.tokens[0].text in {"(", "["} and script.tokens[-1].text in {")", "]"}
