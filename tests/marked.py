"""Marks for a text, as `symbp verify --csv` gives them; shared by the tests of tricks and of honest works."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from symbp.network.reader import load
from symbp.network.spec import NetworkSpec
from symbp.verification.report.marks import Mark, Scheme, mark, parse_scheme
from symbp.verification.report.verify import VerifyOptions, verify_file


@cache
def network(name: str) -> NetworkSpec:
    return load(name)


@cache
def marked(work: str, scheme: str = "", name: str = "mazur", kind: str = "txt") -> Mark:
    """The marks for a work on the network `name`."""
    spec = network(name)
    by = parse_scheme(scheme, "marks.toml") if scheme else Scheme()
    report = verify_file(spec, work, kind, "work.txt", VerifyOptions(expect=by.asked(spec.vocabulary), prove=False))
    return mark(report, by)


def span(found: Mark) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most that the work may get."""
    return found.low, found.high


def grade(found: Mark, quantity: str) -> tuple[Decimal, Decimal]:
    """The least and the most for one quantity."""
    one = next(one for one in found.grades if one.name == quantity)
    return one.low, one.high
