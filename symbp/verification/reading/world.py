"""`World`: one way of reading the whole work: its conventions, its own names, and the network at random points and at its numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np

from symbp.language import written as w
from symbp.language.form import KINKED, Index, Var
from symbp.language.written import Name, Written
from symbp.network.forward import forward
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.arrays import Array
from symbp.verification.judging.budget import Budget
from symbp.verification.judging.checks import Checker, Outcome
from symbp.verification.judging.held import held, held_truth
from symbp.verification.judging.printed import SHORT, Carried, Numbers, digits_of, is_pure, is_result, literals, results, sizes_of
from symbp.verification.judging.scope import Unclear
from symbp.verification.judging.truth import Taken, Truth, near_numbers, numbers_of, random_point
from symbp.verification.reading.conventions import Conventions
from symbp.verification.reading.grids import Grids, Own
from symbp.verification.reading.implied import implied
from symbp.verification.reading.namings import Names
from symbp.verification.source.statements import Condition
from symbp.verification.source.work import Line, Link

HIDDEN_ONLY: Final = "hidden only"
"""What is chosen of a link that holds for the hidden layers, and is taken to be about these."""
LATE: Final = "late"
"""Why a link is undecided whose row has used up its steps."""
LINK: Final = 4
"""So many steps a link takes beside the evaluation of its sides."""
BATCH: Final = 3
"""So many samples a work on batches is judged with, where the network file has none."""

Found: TypeAlias = tuple[Outcome, str, float]
"""What is found of a link, as `World.decided` says it."""


@dataclass
class Points:
    """The points of a network, made once: with one sample and, where the work is about batches, with several; and its own numbers."""

    spec: NetworkSpec
    cache: dict[Any, Truth] = field(default_factory=dict)
    known: dict[Any, Names] = field(default_factory=dict)
    told: dict[int, tuple[Name, ...] | bool] = field(default_factory=dict)
    """What each row tells of batches, by its identity."""

    @cached_property
    def values(self) -> Array:
        """The sizes of all values of the network at its own numbers, if it has them."""
        return sizes_of(Truth(self.spec, numbers_of(self.spec))) if self.spec.is_numeric else sizes_of(None)

    def truth(self, spec: NetworkSpec, conventions: Conventions, free: Callable[[NetworkSpec], dict[Var, Array]] = random_point) -> Truth:
        """What is true at the points that `free` gives."""
        key = (spec.vocabulary.samples, spec.reduction, spec.delta_sign, free, conventions.initial_state)
        if key not in self.cache:
            values = free(spec)
            for state in initial_states(spec) if conventions.initial_state == "zero" else ():
                values[state] = np.zeros_like(values[state])
            self.cache[key] = Truth(spec, values)
        return self.cache[key].about(per_example=conventions.per_example)

    def names(self, spec: NetworkSpec, conventions: Conventions) -> Names:
        """How names are read, which many conventions do not change."""
        key = spec.vocabulary.samples, conventions.of_names
        if key not in self.known:
            self.known[key] = Names(spec, conventions.of_names)
        return self.known[key]


def initial_states(spec: NetworkSpec) -> list[Var]:
    """The outputs of a recurrent layer before the first step that the file does not give."""
    return [var for var in forward(spec).free if var.kind == "out" and var.time == 0 and var not in spec.data]


def batch_told(line: Line) -> tuple[Name, ...] | bool:
    """Whether the line is about several samples, where its operators tell that; else the names that may tell it."""
    found: dict[tuple[object, ...], Name] = {}
    for part in (part for link in line.links for form in (link.left, link.right) for part in w.parts(form)):
        if isinstance(part, w.Call) and part.name.base in {"np.sum", "np.mean"} and part.options:
            return True
        if isinstance(part, w.Quotient) and isinstance(part.bottom, Name) and part.bottom.base in {"m", "N"} and part.bottom.sub is None:
            return True
        if isinstance(part, Name):
            found.setdefault(part.unplaced, part)
    return tuple(found.values())


@dataclass
class World:
    """How the work is read. `taken` holds, for points and for numbers, what the person wrote instead of the truth."""

    points: Points
    conventions: Conventions
    functions: Collection[str]
    own: Own = field(default_factory=Own)
    learned: dict[str, int] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    printed: list[Any] = field(default_factory=list)
    reading: Any = None
    """What establishes the reading of the work's names, where they were read jointly."""
    found: dict[tuple[int, int], tuple[Found, Link, Line]] = field(default_factory=dict)
    """What was found of each link, by the identity of the link and its line, which are kept with it."""

    def __post_init__(self) -> None:
        self.conventions = self.conventions.fixed_by(self.spec)

    @property
    def spec(self) -> NetworkSpec:
        return self.points.spec

    @cached_property
    def single_spec(self) -> NetworkSpec:
        return replace(self.spec, delta_sign=self.conventions.delta_sign)

    @cached_property
    def batch_spec(self) -> NetworkSpec:
        """With several samples; in a network file that has several, those."""
        words = self.spec.vocabulary
        if words.samples > 1:
            return self.single_spec
        return replace(self.single_spec, vocabulary=replace(words, samples=BATCH), samples=(), reduction=self.conventions.reduction)

    def grids(self, spec: NetworkSpec) -> Grids:
        names = self.points.names(spec, self.conventions)
        return Grids(spec, self.conventions, self.own, self.functions, self.budget, learned=self.learned, given_names=names)

    @cached_property
    def single(self) -> Checker:
        return Checker(self.grids(self.single_spec), self.points.truth(self.single_spec, self.conventions), self.budget)

    @cached_property
    def batch(self) -> Checker:
        return Checker(self.grids(self.batch_spec), self.points.truth(self.batch_spec, self.conventions), self.budget)

    @cached_property
    def at_numbers(self) -> Checker | None:
        """The network's own numbers, if it has them."""
        if not self.spec.is_numeric:
            return None
        truth = self.points.truth(self.single_spec, self.conventions, numbers_of)
        return Checker(self.grids(self.single_spec), truth, self.budget)

    @cached_property
    def near(self) -> Checker | None:
        """Points around the network's own numbers, where it has kinks: what is true there is true of this network."""
        if not self.spec.is_numeric or self.spec.vocabulary.samples > 1:
            return None
        if not any(op in KINKED for op, _ in self.single.truth.program.tape.instructions):
            return None
        truth = self.points.truth(self.single_spec, self.conventions, near_numbers)
        return Checker(self.grids(self.single_spec), truth, self.budget)

    @cached_property
    def aside(self) -> Grids:
        """Answers what was asked of those that are not kept."""
        return self.grids(self.single_spec)

    @cached_property
    def numbers(self) -> Numbers:
        exact = {Fraction(abs(x)) for x in self.spec.data.values()}
        return Numbers(frozenset(exact), self.printed, lambda: self.points.values)

    def checker(self, line: Line) -> Checker:
        """That with several samples, where the line is about batches."""
        return self.batch if self.is_batch(line) else self.single

    def is_batch(self, line: Line) -> bool:
        """Is the line about several samples?"""
        if self.spec.vocabulary.samples > 1:
            return True
        key = id(line.row)
        if key not in self._of_batches:
            if key not in self.points.told:
                self.points.told[key] = batch_told(line)
            told = self.points.told[key]
            self._of_batches[key] = told if isinstance(told, bool) else any(map(self._is_of_batch, told))
        return self._of_batches[key]

    @cached_property
    def _of_batches(self) -> dict[int, bool]:
        return {}

    def _is_of_batch(self, name: Name) -> bool:
        for reading in self.single.grids.readings(name)[:1]:
            quantity = reading.quantity.of or reading.quantity
            is_pattern = isinstance(quantity.sample, Index) and quantity.sample.name == "p"
            if quantity.is_batch or (isinstance(quantity.sample, Index | int) and not is_pattern):
                return True
        return False

    def bent(self, checker: Checker, taken: Taken) -> Checker:
        """The same, with what a person took for true."""
        return Checker(checker.grids, checker.truth.bent(taken), checker.budget)

    # -- links -----------------------------------------------------------------------------------------------------

    def holds(self, link: Link, line: Line) -> Outcome:
        """Whether a link is true: at random points; where numbers are printed, at the network's own."""
        return self.judged(link, line)[0]

    def judged(self, link: Link, line: Line) -> Found:
        """As `decided`, within the steps that the row may take in all; undecided once they are used up."""
        key = id(link), id(line)
        if (known := self.found.get(key)) is not None:
            return known[0]
        with self.budget.of(line.row) as is_allowed:
            if is_allowed:
                self.budget.tick(LINK)
                self.found[key] = self.with_implied(link, line), link, line
                return self.found[key][0]
        return Outcome("unclear", unclear=Unclear(LATE)), "points", 0.0

    def with_implied(self, link: Link, line: Line) -> Found:
        """A letter that may stand for one unit, or for the hidden layers only, does so where that makes the link true."""
        found = self.decided(link, line)
        if found[0].holds:
            return found
        if said := implied(self.single.grids.names, link):
            other = self.decided(link, replace(line, conditions=(*line.conditions, *said)))
            if other[0].holds:
                return other
        if found[0].kind == "different" and (letters := self.layer_letters(found[0])):
            labels = tuple(map(self.single.grids.conventions.label, range(1, self.spec.vocabulary.last)))
            said = tuple(Condition(letter, "in", values=labels) for letter in letters)
            outcome, how, used = self.decided(link, replace(line, conditions=(*line.conditions, *said)))
            if outcome.holds:
                return replace(outcome, chosen={**outcome.chosen, HIDDEN_ONLY: True}), how, used
        return found

    def layer_letters(self, outcome: Outcome) -> list[str]:
        """The letters of layers in a link that does not hold for the last one, where that has another activation than the others."""
        last, gap = self.spec.vocabulary.last, outcome.difference
        if gap is None or last < 2 or self.spec.vocabulary.wiring or self.spec.activations[-1] in self.spec.activations[:-1]:
            return []
        return [letter for letter in gap.letters if letter in self.conventions.layer_letters]

    def decided(self, link: Link, line: Line) -> Found:
        """As `as_written`; a weight to which its updated value is given is that after the update."""
        found = self.as_written(link, line)
        if found[0].kind == "different" and (other := self.updating(link)) is not None:
            again = self.as_written(other, line)
            found = again if again[0].holds else found
        return found

    def updating(self, link: Link) -> Link | None:
        """The link as one of the updated parameter, where its left side may be meant so: w_7 = 0.7 + 0.9 · 0.13 · 0.63."""
        name, right = link.left, link.right
        if self.at_numbers is None or self.spec.learning_rate is None or link.left is not link.head or not isinstance(name, Name):
            return None
        if name.plus or isinstance(right, Name) or (is_result(right) and min(map(digits_of, results(right))) < SHORT):
            return None
        kinds = {r.quantity.kind for r in self.single.grids.readings(name)[:1] if not r.quantity.step}
        if not kinds & {"weight", "bias"}:
            return None
        updated = replace(name, plus=True)
        return replace(link, left=updated, head=updated)

    def carried(self, link: Link, line: Line, carried: Carried) -> Outcome:
        """Whether a link is true of the person's earlier values, as they are printed."""
        assert self.at_numbers is not None
        outcome = Outcome("different")
        for one in filter(None, (link, self.updating(link))):
            asked = (self.at_numbers, one.left, one.right, line.conditions, one.arguments)
            outcome, _ = self.numbers.equal(*asked, is_given=self.is_given(one.left), is_about=one.relation == "≈", carried=carried)
            if outcome.holds:
                return outcome
        return outcome

    def as_written(self, link: Link, line: Line) -> Found:
        """The outcome; whether it is about "points", "numbers" or points where some are "held"; the share of allowed rounding it takes."""
        pure = is_pure(link.left), is_pure(link.right)
        if all(pure):
            return self.arithmetic(link, line)
        outcome = Outcome("different")
        if not (any(pure) and self.spec.is_numeric and self.is_printed(link)):
            outcome = self.checker(line).equal(link.left, link.right, line.conditions, link.arguments)
            if not outcome.holds and self.near is not None and outcome.kind == "different":
                close = self.near.equal(link.left, link.right, line.conditions, link.arguments)
                outcome = close if close.holds else outcome
            if outcome.holds or not literals(link.left) + literals(link.right):
                return outcome, "points", 0.0
        if self.at_numbers is not None and not any(pure) and not self.is_printed(link) and outcome.kind == "different":
            at = held(self.checker(line), self.at_numbers, link, outcome)
            if at is not None:
                if not at:
                    return outcome, "points", 0.0
                return self.held_at(at).equal(link.left, link.right, line.conditions, link.arguments), "held", 0.0
        if self.at_numbers is not None:
            found, used = self.at_own_numbers(link, line)
            if found.holds or outcome.kind != "misfit":
                return found, "numbers", used
        return outcome, "points", 0.0

    def held_at(self, at: dict[Var, Fraction]) -> Checker:
        """Random points at which some quantities have the network's own numbers."""
        truth = held_truth(self.single_spec, at, per_example=self.conventions.per_example)
        return Checker(self.grids(self.single_spec), truth, self.budget)

    def at_own_numbers(self, link: Link, line: Line) -> tuple[Outcome, float]:
        """The outcome at the network's numbers, or, in a network without any, of a link of numbers alone."""
        asked = (self.at_numbers or self.single, link.left, link.right, line.conditions, link.arguments)
        return self.numbers.equal(*asked, is_given=self.is_given(link.left), is_about=link.relation == "≈")

    def arithmetic(self, link: Link, line: Line) -> Found:
        """A link of numbers alone. One printed value after another is the same rounded further, or as right for what the chain is about."""
        found, used = self.at_own_numbers(link, line)
        if is_result(link.left) and is_result(link.right) and not found.holds and not is_pure(link.head) and self.at_numbers is not None:
            return self.as_written(Link(link.head, link.right, link.relation, link.head, link.arguments), line)
        return found, "arithmetic", used

    def is_printed(self, link: Link) -> bool:
        """Does one side print what is no constant of mathematics?"""
        return is_result(link.left) or is_result(link.right) or any(n.places > 0 for n in literals(link.left) + literals(link.right))

    def is_given(self, form: Written) -> bool:
        """Is this a number that the network file gives: a weight, an input?"""
        if not isinstance(form, Name):
            return False
        readings = self.single.grids.readings(form)
        kinds = {r.quantity.kind for r in readings[:1] if not r.quantity.step}
        return bool(kinds & {"weight", "bias", "input", "target", "learning_rate"})

    def variables(self) -> Iterator[Var]:
        """Every scalar that a name may be found to be."""
        yield from self.single.truth.values

    def with_changes(self, conventions: Conventions | None = None) -> World:
        """The same work read otherwise."""
        own = self.own.copy()
        return World(self.points, conventions or self.conventions, self.functions, own, budget=self.budget, printed=self.printed)
