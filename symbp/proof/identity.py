"""Are two forms equal on a program? Refuted with a witness, Proved, or Agrees at many points: never by `simplify`.

Truth unfolds the forward bindings only. A delta means dE/dnet along every path; the formula that a text gives for it is a
claim to be proved, never a binding. Refutation is tried first, at true points of the program; then a proof, first with the
named intermediates as free symbols, then with more and more of them unfolded. Equal shapes are proved once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from math import inf
from operator import is_
from random import Random
from typing import Any, TypeAlias

from symbp.derivation.meaning import delta_meaning, is_sample_error
from symbp.language.form import KINKED, Form, Function, Node, Unit, Value, Var, add, leaves, rewrite, times
from symbp.network.calculus import derivative, fold, unfold_functions
from symbp.network.numbers import ExactRational, HighPrecision
from symbp.network.program import Program
from symbp.network.sums import LONG
from symbp.proof.shapes import equal_shapes, known_equal
from symbp.proof.symmetry import Symmetry, symmetry_of

DIGITS = 40
AGREEING_DIGITS = 30
POINTS = 3
KINKED_POINTS = 10
"""Where there are cases, so many, to have some on either side."""
TRIES = 60
"""A point at which something does not exist is drawn again, so many times at most."""


@dataclass(frozen=True, slots=True)
class Proved:
    """Equal, by an exact identity of polynomials over the rationals."""


@dataclass(frozen=True, slots=True)
class Agrees:
    """Equal at `points` random true points, to `digits` digits; no proof was found."""

    points: int
    digits: int


@dataclass(frozen=True, slots=True)
class Rounds:
    """The number shown is the exact value correctly rounded to `places` decimal places."""

    places: int


@dataclass(frozen=True, slots=True)
class Refuted:
    """Different: at the point `witness` the sides are `left` and `right`."""

    witness: Mapping[Var, Fraction]
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither proved nor refuted, and why."""

    reason: str


Verdict: TypeAlias = Proved | Agrees | Rounds | Refuted | Unknown


_ENDS = frozenset({"error", "error_sample", "error_data", "error_total", "squares", "magnitudes", "mean_activation", "divergence"})
"""What is computed after the last out."""
Point: TypeAlias = tuple[dict[Var, Fraction], dict[Var, Any]]


def _is_named_total(node: Node) -> bool:
    return isinstance(node, Form) and node.op == "total"


@dataclass
class Prover:
    """Decides equality on one program. `definitions` are names that an algorithm introduces by fiat (updated weights)."""

    program: Program
    definitions: Mapping[Var, Node] = field(default_factory=dict)
    seed: int = 20151
    least: int = 0
    """Stages with fewer derivatives of E unrolled are not tried: the entries of one equation are proved at one stage."""
    unrolled: int = 0
    """How many derivatives of E were unrolled at the last stage that was tried."""
    is_unfolded: bool = False
    """Did the last stage that was tried put outs or nets as what they are, so that it takes more than the names?"""
    most: float = inf
    """So many products of terms may be formed in all stages of a proof."""
    tick: Callable[[float], None] | None = None
    """Is told what a stage takes, and may stop the proof by an error of its own."""
    _steps: dict[Form, Node] = field(default_factory=dict)

    def equal(self, left: Node, right: Node) -> Verdict:
        """The verdict on `left = right`; what is proved of one unit is proved of those that may change places with it."""
        key = self._symmetry.equation(left, right) if self._symmetry is not None else None
        if key in self._found_once:
            return self._found_once[key]
        found = self._verdict(left, right)
        if key is not None and isinstance(found, Proved | Agrees):
            self._found_once[key] = found
        return found

    @cached_property
    def _symmetry(self) -> Symmetry | None:
        """Which units may change places; not asked for where a proof may be stopped, so that each is charged what it takes."""
        return symmetry_of(self.program, self.definitions) if self.tick is None else None

    @cached_property
    def _found_once(self) -> dict[int | None, Verdict]:
        return {}

    def _verdict(self, left: Node, right: Node) -> Verdict:
        left, right = self._meaning(left), self._meaning(right)
        if left == right or self._proved(left, right, cached_only=True):
            return Proved()
        found = self._compared(left, right)
        if isinstance(found, Refuted):
            return found
        if self._proved(left, right):
            return Proved()
        return Agrees(found, AGREEING_DIGITS) if found else Unknown("it could be evaluated at no random point")

    def proves(self, left: Node, right: Node, agree: Callable[[Node, Node], bool]) -> bool:
        """Is `left = right` proved? `agree` says whether two forms of forward quantities and derivatives agree at true points."""
        left, right = self._meaning(left), self._meaning(right)
        self.is_unfolded = False
        return left == right or (agree(left, right) and self._proved(left, right))

    # -- meaning ---------------------------------------------------------------------------------------------------

    def _meaning(self, node: Node) -> Node:
        """Deltas as derivatives of E, numbers as what they are numbers of, partials along one edge worked out."""

        def change(part: Node) -> Node:
            if isinstance(part, Value):
                return part if isinstance(part.meaning, Fraction) else self._meaning(part.meaning)
            if isinstance(part, Var) and part in self.definitions:
                return self._meaning(self.definitions[part])
            if isinstance(part, Var) and part in self.program.assumptions:
                return self.program.assumptions[part]
            if isinstance(part, Var) and part.kind == "delta":
                return delta_meaning(part, self.program.delta_sign)
            if isinstance(part, Form) and part.op == "partial":
                of, wrt = part.args
                assert isinstance(of, Var) and isinstance(wrt, Var)
                return self._meaning(self._partial(of, wrt))
            if isinstance(part, Form) and part.op == "ddx":
                inner, wrt = part.args
                assert isinstance(wrt, Var)
                return derivative(inner, wrt)
            return part

        meant = rewrite(node, change)
        shared = self.program.shared
        return meant if shared is None else shared.put(meant)

    def _partial(self, of: Var, wrt: Var) -> Node:
        """d of / d wrt along the edge between them; of f(x) by x this is f'(x), whatever f is."""
        if of in self._over_shared and of in self.program.forms:
            shared = [self._edge(of, name) for name in self._over_shared[of]]
            ways = [times(x, self._edge(name, wrt)) for x, name in zip(shared, self._over_shared[of], strict=True)]
            return add(self._edge(of, wrt), *ways)
        return self._edge(of, wrt)

    @cached_property
    def _over_shared(self) -> dict[Var, list[Var]]:
        """The long sums that a bound quantity shares with others."""
        split = self.program.split
        every = {
            var: [name for name in split.inputs(var) if name.kind == "common"] for var in self.program.forms if split is not self.program
        }
        return {var: names for var, names in every.items() if names}

    def _edge(self, of: Var, wrt: Var) -> Node:
        """The same in the program in which long sums that are shared have names, which are then quantities like others."""
        match self.program.split.forms.get(of):
            case Form("apply", (Function() as function, x)) if x == wrt and wrt not in self.program.assumptions:
                return Form("apply", (replace(function, order=function.order + 1), x))
        return self.program.split.partial(of, wrt)

    # -- refutation ------------------------------------------------------------------------------------------------

    @cached_property
    def ends(self) -> frozenset[Var]:
        """The samples' errors whose derivatives the definitions speak of."""
        parts = (part for form in self.definitions.values() for part in _parts(form) if _is_named_total(part))
        return frozenset(part.args[0] for part in parts if is_sample_error(part.args[0]))

    @cached_property
    def algebra(self) -> HighPrecision:
        return HighPrecision(DIGITS)

    def points(self, count: int) -> list[Point]:
        """True points of the program: random weights, inputs and targets, and everything that follows from them."""
        while len(self._points) < count:
            self._points.append(self._point())
        return self._points[:count]

    def _point(self) -> Point:
        """A point at which everything exists, if one is found."""
        algebra = self.algebra
        for _ in range(TRIES):
            free = {var: random_rational(self._random, var) for var in self.program.free}
            free = self.program.assumed(free, ExactRational())
            values = self.program.split.evaluate({var: algebra.rational(x) for var, x in free.items()}, algebra)
            values |= {Var("adjoint", var): x for var, x in self.program.split.gradients(values, algebra).items()}
            for end in self.ends:
                values |= self.program.split.sweep(end).evaluate(values, algebra)
            if all(algebra.exists(value) for value in values.values()):
                break
        return free, values

    @cached_property
    def _random(self) -> Random:
        return Random(self.seed)

    @cached_property
    def _points(self) -> list[Point]:
        return []

    @cached_property
    def _is_kinked(self) -> bool:
        return any(op in KINKED for op, _ in self.program.tape.instructions)

    def _count(self, *sides: Node) -> int:
        """At how many points the `sides` are to be compared."""
        kinked = self._is_kinked or any(isinstance(part, Form) and part.op in KINKED for side in sides for part in _parts(side))
        return KINKED_POINTS if kinked else POINTS

    def _compared(self, left: Node, right: Node) -> Refuted | int:
        """A point at which the sides differ, or at how many they were found equal."""
        random = Random(self.seed + 1)
        left, right = (unfold_functions(_as_adjoint(side, self.program, self.ends)) for side in (left, right))
        extra = [v for v in dict.fromkeys((*leaves(left), *leaves(right))) if isinstance(v, Var)]
        context, agreeing = self.algebra.context, 0
        for free, values in self.points(self._count(left, right)):
            own, a, b = self._sides(left, right, [v for v in extra if v not in values], values, random)
            if not (self.algebra.exists(a) and self.algebra.exists(b)):
                continue
            scale = max(abs(a), abs(b), context.mpf(10) ** -10)
            if abs(a - b) > scale * context.mpf(10) ** -AGREEING_DIGITS:
                shown = {var: x for var, x in (free | own).items() if var.kind != "adjoint"}
                return Refuted(shown, context.nstr(a, 12), context.nstr(b, 12))
            agreeing += 1
        return agreeing

    def _sides(
        self, left: Node, right: Node, own: list[Var], values: Mapping[Var, Any], random: Random
    ) -> tuple[dict[Var, Fraction], Any, Any]:
        """Both sides, with random values for the variables that the program does not have; drawn again where one does not exist."""
        algebra = self.algebra
        for _ in range(TRIES if own else 1):
            drawn = {v: random_rational(random, v) for v in own}
            at = {**values, **{v: algebra.rational(x) for v, x in drawn.items()}}
            a, b = (fold(side, algebra, at.__getitem__) for side in (left, right))
            if algebra.exists(a) and algebra.exists(b):
                break
        return drawn, a, b

    # -- proof -----------------------------------------------------------------------------------------------------

    def _proved(self, left: Node, right: Node, *, cached_only: bool = False) -> bool:
        """Is there a stage of unfolding at which the sides are one quotient of polynomials?"""
        most = self.most
        for a, b in self._stages(left, right):
            if a == b:
                return True
            if cached_only:
                known = known_equal(a, b)
            else:
                tried = equal_shapes(a, b, most, self.tick)
                known, most = tried.is_proved, most - tried.products
            if known:
                return True
            if known is None:
                return False
        return False

    def _stages(self, left: Node, right: Node) -> Iterator[tuple[Node, Node]]:
        """The sides with names as they stand; then one more derivative of E unrolled each time; then outs and nets unfolded.

        A derivative that stands on both sides is unrolled last: as it stands it is a symbol like any other.
        """
        self.unrolled, self.is_unfolded = 0, False
        on_left, on_right = _totals(left), _totals(right)
        if not self.least:
            yield from self._with_outs(left, right, on_left == on_right)
            yield from self._definitions(left, right)
        while on_left or on_right:
            steps = {first: self._unrolled(first) for first in self._next(on_left ^ on_right or on_left)}
            left, right = (_replace(side, steps) for side in (left, right))
            on_left, on_right = _totals(left), _totals(right)
            self.unrolled += 1
            if self.unrolled >= self.least:
                yield from self._with_outs(left, right, on_left == on_right)
        self.is_unfolded = True
        for kinds in (_ENDS, _ENDS | {"out"}, _ENDS | {"out", "common"}, _ENDS | {"out", "common", "net"}):
            a, b = (self._unfold(side, kinds) for side in (left, right))
            if (a, b) != (left, right):
                left, right = a, b
                yield left, right

    def _unrolled(self, derivative: Form) -> Node:
        """A total derivative with its first step unrolled."""
        if derivative not in self._steps:
            of, wrt = derivative.args
            assert isinstance(of, Var) and isinstance(wrt, Var)
            self._steps[derivative] = self._meaning(self.program.split.total(of, wrt, self._edge))
        return self._steps[derivative]

    def _definitions(self, left: Node, right: Node) -> Iterator[tuple[Node, Node]]:
        """A bare name as its own binding; then its net inputs, which the other side may have written out, as theirs."""
        bound = self._bound(left), self._bound(right)
        if bound != (left, right):
            self.is_unfolded = True
            yield from self._with_outs(*bound, _totals(bound[0]) == _totals(bound[1]))
            nets = {part for side in bound for part in leaves(side) if isinstance(part, Var) and part.kind == "net"}
            forms = {net: self._form(net) for net in nets if net in self.program.forms}
            if forms:
                a, b = (rewrite(side, lambda part: forms.get(part, part) if isinstance(part, Var) else part) for side in bound)
                self.is_unfolded = True
                yield a, b
            self.is_unfolded = False

    def _bound(self, node: Node) -> Node:
        """A bare name as its own binding, in which other names stand as they are."""
        return self._form(node) if isinstance(node, Var) and node in self.program.split.forms else node

    def _form(self, var: Var) -> Node:
        """What `var` is bound to, under the assumptions."""
        form, assumed = self.program.split.forms[var], self.program.assumptions
        return rewrite(form, lambda part: assumed.get(part, part) if isinstance(part, Var) else part) if assumed else form

    def _with_outs(self, left: Node, right: Node, is_even: bool) -> Iterator[tuple[Node, Node]]:
        """The sides as they stand; then with the activations put in, derivatives of E still named.

        Where they are not `is_even`, a derivative stands on one side only; activations make no difference then.
        """
        yield left, right
        if not is_even:
            return
        a, b = (self._unfold(side, {"out"}) for side in (left, right))
        if (a, b) != (left, right):
            before, self.is_unfolded = self.is_unfolded, True
            yield a, b
            self.is_unfolded = before

    def _next(self, totals: Set[Form]) -> list[Form]:
        """Which derivatives are unrolled next: of many, all by quantities of one kind, layer and instance."""
        first = self._first(totals)
        if len(totals) <= LONG:
            return [first]
        return [total for total in totals if _rank(total) == _rank(first)]

    def _first(self, totals: Set[Form]) -> Form:
        """The one by what is furthest upstream; of several that no binding tells apart, the first by what they are called."""
        position: Mapping[Any, int] = self.program.split.position
        places = {total: position.get(total.args[1], -1) for total in totals}
        least = min(places.values())
        found = [total for total, place in places.items() if place == least]
        return found[0] if len(found) == 1 else min(found, key=lambda total: repr(total.args[1]))

    def _unfold(self, node: Node, kinds: Set[str]) -> Node:
        if isinstance(node, Var) and node.kind in kinds and node in self.program.split.forms:
            return self._unfold(self._form(node), kinds)
        if isinstance(node, Form) and not _is_named_total(node):
            args = tuple([self._unfold(arg, kinds) for arg in node.args])
            return node if all(map(is_, args, node.args)) else Form(node.op, args)
        return node


def _totals(node: Node) -> set[Form]:
    """The derivatives along every path in `node`."""
    return {part for part in _parts(node) if _is_named_total(part)}


def _rank(total: Form) -> tuple[object, ...]:
    of, wrt = total.args
    assert isinstance(wrt, Var)
    return of, wrt.kind, wrt.owner.layer if isinstance(wrt.owner, Unit) else None, wrt.sample, wrt.time


def _parts(node: Node) -> Iterator[Any]:
    """`node` and everything below it, each before its arguments, left to right."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Form):
            waiting += part.args[::-1]


def _replace(node: Node, new: Mapping[Form, Node]) -> Node:
    return rewrite(node, lambda part: new.get(part, part) if isinstance(part, Form) and part.op == "total" else part)


def _as_adjoint(node: Node, program: Program, ends: frozenset[Var]) -> Node:
    end = program.bindings[-1].var if program.bindings else None

    def change(part: Node) -> Node:
        if isinstance(part, Form) and part.op == "total":
            of, wrt = part.args
            assert isinstance(of, Var) and isinstance(wrt, Var)
            if of in ends and of != end:
                return Var("adjoint", wrt, of.sample)
            return Var("adjoint", wrt) if of == end else _numeric_total(program, of, wrt)
        return part

    return rewrite(node, change)


def _numeric_total(program: Program, of: Var, wrt: Var) -> Node:
    """d of / d wrt along every path, unrolled to the end: sum over users u of total(of, u) · partial(u, wrt)."""

    def unroll(part: Node) -> Node:
        if isinstance(part, Form) and part.op == "total":
            inner_of, inner_wrt = part.args
            assert isinstance(inner_of, Var) and isinstance(inner_wrt, Var)
            return _numeric_total(program, inner_of, inner_wrt)
        return part

    return rewrite(program.total(of, wrt), unroll)


POSITIVE = frozenset(
    {"target", "learning_rate", "constant", "rho", "out", "momentum", "beta1", "beta2", "epsilon", "second_moment", "update_number"}
)
"""Kinds that are never negative, and mostly less than 1."""


def random_rational(random: Random, var: Var) -> Fraction:
    """A random rational of ordinary size for `var`; no two are likely to be equal.

    Targets, rates, constants, rho, and outs that no program computes are between 0 and 1, so that their logarithms exist; others have
    both signs.
    """
    size = Fraction(random.randint(101, 1499), 1000)
    if var.kind in POSITIVE:
        return size / 2
    return size if random.random() < 0.6 else -size
