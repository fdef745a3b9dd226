"""Where labels go: each has several places, and all together are to overlap as little as can be. No chance is involved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symbp.publishing.drawing import Point
from symbp.publishing.lettering import Box

OVERLAP: Final = 1000.0
"""What it costs that two labels overlap; more than anything else."""
ROUNDS: Final = 40
STARTS: Final = 6


@dataclass(frozen=True, slots=True)
class Place:
    """A place for a label, and what it costs in itself: lines that it would lie on, how far it is from where it belongs."""

    box: Box
    cost: float
    point: Point


def chosen(places: Sequence[Sequence[Place]]) -> list[Place]:
    """One place for each label: each in turn goes where it is best now, until none moves; the best of several ways to begin."""
    rooms = [_hull([place.box for place in own]) for own in places]
    near = [[j for j, room in enumerate(rooms) if j != i and room.overlap(own) > 0] for i, own in enumerate(rooms)]
    longest = max(map(len, places))
    starts = [_best(places), *([min(k, len(own) - 1) for own in places] for k in range(0, longest, max(1, longest // STARTS)))]
    settled = [_settled(places, near, start) for start in starts]
    at = min(settled, key=lambda found: _total(places, near, found))
    return [own[k] for own, k in zip(places, at, strict=True)]


def _best(places: Sequence[Sequence[Place]]) -> list[int]:
    """The place of each label that is best in itself."""
    return [[place.cost for place in own].index(min(place.cost for place in own)) for own in places]


def _settled(places: Sequence[Sequence[Place]], near: Sequence[Sequence[int]], start: list[int]) -> list[int]:
    at = list(start)
    for _ in range(ROUNDS):
        before = list(at)
        for i, own in enumerate(places):
            others = [places[j][at[j]].box for j in near[i]]
            costs = [place.cost + clash(place.box, others) for place in own]
            at[i] = costs.index(min(costs))
        if at == before:
            break
    return at


def _total(places: Sequence[Sequence[Place]], near: Sequence[Sequence[int]], at: Sequence[int]) -> float:
    found = [(own[k], [places[j][at[j]].box for j in near[i]]) for i, (own, k) in enumerate(zip(places, at, strict=True))]
    return sum(place.cost + clash(place.box, others) / 2 for place, others in found)


def clash(box: Box, others: Sequence[Box]) -> float:
    """What it costs that `box` overlaps others."""
    total: float = 0
    left, bottom, right, top = box.left, box.bottom, box.right, box.top
    for other in others:
        if right <= other.left or other.right <= left or top <= other.bottom or other.top <= bottom:
            continue
        if (area := box.overlap(other)) > 0:
            total += OVERLAP + OVERLAP * area
    return total


def _hull(boxes: Sequence[Box]) -> Box:
    return Box(min(b.left for b in boxes), min(b.bottom for b in boxes), max(b.right for b in boxes), max(b.top for b in boxes))


def crosses(box: Box, path: Sequence[Point]) -> bool:
    """Does the polyline go through the box?"""
    left, bottom, right, top = box.left, box.bottom, box.right, box.top
    x0, y0 = path[0]
    for x1, y1 in path[1:]:
        beside = (x0 <= left and x1 <= left) or (x0 >= right and x1 >= right)
        beside = beside or (y0 <= bottom and y1 <= bottom) or (y0 >= top and y1 >= top)
        if not beside and _cuts(box, (x0, y0), (x1, y1)):
            return True
        x0, y0 = x1, y1
    return False


def _cuts(box: Box, start: Point, end: Point) -> bool:
    """Liang and Barsky, where the segment is not beside the box: its part within each pair of sides, as shares of its length."""
    (x0, y0), (x1, y1) = start, end
    first, last = 0.0, 1.0
    for a, b, low, high in ((x0, x1, box.left, box.right), (y0, y1, box.bottom, box.top)):
        if a != b:
            near, far = (low - a) / (b - a), (high - a) / (b - a)
            first, last = max(first, min(near, far)), min(last, max(near, far))
    return first < last
