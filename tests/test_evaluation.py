"""Tapes: the loop and the groups of many points give what a plain interpreter of OPS gives, to the last bit, in every algebra."""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_networks import network

from symbp.language.form import OPS, Var, add, exp, frac, neg, number, sub, times
from symbp.network.algebra import ExactRational, HighPrecision, Irrational
from symbp.network.forward import ERROR, forward
from symbp.network.program import Binding, Program, Tape
from symbp.network.reader import load, read
from symbp.proof.floats import Floats
from symbp.verification.judging import grouped
from symbp.verification.judging.arrays import Arrays, Dual, Duals
from symbp.verification.judging.grouped import Grouped
from symbp.verification.judging.grouping import Layout, pieces

NETWORKS = range(0, 60, 4)
POINTS = 5


def interpreted(tape: Tape, point: Mapping[Var, Any], algebra: Any) -> list[Any]:
    """What every slot is by the meaning of its operator, one after the other."""
    slots = [algebra.rational(value) for value in tape.constants] + [point[var] for var in tape.inputs]
    for op, args in tape.instructions:
        meaning = OPS[op].meaning
        assert meaning is not None
        slots.append(meaning(algebra, *[slots[arg] for arg in args]))
    return slots


def bits(value: Any) -> Any:
    """All that there is to a value; a NaN is a NaN."""
    match value:
        case Dual():
            return "dual", bits(value.value), bits(value.slopes)
        case np.ndarray() | np.float64():
            return np.shape(value), np.where(np.isnan(value), np.nan, value).tobytes()
        case float():
            return "nan" if math.isnan(value) else struct.pack("d", value)
        case Irrational():
            return "irrational", bits(value.near), bits(value.scale)
        case Fraction() | int() | None:
            return value
    return getattr(value, "_mpf_", None) or value._mpc_


@cache
def tape(index: int) -> Tape:
    """Forward pass and derivatives of a random network."""
    program = forward(read(network(index), f"network {index}"))
    return Tape.of({b.var: b.form for b in (*program.bindings, *program.reverse.bindings)})


def rationals(tape: Tape, seed: int = 0) -> dict[Var, Fraction]:
    random = np.random.default_rng(seed)
    return {var: Fraction(int(random.integers(-130, 130)), 100) for var in tape.inputs}


def arrays(tape: Tape, points: int = POINTS, seed: int = 0) -> dict[Var, Any]:
    random = np.random.default_rng(seed)
    return {var: random.uniform(-1.3, 1.3, points) for var in tape.inputs}


def outcome(work: Callable[[], list[Any]]) -> Any:
    """All values, or the kind of error."""
    try:
        with np.errstate(all="ignore"):
            return [bits(value) for value in work()]
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        return type(error)


# -- one after the other -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", NETWORKS)
@pytest.mark.parametrize("make", [Floats, lambda: HighPrecision(40), ExactRational, Arrays, Duals])
def test_the_loop_is_the_interpreter(index: int, make: Callable[[], Any]) -> None:
    algebra, by_hand, of = make(), make(), tape(index)
    if isinstance(algebra, Duals):
        one = np.eye(len(of.inputs))[:, :, None]
        point: Mapping[Var, Any] = {var: Dual(x, one[at]) for at, (var, x) in enumerate(arrays(of).items())}
    elif isinstance(algebra, Arrays):
        point = arrays(of)
    else:
        point = {var: algebra.rational(value) for var, value in rationals(of).items()}
    assert outcome(lambda: of.slots(point, algebra)) == outcome(lambda: interpreted(of, point, by_hand))
    assert getattr(algebra, "trouble", "") == getattr(by_hand, "trouble", "")


@pytest.mark.parametrize("index", NETWORKS)
def test_what_moves_is_the_interpreter_at_the_moved_point(index: int) -> None:
    of, algebra = tape(index), HighPrecision(40)
    point = {var: algebra.rational(value) for var, value in rationals(of).items()}
    slots, moved = of.slots(point, algebra), algebra.context.mpf("0.3")
    for var in of.inputs:
        every = interpreted(of, point | {var: moved}, algebra)
        assert [bits(value) for value in of.all_moved(slots, var, moved, algebra)] == [bits(value) for value in every]
        assert bits(of.moved(slots, var, moved, algebra, ERROR)) == bits(every[of.outputs[ERROR]])


def test_a_sum_of_one_term_is_the_term() -> None:
    """No constructor makes one; a tape may have one all the same."""
    x = Var("input")
    of = Tape((), (x,), (("add", (0,)), ("times", (1,)), ("neg", (2,))), {ERROR: 3})
    assert of.slots({x: 2.0}, Floats()) == [2.0, 2.0, 2.0, -2.0]
    assert Grouped(of).run({x: np.array([2.0, 3.0])})[ERROR].tolist() == [-2.0, -3.0]


def test_a_native_operator_is_what_its_meaning_says() -> None:
    for row in OPS.values():
        if row.native is not None and row.meaning is not None:
            args = [Fraction(3, 7)] if row.name == "neg" else [Fraction(3, 7), Fraction(5, 2)]
            assert row.native(*args) == row.meaning(ExactRational(), *args)


# -- many points at once -------------------------------------------------------------------------------------------------


def agree(of: Tape, point: Mapping[Var, Any], wanted: list[Var] | None = None) -> None:
    """Groups and interpreter, every output, to the last bit."""
    found = Grouped(of, wanted).rows(point)
    with np.errstate(all="ignore"):
        slots = interpreted(of, {var: np.asarray(x, dtype=float)[()] for var, x in point.items()}, Arrays())
    points = found.shape[1]
    for row, var in zip(found, wanted or of.outputs, strict=True):
        assert bits(row) == bits(np.broadcast_to(slots[of.outputs[var]], points)), var


@pytest.mark.parametrize("index", NETWORKS)
@pytest.mark.parametrize("points", [0, 1, 2, 16, 33])
def test_groups_are_the_interpreter(index: int, points: int) -> None:
    agree(tape(index), arrays(tape(index), points))


@pytest.mark.parametrize("name", ["2-2-2", "4-4-4", "3-1-5-2"])
def test_groups_of_layered_nets(name: str) -> None:
    program = forward(load(name))
    of = Tape.of({b.var: b.form for b in (*program.bindings, *program.reverse.bindings)})
    agree(of, arrays(of, 1000))
    agree(of, arrays(of, 17), [var for var in of.outputs if var.kind == "adjoint"])


@pytest.mark.parametrize("points", [7, 64, 65, 127, 128, 200])
def test_blocks_are_the_whole(points: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouped, "ROOM", 1)
    of = tape(0)
    assert Grouped(of).block == grouped.LEAST
    agree(of, arrays(of, points))
    first = next(iter(of.inputs))
    agree(of, arrays(of, points) | {first: 0.25})


@pytest.mark.parametrize("index", NETWORKS)
def test_values_that_do_not_exist_are_what_numpy_says(index: int) -> None:
    """Infinities, NaN, zeros of both signs and numbers too large for an exponential."""
    of = tape(index)
    edges = [math.inf, -math.inf, math.nan, 0.0, -0.0, 1e308, -1e308, 5e-324, 800.0, -800.0, 1.0, -1.0]
    random = np.random.default_rng(index)
    agree(of, {var: random.choice(edges, 40) for var in of.inputs})


def test_floats_and_arrays_that_are_not_contiguous() -> None:
    of, random = tape(0), np.random.default_rng(3)
    table = random.uniform(-1, 1, (len(of.inputs), 24, 2))
    kinds: list[Callable[[int], Any]] = [
        lambda at: table[at, :, 0],
        lambda at: table[at, ::-1, 1],
        lambda at: float(table[at, 0, 0]),
        lambda at: np.float64(table[at, 0, 1]),
        lambda at: np.array([table[at, 1, 0]]),
        lambda at: np.broadcast_to(table[at, 1, 1], 24),
    ]
    agree(of, {var: kinds[at % len(kinds)](at) for at, var in enumerate(of.inputs)})
    agree(of, dict.fromkeys(of.inputs, 0.5))


def test_arrays_of_different_lengths_are_refused() -> None:
    x, y = Var("input"), Var("target")
    with pytest.raises(ValueError, match="2 and 3 points"):
        Grouped(Tape.of({ERROR: add(x, y)})).rows({x: np.zeros(2), y: np.zeros(3)})


def test_what_was_found_stays() -> None:
    """Neither later runs nor the caller's own changes reach what was found, or what was given."""
    x = Var("input")
    both = Grouped(Tape.of({Var("net"): add(x, number(1)), ERROR: times(x, x)}), [ERROR, Var("net")])
    given = np.array([1.0, 2.0])
    first = both.run({x: given})
    second = both.run({x: given + 1})
    first[ERROR][:] = 0
    assert second[ERROR].tolist() == [4.0, 9.0]
    assert both.run({x: given})[Var("net")].tolist() == [2.0, 3.0]
    assert given.tolist() == [1.0, 2.0]
    copy = Grouped(Tape.of({Var("net"): x})).run({x: given})[Var("net")]
    copy[:] = 0
    assert given.tolist() == [1.0, 2.0]
    square = Grouped(Tape.of({ERROR: times(x, x)}))
    kept = square.rows({x: given})
    square.rows({x: given + 1})
    assert kept.tolist() == [[1.0, 4.0]]


def test_threads_do_not_meet() -> None:
    """Threads take turns as often as Python lets them."""
    of, interval = tape(0), sys.getswitchinterval()
    together = Grouped(of)
    points = [arrays(of, 16 if seed % 30 else 40, seed) for seed in range(400)]
    alone = [Grouped(of).rows(point).tobytes() for point in points]
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert [rows.tobytes() for rows in pool.map(together.rows, points)] == alone
    finally:
        sys.setswitchinterval(interval)


def test_constants_only_and_inputs_only() -> None:
    x = Var("input")
    half = frac(number(1), number(2))
    of = Tape.of({Var("net"): half, Var("out"): exp(half), ERROR: x})
    found = Grouped(of).run({x: np.array([3.0, 4.0])})
    assert [row.tolist() for row in found.values()] == [[0.5, 0.5], [math.exp(0.5)] * 2, [3.0, 4.0]]
    assert Grouped(of, [Var("net")]).run({})[Var("net")].tolist() == [0.5]
    assert Grouped(of, []).rows({}).shape == (0, 1)


def test_signs_of_terms_are_turned_without_a_change() -> None:
    """All ways in which up to four terms are subtracted, zeros of both signs among them."""
    names = [Var("input", None, sample) for sample in range(4)]
    values = np.array(np.meshgrid(*[[0.0, -0.0, 1.5, math.inf]] * 4)).reshape(4, -1)
    for length in (2, 3, 4):
        for signs in np.ndindex(*(2,) * length):
            terms = [neg(var) if sign else var for var, sign in zip(names, signs, strict=False)]
            agree(
                Tape.of({ERROR: add(*terms), **{Var("net", None, at): term for at, term in enumerate(terms)}}),
                dict(zip(names, values, strict=True)),
            )


@pytest.mark.parametrize("points", [1, 2, 300])
def test_powers_are_those_of_one_exponent(points: int) -> None:
    """numpy's power of an array and a number is a square, a root or a quotient, which its power of two arrays differs from."""
    inputs = tuple(Var("input", None, at) for at in range(120))
    exponents = tuple(Fraction(n, 2) for n in (4, 1, -2, 3, 6, -1))
    powers = tuple(("pow", (len(exponents) + at, at % len(exponents))) for at in range(len(inputs)))
    by_input = tuple(("pow", (len(exponents) + at, len(exponents))) for at in range(len(inputs)))
    start = len(exponents) + len(inputs)
    of = Tape(exponents, inputs, powers + by_input, {Var("net", None, at): start + at for at in range(2 * len(inputs))})
    random = np.random.default_rng(5)
    agree(of, {var: random.uniform(0.01, 3, points) for var in inputs})
    agree(of, {var: random.uniform(0.01, 3, points) for var in inputs} | {inputs[0]: np.full(points, 2.0)})


OPERATORS = [(op, n) for op in ("add", "times", "dot") for n in (2, 3, 5)] + [
    *((op, 1) for op in ("neg", "exp", "log", "sqrt", "sin", "cos", "erf", "abs", "sign")),
    *((op, 2) for op in ("frac", "pow", "max", "xlogy")),
    *[("cases", 3), ("pi", 0)],
]


@st.composite
def tapes(draw: st.DrawFn) -> Tape:
    """Any instructions on any slots, some of the results wanted."""
    constants = draw(st.lists(st.sampled_from([Fraction(n, 2) for n in range(-4, 7)]), max_size=4, unique=True))
    inputs = [Var("input", None, at) for at in range(draw(st.integers(not constants, 5)))]
    instructions: list[tuple[str, tuple[int, ...]]] = []
    for _ in range(draw(st.integers(0, 30))):
        op, count = draw(st.sampled_from(OPERATORS))
        slot = st.integers(0, len(constants) + len(inputs) + len(instructions) - 1)
        instructions.append((op, tuple(draw(slot) for _ in range(count))))
    size = len(constants) + len(inputs) + len(instructions)
    wanted = draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=8))
    return Tape(tuple(constants), tuple(inputs), tuple(instructions), {Var("net", None, at): slot for at, slot in enumerate(wanted)})


@given(tapes(), st.sampled_from([1, 3, 16]), st.integers(0, 99))
@settings(max_examples=150, deadline=None)
def test_any_tape_is_the_interpreter(of: Tape, points: int, seed: int) -> None:
    point = arrays(of, points, seed)
    agree(of, point)
    assert outcome(lambda: of.slots(point, Arrays())) == outcome(lambda: interpreted(of, point, Arrays()))
    one = {var: float(x[0]) for var, x in point.items()}
    assert outcome(lambda: of.slots(one, Floats())) == outcome(lambda: interpreted(of, one, Floats()))


@given(tapes())
@settings(max_examples=100, deadline=None)
def test_a_group_reads_only_what_stands_before_it(of: Tape) -> None:
    layout = Layout.of(of, of.outputs.values())
    assert sorted(layout.rows.values()) == list(range(len(layout.rows)))
    for group in layout.groups:
        assert all(row < group.row for rows in group.operands for row in rows)


@given(st.lists(st.lists(st.integers(0, 3), min_size=12, max_size=12), min_size=1, max_size=3))
def test_pieces_are_even_and_cover_all(operands: list[list[int]]) -> None:
    at = 0
    for piece in pieces(operands):
        assert piece.start == at
        at += piece.outer * piece.inner
        for rows in operands:
            block = np.array(rows[piece.start : at]).reshape(piece.outer, piece.inner)
            for axis in (0, 1):
                steps = np.diff(block, axis=axis)
                assert not steps.size or (steps == steps.flat[0]).all()
    assert at == 12


def test_a_layer_takes_a_few_calls() -> None:
    """Sums of five terms of four units are four calls, their sixteen products are one."""
    program = forward(load("4-4-4"))
    layout = Layout.of(program.tape, [program.tape.outputs[ERROR]])
    assert [(group.op, group.size) for group in layout.groups][:2] == [("times", 16), ("add", 4)]
    assert all(len(pieces(group.operands)) == 1 for group in layout.groups)
    assert len(layout.groups) < len(program.tape.instructions) / 5


def test_a_difference_is_one_operation() -> None:
    x, y = Var("input"), Var("target")
    layout = Layout.of(Program((Binding(ERROR, sub(x, y)),)).tape, [2])
    assert [(group.op, group.size) for group in layout.groups] == [("sub", 1)]
