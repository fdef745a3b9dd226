"""Edits of factors: put in, taken out, or the derivative of another activation or error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from symbp.language.form import Edge, Unit, Var
from symbp.verification import written as w
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.repair.editing import Edit, exchanged
from symbp.verification.repair.lexicon import Spelled, names
from symbp.verification.repair.renaming import Renaming
from symbp.verification.written import Span, Written


class Factoring(Renaming):
    """Edits that change the factors of a product."""

    def twos(self) -> Iterator[Edit]:
        """A factor of 2 or of a half, put in or taken out."""
        for node in w.parts(self.form):
            if isinstance(node, w.Product):
                for at, factor in enumerate(node.factors):
                    if _is_two(factor):
                        yield self.without(node, at, "factor_two")
        for node in w.parts(self.form):
            if isinstance(node, w.Quotient) and isinstance(node.top, w.Number) and node.top.text == "1" and not _is_two(node):
                text, (start, end) = self.text(node), node.top.span
                should = text[: start - node.span[0]] + "2" + text[end - node.span[0] :]
                yield self.put(node.top, w.Number("2", 0, node.top.span), "factor_two", "2", was=text, should=should)
        yield from self.times_two()
        for node in w.parts(self.form):
            if isinstance(node, w.Number) and node.text in {"2", "0.5", "4"}:
                for text in ("1", "2", "4"):
                    if text != node.text:
                        yield self.put(node, w.Number(text, 0, node.span), "factor_two", text, was=self.text(node))
            if (
                isinstance(node, w.Quotient)
                and isinstance(node.bottom, w.Number)
                and node.bottom.text == "2"
                and not isinstance(node.top, w.Number)
            ):
                yield self.put(node, node.top, "factor_two", self.text(node.top))

    def times_two(self) -> Iterator[Edit]:
        """The form twice, or half of it; behind a minus, if there is one."""
        latex = self.line.row.medium == "latex"
        inner = self.form
        while isinstance(inner, w.Negative):
            inner = inner.of
        text = self.text(inner)
        shown = f"({text})" if isinstance(inner, w.Sum) else text
        for two in ("2", r"\frac{1}{2}" if latex else "1/2"):
            factor = self.read(two)
            if factor is not None:
                new = w.Product((factor, w.Bracket(inner, inner.span)), ("",), inner.span)
                glue = " \\cdot " if latex and shown[0].isdigit() else " " if latex else " * " if "/" in two else self.between()
                yield self.put(inner, new, "factor_two", f"{two}{glue}{shown}", was=text)

    def without(self, node: w.Product, at: int, code: str, count: int = 1) -> Edit:
        """A product without one of its factors, or without neighbours: out (1 - out)."""
        end = at + count
        factors = (*node.factors[:at], *node.factors[end:])
        marks = ("", *node.signs)
        signs = (*marks[:at], *marks[end:])[1:]
        new: Written = factors[0] if len(factors) == 1 else w.Product(factors, signs, node.span)
        start, stop = node.factors[at].span[0], node.factors[end - 1].span[1]
        was = self.text(node.factors[at]) if count == 1 else self.math[start:stop]
        if end == len(node.factors):
            span, text = (node.factors[at - 1].span[1], stop), ""
        elif not at:
            span, text = (self.sized(start), self.sized(node.factors[end].span[0])), ""
        else:
            last, following = node.factors[at - 1].span[1], self.sized(node.factors[end].span[0])
            before, after = self.math[last : self.sized(start)], self.math[stop:following]
            span, text = (last, following), max(after, before, key=len)
        alone = unwrapped(factors[0]) if len(factors) == 1 and node is self.form and isinstance(factors[0], w.Bracket) else None
        if isinstance(alone, w.Sum):
            return self.put(node, alone, code, self.text(alone), was=was, out=(start, stop))
        return Edit(code, exchanged(self.form, node, new), span, text, {"was": was, "out": (start, stop)})

    def sized(self, at: int) -> int:
        """Where a part begins, with the \\left or \\bigl before its bracket."""
        found = re.search(r"\\(left|[bB]igg?l?)\s*$", self.math[:at])
        return found.start() if found else at

    def surplus(self) -> Iterator[Edit]:
        """A factor taken out, or a power lowered."""
        for node in w.parts(self.form):
            if isinstance(node, w.Product):
                for at in range(len(node.factors)):
                    if not isinstance(node.factors[at], w.Number):
                        yield self.without(node, at, "duplicated_factor")
                for at in range(len(node.factors) - 1):
                    if len(node.factors) > 2:
                        yield self.without(node, at, "duplicated_factor", 2)
            if isinstance(node, w.Power) and isinstance(node.exponent, w.Number) and node.exponent.text == "2":
                yield self.put(node, node.base, "duplicated_factor", self.text(node.base), was=self.text(node))

    def slopes(self) -> Iterator[Edit]:
        """The derivative of an activation put in: of the unit that the left side is about first."""
        for text, unit in self.slope_texts():
            yield from self.multiplied(text, "missing_activation_derivative", unit=unit)

    def slope_texts(self) -> Iterator[tuple[str, Unit | None]]:
        """f'(net) of each unit, as the person would write it."""
        words = self.spec.vocabulary
        medium, first = self.line.row.medium, self.subject.owner if self.subject is not None else None
        near = {first, first.target} if isinstance(first, Edge) else {first}
        for unit in self.near_units():
            one, net = self.lexicon.out_of(unit, medium if unit in near else ""), self.lexicon.spelled(Var("net", unit, 1))
            if one is not None:
                yield self.slope_of(unit, one.text, net.text if net else None), unit
        seen = set()
        for kind in ("net", "out"):
            for one in [*self.lexicon.general(kind)]:
                prime = self.lexicon.primed if kind == "net" else ""
                texts = [f"{prime}({one.text})"] if prime else []
                texts += self.general_slopes(one)
                for text in texts:
                    if text not in seen:
                        seen.add(text)
                        yield text, None
        del words

    def general_slopes(self, one: Spelled) -> list[str]:
        """f' of a whole layer or of an index: by the activation of its layer, or by each, where the layer is not told."""
        layer, words = one.quantity.layer, self.spec.vocabulary
        layers = [layer] if isinstance(layer, int) and layer else list(range(1, words.last + 1))
        activations = list(dict.fromkeys(self.spec.activation(Unit(at, 1)).name for at in layers))
        whole, latex = one.quantity.unit is None, self.line.row.medium == "latex"
        times = (r" \odot " if latex else " ⊙ ") if whole else " " if latex else " * "
        square = f"{one.text}{times}{one.text}" if whole else _squared(one.text, self.line.row.medium)
        if one.quantity.kind == "net":
            return [rf"\mathbf{{1}}[{one.text} > 0]"] if "relu" in activations else []
        texts = {"sigmoid": f"{one.text}{times}(1 - {one.text})", "tanh": f"(1 - {square})"}
        return [texts[name] for name in activations if name in texts]

    def slope_of(self, unit: Unit, out: str, net: str | None) -> str:
        """f'(net) of one unit."""
        name, sign = self.spec.activation(unit).name, " * " if self.line.row.medium == "plain" else " "
        if self.lexicon.primed and net is not None:
            return f"{self.lexicon.primed}({net})"
        if name == "tanh":
            return f"(1 - {_squared(out, self.line.row.medium)})"
        if name == "sigmoid":
            return f"{out}{sign}(1 - {out})"
        if name == "relu" and net is not None:
            return rf"\mathbf{{1}}[{net} > 0]"
        if name == "softplus" and net is not None:
            return rf"\frac{{1}}{{1 + e^{{-{net}}}}}" if self.line.row.medium == "latex" else f"1/(1 + exp(-{net}))"
        if net is not None:
            return rf"\frac{{\partial {out}}}{{\partial {net}}}" if self.line.row.medium == "latex" else f"∂{out}/∂{net}"
        return f"{out}{sign}(1 - {out})"

    def multiplied(self, text: str, code: str, **said: Any) -> Iterator[Edit]:
        """The form, or a term of it, times a factor."""
        factor = self.read(text)
        if factor is None:
            return
        inner = self.text(self.form)
        for sign, mark in (("", self.between()), ("odot", self.entrywise())):
            whole = w.Bracket(self.form, self.form.span)
            new = w.Product((whole, w.Bracket(factor, self.form.span)), (sign,), self.form.span)
            is_open = isinstance(self.form, w.BigSum) or (isinstance(self.form, w.Product) and isinstance(self.form.factors[-1], w.BigSum))
            if is_open and not sign:
                shown = f"{text} {inner}"
            else:
                shown = f"({inner}){mark}{text}" if isinstance(self.form, w.Sum) or is_open else f"{inner}{mark}{text}"
            yield self.put(self.form, new, code, shown, should=text, **said)
        for node in w.parts(self.form):
            if isinstance(node, w.Sum) or (isinstance(node, w.BigSum) and node is not self.form):
                for term in node.terms if isinstance(node, w.Sum) else (node.body,):
                    shown = self.text(term) + self.between() + text
                    yield self.put(term, w.Product((term, factor), ("",), term.span), code, shown, should=text, **said)

    def entrywise(self) -> str:
        """The sign of a product entry by entry, as it is written in the work."""
        texts = [line.row.math for line in self.lexicon.lines]
        for sign in (r"\odot", r"\circ", "⊙", "∘", ".*"):
            if any(sign in text for text in texts):
                return f" {sign} "
        return r" \odot " if self.line.row.medium == "latex" else " ⊙ "

    def lost(self) -> Iterator[Edit]:
        """A factor put in: any name of the person's."""
        head = {self.text(name) for name in names(self.line.links[0].head)} if self.line.links else set()
        for one in self.lexicon.every:
            if (
                one.quantity.kind not in {"error_total", "error", "error_sample", "slope"}
                and one.text not in head
                and not one.quantity.step
            ):
                yield from self.multiplied(one.text, "dropped_factor")
        for text in ("(1 - {})",):
            for unit in self.near_units():
                if (one_out := self.lexicon.out_of(unit)) is not None:
                    yield from self.multiplied(text.format(one_out.text), "dropped_factor")
        if self.is_batch:
            text = r"\frac{1}{m}" if self.line.row.medium == "latex" else "1/m"
            whole, factor = w.Bracket(self.form, self.form.span), self.read(text)
            if factor is not None:
                inner = f"({self.text(self.form)})" if isinstance(self.form, w.Sum) else self.text(self.form)
                shown = f"{text}{' ' if self.line.row.medium == 'latex' else ' * '}{inner}"
                new = w.Product((factor, whole), ("",), self.form.span)
                yield self.put(self.form, new, "dropped_factor", shown, should=text)
        yield from self.multiplied_by_source()

    def multiplied_by_source(self) -> Iterator[Edit]:
        """What the weight that the left side is about leads from."""
        owner = self.subject.owner if self.subject is not None and self.subject.kind == "weight" else None
        one = self.lexicon.out_of(owner.source, self.line.row.medium) if isinstance(owner, Edge) else None
        if one is not None:
            yield from self.multiplied(one.text, "dropped_factor")

    def foreign_slopes(self) -> Iterator[Edit]:
        """The derivative of another activation: out (1 - out) for 1 - out^2, and others; also as what a unit's net input is put in."""
        for node in w.parts(self.form):
            runs: list[tuple[Written, Span, int, int]] = []
            if isinstance(node, w.Product):
                runs += [
                    (node, (node.factors[a].span[0], node.factors[b - 1].span[1]), a, b)
                    for a in range(len(node.factors))
                    for b in (a + 1, a + 2)
                    if b <= len(node.factors)
                ]
            elif node is self.form or isinstance(node, w.Bracket | w.Sum | w.Power):
                runs.append((node, node.span, 0, 0))
            for whole, span, a, b in runs:
                unit = self.mentioned(whole, a, b)
                if unit is None:
                    continue
                out = self.lexicon.out_of(unit, self.line.row.medium)
                net = self.lexicon.spelled(Var("net", unit, 1))
                if out is None:
                    continue
                text = self.slope_of(unit, out.text, net.text if net else None) if self.spec.activation(unit).name != "identity" else "1"
                factor = self.read(text)
                is_twice = isinstance(whole, w.Product) and any(self.text(f) == text for f in whole.factors[a:b])
                if factor is None or is_twice:
                    continue
                activation = self.spec.activation(unit).name
                if isinstance(whole, w.Product) and b:
                    factors = (*whole.factors[:a], w.Bracket(factor, span), *whole.factors[b:])
                    signs = ("", *whole.signs)
                    new: Written = w.Product(factors, tuple((*signs[1:a], *signs[a : a + 1], *signs[b:])[: len(factors) - 1]), whole.span)
                    if len(factors) == 1:
                        new = factors[0]
                    said = {"was": self.math[span[0] : span[1]], "should": text, "unit": unit, "activation": activation}
                    yield Edit("wrong_activation_derivative", exchanged(self.form, whole, new), span, text, said)
                else:
                    yield self.put(
                        whole,
                        w.Bracket(factor, span),
                        "wrong_activation_derivative",
                        text,
                        was=self.text(whole),
                        should=text,
                        unit=unit,
                        activation=activation,
                    )

    def foreign_layers(self) -> Iterator[Edit]:
        """The derivative of a whole layer's activation, where something else of that layer stands."""
        texts = [text for text, unit in self.slope_texts() if unit is None]
        for node in w.parts(self.form):
            if not isinstance(node, w.Product):
                continue
            for factor in node.factors:
                if isinstance(unwrapped(factor), w.Number):
                    continue
                for text in texts:
                    yield from self.parsed(
                        factor,
                        "wrong_activation_derivative",
                        text if not text.endswith(")") or text.startswith("(") else f"({text})",
                        was=self.text(factor),
                        should=text,
                    )

    def mentioned(self, node: Written, a: int, b: int) -> Unit | None:
        """The one unit whose out or net input is all that a run of factors is made of."""
        parts: Sequence[Written] = node.factors[a:b] if isinstance(node, w.Product) and b else (node,)
        found = {self.lexicon.var(name) or self.lexicon.var(unraised(name)) for part in parts for name in names(part)}
        if not found or None in found:
            return None
        owners = {var.owner for var in found if var is not None and var.kind in {"out", "net"}}
        kinds = {var.kind for var in found if var is not None}
        owner = next(iter(owners)) if len(owners) == 1 and kinds <= {"out", "net"} else None
        return owner if isinstance(owner, Unit) else None

    def losses(self) -> Iterator[Edit]:
        """The derivative of another error: o - t for (o - t)/(o (1 - o)), and back."""
        latex = self.line.row.medium == "latex"
        pairs = []
        for unit in self.spec.vocabulary.outputs:
            out, target = self.lexicon.out_of(unit), self.lexicon.spelled(Var("target", unit, 1))
            if out is not None and target is not None:
                pairs.append((out.text, target.text))
        for a in self.lexicon.general("out"):
            pairs += [(a.text, t.text) for t in self.lexicon.general("target")]
        for o, t in pairs:
            below = f"{o} (1 - {o})" if latex else f"({o} * (1 - {o}))"
            over = rf"\frac{{{o} - {t}}}{{{below}}}" if latex else f"({o} - {t})/{below}"
            texts = [over, f"({o} - {t})", f"-({t} - {o})", rf"-\frac{{{t}}}{{{o}}}" if latex else f"-{t}/{o}", f"2 ({o} - {t})"]
            for node in w.parts(self.form):
                if isinstance(node, w.Sum | w.Bracket | w.Quotient | w.Negative) and {self.text(n) for n in names(node)} <= {o, t}:
                    for text in texts:
                        yield from self.parsed(node, "wrong_loss_derivative", text, was=self.text(node), should=text)


def unraised(name: w.Name) -> w.Name:
    """A name without a power: out_h1 for out_h1^2."""
    return replace(name, sups=tuple(s for s in name.sups if not s.text.isdigit()))


def _is_two(node: Written) -> bool:
    node = unwrapped(node)
    if isinstance(node, w.Quotient):
        return (
            isinstance(node.top, w.Number)
            and isinstance(node.bottom, w.Number)
            and (node.top.text, node.bottom.text) in {("1", "2"), ("2", "1")}
        )
    return isinstance(node, w.Number) and node.text in {"2", "0.5"}


def _squared(text: str, medium: str) -> str:
    return f"{text}^2" if "^" not in text else f"({text})^2"
