"""`normal`: what of a Form a text can tell, so that a reader can be compared with what was written."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from symbp.language.form import Form, Function, Node, Value, neg
from symbp.language.lexer import Medium
from symbp.language.names import FUNCTIONS, GENERAL


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


def value_of(shown: str) -> Value:
    """The number that is written so."""
    mantissa, _, exponent = shown.partition("e")
    shown = f"{mantissa}e{int(exponent)}" if exponent else mantissa
    return Value(shown, Fraction(Decimal(shown)))
