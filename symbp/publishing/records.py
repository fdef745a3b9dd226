"""CheckedDerivation → JSON: every quantity a record of its own, whatever the notation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from symbp.derivation.meaning import gradient
from symbp.derivation.training import at_step, first_after, updated
from symbp.language.form import Edge, Layer, Node, Unit, Var
from symbp.language.latex import LatexWriter
from symbp.language.vocabulary import KEPT, KEPT_WITH
from symbp.network.forward import ERROR
from symbp.network.numbers import Quantity, Rounding, without_zeros
from symbp.network.spec import NetworkSpec
from symbp.proof.certify import CheckedDerivation
from symbp.version import __version__

KEYS = ("kind", "layer", "unit", "source", "sample", "time", "step", "parameter", "name", "latex", "value")


def to_json(checked: CheckedDerivation) -> str:
    """`{"symbp": version, "network": …, "records": […]}`."""
    found = {"symbp": __version__, "network": _network(checked.derivation.spec), "records": list(records(checked))}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _network(spec: NetworkSpec) -> dict[str, Any]:
    words = spec.vocabulary
    return {
        "title": spec.title,
        "notation": spec.notation.name,
        "loss": spec.loss.name,
        "reduction": spec.reduction,
        "delta_sign": spec.delta_sign,
        "learning_rate": None if spec.learning_rate is None else format(spec.learning_rate, "f"),
        "update": spec.update,
        "train_bias": spec.train_bias,
        "samples": words.samples,
        "times": words.times or None,
        "inputs": list(words.names[0]),
        "outputs": [words.unit_name(unit) for unit in words.outputs],
        "layers": [_layer(spec, at) for at in range(1, words.last + 1)],
    }


def _layer(spec: NetworkSpec, at: int) -> dict[str, Any]:
    """A layer's units, and what they have in common; where every unit has its own arrows, each of them."""
    words = spec.vocabulary
    names = {spec.activation(unit).name for unit in words.units(at)}
    found: dict[str, Any] = {
        "units": list(words.names[at]),
        "activation": names.pop() if len(names) == 1 else None,
        "bias": str(words.sharing[at - 1]) if words.sharing else None,
    }
    return found if words.is_layered else found | {"connections": [_connections(spec, unit) for unit in words.units(at)]}


def _connections(spec: NetworkSpec, unit: Unit) -> dict[str, Any]:
    """What a unit sees, each source with the weight on it and how many time steps before; and its bias."""
    words = spec.vocabulary
    bias = words.bias(unit)
    return {
        "activation": spec.activation(unit).name,
        "sources": [[words.unit_name(arrow.source), words.canonical(arrow.weight), arrow.delay] for arrow in words.connections(unit)],
        "bias": None if bias is None else words.canonical(bias),
    }


def records(checked: CheckedDerivation) -> Iterator[dict[str, Any]]:
    """Every quantity: inputs and targets, parameters, the forward pass, deltas, gradients, the update and the error after it.

    A parameter that stands in several places has no layer, unit or source, but its name.
    """
    derivation = checked.derivation
    spec, words = derivation.spec, derivation.spec.vocabulary
    writer = LatexWriter(spec.speller)
    numbers, rounding = checked.recomputed, derivation.rounding

    def record(kind: str, var: Var, node: Node, name: str, parameter: str | None = None) -> dict[str, Any]:
        layer, unit, source = _place(var)
        value = None if numbers is None else plain(numbers.quantity(node), rounding)
        parts = (kind, layer, unit, source, var.sample, var.time, var.step, parameter, name, writer.text(node), value)
        return dict(zip(KEYS, parts, strict=True))

    for var in words.variables():
        if var.step == 0 and _is_there(var, checked):
            name = words.canonical(var)
            yield record(var.kind, var, var, name, name if var.kind in {"weight", "bias"} else None)
    for parameter in words.parameters():
        name = words.canonical(parameter)
        yield record("gradient", parameter, gradient(parameter), f"dE/d{name}", name)
    if spec.learning_rate is not None:
        for var in kept(spec):
            yield record(var.kind, var, var, words.canonical(var), words.canonical(var.owner) if isinstance(var.owner, Var) else None)
        for parameter in spec.trained:
            after = updated(parameter)
            yield record("updated", after, after, words.canonical(after), words.canonical(parameter))
        yield record("error_after", updated(ERROR), updated(ERROR), words.canonical(updated(ERROR)))
        for n in range(2, derivation.steps_taken + 1):
            var = at_step(ERROR, n)
            yield record("error_after", var, var, words.canonical(var))
        if derivation.steps_taken > 1:
            for parameter in spec.trained:
                last = at_step(parameter, derivation.steps_taken)
                yield record("trained", last, last, words.canonical(last), words.canonical(parameter))


def kept(spec: NetworkSpec) -> Iterator[Var]:
    """The velocities and moments after the first update, and the moments corrected."""
    kinds = [kind for extra in spec.vocabulary.extras for kind in KEPT_WITH.get(extra, ())]
    yield from (first_after(spec, Var(kind, parameter)) for parameter in spec.trained for kind in kinds)


def _is_there(var: Var, checked: CheckedDerivation) -> bool:
    """Does this network have the quantity? A vocabulary has names for more: a loss that is one, and those that are sums."""
    derivation = checked.derivation
    if var.kind in {"error", "error_sample"}:
        return var in derivation.program.forms
    if var.kind in derivation.spec.vocabulary.extras:
        return var in derivation.program.forms or var in derivation.spec.constants or derivation.spec.learning_rate is not None
    return var.kind != "learning_rate" and var.kind not in KEPT


def plain(quantity: Quantity, rounding: Rounding) -> str:
    """A plain decimal: exact where the digits hold it, else rounded."""
    if quantity.is_exact_at(rounding) and quantity.exact is not None:
        return format(without_zeros(quantity.exact), "f")
    return format(rounding.decimal(quantity.near), "f")


def _place(var: Var) -> tuple[int | None, int | None, int | None]:
    match var.owner:
        case Unit(int(layer), int(index)):
            return layer, index, None
        case Edge(Unit(_, int(source)), Unit(int(layer), int(index))):
            return layer, index, source
        case Layer(int(layer)):
            return layer, None, None
    return None, None, None
