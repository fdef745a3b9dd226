"""The one table of spellings: what letters and words usually stand for, and where layers, units, samples usually stand. It is a prior.

A price is what it costs to read a family so, in rows: a reading at price 1 must make one more row true than another at price 0.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from symbp.language.vocabulary import Vocabulary
from symbp.verification.reading.families import Family
from symbp.verification.reading.meanings import FROM_ZERO, INPUTS_FROM_ZERO, TURNED, Meaning
from symbp.verification.reading.quantities import BASES

ROWS: Final = 0.25
"""So many rows a price of 1 is worth."""
UNKNOWN: Final = 1.2
"""The price of a kind for a letter that usually stands for nothing."""
AGAINST: Final = 1.8
"""The price of a kind for a letter that usually stands for another."""
NOTATION: Final = 0.0
"""The price of a reading that the notation of the file has, or the first that usage has."""
SHARED: Final = 1.5
"""The price of two families for one quantity."""
APART: Final = 1.0
"""The price of two kinds for families that differ only in unit or layer, and of two ways to count layers."""

_SLOPED: Final = re.compile(r"(?:d|∂|grad|g|G|D|partial|nabla|Grad|del)_?(?=[A-Za-z])|(?<=[A-Za-z])bar$|_?(?:grad|g)$")
_ENDS: Final = re.compile(r"(?:hat|tilde|bar|h|o|H|O|hid|hidden|output)$")
_OFFSET: Final = {("layer", -1): 0.4, ("layer", 1): 0.6, ("unit", 1): 0.6, ("source", 1): 0.3, ("number", 1): 0.6, ("number", 0): 0.0}
_PLACE: Final = {
    ("unit", "_"): 0.0, ("unit", "^"): 1.5, ("unit", "("): 1.2, ("unit", "["): 0.6,
    ("layer", "_"): 0.6, ("layer", "^"): 0.0, ("layer", "("): 0.0, ("layer", "["): 0.0,
    ("sample", "_"): 0.8, ("sample", "^"): 0.8, ("sample", "("): 0.4, ("sample", "["): 0.8,
    ("time", "_"): 0.2, ("time", "^"): 0.4, ("time", "("): 0.2, ("time", "<"): 0.0, ("through", "_"): 0.8, ("from", "_"): 0.4,
    ("name", "_"): 0.0, ("name", "("): 0.0, ("source name", "_"): 0.0, ("number", "_"): 0.0, ("source", "_"): 0.0,
    ("below", "_"): 0.0, ("below", "^"): 0.0,
}  # fmt: skip


_LETTERS: Final = {"p": "sample", "t": "time", "T": "time", "tau": "time", "l": "layer", "L": "layer"}
"""What the letters of slots usually count; those of time only in a network that has time steps."""
_COUNTED: Final = 1.0
_ONE_SAMPLE: Final = 1.5
"""The price of an index for samples where there is one."""


def price_of_letters(meaning: Meaning, letters: Sequence[Collection[str]], words: Vocabulary) -> float:
    """What it costs that the letters in the slots of a family count what they usually do not."""
    total = 0.0
    for (role, _), own in zip(meaning.roles, letters, strict=False):
        usual = {_LETTERS[letter] for letter in own if letter in _LETTERS and (_LETTERS[letter] != "time" or words.times)}
        if usual == {"sample"} == {role} and words.samples == 1:
            total -= _ONE_SAMPLE
        elif usual and role not in usual:
            total += _COUNTED
    return total


def kinds_of(base: str) -> dict[str, float]:
    """What the letter or word usually stands for, with prices; empty where it usually stands for nothing."""
    base = base.partition("_")[0] or base
    for text in dict.fromkeys((base, base.rstrip("'"), _ENDS.sub("", base), base.lower(), base[:1].upper() + base[1:])):
        if text in BASES:
            return {kind: 0.3 * at + (0.1 if text != base else 0.0) for at, kind in enumerate(BASES[text].split())}
    return {}


def price(family: Family, meaning: Meaning, words: Vocabulary, *, from_zero: bool = False) -> float:
    """What it costs to read the family so; `from_zero`: the work counts something from 0."""
    total = _price_of_kind(family.base, meaning)
    for (role, by), place in zip(meaning.roles, family.places, strict=False):
        total += _PLACE.get((role, place), 1.0)
        if from_zero and by in {1, FROM_ZERO, INPUTS_FROM_ZERO}:
            total += 0.1
        elif by:
            total += _OFFSET.get((role, by), 0.4)
    names = [role for role, _ in meaning.roles]
    if names == ["layer", "below"]:
        total += 0.1
    if "source" in names and "unit" in names and names.index("source") < names.index("unit"):
        total += 0.4
    if family.base[:1].isupper() and family.base != "E":  # capitals are matrices
        total += 0.6 * ("number" in names) - 0.5 * ("layer" in names and family.places == ("_",))
    if meaning.unit is not None:
        total += 0.6
    if meaning.order == "source":
        total += 0.8
    if meaning.is_batch:
        total += 0.2 if family.base[:1].isupper() else 1.2
    elif not names and family.base[:1].isupper() and meaning.kind not in {"weight", "error_total", "slope"}:
        total += 0.4
    if "sample" in names and words.samples == 1:
        total += _ONE_SAMPLE
    if meaning.kind == "input" and meaning.layer is None and "through" in names:
        total += 0.5
    return total


def _price_of_kind(base: str, meaning: Meaning) -> float:
    kind, inner = meaning.kind, base
    if kind == "kronecker":
        return 0.3 if base == "delta" else AGAINST + 0.8
    if meaning.order == TURNED:
        usual = kinds_of(base)
        return usual.get("delta", AGAINST if usual else UNKNOWN) + 0.8
    if kind in {"slope", "change"}:
        if kind == "change" and base.startswith("Delta"):
            inner, kind = base[5:], meaning.of
        elif kind == "slope" and (match := _SLOPED.search(base)) is not None and match[0] != base:
            inner, kind = base[: match.start()] + base[match.end() :], meaning.of
        else:
            return (AGAINST if kinds_of(base) else UNKNOWN) + 0.8
    if kind in {"error_total", "error_sample"}:
        kind = "error"
    usual = kinds_of(inner)
    if kind in usual:
        return usual[kind]
    if meaning.order == "own" and kind in {"out", "net", "input"}:
        return 0.0 if kind != "net" else 0.3
    return AGAINST if usual else UNKNOWN
