"""Which conventions, and which readings of ambiguous names, the work keeps: those under which most of it is true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbp.verification import written as w
from symbp.verification.binding import bind
from symbp.verification.conventions import Conventions
from symbp.verification.grids import Own
from symbp.verification.work import Line
from symbp.verification.world import World
from symbp.verification.written import Name

MAX_READINGS = 4


def settle(world: World, lines: Sequence[Line], declared: Own) -> World:
    """The reading of the work under which most links hold; the network file's own conventions, where nothing is better."""
    best, score = world, verdicts(world, lines)
    for _ in range(2):
        before = score
        for changed in alternatives(best, lines):
            if all(score):
                return best
            other = tried(best, changed, lines, declared)
            found = verdicts(other, lines)
            if is_better(found, score):
                best, score = other, found
        best, score = with_readings(best, lines, score)
        if score == before:
            break
    return best


def tried(world: World, conventions: Conventions, lines: Sequence[Line], declared: Own) -> World:
    """The work bound anew under other conventions."""
    other = world.with_changes(conventions)
    other.own = declared.copy()
    other.preferred = {}
    bind(other, lines)
    return other


def verdicts(world: World, lines: Sequence[Line]) -> list[bool]:
    """Which links hold."""
    return [world.holds(link, line).holds for line in lines for link in line.links]


def is_better(found: Sequence[bool], score: Sequence[bool]) -> bool:
    """Do more links hold; or as many, and the first that is new comes before the first that is lost?"""
    return sum(found) > sum(score)


def alternatives(world: World, lines: Sequence[Line]) -> Iterator[Conventions]:
    """Other conventions that the names of the work give reason to try."""
    now = world.conventions
    names = [p for line in lines for link in line.links for f in (link.left, link.right) for p in w.parts(f) if isinstance(p, Name)]
    bases = {name.base for name in names}
    fixed = world.spec.decided
    if "delta_sign" not in fixed and any(base in bases for base in ("delta", "e", "err", "G", "g", "Delta")):
        yield replace(now, delta_sign=-now.delta_sign)
    if any(script.text.isdigit() and name.base in "wWbBzadh" for name in names for script in name.sups if name.base):
        yield replace(now, bare_layers=not now.bare_layers)
    if any(name.sups or (name.sub and name.sub.text.isdigit()) for name in names):
        for numbering in (0, 1):
            for lead in ("into", "from"):
                if (numbering, lead) != (now.numbering, now.weights_lead):
                    yield replace(now, numbering=numbering, weights_lead=lead)  # type: ignore[arg-type]
    yield replace(now, weight_order="from" if now.weight_order == "into" else "into")
    if any(base in bases for base in ("W", "X", "w", "V", "U", "Theta")):
        turned = "source" if now.weight_rows == "unit" else "unit"
        yield replace(now, weight_rows=turned)  # type: ignore[arg-type]
        rows = "rows" if now.samples == "columns" else "columns"
        for order in (now.weight_order, "from" if now.weight_order == "into" else "into"):
            yield replace(now, samples=rows, weight_rows=turned, weight_order=order)  # type: ignore[arg-type]
            for lead in ("into", "from"):
                for numbering in (0, 1):
                    yield replace(now, samples=rows, weight_rows=turned, numbering=numbering, weights_lead=lead)  # type: ignore[arg-type]
            yield replace(now, weight_rows=turned, weight_order=order)  # type: ignore[arg-type]
    if any(isinstance(p, w.Derivative | w.Nabla) for line in lines for link in line.links for f in (link.left, link.right) for p in w.parts(f)):
        yield replace(now, gradient="transposed" if now.gradient == "same" else "same")
        yield replace(now, jacobian="by" if now.jacobian == "of" else "of")
    if "reduction" not in fixed:
        yield replace(now, reduction="mean" if now.reduction == "sum" else "sum")
    yield replace(now, per_example=not now.per_example)


def with_readings(world: World, lines: Sequence[Line], score: list[bool]) -> tuple[World, list[bool]]:
    """With another reading of a name that has several, where more links hold so."""
    if all(score):
        return world, score
    for checker in (world.single, world.batch) if any(world.is_batch(line) for line in lines) else (world.single,):
        for key, count in list(checker.grids.ambiguous.items()):
            for at in range(min(count, MAX_READINGS)):
                if at == world.preferred.get(key, 0):
                    continue
                other = World(
                    world.points, world.conventions, world.functions, world.own, {**world.preferred, key: at}, {}, world.clock, world.printed
                )
                found = verdicts(other, lines)
                if is_better(found, score):
                    world, score = other, found
    return world, score
