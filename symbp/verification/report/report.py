"""`Report`: the verdict on every row of every file, what the work reached, and the conventions that it was read by.

Sentences are not written here: a `Said` names one of `templates/verdicts.j2` and what it speaks of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Ruling: TypeAlias = Literal["correct", "definition", "wrong", "follows", "undecidable", "unreadable"]
RULINGS: Final[tuple[Ruling, ...]] = ("correct", "definition", "wrong", "follows", "undecidable", "unreadable")
"""What may be found of a row. A "definition" only gives a name a meaning of which no other row makes a claim: it earns nothing."""
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
    and `right`. `hint` asks what `message` tells. `question` is what a person must answer before the row can be decided, once in full for
    each family of names in a file, and after that the line where it stands.
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
    question: Said | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A quantity that the network has, or that was asked for: whether a row reached it, and which; `name` is the canonical one."""

    name: str
    status: Literal["reached", "wrong", "missing"]
    line: int | None = None


Source: TypeAlias = Literal["file", "definition", "rows", "prior"]
"""What tells a meaning: the network file or a comment, a row that defines the name, rows that are true by it, or spelling alone."""


@dataclass(frozen=True, slots=True)
class ReadAs:
    """What the names of one family were taken for: `family` in the person's letters, with # for what differs.

    `meaning` and `rivals`, the other meanings that would do as well, are in words; `rows` are the lines of the rows that
    speak for it; `is_usual` where the notation of the file or common usage has it so.
    """

    family: str
    meaning: str
    by: Source
    rows: tuple[int, ...] = ()
    rivals: tuple[str, ...] = ()
    is_usual: bool = False


@dataclass(frozen=True, slots=True)
class FileReport:
    """One piece of work, judged. `conventions` are those that the work was found to keep, in words; `read_as` is what its names were
    taken for; `trouble` is why a file was not read; `unread` names the files of a submission that were not, with the reason."""

    file: str
    rows: tuple[JudgedRow, ...] = ()
    conventions: Mapping[str, str] = field(default_factory=dict)
    reached: tuple[Reached, ...] = ()
    trouble: str | None = None
    read_as: tuple[ReadAs, ...] = ()
    unread: tuple[str, ...] = ()

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
        return self.trouble is not None or bool(self.unread or self.count("undecidable") or self.count("unreadable"))


@dataclass(frozen=True, slots=True)
class Report:
    """The reports of several files, in the order in which they were given."""

    files: tuple[FileReport, ...]
