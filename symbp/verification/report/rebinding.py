"""Comments that give a name of the network another meaning: what is known is not rebound, and a person is told of it."""

from __future__ import annotations

from dataclasses import replace

from symbp.language import written as w
from symbp.language.reader import Reader
from symbp.language.tokens import Unreadable, lex
from symbp.language.written import Name, Written
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.printed import is_pure
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.reading.binding import is_strong
from symbp.verification.reading.conventions import Conventions
from symbp.verification.reading.families import is_letter
from symbp.verification.reading.world import Points, World
from symbp.verification.report.report import Binding
from symbp.verification.source.rows import Work
from symbp.verification.source.work import functions_of


def without_rebinding(spec: NetworkSpec, work: Work) -> tuple[Work, tuple[Binding, ...]]:
    """The work without the declarations that would give another meaning to a name that the network's notation settles; and these."""
    if not work.declared:
        return work, ()
    functions = functions_of(spec, work)
    world = World(Points(spec), Conventions.of(spec, frozenset()), functions)
    refused = tuple(
        Binding(line, name, meaning, is_number=is_pure(right))
        for name, meaning, line in work.declared
        if (left := _read(name, functions)) is not None and (right := _read(meaning, functions)) is not None and rebinds(world, left, right)
    )
    lines = {(one.line, one.name) for one in refused}
    return replace(work, declared=tuple(one for one in work.declared if (one[2], one[0]) not in lines)), refused


def _read(text: str, functions: frozenset[str]) -> Written | None:
    try:
        return unwrapped(Reader(lex(text, "latex" if "\\" in text else "plain"), functions).whole())
    except Unreadable:
        return None


def rebinds(world: World, left: Written, right: Written) -> bool:
    """Is the left side a quantity of the network by its own notation, and the right side another?"""
    if isinstance(left, w.Derivative | w.Nabla):
        return True
    if not isinstance(left, Name) or (left.sub is not None and any(is_letter(token.text) for token in left.sub.tokens)):
        return False
    if not is_strong(left, world):
        return False
    if not isinstance(right, Name):
        return True
    mine, other = (world.single.grids.readings(name)[:1] for name in (left, right))
    return bool(other) and mine[0].quantity != other[0].quantity
