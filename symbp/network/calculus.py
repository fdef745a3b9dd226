"""Derivatives of written-out forms, by SymPy. Equal shapes are differentiated once.

SymPy sees only symbols that are made here (x0, x1, …), never a name that a user wrote.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from symbp.language.form import ARGUMENT, ONE, OPS, PI, Form, Function, Node, Value, Var, leaves, number, power, rewrite, sqrt
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


def definition_of(function: Function) -> Node:
    """What `function` is without its primes: its own definition, or that of its row in ACTIVATIONS."""
    return function.definition if function.definition is not None else ACTIVATIONS[function.name].definition(ARGUMENT)


@cache
def _primed(definition: Node, order: int) -> Node:
    """`definition` unfolded, and so many times differentiated. Kept by what it says, since a row may be another one later."""
    form = unfold_functions(definition)
    for _ in range(order):
        form = derivative(form, ARGUMENT)
    return form


def unfolded(function: Function) -> Node:
    """The definition of `function`, primes and all, as a form of ARGUMENT without other functions."""
    return _primed(definition_of(function), function.order)


def function_at(function: Function, x: Node) -> Node:
    """The definition of `function` at `x`."""
    return rewrite(unfolded(function), lambda part: x if part == ARGUMENT else part)


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
    if isinstance(node, Var):
        return number(int(node == wrt))
    if isinstance(node, Form) and node.op == "times" and len(node.args) == 2 and wrt in node.args:
        first, second = node.args
        if isinstance(first, Var) and isinstance(second, Var) and first != second:
            return second if first == wrt else first  # what SymPy says of w x, of which a large network has thousands
    if wrt not in set(leaves(node)):
        return number(0)
    names: dict[Node, Var] = {}
    shape = abstract(unfold_functions(node), names)
    back = {var: original for original, var in names.items()}
    return rewrite(_derivative(shape, names[wrt]), lambda part: back.get(part, part) if isinstance(part, Var) else part)


@lru_cache(maxsize=4096)
def _derivative(shape: Node, wrt: Var) -> Node:
    import sympy

    symbols: dict[Var, sympy.Symbol] = {}
    expression = to_sympy(shape, symbols)
    back = {symbol: var for var, symbol in symbols.items()}
    return from_sympy(sympy.diff(expression, symbols[wrt]), back)


class SympyAlgebra:
    """The algebra of SymPy expressions; what has kinks is a function of `network.kinked`."""

    def rational(self, value: Fraction) -> Any:
        import sympy

        return sympy.Rational(value.numerator, value.denominator)

    def divide(self, x: Any, y: Any) -> Any:
        return x / y

    def power(self, x: Any, n: Any) -> Any:
        return x**n

    def exp(self, x: Any) -> Any:
        import sympy

        return sympy.exp(x)

    def log(self, x: Any) -> Any:
        import sympy

        return sympy.log(x)

    def sqrt(self, x: Any) -> Any:
        import sympy

        return sympy.sqrt(x)

    def sin(self, x: Any) -> Any:
        import sympy

        return sympy.sin(x)

    def cos(self, x: Any) -> Any:
        import sympy

        return sympy.cos(x)

    def erf(self, x: Any) -> Any:
        import sympy

        return sympy.erf(x)

    def pi(self) -> Any:
        import sympy

        return sympy.pi

    def cases(self, x: Any, a: Any, b: Any) -> Any:
        from symbp.network.kinked import Cases

        return Cases(x, a, b)

    def absolute(self, x: Any) -> Any:
        from symbp.network.kinked import Absolute

        return Absolute(x)

    def sign(self, x: Any) -> Any:
        from symbp.network.kinked import Signum

        return Signum(x)

    def maximum(self, x: Any, y: Any) -> Any:
        from symbp.network.kinked import Maximum

        return Maximum(x, y)

    def logarithmic(self, x: Any, y: Any) -> Any:
        """x ln y; where x is 0 this is a limit, which a derivative by y does not need."""
        import sympy

        return x * sympy.log(y)


def fold(node: Node, algebra: Any, var: Any) -> Any:
    """The meaning of `node` in `algebra`, by OPS; `var` gives that of a variable, functions are unfolded already."""
    if isinstance(node, Form):
        meaning = OPS[node.op].meaning
        assert meaning is not None, node.op
        return meaning(algebra, *[var(arg) if isinstance(arg, Var) else fold(arg, algebra, var) for arg in node.args])
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
    """`expr` as a Form; its symbols are those of `variables`."""
    import sympy

    named = {sympy.exp: "exp", sympy.log: "log", sympy.sin: "sin", sympy.cos: "cos", sympy.erf: "erf"}

    def convert(part: Any) -> Node:
        if part in variables:
            return variables[part]
        if part.is_Rational:
            return number(Fraction(int(part.p), int(part.q)))
        if part is sympy.E:
            return Form("exp", (ONE,))
        if part is sympy.pi:
            return PI
        args = tuple(convert(arg) for arg in part.args)
        if part.is_Add:
            return Form("add", args)
        if part.is_Mul:
            return Form("times", args)
        if part.func in named:
            return Form(named[part.func], args)
        if part.is_Pow and part.exp.is_Rational and part.exp.q <= 2:
            return _power(args[0] if part.exp.is_Integer else sqrt(args[0]), int(part.exp.p))
        from symbp.network.kinked import OPERATORS

        if part.func in OPERATORS:
            return Form(OPERATORS[part.func], args)
        raise NotImplementedError(f"SymPy gave {type(part).__name__}, which no operator of OPS means")

    return convert(expr)


def _power(base: Node, exponent: int) -> Node:
    positive = power(base, number(abs(exponent)))
    return positive if exponent > 0 else Form("frac", (ONE, positive))
