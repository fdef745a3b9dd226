"""[recurrent] in a network file: a layer that also sees itself one time step before (Elman 1990), unrolled over a sequence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from symbp.errors import SymbpError
from symbp.language.form import Var
from symbp.language.vocabulary import Vocabulary
from symbp.network.layered import LAYER, Topology, activation, bias_values, named, read_sharing
from symbp.network.source import Source, counted, said

RECURRENT = ("units", "activation", "input_weights", "recurrent_weights", "bias", "start", "error", "length")
MAX_LENGTH = 200
Table = Mapping[str, Any]


def read_recurrent(source: Source, table: Table, layers: Sequence[Table]) -> Topology:
    """net_h(t) = W_xh x(t) + W_hh h(t - 1) + b_h, and the layers after it at every step that has an error."""
    own = table["recurrent"]
    if not isinstance(own, dict):
        raise SymbpError("'recurrent' is not a table", source.top("recurrent"), "write [recurrent] above its keys")
    source.keys(own, RECURRENT, "recurrent", 0)
    if not layers:
        raise SymbpError(
            "there are no [[layers]]", source.place("recurrent", 1, None), "the output layer follows the recurrent one, as [[layers]]"
        )
    for at, layer in enumerate(layers, 1):
        source.keys(layer, [key for key in LAYER if key != "kernel"], "layers", at)
    given = [source.count(table, "inputs", source.top("inputs")), source.count(own, "units", source.place("recurrent", 1, "units"))]
    given += [source.count(layer, "units", source.place("layers", at, "units")) for at, layer in enumerate(layers, 1)]
    places = [("recurrent", 1), *(("layers", at) for at in range(1, len(layers) + 1))]
    names = named(source, given, lambda at: source.place(places[at - 1][0], places[at - 1][1], "units"))
    every = [own, *layers]
    sharing = tuple(
        read_sharing(source, layer, *place, len(names[at])) for at, (layer, place) in enumerate(zip(every, places, strict=True), 1)
    )
    length = _length(source, table, own)
    start_row(source, table, len(names[1]))
    errors = (
        (length,) if source.choice(own, "error", ("every", "last"), "every", ("recurrent", 1)) == "last" else tuple(range(1, length + 1))
    )
    vocabulary = Vocabulary(names, sharing, times=length, error_at=errors)
    activations = tuple(activation(source, layer, *place) for layer, place in zip(every, places, strict=True))
    return Topology(vocabulary, activations, _values(source, every, places, vocabulary))


def _length(source: Source, table: Table, own: Table) -> int:
    """How many time steps there are: as many as the first sample has, else `length`."""
    samples = table.get("samples")
    place = source.place("recurrent", 1, "length")
    if isinstance(samples, list) and samples and isinstance(samples[0], dict) and isinstance(samples[0].get("inputs"), list):
        found = len(samples[0]["inputs"])
        if isinstance(own.get("length"), bool) or own.get("length", found) != found:
            raise SymbpError(
                f"length is {said(own['length'])}, but the first sample has {counted(found, 'step')}", place, "leave the key out"
            )
        place = source.place("samples", 1, "inputs")
    else:
        found = own.get("length", 3)
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= MAX_LENGTH:
        raise SymbpError(f"{said(found)} time steps", place, f"a number from 1 to {MAX_LENGTH}")
    return found


def _values(source: Source, every: Sequence[Table], places: Sequence[tuple[str, int]], words: Vocabulary) -> dict[Var, Decimal]:
    wanted = [("input_weights", "recurrent_weights"), *[("weights",)] * (len(every) - 1)]
    lacking = [(place, key) for layer, place, keys in zip(every, places, wanted, strict=True) for key in keys if key not in layer]
    if len(lacking) == len(every) + 1:
        return {}
    if lacking:
        place, key = lacking[0]
        where = "[recurrent]" if place[0] == "recurrent" else f"[[layers]] number {place[1]}"
        raise SymbpError(f"{key!r} is missing in {where}", source.place(place[0], place[1], None), "give all weights or none")
    values: dict[Var, Decimal] = {}
    for at, (layer, place, keys) in enumerate(zip(every, places, wanted, strict=True), 1):
        rows: list[list[Decimal]] = [[] for _ in words.units(at)]
        for key in keys:
            columns = words.width(at) if key == "recurrent_weights" else words.width(at - 1)
            found = source.matrix(
                layer[key], words.width(at), columns, f"the {key.replace('_', ' ')}", source.place(place[0], place[1], key)
            )
            rows = [row + more for row, more in zip(rows, found, strict=True)]
        for unit, row in zip(words.units(at), rows, strict=True):
            values.update(zip(words.weights(unit), row, strict=True))
        values.update(bias_values(layer, words, at))
    return values


def start_row(source: Source, table: Table, count: int) -> list[Decimal]:
    """`start`, or zeros."""
    return source.row(table["recurrent"].get("start", [0] * count), count, "start", "recurrent unit", source.place("recurrent", 1, "start"))


def start_values(source: Source, table: Table, words: Vocabulary, sample: int) -> dict[Var, Decimal]:
    """The outs of the recurrent units before the first step."""
    given = start_row(source, table, words.width(1))
    return {Var("out", unit, sample, 0): value for unit, value in zip(words.units(1), given, strict=True)}
