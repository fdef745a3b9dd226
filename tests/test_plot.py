"""The curve of the error: its ticks, that it stays within its axes, in a terminal and in LaTeX."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from consumers import compile_latex, require
from symbp.derivation.update import CURVE, curve_steps
from symbp.publishing.plot import Curve, chart, figures, latex_figures, tikz

WIDTH = 80
"""The columns of a terminal."""


def curve(*errors: str) -> Curve:
    return Curve.of([(n, Decimal(error)) for n, error in enumerate(errors)])


CURVES = {
    "one step": curve("0.298371", "0.291028"),
    "constant": curve("0.25", "0.25", "0.25"),
    "zero": curve("0", "0"),
    "decades": curve(*(f"1e-{n}" for n in range(8))),
    "more decades": curve(*(f"3e-{7 * n}" for n in range(30))),
    "rising": curve("1", "20", "3e300", "1e4000"),
    "down to zero": curve("1", "1e-9", "0"),
    "long": Curve.of([(n, Decimal(1) / (n + 1)) for n in curve_steps(1_000_000)]),
}


@pytest.mark.parametrize("name", CURVES)
def test_a_chart_fits_a_terminal(name: str) -> None:
    lines = chart(CURVES[name], "steps", "error").splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert any(0x2800 < ord(c) < 0x2900 for line in lines for c in line)
    assert sum("┤" in line for line in lines) >= 2


@pytest.mark.parametrize("name", CURVES)
def test_all_points_and_ticks_lie_within_the_axes(name: str) -> None:
    shown = CURVES[name]
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in shown.shares())
    for scale in (shown.across, shown.up):
        assert 2 <= len(scale.ticks) <= 8
        assert all(0 <= scale.share(tick) <= 1 for tick in scale.ticks)
        assert len(set(figures(scale))) == len(scale.ticks)


def test_more_than_two_decades_are_on_a_logarithmic_scale() -> None:
    scale = CURVES["decades"].up
    assert scale.is_log
    assert latex_figures(scale)[::3] == ["10^{-7}", "10^{-1}"]
    assert scale.share(Decimal("1e-7")) == 0
    assert scale.share(Decimal("0.1")) == pytest.approx(6 / 7)
    assert not curve("1", "0.01").up.is_log
    assert curve("1", "0.0099").up.is_log
    assert not CURVES["down to zero"].up.is_log


def test_few_steps_have_whole_ticks() -> None:
    assert figures(CURVES["one step"].across) == ["0", "1"]
    assert figures(CURVES["constant"].across) == ["0", "1", "2"]


def test_a_curve_goes_through_the_first_and_the_last_step() -> None:
    for steps in (1, 2, CURVE, CURVE + 1, 999, 10**6):
        through = curve_steps(steps)
        assert (through[0], through[-1]) == (0, steps)
        assert len(through) <= CURVE + 10
        assert list(through) == sorted(set(through))


def test_every_curve_compiles(tmp_path: Path) -> None:
    require("pdflatex")
    pictures = "\n\n".join(tikz(shown, "steps", "error") for shown in CURVES.values())
    head = "\\documentclass{article}\n\\usepackage{tikz}\n\\setlength{\\textwidth}{16.5cm}\n\\setlength{\\parindent}{0pt}\n"
    source = head + f"\\begin{{document}}\n{pictures}\n\\end{{document}}\n"
    assert compile_latex(source, tmp_path).pdf.stat().st_size > 0
