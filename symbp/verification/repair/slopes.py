"""Derivatives of activations and of errors as a person would write them, and forms that are often written for them."""

from __future__ import annotations

from collections.abc import Iterator

from symbp.language import written as w
from symbp.language.form import Edge, Index, Unit, Var
from symbp.language.written import Name, Written
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.repair.editing import Editing
from symbp.verification.repair.lexicon import Spelled, changed, scripts

HERE = (0, 0)


def one_less(x: Written) -> Written:
    """1 - x, in brackets."""
    return w.Bracket(w.Sum((w.Number("1", 0, HERE), x), (False, True), HERE), HERE)


def squared(x: Written) -> Written:
    return w.Power(x, w.Number("2", 0, HERE), HERE)


def by_out(activation: str, out: Written, *, whole: bool = False) -> Written | None:
    """The derivative of an activation by its output; entry by entry for a whole layer."""
    sign = "odot" if whole else ""
    if activation == "sigmoid":
        return w.Product((out, one_less(out)), (sign,), HERE)
    if activation == "tanh":
        return one_less(w.Product((out, out), (sign,), HERE) if whole else squared(out))
    return None


def by_net(activation: str, net: Written) -> Written | None:
    """The derivative of an activation by its net input."""
    one, zero = w.Number("1", 0, HERE), w.Number("0", 0, HERE)
    if activation == "relu":
        return w.Indicator(w.Relation(net, ">", zero, HERE), HERE)
    if activation == "softplus":
        raised = w.Call(Name("exp", None, (), 0, False, HERE, HERE), (w.Negative(net, HERE),), (), HERE)
        return w.Quotient(one, w.Sum((one, raised), (False, False), HERE), HERE)
    return None


def of_unit(e: Editing, unit: Unit, out: Written, net: Written | None) -> Written:
    """f'(net) of one unit: with the person's f', or written out, or as a derivative."""
    name = e.spec.activation(unit).name
    if name == "identity":
        return w.Number("1", 0, HERE)
    if net is not None and e.lexicon.primed is not None:
        return primed(e, net)
    found = by_out(name, out) or (by_net(name, net) if net is not None else None)
    return found or (w.Derivative(out, net, True, HERE) if net is not None else w.Product((out, one_less(out)), ("",), HERE))


def primed(e: Editing, net: Written) -> Written:
    """The person's f' of a net input."""
    assert e.lexicon.primed is not None
    name, text = e.lexicon.primed
    name = w.Name(name.base, name.sub, name.sups, name.primes, name.plus, HERE, HERE)
    e.printer.known(name, text)
    return w.Call(name, (net,), (), HERE)


def slopes(e: Editing) -> Iterator[tuple[Written, Unit | None]]:
    """f'(net) of each unit, of that which the row is about first; then those with letters, and of whole layers."""
    first = e.subject.owner if e.subject is not None else None
    near = {first, first.target} if isinstance(first, Edge) else {first}
    for unit in e.units:
        one = e.lexicon.out_of(unit, e.medium if unit in near else "")
        if one is not None:
            net = e.spelled(Var("net", unit, 1), e.form)
            out = e.name(one, e.form)
            if isinstance(out, Name) and e.spec.activation(unit).name not in {"identity"}:
                yield of_unit(e, unit, out, net), unit
    yield from ((found, None) for found in general(e))


def general(e: Editing) -> Iterator[Written]:
    """f' of whole layers, and at letters that stand in the row."""
    seen = set()
    for kind in ("net", "out"):
        for one in (x for y in e.lexicon.general(kind) for x in lettered(e, y)):
            if one.text in seen:
                continue
            seen.add(one.text)
            at = e.name(one, e.form)
            if kind == "net" and e.lexicon.primed is not None:
                yield primed(e, at)
            for activation in activations(e, one):
                is_whole = one.quantity.unit is None
                slope = by_out(activation, at, whole=is_whole) if kind == "out" else by_net(activation, at)
                if slope is not None:
                    yield slope


def activations(e: Editing, one: Spelled) -> list[str]:
    """Those of the layer, or of each, where the layer is not told."""
    layer, last = one.quantity.layer, e.spec.vocabulary.last
    layers = [layer] if isinstance(layer, int) and 0 < layer <= last else range(1, last + 1)
    return list(dict.fromkeys(e.spec.activation(Unit(at, 1)).name for at in layers))


def lettered(e: Editing, one: Spelled) -> Iterator[Spelled]:
    """A name as it is, and with its unit's letter replaced by each of the row's."""
    yield one
    if not isinstance(one.quantity.unit, Index):
        return
    for script, which in scripts(one.name):
        for at, token in enumerate(script.tokens):
            if token.text == one.quantity.unit.name:
                for letter in e.letters:
                    if letter != token.text:
                        name, text = changed(one.name, one.text, script, which, at, letter)
                        yield Spelled(name, text, one.quantity, None)


# -- what is written for them ------------------------------------------------------------------------------------------


def mistaken(node: Written) -> Iterator[Written]:
    """Other derivatives for one of a function's value x, whatever it is: x (1 - x), 1 - x^2, 1 - x."""
    if isinstance(node, w.Product) and len(node.factors) == 2:
        for x, rest in (node.factors, node.factors[::-1]):
            if (y := subtracted(rest)) is not None and alike(x, y):
                yield one_less(squared(x))
    y = subtracted(node)
    if y is not None:
        base = base_of(y)
        if base is None:
            yield from (one_less(squared(y)), w.Product((y, one_less(y)), ("",), HERE))
        else:
            yield from (w.Product((base, one_less(base)), ("",), HERE), one_less(base))


def subtracted(node: Written) -> Written | None:
    """x of 1 - x."""
    node = unwrapped(node)
    is_so = isinstance(node, w.Sum) and node.minus == (False, True) and isinstance(node.terms[0], w.Number) and node.terms[0].text == "1"
    return unwrapped(node.terms[1]) if is_so and isinstance(node, w.Sum) else None


def base_of(node: Written) -> Written | None:
    """x of x^2."""
    if isinstance(node, w.Power) and isinstance(node.exponent, w.Number) and node.exponent.text == "2":
        return node.base
    if isinstance(node, w.Product) and len(node.factors) == 2 and alike(*node.factors):
        return node.factors[0]
    return None


def alike(a: Written, b: Written) -> bool:
    """Are two forms written alike, wherever they stand?"""
    a, b = unwrapped(a), unwrapped(b)
    if isinstance(a, Name) and isinstance(b, Name):
        return a.unplaced == b.unplaced
    return type(a) is type(b) and isinstance(a, w.Call) and a.name.unplaced == b.name.unplaced and all(map(alike, a.args, b.args))  # type: ignore[union-attr]
