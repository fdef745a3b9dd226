"""Names of what belongs to units and layers: inputs, targets, net inputs, outs, deltas, errors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from symbp.language.form import Index, Position, Unit
from symbp.language.speller import split
from symbp.verification.reading.marks_of_names import Marked, Marks
from symbp.verification.reading.quantities import (
    BATCHES,
    TOTAL,
    Quantity,
    indices_of,
    moved,
    position,
)
from symbp.verification.written import Name


class UnitNames(Marked):
    """The quantities of units and of whole layers that a name may mean."""

    def _unit(self, kind: str, name: Name, sub: str, marks: Marks) -> Iterator[Quantity]:
        """A quantity of a unit, or of a whole layer."""
        words = self.spec.vocabulary
        told = self._split(kind, marks)
        if told is None or marks.step or (words.times and re.fullmatch(r"[tTsτ]([+-]1)?", sub)):
            return
        label, sample = told
        layer: Position | None = None if label is None else moved(label, -self.conventions.label(0))
        if kind == "input":
            layer = 0
        is_of_outputs = name.base in {"yhat", "Yhat", "phat", "ohat"} or kind == "target" or self._is_output_only(name.base, kind)
        if is_of_outputs and label is None:
            layer = words.last
        is_batch = name.base in BATCHES and sample is None
        indices = [*indices_of(sub)]
        if layer == 0 and kind == "out":
            kind = "input"
        if isinstance(layer, int) and not (0 if kind in {"input", "out"} else 1) <= layer <= words.last:
            return
        if unit := self._unit_named(sub):
            found = self._var(kind, unit, sample)
            if found is not None and (layer is None or layer == unit.layer or isinstance(layer, Index)):
                yield found
                return
        if not sub:
            yield Quantity(kind, layer, sample=sample, is_batch=is_batch)
            return
        if (prefix := self._prefixed(name)) is not None:
            at, index = prefix
            yield Quantity(kind, at, index, sample=sample)
        if len(indices) == 2 and (found := self._of_pattern(kind, layer, indices)) is not None:
            yield found
            return
        if len(indices) == 2 and (number := self._layer_before(kind, layer, indices)) is not None:
            yield Quantity(kind, number, indices[1], sample=sample)
            return
        if len(indices) == 2 and kind == "delta" and all(isinstance(i, Index) for i in indices) and layer is None:
            yield Quantity("kronecker", unit=indices[0], source=indices[1])
            return
        if len(indices) == 2 and sample is None and kind in {"input", "target", "net", "out"}:
            first, second = indices
            yield (
                Quantity(kind, layer, first, sample=second)
                if self.conventions.samples == "columns"
                else Quantity(kind, layer, second, sample=first)
            )
            return
        if len(indices) != 1:
            return
        index = indices[0]
        if isinstance(index, int) and layer is None:
            yield from self._numbered(kind, index, sample, name)
        elif (isinstance(index, int) and isinstance(layer, int) and not 1 <= index <= words.width(layer)) or (
            isinstance(index, Index) and index.offset and layer is None
        ):
            return
        else:
            yield Quantity(kind, layer, index, sample=sample, is_hidden=layer is None and self._is_hidden_only(name.base, kind))
            if isinstance(index, Index) and index.name in {"l", "L"} and layer is None and kind != "target":
                yield Quantity(kind, moved(index, -self.conventions.label(0)), sample=sample, is_batch=is_batch)

    def _of_pattern(self, kind: str, layer: Position | None, indices: Sequence[Position]) -> Quantity | None:
        """With the letter of a pattern or sample before the unit's index, or behind it: o_pj, z_nk."""
        for sample, unit in ((indices[0], indices[1]), (indices[1], indices[0])):
            if isinstance(sample, Index) and sample.name in {"p", "n"} and not (isinstance(unit, Index) and unit.name in {"p", "n"}):
                return Quantity(kind, layer, unit, sample=sample)
        return None

    def _layer_before(self, kind: str, layer: Position | None, indices: Sequence[Position]) -> int | None:
        """The layer's number before the unit's letter, where there is one sample: a3_k, delta_{3,k}."""
        first, unit = indices
        if layer is not None or kind not in {"net", "out", "delta"} or self.spec.vocabulary.samples > 1:
            return None
        if not isinstance(first, int) or not isinstance(unit, Index):
            return None
        at = first - self.conventions.label(0)
        return at if 1 <= at <= self.spec.vocabulary.last else None

    def _is_output_only(self, base: str, kind: str) -> bool:
        """Does the notation keep this base for the outs of the last layer: Bishop's y?"""
        return kind == "out" and (base == "y" or base == "p")

    def _is_hidden_only(self, base: str, kind: str) -> bool:
        """Has the notation another base for the outs of the last layer: Bishop's z beside y?"""
        patterns = self.notation.patterns
        return kind == "out" and "output" in patterns and split(patterns["out"])[0] == base

    def _numbered(self, kind: str, index: int, sample: Position | None, name: Name) -> Iterator[Quantity]:
        """A number without a layer: of an output, of a unit counted through the network, or a layer as a whole."""
        words = self.spec.vocabulary
        layers = [words.last] if kind == "target" else [0] if kind == "input" else range(1, words.last + 1)
        if name.base in {"o", "y", "yhat", "p", "ohat"} and kind == "out":
            layers = [words.last]
        every = [unit for layer in layers for unit in words.units(layer)]
        candidates = [unit for layer in layers for unit in words.units(layer) if unit.index == index]
        if kind == "target" and 1 <= index <= len(words.outputs):
            candidates = [words.outputs[index - 1]]
        is_capital = name.base in BATCHES or self.conventions.whole_numbers
        chain = all(words.width(layer) == 1 for layer in range(1, words.last + 1))
        if chain and len(every) >= index >= 1:
            candidates = [every[index - 1]]
        is_batch = name.base in BATCHES
        if not is_capital or kind in {"input", "target"}:
            for unit in candidates:
                if (found := self._var(kind, unit, sample)) is not None:
                    yield found
            if 1 <= index <= len(every) and every[index - 1] not in candidates and (found := self._var(kind, every[index - 1], sample)):
                yield found
        layer = index - self.conventions.label(0) if kind != "input" else 0
        if 0 <= layer <= words.last and (kind != "delta" or layer) and kind not in {"input", "target"} and (kind == "out" or layer):
            yield Quantity("input" if not layer else kind, layer, sample=sample, is_batch=is_batch)
        if kind not in {"input", "target"} and 1 <= index <= words.last and index != layer:
            yield Quantity(kind, index, sample=sample, is_batch=is_batch)

    def _var(self, kind: str, unit: Unit, sample: Position | None) -> Quantity | None:
        words = self.spec.vocabulary
        if kind == "input" and unit.layer != 0:
            return None
        if kind == "out" and unit.layer == 0:
            kind = "input"
        if kind in {"net", "delta"} and unit.layer == 0:
            return None
        if kind in {"target", "error"} and unit not in words.outputs:
            return None
        return Quantity(kind, unit.layer, unit.index, sample=sample)

    def _error(self, name: Name, sub: str, marks: Marks) -> Iterator[Quantity]:
        words = self.spec.vocabulary
        told = self._split("error", marks)
        if told is None:
            return
        _, sample = told
        if name.base == "l" and sample is None and not sub:
            return
        if sub in TOTAL or (sub in {"new", "neu"} and marks.step):
            yield Quantity("error_total" if sample is None else "error_sample", sample=sample, step=marks.step)
            return
        if (unit := self._unit_named(sub)) and unit in words.outputs:
            yield Quantity("error", unit.layer, unit.index, sample=sample)
            return
        prefix = self._prefixed(name)
        at = position(sub)
        if prefix is not None and prefix[0] == words.last:
            yield Quantity("error", words.last, prefix[1], sample=sample)
        elif isinstance(at, int) and 1 <= at <= len(words.outputs):
            unit = words.outputs[at - 1]
            yield Quantity("error", unit.layer, unit.index, sample=sample)
        elif isinstance(at, Index) and not at.offset:
            if at.name in {"x", "n", "p", "s", "m"}:
                yield Quantity("error_sample", sample=at if at.name != "x" else None)
            yield Quantity("error", words.last, at, sample=sample)
