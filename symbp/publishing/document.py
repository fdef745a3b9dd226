"""CheckedDerivation → Document: what is printed, in order, in no format yet. Nothing unchecked gets in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from symbp.derivation.steps import Part, Plot, Say, Section, Table
from symbp.language.form import Value
from symbp.language.writer import Spells
from symbp.network.numbers import Rounding, to_decimal
from symbp.network.spec import TITLE, NetworkSpec, default_title, sizes_of
from symbp.proof.certify import CheckedDerivation
from symbp.proof.gradients import DEFAULT_SEED, MOST_CHECKED, DirectionCheck, GradientCheck
from symbp.proof.identity import AGREEING_DIGITS, POINTS
from symbp.publishing.environment import sentence
from symbp.publishing.numbering import Numbering
from symbp.publishing.recipe import Recipe
from symbp.version import __version__


@dataclass(frozen=True)
class Document:
    """A title and sections; `speller` spells what they name.

    `titled` is the title as a sentence, where it is one of ours; `numbering` is that of the whole, where this is a part of it; `recipe`
    says how it was derived.
    """

    title: str
    sections: tuple[Section, ...]
    speller: Spells
    spec: NetworkSpec | None = None
    titled: Say | None = None
    numbering: Numbering | None = None
    recipe: Recipe | None = None

    def title_in(self, lang: str) -> str:
        """The title in the language `lang`, in words alone."""
        return sentence("plain_title", {"title": self.titled or self.title}, lang)

    @classmethod
    def of(cls, checked: CheckedDerivation) -> Document:
        """The document of a certified derivation: its sections, the gradient check and the colophon."""
        derivation = checked.derivation
        sections = (*derivation.sections, _gradient_check(checked), _colophon(checked))
        return cls(derivation.spec.title, sections, derivation.spec.speller, derivation.spec, _titled(derivation.spec))

    @classmethod
    def tables(cls, checked: CheckedDerivation) -> Document:
        """The last section of a training alone, without its curve."""
        derivation = checked.derivation
        last = derivation.sections[-1]
        section = replace(last, parts=tuple(part for part in last.parts if not isinstance(part, Plot)))
        return cls(derivation.spec.title, (section,), derivation.spec.speller, derivation.spec, _titled(derivation.spec))


def _titled(spec: NetworkSpec) -> Say | None:
    if spec.title != default_title(spec.vocabulary):
        return None
    return Say("network_title", {"words": TITLE, "sizes": sizes_of(spec.vocabulary)})


def number(value: object, rounding: Rounding) -> Value:
    """A number of the check itself, which stands for nothing but what is shown."""
    return _as_shown(rounding.text(to_decimal(value)))


def _as_shown(text: str) -> Value:
    return Value(text, Fraction(text), exact=False)


def difference(value: object) -> str:
    """A difference to two digits: 3.5e-52, or 0."""
    decimal = to_decimal(value)
    return f"{decimal:.1e}" if decimal else "0"


def check_rows(checks: tuple[GradientCheck, ...], rounding: Rounding) -> tuple[tuple[object, ...], ...]:
    """Parameter, derived, by central differences, absolute and relative difference; at a kink there are no differences to compare."""
    return tuple(
        (
            c.parameter,
            number(c.analytic, rounding),
            *((number(c.central, rounding), _as_shown(difference(c.absolute))) if c.one_sided is None else ("", "")),
            _as_shown(difference(c.relative)) if c.one_sided is None else "",
        )
        for c in checks
    )


def _gradient_check(checked: CheckedDerivation) -> Section:
    checks, spec = checked.gradients, checked.derivation.spec
    if checked.directions:
        return _direction_check(checked)
    names = {"complex_step": int(checks[0].complex_step is not None), "seed": 0 if spec.is_numeric else DEFAULT_SEED}
    table = Table("check", check_rows(checks, checked.derivation.rounding))  # type: ignore[arg-type]
    parts: tuple[Part, ...] = (Say("gradient_check", names), table, *_kinks(checks, checked.derivation.rounding))
    return Section("check", parts)


def _direction_check(checked: CheckedDerivation) -> Section:
    """All gradients at once along random directions, which stands for the table of each where there are many."""
    spec, rounding = checked.derivation.spec, checked.derivation.rounding
    seed = 0 if spec.is_numeric else DEFAULT_SEED
    rows = tuple(
        (str(c.number), *(number(x, rounding) for x in (c.analytic, c.central)), *map(_as_shown, map(difference, (c.absolute, c.relative))))
        for c in checked.directions
    )
    say = Say("direction_check", {"parameters": _parameters(checked), "most": MOST_CHECKED, "directions": len(rows), "seed": seed})
    return Section("check", (say, Table("directions", rows)))  # type: ignore[arg-type]


def _parameters(checked: CheckedDerivation) -> int:
    return sum(1 for _ in checked.derivation.spec.vocabulary.parameters())


def _kinks(checks: tuple[GradientCheck, ...], rounding: Rounding) -> Iterator[Part]:
    """What there is to say of gradients at a kink, and near one."""
    at = [c for c in checks if c.one_sided is not None]
    near = [c for c in checks if c.one_sided is None and c.kink is not None]
    if at:
        yield Say("at_kink")
        rows = tuple((c.parameter, *(number(x, rounding) for x in (*(c.one_sided or ()), c.analytic))) for c in at)
        yield Table("kinks", rows)  # type: ignore[arg-type]
    if near:
        yield Say("near_kink", {"parameters": tuple(c.parameter for c in near), "step": max(c.step for c in near)})


def agreement(checks: tuple[GradientCheck | DirectionCheck, ...]) -> int:
    """To how many digits all gradients agree with the numeric ones."""
    relative = [to_decimal(c.relative) for c in checks]
    return min((-r.adjusted() - 1 for r in relative if r), default=50)


def _colophon(checked: CheckedDerivation) -> Section:
    counts = checked.counts()
    names: Mapping[str, int | str] = {
        "proved": counts["proved"],
        "agrees": counts["agrees"],
        "rounds": counts["rounds"],
        "points": POINTS,
        "digits": AGREEING_DIGITS,
        "gradients": _parameters(checked) if checked.directions else sum(c.one_sided is None for c in checked.gradients),
        "kinks": sum(c.one_sided is not None for c in checked.gradients),
        "agreement": agreement(checked.directions or checked.gradients),
        "directions": len(checked.directions),
        "version": __version__,
    }
    return Section("colophon", (Say("colophon", names),))


def check_line(check: GradientCheck, name: str, rounding: Rounding) -> tuple[str, ...]:
    """A gradient check in words and figures, for a terminal."""
    exactly = {True: "equal", False: "DIFFERENT", None: "not tried"}[check.composed]
    derived, numeric = (rounding.text(to_decimal(x)) for x in (check.analytic, check.central))
    return name, derived, numeric, difference(check.absolute), difference(check.relative), exactly, "" if check.agrees else "MISMATCH"
