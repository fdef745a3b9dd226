r"""Written → Form: what symbp itself writes is read back by the one reader; the tree says what stands where, and a network what names mean.

Each operator of a row of factors binds as OPS says, so that a · b/c is read as it was written. In plain text a product is a `dot` where
its sign has blanks around it, `times` where it has none, and `matmul` where nothing but a blank stands there; in LaTeX \cdot is `dot`, and
what stands side by side is `times`, or `matmul` where one of the factors is a matrix. A superscript belongs to the name if the network
has such a name, else it is a power.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from symbp.errors import Place, SymbpError, nearest
from symbp.language import written as w
from symbp.language.form import (
    HALF,
    OPS,
    PI,
    ZERO,
    Form,
    Function,
    Index,
    Node,
    Value,
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
from symbp.language.names import FUNCTIONS, GENERAL, Names, flat, is_matrix, key
from symbp.language.reader import Reader, is_transpose
from symbp.language.speller import Speller
from symbp.language.tokens import Medium, Unreadable, lex
from symbp.language.written import Name, Script, Written

MAX_DEPTH: Final = 200
MAX_SHOWN: Final = 160
"""A longer line is not repeated in a message."""
MAX_POWERS: Final = 60
"""A power of more digits is none."""
CALLS: Final[Mapping[str, str]] = {
    **{name: name for name in ("exp", "sin", "cos", "max", "sqrt", "erf", "diag")},
    "ln": "log",
    "sgn": "sign",
}


def parse(text: str, speller: Speller, medium: Medium) -> Node:
    """The Form that `text` writes: `parse(writer.text(form), speller, medium) == normal(form, medium)`."""
    return read(text, Names(speller, medium))


def read(text: str, names: Names) -> Node:
    """The Form that the whole of `text` writes; `names` can be kept for many texts."""
    if not text.strip():
        raise error("there is no formula here", text, 0, "expected a number, a name or a bracket")
    try:
        tokens = lex(text, names.medium, names.bases)
        tree = Reader(tokens, names.functions, names=names.bases).whole()
        node = _Meaning(text, names).of(tree)
    except Unreadable as trouble:
        expected = f"expected {trouble.expected}" if trouble.expected else "a formula as symbp writes it"
        raise error(trouble.found, text, trouble.at, expected) from None
    except RecursionError:  # the caller was deep in the stack already
        raise _too_deep(text) from None
    if height(node) > MAX_DEPTH:
        raise _too_deep(text)
    return node


def error(message: str, text: str, at: int, expected: str | None = None) -> SymbpError:
    """What is wrong at the offset `at` of `text`, and what would be right there."""
    line = text.count("\n", 0, at) + 1
    begin = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    shown = text[begin : end if end >= 0 else len(text)]
    return SymbpError(message, Place("formula", line, at - begin + 1, shown if len(shown) <= MAX_SHOWN else None), expected)


def _too_deep(text: str) -> SymbpError:
    return error("this formula is nested too deeply", text, 0, f"at most {MAX_DEPTH} levels are read")


class _Meaning:
    """The Form of a tree, about the quantities of `names`."""

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self.names = names
        self.medium = names.medium

    def of(self, node: Written) -> Node:
        match node:
            case w.Number(shown, exponent):
                return value_of(f"{shown}e{exponent}" if exponent else shown)
            case Name():
                return self.name(node)
            case w.Sum(terms, minus):
                rest = (neg(self.of(term)) if m else self.of(term) for term, m in zip(terms[1:], minus[1:], strict=True))
                return Form("add", (self.negative(terms[0]) if minus[0] else self.of(terms[0]), *rest))
            case w.Negative(of):
                return self.negative(of)
            case w.Product() | w.Quotient():
                return self.row(node)
            case w.Power(base, exponent):
                return power(self.of(base), self.of(exponent))
            case w.Transposed(of):
                return Form("transpose", (self.of(of),))
            case w.Bracket(of):
                is_cell = self.shown(node).startswith("[")
                return Form("matrix", (Form("row", (self.of(of),)),)) if is_cell else self.of(of)
            case w.Call():
                return self.call(node)
            case w.Derivative():
                return self.derivative(node)
            case w.Nabla(wrt, of) if of is not None:
                return total(self.of(of), self.script(wrt))
            case w.BigSum("Σ"):
                return self.summed(node)
            case w.Matrix(rows, _, is_list):
                cells = [tuple(cell for row in rows for cell in row)] if is_list else rows
                return Form("matrix", tuple(Form("row", tuple(map(self.of, row))) for row in cells))
            case w.Norm(of):
                return absolute(self.of(of))
            case w.Cases((positive, otherwise), (w.Relation(left, ">", right), None)):
                x, zero = self.of(left), self.of(right)
                return cases(x if zero == ZERO else sub(x, zero), self.of(positive), self.of(otherwise))
            case w.Indicator(w.Relation(Name(i), "=", Name(j))) if len(i) == len(j) == 1:
                return Form("kronecker", (Index(i), Index(j)))
        raise self.wrong("no formula of a network has this", node, "sums, products, powers, functions and derivatives")

    def shown(self, node: Written) -> str:
        return self.text[node.span[0] : node.span[1]]

    def wrong(self, message: str, node: Written, hint: str) -> SymbpError:
        return error(message, self.text, node.span[0], hint)

    def script(self, script: Script) -> Node:
        """A superscript or subscript as a form of its own."""
        return self.of(Reader(script.tokens, self.names.functions, script.span[0], names=self.names.bases).whole())

    # -- rows of factors -------------------------------------------------------------------------------------------

    def negative(self, node: Written) -> Node:
        """The minus before a row of factors is that of its first."""
        return self.row(node, is_negative=True)

    def row(self, node: Written, *, is_negative: bool = False) -> Node:
        """A row of factors, as tightly as each operator binds."""
        items, signs = self.flat(node)
        operands = [self.operand(item) for item in items]
        if is_negative:
            operands[0] = neg(operands[0])
        if not signs:
            return operands[0]
        return _Climb(operands, signs, self.medium, [item.span[0] for item in items]).all(0)

    def operand(self, item: Written) -> Node:
        if isinstance(item, w.Negative):
            return neg(self.operand(item.of))
        if isinstance(item, w.Quotient):
            return HALF if self.shown(item) == "½" else frac(self.of(item.top), self.of(item.bottom))
        return self.of(item)

    def flat(self, node: Written) -> tuple[list[Written], list[str]]:
        """The factors of a product and the operators between them, a fraction's bar in a line among them."""
        if isinstance(node, w.Product):
            items, signs = self.flat(node.factors[0])
            for sign, left, right in zip(node.signs, node.factors, node.factors[1:], strict=False):
                signs.append(self.operator(sign, left, right))
                items.append(right)
            return items, signs
        if isinstance(node, w.Quotient) and self.is_inline(node):
            items, signs = self.flat(node.top)
            return [*items, node.bottom], [*signs, "frac"]
        return [node], []

    def is_inline(self, node: w.Quotient) -> bool:
        return "/" in self.text[node.top.span[1] : node.bottom.span[0]]

    def operator(self, sign: str, left: Written, right: Written) -> str:
        if sign == "odot":
            return "hadamard"
        if sign == "cdot":
            between = self.text[left.span[1] : right.span[0]]
            return "dot" if self.medium == "latex" or between.startswith(" ") else "times"
        if sign == "" and self.medium == "latex":
            while isinstance(right, w.Bracket):
                right = right.of
            is_number = isinstance(right, w.Number) or (isinstance(right, w.Power) and isinstance(right.base, w.Number))
            return "dot" if is_number else "times"
        if sign == "":
            return "matmul"
        raise self.wrong("this sign of a product is not one of symbp's", right, "expected a dot or nothing between factors")

    # -- names, calls, derivatives ---------------------------------------------------------------------------------

    def name(self, node: Name) -> Node:
        """A quantity; with a superscript that is none of its name, a power of it."""
        if node.base == "pi" and node.sub is None and not node.sups:
            return PI
        is_marked = node.primes or node.plus
        if not is_marked and (found := self.names.nodes.get(key(node))) is not None:
            return found
        if node.base == "e" and len(node.sups) == 1 and node.sub is None and self.medium == "latex":
            return exp(self.script(node.sups[0]))
        if node.sups and not is_marked:
            *sups, last = node.sups
            inner = Name(node.base, node.sub, tuple(sups), 0, False, node.head, node.span)
            is_pi = inner.base == "pi" and inner.sub is None and not sups
            base = PI if is_pi else self.names.nodes.get(key(inner))
            if base is not None:
                if is_transpose(last) and last.text != "t":
                    return Form("transpose", (base,))
                if len(last.text) > MAX_POWERS:
                    raise error("this power is too long", self.text, last.span[0], f"a power, of at most {MAX_POWERS} digits")
                return power(base, self.script(last))
        spelled = self.shown(node)[:80]
        raise self.wrong(f"there is no {spelled!r} in this network", node, nearest(spelled, self.names.known()))

    def call(self, node: w.Call) -> Node:
        base, order = node.name.base, node.name.primes
        args = tuple(map(self.of, node.args))
        op = CALLS.get(base)
        is_plain = not order and node.name.sub is None and not node.name.sups
        if op == "max" and len(args) == 2 and is_plain:
            return Form("max", args)
        if len(args) == 1 and op not in {None, "max"} and is_plain:
            return exp(args[0]) if op == "exp" else Form(str(op), args)
        function = self.names.functions.get(base)
        if function is None or len(args) != 1 or node.name.sub is not None or node.name.sups:
            raise self.wrong(
                f"there is no function {base[:40]!r} of {len(args)} here", node, nearest(base, [*CALLS, *self.names.functions])
            )
        return Form("apply", (Function(function.name, function.symbol, order), args[0]))

    def derivative(self, node: w.Derivative) -> Node:
        if node.is_applied:
            wrt = self.of(node.wrt)
            if not isinstance(wrt, Var):
                raise self.wrong("what a derivative is with respect to is no quantity", node.wrt, "a quantity")
            return ddx(self.of(node.of.of if isinstance(node.of, w.Bracket) else node.of), wrt)
        is_partial = node.is_round and self.names.distinguishes
        return Form("partial" if is_partial else "total", (self.of(node.of), self.of(node.wrt)))

    def summed(self, node: w.BigSum) -> Node:
        index = flat(node.low.tokens).removesuffix("=1") if node.low else ""
        top = flat(node.high.tokens) if node.high else ""
        at = node.low.span[0] if node.low else node.span[0]
        if not (len(index) == 1 and index.isalpha()):
            raise error("this sum has no index", self.text, at, "the index of the sum")
        body = self.of(node.body)
        over = self.names.range(index, body)
        if over is None or (top and top != self.names.width(over.over)):
            what = f"a sum over the units whose index is {index}" if over is None else repr(self.names.width(over.over))
            raise error("what this sum runs over cannot be told", self.text, at, what)
        return Form("sum", (over, body))


class _Climb:
    """Factors and the operators between them, by precedence: those of one operator in a row are one Form."""

    def __init__(self, operands: Sequence[Node], signs: Sequence[str], medium: Medium, places: Sequence[int]) -> None:
        self.operands, self.signs, self.medium, self.places = operands, [*signs, ""], medium, places
        self.at = 0

    def binds(self, op: str) -> int:
        return OPS[op].spellings["plain" if op == "frac" else self.medium].binds

    def all(self, least: int) -> Node:
        """What binds at least as tightly as `least`, from here."""
        left = self.operands[self.at]
        while (op := self.signs[self.at]) and self.binds(op) >= least:
            if op == "frac":
                self.at += 1
                left = frac(left, self.operands[self.at])
                continue
            args, asks = [left], OPS[op].spellings[self.medium].asks[0]
            while self.signs[self.at] == op:
                self.at += 1
                args.append(self.all(asks))
            has_matrix = any(map(is_matrix, args))
            if op == "matmul" and not has_matrix:
                raise Unreadable("unexpected factor", self.places[self.at], "an operator or the end of the formula")
            is_beside = op == "times" and self.medium == "latex"
            left = Form("matmul" if is_beside and has_matrix else op, tuple(args))
        return left


# -- what a text can tell ------------------------------------------------------------------------------------------------------


def normal(node: Node, medium: Medium, *, distinguishes: bool = False) -> Node:
    r"""`node` as it is read back from its own text. What a text cannot tell apart becomes one:

    - a number is exactly what is shown, and a negative number is the negative of a number;
    - `partial` is `total`, which is spelled alike but in a network that `distinguishes` them;
    - a function is what its symbol means, whatever layer it is of; the function sin is the operator;
    - `xlogy` is the product that it looks like;
    - in LaTeX `times` puts a `\cdot` before a number, and is read as the `dot` that it looks like.
    """
    match node:
        case Value(shown):
            return neg(value_of(shown[1:])) if shown.startswith("-") else value_of(shown)
        case Function(_, symbol, order):
            return Function(FUNCTIONS.get(symbol, GENERAL), symbol, order)
        case Form("apply", (Function("sin", _, 0), x)):
            return Form("sin", (normal(x, medium, distinguishes=distinguishes),))
        case Form("xlogy", (x, y)):
            return normal(Form("times", (x, Form("log", (y,)))), medium, distinguishes=distinguishes)
        case Form("times" | "dot", args) if medium == "latex":
            parts = [f for arg in (args if node.op == "dot" else (node,)) for f in _between_dots(arg, distinguishes=distinguishes)]
            return _joined("dot", parts)
        case Form(op, args):
            is_same = op == "partial" and not distinguishes
            return Form("total" if is_same else op, tuple(normal(arg, medium, distinguishes=distinguishes) for arg in args))
    return node


def _between_dots(node: Node, *, distinguishes: bool) -> list[Node]:
    r"""The parts of `node` between the `\cdot` that LaTeX has in a `times` before a number."""
    if not (isinstance(node, Form) and node.op == "times"):
        return [normal(node, "latex", distinguishes=distinguishes)]
    groups: list[list[Node]] = [[]]
    for arg in node.args:
        if groups[-1] and _is_number(arg):
            groups.append([])
        groups[-1].append(normal(arg, "latex", distinguishes=distinguishes))
    return [_joined("times", group) for group in groups]


def _is_number(node: Node) -> bool:
    match node:
        case Value():
            return True
        case Form("pow", (Value(shown), _)):
            return not shown.startswith("-") and "e" not in shown
    return False


def _joined(op: str, args: list[Node]) -> Node:
    return args[0] if len(args) == 1 else Form(op, tuple(args))


def value_of(shown: str) -> Value:
    """The number that is written so."""
    mantissa, _, exponent = shown.partition("e")
    shown = f"{mantissa}e{int(exponent)}" if exponent else mantissa
    return Value(shown, Fraction(Decimal(shown)))
