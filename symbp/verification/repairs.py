"""The row as it should be, in the person's own notation: the edit put into their text, and a number that survives their calculator."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from symbp.verification import written as w
from symbp.verification.diagnose import Repair
from symbp.verification.following import FAULTS
from symbp.verification.judge import Judged, Ruling
from symbp.verification.printed import is_pure, is_result, results, spread
from symbp.verification.scope import Numeric
from symbp.verification.statements import sentence
from symbp.verification.tokens import Unreadable, lex
from symbp.verification.work import Line, Link, links_of, updating, words_of
from symbp.verification.world import World
from symbp.verification.written import Span, Token, Written


def expected_form(world: World, judged: Judged, worst: Ruling, repair: Repair) -> tuple[str | None, Span | None, str]:
    """The repaired row, the part of it that is changed, and the number that the chain should end with.

    What is given out was read again and judged: a text that does not hold is not printed.
    """
    value = right_value(world, judged, worst, repair)
    for text in () if repair.text is None else (repair.text, f"({repair.text})"):
        for end in (value, "") if value and not is_pure(worst.link.right) else ("",):
            row, marked = with_edit(judged, worst, repair, text, end)
            if is_right(world, judged, row):
                return row, marked, value
    if repair.text is None and value:
        row, marked = with_value(judged, worst, value)
        if is_right(world, judged, row):
            return row, marked, value
    return None, None, value


def with_edit(judged: Judged, worst: Ruling, repair: Repair, new: str, value: str) -> tuple[str, Span]:
    """The chain up to the repaired form, and the number that it comes to."""
    math, (start, _) = judged.line.row.math, chain_span(judged, worst)
    stop = max(worst.link.right.span[1], repair.span[1])
    text = math[start : repair.span[0]] + new + math[repair.span[1] : stop] + (f" = {value}" if value else "")
    return tidied(text, (repair.span[0] - start, repair.span[0] - start + len(new)))


def with_value(judged: Judged, worst: Ruling, value: str) -> tuple[str, Span]:
    """The chain with another printed value."""
    start, at = chain_span(judged, worst)[0], worst.link.right.span[0]
    return tidied(judged.line.row.math[start:at] + value, (at - start, at - start + len(value)))


def is_right(world: World, judged: Judged, text: str) -> bool:
    """Does the repaired row, read again, hold?"""
    line = judged.line
    words = words_of(world.spec)
    comma = "," in text and any(a.isdigit() and b == "," and c.isdigit() for a, b, c in zip(text, text[1:], text[2:], strict=False))
    try:
        tokens = lex(text, line.row.medium, words, decimal_comma=comma and "{,}" not in text and "." not in text)
        links = reread(line, judged, tokens, world)
    except Unreadable:
        return False
    return bool(links) and all(world.holds(link, line).holds for link in links)


def reread(line: Line, judged: Judged, tokens: Sequence[Token], world: World) -> list[Link]:
    above = judged.rulings[0].link
    standing = (above.head, above.left) if above.is_carried else None
    return [link for s in sentence(tokens, world.functions).statements for link in links_of(updating(s), standing)]


def chain_span(judged: Judged, worst: Ruling) -> Span:
    """From where the chain of a link begins in this row to where it ends."""
    links = [r.link for r in judged.rulings if r.link.head is worst.link.head]
    first = links[0]
    start = first.right.span[0] if first.is_carried else first.left.span[0]
    if first.is_carried:
        start = max(judged.line.row.math.rfind("=", 0, start), 0)
    return start, links[-1].right.span[1]


def tidied(text: str, marked: Span) -> tuple[str, Span]:
    """On one line, without blanks around it; the marked part moves along."""
    lead = len(text) - len(text.lstrip())
    stripped = text.strip()
    start, end = marked[0] - lead, marked[1] - lead
    flat = " ".join(stripped.split("\n"))
    return flat, (max(0, start), min(len(flat), end))


def right_value(world: World, judged: Judged, worst: Ruling, repair: Repair) -> str:
    """The number that the row's chain should end with, to as many places as its own literals bear; nothing where it prints none."""
    last = [r.link for r in judged.rulings if r.link.head is worst.link.head][-1]
    if not is_result(last.right) or isinstance(bare(last.right), w.Matrix):
        return ""
    number = next(iter(results(last.right)))
    source: Written = worst.link.left
    checker = world.at_numbers
    if repair.code == "arithmetic_slip" and is_pure(worst.link.left):
        checker = checker or world.single
    elif checker is None:
        return ""
    else:
        source = repair.link.right if repair.link is not None and is_pure(repair.link.right) else worst.link.head
    try:
        with np.errstate(all="ignore"):
            value, room = spread(checker.meaning(Numeric(checker.truth), worst.link.arguments), source, world.numbers.slack(source))
    except FAULTS:
        return ""
    if value.size != 1 or not np.isfinite(value.flat[0]):
        return ""
    return shown(float(value.flat[0]), supported(world, judged, number.places, float(room.flat[0]), repair))


def supported(world: World, judged: Judged, places: int, room: float, repair: Repair) -> int:
    """So many places as the rounding of the literals leaves certain."""
    if repair.code == "arithmetic_slip":
        return places
    for ruling in judged.rulings:
        if is_pure(ruling.link.right) and not is_result(ruling.link.right) and world.at_numbers is not None:
            try:
                checker = world.at_numbers
                _, slack = spread(checker.meaning(Numeric(checker.truth)), ruling.link.right, world.numbers.slack(ruling.link.right))
                room = max(room, float(np.max(slack)))
            except FAULTS:
                continue
    while places > 1 and room > 0.5 * 10.0**-places:
        places -= 1
    return places


def shown(value: float, places: int) -> str:
    """Rounded to so many decimal places."""
    rounded = round(Fraction(value), places) if places >= 0 else round(Fraction(value))
    return f"{float(rounded):.{max(places, 0)}f}"


def bare(node: Written) -> Written:
    while isinstance(node, w.Bracket | w.Negative):
        node = node.of
    return node
