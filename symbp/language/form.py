"""`Form`: an expression that keeps the order in which it was written.

SymPy owns truth, a Form owns display: `-(t - o)` stays `-(t - o)` here, while SymPy would turn it into `o - t` on the
spot. Its operators are those of `operators.OPS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from operator import is_
from typing import Literal, TypeAlias

from symbp.language.algebra import Algebra as Algebra
from symbp.language.operators import ADD as ADD
from symbp.language.operators import ATOM as ATOM
from symbp.language.operators import DOT as DOT
from symbp.language.operators import KINKED as KINKED
from symbp.language.operators import NEG as NEG
from symbp.language.operators import OPS as OPS
from symbp.language.operators import POWER as POWER
from symbp.language.operators import STRAIGHT as STRAIGHT
from symbp.language.operators import TIMES as TIMES
from symbp.language.operators import Meaning as Meaning
from symbp.language.operators import Op as Op
from symbp.language.operators import Spelling as Spelling


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


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix or vector of a layer that works on a whole batch; with `row` (and `column`, if it has columns) one of its entries."""

    symbol: str
    row: Position | None = None
    column: Position | None = None


Owner: TypeAlias = "Unit | Edge | Layer | Parameter | Matrix | Var | None"


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
    _hash: int | None = field(default=None, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        """Kept, since what is said of large networks is looked up by Var millions of times."""
        found = self._hash
        if found is None:
            found = hash((self.kind, self.owner, self.sample, self.time, self.step))
            object.__setattr__(self, "_hash", found)
        return found

    def __reduce__(self) -> tuple[object, ...]:
        """What is kept is no use to another process."""
        return Var, (self.kind, self.owner, self.sample, self.time, self.step)


@dataclass(frozen=True, slots=True)
class Function:
    """A named function of one argument; `order` counts its primes.

    One that is no row of ACTIVATIONS carries its `definition`, a form in `ARGUMENT`.
    """

    name: str
    symbol: str
    order: int = 0
    definition: Node | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """The values of a bound index: all units of a layer, all samples, or all time steps."""

    index: Index
    over: Position | Literal["samples", "times"]


class Hashed:
    """What keeps its hash once it was asked for: forms are looked up by what they say, and nested deeply."""

    __slots__ = ("_hash",)
    _hash: int


@dataclass(frozen=True, slots=True)
class Value(Hashed):
    """A number: what is `shown`, and the exact `meaning` (a rational, or the Node that it is the value of).

    `exact` says whether `shown` is the whole of it or rounded.
    """

    shown: str
    meaning: Fraction | Node
    exact: bool = True

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            found = hash((self.shown, self.meaning, self.exact))
            object.__setattr__(self, "_hash", found)
            return found


@dataclass(frozen=True, slots=True)
class Form(Hashed):
    """An operator of OPS applied to its arguments, in the order in which they stand."""

    op: str
    args: tuple[Node, ...]

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            found = hash((self.op, self.args))
            object.__setattr__(self, "_hash", found)
            return found


Node: TypeAlias = Form | Var | Value | Function | Range | Index

ARGUMENT = Var("argument")
"""The x of a function's definition."""


def number(value: int | Fraction) -> Value:
    """A constant of the derivation itself (1, 2, a power): exact, and not rounded by any setting."""
    exact = Fraction(value)
    return Value(str(exact), exact)


def decimal(shown: str) -> Value:
    """A constant written as a decimal: 0.01."""
    return Value(shown, Fraction(shown))


ZERO, ONE, TWO = number(0), number(1), number(2)
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


def log(x: Node) -> Form:
    return Form("log", (x,))


def sqrt(x: Node) -> Form:
    return Form("sqrt", (x,))


def sin(x: Node) -> Form:
    return Form("sin", (x,))


def cos(x: Node) -> Form:
    return Form("cos", (x,))


def erf(x: Node) -> Form:
    return Form("erf", (x,))


PI = Form("pi", ())


def absolute(x: Node) -> Form:
    """|x|; its derivative is sgn x, 0 at 0."""
    return Form("abs", (x,))


def sign(x: Node) -> Form:
    """1, 0 or -1; its derivative is 0."""
    return Form("sign", (x,))


def maximum(x: Node, y: Node) -> Form:
    """The larger of two; where they are equal, its derivative is that of the first."""
    return Form("max", (x, y))


def cases(x: Node, positive: Node, otherwise: Node) -> Form:
    """`positive` where x > 0, else `otherwise`; so is its derivative."""
    return Form("cases", (x, positive, otherwise))


def xlogy(x: Node, y: Node) -> Form:
    """x ln y, and 0 where x is 0."""
    return Form("xlogy", (x, y))


def comparison(x: Node) -> tuple[Node, Node]:
    """The two sides of x > 0 as they are written: a - b > 0 as a > b."""
    match x:
        case Form("add", (left, Form("neg", (right,)))) if right != ZERO:
            return left, right
    return x, ZERO


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
    """Every Var, Value, Function, Range and Index below `node`, left to right."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Form):
            waiting += part.args[::-1]
        else:
            yield part


def height(node: Node) -> int:
    """How deeply `node` is nested."""
    highest, waiting = 1, [(node, 1)]
    while waiting:
        part, level = waiting.pop()
        highest = max(highest, level)
        if isinstance(part, Form):
            waiting += [(arg, level + 1) for arg in part.args]
    return highest


def rewrite(node: Node, change: Callable[[Node], Node]) -> Node:
    """`node` with `change` applied to every part, from the leaves up; what stays the same is not copied."""
    if isinstance(node, Form):
        args = tuple([rewrite(arg, change) if isinstance(arg, Form) else change(arg) for arg in node.args])
        node = node if all(map(is_, args, node.args)) else Form(node.op, args)
    return change(node)


def put(node: Node, var: Var, by: Node) -> Node:
    """`node` with every `var` replaced by `by`."""
    return rewrite(node, lambda part: by if part == var else part)
