"""Derived documents with one edit: the row is wrong, no other is, and the edit is named. `mutated.py`, run as a script, tries more."""

from __future__ import annotations

import pytest

from mutated import Tally, sample

DOCUMENTS = (
    ("mazur", "mazur", "tex"),
    ("mazur", "nielsen", "md"),
    ("deep", "ufldl", "tex"),
    ("deep", "mazur", "md"),
    ("softmax", "nielsen", "tex"),
    ("softmax", "ufldl", "md"),
)
EACH = 8


@pytest.fixture(scope="module")
def tally() -> Tally:
    found = Tally.of(mutant for document in DOCUMENTS for mutant in sample(*document, EACH, seed=7))
    print(found)
    return found


def test_every_mutant_is_wrong_at_its_row_and_nowhere_else(tally: Tally) -> None:
    assert tally.made.total() == EACH * len(DOCUMENTS)
    assert tally.found == tally.made, [(m.kind, m.changed, [r.verdict for r in m.rows]) for m in tally.missed if not m.is_found]


def test_nine_of_ten_edits_are_named(tally: Tally) -> None:
    assert tally.named.total() >= 0.9 * tally.made.total(), [(m.kind, m.changed, m.worst and m.worst.code) for m in tally.missed]
