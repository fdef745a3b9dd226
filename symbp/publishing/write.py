"""The only module that writes files: all of them, or none; never half of one."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from symbp.errors import Place, SymbpError

PREFIX, SUFFIX = ".symbp-", ".tmp"
"""What the names of temporaries begin and end with."""
STALE = 3600
"""Seconds after which a temporary belongs to no run any more."""


def write_files(texts: Mapping[Path, str | bytes]) -> None:
    """Put each text, as UTF-8, or each content under its name. New content is on disk beside the old before the first name is replaced.

    A symbolic link is followed: what it points to is replaced, the link stays. Where one name cannot be replaced, those that
    were get their old content back. Killed at any moment, it leaves every name with its old content or its new, and perhaps temporaries,
    which a later run removes.
    """
    ready: list[tuple[Path, Path]] = []
    spare: list[Path] = []
    done: list[tuple[Path, Path | None]] = []
    current = Path()
    try:
        for path, text in texts.items():
            current = path
            ready.append((_stored(path, text if isinstance(text, bytes) else text.encode("utf-8")), path))
        for temporary, path in ready:
            current = path
            target = Path(os.path.realpath(path))
            kept = _stored(path, target.read_bytes()) if target.exists() and len(ready) > 1 else None
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


def _stored(path: Path, content: bytes) -> Path:
    """`content` in a temporary file in the folder of `path`, safely on disk."""
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
    _sweep(target.parent)
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
