"""Names of parameters: weights by number, by their two indices or by the units that they connect; biases; and any name at all."""

from __future__ import annotations

from collections.abc import Iterator

from symbp.language.form import Edge, Index, Layer, Position, Unit, Var
from symbp.language.speller import split
from symbp.verification.reading.marks_of_names import Marks
from symbp.verification.reading.quantities import (
    Quantity,
    indices_of,
    position,
    stepped,
)
from symbp.verification.reading.unit_names import UnitNames
from symbp.verification.written import Name


class ParameterNames(UnitNames):
    """The weights and biases that a name may mean."""

    def _weight(self, name: Name, sub: str, marks: Marks) -> Iterator[Quantity]:
        words, step = self.spec.vocabulary, marks.step
        told = self._split("weight", marks)
        if told is None or told[1] is not None:
            return
        layer = self._into(told[0])
        if isinstance(layer, int) and not 1 <= layer <= words.last:
            return
        weights = [p for p in words.parameters() if p.kind == "weight"]
        indices = indices_of(sub)
        by_number = position(sub) if sub.isdigit() else None
        numbered = [w for w in weights if words.canonical(w) == f"w{sub}"] if layer is None else []
        if numbered and not words.times and name.base == "w":
            yield Quantity("weight", var=stepped(numbered[0], step), step=step)
        if not sub:
            yield Quantity("weight", layer, step=step)
            return
        if (edge := self._edge_named(name, sub)) is not None:
            yield Quantity("weight", var=Var("weight", edge, step=step), step=step)
            return
        if layer is None and (named := self._layers_named(sub)) is not None:
            yield Quantity("weight", named[0], Index(named[1]), Index(named[2]), step=step)
        if len(indices) == 3 and layer is None and isinstance(indices[0], int):
            into = self._into(indices[0])
            if isinstance(into, int) and 1 <= into <= words.last:
                layer, indices = into, indices[1:]
        if len(indices) == 2:
            first, second = indices
            if self.conventions.weight_order == "from":
                first, second = second, first
            if second == 0:
                yield Quantity("bias", layer, first, step=step)
            elif first == 0:
                return
            else:
                yield Quantity("weight", layer, first, second, step=step)
        elif len(indices) == 1 and layer is None:
            index = indices[0]
            into = self._into(index)
            is_letter = isinstance(index, Index) and index.name not in {"l", "L"}
            is_matrix = name.base[:1].isupper() or split(self.notation.patterns["weights"])[0] == name.base
            if into is not None and is_matrix and not is_letter and (isinstance(into, Index) or 1 <= into <= words.last):
                yield Quantity("weight", into, step=step)
            if isinstance(index, int) and into != index and 1 <= index <= words.last and name.base != "w":
                yield Quantity("weight", index, step=step)
            if sub in {"h", "o", "hidden", "out", "output", "hid"}:
                yield Quantity("weight", 1 if sub[0] == "h" else words.last, step=step)
        if len(indices) == 1 and isinstance(indices[0], int | Index):
            yield from self._single(layer, indices[0], step, by_number)

    def _single(self, layer: Position | None, index: Position, step: int, by_number: Position | None) -> Iterator[Quantity]:
        """One index where a layer has one source or one unit: the other is 1."""
        words = self.spec.vocabulary
        layers = [layer] if isinstance(layer, int) else list(range(1, words.last + 1)) if layer is None else []
        for at in layers:
            if words.width(at) == 1 and (isinstance(index, Index) or 1 <= index <= words.width(at - 1)):
                yield Quantity("weight", at, 1, index, step=step)
            elif words.width(at - 1) == 1 and (isinstance(index, Index) or 1 <= index <= words.width(at)):
                yield Quantity("weight", at, index, 1, step=step)

    def _edge_named(self, name: Name, sub: str) -> Edge | None:
        """An edge by the names of its two units, in the order in which one of them feeds the other."""
        words = self.spec.vocabulary
        if words.wiring:
            return None
        for cut in range(1, len(sub)):
            first, second = sub[:cut].rstrip(","), sub[cut:].lstrip(",")
            if first in self.units and second in self.units and sub != "":
                a, b = self.units[first], self.units[second]
                for edge in (Edge(a, b), Edge(b, a)):
                    if isinstance(edge.source.layer, int) and edge.source.layer + 1 == edge.target.layer:
                        return edge
        return None

    def _bias(self, name: Name, sub: str, marks: Marks) -> Iterator[Quantity]:
        words, step = self.spec.vocabulary, marks.step
        told = self._split("bias", marks)
        if told is None or told[1] is not None:
            return
        layer = self._into(told[0])
        if isinstance(layer, int) and not 1 <= layer <= words.last:
            return
        every = [p for p in words.parameters() if p.kind == "bias"]
        if (unit := self._unit_named(sub)) is not None and (own := words.bias(unit)) is not None and layer in {None, unit.layer}:
            yield Quantity("bias", var=stepped(own, step), step=step)
            return
        indices = indices_of(sub)
        if len(indices) == 2 and layer is None and isinstance(indices[0], int) and isinstance(indices[1], Index):
            into = self._into(indices[0])
            if isinstance(into, int) and 1 <= into <= words.last:
                layer, indices = into, indices[1:]
        index = indices[0] if len(indices) == 1 else None
        shared = [p for p in every if isinstance(p.owner, Layer)]
        if not sub:
            if layer is None and len(every) == 1:
                yield Quantity("bias", var=stepped(every[0], step), step=step)
            yield Quantity("bias", layer, step=step)
        elif sub in {"h", "o", "hidden", "output", "out"} and layer is None:
            yield Quantity("bias", 1 if sub[0] == "h" else words.last, step=step)
        elif layer is not None and index is not None:
            yield Quantity("bias", layer, index, step=step)
        elif index is not None:
            if isinstance(index, int):
                if self.conventions.whole_numbers:
                    yield from self._whole_bias(index, step)
                yield from (Quantity("bias", var=stepped(p, step), step=step) for p in shared if p.owner == Layer(index))
                yield from (
                    Quantity("bias", at, index, step=step)
                    for at in range(1, words.last + 1)
                    if index <= words.width(at) and isinstance(getattr(words.bias(Unit(at, index)), "owner", None), Unit)
                )
                if 1 <= index <= len(every):
                    yield Quantity("bias", var=stepped(every[index - 1], step), step=step)
                yield from self._whole_bias(index, step)
            else:
                if index.name in {"l", "L"}:
                    yield Quantity("bias", self._into(index), step=step)
                yield Quantity("bias", None, index, step=step)
        elif (prefix := self._prefixed(name)) is not None:
            yield Quantity("bias", prefix[0], prefix[1], step=step)

    def _whole_bias(self, index: int, step: int) -> Iterator[Quantity]:
        """The biases of a layer that the number means."""
        for at in dict.fromkeys((self._into(index), index)):
            if isinstance(at, int) and 1 <= at <= self.spec.vocabulary.last:
                yield Quantity("bias", at, step=step)
