"""A tape turns as few signs as it can, and computes what its forms mean, exactly, in every algebra."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbp.derivation.formulas import gradient_program
from symbp.language.form import ONE, TWO, Form, Node, Unit, Var, add, dot, frac, leaves, neg, number, sub, times
from symbp.network.calculus import fold
from symbp.network.gallery import examples
from symbp.network.numbers import ExactRational
from symbp.network.program import Tape
from symbp.network.reader import load

A, B, C, D = (Var("input", Unit(0, k), 1) for k in (1, 2, 3, 4))
RESULT = Var("argument")
PRIMES = {A: Fraction(2, 3), B: Fraction(-5, 7), C: Fraction(11, 13), D: Fraction(-17, 19)}


def several(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[tuple[Node, ...]]:
    return st.lists(parts, min_size=2, max_size=3).map(tuple)


def larger(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        parts.map(neg),
        several(parts).map(lambda terms: add(*terms)),
        several(parts).map(lambda factors: times(*factors)),
        several(parts).map(lambda factors: dot(*factors)),
        st.tuples(parts, st.sampled_from([A, B, times(A, B), neg(C), sub(A, D)])).map(lambda two: frac(*two)),
        parts.map(lambda x: Form("pow", (x, TWO))),
        st.tuples(parts, parts, parts).map(lambda three: Form("cases", three)),
        st.tuples(parts, parts).map(lambda two: Form("max", two)),
    )


FORMS = st.recursive(st.sampled_from([A, B, C, D, ONE, TWO, number(Fraction(1, 3))]), larger, max_leaves=14)


def instructions(form: Node) -> list[str]:
    return [op for op, _ in Tape.of({RESULT: form}).instructions]


@settings(max_examples=400, deadline=None)
@given(FORMS)
def test_the_value_is_exactly_what_the_form_means(form: Node) -> None:
    exact, points = ExactRational(), {var: value for var, value in PRIMES.items() if var in set(leaves(form))}
    assert Tape.of({RESULT: form}).run(points, exact)[RESULT] == fold(form, exact, PRIMES.__getitem__)


@given(FORMS)
def test_no_form_takes_more_instructions_with_its_sign_turned_twice(form: Node) -> None:
    assert len(instructions(neg(neg(form)))) <= len(instructions(form))


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (sub(A, B), ["sub"]),
        (neg(sub(A, B)), ["sub"]),
        (add(neg(A), B), ["sub"]),
        (add(A, neg(B), C, neg(D)), ["add", "add", "sub"]),
        (times(neg(sub(A, B)), B, sub(ONE, B)), ["sub", "sub", "times"]),
        (times(neg(TWO), sub(A, B)), ["sub", "times"]),
        (times(neg(A), neg(B)), ["times"]),
        (neg(frac(sub(A, B), C)), ["sub", "frac"]),
        (sub(A, times(B, neg(C))), ["times", "add"]),
        (add(times(neg(A), B), C), ["times", "sub"]),
        (neg(TWO), []),
        (neg(A), ["neg"]),
        (times(neg(A), B), ["neg", "times"]),
        (add(times(neg(A), B), times(neg(C), D)), ["neg", "times", "times", "sub"]),
    ],
    ids=str,
)
def test_a_sign_is_taken_up_where_something_takes_it(form: Node, expected: list[str]) -> None:
    assert sorted(instructions(form)) == sorted(expected)


@pytest.mark.parametrize("name", examples())
def test_gradients_turn_no_sign_but_that_of_negative_deltas(name: str) -> None:
    """With delta = dE/dnet no instruction only turns a sign; with delta = -dE/dnet at most one for each delta."""
    spec = load(name)
    for sign, most in ((1, 0), (-1, len(list(spec.vocabulary.instances())))):
        tape = gradient_program(replace(spec, delta_sign=sign)).tape
        assert sum(op == "neg" for op, _ in tape.instructions) <= most


def test_a_sum_of_one_term_is_that_term() -> None:
    tape = Tape.of({D: Form("add", (neg(A),))})
    assert tape.run({A: Fraction(3)}, ExactRational())[D] == -3
