"""The error of a network and all its gradients in numbers, at one point or at many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from symbp.derivation.formulas import gradient_program
from symbp.errors import SymbpError, nearest
from symbp.language.form import Var
from symbp.network.forward import ERROR, forward
from symbp.network.program import Program, Tape
from symbp.network.spec import NetworkSpec, by_place
from symbp.proof.floats import Floats
from symbp.verification.judging.grouped import Grouped

Number = Any
"""A float, or an array of floats over the points."""
GIVEN = frozenset({"input", "target", "weight", "bias"})
"""Kinds that are given, not computed."""


@dataclass(frozen=True)
class Evaluator:
    """E and dE/dw of every weight and bias: the forward pass and the gradients of the derivation, compiled once to one tape.

    What is computed once for several gradients is computed once: a delta, a factor. `at` gives what the names in `inputs` are, each a
    float or an array over the points; what the network's file has need not be given. Several threads may use one.
    """

    spec: NetworkSpec

    @cached_property
    def inputs(self) -> dict[str, Var]:
        """The weights, biases, inputs, targets and constants that are to be given, by their canonical names."""
        return {self._words.canonical(var): var for var in self._tape.inputs}

    @cached_property
    def outputs(self) -> dict[str, Var]:
        """E, and dE/dw of every parameter, by their names."""
        gradients = [Var("gradient", parameter.owner) for parameter in self.spec.vocabulary.parameters()]
        return {"E": ERROR} | {self._words.canonical(var): var for var in gradients}

    def at(self, values: Mapping[str, Number]) -> dict[str, Number]:
        """The values of `outputs`: floats where all that is given are single numbers, else arrays over the points, rows of one array."""
        inputs = self.inputs
        read = {
            name: value if type(value) is float else _number(name, value)
            for name, value in values.items()
            if name in inputs or self._is_read(name)
        }
        point = {**self._given, **read}
        if len(point) < len(inputs):
            missing = [name for name in inputs if name not in point]
            few = ", ".join([*missing[:8], *["…"] * (len(missing) > 8)])
            raise SymbpError(f"no value for {few}", hint="give a number, or an array, for each")
        if {type(value) for value in read.values()} <= {float}:
            return self._at_one({var: point[name] for name, var in inputs.items()})
        return self._at_many({name: point[name] for name in inputs})

    def _is_read(self, name: str) -> bool:
        """Does E depend on what this names? It is none of `inputs`; what the network has beside them may be given all the same."""
        var = self._others.get(name)
        if var is None or var in self._program.assumptions:
            why = "is nothing that can be given" if var is None else "is what the other targets leave of 1"
            raise SymbpError(f"{name!r} {why}", hint=nearest(str(name), self.inputs))
        return False

    @cached_property
    def _others(self) -> dict[str, Var]:
        """What the network has beside `inputs`, apart from what is computed."""
        every = [*self.spec.vocabulary.variables(), *self.spec.data]
        named = {self._words.canonical(var): var for var in every if var in self.spec.data or var.kind in GIVEN}
        return {name: var for name, var in named.items() if var not in self._program.forms and not var.step}

    def _at_one(self, point: Mapping[Var, float]) -> dict[str, Number]:
        try:
            slots = self._tape.slots(point, Floats())
        except (ArithmeticError, ValueError):  # what is too large for Python is infinite for numpy
            found = self._grouped.rows({var: np.array([x]) for var, x in point.items()})[:, 0]
            return dict(zip(self.outputs, map(float, found), strict=True))
        return {name: slots[slot] for name, slot in self._slots}

    def _at_many(self, values: Mapping[str, Number]) -> dict[str, Number]:
        sizes = {value.size: name for name, value in values.items() if not isinstance(value, float) and value.size != 1}
        if len(sizes) > 1:
            said = ", ".join(f"{name} has {size}" for size, name in sizes.items())
            raise SymbpError(f"arrays over different numbers of points: {said}", hint="give arrays of one length, or single numbers")
        point = {self.inputs[name]: np.array([value]) if isinstance(value, float) else value for name, value in values.items()}
        return dict(zip(self.outputs, self._grouped.rows(point), strict=True))

    @cached_property
    def _words(self) -> Any:
        return by_place(self.spec.vocabulary)

    @cached_property
    def _program(self) -> Program:
        return forward(self.spec)

    @cached_property
    def _tape(self) -> Tape:
        """Of a target that the others give, what gives it."""
        forms = {**self._program.assumptions}
        for program in (self._program, gradient_program(self.spec)):
            forms |= {binding.var: binding.form for binding in program.bindings}
        return Tape.of(forms)

    @cached_property
    def _slots(self) -> list[tuple[str, int]]:
        return [(name, self._tape.outputs[var]) for name, var in self.outputs.items()]

    @cached_property
    def _grouped(self) -> Grouped:
        return Grouped(self._tape, self.outputs.values())

    @cached_property
    def _given(self) -> dict[str, float]:
        """What the network's file has."""
        return {name: float(self.spec.data[var]) for name, var in self.inputs.items() if var in self.spec.data}


def _number(name: str, value: Any) -> Number:
    """A float, or an array of floats of one axis; whatever else is no number is refused, texts too."""
    if type(value) is np.ndarray and value.ndim == 1 and value.dtype == np.float64:
        return value
    found = np.asarray(value)
    kinds = "biuf" if found.dtype != object else ""
    are_numbers = found.dtype.kind in kinds or (found.dtype == object and all(isinstance(x, Real | Decimal) for x in found.flat))
    if not are_numbers or found.ndim > 1 or isinstance(value, np.ma.MaskedArray):
        raise SymbpError(f"{name} is neither a number nor a row of numbers", hint="give a float, a list or an array of one axis")
    try:
        return float(found[()]) if found.ndim == 0 else found.astype(float)
    except OverflowError:
        raise SymbpError(f"{name} is too large for a float", hint=f"a number below {np.finfo(float).max:.1e}") from None
