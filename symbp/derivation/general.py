"""Backpropagation for any layered network, in indices: n_l units in layer l, L layers, any activations, any error.

Rumelhart, Hinton and Williams (1986); in the numbering of UFLDL, section Backpropagation Algorithm, or of Nielsen, chapter 2:

    delta_j^L = dE/dout_j f'(net_j)                      delta^L = dE/dout o f'(net^L)
    delta_j^l = (sum_k w_kj delta_k^{l+1}) f'(net_j)     delta^l = (W^T delta^{l+1}) o f'(net^l)
    dE/dw_jk  = delta_j out_k                            dE/dW   = delta out^T
    dE/db_j   = delta_j                                  dE/db   = delta

Nothing here knows a number: a last layer that is any has the name of the notation's `depth`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbp.derivation.meaning import delta, net, out
from symbp.derivation.steps import Link, Over, Step, link
from symbp.language.form import (
    Edge,
    Form,
    Function,
    Index,
    Node,
    Position,
    Range,
    Unit,
    Var,
    add,
    apply,
    partial,
    times,
    total,
)
from symbp.language.names import GENERAL
from symbp.language.notation import Notation
from symbp.network.activation import prime
from symbp.network.forward import ERROR


@dataclass(frozen=True, slots=True)
class Equation:
    """A step of the derivation by the name that the templates and JSON know it by."""

    name: str
    step: Step


MEANINGS: dict[str, str] = {
    "forward_net": "net input of a unit",
    "forward_out": "output of a unit",
    "delta": "what delta means",
    "out_by_net": "an output by a net input of its layer",
    "output_delta": "delta of a unit of the output layer",
    "net_by_out": "a net input by an output of the layer before",
    "net_by_net": "a net input by a net input of the layer before",
    "hidden_delta": "delta of a unit of a hidden layer",
    "net_by_weight": "a net input by a weight into its layer",
    "weight_gradient": "gradient by a weight",
    "net_by_bias": "a net input by a bias of its layer",
    "bias_gradient": "gradient by a bias",
    "matrix_forward_net": "net inputs of a layer",
    "matrix_forward_out": "outputs of a layer",
    "matrix_delta": "what the deltas of a layer mean",
    "jacobian_out_net": "outputs of a layer by its net inputs",
    "jacobian_net_out": "net inputs by the outputs of the layer before",
    "jacobian_net_net": "net inputs by those of the layer before",
    "matrix_output_delta": "deltas of the output layer",
    "matrix_hidden_delta": "deltas of a hidden layer",
    "matrix_weight_gradient": "gradient by the weights of a layer",
    "matrix_bias_gradient": "gradient by the biases of a layer",
}
"""Every equation of the general derivation, and what it gives."""


def result(equation: Equation) -> Step:
    """What an equation comes to: its left side and the last form."""
    step = equation.step
    return Step(step.lhs, (Link("=", step.chain[-1].form, step.chain[-1].rule),), step.every)


def kronecker(i: str, j: str) -> Form:
    """1 where the indices agree, else 0."""
    return Form("kronecker", (Index(i), Index(j)))


def unit(layer: Position, index: str) -> Unit:
    return Unit(layer, Index(index))


def weight(target: Unit, source: Unit) -> Var:
    return Var("weight", Edge(source, target))


def total_over(index: str, layer: Position, body: Node) -> Form:
    """The sum of `body` over the units of `layer`."""
    return Form("sum", (Range(Index(index), layer), body))


@dataclass(frozen=True)
class Indices:
    """Builds the equations in indices, as `notation` numbers layers and weights."""

    notation: Notation

    # -- layers ------------------------------------------------------------------------------------------------------

    @property
    def base(self) -> int:
        """The number that the notation gives to the input layer."""
        return self.notation.numbering

    def here(self, offset: int = 0) -> Index:
        """The layer that is called l, plus `offset`."""
        return Index("l", offset - self.base)

    @property
    def last(self) -> Index:
        """The output layer."""
        return Index(self.notation.depth, -self.base)

    def called_last(self, offset: int = 0) -> Index:
        """The number that the notation gives to the output layer, plus `offset`."""
        return Index(self.notation.depth, offset)

    @property
    def inner(self) -> Over:
        """For every hidden layer l."""
        return Over("l", span=(self.base + 1, self.called_last(-1)))

    @property
    def active(self) -> Over:
        """For every layer l but the input."""
        return Over("l", span=(self.base + 1, self.called_last()))

    @property
    def ends(self) -> tuple[Index, Index, Over]:
        """The layers that the weights called l lead from and into, and every l there is."""
        if self.notation.weights_lead == "into":
            return self.here(-1), self.here(), self.active
        return self.here(), self.here(1), Over("l", span=(self.base, self.called_last(-1)))

    @property
    def slope(self) -> Function:
        """f' of whatever layer its argument belongs to, as the notation writes it."""
        return prime(self.function)

    @property
    def function(self) -> Function:
        return Function(GENERAL, self.notation.function)

    # -- in indices --------------------------------------------------------------------------------------------------

    def forward(self) -> Iterator[Equation]:
        """net_j = sum_k w_jk out_k + b_j and out_j = f(net_j)."""
        start, end, layers = self.ends
        target, source = unit(end, "j"), unit(start, "k")
        form = add(total_over("k", start, times(weight(target, source), out(source))), Var("bias", target))
        yield Equation("forward_net", Step(net(target), (link(form, "definition"),), (layers, Over("j", layer=end))))
        form = apply(self.function, net(target))
        yield Equation("forward_out", Step(out(target), (link(form, "definition"),), (layers, Over("j", layer=end))))

    def delta_meaning(self) -> Equation:
        here = unit(self.here(), "j")
        over = (self.active, Over("j", layer=self.here()))
        return Equation("delta", Step(delta(here), (link(total(ERROR, net(here)), "definition_of_delta"),), over))

    def out_by_net(self) -> Equation:
        """d out_k / d net_j = 1[k = j] f'(net_j)."""
        j, k = unit(self.here(), "j"), unit(self.here(), "k")
        over = (self.active, Over("j", layer=self.here()), Over("k", layer=self.here()))
        form = times(kronecker("k", "j"), apply(self.slope, net(j)))
        return Equation("out_by_net", self._told(partial(out(k), net(j)), over, (form, "own_net")))

    def output_delta(self) -> Equation:
        """delta_j = dE/dout_j f'(net_j) in the last layer."""
        j, k = unit(self.last, "j"), unit(self.last, "k")
        by_out, slope = total(ERROR, out(k)), apply(self.slope, net(j))
        return Equation(
            "output_delta",
            self._told(
                delta(j),
                (Over("j", layer=self.last),),
                (total(ERROR, net(j)), "definition_of_delta"),
                (total_over("k", self.last, times(by_out, partial(out(k), net(j)))), "chain_rule_outputs"),
                (total_over("k", self.last, times(by_out, kronecker("k", "j"), slope)), "own_net"),
                (times(total(ERROR, out(j)), slope), "sum_collapses"),
            ),
        )

    def net_by_out(self) -> Equation:
        """d net_k / d out_j = w_kj."""
        i, j, k = unit(self.here(), "i"), unit(self.here(), "j"), unit(self.here(1), "k")
        over = (self.inner, Over("j", layer=self.here()), Over("k", layer=self.here(1)))
        return Equation(
            "net_by_out",
            self._told(
                partial(net(k), out(j)),
                over,
                (total_over("i", self.here(), times(weight(k, i), partial(out(i), out(j)))), "term_by_term"),
                (total_over("i", self.here(), times(weight(k, i), kronecker("i", "j"))), "one_or_zero"),
                (weight(k, j), "sum_collapses"),
            ),
        )

    def net_by_net(self) -> Equation:
        """d net_k / d net_j = w_kj f'(net_j), from one layer to the next."""
        i, j, k = unit(self.here(), "i"), unit(self.here(), "j"), unit(self.here(1), "k")
        over, slope = (self.inner, Over("j", layer=self.here()), Over("k", layer=self.here(1))), apply(self.slope, net(j))
        return Equation(
            "net_by_net",
            self._told(
                total(net(k), net(j)),
                over,
                (total_over("i", self.here(), times(partial(net(k), out(i)), partial(out(i), net(j)))), "chain_rule_outs"),
                (total_over("i", self.here(), times(weight(k, i), kronecker("i", "j"), slope)), "put_in"),
                (times(weight(k, j), slope), "sum_collapses"),
            ),
        )

    def hidden_delta(self) -> Equation:
        """delta_j = (sum_k w_kj delta_k) f'(net_j): the recursion."""
        j, k = unit(self.here(), "j"), unit(self.here(1), "k")
        after, slope = self.here(1), apply(self.slope, net(j))
        return Equation(
            "hidden_delta",
            self._told(
                delta(j),
                (self.inner, Over("j", layer=self.here())),
                (total(ERROR, net(j)), "definition_of_delta"),
                (total_over("k", after, times(total(ERROR, net(k)), total(net(k), net(j)))), "chain_rule_paths"),
                (total_over("k", after, times(delta(k), weight(k, j), slope)), "put_in"),
                (times(total_over("k", after, times(weight(k, j), delta(k))), slope), "taken_out"),
            ),
        )

    def net_by_weight(self) -> Equation:
        """d net_i / d w_jk = 1[i = j] out_k."""
        start, end, layers = self.ends
        i, j, k, m = unit(end, "i"), unit(end, "j"), unit(start, "k"), unit(start, "m")
        over = (layers, Over("i", layer=end), Over("j", layer=end), Over("k", layer=start))
        return Equation(
            "net_by_weight",
            self._told(
                partial(net(i), weight(j, k)),
                over,
                (total_over("m", start, times(partial(weight(i, m), weight(j, k)), out(m))), "term_by_term"),
                (total_over("m", start, times(kronecker("i", "j"), kronecker("m", "k"), out(m))), "one_or_zero"),
                (times(kronecker("i", "j"), out(k)), "sum_collapses"),
            ),
        )

    def weight_gradient(self) -> Equation:
        """dE/dw_jk = delta_j out_k."""
        start, end, layers = self.ends
        i, j, k = unit(end, "i"), unit(end, "j"), unit(start, "k")
        return Equation(
            "weight_gradient",
            self._told(
                total(ERROR, weight(j, k)),
                (layers, Over("j", layer=end), Over("k", layer=start)),
                (total_over("i", end, times(total(ERROR, net(i)), partial(net(i), weight(j, k)))), "chain_rule_nets"),
                (total_over("i", end, times(delta(i), kronecker("i", "j"), out(k))), "put_in"),
                (times(delta(j), out(k)), "sum_collapses"),
            ),
        )

    def net_by_bias(self) -> Equation:
        """d net_i / d b_j = 1[i = j]."""
        _, end, layers = self.ends
        i, j = unit(end, "i"), unit(end, "j")
        over = (layers, Over("i", layer=end), Over("j", layer=end))
        return Equation("net_by_bias", self._told(partial(net(i), Var("bias", j)), over, (kronecker("i", "j"), "one_or_zero")))

    def bias_gradient(self) -> Equation:
        """dE/db_j = delta_j."""
        _, end, layers = self.ends
        i, j = unit(end, "i"), unit(end, "j")
        return Equation(
            "bias_gradient",
            self._told(
                total(ERROR, Var("bias", j)),
                (layers, Over("j", layer=end)),
                (total_over("i", end, times(total(ERROR, net(i)), partial(net(i), Var("bias", j)))), "chain_rule_nets"),
                (total_over("i", end, times(delta(i), kronecker("i", "j"))), "put_in"),
                (delta(j), "sum_collapses"),
            ),
        )

    def _told(self, lhs: Node, over: tuple[Over, ...], *chain: tuple[Node, str]) -> Step:
        """A step whose every line says why."""
        return Step(lhs, tuple(link(form, rule) for form, rule in chain), over, explain=True)
