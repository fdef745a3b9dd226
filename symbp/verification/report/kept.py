"""Reports as lines of text and back, each under a key that says all it depends on: what was kept is used only where it still holds.

A key is made of the contents of the work, of the network and its notation, of how it is judged, and of the code that judges. A line
that is damaged, or of another version, is none.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from symbp.errors import SymbpError
from symbp.verification.report.files import content_of
from symbp.verification.report.report import FileReport
from symbp.version import __version__

if TYPE_CHECKING:
    from symbp.verification.report.batch import Piece, Task

FORMAT: Final = 1
ROOMS: Final = ("language", "network", "derivation", "proof", "verification")
"""Where the code is that a verdict depends on."""


def key_of(task: Task, piece: Piece) -> str | None:
    """What the report on a work depends on, as one short text; None where the work cannot be read, which is then not kept."""
    found = hashlib.sha256(f"{FORMAT}\n{_code()}\n{_task(task)}\n{piece.file}\n".encode("utf-8", "surrogateescape"))
    try:
        contents = [content_of(part) for part in piece.parts] if piece.text is None else [piece.text.encode("utf-8", "surrogatepass")]
    except SymbpError:
        return None
    found.update(repr((piece.unread, piece.trouble, [part.name for part in piece.parts])).encode("utf-8", "surrogatepass"))
    for content in contents:
        found.update(f"\n{len(content)}\n".encode() + content)
    return found.hexdigest()


@cache
def _task(task: Task) -> str:
    """The network as its files say it, and how works are judged."""
    from symbp.verification.report.batch import network

    spec = network(task.network, task.notation)
    files = [Path(name) for name in (task.network, task.notation) if name and name.endswith(".toml")]
    contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()]
    return repr((task.network, contents, spec.notation, task.options))


@cache
def _code() -> str:
    """This version of symbp, to the letter, and of what it computes with."""
    package = Path(__file__).resolve().parents[2]
    found = hashlib.sha256(f"{__version__} {platform.python_version()}".encode())
    for name in ("sympy", "mpmath", "numpy"):
        found.update(_version(name).encode())
    for path in sorted(path for room in ROOMS for path in (package / room).rglob("*.py")):
        found.update(path.relative_to(package).as_posix().encode() + b"\n" + path.read_bytes())
    return found.hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def line_of(key: str, report: FileReport) -> str:
    """The line that keeps a report."""
    text = json.dumps(asdict(report), ensure_ascii=True, separators=(",", ":"))
    return json.dumps([key, hashlib.sha256(f"{key}{text}".encode()).hexdigest(), text], separators=(",", ":"))


def report_of(line: str) -> tuple[str, FileReport] | None:
    """The key and the report that a line keeps; None if it is not whole."""
    try:
        key, digest, text = json.loads(line)
        if hashlib.sha256(f"{key}{text}".encode()).hexdigest() != digest:
            return None
        report = _restored(FileReport, json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    assert isinstance(report, FileReport)
    return str(key), report


def _restored(kind: Any, value: Any) -> Any:
    """`value` as the type `kind` has it: JSON knows no tuples and no dataclasses."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _known(value, arguments)
    if origin in (UnionType, Union):
        return next(_restored(each, value) for each in arguments if _fits(each, value))
    if origin is tuple:
        each = arguments[:1] * len(value) if arguments[-1:] == (Ellipsis,) else arguments
        return tuple(_restored(one, part) for one, part in zip(each, value, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        return {name: _restored(arguments[1], part) for name, part in value.items()}
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{one.name: _restored(hints[one.name], value[one.name]) for one in fields(kind)})
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind}")
    return value


def _known(value: Any, choices: Iterable[Any]) -> Any:
    if value not in choices:
        raise ValueError(value)
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _fits(kind: Any, value: Any) -> bool:
    """Is `value`, as JSON has it, of this member of a union?"""
    origin = get_origin(kind)
    if kind is NoneType:
        return value is None
    if origin is Literal:
        return value in get_args(kind)
    if origin is tuple:
        return isinstance(value, list)
    if is_dataclass(kind) or origin is not None:
        return isinstance(value, dict)
    return isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool)
