"""Letters that stand for one unit: h, where the layer's units are called h1, h2, and the row is about h1 only."""

from __future__ import annotations

from collections.abc import Iterator

from symbp.language.form import Edge, Unit
from symbp.verification import written as w
from symbp.verification.reading.namings import Names
from symbp.verification.source.statements import Condition
from symbp.verification.source.work import Link
from symbp.verification.written import Name


def implied(names: Names, link: Link) -> tuple[Condition, ...]:
    """What the link says of such letters without saying it."""
    found = [part for form in (link.head, link.left, link.right) for part in w.parts(form) if isinstance(part, Name)]
    letters = {letter: layer for layer, letter in names.lettered.items()}
    used = {token.text for name in found if name.sub for token in _letters(name)} & set(letters)
    if not used:
        return ()
    units = {unit for name in found for unit in units_of(names, name)}
    conditions = []
    for letter in sorted(used):
        indices = {unit.index for unit in units if unit.layer == letters[letter]}
        if len(indices) == 1 and isinstance(index := indices.pop(), int):
            conditions.append(Condition(letter, "in", values=(index,)))
    return tuple(conditions)


def _letters(name: Name) -> Iterator[w.Token]:
    assert name.sub is not None
    for token in name.sub.tokens:
        if token.kind == "name" and len(token.text) <= 2:
            yield from (w.Token("name", letter, token.start, token.end) for letter in token.text)


def units_of(names: Names, name: Name) -> Iterator[Unit]:
    """The unit that a name is of, and that a weight leads into."""
    for reading in names.readings(name)[:1]:
        quantity = reading.quantity
        owner = quantity.var.owner if quantity.var is not None else None
        if isinstance(owner, Edge):
            yield owner.target
        elif isinstance(owner, Unit):
            yield owner
        elif (
            isinstance(quantity.layer, int)
            and isinstance(quantity.unit, int)
            and quantity.kind in {"net", "out", "delta", "weight", "bias"}
        ):
            yield Unit(quantity.layer, quantity.unit)
