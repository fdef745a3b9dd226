"""A row's tokens → statements: chains of forms between relations, and the conditions on their indices."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from symbp.verification.reader import Reader
from symbp.verification.tokens import RELATIONS, Unreadable
from symbp.verification.written import Script, Statement, Token, Written

MAX_FORMS: Final = 40
TIME: Final = "time"
"""Stands for t where it can only be an index."""
INDICES: Final = frozenset("i j k l m n p q r s c h o".split()) | {TIME}
_OPEN = {"(": 1, "[": 1, "{": 1, "\\{": 1, ")": -1, "]": -1, "}": -1, "\\}": -1}
_LINKS = frozenset({"=", ":=", "←", "→", "≈"})
_EMPTY = frozenset({",", ";", ".", "quad", "⇒", "&", r"\\", ":", "$", "!", "…"})
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
    """A row as it is read: its statements, and the conditions under which they hold."""

    statements: tuple[Statement, ...]
    conditions: tuple[Condition, ...]


def sentence(tokens: Sequence[Token], functions: Collection[str]) -> Sentence:
    """The statements of a row; raises Unreadable."""
    conditions: list[Condition] = []
    statements: list[Statement] = []
    for piece in _pieces(_unboxed(tokens)):
        body, said = _split_conditions(piece)
        conditions += said
        if not body:
            continue
        if (own := condition_of(body)) is not None:
            conditions += own
        elif any(token.kind == "sign" and token.text in _LINKS for token in _top(body)):
            statements.append(_statement(body, functions))
        elif statements and _is_tail(body):
            continue
        elif statements or len(tokens) > len(body) + 3:
            raise Unreadable(f"no relation in {_text(body)!r}", body[0].start, "'='")
    return Sentence(tuple(statements), tuple(conditions))


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
    """Is this what may follow a formula without being one: a word, dots, a number of a list?"""
    return all(
        token.kind in {"word"} or token.text in _EMPTY or token.text in {"m", "K", "L", "n", "N"} or token.text.isdigit() for token in body
    )


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


def _pieces(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The runs of tokens between commas, arrows, quads before a new relation, and words, outside of brackets."""
    depth, piece = 0, []
    for at, token in enumerate(tokens):
        step = _step(token)
        depth += step
        is_break = token.kind == "sign" and token.text in {",", ";", "⇒", r"\\", ":", "$"}
        is_break |= token.kind == "sign" and token.text == "quad" and _has_relation(tokens[at + 1 :])
        is_break |= token.kind == "word" and token.text.split()[0] not in _CONDITIONAL
        if depth <= 0 and not step and is_break:
            if piece:
                yield _trimmed(piece)
            piece = []
        elif token.text != "quad" or token.kind != "sign":
            piece.append(token)
    if piece:
        yield _trimmed(piece)


def _has_relation(tokens: Sequence[Token]) -> bool:
    for token in _top(tokens):
        if token.kind == "sign" and token.text in RELATIONS:
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


def _split_conditions(piece: list[Token]) -> tuple[list[Token], list[Condition]]:
    """What is before a word such as "for", and what the rest says; a bracket at the end may say it too."""
    depth = 0
    for at, token in enumerate(piece):
        depth += _step(token)
        if depth == 0 and (token.kind == "word" or token.text == "∀"):
            said = [t for t in piece[at + 1 :] if t.kind != "word" and t.text != "∀"]
            return piece[:at], condition_of(said) or []
    if piece and piece[-1].text == ")":
        start = _opening(piece)
        if start > 0 and (said := _bracketed([t for t in piece[start + 1 : -1] if t.kind != "word"])) is not None:
            return piece[:start], said
    return piece, []


def _bracketed(tokens: Sequence[Token]) -> list[Condition] | None:
    """Conditions between semicolons, as they stand in a bracket behind a formula; there t is an index too."""
    found: list[Condition] = []
    piece: list[Token] = []
    for token in [*tokens, None]:
        if token is not None and token.text != ";":
            piece.append(replace(token, text=TIME) if token.text == "t" and token.kind == "name" else token)
            continue
        said = condition_of(piece)
        if said is None:
            return None
        found += [replace(c, letter="t" if c.letter == TIME else c.letter) for c in said]
        piece = []
    return found


def _opening(piece: Sequence[Token]) -> int:
    depth = 0
    for at in range(len(piece) - 1, -1, -1):
        depth -= _step(piece[at])
        if depth == 0:
            return at
    return -1


def condition_of(tokens: Sequence[Token]) -> list[Condition] | None:
    """The conditions that the tokens state, or None where they are no conditions: i ≠ j; k = 1, 2; l = 2, …, L; i ∈ {1, 2}."""
    if len(tokens) == 1 and tokens[0].text in INDICES and tokens[0].kind == "name":
        return [Condition(tokens[0].text, "any")]
    if len(tokens) < 3 or tokens[0].kind != "name" or tokens[0].text not in INDICES | {"L"}:
        return None
    letter, sign, rest = tokens[0].text, tokens[1].text, [t for t in tokens[2:] if t.text not in {"{", "}", "\\{", "\\}", ",", ".", "…"}]
    if tokens[1].kind != "sign" or sign not in RELATIONS | {"∈"}:
        return None
    if letter == "L":
        return [Condition("L", "any")] if all(t.kind == "number" for t in rest) else None
    if len(rest) == 1 and rest[0].kind == "name" and rest[0].text in INDICES and sign in {"=", "≠", "<", ">", "≤", "≥"}:
        return [Condition(letter, sign, rest[0].text)]
    if all(t.kind == "number" and t.text.isdigit() and len(t.text) < 5 for t in rest) and rest:
        values = tuple(int(t.text) for t in rest)
        has_dots = any(t.text == "…" for t in tokens)
        if sign in {"=", "∈"}:
            return [Condition(letter, "in", values=tuple(range(values[0], values[-1] + 1)) if has_dots else values)]
        return [Condition(letter, sign, values=values)]
    if all(t.kind == "number" or t.text in {"L", "m", "K", "n", "N", "M", "D", "-", "s", "l", "_"} for t in rest) and sign in {
        "=",
        "∈",
        "<",
        ">",
        "≤",
        "≥",
    }:
        return [Condition(letter, "any")] if any(t.text in {"…", ","} for t in tokens) or sign != "=" else None
    return None


def _statement(body: list[Token], functions: Collection[str]) -> Statement:
    """A chain of forms; what the first stands before a relation of comparison is no form of it."""
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
    forms = []
    for at, group in enumerate(groups):
        if group:
            forms.append(Reader(group, functions).whole())
        elif at == len(groups) - 1:
            relations.pop()
        elif at:
            raise Unreadable("nothing between two relations", body[0].start, "a form")
    return Statement(tuple(forms), tuple(relations), continues, (), (body[0].start, body[-1].end))


def reading_of(script: Script, functions: Collection[str]) -> Written:
    """What a script says as an expression."""
    return Reader(script.tokens, functions, script.span[0]).whole()


def moved(statement: Statement, forms: tuple[Written, ...]) -> Statement:
    """The statement with other forms."""
    return replace(statement, forms=forms)
