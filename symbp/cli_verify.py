"""`symbp verify`: the command, its options, and what of them goes together. What is heavy is imported by what needs it."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from symbp.cli import NOTATION
from symbp.errors import Place, SymbpError

if TYPE_CHECKING:
    from symbp.publishing.report import View
    from symbp.verification.report.batch import Piece, Task
    from symbp.verification.report.marks import Scheme
    from symbp.verification.report.submissions import Submission

EXTENSIONS: Final = {"txt": ".txt", "json": ".json", "html": ".html", "md": ".md", "tex": ".tex"}
STANDARD: Final = "-"
"""What stands for standard input and output."""
NARROWEST, WIDEST = 40, 120
LONGEST_STEM: Final = 60
"""So many characters the name of a written file has before its ending, at most: some systems take 255 bytes."""
KEPT: Final = ".verdicts"
"""What the name of the file ends in that keeps what is judged, until the batch is done."""


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
@click.option("--student", metavar="PATTERN", help="Who a work is from, by the name of its file or folder, as in '{id}_{name}'.")
@click.option("--resume", is_flag=True, help="Go on with a batch that was interrupted; what is judged is kept, and not judged again.")
@click.option("--parents", is_flag=True, help="Make the folders above those that are named for output, too.")
@click.option("--csv", "table", metavar="FILE", help="Write a line of marks for each work; - is standard output.")
@click.option("--marks", metavar="FILE.toml", help="What is given marks; otherwise one for each quantity that is reached.")
@click.option("--explain", is_flag=True, help="With --csv, say for each mark which rows earned it, and for each doubt which it is about.")
@click.option("--moodle", metavar="FOLDER", help="Write Moodle's grading worksheet and its feedback archive into FOLDER.")
@click.option("--worksheet", metavar="FILE.csv", help="The grading worksheet that Moodle gave, to be filled in.")
@click.option("--gradescope", metavar="FOLDER", help="Write Gradescope's results.json of each work into FOLDER; or of one, as FILE.json.")
@click.option("--summary", metavar="FILE", help="Write a report on the class: FILE.html or FILE.md.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colours in the terminal.")
def verify(network: str, works: tuple[str, ...], **options: Any) -> None:
    """Judge every row of a derivation by hand: WORK is a .tex, .md, .ipynb or .txt file, or - for standard input.

    WORK may also be a .docx file (by pandoc), or a folder or .zip archive of works, as Moodle, Canvas and Gradescope export them; the
    files of one student are one work. No link is followed.

    The rows are held against NETWORK, whatever names they use. A row that is wrong is shown with what is wrong in it and how it
    should be. A row that only defines a name is no fault, and earns nothing. In the end stands which quantities were reached.

    Exit code 0: nothing is wrong; 1: something is wrong; 2: the work cannot be read. Several works, or one with --csv, are a batch:
    what cannot be read does not stop the rest, and the exit code is 0 once every work is judged, or with --strict 1 if any fails.
    """
    asked = Asked(network, works, **options)
    asked.check()
    sys.exit(asked.run())


@dataclass(frozen=True)
class Target:
    """A file that is written: a report on the work with this number, or on all of them."""

    format: str
    path: Path
    work: int | None = None


@dataclass(frozen=True)
class Asked:
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
    student: str | None
    resume: bool
    parents: bool
    table: str | None
    marks: str | None
    explain: bool
    moodle: str | None
    worksheet: str | None
    gradescope: str | None
    summary: str | None
    color: str

    @property
    def is_batch(self) -> bool:
        return len(self.submissions) > 1 or self.gives_marks or self.summary is not None or self.resume

    @property
    def gives_marks(self) -> bool:
        """Are there marks to be given?"""
        return any(one is not None for one in (self.table, self.moodle, self.gradescope))

    @cached_property
    def submissions(self) -> list[Submission]:
        """What is judged; the files themselves are not opened yet."""
        from symbp.verification.report.submissions import Submission, collected
        from symbp.verification.report.systems import own_pattern

        own = own_pattern(self.student) if self.student is not None else None
        found: list[Submission] = []
        named: list[str] = []
        for work in self.works:
            if work == STANDARD:
                found += collected(named, own)
                named = []
                found.append(Submission(STANDARD))
            else:
                named.append(work)
        return found + collected(named, own)

    @property
    def prints(self) -> bool:
        """Does a report go to standard output? With a table of marks only if it is asked for."""
        is_quiet = self.gives_marks or self.summary is not None
        return self.output in (None, STANDARD) and (not is_quiet or bool(self.formats) or self.output == STANDARD)

    def check(self) -> None:
        """Refuse what does not go together, before anything is judged."""
        if self.hints and self.witness:
            raise SymbpError("--hints takes the answers out, and --witness shows one", hint="give one of them")
        if self.works.count(STANDARD) > 1:
            raise SymbpError("standard input can be read once only", hint="give - once")
        if self.marks is not None and not self.gives_marks:
            raise SymbpError("--marks is about a table of marks", hint="say where it goes: --csv marks.csv")
        if self.explain and self.table is None:
            raise SymbpError("--explain is about a table of marks", hint="say where it goes: --csv marks.csv")
        if self.prints and self.table == STANDARD:
            raise SymbpError("the table and a report do not both fit on standard output", hint="give -o, or --csv a file")
        if self.prints and len(set(self.formats)) > 1:
            raise SymbpError("several formats do not fit on standard output", hint="name a directory: -o reports/")
        if self.worksheet is not None and self.moodle is None:
            raise SymbpError("--worksheet is filled in by --moodle", hint="say where it goes: --moodle FOLDER")
        if self.summary is not None and Path(self.summary).suffix not in (".html", ".md"):
            raise SymbpError(f"no class report is made as {self.summary!r}", hint="a name that ends in .html or .md")
        if self.resume and self.journal is None:
            raise SymbpError("--resume needs a file that is written", hint="--csv marks.csv, or -o reports/")
        self._check_folders()
        self._check_files()

    @property
    def journal(self) -> Path | None:
        """Where what is judged is kept while the batch goes on: beside the first thing that is written."""
        for one in (self.table, self.output, self.moodle, self.gradescope, self.summary):
            if one not in (None, STANDARD):
                path = Path(str(one))
                return path.with_name(path.name + KEPT) if path.name else None
        return None

    def _check_folders(self) -> None:
        """A folder is made where its parent is there; more only where that is asked for."""
        if self.parents:
            return
        for one in (self.table, self.output, self.moodle, self.gradescope, self.summary):
            if one in (None, STANDARD):
                continue
            path = Path(str(one))
            is_folder = one in (self.moodle,) or str(one).endswith(("/", "\\")) or (one == self.gradescope and path.suffix != ".json")
            folder = path if is_folder else path.parent
            if not folder.exists() and not folder.parent.exists():
                raise SymbpError("the folder above it is not there", Place(str(folder)), "--parents makes it")

    def _check_files(self) -> None:
        """Nothing is written twice, and never over a work."""
        works = {os.path.realpath(part.path) for one in self.submissions for part in one.parts}
        paths = [target.path for target in self.targets()]
        paths += [Path(one) for one in (self.table, self.summary) if one is not None and one != STANDARD]
        if self.worksheet is not None and self.moodle is not None:
            works.add(os.path.realpath(self.worksheet))
            paths.append(Path(self.moodle, "grading_worksheet.csv"))
        for path, count in Counter(map(os.path.realpath, paths)).items():
            if path in works:
                raise SymbpError("this would be written over a work", Place(str(path)), "name another file or directory")
            if count > 1:
                raise SymbpError("two things would be written to it", Place(str(path)), "name another file for one of them")

    def targets(self) -> list[Target]:
        """What is written: a file for each format, or in a directory one for each format and work."""
        if self.output in (None, STANDARD):
            return []
        path = Path(str(self.output))
        formats = list(dict.fromkeys(self.formats))
        if str(self.output).endswith(("/", "\\")) or path.is_dir():
            stems = enumerate(self.stems)
            return [Target(name, path / (stem + EXTENSIONS[name]), at) for at, stem in stems for name in formats or ["txt"]]
        if len(formats) > 1:
            raise SymbpError(f"{self.output!r} is one file for {len(formats)} formats", hint=f"name a directory: -o {path.parent}/")
        return [Target(formats[0] if formats else _format_of(path), path)]

    @cached_property
    def stems(self) -> list[str]:
        """A name for the files about each work."""
        return _stems([one.name if one.student is None else f"{one.student.shown}_{one.student.id}" for one in self.submissions])

    def run(self) -> int:
        """Judge, write, and the exit code."""
        from symbp.cli_batch import run_batch, run_one
        from symbp.verification.report.marks import Scheme, read_scheme

        scheme = Scheme() if self.marks is None else read_scheme(Path(self.marks))
        task = self._task(scheme)
        pieces = self._pieces()
        failing = run_batch(self, task, pieces, scheme) if self.is_batch else run_one(self, task, pieces[0])
        return int(bool(failing) and (self.strict or not self.is_batch))

    def fails(self, is_clean: bool, needs_review: bool) -> bool:
        """Does a work of which this was found count as a failure?"""
        return not is_clean or (self.strict and needs_review)

    def _task(self, scheme: Scheme) -> Task:
        """What each work is judged against; what the marks name is looked for, too."""
        from symbp.publishing.pandoc import markdown_of
        from symbp.verification.report.batch import Task, network
        from symbp.verification.report.verify import VerifyOptions

        expect = [name.strip() for name in (self.expect or "").replace(";", ",").split(",") if name.strip()]
        if self.expect is not None and not expect:
            raise SymbpError("--expect names nothing", hint="names separated by commas, as in dE/dw5,delta_h1")
        expect += scheme.asked(network(self.network, self.notation).vocabulary)
        options = VerifyOptions(expect=tuple(dict.fromkeys(expect)), time_limit=self.time_limit)
        return Task(self.network, self.notation, options, markdown_of)

    def _pieces(self) -> list[Piece]:
        from symbp.verification.report.batch import Piece
        from symbp.verification.source.sources import MAX_BYTES, decode

        given = decode(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input") if STANDARD in self.works else None
        return [Piece(one, given if one.name == STANDARD and not one.parts else None) for one in self.submissions]

    def view(self, *, to_terminal: bool, marks: Mapping[str, str] | None = None) -> View:
        """How a report is shown."""
        from symbp.publishing.report import View

        is_terminal = to_terminal and sys.stdout.isatty()
        columns = min(WIDEST, max(NARROWEST, shutil.get_terminal_size((80, 24)).columns)) if is_terminal else 80
        return View(self.hints, self.witness, self.every, to_terminal and self._has_color(is_terminal), columns, marks or {})

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


def _stems(works: list[str]) -> list[str]:
    """A file name for each work: its own, with as many of the folders above as it takes to tell them apart."""
    parts = [tuple(map(_safe, _parts(work))) for work in works]
    parts = [("standard_input",) if work == STANDARD else names or ("work",) for work, names in zip(works, parts, strict=True)]
    deepest = max(map(len, parts))
    for depth in range(1, deepest + 1):
        stems = ["-".join(names[-depth:]) for names in parts]
        if len({stem.casefold() for stem in stems}) == len(stems) and max(map(len, stems)) <= LONGEST_STEM:
            return stems
    return [f"{'-'.join(names)[:LONGEST_STEM]}-{at}" for at, names in enumerate(parts, 1)]


def _parts(work: str) -> list[str]:
    """The folders of a name, and the file's own without the ending that says what it is."""
    from symbp.verification.report.files import READ

    path = Path(work)
    path = path.with_suffix("") if path.suffix.lower() in READ else path
    return [part for part in path.parts if part not in {"/", "..", "\\"}]


def _safe(part: str) -> str:
    """A part of a name, without what would move or hide something where the name is shown."""
    return re.sub(r"^[=+@-]+", "", "".join(c if c.isprintable() and c not in '\\:*?"<>|' else "-" for c in part)) or "work"
