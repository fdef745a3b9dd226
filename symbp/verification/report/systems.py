"""SYSTEMS: how learning systems name what they export, a row each; and a pattern of one's own, as in `{id}_{name}`.

A name is a path within the folder or archive that was exported, with slashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from symbp.errors import SymbpError, nearest

FIELDS: Final = ("id", "name", "email", "file")
"""What a pattern of one's own may name; `*` stands for anything."""
METADATA: Final = "submission_metadata.yml"
"""The file of Gradescope that says who is who."""


@dataclass(frozen=True, slots=True)
class Student:
    """Who a submission is from, as far as its name tells: `id` is the learning system's, `system` is a row of SYSTEMS."""

    id: str = ""
    name: str = ""
    email: str = ""
    system: str = ""

    @property
    def key(self) -> str:
        """What submissions of one student have in common."""
        return self.id or self.email or self.name

    @property
    def shown(self) -> str:
        return self.name or self.email or self.id


@dataclass(frozen=True, slots=True)
class System:
    """A row of SYSTEMS: `pattern` is met by the first folder or the name of a file, as `part` says, with groups `id` and `name`."""

    name: str
    source: str
    pattern: re.Pattern[str]


SYSTEMS: Final[Mapping[str, System]] = {
    row.name: row
    for row in (
        System(
            "moodle",
            "Moodle, mod/assign, `download_submissions`: Full name_participant_assignsubmission_type, a folder, or before each file's name",
            re.compile(r"(?P<name>[^/_]+)_(?P<id>[0-9]+)_assignsubmission_[a-z]+(?:_[^/]*)?"),
        ),
        System(
            "gradescope",
            "Gradescope, Export Submissions of programming assignments: submission_number/, beside submission_metadata.yml",
            re.compile(r"submission_(?P<id>[0-9]+)(?P<name>)"),
        ),
        System(
            "canvas",
            "Canvas, Download Submissions: sortablename_[LATE_]user_attachment_file, all in one folder",
            re.compile(r"(?P<name>[^/_]+)_(?:LATE_)?(?P<id>[0-9]+)_[0-9]+_[^/]+"),
        ),
    )
}


def student_of(name: str, own: re.Pattern[str] | None = None) -> Student | None:
    """Who the file called `name` is from: by the pattern of one's own, or else by how learning systems name things."""
    parts = name.split("/")
    if own is not None:
        return next((_student(match, "") for part in _candidates(parts) if (match := own.fullmatch(part))), None)
    for system in SYSTEMS.values():
        for part in parts:
            if match := system.pattern.fullmatch(part):
                return _student(match, system.name)
    return None


def _candidates(parts: list[str]) -> Iterable[str]:
    """What a pattern is held against: each folder from the outermost, the file's name without its ending, and with it; then the paths."""
    *folders, file = parts
    stem = file.rpartition(".")[0] or file
    yield from (*folders, stem, file)
    yield from ("/".join([*parts[start:-1], last]) for start in range(len(parts)) for last in (stem, file))


def _student(match: re.Match[str], system: str) -> Student:
    found = match.groupdict("")
    return Student(found.get("id", "").strip(), found.get("name", "").strip(), found.get("email", "").strip(), system)


def own_pattern(text: str) -> re.Pattern[str]:
    """The pattern that `text` describes.

    >>> own_pattern("{id}_{name}").fullmatch("123_Ada Lovelace").groupdict()
    {'id': '123', 'name': 'Ada Lovelace'}
    """
    pieces, fields = [], []
    for piece in re.split(r"(\{[^{}]*\}|\*)", text):
        if piece == "*":
            pieces.append("[^/]*")
        elif piece.startswith("{"):
            field = piece[1:-1]
            if field not in FIELDS:
                raise SymbpError(f"--student knows no {piece!r}", hint=nearest(field, FIELDS))
            if field in fields:
                raise SymbpError(f"--student has {piece!r} twice", hint="each once")
            fields.append(field)
            pieces.append(f"(?P<{field}>[^/]+?)")
        else:
            pieces.append(re.escape(piece))
    if not {"id", "name", "email"} & set(fields):
        raise SymbpError(f"--student {text!r} does not say who a work is from", hint="{id}, {name} or {email}, as in '{id}_{name}'")
    return re.compile("".join(pieces))


_ENTRY: Final = re.compile(r"^(submission_[0-9]+):[ \t]*$|^[ \t]+(?:-[ \t]+)?:(name|sid|email):[ \t]*(.*?)[ \t]*$", re.MULTILINE)


def gradescope_students(text: str) -> dict[str, Student]:
    """Who is who by Gradescope's metadata, by the folder of the submission; of a group, all.

    It is YAML, of which the lines that are needed are read, and nothing else.

    >>> gradescope_students("submission_7:\\n  :submitters:\\n  - :name: Ada\\n    :sid: '12'\\n")["submission_7"].name
    'Ada'
    """
    found: dict[str, dict[str, list[str]]] = {}
    current: dict[str, list[str]] = {}
    for match in _ENTRY.finditer(text):
        if match[1]:
            current = found.setdefault(match[1], {})
        elif value := _plain(match[3]):
            current.setdefault(match[2], []).append(value)
    return {
        folder: Student(folder.removeprefix("submission_"), ", ".join(who.get("name", [])), ", ".join(who.get("email", [])), "gradescope")
        for folder, who in found.items()
    }


def _plain(value: str) -> str:
    """A scalar of YAML without its quotes."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1].replace("''", "'") if value[0] == "'" else value[1:-1]
    return "" if value in {"", "null", "~"} else value
