"""NetworkSpec → Program: net, out, the error of each output, and the total error E."""

from __future__ import annotations

from symbp.language.form import Node, Unit, Var, add, times
from symbp.network.program import Program, bindings
from symbp.network.spec import NetworkSpec

ERROR = Var("error_total")


def net_form(spec: NetworkSpec, unit: Unit) -> Node:
    """net_j = sum over sources i of w_ji out_i, plus the bias."""
    assert isinstance(unit.layer, int)
    words = spec.vocabulary
    sources = words.units(unit.layer - 1)
    terms = [times(w, words.out(source)) for w, source in zip(words.weights(unit), sources, strict=True)]
    bias = words.bias(unit)
    return add(*terms, *([] if bias is None else [bias]))


def forward(spec: NetworkSpec) -> Program:
    """The forward pass; its last binding is E."""
    words = spec.vocabulary
    pairs: list[tuple[Var, Node]] = []
    for layer in range(1, words.last + 1):
        for unit in words.units(layer):
            net, out = Var("net", unit, sample=1), Var("out", unit, sample=1)
            pairs += [(net, net_form(spec, unit)), (out, spec.activations[layer - 1].out(net))]
    errors = []
    for unit in words.units(words.last):
        errors.append(Var("error", unit, sample=1))
        pairs.append((errors[-1], spec.loss.term(Var("target", unit, sample=1), Var("out", unit, sample=1), words.width(words.last))))
    pairs.append((ERROR, add(*errors)))
    return Program(bindings(pairs))
