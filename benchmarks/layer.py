"""Job `layer`: the equations of a softmax layer on a whole batch, certified, against nerva-sympy's test of the same."""

from __future__ import annotations

import symbp
from measuring import Pace, Side, alternate, profile, timed
from peer import NoPeer, Peer
from reporting import Finding, Section, table, times
from symbp.api import DerivedLayer

AIM = 100
PARTS = ("layer:dense", "layer:softmax")
"""What nerva-sympy tests as one: weights and bias, then softmax; dX, dW, db and dZ."""
WHOLE, SOFTMAX, NERVA = "symbp: dense and softmax", "symbp: softmax", "nerva-sympy"
QUICK_SHAPE = (1, 2, 1)


def certified(*names: str) -> list[DerivedLayer]:
    return [symbp.derive(name, samples="rows") for name in names]


def layer(pace: Pace) -> Section:
    sides: dict[str, Side] = {WHOLE: timed(lambda: certified(*PARTS)), SOFTMAX: timed(lambda: certified(PARTS[1]))}
    trouble = ""
    try:
        with Peer("layers", "nerva-sympy", pace) as peer:
            shapes = [QUICK_SHAPE] if pace.quick else []
            found = alternate({**sides, NERVA: lambda: float(peer.ask(shapes=shapes)["seconds"])}, pace.rounds(3))
    except NoPeer as why:
        trouble, found = str(why), alternate(sides, pace.rounds())
    ratio = found[NERVA].median / found[WHOLE].median if NERVA in found else None
    slow = profile(lambda: certified(*PARTS))
    finding = Finding(
        "softmax layer on a batch, all backward equations certified", NERVA, AIM, "least", ratio, note=trouble, bounded_by=slow
    )
    rows = [(name, each, times(each.median / found[WHOLE].median)) for name, each in found.items()]
    checked = certified(*PARTS)
    entries = sum(equation.entries for one in checked for equation in one.checked.equations)
    shapes_of = [len(one.checked.layer.shapes) for one in checked]
    text = (
        f"Medians of {len(found[WHOLE].runs)} (a round of nerva-sympy takes about a minute), in turn, caches emptied, imports left out.",
        f"symbp: {' and '.join(f'`derive({name!r})`' for name in PARTS)}: {entries:,} scalar equations proved, at",
        f"{' and '.join(map(str, shapes_of))} shapes, for any error (G = dE/dY is free). nerva-sympy: its",
        "`tests/test_layer_softmax.py::test_softmax_layer`, from the source distribution: DZ, DW, Db and DX of a linear layer with",
        "softmax at four shapes, three with the sum of Y as the error, one with norms of its columns. The module `utilities`, which",
        "that test imports and the distribution leaves out, is given by `benchmarks/peers/layers.py`: its `equal_matrices` is",
        "`simplify(A - B)` being zero.",
        "",
        *table(("what", "time", "ratio"), rows),
    )
    return Section("A softmax layer on a batch", (finding,), (), text)
