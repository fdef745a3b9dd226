"""What the work reached: which gradients, deltas and other quantities a right row gives, and which are wrong or missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from symbp.errors import SymbpError, nearest
from symbp.language.form import Var
from symbp.network.spec import NetworkSpec
from symbp.verification.report.report import Evidence, Reached

_RANK: Final = {"right": 2, "follows": 2, "wrong": 1}
_STATUS: Final[tuple[Literal["missing", "wrong", "reached"], ...]] = ("missing", "wrong", "reached")


def quantities(spec: NetworkSpec, expect: Sequence[str]) -> dict[str, Var]:
    """What is looked for, by its canonical name: the given names, or else the gradient of every parameter that is trained."""
    words = spec.vocabulary
    if not expect:
        return {words.canonical(Var("gradient", p.owner)): p for p in spec.trained}
    known = known_quantities(spec)
    found = {}
    for name in expect:
        bare = name.strip().replace("∂", "d").replace(" ", "")
        if bare not in known:
            raise SymbpError(f"there is no {name!r} in this network", hint=nearest(bare, known))
        found[bare] = known[bare]
    return found


def known_quantities(spec: NetworkSpec) -> dict[str, Var]:
    """Every quantity that can be asked for; the name of a parameter asks for its gradient."""
    words = spec.vocabulary
    found = {words.canonical(Var("gradient", p.owner)): p for p in words.parameters()}
    for var in words.variables():
        if (
            (var.kind in {"weight", "bias"} and not var.step)
            or var.kind in {"net", "out", "delta", "error", "error_total"}
            or (var.kind in {"weight", "bias"} and var.step == 1)
        ):
            found.setdefault(words.canonical(var), var)
    return found


def reached(wanted: Mapping[str, str], evidence: Sequence[Evidence]) -> tuple[Reached, ...]:
    """How far the work got with each of the quantities, by the names of evidence; what it is worth is another matter."""
    best: dict[str, tuple[int, int]] = {}
    for one in evidence:
        rank = 0 if one.verdict == "open" or one.quantity in one.needs or not one.is_near else _RANK[one.verdict]
        if rank > best.get(one.quantity, (0, 0))[0]:
            best[one.quantity] = (rank, one.line)
    found = []
    for name, quantity in wanted.items():
        rank, line = best.get(quantity, (0, 0))
        found.append(Reached(name, _STATUS[rank], line or None, quantity))
    return tuple(found)
