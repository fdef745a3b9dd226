r"""Text → Form: the inverse of the writers, a Pratt parser driven by the precedences of OPS.

    formula  = sum
    sum      = product { ( "+" | "-" ) product }
    product  = beside { dot beside } | beside { "\circ" power }   dot: "\cdot", or "·" between blanks
    beside   = signed { times signed } | signed "/" power         times: nothing in LaTeX, "·" without blanks in plain text
    signed   = [ "-" ] power
    power    = atom [ "^" exponent | raised | "^{\top}" | "ᵀ" ]
    exponent = "{" sum "}" | digit | letter | in plain text an atom
    atom     = number | "½" | quantity | "(" sum ")" | matrix | fraction | derivative | call | indexed
    fraction = "\frac" "{" sum "}" "{" sum "}"
    derivative = "\frac" "{" "\partial" power "}" "{" "\partial" power "}" | "∂" power "/" "∂" power
               | "\frac" "{" "d" power "}" "{" "d" power "}" | "d" power "/" "d" power
               | "\frac" "{" "d" "}" "{" "d" power "}" "[" sum "]" | "d/d" power "[" sum "]"
    call     = function { "'" } "(" sum ")" | ( "\ln" | "\exp" | "ln" | "exp" | "sqrt" ) "(" sum ")" | "\sqrt" "{" sum "}" | "e" "^" exponent
    indexed  = "\sum" "_" "{" index [ "=" "1" ] "}" [ "^" "{" width "}" ] product | "Σ_" index product
    matrix   = "\begin{bmatrix}" sum { ( "&" | "\\" ) sum } "\end{bmatrix}" | "[" sum { ( "," | ";" ) sum } "]"

Operators in a row are one Form with many arguments, as they were written; brackets keep what they hold together. A superscript
belongs to the name if the network has such a name, else it is a power. Where one of the factors side by side is a matrix, the
product is matmul. The layer that a sum runs over is that of the units that bear its index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from symbp.errors import SymbpError, nearest
from symbp.language.form import DOT, HALF, OPS, POWER, Form, Function, Index, Node, Range, Value, Var, ddx, exp, frac, neg, power, total
from symbp.language.lexer import MAX_DIGITS, RAISED, SPACED, TIGHT, Cursor, Medium, Token, error, lex
from symbp.language.names import FUNCTIONS, Names, braces, is_matrix, layer_of, scripts
from symbp.language.notation import Speller

MAX_DEPTH: Final = 200

_CALLS: Mapping[str, str] = {r"\ln": "log", r"\exp": "exp", "ln": "log", "exp": "exp", "sqrt": "sqrt"}
_INFIX: Mapping[Medium, Mapping[str, str]] = {
    "latex": {"+": "add", "-": "add", r"\cdot": "dot", r"\circ": "hadamard", r"\odot": "hadamard", "/": "frac"},
    "plain": {"+": "add", "-": "add", SPACED: "dot", TIGHT: "times", "∘": "hadamard", "⊙": "hadamard", "/": "frac"},
}
_BESIDE: Mapping[Medium, str] = {"latex": "times", "plain": "matmul"}
_STARTS: Mapping[Medium, frozenset[str]] = {
    "latex": frozenset({"(", r"\frac", r"\ln", r"\exp", r"\sqrt", r"\begin{bmatrix}"}),
    "plain": frozenset({"(", "["}),
}
_AFTER = "an operator or the end of the formula"


def parse(text: str, speller: Speller, medium: Medium) -> Node:
    """The Form that `text` writes: `parse(writer.text(form), speller, medium) == normal(form, medium)`."""
    return read(text, Names(speller, medium))


def read(text: str, names: Names) -> Node:
    """The Form that the whole of `text` writes; `names` can be kept for many texts."""
    tokens = lex(text, names.medium)
    if len(tokens) == 1:
        raise error("there is no formula here", text, 0, "expected a number, a name or a bracket")
    parser = _Parser(text, tokens, names=names, closing=braces(tokens, text))
    try:
        node = parser.expression()
    except RecursionError:  # the caller was deep in the stack already
        raise _too_deep(text, 0) from None
    if parser.token.kind != "end":
        raise parser.unexpected(_AFTER)
    if _height(node) > MAX_DEPTH:
        raise _too_deep(text, 0)
    return node


def normal(node: Node, medium: Medium, *, distinguishes: bool = False) -> Node:
    r"""`node` as it is read back from its own text. What a text cannot tell apart becomes one:

    - a number is exactly what is shown, and a negative number is the negative of a number;
    - `partial` is `total`, which is spelled alike but in a network that `distinguishes` them;
    - a function is what its symbol means, whatever layer it is of;
    - in LaTeX `times` puts a `\cdot` before a number, and is read as the `dot` that it looks like.
    """
    match node:
        case Value(shown):
            return neg(_value(shown[1:])) if shown.startswith("-") else _value(shown)
        case Function(_, symbol, order):
            return Function(FUNCTIONS[symbol], symbol, order)
        case Form("times" | "dot", args) if medium == "latex":
            return _joined("dot", [f for arg in (args if node.op == "dot" else (node,)) for f in _between_dots(arg, distinguishes)])
        case Form(op, args):
            is_same = op == "partial" and not distinguishes
            return Form("total" if is_same else op, tuple(normal(arg, medium, distinguishes=distinguishes) for arg in args))
    return node


def _between_dots(node: Node, distinguishes: bool) -> Iterator[Node]:
    r"""The parts of `node` between the `\cdot` that LaTeX has in a `times` before a number."""
    if not (isinstance(node, Form) and node.op == "times"):
        yield normal(node, "latex", distinguishes=distinguishes)
        return
    group: list[Node] = []
    for arg in node.args:
        if group and _is_number(arg):
            yield _joined("times", group)
            group = []
        group.append(normal(arg, "latex", distinguishes=distinguishes))
    yield _joined("times", group)


def _is_number(node: Node) -> bool:
    match node:
        case Value():
            return True
        case Form("pow", (Value(shown), _)):
            return not shown.startswith("-") and "e" not in shown
    return False


def _joined(op: str, args: list[Node]) -> Node:
    return args[0] if len(args) == 1 else Form(op, tuple(args))


def _value(shown: str) -> Value:
    mantissa, _, exponent = shown.partition("e")
    shown = f"{mantissa}e{int(exponent)}" if exponent else mantissa
    return Value(shown, Fraction(Decimal(shown)))


def _height(node: Node) -> int:
    highest, waiting = 1, [(node, 1)]
    while waiting:
        part, level = waiting.pop()
        highest = max(highest, level)
        if isinstance(part, Form):
            waiting += [(arg, level + 1) for arg in part.args]
    return highest


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
        if token.kind == "name" or (token.kind == "sign" and token.text in _STARTS[self.medium]):
            return _BESIDE[self.medium]
        return _INFIX[self.medium].get(token.text) if token.kind == "sign" else None

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
        is_beside = op == _BESIDE[self.medium]
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
        return _value(text)

    def exponent(self) -> Node:
        if self.medium == "plain":
            return self.expression(POWER + 1)
        if self.take("{"):
            return self.closed("}")
        token, key = self.token, (self.token.text, "", "")
        if token.kind == "number" and len(token.text) == 1:
            self.at += 1
            return _value(token.text)
        if token.kind == "name" and key in self.names.variables:
            self.at += 1
            return self.names.variables[key]
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
        return _value(token.text)

    def half(self, token: Token) -> Node:
        return HALF

    def bracket(self, token: Token) -> Node:
        return self.closed(")")

    def named(self, token: Token) -> Node:
        """An exponential, a function's value or a quantity.

        A name that is a quantity's too is a function's only where the bracket is right behind it.
        """
        if self.medium == "latex" and token.text == "e" and self.take("^"):
            return exp(self.exponent())
        is_function = token.text in self.names.functions or token.text in _CALLS
        is_free = (token.text, "", "") not in self.names.variables
        if is_function and (is_free or (self.token.text in {"(", "'"} and self.token.start == token.end)):
            return self.call(token)
        return self.quantity(token)

    def call(self, token: Token) -> Node:
        order = 0
        while token.text not in _CALLS and self.take("'"):
            order += 1
        if token.text == r"\sqrt":
            self.expect("{")
            return Form("sqrt", (self.closed("}"),))
        self.expect("(")
        x = self.closed(")")
        if token.text in _CALLS:
            return Form(_CALLS[token.text], (x,))
        function = self.names.functions[token.text]
        return Form("apply", (Function(function.name, function.symbol, order), x))

    def quantity(self, token: Token) -> Node:
        marks = scripts(self.tokens, self.at, self.closing, self.medium)
        end = max((script.end for script in marks.values()), default=self.at)
        raised, lowered = (marks[mark].text if mark in marks else "" for mark in "^_")
        known = self.names.variables
        if var := known.get((token.text, raised, lowered)):
            self.at = end
            return var
        base: Node | None = known.get((token.text, "", lowered))
        if base is None:
            spelled = self.text[token.start : self.tokens[end - 1].end][:80]
            raise error(f"there is no {spelled!r} in this network", self.text, token.start, nearest(spelled, self.names.known()))
        if [*marks] == ["^", "_"]:
            base, self.at = self.postfix(base), end
        elif "_" in marks:
            self.at = marks["_"].end
        return base

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
        layer = layer_of(index, body)
        if layer is None or (top and top != self.names.width(layer)):
            self.at = start
            raise self.unexpected(f"a sum over the units whose index is {index}" if layer is None else repr(self.names.width(layer)))
        return Form("sum", (Range(Index(index), layer), body))

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
        r"\sum": _Parser.summed,
        r"\begin{bmatrix}": _Parser.matrix,
    },
    "plain": {
        "(": _Parser.bracket,
        "½": _Parser.half,
        "∂": _Parser.along,
        "d": _Parser.straight,
        "d/d": _Parser.slope,
        "Σ_": _Parser.summed,
        "[": _Parser.matrix,
    },
}
