"""The process `symbp`, also as `python -m symbp`: the command line, with the cyclic collector set for a process that soon ends."""

import gc
import sys
from collections.abc import Callable

ROUND = 250_000
"""Objects between two rounds of the collector: more than a small network makes, SymPy's own included, few beside a large one's."""


def run() -> None:
    """The command line."""

    def work() -> None:
        from symbp.cli import main

        main()

    in_own_process(work)


def in_own_process(work: Callable[[], None]) -> None:
    """`work`, which is all that the process does. Only here is the collector touched: who imports symbp keeps the settings they have.

    Importing SymPy makes tens of thousands of objects that all stay, and each round would look through them again. At the end they are
    frozen, so that the interpreter, before it gives everything back, does not look for cycles in all of it.
    """
    if sys.implementation.name == "cpython":
        gc.set_threshold(ROUND)
    try:
        work()
    finally:
        if sys.implementation.name == "cpython":
            gc.freeze()


if __name__ == "__main__":
    run()
