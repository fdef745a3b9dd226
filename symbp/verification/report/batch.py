"""Many pieces of work against one network: each in its turn or several at a time, and none of them stops the rest.

A work is judged in a process of its own room, which reads the file itself: a network has functions in it, which do not travel
between processes, so that what travels is names. A process that is killed takes those that work beside it along; whoever was at
work is then judged alone, and who is killed once more is the one. Each work has limits: of the processor's time, of memory, and of
time by the clock, which ends a process that waits for something that never comes.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from symbp.errors import Place, SymbpError, clipped
from symbp.network.reader import load
from symbp.network.spec import NetworkSpec
from symbp.verification.report.files import Part
from symbp.verification.report.report import FileReport
from symbp.verification.report.submissions import Convert, Gathered, Submission, gathered, told
from symbp.verification.source.sources import kind_of_text

if TYPE_CHECKING:
    from symbp.verification.report.verify import VerifyOptions

KILLED: Final = "it could not be judged: it took too long or too much memory"
LONGEST_SECONDS, ROWS = 300, 150
"""So long may a process work on one file, or so many times as long as on a row."""
PATIENCE: Final = 4
"""So many times as long as on one file a process may take by the clock, since other processes compute too."""
MEMORY: Final = 2 * 2**30
"""So many bytes of memory a process may take beyond what it begins with."""
WITHOUT_NUMBER: Final = 4 * 2**30
"""So many bytes in all, where a process cannot tell what it has."""


def no_office(content: bytes, name: str) -> str:
    """What stands where nothing makes text of the files of word processors."""
    raise SymbpError("work is not read from a file of a word processor here", Place(name), "save it as Markdown or LaTeX")


@dataclass(frozen=True, slots=True)
class Task:
    """What every work of a batch is judged against: a network's name, a notation that overrides its own, and how.

    `convert` makes Markdown of the files of word processors."""

    network: str
    notation: str | None
    options: VerifyOptions
    convert: Convert = no_office


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work: a submission, or what came on standard input with its text."""

    submission: Submission
    text: str | None = None

    @property
    def file(self) -> str:
        return self.submission.name

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.submission.parts

    @property
    def unread(self) -> tuple[tuple[str, str], ...]:
        return self.submission.unread

    @property
    def trouble(self) -> str | None:
        return self.submission.trouble


@cache
def network(name: str, notation: str | None) -> NetworkSpec:
    """The network called `name`, loaded once in a process."""
    return load(name).with_options(notation)


def judge(task: Task, piece: Piece) -> FileReport:
    """One work, judged here; what cannot be read is a SymbpError."""
    from symbp.verification.report.verify import verify_file

    if piece.trouble is not None:
        raise SymbpError(piece.trouble, Place(piece.file))
    found = gathered(piece.submission, task.convert) if piece.text is None else Gathered(piece.text, kind_of_text(piece.text))
    report = verify_file(network(task.network, task.notation), found.text, found.kind, piece.file, task.options)
    told_of = {"lines": found.lines, "not_read": "; ".join(found.unread)}
    return replace(
        report, conventions={**report.conventions, **{key: said for key, said in told_of.items() if said}}, not_read=found.unread
    )


def judged(task: Task, piece: Piece) -> FileReport:
    """One work, judged here; what is in the way is told in the report."""
    try:
        return judge(task, piece)
    except SymbpError as error:
        return FileReport(piece.file, trouble=told(error))
    except MemoryError:
        return FileReport(piece.file, trouble=KILLED)
    except Exception as error:  # whatever it is, the other works are judged
        return _not_judged(piece, error)


def _not_judged(piece: Piece, error: BaseException) -> FileReport:
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return FileReport(piece.file, trouble=f"it could not be judged ({clipped(reason, 200)})")


def judge_all(task: Task, pieces: Sequence[Piece], jobs: int, done: Callable[[int, FileReport], None]) -> None:
    """Every work, `jobs` at a time; `done` is told of each, by its number, as soon as it is judged. No report is kept here."""
    network(task.network, task.notation)
    finished: set[int] = set()
    waiting = deque(range(len(pieces)))

    def keep(at: int, report: FileReport) -> None:
        finished.add(at)
        done(at, report)

    try:
        while waiting:
            for at in _round(task, pieces, waiting, min(jobs, len(waiting)), keep):
                keep(at, _alone(task, pieces[at]))
    except (ImportError, NotImplementedError, OSError):  # a machine without what processes need to talk to each other
        for at in range(len(pieces)):
            if at not in finished:
                keep(at, judged(task, pieces[at]))


def _round(task: Task, pieces: Sequence[Piece], waiting: deque[int], jobs: int, keep: Callable[[int, FileReport], None]) -> tuple[int, ...]:
    """Judge what is waiting, until nothing is, or a process is killed: then those that were not done, of which one is to blame."""
    running: dict[Future[FileReport], int] = {}
    broken: list[int] = []
    with _processes(jobs) as pool:
        while running or (waiting and not broken):
            while waiting and not broken and len(running) < jobs:
                at = waiting.popleft()
                try:
                    running[pool.submit(_in_its_own_room, task, pieces[at])] = at
                except BrokenProcessPool:
                    broken.append(at)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                at = running.pop(future)
                match future.exception():
                    case None:
                        keep(at, future.result())
                    case BrokenProcessPool():
                        broken.append(at)
                    case error:
                        keep(at, _not_judged(pieces[at], error))
    return tuple(sorted(broken))


def _alone(task: Task, piece: Piece) -> FileReport:
    with _processes(1) as pool:
        future = pool.submit(_in_its_own_room, task, piece)
        match future.exception():
            case None:
                return future.result()
            case BrokenProcessPool():
                return FileReport(piece.file, trouble=KILLED)
            case error:
                return _not_judged(piece, error)


@contextmanager
def _processes(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end with the work: after an interruption nothing new is begun, and nobody is waited for."""
    pool = ProcessPoolExecutor(jobs, initializer=_begin)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _begin() -> None:
    """In a new process: an interruption ends it without a word, since the first one has the say; and memory has an end."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _limit_memory()


def _in_its_own_room(task: Task, piece: Piece) -> FileReport:
    seconds = max(LONGEST_SECONDS, round(ROWS * task.options.time_limit))
    _limit(seconds)
    with _watched(PATIENCE * seconds):
        report = judged(task, piece)
    if report.trouble == KILLED:  # this process has no memory left, and others are to be judged
        os._exit(1)
    return report


@contextmanager
def _watched(seconds: float) -> Iterator[None]:
    """After so many seconds by the clock the system ends this process, even where it waits; where it cannot, nothing is done."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limit(seconds: int) -> None:
    """From now on so much time of the processor, after which the process is killed; where the system has no such limit, none."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, round(used.ru_utime + used.ru_stime) + seconds)
    _lower(resource.RLIMIT_CORE, 0)


def _limit_memory() -> None:
    """From now on so much memory; where the system has no such limit, none."""
    try:
        import resource
    except ImportError:
        return
    try:
        used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        used = WITHOUT_NUMBER - MEMORY
    with suppress(ValueError, OSError):  # a system that counts otherwise
        _lower(resource.RLIMIT_AS, used + MEMORY)


def _lower(limit: int, most: int) -> None:
    """Put a limit of the process at `most`, or at the highest that it may have."""
    import resource

    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
