"""What went wrong in a link: the cheapest edit of the person's own form, or of its left side, that makes the link true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Any, Final

import numpy as np

from symbp.language import written as w
from symbp.language.form import Layer, Var
from symbp.language.reader import Reader
from symbp.language.tokens import Unreadable, lex
from symbp.language.written import Span, Written
from symbp.network.forward import ERROR
from symbp.verification.judging.budget import OverBudget
from symbp.verification.judging.following import FAULTS, holds_taken, subjects
from symbp.verification.judging.printed import is_pure, is_result, literals, results
from symbp.verification.judging.scope import Numeric
from symbp.verification.judging.shapes import shape, unwrapped
from symbp.verification.judging.truth import Pair, Taken
from symbp.verification.reading.world import World
from symbp.verification.repair.editing import Edit, Editing, Repair, exchanged
from symbp.verification.repair.lexicon import Lexicon, names
from symbp.verification.repair.mistakes import LEFT, MISTAKES, NUMBERS
from symbp.verification.repair.printing import patched
from symbp.verification.repair.search import Search, View, views
from symbp.verification.repair.slips import slip
from symbp.verification.source.work import Line, Link

SHORT: Final = frozenset({"dropped_factor", "missing_sum", "duplicated_factor", "factor_two"})
"""What a single number may be: the value of a form without a factor or a term."""
EXACT: Final = frozenset({"weight", "bias", "input", "target", "learning_rate"})
"""Kinds of which the network file has the numbers."""
PLACES: Final = 6
"""So many significant digits a value that is put in is shown with, where the work has not printed it."""
DEAR: Final = 9
"""An edit that costs more than this is believed less than another left side."""
UNREAD: Final = 3
"""So many repairs that cannot be read back are passed over."""


def near_miss(world: World, lines: Sequence[Line], line: Line, link: Link) -> Edit | None:
    """The cheapest single edit of the table that makes the link true in this reading of the work, if there is one.

    Edits of two rows are the same mistake where their `identity` is equal.
    """
    return Diagnosis(world, lines).near_miss(line, link)


@dataclass
class Diagnosis:
    """Finds repairs on one work."""

    world: World
    lines: Sequence[Line]

    def __post_init__(self) -> None:
        self.lexicon = Lexicon(self.world.single, self.lines)

    def repair(self, line: Line, link: Link) -> Repair | None:
        """The cheapest edit that makes the link true, or None."""
        if is_pure(link.left) and is_result(link.right):
            return Repair("rounding", link.right.span) if self.is_cut(link) else self.slipped(link)
        if is_result(link.right) and not self.is_constant(link.right):
            return self.of_value(line, link)
        try:
            return self.of_form(line, link)
        except OverBudget:
            return None

    def near_miss(self, line: Line, link: Link) -> Edit | None:
        """The cheapest edit of the right side that makes the link true; nothing is printed."""
        search = self.search(line, link)
        return next(search.found(), None)

    def of_form(self, line: Line, link: Link) -> Repair | None:
        if (found := self.by_update(line, link)) is not None and not self.has_updated(link):
            return found
        left = self.other_subject(line, link) if not self.is_right_left(line, link) else iter(())
        if self.is_wrong_left(line, link) and (found := next(left, None)) is not None:
            return found
        if (of_cells := self.in_cells(line, link)) is not None:
            return of_cells
        edited = self.edited(line, link)
        if edited is None or edited.cost > (DEAR - 2 if is_pure(link.right) else DEAR):
            found = next(left, None)
            if found is not None:
                return found
        if edited is None:
            return None
        repair = self.printed(edited, line, link)
        if repair.code == "wrong_index" and self.is_written(line, link, repair):
            return next(self.other_subject(line, link), repair)
        return repair

    # -- edits of the right side -----------------------------------------------------------------------------------

    def search(self, line: Line, link: Link) -> Search:
        editing = self.editing(line, link, link.right)
        return Search(
            self.world,
            editing,
            views(self.world, line, link, link.right, link.left),
            lambda form: replace(link, right=form),
            self.world.judged(link, line)[:2],
            NUMBERS if is_pure(link.right) else MISTAKES,
        )

    def editing(self, line: Line, link: Link, form: Written) -> Editing:
        subject = self.subject(line, link)
        found = Editing(self.lexicon, line, link, form, subject, self.known_numbers(), self.world.is_batch(line))
        if self.world.at_numbers is not None and is_pure(form) and not is_pure(link.left):
            found.model = list(self.model(link.left))
        return found

    def edited(self, line: Line, link: Link) -> Edit | None:
        """The cheapest edit that can be read back; where none can, the cheapest."""
        search = self.search(line, link)
        self.printer = search.editing.printer
        first = None
        for count, edit in enumerate(search.found()):
            first = first or edit
            for self.printer.is_careful in (False, True):
                if self.reads_back(edit, line, link):
                    return edit
            if count == UNREAD:
                break
        return first

    def printed(self, edit: Edit, line: Line, link: Link) -> Repair:
        """The edit as a change of the row's text."""
        span, text = self.printer.patch(edit.old, edit.new)
        said = dict(edit.said) | {"edit": edit.code}
        for key, part in (("was", edit.was), ("should", edit.should)):
            if part is not None:
                said[key] = part if isinstance(part, str) else self.printer.show(part)
        return Repair(self.code(edit, line, link), span, text, replace(link, right=edit.form(link.right)), said, edit.identity)

    def reads_back(self, edit: Edit, line: Line, link: Link) -> bool:
        """Is the link true with the repaired form as it is read from its text?"""
        (start, end), text = self.printer.patch(edit.old, edit.new)
        math, whole = line.row.math, self.printer.outer(link.right)
        shown = math[min(whole[0], start) : start] + text + math[end : max(whole[1], end)]
        try:
            tokens = lex(shown, line.row.medium, self.lexicon.checker.grids.functions, decimal_comma="," in shown and "." not in shown)
            form = Reader(tokens, frozenset(self.world.functions)).whole()
        except Unreadable:
            return False
        return form is not None and self.holds(replace(link, right=form), line)

    def model(self, form: Written) -> Iterator[tuple[Written, str]]:
        """The parts of a form that numbers were put into, with the value of each as it was printed, or rounded."""
        checker, numbers = self.world.at_numbers, self.known_numbers()
        assert checker is not None
        meaning = checker.meaning(Numeric(checker.truth))
        for part in w.parts(form):
            if isinstance(part, w.Number | w.Bracket) and not isinstance(unwrapped(part), w.Sum | w.Product):
                continue
            try:
                with np.errstate(all="ignore"):
                    value = meaning.of(part)
            except FAULTS:
                continue
            if value.size == 1 and np.isfinite(value.flat[0]):
                yield part, shown(float(value.flat[0]), numbers)

    # -- matrices --------------------------------------------------------------------------------------------------

    def in_cells(self, line: Line, link: Link) -> Repair | None:
        """The right side with every wrong cell of a matrix edited, if edits of one code make all of them right."""
        matrix = unwrapped(link.right)
        if not isinstance(matrix, w.Matrix):
            return None
        view = next(iter(views(self.world, line, link, link.right, link.left)), None)
        if view is None or shape(view.wanted) != (len(matrix.rows), len(matrix.rows[0])):
            return None
        form, code, patches = link.right, None, []
        for i, cells in enumerate(matrix.rows):
            for j, cell in enumerate(cells):
                want, value = view.wanted[:, i : i + 1, j : j + 1], view.value(cell)
                if value is not None and view.is_close(value, want, abs(want) * view.tolerance):
                    continue
                search = self.search(line, link)
                search.editing = editing = self.editing(line, link, cell)
                search.views, search.link_of = [View(view.meaning, cell, want, view.tolerance)], None
                edit = search.first(code)
                if edit is None:
                    return None
                code = edit.code
                form = exchanged(form, cell, edit.form(cell))
                patches.append(editing.printer.patch(edit.old, edit.new))
        if len(patches) < 2 or code is None or not self.holds(replace(link, right=form), line):
            return None
        span = (min(at[0] for at, _ in patches), max(at[1] for at, _ in patches))
        return Repair(code, span, patched(line.row.math, span, patches), replace(link, right=form))

    # -- which side is wrong ---------------------------------------------------------------------------------------

    def others(self, line: Line, link: Link) -> list[Link]:
        """The later links of the same chain."""
        return [other for other in line.links if other.head is link.head and other is not link and other.left is not link.head]

    def is_right_left(self, line: Line, link: Link) -> bool:
        """Do other forms of the chain come to what it begins with?"""
        return any(self.holds(replace(other, left=link.head, is_carried=False), line) for other in self.others(line, link))

    def is_wrong_left(self, line: Line, link: Link) -> bool:
        """Do the forms of the chain all come to the same, but not to what it begins with?"""
        others = self.others(line, link)
        if link.left is not link.head or all(is_pure(other.right) for other in others):
            return False
        return not self.is_right_left(line, link) and all(self.holds(o, line) for o in others)

    def is_written(self, line: Line, link: Link, found: Repair) -> bool:
        """Does the repaired link stand in another row already, so that this one is more likely about something else?"""
        math, (start, end), (first, last) = line.row.math, found.span, link.right.span
        left = math[link.head.span[0] : link.head.span[1]]
        row = close(left + "=" + math[first:start] + (found.text or "") + math[end:last])
        return row in (written(other, one) for other in self.lines if other is not line for one in other.links)

    def has_updated(self, link: Link) -> bool:
        """Does a name of an updated weight stand on the right?"""
        return any(n.plus or ((var := self.lexicon.var(n)) is not None and var.step) for n in names(link.right))

    def is_cut(self, link: Link) -> bool:
        """Is the printed value that of the literals, rounded on the way to fewer places than are printed?"""
        checker = self.world.at_numbers or self.world.single
        try:
            value = float(checker.meaning(Numeric(checker.truth)).of(link.left).flat[0])
            printed = float(checker.meaning(Numeric(checker.truth)).of(link.right).flat[0])
        except FAULTS:
            return False
        places = next(results(link.right)).places
        return any(abs(round(value, fewer) - printed) < 10.0 ** -(places + 2) for fewer in range(2, places))

    def is_constant(self, form: Written) -> bool:
        """Is this a whole number of mathematics, such as the 1 of a derivative, and no printed value?"""
        return all(number.is_whole and len(number.text) < 2 for number in literals(form)) and not self.world.spec.is_numeric

    def holds(self, link: Link, line: Line) -> bool:
        self.world.budget.check()
        return self.world.holds(link, line).holds

    def code(self, edit: Edit, line: Line, link: Link) -> str:
        """The code of an edit; about a bias, a factor or a sum is a matter of the bias."""
        subject = self.subject(line, link)
        if subject is not None and subject.kind == "bias" and edit.code in {"duplicated_factor", "missing_sum", "dropped_factor"}:
            return "bias_gradient"
        if edit.code == "sign" and subject is not None and subject.kind == "out" and "term" in edit.said and self.is_loss(link):
            return "wrong_loss_derivative"
        return edit.code

    def is_loss(self, link: Link) -> bool:
        """Is the right side a sum of quotients, as that of a logarithmic error's derivative is?"""
        form = unwrapped(link.right)
        terms = [unwrapped(t) for t in form.terms] if isinstance(form, w.Sum) else []
        return len(terms) > 1 and all(isinstance(unwrapped(t.of) if isinstance(t, w.Negative) else t, w.Quotient) for t in terms)

    def known_numbers(self) -> list[str]:
        """The numbers that a literal may be mistaken for: those of the network, and what the person printed."""
        found = {shown for x in self.world.spec.data.values() for shown in (tidy(x), tidy(abs(x)))}
        for line in self.lines:
            for link in line.links:
                found |= {line.row.math[n.span[0] : n.span[1]] for n in results(link.right)} if is_result(link.right) else set()
        return sorted(text for text in found if all(c in "0123456789.-" for c in text))

    def subject(self, line: Line, link: Link) -> Var | None:
        """The one quantity that the left side is about: the parameter of a gradient, a unit's net input."""
        checker = self.world.checker(line)
        head = unwrapped(link.head)
        if isinstance(head, w.Negative | w.Bracket):
            head = unwrapped(head.of)
        try:
            found = list(subjects(head, checker.meaning(Numeric(checker.truth), link.arguments), checker.truth))
        except FAULTS:
            return self.general_subject(head)
        for _, _, key, _ in found[:1]:
            return key[1] if isinstance(key, tuple) else key
        return None

    def general_subject(self, head: Written) -> Var | None:
        """Of a left side with letters, at least the kind: b_j, dW."""
        name = unwrapped(head.wrt) if isinstance(head, w.Derivative) else head
        if isinstance(name, w.Name):
            readings = self.world.single.grids.readings(name)
            if readings:
                quantity = readings[0].quantity.of or readings[0].quantity
                return Var(quantity.kind, quantity.var.owner if quantity.var else Layer(0))
        return None

    # -- the left side ---------------------------------------------------------------------------------------------

    def other_subject(self, line: Line, link: Link) -> Iterator[Repair]:
        """The left side names the wrong quantity, and the right side is that of another."""
        if link.is_carried or is_result(link.right):
            return
        editing = self.editing(line, link, link.left)
        search = Search(
            self.world,
            editing,
            views(self.world, line, link, link.left, link.right),
            lambda form: replace(link, left=form, head=form if link.head is link.left else link.head),
            self.world.judged(link, line)[:2],
            LEFT,
        )
        math, (start, end) = line.row.math, link.head.span
        for edit in search.found():
            (at, stop), text = editing.printer.patch(edit.old, edit.new)
            if any(self.lexicon.var(name) == ERROR for name in names(edit.old)) and isinstance(edit.old, w.Name):
                continue
            said = dict(edit.said) | {"was": math[start:end], "should": math[start:at] + text + math[stop:end]}
            yield Repair(edit.code, (at, stop), text, replace(link, left=edit.form(link.left)), said, edit.identity)

    # -- updated weights -------------------------------------------------------------------------------------------

    def by_update(self, line: Line, link: Link) -> Repair | None:
        """Is the link true of gradients that are taken with output weights that are updated already?"""
        if not self.uses_updates(line):
            return None
        if holds_taken(self.world, line, link, updated_slopes(self.world)):
            return Repair("updated_weights_used", link.right.span, None, None, {"what": "output"})
        return None

    def uses_updates(self, line: Line) -> bool:
        return self.world.spec.is_numeric and self.world.spec.learning_rate is not None

    # -- printed values --------------------------------------------------------------------------------------------

    def of_value(self, line: Line, link: Link) -> Repair:
        """A printed value that is not that of what it stands for."""
        updated = self.by_update(line, link)
        if updated is not None:
            return updated
        negative = w.Negative(link.right, link.right.span)
        if self.holds(replace(link, right=negative), line):
            return Repair("sign", link.right.span, None, None, {})
        if isinstance(unwrapped(link.right), w.Matrix) and self.holds(replace(link, right=w.Transposed(link.right, link.right.span)), line):
            return Repair("transpose_order", link.right.span)
        if self.is_early(line, link):
            return Repair("rounding", link.right.span, said={"early": "yes"})
        slipped = self.slipped(link)
        name = unwrapped(link.left)
        if isinstance(name, w.Name) and not name.plus and slipped.said:  # of a quantity's own value nothing was left out
            return slipped
        return self.short(line, link) or slipped

    def short(self, line: Line, link: Link) -> Repair | None:
        """Is the value that of the form without a factor or a term?"""
        if self.world.at_numbers is None or is_pure(link.left) or next(iter(results(link.right))).text in {"0", "1"}:
            return None
        search = self.search(line, link)
        search.rows = [row for row in MISTAKES if row.code in SHORT]
        self.printer = search.editing.printer
        edit = next(search.found(), None)
        return self.printed(edit, line, link) if edit is not None else None

    def slipped(self, link: Link) -> Repair:
        """A slip in the arithmetic, at the value; which one it is, where it is a usual one."""
        number = next(iter(results(link.right)))
        span = number.span if isinstance(unwrapped(link.right), w.Matrix) else link.right.span
        checker = self.world.at_numbers or self.world.single
        try:
            with np.errstate(all="ignore"):
                value = checker.meaning(Numeric(checker.truth), link.arguments).of(link.left)
        except FAULTS:
            return Repair("arithmetic_slip", span)
        is_one = value.size == 1 and bool(np.isfinite(value.flat[0]))
        return Repair("arithmetic_slip", span, said=dict(slip(float(value.flat[0]), number)) if is_one else {})

    def is_early(self, line: Line, link: Link) -> bool:
        """Does the value come out where the names of the form before it are rounded to fewer places?"""
        checker = self.world.at_numbers
        if checker is None or is_pure(link.left):
            return False
        head = self.lexicon.var(link.head) if isinstance(link.head, w.Name) else None
        here = (self.lexicon.var(name) for name in names(link.left))
        variables = list(dict.fromkeys(v for v in here if v is not None and v.kind not in EXACT and v != head))[:3]
        if not variables:
            return False
        options = [roundings(float(checker.truth.value(var)[0])) for var in variables]
        for values in product(*options):
            values_of, slopes = {}, {}
            for var, value in zip(variables, values, strict=True):
                if var.kind == "delta":
                    net = Var("net", var.owner, var.sample, var.time)
                    slopes[checker.truth.own_error(var), net] = np.array([value * checker.truth.spec.delta_sign])
                else:
                    values_of[var] = np.array([value])
            if holds_taken(self.world, line, link, {"numbers": Taken(values_of, slopes)}):
                return True
        return False


def shown(x: float, numbers: Sequence[str]) -> str:
    """A value as it was printed in the work, or rounded."""
    near = [text for text in numbers if len(text.strip("-0.")) > 1 and abs(float(text) - x) <= 0.51 * 10.0 ** -len(text.partition(".")[2])]
    return max(near, key=len, default=f"{x:.{PLACES}g}" if abs(x) > 1e-4 or not x else f"{x:.{PLACES + 4}f}")


def roundings(value: float) -> list[float]:
    """The value rounded to one place and more."""
    return list(dict.fromkeys(round(value, places) for places in range(1, 7)))


def close(text: str) -> str:
    """A formula without blanks."""
    return "".join(text.split())


def written(line: Line, link: Link) -> str:
    """A link as it stands in its row, without blanks."""
    return close("=".join(line.row.math[part.span[0] : part.span[1]] for part in (link.head, link.right)))


def tidy(value: Decimal) -> str:
    """A number without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def updated_slopes(world: World) -> dict[str, Taken]:
    """d net_k / d out_j as w_kj^+, by which an error is led back through weights that are updated already."""
    found = {}
    for key, checker in (("single", world.single), ("numbers", world.at_numbers)):
        if checker is None or Var("learning_rate") not in checker.truth.free:
            continue
        slopes: dict[Pair, Any] = {}
        truth, words = checker.truth, checker.grids.spec.vocabulary
        for net in words.instances():
            for weight, source in words.sources(net):
                if source.kind == "out":
                    slopes[net, source] = truth.value(Var(weight.kind, weight.owner, step=1))
        found[key] = Taken({}, slopes)
    return found


def places(line: Line, span: Span) -> Span:
    """A span of the mathematics as offsets in the row's text."""
    start, end = span
    spots = line.row.places
    last = len(spots) - 1
    whole = len(line.row.text)
    first, stop = min(spots[min(start, last)], whole), spots[min(end, last)]
    if end > start:
        final = spots[min(end - 1, last)]
        stop = final + 1
        if sum(spot == final for spot in spots[:-1]) > 1:  # a macro wrote it, and it goes on to what comes next
            after = next((spot for spot in spots[end:] if spot > final), whole)
            stop = final + len(line.row.text[final:after].rstrip()) if after - final < 80 else stop
    return first, min(max(stop, first), whole)
