r"""A line of text in any language → the equations in it, and the prose around them.

No list of words says what is mathematics; how things stand together does. Two words side by side are prose; so is a word beside a formula
that no operator holds to it, unless it is one of the names that an operator or a relation holds elsewhere in the text. An equation
goes as far to the left and to the right of its relation as operands and operators take turns.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

from symbp.language.symbols import GREEK
from symbp.verification.source.formulas import RELATION, Part, Prose, Span

MAX_JOINED: Final = 20
"""So many lines one formula of plain text may have."""
MAX_LINE: Final = 20_000
"""In a longer line no mathematics is looked for; if it has a relation, it is a row that is too long."""

Sort: TypeAlias = Literal[
    "name", "letter", "word", "number", "prose", "relation", "order", "operator", "dash", "open", "close", "comma", "mark", "stop"
]

FUNCTIONS: Final = frozenset(
    "exp log ln sin cos tan sinh cosh tanh sqrt max min sum prod sigma sigmoid relu softplus softmax sgn sign diag".split()
)
"""Functions that may stand before what they take without brackets."""
_KNOWN: Final = FUNCTIONS | {*GREEK, "pi", "phi", "epsilon"}
_LATIN = (
    "A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u03ff\u1d2c-\u1dbf\u1e00-\u1fff\u2100-\u214f"
    "\U0001d400-\U0001d7cb"
)
_INNER = rf"{_LATIN}0-9_\u0300-\u036f\u00b2\u00b3\u00b9\u2070-\u209f\u2c7c\u02b0-\u02ff"
_TOKEN = re.compile(
    rf"""
      (?P<space>[^\S\n]+|\n|\\[,;:!>\ ]|\\q?quad(?![A-Za-z])|~(?!=))
    | (?P<dropped>&(?![a-z]+;)|\\(?:nonumber|notag|left|right|displaystyle|[bB]igg?[lrm]?)(?![A-Za-z])\.?|\\(?:label|tag)\{{[^{{}}\n]*\}})
    | (?P<link>(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.\w+)
    | (?P<formula>\$(?!\s)[^$\n=]{{0,200}}[^$\n=\s]\$(?!\d)|\\\((?:(?!\\\)|[=\n]).){{1,200}}\\\))
    | (?P<sum>\b[Ss]um\s+over\s+(?:all\s+)?[A-Za-z]\s+(?:of\b)?)
    | (?P<number>[0-9]+(?:[.,][0-9]+)?(?:[eE][-+]?[0-9]+(?![A-Za-z]))?|\.[0-9]+|\.\.\.|…|∞|[¼-¾⅐-⅞])
    | (?P<rule>={{3,}}|-{{3,}}|\*{{3,}}|_{{3,}}|//)
    | (?P<arrow>=>|->|==>|[⇒→⟹∴∵⟶]|\\(?:Rightarrow|implies|Longrightarrow|therefore|because|to|rightarrow|iff|Leftrightarrow)(?![A-Za-z]))
    | (?P<order>!=|<=|>=|<(?!-\s)|[>≠≤≥∈∀]|\\(?:neq?|leq?|geq?|in|forall|lt|gt)(?![A-Za-z]))
    | (?P<relation>[-+]=(?=\s)|==(?!>)|~=|=(?!>)|\\stackrel\{{[^{{}}\n]{{1,20}}\}}\{{=\}}|[≜≝≙≐＝⟵]|{RELATION})
    | (?P<text>\\(?:text|textrm|textbf|textit|mbox|emph|textnormal)\s?\{{[^{{}}\n]*\}})
    | (?P<operator>\\(?:cdot|times|odot|circ|ast|pm|div|otimes)(?![A-Za-z]))
    | (?P<apart>\\\\(?:\[[^\]\n]{{0,20}}\])?)
    | (?P<macro>\\[A-Za-z]+\*?|\\[{{}}_|])
    | (?P<prime>['’′]|[\u2070-\u209f\u00b2\u00b3\u00b9\u2c7c\u1d62-\u1d6a]+)
    | (?P<mixed>[\u0400-\u058f]+[{_LATIN}0-9_]\w*|[{_LATIN}][{_INNER}]*[\u0400-\u058f]\w*)
    | (?P<prose>(?<![=*+/(^·−-])(?<![=*+/(^·−-]\s)[{_LATIN}]{{3,}}\((?:e?s|e?n)\)(?!\s?[*·/^])
        |[{_LATIN}]+(?:['’][{_LATIN}]{{2,}})+|[{_LATIN}]{{2,}}['’](?:s|t|re|ll|ve|d|m)\b)
    | (?P<name>[{_LATIN}][{_INNER}]*(?:\.T\b|\.[a-z]\w*(?=\())?(?:['’′]{{1,4}})?)
    | (?P<foreign>(?:(?![{_LATIN}])[^\W\d_])+)
    | (?P<dash>[-−–])
    | (?P<sign>\.[*^/](?![A-Za-z]{{3}})|[+*/^·×⋅∙•∗÷∘⊙|‖!_＋－＊／＾@])
    | (?P<prefix>[∂∇√∑∏])
    | (?P<open>[(\[{{⟨（［｛])
    | (?P<close>[)\]}}⟩）］｝])
    | (?P<comma>,)
    | (?P<digit>\w)
    | (?P<odd>[\u0000-\u0008\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff])
    | (?P<stop>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SORTS: Final[dict[str, Sort]] = {
    "link": "stop",
    "rule": "stop",
    "arrow": "stop",
    "apart": "stop",
    "formula": "name",
    "macro": "name",
    "odd": "name",
    "mixed": "name",
    "sum": "operator",
    "sign": "operator",
    "foreign": "prose",
    "prefix": "mark",
    "prime": "mark",
    "digit": "number",
}
_LABEL = re.compile(
    r"[^\S\n]*(?:#{1,6}[^\S\n]+)?(?:[-*+•–‣◦][^\S\n]+(?=\S))?"
    r"(?:(?:\([0-9]{1,3}[a-z]?\)|[0-9]{1,3}[.)]|\((?:[a-z]|[ivx]{1,4})\)|[a-z]\))[^\S\n]+(?=[\w∂∇√(½$\\-]))?"
)
_RELATION = re.compile(rf"~=|[=≜≝≙≐＝⟵]|->|[→⟶]|{RELATION}")
_USED = re.compile(
    rf"(?:(?<=[*·×⋅^+])|(?<=[*·×⋅+]\s))([{_LATIN}]{{1,30}})(?![{_INNER}(])"
    rf"|(?<![{_INNER}\\])([{_LATIN}]{{1,30}})(?=\s?(?:[*·×⋅^≈]|:?=(?![=>])))"
)
_TWO_WORDS = re.compile(rf"(?<![{_INNER}\\{{])[{_LATIN}]{{2,}}\s+[{_LATIN}]{{2,}}(?![{_INNER}}}(])")


@dataclass(frozen=True, slots=True)
class Token:
    """What stands from `start` to `end`, and what sort of thing it is in a formula."""

    sort: Sort
    start: int
    end: int


class Equation(NamedTuple):
    """From `start` to `end`; `holes` are words in it that are none of its own."""

    start: int
    end: int
    holes: tuple[tuple[int, int], ...] = ()


def held_words(text: str) -> set[str]:
    """The words that somewhere in a text an operator or a relation holds."""
    return {match[1] or match[2] for match in _USED.finditer(text)}


# -- a line ------------------------------------------------------------------------------------------------------------------


@dataclass
class Reading:
    """What the reading of a line needs to know: its tokens, where each bracket closes or opens, the words that are names.

    `after` is the first token that no equation has taken yet, `holes` are words within equations that are none of them.
    """

    text: str
    tokens: list[Token]
    names: Collection[str]
    begins: bool
    partner: dict[int, int] = field(default_factory=dict)
    pairs: list[int] = field(default_factory=list)
    after: int = 0
    holes: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        waiting: list[int] = []
        self.pairs = [0]
        for at, token in enumerate(self.tokens):
            if token.sort == "open":
                waiting.append(at)
            elif token.sort == "close" and waiting:
                self.partner[at] = waiting[-1]
                self.partner[waiting.pop()] = at
            two = at > 0 and self.is_word(at) and self.is_word(at - 1)
            self.pairs.append(self.pairs[-1] + (two or token.sort in ("stop", "prose")))

    def shown(self, at: int) -> str:
        return self.text[self.tokens[at].start : self.tokens[at].end] if 0 <= at < len(self.tokens) else ""

    def sort(self, at: int) -> str:
        return self.tokens[at].sort if 0 <= at < len(self.tokens) else ""

    def is_word(self, at: int) -> bool:
        """Is this a word that nothing yet shows to be a name?"""
        return self.sort(at) in ("word", "prose") and self.shown(at) not in self.names and self.shown(at).lower() not in _KNOWN

    def is_operand(self, at: int) -> bool:
        return self.sort(at) in ("name", "letter", "word", "number")

    def gap(self, at: int) -> str:
        """What is between this token and the one before."""
        return self.text[self.tokens[at - 1].end : self.tokens[at].start] if 0 < at < len(self.tokens) else " "

    def is_spaced(self, at: int) -> bool:
        return bool(self.gap(at)) and (at + 1 >= len(self.tokens) or bool(self.gap(at + 1)))

    def is_formula(self, at: int) -> bool:
        """Does the bracket that opens here hold mathematics, and no remark?"""
        end = self.partner.get(at, len(self.tokens) - 1)
        inside = range(at + 1, end)
        is_apart = self.shown(at) == "[" or len(self.gap(at)) > 1
        if not inside or self.pairs[end] > self.pairs[at + 1] + (self.sort(at + 1) == "prose"):
            return not inside
        if len(inside) > 1:
            is_held = self.sort(at + 2) in ("operator", "dash", "order", "relation", "mark") or not self.gap(at + 2)
            return is_held or not self.is_word(at + 1)
        return not (self.is_word(at + 1) or (is_apart and self.sort(at + 1) == "word"))

    # to the left

    def begin(self, relation: int) -> int:
        """Where the left side of a relation begins; at the relation itself if it has none."""
        at, is_wanted = relation, True
        while at > self.after:
            before = at - 1
            sort = self.sort(before)
            if sort == "close":
                start = self.partner.get(before, -1)
                is_remark = start >= 0 and self.gap(before + 1) and not self.is_formula(start)
                if start < self.after or (not is_wanted and (is_remark or not self.is_beside(before, at))):
                    break
                at, is_wanted = start, False
            elif sort in ("operator", "dash", "mark", "order"):
                if sort == "dash" and (self.is_separator(before) or (is_wanted and at < relation)):
                    break
                at, is_wanted = before, sort != "mark" or is_wanted
            elif self.is_operand(before) and (is_wanted or self.is_beside(before, at)):
                at, is_wanted = before, False
            else:
                break
        while at < relation and (
            self.shown(at)[0] in "*·×/^+•!" or self.sort(at) == "order" or (self.shown(at) == "|" and self.gap(at + 1))
        ):
            at += 1
        if self.sort(at) == "dash" and self.gap(at + 1) and at > 0:
            at += 1
        is_label = self.sort(at) == "open" and self.partner.get(at) == at + 2 < relation - 1 and self.gap(at + 3)
        return at + 3 if is_label and self.sort(at + 1) in ("letter", "number") and self.is_operand(at + 3) else at

    def is_beside(self, before: int, at: int) -> bool:
        """Is what stands before an operand, without an operator between, a factor of it?"""
        if not self.gap(at):
            return True
        if self.is_word(before) or "  " in self.gap(at):
            return False
        shown = self.shown(before)
        if self.sort(before) == "word":
            return shown.lower() in FUNCTIONS or (before == 0 and self.begins)
        if shown[0] == "\\":
            return True
        if self.sort(before) == "number" and (before > self.after and self.sort(before - 1) in ("word", "prose", "letter")):
            return False
        starts = before
        while starts > self.after and (self.is_operand(starts - 1) and not self.is_word(starts - 1)):
            starts -= 1
        is_first = starts == 0 and self.begins
        return is_first or self.sort(at) == "open" or self.sort(before) == "close"

    def is_separator(self, at: int) -> bool:
        """Is this dash one between words and an equation?"""
        return self.is_spaced(at) and (at == 0 or self.is_word(at - 1) or self.sort(at - 1) in ("stop", "prose"))

    # to the right

    def end(self, relation: int, begin: int) -> int:
        """Where the chain of sides to the right of a relation ends; right behind the relation if there is no side."""
        at, side, is_wanted = relation + 1, relation, True
        while at < len(self.tokens):
            sort = self.sort(at)
            if not is_wanted and self.is_strange(at):
                at, is_wanted = at + 1, True
            elif sort in ("stop", "prose"):
                break
            elif sort == "relation":
                side, is_wanted, at = at, True, at + 1
            elif sort == "comma" and at == side + 1:
                break
            elif sort in ("operator", "dash", "order", "mark", "comma"):
                if (sort == "comma" or (sort == "dash" and self.gap(at + 1))) and self.is_remark(at + 1):
                    break
                is_wanted = is_wanted or sort not in ("mark",) or self.shown(at) in "∂∇√∑∏"
                at += 1
            elif sort == "open":
                if not is_wanted and self.gap(at) and at in self.partner and not self.is_formula(at):
                    if self.sort(self.partner[at] + 1) != "relation":
                        break
                    self.leave_out(at, self.partner[at] + 1)
                at, is_wanted = (self.partner[at] + 1, False) if at in self.partner else (at + 1, True)
            elif sort == "close":
                start = self.partner.get(at)
                if start is not None and start < begin:
                    break
                at, is_wanted = at + 1, False
            elif is_wanted:
                if (words := self.gloss(at, side)) == at:
                    at, is_wanted = max(at + 1, self.words_end(at)), False
                elif self.sort(words) == "number" and words <= at + 2:
                    at = self.leave_out(at, words)
                elif self.sort(words) == "relation":
                    at = self.leave_out(side, words)
                else:
                    at = side
                    break
            elif self.goes_on(at):
                at += 1
            else:
                break
        return self.trimmed(at, relation)

    def is_strange(self, at: int) -> bool:
        """Does a formula go on behind a word or a character that is none of it, with what only a formula has?"""
        shown, follows = self.shown(at), self.shown(at + 1)
        if self.sort(at) == "stop" and follows in ("+", "*", "/", "^", "·", "×"):
            return self.is_operand(at + 2) or self.sort(at + 2) == "open"
        is_sign = shown in ("%", "~", "@", "`", "\\") or shown.lower() in ("plus", "minus", "times", "mod", "modulo", "over")
        return (is_sign or (shown == ":" and follows[:1].isdigit())) and (self.is_operand(at + 1) or self.sort(at + 1) == "open")

    def gloss(self, at: int, side: int) -> int:
        """Where the words end that a side begins with, if it is words and no formula: `z = net input`, `x = input`; else `at`."""
        is_function = self.shown(at).lower() in FUNCTIONS and self.is_word(at + 1)
        if at != side + 1 or not (self.is_word(at) or is_function):
            return at
        end = self.words_end(at + is_function)
        if self.sort(end) in ("operator", "mark") or (self.sort(end) == "open" and not self.gap(end)):
            return at
        return at if self.sort(end) == "dash" and self.is_operand(end + 1) and end <= at + 2 else end

    def leave_out(self, start: int, end: int) -> int:
        self.holes.append((self.tokens[start].start, self.tokens[end].start))
        return end

    def words_end(self, at: int) -> int:
        """Where words that begin here end, hyphens and lone letters between them taken in."""
        first = at
        while True:
            is_hyphen = self.sort(at) == "dash" and not self.gap(at) and not self.gap(at + 1) and self.is_word(at + 1)
            if not (self.is_word(at) or (at > first and self.sort(at) in ("letter", "word")) or is_hyphen):
                return at
            at += 1

    def is_remark(self, at: int) -> bool:
        """Do words begin here, behind a comma or a dash, that no operator holds?"""
        if self.sort(at) == "letter":
            return self.shown(at) not in self.names and self.is_word(at + 1)
        if not self.is_word(at):
            return at >= len(self.tokens) and self.sort(at - 1) == "comma"
        end = self.words_end(at)
        if self.sort(end) in ("operator", "mark") or (self.sort(end) == "open" and not self.gap(end)):
            return False
        is_alone = end == at + 1
        return not (is_alone and self.sort(end) in ("relation", "dash")) if self.sort(at - 1) == "comma" else not is_alone

    def goes_on(self, at: int) -> bool:
        """Does an operand that no operator holds to the formula before it belong to it?"""
        gap, shown = self.gap(at), self.shown(at)
        if not gap or self.shown(at - 1)[0] == "\\":
            return self.sort(at) != "prose"
        follows = at + 1
        while self.sort(follows) == "mark":
            follows += 1
        if self.sort(at) == "word":
            if self.sort(follows) == "operator":
                return True
            return not self.is_word(at) and not self.is_word(follows) and self.sort(follows) != "relation"
        if (len(gap) > 1 or "\t" in gap or "\\" in gap) and self.relates_next(at):
            return False
        if self.sort(at) == "letter":
            is_between = self.is_operand(follows) and shown not in self.names and (self.is_word(follows) or self.relates_next(follows))
            return not is_between and not (self.is_word(follows) and self.gap(follows) == " " and shown not in self.names)
        return True

    def relates_next(self, at: int) -> bool:
        """Is what begins here the left side of the next equation: a name, or a derivative?"""
        at += 1
        while self.sort(at) in ("mark", "number", "name", "letter", "word") or (self.shown(at) == "/" and not self.gap(at)):
            at += 1
        return self.sort(at) == "relation"

    def trimmed(self, end: int, relation: int) -> int:
        """Without what leads nowhere at the end; an operator at the very end of the line stays."""
        is_last = end == len(self.tokens)
        while end > relation + 1:
            sort, shown = self.sort(end - 1), self.shown(end - 1)
            is_open = sort == "open" and end - 1 not in self.partner and not is_last
            is_idle = sort in ("operator", "dash", "order") and (not is_last or (shown in "*_|" and not self.gap(end - 1)))
            if not (sort == "comma" or is_open or is_idle or (sort == "relation" and end - 1 != relation)):
                break
            end -= 1
        return end


def read_line(text: str, start: int, end: int, names: Collection[str], *, begins: bool = True) -> tuple[list[Equation], bool]:
    """The equations between two offsets, and whether the last one is open at the end of the line."""
    label = _LABEL.match(text, start, end) if begins else None
    reading = Reading(text, _tokens(text, label.end() if label else start, end), names, begins)
    tokens = reading.tokens
    found: list[Equation] = []
    is_open = False
    for at, token in enumerate(tokens):
        if token.sort != "relation" or at < reading.after or _is_inner(reading, at):
            continue
        reading.holes = []
        begin = reading.begin(at)
        last = reading.end(at, begin)
        has_left, has_right = begin < at, any(reading.is_operand(k) for k in range(at + 1, last))
        is_continuation = begin == at and (at == 0 or (reading.sort(at - 1) == "stop" and reading.shown(at - 1) not in ".?!;:,"))
        is_left_open = has_left and begins and last == at + 1 == len(tokens)
        if not (has_left or is_continuation) or not (has_right or is_left_open):
            continue
        if _is_condition(reading, begin, at, last):
            reading.after = last
            continue
        last = _condition(reading, last)
        reading.after = last
        found.append(Equation(tokens[begin].start, tokens[last - 1].end, tuple(reading.holes)))
        is_open = last == len(tokens) and (tokens[-1].sort in ("operator", "dash", "relation") or _unclosed(reading, begin))
    return found, is_open


def _unclosed(reading: Reading, begin: int) -> bool:
    return any(reading.sort(at) == "open" and at not in reading.partner for at in range(begin, len(reading.tokens)))


def _is_inner(reading: Reading, relation: int) -> bool:
    """Is this relation one in a script or in the brackets of a call: Σ_{k=1}, f(x, axis=1)?"""
    at, depth = relation - 1, 0
    while at >= max(reading.after, relation - 40):
        depth += {"close": 1, "open": -1}.get(reading.sort(at), 0)
        if depth < 0:
            return at > 0 and not reading.gap(at) and reading.sort(at - 1) in ("name", "word", "letter", "operator", "close")
        at -= 1
    return False


def _is_condition(reading: Reading, begin: int, relation: int, end: int) -> bool:
    """Is this, behind a word, no more than a condition on an index: `for i = j`?"""
    sides = (reading.shown(begin), *(reading.shown(k) for k in range(relation + 1, end) if reading.sort(k) != "comma"))
    is_index = begin + 1 == relation and all(side.isdigit() or side in "ijklmnpqr" for side in sides)
    return is_index and not sides[0].isdigit() and begin > 0 and reading.sort(begin - 1) in ("word", "prose")


def _condition(reading: Reading, at: int) -> int:
    """The end of the condition that begins at a token, as in `for i = 1, 2` or `for all k`; the token itself if there is none."""
    first = at + (reading.sort(at) == "comma")
    if reading.shown(first).lower() not in ("for", "if", "when", "unless", "falls", "für", "wenn"):
        return at
    first += 1
    while reading.shown(first).lower() in ("all", "each", "every", "any", "alle", "jedes"):
        first += 1
    end = first
    while end < len(reading.tokens) and reading.sort(end) not in ("stop", "prose") and not (end > first and reading.is_word(end)):
        if reading.sort(end) == "comma" and reading.is_word(end + 2):
            break
        end += 1
    while end > first and reading.sort(end - 1) == "comma":
        end -= 1
    is_index = reading.sort(first) == "letter"
    return end if is_index or any(reading.sort(k) in ("relation", "order") for k in range(first, end)) else at


def _tokens(text: str, start: int, end: int) -> list[Token]:
    found: list[Token] = []
    is_table = _is_table(text, start, end)
    for match in _TOKEN.finditer(text, start, end):
        kind = match.lastgroup or "stop"
        if kind in ("space", "dropped"):
            continue
        shown = match[0]
        if shown == "#":
            break
        sort: Sort = _SORTS.get(kind, kind)  # type: ignore[arg-type]
        if kind == "name":
            letters = shown.rstrip("'’′")
            is_bare = letters.isalpha() and not any("\u0370" <= char <= "\u03ff" or "\u1d2c" <= char <= "\u1dbf" for char in letters)
            sort = "letter" if is_bare and len(letters) == 1 else "word" if is_bare and "." not in letters else "name"
        elif kind == "text":
            held = text[match.end() : match.end() + 1] in ("_", "^") or (found and text[found[-1].end - 1] in "_^{")
            sort = "name" if held else "prose"
        elif shown == "|" and is_table:
            sort = "stop"
        found.append(Token(sort, match.start(), match.end()))
    return _updates(text, found)


def _is_table(text: str, start: int, end: int) -> bool:
    """Is this a line of a table, with bars around its cells?"""
    return text.count("|", start, end) > 2 and text[start:end].strip()[:: len(text[start:end].strip()) - 1] == "||"


def _updates(text: str, tokens: list[Token]) -> list[Token]:
    """An arrow is an update if the name before it follows: `w → w - η dE/dw`; the bar between cells is none beside a relation."""

    def shown(at: int) -> str:
        return text[tokens[at].start : tokens[at].end] if 0 <= at < len(tokens) else ""

    found: list[Token] = []
    for at, token in enumerate(tokens):
        if shown(at) in ("→", "->", "⟶") and shown(at - 1) == shown(at + 1) != "" and tokens[at + 1].sort != "stop":
            token = Token("relation", token.start, token.end)
        is_bar = shown(at) == "|" and token.sort == "stop"
        if is_bar and any(0 <= k < len(tokens) and tokens[k].sort == "relation" for k in (at - 1, at + 1)) and 0 < at < len(tokens) - 1:
            continue
        found.append(token)
    return found


# -- lines -------------------------------------------------------------------------------------------------------------------


@dataclass
class Lines:
    """The rows between two offsets of a text, and the prose between them; displays are numbered downwards from -1."""

    text: str
    names: Collection[str]
    is_latex: bool = False
    display: int = field(default=0, init=False)

    def read(self, start: int, end: int, *, only_formulas: bool = False) -> Iterator[Prose | Part]:
        """Rows and prose; `only_formulas` wants a formula between dollars beside the relation."""
        text, at, told, was_row = self.text, start, start, False
        while at < end:
            stop = text.find("\n", at, end)
            stop = end if stop < 0 else stop
            parts, stop = self._line(at, stop, end)
            parts = [part for part in parts if not only_formulas or _BESIDE.search(text, part.start, part.end)]
            if parts:
                self.display -= not was_row
                for part in parts:
                    part.display = self.display
                if told < parts[0].start:
                    yield Prose(told, parts[0].start)
                yield from parts
                told = stop
            was_row, at = bool(parts), stop + 1
        if told < end:
            yield Prose(told, end)

    def _line(self, start: int, stop: int, end: int) -> tuple[list[Part], int]:
        """The rows of the line, and where it ends, with the lines that it goes on in."""
        if not _RELATION.search(self.text, start, stop):
            return [], stop
        if stop - start > MAX_LINE:
            return [Part(start, stop, trouble=f"the line is longer than {MAX_LINE} characters")], stop
        begins = start == 0 or self.text[start - 1] == "\n"
        found, is_open = read_line(self.text, start, stop, self.names, begins=begins)
        for _ in range(MAX_JOINED):
            following = self._following(found, start, stop, end, is_open=is_open)
            if following is None:
                break
            stop = following
            found, is_open = read_line(self.text, start, stop, self.names, begins=begins)
        return self._parts(start, stop, found), stop

    def _following(self, found: list[Equation], start: int, stop: int, end: int, *, is_open: bool) -> int | None:
        """The end of the next line, if the last equation goes on there."""
        if not found or stop >= end or stop - start > MAX_LINE or self.text[found[-1][1] : stop].strip():
            return None
        ends = self.text.find("\n", stop + 1, end)
        ends = end if ends < 0 else ends
        following = self.text[stop + 1 : ends]
        if ends - stop > MAX_LINE or not following.strip() or _TWO_WORDS.search(following):
            return None
        relation = _RELATION.search(following)
        before = following[: relation.start()] if relation else following
        if not before.strip():
            return None
        if relation and (
            _HEAD.fullmatch(before) or (before.count(")") <= before.count("(") and self.text[found[-1][1] - 1] not in "+-−–*·×=/")
        ):
            return None
        return ends if is_open or (not relation and _GOES_ON.match(following)) else None

    def _parts(self, start: int, stop: int, found: list[Equation]) -> list[Part]:
        """A row for each equation; one alone shows its whole line, of which the words before it are its prose as well."""
        whole, told, parts, is_table = self.text[start:stop], start, [], _is_table(self.text, start, stop)
        for first, last, holes in found:
            before = [(told, first)] if _WORD.search(self.text, told, first) else []
            spans = _spans(self.text, first, last, holes, is_table=is_table)
            is_latex = self.is_latex or _IS_LATEX.search(self.text, first, last) is not None
            parts.append(Part(first, last, spans, relates=True, before=before, is_latex=is_latex))
            told = last
        if len(parts) == 1:
            parts[0].start, parts[0].end = start + len(whole) - len(whole.lstrip()), start + len(whole.rstrip())
        return parts


_BESIDE = re.compile(rf"(?:\$|\\\))\s*(?:{RELATION})|(?:{RELATION})\s*(?:\$|\\\()")
_IS_LATEX = re.compile(r"\\[A-Za-z(]|\$")
_WORD = re.compile(r"[^\W\d_]{2}")
_HEAD = re.compile(r"\s*(?:[d∂δ]\w{1,20}\s?/\s?[d∂δ]\w{1,20}|[^\W\d]\w{0,20}(?:_\{[^{}]{0,20}\})?[⁺+'′]?)\s*")
_GOES_ON = re.compile(r"[^\S\n]*[+*·×/⋅∙•∗][^\S\n]*[\w(∂½\\]|[^\S\n]+[-−–][^\S\n]*[\w(∂½\\]")
_HOLES = re.compile(r"\\\(|\\\)|[$&]|\\(?:label|tag)\{[^{}\n]*\}|\\(?:nonumber|notag)(?![A-Za-z])|(\|)|\\\\(?:\[[^\]\n]{0,20}\])?")


def _spans(text: str, start: int, end: int, holes: Iterable[Span], *, is_table: bool) -> list[Span]:
    """The equation without the words in it, marks of alignment, dollars and bars between cells."""
    spans, at = [], start
    marks = [mark.span() for mark in _HOLES.finditer(text, start, end) if is_table or not mark[1]]
    for first, last in sorted([*marks, *holes]):
        if first > at:
            spans.append((at, first))
        at = max(at, last)
    return [*spans, (at, end)] if at < end else spans
