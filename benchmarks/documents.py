"""How long documents take: python benchmarks/documents.py [--repeat N] [--formats tex,md,html,ipynb].

First several formats of mazur together, against the first of them alone, each a run of `symbp derive` from start to end. Then a PDF of
mazur by Typst, against pdfLaTeX on the same document: one run of it, and latexmk with the runs that references take. What is
compared is measured in turn, and medians are shown.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import symbp
from symbp.cli_output import EXTENSIONS
from symbp.publishing.latexmk import by_latexmk
from symbp.publishing.pdf import by_typst

NETWORK = "mazur"
TOGETHER = ("tex", "md", "html", "ipynb")
"""The formats that are written together; those that are not there are left out, and said to be."""
MOST_TOGETHER = 1.5
"""What several formats may take, as a multiple of what the first takes."""
ROOT = Path(__file__).parents[1]


def medians(works: Mapping[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    """The median seconds of each, after one run that is not counted; they take turns, so that a busy machine slows all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for at in range(repeat + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if at:
                seconds[name].append(time.perf_counter() - start)
    return {name: median(found) for name, found in seconds.items()}


def derive(formats: tuple[str, ...], folder: Path) -> None:
    """`symbp derive` with these formats, as a process of its own."""
    chosen = [argument for name in formats for argument in ("--to", name)]
    command = [sys.executable, "-m", "symbp", "derive", NETWORK, *chosen, "-o", f"{folder}/"]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=True)


def pdflatex(folder: Path) -> None:
    """One run of pdfLaTeX, in which references are not settled yet."""
    command = ["pdflatex", "-interaction=batchmode", "-halt-on-error", "-no-shell-escape", "document.tex"]
    subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=True)


def show(title: str, seconds: Mapping[str, float], base: str) -> None:
    print(title)
    for name, value in seconds.items():
        print(f"  {name:44} {value:7.3f} s   {value / seconds[base]:6.2f}")


def formats_together(formats: tuple[str, ...], repeat: int) -> None:
    missing = [name for name in formats if name not in EXTENSIONS]
    formats = tuple(name for name in formats if name in EXTENSIONS)
    one, all_of_them = f"{formats[0]} alone", " + ".join(formats)
    with TemporaryDirectory() as folder:
        works = {one: lambda: derive(formats[:1], Path(folder)), all_of_them: lambda: derive(formats, Path(folder))}
        seconds = medians(works, repeat)
    show(f"symbp derive {NETWORK}, the whole process, medians of {repeat}", seconds, one)
    ratio = seconds[all_of_them] / seconds[one]
    print(f"  {'reached' if ratio < MOST_TOGETHER else 'missed'}: together under {MOST_TOGETHER} times the one alone")
    if missing:
        print(f"  not there: {', '.join(missing)}")


def pdf_engines(repeat: int) -> None:
    derived = symbp.derive(NETWORK)
    typ, tex = derived.render("typ"), derived.render("tex")
    works: dict[str, Callable[[], object]] = {"Typst": lambda: by_typst(typ)}
    missing = [name for name in ("pdflatex", "latexmk") if shutil.which(name) is None]
    with TemporaryDirectory() as folder:
        (Path(folder) / "document.tex").write_text(tex, "utf-8")
        if not missing:
            works["pdfLaTeX, one run"] = lambda: pdflatex(Path(folder))
            works["pdfLaTeX by latexmk"] = lambda: by_latexmk(tex, "pdflatex")
        seconds = medians(works, repeat)
    show(f"a PDF of {NETWORK}, from its source, medians of {repeat}", seconds, "Typst")
    if missing:
        print(f"  not there: {', '.join(missing)}")
    else:
        print(f"  {'reached' if seconds['Typst'] < seconds['pdfLaTeX, one run'] else 'missed'}: Typst takes less than one run of pdfLaTeX")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--formats", default=",".join(TOGETHER), help="what is written together; the first is also written alone")
    options = parser.parse_args()
    formats_together(tuple(options.formats.split(",")), options.repeat)
    pdf_engines(options.repeat)


if __name__ == "__main__":
    main()
