"""What is worth saying of a row beside its verdict: last digits, how a ∂ was read, factors that do not connect, which identity was used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from symbp.language import written as w
from symbp.language.form import Unit, Var
from symbp.language.written import Span, Written
from symbp.verification.judging.checks import Checker
from symbp.verification.judging.equality import compared
from symbp.verification.judging.following import FAULTS
from symbp.verification.judging.judge import Judged, Ruling
from symbp.verification.judging.printed import is_result, results
from symbp.verification.judging.scope import Numeric
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.judging.truth import SEED, Taken
from symbp.verification.reading.conventions import Conventions
from symbp.verification.reading.world import HIDDEN_ONLY, World
from symbp.verification.repair.lexicon import Lexicon, names
from symbp.verification.report.report import Said
from symbp.verification.source.work import Line, Link

FORWARD = frozenset({"net", "out"})


@dataclass
class Remarks:
    """Remarks on the rows of one work; `right` are the rows that are right, to point at."""

    world: World
    lexicon: Lexicon
    right: Sequence[Judged]

    def on(self, judged: Judged) -> tuple[Said, ...]:
        """The remarks on a row, each once."""
        found: dict[str, Said] = {}
        for ruling in judged.rulings:
            if ruling.verdict == "correct":
                for said in self.on_link(judged, ruling):
                    found.setdefault(said.key, said)
        return tuple(found.values())

    def on_link(self, judged: Judged, ruling: Ruling) -> Iterator[Said]:
        link = ruling.link
        yield from self.on_rounding(judged, ruling)
        if ruling.outcome.chosen.get(HIDDEN_ONLY):
            yield Said("hidden_only", {})
        if ruling.outcome.chosen.get("partial"):
            yield Said("reading_partial", {})
        elif self.world.spec.vocabulary.distinguishes and self.needs_total(judged.line, ruling):
            yield Said("reading_total", {})
        if any(isinstance(node, w.Product) and not self.connects(node) for node in w.parts(link.right)):
            yield Said("not_connected", {})
        if ruling.how == "points" and (identity := self.identity(judged.line, ruling)):
            yield Said("identity_used", {"identity": identity})

    def on_rounding(self, judged: Judged, ruling: Ruling) -> Iterator[Said]:
        """A last digit that is off, and numbers that were rounded before: in this row, or in an earlier one."""
        link, last = ruling.link, judged.rulings[-1].link.right
        if ruling.how not in {"numbers", "arithmetic"}:
            return
        if ruling.began is not None:
            shown = link.right if is_result(link.right) else last
            true = self.true_value(link.head, link, shown) if is_result(shown) and not isinstance(unwrapped(shown), w.Matrix) else ""
            yield Said("carried", {"line": ruling.began, "true": true})
        elif is_result(link.right) and not isinstance(unwrapped(link.right), w.Matrix) and ruling.used > 0.5:
            text = judged.line.row.math[link.right.span[0] : link.right.span[1]]
            yield Said("half_unit", {"shown": text, "true": self.true_value(link.left, link, link.right)})

    def true_value(self, form: Written, link: Link, shown: Written) -> str:
        """The value of a form, rounded to the places that are printed."""
        checker = self.world.at_numbers or self.world.single
        try:
            value = float(checker.meaning(Numeric(checker.truth), link.arguments).of(form).flat[0])
        except FAULTS:
            return ""
        places = max(next(iter(results(shown))).places, 0)
        return f"{value:.{places}f}"

    def needs_total(self, line: Line, ruling: Ruling) -> bool:
        """Would the link be false, were ∂ read along one connection only?"""
        link = ruling.link
        parts = [p for form in (link.left, link.right) for p in w.parts(form)]
        if not any(isinstance(p, w.Derivative) and p.is_round for p in parts):
            return False
        checker = self.world.checker(line)
        meaning = checker.meaning(Numeric(checker.truth), link.arguments, {**ruling.outcome.chosen, "partial": True})
        return not checker.decide(lambda m: compared(m, link.left, link.right), line.conditions, meaning).holds

    def connects(self, node: w.Product) -> bool:
        """Do the derivatives of a product lead from one to the next: what one is by is what another is of?"""
        factors = [unwrapped(f) for f in node.factors]
        slopes = [f for f in factors if isinstance(f, w.Derivative) and not f.is_applied]
        if len(slopes) < 2:
            return True
        tops, below = Counter(self.key(f.of) for f in slopes), Counter(self.key(f.wrt) for f in slopes)
        return sum((below & tops).values()) >= len(slopes) - 1

    def key(self, node: Written) -> object:
        node = unwrapped(node)
        if not isinstance(node, w.Name):
            return id(node)
        var = self.lexicon.var(node)
        if var is not None and var.kind in {"error", "error_sample", "error_total"}:
            return "error"
        return var or (node.base, node.sub.text if node.sub else "", tuple(s.text for s in node.sups))

    # -- identities ------------------------------------------------------------------------------------------------

    def identity(self, line: Line, ruling: Ruling) -> str:
        """The equation of the network without which the link would not hold, if one is enough and it is not what the link says."""
        if ruling.is_free:
            return ""
        link = ruling.link
        checker = self.world.checker(line)
        every = [v for v in checker.truth.program.forms if v.kind in FORWARD]
        here = {v for form in (link.left, link.right) for n in names(form) if (v := self.lexicon.var(n)) is not None}
        if not here or self.lexicon.var(link.head) in here & set(every) if isinstance(link.head, w.Name) else False:
            return ""
        if len(every) > 60 or holds_freed(checker, line, ruling, every):
            return ""
        for var in sorted(here & set(every), key=lambda v: v.kind != "out"):
            if holds_freed(checker, line, ruling, [v for v in every if v != var]):
                return self.equation(var)
        return ""

    def equation(self, var: Var) -> str:
        """out = f(net), in the person's names."""
        out, net = self.lexicon.spelled(var), self.lexicon.spelled(Var("net", var.owner, var.sample, var.time))
        if var.kind != "out" or out is None or not isinstance(var.owner, Unit):
            return ""
        words = self.world.spec.vocabulary
        inner = net.text if net is not None else words.canonical(Var("net", var.owner, var.sample, var.time))
        return f"{out.text} = {self.world.spec.activation(var.owner).name}({inner})"

    # -- other rows ------------------------------------------------------------------------------------------------

    def has_it_right(self, judged: Judged, expected: str | None, marked: Span | None = None) -> Said | None:
        """The row of theirs that is most like the repaired one, has its shape, and is right."""
        if expected is None or not any(c.isalpha() for c in outline(expected)):
            return None
        wanted, part = outline(expected), expected[slice(*marked)] if marked else ""
        found = [other for other in self.right if other.line is not judged.line and outline(other.line.row.math) == wanted]
        if not found:
            return None
        best = max(found, key=lambda other: (part in other.line.row.math, alike(expected, other.line.row.math)))
        return Said("has_it_right", {"line": best.line.row.line})


def alike(a: str, b: str) -> int:
    """In how many places two formulas of the same shape have the same numbers."""
    return sum(x == y for x, y in zip(re.findall(r"[0-9₀-₉]+", a), re.findall(r"[0-9₀-₉]+", b), strict=False))


def holds_freed(checker: Checker, line: Line, ruling: Ruling, freed: Sequence[Var]) -> bool:
    """Does the link hold with these quantities as free symbols?"""
    random = np.random.default_rng(SEED)
    truth = checker.truth
    values = {var: random.uniform(0.2, 0.9, truth.points) for var in freed}
    values |= {
        var: values[var] * random.choice([-1.0, 1.0], truth.points) for var in freed if var.kind != "out"
    }  # an out may have a logarithm
    bent = Checker(checker.grids, truth.bent(Taken(values)), checker.budget)
    link = ruling.link
    return bent.equal(link.left, link.right, line.conditions, link.arguments, partial=bool(ruling.outcome.chosen.get("partial"))).holds


def outline(text: str) -> str:
    """A formula without its numbers, blanks and marks, to be compared with its like."""
    return re.sub(r"[0-9₀-₉]+", "#", re.sub(r"[\s&{}$]|\\[,;:! ]|\\\\|[.,;]$", "", text))


def whole_kinds(world: World, lines: Sequence[Line]) -> set[str]:
    """The kinds of quantities that the work names by whole layers."""
    found = set()
    for line in lines:
        for link in line.links:
            for form in (link.left, link.right):
                for name in names(form):
                    for reading in world.checker(line).grids.readings(name)[:1]:
                        quantity = reading.quantity.of or reading.quantity
                        found |= {quantity.kind} if quantity.is_whole else set()
    return found


def is_of_all(world: World, lines: Sequence[Line]) -> bool:
    """Does the work speak of all samples at once: by a mean or a sum over them, or by whole batches of two quantities?"""
    if world.spec.vocabulary.samples > 1:
        return True
    batches = set()
    for form in (f for line in lines if world.is_batch(line) for link in line.links for f in (link.left, link.right)):
        for part in w.parts(form):
            is_mean = isinstance(part, w.Quotient) and isinstance(part.bottom, w.Name) and part.bottom.base in {"m", "N"}
            if is_mean or (isinstance(part, w.Call) and part.options):
                return True
        readings = [(name.base, r.quantity.of or r.quantity) for name in names(form) for r in world.single.grids.readings(name)[:1]]
        batches |= {base for base, quantity in readings if quantity.is_batch}
    return len(batches) > 1


def conventions_said(world: World, lines: Sequence[Line]) -> dict[str, str]:
    """The conventions that the work was found to keep, as far as it has to do with them."""
    now, given = world.conventions, Conventions.of(world.spec)
    parts = [p for line in lines for link in line.links for f in (link.left, link.right) for p in w.parts(f)]
    bases = {name.base for line in lines for link in line.links for f in (link.left, link.right) for name in names(f)}
    found: dict[str, str] = {}
    if "delta" in bases or now.delta_sign != given.delta_sign:
        found["delta"] = "dE/dnet" if now.delta_sign > 0 else "-dE/dnet"
    whole = whole_kinds(world, lines)
    if whole & {"net", "out", "delta"} and any(isinstance(p, w.Transposed | w.Matrix) for p in parts):
        found["vectors"] = now.samples
    if "weight" in whole:
        found["W"] = "a row for each unit" if now.weight_rows == "unit" else "a row for each source"
        found["dE/dW"] = "the shape of W" if now.gradient == "same" else "the transposed shape of W"
    if is_of_all(world, lines):
        found["J"] = f"the {now.reduction} over samples"
        if bases & {"dZ", "dz", "delta"}:
            found["dZ"] = "of each sample's own error" if now.per_example else "of the whole error"
    if now.initial_state != given.initial_state:
        found["state before the first step"] = "0"
    if now.weight_order != given.weight_order:
        found["w_ij"] = "from i to j"
    if (now.numbering, now.weights_lead) != (given.numbering, given.weights_lead):
        found["layers"] = f"the input is layer {now.numbering}, the weights called l lead {now.weights_lead} layer l"
    if world.spec.collapses and world.spec.sums_to_one and not world.spec.samples:
        found["targets"] = "their sum is 1"
    return found
