r"""Which brace of LaTeX closes which, and which `\end` which `\begin`, in one pass, where some of them may be missing."""

from __future__ import annotations

import re
from typing import Final

ENVIRONMENT: Final = r"\{[ \t]*([A-Za-z]{1,40})\*?[ \t]*\}"
_BRACKETS = re.compile(rf"\\(?:(begin|end)[ \t]*{ENVIRONMENT}|[A-Za-z]+|.)|[{{}}]|\n[ \t\r]*\n", re.DOTALL)
_MARKS = re.compile(rf"\\(?:(begin|end)[ \t]*{ENVIRONMENT}|.)", re.DOTALL)
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)


def partners(
    text: str, start: int = 0, end: int | None = None, *, only_braces: bool = False, only_environments: bool = False
) -> dict[int, int]:
    r"""For every `{` that is closed, the offset of its `}`; for every `\begin{…}` that is closed, that of its `\end{…}`.

    What is left open within an environment, a `\[…\]` or a paragraph stays without a partner, and so hides nothing that follows. With
    `only_braces` environments, displays and paragraphs are not looked at: a definition may hold half of one. A `\[` counts like a
    `\begin`.
    """
    found: dict[int, int] = {}
    stack: list[tuple[str, int]] = []
    open_names: dict[str, int] = {}
    pattern = _BRACES if only_braces else _MARKS if only_environments else _BRACKETS
    for match in pattern.finditer(text, start, len(text) if end is None else end):
        shown = match[0]
        if shown in ("{", "}"):
            if shown == "{":
                stack.append(("{", match.start()))
            elif stack and stack[-1][0] == "{":
                found[stack.pop()[1]] = match.start()
            continue
        if only_braces:
            continue
        name = match[2] or {r"\[": "[", r"\]": "["}.get(shown)
        if name is not None:
            if match[1] == "begin" or shown == r"\[":
                stack.append((name, match.start()))
                open_names[name] = open_names.get(name, 0) + 1
            elif open_names.get(name):
                _close(name, match.start(), stack, open_names, found)
        elif shown[0] == "\n":
            while stack and stack[-1][0] == "{":
                stack.pop()
    return found


def _close(name: str, at: int, stack: list[tuple[str, int]], open_names: dict[str, int], found: dict[int, int]) -> None:
    """Close the innermost `name`, leaving what was opened in it without a partner."""
    while stack:
        kind, opened = stack.pop()
        if kind != "{":
            open_names[kind] -= 1
        if kind == name:
            found[opened] = at
            return
