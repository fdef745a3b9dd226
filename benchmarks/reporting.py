"""What a run found, as data, and as RESULTS.md: `Finding`, `Section`, `Results`. Every number of it was measured by a job."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Bound = Literal["least", "most"]


@dataclass(frozen=True)
class Finding:
    """A number that was found, against an aim: at `least` or at `most` so much. `found` is None where there is none, `note` says why.

    `bounded_by` says what takes the time, from a profile, where the aim is missed.
    """

    what: str
    against: str
    aim: float
    bound: Bound
    found: float | None
    unit: str = "×"
    note: str = ""
    bounded_by: str = ""
    given_up: bool = False
    """Is there no number because it took too long?"""

    @property
    def met(self) -> bool | None:
        if self.found is None:
            return False if self.given_up else None
        return self.found >= self.aim if self.bound == "least" else self.found <= self.aim

    @property
    def verdict(self) -> str:
        """met, missed and by how much, or why there is no number."""
        if self.found is None:
            return f"{'missed' if self.given_up else 'no number'}: {self.note}"
        if self.met:
            return "met"
        return f"missed: {times(self.aim / self.found if self.bound == 'least' else self.found / self.aim)} off"

    def cells(self) -> tuple[str, ...]:
        found = "–" if self.found is None else amount(self.found, self.unit)
        return self.what, self.against, f"at {self.bound} {amount(self.aim, self.unit)}", found, self.verdict


@dataclass(frozen=True)
class Section:
    """What one job found: its findings, the commands that do the same alone, and tables in Markdown."""

    title: str
    findings: tuple[Finding, ...]
    commands: tuple[str, ...]
    text: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True)
class Results:
    """A run: the machine, the versions, the command, and a section for each job."""

    about: Mapping[str, str]
    sections: Mapping[str, Section]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def of(cls, text: str) -> Results:
        """What `to_json` wrote."""
        record = json.loads(text)
        return cls(record["about"], {name: _section(section) for name, section in record["sections"].items()})

    def markdown(self) -> str:
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield "# What symbp costs, measured side by side"
        yield ""
        yield from (f"- {name}: {value}" for name, value in self.about.items())
        yield ""
        yield "## Aims"
        yield ""
        yield from table(("what", "against", "aim", "found", ""), (f.cells() for s in self.sections.values() for f in s.findings), texts=2)
        missed = [f for s in self.sections.values() for f in s.findings if f.bounded_by and f.met is False]
        if missed:
            yield from ("", "What bounds those that are missed, from a profile of this run (shares; the profiler itself slows calls):", "")
            for why in dict.fromkeys(f.bounded_by for f in missed):
                yield f"- {'; '.join(dict.fromkeys(f.what for f in missed if f.bounded_by == why))}: {why}."
        for name, section in self.sections.items():
            yield from ("", f"## {section.title}", "", f"`python benchmarks/run.py --only {name}`")
            if section.commands:
                yield from ("", *(f"    {command}" for command in section.commands))
            if section.text:
                yield from ("", *section.text)


def _section(record: Mapping[str, Any]) -> Section:
    findings = tuple(Finding(**finding) for finding in record["findings"])
    return Section(record["title"], findings, tuple(record["commands"]), tuple(record["text"]), record["failed"])


def table(head: Iterable[str], rows: Iterable[Iterable[object]], texts: int = 1) -> list[str]:
    """A Markdown table; the first `texts` columns are texts, the others numbers."""
    names = list(head)
    marks = ["---" if at < texts or not name else "---:" for at, name in enumerate(names)]
    return [_row(names), _row(marks), *(_row(map(str, cells)) for cells in rows)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def times(ratio: float) -> str:
    return f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.2f}×"


def amount(value: float, unit: str) -> str:
    if unit == "×":
        return times(value) if value != int(value) else f"{value:,.0f}×"
    number = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
    return f"{number} {unit}".strip()
