"""Plain text, line by line → rows and the prose between them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from symbp.verification.source.alignments import RELATION, Part, rows_of
from symbp.verification.source.displays import PROSE, Found, Prose
from symbp.verification.source.stretches import Line, read_line

MAX_JOINED: Final = 20
"""So many lines one formula of plain text may have."""
MAX_WORDS: Final = 2
"""So many words of prose a line may have that is clearly an equation: `so`, `Step 1:`."""
MAX_LINE: Final = 20_000
"""In a longer line of plain text no mathematics is looked for; if it has a relation, it is a row that is too long."""

_GOES_ON = re.compile(r"[^\S\n]*[+*·×/⋅∙•∗][^\S\n]*[\w(∂½\\]|[^\S\n]+[-−][^\S\n]*[\w(∂½\\]")
_RELATION = re.compile(r"~=|<-\s|->|[=≈≡≃≅≔≜≝≙≐＝←⟵→⟶]")
_WORD = re.compile(r"[^\W\d_]{2}")
_BULLET = re.compile(r"[^\S\n]*(?:[-*+•]|[0-9]{1,3}[.)])[^\S\n]+")
_LATEX = re.compile(r"\\[A-Za-z]")
_LATEX_RELATION = re.compile(RELATION)


@dataclass
class Lines:
    """The rows between two offsets of a text, and the prose between them; `is_strict` takes only lines that are nothing but an equation.

    `is_latex` says that every line is LaTeX, not those only that have a macro of it; displays are numbered downwards from -1.
    """

    text: str
    words: Collection[str]
    is_strict: bool = field(default=False, kw_only=True)
    is_latex: bool = field(default=False, kw_only=True)
    display: int = field(default=0, init=False)

    def read(self, start: int, end: int) -> Iterator[Prose | Found]:
        text, at, told, was_row = self.text, start, start, False
        while at < end:
            stop = text.find("\n", at, end)
            stop = end if stop < 0 else stop
            is_latex = self.is_latex or _LATEX.search(text, at, stop) is not None
            parts, stop = (self._latex(at, stop), stop) if is_latex else self._line(at, stop, end)
            if parts:
                self.display -= not was_row
                if told < parts[0].start:
                    yield Prose(told, parts[0].start)
                yield from (Found(part, self.display, is_latex=is_latex) for part in parts)
                told = stop
            was_row, at = bool(parts), stop + 1
        if told < end:
            yield Prose(told, end)

    def _line(self, start: int, stop: int, end: int) -> tuple[list[Part], int]:
        """The rows of the line, and where it ends, with the lines that it goes on in."""
        if not _RELATION.search(self.text, start, stop):
            return [], stop
        if stop - start > MAX_LINE:
            return [] if self.is_strict else [Part(start, stop, trouble=f"the line is longer than {MAX_LINE} characters")], stop
        line = read_line(self.text, start, stop, self.words)
        for _ in range(MAX_JOINED):
            following = self._following(line, start, stop, end)
            if following is None:
                break
            stop = following
            line = read_line(self.text, start, stop, self.words)
        if self.is_strict and (line.words > MAX_WORDS or self.text[start:stop].lstrip()[:1] in ("|", "#")):
            return [], stop
        return self._parts(start, stop, line.stretches), stop

    def _following(self, line: Line, start: int, stop: int, end: int) -> int | None:
        """The end of the next line, if the formula goes on there."""
        if not line.stretches or stop >= end or stop - start > MAX_LINE or not line.is_last:
            return None
        ends = self.text.find("\n", stop + 1, end)
        ends = end if ends < 0 else ends
        if ends - stop > MAX_LINE or not self.text[stop + 1 : ends].strip():
            return None
        goes_on = line.is_open or (_GOES_ON.match(self.text, stop + 1, ends) and not _RELATION.search(self.text, stop + 1, ends))
        return ends if goes_on and not read_line(self.text, stop + 1, ends, self.words).words else None

    def _parts(self, start: int, stop: int, stretches: tuple[tuple[int, int], ...]) -> list[Part]:
        """A row for each stretch; one alone shows its whole line, of which the words before it are its prose as well."""
        whole, told, parts = self.text[start:stop], start, []
        for first, last in stretches:
            before = [(told, first)] if _WORD.search(self.text, told, first) else []
            parts.append(Part(first, last, [(first, last)], relates=True, before=before))
            told = last
        if len(parts) == 1:
            parts[0].start, parts[0].end = start + len(whole) - len(whole.lstrip()), start + len(whole.rstrip())
        return parts

    def _latex(self, start: int, stop: int) -> list[Part]:
        """The row of a line of LaTeX that nothing delimits."""
        if not _LATEX_RELATION.search(self.text, start, stop) or PROSE.search(self.text, start, stop):
            return []
        bullet = None if self.is_latex else _BULLET.match(self.text, start, stop)
        parts = rows_of(self.text, bullet.end() if bullet else start, stop)
        return parts if any(part.relates for part in parts) else []
