"""A person's own names: bound where their work defines them, to the quantity that they equal, or else to the form that they stand for."""

from __future__ import annotations

from collections.abc import Sequence

from symbp.language import written as w
from symbp.language.reader import FUNCTIONS
from symbp.language.written import Name, Written
from symbp.network.activation import ACTIVATIONS
from symbp.verification.judging.scope import activation_called
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.reading.families import family_of, is_letter
from symbp.verification.reading.grids import own_keys
from symbp.verification.reading.quantities import Quantity
from symbp.verification.reading.world import World
from symbp.verification.source.work import LETTERS, Line, Link

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
    """Bind the functions that the lines define; twice, since one may be used before its definition."""
    for _ in range(2):
        for line in lines:
            for link in line.links:
                left = unwrapped(link.left)
                if isinstance(left, w.Call) and left.name.base in world.functions and len(left.args) == 1:
                    define_function(world, line, link, left)


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


def declare(world: World, name: Name, meaning: Written) -> None:
    """What a comment or the network file says that a name means."""
    key = next(iter(own_keys(name)))[0]
    if isinstance(meaning, Name) and declare_family(world, name, meaning):
        return
    if isinstance(meaning, Name) and (readings := world.single.grids.readings(meaning)):
        world.own.aliases[key] = readings[0].quantity
    else:
        world.own.forms[key] = meaning


def declare_family(world: World, name: Name, meaning: Name) -> bool:
    """Take a name with a letter for its whole family, I_j = net_j, where the family may mean that along an axis of the network."""
    grids = world.single.grids
    place, member = family_of(name, world.own.raised, grids.axes.named)
    readings = grids.readings(meaning)
    if not readings or not any(map(is_letter, member.slots)):
        return False
    for found in grids.axes.meanings(place, [member]):
        quantity, wanted = grids.axes.quantity(found, place, member), readings[0].quantity
        if quantity is not None and alike(quantity, wanted):
            world.own.fixed[place] = world.own.meanings[place] = found
            return True
    return False


def alike(a: Quantity, b: Quantity) -> bool:
    """Are these one quantity at the same letters, whatever is said of samples?"""
    one, other = ((q.kind, q.layer, q.unit, q.source, q.step, q.of and q.of.kind) for q in (a, b))
    return one == other
