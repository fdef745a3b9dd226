"""Where long lines break: between terms rather than inside them, if the line is not too short then."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import symbp
from symbp.language.form import Unit, Var, add, dot, sub, times
from symbp.language.plain import PlainWriter
from symbp.network.reader import load
from symbp.publishing.layout import INDENT, SHORTEST, Measure, _broken

A, B, C, D = (Var("out", Unit(1, 1), 1), Var("out", Unit(1, 2), 1), Var("target", Unit(2, 1), 1), Var("net", Unit(2, 1), 1))


def measure(room: int) -> Measure:
    return Measure(room, len, {})


def nested(form: object) -> list[tuple[str, int]]:
    return PlainWriter(load("2-2-1").speller).pieces(form)  # type: ignore[arg-type]


def test_a_break_knows_how_deep_it_is() -> None:
    assert [depth for _, depth in nested(add(dot(A, B), dot(C, D)))] == [0, 1, 0, 1]
    assert [depth for _, depth in nested(times(A, sub(B, times(C, sub(D, A)))))] == [0, 1, 3]


def test_lines_break_between_terms_first() -> None:
    lines = _broken([("aa", 0), (" · b", 1), (" + c", 0), (" · d", 1)], measure(12), 12)
    assert lines == ["aa · b", "+ c · d"]


def test_a_line_is_not_left_half_empty() -> None:
    lines = _broken([("a", 0), (" + b", 0), (" · cccccccc", 1), (" · dd", 1)], measure(20), 20)
    assert lines == ["a + b · cccccccc", "· dd"]


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3)), min_size=1, max_size=14), st.integers(14, 60))
def test_nothing_is_lost_and_every_line_fits(pieces: list[tuple[int, int]], room: int) -> None:
    given_ = [("x" * length, depth) for length, depth in pieces]
    lines = _broken(given_, measure(room), room)
    assert "".join(lines) == "".join(piece for piece, _ in given_)
    assert all(len(line) <= (room - INDENT if at else room) for at, line in enumerate(lines) if len(line) > 12)
    assert all(len(line) >= SHORTEST * (room - INDENT) - 12 for line in lines[:-1])


@pytest.mark.parametrize("name", ["mazur", "convolution", "2-3-2"])
def test_the_sum_over_paths_breaks_between_paths(name: str) -> None:
    """In text, at 80 columns, no line begins with the second factor of a path."""
    lines = [line.strip() for line in symbp.derive(name).render("txt").splitlines()]
    assert not [line for line in lines if line.startswith("· ∂net")]
