"""How much work a row, and a whole work, may take: counted in steps, so that it is the same on every machine and under any load."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Final

STEPS_A_SECOND: Final = 40_000
"""So many steps are counted for a second of the time that a user grants; on the machine that this was measured on they take less."""
WHOLE: Final = 2.5
"""A work of at most `ROWS` rows may take so many times what a row may, a longer one in proportion to its rows."""
ROWS: Final = 40
GUARD: Final = 10.0
"""After so many times the seconds that a work may take, by the clock on the wall, it is stopped, whatever was counted."""
GRACE: Final = 60.0
"""So many seconds more, since a process that begins on a busy machine takes seconds to load what it needs."""
GLANCE: Final = 4096
"""So many steps pass between two looks at that clock."""
LEAST: Final = 0.125
"""In each stage a row has this part of an equal share for itself, whatever the rows before it take."""
READING: Final = 0.55
JUDGING: Final = 0.8
REPORTING: Final = 0.95
"""What the work may have spent once it is read, once it is judged, and once its rows are explained."""


class OverBudget(Exception):
    """What was begun takes more steps than it may."""


@dataclass
class Budget:
    """Counts the steps of one piece of work, and stops what takes more of them than it may.

    A step is about the evaluation of one node of a form, at all points. What is charged depends on the work and the network only:
    never on time, on what other works left in a memory of the process, or on the order of a set. So what is stopped, is stopped at
    the same place everywhere. The clock on the wall is a last guard: what it stops stays stopped.
    """

    seconds: float = float("inf")
    """What the user grants a row."""
    rows: int = 1
    spent: float = 0.0
    taken: dict[int, float] = field(default_factory=dict)
    """What each row took so far, by its identity."""

    def __post_init__(self) -> None:
        times = WHOLE * max(1.0, self.rows / ROWS)
        self.row = self.seconds * STEPS_A_SECOND
        self.whole = self.end = self.row * times
        self._guard = time.monotonic() + GRACE + GUARD * self.seconds * times
        self._glance = float(GLANCE)

    def tick(self, steps: float = 1) -> None:
        """Count so many steps, before they are made; OverBudget where the present stage has no more."""
        self.spent += steps
        if self.spent > self._glance:
            self._look()
        if self.spent > self.end:
            self.spent = self.end + 1
            raise OverBudget

    @property
    def left(self) -> float:
        """So many steps the present stage has left."""
        return max(0.0, self.end - self.spent)

    def check(self) -> None:
        """Count one step, in a loop that does little else."""
        self.tick()

    def _look(self) -> None:
        """At the clock on the wall; once it is too late, each step looks again."""
        is_late = time.monotonic() > self._guard
        self._glance = -1.0 if is_late else self.spent + GLANCE
        if is_late:
            raise OverBudget

    @contextmanager
    def stage(self, steps: float) -> Iterator[None]:
        """What is done here may take at most so many steps, and no more than the stage around it has left."""
        around = self.end
        self.end = min(around, self.spent + steps)
        try:
            yield
        finally:
            self.end = around

    def until(self, share: float) -> AbstractContextManager[None]:
        """A stage that ends when this share of what the work may take is spent."""
        return self.stage(max(0.0, share * self.whole - self.spent))

    def one_of(self, rows: int) -> AbstractContextManager[None]:
        """A stage for one of so many rows that are still to come: it takes what a row may, and leaves each other row its own share."""
        kept = (rows - 1) * self.whole * LEAST / max(self.rows, ROWS)
        return self.stage(min(self.row, max(0.0, self.left - kept)))

    @contextmanager
    def of(self, row: object) -> Iterator[bool]:
        """Whether `row` has steps left of what it may take in all stages together. What is done here is charged to it, and ends
        without an error where they are used up; one is raised where the stage around ends first."""
        before, around = self.spent, self.end
        left = self.row - self.taken.get(id(row), 0.0)
        self.end = min(around, before + left)
        try:
            yield left > 0
        except OverBudget:
            if self.spent > around or self._glance < 0:
                raise
        finally:
            self.taken[id(row)] = self.taken.get(id(row), 0.0) + self.spent - before
            self.end = around

    def renew(self, row: object) -> None:
        """Let `row` have all of its steps again."""
        self.taken.pop(id(row), None)
