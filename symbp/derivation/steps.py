"""What a derivation is made of: links, steps, sentences and tables, in sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from symbp.derivation.rules import RULES
from symbp.language.form import Form, Function, Node, Position, Value, Var, leaves
from symbp.network.numbers import Rounding
from symbp.network.program import Program
from symbp.network.spec import NetworkSpec

Relation = Literal["=", "≈"]
Detail = Literal["brief", "normal", "full"]
Appendix = Literal["none", "used", "all"]


@dataclass(frozen=True, slots=True)
class Link:
    """`relation form`, and the rule that justifies it."""

    relation: Relation
    form: Node
    rule: str

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise KeyError(self.rule)


def link(form: Node, rule: str) -> Link:
    """`= form`, by `rule`."""
    return Link("=", form, rule)


@dataclass(frozen=True, slots=True)
class Over:
    """For every value of index `name`: the given `values`, the units of a `layer`, or the layers of a `span` from one to another."""

    name: str
    values: tuple[int, ...] = ()
    layer: Position | None = None
    span: tuple[Position, Position] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """`lhs = form = form …`, each form following from the one before it; for `every` value of the free indices."""

    lhs: Node
    chain: tuple[Link, ...]
    every: tuple[Over, ...] = ()
    explain: bool = False

    def then(self, *links: Link) -> Step:
        return Step(self.lhs, self.chain + links, self.every, self.explain)


@dataclass(frozen=True, slots=True)
class Display:
    """Steps that stand together, aligned."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Say:
    """The sentence `key` of the templates, with what it names."""

    key: str
    names: Mapping[str, Cell | tuple[Cell, ...]] = field(default_factory=dict)


Cell: TypeAlias = "Node | Step | Say | str | int"


@dataclass(frozen=True, slots=True)
class Table:
    """The table `key` of the templates, which has its headings; a cell is a formula, a number or a word.

    `samples` are those that the columns after the first are about; 0 is all of them together.
    """

    key: str
    rows: tuple[tuple[Cell | tuple[Cell, ...], ...], ...]
    samples: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """The curve `key` of the templates, which has its caption: (step, number) in order."""

    key: str
    points: tuple[tuple[int, Value], ...]
    names: Mapping[str, Cell | tuple[Cell, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture: of the "network"; of the "paths" along which the parameter `about` acts on the error; of the "activation" that `about` is.

    `points` are those where units sit on the activation: the net input and the out, with their numbers.
    """

    key: Literal["network", "paths", "activation"]
    about: Var | Function | None = None
    points: tuple[tuple[Value, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of pseudocode, as deep in loops as `depth` says, with the equations that it carries out."""

    depth: int
    say: Say
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Algorithm:
    """The whole procedure as pseudocode."""

    lines: tuple[Line, ...]


Part: TypeAlias = "Say | Display | Table | Plot | Figure | Algorithm"


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of a derivation; `names` fill its heading."""

    key: str
    parts: tuple[Part, ...]
    names: Mapping[str, Cell | tuple[Cell, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Derivation:
    """The whole argument; not printable before it is certified."""

    spec: NetworkSpec
    program: Program
    sections: tuple[Section, ...]
    rounding: Rounding
    detail: Detail
    steps_taken: int = 0

    def steps(self) -> Iterator[Step]:
        """Every equation, wherever it stands; one that stands in several places once."""
        seen: set[int] = set()
        for part in self._cells():
            if isinstance(part, Step) and id(part) not in seen:
                seen.add(id(part))
                yield part

    def values(self) -> Iterator[Value]:
        """Every number that stands by itself, in a table or a sentence."""
        for part in self._cells():
            if isinstance(part, Form | Value):
                yield from (leaf for leaf in leaves(part) if isinstance(leaf, Value))

    def _cells(self) -> Iterator[object]:
        for section in self.sections:
            yield from _flat(section.names.values())
            for part in section.parts:
                match part:
                    case Display(steps):
                        yield from steps
                    case Say(_, names):
                        yield from _flat(names.values())
                    case Table(_, rows):
                        for row in rows:
                            yield from _flat(row)
                    case Plot(_, points, names):
                        yield from _flat(points)
                        yield from _flat(names.values())
                    case Figure(_, _, places):
                        yield from _flat(places)
                    case Algorithm(lines):
                        for line in lines:
                            yield from line.steps
                            yield from _flat(line.say.names.values())


def _flat(cells: object) -> Iterator[object]:
    for cell in cells:  # type: ignore[attr-defined]
        if isinstance(cell, tuple):
            yield from _flat(cell)
        elif isinstance(cell, Say):
            yield from _flat(cell.names.values())
        else:
            yield cell
