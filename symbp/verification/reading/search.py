"""The joint reading of a work: the meanings of all its families together that make most of its rows true, at the least price.

A row is a factor over the two to six families in it; at random points a chance identity is practically impossible, so that a true row is
strong evidence. Rows are taken in the order in which they have fewest unknown families; the best few readings are kept.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import chain, combinations
from typing import Any, Final, Self

import numpy as np

from symbp.language import written as w
from symbp.language.form import Index
from symbp.language.reader import Reader
from symbp.language.tokens import Unreadable
from symbp.language.written import Name, Written
from symbp.verification.judging.budget import OverBudget
from symbp.verification.judging.checks import TOLERANCE, Checker, Difference
from symbp.verification.judging.meaning import Meaning as Evaluated
from symbp.verification.judging.printed import NO_DIGIT, is_pure, is_result, literals, results, unit_of
from symbp.verification.judging.scope import Absent, Choose, Misfit, Need, Numeric, Unclear
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.reading.conventions import Conventions
from symbp.verification.reading.families import TRANSPOSES, Family, Member, family_of, is_cut_short
from symbp.verification.reading.given import kind_given
from symbp.verification.reading.hints import MOST, hints_in
from symbp.verification.reading.lettered import own_keys
from symbp.verification.reading.meanings import TURNED, Axes, Meaning
from symbp.verification.reading.priors import AGAINST, APART, ROWS, SHARED, price, price_of_letters
from symbp.verification.reading.quantities import Quantity, Reading
from symbp.verification.reading.world import World, batch_told, initial_states
from symbp.verification.source.work import Line, Link

BEAM: Final = 12
TRIED: Final = 40
"""So many ways to read the unknown families of a row are tried, the cheapest first."""
SIDES: Final = 200
"""So many ways to read the unknown families of one side of a row are evaluated, to see which of them meet those of the other side."""
MEETING: Final = 3000
"""So many steps that may take."""
MEETINGS: Final = 40
"""So many of those that meet are tried."""
KEPT: Final = 8
"""So many of them that make the row true are kept."""
MAX_TRIALS: Final = 2500
"""So many rows are evaluated in all in one search."""
REMEMBERED: Final = 0.1
"""So many steps it takes to look up a value that is remembered."""
OTHERS: Final = 6
"""So many readings of each of its names are tried, to see whether a row says anything."""
ROW: Final = 5000
"""After so many steps the readings that are not the best so far are left as they are."""
TRIAL: Final = 1500
"""So many steps one of them takes at most."""
USUAL: Final = 1.0
"""A reading below this price is settled by its spelling."""
RIVAL: Final = 1.0
"""So much dearer another reading may be that keeps a row from being wrong."""
REREAD: Final = 60
"""So many options of a family are tried when all others are settled."""
WORTH: Final = 2
"""So many rows must be true by it where a family is not read as it usually is."""
WORTH_OF_THE_FILE: Final = 4
"""The same of a name that is spelled as the file's notation has it."""
ALSO: Final = 0.1
"""The price of what the notation or usage has beside the first that it has."""
WORTH_OF_A_NUMBERING: Final = 3
"""The same of weights that are numbered in another order than usual."""
SPELLED: Final = 0.5
"""A reading below this price is spelled as the notation or common usage has it."""
SPEAKING: Final = 3
"""So many false rows with a family, and no true one, speak against what it usually means."""
SHORT: Final = 3
"""A work of so few rows is too short to speak against usual letters."""
PLENTY: Final = 0.7
"""Where this part of the rows is true, the rest is taken for mistakes, and the search is not begun anew."""
BEGUN: Final = 0.15
"""The part that finding the conventions to begin with may take."""
HALF: Final = 0.5
"""Where less than this part of the rows is true as names are usually read, nothing is taken to be as usual."""
SHARE: Final = 0.5
"""The part of what is left that one search may take before it ends with what it has."""
LOOSE: Final = 0.5
TIGHT: Final = 0.1
"""So far apart, relative to their size, the sides of a row may be that has rounded numbers, or is a quantity and its printed value."""
COUNTS: Final = frozenset({"m", "N"})
"""Letters for the number of samples."""
CONSTANTS: Final = frozenset({"e", "pi"})

MANY: Final = 6
"""So many entries of a matrix tell it from others."""

Assignment = Mapping[Family, int]
Way = tuple[tuple[int, ...], float]
"""Options for the unknown families of a row, and their price."""
DIFFERENT: Final = Difference({}, 0, (0, 0), 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Option:
    """One way to read a family: a meaning, or None for what the notation or usage has for each of its names."""

    meaning: Meaning | None
    price: float
    quantities: frozenset[Quantity]
    is_batch: bool
    rank: float
    """When it is tried: the price, less what the places of the name suggest."""
    spelling: float = 0.0
    """The price by spelling alone."""


@dataclass
class Row:
    """A link as evidence: the families in it, in the order in which they stand."""

    link: Link
    line: Line
    families: tuple[Family, ...]
    shape: str
    is_plain: bool
    """Has it no printed numbers that are rounded?"""
    told_batch: bool = False
    names_zero: bool = False
    """Is one side the number 0?"""
    unit: float | None = None
    """Of one that prints values: the last place of these. At the network's own numbers it holds at most so far beside the truth."""
    known: dict[tuple[int, ...], bool] = field(default_factory=dict)
    """Whether it was found to be true under the options of its families that were tried."""

    @property
    def defines(self) -> bool:
        """Does it say of a name that it is a derivative, or one with its sign turned?"""
        left, right = unwrapped(self.link.left), unwrapped(self.link.right)
        right = unwrapped(right.of) if isinstance(right, w.Negative) else right
        return isinstance(left, Name) and isinstance(right, w.Derivative)

    @property
    def share(self) -> float:
        """Of the ways in which it was read, the part under which it is true; 0 where these are too few to tell."""
        return sum(self.known.values()) / len(self.known) if len(self.known) > 3 else 0.0


@dataclass(frozen=True)
class Part:
    """What the value of a part of a row depends on: the families and the letters in it (None where it may be any letter)."""

    families: tuple[Family, ...] = ()
    letters: frozenset[str] | None = None
    choices: frozenset[str] = frozenset()
    """The choices that do not matter to it."""

    def at(self, values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
        """Those of the values that the part depends on."""
        if self.letters is None:
            return tuple(values.items())
        return tuple(item for item in values.items() if self.matters(item[0]))

    def matters(self, key: str) -> bool:
        """Is it one of the part's letters, the layer of one, or no letter at all?"""
        assert self.letters is not None
        if key in self.choices:
            return False
        letter = key.removeprefix("layer ")
        return len(letter) != 1 or not letter.isalpha() or letter in self.letters


@dataclass(frozen=True)
class State:
    """A partial reading: which option each family has, and the rows that are true under it."""

    chosen: Mapping[Family, int]
    true: frozenset[int]
    price: float


@dataclass
class _Remembering(Evaluated):
    """An evaluation that remembers the values of parts by the readings of their families and the values of the letters in them."""

    memo: dict[tuple[object, ...], tuple[Any, dict[str, set[int]]]] = field(default_factory=dict)
    options: Mapping[Family, int] = field(default_factory=dict)
    parts: Callable[[Written], Part] = lambda _: Part()
    mode: tuple[object, ...] = ()
    taken: dict[int, tuple[object, ...]] = field(default_factory=dict)
    """What the nodes met so far are known by in one trial: which node, and the options of its families."""

    def __post_init__(self) -> None:
        self.is_plain = not self.held and not (isinstance(self.source, Numeric) and self.source.by is not None)

    def under(self, letters: Mapping[str, int]) -> Self:
        return replace(self, letters=letters)

    def of(self, node: Written) -> Any:
        if not self.is_plain or isinstance(node, w.Number | w.Bracket | w.Negative):
            return super().of(node)
        part = self.parts(node)
        known = self.taken.get(id(node))
        if known is None:
            options = [self.options.get(family, 0) for family in part.families]
            known = self.taken[id(node)] = (node.unplaced if isinstance(node, Name) else id(node), self.mode, *options)
        key = known if not self.letters and not self.chosen else (known, part.at(self.letters), part.at(self.chosen))
        found = self.memo.get(key)
        if found is None:
            found = self.memo[key] = self.watched(node)
        else:
            self.grids.budget.tick(REMEMBERED)
        value, seen = found
        for letter, layers in seen.items():
            self.grids.seen.setdefault(letter, set()).update(layers)
        if isinstance(value, Exception):
            raise value.with_traceback(None)
        return value

    def watched(self, node: Written) -> tuple[Any, dict[str, set[int]]]:
        """The value of a part, or why it has none, and the layers in which letters were met there."""
        around, self.grids.seen = self.grids.seen, {}
        try:
            return super().of(node), self.grids.seen
        except (Absent, Misfit, Unclear, Need, Choose) as fault:
            return fault, self.grids.seen
        finally:
            self.grids.seen = around


@dataclass
class Joint:
    """The search for one work under one set of conventions."""

    world: World
    lines: Sequence[Line]
    raised: frozenset[str] = frozenset()
    rows: list[Row] = field(default_factory=list)
    members: dict[Family, dict[Member, Name]] = field(default_factory=dict)
    trials: int = 0
    is_complete: bool = True
    """Was the search not ended by the budget?"""

    def __post_init__(self) -> None:
        self.axes = Axes(self.world.spec)
        self.memo: dict[tuple[object, ...], bool] = {}
        for line in self.lines:
            for link in line.links:
                if not (is_pure(link.left) and is_pure(link.right)):
                    self.rows.append(self.row(link, line))
        self.parts: dict[tuple[object, ...], Any] = {}
        self.within: dict[int, Part] = {}
        self.from_zero = any(slot == 0 for members in self.members.values() for member in members for slot in member.slots)
        self.hints = hints_in(self.lines, self.world.functions, lambda name: family_of(name, self.raised, self.axes.named)[0])
        self.given: set[Family] = set()
        self.options = {family: self.options_of(family) for family in self.members}

    def under(self, conventions: Conventions) -> Joint:
        """The same search under other conventions about values: families, rows and options are as they are."""
        other = copy(self)
        other.world = self.world.with_changes(conventions)
        other.memo, other.parts, other.trials = {}, {}, 0
        return other

    # -- families and options -------------------------------------------------------------------------------------------

    def row(self, link: Link, line: Line) -> Row:
        """The link as a row of evidence; its names become members of their families."""
        left, right = (tuple(self.families_in(form, link)) for form in (link.left, link.right))
        found = tuple(dict.fromkeys((*left, *right)))
        shape = "|".join(map(str, found)) + f"|{type(link.left).__name__}{len(w.parts(link.left))}:{len(w.parts(link.right))}"
        is_plain = not (is_pure(link.left) or is_pure(link.right)) and all(n.is_whole for n in literals(link.left) + literals(link.right))
        told = batch_told(line)
        zero = any(isinstance(form, w.Number) and float(form.text) == 0 for form in (link.left, link.right))
        is_batch = self.world.spec.vocabulary.samples > 1 or told is True
        return Row(link, line, found, shape, is_plain, is_batch, zero, unit_printed(link))

    def families_of(self, node: Written) -> tuple[Family, ...]:
        """The families in a part of a row."""
        return self.part(node).families

    def part(self, node: Written) -> Part:
        """What the value of a part of a row depends on."""
        found = self.within.get(id(node))
        if found is None:
            names = list(names_in(node, self.world.functions))
            every = (family_of(name, self.raised, self.axes.named)[0] for name in names)
            families = tuple(dict.fromkeys(family for family in every if family in self.members))
            own = self.world.single.grids.own_value
            letters = None if any(own(name) is not None for name in names) else frozenset(letters_of(node))
            found = self.within[id(node)] = Part(families, letters, choices_without(node))
        return found

    def families_in(self, form: Written, link: Link) -> list[Family]:
        found: dict[Family, None] = {}
        compared = {id(name) for name in compared_letters(form)}
        for name in names_in(form, self.world.functions):
            if id(name) in compared:
                continue
            if name.sub is None and (name.base in CONSTANTS or name.base in link.arguments):
                continue
            if name.base in COUNTS and name.sub is None and not name.sups and not self.world.single.grids.readings(name):
                continue
            if self.world.single.grids.own_value(name) is not None or self.world.single.grids.is_alias(name):
                continue
            family, member = family_of(name, self.raised, self.axes.named)
            self.members.setdefault(family, {}).setdefault(Member(member.slots, (), member.step), name)
            found[family] = None
        return list(found)

    def options_of(self, family: Family) -> list[Option]:
        """The ways to read a family, the cheapest first."""
        members = self.members[family]
        found: list[Option] = []
        readings = [self.usual_readings(name) for name in members.values()]
        usual = frozenset(reading[0].quantity for reading in readings if reading)
        others = {tuple(reading[k].quantity for reading in readings) for k in range(1, min(map(len, readings)))}
        first = tuple(reading[0].quantity for reading in readings if reading)
        letters = [
            {slot.name for slot in slots if isinstance(slot, Index) and not slot.offset}
            for slots in zip(*(m.slots for m in members), strict=True)
        ]
        if (told := self.world.own.fixed.get(family)) is not None:
            told_quantities = frozenset(q for m in members if (q := self.axes.quantity(told, family, m)) is not None)
            self.given.add(family)
            return [Option(told, 0.0, told_quantities, of_batch(told_quantities), 0.0)]
        if all(readings):
            found.append(Option(None, 0.0, usual, of_batch(usual), 0.0))
            if all(kind_given(name, self.axes.named) for name in members.values()):
                self.given.add(family)
                return found
        for meaning in self.axes.meanings(family, list(members)):
            each = tuple(self.axes.quantity(meaning, family, m) for m in members)
            if each == first:
                continue
            quantities = frozenset(q for q in each if q is not None)
            if meaning.order == "source" and self.world.spec.values:  # the file that gives weights has numbered them
                continue
            if meaning.order == TURNED and "delta_sign" in {*self.world.spec.decided, *self.world.spec.reading}:
                continue
            cost = price(family, meaning, self.axes.words, from_zero=self.from_zero)
            cost = max(0.0, cost + price_of_letters(meaning, letters, self.axes.words))
            if each in others:  # the notation or usage has this, too
                cost = min(cost, ALSO)
            hint = self.hints.get(family, {}).get(meaning.kind, 0.0)
            rank, spelling = max(0.1 * cost, cost - hint), cost
            if cost > 0 and hint:
                cost = max(0.2, cost - min(hint, MOST))
            found.append(Option(meaning, cost, quantities, of_batch(quantities), rank, spelling))
        if not found or family.base.endswith("'"):  # what a prime means is not for the search to find
            return [Option(None, 0.0, usual, of_batch(usual), 0.0)]
        return sorted(found, key=lambda option: option.rank)

    def usual_readings(self, name: Name) -> tuple[Reading, ...]:
        """What the notation or usage has for a name, where that takes no letter of a slot for a power."""
        rest = family_of(name, self.raised, self.axes.named)[1].rest
        readings = self.world.single.grids.readings(name)
        return tuple(reading for reading in readings if all(script in rest or not script.text.isalpha() for script in reading.rest))

    def is_spelled(self, family: Family) -> bool:
        """Is each of its names given by the file, or spelled as the file's notation or the canonical names have it?"""
        names = self.world.single.grids.names
        return family in self.given or all(names.is_spelled(name) for name in self.members[family].values())

    def like(self, family: Family, option: Option) -> int:
        """The number of the option with the same meaning."""
        return next((at for at, own in enumerate(self.options[family]) if own.meaning == option.meaning), 0)

    def fails_whole(self, state: State) -> bool:
        """Are many of the rows false that name matrices or vectors?"""
        whole = [at for at, row in enumerate(self.rows) if any(self.is_whole(f, state) for f in row.families)]
        false = [at for at in whole if at not in state.true]
        return len(false) > 1 and len(false) * 4 >= len(whole)

    def is_whole(self, family: Family, state: State) -> bool:
        return any((q.of or q).is_whole for q in self.options[family][state.chosen.get(family, 0)].quantities)

    # -- truth ----------------------------------------------------------------------------------------------------------

    def holds(self, at: int, chosen: Assignment) -> bool:
        """Is the row true under these options of its families?"""
        row = self.rows[at]
        key = (at, *[chosen.get(family, 0) for family in row.families])
        if (known := self.memo.get(key)) is not None:
            return known
        self.trials += 1
        found = self.tried(row, chosen)
        row.known[key[1:]] = found
        self.memo[key] = found
        return found

    def tried(self, row: Row, chosen: Assignment) -> bool:
        """As `judged`, within a few steps: what takes more is not found to be true."""
        budget = self.world.budget
        around = budget.end
        try:
            with budget.stage(TRIAL):
                return self.judged(row, chosen)
        except OverBudget:
            if budget.spent > around:
                raise
            return False

    def judged(self, row: Row, chosen: Assignment) -> bool:
        """As `holds`: side by side where nothing has to be chosen or rounded, each side being worked out once for its own families."""
        if row.is_plain:
            is_batch = row.told_batch or any(self.options[f][chosen.get(f, 0)].is_batch for f in row.families)
            return self.compared(row, chosen, is_batch)
        self.install({family: chosen.get(family, 0) for family in row.families})
        try:
            return not self.is_far(row, chosen) and self.world.decided(row.link, row.line)[0].holds
        except RecursionError:
            return False

    def is_far(self, row: Row, chosen: Assignment) -> bool:
        """Are the sides so far apart, at the network's own numbers, that no rounding explains it?"""
        checker, head = self.world.at_numbers, unwrapped(row.link.left)
        if checker is None or row.line.conditions:
            return False
        options = {family: chosen.get(family, 0) for family in row.families}
        kinds = (
            {q.kind for f in self.families_of(head) for q in self.options[f][options.get(f, 0)].quantities}
            if isinstance(head, Name)
            else set()
        )
        if kinds & {"weight", "bias"}:  # which may stand for its updated value
            return False

        def compare(meaning: Evaluated) -> Difference | None:
            a, b = meaning.of(row.link.left), meaning.of(row.link.right)
            if a.shape != b.shape:
                return DIFFERENT
            size = np.maximum(np.abs(a), np.abs(b))
            room = LOOSE * size if row.unit is None else TIGHT * size + np.minimum(2 * row.unit, LOOSE * size)
            return DIFFERENT if np.any(np.abs(a - b) > room) else None

        found = checker.first_way(compare, (), self.remembering(checker, row, options, "numbers"))
        return found.kind in {"different", "absent"}

    def remembering(self, checker: Checker, row: Row, options: Mapping[Family, int], *mode: object, **chosen: Any) -> _Remembering:
        """What evaluates the parts of a row under these options of its families."""
        source, arguments = Numeric(checker.truth), row.link.arguments
        return _Remembering(source, checker.grids, {}, chosen, arguments, {}, self.parts, options, self.part, (*mode, arguments))

    def compared(self, row: Row, chosen: Assignment, is_batch: bool) -> bool:
        """Are both sides equal for all values of their letters, and not just 0 everywhere? Parts are worked out once for their families."""
        options = {family: chosen.get(family, 0) for family in row.families}
        self.install(options)
        checker = self.world.batch if is_batch else self.world.single
        says_something = row.names_zero

        def compare(meaning: Evaluated) -> Difference | None:
            nonlocal says_something
            a, b = meaning.of(row.link.left), meaning.of(row.link.right)
            if not same(a, b):
                return DIFFERENT
            says_something = says_something or bool(np.any(a != 0))
            return None

        free = self.part(row.link.left).choices & self.part(row.link.right).choices
        is_round = self.world.spec.vocabulary.distinguishes and "partial" not in free
        for is_partial in (False, True) if is_round else (False,):
            meaning = self.remembering(checker, row, options, is_batch, **({"partial": True} if is_partial else {}))
            if checker.first_way(compare, row.line.conditions, meaning).holds and says_something:
                return True
        return False

    def can_fail(self, at: int, state: State) -> bool:
        """Is the row false under some other reading of its names: does it say anything?"""
        families = self.rows[at].families
        others = (
            {**state.chosen, family: option}
            for family in families
            for option in range(min(OTHERS, len(self.options[family])))
            if option != state.chosen[family]
        )
        with suppress(OverBudget):
            return any(not self.holds(at, chosen) and self.is_false(at, chosen) for chosen in others)
        return True

    def is_false(self, at: int, chosen: Assignment) -> bool:
        """Do both sides of the row have values of one shape under these options, which differ, or cannot be told from a nought?"""
        row = self.rows[at]
        self.install({family: chosen.get(family, 0) for family in row.families})
        outcome = self.world.decided(row.link, row.line)[0]
        return outcome.kind == "different" or (outcome.unclear is not None and outcome.unclear.key == NO_DIGIT)

    def install(self, chosen: Assignment) -> None:
        """Let the world read the families so."""
        self.world.own.raised = self.raised
        self.world.own.meanings = self.world.own.fixed | {
            family: meaning for family, at in chosen.items() if (meaning := self.options[family][at].meaning) is not None
        }
        self.world.__dict__.pop("_of_batches", None)

    # -- the search -----------------------------------------------------------------------------------------------------

    def search(self, like: Established | None = None) -> State:
        """The best reading found, beginning with what is like another one."""
        first = State({}, frozenset(), 0.0)
        with suppress(OverBudget):
            first = self.begun(like) if like is not None else self.usual()
        if len(first.true) < HALF * len(self.rows) and like is None:  # what few rows support may be wrong as a whole
            first = State({}, frozenset(), 0.0)
        found = self.searched(first)
        if len(found.true) < PLENTY * len(self.rows) and like is None and first.chosen:
            found = max(found, self.searched(State({}, frozenset(), 0.0)), key=self.score)
        with suppress(OverBudget), self.world.budget.stage(self.world.budget.left * SHARE / 2):
            found = self.improved(found)
        return found

    def begun(self, like: Established) -> State:
        """The families that another reading of the work has, read as there."""
        chosen = {f: self.like(f, like.option(f)) for f in self.members if f in like.state.chosen}
        true = {at for at, row in enumerate(self.rows) if all(f in chosen for f in row.families) and self.holds(at, chosen)}
        return State(chosen, frozenset(true), sum(self.options[f][at].price for f, at in chosen.items()))

    def searched(self, first: State) -> State:
        """The best reading that has `first` in it."""
        states, limit = [first], self.trials + MAX_TRIALS
        todo = [at for at in range(len(self.rows)) if at not in first.true]
        budget = self.world.budget
        self.is_complete = False
        with suppress(OverBudget), budget.stage(budget.left * SHARE):
            while todo and self.trials < limit:
                known = set(states[0].chosen)
                at = min(todo, key=lambda k: (self.unknown_cost(k, known), k))
                todo.remove(at)
                states = self.extended(states, at)
            self.is_complete = not todo
        return max((self.completed(state) for state in states), key=self.score)

    def usual(self) -> State:
        """The families that rows support as they are usually read, and those rows."""
        true = frozenset(at for at, row in enumerate(self.rows) if self.is_usual(row) and self.holds(at, {}))
        families = {family for at in true for family in self.rows[at].families}
        return State(dict.fromkeys(families, 0), true, sum(self.options[family][0].price for family in families))

    def is_usual(self, row: Row) -> bool:
        """Is each of its families read as it usually is, if it is read in the cheapest way?"""
        return bool(row.families) and all(self.options[family][0].price < 0.5 for family in row.families)

    def unknown_cost(self, at: int, known: Collection[Family]) -> float:
        """How open a row is: how many ways there are to read what is unknown in it; rows that share nothing come last."""
        families = self.rows[at].families
        unknown = [family for family in families if family not in known]
        if not unknown:
            return 0.0
        ways = 1.0
        for family in unknown:
            ways *= 2 if self.options[family][0].price < SPELLED else len(self.options[family])
        return ways * (1.0 if len(unknown) < len(families) or not known else 5.0)

    def extended(self, states: Sequence[State], at: int) -> list[State]:
        row, end = self.rows[at], self.world.budget.spent + ROW
        found: dict[tuple[object, ...], State] = {}
        for rank, state in enumerate(states):
            if rank and self.world.budget.spent > end:
                self.put(found, state)
                continue
            unknown = [family for family in row.families if family not in state.chosen]
            if not unknown:
                true = state.true | {at} if self.holds(at, state.chosen) else state.true
                self.put(found, State(state.chosen, true, state.price))
                continue
            self.put(found, state)
            is_first = rank == 0 or len(unknown) == 1
            ways = chain(self.defined(row, unknown) if is_first else (), self.combinations(unknown, TRIED if rank == 0 else TRIED // 4))
            if self.kept(found, state, at, unknown, ways) < KEPT and row.is_plain and rank == 0:
                self.kept(found, state, at, unknown, self.meeting(row, state, unknown))
        return sorted(found.values(), key=lambda s: -self.partial_score(s))[:BEAM]

    def kept(self, found: dict[tuple[object, ...], State], state: State, at: int, unknown: Sequence[Family], ways: Iterable[Way]) -> int:
        """How many of these ways to read the unknown families make the row true; the first few of them are put with what was found."""
        count = 0
        for combination, added in ways:
            chosen = {**state.chosen, **dict(zip(unknown, combination, strict=True))}
            if self.clashes(chosen, unknown, self.rows[at]):
                continue
            if self.holds(at, chosen):
                self.put(found, State(chosen, state.true | {at}, state.price + added))
                count += 1
                if count >= KEPT:
                    break
        return count

    def meeting(self, row: Row, state: State, unknown: Sequence[Family]) -> list[Way]:
        """Ways to read the unknown families under which both sides have one value somewhere, the cheapest first.

        Each side is evaluated for the ways to read what is unknown in it alone, and the values are looked up among the other's: so that
        of two sides with a hundred ways each ten thousand pairs are told apart by two hundred evaluations.
        """
        sides = [self.families_of(form) for form in (row.link.left, row.link.right)]
        shared = [f for f in unknown if f in sides[0] and f in sides[1]]
        left, right = ([f for f in unknown if f in side and f not in shared] for side in sides)
        found: dict[tuple[int, ...], float] = {}
        end = self.world.budget.spent + MEETING
        for common, base in self.combinations(shared, SIDES):
            chosen = {**state.chosen, **dict(zip(shared, common, strict=True))}
            table: dict[object, list[tuple[Mapping[str, int], Assignment, float]]] = defaultdict(list)
            for combination, added in self.combinations(left, SIDES):
                mine = dict(zip(left, combination, strict=True))
                for letters, value in self.side(row, row.link.left, {**chosen, **mine}):
                    table[value].append((letters, mine, added))
                if self.world.budget.spent > end - MEETING / 2:
                    break
            for combination, added in self.combinations(right, SIDES):
                mine = dict(zip(right, combination, strict=True))
                for letters, value in self.side(row, row.link.right, {**chosen, **mine}):
                    for others, theirs, more in table.get(value, ()):
                        if all(others.get(letter, x) == x for letter, x in letters.items()):
                            every = {**chosen, **mine, **theirs}
                            found[tuple(every[f] for f in unknown)] = base + added + more
                if self.world.budget.spent > end:
                    return heapq.nsmallest(MEETINGS, found.items(), key=lambda way: (way[1], way[0]))
        return heapq.nsmallest(MEETINGS, found.items(), key=lambda way: (way[1], way[0]))

    def side(self, row: Row, form: Written, chosen: Assignment) -> list[tuple[Mapping[str, int], object]]:
        """The values of a side of a row for the values of its letters, each as its shape and its first entries to a few digits."""
        options = {family: chosen.get(family, 0) for family in row.families}
        self.install(options)
        is_batch = row.told_batch or any(option.is_batch for family in row.families for option in self.options[family][:1])
        checker = self.world.batch if is_batch else self.world.single
        found: list[tuple[Mapping[str, int], object]] = []
        for letters, value in checker.values(form, row.line.conditions, self.remembering(checker, row, options, is_batch)):
            first = [f"{x:.6e}" for x in value[0].flat[:MANY]]
            if np.all(np.isfinite(value[0])) and np.ptp(value[:, 0, 0]):
                found.append((letters, (value.shape[1:], *first)))
        return found

    def put(self, found: dict[tuple[object, ...], State], state: State) -> None:
        key = tuple(sorted((str(family), at) for family, at in state.chosen.items()))
        if key not in found or len(found[key].true) < len(state.true):
            found[key] = state

    def defined(self, row: Row, unknown: Sequence[Family]) -> Iterator[tuple[tuple[int, ...], float]]:
        """What the row may define the name on its left as, all else being read in the cheapest way."""
        head = unwrapped(row.link.left)
        own = self.families_of(head) if isinstance(head, Name) else ()
        if len(own) != 1 or own[0] not in unknown:
            return
        at = list(unknown).index(own[0])
        rest = sum(self.options[family][0].price for family in unknown if family is not own[0])
        for option, one in enumerate(self.options[own[0]]):
            yield tuple(option if k == at else 0 for k in range(len(unknown))), rest + one.price

    def combinations(self, families: Sequence[Family], most: int) -> Iterator[tuple[tuple[int, ...], float]]:
        """Options for the families together, with their price, in the order of their ranks."""
        options = [self.options[family] for family in families]
        start = (0,) * len(families)
        heap = [(sum(o[0].rank for o in options), start)]
        seen = {start}
        for _ in range(most):
            if not heap:
                return
            total, at = heapq.heappop(heap)
            yield at, sum(own[k].price for own, k in zip(options, at, strict=True))
            for k in range(len(at)):
                after = (*at[:k], at[k] + 1, *at[k + 1 :])
                if at[k] + 1 < len(options[k]) and after not in seen:
                    seen.add(after)
                    heapq.heappush(heap, (total - options[k][at[k]].rank + options[k][at[k] + 1].rank, after))

    def clashes(self, chosen: Assignment, new: Sequence[Family], row: Row) -> bool:
        """Do two families stand for one quantity, that no row says to be the same?"""
        for family in new:
            mine = self.options[family][chosen[family]].quantities
            for other, at in chosen.items():
                if other is family or not mine & self.options[other][at].quantities:
                    continue
                is_short = not family.places and other in self.given  # one's own short name for a quantity of the file
                if {family, other} != set(row.families) and other.base[:1] != family.base[:1] and not is_short:
                    return True
        return False

    def completed(self, state: State) -> State:
        """With the cheapest option of each family that is still unknown, and all rows judged, as far as the budget goes."""
        chosen = {family: state.chosen.get(family, 0) for family in self.members}
        true = set(state.true)
        with suppress(OverBudget):
            for at in range(len(self.rows)):
                true = true | {at} if self.holds(at, chosen) else true - {at}
        return State(chosen, frozenset(true), sum(self.options[family][at].price for family, at in chosen.items()))

    def partial_score(self, state: State) -> float:
        return self.evidence(state.true) - ROWS * state.price - self.incoherence(state.chosen)

    score = partial_score

    def evidence(self, true: Collection[int]) -> float:
        """How much the true rows say: little, where a row is true however it is read, or is like one before it."""
        seen: dict[str, int] = defaultdict(int)
        total = 0.0
        for at in sorted(true):
            row = self.rows[at]
            told = max(0.1, 1.0 - row.share)
            total += told * (1.0 if not seen[row.shape] else 0.6)
            seen[row.shape] += 1
        return total

    def incoherence(self, chosen: Assignment) -> float:
        """What it costs that families of one letter differ in kind, or that layers are counted in two ways."""
        total = 0.0
        by_base: dict[str, set[str]] = defaultdict(set)
        offsets: set[int] = set()
        for family, at in chosen.items():
            meaning = self.options[family][at].meaning
            if meaning is None:
                continue
            by_base[family.base].add(meaning.kind)
            if meaning.kind in {"net", "out", "delta"}:
                offsets |= {by for role, by in meaning.roles if role == "layer"}
        total += sum(APART * ROWS * (len(kinds) - 1) for kinds in by_base.values())
        total += APART * ROWS * max(0, len(offsets) - 1)
        for a, b in combinations(chosen, 2):
            if self.options[a][chosen[a]].quantities & self.options[b][chosen[b]].quantities:
                total += SHARED * ROWS
        return total

    def improved(self, state: State) -> State:
        """With single families read otherwise, where that is better."""
        for _ in range(2):
            before = state
            false = [at for at in range(len(self.rows)) if at not in state.true]
            for family in dict.fromkeys(family for at in false for family in self.rows[at].families):
                state = self.reread(state, family)
            if state is before:
                break
        return state

    def reread(self, state: State, family: Family) -> State:
        """With the best option for one family, the others being as they are."""
        concerned = [at for at, row in enumerate(self.rows) if family in row.families]
        failing = [at for at in concerned if at not in state.true]
        supporting = [at for at in concerned if at in state.true]
        best, score = state, self.score(state)
        options = self.options[family]
        mine = options[state.chosen[family]].meaning
        # Of what many rows say, only the layer or what is counted may be otherwise: whatever else it meant, they would be lost.
        is_firm = len(supporting) > 1 and len(supporting) >= len(failing)
        if is_firm and mine is None:
            return state
        for option in range(min(len(options), REREAD)):
            other = options[option].meaning
            if option == state.chosen[family] or (is_firm and not (mine and other and mine.is_like(other))):
                continue
            if ROWS * (options[option].price - options[state.chosen[family]].price) > len(failing):
                break
            chosen = {**state.chosen, family: option}
            if not any(self.holds(at, chosen) for at in failing):
                continue
            true = (state.true - set(concerned)) | {at for at in concerned if self.holds(at, chosen)}
            total = state.price - self.options[family][state.chosen[family]].price + self.options[family][option].price
            found = State(chosen, frozenset(true), total)
            if (new := self.score(found)) > score + 1e-9:
                best, score = found, new
        return best


def unit_printed(link: Link) -> float | None:
    """The last place of the values that a link prints of a form without rounded numbers."""
    for form, other in ((link.left, link.right), (link.right, link.left)):
        if is_result(other) and all(number.is_whole for number in literals(form)):
            return max(map(unit_of, results(other)))
    return None


def of_batch(quantities: Collection[Quantity]) -> bool:
    """Are these about several samples?"""
    for quantity in quantities:
        of = quantity.of or quantity
        is_pattern = isinstance(of.sample, Index) and of.sample.name == "p"
        if of.is_batch or (isinstance(of.sample, Index | int) and not is_pattern):
            return True
    return False


def same(a: Any, b: Any) -> bool:
    """Are two values equal at every point, as far as floats tell; 0 may stand for a matrix of zeros."""
    if a.shape[1:] != b.shape[1:]:
        if (1, 1) not in {a.shape[1:], b.shape[1:]}:
            return False
        constant = a if a.shape[1:] == (1, 1) else b
        if not np.all(constant == constant.flat[0]):
            return False
    x, y = float(a.flat[0]), float(b.flat[0])
    if np.isfinite(x) and np.isfinite(y) and abs(x - y) > 1e-7 * max(abs(x), abs(y), 1e-6):
        return False
    finite = np.isfinite(a) & np.isfinite(b)
    if not finite.any():
        return False
    close = np.abs(a - b) <= TOLERANCE * np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-6)
    return bool(np.all(np.where(finite, close, (a == b) | (np.isnan(a) & np.isnan(b)))))


def names_in(form: Written, functions: Collection[str]) -> Iterator[Name]:
    """Every name that stands for something in a form, those under a nabla too."""
    for part in w.parts(form):
        if isinstance(part, Name):
            yield part
        elif isinstance(part, w.Nabla):
            try:
                wrt = Reader(part.wrt.tokens, functions, part.wrt.span[0]).whole()
            except Unreadable:
                continue
            if isinstance(wrt, Name):
                yield wrt


def compared_letters(form: Written) -> Iterator[Name]:
    """The letters of indices that conditions in a form compare, 1[i = k]: they name no quantity."""
    letters = {token for part in w.parts(form) if not isinstance(part, Name) or part.sub or part.sups for token in letters_of(part)}
    for part in w.parts(form):
        if isinstance(part, w.Relation):
            sides = (unwrapped(part.left), unwrapped(part.right))
            yield from (side for side in sides if isinstance(side, Name) and side.sub is None and not side.sups and side.base in letters)


def choices_without(form: Written) -> frozenset[str]:
    """The choices that are about no part of a form."""
    found = {"partial", "entrywise", "product"}
    for part in w.parts(form):
        if isinstance(part, w.Derivative):
            found -= {"partial", "entrywise"}
        elif isinstance(part, w.Product):
            found.discard("product")
    return frozenset(found)


def letters_of(form: Written) -> Iterator[str]:
    """The letters that names in a form are, and those of all scripts in it: they may be indices."""
    for part in w.parts(form):
        if isinstance(part, Name):
            yield part.base
        for script in (*getattr(part, "sups", ()), *(getattr(part, of, None) for of in ("sub", "low", "high", "wrt"))):
            if isinstance(script, w.Script):
                yield from (token.text for token in script.tokens)


@dataclass
class Established:
    """A reading of the whole work, and what in the work speaks for it."""

    joint: Joint
    state: State

    def __post_init__(self) -> None:
        self.at = {id(row.link): at for at, row in enumerate(self.joint.rows)}

    def option(self, family: Family) -> Option:
        return self.joint.options[family][self.state.chosen[family]]

    def told(self, at: int) -> bool:
        """Does a true row say anything of its families: is it not true however it is read?"""
        return self.joint.rows[at].share < 0.7

    def support(self, family: Family, without: int) -> int:
        """How many other rows are true and have the family."""
        return sum(at != without and family in self.joint.rows[at].families and self.told(at) for at in self.state.true)

    def is_established(self, family: Family, at: int) -> bool:
        """Is what the family means settled without the row: by other rows, or as the file, the notation or usage has it?"""
        price, support = self.option(family).price, self.support(family, at)
        if family in self.joint.given or (price < SPELLED and support and self.joint.is_spelled(family)):
            return True
        if not self.joint.is_complete:  # what was not searched is not settled
            return price < SPELLED and support > 1
        false = (row for k, row in enumerate(self.joint.rows) if k != at and k not in self.state.true)
        against = sum(family in row.families and self.speaks(row) for row in false)
        is_usual = self.option(family).spelling < USUAL and (support > 0 or against < SPEAKING)
        return is_usual or support > 1 or (support == 1 and price < AGAINST)

    def says_something(self, rows: Collection[int]) -> bool:
        """Is a link of these rows, told by their identity, true that would be false if its names meant something else?"""
        every = (at for at in sorted(self.state.true) if id(self.joint.rows[at].line.row) in rows)
        return any(self.joint.can_fail(at, self.state) for at in every)

    def speaks(self, row: Row) -> bool:
        """May a false row speak against what its names mean: is it not left undecided, since a name has one value after another?"""
        return not any(family.base in self.joint.world.own.overwritten for family in row.families)

    def rivals(self, at: int) -> list[tuple[Family, Option]]:
        """Other readings of one family that make the row true and lose no other true row, where nothing settles the one that was taken."""
        found: list[tuple[Family, Option]] = []
        joint, chosen = self.joint, dict(self.state.chosen)
        for family in joint.rows[at].families:
            mine = self.option(family)
            rows = [k for k in self.state.true if family in joint.rows[k].families]
            if joint.is_spelled(family):
                continue
            dearest = SPELLED if mine.price < SPELLED else mine.price + (RIVAL if not rows else RIVAL / 2)
            for option, other in enumerate(joint.options[family]):
                if option == chosen[family] or other.price >= dearest:
                    continue
                if len(rows) > 2 and other.price > mine.price:
                    continue
                trial = {**chosen, family: option}
                if joint.holds(at, trial) and all(joint.holds(k, trial) for k in rows):
                    found.append((family, other))
        joint.install(chosen)
        return found

    def unsupported(self, link: Link) -> Name | None:
        """A name in a true link, not alone on its left, that has no usual meaning and whose family stands in no other true row."""
        at = self.at.get(id(link))
        if at is None:
            return None
        head = unwrapped(link.left)
        own = self.joint.families_of(head) if isinstance(head, Name) else ()
        for family in self.joint.rows[at].families:
            option = self.option(family)
            own_value = self.joint.world.single.grids.own_value
            if all(own_value(name) is not None for name in self.joint.members[family].values()):
                continue  # the work itself says what it stands for
            is_usual = option.meaning is None or option.price < SPELLED or family in self.joint.given
            if family in own or is_usual or any(k != at and family in self.joint.rows[k].families for k in self.state.true):
                continue
            return next(iter(self.joint.members[family].values()))
        return None

    def only_defines(self, link: Link) -> bool:
        """Has the name alone on the left no usual meaning, and stands its family in no other true row?"""
        at, head = self.at.get(id(link)), unwrapped(link.left)
        own = self.joint.families_of(head) if isinstance(head, Name) else ()
        if at is None or not own or own[0] in self.joint.given:
            return False
        option = self.option(own[0])
        is_usual = option.meaning is None or option.spelling < SPELLED
        return not is_usual and not any(k != at and own[0] in self.joint.rows[k].families for k in self.state.true)

    def doubt(self, link: Link) -> tuple[Family, str] | None:
        """The family that keeps a false link from being wrong, and why: "rival" readings, or "open" where nothing establishes it."""
        at = self.at.get(id(link))
        if at is None:
            return None
        families = self.joint.rows[at].families
        for family in families:
            if not self.is_established(family, at):
                return family, "open"
        if rivals := self.rivals(at):
            return rivals[0][0], "rival"
        families = tuple(family for family in families if not self.joint.is_spelled(family))
        own = self.joint.world.own
        forms = {id(form) for form in own.forms.values()}
        told = [row for row in self.joint.rows if id(row.link.right) not in forms and self.speaks(row)]
        half = len(told) <= SHORT or len(self.state.true) * 2 >= len(told)
        if not half and not all(self.support(family, at) for family in families):
            return next(family for family in families if not self.support(family, at)), "few"
        return None


def raised_in(lines: Sequence[Line]) -> frozenset[str]:
    """Bases that have numbers raised without brackets, which may be layers, and letters that are raised and stand for nothing else."""
    names = list(_names(lines))
    bases = {name.base for name in names if name.sub is None and not name.sups}
    numbered = {name.base for name in names for script in name.sups if script.text.isdigit() or script.text in {"h", "o"}}
    letters = {s.text for name in names for s in name.sups if len(s.text) == 1 and s.text.isalpha() and s.text not in TRANSPOSES}
    return frozenset(numbered | (letters - bases))


def layers_raised(lines: Sequence[Line]) -> bool:
    """Does what is raised look like layers or samples: letters that stand for nothing else, or numbers that a power would not be?"""
    raised = raised_in(lines)
    digits = {script.text for name in _names(lines) for script in name.sups if script.text.isdigit()}
    return bool(digits & {"0", "1"}) or any(script.text in raised for name in _names(lines) for script in name.sups)


def _names(lines: Sequence[Line]) -> Iterator[Name]:
    for line in lines:
        for link in line.links:
            for form in (link.left, link.right):
                yield from (part for part in w.parts(form) if isinstance(part, Name))


def layouts(world: World, lines: Sequence[Line]) -> Iterator[Conventions]:
    """Other layouts, where the work multiplies whole matrices."""
    now = world.conventions
    parts = [p for line in lines for link in line.links for form in (link.left, link.right) for p in w.parts(form)]
    capitals = {p.unplaced: p for p in parts if isinstance(p, Name) and p.base[:1].isupper()}
    kinds = [{reading.quantity.kind for reading in world.single.grids.readings(p)[:1]} for p in capitals.values()]
    turned = any(isinstance(p, Name) and any(script.text in TRANSPOSES for script in p.sups) for p in parts)
    if (
        turned
        or any(isinstance(p, w.Transposed) for p in parts)
        or any(not kind & {"error_total", "error_sample", "error"} for kind in kinds)
    ):
        for samples in ("columns", "rows"):
            for rows in ("unit", "source"):
                if (samples, rows) != (now.samples, now.weight_rows):
                    yield replace(now, samples=samples, weight_rows=rows)


def conventions_near(joint: Joint) -> Iterator[Conventions]:
    """Conventions that differ in one thing, about what names are worth, where the work has names that it is about."""
    now, spec = joint.world.conventions, joint.world.spec
    usual = [quantity for options in joint.options.values() for option in options[:1] for quantity in option.quantities]
    if any((quantity.of or quantity).is_whole for quantity in usual):
        yield replace(now, gradient="transposed" if now.gradient == "same" else "same")
        yield replace(now, jacobian="by" if now.jacobian == "of" else "of")
    if spec.vocabulary.samples > 1 or any(row.told_batch for row in joint.rows) or of_batch(usual):
        if "reduction" not in spec.decided:
            yield replace(now, reduction="mean" if now.reduction == "sum" else "sum")
        yield replace(now, per_example=not now.per_example)
        if "reduction" not in spec.decided:
            yield replace(now, reduction="mean" if now.reduction == "sum" else "sum", per_example=not now.per_example)
    if spec.vocabulary.times and initial_states(spec):
        yield replace(now, initial_state="zero" if now.initial_state == "free" else "free")
    if "delta_sign" not in spec.decided and any(quantity.kind == "delta" for quantity in usual):
        yield replace(now, delta_sign=-now.delta_sign)


def read_jointly(world: World, lines: Sequence[Line], like: Established | None = None) -> World:
    """The work under the reading of all its families that makes most rows true; beginning with `like`, where that is a reading of it."""
    if like is not None:
        joint = Joint(world.with_changes(like.joint.world.conventions), lines, like.joint.raised)
        return installed(joint, joint.search(like))
    raised = raised_in(lines)
    ways = [frozenset[str](), raised] if raised else [frozenset[str]()]
    if layers_raised(lines):
        ways.reverse()
    first = begun(Joint(world, lines, ways[0]))
    best = first, first.search()
    likely = bool(ways[0]) or len(best[1].true) < PLENTY * len(first.rows)
    if len(ways) > 1 and likely and len(best[1].true) < len(first.rows):
        other = Joint(first.world.with_changes(), lines, ways[1])
        found = other.search()
        if any(other.can_fail(at, found) for at in found.true - best[1].true):
            best = better(best, (other, found))
    with suppress(OverBudget):
        best = settled(*best)
        for conventions in layouts(world, lines):
            if not best[0].fails_whole(best[1]):
                break
            other = best[0].under(conventions)
            found = other.search()
            if len(found.true) >= len(best[1].true) + WORTH:
                best = better(best, (other, found))
        best = settled(*best)
    return installed(*best)


def is_any_true(world: World, lines: Sequence[Line], like: Established) -> bool:
    """Is any row of these lines true, what another reading of the work knows being read as there?"""
    joint = Joint(world.with_changes(like.joint.world.conventions), lines, like.joint.raised)
    try:
        true = joint.searched(joint.begun(like)).true
    except OverBudget:
        return False
    false = {id(row.line) for at, row in enumerate(joint.rows) if at not in true}
    return any(id(row.line) not in false for row in joint.rows)


def begun(joint: Joint) -> Joint:
    """The conventions to begin with: those under which most rows are true that name what is usual."""
    best, state = joint, joint.completed(State({}, frozenset(), 0.0))
    budget = joint.world.budget
    with suppress(OverBudget), budget.stage(budget.left * BEGUN):
        is_better = True
        while is_better:
            is_better = False
            for conventions in (*layouts(best.world, joint.lines), *conventions_near(best)):
                if len(state.true) == len(joint.rows):
                    break
                trial = joint.under(conventions)
                found = trial.completed(State({}, frozenset(), 0.0))
                if len(found.true) > len(state.true) and is_kept(joint, state, found):
                    best, state, is_better = trial, found, True
    return best


def better(one: tuple[Joint, State], other: tuple[Joint, State]) -> tuple[Joint, State]:
    """The better of two readings; the first where they are alike."""
    return other if other[0].score(other[1]) > one[0].score(one[1]) + 1e-9 else one


def unbought(joint: Joint, state: State) -> State:
    """The same with each family read as usual that is read otherwise for the sake of one row: evidence cannot be bought."""
    for _ in range(3):
        before = state
        for family, at in list(state.chosen.items()):
            options = joint.options[family]
            usual = next((k for k, option in enumerate(options) if option.meaning is None and option.quantities), None)
            if usual is None or at == usual or is_whole_instead(options[at], options[usual]):
                continue
            rows = [k for k, row in enumerate(joint.rows) if family in row.families]
            chosen = {**state.chosen, family: usual}
            held = {k for k in rows if joint.holds(k, chosen)}
            lost = (state.true & set(rows)) - held
            if lost and not any(joint.is_false(k, chosen) for k in lost):
                continue  # what it usually means has no value there: nothing is made true of what was false
            meaning = options[at].meaning
            worth = WORTH_OF_THE_FILE if joint.is_spelled(family) else WORTH
            if meaning is not None and meaning.order == "source":  # the file gives no weights that are numbered: another order is as good
                worth = min(worth, WORTH_OF_A_NUMBERING)
            if len(lost) - len(held - state.true) < worth:
                total = state.price - options[at].price + options[usual].price
                state = State(chosen, frozenset((state.true - set(rows)) | held), total)
        if state is before:
            break
    return state


def is_whole_instead(one: Option, other: Option) -> bool:
    """Are these the same kinds of quantities, of whole layers in the one and of units in the other, z_1; or is the one Kronecker's?"""
    if one.meaning is not None and one.meaning.kind == "kronecker":
        return True
    kinds = [{quantity.kind for quantity in option.quantities} for option in (one, other)]
    wholes = [all(quantity.is_whole for quantity in option.quantities) for option in (one, other)]
    return kinds[0] == kinds[1] and wholes[0] and not wholes[1]


def unturned(joint: Joint, state: State) -> State:
    """The same with each turned delta as dE/dnet that not two true rows say: a single formula with the wrong sign is a mistake."""
    for family, at in list(state.chosen.items()):
        meaning = joint.options[family][at].meaning
        if meaning is None or meaning.order != TURNED:
            continue
        said = [k for k in state.true if family in joint.rows[k].families]
        heads = [isinstance(unwrapped(joint.rows[k].link.left), Name) for k in said]
        if len(said) < 2 or all(heads):
            plain = next((k for k, o in enumerate(joint.options[family]) if o.quantities and _is_plain(o, joint.options[family][at])), None)
            if plain is not None:
                state = joint.completed(replace(state, chosen={**state.chosen, family: plain}))
    return state


def _is_plain(option: Option, turned: Option) -> bool:
    """Is it the same delta with its own sign?"""
    nets = {quantity.of for quantity in turned.quantities}
    return {replace(q, kind="net") if q.kind == "delta" else q.of if not q.key else None for q in option.quantities} == nets


def installed(joint: Joint, state: State) -> World:
    """The world that reads the work so."""
    with suppress(OverBudget):
        state = unturned(joint, unbought(joint, state))
    joint.install(state.chosen)
    joint.world.reading = Established(joint, state)
    define_names(joint, state)
    return joint.world


def define_names(joint: Joint, state: State) -> None:
    """Let a name whose family no true row establishes stand for what the work defines it as, where it has no usual meaning."""
    own = joint.world.own
    for at, row in enumerate(joint.rows):
        head = unwrapped(row.link.left)
        if at in state.true or not isinstance(head, Name) or head.plus or head.primes or head.base in row.link.arguments:
            continue
        if is_cut_short(head):
            continue
        family, member = family_of(head, joint.raised, joint.axes.named)
        option = joint.options[family][state.chosen[family]] if family in state.chosen else None
        is_free = option is not None and (option.spelling >= USUAL or not option.quantities)
        if not is_free or any(isinstance(slot, Index) for slot in member.slots):
            continue
        if any(family in joint.rows[k].families for k in state.true):
            continue
        key = next(iter(own_keys(head)))[0]
        if key not in own.forms and not any(isinstance(p, Name) and p.base == head.base for p in w.parts(row.link.right)):
            own.forms[key] = row.link.right


def is_kept(joint: Joint, before: State, after: State) -> bool:
    """Is another convention said by two rows that were false before, a definition and a use of it?

    Two more are needed for each row that it loses; where it is defined in so many words, only more than it loses.
    """
    won, lost = after.true - before.true, len(before.true - after.true)
    return len(won) >= max(WORTH, lost + 1 if any(joint.rows[at].defines for at in won) else WORTH * (1 + lost))


def settled(joint: Joint, state: State) -> tuple[Joint, State]:
    """The same reading of families under conventions about their values under which more rows are true."""
    for conventions in conventions_near(joint):
        if len(state.true) == len(joint.rows):
            break
        trial = joint.under(conventions)
        found = trial.completed(State(state.chosen, frozenset(), 0.0))
        if trial.score(found) > joint.score(state) + 1e-9 and is_kept(joint, state, found):
            joint, state = trial, trial.improved(found)
    return joint, state
