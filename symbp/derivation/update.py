"""The section of the update: its rule in symbols, then in numbers; its repetition as a table and a curve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbp.derivation.formulas import Formulas
from symbp.derivation.instantiate import Numbers, relation_between
from symbp.derivation.meaning import of
from symbp.derivation.optimizers import COUNT, RATE
from symbp.derivation.steps import Cell, Detail, Display, Link, Part, Plot, Say, Section, Step, Table, link
from symbp.derivation.training import (
    after_sample,
    at_step,
    before_sample,
    compared_outs,
    definitions,
    first_after,
    first_layer,
    is_online,
    rule_of,
    sample_gradient,
    shown_steps,
    update_direction,
    updated,
)
from symbp.language.form import Node, Value, Var, add, number, times
from symbp.network.forward import ERROR, penalty_slope
from symbp.network.program import Program
from symbp.network.spec import NetworkSpec

SAMPLES_BESIDE = 5
"""So many samples stand side by side in a table."""
CURVE = 120
"""About so many points make a curve."""


def curve_steps(steps: int) -> tuple[int, ...]:
    """The steps that a curve goes through: all of few, else so many at even distances, and more where it begins."""
    if steps <= CURVE:
        return tuple(range(steps + 1))
    even = {round(steps * k / CURVE) for k in range(CURVE + 1)}
    return tuple(sorted(even | {round(steps / CURVE * k / 8) for k in range(9)}))


def columns(spec: NetworkSpec, key: str, parameter: Var) -> tuple[Node, ...]:
    """The quantities of a row of the table `key` of an update."""
    meant = {"before": parameter, "gradient": update_direction(spec, parameter), "after": first_after(spec, parameter)}
    return tuple(meant[c] if c in meant else first_after(spec, Var(c, parameter)) for c in rule_of(spec).tables[key])


@dataclass(frozen=True)
class Update:
    """Builds the section; with `numbers` there are tables. `chosen` restricts the parameters."""

    spec: NetworkSpec
    program: Program
    numbers: Numbers | None
    detail: Detail = "normal"
    chosen: frozenset[Var] | None = None

    def finish(self, step: Step) -> Step:
        return self.numbers.finish(step) if self.numbers else step

    @property
    def _kind(self) -> dict[str, Cell]:
        settings = self.spec.settings
        return {"kind": self.spec.update, "optimizer": settings.optimizer, "is_online": int(is_online(self.spec))}

    def section(self, steps: int = 0) -> Section:
        """The whole section of a derivation."""
        return Section("update", (*self.first(), *(self.repeated(steps) if steps else ())))

    # -- the first update ------------------------------------------------------------------------------------------

    def first(self) -> Iterator[Part]:
        """The rule, worked out for one parameter or all; what it gives for the others."""
        spec = self.spec
        trained = [p for p in spec.trained if self.chosen is None or p in self.chosen]
        about: dict[str, Cell] = {
            "rate": RATE,
            "train_bias": int(spec.train_bias),
            "penalised": int(bool(spec.constants)),
            "reduction": spec.reduction,
            "sign": spec.delta_sign,
        }
        yield Say("update", {**self._kind, **about})
        if spec.settings.optimizer != "gradient_descent":
            kept = [first_after(spec, Var(kind, p)) for p in trained[:1] for kind in rule_of(spec).kept]
            yield Say(f"update_{spec.settings.optimizer}", {"kept": tuple(kept), "count": COUNT})
        if trained:
            yield Display(tuple(self._steps(trained)))
        if self.numbers and len(trained) > 1 and self.detail != "full":
            yield from self._tables(trained)
        if self.numbers:
            yield from self._epoch(trained) if is_online(spec) else self._error_after()

    def _steps(self, trained: list[Var]) -> Iterator[Step]:
        """The updates in the order in which they are made: all of them in full, else the first of each kind."""
        first = {(first_layer(self.spec, p) == self.spec.vocabulary.last): p for p in reversed(trained)}
        shown = set(trained) if self.detail == "full" else {trained[0]} if self.spec.update == "simultaneous" else set(first.values())
        said: set[Var] = set()
        for var, form in definitions(self.spec, self.program).items():
            own = var.owner if isinstance(var.owner, Var) else Var(var.kind, var.owner)
            if var.kind == "delta":
                yield self.finish(Step(var, (link(form, "late_delta"),)))
            elif own in shown:
                if is_online(self.spec) and own not in said:
                    yield self._sample_share(own)
                said.add(own)
                yield self.finish(Step(var, (link(form, self._rule(var)),), explain=var != own and self.spec.settings.optimizer == "adam"))

    def _sample_share(self, parameter: Var) -> Step:
        """dE^(1)/dw as the sum over the uses with the first sample, which N times their part of a mean is; and the penalties' part."""
        formulas, words = Formulas(self.spec), self.spec.vocabulary
        uses = [place for place, _ in words.uses(parameter) if place.sample == 1]
        shares = add(*formulas.gradient_terms(parameter, 1)) if uses else number(0)
        if self.spec.reduction == "mean" and uses:
            shares = times(number(words.samples), shares)
        lhs = sample_gradient(self.spec, parameter, 1)
        slope = penalty_slope(self.spec, parameter)
        return self.finish(Step(lhs, (link(add(shares, *slope), "share_of_sample"),), explain=True))

    def _rule(self, var: Var) -> str:
        if isinstance(var.owner, Var):
            return var.kind
        is_late = self.spec.update == "output_first" and first_layer(self.spec, Var(var.kind, var.owner)) != self.spec.vocabulary.last
        return "late_update" if is_late else self.spec.settings.optimizer

    def _tables(self, trained: list[Var]) -> Iterator[Part]:
        assert self.numbers is not None
        if not rule_of(self.spec).tables:
            key = "late_updates" if self.spec.update == "output_first" else "updates"
            yield Table(key, tuple(map(self._row, trained)))
        for key in rule_of(self.spec).tables:
            yield Table(key, tuple((p, *map(self.numbers.value, columns(self.spec, key, p))) for p in trained))

    def _row(self, parameter: Var) -> tuple[Node, ...]:
        assert self.numbers is not None
        after = first_after(self.spec, parameter)
        before, moved, now = (self.numbers.value(node) for node in (parameter, update_direction(self.spec, parameter), after))
        return parameter, before, moved, after, now

    def _error_after(self) -> Iterator[Part]:
        assert self.numbers is not None
        after = self.numbers.value(updated(ERROR))
        step = Step(updated(ERROR), (Link(relation_between(ERROR, after), after, "value"),))
        yield Say("error_after", {"before": self.numbers.value(ERROR)})
        yield Display((step,))

    # -- a pass over the samples -------------------------------------------------------------------------------------

    def _epoch(self, trained: list[Var]) -> Iterator[Part]:
        """Online: the error of each sample just before its update, and the parameters after it."""
        assert self.numbers is not None
        every = tuple(self.spec.vocabulary.every_sample)
        yield Say("first_pass", {"samples": len(every)})
        for at in range(0, len(every), SAMPLES_BESIDE):
            block = every[at : at + SAMPLES_BESIDE]
            rows: list[tuple[Cell, ...]] = [(Var("error_sample"), *(self.numbers.value(before_sample(p)) for p in block))]
            rows += [(w, *(self.numbers.value(after_sample(w, p)) for p in block)) for w in trained]
            yield Table("pass", tuple(rows), block)
        yield Say("error_after_pass", {"before": self.numbers.value(ERROR), "after": self.numbers.value(updated(ERROR))})

    # -- many steps --------------------------------------------------------------------------------------------------

    def repeated(self, steps: int, every: int | None = None) -> Iterator[Part]:
        """The error over the steps, as a table and a curve, and the outputs after the last."""
        assert self.numbers is not None
        yield Say("iterated", {"steps": steps, **self._kind})
        yield Table("errors", tuple((n, self._error(n)) for n in shown_steps(steps, every)))
        if steps > 1:
            names: dict[str, Cell] = {"first": self._error(0), "last": self._error(steps), "steps": steps, **self._kind}
            yield Plot("error_curve", tuple((n, self._error(n)) for n in curve_steps(steps)), names)
        outs = compared_outs(self.spec)
        yield Say("outputs_after", {"steps": steps})
        yield Table("outputs", tuple((o, self.numbers.value(of("target", o)), self.numbers.value(at_step(o, steps))) for o in outs))

    def parameters_after(self, steps: int) -> Iterator[Part]:
        """The parameters after the last step."""
        assert self.numbers is not None
        rows = tuple((p, self.numbers.value(p), self.numbers.value(at_step(p, steps))) for p in self.spec.trained)
        yield Say("parameters_after", {"steps": steps})
        yield Table("parameters", rows)

    def _error(self, n: int) -> Value:
        assert self.numbers is not None
        return self.numbers.value(at_step(ERROR, n))
