"""Job `evaluator`: the error of a net and all its gradients in numbers, against PyTorch's autograd."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np

from measuring import Pace, Side, alternate, profile, shown
from peer import NoPeer, Peer
from reporting import Finding, Section, table, times
from symbp.api_evaluate import Evaluator
from symbp.network.reader import load

NETS = ("2-2-2", "3-3-3", "4-4-4")
POINTS = (1, 16, 1000)
SEED = 1
LEAST = 0.2
"""Seconds that the evaluations of one run take together, or more."""


@dataclass(frozen=True)
class Net:
    """A net at random points, for both sides."""

    name: str
    points: int

    @cached_property
    def evaluator(self) -> Evaluator:
        return Evaluator(load(self.name))

    @cached_property
    def point(self) -> dict[str, list[float]]:
        draw = random.Random(SEED)
        return {name: [draw.uniform(-1, 1) for _ in range(self.points)] for name in self.evaluator.inputs}

    @cached_property
    def evaluate(self) -> Callable[[], dict[str, Any]]:
        """E and all gradients, as `symbp.derive(net).evaluate` gives them."""
        values = {name: values[0] if self.points == 1 else np.array(values) for name, values in self.point.items()}
        return lambda: self.evaluator.at(values)

    def gradients(self) -> Any:
        """By point, in the order of torch: per layer the weights by unit, then the biases."""
        found = self.evaluate()
        names = [name for layer in self.layers for part in layer for name in part]
        return np.array([np.atleast_1d(found[f"dE/d{name}"]) for name in names]).T

    @cached_property
    def layers(self) -> list[tuple[list[str], list[str]]]:
        """The canonical names of each layer's weights and biases."""
        sizes, first = [int(size) for size in self.name.split("-")], 1
        found = []
        for at, (before, size) in enumerate(pairwise(sizes), 2):
            letter = "o" if at == len(sizes) else "h"
            found.append(([f"w{first + k}" for k in range(before * size)], [f"b_{letter}{k}" for k in range(1, size + 1)]))
            first += before * size
        return found

    @cached_property
    def request(self) -> dict[str, Any]:
        """The same points for the peer."""
        named, sizes = self.point, [int(size) for size in self.name.split("-")]
        by_point = lambda names: np.array([named[name] for name in names]).T  # noqa: E731
        layers = [
            (by_point(w).reshape(self.points, size, before).tolist(), by_point(b).tolist())
            for (w, b), before, size in zip(self.layers, sizes, sizes[1:], strict=False)
        ]
        inputs, targets = (
            by_point([f"{letter}{k}" for k in range(1, n + 1)]).tolist() for letter, n in (("i", sizes[0]), ("t", sizes[-1]))
        )
        return {"inputs": inputs, "targets": targets, "layers": layers}


def evaluator(pace: Pace) -> Section:
    nets = [Net(name, points) for points in (POINTS[:1] if pace.quick else POINTS) for name in (NETS[:1] if pace.quick else NETS)]
    findings, rows = [], []
    try:
        with Peer("gradients", "torch", pace) as peer:
            for net in nets:
                found = compared(net, pace, peer)
                rows.append(found)
                what = f"{net.name}: error and gradients at {net.points:,} point{'s' * (net.points > 1)}, faster"
                findings.append(Finding(what, "PyTorch, CPU, float64, autograd", 1, "least", found[2] / found[1], bounded_by=why(net)))
    except NoPeer as error:
        findings.append(Finding("error and gradients in numbers, faster", "PyTorch", 1, "least", None, note=str(error)))
        rows += [(net, run(net, 100), 0.0, 0.0) for net in nets]
    cells = [
        (
            net.name,
            f"{net.points:,}",
            shown(ours),
            shown(theirs) if theirs else "–",
            times(theirs / ours) if theirs else "–",
            f"{off:.0e}" if theirs else "–",
        )
        for net, ours, theirs, off in rows
    ]
    text = (
        f"Medians of {pace.rounds()} runs of many evaluations, in turn, set-up left out, one thread. symbp:",
        "`symbp.derive(net).evaluate`, floats at one point, numpy's arrays at many: E and all gradients. PyTorch: forward pass and",
        "`torch.autograd.grad` by weights and biases; at many points, whose weights differ too, matrices in a batch.",
        "",
        *table(("net", "points", "symbp", "PyTorch", "ratio", "largest difference"), cells),
    )
    return Section("Gradients in numbers", tuple(findings), (), text)


def compared(net: Net, pace: Pace, peer: Peer) -> tuple[Net, float, float, float]:
    """Seconds an evaluation of both sides, and the largest difference between their gradients."""
    theirs = np.array(peer.ask(**net.request, count=1)["gradients"])
    off = float(np.abs(theirs - net.gradients()).max())
    if off > 1e-12:
        raise RuntimeError(f"{net.name}: the two sides differ by {off:.1e}; nothing is reported")
    once = max(run(net, 10), 1e-7)
    count = max(int(LEAST / once), 3)
    sides: dict[str, Side] = {"ours": lambda: run(net, count), "theirs": lambda: float(peer.ask(**net.request, count=count)["seconds"])}
    found = alternate(sides, pace.rounds(), warm=True)
    return net, found["ours"].median, found["theirs"].median, off


def run(net: Net, count: int) -> float:
    """Seconds an evaluation takes."""
    evaluate = net.evaluate
    start = perf_counter()
    for _ in range(count):
        evaluate()
    return (perf_counter() - start) / count


def why(net: Net) -> str:
    return profile(lambda: run(net, 200), 3)
