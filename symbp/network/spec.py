"""`NetworkSpec`: a network as it was asked for, validated; numbers are exact decimals, never binary floats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from symbp.errors import Place, SymbpError, clipped, nearest
from symbp.language.form import Unit, Var
from symbp.language.notation import NOTATIONS, Notation
from symbp.language.own_notation import chosen
from symbp.language.speller import Speller
from symbp.language.vocabulary import Sharing, Vocabulary
from symbp.network.activation import ACTIVATIONS, Activation
from symbp.network.loss import LOSSES, Loss
from symbp.network.own import activation_of

TITLE = "Backpropagation in a %(sizes)s network"
UPDATES = ("simultaneous", "output_first")
REDUCTIONS = ("sum", "mean")
OPTIMIZERS: Mapping[str, Mapping[str, str]] = {
    "gradient_descent": {},
    "momentum": {"momentum": "0.9"},
    "adam": {"beta1": "0.9", "beta2": "0.999", "epsilon": "0.00000001"},
}
"""Each optimizer with its constants and what they are where the file does not say."""
TRAININGS = ("batch", "online")
MAX_LAYERS, MAX_UNITS, MAX_WEIGHTS = 64, 4096, 200_000
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")


@dataclass(frozen=True)
class Settings:
    """How the update is made: the optimizer with its constants, and whether samples are taken one after the other."""

    optimizer: str = "gradient_descent"
    constants: Mapping[Var, Decimal] = field(default_factory=dict)
    training: str = "batch"


@dataclass(frozen=True)
class NetworkSpec:
    """A network, its error and how it is trained.

    `values` holds the numbers that were given: all weights and biases, or none; `samples` one mapping of inputs and
    targets per sample. `activations[l - 1]` is that of layer l, `unit_activations` those of units given one by one. `delta_sign`
    is the s of delta = s dE/dnet. `constants` are the numbers of the penalties: weight_decay, l1, rho, beta.
    """

    vocabulary: Vocabulary
    activations: tuple[Activation, ...]
    title: str
    notation: Notation = NOTATIONS["mazur"]
    loss: Loss = LOSSES["half_squared_error"]
    learning_rate: Decimal | None = None
    values: Mapping[Var, Decimal] = field(default_factory=dict)
    samples: tuple[Mapping[Var, Decimal], ...] = ()
    train_bias: bool = True
    update: str = "simultaneous"
    unit_activations: Mapping[Unit, Activation] = field(default_factory=dict)
    reduction: str = "sum"
    delta_sign: int = 1
    constants: Mapping[Var, Decimal] = field(default_factory=dict)
    decay_biases: bool = False
    settings: Settings = Settings()
    about: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    """What a person's names mean, where their work does not tell: read by `symbp verify`."""
    reading: Mapping[str, object] = field(default_factory=dict)
    """The conventions that the file fixes for every person's work, by their names in `symbp verify`."""
    decided: frozenset[str] = frozenset()
    """The conventions that the file itself decides, which a person's work cannot: delta_sign, reduction."""

    @property
    def is_numeric(self) -> bool:
        """Are there numbers for everything? Without them the derivation stays symbolic."""
        return bool(self.values) and bool(self.samples)

    @cached_property
    def data(self) -> dict[Var, Decimal]:
        """Every number that was given."""
        rate = {} if self.learning_rate is None else {Var("learning_rate"): self.learning_rate}
        found = dict(self.values)
        for sample in self.samples:
            found.update(sample)
        return found | rate | dict(self.constants) | (dict(self.settings.constants) if rate else {})

    def activation(self, unit: Unit) -> Activation:
        """The activation of `unit`."""
        assert isinstance(unit.layer, int)
        return self.unit_activations.get(unit) or self.activations[unit.layer - 1]

    def group(self, unit: Unit) -> tuple[Unit, ...]:
        """The units whose net inputs `unit` needs for its out: itself, or all units of its layer under a joint activation."""
        assert isinstance(unit.layer, int)
        own = self.activation(unit)
        if own.joint is None:
            return (unit,)
        if unit not in self._groups:
            found = tuple(u for u in self.vocabulary.units(unit.layer) if self.activation(u) == own)
            self._groups.update(dict.fromkeys(found, found))
        return self._groups[unit]

    def group_nets(self, net: Var) -> tuple[Var, ...]:
        """The net inputs of the group of `net`'s unit, at one sample and time step: the same tuple for all of them."""
        assert isinstance(net.owner, Unit)
        units = self.group(net.owner)
        if len(units) == 1:
            return (Var("net", net.owner, net.sample, net.time),)
        key = units[0], net.sample, net.time
        if key not in self._group_nets:
            self._group_nets[key] = tuple(Var("net", unit, net.sample, net.time) for unit in units)
        return self._group_nets[key]

    @cached_property
    def _group_nets(self) -> dict[object, tuple[Var, ...]]:
        return {}

    @cached_property
    def _groups(self) -> dict[Unit, tuple[Unit, ...]]:
        return {}

    @cached_property
    def decayed(self) -> tuple[Var, ...]:
        """The parameters that the penalties are about: the weights, and the biases if asked."""
        return tuple(p for p in self.vocabulary.parameters() if p.kind == "weight" or self.decay_biases)

    @property
    def has_sparsity(self) -> bool:
        return Var("rho") in self.constants

    @cached_property
    def collapses(self) -> bool:
        """Is this a softmax over all outputs with cross-entropy, whose derivative is then out - t?"""
        outputs = self.vocabulary.outputs
        return self.loss.name == "cross_entropy" and self.activation(outputs[0]).joint is not None and self.group(outputs[0]) == outputs

    @cached_property
    def sums_to_one(self) -> bool:
        """Do the targets sum to 1 in every sample? In a network without samples this is assumed where it is asked."""
        words = self.vocabulary
        if not self.samples:
            return True
        sums = [
            sum(found[Var("target", u, s, t)] for u in words.outputs) for s, found in enumerate(self.samples, 1) for t in words.error_times
        ]
        return all(total == 1 for total in sums)

    @cached_property
    def speller(self) -> Speller:
        return Speller(self.notation, self.vocabulary)

    @property
    def trained(self) -> tuple[Var, ...]:
        """The parameters that the update changes."""
        return tuple(v for v in self.vocabulary.parameters() if self.train_bias or v.kind == "weight")

    def with_options(self, notation: str | Notation | None = None, update: str | None = None) -> NetworkSpec:
        """The same network in another notation (a row, its name or a file), or with another order of updating."""
        if update is not None and update not in UPDATES:
            raise SymbpError(f"unknown update {update!r}", hint=nearest(update, UPDATES))
        row = chosen(notation) if isinstance(notation, str) else notation
        spec = replace(self, notation=row or self.notation, update=update or self.update)
        spec.speller.check()
        return spec


def default_names(sizes: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    """i1, i2; h1, h2 (h1_1, h1_2, h2_1 where there are several hidden layers); o1, o2."""
    hidden = len(sizes) - 2

    def name(layer: int, index: int) -> str:
        if layer == 0:
            return f"i{index}"
        if layer == len(sizes) - 1:
            return f"o{index}"
        return f"h{index}" if hidden == 1 else f"h{layer}_{index}"

    return tuple(tuple(name(layer, i) for i in range(1, size + 1)) for layer, size in enumerate(sizes))


def sizes_of(vocabulary: Vocabulary) -> str:
    """2-3-1, by layers."""
    return "-".join(str(len(names)) for names in vocabulary.names)


def default_title(vocabulary: Vocabulary) -> str:
    """The title of a network that has none of its own."""
    return TITLE % {"sizes": sizes_of(vocabulary)}


def by_place(words: Vocabulary) -> Vocabulary:
    """The same network with units named by their place; one that is given unit by unit has its own names."""
    if words.wiring and not words.wiring.kernels:
        return words
    return replace(words, names=default_names(tuple(map(len, words.names))))


def check_sizes(sizes: tuple[int, ...], place: Place) -> None:
    """Refuse what has no units, or more than a derivation could be read of."""
    if len(sizes) < 2:
        raise SymbpError("a network needs inputs and at least one layer", place)
    if any(size < 1 for size in sizes):
        raise SymbpError(f"a layer of {min(sizes)} units", place, "a layer has at least one unit")
    weights = sum(a * b for a, b in pairwise(sizes))
    if len(sizes) > MAX_LAYERS + 1 or max(sizes) > MAX_UNITS or weights > MAX_WEIGHTS:
        limits = f"at most {MAX_LAYERS} layers, {MAX_UNITS} units a layer and {MAX_WEIGHTS} weights"
        raise SymbpError("this network is too large", place, limits)


def activation_named(name: object, place: Place) -> Activation:
    """The row of ACTIVATIONS, or the activation that `name` is a formula of."""
    if not isinstance(name, str):
        raise SymbpError(f"unknown activation {name!r}", place, nearest(str(name), ACTIVATIONS))
    return ACTIVATIONS[name] if name in ACTIVATIONS else activation_of(name, place)


def from_shorthand(text: str) -> NetworkSpec:
    """`2-3-1` or `2-3-1:tanh,sigmoid`: sizes and activations of a symbolic network, with one bias per unit."""
    place = Place(clipped(text))
    match = re.fullmatch(r"([0-9]{1,6}(?:-[0-9]{1,6})+)(?::(.*))?", text)
    if match is None:
        raise SymbpError(f"cannot read {clipped(text)!r}", place, "a shorthand is like 2-3-1, or 2-3-1:tanh,sigmoid")
    sizes = tuple(int(size) for size in match[1].split("-"))
    check_sizes(sizes, place)
    names = match[2].split(",") if match[2] is not None else ["sigmoid"]
    chosen = [activation_named(name.strip(), place) for name in names]
    if len(chosen) == 1:
        chosen *= len(sizes) - 1
    if len(chosen) != len(sizes) - 1:
        raise SymbpError(f"{len(chosen)} activations for {len(sizes) - 1} layers", place, "one for all layers, or one for each")
    vocabulary = Vocabulary(default_names(sizes), (Sharing.UNIT,) * (len(sizes) - 1))
    return NetworkSpec(vocabulary, tuple(chosen), title=default_title(vocabulary))
