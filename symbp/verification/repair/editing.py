"""What every edit needs: putting one part of a form in place of another, in the tree and in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from symbp.language.form import Edge, Unit, Var
from symbp.network.spec import NetworkSpec
from symbp.verification import written as w
from symbp.verification.reader import Reader
from symbp.verification.repair.lexicon import Lexicon, names
from symbp.verification.source.work import Line, Link
from symbp.verification.tokens import Unreadable, lex
from symbp.verification.written import Name, Span, Written


@dataclass(frozen=True, slots=True)
class Edit:
    """`code` names the mistake that the edit undoes; `form` is the edited tree, `text` what stands instead of `span`."""

    code: str
    form: Written
    span: Span
    text: str
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repair:
    """The mistake's code, the part of the row that is wrong and what belongs there; `said` is what a sentence may name."""

    code: str
    span: Span
    text: str | None = None
    link: Link | None = None
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Editing:
    """The form of a line that is edited. `subject` is what the line's left side is about."""

    spec: NetworkSpec
    lexicon: Lexicon
    line: Line
    form: Written
    subject: Var | None
    functions: frozenset[str]
    numbers: Sequence[str] = ()
    is_batch: bool = False

    @property
    def math(self) -> str:
        return self.line.row.math

    def text(self, node: Written) -> str:
        """What was written; a bracket with the \\left or \\bigl before it."""
        shown, before = self.math[node.span[0] : node.span[1]], self.math[: node.span[0]]
        sized = re.search(r"\\(left|[bB]igg?l?)\s*$", before)
        is_closed = re.search(r"\\(right|[bB]igg?r?)\s*(\\[}|]|\W)$", shown) if shown[:1] in {"(", "[", "\\"} else None
        return sized.group() + shown if sized and is_closed and shown.count(r"\left") < shown.count(r"\right") else shown

    def between(self) -> str:
        """What the person writes between factors: as in this form, or the row, or else as is usual."""
        usual = " * " if self.line.row.medium == "plain" else " "
        forms = [self.form, *(link.right for link in self.line.links)]
        for product in (part for form in forms for part in w.parts(form) if isinstance(part, w.Product)):
            for a, b in pairwise(product.factors):
                glue = self.math[a.span[1] : b.span[0]]
                if not set(glue) & set("/[](){}&") and (glue.strip() or not usual.strip()) and "\\odot" not in glue:
                    return glue if glue.strip() or "\\" in glue else usual
        return usual

    def put(self, old: Written, new: Written, code: str, text: str, **said: Any) -> Edit:
        return Edit(code, exchanged(self.form, old, new), old.span, text, said)

    def read(self, text: str) -> Written | None:
        """Text in the person's notation as a tree."""
        try:
            return Reader(lex(text, self.line.row.medium, self.lexicon.checker.grids.functions), self.functions).whole()
        except Unreadable:
            return None

    def parsed(self, old: Written, code: str, text: str, **said: Any) -> Iterator[Edit]:
        new = self.read(text)
        if new is not None:
            if old is self.form and isinstance(new, w.Bracket) and text.startswith("("):
                text = text[1:-1]
                said |= {"should": text} if "should" in said else {}
            yield self.put(old, w.Bracket(new, old.span), code, text, **said)

    def names(self) -> list[Name]:
        return list(names(self.form))

    def letters(self) -> list[str]:
        """The letters of indices in the row."""
        found: dict[str, None] = {}
        for link in self.line.links:
            for form in (link.left, link.right):
                for name in names(form):
                    if name.sub is not None:
                        found |= dict.fromkeys(t.text for t in name.sub.tokens if t.kind == "name" and len(t.text) == 1)
        return [letter for letter in found if letter in "ijklmnpqrs"]

    def all_names(self) -> Iterator[Name]:
        for link in self.line.links:
            yield from names(link.left)
            yield from names(link.right)

    def near_units(self) -> list[Unit]:
        """The units of the network, those that the row is about first."""
        words = self.spec.vocabulary
        every = [u for at in range(1, words.last + 1) for u in words.units(at)]
        here = {v.owner for name in self.all_names() if (v := self.lexicon.var(name)) is not None}
        edges = {u for owner in here if isinstance(owner, Edge) for u in (owner.source, owner.target)}
        subject = self.subject.owner if self.subject is not None else None
        first = {subject} | ({subject.target} if isinstance(subject, Edge) else set())
        return sorted(every, key=lambda u: (u not in first, u not in here, u not in edges))


def exchanged(node: Written, old: Written, new: Written) -> Written:
    """`node` with one part, told by identity, replaced."""
    return new if node is old else w.changed(node, lambda part: exchanged(part, old, new))


def placed(name: Name, at: Name) -> Name:
    """A name from elsewhere, standing here."""
    return replace(name, span=at.span, head=at.head, sups=(*name.sups, *(s for s in at.sups if s.text in {"2"} and not name.sups)))


def patched(text: str, span: Span, pieces: Sequence[tuple[Span, str]]) -> str:
    """The text of a span with parts of it replaced."""
    out, at = "", span[0]
    for (start, end), shown in sorted(pieces):
        out += text[at:start] + shown
        at = end
    return out + text[at : span[1]]
