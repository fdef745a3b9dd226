"""What is worth saying of a row beside its verdict, and which conventions the work keeps, in words."""

from __future__ import annotations

from collections.abc import Sequence

from symbp.verification import written as w
from symbp.verification.conventions import Conventions
from symbp.verification.judge import Judged
from symbp.verification.lexicon import names
from symbp.verification.printed import is_result
from symbp.verification.report import Said
from symbp.verification.work import Line
from symbp.verification.world import World


def remarks(world: World, judged: Judged) -> tuple[Said, ...]:
    """A last digit that is off by one, and a ∂ that had to be read as partial."""
    found: list[Said] = []
    for ruling in judged.rulings:
        if ruling.verdict == "correct" and ruling.how in {"numbers", "arithmetic"} and is_result(ruling.link.right) and ruling.used > 0.5:
            text = judged.line.row.math[ruling.link.right.span[0] : ruling.link.right.span[1]]
            found.append(Said("half_unit", {"shown": text}))
        if ruling.outcome.chosen.get("partial"):
            found.append(Said("reading_partial", {}))
    return tuple(found[:2])


def conventions_said(world: World, lines: Sequence[Line]) -> dict[str, str]:
    """The conventions that the work was found to keep, as far as it has to do with them."""
    now, given = world.conventions, Conventions.of(world.spec)
    parts = [p for line in lines for link in line.links for f in (link.left, link.right) for p in w.parts(f)]
    bases = {name.base for line in lines for link in line.links for f in (link.left, link.right) for name in names(f)}
    found: dict[str, str] = {}
    if "delta" in bases or now.delta_sign != given.delta_sign:
        found["delta"] = "dE/dnet" if now.delta_sign > 0 else "-dE/dnet"
    if any(isinstance(p, w.Transposed | w.Matrix) for p in parts) or bases & {"W", "X"}:
        found["vectors"] = now.samples
        found["W"] = "a row for each unit" if now.weight_rows == "unit" else "a row for each source"
        found["dE/dW"] = "the shape of W" if now.gradient == "same" else "the transposed shape of W"
    if any(world.is_batch(line) for line in lines):
        found["J"] = f"the {now.reduction} over samples"
        if bases & {"dZ", "dz", "delta"}:
            found["dZ"] = "of each sample's own error" if now.per_example else "of the whole error"
    if now.weight_order != given.weight_order:
        found["w_ij"] = "from i to j"
    if (now.numbering, now.weights_lead) != (given.numbering, given.weights_lead):
        found["layers"] = f"the input is layer {now.numbering}, the weights called l lead {now.weights_lead} layer l"
    return found
