"""How things are measured: sides take turns from cold caches, medians are taken, child processes tell their memory, profiles say why."""

from __future__ import annotations

import cProfile
import gc
import os
import pstats
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
ROUNDS, QUICK_ROUNDS = 5, 1
LONG, LONG_ROUNDS = 60.0, 3
"""What takes longer than so many seconds is repeated less often."""
Side = Callable[[], float]
"""Does its work once and gives the seconds that it took."""


@dataclass(frozen=True)
class Pace:
    """How patient a run is: `quick` is for tests."""

    quick: bool = False
    install: bool = True

    def rounds(self, usual: int = ROUNDS) -> int:
        return QUICK_ROUNDS if self.quick else usual


@dataclass(frozen=True)
class Times:
    """The seconds of one side's runs."""

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.runs)

    def __str__(self) -> str:
        return f"{shown(self.median)} ({shown(min(self.runs))} to {shown(max(self.runs))})"


def shown(seconds: float) -> str:
    """Seconds as they are read: `3.21 s`, `45.1 ms`, `12.3 µs`."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} µs"


def forget() -> None:
    """Empty SymPy's caches and symbp's, so that every run starts cold."""
    if "sympy" in sys.modules:
        from sympy.core.cache import clear_cache

        clear_cache()
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "symbp"]
    for member in [member for module in modules for member in vars(module).values() if not isinstance(member, type)]:
        if callable(clear := getattr(member, "cache_clear", None)):
            clear()
    gc.collect()


def timed(work: Callable[[], object]) -> Side:
    """`work` from cold caches; emptying them is not timed."""

    def side() -> float:
        forget()
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return side


def alternate(sides: Mapping[str, Side], rounds: int, *, warm: bool = False) -> dict[str, Times]:
    """Each side once a round, in turn, so that a busy machine slows all alike; after a round that is not counted, if `warm`."""
    if warm:
        for side in sides.values():
            side()
    runs: dict[str, list[float]] = {name: [] for name in sides}
    for at in range(rounds):
        if at >= LONG_ROUNDS and max(map(median, runs.values())) > LONG:
            break
        for name, side in sides.items():
            runs[name].append(side())
    return {name: Times(tuple(found)) for name, found in runs.items()}


# -- processes of their own ----------------------------------------------------------------------------------------------


def environment() -> dict[str, str]:
    """That of a child: bytecode is kept, as with an installed package, and symbp is the one beside this folder."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python process of its own, from its start to its end."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, encoding="utf-8", check=True)


def process(*arguments: str) -> Side:
    """A whole Python process, timed."""

    def side() -> float:
        start = time.perf_counter()
        python(*arguments)
        return time.perf_counter() - start

    return side


@dataclass(frozen=True)
class Child:
    """What a process did: how long it took, its largest memory in bytes, what it printed; None, if it was stopped at the limit."""

    seconds: float
    memory: int
    output: str | None


def child(arguments: Sequence[str], limit: float) -> Child:
    """A Python process, stopped after `limit` seconds; its memory is what the system says of it (`wait4`)."""
    start = time.perf_counter()
    run = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, encoding="utf-8")
    late = threading.Event()

    def stop() -> None:
        late.set()
        run.kill()

    timer = threading.Timer(limit, stop)
    timer.start()
    assert run.stdout is not None
    with run.stdout:
        output = run.stdout.read()
    _, status, usage = os.wait4(run.pid, 0)
    timer.cancel()
    run.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if run.returncode and not late.is_set():
        raise RuntimeError(f"{' '.join(arguments)} ended with {run.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Child(seconds, usage.ru_maxrss * unit, None if late.is_set() else output)


# -- what bounds it --------------------------------------------------------------------------------------------------------


def profile(work: Callable[[], object], most: int = 4) -> str:
    """Where the time of `work` goes, in words: shares of own time by module, then by function.

    What built-ins and Python's library take is counted to the modules that call them.
    """
    forget()
    profiler = cProfile.Profile()
    profiler.runcall(work)
    modules: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for (file, _, name), (_, _, own, _, callers) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        if _module(file) == LIBRARY and callers:
            for (caller, _, _), (_, _, share, _) in callers.items():
                modules[_module(caller)] += share
        else:
            modules[_module(file)] += own
        functions[name if file == "~" else f"{_module(file)}:{name}"] += own
    whole = sum(modules.values()) or 1.0
    parts = [f"`{name}` {share / whole:.0%}" for name, share in modules.most_common(most)]
    names = [f"`{name}` {share / whole:.0%}" for name, share in functions.most_common(most)]
    return f"own time by module: {', '.join(parts)}; by function: {', '.join(names)}"


def _module(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(ROOT / "symbp"):
        return path.relative_to(ROOT / "symbp").with_suffix("").as_posix()
    if file == "~":
        return LIBRARY
    if "site-packages" in path.parts:
        return path.parts[path.parts.index("site-packages") + 1].removesuffix(".py")
    return "benchmarks" if path.is_relative_to(ROOT / "benchmarks") else LIBRARY


def imports(*arguments: str) -> str:
    """What the imports of a Python process take, by package, as Python itself says (`-X importtime`), of the process in whole."""
    start = time.perf_counter()
    lines = python("-X", "importtime", *arguments).stderr.splitlines()
    whole = time.perf_counter() - start
    found: Counter[str] = Counter()
    for line in lines:
        own, _, name = line.removeprefix("import time:").rpartition("|")
        package = name.strip().partition(".")[0]
        if own.partition("|")[0].strip().isdigit():
            found[package if package in _PACKAGES else LIBRARY] += int(own.partition("|")[0])
    parts = [f"{name} {micros / 1e6 / whole:.0%}" for name, micros in found.most_common(5)]
    return f"of the whole process, imports by package: {', '.join(parts)}; all else {1 - sum(found.values()) / 1e6 / whole:.0%}"


LIBRARY = "Python's library"
_PACKAGES = {"sympy", "mpmath", "numpy", "jinja2", "markupsafe", "click", "symbp"}
