"""The programs that read what symbp writes — pdfLaTeX, KaTeX, MathJax, Chromium with axe — as the tests call them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest
from markdown_it import MarkdownIt

REAL = Path(__file__).parent / "real"
NODE_PACKAGES = {
    "katex": "katex",
    "mathjax": "mathjax-full",
    "markdownlint": "markdownlint-cli2",
    "playwright": "playwright-core",
    "axe": "axe-core",
}
SECONDS = 120
_DRAFT = {"pdflatex": "-draftmode", "lualatex": "--draftmode", "xelatex": "-no-pdf"}
_LONG_LINES = {"max_print_line": "10000", "error_line": "254", "half_error_line": "238"}
_FAULTS = re.compile(r"Overfull \\[hv]box|undefined|Missing character", re.IGNORECASE)
_CODE = re.compile(r"^(?P<fence>```+|~~~+).*?^(?P=fence)[ \t]*$|(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)", re.DOTALL | re.MULTILINE)
_FORMULA = re.compile(r"\$\$[^$]+\$\$|\$[^$]+\$")
_LOST = re.compile(r"\$|##|(?<!\\)\|")
_BAR = re.compile(r"(?<!\\)\|")
_MARK = re.compile(r"\\.|\${1,2}", re.DOTALL)


class Formula(NamedTuple):
    """A formula without its dollars, and whether it is displayed."""

    text: str
    is_display: bool


class View(NamedTuple):
    """A page in a window so wide, under a colour scheme; `rules` asks axe for its rules of accessibility."""

    path: Path
    width: int
    scheme: str
    rules: bool = False


class Seen(NamedTuple):
    """What Chromium made of a page: how many texts it shows, and in words what is wrong.

    Faint texts, displays that are not aligned, displays that scroll, how far the page is wider than the window, the fonts that were asked
    for, messages of the console, what was fetched, and the rules of axe that are broken.
    """

    seen: int
    faint: list[str]
    crooked: list[str]
    scrolling: list[str]
    overflow: int
    fonts: list[str]
    messages: list[str]
    fetched: list[str]
    rules: list[str]


class Compiled(NamedTuple):
    """What pdfLaTeX made of a document."""

    log: str
    pdf: Path


def unavailable(reason: str) -> NoReturn:
    """Skip a test that cannot be made here — but fail where SYMBP_REQUIRE_REAL=1 asks for every test."""
    if os.environ.get("SYMBP_REQUIRE_REAL") == "1":
        pytest.fail(f"{reason}, but SYMBP_REQUIRE_REAL=1", pytrace=False)
    pytest.skip(reason)


def require(tool: str) -> None:
    """Only go on where `tool` is: a program on the path, or one of NODE_PACKAGES in tests/real/."""
    program = "node" if tool in NODE_PACKAGES else tool
    if shutil.which(program) is None:
        unavailable(f"no {program} on this machine")
    if tool in NODE_PACKAGES and not (REAL / "node_modules" / NODE_PACKAGES[tool]).is_dir():
        unavailable(f"no {tool} in tests/real/node_modules (npm ci in tests/real/ installs it)")


def compile_latex(source: str, directory: Path, program: str = "pdflatex") -> Compiled:
    """Compile the document by two runs of TeX; an error, an overfull box or anything undefined is an AssertionError."""
    require(program)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "document.tex").write_text(source, "utf-8")
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
    log = ""
    for options in ([_DRAFT[program]], []):
        run = subprocess.run(
            [*command, *options, "document.tex"],
            cwd=directory,
            env={**os.environ, **_LONG_LINES},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        log = (directory / "document.log").read_text("utf-8", errors="replace")
        assert run.returncode == 0, f"{program} stopped:\n" + latex_errors(log)
    faults = latex_faults(log)
    assert not faults, f"{program} complained:\n" + "\n".join(faults)
    return Compiled(log, directory / "document.pdf")


def latex_errors(log: str) -> str:
    """The errors in a log, each with the lines that show where."""
    lines = log.splitlines()
    starts = [at for at, line in enumerate(lines) if line.startswith("!")]
    return "\n".join(line for at in starts for line in lines[at : at + 6]) or log[-2000:]


def latex_faults(log: str) -> list[str]:
    """The lines about overfull boxes, missing characters and undefined things, each with the line after it: the text concerned."""
    lines = log.splitlines()
    return [" ".join(lines[at : at + 2]) for at, line in enumerate(lines) if _FAULTS.search(line)]


def page_count(pdf: Path) -> int:
    """How many pages pdfinfo counts."""
    require("pdfinfo")
    shown = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    match = re.search(r"^Pages:\s+(\d+)$", shown, re.MULTILINE)
    assert match is not None, shown
    return int(match[1])


def unnumbered(text: str) -> str:
    """A text for the terminal without the numbers of its equations at the right edge."""
    return re.sub(r" +\(\d+\)$", "", text, flags=re.MULTILINE)


def katex_check(formulas: Iterable[tuple[str, bool]]) -> dict[Formula, str]:
    """KaTeX's complaint about each formula that it does not take, in its strict mode."""
    return _node_check("katex", formulas)


def mathjax_check(formulas: Iterable[tuple[str, bool]]) -> dict[Formula, str]:
    """MathJax's complaint about each formula that it does not take."""
    return _node_check("mathjax", formulas)


def _node_check(reader: str, formulas: Iterable[tuple[str, bool]]) -> dict[Formula, str]:
    require(reader)
    unique = list(dict.fromkeys(Formula(*formula) for formula in formulas))
    run = subprocess.run(
        ["node", f"{reader}.js"], cwd=REAL, input=json.dumps(unique), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert run.returncode == 0, run.stderr
    complaints: list[str | None] = json.loads(run.stdout)
    return {formula: complaint for formula, complaint in zip(unique, complaints, strict=True) if complaint is not None}


def look_at(views: Iterable[View]) -> list[Seen]:
    """Each page as Chromium shows it."""
    for tool in ("chromium", "playwright", "axe"):
        require(tool)
    asked = [{**view._asdict(), "path": str(view.path)} for view in views]
    command = ["node", "page.js", str(shutil.which("chromium"))]
    run = subprocess.run(command, cwd=REAL, input=json.dumps(asked), capture_output=True, text=True, timeout=5 * SECONDS, check=False)
    assert run.returncode == 0, run.stderr
    return [Seen(**found) for found in json.loads(run.stdout)]


def printed(page: Path, pdf: Path) -> None:
    """The page as Chromium prints it."""
    require("chromium")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    options += ["--disable-component-update", "--disable-sync", f"--user-data-dir={pdf.parent / 'chromium'}", "--no-pdf-header-footer"]
    subprocess.run(
        ["chromium", *options, f"--print-to-pdf={pdf}", page.as_uri()], capture_output=True, timeout=SECONDS, check=True, text=True
    )


def markdown_formulas(text: str) -> list[Formula]:
    """Every `$…$` and `$$…$$` outside code; a dollar without its partner, or one that no renderer takes for one, is an AssertionError."""
    text = _CODE.sub("", text)
    found: list[Formula] = []
    opened: re.Match[str] | None = None
    for mark in _MARK.finditer(text):
        if mark[0].startswith("\\"):
            continue
        if opened is None:
            opened = mark
            continue
        formula = Formula(text[opened.end() : mark.start()], opened[0] == "$$")
        assert mark[0] == opened[0], f"{opened[0]} is closed by {mark[0]}: {formula.text!r}"
        _assert_renders(formula, text[opened.start() - 1 : opened.start()], text[mark.end() : mark.end() + 1])
        found.append(formula)
        opened = None
    assert opened is None, f"a dollar is never closed: {text[opened.start() : opened.start() + 80]!r}"
    return found


def _assert_renders(formula: Formula, before: str, after: str) -> None:
    """Markdown renderers end a paragraph at a blank line, and take `$ x $` and `2$x$3` for prices."""
    text, is_display = formula
    assert text.strip(), "a formula is empty"
    assert not re.search(r"\n[ \t]*\n", text), f"a blank line is within {text!r}"
    assert is_display or text == text.strip(), f"a space is beside the dollar of {text!r}"
    assert is_display or "\n" not in text, f"an inline formula spans lines: {text!r}"
    assert is_display or not (before.isalnum() or after.isalnum()), f"a letter or digit touches ${text}$"


def markdown_lint(texts: dict[str, str], directory: Path) -> str:
    """What markdownlint says of these files; lines may be as long as a formula takes."""
    require("markdownlint")
    for name, text in texts.items():
        (directory / name).write_text(text, "utf-8")
    (directory / ".markdownlint.json").write_text('{"default": true, "MD013": false}', "utf-8")
    program = REAL / "node_modules" / "markdownlint-cli2" / "markdownlint-cli2-bin.mjs"
    run = subprocess.run(["node", str(program), *texts], cwd=directory, capture_output=True, text=True, timeout=SECONDS, check=False)
    return "\n".join(line for line in run.stderr.splitlines() if line) if run.returncode else ""


def markdown_faults(text: str) -> list[str]:
    """Where blocks are not what they look like: a table or heading that is not read as one, a display that falls apart.

    Many renderers split a text into blocks before they look for mathematics, so a display has to be one paragraph. A list stands after
    a blank line; one that does not is a line that begins with a minus.
    """
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    lines = text.splitlines()
    faults: list[str] = []
    columns = 0
    for token in tokens:
        if token.type == "table_open" and token.map:
            columns = len(_BAR.findall(lines[token.map[0]])) - 1
        if token.type == "tr_open" and token.map:
            row = lines[token.map[0]]
            faults += [] if len(_BAR.findall(row)) == columns + 1 and row.endswith("|") else [row]
        if token.type == "inline" and _LOST.search(_FORMULA.sub("", token.content)):
            faults.append(token.content)
        if token.type in {"ordered_list_open", "blockquote_open", "code_block", "html_block", "hr"} and token.map:
            faults.append(lines[token.map[0]])
        if token.type == "bullet_list_open" and token.map and (token.map[0] == 0 or lines[token.map[0] - 1].strip()) and not token.level:
            faults.append(lines[token.map[0]])
    return faults
