"""The update w+ = w - eta dE/dw, and its iteration.

`simultaneous` is gradient descent: every gradient is taken at the old weights. `output_first` goes from the last layer back
and sends the error through output weights that are updated already; it is not gradient descent, though texts do it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from symbp.derivation.meaning import as_adjoints, delta, gradient, net, out
from symbp.errors import SymbpError
from symbp.language.form import Node, Unit, Var, add, neg, sub, times
from symbp.network.forward import ERROR, penalty_slope
from symbp.network.numbers import GUARD, ExactRational, HighPrecision, Quantity, settle, terminating, to_decimal
from symbp.network.program import Binding, Program
from symbp.network.spec import NetworkSpec

RATE = Var("learning_rate")
MAX_MAGNITUDE = 40_000
"""An error past 2**MAX_MAGNITUDE is going nowhere."""
Progress = Callable[[str, int, int], None]


def updated(var: Var) -> Var:
    """The quantity after one update."""
    return Var(var.kind, var.owner, var.sample, var.time, var.step + 1)


def first_layer(spec: NetworkSpec, parameter: Var) -> int:
    """The first layer in which `parameter` stands."""
    layers = [unit.layer for unit, _ in spec.vocabulary.users(parameter)]
    return min(layer for layer in layers if isinstance(layer, int))


def compared_outs(spec: NetworkSpec) -> list[Var]:
    """The outs that are compared with targets, in every sample and time step."""
    words = spec.vocabulary
    return [Var("out", unit, s, t) for s in words.every_sample for t in words.error_times for unit in words.outputs]


def late_delta(spec: NetworkSpec, program: Program, unit: Unit) -> Node:
    """Under output_first: (sum over k of w_kj^+ delta_k^+) f'(net_j), where delta^+ is delta in the output layer."""
    words = spec.vocabulary
    assert isinstance(unit.layer, int) and isinstance(unit.index, int)
    terms = []
    for k in words.units(unit.layer + 1):
        weight = words.weights(k)[unit.index - 1]
        terms.append(times(updated(weight), delta(k) if k.layer == words.last else updated(delta(k))))
    slope = spec.activations[unit.layer - 1].derivative(net(unit), out(unit))
    return times(add(*terms), slope)


def update_direction(spec: NetworkSpec, parameter: Var) -> Node:
    """What eta multiplies: dE/dw, or under output_first in a hidden layer the delta^+ times source."""
    words, layer = spec.vocabulary, first_layer(spec, parameter)
    if spec.update == "simultaneous" or layer == words.last:
        return gradient(parameter)
    terms = []
    for unit, arrow in words.users(parameter):
        late = updated(delta(unit))
        terms.append(late if arrow is None else times(late, words.out(arrow.source)))
    return add(*(terms if spec.delta_sign > 0 else [neg(term) for term in terms]), *penalty_slope(spec, parameter))


def definitions(spec: NetworkSpec, program: Program) -> dict[Var, Node]:
    """What each updated parameter is, in order of computation: from the last layer back."""
    words = spec.vocabulary
    found: dict[Var, Node] = {}
    for layer in range(words.last, 0, -1):
        if spec.update == "output_first" and layer < words.last:
            found |= {updated(delta(u)): late_delta(spec, program, u) for u in words.units(layer)}
        for parameter in (*words.layer_weights(layer), *words.biases(layer)):
            if parameter in spec.trained:
                found[updated(parameter)] = sub(parameter, times(RATE, update_direction(spec, parameter)))
    return found


def step_program(spec: NetworkSpec, program: Program) -> Program:
    """One whole step as numbers need it: forward, the derivatives of E, and the updates."""
    updates = [Binding(var, as_adjoints(form, program)) for var, form in definitions(spec, program).items()]
    return Program(program.bindings + program.reverse.bindings + tuple(updates))


def after_one(spec: NetworkSpec, program: Program, digits: int) -> dict[Var, Quantity]:
    """The parameters, and E, after one update."""
    return settle(lambda precision: _after_one(spec, program, precision), digits - GUARD // 2, digits)[0]


def _after_one(spec: NetworkSpec, program: Program, digits: int) -> dict[Var, Quantity]:
    tape = step_program(spec, program).tape
    algebra, exactly = HighPrecision(digits), ExactRational()
    near = tape.run(algebra.point(spec.data), algebra)
    exact = tape.run({var: Fraction(value) for var, value in spec.data.items()}, exactly)
    found = {}
    for var in definitions(spec, program):
        found[var] = _quantity(near[var], exact[var])
    after = updated(ERROR)
    near_error = program.evaluate(_moved(spec, near, near), algebra)[ERROR]
    exact_error = program.evaluate(_moved(spec, exact, exact), exactly)[ERROR]
    return found | {after: _quantity(near_error, exact_error)}


def _quantity(near: Any, exact: Any) -> Quantity:
    if isinstance(exact, Fraction):
        return Quantity(to_decimal(exact), terminating(exact))
    return Quantity(to_decimal(near), None)


def _moved(spec: NetworkSpec, values: dict[Var, Any], start: dict[Var, Any]) -> dict[Var, Any]:
    point = {var: start[var] for var in spec.data}
    return point | {var: values[updated(var)] for var in spec.trained}


def iterate(spec: NetworkSpec, program: Program, steps: int, digits: int) -> Iterator[tuple[int, Decimal, dict[Var, Any]]]:
    """(n, E after n steps, every variable then) for n from 0 to `steps`."""
    tape = step_program(spec, program).tape
    algebra = HighPrecision(digits)
    point: dict[Var, Any] = algebra.point(spec.data)
    for n in range(steps + 1):
        values = tape.run(point, algebra)
        if values[ERROR] and abs(algebra.context.mag(values[ERROR])) > MAX_MAGNITUDE:
            raise SymbpError(f"the error grows beyond all bounds: it is past 1e12000 after {n} steps", hint="try a smaller learning_rate")
        yield n, to_decimal(values[ERROR]), values
        point = _moved(spec, values, point)


def at_step(var: Var, n: int) -> Var:
    """The quantity after n updates."""
    return Var(var.kind, var.owner, var.sample, var.time, n)


def iterated(
    spec: NetworkSpec, program: Program, steps: int, digits: int, progress: Progress = lambda what, done, of: None
) -> dict[Var, Quantity]:
    """E after 2, 3, … `steps` steps, and the outputs after the last; `after_one` has the first step, exactly where it can."""
    found = {}
    last: dict[Var, Any] = {}
    for n, error, values in iterate(spec, program, steps, digits):
        last = values
        progress("iterating", n, steps)
        if n > 1:
            found[at_step(ERROR, n)] = Quantity(error, None)
    return found | {at_step(var, steps): Quantity(to_decimal(last[var]), None) for var in compared_outs(spec)}


def shown_steps(steps: int) -> tuple[int, ...]:
    """The steps that a table of the error shows: 0, 1, 2, 5, 10, 20, … and the last."""
    marks = {0, steps} | {m * 10**k for k in range(len(str(steps))) for m in (1, 2, 5)}
    return tuple(sorted(m for m in marks if m <= steps))
