"""What was written, as a tree: every part knows where in the row it stands, and no part knows yet what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, TypeAlias

Span: TypeAlias = tuple[int, int]
"""Offsets in the row's mathematics."""


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is canonical (`delta` for δ and `\\delta`); it stands at `start` to `end`, and `tight` right behind what is before it."""

    kind: str
    text: str
    start: int
    end: int
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A superscript or subscript: its tokens without the braces around them, and where it stands with them.

    `mark` says where it does not stand raised or lowered: "[" behind a name, h[0], or "(" as its argument, net(h1).
    """

    tokens: tuple[Token, ...]
    span: Span
    mark: str = ""

    @property
    def text(self) -> str:
        """What it says, without blanks, braces and the mark of a script in it: h_{1} is h1."""
        return "".join(token.text for token in self.tokens if token.text not in {"{", "}", "_"})

    @property
    def unplaced(self) -> tuple[tuple[str, str, bool], ...]:
        """Its tokens, wherever they stand."""
        return tuple([(token.kind, token.text, token.tight) for token in self.tokens])

    @property
    def inner(self) -> Span:
        """Where its tokens stand."""
        return (self.tokens[0].start, self.tokens[-1].end) if self.tokens else self.span


class _Part:
    """What a node keeps once it was asked for: everything below it. It is no part of what was written."""

    __slots__ = ("_parts", "_reach")
    _parts: tuple[Written, ...]
    _reach: float


@dataclass(frozen=True, slots=True)
class Number(_Part):
    """A number as it is printed: `text` is a decimal without an exponent's letter, `exponent` the power of ten behind it."""

    text: str
    exponent: int
    span: Span

    @property
    def places(self) -> int:
        """The decimal place of its last digit."""
        return len(self.text.partition(".")[2]) - self.exponent

    @property
    def is_whole(self) -> bool:
        return "." not in self.text and self.exponent >= 0


class _Looked(_Part):
    """What a name keeps, since it is looked up under every convention that is tried; it is no part of what was written."""

    __slots__ = ("_hash", "_unplaced")
    _hash: int
    _unplaced: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Name(_Looked):
    """A name with its scripts: one subscript, and superscripts in their order; `primes` and `plus` are marks behind it."""

    base: str
    sub: Script | None
    sups: tuple[Script, ...]
    primes: int
    plus: bool
    head: Span
    span: Span

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            found = hash((self.base, self.sub, self.sups, self.primes, self.plus, self.span))
            object.__setattr__(self, "_hash", found)
            return found

    @property
    def unplaced(self) -> tuple[object, ...]:
        """What it is, wherever it stands: names that are read alike have it in common."""
        try:
            return self._unplaced
        except AttributeError:
            scripts = self.sub.unplaced if self.sub else None, *[sup.unplaced for sup in self.sups]
            found = (self.base, self.primes, self.plus, *scripts)
            object.__setattr__(self, "_unplaced", found)
            return found


@dataclass(frozen=True, slots=True)
class Sum(_Part):
    """Terms, each with its sign: whether it is subtracted."""

    terms: tuple[Written, ...]
    minus: tuple[bool, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Product(_Part):
    """Factors, and the sign before each but the first: "" (none), "cdot", "times", "star", "odot", "at"."""

    factors: tuple[Written, ...]
    signs: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Negative(_Part):
    of: Written
    span: Span


@dataclass(frozen=True, slots=True)
class Quotient(_Part):
    top: Written
    bottom: Written
    span: Span


@dataclass(frozen=True, slots=True)
class Power(_Part):
    base: Written
    exponent: Written
    span: Span


@dataclass(frozen=True, slots=True)
class Bracket(_Part):
    """What stands in brackets, or under a brace or in a box: it only keeps its place."""

    of: Written
    span: Span


@dataclass(frozen=True, slots=True)
class Transposed(_Part):
    of: Written
    span: Span


@dataclass(frozen=True, slots=True)
class Entry(_Part):
    """An entry or a layer of what is in brackets: (W delta)_j."""

    of: Written
    sub: Script
    span: Span


@dataclass(frozen=True, slots=True)
class Call(_Part):
    """A function of arguments; `name` has the function's letter, layer and primes."""

    name: Name
    args: tuple[Written, ...]
    options: tuple[tuple[str, str], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Derivative(_Part):
    """d of / d wrt; `of` is absent in an operator that stands before what it is applied to, which is then `body`."""

    of: Written
    wrt: Written
    is_round: bool
    span: Span
    is_applied: bool = False


@dataclass(frozen=True, slots=True)
class Nabla(_Part):
    """The gradient of `of` with respect to `wrt`; `of` is the error where it is absent."""

    wrt: Script
    of: Written | None
    span: Span


@dataclass(frozen=True, slots=True)
class BigSum(_Part):
    """A sum or product over an index; `low` and `high` are its limits."""

    sign: str
    low: Script | None
    high: Script | None
    body: Written
    span: Span


@dataclass(frozen=True, slots=True)
class Relation(_Part):
    """A comparison: `sign` is one of = ≠ < > ≤ ≥."""

    left: Written
    sign: str
    right: Written
    span: Span


@dataclass(frozen=True, slots=True)
class Placed(_Part):
    """A condition in words: the unit of this index is an output, hidden, or input unit."""

    index: Name
    place: str
    span: Span


@dataclass(frozen=True, slots=True)
class Cases(_Part):
    """Values with their conditions; a condition that is absent holds otherwise."""

    values: tuple[Written, ...]
    conditions: tuple[Written | None, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Indicator(_Part):
    """1 where the condition holds, else 0."""

    condition: Written
    span: Span


@dataclass(frozen=True, slots=True)
class Matrix(_Part):
    """A matrix by its rows; `is_list` says that it is written as a list, (a, b) or [a, b], which may be meant as a row or a column."""

    rows: tuple[tuple[Written, ...], ...]
    span: Span
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Norm(_Part):
    """The length of a vector; of a number its absolute value."""

    of: Written
    span: Span


@dataclass(frozen=True, slots=True)
class Ones(_Part):
    """A column of ones, as long as it must be."""

    span: Span


Written: TypeAlias = (
    Number
    | Name
    | Sum
    | Product
    | Negative
    | Quotient
    | Power
    | Bracket
    | Transposed
    | Entry
    | Call
    | Derivative
    | Nabla
    | BigSum
    | Relation
    | Placed
    | Cases
    | Indicator
    | Matrix
    | Norm
    | Ones
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A chain of forms and the relations between them; `continues` says that it goes on from the row above.

    `conditions` say for which indices it holds.
    """

    forms: tuple[Written, ...]
    relations: tuple[str, ...]
    continues: bool
    conditions: tuple[Relation, ...]
    span: Span


def parts(node: Written) -> tuple[Written, ...]:
    """`node` and everything below it, left to right."""
    try:
        return node._parts
    except AttributeError:
        below = [part for child in children(node) for part in parts(child)]
        object.__setattr__(node, "_parts", (node, *below))
        return node._parts


def children(node: Written) -> Iterator[Written]:
    """What `node` is made of; the letter of a function is no part by itself."""
    kind: Any = type(node)
    for name in _holding(kind):
        value = getattr(node, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, tuple):
                yield from (part for part in item if hasattr(part, "span"))
            elif hasattr(item, "span"):
                yield item


def changed(node: Written, change: Callable[[Written], Written]) -> Written:
    """`node` with `change` made to each part that stands directly below it, scripts aside; the same object where nothing changes."""
    made = {f.name: _changed(getattr(node, f.name), change) for f in fields(node)}
    made = {name: value for name, value in made.items() if value is not getattr(node, name)}
    return replace(node, **made) if made else node


def _changed(value: Any, change: Callable[[Written], Written]) -> Any:
    if isinstance(value, tuple):
        made = tuple(_changed(item, change) for item in value)
        return made if any(a is not b for a, b in zip(made, value, strict=True)) else value
    return change(value) if hasattr(value, "span") and not isinstance(value, Script) else value


@cache
def _holding(kind: Any) -> tuple[str, ...]:
    """The fields of a kind of node in which other nodes may stand."""
    plain = {"span", "head", "sub", "sups", "low", "high", "base" if kind is Name else "", "name" if kind is Call else "", "text"}
    plain |= {"wrt"} if kind is Nabla else set()
    return tuple(f.name for f in fields(kind) if f.name not in plain)
