"""The names of a work on a network: how each is read, and which layers and values its indices have."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from symbp.language import written as w
from symbp.language.form import Index, Position, Unit, Var
from symbp.language.reader import Reader
from symbp.language.tokens import Unreadable
from symbp.language.written import Name, Script, Written
from symbp.network.activation import Activation
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.budget import Budget
from symbp.verification.judging.scope import Absent, Choose, Indexed, Need, Unclear
from symbp.verification.reading.conventions import Conventions
from symbp.verification.reading.families import Family, family_of
from symbp.verification.reading.given import kind_given
from symbp.verification.reading.meanings import Axes, Meaning
from symbp.verification.reading.namings import Names
from symbp.verification.reading.quantities import Quantity, Reading, spelling

ANY_SAMPLE = "@"
"""The letter of the sample that a quantity without one is of."""
ANY_TIME = "@t"
"""The letter of the time step that a quantity without one is at."""
GRADIENTS = frozenset({"grad", "Grad", "gradient", "Gradient"})
"""Words for the derivative of the error by what their subscript names."""


@dataclass
class Own:
    """What the work itself introduces: names for quantities of the network, for forms, and for functions."""

    aliases: dict[str, Quantity] = field(default_factory=dict)
    forms: dict[str, Written] = field(default_factory=dict)
    functions: dict[str, Activation] = field(default_factory=dict)
    templates: dict[tuple[str, int], tuple[Name, Written]] = field(default_factory=dict)
    overwritten: frozenset[str] = frozenset()
    """Bare letters that steps of an algorithm give one value after another, so that they stand for no one quantity."""
    meanings: dict[Family, Meaning] = field(default_factory=dict)
    """What families of names were found to mean, where that is not what the notation or usage has."""
    fixed: dict[Family, Meaning] = field(default_factory=dict)
    """What the network file or a comment says that families mean."""
    raised: frozenset[str] = frozenset()
    """Bases that have layers raised without brackets."""

    def copy(self) -> Own:
        return Own(
            *(dict(self.aliases), dict(self.forms), dict(self.functions), dict(self.templates), self.overwritten),
            *(dict(self.meanings), dict(self.fixed), self.raised),
        )

    @property
    def keys(self) -> set[str]:
        return {*self.aliases, *self.forms}


@dataclass
class Lettered:
    """How names are read under `conventions`, and by what the work itself says of them."""

    spec: NetworkSpec
    conventions: Conventions
    own: Own = field(default_factory=Own)
    functions: Collection[str] = ()
    budget: Budget = field(default_factory=Budget)
    seen: dict[str, set[int]] = field(default_factory=dict)
    """In which layers each letter was met, since this was last emptied."""
    learned: dict[str, int] = field(default_factory=dict)
    """The layer that a letter of an index was found to be about."""
    nested: int = 0
    """How many names of the work's own are being worked out, one by the other."""
    given_names: Names | None = None
    """The readings of names, where they are known already."""

    def __post_init__(self) -> None:
        self.names = self.given_names or Names(self.spec, self.conventions)

    def found_reading(self, name: Name) -> tuple[Reading, ...] | None:
        """What the name is by what its family was found to mean; None where that is as the notation or usage has it."""
        placed = self.axes.placed.get((name, self.own.raised))
        if placed is None:
            placed = self.axes.placed[name, self.own.raised] = family_of(name, self.own.raised, self.axes.named)
        meaning = self.own.meanings.get(placed[0])
        if meaning is None:
            return None
        key = (name, meaning)
        if (found := self.axes.read.get(key)) is None:
            quantity = self.axes.quantity(meaning, *placed)
            found = self.axes.read[key] = () if quantity is None else (Reading(quantity, placed[1].rest),)
        return found

    @cached_property
    def axes(self) -> Axes:
        """The quantities of the network along its axes."""
        return Axes(self.spec)

    def is_alias(self, name: Name) -> bool:
        """Does the work, or its file, say which quantity this name is?"""
        return self._own_alias(name) is not None

    @property
    def samples(self) -> int:
        return self.spec.vocabulary.samples

    def readings(self, name: Name) -> tuple[Reading, ...]:
        """What the name may mean, what it is taken for first."""
        if self.own.aliases and (found := self._own_alias(name)):
            return (found,)
        if self.own.meanings and (read := self.found_reading(name)) is not None:
            return read
        every = (*self.slopes(name), *self.names.readings(name))
        if len(every) > 1 and (kind := kind_given(name, self.axes.named)) is not None:
            return tuple(one for one in every if one.quantity.kind == kind) or every
        return every

    def slopes(self, name: Name) -> tuple[Reading, ...]:
        """E_w, grad_w: the derivative of the error by what its subscript names."""
        if name.sub is None or not name.sub.tokens or name.sub.text in self.names.units:
            return ()
        if name.base not in GRADIENTS and "error" not in self.names.kinds(name.base):
            return ()
        first = name.sub.tokens[0]
        if first.kind != "name" or first.text in {"total", "tot", "new", "p", "n"} or (len(name.sub.text) == 1 and first.text in "ijklm"):
            return ()
        try:
            inner = Reader(name.sub.tokens, ()).scripted()
        except Unreadable:
            return ()
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
        keys = (key for key, _ in own_keys(name)) if self.own.forms else ()
        return next((self.own.forms[key] for key in keys if key in self.own.forms), None)

    def rest_of(self, name: Name) -> tuple[Script, ...]:
        """The superscripts that are no part of the name that the work introduced."""
        return next((rest for key, rest in own_keys(name) if key in self.own.forms), ())

    def own_function(self, base: str) -> Activation | None:
        """The activation that the work introduced this letter for."""
        return self.own.functions.get(base)

    def template(self, key: tuple[str, int]) -> tuple[Name, Written] | None:
        """The argument and the form by which the work defines a function, told by its letter and primes."""
        return self.own.templates.get(key)

    def is_overwritten(self, base: str) -> bool:
        """Is this a letter that steps of an algorithm give one value after another?"""
        return base in self.own.overwritten

    def learned_layer(self, letter: str) -> int | None:
        """The layer that a letter of an index was found to be about."""
        return self.learned.get(letter)

    def activations(self) -> list[Activation]:
        return [self.activation_of(layer) for layer in range(1, self.spec.vocabulary.last + 1)]

    def activation_of(self, layer: int) -> Activation:
        if not 1 <= layer <= self.spec.vocabulary.last:
            raise Absent
        return self.spec.activation(Unit(layer, 1))

    def layer_value(self, at: Position, meaning: Indexed) -> int:
        """The layer that a position says: letters stand for labels, L for the last."""
        if isinstance(at, int):
            return at
        last = self.spec.vocabulary.last
        if at.name in {"L", "n_l"} and at.name not in meaning.letters:
            return self.conventions.label(last) + at.offset
        if at.name not in meaning.letters:
            if self.own.meanings:  # families may count layers each in its own way
                raise Need(at.name, tuple(range(-1, last + 3)))
            raise Need(at.name, tuple(self.conventions.label(layer) for layer in range(last + 1)))
        return meaning.letters[at.name] + at.offset

    def layer_of(self, quantity: Quantity, meaning: Indexed) -> int | None:
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

    def letter_layer(self, letter: str, quantity: Quantity, meaning: Indexed) -> int:
        """The layer whose units an index counts, where names do not tell it."""
        key = f"layer {letter}"
        if key in meaning.letters:
            return meaning.letters[key]
        is_weight = quantity.kind == "weight" and isinstance(quantity.source, Index)
        if key in meaning.chosen and not (is_weight and meaning.chosen[key] == 0):
            return int(meaning.chosen[key])
        if is_weight:
            assert isinstance(quantity.source, Index)
            return self.weight_layer(key, f"layer {quantity.source.name}", letter, meaning)
        raise Choose(key, tuple(at for at in self.layers_for(letter) if at < self.spec.vocabulary.last or not quantity.is_hidden))

    def weight_layer(self, key: str, source: str, letter: str, meaning: Indexed) -> int:
        """The layer of w_ij by that of its source; where i is an input, w_ij can only be w_ji with its indices exchanged."""
        for known in (meaning.letters, meaning.chosen):
            if source in known:
                return int(known[source]) + (meaning.chosen.get(key) != 0)
        if key in meaning.chosen:
            raise Choose(source, self.layers_for(source[-1]))
        raise Choose(key, (*self.layers_for(letter), 0))

    def layers_for(self, letter: str) -> tuple[int, ...]:
        """The layers that a letter may count the units of, what was learned of it first."""
        layers = list(range(1, self.spec.vocabulary.last + 1))
        learned = self.learned_layer(letter)
        return tuple(sorted(layers, key=lambda layer: layer != learned))

    def index_value(self, at: Position, layer: int, meaning: Indexed, *, is_told: bool, is_source: bool = False) -> int:
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

    def sampled(self, quantity: Quantity, var: Var, meaning: Indexed) -> Var:
        """A quantity of one sample and time step, of whichever is meant."""
        sample = var.sample if var.sample is None or self.samples == 1 else self.sample(quantity.sample, meaning)
        time = var.time if quantity.time is None else self.time(quantity.time, meaning)
        return Var(var.kind, var.owner, sample, time, var.step)

    def time(self, at: Position | None, meaning: Indexed) -> int | None:
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

    def sample(self, at: Position | None, meaning: Indexed) -> int:
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

    def values_of(self, letter: str, node: Written, meaning: Indexed) -> tuple[int, ...]:
        """What a bound letter ranges over: units of the layers, samples or layers that it counts in `node`."""
        found: list[tuple[int, ...]] = []
        for quantity, _ in self.uses(node):
            found += self._values(letter, quantity, meaning)
        if not found:
            raise Unclear("index_unused", node.span[0], letter=letter)
        return min(found, key=len)

    def _values(self, letter: str, quantity: Quantity, meaning: Indexed) -> Iterator[tuple[int, ...]]:
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

    def need_letter(self, letter: str, node: Written, meaning: Indexed) -> None:
        raise Need(letter, self.values_of(letter, node, meaning))

    def is_placed(self, condition: w.Placed, meaning: Indexed) -> bool:
        """Is the unit of this index an output, hidden, or input unit?"""
        key = f"layer {condition.index.base}"
        last = self.spec.vocabulary.last
        layer: int | None = meaning.letters.get(key, meaning.chosen.get(key))
        if layer is None:
            raise Need(key, tuple(range(1, last + 1)))
        return {"output": layer == last, "hidden": 0 < layer < last, "input": layer == 0}[condition.place]


def own_keys(name: Name) -> Iterator[tuple[str, tuple[Script, ...]]]:
    """How a name of the work's own is looked up: with its superscripts, then with fewer of them, which then follow the name."""
    for kept in range(len(name.sups), -1, -1):
        rest = name.sups[kept:]
        yield spelling(Name(name.base, name.sub, name.sups[:kept], name.primes, name.plus, name.head, name.span)), rest
