"""Every golden derivation with one edit: what changes the value of a form must be refuted, and nothing else may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random

import pytest
from evaluator import WHOLE, Nonsense, World, alike, generic_point

from symbp.derivation.derive import derive
from symbp.derivation.steps import Derivation, Detail, Display, Link, Section, Step
from symbp.errors import StepRefuted
from symbp.language.form import Edge, Form, Function, Index, Layer, Node, Range, Unit, Value, Var, leaves, number
from symbp.network.activation import ACTIVATIONS
from symbp.network.numbers import Rounding
from symbp.network.reader import load
from symbp.proof.certify import _Court, certify

POINTS = 2
Edit = tuple[str, Node]
KINDS = {
    *("sign", "index", "dropped factor", "doubled factor", "dropped term", "out for net"),
    *("transpose", "digit", "constant", "function", "lost path"),
}


@dataclass(frozen=True)
class Golden:
    """A derivation to mutate; at least `floor` of its mutants must be wrong."""

    name: str
    network: str
    floor: int
    detail: Detail = "normal"
    options: dict[str, str] = field(default_factory=dict)

    def derivation(self) -> Derivation:
        return derive(load(self.network).with_options(**self.options), Rounding(6), self.detail)


GOLDEN = (
    Golden("mazur", "mazur", 2900),
    Golden("mazur in nielsen's notation", "mazur", 2900, options={"notation": "nielsen"}),
    Golden("mazur in full", "mazur", 4700, "full"),
    Golden("mazur, output first", "mazur", 3200, options={"update": "output_first"}),
    Golden("2-3-1 tanh, sigmoid in full", "2-3-1:tanh,sigmoid", 2300, "full"),
    Golden("2-2-2-2", "2-2-2-2", 2800),
)


# -- edits -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Editor:
    """Makes every form that differs from a given one by one edit."""

    variables: tuple[Var, ...]
    numbers: tuple[Value, ...]
    indices: tuple[str, ...]

    @classmethod
    def of(cls, derivation: Derivation, step: Step) -> Editor:
        words = derivation.spec.vocabulary
        forms = [step.lhs, *(link.form for link in step.chain)]
        bound = [leaf.index.name for form in forms for leaf in leaves(form) if isinstance(leaf, Range)]
        whole = [Var(kind, Layer(at)) for kind in (*WHOLE, "weights") for at in range(words.last + 1)]
        late = [replace(var, step=1) for var in words.variables() if var.kind == "delta"]
        names = dict.fromkeys([over.name for over in step.every] + bound)
        return cls((*words.variables(), *late, *whole), _numbers(derivation), tuple(names))

    def edits(self, node: Node, *, in_place: bool = True) -> Iterator[Edit]:
        """`node` with one edit at or below it; only `in_place` may it become something else than a Var."""
        if isinstance(node, Var):
            yield from (("index", var) for var in self._siblings(node))
            yield from (("out for net", var) for var in _out_for_net(node))
        elif isinstance(node, Value):
            yield from (("index", value) for value in self.numbers if value != node and _sort(value) == _sort(node))
            yield from (("digit", replace(node, shown=shown)) for shown in _digits(node.shown))
            if isinstance(node.meaning, Fraction):
                yield "constant", number(node.meaning + 1)
        elif isinstance(node, Form):
            yield from _at_root(node)
            yield from self._below(node)
        if in_place and not isinstance(node, Function | Range):
            yield "sign", node.args[0] if isinstance(node, Form) and node.op == "neg" else Form("neg", (node,))
            yield from (("transpose", form) for form in _transposed(node))

    def _below(self, node: Form) -> Iterator[Edit]:
        for at, arg in enumerate(node.args):
            fixed = node.op in {"total", "partial", "matrix"} or (node.op == "ddx" and at == 1)
            if isinstance(arg, Function):
                found: Iterator[Edit] = (("function", function) for function in _other_functions(arg))
            elif isinstance(arg, Range):
                found = (("index", Range(arg.index, p)) for p in _shifted(arg.over) if not isinstance(arg.over, str))
            else:
                found = self.edits(arg, in_place=not fixed)
            for kind, edited in found:
                yield kind, Form(node.op, (*node.args[:at], edited, *node.args[at + 1 :]))

    def _siblings(self, var: Var) -> Iterator[Var]:
        if var in self.variables:
            yield from (v for v in self.variables if v != var and (v.kind, v.step) == (var.kind, var.step))
            return
        for owner in self._owners(var.owner):
            yield replace(var, owner=owner)

    def _owners(self, owner: object) -> Iterator[Unit | Edge | Layer]:
        match owner:
            case Layer(at):
                yield from (Layer(p) for p in _shifted(at))
            case Unit():
                yield from self._units(owner)
            case Edge(source, target):
                yield Edge(Unit(source.layer, target.index), Unit(target.layer, source.index))
                yield from (Edge(unit, target) for unit in self._units(source))
                yield from (Edge(source, unit) for unit in self._units(target))

    def _units(self, unit: Unit) -> Iterator[Unit]:
        yield from (Unit(p, unit.index) for p in _shifted(unit.layer))
        if isinstance(unit.index, Index):
            yield from (Unit(unit.layer, Index(name)) for name in self.indices if name not in {unit.index.name, "l"})


def _numbers(derivation: Derivation) -> tuple[Value, ...]:
    every = [leaf for step in derivation.steps() for link in step.chain for leaf in leaves(link.form) if isinstance(leaf, Value)]
    return tuple(dict.fromkeys(value for value in every if isinstance(value.meaning, Var | Form)))


def _sort(value: Value) -> object:
    meaning = value.meaning
    if isinstance(meaning, Form):
        return meaning.op, *(arg.kind if isinstance(arg, Var) else None for arg in meaning.args)
    return (meaning.kind, meaning.step) if isinstance(meaning, Var) else value


def _digits(shown: str) -> Iterator[str]:
    """The first and the last digit changed, and the sign."""
    places = [at for at, c in enumerate(shown.partition("e")[0]) if c.isdigit()]
    for at in sorted({places[0], places[-1]}):
        yield shown[:at] + str((int(shown[at]) + 1) % 10) + shown[at + 1 :]
    if any(c in "123456789" for c in shown):
        yield shown[1:] if shown.startswith("-") else f"-{shown}"


def _shifted(position: int | Index) -> Iterator[int | Index]:
    yield from (position.shifted(by) if isinstance(position, Index) else position + by for by in (-1, 1))


def _other_functions(function: Function) -> Iterator[Function]:
    yield replace(function, order=1 - function.order)
    yield from (
        replace(row.function, order=function.order) for row in ACTIVATIONS.values() if row.name != function.name and not row.is_joint
    )


def _out_for_net(var: Var) -> Iterator[Var]:
    other = {"out": "net", "net": "out", "outs": "nets", "nets": "outs"}.get(var.kind)
    if other is not None:
        yield replace(var, kind=other)


def _transposed(node: Node) -> Iterator[Node]:
    match node:
        case Form("transpose", (inner,)):
            yield inner
        case Form("matrix", rows):
            cells = [row.args for row in rows if isinstance(row, Form)]
            yield Form("matrix", tuple(Form("row", column) for column in zip(*cells, strict=True)))
        case Form("matmul" | "hadamard", _):
            yield Form("transpose", (node,))
        case Var(kind) if kind in WHOLE or kind == "weights":
            yield Form("transpose", (node,))


def _at_root(node: Form) -> Iterator[Edit]:
    args = node.args
    match node.op:
        case "times" | "dot" | "hadamard" | "matmul":
            for at in range(len(args)):
                rest = (*args[:at], *args[at + 1 :])
                yield "dropped factor", rest[0] if len(rest) == 1 else Form(node.op, rest)
                yield "doubled factor", Form(node.op, (*args[: at + 1], *args[at:]))
        case "add":
            for at in range(len(args)):
                rest = (*args[:at], *args[at + 1 :])
                yield "dropped term", rest[0] if len(rest) == 1 else Form("add", rest)
        case "pow" | "frac":
            yield "dropped factor", args[0]
        case "total" if isinstance(args[1], Var) and args[1].kind in {"out", "net"}:
            yield "lost path", Form("partial", args)


# -- judging -----------------------------------------------------------------------------------------------------------


def mutants(derivation: Derivation) -> Iterator[tuple[str, Step, int | None, Step]]:
    """(kind of edit, step, which link or None for its left side, the step with that edit)."""
    for step in dict.fromkeys(derivation.steps()):
        editor = Editor.of(derivation, step)
        for kind, form in editor.edits(step.lhs):
            yield kind, step, None, replace(step, lhs=form)
        for at, link in enumerate(step.chain):
            for kind, form in editor.edits(link.form):
                chain = (*step.chain[:at], Link(link.relation, form, link.rule), *step.chain[at + 1 :])
                yield kind, step, at, replace(step, chain=chain)


def form_at(step: Step, at: int | None) -> Node:
    return step.lhs if at is None else step.chain[at].form


class Judge:
    """Decides by the tests' own evaluator whether a mutant says something else than the original."""

    def __init__(self, derivation: Derivation) -> None:
        self.worlds = [World(derivation.spec, generic_point(derivation.spec, seed)) for seed in range(1, POINTS + 1)]
        self.originals: dict[tuple[int, Node, object], list[object]] = {}

    def is_changed(self, step: Step, old: Node, new: Node) -> bool:
        return any(self._differs(n, world, step, old, new) for n, world in enumerate(self.worlds))

    def _differs(self, n: int, world: World, step: Step, old: Node, new: Node) -> bool:
        key = n, old, step.every
        if key not in self.originals:
            self.originals[key] = world.all_worths(old, step)
        try:
            found = world.all_worths(new, step)
        except Nonsense:
            return True
        return not all(alike(a, b) for a, b in zip(self.originals[key], found, strict=True))


def refutes(check: Callable[[Step], object], step: Step) -> bool:
    try:
        check(step)
    except StepRefuted:
        return True
    return False


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_every_mutant_that_changes_a_value_is_refuted(
    golden: Golden, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    derivation = golden.derivation()
    court, judge = _Court(derivation), Judge(derivation)
    made, killed, harmless = Counter[str](), Counter[str](), 0
    survivors: list[tuple[str, Node, Node]] = []
    false_alarms: list[tuple[str, Node, Node]] = []
    for kind, step, at, mutant in mutants(derivation):
        old, new = form_at(step, at), form_at(mutant, at)
        is_wrong, is_refuted = kind == "digit" or judge.is_changed(step, old, new), refutes(court.step, mutant)
        made[kind] += is_wrong
        killed[kind] += is_wrong and is_refuted
        harmless += not is_wrong
        if is_wrong != is_refuted:
            (survivors if is_wrong else false_alarms).append((kind, old, new))
    record_property("killed of made", f"{killed.total()} of {made.total()}; {harmless} harmless")
    with capsys.disabled():
        print(f"\n{golden.name}: {killed.total()} killed of {made.total()} made; {harmless} harmless")  # noqa: T201
    assert not survivors, survivors[:5]
    assert not false_alarms, false_alarms[:5]
    assert killed == made
    assert made.total() >= golden.floor
    assert set(made) >= KINDS


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_the_originals_hold_by_the_tests_own_evaluator(golden: Golden) -> None:
    derivation = golden.derivation()
    world = World(derivation.spec, generic_point(derivation.spec, 77))
    for step in derivation.steps():
        assert holds(world, step), step


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_a_rule_claimed_for_a_layer_too_many_is_refuted(golden: Golden) -> None:
    derivation = golden.derivation()
    court, world, wrong = _Court(derivation), World(derivation.spec, generic_point(derivation.spec, 9)), 0
    for step in derivation.steps():
        for at, over in enumerate(step.every):
            for extra in {min(over.values) - 1, max(over.values) + 1} if over.values else ():
                wider = replace(step, every=(*step.every[:at], replace(over, values=(*over.values, extra)), *step.every[at + 1 :]))
                if not holds(world, wider):
                    wrong += 1
                    assert refutes(court.step, wider), wider
    assert wrong >= 10


def holds(world: World, step: Step) -> bool:
    """Is every link of the step true, by the tests' own evaluator?"""
    try:
        worths = [world.all_worths(form, step) for form in (step.lhs, *(link.form for link in step.chain))]
    except Nonsense:
        return False
    return all(alike(a, b) for found in worths[1:] for a, b in zip(worths[0], found, strict=True))


def test_a_mutant_anywhere_stops_the_whole_document() -> None:
    derivation = GOLDEN[0].derivation()
    judge = Judge(derivation)
    tried = 0
    for kind, step, at, mutant in Random(1).sample(list(mutants(derivation)), 25):
        if kind == "digit" or judge.is_changed(step, form_at(step, at), form_at(mutant, at)):
            tried += 1
            with pytest.raises(StepRefuted):
                certify(replace(derivation, sections=(Section("forward", (Display((mutant,)),)),)))
    assert tried > 15


def test_a_changed_digit_in_a_table_is_refuted() -> None:
    derivation = derive(load("mazur"), Rounding(6), steps=20)
    court = _Court(derivation)
    values = list(dict.fromkeys(derivation.values()))
    assert len(values) > 30
    for value in values:
        court.number(value)
        for shown in _digits(value.shown):
            with pytest.raises(StepRefuted):
                court.number(replace(value, shown=shown))


def test_a_rounded_number_after_an_equals_sign_is_refuted() -> None:
    derivation = GOLDEN[0].derivation()
    court, tried = _Court(derivation), 0
    for step in derivation.steps():
        for at, link in enumerate(step.chain):
            if link.relation == "≈":
                tried += 1
                chain = (*step.chain[:at], Link("=", link.form, link.rule), *step.chain[at + 1 :])
                assert refutes(court.step, replace(step, chain=chain)), link
    assert tried > 40
