"""What follows from a person's own mistakes: the left sides of wrong rows taken as they were written, and all that depends on them anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from symbp.language import written as w
from symbp.language.form import Var
from symbp.language.tokens import Unreadable
from symbp.language.written import Name, Written
from symbp.verification.judging.arrays import Array
from symbp.verification.judging.budget import OverBudget
from symbp.verification.judging.checks import Checker, Letters, Outcome
from symbp.verification.judging.meaning import Meaning
from symbp.verification.judging.printed import is_pure
from symbp.verification.judging.scope import Absent, Choose, Misfit, Need, Numeric, Unclear
from symbp.verification.judging.shapes import shape, transpose, unwrapped
from symbp.verification.judging.truth import Pair, Taken, Truth
from symbp.verification.reading.world import World
from symbp.verification.source.work import Line, Link

if TYPE_CHECKING:
    from symbp.verification.judging.judge import Judged, Ruling

REPEATED: Final = "repeated"
"""How a row was found wrong, or to follow, that goes on from a wrong row about the same quantity only."""
FAULTS = (Need, Choose, Absent, Misfit, Unclear, Unreadable)


@dataclass
class Claim:
    """What a wrong row says of the left side of its chain: at random points, on batches and at the network's numbers."""

    line: int
    taken: dict[str, Taken] = field(default_factory=dict)
    instead: tuple[Written, Written] | None = None
    """A form that the row is about, where that is no quantity, and what was written for it."""


def claim(world: World, line: Line, link: Link, outcome: Outcome, claims: Sequence[Claim], forms: Sequence[Written]) -> Claim | None:
    """What the row wrote for what its chain began with; of its `forms`, the last that can be worked out."""
    found = Claim(line.row.line)
    for key, checker in worlds(world, line):
        bent = world.bent(checker, merged(claims, key))
        order = list(reversed(forms)) if key == "numbers" else [f for f in reversed(forms) if not is_pure(f)]
        for form in order:
            taken = taken_by(bent, line, link, form, outcome)
            if taken:
                found.taken[key] = taken
                break
    if not found.taken and not isinstance(unwrapped(link.head), Name) and forms:
        found.instead = (link.head, forms[-1])
    return found if found.taken or found.instead else None


def worlds(world: World, line: Line) -> Iterator[tuple[str, Checker]]:
    yield "single", world.single
    if world.is_batch(line):
        yield "batch", world.batch
    if world.at_numbers is not None:
        yield "numbers", world.at_numbers


def merged(claims: Sequence[Claim], key: str) -> Taken:
    """All of the claims together, the later ones over the earlier."""
    values: dict[Var, Array] = {}
    slopes: dict[Pair, Array] = {}
    for one in claims:
        if key in one.taken:
            values.update(one.taken[key].values)
            slopes.update(one.taken[key].slopes)
    return Taken(values, slopes)


def taken_by(checker: Checker, line: Line, link: Link, form: Written, outcome: Outcome) -> Taken:
    """The left side's quantities with the values that the form gives them."""
    values: dict[Var, Array] = {}
    slopes: dict[Pair, Array] = {}
    chosen = outcome.chosen
    for letters in assignments(checker, line, link, outcome):
        meaning = replace(checker.meaning(Numeric(checker.truth), link.arguments, chosen), letters=letters)
        try:
            with np.errstate(all="ignore"):
                value = meaning.of(form)
                targets = list(subjects(unwrapped(link.head), meaning, checker.truth))
        except FAULTS:
            continue
        rows = len({i for i, _, _, _ in targets}), len({j for _, j, _, _ in targets})
        if shape(value) != rows and shape(transpose(value)) == rows:
            value = transpose(value)
        if shape(value) not in {rows, (1, 1)}:
            continue
        for i, j, key, sign in targets:
            cell = np.broadcast_to(value, (checker.truth.points, *rows))[:, i, j] * sign
            if isinstance(key, Var):
                values[key] = cell
            else:
                slopes[key] = cell
    return Taken(values, slopes)


def assignments(checker: Checker, line: Line, link: Link, outcome: Outcome) -> Sequence[Letters]:
    """Every choice of letters that the row is about, the false ones too."""
    found: list[Letters] = []

    def note(meaning: Meaning) -> None:
        meaning.of(link.left)
        meaning.of(link.right)
        found.append(dict(meaning.letters))

    checker.decide(note, line.conditions, checker.meaning(Numeric(checker.truth), link.arguments, outcome.chosen))
    return found or outcome.assignments or ({},)


def subjects(head: Written, meaning: Meaning, truth: Truth) -> Iterator[tuple[int, int, Var | Pair, float]]:
    """What the left side is about, entry by entry: quantities, or derivatives; a delta is one of the error."""
    if isinstance(head, w.Derivative):
        of, wrt = unwrapped(head.of), unwrapped(head.wrt)
        if isinstance(of, Name) and isinstance(wrt, Name) and not head.is_applied:
            tops, below = meaning.of_grid(of), meaning.of_grid(wrt)
            if tops is None or below is None:
                return
            if len(tops) == len(tops[0]) == 1:
                yield from ((i, j, (tops[0][0], v), 1.0) for i, row in enumerate(below) for j, v in enumerate(row))
            else:
                flat = [u for row in tops for u in row]
                yield from ((i, j, (u, v), 1.0) for i, u in enumerate(flat) for j, v in enumerate([v for row in below for v in row]))
        return
    if isinstance(head, w.Nabla):
        by = meaning.by_grid(meaning.reader(head.wrt))
        yield from ((i, j, (meaning.grids.error_for(v), v), 1.0) for i, row in enumerate(by) for j, v in enumerate(row))
        return
    if not isinstance(head, Name) or meaning.grids.own_value(head) is not None:
        return
    reading = meaning.reading(head)
    quantity = reading.quantity
    if reading.rest or quantity.kind in {"kronecker", "change"}:
        return
    grid = meaning.grids.grid(quantity.of or quantity, meaning)
    for i, row in enumerate(grid):
        for j, var in enumerate(row):
            if quantity.kind == "slope":
                yield i, j, (meaning.grids.error_for(var), var), -1.0 if quantity.key == "-" else 1.0
            elif var.kind == "delta":
                yield i, j, (truth.own_error(var), Var("net", var.owner, var.sample, var.time)), float(truth.spec.delta_sign)
            else:
                yield i, j, var, 1.0


def follows(world: World, line: Line, link: Link, claims: Sequence[Claim]) -> int | None:
    """The line of the wrong row that makes this link true, if there is one."""
    for some in attempts(claims):
        if holds_bent(world, line, link, some):
            return some[-1].line
    for one in reversed(claims):
        if one.instead is not None and (changed := with_form(link, *one.instead)) != link and world.holds(changed, line).holds:
            return one.line
    return None


def with_form(link: Link, old: Written, new: Written) -> Link:
    """The link with every part that is the same as `old` replaced."""
    key = skeleton(old)
    return replace(link, left=substituted(link.left, key, new), right=substituted(link.right, key, new))


def skeleton(node: object) -> object:
    """What a form says, without where it stands, and without brackets around it."""
    if isinstance(node, w.Bracket):
        return skeleton(node.of)
    if isinstance(node, w.Script):
        return node.text
    if isinstance(node, tuple):
        return tuple(map(skeleton, node))
    if hasattr(node, "span"):
        return type(node).__name__, tuple(skeleton(getattr(node, f.name)) for f in fields(node) if f.name not in {"span", "head"})  # type: ignore[arg-type]
    return node


def substituted(node: Written, key: object, new: Written) -> Written:
    """`node` with what is written like `key`, the skeleton of a form, replaced."""
    if skeleton(node) == key:
        return w.Bracket(new, node.span)
    if isinstance(node, w.Product):
        return _in_product(node, key, new)
    return w.changed(node, lambda part: substituted(part, key, new))


def _in_product(node: w.Product, key: object, new: Written) -> Written:
    """Also as a run of the factors of a product."""
    for start in range(len(node.factors)):
        for end in range(start + 2, len(node.factors) + (start > 0)):
            run = w.Product(node.factors[start:end], node.signs[start : end - 1], node.span)
            if skeleton(run) == key:
                factors = (*node.factors[:start], w.Bracket(new, node.span), *node.factors[end:])
                return w.Product(factors, (*node.signs[:start], *node.signs[end - 1 :]), node.span)
    return w.changed(node, lambda part: substituted(part, key, new))


def attempts(claims: Sequence[Claim]) -> Iterator[Sequence[Claim]]:
    """All claims together, then each alone, the latest first, then all up to each."""
    if not claims:
        return
    yield from ([one] for one in reversed(claims))
    if len(claims) > 1:
        yield claims
        yield from (claims[:end] for end in range(len(claims) - 1, 1, -1))


def holds_bent(world: World, line: Line, link: Link, claims: Sequence[Claim]) -> bool:
    """Is the link true where what the claims say is taken for true?"""
    return holds_taken(world, line, link, {key: merged(claims, key) for key in ("single", "batch", "numbers")})


def holds_taken(world: World, line: Line, link: Link, taken: Mapping[str, Taken]) -> bool:
    """Is the link true where this is taken for true, at random points, on batches and at the network's numbers?"""
    bent = replace(world, found={})
    bent.__dict__["single"] = world.bent(world.single, taken.get("single", Taken()))
    if world.is_batch(line):
        bent.__dict__["batch"] = world.bent(world.batch, taken.get("batch", Taken()))
    if world.at_numbers is not None:
        bent.__dict__["at_numbers"] = world.bent(world.at_numbers, taken.get("numbers", Taken()))
    return bent.holds(link, line).holds


def mark_repeats(world: World, rows: Sequence[Judged], claims: Sequence[Claim]) -> None:
    """A row that is true only by what an earlier wrong row says of the same quantity is that mistake again; if it is the same right side,
    or a number, it does not even follow from it."""
    wrong: dict[int, set[object]] = {}
    sides: dict[int, set[object]] = {}
    for row in rows:
        for ruling in row.rulings:
            try:
                if ruling.verdict == "wrong":
                    wrong.setdefault(row.line.row.line, set()).update(head_keys(world, row.line, ruling.link))
                    sides.setdefault(row.line.row.line, set()).update(skeleton(one.link.right) for one in row.rulings)
                elif ruling.verdict == "follows" and ruling.follows in wrong and not ruling.link.is_carried:
                    before = [one for one in claims if one.line < row.line.row.line]
                    _settle(world, row, ruling, wrong[ruling.follows], sides[ruling.follows], before)
            except OverBudget:
                return


def _settle(world: World, row: Judged, ruling: Ruling, wrong: set[object], sides: set[object], claims: Sequence[Claim]) -> None:
    own = head_keys(world, row.line, ruling.link) & wrong
    if not own or ruling.link.head is not ruling.link.left:
        return
    others = [rest for one in claims if (rest := without(one, own)) is not None]
    found = follows(world, row.line, ruling.link, others)
    if found is not None:
        ruling.follows = found
        return
    ruling.how = REPEATED
    if is_pure(ruling.link.right) or skeleton(ruling.link.right) in sides:
        ruling.verdict = "wrong"


def head_keys(world: World, line: Line, link: Link) -> set[object]:
    """What the left side of a link's chain is about, by quantity, or by its form where it is no quantity."""
    checker = world.checker(line)
    found: set[object] = set()
    for letters in assignments(checker, line, replace(link, left=link.head, right=link.head), Outcome("different")):
        meaning = replace(checker.meaning(Numeric(checker.truth), link.arguments), letters=letters)
        with suppress(*FAULTS):
            found.update(key for _, _, key, _ in subjects(unwrapped(link.head), meaning, checker.truth))
    return found or {skeleton(link.head)}


def without(claim: Claim, own: set[object]) -> Claim | None:
    """What a claim says of other quantities, if it does."""
    taken = {
        key: rest
        for key, one in claim.taken.items()
        if (
            rest := Taken(
                {var: value for var, value in one.values.items() if var not in own},
                {pair: value for pair, value in one.slopes.items() if pair not in own},
            )
        )
    }
    instead = None if claim.instead is not None and skeleton(claim.instead[0]) in own else claim.instead
    return Claim(claim.line, taken, instead) if taken or instead else None
