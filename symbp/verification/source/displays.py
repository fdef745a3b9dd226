r"""Where formulas begin and end in LaTeX or Markdown: displays, environments and formulas within a line, and the prose between them.

A display that is not closed ends with its paragraph, or where the next one begins; it hides nothing that follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from symbp.verification.source.alignments import ARGUMENTS, ARROW, DISPLAYS, ONE_FORMULA, RELATION, STACKED, WITH_ARGUMENTS, Part, rows_of
from symbp.verification.source.brackets import ENVIRONMENT, partners

NEAR: Final = 80
"""So far before a delimiter the beginning of its line is looked for."""
MAX_LINE: Final = 2_000
"""So much of a line is looked at to see what an open formula in it is."""
_VERBATIM: Final = frozenset({"verbatim", "lstlisting", "minted", "comment", "Verbatim", "alltt", "filecontents"})
_OPENS = re.compile(rf"\\begin[ \t]*{ENVIRONMENT}|\\end[ \t]*\{{document\}}|\\ensuremath[ \t]*(?=\{{)|\\\\[(\[]?|\\.|\$\$?", re.DOTALL)
_INSIDE = re.compile(rf"\\\\\[[0-9.]+[ \t]*[a-z]{{2}}\]|\\(begin|end)[ \t]*{ENVIRONMENT}|\\\\[()\[\]]?|\\.|\$\$|\n[ \t\r]*\n\s*", re.DOTALL)
_IN_LINE = re.compile(r"\\\\[(\[)\]]?|\\.|\$|\n(?:[ \t\r]*\n)?", re.DOTALL)
_BRACES = re.compile(r"\\ensuremath|\\.|[{}]|\n[ \t\r]*\n\s*", re.DOTALL)
_END = re.compile(rf"\\end[ \t]*{ENVIRONMENT}|\\\\?\]|\$\$")
PROSE: Final = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{2,}[,;:.]? (?:[A-Za-z]{1,3} )?[A-Za-z]{2,}(?![A-Za-z}])|\\(?:sub)*section|^#")
"""Two words side by side, or a heading: no formula looks like this."""
_CHANGES = re.compile(r"[-+*/·×−]|\\(?:frac|dfrac|cdot|times|eta|alpha)(?![A-Za-z])")
_ARROW, _RELATES = re.compile(ARROW), re.compile(RELATION)
_BLOCK_ENDS = {"$$": "$$", r"\[": r"\]", r"\\[": r"\\]"}
_LINE_ENDS = {"$": "$", r"\(": r"\)", r"\\(": r"\\)"}


class Prose(NamedTuple):
    """What stands between two offsets is no formula."""

    start: int
    end: int


@dataclass(slots=True)
class Found:
    """A row; `display` is the number of the formula that it belongs to, `is_inline` says that it stands in a line of prose."""

    part: Part
    display: int
    is_inline: bool = False
    is_latex: bool = True


class _Block(NamedTuple):
    """A formula: from `start` to `end` with what delimits it, from `inner` to `outer` without."""

    start: int
    inner: int
    outer: int
    end: int
    trouble: str = ""


@dataclass
class Displays:
    """The formulas of a text, in order, and the prose between them; in Markdown delimiters may be doubled, and `$` may be a dollar."""

    text: str
    is_markdown: bool = field(kw_only=True)
    display: int = field(default=0, init=False)
    pairs: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.pairs = partners(self.text, only_environments=True)

    def __iter__(self) -> Iterator[Prose | Found]:
        text, at, told = self.text, 0, 0
        while match := _OPENS.search(text, at):
            shown, at = match[0], match.end()
            if shown.startswith(r"\end"):
                break
            name = match[1]
            if name in _VERBATIM:
                end = text.find(rf"\end{{{name}", at)
                yield Prose(told, match.start())
                at = told = len(text) if end < 0 else end
                continue
            found = self._formula(match)
            if found is None:
                continue
            block, rows = found
            if rows:
                yield Prose(told, block.start)
                yield from rows
                told = block.end
            at = block.end
        yield Prose(told, at if match else len(text))

    def _formula(self, match: re.Match[str]) -> tuple[_Block, list[Found]] | None:
        """The formula that begins at a match, with its rows, of which it may have none; or None if none begins there."""
        shown, name = match[0], match[1]
        if name in DISPLAYS or name in STACKED:
            arguments = ARGUMENTS.match(self.text, match.end()) if name in WITH_ARGUMENTS else None
            block = self._until(name, match.start(), arguments.end() if arguments else match.end())
            return block, self._rows(block, is_one_formula=name in ONE_FORMULA)
        if self._is_opener(shown):
            block = self._until(shown, match.start(), match.end())
            if shown == r"\\[" and block.trouble:
                return None
            return block, self._rows(block)
        if shown in _LINE_ENDS and (shown != r"\\(" or self.is_markdown):
            line = self._in_line(shown, match)
            return None if line is None else (line, self._in_prose(line))
        if shown.startswith(r"\ensuremath"):
            braces = self._braces(match)
            return None if braces is None else (braces, self._in_prose(braces))
        return None

    def _is_opener(self, shown: str) -> bool:
        return shown in _BLOCK_ENDS and (shown != r"\\[" or self.is_markdown)

    # where it ends

    def _until(self, opener: str, start: int, inner: int) -> _Block:
        """The display that `opener`, a delimiter or the name of an environment, begins."""
        closes = _BLOCK_ENDS.get(opener)
        shown = opener if closes else rf"\begin{{{opener}}}"
        if opener in ("$$", r"\\["):
            end, is_closed = self._marked_end(closes or "", start, inner)
        else:
            partner = self.pairs.get(start)
            end, is_closed = (self._open_end(inner), False) if partner is None else (partner, True)
        if not is_closed:
            return _Block(start, inner, end, end, f"{shown} is not closed")
        after = _END.match(self.text, end)
        return _Block(start, inner, end, after.end() if after else end)

    def _marked_end(self, closes: str, start: int, inner: int) -> tuple[int, bool]:
        """Where a display ends that is closed by a mark; what follows a blank line and is prose is none of it."""
        text = self.text
        for token in _INSIDE.finditer(text, inner):
            shown = token[0]
            if shown == closes:
                line = text.find("\n", inner, token.start())
                if closes == "$$" and line >= 0 and text[inner:line].strip() and self._opens(token):
                    return line, False
                return token.start(), True
            if shown[0] == "\n":
                following = text[token.end() : token.end() + 200].split("\n")[0]
                if PROSE.search(following):
                    return token.start(), False
            elif self._is_opener(shown) or shown == r"\]":
                break
        return self._open_end(inner), False

    def _opens(self, token: re.Match[str]) -> bool:
        """Does a `$$` that should close a display begin one on its own line?"""
        before = self.text[max(0, token.start() - NEAR) : token.start()].rpartition("\n")
        if not before[1] or before[2].strip():
            return False
        end = self.text.find("\n", token.end())
        following = self.text.find("$$", token.end(), end if end >= 0 else len(self.text))
        return following >= 0 and bool(self.text[token.end() : following].strip())

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
                if lines and opener == "$" and self._begins_line(token):
                    break
                inside = text[inner : token.start()]
                is_dollar = opener == "$" and self.is_markdown and inside[:1].isspace() != inside[-1:].isspace()
                is_dollar = is_dollar and (inside[0].isdigit() or PROSE.search(inside) is not None)
                return None if is_dollar else _Block(match.start(), inner, token.start(), token.end())
            lines += shown == "\n"
            if shown == opener or (shown[0] == "\n" and len(shown) > 1):
                break
        line = text[inner : inner + MAX_LINE].split("\n")[0].rstrip()
        if opener not in line and _RELATES.search(line) and not PROSE.search(line):
            return _Block(match.start(), inner, inner + len(line), inner + len(line), f"{opener} is not closed")
        return None

    def _begins_line(self, token: re.Match[str]) -> bool:
        """Does a `$` that should close a formula begin one on its own line?"""
        before = self.text[max(0, token.start() - NEAR) : token.start()].rpartition("\n")
        if not before[1] or before[2].strip(" \t-*+>") or self.text[token.end() : token.end() + 1].isspace():
            return False
        return "$" in self.text[token.end() : token.end() + MAX_LINE].split("\n")[0]

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

    # its rows

    def _rows(self, block: _Block, *, is_one_formula: bool = False) -> list[Found]:
        """The rows of a display; there are none if it is a single one that states nothing."""
        self.display += 1
        parts = _parts(self.text, block, is_one_formula=is_one_formula)
        if len(parts) == 1:
            part = parts[0]
            if not (part.relates or part.orders or part.trouble):
                return []
            if "\n" not in self.text[block.start : block.end]:
                part.start, part.end = block.start, block.end
        return [Found(part, self.display) for part in parts]

    def _in_prose(self, block: _Block) -> list[Found]:
        """The rows of a formula in a line; there are none if it states nothing."""
        self.display += 1
        parts = _parts(self.text, block)
        if len(parts) == 1:
            parts[0].start, parts[0].end = block.start, block.end
        return [Found(part, self.display, True) for part in parts if part.relates and _states(self.text, part)]


def _states(text: str, part: Part) -> bool:
    """Is an arrow an update, and not a connection from one unit to another?"""
    said = "".join(text[start:end] for start, end in part.spans)
    arrow = _ARROW.search(said)
    if arrow is None or _RELATES.search(said):
        return True
    return bool(_CHANGES.search(said, arrow.end())) and r"\infty" not in said


def _parts(text: str, block: _Block, *, is_one_formula: bool = False) -> list[Part]:
    """The rows of a formula, the last of which is in trouble if the formula is."""
    if text[block.inner : block.outer].isspace() or block.inner == block.outer:
        return []
    parts = rows_of(text, block.inner, block.outer, is_one_formula=is_one_formula)
    if parts:
        parts[-1].trouble = parts[-1].trouble or block.trouble
    return parts
