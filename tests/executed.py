"""Executes notebooks in a process of its own, since Jupyter leaves sockets and event loops behind.

Reads {name: notebook} from standard input, writes {name: {"error": name of the exception or "", "cells": […]}}.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

AT_ONCE, SECONDS = 3, 60
ROOT = Path(__file__).parent.parent


def executed(notebooks: dict[str, str]) -> dict[str, Any]:
    """What came of each notebook: its cells with their outputs, and the exception that it stopped at."""
    run = subprocess.run([sys.executable, __file__], input=json.dumps(notebooks), capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


async def _all(notebooks: dict[str, str]) -> dict[str, Any]:
    room = asyncio.Semaphore(AT_ONCE)
    done = await asyncio.gather(*(_one(text, room) for text in notebooks.values()))
    return dict(zip(notebooks, done, strict=True))


async def _one(text: str, room: asyncio.Semaphore) -> dict[str, Any]:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    found = nbformat.reads(text, as_version=4)
    client = NotebookClient(found, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}})
    error = ""
    async with room:
        try:
            await client.async_execute()
        except CellExecutionError as stopped:
            error = stopped.ename
    return {"error": error, "cells": found.cells}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_all(json.load(sys.stdin)))))
