"""How a person spells what: their names by the quantity that each means, to write a repair in their own notation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from symbp.language import written as w
from symbp.language.form import Index, Unit, Var
from symbp.language.latex import name_latex
from symbp.language.reader import Reader
from symbp.language.tokens import Unreadable, lex
from symbp.language.written import Name
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.checks import Checker
from symbp.verification.judging.following import FAULTS
from symbp.verification.judging.scope import Numeric
from symbp.verification.reading.grids import own_keys
from symbp.verification.reading.quantities import Quantity
from symbp.verification.source.work import Line

NOT_ONE = frozenset({"slope", "change", "kronecker"})
"""Kinds of names that are no quantity of the network by themselves."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """A name as it was written somewhere, or would be: the tree, its text, and what it means."""

    name: Name
    text: str
    quantity: Quantity
    var: Var | None


@dataclass
class Lexicon:
    """The names of the whole work. What a name means is asked here only, of the reading that was found."""

    checker: Checker
    lines: Sequence[Line]
    _vars: dict[Name, Var | None] = field(default_factory=dict)
    _spelled: dict[tuple[Var, str], Spelled | None] = field(default_factory=dict)

    # -- what a name means -----------------------------------------------------------------------------------------

    @property
    def spec(self) -> NetworkSpec:
        return self.checker.grids.spec

    def quantity(self, name: Name) -> Quantity | None:
        """What a name means, whatever powers follow it."""
        readings = self.checker.grids.readings(name)
        return readings[0].quantity if readings else None

    def is_matrix(self, name: Name) -> bool:
        """Does the name stand for a whole layer?"""
        quantity = self.quantity(name)
        return quantity is not None and (quantity.of or quantity).is_whole

    def bare(self, name: Name) -> tuple[Name, tuple[w.Script, ...]]:
        """A name without the powers and transpositions that follow it, and these."""
        readings = self.checker.grids.readings(name)
        rest = readings[0].rest if readings else ()
        if not rest or len(rest) > len(name.sups) or any(script not in name.sups for script in rest):
            return name, ()
        kept = tuple(script for script in name.sups if script not in rest)
        end = kept[-1].span[1] if kept else name.sub.span[1] if name.sub else name.head[1]
        return replace(name, sups=kept, span=(name.span[0], end)), rest

    def var(self, name: Name) -> Var | None:
        """The one quantity of the network that a name means, if it is one, whatever its letters."""
        if name not in self._vars:
            self._vars[name] = self._var(name)
        return self._vars[name]

    def _var(self, name: Name) -> Var | None:
        readings = self.checker.grids.readings(name)
        if not readings or readings[0].rest or readings[0].quantity.kind in NOT_ONE:
            return None
        try:
            grid = self.checker.grids.grid(readings[0].quantity, self.checker.meaning(Numeric(self.checker.truth)))
        except FAULTS:
            return None
        return grid[0][0] if len(grid) == len(grid[0]) == 1 else None

    # -- how it is spelled -----------------------------------------------------------------------------------------

    @cached_property
    def every(self) -> list[Spelled]:
        """Each name once, in the order in which they were first written."""
        found: dict[str, Spelled] = {}
        for line in self.lines:
            for link in line.links:
                for name in (n for form in (*(() if link.is_carried else (link.left,)), link.right) for n in names(form)):
                    bare, _ = self.bare(name)
                    text = line.row.math[bare.span[0] : bare.span[1]]
                    if text not in found and (quantity := self.quantity(bare)) is not None and text.count("{") == text.count("}"):
                        found[text] = Spelled(bare, text, quantity, self.var(bare))
        return list(found.values())

    def spelled(self, var: Var) -> Spelled | None:
        """How the person writes `var`: as they did, or by changing the index of how they write its like."""
        return self.anyhow(var, "")

    def anyhow(self, var: Var, medium: str) -> Spelled | None:
        """As `spelled`; where a medium is given and they write nothing like it, as the network's notation has it."""
        if (var, medium) not in self._spelled:
            found = next((one for one in self.every if one.var == var), None) or self.made(var)
            self._spelled[var, medium] = found or ((self.by_pattern(var) or self.by_notation(var, medium)) if medium else None)
        return self._spelled[var, medium]

    def made(self, var: Var) -> Spelled | None:
        """A spelling of `var` made from that of its sibling: h1 for h2, w5 for w6."""
        for one in self.every:
            if one.var is not None and one.var.kind == var.kind and one.name.sub is not None:
                for name, text in renumbered(one.name, one.text, self.widest):
                    if self.var(name) == var:
                        return Spelled(name, text, one.quantity, var)
        return None

    def by_pattern(self, var: Var) -> Spelled | None:
        """A name of the person's own for a sibling of `var`, with the sibling's unit changed: d_o2 after d_o1."""
        if not isinstance(var.owner, Unit):
            return None
        own = self.checker.grids.own
        for one in self.every:
            like = one.var
            if like is None or like.kind != var.kind or not isinstance(like.owner, Unit) or like.owner.layer != var.owner.layer:
                continue
            if next(iter(own_keys(one.name)))[0] not in own.aliases:
                continue
            wanted = one.text.replace(str(like.owner.index), str(var.owner.index))
            for name, text in renumbered(one.name, one.text, self.spec.vocabulary.widest):
                key = next(iter(own_keys(name)))[0]
                if text == wanted and key not in own.keys and all(text != other.text for other in self.every):
                    own.aliases[key] = Quantity(var.kind, var=var)
                    self._vars[name] = var
                    return Spelled(name, text, own.aliases[key], var)
        return None

    def by_notation(self, var: Var, medium: str) -> Spelled | None:
        """The name that the network's notation has."""
        speller = self.spec.speller
        text = speller.vocabulary.canonical(var) if medium == "plain" else name_latex(speller.name(var))
        try:
            name = Reader(lex(text, "plain" if medium == "plain" else "latex"), ()).scripted()
        except Unreadable:
            return None
        return Spelled(name, text, Quantity(var.kind, var=var), var) if name is not None and self.var(name) == var else None

    @cached_property
    def widest(self) -> int:
        words = self.spec.vocabulary
        return max(words.widest, sum(p.kind == "weight" for p in words.parameters()))

    @cached_property
    def most(self) -> int:
        """The highest number that an index may be: of a weight, or of a unit that is counted through."""
        words = self.spec.vocabulary
        return max(self.widest, sum(len(words.units(at)) for at in range(words.last + 1)))

    @cached_property
    def has_zero(self) -> bool:
        """Does the person count from 0?"""
        return any(token.text == "0" for one in self.every for script, _ in scripts(one.name) for token in script.tokens)

    def general(self, kind: str) -> Iterator[Spelled]:
        """Names of this kind whose indices are letters, or that are a whole layer's."""
        for one in self.every:
            quantity = one.quantity
            if quantity.kind == kind and quantity.var is None and (quantity.unit is None or isinstance(quantity.unit, Index)):
                yield one

    def out_of(self, unit: Unit, medium: str = "") -> Spelled | None:
        """The output of a unit as they write it, or, where the medium is given, by the network's notation."""
        return self.anyhow(Var("input" if unit.layer == 0 else "out", unit, 1), medium)

    @cached_property
    def primed(self) -> tuple[Name, str] | None:
        """A function with a prime as the person writes it, if they do."""
        for line in self.lines:
            for part in (part for link in line.links for form in (link.left, link.right) for part in w.parts(form)):
                if isinstance(part, w.Call) and part.name.primes == 1:
                    return part.name, line.row.math[part.name.span[0] : part.name.span[1]]
        return None


def names(form: w.Written) -> Iterator[Name]:
    """The names of quantities in a form, not those of functions."""
    called = {id(part.name) for part in w.parts(form) if isinstance(part, w.Call)}
    yield from (part for part in w.parts(form) if isinstance(part, Name) and id(part) not in called)


# -- another index -----------------------------------------------------------------------------------------------------


def renumbered(name: Name, text: str, most: int) -> Iterator[tuple[Name, str]]:
    """The name with one number of its scripts changed."""
    for script, which in scripts(name):
        for at, token in enumerate(script.tokens):
            if token.kind == "number" and token.text.isdigit():
                for value in range(most + 1):
                    if str(value) != token.text:
                        yield changed(name, text, script, which, at, str(value))


def like(shown: str, value: str) -> str:
    """A value in raised or lowered digits, where what stood there is in such."""
    for digits in ("⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"):
        if shown and value.isdigit() and all(c in digits for c in shown):
            return "".join(digits[int(c)] for c in value)
    return value


def scripts(name: Name) -> Iterator[tuple[w.Script, int]]:
    """The scripts of a name: the subscript (-1) and the superscripts by their number."""
    if name.sub is not None:
        yield name.sub, -1
    for at, script in enumerate(name.sups):
        yield script, at


def changed(name: Name, text: str, script: w.Script, which: int, at: int, value: str) -> tuple[Name, str]:
    """The name, and its text, with one token of a script replaced."""
    token = script.tokens[at]
    new = w.Token("number" if value.isdigit() else "name", value, token.start, token.end, token.tight)
    made = w.Script((*script.tokens[:at], new, *script.tokens[at + 1 :]), script.span)
    start = name.span[0]
    text = text[: token.start - start] + like(text[token.start - start : token.end - start], value) + text[token.end - start :]
    if which < 0:
        return replace(name, sub=made), text
    return replace(name, sups=(*name.sups[:which], made, *name.sups[which + 1 :])), text
