"""NetworkSpec → Derivation: the sections in their order. Nothing here is printable before `proof.certify` has been over it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from symbp.derivation.backward import Backward
from symbp.derivation.instantiate import Numbers, relation_between
from symbp.derivation.meaning import net, out, target_unit
from symbp.derivation.pattern import Pattern
from symbp.derivation.steps import Derivation, Detail, Display, Link, Part, Say, Section, Step, Table, link
from symbp.derivation.training import RATE, Progress, after_one, at_step, definitions, iterated, shown_steps, update_direction, updated
from symbp.language.form import Node, Unit, Value, Var
from symbp.network.forward import ERROR, forward
from symbp.network.numbers import Quantity, Rounding
from symbp.network.program import Program
from symbp.network.spec import NetworkSpec


def derive(
    spec: NetworkSpec,
    rounding: Rounding,
    detail: Detail = "normal",
    chosen: frozenset[Var] | None = None,
    steps: int = 0,
    progress: Progress = lambda what, done, of: None,
) -> Derivation:
    """The derivation of `spec`; `chosen` restricts the parameters derived, `steps` iterates the update."""
    program = forward(spec)
    numbers = Numbers.of(spec, program, rounding) if spec.is_numeric else None
    if numbers and spec.learning_rate is not None:
        numbers.learn(after_one(spec, program, rounding.working_digits))
    builder = _Builder(spec, program, numbers, detail, chosen)
    later: dict[Var, Quantity] = {}
    if steps and numbers and spec.learning_rate is not None:
        later = iterated(spec, program, steps, rounding.working_digits, progress)
        numbers.learn(later)
    sections = [builder.network(), builder.forward_pass(), builder.error()]
    sections += Backward(spec, numbers, detail, chosen).sections()
    if spec.learning_rate is not None:
        sections.append(builder.update(steps if later else 0))
    sections.append(Pattern(spec, numbers).section())
    return Derivation(spec, program, tuple(sections), rounding, detail, steps if later else 0)


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
        words, spec = self.spec.vocabulary, self.spec
        rows: list[tuple[object, ...]] = []

        def row(kind: str, variables: tuple[Var, ...], layer: int = 0) -> None:
            given = [spec.data[v] for v in variables if v in spec.data]
            values = tuple(Value(_plain(number), var) for var, number in zip(variables, given, strict=False))
            if variables:
                rows.append((variables, kind, layer, values))

        row("input", tuple(words.out(u) for u in words.units(0)))
        for layer in range(1, words.last + 1):
            row("weight", tuple(w for u in words.units(layer) for w in words.weights(u)), layer)
            row("bias", words.biases(layer), layer)
            row("net", tuple(net(u) for u in words.units(layer)), layer)
            row("out", tuple(out(u) for u in words.units(layer)), layer)
        row("target", tuple(Var("target", u, sample=1) for u in words.units(words.last)), words.last)
        row("error", (ERROR,), words.last)
        if spec.learning_rate is not None:
            row("learning_rate", (RATE,))
        layers = tuple((words.width(at), spec.activations[at - 1].name) for at in range(1, words.last + 1))
        about = {"inputs": words.width(0), "layers": layers, "loss": spec.loss.words}
        parts: list[Part] = [Say("network", about), Table("symbols", tuple(rows))]  # type: ignore[arg-type]
        if not spec.is_numeric:
            missing = "samples" if spec.values else "weights"
            parts.append(Say("symbolic_note", {"missing": missing, "samples": len(spec.samples)}))
        return Section("network", tuple(parts))

    def forward_pass(self) -> Section:
        parts: list[Part] = [Say("forward", {"is_rounded": int(self._is_rounded())})]
        words = self.spec.vocabulary
        for layer in range(1, words.last + 1):
            steps: list[Step] = []
            for unit in words.units(layer):
                steps += [self.defined(net(unit)), self._out_step(unit, first=unit.index == 1)]
            parts.append(Display(tuple(steps)))
        return Section("forward", tuple(parts))

    def _is_rounded(self) -> bool:
        """Is any number of the forward pass printed rounded?"""
        return self.numbers is not None and not all(self.numbers.value(var).exact for var in self.program.forms)

    def _out_step(self, unit: Unit, *, first: bool) -> Step:
        assert isinstance(unit.layer, int)
        activation = self.spec.activations[unit.layer - 1]
        links = [Link("=", self.program.forms[out(unit)], "definition")]
        if activation.is_named and (self.numbers or first):
            links.append(Link("=", activation.definition(net(unit)), "definition"))
        return self.finish(Step(out(unit), tuple(links)))

    def error(self) -> Section:
        errors = [Var("error", unit, sample=1) for unit in self.spec.vocabulary.units(self.spec.vocabulary.last)]
        steps = [self.defined(var) for var in (*errors, ERROR)]
        return Section("error", (Say("error", {"loss": self.spec.loss.words}), Display(tuple(steps))))

    # -- the update ------------------------------------------------------------------------------------------------

    def update(self, steps: int) -> Section:
        spec = self.spec
        trained = [p for p in spec.trained if self.chosen is None or p in self.chosen]
        parts: list[Part] = [Say("update", {"rate": RATE, "kind": spec.update, "train_bias": int(spec.train_bias)})]
        if trained:
            parts.append(Display(tuple(self._update_steps(trained))))
        if self.numbers and len(trained) > 1 and self.detail != "full":
            parts.append(Table("updates" if spec.update == "simultaneous" else "late_updates", tuple(map(self._update_row, trained))))
        if self.numbers:
            parts += self._after(steps)
        return Section("update", tuple(parts))

    def _update_steps(self, trained: list[Var]) -> Iterator[Step]:
        """The updates in the order in which they are made: all of them in full, else the first of each kind."""
        first = {(target_unit(p).layer == self.spec.vocabulary.last): p for p in reversed(trained)}
        shown = set(trained) if self.detail == "full" else {trained[0]} if self.spec.update == "simultaneous" else set(first.values())
        for var, form in definitions(self.spec, self.program).items():
            if var.kind == "delta":
                yield self.finish(Step(var, (link(form, "late_delta"),)))
            elif Var(var.kind, var.owner) in shown:
                yield self.finish(Step(var, (link(form, self._update_rule(var)),)))

    def _update_rule(self, var: Var) -> str:
        is_late = self.spec.update == "output_first" and target_unit(var).layer != self.spec.vocabulary.last
        return "late_update" if is_late else "gradient_descent"

    def _update_row(self, parameter: Var) -> tuple[Node, ...]:
        assert self.numbers is not None
        direction = update_direction(self.spec, parameter)
        before, moved, after = (self.numbers.value(node) for node in (parameter, direction, updated(parameter)))
        return parameter, before, moved, updated(parameter), after

    def _after(self, steps: int) -> Iterator[Part]:
        assert self.numbers is not None
        after = self.numbers.value(updated(ERROR))
        step = Step(updated(ERROR), (Link(relation_between(ERROR, after), after, "value"),))
        yield Say("error_after", {"before": self.numbers.value(ERROR)})
        yield Display((step,))
        if steps:
            rows = tuple((n, self.numbers.value(at_step(ERROR, n))) for n in shown_steps(steps))
            yield Say("iterated", {"steps": steps, "kind": self.spec.update})
            yield Table("errors", rows)
            units = self.spec.vocabulary.units(self.spec.vocabulary.last)
            targets = [Var("target", unit, sample=1) for unit in units]
            yield Say("outputs_after", {"steps": steps})
            outs = [
                (out(u), self.numbers.value(t), self.numbers.value(at_step(out(u), steps))) for u, t in zip(units, targets, strict=True)
            ]
            yield Table("outputs", tuple(outs))


def _plain(number: Decimal) -> str:
    return format(number, "f") if not number or -7 < number.adjusted() < 15 else format(number, "e").replace("e+", "e")
