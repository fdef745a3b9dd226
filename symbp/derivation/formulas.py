"""The formulas of backpropagation on one network: what every delta and every gradient is, in terms of quantities named before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

from symbp.derivation.meaning import Place, delta, net, of, out
from symbp.language.form import ONE, ZERO, Form, Node, Position, Unit, Var, add, dot, frac, neg, number, sub, times
from symbp.network.activation import Activation
from symbp.network.forward import penalty_slope, sparsity_slope
from symbp.network.program import Program, bindings
from symbp.network.spec import NetworkSpec
from symbp.network.sums import LONG

Made = TypeVar("Made")
Kept: TypeAlias = "dict[tuple[str, Unit, Position | None, Position | None], Any]"


def negative(node: Node) -> Node:
    """-node as one writes it: of -(t - o) it is t - o, of a - b it is b - a."""
    match node:
        case Form("neg", (inner,)):
            return inner
        case Form("add", (first, Form("neg", (second,)))):
            return sub(second, first)
        case Form("times" | "dot", (Form("neg", (first,)), *rest)):
            return Form(node.op, (first, *rest))
    return neg(node)


def turned(node: Node) -> Node:
    """-node, where the sign of a product stands before its first factor."""
    if isinstance(node, Form) and node.op == "times" and not is_negative(node):
        return Form("times", (neg(node.args[0]), *node.args[1:]))
    return negative(node)


def is_negative(node: Node) -> bool:
    """Does a sign stand before the whole of `node`?"""
    match node:
        case Form("neg") | Form("times" | "dot", (Form("neg"), *_)):
            return True
    return False


@dataclass(frozen=True)
class Formulas:
    """The formulas of `spec`. A place is a quantity of a unit at one sample and time step, mostly its net input."""

    spec: NetworkSpec
    kept: Kept = field(default_factory=dict, compare=False, repr=False)
    """What the units of one layer share under a joint activation, by its name and the first of their net inputs."""

    def activation(self, place: Var) -> Activation:
        assert isinstance(place.owner, Unit)
        return self.spec.activation(place.owner)

    def slope(self, place: Var) -> Node:
        """f'(net) as it is used: out (1 - out) for the sigmoid."""
        return self.activation(place).derivative(net(place), out(place))

    def group(self, place: Var) -> tuple[Var, ...]:
        """The net inputs that a joint activation takes together with that of `place`."""
        return self.spec.group_nets(place)

    def _of_group(self, name: str, place: Var, make: Callable[[], Made]) -> Made:
        """What `make` gives for the group of `place`, at one sample and time step: made once, and `name`d."""
        assert isinstance(place.owner, Unit)
        key = name, self.spec.group(place.owner)[0], place.sample, place.time
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]  # type: ignore[no-any-return]

    def place_in_group(self, place: Var) -> int:
        """Which net input of its group that of `place` is, counted from 0."""
        return self._of_group("places", place, lambda: {p: at for at, p in enumerate(self.group(place))})[net(place)]

    def outs(self, place: Var) -> tuple[Var, ...]:
        """The outs of the group of `place`."""
        return self._of_group("outs", place, lambda: tuple(out(p) for p in self.group(place)))

    def fed(self, place: Place) -> tuple[tuple[Var, Var], ...]:
        """The net inputs that the out of `place` stands in, each after its weight."""
        return self.spec.vocabulary.fed(out(place))

    def bears_error(self, place: Var) -> bool:
        """Is the out of `place` compared with a target?"""
        return place.owner in self._outputs and place.time in self.spec.vocabulary.error_times

    @cached_property
    def _outputs(self) -> frozenset[object]:
        return frozenset(self.spec.vocabulary.outputs)

    def is_end(self, place: Var) -> bool:
        """Does the out of `place` go into the error and nowhere else?"""
        return self.bears_error(place) and not self.fed(place)

    # -- dE/dout -----------------------------------------------------------------------------------------------------

    def averaged(self, form: Node) -> Node:
        """1/N of `form`, where the error is the mean over N samples."""
        words = self.spec.vocabulary
        if self.spec.reduction == "mean" and words.samples > 1:
            return times(frac(ONE, number(words.samples)), form)
        return form

    def loss_slope(self, place: Var) -> Node:
        """dE/dout of an output as far as it is compared with its target, in the notation's form."""
        return self.averaged(self.own_loss_slope(place))

    def own_loss_slope(self, place: Var) -> Node:
        """The derivative of the own sample's error by the out of `place`."""
        loss, outputs = self.spec.loss, self.spec.vocabulary.outputs
        if loss.joint is not None:
            assert loss.joint_derivative is not None and isinstance(place.owner, Unit)
            places = [Var("out", unit, place.sample, place.time) for unit in outputs]
            return loss.joint_derivative([of("target", p) for p in places], places, outputs.index(place.owner))
        style = self.spec.speller.notation.loss_derivative
        return loss.derivative[style](of("target", place), out(place), len(outputs))

    def own_terms(self, place: Var) -> list[Node]:
        """The terms of dE/dout that lead through no other unit: the error of an output, the sparsity penalty."""
        found = [self.loss_slope(place)] if self.bears_error(place) else []
        if self.spec.has_sparsity and place.owner in self.spec.vocabulary.hidden:
            assert isinstance(place.owner, Unit)
            found.append(sparsity_slope(self.spec, place.owner))
        return found

    def out_slope(self, place: Var) -> Node:
        """dE/dout: the loss's derivative, and the sum over k of w_kj dE/dnet_k."""
        paths: list[Node] = [times(weight, delta(k)) for weight, k in self.fed(place)]
        if self.spec.delta_sign < 0:
            paths = [times(neg(weight), delta(k)) for weight, k in self.fed(place)]
        return _sum([*self.own_terms(place), *paths])

    def answer(self, place: Var) -> Node:
        """dE/dout times the sign of delta: what the net input's delta has before its activation's derivative."""
        if self.spec.delta_sign > 0:
            return self.out_slope(place)
        return _sum([*map(negative, self.own_terms(place)), *(times(weight, delta(k)) for weight, k in self.fed(place))])

    # -- deltas and gradients ----------------------------------------------------------------------------------------

    def delta_form(self, place: Var) -> Node:
        """delta_j = (dE/dout_j) f'(net_j); of a joint activation, the sum over its outs, factored."""
        if self.activation(place).joint is not None:
            return self.collapsed(place) if self.collapses(place) else self.factored(place)
        slope, answer = self.slope(place), self.answer(place)
        if slope == ONE or answer == ZERO:
            return answer
        return times(answer, slope) if self.fed(place) or len(self.own_terms(place)) != 1 else dot(answer, slope)

    def jacobian(self, of_place: Var, by: Var) -> Node:
        """d out_i / d net_k of a joint activation."""
        activation = self.activation(by)
        assert activation.joint_derivative is not None
        return activation.joint_derivative(self.outs(by), self.place_in_group(of_place), self.place_in_group(by))

    def joint_form(self, place: Var, slopes: Sequence[Node] = ()) -> Node:
        """delta_k = sum over i of (dE/dout_i) (d out_i / d net_k), entry by entry; outs without a path to E are no terms.

        The `slopes` stand for dE/dout_i, with the sign of delta; if none are given, it is what they are made of.
        """
        slopes = slopes or self.answers(place)
        return _sum([times(x, self.jacobian(p, place)) for p, x in zip(self.group(place), slopes, strict=True) if x != ZERO])

    def factored(self, place: Var, slopes: Sequence[Node] = ()) -> Node:
        """`joint_form` with its common factor taken out, a sign that all of its terms have too; what the group shares is one form.

        Where fewer than two outs lead to E, there is nothing to share.
        """
        product = self.activation(place).joint_product
        ways, is_turned, is_single = (
            self._ways(slopes) if slopes else self._of_group("ways", place, lambda: self._ways(self.answers(place)))
        )
        if product is None or is_single:
            return self.joint_form(place, slopes)
        found = product(self.outs(place), ways, self.place_in_group(place))
        return turned(found) if is_turned else found

    def _ways(self, slopes: Sequence[Node]) -> tuple[tuple[Node, ...], bool, bool]:
        """The `slopes`, or, where a sign stands before all of them, what they are without it; is that so, and is there one at most?"""
        is_single = sum(slope != ZERO for slope in slopes) < 2
        if all(slope == ZERO or is_negative(slope) for slope in slopes):
            return tuple(slope if slope == ZERO else negative(slope) for slope in slopes), True, is_single
        return tuple(slopes), False, is_single

    def is_factored(self, place: Var) -> bool:
        """Is the delta of a joint activation a product, with a sum that its whole group shares?"""
        if self.collapses(place):
            return False
        if len(self.group(place)) > LONG:  # the sum over its outs is then another form than a product, and long
            return isinstance(found := self.factored(place), Form) and found.op == "times"
        return self.factored(place) != self.joint_form(place)

    def answers(self, place: Var) -> list[Node]:
        """`answer` of every net input that a joint activation takes together with `place`."""
        return self._of_group("answers", place, lambda: [self.answer(p) for p in self.group(place)])

    def collapses(self, place: Var) -> bool:
        """Is this softmax with cross-entropy, and nothing else?"""
        if not self.spec.collapses:
            return False
        return self._of_group("collapses", place, lambda: all(self.is_end(p) for p in self.group(place)))

    def collapsed_sum(self, place: Var) -> Node:
        """out_k (sum of the targets) - t_k: whatever the targets sum to."""
        whole = self._of_group("targets", place, lambda: add(*(of("target", p) for p in self.group(place))))
        form = sub(times(out(place), whole), of("target", place))
        return self.averaged(negative(form) if self.spec.delta_sign < 0 else form)

    def collapsed(self, place: Var) -> Node:
        """out_k - t_k where the targets sum to 1; else as `collapsed_sum`."""
        if not self.spec.sums_to_one:
            return self.collapsed_sum(place)
        form = sub(out(place), of("target", place))
        return self.averaged(negative(form) if self.spec.delta_sign < 0 else form)

    def gradient_terms(self, parameter: Var, sample: int | None = None) -> list[Node]:
        """delta times source for every use of `parameter` (of one `sample`), then what the penalties add."""
        found: list[Node] = []
        for place, source in self.spec.vocabulary.uses(parameter):
            if sample is None or place.sample == sample:
                answer = delta(place) if self.spec.delta_sign > 0 else neg(delta(place))
                found.append(answer if source is None else times(answer, source))
        return found if sample is not None else found + penalty_slope(self.spec, parameter)

    def gradient_form(self, parameter: Var) -> Node:
        """dE/dw = sum over the uses of delta times source."""
        return _sum(self.gradient_terms(parameter))


def _sum(terms: list[Node]) -> Node:
    return add(*terms) if terms else ZERO


def gradient_program(spec: NetworkSpec) -> Program:
    """The formulas of the derivation as a program over the forward quantities: every delta, then every gradient.

    This is what is claimed and checked, and what a reader would compute with; `Program.reverse` is another way to the same.
    """
    formulas, words = Formulas(spec), spec.vocabulary
    pairs: list[tuple[Var, Node]] = []
    for sample in words.every_sample:
        for time in reversed(words.every_time):
            for layer in range(words.last, 0, -1):
                pairs += [(delta(place), formulas.delta_form(place)) for place in words.layer_nets(layer, sample, time)]
    pairs += [(Var("gradient", p.owner), formulas.gradient_form(p)) for p in words.parameters()]
    return Program(bindings(pairs))
