"""How long a row may take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

EVERY = 64


class TimeIsUp(Exception):
    """The row took longer than it may."""


@dataclass
class Clock:
    """Ends at `end`, in seconds of `time.monotonic`; loops ask it often, and it looks now and then."""

    end: float = float("inf")
    asked: int = 0

    def give(self, seconds: float) -> None:
        """So much time from now on."""
        self.end = time.monotonic() + seconds

    def check(self) -> None:
        if time.monotonic() > self.end:
            raise TimeIsUp

    def tick(self) -> None:
        self.asked += 1
        if self.asked % EVERY == 0:
            self.check()


@dataclass
class Allowance:
    """The time that each row may take in all, `seconds`, and what it has taken so far."""

    seconds: float = float("inf")
    taken: dict[int, float] = field(default_factory=dict)

    @contextmanager
    def of(self, row: object, clock: Clock) -> Iterator[bool]:
        """Whether `row` has time left, of which what is done here is taken; it ends where that is used up."""
        start, until = time.monotonic(), clock.end
        left = self.seconds - self.taken.get(id(row), 0.0)
        clock.end = min(until, start + left)
        try:
            yield left > 0
        except TimeIsUp:
            if time.monotonic() > until:
                raise
        finally:
            self.taken[id(row)] = self.taken.get(id(row), 0.0) + time.monotonic() - start
            clock.end = until

    def renew(self, row: object) -> None:
        """Let `row` have its whole time again."""
        self.taken.pop(id(row), None)
