r"""`\newcommand`, `\def`, `\let` and their kin → `Macro`: what a person's own macro stands for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

DEFINES: Final = frozenset(
    {
        *("newcommand", "renewcommand", "providecommand", "DeclareRobustCommand", "DeclareMathOperator", "def", "gdef", "edef", "xdef"),
        *(
            "NewDocumentCommand",
            "RenewDocumentCommand",
            "ProvideDocumentCommand",
            "DeclareDocumentCommand",
            "DeclarePairedDelimiter",
            "let",
        ),
    }
)
NEAR: Final = 200
"""So far away an optional argument is closed."""

Closing: TypeAlias = Callable[[int], int | None]
"""Where the brace that opens at an offset is closed, if it is."""

_NAME = re.compile(r"\*?[ \t]*(?:\{[ \t]*\\([A-Za-z]+)[ \t]*\}|\\([A-Za-z]+))")
_COUNT = re.compile(r"\s*\[[ \t]*([0-9])[ \t]*\]")
_DEFAULT = re.compile(rf"\s*\[([^\]\n]{{0,{NEAR}}})\]")
_PARAMETERS = re.compile(r"(?:#[1-9])*")
_ALIAS = re.compile(r"[ \t]*=?[ \t]*(\\[A-Za-z]+|[^\\\s])")
_ARGUMENTS = re.compile(r"\s*(?:O\s*\{([^{}]*)\})?((?:\s*m)*)\s*")
_BLANK = re.compile(r"\s*")
_COMMENT = re.compile(r"(\\.)|%[^\n]*\n?[ \t]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Macro:
    r"""`body` holds `#1` and so on; `default` is that of an optional first argument.

    `is_final` says that the body is written as it is: `\let` made a second name of a macro that is none of the person's own.
    `trouble` is why the macro cannot be called.
    """

    body: str
    parameters: int = 0
    default: str | None = None
    is_final: bool = False
    trouble: str = ""


class Definition(NamedTuple):
    r"""`name` shall mean `macro`, or what `alias` means; `end` is where the definition ends. One that `yields` gives way to another."""

    name: str
    macro: Macro
    end: int
    alias: str | None = None
    yields: bool = False


def read_definition(text: str, how: str, at: int, closing: Closing) -> Definition | None:
    """The definition that the command `how`, which ends at an offset, makes; None if it is none that is understood."""
    named = _NAME.match(text, at)
    if named is None:
        return None
    name, at = named[1] or named[2], named.end()
    if how == "let":
        alias = _ALIAS.match(text, at)
        return Definition(name, Macro(alias[1], is_final=True), alias.end(), alias[1]) if alias else None
    if how == "DeclarePairedDelimiter":
        return _delimiters(text, name, at, closing)
    if how.endswith("def"):
        return _primitive(text, name, at, closing)
    macro = Macro("")
    if how.endswith("DocumentCommand"):
        arguments = _group(text, at, closing)
        if arguments is None:
            return None
        macro, at = _specified(name, arguments[0]), arguments[1]
    elif how != "DeclareMathOperator":
        macro, at = _counted(text, at)
    body = _group(text, at, closing)
    if body is None:
        return None
    shown = rf"\operatorname{{{body[0]}}}" if how == "DeclareMathOperator" else body[0]
    yields = how in ("providecommand", "ProvideDocumentCommand")
    return Definition(name, Macro(shown, macro.parameters, macro.default, trouble=macro.trouble), body[1], yields=yields)


def _group(text: str, at: int, closing: Closing) -> tuple[str, int] | None:
    """The text in the braces that open after an offset, without comments, and where they end."""
    blank = _BLANK.match(text, at)
    at = blank.end() if blank else at
    end = closing(at) if text[at : at + 1] == "{" else None
    if end is None:
        return None
    body = text[at + 1 : end]
    return (_COMMENT.sub(lambda match: match[1] or "", body) if "%" in body else body), end + 1


def _counted(text: str, at: int) -> tuple[Macro, int]:
    """How many arguments `[2]` says that there are, and the default `[x]` of the first."""
    count = _COUNT.match(text, at)
    if count is None:
        return Macro(""), at
    default = _DEFAULT.match(text, count.end())
    return Macro("", int(count[1]), default[1] if default else None), default.end() if default else count.end()


def _specified(name: str, arguments: str) -> Macro:
    """What `{O{x} m m}` says of the arguments."""
    found = _ARGUMENTS.fullmatch(arguments)
    if found is None:
        return Macro("", trouble=rf"\{name} is defined with arguments of a kind that is not read")
    return Macro("", found[2].count("m") + (found[1] is not None), found[1])


def _primitive(text: str, name: str, at: int, closing: Closing) -> Definition | None:
    r"""What follows the name in `\def`."""
    parameters = _PARAMETERS.match(text, at)
    assert parameters is not None
    count, at = len(parameters[0]) // 2, parameters.end()
    blank = _BLANK.match(text, at, at + NEAR)
    at = blank.end() if blank else at
    opens = text.find("{", at, at + NEAR)
    body = _group(text, opens, closing) if opens >= 0 else None
    if body is None:
        return None
    trouble = rf"\{name} is defined with delimited arguments" if opens > at else ""
    return Definition(name, Macro(body[0], count, trouble=trouble), body[1])


def _delimiters(text: str, name: str, at: int, closing: Closing) -> Definition | None:
    left = _group(text, at, closing)
    right = _group(text, left[1], closing) if left else None
    if left is None or right is None:
        return None
    return Definition(name, Macro(rf"\left{left[0]} #1 \right{right[0]}", 1), right[1])
