"""Permutations of units that leave a program as it is: what is proved of one unit holds of those that it may change places with.

A letter is a unit of a layer whose units may all be permuted. The template of a form is the form with its letters taken out, in the
order in which they are met; a sum of one template over all units of a layer has no letter left of it. So forms of one template go over
into one another, by a permutation and by the order of sums. Where every binding of a program, and everything else that a proof takes
for true, has the template that its name asks for, the permutations lead from true points to true points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import perm
from typing import TypeAlias

from symbp.language.form import ONE, Edge, Form, Node, Position, Unit, Value, Var, add
from symbp.network.program import Program
from symbp.network.sums import LONG, is_long

Template: TypeAlias = tuple[int, tuple[Unit, ...]]
"""The number of what is left without letters, and the letters, each once."""
WIDE = LONG
"""Layers of more units than that are looked at; smaller ones are proved unit by unit."""


@dataclass
class Symmetry:
    """Templates under the permutations of the units of each of `classes`: the sizes of these layers, by their place."""

    classes: dict[Position, int]
    _numbers: dict[object, int] = field(default_factory=dict)
    _known: dict[Form, Template] = field(default_factory=dict)

    def equation(self, left: Node, right: Node) -> int:
        """The template of `left = right`, the units that it is about left out: equations that have it in common are true together."""
        return self._joined("=", (self.template(left), self.template(right)))[0]

    def template(self, node: Node) -> Template:
        """The template of `node`."""
        if isinstance(node, Var):
            return self._of_var(node)
        if isinstance(node, Form):
            if not is_long(node):
                return self._joined(node.op, [self.template(arg) for arg in node.args])
            if node not in self._known:
                self._known[node] = self._of_sum(node)
            return self._known[node]
        if isinstance(node, Value) and not isinstance(node.meaning, Fraction):
            return self.template(node.meaning)
        return self._number(("leaf", node.meaning if isinstance(node, Value) else node)), ()

    def _number(self, key: object) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def _of_var(self, var: Var) -> Template:
        letters = tuple(dict.fromkeys(unit for unit in _units(var) if unit.layer in self.classes))
        if not letters:
            return self._number(var), ()
        places = {unit: (unit.layer, at) for at, unit in enumerate(letters)}
        owner = tuple(places.get(unit, unit) for unit in _units(var))
        return self._number((var.kind, type(var.owner), owner, var.sample, var.time, var.step)), letters

    def _joined(self, head: str, parts: Iterable[Template]) -> Template:
        """The template of `head` applied to parts that have these."""
        places: dict[Unit, int] = {}
        keys = [(key, tuple([places.setdefault(unit, len(places)) for unit in letters])) for key, letters in parts]
        return self._number((head, tuple(keys))), tuple(places)

    def _of_sum(self, node: Form) -> Template:
        parts = [self.template(arg) for arg in node.args]
        for layer in dict.fromkeys(unit.layer for _, letters in parts for unit in letters):
            parts = self._bound(parts, layer)
        return self._joined("add", parts)

    def _bound(self, parts: list[Template], layer: Position) -> list[Template]:
        """Terms that run through all units of a layer as one, without that unit; all of `parts` as they are, if some do not."""
        rest: list[Template] = []
        over: dict[tuple[int, int, tuple[Unit, ...]], list[Unit]] = {}
        for key, letters in parts:
            here = [at for at, unit in enumerate(letters) if unit.layer == layer]
            if len(here) > 1:
                return parts
            if here:
                others = letters[: here[0]] + letters[here[0] + 1 :]
                over.setdefault((key, here[0], others), []).append(letters[here[0]])
            else:
                rest.append((key, letters))
        if any(len(units) != self.classes[layer] or len(set(units)) != len(units) for units in over.values()):
            return parts
        found = [(self._number(("sum over", layer, key, at)), others) for key, at, others in over]
        return found + rest

    # -- what has to be as it is under permutations ------------------------------------------------------------------------

    def broken(self, true: Iterable[tuple[Var, Node]]) -> set[Position]:
        """Layers whose units may not be permuted, since `var = form` would not go over into another of the equations that are `true`."""
        forms: dict[int, int] = {}
        counts: dict[int, list[tuple[Unit, ...]]] = {}
        for var, form in true:
            own = self._of_var(var)
            whole, letters = self._joined("is", (own, self.template(form)))
            if len(letters) > len(own[1]):
                return {unit.layer for unit in letters[len(own[1]) :]}
            if forms.setdefault(own[0], whole) != whole:
                return {unit.layer for unit in letters}
            counts.setdefault(own[0], []).append(letters)
        for found in counts.values():
            if len(found) != self._orbit(found[0]):
                return {unit.layer for unit in found[0]}
        return set()

    def _orbit(self, letters: tuple[Unit, ...]) -> int:
        """Into how many things that has these letters may go over."""
        layers = [unit.layer for unit in letters]
        found = 1
        for layer in set(layers):
            found *= perm(self.classes[layer], layers.count(layer))
        return found


def _units(var: Var) -> Iterator[Unit]:
    owner: object = var.owner
    if isinstance(owner, Var):
        yield from _units(owner)
    elif isinstance(owner, Edge):
        yield owner.target
        yield owner.source
    elif isinstance(owner, Unit):
        yield owner


def symmetry_of(program: Program, definitions: Mapping[Var, Node]) -> Symmetry | None:
    """The permutations of whole layers under which the program, its assumptions and the definitions stay as they are."""
    split = program.split
    units = {unit for var in (*split.forms, *split.free) for unit in _units(var)}
    sizes: dict[Position, int] = {}
    for unit in units:
        sizes[unit.layer] = sizes.get(unit.layer, 0) + 1
    classes = {layer: size for layer, size in sizes.items() if size > WIDE}
    sums = _assumed_sums(program)
    if sums is None:
        return None
    while classes:
        found = Symmetry(classes)
        broken = {unit.layer for node in sums for unit in found.template(node)[1]} or found.broken(
            [*((b.var, b.form) for b in split.bindings), *definitions.items()]
        )
        if not broken:
            return found
        classes = {layer: size for layer, size in classes.items() if layer not in broken}
    return None


def _assumed_sums(program: Program) -> list[Node] | None:
    """The sums that are assumed to be 1, of which a program binds the last term; None where something else is assumed."""
    found: list[Node] = []
    for var, form in program.assumptions.items():
        match form:
            case Form("add", (first, *others)) if first == ONE and all(isinstance(o, Form) and o.op == "neg" for o in others):
                found.append(add(*(other.args[0] for other in others), var))  # type: ignore[union-attr]
            case _:
                return None
    return found
