"""How a tape is evaluated a group at a time: which instructions are done together, where their values stand, which rows they read.

What is done together follows dynamic batching as in DyNet (Neubig et al., 2017, "On-the-fly operation batching in dynamic computation
graphs"): of the kinds of which some are ready, the one whose instructions are on average the least deep goes first, all that are ready.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from symbp.network.evaluation import Instruction
from symbp.network.program import Tape

Kind: TypeAlias = tuple[object, ...]
"""What instructions that may be done together have in common: the operator and the number of arguments."""


@dataclass(frozen=True, slots=True)
class Task:
    """An instruction: the slot of its result, and those of its arguments."""

    slot: int
    op: str
    args: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks of one kind, none of which needs another. `operands[k][n]` is the row of argument k of task n; results stand from `row` on."""

    op: str
    operands: tuple[tuple[int, ...], ...]
    row: int

    @property
    def size(self) -> int:
        return len(self.operands[0])


@dataclass(frozen=True, slots=True)
class Piece:
    """Tasks of a group from `start` on, as `outer` blocks of `inner`: along each, the rows of every operand are as far apart."""

    start: int
    outer: int
    inner: int


@dataclass(frozen=True)
class Layout:
    """A row for each constant, input and result that is needed, in this order; `rows` by slot."""

    rows: dict[int, int]
    groups: tuple[Group, ...]
    folded: tuple[int, ...]
    """The slots that depend on constants alone; they are computed once, and have rows as constants have."""

    @classmethod
    def of(cls, tape: Tape, wanted: Iterable[int]) -> Layout:
        """Of what the slots `wanted` need."""
        inputs, start = len(tape.constants), len(tape.constants) + len(tape.inputs)
        folded = _constant(tape.instructions, inputs, start)
        tasks = [Task(slot, op, args) for slot, (op, args) in enumerate(tape.instructions, start) if slot not in folded]
        needed = set(wanted)
        for task in reversed(tasks):
            if task.slot in needed:
                needed.update(task.args)
        groups = _scheduled([task for task in tasks if task.slot in needed], lambda slot: slot < inputs or slot in folded)
        used = dict.fromkeys(arg for group in groups for args in zip(*(task.args for task in group), strict=True) for arg in args)
        first = [slot for slot in dict.fromkeys((*used, *sorted(needed))) if slot < start or slot in folded]
        fixed = [slot for slot in first if slot < inputs or slot in folded]
        given = [slot for slot in first if inputs <= slot < start]
        order = [*fixed, *given, *(task.slot for group in groups for task in group)]
        rows = {slot: row for row, slot in enumerate(order)}
        return cls(rows, tuple(_group(group, rows) for group in groups), tuple(sorted(folded)))


def _constant(instructions: Sequence[Instruction], inputs: int, start: int) -> frozenset[int]:
    """The slots that depend on constants alone."""
    found = set(range(inputs))
    for at, (_, args) in enumerate(instructions, start):
        if found.issuperset(args):
            found.add(at)
    return frozenset(slot for slot in found if slot >= start)


def _kind(task: Task, is_fixed: Callable[[int], bool]) -> Kind:
    """A power is done with others of the same constant exponent only, or alone: numpy's square is not its power of two arrays."""
    if task.op == "pow":
        return task.op, is_fixed(task.args[1]), task.args[1] if is_fixed(task.args[1]) else task.slot
    return "times" if task.op == "dot" else task.op, len(task.args)


def _scheduled(tasks: Sequence[Task], is_fixed: Callable[[int], bool]) -> list[list[Task]]:
    """Groups in an order in which they can be computed; within a group as they stood. `is_fixed` tells the slots of constants."""
    by_slot = {task.slot: at for at, task in enumerate(tasks)}
    depths, users, missing = [0] * len(tasks), [list[int]() for _ in tasks], [0] * len(tasks)
    for at, task in enumerate(tasks):
        for source in {by_slot[arg] for arg in task.args if arg in by_slot}:
            depths[at] = max(depths[at], depths[source] + 1)
            users[source].append(at)
            missing[at] += 1
    kinds = [_kind(task, is_fixed) for task in tasks]
    left: dict[Kind, list[int]] = {}
    """Of each kind, how many tasks are left, and their depths added up."""
    ready: dict[Kind, list[int]] = {}
    for at, kind in enumerate(kinds):
        count = left.setdefault(kind, [0, 0])
        count[0], count[1] = count[0] + 1, count[1] + depths[at]
        if not missing[at]:
            ready.setdefault(kind, []).append(at)
    groups = []
    while ready:
        kind = min(ready, key=lambda kind: left[kind][1] / left[kind][0])
        group = sorted(ready.pop(kind))
        left[kind] = [left[kind][0] - len(group), left[kind][1] - sum(depths[at] for at in group)]
        groups.append([tasks[at] for at in group])
        for user in (user for at in group for user in users[at]):
            missing[user] -= 1
            if not missing[user]:
                ready.setdefault(kinds[user], []).append(user)
    return groups


def _group(tasks: Sequence[Task], rows: dict[int, int]) -> Group:
    first = tasks[0]
    operands = tuple(tuple(rows[arg] for arg in args) for args in zip(*(task.args for task in tasks), strict=True))
    op = "times" if first.op == "dot" else first.op
    return Group(op, operands, rows[first.slot])


# -- which rows ----------------------------------------------------------------------------------------------------------


def pieces(operands: Sequence[Sequence[int]]) -> list[Piece]:
    """All tasks of a group cut into pieces, from the left, each as long as it can be."""
    size, found, start = len(operands[0]), list[Piece](), 0
    while start < size:
        inner = _even(operands, start, 1, size - start)
        outer = _even(operands, start, inner, (size - start) // inner) if inner > 1 else 1
        while outer > 1 and not all(_alike(operands, start, start + block * inner, inner) for block in range(1, outer)):
            outer -= 1
        found.append(Piece(start, outer, inner))
        start += outer * inner
    return found


def _even(operands: Sequence[Sequence[int]], start: int, step: int, most: int) -> int:
    """How many tasks from `start` on, `step` apart, whose rows are as far apart as those of the first two, in every operand."""
    count = min(most, 2)
    while count < most and all(
        rows[start + count * step] - rows[start + (count - 1) * step] == rows[start + step] - rows[start] for rows in operands
    ):
        count += 1
    return count


def _alike(operands: Sequence[Sequence[int]], start: int, other: int, length: int) -> bool:
    """Are the rows of the two blocks of tasks the same, but for where they begin?"""
    return all(all(rows[other + k] - rows[other] == rows[start + k] - rows[start] for k in range(1, length)) for rows in operands)
