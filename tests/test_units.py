"""The functions of single units: what they are, their derivatives, how they are proved, written and evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from mpmath.ctx_mp import MPContext

from symbp.derivation.derive import derive
from symbp.errors import Place, SymbpError
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
from symbp.language.forms import normal, read
from symbp.language.latex import LatexWriter
from symbp.language.names import Names
from symbp.language.notation import NOTATIONS
from symbp.language.plain import PlainWriter
from symbp.language.tokens import Medium
from symbp.network.activation import ACTIVATIONS, Activation, Kink, prime
from symbp.network.calculus import derivative, fold, unfold_functions
from symbp.network.forward import forward
from symbp.network.loss import LOSSES, MINUS, PLUS, Loss
from symbp.network.numbers import ExactRational, HighPrecision, Rounding
from symbp.network.own import distinguished, loss_named
from symbp.network.program import Program, bindings
from symbp.network.reader import load
from symbp.network.reader import read as parsed
from symbp.network.spec import NetworkSpec, activation_named
from symbp.proof.gradients import GradientCheck, check_gradients
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


# -- kinks in networks -------------------------------------------------------------------------------------------------


def network(activation: str, bias: str, *, loss: str = "half_squared_error", target: str = "0.3", out: str = "identity") -> NetworkSpec:
    """net = 0.4 · 0.5 + bias in the hidden unit."""
    return parsed(
        f"""
inputs = 1
loss = "{loss}"
learning_rate = 0.5
[[layers]]
units = 1
activation = "{activation}"
weights = [[0.4]]
bias = {bias}
[[layers]]
units = 1
activation = "{out}"
weights = [[0.7]]
bias = 0.1
[[samples]]
inputs = [0.5]
targets = [{target}]
""",
        "network",
    )


def checks(spec: NetworkSpec) -> tuple[GradientCheck, ...]:
    found = check_gradients(spec, forward(spec))
    assert all(check.agrees for check in found)
    return found


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "abs(x)", "max(x, 0)"])
def test_at_a_kink_the_convention_lies_between_the_one_sided_slopes(activation: str) -> None:
    weight = checks(network(activation, "-0.2"))[0]
    assert weight.one_sided is not None
    assert weight.complex_step is None
    assert weight.kink is not None
    assert weight.kink.startswith("at a kink: one-sided")
    low, high = sorted(weight.one_sided)
    assert low - MP.mpf(10) ** -40 <= weight.analytic <= high + MP.mpf(10) ** -40


def test_a_convention_outside_the_one_sided_slopes_is_no_agreement() -> None:
    weight = checks(network("relu", "-0.2"))[0]
    assert not replace(weight, analytic=weight.analytic + 1).agrees
    assert not replace(weight, analytic=weight.analytic - 1).agrees


@pytest.mark.parametrize("activation", ["elu", "relu(x)^2", "x / (1 + abs(x))", "x * abs(x)"])
def test_where_both_slopes_are_one_there_is_no_kink(activation: str) -> None:
    assert all(check.one_sided is None and check.kink is None for check in checks(network(activation, "-0.2")))


@pytest.mark.parametrize("digits", [28, 40, 90, 150])
@pytest.mark.parametrize("side", ["1" + "9" * 10, "2" + "0" * 10])
def test_within_a_step_of_a_kink_the_step_is_smaller(digits: int, side: str) -> None:
    """The net input is 10**-digits above or below 0."""
    bias = "-0.1" + "9" * (digits - 1) if side.startswith("1") else "-0.2" + "0" * (digits - 2) + "1"
    weight = checks(network("relu", bias))[0]
    assert weight.one_sided is None
    assert weight.step >= digits
    assert weight.kink == f"near a kink: a step of 1e-{weight.step}"
    assert (weight.analytic == 0) == side.startswith("2")


def test_the_complex_step_is_for_analytic_functions_only() -> None:
    assert all(check.complex_step is not None for check in checks(network("gelu", "0.1")))
    assert all(check.complex_step is None for check in checks(network("gelu", "0.1", loss="huber")))
    assert all(check.complex_step is None for check in checks(network("relu", "0.1")))


def test_a_hinge_at_its_kink() -> None:
    """t o = 1: out = 0.7 · (0.4 · 0.5 + b) + 0.1 = 1."""
    spec = network("identity", "1", loss="-0.5 * o * t + abs(o - t)", target="0.94")
    assert checks(spec)[0].one_sided == pytest.approx((-MP.mpf("0.5145"), MP.mpf("0.1855")))


# -- formulas ----------------------------------------------------------------------------------------------------------

GOOD = {
    "x / (1 + abs(x))": lambda x: x / (1 + abs(x)),
    "1 / (1 + exp(-x))": lambda x: 1 / (1 + MP.exp(-x)),
    "max(0, x)": lambda x: max(x, 0),
    "x**2 - -x^3*2": lambda x: x**2 + 2 * x**3,
    "-x^2": lambda x: -(x**2),
    "2^-1 * x": lambda x: x / 2,
    "x^2^3": lambda x: x**8,
    "e^(2*x) + pi": lambda x: MP.exp(2 * x) + MP.pi,
    "x * sigmoid(1.5e0*x)": lambda x: x / (1 + MP.exp(-x * 3 / 2)),
    "tanh(sin(x)) + cos(x)": lambda x: MP.tanh(MP.sin(x)) + MP.cos(x),
    "(x + sqrt(x^2 + 1)) / 2": lambda x: (x + MP.sqrt(x**2 + 1)) / 2,
    "min(max(x, -1), 1)": lambda x: min(max(x, -1), 1),
    "x / (1 + x^2)^(3/2)": lambda x: x / (1 + x**2) ** MP.mpf("1.5"),
    "ln(1 + e^x)": lambda x: MP.log(1 + MP.exp(x)),
    "log(2 + sgn(x))": lambda x: MP.log(2 + MP.sign(x)),
    "erf(x) - .5*gelu(x)": lambda x: MP.erf(x) - x * MP.ncdf(x) / 2,
    "2*x*exp(-abs(x))": lambda x: 2 * x * MP.exp(-abs(x)),
}


@pytest.mark.parametrize("text", GOOD)
def test_a_formula_means_what_it_says_and_its_derivative_is_proved(text: str) -> None:
    row = activation_named(text, Place("x"))
    for x in POINTS:
        assert close(worth(row.definition(X), argument=x), GOOD[text](MP.mpf(x.numerator) / x.denominator))
        assert close(worth(row.derivative(X, X), argument=x), central(row.definition(X), "argument", argument=x))
    prover, previous = Prover(EMPTY), row.slope(X)
    for form, _ in row.worked(X):
        assert prover.equal(previous, form) == Proved()
        previous = form
    for medium, make in (("latex", LatexWriter), ("plain", PlainWriter)):
        known = names("mazur", medium)  # type: ignore[arg-type]
        for form in (row.definition(X), row.derivative(X, X), row.out(NETS[0])):
            assert read(make(known.speller).text(form), known) == normal(form, known.medium)


def test_derivatives_are_short() -> None:
    def shown(text: str) -> str:
        return PlainWriter(names("mazur", "plain").speller).text(activation_named(text, Place("x")).derivative(X, X))

    assert shown("x / (1 + abs(x))") == "1/(|x| + 1)²"
    assert shown("x^3 - 3*x") == "3·x² - 3"
    assert shown("max(0, x)") == "{1, if x > 0; 0, otherwise}"
    assert shown("relu(x)^2") == "{2·x, if x > 0; 0, otherwise}"
    assert shown("exp(-x^2)") == "-2·x·exp(-x²)"


def test_kinks_of_a_formula_are_found() -> None:
    assert activation_named("min(max(x, -1), 1)", Place("x")).kinks == (Kink(Fraction(-1), Fraction(1)), Kink(Fraction(1), Fraction(1)))
    assert activation_named("abs(2*x - 1)", Place("x")).kinks == (Kink(Fraction(1, 2), Fraction(0)),)
    assert activation_named("x * abs(x)", Place("x")).kinks == ()


@pytest.mark.parametrize("text", ["(t - o)^4 / 4", "abs(t - o)", "-t*ln(o) - (1-t)*ln(1-o)", "max(0, 1 - t*o)^2", "ln(1 + (t - o)^2)"])
def test_a_loss_may_be_a_formula(text: str) -> None:
    row = loss_named(text, Place("x"))
    previous: Node = derivative(row.term(T, O, 2), O)
    for form, _ in (*row.worked(T, O, 2), (row.derivative[MINUS](T, O, 2), "simplify")):
        assert Prover(EMPTY).equal(previous, form) == Proved()
        previous = form
    assert row.derivative[MINUS](T, O, 2) == row.derivative[PLUS](T, O, 2)


BAD = {
    "sigmod": "did you mean 'sigmoid'",
    "leaky-relu": "did you mean 'leaky_relu'",
    "": "unknown activation",
    "x +": "ends too early",
    "2x": "a product is written with *",
    "x^x": "no constant",
    "x^(1/3)": "neither whole nor half",
    "x^1000": "too large",
    "((x^8)^8)^8": "too large",
    "foo(x)": "there is no 'foo'",
    "__import__('os')": "unexpected character",
    "x.__class__": "unexpected character",
    "x[0]": "unexpected character",
    "λ": "unexpected character",
    "sin x": "needs its argument in brackets",
    "sin(x, x)": "of 2 numbers",
    "max(x)": "of one number",
    "3 + pi": "has no x",
    "1e999 * x": "too many digits",
    "(" * 100 + "x": "too deeply",
    "-" * 200 + "x": "too deeply",
    "+".join("x" * 190): "too many operations",
    "x" + " " * 1000: "characters",
    "tanh(tanh(tanh(tanh(tanh(tanh(tanh(x)))))))": "too long",
    "softmax(x)": "there is no 'softmax'",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_formula_is_refused_with_its_place(text: str) -> None:
    line = f'activation = "{text}"'
    with pytest.raises(SymbpError, match=re.escape(BAD[text])) as found:
        activation_named(text, Place("net.toml", 3, 1, line))
    assert "net.toml:3" in str(found.value)


@pytest.mark.parametrize(
    ("activation", "message"), [("ln(x)", "the logarithm of"), ("sqrt(x)", "the square root of"), ("1 / (x + 0.6)", "divided by 0")]
)
def test_what_does_not_exist_at_a_sample_is_one_clear_error(activation: str, message: str) -> None:
    with pytest.raises(SymbpError, match=message):
        derive(network(activation, "-0.8"), Rounding(6))


def test_the_functions_of_a_user_may_have_symbols_of_their_own() -> None:
    first, second = (activation_named(text, Place("x")) for text in ("x^2", "x^3"))
    rows = distinguished((first, ACTIVATIONS["tanh"], second, first))
    assert [row.function.symbol for row in rows] == ["varphi", "tanh", "psi", "varphi"]
    assert Prover(EMPTY).equal(rows[2].out(X), power(X, number(3))) == Proved()
