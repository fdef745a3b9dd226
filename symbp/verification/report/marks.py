"""Marks: a `Scheme` gives a `Mark` for what a piece of work reached; the table of them is CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from symbp.errors import Place, SymbpError
from symbp.language.vocabulary import Vocabulary
from symbp.network.numbers import without_zeros
from symbp.network.source import Source, parse_toml, said
from symbp.verification.report.report import FileReport

COLUMNS: Final = ("file", "mark", "out_of", "reached", "wrong", "follows", "needs_review", "first_wrong_line", "codes")
KEYS: Final = ("per", "penalty", "marks")
DEFAULT: Final = "default"
"""The key of `[marks]` for every quantity that no other key names."""
MAX_BYTES: Final = 1_000_000
QUOTED: Final = 'in [marks] a name stands in quotes, as in "dE/dw5" = 2 or "delta_*" = 1'
Per: TypeAlias = Literal["quantity", "row"]


@dataclass(frozen=True, slots=True)
class Scheme:
    """What is given marks: each quantity that is reached, or each row that is right.

    `marks` holds names and patterns (`*` stands for anything) with their marks; a name comes before a pattern, a pattern before
    those below it, and `default` is for everything else. `penalty` is taken off for every mistake, a repeated one once; no work
    gets less than 0.
    """

    per: Per = "quantity"
    marks: Mapping[str, Decimal] | None = None
    default: Decimal = Decimal(1)
    penalty: Decimal = Decimal(0)

    def worth(self, quantity: str) -> Decimal:
        """The marks for the quantity with this canonical name; `w5` in the scheme is also its gradient."""
        marks = self.marks or {}
        for name in (quantity, quantity.removeprefix("dE/d")):
            if name in marks:
                return marks[name]
        return next((worth for pattern, worth in marks.items() if fnmatchcase(quantity, pattern)), self.default)

    def asked(self, words: Vocabulary) -> tuple[str, ...]:
        """The quantities of a network that the scheme gives marks for, to look for in a work; none where it names none."""
        known = list(dict.fromkeys(_names(words)))
        found = [name for name in known if name.startswith("dE/d")] if self.marks and self.default else []
        for pattern, worth in (self.marks or {}).items():
            fitting = [name for name in known if fnmatchcase(name, pattern)] if "*" in pattern else [pattern]
            if not fitting:
                raise SymbpError(f"no quantity of the network is like {pattern!r}, which the marks name", hint=QUOTED)
            found += fitting if worth else []
        return tuple(dict.fromkeys(found))


def _names(words: Vocabulary) -> Iterable[str]:
    """The canonical names of everything that a derivation of the network may reach."""
    yield from (f"dE/d{words.canonical(parameter)}" for parameter in words.parameters())
    yield from map(words.canonical, words.variables())


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the table. `mark` is None where a person must give it: nothing was read, or what was read gave none."""

    file: str
    mark: Decimal | None
    out_of: Decimal | None
    reached: int
    wrong: int
    follows: int
    needs_review: bool
    first_wrong_line: int | None
    codes: tuple[str, ...]

    def cells(self) -> tuple[str, ...]:
        """The line as texts, in the order of COLUMNS."""
        return (
            _harmless(self.file),
            shown(self.mark),
            shown(self.out_of),
            *map(str, (self.reached, self.wrong, self.follows)),
            "true" if self.needs_review else "false",
            "" if self.first_wrong_line is None else str(self.first_wrong_line),
            " ".join(self.codes),
        )


def mark(report: FileReport, scheme: Scheme) -> Mark:
    """What `scheme` gives for a work. A mistake that is repeated is one; a row that only follows from one is right."""
    mistakes = [row for row in report.rows if row.verdict == "wrong" and row.same_as is None]
    reached = sum(quantity.status == "reached" for quantity in report.reached)
    given, out_of = _by_row(report, scheme) if scheme.per == "row" else _by_quantity(report, scheme)
    given = max(Decimal(0), given - scheme.penalty * len(mistakes))
    needs_review = report.needs_review or not report.rows
    is_read = report.trouble is None
    return Mark(
        report.file,
        mark=given if is_read and (given or not needs_review) else None,
        out_of=out_of if is_read else None,
        reached=reached,
        wrong=len(mistakes),
        follows=report.count("follows"),
        needs_review=needs_review,
        first_wrong_line=min((row.line for row in report.rows if row.verdict == "wrong"), default=None),
        codes=tuple(dict.fromkeys(row.code for row in report.rows if row.code)),
    )


def _by_quantity(report: FileReport, scheme: Scheme) -> tuple[Decimal, Decimal]:
    worth = {quantity.name: scheme.worth(quantity.name) for quantity in report.reached}
    given = (worth[quantity.name] for quantity in report.reached if quantity.status == "reached")
    return sum(given, Decimal(0)), sum(worth.values(), Decimal(0))


def _by_row(report: FileReport, scheme: Scheme) -> tuple[Decimal, Decimal]:
    """Of the rows that could be judged; one that repeats a mistake is left out."""
    right = sum(row.verdict in {"correct", "follows"} for row in report.rows)
    wrong = sum(row.verdict == "wrong" and row.same_as is None for row in report.rows)
    return right * scheme.default, (right + wrong) * scheme.default


def csv_text(marks: Iterable[Mark]) -> str:
    """The table, with a line of headings."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(line.cells() for line in marks)
    return held.getvalue()


def shown(number: Decimal | None) -> str:
    """A number of marks; nothing for None."""
    return "" if number is None else format(without_zeros(number), "f")


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "".join(c if c.isprintable() else "�" for c in cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def read_scheme(path: Path) -> Scheme:
    """The scheme that the file at `path` describes."""
    place = Place(str(path))
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise SymbpError("the file is too large", place, f"at most {MAX_BYTES // 1000} kB")
        return parse_scheme(path.read_bytes().decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise SymbpError(f"not UTF-8 at byte {error.start + 1}", place, "save it as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SymbpError(f"cannot read the marks: {reason}", place) from None


def parse_scheme(text: str, source: str) -> Scheme:
    """The scheme that the TOML `text` describes; `source` names it in messages.

    >>> parse_scheme('penalty = 0.5\\n[marks]\\n"delta_*" = 2\\ndefault = 0', "marks.toml").worth("delta_h1")
    Decimal('2')
    """
    try:
        table = parse_toml(text, source)
    except SymbpError as error:
        raise SymbpError(error.message, error.place, QUOTED) from None
    reader = Source(text, source)
    reader.keys(table, KEYS, "", 0)
    per = reader.choice(table, "per", ("quantity", "row"), "quantity")
    marks = table.get("marks", {})
    if not isinstance(marks, dict):
        raise SymbpError(f"marks is {said(marks)}", reader.top("marks"), f"a table: {QUOTED}")
    if per == "row" and set(marks) - {DEFAULT}:
        name = next(name for name in marks if name != DEFAULT)
        raise SymbpError(f"marks per row have no name {name!r}", reader.place("marks", 1, name), f"only {DEFAULT!r}, the marks of any row")
    numbers = {name: _marks(reader, marks[name], ("marks", 1, name), f"the marks of {name!r}") for name in marks}
    penalty = _marks(reader, table.get("penalty", 0), ("", 0, "penalty"), "the penalty")
    default = numbers.pop(DEFAULT, Decimal(1))
    return Scheme("row" if per == "row" else "quantity", numbers, default, penalty)


def _marks(reader: Source, value: Any, at: tuple[str, int, str], what: str) -> Decimal:
    number = reader.number(value, what, reader.place(*at))
    if number < 0:
        raise SymbpError(f"{what}: {said(value)} is below 0", reader.place(*at), "a number from 0 up")
    return number
