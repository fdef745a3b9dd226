"""Steps to rows: which links share a line, and where a long one breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from symbp.derivation.steps import Link, Step
from symbp.language.form import Index
from symbp.language.markers import bare, closed
from symbp.language.speller import shown as position
from symbp.language.writer import Writer

UNEXPLAINED = frozenset({"definition", "definition_of_delta", "simplify", "only_factor", "numbers_put_in", "value"})
"""Rules that nobody needs to be told beside the line."""
INDENT = 4
SHORTEST = 0.5
"""A line that breaks is at least so full, unless it can break nowhere there."""
MAX_LISTED = 4
"""So many layers are listed one by one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a display: `lhs` (empty where the line goes on), the relation, the text, the rule beside it.

    `condition` says for which values of the free indices the line holds; `number` and `label` are those of the equation that ends here.
    """

    lhs: str
    relation: str
    text: str
    note: str = ""
    indent: bool = False
    condition: str = ""
    number: int = 0
    label: str = ""

    @property
    def bracketed(self) -> str:
        """The note in brackets, as the format writes it."""
        return type(self.note)(f"({self.note})")


@dataclass(frozen=True, slots=True)
class Note:
    """What stands beside a line, as the format writes it, and how many letters it shows."""

    text: str = ""
    length: int = 0

    def __bool__(self) -> bool:
        return bool(self.text)


NO_NOTE = Note()


@dataclass(frozen=True, slots=True)
class Shown:
    """A step that is to be laid out, in its colours: the notes beside its links, and its equation's number and label."""

    step: Step
    notes: tuple[Note, ...]
    number: int = 0
    label: str = ""


@dataclass(frozen=True)
class Measure:
    """How a medium counts widths: the room on a line, a text's width, and what relations look like.

    Where widths are exact, the room is what the widest left side of a display leaves.
    """

    room: float
    width: Callable[[str], float]
    relations: dict[str, str]
    note_width: float = 0.9
    is_exact: bool = False
    number_width: float = 0

    def of(self, text: str) -> float:
        """How wide `text` comes out: colours take no room."""
        return self.width(bare(text))


def display_rows(steps: list[Shown], writer: Writer, measure: Measure) -> list[Row]:
    """The lines of the steps that stand together."""
    widest = max(measure.of(writer.text(shown.step.lhs)) for shown in steps) if measure.is_exact else 0.0
    return [row for shown in steps for row in rows(shown, writer, measure, widest)]


def rows(shown: Shown, writer: Writer, measure: Measure, widest: float = 0.0) -> list[Row]:
    """The lines of a step, numbered at the last. Links share a line while they fit; one that is explained gives each rule its own."""
    step = shown.step
    lhs = writer.text(step.lhs)
    room = measure.room - max(measure.of(lhs), widest) - 3 - (measure.number_width if shown.number else 0)
    found: list[Row] = []
    current, relation, note = "", "", NO_NOTE

    def flush() -> None:
        nonlocal current
        if current:
            fits = measure.of(current) + 3 + note.length * measure.note_width <= room
            found.append(Row("" if found else lhs, relation, current, note.text if fits else ""))
            current = ""

    for at, (link, own_note) in enumerate(zip(step.chain, shown.notes, strict=True)):
        sign = measure.relations[link.relation]
        text = writer.text(link.form)
        joined = f"{current} {sign} {text}"
        whole = joined
        if link.rule == "numbers_put_in" and at + 1 < len(step.chain):
            whole += f" {sign} {writer.text(step.chain[at + 1].form)}"
        beside = note or own_note
        taken = measure.of(whole) + (3 + beside.length * measure.note_width if beside else 0)
        if current and not (note and own_note) and taken <= room:
            current, note = joined, note or own_note
            continue
        flush()
        relation, note = sign, own_note
        if measure.of(text) <= room:
            current = text
        else:
            for piece_at, piece in enumerate(_broken(writer.pieces(link.form), measure, room)):
                found.append(Row("" if found else lhs, sign if piece_at == 0 else "", piece, indent=piece_at > 0))
    flush()
    if condition := _condition(step, writer):
        if measure.of(found[-1].text) + 5 + measure.of(condition) > room:
            found.append(Row("", "", ""))
        found[-1] = replace(found[-1], condition=condition)
    found[-1] = replace(found[-1], number=shown.number, label=shown.label)
    return found


def _condition(step: Step, writer: Writer) -> str:
    """l = 2, 3, 4 for the layers that a general step holds for; a unit's index runs over its layer without saying so."""
    said = []
    for over in step.every:
        if over.values:
            few = [str(value) for value in over.values]
            listed = few if len(few) <= MAX_LISTED else [*few[:2], "…", few[-1]]
            said.append(f"{writer.speller.letter(Index(over.name))} = {', '.join(listed)}")
        elif over.span:
            said.append(f"{over.name} = {position(over.span[0])}, …, {position(over.span[1])}")
    return writer.typed("; ".join(said))


def is_explained(step: Step, link: Link) -> bool:
    """Does the rule of `link` stand beside its line?"""
    return step.explain and link.rule not in UNEXPLAINED


def _broken(pieces: list[tuple[str, int]], measure: Measure, room: float) -> list[str]:
    """Pieces filled into lines no wider than `room`; lines after the first are indented by the caller.

    Of the breaks that leave a line not too short, one between terms comes before one inside a term.
    """
    lines: list[str] = []
    start = 0
    while start < len(pieces):
        limit = room - INDENT if lines else room
        ends = [start + 1]
        current = pieces[start][0].lstrip() if lines else pieces[start][0]
        widths = [measure.of(current)]
        for piece, _ in pieces[start + 1 :]:
            current += piece
            widths.append(measure.of(current))
            if widths[-1] > limit:
                break
            ends.append(ends[-1] + 1)
        if ends[-1] < len(pieces):
            full = [end for end, width in zip(ends, widths, strict=False) if width >= SHORTEST * limit] or ends[-1:]
            end = min(full, key=lambda end: (pieces[end][1], -end))
        else:
            end = ends[-1]
        lines.append("".join(piece for piece, _ in pieces[start:end]).lstrip() if lines else "".join(piece for piece, _ in pieces[:end]))
        start = end
    return closed(lines)


def by_equation(rows: list[Row]) -> list[list[Row]]:
    """The lines of a display by their equations: each ends with its number."""
    found: list[list[Row]] = [[]]
    for row in rows:
        if found[-1] and found[-1][-1].number:
            found.append([])
        found[-1].append(row)
    return found
