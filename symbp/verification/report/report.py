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
Doubt: TypeAlias = Literal["yes", "no", "open"]
"""An answer, where a person may have to give it."""


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
    each family of names in a file, and after that the line where it stands. `earns`: is it worth anything where rows are given marks?
    One that is true whatever its names mean, or only says what is given, is not. `is_struck`: is it crossed out, so that the work no
    longer says it?
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
    earns: Doubt = "yes"
    is_struck: bool = False


Kind: TypeAlias = Literal["formula", "computed", "bare", "literals", "general", "differences", "update"]
"""What a statement gives: a formula; arithmetic of numbers that are known; a number alone; a number, or arithmetic, of numbers that come
from nowhere; a formula in indices; a quotient of differences; an updated parameter, from which a gradient can only be told."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one form of a chain of equations says of the quantity that the chain begins with; all names are canonical.

    `verdict` is "open" where the row was not decided. `names` is all that the form names. Of these, `ends` are defined to be derivatives
    of the error further on (deltas), where a formula may end; `below` are other derivatives further on, which a work must have worked
    out; `needs` is what is no step towards the data: the quantity itself, its siblings. `is_plain`: there is no derivative in it.
    `digits` are the significant digits and decimals of the value that the chain prints, if it does, `is_exact` whether that is the
    exact value, `is_near` whether an updated value is nearer the new one than the old, `is_update` whether an updated parameter tells
    this of its gradient, `is_pinned` whether anything but this row tells what its names mean. `part` counts the headings before the
    row (parts, steps, samples), `retractions` the places where the work takes something back. `attempt`: does the mistake that the row
    follows from, or that it is, deserve that others follow?
    """

    quantity: str
    line: int
    verdict: Literal["right", "follows", "wrong", "open"]
    kind: Kind = "formula"
    names: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    is_plain: bool = False
    digits: tuple[int, int] | None = None
    is_exact: bool = False
    is_near: bool = True
    is_update: bool = False
    is_pinned: bool = True
    part: str = ""
    retractions: int = 0
    attempt: Doubt = "yes"
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """A comment that was to give a name of the network another meaning; `is_number`: a mere number."""

    line: int
    name: str
    meaning: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """A quantity that the network has, or that was asked for: whether a row reached it, and which; `name` is the canonical one, and
    `quantity` what evidence calls it, where that is another."""

    name: str
    status: Literal["reached", "wrong", "missing"]
    line: int | None = None
    quantity: str = ""


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
    taken for; `trouble` is why a file was not read; `not_read` names the files of a submission that were not, with the reason.
    `evidence` is what the rows say of each quantity, None where nobody looked; `unread` are the lines of rows that may be about any
    quantity; `bindings` are the comments that were to give a known name another meaning, and were not followed."""

    file: str
    rows: tuple[JudgedRow, ...] = ()
    conventions: Mapping[str, str] = field(default_factory=dict)
    reached: tuple[Reached, ...] = ()
    trouble: str | None = None
    read_as: tuple[ReadAs, ...] = ()
    evidence: tuple[Evidence, ...] | None = None
    unread: tuple[int, ...] = ()
    bindings: tuple[Binding, ...] = ()
    not_read: tuple[str, ...] = ()

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
