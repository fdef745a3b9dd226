"""`Form`: an expression that keeps the order in which it was written, and the OPS table that gives it sense.

SymPy owns truth, a Form owns display: `-(t - o)` stays `-(t - o)` here, while SymPy would turn it into `o - t` on the
spot. Every operator is one row of OPS: how tightly it binds, how it is spelled in each medium, and what it means in
any algebra that has `+ - * / **` and the functions of `Algebra`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Index:
    """A free or bound index with an offset: `Index("l", 1)` is l + 1."""

    name: str
    offset: int = 0

    def shifted(self, by: int) -> Index:
        return Index(self.name, self.offset + by)


Position: TypeAlias = int | Index


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit `index` (from 1) of `layer` (0 is the input)."""

    layer: Position
    index: Position


@dataclass(frozen=True, slots=True)
class Edge:
    """The connection that leads the output of `source` into `target`."""

    source: Unit
    target: Unit


@dataclass(frozen=True, slots=True)
class Layer:
    """A whole layer: owner of a bias that its units share, and of vectors and matrices."""

    layer: Position


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that has a name of its own; it may stand on several connections."""

    name: str


Owner: TypeAlias = "Unit | Edge | Layer | Parameter | Var | None"


@dataclass(frozen=True, slots=True)
class Var:
    """The identity of a quantity, never its spelling; a notation spells it.

    Scalar kinds: input, target, weight, bias, net, out, error, error_sample, error_data, error_total, delta, gradient,
    learning_rate, argument, and those of `vocabulary.EXTRAS`. Kinds of whole layers: inputs, targets, weights, biases, nets,
    outs, deltas. `step` 1 is the quantity after one update. An adjoint belongs to the Var whose derivative it holds.
    """

    kind: str
    owner: Owner = None
    sample: Position | None = None
    time: Position | None = None
    step: int = 0


@dataclass(frozen=True, slots=True)
class Function:
    """A named function of one argument; `order` counts its primes."""

    name: str
    symbol: str
    order: int = 0


@dataclass(frozen=True, slots=True)
class Range:
    """The values of a bound index: all units of `layer`, or all samples or time steps ("samples", "times")."""

    index: Index
    layer: Position | str


@dataclass(frozen=True, slots=True)
class Value:
    """A number: what is `shown`, and the exact `meaning` (a rational, or the Node that it is the value of).

    `exact` says whether `shown` is the whole of it or rounded.
    """

    shown: str
    meaning: Fraction | Node
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """An operator of OPS applied to its arguments, in the order in which they stand."""

    op: str
    args: tuple[Node, ...]


Node: TypeAlias = Form | Var | Value | Function | Range


class Algebra(Protocol):
    """What an algebra supplies beside the operators of its elements."""

    def rational(self, value: Fraction) -> Any: ...
    def exp(self, x: Any) -> Any: ...
    def log(self, x: Any) -> Any: ...
    def sqrt(self, x: Any) -> Any: ...


Meaning: TypeAlias = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How an operator is written in one medium.

    `text` stands between the arguments (infix) or is a template with `{0}`, `{1}`; `binds` is the precedence of the
    whole, `asks` the least precedence that an argument must have to stand without brackets.
    """

    text: str
    binds: int
    asks: tuple[int, ...]
    infix: bool = False


@dataclass(frozen=True, slots=True)
class Op:
    """A row of OPS."""

    name: str
    spellings: Mapping[str, Spelling]
    meaning: Meaning | None = field(default=None)


# Precedences, loosest first. A product of chain factors (dot) may hold products without a sign (times).
ADD, DOT, TIMES, NEG, POWER, ATOM = 10, 20, 30, 35, 40, 90


def infix(text: str, binds: int, asks: int | None = None) -> Spelling:
    return Spelling(text, binds, (binds + 1 if asks is None else asks,), infix=True)


def template(text: str, binds: int, *asks: int) -> Spelling:
    return Spelling(text, binds, asks)


def _add(algebra: Algebra, *terms: Any) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _product(algebra: Algebra, *factors: Any) -> Any:
    total = factors[0]
    for factor in factors[1:]:
        total = total * factor
    return total


_BRACKETS = template(r"\frac{{d}}{{d {1}}} \left[ {0} \right]", DOT, 0, 0)

OPS: dict[str, Op] = {
    row.name: row
    for row in (
        Op("add", {"latex": infix(" + ", ADD), "plain": infix(" + ", ADD)}, _add),
        Op("neg", {"latex": template("-{0}", NEG, NEG + 1), "plain": template("-{0}", NEG, NEG + 1)}, lambda _, x: -x),
        Op("dot", {"latex": infix(r" \cdot ", DOT), "plain": infix(" · ", DOT)}, _product),
        Op("times", {"latex": infix(" ", TIMES), "plain": infix("·", TIMES)}, _product),
        Op(
            "frac",
            {"latex": template(r"\frac{{{0}}}{{{1}}}", POWER, 0, 0), "plain": template("{0}/{1}", TIMES, POWER, POWER)},
            lambda _, x, y: x / y,
        ),
        Op(
            "pow",
            {"latex": template("{0}^{{{1}}}", POWER, ATOM, 0), "plain": template("{0}^{1}", POWER, ATOM, ATOM)},
            lambda _, x, n: x**n,
        ),
        Op(
            "exp",
            {"latex": template("e^{{{0}}}", POWER, 0), "plain": template("exp({0})", ATOM, 0)},
            lambda algebra, x: algebra.exp(x),
        ),
        Op(
            "log",
            {"latex": template(r"\ln\left({0}\right)", ATOM, 0), "plain": template("ln({0})", ATOM, 0)},
            lambda algebra, x: algebra.log(x),
        ),
        Op(
            "sqrt",
            {"latex": template(r"\sqrt{{{0}}}", ATOM, 0), "plain": template("sqrt({0})", ATOM, 0)},
            lambda algebra, x: algebra.sqrt(x),
        ),
        # The nodes below have no meaning of their own: a program, a network or a matrix resolves them.
        Op("apply", {"latex": template("{0}({1})", ATOM, 0, 0), "plain": template("{0}({1})", ATOM, 0, 0)}),
        Op(
            "partial",
            {
                "latex": template(r"\frac{{\partial {0}}}{{\partial {1}}}", POWER, POWER, POWER),
                "plain": template("∂{0}/∂{1}", TIMES + 1, POWER, POWER),
            },
        ),
        Op(
            "total",
            {
                "latex": template(r"\frac{{\partial {0}}}{{\partial {1}}}", POWER, POWER, POWER),
                "plain": template("∂{0}/∂{1}", TIMES + 1, POWER, POWER),
            },
        ),
        Op("ddx", {"latex": _BRACKETS, "plain": template("d/d{1} [{0}]", DOT, 0, 0)}),
        Op("sum", {"latex": template(r"\sum_{{{0}}} {1}", ADD + 1, 0, TIMES), "plain": template("Σ_{0} {1}", ADD + 1, 0, TIMES)}),
        Op("matmul", {"latex": infix(r" \, ", TIMES), "plain": infix(" ", TIMES)}),
        Op("hadamard", {"latex": infix(r" \circ ", DOT, POWER), "plain": infix(" ∘ ", DOT, POWER)}),
        Op("transpose", {"latex": template(r"{0}^{{\top}}", POWER, ATOM), "plain": template("{0}ᵀ", POWER, ATOM)}),
        Op("matrix", {"latex": template("", ATOM), "plain": template("", ATOM)}),
        Op("row", {"latex": infix(" & ", ATOM, 0), "plain": infix(", ", ATOM, 0)}),
    )
}


STRAIGHT: Mapping[str, Spelling] = {
    "latex": template(r"\frac{{d {0}}}{{d {1}}}", POWER, POWER, POWER),
    "plain": template("d{0}/d{1}", TIMES + 1, POWER, POWER),
}
"""How `total` is spelled where it differs from `partial`."""


def number(value: int | Fraction) -> Value:
    """A constant of the derivation itself (1, 2, a power): exact, and not rounded by any setting."""
    exact = Fraction(value)
    return Value(str(exact), exact)


ONE, TWO = number(1), number(2)
HALF = Form("frac", (ONE, TWO))


def add(*terms: Node) -> Node:
    return terms[0] if len(terms) == 1 else Form("add", terms)


def neg(x: Node) -> Form:
    return Form("neg", (x,))


def sub(x: Node, y: Node) -> Form:
    return Form("add", (x, neg(y)))


def times(*factors: Node) -> Node:
    """A product written without a sign; factors that are such products themselves join it."""
    flat = tuple(part for f in factors for part in (f.args if isinstance(f, Form) and f.op == "times" else (f,)))
    return flat[0] if len(flat) == 1 else Form("times", flat)


def dot(*factors: Node) -> Node:
    return factors[0] if len(factors) == 1 else Form("dot", factors)


def frac(x: Node, y: Node) -> Form:
    return Form("frac", (x, y))


def power(x: Node, n: Node) -> Form:
    return Form("pow", (x, n))


def exp(x: Node) -> Form:
    return Form("exp", (x,))


def apply(function: Function, x: Node) -> Form:
    return Form("apply", (function, x))


def partial(of: Node, wrt: Node) -> Form:
    """The derivative along one edge: the other direct inputs of `of` are held fixed."""
    return Form("partial", (of, wrt))


def total(of: Node, wrt: Node) -> Form:
    """The derivative along every path that leads from `wrt` to `of`."""
    return Form("total", (of, wrt))


def ddx(form: Node, wrt: Var) -> Form:
    """The derivative of a written-out expression."""
    return Form("ddx", (form, wrt))


def leaves(node: Node) -> Iterator[Node]:
    """Every Var, Value, Function and Range below `node`, left to right."""
    if isinstance(node, Form):
        for arg in node.args:
            yield from leaves(arg)
    else:
        yield node


def rewrite(node: Node, change: Callable[[Node], Node]) -> Node:
    """`node` with `change` applied to every part, from the leaves up; what stays the same is not copied."""
    if isinstance(node, Form):
        args = tuple(rewrite(arg, change) for arg in node.args)
        node = node if all(a is b for a, b in zip(args, node.args, strict=True)) else Form(node.op, args)
    return change(node)


def put(node: Node, var: Var, by: Node) -> Node:
    """`node` with every `var` replaced by `by`."""
    return rewrite(node, lambda part: by if part == var else part)
