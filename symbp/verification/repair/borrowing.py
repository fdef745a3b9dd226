"""Edits that put in what stands elsewhere in the work: another function, a factor, a term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from symbp.language.latex import LatexWriter
from symbp.network.activation import ACTIVATIONS
from symbp.verification import written as w
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.repair.editing import Edit, Editing
from symbp.verification.source.work import Line
from symbp.verification.written import Name, Written

MAX_BORROWED: Final = 40
"""So many factors and terms of the rows around are tried."""


def functions(editing: Editing, lines: Sequence[Line]) -> Iterator[Edit]:
    """Another function in a call, or another of its derivatives."""
    known = [*_called(lines), *_named(editing)]
    for node in w.parts(editing.form):
        if not isinstance(node, w.Call) or node.name.base in {"exp", "log", "ln", "max", "diag"} or len(node.args) != 1:
            continue
        if node.name.base.startswith("np."):
            continue
        head = node.name.span
        was = editing.math[head[0] : head[1]]
        for name, text in known:
            if (name.base, name.primes) != (node.name.base, node.name.primes):
                new = replace(node, name=replace(node.name, base=name.base, primes=name.primes))
                shown = text + editing.math[head[1] : node.span[1]]
                yield editing.put(node, new, "wrong_activation_derivative", shown, was=was, should=text)


def _called(lines: Sequence[Line]) -> Iterator[tuple[Name, str]]:
    """The functions that the work calls, as it writes them."""
    seen: set[tuple[str, int]] = set()
    for line in lines:
        for link in line.links:
            for part in w.parts(link.right):
                if (
                    isinstance(part, w.Call)
                    and (part.name.base, part.name.primes) not in seen
                    and part.name.base not in {"exp", "log", "ln"}
                ):
                    seen.add((part.name.base, part.name.primes))
                    yield part.name, line.row.math[part.name.span[0] : part.name.span[1]]


def _named(editing: Editing) -> Iterator[tuple[Name, str]]:
    """Those of the network, and their derivatives."""
    rows = [ACTIVATIONS["sigmoid"], *(editing.spec.activations)]
    for row in dict.fromkeys(row.function.symbol for row in rows):
        for primes in (0, 1):
            text = LatexWriter._symbol(row) if editing.line.row.medium == "latex" else row
            yield Name(row, None, (), primes, False, (0, 0), (0, 0)), text + "'" * primes


class Borrowing:
    """Factors and terms of the rows up to this one, the nearest first."""

    def __init__(self, editing: Editing, lines: Sequence[Line]) -> None:
        self.editing, self.lines = editing, lines

    @cached_property
    def around(self) -> list[tuple[Written, str]]:
        """Forms of the rows up to this one, and their text; each once."""
        found: dict[str, Written] = {}
        at = next((n for n, line in enumerate(self.lines) if line.row is self.editing.line.row), len(self.lines))
        for line in reversed(self.lines[: at + 1]):
            for link in line.links:
                for form in (link.right, *(() if link.is_carried else (link.left,))):
                    for part in self.pieces(form):
                        if part is not self.editing.form:
                            found.setdefault(line.row.math[part.span[0] : part.span[1]], part)
        return [(node, text) for text, node in found.items()][: 3 * MAX_BORROWED]

    @staticmethod
    def pieces(form: Written) -> Iterator[Written]:
        """The form, its factors and its terms."""
        inner = unwrapped(form)
        yield inner
        for part in w.parts(inner):
            if isinstance(part, w.Product):
                yield from part.factors
            elif isinstance(part, w.Sum):
                yield from part.terms

    def factors(self) -> Iterator[Edit]:
        """A factor put in, that is no name: (o - t), a derivative, a quotient."""
        editing = self.editing
        found = [(n, t) for n, t in self.around if isinstance(n, w.Bracket | w.Sum | w.Derivative | w.Quotient | w.Power)][:MAX_BORROWED]
        glue = " " if editing.line.row.medium == "latex" else " * "
        for node in w.parts(editing.form):
            if not isinstance(node, w.Product | Name | w.Derivative | w.Bracket | w.Call | w.Quotient) or not self.is_place(node):
                continue
            own = editing.text(node)
            for other, text in found:
                shown = f"({text})" if isinstance(other, w.Sum) else text
                yield from editing.parsed(node, "dropped_factor", f"{shown}{glue}{own}", should=shown)

    def squares(self) -> Iterator[Edit]:
        """A factor that should stand twice."""
        editing = self.editing
        for node in w.parts(editing.form):
            if isinstance(node, w.Name | w.Bracket | w.Call | w.Sum) and not (isinstance(node, w.Sum) and node is editing.form):
                own = editing.text(node)
                shown = f"({own})^2" if not isinstance(node, w.Bracket) else f"{own}^2"
                yield from editing.parsed(node, "dropped_factor", shown, was=own, should=shown)

    def is_place(self, node: Written) -> bool:
        """May a factor be missing here: the whole, a term, the top or bottom of a fraction?"""
        form = self.editing.form
        if node is form:
            return True
        for part in w.parts(form):
            if isinstance(part, w.Sum) and any(term is node for term in part.terms):
                return True
            if isinstance(part, w.Quotient) and (part.top is node or part.bottom is node):
                return True
        return False

    def terms(self) -> Iterator[Edit]:
        """A term put in: a name, a number, a product that stands elsewhere."""
        editing = self.editing
        plain = [(n, t) for n, t in self.around if isinstance(n, Name | w.Product | w.Power | w.Call | w.Number)]
        found = [(n, t) for n, t in plain if len(t) < 60][:MAX_BORROWED]
        every = editing.lexicon.every
        found += [(one.name, one.text) for one in every if one.quantity.kind in {"target", "out", "bias", "input"}][:MAX_BORROWED]
        one = (w.Number("1", 0, (0, 0)), "1")
        for node in w.parts(editing.form):
            inner = unwrapped(node)
            if isinstance(node, w.Bracket | w.Number) or isinstance(inner, w.Quotient):
                continue
            own = editing.text(node)
            is_sum = isinstance(node, w.Sum)
            for _, text in [one, *found]:
                if text == own:
                    continue
                for shown in (f"{own} + {text}", f"{text} + {own}" if text == "1" else f"{own} - {text}", f"{text} - {own}"):
                    whole = shown if is_sum or node is editing.form else f"({shown})"
                    yield from editing.parsed(node, "missing_sum", whole, should=text)
