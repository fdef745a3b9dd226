"""Job `gradients`: all gradients of a sigmoid net as LaTeX, against the error composed, differentiated and written."""

from __future__ import annotations

import functools
import math
import random
from typing import Any

import sympy

from counting import count_ops, form_operations, tree_operations
from measuring import Pace, Side, Times, alternate, profile, timed
from peer import NoPeer, Peer
from reporting import Finding, Section, table, times
from symbp.derivation.derive import derive
from symbp.derivation.formulas import gradient_program
from symbp.derivation.meaning import gradient
from symbp.language.form import Node, Var
from symbp.language.latex import LatexWriter
from symbp.network.forward import forward
from symbp.network.numbers import HighPrecision, Rounding
from symbp.network.program import Program
from symbp.network.reader import load
from symbp.network.spec import NetworkSpec
from symbp.proof.certify import certify

JUDGED = "4-4-4-4"
OTHERS = ("2-2-2", "3-3-3-3")
FASTER, SMALLER = 500, 100
SEED = 1

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


# -- what is reported --------------------------------------------------------------------------------------------------

NAIVE, OURS, CERTIFIED, SYMENGINE = "SymPy", "symbp", "symbp, certified", "symengine"


def sides(net: str, pace: Pace) -> tuple[dict[str, Times], str]:
    """The times of all sides, and why symengine has none, if so. What both sides say is compared first."""
    difference = largest_difference(net, naive_gradients(net))
    if difference > 1e-9:
        raise RuntimeError(f"{net}: the two sides differ by {difference:.1e}; nothing is reported")
    works = {NAIVE: naive, OURS: ours, CERTIFIED: certified}
    local: dict[str, Side] = {name: timed(functools.partial(work, net)) for name, work in works.items()}
    layers = [int(size) for size in net.split("-")]
    try:
        with Peer("composed", "symengine", pace) as peer:
            return alternate({**local, SYMENGINE: lambda: float(peer.ask(sizes=layers)["seconds"])}, pace.rounds()), ""
    except NoPeer as why:
        return alternate(local, pace.rounds()), str(why)


def sizes(net: str) -> dict[str, dict[str, int]]:
    """What is measured: of the naive way, of it after `sympy.cse`, of our deltas and gradients with the forward pass they refer to."""
    trees, spec = list(naive_gradients(net).values()), load(net)
    shared, reduced = sympy.cse(trees)
    parts = [tree for _, tree in shared] + reduced
    programs = [forward(spec), gradient_program(spec)]
    known: dict[Any, int] = {}
    return {
        "operations": {
            NAIVE: sum(tree_operations(tree, known) for tree in trees),
            "cse": sum(tree_operations(tree, known) for tree in parts),
            OURS: sum(form_operations(b.form) for program in programs for b in program.bindings),
        },
        "`sympy.count_ops`": {
            NAIVE: sum(sympy.count_ops(tree) for tree in trees),
            "cse": sum(sympy.count_ops(tree) for tree in parts),
            OURS: sum(map(count_ops, programs)),
        },
        "characters": {
            NAIVE: sum(len(sympy.latex(tree)) for tree in trees),
            "cse": sum(len(sympy.latex(symbol)) + 3 + len(sympy.latex(tree)) for symbol, tree in shared)
            + sum(len(sympy.latex(tree)) for tree in reduced),
            OURS: sum(len(text) for program in programs for text in texts(spec, program)),
        },
    }


def gradients(pace: Pace) -> Section:
    nets = OTHERS[:1] if pace.quick else (*OTHERS, JUDGED)
    judged = nets[-1]
    found = {net: sides(net, pace) for net in nets}
    measured = {net: sizes(net) for net in nets}
    text = (*time_table(found), "", *size_table(measured))
    return Section("All gradients of a net as LaTeX", (*speed(judged, *found[judged]), *smaller(judged, measured[judged])), (), text)


def speed(net: str, found: dict[str, Times], trouble: str) -> list[Finding]:
    what, mine = f"{net}: all gradients as LaTeX, faster", found[OURS].median
    slow = profile(functools.partial(ours, net))
    theirs = found[SYMENGINE].median / mine if SYMENGINE in found else None
    return [
        Finding(what, "`sympy.diff` + `sympy.latex` of the composed error", FASTER, "least", found[NAIVE].median / mine, bounded_by=slow),
        Finding(what, "symengine: `diff` + its own `latex`", 1, "least", theirs, note=trouble, bounded_by=slow),
    ]


def smaller(net: str, found: dict[str, dict[str, int]]) -> list[Finding]:
    return [
        Finding(
            f"{net}: smaller, {measure}, forward pass included", f"{side} of the composed error", aim, "least", sides[key] / sides[OURS]
        )
        for measure, sides in found.items()
        if measure != "`sympy.count_ops`"
        for key, side, aim in ((NAIVE, "`sympy.diff`", SMALLER), ("cse", "`sympy.cse` of all gradients", 1))
    ]


def time_table(found: dict[str, tuple[dict[str, Times], str]]) -> list[str]:
    """Medians, and how many times as long as ours each takes."""
    names = (NAIVE, SYMENGINE, OURS, CERTIFIED)
    rows = []
    for net, (sides, _) in found.items():
        ratios = [times(sides[name].median / sides[OURS].median) if name in sides else "–" for name in (NAIVE, SYMENGINE, CERTIFIED)]
        rows.append((net, len(composed_error(net)[1]), *(sides.get(name, "–") for name in names), *ratios))
    runs = len(next(iter(found.values()))[0][OURS].runs)
    return [
        f"Medians of {runs} (least to most), the sides in turn, caches emptied before each, modules imported before. symbp: from the",
        "shorthand to the LaTeX of forward pass, deltas and gradients; certified: a whole derivation (`detail='brief'`) is built and",
        f"checked first. Gradients of both sides were compared at a random point (seed {SEED}).",
        "",
        *table(("net", "gradients", *names, f"{NAIVE} / ours", f"{SYMENGINE} / ours", "certified / ours"), rows),
    ]


def size_table(found: dict[str, dict[str, dict[str, int]]]) -> list[str]:
    names = (NAIVE, "cse", OURS)
    rows = [
        (net, measure, *(f"{sides[name]:,}" for name in names), *(times(sides[name] / sides[OURS]) for name in names[:2]))
        for net, measures in found.items()
        for measure, sides in measures.items()
    ]
    return [
        "Operations are counted alike on what is written: an addition, a product and a call one each (x − y one addition, x² and x / y one",
        "product, a sign free). cse: `sympy.cse` of all gradients together. Ours has the forward pass, and left sides.",
        "",
        *table(("net", "measure", *names, f"{NAIVE} / ours", "cse / ours"), rows, texts=2),
    ]
