"""What symbp costs, against the naive way: compose the error, `sympy.diff` it by every weight and bias, `sympy.latex` each result.

Run `python benchmarks/naive.py`. It prints what it measures and writes the same to RESULTS.md beside this file. It takes some minutes.
"""

from __future__ import annotations

import functools
import gc
import math
import os
import platform
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import sympy
from sympy.core.cache import clear_cache

from symbp.derivation.derive import derive
from symbp.derivation.formulas import gradient_program
from symbp.derivation.meaning import gradient
from symbp.language.form import Form, Node, Value, Var, leaves
from symbp.language.latex import LatexWriter
from symbp.network.calculus import SympyAlgebra, fold, unfold_functions
from symbp.network.forward import forward
from symbp.network.numbers import HighPrecision, Rounding
from symbp.network.program import Program
from symbp.network.reader import load
from symbp.network.spec import NetworkSpec
from symbp.proof.certify import certify

NETS = ("2-2-2", "3-3-3-3", "4-4-4-4")
JUDGED = "4-4-4-4"
COUNTED = ("mazur", *NETS, "2-3-1:tanh,sigmoid")
ROUNDS, PROCESS_ROUNDS = 5, 15
FASTER, SMALLER, OPERATIONS, PROCESS = 200, 100, 1.5, 2.5
SEED = 1
DERIVE = ("-m", "symbp", "derive", "mazur", "--to", "md")
IMPORT = ("-c", "import sympy")
HELP = ("-m", "symbp", "--help")
ROOT = Path(__file__).resolve().parent.parent


# -- the naive way -----------------------------------------------------------------------------------------------------


def unit_names(sizes: list[int]) -> list[list[str]]:
    """i1, i2; h1, h2 (h1_1, h2_1 where there are several hidden layers); o1, o2: the names that symbp gives."""
    hidden = ["h"] if len(sizes) == 3 else [f"h{layer}_" for layer in range(1, len(sizes) - 1)]
    return [[f"{letter}{k}" for k in range(1, size + 1)] for letter, size in zip(["i", *hidden, "o"], sizes, strict=True)]


def composed_error(net: str) -> tuple[Any, list[Any]]:
    """The half squared error of a sigmoid net, written out over weights, biases, inputs and targets; and its parameters."""
    sizes = [int(size) for size in net.split("-")]
    names = unit_names(sizes)
    outs = [sympy.Symbol(name) for name in names[0]]
    parameters: list[Any] = []
    weights = 0
    for layer in names[1:]:
        sources, outs, biases = outs, [], []
        for unit in layer:
            row = [sympy.Symbol(f"w{weights + k}") for k in range(1, len(sources) + 1)]
            weights += len(row)
            parameters += row
            biases.append(sympy.Symbol(f"b_{unit}"))
            net_input = sum((w * out for w, out in zip(row, sources, strict=True)), biases[-1])
            outs.append(1 / (1 + sympy.exp(-net_input)))
        parameters += biases
    error = sum(sympy.Rational(1, 2) * (sympy.Symbol(f"t{k}") - out) ** 2 for k, out in enumerate(outs, 1))
    return error, parameters


def naive_gradients(net: str) -> dict[str, Any]:
    error, parameters = composed_error(net)
    return {parameter.name: sympy.diff(error, parameter) for parameter in parameters}


def naive(net: str) -> list[str]:
    """The side that is timed."""
    return [sympy.latex(tree) for tree in naive_gradients(net).values()]


# -- ours --------------------------------------------------------------------------------------------------------------


def texts(spec: NetworkSpec, program: Program) -> list[str]:
    """Every binding as LaTeX, `lhs = rhs`; that of a gradient is dE / d parameter."""
    write = LatexWriter(spec.speller).text
    gradients: dict[Var, Node] = {Var("gradient", parameter.owner): gradient(parameter) for parameter in spec.vocabulary.parameters()}
    return [f"{write(gradients.get(binding.var, binding.var))} = {write(binding.form)}" for binding in program.bindings]


def ours(net: str) -> list[str]:
    """The side that is timed, certification left out: forward pass, deltas and gradients."""
    spec = load(net)
    return texts(spec, forward(spec)) + texts(spec, gradient_program(spec))


def certified(net: str) -> list[str]:
    """The same, with a whole derivation built and every equation and gradient of it checked first."""
    spec = load(net)
    certify(derive(spec, Rounding(), "brief"))
    return texts(spec, forward(spec)) + texts(spec, gradient_program(spec))


# -- operations: an addition, a product and a function call count one each; a sign is free -----------------------------


def form_operations(node: Node) -> int:
    """Of a Form as it is written: x - y is one addition, x**2 one product, x/y one product, sigma(x) one call."""
    if not isinstance(node, Form) or not any(isinstance(leaf, Var) for leaf in leaves(node)):
        return 0
    inside = sum(form_operations(arg) for arg in node.args)
    if node.op in {"add", "times", "dot"}:
        return inside + len(node.args) - 1
    if node.op == "pow" and isinstance(node.args[1], Value):
        return inside + int(node.args[1].shown) - 1
    return inside + (node.op != "neg")


def tree_operations(tree: Any, known: dict[Any, int]) -> int:
    """Of a SymPy expression as it is printed, by the same rules; `known` remembers equal parts, each counts where it stands."""
    if tree not in known:
        known[tree] = sum(tree_operations(arg, known) for arg in tree.args) + _own(tree)
    return known[tree]


def _own(tree: Any) -> int:
    if tree.is_Add:
        return len(tree.args) - 1
    if tree.is_Mul:
        factors = [arg for arg in tree.args if arg != -1]
        below = sum(bool(arg.is_Pow and arg.exp.is_negative) for arg in factors)  # each counts its division itself
        return len(factors) - 1 - below + (below == len(factors))
    if tree.is_Pow:
        power = int(tree.exp)
        return power - 1 if power > 0 else -power
    return 1 if tree.args else 0


def count_ops(program: Program) -> int:
    """sympy.count_ops of every right-hand side, turned into a SymPy expression."""
    total = 0
    for binding in program.bindings:
        symbols = {leaf: sympy.Dummy() for leaf in leaves(binding.form) if isinstance(leaf, Var)}
        total += sympy.count_ops(fold(unfold_functions(binding.form), SympyAlgebra(), symbols.__getitem__))
    return total


# -- do both sides say the same? ---------------------------------------------------------------------------------------


def largest_difference(net: str, gradients: dict[str, Any]) -> float:
    """The largest relative difference between the two sides' gradients at a random point."""
    spec, draw = load(net), random.Random(SEED)
    program, algebra = forward(spec), HighPrecision(30)
    at = {var: draw.uniform(-1, 1) for var in program.free}
    values = program.evaluate({var: algebra.context.mpf(x) for var, x in at.items()}, algebra)
    found = gradient_program(spec).tape.run(values, algebra)
    name = spec.vocabulary.canonical
    known = {sympy.Symbol(name(var)): x for var, x in at.items()}
    pairs = [(float(found[Var("gradient", p.owner)]), value(gradients[name(p)], known)) for p in spec.vocabulary.parameters()]
    return max(abs(a - b) / abs(a) for a, b in pairs)


def value(tree: Any, known: dict[Any, float]) -> float:
    if tree not in known:
        args = [value(arg, known) for arg in tree.args]
        if tree.is_Add:
            known[tree] = math.fsum(args)
        elif tree.is_Mul:
            known[tree] = math.prod(args)
        else:
            known[tree] = args[0] ** args[1] if tree.is_Pow else math.exp(args[0]) if args else float(tree)
    return known[tree]


# -- time --------------------------------------------------------------------------------------------------------------


def forget() -> None:
    """Empty SymPy's caches and symbp's, so that every run starts cold."""
    clear_cache()
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "symbp"]
    for member in [member for module in modules for member in vars(module).values()]:
        if callable(clear := getattr(member, "cache_clear", None)):
            clear()
    gc.collect()


def seconds(job: Callable[[], object]) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


@dataclass(frozen=True)
class Times:
    """The seconds of one side's runs."""

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.runs)

    def __str__(self) -> str:
        return f"{_seconds(self.median)} ({_seconds(min(self.runs))} to {_seconds(max(self.runs))})"


def alternate(jobs: Sequence[Callable[[], object]], rounds: int) -> list[Times]:
    """Each job once a round, in turn, from cold caches."""
    runs: list[list[float]] = [[] for _ in jobs]
    for _ in range(rounds):
        for found, job in zip(runs, jobs, strict=True):
            forget()
            found.append(seconds(job))
    return [Times(tuple(found)) for found in runs]


def _seconds(time: float) -> str:
    return f"{time:.2f} s" if time >= 1 else f"{time * 1000:.1f} ms" if time < 0.1 else f"{time * 1000:.0f} ms"


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python process of its own, from its start to its end."""
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)


def help_imports_sympy() -> bool:
    """Does Python's own list of imports name SymPy?"""
    lines = python("-X", "importtime", *HELP).stderr.splitlines()
    return any(line.rpartition("|")[2].strip().partition(".")[0] == "sympy" for line in lines)


# -- what is reported --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """One net, both sides."""

    net: str
    naive: Times
    ours: Times
    certified: Times
    gradients: dict[str, Any]

    @functools.cached_property
    def size(self) -> dict[str, tuple[int, int, int]]:
        """What is measured: of the naive side, of our deltas and gradients, of those and the forward pass they refer to."""
        spec, known = load(self.net), dict[Any, int]()
        programs = [gradient_program(spec), forward(spec)]
        written = [sum(form_operations(b.form) for b in program.bindings) for program in programs]
        counted = [count_ops(program) for program in programs]
        characters = [sum(map(len, texts(spec, program))) for program in programs]
        trees = self.gradients.values()
        sides = {
            "operations": (sum(tree_operations(tree, known) for tree in trees), written),
            "`sympy.count_ops`": (sum(sympy.count_ops(tree) for tree in trees), counted),
            "characters": (sum(len(sympy.latex(tree)) for tree in trees), characters),
        }
        return {name: (theirs, mine[0], sum(mine)) for name, (theirs, mine) in sides.items()}


def compared(net: str) -> Compared:
    say(f"{net}: {ROUNDS} rounds …")
    jobs = [functools.partial(side, net) for side in (naive, ours, certified)]
    runs = alternate(jobs, ROUNDS)
    gradients = naive_gradients(net)
    difference = largest_difference(net, gradients)
    if difference > 1e-9:
        sys.exit(f"{net}: the two sides differ by {difference:.1e}; nothing is reported")
    return Compared(net, runs[0], runs[1], runs[2], gradients)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def head(*cells: str) -> list[str]:
    return [row(*cells), row(*["---", *["---:"] * (len(cells) - 1)])]


def times(ratio: float) -> str:
    return f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.2f}×"


def at_least(aim: float, found: float) -> str:
    return f"at least {aim:g}× | {times(found)} | {'met' if found >= aim else f'missed by {1 - found / aim:.1%}'}"


def at_most(aim: float, found: float) -> str:
    return f"at most {aim:g} | {found:.2f} | {'met' if found <= aim else f'missed by {found / aim - 1:.1%}'}"


def machine() -> Iterator[str]:
    yield f"- {_cpu()}, {os.cpu_count()} cores; {platform.system()}"
    yield f"- Python {platform.python_version()}, SymPy {sympy.__version__}"
    yield f"- {time.strftime('%Y-%m-%d')}, by `python benchmarks/naive.py`"


def _cpu() -> str:
    about = Path("/proc/cpuinfo")
    lines = about.read_text("utf-8").splitlines() if about.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor() or "unknown")


def time_table(nets: list[Compared]) -> Iterator[str]:
    yield "## Time"
    yield ""
    yield f"Medians of {ROUNDS} runs each (least to most), the sides in turn, every cache of SymPy and symbp emptied before each run,"
    yield "modules imported before. Ours: from the shorthand to the LaTeX of forward pass, deltas and gradients. Certified: the whole"
    yield "derivation (`detail='brief'`) is built and checked first. Naive: the error composed, `sympy.diff`, `sympy.latex`."
    yield ""
    yield from head("net", "gradients", "naive", "ours", "ours, certified", "naive / ours", "naive / certified")
    for c in nets:
        ratios = times(c.naive.median / c.ours.median), times(c.naive.median / c.certified.median)
        yield row(c.net, len(c.gradients), c.naive, c.ours, c.certified, *ratios)


def size_table(nets: list[Compared]) -> Iterator[str]:
    yield "## Size"
    yield ""
    yield "Operations of both sides are counted in the same way, on what is written: an addition, a product and a function call count"
    yield "one each (x − y is one addition, x² and x / y are one product, a sign is free); beside it, SymPy's own `count_ops` of both."
    yield "Ours: the deltas and gradients; *complete*: with the forward pass that defines the names in them. The naive text is right"
    yield "sides only, ours has its left sides too."
    yield ""
    yield from head("net", "measure", "naive", "ours", "ours, complete", "naive / ours", "naive / complete")
    for c in nets:
        for name, (theirs, mine, complete) in c.size.items():
            yield row(c.net, name, f"{theirs:,}", f"{mine:,}", f"{complete:,}", times(theirs / mine), times(theirs / complete))


@dataclass(frozen=True)
class Work:
    """What it takes to compute a net's error, and then all its gradients, each way of counting."""

    net: str

    @functools.cached_property
    def programs(self) -> tuple[Program, Program]:
        spec = load(self.net)
        return forward(spec), gradient_program(spec)

    @property
    def tape(self) -> list[int]:
        return [program.tape.operations for program in self.programs]

    @property
    def written(self) -> list[int]:
        return [sum(form_operations(binding.form) for binding in program.bindings) for program in self.programs]

    @property
    def strictest(self) -> float:
        """Signs counted in the gradients but not in the forward pass, where an activation is a single call."""
        return self.tape[1] / self.written[0]


def work_table(nets: list[Work]) -> Iterator[str]:
    yield "## Operations for all gradients, per operation of the forward pass"
    yield ""
    yield "`Tape.operations`: as computed, activations written out (sigmoid: sign, exp, addition, division), a sign counts one, equal"
    yield "parts once. As written: an activation is one call, a sign is free. Strictest: the gradients counted the first way, the forward"
    yield "pass the second. All deltas are part of the gradients; what the forward pass computed is used again."
    yield ""
    yield from head("net", "forward", "gradients", "ratio", "forward, as written", "gradients, as written", "ratio", "strictest ratio")
    for w in nets:
        cells = [*w.tape, f"{w.tape[1] / w.tape[0]:.2f}", *w.written, f"{w.written[1] / w.written[0]:.2f}"]
        yield row(w.net, *cells, f"{w.strictest:.2f}")


def process_table(derived: Times, imported: Times, helped: Times) -> Iterator[str]:
    yield "## Whole processes"
    yield ""
    yield f"Medians of {PROCESS_ROUNDS} (least to most), in turn."
    yield ""
    yield from head("command", "time", "of `import sympy`")
    for arguments, found in ((DERIVE, derived), (IMPORT, imported), (HELP, helped)):
        shown = " ".join(f'"{part}"' if " " in part else part for part in arguments)
        yield row(f"`python {shown}`", found, f"{found.median / imported.median:.2f}")


def aims(judged: Compared, work: list[Work], derived: Times, imported: Times) -> Iterator[str]:
    size = judged.size
    worst = max(work, key=lambda w: w.tape[1] / w.tape[0])
    strict = max(work, key=lambda w: w.strictest)
    yield "## Aims"
    yield ""
    yield "| what | aim | found | |"
    yield "| --- | ---: | ---: | --- |"
    yield f"| {judged.net}: faster than the naive way | {at_least(FASTER, judged.naive.median / judged.ours.median)} |"
    for name in ("operations", "characters"):
        yield f"| {judged.net}: smaller, {name}, complete | {at_least(SMALLER, size[name][0] / size[name][2])} |"
    yield f"| gradients / forward, `Tape.operations`, the largest ({worst.net}) | {at_most(OPERATIONS, worst.tape[1] / worst.tape[0])} |"
    yield f"| the same, strictest count, the largest ({strict.net}) | {at_most(OPERATIONS, strict.strictest)} |"
    yield f"| `symbp derive mazur --to md` / `import sympy` | {at_most(PROCESS, derived.median / imported.median)} |"
    imports = help_imports_sympy()
    yield f"| `symbp --help` imports SymPy | no | {'yes | missed' if imports else 'no | met'} |"


def report() -> str:
    nets = [compared(net) for net in NETS]
    work = [Work(net) for net in COUNTED]
    say(f"whole processes: {PROCESS_ROUNDS} rounds …")
    commands = [functools.partial(python, *arguments) for arguments in (DERIVE, IMPORT, HELP)]
    alternate(commands, 1)
    derived, imported, helped = alternate(commands, PROCESS_ROUNDS)
    judged = next(c for c in nets if c.net == JUDGED)
    tables = [aims(judged, work, derived, imported), time_table(nets), size_table(nets), work_table(work)]
    tables.append(process_table(derived, imported, helped))
    blocks = ["# What symbp costs, against the naive way", "\n".join(machine()), *map("\n".join, tables)]
    agreed = f"Both sides' gradients of each net were evaluated at a random point (seed {SEED}); all agree to 9 digits or better."
    return "\n\n".join([*blocks, agreed]) + "\n"


def main() -> None:
    text = report()
    print(text, end="")
    Path(__file__).with_name("RESULTS.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
