"""The command line: what goes where, with which exit code, and that it fits a terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Context, Decimal
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import symbp
from consumers import unnumbered
from symbp.api import derive
from symbp.cli import main
from symbp.cli_output import EXTENSIONS
from symbp.derivation.steps import Detail
from symbp.language.form import ONE, add, times
from symbp.network.activation import ACTIVATIONS
from symbp.publishing.render import FORMATS

COLUMNS = 80
NETWORKS = ("mazur", "2-3-1:tanh,sigmoid", "2-2-2-2")
NOTATIONS = ("mazur", "ufldl", "nielsen")
DETAILS: tuple[Detail, ...] = ("brief", "normal", "full")
HEADINGS = (
    "The network",
    "Forward pass",
    "The error",
    "Output layer",
    "Hidden layer",
    "The update",
    "The pattern",
    "The algorithm",
    "Appendix",
    "Colophon",
)
UPDATES = ("simultaneous", "output_first")
NUMBER = r"-?\d+(?:\.\d+)?(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
HEAVY = ("sympy", "mpmath", "jinja2", "numpy", "rich")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sigmoid whose derivative is said to be out (1 + out)."""
    row = ACTIVATIONS["sigmoid"]
    monkeypatch.setitem(ACTIVATIONS, "sigmoid", replace(row, derivative=lambda net, out: times(out, add(ONE, out))))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@cache
def text(*arguments: str) -> str:
    result = run("derive", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def section(document: str, heading: str) -> str:
    """The part of a text under a heading."""
    found = re.split(rf"^(?:\d+ )?{heading}[^\n]*\n─+\n", document, flags=re.MULTILINE)
    assert len(found) == 2, heading
    return re.split(r"^[^\n]+\n─+$", found[1], flags=re.MULTILINE)[0]


def names() -> list[str]:
    return sorted(str(path) for path in Path().rglob("*") if path.is_file())


# -- where it goes -----------------------------------------------------------------------------------------------------


def test_without_to_the_text_is_printed() -> None:
    printed = text("mazur")
    assert printed.startswith("A step by step backpropagation example\n──")
    assert printed == derive("mazur").render("txt")
    assert not names()


def test_the_sections_stand_in_their_order() -> None:
    found = [line for line, rule in zip(text("mazur").splitlines()[3:], text("mazur").splitlines()[4:], strict=False) if set(rule) == {"─"}]
    assert [re.sub(r"^\d+ ", "", line).partition(":")[0] for line in found] == list(HEADINGS)


@pytest.mark.parametrize(("arguments", "start"), [(("--to", "md"), "# "), (("--to", "tex"), r"\documentclass"), (("--to", "json"), "{")])
@pytest.mark.parametrize("dash", [(), ("-o", "-")])
def test_one_format_goes_to_standard_output(arguments: tuple[str, ...], start: str, dash: tuple[str, ...]) -> None:
    assert text("mazur", *arguments, *dash).startswith(start)
    assert not names()


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        (("--to", "tex", "--to", "md", "-o", "output/"), ["output/mazur.md", "output/mazur.tex"]),
        (("--to", "json", "-o", "a/b/"), ["a/b/mazur.json"]),
        (("-o", "output/"), ["output/mazur.txt"]),
        (("--to", "md", "-o", "net.md"), ["net.md"]),
        (("--to", "md", "--to", "md", "-o", "net.md"), ["net.md"]),
        (("--to", "md", "-o", "a/net.markdown"), ["a/net.markdown"]),
        (("-o", "net.tex"), ["net.tex"]),
    ],
)
def test_files_that_are_written(arguments: tuple[str, ...], written: list[str]) -> None:
    result = run("derive", "mazur", *arguments)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert [str(Path(name)) for name in written] == [name for name in names() if not name.endswith(".svg")]
    assert all(Path(name).name in result.stderr for name in names())
    if "md" in arguments:
        document = next(Path(name) for name in written if Path(name).suffix in {".md", ".markdown"})
        shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", document.read_text("utf-8"))
        assert sorted(shown) == sorted(Path(name).name for name in names() if name.endswith(".svg"))
        assert len(shown) == 4


def test_a_directory_that_exists_needs_no_slash() -> None:
    Path("here").mkdir()
    assert run("derive", "1-1", "--to", "md", "-o", "here").exit_code == 0
    assert names() == [str(Path(f"here/1-1.{name}")) for name in ("md", "network.svg", "paths-w1.svg")]


def test_each_file_holds_what_is_printed() -> None:
    assert run("derive", "mazur", "--to", "tex", "--to", "html", "--to", "txt", "-o", "output/").exit_code == 0
    for extension in ("tex", "html", "txt"):
        assert Path(f"output/mazur.{extension}").read_text("utf-8") == text("mazur", "--to", extension)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--to", "tex", "--to", "md", "-o", "net.md"), "one file for 2 formats"),
        (("--to", "tex", "--to", "md", "-o", "new"), "one file for 2 formats"),
        (("--to", "tex", "--to", "md", "-o", "-"), "several formats"),
        (("--to", "tex", "--to", "md"), "several formats"),
        (("-o", "net.doc"), ".tex, .slides.tex, .typ, .pdf, .html, .md, .txt, .ipynb, .docx, .pptx, .epub, .json"),
        (("--to", "doc"), "'tex', 'beamer', 'typ', 'pdf', 'html', 'md', 'txt', 'ipynb', 'docx', 'pptx', 'epub', 'json'"),
        (("--notation", "nobody"), "'nobody' is not one of mazur, ufldl, nielsen"),
        (("--detail", "more"), "'brief', 'normal', 'full'"),
        (("--update", "last"), "'simultaneous', 'output_first'"),
        (("--digits", "0"), "1<=x<=100"),
        (("--decimals", "-1"), "0<=x<=100"),
        (("--steps", "many"), "integer"),
    ],
)
def test_arguments_that_make_no_sense(arguments: tuple[str, ...], says: str) -> None:
    result = run("derive", "mazur", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""
    assert not names()


@pytest.mark.parametrize("network", ["2-2-1", "net.toml"])
def test_steps_need_numbers_and_a_rate(network: str) -> None:
    Path("net.toml").write_text("learning_rate = 0.5\ninputs = 1\n[[layers]]\nunits = 1\n", "utf-8")
    result = run("derive", network, "--steps", "2")
    assert result.exit_code == 2
    assert "learning_rate" in result.stderr if network == "2-2-1" else "[[samples]]" in result.stderr


def test_fragment_has_no_preamble() -> None:
    fragment = text("mazur", "--to", "tex", "--fragment")
    assert not re.search(r"\\(documentclass|usepackage|begin\{document\}|end\{document\})", fragment)
    assert r"\section" in fragment


# -- as a program ------------------------------------------------------------------------------------------------------


def program(checkout: Path, *arguments: str, seconds: int = 60) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, encoding="utf-8", timeout=seconds, check=False)


@pytest.mark.parametrize("arguments", [("--help",), ("derive", "--help"), ("--version",), ("examples",)])
def test_help_is_quick(arguments: tuple[str, ...], checkout: Path) -> None:
    done = program(checkout, "-X", "importtime", "-m", "symbp", *arguments)
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "click" in imported
    assert not imported & set(HEAVY)


def test_a_bad_file_gets_one_message_and_no_traceback(checkout: Path) -> None:
    Path("net.toml").write_text("inputs = = 1\n", "utf-8")
    done = program(checkout, "-m", "symbp", "derive", "net.toml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("symbp: net.toml:1:10: ")
    assert "Traceback" not in done.stderr


def test_no_progress_where_there_is_no_terminal(checkout: Path) -> None:
    done = program(checkout, "-m", "symbp", "derive", "mazur", "--steps", "1500", "--to", "json", "-o", "-")
    assert (done.returncode, done.stderr) == (0, "")


def test_python_api_is_there_without_sympy(checkout: Path) -> None:
    done = program(checkout, "-c", "import sys, symbp; print('sympy' in sys.modules, symbp.__version__)")
    assert done.stdout.split() == ["False", symbp.__version__]


# -- check -------------------------------------------------------------------------------------------------------------


def test_check_of_numbers() -> None:
    result = run("check", "mazur")
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.stdout.splitlines() if re.match(r"[wb]\d", line)]
    assert [row[0] for row in rows] == ["w1", "w2", "w3", "w4", "b1", "w5", "w6", "w7", "w8", "b2"]
    assert {row[5] for row in rows} == {"equal"}
    assert all(row[1] == row[2] and Decimal(row[4]) < Decimal("1e-30") for row in rows)
    assert "all 10 gradients agree" in result.stdout
    assert "seed" not in result.stdout


def test_check_of_symbols_prints_its_seed() -> None:
    first, same, other = (run("check", "2-2-1", "--seed", seed).stdout for seed in ("7", "7", "8"))
    assert "seed 7" in first
    assert first == same
    assert first.splitlines()[3:] != other.splitlines()[3:]


@pytest.mark.usefixtures("wrong")
@pytest.mark.parametrize("network", ["mazur", "2-2-1"])
def test_check_exits_1_on_a_mismatch(network: str) -> None:
    result = run("check", network)
    assert result.exit_code == 1
    assert "MISMATCH" in result.stdout
    assert "DIFFERENT" in result.stdout
    assert "agree" in result.stdout.splitlines()[-1]
    assert "all" not in result.stdout.splitlines()[-1]
    assert result.stderr == ""


@pytest.mark.parametrize("network", ["mazur", "2-2-1"])
def test_a_refuted_step_stops_the_document(network: str, request: pytest.FixtureRequest) -> None:
    assert run("derive", network, "--to", "html", "-o", "net.html").exit_code == 0
    before = Path("net.html").read_bytes()
    request.getfixturevalue("wrong")
    result = run("derive", network, "--to", "html", "-o", "net.html")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert Path("net.html").read_bytes() == before
    assert names() == ["net.html"]
    message = result.stderr
    assert message.startswith("symbp: refuted: σ'(net_o1) = out_o1·(1 + out_o1)")
    sides = re.search(r"the left side is (-?[\d.]+\S*), the right side (-?[\d.]+\S*)\s*$", message)
    assert sides is not None, message
    assert Decimal(sides[1]) != Decimal(sides[2])
    assert re.search(r"^at .*\S = -?[\d.]", message, re.MULTILINE), "a witness"


# -- what is printed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("network", "notation", "detail"), list(product(NETWORKS, NOTATIONS, DETAILS)))
def test_text_fits_a_terminal(network: str, notation: str, detail: str) -> None:
    printed = text(network, "--notation", notation, "--detail", detail)
    assert not [line for line in printed.splitlines() if len(line) > COLUMNS]


def test_text_of_many_digits_or_units_fits_as_well() -> None:
    lines = text("12-11-10", "--detail", "brief", "--weights", "w1,w143").splitlines()
    lines += text("mazur", "--decimals", "9", "--update", "output_first", "--steps", "10").splitlines()
    assert not [line for line in lines if len(line) > COLUMNS]


def test_the_formats_are_those_of_the_table() -> None:
    assert {name: row.extension for name, row in FORMATS.items()} | {"json": ".json"} == EXTENSIONS


def test_detail() -> None:
    brief, normal, full = (text("mazur", "--detail", detail) for detail in DETAILS)
    assert [shown.count("(chain rule)") for shown in (brief, normal, full)] == [0, 4, 16]
    assert len(brief) < len(normal) < len(full)
    assert all(f"∂E/∂{w}" in shown for shown in (brief, normal, full) for w in ("w₁", "w₄", "w₅", "w₈", "b₁"))


@pytest.mark.parametrize("weights", ["w5,w1", "w1, w5", "w_5,w_1", "w5;w1"])
def test_weights_restrict_what_is_derived(weights: str) -> None:
    shown = text("mazur", "--weights", weights)
    derived = section(shown, "Output layer") + section(shown, "Hidden layer")
    assert set(re.findall(r"∂E/∂([wb][₀-₉]+)", derived)) == {"w₅", "w₁"}
    assert set(re.findall(r"[wb][₁-₉]+⁺", section(shown, "The update"))) == {"w₅⁺", "w₁⁺"}
    assert "0.291028" in section(shown, "The update"), "the error is that of the whole update"


@pytest.mark.parametrize("weights", ["w5", "w1", "b2"])
@pytest.mark.parametrize("detail", DETAILS)
def test_no_heading_stands_over_nothing(weights: str, detail: str) -> None:
    shown = text("mazur", "--weights", weights, "--detail", detail)
    assert not re.search(r"\n─+\s+(?:\d [^\n]+|Appendix[^\n]*)\n─+\n", shown.partition("The network")[2])


def test_the_weights_are_those_of_the_forward_pass() -> None:
    hidden = " ".join(section(text("mazur"), "Hidden layer").split())
    assert hidden.index("those of the forward pass") < hidden.index("The other weights")


def test_iterations_are_tabulated() -> None:
    table = section(text("mazur", "--steps", "25"), "The update")
    rows = re.findall(r"^\s+(\d+)\s+(0\.\d+)$", table, re.MULTILINE)
    assert [int(n) for n, _ in rows] == [0, 1, 2, 5, 10, 20, 25]
    assert [error for _, error in rows][:2] == ["0.298371", "0.291028"]
    errors = [Decimal(error) for _, error in rows]
    assert errors == sorted(errors, reverse=True)


def test_output_first_is_not_called_gradient_descent() -> None:
    here, there = (" ".join(section(text("mazur", "--update", u, "--decimals", "9"), "The update").split()) for u in UPDATES)
    assert here.startswith("Gradient descent")
    assert "≈ 0.291027774" in here
    assert "not gradient descent" in there
    assert "≈ 0.291027924" in there
    assert "gradient descent)" not in there, "no line is justified by what it is not"


def test_what_comes_after_many_steps_is_said_in_that_order_of_updating() -> None:
    shown = " ".join(section(text("mazur", "--update", "output_first", "--steps", "3"), "The update").split())
    assert "Gradient descent repeated" not in shown


# -- exact and rounded -------------------------------------------------------------------------------------------------


def exact_values() -> set[str]:
    """The values that six digits hold whole."""
    six, fifty = (json.loads(text("mazur", "--to", "json", "--digits", digits))["records"] for digits in ("6", "50"))
    return {a["value"] for a, b in zip(six, fifty, strict=True) if Decimal(a["value"]) == Decimal(b["value"])}


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_rounded_number_stands_after_approximately(notation: str) -> None:
    body = unnumbered(text("mazur", "--notation", notation, "--detail", "full")).partition("Forward pass")[2]
    exact = {Decimal(value) for value in exact_values()}
    equal = {Decimal(number) for number in re.findall(rf" = ({NUMBER})(?=\s*(?:$|≈|=|\())", body, re.MULTILINE)}
    rounded = {Decimal(number) for number in re.findall(rf"≈ ({NUMBER})(?=\s*$)", body, re.MULTILINE)}
    assert Decimal("0.3775") in equal
    assert equal <= exact
    assert Decimal("0.593270") in rounded
    assert not rounded & exact


@pytest.mark.parametrize("notation", NOTATIONS)
def test_what_follows_from_rounded_numbers_is_not_said_to_be_equal(notation: str) -> None:
    """A formula with a rounded number in it stands after ≈ as well."""
    body = text("mazur", "--notation", notation, "--detail", "full").partition("Forward pass")[2]
    rounded = [number for number in re.findall(r"\d\.\d{5,}", body) if Decimal(number) not in {Decimal(v) for v in exact_values()}]
    after_equal = re.findall(r" = ([^=≈\n]*)", body)
    assert rounded
    assert not [part for part in after_equal if any(number in part for number in rounded)]


def test_the_reader_is_told_what_the_two_signs_mean() -> None:
    said = " ".join(section(text("mazur"), "Forward pass").split())
    assert "An exact one stands after =, a rounded one after ≈" in said
    assert "≈" not in section(text("2-2-1"), "Forward pass")


def test_where_all_is_exact_nothing_is_rounded() -> None:
    """An identity network computes with decimals that end."""
    Path("net.toml").write_text(
        'learning_rate = 0.5\ninputs = 1\n[[layers]]\nunits = 1\nactivation = "identity"\nweights = [[0.5]]\n'
        "[[samples]]\ninputs = [2]\ntargets = [0.5]\n",
        "utf-8",
    )
    body = run("derive", "net.toml").stdout.partition("Forward pass")[2].partition("Appendix")[0]
    assert "≈" not in body
    assert all(f" = {value}" in body for value in ("1", "0.125", "0.5", "0"))


OUT_H1 = Decimal("0.59326999210718725517365456157940281545768372399366")


@pytest.mark.parametrize(("option", "places"), [(("--digits", 12), 12), (("--decimals", 4), 4), (("--digits", 50), 50)])
def test_precision(option: tuple[str, int], places: int) -> None:
    expected = OUT_H1.quantize(Decimal(1).scaleb(-places), context=Context(prec=100))
    assert f"≈ {expected}\n" in unnumbered(text("mazur", option[0], str(option[1])))


# -- unkind numbers ----------------------------------------------------------------------------------------------------


def two_layers(activation: str, hidden: str, last: str, extra: str = "") -> str:
    return (
        f'{extra}inputs = 1\n[[layers]]\nunits = 2\nactivation = "{activation}"\nweights = {hidden}\nbias = 0\n'
        f'[[layers]]\nunits = 1\nactivation = "{activation}"\nweights = {last}\n[[samples]]\ninputs = [1]\ntargets = [0]\n'
    )


def test_gradients_that_cancel_are_zero() -> None:
    """The hidden units see 1 and -1 and feed with 4 and -4: their deltas add up to nothing."""
    Path("net.toml").write_text(two_layers("sigmoid", "[[1], [-1]]", "[[4, -4]]", "learning_rate = 0.5\n"), "utf-8")
    result = run("derive", "net.toml", "--to", "json")
    assert result.exception is None, result.exception
    found = {record["name"]: record["value"] for record in json.loads(result.stdout)["records"]}
    assert (found["dE/db1"], found["b1+"]) == ("0", "0")


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_saturated_units(activation: str) -> None:
    Path("net.toml").write_text(two_layers(activation, "[[50], [-50]]", "[[40, -40]]"), "utf-8")
    result = run("derive", "net.toml")
    assert result.exception is None, result.exception
    assert "×10⁻" in result.stdout


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (two_layers("sigmoid", "[[1e6], [-1e6]]", "[[4, -4]]"), ()),
        (two_layers("identity", "[[3], [2]]", "[[5, 7]]", "learning_rate = 100\n"), ("--steps", "20")),
    ],
    ids=["a net input of a million", "a learning rate that diverges"],
)
def test_unkind_numbers_end_in_time(text: str, options: tuple[str, ...], checkout: Path) -> None:
    Path("net.toml").write_text(text, "utf-8")
    done = program(checkout, "-m", "symbp", "derive", "net.toml", *options, seconds=10)
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 1, 2}
    assert bool(done.stderr) == bool(done.returncode)
