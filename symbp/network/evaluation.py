"""How a tape is run in any algebra: its instructions resolved once, then one loop. No code is generated or executed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from symbp.language.form import OPS

Instruction: TypeAlias = tuple[str, tuple[int, ...]]
"""An operator of OPS, and the slots of its arguments."""
Step: TypeAlias = tuple[int, int, int | None, int | None, tuple[int, ...]]
"""The slot of the result, the place of the function, the slots of the first and second argument, and of all others.

Without a second argument the function has one alone; without a first it is called with all the others at once.
"""


@dataclass(frozen=True)
class Steps:
    """A step for each instruction, in their order; `operators` are those that occur, each once, and whether they are native."""

    operators: tuple[tuple[str, bool], ...]
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, instructions: Iterable[Instruction], start: int) -> Steps:
        """The results stand in the slots from `start` on."""
        places: dict[tuple[str, bool], int] = {}
        steps = []
        for at, (op, args) in enumerate(instructions, start):
            native = is_native(op, len(args))
            steps.append((at, places.setdefault((op, native), len(places)), *_arguments(args, native)))
        return cls(tuple(places), tuple(steps))

    def functions(self, algebra: Any) -> list[Callable[..., Any]]:
        """What each of `operators` is in `algebra`."""
        return [_function(op, native, algebra) for op, native in self.operators]


def run(steps: Iterable[Step], functions: Sequence[Callable[..., Any]], slots: list[Any] | dict[int, Any]) -> None:
    """Fill the slots of the results, step by step; more than two terms or factors are taken from the left, as OPS says."""
    for at, which, first, second, others in steps:
        function = functions[which]
        if second is not None:
            value = function(slots[first], slots[second])  # type: ignore[index]  # with a second argument there is a first
            if others:
                for other in others:
                    value = function(value, slots[other])
            slots[at] = value
        elif first is not None:
            slots[at] = function(slots[first])
        else:
            slots[at] = function(*[slots[other] for other in others])


def is_native(op: str, arguments: int) -> bool:
    """Is it Python's own operator? A sum or product of one thing is that thing, which Python's `+` and `*` cannot say."""
    return OPS[op].native is not None and (arguments > 1) == (op != "neg")


def _arguments(args: tuple[int, ...], native: bool) -> tuple[int | None, int | None, tuple[int, ...]]:
    if len(args) == 2 or (native and len(args) > 2):
        return args[0], args[1], args[2:]
    return (args[0], None, ()) if len(args) == 1 else (None, None, args)


def _function(op: str, native: bool, algebra: Any) -> Callable[..., Any]:
    row = OPS[op]
    assert row.meaning is not None, op
    return row.native if native and row.native is not None else partial(row.meaning, algebra)
