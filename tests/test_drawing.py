"""Pictures: nothing overlaps or is cut off, what is lit is what the influence takes, colours can be told apart, consumers accept them."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations, pairwise, product
from pathlib import Path
from xml.etree import ElementTree

import pytest

from consumers import compile_latex, require, unavailable
from symbp.language.form import Edge, Node, Unit, Var
from symbp.language.latex import LatexWriter
from symbp.language.notation import NOTATIONS
from symbp.network.forward import ERROR, forward
from symbp.network.gallery import examples
from symbp.network.reader import load, read
from symbp.network.spec import NetworkSpec, from_shorthand
from symbp.publishing.described import described
from symbp.publishing.diagram import network_drawing
from symbp.publishing.drawing import THIN, Circle, Curve, Dot, Drawing, Head, Label, Line, Rectangle, plain
from symbp.publishing.drawing_svg import svg, svg_style
from symbp.publishing.drawing_tikz import tikz
from symbp.publishing.drawing_typst import typst
from symbp.publishing.latex_escape import escape_latex
from symbp.publishing.lettering import Box, box_of, measure, name_runs, room_of, runs, text_width
from symbp.publishing.lighting import Lighting
from symbp.publishing.palette import FACTORS, NO_COLOUR, PAGE, PALETTE, PALETTES, latex_colours

SHAPES = ["-".join(map(str, sizes)) for sizes in (*product(range(1, 5), repeat=2), *product(range(1, 5), repeat=3))]
MORE = ["2-2-2-2", "3-10-3", "9-2-9", "2-3-1:softmax", "-".join("2" * 14), "5-5-5", "1-40-1"]
WIRED = """title = "Own names & 100% #1"
inputs = ["left_eye", "right_eye"]
outputs = ["decision", "alarm"]
[[units]]
name = "edge_detector_one"
inputs = { left_eye = "w_left", right_eye = "w_right" }
bias = "b_edge"
[[units]]
name = "alarm"
inputs = { edge_detector_one = "w_alarm", left_eye = "w_skip" }
bias = "b_edge"
[[units]]
name = "sum"
inputs = { edge_detector_one = "u1", alarm = "u2" }
[[units]]
name = "unheard"
inputs = { sum = "lost" }
[[units]]
name = "decision"
inputs = { sum = "v1", alarm = "v2", right_eye = "w_far" }
bias = "b_x"
"""
"""A graph with skips, an output before the last layer, names with underscores, and a unit that nothing listens to."""
RECURRENT = """inputs = 2
[recurrent]
units = 3
activation = "tanh"
error = "last"
length = 3
[[layers]]
units = 2
"""


def spec_of(name: str) -> NetworkSpec:
    if name == "wired":
        return read(WIRED, "wired.toml")
    if name == "recurrent_three":
        return read(RECURRENT, "recurrent.toml")
    return from_shorthand(name) if name[0].isdigit() else load(name)


NETWORKS = [*examples(), "wired", "recurrent_three"]


def first_parameters(spec: NetworkSpec) -> list[Var]:
    """A weight and a bias of the first layer, a weight of the last."""
    words = spec.vocabulary
    found = [*words.layer_weights(1)[:1], *words.biases(1)[:1], *words.layer_weights(words.last)[-1:]]
    return list(dict.fromkeys(found))


# -- nothing overlaps ----------------------------------------------------------------------------------------------------


def is_within(box: Box, drawing: Drawing) -> bool:
    return box.left >= 0 and box.bottom >= 0 and box.right <= drawing.width and box.top <= drawing.height


def assert_is_clear(spec: NetworkSpec, drawing: Drawing) -> None:
    """No two labels overlap, none leaves the picture, none lies on a circle or square but the name within it."""
    measured = measure(spec.speller)
    labels = [(shape, box_of(shape, measured)) for shape in drawing.shapes if isinstance(shape, Label)]
    for (one, room), (other, place) in combinations(labels, 2):
        assert room.overlap(place) == 0, (one.content, other.content)
    for label, box in labels:
        assert is_within(box, drawing), label
        for shape in drawing.shapes:
            if isinstance(shape, Circle | Rectangle) and not (isinstance(shape, Rectangle) and not shape.filled):
                middle = (shape.x, shape.y) if isinstance(shape, Circle) else (shape.x + shape.across / 2, shape.y + shape.up / 2)
                is_name = math.dist(middle, (label.x, label.y)) < 0.01
                assert is_name or box.overlap(room_of(shape, measured).grown(-0.4)) == 0, (label.content, shape)
    for shape in drawing.shapes:
        assert is_within(room_of(shape, measured), drawing), shape


@pytest.mark.parametrize("name", [*SHAPES, *MORE, *NETWORKS])
def test_labels_do_not_overlap(name: str) -> None:
    spec = spec_of(name)
    assert_is_clear(spec, network_drawing(spec))
    assert_is_clear(spec, network_drawing(spec, next(iter(spec.vocabulary.parameters()))))


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("name", ["4-4-4", "2-3-2", "mazur", "deep", "recurrent", "softmax"])
def test_labels_do_not_overlap_in_any_notation(name: str, notation: str) -> None:
    spec = spec_of(name).with_options(notation=notation)
    drawing = network_drawing(spec)
    assert_is_clear(spec, drawing)
    named = {shape.content for shape in drawing.shapes if isinstance(shape, Label)}
    assert set(spec.vocabulary.parameters()) <= named


@pytest.mark.parametrize("name", [*SHAPES, *NETWORKS])
def test_every_parameter_of_a_small_network_is_named(name: str) -> None:
    spec = spec_of(name)
    named = {shape.content for shape in network_drawing(spec).shapes if isinstance(shape, Label)}
    assert set(spec.vocabulary.parameters()) <= named


@pytest.mark.parametrize("name", ["2-2-2", "3-3-3", "mazur", "skip", "shared", "convolution"])
def test_labels_of_few_weights_lie_on_their_own_connection_only(name: str) -> None:
    spec = spec_of(name)
    drawing = network_drawing(spec)
    paths = [shape for shape in drawing.shapes if isinstance(shape, Line | Curve)]
    for label in (s for s in drawing.shapes if isinstance(s, Label) and s.backed):
        box = box_of(label, measure(spec.speller))
        met = [path for path in paths if any(box.holds(*point) for point in densely(path))]
        assert len(met) == 1, label.content


def densely(path: Line | Curve) -> list[tuple[float, float]]:
    if isinstance(path, Curve):
        return [path.at(k / 400) for k in range(401)]
    return [(a[0] + (b[0] - a[0]) * k / 200, a[1] + (b[1] - a[1]) * k / 200) for a, b in pairwise(path.points) for k in range(201)]


def test_large_layers_are_drawn_in_part() -> None:
    drawing = network_drawing(from_shorthand("3-10-3"))
    assert sum(isinstance(shape, Circle) for shape in drawing.shapes) == 3 + 4 + 3 + 1
    assert sum(isinstance(shape, Dot) for shape in drawing.shapes) == 3
    spec = from_shorthand("3-10-3")
    hidden = Var("weight", Edge(Unit(0, 1), Unit(1, 7)))
    lit = network_drawing(spec, hidden)
    assert any(isinstance(shape, Circle) and shape.role == "factor2" for shape in lit.shapes)
    assert any(isinstance(shape, Label) and shape.content == hidden for shape in lit.shapes)


# -- what is lit ---------------------------------------------------------------------------------------------------------


def influence(spec: NetworkSpec, parameter: Var) -> tuple[set[tuple[Unit, Var, Unit, int]], set[Unit]]:
    """The connections and units on a path from `parameter` to E, by the program's bindings: (source, weight, target, delay)."""
    words, program = spec.vocabulary, forward(spec)
    arrows: set[tuple[Unit, Var, Unit, int]] = set()
    units: set[Unit] = set()
    for net in words.instances():
        if net not in program.forms or not program.reaches(net, ERROR):
            continue
        assert isinstance(net.owner, Unit)
        out = Var("out", net.owner, net.sample, net.time)
        if program.reaches(parameter, out) and program.reaches(out, ERROR):
            units.add(net.owner)
        for arrow in words.connections(net.owner):
            source = words.source(arrow, net)
            if arrow.weight == parameter or (source in program.forms and program.reaches(parameter, source)):
                arrows.add((arrow.source, arrow.weight, net.owner, arrow.delay))
    return arrows, units


@pytest.mark.parametrize("name", [*NETWORKS, "2-2-2", "3-2-2:tanh,softmax", "2-2-2-2"])
def test_lit_is_exactly_what_lies_on_a_path_to_the_error(name: str) -> None:
    spec = spec_of(name)
    if spec.has_sparsity:  # its penalty makes all hidden units act on E, but by no connection
        assert spec.vocabulary.is_layered
    for parameter in spec.vocabulary.parameters():
        arrows, units = influence(spec, parameter)
        light = Lighting(spec, parameter)
        assert {(a.source, a.weight, target, a.delay) for target, a in light.arrows} == arrows, parameter
        assert set(light.units) == units, parameter
        assert set(light.errors) == units & set(spec.vocabulary.outputs)
        drawing = network_drawing(spec, parameter)
        lit = [shape for shape in drawing.shapes if isinstance(shape, Line | Curve) and shape.stage]
        assert len(lit) == len(arrows) + len(light.errors) + len(light.biases)
        assert sum(isinstance(shape, Circle) and shape.stage > 0 for shape in drawing.shapes) == len(units) + bool(light.errors)


@pytest.mark.parametrize("name", NETWORKS)
def test_factors_and_stages(name: str) -> None:
    """Stage 1 is net by w, stage 2 out by net, later ones E by out; nothing comes before what it hangs on; lit is thicker."""
    spec = spec_of(name)
    for parameter in spec.vocabulary.parameters():
        light = Lighting(spec, parameter)
        if not light.users:
            assert all(not shape.stage for shape in network_drawing(spec, parameter).shapes)
            continue
        drawing = network_drawing(spec, parameter)
        for shape in drawing.shapes:
            expected = {0: "faint", 1: "factor3", 2: "factor2"}.get(shape.stage, "factor1")
            assert shape.role == expected
            assert isinstance(shape, Label | Dot) or (shape.width > 1.3 * THIN if shape.stage else shape.width <= 1.3 * THIN)
        assert {shape.stage for shape in drawing.shapes} == set(range(drawing.stages + 1))
        for (target, arrow), lit in light.arrows.items():
            assert lit.stage <= light.units[target].stage or target in light.first
            if lit.role == "factor1" and not arrow.delay:
                assert light.units[arrow.source].stage < lit.stage


def test_without_a_lit_parameter_all_is_ink() -> None:
    assert {shape.role for shape in network_drawing(load("mazur")).shapes} == {"ink"}
    assert network_drawing(load("mazur")).stages == 0


def test_a_weight_that_does_not_act_is_not_lit() -> None:
    spec = spec_of("wired")
    assert network_drawing(spec, spec.speller.read("lost")).stages == 0
    assert described(spec, spec.speller.read("lost")).endswith("lit: lost, which does not act on the error.")


def test_descriptions() -> None:
    spec = load("mazur")
    expected = "Network with 2 inputs, a hidden layer of 2 units and 2 outputs; lit: w1 acts on h1, which feeds o1 and o2, which feed E."
    assert described(spec, spec.speller.read("w1")) == expected
    spec = load("recurrent")
    assert "h1 feeds o1 and, a step later, h1 and h2" in described(spec, spec.speller.read("whh_1_2"))
    spec = load("softmax")
    assert "w7 acts on o1 and, by the softmax, on o2, which feed E." in described(spec, spec.speller.read("w7"))
    assert "h1 feeds h2 and o1" in described(load("skip"), load("skip").speller.read("w1"))


@pytest.mark.parametrize("name", [*NETWORKS, *MORE])
def test_every_network_is_described(name: str) -> None:
    spec = spec_of(name)
    for lit in (None, *first_parameters(spec)):
        text = described(spec, lit)
        assert text.startswith("Network with ")
        assert text.endswith(".")
        assert not re.search(r"  |\s[.,;]|,,|None", text), text


# -- colours -------------------------------------------------------------------------------------------------------------

BLINDNESS = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""On linear RGB, at severity 1: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, A Physiologically-based Model for Simulation of
Color Vision Deficiency, IEEE Transactions on Visualization and Computer Graphics 15 (2009), 1291-1298."""
TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
Triple = tuple[float, float, float]


def times(matrix: object, v: Triple) -> Triple:
    a, b, c = (sum(m * x for m, x in zip(row, v, strict=True)) for row in matrix)  # type: ignore[attr-defined]
    return a, b, c


def linear_rgb(colour: str) -> Triple:
    r, g, b = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    found = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (r, g, b)]
    return found[0], found[1], found[2]


def lab(rgb: Triple) -> Triple:
    """CIELAB under D65."""
    xyz = times(TO_XYZ, rgb)
    f = [t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29 for t in (xyz[0] / 0.95047, xyz[1], xyz[2] / 1.08883)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def contrast(one: str, other: str) -> float:
    low, high = sorted(times(TO_XYZ, linear_rgb(colour))[1] for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_the_factors_can_be_told_apart(dark: bool) -> None:
    colours = [PALETTE[role].dark if dark else PALETTE[role].light for role in FACTORS]
    assert all(contrast(colour, PAGE[dark]) >= 4.5 for colour in colours)
    for matrix in BLINDNESS.values():
        seen = [lab(tuple(min(max(c, 0.0), 1.0) for c in times(matrix, linear_rgb(colour)))) for colour in colours]  # type: ignore[arg-type]
        assert min(math.dist(a, b) for a, b in combinations(seen, 2)) >= 25
    grey = sorted(lab(linear_rgb(colour))[0] for colour in colours)
    assert min(b - a for a, b in pairwise(grey)) >= 9


@pytest.mark.parametrize("dark", [False, True])
def test_words_can_be_read(dark: bool) -> None:
    for role in ("ink", "faint"):
        assert contrast(PALETTE[role].dark if dark else PALETTE[role].light, PAGE[dark]) >= 4.5


def test_simulation_is_that_of_the_paper() -> None:
    """Greys are seen as they are, and red and green of one lightness come near for those who lack a cone."""
    for matrix in BLINDNESS.values():
        assert all(abs(c - 0.5) < 1e-4 for c in times(matrix, (0.5, 0.5, 0.5)))
    red, green = linear_rgb("#c8503c"), linear_rgb("#8c7a1e")
    far = math.dist(lab(red), lab(green))
    assert all(math.dist(lab(times(BLINDNESS[k], red)), lab(times(BLINDNESS[k], green))) < 0.6 * far for k in ("protan", "deutan"))


def test_without_colour_everything_is_ink() -> None:
    assert PALETTES["none"] == NO_COLOUR
    spec = load("mazur")
    drawing = network_drawing(spec, spec.speller.read("w1"))
    text = svg(drawing, spec.speller, title="t", description="d", palette=NO_COLOUR)
    assert not re.search("#(?:c04e00|0a4527|1f35f5|767676)", text)
    plain_tikz = tikz(drawing, LatexWriter(spec.speller).text, palette=NO_COLOUR)
    assert "symbp" not in plain_tikz
    assert len(set(re.findall(r"line width=([\d.]+)", plain_tikz))) >= 2
    assert latex_colours(NO_COLOUR) == r"\definecolor{symbpGrid}{HTML}{D4D4D4}"


# -- consumers -----------------------------------------------------------------------------------------------------------


def typst_math(spec: NetworkSpec) -> object:
    """A stand-in for a writer of Typst's mathematics: bases, superscripts and subscripts as words."""

    def write(node: Node) -> str:
        letters = runs(node, spec.speller)

        def words(level: int) -> str:
            return " ".join('"{}"'.format(run.text.replace('"', "")) for run in letters if run.level == level)

        return words(0) + (f"^({words(1)})" if words(1) else "") + (f"_({words(-1)})" if words(-1) else "")

    return write


def pictures() -> Iterator[tuple[NetworkSpec, Drawing]]:
    for name in [*NETWORKS, "4-4-4", "3-10-3", "-".join("2" * 12)]:
        spec = spec_of(name)
        yield spec, network_drawing(spec)
        for lit in first_parameters(spec)[:2]:
            yield spec, network_drawing(spec, lit)


HEAD = "\\documentclass{article}\n\\usepackage[a3paper,margin=10mm]{geometry}\n\\usepackage{amsmath}\n\\usepackage{tikz}\n\\parindent0pt\n"


def test_latex_accepts_every_picture(tmp_path: Path) -> None:
    found = [tikz(drawing, LatexWriter(spec.speller).text) for spec, drawing in pictures()]
    body = "\n\n".join(found)
    source = f"{HEAD}{latex_colours()}\n\\begin{{document}}\n{escape_latex(spec_of('wired').title)}\n\n{body}\n\\end{{document}}\n"
    assert compile_latex(source, tmp_path).pdf.stat().st_size > 0


def test_a_picture_may_bring_its_colours(tmp_path: Path) -> None:
    spec = load("mazur")
    picture = tikz(network_drawing(spec, spec.speller.read("w1")), LatexWriter(spec.speller).text, is_alone=True)
    compile_latex(f"{HEAD}\\begin{{document}}\n{picture}\n\\end{{document}}\n", tmp_path)


def test_beamer_lights_it_step_by_step(tmp_path: Path) -> None:
    spec = load("mazur")
    drawing = network_drawing(spec, spec.speller.read("w1"))
    picture = tikz(drawing, LatexWriter(spec.speller).text, overlays=True)
    assert set(map(int, re.findall(r"\\onslide<(\d+)->", picture))) == set(range(2, drawing.stages + 2))
    frame = f"\\begin{{frame}}\n{picture}\n\\end{{frame}}\n"
    source = f"\\documentclass{{beamer}}\n\\usepackage{{tikz}}\n{latex_colours()}\n\\begin{{document}}\n{frame}\\end{{document}}\n"
    pdf = compile_latex(source, tmp_path).pdf
    shown = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True).stdout
    assert f"Pages:           {drawing.stages + 1}" in shown


def test_typst_accepts_every_picture() -> None:
    compiler = pytest.importorskip("typst") if os.environ.get("SYMBP_REQUIRE_REAL") != "1" else __import__("typst")
    found = [typst(drawing, typst_math(spec)) for spec, drawing in pictures()]  # type: ignore[arg-type]
    page = "#set page(width: 400mm, height: auto)\n" + "\n\n".join(found)
    assert compiler.compile(page.encode(), format="pdf").startswith(b"%PDF")


def test_svg_is_xml_with_words_in_its_stead() -> None:
    for spec, drawing in pictures():
        text = svg(drawing, spec.speller, title=spec.title, description=described(spec), identity="x1")
        root = ElementTree.fromstring(text.encode())
        name = "{http://www.w3.org/2000/svg}"
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == "x1-title x1-desc"
        assert [(child.tag, child.get("id"), child.text) for child in list(root)[:2]] == [
            (f"{name}title", "x1-title", spec.title),
            (f"{name}desc", "x1-desc", described(spec)),
        ]
        width, height = float(root.get("width") or 0), float(root.get("height") or 0)
        assert root.get("viewBox") == f"0 0 {width:.2f} {height:.2f}"
        classes = {part for element in root.iter() for part in (element.get("class") or "").split()}
        assert all(f".{one}" in svg_style() for one in classes)
        assert sum(element.tag == f"{name}text" for element in root.iter()) == sum(isinstance(s, Label) for s in drawing.shapes)
        assert "baseline-shift" not in text


def test_svg_within_a_page_brings_no_style() -> None:
    spec = load("mazur")
    text = svg(network_drawing(spec), spec.speller, title="t", description="d", standalone=False)
    assert text.startswith("<svg ")
    assert "<style>" not in text


def chromium(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        unavailable("no chromium on this machine")
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


WIDTHS = """<script>
document.title = JSON.stringify([...document.querySelectorAll("text")].map(t => t.getBBox().width));
</script>"""


def test_chromium_draws_it_and_letters_have_the_room_that_was_reckoned(tmp_path: Path) -> None:
    spec = load("mazur").with_options(notation="ufldl")
    drawing = network_drawing(spec, spec.speller.read("w1"))
    alone = svg(drawing, spec.speller, title="t", description="d")
    (tmp_path / "picture.svg").write_text(alone, "utf-8")
    shot = chromium(f"--screenshot={tmp_path / 'shot.png'}", "--window-size=700,500", f"file://{tmp_path / 'picture.svg'}")
    assert shot.returncode == 0
    assert "CONSOLE" not in shot.stderr
    assert (tmp_path / "shot.png").stat().st_size > 5000
    inner = svg(drawing, spec.speller, title="t", description="d", standalone=False)
    (tmp_path / "page.html").write_text(f"<meta charset=utf-8><style>{svg_style()}</style>{inner}{WIDTHS}", "utf-8")
    dump = chromium("--dump-dom", f"file://{tmp_path / 'page.html'}")
    assert "CONSOLE" not in dump.stderr
    match = re.search(r"<title>\[([\d.,]+)\]</title>", dump.stdout)
    assert match is not None
    found = [float(width) for width in match[1].split(",")]
    labels = [shape for shape in drawing.shapes if isinstance(shape, Label)]
    for label, width in zip(labels, found, strict=True):
        reckoned = measure(spec.speller)(label.content, label.size)[0] * 96 / 25.4
        assert 0.5 * reckoned <= width <= 1.08 * reckoned + 0.5, (label.content, width, reckoned)


def test_latex_sets_letters_within_the_room_that_was_reckoned(tmp_path: Path) -> None:
    """TeX's own widths, of every name in every notation."""
    require("pdflatex")
    lines, reckoned = [], []
    for notation in NOTATIONS:
        spec = load("deep").with_options(notation=notation)
        words = spec.vocabulary
        every = [*words.parameters(), *(Var("out", u) for at in range(1, words.last + 1) for u in words.units(at)), Var("error_total")]
        for var in every:
            lines.append(
                rf"\setbox0\hbox{{${LatexWriter(spec.speller).text(var)}$}}\typeout{{WIDTH \the\wd0 \space \the\ht0 \space \the\dp0}}"
            )
            reckoned.append((notation, var, measure(spec.speller)(var, 10)))
    source = "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n" + "\n".join(lines) + "x\n\\end{document}\n"
    log = compile_latex(source, tmp_path).log
    found = [tuple(map(float, sizes)) for sizes in re.findall(r"WIDTH ([\d.]+)pt ([\d.]+)pt ([\d.]+)pt", log)]
    assert len(found) == len(reckoned)
    for (width, up, down), (notation, var, (across, tall)) in zip(found, reckoned, strict=True):
        points = 72.27 / 25.4
        assert 0.55 * across * points <= width <= 1.03 * across * points, (notation, var, width, across * points)
        assert up + down <= 1.2 * tall * points, (notation, var)


def test_scripts_that_share_a_column() -> None:
    spec = load("mazur").with_options(notation="ufldl")
    letters = tuple(name_runs(spec.speller.name(spec.speller.read("w1"))))
    assert [(run.text, run.level) for run in letters] == [("W", 0), ("(1)", 1), ("11", -1)]
    assert text_width(letters, 10.0) < sum(text_width((run,), 10.0) for run in letters)


# -- and besides ---------------------------------------------------------------------------------------------------------

AGAIN = """
import hashlib
from symbp.language.latex import LatexWriter
from symbp.network.reader import load
from symbp.publishing.diagram import network_drawing
from symbp.publishing.drawing_tikz import tikz
text = ""
for name in ("mazur", "recurrent", "skip", "convolution"):
    spec = load(name)
    for lit in (None, *spec.vocabulary.parameters()):
        text += tikz(network_drawing(spec, lit), LatexWriter(spec.speller).text)
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_pictures_come_out_the_same_each_time() -> None:
    root = str(Path(__file__).resolve().parent.parent)
    found = {
        subprocess.run(
            [sys.executable, "-c", AGAIN],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "77")
    }
    assert len(found) == 1


def test_arrow_heads_end_where_their_line_did() -> None:
    line = Line(((0.0, 0.0), (10.0, 0.0)), True)
    short, head = plain((line,))
    assert isinstance(short, Line)
    assert isinstance(head, Head)
    assert head.points[0] == (10.0, 0.0)
    assert 7 < short.points[-1][0] < 10
    assert not short.arrow
