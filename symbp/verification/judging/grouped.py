"""A tape over many points at once: equal instructions are done together, a numpy call for a group. No code is generated or executed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from symbp.language.form import OPS, Var
from symbp.network.program import Tape
from symbp.verification.judging.arrays import Array, Arrays
from symbp.verification.judging.grouping import Group, Layout, Piece, pieces

ROOM: Final = 2**24
"""So many bytes of values, or fewer, are computed before those of more points, so that room does not grow with these."""
LINE: Final = 64
"""Bytes of a line of a processor's cache."""
LEAST: Final = 64
"""So many points are computed together, however much room they take: numpy's calls cost something, too."""
INTO: Mapping[str, Callable[..., Any]] = {
    "neg": np.negative,
    "sub": np.subtract,
    "times": np.multiply,
    "frac": np.divide,
    "pow": np.power,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "abs": np.absolute,
    "sign": np.sign,
}
"""What Arrays does, where numpy can be told where the result shall stand."""
Call = tuple[Callable[..., Any], tuple[Any, ...]]


class Grouped:
    """`wanted` of the outputs of a tape, by default all, over float arrays of many points.

    The values are those of `Tape.run` over `Arrays`, to the last bit; only which NaN a NaN is may differ. What is given as one
    float is an array of it. Making a Grouped takes as long as ten or twenty runs of the tape, so it is for what is evaluated
    often, at up to a few thousand points; over longer ones `Tape.slots` is as fast or faster. Several threads may use one.
    """

    def __init__(self, tape: Tape, wanted: Iterable[Var] | None = None) -> None:
        self.outputs = tuple(tape.outputs if wanted is None else dict.fromkeys(wanted))
        self.layout = Layout.of(tape, [tape.outputs[var] for var in self.outputs])
        rows, first = self.layout.rows, len(tape.constants)
        self.inputs = tuple(var for slot, var in enumerate(tape.inputs, first) if slot in rows)
        self._input_rows = [rows[slot] for slot in range(first, first + len(tape.inputs)) if slot in rows]
        self._output_rows = np.array([rows[tape.outputs[var]] for var in self.outputs], dtype=np.intp)
        self._fixed = _fixed(tape, self.layout)
        self._cut = [(group, *_read(group)) for group in self.layout.groups]
        self.block = max(LEAST, ROOM // (8 * max(len(rows), 1)))
        self._idle: list[_Buffer] = []

    def run(self, point: Mapping[Var, Array]) -> dict[Var, Array]:
        """The values of `outputs`, each an array over the points; `point` gives those of `inputs`: arrays of floats, or one for all."""
        return dict(zip(self.outputs, self.rows(point), strict=True))

    def rows(self, point: Mapping[Var, Array]) -> Array:
        """The same as one array [output, point], which is the caller's own."""
        given = [point[var] for var in self.inputs]
        points = _points(given)
        if points > self.block:
            return self._blocks(given, points)
        if not points:
            return np.empty((len(self.outputs), 0))
        buffer = self._take(points)
        buffer.run(given)
        found = buffer.values.take(self._output_rows, 0)
        self._idle.append(buffer)
        return found

    def _blocks(self, given: Sequence[Array], points: int) -> Array:
        """Blocks of one size; the last may begin before the end of the one before it, and computes some points again."""
        size = -(-points // -(-points // self.block))
        buffer, found = self._take(size), np.empty((len(self.outputs), points))
        many = [value if np.size(value) > 1 else np.broadcast_to(value, points) for value in given]
        for start in range(0, points, size):
            part = slice(min(start, points - size), min(start, points - size) + size)
            buffer.run([value[part] for value in many])
            found[:, part] = buffer.values[self._output_rows]
        self._idle.append(buffer)
        return found

    def _take(self, points: int) -> _Buffer:
        """A buffer that nobody uses; `append` and `pop` are atomic, so two threads never have the same."""
        try:
            buffer = self._idle.pop()
        except IndexError:
            buffer = None
        if buffer is None or buffer.values.shape[1] != points:
            buffer = _Buffer(self._fixed, self._input_rows, self._cut, points)
        return buffer


class _Buffer:
    """Room for the values of one block of points [row, point], and the calls that fill it, their arguments being views of it."""

    def __init__(
        self, fixed: Array, inputs: Sequence[int], cut: Sequence[tuple[Group, Sequence[bool], Sequence[Piece]]], points: int
    ) -> None:
        rows = len(fixed) + len(inputs) + sum(group.size for group, _, _ in cut)
        self.values = _aligned(rows, points)
        self.values[: len(fixed)] = fixed[:, None]
        self.inputs = [self.values[row] for row in inputs]
        self.fixed = len(fixed)
        self.calls: list[Call] = []
        self.scratch: dict[int, Array] = {}
        for group, taken, found in cut:
            self._prepare(group, taken, found)

    def run(self, given: Iterable[Array]) -> None:
        """Fill all rows; `given` are arrays over the points, or one value for all."""
        for row, value in zip(self.inputs, given, strict=True):
            row[...] = value
        with np.errstate(all="ignore"):
            for function, args in self.calls:
                function(*args)

    def _prepare(self, group: Group, taken: Sequence[bool], found: Sequence[Piece]) -> None:
        sources = []
        for at, (rows, is_taken) in enumerate(zip(group.operands, taken, strict=True)):
            sources.append((self._gathered(at, rows), range(group.size)) if is_taken else (self.values, rows))
        for piece in found:
            operands = [self._view(values, rows, piece) for values, rows in sources]
            result = self._view(self.values, range(group.row, group.row + group.size), piece)
            self.calls += _calls(group, operands, result)

    def _gathered(self, at: int, rows: Sequence[int]) -> Array:
        """Room for rows that do not stand evenly, copied to where they do by a call of its own."""
        if at not in self.scratch or len(self.scratch[at]) < len(rows):
            self.scratch[at] = np.empty((len(rows), self.values.shape[1]))
        room = self.scratch[at][: len(rows)]
        self.calls.append((self.values.take, (np.array(rows, dtype=np.intp), 0, room, "clip")))
        return room

    def _view(self, values: Array, rows: Sequence[int], piece: Piece) -> Array:
        """The rows of a piece as an array [outer, inner, point], without the first axes where they are 1.

        Of constants one value is read for all points, so that numpy knows it for a number.
        """
        start, inner = piece.start, piece.inner
        down, points = values.strides
        apart = [
            (piece.outer, down * (rows[start + inner] - rows[start]) if piece.outer > 1 else 0),
            (inner, down * (rows[start + 1] - rows[start]) if inner > 1 else 0),
        ]
        is_fixed = values is self.values and all(rows[start + at] < self.fixed for at in range(piece.outer * inner))
        kept = [(size, stride) for size, stride in apart if size > 1] + [(values.shape[1], 0 if is_fixed else points)]
        shape, strides = ([pair[at] for pair in kept] for at in (0, 1))
        return np.ndarray(shape, float, values, down * rows[start], strides)


def _aligned(rows: int, points: int) -> Array:
    """An array [row, point] that begins where a line of a processor's cache does, so that rows of full lines need no other lines."""
    room = np.empty(rows * points + LINE // 8)
    start = -room.ctypes.data % LINE // 8
    return room[start : start + rows * points].reshape(rows, points)


def _points(given: Sequence[Array]) -> int:
    """How many points there are; what is given once stands for all."""
    try:
        sizes = {value.size for value in given}
    except AttributeError:  # a float of Python's
        sizes = {np.size(value) for value in given}
    if len(sizes) > 1:
        sizes -= {1}
    if len(sizes) > 1:
        raise ValueError(f"arrays over {' and '.join(map(str, sorted(sizes)))} points")
    return sizes.pop() if sizes else 1


def _fixed(tape: Tape, layout: Layout) -> Array:
    """The values of constants, and of what depends on them alone, in the order of their rows."""
    with np.errstate(all="ignore"):
        slots = tape.constant_slots(layout.folded, Arrays())
    return np.array([value for _, value in sorted((layout.rows[slot], value) for slot, value in slots.items() if slot in layout.rows)])


def _read(group: Group) -> tuple[Sequence[bool], Sequence[Piece]]:
    """Which operands are gathered, and the pieces in which all are read then: whichever takes fewer calls."""
    as_it_is = pieces(group.operands)
    if len(as_it_is) == 1:
        return (False,) * len(group.operands), as_it_is
    taken = [len(pieces([rows])) > 1 for rows in group.operands]
    if not any(taken):
        taken = [pieces([rows])[0].outer > 1 for rows in group.operands]
    gathered = pieces([range(group.size) if is_taken else rows for rows, is_taken in zip(group.operands, taken, strict=True)])
    once = max(len(group.operands) - 1, 1)
    if len(as_it_is) * once <= len(gathered) * once + TAKING * sum(taken):
        return (False,) * len(group.operands), as_it_is
    return taken, gathered


TAKING: Final = 2
"""So many calls take as long as gathering an operand."""


def _calls(group: Group, operands: Sequence[Array], result: Array) -> list[Call]:
    if group.op in {"add", "times"}:
        return _fold(result, operands, np.add if group.op == "add" else np.multiply)
    if group.op in INTO:
        return [(INTO[group.op], (*operands, result))]
    meaning = OPS[group.op].meaning
    assert meaning is not None
    return [(_put, (result, partial(meaning, Arrays()), *operands))]


def _fold(result: Array, operands: Sequence[Array], function: Callable[..., Any]) -> list[Call]:
    """From the left; `result` holds what there is so far."""
    first, *others = operands
    if not others:
        return [(np.copyto, (result, first))]
    calls: list[Call] = []
    for other in others:
        calls.append((function, (first, other, result)))
        first = result
    return calls


def _put(result: Array, function: Callable[..., Array], *operands: Array) -> None:
    result[...] = function(*operands)
