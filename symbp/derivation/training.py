"""The update of all parameters by an optimizer, and its iteration.

`simultaneous` takes every gradient at the old parameters. `output_first` goes from the last layer back and sends the error through
output weights that are updated already; it is not gradient descent, though texts do it.

A step is a pass over all samples. In `batch` training it is one update, with the gradient of E. `online` it is one update for each
sample p in turn, with the gradient of E^(p), the error of that sample alone, to which the penalties add their whole gradient each
time; the mean over samples that E may be has no part in it. Online, a parameter with a sample p and step 1 is the parameter after the
update with sample p in the first pass, and E^(p) with step 1 is what it was just before that update.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from symbp.derivation.meaning import as_adjoints, delta, gradient, net, out, sample_error
from symbp.derivation.optimizers import COUNT, UPDATE_RULES, UpdateRule, of_parameter
from symbp.errors import SymbpError
from symbp.language.form import Node, Unit, Var, add, neg, times, total
from symbp.network.forward import ERROR, penalty_slope
from symbp.network.numbers import ExactRational, HighPrecision, Quantity, Rounding, settle, terminating, to_decimal
from symbp.network.program import Binding, Program, Tape
from symbp.network.spec import NetworkSpec

MAX_MAGNITUDE = 40_000
"""An error past 2**MAX_MAGNITUDE is going nowhere."""
Progress = Callable[[str, int, int], None]
Values = dict[Var, Any]


def check_training(spec: NetworkSpec) -> None:
    """Refuse what does not go together."""
    words = spec.vocabulary
    if spec.update == "output_first" and (
        not words.is_layered or words.samples > 1 or spec.settings.optimizer != "gradient_descent" or is_online(spec)
    ):
        hint = 'that is for a layered network, one sample and gradient_descent; choose update = "simultaneous"'
        raise SymbpError("update is 'output_first'", hint=hint)
    if is_online(spec) and spec.has_sparsity:
        raise SymbpError("training is 'online', with a sparsity penalty", hint='that needs the mean over the samples: training = "batch"')


def rule_of(spec: NetworkSpec) -> UpdateRule:
    """The row of UPDATE_RULES that the network is trained by."""
    return UPDATE_RULES[spec.settings.optimizer]


def is_online(spec: NetworkSpec) -> bool:
    """Is there an update for each of several samples?"""
    return spec.settings.training == "online" and spec.vocabulary.samples > 1


def updated(var: Var) -> Var:
    """The quantity after one update."""
    return replace(var, step=var.step + 1)


def after_sample(var: Var, sample: int) -> Var:
    """Online, the parameter (or what is kept for it) after the update with `sample` in the first pass."""
    return replace(var, sample=sample, step=1)


def before_sample(sample: int) -> Var:
    """Online, the error of `sample` just before the update with it in the first pass."""
    return replace(sample_error(sample), step=1)


def first_after(spec: NetworkSpec, var: Var) -> Var:
    """The quantity after the first update, which is one with the first sample alone in online training."""
    return after_sample(var, 1) if is_online(spec) else updated(var)


def first_layer(spec: NetworkSpec, parameter: Var) -> int:
    """The first layer in which `parameter` stands."""
    layers = [unit.layer for unit, _ in spec.vocabulary.users(parameter)]
    return min(layer for layer in layers if isinstance(layer, int))


def compared_outs(spec: NetworkSpec) -> list[Var]:
    """The outs that are compared with targets, in every sample and time step."""
    words = spec.vocabulary
    return [Var("out", unit, s, t) for s in words.every_sample for t in words.error_times for unit in words.outputs]


# -- the first update --------------------------------------------------------------------------------------------------


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


def sample_gradient(spec: NetworkSpec, parameter: Var, sample: int) -> Node:
    """Online: dE^(p)/dw, and what the penalties add."""
    return add(total(sample_error(sample), parameter), *penalty_slope(spec, parameter))


def update_direction(spec: NetworkSpec, parameter: Var) -> Node:
    """What takes the gradient's place in the first update; under output_first in a hidden layer, the delta^+ times source."""
    if is_online(spec):
        return sample_gradient(spec, parameter, 1)
    words, layer = spec.vocabulary, first_layer(spec, parameter)
    if spec.update == "simultaneous" or layer == words.last:
        return gradient(parameter)
    terms = []
    for unit, arrow in words.users(parameter):
        late = updated(delta(unit))
        terms.append(late if arrow is None else times(late, words.out(arrow.source)))
    return add(*(terms if spec.delta_sign > 0 else [neg(term) for term in terms]), *penalty_slope(spec, parameter))


def definitions(spec: NetworkSpec, program: Program) -> dict[Var, Node]:
    """What each quantity of the first update is, in order of computation: from the last layer back."""
    words, rule = spec.vocabulary, rule_of(spec)
    found: dict[Var, Node] = {}
    for layer in range(words.last, 0, -1):
        if spec.update == "output_first" and layer < words.last:
            found |= {updated(delta(u)): late_delta(spec, program, u) for u in words.units(layer)}
        for parameter in (*words.layer_weights(layer), *words.biases(layer)):
            if parameter in spec.trained:
                found |= rule.pairs(parameter, update_direction(spec, parameter), partial(first_after, spec))
    return found


def start(spec: NetworkSpec) -> dict[Var, int]:
    """What an optimizer starts from: velocities and moments at zero, and the number of the first update."""
    rule = rule_of(spec)
    zeros = {of_parameter(kind, parameter): 0 for parameter in spec.trained for kind in rule.kept}
    return zeros | ({COUNT: 1} if rule.counts else {})


# -- numbers -----------------------------------------------------------------------------------------------------------


class Trainer:
    """A pass over the samples as numbers need it: forward, derivatives and updates, a tape for each update."""

    def __init__(self, spec: NetworkSpec, program: Program) -> None:
        self.spec, self.program = spec, program
        kinds = rule_of(spec).kept
        self.moving = [*spec.trained, *(of_parameter(kind, p) for p in spec.trained for kind in kinds)]
        samples = spec.vocabulary.every_sample if is_online(spec) else (None,)
        self.tapes = [(self._mark(sample), self._tape(sample)) for sample in samples]

    def _mark(self, sample: int | None) -> Callable[[Var], Var]:
        return updated if sample is None else partial(after_sample, sample=sample)

    def _tape(self, sample: int | None) -> Tape:
        """The bindings of one update, compiled."""
        spec, program = self.spec, self.program
        if sample is None:
            forms = definitions(spec, program)
            before = program.split.bindings + program.split.reverse.bindings
        else:
            end, rule, mark = sample_error(sample), rule_of(spec), self._mark(sample)
            pairs = (rule.pairs(p, sample_gradient(spec, p, sample), mark) for p in spec.trained)
            forms = {var: form for found in pairs for var, form in found}
            before = program.leading_to(end) + program.sweep(end).bindings
        updates = tuple(Binding(var, as_adjoints(form, program)) for var, form in forms.items())
        return Program(before + updates).tape

    @property
    def has_kinks(self) -> bool:
        return self.program.tape.has_kinks or any(tape.has_kinks for _, tape in self.tapes)

    def start(self, algebra: Any) -> Values:
        """The numbers given, and what the optimizer starts from."""
        point = {var: algebra.rational(Fraction(value)) for var, value in self.spec.data.items()}
        return point | {var: algebra.rational(Fraction(value)) for var, value in start(self.spec).items()}

    def one_pass(self, point: Values, algebra: Any) -> Iterator[tuple[Values, Values]]:
        """For each update, everything computed with it, and the point after it."""
        for mark, tape in self.tapes:
            values = tape.run(point, algebra)
            point = point | {var: values[mark(var)] for var in self.moving}
            if COUNT in point:
                point[COUNT] = point[COUNT] + 1
            yield values, point

    def forward(self, point: Values, algebra: Any) -> Values:
        """The forward pass of all samples."""
        return self.program.evaluate({var: point[var] for var in self.spec.data}, algebra)


def after_one(spec: NetworkSpec, program: Program, rounding: Rounding) -> dict[Var, Quantity]:
    """The parameters, and E, after one step, and all that is computed on the way."""
    trainer = Trainer(spec, program)
    found = settle(lambda precision: _after_one(trainer, precision), rounding, rounding.working_digits)[0]
    return found | {var: Quantity(Decimal(value), Decimal(value)) for var, value in start(spec).items()}


def _after_one(trainer: Trainer, digits: int) -> dict[Var, Quantity]:
    algebra = HighPrecision(digits)
    near, exact = _first_pass(trainer, algebra), _first_pass(trainer, ExactRational(decides=trainer.has_kinks))
    for value in near.values():
        _require(value, 1, algebra)
    return {var: _quantity(value, exact[var]) for var, value in near.items()}


def _first_pass(trainer: Trainer, algebra: Any) -> Values:
    """What the first step computes beyond the forward pass and the derivatives of E."""
    spec, point = trainer.spec, trainer.start(algebra)
    found: Values = {}
    for sample, (values, after) in enumerate(trainer.one_pass(point, algebra), 1):
        point = after
        if is_online(spec):
            found |= {
                var: value for var, value in values.items() if var.step == 1 or (sample == 1 and var.kind == "adjoint" and var.sample)
            }
            found[before_sample(sample)] = values[sample_error(sample)]
        else:
            found |= {var: value for var, value in values.items() if var.step == 1}
    return found | {updated(p): point[p] for p in spec.trained} | {updated(ERROR): trainer.forward(point, algebra)[ERROR]}


def _quantity(near: Any, exact: Any) -> Quantity:
    if isinstance(exact, Fraction):
        return Quantity(to_decimal(exact), terminating(exact))
    return Quantity(to_decimal(near), None)


def iterate(spec: NetworkSpec, program: Program, steps: int, digits: int) -> Iterator[tuple[int, Decimal, Values]]:
    """(n, E after n steps, every variable then) for n from 0 to `steps`."""
    trainer, algebra = Trainer(spec, program), HighPrecision(digits)
    point = trainer.start(algebra)
    for n in range(steps + 1):
        if is_online(spec):
            values = point | trainer.forward(point, algebra)
            _bounded(values[ERROR], n, algebra)
            yield n, to_decimal(values[ERROR]), values
            *_, (_, point) = trainer.one_pass(point, algebra)
            continue
        ((values, point),) = trainer.one_pass(point, algebra)
        _bounded(values[ERROR], n, algebra)
        yield n, to_decimal(values[ERROR]), values


def _require(value: Any, n: int, algebra: HighPrecision) -> None:
    """Refuse what is no number: it would not be printed as one."""
    if not algebra.exists(value):
        reason = algebra.trouble or "it is out of reach"
        hint = "give Adam an epsilon above 0, or try a smaller learning_rate"
        raise SymbpError(f"after {n} step{'s' * (n != 1)} a value of this network does not exist: {reason}", hint=hint)


def _bounded(error: Any, n: int, algebra: HighPrecision) -> None:
    _require(error, n, algebra)
    if error and algebra.context.mag(error) > MAX_MAGNITUDE:
        raise SymbpError(f"the error grows beyond all bounds: it is past 1e12000 after {n} steps", hint="try a smaller learning_rate")


def at_step(var: Var, n: int) -> Var:
    """The quantity after n steps."""
    return replace(var, step=n)


def iterated(
    spec: NetworkSpec, program: Program, steps: int, digits: int, progress: Progress = lambda what, done, of: None
) -> dict[Var, Quantity]:
    """E after 2, 3, … `steps` steps, and the outputs and parameters after the last; `after_one` has the first, exactly where it can."""
    found = {}
    last: Values = {}
    for n, error, values in iterate(spec, program, steps, digits):
        last = values
        progress("iterating", n, steps)
        if n > 1:
            found[at_step(ERROR, n)] = Quantity(error, None)
    wanted = [*compared_outs(spec), *(spec.trained if steps > 1 else ())]
    return found | {at_step(var, steps): Quantity(to_decimal(last[var]), None) for var in wanted}


def shown_steps(steps: int, every: int | None = None) -> tuple[int, ...]:
    """The steps that a table of the error shows: 0, 1, 2, 5, 10, 20, … (or each multiple of `every`) and the last."""
    if every is not None:
        return tuple(sorted({*range(0, steps + 1, every), steps}))
    marks = {0, steps} | {m * 10**k for k in range(len(str(steps))) for m in (1, 2, 5)}
    return tuple(sorted(m for m in marks if m <= steps))
