"""The sections of the backward pass: which steps are worked out, in which order, and what is tabulated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from symbp.derivation.backward import Backward
from symbp.derivation.meaning import delta, gradient, out
from symbp.derivation.steps import Cell, Detail, Display, Figure, Part, Say, Section, Step, Table, link
from symbp.language.form import Node, Value, Var, add
from symbp.language.vocabulary import Vocabulary
from symbp.network.activation import Activation
from symbp.network.forward import penalty_slope

SAMPLES_BESIDE = 5
"""So many samples stand side by side in a table."""


@dataclass
class Sections:
    """Steps 4 and 5 of a derivation. `chosen` restricts the parameters that are derived."""

    backward: Backward
    detail: Detail
    chosen: frozenset[Var] | None = None
    has_appendix: bool = False
    said: set[str] = field(default_factory=set)

    @property
    def words(self) -> Vocabulary:
        return self.backward.spec.vocabulary

    def sections(self) -> Iterator[Section]:
        """The output layer, then the hidden layers from the last to the first."""
        last = self.words.last
        for layer in range(last, 0, -1):
            parts = tuple(self._layer(layer))
            if not parts:
                continue
            is_output = all(unit in self.words.outputs for unit in self.words.units(layer))
            is_mixed = not is_output and any(unit in self.words.outputs for unit in self.words.units(layer))
            key = "output_layer" if is_output else "mixed_layer" if is_mixed else "hidden_layer"
            yield Section(key, parts, {"layer": layer, "is_only_hidden": int(last == 2)})

    # -- what is wanted ----------------------------------------------------------------------------------------------

    def _wanted(self, parameter: Var) -> bool:
        return self.chosen is None or parameter in self.chosen

    @cached_property
    def _needed(self) -> frozenset[Var]:
        """The net inputs whose deltas the gradients that are wanted are made of."""
        if self.chosen is None:
            return frozenset(self.words.instances())
        todo = [place for p in self.words.parameters() if self._wanted(p) for place, _ in self.words.uses(p)]
        found: set[Var] = set(todo)
        formulas = self.backward.formulas
        while todo:
            place = todo.pop()
            for after in [k for p in formulas.group(place) for _, k in formulas.fed(p)]:
                if after not in found:
                    found.add(after)
                    todo.append(after)
        return frozenset(found)

    def _places(self, layer: int) -> list[Var]:
        """The net inputs of the first sample whose deltas are needed, from the last time step back."""
        every = [place for time in reversed(self.words.every_time) for place in self.words.layer_nets(layer, 1, time)]
        return [place for place in every if place in self._needed]

    def _parameters(self, layer: int) -> list[Var]:
        """The parameters whose gradients can be had once the deltas of `layer` are there."""
        return [p for p in (*self.words.layer_weights(layer), *self.words.biases(layer)) if self._wanted(p)]

    def _is_plain(self, layer: int) -> bool:
        """Does every weight of the layer stand in one place only?"""
        weights = self.words.layer_weights(layer)
        return self.words.samples == 1 and not self.words.times and all(len(self.backward.places(w)) == 1 for w in weights)

    # -- a layer -----------------------------------------------------------------------------------------------------

    def _layer(self, layer: int) -> Iterator[Part]:
        if self.detail == "brief":
            yield from self._brief(layer)
        elif self._is_plain(layer):
            yield from self._plain(layer)
        else:
            yield from self._unrolled(layer)

    def _plain(self, layer: int) -> Iterator[Part]:
        """One weight worked out, the others after its pattern."""
        here = set(self._parameters(layer))
        wanted = {place: list(dict.fromkeys(w for w, _ in self.words.sources(place) if w in here)) for place in self._places(layer)}
        first = next((w for weights in wanted.values() for w in weights), None)
        rest: list[Step] = []
        is_said = False
        for place, weights in wanted.items():
            for weight in weights:
                if weight == first or self.detail == "full":
                    if rest:
                        yield Display(tuple(rest))
                        rest = []
                    yield from self._worked(weight, place, repeat=weight != first)
                else:
                    if not is_said:
                        yield Say("the_others")
                        is_said = True
                    if weight == weights[0]:
                        rest.append(self.backward.delta_step(place, full=False))
                    rest.append(self.backward.gradient_step(weight))
            if not weights:
                rest.append(self.backward.delta_step(place, full=False))
        if rest:
            yield Display(tuple(rest))
        yield from self._biases(layer)

    def _worked(self, weight: Var, place: Var, *, repeat: bool) -> Iterator[Part]:
        backward, formulas = self.backward, self.backward.formulas
        fed = tuple(dict.fromkeys(k for _, k in formulas.fed(place)))
        is_joint = formulas.activation(place).joint is not None
        yield self._introduction(weight, place, fed)
        yield Figure("paths", weight)
        yield Display((backward.chain_step(weight),))
        yield from self._penalty(weight, is_sum=False)
        if fed and not repeat:
            yield from self._once("weights_of_forward_pass", {"kind": backward.spec.update})
        yield from self._factors(place, weight)
        if formulas.is_end(place) and not is_joint:
            yield Say("product", {"penalised": self._is_penalised(weight)})
            yield Display((backward.product_step(weight, place),))
        names: dict[str, Cell] = {"delta": delta(place), "net": place, "sign": self.backward.spec.delta_sign}
        names |= {"targets": self._targets(place), "is_factored": int(is_joint and formulas.is_factored(place))}
        yield Say(self._naming(place), names | {"penalised": self._is_penalised(weight)})
        yield Display((backward.delta_step(place, full=True), backward.gradient_step(weight)))

    def _introduction(self, weight: Var, place: Var, fed: tuple[Var, ...]) -> Say:
        names: dict[str, Cell | tuple[Cell, ...]] = {"weight": weight, "unit_net": place, "unit_out": out(place)}
        if self.backward.formulas.activation(place).joint is not None:
            group = self.backward.formulas.group(place)
            return Say("joint_weight", names | {"outs": tuple(out(p) for p in group)})
        if not fed:
            return Say("output_weight", names)
        return Say("hidden_weight", names | {"fed": fed, "count": len(fed) + len(self.backward.formulas.own_terms(place))})

    def _naming(self, place: Var) -> str:
        if self.backward.formulas.activation(place).joint is not None:
            return "name_joint_delta"
        return "recursion" if self.backward.formulas.fed(place) else "name_delta"

    def _is_penalised(self, parameter: Var) -> int:
        return int(bool(penalty_slope(self.backward.spec, parameter)))

    def _penalty(self, weight: Var, *, is_sum: bool) -> Iterator[Part]:
        """Where lambda w comes from, once."""
        if self._is_penalised(weight):
            kinds = {kind: int(Var(kind) in self.backward.spec.constants) for kind in ("weight_decay", "l1")}
            yield from self._once("penalty_slope", {"weight": weight, "is_sum": int(is_sum), **kinds})

    def _targets(self, place: Var) -> str:
        """Is it used that the targets sum to 1, and was it checked?"""
        spec = self.backward.spec
        if not self.backward.formulas.collapses(place):
            return ""
        return "open" if not spec.sums_to_one else "checked" if spec.samples else "assumed"

    def _once(self, key: str, names: dict[str, Cell | tuple[Cell, ...]] | None = None) -> Iterator[Part]:
        if key not in self.said:
            self.said.add(key)
            yield Say(key, names or {})

    def _factors(self, place: Var, weight: Var | None) -> Iterator[Part]:
        """The activation's derivative, once for all; then each factor."""
        backward, formulas = self.backward, self.backward.formulas
        activation = formulas.activation(place)
        source = [backward.source_step(weight, place)] if weight is not None else []
        if activation.joint is not None:
            yield from self._once("jacobian")
            yield Display(tuple(backward.jacobian_steps(place)))
            yield Say("other_factors")
            yield Display((*(backward.out_step(p) for p in formulas.group(place)), *source))
            return
        yield from self._activation(activation)
        yield Say("three_factors")
        yield Display((backward.out_step(place), backward.slope_step(place), *source))

    def _activation(self, activation: Activation) -> Iterator[Part]:
        if activation.name not in self.said:
            self.said.add(activation.name)
            if self.has_appendix:
                yield Say("in_appendix", {"name": activation.name})
            else:
                yield from self.derived(activation)

    def derived(self, activation: Activation) -> Iterator[Part]:
        """The derivative of an activation, from its definition."""
        yield Say("activation_derivative", {"name": activation.name})
        if activation.joint is not None:
            yield Display((self.backward.joint_activation_step(activation, 0, 0), self.backward.joint_activation_step(activation, 1, 0)))
        else:
            yield Display((self.backward.activation_step(activation),))
            yield Figure("activation", activation.function, self._sitting(activation))
        if activation.kinks:
            yield Say("kink_convention", {"name": activation.name})

    def _sitting(self, activation: Activation) -> tuple[tuple[Value, Value], ...]:
        """Where the units that have `activation` sit on it, in the first sample."""
        numbers, words = self.backward.numbers, self.words
        if numbers is None:
            return ()
        places = [place for place in words.instances() if place.sample == 1 and self.backward.formulas.activation(place) == activation]
        return tuple((numbers.value(place), numbers.value(out(place))) for place in places)

    def appendix(self, activations: Iterable[Activation]) -> Section:
        """The derivatives of `activations`, each step justified."""
        parts = [part for activation in activations for part in self.derived(activation)]
        return Section("activations", tuple(parts))

    def _biases(self, layer: int) -> Iterator[Part]:
        biases = [p for p in self._parameters(layer) if p.kind == "bias"]
        if not biases:
            return
        is_shared = len(self.backward.places(biases[0])) > 1
        yield Say("shared_bias" if is_shared else "unit_bias", {"bias": biases[0], "sign": self.backward.spec.delta_sign})
        worked = biases if self.detail == "full" else biases[:1]
        steps = [self.backward.bias_step(bias) if bias in worked else self.backward.gradient_step(bias) for bias in biases]
        yield Display(tuple(steps))

    # -- weights that stand in several places --------------------------------------------------------------------------

    def _unrolled(self, layer: int) -> Iterator[Part]:
        """The sum over the uses; the deltas, the first of each kind worked out; the gradients."""
        places, parameters = self._places(layer), self._parameters(layer)
        if not places:
            return
        several = [p for p in parameters if len(self.backward.places(p)) > 1]
        if several:
            yield Say("several_uses", {"weight": several[0], **self._counts(several[0])})
            yield Figure("paths", several[0])
            yield Display((self.backward.chain_step(several[0]),))
            yield from self._penalty(several[0], is_sum=True)
        seen: set[object] = set()
        rest: list[Step] = []
        for place in places:
            formulas = self.backward.formulas
            kind = formulas.bears_error(place), len(formulas.fed(place)), formulas.activation(place).name
            if kind in seen and self.detail != "full":
                rest.append(self.backward.delta_step(place, full=False))
                continue
            if rest:
                yield Say("same_way")
                yield Display(tuple(rest))
                rest = []
            seen.add(kind)
            yield from self._influence(place)
            yield from self._factors(place, None)
            yield self._unrolled_naming(place)
            yield Display((self.backward.delta_step(place, full=True),))
        if rest:
            yield Say("other_deltas", {"samples": self.words.samples})
            yield Display(tuple(rest))
        yield from self._other_samples(places)
        yield from self._gradients(parameters)

    def _influence(self, place: Var) -> Iterator[Part]:
        """What a net input acts on."""
        formulas, words = self.backward.formulas, self.words
        if formulas.activation(place).joint is not None:
            yield Say("unrolled_joint", {"net": place, "outs": tuple(out(p) for p in formulas.group(place))})
            return
        fed = tuple(dict.fromkeys(k for _, k in formulas.fed(place)))
        is_sparse = self.backward.spec.has_sparsity and place.owner in words.hidden
        names: dict[str, Cell | tuple[Cell, ...]] = {"net": place, "out": out(place), "fed": fed}
        names["count"] = len(fed) + len(formulas.own_terms(place))
        names["mean"] = Var("mean_activation", place.owner) if is_sparse else ""
        names["bears"] = int(formulas.bears_error(place))
        names["is_averaged"] = int(words.samples > 1 and self.backward.spec.reduction == "mean")
        yield Say("unrolled_net", names)

    def _unrolled_naming(self, place: Var) -> Say:
        formulas, sign = self.backward.formulas, self.backward.spec.delta_sign
        if formulas.activation(place).joint is not None:
            is_factored = int(formulas.is_factored(place))
            return Say(
                "name_joint_delta", {"delta": delta(place), "sign": sign, "targets": self._targets(place), "is_factored": is_factored}
            )
        is_first = "unrolled_delta" not in self.said
        self.said.add("unrolled_delta")
        names: dict[str, Cell] = {"delta": delta(place), "sign": sign, "is_first": int(is_first)}
        return Say("unrolled_delta", names | {"is_recursion": int(bool(formulas.fed(place)))})

    def _counts(self, parameter: Var) -> dict[str, Cell | tuple[Cell, ...]]:
        words = self.words
        return {"samples": words.samples, "times": words.times, "places": len({unit for unit, _ in words.users(parameter)})}

    def _gradients(self, parameters: list[Var]) -> Iterator[Part]:
        if not parameters:
            return
        is_sum = any(len(list(self.words.uses(p))) > 1 for p in parameters)
        penalised = int(any(map(self._is_penalised, parameters)))
        yield Say("gradients_summed", {"sign": self.backward.spec.delta_sign, "is_sum": int(is_sum), "penalised": penalised})
        if self.backward.numbers is None or self.words.samples == 1 or self.detail == "full":
            yield Display(tuple(self.backward.gradient_step(p) for p in parameters))
            return
        yield Display((self.backward.gradient_step(parameters[0]),))
        yield Say("sample_shares", {"penalised": penalised})
        yield from self._gradient_tables(parameters)

    def _blocks(self) -> Iterator[tuple[int, ...]]:
        every = tuple(self.words.every_sample)
        for at in range(0, len(every), SAMPLES_BESIDE):
            yield every[at : at + SAMPLES_BESIDE]

    def _gradient_tables(self, parameters: list[Var]) -> Iterator[Part]:
        """What each sample adds to each gradient, and the whole."""
        numbers, formulas = self.backward.numbers, self.backward.formulas
        assert numbers is not None
        for block in self._blocks():
            is_last = block[-1] == self.words.samples
            rows: list[tuple[Cell, ...]] = []
            for p in parameters:
                shares = tuple(numbers.value(add(*formulas.gradient_terms(p, sample))) for sample in block)
                rows.append((gradient(p), *shares, *([numbers.value(gradient(p))] if is_last else [])))
            yield Table("sample_gradients", tuple(rows), block + ((0,) if is_last else ()))

    def _other_samples(self, places: list[Var]) -> Iterator[Part]:
        """The deltas of every sample, tabulated; without numbers, that they go the same way."""
        if self.words.samples == 1:
            return
        yield Say("other_samples", {"samples": self.words.samples})
        if self.backward.numbers is not None:
            yield from self.sample_tables("sample_deltas", [delta(place) for place in places])

    def sample_tables(self, key: str, variables: list[Var]) -> Iterator[Part]:
        """Each of `variables` in every sample."""
        numbers = self.backward.numbers
        assert numbers is not None
        for block in self._blocks():
            rows: list[tuple[Cell, ...]] = [
                (_anywhere(var), *(numbers.value(_at_sample(var, sample)) for sample in block)) for var in variables
            ]
            yield Table(key, tuple(rows), block)

    # -- brief -------------------------------------------------------------------------------------------------------

    def _brief(self, layer: int) -> Iterator[Part]:
        places, parameters = self._places(layer), self._parameters(layer)
        if not places:
            return
        is_end = all(self.backward.formulas.is_end(place) for place in places)
        if targets := next(filter(None, map(self._targets, places)), ""):
            yield Say("softmax_brief", {"targets": targets})
        yield Say("brief_output" if is_end else "brief_hidden", {"sign": self.backward.spec.delta_sign})
        yield Display(tuple(self.backward.delta_step(place, full=False) for place in places))
        yield from self._other_samples(places)
        if parameters:
            yield from self._penalty(parameters[0], is_sum=True)
            rows = [
                (Step(gradient(p), (link(self.backward.formulas.gradient_form(p), "delta_times_source"),)), self._value(p))
                for p in parameters
            ]
            yield Table("gradients", tuple(rows))

    def _value(self, parameter: Var) -> Node | str:
        return self.backward.numbers.value(gradient(parameter)) if self.backward.numbers else ""


def _anywhere(var: Var) -> Var:
    """`var` of no sample in particular."""
    return Var(var.kind, var.owner, None, var.time, var.step)


def _at_sample(var: Var, sample: int) -> Var:
    return Var(var.kind, var.owner, sample, var.time, var.step)
