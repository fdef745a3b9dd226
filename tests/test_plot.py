"""Curves of errors and activations: their ticks, that they stay within their axes, in a terminal and drawn."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest

from consumers import compile_latex, require
from symbp.derivation.update import CURVE, curve_steps
from symbp.errors import SymbpError
from symbp.language.form import Value
from symbp.language.latex import LatexWriter
from symbp.network.activation import ACTIVATIONS
from symbp.network.gallery import examples
from symbp.network.reader import load, read
from symbp.network.spec import NetworkSpec
from symbp.publishing.activation_plot import activation_described, activation_drawing, plotted
from symbp.publishing.drawing import Circle, Dot, Drawing, Label, Line, Shape
from symbp.publishing.drawing_svg import svg
from symbp.publishing.drawing_tikz import tikz
from symbp.publishing.drawing_typst import typst
from symbp.publishing.lettering import box_of, measure, runs
from symbp.publishing.plot import HEIGHT, WIDTH, Curve, chart, contents, figures, plot_drawing

COLUMNS = 80
"""The columns of a terminal."""


LATEX = LatexWriter(load("mazur").speller).text


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
    assert max(map(len, lines)) <= COLUMNS
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
    assert [LATEX(tick) for tick in contents(scale)[::3]] == ["10^{-7}", "10^{-1}"]
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
    pictures = "\n\n".join(tikz(plot_drawing(shown, "steps", "error"), LATEX, is_alone=True) for shown in CURVES.values())
    head = "\\documentclass{article}\n\\usepackage{tikz}\n\\setlength{\\textwidth}{16.5cm}\n\\setlength{\\parindent}{0pt}\n"
    source = head + f"\\begin{{document}}\n{pictures}\n\\end{{document}}\n"
    assert compile_latex(source, tmp_path).pdf.stat().st_size > 0


@pytest.mark.parametrize("name", CURVES)
def test_a_drawn_curve_lies_within_its_axes(name: str) -> None:
    drawing = plot_drawing(CURVES[name], "steps", "error")
    path = next(shape for shape in drawing.shapes if isinstance(shape, Line) and shape.width > 0.3)
    assert len(path.points) == len(CURVES[name].points)
    wide, tall = (max(p[axis] for p in path.points) - min(p[axis] for p in path.points) for axis in (0, 1))
    assert wide <= WIDTH + 0.01
    assert tall <= HEIGHT + 0.01
    assert_labels_are_clear(drawing, None)
    words = [shape.content for shape in drawing.shapes if isinstance(shape, Label) and isinstance(shape.content, str)]
    assert words == ["steps", "error"]


# -- activations ---------------------------------------------------------------------------------------------------------


def assert_labels_are_clear(drawing: Drawing, spec: NetworkSpec | None) -> None:
    measured = measure(spec.speller if spec else None)
    boxes = [box_of(shape, measured) for shape in drawing.shapes if isinstance(shape, Label)]
    assert all(one.overlap(other) == 0 for one, other in combinations(boxes, 2))
    assert all(b.left >= 0 and b.bottom >= 0 and b.right <= drawing.width and b.top <= drawing.height for b in boxes)


def network(activation: str, weights: str = "[[0.5, -0.3], [0.8, 0.2], [1.5, 1]]", inputs: str = "[1, 0.5]") -> NetworkSpec:
    count = weights.count("[") - 1
    out = f'[[layers]]\nunits = 1\nactivation = "identity"\nweights = [{[0.3] * count}]\nbias = false\n'
    layer = f"[[layers]]\nunits = {count}\nactivation = {activation!r}\nweights = {weights}\nbias = false\n"
    return read(f"inputs = 2\n{layer}{out}[[samples]]\ninputs = {inputs}\ntargets = [1]\n", "n.toml")


def axis(drawing: Drawing, anchor: str, place: str) -> Callable[[float], float]:
    """Millimetres to numbers along an axis, read off the figures at its ticks."""
    ticks = [(getattr(s, place), float(s.content.shown)) for s in drawing.shapes if is_figure(s, anchor)]  # type: ignore[union-attr]
    (low, first), (high, last) = min(ticks), max(ticks)
    return lambda at: first + (at - low) / (high - low) * (last - first)


def is_figure(shape: Shape, anchor: str) -> bool:
    return isinstance(shape, Label) and isinstance(shape.content, Value) and shape.anchor == anchor


def drawn(drawing: Drawing, kind: type[Dot] | type[Circle]) -> list[tuple[float, float]]:
    """Where the dots or rings are, in numbers."""
    x, y = axis(drawing, "north", "x"), axis(drawing, "east", "y")
    return sorted((x(shape.x), y(shape.y)) for shape in drawing.shapes if isinstance(shape, kind))


def pieces(drawing: Drawing, *, dashed: bool) -> list[list[tuple[float, float]]]:
    """The pieces of the function, or dashed of its slope, in numbers."""
    x, y = axis(drawing, "north", "x"), axis(drawing, "east", "y")
    lines = [s for s in drawing.shapes if isinstance(s, Line) and s.dashed == dashed and s.role == ("factor2" if dashed else "ink")]
    return [[(x(a), y(b)) for a, b in line.points] for line in lines if len(line.points) > 8 or (line.width > 0.3 and not is_legend(line))]


def is_legend(line: Line) -> bool:
    return len(line.points) == 2 and line.points[0][1] == line.points[1][1]


SINGLE = [name for name, row in ACTIVATIONS.items() if not row.is_joint and name != "identity"]
FORMULAS = ["x^3/10", "max(0, x) - 1", "abs(x)", "x/(1 + abs(x))", "ln(1 + exp(x))", "x^2 - 3"]


@pytest.mark.parametrize("name", [*SINGLE, *FORMULAS])
def test_every_activation_has_its_picture(name: str) -> None:
    spec = network(name)
    activation = plotted(spec)[0]
    drawing = activation_drawing(spec, activation)
    assert_labels_are_clear(drawing, spec)
    assert len(drawn(drawing, Dot)) == len(drawn(drawing, Circle)) == 3
    assert activation_described(spec, activation).endswith("; the dots show the units h1, h2 and h3.")
    for text in (
        tikz(drawing, LatexWriter(spec.speller).text),
        svg(drawing, spec.speller, title="t", description="d"),
        typst(drawing, lambda node: " ".join(f'"{run.text}"' for run in runs(node, spec.speller))),
    ):
        assert "nan" not in text
        assert "inf" not in text


def test_dots_lie_on_the_function_and_rings_on_its_slope() -> None:
    spec = network("sigmoid", "[[1, -2], [2, 0]]")
    drawing = activation_drawing(spec, plotted(spec)[0])
    for dot, ring, net in zip(drawn(drawing, Dot), drawn(drawing, Circle), (0.0, 2.0), strict=True):
        out = 1 / (1 + math.exp(-net))
        assert dot == pytest.approx((net, out), abs=1e-6)
        assert ring == pytest.approx((net, out * (1 - out)), abs=1e-6)


def test_curves_are_the_function_and_its_slope() -> None:
    drawing = activation_drawing(network("tanh"), ACTIVATIONS["tanh"])
    (value,), (slope,) = pieces(drawing, dashed=False), pieces(drawing, dashed=True)
    assert all(y == pytest.approx(math.tanh(x), abs=1e-6) for x, y in value)
    assert all(y == pytest.approx(1 - math.tanh(x) ** 2, abs=1e-6) for x, y in slope)
    assert (value[0][0], value[-1][0]) == pytest.approx((-4, 4))


def test_a_slope_that_jumps_is_broken_there() -> None:
    low, high = pieces(activation_drawing(network("relu"), ACTIVATIONS["relu"]), dashed=True)
    assert low[-1] == pytest.approx((0, 0), abs=1e-4)
    assert high[0] == pytest.approx((0, 1), abs=1e-4)
    assert {round(y, 6) for _, y in low} == {0}
    assert {round(y, 6) for _, y in high} == {1}
    (value,) = pieces(activation_drawing(network("relu"), ACTIVATIONS["relu"]), dashed=False)
    assert all(y == pytest.approx(max(x, 0), abs=1e-6) for x, y in value)


def test_a_function_without_a_value_is_not_drawn_there() -> None:
    spec = network("ln(x)", "[[1, 0], [2, 1]]")
    (value,) = pieces(activation_drawing(spec, plotted(spec)[0]), dashed=False)
    assert value[0][0] > 0
    assert all(y == pytest.approx(math.log(x), abs=1e-5) for x, y in value)


def test_a_saturated_unit_stands_at_the_edge_with_an_arrow() -> None:
    spec = network("sigmoid", "[[40, 0], [-60, 0], [1, 0]]")
    drawing = activation_drawing(spec, plotted(spec)[0])
    assert [x for x, _ in drawn(drawing, Dot)] == pytest.approx([-10, 1, 10])
    arrows = [shape for shape in drawing.shapes if isinstance(shape, Line) and shape.arrow]
    assert sorted(shape.points[1][0] > shape.points[0][0] for shape in arrows) == [False, True]
    assert_labels_are_clear(drawing, spec)


def test_units_whose_nets_are_close_keep_their_names_apart() -> None:
    spec = network("tanh", f"[{', '.join(f'[0.{50 + k}, 0.1]' for k in range(9))}]")
    drawing = activation_drawing(spec, plotted(spec)[0])
    assert_labels_are_clear(drawing, spec)
    assert sum(isinstance(shape, Label) and shape.backed for shape in drawing.shapes) == 9


@pytest.mark.parametrize("name", examples())
def test_activations_of_the_examples(name: str) -> None:
    spec = load(name)
    words = spec.vocabulary
    for activation in plotted(spec):
        drawing = activation_drawing(spec, activation, sample=words.samples)
        assert_labels_are_clear(drawing, spec)
        units = [u for at in range(1, words.last + 1) for u in words.units(at) if spec.activation(u) == activation]
        assert len(drawn(drawing, Dot)) == len(units)


def test_a_joint_activation_has_no_such_picture() -> None:
    spec = load("softmax")
    assert [activation.name for activation in plotted(spec)] == ["tanh"]
    with pytest.raises(SymbpError, match="of all nets of a layer"):
        activation_drawing(spec, ACTIVATIONS["softmax"])


def test_activations_compile(tmp_path: Path) -> None:
    require("pdflatex")
    specs = [network(name) for name in ("relu", "gelu", FORMULAS[1])] + [load("deep")]
    found = [tikz(activation_drawing(s, plotted(s)[0]), LatexWriter(s.speller).text, is_alone=True) for s in specs]
    head = "\\documentclass{article}\n\\usepackage{amsmath,tikz}\n\\setlength{\\parindent}{0pt}\n"
    body = "\n\n".join(found)
    assert compile_latex(f"{head}\\begin{{document}}\n{body}\n\\end{{document}}\n", tmp_path).pdf.stat().st_size > 0
