"""Whole works: a derivation in a personal notation with prose between, right or with mistakes, and the truth of every row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from notations.matrices import Matrices
from notations.mistakes import CONSISTENT, edited, readings, shuffled, throughout
from notations.nets import NETWORKS, Network
from notations.notation import Notation, drawn
from notations.pen import Pen
from notations.prose import PROSE
from notations.scalars import Scalars
from notations.trees import Row, quantities
from notations.truth import Sense, World, true, worlds

SPECIES = ("right", "planted", "consistent", "two", "most", "short", "short planted", "scopes")
FILE_NOTATIONS = ("mazur", "mazur", "ufldl", "nielsen", "ng", "bishop", "rumelhart", "goodfellow")
TRIES = 2000
OF_CONVENTION = {"sign", "transpose_order"}
"""Mistakes which, made often enough, are another convention."""
KINDS = {"consistent": {"scalar", "numbers", "recurrent"}, "most": {"scalar", "numbers"}}
"""Where a work has rows enough for it."""
USUAL = {("net", "out"), ("z", "a"), ("z", "h")}
"""Letters of net and out that are clear before they are defined."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row in the text: the lines on which it stands, and whether it is true; the code of what was done to it."""

    first: int
    last: int
    text: str
    true: bool
    code: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A work, and what a marker should say of it."""

    species: str
    seed: int
    network: Network
    notation: Notation
    spec: str
    text: str
    lines: tuple[Line, ...]

    @property
    def suffix(self) -> str:
        """The kind of file."""
        return {"tex": ".tex", "md": ".md"}.get(self.notation.medium, ".txt")

    @property
    def name(self) -> str:
        """Which says how it is made again."""
        return f"{self.species}-{self.seed}".replace(" ", "-")


def document(species: str, seed: int, network: Network | None = None) -> Document:
    """The work of that seed: always the same."""
    rng = Random(f"{species} {seed}")
    suited = [one for one in NETWORKS if one.kind in KINDS.get(species, {one.kind})]
    network = network or suited[seed % len(suited)]
    for _ in range(TRIES):
        notation, rows = _plausible(network, rng, short=species.startswith("short"))
        at = worlds(network, notation.sense, rng)
        assert all(true(row, at) for row in rows), [row for row in rows if not true(row, at)]
        made = _with_mistakes(species, rows, notation, network, at, rng)
        if made:
            break
    else:
        raise LookupError(f"no {species} work on {network.key} is clear")
    parts = [(notation, made)]
    if species == "scopes":
        parts.append(_second_part(network, notation, rng))
    text, lines = Page(network, rng).written(parts)
    checked = [replace(line, code="") if true(row, at) else replace(line, true=False) for line, row in lines]
    return Document(species, seed, network, notation, network.spec(rng.choice(FILE_NOTATIONS)), text, tuple(checked))


def _plausible(network: Network, rng: Random, *, short: bool) -> tuple[Notation, list[Row]]:
    """A notation that a marker could read, and what is written in it."""
    for _ in range(TRIES):
        notation = drawn(network, rng)
        if short:
            notation = replace(notation, forward=False, broken=False)
        maker = Scalars if network.kind in {"scalar", "numbers"} else Matrices
        rows = maker(network, notation, rng).rows()
        if (_clear(notation) or network.steps) and Pen(network, notation).unambiguous(rows):
            return notation, rows
    raise LookupError(f"no notation for {network.key} is clear")


def _clear(notation: Notation) -> bool:
    """Whether the names tell what they are: by the forward rows, or because they are usual."""
    if notation.forward:
        return True
    words = notation.units in {"suffix", "call"}
    usual = (notation.net, notation.out) in USUAL and (notation.units in {"named", "super"} or (words and notation.net == "net"))
    counted = (notation.numbering, notation.lead, notation.first, notation.layer_shift) == ("unit", "into", 1, 0)
    return usual and counted and notation.w not in {"theta", "Theta"}


def _second_part(network: Network, first: Notation, rng: Random) -> tuple[Notation, list[Row]]:
    """The same derivation after the letters of net and out have changed places."""
    turned = tuple((out, net) for net, out in first.by_layer)
    notation = replace(first, net=first.out, out=first.net, by_layer=turned, forward=True)
    maker = Scalars if network.kind in {"scalar", "numbers"} else Matrices
    return notation, maker(network, notation, rng).rows()


def _redefinable(rows: Sequence[Row], notation: Notation) -> bool:
    """Whether net and out are single letters, defined by forward rows, that can change places."""
    letters = len(notation.net) == len(notation.out) == 1 and notation.units not in {"suffix", "call"}
    return letters and rows[0].about == "forward" and notation.delta_sign > 0


# mistakes


def _with_mistakes(
    species: str, rows: list[Row], notation: Notation, network: Network, at: Sequence[World], rng: Random
) -> list[Row] | None:
    """The rows with the mistakes of a species, or None where none of them would be clear."""
    match species:
        case "right":
            return rows
        case "scopes":
            return rows if _redefinable(rows, notation) else None
        case "planted":
            return _planted(rows, network, at, rng)
        case "two":
            once = _planted(rows, network, at, rng)
            return once and _planted(once, network, at, rng)
        case "most":
            return _mostly_wrong(rows, network, at, rng)
        case "consistent":
            return _consistent(rows, network, at, rng)
    start = rng.randrange(len(rows))
    few = rows[start : start + rng.randint(1, 5)]
    return few if species == "short" else _planted(few, network, at, rng, alone=True)


def _planted(rows: list[Row], network: Network, at: Sequence[World], rng: Random, *, alone: bool = False) -> list[Row] | None:
    """One row more is false, and a marker can tell which."""
    found = [(new, k) for k, row in enumerate(rows) if not row.code for new in edited(row, network)]
    place = {id(new): k for new, k in found}
    for new in shuffled([new for new, _ in found], rng):
        k = place[id(new)]
        work = [*rows[:k], new, *rows[k + 1 :]]
        if not true(new, at) and (alone or _established(new, work, k)) and _clearly_false(work, new, network, at):
            return work
    return None


def _established(new: Row, work: Sequence[Row], k: int) -> bool:
    """Whether the names of a row stand in other rows too."""
    others = {one for at, row in enumerate(work) if at != k and not row.code for one in quantities(row)}
    return {one for one in quantities(new) if one.kind != "new"} <= others


def _clearly_false(work: Sequence[Row], new: Row, network: Network, at: Sequence[World]) -> bool:
    """Whether every other reading of the work makes more of its rows false."""
    mistakes = sum(bool(row.code) for row in work)
    read = [[replace(row, sides=tuple(reading(side) for side in row.sides)) for row in work] for reading in readings(network, new)]
    otherwise = [(rows, at) for rows in read] + [(list(work), other) for other in _in_other_layouts(network, at[0].sense)]
    return all(_false(rows, points, mistakes + 1) > mistakes for rows, points in otherwise)


def _false(rows: Sequence[Row], at: Sequence[World], most: int) -> int:
    """How many rows are false; counted up to so many."""
    count = 0
    for row in rows:
        count += not true(row, at)
        if count >= most:
            break
    return count


@cache
def _in_other_layouts(network: Network, sense: Sense) -> list[list[World]]:
    """Points at which a sample is a row where it was a column, or deltas have the 1/N of a mean that they lacked."""
    if network.kind in {"scalar", "numbers"}:
        return []
    others = [replace(sense, rows=not sense.rows), *([replace(sense, per_sample=not sense.per_sample)] if network.mean else [])]
    return [worlds(network, other, Random(network.key)) for other in others]


def _mostly_wrong(rows: list[Row], network: Network, at: Sequence[World], rng: Random) -> list[Row] | None:
    work = list(rows)
    for k, row in enumerate(rows):
        ways = [new for new in shuffled(list(edited(row, network)), rng) if not true(new, at) and new.code not in OF_CONVENTION]
        if ways and rng.random() < 0.75:
            work[k] = ways[0]
    return work if sum(bool(row.code) for row in work) > len(work) / 2 else None


def _consistent(rows: list[Row], network: Network, at: Sequence[World], rng: Random) -> list[Row] | None:
    """The same mistake wherever it can be made, in two rows at least."""
    for code in rng.sample(CONSISTENT, len(CONSISTENT)):
        changed = [throughout(row, code, network) for row in rows]
        work = [row if true(new, at) else new for row, new in zip(rows, changed, strict=True)]
        changed = [row for row in work if row.code]
        if len(changed) > 1 and len(changed) < len(work) / 2 and all(_clearly_false(work, row, network, at) for row in changed[:2]):
            return work
    return None


# the text


class Page:
    """Sets rows on lines, with prose between."""

    def __init__(self, network: Network, rng: Random) -> None:
        self.network, self.rng = network, rng
        self.words = PROSE[rng.choice(sorted(PROSE))]
        self.frame = rng.random()
        self.text: list[str] = []
        self.lines: list[tuple[Line, Row]] = []

    def written(self, parts: Sequence[tuple[Notation, Sequence[Row]]]) -> tuple[str, list[tuple[Line, Row]]]:
        """The text, and where each row stands in it."""
        medium = parts[0][0].medium
        if medium == "tex":
            self.text += [r"\documentclass{article}", r"\usepackage{amsmath}", r"\begin{document}"]
        for number, (notation, rows) in enumerate(parts):
            pen = Pen(self.network, notation)
            self._heading(self.words["title"] if not number else self.words["part"], medium)
            if number or not notation.forward or self.rng.random() < 0.3:
                self.text += [self._legend(notation, pen), ""]
            self._section(pen, rows, medium)
        if medium == "tex":
            self.text.append(r"\end{document}")
        return "\n".join(self.text) + "\n", self.lines

    def _heading(self, words: str, medium: str) -> None:
        self.text += [{"tex": rf"\section{{{words}}}", "md": f"# {words}"}.get(medium, words), ""]

    def _legend(self, notation: Notation, pen: Pen) -> str:
        """What the letters mean, in words."""
        mark = "$" if notation.tex else ""
        pairs = [(net, out) for net, out in notation.by_layer] or [(notation.net, notation.out)]
        letters = [", ".join(mark + pen.letter(pair[k]) + mark for pair in pairs) for k in (0, 1)]
        return self.words["legend"].format(net=letters[0], out=letters[1])

    def _section(self, pen: Pen, rows: Sequence[Row], medium: str) -> None:
        before = ""
        for about, group in _groups(rows):
            if self.rng.random() < 0.8 and about != before:
                self.text += [self.words[about], *([""] if self.rng.random() < 0.8 else [])]
            before = about
            self._group(pen, group, medium)
            self.text.append("")

    def _group(self, pen: Pen, rows: Sequence[Row], medium: str) -> None:
        aligned = pen.notation.tex and (self.frame < 0.3 or any(self._breaks(pen, row) for row in rows))
        if aligned:
            self.text.append({"tex": r"\begin{align*}"}.get(medium, r"$$\begin{aligned}"))
        for row in rows:
            self._row(pen, row, medium, aligned=aligned)
        if aligned:
            self.text.append({"tex": r"\end{align*}"}.get(medium, r"\end{aligned}$$"))

    def _breaks(self, pen: Pen, row: Row) -> bool:
        return pen.notation.broken and len(row.sides) > 2

    def _row(self, pen: Pen, row: Row, medium: str, *, aligned: bool) -> None:
        sides = pen.row(row)
        if not self._breaks(pen, row):
            return self._put("".join(sides), row, medium, aligned=aligned)
        self._put(sides[0] + sides[1], replace(row, sides=row.sides[:2]), medium, aligned=aligned)
        for k in range(2, len(sides)):
            self._put(
                ("" if pen.notation.tex else "    ") + sides[k].lstrip(),
                replace(row, sides=row.sides[k - 1 : k + 1]),
                medium,
                aligned=aligned,
            )
        return None

    def _put(self, text: str, row: Row, medium: str, *, aligned: bool) -> None:
        """A row on its line, framed as this person frames rows."""
        first = len(self.text) + 1
        if aligned:
            text = text.replace(" = ", " &= ", 1) if " = " in text else ("&" if text.startswith("=") else "") + text
            framed = [text + r" \\"]
        elif medium in {"tex", "md"}:
            framed = self._framed(text, medium)
        else:
            framed = [("- " if self.frame > 0.85 else "  " if self.frame > 0.7 else "") + text]
        self.text += framed
        self.lines.append((Line(first, len(self.text), text, True, row.code), row))

    def _framed(self, text: str, medium: str) -> list[str]:
        if self.frame < 0.5:
            return [f"$${text}$$"] if medium == "md" or self.frame < 0.4 else [rf"\[ {text} \]"]
        if self.frame < 0.65:
            return ["$$", text, "$$"] if medium == "md" else [r"\begin{equation}", text, r"\end{equation}"]
        return [f"- ${text}$"] if medium == "md" and self.frame > 0.85 else [f"${text}$", ""]


def _groups(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Rows of one part of the derivation together."""
    group: list[Row] = []
    for row in rows:
        if group and group[-1].about != row.about:
            yield group[0].about, group
            group = []
        group.append(row)
    if group:
        yield group[0].about, group
