"""Report → text: REPORT_FORMATS, a row and a template each, and JSON. Where hints are asked for, answers are taken out before."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from symbp.errors import SymbpError, nearest
from symbp.publishing.environment import Safe, template
from symbp.publishing.formats import escape_markdown
from symbp.publishing.latex_text import latex_typed, latex_words
from symbp.publishing.terminal import Span, Terminal
from symbp.publishing.verdicts import PLAIN, Medium, clean, flat, hinted
from symbp.verification.report.report import RULINGS, FileReport, JudgedRow, ReadAs, Report

MARKS: Final = {"correct": "✓", "definition": "≔", "wrong": "✗", "follows": "→", "undecidable": "?", "unreadable": "?"}
KINDS: Final = {
    "correct": "right",
    "definition": "neutral",
    "wrong": "wrong",
    "follows": "follows",
    "undecidable": "unclear",
    "unreadable": "unclear",
}
QUIET: Final = {"identity_used", "reading_partial", "reading_total", "has_it_right"}
"""Remarks for which a terminal does not show a row that is right."""
STATUSES: Final = ("reached", "wrong", "missing")
LISTED: Final = 12
"""So many quantities are listed in a terminal, unless everything is asked for."""
STANDARD_INPUT: Final = "-"


# -- what somebody typed, in each format -------------------------------------------------------------------------------


def markdown_words(text: str) -> str:
    return escape_markdown(clean(text).replace("\n", " "))


def markdown_typed(text: str) -> str:
    """A code span that shows `text` and cannot be closed from within."""
    text = clean(text).replace("\n", " ")
    if not text.strip():
        return ""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if text[0] in "` " or text[-1] in "` " else f"{fence}{text}{fence}"


def markdown_block(text: str, span: Span, _: str) -> Safe:
    """A block of code within a list, with carets under the span."""
    lines = Terminal(10**9).pointed(text, span, 0, (), whole=True).split("\n")
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return Safe("\n".join(f"  {line}".rstrip() for line in [f"{fence}text", *lines, fence]))


def html_typed(text: str) -> str:
    return f"<code>{html.escape(clean(text))}</code>"


def html_block(text: str, span: Span, style: str) -> Safe:
    """Code, with the span in an element of its own."""
    text = clean(text)
    if span is None:
        return Safe(f"<code>{html.escape(text)}</code>")
    start, end = span
    end = max(end, start + 1)
    before, inside, after = (html.escape(part) for part in (text[:start], text[start:end] or " ", text[end:]))
    return Safe(f'<code>{before}<mark class="{style}">{inside}</mark>{after}</code>')


def html_words(text: str) -> str:
    return html.escape(clean(text))


def latex_block(text: str, span: Span, style: str) -> Safe:
    return latex_typed(text, span, style)


@dataclass(frozen=True)
class ReportFormat:
    """A row of REPORT_FORMATS: `block` shows a row of the work, with the `span` of it in the style "hit" or "fix"."""

    name: str
    extension: str
    template: str
    medium: Medium
    block: Callable[[str, Span, str], Safe]


REPORT_FORMATS: Final[Mapping[str, ReportFormat]] = {
    row.name: row
    for row in (
        ReportFormat("txt", ".txt", "report.txt.j2", PLAIN, lambda text, span, style: Safe(clean(text))),
        ReportFormat("md", ".md", "report.md.j2", Medium(markdown_words, markdown_typed, markdown_typed), markdown_block),
        ReportFormat("html", ".html", "report.html.j2", Medium(html_words, html_typed, html_typed), html_block),
        ReportFormat("tex", ".tex", "report.tex.j2", Medium(latex_words, latex_typed, latex_typed), latex_block),
    )
}


@dataclass(frozen=True)
class View:
    """What of a report is shown: questions instead of answers, the values that refute a row, and in a terminal the rows that are right.

    `marks` has a sentence about the marks of each work, by its name.
    """

    hints: bool = False
    witness: bool = False
    every: bool = False
    color: bool = False
    columns: int = 80
    marks: Mapping[str, str] = field(default_factory=dict)


def render_report(report: Report, name: str = "txt", view: View = View()) -> str:
    """The report in the format `name`: a row of REPORT_FORMATS, or "json"."""
    if view.hints:
        report = hinted(report)
    if name == "json":
        return visible_json(records(report)) + "\n"
    if name not in REPORT_FORMATS:
        raise SymbpError(f"unknown format {name!r}", hint=nearest(name, [*REPORT_FORMATS, "json"]))
    return _Page(REPORT_FORMATS[name], view).render(report)


class _Page:
    """A report in one format."""

    def __init__(self, row: ReportFormat, view: View) -> None:
        self.row, self.view, self.medium = row, view, row.medium
        self.terminal = Terminal(view.columns, view.color)

    def render(self, report: Report) -> str:
        files = [self._file(file) for file in report.files]
        title = self.medium.say("title", {"files": len(files)})
        page = template(self.row.template, self.medium.escape)
        layout = {"heading": self._heading, "painted": self._painted, "wrapped": self._wrapped, "safe": Safe}
        text: str = page.render(files=files, title=title, **layout)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"

    # -- what the terminal's template calls ----------------------------------------------------------------------------

    def _heading(self, text: str) -> Safe:
        return Safe(self.terminal.heading(text))

    def _painted(self, text: str, *styles: str) -> Safe:
        return Safe(self.terminal.paint(text, *styles))

    def _wrapped(self, text: str, indent: int = 0, first: str = "") -> Safe:
        return Safe(self.terminal.wrapped(text, indent, first))

    # -- what is shown ---------------------------------------------------------------------------------------------------

    def _file(self, file: FileReport) -> dict[str, Any]:
        say = self.medium.say
        digits = max((len(str(row.line)) for row in file.rows), default=1)
        rows = [self._row(row, digits) for row in file.rows]
        return {
            "name": "standard input" if file.file == STANDARD_INPUT else flat(file.file),
            "trouble": say("trouble", {"reason": flat(file.trouble)}) if file.trouble is not None else None,
            "rows": rows,
            "shown": [row for row in rows if row["is_shown"]],
            "marks": flat(self.view.marks.get(file.file, "")),
            "counts": say("counts", counts(file)),
            "quantities": say("quantities", quantities(file)),
            "has_quantities": bool(file.reached),
            "conventions": [(flat(name).replace("_", " "), flat(words)) for name, words in file.conventions.items()],
            "read_as": [self._read_as(one) for one in file.read_as if not one.is_usual],
            "reached": {status: self._quantities(file, status) for status in STATUSES},
        }

    def _read_as(self, one: ReadAs) -> tuple[Safe, Safe]:
        """The names of a family, and what they were taken for."""
        return self.medium.f(one.family), self.medium.say("read_as", {"what": one.meaning, "by": one.by, "rows": one.rows})

    def _quantities(self, file: FileReport, status: str) -> list[Safe]:
        found = [quantity for quantity in file.reached if quantity.status == status]
        kept = found if self.view.every or self.row.name != "txt" or len(found) <= LISTED + 1 else found[:LISTED]
        lines = {"wrong"} if self.row.name == "txt" else {"wrong", "reached"}
        shown = [self.medium.say("quantity", {"name": q.name, "line": (status in lines and q.line) or ""}) for q in kept]
        return [*shown, *([self.medium.say("more", {"count": len(found) - len(kept)})] if len(kept) < len(found) else [])]

    def _row(self, row: JudgedRow, digits: int) -> dict[str, Any]:
        is_repeated = row.same_as is not None
        is_plain = row.verdict == "correct" and row.message is None and not row.remarks
        message = (
            self.medium.say("same_as", {"line": row.same_as}) if is_repeated else self.medium.said(row.message) if row.message else None
        )
        is_asked = row.question is not None and not (row.message is not None and row.message.key == "unknown_name")
        remarks = [remark for remark in row.remarks if not (is_repeated and remark.key == "same_as")]
        return {
            "line": row.line,
            "kind": KINDS[row.verdict],
            "mark": MARKS[row.verdict],
            "ruling": self.medium.say("ruling", {"verdict": row.verdict, "code": row.code or ""}),
            "text": self._block(row.text, row.span, "hit"),
            "typed": self.medium.f(row.text),
            "is_plain": is_plain,
            "brief": self._brief(row, digits) if is_plain else None,
            "message": message,
            "question": self.medium.said(row.question) if is_asked and row.question else None,
            "expected": self._block(row.expected, row.marked, "fix") if row.expected is not None else None,
            "remarks": [self.medium.said(remark) for remark in remarks],
            "witness": self._witness(row) if self.view.witness else None,
            "is_shown": self.view.every or row.verdict != "correct" or any(remark.key not in QUIET for remark in remarks),
        }

    def _block(self, text: str, span: Span, style: str) -> Safe:
        if self.row.name != "txt":
            return self.row.block(text, span, style)
        styles = ("wrong", "strong") if style == "hit" else ("right", "strong")
        carets = style == "hit" or not self.view.color
        return Safe(self.terminal.pointed(text, span, 4, styles, whole=self.view.every, carets=carets))

    def _brief(self, row: JudgedRow, digits: int) -> Safe:
        """A row that is right and of which nothing is to be said, on one line of a terminal."""
        start = f"line {row.line:{digits}}  "
        mark = self.terminal.paint(MARKS[row.verdict], KINDS[row.verdict])
        return Safe(f"{start}{mark}  {self.terminal.cut(row.text, self.view.columns - len(start) - 3)}")

    def _witness(self, row: JudgedRow) -> Safe | None:
        if row.witness is None:
            return None
        point = [(name, value) for name, value in row.witness.items() if name not in {"left", "right"}]
        return self.medium.say("witness", {"point": point, **{side: row.witness.get(side, "") for side in ("left", "right")}})


def counts(file: FileReport) -> dict[str, int]:
    """How many rows there are, of each verdict, and how many wrong ones repeat a mistake."""
    repeated = sum(row.verdict == "wrong" and row.same_as is not None for row in file.rows)
    return {"rows": len(file.rows), **{ruling: file.count(ruling) for ruling in RULINGS}, "repeated": repeated}


def quantities(file: FileReport) -> dict[str, int]:
    """How many quantities there are, and how many of each status."""
    return {"of": len(file.reached), **{status: sum(q.status == status for q in file.reached) for status in STATUSES}}


# -- JSON ------------------------------------------------------------------------------------------------------------


def visible_json(value: Any) -> str:
    """JSON in which every character that would move, turn or hide something is named by its number; what it means is the same."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return "".join(
        c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] if c < "\x20" or c > "\x7e" else f"\\u{ord(c):04x}" for c in text
    )


def records(report: Report) -> dict[str, Any]:
    """`{"files": [...]}`, every key always there."""
    found: dict[str, Any] = _whole({"files": [_file_record(file) for file in report.files]})
    return found


def _file_record(file: FileReport) -> dict[str, Any]:
    return {
        "file": file.file,
        "summary": {**counts(file), "quantities": quantities(file), "needs_review": file.needs_review},
        "rows": [_row_record(row) for row in file.rows],
        "conventions": dict(file.conventions),
        "reached": [{"name": quantity.name, "status": quantity.status, "line": quantity.line} for quantity in file.reached],
        "read_as": [_read_as_record(one) for one in file.read_as],
        "trouble": file.trouble,
    }


def _read_as_record(one: ReadAs) -> dict[str, Any]:
    return {"family": one.family, "meaning": one.meaning, "by": one.by, "rows": list(one.rows), "rivals": list(one.rivals)}


def _row_record(row: JudgedRow) -> dict[str, Any]:
    return {
        "line": row.line,
        "column": row.column,
        "text": row.text,
        "verdict": row.verdict,
        "code": row.code,
        "message": PLAIN.said(row.message) if row.message else None,
        "expected": row.expected,
        "marked": list(row.marked) if row.marked else None,
        "span": list(row.span) if row.span else None,
        "witness": dict(row.witness) if row.witness is not None else None,
        "certainty": row.certainty,
        "remarks": [PLAIN.said(remark) for remark in row.remarks],
        "same_as": row.same_as,
        "question": PLAIN.said(row.question) if row.question else None,
    }


def _whole(value: Any) -> Any:
    """`value` with texts that can be written: halves of letters, which a broken file may hold, are replaced."""
    match value:
        case str():
            return re.sub("[\ud800-\udfff]", "�", value)
        case dict():
            return {_whole(name): _whole(part) for name, part in value.items()}
        case list():
            return list(map(_whole, value))
    return value
