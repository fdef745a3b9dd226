"""Job `operations`: what all gradients take, per operation of the forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from counting import program_operations, signs
from measuring import Pace
from reporting import Finding, Section, table
from symbp.derivation.formulas import gradient_program
from symbp.network.forward import forward
from symbp.network.gallery import examples
from symbp.network.program import Program
from symbp.network.reader import load
from symbp.network.spec import NetworkSpec

AIM = 1.5
SHORTHANDS = ("2-2-2", "3-3-3-3", "4-4-4-4", "2-3-1:tanh,sigmoid")
SOFTMAX = "4-4-{outputs}, softmax with half squared error"
OUTPUTS = (2, 4, 8, 16)


@dataclass(frozen=True)
class Work:
    """What it takes to compute a net's error, and then all its deltas and gradients."""

    name: str
    spec: NetworkSpec

    @cached_property
    def programs(self) -> tuple[Program, Program]:
        return forward(self.spec), gradient_program(self.spec)

    @property
    def tape(self) -> tuple[int, int]:
        """As computed: activations written out, equal parts once, a sign counts one."""
        before, after = (program.tape.operations for program in self.programs)
        return before, after

    @property
    def counted(self) -> tuple[int, int]:
        """An addition, a product, a call each one, on both sides; equal parts once, a sign is free, an activation one call."""
        before, after = map(program_operations, self.programs)
        return before, after

    @property
    def ratio(self) -> float:
        return self.counted[1] / self.counted[0]

    @property
    def strictest(self) -> float:
        """Signs, and activations written out, counted in the gradients but not in the forward pass."""
        return self.tape[1] / self.counted[0]


def softmax_net(outputs: int) -> NetworkSpec:
    """A softmax layer whose error does not collapse with it: its whole Jacobian acts."""
    text = "\n".join(
        (
            'title = "softmax"\ninputs = 4',
            '[[layers]]\nunits = 4\nactivation = "tanh"',
            f'[[layers]]\nunits = {outputs}\nactivation = "softmax"\n',
        )
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.toml"
        path.write_text(text, "utf-8")
        return load(path)


def operations(pace: Pace) -> Section:
    names = examples()
    nets = [Work(name, load(name)) for name in (*names, *SHORTHANDS)]
    joint = [Work(SOFTMAX.format(outputs=n), softmax_net(n)) for n in OUTPUTS]
    built_in, against = nets[: len(names)], "operations of the forward program"
    worst, strict, most = max(built_in, key=lambda w: w.ratio), max(built_in, key=lambda w: w.strictest), joint[-1]
    found = (
        Finding(f"all gradients of every example, the most: {worst.name}", against, AIM, "most", worst.ratio, ""),
        Finding(f"the same, strictest count: {strict.name}", against, AIM, "most", strict.strictest, "", bounded_by=turned(strict)),
        Finding(f"all gradients, {most.name}", against, AIM, "most", most.ratio, "", bounded_by=growth(joint)),
    )
    head = ("net", "forward", "gradients", "ratio", "tape, forward", "tape, gradients", "tape, ratio", "strictest ratio")
    rows = [(w.name, *w.counted, f"{w.ratio:.2f}", *w.tape, f"{w.tape[1] / w.tape[0]:.2f}", f"{w.strictest:.2f}") for w in nets + joint]
    text = (
        "All deltas and gradients, per operation of the forward pass, whose values are used again. An addition, a product and a call count",
        "one each, equal parts once, a sign is free. Tape: `Tape.operations`, where activations are written out (sigmoid: sign, exp,",
        "addition, division) and a sign counts one. Strictest: the gradients by the tape, the forward pass with a call each activation.",
        "",
        *table(head, rows),
    )
    return Section("Operations for all gradients", found, (), text)


def turned(work: Work) -> str:
    """What of the strictest count is only signs."""
    return f"{signs(work.programs[1])} of its {work.tape[1]} instructions only turn a sign, which the forward pass is not charged for"


def growth(works: Sequence[Work]) -> str:
    """How the operations grow with the outputs: linearly, where a layer shares a sum; a Jacobian entry by entry grows with their square."""
    steps = ", ".join(f"{work.counted[1]} at {outputs}" for work, outputs in zip(works, OUTPUTS, strict=True))
    return f"operations of the gradients, at so many outputs: {steps}"
