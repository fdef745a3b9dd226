"""A verdict on every row: what holds, what does not, what follows from an earlier mistake, and what cannot be told."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from symbp.network.spec import NetworkSpec
from symbp.verification import written as w
from symbp.verification.judging.checks import Outcome
from symbp.verification.judging.clock import Allowance, Clock, TimeIsUp
from symbp.verification.judging.following import Claim, claim, follows
from symbp.verification.judging.printed import is_pure, is_result, literals, results, value_of
from symbp.verification.judging.remembered import Remembered
from symbp.verification.judging.scope import Unclear
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.reader import Reader
from symbp.verification.reading.binding import bind, declare, is_strong, overwritten
from symbp.verification.reading.choosing import settle
from symbp.verification.reading.conventions import Conventions
from symbp.verification.reading.grids import family
from symbp.verification.reading.world import LATE, Points, World
from symbp.verification.source.rows import Work
from symbp.verification.source.work import Line, Link, functions_of, read_lines
from symbp.verification.tokens import Unreadable, lex
from symbp.verification.written import Name

SPEAKING = 3
"""So many false rows speak against what the letters of a work usually mean."""
WORST = ("wrong", "follows", "undecidable", "unreadable", "correct")


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
    is_free: bool = False
    """Was the link proved with outs and nets as free symbols, so that it takes no equation of the network?"""


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
    above: str = "correct"
    """The verdict on the row above."""

    def read(self) -> World:
        """The lines, and the reading of them under which most is true."""
        functions = functions_of(self.spec, self.work)
        self.lines = read_lines(self.spec, self.work, functions)
        printed = [value_of(n) for line in self.lines for link in line.links for n in results(link.right)]
        clock = Clock()
        clock.give(self.time_limit * (5 + len(self.lines)))
        world = World(
            Points(self.spec),
            Conventions.of(self.spec, self.letters()),
            functions,
            clock=clock,
            printed=printed,
            allowance=Allowance(self.time_limit),
            remembered=Remembered(),
        )
        self.declare(world, functions)
        with suppress(TimeIsUp):
            world.own.overwritten = overwritten(world, self.lines)
        self.lines = [without_assignments(line, world.own.overwritten) for line in self.lines]
        declared = world.own.copy()
        try:
            bind(world, self.lines)
            world = settle(world, self.lines, declared)
        except TimeIsUp:
            pass
        return world

    def letters(self) -> frozenset[str]:
        """The letters in brackets over weights and biases: they stand for layers."""
        names = [
            p for line in self.lines for link in line.links for f in (link.left, link.right) for p in w.parts(f) if isinstance(p, Name)
        ]
        texts = [script.text.strip("()[]") for name in names if name.base in {"W", "w", "b", "Theta", "theta"} for script in name.sups]
        return frozenset(text[0] for text in texts if text and text[0].isalpha() and text[0] not in {"T", "n"} and len(text) in {1, 3})

    def declare(self, world: World, functions: frozenset[str]) -> None:
        for name, meaning in [*self.names, *((name, meaning) for name, meaning, _ in self.work.declared)]:
            left, right = (Reader(lex(text, "latex" if "\\" in text else "plain"), functions).whole() for text in (name, meaning))
            if isinstance(left, Name):
                declare(world, left, right)

    def run(self) -> list[Judged]:
        self.world = self.read()
        judged = [self.row(line) for line in self.lines if line.links or line.trouble]
        self.guard(judged)
        return judged

    def guard(self, judged: Sequence[Judged]) -> None:
        """No row is wrong for a name that nothing settles: where less than half of the rows hold, each name of a wrong row must be
        spelled as the file, its notation or everybody has it, or stand in a row that holds. A wrong row or two speak against no letter."""
        held = [one for one in judged if one.verdict == "correct"]
        false = sum(one.verdict in {"wrong", "follows"} for one in judged)
        if 2 * len(held) >= len(judged) or false < SPEAKING:
            return
        known = {family(name) for one in held for link in one.line.links for name in names_of(link)}
        for one in judged:
            for ruling in one.rulings:
                if ruling.verdict in {"wrong", "follows"} and not all(
                    family(name) in known or self.is_usual(name) for name in names_of(ruling.link)
                ):
                    ruling.verdict, ruling.unclear = "undecidable", Unclear("not_settled")

    def is_usual(self, name: Name) -> bool:
        """Is the name spelled as the file, its notation or common usage has it?"""
        if name.base in {"e", "pi"}:
            return True
        names = self.world.single.grids.names
        return is_strong(name, self.world) or next(names.spelling.of(name), None) is not None

    def row(self, line: Line) -> Judged:
        """The verdict on one row, within its time."""
        judged = Judged(line, trouble=line.trouble)
        self.world.clock.give(self.time_limit)
        try:
            for link in line.links:
                judged.rulings.append(self.rule(link, line, judged))
        except TimeIsUp:
            judged.is_late = True
        if judged.verdict in {"wrong", "follows"}:
            with suppress(TimeIsUp):  # then nothing is said to follow from it
                self.take(line, judged)
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
        if outcome.holds:
            self.learn(outcome)
            return self.settled(ruling, line, judged)
        if outcome.unclear is not None and outcome.unclear.key == LATE:
            raise TimeIsUp
        if outcome.kind in {"unclear", "absent"}:
            ruling.verdict = "undecidable"
            ruling.unclear = outcome.unclear or Unclear("absent")
            return ruling
        if self.is_undecidable(link, outcome):
            ruling.verdict, ruling.unclear = "undecidable", Unclear("numbers")
            return ruling
        if link.is_carried and self.is_true_of_head(link, line):
            return ruling
        ruling.follows = follows(self.world, line, link, self.claims)
        ruling.verdict = "wrong" if ruling.follows is None else "follows"
        return ruling

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
        return self.world.holds(self.of_head(link), line).holds

    def is_undecidable(self, link: Link, outcome: Outcome) -> bool:
        """Is a number printed for what has no number in this network?"""
        if self.spec.is_numeric or is_pure(link.left) == is_pure(link.right):
            return False
        form, printed = (link.left, link.right) if is_pure(link.right) else (link.right, link.left)
        if isinstance(unwrapped(form), w.Derivative) and link.relation == "=" and all(n.is_whole for n in literals(printed)):
            return False
        checker = self.world.single
        return any(np.ptp(value, axis=0).max() > 1e-9 for _, value in checker.evaluations(form, outcome, link.arguments))

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


def names_of(link: Link) -> list[Name]:
    """The names in a link that stand for something, the argument of its functions aside."""
    parts = (part for form in (link.left, link.right) for part in w.parts(form))
    return [part for part in parts if isinstance(part, Name) and part.base not in link.arguments]


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
