"""What certification refuses beside false equations: numbers in the wrong row, lost digits, uncertified derivations."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

import symbp
from consumers import unnumbered
from symbp.derivation.derive import derive
from symbp.derivation.meaning import delta_meaning
from symbp.derivation.steps import Derivation, Detail, Display, Link, Say, Section, Step, Table
from symbp.errors import StepRefuted
from symbp.language.form import Edge, Unit, Value, Var, add, partial, times
from symbp.network.numbers import Rounding
from symbp.network.reader import load, read
from symbp.proof.certify import certify
from symbp.publishing.document import Document
from symbp.publishing.records import to_json
from symbp.publishing.render import render


def with_rows_exchanged(derivation: Derivation, table: Table) -> Derivation:
    """The values of the first two rows of `table` exchanged, their names left in place."""
    (first, *one), (second, *two), *rest = table.rows
    changed = Table(table.key, ((first, *two), (second, *one), *rest))

    def mend(section: Section) -> Section:
        return replace(section, parts=tuple(changed if part is table else part for part in section.parts))

    return replace(derivation, sections=tuple(mend(section) for section in derivation.sections))


@pytest.mark.parametrize("detail", ["brief", "normal"])
def test_a_number_in_the_wrong_row_of_a_table_is_refused(detail: Detail) -> None:
    derivation = derive(load("mazur"), Rounding(6), detail, steps=30)
    certify(derivation)
    tables = [part for section in derivation.sections for part in section.parts if isinstance(part, Table)]
    assert len(tables) >= 4
    for table in tables:
        with pytest.raises(StepRefuted):
            certify(with_rows_exchanged(derivation, table))


def test_a_checked_derivation_needs_a_verdict_for_everything() -> None:
    checked = certify(derive(load("mazur"), Rounding(6)))
    with pytest.raises(ValueError, match="verdicts of another derivation"):
        replace(checked, verdicts=checked.verdicts[1:])
    step, links = checked.verdicts[0]
    with pytest.raises(ValueError, match="uncertified equation"):
        replace(checked, verdicts=((step, links[1:]), *checked.verdicts[1:]))
    with pytest.raises(ValueError, match="unchecked gradient"):
        replace(checked, gradients=())
    with pytest.raises(ValueError, match="unchecked gradient"):
        replace(checked, gradients=(replace(checked.gradients[0], central=checked.gradients[0].central * 2), *checked.gradients[1:]))


NET = """
inputs = 1
learning_rate = 0.5
[[layers]]
units = 1
activation = "{activation}"
weights = [[{weight}]]
[[samples]]
inputs = [1]
targets = [0.5]
"""


@pytest.mark.parametrize(("weight", "slope"), [(35, "1.59018e-30"), (70, "6.32168e-61"), (800, "5.38132e-695")])
def test_a_saturated_tanh_keeps_its_digits(weight: int, slope: str) -> None:
    """1 - tanh^2 = 4 / (e^x + e^-x)^2, about 4 e^(-2x)."""
    derivation = derive(read(NET.format(activation="tanh", weight=weight), "here"), Rounding(6))
    certify(derivation)
    unit = Unit(1, 1)
    wanted = partial(Var("out", unit, sample=1), Var("net", unit, sample=1))
    shown = {link.form.shown for step in derivation.steps() if step.lhs == wanted for link in step.chain if isinstance(link.form, Value)}
    assert shown == {slope}


@pytest.mark.parametrize("weight", [-800, 800])
def test_a_saturated_sigmoid_is_derived(weight: int) -> None:
    derivation = derive(read(NET.format(activation="sigmoid", weight=weight), "here"), Rounding(9))
    certify(derivation)


def test_what_cancels_exactly_is_zero(tmp_path: Path) -> None:
    """Two equal hidden units with opposite output weights: net_o1 is 0, though no exact arithmetic says so."""
    file = tmp_path / "cancels.toml"
    file.write_text(
        "inputs = 2\n[[layers]]\nunits = 2\nweights = [[0.5, 0.25], [0.5, 0.25]]\n[[layers]]\nunits = 1\nweights = [[0.7, -0.7]]\n"
        "[[samples]]\ninputs = [0, 1]\ntargets = [0.25]\n"
    )
    text = symbp.derive(file).render("txt")
    assert "net_o1 = w₅·out_h1 + w₆·out_h2 ≈ 0.7·0.562177 + (-0.7)·0.562177 ≈ 0\n" in unnumbered(text)


def test_the_complex_step_and_differences_stand_in_the_appendix() -> None:
    checked = certify(derive(load("2-2-1"), Rounding(6)))
    assert all(check.complex_step is not None and check.agrees for check in checked.gradients)
    assert max(Decimal(str(check.relative)) for check in checked.gradients) < Decimal("1e-40")


DELTA, W5 = Var("delta", Unit(2, 1), sample=1), Var("weight", Edge(Unit(1, 1), Unit(2, 1)))
ROUNDED, PLACED = Value("0.138499", DELTA, exact=False), Value("0.40", W5)
NET_H1 = Var("net", Unit(1, 1), sample=1)


def alone(step: Step | Say | Table) -> Derivation:
    """A derivation of Mazur's network that says nothing but this."""
    derivation = derive(load("mazur"), Rounding(6))
    part = Display((step,)) if isinstance(step, Step) else step
    return replace(derivation, sections=(Section("error", (part,)),))


@pytest.mark.parametrize(
    "step",
    [
        Step(Value("999.5", DELTA, exact=False), (Link("=", DELTA, "definition"),)),
        Step(Value("0.138499", DELTA, exact=False), (Link("=", DELTA, "definition"),)),
        Step(DELTA, (Link("≈", ROUNDED, "value"), Link("=", delta_meaning(DELTA), "definition"))),
        Step(times(W5, DELTA), (Link("≈", times(PLACED, ROUNDED), "numbers_put_in"), Link("=", times(W5, DELTA), "definition"))),
        Step(NET_H1, (Link("≈", Value("0.3775", NET_H1), "value"),)),
        Step(DELTA, (Link("≈", delta_meaning(DELTA), "definition"),)),
        Step(DELTA, (Link("=", ROUNDED, "value"),)),
        Say("error_after", {"before": Value("0.3775", NET_H1)}),
        Say("error_after", {"before": add(Value("0.3775", NET_H1), Value("0.3775", NET_H1))}),
        Say("iterated", {"steps": 777, "kind": "simultaneous"}),
        Say("update", {"kind": "output_first", "train_bias": 0}),
        Table("outputs", ((Var("out", Unit(2, 1), sample=1), "42", "43"),)),
    ],
)
def test_a_false_sign_number_or_sentence_is_refused(step: Step | Say | Table) -> None:
    with pytest.raises(StepRefuted):
        certify(alone(step))


def test_an_exact_value_of_rounded_numbers_stands_after_approximately() -> None:
    """-(1.12346 - 0.123457) is not -1, though the unrounded numbers give -1 exactly."""
    text = NETWORK.format(i="0.12345678", t="1.12345678")
    shown = certified(text)
    assert "-(1.12346 - 0.123457) ≈ -1" in shown
    assert "= -1" not in shown


NETWORK = """
inputs = 1
[[layers]]
units = 1
activation = "identity"
weights = [[1]]
[[samples]]
inputs = [{i}]
targets = [{t}]
"""


def certified(text: str) -> str:
    spec = read(text, "here")
    return render(Document.of(certify(derive(spec, Rounding(6)))), "txt")


def test_json_has_the_numbers_that_were_judged() -> None:
    checked = certify(derive(load("mazur"), Rounding(6), steps=3))
    assert checked.recomputed is not None
    records = json.loads(to_json(checked))["records"]
    late = [record for record in records if record["kind"] == "error_after"]
    assert [record["name"] for record in late] == ["E+", "E+2", "E+3"]
    assert late[0]["value"] == "0.291028"
