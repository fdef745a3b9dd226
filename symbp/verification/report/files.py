"""The bytes of one file of a submission: a regular file, or a member of a zip archive, within limits; anything else is refused.

No link is followed, no pipe or device is opened, and an archive is never unpacked to disk: a member is read from it when it is judged.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

from symbp.errors import Place, SymbpError, clipped
from symbp.verification.source.sources import KINDS, MAX_BYTES

OFFICE: Final = ".docx"
"""What pandoc makes Markdown of."""
ARCHIVE: Final = ".zip"
READ: Final = frozenset({*KINDS, OFFICE})
"""The extensions of files that are read."""
KNOWN: Final = "known: " + ", ".join(sorted(KINDS))
MAX_MEMBERS: Final = 50_000
"""So many files an archive may hold."""
MAX_ARCHIVE: Final = 4_000_000_000
_UNIX: Final = 16
"""So many bits to the right stands the mode of a file in the attributes of a member."""
_ENCRYPTED: Final = 0x1
_BROKEN: Final = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError)
"""What a damaged archive may raise."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a submission: the one at `path`, or the `member` of the archive there."""

    path: str
    member: str | None = None

    @property
    def name(self) -> str:
        """What the file is called, folders included, as messages show it."""
        return self.path if self.member is None else f"{self.path}/{self.member}"

    @property
    def extension(self) -> str:
        return PurePosixPath((self.member or self.path).replace("\\", "/")).suffix.lower()


def content_of(part: Part) -> bytes:
    """The bytes of a file that is read; what is none, or too large, is a SymbpError that names it."""
    if part.member is None and kind_of_file(part.path) == "link":
        raise _link(part.path)
    if part.extension not in READ:
        ending = f"the extension {part.extension!r}" if part.extension else "a name without an extension"
        raise SymbpError(f"work is not read from a file with {ending}", Place(part.name), KNOWN)
    return regular(Path(part.path)) if part.member is None else member(part)


def kind_of_file(path: str | Path) -> str:
    """What is at `path`: "file", "folder", "link", "other" (a pipe, a device) or, where nothing can be found, "nothing"."""
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return "nothing"
    kinds = ((stat.S_ISLNK, "link"), (stat.S_ISREG, "file"), (stat.S_ISDIR, "folder"))
    return next((kind for holds, kind in kinds if holds(mode)), "other")


def regular(path: Path) -> bytes:
    place = Place(str(path))
    match kind_of_file(path):
        case "link":
            raise _link(path)
        case "folder":
            raise SymbpError("this is a directory", place, f"work is read from a file; {KNOWN}")
        case "other":
            raise SymbpError("this is no regular file", place, f"work is read from a file; {KNOWN}")
    if folder := _linked_folder(path):
        raise SymbpError("this lies in a link, which is not followed", place, f"{str(folder)!r} is one; name the folder that it leads to")
    try:
        content = _opened(path)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise SymbpError(f"cannot be read: {reason}", place, "check the name of the file and the right to read it") from error
    return _within(content, place)


def _link(path: str | Path) -> SymbpError:
    return SymbpError("this is a link, which is not followed", Place(str(path)), "name the file that it leads to")


def _linked_folder(path: Path) -> Path | None:
    """A folder of the name that is a link. The first one of a name is the caller's own, and so is all but the last of a whole path."""
    folders = [path.parent] if path.is_absolute() else [folder for folder in path.parents if len(folder.parts) > 1]
    return next((folder for folder in folders if folder.is_symlink()), None)


def _opened(path: Path) -> bytes:
    """At most one byte more than may be read. What has become a link or a pipe since it was looked at is not waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(path, "rb", opener=lambda name, _: os.open(name, flags)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("it is no regular file")
        return file.read(MAX_BYTES + 1)


def _within(content: bytes, place: Place) -> bytes:
    if len(content) > MAX_BYTES:
        raise SymbpError("the file is too large", place, f"at most {MAX_BYTES // 1_000_000} MB are read; give the work in several files")
    return content


# -- archives ----------------------------------------------------------------------------------------------------------------


def members_of(path: str) -> Iterator[tuple[str, str | None]]:
    """The name of every file in the archive at `path`, with what is wrong with it, if anything is.

    An archive that is none, or holds too much, is a SymbpError.
    """
    with _errors(path):
        found = [info for info in _archive(path, *_stamp(path)).infolist() if not info.is_dir()]
    if len(found) > MAX_MEMBERS:
        raise SymbpError(f"the archive holds more than {MAX_MEMBERS} files", Place(path), "give it in several archives")
    times = Counter(info.filename for info in found)
    for info in found:
        yield info.filename, _fault(info) or ("the archive has several files of this name" if times[info.filename] > 1 else None)


def _fault(info: zipfile.ZipInfo) -> str | None:
    """Why a member is not read."""
    mode = info.external_attr >> _UNIX
    if stat.S_ISLNK(mode):
        return "this is a link, which is not followed"
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return "this is no regular file"
    if leads_out(info.filename):
        return "its name leads out of the archive"
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted"
    return None


def leads_out(name: str) -> bool:
    """Does a name in an archive stand for a place outside of it, on any system?"""
    is_absolute = PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or PureWindowsPath(name).root
    return bool(is_absolute) or ".." in name.replace("\\", "/").split("/")


def member(part: Part) -> bytes:
    """What is packed is read to the limit, whatever size the archive says it has."""
    assert part.member is not None
    with _errors(part.path):
        archive = _archive(part.path, *_stamp(part.path))
        info = archive.getinfo(part.member)
        fault = _fault(info)
        if fault is not None:
            raise SymbpError(fault, Place(part.name))
        with archive.open(info) as file:
            return _within(file.read(MAX_BYTES + 1), Place(part.name))


def _stamp(path: str) -> tuple[int, int]:
    """What tells one state of an archive from another."""
    if kind_of_file(path) not in {"file", "nothing"}:
        raise SymbpError("this is no regular file", Place(path), "name an archive")
    found = Path(path).stat()
    if found.st_size > MAX_ARCHIVE:
        raise SymbpError("the archive is too large", Place(path), f"at most {MAX_ARCHIVE // 1_000_000_000} GB are read")
    return found.st_size, found.st_mtime_ns


@lru_cache(maxsize=1)
def _archive(path: str, size: int, changed: int) -> zipfile.ZipFile:
    """The archive, opened once in a process."""
    return zipfile.ZipFile(path)


@contextmanager
def _errors(path: str) -> Iterator[None]:
    """What an archive may raise, as one SymbpError."""
    try:
        yield
    except OSError as error:
        raise SymbpError(f"cannot be read: {error.strerror or error}", Place(path), "check its name and the right to read it") from error
    except _BROKEN as error:
        raise SymbpError(f"the archive cannot be read: {clipped(str(error))}", Place(path), "save it as a zip archive again") from error
