"""Steps to rows: which links share a line, and where a long one breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from symbp.derivation.rules import RULES
from symbp.derivation.steps import Step
from symbp.language.form import Index
from symbp.language.plain import terminal_columns
from symbp.language.speller import shown
from symbp.language.writer import Writer

UNEXPLAINED = frozenset({"definition", "definition_of_delta", "simplify", "only_factor", "numbers_put_in", "value"})
"""Rules that nobody needs to be told beside the line."""
MAX_LISTED = 4
"""So many layers are listed one by one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a display: `lhs` (empty where the line goes on), the relation, the text, the rule beside it.

    `condition` says for which values of the free indices the line holds.
    """

    lhs: str
    relation: str
    text: str
    note: str = ""
    indent: bool = False
    condition: str = ""


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


def display_rows(steps: tuple[Step, ...], writer: Writer, measure: Measure, worded: Callable[[str], str] = RULES.__getitem__) -> list[Row]:
    """The lines of the steps that stand together; `worded` says what a rule is called."""
    widest = max(measure.width(writer.text(step.lhs)) for step in steps) if measure.is_exact else 0.0
    return [row for step in steps for row in rows(step, writer, measure, widest, worded)]


def rows(step: Step, writer: Writer, measure: Measure, widest: float = 0.0, worded: Callable[[str], str] = RULES.__getitem__) -> list[Row]:
    """The lines of `step`. Links share a line while they fit; a step that is explained gives each rule a line of its own."""
    lhs = writer.text(step.lhs)
    room = measure.room - max(measure.width(lhs), widest) - 3
    found: list[Row] = []
    current, relation, note = "", "", ""

    def flush() -> None:
        nonlocal current
        if current:
            fits = measure.width(current) + 3 + terminal_columns(note) * measure.note_width <= room
            found.append(Row("" if found else lhs, relation, current, note if fits else ""))
            current = ""

    for at, link in enumerate(step.chain):
        sign = measure.relations[link.relation]
        text = writer.text(link.form)
        joined = f"{current} {sign} {text}"
        own_note = worded(link.rule) if step.explain and link.rule not in UNEXPLAINED else ""
        whole = joined
        if link.rule == "numbers_put_in" and at + 1 < len(step.chain):
            whole += f" {sign} {writer.text(step.chain[at + 1].form)}"
        beside = note or own_note
        taken = measure.width(whole) + (3 + terminal_columns(beside) * measure.note_width if beside else 0)
        if current and not (note and own_note) and taken <= room:
            current, note = joined, note or own_note
            continue
        flush()
        relation, note = sign, own_note
        if measure.width(text) <= room:
            current = text
        else:
            for piece_at, piece in enumerate(_broken(writer.pieces(link.form), measure, room)):
                found.append(Row("" if found else lhs, sign if piece_at == 0 else "", piece, indent=piece_at > 0))
    flush()
    if condition := _condition(step, writer):
        if measure.width(found[-1].text) + 5 + measure.width(condition) > room:
            found.append(Row("", "", ""))
        found[-1] = replace(found[-1], condition=condition)
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
            said.append(f"{over.name} = {shown(over.span[0])}, …, {shown(over.span[1])}")
    return "; ".join(said)


def _broken(pieces: list[str], measure: Measure, room: float) -> list[str]:
    """Pieces filled into lines no wider than `room`; lines after the first are indented by the caller."""
    lines: list[str] = []
    current = ""
    for piece in pieces:
        limit = room if not lines else room - 4
        if current and measure.width(current + piece) > limit:
            lines.append(current)
            current = piece.lstrip()
            continue
        current += piece
    return [*lines, current] if current else lines
