"""Networks at the edge of what there is: each is derived, certified and checked, and its numbers are shown in figures that can be read."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from random_networks import network

import symbp
from consumers import compile_latex, katex_check, markdown_formulas
from symbp.api import DerivedNetwork
from symbp.derivation.instantiate import Numbers
from symbp.errors import SymbpError
from symbp.language.form import Var, add
from symbp.network.forward import forward
from symbp.network.numbers import HighPrecision, Quantity, Rounding, settle, to_decimal
from symbp.network.reader import read

LONG = "0.123456789012345678901234567890123456789012345678901234567891"


def layered(weights: str, bias: str, inputs: str = "1, 1") -> str:
    """2-2-2 with the same weights in both layers."""
    layer = f"[[layers]]\nunits = 2\nweights = {weights}\nbias = {bias}\n"
    return f"learning_rate = 0.5\ninputs = 2\n{layer}{layer}[[samples]]\ninputs = [{inputs}]\ntargets = [0.01, 0.99]\n"


ONE_UNIT = (
    "learning_rate = 0.5\ninputs = 1\n[[layers]]\nunits = 1\nweights = [[0.5]]\nbias = 0.1\n[[samples]]\ninputs = [1]\ntargets = [0]\n"
)
NO_HIDDEN = """
inputs = 3
[[layers]]
units = 2
activation = "softmax"
weights = [[0.5, -0.2, 0.1], [0.3, 0.3, 0.3]]
bias = [0.1, 0.2]
[[samples]]
inputs = [1, 0, 2]
targets = [0, 1]
"""
CUT_OFF = """
learning_rate = 0.5
inputs = ["i1"]
outputs = ["o1"]
[[units]]
name = "h1"
inputs = { i1 = "w1" }
[[units]]
name = "h2"
inputs = { i1 = "w2" }
bias = "b2"
[[units]]
name = "o1"
inputs = { h1 = "w3" }
[parameters]
w1 = 0.1
w2 = 0.2
w3 = 0.3
b2 = 0.4
[[samples]]
inputs = [1]
targets = [0]
"""
HUGE = """
learning_rate = 0.5
inputs = 2
[[layers]]
units = 2
weights = [[1e300, -2e300], [3e300, 1e300]]
bias = 0.1
[[layers]]
units = 1
activation = "identity"
weights = [[1e-300, 2e300]]
bias = 0.1
[[samples]]
inputs = [1e-300, 2e-300]
targets = [0.5]
"""
NETWORKS = {
    "one unit": ONE_UNIT,
    "no hidden layer": NO_HIDDEN,
    "a unit that is cut off": CUT_OFF,
    "saturated": layered("[[800, 0], [-800, 0]]", "0"),
    "equal weights": layered("[[0.5, 0.5], [0.5, 0.5]]", "0.5"),
    "zero weights": layered("[[0, 0], [0, 0]]", "0"),
    "tiny weights": layered("[[1e-300, 2e-300], [-1e-300, 3e-300]]", "1e-300"),
    "huge weights": HUGE,
    "long decimals": layered(f"[[{LONG}, -{LONG}], [{LONG}, {LONG}]]", LONG),
}


@cache
def derived(name: str) -> DerivedNetwork:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.toml"
        path.write_text(NETWORKS[name], "utf-8")
        return symbp.derive(str(path))


@pytest.mark.parametrize("name", NETWORKS)
def test_it_is_derived_certified_and_checked(name: str) -> None:
    assert derived(name).check().ok


@pytest.mark.parametrize("format", ["txt", "tex", "md", "html", "typ", "json"])
@pytest.mark.parametrize("name", NETWORKS)
def test_its_numbers_can_be_read(name: str, format: str) -> None:  # noqa: A002
    """No run of digits beyond those that are printed, and those that were typed; no inf, no nan, no E+."""
    text = derived(name).render(format)
    assert not re.search(r"\b(inf|nan|NaN|Infinity)\b|\d[eE]\+\d", text)
    if format != "json":
        runs = re.findall(r"\d{16,}", re.sub(r"data:[^\"')]*|<style.*?</style>", "", text, flags=re.DOTALL))
        assert all(run in LONG for run in runs)


@pytest.mark.parametrize("name", NETWORKS)
def test_latex_takes_it(name: str, tmp_path: Path) -> None:
    assert compile_latex(derived(name).render("tex"), tmp_path).pdf.is_file()


def test_katex_takes_them() -> None:
    formulas = [formula for name in NETWORKS for formula in markdown_formulas(derived(name).render("md"))]
    assert len(formulas) > 100
    assert not katex_check(formulas)


def test_typst_takes_them() -> None:
    for name in NETWORKS:
        content = derived(name).published("pdf", symbp.publishing.formats.Style())[""]
        assert isinstance(content, bytes)
        assert content.startswith(b"%PDF")


def test_a_unit_that_is_cut_off_has_gradients_of_0_and_the_reason_stands_beside() -> None:
    found = derived("a unit that is cut off")
    values = {check.parameter: check.analytic for check in found.check().checks}
    zero = {found.spec.vocabulary.canonical(p) for p, value in values.items() if not value}
    assert zero == {"w2", "b2"}
    assert re.search(r"δ_h2 = 0 +\(no path leads to the error\)", found.render("txt"))
    for format_ in ("tex", "md", "html", "typ"):
        assert "no path leads to the error" in re.sub(r"\s+", " ", found.render(format_))


def test_a_number_that_no_decimal_holds_is_refused(tmp_path: Path) -> None:
    """Where a sigmoid of 1e300 has a slope of e to the power -1e300."""
    path = tmp_path / "net.toml"
    path.write_text(layered("[[1e300, 0], [0, 1e300]]", "0"), "utf-8")
    with pytest.raises(SymbpError, match=r"out of reach: it is about 2\^-2.89e\+300"):
        symbp.derive(str(path))


# -- what cancels, and ties -------------------------------------------------------------------------------------------------


def test_a_sum_of_deltas_that_is_exactly_0_is_0(tmp_path: Path) -> None:
    """Softmax with cross-entropy and a bias that its units share: the deltas of a sample cancel, whatever its targets."""
    path = tmp_path / "net.toml"
    path.write_text(network(149), "utf-8")
    found = symbp.derive(str(path))
    numbers = Numbers.of(found.spec, forward(found.spec), Rounding())
    words = found.spec.vocabulary
    sums = [
        numbers.quantity(add(*(Var("delta", unit, sample, time) for unit in words.outputs for time in words.error_times))).near
        for sample in (1, 2)
    ]
    assert sums == [0, 0]
    assert all(numbers.quantity(Var("delta", unit, 1, words.error_times[0])).near for unit in words.outputs)


@pytest.mark.parametrize(("by", "shown"), [("1e-300", "1.00001"), ("-1e-300", "1.00000"), ("0", "1.00000")])
def test_next_to_a_tie_the_side_decides(by: str, shown: str) -> None:
    """A value is computed to so many digits as tell on which side of the tie it is; at the tie itself, half to even."""

    def compute(digits: int) -> dict[Var, Quantity]:
        algebra = HighPrecision(digits)
        root = algebra.sqrt(algebra.rational(Fraction(2)))
        near = algebra.rational(Fraction("1.000005")) + algebra.rational(Fraction(by)) + (root * root - 2)
        return {Var("net"): Quantity(to_decimal(near), None)}

    rounding = Rounding()
    found, _ = settle(compute, rounding, rounding.working_digits)
    assert rounding.text(found[Var("net")].near) == shown


def test_what_is_next_to_a_tie() -> None:
    rounding = Rounding(3)
    assert rounding.tie(Decimal("1.2349")) is None
    assert rounding.tie(Decimal("1.23500000001")) == Decimal("1.235")
    assert rounding.tie(Decimal("-1.23499999999")) == Decimal("-1.235")
    assert rounding.tie(Decimal("9.9949999999e-300")) == Decimal("9.995e-300")
    assert rounding.tie(Decimal(0)) is None
    assert Rounding(decimals=2).tie(Decimal("123.4550000001")) == Decimal("123.455")


def test_random_networks_that_were_refuted_are_certified(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(network(17), "utf-8")
    assert read(path.read_text("utf-8"), "net").samples
    assert symbp.derive(str(path), weights=("b2",)).checked.gradients
