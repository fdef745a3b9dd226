"""Names of one shape are one family: their digits and letters are its slots.

`I_4` and `I_j` are members of the family `I_#`; `z_L` and `z_{L-1}` of `z_#`; `w^{(2)}_{ij}` of `w^(#)_##`. What a name means is
decided for its family, never for a spelling of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from symbp.language.form import Index, Position
from symbp.language.written import Name, Script, Token
from symbp.verification.reading.quantities import pieces, position

Slot: TypeAlias = Position | str
"""A number, a letter with its offset, or a word: the name of a unit or of a layer."""

TRANSPOSES: Final = frozenset({"T", "⊤", "t", "⊺", "tr", "top"})
TOTALS: Final = frozenset({"total", "tot", "Total", "ges", "gesamt", "all", "sum"})
"""Words behind an error that only say that it is the whole."""
_PIECE: Final = re.compile(r"n_?l(?:[+-][0-9]+)?|[A-Za-z](?:[+-][0-9]+)|[A-Za-z]+|[0-9]+")
_BRACKETS: Final = {"(": ")", "[": "]", "<": ">", "⟨": "⟩", "{": "}"}
INDICES: Final = frozenset("ijklmnpqrst")
_UPDATED: Final = frozenset({"+", "new", "neu", "(new)", "(neu)", "updated", "(t+1)", "(k+1)", "(n+1)", "t+1"})
_BEFORE: Final = frozenset({"old", "(old)", "alt"})
_WORDS: Final = frozenset("new neu old alt upd updated".split())


@dataclass(frozen=True, slots=True)
class Member:
    """A name as a member of its family: the values of the slots, what follows the name (powers, transpositions), and the update."""

    slots: tuple[Slot, ...]
    rest: tuple[Script, ...] = ()
    step: int = 0


@dataclass(frozen=True, eq=False)
class Family:
    """`base` with a place for each slot: "_" below, "^" raised, "(", "[" or "<" raised in brackets; `words` stand before slots."""

    base: str
    places: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, base: str, places: tuple[str, ...], words: tuple[str, ...]) -> Family:
        """The one family of this shape: families are compared by identity."""
        return _known.setdefault((base, places, words), cls(base, places, words))

    def __str__(self) -> str:
        slots = "".join(f"{place if place in '_^' else '^' + place}{word}#" for place, word in zip(self.places, self.words, strict=True))
        return self.base + slots


_known: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Family] = {}


def family_of(name: Name, raised: Collection[str] = frozenset(), named: Collection[str] = ()) -> tuple[Family, Member]:
    """The family of a name; the bases in `raised` have layers raised without brackets, which are powers elsewhere.

    A letter of an index with a digit behind it is two slots, i0, but where units are `named` so.
    """
    places: list[str] = []
    words: list[str] = []
    slots: list[Slot] = []
    rest: list[Script] = []
    step = int(name.plus)
    base = name.base + "'" * name.primes
    for word, slot in _lowered(name.sub, named) if name.sub is not None else ():
        if word in _WORDS and slot == "":
            step = int(word not in {"old", "alt"})
        elif word in TOTALS and slot == "":
            continue
        elif slot == "" and word not in named:
            base += f"_{word}"  # a word alone is a part of the name: W_out
        else:
            places.append("_")
            words.append(word if slot != "" else "")
            slots.append(slot if slot != "" else word)
    for piece in (piece for script in name.sups for piece in pieces(script)):
        if piece.text in TRANSPOSES:
            rest.append(piece)
        elif piece.text in _UPDATED:
            step = 1
        elif piece.text in _BEFORE:
            continue
        elif (found := _raised(piece.text, name.base, raised)) is not None:
            places.append(found[0])
            words.append("")
            slots.append(found[1])
        else:
            rest.append(piece)
    return Family.of(base, tuple(places), tuple(words)), Member(tuple(slots), tuple(rest), step)


def _raised(text: str, base: str, raised: Collection[str]) -> tuple[str, Slot] | None:
    """The place and the value of the slot that is raised as `text`; None where that is a power, or no slot."""
    bracket = text[:1] if text[:1] in _BRACKETS and text[-1:] == _BRACKETS[text[:1]] else ""
    inner = text[1:-1] if bracket else text
    value = position(inner)
    if bracket:
        slot = value if value is not None else inner if inner.isalpha() else None
        return None if slot is None else (bracket, slot)
    is_last = isinstance(value, Index) and value.name in {"l", "L"}
    if value is not None and (base in raised or text in raised or is_last):
        return "^", value
    is_word = text.isalpha() and text not in {"n", "m", "k", "p"} and (base in raised or base in {"W", "b", "w"})
    return ("^", text) if is_word else None


def is_cut_short(name: Name) -> bool:
    """Does a script end with a sign behind which something is missing: E_{w_5^}?"""
    scripts = [script for script in (name.sub, *name.sups) if script is not None]
    return any([token.text for token in script.tokens if token.text not in {"{", "}"}][-1:] in (["^"], ["_"]) for script in scripts)


def _lowered(script: Script, named: Collection[str]) -> Iterator[tuple[str, Slot]]:
    """The slots of a subscript, each with the word before it; a word alone has an empty slot."""
    text = "".join(_text(token) for token in script.tokens)
    for part in re.split(r"[,;→]|->", text):
        part = part.strip("(){}[]")
        waiting = ""
        found = _PIECE.findall(part)
        for at, piece in enumerate(found):
            if piece.isdigit():
                yield from _digits(waiting, piece, alone=len(found) == 1)
                waiting = ""
            elif (value := position(piece)) is not None:
                if at + 1 < len(found) and found[at + 1].isdigit() and isinstance(value, Index) and not value.offset:
                    if piece in INDICES and f"{piece}{found[at + 1]}" not in named and not waiting:
                        yield "", value
                    else:
                        waiting = piece
                else:
                    yield "", value
            elif len(piece) == 2 and len(found) == 1 and piece.isalpha() and piece.lower() == piece:
                yield from (("", Index(letter)) for letter in piece)
            elif at + 1 < len(found) and found[at + 1].isdigit():
                waiting = piece
            else:
                yield piece, ""


def _digits(word: str, digits: str, *, alone: bool) -> Iterator[tuple[str, Slot]]:
    if word or len(digits) != 2 or not alone:
        yield word, int(digits)
    else:
        yield from (("", int(digit)) for digit in digits)


def _text(token: Token) -> str:
    return "" if token.text in {"{", "}", "_", " "} and token.kind == "sign" else token.text


def is_letter(slot: Slot) -> bool:
    """Does the slot hold a letter that stands for several values?"""
    return isinstance(slot, Index)
