"""What a format needs beside the core: packages of an extra, and one clear line where they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from symbp.errors import SymbpError


def needed(module: str, extra: str, what: str) -> Any:
    """The `module`, which the extra `extra` brings; `what` cannot be made without it."""
    try:
        return import_module(module)
    except ImportError:
        raise SymbpError(f"{what} needs {module}, which is not installed", hint=f"pip install 'symbp[{extra}]'") from None
