"""What the names of a work were taken for, family by family, in the person's letters and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from symbp.language.written import Name
from symbp.verification.judging.budget import OverBudget
from symbp.verification.judging.judge import Judged
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.reading.families import Family, family_of
from symbp.verification.reading.grids import own_keys
from symbp.verification.reading.quantities import Quantity
from symbp.verification.reading.questions import Words, family_text, meaning_at, merged
from symbp.verification.reading.search import RIVAL, Established, names_in
from symbp.verification.reading.world import World
from symbp.verification.report.report import ReadAs, Source
from symbp.verification.source.work import Line

MOST_RIVALS = 3
"""So many other readings of a family are named."""
TRIED = 12
"""So many are tried for it."""
USUAL = 0.5
"""A reading below this price is the notation's or common usage."""


@dataclass
class _Used:
    """A family, and where the work has it: its names as they are written, by their text, and the lines that have one."""

    family: Family
    names: dict[str, Name] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    """The lines of right rows."""
    defined: int | None = None
    """The first line that such a name stands alone on the left of."""


def read_as(world: World, judged: Sequence[Judged], declared: frozenset[str]) -> tuple[ReadAs, ...]:
    """What each family was taken for; `declared` are the names, as they are looked up, of which the file or a comment says it."""
    maker = _Maker(world, declared)
    found: list[ReadAs] = []
    with suppress(OverBudget):  # what is not said then is not known to the reader, but no verdict hangs on it
        found.extend(one for used in families(world, judged) if (one := maker.of(used)) is not None)
    return tuple(found)


def families(world: World, judged: Sequence[Judged]) -> list[_Used]:
    """The families of the work's names, in the order in which they are met."""
    found: dict[Family, _Used] = {}
    units = world.single.grids.axes.named
    for row in judged:
        for ruling in row.rulings:
            link, line = ruling.link, row.line
            for form in (link.left, link.right):
                for name in names_in(form, world.functions):
                    if name.base in link.arguments and name.sub is None:
                        continue
                    family = family_of(name, world.own.raised, units)[0]
                    used = found.setdefault(family, _Used(family))
                    used.names.setdefault(text_of(line, name), name)
                    used.lines.append(line.row.line)
                    used.right += [line.row.line] if row.verdict == "correct" else []
                    if used.defined is None and unwrapped(link.left) is name and not link.is_carried:
                        used.defined = line.row.line
    return list(found.values())


def text_of(line: Line, name: Name) -> str:
    return " ".join(line.row.math[name.span[0] : name.span[1]].split())


@dataclass
class _Maker:
    world: World
    declared: frozenset[str]

    def __post_init__(self) -> None:
        self.words = Words(self.world.spec, self.world.conventions)
        self.reading: Established | None = self.world.reading

    def of(self, used: _Used) -> ReadAs | None:
        """What the family was taken for; None where it was taken for nothing."""
        names = list(used.names.values())
        family = family_text(list(used.names))
        is_said = self.is_said(used, names)
        quantities = [quantity for name in names if (quantity := self.quantity(name)) is not None]
        if not quantities:
            return self.of_form(used, names, family, is_said=is_said)
        meaning = merged(map(self.words.of, quantities))
        grids = self.world.single.grids
        if is_said or any(grids.is_alias(name) for name in names):
            defined = () if is_said or used.defined is None else (used.defined,)
            return ReadAs(family, meaning, "file" if is_said else "definition", defined)
        if self.reading is None or used.family not in self.reading.joint.members:
            right = tuple(dict.fromkeys(used.right))
            return ReadAs(family, meaning, "rows" if right else "prior", right, is_usual=True)
        option = self.reading.option(used.family)
        rows: tuple[int, ...] = tuple(dict.fromkeys(self.speaking(used.family)))
        by: Source = "prior" if not rows else "definition" if rows == (used.defined,) else "rows"
        rivals: list[str] = []
        with suppress(OverBudget):
            rivals.extend(self.rivals(used, meaning))
        self.reading.joint.install(self.reading.state.chosen)
        return ReadAs(family, meaning, by, rows, tuple(rivals), option.meaning is None or option.price < USUAL)

    def is_said(self, used: _Used, names: Sequence[Name]) -> bool:
        """Does the file or a comment say what the family, or each name of it, is?"""
        return used.family in self.world.own.fixed or all(any(key in self.declared for key, _ in own_keys(name)) for name in names)

    def of_form(self, used: _Used, names: Sequence[Name], family: str, *, is_said: bool) -> ReadAs | None:
        """A name that stands for a form of the person's own."""
        if not any(self.world.single.grids.own_value(name) is not None for name in names):
            return None
        if is_said:
            return ReadAs(family, "what you say that it is", "file")
        rows = () if used.defined is None else (used.defined,)
        return ReadAs(family, "a name for the right side", "definition", rows)

    def quantity(self, name: Name) -> Quantity | None:
        if self.world.single.grids.own_value(name) is not None:
            return None
        readings = self.world.single.grids.readings(name)
        return readings[0].quantity if readings else None

    def speaking(self, family: Family) -> Iterator[int]:
        """The lines of the rows that are true and say something of the family."""
        assert self.reading is not None
        for at in sorted(self.reading.state.true):
            row = self.reading.joint.rows[at]
            if family in row.families and self.reading.told(at):
                yield row.line.row.line

    def rivals(self, used: _Used, meaning: str) -> Iterator[str]:
        """Other meanings under which the same rows are true, hardly dearer; none where spelling settles it.

        What was tried last stays installed.
        """
        assert self.reading is not None
        joint, chosen = self.reading.joint, self.reading.state.chosen
        mine = self.reading.option(used.family)
        if mine.meaning is None or mine.price < USUAL:
            return
        rows = [at for at in self.reading.state.true if used.family in joint.rows[at].families]
        said = {meaning}
        for at, option in enumerate(joint.options[used.family][:TRIED]):
            if at == chosen[used.family] or option.price > mine.price + RIVAL or len(said) > MOST_RIVALS:
                continue
            if all(joint.holds(row, {**chosen, used.family: at}) for row in rows):
                every = (meaning_at(self.world, self.reading, used.family, name, option) for name in used.names.values())
                words = merged(self.words.of(quantity) for quantity in every if quantity is not None)
                if words and words not in said:
                    said.add(words)
                    yield words
