"""[[layers]] in a network file: every layer feeds the next; a layer with a kernel is a convolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from symbp.errors import Place, SymbpError
from symbp.language.form import Layer, Parameter, Unit, Var
from symbp.language.vocabulary import Connection, Sharing, Vocabulary, Wiring
from symbp.network.activation import Activation
from symbp.network.source import Source, said
from symbp.network.spec import activation_named, check_sizes, default_names

LAYER = ("units", "activation", "weights", "bias", "kernel")
Table = Mapping[str, Any]


@dataclass(frozen=True)
class Topology:
    """What a network file says about the units: who they are, how they are connected, and the numbers of the parameters."""

    vocabulary: Vocabulary
    activations: tuple[Activation, ...]
    values: dict[Var, Decimal]
    unit_activations: Mapping[Unit, Activation] = field(default_factory=dict)


def read_layers(source: Source, table: Table, layers: Sequence[Table]) -> Topology:
    """The network of `[[layers]]`, by whole layers, or unit by unit where one of them is a convolution."""
    for at, layer in enumerate(layers, 1):
        source.keys(layer, LAYER, "layers", at)
    names = unit_names(source, table, layers)
    activations = tuple(activation(source, layer, "layers", at) for at, layer in enumerate(layers, 1))
    sharing = tuple(read_sharing(source, layer, "layers", at, len(names[at])) for at, layer in enumerate(layers, 1))
    vocabulary = Vocabulary(names, sharing)
    numbers = _Numbers(source, layers, vocabulary)
    if any("kernel" in layer for layer in layers):
        return _convolution(source, layers, vocabulary, activations, numbers)
    return Topology(vocabulary, activations, numbers.values())


def unit_names(source: Source, table: Table, layers: Sequence[Table]) -> tuple[tuple[str, ...], ...]:
    """The units' names layer by layer, given or i1, h1, o1."""
    given = [source.count(table, "inputs", source.top("inputs"))]
    for at, layer in enumerate(layers, 1):
        given.append(
            _kernel_units(source, layer, at, _size(given[-1]))
            if "kernel" in layer
            else source.count(layer, "units", source.place("layers", at, "units"))
        )
    return named(source, given, lambda at: source.place("layers", at, "units"))


def named(source: Source, given: Sequence[int | tuple[str, ...]], place: Any) -> tuple[tuple[str, ...], ...]:
    """Names where they are given, the default ones where only a number is; no name twice."""
    sizes = tuple(map(_size, given))
    check_sizes(sizes, Place(source.name))
    defaults = default_names(sizes)
    names = tuple(default if isinstance(own, int) else own for own, default in zip(given, defaults, strict=True))
    seen: set[str] = set()
    for at, layer_names in enumerate(names):
        for name in layer_names:
            if name in seen:
                hint = "every input and unit has a name of its own; i1, h1, o1 are those given where there is none"
                raise SymbpError(f"the name {name!r} is used twice", place(at) if at else source.top("inputs"), hint)
            seen.add(name)
    return names


def _size(given: int | tuple[str, ...]) -> int:
    return given if isinstance(given, int) else len(given)


def activation(source: Source, layer: Table, where: str, at: int) -> Activation:
    return activation_named(layer.get("activation", "sigmoid"), source.place(where, at, "activation"))


def read_sharing(source: Source, layer: Table, where: str, at: int, size: int) -> Sharing:
    """How the layer's units come by their biases."""
    place, what = source.place(where, at, "bias"), f"the bias of layer {at}"
    if "bias" not in layer:
        return Sharing.NONE if {"weights", "input_weights"} & set(layer) or isinstance(layer.get("kernel"), list) else Sharing.UNIT
    bias = layer["bias"]
    if bias is False:
        return Sharing.NONE
    if isinstance(bias, list):
        source.row(bias, size, what, "unit", place)
        return Sharing.UNIT
    if bias is True or not isinstance(bias, int | Decimal):
        raise SymbpError(f"{what} is {said(bias)}", place, "a number (shared by the layer), a list (one per unit), or false")
    source.number(bias, what, place)
    return Sharing.SHARED


def bias_values(layer: Table, vocabulary: Vocabulary, at: int) -> dict[Var, Decimal]:
    match vocabulary.sharing[at - 1]:
        case Sharing.SHARED:
            return {Var("bias", Layer(at)): Decimal(layer["bias"])}
        case Sharing.UNIT if "bias" in layer:
            return {Var("bias", unit): Decimal(b) for unit, b in zip(vocabulary.units(at), layer["bias"], strict=True)}
    return {}


@dataclass(frozen=True)
class _Numbers:
    """The weights and biases of `[[layers]]`: of every layer, or of none."""

    source: Source
    layers: Sequence[Table]
    vocabulary: Vocabulary

    def are_given(self) -> bool:
        has = ["weights" in layer or isinstance(layer.get("kernel"), list) for layer in self.layers]
        if any(has) and not all(has):
            at = has.index(False) + 1
            message = f"layer {at} has no weights, but other layers have"
            raise SymbpError(message, self.source.place("layers", at, None), "give weights for every layer or for none")
        return all(has)

    def values(self) -> dict[Var, Decimal]:
        values: dict[Var, Decimal] = {}
        for at, layer in enumerate(self.layers if self.are_given() else (), 1):
            for weights, numbers in zip(map(self.vocabulary.weights, self.vocabulary.units(at)), self.rows(layer, at), strict=True):
                values.update(zip(weights, numbers, strict=True))
            values.update(bias_values(layer, self.vocabulary, at))
        return values

    def rows(self, layer: Table, at: int) -> list[list[Decimal]]:
        words, place = self.vocabulary, self.source.place("layers", at, "weights")
        return self.source.matrix(layer["weights"], words.width(at), words.width(at - 1), f"the weights of layer {at}", place)


# -- convolution -----------------------------------------------------------------------------------------------------


def _kernel_units(source: Source, layer: Table, at: int, width: int) -> int | tuple[str, ...]:
    """A kernel of k entries on n sources makes n - k + 1 units."""
    place = source.place("layers", at, "kernel")
    if "weights" in layer:
        raise SymbpError(f"layer {at} has a kernel and weights", source.place("layers", at, "weights"), "a convolution has a kernel only")
    kernel = layer["kernel"]
    if isinstance(kernel, list):
        source.row(kernel, len(kernel), f"the kernel of layer {at}", "entry", place)
    elif isinstance(kernel, bool) or not isinstance(kernel, int):
        raise SymbpError(f"the kernel of layer {at} is {said(kernel)}", place, "a list of numbers, or how many there are")
    size = len(kernel) if isinstance(kernel, list) else kernel
    if not 1 <= size <= width:
        raise SymbpError(f"the kernel of layer {at} has {size} entries for {width} sources", place, f"from 1 to {width}")
    units = source.count(layer, "units", source.place("layers", at, "units")) if "units" in layer else width - size + 1
    if _size(units) != width - size + 1:
        message = f"layer {at} has {_size(units)} units, but its kernel gives {width - size + 1}"
        raise SymbpError(message, source.place("layers", at, "units"), "leave the key out, or list so many names")
    return units


def _convolution(
    source: Source, layers: Sequence[Table], words: Vocabulary, activations: tuple[Activation, ...], numbers: _Numbers
) -> Topology:
    """net_j = sum over a of k_a source_(j+a-1) + b: the kernel's entries are weights that all units of the layer share."""
    arrows: dict[Unit, tuple[Connection, ...]] = {}
    biases: dict[Unit, Var] = {}
    kernels: dict[int, tuple[Var, ...]] = {}
    values: dict[Var, Decimal] = {}
    given, count = numbers.are_given(), 0
    for at, layer in enumerate(layers, 1):
        if "kernel" in layer:
            size = words.width(at - 1) - words.width(at) + 1
            lead = "k" if len([layer for layer in layers if "kernel" in layer]) == 1 else f"k{at}_"
            kernels[at] = tuple(Var("weight", Parameter(f"{lead}{a}")) for a in range(1, size + 1))
            rows = [kernels[at]] * words.width(at)
            values |= dict(zip(kernels[at], map(Decimal, layer["kernel"]), strict=True)) if given else {}
        else:
            first, wide = count, words.width(at - 1)
            rows = [
                tuple(Var("weight", Parameter(f"w{first + row * wide + c + 1}")) for c in range(wide)) for row in range(words.width(at))
            ]
            count += words.width(at) * wide
            for own, given_row in zip(rows, numbers.rows(layer, at) if given else (), strict=False):
                values |= dict(zip(own, given_row, strict=True))
        for row, unit in enumerate(words.units(at)):
            first = row if "kernel" in layer else 0
            arrows[unit] = tuple(Connection(w, Unit(at - 1, first + c)) for c, w in enumerate(rows[row], 1))
            if (bias := words.bias(unit)) is not None:
                biases[unit] = bias
        values |= bias_values(layer, words, at) if given else {}
    wiring = Wiring(arrows, biases, words.units(words.last), kernels)
    return Topology(Vocabulary(words.names, words.sharing, wiring=wiring), activations, values)
