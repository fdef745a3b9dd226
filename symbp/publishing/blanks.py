"""Handouts: a Document with numbered gaps for numbers, factors and whole lines, and the Document of what belongs in them.

What is taken out is chosen among what stands for the first time: a gap stands wherever the same comes again, so it can be read nowhere,
and it follows from what is left and from the gaps before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from random import Random

from symbp.derivation.instantiate import relation_between
from symbp.derivation.steps import Algorithm, Cell, Display, Link, Part, Plot, Say, Section, Step, Table
from symbp.errors import SymbpError
from symbp.language.form import Form, Node, Value, Var, leaves
from symbp.language.markers import gap
from symbp.publishing.document import Document
from symbp.publishing.environment import sentence
from symbp.publishing.numbering import Numbering

LEFT_OUT = frozenset({"check", "colophon"})
"""Sections that a handout is without: they tell the answers, or speak of them."""
WHOLE = frozenset({"network", "pattern", "general_summary", "general_algorithm", "general_check"})
"""Sections in which nothing is chosen: what is given, and what sums up."""
FACTORS_FROM = frozenset({"factors_put_in", "deltas_reused", "delta_times_source", "put_in", "numbers_put_in"})
"""Rules of links whose products lose a factor."""
IN_NUMBERS = frozenset({"numbers_put_in", "value"})
TABLES: Mapping[str, int] = {"updates": 4, "late_updates": 4, "momentum_updates": 4}
"""Tables in which a number can be missing, and in which column: the rest of its row gives it."""
PLAIN = frozenset({"partial", "total", "apply", "ddx", "transpose", "matrix", "kronecker", "neg"})
"""What is no answer by itself: a name, or a matrix that fills half a page."""
JOINING = frozenset({"add", "times", "dot"})
FEWEST_DIGITS = 2
MOST_EQUATIONS = 4
"""What comes again in more equations is taken out only where there is nothing else."""

Place = tuple[int, int, int, int]
"""Section, part, step or row of a table, and link; the link is counted from 1, and 0 where there is none."""


@dataclass(frozen=True)
class Candidate:
    """Something that can be taken out: what stands there, of which `kind`, in which section, about what, and everywhere it stands."""

    nodes: tuple[Node, ...]
    kind: str
    section: str
    topic: str
    places: tuple[Place, ...]
    answer: tuple[Node | Step, ...]

    @property
    def is_value(self) -> bool:
        return isinstance(self.nodes[0], Value)

    @property
    def equations(self) -> frozenset[Place]:
        return frozenset((*place[:3], 0) for place in self.places)


def with_blanks(document: Document, n: int, seed: int = 1) -> tuple[Document, Document]:
    """The handout with `n` gaps, and its answers. The same seed takes out the same; more than there is is an error."""
    if n < 1:
        raise SymbpError(f"{n} blanks", hint="at least 1")
    sections = tuple(section for section in document.sections if section.key not in LEFT_OUT)
    chosen = sorted(_chosen(_candidates(sections), n, seed), key=lambda candidate: candidate.places[0])
    gaps = {_key(candidate.nodes[0]): at for at, candidate in enumerate(chosen, 1)}
    sizes = _sizes(gaps)
    (first, *others), became = _mapped(sections, lambda node, place: _gapped(node, gaps, sizes))
    first = replace(first, parts=(Say("fill_in", {"gaps": n}), *first.parts))
    numbering = document.numbering.of_others(became) if document.numbering else None
    return replace(document, sections=(first, *others), numbering=numbering), _answers(document, sections, chosen)


# -- everything that is printed ------------------------------------------------------------------------------------------

Change = Callable[[Node, Place], Node]


def _mapped(sections: tuple[Section, ...], change: Change) -> tuple[tuple[Section, ...], dict[int, Step]]:
    """The sections with every form, in the order of reading, changed, while left sides stay; and by the `id` of a step what it became."""
    became: dict[int, Step] = {}
    found = []
    for s, section in enumerate(sections):
        parts = tuple(_mapped_part(part, (s, p), change, became) for p, part in enumerate(section.parts))
        found.append(replace(section, parts=parts))
    return tuple(replace(section, parts=tuple(_of_became(part, became) for part in section.parts)) for section in found), became


def _mapped_part(part: Part, at: tuple[int, int], change: Change, became: dict[int, Step]) -> Part:
    match part:
        case Display(steps):
            for k, step in enumerate(steps):
                became[id(step)] = _mapped_step(step, (*at, k), change)
            return Display(tuple(became[id(step)] for step in steps))
        case Say(key, names):
            return Say(key, {name: _mapped_cell(cell, (*at, 0, 0), change) for name, cell in names.items()})
        case Table(_, rows):
            return replace(part, rows=tuple(tuple(_mapped_cell(c, (*at, r, 0), change) for c in row) for r, row in enumerate(rows)))
    return part


def _of_became(part: Part, became: Mapping[int, Step]) -> Part:
    """Pseudocode refers to steps: to what they became."""
    if not isinstance(part, Algorithm):
        return part
    return Algorithm(tuple(replace(line, steps=tuple(became.get(id(step), step) for step in line.steps)) for line in part.lines))


def _mapped_step(step: Step, at: tuple[int, int, int], change: Change) -> Step:
    return replace(step, chain=tuple(replace(link, form=change(link.form, (*at, k))) for k, link in enumerate(step.chain, 1)))


def _mapped_cell(cell: Cell | tuple[Cell, ...], at: Place, change: Change) -> Cell | tuple[Cell, ...]:
    match cell:
        case tuple():
            return tuple(_mapped_cell(one, at, change) for one in cell)  # type: ignore[misc]
        case Step():
            return _mapped_step(cell, at[:3], change)
        case Say(key, names):
            return Say(key, {name: _mapped_cell(one, at, change) for name, one in names.items()})
        case Form() | Value():
            return change(cell, at)
    return cell


def _key(node: Node) -> Node | str:
    """What makes two things the same to a reader: the digits of a number, the form of everything else."""
    return node.shown if isinstance(node, Value) else node


def _gapped(node: Node, gaps: Mapping[Node | str, int], sizes: frozenset[tuple[str, int]]) -> Node:
    """`node` with gaps for what is in `gaps`, also for a stretch of the arguments of a sum or product."""
    if at := gaps.get(_key(node)):
        return gap(at, node)
    if not isinstance(node, Form):
        return node
    args: list[Node] = []
    start = 0
    while start < len(node.args):
        for stretch in _stretches(node, start, sizes):
            if at := gaps.get(stretch):
                args.append(gap(at, *stretch.args))
                start += len(stretch.args)
                break
        else:
            args.append(_gapped(node.args[start], gaps, sizes))
            start += 1
    return Form(node.op, tuple(args))


def _stretches(node: Form, start: int, sizes: frozenset[tuple[str, int]]) -> Iterator[Form]:
    """The parts of a sum or product from argument `start` on that are as long as one of `sizes`."""
    if node.op in JOINING:
        for size in range(min(len(node.args) - start, len(node.args) - 1), 1, -1):
            if (node.op, size) in sizes:
                yield Form(node.op, node.args[start : start + size])


def _sizes(keys: Mapping[Node | str, object]) -> frozenset[tuple[str, int]]:
    return frozenset((key.op, len(key.args)) for key in keys if isinstance(key, Form))


# -- what can be taken out -----------------------------------------------------------------------------------------------


def _candidates(sections: tuple[Section, ...]) -> list[Candidate]:
    """Everything that can be taken out: it stands for the first time where it is worked out."""
    found: dict[Node | str, Candidate] = {}
    for candidate in _worked_out(sections):
        found.setdefault(_key(candidate.nodes[0]), candidate)
    places, constants = _where(sections, found)
    return [
        replace(candidate, places=tuple(places[key]))
        for key, candidate in found.items()
        if places[key][0] == candidate.places[0] and key not in constants and not (isinstance(key, str) and _opposite(key) in constants)
    ]


def _worked_out(sections: tuple[Section, ...]) -> Iterator[Candidate]:
    for s, section in enumerate(sections):
        if section.key in WHOLE:
            continue
        for p, part in enumerate(section.parts):
            match part:
                case Display(steps):
                    for k, step in enumerate(steps):
                        yield from _of_step(step, section.key, (s, p, k))
                case Table(key, rows) if key in TABLES:
                    for r, row in enumerate(rows):
                        value = row[TABLES[key]]
                        assert isinstance(value, Value)
                        yield from _of_value(value, value.meaning, section.key, (s, p, r, 0))


def _of_step(step: Step, section: str, at: tuple[int, int, int]) -> Iterator[Candidate]:
    for k, link in enumerate(step.chain, 1):
        place = (*at, k)
        if isinstance(link.form, Value):
            if link.rule == "value" and k > 1 and step.chain[k - 2].rule == "numbers_put_in":
                yield from _of_value(link.form, step.lhs, section, place)
            continue
        if link.rule not in IN_NUMBERS and _is_worth_asking(link.form):
            full = Step(step.lhs, (Link("=", link.form, link.rule),))
            yield Candidate((link.form,), "line", section, _topic(step.lhs), (place,), (full,))
        if link.rule in FACTORS_FROM:
            full = Step(step.lhs, (Link(relation_between(step.lhs, link.form), link.form, link.rule),))
            for factor in filter(_is_factor_worth_asking, _factors(link.form)):
                yield Candidate((factor,), "factor", section, _topic(step.lhs), (place,), (factor, full))


def _of_value(value: Value, lhs: Node | Fraction, section: str, place: Place) -> Iterator[Candidate]:
    if len(value.shown.partition("e")[0].strip("-0.").replace(".", "")) >= FEWEST_DIGITS and not isinstance(lhs, Fraction):
        answer = Step(lhs, (Link("=" if value.exact else "≈", value, "value"),))
        yield Candidate((value,), "value", section, _topic(lhs), (place,), (answer,))


def _factors(form: Node) -> Iterator[Node]:
    """The factors of a product, of its negative, or of the products in a sum; also out (1 - out), which is one though two are written."""
    match form:
        case Form("neg", (inner,)):
            yield from _factors(inner)
        case Form("add", terms):
            for term in terms:
                yield from _factors(term)
        case Form("dot" | "times" | "hadamard" as op, args):
            yield from args
            if op == "times":
                yield from (Form(op, (x, y)) for x, y in pairwise(args) if len(args) > 2 and isinstance(x, Var) and isinstance(y, Form))


def _is_worth_asking(node: Node) -> bool:
    match node:
        case Form("neg", (inner,)):
            return _is_worth_asking(inner)
        case Form(op):
            return op not in PLAIN and sum(1 for _ in leaves(node)) > 1
    return False


def _is_factor_worth_asking(node: Node) -> bool:
    """Is it more than 1 - out, which stands beside an out?"""
    return _is_worth_asking(node) and sum(1 for leaf in leaves(node) if not _is_constant(leaf)) > 1


def _is_constant(leaf: Node) -> bool:
    return isinstance(leaf, Value) and isinstance(leaf.meaning, Fraction)


def _topic(lhs: Node) -> str:
    """What an equation is about: an out, an error, a delta, a gradient, a derivative on the way there, a parameter after its update."""
    match lhs:
        case Form("total", (_, Var("weight" | "bias"))):
            return "gradient"
        case Var(kind):
            return kind
    return "derivative"


def _where(sections: tuple[Section, ...], keys: Mapping[Node | str, object]) -> tuple[dict[Node | str, list[Place]], set[str]]:
    """Every place of each key, in order; and the numbers that may not be taken out: constants, those shown with both signs, and those that
    a caption tells."""
    places: dict[Node | str, list[Place]] = {key: [] for key in keys}
    constants: set[str] = set()
    sizes = _sizes(keys)

    def see(node: Node, place: Place) -> Node:
        if (key := _key(node)) in places:
            places[key].append(place)
        match node:
            case Value(shown):
                if _is_constant(node) or _opposite(shown) in places:
                    constants.update((shown, _opposite(shown)))
            case Form(_, args):
                for start, arg in enumerate(args):
                    for stretch in _stretches(node, start, sizes):
                        if stretch in places:
                            places[stretch].append(place)
                    see(arg, place)
        return node

    _mapped(sections, see)
    plots = (part for section in sections for part in section.parts if isinstance(part, Plot))
    constants.update(value.shown for plot in plots for value in plot.names.values() if isinstance(value, Value))
    return places, constants


def _opposite(shown: str) -> str:
    return shown[1:] if shown.startswith("-") else f"-{shown}"


# -- the choice ----------------------------------------------------------------------------------------------------------


def _chosen(candidates: list[Candidate], n: int, seed: int) -> list[Candidate]:
    """`n` of them, spread over the sections, the kinds and what they are about."""
    densest = _fitting(sorted(candidates, key=lambda candidate: len(candidate.places)))
    if n > len(densest):
        raise SymbpError(f"{n} blanks do not fit", hint=f"this document has room for {len(densest)}" if densest else "it has room for none")
    random = Random(seed)
    found = _spread(random.sample(candidates, len(candidates)), n)
    return found if len(found) == n else random.sample(densest, n)


def _fitting(candidates: list[Candidate]) -> list[Candidate]:
    """One after the other, all that do not disturb those before."""
    taken = _Taken()
    return [candidate for candidate in candidates if taken.has_room(candidate) and taken.add(candidate)]


def _spread(candidates: list[Candidate], n: int) -> list[Candidate]:
    taken = _Taken()
    found: list[Candidate] = []
    counts: Counter[str] = Counter()
    while len(found) < n:
        free = [candidate for candidate in candidates if taken.has_room(candidate)]
        alone = [candidate for candidate in free if taken.is_alone(candidate)]
        few = [candidate for candidate in alone if len(candidate.equations) <= MOST_EQUATIONS]
        if not free:
            break
        best = min(few or alone or free, key=lambda c: counts[c.section] + counts[c.kind] + counts[c.topic])
        taken.add(best)
        found.append(best)
        counts.update((best.section, best.kind, best.topic))
        candidates = [candidate for candidate in free if candidate is not best]
    return found


class _Taken:
    """Where gaps are: never two in one line, and at most one for a form in an equation, so that each follows from what is beside it."""

    def __init__(self) -> None:
        self.lines: set[Place] = set()
        self.equations: set[Place] = set()
        self.with_form: set[Place] = set()

    def has_room(self, candidate: Candidate) -> bool:
        return self.lines.isdisjoint(candidate.places) and (candidate.is_value or self.with_form.isdisjoint(candidate.equations))

    def is_alone(self, candidate: Candidate) -> bool:
        return self.equations.isdisjoint(candidate.equations)

    def add(self, candidate: Candidate) -> bool:
        self.lines.update(candidate.places)
        self.equations |= candidate.equations
        if not candidate.is_value:
            self.with_form |= candidate.equations
        return True


# -- the answers ---------------------------------------------------------------------------------------------------------


def _answers(document: Document, sections: tuple[Section, ...], chosen: list[Candidate]) -> Document:
    """Number, equation and what belongs in it, of every gap; then how the whole was checked."""
    numbering = document.numbering or Numbering.of(sections, document.speller)
    rows = []
    for at, candidate in enumerate(chosen, 1):
        s, p, k, _ = candidate.places[0]
        part = sections[s].parts[p]
        equation = numbering.equation(part.steps[k]) if isinstance(part, Display) else None
        where = Say("answer_where", {"number": equation.number if equation else 0})
        rows.append((str(at), where, *candidate.answer))
    titled = Say("answers_title", {"title": document.titled or document.title})
    checked = tuple(section for section in document.sections if section.key == "colophon")
    section = Section("answers", (Say("answers"), Table("answers", tuple(rows))))
    title = sentence(titled.key, {"title": document.title})
    return replace(document, title=title, titled=titled, sections=(section, *checked), numbering=None)
