"""`symbp verify` on many works: judged one by one, kept as they come, then written; what stops a batch is told in one clear line.

Reports lie in a journal on disk, and are taken from it when they are needed: what is in memory does not grow with them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from symbp.errors import Place, SymbpError, clipped
from symbp.publishing.report import render_report
from symbp.publishing.write import Journal, write_files
from symbp.verification.report import batch as batches
from symbp.verification.report.kept import key_of, line_of, report_of
from symbp.verification.report.report import FileReport, Report

if TYPE_CHECKING:
    from symbp.cli_verify import Asked
    from symbp.verification.report.batch import Piece, Task
    from symbp.verification.report.exports import Graded
    from symbp.verification.report.marks import Mark, Scheme

STANDARD: Final = "-"
LONGEST_NAME: Final = 300


def run_one(asked: Asked, task: Task, piece: Piece) -> bool:
    """One work alone: what cannot be read is an error. Does it fail?"""
    report = batches.judge(task, piece)
    written = {target.path: render_report(Report((report,)), target.format, asked.view(to_terminal=False)) for target in asked.targets()}
    write_files(written)
    if asked.prints:
        printed(asked, Report((report,)))
    tell_written(list(written))
    return asked.fails(report.is_clean, report.needs_review)


def run_batch(asked: Asked, task: Task, pieces: Sequence[Piece], scheme: Scheme) -> bool:
    """Every work, whatever becomes of the others; then everything is written, or nothing. Does any fail?"""
    journal = Journal(asked.journal)
    if not asked.resume and asked.journal is not None and asked.journal.exists():
        raise SymbpError(
            "this is what an interrupted batch has judged", Place(str(asked.journal)), "--resume goes on with it; or remove it"
        )
    batch = _Batch(asked, task, pieces, scheme, journal)
    is_done = False
    try:
        batch.judge()
        failing = batch.publish()
        is_done = True
    except KeyboardInterrupt:
        if asked.journal is not None and batch.at:
            click.echo(
                f"symbp: interrupted; {len(batch.at)} of {len(pieces)} works are kept in {asked.journal}: --resume goes on", err=True
            )
        raise
    finally:
        journal.close(removes=is_done and not asked.resume)
    return failing


@dataclass
class _Batch:
    """A batch: `at` is where in the journal the report on each work lies."""

    asked: Asked
    task: Task
    pieces: Sequence[Piece]
    scheme: Scheme
    journal: Journal
    at: dict[int, int] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    failing: bool = False

    def judge(self) -> None:
        """Judge what is not judged yet, and keep each report as soon as it is there."""
        keys = self._keys()
        left = [at for at in range(len(self.pieces)) if at not in self.at]
        if len(left) < len(self.pieces):
            click.echo(f"symbp: {len(self.pieces) - len(left)} of {len(self.pieces)} works are judged already", err=True)
        with _progress(len(left)) as bar:

            def keep(number: int, report: FileReport) -> None:
                at = left[number]
                lasts = report.trouble is None and keys is not None
                self.at[at] = self.journal.append(line_of((keys[at] or "") if keys is not None and lasts else "", report))
                if bar:
                    bar.update(1)

            if left:
                batches.judge_all(self.task, [self.pieces[at] for at in left], self.asked.jobs, keep)

    def _keys(self) -> list[str | None] | None:
        """What each report depends on, where it is kept under a name; and those that are there already are found."""
        if self.journal.path is None:
            return None
        keys = [key_of(self.task, piece) for piece in self.pieces]
        waiting: dict[str, list[int]] = {}
        for at, key in enumerate(keys):
            if key is not None:
                waiting.setdefault(key, []).append(at)
        for place, line in self.journal.lines():
            found = report_of(line)
            for at in waiting.get(found[0], []) if found else ():
                self.at[at] = place
        return keys

    def report(self, at: int) -> FileReport:
        """The report on a work."""
        found = report_of(self.journal.line(self.at[at]))
        if found is None:
            raise SymbpError("what was judged cannot be read again", Place(str(self.journal.path or "a temporary file")), "judge it again")
        return found[1]

    def reports(self) -> Iterator[FileReport]:
        return (self.report(at) for at in range(len(self.pieces)))

    # -- what is written ---------------------------------------------------------------------------------------------------------

    def publish(self) -> bool:
        """Marks and what is to be told first, then all files; and does any work fail?"""
        from symbp.verification.report.marks import csv_text, explained

        self._look_through()
        table = csv_text(self.marks) if self.asked.table is not None else ""
        paths: list[Path] = []

        def named() -> Iterator[tuple[Path, str | bytes]]:
            for path, content in self._files(table):
                paths.append(path)
                yield path, content

        write_files(named())
        if self.asked.table == STANDARD:
            echoed(lambda: click.echo(table, nl=False))
        if self.asked.prints:
            printed(self.asked, Report(tuple(self.reports())))
        for line in self.marks if self.asked.explain else ():
            click.echo(explained(line), nl=False, err=self.asked.prints or self.asked.table == STANDARD)
        tell_written(paths)
        return self.failing

    def _look_through(self) -> None:

        from symbp.verification.report.exports import visible
        from symbp.verification.report.marks import mark

        for report in self.reports():
            if report.trouble is not None:
                click.echo(f"symbp: {clipped(report.file, LONGEST_NAME)}: {visible(report.trouble)}", err=True)
            self.failing = self.failing or self.asked.fails(report.is_clean, report.needs_review)
            if self.asked.gives_marks:
                self.marks.append(mark(replace(report, file=_cell(report.file)), self.scheme))

    def _files(self, table: str) -> Iterator[tuple[Path, str | bytes]]:
        """Everything that is written, one by one."""
        asked = self.asked
        for target in asked.targets():
            if target.work is None:
                yield target.path, render_report(Report(tuple(self.reports())), target.format, self._view())
            else:
                yield target.path, self._feedback(target.work, target.format)
        if asked.table not in (None, STANDARD):
            yield Path(str(asked.table)), table
        if asked.summary is not None:
            yield Path(asked.summary), self._summary(Path(asked.summary).suffix[1:])
        if asked.moodle is not None:
            yield from self._moodle(Path(asked.moodle))
        if asked.gradescope is not None:
            yield from self._gradescope(asked.gradescope)

    def _view(self, at: int | None = None) -> Any:
        numbers = range(len(self.pieces)) if at is None else [at]
        said = {self.pieces[n].file: sentence(self.marks[n]) for n in numbers} if self.marks else {}
        return self.asked.view(to_terminal=False, marks=said)

    def _feedback(self, at: int, name: str) -> str:
        """The report on a work, with its marks."""
        return render_report(Report((self.report(at),)), name, self._view(at))

    def _summary(self, name: str) -> str:
        from symbp.publishing.class_report import render_class
        from symbp.verification.report.summary import Tally

        tally = Tally()
        for report in self.reports():
            tally.add(report)
        return render_class(tally.done(), name)

    def _graded(self, at: int) -> Graded:
        from symbp.verification.report.exports import Graded

        report = self.report(at)
        quantities = tuple((one.name, one.status == "reached") for one in report.reached)
        return Graded(self.marks[at], self.pieces[at].submission.student, sentence(self.marks[at]), quantities)

    def _moodle(self, folder: Path) -> Iterator[tuple[Path, str | bytes]]:
        from symbp.verification.report.exports import feedback_zip, worksheet
        from symbp.verification.report.files import regular
        from symbp.verification.source.sources import decode

        known = [at for at, piece in enumerate(self.pieces) if piece.submission.student is not None and piece.submission.student.id]
        if len(known) < len(self.pieces):
            click.echo(f"symbp: {len(self.pieces) - len(known)} works name no participant, and are not in Moodle's files", err=True)
        given = None
        if self.asked.worksheet is not None:
            content = regular(Path(self.asked.worksheet))
            given = "\ufeff" * content.startswith(b"\xef\xbb\xbf") + decode(content, self.asked.worksheet)
        yield folder / "grading_worksheet.csv", worksheet((self._graded(at) for at in known), given, self.asked.worksheet or "worksheet")
        name = (self.asked.formats or ("html",))[0]
        entries = ((at, self.pieces[at].submission.student) for at in known)
        files = ((who, f"feedback.{name}", self._feedback(at, name).encode("utf-8")) for at, who in entries if who is not None)
        yield folder / "feedback.zip", feedback_zip(files)

    def _gradescope(self, place: str) -> Iterator[tuple[Path, str | bytes]]:

        from symbp.verification.report.exports import gradescope_results

        is_file = place.endswith(".json")
        if is_file and len(self.pieces) > 1:
            raise SymbpError(f"{place!r} is one file for {len(self.pieces)} works", hint="name a folder")
        for at, stem in enumerate(self.asked.stems):
            graded = self._graded(at)
            text = gradescope_results(replace(graded, comment=self._feedback(at, "txt")))
            if text is None:
                click.echo(f"symbp: {clipped(self.pieces[at].file, LONGEST_NAME)}: a person gives the marks; no results.json", err=True)
            else:
                yield Path(place) if is_file else Path(place, stem, "results.json"), text


def _cell(name: str) -> str:
    """A name for the table of marks, which itself looks after the beginnings of cells that it knows of."""
    from symbp.verification.report.exports import harmless

    text = harmless(name)
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text


def sentence(mark: Mark) -> str:
    """The marks of a work as its student reads them."""
    from symbp.verification.report.exports import settled
    from symbp.verification.report.marks import shown

    given = settled(mark)
    return "A person will give the marks." if given is None else f"{shown(given)} of {shown(mark.out_of)} marks."


# -- standard output -----------------------------------------------------------------------------------------------------------------


def printed(asked: Asked, report: Report) -> None:
    """The report on standard output."""
    view = asked.view(to_terminal=True)
    text = render_report(report, asked.formats[0] if asked.formats else "txt", view)
    echoed(lambda: click.echo(text, nl=False, color=view.color or None))


def tell_written(paths: Sequence[Path]) -> None:
    for path in paths:
        click.echo(f"wrote {clipped(str(path), LONGEST_NAME)}", err=True)


def echoed(echo: Callable[[], None]) -> None:
    """Print; where nobody reads any more, or there is no room, that is one clear error, and nothing more is tried."""
    try:
        echo()
        sys.stdout.flush()
    except OSError as error:
        with Path(os.devnull).open("wb") as nowhere, suppress(OSError, ValueError):
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise SymbpError(f"cannot write to standard output: {error.strerror or error}") from None


def _progress(length: int) -> Any:
    """A bar on standard error, where that is a terminal."""
    return click.progressbar(length=length, label="judging", file=sys.stderr) if sys.stderr.isatty() and length else nullcontext()
