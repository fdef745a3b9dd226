"""Files → text and its kind; a notebook → its Markdown cells, every character of which knows its place in the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from symbp.errors import Place, SymbpError
from symbp.verification.source.traced import Traced, Tracer

MAX_BYTES: Final = 5_000_000
KINDS: Final = {".tex": "tex", ".md": "md", ".markdown": "md", ".ipynb": "ipynb", ".txt": "txt"}
"""The kinds of files that are read, by their extension."""

_TEX = re.compile(r"\\begin[ \t]*\{|\\\[|\\\(|\\frac|\\partial")


def read_work(path: Path) -> tuple[str, str]:
    """The text of a file and its kind: `tex`, `md`, `ipynb` or `txt`."""
    place = Place(str(path))
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        ending = f"the extension {path.suffix!r}" if path.suffix else "a name without an extension"
        raise SymbpError(f"work is not read from a file with {ending}", place, "known: " + ", ".join(sorted(KINDS)))
    try:
        if path.exists() and not path.is_file():
            what = "a directory" if path.is_dir() else "no regular file"
            raise SymbpError(f"this is {what}", place, "work is read from a file; known: " + ", ".join(sorted(KINDS)))
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(place)
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise SymbpError(f"cannot be read: {reason}", place, "check the name of the file and the right to read it") from error
    return decode(content, str(path)), kind


def _too_large(place: Place) -> SymbpError:
    return SymbpError("the file is too large", place, f"at most {MAX_BYTES // 1_000_000} MB are read; give the work in several files")


def decode(content: bytes, file: str) -> str:
    """The text of a file, which must be UTF-8; a mark of byte order is left out, and lines end in a line feed."""
    place = Place(file)
    if len(content) > MAX_BYTES:
        raise _too_large(place)
    if (null := content.find(b"\0")) >= 0:
        line = content.count(b"\n", 0, null) + 1
        raise SymbpError("the file has a NUL byte: it is no text", Place(file, line), "save it as text in UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SymbpError(f"the byte 0x{content[error.start]:02x} is no UTF-8", Place(file, line), "save the file as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def kind_of_text(text: str) -> str:
    """What a text without a file name is most likely to be: a notebook, LaTeX, Markdown, or plain text."""
    if text.lstrip()[:1] == "{" and '"cells"' in text and '"nbformat"' in text:
        return "ipynb"
    if re.search(r"^[ \t]*(?:```|#{1,6} )|^[ \t]*[-*][ \t]+\$|\$`|\\\\[(\[]", text, re.MULTILINE):
        return "md" if "$" in text or _TEX.search(text) or "```" in text else "txt"
    if _TEX.search(text):
        return "tex"
    return "md" if "$" in text else "txt"


def cells(text: str, file: str) -> list[Traced]:
    """The text of every Markdown cell of a notebook."""
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        line = text.split("\n", error.lineno)[error.lineno - 1] if text else ""
        raise SymbpError(f"the notebook is no JSON: {error.msg}", Place(file, error.lineno, error.colno, line)) from error
    except (RecursionError, ValueError) as error:
        raise SymbpError("the notebook cannot be read: it is nested too deep, or a number is too long", Place(file)) from error
    if not isinstance(notebook, dict) or not {"cells", "worksheets"} & notebook.keys():
        raise SymbpError(
            "this is no notebook: it has no cells", Place(file), 'a notebook is JSON with "cells"; its Markdown cells are read'
        )
    return list(_Cells(text))


_JSON = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]:,]', re.DOTALL)
_ESCAPE = re.compile(r"[^\\]+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)


@dataclass
class _Frame:
    """An object or an array of the notebook that is being read; `key` is where in it we are."""

    is_object: bool
    is_cell: bool = False
    key: str = ""
    kind: str = ""
    source: Tracer = field(default_factory=Tracer)


@dataclass
class _Cells:
    """The Markdown cells of a text that is known to be JSON."""

    text: str

    def __iter__(self) -> Iterator[Traced]:
        stack: list[_Frame] = []
        is_key = False
        for match in _JSON.finditer(self.text):
            token, top = match[0], stack[-1] if stack else None
            if token in ("{", "["):
                above = stack[-2] if len(stack) > 1 else None
                is_cell = token == "{" and top is not None and not top.is_object and above is not None and above.key == "cells"
                stack.append(_Frame(token == "{", is_cell))
                is_key = token == "{"
            elif token in ("}", "]"):
                done = stack.pop()
                if done.is_cell and done.kind == "markdown":
                    yield done.source.done()
            elif token == ",":
                is_key = top is not None and top.is_object
            elif token == ":":
                is_key = False
            elif top is not None:
                self._string(match, stack, is_key=is_key)

    def _string(self, match: re.Match[str], stack: list[_Frame], *, is_key: bool) -> None:
        top = stack[-1]
        if is_key:
            top.key = json.loads(match[0])
        elif top.is_cell and top.key == "cell_type":
            top.kind = json.loads(match[0])
        elif top.is_cell and top.key == "source":
            self._add(match, top.source)
        elif not top.is_object and len(stack) > 1 and stack[-2].is_cell and stack[-2].key == "source":
            self._add(match, stack[-2].source)

    def _add(self, match: re.Match[str], tracer: Tracer) -> None:
        """Put the text of a string at the end of a source, every character with its own place."""
        for part in _ESCAPE.finditer(self.text, match.start() + 1, match.end() - 1):
            shown = part[0]
            is_escape = shown[0] == "\\"
            char = json.loads(f'"{shown}"') if is_escape else shown
            is_half = is_escape and "\ud800" <= char <= "\udfff"
            tracer.add("\ufffd" if is_half else char, part.start(), is_written=is_escape)
