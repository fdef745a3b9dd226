"""Text → Form: what the writers print is read back, and hostile text is one clear error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from symbp.derivation.derive import derive
from symbp.errors import SymbpError
from symbp.language.form import (
    HALF,
    ONE,
    PI,
    TWO,
    Form,
    Function,
    Node,
    Unit,
    Value,
    Var,
    add,
    apply,
    cases,
    dot,
    exp,
    frac,
    neg,
    number,
    partial,
    power,
    rewrite,
    sub,
    times,
    total,
)
from symbp.language.forms import normal, parse, read
from symbp.language.latex import LatexWriter
from symbp.language.names import GENERAL, Names
from symbp.language.notation import NOTATIONS
from symbp.language.plain import PlainWriter
from symbp.language.reader import MAX_DEPTH as MAX_NESTED
from symbp.language.speller import Speller
from symbp.language.tokens import MAX_DIGITS, MAX_EXPONENT, MAX_ROW, MAX_TOKENS, Medium
from symbp.language.writer import Writer
from symbp.network.activation import ACTIVATIONS, SIGMA, TANH, Activation, prime
from symbp.network.calculus import fold
from symbp.network.numbers import Rounding
from symbp.network.reader import load

MEDIA: tuple[Medium, ...] = ("latex", "plain")
NETWORKS = ("mazur", "2-3-1:tanh,sigmoid", "2-2-2-2", "1-1", "3-2:identity", "10-11-2")


def writer(speller: Speller, medium: Medium) -> Writer:
    return {"latex": LatexWriter, "plain": PlainWriter}[medium](speller)


@cache
def mazur(notation: str) -> Speller:
    return load("mazur").with_options(notation=notation).speller


@cache
def names(notation: str, medium: Medium) -> Names:
    return Names(mazur(notation), medium)


# -- what derivations print ------------------------------------------------------------------------------------------


def printed(network: str, notation: str) -> tuple[Speller, Iterator[Node]]:
    spec = load(network).with_options(notation=notation)
    derivation = derive(spec, Rounding(6), detail="full" if network == "mazur" else "normal")
    return spec.speller, (form for step in derivation.steps() for form in (step.lhs, *(link.form for link in step.chain)))


@pytest.mark.parametrize("medium", MEDIA)
@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("network", NETWORKS)
def test_every_form_of_a_derivation_is_read_back(network: str, notation: str, medium: Medium) -> None:
    speller, forms = printed(network, notation)
    known, write = Names(speller, medium), writer(speller, medium).text
    for form in forms:
        assert read(write(form), known) == normal(form, medium), write(form)


@pytest.mark.parametrize("medium", MEDIA)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_late_deltas_and_updated_weights_are_read_back(notation: str, medium: Medium) -> None:
    spec = load("2-2-2-2").with_options(notation=notation, update="output_first")
    known, write = Names(spec.speller, medium), writer(spec.speller, medium).text
    updated = [var for var in spec.vocabulary.variables() if var.step] + [Var("delta", Unit(1, 2), sample=1, step=1)]
    for var in updated:
        assert read(write(var), known) == var
        assert read(write(power(var, TWO)), known) == power(var, TWO)


@pytest.mark.parametrize("medium", MEDIA)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_units_may_be_called_like_functions(notation: str, medium: Medium) -> None:
    spec = load("2-3-2:tanh,sigmoid")
    called = (("e", "d"), ("f", "sigma", "exp_1"), ("ln", "id"))
    spec = replace(spec, vocabulary=replace(spec.vocabulary, names=called)).with_options(notation=notation)
    known, write = Names(spec.speller, medium), writer(spec.speller, medium).text
    for step in derive(spec, Rounding(6)).steps():
        for form in (step.lhs, *(link.form for link in step.chain)):
            assert read(write(form), known) == normal(form, medium), write(form)


@pytest.mark.parametrize("medium", MEDIA)
@pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_every_activation_is_read_by_its_name(row: Activation, medium: Medium) -> None:
    form = apply(prime(row.function), Var("argument"))
    assert parse(writer(mazur("mazur"), medium).text(form), mazur("mazur"), medium) == form


# -- random forms ----------------------------------------------------------------------------------------------------

VARS = (
    *(var for var in load("mazur").vocabulary.variables() if var.step == 0),
    Var("weight", load("mazur").trained[0].owner, step=1),
)
FUNCTIONS = (SIGMA, TANH, *(row.function for row in ACTIVATIONS.values()), prime(SIGMA), prime(prime(TANH)), prime(Function(GENERAL, "f")))


def value(text: str) -> Value:
    return Value(text, Fraction(text))


def numbers(*, negative: bool) -> st.SearchStrategy[Node]:
    shown = ["0", "1", "2", "12", "0.25", "0.593270", "1.5e-7", "2e15"]
    return st.sampled_from([value(sign + text) for text in shown for sign in (("", "-") if negative else ("",))])


def forms(*, negative: bool) -> st.SearchStrategy[Node]:
    quantity = st.sampled_from(VARS)
    leaf = st.one_of(quantity, numbers(negative=negative), st.just(HALF), st.just(PI))
    derivative = st.builds(lambda make, of, wrt: make(of, wrt), st.sampled_from([total, partial]), quantity, quantity)
    exponent = st.sampled_from([TWO, number(3), number(12), sub(TWO, ONE), frac(ONE, TWO), VARS[0], power(TWO, TWO)])

    def larger(part: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(part, min_size=2, max_size=4).map(tuple)
        return st.one_of(
            st.builds(Form, st.sampled_from(["add", "dot", "times"]), several),
            part.map(neg),
            st.builds(sub, part, part),
            st.builds(frac, part, part),
            st.builds(power, part, exponent),
            part.map(exp),
            st.builds(lambda op, x: Form(op, (x,)), st.sampled_from(["log", "sqrt", "sin", "cos", "erf", "abs", "sign"]), part),
            st.builds(lambda op, x, y: Form(op, (x, y)), st.sampled_from(["max", "xlogy"]), part, part),
            st.builds(cases, part, part, part),
            st.builds(apply, st.sampled_from(FUNCTIONS), part),
        )

    return st.recursive(leaf | derivative, larger, max_leaves=12)


P = 2**89 - 1


@dataclass(frozen=True)
class Residue:
    """An integer modulo a prime: sums and products come out exactly, in whatever order they are taken."""

    n: int

    def __add__(self, other: Residue) -> Residue:
        return Residue((self.n + other.n) % P)

    def __neg__(self) -> Residue:
        return Residue(-self.n % P)

    def __mul__(self, other: Residue) -> Residue:
        return Residue(self.n * other.n % P)

    def __truediv__(self, other: Residue) -> Residue:
        return Residue(self.n * pow(other.n, P - 2, P) % P)

    def __pow__(self, other: Residue) -> Residue:
        return Residue(pow(self.n, other.n, P))


class Field:
    """The algebra of residues; a function of one argument is any that scatters them."""

    def rational(self, x: Fraction) -> Residue:
        return Residue(x.numerator % P) / Residue(x.denominator % P)

    def divide(self, x: Residue, y: Residue) -> Residue:
        return x / y

    def power(self, x: Residue, n: Residue) -> Residue:
        return x**n

    def exp(self, x: Residue) -> Residue:
        return Residue(pow(3, x.n, P))

    def pi(self) -> Residue:
        return Residue(314159)

    def cases(self, x: Residue, a: Residue, b: Residue) -> Residue:
        return self.exp(x) * a + self.log(x) * b

    def maximum(self, x: Residue, y: Residue) -> Residue:
        return self.exp(x) + self.log(y)

    def logarithmic(self, x: Residue, y: Residue) -> Residue:
        return x * self.log(y)

    def log(self, x: Residue) -> Residue:
        return Residue(pow(x.n + 5, 7, P))


for prime_number, name in zip((11, 13, 17, 19, 23, 29), ("sqrt", "sin", "cos", "erf", "absolute", "sign"), strict=True):
    setattr(Field, name, lambda self, x, p=prime_number: Residue(pow(p, x.n, P)))


def worth(node: Node) -> Residue:
    """The value of `node` where every quantity, derivative and function has a value of its own."""

    def change(part: Node) -> Node:
        match part:
            case Form("total" | "partial", (of, wrt)):
                return Var("adjoint", Var(str((of, wrt))))
            case Form("apply", (Function("sin", _, 0), x)):
                return Form("sin", (x,))
            case Form("apply", (Function() as function, x)):
                return exp(dot(add(x, Var(function.name, step=function.order)), add(x, TWO)))
        return part

    def of(var: Var) -> Residue:
        return Residue(pow(7, int.from_bytes(repr(var).encode(), "big"), P))

    return fold(rewrite(node, change), Field(), of)  # type: ignore[no-any-return]


def both(test: Callable[..., None]) -> Callable[..., None]:
    in_media: Callable[..., None] = pytest.mark.parametrize("medium", MEDIA)(test)
    in_notations: Callable[..., None] = pytest.mark.parametrize("notation", NOTATIONS)(in_media)
    return in_notations


X, Y, Z = VARS[:3]


@both
@given(form=forms(negative=True))
@settings(max_examples=300)
@example(form=times(X, value("2"), Y, value("-3"), power(value("2"), TWO)))
@example(form=dot(X, times(value("0.4"), value("0.5")), dot(Y, Z)))
@example(form=power(frac(X, Y), TWO))
@example(form=power(total(X, Y), TWO))
@example(form=frac(X, value("1.5e-7")))
@example(form=add(X, neg(dot(neg(Y), Z)), value("-0.5")))
@example(form=power(neg(ONE), TWO))
@example(form=sub(X, add(Y, Z)))
@example(form=sub(X, neg(value("-0.5"))))
@example(form=power(Z, X))
@example(form=power(Var("error_total"), X))
def test_a_random_form_is_read_back_with_the_same_meaning(notation: str, medium: Medium, form: Node) -> None:
    text = writer(mazur(notation), medium).text(form)
    found = read(text, names(notation, medium))
    assert found == normal(form, medium), text
    assert worth(found) == worth(normal(form, "plain")) == worth(form), text


@both
@given(form=forms(negative=False))
@settings(max_examples=150)
def test_what_is_read_is_written_as_it_was(notation: str, medium: Medium, form: Node) -> None:
    write, known = writer(mazur(notation), medium).text, names(notation, medium)
    text = write(form)
    found = read(text, known)
    assert read(write(found), known) == found == normal(found, medium)
    if medium == "plain":
        assert write(found) == text


def test_negative_numbers_and_the_signs_before_numbers_are_all_that_normal_changes() -> None:
    form = add(times(X, value("2")), partial(X, Y), value("-0.5"), value("1.0"))
    assert normal(form, "latex") == add(dot(X, value("2")), total(X, Y), neg(value("0.5")), value("1.0"))
    assert normal(form, "plain") == add(times(X, value("2")), total(X, Y), neg(value("0.5")), value("1.0"))
    assert normal(Value("0.6", X, exact=False), "plain") == value("0.6")


# -- how people write ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("w_5", "w_{5}"),
        (r"\mathrm{out}_{h1}w_5", r"\mathrm{out}_{h_1} \, w_{5}"),
        ("w_5^2", "w_{5}^{2}"),
        ("w^2_5", "w_{5}^{2}"),
        ("w_5^+", "w^{+}_{5}"),
        ("1/2 \\cdot w_5", r"\tfrac{1}{2} \cdot w_{5}"),
        (r"\exp\left( w_5 \right)", "e^{w_5}"),
        ("w_5\n + 1", "w_5 + 1"),
    ],
)
def test_ways_to_write_the_same(text: str, same: str) -> None:
    form = parse(text, mazur("mazur"), "latex")
    assert normal(form, "latex") == form == parse(same, mazur("mazur"), "latex")


# -- errors ----------------------------------------------------------------------------------------------------------

FAULTS = [
    ("", 1, "no formula"),
    ("   ", 1, "no formula"),
    ("x)+5", 2, "unexpected ')'"),
    ("(x", 3, "too early"),
    ("x +", 4, "too early"),
    ("x+", 1, "there is no 'x+'"),
    ("(" * 2000 + "x" + ")" * 2000, MAX_NESTED + 1, "nested too deeply"),
    ("x/" * 2000 + "x", 1, "nested too deeply"),
    ("x + о", 5, "CYRILLIC SMALL LETTER O"),
    ("x\x00", 2, "U+0000"),
    ("x^2^2", 1, "there is no 'x^2^2'"),
    ("1" * (MAX_DIGITS + 1), 1, "digits"),
    ("x" * (MAX_ROW + 1), MAX_ROW + 1, "characters"),
    ("x+" * MAX_TOKENS + "x", None, "too many symbols"),
    ("__import__('os')", 1, "'_'"),
    ("x\n + )", 4, "unexpected ')'"),
]
LATEX_FAULTS = [
    (r"x + \foo{1}", 5, r"unknown macro \foo"),
    (r"\frac{1}{2", 9, "never closed"),
    (r"1}", 2, "unexpected '}'"),
    ("{" * 5000, None, "nested too deeply"),
    ("x^{" * 1000 + "x" + "}" * 1000, None, "nested too deeply"),
    (r"\frac{" * 900 + "x" + "}{x}" * 900, None, "nested too deeply"),
    (r"\mathrm{bert}", 1, "there is no"),
    (r"\begin{align} 1 \end{align}", 1, "unexpected"),
    (rf"1 \times 10^{{{MAX_EXPONENT + 1}}}", 1, "exponent"),
    (r"\sum_{k} x", 6, "what this sum runs over"),
    (r"\sigma x", 1, "there is no"),
    (r"\frac{d}{d 2} \left[ x \right]", 12, "no quantity"),
    ("w_{" + "5" * 9 + ",1" * 30 + "}", 2, "too many scripts"),
]
PLAIN_FAULTS = [
    ("x x", 3, "unexpected"),
    ("x" + "²" * (MAX_DIGITS + 1), 2, "of at most"),
    ("x²²⁺", None, "too early"),
    ("x²^2", 1, "there is no"),
    ("1×10⁹⁹⁹⁹⁹", 1, "exponent"),
    ("∂x/x", 1, "there is no"),
    ("bert", 1, "there is no 'bert'"),
    ("Σ_k x", 3, "a sum over the units"),
]


@pytest.mark.parametrize(
    ("medium", "text", "column", "says"),
    [(medium, *fault) for medium in MEDIA for fault in FAULTS]
    + [("latex", *fault) for fault in LATEX_FAULTS]
    + [("plain", *fault) for fault in PLAIN_FAULTS],
    ids=lambda part: repr(part)[:24],
)
def test_a_fault_is_one_clear_error_with_its_column(medium: Medium, text: str, column: int | None, says: str) -> None:
    with pytest.raises(SymbpError) as caught:
        parse(text, mazur("mazur"), medium)
    error = caught.value
    assert says in str(error)
    assert error.place is not None
    assert error.hint
    assert column is None or error.place.column == column
    assert len(str(error)) < 2000


@both
@given(text=st.text(alphabet=r"xw5_^{}()[]+-·/\ .,'eE½∂Σ²₁⁺" + "\n", max_size=40) | st.text(max_size=20))
@settings(max_examples=150)
def test_any_text_is_a_form_or_an_error(notation: str, medium: Medium, text: str) -> None:
    with suppress(SymbpError):
        form = read(text, names(notation, medium))
        assert normal(form, medium) == form


def test_a_caller_deep_in_the_stack_gets_the_same_error() -> None:
    def dig(depth: int) -> None:
        if depth:
            dig(depth - 1)
        else:
            parse("(" * 150 + "x" + ")" * 150, mazur("mazur"), "latex")

    frame, used = sys._getframe(), 0
    while frame.f_back:
        frame, used = frame.f_back, used + 1
    with pytest.raises(SymbpError, match="nested too deeply"):
        dig(sys.getrecursionlimit() - used - 200)
