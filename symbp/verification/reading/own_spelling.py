"""The names of the network file's own notation, exactly as its `Speller` writes them, with layers, samples and time steps.

Every quantity of the network is spelled and read again, so that whatever a notation does with superscripts and subscripts is undone
by what does it. Where an index is a letter, the spelling of a quantity at stand-ins for letters becomes a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from symbp.language.form import Edge, Index, Layer, Position, Unit, Var
from symbp.language.latex import name_latex
from symbp.language.notation import Notation
from symbp.language.speller import Speller
from symbp.language.vocabulary import Vocabulary
from symbp.verification.reader import Reader
from symbp.verification.tokens import Unreadable, lex
from symbp.verification.written import Name, Script

LAYER, UNIT, SOURCE, SAMPLE, TIME = (Index(letter) for letter in "QFRVM")
"""Stand-ins for letters of indices, which no notation has in a script."""
_GROUPS: Final = {
    "Q": r"(?P<Q>[A-Za-z](?:[+-][0-9])?|[0-9]+)",
    "F": r"(?P<F>[a-z]|[0-9])",
    "R": r"(?P<R>[a-z]|[0-9])",
    "V": r"(?P<V>[a-z]|[0-9]+)",
    "M": r"(?P<M>[a-z](?:[+-][0-9])?|[A-Z]|[0-9]+)",
}
_WHOLES: Final = {
    "inputs": "input",
    "targets": "target",
    "nets": "net",
    "outs": "out",
    "deltas": "delta",
    "weights": "weight",
    "biases": "bias",
}


@dataclass(frozen=True, slots=True)
class Spelled:
    """What a name of the notation is: one quantity, or those of `kind` at its indices; `layer` counts from 0, the input.

    `source_layer` is that of a weight's source where it need not be the layer before.
    """

    kind: str
    var: Var | None = None
    layer: Position | None = None
    unit: Position | None = None
    source: Position | None = None
    sample: Position | None = None
    time: Position | None = None
    step: int = 0
    is_batch: bool = False
    source_layer: int | None = None


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The scripts of a spelling, as a regular expression; `by` is what the spelling adds to the layer's number."""

    scripts: re.Pattern[str]
    by: int
    like: Spelled

    def match(self, scripts: str) -> Spelled | None:
        found = self.scripts.fullmatch(scripts)
        if found is None:
            return None
        at = {letter: _position(text) for letter, text in found.groupdict().items()}
        layer = self.like.layer
        if (label := at.get("Q")) is not None:
            layer = label - self.by if isinstance(label, int) else label.shifted(-self.by)
        like = self.like
        return Spelled(
            *(like.kind, None, layer, at.get("F", like.unit), at.get("R", like.source), at.get("V", like.sample), at.get("M", like.time)),
            *(like.step, like.is_batch, like.source_layer),
        )


def words_in(words: Vocabulary) -> frozenset[str]:
    """The names of several letters that a network has: of units, and of parameters."""
    units = (name for layer in words.names for name in layer)
    parameters = (words.canonical(p) for p in words.parameters())
    pieces = {piece for name in (*units, *parameters) for piece in re.findall(r"[A-Za-z]+", name)}
    return frozenset(piece for piece in pieces if len(piece) > 1)


def _position(text: str) -> Position:
    if text.isdigit():
        return int(text)
    return Index(text[0], int(text[1:] or 0))


@dataclass
class Spelling:
    """The names of one network in its notation."""

    speller: Speller
    notation: Notation = field(init=False)
    words: Vocabulary = field(init=False)

    def __post_init__(self) -> None:
        self.notation, self.words = self.speller.notation, self.speller.vocabulary

    def of(self, name: Name) -> Iterator[tuple[Spelled, tuple[Script, ...]]]:
        """What the name is in the notation, and the superscripts that are no part of it; the longest name first."""
        if name.primes:
            return
        for kept in range(len(name.sups), -1, -1):
            key = _key(name, kept)
            found = self.concrete.get(key) or next(self._general(*key), None)
            if found is not None:
                yield found, name.sups[kept:]
                return

    def _general(self, base: str, scripts: str) -> Iterator[Spelled]:
        for pattern in self.patterns.get(base, ()):
            if (found := pattern.match(scripts)) is not None and self._exists(found):
                yield found

    def _exists(self, found: Spelled) -> bool:
        """Are the layer and the sample that numbers tell there?"""
        layer, sample = found.layer, found.sample
        lowest = 0 if found.kind in {"input", "out"} else 1
        if isinstance(layer, int) and not lowest <= layer <= self.words.last:
            return False
        return not isinstance(sample, int) or 1 <= sample <= self.words.samples

    # -- single quantities -----------------------------------------------------------------------------------------

    @cached_property
    def concrete(self) -> dict[tuple[str, str], Spelled]:
        found: dict[tuple[str, str], Spelled] = {}
        for var in self.words.variables():
            if (key := self._spelled(var)) is not None:
                found.setdefault(key, self._single(var))
        for layer in range(self.words.last + 1):
            for var, like in self._wholes(layer):
                if (key := self._spelled(var)) is not None and not isinstance(var.sample, Index) and not isinstance(var.time, Index):
                    found.setdefault(key, like)
        return found

    def _single(self, var: Var) -> Spelled:
        sample = var.sample if self.words.samples > 1 else None
        if isinstance(var.owner, Unit) and var.kind in {"net", "out", "delta", "target", "error"}:
            return Spelled(var.kind, None, var.owner.layer, var.owner.index, None, sample, var.time, var.step)
        if var.kind == "error_sample":
            return Spelled(var.kind, None, sample=sample, time=var.time)
        return Spelled(var.kind, var, sample=sample, time=var.time, step=var.step)

    def _spelled(self, var: Var) -> tuple[str, str] | None:
        """The name of `var`, written in LaTeX and read again."""
        try:
            text = name_latex(self.speller.name(var))
        except (KeyError, ValueError, AssertionError, AttributeError, IndexError):
            return None
        return self._read(text)

    def _read(self, text: str) -> tuple[str, str] | None:
        try:
            found = Reader(lex(text, "latex", self._letters), ()).scripted()
        except Unreadable:
            return None
        return None if found is None else _key(found, len(found.sups))

    @cached_property
    def _letters(self) -> frozenset[str]:
        return words_in(self.words)

    # -- quantities at letters -------------------------------------------------------------------------------------

    @cached_property
    def patterns(self) -> dict[str, list[_Pattern]]:
        """Patterns by base, those of single units first."""
        found: dict[str, list[_Pattern]] = {}
        layers: list[Position] = [LAYER, *range(self.words.last + 1)]
        for var, like in [*self._indexed(), *(one for layer in layers for one in self._wholes(layer))]:
            if (key := self._spelled(var)) is None:
                continue
            base, scripts = key
            by = re.search(r"Q(?:([+-])([0-9]))?", scripts)
            offset = int(f"{by[1] or '+'}{by[2] or 0}") if by else 0
            text = re.escape(re.sub(r"Q[+-][0-9]", "Q", scripts))
            pattern = re.sub(r"(?<=[QFRV])(?=[FRV])", ",?", text)
            pattern = re.sub(r"[QFRVM]", lambda match: self._group(match[0]), pattern)
            one = _Pattern(re.compile(pattern), offset, like)
            if re.search(r"[QFRVM]", scripts) and one not in found.setdefault(base, []):
                found[base].append(one)
        return found

    def _group(self, letter: str) -> str:
        """What an index may be; where samples stand in subscripts, their letter is no unit's, and no other letter is theirs."""
        if not self.notation.sample.startswith("_"):
            return _GROUPS[letter]
        mark = self.notation.sample_index
        return f"(?P<V>{mark}|[0-9]+)" if letter == "V" else f"(?!{mark}){_GROUPS[letter]}" if letter in "FR" else _GROUPS[letter]

    def _samples(self) -> Iterator[Index | None]:
        """Of any sample, and of no one in particular."""
        if self.words.samples > 1 or self.notation.keeps_sample:
            yield SAMPLE
        yield None

    def _times(self) -> Iterator[Index | None]:
        yield from (TIME, None) if self.words.times else (None,)

    def _indexed(self) -> Iterator[tuple[Var, Spelled]]:
        last = self.words.last
        unit, source = Unit(LAYER, UNIT), Unit(LAYER.shifted(-1), SOURCE)
        for sample in self._samples():
            for time in self._times():
                for kind in ("net", "out", "delta"):
                    yield Var(kind, unit, sample, time), Spelled(kind, None, LAYER, UNIT, None, sample, time)
                yield Var("input", Unit(0, UNIT), sample, time), Spelled("input", None, 0, UNIT, None, sample, time)
                for kind, own in (("out", "out"), ("target", "target"), ("error", "error")):
                    yield Var(kind, Unit(last, UNIT), sample, time), Spelled(own, None, last, UNIT, None, sample, time)
                if sample is not None or time is not None:
                    yield Var("error_sample", None, sample, time), Spelled("error_sample", None, sample=sample, time=time)
        for step in (0, 1):
            yield Var("weight", Edge(source, unit), step=step), Spelled("weight", None, LAYER, UNIT, SOURCE, step=step)
            yield Var("bias", unit, step=step), Spelled("bias", None, LAYER, UNIT, step=step)
            for below, above in self._blocks():
                edge = Edge(Unit(below, SOURCE), Unit(above, UNIT))
                yield Var("weight", edge, step=step), Spelled("weight", None, above, UNIT, SOURCE, step=step, source_layer=below)
        for kind in ("mean_activation", "divergence"):
            if "mean_activation" in self.words.extras:
                yield Var(kind, unit), Spelled(kind, None, LAYER, UNIT)

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """In a recurrent network, the layers that each of its matrices leads from and into."""
        if self.words.times:
            yield 1, 1
            yield from ((layer - 1, layer) for layer in range(1, self.words.last + 1))

    def _wholes(self, layer: Position) -> Iterator[tuple[Var, Spelled]]:
        """The quantities of a whole layer: vectors of a sample, matrices of all."""
        words = self.words
        is_first, is_last = layer == 0, layer == words.last
        for kind, single in _WHOLES.items():
            if (single == "input") != is_first or (single == "target" and not is_last):
                continue
            is_parameter = single in {"weight", "bias"}
            for sample in (None,) if is_parameter else (*self._samples(), *(words.every_sample if words.samples > 1 else ())):
                for time in (None,) if is_parameter else self._times():
                    is_batch = not is_parameter and words.samples > 1 and sample is None
                    for step in (0, 1) if is_parameter else (0,):
                        like = Spelled(single, None, layer, None, None, sample, time, step, is_batch)
                        yield Var(kind, Layer(layer), sample, time, step), like
        if not is_first:
            yield Var("bias", Layer(layer)), Spelled("bias", None, layer)


def _key(name: Name, kept: int) -> tuple[str, str]:
    """A name's base, and its scripts as one text."""
    sup = "".join(script.text for script in name.sups[:kept])
    sup += "+" * (name.plus and not sup.endswith("+"))
    return name.base, f"^{sup}_{name.sub.text if name.sub else ''}"


KEPT = 8
"""So many tables of names are kept, those made last."""
_recent: list[Spelling] = []


def spelling_of(speller: Speller) -> Spelling:
    """The names of a network in its notation, made once for the networks that were last asked for."""
    for made in _recent:
        if made.notation is speller.notation and made.words == speller.vocabulary:
            return made
    made = Spelling(speller)
    _recent.append(made)
    del _recent[:-KEPT]
    return made
