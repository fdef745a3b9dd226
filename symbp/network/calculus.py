"""Derivatives of written-out forms, by SymPy. Equal shapes are differentiated once.

SymPy sees only symbols that are made here (x0, x1, …), never a name that a user wrote.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from symbp.language.form import ONE, OPS, Form, Function, Node, Value, Var, leaves, number, rewrite
from symbp.network.activation import ACTIVATIONS

if TYPE_CHECKING:
    import sympy


def unfold_functions(node: Node) -> Node:
    """Every named function replaced by its definition; f' by the derivative of f's definition."""

    def change(part: Node) -> Node:
        if isinstance(part, Form) and part.op == "apply" and isinstance(function := part.args[0], Function):
            return function_at(function, part.args[1])
        if isinstance(part, Form) and part.op == "ddx" and isinstance(wrt := part.args[1], Var):
            return derivative(part.args[0], wrt)
        return part

    return rewrite(node, change)


_X = Var("argument")


@cache
def _function(name: str, order: int) -> Node:
    form = ACTIVATIONS[name].definition(_X)
    for _ in range(order):
        form = derivative(form, _X)
    return form


def function_at(function: Function, x: Node) -> Node:
    """The definition of `function` at `x`."""
    return rewrite(_function(function.name, function.order), lambda part: x if part == _X else part)


def abstract(node: Node, names: dict[Node, Var]) -> Node:
    """`node` with its variables renamed to argument 0, 1, … in the order in which they are met; `names` is extended."""

    def change(part: Node) -> Node:
        if isinstance(part, Var) or (isinstance(part, Form) and part.op in {"total", "partial"}):
            if part not in names:
                names[part] = Var("argument", step=len(names))
            return names[part]
        return part

    return rewrite(node, change)


def derivative(node: Node, wrt: Var) -> Node:
    """d node / d wrt with every other variable held fixed."""
    if wrt not in set(leaves(node)):
        return number(0)
    names: dict[Node, Var] = {}
    shape = abstract(node, names)
    back = {var: original for original, var in names.items()}
    return rewrite(_derivative(shape, names[wrt]), lambda part: back.get(part, part) if isinstance(part, Var) else part)


@lru_cache(maxsize=4096)
def _derivative(shape: Node, wrt: Var) -> Node:
    import sympy

    symbols: dict[Var, sympy.Symbol] = {}
    expression = to_sympy(unfold_functions(shape), symbols)
    back = {symbol: var for var, symbol in symbols.items()}
    return from_sympy(sympy.diff(expression, symbols[wrt]), back)


class SympyAlgebra:
    """The algebra of SymPy expressions."""

    def rational(self, value: Fraction) -> Any:
        import sympy

        return sympy.Rational(value.numerator, value.denominator)

    def exp(self, x: Any) -> Any:
        import sympy

        return sympy.exp(x)

    def log(self, x: Any) -> Any:
        import sympy

        return sympy.log(x)

    def sqrt(self, x: Any) -> Any:
        import sympy

        return sympy.sqrt(x)


def fold(node: Node, algebra: Any, var: Any) -> Any:
    """The meaning of `node` in `algebra`, by OPS; `var` gives that of a variable, functions are unfolded already."""
    if isinstance(node, Form):
        meaning = OPS[node.op].meaning
        assert meaning is not None, node.op
        return meaning(algebra, *(fold(arg, algebra, var) for arg in node.args))
    if isinstance(node, Value):
        return algebra.rational(node.meaning) if isinstance(node.meaning, Fraction) else fold(node.meaning, algebra, var)
    return var(node)


def to_sympy(node: Node, symbols: dict[Var, sympy.Symbol]) -> sympy.Expr:
    """`node` as a SymPy expression over real symbols x0, x1, …; `symbols` is extended by those that are new."""
    import sympy

    def symbol(var: Var) -> sympy.Symbol:
        if var not in symbols:
            symbols[var] = sympy.Symbol(f"x{len(symbols)}", real=True)
        return symbols[var]

    return fold(node, SympyAlgebra(), symbol)


def from_sympy(expr: Any, variables: dict[Any, Var]) -> Node:
    import sympy

    def convert(part: Any) -> Node:
        if part in variables:
            return variables[part]
        if part.is_Rational:
            return number(Fraction(int(part.p), int(part.q)))
        args = tuple(convert(arg) for arg in part.args)
        if part.is_Add:
            return Form("add", args)
        if part.is_Mul:
            return Form("times", args)
        if isinstance(part, sympy.exp):
            return Form("exp", args)
        if isinstance(part, sympy.log):
            return Form("log", args)
        if part.is_Pow and part.exp.is_Integer:
            positive = Form("pow", (args[0], number(abs(int(part.exp)))))
            return positive if part.exp > 0 else Form("frac", (ONE, positive))
        raise NotImplementedError(f"SymPy gave {type(part).__name__}, which no operator of OPS means")

    return convert(expr)
