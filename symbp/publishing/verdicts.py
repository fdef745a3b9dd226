"""What is said about a row of hand work, in each medium; and, where hints are asked for, only what does not give the answer away."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from symbp.publishing.environment import Safe, template
from symbp.verification.report.report import FileReport, JudgedRow, Report, Said

OPTIONAL: Final = (
    *("quantity", "was", "should", "unit", "units", "weight", "output", "activation", "value", "line", "error", "samples"),
    *("near", "expected", "found", "what", "seconds", "shown", "true", "code", "reason"),
    *("term", "early", "square", "surplus", "sharing", "source", "target", "moved", "taken", "slip"),
    *("name", "rival", "answer", "by", "rows"),
)
"""What a sentence may name, and is good without."""
ANSWERS: Final = {"should", "value", "units", "taken", "surplus", "true", "expected"}
"""Names that give an answer away."""
HARMLESS: Final = {
    *("definition", "question", "question_asked", "undecidable_meaning"),
    *("unknown_name", "unreadable", "undecidable_numbers", "undecidable", "time_limit", "same_as"),
    *("identity_used", "not_connected", "hidden_only", "reading_partial", "reading_total"),
}
"""Sentences that give no answer away; of any other, nothing is said where hints are asked for."""
SAYERS: Final = ("f", "q", "listed", "written", "count", "first")
"""What the sentences may call."""


def clean(text: str) -> str:
    """`text` with nothing in it that would move a cursor, turn the direction of writing or hide; as many characters as before."""
    return "".join(c if c.isprintable() or c == "\n" else " " if c.isspace() else "�" for c in text)


def flat(text: str) -> str:
    """`text` on one line."""
    return " ".join(clean(text).split())


@dataclass(frozen=True)
class Medium:
    """How a format shows words, a formula in them, and what somebody typed."""

    escape: Callable[[str], str]
    formula: Callable[[str], str]
    typed: Callable[[str], str]

    def say(self, key: str, names: Mapping[str, Any] | None = None) -> Safe:
        """The sentence `key` about `names`."""
        return self.written(getattr(self._sentences, key)(dict.fromkeys(OPTIONAL, "") | dict(names or {})))

    def said(self, said: Said) -> Safe:
        return self.say(said.key, said.names)

    @cached_property
    def _sentences(self) -> Any:
        return template("verdicts.j2", self.escape).make_module({name: getattr(self, name) for name in SAYERS})

    def f(self, formula: object) -> Safe:
        return Safe(self.formula(flat(str(formula))))

    def q(self, text: object) -> Safe:
        return Safe(self.typed(flat(str(text))))

    def listed(self, formulas: str | tuple[str, ...]) -> Safe:
        """Formulas, with commas and `and`."""
        *first, last = map(self.f, (formulas,) if isinstance(formulas, str) else formulas)
        return Safe(f"{', '.join(first)} and {last}" if first else last)

    def written(self, text: str) -> Safe:
        """What a macro has written, which is escaped already."""
        return Safe(re.sub(r"\s+", " ", text).strip())

    def count(self, n: object, noun: str, several: str | None = None) -> str:
        return f"{n} {noun}" if str(n) == "1" else f"{n} {several or noun + 's'}"

    def first(self, names: str | tuple[str, ...], default: str) -> str:
        found = (names,) if isinstance(names, str) else names
        return next(iter(found), "") or default


PLAIN: Final = Medium(clean, str, "`{}`".format)


# -- hints -----------------------------------------------------------------------------------------------------------


def hinted(report: Report) -> Report:
    """The report with a question in place of each message, and without anything that holds the repaired form of a row."""
    return Report(tuple(_hinted_file(file) for file in report.files))


def _hinted_file(file: FileReport) -> FileReport:
    return replace(file, rows=tuple(map(_hinted_row, file.rows)))


def _hinted_row(row: JudgedRow) -> JudgedRow:
    remarks = tuple(remark for remark in row.remarks if remark.key in HARMLESS)
    return replace(row, message=_question(row), hint=None, expected=None, marked=None, witness=None, remarks=remarks)


def _question(row: JudgedRow) -> Said | None:
    """What is asked about a row; of one that is not wrong, its message if that is harmless."""
    if row.message is not None and row.message.key in HARMLESS:
        return row.message
    if row.verdict not in {"wrong", "follows"}:
        return None
    code = "follows" if row.verdict == "follows" else row.code or "unexplained"
    asked = row.hint or Said(f"{code}_hint", row.message.names if row.message else {})
    asked = Said(asked.key, {name: value for name, value in asked.names.items() if name not in ANSWERS})
    bare = Said(
        asked.key, {name: value for name, value in asked.names.items() if name in {"weight", "source", "target", "samples", "square"}}
    )
    return next((said for said in (asked, bare, Said(asked.key)) if not _tells(PLAIN.said(said), row)), Said("unexplained_hint"))


def _tells(question: str, row: JudgedRow) -> bool:
    """Does the question hold what would be put in place of the mistake?"""
    answers = [str(row.message.names[name]) for name in ("should", "value") if row.message and name in row.message.names]
    if row.expected is not None:
        start, end = row.marked or (0, len(row.expected))
        answers += [row.expected, row.expected[start:end]]
    return any(_stands_in(flat(answer), question) for answer in answers if re.search(r"\w", answer))


def _stands_in(answer: str, question: str) -> bool:
    return re.search(rf"(?<![\w^]){re.escape(answer)}(?![\w^])", question) is not None
