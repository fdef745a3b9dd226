"""symbp: derive backpropagation for small networks, every equation certified, as LaTeX, Markdown, text and JSON."""

from typing import TYPE_CHECKING

from symbp.errors import SymbpError
from symbp.version import __version__

if TYPE_CHECKING:
    from symbp.api import check, derive, train
    from symbp.api_verify import verify

__all__ = ["SymbpError", "__version__", "check", "derive", "train", "verify"]


def __getattr__(name: str) -> object:
    """`derive`, `check`, `train` and `verify` are imported when they are first used, so that the command line starts at once."""
    if name in {"check", "derive", "train"}:
        from symbp import api

        return getattr(api, name)
    if name == "verify":
        from symbp import api_verify

        return api_verify.verify
    raise AttributeError(f"module 'symbp' has no attribute {name!r}")
