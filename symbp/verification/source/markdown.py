r"""Markdown, as far as formulas are concerned: code, comments and quotes are taken out, fences of math become displays."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from symbp.verification.source.traced import Traced, Tracer

_FENCE = re.compile(r"[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?(`{3,}|~{3,})[ \t]*\{?\.?([A-Za-z]*)[^`\n]*(?:\n|\Z)")
_QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)+")
_COMMENT = re.compile(r"[ \t]*[#%][ \t]*symbp[ \t]*:[^\n]*")
_COMMENT_LINE = re.compile(r"^[ \t]*[#%][ \t]*(symbp[ \t]*:[^\n]*)$", re.MULTILINE)
_TICKS = re.compile(r"`+|<!--|\n[ \t]*\n")
_DELIMITED = re.compile(r"\\begin|\$|\\\[|\\\(")
_MATH = frozenset({"math", "latex", "tex", "katex"})


@dataclass
class Plain:
    """A Markdown text without its code, quotes and comments; `comments` say where each comment stands and what it says."""

    traced: Traced
    comments: list[tuple[int, str]] = field(default_factory=list)


def without_code(source: Traced) -> Plain:
    """Nothing but prose and formulas of a Markdown text."""
    comments: list[tuple[int, str]] = []
    traced = _without_ticks(_without_fences(source, comments), comments)
    return Plain(traced, comments)


def without_comments(source: Traced) -> Plain:
    """Plain text without the lines that declare something."""
    comments, out, at = [], Tracer(), 0
    for match in _COMMENT_LINE.finditer(source.text):
        comments.append((source.origin(match.start(1)), match[1]))
        out.copy(source, at, match.start())
        at = match.end()
    out.copy(source, at, len(source.text))
    return Plain(out.done(), comments)


def _without_fences(source: Traced, comments: list[tuple[int, str]]) -> Traced:
    text, out, at = source.text, Tracer(), 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end + 1
        fence = _FENCE.match(text, at, end)
        if fence:
            at = _fenced(source, fence, end, out)
            continue
        comment = _COMMENT.match(text, at, end)
        if comment:
            comments.append((source.origin(at), text[at:end].lstrip(" \t#%")))
            at = comment.end()
        quote = _QUOTE.match(text, at, end)
        out.copy(source, quote.end() if quote else at, end)
        at = end
    return out.done()


def _fenced(source: Traced, fence: re.Match[str], start: int, out: Tracer) -> int:
    """Write what is fenced, if it is mathematics; where it ends."""
    text, ticks = source.text, fence[1]
    close = re.compile(rf"^[ \t]*(?:>[ \t]*)*{ticks[0]}{{{len(ticks)},}}[ \t]*$", re.MULTILINE).search(text, start)
    inner, end = (close.start(), close.end()) if close else (len(text), len(text))
    out.add("\n", source.origin(fence.start()), is_written=True)
    if fence[2].lower() in _MATH:
        body = text[start:inner]
        is_bare = not _DELIMITED.search(body)
        origin = source.origin(fence.start())
        if is_bare:
            out.add("\\[\n", origin, is_written=True)
        for line in re.finditer(r"[^\n]*\n|[^\n]+", body):
            quote = _QUOTE.match(body, line.start(), line.end())
            out.copy(source, start + (quote.end() if quote else line.start()), start + line.end())
        if is_bare:
            out.add("\\]\n", source.origin(inner) if close else source.end(len(text)), is_written=True)
    return end


def _without_ticks(source: Traced, comments: list[tuple[int, str]]) -> Traced:
    """The text without code in its lines and without comments; $`…`$ is a formula."""
    text, out, at, copied = source.text, Tracer(), 0, 0
    closers = _closers(text) if "`" in text else {}
    while match := _TICKS.search(text, at):
        at = match.end()
        if match[0] == "<!--":
            end = text.find("-->", at)
            if end < 0:
                break
            comments.append((source.origin(match.start()), text[at:end]))
        elif match[0][0] == "`" and match.start() in closers:
            end = closers[match.start()]
        else:
            continue
        out.copy(source, copied, match.start())
        after = end + len(match[0] if match[0][0] == "`" else "-->")
        if text[match.start() - 1 : match.start()] == "$" and text[after : after + 1] == "$":
            out.copy(source, match.end(), end)
        at = copied = after
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
