"""The marks of a name: its base and what that may stand for, and what its superscripts say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from symbp.language.form import Index, Position, Unit
from symbp.language.notation import Notation
from symbp.language.speller import split
from symbp.network.spec import NetworkSpec
from symbp.verification.reading.conventions import Conventions
from symbp.verification.reading.quantities import (
    BASES,
    BRACKETED,
    LAYER_WORDS,
    LAYERED,
    NEW,
    OLD,
    PATTERN_KINDS,
    SAMPLES,
    Quantity,
    Reading,
    moved,
    pieces,
    position,
)
from symbp.verification.written import Name, Script


@dataclass(frozen=True)
class Marks:
    """What the superscripts of a name say: layers (with their bracket), samples, the update, and the rest."""

    layers: tuple[tuple[str, Position], ...] = ()
    step: int = 0
    rest: tuple[Script, ...] = ()
    words: str = ""


@dataclass
class Marked:
    """What the parts of names say on one network, under the conventions that hold."""

    spec: NetworkSpec
    conventions: Conventions
    _cache: dict[Name, tuple[Reading, ...]] = field(default_factory=dict)
    _alike: dict[tuple[object, ...], tuple[tuple[Quantity, tuple[int, ...]], ...]] = field(default_factory=dict)

    @property
    def notation(self) -> Notation:
        return self.spec.notation

    @cached_property
    def own_bases(self) -> dict[str, list[str]]:
        """The kinds that each base stands for in the network's notation."""
        found: dict[str, list[str]] = {}
        for patterns in (self.notation.patterns, self.notation.general):
            for kind, pattern in patterns.items():
                base = split(pattern)[0]
                plain = PATTERN_KINDS.get(kind)
                if plain and "{" not in base and plain not in found.setdefault(base, []):
                    found[base].append(plain)
        return found

    @cached_property
    def layer_bracket(self) -> str:
        """How the notation marks layers: "(", "[", or "" where the layer is raised without brackets."""
        pattern = self.notation.general.get("net") or self.notation.patterns["net"]
        sup = split(pattern)[1]
        return sup[0] if sup[:1] in {"(", "["} else "" if sup else "("

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Units by name, and without the mark of a script: h1_2 and h12."""
        words = self.spec.vocabulary
        every = [unit for layer in range(words.last + 1) for unit in words.units(layer)]
        found = {words.unit_name(unit): unit for unit in every}
        for unit in every:
            found.setdefault(words.unit_name(unit).replace("_", ""), unit)
        return found

    def kinds(self, base: str) -> list[str]:
        """What the base may stand for, the notation's own first."""
        own = self.own_bases.get(base, [])
        return own if own and base not in {"y"} else list(dict.fromkeys([*own, *BASES.get(base, "").split()]))

    def _step(self, name: Name) -> int:
        marks = {script.text for script in name.sups}
        sub = name.sub.text if name.sub else ""
        return int(name.plus or bool(marks & (NEW - {"(1)", "*"})) or bool(name.primes) or sub.endswith(("new", "neu")))

    def _marks(self, name: Name, kind: str) -> Iterator[Marks]:
        """How the superscripts may be meant for a quantity of this kind."""
        layers: list[tuple[str, Position]] = []
        rest: list[Script] = []
        step = int(name.plus or bool(name.primes and kind in {"weight", "bias", "error"}))
        doubtful = False
        for script in name.sups:
            for piece in pieces(script):
                text = piece.text
                bracketed = BRACKETED.fullmatch(text)
                at = position(text[1:-1]) if bracketed else position(text)
                if text in {"T", "⊤", "t", "⊺", "tr"}:
                    rest.append(piece)
                elif kind in {"weight", "bias", "error"} and self._is_update(text):
                    step = int(text in NEW)
                elif bracketed and at is not None:
                    layers.append((text[0], at))
                elif at is not None and not bracketed and self._raises_layers(kind) and (isinstance(at, int) or at.name in {"l", "L"}):
                    doubtful = isinstance(at, int) and kind in {"input", "target", "error"}
                    layers.append(("", at)) if not doubtful else rest.append(piece)
                elif text in {"h", "o", "H", "O", "hidden", "out", "hid"} and kind in LAYERED and not bracketed:
                    last = self.spec.vocabulary.last
                    layers.append(("named", 1 if text.lower().startswith("h") else last))
                else:
                    rest.append(piece)
        yield Marks(tuple(layers), step, tuple(rest))

    def _is_update(self, text: str) -> bool:
        """Does a superscript say that a quantity is that after, or before, an update?"""
        letter = text.strip("()")[:1]
        is_layer = text.startswith("(") and (self.conventions.has_layer(letter) or letter.isdigit())
        return not is_layer and text in (NEW | OLD) - {"*"}

    def _raises_layers(self, kind: str) -> bool:
        return kind in LAYERED and (self.layer_bracket == "" or self.conventions.bare_layers)

    def _split(self, kind: str, marks: Marks) -> tuple[Position | None, Position | None] | None:
        """The layer and the sample that the marks tell, or None where they are too many."""
        layer: Position | None = None
        sample: Position | None = None
        has_layer = False
        for bracket, at in marks.layers:
            is_sample = kind in {"input", "target", "error"} or has_layer
            if not is_sample and bracket == "(" and self.layer_bracket == "[":
                is_sample = True
            if not is_sample and bracket == "(" and not isinstance(at, int) and at.name in SAMPLES and kind not in {"weight", "bias"}:
                is_sample = self.layer_bracket != "(" or not self.conventions.has_layer(at.name)
            if is_sample and kind == "input" and at == self.conventions.label(0) and bracket != "(":
                continue
            if is_sample:
                if sample is not None:
                    return None
                sample = at
            else:
                layer, has_layer = (at if bracket != "named" else moved(at, self.conventions.label(0))), True
        return layer, sample

    def _unit_named(self, text: str) -> Unit | None:
        text = text if text in self.units else text.replace(",", "")
        if text in self.units:
            return self.units[text]
        if text.isdigit() and (named := [u for name, u in self.units.items() if re.fullmatch(rf"[A-Za-z]+_?{text}", name) and u.layer]):
            return named[0] if len(set(named)) == 1 and self._counts_through else None
        if text in LAYER_WORDS:
            layer = {"h": 1, "o": self.spec.vocabulary.last, "i": 0}[text[0]]
            units = self.spec.vocabulary.units(layer)
            return units[0] if len(units) == 1 and (layer != 1 or self.spec.vocabulary.last == 2) else None
        return None

    @cached_property
    def _counts_through(self) -> bool:
        """Do units' names count through the whole network: n4, n5, n6?"""
        words = self.spec.vocabulary
        numbers = [re.sub(r"[^0-9]", "", words.unit_name(u)) for at in range(1, words.last + 1) for u in words.units(at)]
        return len(set(numbers)) == len(numbers) and "" not in numbers and words.last > 1

    def _prefixed(self, name: Name) -> tuple[int, Position] | None:
        """A unit's name with a letter for its number: o_k, h_j; the layer is that whose units are called so."""
        tokens = [t for t in (name.sub.tokens if name.sub else ()) if t.text not in {"_", "{", "}"}]
        if len(tokens) == 1 and len(tokens[0].text) == 2:
            letters: Sequence[str] = tokens[0].text
        else:
            letters = [t.text for t in tokens]
        if len(letters) != 2 or not all(len(t) == 1 and t.isalpha() for t in letters):
            return None
        words = self.spec.vocabulary
        for layer in range(words.last + 1):
            if all(re.fullmatch(re.escape(letters[0]) + r"_?[0-9]+", words.unit_name(u)) for u in words.units(layer)):
                return layer, Index(letters[1])
        return None

    def _into(self, label: Position | None) -> Position | None:
        """The layer that weights called `label` lead into."""
        return None if label is None else moved(label, -self.conventions.weight_label)

    def _layers_named(self, sub: str) -> tuple[int, str, str] | None:
        """Two letters that name the units of neighbouring layers, w_ho: the layer that it leads into, the letter of its unit, the other."""
        if len(sub) != 2 or self.spec.vocabulary.wiring:
            return None
        layers = {letter: layer for layer, letter in self.lettered.items()}
        first, second = (layers.get(letter) for letter in sub)
        if first is None or second is None or abs(first - second) != 1:
            return None
        return (second, sub[1], sub[0]) if second > first else (first, sub[0], sub[1])

    @cached_property
    def lettered(self) -> dict[int, str]:
        """The letter by which all units of a layer are called, where it is one: h of h1, h2."""
        words, found = self.spec.vocabulary, dict[int, str]()
        for layer in range(words.last + 1):
            matches = [re.fullmatch(r"([A-Za-z])_?[0-9]+", words.unit_name(unit)) for unit in words.units(layer)]
            letters = {match[1] if match else "" for match in matches}
            if len(letters) == 1 and (letter := letters.pop()):
                found[layer] = letter
        return found
