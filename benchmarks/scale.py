"""Job `scale`: every weight of nets far past a lecture's, derived, certified and rendered; alone, `python benchmarks/scale.py NET`."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log
from pathlib import Path
from statistics import median

NETS = {"8-8-4": 5, "24-24-16": 5, "80-80-40": 3, "784-30-10": 1}
"""And how often each is run; the last two take long."""
QUICK = ("2-2-2", "8-8-4")
LINEAR, BASE, LARGE = 1.3, "24-24-16", "80-80-40"
HUGE, MEMORY, IMPORTS = "784-30-10", 1.0, 60
LIMIT = 300.0
"""Seconds after which a net is given up."""
FORMAT, DETAIL = "md", "brief"
AXES = {
    "outputs of a softmax, 2-n": ("2-{n}:softmax", (250, 500, 1000), 1.2),
    "sigmoid outputs, 2-n": ("2-{n}", (250, 500, 1000), 1.2),
    "layers of two units": ("{n}", (15, 30, 60), 1.2),
}
"""What one number of a network grows by: its shorthand, the sizes, and the largest exponent that is aimed at."""
QUICK_SIZES = 2
"""So many sizes, the smallest, of each axis in a quick run."""
GIB = 2.0**30


def work(net: str) -> dict[str, float]:
    """The seconds of each part, imports left out; the document is not written to a file."""
    import symbp

    symbp.derive("1-1", detail=DETAIL).render(FORMAT)  # so that everything is imported
    start = time.perf_counter()
    derived = symbp.derive(net, detail=DETAIL)
    certified = time.perf_counter()
    text = derived.render(FORMAT)
    end = time.perf_counter()
    shown = set(re.findall(r"\\frac\{\\partial E\}\{\\partial w_\{(\d+)\}\}", text))
    if len(shown) != weights(net):
        raise RuntimeError(f"{net}: the document has the gradients of {len(shown)} weights")
    return {"derive": certified - start, "render": end - certified, "characters": len(text)}


def certified(net: str) -> dict[str, float]:
    """The seconds of the process's own that a derivation and its certification take; a softmax's text grows with the square."""
    import symbp

    symbp.derive("1-1", detail=DETAIL)
    symbp.derive("2-2:softmax", detail=DETAIL)
    start = time.process_time()
    symbp.derive(net, detail=DETAIL)
    return {"derive": time.process_time() - start}


def shorthand(pattern: str, n: int) -> str:
    """The network of an axis at `n`; where the pattern is nothing but n, so many layers of two units."""
    return "-".join(["2"] * (n + 1)) if pattern == "{n}" else pattern.format(n=n)


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """The power of the size by which the seconds grow, from the first to the last."""
    return log(seconds[-1] / seconds[0]) / log(sizes[-1] / sizes[0])


def weights(net: str) -> int:
    sizes = [int(size) for size in net.split("-")]
    return sum(a * b for a, b in pairwise(sizes))


@dataclass
class Runs:
    """The runs of a net: seconds of the whole process, of the work in it, the largest memory; or that it was given up."""

    net: str
    whole: list[float] = field(default_factory=list)
    derive: list[float] = field(default_factory=list)
    render: list[float] = field(default_factory=list)
    memory: int = 0
    given_up: bool = False

    def run(self) -> None:
        from measuring import child

        found = child((str(Path(__file__)), self.net), LIMIT)
        self.memory = max(self.memory, found.memory)
        if found.output is None:
            self.given_up = True
            return
        parts = json.loads(found.output)
        self.whole.append(found.seconds)
        self.derive.append(parts["derive"])
        self.render.append(parts["render"])

    @property
    def per_weight(self) -> float | None:
        if self.given_up:
            return None
        return (median(self.derive) + median(self.render)) / weights(self.net)

    def cells(self, imported: float) -> tuple[object, ...]:
        from measuring import shown

        memory = f"{self.memory / 2**20:,.0f} MiB"
        if self.given_up:
            return self.net, f"{weights(self.net):,}", 1, f"not finished in {LIMIT:g} s", "–", "–", "–", memory
        per = self.per_weight
        assert per is not None
        sums = (shown(median(self.derive)), shown(median(self.render)), shown(per), f"{median(self.whole) / imported:.1f}")
        return self.net, f"{weights(self.net):,}", len(self.whole), *sums, memory


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from symbp.__main__ import in_own_process

    task = certified if "--certify" in sys.argv else work
    in_own_process(lambda: print(json.dumps(task(sys.argv[1]))))
else:
    from measuring import Pace, Times, child, process, profile, shown
    from reporting import Finding, Section, table

    def scale(pace: Pace) -> Section:
        """Small nets several times in turn; `import sympy` with them."""
        nets = {name: Runs(name) for name in (QUICK if pace.quick else NETS)}
        imports, sympy = [], process("-c", "import sympy")
        sympy()
        for at in range(pace.rounds()):
            imports.append(sympy())
            for name, runs in nets.items():
                if not runs.given_up and at < NETS.get(name, 1):
                    runs.run()
        imported = Times(tuple(imports)).median
        findings = () if pace.quick else judged(nets, imported)
        head = ("net", "weights", "runs", "derive and certify", "render", "a weight", "process / `import sympy`", "peak memory")
        text = (
            f"`symbp.derive(net, detail='{DETAIL}').render('{FORMAT}')`, each run in a process of its own, with the cyclic",
            "collector set as the process `symbp` sets it, imports left out but for the last ratio, memory as the system counts it. Each",
            "document was searched for the gradient of every weight.",
            f"A net is given up after {LIMIT:g} s.",
            "",
            *table(head, (runs.cells(imported) for runs in nets.values())),
            "",
            *along(pace, imported),
        )
        commands = tuple(f"python benchmarks/scale.py {name}" for name in nets)
        return Section("Every weight of large nets", findings, commands, text)

    def along(pace: Pace, imported: float) -> Iterator[str]:
        """Each axis as a row: the CPU seconds at each size, and the exponent against the one that is aimed at."""
        yield "Derived and certified, not rendered, in processes of their own; CPU seconds, imports left out, by the size of one axis:"
        yield ""
        rows = []
        for name, (pattern, every, aim) in AXES.items():
            sizes = every[:QUICK_SIZES] if pace.quick else every
            found = [child((str(Path(__file__)), shorthand(pattern, n), "--certify"), LIMIT).output for n in sizes]
            seconds = [json.loads(output)["derive"] for output in found if output is not None]
            cells = ", ".join(f"{n}: {shown(s)}" for n, s in zip(sizes, seconds, strict=False))
            late = f", {sizes[len(seconds)]} not finished in {LIMIT:g} s" if len(seconds) < len(sizes) else ""
            power = f"{exponent(sizes, seconds):.2f}" if not late else "–"
            largest = f"{seconds[-1] / imported:.1f}" if seconds else "–"
            rows.append((name, cells + late, power, f"{aim:g}", largest))
        yield from table(("axis", "CPU", "exponent", "aim", "largest / `import sympy`"), rows)

    def judged(nets: dict[str, Runs], imported: float) -> tuple[Finding, ...]:
        base, large, huge = nets[BASE], nets[LARGE], nets[HUGE]
        slow = f"{BASE} profiled: {profile(lambda: work(BASE), 6)}"
        late = f"not finished in {LIMIT:g} s"
        what = f"{HUGE}, {weights(HUGE):,} weights"
        linear = large.per_weight / base.per_weight if large.per_weight and base.per_weight else None
        memory, whole = (None, None) if huge.given_up else (huge.memory / GIB, median(huge.whole) / imported)
        rows = (
            (f"a weight of {LARGE}", f"a weight of {BASE}", LINEAR, linear, "×"),
            (f"{what}: memory", "–", MEMORY, memory, "GiB"),
            (f"{what}: whole process", "`import sympy`", IMPORTS, whole, "×"),
        )
        return tuple(
            Finding(named, against, aim, "most", found, unit, note=late, bounded_by=slow, given_up=found is None)
            for named, against, aim, found, unit in rows
        )
