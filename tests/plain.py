"""The error of a network file in plain floats, straight from its TOML tables: nothing of symbp is used.

Parameters go by their canonical names, so that a gradient of symbp's can be looked up beside a difference of this.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

Table = Mapping[str, Any]
Floats = dict[str, float]
F: dict[str, Callable[[float], float]] = {"sigmoid": lambda x: 1 / (1 + math.exp(-x)), "tanh": math.tanh, "identity": lambda x: x}
STEP = 1e-5


@dataclass(frozen=True)
class Unit:
    """A unit: its sources with the parameter on each and how many time steps before; its bias's name, if any."""

    name: str
    function: str
    sources: tuple[tuple[str, str, int], ...]
    bias: str | None


@dataclass(frozen=True)
class Plain:
    """A network file as a list of units, in an order in which they can be computed."""

    table: Table
    inputs: tuple[str, ...]
    units: tuple[Unit, ...]
    outputs: tuple[str, ...]
    values: Floats

    # -- the error -------------------------------------------------------------------------------------------------

    def error(self, values: Floats) -> float:
        """E with the parameters at `values`."""
        samples = self.table["samples"]
        outs = [self.outs(sample, values) for sample in samples]
        found = sum(self.loss(sample, out) for sample, out in zip(samples, outs, strict=True))
        if self.table.get("reduction") == "mean":
            found /= len(samples)
        return found + self.penalties(values, outs)

    def outs(self, sample: Table, values: Floats) -> list[Floats]:
        """The out of every unit at every time step; a network without time has one."""
        recurrent = self.table.get("recurrent")
        rows = sample["inputs"] if recurrent else [sample["inputs"]]
        start = (recurrent or {}).get("start", [0.0] * len(self.units))
        before = {unit.name: float(x) for unit, x in zip(self.units, start, strict=False)}
        found = []
        for row in rows:
            now = dict(zip(self.inputs, map(float, row), strict=True))
            for unit in self.units:
                net = sum(values[p] * (before if delay else now)[source] for source, p, delay in unit.sources)
                now[unit.name] = F[unit.function](net + (values[unit.bias] if unit.bias else 0.0))
            before = now
            found.append(now)
        return found

    def loss(self, sample: Table, outs: list[Floats]) -> float:
        half = 0.5 if self.table.get("loss", "half_squared_error") == "half_squared_error" else 1.0
        targets = sample["targets"] if isinstance(sample["targets"][0], list) else [sample["targets"]]
        return sum(
            half * (float(t) - out[name]) ** 2
            for row, out in zip(targets, outs[-len(targets) :], strict=True)
            for t, name in zip(row, self.outputs, strict=True)
        )

    def penalties(self, values: Floats, outs: list[list[Floats]]) -> float:
        biases = {unit.bias for unit in self.units} - {p for unit in self.units for _, p, _ in unit.sources}
        decayed = [x for p, x in values.items() if self.table.get("decay_biases") or p not in biases]
        found = self.table.get("weight_decay", 0) / 2 * sum(x * x for x in decayed)
        found += self.table.get("l1", 0) * sum(map(abs, decayed))
        if sparsity := self.table.get("sparsity"):
            rho, beta, every = sparsity["rho"], sparsity["beta"], [now for sample in outs for now in sample]
            for unit in self.units:
                if unit.name not in self.outputs:
                    mean = sum(now[unit.name] for now in every) / len(every)
                    found += beta * (rho * math.log(rho / mean) + (1 - rho) * math.log((1 - rho) / (1 - mean)))
        return float(found)

    def gradient(self, parameter: str) -> float:
        """dE / d parameter, by a central difference."""
        up, down = (self.error({**self.values, parameter: self.values[parameter] + by}) for by in (STEP, -STEP))
        return (up - down) / (2 * STEP)


# -- from the tables -----------------------------------------------------------------------------------------------------


def plain(text: str) -> Plain:
    """The network of a file's text; every kind of file that has numbers."""
    table = tomllib.loads(text)
    if "units" in table:
        return _wired(table)
    return _layered(table)


def _wired(table: Table) -> Plain:
    waiting, done = list(table["units"]), set(table["inputs"])
    units: list[Unit] = []
    while waiting:
        ready = [unit for unit in waiting if done >= set(unit["inputs"])]
        units += [
            Unit(u["name"], u.get("activation", "sigmoid"), tuple((s, p, 0) for s, p in u["inputs"].items()), u.get("bias") or None)
            for u in ready
        ]
        done |= {unit["name"] for unit in ready}
        waiting = [unit for unit in waiting if unit not in ready]
    values = {name: float(x) for name, x in table["parameters"].items()}
    return Plain(table, tuple(table["inputs"]), tuple(units), tuple(table["outputs"]), values)


def _layered(table: Table) -> Plain:
    layers = [table["recurrent"], *table["layers"]] if "recurrent" in table else table["layers"]
    inputs = below = tuple(f"i{n}" for n in range(1, table["inputs"] + 1))
    units: list[Unit] = []
    values: Floats = {}
    number = count(1)
    kernels = sum("kernel" in layer for layer in layers)
    for at, layer in enumerate(layers, 1):
        size = len(below) - len(layer["kernel"]) + 1 if "kernel" in layer else layer["units"]
        lead = "o" if at == len(layers) else "h" if len(layers) == 2 else f"h{at}_"
        names = tuple(f"{lead}{n}" for n in range(1, size + 1))
        if "kernel" in layer:
            shared = [f"k{n}" if kernels == 1 else f"k{at}_{n}" for n in range(1, len(layer["kernel"]) + 1)]
            values |= zip(shared, map(float, layer["kernel"]), strict=True)
        for row, name in enumerate(names):
            sources: list[tuple[str, str, int]] = []
            if "kernel" in layer:
                sources = [(below[row + a], p, 0) for a, p in enumerate(shared)]
            else:
                for key, delay in (("weights", 0), ("input_weights", 0), ("recurrent_weights", 1)):
                    for column, x in enumerate(layer[key][row] if key in layer else (), 1):
                        block = {"input_weights": "xh", "recurrent_weights": "hh"}.get(key, "hy" if at == len(layers) == 2 else str(at))
                        p = f"w{block}_{row + 1}_{column}" if "recurrent" in table else f"w{next(number)}"
                        sources.append(((names if delay else below)[column - 1], p, delay))
                        values[p] = float(x)
            bias = layer.get("bias", False)
            own = None if bias is False else f"b_{name}" if isinstance(bias, list) else f"b{at}"
            if own:
                values[own] = float(bias[row] if isinstance(bias, list) else bias)
            units.append(Unit(name, layer.get("activation", "sigmoid"), tuple(sources), own))
        below = names
    return Plain(table, inputs, tuple(units), below, values)
