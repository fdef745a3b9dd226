"""What the work reached: which gradients, deltas and other quantities a right row gives, and which are wrong or missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbp.errors import SymbpError, nearest
from symbp.language import written as w
from symbp.language.form import Var
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.budget import OverBudget
from symbp.verification.judging.following import FAULTS, assignments, subjects
from symbp.verification.judging.judge import Judged, Ruling
from symbp.verification.judging.scope import Numeric
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.reading.world import World
from symbp.verification.report.report import Reached

_RANK = {"correct": 2, "follows": 2, "wrong": 1}


def quantities(spec: NetworkSpec, expect: Sequence[str]) -> dict[str, Var]:
    """What is looked for, by its canonical name: the given names, or else the gradient of every parameter that is trained."""
    words = spec.vocabulary
    if not expect:
        return {words.canonical(Var("gradient", p.owner)): p for p in spec.trained}
    known = known_quantities(spec)
    found = {}
    for name in expect:
        bare = name.strip().replace("∂", "d").replace(" ", "")
        if bare not in known:
            raise SymbpError(f"there is no {name!r} in this network", hint=nearest(bare, known))
        found[bare] = known[bare]
    return found


def known_quantities(spec: NetworkSpec) -> dict[str, Var]:
    """Every quantity that can be asked for; the name of a parameter asks for its gradient."""
    words = spec.vocabulary
    found = {words.canonical(Var("gradient", p.owner)): p for p in words.parameters()}
    for var in words.variables():
        if (
            (var.kind in {"weight", "bias"} and not var.step)
            or var.kind in {"net", "out", "delta", "error", "error_total"}
            or (var.kind in {"weight", "bias"} and var.step == 1)
        ):
            found.setdefault(words.canonical(var), var)
    return found


def reached(world: World, judged: Sequence[Judged], expect: Sequence[str]) -> tuple[Reached, ...]:
    """How far the work got with each of the quantities."""
    wanted = quantities(world.spec, expect)
    best: dict[Var, tuple[int, int]] = {}
    for row in judged:
        for ruling in row.rulings:
            rank = min(_RANK.get(other.verdict, 0) for other in row.rulings if other.link.head is ruling.link.head)
            if not rank or (is_empty(ruling) and rank == 2):
                continue
            for var in named(world, row, ruling):
                if rank > best.get(var, (0, 0))[0]:
                    best[var] = (rank, row.line.row.line)
    status = {2: "reached", 1: "wrong"}
    return tuple(
        Reached(name, status[best[var][0]], best[var][1]) if var in best else Reached(name, "missing")  # type: ignore[arg-type]
        for name, var in wanted.items()
    )


def named(world: World, row: Judged, ruling: Ruling) -> list[Var]:
    """What a link is about; nothing where that takes too much to find out."""
    try:
        return list(about(world, row, ruling))
    except OverBudget:
        return []


def is_empty(ruling: Ruling) -> bool:
    """Does the link say of something only that it is itself?"""
    left, right = unwrapped(ruling.link.head), unwrapped(ruling.link.right)
    return isinstance(right, w.Derivative) and isinstance(left, w.Derivative) and _bare(left) == _bare(right)


def _bare(node: w.Derivative) -> tuple[object, ...]:
    found = []
    for part in (unwrapped(node.of), unwrapped(node.wrt)):
        if not isinstance(part, w.Name):
            return (id(node),)
        found.append((part.base, part.sub.text if part.sub else "", tuple(s.text for s in part.sups)))
    return tuple(found)


def about(world: World, row: Judged, ruling: Ruling) -> Iterator[Var]:
    """The quantities that the left side of a link's chain is: a parameter stands for its gradient, a net input's is a delta."""
    checker = world.checker(row.line)
    link = replace(ruling.link, left=ruling.link.head, right=ruling.link.head)
    head = unwrapped(link.head)
    seen: set[Var] = set()
    done = ruling.outcome.assignments if ruling.outcome.holds else ()
    for letters in done or assignments(checker, row.line, link, ruling.outcome):
        meaning = replace(checker.meaning(Numeric(checker.truth), link.arguments, ruling.outcome.chosen), letters=letters)
        try:
            found = list(subjects(head, meaning, checker.truth))
        except FAULTS:
            continue
        for _, _, key, _ in found:
            seen.update(_asked(key))
    yield from seen


def _asked(key: object) -> Iterator[Var]:
    if isinstance(key, Var):
        yield key
        if key.step and key.kind in {"weight", "bias"}:
            yield Var(key.kind, key.owner)
    elif isinstance(key, tuple) and key[0].kind in {"error_total", "error_sample"}:
        wrt = key[1]
        yield Var("delta", wrt.owner, wrt.sample, wrt.time) if wrt.kind == "net" else wrt
