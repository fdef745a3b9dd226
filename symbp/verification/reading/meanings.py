"""What a family of names may mean: a kind of quantity along an axis of the network, for all its members at once.

A meaning gives each slot of a family a role: the unit in a layer, the layer (counted from any number), the source of a weight, the
number of a parameter, the unit counted through the network, its name in the file, the sample, the time step. It comes from the network
and from how many slots there are, never from letters; what letters usually stand for is the prior in `priors`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import permutations
from typing import Final, TypeAlias

from symbp.language.form import Edge, Index, Position, Unit, Var
from symbp.language.vocabulary import Vocabulary
from symbp.language.written import Name
from symbp.network.spec import NetworkSpec
from symbp.verification.reading.families import Family, Member, Slot
from symbp.verification.reading.quantities import Quantity, Reading, moved, stepped

UNITS: Final = ("net", "out", "delta", "input", "target", "error")
SLOPED: Final = ("out", "weight", "bias", "input", "net")
FIRST: Final = frozenset({"h", "H", "hid", "hidden", "i", "in", "o", "O", "out", "output", "L", "x", "y"})
"""Words for a layer; which one is told by `Axes.named_layer`."""

TURNED: Final = "-"
"""The order of a slope that is meant with its sign turned: delta = -dE/dnet."""

FROM_ZERO: Final = -2
INPUTS_FROM_ZERO: Final = -3
COUNTED: Final = (0, -1, FROM_ZERO, INPUTS_FROM_ZERO)
"""How units are counted through the network: without the inputs from 1, with them from 1, and so from 0."""

Role: TypeAlias = tuple[str, int]
"""What a slot is, and what is added to its value: ("layer", 1) where layers are counted from one less."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """`roles` are those of the slots; `layer` is what no slot tells; `source_layer` only where it need not be the layer before.

    `order` is that in which parameters are numbered: "unit" by unit, "source" by source. `of` is the kind that a slope is of.
    """

    kind: str
    roles: tuple[Role, ...] = ()
    layer: int | None = None
    of: str = ""
    order: str = ""
    is_batch: bool = False
    source_layer: int | None = None
    unit: int | None = None
    """The one unit that a name without slots is about."""

    def is_like(self, other: Meaning) -> bool:
        """Is it the same kind of quantity, with the same roles?"""
        return (self.kind, self.of, [role for role, _ in self.roles]) == (other.kind, other.of, [role for role, _ in other.roles])

    def role(self, name: str) -> int | None:
        """Which slot has this role."""
        return next((at for at, (role, _) in enumerate(self.roles) if role == name), None)


@dataclass
class Axes:
    """The quantities of one network along its axes."""

    spec: NetworkSpec
    placed: dict[tuple[Name, frozenset[str]], tuple[Family, Member]] = field(default_factory=dict)
    """The families of names that were looked up."""
    read: dict[tuple[Name, Meaning], tuple[Reading, ...]] = field(default_factory=dict)
    """The readings of names that were looked up."""

    @cached_property
    def words(self) -> Vocabulary:
        return self.spec.vocabulary

    @cached_property
    def weights(self) -> tuple[Var, ...]:
        """In the order of the units that they lead into."""
        return tuple(p for p in self.words.parameters() if p.kind == "weight")

    @cached_property
    def weights_by_source(self) -> tuple[Var, ...]:
        """Layer by layer, in the order of the units that they come from."""
        edges = [w for w in self.weights if isinstance(w.owner, Edge)]
        return tuple(sorted(edges, key=lambda w: (w.owner.target.layer, w.owner.source.index, w.owner.target.index)))  # type: ignore[union-attr]

    @cached_property
    def biases(self) -> tuple[Var, ...]:
        return tuple(p for p in self.words.parameters() if p.kind == "bias")

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """All units but the inputs, layer by layer."""
        return tuple(unit for layer in range(1, self.words.last + 1) for unit in self.words.units(layer))

    @cached_property
    def named(self) -> dict[str, Unit]:
        """Units by their names in the file, and without the marks of scripts in these."""
        every = [*self.words.units(0), *self.units]
        found = {self.words.unit_name(unit): unit for unit in every}
        for unit in every:
            found.setdefault(self.words.unit_name(unit).replace("_", ""), unit)
        return found

    def named_layer(self, word: str) -> int | None:
        """The layer that a word or letter names: hidden, output, input."""
        last = self.words.last
        if word[:1].lower() == "h" and (last == 2 or word.lower() in {"h", "hid", "hidden"}):
            return 1 if last >= 2 else None
        return {"o": last, "out": last, "output": last, "L": last, "O": last, "y": last, "i": 0, "in": 0, "x": 0}.get(word)

    # -- a meaning at a member ------------------------------------------------------------------------------------------

    def quantity(self, meaning: Meaning, family: Family, member: Member) -> Quantity | None:
        """What the member is, or None where the network has nothing there."""
        if meaning.kind == "slope":
            order = "" if meaning.order == TURNED else meaning.order
            inner = self.quantity(replace(meaning, kind=meaning.of, of="", order=order), family, replace(member, step=0))
            return None if inner is None else Quantity("slope", of=inner, sample=inner.sample, key=meaning.order if not order else "")
        if meaning.kind == "change":
            inner = self.quantity(replace(meaning, kind=meaning.of, of=""), family, replace(member, step=0))
            return None if inner is None else Quantity("change", of=inner)
        if meaning.kind == "kronecker":
            one, other = member.slots
            fits = not isinstance(one, str) and not isinstance(other, str) and not member.step
            return Quantity("kronecker", unit=one, source=other) if fits else None  # type: ignore[arg-type]
        at = _Slots(self, meaning, family, member)
        if not at.fit:
            return None
        if meaning.kind in {"weight", "bias"}:
            return self._parameter(meaning, member.step, at)
        if meaning.kind in {"learning_rate", "weight_decay"}:
            return None if member.slots or member.step else Quantity(meaning.kind, var=Var(meaning.kind))
        if meaning.kind in {"error_total", "error_sample"}:
            return Quantity(meaning.kind, sample=at.sample, time=at.time, step=member.step)
        return None if member.step else self._of_unit(meaning, at)

    def _of_unit(self, meaning: Meaning, at: _Slots) -> Quantity | None:
        kind, layer, unit = meaning.kind, at.layer, at.unit
        if isinstance(layer, int):
            kind = {("out", 0): "input"}.get((kind, layer), kind)
            lowest = 0 if kind == "input" else 1
            if not lowest <= layer <= (0 if kind == "input" else self.words.last):
                return None
            if kind in {"target", "error"} and layer != self.words.last:
                return None
            if isinstance(unit, int) and not 1 <= unit <= self.words.width(layer):
                return None
        if isinstance(at.sample, int) and not 1 <= at.sample <= max(1, self.words.samples):
            return None
        return Quantity(kind, layer, unit, sample=at.sample, time=at.time, is_batch=meaning.is_batch)

    def _parameter(self, meaning: Meaning, step: int, at: _Slots) -> Quantity | None:
        kind = meaning.kind
        if at.number is not None:
            weights = self.weights_by_source if meaning.order == "source" else self.weights
            every = self.biases if kind == "bias" else weights
            return Quantity(kind, var=stepped(every[at.number - 1], step), step=step) if 1 <= at.number <= len(every) else None
        layer, unit, source = at.layer, at.unit, at.source
        if kind == "weight" and (unit is None) != (source is None):  # a layer of one unit, or from one source, needs no index for it
            unit, source = (1, source) if unit is None else (unit, 1)
        if isinstance(layer, int):
            if not 1 <= layer <= self.words.last:
                return None
            if at.below not in {None, layer - 1, layer if self.words.times else None}:
                return None
            below = layer - 1 if at.below is None else at.below
            if isinstance(unit, int) and not 1 <= unit <= self.words.width(layer):
                return None
            if isinstance(source, int) and not 0 <= source <= self.words.width(below):
                return None
        if kind == "bias":
            if isinstance(layer, int) and not self.words.biases(layer):
                return None
            if unit is None and isinstance(layer, int) and meaning.order == "one":
                own = self.words.biases(layer)
                return Quantity(kind, var=stepped(own[0], step), step=step) if len(own) == 1 else None
            return Quantity(kind, layer, unit, step=step)
        if source == 0 and at.below is None:
            return Quantity("bias", layer, unit, step=step)
        return Quantity(kind, layer, unit, source, step=step, source_layer=at.below if self.words.times else None)

    # -- what a family may mean -----------------------------------------------------------------------------------------

    def meanings(self, family: Family, members: Sequence[Member]) -> list[Meaning]:
        """Every meaning under which all members are quantities of the network, those that are the same only once."""
        found: dict[tuple[object, ...], Meaning] = {}
        for meaning in self._proposals(family, members):
            values = tuple(self.quantity(meaning, family, member) for member in members)
            if all(value is not None for value in values):
                found.setdefault(values, meaning)
        return list(found.values())

    def _proposals(self, family: Family, members: Sequence[Member]) -> Iterator[Meaning]:
        """Candidates before their members are looked at."""
        count = len(family.places)
        yield from self._kinds_of_units(count, members)
        for parameter in self._parameters(count, members):
            yield parameter
            if parameter.kind in SLOPED:
                yield replace(parameter, kind="slope", of=parameter.kind)
                yield replace(parameter, kind="change", of=parameter.kind)
        yield from self._errors(count)
        if count == 2 and all(isinstance(slot, Index) for member in members for slot in member.slots):
            yield Meaning("kronecker", order="letters")
        if not count:
            yield Meaning("learning_rate")
            if "weight_decay" in self.words.extras:
                yield Meaning("weight_decay")

    def _kinds_of_units(self, count: int, members: Sequence[Member]) -> Iterator[Meaning]:
        for kind in UNITS:
            yield Meaning(kind, (), order="own")
        for unit in (*self.words.units(0), *self.units) if not count and not self.words.times else ():
            for kind in ("net", "out", "delta", "target") if unit.layer else ("input",):
                yield Meaning(kind, (), int(str(unit.layer)), unit=int(str(unit.index)))
        for roles, layer, is_batch in self._unit_roles(count, members):
            for kind in UNITS:
                if (
                    kind == "error"
                    and not any(role in {"unit", "name", "through"} for role, _ in roles)
                    and self.words.width(self.words.last) > 1
                ):
                    continue
                if layer is not None and ((kind == "input") != (layer == 0) or (kind in {"target", "error"} and layer != self.words.last)):
                    continue
                if kind == "input" and layer is None and not any(role in {"through", "name"} for role, _ in roles):
                    continue
                yield Meaning(kind, roles, layer, is_batch=is_batch)
                if kind in {"out", "input", "net"}:
                    yield Meaning("slope", roles, layer, of=kind, is_batch=is_batch)
                if kind == "net" and "delta_sign" not in self.spec.decided:
                    yield Meaning("slope", roles, layer, of=kind, order=TURNED, is_batch=is_batch)

    def _unit_roles(self, count: int, members: Sequence[Member]) -> Iterator[tuple[tuple[Role, ...], int | None, bool]]:
        """The roles that slots of a unit's or a layer's quantity may have, the layer where no slot tells it, and whether it is a batch."""
        layers = range(self.words.last + 1)
        times: tuple[str, ...] = ("time",) if self.words.times else ()
        for plain in ((), ("unit",), ("layer",), ("layer", "unit"), ("through",), ("name",)):
            for extra in ((), ("sample",), times, ("sample", *times)) if times else ((), ("sample",)):
                names = (*plain, *extra)
                if len(names) != count:
                    continue
                for order in dict.fromkeys(permutations(names)):
                    for roles in _offsets(order):
                        if "layer" in plain or "through" in plain or "name" in plain:
                            yield roles, None, False
                            if plain == ("layer",) and "sample" not in extra:
                                yield roles, None, True
                            continue
                        for layer in layers:
                            yield roles, layer, False
                            if not plain and "sample" not in extra:
                                yield roles, layer, True
                        if plain == ("unit",) and all(isinstance(member.slots[order.index("unit")], Index) for member in members):
                            yield roles, None, False

    def _parameters(self, count: int, members: Sequence[Member]) -> Iterator[Meaning]:
        layers = range(1, self.words.last + 1)
        recurrent = (1,) if self.words.times else ()
        if count == 0:
            for layer in layers:
                yield Meaning("weight", (), layer, source_layer=layer - 1 if self.words.times else None)
                yield Meaning("bias", (), layer)
            yield from (Meaning("weight", (), layer, source_layer=layer) for layer in recurrent)
        if count == 1:
            for by in (0, 1):
                for numbered in ("unit", "source"):
                    yield Meaning("weight", (("number", by),), order=numbered)
                yield Meaning("bias", (("number", by),))
            for by in (0, 1, -1):
                yield Meaning("weight", (("layer", by),))
                yield Meaning("bias", (("layer", by),))
            for layer in layers:
                yield from (Meaning("bias", (("unit", by),), layer) for by in (0, 1))
                if self.words.width(layer) == 1:
                    yield from (Meaning("weight", (("source", by),), layer) for by in (0, 1))
                if self.words.width(layer - 1) == 1:
                    yield from (Meaning("weight", (("unit", by),), layer) for by in (0, 1))
            yield from (Meaning("bias", (("through", by),)) for by in COUNTED)
            yield Meaning("bias", (("name", 0),))
            if all(isinstance(member.slots[0], Index) for member in members):
                yield Meaning("bias", (("unit", 0),), None)
        if count == 2:
            for order in (
                ("unit", "source"),
                ("source", "unit"),
                ("through", "from"),
                ("from", "through"),
                ("name", "source name"),
                ("source name", "name"),
            ):
                for roles in _offsets(order):
                    if "unit" in order:
                        yield from (Meaning("weight", roles, layer) for layer in layers)
                        yield from (Meaning("weight", roles, layer, source_layer=layer) for layer in recurrent)
                    if "unit" not in order or not any(isinstance(slot, int) for member in members for slot in member.slots):
                        yield Meaning("weight", roles)
            for both in (("layer", "unit"), ("unit", "layer")):
                yield from (Meaning("bias", roles) for roles in _offsets(both))
            if not any(isinstance(slot, int) for member in members for slot in member.slots):  # W_{xh}: the matrix from x into h
                yield Meaning("weight", (("below", 0), ("layer", 0)))
                yield Meaning("weight", (("layer", 0), ("below", 0)))
            if 1 in {self.words.width(layer) for layer in range(self.words.last + 1)}:
                for both in (("layer", "source"), ("source", "layer")):
                    yield from (Meaning("weight", roles) for roles in _offsets(both))
        if count == 3:
            for three in permutations(("layer", "unit", "source")):
                yield from (Meaning("weight", roles) for roles in _offsets(three))

    def _errors(self, count: int) -> Iterator[Meaning]:
        if count == 0:
            yield Meaning("error_total")
        if count == 1:
            yield Meaning("error_sample", (("sample", 0),))
            if self.words.times:
                yield Meaning("error_sample", (("time", 0),))


class _Slots:
    """The values of a member's slots under a meaning; `fit` is whether each can be what its role says."""

    def __init__(self, axes: Axes, meaning: Meaning, family: Family, member: Member) -> None:
        self.layer: Position | None = meaning.layer
        self.unit: Position | None = meaning.unit
        self.source: Position | None = None
        self.sample: Position | None = None
        self.time: Position | None = None
        self.number: int | None = None
        self.below = meaning.source_layer
        self.is_parameter = meaning.kind in {"weight", "bias"}
        self.fit = True
        from_unit: Unit | None = None
        counted: tuple[int, Slot] | None = None
        if meaning.order == "own":
            unit = axes.named.get(family.base + "".join(f"{w}{_text(slot)}" for w, slot in zip(family.words, member.slots, strict=True)))
            self.fit = unit is not None and self._at(unit, False)
            return
        for (role, by), slot, word in zip(meaning.roles, member.slots, family.words, strict=True):
            self.fit &= self._take(axes, role, by, slot, word)
            if role in {"from", "source name"} and self.fit:
                from_unit = self._from
            if role == "from" and self.fit:
                counted = by, slot
        if from_unit is not None and self.fit and counted is not None and counted[0] == 0 and self.layer == 1:
            number = counted[1]  # the inputs are counted by themselves
            if isinstance(number, int) and 1 <= number <= axes.words.width(0):
                from_unit = Unit(0, number)
        if from_unit is not None and self.fit:
            self.source = from_unit.index
            self.fit = self.layer == (from_unit.layer + 1 if isinstance(from_unit.layer, int) else None)

    def _take(self, axes: Axes, role: str, by: int, slot: Slot, word: str) -> bool:
        if role in {"name", "source name"}:
            text = slot.name if isinstance(slot, Index) and not slot.offset else slot
            unit = axes.named.get(f"{word}{text}") if isinstance(text, int | str) else None
            return unit is not None and self._at(unit, role == "source name")
        if role in {"through", "from"}:
            if isinstance(slot, Index) and role == "through" and not slot.offset:
                self.unit = slot  # any unit of the layer that the row is about
                return True
            if not isinstance(slot, int):
                return False
            units = axes.units if by in {0, FROM_ZERO} else (*axes.words.units(0), *axes.units)
            at = slot + (by in {FROM_ZERO, INPUTS_FROM_ZERO})
            return 1 <= at <= len(units) and self._at(units[at - 1], role == "from")
        if role == "layer" and isinstance(slot, str | Index) and not (isinstance(slot, Index) and slot.name in {"l", "L", "k", "n", "m"}):
            name = slot if isinstance(slot, str) else slot.name if not slot.offset else ""
            named = axes.named_layer(name)
            if named is not None and by == 0:
                self.layer = named
                return True
        if role == "below":
            text = slot if isinstance(slot, str) else slot.name if isinstance(slot, Index) and not slot.offset else ""
            self.below = axes.named_layer(text)
            return self.below is not None
        if isinstance(slot, str):
            return False
        if isinstance(slot, Index) and slot.name == "L":  # the last layer, however layers are counted
            if role != "layer":
                return False
            self.layer = axes.words.last + slot.offset + (by if self.is_parameter else 0)
            return True
        if role == "number":
            if not isinstance(slot, int):
                return False
            self.number = slot + by
            return True
        setattr(self, role, moved(slot, by))
        return True

    def _at(self, unit: Unit, is_source: bool) -> bool:
        if is_source:
            self._from = unit
        else:
            self.layer, self.unit = unit.layer, unit.index
        return True


def _text(slot: Slot) -> str:
    return slot.name if isinstance(slot, Index) and not slot.offset else str(slot)


def _offsets(order: Sequence[str]) -> Iterator[tuple[Role, ...]]:
    """The roles with what may be added to each: layers are counted from -1, 0 or 1 more, units, sources and the like from 1 or from 0."""
    ways = {"layer": (0, -1, 1), "unit": (0, 1), "source": (0, 1), "through": COUNTED, "from": COUNTED}
    if "unit" in order and "source" in order:
        for layer in ways["layer"] if "layer" in order else (0,):
            for unit in (0, 1):
                yield tuple((role, layer if role == "layer" else unit if role in {"unit", "source"} else 0) for role in order)
        return
    found: list[tuple[Role, ...]] = [()]
    for role in order:
        found = [(*done, (role, by)) for by in ways.get(role, (0,)) for done in found]
    yield from found
