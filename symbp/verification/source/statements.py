"""A row's tokens → statements: chains of forms between relations, and the conditions on their indices."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from symbp.language.reader import Reader
from symbp.language.tokens import NO_CHOICES, RELATIONS, Choices, Unreadable
from symbp.language.written import Indicator, Product, Statement, Token, Written

MAX_FORMS: Final = 40
TIME: Final = "time"
"""Stands for t where it can only be an index."""
INDICES: Final = frozenset("i j k l m n p q r s c h o".split()) | {TIME}
_OPEN = {"(": 1, "[": 1, "{": 1, "\\{": 1, ")": -1, "]": -1, "}": -1, "\\}": -1}
_LINKS = frozenset({"-=", "+=", "=", ":=", "←", "→", "≈"})
_EMPTY = frozenset({",", ";", ".", "quad", "⇒", "&", r"\\", ":", "$", "!", "…"})
_COMPARED = frozenset({"<", ">", "≤", "≥", "≠"})
_ORDERED = frozenset({"<", ">", "≤", "≥"})
_VALUES = frozenset({"…", "+", "-", "_", "{", "}", "\\{", "\\}", ","})
_CASES = frozenset({"for", "if", "when", "∀"})
"""Words behind which an equation is a condition."""
_CONDITIONAL = frozenset({"for", "if", "where", "with", "when", "all", "every", "otherwise", "i.e", "any", "each"})


@dataclass(frozen=True, slots=True)
class Condition:
    """What is said of an index: it equals or differs from another or a number, or is one of `values`; of none where that is empty."""

    letter: str
    sign: str
    other: str = ""
    values: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A row as it is read: its statements, and the conditions on indices under which they hold."""

    statements: tuple[Statement, ...]
    conditions: tuple[Condition, ...]


def sentence(tokens: Sequence[Token], functions: Collection[str], choices: Choices = NO_CHOICES) -> Sentence:
    """The statements of a row; raises Unreadable."""
    conditions: list[Condition] = []
    statements: list[Statement] = []
    for piece, is_label in _pieces(_unnumbered(_unboxed(tokens))):
        body, said = _split_conditions(piece)
        own, where, defining = _conditions(said, functions, choices) if said else ([], None, [])
        conditions += own
        if not body and where is None and not defining:
            continue
        if body and (alone := condition_of(body)) is not None:
            conditions += alone
        elif _links_any(body):
            statements.append(_statement(body, functions, choices, where))
        elif body and statements and (where := _comparison(body, functions, choices)) is not None:
            statements[-1] = _under(statements[-1], where)
        elif body and not is_label and not _is_tail(body) and (statements or len(tokens) > len(body) + 3):
            raise Unreadable(f"no relation in {_text(body)!r}", body[0].start, "'='")
        if defining:
            statements.append(_statement(defining, functions, choices))
    return Sentence(tuple(statements), tuple(conditions))


def _links_any(body: Sequence[Token]) -> bool:
    return any(token.kind == "sign" and token.text in _LINKS for token in _top(body))


def _conditions(said: Sequence[Token], functions: Collection[str], choices: Choices) -> tuple[list[Condition], Written | None, list[Token]]:
    """What is said behind a word such as "for": conditions on indices, one on a quantity, or, behind "where", an equation."""
    found: list[Condition] = []
    where: Written | None = None
    word, *rest = said
    for clause in _clauses([t for t in rest if t.kind != "word" and t.text != "∀"]):
        own = condition_of(clause)
        if own is not None:
            found += own
        elif (where := _comparison(clause, functions, choices) or where) is None and _links_any(clause):
            if word.text in _CASES:
                raise Unreadable(f"the condition {_text(clause)!r}", clause[0].start, "a condition on indices, or a comparison")
            return found, None, clause
    return found, where, []


def _clauses(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The conditions between semicolons."""
    clause: list[Token] = []
    for token in tokens:
        if token.text == ";" and token.kind == "sign":
            yield clause
            clause = []
        else:
            clause.append(token)
    yield clause


def _comparison(tokens: Sequence[Token], functions: Collection[str], choices: Choices) -> Written | None:
    """z > 0 as a form that is 1 where it holds, and 0 elsewhere."""
    signs = [token for token in _top(tokens) if token.kind == "sign" and token.text in RELATIONS]
    if len(signs) != 1 or signs[0].text not in _COMPARED:
        return None
    reader = Reader(tokens, functions, choices=choices)
    relation = reader.comparison(reader.sum(), tokens[0].start)
    if reader.token.kind != "end":
        raise reader.unexpected("the end of the condition")
    return Indicator(relation, relation.span)


def _under(statement: Statement, where: Written) -> Statement:
    """The statement where a condition holds: both sides count there only."""
    if statement.continues:
        raise Unreadable("a condition on a quantity", where.span[0], "it in a row that begins with what it is about")
    forms = tuple(Product((where, form), ("odot",), form.span) for form in statement.forms)
    return replace(statement, forms=forms)


def _unnumbered(tokens: list[Token]) -> list[Token]:
    """Without the number of an equation that stands apart at its end."""
    tail = [token.text for token in tokens[-4:]]
    is_numbered = len(tail) == 4 and tail[0] == "quad" and tail[1] == "(" and tail[3] == ")" and tokens[-2].kind == "number"
    return tokens[:-4] if is_numbered else tokens


def _unboxed(tokens: Sequence[Token]) -> list[Token]:
    """Without boxes around whole equations, or around the rest of a row after a relation."""
    found: list[Token] = []
    closing: list[int] = []
    depth = 0
    for at, token in enumerate(tokens):
        if token.kind == "wrapper" and (end := _boxed(tokens, at)):
            closing.append(end)
            continue
        if token.text == "{" and at and tokens[at - 1].kind == "wrapper" and closing and _boxed(tokens, at - 1) == closing[-1]:
            continue
        if closing and at == closing[-1]:
            closing.pop()
            continue
        found.append(token)
        depth += _step(token)
    return found


def _boxed(tokens: Sequence[Token], at: int) -> int:
    """Where the box at `at` ends, if it holds a relation."""
    depth = 0
    has_relation = False
    for end in range(at + 1, len(tokens)):
        depth += _step(tokens[end])
        has_relation |= depth == 1 and tokens[end].kind == "sign" and tokens[end].text in _LINKS
        if depth == 0:
            return end if has_relation else 0
    return 0


def _text(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens)[:40]


def _is_tail(body: Sequence[Token]) -> bool:
    """Is this what may follow a formula without being one: words and dots?"""
    return all(token.kind == "word" or (token.kind == "sign" and token.text in _EMPTY) for token in body)


def _top(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens outside of all brackets and environments."""
    depth = 0
    for token in tokens:
        step = _step(token)
        if depth == 0 and not step:
            yield token
        depth += step


def _step(token: Token) -> int:
    if token.kind == "environment":
        return 1 if token.text.startswith("begin") else -1
    return _OPEN.get(token.text, 0) if token.kind == "sign" else 0


def _pieces(tokens: Sequence[Token]) -> Iterator[tuple[list[Token], bool]]:
    """The runs of tokens between commas, arrows, quads before a new relation, and words, outside of brackets; lists stay whole.

    With each: is it a label, behind which a colon stands?
    """
    depth = 0
    piece: list[Token] = []
    for at, token in enumerate(tokens):
        step = _step(token)
        depth += step
        is_break = token.kind == "sign" and token.text in {",", ";", "⇒", r"\\", ":", "$"}
        is_break |= token.kind == "sign" and token.text == "quad" and _has_relation(tokens[at + 1 :])
        is_break |= token.kind == "word" and token.text.split()[0] not in _CONDITIONAL
        if depth <= 0 and not step and is_break and not (token.text == "," and _lists(piece) and _is_listed(tokens, at + 1)):
            if piece:
                yield _trimmed(piece), token.text == ":"
            piece = []
        elif token.text != "quad" or token.kind != "sign":
            piece.append(token)
    if piece:
        yield _trimmed(piece), False


def _lists(piece: Sequence[Token]) -> bool:
    """Does the piece end in the beginning of a list of an index's values: k = 1?"""
    start = max((at + 1 for at, token in enumerate(piece) if token.kind == "word" or token.text == "∀"), default=0)
    said = piece[start:]
    is_index = len(said) > 2 and said[0].kind == "name" and len(said[0].text) == 1
    return is_index and said[1].kind == "sign" and said[1].text in {"=", "∈"} and all(map(_is_value, said[2:]))


def _is_value(token: Token) -> bool:
    if token.kind == "number":
        return token.text.isdigit()
    return (token.kind == "name" and len(token.text) == 1) or (token.kind == "sign" and token.text in _VALUES)


def _is_listed(tokens: Sequence[Token], at: int) -> bool:
    """Are the tokens from `at` up to the next comma a value of a list, or dots?"""
    end = at
    while end < len(tokens) and tokens[end].text not in {",", ";", "quad"} and tokens[end].kind != "word":
        end += 1
    while end > at and tokens[end - 1].text in {".", ":"}:
        end -= 1
    return end > at and all(map(_is_value, tokens[at:end]))


def _has_relation(tokens: Sequence[Token]) -> bool:
    for token in _top(tokens):
        if token.kind == "sign" and token.text in RELATIONS | {"∈"}:
            return True
        if token.kind == "sign" and token.text in {"quad", ",", ";"}:
            return False
    return False


def _trimmed(piece: list[Token]) -> list[Token]:
    """Without punctuation and marks around it."""
    while piece and piece[-1].kind == "sign" and piece[-1].text in _EMPTY:
        piece = piece[:-1]
    while piece and piece[0].kind == "sign" and piece[0].text in _EMPTY:
        piece = piece[1:]
    return piece


def _split_conditions(piece: list[Token]) -> tuple[list[Token], list[Token]]:
    """What is before a word such as "for", and what is said from that word on; a bracket at the end may say it too."""
    depth = 0
    for at, token in enumerate(piece):
        depth += _step(token)
        if depth == 0 and (token.kind == "word" or token.text == "∀"):
            return piece[:at], piece[at:]
    if piece and piece[-1].text == ")":
        start = _opening(piece)
        inside = [_timed(t) for t in piece[start + 1 : -1]]
        if (
            start > 0
            and not _belongs(piece, start)
            and all(_is_condition([t for t in clause if t.kind != "word"]) for clause in _clauses(inside))
        ):
            return piece[:start], [Token("word", "for", piece[start].start, piece[start].end), *inside]
    return piece, []


def _belongs(piece: Sequence[Token], start: int) -> bool:
    """Is the bracket at `start` that of what stands before it: 1(z > 0)?"""
    before = piece[start - 1]
    return before.kind == "ones" or (piece[start].tight and before.kind in {"number", "name"})


def _timed(token: Token) -> Token:
    """Within brackets behind a formula, t is an index too."""
    return replace(token, text=TIME) if token.text == "t" and token.kind == "name" else token


def _is_condition(clause: Sequence[Token]) -> bool:
    signs = [token for token in _top(clause) if token.kind == "sign" and token.text in RELATIONS]
    return condition_of(clause) is not None or (len(signs) == 1 and len(clause) > 2 and signs[0].text in _COMPARED)


def _opening(piece: Sequence[Token]) -> int:
    depth = 0
    for at in range(len(piece) - 1, -1, -1):
        depth -= _step(piece[at])
        if depth == 0:
            return at
    return -1


def condition_of(tokens: Sequence[Token]) -> list[Condition] | None:
    """The conditions that the tokens state, or None where they are no conditions: i ≠ j; k = 1, 2; l = 2, …, L; i ∈ {1, 2}; 1 ≤ i ≤ 3."""
    found = _condition_of(tokens)
    return None if found is None else [replace(c, letter="t" if c.letter == TIME else c.letter) for c in found]


def _condition_of(tokens: Sequence[Token]) -> list[Condition] | None:
    if len(tokens) == 1 and tokens[0].text in INDICES and tokens[0].kind == "name":
        return [Condition(tokens[0].text, "any")]
    if len(tokens) < 3:
        return None
    if tokens[0].kind == "number" or (tokens[0].kind == "name" and len(tokens) == 5 and tokens[3].text in _ORDERED):
        return _between(tokens)
    has_dots = any(t.text == "…" for t in tokens)
    letter, sign = tokens[0].text, tokens[1].text
    if tokens[0].kind != "name" or not (letter in INDICES | {"L"} or (has_dots and len(letter) == 1)):
        return None
    rest = [t for t in tokens[2:] if t.text not in {"{", "}", "\\{", "\\}", ",", ".", "…"}]
    if tokens[1].kind != "sign" or sign not in RELATIONS | {"∈"} or sign == "≈":
        return None
    if letter == "L" and not has_dots:
        return [Condition("L", "any")] if sign == "=" and all(t.kind == "number" and t.text.isdigit() for t in rest) else None
    if len(rest) == 1 and rest[0].kind == "name" and rest[0].text in INDICES and sign in {"=", "≠", "<", ">", "≤", "≥"} and not has_dots:
        return [Condition(letter, sign, "t" if rest[0].text == TIME else rest[0].text)]
    if all(t.kind == "number" and t.text.isdigit() and len(t.text) < 5 for t in rest) and rest:
        values = tuple(int(t.text) for t in rest)
        if sign in {"=", "∈"}:
            return [Condition(letter, "in", values=_spread(values) if has_dots else values)]
        return [Condition(letter, sign, values=values)]
    if all(map(_is_value, tokens[2:])) and has_dots and sign in {"=", "∈"}:
        return [Condition(letter, "any")]
    is_bound = all(t.kind == "number" or t.text in {"L", "m", "K", "n", "N", "M", "D", "T", "-", "s", "l", "_"} for t in rest)
    if is_bound and sign in {"=", "∈", "<", ">", "≤", "≥"} and (sign != "=" or any(t.text == "," for t in tokens)):
        return [Condition(letter, "any")]
    return None


def _spread(values: tuple[int, ...]) -> tuple[int, ...]:
    """The values of 1, …, 4 or 4, …, 1."""
    first, last = min(values[0], values[-1]), max(values[0], values[-1])
    return tuple(range(first, last + 1))


def _between(tokens: Sequence[Token]) -> list[Condition] | None:
    """1 ≤ i ≤ 3."""
    if len(tokens) != 5 or any(t.kind != "sign" or t.text not in _ORDERED for t in (tokens[1], tokens[3])) or tokens[2].text not in INDICES:
        return None
    letter = tokens[2].text
    turned = {"<": ">", "≤": "≥", ">": "<", "≥": "≤"}
    ends = ((tokens[0], turned[tokens[1].text]), (tokens[4], tokens[3].text))
    found = [
        Condition(letter, sign, values=(int(t.text),)) for t, sign in ends if t.kind == "number" and t.text.isdigit() and len(t.text) < 5
    ]
    return found or [Condition(letter, "any")]


def _statement(body: list[Token], functions: Collection[str], choices: Choices, where: Written | None = None) -> Statement:
    """A chain of forms, which hold where a condition on a quantity does, if there is one."""
    groups: list[list[Token]] = [[]]
    relations: list[str] = []
    depth = 0
    for token in body:
        step = _step(token)
        depth += step
        if depth == 0 and not step and token.kind == "sign" and token.text in RELATIONS:
            if token.text not in _LINKS:
                raise Unreadable(f"a comparison with {token.text!r}", token.start, "an equation")
            if not groups[-1] and relations:
                raise Unreadable(f"unexpected {token.text!r}", token.start, "a form between two relations")
            relations.append(token.text)
            groups.append([])
        else:
            groups[-1].append(token)
    if len(groups) > MAX_FORMS:
        raise Unreadable("too many relations in one row", groups[MAX_FORMS][0].start, f"at most {MAX_FORMS}")
    continues = not groups[0]
    forms: list[Written] = []
    for at, group in enumerate(groups):
        if group:
            forms.append(Reader(group, functions, choices=choices).whole())
        elif at == len(groups) - 1:
            relations.pop()
        elif at:
            raise Unreadable("nothing between two relations", body[0].start, "a form")
    found = Statement(tuple(forms), tuple(relations), continues, (), (body[0].start, body[-1].end))
    return found if where is None else _under(found, where)
