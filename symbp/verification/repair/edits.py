"""Single edits of a person's form, the smallest first: what each would change, in the tree and in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import permutations

from symbp.language.form import Edge, Unit, Var
from symbp.verification import written as w
from symbp.verification.judging.printed import literals, value_of
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.repair.editing import Edit, exchanged
from symbp.verification.repair.factoring import Factoring
from symbp.verification.repair.lexicon import names
from symbp.verification.written import Name, Written

__all__ = ["Edit", "Editor", "exchanged"]


class Editor(Factoring):
    """Every edit that is tried; here those of sums over paths, of matrices and of numbers."""

    def edits(self) -> Iterator[Edit]:
        """Every edit of one place that is tried, in the order in which they are."""
        order = list(_ORDER)
        if self.subject is not None and self.subject.kind == "out":
            order.remove(Editor.losses)
            order.insert(order.index(Editor.slopes), Editor.losses)
        for kind in order:
            yield from kind(self)

    def wider(self) -> Iterator[Edit]:
        """Edits of several places at once, and what is put in."""
        yield from self.renamed()
        yield from self.paths()
        yield from self.further_paths()
        yield from self.constants()
        yield from self.lost()

    def paths(self) -> Iterator[Edit]:
        """The paths that are missing, in the person's own factors; a sum over an index that has none."""
        for node in w.parts(self.form):
            if isinstance(node, w.Product | w.Derivative | Name):
                yield from self.other_paths(node)
            if isinstance(node, w.Sum):
                yield from self.more_terms(node)
        for letter in self.letters():
            inner = self.text(self.form)
            low = w.Script((w.Token("name", letter, 0, 0),), self.form.span)
            sign = rf"\sum_{letter} " if self.line.row.medium == "latex" else f"Σ_{letter} "
            yield self.put(self.form, w.BigSum("Σ", low, None, self.form, self.form.span), "missing_sum", sign + inner, was=inner)
            for node in w.parts(self.form):
                if isinstance(node, w.Product) and len(node.factors) > 1:
                    yield from self.summed_run(node, letter, low, sign)
        yield from self.over_samples()
        options = (("axis", "1"), ("axis", "0"))
        for option in options:
            name = Name("np.sum", None, (), 0, False, self.form.span, self.form.span)
            for node in w.parts(self.form):
                if isinstance(node, Name) or node is self.form:
                    inner = self.text(node)
                    shown = rf"\sum_{{i=1}}^{{m}} {inner}" if self.line.row.medium == "latex" else f"np.sum({inner}, axis={option[1]})"
                    yield self.put(node, w.Call(name, (node,), (option,), node.span), "missing_sum", shown, was=inner)

    def over_samples(self) -> Iterator[Edit]:
        """The sum, or the mean, over samples."""
        if not self.is_batch or self.line.row.medium != "latex":
            return
        for name in self.names():
            text = self.text(name)
            if text.endswith("}") and "^{" in text:
                total = rf"\sum_{{i=1}}^{{m}} {text[:-1]}(i)}}"
                for shown in (total, rf"\frac{{1}}{{m}} {total}"):
                    yield from self.parsed(name, "missing_sum", shown, was=text)

    def summed_run(self, node: w.Product, letter: str, low: w.Script, sign: str) -> Iterator[Edit]:
        """A sum over the factors that the letter stands in."""
        inside = [k for k, f in enumerate(node.factors) if any(name.sub and letter in name.sub.text for name in names(f))]
        if not inside or len(inside) == len(node.factors):
            return
        chosen = tuple(node.factors[k] for k in inside)
        rest = tuple(f for k, f in enumerate(node.factors) if k not in inside)
        body: Written = chosen[0] if len(chosen) == 1 else w.Product(chosen, ("",) * (len(chosen) - 1), node.span)
        total = w.BigSum("Σ", low, None, body, node.span)
        new = w.Product((*rest, w.Bracket(total, node.span)), ("",) * len(rest), node.span)
        glue = " " if self.line.row.medium == "latex" else " * "
        shown = glue.join([*(self.text(f) for f in rest), sign + glue.join(self.text(f) for f in chosen)])
        yield self.put(node, new, "missing_sum", shown, was=self.text(node))

    def other_paths(self, node: Written) -> Iterator[Edit]:
        """(A B + A' B') C for A B C, where A and B are of a unit with siblings."""
        factors = node.factors if isinstance(node, w.Product) else (node,)
        units: dict[Unit, None] = {}
        for name in names(node):
            var = self.lexicon.var(name)
            if var is not None and isinstance(var.owner, Unit) and var.owner.layer:
                units[var.owner] = None
        for unit in units:
            siblings = [u for u in self.spec.vocabulary.units(int(str(unit.layer))) if u != unit]
            if not siblings:
                continue
            run = [k for k, f in enumerate(factors) if self.is_of(f, unit)]
            for chosen in dict.fromkeys((tuple(run), tuple(range(len(factors))))):
                yield from self.with_paths(node, factors, chosen, unit, siblings)

    def is_at(self, node: Written, unit: Unit) -> bool:
        """Does a name of the unit itself stand here, and not only a weight at it?"""
        return any((var := self.lexicon.var(name)) is not None and var.owner == unit for name in names(node))

    def is_of(self, node: Written, unit: Unit) -> bool:
        for name in names(node):
            var = self.lexicon.var(name)
            owner = var.owner if var is not None else None
            if owner == unit or (isinstance(owner, Edge) and unit in {owner.source, owner.target}):
                return True
        return False

    def with_paths(
        self, node: Written, factors: Sequence[Written], run: Sequence[int], unit: Unit, siblings: Sequence[Unit]
    ) -> Iterator[Edit]:
        if not run:
            return
        chosen = tuple(factors[k] for k in run)
        body: Written = chosen[0] if len(chosen) == 1 else w.Product(chosen, ("",) * (len(chosen) - 1), node.span)
        terms, shown = [body], [self.joined(chosen, [self.text(f) for f in chosen])]
        for other in siblings:
            moved = [self.moved_to(f, unit, other, with_weights=True) or (f, self.text(f)) for f in chosen]
            trees = tuple(tree for tree, _ in moved)
            terms.append(trees[0] if len(trees) == 1 else w.Product(trees, ("",) * (len(trees) - 1), node.span))
            shown.append(self.joined(chosen, [text for _, text in moved]))
        total = w.Sum(tuple(terms), (False,) * len(terms), node.span)
        rest = tuple(f for k, f in enumerate(factors) if k not in run)
        new: Written = (
            w.Product((w.Bracket(total, node.span), *rest), ("",) * len(rest), node.span) if rest else w.Bracket(total, node.span)
        )
        is_only = not any(self.is_at(self.form, other) for other in siblings)
        said = {"unit": self.reaching(unit), "units": (unit, *siblings), "was": shown[0], "taken": (unit,) if is_only else ()}
        yield self.put(node, new, "missing_sum", self.with_sum(node, factors, run, " + ".join(shown)), **said)

    def joined(self, factors: Sequence[Written], texts: Sequence[str]) -> str:
        """Factors with what stands between them in the row, or is usual."""
        out = texts[0]
        for a, b, text in zip(factors, factors[1:], texts[1:], strict=False):
            gap = self.math[a.span[1] : b.span[0]]
            out += (gap if not any(c.isalnum() and "\\" not in gap for c in gap) and len(gap) < 12 and "(" not in gap else " ") + text
        return out

    def with_sum(self, node: Written, factors: Sequence[Written], run: Sequence[int], total: str) -> str:
        """The text of a product with a sum for a run of its factors."""
        if len(run) == len(factors):
            return total if node is self.form else f"({total})"
        first, last = run[0], run[-1]
        if len(run) == last - first + 1:
            start, end = factors[first].span[0], factors[last].span[1]
            return f"{self.math[node.span[0] : start]}({total}){self.math[end : node.span[1]]}"
        return self.between().join([f"({total})", *(self.text(f) for k, f in enumerate(factors) if k not in run)])

    def reaching(self, through: Unit) -> Unit | None:
        """The unit whose way to the error leads through `through`: that which the left side is about."""
        owner = self.subject.owner if self.subject is not None else None
        return owner.target if isinstance(owner, Edge) else owner if isinstance(owner, Unit) else None

    def more_terms(self, node: w.Sum) -> Iterator[Edit]:
        """A term for a unit that the sum has left out."""
        for term, minus in zip(node.terms, node.minus, strict=True):
            for name in names(term):
                var = self.lexicon.var(name)
                if var is None or not isinstance(var.owner, Unit) or not var.owner.layer:
                    continue
                unit = var.owner
                for other in self.spec.vocabulary.units(int(str(unit.layer))):
                    found = self.moved_to(term, unit, other, with_weights=True) if other != unit else None
                    if found is not None:
                        tree, text = found
                        new = replace(node, terms=(*node.terms, tree), minus=(*node.minus, minus))
                        shown = self.text(node) + (" - " if minus else " + ") + text
                        taken = tuple(
                            u for u in self.spec.vocabulary.units(int(str(unit.layer))) if any(self.is_at(t, u) for t in node.terms)
                        )
                        said = {"units": tuple(sorted({*taken, other}, key=str)), "taken": taken, "unit": self.reaching(unit)}
                        yield self.put(node, new, "missing_sum", shown, **said)

    def further_paths(self) -> Iterator[Edit]:
        """A term for a unit that is fed, in whichever layer, and that the form has left out."""
        owner = self.subject.owner if self.subject is not None else None
        unit = owner.target if isinstance(owner, Edge) else owner
        if not isinstance(unit, Unit):
            return
        glue = self.between()
        for weight, net in self.spec.vocabulary.fed(self.spec.vocabulary.out(unit)):
            medium = self.line.row.medium
            delta = self.lexicon.anyhow(Var("delta", net.owner, net.sample, net.time), medium)
            own = self.lexicon.anyhow(weight, medium)
            if delta is None or own is None:
                continue
            text = f"{delta.text}{glue}{own.text}"
            term = self.read(text)
            for node in w.parts(self.form):
                if term is not None and isinstance(node, w.Product | Name | w.Sum):
                    shown = f"{self.text(node)} + {text}"
                    new = w.Bracket(w.Sum((node, term), (False, False), node.span), node.span)
                    yield self.put(node, new, "missing_sum", shown if node is self.form else f"({shown})", unit=unit, added=text)

    def transposes(self) -> Iterator[Edit]:
        """A transposition put in or taken out; factors in another order; both."""
        if not any(map(self.is_matrix, self.names())) and not any(isinstance(part, w.Matrix) for part in w.parts(self.form)):
            return
        for node in w.parts(self.form):
            if isinstance(node, w.Transposed):
                yield self.put(node, node.of, "transpose_order", self.unturned(node), was=self.text(node))
            elif isinstance(node, Name) and self.is_matrix(node):
                yield self.toggled(node)
            elif isinstance(node, w.Bracket):
                yield self.put(node, w.Transposed(node, node.span), "transpose_order", self.text(node) + self.turn, was=self.text(node))
        for node in w.parts(self.form):
            if isinstance(node, w.Product) and 2 <= len(node.factors) <= 4:
                yield from self.reordered(node)

    def is_matrix(self, name: Name) -> bool:
        readings = self.lexicon.checker.grids.readings(name)
        return bool(readings) and (readings[0].quantity.of or readings[0].quantity).is_whole

    def toggled(self, name: Name) -> Edit:
        kept = tuple(s for s in name.sups if s.text not in {"T", "⊤"})
        text = self.text(name)
        if len(kept) < len(name.sups):
            new: Written = replace(name, sups=kept)
            gone = next(s for s in name.sups if s.text in {"T", "⊤"})
            start = name.span[0]
            shown = text[: gone.span[0] - start].rstrip("^{") + text[gone.span[1] - start :].lstrip("}")
        else:
            new = w.Transposed(name, name.span)
            shown = f"({text}){self.turn}" if name.sups else text + self.turn
        return self.put(name, new, "transpose_order", shown, was=text)

    def reordered(self, node: w.Product) -> Iterator[Edit]:
        """The factors in another order, each as it is or transposed."""
        count = len(node.factors)
        options = [self.turns(factor) for factor in node.factors]
        for order in permutations(range(count)):
            for mask in range(1 << count):
                if order == tuple(range(count)) and not mask:
                    continue
                chosen = [options[k][(mask >> k) & 1] for k in order if (mask >> k) & 1 < len(options[k])]
                if len(chosen) != count:
                    continue
                trees = tuple(tree for tree, _ in chosen)
                yield self.put(
                    node,
                    w.Product(trees, node.signs, node.span),
                    "transpose_order",
                    self.joined(node.factors, [text for _, text in chosen]),
                    was=self.text(node),
                )

    def turns(self, factor: Written) -> list[tuple[Written, str]]:
        """A factor as it is, and transposed if it is no number."""
        text = self.text(factor)
        if isinstance(factor, w.Number | w.Quotient):
            return [(factor, text)]
        if isinstance(factor, Name):
            edit = self.toggled(factor)
            inner = exchanged(factor, factor, replace(factor))
            kept = tuple(s for s in factor.sups if s.text not in {"T", "⊤"})
            turned: Written = replace(factor, sups=kept) if len(kept) < len(factor.sups) else w.Transposed(factor, factor.span)
            return [(inner, text), (turned, edit.text)]
        if isinstance(factor, w.Transposed):
            return [(factor, text), (factor.of, self.unturned(factor))]
        is_one = isinstance(factor, w.Bracket | w.Matrix)
        return [(factor, text), (w.Transposed(factor, factor.span), f"{text}{self.turn}" if is_one else f"({text}){self.turn}")]

    @cached_property
    def turn(self) -> str:
        """The mark of a transposition, as it is written in the work."""
        texts = [line.row.math for line in self.lexicon.lines]
        for mark in (r"^{\top}", r"^\top", r"^{\mathsf{T}}", r"^\mathsf{T}", r"^{T}", "ᵀ", "⊤"):
            if any(mark in text for text in texts):
                return mark
        return "^T"

    def unturned(self, node: w.Transposed) -> str:
        """What is transposed, without a bracket that only held it together."""
        inner = unwrapped(node.of)
        return self.text(inner) if isinstance(inner, Name | w.Matrix) else self.text(node.of)

    def constants(self) -> Iterator[Edit]:
        """A literal replaced by a number of the network or of the person's own: the most alike first."""
        numbers = [n for n in literals(self.form) if not n.is_whole or len(n.text) > 1 or self.spec.is_numeric]
        pairs = [(number, text) for number in numbers for text in self.numbers]
        for number, text in sorted(pairs, key=lambda pair: unlike(pair[1], pair[0].text)):
            found = w.Number(text.lstrip("-"), 0, number.span)
            if value_of(found) == value_of(number):
                continue
            new: Written = w.Negative(found, number.span) if text.startswith("-") else found
            shown = self.as_printed(text)
            put_in = f"({shown})" if text.startswith("-") else shown
            yield self.put(number, new, "wrong_constant", put_in, was=self.text(number), should=shown)

    def as_printed(self, text: str) -> str:
        """A number with the decimal comma, where the row has one."""
        return text.replace(".", ",") if re.search(r"\d,\d", self.math) and not re.search(r"\d\.\d", self.math) else text

    def ones(self) -> Iterator[Edit]:
        """A whole number that is off by a little: an exponent, a 1."""
        for number in literals(self.form):
            if number.is_whole and len(number.text) == 1:
                for text in ("0", "1", "2", "3"):
                    if text != number.text:
                        yield self.put(number, w.Number(text, 0, number.span), "wrong_constant", text, was=self.text(number), should=text)


def unlike(text: str, printed: str) -> tuple[bool, bool, float]:
    """How little a number looks like what was printed: another order of digits first, then as near as can be."""
    a, b = text.lstrip("-"), printed
    near = abs(float(a) - float(b)) if a.replace(".", "").isdigit() and b.replace(".", "").isdigit() else 9.0
    return sorted(a.rstrip("0")) != sorted(b.rstrip("0")), text.startswith("-"), near


_ORDER: Sequence[Callable[[Editor], Iterator[Edit]]] = (
    Editor.originals,
    Editor.kinds,
    Editor.signs,
    Editor.siblings,
    Editor.twos,
    Editor.ones,
    Editor.slopes,
    Editor.transposes,
    Editor.surplus,
    Editor.foreign_slopes,
    Editor.foreign_layers,
    Editor.losses,
)
