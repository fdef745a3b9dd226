r"""Formulas of LaTeX, in any text: where displays, environments and formulas in a line begin and end, and which rows they have.

A formula that is not closed ends with its paragraph, or where the next one begins; a bracket that is not closed ends with the row of its
environment. So neither hides what follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from symbp.verification.source.brackets import ENVIRONMENT, partners

Span = tuple[int, int]

DISPLAYS: Final = frozenset(
    "align alignat flalign xalignat gather multline equation eqnarray displaymath math dmath dgroup darray IEEEeqnarray empheq".split()
)
"""Environments that are a display by themselves, starred or not."""
STACKED: Final = frozenset("aligned alignedat split gathered multlined lgathered rgathered".split())
"""Environments within a formula whose rows are rows of the derivation."""
_SYSTEMS: Final = frozenset("cases dcases rcases drcases array IEEEeqnarraybox".split())
"""Environments that hold a system of equations, row by row, or else are part of one formula."""
_ONE_FORMULA: Final = frozenset("multline dmath multlined".split())
r"""Here `\\` only breaks a line."""
_WITH_ARGUMENTS: Final = frozenset("aligned alignedat alignat xalignat split array IEEEeqnarray IEEEeqnarraybox empheq".split())
"""Environments after the name of which arguments may stand."""
_CODE: Final = frozenset("verbatim lstlisting minted Verbatim alltt".split())
"""Environments that show their text as it is."""
_UNSEEN: Final = frozenset("comment filecontents".split())

RELATION: Final = (
    r":=|[=≈≡≃≅≔←⟵]|<-(?=\s)"
    r"|\\(?:approx|equiv|simeq|cong|doteq|coloneqq|coloneq|triangleq|colonapprox|leftarrow|longleftarrow|gets|approxeq|eqdef)(?![A-Za-z])"
)
"""What relates two sides, an order apart: signs of equality and arrows to the left."""
_ARROW = r"\\(?:to|rightarrow|longrightarrow)(?![A-Za-z])|[→⟶]"
_ORDER = r"\\(?:neq?|leq?|geq?|lt|gt|ll|gg|sim|propto|not)(?![A-Za-z])|[<>≤≥≠∝]"
_ARGUMENTS = re.compile(r"(?:[ \t]*(?:\[[^\]\n]{0,80}\]|\{[^{}\n]{0,80}\}))*")


class Prose(NamedTuple):
    """What stands between two offsets is no formula; it may be code, which is shown as it is."""

    start: int
    end: int
    is_code: bool = False


@dataclass(slots=True)
class Part:
    """A row: `spans` of the text are its mathematics, from `start` to `end` is what is shown of it, `before` is prose.

    `display` is the number of the formula that it belongs to, `is_inline` says that it stands in a line of prose.
    """

    start: int = -1
    end: int = -1
    spans: list[Span] = field(default_factory=list)
    relates: bool = False
    orders: bool = False
    trouble: str = ""
    before: list[Span] = field(default_factory=list)
    display: int = 0
    is_inline: bool = False
    is_latex: bool = True


# -- where formulas begin and end --------------------------------------------------------------------------------------------

_NEAR: Final = 80
"""So far before a delimiter the beginning of its line is looked for."""
_MAX_LINE: Final = 2_000
"""So much of a line is looked at to see what an open formula in it is."""
_OPENS = re.compile(rf"\\begin[ \t]*{ENVIRONMENT}|\\end[ \t]*\{{document\}}|\\ensuremath[ \t]*(?=\{{)|\\\\[(\[]?|\\.|\$\$?", re.DOTALL)
_INSIDE = re.compile(rf"\\\\\[[0-9.]+[ \t]*[a-z]{{2}}\]|\\(begin|end)[ \t]*{ENVIRONMENT}|\\\\[()\[\]]?|\\.|\$\$|\n[ \t\r]*\n\s*", re.DOTALL)
_IN_LINE = re.compile(r"\\\\[(\[)\]]?|\\.|\$|\n(?:[ \t\r]*\n)?", re.DOTALL)
_BRACES = re.compile(r"\\ensuremath|\\.|[{}]|\n[ \t\r]*\n\s*", re.DOTALL)
_END = re.compile(rf"\\end[ \t]*{ENVIRONMENT}|\\\\?\]|\$\$")
_PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{2,}[,;:.]? (?:[A-Za-z]{1,3} )?[A-Za-z]{2,}(?![A-Za-z}])|\\(?:sub)*section|^#")
"""Two words side by side, or a heading: no formula looks like this."""
_CHANGES = re.compile(r"[-+*/·×−]|\\(?:frac|dfrac|cdot|times|eta|alpha)(?![A-Za-z])")
_IS_ARROW, _RELATES = re.compile(_ARROW), re.compile(RELATION)
_BLOCK_ENDS: Final = {"$$": "$$", r"\[": r"\]", r"\\[": r"\\]"}
_LINE_ENDS: Final = {"$": "$", r"\(": r"\)", r"\\(": r"\\)"}


class _Block(NamedTuple):
    """A formula: from `start` to `end` with what delimits it, from `inner` to `outer` without."""

    start: int
    inner: int
    outer: int
    end: int
    trouble: str = ""


@dataclass
class Formulas:
    """The formulas of a text, in order, and the prose between them; in Markdown delimiters may be doubled, and `$` may be a dollar."""

    text: str
    is_markdown: bool = field(kw_only=True)
    display: int = field(default=0, init=False)
    pairs: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.pairs = partners(self.text, only_environments=True)

    def __iter__(self) -> Iterator[Prose | Part]:
        text, at, told = self.text, 0, 0
        while match := _OPENS.search(text, at):
            at = match.end()
            if match[0].startswith(r"\end"):
                break
            if match[1] in _CODE or match[1] in _UNSEEN:
                end = text.find(rf"\end{{{match[1]}", at)
                yield Prose(told, match.start())
                if match[1] in _CODE and end >= 0:
                    yield Prose(at, end, is_code=True)
                at = told = len(text) if end < 0 else end
                continue
            block = self._block(match)
            if block is None:
                continue
            at = block.end
            if rows := self._rows(block, match):
                yield Prose(told, block.start)
                yield from rows
                told = block.end
        yield Prose(told, at if match else len(text))

    def _block(self, match: re.Match[str]) -> _Block | None:
        """The formula that begins at a match, or None if none begins there."""
        shown, name = match[0], match[1]
        if name in DISPLAYS or name in STACKED:
            arguments = _ARGUMENTS.match(self.text, match.end()) if name in _WITH_ARGUMENTS else None
            return self._until(rf"\begin{{{name}}}", match.start(), arguments.end() if arguments else match.end())
        if self._is_opener(shown):
            block = self._until(shown, match.start(), match.end())
            return None if shown == r"\\[" and block.trouble else block
        if shown in _LINE_ENDS and (shown != r"\\(" or self.is_markdown):
            return self._in_line(shown, match)
        return self._braces(match) if shown.startswith(r"\ensuremath") else None

    def _is_opener(self, shown: str) -> bool:
        return shown in _BLOCK_ENDS and (shown != r"\\[" or self.is_markdown)

    def _until(self, opener: str, start: int, inner: int) -> _Block:
        """The display that `opener` begins."""
        if opener in ("$$", r"\\["):
            end, is_closed = self._marked_end(_BLOCK_ENDS[opener], inner)
        else:
            partner = self.pairs.get(start)
            end, is_closed = (self._open_end(inner), False) if partner is None else (partner, True)
        if not is_closed:
            return _Block(start, inner, end, end, f"{opener} is not closed")
        after = _END.match(self.text, end)
        return _Block(start, inner, end, after.end() if after else end)

    def _marked_end(self, closes: str, inner: int) -> tuple[int, bool]:
        """Where a display ends that is closed by a mark; what follows a blank line and is prose is none of it."""
        text = self.text
        for token in _INSIDE.finditer(text, inner):
            shown = token[0]
            if shown == closes:
                line = text.find("\n", inner, token.start())
                if closes == "$$" and line >= 0 and text[inner:line].strip() and self._begins_another(token, "$$"):
                    return line, False
                return token.start(), True
            if shown[0] == "\n":
                if _PROSE.search(text[token.end() : token.end() + 200].split("\n")[0]):
                    return token.start(), False
            elif self._is_opener(shown) or shown == r"\]":
                break
        return self._open_end(inner), False

    def _begins_another(self, token: re.Match[str], mark: str) -> bool:
        """Does a mark that should close a formula begin one on its own line?"""
        before = self.text[max(0, token.start() - _NEAR) : token.start()].rpartition("\n")
        following = self.text[token.end() : token.end() + _MAX_LINE].split("\n")[0]
        marks = " \t" if mark == "$$" else " \t-*+>"
        if not before[1] or before[2].strip(marks) or mark not in following:
            return False
        return bool(following.partition(mark)[0].strip()) if mark == "$$" else not following[:1].isspace()

    def _open_end(self, inner: int) -> int:
        """Where a display that nothing closes ends: with its paragraph, or where something else begins or ends."""
        depth = 0
        for token in _INSIDE.finditer(self.text, inner):
            shown, kind, name = token[0], token[1], token[2]
            if shown[0] == "\n":
                if self.text[inner : token.start()].strip():
                    return token.start()
            elif kind == "end":
                depth -= 1
                if depth < 0:
                    return token.start()
            elif kind == "begin" and name not in DISPLAYS:
                depth += 1
            elif kind or self._is_opener(shown) or shown == r"\]":
                return token.start()
        return len(self.text)

    def _in_line(self, opener: str, match: re.Match[str]) -> _Block | None:
        """The formula within a paragraph that `opener` begins, or None if it is none."""
        text, inner = self.text, match.end()
        closes, lines = _LINE_ENDS[opener], 0
        for token in _IN_LINE.finditer(text, inner):
            shown = token[0]
            if shown == closes:
                if lines and opener == "$" and self._begins_another(token, "$"):
                    break
                inside = text[inner : token.start()]
                is_dollar = opener == "$" and self.is_markdown and inside[:1].isspace() != inside[-1:].isspace()
                is_dollar = is_dollar and (inside[0].isdigit() or _PROSE.search(inside) is not None)
                return None if is_dollar else _Block(match.start(), inner, token.start(), token.end())
            lines += shown == "\n"
            if shown == opener or (shown[0] == "\n" and len(shown) > 1):
                break
        line = text[inner : inner + _MAX_LINE].split("\n")[0].rstrip()
        if opener not in line and _RELATES.search(line) and not _PROSE.search(line):
            return _Block(match.start(), inner, inner + len(line), inner + len(line), f"{opener} is not closed")
        return None

    def _braces(self, match: re.Match[str]) -> _Block | None:
        """The formula that the braces after `\\ensuremath` hold, if they are closed in the same paragraph."""
        depth = 0
        for token in _BRACES.finditer(self.text, match.end()):
            depth += {"{": 1, "}": -1}.get(token[0], 0)
            if len(token[0]) > 2:
                return None
            if depth == 0 and token[0] == "}":
                return _Block(match.start(), match.end() + 1, token.start(), token.end())
        return None

    def _rows(self, block: _Block, match: re.Match[str]) -> list[Part]:
        """The rows of a formula; there are none if it states nothing."""
        self.display += 1
        is_inline = match[0] in _LINE_ENDS or match[0].startswith(r"\ensuremath")
        if not self.text[block.inner : block.outer].strip():
            return []
        parts = rows_of(self.text, block.inner, block.outer, is_one_formula=match[1] in _ONE_FORMULA)
        if parts:
            parts[-1].trouble = parts[-1].trouble or block.trouble
        if len(parts) == 1:
            part = parts[0]
            if not is_inline and not (part.relates or part.orders or part.trouble):
                return []
            if is_inline or "\n" not in self.text[block.start : block.end]:
                part.start, part.end = block.start, block.end
        for part in parts:
            part.display, part.is_inline = self.display, is_inline
        return [part for part in parts if not is_inline or (part.relates and _states(self.text, part) and not _leads_out(self.text, part))]


def _leads_out(text: str, part: Part) -> bool:
    """Does a formula in a line end with a relation, the right side of which is words: `$g =$ the logistic function`?"""
    return bool(part.spans) and re.search(rf"(?:{RELATION})\s*\Z", text[part.spans[-1][0] : part.spans[-1][1]]) is not None


def _states(text: str, part: Part) -> bool:
    """Is an arrow an update, and not a connection from one unit to another?"""
    said = "".join(text[start:end] for start, end in part.spans)
    arrow = _IS_ARROW.search(said)
    if arrow is None or _RELATES.search(said):
        return True
    return bool(_CHANGES.search(said, arrow.end())) and r"\infty" not in said


# -- the rows of a formula ---------------------------------------------------------------------------------------------------

_TOKENS = re.compile(
    rf"""
      \\(?P<bound>begin|end)[ \t]*{ENVIRONMENT}
    | (?P<apart>\\\\\*?(?:[ \t]*\[[ \t]*-?[0-9.]+[ \t]*[a-z]{{2}}[ \t]*\])?|\\(?:cr|tabularnewline|newline)(?![A-Za-z]))
    | \\(?P<dropped>tag|label|phantom|hphantom|vphantom|vspace|hspace|vskip|hskip|intertext|shortintertext|cline)(?![A-Za-z])\*?[ \t]*
    | (?P<idle>\\(?:nonumber|notag|hline|qedhere|allowdisplaybreaks|displaybreak|noindent|hfill|numberthis
        |IEEEyesnumber|IEEEyessubnumber|IEEEnonumber|centering|raggedright|small|footnotesize|par)(?![A-Za-z])(?:\[[0-9]\])?|%[^\n]*)
    | \\(?P<side>left|right)(?![A-Za-z])[ \t]*(?:\\[A-Za-z]+|\\.|[^\s\\{{}}&])
    | (?P<relation>{RELATION}|{_ARROW})
    | (?P<order>{_ORDER})
    | (?P<command>\\[A-Za-z]+|\\.)
    | (?P<brace>[{{}}])
    | (?P<mark>&)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS: Final = frozenset("text textrm textbf textit mbox hbox mathrm operatorname substack label tag color".split())
"""Macros in whose braces a sign of equality relates nothing."""
_ONLY_WORDS = re.compile(r"[\s~]*(?:\\q?quad\s*)*\\(?:text|textrm|textbf|textit|mbox|hbox|emph)\s*\{[^{}]*\}[\s~.:,]*")
_REMARK = re.compile(r"(?:\\q{1,2}uad|\s|[({~])*\\(?:text|textrm|mbox|hbox|forall)(?![A-Za-z])")
_LEADS_ON = re.compile(
    r"(?:\s|~|\{\}|\\[,;:!> ]|\\q{1,2}uad(?![A-Za-z]))*(?:[-+*/·×⋅−]|\\(?:cdot|times|odot|circ|pm|mp|left\.|quad)(?![A-Za-z]))"
)
_LEFT_OPEN = re.compile(r"(?:[-+*/·×⋅−=]|\\(?:cdot|times|odot|circ|pm|mp|approx|equiv))\s*\Z")


class _Open(NamedTuple):
    """What closes at `end`: does it keep its rows together, is it made of cells, is what stands in it no statement?"""

    end: int = -1
    blocks: bool = False
    has_cells: bool = False
    hides: bool = False


def rows_of(text: str, start: int, end: int, *, is_one_formula: bool = False) -> list[Part]:
    """The rows between two offsets, in their order; those that hold nothing are left out, those that go on are joined to the one above."""
    joined: list[Part] = []
    for part in _Rows(text, start, end).read():
        last = joined[-1] if joined else None
        if last is None or not part.spans or not last.spans or part.before or not (is_one_formula or _goes_on(text, last, part)):
            joined.append(part)
            continue
        last.spans += [(last.spans[-1][1], last.spans[-1][1]), *part.spans]
        last.end, last.relates, last.orders = part.end, last.relates or part.relates, last.orders or part.orders
        last.trouble = last.trouble or part.trouble
    return joined


def _goes_on(text: str, last: Part, part: Part) -> bool:
    """Does a row begin with an operator and relate nothing, or the one above end with an operator?"""
    start, end = part.spans[0][0], last.spans[-1][1]
    if _LEFT_OPEN.search(text[max(last.spans[-1][0], end - 40) : end]):
        return True
    return last.relates and not part.relates and _LEADS_ON.match(text, start, part.spans[-1][1]) is not None


@dataclass
class _Rows:
    """What stands between two offsets of a text, while it is read.

    `kept` is the end of what has been decided; `column`, unless it is -1, is the number of the span with which another column begins;
    `is_marked` says that the row has had a mark of alignment; `command` is the macro read last, and where it ends; `within` is the
    innermost of what is open, `stack` are those around it.
    """

    text: str
    start: int
    end: int
    parts: list[Part] = field(default_factory=list, init=False)
    row: Part = field(default_factory=Part, init=False)
    stack: list[_Open] = field(default_factory=list, init=False)
    within: _Open = field(default=_Open(), init=False)
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
            if not self.within.blocks:
                self._drop(start, at)
                self._finish(at)
        elif match["dropped"]:
            return self._dropped(match)
        elif match["idle"]:
            self._drop(start, at)
        elif match["mark"]:
            self._mark(start)
        elif match["brace"]:
            self._brace(start)
        elif match["side"]:
            self.sides.append((match["side"] == "left", start, at))
        elif match["command"]:
            self.command = (match[0][1:], at)
        elif not self.within.hides:
            if match["relation"] and self.column >= 0:
                self._split(start)
            self.row.relates |= match["relation"] is not None
            self.row.orders |= match["order"] is not None
        return at

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
        if self.within.has_cells:
            return
        self._keep(at)
        if not self.is_marked and not _trimmed(self.text, self.row.spans):
            self.row.start = at
        self.is_marked = True
        self.kept = at + 1
        if self.row.relates and self.column < 0 and not self.within.blocks:
            first, last = self.row.spans[-1]
            if not _LEFT_OPEN.search(self.text[max(first, last - 40) : last]):
                self.column = len(self.row.spans)

    # what opens and closes

    def _push(self, end: int, *, blocks: bool, has_cells: bool, hides: bool) -> None:
        self.stack.append(self.within)
        self.within = _Open(end, blocks or self.within.blocks, has_cells, hides or self.within.hides)

    def _close(self, at: int) -> bool:
        """Leave what is closed at an offset; was it made of cells?"""
        had_cells = False
        while self.stack and self.within.end <= at:
            had_cells, self.within = self.within.has_cells, self.stack.pop()
        return had_cells

    def _brace(self, at: int) -> None:
        if at in self.ends:
            self._close(at)
        elif at in self.pairs:
            is_script = self.text[max(self.start, at - 4) : at].rstrip()[-1:] in ("_", "^")
            named, named_to = self.command
            hides = is_script or (named in _WORDS and named_to <= at <= named_to + 4 and not self.text[named_to:at].strip())
            self._push(self.pairs[at], blocks=True, has_cells=self.within.has_cells, hides=hides)

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
        arguments = _ARGUMENTS.match(self.text, at) if name in _WITH_ARGUMENTS else None
        behind = arguments.end() if arguments else at
        if name in STACKED or name in DISPLAYS or (name in _SYSTEMS and self._is_system(behind)):
            self._drop(begin, behind)
            self._push(self.pairs[begin], blocks=False, has_cells=False, hides=False)
            return behind
        self._push(self.pairs[begin], blocks=True, has_cells=True, hides=True)
        return at

    def _is_system(self, at: int) -> bool:
        """Do the rows of `cases` or of an `array` hold an equation each?"""
        if self.row.relates or self.within.blocks:
            return False
        first = self.text[at : at + 2_000].split(r"\\")[0].split("&", 2)
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
        text, row, self.row = self.text, self.row, Part()
        _unpair(row, self.sides)
        self.sides, self.column, self.is_marked = [], -1, False
        row.spans = _trimmed(text, row.spans)
        first, last = (row.spans[0][0], row.spans[-1][1]) if row.spans else (self.kept, self.kept)
        if row.spans and last - first < 1_000 and _ONLY_WORDS.fullmatch("".join(text[a:b] for a, b in row.spans)):
            self.row.before = [*row.before, (first, last)]
        elif row.spans or row.trouble:
            row.start = first if row.start < 0 else min(row.start, first)
            tail = text[last:end].rstrip()
            row.end = last if "\n" in tail or r"\end" in tail or "intertext" in tail else last + len(tail)
            self.parts.append(row)
        else:
            self.row.before = row.before


def _trimmed(text: str, spans: list[Span]) -> list[Span]:
    """The spans without the blanks at either end."""
    first, last = 0, len(spans)
    while last > first and text[spans[last - 1][0] : spans[last - 1][1]].isspace():
        last -= 1
    while first < last and text[spans[first][0] : spans[first][1]].isspace():
        first += 1
    spans = spans[first:last]
    if spans:
        start, end = spans[0]
        spans[0] = (end - len(text[start:end].lstrip()), end)
        start, end = spans[-1]
        spans[-1] = (start, start + len(text[start:end].rstrip()))
    return spans


def _unpair(row: Part, sides: list[tuple[bool, int, int]]) -> None:
    r"""Take a `\left` that another row closes, or a `\right` that another opened, out of the row."""
    waiting: list[Span] = []
    alone: list[Span] = []
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
