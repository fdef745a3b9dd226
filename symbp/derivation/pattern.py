"""The pattern: backpropagation in general indices and in matrix form, and the matrix form on the network at hand.

In UFLDL's numbering the input is layer 1 and W^(l) leads from layer l to l + 1:
delta^(n) = dE/da^(n) o f'(z^(n)); delta^(l) = (W^(l)T delta^(l+1)) o f'(z^(l)); dE/dW^(l) = delta^(l+1) a^(l)T; dE/db^(l) = delta^(l+1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbp.derivation.entries import GENERAL
from symbp.derivation.instantiate import Numbers, relation_between
from symbp.derivation.meaning import delta, net, out
from symbp.derivation.steps import Cell, Display, Link, Over, Part, Say, Section, Step, link
from symbp.language.form import Edge, Form, Function, Index, Layer, Node, Position, Range, Unit, Var, apply, times, total
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

    def here(self, offset: int = 0) -> Index:
        """The layer that is called l (plus `offset`) in the notation's numbering."""
        return Index("l", offset - self.base)

    def over_layers(self, first: int, last: int) -> Over:
        """For every l such that the layer called l is one of `first` to `last` (0 is the input)."""
        return Over("l", values=tuple(range(first + self.base, last + self.base + 1)))

    # -- in indices ------------------------------------------------------------------------------------------------

    def output_delta(self) -> Step:
        unit = Unit(self.last, Index("i"))
        form = times(total(ERROR, out(unit)), apply(self.slope, net(unit)))
        return Step(delta(unit), (link(form, "chain_rule"),), (Over("i", layer=self.last),))

    def hidden_delta(self) -> Step:
        """delta_j = (sum over k of w_kj delta_k) f'(net_j)."""
        unit, fed = Unit(self.here(), Index("j")), Unit(self.here(1), Index("k"))
        paths = Form("sum", (Range(Index("k"), self.here(1)), times(Var("weight", Edge(unit, fed)), delta(fed))))
        form = times(paths, apply(self.slope, net(unit)))
        return Step(delta(unit), (link(form, "deltas_reused"),), (self.over_layers(1, self.last - 1), Over("j", layer=self.here())))

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
        step = link(times(delta(target), out(source)), "delta_times_source")
        over = (layers, Over("i", layer=end), Over("j", layer=start))
        return Step(total(ERROR, Var("weight", Edge(source, target))), (step,), over)

    def bias_gradients(self) -> Iterator[Step]:
        """dE/db_i = delta_i; a bias that the layer shares sums them."""
        _, end, layers = self.ends
        kinds = tuple(zip(layers.values, self.spec.vocabulary.sharing, strict=True))
        target = Unit(end, Index("i"))
        if per_unit := tuple(at for at, kind in kinds if kind is Sharing.UNIT):
            over = (Over("l", values=per_unit), Over("i", layer=end))
            yield Step(total(ERROR, Var("bias", target)), (link(delta(target), "delta_times_source"),), over)
        if shared := tuple(at for at, kind in kinds if kind is Sharing.SHARED):
            form = Form("sum", (Range(Index("i"), end), delta(target)))
            yield Step(total(ERROR, Var("bias", Layer(end))), (link(form, "sum_over_uses"),), (Over("l", values=shared),))

    # -- in matrix form --------------------------------------------------------------------------------------------

    def matrix_steps(self) -> Iterator[Step]:
        here, after = self.here(), self.here(1)
        slope = apply(self.slope, whole("nets", self.last))
        top = hadamard(total(ERROR, whole("outs", self.last)), slope)
        yield Step(whole("deltas", self.last), (link(top, "chain_rule"),))
        if self.last > 1:
            back = matmul(transpose(whole("weights", after)), whole("deltas", after))
            form = hadamard(back, apply(self.slope, whole("nets", here)))
            yield Step(whole("deltas", here), (link(form, "deltas_reused"),), (self.over_layers(1, self.last - 1),))
        start, end, layers = self.ends
        form = matmul(whole("deltas", end), transpose(whole("outs", start)))
        yield Step(total(ERROR, whole("weights", end)), (link(form, "delta_times_source"),), (layers,))
        if set(self.spec.vocabulary.sharing) == {Sharing.UNIT}:
            yield Step(total(ERROR, whole("biases", end)), (link(whole("deltas", end), "delta_times_source"),), (layers,))

    def on_this_network(self, layer: int) -> Step:
        """delta of one hidden layer, the matrices written out."""
        words = self.spec.vocabulary
        units, fed = words.units(layer), words.units(layer + 1)
        weights = Form("matrix", tuple(Form("row", tuple(words.weights(k)[at] for k in fed)) for at in range(len(units))))
        slopes = column([self.spec.activations[layer - 1].derivative(net(u), out(u)) for u in units])
        form = hadamard(matmul(weights, column([delta(k) for k in fed])), slopes)
        step = Step(whole("deltas", layer), (link(column([delta(u) for u in units]), "definition"), link(form, "by_components")))
        if not self.numbers:
            return step
        values = [self.numbers.value(delta(u)) for u in units]
        return step.then(Link(relation_between(form, column([*values])), column([*values]), "value"))

    def section(self) -> Section:
        words = self.spec.vocabulary
        indexed = [self.output_delta()]
        if self.last > 1:
            indexed.append(self.hidden_delta())
        indexed += [self.weight_gradient(), *self.bias_gradients()]
        notation = self.spec.speller.notation
        names: dict[str, Cell] = {
            "last": self.last + self.base,
            "first": self.base,
            "weights_lead": notation.weights_lead,
            "renumbered": int(bool(notation.general)),
        }
        parts: list[Part] = [
            Say("pattern_indices", names),
            Display(tuple(indexed)),
            Say("pattern_matrix", {"weights": whole("weights", self.ends[1])}),
            Display(tuple(self.matrix_steps())),
        ]
        if self.last > 1 and words.widest <= MAX_WRITTEN_OUT:
            parts.append(Say("pattern_here"))
            parts += [Display((self.on_this_network(layer),)) for layer in range(self.last - 1, 0, -1)]
        parts.append(Say("pattern_checked"))
        return Section("pattern", tuple(parts))
