"""Every document is taken by what it is written for: .tex by pdfLaTeX, the formulas of .md by KaTeX and MathJax."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

import symbp
from consumers import (
    Compiled,
    Formula,
    compile_latex,
    katex_check,
    latex_faults,
    markdown_faults,
    markdown_formulas,
    markdown_lint,
    mathjax_check,
    page_count,
    require,
)
from symbp.api import DerivedNetwork
from symbp.derivation.steps import Detail

NETWORKS = ("mazur", "2-3-1:tanh,sigmoid", "1-1", "4-4-4", "2-2-2-2")
NOTATIONS = ("mazur", "ufldl", "nielsen")
DETAILS: tuple[Detail, ...] = ("brief", "normal", "full")
NEEDED = {"amsmath", "xcolor", "hyperref"}
HARMLESS = {"tikz"}
MAX_PAGES = 5
"""Four of them text and equations; with the network's picture, the lit paths, a plot and the algorithm."""
READERS = {"katex": katex_check, "mathjax": mathjax_check}
MINIMAL = r"""\documentclass{article}
\usepackage{amsmath,xcolor,tikz}
\setlength{\textwidth}{16.5cm}
\allowdisplaybreaks
\begin{document}
\input{fragment}
\end{document}
"""


class Case(NamedTuple):
    """One document of the matrix."""

    network: str
    notation: str
    detail: Detail

    def __str__(self) -> str:
        return " ".join(self)


LARGE = (Case("5-5-5-5", "mazur", "brief"), Case("3-10-3:tanh", "ufldl", "normal"))
"""More parameters than a page has rows, and names of two digits."""
CASES = [*(Case(network, notation, detail) for network, notation, detail in product(NETWORKS, NOTATIONS, DETAILS)), *LARGE]


@cache
def derived(case: Case) -> DerivedNetwork:
    return symbp.derive(case.network, notation=case.notation, detail=case.detail)


def written(case: Case, medium: str, *, fragment: bool = False) -> str:
    return derived(case).render(medium, fragment=fragment)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Case], Compiled]:
    """All documents are compiled side by side, once; each test then looks at its own."""
    require("pdflatex")
    root = tmp_path_factory.mktemp("documents")
    sources = {case: written(case, "tex") for case in CASES}
    with ThreadPoolExecutor() as pool:
        jobs = {case: pool.submit(compile_latex, source, root / str(at)) for at, (case, source) in enumerate(sources.items())}
    return lambda case: jobs[case].result()


@pytest.fixture(scope="module", params=READERS)
def complaints(request: pytest.FixtureRequest) -> dict[Formula, str]:
    """What a reader complains of in all formulas of all documents: one process, not one for each document."""
    found: set[Formula] = set()
    for case in CASES:
        found.update(markdown_formulas(written(case, "md")))
    reader: str = request.param
    return READERS[reader](sorted(found))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_document_compiles_without_a_complaint(case: Case, compiled: Callable[[Case], Compiled]) -> None:
    assert compiled(case).pdf.stat().st_size > 0


def test_the_example_is_short(compiled: Callable[[Case], Compiled]) -> None:
    assert page_count(compiled(Case("mazur", "mazur", "normal")).pdf) <= MAX_PAGES


@pytest.mark.parametrize("case", CASES, ids=str)
def test_document_needs_few_packages(case: Case) -> None:
    named = re.findall(r"\\(?:usepackage|RequirePackage)\s*(?:\[[^\]]*\])?\s*\{([^}]*)\}", written(case, "tex"))
    packages = {package.strip() for names in named for package in names.split(",")}
    assert packages >= NEEDED
    assert packages <= NEEDED | HARMLESS


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_formula_in_markdown_is_read(case: Case, complaints: dict[Formula, str]) -> None:
    formulas = markdown_formulas(written(case, "md"))
    assert formulas
    refused = {formula.text: complaints[formula] for formula in formulas if formula in complaints}
    assert not refused


@pytest.mark.parametrize("case", CASES, ids=str)
def test_markdown_has_its_tables_headings_and_displays(case: Case) -> None:
    assert not markdown_faults(written(case, "md"))


def test_lualatex_takes_it_too(tmp_path: Path) -> None:
    compile_latex(written(Case("mazur", "mazur", "normal"), "tex"), tmp_path, "lualatex")


def test_markdown_lints(tmp_path: Path) -> None:
    texts = {f"{at}.md": written(case, "md") for at, case in enumerate(CASES)}
    assert not markdown_lint(texts, tmp_path)
    assert markdown_lint({"bad.md": "# a\n# b\n"}, tmp_path)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_fragment_compiles_in_a_document_of_ones_own(notation: str, tmp_path: Path) -> None:
    fragment = written(Case("mazur", notation, "normal"), "tex", fragment=True)
    assert r"\documentclass" not in fragment
    assert r"\usepackage" not in fragment
    (tmp_path / "fragment.tex").write_text(fragment, "utf-8")
    compile_latex(MINIMAL, tmp_path)


GOOD = [
    Formula(r"\frac{\partial E}{\partial w_{1}} = \delta_{o1} \cdot 0.05", False),
    Formula("\\begin{aligned}\na &= b && \\text{chain rule} \\\\\n&\\phantom{=} + c\n\\end{aligned}", True),
]
BAD = [Formula(r"\undefinedcommand", True), Formula(r"\frac{1", False), Formula("a^b^c", False)]


@pytest.mark.parametrize("reader", READERS)
def test_readers_refuse_just_what_is_wrong(reader: str) -> None:
    assert set(READERS[reader]([*GOOD, *BAD])) == set(BAD)


def test_katex_is_strict() -> None:
    assert katex_check([("é", False)])


def test_latex_faults_are_seen(tmp_path: Path) -> None:
    wide = MINIMAL.replace(r"\input{fragment}", r"\rule{2\textwidth}{1pt}")
    with pytest.raises(AssertionError, match="Overfull"):
        compile_latex(wide, tmp_path)
    with pytest.raises(AssertionError, match="Undefined control sequence"):
        compile_latex(MINIMAL.replace(r"\input{fragment}", r"\nosuchcommand"), tmp_path)
    assert latex_faults("LaTeX Warning: There were undefined references.\n")
    assert not latex_faults("Output written on document.pdf (1 page).\n")


def test_markdown_formulas_are_found_outside_code() -> None:
    text = "Costs \\$5, `$code$`, $a_1$ and\n\n$$\nb \\\\ c\n$$\n\n```\n$x$\n```\n"
    assert markdown_formulas(text) == [Formula("a_1", False), Formula("\nb \\\\ c\n", True)]


@pytest.mark.parametrize(
    "text",
    [
        "| a | b || --- | --- || $1$ | 2 |",
        "| a | b |\n| --- | --- |\n| $|x|$ | 2 |",
        "| a |\n| --- |\n| 1 |## Next",
        "text## Next",
        "$$\n\\begin{aligned}\na\n- b\n$$",
        "$$\na\n=\n$$",
        "- | --- |",
    ],
)
def test_markdown_faults_are_seen(text: str) -> None:
    assert markdown_faults(text)


def test_sound_markdown_has_no_faults() -> None:
    assert not markdown_faults("# Title\n\nTwo $a$:\n\n$$\na &= b \\\\\n&= c\n$$\n\n| a | b |\n| --- | ---: |\n| $1$ | 2 |\n\n## Next\n")


@pytest.mark.parametrize("text", ["$a", "$a$$", "$$a$", "$ a $", "$$\na\n\nb\n$$", "$$ $$", "x$a$", "$a$5"])
def test_broken_markdown_is_noticed(text: str) -> None:
    with pytest.raises(AssertionError):
        markdown_formulas(text)
