"""`Report`: the verdict on every row of every file, what the work reached, and the conventions that it was read by.

Sentences are not written here: a `Said` names one of `templates/verdicts.j2` and what it speaks of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Ruling: TypeAlias = Literal["correct", "wrong", "follows", "undecidable", "unreadable"]
RULINGS: Final[tuple[Ruling, ...]] = ("correct", "wrong", "follows", "undecidable", "unreadable")
Certainty: TypeAlias = Literal["proved", "agrees", "refuted"]


@dataclass(frozen=True, slots=True)
class Said:
    """The sentence `key` of the templates about `names`; a name that holds a formula is in the person's own notation."""

    key: str
    names: Mapping[str, str | int | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A row and what was found of it.

    `span` are the offsets in `text` of the first link that does not hold, or of the part of it that an edit would change; `expected` is
    the row as it should be, in the person's notation, of which `marked` is the part that was changed; `same_as` is the line of the
    row with the same mistake; `witness` are the values of a point at which the sides differ, by the person's names, with `left`
    and `right`. `hint` asks what `message` tells.
    """

    line: int
    column: int
    text: str
    verdict: Ruling
    code: str | None = None
    message: Said | None = None
    hint: Said | None = None
    expected: str | None = None
    marked: tuple[int, int] | None = None
    span: tuple[int, int] | None = None
    witness: Mapping[str, str] | None = None
    certainty: Certainty | None = None
    remarks: tuple[Said, ...] = ()
    same_as: int | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A quantity that the network has, or that was asked for: whether a row reached it, and which; `name` is the canonical one."""

    name: str
    status: Literal["reached", "wrong", "missing"]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    """One piece of work, judged. `conventions` are those that the work was found to keep, in words; `trouble` is why
    a file was not read."""

    file: str
    rows: tuple[JudgedRow, ...] = ()
    conventions: Mapping[str, str] = field(default_factory=dict)
    reached: tuple[Reached, ...] = ()
    trouble: str | None = None

    def count(self, verdict: Ruling) -> int:
        """How many rows have this verdict."""
        return sum(row.verdict == verdict for row in self.rows)

    @property
    def is_clean(self) -> bool:
        """Is nothing wrong, as far as it could be judged?"""
        return self.trouble is None and not self.count("wrong") and not self.count("follows")

    @property
    def needs_review(self) -> bool:
        """Is there anything that a person must look at?"""
        return self.trouble is not None or bool(self.count("undecidable") or self.count("unreadable"))


@dataclass(frozen=True, slots=True)
class Report:
    """The reports of several files, in the order in which they were given."""

    files: tuple[FileReport, ...]
