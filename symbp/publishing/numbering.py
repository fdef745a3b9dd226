"""The number and the label of every equation, which earlier equations a step uses, and the colours of factors.

Numbers count the equations of a document from 1. A label names what the equation says, so it stays the same when the numbers move: the
left side as one types it (`dE/dw5`, `delta_o1`), and for what stands more than once the rule of the first link (`dE/dw5.chain_rule`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from symbp.derivation.steps import Display, Link, Section, Step
from symbp.language.form import Edge, Form, Function, Index, Layer, Matrix, Node, Range, Unit, Value, Var
from symbp.language.markers import painted, whole
from symbp.language.speller import Speller
from symbp.language.writer import Spells

REFERRING = frozenset({"factors_put_in", "deltas_reused", "derivative_of_activation", "derivatives_put_in", "put_in"})
"""The rules of links that put in what earlier equations say."""


@dataclass(frozen=True, slots=True)
class Equation:
    """A numbered step of a document, in the section called `section`."""

    number: int
    label: str
    step: Step
    section: str


@dataclass
class Numbering:
    """The equations of a document in their order."""

    speller: Spells
    equations: list[Equation] = field(default_factory=list)
    _places: dict[int, Equation] = field(default_factory=dict)

    @classmethod
    def of(cls, sections: Iterable[Section], speller: Spells) -> Numbering:
        """Numbers for all steps that are displayed; the last one about a quantity has its plain name."""
        numbering = cls(speller)
        steps = [(section.key, step) for section in sections for part in section.parts if isinstance(part, Display) for step in part.steps]
        names = [name_of(step.lhs, speller) for _, step in steps]
        last = {name: at for at, name in enumerate(names)}
        seen: Counter[str] = Counter()
        for at, ((section, step), name) in enumerate(zip(steps, names, strict=True)):
            label = name if at == last[name] else f"{name}.{step.chain[0].rule}"
            seen[slug(label)] += 1
            label += f".{seen[slug(label)]}" if seen[slug(label)] > 1 else ""
            equation = Equation(at + 1, label, step, section)
            numbering.equations.append(equation)
            numbering._places[id(step)] = equation
        return numbering

    def equation(self, step: Step) -> Equation | None:
        """The equation that `step` is; none where it stands in a table."""
        return self._places.get(id(step))

    def of_others(self, others: Mapping[int, Step]) -> Numbering:
        """The same numbers and labels for the steps that stand for those here; `others` tells them by the `id` of each."""
        found = Numbering(self.speller)
        for equation in self.equations:
            step = others.get(id(equation.step), equation.step)
            found.equations.append(replace(equation, step=step))
            found._places[id(step)] = found.equations[-1]
        return found

    def used(self, step: Step, at: int) -> tuple[Equation, ...]:
        """The equations before `step` that its link number `at` puts in: their left sides stood in the form before and are gone; where
        there are none, those of the deltas that the link brings in."""
        here = self.equation(step)
        if here is None or step.chain[at].rule not in REFERRING:
            return ()
        start = self._last_about(step.lhs, here)
        before = set(_parts(whole(step.chain[at - 1].form if at else start.step.chain[-1].form if start else step.lhs)))
        now = set(_parts(whole(step.chain[at].form)))
        gone = {self._last_about(node, here) for node in before - now if _is_derivative(node)} - {None}
        new = {self._last_about(node, here) for node in now - before if _is_delta(node)} - {None}
        return tuple(sorted((other for other in gone or new if other), key=lambda other: other.number))

    def _last_about(self, node: Node, here: Equation) -> Equation | None:
        """The last equation before `here` that has `node` on its left."""
        about = self._about.get(_key(node), [])
        at = bisect_left(about, here.number, key=lambda other: other.number)
        return about[at - 1] if at else None

    @cached_property
    def _about(self) -> dict[object, list[Equation]]:
        """The equations by what is on their left, in their order."""
        found: dict[object, list[Equation]] = {}
        for equation in self.equations:
            found.setdefault(_key(equation.step.lhs), []).append(equation)
        return found


def without_gaps(step: Step) -> Step:
    """`step` with everything back in its gaps."""
    return replace(step, chain=tuple(replace(link, form=whole(link.form)) for link in step.chain))


def _parts(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Form):
        for arg in node.args:
            yield from _parts(arg)


def _is_derivative(node: Node) -> bool:
    """A derivative, or an activation's derivative at some net input."""
    return isinstance(node, Form) and (node.op in {"partial", "total"} or _slope(node) is not None)


def _is_delta(node: Node) -> bool:
    return isinstance(node, Var) and node.kind == "delta"


def _slope(node: Form) -> Function | None:
    match node:
        case Form("apply", (Function(order=order) as function, _)) if order:
            return function
    return None


def _key(node: Node) -> object:
    """What an equation is found by: an activation's derivative by the function alone, whatever it is taken of."""
    return (_slope(node) or node) if isinstance(node, Form) else node


def ranges_of(equations: tuple[Equation, ...]) -> list[tuple[Equation, ...]]:
    """Equations that follow one another, as the first and the last of them; two only stay two."""
    runs: list[list[Equation]] = []
    for equation in equations:
        if runs and runs[-1][-1].number + 1 == equation.number:
            runs[-1].append(equation)
        else:
            runs.append([equation])
    found: list[tuple[Equation, ...]] = []
    for run in runs:
        found += [(run[0], run[-1])] if len(run) > 2 else [(one,) for one in run]
    return found


# -- names -------------------------------------------------------------------------------------------------------------


def name_of(node: Node, speller: Spells) -> str:
    """A left side as one types it: net_h1, dE/dw5, sigmoid'(x)."""
    match node:
        case Var():
            return _typed(node, speller)
        case Form("partial" | "total", (of, wrt)):
            return f"d{name_of(of, speller)}/d{name_of(wrt, speller)}"
        case Form("apply", (Function(name, _, order), x)):
            return f"{name}{chr(39) * order}({name_of(x, speller)})"
        case Form("transpose", (x,)):
            return f"{name_of(x, speller)}^T"
        case Form(op, args):
            return f"{op}({','.join(name_of(arg, speller) for arg in args)})"
        case Index() | Range():
            return speller.letter(node if isinstance(node, Index) else node.index)
        case Value(shown):
            return shown
        case Function(name, _, order):
            return name + "'" * order
    raise AssertionError(node)


def _typed(var: Var, speller: Spells) -> str:
    """The canonical name of a quantity of a network, whatever the notation; else what the notation makes of it."""
    if isinstance(speller, Speller) and _is_concrete(var):
        return speller.vocabulary.canonical(var)
    name = speller.name(var)
    tail = name.lower(",")
    return name.base + (f"^{name.sup}" if name.sup else "") + (f"_{tail}" if tail else "")


def _is_concrete(var: Var) -> bool:
    """Is it one number of one unit or parameter, so that it has a canonical name?"""
    match var.owner:
        case Edge(source, target):
            units: tuple[Unit, ...] = (source, target)
        case Unit() as unit:
            units = (unit,)
        case Layer():
            return var.kind == "bias" and isinstance(var.owner.layer, int)
        case Var() as parameter:
            return _is_concrete(parameter)
        case Matrix():
            return False
        case _:
            units = ()
    places = [at for unit in units for at in (unit.layer, unit.index)] + [at for at in (var.sample, var.time) if at is not None]
    return var.kind not in {"argument", "units"} and all(isinstance(at, int) for at in places)


def slug(label: str) -> str:
    """A label in the letters that every format takes in an anchor: dE/dw5, delta-o1, net-h1."""
    return re.sub(r"-{2,}", "-", re.sub(r"[^A-Za-z0-9./+':]", "-", label)).strip("-")


# -- colours -----------------------------------------------------------------------------------------------------------


def factors_of(step: Step) -> dict[Node, int]:
    """The factors of a chain rule product of three, dE/dw = dE/dout · dout/dnet · dnet/dw, numbered from 1; none of another step."""
    link = step.chain[0]
    if link.rule != "chain_rule" or not _is_gradient(step.lhs):
        return {}
    form = link.form.args[0] if isinstance(link.form, Form) and link.form.op == "add" else link.form
    match form:
        case Form("dot", factors) if len(factors) == 3 and all(map(_is_derivative, factors)):
            return {factor: at for at, factor in enumerate(factors, 1)}
    return {}


def _is_gradient(node: Node) -> bool:
    match node:
        case Form("total", (_, Var("weight" | "bias"))):
            return True
    return False


def coloured(step: Step, factors: dict[Node, int]) -> Step:
    """`step` with each of the `factors` in its colour: where it stands itself, and what is put in for it, in the same place of the
    product."""
    if not factors:
        return step
    if step.lhs in factors:
        colour = factors[step.lhs]
        links = tuple(Link(x.relation, painted(colour, x.form), x.rule) for x in step.chain)
        return Step(painted(colour, step.lhs), links, step.every, step.explain)
    places = tuple(factors.values()) if _is_product_of(step, factors) else ()
    links = ()
    for link in step.chain:
        form, places = _coloured(link.form, factors, places)
        links = (*links, Link(link.relation, form, link.rule))
    return Step(step.lhs, links, step.every, step.explain)


def _is_product_of(step: Step, factors: dict[Node, int]) -> bool:
    """Does `step` go on from the chain rule product of these factors, which stands in an equation before it?"""
    parameters = {factor.args[1] for factor in factors if isinstance(factor, Form)}
    return step.chain[0].rule == "factors_put_in" and isinstance(step.lhs, Form) and step.lhs.args[-1] in parameters


def _coloured(form: Node, factors: dict[Node, int], before: tuple[int, ...]) -> tuple[Node, tuple[int, ...]]:
    """`form` in colours, and the colours of the factors of its product, in their order."""
    match form:
        case Form("gap", (_, _)):
            return form, _coloured(whole(form), factors, before)[1]
        case Form("neg", (inner,)):
            inside, places = _coloured(inner, factors, before)
            return Form("neg", (inside,)), places
        case Form("add", (first, *rest)) if _has_product(first, factors, before):
            inside, places = _coloured(first, factors, before)
            return Form("add", (inside, *rest)), places
        case Form("dot", args):
            own = tuple(factors.get(whole(arg), 0) for arg in args)
            places = own if any(own) else before if len(before) == len(args) else ()
            if places:
                return Form("dot", tuple(_in_colour(arg, at) for arg, at in zip(args, places, strict=True))), places
    return form, ()


def _has_product(node: Node, factors: dict[Node, int], before: tuple[int, ...]) -> bool:
    return isinstance(node, Form) and node.op == "dot" and bool(_coloured(node, factors, before)[1])


def _in_colour(node: Node, colour: int) -> Node:
    return painted(colour, node) if colour else node
