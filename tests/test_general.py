"""The general derivation: certified on concrete networks, refuted wherever it is changed, and taken by all who read it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

import symbp
from consumers import compile_latex, katex_check, markdown_formulas, mathjax_check, page_count
from symbp.api import DerivedGeneral
from symbp.cli import main
from symbp.derivation.entries import Layout
from symbp.derivation.general import MEANINGS, Equation
from symbp.derivation.layouts import General, algorithm
from symbp.derivation.steps import Link
from symbp.errors import StepRefuted, SymbpError
from symbp.language.form import ONE, Edge, Form, Function, Index, Layer, Node, Range, Unit, Var, times
from symbp.language.forms import normal, read
from symbp.language.latex import LatexWriter
from symbp.language.names import Names
from symbp.language.notation import NOTATIONS
from symbp.language.plain import PlainWriter
from symbp.language.tokens import Medium
from symbp.network.forward import ERROR
from symbp.proof.general import FEWEST, NETWORKS, CheckedGeneral, Court, certify_general, networks
from symbp.proof.identity import Agrees, Proved

LAYOUTS = tuple(map(str, Layout))
FORMS = [(notation, layout) for notation in NOTATIONS for layout in LAYOUTS]
in_all_forms = pytest.mark.parametrize(("notation", "layout"), FORMS)


@cache
def derived(notation: str, layout: str) -> DerivedGeneral:
    return symbp.derive("general", notation=notation, layout=layout)


def general(layout: str = "denominator", notation: str = "ufldl") -> General:
    return General(NOTATIONS[notation], Layout(layout))


# -- certified ---------------------------------------------------------------------------------------------------------


@in_all_forms
def test_every_equation_holds_on_five_networks_or_more(notation: str, layout: str) -> None:
    checked = derived(notation, layout).checked
    assert {equation.name for equation in checked.equations} == set(MEANINGS)
    for equation in checked.equations:
        shapes = {tuple(map(len, spec.vocabulary.names)) for spec in checked.networks(equation.name)}
        assert len(shapes) >= FEWEST >= 5
        assert checked.count(equation.name) >= FEWEST
    verdicts = [v for one in checked.instances for found in one.verdicts.values() for v in found]
    assert all(isinstance(v, Proved | Agrees) for v in verdicts)
    assert len(verdicts) == sum(checked.count(name) for name in MEANINGS) > 1000


def test_the_networks_differ_in_shape_activations_and_errors() -> None:
    specs = networks("mazur")
    assert len({tuple(map(len, spec.vocabulary.names)) for spec in specs}) == len(specs) == len(NETWORKS) >= 6
    assert len({row.name for spec in specs for row in spec.activations}) >= 3
    assert len({spec.loss.name for spec in specs}) >= 2
    assert {1, 2, 3, 4} <= {spec.vocabulary.last for spec in specs}


def test_too_few_networks_are_not_enough() -> None:
    with pytest.raises(StepRefuted, match="not worked out on 5 networks"):
        certify_general(general(), networks("ufldl")[1:5])


def test_only_what_is_certified_can_be_printed() -> None:
    checked = derived("ufldl", "denominator").checked
    with pytest.raises(ValueError, match="worked out"):
        CheckedGeneral(checked.general, checked.equations, checked.shapes, checked.lines, checked.instances[:2])
    first = checked.instances[0]
    broken = replace(first, verdicts={**first.verdicts, "delta": ()})
    assert checked.count("delta") > replace(checked, instances=(broken, *checked.instances[1:])).count("delta")
    bad = replace(first, verdicts={**first.verdicts, "delta": ("nonsense",)})
    with pytest.raises(ValueError, match="uncertified"):
        replace(checked, instances=(bad, *checked.instances[1:]))


# -- mutants -----------------------------------------------------------------------------------------------------------


@cache
def courts(layout: str) -> tuple[Court, ...]:
    return tuple(Court(spec, Layout(layout)) for spec in networks("ufldl"))


def is_refuted(layout: str, equation: Equation) -> bool:
    for court in courts(layout):
        try:
            court.equation(equation)
        except StepRefuted:
            return True
    return False


def changed(node: Node) -> Iterator[Node]:
    """`node` with one of its parts replaced by each of its mutants."""
    yield from mutants(node)
    if isinstance(node, Form):
        for place, arg in enumerate(node.args):
            for new in changed(arg):
                yield Form(node.op, (*node.args[:place], new, *node.args[place + 1 :]))


def shift(node: Node, by: int) -> Node:
    """`node` one layer further."""

    def move(unit: Unit) -> Unit:
        assert isinstance(unit.layer, Index)
        return Unit(unit.layer.shifted(by), unit.index)

    assert isinstance(node, Var)
    match node.owner:
        case Unit() as unit:
            return replace(node, owner=move(unit))
        case Edge(source, target):
            return replace(node, owner=Edge(move(source), move(target)))
        case Layer(Index() as at):
            return replace(node, owner=Layer(at.shifted(by)))
    raise AssertionError(node)


SWAPS = {"net": "out", "out": "net", "delta": "net", "nets": "outs", "outs": "nets", "deltas": "nets"}


def mutants(node: Node) -> list[Node]:
    """Wrong in one place: another layer, another index, W not transposed or transposed, no f', no sum, no Kronecker delta, …"""
    found: list[Node] = []
    match node:
        case Var(kind, owner) if owner is not None:
            found += [shift(node, by) for by in (-1, 1)]
            if isinstance(owner, Edge):
                found.append(
                    replace(node, owner=Edge(Unit(owner.source.layer, owner.target.index), Unit(owner.target.layer, owner.source.index)))
                )
            if kind in SWAPS:
                found.append(replace(node, kind=SWAPS[kind]))
            if kind == "weights":
                found.append(Form("transpose", (node,)))
            if isinstance(owner, Unit) and isinstance(owner.index, Index):
                found += [replace(node, owner=Unit(owner.layer, Index(i))) for i in "ijkm" if i != owner.index.name]
        case Form("transpose", (x,)):
            found.append(x)
        case Form("kronecker", (i, _)):
            found += [Form("kronecker", (i, i)), Form("kronecker", (Index("i"), Index("k")))]
        case Form("sum", (Range(index, _), body)):
            found.append(body)
            found.append(Form("sum", (Range(Index("m" if index.name != "m" else "i"), Index("l", 0)), body)))
        case Form("apply", (Function(name, symbol, order), x)):
            found.append(Form("apply", (Function(name, symbol, 1 - order), x)))
        case Form("times" | "hadamard" | "matmul", args):
            found += [Form(node.op, left) if len(left := args[:at] + args[at + 1 :]) > 1 else left[0] for at in range(len(args))]
            if node.op == "matmul":
                found += [Form("matmul", args[::-1]), Form("hadamard", args)]
        case Form("add", args):
            found += [args[0], Form("add", (args[0], *(Form("neg", (arg,)) for arg in args[1:])))]
        case Form("total", (of, wrt)) if of == ERROR:
            found.append(Form("neg", (node,)))
            found.append(wrt)
    return found


HARMLESS = {
    # Beside a Kronecker delta, or a derivative that is one, either of its indices will do.
    ("out_by_net", 0, "1[k = j]·f'(z⁽ˡ⁾ₖ)"),
    ("output_delta", 1, "Σ_k ∂J/∂a⁽ⁿˡ⁾ⱼ·∂a⁽ⁿˡ⁾ₖ/∂z⁽ⁿˡ⁾ⱼ"),
    ("output_delta", 2, "Σ_k ∂J/∂a⁽ⁿˡ⁾ⱼ·1[k = j]·f'(z⁽ⁿˡ⁾ⱼ)"),
    ("output_delta", 2, "Σ_k ∂J/∂a⁽ⁿˡ⁾ₖ·1[k = j]·f'(z⁽ⁿˡ⁾ₖ)"),
    ("net_by_net", 0, "Σ_i ∂z⁽ˡ⁺¹⁾ₖ/∂a⁽ˡ⁾ⱼ·∂a⁽ˡ⁾ᵢ/∂z⁽ˡ⁾ⱼ"),
    ("net_by_net", 1, "Σ_i W⁽ˡ⁾ₖᵢ·1[i = j]·f'(z⁽ˡ⁾ᵢ)"),
    ("net_by_weight", 0, "Σ_m ∂W⁽ˡ⁾ᵢₘ/∂W⁽ˡ⁾ⱼₖ·a⁽ˡ⁾ₖ"),
    ("net_by_weight", 1, "Σ_m 1[i = j]·1[m = k]·a⁽ˡ⁾ₖ"),
    ("weight_gradient", 0, "Σ_i ∂J/∂z⁽ˡ⁺¹⁾ⱼ·∂z⁽ˡ⁺¹⁾ᵢ/∂W⁽ˡ⁾ⱼₖ"),
    ("weight_gradient", 1, "Σ_i δ⁽ˡ⁺¹⁾ⱼ·1[i = j]·a⁽ˡ⁾ₖ"),
    ("bias_gradient", 0, "Σ_i ∂J/∂z⁽ˡ⁺¹⁾ⱼ·∂z⁽ˡ⁺¹⁾ᵢ/∂b⁽ˡ⁾ⱼ"),
    ("bias_gradient", 1, "Σ_i δ⁽ˡ⁺¹⁾ⱼ·1[i = j]"),
    # A scalar factor may stand on either side, and a factor that is the identity be left out.
    ("matrix_weight_gradient", 0, "Σ_i ∂z⁽ˡ⁺¹⁾ᵢ/∂W⁽ˡ⁾ δ⁽ˡ⁺¹⁾ᵢ"),
    ("matrix_bias_gradient", 0, "∂J/∂z⁽ˡ⁺¹⁾"),
}
"""Mutants that say the same in other words: the equation, the link, and what it is changed to."""


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", MEANINGS)
def test_a_wrong_equation_is_refuted(name: str, layout: str) -> None:
    """Each link of each equation changed in each place."""
    step = next(one.step for one in general(layout).equations() if one.name == name)
    write = PlainWriter(networks("ufldl")[0].speller).text
    survivors, tried = set(), 0
    for at, old in enumerate(step.chain):
        for form in changed(old.form):
            tried += 1
            chain = (*step.chain[:at], Link("=", form, old.rule), *step.chain[at + 1 :])
            if not is_refuted(layout, Equation(name, replace(step, chain=chain))):
                survivors.add((name, at, write(form)))
    assert tried
    assert survivors <= HARMLESS


def by_name(layout: str) -> dict[str, Equation]:
    return {one.name: one for one in general(layout).equations()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_form_of_the_other_layout_is_refuted(layout: str) -> None:
    other = by_name(next(one for one in LAYOUTS if one != layout))
    different = 0
    for name, equation in by_name(layout).items():
        if equation != other[name]:
            different += 1
            assert is_refuted(layout, other[name]), name
    assert different >= 5


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", [name for name in MEANINGS if name not in {"output_delta", "matrix_output_delta"}])
@pytest.mark.parametrize("ends", [(-1, 0), (0, 1), (1, 0), (0, -1)])
def test_layers_that_are_too_many_or_too_few_are_refuted(name: str, layout: str, ends: tuple[int, int]) -> None:
    """Too many are refuted by shape or value; too few, where it is one of the four equations, because something is not given."""
    old = by_name(layout)[name]
    first, *rest = old.step.every
    assert first.span is not None
    start, end = (at + by if isinstance(at, int) else at.shifted(by) for at, by in zip(first.span, ends, strict=True))
    equation = replace(old, step=replace(old.step, every=(replace(first, span=(start, end)), *rest)))
    if ends in {(1, 0), (0, -1)}:
        if re.sub("matrix_", "", name) in {"hidden_delta", "weight_gradient", "bias_gradient"}:
            equations = tuple({**by_name(layout), name: equation}.values())
            with pytest.raises(StepRefuted, match="times on a"):
                courts(layout)[3].complete(equations)
        return
    if name not in {
        "out_by_net",
        "jacobian_out_net",
        "delta",
        "matrix_delta",
        "forward_out",
        "matrix_forward_out",
        "net_by_out",
        "jacobian_net_out",
    }:
        assert is_refuted(layout, equation) or not gives_once(layout, {**by_name(layout), name: equation})


def gives_once(layout: str, equations: dict[str, Equation]) -> bool:
    try:
        for court in courts(layout):
            court.complete(tuple(equations.values()))
    except StepRefuted:
        return False
    return True


def test_numbers_and_other_relations_are_no_general_equations() -> None:
    old = by_name("denominator")["bias_gradient"]
    court = courts("denominator")[1]
    with pytest.raises(StepRefuted, match="a number stands"):
        court.equation(replace(old, step=old.step.then(Link("=", times(ONE, old.step.chain[-1].form), "simplify"))))
    with pytest.raises(StepRefuted, match="no equation"):
        court.equation(replace(old, step=old.step.then(Link("≈", old.step.chain[-1].form, "simplify"))))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_wrong_shape_is_refuted(layout: str) -> None:
    for shape in general(layout).shapes():
        turned = replace(shape, rows=shape.columns, columns=shape.rows)
        with pytest.raises(StepRefuted, match="is said to be"):
            courts(layout)[4].shape(turned)


def test_an_algorithm_out_of_order_is_refuted() -> None:
    lines = algorithm(by_name("denominator"))
    court = courts("denominator")[5]
    court.algorithm(lines)
    for wrong in (lines[::-1], (*lines[:2], lines[3], lines[2], *lines[4:]), (*lines[2:4], *lines[:2], *lines[4:]), lines[1:]):
        with pytest.raises(StepRefuted, match="before it is there"):
            court.algorithm(wrong)
    ascending = tuple(replace(line, descending=False) for line in lines)
    with pytest.raises(StepRefuted, match="before it is there"):
        courts("denominator")[6].algorithm(ascending)
    for missing in (lines[:-1], (*lines[:4], lines[5])):
        with pytest.raises(StepRefuted, match="does not give"):
            court.algorithm(missing)


def test_both_layouts_agree_on_what_they_transpose() -> None:
    assert [one for one in by_name("denominator").values() if not one.name.startswith(("matrix", "jacobian"))] == [
        one for one in by_name("numerator").values() if not one.name.startswith(("matrix", "jacobian"))
    ]


# -- what it reads like ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("medium", ["latex", "plain"])
@in_all_forms
def test_every_form_is_read_back(notation: str, layout: str, medium: Medium) -> None:
    checked = derived(notation, layout).checked
    speller = checked.instances[0].spec.speller
    write, known = {"latex": LatexWriter, "plain": PlainWriter}[medium](speller).text, Names(speller, medium)
    for equation in checked.equations:
        for form in (equation.step.lhs, *(link.form for link in equation.step.chain)):
            assert read(write(form), known) == normal(form, medium), write(form)


def test_the_four_equations_are_those_of_the_books() -> None:
    text = {pair: derived(*pair).render("txt") for pair in FORMS}
    assert "δ⁽ˡ⁾ = ((W⁽ˡ⁾)ᵀ δ⁽ˡ⁺¹⁾) ∘ f'(z⁽ˡ⁾)" in text["ufldl", "denominator"]
    assert "∂J/∂W⁽ˡ⁾ = δ⁽ˡ⁺¹⁾ (a⁽ˡ⁾)ᵀ" in text["ufldl", "denominator"]
    assert "δˡ = ((wˡ⁺¹)ᵀ δˡ⁺¹) ⊙ σ'(zˡ)" in text["nielsen", "denominator"]
    assert "∂C/∂wˡⱼₖ = δˡⱼ·aˡ⁻¹ₖ" in text["nielsen", "denominator"]
    assert "δˡ = (δˡ⁺¹ wˡ⁺¹) ⊙ σ'(zˡ)ᵀ" in text["nielsen", "numerator"]
    assert "∂C/∂wˡ = aˡ⁻¹ δˡ" in text["nielsen", "numerator"]
    for (_, layout), found in text.items():
        assert f"{layout} layout" in found
        assert all(len(line) <= 80 for line in found.splitlines())
        assert "1[i = j]" in found


@in_all_forms
def test_pdflatex_takes_it(notation: str, layout: str, tmp_path: Path) -> None:
    assert 3 <= page_count(compile_latex(derived(notation, layout).render("tex"), tmp_path).pdf) <= 6


@pytest.mark.parametrize("check", [katex_check, mathjax_check])
def test_markdown_renderers_take_its_formulas(check: Callable[..., dict[object, str]]) -> None:
    formulas = [formula for pair in FORMS for formula in markdown_formulas(derived(*pair).render("md"))]
    assert len(formulas) > 100
    assert not check(formulas)


@in_all_forms
def test_json_lists_the_equations(notation: str, layout: str) -> None:
    found = json.loads(derived(notation, layout).render("json"))
    assert (found["derivation"], found["notation"], found["layout"]) == ("general", notation, layout)
    assert [record["name"] for record in found["equations"]] == list(MEANINGS)
    assert all(record["networks"] >= FEWEST and record["meaning"] and " = " in record["latex"] for record in found["equations"])
    assert sum(record["instances"] for record in found["equations"]) == sum(one["instances"] for one in found["networks"])


def test_the_counts_that_are_printed_are_those_of_the_check() -> None:
    found = derived("ufldl", "denominator")
    total_count = sum(map(found.checked.count, MEANINGS))
    assert f"{total_count} scalar equations on {len(NETWORKS)} networks" in re.sub(r"\s+", " ", found.render("txt"))


# -- how it is asked for -----------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_the_command_writes_all_formats(tmp_path: Path) -> None:
    code, _, _ = run("derive", "general", *(part for name in ("tex", "md", "txt", "json") for part in ("--to", name)), "-o", f"{tmp_path}/")
    assert code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["general.json", "general.md", "general.tex", "general.txt"]
    assert (tmp_path / "general.md").read_text("utf-8") == derived("mazur", "denominator")._repr_markdown_()
    code, out, _ = run("derive", "general", "--notation", "nielsen", "--layout", "numerator")
    assert (code, out) == (0, derived("nielsen", "numerator").render("txt"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("derive", "general", "--weights", "w1"), "weights does not go with the general derivation"),
        (("derive", "general", "--steps", "2", "--digits", "6"), "digits and steps do not go with the general derivation"),
        (("derive", "general", "--update", "simultaneous"), "update does not go with"),
        (("derive", "2-2-1", "--layout", "numerator"), "layout does not go with a network"),
        (("check", "general"), "no network of its own"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], says: str) -> None:
    code, out, error = run(*arguments)
    assert (code, out) == (2, "")
    assert says in error.splitlines()[0]


def test_python_refuses_the_same() -> None:
    with pytest.raises(SymbpError, match="digits"):
        symbp.derive("general", digits=3)  # type: ignore[call-overload]
    with pytest.raises(SymbpError, match="layout"):
        symbp.derive("1-1", layout="numerator")  # type: ignore[call-overload]
    with pytest.raises(SymbpError, match="unknown layout"):
        symbp.derive("general", layout="sideways")
    with pytest.raises(SymbpError, match="unknown notation"):
        symbp.derive("general", notation="nobody")
