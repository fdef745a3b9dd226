r"""Words that say what an equation is about → the name that they say, each kind of quantity in the usual languages.

    new X, X new, Xnew      → X⁺          gradient of X, derivative of E with respect to X  → dE/dX
    old X, X old, Xold      → X           delta X, delta of unit X, X delta                 → delta_{X}; net, out, error likewise
    weight A-B              → w_{A B}     3 times 5                                         → 3 * 5

The name stays where its words stand, so what is shown of a row is as it was written. A phrase of two nouns (`delta h1`) is a name where
an equation begins with it, and elsewhere only in a text in which one does; with "of" it is always one. A colon behind a phrase relates.
LaTeX that lost its backslashes is restored, as a phrase of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Final, NamedTuple

from symbp.verification.source.traced import Pieces, Traced, respelled

WORDS: Final[Mapping[str, str]] = {
    "new": "new updated neu neue neuer neues neuen nuevo nueva nouveau nouvelle nouvel novo nova nuovo nuova nieuw nieuwe ny nya "
    "nytt nowy nowa nowe nový nová nové новый новая новое 新 新的 更新後の",
    "old": "old previous alt alte alter altes alten viejo vieja anterior ancien ancienne précédent velho antigo antiga vecchio "
    "vecchia oud oude gammal gammel stary stara stare starý stará staré старый старая старое 旧",
    "grad": "gradient grad gradiente derivative Ableitung derivada dérivée derivata afgeleide derivace pochodna градиент "
    "производная 梯度 导数 勾配",
    "delta": "delta δ Delta",
    "error": "error err Fehler erreur errore erro fout fel chyba błąd ошибка 误差 誤差",
    "net": "net net-input net\\s+input netinput Netzeingabe Nettoeingabe entrada\\s+neta entrée\\s+nette input\\s+netto",
    "out": "out output Ausgabe Ausgang salida sortie uscita saída uitvoer utgång výstup wyjście выход 输出 出力",
    "target": "target Ziel Zielwert Sollwert objetivo cible obiettivo alvo doel цель 目标 目標",
    "weight": "weight Gewicht peso poids gewicht vikt váha waga вес 权重 重み",
    "of": "of for at in von vom des der für an bei de del la los do da du pour di della dla för voor от для по 的",
    "filler": "the der die das dem den el la le lo il o a unit neuron node weight bias layer error Neuron Knoten Einheit Gewicht Bias "
    "neurona value Wert valor valeur valore unidad nodo peso sesgo neurone unité noeud nœud poids biais unità neurone "
    "unidade нейрона нейрон веса вес",
    "by": "with\\s+respect\\s+to w\\.?\\s?r\\.?\\s?t\\.? by nach respecto\\s+(?:a|de) con\\s+respecto\\s+a par\\s+rapport\\s+à "
    "rispetto\\s+a em\\s+relação\\s+a naar по",
    "equals": "is are equals ist gleich es est è é equivale vale равен равна равно",
}
"""Kinds of words, and the words of each. To know another language is to add its words here."""
SAMPLES: Final = (
    "sample example pattern instance observation data\\s?point training\\s+(?:example|sample) Beispiel Muster Datenpunkt "
    "muestra ejemplo patrón exemple échantillon exemplo amostra esempio campione voorbeeld exempel příklad przykład próbka "
    "пример образец 样本 例 サンプル"
)
OPERATORS: Final[Mapping[str, str]] = {
    "*": "times mal fois per умножить\\s+на",
    "+": "plus più mais плюс",
    "-": "minus moins menos meno минус",
}
MAX_LINE: Final = 20_000
"""In a longer line no phrase is looked for."""
_LOST: Final = "frac dfrac tfrac sqrt mathrm mathbf boldsymbol operatorname hat bar vec text overline underbrace"
"""Macros that are surely one where a brace follows."""
_LOST_TOO: Final = (
    "partial cdot times odot approx nabla left right sum prod quad qquad begin end ldots cdots infty top exp log ln tanh "
    "sinh cosh alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi rho sigma tau phi varphi chi psi omega "
    "Delta Sigma Theta Phi Omega"
)
"""Macros that are one in a line that surely lost some."""

_NOUNS: Final = ("delta", "error", "net", "out", "target")
_MARK: Final = "\ue000"
"""Written behind every name that words have said, until it is known what follows."""

RELATES: Final = r"\s{0,3}\$?\s{0,3}&?\s?(?::?=(?![=>])|[≈≃≅≔≜←]|\\approx|\\leftarrow)"
_NAME = (
    r"(?:[A-Za-zΑ-Ωα-ω∂]|\\[A-Za-z]{2,10})[A-Za-z0-9]{0,12}"
    r"(?:_\{[^{}$\n]{1,20}\}|_[A-Za-z0-9]{1,12}|\^\{\([^{}$\n]{1,8}\)\}|[₀-₉]{1,4}|⁽[^\s⁾]{1,4}⁾){0,3}(?![\w⁺^+'\ue000])"
)
_PARTS: Final[dict[str, str]] = {
    "relates": RELATES,
    "side": r"(?<![\w\\{.$-])(?:\\(?:text|textrm|mathrm|mbox)\{\s?)?",
    "shut": r"(?:\s{0,3}\}[\s~]{0,3}|[\s~]{1,3})",
    "start": r"(?<![\w\\])",
    "behind": r"(?P<close>\$)?[ \t~]{1,3}(?:\\(?:text|mathrm)\{\s?)?",
    "ends": r"\s?\}?(?=@relates|\s{0,3}[-−–+*·:)]|\s{0,3}$)",
    "name": rf"(?P<dollar>\$|\\\()?\s?(?P<x>{_NAME})",
    "unit": r"(?P<dollar>\$|\\\()?\s?(?P<x>(?:\\?[A-Za-z]{1,6}_?\{?[0-9]{1,3}\}?(?![\w{])|[A-Za-z]{1,3}[₀-₉]{1,3}(?!\w)))",
    "short": r"(?P<x>[A-Za-z]{1,3}[0-9]{1,3})",
    "edge": r"(?P<a>[A-Za-z]\w{0,5})\s?(?:[-–→>]|->)\s?(?P<x>[A-Za-z]\w{0,5})(?=@relates)",
    "fill": r"(?:(?:@filler|@of)\s{1,3}){0,3}",
    "part": r"(?:@shut@of\s{1,3}@fill)",
    "loss": r"\$?[A-Z][A-Za-z]{0,9}(?:_\w+)?\$?\s{1,3}@by\s{1,3}@fill",
    "is": r"@equals(?=\s{1,3}[-−–]?[0-9.,]+\s{0,3}(?:[.;,)]\s|\.?\s*$))",
}
FORMS: Final = (
    (r"@side@new\s{1,3}@weight\s{1,3}@edge", ("w_{", "@a", " ", "@x", "}⁺")),
    (r"@side@weight\s{1,3}@edge", ("w_{", "@a", " ", "@x", "}")),
    (r"@side@new@shut@fill@name", ("@dollar", "@x", "⁺")),
    (r"@side@old@shut@fill@name", ("@dollar", "@x")),
    (r"@start@name@behind@new@ends", ("@dollar", "@x", "⁺", "@close", " ")),
    (r"@start@name@behind@old@ends", ("@dollar", "@x", "@close", " ")),
    (r"@start@short@new(?![A-Za-z0-9])", ("@x", "⁺")),
    (r"@start@short@old(?![A-Za-z0-9])", ("@x",)),
    (r"@side@grad(?:@part@loss|@part|@shut(?=\S+@relates))@name", ("@dollar", "d", "@E", "/d", "@x")),
    (r"@side(?P<noun>@nouns)(?:(?P<of>@part)|@shut)@unit", ("@dollar", "@kind", "_{", "@x", "}")),
    (r"@start@unit\$?[ \t]{1,3}(?P<noun>@nouns)(?P<of>(?=@relates|\s{0,3}:))", ("@dollar", "@kind", "_{", "@x", "}")),
)
"""How words are put together, and the name that they say."""


def _one_of(words: str) -> str:
    return "(?i:" + "|".join(sorted(words.split(), key=len, reverse=True)) + ")"


class _Patterns(NamedTuple):
    forms: list[tuple[re.Pattern[str], tuple[str, ...]]]
    nouns: re.Pattern[str]
    colon: re.Pattern[str]
    operator: re.Pattern[str]
    kinds: dict[str, str]
    words: frozenset[str]
    operators: frozenset[str]


@cache
def _patterns() -> _Patterns:
    """The patterns, compiled when a text first needs them."""
    words = {kind: _one_of(words) for kind, words in WORDS.items()}
    parts = {**_PARTS, **words, "nouns": _one_of(" ".join(WORDS[kind] for kind in _NOUNS))}

    def compiled(pattern: str) -> re.Pattern[str]:
        while "@" in pattern:
            pattern = re.sub("@([a-z]+)", lambda found: parts[found[1]], pattern)
        return re.compile(pattern, re.MULTILINE)

    between = "|".join(f"(?P<op{at}>{_one_of(words)})" for at, words in enumerate(OPERATORS.values()))
    return _Patterns(
        [(compiled(pattern), says) for pattern, says in FORMS],
        compiled(r"@start(?P<noun>@nouns)[ \t]{1,3}@unit(?P<head>@relates|\s{0,3}:)?"),
        compiled(r"\ue000(?:(?P<close>\s{0,3}\$?)\s{0,3}(?P<colon>[:：]|@is)(?!\s{0,3}\S{1,30}@relates)(?=\s{0,3}[\w(\[½∂δ$\\−–.-]))?"),
        re.compile(rf"(?<=[0-9)\]])\s{{1,3}}(?:{between})\s{{1,3}}(?=[-−–]?[0-9(]|\w+[0-9])"),
        {one.lower(): kind for kind in reversed([*WORDS]) for one in WORDS[kind].split()},
        frozenset(one.lower().partition("\\")[0] for kind in ("new", "old", "grad", "weight", *_NOUNS) for one in WORDS[kind].split()),
        frozenset(one.partition("\\")[0] for one in " ".join(OPERATORS.values()).split()),
    )


@dataclass
class _Told:
    """What a text tells of its words: the letter of its loss, the nouns that equations begin with, and what surely is a unit.

    That is what stands below names, or behind nouns of two kinds.
    """

    loss: str
    heads: set[str]
    units: set[str]


_VALUE = re.compile(
    r"^[^\S\n]*(?:[-*•][^\S\n]+)?(?:[d∂δ][\w₀-₉]{1,12}\s?/\s?[d∂δ][\w₀-₉]{1,12}|[A-Za-zΑ-ω][A-Za-z]{0,8}[_0-9₀-₉][\w₀-₉]{0,8}|[α-ω]_?\w{0,5})"
    r"\s?([:：])[^\S\n]{1,4}[-−–(]{0,2}[0-9][-−–+*/·×⋅^().,0-9eE \t]{0,200}$",
    re.MULTILINE,
)
"""`dE/dw5: 0.0822`: a name, a colon, numbers and nothing else in the line."""
_WORD = re.compile(r"[^\W\d_]{2,}(?![\w(])|[δ\u2e80-\u9fff]")
_BELOW = re.compile(r"_\{?([A-Za-z]{1,3}[0-9]{1,3})(?!\w)")
_LOSS = re.compile(r"(?:∂|δ|(?<![A-Za-z])d|\\partial\s?)\s?([A-Z][a-z]{0,8}(?:_?\{?t[a-z]{1,5}\}?)?)\s{0,3}(?:/|\}\s{0,3}\{)")


def restated(source: Traced) -> Traced:
    """The text with every phrase put into the name that it says."""
    patterns = _patterns()
    told = _told(source.text, patterns)
    for pattern, says in patterns.forms:
        source = respelled(source, pattern, partial(_said, says, told, patterns), _lines_with(patterns.words, source.text))
    if _MARK in source.text:
        source = respelled(source, patterns.colon, lambda match: [match.span("close"), " = "] if match["colon"] else [])
    source = respelled(source, patterns.operator, _operator, _lines_with(patterns.operators, source.text))
    source = respelled(source, _VALUE, lambda match: [(match.start(), match.start(1)), "=", (match.end(1), match.end())])
    return respelled(source, re.compile(r"[^\n]+"), _restored) if _SURELY_LOST.search(source.text) else source


def _said(says: tuple[str, ...], told: _Told, patterns: _Patterns, match: re.Match[str]) -> Pieces | None:
    """The name that a phrase says, if it says one."""
    found, name = match.groupdict(), match["x"]
    is_head = re.match(RELATES, match.string[match.end() : match.end() + 20]) is not None
    kind = _kind(found.get("noun") or "", patterns)
    if "noun" in found:
        is_unit = (kind == "delta" or name in told.units or found["of"] is not None) and name[0] not in "wWbB"
        is_colon = match.string[match.end() : match.end() + 4].lstrip()[:1] == ":"
        if not is_unit or not (is_head or is_colon or found["of"] is not None or kind in told.heads):
            return None
    elif name.isalpha() and len(name) > 1 and not is_head:
        return None
    given = {"@E": told.loss, "@kind": kind}
    pieces: Pieces = [match.span(piece[1:]) if piece[0] == "@" and piece not in given else given.get(piece, piece) for piece in says]
    return [piece for piece in pieces if piece != (-1, -1)] + [_MARK]


def _kind(noun: str, patterns: _Patterns) -> str:
    """The kind of a noun; those of several words are all one."""
    return patterns.kinds.get(noun.lower(), "net")


def _told(text: str, patterns: _Patterns) -> _Told:
    loss = _LOSS.search(text)
    told = _Told(loss[1] if loss else "E", set(), set(_BELOW.findall(text)))
    behind: dict[str, set[str]] = {}
    for match in (found for part in _lines_with(patterns.words, text) for found in patterns.nouns.finditer(text, *part)):
        kind = _kind(match["noun"], patterns)
        behind.setdefault(match["x"], set()).add(kind)
        if match["head"]:
            told.heads.add(kind)
    told.units |= {name for name, kinds in behind.items() if len(kinds) > 1}
    return told


def _lines_with(words: frozenset[str], text: str) -> Iterator[tuple[int, int]]:
    """The lines that have one of the words, or a letter of a script without blanks between words."""
    at = 0
    for line in text.split("\n"):
        end = at + len(line)
        if len(line) <= MAX_LINE and any(word in words or len(word) == 1 for word in _WORD.findall(line.lower())):
            yield at, end
        at = end + 1


def _operator(match: re.Match[str]) -> Pieces:
    at = next(at for at in range(len(OPERATORS)) if match[f"op{at}"])
    return [f" {[*OPERATORS][at]} "]


_SURELY_LOST = re.compile(rf"(?<![\\A-Za-z])(?:(?:{_one_of(_LOST)})(?=\{{)|cdot(?![A-Za-z]))|[\x07\x08\x0b\x0c](?=[a-z])")
_LOST_WORD = re.compile(rf"(?<![\\A-Za-z])(?:(?:{_one_of(_LOST)})(?=\{{)|(?:{_one_of(_LOST_TOO)})(?![A-Za-z]))|[\x07\x08\x0b\x0c](?=[a-z])")
_CONTROL: Final = {"\x07": "\\a", "\x08": "\\b", "\x0b": "\\v", "\x0c": "\\f"}


def _restored(line: re.Match[str]) -> Pieces | None:
    """A line with its backslashes, if it surely lost some."""
    if not _SURELY_LOST.search(line[0]):
        return None
    pieces: Pieces = []
    at, start = 0, line.start()
    for match in _LOST_WORD.finditer(line[0]):
        pieces += [(start + at, start + match.start()), _CONTROL.get(match[0], "\\")]
        at = match.end() if match[0] in _CONTROL else match.start()
    return [*pieces, (start + at, line.end())]


# -- headings --------------------------------------------------------------------------------------------------------------

_HEADING = re.compile(
    r"^[ \t>*_•–-]*+(?P<level>#{1,6}(?=\s)|\\(?:sub)*section|\\(?:sub)?paragraph|\\textbf)?\*?\{?[ \t*_]*+"
    rf"(?:(?:(?:the|training|data)\s)?(?:{_one_of(SAMPLES)})\s{{0,3}}(?:no\.?|nr\.?|n°|\#)?\s?\(?(?P<number>[0-9]{{1,4}})(?![\w.,]*\w)"
    r"|(?:time\s)?(?:step\s)?\$?\(?t\s?=\s?(?P<step>[0-9]{1,4})\)?\$?\s{0,3}(?P<is_label>:|\*\*|\}|$)|(?=[^\s#]))",
    re.MULTILINE | re.IGNORECASE,
)
_LEVELS: Final = (r"\section", r"\subsection", r"\subsubsection", r"\paragraph", r"\subparagraph", r"\textbf")


def samples(text: str) -> list[tuple[int, int | None]]:
    """From which offset on which sample is spoken of, as headings number them; None from one of the same rank that has no number."""
    found: list[tuple[int, int | None]] = []
    rank = 0
    for match in _HEADING.finditer(text):
        mark = match["level"] or ""
        level = len(mark) if mark[:1] == "#" else _LEVELS.index(mark) + 1 if mark in _LEVELS else 7
        number = match["number"] or (match["step"] if mark or match["is_label"] else None)
        if number:
            found.append((match.start(), int(number)))
            rank = level
        elif mark and level <= rank:
            found.append((match.start(), None))
            rank = 0
    return found
