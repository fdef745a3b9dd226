"""What each row of a work says of which quantity, and what it rests on: the statements that marks are given for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from symbp.language import written as w
from symbp.language.form import Var
from symbp.language.written import Written
from symbp.network.forward import ERROR
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.budget import OverBudget
from symbp.verification.judging.checks import Checker, Letters
from symbp.verification.judging.following import FAULTS, REPEATED, assignments, subjects
from symbp.verification.judging.judge import Judged, Ruling
from symbp.verification.judging.printed import SHORT, digits_of, is_pure, is_result, literals, results, unit_of, value_of
from symbp.verification.judging.scope import Numeric
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.judging.truth import Pair, Truth
from symbp.verification.reading.world import World
from symbp.verification.report.pinned import is_pinned
from symbp.verification.report.report import Doubt, Evidence, JudgedRow, Kind
from symbp.verification.report.vacuous import is_vacuous
from symbp.verification.source.work import Link

Key: TypeAlias = Var | Pair
DATA: Final = frozenset({"weight", "bias", "input", "target", "learning_rate", "one", "argument"})
ERRORS: Final = frozenset({"error", "error_sample", "error_total"})
HALF: Final = Fraction(1, 2)
COUNTS: Final = 100
"""Whole numbers up to this one need no explanation."""
CLOSE: Final = 0.1
"""Two values of one function, a small step apart, differ by less than this share."""
UNEXPLAINED: Final = frozenset({None, "unexplained", "arithmetic_slip"})
RETRACTS: Final = re.compile(
    r"\b(?:correction|corrected|corrig\w*|actually|mistake|oops|scratch that|strike that|should have been|i meant|instead|redo|again from"
    r"|korrektur|korrigiert|verbessert|stattdessen|irrtum|verrechnet|quatsch|falsch|erreur|en fait|correcci[oó]n|en realidad)\b",
    re.IGNORECASE,
)
HEADING: Final = re.compile(
    r"(?:^|\n)[ \t#*_(]*(?:(?:part|question|exercise|problem|task|teil|aufgabe|partie|parte)\s*\(?[0-9a-z]{1,3}\b|[a-h]\)|\([a-h]\))"
    r"|\b(?:step|iteration|epoch|update|round|schritt|iterationsschritt|epoche|[ée]tape|paso)\s*(?:no\.?\s*|nr\.?\s*)?(?:[0-9]+|two|three|zwei|drei)\b"
    r"|\b(?:second|third|2nd|3rd|next|another|zweite[rn]?|dritte[rn]?|n[äa]chste[rn]?)\s+(?:training\s+)?"
    r"(?:step|iteration|epoch|update|part|sample|example|rate|schritt|epoche|teil|beispiel)"
    r"|\b(?:learning rate|lernrate|eta|η)\s*(?:=|of|von|is)\s*[0-9]",
    re.IGNORECASE,
)


@dataclass
class _Recording(Numeric):
    """Notes which quantities and derivatives a form asks for."""

    seen: dict[Key, None] = field(default_factory=dict)

    def var(self, var: Var) -> Any:
        if var.kind == "delta":
            self.seen[self.truth.own_error(var), Var("net", var.owner, var.sample, var.time)] = None
        elif self.by is not None and var.kind in ERRORS:
            self.seen[var, self.by] = None
        else:
            self.seen[var] = None
        return super().var(var)

    def slope(self, of: Var, wrt: Var, *, is_partial: bool) -> Any:
        self.seen[of, wrt] = None
        return super().slope(of, wrt, is_partial=is_partial)


def key_of(wanted: Var) -> Key:
    """What a quantity that is asked for is, where a parameter asks for its gradient."""
    if wanted.kind == "delta":
        return ERROR, Var("net", wanted.owner, wanted.sample, wanted.time)
    return (ERROR, wanted) if wanted.kind in {"weight", "bias"} and not wanted.step else wanted


def name_of(key: Key, spec: NetworkSpec) -> str:
    """The canonical name of a quantity or derivative."""
    words = spec.vocabulary
    if isinstance(key, Var):
        return "1" if key.kind in {"one", "argument"} else words.canonical(key)
    of, wrt = key
    if of.kind in {"error_total", "error_sample"}:
        if wrt.kind == "net":
            return words.canonical(Var("delta", wrt.owner, wrt.sample, wrt.time))
        return words.canonical(Var("gradient", wrt.owner)) if wrt.kind in {"weight", "bias"} else f"dE/d{words.canonical(wrt)}"
    return f"d{words.canonical(of)}/d{name_of(wrt, spec)}"


@dataclass(frozen=True)
class _Sorted:
    """What a form names, by what it is on the way from one quantity to the data."""

    names: tuple[Key, ...]
    ends: tuple[Key, ...]
    below: tuple[Key, ...]
    needs: tuple[Key, ...]


@dataclass
class Ways:
    """How the quantities of a network hang together."""

    truth: Truth

    @cached_property
    def above(self) -> Mapping[Var, frozenset[Var]]:
        """All that each computed quantity depends on."""
        found: dict[Var, frozenset[Var]] = {}
        for var in self.truth.program.forms:
            direct = self.truth.locals(var)
            found[var] = frozenset(direct).union(*(found.get(x, frozenset()) for x in direct))
        return found

    def depends(self, later: Var, earlier: Var) -> bool:
        return earlier in self.above.get(later, ())

    def is_local(self, of: Var, wrt: Var) -> bool:
        """Is this a derivative along one connection, or of the error by an output alone?"""
        direct = self.truth.locals(of)
        return of == wrt or wrt in direct or (of.kind in ERRORS and any(x.kind in ERRORS and self.is_local(x, wrt) for x in direct))

    def sorted(self, target: Key, all_targets: Sequence[Key], seen: Sequence[Key]) -> _Sorted:
        """What a form that was found to be `target` rests on; it is about all of the targets at once."""
        places: dict[str, list[Key]] = {"ends": [], "below": [], "needs": []}
        for key in seen:
            if place := min((self.place(one, key) for one in all_targets), key=["", "ends", "below", "needs"].index):
                places["needs" if key == target else place].append(key)
            elif key == target:
                places["needs"].append(key)
        return _Sorted(tuple(seen), tuple(places["ends"]), tuple(places["below"]), tuple(places["needs"]))

    def place(self, target: Key, key: Key) -> str:
        """Where a quantity stands: "" for data and what the forward pass gives; else as in `Evidence`."""
        if isinstance(target, Var):
            return self.below_value(target, key)
        if isinstance(key, Var):
            return "needs" if key.step else ""
        (of, wrt), (top, by) = target, key
        if key == target or (by == wrt and top.kind in ERRORS and of.kind in ERRORS):
            return "needs"
        if self.is_local(top, by):
            return ""
        if top.kind in ERRORS and self.depends(by, wrt):
            return "ends" if by.kind == "net" else "below"
        if top.kind not in ERRORS and self.depends(top, wrt) and (by == wrt or self.depends(by, wrt)):
            return "below"
        return "needs"

    def below_value(self, target: Var, key: Key) -> str:
        if target.step:
            return ("ends" if not isinstance(key, Var) else "needs" if key.step else "") if target.kind in DATA else ""
        if isinstance(key, Var):
            return "" if key.kind in DATA or self.depends(target, key) else "needs"
        return "needs" if not self.is_local(*key) else ""


class Collector:
    """Finds the statements of a work that was judged; `shown` are its rows as they are reported, `struck` the positions of those that are
    crossed out."""

    def __init__(self, world: World, judged: Sequence[Judged], shown: Sequence[JudgedRow], struck: frozenset[int] = frozenset()) -> None:
        self.world, self.judged, self.shown, self.struck = world, judged, shown, struck
        self.codes = {row.line: row.code for row in shown if row.verdict == "wrong"}
        self.unread: list[int] = []
        self.attempts: dict[int, Doubt] = {}
        self.broken: set[int] = set()
        """The heads of chains that went wrong in an earlier row, by their identity."""
        self.developed: set[int] = set()
        """The heads of chains that have a right formula, by their identity."""
        self.computed: set[int] = set()
        """The heads of chains that have right arithmetic of numbers."""
        self.part, self.retractions = 0, 0
        self.ways = Ways(world.single.truth)

    def all(self) -> Iterator[Evidence]:
        for judged, shown in zip(self.judged, self.shown, strict=True):
            if judged.verdict == "wrong":
                self.attempts.setdefault(judged.line.row.line, self.attempt(judged, shown.code))
            for link in (one.link for one in judged.rulings if one.verdict == "correct" and is_worked(one.link)):
                self.developed.add(id(link.head))
                self.computed |= {id(link.head)} if is_pure(link.right) else set()
        for at, judged in enumerate(self.judged):
            row = judged.line.row
            words = f"{row.prose}\n{row.about}"
            self.part += bool(HEADING.search(words))
            self.retractions += bool(RETRACTS.search(words))
            if at in self.struck:
                continue
            try:
                yield from self.of_row(judged)
            except OverBudget:
                self.unread.append(row.line)

    def of_row(self, judged: Judged) -> Iterator[Evidence]:
        """The statements of one row."""
        line = judged.line.row.line
        if judged.trouble is not None or judged.is_late:
            self.unread.append(line)
            return
        for ruling in judged.rulings:
            chain = [one for one in judged.rulings if one.link.head is ruling.link.head]
            verdicts = {one.verdict for one in chain}
            if (id(ruling.link.head) in self.broken and ruling.verdict == "follows") or any(one.how == REPEATED for one in chain):
                verdicts.add("wrong")
            if verdicts & {"undecidable"}:
                yield from self.undecided(judged, ruling, chain)
            elif "wrong" in verdicts:
                self.broken.add(id(ruling.link.head))
                yield from self.wrong(judged, ruling, chain)
            elif ruling.verdict in {"correct", "follows"}:
                yield from self.right(judged, ruling, chain)

    def base(self, judged: Judged, quantity: str, verdict: Literal["right", "follows", "wrong", "open"]) -> Evidence:
        row = judged.line.row
        part = f"{self.part}" if row.sample is None else f"{self.part}@{row.sample}"
        return Evidence(quantity, row.line, verdict, part=part, retractions=self.retractions, code=self.codes.get(row.line))

    def undecided(self, judged: Judged, ruling: Ruling, chain: Sequence[Ruling]) -> Iterator[Evidence]:
        if ruling is not chain[0]:
            return
        found = [key for _, targets, _ in self.readings(judged, ruling, ruling.link) for key in targets]
        names = dict.fromkeys(name_of(key, self.world.spec) for key in found if not is_data(key))
        yield from (self.base(judged, name, "open") for name in names)
        if not found:
            self.unread.append(judged.line.row.line)

    def wrong(self, judged: Judged, ruling: Ruling, chain: Sequence[Ruling]) -> Iterator[Evidence]:
        """What a chain is about that goes wrong somewhere, said once."""
        worst = next((one for one in chain if one.verdict in {"wrong", "follows"}), chain[0])
        if ruling is not worst or worst.no_unit is not None:
            return
        kind: Kind = "differences" if any(is_differences(one.link.right) for one in chain) else "formula"
        for _, targets, _ in self.readings(judged, ruling, ruling.link):
            for name in dict.fromkeys(name_of(key, self.world.spec) for key in targets if not is_data(key)):
                yield replace(self.base(judged, name, "wrong"), kind=kind, attempt=self.attempts.get(judged.line.row.line, "open"))

    def right(self, judged: Judged, ruling: Ruling, chain: Sequence[Ruling]) -> Iterator[Evidence]:
        """What a right form says of the left side of its chain, and of the gradients in it, where that is an updated parameter."""
        link = self.updating(ruling, judged)
        verdict: Literal["right", "follows"] = "right"
        sources = [one.follows for one in chain if one.verdict == "follows" and one.follows is not None]
        if any(one.verdict == "follows" for one in chain):
            verdict = "follows"
        attempt = worst_of(self.attempts.get(at, "open") for at in sources)
        for letters, targets, seen in self.readings(judged, ruling, link):
            for target in targets:
                if is_data(target):
                    continue
                base = replace(self.base(judged, name_of(target, self.world.spec), verdict), attempt=attempt)
                found = self.stated(base, target, targets, seen, link, chain, is_general=bool(letters))
                yield found
                yield from self.of_gradient(found, target, targets, seen, link)

    def stated(
        self,
        base: Evidence,
        target: Key,
        targets: Sequence[Key],
        seen: Sequence[Key],
        link: Link,
        chain: Sequence[Ruling],
        *,
        is_general: bool,
    ) -> Evidence:
        spec, found = self.world.spec, self.ways.sorted(target, targets, seen)
        names, ends, below, needs = (tuple(name_of(k, spec) for k in keys) for keys in (found.names, found.ends, found.below, found.needs))
        kind: Kind = "general" if is_general else self.kind(link, target)
        printed = [number for one in chain for number in results(one.link.right) if is_result(one.link.right)]
        digits = max(((digits_of(n), n.places) for n in printed), default=None)
        return replace(
            base,
            kind=kind,
            names=names,
            ends=ends,
            below=below,
            needs=needs,
            is_plain=not is_pure(link.right) and all(isinstance(key, Var) for key in seen),
            digits=digits,
            is_exact=any(self.is_exact(number, target) for number in printed),
            is_near=self.is_near(link.right, target),
            is_pinned=is_pinned(self.world.reading, chain[0].link if link not in [one.link for one in chain] else link),
        )

    def of_gradient(self, found: Evidence, target: Key, targets: Sequence[Key], seen: Sequence[Key], link: Link) -> Iterator[Evidence]:
        """What an updated parameter tells of its gradient, if it does not name it."""
        if not isinstance(target, Var) or target.step != 1 or target.kind not in {"weight", "bias"} or found.kind == "general":
            return
        key = ERROR, Var(target.kind, target.owner)
        if any(isinstance(one, tuple) and one[1] == key[1] for one in seen) or not found.is_near or found.needs:
            return
        kind = self.kind(link, key) if not self.has_value(link.right, target) else "update"
        gradient = self.ways.sorted(key, [key], seen)
        yield replace(
            found,
            quantity=name_of(key, self.world.spec),
            kind=kind if kind in {"formula", "computed"} and not gradient.needs else "update",
            ends=tuple(name_of(one, self.world.spec) for one in gradient.ends),
            below=tuple(name_of(one, self.world.spec) for one in gradient.below),
            digits=None,
            is_exact=False,
            is_update=True,
        )

    def has_value(self, form: Written, target: Key) -> bool:
        """Does a form print the value that it is to be?"""
        own = self.value(target)
        return own is not None and any(abs(float(abs(value_of(n))) - abs(own)) <= unit_of(n) / 2 for n in literals(form) if not n.is_whole)

    # -- readings of a link ------------------------------------------------------------------------------------------

    def readings(self, judged: Judged, ruling: Ruling, link: Link) -> Iterator[tuple[Letters, list[Key], list[Key]]]:
        """For each choice of letters: what the left side of the chain is about, and what the right side names."""
        checker = self.world.checker(judged.line)
        head = replace(link, left=link.head, right=link.head)
        done = ruling.outcome.assignments if ruling.outcome.holds else ()
        for letters in done or assignments(checker, judged.line, head, ruling.outcome):
            targets = self.targets(checker, ruling, head, letters)
            if targets:
                yield letters, targets, self.named(checker, ruling, link, letters)

    def targets(self, checker: Checker, ruling: Ruling, head: Link, letters: Letters) -> list[Key]:
        meaning = replace(checker.meaning(Numeric(checker.truth), head.arguments, ruling.outcome.chosen), letters=letters)
        with suppress(*FAULTS):
            return list(dict.fromkeys(total(key) for _, _, key, _ in subjects(unwrapped(head.head), meaning, checker.truth)))
        return []

    def named(self, checker: Checker, ruling: Ruling, link: Link, letters: Letters) -> list[Key]:
        source = _Recording(checker.truth)
        meaning = replace(checker.meaning(source, link.arguments, ruling.outcome.chosen), letters=letters)
        with suppress(*FAULTS), np.errstate(all="ignore"):
            meaning.of(link.right)
        return [total(key) for key in source.seen]

    def updating(self, ruling: Ruling, judged: Judged) -> Link:
        """The link, about the updated parameter where it can be true of nothing else."""
        link = ruling.link
        if not is_pure(link.right) or not self.world.is_given(unwrapped(link.head)):
            return link
        other = self.world.updating(link)
        return other if other is not None and self.world.as_written(other, judged.line)[0].holds else link

    # -- numbers -----------------------------------------------------------------------------------------------------

    def kind(self, link: Link, target: Key) -> Kind:
        """What a form gives of the quantity `target`."""
        form = link.right
        if is_differences(form):
            return "differences"
        if is_result(form):
            return "bare"
        value = self.value(target)
        if value is not None and not all(self.is_explained(number, value) for number in literals(form)):
            return "literals"
        return "computed" if is_pure(form) else "formula"

    def value(self, target: Key) -> float | None:
        """The value of a quantity at the network's own numbers."""
        checker = self.world.at_numbers
        if checker is None:
            return None
        with suppress(KeyError):
            found = checker.truth.value(target) if isinstance(target, Var) else checker.truth.total(*target)
            return float(found[0])
        return None

    @cached_property
    def printed(self) -> list[Fraction]:
        """The values that right rows print, and those of mistakes that others may follow from."""
        found = []
        for judged in self.judged:
            is_attempt = self.attempts.get(judged.line.row.line) == "yes"
            for one in judged.rulings:
                if is_result(one.link.right) and (one.verdict in {"correct", "follows"} or (one.verdict == "wrong" and is_attempt)):
                    found += [abs(value_of(number)) for number in results(one.link.right)]
        return found

    def is_explained(self, number: w.Number, own: float) -> bool:
        """Is this literal given, a count, or the rounding of something that is known, other than of the value `own`?"""
        value, half = abs(value_of(number)), unit_of(number) / 2
        if value in self.world.numbers.exact or (number.is_whole and value <= COUNTS) or value == HALF:
            return True
        if number.is_whole and str(int(value)).rstrip("0") == "1":
            return True
        size = float(value)
        is_own = abs(abs(own) - size) <= max(half, 1e-12 * size)
        known = np.abs(self.world.points.values)
        matches = int(np.sum(np.abs(known - size) <= 2 * half)) - int(is_own)
        return matches > 0 or any(abs(p - value) <= half and not is_own for p in self.printed)

    def is_exact(self, number: w.Number, target: Key) -> bool:
        """Is the printed number the value itself?"""
        own = self.value(target)
        return own is not None and abs(abs(own) - float(abs(value_of(number)))) <= 1e-12 * abs(own)

    def is_near(self, form: Written, target: Key) -> bool:
        """Is a number for an updated parameter nearer its new value than its old one by at least half the step?"""
        if not isinstance(target, Var) or target.step != 1 or target.kind not in {"weight", "bias"} or not is_pure(form):
            return True
        old, new, checker = self.value(Var(target.kind, target.owner)), self.value(target), self.world.at_numbers
        if old is None or new is None or checker is None:
            return True
        with suppress(*FAULTS):
            found = np.ravel(checker.meaning(Numeric(checker.truth)).of(form))
            return bool(np.min(np.abs(found - old) - np.abs(found - new)) >= abs(new - old) / 2) if found.size == 1 else True
        return True

    # -- mistakes ----------------------------------------------------------------------------------------------------

    def attempt(self, judged: Judged, code: str | None) -> Doubt:
        """Does a wrong row deserve that others follow from it: was it derived, or is it one mistake away from the truth?"""
        worst = judged.worst
        assert worst is not None
        form, head = worst.link.right, worst.link.head
        earlier = [one.link for one in judged.rulings[: judged.rulings.index(worst)] if one.verdict == "correct" and is_worked(one.link)]
        is_derived = bool(earlier) or id(head) in self.developed
        if is_result(form) and all(n.is_whole for n in results(form)):
            is_worked_out = id(head) in self.computed or any(is_pure(link.right) for link in earlier)
            return "yes" if is_worked_out else "open" if is_derived else "no"
        if is_derived:
            return "yes"
        if self.world.is_given(unwrapped(head)):
            return "open" if is_result(form) else "no"
        if is_pure(form) and all(n.is_whole for n in literals(form)):
            return "no"
        is_guess = is_result(form) and (code == "wrong_constant" or min(map(digits_of, results(form))) < SHORT)
        return "open" if code in UNEXPLAINED or is_guess else "yes"

    def earns(self, judged: Judged) -> Doubt:
        """Is a right row worth anything where rows are given marks?"""
        if judged.verdict not in {"correct", "follows"}:
            return "yes"
        told = [one for one in judged.rulings if one.verdict in {"correct", "follows"}]
        if all(is_vacuous(of_head(one.link)) or is_told(one.link, self.world) for one in told):
            return "no"
        return worst_of(self.attempts.get(one.follows, "open") for one in told if one.verdict == "follows" and one.follows is not None)


def worst_of(answers: Iterable[Doubt]) -> Doubt:
    found = {*answers}
    return "no" if "no" in found else "open" if "open" in found else "yes"


def total(key: Key) -> Key:
    """The key, with the error of one sample and the whole error as one where only a gradient's name tells them apart."""
    if isinstance(key, tuple) and key[0].kind == "error_sample" and key[1].kind in {"weight", "bias"}:
        return ERROR, key[1]
    return key


def is_data(key: Key) -> bool:
    """Is this what the network file gives?"""
    return isinstance(key, Var) and key.kind in DATA and not key.step


def is_differences(form: Written) -> bool:
    """Is this a quotient of differences: two values close to each other, by a small power of ten?"""
    form = unwrapped(form)
    if isinstance(form, w.Quotient) and is_pure(form):
        top, bottom = unwrapped(form.top), literals(form.bottom)
        small = bool(bottom) and all(value_of(n) <= Fraction(1, 10) or n.is_whole for n in bottom) and any(not n.is_whole for n in bottom)
        if small and isinstance(top, w.Sum) and len(top.terms) == 2 and top.minus[1] and all(map(is_result, top.terms)):
            first, second = (float(value_of(next(results(term)))) for term in top.terms)
            return abs(first - second) <= CLOSE * max(abs(first), abs(second))
    return False


def is_worked(link: Link) -> bool:
    """Does the right side say how the left side is made, more than what it is called or that it is itself?"""
    right = unwrapped(link.right)
    return not is_result(right) and not isinstance(right, w.Name | w.Derivative | w.Nabla) and not is_vacuous(of_head(link))


def of_head(link: Link) -> Link:
    """A link that goes on from the row above, about what its chain began with."""
    return replace(link, left=link.head) if link.is_carried else link


def is_told(link: Link, world: World) -> bool:
    """Does the link only say again what number the file gives?"""
    return is_result(link.right) and not link.is_carried and world.is_given(unwrapped(link.head))
