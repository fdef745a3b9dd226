"""What certification refuses beside false equations: numbers in the wrong row, lost digits, uncertified derivations."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

import symbp
from symbp.derivation.derive import derive
from symbp.derivation.steps import Derivation, Detail, Section, Table
from symbp.errors import StepRefuted
from symbp.language.form import Unit, Value, Var, partial
from symbp.network.numbers import Rounding
from symbp.network.reader import load, read
from symbp.proof.certify import CheckedDerivation, certify


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
        CheckedDerivation(checked.derivation, checked.verdicts[1:], checked.numbers, checked.gradients)
    step, links = checked.verdicts[0]
    with pytest.raises(ValueError, match="uncertified equation"):
        CheckedDerivation(checked.derivation, ((step, links[1:]), *checked.verdicts[1:]), checked.numbers, checked.gradients)


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
    assert "net_o1 = w₅·out_h1 + w₆·out_h2 ≈ 0.7·0.562177 + (-0.7)·0.562177 ≈ 0\n" in text


def test_the_complex_step_and_differences_stand_in_the_appendix() -> None:
    checked = certify(derive(load("2-2-1"), Rounding(6)))
    assert all(check.complex_step is not None and check.agrees for check in checked.gradients)
    assert max(Decimal(str(check.relative)) for check in checked.gradients) < Decimal("1e-40")
