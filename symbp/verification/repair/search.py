"""Which edit of the table makes a link true: each is tried where it stands, by what that part would have to be worth.

The value of the other side is led down the form: what a factor must be is the whole by the other factors, what a term must be the whole
less the others. So an edit costs the evaluation of what it puts in, and only what comes out right is judged as a link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import islice
from typing import Any, Final

import numpy as np

from symbp.language import written as w
from symbp.language.tokens import Unreadable
from symbp.language.written import Written
from symbp.verification.judging.checks import Checker, Outcome, allowed
from symbp.verification.judging.following import skeleton
from symbp.verification.judging.meaning import Meaning
from symbp.verification.judging.printed import spread
from symbp.verification.judging.scope import Absent, Choose, Misfit, Need, Numeric, Source, Unclear
from symbp.verification.judging.shapes import shape, transpose, unwrapped
from symbp.verification.reading.world import World
from symbp.verification.repair.editing import Edit, Editing
from symbp.verification.repair.identity import identified
from symbp.verification.repair.mistakes import FEW, MISTAKES, Mistake
from symbp.verification.source.work import Line, Link

NONE: Final = (Absent, Misfit, Unclear, Unreadable, ValueError)
"""Why a part may have no value; a ValueError is of arrays that do not fit, as only an edit puts them together."""
VIEWS: Final = 4
"""In so many ways a link is taken that can be meant in several."""
TRIED: Final = 3000
JUDGED: Final = 20
ARITHMETIC: Final = (w.Sum, w.Product, w.Quotient, w.Power)
"""So many edits are tried, and so many of those that come out right are judged."""


@dataclass
class Remembering(Meaning):
    """An evaluation that keeps the values of parts at the letters that it was made with."""

    kept: dict[object, tuple[Written, Any]] = field(default_factory=dict)
    home: tuple[Source, Mapping[str, int]] | None = None

    def of(self, node: Written) -> Any:
        if self.home is None or self.source is not self.home[0] or self.letters is not self.home[1] or self.held:
            return super().of(node)
        key = node.unplaced if isinstance(node, w.Name) else id(node)
        if (known := self.kept.get(key)) is None:
            try:
                known = node, super().of(node)
            except (*NONE, Need, Choose) as fault:
                known = node, fault
            self.kept[key] = known
        if isinstance(known[1], Exception):
            raise known[1]
        return known[1]


@dataclass
class View:
    """One way of meaning a form at points where it should be worth `wanted`: what each part would have to be worth for that."""

    meaning: Remembering
    form: Written
    wanted: Any
    tolerance: float = 1e-7
    wants: dict[int, tuple[Any, Any]] = field(default_factory=dict)
    """What parts should be worth, and how far off they may be for the whole to be so by `tolerance`."""
    ways: dict[tuple[str, Any], Remembering] = field(default_factory=dict)
    anchors: dict[int, Written] = field(default_factory=dict)
    """Of each part the smallest one around it, itself if possible, of which it is known what it should be worth."""

    def __post_init__(self) -> None:
        self.lead(self.form, self.wanted, self.wanted * (1 + self.tolerance), self.form)

    def value(self, node: Written) -> Any:
        """The values of a part, None where it has none."""
        try:
            with np.errstate(all="ignore"):
                return self.meaning.of(node)
        except (*NONE, Need, Choose):
            return None

    def lead(self, node: Written, want: Any, edge: Any, anchor: Written) -> None:
        """Lead what a part should be worth, and what it may just be worth, down to its own parts."""
        is_known = want is not None and edge is not None and bool(np.all(np.isfinite(want) & np.isfinite(edge)))
        if is_known:
            self.wants[id(node)] = want, np.abs(edge - want)
            anchor = node
        self.anchors[id(node)] = anchor
        children = list(w.children(node))
        below: Sequence[Any] = [None] * len(children)
        edges = below
        if is_known:
            with np.errstate(all="ignore"), suppress(ValueError):  # matrices that do not fit
                below, edges = self.below(node, want, children), self.below(node, edge, children)
        for child, wanted, edged in zip(children, below, edges, strict=True):
            self.lead(child, wanted, edged, anchor)

    def below(self, node: Written, want: Any, children: Sequence[Written]) -> Sequence[Any]:
        """What each part of a node should be worth, None where that cannot be told."""
        if isinstance(node, w.Bracket):
            return [want]
        if isinstance(node, w.Negative):
            return [-want]
        if isinstance(node, w.Transposed):
            return [transpose(want)]
        values = [self.value(child) for child in children]
        if any(value is None for value in values):
            return [None] * len(children)
        if isinstance(node, w.Sum):
            total = [-v if minus else v for v, minus in zip(values, node.minus, strict=True)]
            rests = [want - sum(t for j, t in enumerate(total) if j != k) for k in range(len(total))]
            return [like(-r if minus else r, v) for r, v, minus in zip(rests, values, node.minus, strict=True)]
        if isinstance(node, w.Product) and is_entrywise(node, values):
            return [
                like(want / np.prod(np.broadcast_arrays(want, *values[:k], *values[k + 1 :])[1:], axis=0), values[k])
                for k in range(len(values))
            ]
        if isinstance(node, w.Quotient) and shape(values[0]) == shape(values[1]) == shape(want):
            return [want * values[1], values[0] / want]
        if isinstance(node, w.Matrix) and shape(want) == (len(node.rows), len(node.rows[0])):
            return self.cells(node, want, values)
        return [None] * len(children)

    def cells(self, node: w.Matrix, want: Any, values: Sequence[Any]) -> Sequence[Any]:
        """What the one wrong cell of a matrix should be worth."""
        cells = [want[:, i : i + 1, j : j + 1] for i in range(len(node.rows)) for j in range(len(node.rows[0]))]
        wrong = [
            k
            for k, (cell, value) in enumerate(zip(cells, values, strict=True))
            if not self.is_close(value, cell, 3 * np.abs(cell) * self.tolerance)
        ]
        return [cell if wrong == [k] else None for k, cell in enumerate(cells)]

    def is_close(self, value: Any, want: Any, room: Any = 0.0) -> bool:
        """Is a value what is wanted, at every point?"""
        if shape(value) != shape(want) and shape(value) != (1, 1):
            return False
        a, b, first = float(value.flat[0]), float(want.flat[0]), float(np.asarray(room).flat[0])
        if not abs(a - b) <= first + 1e-9 * max(abs(a), abs(b)) + 1e-13:
            return False
        return bool(np.all(np.abs(value - want) <= room + 1e-9 * np.maximum(np.abs(value), np.abs(want)) + 1e-13))

    def fits(self, edit: Edit) -> bool:
        """Does the edited part come to what it should be worth, in one of the ways in which it may be meant?"""
        anchor = self.anchors.get(id(edit.old))
        if anchor is None:
            return False
        new = edit.new if anchor is edit.old else edit.form(anchor)
        wanted = self.wants.get(id(anchor))
        return wanted is not None and self.comes_to(self.meaning, new, *wanted)

    def comes_to(self, meaning: Remembering, new: Written, want: Any, room: Any, *, is_chosen: bool = False) -> bool:
        try:
            with np.errstate(all="ignore"):
                return self.is_close(meaning.of(new), want, room)
        except Choose as choice:
            return not is_chosen and any(
                self.comes_to(self.way(choice.key, value), new, want, room, is_chosen=True) for value in choice.values
            )
        except (*NONE, Need):
            return False

    def way(self, key: str, value: Any) -> Remembering:
        """The meaning in which this is chosen besides."""
        if (key, value) not in self.ways:
            self.ways[key, value] = replace(self.meaning, chosen={**self.meaning.chosen, key: value}, kept={})
        return self.ways[key, value]


def like(want: Any, value: Any) -> Any:
    """What is wanted of a part with such a shape; what has one entry may have to have more."""
    return want if shape(value) in {shape(want), (1, 1)} else None


def is_entrywise(node: w.Product, values: Sequence[Any]) -> bool:
    """Is this a product of numbers, or entry by entry, with one matrix at most besides?"""
    large = [k for k, value in enumerate(values) if shape(value) != (1, 1)]
    return len(large) < 2 or (all(node.signs[k - 1] == "odot" for k in large[1:]) and len({shape(values[k]) for k in large}) == 1)


# -- ways of meaning a link --------------------------------------------------------------------------------------------


def views(world: World, line: Line, link: Link, form: Written, side: Written) -> list[View]:
    """The ways in which `form` may be meant that should be `side`; those first in which the link was found false."""
    outcome, how, _ = world.judged(link, line)
    is_rough = how in {"numbers", "arithmetic", "held"}
    checker = (world.at_numbers or world.single) if is_rough else (None if world.is_batch(line) else world.near) or world.checker(line)
    gap = outcome.difference
    start = dict(gap.letters) if gap is not None else {}
    waiting: list[tuple[dict[str, int], dict[str, Any]]] = [(start, dict(outcome.chosen)), *([({}, {})] if outcome.chosen else [])]
    if world.spec.vocabulary.distinguishes:
        waiting += [(start, {"partial": True})]
    found: list[View] = []
    for _ in range(40):
        if not waiting or len(found) == VIEWS:
            break
        letters, chosen = waiting.pop(0)
        source = Numeric(checker.truth)
        meaning = Remembering(source, checker.grids, letters, chosen, link.arguments)
        meaning.home = (source, letters)
        try:
            with np.errstate(all="ignore"):
                wanted = meaning.of(side)
                asked(meaning, form)
        except Need as need:
            waiting[:0] = [({**letters, need.letter: value}, chosen) for value in ordered(need, letters, line)][:1]
            continue
        except Choose as choice:
            waiting += [(letters, {**chosen, choice.key: value}) for value in choice.values]
            continue
        except NONE:
            continue
        if any(view.meaning.chosen == chosen for view in found):
            continue
        room = roughness(world, checker, line, link, meaning) if is_rough else 0.0
        found.append(View(meaning, form, wanted, max(1e-7, room)))
    return found


def ordered(need: Need, letters: Mapping[str, int], line: Line) -> list[int]:
    """The values of a letter that may be taken, another than those of other letters first."""
    values = sorted(need.values, key=lambda value: value in letters.values())
    return [value for value in values if allowed({**letters, need.letter: value}, line.conditions)]


def asked(meaning: Meaning, form: Written) -> None:
    """Let the form ask for its letters and choices; that it has no value is no hindrance."""
    try:
        meaning.of(form)
    except NONE:
        return


def roughness(world: World, checker: Checker, line: Line, link: Link, meaning: Meaning) -> float:
    """How far apart, by their size, the rounding of the literals lets the sides be."""
    plain = replace(checker.meaning(Numeric(checker.truth), link.arguments, meaning.chosen), letters=meaning.letters)
    most = 1e-6
    for form in (link.left, link.right):
        try:
            with np.errstate(all="ignore"):
                value, room = spread(plain, form, world.numbers.slack(form))
                share = np.max(room / np.maximum(np.abs(value), 1e-9))
        except (*NONE, Need, Choose):
            continue
        most = max(most, 2.0 * float(share)) if np.isfinite(share) else most
    return min(most, 0.2)


# -- the search --------------------------------------------------------------------------------------------------------


@dataclass
class Search:
    """Looks for edits of `editing.form` that make a link true; `link_of` is the link with another form there, if it is to be judged."""

    world: World
    editing: Editing
    views: Sequence[View]
    link_of: Callable[[Written], Link] | None
    before: tuple[Outcome, str]
    rows: Sequence[Mistake] = MISTAKES
    tried: int = 0
    judged: int = 0

    def found(self) -> Iterator[Edit]:
        """The edits after which the link is true, the cheapest first."""
        waiting: list[tuple[int, int, Edit]] = []
        for row in self.rows:
            yield from self.settled(waiting, 2 * row.cost)
            for edit in islice(row.edits(self.editing), FEW):
                self.tried += 1
                self.world.budget.tick()
                if self.tried > TRIED:
                    break
                if edit.new is edit.old or isinstance(edit.old, w.Relation | w.Placed) or not self.fits(edit):
                    continue
                cost = 2 * row.cost + edit.cost
                heappush(waiting, (cost, self.tried, replace(edit, code=edit.code or row.code, cost=cost)))
        yield from self.settled(waiting, 99)

    def first(self, code: str | None) -> Edit | None:
        """The first of them, of a code if one is given."""
        return next((edit for edit in self.found() if code is None or edit.code == code), None)

    def fits(self, edit: Edit) -> bool:
        """Does the edit come out right in one of the ways in which the link may be meant? Where none is known, that is for the judge."""
        return not self.views or any(view.fits(edit) for view in self.views)

    def settled(self, waiting: list[tuple[int, int, Edit]], cost: int) -> Iterator[Edit]:
        """Of the edits that wait, those that cost no more than this and make the link true."""
        while waiting and waiting[0][0] <= cost and self.judged < JUDGED:
            edit = heappop(waiting)[2]
            if not is_degenerate(edit, self.editing.form, self.editing.link) and self.holds(edit):
                yield identified(edit, self.editing)

    def holds(self, edit: Edit) -> bool:
        """Is the link true after the edit, and not only by the network's numbers where nothing in it is a number?"""
        if self.link_of is None:
            return True
        self.judged += 1
        self.world.budget.check()
        link = self.link_of(edit.form(self.editing.form))
        try:
            outcome, how, _ = self.world.judged(link, self.editing.line)
        except ValueError:
            return False
        if not outcome.holds or (how == "held" and self.before[1] != "held"):
            return False
        return how != "numbers" or self.before[1] in {"numbers", "arithmetic"} or self.world.is_printed(link)


def is_degenerate(edit: Edit, form: Written, link: Link) -> bool:
    """Does the edit repair nothing: by the left side itself, a 0, a term and its opposite, or by writing nearly all anew?"""
    old, new = {id(part) for part in w.parts(form)}, w.parts(edit.new)
    fresh = [part for part in new if id(part) not in old]
    head = unwrapped(link.head)
    if any(type(part) is type(head) and skeleton(part) == skeleton(head) for part in w.parts(edit.form(form))):
        return True
    if (is_zero(edit.new) and edit.old is not form) or any(
        is_zero(child) for part in fresh if isinstance(part, ARITHMETIC) for child in w.children(part)
    ):
        return True
    if any(isinstance(part, w.Sum) and has_opposites(part) for part in fresh):
        return True
    whole = w.parts(form)
    kept = sum(id(part) in old for part in new) + len(whole) - len(w.parts(edit.old))
    return len(whole) > 6 and kept * 4 < len(whole) and edit.code != "wrong_loss_derivative"


def is_zero(node: Written) -> bool:
    return isinstance(node, w.Number) and not node.text.strip("0.")


def has_opposites(node: w.Sum) -> bool:
    """Does a term stand in it with both signs?"""
    terms = [
        (skeleton(term.of if isinstance(term, w.Negative) else term), minus ^ isinstance(term, w.Negative))
        for term, minus in zip(node.terms, node.minus, strict=True)
    ]
    return any(a == c and b != d for k, (a, b) in enumerate(terms) for c, d in terms[:k])
