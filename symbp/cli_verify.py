"""`symbp verify`: the command, its options, and where what it finds goes. What is heavy is imported by what needs it."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from symbp.cli import NOTATION
from symbp.errors import Place, SymbpError

if TYPE_CHECKING:
    from symbp.publishing.report import View
    from symbp.verification.report.batch import Task
    from symbp.verification.report.marks import Scheme
    from symbp.verification.report.report import Report

EXTENSIONS: Final = {"txt": ".txt", "json": ".json", "html": ".html", "md": ".md", "tex": ".tex"}
STANDARD: Final = "-"
"""What stands for standard input and output."""
NARROWEST, WIDEST = 40, 120


@click.command()
@click.argument("network")
@click.argument("works", metavar="WORK...", nargs=-1, required=True)
@click.option("--to", "formats", multiple=True, type=click.Choice(tuple(EXTENSIONS)), help="A format to write; may be given again.")
@click.option("-o", "--output", metavar="PATH", help="A file; a directory (ends in a slash, or exists), for a report on each work; or -.")
@click.option("--notation", **NOTATION)
@click.option("--expect", metavar="NAMES", help="The quantities that the work must reach, as in dE/dw5,delta_h1; else all gradients.")
@click.option("--hints", is_flag=True, help="Ask a question about each mistake, and leave every answer out of every format.")
@click.option("--witness", is_flag=True, help="Show values for which the sides of a wrong row differ.")
@click.option("--all", "every", is_flag=True, help="Show the rows that are right, too, and long lists whole.")
@click.option("--strict", is_flag=True, help="What cannot be read or decided counts as a failure; in a batch, any failure does.")
@click.option("--time-limit", type=click.FloatRange(0, min_open=True), default=2.0, show_default=True, help="Seconds for each row.")
@click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="So many works are judged at a time.")
@click.option("--csv", "table", metavar="FILE", help="Write a line of marks for each work; - is standard output.")
@click.option("--marks", metavar="FILE.toml", help="What is given marks; otherwise one for each quantity that is reached.")
@click.option("--explain", is_flag=True, help="With --csv, say for each mark which rows earned it, and for each doubt which it is about.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colours in the terminal.")
def verify(network: str, works: tuple[str, ...], **options: Any) -> None:
    """Judge every row of a derivation by hand: WORK is a .tex, .md, .ipynb or .txt file, or - for standard input.

    The rows are held against NETWORK, whatever names they use. A row that is wrong is shown with what is wrong in it and how it
    should be. A row that only defines a name is no fault, and earns nothing. In the end stands which quantities were reached.

    Exit code 0: nothing is wrong; 1: something is wrong; 2: the work cannot be read. Several works, or one with --csv, are a batch:
    what cannot be read does not stop the rest, and the exit code is 0 once every work is judged, or with --strict 1 if any fails.
    """
    asked = _Asked(network, works, **options)
    asked.check()
    sys.exit(asked.run())


@dataclass(frozen=True)
class _Target:
    """A file that is written: a report on the work with this number, or on all of them."""

    format: str
    path: Path
    work: int | None = None


@dataclass(frozen=True)
class _Asked:
    """What the command line asks for."""

    network: str
    works: tuple[str, ...]
    formats: tuple[str, ...]
    output: str | None
    notation: str | None
    expect: str | None
    hints: bool
    witness: bool
    every: bool
    strict: bool
    time_limit: float
    jobs: int
    table: str | None
    marks: str | None
    explain: bool
    color: str

    @property
    def is_batch(self) -> bool:
        return len(self.works) > 1 or self.table is not None

    @property
    def prints(self) -> bool:
        """Does a report go to standard output? With a table of marks only if it is asked for."""
        return self.output in (None, STANDARD) and (self.table is None or bool(self.formats) or self.output == STANDARD)

    def check(self) -> None:
        """Refuse what does not go together, before anything is judged."""
        if self.hints and self.witness:
            raise SymbpError("--hints takes the answers out, and --witness shows one", hint="give one of them")
        if self.works.count(STANDARD) > 1:
            raise SymbpError("standard input can be read once only", hint="give - once")
        if self.marks is not None and self.table is None:
            raise SymbpError("--marks is about a table of marks", hint="say where it goes: --csv marks.csv")
        if self.explain and self.table is None:
            raise SymbpError("--explain is about a table of marks", hint="say where it goes: --csv marks.csv")
        if self.prints and self.table == STANDARD:
            raise SymbpError("the table and a report do not both fit on standard output", hint="give -o, or --csv a file")
        if self.prints and len(set(self.formats)) > 1:
            raise SymbpError("several formats do not fit on standard output", hint="name a directory: -o reports/")
        self._check_files()

    def _check_files(self) -> None:
        """Nothing is written twice, and never over a work."""
        works = {os.path.realpath(work) for work in self.works if work != STANDARD}
        paths = [target.path for target in self.targets()] + ([] if self.table in (None, STANDARD) else [Path(str(self.table))])
        for path, count in Counter(map(os.path.realpath, paths)).items():
            if path in works:
                raise SymbpError("this would be written over a work", Place(str(path)), "name another file or directory")
            if count > 1:
                raise SymbpError("two things would be written to it", Place(str(path)), "name another file for one of them")

    def targets(self) -> list[_Target]:
        """What is written: a file for each format, or in a directory one for each format and work."""
        if self.output in (None, STANDARD):
            return []
        path = Path(str(self.output))
        formats = list(dict.fromkeys(self.formats))
        if str(self.output).endswith(("/", "\\")) or path.is_dir():
            stems = enumerate(_stems(self.works))
            return [_Target(name, path / (stem + EXTENSIONS[name]), at) for at, stem in stems for name in formats or ["txt"]]
        if len(formats) > 1:
            raise SymbpError(f"{self.output!r} is one file for {len(formats)} formats", hint=f"name a directory: -o {path.parent}/")
        return [_Target(formats[0] if formats else _format_of(path), path)]

    def run(self) -> int:
        """Judge, write, and the exit code."""
        from symbp.verification.report.marks import Scheme, read_scheme

        scheme = Scheme() if self.marks is None else read_scheme(Path(self.marks))
        report = self._judged(self._task(scheme))
        self._publish(report, scheme)
        failing = [file for file in report.files if not file.is_clean or (self.strict and file.needs_review)]
        return int(bool(failing) and (self.strict or not self.is_batch))

    def _task(self, scheme: Scheme) -> Task:
        """What each work is judged against; what the marks name is looked for, too."""
        from symbp.verification.report.batch import Task, network
        from symbp.verification.report.verify import VerifyOptions

        expect = [name.strip() for name in (self.expect or "").replace(";", ",").split(",") if name.strip()]
        if self.expect is not None and not expect:
            raise SymbpError("--expect names nothing", hint="names separated by commas, as in dE/dw5,delta_h1")
        expect += scheme.asked(network(self.network, self.notation).vocabulary)
        return Task(self.network, self.notation, VerifyOptions(expect=tuple(dict.fromkeys(expect)), time_limit=self.time_limit))

    def _judged(self, task: Task) -> Report:
        """The report; what a batch cannot read is told on standard error, and it goes on."""
        from symbp.verification.report.batch import Piece, judge, judge_all
        from symbp.verification.report.report import Report
        from symbp.verification.source.sources import MAX_BYTES, decode

        given = decode(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input") if STANDARD in self.works else None
        pieces = [Piece(work, given if work == STANDARD else None) for work in self.works]
        if not self.is_batch:
            return Report((judge(task, pieces[0]),))
        with _progress(len(pieces)) as bar:
            files = judge_all(task, pieces, self.jobs, lambda file: bar.update(1) if bar else None)
        for file in files:
            if file.trouble is not None:
                click.echo(f"symbp: {file.file}: {file.trouble}", err=True)
        return Report(files)

    def _publish(self, report: Report, scheme: Scheme) -> None:
        """Write what was asked for, all files or none, and print."""
        from symbp.publishing.report import render_report
        from symbp.publishing.write import write_files
        from symbp.verification.report.marks import csv_text, explained, mark
        from symbp.verification.report.report import Report

        written = {}
        for target in self.targets():
            part = report if target.work is None else Report((report.files[target.work],))
            written[target.path] = render_report(part, target.format, self._view(to_terminal=False))
        marks = [mark(file, scheme) for file in report.files] if self.table is not None else []
        table = csv_text(marks)
        if self.table not in (None, STANDARD):
            written[Path(str(self.table))] = table
        write_files(written)
        if self.table == STANDARD:
            click.echo(table, nl=False)
        if self.prints:
            view = self._view(to_terminal=True)
            click.echo(render_report(report, self.formats[0] if self.formats else "txt", view), nl=False, color=view.color or None)
        for line in marks if self.explain else ():
            click.echo(explained(line), nl=False, err=self.prints or self.table == STANDARD)
        for path in written:
            click.echo(f"wrote {path}", err=True)

    def _view(self, *, to_terminal: bool) -> View:
        from symbp.publishing.report import View

        is_terminal = to_terminal and sys.stdout.isatty()
        columns = min(WIDEST, max(NARROWEST, shutil.get_terminal_size((80, 24)).columns)) if is_terminal else 80
        return View(self.hints, self.witness, self.every, to_terminal and self._has_color(is_terminal), columns)

    def _has_color(self, is_terminal: bool) -> bool:
        """Colours where they are asked for, or where a terminal shows them and nobody objects: https://no-color.org."""
        if self.color != "auto":
            return self.color == "always"
        return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _format_of(path: Path) -> str:
    """The format that a file's name asks for."""
    known = {extension: name for name, extension in EXTENSIONS.items()}
    if path.suffix not in known:
        raise SymbpError(f"no format is known for {str(path)!r}", hint=f"give --to, or a name that ends in {', '.join(known)}")
    return known[path.suffix]


def _stems(works: Sequence[str]) -> list[str]:
    """A file name for each work: its own, with as many of the folders above as it takes to tell them apart."""
    parts = [tuple(part for part in Path(work).with_suffix("").parts if part not in {"/", "..", "\\"}) for work in works]
    parts = [("standard_input",) if work == STANDARD else names for work, names in zip(works, parts, strict=True)]
    deepest = max(map(len, parts))
    for depth in range(1, deepest + 1):
        stems = ["-".join(names[-depth:]) for names in parts]
        if len(set(stems)) == len(stems):
            return stems
    return [f"{stem}-{at}" for at, stem in enumerate(stems, 1)]


def _progress(length: int) -> Any:
    """A bar on standard error, where that is a terminal."""
    return click.progressbar(length=length, label="judging", file=sys.stderr) if sys.stderr.isatty() else nullcontext()
