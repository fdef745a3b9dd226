"""Meanings in words, and the one question about a family of names whose answer decides a row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from symbp.language.form import Edge, Index, Layer, Parameter, Position, Unit, Var
from symbp.language.written import Name
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.budget import OverBudget
from symbp.verification.reading.conventions import Conventions
from symbp.verification.reading.families import Family, family_of
from symbp.verification.reading.quantities import Quantity
from symbp.verification.reading.search import Established, Option, names_in
from symbp.verification.reading.world import World
from symbp.verification.source.work import Line, Link

_OF_UNITS: Final = {
    "net": ("the net input", "the net inputs"),
    "out": ("the output", "the outputs"),
    "delta": ("the delta", "the deltas"),
    "target": ("the target", "the targets"),
    "error": ("the error", "the errors"),
    "bias": ("the bias", "the biases"),
    "mean_activation": ("the mean activation", "the mean activations"),
}
_ALONE: Final = {
    "error_total": "the error E",
    "learning_rate": "the learning rate",
    "weight_decay": "the weight decay",
    "l1": "the factor of the L1 penalty",
    "rho": "the sparsity that is aimed at",
    "beta": "the factor of the sparsity penalty",
}


@dataclass(frozen=True, slots=True)
class Words:
    """Says quantities in words, as a textbook does."""

    spec: NetworkSpec
    conventions: Conventions

    def of(self, quantity: Quantity) -> str:
        """`the net input of unit 2 of layer 1`, `the weights into layer l, a row for each unit`."""
        if quantity.kind == "slope" and quantity.of is not None:
            return f"the gradient of E with respect to {self.of(quantity.of)}"
        if quantity.kind == "change" and quantity.of is not None:
            return f"the change of {self.of(quantity.of)}"
        found = self.of_var(quantity.var) if quantity.var is not None else self.of_indices(quantity)
        step = quantity.var.step if quantity.var is not None else quantity.step
        is_any = quantity.sample is None or (isinstance(quantity.sample, Index) and quantity.sample.name == "p")
        found += "" if is_any or quantity.kind == "error_sample" else f" in sample {said(quantity.sample)}"
        found += "" if quantity.time is None else f" at time {said(quantity.time)}"
        return found + (", after the update" if step else "")

    def of_var(self, var: Var) -> str:
        owner = var.owner
        if isinstance(owner, Parameter):
            return f"the parameter {owner.name}"
        if isinstance(owner, Edge):
            return f"the weight from {unit(owner.source.layer, owner.source.index)} into {unit(owner.target.layer, owner.target.index)}"
        if isinstance(owner, Unit):
            return self.of_indices(Quantity(var.kind, owner.layer, owner.index))
        if isinstance(owner, Layer):
            return f"the {var.kind.replace('_', ' ')} of layer {said(owner.layer)}"
        return self.of_indices(Quantity(var.kind))

    def of_indices(self, quantity: Quantity) -> str:
        kind, layer = quantity.kind, quantity.layer
        if kind in _ALONE:
            return _ALONE[kind]
        if kind == "error_sample":
            return "the error of a sample" if quantity.sample is None else f"the error of sample {said(quantity.sample)}"
        every = " of all samples" if quantity.is_batch else ""
        if kind == "input" or (kind == "out" and layer == 0):
            return f"input {said(quantity.unit)}" if quantity.unit is not None else f"the inputs{every}"
        if kind == "weight":
            return self.of_weight(quantity)
        one, several = _OF_UNITS.get(kind, (f"the {kind.replace('_', ' ')}",) * 2)
        if quantity.unit is not None:
            return f"{one} of {unit(layer, quantity.unit)}"
        return several + (f" of layer {said(layer)}" if layer is not None else "") + every

    def of_weight(self, quantity: Quantity) -> str:
        layer = quantity.layer
        into = f" into layer {said(layer)}" if layer is not None else ""
        if quantity.unit is None or quantity.source is None:
            below = f" from layer {quantity.source_layer}" if quantity.source_layer is not None else ""
            rows = "unit" if self.conventions.weight_rows == "unit" else "source"
            return f"the weights{below}{into}, a row for each {rows}"
        if quantity.source_layer is not None:
            below_layer: Position | None = quantity.source_layer
        else:
            below_layer = layer - 1 if isinstance(layer, int) else layer.shifted(-1) if layer is not None else None
        return f"the weight from {unit(below_layer, quantity.source)} into {unit(layer, quantity.unit)}"

    def answer(self, quantity: Quantity) -> str:
        """A name of the quantity that a comment may give as the meaning; empty where there is none that is short."""
        if quantity.var is not None:
            var = quantity.var
            return self.spec.vocabulary.canonical(var)
        if quantity.kind in {"net", "out", "delta"} and isinstance(quantity.unit, Index) and not quantity.unit.offset:
            return f"{quantity.kind}_{quantity.unit.name}"
        layer, index, words = quantity.layer, quantity.unit, self.spec.vocabulary
        if quantity.kind in {"net", "out", "delta"} and isinstance(index, int) and isinstance(layer, int) and 1 <= layer <= words.last:
            return words.canonical(Var(quantity.kind, Unit(layer, index))) if 1 <= index <= words.width(layer) else ""
        return ""


def said(at: Position | None) -> str:
    """An index as one writes it."""
    if isinstance(at, Index):
        return f"{at.name}{at.offset:+d}" if at.offset else at.name
    return str(at)


def unit(layer: Position | None, index: Position) -> str:
    if layer == 0:
        return f"input {said(index)}"
    return f"unit {said(index)}" + (f" of layer {said(layer)}" if layer is not None else "")


def merged(texts: Iterable[str], pieces: str = r" |[^ ]+") -> str:
    """One text for all, with # where they differ; if they differ otherwise, the first two."""
    every = list(dict.fromkeys(texts))
    if len(every) < 2:
        return every[0] if every else ""
    parts = [re.findall(pieces, text) for text in every]
    if len({len(part) for part in parts}) == 1:
        found = [column[0] if len(set(column)) == 1 else "#" for column in zip(*parts, strict=True)]
        if found.count("#") < len([piece for piece in found if piece.strip()]):
            return "".join(found)
    return "; ".join(every[:2]) + ("; …" if len(every) > 2 else "")


def family_text(texts: Sequence[str]) -> str:
    """A family in the person's letters: its one name, or with # where its names differ."""
    plain = list(dict.fromkeys(re.sub(r"\{([^{}]*)\}", r"\1", text) for text in texts))
    return texts[0] if len(plain) == 1 else merged(plain, r"\\[A-Za-z]+|[0-9]+|[A-Za-z][+-][0-9]|[A-Za-z]|[^0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a family: `name` is one of it as the person writes it, `what` and `rival` meanings in words, `answer` a name."""

    family: str
    name: str
    why: str
    what: str = ""
    rival: str = ""
    answer: str = ""


def question(world: World, line: Line, link: Link, family: str, why: str) -> Asked:
    """The question that decides a link whose `family` keeps it from being judged, in the row's own letters."""
    reading: Established | None = world.reading
    raised = world.own.raised
    names = [name for form in (link.left, link.right) for name in names_in(form, world.functions)]
    placed = [(name, family_of(name, raised, world.single.grids.axes.named)[0]) for name in names]
    own = next(((name, one) for name, one in placed if str(one) == family), None)
    if own is None or reading is None:
        return Asked(family, family, why)
    name, found = own
    text = line.row.math[name.span[0] : name.span[1]].strip()
    if why == "open" or found not in reading.joint.members:
        return Asked(family, text, why)
    words = Words(world.spec, world.conventions)
    mine = meaning_at(world, reading, found, name, reading.option(found))
    rival = None
    at = reading.at.get(id(link))
    if why == "rival" and at is not None:
        with suppress(OverBudget):
            rivals = [meaning_at(world, reading, found, name, option) for one, option in reading.rivals(at) if one is found]
            rival = next((one for one in rivals if one is not None), None)
        reading.joint.install(reading.state.chosen)
    if mine is None:
        return Asked(family, text, why)
    answer = words.answer(mine)
    return Asked(family, text, why, words.of(mine), words.of(rival) if rival else "", answer if answer != text else "")


def meaning_at(world: World, reading: Established, family: Family, name: Name, option: Option) -> Quantity | None:
    """What the name is by an option of its family."""
    axes = reading.joint.axes
    member = family_of(name, reading.joint.raised, axes.named)[1]
    if option.meaning is not None:
        return axes.quantity(option.meaning, family, member)
    before, world.own.meanings = world.own.meanings, {}
    try:
        found = world.single.grids.readings(name)
    finally:
        world.own.meanings = before
    return found[0].quantity if found else None
