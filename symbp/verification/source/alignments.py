r"""What stands in a display → its rows, which `\\` separates, without alignment marks, labels and what else only lays it out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from symbp.verification.source.brackets import ENVIRONMENT, partners

STACKED: Final = frozenset({"aligned", "alignedat", "split", "gathered", "multlined", "lgathered", "rgathered"})
"""Environments within a formula whose rows are rows of the derivation."""
DISPLAYS: Final = frozenset(
    {
        *("align", "alignat", "flalign", "xalignat", "gather", "multline", "equation", "eqnarray", "displaymath", "math"),
        *("dmath", "dgroup", "darray", "IEEEeqnarray", "empheq"),
    }
)
"""Environments that are a display by themselves, starred or not."""
_SYSTEMS = frozenset({"cases", "dcases", "rcases", "drcases", "array", "IEEEeqnarraybox"})
"""Environments that hold a system of equations, row by row, or else are part of one formula."""
ONE_FORMULA: Final = frozenset({"multline", "dmath", "multlined"})
"""Here `\\\\` only breaks a line."""

RELATION: Final = (
    r":=|[=≈≡≃≅≔≜←⟵]|<-(?=\s)"
    r"|\\(?:approx|equiv|simeq|cong|doteq|coloneqq|coloneq|triangleq|colonapprox|leftarrow|longleftarrow|gets|approxeq|eqdef)(?![A-Za-z])"
)
"""What relates two sides, an order apart: signs of equality and arrows to the left."""
ARROW: Final = r"\\(?:to|rightarrow|longrightarrow)(?![A-Za-z])|[→⟶]"
_ORDER = r"\\(?:neq?|leq?|geq?|lt|gt|ll|gg|sim|propto|not)(?![A-Za-z])|[<>≤≥≠∝]"

ARGUMENTS: Final = re.compile(r"(?:[ \t]*(?:\[[^\]\n]{0,80}\]|\{[^{}\n]{0,80}\}))*")
_TOKENS = re.compile(
    rf"""
      \\(?P<bound>begin|end)[ \t]*{ENVIRONMENT}
    | (?P<apart>\\\\\*?(?:[ \t]*\[[ \t]*-?[0-9.]+[ \t]*[a-z]{{2}}[ \t]*\])?|\\(?:cr|tabularnewline|newline)(?![A-Za-z]))
    | \\(?P<dropped>tag|label|phantom|hphantom|vphantom|vspace|hspace|vskip|hskip|intertext|shortintertext|cline)(?![A-Za-z])\*?[ \t]*
    | (?P<idle>\\(?:nonumber|notag|hline|qedhere|allowdisplaybreaks|displaybreak|noindent|hfill|numberthis
        |IEEEyesnumber|IEEEyessubnumber|IEEEnonumber|centering|raggedright|small|footnotesize|par)(?![A-Za-z])(?:\[[0-9]\])?)
    | \\(?P<side>left|right)(?![A-Za-z])[ \t]*(?:\\[A-Za-z]+|\\.|[^\s\\{{}}&])
    | (?P<relation>{RELATION}|{ARROW})
    | (?P<order>{_ORDER})
    | (?P<command>\\[A-Za-z]+|\\.)
    | (?P<brace>[{{}}])
    | (?P<mark>&)
    | (?P<comment>%[^\n]*)
    """,
    re.VERBOSE | re.DOTALL,
)
WITH_ARGUMENTS: Final = frozenset(
    {"aligned", "alignedat", "alignat", "xalignat", "split", "array", "IEEEeqnarray", "IEEEeqnarraybox", "empheq"}
)
"""Environments after the name of which arguments may stand."""
_WORDS = frozenset({"text", "textrm", "textbf", "textit", "mbox", "hbox", "mathrm", "operatorname", "substack", "label", "tag", "color"})
"""Macros in whose braces a sign of equality relates nothing."""
_ONLY_WORDS = re.compile(r"[\s~]*(?:\\q?quad\s*)*\\(?:text|textrm|textbf|textit|mbox|hbox|emph)\s*\{[^{}]*\}[\s~.:,]*")
_REMARK = re.compile(r"(?:\\q{1,2}uad|\s|[({~])*\\(?:text|textrm|mbox|hbox|forall)(?![A-Za-z])")
_LEADS_ON = re.compile(
    r"(?:\s|~|\{\}|\\[,;:!> ]|\\q{1,2}uad(?![A-Za-z]))*(?:[-+*/·×⋅−]|\\(?:cdot|times|odot|circ|pm|mp|left\.|quad)(?![A-Za-z]))"
)
_LEFT_OPEN = re.compile(r"(?:[-+*/·×⋅−=]|\\(?:cdot|times|odot|circ|pm|mp|approx|equiv))\s*\Z")


@dataclass(slots=True)
class Part:
    """A row of a display: `spans` of the text are its mathematics, from `start` to `end` is what is shown of it, `before` is prose."""

    start: int = -1
    end: int = -1
    spans: list[tuple[int, int]] = field(default_factory=list)
    relates: bool = False
    orders: bool = False
    trouble: str = ""
    before: list[tuple[int, int]] = field(default_factory=list)


class _Open(NamedTuple):
    """What closes at `end`: does it keep its rows together, is it made of cells, is what stands in it no statement?"""

    end: int
    blocks: bool
    has_cells: bool
    hides: bool


def rows_of(text: str, start: int, end: int, *, is_one_formula: bool = False) -> list[Part]:
    """The rows between two offsets, in their order; those that hold nothing are left out, those that go on are joined to the one above."""
    parts = _Reading(text, start, end).read()
    return _joined(text, parts, is_one_formula=is_one_formula)


@dataclass
class _Reading:
    """What stands between two offsets of a text, while it is read.

    `kept` is the end of what has been decided; `column`, unless it is -1, is the number of the span with which another column begins;
    `is_marked` says that the row has had a mark of alignment.
    """

    text: str
    start: int
    end: int
    parts: list[Part] = field(default_factory=list, init=False)
    row: Part = field(default_factory=Part, init=False)
    stack: list[_Open] = field(default_factory=list, init=False)
    sides: list[tuple[bool, int, int]] = field(default_factory=list, init=False)
    kept: int = field(default=0, init=False)
    column: int = field(default=-1, init=False)
    is_marked: bool = field(default=False, init=False)
    command: tuple[str, int] = field(default=("", -1), init=False)

    def __post_init__(self) -> None:
        self.kept = self.start
        self.pairs = partners(self.text, self.start, self.end)
        self.ends = set(self.pairs.values())

    def read(self) -> list[Part]:
        at = self.start
        while match := _TOKENS.search(self.text, at, self.end):
            at = self._token(match)
        self._keep(self.end)
        self._finish(self.end)
        return self.parts

    def _token(self, match: re.Match[str]) -> int:
        """Decide about what was found; where to go on."""
        start, at = match.span()
        if match["bound"]:
            return self._bound(match)
        if match["apart"]:
            if not self._within.blocks:
                self._drop(start, at)
                self._finish(at)
        elif match["dropped"]:
            return self._dropped(match)
        elif match["idle"] or match["comment"]:
            self._drop(start, at)
        elif match["mark"]:
            self._mark(start)
        elif match["brace"]:
            self._brace(start)
        elif match["side"]:
            self.sides.append((match["side"] == "left", start, at))
        elif match["command"]:
            self.command = (match[0][1:], at)
        elif not self._within.hides:
            if match["relation"] and self.column >= 0:
                self._split(start)
            self.row.relates |= match["relation"] is not None
            self.row.orders |= match["order"] is not None
        return at

    # what is kept, what is dropped

    def _keep(self, end: int) -> None:
        if end > self.kept:
            self.row.spans.append((self.kept, end))
            self.kept = end

    def _drop(self, start: int, end: int) -> None:
        self._keep(start)
        self.kept = end

    def _dropped(self, match: re.Match[str]) -> int:
        end = self.pairs.get(match.end())
        if "intertext" in match["dropped"] and end is not None:
            self._keep(match.start())
            self._finish(match.start())
            self.row.before.append((match.end() + 1, end))
        self._drop(match.start(), match.end() if end is None else end + 1)
        return self.kept

    def _mark(self, at: int) -> None:
        """Drop a mark of alignment, with which a row may begin, or another column in it."""
        if self._within.has_cells:
            return
        self._keep(at)
        if not self.is_marked and not _trimmed(self.text, self.row.spans):
            self.row.start = at
        self.is_marked = True
        self.kept = at + 1
        if self.row.relates and self.column < 0 and not self._within.blocks:
            first, last = self.row.spans[-1]
            if not _LEFT_OPEN.search(self.text[max(first, last - 40) : last]):
                self.column = len(self.row.spans)

    # what opens and closes

    @property
    def _within(self) -> _Open:
        """The innermost of what is open."""
        return self.stack[-1] if self.stack else _Open(-1, False, False, False)

    def _push(self, end: int, *, blocks: bool, has_cells: bool, hides: bool) -> None:
        self.stack.append(_Open(end, blocks or self._within.blocks, has_cells, hides or self._within.hides))

    def _close(self, at: int) -> bool:
        """Leave what is closed at an offset; was it made of cells?"""
        had_cells = False
        while self.stack and self.stack[-1].end <= at:
            had_cells = self.stack.pop().has_cells
        return had_cells

    def _brace(self, at: int) -> None:
        if at in self.ends:
            self._close(at)
        elif at in self.pairs:
            is_script = self.text[max(self.start, at - 4) : at].rstrip()[-1:] in ("_", "^")
            named, named_to = self.command
            hides = is_script or (named in _WORDS and named_to <= at <= named_to + 4 and not self.text[named_to:at].strip())
            self._push(self.pairs[at], blocks=True, has_cells=self._within.has_cells, hides=hides)

    def _bound(self, match: re.Match[str]) -> int:
        begin, name, at = match.start(), match[2], match.end()
        if match["bound"] == "end":
            if begin not in self.ends:
                self.row.trouble = self.row.trouble or rf"\end{{{name}}} closes nothing"
            elif not self._close(begin):
                self._drop(begin, at)
                if name in DISPLAYS:
                    self._finish(begin)
            return at
        if begin not in self.pairs:
            self.row.trouble = self.row.trouble or rf"\begin{{{name}}} is not closed"
            return at
        if name in STACKED or name in DISPLAYS or (name in _SYSTEMS and self._is_system(name, at)):
            arguments = ARGUMENTS.match(self.text, at) if name in WITH_ARGUMENTS else None
            at = arguments.end() if arguments else at
            self._drop(begin, at)
            self._push(self.pairs[begin], blocks=False, has_cells=False, hides=False)
        else:
            self._push(self.pairs[begin], blocks=True, has_cells=True, hides=True)
        return at

    def _is_system(self, name: str, at: int) -> bool:
        """Do the rows of `cases` or of an `array` hold an equation each?"""
        if self.row.relates or self._within.blocks:
            return False
        arguments = ARGUMENTS.match(self.text, at) if name in WITH_ARGUMENTS else None
        first = self.text[arguments.end() if arguments else at : at + 2_000].split(r"\\")[0].split("&", 2)
        cells = [re.sub(r"[_^]\{[^{}]*\}", "", cell) for cell in first]
        return bool(re.search(RELATION, cells[0])) or (len(cells) > 1 and bool(re.match(rf"\s*(?:{RELATION})", cells[1])))

    # rows

    def _split(self, relation: int) -> None:
        """If a left side stands between the mark of a column and a relation, there is another equation in that column."""
        self._keep(relation)
        column, self.column = self.column, -1
        side = _trimmed(self.text, self.row.spans[column:])
        if side and not _REMARK.match(self.text, side[0][0]):
            spans, self.row.spans = self.row.spans[column:], self.row.spans[:column]
            sides = [found for found in self.sides if found[1] >= side[0][0]]
            self.sides = [found for found in self.sides if found[1] < side[0][0]]
            self._finish(self.row.spans[-1][1])
            self.row.spans, self.sides = spans, sides

    def _finish(self, end: int) -> None:
        """The row is at its end; what is shown of it goes on to `end` if that is on its last line."""
        row, self.row = self.row, Part()
        _unpair(row, self.sides)
        self.sides, self.column, self.is_marked = [], -1, False
        row.spans = _trimmed(self.text, row.spans)
        if row.spans and _is_words(self.text, row.spans):
            self.row.before = [*row.before, (row.spans[0][0], row.spans[-1][1])]
        elif row.spans or row.trouble:
            first, last = (row.spans[0][0], row.spans[-1][1]) if row.spans else (self.kept, self.kept)
            row.start = first if row.start < 0 else min(row.start, first)
            tail = self.text[last:end]
            row.end = last + len(tail.rstrip()) if "\n" not in tail.rstrip() and r"\end" not in tail and "intertext" not in tail else last
            self.parts.append(row)
        else:
            self.row.before = row.before


def _is_words(text: str, spans: list[tuple[int, int]]) -> bool:
    """Is there nothing but a remark in the row?"""
    start, end = spans[0][0], spans[-1][1]
    return end - start < 1_000 and _ONLY_WORDS.fullmatch("".join(text[a:b] for a, b in spans)) is not None


def _trimmed(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans without the blanks at either end."""
    spans = [*spans]
    while spans and text[spans[-1][0] : spans[-1][1]].isspace():
        spans.pop()
    first = 0
    while first < len(spans) and text[spans[first][0] : spans[first][1]].isspace():
        first += 1
    spans = spans[first:]
    if spans:
        start, end = spans[0]
        spans[0] = (start + len(text[start:end]) - len(text[start:end].lstrip()), end)
        start, end = spans[-1]
        spans[-1] = (start, start + len(text[start:end].rstrip()))
    return spans


def _unpair(row: Part, sides: list[tuple[bool, int, int]]) -> None:
    r"""Take a `\left` that another row closes, or a `\right` that another opened, out of the row."""
    waiting: list[tuple[int, int]] = []
    alone: list[tuple[int, int]] = []
    for is_left, start, end in sides:
        if is_left:
            waiting.append((start, end))
        elif waiting:
            waiting.pop()
        else:
            alone.append((start, end))
    holes = iter(sorted([*waiting, *alone]))
    hole, kept = next(holes, None), []
    for start, end in row.spans:
        while hole is not None and hole[0] < end:
            if hole[0] > start:
                kept.append((start, hole[0]))
            start, hole = max(start, hole[1]), next(holes, None)
        if start < end:
            kept.append((start, end))
    row.spans = kept


def _joined(text: str, parts: list[Part], *, is_one_formula: bool) -> list[Part]:
    """A row that begins with an operator and relates nothing goes on from the row above, and so does what follows an operator."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if last is None or not part.spans or not last.spans or part.before or not _goes_on(text, last, part, is_one_formula=is_one_formula):
            joined.append(part)
            continue
        last.spans += [(last.spans[-1][1], last.spans[-1][1]), *part.spans]
        last.end = part.end
        last.relates |= part.relates
        last.orders |= part.orders
        last.trouble = last.trouble or part.trouble
    return joined


def _goes_on(text: str, last: Part, part: Part, *, is_one_formula: bool) -> bool:
    if is_one_formula:
        return True
    start, end = part.spans[0][0], last.spans[-1][1]
    if _LEFT_OPEN.search(text[max(last.spans[-1][0], end - 40) : end]):
        return True
    return last.relates and not part.relates and _LEADS_ON.match(text, start, part.spans[-1][1]) is not None
