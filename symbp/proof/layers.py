"""BatchLayer → CheckedLayer: every equation proved entry by entry at several shapes; or StepRefuted."""

from __future__ import annotations

from dataclasses import dataclass

from symbp.derivation.batch import BatchLayer, Shape
from symbp.derivation.entries import ShapeMismatch
from symbp.derivation.matrix_entries import program, scalar_pairs
from symbp.derivation.steps import Step
from symbp.errors import StepRefuted
from symbp.language.form import Node
from symbp.language.matrices import LayerSpeller
from symbp.language.plain import PlainWriter
from symbp.proof.identity import Proved, Prover, Refuted, Unknown, Verdict


@dataclass(frozen=True)
class CheckedEquation:
    """A step and, per shape and link, a verdict for each entry."""

    step: Step
    verdicts: tuple[tuple[tuple[Verdict, ...], ...], ...]

    @property
    def entries(self) -> int:
        """How many scalar equations were proved."""
        return sum(len(link) for shape in self.verdicts for link in shape)


@dataclass(frozen=True)
class CheckedLayer:
    """A layer whose every equation is proved exactly in every entry at every shape; the only thing that can be printed."""

    layer: BatchLayer
    equations: tuple[CheckedEquation, ...]

    def __post_init__(self) -> None:
        if tuple(found.step for found in self.equations) != self.layer.steps():
            raise ValueError("verdicts of another layer")
        for found in self.equations:
            if len(found.verdicts) != len(self.layer.shapes) or any(len(links) != len(found.step.chain) for links in found.verdicts):
                raise ValueError("an equation or a shape without a verdict")
            if not all(link and all(isinstance(v, Proved) for v in link) for links in found.verdicts for link in links):
                raise ValueError("an unproved equation")


def certify_layer(layer: BatchLayer) -> CheckedLayer:
    """Prove everything that would be printed; raise StepRefuted at the first thing that is not proved."""
    provers = [Prover(program(layer, shape)) for shape in layer.shapes]
    equations = []
    for step in layer.steps():
        found = tuple(_links(step, layer, shape, prover) for shape, prover in zip(layer.shapes, provers, strict=True))
        equations.append(CheckedEquation(step, found))
    return CheckedLayer(layer, tuple(equations))


def _links(step: Step, layer: BatchLayer, shape: Shape, prover: Prover) -> tuple[tuple[Verdict, ...], ...]:
    found: list[list[Verdict]] = [[] for _ in step.chain]
    if any(link.relation != "=" for link in step.chain):
        raise StepRefuted(f"an equation of layer {layer.name} is not exact: {_text(step.lhs)}")
    stages: dict[int, int] = {}
    try:
        for at, left, right in scalar_pairs(step, layer, shape):
            verdict = _verdict(prover, stages, at, left, right)
            if not isinstance(verdict, Proved):
                raise _refuted(verdict, step, at, shape, left, right)
            found[at].append(verdict)
    except ShapeMismatch as error:
        raise StepRefuted(f"the shapes do not fit in the step for {_text(step.lhs)} where {_shown(shape)}: {error}") from None
    return tuple(map(tuple, found))


def _verdict(prover: Prover, stages: dict[int, int], at: int, left: Node, right: Node) -> Verdict:
    """The verdict on an entry of link `at`; the stage at which its last entry was proved is tried before the ones below it."""
    if at in stages:
        prover.least = stages[at]
        verdict = prover.equal(left, right)
        prover.least = 0
        if isinstance(verdict, Proved | Refuted):
            return verdict
    verdict = prover.equal(left, right)
    stages[at] = prover.unrolled
    return verdict


def _refuted(verdict: Verdict, step: Step, at: int, shape: Shape, left: Node, right: Node) -> StepRefuted:
    claim = f"{_text(step.lhs)} = {_text(step.chain[at].form)} where {_shown(shape)}, in the entry {_text(left)} = {_text(right)}"
    match verdict:
        case Refuted(_, one, other):
            return StepRefuted(f"refuted: {claim}", hint=f"the left side is {one}, the right side {other}")
        case Unknown(reason):
            return StepRefuted(f"neither proved nor refuted: {claim}: {reason}")
    return StepRefuted(f"not proved: {claim}")


def _text(node: Node) -> str:
    return PlainWriter(LayerSpeller()).text(node)


def _shown(shape: Shape) -> str:
    return ", ".join(f"{name} = {size}" for name, size in shape.items())
