"""Braces that say nothing: groups that hold nothing, or nothing but a d that was set upright."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from symbp.verification.written import Token

FRACTIONS: Final = frozenset({"frac", "dv", "pdv"})
_HOLDING = FRACTIONS | {"^", "_", "sqrt"}
"""Signs whose argument the braces behind them are."""


def without_idle(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens without such braces."""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        inside = [t.text for t in tokens[at + 1 : at + 3]]
        is_idle = token.kind == "sign" and token.text == "{" and not _is_argument(tokens, at)
        if is_idle and inside[:1] == ["}"]:
            at += 2
        elif is_idle and inside[-1:] == ["}"] and inside[0] in {"d", "∂"}:
            yield replace(tokens[at + 1], tight=token.tight)
            at += 3
            if at < len(tokens):
                yield replace(tokens[at], tight=True)
                at += 1
        else:
            yield token
            at += 1


def _is_argument(tokens: Sequence[Token], at: int) -> bool:
    """Is the brace at `at` that of an argument: of a script, a root, a box, or either part of a fraction?"""
    if at == 0:
        return False
    before = tokens[at - 1]
    if before.kind in {"wrapper", "environment"} or (before.kind == "sign" and before.text in _HOLDING):
        return True
    if before.text != "}" or before.kind != "sign":
        return before.text != "{" and at > 1 and tokens[at - 2].text in FRACTIONS and tokens[at - 2].kind == "sign"
    depth = 0
    for start in range(at - 1, 0, -1):
        depth += {"}": 1, "{": -1}.get(tokens[start].text, 0) if tokens[start].kind == "sign" else 0
        if depth == 0:
            return tokens[start - 1].text in FRACTIONS and tokens[start - 1].kind == "sign"
    return False
