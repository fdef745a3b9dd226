"""Program → the backward part of a derivation: one reverse sweep, the deltas named and used again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from symbp.derivation.instantiate import Numbers
from symbp.derivation.meaning import delta, gradient, net, out, target_unit
from symbp.derivation.steps import Detail, Display, Part, Say, Section, Step, Table, link
from symbp.language.form import ONE, Edge, Layer, Node, Unit, Var, add, apply, dot, partial, times, total
from symbp.network.activation import Activation, prime
from symbp.network.forward import ERROR
from symbp.network.program import Program, bindings
from symbp.network.spec import NetworkSpec


@dataclass(frozen=True)
class Backward:
    """Builds steps 4 and 5 of a derivation. `chosen` restricts the parameters that are derived."""

    spec: NetworkSpec
    numbers: Numbers | None
    detail: Detail
    chosen: frozenset[Var] | None = None

    # -- formulas --------------------------------------------------------------------------------------------------

    def activation(self, unit: Unit) -> Activation:
        assert isinstance(unit.layer, int)
        return self.spec.activations[unit.layer - 1]

    def slope(self, unit: Unit) -> Node:
        """f'(net) as it is used: out (1 - out) for the sigmoid."""
        return self.activation(unit).derivative(net(unit), out(unit))

    def loss_slope(self, unit: Unit) -> Node:
        """dE / d out of an output, in the notation's form."""
        style = self.spec.speller.notation.loss_derivative
        return self.spec.loss.derivative[style](Var("target", unit, sample=1), out(unit), self.outputs)

    @property
    def outputs(self) -> int:
        """How many outputs there are."""
        return self.spec.vocabulary.width(self.spec.vocabulary.last)

    def fed(self, unit: Unit) -> tuple[Unit, ...]:
        """The units that `unit` feeds."""
        assert isinstance(unit.layer, int)
        return self.spec.vocabulary.units(unit.layer + 1)

    def is_output(self, unit: Unit) -> bool:
        return unit.layer == self.spec.vocabulary.last

    def weight(self, source: Unit, target: Unit) -> Var:
        assert isinstance(source.index, int)
        return self.spec.vocabulary.weights(target)[source.index - 1]

    def out_slope(self, unit: Unit) -> Node:
        """dE / d out: the loss's derivative, or sum over k of w_kj delta_k."""
        if self.is_output(unit):
            return self.loss_slope(unit)
        return add(*(times(self.weight(unit, k), delta(k)) for k in self.fed(unit)))

    def delta_form(self, unit: Unit) -> Node:
        """delta_j = dE/dout_j f'(net_j)."""
        slope = self.slope(unit)
        if slope == ONE:
            return self.out_slope(unit)
        return dot(self.out_slope(unit), slope) if self.is_output(unit) else times(self.out_slope(unit), slope)

    def gradient_form(self, parameter: Var) -> Node:
        """dE/dw = delta times source; for a bias, the sum of the deltas of the units that add it."""
        match parameter.owner:
            case Unit() as unit:
                return delta(unit)
            case Layer(int(layer)):
                return add(*(delta(unit) for unit in self.spec.vocabulary.units(layer)))
        source, target = _ends(parameter)
        return times(delta(target), self.spec.vocabulary.out(source))

    # -- steps -----------------------------------------------------------------------------------------------------

    def finish(self, step: Step) -> Step:
        return self.numbers.finish(step) if self.numbers else step

    def gradient_step(self, parameter: Var) -> Step:
        rule = "sum_over_uses" if isinstance(parameter.owner, Layer) else "delta_times_source"
        return self.finish(Step(gradient(parameter), (link(self.gradient_form(parameter), rule),)))

    def bias_step(self, bias: Var) -> Step:
        """dE/db as the sum, over the units that add the bias, of dE/dnet · dnet/db, where dnet/db = 1."""
        assert isinstance(bias.owner, Unit | Layer) and isinstance(bias.owner.layer, int)
        units = [bias.owner] if isinstance(bias.owner, Unit) else list(self.spec.vocabulary.units(bias.owner.layer))
        paths = add(*(dot(total(ERROR, net(unit)), partial(net(unit), bias)) for unit in units))
        rule = "sum_over_uses" if len(units) > 1 else "chain_rule"
        links = (link(paths, rule), link(self.gradient_form(bias), "deltas_reused"))
        return self.finish(Step(gradient(bias), links, explain=True))

    def delta_step(self, unit: Unit, *, full: bool) -> Step:
        formula = link(self.delta_form(unit), "factors_put_in" if self.is_output(unit) else "deltas_reused")
        if not full:
            return self.finish(Step(delta(unit), (formula,)))
        chain = dot(total(ERROR, out(unit)), partial(out(unit), net(unit)))
        links = (link(total(ERROR, net(unit)), "definition_of_delta"), link(chain, "chain_rule"), formula)
        return self.finish(Step(delta(unit), links, explain=True))

    def chain_step(self, weight: Var) -> Step:
        """dE/dw = dE/dout · dout/dnet · dnet/dw."""
        _, unit = _ends(weight)
        factors = (total(ERROR, out(unit)), partial(out(unit), net(unit)), partial(net(unit), weight))
        return Step(gradient(weight), (link(dot(*factors), "chain_rule"),), explain=True)

    def out_step(self, unit: Unit) -> Step:
        """dE/dout, worked out."""
        lhs = total(ERROR, out(unit))
        if not self.is_output(unit):
            paths = add(*(dot(total(ERROR, net(k)), partial(net(k), out(unit))) for k in self.fed(unit)))
            links = [link(paths, "sum_over_paths"), link(self.out_slope(unit), "deltas_reused")]
            return self.finish(Step(lhs, tuple(links), explain=True))
        links = []
        if self.spec.vocabulary.width(self.spec.vocabulary.last) > 1:
            links.append(link(partial(Var("error", unit, sample=1), out(unit)), "only_term"))
        links += [link(form, rule) for form, rule in self.spec.loss.worked(Var("target", unit, sample=1), out(unit), self.outputs)]
        return self.finish(Step(lhs, (*links, link(self.loss_slope(unit), "simplify")), explain=True))

    def slope_step(self, unit: Unit) -> Step:
        """dout/dnet, the derivative of the activation."""
        function = self.activation(unit).function
        chain = [link(apply(prime(function), net(unit)), "definition")] if self.activation(unit).is_named else []
        chain.append(link(self.slope(unit), "derivative_of_activation"))
        return self.finish(Step(partial(out(unit), net(unit)), tuple(chain), explain=True))

    def source_step(self, weight: Var) -> Step:
        """dnet/dw, the source."""
        source, unit = _ends(weight)
        return self.finish(Step(partial(net(unit), weight), (link(self.spec.vocabulary.out(source), "only_factor"),), explain=True))

    def product_step(self, weight: Var) -> Step:
        """The three factors multiplied."""
        source, unit = _ends(weight)
        factors = [self.out_slope(unit), self.slope(unit), self.spec.vocabulary.out(source)]
        return self.finish(Step(gradient(weight), (link(dot(*factors), "factors_put_in"),), explain=True))

    def activation_step(self, activation: Activation) -> Step:
        """f'(x), derived."""
        x = Var("argument")
        links = tuple(link(form, rule) for form, rule in activation.worked(x))
        return Step(activation.slope(x), links, explain=True)

    # -- sections --------------------------------------------------------------------------------------------------

    def sections(self) -> Iterator[Section]:
        """The output layer, then the hidden layers from the last to the first."""
        derived: set[str] = set()
        for layer in range(self.spec.vocabulary.last, 0, -1):
            parts = tuple(self._layer(layer, derived))
            if not parts:
                continue
            key = "output_layer" if layer == self.spec.vocabulary.last else "hidden_layer"
            yield Section(key, parts, {"layer": layer, "is_only_hidden": int(self.spec.vocabulary.last == 2)})

    def _wanted(self, parameter: Var) -> bool:
        return self.chosen is None or parameter in self.chosen

    def _layer(self, layer: int, derived: set[str]) -> Iterator[Part]:
        words = self.spec.vocabulary
        units = words.units(layer)
        wanted = {unit: [w for w in words.weights(unit) if self._wanted(w)] for unit in units}
        first = next((w for unit in units for w in wanted[unit]), None)
        if self.detail == "brief":
            yield from self._brief(layer, wanted)
            return
        rest: list[Step] = []
        said_rest = False
        for unit in units:
            for weight in wanted[unit]:
                if weight == first or self.detail == "full":
                    if rest:
                        yield Display(tuple(rest))
                        rest = []
                    yield from self._worked(weight, derived, repeat=weight != first)
                else:
                    if not said_rest:
                        yield Say("the_others")
                        said_rest = True
                    if weight == wanted[unit][0]:
                        rest.append(self.delta_step(unit, full=False))
                    rest.append(self.gradient_step(weight))
            if not wanted[unit] and self._is_delta_needed(unit):
                rest.append(self.delta_step(unit, full=False))
        if rest:
            yield Display(tuple(rest))
        yield from self._biases(layer)

    def _is_delta_needed(self, unit: Unit) -> bool:
        """Does a parameter that is derived, of this layer's bias or of a layer before, use the delta of `unit`?"""
        assert isinstance(unit.layer, int)
        bias = self.spec.vocabulary.bias(unit)
        before = any(self._wanted(p) for p in self.spec.vocabulary.parameters() if _layer_of(p) < unit.layer)
        return before or (bias is not None and self._wanted(bias))

    def _worked(self, weight: Var, derived: set[str], *, repeat: bool) -> Iterator[Part]:
        _, unit = _ends(weight)
        names = {"weight": weight, "unit_net": net(unit), "unit_out": out(unit)}
        if self.is_output(unit):
            yield Say("output_weight", names)
            yield Display((self.chain_step(weight),))
        else:
            yield Say("hidden_weight", names | {"fed": tuple(net(k) for k in self.fed(unit)), "count": len(self.fed(unit))})
            yield Display((self.chain_step(weight),))
            if not repeat and "weights_of_forward_pass" not in derived:
                derived.add("weights_of_forward_pass")
                yield Say("weights_of_forward_pass", {"kind": self.spec.update})
        activation = self.activation(unit)
        if activation.name not in derived:
            derived.add(activation.name)
            yield Say("activation_derivative", {"name": activation.name})
            yield Display((self.activation_step(activation),))
        yield Say("three_factors")
        yield Display((self.out_step(unit), self.slope_step(unit), self.source_step(weight)))
        if self.is_output(unit):
            yield Say("product")
            yield Display((self.product_step(weight),))
        yield Say("name_delta" if self.is_output(unit) else "recursion", {"delta": delta(unit), "net": net(unit)})
        yield Display((self.delta_step(unit, full=True), self.gradient_step(weight)))

    def _biases(self, layer: int) -> Iterator[Part]:
        biases = [b for b in self.spec.vocabulary.biases(layer) if self._wanted(b)]
        if not biases:
            return
        shared = isinstance(biases[0].owner, Layer)
        yield Say("shared_bias" if shared else "unit_bias", {"bias": biases[0]})
        worked = biases if self.detail == "full" else biases[:1]
        yield Display(tuple(self.bias_step(bias) if bias in worked else self.gradient_step(bias) for bias in biases))

    def _brief(self, layer: int, wanted: dict[Unit, list[Var]]) -> Iterator[Part]:
        yield Say("brief_output" if layer == self.spec.vocabulary.last else "brief_hidden", {})
        deltas = [self.delta_step(u, full=False) for u in wanted if wanted[u] or self._is_delta_needed(u)]
        if deltas:
            yield Display(tuple(deltas))
        parameters = [w for weights in wanted.values() for w in weights]
        parameters += [b for b in self.spec.vocabulary.biases(layer) if self._wanted(b)]
        value: Callable[[Var], Node | str] = lambda p: self.numbers.value(gradient(p)) if self.numbers else ""  # noqa: E731
        if parameters:
            yield Table(
                "gradients", tuple((Step(gradient(p), (link(self.gradient_form(p), "delta_times_source"),)), value(p)) for p in parameters)
            )


def gradient_program(spec: NetworkSpec) -> Program:
    """The formulas of the derivation as a program over the forward quantities: every delta, then every gradient.

    This is what is claimed and checked, and what a reader would compute with; `Program.reverse` is another way to the same.
    """
    backward = Backward(spec, None, "brief")
    words = spec.vocabulary
    pairs: list[tuple[Var, Node]] = []
    for layer in range(words.last, 0, -1):
        pairs += [(delta(unit), backward.delta_form(unit)) for unit in words.units(layer)]
    pairs += [(Var("gradient", p.owner), backward.gradient_form(p)) for p in words.parameters()]
    return Program(bindings(pairs))


def _ends(weight: Var) -> tuple[Unit, Unit]:
    assert isinstance(weight.owner, Edge)
    return weight.owner.source, weight.owner.target


def _layer_of(parameter: Var) -> int:
    layer = target_unit(parameter).layer
    assert isinstance(layer, int)
    return layer
