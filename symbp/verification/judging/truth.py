"""What is true of a network: every quantity and every derivative at many points at once, or at the network's own numbers.

Derivatives are had without symbols: dual numbers give those of each binding by its direct inputs, a reverse sweep those along
every path. A `Truth` may be bent: `taken` says what a person wrote for a quantity or a derivative, and what depends on it follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np

from symbp.language.form import Var, leaves
from symbp.network.calculus import fold, unfold_functions
from symbp.network.forward import ERROR, forward
from symbp.network.loss import SIGNS
from symbp.network.program import Program
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.arrays import Array, Arrays, Dual, Duals

POINTS: Final = 16
SEED: Final = 1729
FLOATS: Final = Arrays()

Pair = tuple[Var, Var]
"""The d of / d wrt of two quantities."""


@dataclass(frozen=True)
class Taken:
    """What a person wrote, where it is not the truth: for quantities, and for derivatives along every path."""

    values: Mapping[Var, Array] = field(default_factory=dict)
    slopes: Mapping[Pair, Array] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values or self.slopes)


@dataclass
class Truth:
    """The program of `spec` evaluated at `free`, which gives every free variable an array over the points."""

    spec: NetworkSpec
    free: Mapping[Var, Array]
    taken: Taken = field(default_factory=Taken)
    per_example: bool = False
    """Is a delta about its own sample's error, or about the whole?"""
    algebra: Arrays = FLOATS
    """What its values are: floats, or numbers of more digits."""
    finer: dict[int, Truth] = field(default_factory=dict)
    """The same with so many digits, where they were asked for."""

    @cached_property
    def program(self) -> Program:
        return forward(self.spec)

    @cached_property
    def points(self) -> int:
        return len(next(iter(self.free.values())))

    @cached_property
    def values(self) -> Mapping[Var, Array]:
        """Every quantity of the forward pass; what was taken stands instead of what it should be."""
        return _Forward(self)

    @cached_property
    def zero(self) -> Array:
        return np.zeros(self.points)

    @cached_property
    def entries(self) -> dict[Var | tuple[Var, Var, bool], Array]:
        """Quantities, and derivatives of one by another (along one edge or every path), as matrices of one entry at each point."""
        return {}

    @cached_property
    def duals(self) -> Duals:
        return Duals(self.algebra)

    @cached_property
    def unfolded(self) -> dict[Var, Any]:
        return {var: unfold_functions(form) for var, form in self.program.forms.items()}

    def bent(self, taken: Taken) -> Truth:
        """The same network, with what a person took for true."""
        other = Truth(self.spec, self.free, taken, self.per_example, self.algebra)
        other.__dict__["program"] = self.program
        other.__dict__["unfolded"] = self.unfolded
        return other

    def about(self, *, per_example: bool) -> Truth:
        """The same at the same points, with deltas that are about each sample's own error, or about the whole."""
        if per_example == self.per_example:
            return self
        other = Truth(self.spec, self.free, self.taken, per_example, self.algebra)
        other.__dict__ |= {name: getattr(self, name) for name in ("program", "unfolded", "values", "_local", "_sweeps")}
        return other

    # -- derivatives -----------------------------------------------------------------------------------------------

    @cached_property
    def _local(self) -> dict[Var, dict[Var, Array]]:
        return {}

    def along(self, of: Var, wrt: Var) -> Array:
        """d of / d wrt along one edge; 0 where there is none."""
        if of == wrt:
            return self.zero + 1
        return self.locals(of).get(wrt, self.zero)

    def locals(self, of: Var) -> dict[Var, Array]:
        """The derivatives of a bound quantity by each of its direct inputs."""
        if of not in self._local:
            form = self.unfolded.get(of)
            inputs = list(dict.fromkeys(leaf for leaf in leaves(form) if isinstance(leaf, Var))) if form is not None else []
            seeds = {var: at for at, var in enumerate(inputs)}
            one = np.eye(len(inputs))

            def seeded(var: Var) -> Dual:
                return Dual(self.values[var], one[seeds[var]][:, None])

            with np.errstate(all="ignore"):
                found = fold(form, self.duals, seeded) if form is not None and inputs else None
            slopes = np.broadcast_to(found.slopes, (len(inputs), self.points)) if isinstance(found, Dual) else np.zeros((len(inputs), 1))
            self._local[of] = {var: slopes[at] + self.zero for var, at in seeds.items()}
        return self._local[of]

    @cached_property
    def _sweeps(self) -> dict[Var, dict[Var, Array]]:
        return {}

    def total(self, of: Var, wrt: Var) -> Array:
        """d of / d wrt along every path."""
        if (of, wrt) in self.taken.slopes:
            return self.taken.slopes[of, wrt]
        if of not in self._sweeps:
            self._sweeps[of] = self.sweep(of, frozenset())
        return self._sweeps[of].get(wrt, self.zero)

    def sweep(self, end: Var, blocked: frozenset[Var]) -> dict[Var, Array]:
        """d end / d v of every v, along the paths that avoid `blocked`; what was taken for a derivative is put in where it belongs."""
        found: dict[Var, Array] = {end: self.zero + 1}
        position = self.program.position
        order = [var for var in reversed(list(self.program.forms)) if position[var] <= position.get(end, -1)]
        for var in [*order, *self.program.free]:
            slope = self._slope_at(end, var, found, blocked)
            if slope is None:
                continue
            found[var] = slope
            for wrt, local in self.locals(var).items() if var in self.program.forms and var not in blocked else ():
                found[wrt] = found.get(wrt, self.zero) + slope * local
        return found

    @cached_property
    def range_of_slopes(self) -> float:
        """How many times larger the largest derivative of the error by a net input is than the smallest, where it is largest."""
        sizes = [float(np.max(np.abs(self.total(ERROR, var)))) for var in self.program.forms if var.kind == "net"]
        return max(sizes) / min(size for size in sizes if size) if any(sizes) else 1.0

    def _slope_at(self, end: Var, var: Var, found: Mapping[Var, Array], blocked: frozenset[Var]) -> Array | None:
        """d end / d var, all paths having been added up: as it is taken, or by way of what is taken between the two."""
        if not blocked and var != end:
            if (end, var) in self.taken.slopes:
                return self.taken.slopes[end, var]
            through = [of for of, wrt in self.taken.slopes if wrt == var and of != end and of in found]
            if through:
                rest = self.sweep(end, frozenset(through)).get(var, self.zero)
                for of in through:
                    rest = rest + found[of] * self.taken.slopes[of, var]
                return rest
        return found.get(var)

    # -- quantities ------------------------------------------------------------------------------------------------

    def value(self, var: Var) -> Array:
        """The value of any quantity, deltas, gradients and parameters after one update among them."""
        if var in self.taken.values:
            return self.taken.values[var]
        if var.kind == "delta":
            return self.spec.delta_sign * self.total(self.own_error(var), Var("net", var.owner, var.sample, var.time))
        if var.step:
            return self.updated(var)
        if var not in self.values:
            raise KeyError(var)
        return self.values[var]

    def own_error(self, var: Var) -> Var:
        """The error that a delta is about: E, or of several samples its own sample's (E where they are not told apart)."""
        own = Var("error_sample", None, var.sample)
        return own if self.per_example and self.spec.vocabulary.samples > 1 and own in self.program.forms else ERROR

    def updated(self, var: Var) -> Array:
        """w - eta dE/dw; of the error, its value with all trained parameters updated so."""
        if var.kind == "error_total":
            return self.after.values[ERROR]
        if var.kind in {"weight", "bias"}:
            original = Var(var.kind, var.owner)
            return self.values[original] - self.rate * self.total(ERROR, original)
        return self.after.value(Var(var.kind, var.owner, var.sample, var.time))

    @property
    def rate(self) -> Array:
        return self.free[Var("learning_rate")]

    @cached_property
    def after(self) -> Truth:
        """The network after one update of all its trained parameters at once."""
        trained = set(self.spec.trained)
        free = {var: self.updated(Var(var.kind, var.owner, step=1)) if var in trained else x for var, x in self.free.items()}
        return Truth(self.spec, free, algebra=self.algebra)


class _Forward(Mapping[Var, Array]):
    """The quantities of a forward pass, each computed when it is first asked for: of a bent network, few are."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.known = {**truth.free, **{var: value for var, value in truth.taken.values.items() if var in truth.unfolded}}

    def __getitem__(self, var: Var) -> Array:
        waiting = [] if var in self.known else [var]
        while waiting:  # not by calls of itself, since a sequence may be long
            form = self.truth.unfolded[waiting[-1]]
            if waiting[-1] in self.known:
                waiting.pop()
                continue
            if before := [leaf for leaf in leaves(form) if isinstance(leaf, Var) and leaf not in self.known]:
                waiting += before
                continue
            with np.errstate(all="ignore"):
                self.known[waiting.pop()] = fold(form, self.truth.algebra, self.known.__getitem__) + self.truth.zero
        return self.known[var]

    def __contains__(self, var: object) -> bool:
        return var in self.known or var in self.truth.unfolded

    def __iter__(self) -> Iterator[Var]:
        yield from dict.fromkeys((*self.truth.free, *self.truth.unfolded))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def numbers_of(spec: NetworkSpec) -> dict[Var, Array]:
    """The network's own numbers, as one point."""
    return {var: np.array([float(x)]) for var, x in spec.data.items()}


def random_point(spec: NetworkSpec, points: int = POINTS, seed: int = SEED) -> dict[Var, Array]:
    """Seeded points: parameters and inputs of both signs, no two alike, so that no matrix is symmetric; targets where the loss allows."""
    random = np.random.default_rng(seed)
    program = forward(spec)
    free = [*program.free, *(v for v in spec.vocabulary.variables() if v not in program.forms and not v.step and v.kind in _FREE)]
    found: dict[Var, Array] = {}
    for var in dict.fromkeys((*free, Var("learning_rate"))):
        size = random.uniform(0.25, 1.6, points)
        found[var] = size * random.choice([-1.0, 1.0], points) if var.kind in {"weight", "bias", "input", "net", "out"} else size / 2
        if var.kind == "target" and spec.loss.targets == SIGNS:
            found[var] = random.choice([-1.0, 1.0], points)
        if var.kind == "target" and spec.loss.name == "half_squared_error":
            found[var] = random.uniform(-1.2, 1.2, points)
    for var in found:
        if var in spec.data and var.kind not in {"weight", "bias", "input", "target"}:
            found[var] = np.full(points, float(spec.data[var]))
    for var, form in program.assumptions.items():
        others = [v for v in leaves(form) if isinstance(v, Var)]
        for other in others:
            found[other] = found[other] / max(1, len(others))
        found[var] = fold(form, Arrays(), found.__getitem__)
    return found


def near_numbers(spec: NetworkSpec, points: int = POINTS, seed: int = SEED) -> dict[Var, Array]:
    """Points close to the network's own numbers, on the same side of every kink, most likely; no two numbers are related there."""
    random = np.random.default_rng(seed)
    found = random_point(spec, points, seed)
    for var, x in spec.data.items():
        if var.kind in {"weight", "bias", "input", "target"}:
            found[var] = float(x) + random.uniform(-1, 1, points) * 1e-3 * max(abs(float(x)), 0.1)
    return found


_FREE = frozenset({"weight", "bias", "input", "target"})
