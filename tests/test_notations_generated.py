"""Works in made-up notations: right rows are not called wrong, false ones not right. `make metamorphic` measures many more."""

from __future__ import annotations

from random import Random

import pytest

from notations.documents import document
from notations.measure import Measured, measure, shown
from notations.nets import NETWORKS
from notations.trees import ERROR, Quantity, Row, Slope, times
from notations.truth import Sense, true, worlds

RIGHT, ACCUSED = 0.95, 5
"""Of the right rows, so many must be called right, and no more may be called wrong; to be tightened with every gain. The aim is none."""
WORKS = [*(("right", seed) for seed in range(12)), *(("planted", seed) for seed in range(12, 24))]


@pytest.fixture(scope="module")
def measured() -> Measured:
    """24 works, half of them with one mistake."""
    return measure(WORKS)


def _failures(measured: Measured) -> str:
    return "\n".join(line for judged in measured.works for line in shown(judged))


def test_few_right_rows_are_called_wrong(measured: Measured) -> None:
    assert measured.tally().of["accused"] <= ACCUSED, _failures(measured)


def test_no_false_row_is_called_right(measured: Measured) -> None:
    assert not measured.tally().of["accepted"], _failures(measured)


def test_most_right_rows_are_called_right(measured: Measured) -> None:
    assert measured.tally().share("right", "rows") >= RIGHT, _failures(measured)


@pytest.mark.parametrize("seed", range(len(NETWORKS)), ids=[network.key for network in NETWORKS])
def test_what_is_planted_is_false_and_nothing_else_is(seed: int) -> None:
    right, planted = document("right", seed), document("planted", seed)
    assert all(line.true for line in right.lines)
    assert [line.code != "" for line in planted.lines if not line.true] == [True]


def test_a_work_is_made_again_from_its_seed() -> None:
    assert document("two", 5) == document("two", 5)


def test_the_truth_of_rows_is_checked_at_points_where_nothing_coincides() -> None:
    at = worlds(NETWORKS[0], Sense(), Random(1))
    slope = Slope(ERROR, Quantity("w", 2, (1, 2)))
    assert true(Row("gradient", (slope, times(Quantity("delta", 2, (1,)), Quantity("out", 1, (2,))))), at)
    assert not true(Row("gradient", (slope, times(Quantity("delta", 2, (1,)), Quantity("out", 1, (1,))))), at)
