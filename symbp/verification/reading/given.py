"""Names that the network file itself gives: net_h1 and out_o1, with the file's names of units. No work can mean something else by them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from symbp.language.form import Unit
from symbp.language.vocabulary import Vocabulary
from symbp.language.written import Name

GIVEN: Final = frozenset({"net", "out"})
"""The words with which the file's own names of what units have begin."""
_OF_UNITS: Final = GIVEN | {"delta"}
_NUMBERED: Final = re.compile(r"([A-Za-z]+)_?([0-9]+)")


def unit_word(name: Name) -> str:
    """The subscript of a name as the name of a unit."""
    return re.sub(r"[{}() ]", "", name.sub.text) if name.sub is not None else ""


def kind_given(name: Name, units: Collection[str]) -> str | None:
    """The kind of quantity that the file has this name for, where it is one of the file's: net_h1 is a net input; `units` are its units."""
    if name.base not in GIVEN or name.sub is None or name.primes or name.plus:
        return None
    return name.base if unit_word(name) in units else None


@dataclass(frozen=True, slots=True)
class NoUnit:
    """A name that the network cannot have: the `unit` in it is not there; `units` of its `layer` are."""

    name: Name
    unit: str
    units: tuple[str, ...]
    layer: int


def no_unit(names: Iterable[Name], words: Vocabulary) -> NoUnit | None:
    """The first name of a unit whose number is beyond those that its layer has: out_h3, where the file has h1 and h2."""
    every = {words.unit_name(unit) for layer in range(words.last + 1) for unit in words.units(layer)}
    for name in names:
        match = _NUMBERED.fullmatch(unit_word(name)) if name.base in _OF_UNITS else None
        if match is None or match[0] in every:
            continue
        for layer in range(words.last + 1):
            own = _numbered(words.units(layer), words, match[1])
            if own and int(match[2]) > len(own):
                return NoUnit(name, f"{match[1]}{match[2]}", own, layer)
    return None


def _numbered(units: tuple[Unit, ...], words: Vocabulary, word: str) -> tuple[str, ...]:
    """The names of these units, if they are the word with the numbers from 1."""
    names = tuple(map(words.unit_name, units))
    return names if names == tuple(f"{word}{at}" for at in range(1, len(names) + 1)) else ()
