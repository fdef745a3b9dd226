r"""A file → `Work`: the rows of a derivation in LaTeX, Markdown, a notebook or plain text, each with its place.

Nothing is understood here but where formulas begin and end; every pass takes time in proportion to the length of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from symbp.errors import Place, SymbpError
from symbp.verification.source.formulas import RELATION, Formulas, Part, Prose, Span
from symbp.verification.source.lines import Lines, held_words
from symbp.verification.source.macros import MAX_EXPANSIONS, Expanded, expand, glued
from symbp.verification.source.markdown import Comments, without_marks
from symbp.verification.source.phrases import restated, samples
from symbp.verification.source.rows import Medium, Row, Work
from symbp.verification.source.sources import cells, kind_of_text, read_work
from symbp.verification.source.traced import Traced

__all__ = ["extract", "kind_of_text", "read_work"]

MAX_ROWS: Final = 5_000
MAX_ROW: Final = 20_000
"""So many characters one row may have, its macros expanded."""
MAX_PROSE: Final = 2_000
"""Of the prose before a row, so much is kept, from its end."""
MAX_ABOUT: Final = 120

_DECLARES = re.compile(r"[ \t\n]*symbp[ \t]*:")
_DELIMITED = re.compile(r"\\begin|\$|\\\[|\\\(|\\ensuremath")
_OPENER = re.compile(r"(?:\\begin[ \t]*\{[A-Za-z]+\*?\}|\\\[|\$\$)\s*\Z")
_UNSEEN = re.compile(r"<!--.*?-->|^[ \t]*(?:```|~~~)[^\n]*$", re.DOTALL | re.MULTILINE)
_BLANK = re.compile(r"[\s>]*")
_MARKER = re.compile(r"[ \t]*(?:>[ \t]*)*(?:[-*+•][ \t]+|[0-9]{1,4}[.)][ \t]+)?[ \t]*")
_ABOUT_ENDS = " \t\r\n:：*_#>|.,;-–—→⇒=$&\\“”„‘’\"'，、。；「」"
_TIME = re.compile(r"t\s*=\s*[0-9]+")
_NAMED = re.compile(r"d\w+/d[^\s=]+|[^\W\d]\w*(?:_\{\w+\})?⁺?")
_CONTINUES = re.compile(rf"\s*(?:{RELATION})")
_START = attrgetter("start")


def extract(text: str, kind: str, file: str = "work", words: Collection[str] = ()) -> Work:
    """The rows of a text of the kind `tex`, `md`, `ipynb` or `txt`; `words` are names of several letters that the person may use."""
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

    `text` is what is read: the file, or one `cell` of it that knows where it stands there; `told` is where the last row ended.
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
    sample: int | None = field(default=None, init=False)
    is_latex: bool = field(default=False, init=False)

    def read(self, text: str, kind: str, cell: Traced | None) -> None:
        """Find the rows of a text, or of one cell."""
        self.text, self.cell = text, cell
        kind = "md" if kind == "txt" and kind_of_text(text) != "txt" else kind
        self.is_latex = kind == "tex"
        self._tell("\n\n" if self.prose else "")
        plain = without_marks(Traced.whole(text), kind)
        self._declare(plain.comments)
        source = restated(plain.traced)
        expanded = Expanded(source) if kind == "txt" else expand(source, cuts_comments=kind == "tex")
        self._declare(expanded.comments)
        self._collect(expanded, _events(expanded.traced.text, kind, self.words))

    def _collect(self, expanded: Expanded, events: Iterable[Prose | Part]) -> None:
        """Make rows of what was found, and keep the prose between them."""
        text, display, told = expanded.traced.text, 0, 0
        numbered = [*samples(text), (len(text) + 1, None)]
        for event in events:
            if isinstance(event, Prose):
                self._tell(self._written(expanded.traced, event.start, event.end))
                continue
            is_heading = False
            while numbered[0][0] <= event.end:
                at, self.sample = numbered.pop(0)
                is_heading = at >= event.start - MAX_ABOUT and _TIME.fullmatch(text, event.spans[0][0], event.spans[-1][1]) is not None
            if is_heading:
                self._tell(text[event.start : event.end])
                continue
            for start, end in event.before:
                self._tell(self._written(expanded.traced, start, end))
            self.displays += event.display != display
            display = event.display
            self.rows.append(self._row(expanded, event, self._about(text, told, event)))
            if len(self.rows) > MAX_ROWS:
                raise SymbpError(f"the work has more than {MAX_ROWS} rows", Place(self.file), "give it in several files")
            told = event.end if event.spans == [] else max(event.spans[-1][1], event.end if event.is_inline else 0)
            stays = event.is_inline and not _is_alone(text, event)
            self.prose = (self.prose + text[event.start : event.end])[-MAX_PROSE:] if stays else ""

    def _tell(self, prose: str) -> None:
        self.prose = (self.prose + prose)[-MAX_PROSE:]

    def _written(self, traced: Traced, start: int, end: int) -> str:
        """Prose: of LaTeX with its macros expanded, else as it stands in the file, without what a reader does not see."""
        if self.is_latex or start >= end:
            return traced.text[start:end]
        lo, hi = traced.end(start) if start else 0, traced.end(end)
        return _UNSEEN.sub("", self.text[max(lo, hi - 2 * MAX_PROSE) : hi])

    def _row(self, expanded: Expanded, part: Part, about: str) -> Row:
        lo = _start(expanded, part.start)
        hi = max(_end(expanded, part.end), lo)
        if part.display < 0:
            lo = self._words_before(expanded.traced, part.start, lo)
        trouble = part.trouble or _trouble(expanded, part)
        math, places = ("", [hi - lo]) if trouble else _mathematics(expanded, part.spans, lo, hi)
        if _CONTINUES.match(math) and _NAMED.fullmatch(about):
            math, places = about + math, [0] * len(about) + places
        line, column = self._place(lo)
        medium: Medium = "latex" if part.is_latex else "plain"
        return Row(
            line, column, self.text[lo:hi], math, tuple(places), medium, self.prose.strip(), self.displays, trouble, about, self.sample
        )

    def _words_before(self, traced: Traced, start: int, lo: int) -> int:
        """Where in the file a row begins that begins its line: words and marks that became part of it, or went, are shown."""
        line = traced.text.rfind("\n", 0, start) + 1
        if traced.text[line:start].strip():
            return lo
        first = max(traced.end(line) if line else 0, self.text.rfind("\n", 0, lo) + 1)
        blank = _BLANK.match(self.text, first, lo)
        return blank.end() if blank else lo

    @staticmethod
    def _about(text: str, told: int, part: Part) -> str:
        """The words directly before an equation, in its line, or in the line above if that ends in a colon."""
        start = part.start if part.is_inline or not part.spans else part.spans[0][0]
        before = _OPENER.sub("", text[max(told, start - MAX_ABOUT) : start])
        *above, here = before.split("\n")
        if said := here.strip(_ABOUT_ENDS):
            return re.split(r"[.;!?]\s|[，。；]", said)[-1].strip(_ABOUT_ENDS)
        last = next((line.rstrip() for line in reversed(above) if line.strip()), "")
        return last.strip(_ABOUT_ENDS) if last.endswith((":", "：")) else ""

    def _place(self, at: int) -> tuple[int, int]:
        """The line and the column of an offset."""
        at = self.cell.origin(at) if self.cell else at
        line = bisect_right(self.breaks, at)
        return line + 1, at - (self.breaks[line - 1] if line else 0) + 1

    def _declare(self, comments: Comments) -> None:
        """Take in what comments declare; one that binds nothing is prose."""
        for at, comment in comments:
            match = _DECLARES.match(comment)
            if match:
                line = self._place(at)[0] + comment.count("\n", 0, match.end())
                found = [*_declarations(comment[match.end() :], line)]
                self.declared += found if any(meaning for _, meaning, _ in found) else []


def _events(text: str, kind: str, words: Collection[str]) -> Iterator[Prose | Part]:
    """Formulas, the equations in the prose between them, and what else is prose.

    In a file of LaTeX that delimits its formulas only those count, and what stands between them in the same line: `$a$ = $b$`.
    """
    is_delimited = kind == "tex" and _DELIMITED.search(text) is not None
    names = {*words, *held_words(text)}
    lines = Lines(text, names, is_latex=kind == "tex" and not is_delimited)
    for event in [Prose(0, len(text))] if kind == "txt" else Formulas(text, is_markdown=kind == "md"):
        if isinstance(event, Part) or (is_delimited and not event.is_code and "$" not in text[event.start : event.end]):
            yield event
        else:
            yield from lines.read(event.start, event.end, only_formulas=is_delimited and not event.is_code)


# -- where a row stands ----------------------------------------------------------------------------------------------------


def _start(expanded: Expanded, at: int) -> int:
    """Where in the file a row begins, a call that it begins with being shown whole."""
    calls = expanded.calls
    number = bisect_left(calls, at, key=_START)
    return calls[number].lo if number < len(calls) and calls[number].start == at else expanded.traced.origin(at)


def _end(expanded: Expanded, at: int) -> int:
    """Where in the file a row ends, a call that it ends with being shown whole."""
    number = bisect_left(expanded.calls, at, key=_START) - 1
    call = expanded.calls[number] if number >= 0 else None
    end = expanded.traced.end(at)
    is_whole = call is not None and (at == call.end or (at < call.end and end <= call.lo))
    return call.hi if call is not None and is_whole else end


def _trouble(expanded: Expanded, part: Part) -> str:
    """Why a row cannot be read, if it cannot."""
    start, end = part.spans[0][0], part.spans[-1][1]
    number = bisect_left(expanded.troubles, (start, ""))
    if number < len(expanded.troubles) and expanded.troubles[number][0] < end:
        return expanded.troubles[number][1]
    if sum(b - a for a, b in part.spans) > MAX_ROW:
        return f"the row is longer than {MAX_ROW} characters"
    first, last = (bisect_left(expanded.calls, at, key=_START) for at in (start, end))
    if sum(call.expansions for call in expanded.calls[first:last]) > MAX_EXPANSIONS:
        return f"the row needs more than {MAX_EXPANSIONS} expansions of macros"
    return ""


def _mathematics(expanded: Expanded, spans: list[Span], lo: int, hi: int) -> tuple[str, list[int]]:
    """What of a row is mathematics, and the place of every character of it in the text from `lo` to `hi`."""
    traced, parts, places = expanded.traced, [""], []
    for start, end in spans:
        if start == end or glued(parts[-1], traced.text[start : start + 1]):
            parts.append(" ")
            places.append(traced.origin(start))
        parts.append(traced.text[start:end])
        places.extend(traced.origins(start, end))
    places.append(_end(expanded, spans[-1][1]))
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
