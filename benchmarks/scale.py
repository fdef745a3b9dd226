"""Job `scale`: every weight of nets far past a lecture's, derived, certified and rendered; alone, `python benchmarks/scale.py NET`."""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise
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

    in_own_process(lambda: print(json.dumps(work(sys.argv[1]))))
else:
    from measuring import Pace, Times, process, profile
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
        )
        commands = tuple(f"python benchmarks/scale.py {name}" for name in nets)
        return Section("Every weight of large nets", findings, commands, text)

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
