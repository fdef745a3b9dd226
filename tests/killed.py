"""A writer that is killed again and again: python tests/killed.py FOLDER TIMES. Prints what was seen, as JSON; test_faults.py judges it.

In a process of its own, since it forks: a child replaces the same files for ever, by the old and the new content in turn.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

from symbp.publishing.write import write_files

NAMES = ("net.tex", "net.slides.tex", "net.md", "net.network.svg", "net.paths-w1.svg", "net.html", "net.ipynb", "net.pdf")


def content(version: str, name: str) -> bytes:
    """A document of some size, of which no part could pass for the whole."""
    lines = [f"{version} {name} {at}" for at in range(300 + 200 * NAMES.index(name))]
    return "\n".join([*lines, f"end of {version}"]).encode()


def write_for_ever(folder: Path, written: dict[str, dict[Path, str | bytes]]) -> None:
    while True:
        for files in written.values():
            write_files(files)


def main(folder: Path, times: int) -> Counter[str]:
    """How often, after a kill, each state was found: of every file old or new, of anything else its name."""
    written: dict[str, dict[Path, str | bytes]] = {
        version: {folder / name: content(version, name) for name in NAMES} for version in ("new", "old")
    }
    write_files(written["old"])
    random, seen = Random(7), Counter[str]()
    start = time.monotonic()
    write_files(written["old"])
    once = time.monotonic() - start
    for at in range(times):
        child = os.fork()
        if not child:  # each begins with what the one before it ended with, so that both are seen however long a writing takes
            write_for_ever(folder, written if at % 2 else dict(reversed(written.items())))
        time.sleep(random.uniform(0, 2 * once))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        seen["kills"] += 1
        for name in NAMES:
            found = (folder / name).read_bytes()
            seen[next((version for version in written if found == content(version, name)), f"broken {name}")] += 1
        others = {path.name for path in folder.iterdir()} - set(NAMES)
        seen["with temporaries"] += bool(others)
        seen.update(f"strange {name}" for name in others if not (name.startswith(".symbp-") and name.endswith(".tmp")))
        for name in others:
            os.utime(folder / name, (0, 0))
    write_files(written["new"])
    seen.update(f"left {path.name}" for path in folder.iterdir() if path.name not in NAMES)
    return seen


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))) + "\n")
