"""What the prover says of true and of false equations on a network; each is decided at once, and a false one with a witness."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from importlib import import_module

import pytest
from evaluator import MP, World, alike, generic_point

from symbp.derivation.derive import derive
from symbp.derivation.entries import scalar_pairs
from symbp.derivation.meaning import delta, net, out
from symbp.derivation.pattern import hadamard, matmul, transpose, whole
from symbp.derivation.steps import Link, Step
from symbp.errors import StepRefuted
from symbp.language.form import (
    ONE,
    TWO,
    Function,
    Node,
    Unit,
    Value,
    Var,
    add,
    apply,
    ddx,
    dot,
    exp,
    frac,
    neg,
    number,
    partial,
    power,
    sub,
    times,
    total,
)
from symbp.network.activation import SIGMA, TANH, prime
from symbp.network.forward import ERROR, forward
from symbp.network.numbers import Rounding
from symbp.network.reader import load, read
from symbp.proof import shapes
from symbp.proof.certify import _Court
from symbp.proof.identity import Proved, Prover, Refuted

SPEC = load("mazur")
PROGRAM = forward(SPEC)
WORLD = World(SPEC, generic_point(SPEC, 31))
X = Var("argument")
H1, H2, O1, O2 = Unit(1, 1), Unit(1, 2), Unit(2, 1), Unit(2, 2)
OUT, T, Z = out(O1), Var("target", O1, sample=1), net(O1)
I1 = Var("input", Unit(0, 1), sample=1)
W1, W5, W6, W7, W8 = (SPEC.speller.read(name) for name in ("w1", "w5", "w6", "w7", "w8"))
SLOPE_H1 = times(out(H1), sub(ONE, out(H1)))
FOUR, THREE = number(4), number(3)
TINY = number(Fraction(1, 10**7))
ERRORS = add(*(Var("error", unit, sample=1) for unit in (O1, O2)))


def through(unit: Unit) -> Node:
    """The path from h1 to the error by one output."""
    return dot(total(ERROR, out(unit)), partial(out(unit), net(unit)), partial(net(unit), out(H1)))


TRUE: dict[str, tuple[Node, Node]] = {
    "o(1-o)": (times(OUT, sub(ONE, OUT)), sub(OUT, power(OUT, TWO))),
    "-(t-o)": (neg(sub(T, OUT)), sub(OUT, T)),
    "the square either way round": (power(sub(T, OUT), TWO), power(sub(OUT, T), TWO)),
    "tanh'": (sub(ONE, power(apply(TANH, X), TWO)), frac(FOUR, power(add(exp(X), exp(neg(X))), TWO))),
    "tanh by sigma": (apply(TANH, X), sub(times(TWO, apply(SIGMA, times(TWO, X))), ONE)),
    "e^-z e^z": (times(exp(neg(Z)), exp(Z)), ONE),
    "e^2z": (exp(times(TWO, Z)), power(exp(Z), TWO)),
    "sigma'": (apply(prime(SIGMA), Z), times(OUT, sub(ONE, OUT))),
    "sigma' of -x": (apply(prime(SIGMA), neg(X)), apply(prime(SIGMA), X)),
    "1 - sigma": (sub(ONE, apply(SIGMA, X)), apply(SIGMA, neg(X))),
    "d/dx of a square": (ddx(power(X, TWO), X), times(TWO, X)),
    "out is sigma of net": (OUT, apply(SIGMA, Z)),
    "E is the sum of errors": (ERROR, ERRORS),
    "delta is dE/dnet": (delta(H1), total(ERROR, net(H1))),
    "delta of an output": (delta(O1), times(neg(sub(T, OUT)), OUT, sub(ONE, OUT))),
    "delta of a hidden unit": (delta(H1), times(add(times(W5, delta(O1)), times(W7, delta(O2))), SLOPE_H1)),
    "both paths": (total(ERROR, out(H1)), add(through(O1), through(O2))),
    "a gradient": (total(ERROR, W1), times(delta(H1), I1)),
    "a shared bias": (total(ERROR, SPEC.speller.read("b1")), add(delta(H1), delta(H2))),
    "no edge": (partial(net(H1), W5), number(0)),
    "E by out_o1 holds out_o2": (total(ERROR, OUT), partial(Var("error", O1, sample=1), OUT)),
}

FALSE: dict[str, tuple[Node, Node]] = {
    "sigma' is not out": (apply(prime(SIGMA), Z), OUT),
    "sigma' without its slope": (total(ERROR, Z), neg(sub(T, OUT))),
    "o(1-o) of another unit": (apply(prime(SIGMA), Z), times(out(O2), sub(ONE, out(O2)))),
    "o - t is not t - o": (neg(sub(T, OUT)), sub(T, OUT)),
    "a lost path": (total(ERROR, out(H1)), through(O1)),
    "total is not partial": (total(ERROR, out(H1)), partial(ERROR, out(H1))),
    "w5 and w6 exchanged": (delta(H1), times(add(times(W6, delta(O1)), times(W7, delta(O2))), SLOPE_H1)),
    "w5 and w7 exchanged": (delta(H1), times(add(times(W7, delta(O1)), times(W5, delta(O2))), SLOPE_H1)),
    "the wrong column of W": (delta(H1), times(add(times(W6, delta(O1)), times(W8, delta(O2))), SLOPE_H1)),
    "a seventh decimal": (times(OUT, sub(ONE, OUT)), add(times(OUT, sub(ONE, OUT)), TINY)),
    "a seventh decimal of a derivative": (total(ERROR, W1), add(times(delta(H1), I1), TINY)),
    "tanh' with 3": (sub(ONE, power(apply(TANH, X), TWO)), frac(THREE, power(add(exp(X), exp(neg(X))), TWO))),
    "e^-z e^z is not 2": (times(exp(neg(Z)), exp(Z)), TWO),
    "tanh is not sigma": (apply(TANH, X), apply(SIGMA, X)),
    "the 1/2 forgotten": (Var("error", O1, sample=1), power(sub(T, OUT), TWO)),
    "a delta is not a gradient": (delta(H1), total(ERROR, W1)),
    "the exponent not brought down": (ddx(power(X, TWO), X), X),
    "out for net": (partial(net(O1), W5), net(H1)),
    "the bias is shared": (total(ERROR, SPEC.speller.read("b1")), delta(H1)),
}


@pytest.mark.parametrize(("left", "right"), TRUE.values(), ids=TRUE)
def test_what_is_true_is_proved(left: Node, right: Node) -> None:
    assert alike(WORLD.worth(left), WORLD.worth(right)), "the table itself is wrong"
    start = time.process_time()
    verdict = Prover(PROGRAM).equal(left, right)
    assert time.process_time() - start < 1
    assert verdict == Proved()


@pytest.mark.parametrize(("left", "right"), FALSE.values(), ids=FALSE)
def test_what_is_false_is_refuted_by_a_point_and_both_values(left: Node, right: Node) -> None:
    start = time.process_time()
    verdict = Prover(PROGRAM).equal(left, right)
    assert time.process_time() - start < 1
    assert isinstance(verdict, Refuted)
    point = {var: MP.mpf(x.numerator) / x.denominator for var, x in verdict.witness.items()}
    world = World(SPEC, point | {Var("learning_rate"): MP.mpf(1)})
    for side, shown in ((left, verdict.left), (right, verdict.right)):
        assert math.isclose(float(world.worth(side)), float(shown), rel_tol=1e-9, abs_tol=1e-15)
    assert verdict.left != verdict.right


@pytest.mark.parametrize(("left", "right"), [*FALSE.values(), *TRUE.values()], ids=[*FALSE, *TRUE])
def test_the_sides_may_be_exchanged(left: Node, right: Node) -> None:
    prover = Prover(PROGRAM)
    assert type(prover.equal(left, right)) is type(prover.equal(right, left))


def test_the_order_of_questions_does_not_matter() -> None:
    """Proofs are remembered by shape; one that holds must not be taken for one that does not."""
    prover = Prover(PROGRAM)
    for left, right in [*TRUE.values(), *FALSE.values(), *TRUE.values()]:
        expected = Proved if (left, right) in TRUE.values() else Refuted
        assert isinstance(prover.equal(left, right), expected)


def test_a_number_stands_for_its_meaning() -> None:
    """Two quantities that are printed alike are not therefore equal."""
    prover = Prover(PROGRAM)
    assert prover.equal(OUT, Value("0.75", OUT, exact=False)) == Proved()
    assert isinstance(prover.equal(OUT, Value("0.75", out(O2), exact=False)), Refuted)


@pytest.fixture(scope="module", autouse=True)
def _sympy_is_loaded() -> None:
    """Importing it takes most of a second, which is no part of a decision."""
    import_module("sympy")


SYMMETRIC = """
loss = "half_squared_error"
inputs = 2
[[layers]]
units = 2
weights = [[0.1, 0.2], [0.2, 0.3]]
bias = [0.1, 0.1]
[[layers]]
units = 2
weights = [[0.4, 0.5], [0.5, 0.6]]
bias = [0.2, 0.2]
[[samples]]
inputs = [0.5, 0.5]
targets = [0.1, 0.1]
"""


@pytest.mark.parametrize("is_transposed", [True, False])
def test_a_missing_transpose_is_seen_though_the_given_weights_are_symmetric(is_transposed: bool) -> None:
    spec = read(SYMMETRIC, "symmetric")
    matrix: Node = whole("weights", 2)
    slopes = apply(prime(Function("f", "f")), whole("nets", 1))
    form = hadamard(matmul(transpose(matrix) if is_transposed else matrix, whole("deltas", 2)), slopes)
    step = Step(whole("deltas", 1), (Link("=", form, "deltas_reused"),))
    court = _Court(derive(spec, Rounding(6)))
    assert len(list(scalar_pairs(step, spec))) == 2
    if is_transposed:
        assert court.step(step) == ((Proved(), Proved()),)
    else:
        with pytest.raises(StepRefuted, match="refuted"):
            court.step(step)


def test_what_is_remembered_of_shapes_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "KEPT", 40)
    monkeypatch.setattr(shapes, "PROOFS", shapes.Proofs())
    x, y = Var("input"), Var("target")
    for count in range(2, 12):
        assert shapes.equal_shapes(times(x, add(*[y] * count)), add(*[times(x, y)] * count)).is_proved
        assert not shapes.equal_shapes(add(*[y] * count), add(*[x] * count)).is_proved
        assert sum(map(len, shapes.PROOFS.known)) == shapes.PROOFS.size <= max(40, *map(len, shapes.PROOFS.known))
