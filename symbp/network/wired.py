"""[[units]] in a network file: any directed acyclic graph, a parameter's name on each edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from symbp.errors import Place, SymbpError, nearest
from symbp.language.form import Parameter, Unit, Var
from symbp.language.vocabulary import Connection, Vocabulary, Wiring
from symbp.network.activation import Activation
from symbp.network.layered import Topology, activation
from symbp.network.source import Source, said
from symbp.network.spec import MAX_LAYERS, MAX_UNITS, MAX_WEIGHTS

UNIT = ("name", "activation", "inputs", "bias")
Table = Mapping[str, Any]


def read_units(source: Source, table: Table, units: Sequence[Table]) -> Topology:
    """The network of `[[units]]`; a unit's layer is the length of the longest path that leads to it."""
    return _Graph(source, table, units).topology()


class _Graph:
    def __init__(self, source: Source, table: Table, units: Sequence[Table]) -> None:
        self.source, self.table, self.units = source, table, units
        inputs = source.count(table, "inputs", source.top("inputs"))
        self.inputs = inputs if isinstance(inputs, tuple) else tuple(f"i{n}" for n in range(1, min(inputs, MAX_UNITS + 1) + 1))
        if twice := [name for name in self.inputs if self.inputs.count(name) > 1]:
            raise SymbpError(f"the name {twice[0]!r} is used twice", source.top("inputs"), "every input and unit has a name of its own")
        self.number: dict[str, int] = {}
        for at, unit in enumerate(units, 1):
            source.keys(unit, UNIT, "units", at)
            if "name" not in unit:
                raise SymbpError(f"unit {at} has no name", source.place("units", at, None), 'name = "h1"')
            name = source.unit_name(unit["name"], source.place("units", at, "name"))
            if name in self.number or name in self.inputs:
                raise SymbpError(
                    f"the name {name!r} is used twice", source.place("units", at, "name"), "every input and unit has a name of its own"
                )
            self.number[name] = at
        if len(units) + len(self.inputs) > MAX_UNITS:
            raise SymbpError("this network is too large", Place(source.name), f"at most {MAX_UNITS} inputs and units")

    def topology(self) -> Topology:
        edges = {name: self._edges(name) for name in self.number}
        depths = self._depths(edges)
        by_depth: list[list[str]] = [list(self.inputs)] + [[] for _ in range(max(depths.values()))]
        for name in self.number:
            by_depth[depths[name]].append(name)
        place = {name: Unit(at, i) for at, names in enumerate(by_depth) for i, name in enumerate(names, 1)}
        parameters = self._parameters(edges)
        arrows = {place[name]: tuple(Connection(parameters[p], place[s]) for s, p in own) for name, own in edges.items()}
        biases = {place[name]: parameters[self.units[at - 1]["bias"]] for name, at in self.number.items() if self._has_bias(at)}
        outputs = tuple(place[name] for name in self._outputs())
        chosen: dict[Unit, Activation] = {
            place[n]: activation(self.source, self.units[at - 1], "units", at) for n, at in self.number.items()
        }
        vocabulary = Vocabulary(tuple(map(tuple, by_depth)), wiring=Wiring(arrows, biases, outputs))
        return Topology(vocabulary, (), self._values(parameters), chosen)

    def _edges(self, name: str) -> list[tuple[str, str]]:
        """(source, parameter) of every connection into the unit."""
        at = self.number[name]
        place, given = self.source.place("units", at, "inputs"), self.units[at - 1].get("inputs")
        if not isinstance(given, dict) or not given:
            raise SymbpError(
                f"the inputs of {name} are {said(given)}" if given else f"{name} has no inputs", place, 'as in inputs = { i1 = "w1" }'
            )
        for source, parameter in given.items():
            if source not in self.number and source not in self.inputs:
                raise SymbpError(
                    f"{name} has an input from {source!r}, which is no unit", place, nearest(source, [*self.inputs, *self.number])
                )
            if not isinstance(parameter, str):
                raise SymbpError(
                    f"the weight from {source} to {name} is {said(parameter)}", place, 'a parameter\'s name, as in inputs = { i1 = "w1" }'
                )
            self.source.unit_name(parameter, place, "a parameter")
        return list(given.items())

    def _has_bias(self, at: int) -> bool:
        bias, place = self.units[at - 1].get("bias", False), self.source.place("units", at, "bias")
        if bias is False:
            return False
        if not isinstance(bias, str):
            message = f"the bias of {self.units[at - 1]['name']} is {said(bias)}"
            raise SymbpError(message, place, 'a parameter\'s name, as in bias = "b1"; its number stands in [parameters]; or false')
        self.source.unit_name(bias, place, "a parameter")
        return True

    def _depths(self, edges: Mapping[str, list[tuple[str, str]]]) -> dict[str, int]:
        """The longest path from an input to each unit; a cycle is an error that names it."""
        depths = dict.fromkeys(self.inputs, 0)
        waiting = dict(edges)
        while waiting:
            ready = [name for name, own in waiting.items() if all(source in depths for source, _ in own)]
            if not ready:
                raise self._cycle(waiting)
            for name in ready:
                depths[name] = 1 + max(depths[source] for source, _ in waiting.pop(name))
        if max(depths.values()) > MAX_LAYERS:
            raise SymbpError("this network is too deep", Place(self.source.name), f"at most {MAX_LAYERS} units one after the other")
        return depths

    def _cycle(self, waiting: Mapping[str, list[tuple[str, str]]]) -> SymbpError:
        path = [next(iter(waiting))]
        while path.count(path[-1]) < 2:
            path.append(next(source for source, _ in waiting[path[-1]] if source in waiting))
        circle = path[path.index(path[-1]) :][::-1]
        place = self.source.place("units", self.number[circle[0]], "inputs")
        return SymbpError(
            f"the units go round in a circle: {' → '.join(circle)}", place, "a network is acyclic; for time there is [recurrent]"
        )

    def _outputs(self) -> list[str]:
        place, given = self.source.top("outputs"), self.table.get("outputs")
        if not isinstance(given, list) or not given:
            wrong = "'outputs' is missing" if given is None else "outputs is an empty list" if given == [] else f"outputs is {said(given)}"
            raise SymbpError(wrong, place, 'a list of units\' names, as in outputs = ["o1"]')
        for name in given:
            if not isinstance(name, str) or name not in self.number:
                raise SymbpError(f"the output {said(name)} is no unit", place, nearest(str(name), self.number))
        if len(set(given)) < len(given):
            raise SymbpError(f"the output {next(n for n in given if given.count(n) > 1)!r} is listed twice", place, "each output once")
        return given

    def _parameters(self, edges: Mapping[str, list[tuple[str, str]]]) -> dict[str, Var]:
        """Every parameter by its name: a weight if it stands on an edge, else a bias."""
        found = {p: Var("weight", Parameter(p)) for own in edges.values() for _, p in own}
        if sum(map(len, edges.values())) > MAX_WEIGHTS:
            raise SymbpError("this network is too large", Place(self.source.name), f"at most {MAX_WEIGHTS} connections")
        for at in self.number.values():
            if self._has_bias(at):
                name = self.units[at - 1]["bias"]
                found.setdefault(name, Var("bias", Parameter(name)))
        return found

    def _values(self, parameters: Mapping[str, Var]) -> dict[Var, Decimal]:
        given = self.table.get("parameters", {})
        if not isinstance(given, dict):
            raise SymbpError("'parameters' is not a table", self.source.top("parameters"), "write [parameters] above them")
        for name in given:
            if name not in parameters:
                raise SymbpError(f"no unit has the parameter {name!r}", self.source.place("parameters", 1, name), nearest(name, parameters))
        missing = [name for name in parameters if name not in given] if given else []
        if missing:
            raise SymbpError(
                f"the parameter {missing[0]!r} has no number", self.source.place("parameters", 1, None), "give all parameters or none"
            )
        return {
            parameters[name]: self.source.number(value, name, self.source.place("parameters", 1, name)) for name, value in given.items()
        }
