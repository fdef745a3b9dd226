"""The steps of the backward pass: each chain rule product, its factors, the deltas, the gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from symbp.derivation.formulas import Formulas
from symbp.derivation.instantiate import Numbers
from symbp.derivation.meaning import delta, gradient, net, of, out
from symbp.derivation.steps import Link, Step, link
from symbp.language.form import ONE, ZERO, Layer, Node, Parameter, Unit, Var, add, apply, dot, neg, partial, total
from symbp.network.activation import Activation, prime
from symbp.network.forward import ERROR, penalty_slope
from symbp.network.spec import NetworkSpec


@dataclass(frozen=True)
class Backward:
    """Builds the steps of the backward pass; with `numbers` each ends in its value."""

    spec: NetworkSpec
    numbers: Numbers | None

    @cached_property
    def formulas(self) -> Formulas:
        return Formulas(self.spec)

    def finish(self, step: Step) -> Step:
        return self.numbers.finish(step) if self.numbers else step

    # -- gradients ---------------------------------------------------------------------------------------------------

    def gradient_step(self, parameter: Var) -> Step:
        """dE/dw = delta times source, summed over the uses of the parameter."""
        rule = "delta_times_source"
        if len(list(self.spec.vocabulary.uses(parameter))) > 1:
            rule = "sum_over_uses" if isinstance(parameter.owner, Layer) and self.spec.vocabulary.is_layered else "sum_over_all_uses"
        return self.finish(Step(gradient(parameter), (link(self.formulas.gradient_form(parameter), rule),)))

    def places(self, parameter: Var) -> list[Var]:
        """The net inputs in which `parameter` stands."""
        return list(dict.fromkeys(place for place, _ in self.spec.vocabulary.uses(parameter)))

    def source(self, weight: Var, place: Var) -> Node:
        """What `weight` multiplies in the net input `place`: the sources on its arrows, and 1 where it is the bias too."""
        terms: list[Node] = [source for w, source in self.spec.vocabulary.sources(place) if w == weight]
        assert isinstance(place.owner, Unit)
        return add(*terms, *([ONE] if self.spec.vocabulary.bias(place.owner) == weight else []))

    def paths(self, parameter: Var) -> Node:
        """dE/dw as the sum, over the uses of the parameter, of dE/dnet · dnet/dw; then what the penalties add."""
        terms = [dot(total(ERROR, place), partial(place, parameter)) for place in self.places(parameter)]
        return add(*terms, *penalty_slope(self.spec, parameter))

    def bias_step(self, bias: Var) -> Step:
        """dE/db as the sum over its uses, where dnet/db = 1."""
        links = (link(self.paths(bias), "sum_over_uses" if len(self.places(bias)) > 1 else "chain_rule"),)
        return self.finish(Step(gradient(bias), (*links, link(self.formulas.gradient_form(bias), "deltas_reused")), explain=True))

    def chain_step(self, weight: Var) -> Step:
        """dE/dw = dE/dout · dout/dnet · dnet/dw; a sum of paths where the weight stands more than once, or feeds a softmax."""
        uses = self.places(weight)
        if len(uses) > 1:
            return Step(gradient(weight), (link(self.paths(weight), "sum_over_all_uses"),), explain=True)
        if self.formulas.activation(uses[0]).joint is not None:
            return Step(gradient(weight), (link(self.paths(weight), "chain_rule"),), explain=True)
        place = uses[0]
        product = dot(total(ERROR, out(place)), partial(out(place), place), partial(place, weight))
        return Step(gradient(weight), (link(add(product, *penalty_slope(self.spec, weight)), "chain_rule"),), explain=True)

    def source_step(self, weight: Var, place: Var) -> Step:
        """dnet/dw, the source."""
        return self.finish(Step(partial(place, weight), (link(self.source(weight, place), "only_factor"),), explain=True))

    def product_step(self, weight: Var, place: Var) -> Step:
        """The three factors multiplied."""
        factors = dot(self.formulas.out_slope(place), self.formulas.slope(place), self.source(weight, place))
        form = add(factors, *penalty_slope(self.spec, weight))
        return self.finish(Step(gradient(weight), (link(form, "factors_put_in"),), explain=True))

    # -- deltas ------------------------------------------------------------------------------------------------------

    def signed(self, node: Node) -> Node:
        """`node` with the sign that the network's convention gives to a delta."""
        return node if self.spec.delta_sign > 0 else neg(node)

    def delta_step(self, place: Var, *, full: bool) -> Step:
        formulas = self.formulas
        if formulas.activation(place).joint is not None:
            return self.joint_delta_step(place, full=full)
        form = formulas.delta_form(place)
        is_cut_off = form == ZERO
        formula = link(form, "no_path" if is_cut_off else "factors_put_in" if formulas.is_end(place) else "deltas_reused")
        if not full:
            return self.finish(Step(delta(place), (formula,), explain=is_cut_off))
        chain = self.signed(dot(total(ERROR, out(place)), partial(out(place), net(place))))
        links = (link(self.signed(total(ERROR, net(place))), "definition_of_delta"), link(chain, "chain_rule"), formula)
        return self.finish(Step(delta(place), links, explain=True))

    def joint_delta_step(self, place: Var, *, full: bool) -> Step:
        """delta_k = sum over i of dE/dout_i · dout_i/dnet_k, factored; for softmax with cross-entropy it collapses."""
        formulas = self.formulas
        form, does_collapse, is_factored = formulas.delta_form(place), formulas.collapses(place), formulas.is_factored(place)
        if not full:
            rule = "collapse" if does_collapse else "factor_out" if is_factored else "factors_put_in"
            return self.finish(Step(delta(place), (link(form, rule),)))
        paths = add(*(dot(total(ERROR, out(p)), partial(out(p), net(place))) for p in formulas.group(place)))
        links = [link(self.signed(total(ERROR, net(place))), "definition_of_delta"), link(self.signed(paths), "sum_over_outs")]
        if is_factored:
            answers = zip(formulas.group(place), formulas.answers(place), strict=True)
            slopes = [answer if answer == ZERO else self.signed(total(ERROR, out(p))) for p, answer in answers]
            links.append(link(formulas.joint_form(place, slopes), "derivative_of_activation"))
            links.append(link(formulas.factored(place, slopes), "factor_out"))
        links.append(link(form if is_factored else formulas.joint_form(place), "factors_put_in"))
        if does_collapse:
            links.append(link(formulas.collapsed_sum(place), "collapse"))
            if self.spec.sums_to_one:
                links.append(link(formulas.collapsed(place), "targets_sum_to_one"))
        return self.finish(Step(delta(place), tuple(links), explain=True))

    def jacobian_steps(self, place: Var) -> list[Step]:
        """d out_i / d net_k of a joint activation, for i = k and for another i, from the definition."""
        group, activation = self.formulas.group(place), self.formulas.activation(place)
        assert activation.joint_worked is not None
        k = self.formulas.place_in_group(place)
        others = [i for i in range(len(group)) if i != k]
        steps = []
        for i in (k, *others[:1]):
            links = tuple(link(form, rule) for form, rule in activation.joint_worked(group, [out(p) for p in group], i, k))
            steps.append(self.finish(Step(partial(out(group[i]), net(place)), links, explain=True)))
        return steps

    def out_step(self, place: Var) -> Step:
        """dE/dout, worked out."""
        lhs, formulas = total(ERROR, out(place)), self.formulas
        if formulas.is_end(place) and len(formulas.own_terms(place)) == 1:
            return self.finish(Step(lhs, (*self._loss_links(place), link(formulas.out_slope(place), "simplify")), explain=True))
        terms = list(self._own_partials(place))
        terms += [dot(total(ERROR, k), partial(k, out(place))) for k in dict.fromkeys(k for _, k in formulas.fed(place))]
        links = [link(add(*terms), "sum_over_paths")] if terms else []
        return self.finish(Step(lhs, (*links, link(formulas.out_slope(place), "deltas_reused" if terms else "no_path")), explain=True))

    def _loss_links(self, place: Var) -> list[Link]:
        """The steps from dE/dout to the loss's derivative."""
        formulas, loss = self.formulas, self.spec.loss
        links: list[Link] = []
        if loss.joint_worked is not None:
            outputs = self.spec.vocabulary.outputs
            places = [Var("out", unit, place.sample, place.time) for unit in outputs]
            chain = loss.joint_worked([of("target", p) for p in places], places, places.index(out(place)))
            return [link(formulas.averaged(form), rule) for form, rule in chain]
        if len(self._errors()) > 1:
            links.append(link(next(self._own_partials(place)), "only_term"))
        worked = loss.worked(of("target", place), out(place), len(self.spec.vocabulary.outputs))
        return links + [link(formulas.averaged(form), rule) for form, rule in worked]

    def _errors(self) -> list[tuple[int, int | None, Unit]]:
        words = self.spec.vocabulary
        return [(s, t, u) for s in words.every_sample for t in words.error_times for u in words.outputs]

    def _own_partials(self, place: Var) -> Iterator[Node]:
        """The direct ways from an out to E: through its own error, and through its mean activation."""
        formulas = self.formulas
        if formulas.bears_error(place):
            own = of("error", place) if self.spec.loss.joint is None else None
            yield formulas.averaged(partial(own, out(place))) if own else formulas.loss_slope(place)
        if self.spec.has_sparsity and place.owner in self.spec.vocabulary.hidden:
            mean = Var("mean_activation", place.owner)
            yield dot(total(ERROR, mean), partial(mean, out(place)))

    def slope_step(self, place: Var) -> Step:
        """dout/dnet, the derivative of the activation."""
        activation = self.formulas.activation(place)
        chain = [link(apply(prime(activation.function), net(place)), "definition")] if activation.name != "identity" else []
        chain.append(link(self.formulas.slope(place), "derivative_of_activation"))
        return self.finish(Step(partial(out(place), net(place)), tuple(chain), explain=True))

    def joint_activation_step(self, activation: Activation, i: int, k: int) -> Step:
        """d f_i / d u_k of a joint activation of two arguments, derived."""
        assert activation.joint is not None and activation.joint_worked is not None
        arguments = [Var("argument", Parameter(f"u{at}")) for at in (1, 2)]
        outs = [activation.joint(arguments, at) for at in range(2)]
        (start, _), *rest = activation.joint_worked(arguments, outs, i, k)
        return Step(start, tuple(link(form, rule) for form, rule in rest), explain=True)

    def activation_step(self, activation: Activation) -> Step:
        """f'(x), derived."""
        x = Var("argument")
        links = tuple(link(form, rule) for form, rule in activation.worked(x))
        return Step(activation.slope(x), links, explain=True)
