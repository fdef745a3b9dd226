"""A network's quantities as the work names them: which quantity a reading is at the indices of a scope, and what letters range over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from symbp.language.form import Index, Layer, Position, Unit, Var
from symbp.language.vocabulary import Sharing
from symbp.network.activation import Activation
from symbp.network.forward import ERROR
from symbp.network.spec import NetworkSpec
from symbp.verification import written as w
from symbp.verification.clock import Clock
from symbp.verification.conventions import Conventions
from symbp.verification.quantities import Names, Quantity, Reading, spelling
from symbp.verification.reader import Reader
from symbp.verification.scope import Absent, Choose, Need, Unclear, error_of
from symbp.verification.written import Name, Script, Written

if TYPE_CHECKING:
    from symbp.verification.meaning import Meaning

Grid = list[list[Var]]
ONE = Var("one")
"""The source of a bias, whose output is always 1."""
ANY_SAMPLE = "@"
"""The letter of the sample that a quantity without one is of."""
ANY_TIME = "@t"
"""The letter of the time step that a quantity without one is at."""
AVERAGES = frozenset({"mean_activation", "divergence"})
"""Quantities of a unit that are about all samples together."""


@dataclass
class Own:
    """What the work itself introduces: names for quantities of the network, for forms, and for functions."""

    aliases: dict[str, Quantity] = field(default_factory=dict)
    forms: dict[str, Written] = field(default_factory=dict)
    functions: dict[str, Activation] = field(default_factory=dict)
    templates: dict[tuple[str, int], tuple[Name, Written]] = field(default_factory=dict)

    def copy(self) -> Own:
        return Own(dict(self.aliases), dict(self.forms), dict(self.functions), dict(self.templates))

    @property
    def keys(self) -> set[str]:
        return {*self.aliases, *self.forms}


@dataclass
class Grids:
    """The quantities of `spec` under `conventions`. `preferred` says which reading of a name is taken, where it has several."""

    spec: NetworkSpec
    conventions: Conventions
    own: Own = field(default_factory=Own)
    preferred: Mapping[str, int] = field(default_factory=dict)
    functions: Collection[str] = ()
    clock: Clock = field(default_factory=Clock)
    seen: dict[str, set[int]] = field(default_factory=dict)
    """In which layers each letter was met, since this was last emptied."""
    learned: dict[str, int] = field(default_factory=dict)
    """The layer that a letter of an index was found to be about."""
    ambiguous: dict[str, int] = field(default_factory=dict)
    """How many readings each name has that has several, since this was last emptied."""

    def __post_init__(self) -> None:
        self.names = Names(self.spec, self.conventions)

    @property
    def samples(self) -> int:
        return self.spec.vocabulary.samples

    # -- readings --------------------------------------------------------------------------------------------------

    def readings(self, name: Name) -> tuple[Reading, ...]:
        """What the name may mean, what it is taken for first."""
        if found := self._own_alias(name):
            return (found,)
        every = (*self.slopes(name), *self.names.readings(name))
        if len(every) > 1:
            key = family(name)
            self.ambiguous[key] = max(len(every), self.ambiguous.get(key, 0))
            at = self.preferred.get(key, 0)
            if 0 < at < len(every):
                return (every[at], *every[:at], *every[at + 1 :])
        return every

    def slopes(self, name: Name) -> tuple[Reading, ...]:
        """E_w: the derivative of the error by what its subscript names."""
        if name.sub is None or not name.sub.tokens or "error" not in self.names.kinds(name.base) or name.sub.text in self.names.units:
            return ()
        first = name.sub.tokens[0]
        if first.kind != "name" or first.text in {"total", "tot", "new", "p", "n"} or (len(name.sub.text) == 1 and first.text in "ijklm"):
            return ()
        inner = Reader(name.sub.tokens, ()).scripted()
        if inner is None:
            return ()
        found = [r.quantity for r in self.readings(inner) if r.quantity.kind in {"weight", "bias", "net", "out", "input"} and not r.rest]
        return tuple(Reading(Quantity("slope", of=q, sample=q.sample), name.sups) for q in found[:1])

    def _own_alias(self, name: Name) -> Reading | None:
        if not self.own.aliases:
            return None
        for key, rest in own_keys(name):
            if key in self.own.aliases:
                quantity = self.own.aliases[key]
                return Reading(quantity, rest)
        return None

    def own_value(self, name: Name) -> Written | None:
        """The form that the work introduced this name for."""
        for key, _ in own_keys(name) if self.own.forms else ():
            if key in self.own.forms:
                return self.own.forms[key]
        return None

    def rest_of(self, name: Name) -> tuple[Script, ...]:
        """The superscripts that are no part of the name that the work introduced."""
        return next((rest for key, rest in own_keys(name) if key in self.own.forms), ())

    def own_function(self, base: str) -> Activation | None:
        return self.own.functions.get(base)

    # -- layers and letters ----------------------------------------------------------------------------------------

    def activations(self) -> list[Activation]:
        return [self.activation_of(layer) for layer in range(1, self.spec.vocabulary.last + 1)]

    def activation_of(self, layer: int) -> Activation:
        if not 1 <= layer <= self.spec.vocabulary.last:
            raise Absent
        return self.spec.activation(Unit(layer, 1))

    def layer_value(self, at: Position, meaning: Meaning) -> int:
        """The layer that a position says: letters stand for labels, L for the last."""
        if isinstance(at, int):
            return at
        last = self.spec.vocabulary.last
        if at.name in {"L", "n_l"} and at.name not in meaning.letters:
            return self.conventions.label(last) + at.offset
        if at.name not in meaning.letters:
            raise Need(at.name, tuple(self.conventions.label(layer) for layer in range(last + 1)))
        return meaning.letters[at.name] + at.offset

    def layer_of(self, quantity: Quantity, meaning: Meaning) -> int | None:
        """The layer of a quantity, which may have to be chosen."""
        if quantity.var is not None:
            return quantity.var.owner.layer if isinstance(quantity.var.owner, Unit) else None  # type: ignore[return-value]
        if quantity.kind in {"kronecker", "slope", "change"}:
            return None if quantity.of is None else self.layer_of(quantity.of, meaning)
        if quantity.layer is not None:
            return self.layer_value(quantity.layer, meaning)
        words = self.spec.vocabulary
        if words.last == 1 and quantity.kind not in {"input"}:
            return 1
        if quantity.kind in {"error", "target"}:
            return words.last
        if isinstance(quantity.unit, Index):
            return self.letter_layer(quantity.unit.name, quantity, meaning)
        key = f"layer of {quantity.kind}"
        return int(meaning.choose(key, tuple(range(words.last, 0, -1))))

    def letter_layer(self, letter: str, quantity: Quantity, meaning: Meaning) -> int:
        """The layer whose units an index counts, where names do not tell it."""
        key = f"layer {letter}"
        if key in meaning.letters:
            return meaning.letters[key]
        if key in meaning.chosen:
            return int(meaning.chosen[key])
        if quantity.kind == "weight" and isinstance(quantity.source, Index):
            other = f"layer {quantity.source.name}"
            for known in (meaning.letters, meaning.chosen):
                if other in known:
                    return int(known[other]) + 1
        raise Choose(key, self.layers_for(letter))

    def layers_for(self, letter: str) -> tuple[int, ...]:
        """The layers that a letter may count the units of, what was learned of it first."""
        layers = list(range(1, self.spec.vocabulary.last + 1))
        learned = self.learned.get(letter)
        return tuple(sorted(layers, key=lambda layer: layer != learned))

    def index_value(self, at: Position, layer: int, meaning: Meaning, *, is_told: bool, is_source: bool = False) -> int:
        """The number of a unit in `layer`; `is_told` says that the name itself tells the layer."""
        width = self.spec.vocabulary.width(layer)
        if isinstance(at, int):
            value = at
        else:
            if is_told:
                self.seen.setdefault(at.name, set()).add(layer)
            if at.name not in meaning.letters:
                raise Need(at.name, tuple(range(1, width + 1)))
            value = meaning.letters[at.name] + at.offset
        if not 1 <= value <= width and not (value == 0 and is_source):
            raise Absent
        return value

    # -- grids -----------------------------------------------------------------------------------------------------

    def grid(self, quantity: Quantity, meaning: Meaning) -> Grid:
        """The quantities that `quantity` is at the letters' values, in rows and columns."""
        if quantity.var is not None:
            return [[self.sampled(quantity, quantity.var, meaning)]]
        if quantity.kind in {"error_total", "error_sample"}:
            return [[self.error(quantity, meaning)]]
        layer = self.layer_of(quantity, meaning)
        assert layer is not None
        kind = quantity.kind
        if kind == "out" and layer == 0:
            kind = "input"
        lowest = 0 if kind == "input" else 1
        if not lowest <= layer <= self.spec.vocabulary.last or (kind == "target" and layer != self.spec.vocabulary.last):
            raise Absent
        if kind == "weight":
            return self.weights(quantity, layer, meaning)
        if kind == "bias":
            return self.biases(quantity, layer, meaning)
        return self.units(quantity, kind, layer, meaning)

    def sampled(self, quantity: Quantity, var: Var, meaning: Meaning) -> Var:
        """A quantity of one sample and time step, of whichever is meant."""
        sample = var.sample if var.sample is None or self.samples == 1 else self.sample(quantity.sample, meaning)
        time = var.time if quantity.time is None else self.time(quantity.time, meaning)
        return Var(var.kind, var.owner, sample, time, var.step)

    def time(self, at: Position | None, meaning: Meaning) -> int | None:
        """The time step that a position says; T is the last."""
        words = self.spec.vocabulary
        if not words.times:
            return None
        if isinstance(at, int):
            return at
        letter, by = (ANY_TIME, 0) if at is None else (at.name, at.offset)
        if letter == "T" and letter not in meaning.letters:
            return words.times + by
        if letter not in meaning.letters:
            raise Need(letter, tuple(range(1, words.times + 1)))
        return meaning.letters[letter] + by

    def sample(self, at: Position | None, meaning: Meaning) -> int:
        if self.samples == 1:
            if isinstance(at, Index) and at.name not in meaning.letters:
                raise Need(at.name, (1,))
            return 1
        if isinstance(at, int):
            if not 1 <= at <= self.samples:
                raise Absent
            return at
        letter = at.name if at is not None else ANY_SAMPLE
        if letter not in meaning.letters:
            raise Need(letter, tuple(range(1, self.samples + 1)))
        return meaning.letters[letter] + (at.offset if at is not None else 0)

    def error(self, quantity: Quantity, meaning: Meaning) -> Var:
        if quantity.time is not None and self.spec.vocabulary.times:
            return Var("error_sample", None, self.sample(quantity.sample, meaning), self.time(quantity.time, meaning))
        if quantity.kind == "error_total" or self.samples == 1:
            if isinstance(quantity.sample, Index) and self.samples == 1:
                self.sample(quantity.sample, meaning)
            return Var("error_total", step=quantity.step)
        return error_of(self.sample(quantity.sample, meaning), self.samples)

    def units(self, quantity: Quantity, kind: str, layer: int, meaning: Meaning) -> Grid:
        words, told = self.spec.vocabulary, quantity.layer is not None
        if quantity.unit is not None:
            is_source = kind in {"input", "out"}
            unit = Unit(layer, self.index_value(quantity.unit, layer, meaning, is_told=told, is_source=is_source))
            if unit.index == 0:
                return [[ONE]]
            return [[self.unit_var(kind, unit, self.sample(quantity.sample, meaning), self.time(quantity.time, meaning))]]
        if quantity.is_batch:
            samples = list(words.every_sample)
        else:
            samples = [self.sample(quantity.sample, meaning)]
        time = self.time(quantity.time, meaning)
        grid = [[self.unit_var(kind, unit, sample, time) for sample in samples] for unit in words.units(layer)]
        return grid if self.conventions.samples == "columns" else turned(grid)

    def unit_var(self, kind: str, unit: Unit, sample: int, time: int | None = None) -> Var:
        if kind in {"target", "error"} and unit not in self.spec.vocabulary.outputs:
            raise Absent
        if kind in AVERAGES:
            return Var(kind, unit)
        if kind == "error":
            return Var("error", unit, sample, time) if self.spec.loss.joint is None else Var("error_sample", None, sample, time)
        return Var(kind, unit, sample, time)

    def weights(self, quantity: Quantity, layer: int, meaning: Meaning) -> Grid:
        words, told = self.spec.vocabulary, quantity.layer is not None
        if quantity.unit is not None:
            assert quantity.source is not None
            if words.wiring is None and quantity.source_layer is None:
                layer = self.layer_between(quantity, layer, meaning)
            below = layer - 1 if quantity.source_layer is None else quantity.source_layer
            unit = Unit(layer, self.index_value(quantity.unit, layer, meaning, is_told=told))
            source = Unit(below, self.index_value(quantity.source, below, meaning, is_told=told, is_source=True))
            if source.index == 0 and (bias := words.bias(unit)) is not None:
                return [[stepped(bias, quantity.step)]]
            found = [arrow.weight for arrow in words.connections(unit) if arrow.source == source]
            if not found:
                raise Absent
            return [[stepped(found[0], quantity.step)]]
        grid = [[stepped(weight, quantity.step) for weight in words.weights(unit)] for unit in words.units(layer)]
        if len({len(row) for row in grid}) != 1:
            raise Unclear("ragged")
        return grid if self.conventions.weight_rows == "unit" else turned(grid)

    def layer_between(self, quantity: Quantity, layer: int, meaning: Meaning) -> int:
        """The layer whose matrix an entry is of. Its source is one layer before what it leads into; where the letters say that the two
        stand the other way round, it is the entry of the same matrix with its indices exchanged."""
        if isinstance(quantity.source, Index) and isinstance(quantity.unit, Index):
            for known in (meaning.letters, meaning.chosen):
                source = known.get(f"layer {quantity.source.name}", layer - 1)
                unit = known.get(f"layer {quantity.unit.name}", layer)
                if source == unit + 1 and quantity.layer is None:
                    return int(source)
                if source != layer - 1:
                    raise Absent
        return layer

    def biases(self, quantity: Quantity, layer: int, meaning: Meaning) -> Grid:
        words, told = self.spec.vocabulary, quantity.layer is not None
        if quantity.unit is not None:
            unit = Unit(layer, self.index_value(quantity.unit, layer, meaning, is_told=told))
            bias = words.bias(unit)
            if bias is None:
                raise Absent
            return [[stepped(bias, quantity.step)]]
        if words.wiring is None and words.sharing[layer - 1] is Sharing.SHARED:
            return [[Var("bias", Layer(layer), step=quantity.step)]]
        biases = [words.bias(unit) for unit in words.units(layer)]
        if any(bias is None for bias in biases):
            raise Absent
        grid = [[stepped(bias, quantity.step)] for bias in biases if bias is not None]
        return grid if self.conventions.samples == "columns" else turned(grid)

    # -- errors ----------------------------------------------------------------------------------------------------

    def error_for(self, var: Var) -> Var:
        """The error that dZ, dW is about: of a sample's quantity that sample's own, if the convention is so."""
        if self.samples > 1 and var.sample is not None and self.conventions.per_example:
            assert isinstance(var.sample, int)
            return error_of(var.sample, self.samples)
        return ERROR

    def error_by(self, of: Var, by: Var) -> Var:
        """The error that ∂E/∂x is about."""
        return of

    # -- what letters range over -----------------------------------------------------------------------------------

    def uses(self, node: Written) -> Iterator[tuple[Quantity, Name]]:
        """Every quantity that `node` names."""
        for part in w.parts(node):
            if isinstance(part, Name) and (own := self.own_value(part)) is None:
                for reading in self.readings(part)[:1]:
                    yield (reading.quantity.of or reading.quantity), part
            elif isinstance(part, Name) and own is not None:
                yield from self.uses(own)

    def free_letters(self, node: Written) -> list[str]:
        """The letters of indices in `node`, as they are met."""
        found: dict[str, None] = {}
        for quantity, _ in self.uses(node):
            for at in (quantity.unit, quantity.source, quantity.sample, quantity.time):
                if isinstance(at, Index):
                    found[at.name] = None
        return list(found)

    def values_of(self, letter: str, node: Written, meaning: Meaning) -> tuple[int, ...]:
        """What a bound letter ranges over: units of the layers, samples or layers that it counts in `node`."""
        found: list[tuple[int, ...]] = []
        for quantity, _ in self.uses(node):
            found += self._values(letter, quantity, meaning)
        if not found:
            raise Unclear("index_unused", node.span[0], letter=letter)
        return min(found, key=len)

    def _values(self, letter: str, quantity: Quantity, meaning: Meaning) -> Iterator[tuple[int, ...]]:
        words = self.spec.vocabulary
        if isinstance(quantity.sample, Index) and quantity.sample.name == letter:
            yield tuple(words.every_sample)
        if isinstance(quantity.time, Index) and quantity.time.name == letter and words.times:
            yield tuple(range(1, words.times + 1))
        if isinstance(quantity.layer, Index) and quantity.layer.name == letter:
            yield tuple(self.conventions.label(layer) for layer in range(1, words.last + 1))
        unit, source = quantity.unit, quantity.source
        if isinstance(unit, Index) and unit.name == letter and quantity.kind != "kronecker":
            layer = self.layer_of(quantity, meaning)
            if layer is not None and not 0 <= layer <= words.last:
                raise Absent
            if layer is not None:
                yield tuple(range(1, words.width(layer) + 1))
        if isinstance(source, Index) and source.name == letter and quantity.kind != "kronecker":
            layer = self.layer_of(quantity, meaning)
            if layer is not None and not 1 <= layer <= words.last + 1:
                raise Absent
            if layer is not None:
                yield tuple(range(1, words.width(layer - 1) + 1))

    def need_letter(self, letter: str, node: Written, meaning: Meaning) -> None:
        raise Need(letter, self.values_of(letter, node, meaning))

    def is_placed(self, condition: w.Placed, meaning: Meaning) -> bool:
        """Is the unit of this index an output, hidden, or input unit?"""
        key = f"layer {condition.index.base}"
        last = self.spec.vocabulary.last
        layer: Any = meaning.letters.get(key, meaning.chosen.get(key))
        if layer is None:
            raise Need(key, tuple(range(1, last + 1)))
        return {"output": layer == last, "hidden": 0 < layer < last, "input": layer == 0}[condition.place]


def turned(grid: Grid) -> Grid:
    return [list(column) for column in zip(*grid, strict=True)]


def stepped(var: Var, step: int) -> Var:
    return Var(var.kind, var.owner, step=step) if step else var


def family(name: Name) -> str:
    """Names that are read alike: those of one base with the same kinds of scripts."""
    sub = name.sub.text if name.sub else ""
    kind = "n" if sub.isdigit() else "i" if len(sub) == 1 else "".join("n" if c.isdigit() else "x" for c in sub)
    return f"{name.base}_{kind}^{len(name.sups)}"


def own_keys(name: Name) -> Iterator[tuple[str, tuple[Script, ...]]]:
    """How a name of the work's own is looked up: with its superscripts, then with fewer of them, which then follow the name."""
    for kept in range(len(name.sups), -1, -1):
        rest = name.sups[kept:]
        yield spelling(Name(name.base, name.sub, name.sups[:kept], name.primes, name.plus, name.head, name.span)), rest
