"""Matt Mazur's "A Step by Step Backpropagation Example" (2015), its mathematics typed as text: its formulas and its numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

import symbp
from symbp.publishing.verdicts import PLAIN
from symbp.verification.report.report import FileReport

ARTICLE = Path(__file__).with_name("mazur_article.txt")


@pytest.fixture(scope="module")
def report() -> FileReport:
    (found,) = symbp.verify("mazur", ARTICLE).files
    return found


def test_every_equation_is_found(report: FileReport) -> None:
    relations = [line for line in ARTICLE.read_text(encoding="utf-8").splitlines() if "=" in line]
    assert [row.text for row in report.rows] == relations


def test_all_single_steps_are_correct(report: FileReport) -> None:
    assert [(row.line, row.text) for row in report.rows[:-1] if row.verdict != "correct"] == []
    assert any(row.text == "w5+ = w5 - eta*dE_total/dw5 = 0.4 - 0.5*0.082167041 = 0.35891648" for row in report.rows)


def test_the_error_after_the_update_is_that_for_updated_output_weights(report: FileReport) -> None:
    last = report.rows[-1]
    assert (last.text, last.verdict, last.code) == ("E_total+ = 0.291027924", "wrong", "updated_weights_used")
    assert last.message is not None
    said = PLAIN.said(last.message)
    assert said.startswith("This is the value for updated output weights")
    assert "0.291027774" in said
    assert last.expected == "E_total+ = 0.291027774"


def test_the_right_error_after_the_update_is_correct() -> None:
    (found,) = symbp.verify("mazur", "E_total+ = 0.291027774").files
    assert [row.verdict for row in found.rows] == ["correct"]


def test_all_gradients_are_reached(report: FileReport) -> None:
    assert {at.name: at.status for at in report.reached} == {f"dE/dw{n}": "reached" for n in range(1, 9)}
