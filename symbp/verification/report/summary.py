"""Reports on a class's works → `Summary`: how each quantity fared, the commonest mistakes, works alike, and what needs a person.

Reports are taken up one by one and let go. Of a work is kept what is counted, and short marks of its wrong rows.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from symbp.verification.report.report import FileReport, JudgedRow

ALIKE: Final = 2
"""So many wrong rows must be the same, letter by letter, before works are called alike: right ones are all alike."""
LONGEST_EXAMPLE: Final = 160
_PROSE: Final = re.compile(r"\\(?:text|mbox|textrm|mathrm|textit|textbf)\s*\{[^}]*[A-Z][a-z]|[%#\"“]")
"""What may hold more than a formula: somebody's name, say."""


@dataclass(frozen=True, slots=True)
class Fared:
    """How many works reached a quantity, had it wrong, or did not have it."""

    name: str
    reached: int
    wrong: int
    missing: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """A kind of mistake: in how many works, in how many rows that repeat none, and the row that shows it best, repaired."""

    code: str
    works: int
    rows: int
    example: str | None = None
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """A class in short. `alike` are groups of works, `review` works with the reason; both by name, for the lecturer alone."""

    works: int
    clean: int
    quantities: tuple[Fared, ...]
    mistakes: tuple[Mistake, ...]
    alike: tuple[tuple[str, ...], ...]
    review: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Tally:
    """The works so far."""

    works: int = 0
    clean: int = 0
    fared: dict[str, Counter[str]] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)
    having: Counter[str] = field(default_factory=Counter)
    examples: dict[str, JudgedRow] = field(default_factory=dict)
    wrong: defaultdict[frozenset[bytes], list[str]] = field(default_factory=lambda: defaultdict(list))
    review: list[tuple[str, str]] = field(default_factory=list)

    def add(self, report: FileReport) -> None:
        """Take up a work."""
        self.works += 1
        self.clean += report.is_clean and not report.needs_review
        for quantity in report.reached:
            self.fared.setdefault(quantity.name, Counter())[quantity.status] += 1
        mistakes = [row for row in report.rows if row.verdict == "wrong" and row.same_as is None]
        self.rows.update(row.code or "unexplained" for row in mistakes)
        self.having.update({row.code or "unexplained" for row in mistakes})
        for row in mistakes:
            self._show(row)
        marks = frozenset(_mark(row) for row in mistakes)
        if len(marks) >= ALIKE:
            self.wrong[marks].append(report.file)
        if report.needs_review:
            self.review.append((report.file, reason(report)))

    def _show(self, row: JudgedRow) -> None:
        """Keep the row as an example if it shows its mistake better than the one that is kept: with its repair, and short."""
        code = row.code or "unexplained"
        if len(row.text) > LONGEST_EXAMPLE or "\n" in row.text.strip() or _PROSE.search(row.text):
            return
        if code not in self.examples or _clarity(row) < _clarity(self.examples[code]):
            self.examples[code] = row

    def done(self) -> Summary:
        return Summary(
            self.works,
            self.clean,
            tuple(Fared(name, each["reached"], each["wrong"], each["missing"]) for name, each in self.fared.items()),
            tuple(self._mistakes()),
            tuple(tuple(names) for names in self.wrong.values() if len(names) > 1),
            tuple(self.review),
        )

    def _mistakes(self) -> Iterable[Mistake]:
        """The commonest first."""
        for code, works in sorted(self.having.items(), key=lambda one: (-one[1], -self.rows[one[0]], one[0])):
            example = self.examples.get(code)
            yield Mistake(code, works, self.rows[code], *((example.text.strip(), example.expected) if example else ()))


def _clarity(row: JudgedRow) -> tuple[bool, int, str]:
    return row.expected is None, len(row.text), row.text


def _mark(row: JudgedRow) -> bytes:
    """What is the same for rows that are written the same."""
    return hashlib.sha256("".join(row.text.split()).encode("utf-8", "surrogatepass")).digest()[:12]


def reason(report: FileReport) -> str:
    """Why a person must look at a work."""
    if report.trouble is not None:
        return report.trouble
    told = [f"line {row.line} {row.verdict}" for row in report.rows if row.verdict in {"undecidable", "unreadable"}]
    shown = told[:3] + ([f"{len(told) - 3} more"] if len(told) > 3 else [])
    return ", ".join([*(f"not read: {name}" for name in report.not_read), *shown])
