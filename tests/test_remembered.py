"""Verdicts that are remembered between readings of a work: the same as without any memory; and what must not leak between readings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symbp.verification.judging.judge as judge
from symbp.language.form import Var
from symbp.network.reader import load
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.remembered import KEPT, Asked, Notes, Remembered
from symbp.verification.reading.conventions import OF_NAMES, Conventions
from symbp.verification.reading.world import Points
from symbp.verification.report.report import FileReport
from symbp.verification.report.verify import VerifyOptions, verify_file
from symbp.verification.source.sources import read_work

WORKS = sorted(path.parent for folder in ("hand", "hand_more") for path in (Path(__file__).parent / folder).glob("*/spec.toml"))
SOME = WORKS[::3]
SWAPPED = (("(1 - ", "(1 + "), ("_1", "_2"), ("^T", ""), ("-", "+"))
"""What is exchanged once in a work, so that other readings of it are tried than of the work as it stands."""


def judged(folder: Path, swap: tuple[str, str] | None = None) -> FileReport:
    (work,) = folder.glob("work.*")
    text, kind = read_work(work)
    if swap is not None:
        text = text.replace(*swap, 1)
    return verify_file(load(str(folder / "spec.toml")), text, kind, work.name, VerifyOptions(prove=False, time_limit=60.0))


@pytest.mark.parametrize("folder", SOME, ids=lambda folder: folder.name)
def test_memory_changes_no_report(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swaps = (None, SWAPPED[SOME.index(folder) % len(SWAPPED)])
    remembering = [judged(folder, swap) for swap in swaps]
    monkeypatch.setattr(judge, "Remembered", lambda: None)
    assert [judged(folder, swap) for swap in swaps] == remembering


def test_a_memory_that_forgets_to_ask_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: without notes of what was asked, verdicts of other readings stand."""
    right = [judged(folder) for folder in SOME]
    monkeypatch.setattr(Notes, "take", lambda self, question, answer: None)
    assert any(judged(folder) != before for folder, before in zip(SOME, right, strict=True))


def test_links_are_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most verdicts of a work with a mistake are remembered, not found anew."""
    hits: list[bool] = []
    found = Remembered.found

    def counted(self: Remembered[Any], *args: Any) -> Any:
        known = found(self, *args)
        hits.append(known is not None)
        return known

    monkeypatch.setattr(Remembered, "found", counted)
    folder = next(folder for folder in WORKS if folder.name.startswith("09_"))
    assert any(row.verdict == "wrong" for row in judged(folder).rows)
    assert sum(hits) > len(hits) / 2


def test_what_is_found_depends_on_the_answers() -> None:
    memory = Remembered[str]()
    memory.keep(("key",), {("", "convention", "samples"): "rows"}, "as rows")
    memory.keep(("key",), {("", "convention", "samples"): "columns"}, "as columns")
    assert memory.found(("key",), lambda question: "columns") == ("as columns",)
    assert memory.found(("key",), lambda question: "rows") == ("as rows",)
    assert memory.found(("key",), lambda question: "other") is None
    assert memory.found(("another",), lambda question: "rows") is None


def test_few_verdicts_of_a_link_are_kept() -> None:
    memory = Remembered[int]()
    for at in range(KEPT + 5):
        memory.keep(("key",), {("", "convention", "numbering"): at}, at)
    assert len(memory.kept[("key",)]) == KEPT
    assert memory.found(("key",), lambda question: 0) is None
    assert memory.found(("key",), lambda question: KEPT + 4) == (KEPT + 4,)


def test_conventions_are_noted_as_they_are_read() -> None:
    notes = Notes()
    asked = Asked(Conventions(numbering=0), notes)
    with notes.taken() as answers:
        assert (asked.samples, asked.label(2)) == ("columns", 2)
    assert answers == {("", "convention", "samples"): "columns", ("", "convention", "numbering"): 0}
    assert asked.weight_rows == "unit"
    assert len(answers) == 2


def test_names_depend_on_nothing_else() -> None:
    """Readings of names are shared between conventions that agree in OF_NAMES: the others are not there to be read."""
    others = Conventions(delta_sign=-1, weight_rows="source", gradient="transposed", jacobian="by", reduction="mean", per_example=False)
    assert others.of_names == Conventions()
    changed = {"numbering": 0, "weights_lead": "into", "weight_order": "from", "bare_layers": True}
    changed |= {"whole_numbers": True, "samples": "rows", "layer_letters": frozenset("l")}
    assert set(changed) == set(OF_NAMES)
    assert all(Conventions().changed(name, value).of_names != Conventions().of_names for name, value in changed.items())


def batch() -> NetworkSpec:
    return load("batch")


def test_deltas_of_one_reading_are_not_those_of_another() -> None:
    """Whether a delta is about its own sample's error is a convention of one reading, though the points are shared."""
    spec, points = batch(), Points(batch())
    own = points.truth(spec, Conventions(per_example=True))
    delta = Var("delta", spec.vocabulary.outputs[0], 1)
    before = own.value(delta)
    whole = points.truth(spec, Conventions(per_example=False))
    assert np.array_equal(own.value(delta), before)
    assert not np.allclose(whole.value(delta), before)
    assert points.truth(spec, Conventions(per_example=True)).per_example
