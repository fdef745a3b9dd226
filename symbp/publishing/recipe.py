"""How a document came about: the call that derives it again, with every file that the call reads."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symbp.network.reader import file_text, is_file

NETWORK, NOTATION, OTHER_NOTATION = "network.toml", "notation.toml", "other_notation.toml"
_NOTATION_LINE = re.compile(r"""^(\s*notation\s*=\s*)(?:"[^"\n]*"|'[^'\n]*')""", re.MULTILINE)


@dataclass(frozen=True)
class Recipe:
    """`call(network, **options)`, a call of symbp's own.

    A network in a file is called NETWORK here, and `files` holds its text and those of the notations in files that it, or the call, asks
    for; so the call can be made where none of these files are.
    """

    call: str
    network: str
    options: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, call: str, network: str | Path, options: Mapping[str, Any]) -> Recipe:
        """The recipe of a call that has just succeeded, so that every file is there and can be read."""
        files, given = {}, {name: value for name, value in options.items() if value is not None}
        if is_file(network):
            files = _network_files(Path(network))
        if str(given.get("notation", "")).endswith(".toml"):
            files[OTHER_NOTATION] = file_text(Path(given["notation"]))
            given["notation"] = OTHER_NOTATION
        return cls(call, NETWORK if is_file(network) else str(network), given, files)


def _network_files(path: Path) -> dict[str, str]:
    """The network's file, and that of the notation that it names."""
    text = file_text(path)
    notation = str(tomllib.loads(text).get("notation", ""))
    if not notation.endswith(".toml"):
        return {NETWORK: text}
    own = _NOTATION_LINE.sub(lambda found: f'{found[1]}"{NOTATION}"', text, count=1)
    return {NETWORK: own, NOTATION: file_text(path.parent / notation)}
