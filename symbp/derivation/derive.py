"""NetworkSpec → Derivation: the sections in their order. Nothing here is printable before `proof.certify` has been over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from symbp.derivation.algorithm import algorithm
from symbp.derivation.backward import Backward
from symbp.derivation.formulas import Formulas
from symbp.derivation.instantiate import Numbers
from symbp.derivation.meaning import delta, net, of, out
from symbp.derivation.optimizers import RATE
from symbp.derivation.pattern import Pattern
from symbp.derivation.sections import Sections
from symbp.derivation.steps import Appendix, Cell, Derivation, Detail, Display, Figure, Link, Part, Say, Section, Step, Table
from symbp.derivation.training import Progress, after_one, check_training, iterated
from symbp.derivation.unrolled import ConvolutionPattern, RecurrentPattern
from symbp.derivation.update import Update
from symbp.language.form import Edge, Unit, Value, Var, leaves
from symbp.network.activation import ACTIVATIONS, Activation
from symbp.network.forward import ERROR, forward
from symbp.network.loss import LOSSES
from symbp.network.numbers import Quantity, Rounding
from symbp.network.program import Program
from symbp.network.spec import NetworkSpec


def derive(
    spec: NetworkSpec,
    rounding: Rounding,
    detail: Detail = "normal",
    chosen: frozenset[Var] | None = None,
    steps: int = 0,
    appendix: Appendix = "none",
    progress: Progress = lambda what, done, of: None,
) -> Derivation:
    """The derivation of `spec`; `chosen` restricts the parameters derived, `steps` iterates the update.

    The derivatives of the activations stand where they are needed first, or in an `appendix`: those "used", or "all" there are.
    """
    check_training(spec)
    program = forward(spec)
    numbers = Numbers.of(spec, program, rounding) if spec.is_numeric else None
    later = _learn(numbers, steps, progress)
    builder = _Builder(spec, program, numbers, detail, chosen)
    sections = [builder.network(), builder.forward_pass(), builder.error()]
    backward = Sections(Backward(spec, numbers), detail, chosen, has_appendix=appendix != "none")
    sections += backward.sections()
    if spec.learning_rate is not None:
        sections.append(Update(spec, program, numbers, detail, chosen).section(steps if later else 0))
    pattern = pattern_of(spec, numbers)
    if pattern is not None:
        sections.append(pattern.section())
    sections.append(algorithm(spec, pattern))
    if appendix != "none":
        sections.append(backward.appendix(ACTIVATIONS.values() if appendix == "all" else activations_of(spec)))
    return Derivation(spec, program, tuple(sections), rounding, detail, steps if later else 0)


def _learn(numbers: Numbers | None, steps: int, progress: Progress) -> dict[Var, Quantity]:
    """Take in what is known after one step, and after `steps`; the latter is returned."""
    if numbers is None or numbers.spec.learning_rate is None:
        return {}
    digits = numbers.rounding.working_digits
    numbers.learn(after_one(numbers.spec, numbers.program, numbers.rounding))
    later = iterated(numbers.spec, numbers.program, steps, digits, progress) if steps else {}
    numbers.learn(later)
    return later


def train(
    spec: NetworkSpec, rounding: Rounding, steps: int, every: int | None = None, progress: Progress = lambda what, done, of: None
) -> Derivation:
    """The training of `spec`: the network, one update, the error over the steps, and what has been learned after the last."""
    check_training(spec)
    program = forward(spec)
    numbers = Numbers.of(spec, program, rounding)
    _learn(numbers, steps, progress)
    update = Update(spec, program, numbers)
    sections = (
        _Builder(spec, program, numbers, "normal", None).network(),
        update.section(),
        Section("training", (*update.repeated(steps, every), *update.parameters_after(steps))),
    )
    return Derivation(spec, program, sections, rounding, "normal", steps)


def activations_of(spec: NetworkSpec) -> tuple[Activation, ...]:
    """Each activation of the network once, in the order of its layers."""
    words = spec.vocabulary
    return tuple(dict.fromkeys(spec.activation(unit) for layer in range(1, words.last + 1) for unit in words.units(layer)))


def pattern_of(spec: NetworkSpec, numbers: Numbers | None) -> Pattern | None:
    """What writes the general formulas of a network like `spec`, where they hold as they stand."""
    words = spec.vocabulary
    joint = [unit for layer in range(1, words.last + 1) for unit in words.units(layer) if spec.activation(unit).joint is not None]
    is_plain = not joint or (spec.collapses and spec.sums_to_one and len(joint) == len(words.outputs))
    if spec.has_sparsity or Var("l1") in spec.constants or not is_plain:
        return None
    if words.is_layered:
        return Pattern(spec, numbers)
    if words.times:
        return RecurrentPattern(spec, numbers)
    return ConvolutionPattern(spec, numbers) if words.wiring and words.wiring.kernels else None


class _Builder:
    """The sections before and after the backward pass."""

    def __init__(self, spec: NetworkSpec, program: Program, numbers: Numbers | None, detail: Detail, chosen: frozenset[Var] | None) -> None:
        self.spec, self.program, self.numbers, self.detail, self.chosen = spec, program, numbers, detail, chosen

    def finish(self, step: Step) -> Step:
        return self.numbers.finish(step) if self.numbers else step

    def defined(self, var: Var) -> Step:
        """A binding of the program as a step."""
        return self.finish(Step(var, (Link("=", self.program.forms[var], "definition"),)))

    def network(self) -> Section:
        spec, words = self.spec, self.spec.vocabulary
        about: dict[str, Cell | tuple[Cell, ...]] = {"inputs": words.width(0), "layers": self._layers(), "loss": spec.loss.words}
        about |= {"outputs": len(words.outputs), "units": sum(map(len, words.names[1:])), "samples": words.samples, "times": words.times}
        about |= {
            "reduction": spec.reduction,
            "is_joint": int(spec.loss.joint is not None),
            "is_every": int(len(words.error_at) == words.times),
            "is_formula": int(spec.loss.name not in LOSSES),
            "kernels": tuple(map(len, words.wiring.kernels.values())) if words.wiring else (),
        }
        key = "network" if words.is_layered else "recurrent_network" if words.times else "unit_network"
        parts: list[Part] = [Say(key, about)]
        parts += self._conventions()
        parts.append(Figure("network"))
        parts.append(Table("symbols", tuple(self._symbols())))
        if words.samples > 1:
            given = [words.out(unit, 1, t) for t in words.every_time for unit in words.units(0)]
            given += [Var("target", unit, 1, t) for t in words.error_times for unit in words.outputs]
            parts += self._beside("sample_data", given) if self.numbers else []
        if not spec.is_numeric:
            missing = "samples" if spec.values else "weights"
            parts.append(Say("symbolic_note", {"missing": missing, "samples": len(spec.samples)}))
        return Section("network", tuple(parts))

    def _layers(self) -> Any:
        """Per layer, how many units it has, their activations, and whether one of these is a formula."""
        words = self.spec.vocabulary
        found: list[tuple[int, tuple[str, ...], int]] = []
        for layer in range(1, words.last + 1):
            names = dict.fromkeys(self.spec.activation(unit).name for unit in words.units(layer))
            found.append((words.width(layer), tuple(names), int(any(name not in ACTIVATIONS for name in names))))
        return tuple(found)

    def _conventions(self) -> Iterator[Part]:
        """What a reader must know to read the derivatives and deltas right; each is said once."""
        words = self.spec.vocabulary
        if words.distinguishes:
            yield Say("two_derivatives", {"unit": net(words.outputs[0])})
        if self.spec.delta_sign < 0:
            yield Say("negative_delta", {"delta": delta(words.outputs[0])})
        unit = words.units(1)[0]
        sample = 1 if words.samples == 1 else None
        if words.times:
            yield Say("numbers_of_times", {"first": Var("net", unit, sample, 1), "start": Var("out", unit, sample, 0)})
        if words.samples > 1:
            time = 1 if words.times else None
            yield Say("numbers_of_samples", {"second": Var("net", unit, 2, time), "any": Var("net", unit, None, time)})

    def _symbols(self) -> Iterator[tuple[Cell | tuple[Cell, ...], ...]]:
        """(variables, kind, layer, values) of every kind of quantity."""
        spec, words = self.spec, self.spec.vocabulary

        def row(kind: str, variables: Iterable[Var], layer: int = 0) -> Iterator[tuple[Cell | tuple[Cell, ...], ...]]:
            own = tuple(variables)
            if words.samples > 1:
                own = tuple(Var(var.kind, var.owner, None, var.time) for var in own)
            values = tuple(Value(_plain(spec.data[var]), var) for var in own if var in spec.data)
            if own:
                yield own, kind, layer, values if len(values) == len(own) else ()

        times = words.every_time
        yield from row("input", (words.out(unit, 1, t) for t in times for unit in words.units(0)))
        if words.times:
            yield from row("start", (Var("out", unit, 1, 0) for unit in words.units(1)), 1)
        for layer in range(1, words.last + 1):
            nets = [place for t in times for place in words.layer_nets(layer, 1, t)]
            for kind, weights in self._kinds_of_weights(layer):
                yield from row(kind, weights, layer)
            yield from row("bias", words.biases(layer), layer)
            yield from row("net", nets, layer)
            yield from row("out", map(out, nets), layer)
            yield from row("delta", map(delta, nets), layer)
        yield from row("target", (Var("target", unit, 1, t) for t in words.error_times for unit in words.outputs), words.last)
        yield from row("error", (ERROR,), words.last)
        for var in spec.constants:
            yield from row(var.kind, (var,))
        if spec.learning_rate is not None:
            yield from row("learning_rate", (RATE,))
            for var in spec.settings.constants:
                yield from row(var.kind, (var,))

    def _kinds_of_weights(self, layer: int) -> Iterator[tuple[str, list[Var]]]:
        """The weights of a layer; of a recurrent one, those from the inputs and those from the step before."""
        weights = list(self.spec.vocabulary.layer_weights(layer))
        if not self.spec.vocabulary.times or layer > 1:
            yield "weight", weights
            return
        inputs = [w for w in weights if isinstance(w.owner, Edge) and w.owner.source.layer == 0]
        yield "input_weight", inputs
        yield "recurrent_weight", [w for w in weights if w not in inputs]

    def _beside(self, key: str, variables: list[Var]) -> Iterator[Part]:
        return Sections(Backward(self.spec, self.numbers), self.detail).sample_tables(key, variables)

    def forward_pass(self) -> Section:
        parts: list[Part] = [Say("forward", {"is_rounded": int(self._is_rounded())})]
        words = self.spec.vocabulary
        if words.samples > 1:
            parts.append(Say("first_sample"))
        for time in words.every_time:
            for layer in range(1, words.last + 1):
                steps: list[Step] = []
                places = words.layer_nets(layer, 1, time)
                joint = [place for place in places if Formulas(self.spec).activation(place).is_joint]
                for place in places:
                    steps.append(self.defined(place))
                    if place not in joint:
                        steps.append(self._out_step(place, first=place == places[0] and time in {None, 1}))
                steps += [self.defined(out(place)) for place in joint]
                if steps:
                    parts.append(Display(tuple(steps)))
        if words.samples > 1:
            parts.append(Say("forward_other_samples", {"samples": words.samples}))
            everywhere = [place for time in words.every_time for place in words.nets(1, time)]
            shown = [of(kind, place) for place in everywhere for kind in ("net", "out")]
            parts += self._beside("sample_values", shown) if self.numbers else []
        return Section("forward", tuple(parts))

    def _is_rounded(self) -> bool:
        """Is any number of the forward pass printed rounded?"""
        return self.numbers is not None and not all(self.numbers.value(var).exact for var in self.program.forms)

    def _out_step(self, place: Var, *, first: bool) -> Step:
        assert isinstance(place.owner, Unit)
        activation = self.spec.activation(place.owner)
        links = [Link("=", self.program.forms[out(place)], "definition")]
        is_short = list(leaves(activation.definition(place))).count(place) == 1
        if activation.is_named and (first or (self.numbers and is_short)):
            links.append(Link("=", activation.definition(place), "definition"))
        return self.finish(Step(out(place), tuple(links)))

    def error(self) -> Section:
        """What the program binds after the last out, of the first sample; the other samples beside it."""
        words = self.spec.vocabulary
        every = [var for var in self.program.forms if var.kind not in {"net", "out"}]
        steps = [self.defined(var) for var in every if var.sample in {None, 1}]
        names: dict[str, Cell | tuple[Cell, ...]] = {"loss": self.spec.loss.words, "is_joint": int(self.spec.loss.joint is not None)}
        names |= {"samples": words.samples, "reduction": self.spec.reduction, "is_formula": int(self.spec.loss.name not in LOSSES)}
        parts: list[Part] = [Say("error", names)]
        parts += [Say("penalties", self._penalties())] if self.spec.constants else []
        parts.append(Display(tuple(steps)))
        if words.samples > 1 and self.numbers:
            parts += self._beside("sample_errors", [var for var in every if var.sample == 1])
        return Section("error", tuple(parts))

    def _penalties(self) -> dict[str, Cell]:
        names: dict[str, Cell] = {kind: int(Var(kind) in self.spec.constants) for kind in ("weight_decay", "l1", "rho")}
        names["decay_biases"] = int(self.spec.decay_biases)
        for key, kind in (("mean", "mean_activation"), ("divergence", "divergence")):
            names[key] = Var(kind, self.spec.vocabulary.hidden[0]) if self.spec.has_sparsity else ""
        return names


def _plain(number: Decimal) -> str:
    return format(number, "f") if not number or -7 < number.adjusted() < 15 else format(number, "e").replace("e+", "e")
