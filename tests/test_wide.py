"""Wide networks: work that is counted grows with the width, what is proved of one unit holds of all, and nothing wrong gets through."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest

import symbp
from symbp.derivation.formulas import Formulas, gradient_program
from symbp.derivation.meaning import delta, net
from symbp.language.form import ONE, Node, Unit, Var, add, exp, frac, neg, times
from symbp.network.forward import forward
from symbp.network.loss import LOSSES
from symbp.network.program import Binding, Program, bindings
from symbp.network.reader import load
from symbp.network.spec import NetworkSpec
from symbp.proof import certify as certification
from symbp.proof import shapes
from symbp.proof.gradients import DIRECTIONS, MOST_CHECKED, check_directions
from symbp.proof.identity import Proved, Prover, Refuted
from symbp.proof.polynomials import Polynomial, Ring
from symbp.proof.symmetry import symmetry_of


def softmax(width: int, loss: str = "squared_error") -> NetworkSpec:
    return replace(load(f"2-{width}:softmax"), loss=LOSSES[loss])


def deltas(spec: NetworkSpec) -> list[tuple[Node, Node]]:
    formulas = Formulas(spec)
    return [(delta(place), formulas.delta_form(place)) for place in spec.vocabulary.layer_nets(1)]


@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
def test_every_delta_of_a_wide_softmax_is_proved_by_one_proof(loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = []
    inner = Prover._verdict
    monkeypatch.setattr(Prover, "_verdict", lambda self, a, b: verdicts.append(a) or inner(self, a, b))
    spec = softmax(60, loss)
    prover = Prover(forward(spec))
    assert all(isinstance(prover.equal(left, right), Proved) for left, right in deltas(spec))
    assert len(verdicts) <= 2  # of the last target, which is 1 less the others, the meaning is written otherwise


def test_the_products_of_a_proof_grow_with_the_width() -> None:
    def products(width: int) -> int:
        shapes.PROOFS.cache_clear()
        spec = softmax(width)
        prover = Prover(forward(spec))
        assert isinstance(prover.equal(*deltas(spec)[0]), Proved)
        return sum(tried.products for tried in shapes.PROOFS.known.values())

    small, large = products(20), products(80)
    assert large < 4 * 4 * small  # each product counts for more with more generators; not for the square of the width or more


def test_a_wrong_delta_among_many_right_ones_is_refuted() -> None:
    spec = softmax(12)
    prover = Prover(forward(spec))
    equations = deltas(spec)
    assert isinstance(prover.equal(*equations[0]), Proved)
    for (left, _), (_, right) in pairwise(equations):
        assert isinstance(prover.equal(left, right), Refuted)
    left, right = equations[3]
    assert isinstance(prover.equal(left, neg(right)), Refuted)


def test_units_that_differ_do_not_change_places() -> None:
    words = load("2-10").vocabulary
    program = forward(load("2-10"))
    assert symmetry_of(program, {}) is not None
    unit = words.units(1)[4]
    odd = [Binding(b.var, times(b.form, Var("input", Unit(0, 1))) if b.var == net(unit) else b.form) for b in program.bindings]
    assert symmetry_of(Program(tuple(odd)), {}) is None


def test_shared_sums_are_named_and_derivatives_stay() -> None:
    nets = [Var("net", Unit(1, at)) for at in range(1, 11)]
    weights = [Var("weight", Unit(1, at)) for at in range(1, 11)]
    bottom = add(*map(exp, nets))
    pairs = [*zip(nets, weights, strict=True), *((Var("out", x.owner), frac(exp(x), bottom)) for x in nets)]
    program = Program(bindings([*pairs, (Var("error_total"), add(*(times(w, Var("out", w.owner)) for w in weights)))]))
    assert len(program.split.bindings) == len(program.bindings) + 1
    from symbp.network.numbers import HighPrecision

    algebra = HighPrecision(40)
    values = program.evaluate({w: algebra.rational(Fraction(at, 7)) for at, w in enumerate(weights)}, algebra)
    assert Var("common") not in values
    by_split = program.gradients(values, algebra)
    whole = program.reverse.tape.run(values, algebra)
    assert all(abs(by_split[w] - whole[Var("adjoint", w)]) < 1e-35 for w in weights)


def test_many_gradients_are_checked_along_directions() -> None:
    spec = load("12-16:tanh")
    assert sum(1 for _ in spec.vocabulary.parameters()) > MOST_CHECKED
    derived = symbp.derive("12-16:tanh", detail="brief")
    assert len(derived.checked.directions) == DIRECTIONS
    assert not derived.checked.gradients
    assert "along 4 random directions" in " ".join(derived.render("txt").split())
    with pytest.raises(ValueError, match="unchecked"):
        replace(derived.checked, directions=derived.checked.directions[:1])
    few = symbp.derive("2-2", detail="brief").checked
    assert few.gradients
    assert not few.directions


@pytest.mark.parametrize("network", ["12-16:tanh", "14-14:relu"])
def test_one_wrong_gradient_of_many_shows_along_every_direction(network: str) -> None:
    spec = load(network)
    program, right = forward(spec), gradient_program(spec)
    wrong = [b.var for b in right.bindings if b.var.kind == "gradient"][17]
    bent = Program(tuple(Binding(b.var, add(b.form, ONE)) if b.var == wrong else b for b in right.bindings))
    assert all(check.agrees for check in check_directions(spec, program))
    assert not any(check.agrees for check in check_directions(spec, program, formulas=bent))


def test_a_proof_that_takes_too_long_ends_as_agreement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certification, "MOST_PRODUCTS", 10)
    shapes.PROOFS.cache_clear()
    assert symbp.derive("2-12:softmax", detail="brief").checked.counts()["agrees"]
    shapes.PROOFS.cache_clear()


def test_polynomials_are_those_of_sympy() -> None:
    from symbp.proof.polynomials import _Dense

    random, ring = Random(3), Ring(9)

    def drawn() -> Polynomial:
        found = ring.ground(random.randint(-3, 3))
        for _ in range(5):
            factors = [random.choice(ring.gens) ** random.randint(1, 2) for _ in range(random.randint(1, 3))]
            term = ring.one.scaled(Fraction(random.randint(-4, 4), random.choice((1, 1, 3))))
            for factor in factors:
                term = term * factor
            found = found + term
        return found

    for _ in range(60):
        a, b = drawn(), drawn()
        dense = _Dense.of(a, b, *ring.gens)
        x, y = dense(a), dense(b)
        assert [dense(p) for p in (a + b, a - b, a * b, a**3)] == [x + y, x - y, x * y, x**3]
        assert dense.back(x) == a
        if x:
            assert Fraction(int(x.LC.numerator), int(x.LC.denominator)) == a.leading
            content, primitive = x.primitive()
            assert (content, dense.back(primitive)) == a.primitive()
            assert [dense(p) for p in a.cancel(ring.one)] == list(x.cancel(x.ring.one))


@pytest.mark.parametrize("formula", ["x * sigmoid(1.702*x)", "tanh(0.333*x) + exp(-1.25*x)"])
def test_constants_of_a_formula_do_not_make_proofs_endless(formula: str) -> None:
    counts = symbp.derive(f"2-1:{formula}").checked.counts()
    assert counts["proved"] > 8
