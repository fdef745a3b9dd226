"""The gradient check: the derivation's formulas against differences of the forward pass, and against SymPy's diff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import Any

from mpmath import nstr

from symbp.derivation.formulas import gradient_program
from symbp.derivation.training import Progress
from symbp.language.form import Node, Var, rewrite
from symbp.network.numbers import ExactRational, HighPrecision
from symbp.network.program import Program
from symbp.network.spec import NetworkSpec
from symbp.proof.identity import TRIES, random_rational
from symbp.proof.numeric import MAX_COMPOSED, PRECISION, STEP, GradientOracle, composed_gradients_agree, composed_size

RELATIVE_TOLERANCE = "1e-30"
"""Central differences step by 1e-25, so that their own error is about 1e-50 of the third derivative."""
NOISE = "1e-50"
"""A gradient that is 0 leaves this much, from rounding at 80 digits and dividing by the step."""
DEFAULT_SEED = 1
MOST_CHECKED = 200
"""Up to so many parameters a derivation checks the gradient of each by itself; beyond, all of them along random directions."""
DIRECTIONS = 4
"""Along so many."""


@dataclass(frozen=True)
class GradientCheck:
    """One parameter's gradient by the derivation's formulas and without them; `composed` is None where SymPy was not asked.

    `step` is the power of ten that the differences stepped by, larger than STEP near a kink. At a kink `one_sided` are the
    derivatives from below and above, `central` is the mean of them, and the formulas' convention must lie between them.
    """

    parameter: Var
    analytic: Any
    central: Any
    complex_step: Any | None
    composed: bool | None
    step: int = STEP
    one_sided: tuple[Any, Any] | None = None

    @property
    def kink(self) -> str | None:
        """What there is to say of a kink at the point or near it."""
        if self.one_sided is not None:
            below, above = (nstr(x, 6) for x in self.one_sided)
            return f"at a kink: one-sided {below} from below, {above} from above, by convention {nstr(self.analytic, 6)}"
        return f"near a kink: a step of 1e-{self.step}" if self.step > STEP else None

    @cached_property
    def absolute(self) -> Any:
        """The largest difference from a numeric gradient; at a kink, how far it lies outside the one-sided ones."""
        if self.one_sided is not None:
            return max(self.analytic - max(self.one_sided), min(self.one_sided) - self.analytic, self.analytic * 0)
        others = [self.central] if self.complex_step is None else [self.central, self.complex_step]
        return max(abs(self.analytic - other) for other in others)

    @cached_property
    def relative(self) -> Any:
        """The same, relative to the gradient's size; to 1 where both are nothing but noise."""
        size = max(abs(self.analytic), abs(self.central), *(abs(x) for x in self.one_sided or ()))
        return self.absolute / size if size > type(size)(NOISE) else self.absolute

    @cached_property
    def agrees(self) -> bool:
        number = type(self.analytic)
        near = self.relative < number(RELATIVE_TOLERANCE) or self.absolute < number(NOISE)
        return bool(near) and self.composed is not False


@dataclass(frozen=True)
class DirectionCheck:
    """The derivative of E along the `number`-th random direction v: by the gradients, the sum of dE/dw times v_w; and by differences.

    If one gradient or several are wrong, the two differ for all v but those in a plane, which a random v meets by chance only.
    """

    number: int
    analytic: Any
    central: Any

    @cached_property
    def absolute(self) -> Any:
        return abs(self.analytic - self.central)

    @cached_property
    def relative(self) -> Any:
        size = max(abs(self.analytic), abs(self.central))
        return self.absolute / size if size > type(size)(NOISE) else self.absolute

    @cached_property
    def agrees(self) -> bool:
        number = type(self.analytic)
        return bool(self.relative < number(RELATIVE_TOLERANCE) or self.absolute < number(NOISE))


def point_of(spec: NetworkSpec, program: Program, seed: int) -> dict[Var, Fraction]:
    """The network's own numbers; what has none gets random rationals, no two of them equal, at which E exists."""
    random = Random(seed)
    given = {var: Fraction(value) for var, value in spec.data.items() if spec.is_numeric}
    algebra = HighPrecision(PRECISION)
    for _ in range(TRIES):
        point = _completed(given, program, random)
        if len(point) == len(given):
            break
        values = program.evaluate({var: algebra.rational(value) for var, value in point.items()}, algebra)
        if all(algebra.exists(value) for value in values.values()):
            break
    return point


def _completed(given: Mapping[Var, Fraction], program: Program, random: Random) -> dict[Var, Fraction]:
    """`given`, and random rationals for the free variables that it lacks."""
    point, taken = dict(given), set[Fraction]()
    for var in program.free:
        if var not in point:
            value = random_rational(random, var)
            while abs(value) in taken:
                value += Fraction(1, 1_000_003)
            taken.add(abs(value))
            point[var] = value
    return program.assumed(point, ExactRational())


def check_directions(
    spec: NetworkSpec, program: Program, seed: int = DEFAULT_SEED, *, formulas: Program | None = None
) -> tuple[DirectionCheck, ...]:
    """All gradients at once, along DIRECTIONS random directions; none where E has a kink at the point or within a step of it.

    The work grows with the network, where differences for each parameter by itself take a forward pass for each.
    """
    point, random = point_of(spec, program, seed), Random(f"directions {seed}")
    oracle = GradientOracle(program, point, analytic=False)
    values = derived(program, formulas or gradient_program(spec), point, oracle.digits)
    parameters = tuple(spec.vocabulary.parameters())
    found = []
    for number in range(1, DIRECTIONS + 1):
        direction = {p: Fraction(random.randint(1, 999) * random.choice((-1, 1)), 1000) for p in parameters}
        central = oracle.slope(direction)
        if central is None:
            return ()
        terms = (values[Var("gradient", p.owner)] * oracle.algebra.rational(v) for p, v in direction.items())
        found.append(DirectionCheck(number, sum(terms, central * 0), central))
    return tuple(found)


def check_gradients(
    spec: NetworkSpec,
    program: Program,
    seed: int = DEFAULT_SEED,
    *,
    with_sympy: bool = False,
    formulas: Program | None = None,
    progress: Progress = lambda what, done, of: None,
) -> tuple[GradientCheck, ...]:
    """One GradientCheck per parameter, at the network's numbers or at seeded random ones."""
    point = point_of(spec, program, seed)
    formulas = formulas or gradient_program(spec)
    oracle = GradientOracle(program, point, analytic=spec.loss.analytic and all(a.analytic for a in spec.activations))
    values = derived(program, formulas, point, oracle.digits)
    parameters = tuple(spec.vocabulary.parameters())
    exactly: Mapping[Var, bool | None] = {}
    if with_sympy and composed_size(program) <= MAX_COMPOSED:
        exactly = composed_gradients_agree(program, {p: unfolded(formulas, Var("gradient", p.owner)) for p in parameters})
    found = []
    for at, parameter in enumerate(parameters, 1):
        found.append(_check(oracle, parameter, values[Var("gradient", parameter.owner)], exactly.get(parameter)))
        progress("checking gradients", at, len(parameters))
    return tuple(found)


def _check(oracle: GradientOracle, parameter: Var, analytic: Any, exactly: bool | None) -> GradientCheck:
    numeric = oracle.gradient(parameter)
    return GradientCheck(parameter, analytic, numeric.central, numeric.complex_step, exactly, numeric.step, numeric.one_sided)


def derived(program: Program, formulas: Program, point: Mapping[Var, Fraction], digits: int = PRECISION) -> dict[Var, Any]:
    """The deltas and gradients at `point`, by the derivation's formulas, at `digits` digits."""
    algebra = HighPrecision(digits)
    values = program.evaluate({var: algebra.rational(value) for var, value in point.items()}, algebra)
    return formulas.evaluate(values, algebra)


def unfolded(formulas: Program, var: Var) -> Node:
    """A gradient's formula over forward quantities only, its deltas put in."""

    def change(part: Node) -> Node:
        if isinstance(part, Var) and part in formulas.forms:
            return rewrite(formulas.forms[part], change)
        return part

    return rewrite(formulas.forms[var], change)
