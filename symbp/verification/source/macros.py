r"""A person's own macros, expanded with limits, so that no macro costs more than its text.

Nothing is ever run. A call that cannot be expanded (it expands itself, an argument is not closed) is left as it stands, and its place
and the reason are kept; the row that holds it is unreadable, no other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from symbp.verification.source.brackets import partners
from symbp.verification.source.definitions import DEFINES, NEAR, Closing, Macro, read_definition
from symbp.verification.source.traced import Traced, Tracer

MAX_EXPANSIONS: Final = 1_000
"""So many expansions one call, or one row, may need."""
MAX_LENGTH: Final = 20_000
"""So many characters a call may expand to, a definition or an argument may have."""
MAX_WORK: Final = 10_000_000
"""So many characters all the calls of a file may write, or read again, each call counting for some."""
CALL: Final = 20

_COMMAND = re.compile(r"\\(?:([A-Za-z]+)|.)|%", re.DOTALL)
_CALL = re.compile(r"\\(?:([A-Za-z]+)|.)", re.DOTALL)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_BLANK = re.compile(r"[ \t\r]*(?:\n[ \t\r]*)?")
_NOTHING = re.compile(r"\s*\Z")
_TOKEN = re.compile(r"\\[A-Za-z]+|\\[^A-Za-z\\()\[\]]|[^\\{}&$\s%]")
_PARTS = re.compile(r"##|#[1-9]|#|[^#]+")
_ENDS_IN_COMMAND = re.compile(r"\\[A-Za-z]+\Z")


class Call(NamedTuple):
    """A call: from `start` to `end` in what was expanded, from `lo` to `hi` in the file; it took that many `expansions`."""

    start: int
    end: int
    lo: int
    hi: int
    expansions: int


@dataclass
class Expanded:
    """A text without comments and definitions, every macro of its own expanded.

    `calls` are in order; `troubles` are offsets with the reason why a call there was left as it stood; `comments` are the comments,
    and where in the file each stands.
    """

    traced: Traced
    calls: list[Call] = field(default_factory=list)
    troubles: list[tuple[int, str]] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)


def expand(source: Traced, *, cuts_comments: bool) -> Expanded:
    """Definitions are taken out and hold for what follows them; comments are taken out if they are such outside of formulas too."""
    return _Expander(source, cuts_comments).run()


def glued(before: str, after: str) -> bool:
    """Would two texts, put together, make another macro of the one that the first ends in?"""
    return after[:1].isalpha() and _ENDS_IN_COMMAND.search(before[-60:]) is not None


class _StuckError(Exception):
    """Why a call cannot be expanded."""


@dataclass
class _Reader:
    """What is still to be read of a text, from `at`; `closing` finds the ends of braces in it."""

    source: Traced
    at: int
    closing: Closing


@dataclass
class _Expander:
    source: Traced
    cuts_comments: bool
    macros: dict[str, Macro] = field(default_factory=dict, init=False)
    out: Tracer = field(default_factory=Tracer, init=False)
    found: Expanded = field(init=False)
    work: int = field(default=0, init=False)
    pairs: dict[bool, dict[int, int]] = field(default_factory=dict, init=False)

    def run(self) -> Expanded:
        text, at, copied = self.source.text, 0, 0
        self.found = Expanded(self.source)
        while match := _COMMAND.search(text, at):
            at, name, after = match.end(), match[1], None
            if match[0] == "%":
                after = self._comment(match.start()) if self.cuts_comments else None
            elif name in DEFINES:
                after = self._define(name, at)
            if after is not None or name in self.macros:
                self.out.copy(self.source, copied, match.start())
                at = copied = after if after is not None else self._call(name, match.start(), at)
        self.out.copy(self.source, copied, len(text))
        self.found.traced = self.out.done()
        return self.found

    def _comment(self, start: int) -> int:
        """Keep the comment that begins at an offset; where it ends."""
        end = self.source.text.find("\n", start)
        end = len(self.source.text) if end < 0 else end
        self.found.comments.append((self.source.origin(start), self.source.text[start + 1 : end]))
        return end

    def _define(self, how: str, at: int) -> int | None:
        """Let the definition hold from here on; where it ends, or None if there is none."""
        made = read_definition(self.source.text, how, at, self._closing_in_definition)
        if made is None:
            return None
        if made.alias is not None:
            self.macros[made.name] = self.macros.get(made.alias[1:], made.macro) if made.alias[0] == "\\" else made.macro
        elif not made.yields or made.name not in self.macros:
            self.macros[made.name] = made.macro
        return made.end

    def _closing(self, at: int, *, only_braces: bool = False) -> int | None:
        if only_braces not in self.pairs:
            self.pairs[only_braces] = partners(self.source.text, only_braces=only_braces)
        end = self.pairs[only_braces].get(at)
        return end if end is not None and end - at <= MAX_LENGTH else None

    def _closing_in_definition(self, at: int) -> int | None:
        return self._closing(at, only_braces=True)

    # calls

    def _call(self, name: str, start: int, at: int) -> int:
        """Write what the call from `start` to `at`, and its arguments, stand for; where they end."""
        begin, lo = self.out.length, self.source.origin(start)
        written, bottom = Tracer(), _Reader(self.source, at, self._closing)
        try:
            expansions = self._unfold(name, lo, bottom, written)
        except _StuckError as stuck:
            self.found.troubles.append((begin, str(stuck)))
            self.out.copy(self.source, start, at)
            return at
        expansion, end = written.done(), bottom.at
        self.out.copy(expansion, 0, len(expansion.text))
        self.found.calls.append(Call(begin, self.out.length, lo, self.source.end(end), expansions))
        if glued(expansion.text, self.source.text[end : end + 1]):
            self.out.add(" ", self.source.origin(end), is_written=True)
        return end

    def _unfold(self, name: str, origin: int, bottom: _Reader, out: Tracer) -> int:
        """Write what the call of `name` stands for, and what the calls in that stand for; how many there were."""
        stack, expansions = [bottom], 1
        self._enter(name, origin, stack, out)
        while len(stack) > 1:
            reader = stack[-1]
            match = _CALL.search(reader.source.text, reader.at)
            is_own = match is not None and match[1] in self.macros
            end = len(reader.source.text) if match is None else match.start() if is_own else match.end()
            self._write(reader.source, reader.at, end, out)
            if match is None:
                stack.pop()
                continue
            reader.at = match.end()
            if is_own:
                expansions += 1
                if expansions > MAX_EXPANSIONS:
                    why = "expands itself" if len(stack) > MAX_EXPANSIONS // 10 else f"needs more than {MAX_EXPANSIONS} expansions"
                    raise _StuckError(rf"the macro \{name} {why}")
                self._enter(match[1], reader.source.origin(match.start()), stack, out)
        return expansions

    def _write(self, source: Traced, start: int, end: int, out: Tracer) -> None:
        if out.length + end - start > MAX_LENGTH:
            raise _StuckError(f"this expands to more than {MAX_LENGTH} characters")
        self._spend(end - start)
        if out.parts and glued(out.parts[-1], source.text[start:end][:1]):
            out.add(" ", source.origin(start), is_written=True)
        out.copy(source, start, end)

    def _spend(self, characters: int) -> None:
        self.work += characters + CALL
        if self.work > MAX_WORK:
            raise _StuckError("the macros of this file expand to too much")

    def _enter(self, name: str, origin: int, stack: list[_Reader], out: Tracer) -> None:
        """Take the arguments of a call from what is read, and read what it stands for next."""
        macro = self.macros[name]
        if macro.trouble:
            raise _StuckError(macro.trouble)
        self._spend(len(macro.body))
        arguments: list[Traced] = []
        for number in range(macro.parameters):
            while len(stack) > 1 and _NOTHING.match(stack[-1].source.text, stack[-1].at):
                stack.pop()
            optional = macro.default if number == 0 else None
            arguments.append(self._argument(name, stack[-1]) if optional is None else _optional(stack[-1], optional, origin))
        body = _filled(macro.body, arguments, origin)
        if macro.is_final:
            self._write(body, 0, len(body.text), out)
            return
        stack.append(_Reader(body, 0, lambda at: _closing(body.text, at)))

    def _argument(self, name: str, reader: _Reader) -> Traced:
        text = reader.source.text
        blank = _BLANK.match(text, reader.at)
        at = blank.end() if blank else reader.at
        if text[at : at + 1] == "{":
            end = reader.closing(at)
            if end is None:
                raise _StuckError(rf"an argument of \{name} is not closed")
            self._spend(end - at)
            reader.at = end + 1
            return reader.source.piece(at + 1, end)
        token = _TOKEN.match(text, at)
        if token is None:
            raise _StuckError(rf"an argument of \{name} is missing")
        reader.at = token.end()
        return reader.source.piece(at, reader.at)


def _closing(text: str, at: int) -> int | None:
    """Where the brace that opens at an offset of a short text closes."""
    depth = 0
    for match in _BRACE.finditer(text, at, at + MAX_LENGTH):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.start()
    return None


def _optional(reader: _Reader, default: str, origin: int) -> Traced:
    """The argument in brackets that comes next, or else the default."""
    text, at = reader.source.text, reader.at
    if text[at : at + 1] == "[" and (end := text.find("]", at, at + NEAR)) > 0:
        reader.at = end + 1
        return reader.source.piece(at + 1, end)
    tracer = Tracer()
    tracer.add(default, origin, is_written=True)
    return tracer.done()


def _filled(body: str, arguments: list[Traced], origin: int) -> Traced:
    """What a macro stands for, with its arguments in place, each of which stays where it stands."""
    filled = Tracer()
    for part in _PARTS.findall(body):
        which = int(part[1]) if len(part) == 2 and part[0] == "#" and part[1].isdigit() else 0
        if 1 <= which <= len(arguments):
            argument = arguments[which - 1]
            if filled.parts and glued(filled.parts[-1], argument.text):
                filled.add(" ", origin, is_written=True)
            filled.copy(argument, 0, len(argument.text))
        else:
            filled.add("#" if part == "##" else part, origin, is_written=True)
        if filled.length > MAX_LENGTH:
            raise _StuckError(f"this expands to more than {MAX_LENGTH} characters")
    return filled.done()
