"""Edits of a form in which numbers were put in, by the form that they were put into: what it has too much, too little or otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from symbp.verification import written as w
from symbp.verification.judging.checks import Checker
from symbp.verification.judging.following import FAULTS
from symbp.verification.judging.printed import is_pure
from symbp.verification.judging.scope import Numeric
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.repair.editing import Edit, Editing
from symbp.verification.written import Written

PLACES = 6
"""So many significant digits a value that is put in is shown with, where the work has not printed it."""


@dataclass(frozen=True)
class PuttingIn:
    """`model` is the form that numbers were put into, `editing` is of the form with the numbers."""

    editing: Editing
    model: Written
    checker: Checker

    def edits(self) -> Iterator[Edit]:
        if is_pure(self.editing.form):
            yield from self.compared(self.model, self.editing.form)

    def compared(self, model: Written, node: Written) -> Iterator[Edit]:
        model = unwrapped(model)
        inner = unwrapped(node)
        if isinstance(model, w.Negative) and isinstance(inner, w.Negative):
            yield from self.compared(model.of, inner.of)
        elif isinstance(model, w.Sum):
            terms, minus = (inner.terms, inner.minus) if isinstance(inner, w.Sum) else ((inner,), (False,))
            yield from self.terms(model, node, terms, minus)
        elif isinstance(model, w.Product):
            factors = inner.factors if isinstance(inner, w.Product) else (inner,)
            yield from self.factors(model, node, factors)
        elif isinstance(model, w.Quotient):
            if isinstance(inner, w.Quotient):
                yield from self.compared(model.top, inner.top)
                yield from self.compared(model.bottom, inner.bottom)
        elif isinstance(model, w.Power) and isinstance(inner, w.Power):
            yield from self.compared(model.base, inner.base)
        elif isinstance(model, w.Call) and isinstance(inner, w.Call):
            for a, b in zip(model.args, inner.args, strict=False):
                yield from self.compared(a, b)
        if not isinstance(model, w.Number) and isinstance(inner, w.Number | w.Negative) and (text := self.value(model)):
            yield from self.editing.parsed(node, "wrong_constant", text, was=self.editing.text(node), should=text)

    def terms(self, model: w.Sum, node: Written, terms: Sequence[Written], minus: Sequence[bool]) -> Iterator[Edit]:
        if len(terms) == len(model.terms):
            for a, b in zip(model.terms, terms, strict=True):
                yield from self.compared(a, b)
        if len(terms) == len(model.terms) - 1:
            for at, term in enumerate(model.terms):
                text = self.shown(term)
                texts = [self.editing.text(t) for t in terms]
                signs = [*minus[:at], model.minus[at], *minus[at:]]
                shown = summed([*texts[:at], text, *texts[at:]], signs)
                yield from self.editing.parsed(node, "missing_sum", shown, should=text)

    def factors(self, model: w.Product, node: Written, factors: Sequence[Written]) -> Iterator[Edit]:
        texts = [self.editing.text(f) for f in factors]
        if len(factors) == len(model.factors):
            for a, b in zip(model.factors, factors, strict=True):
                yield from self.compared(a, b)
        if len(factors) == len(model.factors) - 1:
            for at, factor in enumerate(model.factors):
                text = self.shown(factor)
                shown = self.joined([*texts[:at], text, *texts[at:]])
                yield from self.editing.parsed(node, "dropped_factor", shown, should=text)
        if len(factors) == len(model.factors) + 1:
            for at in range(len(factors)):
                shown = self.joined([*texts[:at], *texts[at + 1 :]])
                yield from self.editing.parsed(node, "duplicated_factor", shown, was=texts[at])

    def joined(self, texts: Sequence[str]) -> str:
        return (r" \cdot " if self.editing.line.row.medium == "latex" else " * ").join(texts)

    # -- values ----------------------------------------------------------------------------------------------------

    def shown(self, node: Written) -> str:
        """A part of the model with numbers in place of its names."""
        inner = unwrapped(node)
        if isinstance(inner, w.Product):
            return self.joined([self.shown(f) for f in inner.factors])
        if isinstance(inner, w.Sum):
            return f"({summed([self.shown(t) for t in inner.terms], inner.minus)})"
        return self.value(inner)

    def value(self, node: Written) -> str:
        """What a part of the model comes to: as it was printed, or rounded."""
        meaning = self.checker.meaning(Numeric(self.checker.truth))
        try:
            with np.errstate(all="ignore"):
                value = meaning.of(node)
        except FAULTS:
            return ""
        if value.size != 1 or not np.isfinite(value.flat[0]):
            return ""
        x = float(value.flat[0])
        near = [text for text in self.editing.numbers if len(text.strip("-0.")) > 1 and _rounds(x, text)]
        text = max(near, key=len, default=f"{x:.{PLACES}g}" if abs(x) > 1e-4 or not x else f"{x:.{PLACES + 4}f}")
        return f"({text})" if text.startswith("-") else text


def _rounds(x: float, text: str) -> bool:
    places = len(text.partition(".")[2])
    return abs(float(text) - x) <= 0.51 * 10.0**-places


def summed(texts: Sequence[str], minus: Sequence[bool]) -> str:
    """Terms with their signs."""
    out = ""
    for at, (text, is_minus) in enumerate(zip(texts, minus, strict=True)):
        out += (" - " if is_minus else " + ") if at else ("-" if is_minus else "")
        out += text
    return out


__all__ = ["PuttingIn", "summed"]
