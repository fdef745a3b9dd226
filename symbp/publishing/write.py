"""The only module that writes files: all of them, or none; never half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from symbp.errors import Place, SymbpError


def write_files(texts: Mapping[Path, str]) -> None:
    """Put each text under its name. New content is on disk beside the old before the first name is replaced.

    A symbolic link is followed: what it points to is replaced, the link stays.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        for path, text in texts.items():
            ready.append((_stored(path, text), path))
        for temporary, path in ready:
            os.replace(temporary, os.path.realpath(path))
    except OSError as error:
        place = Place(str(error.filename2 or error.filename or next(iter(texts))))
        raise SymbpError(f"cannot write: {error.strerror}", place) from None
    finally:
        for temporary, _ in ready:
            with suppress(OSError):
                temporary.unlink()


def _stored(path: Path, text: str) -> Path:
    """`text` in a temporary file in the folder of `path`, safely on disk."""
    if path.is_dir():
        raise SymbpError("cannot write: it is a directory", Place(str(path)), "name a file, or end a directory's name with a slash")
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".symbp-", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    return Path(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
