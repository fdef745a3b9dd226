"""Which units and connections the influence of a parameter takes on its way to the error, and when.

The three factors of dE/dw = dE/dout · dout/dnet · dnet/dw: the connections that `w` stands on are lit as net by w, the units that they
lead into as out by net, and everything from there to E, along every path, as E by out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from symbp.language.form import Unit, Var
from symbp.language.vocabulary import Connection
from symbp.network.spec import NetworkSpec

EDGE, UNIT, ONWARD = "factor3", "factor2", "factor1"


@dataclass(frozen=True, slots=True)
class Light:
    """The colour's role, and the stage at which it comes: 1 the connection, 2 the unit, 3 and so on onwards."""

    role: str
    stage: int


@dataclass(frozen=True)
class Lighting:
    """What `lit` lights in the network of `spec`: nothing where there is no `lit`, or where it does not act on E."""

    spec: NetworkSpec
    lit: Var | None = None

    @cached_property
    def acting(self) -> frozenset[Unit]:
        """The units from which a path leads to E."""
        words = self.spec.vocabulary
        found, todo = set(words.outputs), list(words.outputs)
        while todo:
            unit = todo.pop()
            before = [arrow.source for arrow in words.connections(unit) if self._is_in_time(arrow)]
            for source in {*before, *self._group(unit)} - found:
                found.add(source)
                todo.append(source)
        return frozenset(found)

    def _group(self, unit: Unit) -> tuple[Unit, ...]:
        """The units whose outs the net input of `unit` acts on."""
        return (unit,) if unit.layer == 0 else self.spec.group(unit)

    def _is_in_time(self, arrow: Connection) -> bool:
        """Is there a step before that `arrow` could bring something from?"""
        return arrow.delay == 0 or arrow.delay < self.spec.vocabulary.times

    @cached_property
    def users(self) -> tuple[tuple[Unit, Connection | None], ...]:
        """The units in whose net inputs `lit` stands, and on which connection, or (None) as a bias."""
        found = self.spec.vocabulary.users(self.lit) if self.lit is not None else ()
        return tuple((unit, arrow) for unit, arrow in found if unit in self.acting)

    @cached_property
    def first(self) -> frozenset[Unit]:
        """The units whose outs depend on the net inputs in which `lit` stands."""
        return frozenset(u for unit, _ in self.users for u in self._group(unit))

    @cached_property
    def reached(self) -> frozenset[Unit]:
        """The units on the way from there to E, these included."""
        found, todo = set(self.first), list(self.first)
        while todo:
            for arrow, target in self.spec.vocabulary.feeds(todo.pop()):
                if target in self.acting and self._is_in_time(arrow):
                    new = set(self._group(target)) - found
                    found |= new
                    todo += new
        return frozenset(found)

    @cached_property
    def arrows(self) -> Mapping[tuple[Unit, Connection], Light]:
        """The lit connections, by the unit that each leads into."""
        words = self.spec.vocabulary
        onward = [(t, a) for u in sorted(self.reached, key=place_of) for a, t in words.feeds(u) if t in self.acting and self._is_in_time(a)]
        found = {(target, arrow): Light(ONWARD, self._stage(arrow.source, target)) for target, arrow in onward}
        return found | {(unit, arrow): Light(EDGE, 1) for unit, arrow in self.users if arrow is not None}

    def _stage(self, source: Unit, target: Unit | None) -> int:
        """Layer by layer; what goes to a later step within a layer comes before what leaves it."""
        assert isinstance(source.layer, int)
        start = min(int(unit.layer) for unit in self.first)  # type: ignore[arg-type]
        stays = bool(self.spec.vocabulary.times) and start == 1
        return 3 + source.layer - start + (stays and (target is None or target.layer != source.layer))

    @cached_property
    def biases(self) -> Mapping[Unit, Light]:
        """The units whose bias is lit."""
        return {unit: Light(EDGE, 1) for unit, arrow in self.users if arrow is None}

    @cached_property
    def units(self) -> Mapping[Unit, Light]:
        """The lit units."""
        found = {unit: Light(UNIT, 2) for unit in self.first}
        for unit in sorted(self.reached - self.first, key=place_of):
            into = [light.stage for u in self._group(unit) for (target, _), light in self.arrows.items() if target == u]
            found[unit] = Light(ONWARD, max(into))
        return found

    @cached_property
    def errors(self) -> Mapping[Unit, Light]:
        """The outputs whose way into E is lit."""
        return {unit: Light(ONWARD, self._stage(unit, None)) for unit in self.spec.vocabulary.outputs if unit in self.reached}

    @property
    def error(self) -> Light | None:
        """E itself."""
        return Light(ONWARD, max(light.stage for light in self.errors.values())) if self.errors else None


def place_of(unit: Unit) -> tuple[int, int]:
    """By layer, and then from the top."""
    assert isinstance(unit.layer, int) and isinstance(unit.index, int)
    return unit.layer, unit.index
