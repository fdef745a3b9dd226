"""A piece of work as it is read: its lines, their statements, and the links of their chains."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from symbp.language import written as w
from symbp.language.reader import FUNCTIONS, open_choices
from symbp.language.speller import split
from symbp.language.symbols import GREEK
from symbp.language.tokens import NO_CHOICES, Choices, Options, Unreadable, lex
from symbp.language.written import Name, Statement, Token, Written
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.differentiation import ARGUMENTS
from symbp.verification.reading.own_spelling import words_in
from symbp.verification.reading.quantities import OLD
from symbp.verification.source.rows import Row, Work
from symbp.verification.source.statements import Condition, condition_of, sentence

LETTERS: Final = ("sigma", "f", "g", "phi", "psi", "Sigma")
"""Letters that stand for a function where a bracket follows, in any notation."""
_INLINE = re.compile(r"\$([^$]{1,60})\$|\\\(([^)]{1,60})\\\)")
_PROSE_CONDITION = re.compile(r"(?:^|[\s(])([ijklmn]|i|j)\s*(=|≠|!=|<>)\s*([ijklmn]|[0-9]+(?:\s*,\s*[0-9]+)*)(?=[\s):.,]|$)")
_DEFINES_FUNCTION = re.compile(r"\s*(\\?[A-Za-z]+|[α-ω])\s*(?:\\left)?\(\s*[a-z]\s*(?:\\right)?\)\s*&?\s*(?:=|:=|\\equiv)")
_APPLIED = re.compile(
    r"(?:(?<=[=&])\s*|(?<![A-Za-z\\]))(\\?[A-Za-z]|\\[a-z]+|[α-ω])"
    r"(?:['′]\s*\(|(?<=[=&\s].)\(\s*[A-Za-z]+(?:[_^]\{?[A-Za-z0-9]+\}?){0,2}\s*\)\s*(?:[.,;$]|$))",
    re.MULTILINE,
)
_BRACKET = re.compile(r"\s*['′]?\s*\(|\s*\\l")
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
    """The letters that stand for functions: those of every notation that are no quantities in this one, and those that the work uses so."""
    quantities = {split(pattern)[0] for pattern in spec.notation.patterns.values()}
    found = {*LETTERS} - quantities | {spec.notation.function}
    for row in work.rows:
        if match := _DEFINES_FUNCTION.match(row.math):
            found.add(_letter(match[1]))
    return frozenset(found | set(applied(row.math for row in work.rows)))


def applied(texts: Iterable[str]) -> Iterator[str]:
    """Letters that stand before a bracket wherever they stand, alone behind a sign of equality or with a prime."""
    whole = "\n".join(texts)
    for text in sorted({match[1] for match in _APPLIED.finditer(whole)}):
        every = re.findall(rf"(?<![A-Za-z\\]){re.escape(text)}(?![A-Za-z])(.?.?.?)", whole)
        if text.strip("\\") not in FUNCTIONS and all(_BRACKET.match(behind) for behind in every):
            yield _letter(text)


def _letter(text: str) -> str:
    return _GREEK.get(text, text).removeprefix("\\")


def words_of(spec: NetworkSpec) -> frozenset[str]:
    """The names of several letters that the network has: of units, and of parameters."""
    return words_in(spec.vocabulary)


def read_lines(spec: NetworkSpec, work: Work, functions: Collection[str], choices: Choices = NO_CHOICES) -> list[Line]:
    """Every row of the work as a line; what its characters leave open is decided by `choices`."""
    whole = "\n".join(row.math for row in work.rows)
    comma = bool(_DECIMAL_COMMA.search(whole)) and not _DECIMAL_POINT.search(whole)
    return list(_lines(work.rows, functions, words_of(spec), choices, comma=comma))


def choices_in(spec: NetworkSpec, lines: Sequence[Line], functions: Collection[str], choices: Choices = NO_CHOICES) -> Options:
    """What the characters of these lines leave open."""
    found: Options = {}
    for line in lines:
        found |= open_choices(line.row.math, line.row.medium, words_of(spec), functions, choices=choices)
    return found


@dataclass(slots=True)
class _Chain:
    """What a row that begins with a relation goes on from: the head and the last form above; none if that row could not be read."""

    head: Written | None = None
    last: Written | None = None
    is_broken: bool = False


def _lines(rows: Sequence[Row], functions: Collection[str], words: Collection[str], choices: Choices, *, comma: bool) -> Iterator[Line]:
    """Each row as a line. One that cannot be read breaks the chain: what goes on from it is never held to an older head."""
    chain = _Chain()
    standing: tuple[Condition, ...] = ()
    display = 0
    for row in rows:
        if row.display != display or row.prose.strip():
            standing = prose_conditions(row.prose) if row.prose.strip() else ()
            display = row.display
        try:
            if row.trouble:
                raise Unreadable(row.trouble, 0)
            found = sentence(lex(row.math, row.medium, words, decimal_comma=comma, choices=choices), functions, choices)
        except Unreadable as trouble:
            yield Line(row, trouble=trouble)
            chain = _Chain(is_broken=True)
            continue
        conditions = (*standing, *found.conditions)
        if not found.statements:
            standing = conditions
            continue
        links = [link for statement in found.statements if statement.forms for link in _linked(updating(statement), chain)]
        yield Line(row, tuple(links), conditions, _silence(found.statements, links, chain), found.statements)


def _linked(statement: Statement, chain: _Chain) -> list[Link]:
    """The links of a statement, from which the chain goes on."""
    above = (chain.head, chain.last) if chain.head is not None and chain.last is not None else None
    links = list(links_of(statement, above))
    if not statement.continues:
        chain.head, chain.is_broken = statement.forms[0], False
    elif above is None and not chain.is_broken:
        chain.head = statement.forms[0]
    chain.last = statement.forms[-1] if chain.head is not None else None
    return links


def _silence(statements: Sequence[Statement], links: Sequence[Link], chain: _Chain) -> Unreadable | None:
    """Why a row has no link though it has a relation; it is told, since no row is left out."""
    if links or any(len(statement.forms) > 1 for statement in statements):
        return None
    if any(statement.continues for statement in statements):
        found = "this goes on from a row that is not read" if chain.is_broken else "nothing stands before this sign"
        return Unreadable(found, 0, "a left side")
    return Unreadable("nothing stands behind the last sign", statements[-1].span[1], "a right side") if statements else None


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
    again = any(isinstance(p, Name) and _is_before(p, name) for p in w.parts(statement.forms[1]))
    if name.plus or not (relation in {":=", "←", "→"} or again):
        return statement
    if name.base[0] not in "wWbBvθtT" and not (again and _is_step(name, statement.forms[1])):
        return statement
    if not again and relation == ":=" and name.base[0] not in "wWbB":
        return statement
    return replace(statement, forms=(replace(name, plus=True), *statement.forms[1:]))


def _is_step(name: Name, form: Written) -> bool:
    """Is it the name itself with something subtracted or added?"""
    return isinstance(form, w.Sum) and any(isinstance(term, Name) and _is_before(term, name) for term in form.terms)


def _is_before(one: Name, other: Name) -> bool:
    """Is it the same name, as it stood before a step?"""
    raised = [script.text for script in one.sups if script.text not in OLD]
    is_one = (one.base, one.sub and one.sub.text) == (other.base, other.sub and other.sub.text)
    return is_one and raised in ([], [script.text for script in other.sups])


def arguments_of(forms: Sequence[Written]) -> frozenset[str]:
    """The bare letter that is the only name in `forms`, and so an argument of their functions."""
    names = [part for form in forms for part in w.parts(form) if isinstance(part, Name)]
    calls = [part for form in forms for part in w.parts(form) if isinstance(part, w.Call)]
    called = {id(call.name) for call in calls}
    names = [name for name in names if id(name) not in called and name.base not in {"e", "pi"}]
    bases = {name.base for name in names}
    is_bare = all(name.sub is None and not any(s.text.startswith(("(", "[")) for s in name.sups) for name in names)
    within = {part.base for call in calls for given in call.args for part in w.parts(given) if isinstance(part, Name)}
    return frozenset(bases) if len(bases) == 1 and is_bare and bases <= ARGUMENTS & within else frozenset()


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
