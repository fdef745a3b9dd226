"""A person's own names: bound where their work defines them, to the quantity that they equal, or else to the form that they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from symbp.language.form import Var
from symbp.network.activation import ACTIVATIONS
from symbp.verification import written as w
from symbp.verification.judging.checks import TOLERANCE, Checker
from symbp.verification.judging.printed import is_pure
from symbp.verification.judging.scope import Absent, Choose, Misfit, Need, Numeric, Unclear, activation_called
from symbp.verification.judging.shapes import shape, unwrapped
from symbp.verification.reader import FUNCTIONS
from symbp.verification.reading.grids import family, own_keys
from symbp.verification.reading.quantities import Quantity
from symbp.verification.reading.world import World
from symbp.verification.source.work import LETTERS, Line, Link
from symbp.verification.tokens import Unreadable
from symbp.verification.written import Name, Written

STRONG = frozenset("net out in target delta w W E b dW db dZ".split())
"""Bases that mean what they mean whatever a row says of them."""


def is_strong(name: Name, world: World) -> bool:
    """Does the network's notation, or what everybody calls so, settle what this name means?"""
    grids = world.single.grids
    readings = grids.readings(name)
    if not readings:
        return False
    quantity = readings[0].quantity
    if quantity.var is not None and quantity.kind in {"input", "weight", "bias", "target"}:
        return name.base != "h"
    kind = "error" if quantity.kind in {"error_total", "error_sample"} else quantity.kind
    own = kind in grids.names.own_bases.get(name.base, [])
    return (own or name.base in STRONG) and not (quantity.layer is None and quantity.is_whole and name.base not in STRONG)


def overwritten(world: World, lines: Sequence[Line]) -> frozenset[str]:
    """The bare letters that are assigned to twice, or from their own value: g <- g * f'(a)."""
    assigned = [link for line in lines for link in line.links if link.relation == "←" and isinstance(link.left, Name)]
    found: set[str] = set()
    seen: set[str] = set()
    for link in assigned:
        name = link.left
        assert isinstance(name, Name)
        if name.sub is not None or name.sups or name.primes or name.plus or is_strong(name, world):
            continue
        from_itself = any(isinstance(part, Name) and part.base == name.base and part.sub is None for part in w.parts(link.right))
        if name.base in seen or from_itself:
            found.add(name.base)
        seen.add(name.base)
    return frozenset(found)


def bind(world: World, lines: Sequence[Line]) -> None:
    """Bind the names that the lines define; twice, since a name may be used before its definition."""
    for _ in range(2):
        for line in lines:
            for link in line.links:
                define(world, line, link)


def define(world: World, line: Line, link: Link) -> None:
    """What the link says of a name or of a function that stands alone on its left."""
    left = unwrapped(link.left)
    if isinstance(left, w.Call) and left.name.base in world.functions and len(left.args) == 1:
        define_function(world, line, link, left)
    elif isinstance(left, Name) and left.base not in link.arguments and not left.plus:
        define_name(world, line, link, left)


def define_function(world: World, line: Line, link: Link, call: w.Call) -> None:
    """A letter for an activation; for what is none, the form that it stands for."""
    base, parameter = call.name.base, unwrapped(call.args[0])
    if base in FUNCTIONS or activation_called(base) is not None:
        return
    if base == "Sigma" and isinstance(parameter, Name):
        world.own.templates[base, call.name.primes] = (parameter, link.right)
    if base in world.own.functions or call.name.primes or base == "sigma" or (base, 0) in world.own.templates:
        return
    if not link.arguments:
        if isinstance(parameter, Name) and base not in LETTERS and parameter.sub is None and not calls_itself(link.right, base):
            world.own.templates[base, 0] = (parameter, link.right)
        return
    every = [*world.single.grids.activations(), *(row for row in ACTIVATIONS.values() if row.joint is None)]
    for activation in dict.fromkeys(every):
        world.own.functions[base] = activation
        if world.checker(line).equal(link.left, link.right, line.conditions, link.arguments).holds:
            return
        del world.own.functions[base]
    if isinstance(parameter, Name) and base not in LETTERS and not calls_itself(link.right, base):
        world.own.templates[base, 0] = (parameter, link.right)


def calls_itself(form: Written, base: str) -> bool:
    return any(isinstance(part, w.Call) and part.name.base == base for part in w.parts(form))


def define_name(world: World, line: Line, link: Link, name: Name) -> None:
    key = next(iter(own_keys(name)))[0]
    if key in world.own.keys or name.primes or name.base in world.own.overwritten:
        return
    checker = world.checker(line)
    if try_readings(world, line, link, name, key) or is_strong(name, world) or letters_of(name):
        return
    found = None if is_pure(link.right) and not world.spec.is_numeric else equal_quantity(world, checker, link)
    if found is not None and may_be(name, found, checker):
        world.own.aliases[key] = found
    elif (
        not checker.grids.readings(name)
        and not (is_pure(link.right) and checker.grids.names.kinds(name.base))
        and is_evaluable(checker, link)
    ):
        world.own.forms[key] = link.right


def may_be(name: Name, found: Quantity, checker: Checker) -> bool:
    """May the name stand for this quantity: no hat for a target, and no other unit where the name tells one?"""
    if name.base.endswith("hat") and found.kind == "target":
        return False
    told = {reading.quantity.kind for reading in checker.grids.readings(name)}
    return found.kind not in told or name.sub is None


def letters_of(name: Name) -> bool:
    """Does the name have an index that is a letter?"""
    return (
        name.sub is not None
        and len(name.sub.text) <= 2
        and name.sub.text.isalpha()
        and name.sub.text in {"i", "j", "k", "l", "m", "n", "ij", "kj", "jk", "ji"}
    )


def try_readings(world: World, line: Line, link: Link, name: Name, key: str) -> bool:
    """Is one of the name's readings what the link says?"""
    checker = world.checker(line)
    count = len(checker.grids.readings(name))
    before = world.preferred.get(family(name), 0)
    for at in range(count):
        world.preferred[family(name)] = at
        if world.holds(link, line).holds:
            quantity = checker.grids.readings(name)[0].quantity
            if at and not letters_of(name):
                world.own.aliases[key] = quantity
                world.preferred[family(name)] = before
            return True
    world.preferred[family(name)] = before
    return False


def is_evaluable(checker: Checker, link: Link) -> bool:
    """Can the right side be worked out at all, whatever its indices?"""
    outcome = checker.equal(link.right, link.right, (), link.arguments)
    return outcome.holds


def equal_quantity(world: World, checker: Checker, link: Link) -> Quantity | None:
    """The quantity of the network that the right side equals."""
    if is_pure(link.right):
        return equal_number(world, link)
    try:
        with np.errstate(all="ignore"):
            value = checker.meaning(Numeric(checker.truth), link.arguments).of(link.right)
    except (Need, Choose, Absent, Misfit, Unclear, Unreadable):
        return None
    if shape(value) == (1, 1):
        for var in candidates(checker):
            other = checker.truth.value(var)
            if close(value[:, 0, 0], other):
                return Quantity(var.kind, var=var)
        return None
    for quantity in wholes(checker):
        try:
            other = checker.meaning(Numeric(checker.truth)).quantity(quantity)
        except (Need, Choose, Absent, Unclear):
            continue
        if shape(other) == shape(value) and close(value, other):
            return quantity
    return None


def equal_number(world: World, link: Link) -> Quantity | None:
    """The one quantity whose value is printed, as far as its digits go."""
    if world.at_numbers is None:
        return None
    checker = world.at_numbers
    try:
        value = float(checker.meaning(Numeric(checker.truth)).of(link.right).flat[0])
    except (Need, Choose, Absent, Misfit, Unclear, ValueError):
        return None
    found = [var for var in candidates(checker) if abs(float(checker.truth.value(var)[0]) - value) < 1e-4 * max(1e-3, abs(value))]
    return Quantity(found[0].kind, var=found[0]) if len(found) == 1 else None


def candidates(checker: Checker) -> Iterator[Var]:
    """Quantities of one sample that a name may stand for, the computed ones first."""
    truth = checker.truth
    forms = [v for v in truth.program.forms if v.kind in {"net", "out", "error", "error_sample", "error_total"}]
    yield from forms
    yield from (Var("delta", v.owner, v.sample, v.time) for v in forms if v.kind == "net")
    yield from (v for v in truth.free if v.kind in {"input", "target", "weight", "bias"})


def wholes(checker: Checker) -> Iterator[Quantity]:
    """Layers as a whole that a name may stand for."""
    words = checker.grids.spec.vocabulary
    for layer in range(1, words.last + 1):
        for kind in ("net", "out", "delta"):
            yield Quantity(kind, layer)
            yield Quantity(kind, layer, is_batch=True)
        yield Quantity("weight", layer)
        yield Quantity("bias", layer)
    yield Quantity("input", 0)
    yield Quantity("target", words.last)


def close(a: object, b: object) -> bool:
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    return bool(np.all(np.isfinite(a))) and bool(np.all(np.abs(a - b) <= TOLERANCE * np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-6)))


def declare(world: World, name: Name, meaning: Written) -> None:
    """What a comment or the network file says that a name means."""
    key = next(iter(own_keys(name)))[0]
    if isinstance(meaning, Name) and (readings := world.single.grids.readings(meaning)):
        world.own.aliases[key] = readings[0].quantity
    else:
        world.own.forms[key] = meaning
