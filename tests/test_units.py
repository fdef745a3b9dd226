"""The functions of single units: what they are, their derivatives, how they are proved, written and evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from mpmath.ctx_mp import MPContext

from symbp.language.form import (
    ONE,
    TWO,
    ZERO,
    Node,
    Unit,
    Var,
    absolute,
    add,
    apply,
    cases,
    cos,
    erf,
    exp,
    frac,
    maximum,
    neg,
    number,
    power,
    sign,
    sin,
    sqrt,
    sub,
    times,
)
from symbp.language.latex import LatexWriter
from symbp.language.lexer import Medium
from symbp.language.names import Names
from symbp.language.notation import NOTATIONS
from symbp.language.parser import normal, read
from symbp.language.plain import PlainWriter
from symbp.network.activation import ACTIVATIONS, Activation, prime
from symbp.network.calculus import derivative, fold, unfold_functions
from symbp.network.loss import LOSSES, MINUS, PLUS, Loss
from symbp.network.numbers import ExactRational, HighPrecision
from symbp.network.program import Program, bindings
from symbp.network.reader import load
from symbp.proof.identity import Proved, Prover, Refuted

MP = MPContext()
MP.dps = 100
X = Var("argument")
SINGLE = {name: row for name, row in ACTIVATIONS.items() if not row.is_joint}
SUMMED = {name: row for name, row in LOSSES.items() if not row.is_joint}
POINTS = [Fraction(n, 7) for n in (-23, -9, -3, -1, 1, 2, 5, 11, 30)]
T, O = (Var(kind, Unit(2, 1), sample=1) for kind in ("target", "out"))  # noqa: E741
TS, OS = ([Var(kind, Unit(2, k), sample=1) for k in (1, 2, 3)] for kind in ("target", "out"))
NETS = [Var("net", Unit(1, k), sample=1) for k in (1, 2, 3)]
OUTS = [Var("out", Unit(1, k), sample=1) for k in (1, 2, 3)]
EMPTY = Program(bindings([(Var("error_total"), Var("input", Unit(0, 1), sample=1))]))


def worth(node: Node, digits: int = 100, **at: Fraction) -> Any:
    """`node` with the variables of each kind at a number."""
    algebra = HighPrecision(digits)
    return fold(unfold_functions(node), algebra, lambda var: algebra.rational(at[var.kind]))


def close(a: Any, b: Any, digits: int = 60) -> bool:
    return bool(abs(a - b) <= MP.mpf(10) ** -digits * max(1, abs(a), abs(b)))


def central(node: Node, kind: str, **at: Fraction) -> Any:
    h = Fraction(1, 10**35)
    up, down = (worth(node, 120, **{**at, kind: at[kind] + by}) for by in (h, -h))
    return (up - down) / (2 * MP.mpf(10) ** -35)


# -- activations -------------------------------------------------------------------------------------------------------

OWN: dict[str, Any] = {
    "sigmoid": lambda x: 1 / (1 + MP.exp(-x)),
    "tanh": MP.tanh,
    "relu": lambda x: max(x, 0),
    "leaky_relu": lambda x: max(x, x / 100),
    "elu": lambda x: x if x > 0 else MP.expm1(x),
    "softplus": lambda x: MP.log1p(MP.exp(x)),
    "silu": lambda x: x / (1 + MP.exp(-x)),
    "gelu": lambda x: x * MP.ncdf(x),
    "sin": MP.sin,
    "identity": lambda x: x,
}


@pytest.mark.parametrize("name", SINGLE)
def test_every_activation_is_what_its_name_says(name: str) -> None:
    for x in POINTS:
        assert close(worth(SINGLE[name].definition(X), argument=x), OWN[name](MP.mpf(x.numerator) / x.denominator))


@pytest.mark.parametrize("row", SINGLE.values(), ids=SINGLE)
def test_every_slope_is_that_of_sympy_and_of_differences(row: Activation) -> None:
    f = row.definition(X)
    for x in POINTS:
        slope = worth(row.derivative(X, f), argument=x)
        assert close(slope, worth(derivative(f, X), argument=x))
        assert close(slope, central(f, "argument", argument=x))


@pytest.mark.parametrize("row", SINGLE.values(), ids=SINGLE)
def test_every_step_to_a_slope_is_proved(row: Activation) -> None:
    prover, previous = Prover(EMPTY), row.slope(X)
    for form, _ in row.worked(X):
        assert prover.equal(previous, form) == Proved()
        previous = form
    assert prover.equal(previous, row.derivative(X, row.out(X))) == Proved()


@pytest.mark.parametrize("row", SINGLE.values(), ids=SINGLE)
def test_kinks_are_where_the_one_sided_slopes_differ_and_have_the_slope_that_is_used(row: Activation) -> None:
    for kink in row.kinks:
        left, right = (central(row.definition(X), "argument", argument=kink.at + by) for by in (-Fraction(1, 10**30), Fraction(1, 10**30)))
        assert abs(left - right) > MP.mpf("0.1")
        assert worth(row.derivative(X, row.definition(X)), argument=kink.at) == MP.mpf(kink.slope.numerator) / kink.slope.denominator
        assert min(left, right) <= MP.mpf(kink.slope.numerator) / kink.slope.denominator + MP.mpf(10) ** -50 <= max(left, right) + 1
    assert not (row.analytic and row.kinks)


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("x", [-100_000, -800, 800, 100_000])
def test_large_arguments_lose_no_digits(name: str, x: int) -> None:
    row, algebra = SINGLE[name], HighPrecision(50)
    for form in (row.definition(X), row.derivative(X, row.definition(X))):
        value = worth(form, 50, argument=Fraction(x))
        assert algebra.exists(value)
    MP.dps = 50_000 if name == "softplus" and abs(x) == 800 else 100
    try:
        if not (name in {"softplus", "silu", "gelu"} and x < -800):
            assert close(worth(row.definition(X), 400, argument=Fraction(x)), OWN[name](MP.mpf(x)), 45)
    finally:
        MP.dps = 100


# -- softmax -----------------------------------------------------------------------------------------------------------


def softmax_program() -> Program:
    joint = ACTIVATIONS["softmax"].joint
    assert joint is not None
    return Program(bindings([(out, joint(NETS, k)) for k, out in enumerate(OUTS)]))


@pytest.mark.parametrize("i", range(3))
@pytest.mark.parametrize("k", range(3))
def test_the_jacobian_of_softmax_is_proved(i: int, k: int) -> None:
    row, prover = ACTIVATIONS["softmax"], Prover(softmax_program())
    assert row.joint is not None
    assert row.joint_worked is not None
    assert row.joint_derivative is not None
    previous: Node = derivative(row.joint(NETS, i), NETS[k])
    for form, _ in row.joint_worked(NETS, OUTS, i, k):
        assert prover.equal(previous, form) == Proved()
        previous = form
    assert previous == row.joint_derivative(OUTS, i, k)
    assert isinstance(prover.equal(previous, times(OUTS[i], OUTS[k])), Refuted)


# -- losses ------------------------------------------------------------------------------------------------------------


def pairs(row: Loss) -> Iterator[dict[str, Fraction]]:
    targets = [Fraction(n, 10) for n in (-37, -10, 0, 1, 4, 10, 23)]
    outs = [Fraction(n, 13) for n in (-31, -5, 1, 4, 12, 25)]
    yield from ({"target": t, "out": o} for t in targets for o in outs if row.targets.holds(t) and row.outs.holds(o))


@pytest.mark.parametrize("style", [MINUS, PLUS])
@pytest.mark.parametrize("row", SUMMED.values(), ids=SUMMED)
def test_every_loss_has_the_slope_of_sympy_and_of_differences(row: Loss, style: str) -> None:
    for n in (1, 2, 3, 5):
        term = row.term(T, O, n)
        for at in pairs(row):
            slope = worth(row.derivative[style](T, O, n), **at)
            assert close(slope, central(term, "out", **at))
            assert close(slope, worth(derivative(term, O), **at))


@pytest.mark.parametrize("style", [MINUS, PLUS])
@pytest.mark.parametrize("row", SUMMED.values(), ids=SUMMED)
def test_every_step_to_the_slope_of_a_loss_is_proved(row: Loss, style: str) -> None:
    for n in (1, 2, 3):
        prover, previous = Prover(EMPTY), derivative(row.term(T, O, n), O)
        for form, _ in (*row.worked(T, O, n), (row.derivative[style](T, O, n), "simplify")):
            assert prover.equal(previous, form) == Proved(), form
            previous = form


def test_cross_entropy_from_logits_is_log_sum_exp() -> None:
    row = LOSSES["cross_entropy_from_logits"]
    assert row.joint is not None
    assert row.joint_worked is not None
    assert row.joint_derivative is not None
    prover = Prover(EMPTY)
    for k in range(3):
        previous: Node = derivative(row.joint(TS, OS), OS[k])
        for form, _ in (*row.joint_worked(TS, OS, k), (row.joint_derivative(TS, OS, k), "simplify")):
            assert prover.equal(previous, form) == Proved()
            previous = form
    algebra = HighPrecision(50)
    numbers = dict(zip(OS, (100_000, -100_000, 99_999), strict=True)) | dict(zip(TS, (0, 1, 0), strict=True))
    found = fold(row.joint(TS, OS), algebra, lambda var: algebra.context.mpf(numbers[var]))
    assert close(found, 200_000 + MP.log1p(MP.exp(-1)), 40)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "cross_entropy", "kl_divergence"])
def test_targets_of_0_and_1_have_an_error(name: str) -> None:
    for t in (0, 1):
        value = worth(LOSSES[name].term(T, O, 1), target=Fraction(t), out=Fraction(1, 4))
        assert HighPrecision(50).exists(value)
        exact = fold(LOSSES[name].term(T, O, 1), ExactRational(), {T: Fraction(t), O: Fraction(1, 4)}.__getitem__)
        assert not isinstance(exact, Fraction) or exact == 0


# -- written and read --------------------------------------------------------------------------------------------------


@cache
def names(notation: str, medium: Medium) -> Names:
    return Names(load("2-3-3").with_options(notation=notation).speller, medium)


def every_form() -> Iterator[Node]:
    for row in SINGLE.values():
        yield from (row.definition(X), row.derivative(NETS[0], OUTS[0]), row.slope(X), row.out(NETS[0]))
        yield from (form for form, _ in row.worked(X))
    for loss in SUMMED.values():
        for n in (1, 2, 3):
            yield loss.term(T, O, n)
            yield from (loss.derivative[style](T, O, n) for style in (MINUS, PLUS))
            yield from (form for form, _ in loss.worked(T, O, n))
    joint, logits = ACTIVATIONS["softmax"], LOSSES["cross_entropy_from_logits"]
    assert joint.joint_worked is not None
    assert logits.joint is not None
    assert logits.joint_worked is not None
    assert logits.joint_derivative is not None
    yield from (form for k in (0, 1) for form, _ in joint.joint_worked(NETS, OUTS, 0, k))
    yield from (logits.joint(TS, OS), logits.joint_derivative(TS, OS, 1), *(form for form, _ in logits.joint_worked(TS, OS, 1)))


@pytest.mark.parametrize("medium", ["latex", "plain"])
@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_form_of_the_tables_is_read_back(notation: str, medium: Medium) -> None:
    known = names(notation, medium)
    writer = {"latex": LatexWriter, "plain": PlainWriter}[medium](known.speller)
    for form in every_form():
        text = writer.text(form)
        assert read(text, known) == normal(form, medium), text


def test_cases_are_written_as_people_write_them() -> None:
    known = names("mazur", "plain")
    form = cases(sub(ONE, times(T, O)), neg(T), ZERO)
    assert PlainWriter(known.speller).text(form) == "{-t₁, if 1 > t₁·out_o1; 0, otherwise}"
    relu = ACTIVATIONS["relu"].definition(X)
    assert LatexWriter(known.speller).text(relu) == r"\begin{cases} x & \text{if}\ x > 0 \\ 0 & \text{otherwise} \end{cases}"


# -- proofs ------------------------------------------------------------------------------------------------------------

Y = Var("argument", step=1)
TRUE = {
    "x sgn x": (times(X, sign(X)), absolute(X)),
    "|x|^2": (power(absolute(X), TWO), power(X, TWO)),
    "max": (maximum(X, Y), frac(add(X, Y, absolute(sub(X, Y))), TWO)),
    "relu": (maximum(ZERO, X), cases(X, X, ZERO)),
    "relu by |x|": (cases(X, X, ZERO), frac(add(X, absolute(X)), TWO)),
    "relu' relu": (times(cases(X, ONE, ZERO), cases(X, X, ZERO)), cases(X, X, ZERO)),
    "|-x|": (absolute(neg(X)), absolute(X)),
    "a case of a case": (cases(X, cases(neg(X), TWO, ONE), ZERO), cases(X, ONE, ZERO)),
    "|x y|": (absolute(times(X, Y)), times(absolute(X), absolute(Y))),
    "sin^2 + cos^2": (add(power(sin(X), TWO), power(cos(X), TWO)), ONE),
    "sin(-x)": (sin(neg(X)), neg(sin(X))),
    "erf(-x)": (erf(neg(X)), neg(erf(X))),
    "sqrt^2": (power(sqrt(X), TWO), X),
    "1 / sqrt": (frac(ONE, sqrt(X)), frac(sqrt(X), X)),
    "sqrt 12": (sqrt(number(12)), times(TWO, sqrt(number(3)))),
    "sqrt 1/2": (frac(ONE, sqrt(TWO)), frac(sqrt(TWO), TWO)),
    "e^|x| in cases": (exp(absolute(X)), cases(X, exp(X), exp(neg(X)))),
}
FALSE = {
    "|x| is not x": (absolute(X), X),
    "max is not min": (maximum(X, Y), frac(sub(add(X, Y), absolute(sub(X, Y))), TWO)),
    "relu' is not 1": (cases(X, ONE, ZERO), ONE),
    "leaky": (cases(X, ONE, ZERO), cases(X, ONE, number(Fraction(1, 10**7)))),
    "the wrong side": (cases(X, ONE, ZERO), cases(neg(X), ONE, ZERO)),
    "sin is odd": (sin(neg(X)), sin(X)),
    "elu' without alpha": (apply(prime(ACTIVATIONS["elu"].function), X), cases(X, ONE, ACTIVATIONS["elu"].out(X))),
}


@pytest.mark.parametrize(("left", "right"), TRUE.values(), ids=TRUE)
def test_identities_with_cases_are_proved_case_by_case(left: Node, right: Node) -> None:
    assert Prover(EMPTY).equal(left, right) == Proved()
    assert Prover(EMPTY).equal(right, left) == Proved()


@pytest.mark.parametrize(("left", "right"), FALSE.values(), ids=FALSE)
def test_false_ones_are_refuted_on_the_side_where_they_are_false(left: Node, right: Node) -> None:
    assert isinstance(Prover(EMPTY).equal(left, right), Refuted)


def test_a_sign_at_zero_is_not_forgotten() -> None:
    """cases(x, 1, -1) is sgn x everywhere but at 0: that is no identity, and no random point shows it."""
    assert Prover(EMPTY).equal(cases(X, ONE, neg(ONE)), sign(X)) != Proved()
