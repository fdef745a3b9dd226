"""Whether what the names of a row mean is told by anything but that row: a meaning may not be picked to make the row true that it is in."""

from __future__ import annotations

from symbp.language.written import Name
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.reading.families import Family
from symbp.verification.reading.search import SPELLED, Established
from symbp.verification.source.work import Link


def is_pinned(reading: Established | None, link: Link) -> bool:
    """Do usage, the file or other rows, one unknown at a time, tell what every name on the right of a true link means?"""
    at = None if reading is None else reading.at.get(id(link))
    if reading is None or at is None:
        return True
    head = unwrapped(link.left)
    own = reading.joint.families_of(head) if isinstance(head, Name) else ()
    unknown = unusual(reading, at) - {*own}
    pinned: set[Family] = set()
    rows = [unusual(reading, k) for k in reading.state.true if k != at and reading.told(k)] if unknown else []
    while new := {family for families in rows if len(families - pinned) == 1 for family in families - pinned}:
        pinned |= new
    return unknown <= pinned


def unusual(reading: Established, at: int) -> set[Family]:
    """The families of a row that mean what neither the file, nor its notation, nor usage says."""
    found = set()
    for family in reading.joint.rows[at].families:
        option = reading.option(family)
        if family not in reading.joint.given and option.meaning is not None and option.price >= SPELLED:
            found.add(family)
    return found
