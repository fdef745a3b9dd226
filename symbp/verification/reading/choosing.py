"""Which conventions, and which readings of ambiguous names, the work keeps: those under which most of it is true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from symbp.verification import written as w
from symbp.verification.judging.printed import is_pure
from symbp.verification.reading.binding import bind
from symbp.verification.reading.conventions import Conventions
from symbp.verification.reading.grids import Own
from symbp.verification.reading.world import World
from symbp.verification.source.work import Line
from symbp.verification.written import Name

MAX_READINGS = 4


def settle(world: World, lines: Sequence[Line], declared: Own) -> World:
    """The reading of the work under which most links hold; the network file's own conventions, where nothing is better."""
    best, score = world, verdicts(world, lines)
    entries = has_entries(lines)
    for _ in range(2):
        before = score
        for changed in list(alternatives(best, lines)):
            if all(score):
                return best
            conventions = replace(best.conventions, **changed)
            if conventions == best.conventions or (entries and not goes_together(conventions)):
                continue
            if "whole_numbers" not in changed and not helps(best.with_changes(conventions), lines, score):
                continue
            other = tried(best, conventions, lines, declared)
            if (found := better(other, lines, score)) is not None:
                best, score = other, found
        best, score = with_readings(best, lines, score)
        if score == before:
            break
    return best


def has_entries(lines: Sequence[Line]) -> bool:
    """Does the work name entries of matrices of weights: W_ij, w_12 of a layer?"""
    parts = (p for line in lines for link in line.links for f in (link.left, link.right) for p in w.parts(f))
    names = (p for p in parts if isinstance(p, Name) and p.sub is not None and p.base in {"W", "w"})
    return any(len(name.sub.text.replace(",", "")) == 2 and (name.sups or name.sub.text.isalpha()) for name in names if name.sub)


def goes_together(conventions: Conventions) -> bool:
    """Is entry i, j of W what w_ij is?"""
    return (conventions.weight_order == "into") == (conventions.weight_rows == "unit")


def helps(world: World, lines: Sequence[Line], score: Sequence[bool]) -> bool:
    """Does any link hold that did not, names being bound as they are?"""
    links = [(link, line) for line in lines for link in line.links]
    failing = [pair for pair, holds in zip(links, score, strict=True) if not holds]
    return any(world.holds(link, line).holds for link, line in failing if not (is_pure(link.left) and is_pure(link.right)))


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


def better(world: World, lines: Sequence[Line], score: Sequence[bool]) -> list[bool] | None:
    """Which links hold, if that `is_better`; the links that did not hold are judged first, so that most worlds are soon given up."""
    links = [(link, line) for line in lines for link in line.links]
    found = list(score)
    for at in sorted(range(len(links)), key=lambda at: score[at]):
        link, line = links[at]
        found[at] = world.holds(link, line).holds
        if score[at] and sum(found) <= sum(score):
            return None
    return found if is_better(found, score) else None


def is_better(found: Sequence[bool], score: Sequence[bool]) -> bool:
    """Do more links hold, and does the first that is new come before the first that is lost?"""
    if sum(found) <= sum(score):
        return False
    return next(new for new, old in zip(found, score, strict=True) if new != old)


def alternatives(world: World, lines: Sequence[Line]) -> Iterator[dict[str, Any]]:
    """Other conventions that the names of the work give reason to try, as what to change."""
    now, fixed = world.conventions, world.spec.decided
    parts = [p for line in lines for link in line.links for f in (link.left, link.right) for p in w.parts(f)]
    names = [p for p in parts if isinstance(p, Name)]
    bases = {name.base for name in names}
    turned = "source" if now.weight_rows == "unit" else "unit"
    rows = "rows" if now.samples == "columns" else "columns"
    order = "from" if now.weight_order == "into" else "into"
    labels = [{"numbering": n, "weights_lead": lead} for n in (0, 1) for lead in ("into", "from")]
    if "delta_sign" not in fixed and bases & {"delta", "e", "err", "G", "g", "Delta"}:
        yield {"delta_sign": -now.delta_sign}
    if any(name.base in {"W", "b", "z", "a", "h", "delta"} and name.sub and name.sub.text.isdigit() for name in names):
        yield {"whole_numbers": not now.whole_numbers}
        yield {"whole_numbers": not now.whole_numbers, "weight_rows": turned}
        yield {"whole_numbers": True, "weight_rows": turned, "samples": rows}
    if any(script.text.isdigit() and name.base in "wWbBzadh" for name in names for script in name.sups if name.base):
        yield {"bare_layers": not now.bare_layers}
    if any(name.sups or (name.sub and name.sub.text.isdigit()) for name in names):
        yield from labels
    yield {"weight_order": order}
    yield {"weight_order": order, "weight_rows": turned}
    if bases & {"W", "X", "w", "V", "U", "Theta"}:
        yield {"weight_rows": turned}
        yield {"weight_rows": turned, "weight_order": order}
        for one in (now.weight_order, order):
            yield {"samples": rows, "weight_rows": turned, "weight_order": one}
            yield from ({"samples": rows, "weight_rows": turned, "weight_order": one, **label} for label in labels)
    if any(isinstance(p, w.Derivative | w.Nabla) for p in parts):
        yield {"gradient": "transposed" if now.gradient == "same" else "same"}
        yield {"jacobian": "by" if now.jacobian == "of" else "of"}
    mean = "mean" if now.reduction == "sum" else "sum"
    if "reduction" not in fixed:
        yield {"reduction": mean}
    yield {"per_example": not now.per_example}
    if "reduction" not in fixed:
        yield {"reduction": mean, "per_example": not now.per_example}


def with_readings(world: World, lines: Sequence[Line], score: list[bool]) -> tuple[World, list[bool]]:
    """With another reading of a name that has several, where more links hold so."""
    if all(score):
        return world, score
    for checker in (world.single, world.batch) if any(world.is_batch(line) for line in lines) else (world.single,):
        for key, count in list(checker.grids.ambiguous.items()):
            for at in range(min(count, MAX_READINGS)):
                if at == world.preferred.get(key, 0):
                    continue
                other = world.with_changes(preferred={**world.preferred, key: at})
                if (found := better(other, lines, score)) is not None:
                    world, score = other, found
    return world, score
