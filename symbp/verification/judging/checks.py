"""Does one form equal another, for every index that they are about, at every point? Shapes, indices and choices are worked out here.

Indices without a layer, and signs that are used loosely, may be meant in several ways: the link holds if it holds in one of them, for all
values of all its letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from symbp.language.tokens import Unreadable
from symbp.language.written import Written
from symbp.verification.judging.budget import Budget
from symbp.verification.judging.equality import Difference, Letters, compared
from symbp.verification.judging.meaning import Meaning
from symbp.verification.judging.scope import Absent, Choose, Misfit, Need, Numeric, Source, Unclear
from symbp.verification.judging.truth import Truth
from symbp.verification.reading.grids import Grids
from symbp.verification.source.statements import Condition

__all__ = ["Checker", "Compare", "Difference", "Letters", "Outcome"]

TOLERANCE: Final = 1e-9
MAX_WAYS: Final = 96
MAX_ASSIGNMENTS: Final = 4096
FEW_WAYS: Final = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """`kind` is "equal", "different", "misfit" (shapes), "absent" (there are no such quantities) or "unclear"."""

    kind: str
    difference: Difference | None = None
    unclear: Unclear | None = None
    misfit: Misfit | None = None
    chosen: Mapping[str, Any] = field(default_factory=dict)
    assignments: tuple[Letters, ...] = ()

    @property
    def holds(self) -> bool:
        return self.kind == "equal"


Compare = Callable[[Meaning], Difference | None]


@dataclass
class Checker:
    """Compares forms on one network, at the points of one `Truth`."""

    grids: Grids
    truth: Truth
    budget: Budget = field(default_factory=Budget)
    is_lenient: bool = False
    """Are layers that were chosen for letters let stand beside others that names tell?"""

    def meaning(self, source: Source, arguments: frozenset[str] = frozenset(), chosen: Mapping[str, Any] | None = None) -> Meaning:
        return Meaning(source, self.grids, {}, dict(chosen or {}), arguments)

    def equal(
        self,
        left: Written,
        right: Written,
        conditions: Sequence[Condition] = (),
        arguments: frozenset[str] = frozenset(),
        *,
        partial: bool = True,
    ) -> Outcome:
        """Whether left = right at every point."""
        source = Numeric(self.truth)

        def compare(meaning: Meaning) -> Difference | None:
            return compared(meaning, left, right)

        found = self.decide(compare, conditions, self.meaning(source, arguments))
        if not found.holds and partial and self.grids.spec.vocabulary.distinguishes:
            other = self.decide(compare, conditions, self.meaning(source, arguments, {"partial": True}))
            found = other if other.holds else found
        return found

    def decide(self, compare: Compare, conditions: Sequence[Condition], meaning: Meaning) -> Outcome:
        """The first way of meaning it in which it holds, or else the first of all."""
        found = self.first_way(compare, conditions, meaning)
        if found.kind != "absent" or self.is_lenient:
            return found
        # Names that tell layers which do not go together: the row can be false of what they say, but not right.
        lenient = replace(self, is_lenient=True).first_way(compare, conditions, meaning)
        return lenient if lenient.kind in {"different", "misfit"} else found

    def first_way(self, compare: Compare, conditions: Sequence[Condition], meaning: Meaning) -> Outcome:
        waiting: list[Mapping[str, Any]] = [meaning.chosen]
        first: Outcome | None = None
        for _ in range(MAX_WAYS):
            if not waiting:
                break
            chosen = waiting.pop(0)
            self.budget.check()
            try:
                found = self.universal(compare, conditions, replace(meaning, chosen=chosen))
            except Choose as choice:
                waiting = [{**chosen, choice.key: value} for value in choice.values] + waiting
                continue
            if found.holds:
                return found
            if first is None or (first.kind in {"absent", "misfit"} and found.kind == "different"):
                first = found
        return first or Outcome("unclear", unclear=Unclear("too_many_ways"))

    def universal(self, compare: Compare, conditions: Sequence[Condition], meaning: Meaning) -> Outcome:
        """Whether it holds for all values of the letters."""
        self.grids.seen.clear()
        with np.errstate(all="ignore"):
            return self._universal(compare, conditions, meaning)

    def _universal(self, compare: Compare, conditions: Sequence[Condition], meaning: Meaning) -> Outcome:
        done: list[Letters] = []
        waiting: list[dict[str, int]] = [{}]
        count = 0
        while waiting:
            letters = waiting.pop()
            if not allowed(letters, conditions):
                continue
            count += 1
            if count > MAX_ASSIGNMENTS:
                return Outcome("unclear", unclear=Unclear("too_many_terms"))
            self.budget.tick()
            try:
                found = compare(meaning.under(letters))
            except Need as need:
                waiting += [{**letters, need.letter: value} for value in reversed(need.values)]
                continue
            except Absent:
                continue
            except Misfit as misfit:
                return Outcome("misfit", misfit=misfit, chosen=meaning.chosen)
            except Unclear as unclear:
                return Outcome("unclear", unclear=unclear, chosen=meaning.chosen)
            except Unreadable as unreadable:
                return Outcome("unclear", unclear=Unclear("unreadable_part", unreadable.at, found=unreadable.found))
            if not self.is_lenient and not self.is_consistent(meaning.chosen):
                return Outcome("absent", chosen=meaning.chosen)
            done.append(letters)
            if found is not None:
                return Outcome("different", found, chosen=meaning.chosen, assignments=tuple(done))
        return Outcome("equal" if done else "absent", chosen=meaning.chosen, assignments=tuple(done))

    def values(self, form: Written, conditions: Sequence[Condition], meaning: Meaning) -> list[tuple[Letters, Any]]:
        """The values of a form in each way of meaning it, for all values of its letters; none where it has no value."""
        waiting: list[Mapping[str, Any]] = [meaning.chosen]
        found: list[tuple[Letters, Any]] = []

        def noted(meaning: Meaning) -> None:
            found.append((meaning.letters, meaning.of(form)))

        for _ in range(FEW_WAYS):
            if not waiting:
                break
            chosen = waiting.pop(0)
            try:
                self.universal(noted, conditions, replace(meaning, chosen=chosen))
            except Choose as choice:
                waiting = [{**chosen, choice.key: value} for value in choice.values] + waiting
        return found

    def is_consistent(self, chosen: Mapping[str, Any]) -> bool:
        """Do the layers that were chosen for letters agree with those that the names tell?"""
        for key, layer in chosen.items():
            letter = key.removeprefix("layer ")
            if key.startswith("layer ") and letter in self.grids.seen and layer not in self.grids.seen[letter]:
                return False
        return True

    def evaluations(self, form: Written, outcome: Outcome, arguments: frozenset[str] = frozenset()) -> Iterator[tuple[Letters, Any]]:
        """The value of a form at each assignment of an outcome."""
        for letters in outcome.assignments or ({},):
            meaning = self.meaning(Numeric(self.truth), arguments, outcome.chosen)
            with np.errstate(all="ignore"):
                yield letters, replace(meaning, letters=letters).of(form)


def allowed(letters: Letters, conditions: Sequence[Condition]) -> bool:
    """Do the letters' values keep the conditions?"""
    for c in conditions:
        if c.letter not in letters:
            continue
        value = letters[c.letter]
        if c.sign == "in" and value not in c.values:
            return False
        if c.sign in {"=", "≠", "<", ">", "≤", "≥"}:
            others = [letters[c.other]] if c.other in letters else list(c.values)
            tests = {"=": int.__eq__, "≠": int.__ne__, "<": int.__lt__, ">": int.__gt__, "≤": int.__le__, "≥": int.__ge__}
            if any(not tests[c.sign](value, other) for other in others):
                return False
    return True
