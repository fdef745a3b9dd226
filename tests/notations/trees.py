"""Formulas as trees, and the rows of a derivation that are made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Free:
    """An index that stands for every value: `t`, `t+1`."""

    letter: str
    shift: int = 0


Index = int | Free


@dataclass(frozen=True, slots=True)
class Quantity:
    """What has a name: x, net, out, t, w, u (from the step before), b, delta, E, eta, count (of samples), new (a weight updated).

    Without `unit` it is that of a whole layer. A weight's unit is the pair (into, from).
    """

    kind: str
    layer: Index = 0
    unit: tuple[Index, ...] = ()
    step: Index = 0


@dataclass(frozen=True, slots=True)
class Number:
    """A numeral; with `places`, a value put in, which is true to so many places."""

    text: str
    places: int = 0


@dataclass(frozen=True, slots=True)
class Sum:
    terms: tuple[tuple[int, Tree], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """`sign`: "*", "@" (of matrices) or "o" (entry by entry)."""

    factors: tuple[Tree, ...]
    sign: str = "*"


@dataclass(frozen=True, slots=True)
class Fraction:
    above: Tree
    below: Tree


@dataclass(frozen=True, slots=True)
class Square:
    base: Tree


@dataclass(frozen=True, slots=True)
class Call:
    """A function: an activation, ln; or T (transposed), norm (the square of it), ones (summed over the samples)."""

    function: str
    of: Tree


@dataclass(frozen=True, slots=True)
class Prime:
    """The derivative of an activation at a net input; `worked`: in terms of the out, as a(1 - a), else as f'(z)."""

    function: str
    net: Quantity
    worked: bool


@dataclass(frozen=True, slots=True)
class Slope:
    """The derivative of one quantity by another; `plain`: never by a name of the person's own."""

    of: Quantity
    by: Quantity
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Over:
    """A sum over an index from 1 to `end`."""

    letter: str
    end: int
    body: Tree


Tree = Quantity | Number | Sum | Product | Fraction | Square | Call | Prime | Slope | Over

ERROR, RATE, COUNT = Quantity("E"), Quantity("eta"), Quantity("count")
HALF = Fraction(Number("1"), Number("2"))


@dataclass(frozen=True, slots=True)
class Row:
    """A chain of equal sides. `about` is the part of the derivation; `free` gives the first and last value of each free index."""

    about: str
    sides: tuple[Tree, ...]
    free: tuple[tuple[str, int, int], ...] = ()
    code: str = field(default="", compare=False)

    def with_side(self, at: int, side: Tree) -> Row:
        """The row with another side."""
        return replace(self, sides=(*self.sides[:at], side, *self.sides[at + 1 :]))


def plus(terms: Sequence[Tree]) -> Tree:
    """A sum; of one term it is that."""
    return terms[0] if len(terms) == 1 else Sum(tuple((1, term) for term in terms))


def minus(left: Tree, right: Tree) -> Sum:
    """A difference."""
    return Sum(((1, left), (-1, right)))


def minus_of(tree: Tree) -> Sum:
    """The negative."""
    return Sum(((-1, tree),))


def times(*factors: Tree | None, sign: str = "*") -> Tree:
    """A product of what is there; products of the same sign are flattened."""
    flat: list[Tree] = []
    for factor in factors:
        flat += factor.factors if isinstance(factor, Product) and factor.sign == sign else [factor] if factor is not None else []
    return flat[0] if len(flat) == 1 else Product(tuple(flat), sign)


def parts(tree: Tree) -> tuple[Tree, ...]:
    """What a tree is made of."""
    match tree:
        case Sum(terms):
            return tuple(term for _, term in terms)
        case Product(factors):
            return factors
        case Fraction(above, below):
            return above, below
        case Square(base):
            return (base,)
        case Call(_, of):
            return (of,)
        case Prime(_, net, _):
            return (net,)
        case Slope(of, by):
            return of, by
        case Over(_, _, body):
            return (body,)
    return ()


def with_parts(tree: Tree, new: Sequence[Tree]) -> Tree:
    """The same made of others."""
    match tree:
        case Sum(terms):
            return Sum(tuple((sign, part) for (sign, _), part in zip(terms, new, strict=True)))
        case Product(_, sign):
            return Product(tuple(new), sign)
        case Fraction():
            return Fraction(new[0], new[1])
        case Square():
            return Square(new[0])
        case Call(function):
            return Call(function, new[0])
        case Prime(function, _, worked) if isinstance(new[0], Quantity):
            return Prime(function, new[0], worked)
        case Slope(plain=plain) if isinstance(new[0], Quantity) and isinstance(new[1], Quantity):
            return Slope(new[0], new[1], plain)
        case Over(letter, end):
            return Over(letter, end, new[0])
    return tree


def nodes(tree: Tree) -> Iterator[Tree]:
    """A tree and everything in it."""
    yield tree
    for part in parts(tree):
        yield from nodes(part)


def quantities(row: Row) -> set[Quantity]:
    """What a row speaks of."""
    return {node for side in row.sides for node in nodes(side) if isinstance(node, Quantity)}
