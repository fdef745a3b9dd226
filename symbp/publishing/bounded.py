"""Limits for what a user's template does: seconds, characters, memory. The sandbox keeps it from doing harm, these from never ending."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

SECONDS = 30.0
CHARACTERS = 50_000_000
MEMORY = 2**30
"""So many bytes of memory beyond what is there already, where the system tells."""


class TakesTooMuch(Exception):
    """A template that goes beyond a limit."""


def limited(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces of a text, as they come, within the limits."""
    end, length = time.monotonic() + SECONDS, 0
    with _alarm(), _less_memory():
        for piece in pieces:
            length += len(piece)
            if length > CHARACTERS:
                raise TakesTooMuch(f"it writes more than {CHARACTERS} characters")
            if time.monotonic() > end:
                raise _late()
            yield piece


def _late() -> TakesTooMuch:
    return TakesTooMuch(f"it runs for more than {SECONDS:g} seconds")


@contextmanager
def _alarm() -> Iterator[None]:
    """An end even where nothing is written, by the clock of the main thread; in another thread only what is written has one."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise _late()

    before = signal.signal(signal.SIGALRM, ring)
    left, _ = signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _less_memory() -> Iterator[None]:
    """For a while less memory for the process; where the system has no such limit, or does not tell what is taken, none."""
    try:
        import resource

        used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        before = resource.getrlimit(resource.RLIMIT_AS)
    except (ImportError, OSError, ValueError, IndexError):
        yield
        return
    wanted = used + MEMORY
    if before[0] != resource.RLIM_INFINITY:
        wanted = min(wanted, before[0])
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (wanted, before[1]))
    try:
        yield
    finally:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, before)
