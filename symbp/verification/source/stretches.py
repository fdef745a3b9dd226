r"""Which stretches of a line of plain text are mathematics, and which are prose around it.

Prose is told by its words. Some of them (`net`, `error`, a lone `a`) are either, and count as mathematics next to an operator only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Sort: TypeAlias = Literal["math", "weak", "unknown", "relation", "order", "operator", "open", "close", "comma", "stop", "arrow"]

_SURE: Final = frozenset(
    "exp log ln sin cos tanh sinh cosh sqrt sigma delta eta alpha beta gamma lambda theta epsilon phi psi omega mu rho tau diag transpose "
    "softplus relu keepdims dot".split()
)
_EITHER: Final = frozenset(
    "net out in target targets error total loss cost max min sum prod axis true false hidden output input sigmoid softmax mean "
    "logistic activation bias lr err pred grad".split()
)
_CONDITIONS: Final = frozenset("for if when unless falls für wenn".split())
_QUANTIFIERS: Final = frozenset("all each every any alle jedes".split())
_LINKS: Final = frozenset("and or so since because as is for if when where which with by from hence thus und weil also da mit".split())
_ARITHMETIC: Final = frozenset("plus minus times mod modulo over".split())
_ENDINGS = ("(s)", "(es)", "(n)", "(en)")

_TOKENS = re.compile(
    r"""
      (?P<space>[^\S\n]+|\n)
    | (?P<sum>\b[Ss]um\s+over\s+(?:all\s+)?[A-Za-z]\s+(?:of\b)?)
    | (?P<math>[0-9]+(?:[.,][0-9]+)?(?:[eE][-+]?[0-9]+(?![A-Za-z]))?|\.[0-9]+|\.\.\.|…)
    | (?P<relation>:=|==(?!>)|~=|<-(?=\s)|=(?!>)|[≈≡≃≅≔≜≝≙≐＝←⟵])
    | (?P<arrow>=>|->|==>|[⇒→⟹∴⟶])
    | (?P<order>!=|<=|>=|[<>≠≤≥∈])
    | (?P<word>(?:np|math|torch)\.\w+|[^\W\d_][\w\u0300-\u036f⁺⁻⁼⁽⁾₊₋₌₍₎]*(?:\.T\b)?(?:['’](?:s|t|re|ll|ve|d|m)\b|['’′]{1,4})?)
    | (?P<bold>(?<![\s*])\*\*(?=[\s:.,]|\Z)|(?<!\S)\*\*(?=[^\s*]))
    | (?P<operator>\.[*^/](?![A-Za-z]{3})|[-+*/^·×⋅∙•∗÷∘⊙−∂∇√|‖!∑∏'′_＋－＊／＾]|\u2032)
    | (?P<open>[(\[{⟨（［｛])
    | (?P<close>[)\]}⟩）］｝])
    | (?P<comma>,)
    | (?P<number>\w)
    | (?P<odd>[\u0000-\u0008\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff])
    | (?P<stop>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SORTS: dict[str, Sort] = {
    "math": "math",
    "number": "math",
    "odd": "math",
    "relation": "relation",
    "arrow": "arrow",
    "order": "order",
    "operator": "operator",
    "sum": "operator",
    "open": "open",
    "close": "close",
    "comma": "comma",
    "stop": "stop",
    "bold": "stop",
}
_OVER = re.compile(r"[ \t]{0,4}/[ \t]{0,4}[d∂]")
_LABEL = re.compile(
    r"[^\S\n]*(?:[-*•–‣◦][^\S\n]+(?=\S))?(?:(?:\([0-9]{1,3}[a-z]?\)|[0-9]{1,3}[.)]|\((?:[a-z]|[ivx]{1,4})\)|[a-z]\))[^\S\n]+(?=[\w∂∇√(½-]))?"
)
_FIRST_WORD = re.compile(r"[^\S\n]*([A-Za-z][A-Za-z]{1,30})[^\S\n]*(?::=|=(?![=>])|←|≈)")


@dataclass(frozen=True, slots=True)
class Token:
    """What stands from `start` to `end`, and what sort of thing it is in a formula."""

    sort: Sort
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """The stretches of a line that state something, and what else is to be known of it.

    `words` is how many words of prose there are besides them; `is_last` says that nothing
    follows the last stretch, `is_open` that the line ends within a formula.
    """

    stretches: tuple[tuple[int, int], ...]
    words: int
    is_last: bool
    is_open: bool


def introduced(text: str) -> set[str]:
    """The words that are given a meaning somewhere in the text by an equation which they begin."""
    return {match[1] for line in text.split("\n") if (match := _FIRST_WORD.match(line))}


def read_line(text: str, start: int, end: int, words: Collection[str]) -> Line:
    """What of the text between two offsets, a line or several that belong together, is mathematics; `words` are names of the person's."""
    label = _LABEL.match(text, start, end)
    tokens = _settled(text, _tokens(text, label.end() if label else start, end, words))
    stretches, taken = [], 0
    for first, last in _groups(tokens):
        if first < taken:
            continue
        found = _stretch(text, tokens, first, last)
        if found is not None:
            taken = max(found[1], _condition(text, tokens, found[1]))
            stretches.append((tokens[found[0]].start, tokens[taken - 1].end))
    is_last = not any(token.sort in _APART for token in tokens[taken:])
    return Line(tuple(stretches), sum(token.sort == "unknown" for token in tokens), is_last, _is_open(tokens))


def _tokens(text: str, start: int, end: int, words: Collection[str]) -> list[Token]:
    found: list[Token] = []
    for match in _TOKENS.finditer(text, start, end):
        kind = match.lastgroup
        if kind == "space":
            continue
        if match[0] == "#":
            break
        sort = _sort_of_word(text, match, words) if kind == "word" else _SORTS[kind or "stop"]
        found.append(Token(sort, match.start(), match.end()))
    return found


def _sort_of_word(text: str, match: re.Match[str], words: Collection[str]) -> Sort:
    """Is a word surely mathematics, may it be, or is it known of none?"""
    word, start, end = match[0], match.start(), match.end()
    bare = word.rstrip("'’′")
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if any(char.isdigit() or char in "_." or _is_symbol(char) for char in bare) or before == "∂" or bare.lower() in _SURE:
        return "math"
    if len(bare) == 1:
        return "weak" if bare in "aAIi" else "math"
    if bare in words or bare.lower() in _EITHER:
        return "weak"
    if bare[0] == "d" and (_OVER.match(text, end) or _is_under_differential(text, start)):
        return "math"
    return "weak" if after == "(" and not text.startswith(_ENDINGS, end) else "unknown"


_SYMBOLS = (("\u0370", "\u03ff"), ("\u0300", "\u036f"), ("\u2070", "\u209f"), ("\u1d2c", "\u1dbf"), ("\U0001d400", "\U0001d7ff"))


def _is_symbol(char: str) -> bool:
    """Is this a Greek letter, a raised or lowered character, a hat: something that no word of prose has?"""
    return any(first <= char <= last for first, last in _SYMBOLS) or char in "²³¹½"


def _is_under_differential(text: str, at: int) -> bool:
    """Does `d…/` stand before?"""
    before = text[max(0, at - 60) : at].rstrip()
    above = before[:-1].rstrip().replace("(", " ").replace("*", " ").rsplit(None, 1)[-1:] if before[-1:] == "/" else []
    return bool(above) and above[0][0] in "d∂"


_APART = frozenset({"unknown", "stop", "arrow"})
_UPDATES = frozenset({"→", "->", "⟶"})
"""Arrows that are an update if the name before them follows: `w → w - η dE/dw`."""
_NEXT_TO = frozenset({"relation", "operator", "open", "close", "order"})


def _settled(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens, every word of which is mathematics now or is not."""
    settled: list[Token] = []
    for number, token in enumerate(tokens):
        before = tokens[number - 1] if number else None
        after = tokens[number + 1] if number + 1 < len(tokens) else None
        if token.sort == "arrow" and before and after and text[token.start : token.end] in _UPDATES:
            is_update = before.sort != "stop" and text[before.start : before.end] == text[after.start : after.end]
            token = Token("relation", token.start, token.end) if is_update else token
        if token.sort in ("weak", "unknown"):
            is_math = _is_name(text, token, before, after) if token.sort == "weak" else _is_factor(text, before, after)
            token = Token("math" if is_math else "unknown", token.start, token.end)
        is_behind = bool(settled) and settled[-1].sort in ("math", "close")
        if is_behind and token.sort in ("stop", "unknown") and _goes_on(text, tokens[number : number + 3]):
            token = Token("math", token.start, token.end)
        settled.append(token)
    return settled


def _goes_on(text: str, tokens: list[Token]) -> bool:
    """Does a formula go on behind a word or a strange character, the first of these, with what only a formula has?"""
    first, *after = (text[token.start : token.end] for token in tokens)
    sorts = [token.sort for token in tokens[1:]]
    if after[:1] and after[0] in ("+", "*", "/", "^", "·", "×"):
        return sorts[1:] in (["math"], ["open"])
    is_arithmetic = first in "%&$~@`\\" or first.lower() in _ARITHMETIC or (first == ":" and after[:1] != [] and after[0][0].isdigit())
    return is_arithmetic and sorts[:1] in (["math"], ["open"])


def _is_name(text: str, token: Token, before: Token | None, after: Token | None) -> bool:
    """Does a word that may be a name stand where one would: next to an operator, or after a factor and before no word?"""
    if any(other is not None and other.sort in _NEXT_TO and not _is_hyphen(text, other) for other in (before, after)):
        return True
    is_before_word = after is not None and after.sort in ("weak", "unknown")
    if token.end - token.start == 1:
        return not is_before_word
    return before is not None and before.sort == "math" and not is_before_word


def _is_hyphen(text: str, token: Token) -> bool:
    return text[token.start] in "-'" and text[token.start - 1 : token.start].isalpha() and text[token.end : token.end + 1].isalpha()


def _is_factor(text: str, before: Token | None, after: Token | None) -> bool:
    """Is an unknown word held by an operator, as in `lr * gradient`?"""
    sides = [text[token.start : token.end] if token else "" for token in (before, after)]
    sorts = [token.sort if token else "relation" for token in (before, after)]
    return any(side and side in "*·×^+⋅" for side in sides) and all(sort in _NEXT_TO or sort == "comma" for sort in sorts)


def _groups(tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """What stands between words of prose and stops: the numbers of its first token and of the one after its last."""
    first = 0
    for number, token in enumerate(tokens):
        if token.sort in _APART:
            if first < number:
                yield first, number
            first = number + 1
    if first < len(tokens):
        yield first, len(tokens)


def _stretch(text: str, tokens: list[Token], first: int, last: int) -> tuple[int, int] | None:
    """Of what stands between words of prose, what states something, if anything does."""
    relation = next((number for number in range(first, last) if tokens[number].sort == "relation"), None)
    if relation is None:
        return None
    is_first = first == 0
    if not is_first and text[tokens[first - 1].start : tokens[first - 1].end].lower() in _CONDITIONS | _QUANTIFIERS:
        return None
    begin = _begin(text, tokens, first, relation)
    end = _remark(text, tokens, relation, _end(tokens, begin, last, relation))
    if _is_gloss(text, tokens, begin, end):
        return None
    has_left = any(token.sort == "math" for token in tokens[begin:relation])
    has_right = any(token.sort == "math" for token in tokens[relation + 1 : end])
    is_cut = last < len(tokens) or tokens[last - 1].sort not in ("relation", "operator")
    if (not has_right and (not is_first or is_cut)) or (not has_left and (not is_first or begin < relation)):
        return None
    return begin, end


def _is_gloss(text: str, tokens: list[Token], begin: int, end: int) -> bool:
    """Is this no equation but a word in two pieces, `weight(s)`, or an explanation in words, `z = net input`?"""
    if begin > 0 and tokens[begin].start == tokens[begin - 1].end and text.startswith(_ENDINGS, tokens[begin].start):
        before = text[tokens[begin - 1].start : tokens[begin - 1].end]
        return before.isascii() and before.isalpha() and before.lower() not in _SURE
    word = text[tokens[end - 1].start : tokens[end - 1].end]
    follows = end < len(tokens) and tokens[end].sort == "unknown" and text[tokens[end].start : tokens[end].end].lower() not in _LINKS
    return follows and len(word) > 2 and word.isascii() and word.isalpha() and tokens[end - 2].sort == "relation"


def _remark(text: str, tokens: list[Token], relation: int, end: int) -> int:
    """Where the right side ends if a remark like `  [sigmoid]` at its end is none of it."""
    at = end - 2
    while at > relation and tokens[at].end - tokens[at].start > 2 and text[tokens[at].start : tokens[at].end].isalpha():
        at -= 1
    if at == end - 2 or at - 1 <= relation or tokens[end - 1].sort != "close" or tokens[at].sort != "open":
        return end
    gap = tokens[at].start - tokens[at - 1].end
    return at if gap >= (1 if text[tokens[at].start] == "[" else 2) else end


def _begin(text: str, tokens: list[Token], first: int, relation: int) -> int:
    """Where the left side begins: after prose, an operand that nothing holds to the next one is none of it."""
    is_first = first == 0
    while first < relation and _leads_nowhere(text, tokens[first]):
        first += 1
    depth = 0
    for at in range(relation - 1, first, -1):
        token, before = tokens[at], tokens[at - 1]
        depth += {"close": 1, "open": -1}.get(token.sort, 0)
        if depth < 0:
            return at + 1
        if depth == 0 and not is_first and token.sort == "comma":
            return at + 1
        if depth == 0 and not is_first and before.end < token.start and {before.sort, token.sort} <= {"math", "open", "close"}:
            return at
    return first + (first < relation and tokens[first].sort == "open" and depth <= 0)


def _leads_nowhere(text: str, token: Token) -> bool:
    """Can a formula not begin with this?"""
    char = text[token.start]
    return token.sort in ("comma", "close", "order") or char in "*·×/^+" or (char == "|" and text[token.end : token.end + 1].isspace())


def _end(tokens: list[Token], first: int, last: int, relation: int) -> int:
    """Where the right side ends: before a bracket of the prose around it, and without a comma that leads nowhere.

    A bracket that closes what no prose has opened stays, to be told: what is behind it was written, too.
    """
    opened: list[int] = []
    outside = sum({"open": 1, "close": -1}.get(token.sort, 0) for token in tokens[:first])
    for number in range(first, last):
        if tokens[number].sort == "open":
            opened.append(number)
        elif tokens[number].sort == "close" and opened:
            opened.pop()
        elif tokens[number].sort == "close" and (outside > 0 or last < len(tokens)):
            last = number
            break
    if opened and opened[0] > relation and last < len(tokens):
        last = min(last, opened[0])
    while last > first and tokens[last - 1].sort in ("comma", "open", "order"):
        last -= 1
    return last


def _condition(text: str, tokens: list[Token], at: int) -> int:
    """The end of the condition that begins at a token, as in `for i = 1, 2`; or -1 if there is none."""
    shown = [text[token.start : token.end].lower() for token in tokens[at : at + 4]]
    skipped = shown[:1] == [","]
    if shown[skipped : skipped + 1] and shown[skipped] not in _CONDITIONS:
        return -1
    at += skipped + 1
    while at < len(tokens) and text[tokens[at].start : tokens[at].end].lower() in _QUANTIFIERS:
        at += 1
    end = at
    while end < len(tokens) and tokens[end].sort not in _APART:
        end += 1
    while end > at and tokens[end - 1].sort == "comma":
        end -= 1
    condition = tokens[at:end]
    is_index = bool(condition) and condition[0].sort == "math" and condition[0].end - condition[0].start == 1
    return end if is_index or any(token.sort in ("relation", "order") for token in condition) else -1


def _is_open(tokens: list[Token]) -> bool:
    """Does the line end within a formula: after an operator, or within brackets?"""
    depth = sum({"open": 1, "close": -1}.get(token.sort, 0) for token in tokens)
    return bool(tokens) and (tokens[-1].sort in ("operator", "relation") or depth > 0) and any(token.sort == "relation" for token in tokens)
