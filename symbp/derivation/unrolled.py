"""The pattern where weights stand in several places: over time steps, and along a convolution.

Backpropagation through time, with h(t) for the outs of the recurrent layer (Rumelhart, Hinton and Williams 1986; Goodfellow,
Bengio and Courville, Deep Learning, section 10.2.2):
delta_j(t) = (sum over k of w_kj delta_k(t) + sum over k of w_kj delta_k(t + 1)) f'(net_j(t)),
dE/dw_hh = sum over t of delta(t) h(t - 1).
Of a convolution: dE/dk_a = sum over j of delta_j x_(j + a - 1), a correlation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from symbp.derivation.pattern import Pattern
from symbp.derivation.steps import Cell, Over, Part, Say, Section, Step, link
from symbp.language.form import Edge, Form, Index, Layer, Node, Position, Range, Unit, Var, add, apply, times, total
from symbp.language.vocabulary import Sharing
from symbp.network.forward import ERROR


@dataclass(frozen=True)
class RecurrentPattern(Pattern):
    """The general formulas of a recurrent layer and the layers after it, in indices."""

    def at(self, kind: str, unit: Unit, time: Position) -> Var:
        """A quantity at a time step; what the first layer reads is the input."""
        return Var("input" if unit.layer == 0 and kind == "out" else kind, unit, self.sample, time)

    @property
    def is_every(self) -> bool:
        return len(self.spec.vocabulary.error_at) == self.spec.vocabulary.times

    def over_times(self, first: int, last: int) -> tuple[Over, ...]:
        return (*self.over_samples, Over("t", values=tuple(range(first, last + 1))))

    def output_deltas(self, layer: int) -> Step:
        """The delta of a layer that does not feed itself, at every step that has an error."""
        unit, time = Unit(layer, Index("i")), Index("t")
        slope = apply(self.slope, self.at("net", unit, time))
        if layer == self.last and self.spec.collapses:
            form, rule = self.collapsed(self.at("out", unit, time), self.at("target", unit, time)), "collapse"
        elif layer == self.last:
            form, rule = self.signed(times(total(ERROR, self.at("out", unit, time)), slope)), "chain_rule"
        else:
            form, rule = times(self.fed(unit, layer + 1, time), slope), "deltas_reused"
        errors = self.spec.vocabulary.error_at
        return Step(self.at("delta", unit, time), (link(form, rule),), (*self.over_times(errors[0], errors[-1]), Over("i", layer=layer)))

    def fed(self, unit: Unit, layer: int, time: Position) -> Node:
        """sum over k of w_kj delta_k: what comes back from `layer` at `time`."""
        k = Unit(layer, Index("k"))
        return Form("sum", (Range(Index("k"), layer), times(Var("weight", Edge(unit, k)), self.at("delta", k, time))))

    def recurrent_deltas(self) -> Iterator[Step]:
        """The delta of the recurrent layer: at the last step, where nothing comes after, and before it."""
        unit, last = Unit(1, Index("j")), self.spec.vocabulary.times
        for first, end, is_last in ((last, last, True), (1, last - 1, False)):
            if first > end:
                continue
            time: Position = last if is_last else Index("t")
            after: Position = last + 1 if is_last else Index("t", 1)
            paths = [self.fed(unit, 2, time)] if is_last or self.is_every else []
            paths += [] if is_last else [self.fed(unit, 1, after)]
            form = times(add(*paths), apply(self.slope, self.at("net", unit, time)))
            over = self.over_samples if is_last else self.over_times(first, end)
            yield Step(self.at("delta", unit, time), (link(form, "deltas_reused"),), (*over, Over("j", layer=1)))

    def over_steps(self, layer: int, form: Node) -> Node:
        """The sum of `form` over the time steps at which `layer` is computed, and over the samples."""
        if layer == 1 or self.is_every:
            form = Form("sum", (Range(Index("t"), "times"), form))
        return self.summed(form)

    def time_of(self, layer: int) -> Position:
        return Index("t") if layer == 1 or self.is_every else self.spec.vocabulary.times

    def weight_gradients(self) -> Iterator[Step]:
        """dE/dw = sum over t of delta(t) times source(t), the recurrent layer's own source being that of t - 1."""
        for layer in range(1, self.last + 1):
            for start in (0, 1) if layer == 1 else (layer - 1,):
                time = self.time_of(layer)
                before = Index("t", -1) if start == layer else time
                source, target = Unit(start, Index("j")), Unit(layer, Index("i"))
                weight = Var("weight", Edge(source, target))
                form = times(self.at("delta", target, time), self.at("out", source, before))
                form = self.penalised(self.over_steps(layer, self.signed(form)), weight)
                yield Step(total(ERROR, weight), (link(form, "sum_over_all_uses"),), (Over("i", layer=layer), Over("j", layer=start)))

    def bias_steps(self) -> Iterator[Step]:
        for layer, kind in enumerate(self.spec.vocabulary.sharing, 1):
            target, time = Unit(layer, Index("i")), self.time_of(layer)
            deltas = self.signed(self.at("delta", target, time))
            if kind is Sharing.UNIT:
                form = self.penalised(self.over_steps(layer, deltas), Var("bias", target))
                yield Step(total(ERROR, Var("bias", target)), (link(form, "sum_over_all_uses"),), (Over("i", layer=layer),))
            elif kind is Sharing.SHARED:
                whole = Form("sum", (Range(Index("i"), layer), deltas))
                bias = Var("bias", Layer(layer))
                yield Step(total(ERROR, bias), (link(self.penalised(self.over_steps(layer, whole), bias), "sum_over_all_uses"),))

    @cached_property
    def rules(self) -> dict[str, tuple[Step, ...]]:
        outputs, *hidden = (self.output_deltas(layer) for layer in range(self.last, 1, -1))
        gradients = (*self.weight_gradients(), *self.bias_steps())
        return {"output_delta": (outputs,), "hidden_delta": (*hidden, *self.recurrent_deltas()), "gradients": gradients}

    def section(self) -> Section:
        names: dict[str, Cell] = {"first": self.base, "recurrent": 1 + self.base, "times": self.spec.vocabulary.times, **self.conventions}
        parts: list[Part] = [Say("pattern_time", names), self.indexed(), Say("pattern_checked")]
        return Section("pattern", tuple(parts))


@dataclass(frozen=True)
class ConvolutionPattern(Pattern):
    """The gradients of the kernels as correlations."""

    def kernel_steps(self) -> Iterator[Step]:
        """dE/dk_a = sum over j of delta_j source_(j + a - 1)."""
        wiring = self.spec.vocabulary.wiring
        assert wiring is not None
        for layer, kernel in wiring.kernels.items():
            for offset, entry in enumerate(kernel):
                target, source = Unit(layer, Index("j")), Unit(layer - 1, Index("j", offset))
                read = self.of("input" if layer == 1 else "out", source)
                form = Form("sum", (Range(Index("j"), layer), self.signed(times(self.delta(target), read))))
                yield Step(total(ERROR, entry), (link(self.penalised(self.summed(form), entry), "sum_over_all_uses"),))

    @cached_property
    def rules(self) -> dict[str, tuple[Step, ...]]:
        return {"gradients": tuple(self.kernel_steps())}

    def section(self) -> Section:
        names: dict[str, Cell] = {"first": self.base, **self.conventions}
        return Section("pattern", (Say("pattern_kernel", names), self.indexed(), Say("pattern_checked")))
