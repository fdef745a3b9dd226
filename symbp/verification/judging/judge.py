"""A verdict on every row: what holds, what does not, what follows from an earlier mistake, and what cannot be told."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final

import numpy as np

from symbp.language import written as w
from symbp.language.reader import FUNCTIONS, Reader
from symbp.language.tokens import NO_CHOICES, Choices, Unreadable, lex
from symbp.language.written import Name
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.budget import JUDGING, READING, Budget, OverBudget
from symbp.verification.judging.carrying import Carrying
from symbp.verification.judging.checks import Outcome
from symbp.verification.judging.definitions import mark_definitions
from symbp.verification.judging.following import Claim, claim, follows
from symbp.verification.judging.printed import is_pure, is_result, literals, results, value_of
from symbp.verification.judging.scope import Unclear, activation_called
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.reading.binding import bind, declare, overwritten
from symbp.verification.reading.conventions import Conventions
from symbp.verification.reading.families import family_of
from symbp.verification.reading.given import NoUnit, no_unit
from symbp.verification.reading.grids import own_keys
from symbp.verification.reading.quantities import spelling
from symbp.verification.reading.search import is_any_true, names_in, read_jointly
from symbp.verification.reading.world import LATE, Points, World
from symbp.verification.source.rows import Work
from symbp.verification.source.work import Line, Link, choices_in, functions_of, read_lines

ROW: Final = 20
"""So many steps a row takes beside its links."""
WORST = ("wrong", "follows", "undecidable", "unreadable", "correct", "definition")
"""Which verdict on a link decides the row: a chain that also makes a claim is more than a definition."""


MAX_CHOICES = 6
"""So many of the things that the characters leave open are decided by trial."""


@dataclass
class Ruling:
    """What was found of one link: its verdict, why, and, where it follows, the line that it follows from."""

    link: Link
    verdict: str
    outcome: Outcome
    how: str
    used: float = 0.0
    follows: int | None = None
    unclear: Unclear | None = None
    began: int | None = None
    """The line where the rounding began that the link goes on from."""
    is_free: bool = False
    """Was the link proved with outs and nets as free symbols, so that it takes no equation of the network?"""
    no_unit: NoUnit | None = None
    """A name in the link that the network cannot have."""


@dataclass
class Judged:
    """A line with the ruling on each of its links; `worst` decides the row."""

    line: Line
    rulings: list[Ruling] = field(default_factory=list)
    trouble: Unreadable | None = None
    is_late: bool = False

    @property
    def verdict(self) -> str:
        if self.trouble is not None:
            return "unreadable"
        if self.is_late:
            return "undecidable"
        found = {ruling.verdict for ruling in self.rulings}
        return next((verdict for verdict in WORST if verdict in found), "correct")

    @property
    def worst(self) -> Ruling | None:
        """The first link that has the row's verdict."""
        return next((ruling for ruling in self.rulings if ruling.verdict == self.verdict), None)


@dataclass
class Judge:
    """Judges one piece of work on one network."""

    spec: NetworkSpec
    work: Work
    time_limit: float = 2.0
    names: Sequence[tuple[str, str]] = ()
    claims: list[Claim] = field(default_factory=list)
    declared: frozenset[str] = frozenset()
    """The names, as they are looked up, of which the network file or a comment says what they mean."""
    above: str = "correct"
    """The verdict on the row above."""
    is_read: bool = True
    """Was the work read within its budget? Otherwise what does not hold is left open, since it might under another reading."""

    def read(self) -> World:
        """The lines, and the reading of them under which most is true; what the characters leave open is decided so, too."""
        self.budget = Budget(self.time_limit, len(self.work.rows))
        best, self.lines = self.unread(NO_CHOICES)
        self.is_read = False
        with suppress(OverBudget), self.budget.until(READING):
            best, self.lines = self.attempt(NO_CHOICES)
            self.is_read = True
            best, self.lines = self.chosen(best, self.lines)
        return best

    def chosen(self, best: World, lines: list[Line]) -> tuple[World, list[Line]]:
        """The same with what the characters leave open decided otherwise, where more lines are true so."""
        choices: Choices = NO_CHOICES
        held = self.held(best, lines)
        doubtful = [line for line in lines if not held.get(id(line), True)]
        if not doubtful:
            return best, lines
        for key, options in list(choices_in(self.spec, doubtful, best.functions).items())[:MAX_CHOICES]:
            for option in options[1:]:
                try:
                    if not self.promises({**choices, key: option}, best, doubtful):
                        continue
                    other, others = self.attempt({**choices, key: option}, best.reading)
                except OverBudget:
                    return best, lines
                more = sum((new := self.held(other, others)).values()) > sum(held.values())
                if more and other.reading.says_something({id(line.row) for line in doubtful}):
                    best, lines, held, choices = other, others, new, {**choices, key: option}
                    doubtful = [line for line in lines if not held.get(id(line), True)]
        return best, lines

    def promises(self, choices: Choices, best: World, doubtful: Sequence[Line]) -> bool:
        """Is any of the doubtful lines true with these choices, names being read as they are?"""
        rows = {id(line.row) for line in doubtful}
        world, lines = self.unread(choices)
        some = [line for line in lines if id(line.row) in rows]
        return is_any_true(world, some, best.reading)

    def held(self, world: World, lines: Sequence[Line]) -> dict[int, bool]:
        """Which lines are true in all their links, by their identity; those that could not be read are not."""
        return {
            id(line): line.trouble is None and all(world.holds(link, line).holds for link in line.links)
            for line in lines
            if line.trouble or line.links
        }

    def attempt(self, choices: Choices, like: Any = None) -> tuple[World, list[Line]]:
        """The work read with these choices, and the reading of its names, beginning with what is `like` another."""
        world, lines = self.unread(choices)
        bind(world, lines)
        return read_jointly(world, lines, like), lines

    def unread(self, choices: Choices) -> tuple[World, list[Line]]:
        """The work with its names as the notation and usage have them."""
        functions = functions_of(self.spec, self.work)
        lines = read_lines(self.spec, self.work, functions, choices)
        printed = [value_of(n) for line in lines for link in line.links for n in results(link.right)]
        conventions = Conventions.of(self.spec, layer_letters(lines))
        world = World(Points(self.spec), conventions, functions, budget=self.budget, printed=printed)
        self.declare(world, functions)
        world.own.overwritten = overwritten(world, lines)
        return world, [without_assignments(line, world.own.overwritten) for line in lines]

    def declare(self, world: World, functions: frozenset[str]) -> None:
        for name, meaning in [*self.names, *((name, meaning) for name, meaning, _ in self.work.declared)]:
            try:
                left, right = (Reader(lex(text, "latex" if "\\" in text else "plain"), functions).whole() for text in (name, meaning))
            except Unreadable:  # then it is prose
                continue
            if isinstance(left, Name):
                self.declared |= {next(iter(own_keys(left)))[0]}
                declare(world, left, right)

    def run(self) -> list[Judged]:
        self.world = self.read()
        self.carrying = Carrying(self.world)
        lines = [line for line in self.lines if line.links or line.trouble]
        with self.budget.until(JUDGING):
            rows = [self.row(line, len(lines) - at) for at, line in enumerate(lines)]
        mark_definitions(self.world, rows)
        return rows

    def row(self, line: Line, rows: int) -> Judged:
        """The verdict on one row, the first of so many that are still to be judged, within its budget."""
        judged = Judged(line, trouble=line.trouble)
        with self.budget.one_of(rows):
            try:
                self.budget.tick(ROW)
                for link in line.links:
                    judged.rulings.append(self.rule(link, line, judged))
            except OverBudget:
                judged.is_late = True
            if judged.verdict in {"wrong", "follows"} and judged.worst is not None and judged.worst.no_unit is None:
                with suppress(OverBudget):  # then nothing is said to follow from it
                    self.take(line, judged)
            elif judged.verdict == "correct":
                for ruling in judged.rulings:
                    self.carrying.note(line, ruling.link, ruling.outcome, next((r.began for r in judged.rulings if r.began), None))
        self.above = judged.verdict
        return judged

    def take(self, line: Line, judged: Judged) -> None:
        """A wrong row is taken as it was written, for what follows."""
        worst = judged.worst
        assert worst is not None
        at = judged.rulings.index(worst)
        forms = [ruling.link.right for ruling in judged.rulings[at:] if ruling.link.head is worst.link.head]
        before = [r.outcome.chosen for r in judged.rulings[:at] if r.outcome.holds and r.link.head is worst.link.head]
        outcome = (
            replace(worst.outcome, chosen={**before[-1], **worst.outcome.chosen, **before[-1]}, assignments=()) if before else worst.outcome
        )
        found = claim(self.world, line, worst.link, outcome, self.claims, forms)
        if found is not None:
            found.line = worst.follows or found.line
            self.claims.append(found)

    def rule(self, link: Link, line: Line, judged: Judged) -> Ruling:
        """The verdict on one link."""
        outcome, how, used = self.world.judged(link, line)
        ruling = Ruling(link, "correct", outcome, how, used)
        if (missing := self.no_unit(link, holds=outcome.holds)) is not None:
            ruling.verdict, ruling.no_unit = "wrong", missing
            return ruling
        if outcome.holds:
            self.learn(outcome)
            if self.world.reading is not None and (name := self.world.reading.unsupported(link)) is not None:
                unknown = Unclear("unknown_name", name.span[0], name=spelling(name), end=str(name.span[1]))
                ruling.verdict, ruling.unclear = "undecidable", unknown
                return ruling
            return self.settled(ruling, line, judged)
        if not self.is_read or (outcome.unclear is not None and outcome.unclear.key == LATE):
            raise OverBudget
        if outcome.kind in {"unclear", "absent"}:
            ruling.verdict = "undecidable"
            ruling.unclear = outcome.unclear or Unclear("absent")
            return ruling
        if (carried := self.carrying.judged(link, line)) is not None:
            ruling.outcome, ruling.began = carried
            ruling.how = "numbers"
            return self.settled(ruling, line, judged)
        if self.is_undecidable(link, outcome):
            ruling.verdict, ruling.unclear = "undecidable", Unclear("numbers")
            return ruling
        if link.is_carried and self.is_true_of_head(link, line):
            return ruling
        ruling.follows = follows(self.world, line, link, self.claims)
        ruling.verdict = "wrong" if ruling.follows is None else "follows"
        if self.is_elsewhere(link):
            ruling.verdict, ruling.unclear = "undecidable", Unclear("elsewhere")
        if self.world.reading is not None and (doubt := self.world.reading.doubt(link)) is not None:
            ruling.verdict, ruling.unclear = "undecidable", Unclear("which_meaning", names=str(doubt[0]), why=doubt[1])
        return ruling

    def no_unit(self, link: Link, *, holds: bool) -> NoUnit | None:
        """A name in the link that the network cannot have, where all others are known and other rows do not read it otherwise."""
        grids, reading = self.world.single.grids, self.world.reading
        names = [name for form in (link.left, link.right) for name in names_in(form, self.world.functions)]
        found = no_unit(names, self.spec.vocabulary)
        if found is None or grids.own_value(found.name) is not None or grids.is_alias(found.name):
            return None
        at = None if reading is None else reading.at.get(id(link))
        if at is None:
            others = (name for name in names if name != found.name)
            return None if holds or not all(grids.readings(n) or grids.own_value(n) is not None for n in others) else found
        own = family_of(found.name, reading.joint.raised, reading.joint.axes.named)[0]
        others = (family for family in reading.joint.rows[at].families if family is not own)
        return found if reading.support(own, at) < 2 and all(reading.is_established(f, at) for f in others) else None

    def is_elsewhere(self, link: Link) -> bool:
        """Is this other mathematics: a function of a letter that stands in no row about the network?"""
        if not link.arguments:
            return False
        called = {part.name.base for form in (link.left, link.right) for part in w.parts(form) if isinstance(part, w.Call)}
        known = FUNCTIONS | {"sigma"} | set(self.world.own.functions)
        if any(isinstance(part, w.Call) for part in w.parts(link.right)):
            known |= {self.spec.notation.function}
        own = {base for base in called if base not in known and activation_called(base) is None}
        others = [other for line in self.lines for other in line.links if not other.arguments]
        used = {
            part.name.base for other in others for form in (other.left, other.right) for part in w.parts(form) if isinstance(part, w.Call)
        }
        return bool(own) and not own & used

    def learn(self, outcome: Outcome) -> None:
        """The layers that letters of indices were found to be about."""
        for key, value in outcome.chosen.items():
            if key.startswith("layer ") and len(key) == 7:
                self.world.learned[key[-1]] = value

    def settled(self, ruling: Ruling, line: Line, judged: Judged) -> Ruling:
        """A link that is true: but what its chain began with may be another, and early rounding may show in its end."""
        link = ruling.link
        if link.is_carried and self.claims and self.above in {"wrong", "follows"} and not self.is_true_of_head(link, line):
            found = follows(self.world, line, self.of_head(link), self.claims)
            ruling.verdict, ruling.follows = "follows", self.claims[-1].line if found is None else found
        if is_result(link.right) and self.is_rounded_early(link, line):
            ruling.verdict = "wrong"
            ruling.how = "rounding"
        return ruling

    def of_head(self, link: Link) -> Link:
        return Link(link.head, link.right, link.relation, link.head, link.arguments)

    def is_true_of_head(self, link: Link, line: Line) -> bool:
        own = self.of_head(link)
        return self.world.holds(own, line).holds or self.carrying.judged(own, line) is not None

    def is_undecidable(self, link: Link, outcome: Outcome) -> bool:
        """Is a number printed for what has no number in this network?"""
        if self.spec.is_numeric or is_pure(link.left) == is_pure(link.right):
            return False
        form, printed = (link.left, link.right) if is_pure(link.right) else (link.right, link.left)
        if isinstance(unwrapped(form), w.Derivative) and link.relation == "=" and all(n.is_whole for n in literals(printed)):
            return False
        checker = self.world.single
        return any(
            np.any(np.ptp(value, axis=0) > 1e-9 * np.abs(value).max(axis=0))
            for _, value in checker.evaluations(form, outcome, link.arguments)
        )

    def is_rounded_early(self, link: Link, line: Line) -> bool:
        """Is the end of a chain further from the truth than one unit, through literals rounded further than the person's own?"""
        if self.world.at_numbers is None or is_pure(link.head) or self.is_true_of_head(link, line):
            return False
        numbers = [n for n in w.parts(link.left) if isinstance(n, w.Number) and not self.world.numbers.is_exact(n)]
        return any(self.is_coarser(number) for number in numbers)

    def is_coarser(self, number: w.Number) -> bool:
        """Is this an earlier value of the person's with fewer places?"""
        value, unit = value_of(number), Fraction(1, 10**number.places) if number.places >= 0 else Fraction(10**-number.places)
        printed = {abs(p) for p in self.world.printed}
        return value not in printed and any(p != value and abs(p - value) <= unit / 2 for p in printed)


def without_assignments(line: Line, names: frozenset[str]) -> Line:
    """The line without "g <-" before a chain, where g is a name that is given one value after another: that claims nothing."""
    kept: list[Link] = []
    heads: dict[int, w.Written] = {}
    for link in line.links:
        left = link.left
        if link.relation == "←" and isinstance(left, Name) and left.base in names and left.sub is None:
            heads[id(left)] = link.right
        else:
            kept.append(replace(link, head=heads.get(id(link.head), link.head)))
    return replace(line, links=tuple(kept)) if kept else line


def layer_letters(lines: Sequence[Line]) -> frozenset[str]:
    """The letters in brackets over weights and biases: they stand for layers."""
    names = [p for line in lines for link in line.links for f in (link.left, link.right) for p in w.parts(f) if isinstance(p, Name)]
    texts = [script.text.strip("()[]") for name in names if name.base in {"W", "w", "b", "Theta", "theta"} for script in name.sups]
    return frozenset(text[0] for text in texts if text and text[0].isalpha() and text[0] not in {"T", "n"} and len(text) in {1, 3})
