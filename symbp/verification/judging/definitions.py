"""Which rows only give a name a meaning: nothing is claimed by such a row, so that it earns nothing and is no fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from symbp.language import written as w
from symbp.language.written import Name
from symbp.verification.judging.printed import is_pure
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.reading.families import family_of
from symbp.verification.reading.grids import own_keys
from symbp.verification.reading.world import World
from symbp.verification.source.work import Link

if TYPE_CHECKING:
    from symbp.verification.judging.judge import Judged, Ruling


def mark_definitions(world: World, rows: Sequence[Judged]) -> None:
    """Give the verdict "definition" to the links that only give a name a meaning of which no other row makes a claim.

    A name that stands in a row which is right, and which is no such definition itself, has a claim made of it.
    """
    waiting = [ruling for row in rows for ruling in row.rulings if only_names(world, ruling)]
    known = {id(ruling) for ruling in waiting}
    claimed = {
        key
        for row in rows
        for ruling in row.rulings
        if ruling.verdict == "correct" and id(ruling) not in known
        for key in keys_in(ruling.link)
    }
    while claims := [ruling for ruling in waiting if ruling.verdict == "correct" and head_key(ruling.link) in claimed]:
        waiting = [ruling for ruling in waiting if ruling not in claims]
        claimed.update(key for ruling in claims for key in keys_in(ruling.link))
    for ruling in waiting:
        ruling.verdict, ruling.unclear = "definition", None


def only_names(world: World, ruling: Ruling) -> bool:
    """Does the link hold only because its left side was bound to its right; or is nothing known of a name of the person's but this link?"""
    link = ruling.link
    if link.is_carried or not isinstance(unwrapped(link.left), Name):
        return False
    if ruling.verdict == "correct":
        bound = world.own.forms.get(head_key(link)) is link.right
        return bound or (world.reading is not None and world.reading.only_defines(link))
    return ruling.verdict == "undecidable" and is_open(world, ruling)


def is_open(world: World, ruling: Ruling) -> bool:
    """Is the left side of the link the one name in it of which nothing else in the work tells the meaning?"""
    unclear, reading, link = ruling.unclear, world.reading, ruling.link
    if reading is None or unclear is None or is_pure(link.right):
        return False
    is_unknown = unclear.key == "unknown_name" and unclear.at == unwrapped(link.left).span[0]
    if not is_unknown and unclear.names.get("why") != "open":
        return False
    at = reading.at.get(id(link))
    head = family_of(unwrapped(link.left), reading.joint.raised, reading.joint.axes.named)[0]  # type: ignore[arg-type]
    families = reading.joint.rows[at].families if at is not None else ()
    inside = reading.joint.families_of(link.right)
    return head in families and head not in inside and all(reading.is_established(f, at) for f in families if f is not head)


def head_key(link: Link) -> str:
    """The name on the left, as it is looked up."""
    name = unwrapped(link.left)
    assert isinstance(name, Name)
    return next(iter(own_keys(name)))[0]


def keys_in(link: Link) -> Iterator[str]:
    """Every name of the link, as it is looked up, with and without what is raised over it."""
    for form in (link.left, link.right):
        for part in w.parts(form):
            if isinstance(part, Name):
                yield from (key for key, _ in own_keys(part))
