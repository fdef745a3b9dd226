"""`Traced`: a text of which every character knows where in the file it came from, however it was cut and put together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Run(NamedTuple):
    """From the offset `at` on: characters that stand in the file one after the other from `origin`, or that something at `origin` wrote."""

    at: int
    origin: int
    is_written: bool


def _at(run: Run) -> int:
    return run.at


@dataclass(frozen=True, slots=True)
class Traced:
    """`text`, and the runs that it is made of, in their order; the first begins at 0."""

    text: str
    runs: tuple[Run, ...]

    @classmethod
    def whole(cls, text: str) -> Traced:
        """A text as it stands in the file."""
        return cls(text, (Run(0, 0, False),))

    def origin(self, at: int) -> int:
        """Where in the file the character at `at` stands, or was written."""
        run = self.runs[bisect_right(self.runs, at, key=_at) - 1]
        return run.origin if run.is_written else run.origin + at - run.at

    def end(self, at: int) -> int:
        """Where in the file the character before `at` ends."""
        run = self.runs[bisect_right(self.runs, at - 1, key=_at) - 1]
        return run.origin if run.is_written else run.origin + at - run.at

    def cuts(self, start: int, end: int) -> Iterator[tuple[str, int, bool]]:
        """What stands between two offsets, run by run: the text, its origin, and whether it was written there."""
        number = max(bisect_right(self.runs, start, key=_at) - 1, 0)
        while start < end:
            run = self.runs[number]
            stop = min(end, self.runs[number + 1].at) if number + 1 < len(self.runs) else end
            if stop > start:
                yield self.text[start:stop], run.origin if run.is_written else run.origin + start - run.at, run.is_written
            start, number = stop, number + 1

    def origins(self, start: int, end: int) -> Iterator[int]:
        """The origin of every character between two offsets."""
        for text, origin, is_written in self.cuts(start, end):
            yield from (origin for _ in text) if is_written else range(origin, origin + len(text))

    def piece(self, start: int, end: int) -> Traced:
        """What stands between two offsets, as a text of its own."""
        tracer = Tracer()
        tracer.copy(self, start, end)
        return tracer.done()


@dataclass
class Tracer:
    """A `Traced` in the making."""

    parts: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    length: int = 0

    def add(self, text: str, origin: int, *, is_written: bool = False) -> None:
        """Put a text at the end, of which it is known where it stands or was written."""
        if not text:
            return
        last = self.runs[-1] if self.runs else None
        goes_on = last is not None and (
            last.is_written == is_written and origin == (last.origin if is_written else last.origin + self.length - last.at)
        )
        if not goes_on:
            self.runs.append(Run(self.length, origin, is_written))
        self.parts.append(text)
        self.length += len(text)

    def copy(self, source: Traced, start: int, end: int) -> None:
        """Put what stands between two offsets of another text at the end."""
        for text, origin, is_written in source.cuts(start, end):
            self.add(text, origin, is_written=is_written)

    def done(self) -> Traced:
        """What has been put together."""
        return Traced("".join(self.parts), tuple(self.runs) or (Run(0, 0, False),))
