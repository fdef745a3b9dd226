"""The row as it should be, in the person's own notation: the edit put into their text, and a number that survives their calculator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from symbp.language import written as w
from symbp.language.tokens import Unreadable, lex
from symbp.language.written import Number, Span, Token, Written
from symbp.verification.judging.following import FAULTS
from symbp.verification.judging.judge import Judged, Ruling
from symbp.verification.judging.printed import is_pure, is_result, results, spread, value_of
from symbp.verification.judging.scope import Numeric
from symbp.verification.reading.world import World
from symbp.verification.repair.editing import Repair
from symbp.verification.source.statements import sentence
from symbp.verification.source.work import Line, Link, links_of, updating, words_of

MORE: Final = 12
"""So many more places are shown at most than were printed."""


def expected_form(world: World, judged: Judged, worst: Ruling, repair: Repair) -> tuple[str | None, Span | None, str]:
    """The repaired row, the part of it that is changed, and the number that the chain should end with.

    What is given out was read again and judged: a text that does not hold is not printed.
    """
    value = localized(right_value(world, judged, worst, repair), judged.line.row.math)
    for text in () if repair.text is None else (repair.text, f"({repair.text})"):
        for end in endings(judged, worst, value):
            row, marked = with_edit(judged, worst, repair, text, end)
            if is_right(world, judged, row):
                return row, marked if marked[1] > marked[0] else None, value
    if repair.text is None and value:
        for early in (True, False) if worst.how == "rounding" else (False,):
            row, marked = with_value(judged, worst, value, early=early)
            if is_right(world, judged, row):
                return row, marked, value
    if repair.text is None and isinstance(bare(worst.link.right), w.Matrix):
        return *(with_entry(world, judged, worst) or (None, None)), value
    return None, None, value


def localized(value: str, math: str) -> str:
    """The value with a decimal comma, where the row has such."""
    return value.replace(".", ",") if re.search(r"\d(,|\{,\})\d", math) and not re.search(r"\d\.\d", math) else value


def endings(judged: Judged, worst: Ruling, value: str) -> Iterator[str]:
    """What may follow the repaired form: the rest of the chain if it is right then, or the number that it comes to, or nothing."""
    end = chain_span(judged, worst)[1]
    yield judged.line.row.math[worst.link.right.span[1] : end]
    if value:
        yield f" = {value}"
    if end > worst.link.right.span[1]:
        yield ""


def with_entry(world: World, judged: Judged, worst: Ruling) -> tuple[str, Span] | None:
    """The chain with another number in the one entry of a printed matrix that is off."""
    link, checker = worst.link, world.at_numbers or world.single
    matrix = bare(link.right)
    if not isinstance(matrix, w.Matrix):
        return None
    try:
        with np.errstate(all="ignore"):
            value = checker.meaning(Numeric(checker.truth), link.arguments).of(link.left)[0]
    except FAULTS:
        return None
    for i, cells in enumerate(matrix.rows):
        for j, cell in enumerate(cells):
            if is_result(cell) and value.shape == (len(matrix.rows), len(cells)):
                text = localized(shown(float(value[i, j]), next(iter(results(cell))).places), judged.line.row.math)
                row, marked = with_edit(judged, worst, Repair("arithmetic_slip", cell.span), text, "")
                if is_right(world, judged, row):
                    return row, marked
    return None


def with_edit(judged: Judged, worst: Ruling, repair: Repair, new: str, end: str) -> tuple[str, Span]:
    """The chain up to the repaired form, and what follows it."""
    math, (start, _) = judged.line.row.math, chain_span(judged, worst)
    stop = max(worst.link.right.span[1], repair.span[1])
    text = math[start : repair.span[0]] + new + math[repair.span[1] : stop] + end
    return tidied(text, (repair.span[0] - start, repair.span[0] - start + len(new)))


def with_value(judged: Judged, worst: Ruling, value: str, *, early: bool = False) -> tuple[str, Span]:
    """The chain with another printed value; with `early`, in place of all that is worked out with numbers rounded too far."""
    start, at = chain_span(judged, worst)[0], worst.link.right.span[0]
    if early and is_pure(worst.link.left):
        at = next((r.link.right.span[0] for r in judged.rulings if r.link.head is worst.link.head and is_pure(r.link.right)), at)
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
    if is_pure(worst.link.left) and (repair.code == "arithmetic_slip" or is_cut(worst, repair)):
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
    places = int(str(repair.said.get("places", number.places)))
    if not is_pure(source):
        places = supported(world, judged, places, float(room.flat[0]), repair)
    return shown(float(value.flat[0]), telling(float(value.flat[0]), places, number))


def telling(value: float, places: int, printed: Number) -> int:
    """So many places that the value is seen not to be 0, nor what was printed."""
    for more in range(places, places + MORE if value else places):
        digits = shown(value, more)
        if float(digits) and Fraction(digits) not in {value_of(printed), -value_of(printed)}:
            return more if more == places else more + 2
    return places


def is_cut(worst: Ruling, repair: Repair) -> bool:
    """Was the value of the row's own numbers rounded further than it is printed?"""
    return repair.code == "rounding" and worst.how != "rounding"


def supported(world: World, judged: Judged, places: int, room: float, repair: Repair) -> int:
    """So many places as the rounding of the literals leaves certain."""
    if repair.code in {"arithmetic_slip", "rounding"}:
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
