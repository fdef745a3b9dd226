"""A user's own notation: a TOML table that starts from a row of NOTATIONS, checked so that no two quantities are spelled alike.

base = "mazur"                     # the row that everything not said here is taken from
function = "h"                     # and any other key of a row
[patterns]
net = "s_{unit}"                   # the spelling of a kind of quantity; its fields are those of `symbp.language.notation`
[general]
net = "s^({layer+1})_{i}"          # where an index is free, if that differs
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from symbp.errors import Place, SymbpError, nearest
from symbp.language.form import Form, Layer, Node, Var
from symbp.language.names import Key, Names
from symbp.language.notation import NOTATIONS, Notation, notation
from symbp.language.speller import Speller, said, split
from symbp.language.symbols import GREEK, MARKED
from symbp.language.symbols import RAISED as SUPERSCRIPTS
from symbp.language.tokens import Medium
from symbp.language.vocabulary import EXTRAS, Sharing, Vocabulary

MAX_BYTES: Final = 100_000
MAX_PATTERN: Final = 60

CHOICES: Mapping[str, tuple[Any, ...]] = {
    "hadamard": ("circ", "odot"),
    "loss_derivative": ("-(t - o)", "o - t"),
    "numbering": (0, 1),
    "weights_lead": ("from", "into"),
    "sample": ("^{sup}({sample})", "^({sample}),{sup}", "_{sample}{sub}"),
    "sample_index": ("p", "n"),
    "keeps_sample": (False, True),
    "gradient": ("", "nabla", "d"),
}
"""The keys of a row that have only a few values."""

KEYS: Final = ("base", "name", "source", "function", "width", "patterns", "general", *CHOICES)
KINDS: Final = tuple(dict.fromkeys(kind for row in NOTATIONS.values() for kind in row.patterns))

_LAYER: Final = ("layer", "layer+1")
_UNIT: Final = ("unit", "i", *_LAYER)
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "weight": ("unit", "source", "i", "j", "number", *_LAYER),
    "block_weight": ("unit", "source", "i", "j", "block", *_LAYER),
    "bias": (*_UNIT, "j"),
    "named": ("name",),
    **dict.fromkeys(("input", "target", "net", "out", "output", "error", "delta", "mean_activation", "divergence"), _UNIT),
    **dict.fromkeys(("error_total", "error_sample"), ("sample",)),
    "shared_bias": _LAYER,
    **{kind: _LAYER for kind in KINDS if kind.removeprefix("batch_").endswith("s") and kind not in EXTRAS},
}
"""The fields that the pattern of a kind may have; the other kinds have none."""

_CONCRETE: Final = frozenset({"unit", "source", "number"})
"""Fields that stand for nothing where an index is free."""

_WHOLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "weight": (("weights", "capital"),),
    "bias": (("biases", "same"), ("shared_bias", "same")),
    **{kind: ((f"{kind}s", "same"), (f"batch_{kind}s", "capital")) for kind in ("net", "out", "delta", "target")},
}
"""The kinds of whole layers that take up the letter of a user's own kind, or its capital."""

_SAID: Final = {"error_total": "error", "net": "net input", "out": "output", "bias": "bias"}

_FIELD = r"\{[a-z+1]+\}"
_BASE = re.compile(r"[A-Za-z]+|\{unit\}|\{name\}")
_SUP = re.compile(rf"(?P<open>[(\[]?)(?:{_FIELD}|[0-9a-z,])+(?P<close>[)\]]?)")
_SUB = re.compile(rf"(?:\{{(?:unit|source)\}}){{1,2}}|(?:{_FIELD}|[0-9ijklnpt,])+|[A-Za-z]{{2,}}")
_RESERVED: Final = frozenset({"exp", "ln", "ones", "pi", "varphi", "chi", "psi"})
"""Functions, a number, and the letters of activations that a user gives as formulas."""
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,200}")


def chosen(name: str, folder: Path | None = None) -> Notation:
    """The row called `name`, or that of the file `name`, relative to `folder`; what ends in `.toml` is a file."""
    return load_notation((folder or Path()) / name) if name.endswith(".toml") else notation(name)


def load_notation(path: Path) -> Notation:
    """The notation that the file at `path` describes, checked on small networks of every kind."""
    place = Place(str(path))
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise SymbpError("the file is too large", place, f"at most {MAX_BYTES // 1000} kB")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SymbpError(f"not UTF-8 at byte {error.start + 1}", place, "save it as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SymbpError(f"cannot read the notation: {reason}", place, f"a file, or one of {', '.join(NOTATIONS)}") from None
    return read_notation(text, str(path))


def read_notation(text: str, source: str) -> Notation:
    """The notation that the TOML `text` describes; `source` names it in messages."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        match = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
        lines = text.splitlines() or [""]
        line = min(int(match[1]), len(lines)) if match else len(lines)
        reason = re.sub(r" \(at .*\)$", "", str(error)).lower() or "nested too deep"
        place = Place(source, line, int(match[2]) if match else len(lines[-1]) + 1, lines[line - 1])
        raise SymbpError(f"not valid TOML: {reason}", place) from None
    reader = _Reader(text, source)
    row = reader.row(table)
    places = {kind: reader.place(kind, key) for key in ("general", "patterns") for kind in table.get(key, ())}
    inherited = {whole: place for kind, place in places.items() for whole, _ in _WHOLES.get(kind, ())}
    check_standard(row, inherited | places)
    return row


@dataclass(frozen=True)
class _Reader:
    """One notation's table being read; its faults are named with their line."""

    text: str
    source: str

    def place(self, key: str, table: str = "") -> Place:
        """The line of `key` in `[table]`, or of the table's header."""
        current = ""
        for at, line in enumerate(self.text.split("\n"), 1):
            header = re.match(r"\s*\[\s*\"?([\w-]*)", line)
            found = re.match(rf"\s*[\"']?({re.escape(key)})[\"']?\s*[=.]", line)
            if header:
                current = header[1]
                if current == key and not table:
                    return Place(self.source, at, header.start(1) + 1, line)
            elif found and current == table:
                return Place(self.source, at, found.start(1) + 1, line)
        return Place(self.source)

    def row(self, table: Mapping[str, Any]) -> Notation:
        for key in table:
            if key not in KEYS:
                raise SymbpError(f"unknown key {key!r}", self.place(key), nearest(key, KEYS))
        base = self.base(table)
        patterns, general = (self.patterns(table, key) for key in ("patterns", "general"))
        changes: dict[str, Any] = {key: self.choice(table, key) for key in CHOICES if key in table}
        if "function" in table:
            changes["function"] = self.function(table["function"])
        if table.get("width"):
            self.check_pattern("width", table["width"], "", _LAYER)
            changes["width"] = table["width"]
        row = replace(
            base,
            name=self.line(table, "name", Path(self.source).stem),
            source=self.line(table, "source", f"own, after {base.name}"),
            patterns={**base.patterns, **_wholes(base, patterns), **patterns},
            general={**_still_general(base, patterns), **general},
            **changes,
        )
        self.check_free_indices(row, general)
        self.check_numbering(row)
        return row

    def base(self, table: Mapping[str, Any]) -> Notation:
        if "base" not in table:
            raise SymbpError("'base' is missing", Place(self.source), f"the notation to start from: {', '.join(NOTATIONS)}")
        name = table["base"]
        if not isinstance(name, str) or name not in NOTATIONS:
            raise SymbpError(f"unknown base {name!r}", self.place("base"), nearest(str(name), NOTATIONS))
        return NOTATIONS[name]

    def line(self, table: Mapping[str, Any], key: str, default: str) -> str:
        value = table.get(key, default)
        if not isinstance(value, str) or not _TEXT.fullmatch(value):
            raise SymbpError(f"{key} is not one line of text", self.place(key), "at most 200 characters, none of them a control character")
        return value

    def choice(self, table: Mapping[str, Any], key: str) -> Any:
        value = table[key]
        for known in CHOICES[key]:
            if type(value) is type(known) and value == known:
                return value
        shown = ", ".join(str(known).lower() if isinstance(known, bool) else repr(known) for known in CHOICES[key])
        given = str(value).lower() if isinstance(value, bool) else repr(value)
        raise SymbpError(f"{key} is {given}", self.place(key), f"one of {shown}")

    def function(self, value: object) -> str:
        if not isinstance(value, str) or not (value in GREEK or re.fullmatch("[A-Za-z]", value)) or value in {"e", *_RESERVED}:
            raise SymbpError(f"function is {value!r}", self.place("function"), f"a letter but e, or the name of a Greek one: {_greek()}")
        return value

    # -- patterns --------------------------------------------------------------------------------------------------

    def patterns(self, table: Mapping[str, Any], key: str) -> dict[str, str]:
        found = table.get(key, {})
        if not isinstance(found, dict):
            raise SymbpError(f"{key!r} is not a table", self.place(key), f"[{key}], and below it a pattern for each kind of quantity")
        for kind, pattern in found.items():
            if kind not in KINDS:
                raise SymbpError(f"unknown kind of quantity {kind!r}", self.place(kind, key), nearest(kind, KINDS))
            self.check_pattern(kind, pattern, key, _FIELDS.get(kind, ()))
        return found

    def check_pattern(self, kind: str, pattern: object, table: str, fields: tuple[str, ...]) -> None:
        """Refuse what is no pattern, or has a field that `kind` has not."""

        def fault(what: str, hint: str) -> SymbpError:
            shown = "".join(c if c.isprintable() else "�" for c in str(pattern))[:MAX_PATTERN]
            return SymbpError(f"the pattern of {kind}, {shown!r}, {what}", self.place(kind, table), hint)

        if not isinstance(pattern, str) or not 0 < len(pattern) <= MAX_PATTERN:
            raise fault("is no short text", f"base^superscript_subscript, at most {MAX_PATTERN} characters, as in 's^({{layer}})_{{i}}'")
        if strange := re.search(r"[^A-Za-z0-9{}()\[\],+^_]", pattern):
            raise fault(f"holds {strange[0]!r}", f"letters, digits, fields in braces and brackets; Greek letters by name: {_greek()}")
        for field in re.findall(r"\{([^{}]*)\}", pattern):
            if field not in fields:
                raise fault(f"has the field {{{field}}}", nearest(field, fields) if fields else "this kind of quantity has no fields")
        if not re.fullmatch(r"[^\^_]+(?:\^[^\^_]+)?(?:_[^\^_]+)?", pattern):
            raise fault("is not base^superscript_subscript", "the superscript before the subscript, each at most once")
        base, sup, sub = split(pattern)
        if not _BASE.fullmatch(base) or base in _RESERVED:
            taken = ", ".join(sorted(_RESERVED))
            raise fault(f"has the base {base!r}", f"letters or the name of a Greek one, {{unit}}, {{name}}; not {taken}")
        if kind == "named" and pattern != "{name}":
            raise fault("changes a parameter's own name", "the pattern of named is '{name}'")
        if sup and not _is_superscript(sup):
            raise fault(
                f"has the superscript {sup!r}", "fields, digits, and of letters l, n, p, t, x, h, y, o; in (round) or [square] brackets"
            )
        if sub and not _SUB.fullmatch(sub):
            raise fault(
                f"has the subscript {sub!r}", "one or two of {unit} and {source}; or numbers and the letters i, j, k, l, n, p, t; or a word"
            )

    def check_free_indices(self, row: Notation, own: Mapping[str, str]) -> None:
        """What a general formula names needs a pattern without the names or numbers of single units."""
        for kind in KINDS:
            pattern = row.general.get(kind, row.patterns.get(kind, ""))
            if kind not in _FIELDS or kind in {"named", "block_weight"} or kind.startswith("batch_"):
                continue
            if lost := _CONCRETE & set(re.findall(r"\{([^{}]*)\}", pattern)):
                table = "general" if kind in own else "patterns"
                hint = f"give {kind} a pattern in [general], as in 's^({{layer}})_{{i}}'"
                raise SymbpError(
                    f"{{{min(lost)}}} means nothing where an index is free: {kind} = {pattern!r}", self.place(kind, table), hint
                )

    def check_numbering(self, row: Notation) -> None:
        """The numbers of layers in general patterns are those that `numbering` and `weights_lead` promise."""
        for kind in ("weight", "bias", "shared_bias", "weights", "biases", "net", "out", "delta", "nets", "outs", "deltas"):
            pattern = row.general.get(kind, row.patterns[kind])
            found = set(re.findall(r"\{(layer[+1]*)\}", pattern))
            into = "layer+1" if row.numbering else "layer"
            is_parameter = kind in {"weight", "bias", "shared_bias", "weights", "biases"}
            right = "layer" if is_parameter and row.weights_lead == "from" and row.numbering else into
            if is_parameter and row.weights_lead == "from" and not row.numbering:
                hint = "numbering = 1 where weights lead from the layer that they are called after"
                raise SymbpError('weights_lead = "from" with numbering = 0', self.place("weights_lead"), hint)
            if found - {right}:
                message = f"{kind} = {pattern!r} does not go with numbering = {row.numbering} and weights_lead = {row.weights_lead!r}"
                table = "general" if kind in row.general else "patterns"
                raise SymbpError(message, self.place(kind, table), f"{{{right}}} would")


def _greek() -> str:
    return ", ".join(letter for letter in (*GREEK, *MARKED) if letter not in _RESERVED)


def _is_superscript(sup: str) -> bool:
    match = _SUP.fullmatch(sup)
    literal = re.sub(_FIELD, "", sup)
    if match is None or match["open"] + match["close"] not in {"", "()", "[]"}:
        return False
    if match["open"] == "[":
        return bool(re.fullmatch(r"\[(?:\{layer(?:\+1)?\}|[0-9])+\]", sup))
    return all(c in SUPERSCRIPTS for c in literal)


def _still_general(base: Notation, own: Mapping[str, str]) -> dict[str, str]:
    """The general patterns of `base`, with the letters of the user's `own` patterns; of those that serve as they are, none."""
    found = dict(base.general)
    for kind, pattern in own.items():
        if not _CONCRETE & set(re.findall(r"\{([^{}]*)\}", pattern)):
            found.pop(kind, None)
        elif kind in found and not pattern.startswith("{"):
            found[kind] = split(pattern)[0] + found[kind][len(split(found[kind])[0]) :]
    return found


def _wholes(base: Notation, own: Mapping[str, str]) -> dict[str, str]:
    """The patterns of whole layers, with the letters of the user's `own` patterns of their units; matrices have capitals."""
    found: dict[str, str] = {}
    for kind, pattern in own.items():
        letters = split(pattern)[0]
        capital = letters.capitalize() if letters not in GREEK or letters.capitalize() in GREEK else letters
        for whole, new in _WHOLES.get(kind, ()):
            old = base.patterns[whole]
            found[whole] = (capital if new == "capital" else letters) + old[len(split(old)[0]) :]
    return found


# -- ambiguity ---------------------------------------------------------------------------------------------------------


def _standard() -> Iterator[Vocabulary]:
    """Small networks that have every kind of quantity between them."""
    names = (("i1", "i2"), ("h1", "h2"), ("o1", "o2"))
    yield Vocabulary(names, (Sharing.SHARED,) * 2)
    yield Vocabulary((("i1",), ("h1_1", "h1_2"), ("h2_1",), ("o1",)), (Sharing.UNIT,) * 3)
    for other in ("momentum", "beta2"):  # no optimizer has both, and the letter v for what it keeps
        extras = tuple(kind for kind in EXTRAS if kind != other)
        yield Vocabulary(names, (Sharing.UNIT,) * 2, samples=2, extras=(*extras, "mean_activation"))
    yield Vocabulary((("i1",), ("h1", "h2"), ("o1",)), (Sharing.UNIT,) * 2, times=2, error_at=(1, 2))


def clashes(names: Names) -> Iterator[tuple[Node, Node]]:
    """Pairs of quantities that are spelled alike, or where one looks like a power of the other."""
    known: dict[Key, Node] = dict(names.gradients)
    for var, key in names.keys.items():
        if known.setdefault(key, var) != var:
            yield known[key], var
    for (base, sup, sub), node in known.items():
        bare = known.get((base, "", sub))
        if bare is not None and sup.isdecimal():
            yield bare, node


def check_on(row: Notation, vocabulary: Vocabulary, places: Mapping[str, Place]) -> None:
    """Raise where two quantities of `vocabulary`, or formulas about them, would be spelled alike; `places` has the lines of kinds."""
    speller = Speller(row, vocabulary)
    if speller.clash:
        text, *both = speller.clash
        raise _ambiguous(row, text, both[0], both[1], vocabulary, places)
    media: tuple[Medium, ...] = ("plain", "latex")
    for medium in media:
        names = Names(speller, medium)
        for first, second in clashes(names):
            raise _ambiguous(row, names.text(second), first, second, vocabulary, places)


def _ambiguous(row: Notation, text: str, first: Node, second: Node, words: Vocabulary, places: Mapping[str, Place]) -> SymbpError:
    own = (places[node.kind] for node in (second, first) if isinstance(node, Var) and node.kind in places)
    both = " and ".join(_described(node, words) for node in (first, second))
    return SymbpError(f"the notation {row.name!r} is ambiguous: {text} could be {both}", next(own, None), "spell one of them otherwise")


def _described(node: Node, vocabulary: Vocabulary) -> str:
    """A quantity by its kind and, where no index is free, its canonical name."""
    if not isinstance(node, Var):
        return f"the derivative of the error by {_described(node.args[1], vocabulary)}" if isinstance(node, Form) else "a number"
    kind = f"the {_SAID.get(node.kind, said(node))}"
    if isinstance(node.owner, Layer) and node.kind != "bias":
        return f"{kind} of a whole layer"
    concrete = node in set(vocabulary.variables())
    return f"{kind} {vocabulary.canonical(node)}" if concrete else f"{kind} of any unit" if node.owner else kind


def check_standard(row: Notation, places: Mapping[str, Place] | None = None) -> None:
    """Raise where `row` is ambiguous on a small network of any kind."""
    for vocabulary in _standard():
        check_on(row, vocabulary, places or {})
