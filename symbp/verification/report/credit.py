"""What a work has earned of each quantity: the rows that do, in an order in which none rests on what it is to show.

A quantity is reached by a right row that rests on given data, on the forward pass, or on what other rows have reached. Where that cannot
be told, there is a range, and the lines that a person must look at; a doubt is never a nought.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Final, Literal, Protocol, TypeAlias

from symbp.verification.report.report import Evidence, FileReport, Reached

NOUGHT, ONE = Decimal(0), Decimal(1)
MOST_RETRACTIONS: Final = 2
"""Whoever takes back more statements about one quantity is guessing, or is somebody whom a person should read."""
MOST_PARTS: Final = 3
"""So many parts of a work may say something wrong of a quantity that another part has right; then it is no matter of parts."""
Bare: TypeAlias = Literal["full", "none", "review"]
FORMS: Final = ("any", "delta", "composed", "value")


class Rules(Protocol):
    """What of a scheme tells which rows earn."""

    @property
    def follows(self) -> Decimal: ...
    @property
    def significant(self) -> int | None: ...
    @property
    def decimals(self) -> int | None: ...
    @property
    def bare(self) -> Bare: ...
    @property
    def numeric(self) -> bool: ...
    @property
    def general(self) -> bool: ...
    @property
    def given(self) -> Sequence[str]: ...
    def form_of(self, quantity: str) -> str: ...
    def rests_on(self, quantity: str) -> Sequence[str]: ...
    def required_of(self, quantity: str) -> Sequence[Sequence[str]]: ...


@dataclass(frozen=True, slots=True)
class Credit:
    """The share of a quantity's marks that a work has at least and at most, the lines that earned it, those in doubt, and why."""

    name: str
    low: Decimal = NOUGHT
    high: Decimal = NOUGHT
    lines: tuple[int, ...] = ()
    review: tuple[int, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.low != self.high


def credits_of(report: FileReport, rules: Rules) -> tuple[Credit, ...]:
    """What each quantity that was looked for has earned."""
    if report.evidence is None:
        return tuple(_by_status(report, one) for one in report.reached)
    graph = Graph(report.evidence, rules)
    found = (replace(graph.credit(one.quantity or one.name, report.unread), name=one.name) for one in report.reached)
    return tuple(_rebound(report, credit) for credit in found)


def _rebound(report: FileReport, credit: Credit) -> Credit:
    """Where a comment was not followed that gave a name of the network to another quantity, it may have been meant in earnest."""
    lines = tuple(one.line for one in report.bindings if not one.is_number)
    if credit.high or not lines or not report.count("wrong"):
        return credit
    return replace(credit, high=ONE, review=lines, flags=(*credit.flags, "binding"))


def _by_status(report: FileReport, one: Reached) -> Credit:
    """Where no evidence was kept: a quantity is reached or not, and an unread row may be about any that is missing."""
    if one.status == "reached":
        return Credit(one.name, ONE, ONE, () if one.line is None else (one.line,))
    unread = tuple(row.line for row in report.rows if row.verdict in {"undecidable", "unreadable"})
    if one.status == "missing" and unread:
        return Credit(one.name, high=ONE, review=unread, flags=("unread",))
    return Credit(one.name)


@dataclass
class Graph:
    """The statements of a work, and which quantities they establish."""

    evidence: Sequence[Evidence]
    rules: Rules
    about: dict[str, list[Evidence]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.evidence:
            self.about.setdefault(one.quantity, []).append(one)
        self.strict = self.closure(is_strict=True)
        self.weak: dict[str, frozenset[str]] = {}
        self.attempted = frozenset(one.quantity for one in self.evidence if one.verdict == "wrong" and one.attempt == "yes")

    def closure(self, *, is_strict: bool, without: str = "") -> frozenset[str]:
        """The quantities that right rows establish from the data alone; or, not strictly, from the data and from deltas. No row that
        names `without` is used."""
        found: set[str] = set()
        usable = [
            one
            for one in self.evidence
            if one.verdict in {"right", "follows"} and without not in one.names and self.may_carry(one, is_strict=is_strict)
        ]
        while True:
            new = {one.quantity for one in usable if one.quantity not in found and self.has(self.below(one, is_strict=is_strict), found)}
            if not new:
                return frozenset(found)
            found |= new

    def weakly(self, quantity: str) -> frozenset[str]:
        """What is established without any word of `quantity`, deltas being where formulas may end."""
        if quantity not in self.weak:
            self.weak[quantity] = self.closure(is_strict=False, without=quantity)
        return self.weak[quantity]

    def may_carry(self, one: Evidence, *, is_strict: bool) -> bool:
        """May other rows rest on this one?"""
        known = {"formula", "computed"} | ({"bare"} if self.rules.bare == "full" or not is_strict else set())
        return one.kind in known and one.is_near and one.attempt == "yes" and one.is_pinned

    def below(self, one: Evidence, *, is_strict: bool) -> tuple[str, ...]:
        return (*one.needs, *one.below, *one.ends) if is_strict else (*one.needs, *one.below)

    def has(self, names: Iterable[str], found: Collection[str]) -> bool:
        return all(name in found or self.is_given(name) for name in names)

    def is_given(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.rules.given)

    # -- one quantity ------------------------------------------------------------------------------------------------

    def credit(self, quantity: str, unread: Sequence[int]) -> Credit:
        """What the work has earned of a quantity."""
        every = self.about.get(quantity, [])
        said = latest([one for one in every if one.verdict != "open"])
        if any(one.verdict == "wrong" for one in said):
            said = [one for one in said if not one.is_update or (one.verdict == "right" and one.kind != "update")]
        earning = [(one, *self.share(one)) for one in said if one.verdict in {"right", "follows"}]
        low = max((low for _, low, _ in earning), default=NOUGHT)
        high = max((high for _, _, high in earning), default=NOUGHT)
        best = [one for one, least, most in earning if (most == high and high) and (least == low or low == NOUGHT)]
        flags: list[str] = []
        seen: list[Evidence] = []
        if low < high:
            flags = [flag for one, least, most in earning if most for flag in self.why(one, least, most)]
            seen = best
        elif not high:
            flags = [flag for one, least, most in earning for flag in self.why(one, least, most)]
            seen = [one for one, _, _ in earning if one.kind == "general" and not one.needs]
        credit = Credit(quantity, low, high, lines_of(best), lines_of(seen), tuple(dict.fromkeys(flags)))
        return self.doubted(self.asked_for(credit, said), every, said, unread)

    def doubted(self, credit: Credit, every: Sequence[Evidence], said: Sequence[Evidence], unread: Sequence[int]) -> Credit:
        """With what contradicts it, and what could not be read."""
        wrong = contradictions(said) if credit.high else []
        if wrong or (credit.high and retracted(every) > MOST_RETRACTIONS):
            lines = tuple(dict.fromkeys((*credit.review, *lines_of(wrong or every))))
            return replace(credit, low=NOUGHT, review=lines, flags=(*credit.flags, "contradiction"))
        if credit.high and any(one.verdict == "wrong" and not is_harmless(one) for one in every):
            credit = replace(credit, flags=(*credit.flags, "another_part_or_draft"))
        is_open = [one for one in every if one.verdict == "open"]
        if not credit.high and is_open:
            return replace(credit, high=ONE, review=lines_of(is_open), flags=(*credit.flags, "undecided"))
        if not credit.high and not any(one.verdict == "wrong" for one in said) and unread:
            return replace(credit, high=ONE, review=tuple(unread), flags=(*credit.flags, "unread"))
        return credit

    def share(self, one: Evidence) -> tuple[Decimal, Decimal]:
        """At least and at most what a right statement earns."""
        low, high = self.worth(one)
        low = low if one.is_pinned else NOUGHT
        if one.verdict == "follows":
            low, high = low * self.rules.follows, high * self.rules.follows
            low = low if one.attempt == "yes" else NOUGHT
            high = NOUGHT if one.attempt == "no" else high
        return low, high

    def worth(self, one: Evidence) -> tuple[Decimal, Decimal]:
        nothing, doubt, whole = (NOUGHT, NOUGHT), (NOUGHT, ONE), (ONE, ONE)
        match one.kind:
            case "general":
                return whole if self.rules.general else nothing
            case "differences":
                return whole if self.rules.numeric and self.is_precise(one) else nothing
            case "update":
                return doubt if one.is_near else nothing
            case "bare" | "literals":
                return self.worth_of_number(one)
        if not one.is_near or (one.kind == "computed" and not self.is_precise(one)):
            return nothing
        if not self.has(one.needs, self.strict):
            return doubt if self.has(one.needs, self.weakly(one.quantity)) else nothing
        return whole if self.has(one.below, self.weakly(one.quantity) | self.attempted) else doubt

    def worth_of_number(self, one: Evidence) -> tuple[Decimal, Decimal]:
        """Of a number that stands alone, or was made of numbers from nowhere."""
        if self.rules.bare == "none" or not self.is_precise(one):
            return NOUGHT, NOUGHT
        if not one.is_near:
            return NOUGHT, ONE if self.rules.decimals is not None or self.rules.significant is not None else NOUGHT
        if one.kind == "bare" and (self.rules.bare == "full" or self.has_formula(one)):
            return ONE, ONE
        return NOUGHT, ONE

    def has_formula(self, one: Evidence) -> bool:
        """Does a right formula in indices stand behind a number?"""
        return any(other.kind == "general" and other.verdict == "right" and not other.needs for other in self.about[one.quantity])

    def is_precise(self, one: Evidence) -> bool:
        """Does the chain print as many digits as the scheme asks for, or the exact value?"""
        if one.is_exact or one.digits is None:
            return one.is_exact or (self.rules.significant is None and self.rules.decimals is None)
        significant, decimals = one.digits
        return significant >= (self.rules.significant or 0) and decimals >= (
            self.rules.decimals if self.rules.decimals is not None else -400
        )

    def why(self, one: Evidence, low: Decimal, high: Decimal) -> Iterator[str]:
        """Why a right statement does not earn all of the marks for certain."""
        if low == ONE:
            return
        if one.attempt != "yes":
            yield "follows_from_no_attempt" if one.attempt == "no" else "follows_from_unexplained"
        if not one.is_pinned:
            yield "meaning_from_this_row"
        if one.kind in {"bare", "literals", "general", "differences", "update"}:
            yield {"bare": "number_alone", "literals": "numbers_from_nowhere", "update": "only_in_update"}.get(one.kind, one.kind)
            if not self.is_precise(one):
                yield "too_few_digits"
        elif not one.is_near:
            yield "old_value"
        elif one.needs:
            yield "rests_on_itself" if not high else "rests_on_others"
        elif one.below:
            yield "not_worked_out"

    # -- what the scheme asks for ------------------------------------------------------------------------------------

    def asked_for(self, credit: Credit, said: Sequence[Evidence]) -> Credit:
        """Nothing where the form that is asked for, the quantities to rest on, or a required row is not there."""
        right = [one for one in said if one.verdict in {"right", "follows"} and self.share(one)[1]]
        missing = [key for key, is_there in self.demands(credit.name, right) if not is_there]
        if not credit.high or not missing:
            return credit
        return Credit(credit.name, flags=(*credit.flags, *missing))

    def demands(self, quantity: str, right: Sequence[Evidence]) -> Iterator[tuple[str, bool]]:
        form = self.rules.form_of(quantity)
        yield "form", form == "any" or any(is_of_form(one, form) for one in right)
        wanted = self.rules.rests_on(quantity)
        yield "from", not wanted or set(wanted) <= self.behind(right)
        rows = self.rules.required_of(quantity)
        yield "required", all(any(set(row) <= {*one.names} for one in right) for row in rows)

    def behind(self, right: Sequence[Evidence]) -> set[str]:
        """All that these statements rest on, and what that rests on, and so on."""
        found: set[str] = set()
        waiting = [name for one in right for name in one.names]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [x for one in self.about.get(name, ()) if one.verdict in {"right", "follows"} for x in one.names]
        return found


def is_of_form(one: Evidence, form: str) -> bool:
    """Is this a statement of the form that a scheme asks for?"""
    match form:
        case "delta":
            return one.kind in {"formula", "general"} and bool(one.ends)
        case "composed":
            return one.kind in {"formula", "general"} and one.is_plain
    return one.digits is not None


def latest(said: Sequence[Evidence]) -> list[Evidence]:
    """The statements that the work stands by: what it took back before its last statement is gone, within each part."""
    last: dict[str, int] = {}
    for one in said:
        last[one.part] = max(last.get(one.part, 0), one.retractions)
    return [one for one in said if one.retractions == last[one.part]]


def retracted(every: Sequence[Evidence]) -> int:
    """How often the work took back what it had said of the quantity, in the part where that is most often."""
    found: dict[str, set[int]] = {}
    for one in every:
        if one.verdict != "open":
            found.setdefault(one.part, set()).add(one.retractions)
    return max((len(times) - 1 for times in found.values()), default=0)


def contradictions(said: Sequence[Evidence]) -> list[Evidence]:
    """The wrong statements beside right ones in the same part, or in so many others that no parts explain it."""
    right = {one.part for one in said if one.verdict in {"right", "follows"}}
    wrong = [one for one in said if one.verdict == "wrong" and not is_harmless(one)]
    beside = [one for one in wrong if one.part in right]
    return beside or (wrong if len({one.part for one in wrong}) >= MOST_PARTS else [])


def is_harmless(one: Evidence) -> bool:
    """Is this a value that was only rounded too early, or a check by differences?"""
    return one.code == "rounding" or one.kind == "differences"


def lines_of(some: Iterable[Evidence]) -> tuple[int, ...]:
    return tuple(sorted({one.line for one in some}))
