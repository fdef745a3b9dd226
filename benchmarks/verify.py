"""How long hand work takes in a warm process: a right row with its proof, long works, chains of a person's own names.

`python benchmarks/verify.py [most rows]`: processor time, so that what else runs matters little; and the steps that were counted,
which do not depend on the machine at all. A second of a user's time limit is 25,000 steps.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from symbp.network.reader import load
from symbp.verification.judging.budget import Budget
from symbp.verification.report.report import FileReport
from symbp.verification.report.verify import verify_file
from symbp.verification.source.sources import kind_of_text, read_work

WORKS = Path(__file__).parents[1] / "tests" / "hand"
RIGHT = "dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1"
TIMES = 3


def right(rows: int) -> str:
    return "\n\n".join([RIGHT] * rows)


def chain(rows: int) -> str:
    """Each name by the one before it."""
    return "\n\n".join(["q_{0} = w_1", *(f"q_{{{k}}} = q_{{{k - 1}}} + w_2" for k in range(1, rows))])


def counted(judge: Callable[[], FileReport]) -> tuple[float, float, FileReport]:
    """The least seconds of some runs, the steps of one, and its report."""
    begun, seconds, spent = Budget.__post_init__, [], []

    def begin(budget: Budget) -> None:
        begun(budget)
        spent.append(budget)

    Budget.__post_init__ = begin  # type: ignore[method-assign,assignment]
    try:
        for _ in range(TIMES):
            start = time.process_time()
            found = judge()
            seconds.append(time.process_time() - start)
    finally:
        Budget.__post_init__ = begun  # type: ignore[method-assign]
    return min(seconds), max(budget.spent for budget in spent), found


def lines(most: int) -> Iterator[str]:
    mazur = load("mazur")
    for make in (right, chain):
        rows = 10
        while rows <= most:
            text = make(rows)
            seconds, steps, report = counted(lambda text=text: verify_file(mazur, text, kind_of_text(text), "work"))  # type: ignore[misc]
            yield line(f"{make.__name__}, {rows} rows", seconds, steps, report)
            rows *= 10
    for path in sorted(WORKS.glob("*/work.*")):
        folder = path.parent
        spec, (text, kind) = load(str(folder / "spec.toml")), read_work(path)
        seconds, steps, report = counted(lambda: verify_file(spec, text, kind, "work"))  # noqa: B023
        yield line(folder.name, seconds, steps, report)


def line(name: str, seconds: float, steps: float, report: FileReport) -> str:
    rows = len(report.rows)
    right = sum(row.verdict == "correct" for row in report.rows)
    proved = sum(row.certainty == "proved" for row in report.rows)
    return f"{name:28} {seconds * 1e3:9.1f} ms {seconds / rows * 1e3:7.2f} ms a row {steps:9.0f} steps {right:6} right {proved:6} proved"


if __name__ == "__main__":
    for text in lines(int(sys.argv[1]) if len(sys.argv) > 1 else 1000):
        print(text, flush=True)
