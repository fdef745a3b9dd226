"""A written name → the quantities that it may mean, the likeliest first.

A name has a base (z, net, W), marks of an update, a layer, a sample and indices. What the base is depends on the network's notation
first and on common usage next; a reading that the network has no quantity for is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from symbp.language.form import Parameter, Var
from symbp.language.written import Name
from symbp.verification.reading.marks_of_names import Marks
from symbp.verification.reading.own_spelling import Spelled, Spelling, spelling_of
from symbp.verification.reading.parameter_names import ParameterNames
from symbp.verification.reading.quantities import (
    NEW,
    OLD,
    SLOPED,
    WHOLES,
    Quantity,
    Reading,
    indices_of,
)


class Names(ParameterNames):
    """The readings of names on one network, under the conventions that hold."""

    def readings(self, name: Name) -> tuple[Reading, ...]:
        """What the name may mean; empty where the network has no such quantity."""
        found = self._cache.get(name)
        if found is None:
            found = self._cache[name] = self._placed(name)
        return found

    def _placed(self, name: Name) -> tuple[Reading, ...]:
        """The readings of a name where it stands: those of any name like it, with its own superscripts as the rest of them."""
        key = name.unplaced
        if (alike := self._alike.get(key)) is not None:
            return tuple([Reading(quantity, tuple([name.sups[at] for at in rest])) for quantity, rest in alike])
        every = tuple(dict.fromkeys(self._readings(name)))
        places = {id(sup): at for at, sup in enumerate(name.sups)}
        if all(id(sup) in places for each in every for sup in each.rest):
            self._alike[key] = tuple((each.quantity, tuple(places[id(sup)] for sup in each.rest)) for each in every)
        return every

    def _readings(self, name: Name) -> Iterator[Reading]:
        if self.conventions.spells(self.spec):
            for found, rest in self.spelling.of(name):
                if not any(self._is_update(script.text) for script in rest):
                    yield Reading(_quantity(found), rest)
        inner = name.base[1:] if name.base.startswith("d") and len(name.base) > 1 and name.base[1:] in SLOPED else ""
        if inner:
            of = replace(name, base=inner)
            for reading in self._readings(of):
                if reading.quantity.kind in WHOLES:
                    yield Reading(Quantity("slope", of=reading.quantity, sample=reading.quantity.sample), reading.rest)
            return
        if name.base.startswith("Delta") and len(name.base) > 5:
            for reading in self._readings(replace(name, base=name.base[5:])):
                if reading.quantity.kind in {"weight", "bias"}:
                    yield Reading(Quantity("change", of=reading.quantity), reading.rest)
            return
        yield from self._exact(name)
        if name.base == "I" and name.sub and len(both := indices_of(name.sub.text)) == 2:
            yield Reading(Quantity("kronecker", unit=both[0], source=both[1]))
            return
        sub = name.sub.text if name.sub else ""
        for kind in self.kinds(name.base):
            for marks in self._marks(name, kind):
                yield from (Reading(q, marks.rest) for q in self._of_kind(kind, name, sub, marks))

    def is_spelled(self, name: Name) -> bool:
        """Is the name as the network's notation writes it, or a canonical name?"""
        return next(self.spelling.of(name), None) is not None or next(self._exact(name), None) is not None

    @cached_property
    def spelling(self) -> Spelling:
        """The names of the notation as it writes them."""
        return spelling_of(self.spec.speller)

    def _exact(self, name: Name) -> Iterator[Reading]:
        """A quantity that the network or its notation calls just so: i1, w_skip, an input named A."""
        step = self._step(name)
        text = name.base + ("_" + "".join(t.text for t in name.sub.tokens if t.text not in {"{", "}"}) if name.sub else "")
        sups = tuple(s for s in name.sups if s.text not in NEW | OLD)
        for spelled in dict.fromkeys((text, text.replace("_", ""), text.replace(",", "_"))):
            found = self._typed.get(spelled)
            if found is not None and (not step or found.kind in {"weight", "bias", "error_total"}):
                var = Var(found.kind, found.owner, found.sample, found.time, step) if step else found
                yield Reading(Quantity(var.kind, var=var, step=step), sups)
                return

    @cached_property
    def _typed(self) -> dict[str, Var]:
        """Quantities by their canonical names and those of the notation, where these have no superscript."""
        words, found = self.spec.vocabulary, dict[str, Var]()
        for var in words.variables():
            if var.step or var.kind in {"error_total", "learning_rate", "delta", "net", "out", "error_sample"}:
                continue
            is_named = isinstance(var.owner, Parameter) or var.kind == "input"
            for text in (words.canonical(var), self.spec.speller.ascii(var)) if is_named else (self.spec.speller.ascii(var),):
                if "^" not in text and "@" not in text:
                    found.setdefault(text, var)
        return found

    def _of_kind(self, kind: str, name: Name, sub: str, marks: Marks) -> Iterator[Quantity]:
        if name.primes and kind not in {"weight", "bias", "error"}:
            return
        step = marks.step
        for suffix in ("new", "neu"):
            if kind in {"weight", "bias", "error"} and sub.endswith(suffix):
                sub, step = sub.removesuffix(suffix).rstrip(","), 1
        if kind in {"weight", "bias", "error"}:
            sub = sub.removesuffix("old").rstrip(",")
        marks = replace(marks, step=step)
        if kind == "error":
            yield from self._error(name, sub, marks)
        elif kind in {"learning_rate", "weight_decay", "rho", "l1", "beta", "momentum"}:
            if not sub and not marks.layers and (kind == "learning_rate" or Var(kind) in self.spec.data):
                yield Quantity(kind, var=Var(kind))
        elif kind == "weight":
            yield from self._weight(name, sub, marks)
        elif kind == "bias":
            yield from self._bias(name, sub, marks)
        else:
            yield from self._unit(kind, name, sub, marks)


def _quantity(found: Spelled) -> Quantity:
    if found.var is not None:
        return Quantity(found.kind, var=found.var, sample=found.sample, step=found.step, time=found.time)
    return Quantity(
        *(found.kind, found.layer, found.unit, found.source, found.sample, found.step),
        is_batch=found.is_batch,
        time=found.time,
        source_layer=found.source_layer,
    )
