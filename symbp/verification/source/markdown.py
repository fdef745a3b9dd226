r"""Markdown and plain text, as far as formulas are concerned: an ordered registry of named rules, each of which takes away one kind
of mark.

What a reader sees stays: code, in fences or in a line, is text like any other. What a reader does not see goes: comments, tags, targets
of links. Comments that declare something are kept apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.entities import html5
from typing import Final, TypeAlias

from symbp.verification.source.traced import Pieces, Traced, Tracer, respelled

Comments: TypeAlias = "list[tuple[int, str]]"
Rule: TypeAlias = Callable[[Traced, Comments], Traced]


@dataclass
class Plain:
    """A text without marks and comments; `comments` say where each comment stands and what it says."""

    traced: Traced
    comments: Comments = field(default_factory=list)


def without_marks(source: Traced, kind: str) -> Plain:
    """What is left of a text of the kind `md` or `txt` when every rule for it has done its work."""
    plain = Plain(source)
    for rule in RULES[kind]:
        plain.traced = rule(plain.traced, plain.comments)
    return plain


# -- fences, quotes, lines that declare ------------------------------------------------------------------------------------

_FENCE = re.compile(r"[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?(`{3,}|~{3,})[ \t]*\{?\.?([A-Za-z]*)[^`\n]*(?:\n|\Z)")
_QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)+")
_COMMENT = re.compile(r"[ \t]*[#%][ \t]*(symbp[ \t]*:[^\n]*)")
_DELIMITED = re.compile(r"\\begin|\$|\\\[|\\\(")
_LATEX: Final = frozenset({"math", "latex", "tex", "katex"})


def _fences(source: Traced, comments: Comments) -> Traced:
    """Fences and quotes without their marks; a fence of LaTeX that nothing delimits becomes a display."""
    text, out, at = source.text, Tracer(), 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end + 1
        fence = _FENCE.match(text, at, end)
        if fence:
            at = _fenced(source, fence, out)
            continue
        comment = _COMMENT.match(text, at, end)
        if comment:
            comments.append((source.origin(at), comment[1]))
            at = comment.end()
        quote = _QUOTE.match(text, at, end)
        out.copy(source, quote.end() if quote else at, end)
        at = end
    return out.done()


def _fenced(source: Traced, fence: re.Match[str], out: Tracer) -> int:
    """Write what is fenced; where it ends."""
    text, ticks, start = source.text, fence[1], fence.end()
    close = re.compile(rf"^[ \t]*(?:>[ \t]*)*{ticks[0]}{{{len(ticks)},}}[ \t]*$", re.MULTILINE).search(text, start)
    inner, end = (close.start(), close.end()) if close else (len(text), len(text))
    is_display = fence[2].lower() in _LATEX and not _DELIMITED.search(text, start, inner)
    out.add("\n\\[\n" if is_display else "\n", source.origin(fence.start()), is_written=True)
    for line in re.compile(r"[^\n]*\n|[^\n]+").finditer(text, start, inner):
        mark = _QUOTE.match(text, line.start(), line.end()) or _FENCE.match(text, line.start(), line.end())
        out.copy(source, mark.end() if mark else line.start(), line.end())
    if is_display:
        out.add("\\]\n", source.origin(inner) if close else source.end(len(text)), is_written=True)
    return end


def _lines_that_declare(source: Traced, comments: Comments) -> Traced:
    def taken(match: re.Match[str]) -> Pieces:
        comments.append((source.origin(match.start(1)), match[1]))
        return []

    return respelled(source, re.compile(rf"^{_COMMENT.pattern}$", re.MULTILINE), taken)


# -- code in a line, and comments ------------------------------------------------------------------------------------------

_TICKS = re.compile(r"`+|<!--|\n[ \t]*\n")


def _code(source: Traced, comments: Comments) -> Traced:
    """Code in a line without its ticks (but $`…`$ is a formula), and no comments of HTML."""
    text, out, at, copied = source.text, Tracer(), 0, 0
    closers = _closers(text) if "`" in text else {}
    while match := _TICKS.search(text, at):
        at, shown = match.end(), match[0]
        if shown == "<!--":
            end = text.find("-->", at)
            if end < 0:
                break
            comments.append((source.origin(match.start()), text[at:end]))
            out.copy(source, copied, match.start())
            at = copied = end + 3
        elif match.start() in closers:
            end = closers[match.start()]
            out.copy(source, copied, match.start())
            is_formula = text[match.start() - 1 : match.start()] == "$" == text[end + len(shown) : end + len(shown) + 1]
            out.add("" if is_formula else " ", source.origin(match.start()), is_written=True)
            out.copy(source, at, end)
            out.add("" if is_formula else " ", source.origin(end), is_written=True)
            at = copied = end + len(shown)
    out.copy(source, copied, len(text))
    return out.done()


def _closers(text: str) -> dict[int, int]:
    """For every run of backticks that opens code, where the run of the same length is that closes it, in the same paragraph."""
    found: dict[int, int] = {}
    following: dict[int, int] = {}
    for match in reversed([*_TICKS.finditer(text)]):
        if match[0][0] == "\n":
            following = {}
        elif match[0][0] == "`":
            if len(match[0]) in following:
                found[match.start()] = following[len(match[0])]
            following[len(match[0])] = match.start()
    return found


# -- marks within a line ---------------------------------------------------------------------------------------------------

_SCRIPT = re.compile(r"<(su[bp])>([^<>\n]{1,40})</\1>", re.IGNORECASE)
_TAG = re.compile(r"(?<!\^)(?<!\^\{)</?[A-Za-z][A-Za-z0-9]{0,20}(?:\s+[\w-]{1,30}\s*=\s*(?:\"[^\"\n]*\"|'[^'\n]*'))*\s*/?>")
_TARGET = re.compile(r"(?<=\])\((?=[^()\s]*[./#])[^()\s]{1,300}\)(?:\{[^{}\n]{0,200}\})?")
_ENTITY = re.compile(r"&([A-Za-z]{2,12});")
_BOLD = re.compile(r"(?<![\w)\]*.^])(\*\*\*?)(?=[^\s*])([^\n]{1,200}?)(?<=[^\s*])\1(?![\w(*])")
_SLANTED = re.compile(r"(?<![^\s(])\*(?=[^\s*])([^*\n]{1,200}?)(?<=[^\s*])\*(?![\w(*])")
_ESCAPED = re.compile(r"(?<!\\)\\(?=[*#~])")


def _scripts(source: Traced, _: Comments) -> Traced:
    def raised(match: re.Match[str]) -> Pieces:
        return ["_{" if match[1].lower() == "sub" else "^{", match.span(2), "}"]

    return respelled(source, _SCRIPT, raised)


def _entities(source: Traced, _: Comments) -> Traced:
    def shown(match: re.Match[str]) -> Pieces | None:
        char = html5.get(f"{match[1]};")
        return [char] if char else None

    return respelled(source, _ENTITY, shown)


def _kept(pattern: re.Pattern[str], group: int | None = None) -> Rule:
    """The rule that keeps but one group of what a pattern matches, or nothing."""

    def rule(source: Traced, _: Comments) -> Traced:
        return respelled(source, pattern, lambda match: [match.span(group)] if group is not None else [])

    return rule


RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "md": (
        _fences,
        _code,
        _scripts,
        _kept(_TAG),
        _kept(_TARGET),
        _entities,
        _kept(_ESCAPED),
        _kept(_BOLD, 2),
        _kept(_SLANTED, 1),
    ),
    "txt": (_lines_that_declare, _kept(_BOLD, 2)),
    "tex": (),
}
"""The rules for every kind of text, in their order."""
