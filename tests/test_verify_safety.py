r"""Hand work is hostile until read: nothing of it is run, everything of it has a limit, and no row hides the next one."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import symbp
from symbp.cli import main
from symbp.errors import SymbpError
from symbp.verification.judging.budget import Budget, OverBudget
from symbp.verification.report.report import RULINGS, JudgedRow
from symbp.verification.source.extract import extract
from symbp.verification.source.sources import MAX_BYTES, kind_of_text

NETWORK: Final = "2-2-2"
LIMIT: Final = 1.0
"""Seconds for a row, in these tests."""
MOST: Final = 8.0
"""Seconds of the processor that a work of three rows may take altogether; others that compute do not count."""
PLAIN: Final = "dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1"
LATEX: Final = r"$\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1}$"


class TooSlow(BaseException):
    """What no `except Exception` takes."""


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    """A test that takes too much of the processor fails, where the system can tell it to."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlow

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, 30)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


def judged(body: str, good: str = LATEX) -> list[JudgedRow]:
    """The rows of a work with a right row before and behind what is hostile, both of which must be judged."""
    start = time.process_time()
    rows = symbp.verify(NETWORK, f"{good}\n\n{body}\n\n{good}\n", time_limit=LIMIT).files[0].rows
    assert time.process_time() - start < MOST
    assert rows[0].verdict == rows[-1].verdict == "correct"
    assert len(rows) > 1
    return list(rows[1:-1])


def wrapped(left: str, right: str, times: int, inner: str = "w_5") -> str:
    return left * times + inner + right * times


# -- values, degrees, sizes ----------------------------------------------------------------------------------------------------

HUGE: Final = {
    "tower": r"9^{9^{9^9}}",
    "tower of stars": "9**9**9**9",
    "tower in a row": "9^9^9^9",
    "powers of powers": "((9^8)^8)^8",
    "powers of a sum": "((w_5+w_6+w_7+w_8)^8)^8",
    "powers of a sum, higher": "(((w_5+w_6+w_7+w_8)^{99})^{99})^{99}",
    "many powers": wrapped("(", "^9)", 20),
    "near one": "(1.000001)^{(9^{9})}",
    "exponentials": r"e^{e^{e^{e^{e^{w_5}}}}}",
    "exponential": r"\exp(99999999999999)",
    "exponentials in calls": wrapped(r"\exp(", ")", 40),
    "sum": r"\sum_{k=1}^{99999999} w_5",
    "sum of an index": r"\sum_{k=1}^{99999999} k",
    "sum to a huge number": r"\sum_{k=99999999999999999999999}^{999999999999999999999999999} w_5",
    "sum that is empty": r"\sum_{k=1}^{-5} w_5",
    "sums in sums": r"\sum_{k=1}^{4000} \sum_{j=1}^{4000} \sum_{i=1}^{4000} w_5 i j k",
    "sums in sums, short ones": r"\sum_{k=1}^{9} " * 8 + "w_5 k",
    "product": r"\prod_{k=1}^{4000} k",
    "products": r"\prod_{k=1}^{4000} \prod_{j=1}^{4000} 9 k",
    "digits": "9" * 10_000,
    "places": "0." + "9" * 10_000,
    "exponent": "1e999999999",
    "negative exponent": "1e-999999999",
    "power of ten": r"1 \times 10^{999999999}",
    "power of ten, longer": "10^{999999999999999999999999}",
    "large products": "1e300 * 1e300 * 1e300",
    "many digits, many times": " * ".join(["9" * 59] * 300),
    "small power": "0.5^{99999999}",
    "negative power": "9^{-99999999}",
    "rational": "(1/3)^{(10^9)}",
    "root of a negative number": "(-9)^{0.5}",
    "nothing below": "1/0",
    "matrix": r"\begin{bmatrix} " + r" \\ ".join(["&".join(["1"] * 100)] * 100) + r"\end{bmatrix}",
    "matrices": r"\begin{bmatrix} w_5 & w_6 \\ w_7 & w_8 \end{bmatrix}" * 100,
    "list": "[" + ",".join(["1"] * 6000) + "]",
    "outer product": "[" + ",".join(["1"] * 4000) + "] [" + ",".join(["1"] * 4000) + "]^T",
    "arguments": r"\max(" + ",".join(["w_5"] * 3000) + ")",
    "terms": "w_5" + "+ w_5" * 3000,
    "factors": "w_5 " * 3000,
    "powers": "w_5" + "^2" * 3000,
    "transposed": "W" + "^T" * 3000,
    "primes": "w_5" + "'" * 3000,
    "subscripts": "w" + "_5" * 3000,
    "indices": "w_{" + ",".join("1" * 3000) + "}",
    "minus": "-" * 10_000 + "w_5",
    "relations": "= w_5 " * 1000 + "= w_6",
    "letters": "a" * 15_000,
}
"""Right sides that no machine should work out, none of which is E."""
FREE: Final = r"$\delta_i \delta_j \delta_k \delta_l \delta_m \delta_n \delta_p = \delta_q \delta_r \delta_s \delta_h \delta_o a_i z_j$"


@pytest.mark.parametrize("name", HUGE)
def test_what_is_huge_is_refused_in_time(name: str) -> None:
    found = judged(f"$E = {HUGE[name]}$")
    assert found
    assert all(row.verdict in {"wrong", "undecidable", "unreadable"} for row in found)
    assert all(row.message is not None for row in found)


@pytest.mark.parametrize("name", ["tower", "tower of stars", "powers of powers", "rational", "many digits, many times", "large products"])
def test_numbers_alone_are_no_way_around(name: str) -> None:
    assert all(row.verdict != "correct" for row in judged(f"$0.5 = {HUGE[name]}$"))


def test_many_free_indices_take_their_time_only() -> None:
    assert judged(FREE)[0].verdict in {"wrong", "undecidable"}


# -- nesting -------------------------------------------------------------------------------------------------------------------

NESTED: Final = {
    "brackets": wrapped("(", ")", 5000),
    "square brackets": wrapped("[", "]", 5000),
    "braces": wrapped("{", "}", 10_000),
    "opening": "(" * 5000,
    "closing": ")" * 5000,
    "roots": wrapped(r"\sqrt{", "}", 1000),
    "fractions": wrapped(r"\frac{1}{", "}", 1000),
    "superscripts": wrapped("w^{", "}", 1500),
    "subscripts": wrapped("w_{", "}", 1500),
    "bars": wrapped("|", "|", 1000),
    "norms": wrapped(r"\|", r"\|", 1000),
    "upright": wrapped(r"\mathrm{", "}", 1000),
    "bold": wrapped(r"\mathbf{", "}", 1000),
    "text": wrapped(r"\text{", "}", 1000),
    "hats": wrapped(r"\hat{", "}", 1000),
    "left and right": wrapped(r"\left(", r"\right)", 1000),
    "underbraces": wrapped(r"\underbrace{", "}", 1000),
    "derivatives": r"\frac{d}{dx} " * 1000 + "x",
    "functions": r"\exp " * 3000 + "w_5",
    "exponentials": wrapped("e^{", "}", 3000),
    "nablas": wrapped(r"\nabla_{", "}", 1000),
    "matrices": wrapped(r"\begin{bmatrix} ", r"\end{bmatrix}", 400),
    "cases": wrapped(r"\begin{cases} ", r"\end{cases}", 400),
    "ds": wrapped("d(", ")", 55),
    "ones": wrapped(r"\mathbf{1}(", ")", 50),
    "quotients": "w_5/" * 2000 + "w_5",
}


@pytest.mark.parametrize("name", NESTED)
def test_nesting_has_an_end(name: str) -> None:
    found = judged(f"$E = {NESTED[name]}$")
    assert all(row.verdict in {"wrong", "undecidable", "unreadable"} for row in found)


@pytest.mark.parametrize("name", ["brackets", "opening", "closing", "derivatives"])
def test_nesting_has_an_end_in_plain_text(name: str) -> None:
    assert all(row.verdict != "correct" for row in judged(f"E = {NESTED[name]}", PLAIN))


# -- macros --------------------------------------------------------------------------------------------------------------------

MACROS: Final = {
    "itself": (r"\newcommand{\x}{\x}$E = \x$", "expands itself"),
    "each other": (r"\def\x{\y}\def\y{\x}$E = \x$", "expands itself"),
    "growing": (r"\newcommand{\x}[1]{\x{#1#1}}$E = \x{a}$", "expands to more than"),
    "many": (
        "".join(rf"\newcommand{{\{a}}}{{{rf'{chr(92)}{b}' * 20}}}" for a, b in zip("abcdefg", "bcdefgh", strict=True))
        + r"\newcommand{\h}{w_5}$E = \a$",
        "expan",
    ),
    "unknown": (r"$E = \foo{w_5}$", r"unknown macro \foo"),
    "input": (r"$E = \input{/etc/passwd}$", r"unknown macro \input"),
    "write": (r"$E = \write18{rm -rf /}$", r"unknown macro \write"),
    "immediate": (r"$E = \immediate\write18{id}$", r"unknown macro \immediate"),
    "catcode": (r"$\catcode`\@=11 E=1$", r"unknown macro \catcode"),
    "csname": (r"$E = \csname foo\endcsname$", r"unknown macro \csname"),
    "loop": (r"$\loop E=1 \repeat$", r"unknown macro \loop"),
}


@pytest.mark.parametrize("name", MACROS)
def test_macros_are_expanded_to_an_end_or_named(name: str) -> None:
    body, found = MACROS[name]
    (row,) = judged(body)
    assert row.verdict == "unreadable"
    assert row.message is not None
    assert found in str(row.message.names["reason"])


def test_no_file_is_read_for_a_work() -> None:
    rows = judged("\\input{/etc/passwd}\n\\include{/etc/passwd}\n\\verbatiminput{/etc/passwd}")
    assert "root:" not in str(rows)


# -- characters ----------------------------------------------------------------------------------------------------------------

STRANGE: Final = {
    "Cyrillic o": ("$E = \u043eut_{o1}$", "CYRILLIC SMALL LETTER O"),
    "Cyrillic a": ("$E = a_1 + \u0430_1$", "CYRILLIC SMALL LETTER A"),
    "right to left": ("$E = \u202ew_5\u202c$", "RIGHT-TO-LEFT OVERRIDE"),
    "no width": ("$E = w\u200b_5$", "ZERO WIDTH SPACE"),
    "emoji": ("$E = \U0001f600$", "GRINNING FACE"),
    "half a pair": ("$E = \ud800$", "U+D800"),
    "null": ("$E = w\0_5$", "U+0000"),
    "combining": ("$E = w" + "\u0302" * 3000 + "$", "COMBINING CIRCUMFLEX ACCENT"),
    "number sign": ("$E = #1$", "NUMBER SIGN"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_characters_are_named(name: str) -> None:
    body, found = STRANGE[name]
    (row,) = judged(body)
    assert row.verdict == "unreadable"
    assert row.message is not None
    assert found in str(row.message.names["reason"])


def test_a_character_that_looks_like_another_is_told() -> None:
    for body, good in (("$E = \u043eut_{o1}$", LATEX), ("E = \u043eut_o1", PLAIN)):
        (row,) = judged(body, good)
        assert row.message is not None
        assert "looks like 'o'" in str(row.message.names["expected"])


@pytest.mark.parametrize("odd", ["\u202e", "\u200b", "\u2066", "\u0007"])
def test_what_is_not_seen_ends_no_formula(odd: str) -> None:
    for body in (f"{PLAIN} {odd} + 5", f"{PLAIN}{odd}+5"):
        assert [row.verdict for row in judged(body, PLAIN)] == ["unreadable"]


# -- text that would do something ----------------------------------------------------------------------------------------------

CODE: Final = [
    "E = __import__('os').system('touch symbp_was_here')",
    "E = eval('open(1)')",
    'E = exec("import os")',
    "E = lambda: 0",
    "E = open('/etc/passwd').read()",
    "E = {{ 7*7 }}",
    "E = {{ self.__init__.__globals__ }}",
    "E = {% for x in range(10) %}{% endfor %}",
    "E = %s %n %d %(x)s",
    "E = {0.__class__}",
    "E = f'{w5}'",
    "E = <script>alert(1)</script>",
    "E = w5; import os",
    "E = w5\u2028E = w6",
    "E = symbols('x').subs(1, 2)",
    "E = Symbol('w5')",
    "E = `id`",
    "E = $(id)",
    "__class__ = w5",
    "E.__class__ = w5",
]


@pytest.mark.parametrize("body", CODE)
def test_code_is_only_text(body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for text, good in ((body, PLAIN), (f"${body}$", LATEX)):
        rows = symbp.verify(NETWORK, f"{good}\n\n{text}\n\n{good}\n", time_limit=LIMIT).files[0].rows
        assert rows[0].verdict == "correct"
        assert all(row.verdict != "correct" for row in rows[1:-1])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", ["json", "html", "md", "tex", "txt"])
def test_a_report_holds_a_work_as_text(format: str, tmp_path: Path) -> None:  # noqa: A002
    path = tmp_path / "work.txt"
    path.write_text(f"{PLAIN}\n\ndE/dw6 = {{{{ 7*7 }}}} * w5\n\ndE/dw7 = <b>x</b> & \\input{{x}} % {{% raw %}}\n", "utf-8")
    result = CliRunner().invoke(main, ["verify", NETWORK, str(path), "--to", format, "--all"])
    assert result.exit_code in {0, 1}, result.output
    if format == "json":
        assert json.loads(result.stdout)["files"]
    if format == "html":
        assert "<b>x</b>" not in result.stdout
    if format == "tex":
        assert "\\input{x}" not in result.stdout.replace("\\textbackslash{}input", "")


FORBIDDEN: Final = {"eval", "exec", "compile", "sympify", "parse_expr", "lambdify", "simplify", "equals", "__import__", "literal_eval"}


def test_nothing_of_a_work_is_given_to_what_would_run_it() -> None:
    folder = Path(symbp.__file__).resolve().parent / "verification"
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name)):
                    assert name not in FORBIDDEN, path.name
                case ast.Call(func=ast.Attribute(value=ast.Name(id=origin), attr=name)):
                    assert name not in FORBIDDEN or (origin, name) == ("re", "compile"), path.name
                case ast.Call(func=ast.Attribute(attr=name)):
                    assert name not in FORBIDDEN - {"compile"}, path.name
                case ast.ImportFrom(names=names):
                    assert not {alias.name for alias in names} & FORBIDDEN, path.name


# -- sizes of a whole work -----------------------------------------------------------------------------------------------------


def test_a_million_signs_are_too_long() -> None:
    for body, good in (("$" + "=" * 1_000_000 + "$", LATEX), ("=" * 1_000_000, PLAIN)):
        (row,) = judged(body, good)
        assert row.verdict == "unreadable"
        assert row.message is not None
        assert "longer than" in str(row.message.names["reason"])


def command(*arguments: str, given: bytes | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["verify", NETWORK, *arguments], input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    contents = {
        "null.txt": b"E = w5\0\n",
        "latin.txt": b"E = w5 \xe9\n",
        "utf16.txt": "E = w5".encode("utf-16"),
        "broken.ipynb": b'{"cells": [',
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        code, output = command(str(tmp_path / name))
        assert code == 2
        assert name in output
        assert "Traceback" not in output
        with pytest.raises(SymbpError):
            symbp.verify(NETWORK, tmp_path / name)


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    start = time.process_time()
    code, output = command(str(path))
    assert (code, time.process_time() - start < 5) == (2, True)
    assert "too large" in output
    code, output = command("-", given=b"E = w5\n" * (MAX_BYTES // 7 + 2))
    assert code == 2
    assert "too large" in output


def test_a_bad_file_stops_no_batch(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"E = w5\0\n")
    (tmp_path / "b.txt").write_text(PLAIN + "\n", "utf-8")
    code, output = command(str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), "--csv", str(tmp_path / "marks.csv"))
    assert code == 0, output
    assert len((tmp_path / "marks.csv").read_text("utf-8").splitlines()) == 3


def test_a_value_that_c_works_out_is_within_the_limit(tmp_path: Path) -> None:
    """In a process of its own: a loop over large integers in C takes no signal."""
    path = tmp_path / "work.txt"
    path.write_text(f"{PLAIN}\n\n5 = ((9^8)^8)^8\n\n0.5 = 9**9**9**9\n\n3 = ((123456789^99)^99)^99\n\n{PLAIN}\n", "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(symbp.__file__).resolve().parent.parent)}
    done = subprocess.run(
        [sys.executable, "-m", "symbp", "verify", NETWORK, str(path), "--to", "json", "--time-limit", "1"],
        capture_output=True,
        timeout=120,
        env=environment,
        check=False,
    )
    verdicts = [row["verdict"] for row in json.loads(done.stdout)["files"][0]["rows"]]
    assert verdicts[0] == verdicts[-1] == "correct"
    assert "correct" not in verdicts[1:-1]


HIDING: Final = [
    r"\[ E = ",
    r"\begin{align} E = ",
    r"\begin{align} E &= \frac{1}{ \\ \end{align}",
    "$E = ",
    "$$E = ",
    r"\newcommand{\x}{",
    r"\def\x#1{",
    r"\begin{bmatrix}",
    r"\left( \[ E = w_5",
    "{",
    "}",
    r"\\",
    "%",
    r"\verb|",
]


@pytest.mark.parametrize("body", HIDING)
def test_what_is_never_closed_ends_with_its_paragraph(body: str) -> None:
    rows = symbp.verify(NETWORK, f"{LATEX}\n\n{body}\n\n{LATEX}\n\n{LATEX}\n", time_limit=LIMIT).files[0].rows
    assert rows[0].verdict == "correct"
    assert rows[-1].verdict == "correct"
    assert rows[-1].line > 4


def test_a_row_that_cannot_be_read_lends_no_side_to_the_next() -> None:
    """A row that begins with = goes on from the one above, not from the one before that."""
    begun = r"net_{h1} &= w_1 i_1 + w_2 i_2 + b_{h1} \\ "
    rest = r"&= (out_{o1} - t_1) out_{o1} (1 - out_{o1})"
    text = rf"\begin{{align}} {begun} \delta_{{o1}} &= \foo{{x}} \\ {rest} \end{{align}}"
    found = [row.verdict for row in symbp.verify(NETWORK, text).files[0].rows]
    assert found[:2] == ["correct", "unreadable"]
    assert "wrong" not in found


# -- anything at all -----------------------------------------------------------------------------------------------------------

PIECES: Final = (
    r"\frac { } ( ) [ ] ^ _ + - * / = , . ; : ' ! | \| & \\ $ % # ~ w_5 out_{o1} net_{h1} t_1 E \partial \delta_k \sum_k \sum_{k=1}^2 "
    r"\sigma \sigma' 0.5 1 2 e^{ \exp \max \left \right \text{for} k i j \neq \leq \cdot \begin{bmatrix} \end{bmatrix} \begin{cases} "
    r"\end{cases} \hat \mathbf{1} \mathrm d dE/dw5 \nabla_W \prod \sqrt \underbrace \boxed \to \approx \Rightarrow \dv \pdv \overset "
    r"\abs \norm ½ ² ₁ ∂ Σ"
).split()
CORPUS: Final = sorted((Path(__file__).resolve().parent / "hand").glob("*/work.*"))


def checked(network: str, text: str) -> None:
    """Nothing but a refusal is raised, each row of the report is one of the work, and what it says is whole."""
    try:
        report = symbp.verify(network, text, time_limit=0.3)
    except SymbpError:
        return
    rows = report.files[0].rows
    found = [(row.line, row.column, row.text) for row in extract(text, kind_of_text(text)).rows]
    given = iter(found)
    assert all((row.line, row.column, row.text) in given for row in rows), "rows in another order, or of none"
    for row in rows:
        assert row.verdict in RULINGS
        assert row.verdict == "correct" or row.message is not None
        for span in (row.span, row.marked if row.expected is None else None):
            assert span is None or 0 <= span[0] <= span[1] <= len(row.text)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=14), st.lists(st.sampled_from(PIECES), max_size=14), st.booleans())
def test_token_soup_is_judged_or_refused(left: list[str], right: list[str], is_latex: bool) -> None:
    body = f"{' '.join(left)} = {' '.join(right)}"
    checked(NETWORK, f"\\[ {body} \\]\n" if is_latex else f"{body}\n")


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").splitlines() if "=" in line and len(line) < 200]


@settings(max_examples=60)
@given(st.data())
def test_a_mutated_row_is_judged_or_refused(data: Any) -> None:
    path = data.draw(st.sampled_from(CORPUS))
    line = data.draw(st.sampled_from(_lines(path)))
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, min(len(line), start + 6)))
    piece = data.draw(st.sampled_from(["", *PIECES]))
    checked(str(path.parent / "spec.toml"), line[:start] + piece + line[end:] + "\n")


# -- time ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0=1402", "E = 5\n\nE = 6 t_1\n\ndE/dw5 = out_h1*delta_o1 = 3\n", "$\\delta_k = \\sum_j w_{kj} = 7$"])
def test_wherever_the_budget_is_spent_there_is_a_report(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made to be spent at one tick after the other: at each of the first, at some of the later ones, and from then on at all."""
    real, ticks, last = Budget.tick, 0, 0

    def tick(budget: Budget, steps: float = 1) -> None:
        nonlocal ticks
        ticks += 1
        if ticks >= last:
            raise OverBudget
        real(budget, steps)

    monkeypatch.setattr(Budget, "tick", tick)
    while last <= ticks:
        ticks, last = 0, last + 1 + last // 10
        rows = symbp.verify("mazur", text, time_limit=1e5).files[0].rows
        assert rows
        assert all(row.verdict in RULINGS for row in rows)
        assert all(row.message is not None for row in rows if row.verdict != "correct")


@pytest.mark.parametrize("name", ["E_{w_5^}", "E_{w^}", "E_{net_}", "E_{e^}", "E_{w_{5^}}"])
def test_a_subscript_that_ends_too_early_is_no_quantity(name: str) -> None:
    (row,) = judged(rf"\[ {name} = 1 \]")
    assert row.verdict in {"undecidable", "unreadable"}


SEQUENCE = """
inputs = 1
[recurrent]
units = 1
activation = "tanh"
input_weights = [[0.5]]
recurrent_weights = [[0.1]]
bias = [0.1]
error = "last"
[[layers]]
units = 1
activation = "identity"
weights = [[0.7]]
bias = [0.1]
[[samples]]
inputs = {inputs}
targets = [[0.5]]
"""


def test_a_long_sequence_is_judged(tmp_path: Path) -> None:
    """Its values depend on one another, 300 deep."""
    (tmp_path / "net.toml").write_text(SEQUENCE.format(inputs=[[k / 300] for k in range(150)]), "utf-8")
    (row,) = symbp.verify(str(tmp_path / "net.toml"), "E = 1/2*(t_1 - out_o1)^2\n", time_limit=60).files[0].rows
    assert row.verdict == "correct"
