"""Measure what symbp costs, against others, in one run: python benchmarks/run.py [--only NAME …] [--quick] [--no-install] [--output FILE].

All jobs together write RESULTS.md beside this file, and RESULTS.json, of which RESULTS.md is made (`--again` makes it again). With
`--only`, what is found is printed; `--output` names the file that is written instead. Peers are installed into build/bench-venv.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from documents import formats, pdf  # noqa: E402
from gradients import gradients  # noqa: E402
from hand import mistakes, rows  # noqa: E402
from layer import layer  # noqa: E402
from measuring import Pace  # noqa: E402
from numeric import evaluator  # noqa: E402
from operations import operations  # noqa: E402
from peer import versions  # noqa: E402
from processes import mazur, start  # noqa: E402
from reporting import Results, Section  # noqa: E402
from scale import scale  # noqa: E402

JOBS: Mapping[str, Callable[[Pace], Section]] = {
    "gradients": gradients,
    "operations": operations,
    "scale": scale,
    "mazur": mazur,
    "start": start,
    "layer": layer,
    "rows": rows,
    "mistakes": mistakes,
    "evaluator": evaluator,
    "formats": formats,
    "pdf": pdf,
}
"""A row for each job, in the order of RESULTS.md."""
RESULTS = HERE / "RESULTS.md"


def main(arguments: Sequence[str] | None = None) -> None:
    options = parsed(arguments)
    output = options.output or (None if options.only else RESULTS)
    if options.again:
        output = output or RESULTS
        output.write_text(Results.of(output.with_suffix(".json").read_text("utf-8")).markdown(), "utf-8")
        return
    pace, sections = Pace(options.quick, not options.no_install), {}
    began = time.perf_counter()
    for name in options.only or JOBS:
        print(f"{name} …", file=sys.stderr, flush=True)
        sections[name] = done(name, pace)
        found = Results(about(arguments, time.perf_counter() - began, options.quick), sections)
        if output is not None:  # after each job: a run that is stopped keeps what it has found
            output.with_suffix(".json").write_text(found.to_json(), "utf-8")
            output.write_text(found.markdown(), "utf-8")
    if output is None:
        print(found.markdown(), end="")
    if failed := [name for name, section in sections.items() if section.failed]:
        sys.exit(f"failed: {', '.join(failed)}")


def done(name: str, pace: Pace) -> Section:
    """What the job found; one that fails says so, and does not take the others with it."""
    try:
        return JOBS[name](pace)
    except Exception as error:
        traceback.print_exc()
        return Section(f"The job {name}", (), (), (f"It failed: {type(error).__name__}: {error}",), failed=True)


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=JOBS, metavar="NAME", help=f"of {', '.join(JOBS)}")
    parser.add_argument("--quick", action="store_true", help="one round, small nets: to see that it works, not what it costs")
    parser.add_argument("--no-install", action="store_true", help="peers that are not there are said to be missing")
    parser.add_argument("--output", type=Path, help="the Markdown file; the same with .json beside it")
    parser.add_argument("--again", action="store_true", help="make the Markdown file of the .json again; measure nothing")
    return parser.parse_args(arguments)


def about(arguments: Sequence[str] | None, seconds: float, quick: bool) -> dict[str, str]:
    """The machine, the versions, the command."""
    import jinja2
    import numpy
    import sympy

    import symbp

    given = shlex.join(sys.argv[1:] if arguments is None else arguments)
    load = f", load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    own = {"symbp": symbp.__version__, "SymPy": sympy.__version__, "numpy": numpy.__version__, "jinja2": jinja2.__version__}
    return {
        "machine": f"{cpu()}, {os.cpu_count()} cores; {platform.system()} {platform.machine()}{load} at the end",
        "versions": f"Python {platform.python_version()}, {', '.join(f'{name} {version}' for name, version in own.items())}",
        "peers, in an environment of their own": versions(),
        "run": f"`{f'python benchmarks/run.py {given}'.strip()}`, {time.strftime('%Y-%m-%d')}, in {seconds / 60:.1f} minutes"
        + (", quick: these numbers say little" if quick else ""),
    }


def cpu() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text("utf-8").splitlines() if described.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor() or "unknown")


if __name__ == "__main__":
    main()
