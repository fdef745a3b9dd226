"""The pattern: backpropagation in general indices and in matrix form, and the matrix form on the network at hand.

In UFLDL's numbering the input is layer 1 and W^(l) leads from layer l to l + 1:
delta^(n) = dE/da^(n) o f'(z^(n)); delta^(l) = (W^(l)T delta^(l+1)) o f'(z^(l)); dE/dW^(l) = delta^(l+1) a^(l)T; dE/db^(l) = delta^(l+1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from symbp.derivation.formulas import Formulas
from symbp.derivation.instantiate import Numbers, relation_between
from symbp.derivation.steps import Cell, Display, Link, Over, Part, Say, Section, Step, link
from symbp.language.form import Edge, Form, Function, Index, Layer, Node, Position, Range, Unit, Var, add, apply, neg, sub, times, total
from symbp.language.names import GENERAL
from symbp.language.vocabulary import Sharing
from symbp.network.activation import prime
from symbp.network.forward import ERROR
from symbp.network.spec import NetworkSpec

MAX_WRITTEN_OUT = 4
"""Matrices are written out where every layer has at most so many units."""


def column(cells: list[Node]) -> Form:
    return Form("matrix", tuple(Form("row", (cell,)) for cell in cells))


def hadamard(*args: Node) -> Form:
    return Form("hadamard", args)


def matmul(*args: Node) -> Form:
    return Form("matmul", args)


def transpose(x: Node) -> Form:
    return Form("transpose", (x,))


def whole(kind: str, layer: Position) -> Var:
    return Var(kind, Layer(layer))


@dataclass(frozen=True)
class Pattern:
    """Builds step 7 of a derivation."""

    spec: NetworkSpec
    numbers: Numbers | None

    @property
    def last(self) -> int:
        return self.spec.vocabulary.last

    @property
    def base(self) -> int:
        """The number that the notation gives to the input layer."""
        return self.spec.speller.notation.numbering

    @property
    def slope(self) -> Function:
        """f' of whatever layer its argument belongs to, as the notation writes it."""
        return prime(Function(GENERAL, self.spec.speller.notation.function))

    @property
    def conventions(self) -> dict[str, Cell]:
        """How the notation numbers biases and samples."""
        notation = self.spec.speller.notation
        return {"weights_lead": notation.weights_lead, "samples": self.spec.vocabulary.samples, "sample": notation.sample_index}

    def here(self, offset: int = 0) -> Index:
        """The layer that is called l (plus `offset`) in the notation's numbering."""
        return Index("l", offset - self.base)

    def over_layers(self, first: int, last: int) -> Over:
        """For every l such that the layer called l is one of `first` to `last` (0 is the input)."""
        return Over("l", values=tuple(range(first + self.base, last + self.base + 1)))

    # -- quantities of one sample, which is p where there are several ------------------------------------------------

    @property
    def sample(self) -> Position | None:
        return Index("p") if self.spec.vocabulary.samples > 1 else 1

    def of(self, kind: str, place: Unit | Layer) -> Var:
        if isinstance(place, Layer):
            return Var(kind, place, self.sample if self.spec.vocabulary.samples > 1 else None)
        return Var(kind, place, self.sample)

    def delta(self, place: Unit) -> Var:
        return self.of("delta", place)

    def net(self, place: Unit) -> Var:
        return self.of("net", place)

    def out(self, place: Unit) -> Var:
        return self.of("out", place)

    def whole(self, kind: str, layer: Position) -> Var:
        return self.of(kind, Layer(layer))

    @property
    def over_samples(self) -> tuple[Over, ...]:
        """For every sample."""
        words = self.spec.vocabulary
        return (Over("p", values=tuple(words.every_sample)),) if words.samples > 1 else ()

    def summed(self, form: Node) -> Node:
        """The sum of `form` over the samples."""
        if self.spec.vocabulary.samples == 1:
            return form
        return Form("sum", (Range(Index("p"), "samples"), form))

    def signed(self, form: Node) -> Node:
        """`form` with the sign that the network's convention gives to a delta."""
        return form if self.spec.delta_sign > 0 else neg(form)

    def penalised(self, form: Node, parameter: Var) -> Node:
        """`form` and what weight decay adds to the derivative by `parameter`."""
        if parameter.kind in {"bias", "biases"} and not self.spec.decay_biases:
            return form
        return add(form, times(Var("weight_decay"), parameter)) if Var("weight_decay") in self.spec.constants else form

    # -- in indices ------------------------------------------------------------------------------------------------

    def output_delta(self) -> Step:
        unit = Unit(self.last, Index("i"))
        over = (*self.over_samples, Over("i", layer=self.last))
        if self.spec.collapses:
            return Step(self.delta(unit), (link(self.collapsed(self.out(unit), self.of("target", unit)), "collapse"),), over)
        form = times(total(ERROR, self.out(unit)), apply(self.slope, self.net(unit)))
        return Step(self.delta(unit), (link(self.signed(form), "chain_rule"),), over)

    def collapsed(self, out: Var, target: Var) -> Node:
        """out - t, of softmax with cross-entropy; averaged and signed as the network's conventions are."""
        form = sub(out, target) if self.spec.delta_sign > 0 else sub(target, out)
        return Formulas(self.spec).averaged(form)

    def hidden_delta(self) -> Step:
        """delta_j = (sum over k of w_kj delta_k) f'(net_j)."""
        unit, fed = Unit(self.here(), Index("j")), Unit(self.here(1), Index("k"))
        paths = Form("sum", (Range(Index("k"), self.here(1)), times(Var("weight", Edge(unit, fed)), self.delta(fed))))
        form = times(paths, apply(self.slope, self.net(unit)))
        over = (*self.over_samples, self.over_layers(1, self.last - 1), Over("j", layer=self.here()))
        return Step(self.delta(unit), (link(form, "deltas_reused"),), over)

    @property
    def ends(self) -> tuple[Index, Index, Over]:
        """The layers that the weights called l lead from and into, and every l there is."""
        if self.spec.speller.notation.weights_lead == "into":
            return self.here(-1), self.here(), self.over_layers(1, self.last)
        return self.here(), self.here(1), self.over_layers(0, self.last - 1)

    def weight_gradient(self) -> Step:
        """dE/dw_ij = delta_i out_j, for a weight from unit j of one layer to unit i of the next."""
        start, end, layers = self.ends
        source, target = Unit(start, Index("j")), Unit(end, Index("i"))
        weight = Var("weight", Edge(source, target))
        form = self.penalised(self.summed(self.signed(times(self.delta(target), self.out(source)))), weight)
        over = (layers, Over("i", layer=end), Over("j", layer=start))
        return Step(total(ERROR, weight), (link(form, "delta_times_source"),), over)

    def bias_gradients(self) -> Iterator[Step]:
        """dE/db_i = delta_i; a bias that the layer shares sums them."""
        _, end, layers = self.ends
        kinds = tuple(zip(layers.values, self.spec.vocabulary.sharing, strict=True))
        target = Unit(end, Index("i"))
        if per_unit := tuple(at for at, kind in kinds if kind is Sharing.UNIT):
            over = (Over("l", values=per_unit), Over("i", layer=end))
            form = self.penalised(self.summed(self.signed(self.delta(target))), Var("bias", target))
            yield Step(total(ERROR, Var("bias", target)), (link(form, "delta_times_source"),), over)
        if shared := tuple(at for at, kind in kinds if kind is Sharing.SHARED):
            bias = Var("bias", Layer(end))
            form = self.penalised(self.summed(Form("sum", (Range(Index("i"), end), self.signed(self.delta(target))))), bias)
            yield Step(total(ERROR, bias), (link(form, "sum_over_uses"),), (Over("l", values=shared),))

    # -- in matrix form --------------------------------------------------------------------------------------------

    def matrix_steps(self) -> Iterator[Step]:
        here, after = self.here(), self.here(1)
        slope = apply(self.slope, self.whole("nets", self.last))
        if self.spec.collapses:
            top, rule = self.collapsed(self.whole("outs", self.last), self.whole("targets", self.last)), "collapse"
        else:
            top, rule = self.signed(hadamard(total(ERROR, self.whole("outs", self.last)), slope)), "chain_rule"
        yield Step(self.whole("deltas", self.last), (link(top, rule),), self.over_samples)
        if self.last > 1:
            back = matmul(transpose(whole("weights", after)), self.whole("deltas", after))
            form = hadamard(back, apply(self.slope, self.whole("nets", here)))
            yield Step(self.whole("deltas", here), (link(form, "deltas_reused"),), (*self.over_samples, self.over_layers(1, self.last - 1)))
        start, end, layers = self.ends
        product = self.summed(self.signed(matmul(self.whole("deltas", end), transpose(self.whole("outs", start)))))
        weights, biases = whole("weights", end), whole("biases", end)
        yield Step(total(ERROR, weights), (link(self.penalised(product, weights), "delta_times_source"),), (layers,))
        if set(self.spec.vocabulary.sharing) == {Sharing.UNIT}:
            bias_form = self.penalised(self.summed(self.signed(self.whole("deltas", end))), biases)
            yield Step(total(ERROR, biases), (link(bias_form, "delta_times_source"),), (layers,))

    def on_this_network(self, layer: int) -> Step:
        """delta of one hidden layer, the matrices written out."""
        words = self.spec.vocabulary
        units, fed = words.units(layer), words.units(layer + 1)
        weights = Form("matrix", tuple(Form("row", tuple(words.weights(k)[at] for k in fed)) for at in range(len(units))))
        slopes = column([self.spec.activations[layer - 1].derivative(self.net(u), self.out(u)) for u in units])
        form = hadamard(matmul(weights, column([self.delta(k) for k in fed])), slopes)
        step = Step(self.whole("deltas", layer), (link(column([self.delta(u) for u in units]), "definition"), link(form, "by_components")))
        if not self.numbers:
            return step
        values = [self.numbers.value(self.delta(u)) for u in units]
        return step.then(Link(relation_between(form, column([*values])), column([*values]), "value"))

    @cached_property
    def rules(self) -> dict[str, tuple[Step, ...]]:
        """The equations in indices, by what they give."""
        found = {"output_delta": (self.output_delta(),)}
        if self.last > 1:
            found["hidden_delta"] = (self.hidden_delta(),)
        return found | {"gradients": (self.weight_gradient(), *self.bias_gradients())}

    def indexed(self) -> Display:
        """The equations in indices, in their order."""
        return Display(tuple(step for steps in self.rules.values() for step in steps))

    def section(self) -> Section:
        words = self.spec.vocabulary
        notation = self.spec.speller.notation
        names: dict[str, Cell] = {
            "last": self.last + self.base,
            "first": self.base,
            **self.conventions,
            "renumbered": int(bool(notation.general) and notation.numbering == 1),
        }
        parts: list[Part] = [
            Say("pattern_indices", names),
            self.indexed(),
            Say("pattern_matrix", {"weights": whole("weights", self.ends[1])}),
            Display(tuple(self.matrix_steps())),
        ]
        if self.last > 1 and words.widest <= MAX_WRITTEN_OUT and words.samples == 1:
            parts.append(Say("pattern_here"))
            parts += [Display((self.on_this_network(layer),)) for layer in range(self.last - 1, 0, -1)]
        parts.append(Say("pattern_checked"))
        return Section("pattern", tuple(parts))
