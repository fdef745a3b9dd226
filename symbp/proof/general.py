"""The general derivation, certified: each equation worked out on concrete networks and compared entry by entry; or StepRefuted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from symbp.derivation.entries import Layout, ShapeMismatch, assignments, concrete, entries, position, scalar_pairs
from symbp.derivation.general import Equation
from symbp.derivation.layouts import General, Line, Shape, algorithm
from symbp.derivation.meaning import delta
from symbp.derivation.steps import Step
from symbp.errors import StepRefuted
from symbp.language.form import Form, Node, Position, Value, Var, leaves, total
from symbp.language.plain import PlainWriter
from symbp.network.forward import ERROR, forward
from symbp.network.loss import LOSSES
from symbp.network.spec import NetworkSpec, from_shorthand
from symbp.proof.identity import Agrees, Proved, Prover, Refuted, Unknown, Verdict

NETWORKS = (
    ("1-1:sigmoid", "half_squared_error"),
    ("2-3-1:tanh,sigmoid", "half_squared_error"),
    ("3-2-2:softplus,sigmoid", "binary_cross_entropy"),
    ("2-2-2-2:sigmoid,tanh,sigmoid", "half_squared_error"),
    ("1-3-2-2:tanh,sigmoid,tanh", "squared_error"),
    ("2-1-3:sin,sigmoid", "cross_entropy"),
    ("2-2-1-2-1:sigmoid,tanh,identity,sigmoid", "squared_error"),
)
"""Sizes and activations, and the error: no two alike in shape, with one to four layers after the input."""
FEWEST = 5
"""On so many networks each equation is worked out at least."""
DELTAS, GRADIENTS = ("output_delta", "hidden_delta"), ("weight_gradient", "bias_gradient")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Instance:
    """What became of the equations on one network: per equation, the verdicts on its scalar equations."""

    spec: NetworkSpec
    verdicts: Mapping[str, tuple[Verdict, ...]]

    def count(self, kind: type = object) -> int:
        return sum(isinstance(verdict, kind) for found in self.verdicts.values() for verdict in found)


@dataclass(frozen=True)
class CheckedGeneral:
    """A general derivation whose every equation holds, entry by entry, on at least FEWEST networks; the only one that is printed."""

    general: General
    equations: tuple[Equation, ...]
    shapes: tuple[Shape, ...]
    lines: tuple[Line, ...]
    instances: tuple[Instance, ...]

    def __post_init__(self) -> None:
        for equation in self.equations:
            if len(self.networks(equation.name)) < FEWEST:
                raise ValueError(f"{equation.name} is not worked out on {FEWEST} networks")
        good = Proved | Agrees
        if not all(isinstance(v, good) for instance in self.instances for found in instance.verdicts.values() for v in found):
            raise ValueError("an uncertified equation")

    @cached_property
    def by_name(self) -> dict[str, Equation]:
        return {equation.name: equation for equation in self.equations}

    def networks(self, name: str) -> tuple[NetworkSpec, ...]:
        """The networks on which the equation `name` was worked out."""
        return tuple(instance.spec for instance in self.instances if instance.verdicts[name])

    def count(self, name: str) -> int:
        """How many scalar equations `name` stands for on these networks."""
        return sum(len(instance.verdicts[name]) for instance in self.instances)

    def counts(self) -> Counter[str]:
        """How many scalar equations were proved, and how many agreed numerically."""
        return Counter({kind.__name__.lower(): sum(one.count(kind) for one in self.instances) for kind in (Proved, Agrees)})


def networks(notation: str) -> tuple[NetworkSpec, ...]:
    """NETWORKS, spelled in `notation`."""
    return tuple(replace(from_shorthand(text), loss=LOSSES[loss]).with_options(notation) for text, loss in NETWORKS)


def certify_general(
    general: General,
    specs: Iterable[NetworkSpec] = (),
    equations: tuple[Equation, ...] = (),
    shapes: tuple[Shape, ...] = (),
    lines: tuple[Line, ...] = (),
    progress: Progress = lambda what, done, of: None,
) -> CheckedGeneral:
    """Work everything out on every network; raise StepRefuted at the first thing that is not so."""
    equations = equations or general.equations()
    shapes = shapes or general.shapes()
    lines = lines or algorithm({equation.name: equation for equation in equations})
    every = tuple(specs) or networks(general.notation.name)
    instances = []
    for at, spec in enumerate(every, 1):
        court = Court(spec, general.layout)
        instances.append(Instance(spec, {equation.name: court.equation(equation) for equation in equations}))
        for shape in shapes:
            court.shape(shape)
        court.complete(equations)
        court.algorithm(lines)
        progress("working out on networks", at, len(every))
    for equation in equations:
        if sum(bool(instance.verdicts[equation.name]) for instance in instances) < FEWEST:
            raise StepRefuted(f"the equation {equation.name} is not worked out on {FEWEST} networks")
    return CheckedGeneral(general, equations, shapes, lines, tuple(instances))


class Court:
    """One network on which everything is worked out."""

    def __init__(self, spec: NetworkSpec, layout: Layout) -> None:
        self.spec, self.layout = spec, layout
        self.prover = Prover(forward(spec))
        self.writer = PlainWriter(spec.speller)

    def equation(self, equation: Equation) -> tuple[Verdict, ...]:
        """The verdict on every scalar equation that it stands for here; none where its layers are not in this network."""
        step = equation.step
        if any(isinstance(leaf, Value) for node in (step.lhs, *(x.form for x in step.chain)) for leaf in leaves(node)):
            raise StepRefuted(f"a number stands in the general equation for {self._text(step.lhs)}")
        if not step.chain or any(link.relation != "=" for link in step.chain):
            raise StepRefuted(f"the general equation for {self._text(step.lhs)} is no equation")
        try:
            return tuple(self._accept(step, left, right) for _, left, right in scalar_pairs(step, self.spec, self.layout))
        except ShapeMismatch as error:
            raise StepRefuted(f"on a {self._name} network, the equation for {self._text(step.lhs)}: {error}") from None

    def _accept(self, step: Step, left: Node, right: Node) -> Verdict:
        verdict = self.prover.equal(left, right)
        equation = f"{self._text(left)} = {self._text(right)}, in the equation for {self._text(step.lhs)} on a {self._name} network"
        if isinstance(verdict, Unknown):
            raise StepRefuted(f"neither proved nor refuted: {equation}: {verdict.reason}")
        if isinstance(verdict, Refuted):
            raise StepRefuted(f"refuted: {equation}", hint=f"the left side is {verdict.left}, the right side {verdict.right}")
        return verdict

    def shape(self, shape: Shape) -> None:
        """Has a matrix the shape that is said, in every layer that there is?"""
        for values in assignments(shape.every, self.spec):
            found = entries(concrete(shape.node, values, self.spec), self.spec, self.layout)
            said = self._units(shape.rows, values), self._units(shape.columns, values)
            if (len(found), len(found[0])) != said:
                raise StepRefuted(f"{self._text(shape.node)} is said to be {said[0]} by {said[1]} on a {self._name} network")

    def _units(self, layer: Position | None, values: Mapping[str, int]) -> int:
        return 1 if layer is None else self.spec.vocabulary.width(position(layer, values))

    # -- is it all? --------------------------------------------------------------------------------------------------

    def complete(self, equations: tuple[Equation, ...]) -> None:
        """Do the four equations give every delta and every gradient of this network, each of them once?"""
        words = self.spec.vocabulary
        units = [unit for layer in range(1, words.last + 1) for unit in words.units(layer)]
        for prefix in ("", "matrix_"):
            self._covers(equations, [prefix + name for name in DELTAS], [delta(unit) for unit in units])
            self._covers(equations, [prefix + name for name in GRADIENTS], [total(ERROR, p) for p in words.parameters()])

    def _covers(self, equations: tuple[Equation, ...], names: list[str], wanted: list[Node]) -> None:
        given = Counter(cell for one in equations if one.name in names for cell in self._left(one.step))
        for node in wanted:
            if given[node] != 1:
                raise StepRefuted(
                    f"the equations {' and '.join(names)} give {self._text(node)} {given[node]} times on a {self._name} network"
                )

    def _left(self, step: Step) -> Iterator[Node]:
        for values in assignments(step.every, self.spec):
            for row in entries(concrete(step.lhs, values, self.spec), self.spec, self.layout):
                yield from row

    # -- the algorithm -----------------------------------------------------------------------------------------------

    def algorithm(self, lines: tuple[Line, ...]) -> None:
        """Run the lines in their order: does each use only what is there, and is every delta and gradient there in the end?"""
        words = self.spec.vocabulary
        known: set[Node] = {*self.prover.program.free, *(words.out(unit) for unit in words.units(0))}
        for line, values in self._run(lines):
            left, right = (
                {cell for row in entries(concrete(side, values, self.spec), self.spec, self.layout) for cell in row}
                for side in (line.step.lhs, line.step.chain[-1].form)
            )
            for needed in (part for cell in right for part in _needs(cell)):
                if needed not in known:
                    raise StepRefuted(
                        f"line {line.name} of the algorithm uses {self._text(needed)} before it is there, on a {self._name} network"
                    )
            known |= left
        units = [unit for layer in range(1, words.last + 1) for unit in words.units(layer)]
        wanted: list[Node] = [*(delta(unit) for unit in units), *(total(ERROR, p) for p in words.parameters())]
        for node in wanted:
            if node not in known:
                raise StepRefuted(f"the algorithm does not give {self._text(node)} on a {self._name} network")

    def _run(self, lines: tuple[Line, ...]) -> Iterator[tuple[Line, dict[str, int]]]:
        """Every line with the layers that it is run for; the lines of a loop take turns."""
        at = 0
        while at < len(lines):
            end = at + 1
            while lines[at].loop and end < len(lines) and lines[end].loop == lines[at].loop:
                end += 1
            rounds = [[*assignments(line.step.every, self.spec)] for line in lines[at:end]]
            for turn in zip(*(values[::-1] if lines[at].descending else values for values in rounds), strict=True):
                yield from zip(lines[at:end], turn, strict=True)
            at = end

    @property
    def _name(self) -> str:
        return shape_name(self.spec)

    def _text(self, node: Node) -> str:
        return self.writer.text(node)


def _needs(node: Node) -> Iterator[Node]:
    """The quantities that `node` is computed from; dE/dout is computed from the out and its target."""
    if isinstance(node, Form) and node.op in {"total", "partial"}:
        yield node.args[1]
    elif isinstance(node, Form):
        for arg in node.args:
            yield from _needs(arg)
    elif isinstance(node, Var):
        yield node


def shape_name(spec: NetworkSpec) -> str:
    """2-3-1."""
    return "-".join(str(len(layer)) for layer in spec.vocabulary.names)
