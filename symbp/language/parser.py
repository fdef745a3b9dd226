"""Text → Form: the inverse of the writers, a Pratt parser driven by the precedences of OPS, for the grammar of `grammar`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from symbp.errors import SymbpError, nearest
from symbp.language.form import (
    DOT,
    HALF,
    OPS,
    PI,
    POWER,
    ZERO,
    Form,
    Function,
    Index,
    Node,
    Var,
    absolute,
    cases,
    ddx,
    exp,
    frac,
    height,
    neg,
    power,
    sub,
    total,
)
from symbp.language.grammar import BESIDE, CALLS, INFIX, STARTS
from symbp.language.lexer import MAX_DIGITS, RAISED, Cursor, Medium, Token, error, lex
from symbp.language.names import Names, braces, is_matrix, key, scripts
from symbp.language.normal import normal, value_of
from symbp.language.speller import Speller

__all__ = ["MAX_DEPTH", "normal", "parse", "read"]

MAX_DEPTH: Final = 200

_AFTER = "an operator or the end of the formula"


def parse(text: str, speller: Speller, medium: Medium) -> Node:
    """The Form that `text` writes: `parse(writer.text(form), speller, medium) == normal(form, medium)`."""
    return read(text, Names(speller, medium))


def read(text: str, names: Names) -> Node:
    """The Form that the whole of `text` writes; `names` can be kept for many texts."""
    tokens = lex(text, names.medium, distinguishes=names.distinguishes)
    if len(tokens) == 1:
        raise error("there is no formula here", text, 0, "expected a number, a name or a bracket")
    parser = _Parser(text, tokens, names=names, closing=braces(tokens, text))
    try:
        node = parser.expression()
    except RecursionError:  # the caller was deep in the stack already
        raise _too_deep(text, 0) from None
    if parser.token.kind != "end":
        raise parser.unexpected(_AFTER)
    if height(node) > MAX_DEPTH:
        raise _too_deep(text, 0)
    return node


def _too_deep(text: str, at: int) -> SymbpError:
    return error("this formula is nested too deeply", text, at, f"at most {MAX_DEPTH} levels are read")


def _binds(op: str, medium: Medium) -> int:
    return OPS[op].spellings["plain" if op == "frac" else medium].binds


@dataclass
class _Parser(Cursor):
    """One text being read, about the quantities of `names`; `closing` pairs the braces."""

    names: Names
    closing: Mapping[int, int]
    depth: int = 0

    @property
    def medium(self) -> Medium:
        return self.names.medium

    # -- operators -------------------------------------------------------------------------------------------------

    def infix(self) -> str | None:
        """The operator between what was read and what comes next."""
        token = self.token
        if token.kind == "name" or (token.kind == "sign" and token.text in STARTS[self.medium]):
            return BESIDE[self.medium]
        return INFIX[self.medium].get(token.text) if token.kind == "sign" else None

    def expression(self, least: int = 0) -> Node:
        """What binds at least as tightly as `least`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _too_deep(self.text, self.token.start)
        if self.take("-"):
            left: Node = neg(self.expression(POWER))
        else:
            left = self.atom()
            if least <= POWER:
                left = self.postfix(left)
        while (op := self.infix()) is not None and _binds(op, self.medium) >= least:
            left = self.row(left, op)
        self.depth -= 1
        return left

    def row(self, first: Node, op: str) -> Node:
        """`first` and all that the same operator joins to it."""
        if op == "frac":
            self.expect("/")
            return frac(first, self.expression(POWER))
        args, start = [first], self.at
        asks = OPS[op].spellings[self.medium].asks[0]
        is_beside = op == BESIDE[self.medium]
        while self.infix() == op:
            minus = self.ahead("-")
            self.at += 0 if is_beside else 1
            arg = self.expression(asks)
            args.append(neg(arg) if minus else arg)
        if is_beside and any(map(is_matrix, args)):
            return Form("matmul", tuple(args))
        if op == "matmul":
            self.at = start
            raise self.unexpected(_AFTER)
        return Form(op, tuple(args))

    def postfix(self, base: Node) -> Node:
        """`base` with the power or the transposition that follows it."""
        if self.take("ᵀ"):
            return Form("transpose", (base,))
        if self.ahead("^", "{", r"\top", "}"):
            self.at += 4
            return Form("transpose", (base,))
        if self.token.kind == "raised":
            node = power(base, self.digits())
        elif self.take("^"):
            node = power(base, self.exponent())
        else:
            return base
        if self.token.kind == "raised" or self.ahead("^"):
            raise self.unexpected("brackets around what is raised to a power again")
        return node

    def digits(self) -> Node:
        text = self.token.text.translate(RAISED)
        if not text.isdecimal() or len(text) > MAX_DIGITS:
            raise self.unexpected(f"a power, of at most {MAX_DIGITS} digits")
        self.at += 1
        return value_of(text)

    def exponent(self) -> Node:
        if self.medium == "plain":
            return self.expression(POWER + 1)
        if self.take("{"):
            return self.closed("}")
        token, name = self.token, (self.token.text, "", "")
        if token.kind == "number" and len(token.text) == 1:
            self.at += 1
            return value_of(token.text)
        if token.kind == "name" and name in self.names.variables:
            self.at += 1
            return self.names.variables[name]
        raise self.unexpected("'{', a digit or a letter")

    def closed(self, by: str) -> Node:
        node = self.expression()
        self.expect(by)
        return node

    # -- atoms -----------------------------------------------------------------------------------------------------

    def atom(self) -> Node:
        token = self.token
        rule = _ATOMS[self.medium].get(token.text) if token.kind == "sign" else _NAMED.get(token.kind)
        if rule is None:
            raise self.unexpected("a number, a name or a bracket")
        self.at += 1
        return rule(self, token)

    def number(self, token: Token) -> Node:
        is_kronecker = token.text == "1" and [t.text for t in self.tokens[self.at : self.at + 3 : 2]] == ["[", "="]
        return self.kronecker(token) if is_kronecker else value_of(token.text)

    def kronecker(self, token: Token) -> Node:
        """1[i = j], after its 1 in plain text, before it in LaTeX."""
        if token.text != "1":
            self.expect("{", "1", "}")
        ends = [part.text for part in self.tokens[self.at + 1 : self.at + 4 : 2]]
        if len(ends) != 2 or not all(len(end) == 1 and end.isalpha() for end in ends):
            raise self.unexpected("two indices")
        self.expect("[", ends[0], "=", ends[-1], "]")
        return Form("kronecker", tuple(map(Index, ends)))

    def half(self, token: Token) -> Node:
        return HALF

    def bracket(self, token: Token) -> Node:
        return self.closed(")")

    def named(self, token: Token) -> Node:
        """An exponential, a function's value or a quantity.

        A name that is a quantity's too, or the letter of one, is a function's only where the bracket is right behind it.
        """
        if token.text == "π":
            return PI
        if self.medium == "latex" and token.text == "e" and self.ahead("^"):
            if key("e", scripts(self.tokens, self.at, self.closing, self.medium)) in self.names.nodes:
                return self.quantity(token)
            self.at += 1
            return exp(self.exponent())
        is_function = token.text in self.names.functions or token.text in CALLS
        is_free = token.text not in self.names.bases
        if is_function and (is_free or (self.token.text in {"(", "'"} and self.token.start == token.end)):
            return self.call(token)
        return self.quantity(token)

    def call(self, token: Token) -> Node:
        order = 0
        while token.text in self.names.functions and self.take("'"):
            order += 1
        if token.text == r"\sqrt":
            self.expect("{")
            return Form("sqrt", (self.closed("}"),))
        self.expect("(")
        if (op := CALLS.get(token.text)) == "max":
            first = self.closed(",")
            return Form("max", (first, self.closed(")")))
        x = self.closed(")")
        if op is not None and not order:
            return Form(op, (x,))
        function = self.names.functions[token.text]
        return Form("apply", (Function(function.name, function.symbol, order), x))

    def circle(self, token: Token) -> Node:
        return PI

    def bars(self, token: Token) -> Node:
        return absolute(self.closed("|" if token.text == "|" else r"\right|"))

    def cases(self, token: Token) -> Node:
        """Two values and the condition of the first."""
        beside, below, end = ("&", r"\\", r"\end{cases}") if self.medium == "latex" else (",", ";", "}")
        positive = self.closed(beside)
        self.expect("if")
        left = self.closed(">")
        right = self.closed(below)
        otherwise = self.closed(beside)
        self.expect("otherwise", end)
        return cases(left if right == ZERO else sub(left, right), positive, otherwise)

    def quantity(self, token: Token) -> Node:
        marks = scripts(self.tokens, self.at, self.closing, self.medium)
        end = max((script.end for script in marks.values()), default=self.at)
        known = self.names.nodes
        if node := known.get(key(token.text, marks)):
            self.at = end
            return node
        base = known.get(key(token.text, {mark: script for mark, script in marks.items() if mark != "^"}))
        if base is None:
            spelled = self.text[token.start : self.tokens[end - 1].end][:80]
            raise error(f"there is no {spelled!r} in this network", self.text, token.start, nearest(spelled, self.names.known()))
        if [*marks] == ["^", "_"]:
            base, self.at = self.postfix(base), end
        elif "_" in marks:
            self.at = marks["_"].end
        return base

    def nabla(self, token: Token) -> Node:
        """The derivative of the error with respect to a whole layer."""
        if self.medium == "latex":
            self.expect("_", "{")
            wrt = self.closed("}")
        else:
            wrt = self.expression(POWER + 1)
        return total(self.expression(POWER + 1), wrt)

    def fraction(self, token: Token) -> Node:
        if self.ahead("{", r"\partial"):
            self.at += 2
            of = self.expression(POWER)
            self.expect("}", "{", r"\partial")
            wrt = self.expression(POWER)
            self.expect("}")
            return self.one_edge(of, wrt)
        if self.ahead("{", "d") and not self.ahead("{", "d", "}") and self.names.distinguishes:
            self.at += 2
            of = self.expression(POWER)
            self.expect("}", "{", "d")
            wrt = self.expression(POWER)
            self.expect("}")
            return total(of, wrt)
        if self.ahead("{", "d", "}", "{", "d") and self.tokens[self.closing[self.at + 3] + 1].text == "[":
            self.at += 5
            return self.slope(token, "}", "[")
        self.expect("{")
        top = self.closed("}")
        self.expect("{")
        return frac(top, self.closed("}"))

    def along(self, token: Token) -> Node:
        """∂E/∂w, in plain text."""
        of = self.expression(POWER)
        self.expect("/", "∂")
        return self.one_edge(of, self.expression(POWER))

    def straight(self, token: Token) -> Node:
        """dE/dw, in plain text."""
        of = self.expression(POWER)
        self.expect("/", "d")
        return total(of, self.expression(POWER))

    def one_edge(self, of: Node, wrt: Node) -> Node:
        """What ∂ means: the derivative along one edge, where that is told from the total one."""
        return Form("partial" if self.names.distinguishes else "total", (of, wrt))

    def slope(self, token: Token, *then: str) -> Node:
        """The x and the brackets of d/dx [ … ]."""
        start = self.at
        wrt = self.expression(POWER)
        if not isinstance(wrt, Var):
            self.at = start
            raise self.unexpected("a quantity")
        self.expect(*(then or ("[",)))
        return ddx(self.closed("]"), wrt)

    def summed(self, token: Token) -> Node:
        start, marks = self.at, scripts(self.tokens, self.at, self.closing, self.medium)
        if self.medium == "plain":
            index, top, end = self.token.text, "", self.at + 1
        else:
            index, top = (marks[mark].text if mark in marks else "" for mark in "_^")
            index, end = index.removesuffix("=1"), max((script.end for script in marks.values()), default=start)
        if not (len(index) == 1 and index.isalpha()):
            raise self.unexpected("the index of the sum")
        self.at = end
        body = self.expression(DOT)
        over = self.names.range(index, body)
        if over is None or (top and top != self.names.width(over.over)):
            self.at = start
            raise self.unexpected(f"a sum over the units whose index is {index}" if over is None else repr(self.names.width(over.over)))
        return Form("sum", (over, body))

    def matrix(self, token: Token) -> Node:
        beside, below, end = ("&", r"\\", r"\end{bmatrix}") if self.medium == "latex" else (",", ";", "]")
        rows: list[list[Node]] = [[self.expression()]]
        while not self.take(end):
            if self.take(below):
                rows.append([self.expression()])
            else:
                self.expect(beside)
                rows[-1].append(self.expression())
        return Form("matrix", tuple(Form("row", tuple(cells)) for cells in rows))


_Rule = Callable[[_Parser, Token], Node]
_NAMED: Mapping[str, _Rule] = {"number": _Parser.number, "name": _Parser.named}
_ATOMS: Mapping[Medium, Mapping[str, _Rule]] = {
    "latex": {
        "(": _Parser.bracket,
        r"\frac": _Parser.fraction,
        r"\ln": _Parser.call,
        r"\exp": _Parser.call,
        r"\sqrt": _Parser.call,
        r"\max": _Parser.call,
        r"\pi": _Parser.circle,
        r"\left|": _Parser.bars,
        r"\sum": _Parser.summed,
        r"\nabla": _Parser.nabla,
        r"\begin{bmatrix}": _Parser.matrix,
        r"\mathbf": _Parser.kronecker,
        r"\begin{cases}": _Parser.cases,
    },
    "plain": {
        "(": _Parser.bracket,
        "½": _Parser.half,
        "∂": _Parser.along,
        "d": _Parser.straight,
        "d/d": _Parser.slope,
        "Σ_": _Parser.summed,
        "∇_": _Parser.nabla,
        "[": _Parser.matrix,
        "|": _Parser.bars,
        "{": _Parser.cases,
    },
}
