r"""A file → `Work`: the rows of a derivation in LaTeX, Markdown, a notebook or plain text, each with its place.

Nothing is understood here but where formulas begin and end; every pass takes time in proportion to the length of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from symbp.errors import Place, SymbpError
from symbp.verification.source.alignments import Part
from symbp.verification.source.displays import Displays, Found, Prose
from symbp.verification.source.lines import Lines
from symbp.verification.source.macros import MAX_EXPANSIONS, Call, Expanded, expand, glued
from symbp.verification.source.markdown import without_code, without_comments
from symbp.verification.source.rows import Medium, Row, Work
from symbp.verification.source.sources import cells, kind_of_text, read_work
from symbp.verification.source.stretches import introduced
from symbp.verification.source.traced import Traced

__all__ = ["extract", "kind_of_text", "read_work"]

MAX_ROWS: Final = 5_000
MAX_ROW: Final = 20_000
"""So many characters one row may have, its macros expanded."""
MAX_PROSE: Final = 2_000
"""Of the prose before a row, so much is kept, from its end."""

_DECLARES = re.compile(r"[ \t\n]*symbp[ \t]*:")
_DELIMITED = re.compile(r"\\begin|\$|\\\[|\\\(|\\ensuremath")
_MARKER = re.compile(r"[ \t]*(?:>[ \t]*)*(?:[-*+•][ \t]+|[0-9]{1,4}[.)][ \t]+)?[ \t]*")


def extract(text: str, kind: str, file: str = "work", words: Collection[str] = ()) -> Work:
    """The rows of a text of the kind `tex`, `md`, `ipynb` or `txt`; `words` are names that count as mathematics in plain text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _Extraction(file, words, [match.end() for match in re.finditer("\n", text)])
    if kind == "ipynb":
        for cell in cells(text, file):
            found.read(cell.text, "md", cell)
    else:
        found.read(text, kind, None)
    return Work(file, tuple(found.rows), tuple(found.declared))


@dataclass
class _Extraction:
    """The rows of one file, as they are found; `breaks` are the offsets at which its lines begin, but for the first.

    `text` is what is read: the file, or one `cell` of it that knows where it stands there.
    """

    file: str
    words: Collection[str]
    breaks: list[int]
    rows: list[Row] = field(default_factory=list, init=False)
    declared: list[tuple[str, str, int]] = field(default_factory=list, init=False)
    displays: int = field(default=0, init=False)
    prose: str = field(default="", init=False)
    text: str = field(default="", init=False)
    cell: Traced | None = field(default=None, init=False)

    def read(self, text: str, kind: str, cell: Traced | None) -> None:
        """Find the rows of a text, or of one cell."""
        self.text, self.cell = text, cell
        is_loose = kind == "txt"
        kind = "md" if is_loose and kind_of_text(text) != "txt" else kind
        self._tell("\n\n" if self.prose else "")
        source = Traced.whole(text)
        if kind != "tex":
            plain = without_code(source) if kind == "md" else without_comments(source)
            source = plain.traced
            self._declare(plain.comments)
        if kind == "txt":
            words = {*self.words, *introduced(source.text)}
            self._collect(Expanded(source), Lines(source.text, words).read(0, len(source.text)))
            return
        expanded = expand(source, cuts_comments=kind == "tex")
        self._declare(expanded.comments)
        is_bare = kind == "md" or not _DELIMITED.search(expanded.traced.text)
        names = {*self.words, *introduced(expanded.traced.text)} if is_bare else None
        self._collect(expanded, _events(expanded.traced.text, kind, names, is_strict=not is_loose))

    def _collect(self, expanded: Expanded, events: Iterable[Prose | Found]) -> None:
        """Make rows of what was found, and keep the prose between them."""
        text, display = expanded.traced.text, 0
        for event in events:
            if isinstance(event, Prose):
                self._tell(text[event.start : event.end])
                continue
            part = event.part
            for start, end in part.before:
                self._tell(text[start:end])
            self.displays += event.display != display
            display = event.display
            self.rows.append(self._row(expanded, event))
            if len(self.rows) > MAX_ROWS:
                raise SymbpError(f"the work has more than {MAX_ROWS} rows", Place(self.file), "give it in several files")
            stays = event.is_inline and not _is_alone(text, part)
            self.prose = (self.prose + text[part.start : part.end])[-MAX_PROSE:] if stays else ""

    def _tell(self, prose: str) -> None:
        self.prose = (self.prose + prose)[-MAX_PROSE:]

    def _row(self, expanded: Expanded, found: Found) -> Row:
        part = found.part
        lo = _Ends(expanded).start(part.start)
        hi = max(_Ends(expanded).end(part.end), lo)
        trouble = part.trouble or _trouble(expanded, part)
        math, places = "", [hi - lo]
        if not trouble:
            math, places = _mathematics(expanded, part.spans, lo, hi)
        line, column = self._place(lo)
        medium: Medium = "latex" if found.is_latex else "plain"
        return Row(line, column, self.text[lo:hi], math, tuple(places), medium, self.prose.strip(), self.displays, trouble)

    def _place(self, at: int) -> tuple[int, int]:
        """The line and the column of an offset."""
        at = self.cell.origin(at) if self.cell else at
        line = bisect_right(self.breaks, at)
        return line + 1, at - (self.breaks[line - 1] if line else 0) + 1

    def _declare(self, comments: Iterable[tuple[int, str]]) -> None:
        """Take in what comments declare."""
        for at, comment in comments:
            match = _DECLARES.match(comment)
            if match:
                line = self._place(at)[0] + comment.count("\n", 0, match.end())
                self.declared += _declarations(comment[match.end() :], line)


def _events(text: str, kind: str, words: Collection[str] | None, *, is_strict: bool) -> Iterator[Prose | Found]:
    """Formulas and prose; if there are `words`, lines of prose that are an equation without delimiters count too."""
    lines = Lines(text, words or (), is_strict=is_strict, is_latex=kind == "tex")
    for event in Displays(text, is_markdown=kind == "md"):
        if isinstance(event, Found) or words is None:
            yield event
            continue
        start, end = event
        first = start if start == 0 or text[start - 1] == "\n" else text.find("\n", start, end) + 1
        last = end if end == len(text) else text.rfind("\n", start, end) + 1
        if not start <= first < last:
            yield event
            continue
        yield Prose(start, first)
        yield from lines.read(first, last)
        yield Prose(last, end)


@dataclass(frozen=True)
class _Ends:
    """Where in the file a row begins and ends, a call that it begins or ends with being shown whole."""

    expanded: Expanded

    def start(self, at: int) -> int:
        calls = self.expanded.calls
        number = bisect_left(calls, at, key=_start)
        return calls[number].lo if number < len(calls) and calls[number].start == at else self.expanded.traced.origin(at)

    def end(self, at: int) -> int:
        calls = self.expanded.calls
        number = bisect_left(calls, at, key=_start) - 1
        call = calls[number] if number >= 0 else None
        end = self.expanded.traced.end(at)
        is_whole = call is not None and (at == call.end or (at < call.end and end <= call.lo))
        return call.hi if call is not None and is_whole else end


def _start(call: Call) -> int:
    return call.start


def _trouble(expanded: Expanded, part: Part) -> str:
    """Why a row cannot be read, if it cannot."""
    start, end = part.spans[0][0], part.spans[-1][1]
    number = bisect_left(expanded.troubles, (start, ""))
    if number < len(expanded.troubles) and expanded.troubles[number][0] < end:
        return expanded.troubles[number][1]
    if sum(b - a for a, b in part.spans) > MAX_ROW:
        return f"the row is longer than {MAX_ROW} characters"
    first, last = (bisect_left(expanded.calls, at, key=_start) for at in (start, end))
    if sum(call.expansions for call in expanded.calls[first:last]) > MAX_EXPANSIONS:
        return f"the row needs more than {MAX_EXPANSIONS} expansions of macros"
    return ""


def _mathematics(expanded: Expanded, spans: list[tuple[int, int]], lo: int, hi: int) -> tuple[str, list[int]]:
    """What of a row is mathematics, and the place of every character of it in the text from `lo` to `hi`."""
    traced, parts, places = expanded.traced, [""], []
    for start, end in spans:
        if start == end or glued(parts[-1], traced.text[start : start + 1]):
            parts.append(" ")
            places.append(traced.origin(start))
        parts.append(traced.text[start:end])
        places.extend(traced.origins(start, end))
    places.append(_Ends(expanded).end(spans[-1][1]))
    return "".join(parts), [min(max(place, lo), hi) - lo for place in places]


def _is_alone(text: str, part: Part) -> bool:
    """Is there nothing else in the line of a formula?"""
    before = text[max(0, part.start - 40) : part.start]
    line = before.rpartition("\n")[2]
    is_first = part.start <= 40 or "\n" in before
    return is_first and bool(_MARKER.fullmatch(line)) and not text[part.end : part.end + 40].partition("\n")[0].strip(" \t\r.,;")


def _declarations(text: str, line: int) -> Iterator[tuple[str, str, int]]:
    """What stands between commas and semicolons that no bracket holds: a name and its meaning."""
    depth, start = 0, 0
    for match in re.finditer(r"[(\[{]|[)\]}]|[,;\n]|\Z", text):
        shown = match[0]
        depth = max(0, depth + (1 if shown and shown in "([{" else -1 if shown and shown in ")]}" else 0))
        if shown in ("", "\n") or (shown in (",", ";") and depth == 0):
            name, _, meaning = text[start : match.start()].partition("=")
            if name.strip() or meaning.strip():
                yield name.strip(), meaning.strip(), line
            start = match.end()
            line += shown == "\n"
