"""Many pieces of work against one network: each in its turn or several at a time, and none of them stops the rest.

A work is judged in a process of its own room, which reads the file itself: a network has functions in it, which do not travel
between processes, so that what travels is names. A process that is killed takes those that work beside it along; whoever was at
work is then judged alone, and who is killed once more is the one.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from symbp.errors import SymbpError
from symbp.network.reader import load
from symbp.network.spec import NetworkSpec
from symbp.verification.report.report import FileReport
from symbp.verification.source.sources import kind_of_text, read_work

if TYPE_CHECKING:
    from symbp.verification.report.verify import VerifyOptions

KILLED: Final = "it could not be judged: it took too long or too much memory"
LONGEST_SECONDS, ROWS = 300, 150
"""So long may a process work on one file, or so many times as long as on a row."""


@dataclass(frozen=True, slots=True)
class Task:
    """What every work of a batch is judged against: a network's name, a notation that overrides its own, and how."""

    network: str
    notation: str | None
    options: VerifyOptions


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work: a file, or what came on standard input with its text."""

    file: str
    text: str | None = None


@cache
def network(name: str, notation: str | None) -> NetworkSpec:
    """The network called `name`, loaded once in a process."""
    return load(name).with_options(notation)


def judge(task: Task, piece: Piece) -> FileReport:
    """One work, judged here; what cannot be read is a SymbpError."""
    from symbp.verification.report.verify import verify_file

    text, kind = read_work(Path(piece.file)) if piece.text is None else (piece.text, kind_of_text(piece.text))
    return verify_file(network(task.network, task.notation), text, kind, piece.file, task.options)


def judged(task: Task, piece: Piece) -> FileReport:
    """One work, judged here; what is in the way is told in the report."""
    try:
        return judge(task, piece)
    except SymbpError as error:
        return FileReport(piece.file, trouble=_reason(error))
    except Exception as error:  # whatever it is, the other works are judged
        return _not_judged(piece, error)


def _reason(error: SymbpError) -> str:
    """What is the matter, in one line, without the file's name."""
    line = f"line {error.place.line}: " if error.place and error.place.line else ""
    return line + error.message + (f" ({error.hint})" if error.hint else "")


def _not_judged(piece: Piece, error: BaseException) -> FileReport:
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return FileReport(piece.file, trouble=f"it could not be judged ({reason[:200]})")


def judge_all(
    task: Task, pieces: Sequence[Piece], jobs: int = 1, done: Callable[[FileReport], None] = lambda report: None
) -> tuple[FileReport, ...]:
    """Every work, `jobs` at a time, in the order in which they are given; `done` is told of each as soon as it is judged."""
    network(task.network, task.notation)
    found: dict[int, FileReport] = {}
    waiting = deque(range(len(pieces)))

    def keep(at: int, report: FileReport) -> None:
        found[at] = report
        done(report)

    try:
        while waiting:
            for at in _round(task, pieces, waiting, min(jobs, len(waiting)), keep):
                keep(at, _alone(task, pieces[at]))
    except (ImportError, NotImplementedError, OSError):  # a machine without what processes need to talk to each other
        for at in range(len(pieces)):
            if at not in found:
                keep(at, judged(task, pieces[at]))
    return tuple(found[at] for at in range(len(pieces)))


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
    """In a new process: an interruption ends it without a word, since the first one has the say."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _in_its_own_room(task: Task, piece: Piece) -> FileReport:
    _limit(max(LONGEST_SECONDS, round(ROWS * task.options.time_limit)))
    return judged(task, piece)


def _limit(seconds: int) -> None:
    """From now on so much time of the processor, after which the process is killed; where the system has no such limit, none."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = round(used.ru_utime + used.ru_stime) + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
