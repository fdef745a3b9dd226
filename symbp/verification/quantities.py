"""A written name → the quantities that it may mean, the likeliest first.

A name has a base (z, net, W), marks of an update, a layer, a sample and indices. What the base is depends on the network's notation
first and on common usage next; a reading that the network has no quantity for is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from symbp.language.form import Edge, Index, Layer, Parameter, Position, Unit, Var
from symbp.language.notation import Notation
from symbp.language.speller import split
from symbp.network.spec import NetworkSpec
from symbp.verification.conventions import Conventions
from symbp.verification.own_spelling import Spelled, Spelling, spelling_of
from symbp.verification.written import Name, Script


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a name means: one of the network (`var`), or one that indices choose; whole layers have no `unit`.

    `layer` counts from 0, the input; of a weight or bias it is the layer that it leads into. It is None where the name does not tell.
    `of` is what a slope (dW, dZ) or a change (Δw) is of. `sample` is a letter or a number, or None for any one.
    """

    kind: str
    layer: Position | None = None
    unit: Position | None = None
    source: Position | None = None
    sample: Position | None = None
    step: int = 0
    var: Var | None = None
    of: Quantity | None = None
    is_batch: bool = False
    key: str = ""
    time: Position | None = None
    source_layer: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.var is None and self.unit is None and self.kind in WHOLES


@dataclass(frozen=True, slots=True)
class Reading:
    """A quantity, and the superscripts that are no part of its name: powers and transpositions."""

    quantity: Quantity
    rest: tuple[Script, ...] = ()


WHOLES: Final = frozenset({"input", "target", "net", "out", "delta", "weight", "bias"})
LAYERED: Final = frozenset({"net", "out", "delta", "weight", "bias"})

_BASES: Mapping[str, str] = {
    "net": "net", "in": "net", "Net": "net", "s": "net", "u": "net out weight", "sum": "net", "inp": "net", "v": "net out weight", "zeta": "net",
    "out": "out", "Out": "out", "output": "out", "act": "out", "o": "out", "h": "out net", "a": "out net", "z": "net out", "p": "out",
    "y": "target out", "yhat": "out", "ohat": "out", "ahat": "out", "phat": "out", "f": "out", "q": "out", "pi": "out", "s_": "out",
    "x": "input", "i": "input", "input": "input", "X": "input", "I": "input",
    "t": "target", "target": "target", "Target": "target", "d": "target", "T": "target", "Y": "target", "true": "target", "tar": "target",
    "Yhat": "out", "pred": "out", "O": "out", "H": "out", "S": "out", "P": "out",
    "delta": "delta", "Delta": "delta", "err": "delta", "e": "delta",
    "w": "weight", "W": "weight", "theta": "weight bias", "Theta": "weight", "v_": "weight", "weight": "weight", "omega": "weight",
    "c": "bias", "b": "bias", "bias": "bias", "B": "bias",
    "E": "error", "J": "error", "L": "error", "C": "error", "loss": "error", "cost": "error", "Loss": "error", "error": "error",
    "Error": "error", "Cost": "error", "l": "error learning_rate", "lr": "learning_rate", "rate": "learning_rate", "MSE": "error", "BCE": "error", "CE": "error",
    "A": "out net", "Z": "net out", "G": "delta", "N": "net", "U": "net weight", "V": "weight",
    "eta": "learning_rate", "alpha": "learning_rate", "epsilon": "learning_rate", "gamma": "learning_rate", "mu": "learning_rate",
    "lambda": "weight_decay", "rho": "rho",
}  # fmt: skip
"""What letters and words commonly stand for; a network's notation comes first."""

BATCHES: Final = frozenset(
    {"X", "A", "Z", "Y", "H", "S", "P", "Yhat", "O", "T", "I", "Delta", "G", "U", "N", "dZ", "dA", "Net", "Out", "D"}
)
"""Capitals that stand for a matrix with one column, or row, for each sample."""
_NEW = frozenset(
    {"+", "new", "neu", "(new)", "(neu)", "updated", "(1)", "next", "'", "(t+1)", "(n+1)", "(k+1)", "t+1", "nuevo", "*", "upd"}
)
_OLD = frozenset({"old", "(t)", "(0)", "(old)", "alt", "(n)", "(k)", "t"})
_TOTAL = frozenset({"", "total", "tot", "Total", "t", "ges", "gesamt", "all", "sum", "T", "0"})
_POSITION = re.compile(r"(?:([A-Za-z]|n_?l|nl|ell)([+-][0-9]{1,3})?|([0-9]{1,4}))")
_OFFSETS = {"n_l": "L", "nl": "L", "ell": "l"}
_BRACKETED = re.compile(r"(\([^()]*\)|\[[^\[\]]*\])")


def position(text: str) -> Position | None:
    """A number, a letter, or a letter with an offset; L and n_l are the last layer."""
    match = _POSITION.fullmatch(text)
    if match is None:
        return None
    if match[3]:
        return int(match[3])
    return Index(_OFFSETS.get(match[1], match[1]), int(match[2] or 0))


def moved(at: Position, by: int) -> Position:
    return at + by if isinstance(at, int) else at.shifted(by)


@dataclass(frozen=True)
class Marks:
    """What the superscripts of a name say: layers (with their bracket), samples, the update, and the rest."""

    layers: tuple[tuple[str, Position], ...] = ()
    step: int = 0
    rest: tuple[Script, ...] = ()
    words: str = ""


@dataclass
class Names:
    """The readings of names on one network, under the conventions that hold."""

    spec: NetworkSpec
    conventions: Conventions
    _cache: dict[Name, tuple[Reading, ...]] = field(default_factory=dict)

    def readings(self, name: Name) -> tuple[Reading, ...]:
        """What the name may mean; empty where the network has no such quantity."""
        if name not in self._cache:
            self._cache[name] = tuple(dict.fromkeys(self._readings(name)))
        return self._cache[name]

    # -- bases -----------------------------------------------------------------------------------------------------

    @property
    def notation(self) -> Notation:
        return self.spec.notation

    @cached_property
    def own_bases(self) -> dict[str, list[str]]:
        """The kinds that each base stands for in the network's notation."""
        found: dict[str, list[str]] = {}
        for patterns in (self.notation.patterns, self.notation.general):
            for kind, pattern in patterns.items():
                base = split(pattern)[0]
                plain = _PATTERN_KINDS.get(kind)
                if plain and "{" not in base and plain not in found.setdefault(base, []):
                    found[base].append(plain)
        return found

    @cached_property
    def layer_bracket(self) -> str:
        """How the notation marks layers: "(", "[", or "" where the layer is raised without brackets."""
        pattern = self.notation.general.get("net") or self.notation.patterns["net"]
        sup = split(pattern)[1]
        return sup[0] if sup[:1] in {"(", "["} else "" if sup else "("

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Units by name, and without the mark of a script: h1_2 and h12."""
        words = self.spec.vocabulary
        every = [unit for layer in range(words.last + 1) for unit in words.units(layer)]
        found = {words.unit_name(unit): unit for unit in every}
        for unit in every:
            found.setdefault(words.unit_name(unit).replace("_", ""), unit)
        return found

    def kinds(self, base: str) -> list[str]:
        """What the base may stand for, the notation's own first."""
        own = self.own_bases.get(base, [])
        return own if own and base not in {"y"} else list(dict.fromkeys([*own, *_BASES.get(base, "").split()]))

    # -- readings --------------------------------------------------------------------------------------------------

    def _readings(self, name: Name) -> Iterator[Reading]:
        if self.conventions.spells(self.spec):
            for found, rest in self.spelling.of(name):
                if not any(self._is_update(script.text) for script in rest):
                    yield Reading(_quantity(found), rest)
        inner = name.base[1:] if name.base.startswith("d") and len(name.base) > 1 and name.base[1:] in _SLOPED else ""
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
        if name.base == "I" and name.sub and len(found := _split_sub(name.sub.text)) == 2:
            yield Reading(Quantity("kronecker", unit=found[0], source=found[1]))
            return
        sub = name.sub.text if name.sub else ""
        for kind in self.kinds(name.base):
            for marks in self._marks(name, kind):
                yield from (Reading(q, marks.rest) for q in self._of_kind(kind, name, sub, marks))

    @cached_property
    def spelling(self) -> Spelling:
        """The names of the notation as it writes them."""
        return spelling_of(self.spec.speller)

    def _exact(self, name: Name) -> Iterator[Reading]:
        """A quantity that the network or its notation calls just so: i1, w_skip, an input named A."""
        step = self._step(name)
        text = name.base + ("_" + "".join(t.text for t in name.sub.tokens if t.text not in {"{", "}"}) if name.sub else "")
        sups = tuple(s for s in name.sups if s.text not in _NEW | _OLD)
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

    def _step(self, name: Name) -> int:
        marks = {script.text for script in name.sups}
        sub = name.sub.text if name.sub else ""
        return int(name.plus or bool(marks & (_NEW - {"(1)", "*"})) or bool(name.primes) or sub.endswith(("new", "neu")))

    def _marks(self, name: Name, kind: str) -> Iterator[Marks]:
        """How the superscripts may be meant for a quantity of this kind."""
        layers: list[tuple[str, Position]] = []
        rest: list[Script] = []
        step = int(name.plus or bool(name.primes and kind in {"weight", "bias", "error"}))
        doubtful = False
        for script in name.sups:
            for piece in _pieces(script):
                text = piece.text
                bracketed = _BRACKETED.fullmatch(text)
                at = position(text[1:-1]) if bracketed else position(text)
                if text in {"T", "⊤", "t", "⊺", "tr"} and not (text == "t" and kind in {"weight"} and False):
                    rest.append(piece)
                elif kind in {"weight", "bias", "error"} and self._is_update(text):
                    step = int(text in _NEW)
                elif bracketed and at is not None:
                    layers.append((text[0], at))
                elif at is not None and not bracketed and self._raises_layers(kind) and (isinstance(at, int) or at.name in {"l", "L"}):
                    doubtful = isinstance(at, int) and kind in {"input", "target", "error"}
                    layers.append(("", at)) if not doubtful else rest.append(piece)
                elif text in {"h", "o", "H", "O", "hidden", "out", "hid"} and kind in LAYERED and not bracketed:
                    last = self.spec.vocabulary.last
                    layers.append(("named", 1 if text.lower().startswith("h") else last))
                else:
                    rest.append(piece)
        yield Marks(tuple(layers), step, tuple(rest))

    def _is_update(self, text: str) -> bool:
        """Does a superscript say that a quantity is that after, or before, an update?"""
        letter = text.strip("()")[:1]
        is_layer = text.startswith("(") and (self.conventions.has_layer(letter) or letter.isdigit())
        return not is_layer and text in (_NEW | _OLD) - {"*"}

    def _raises_layers(self, kind: str) -> bool:
        return kind in LAYERED and (self.layer_bracket == "" or self.conventions.bare_layers)

    def _of_kind(self, kind: str, name: Name, sub: str, marks: Marks) -> Iterator[Quantity]:
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

    def _split(self, kind: str, marks: Marks) -> tuple[Position | None, Position | None] | None:
        """The layer and the sample that the marks tell, or None where they are too many."""
        layer: Position | None = None
        sample: Position | None = None
        has_layer = False
        for bracket, at in marks.layers:
            is_sample = kind in {"input", "target", "error"} or has_layer
            if not is_sample and bracket == "(" and self.layer_bracket == "[":
                is_sample = True
            if not is_sample and bracket == "(" and not isinstance(at, int) and at.name in _SAMPLES and kind not in {"weight", "bias"}:
                is_sample = self.layer_bracket != "(" or not self.conventions.has_layer(at.name)
            if is_sample and kind == "input" and at == self.conventions.label(0) and bracket != "(":
                continue
            if is_sample:
                if sample is not None:
                    return None
                sample = at
            else:
                layer, has_layer = (at if bracket != "named" else moved(at, self.conventions.label(0))), True
        return layer, sample

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
        if name.base in {"yhat", "Yhat", "phat", "ohat"} or kind == "target" or self._is_output_only(name.base, kind):
            if label is None:
                layer = words.last
        is_batch = name.base in BATCHES and sample is None
        indices = [*_split_sub(sub)]
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
        elif (isinstance(index, int) and isinstance(layer, int) and not 1 <= index <= words.width(layer)) or (isinstance(index, Index) and index.offset and layer is None):
            return
        else:
            yield Quantity(kind, layer, index, sample=sample)
            if isinstance(index, Index) and index.name in {"l", "L"} and layer is None and kind != "target":
                yield Quantity(kind, moved(index, -self.conventions.label(0)), sample=sample, is_batch=is_batch)

    def _of_pattern(self, kind: str, layer: Position | None, indices: Sequence[Position]) -> Quantity | None:
        """With the letter of a pattern or sample before the unit's index, or behind it: o_pj, z_nk."""
        for sample, unit in ((indices[0], indices[1]), (indices[1], indices[0])):
            if isinstance(sample, Index) and sample.name in {"p", "n"} and not (isinstance(unit, Index) and unit.name in {"p", "n"}):
                return Quantity(kind, layer, unit, sample=sample)
        return None

    def _is_output_only(self, base: str, kind: str) -> bool:
        """Does the notation keep this base for the outs of the last layer: Bishop's y?"""
        return kind == "out" and (base == "y" or base == "p")

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

    def _unit_named(self, text: str) -> Unit | None:
        if text in self.units:
            return self.units[text]
        if text.isdigit() and (named := [u for name, u in self.units.items() if re.fullmatch(rf"[A-Za-z]+_?{text}", name) and u.layer]):
            return named[0] if len(set(named)) == 1 and self._counts_through else None
        if text in _LAYER_WORDS:
            layer = {"h": 1, "o": self.spec.vocabulary.last, "i": 0}[text[0]]
            units = self.spec.vocabulary.units(layer)
            return units[0] if len(units) == 1 and (layer != 1 or self.spec.vocabulary.last == 2) else None
        return None

    @cached_property
    def _counts_through(self) -> bool:
        """Do units' names count through the whole network: n4, n5, n6?"""
        words = self.spec.vocabulary
        numbers = [re.sub(r"[^0-9]", "", words.unit_name(u)) for at in range(1, words.last + 1) for u in words.units(at)]
        return len(set(numbers)) == len(numbers) and "" not in numbers and words.last > 1

    def _prefixed(self, name: Name) -> tuple[int, Position] | None:
        """A unit's name with a letter for its number: o_k, h_j; the layer is that whose units are called so."""
        tokens = [t for t in (name.sub.tokens if name.sub else ()) if t.text not in {"_", "{", "}"}]
        if len(tokens) == 1 and len(tokens[0].text) == 2:
            letters: Sequence[str] = tokens[0].text
        else:
            letters = [t.text for t in tokens]
        if len(letters) != 2 or not all(len(t) == 1 and t.isalpha() for t in letters):
            return None
        words = self.spec.vocabulary
        for layer in range(words.last + 1):
            if all(re.fullmatch(re.escape(letters[0]) + r"_?[0-9]+", words.unit_name(u)) for u in words.units(layer)):
                return layer, Index(letters[1])
        return None

    # -- errors ----------------------------------------------------------------------------------------------------

    def _error(self, name: Name, sub: str, marks: Marks) -> Iterator[Quantity]:
        words = self.spec.vocabulary
        told = self._split("error", marks)
        if told is None:
            return
        _, sample = told
        if name.base == "l" and sample is None and not sub:
            return
        if sub in _TOTAL or (sub in {"new", "neu"} and marks.step):
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

    # -- parameters ------------------------------------------------------------------------------------------------

    def _into(self, label: Position | None) -> Position | None:
        """The layer that weights called `label` lead into."""
        return None if label is None else moved(label, -self.conventions.weight_label)

    def _weight(self, name: Name, sub: str, marks: Marks) -> Iterator[Quantity]:
        words, step = self.spec.vocabulary, marks.step
        told = self._split("weight", marks)
        if told is None or told[1] is not None:
            return
        layer = self._into(told[0])
        if isinstance(layer, int) and not 1 <= layer <= words.last:
            return
        weights = [p for p in words.parameters() if p.kind == "weight"]
        indices = _split_sub(sub)
        by_number = position(sub) if sub.isdigit() else None
        numbered = [w for w in weights if words.canonical(w) == f"w{sub}"] if layer is None else []
        if numbered and not words.times and name.base == "w":
            yield Quantity("weight", var=_stepped(numbered[0], step), step=step)
        if not sub:
            yield Quantity("weight", layer, step=step)
            return
        if (edge := self._edge_named(name, sub)) is not None:
            yield Quantity("weight", var=Var("weight", edge, step=step), step=step)
            return
        if layer is None and (named := self._layers_named(sub)) is not None:
            yield Quantity("weight", named[0], Index(named[1]), Index(named[2]), step=step)
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
            if into is not None and not is_letter and (isinstance(into, Index) or 1 <= into <= words.last):
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
        layers = [layer] if isinstance(layer, int) else [at for at in range(1, words.last + 1)] if layer is None else []
        for at in layers:
            if words.width(at) == 1 and (isinstance(index, Index) or 1 <= index <= words.width(at - 1)):
                yield Quantity("weight", at, 1, index, step=step)
            elif words.width(at - 1) == 1 and (isinstance(index, Index) or 1 <= index <= words.width(at)):
                yield Quantity("weight", at, index, 1, step=step)

    def _layers_named(self, sub: str) -> tuple[int, str, str] | None:
        """Two letters that name the units of neighbouring layers, w_ho: the layer that it leads into, the letter of its unit, the other."""
        if len(sub) != 2 or self.spec.vocabulary.wiring:
            return None
        layers = {letter: layer for layer, letter in self.lettered.items()}
        first, second = (layers.get(letter) for letter in sub)
        if first is None or second is None or abs(first - second) != 1:
            return None
        return (second, sub[1], sub[0]) if second > first else (first, sub[0], sub[1])

    @cached_property
    def lettered(self) -> dict[int, str]:
        """The letter by which all units of a layer are called, where it is one: h of h1, h2."""
        words, found = self.spec.vocabulary, dict[int, str]()
        for layer in range(words.last + 1):
            matches = [re.fullmatch(r"([A-Za-z])_?[0-9]+", words.unit_name(unit)) for unit in words.units(layer)]
            letters = {match[1] if match else "" for match in matches}
            if len(letters) == 1 and (letter := letters.pop()):
                found[layer] = letter
        return found

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
            yield Quantity("bias", var=_stepped(own, step), step=step)
            return
        indices = _split_sub(sub)
        index = indices[0] if len(indices) == 1 else None
        shared = [p for p in every if isinstance(p.owner, Layer)]
        if not sub:
            if layer is None and len(every) == 1:
                yield Quantity("bias", var=_stepped(every[0], step), step=step)
            yield Quantity("bias", layer, step=step)
        elif sub in {"h", "o", "hidden", "output", "out"} and layer is None:
            yield Quantity("bias", 1 if sub[0] == "h" else words.last, step=step)
        elif layer is not None and index is not None:
            yield Quantity("bias", layer, index, step=step)
        elif index is not None:
            if isinstance(index, int):
                if self.conventions.whole_numbers:
                    yield from self._whole_bias(index, step)
                yield from (Quantity("bias", var=_stepped(p, step), step=step) for p in shared if p.owner == Layer(index))
                yield from (
                    Quantity("bias", at, index, step=step)
                    for at in range(1, words.last + 1)
                    if index <= words.width(at) and isinstance(getattr(words.bias(Unit(at, index)), "owner", None), Unit)
                )
                if 1 <= index <= len(every):
                    yield Quantity("bias", var=_stepped(every[index - 1], step), step=step)
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


_SAMPLES = frozenset({"i", "n", "p", "s", "m", "k", "t", "j"})
_LAYER_WORDS = frozenset({"h", "o", "hidden", "output", "out", "i", "hid"})
_SLOPED = frozenset("W Z A b z a w X H".split())
_PATTERN_KINDS: Mapping[str, str] = {
    "input": "input", "target": "target", "weight": "weight", "bias": "bias", "shared_bias": "bias", "net": "net", "out": "out", "output": "out",
    "delta": "delta", "error": "error", "error_total": "error", "error_sample": "error", "learning_rate": "learning_rate",
    "inputs": "input", "targets": "target", "weights": "weight", "biases": "bias", "nets": "net", "outs": "out", "deltas": "delta",
    "outputs": "out", "batch_inputs": "input", "batch_targets": "target", "batch_nets": "net", "batch_outs": "out", "batch_deltas": "delta",
    "weight_decay": "weight_decay", "rho": "rho", "l1": "l1", "beta": "beta", "momentum": "momentum",
}  # fmt: skip


def _quantity(found: Spelled) -> Quantity:
    if found.var is not None:
        return Quantity(found.kind, var=found.var, sample=found.sample, step=found.step, time=found.time)
    return Quantity(
        *(found.kind, found.layer, found.unit, found.source, found.sample, found.step),
        is_batch=found.is_batch,
        time=found.time,
        source_layer=found.source_layer,
    )


def _stepped(var: Var, step: int) -> Var:
    return Var(var.kind, var.owner, step=step)


def _split_sub(sub: str) -> list[Position]:
    """The indices of a subscript: i; 12 as two digits is for weights only; i,j; ij; 1,2; j0."""
    pieces = (
        sub.split(",")
        if "," in sub
        else re.findall(r"[A-Za-z](?:[+-][0-9])?|[0-9]", sub)
        if not sub.isdigit()
        else [*sub]
        if len(sub) == 2
        else [sub]
    )
    found = [position(piece) for piece in pieces if piece]
    return [] if any(at is None for at in found) or len(found) > 3 else [at for at in found if at is not None]


def _pieces(script: Script) -> Iterator[Script]:
    """A superscript's parts: brackets one by one, and what stands between them: [2](i), [1]T."""
    tokens = [t for t in script.tokens if t.text not in {"{", "}", ","} or t.kind != "sign"]
    piece: list[object] = []
    depth = 0
    run: list[object] = []
    for token in tokens:
        if token.text in {"(", "["} and token.kind == "sign" and depth == 0:
            if run:
                yield _script(run, script)
            run = []
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        run.append(token)
        if token.text in {")", "]"} and depth == 0:
            yield _script(run, script)
            run = []
    if run:
        yield _script(run, script)
    del piece


def _script(tokens: Sequence[object], whole: Script) -> Script:
    kept = tuple(t for t in tokens)
    return whole if len(kept) == len(whole.tokens) else Script(kept, (kept[0].start, kept[-1].end))  # type: ignore[arg-type, attr-defined]


def spelling(name: Name) -> str:
    """A name as it is looked up: its base and scripts, without what only looks."""
    sub = name.sub.text if name.sub else ""
    sups = "".join(f"^{script.text}" for script in name.sups)
    return f"{name.base}_{sub}{sups}{chr(39) * name.primes}{'+' * name.plus}"
