"""Marks: a `Scheme` gives a `Mark` for what a piece of work reached; the table of them is CSV.

Where a mark cannot be told, it is a range: its cell stays empty, and the line says which rows a person must look at, and why.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from symbp.network.numbers import without_zeros
from symbp.verification.report.credit import Credit, credits_of
from symbp.verification.report.report import FileReport
from symbp.verification.report.scheme import Scheme, parse_scheme, read_scheme

__all__ = ["COLUMNS", "Grade", "Mark", "Scheme", "csv_text", "explained", "mark", "parse_scheme", "read_scheme", "shown"]

COLUMNS: Final = (
    *("file", "mark", "out_of", "range", "reached", "wrong", "follows"),
    *("needs_review", "flags", "first_wrong_line", "codes"),
)
"""After these stands a column for each quantity."""
MOST_LINES: Final = 12
"""So many lines are named for review."""


@dataclass(frozen=True, slots=True)
class Grade:
    """The marks for one quantity, at least and at most, of so many; the lines that earned them, those that a person must see, and why."""

    name: str
    low: Decimal
    high: Decimal
    out_of: Decimal
    lines: tuple[int, ...] = ()
    review: tuple[int, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def mark(self) -> Decimal | None:
        """The marks, where they can be told."""
        return self.low if self.low == self.high else None


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the table. `mark` is None where a person must give it: nothing was read, or what was read leaves a range."""

    file: str
    mark: Decimal | None
    out_of: Decimal | None
    reached: int
    wrong: int
    follows: int
    needs_review: bool
    first_wrong_line: int | None
    codes: tuple[str, ...]
    low: Decimal | None = None
    high: Decimal | None = None
    review: tuple[int, ...] = ()
    flags: tuple[str, ...] = ()
    grades: tuple[Grade, ...] = ()
    right: tuple[int, ...] = ()
    """Where rows are given marks, the lines of those that earned them."""

    def cells(self) -> tuple[str, ...]:
        """The line as texts, in the order of COLUMNS, and the grade of each quantity."""
        return (
            _harmless(self.file),
            shown(self.mark),
            shown(self.out_of),
            f"{shown(self.low)} to {shown(self.high)}" if self.low is not None and self.low != self.high else "",
            *map(str, (self.reached, self.wrong, self.follows)),
            self.to_review(),
            " ".join(self.flags),
            "" if self.first_wrong_line is None else str(self.first_wrong_line),
            " ".join(self.codes),
            *(shown(grade.mark) for grade in self.grades),
        )

    def to_review(self) -> str:
        """Which rows a person must look at; "true" where that is the whole work."""
        if not self.needs_review:
            return "false"
        lines = ", ".join(map(str, self.review[:MOST_LINES])) + ", …" * (len(self.review) > MOST_LINES)
        return f"line {lines}" if len(self.review) == 1 else f"lines {lines}" if self.review else "true"


def mark(report: FileReport, scheme: Scheme) -> Mark:
    """What `scheme` gives for a work. A mistake that is repeated is one; a row that only follows from one is right."""
    rows = [row for row in report.rows if not row.is_struck]
    mistakes = [row for row in rows if row.verdict == "wrong" and row.same_as is None]
    grades = tuple(_grade(credit, scheme) for credit in credits_of(report, scheme)) if scheme.per == "quantity" else ()
    low, high, out_of = _by_row(report, scheme) if scheme.per == "row" else _sums(grades)
    taken = scheme.penalty * len(mistakes)
    low, high = max(Decimal(0), low - taken), max(Decimal(0), high - taken)
    unsure = [row.line for row in rows if row.verdict in {"undecidable", "unreadable"} or row.earns == "open"]
    review = tuple(sorted({*unsure, *(line for grade in grades for line in grade.review)}))
    is_read = report.trouble is None
    is_told = is_read and low == high and bool(report.rows) and (bool(low) or not (report.needs_review or review))
    return Mark(
        report.file,
        mark=low if is_told else None,
        out_of=out_of if is_read else None,
        reached=sum(quantity.status == "reached" for quantity in report.reached),
        wrong=len(mistakes),
        follows=report.count("follows"),
        needs_review=report.needs_review or not report.rows or low != high or bool(review),
        first_wrong_line=min((row.line for row in report.rows if row.verdict == "wrong"), default=None),
        codes=tuple(dict.fromkeys(row.code for row in report.rows if row.code)),
        low=low if is_read and report.rows else None,
        high=high if is_read and report.rows else None,
        review=review,
        flags=tuple(dict.fromkeys(_flags(report, grades))),
        grades=grades,
        right=tuple(row.line for row in rows if _share(row.verdict, row.earns, scheme)[1]) if scheme.per == "row" else (),
    )


def _flags(report: FileReport, grades: Sequence[Grade]) -> Iterator[str]:
    """Why a person may want to look, in words without blanks."""
    if report.bindings:
        yield "binding"
    yield from (flag for grade in grades for flag in grade.flags)
    if report.count("unreadable"):
        yield "unread"
    if report.count("undecidable"):
        yield "undecided"


def _grade(credit: Credit, scheme: Scheme) -> Grade:
    worth = scheme.worth(credit.name)
    low, high = credit.low * worth, credit.high * worth
    return Grade(credit.name, low, high, worth, credit.lines, *((credit.review, credit.flags) if worth else ((), ())))


def _sums(grades: Sequence[Grade]) -> tuple[Decimal, Decimal, Decimal]:
    nothing = Decimal(0)
    return sum((g.low for g in grades), nothing), sum((g.high for g in grades), nothing), sum((g.out_of for g in grades), nothing)


def _by_row(report: FileReport, scheme: Scheme) -> tuple[Decimal, Decimal, Decimal]:
    """Of the rows that could be judged; one that repeats a mistake, or says nothing, is left out."""
    rows = [row for row in report.rows if not row.is_struck]
    shares = [_share(row.verdict, row.earns, scheme) for row in rows]
    right = sum(row.verdict in {"correct", "follows"} and row.earns != "no" for row in rows)
    wrong = sum(row.verdict == "wrong" and row.same_as is None for row in rows)
    low, high = (sum((share[at] for share in shares), Decimal(0)) * scheme.default for at in (0, 1))
    return low, high, (right + wrong) * scheme.default


def _share(verdict: str, earns: str, scheme: Scheme) -> tuple[Decimal, Decimal]:
    """What a row earns at least and at most, of the marks of a row."""
    whole = {"correct": Decimal(1), "follows": scheme.follows}.get(verdict, Decimal(0))
    return (whole if earns == "yes" else Decimal(0)), (whole if earns != "no" else Decimal(0))


def csv_text(marks: Iterable[Mark]) -> str:
    """The table, with a line of headings."""
    lines = tuple(marks)
    names = next((tuple(grade.name for grade in line.grades) for line in lines if line.grades), ())
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow((*COLUMNS, *names))
    for line in lines:
        cells = line.cells()
        writer.writerow((*cells, *[""] * (len(COLUMNS) + len(names) - len(cells))))
    return held.getvalue()


def explained(line: Mark) -> str:
    """For each mark of a work the rows that earned it, and for each doubt the rows that it is about."""
    head = f"{_printable(line.file)}: {_told(line.low, line.high)} of {shown(line.out_of)}" if line.low is not None else ""
    rows = [head or f"{_printable(line.file)}: no mark"]
    for grade in line.grades:
        earned = f", by {_lines(grade.lines)}" if grade.lines else ""
        why = f" ({', '.join(grade.flags)}{': see ' + _lines(grade.review) if grade.review else ''})" if grade.flags else ""
        rows.append(f"  {grade.name}: {_told(grade.low, grade.high)} of {shown(grade.out_of)}{earned}{why}")
    if line.right:
        rows.append(f"  by {_lines(line.right)}")
    return "\n".join(rows) + "\n"


def _told(low: Decimal | None, high: Decimal | None) -> str:
    return shown(low) if low == high else f"{shown(low)} to {shown(high)}"


def _lines(lines: Sequence[int]) -> str:
    return ("line " if len(lines) == 1 else "lines ") + ", ".join(map(str, lines))


def shown(number: Decimal | None) -> str:
    """A number of marks; nothing for None."""
    return "" if number is None else format(without_zeros(number), "f")


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = _printable(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)
