"""One edit of a form, and what the kinds of edits share: where the form stands, how what belongs there is spelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from symbp.language import written as w
from symbp.language.form import Edge, Unit, Var
from symbp.language.written import Name, Span, Written
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.repair.lexicon import Lexicon, Spelled, names
from symbp.verification.repair.printing import Printer
from symbp.verification.source.work import Line, Link


@dataclass(frozen=True, slots=True)
class Edit:
    """`new` for the part `old` of a form undoes the mistake `code`.

    `was` and `should` are what a sentence names of it: forms, or their text. `cost` orders edits: the smaller and the more usual first.
    `identity` is the mistake without its place: equal in two rows where the same was done wrong.
    """

    code: str
    old: Written
    new: Written
    was: Written | str | None = None
    should: Written | str | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    cost: int = 1
    identity: tuple[object, ...] = ()

    def form(self, whole: Written) -> Written:
        """The whole form after the edit."""
        return exchanged(whole, self.old, self.new)


@dataclass(frozen=True, slots=True)
class Repair:
    """The mistake's code, the part of the row that is wrong and what belongs there; `said` is what a sentence may name."""

    code: str
    span: Span
    text: str | None = None
    link: Link | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    identity: tuple[object, ...] = ()


@dataclass
class Editing:
    """The form of a link that is edited. `subject` is what the link's left side is about, `numbers` those that a literal may stand for,
    `model` the form that numbers were put into, with the text of its values."""

    lexicon: Lexicon
    line: Line
    link: Link
    form: Written
    subject: Var | None
    numbers: Sequence[str] = ()
    is_batch: bool = False
    model: Sequence[tuple[Written, str]] = ()

    @property
    def spec(self) -> NetworkSpec:
        return self.lexicon.spec

    @property
    def medium(self) -> str:
        return self.line.row.medium

    @cached_property
    def printer(self) -> Printer:
        return Printer(self.line, self.form, self.lexicon.lines)

    @cached_property
    def parts(self) -> tuple[Written, ...]:
        return w.parts(self.form)

    @cached_property
    def names(self) -> list[Name]:
        return list(names(self.form))

    @cached_property
    def letters(self) -> list[str]:
        """The letters of indices in the row."""
        found: dict[str, None] = {}
        for name in (name for link in self.line.links for form in (link.head, link.left, link.right) for name in names(form)):
            for script in (*([name.sub] if name.sub else []), *name.sups):
                found |= dict.fromkeys(c for t in script.tokens if t.kind == "name" and len(t.text) <= 2 for c in t.text)
        return [letter for letter in found if letter in "ijklmnpqrs"]

    @cached_property
    def around(self) -> list[tuple[Written, str]]:
        """The forms of the rows up to this one, their factors and terms, the nearest first; each once."""
        found: dict[str, Written] = {}
        head = "".join(self.printer.math[slice(*self.link.head.span)].split())
        at = next((n for n, line in enumerate(self.lexicon.lines) if line.row is self.line.row), len(self.lexicon.lines))
        for line in reversed(self.lexicon.lines[: at + 1]):
            for link in line.links:
                for part in (p for form in (link.right, *(() if link.is_carried else (link.left,))) for p in pieces(form)):
                    text = line.row.math[part.span[0] : part.span[1]]
                    if part is not self.form and len(text) < 80 and "".join(text.split()) != head:
                        found.setdefault(text, part)
        return [(node, text) for text, node in found.items()][:60]

    # -- new parts -------------------------------------------------------------------------------------------------

    def name(self, one: Spelled, at: Written, rest: tuple[w.Script, ...] = ()) -> Name:
        """A name from elsewhere, standing here, with the powers that stood here."""
        found = replace(one.name, span=at.span, head=at.span, sups=(*one.name.sups, *rest))
        self.printer.known(found, one.text + "".join(self.raised(script) for script in rest))
        return found

    def raised(self, script: w.Script) -> str:
        """A superscript as it stands in the row, with its sign."""
        math, start = self.printer.math, script.span[0]
        return ("^" if math[start - 1 : start] == "^" else "") + math[start : script.span[1]]

    def borrowed(self, node: Written, text: str) -> Written:
        """A part from elsewhere in the work, to be written as it was there."""
        found = replace(node)
        self.printer.known(found, text)
        return found

    def spelled(self, var: Var, at: Written, *, anyhow: bool = False) -> Name | None:
        """The name of a quantity, standing here."""
        one = self.lexicon.anyhow(var, self.medium if anyhow else "")
        return self.name(one, at) if one is not None else None

    def text(self, node: Written) -> str:
        return self.printer.text(node)

    # -- units -----------------------------------------------------------------------------------------------------

    @cached_property
    def here(self) -> dict[Name, Var]:
        """The quantities that stand in the form."""
        found = {}
        for name in self.names:
            if (var := self.lexicon.var(self.lexicon.bare(name)[0])) is not None:
                found[name] = var
        return found

    @cached_property
    def units(self) -> list[Unit]:
        """The units of the network, those that the row is about first."""
        words = self.spec.vocabulary
        owners = {var.owner for var in self.here.values()}
        edges = {u for owner in owners if isinstance(owner, Edge) for u in (owner.source, owner.target)}
        subject = self.subject.owner if self.subject is not None else None
        first = {subject} | ({subject.target} if isinstance(subject, Edge) else set())
        every = [u for at in range(1, words.last + 1) for u in words.units(at)]
        return sorted(every, key=lambda u: (u not in first, u not in owners, u not in edges))

    def counterpart(self, var: Var, unit: Unit, other: Unit, *, with_weights: bool) -> Var | None:
        """The quantity that is of `other` what `var` is of `unit`."""
        if var.owner == unit:
            return replace(var, owner=other)
        edge = var.owner
        if not with_weights or not isinstance(edge, Edge) or unit not in {edge.source, edge.target}:
            return None
        moved = Edge(other, edge.target) if edge.source == unit else Edge(edge.source, other)
        return replace(var, owner=moved)

    def moved(self, node: Written, unit: Unit, other: Unit, *, with_weights: bool) -> Written | None:
        """What is of `other` as `node` is of `unit`; None where nothing is, or it has no name."""
        new = node
        for name in names(node):
            var = self.here.get(name)
            moved = self.counterpart(var, unit, other, with_weights=with_weights) if var is not None else None
            if moved is not None:
                one = self.lexicon.anyhow(moved, self.medium)
                if one is None:
                    return None
                new = exchanged(new, name, self.name(one, name, self.lexicon.bare(name)[1]))
        return new if new is not node else None


def pieces(form: Written) -> Iterator[Written]:
    """The form, its factors and its terms."""
    inner = unwrapped(form)
    yield inner
    for part in w.parts(inner):
        if isinstance(part, w.Product):
            yield from part.factors
        elif isinstance(part, w.Sum):
            yield from part.terms


def exchanged(node: Written, old: Written, new: Written) -> Written:
    """`node` with one part, told by identity, replaced."""
    if node is old:
        return new
    return w.changed(node, lambda part: exchanged(part, old, new)) if any(part is old for part in w.parts(node)) else node


def times(place: Written, factor: Written, sign: str = "") -> Written:
    """What stands in a place, times a factor behind it; before a sum over an index."""
    if isinstance(place, w.BigSum) or (isinstance(place, w.Product) and isinstance(place.factors[-1], w.BigSum)):
        before = place.factors if isinstance(place, w.Product) else (place,)
        return w.Product((factor, *before), ("",) * len(before), place.span)
    if isinstance(place, w.Product) and not sign:
        return w.Product((*place.factors, factor), (*place.signs, ""), place.span)
    return w.Product((place, factor), (sign,), place.span)


def product(factors: Sequence[Written], span: Span) -> Written:
    """A product, or its only factor."""
    return factors[0] if len(factors) == 1 else w.Product(tuple(factors), ("",) * (len(factors) - 1), span)


def added(a: Written, b: Written, *, minus: bool = False) -> Written:
    """A sum with one more term."""
    if isinstance(a, w.Sum):
        return w.Sum((*a.terms, b), (*a.minus, minus), a.span)
    return w.Sum((a, b), (False, minus), a.span)


def number(text: str, span: Span) -> Written:
    """A number, below a minus where it has one."""
    found = w.Number(text.lstrip("-"), 0, span)
    return w.Negative(found, span) if text.startswith("-") else found
