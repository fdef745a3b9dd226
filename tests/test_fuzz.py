"""A small share of what benchmarks/fuzz.py does, from a seed: nothing but a SymbpError is raised, in time, and memory does not grow."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import fuzz
from benchmarks.fuzz import TARGETS, TooSlow
from symbp.errors import SymbpError

SECOND = 1.0
"""Of work on each target, about."""
INPUTS = {"rows": 60, "notation": 30, "work": 40, "titled": 12, "template": 120, "notebook": 60}
"""How many inputs that is, where it is fewer than MOST."""
MOST = 400


@pytest.mark.parametrize("name", TARGETS)
def test_mutations_are_read_or_refused(name: str) -> None:
    found = fuzz.fuzz(name, INPUTS.get(name, MOST), keep=repr)
    assert not found.faults
    assert found.inputs == INPUTS.get(name, MOST)


@pytest.mark.parametrize("name", ["network", "shorthand", "formula", "marks", "parser", "rows", "escapes", "template"])
@settings(max_examples=60)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(name: str, text: str) -> None:
    outcome = fuzz.Outcome()
    fuzz.attempt(TARGETS[name], text, outcome, keep=repr)
    assert not outcome.faults


def test_the_shares_make_the_whole() -> None:
    assert sum(target.share for target in TARGETS.values()) == 100


def test_a_fault_a_hang_and_an_empty_message_are_seen() -> None:
    """What finds nothing must be able to find something."""

    def read(text: str) -> None:
        if len(text) % 3 == 0:
            raise SymbpError("")
        if len(text) % 3 == 1:
            raise KeyError(text)
        while True:
            pass

    target, outcome = fuzz.Target(read, lambda: ["x"], ("x",), 1, 0.05), fuzz.Outcome()
    for text in ("abc", "abcd", "abcde"):
        fuzz.attempt(target, text, outcome, keep=repr)
    assert [fault.split()[0] for fault in outcome.faults] == ["a", "KeyError:", "slower"]
    assert issubclass(TooSlow, BaseException)
    assert not issubclass(TooSlow, Exception)
