"""How sure it is that a link that holds is true: proved as an identity, or found to agree at many points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from symbp.language.form import Form, Node, Parameter, Value, Var
from symbp.network.calculus import fold, unfold_functions
from symbp.verification.judging.arrays import Arrays
from symbp.verification.judging.checks import Checker
from symbp.verification.judging.following import FAULTS
from symbp.verification.judging.judge import Ruling
from symbp.verification.judging.meaning import Meaning
from symbp.verification.judging.scope import Symbol, Symbolic, argument
from symbp.verification.judging.shapes import shape
from symbp.verification.judging.truth import Truth
from symbp.verification.reading.world import World
from symbp.verification.report.report import Certainty
from symbp.verification.source.work import Line

MAX_EQUATIONS: Final = 40
MAX_TERMS: Final = 400
MAX_DEGREE: Final = 24
MAX_PRODUCTS: Final = 10_000
"""So many products of terms may be formed in the proof of an equation."""
PROOF: Final = 20
"""So many steps a proof takes beside its stages."""
DIFFERENT: Final = 1e-6
"""Forms that differ by more are not equal, whatever floats lose."""


def certainty(world: World, line: Line, ruling: Ruling) -> Certainty:
    """ "proved" where every equation that the link stands for is; numbers only ever agree."""
    if ruling.how != "points":
        return "agrees"
    checker = world.checker(line)
    try:
        pairs = list(equations(checker, ruling))
    except (*FAULTS, RecursionError):
        return "agrees"
    if not pairs or len(pairs) > MAX_EQUATIONS:
        return "agrees"
    prover, is_free = prover_of(checker), True
    for left, right in pairs:
        world.budget.check()
        if left == right:
            continue
        world.budget.tick(PROOF)
        if not (is_small(left) and is_small(right) and proves(prover, checker.truth, left, right)):
            return "agrees"
        is_free = is_free and not prover.is_unfolded
    ruling.is_free = is_free
    return "proved"


def prover_of(checker: Checker) -> Any:
    """The prover of the network, made once."""
    from symbp.proof.identity import Prover

    truth = checker.truth
    if "prover" not in truth.__dict__:
        truth.__dict__["prover"] = Prover(replace_sign(truth.program, truth.spec.delta_sign), most=MAX_PRODUCTS, tick=checker.budget.tick)
    return truth.__dict__["prover"]


def replace_sign(program: Any, sign: int) -> Any:
    return program if program.delta_sign == sign else replace(program, delta_sign=sign)


def proves(prover: Any, truth: Truth, left: Node, right: Node) -> bool:
    try:
        return bool(prover.proves(left, right, lambda a, b: agree(truth, a, b)))
    except (NotImplementedError, AssertionError, KeyError, RecursionError):
        return False


def agree(truth: Truth, left: Node, right: Node) -> bool:
    """Are two forms equal at the points of `truth`, as far as floats tell? What the symbols mean may be other than what was judged."""
    values: dict[Node, Any] = {}

    def valued(node: Node) -> Node:
        """With derivatives as single names."""
        if isinstance(node, Form) and node.op in {"total", "partial"}:
            name = Var("argument", Parameter(f"derivative {len(values)}"))
            values[name] = slope_at(truth, node)
            return name
        return Form(node.op, tuple([valued(arg) for arg in node.args])) if isinstance(node, Form) else node

    def value(var: Var) -> Any:
        if var not in values:
            values[var] = argument(var, truth.points) if var.kind == "argument" else truth.value(var)
        return values[var]

    with np.errstate(all="ignore"):
        a, b = (fold(unfold_functions(valued(side)), Arrays(), value) for side in (left, right))
        return not bool(np.any(np.abs(a - b) > DIFFERENT * np.maximum(np.maximum(np.abs(a), np.abs(b)), 1.0)))


def slope_at(truth: Truth, derivative: Form) -> Any:
    """The values of a derivative along an edge, or along every path."""
    of, wrt = derivative.args
    assert isinstance(of, Var) and isinstance(wrt, Var)
    return truth.along(of, wrt) if derivative.op == "partial" else truth.total(of, wrt)


def equations(checker: Checker, ruling: Ruling) -> Iterator[tuple[Node, Node]]:
    """The scalar equations of a link, at every assignment of its letters."""
    link = ruling.link
    for letters in ruling.outcome.assignments or ({},):
        meaning = Meaning(Symbolic(), checker.grids, letters, dict(ruling.outcome.chosen), link.arguments)
        left, right = meaning.of(link.left), meaning.of(link.right)
        if shape(left) != shape(right):
            left, right = np.broadcast_arrays(left, right)
        for a, b in zip(left.flat, right.flat, strict=True):
            yield with_updates(_node(a)), with_updates(_node(b))


def _node(cell: Any) -> Node:
    assert isinstance(cell, Symbol)
    return cell.form


def with_updates(node: Node) -> Node:
    """Updated parameters as what they are: w - eta dE/dw."""
    from symbp.language.form import rewrite, sub, times, total
    from symbp.network.forward import ERROR

    def change(part: Node) -> Node:
        if isinstance(part, Var) and part.step and part.kind in {"weight", "bias"}:
            original = Var(part.kind, part.owner)
            return sub(original, times(Var("learning_rate"), total(ERROR, original)))
        return part

    return rewrite(node, change)


def is_small(node: Node) -> bool:
    """Is the expanded form, by an estimate from above, short enough for exact arithmetic?"""
    terms, degree = size(node)
    return terms <= MAX_TERMS and degree <= MAX_DEGREE


def size(node: Node) -> tuple[float, float]:
    """At most so many terms, and such a degree, that the form has once it is multiplied out."""
    if not isinstance(node, Form):
        if isinstance(node, Value) and len(node.shown) > 40:
            return float("inf"), 0.0
        return 1.0, 1.0
    if node.op == "pow":
        base, exponent = node.args
        terms, degree = size(base)
        n = abs(float(exponent.meaning)) if isinstance(exponent, Value) and not isinstance(exponent.meaning, Form | Var) else 99.0  # type: ignore[arg-type]
        return min(terms**n, 1e9) if n < 64 else 1e9, degree * n
    sizes = [size(arg) for arg in node.args if not (isinstance(arg, Var) and node.op in {"total", "partial"})]
    if not sizes:
        return 1.0, 1.0
    if node.op == "add":
        return sum(t for t, _ in sizes), max(d for _, d in sizes)
    product = 1.0
    for terms, _ in sizes:
        product = min(product * terms, 1e9)
    return product, sum(d for _, d in sizes)
