"""Rounding that is carried forward: what a person's right values are off by, for the rows that go on from them as they are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from symbp.language.written import Number
from symbp.verification.judging.checks import Checker, Outcome
from symbp.verification.judging.following import FAULTS, taken_by
from symbp.verification.judging.printed import TIE, Carried, is_pure, is_result, literals, results, value_of
from symbp.verification.judging.scope import Numeric
from symbp.verification.judging.shapes import transpose
from symbp.verification.judging.truth import Truth
from symbp.verification.reading.world import World
from symbp.verification.source.work import Line, Link


@dataclass
class Earlier:
    """The values that a right row printed: by how much each is off, what that makes of the network, and the row in which rounding began."""

    line: int
    began: int
    off: dict[Fraction, float]
    taken: Callable[[], Truth | None]
    """The truth in which the quantities have these values, if they are quantities."""

    @cached_property
    def truth(self) -> Truth | None:
        return self.taken()

    def explains(self, number: Number) -> float:
        """The share by which a literal is off that is one of the values, or a rounding of it; 0 if it is none."""
        value, half = abs(value_of(number)), Fraction(10) ** -number.places / 2
        shares = [off / float(abs(p)) for p, off in self.off.items() if p and abs(abs(p) - value) <= half]
        return max(shares, default=0.0)


@dataclass
class Carrying:
    """The printed values of the rows of one work that were found right so far."""

    world: World
    values: list[Earlier] = field(default_factory=list)

    def note(self, line: Line, link: Link, outcome: Outcome, began: int | None) -> None:
        """Remember what a right row printed for a quantity that is not given, if it is off at all."""
        checker = self.world.at_numbers
        if checker is None or not is_result(link.right) or is_pure(link.head) or self.world.is_given(link.head):
            return
        with suppress(*FAULTS):
            if off := self.off(checker, link, outcome):
                self.values.append(Earlier(line.row.line, began or line.row.line, off, lambda: self.taken(checker, line, link, outcome)))

    def taken(self, checker: Checker, line: Line, link: Link, outcome: Outcome) -> Truth | None:
        """The truth in which what the chain began with has the values that are printed."""
        head = Link(link.head, link.right, link.relation, link.head, link.arguments)
        found = taken_by(checker, line, head, link.right, replace(outcome, assignments=()))
        return self.world.bent(checker, found).truth if found else None

    def off(self, checker: Checker, link: Link, outcome: Outcome) -> dict[Fraction, float]:
        """What each printed value is off by, where that is more than floats are."""
        meaning = checker.meaning(Numeric(checker.truth), link.arguments, outcome.chosen)
        with np.errstate(all="ignore"):
            right, left = meaning.of(link.right), meaning.of(link.head)
        if right.shape != left.shape and right.shape == transpose(left).shape:
            left = transpose(left)
        found: dict[Fraction, float] = {}
        for number in results(link.right):
            gaps = np.abs(np.abs(left) - float(abs(value_of(number))))
            at = np.abs(right) == float(abs(value_of(number)))
            gap = float(np.max(gaps, initial=0.0, where=np.broadcast_to(at, gaps.shape))) if at.shape == gaps.shape else 0.0
            if gap > TIE * float(abs(value_of(number))):
                found[value_of(number)] = gap
        return found

    def judged(self, link: Link, line: Line) -> tuple[Outcome, int] | None:
        """The outcome of a link that is true of earlier values, and the row where the rounding began."""
        if not self.values or self.world.at_numbers is None or not (literals(link.left) or literals(link.right)):
            return None
        outcome = self.world.carried(link, line, self.all())
        return (outcome, self.origin(link)) if outcome.holds else None

    def all(self) -> Carried:
        """Everything so far, the later values over the earlier."""
        off: dict[Fraction, float] = {}
        for earlier in self.values:
            off |= earlier.off
        return Carried(off, [earlier.truth for earlier in self.values if earlier.truth is not None])

    def origin(self, link: Link) -> int:
        """Where the rounding began that shows most in the link's numbers, or, if these are none of the values, in any before it."""
        numbers: Sequence[Number] = [*literals(link.left), *literals(link.right)]
        named = [(max((one.explains(n) for n in numbers), default=0.0), one) for one in self.values]
        share, best = max(named, key=lambda pair: pair[0])
        return best.began if share else max(self.shares(), key=lambda pair: pair[0])[1].began

    def shares(self) -> Iterator[tuple[float, Earlier]]:
        for one in self.values:
            yield max((off / float(abs(p)) for p, off in one.off.items() if p), default=0.0), one
