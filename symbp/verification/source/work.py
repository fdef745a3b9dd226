"""A piece of work as it is read: its lines, their statements, and the links of their chains."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from symbp.language.speller import split
from symbp.language.symbols import GREEK
from symbp.network.spec import NetworkSpec
from symbp.verification import written as w
from symbp.verification.judging.differentiation import ARGUMENTS
from symbp.verification.reader import FUNCTIONS
from symbp.verification.reading.own_spelling import words_in
from symbp.verification.source.rows import Row, Work
from symbp.verification.source.statements import Condition, condition_of, sentence
from symbp.verification.tokens import Unreadable, lex
from symbp.verification.written import Name, Statement, Token, Written

LETTERS: Final = ("sigma", "f", "g", "phi", "psi", "Sigma")
"""Letters that stand for a function where a bracket follows, in any notation."""
_INLINE = re.compile(r"\$([^$]{1,60})\$|\\\(([^)]{1,60})\\\)")
_PROSE_CONDITION = re.compile(r"(?:^|[\s(])([ijklmn]|i|j)\s*(=|≠|!=|<>)\s*([ijklmn]|[0-9]+(?:\s*,\s*[0-9]+)*)(?=[\s):.,]|$)")
_DEFINES_FUNCTION = re.compile(r"\s*(\\?[A-Za-z]+|[α-ω])\s*(?:\\left)?\(\s*[a-z]\s*(?:\\right)?\)\s*&?\s*(?:=|:=|\\equiv)")
_GREEK = {letter: name for name, letter in GREEK.items()}
_DECIMAL_COMMA = re.compile(r"[0-9],[0-9]")
_DECIMAL_POINT = re.compile(r"[0-9]\.[0-9]")


@dataclass(frozen=True, slots=True)
class Link:
    """left = right: two neighbours in a chain, the first of which may stand in the row above. `head` is what the chain began with."""

    left: Written
    right: Written
    relation: str
    head: Written
    arguments: frozenset[str]
    is_carried: bool = False
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row, read: its links, or why it could not be read. A row of conditions only has neither."""

    row: Row
    links: tuple[Link, ...] = ()
    conditions: tuple[Condition, ...] = ()
    trouble: Unreadable | None = None
    statements: tuple[Statement, ...] = ()


def functions_of(spec: NetworkSpec, work: Work) -> frozenset[str]:
    """The letters that stand for functions: those of every notation that are no quantities in this one, and one that a row defines."""
    quantities = {split(pattern)[0] for pattern in spec.notation.patterns.values()}
    found = {*LETTERS} - quantities | {spec.notation.function}
    for row in work.rows:
        if match := _DEFINES_FUNCTION.match(row.math):
            found.add(_GREEK.get(match[1], match[1]).removeprefix("\\"))
    return frozenset(found)


def words_of(spec: NetworkSpec) -> frozenset[str]:
    """The names of several letters that the network has: of units, and of parameters."""
    return words_in(spec.vocabulary)


def read_lines(spec: NetworkSpec, work: Work, functions: Collection[str], names: Collection[str] = ()) -> list[Line]:
    """Every row of the work as a line."""
    whole = "\n".join(row.math for row in work.rows)
    comma = bool(_DECIMAL_COMMA.search(whole)) and not _DECIMAL_POINT.search(whole)
    words = words_of(spec) | frozenset(names)
    return list(_lines(work.rows, functions, words, comma=comma))


def _lines(rows: Sequence[Row], functions: Collection[str], words: Collection[str], *, comma: bool) -> Iterator[Line]:
    above: tuple[Written, Written] | None = None
    standing: tuple[Condition, ...] = ()
    display = -1
    for row in rows:
        if not row.math.strip("= \t\n") and len(row.math.strip()) > 2:
            continue
        if row.display != display or row.prose.strip():
            standing = prose_conditions(row.prose) if row.prose.strip() else ()
            display = row.display
        try:
            if row.trouble:
                raise Unreadable(row.trouble, 0)
            found = sentence(lex(row.math, row.medium, words, decimal_comma=comma), functions)
        except Unreadable as trouble:
            yield Line(row, trouble=trouble)
            above = None
            continue
        conditions = (*standing, *found.conditions)
        if not found.statements:
            standing = conditions
            continue
        links: list[Link] = []
        for statement in (s for s in found.statements if s.forms):
            statement = updating(statement)
            new = list(links_of(statement, above))
            links += new
            if new or statement.forms:
                head = above[0] if statement.continues and above else statement.forms[0]
                above = (head, statement.forms[-1])
        yield Line(row, tuple(links), conditions, statements=found.statements)


def links_of(statement: Statement, above: tuple[Written, Written] | None) -> Iterator[Link]:
    """The links of a chain; `above` are the first and the last form of that which it may go on from."""
    forms, relations = list(statement.forms), list(statement.relations)
    head = forms[0]
    is_carried = statement.continues and above is not None
    if is_carried:
        assert above is not None
        forms = [above[1], *forms]
        head = above[0]
    elif statement.continues:
        relations = relations[1:]
    arguments = arguments_of((head, *forms))
    for at, (left, right) in enumerate(pairwise(forms)):
        relation = relations[at] if at < len(relations) else "="
        if isinstance(right, Name) and right.base in FUNCTIONS:
            continue
        yield Link(left, right, relation, head, arguments, is_carried and at == 0, at == len(forms) - 2)


def updating(statement: Statement) -> Statement:
    """What is assigned to a name that stands on the right too is its value after an update."""
    if statement.continues or len(statement.forms) < 2 or not isinstance(statement.forms[0], Name):
        return statement
    name, relation = statement.forms[0], statement.relations[0]
    if relation in {"-=", "+="}:
        changed = w.Sum((name, statement.forms[1]), (False, relation == "-="), statement.forms[1].span)
        return replace(statement, forms=(replace(name, plus=True), changed, *statement.forms[2:]))
    again = any(
        isinstance(p, Name) and (p.base, p.sub and p.sub.text) == (name.base, name.sub and name.sub.text)
        for p in w.parts(statement.forms[1])
    )
    if name.plus or not (relation in {":=", "←", "→"} or again) or name.base[0] not in "wWbBvθtT":
        return statement
    if not again and relation == ":=" and name.base[0] not in "wWbB":
        return statement
    return replace(statement, forms=(replace(name, plus=True), *statement.forms[1:]))


def arguments_of(forms: Sequence[Written]) -> frozenset[str]:
    """The bare letter that is the only name in `forms`, and so an argument of their functions."""
    names = [part for form in forms for part in w.parts(form) if isinstance(part, Name)]
    calls = [part for form in forms for part in w.parts(form) if isinstance(part, w.Call)]
    called = {id(call.name) for call in calls}
    names = [name for name in names if id(name) not in called and name.base not in {"e", "pi"}]
    bases = {name.base for name in names}
    is_bare = all(name.sub is None and not any(s.text.startswith(("(", "[")) for s in name.sups) for name in names)
    return frozenset(bases) if calls and len(bases) == 1 and is_bare and bases <= ARGUMENTS else frozenset()


def prose_conditions(prose: str) -> tuple[Condition, ...]:
    """Conditions on indices that the text before a row states: "Now $i \\neq j$:", "For i = j:"."""
    tail = prose[-300:]
    found: list[Condition] = []
    for match in _INLINE.finditer(tail):
        try:
            found += condition_of(_unquad(lex(match[1] or match[2], "latex"))) or []
        except Unreadable:
            continue
    if not found:
        for match in _PROSE_CONDITION.finditer(_INLINE.sub(" ", tail)):
            try:
                found += condition_of(lex(match[0].strip(" (\n"), "plain")) or []
            except Unreadable:
                continue
    return tuple(c for c in found if c.sign != "any")


def _unquad(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if token.text != "quad" and token.kind != "word"]
