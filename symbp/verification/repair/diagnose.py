"""What went wrong in a link, by single-edit repair: the smallest edit of the person's own form that makes the link true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, islice, product
from typing import Any

import numpy as np

from symbp.language import written as w
from symbp.language.form import Layer, Var
from symbp.language.written import Span, Written
from symbp.network.forward import ERROR
from symbp.verification.judging.budget import OverBudget
from symbp.verification.judging.checks import Outcome
from symbp.verification.judging.following import FAULTS, holds_taken, subjects
from symbp.verification.judging.printed import is_pure, is_result, literals, results
from symbp.verification.judging.scope import Numeric
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.judging.truth import Pair, Taken
from symbp.verification.reading.world import World
from symbp.verification.repair.borrowing import Borrowing, functions
from symbp.verification.repair.cells import in_cells
from symbp.verification.repair.editing import Repair
from symbp.verification.repair.edits import Edit, Editor, exchanged
from symbp.verification.repair.lexicon import Lexicon, names
from symbp.verification.repair.putting_in import PuttingIn
from symbp.verification.repair.slips import slip
from symbp.verification.source.work import Line, Link

MAX_EDITS = 4000
SHORT = frozenset({"dropped_factor", "missing_sum"})
"""What a single number may be: the value of a form without a factor or a term."""
EXACT = frozenset({"weight", "bias", "input", "target", "learning_rate"})
"""Kinds of which the network file has the numbers."""


def roundings(value: float) -> list[float]:
    """The value rounded to one place and more."""
    return list(dict.fromkeys(round(value, places) for places in range(1, 7)))


@dataclass
class Diagnosis:
    """Finds repairs on one work."""

    world: World
    lines: Sequence[Line]

    def __post_init__(self) -> None:
        self.lexicon = Lexicon(self.world.single, self.lines)

    def repair(self, line: Line, link: Link) -> Repair | None:
        """The smallest edit that makes the link true, or None."""
        if is_pure(link.left) and is_result(link.right):
            return Repair("rounding", link.right.span) if self.is_cut(link) else self.slipped(link)
        if is_result(link.right) and not self.is_constant(link.right):
            return self.of_value(line, link)
        subject = self.subject(line, link)
        try:
            if (found := self.by_update(line, link)) is not None and not self.has_updated(link):
                return found
            editor = self.editor(line, link.right, subject)
            ways = [self.within(line, link, editor, self.put_in(editor, link)), self.within(line, link, editor, editor.edits())]
            ways.append(found for found in (in_cells(self, line, link, subject),) if found is not None)
            left = self.other_subject(line, link)
            ways += [] if self.is_right_left(line, link) else [left]
            if self.is_wrong_left(line, link):
                ways.insert(0, left)
            found = next(chain.from_iterable([*ways, self.within(line, link, editor, self.wider(editor))]), None)
            if found is not None and found.code == "wrong_index" and self.is_written(line, link, found):
                found = next(self.other_subject(line, link), found)
            return found
        except OverBudget:
            return None

    def editor(self, line: Line, form: Written, subject: Var | None) -> Editor:
        editor = Editor(self.world.spec, self.lexicon, line, form, subject, frozenset(self.world.functions), self.known_numbers())
        editor.is_batch = self.world.is_batch(line)
        return editor

    def put_in(self, editor: Editor, link: Link) -> Iterator[Edit]:
        """Edits of numbers: of signs, and by the form that they were put into."""
        if self.world.at_numbers is not None and is_pure(link.right) and not is_pure(link.left):
            yield from editor.signs()
            yield from PuttingIn(editor, link.left, self.world.at_numbers).edits()

    def wider(self, editor: Editor) -> Iterator[Edit]:
        """What is tried last: edits of several places, and what stands elsewhere in the work."""
        yield from functions(editor, self.lines)
        yield from editor.wider()
        borrowing = Borrowing(editor, self.lines)
        yield from borrowing.squares()
        yield from borrowing.factors()
        yield from borrowing.terms()

    def within(self, line: Line, link: Link, editor: Editor, edits: Iterator[Edit]) -> Iterator[Repair]:
        """The repairs among edits of the right side."""
        before, how, _ = self.world.judged(link, line)
        was_held, is_simple = how == "held", how == "points" and self.is_simple(before)
        for edit in islice(edits, MAX_EDITS):
            if is_simple and not self.may_hold(edit.form, link, line, before):
                continue
            new = replace(link, right=edit.form, head=link.head)
            self.world.budget.check()
            outcome, how, _ = self.world.judged(new, line)
            if outcome.holds and (how != "held" or was_held):
                yield Repair(self.code(edit, link, editor.subject), edit.span, edit.text, new, {**edit.said, "edit": edit.code})

    def is_simple(self, outcome: Outcome) -> bool:
        """Does the link mean one thing only, so that it fails once it fails where it failed before?"""
        is_one = self.world.near is None and not self.world.spec.vocabulary.distinguishes
        return outcome.difference is not None and not outcome.chosen and is_one

    def may_hold(self, form: Written, link: Link, line: Line, outcome: Outcome) -> bool:
        """Does the form come to what the left side is, at the point where that was not so?"""
        gap = outcome.difference
        assert gap is not None
        checker = self.world.checker(line)
        self.world.budget.check()
        try:
            meaning = replace(checker.meaning(Numeric(checker.truth), link.arguments), letters=gap.letters)
            with np.errstate(all="ignore"):
                value = meaning.of(form)
        except FAULTS:
            return True
        point, (i, j) = gap.point, gap.entry
        if value.shape[-2:] == (1, 1):
            i = j = 0
        if i >= value.shape[-2] or j >= value.shape[-1]:
            return True
        found = float(value[min(point, value.shape[0] - 1), i, j])
        return not abs(found - gap.left) > 1e-6 * max(1.0, abs(gap.left))

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

    def code(self, edit: Edit, link: Link, subject: Var | None) -> str:
        """The code of an edit; about a bias, a factor or a sum is a matter of the bias."""
        if (
            subject is not None
            and subject.kind == "bias"
            and edit.code in {"duplicated_factor", "missing_sum", "wrong_index", "dropped_factor"}
        ):
            is_input = edit.code != "wrong_index"
            return "bias_gradient" if is_input else edit.code
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
        if link.is_carried or is_pure(link.right):
            return
        for name in names(link.left):
            var = self.lexicon.var(name)
            if var is None or var == ERROR:
                continue
            editor = Editor(self.world.spec, self.lexicon, line, link.left, None, frozenset(self.world.functions))
            others = editor.like(var)
            if var.kind in {"weight", "bias"}:
                others += [p for p in self.world.spec.vocabulary.parameters() if p.kind != var.kind]
            for other in others:
                one = self.lexicon.spelled(other)
                if one is None:
                    continue
                new = replace(link, left=exchanged(link.left, name, one.name), head=exchanged(link.head, name, one.name))
                if self.holds(new, line):
                    math, (start, end) = line.row.math, link.head.span
                    said = {"was": math[start:end], "should": math[start : name.span[0]] + one.text + math[name.span[1] : end]}
                    yield Repair("wrong_lhs", name.span, one.text, new, said)
        editor = self.editor(line, link.left, None)
        for edit in (*editor.kinds(), *editor.transposes(), *functions(editor, self.lines)):
            new = replace(link, left=edit.form, head=edit.form if link.head is link.left else link.head)
            if self.holds(new, line):
                code = "wrong_lhs" if edit.code == "wrong_activation_derivative" else edit.code
                yield Repair(code, edit.span, edit.text, new, dict(edit.said))

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
        editor = self.editor(line, link.right, None)
        if (found := next(self.within(line, link, editor, self.put_in(editor, link)), None)) is not None and found.code in SHORT:
            return found
        return self.slipped(link)

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
