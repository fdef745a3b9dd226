"""Files, folders and zip archives → `Submission`: what one student handed in, all their files together, and who it is from.

In a folder or an archive, files that a row of SYSTEMS or one's own pattern says are of one student are one submission; otherwise a
folder directly in it is one, and so is a file that lies there by itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from symbp.errors import Place, SymbpError, clipped
from symbp.verification.report.files import ARCHIVE, OFFICE, READ, Part, content_of, kind_of_file, member, members_of, regular
from symbp.verification.report.systems import METADATA, Student, gradescope_students, student_of
from symbp.verification.source.sources import KINDS, cells, decode

MAX_FILES: Final = 200
"""So many files of one student are read together."""
MAX_FOUND: Final = 200_000
"""So many files a folder may hold."""
_SYSTEMS_OWN: Final = re.compile(r"(?:^|/)(?:__MACOSX(?:/|$)|\.[^/]*(?:/|$)|Thumbs\.db$|desktop\.ini$)|(?:^|/)submission_metadata\.yml$")
"""Files of operating systems and of learning systems, which no student wrote."""
_FAULTS: Final = {"link": "this is a link, which is not followed", "other": "this is no regular file"}
_DIGITS: Final = re.compile(r"([0-9]+)")
_END: Final = "\\end{document}"
Convert = Callable[[bytes, str], str]
"""What makes Markdown of a file of a word processor, which is named in messages."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student handed in, called `name`: the files that are read, those that are not with the reason, or `trouble` with all."""

    name: str
    parts: tuple[Part, ...] = ()
    student: Student | None = None
    unread: tuple[tuple[str, str], ...] = ()
    trouble: str | None = None


@dataclass(slots=True)
class _Group:
    """Files that belong together, as they are found."""

    name: str
    student: Student | None
    parts: list[Part] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)

    def done(self) -> Submission:
        parts = sorted(self.parts, key=lambda part: _natural(part.name))
        unread = tuple(self.unread)
        if len(parts) > MAX_FILES:
            return Submission(self.name, student=self.student, trouble=f"it has more than {MAX_FILES} files")
        if not parts:
            told = ", ".join(f"{name}: {why}" for name, why in unread[:3])
            return Submission(self.name, (), self.student, unread, f"it has no file that is read ({told})")
        name = parts[0].name if len(parts) == 1 and not unread else self.name
        return Submission(name, tuple(parts), self.student, unread)


def _natural(name: str) -> list[tuple[int, str]]:
    """Where a name stands in an order in which part 2 comes before part 10."""
    return [(int(piece[:18]), "") if piece.isdecimal() else (-1, piece) for piece in _DIGITS.split(name)]


def collected(works: Iterable[str], own: re.Pattern[str] | None = None) -> list[Submission]:
    """The submissions that the arguments `works` name, in their order; what is no work has its trouble told in it."""
    found: dict[tuple[str, ...], _Group | Submission] = {}
    for at, work in enumerate(works):
        try:
            _Found(work, own, found, at).add()
        except SymbpError as error:
            found[("trouble", str(at))] = Submission(work, trouble=told(error))
    return [one.done() if isinstance(one, _Group) else one for one in found.values()]


def told(error: SymbpError) -> str:
    """What is the matter, in one line, without the file's name."""
    line = f"line {error.place.line}: " if error.place and error.place.line else ""
    return line + error.message + (f" ({error.hint})" if error.hint else "")


@dataclass(slots=True)
class _Found:
    """What the argument `work` names, put into the groups `into`."""

    work: str
    own: re.Pattern[str] | None
    into: dict[tuple[str, ...], _Group | Submission]
    at: int

    def add(self) -> None:
        kind = kind_of_file(self.work)
        if kind == "folder":
            self._folder()
        elif Part(self.work).extension == ARCHIVE and kind in {"file", "nothing"}:
            self._archive()
        else:
            name = Path(self.work).as_posix()
            self._put(("work", str(self.at)), self.work, student_of(name, self.own), Part(self.work))

    def _folder(self) -> None:
        self._many(list(_walk(self.work)), lambda name: Part(str(Path(self.work, name))), is_archive=False)

    def _archive(self) -> None:
        names = sorted(members_of(self.work), key=lambda one: _natural(one[0]))
        self._many(names, lambda name: Part(self.work, name), is_archive=True)

    def _many(self, names: Sequence[tuple[str, str | None]], part: Callable[[str], Part], *, is_archive: bool) -> None:
        """Group the files of a folder or an archive by who they are from."""
        taken = [(name, fault) for name, fault in names if fault or not _SYSTEMS_OWN.search(name)]
        if not taken:
            what = "archive" if is_archive else "directory"
            raise SymbpError(f"no work is in this {what}", Place(self.work), "known: " + ", ".join(sorted(READ)))
        known = _known(part(name) for name, fault in names if name.rpartition("/")[2] == METADATA and fault is None)
        base = self._wrapping([name for name, _ in taken], is_archive=is_archive)
        for name, fault in taken:
            student = student_of(name, self.own)
            if student is not None and student.system == "gradescope":
                student = known.get(f"submission_{student.id}", student)
            top = name[len(base) :].split("/")[0]
            self._put(("in", str(self.at), top), f"{self.work.rstrip('/')}/{base}{top}", student, part(name), fault)

    def _wrapping(self, names: Sequence[str], *, is_archive: bool) -> str:
        """The folder, with its slash, that all submissions lie in, where it is none itself: as an export has one, or a packed folder."""
        tops = {name.split("/", 1)[0] for name in names}
        top = next(iter(tops))
        if len(tops) > 1 or any("/" not in name for name in names) or student_of(top, self.own) is not None:
            return ""
        inner = [name[len(top) + 1 :] for name in names]
        is_wrapping = is_archive and (top == Path(self.work).stem or all("/" in name for name in inner))
        return f"{top}/" if is_wrapping or any(student_of(name, self.own) for name in inner) else ""

    def _put(self, key: tuple[str, ...], shown: str, student: Student | None, part: Part, fault: str | None = None) -> None:
        """Put a file into its group, which it begins if it is the first."""
        is_named = key[0] == "work"
        if student is not None and student.key:
            key = ("student", student.system, student.key)
            shown = f"{shown.rpartition('/')[0]}/{student.shown}_{student.id}".strip("/_")
        group = self.into.setdefault(key, _Group(shown, student))
        assert isinstance(group, _Group)
        if fault is None and not is_named and part.extension not in READ:
            fault = f"work is not read from {part.extension or 'a name without an extension'}"
        if fault is None:
            group.parts.append(part)
        else:
            group.unread.append((part.name.rpartition("/")[2], fault))


def _known(metadata: Iterable[Part]) -> dict[str, Student]:
    """Who is who, by Gradescope's metadata; nobody where it cannot be read."""
    found: dict[str, Student] = {}
    for part in metadata:
        with suppress(SymbpError):
            content = regular(Path(part.path)) if part.member is None else member(part)
            found |= gradescope_students(decode(content, part.name))
    return found


def _walk(folder: str) -> Iterator[tuple[str, str | None]]:
    """The name within `folder` of every file below it, with what is wrong with it; links, pipes and devices are named, never opened."""
    found: list[tuple[str, str | None]] = []
    for place, folders, files in os.walk(folder, followlinks=False):
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in (*files, *links):
            path = Path(place, name)
            found.append((Path(os.path.relpath(path, folder)).as_posix(), _FAULTS.get(kind_of_file(path))))
        if len(found) > MAX_FOUND:
            raise SymbpError(f"the directory holds more than {MAX_FOUND} files", Place(folder), "give it in several")
    yield from sorted(found, key=lambda one: _natural(one[0]))


# -- what is judged --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gathered:
    """The text of a submission and its kind; `lines` says which lines are of which file, where there are several; `unread`, why."""

    text: str
    kind: str
    lines: str = ""
    unread: tuple[str, ...] = ()


def gathered(submission: Submission, convert: Convert) -> Gathered:
    """Everything of a submission as one text, its files one below the other; one that cannot be read does not stop the others."""
    texts: list[tuple[str, str, str]] = []
    unread = [f"{clipped(name)}: {why}" for name, why in submission.unread]
    for part in submission.parts:
        try:
            texts.append((part.name.replace("\\", "/").rpartition("/")[2], *_read(part, convert)))
        except SymbpError as error:
            if len(submission.parts) == 1:
                raise
            unread.append(f"{clipped(part.name.rpartition('/')[2])}: {told(error)}")
    if not texts:
        raise SymbpError("; ".join(unread[:3]), Place(submission.name))
    if len(texts) == 1:
        return Gathered(texts[0][1], texts[0][2], unread=tuple(unread))
    return _joined(texts, tuple(unread))


def _read(part: Part, convert: Convert) -> tuple[str, str]:
    content = content_of(part)
    if part.extension == OFFICE:
        return convert(content, part.name), "md"
    return decode(content, part.name), KINDS[part.extension]


def _joined(texts: Sequence[tuple[str, str, str]], unread: tuple[str, ...]) -> Gathered:
    """Several files as one: of one kind if they are of one, else as Markdown, in which everything may stand."""
    kinds = {kind for _, _, kind in texts}
    kind = kinds.pop() if len(kinds) == 1 and "ipynb" not in kinds else "md"
    lines, pieces, at = [], [], 1
    for name, text, was in texts:
        if was == "ipynb":
            text = "\n\n".join(cell.text for cell in cells(text, name))
        if was == "tex":
            text = text.replace(_END, "")
        text = text.rstrip("\n") + "\n\n"
        length = text.count("\n")
        lines.append(f"{clipped(name)}: {at} to {at + length - 2}")
        pieces.append(text)
        at += length
    return Gathered("".join(pieces), kind, "; ".join(lines), unread)
