"""What `symbp derive` writes, for every built-in example, in every notation, as LaTeX and as Markdown, `symbp verify` finds correct."""

from __future__ import annotations

import pytest

from roundtrip import FORMATS, faults
from symbp.language.notation import NOTATIONS
from symbp.network.gallery import examples


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("example", examples())
def test_every_row_is_correct(example: str, notation: str) -> None:
    for kind in FORMATS:
        count, found = faults(example, notation, kind)
        assert count >= 25
        assert not found


@pytest.mark.parametrize(("example", "notation"), [("mazur", "ufldl"), ("softmax", "nielsen"), ("recurrent", "goodfellow")])
def test_appendices_are_correct(example: str, notation: str) -> None:
    for kind in FORMATS:
        assert not faults(example, notation, kind, "all")[1]
