"""Jobs `formats` and `pdf`: several formats together against the first alone; a PDF by Typst against pdfLaTeX on the same document."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import symbp
from measuring import Pace, Side, Times, alternate, imports, process, timed
from reporting import Finding, Section, table
from symbp.errors import SymbpError
from symbp.publishing.latexmk import by_latexmk
from symbp.publishing.pdf import by_typst

NETWORK = "mazur"
TOGETHER = ("tex", "md", "html", "ipynb")
MOST_TOGETHER = 1.5
WHAT = f"a PDF of {NETWORK} by Typst, from its source"
TYPST, ONCE, LATEXMK = "Typst", "pdfLaTeX, one run", "pdfLaTeX by latexmk"


def _derive(formats: tuple[str, ...], folder: str) -> tuple[str, ...]:
    return ("-m", "symbp", "derive", NETWORK, *(part for name in formats for part in ("--to", name)), "-o", f"{folder}/")


def formats(pace: Pace) -> Section:
    """`symbp derive` with one format, and with several."""
    one, several = f"{TOGETHER[0]} alone", " + ".join(TOGETHER)
    with TemporaryDirectory() as folder:
        sides = {one: process(*_derive(TOGETHER[:1], folder)), several: process(*_derive(TOGETHER, folder))}
        found = alternate(sides, pace.rounds(7), warm=True)
        ratio = found[several].median / found[one].median
        why = imports(*_derive(TOGETHER, folder)) if ratio > MOST_TOGETHER else ""
    finding = Finding(f"{NETWORK} as {several}, whole process", one, MOST_TOGETHER, "most", ratio, bounded_by=why)
    commands = tuple(f"python {' '.join(_derive(each, 'FOLDER'))}" for each in (TOGETHER[:1], TOGETHER))
    return Section("Several formats together", (finding,), commands, _times(found, one))


def pdf(pace: Pace) -> Section:
    """A PDF, from the source of the document."""
    derived = symbp.derive(NETWORK)
    typ, tex = derived.render("typ"), derived.render("tex")
    try:
        by_typst(typ)
    except SymbpError as why:
        return Section("A PDF", (Finding(WHAT, ONCE, 1, "most", None, note=str(why)),), ())
    sides: dict[str, Side] = {TYPST: timed(lambda: by_typst(typ))}
    missing = [name for name in ("pdflatex", "latexmk") if shutil.which(name) is None]
    with TemporaryDirectory() as folder:
        (Path(folder) / "document.tex").write_text(tex, "utf-8")
        if not missing:
            sides |= {ONCE: timed(lambda: _pdflatex(folder)), LATEXMK: timed(lambda: by_latexmk(tex, "pdflatex"))}
        found = alternate(sides, pace.rounds(), warm=True)
    ratio = None if missing else found[TYPST].median / found[ONCE].median
    note = f"{' and '.join(missing)} not there"
    finding = Finding(WHAT, ONCE, 1, "most", ratio, note=note)
    return Section("A PDF", (finding,), (), _times(found, TYPST))


def _pdflatex(folder: str) -> None:
    """One run of pdfLaTeX, in which references are not settled yet."""
    command = ["pdflatex", "-interaction=batchmode", "-halt-on-error", "-no-shell-escape", "document.tex"]
    subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=True)


def _times(found: dict[str, Times], base: str) -> tuple[str, ...]:
    rows = [(name, each, f"{each.median / found[base].median:.2f}") for name, each in found.items()]
    runs = len(found[base].runs)
    return (f"Medians of {runs} (least to most), in turn, after one that is not counted.", "", *table(("what", "time", "ratio"), rows))
