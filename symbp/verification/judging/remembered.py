"""Verdicts remembered: a link is judged again only where something that its verdict was found from is otherwise.

The same work is read under many conventions, of which most say nothing about most of its links. While a link is judged, it is
noted what was asked (what a name may mean, which convention holds, what a letter was learned to be) and what the answer was. In
another reading of the work the verdict stands if all answers are the same there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from symbp.verification.reading.conventions import Conventions

Question = tuple[Hashable, ...]
"""Who is asked, what, and about what."""
Answers = dict[Question, Any]
Found = TypeVar("Found")
KEPT: Final = 12
"""So many verdicts are kept of a link, those found last."""


@dataclass
class Notes:
    """What is asked while a link is judged, and the answers."""

    answers: Answers | None = None

    def take(self, question: Question, answer: Any) -> None:
        if self.answers is not None:
            self.answers.setdefault(question, answer)

    @contextmanager
    def taken(self) -> Iterator[Answers]:
        """All that is asked from here on."""
        before, self.answers = self.answers, {}
        try:
            yield self.answers
        finally:
            self.answers = before


class Asked:
    """Conventions whose fields are noted as they are read."""

    def __init__(self, conventions: Conventions, notes: Notes) -> None:
        self._conventions, self._notes = conventions, notes

    def __getattr__(self, field: str) -> Any:
        answer = getattr(self._conventions, field)
        self._notes.take(("", "convention", field), answer)
        return answer

    def label(self, layer: int) -> int:
        """As `Conventions.label`."""
        return layer + int(self.numbering)


@dataclass
class Remembered(Generic[Found]):
    """What was found of each link of a work, with the answers that it was found from."""

    kept: dict[tuple[Hashable, ...], list[tuple[Answers, Found]]] = field(default_factory=dict)
    alive: list[object] = field(default_factory=list)
    """What the keys tell by its identity, which must not become that of something else."""

    def found(self, key: tuple[Hashable, ...], ask: Callable[[Question], Any]) -> tuple[Found] | None:
        """What was found where everything that was asked has the same answers now."""
        for answers, found in self.kept.get(key, ()):
            if all(ask(question) == answer for question, answer in answers.items()):
                return (found,)
        return None

    def keep(self, key: tuple[Hashable, ...], answers: Answers, found: Found, *alive: object) -> None:
        if key not in self.kept:
            self.alive += alive
        known = self.kept.setdefault(key, [])
        known.insert(0, (answers, found))
        del known[KEPT:]
