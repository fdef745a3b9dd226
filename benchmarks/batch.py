"""How many works a second a warm batch judges, and whether memory stays as it is while their number grows.

`python benchmarks/batch.py [works] [jobs]`: works of six rows, no two alike, right and wrong, in a folder of their own. Time is by the
clock and of the processor, of this process and its children; memory is the most that this process, and any one of its children, held.
A tenth of the works goes before, so that what is measured is warm.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from symbp.publishing.write import Journal
from symbp.verification.report.batch import Piece, Task, judge_all
from symbp.verification.report.kept import line_of, report_of
from symbp.verification.report.report import FileReport
from symbp.verification.report.submissions import collected
from symbp.verification.report.summary import Tally
from symbp.verification.report.verify import VerifyOptions

ROWS = (
    "d_o1 = (out_o1 - t1) * out_o1 * (1 - out_o1)",
    "dE/dw5 = d_o1 * out_h1",
    "dE/dw6 = d_o1 * out_h{wrong}",
    "dE/dout_h1 = d_o1 * w5 + (out_o2 - t2) * out_o2 * (1 - out_o2) * w7",
    "dE/dw1 = dE/dout_h1 * out_h1 * (1 - out_h1) * i1",
    "dE/dw8 = (out_o2 - t2) * out_o2 * (1 - out_o2) * out_h2 + {number} - {number}",
)
"""A work of six rows; a third have one wrong."""


@dataclass(frozen=True)
class Measured:
    """What a batch took: `here` and `there` are megabytes, of this process and of the largest of its children."""

    works: int
    jobs: int
    seconds: float
    processor: float
    here: float
    there: float

    def __str__(self) -> str:
        by_core = self.works / self.processor
        return (
            f"{self.works:7} works {self.jobs} jobs {self.seconds:8.1f} s {self.works / self.seconds:7.1f} works a second "
            f"{by_core:7.1f} a second of a core {self.here:6.0f} MB here {self.there:6.0f} MB in a child"
        )


def written(folder: Path, count: int) -> list[str]:
    """The names of `count` works in `folder`."""
    names = []
    for at in range(count):
        path = folder / f"student_{at}.txt"
        path.write_text("\n".join(ROWS).format(wrong=1 if at % 3 == 0 else 2, number=at + 2) + "\n", "utf-8")
        names.append(str(path))
    return names


def processor() -> float:
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def largest(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / (1024 if sys.platform != "darwin" else 2**20)


def batch(names: list[str], jobs: int) -> Measured:
    """Judge the works as the command does: each report to disk, and from there into the report on the class."""
    task, pieces, journal, places = Task("mazur", None, VerifyOptions()), [Piece(one) for one in collected(names)], Journal(None), {}

    def keep(at: int, report: FileReport) -> None:
        places[at] = journal.append(line_of("", report))

    start, used = time.perf_counter(), processor()
    judge_all(task, pieces, jobs, keep)
    tally = Tally()
    for at in range(len(pieces)):
        found = report_of(journal.line(places[at]))
        assert found is not None
        tally.add(found[1])
    assert tally.done().works == len(names)
    journal.close(removes=True)
    seconds, spent = time.perf_counter() - start, processor() - used
    return Measured(len(names), jobs, seconds, spent, largest(resource.RUSAGE_SELF), largest(resource.RUSAGE_CHILDREN))


def measured(most: int, jobs: int) -> Iterator[Measured]:
    """A tenth, a third and all of the works, the first of which warms what is kept between processes."""
    with tempfile.TemporaryDirectory() as folder:
        names = written(Path(folder), most)
        for count in (max(2, most // 10), max(3, most // 3), most):
            yield batch(names[:count], jobs)


if __name__ == "__main__":
    os.nice(10)
    numbers = [int(text) for text in sys.argv[1:]]
    for one in measured(numbers[0] if numbers else 300, numbers[1] if len(numbers) > 1 else 1):
        print(one, flush=True)
