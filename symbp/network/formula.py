"""A user's formula in x (an activation) or in t and o (a loss): plain text → Form, by a grammar of its own; nothing is executed.

    sum      = product { ( "+" | "-" ) product }
    product  = signed { ( "*" | "/" ) signed }
    signed   = ( "-" | "+" ) signed | power
    power    = atom [ ( "^" | "**" ) signed ]
    atom     = number | "(" sum ")" | constant | variable | function "(" sum { "," sum } ")"
    number   = digits [ "." [ digits ] ] | "." digits, with an exponent: 1e-3
    constant = "pi" | "e"

-x^2 is -(x^2), and 2^3^2 is 2^(3^2). A power is a constant, whole or half of a whole number, unless its base is e.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from symbp.errors import Place, SymbpError, nearest
from symbp.language.form import (
    ONE,
    PI,
    Form,
    Node,
    Value,
    Var,
    absolute,
    add,
    cos,
    erf,
    exp,
    frac,
    leaves,
    log,
    maximum,
    neg,
    number,
    power,
    sign,
    sin,
    sqrt,
    times,
)
from symbp.network.activation import ACTIVATIONS
from symbp.network.algebra import ExactRational
from symbp.network.calculus import fold, unfold_functions

MAX_LENGTH: Final = 400
MAX_DEPTH: Final = 30
MAX_OPERATIONS: Final = 120
MAX_DEGREE: Final = 64
MAX_LEAVES: Final = 500
MAX_DIGITS: Final = 40

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|[-+*/^(),])"
)

_OPERATORS: Mapping[str, Callable[[Node], Node]] = {
    "exp": exp,
    "ln": log,
    "log": log,
    "sqrt": sqrt,
    "abs": absolute,
    "sign": sign,
    "sgn": sign,
    "sin": sin,
    "cos": cos,
    "erf": erf,
}


def _minimum(x: Node, y: Node) -> Node:
    """min(x, y) = -max(-x, -y)."""
    return neg(maximum(neg(x), neg(y)))


_OF_MANY: Mapping[str, Callable[[Node, Node], Node]] = {"max": maximum, "min": _minimum}


def known_functions() -> dict[str, Callable[[Node], Node]]:
    """Every function of one argument: the operators, then the activations of one net."""
    rows = {name: row for name, row in ACTIVATIONS.items() if not row.is_joint and name not in _OPERATORS}
    return {**_OPERATORS, **{name: row.out for name, row in rows.items()}}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def pointed(message: str, text: str, at: int, place: Place, hint: str | None) -> SymbpError:
    """What is wrong at the offset `at` of the formula `text`, in the line of the file that holds it if that is known."""
    line = place.text or ""
    if line.count(text) == 1 and place.line is not None:
        return SymbpError(message, Place(place.source, place.line, line.index(text) + at + 1, line), hint)
    begin = text.rfind("\n", 0, at) + 1
    shown = text[begin:].partition("\n")[0]
    return SymbpError(f"{place}: {message}", Place("formula", text.count("\n", 0, at) + 1, at - begin + 1, shown), hint)


def read_formula(text: str, variables: Mapping[str, Var], place: Place) -> Node:
    """The Form that `text` writes; `variables` are the letters that it may use."""
    parser = _Parser(text, variables, place)
    parser.lex()
    node = parser.sum()
    if parser.token.kind != "end":
        raise parser.unexpected("an operator or the end of the formula")
    if sum(1 for _ in leaves(unfold_functions(node))) > MAX_LEAVES:
        raise parser.error("this formula is too long once its functions are written out", 0, "use fewer named functions in one another")
    return node


class _Parser:
    """One formula being read."""

    def __init__(self, text: str, variables: Mapping[str, Var], place: Place) -> None:
        self.text, self.variables, self.place = text, variables, place
        self.tokens: list[_Token] = []
        self.at = self.depth = self.operations = 0
        self.functions = known_functions()

    def error(self, message: str, at: int, hint: str | None) -> SymbpError:
        return pointed(message, self.text, at, self.place, hint)

    def lex(self) -> None:
        if len(self.text) > MAX_LENGTH:
            shown = f"a formula of {len(self.text)} characters"
            raise SymbpError(shown, self.place, f"at most {MAX_LENGTH} are read")
        at = 0
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            if match is None:
                hint = "a formula has numbers, letters, + - * / ^, brackets and functions: x / (1 + abs(x))"
                raise self.error(f"unexpected character {self.text[at]!r}", at, hint)
            assert match.lastgroup is not None
            if match.lastgroup != "space":
                self.tokens.append(_Token(match.lastgroup, match[0], at))
            at = match.end()
        if not self.tokens:
            raise SymbpError("the formula is empty", self.place, f"a formula in {' and '.join(self.variables)}")
        self.tokens.append(_Token("end", "", len(self.text)))

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> _Token | None:
        token = self.token
        if token.kind != "sign" or token.text not in texts:
            return None
        self.at += 1
        return token

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.unexpected(repr(text))

    def unexpected(self, expected: str) -> SymbpError:
        token = self.token
        message = "the formula ends too early" if token.kind == "end" else f"unexpected {token.text[:40]!r}"
        if token.kind in {"number", "name"} and expected.startswith("an operator"):
            expected += "; a product is written with *"
        return self.error(message, token.at, f"expected {expected}")

    # -- the grammar -----------------------------------------------------------------------------------------------

    def sum(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error("this formula is nested too deeply", self.token.at, f"at most {MAX_DEPTH} levels are read")
        terms = [self.product()]
        while found := self.take("+", "-"):
            term = self.product()
            terms.append(neg(term) if found.text == "-" else term)
            self._count(found)
        self.depth -= 1
        return add(*terms)

    def product(self) -> Node:
        found = self.signed()
        while operator := self.take("*", "/"):
            right = self.signed()
            found = times(found, right) if operator.text == "*" else frac(found, right)
            self._count(operator)
        return found

    def signed(self) -> Node:
        if sign_before := self.take("-", "+"):
            self._count(sign_before)
            inner = self._deeper(self.signed)
            return neg(inner) if sign_before.text == "-" else inner
        return self.power()

    def power(self) -> Node:
        base = self.atom()
        operator = self.take("^", "**")
        if operator is None:
            return base
        exponent = self._deeper(self.signed)
        self._count(operator)
        return self._raised(base, exponent, operator.at)

    def _raised(self, base: Node, exponent: Node, at: int) -> Node:
        if base == exp(ONE):
            return exp(exponent)
        rule = "a power is a constant such as 2, -1 or 1/2; write e^(…) or exp(b * ln(a)) for others"
        if any(isinstance(leaf, Var) for leaf in leaves(exponent)):
            raise self.error("this power is no constant", at, rule)
        value = fold(unfold_functions(exponent), ExactRational(), None)
        if not isinstance(value, Fraction) or value.denominator > 2:
            raise self.error("this power is neither whole nor half of a whole number", at, rule)
        if abs(value) > MAX_DEGREE or abs(value) * _degree(base) > MAX_DEGREE:
            raise self.error("this power is too large", at, f"at most {MAX_DEGREE}, powers of powers taken together")
        if value.denominator == 2:
            base = sqrt(base)
        whole = value.numerator
        raised = base if abs(whole) == 1 else power(base, number(abs(whole))) if whole else ONE
        return frac(ONE, raised) if whole < 0 else raised

    def atom(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.at += 1
            return self._number(token)
        if self.take("("):
            inner = self.sum()
            self.expect(")")
            return inner
        if token.kind != "name":
            raise self.unexpected("a number, a name or a bracket")
        self.at += 1
        if self.token.text == "(" and token.text in {*self.functions, *_OF_MANY}:
            return self._call(token)
        constants: dict[str, Node] = {"pi": PI, "e": exp(ONE), **self.variables}
        if token.text not in constants:
            known = [*constants, *self.functions, *_OF_MANY]
            is_function = token.text in known
            message = f"{token.text[:40]!r} needs its argument in brackets" if is_function else f"there is no {token.text[:40]!r} here"
            raise self.error(message, token.at, f"{token.text}(…)" if is_function else known_names(token.text, known))
        return constants[token.text]

    def _call(self, token: _Token) -> Node:
        self._count(token)
        self.expect("(")
        args = [self.sum()]
        while self.take(","):
            args.append(self.sum())
        self.expect(")")
        if token.text in _OF_MANY:
            if len(args) < 2:
                raise self.error(f"{token.text} of one number", token.at, f"{token.text}(a, b)")
            found = args[0]
            for arg in args[1:]:
                found = _OF_MANY[token.text](found, arg)
            return found
        if len(args) > 1:
            raise self.error(f"{token.text} of {len(args)} numbers", token.at, f"{token.text}(…) takes one")
        return self.functions[token.text](args[0])

    def _number(self, token: _Token) -> Value:
        try:
            exact = Decimal(token.text) if len(token.text) <= MAX_DIGITS else None
        except InvalidOperation:  # an exponent that no Decimal has
            exact = None
        if exact is None or abs(exact.adjusted()) > MAX_DIGITS:
            raise self.error("a number with too many digits, or too large or small", token.at, f"at most {MAX_DIGITS} digits")
        return Value(format(exact.normalize() if exact else Decimal(0), "f"), Fraction(exact))

    def _deeper(self, rule: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error("this formula is nested too deeply", self.token.at, f"at most {MAX_DEPTH} levels are read")
        found = rule()
        self.depth -= 1
        return found

    def _count(self, token: _Token) -> None:
        self.operations += 1
        if self.operations > MAX_OPERATIONS:
            raise self.error("this formula has too many operations", token.at, f"at most {MAX_OPERATIONS} are read")


def known_names(word: str, known: list[str]) -> str:
    """The hint for a name that means nothing in a formula."""
    return nearest(word, known)


def _degree(node: Node) -> int:
    """At least the degree of `node` as a quotient of polynomials, functions being letters."""
    match node:
        case Form("pow", (base, Value(_, Fraction() as exponent))):
            return int(abs(exponent)) * _degree(base)
        case Form("times" | "frac" | "dot", args):
            return sum(_degree(arg) for arg in args)
        case Form(_, args):
            return max((_degree(arg) for arg in args), default=1)
    return 1
