"""What `symbp verify` says of the works that are made here, against what is true; run as a script, it prints tables.

make metamorphic N=40 SEED=1; or python -m notations.measure --count 40 --seed 1 [--species right] [--write FOLDER] [--show]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import symbp
from notations.documents import SPECIES, Document, Line, document

VERDICTS = ("wrong", "follows", "unreadable", "undecidable", "definition", "correct", "none")
"""In the order in which they decide a line of several rows; "none": no row was found there."""
COLUMNS = ("works", "rows", "right", "accused", "open", "false", "found", "named", "accepted", "left")
SHARES = {"consistent": 10, "two": 10, "most": 20, "short": 10, "short planted": 10, "scopes": 20}
"""Of so many right works, one of this species besides."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A work, and the verdict and code that each of its rows got."""

    work: Document
    verdicts: tuple[tuple[str, str | None], ...]
    trouble: str = ""

    def rows(self) -> Iterator[tuple[Line, str, str | None]]:
        """Each row with its verdict and code."""
        for line, (verdict, code) in zip(self.work.lines, self.verdicts, strict=True):
            yield line, verdict, code

    @property
    def failures(self) -> list[tuple[Line, str]]:
        """Rows that got what they should not: right rows not called right, false ones not called wrong."""
        return [(line, verdict) for line, verdict, _ in self.rows() if outcome(line, verdict) not in {"right", "found"}]


def outcome(line: Line, verdict: str) -> str:
    """A right row is right, accused or open; a false one is found, accepted or left."""
    if line.true:
        return "right" if verdict in {"correct", "definition"} else "accused" if verdict in {"wrong", "follows"} else "open"
    return "found" if verdict in {"wrong", "follows"} else "accepted" if verdict == "correct" else "left"


def judge(species: str, seed: int) -> Judged:
    """The work of that seed, judged."""
    work = document(species, seed)
    with tempfile.TemporaryDirectory() as folder:
        spec, path = Path(folder) / "spec.toml", Path(folder) / f"work{work.suffix}"
        spec.write_text(work.spec, encoding="utf-8")
        path.write_text(work.text, encoding="utf-8")
        try:
            file = symbp.verify(spec, path).files[0]
        except Exception as error:  # the measure goes on; the work counts as left open
            return Judged(work, (("none", None),) * len(work.lines), f"{type(error).__name__}: {error}")
    found = [(row.line, row.verdict, row.code) for row in file.rows]
    return Judged(work, tuple(_verdict(line, found) for line in work.lines), file.trouble or "")


def _verdict(line: Line, found: Sequence[tuple[int, str, str | None]]) -> tuple[str, str | None]:
    there = [(verdict, code) for at, verdict, code in found if line.first <= at <= line.last]
    return min(there, key=lambda one: VERDICTS.index(one[0]), default=("none", None))


@dataclass
class Tally:
    """Counts by outcome."""

    of: Counter[str] = field(default_factory=Counter)

    def add(self, judged: Judged) -> None:
        """One work more."""
        self.of["works"] += 1
        for line, verdict, code in judged.rows():
            self.of[outcome(line, verdict)] += 1
            self.of["rows" if line.true else "false"] += 1
            self.of["named"] += not line.true and code == line.code

    def share(self, part: str, whole: str) -> float:
        """How many of them; all of none."""
        return self.of[part] / self.of[whole] if self.of[whole] else 1.0

    def line(self, title: str) -> str:
        """A row of a table."""
        counts = "".join(f"{self.of[column]:>9}" for column in COLUMNS)
        return f"{title:<38}{counts}   {self.share('right', 'rows'):>6.1%} {self.share('found', 'false'):>6.1%}"


@dataclass
class Measured:
    """What was said of all works."""

    works: list[Judged]

    def tally(self, wanted: Callable[[Judged], bool] = lambda judged: True) -> Tally:
        """Of the works that are wanted."""
        tally = Tally()
        for judged in filter(wanted, self.works):
            tally.add(judged)
        return tally

    def consistent_named(self) -> tuple[int, int]:
        """Works with the same mistake throughout: in how many the first such row is found, of how many."""
        works = [judged for judged in self.works if judged.work.species == "consistent"]
        firsts = [next((line, verdict) for line, verdict, _ in judged.rows() if not line.true) for judged in works]
        return sum(verdict == "wrong" for _, verdict in firsts), len(works)

    def table(self) -> Iterator[str]:
        """Everything, by kind of work, by network, by the code of the mistake, and by every feature of the notation, the worst first."""
        head = f"{'':<38}" + "".join(f"{column:>9}" for column in COLUMNS) + "    right  found"
        yield head
        yield self.tally().line("all")
        named, of = self.consistent_named()
        yield f"consistent mistakes named: {named} of {of}; works that failed altogether: {sum(bool(one.trouble) for one in self.works)}"
        yield from self._worst()
        yield from self._by("kind of work", lambda judged: judged.work.species)
        yield from self._by("network", lambda judged: judged.work.network.key)
        yield from self._by("mistake", _code)
        for feature in self.works[0].work.notation.features():
            yield from self._by(feature, lambda judged, feature=feature: judged.work.notation.features()[feature])  # type: ignore[misc]

    def _worst(self, least: int = 50, shown: int = 15) -> Iterator[str]:
        """The choices of notation under which the fewest of at least so many right rows are called right."""
        tallies: dict[str, Tally] = {}
        for judged in self.works:
            for feature, value in judged.work.notation.features().items():
                tallies.setdefault(f"{feature} = {value}", Tally()).add(judged)
        many = [(title, tally) for title, tally in tallies.items() if tally.of["rows"] >= least]
        yield "\n-- the worst choices of notation"
        for title, tally in sorted(many, key=lambda item: item[1].share("right", "rows"))[:shown]:
            yield tally.line(title[:38])

    def _by(self, title: str, key: Callable[[Judged], str]) -> Iterator[str]:
        tallies: dict[str, Tally] = {}
        for judged in self.works:
            tallies.setdefault(key(judged), Tally()).add(judged)
        if len(tallies) < 2:
            return
        yield f"\n-- {title}"
        for value, tally in sorted(tallies.items(), key=lambda item: item[1].share("right", "rows")):
            yield tally.line(value or "none")


def _code(judged: Judged) -> str:
    return (
        "|".join(sorted({line.code for line in judged.work.lines if line.code}))
        if judged.work.species in {"planted", "consistent"}
        else "-"
    )


def measure(works: Sequence[tuple[str, int]], jobs: int = 1) -> Measured:
    """Judge the works of these species and seeds."""
    if jobs < 2:
        return Measured([judge(*work) for work in works])
    with ProcessPoolExecutor(jobs) as pool:
        return Measured(list(pool.map(judge, *zip(*works, strict=True), chunksize=4)))


def chosen(count: int, seed: int, species: Sequence[str] = ()) -> list[tuple[str, int]]:
    """So many right works and so many with a planted mistake, and fewer of the other species."""
    sizes = {name: max(1, count // SHARES.get(name, 1)) for name in SPECIES if not species or name in species}
    return [(name, seed * 1_000_003 + 5 * k + at) for k, (name, size) in enumerate(sizes.items()) for at in range(size)]


def shown(judged: Judged) -> Iterator[str]:
    """The rows of a work that got what they should not."""
    work = judged.work
    yield f"{work.name}: {work.network.key}, {work.notation.medium}, {work.notation.units}, {work.notation.weights} {judged.trouble}"
    for line, verdict in judged.failures:
        yield f"    {line.first:>3} {outcome(line, verdict):<9} {verdict:<12} {line.code:<30} {line.text.strip()}"


def written(judged: Judged, folder: Path) -> None:
    """The work, its network and what was expected, in a folder."""
    place = folder / judged.work.name
    place.mkdir(parents=True, exist_ok=True)
    (place / f"work{judged.work.suffix}").write_text(judged.work.text, encoding="utf-8")
    (place / "spec.toml").write_text(judged.work.spec, encoding="utf-8")
    (place / "failures.txt").write_text("\n".join([*shown(judged), "", str(judged.work.notation)]) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=400, help="so many right works, and so many with a planted mistake")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="so many processes")
    parser.add_argument("--species", action="append", default=[], choices=SPECIES, help="only these kinds of work")
    parser.add_argument("--only", action="append", default=[], metavar="SPECIES:SEED", help="only this work, shown whole")
    parser.add_argument("--show", action="store_true", help="print the rows that got what they should not")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write the works that have such rows")
    options = parser.parse_args(arguments)
    say = partial(print, file=sys.stdout)
    single = [(species, int(seed)) for species, _, seed in (one.rpartition(":") for one in options.only)]
    measured = measure(single or chosen(options.count, options.seed, options.species), options.jobs)
    for judged in measured.works:
        if single:
            say(judged.work.spec, judged.work.text, sep="\n")
        if judged.failures and (options.show or single):
            say(*shown(judged), sep="\n")
        if judged.failures and options.write:
            written(judged, options.write)
    say(*measured.table(), sep="\n")


if __name__ == "__main__":
    main()
