"""The only module that writes files: all of them, or none; never half of one."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from symbp.errors import Place, SymbpError

PREFIX, SUFFIX = ".symbp-", ".tmp"
"""What the names of temporaries begin and end with."""
STALE = 3600
"""Seconds after which a temporary belongs to no run any more."""


def write_files(texts: Mapping[Path, str | bytes] | Iterable[tuple[Path, str | bytes]]) -> None:
    """Put each text, as UTF-8, or each content under its name. New content is on disk beside the old before the first name is replaced.

    A symbolic link is followed: what it points to is replaced, the link stays. Where one name cannot be replaced, those that
    were get their old content back. Killed at any moment, it leaves every name with its old content or its new, and perhaps temporaries,
    which a later run removes. Pairs are taken one by one, so that not all texts need be there at once.
    """
    ready: list[tuple[Path, Path]] = []
    spare: list[Path] = []
    done: list[tuple[Path, Path | None]] = []
    current = Path()
    swept: set[Path] = set()
    try:
        for path, text in texts.items() if isinstance(texts, Mapping) else texts:
            current = path
            ready.append((_stored(path, text if isinstance(text, bytes) else text.encode("utf-8"), swept), path))
        for temporary, path in ready:
            current = path
            target = Path(os.path.realpath(path))
            kept = _stored(path, target.read_bytes(), swept) if target.exists() and len(ready) > 1 else None
            spare += [kept] if kept else []
            os.replace(temporary, target)
            done.append((target, kept))
    except BaseException as error:
        for target, kept in done:
            _restore(target, kept)
        if isinstance(error, OSError | ValueError):
            reason = (isinstance(error, OSError) and error.strerror) or error
            raise SymbpError(f"cannot write: {reason}", Place(str(current))) from None
        raise
    finally:
        for left in (*(temporary for temporary, _ in ready), *spare):
            with suppress(OSError):
                left.unlink()


def _restore(target: Path, kept: Path | None) -> None:
    with suppress(OSError):
        if kept is None:
            target.unlink()
        else:
            kept.replace(target)


def _stored(path: Path, content: bytes, swept: set[Path]) -> Path:
    """`content` in a temporary file in the folder of `path`, safely on disk; `swept` are the folders that were swept already."""
    if path.is_dir():
        raise SymbpError("cannot write: it is a directory", Place(str(path)), "name a file, or end a directory's name with a slash")
    if path.exists() and not path.is_file():
        raise SymbpError("cannot write: it is not a regular file", Place(str(path)), "use -o - for standard output")
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise SymbpError(
            "cannot write: it is a symbolic link that leads back to itself", Place(str(path)), "remove it, or name another file"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.parent not in swept:
        _sweep(target.parent)
        swept.add(target.parent)
    handle, name = tempfile.mkstemp(prefix=PREFIX, suffix=SUFFIX, dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    return Path(name)


def _sweep(folder: Path) -> None:
    """Remove what runs that were killed left in `folder`; a run that goes on has no temporary that is so old."""
    for left in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with suppress(OSError):
            if left.lstat().st_mtime < time.time() - STALE:
                left.unlink()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


class Journal:
    """Lines that are added one by one and stay when the process is killed; each can be read again by where it begins.

    The file at `path` is made with the first line; without a `path` it is a temporary one. Only its last line may be half written.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def append(self, line: str) -> int:
        """Add a line, which has no line feed in it, and say where it begins."""
        try:
            file = self._opened(is_new=True)
            assert file is not None
            at = file.seek(0, os.SEEK_END)
            if at and not self._ends(file, at):
                at += file.write(b"\n")
            file.write(line.encode("utf-8") + b"\n")
            file.flush()
        except (OSError, ValueError) as error:
            reason = (isinstance(error, OSError) and error.strerror) or error
            raise SymbpError(f"cannot write: {reason}", Place(str(self.path or "a temporary file"))) from None
        return at

    def line(self, at: int) -> str:
        """The line that begins at `at`."""
        assert self._file is not None
        self._file.seek(at)
        return self._file.readline().decode("utf-8", "replace").rstrip("\n")

    def lines(self) -> Iterator[tuple[int, str]]:
        """Every line that is there, with where it begins."""
        file = self._opened(is_new=False)
        if file is None:
            return
        at = file.seek(0)
        while line := file.readline():
            yield at, line.decode("utf-8", "replace").rstrip("\n")
            at += len(line)
            file.seek(at)

    def close(self, *, removes: bool) -> None:
        """Give the file back, and remove it if it has done its work."""
        if self._file is not None:
            self._file.close()
            self._file = None
            if removes and self.path is not None:
                with suppress(OSError):
                    self.path.unlink()

    def _opened(self, *, is_new: bool) -> BinaryIO | None:
        if self._file is None and self.path is None and is_new:
            self._file = cast(BinaryIO, tempfile.TemporaryFile(prefix=PREFIX))  # noqa: SIM115
        elif self._file is None and self.path is not None and (is_new or self.path.exists()):
            if is_new:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
            self._file = os.fdopen(os.open(self.path, flags, 0o666), "r+b")
        return self._file

    @staticmethod
    def _ends(file: BinaryIO, at: int) -> bool:
        """Does the last line end?"""
        file.seek(at - 1)
        return file.read(1) == b"\n"
