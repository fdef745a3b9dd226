"""A slide: what stands on it, and with which step each line of it is uncovered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from symbp.publishing.environment import Safe
from symbp.publishing.layout import Row

LEAST_STRETCH = 1.25
"""How far apart the rows of a table are set at least."""
NO_WORDS = Safe("")
NO_ROW = Row("", "", "")


@dataclass(frozen=True)
class Line:
    """A row of a display, and the step that uncovers it."""

    row: Row
    step: int = 1

    @property
    def open(self) -> Safe:
        """What uncovers a cell of the line, up to `close`."""
        return Safe(rf"\uncover<{self.step}->{{" if self.step > 1 else "")

    @property
    def close(self) -> Safe:
        return Safe("}" if self.step > 1 else "")


@dataclass(frozen=True)
class Frame:
    """One slide, in as many steps as it takes to uncover it: paragraphs, a block with a figure beside or below it, more paragraphs.

    `at` and `last` count the frames of the section. `size` is that of the block; `figure` is as much smaller as `scale` says, and the
    display takes `left` millimetres beside it, 0 where the figure stands below.
    """

    title: Safe
    number: str
    paragraphs: tuple[Safe, ...] = ()
    subtitle: Safe = NO_WORDS
    kind: str = "text"
    lines: tuple[Line, ...] = ()
    block: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[Any, ...] = ()
    size: str = "normalsize"
    figure: Mapping[str, Any] | None = None
    scale: float = 1.0
    left: float = 0.0
    after: tuple[Safe, ...] = ()
    at: int = 1
    last: int = 1

    @property
    def has_steps(self) -> bool:
        return any(line.step > 1 for line in self.lines)

    @property
    def end(self) -> Line:
        """With what the paragraphs after a display are uncovered: the step after its last line."""
        return Line(NO_ROW, self.lines[-1].step + 1 if self.lines else 1)

    @property
    def stretch(self) -> float:
        """How far apart the rows of a table are set."""
        return max(float(self.block["stretch"]), LEAST_STRETCH)
