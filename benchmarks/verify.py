"""How long `symbp verify` takes for the works of tests/hand: python benchmarks/verify.py [--repeat N]."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from statistics import median

import symbp

WORKS = Path(__file__).parents[1] / "tests" / "hand"


def seconds(folder: Path) -> float:
    """One work as a whole: extraction, verdicts, proofs, diagnosis, report."""
    (work,) = folder.glob("work.*")
    start = time.perf_counter()
    symbp.verify(str(folder / "spec.toml"), work).render("json")
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    repeat = parser.parse_args().repeat
    folders = sorted(path.parent for path in WORKS.glob("*/spec.toml"))
    seconds(folders[0])
    medians = {folder.name: median(seconds(folder) for _ in range(repeat)) for folder in folders}
    for name, value in medians.items():
        print(f"{name:32} {value:6.2f} s")
    print(f"{'all ' + str(len(medians)):32} {sum(medians.values()):6.2f} s, median {median(medians.values()):.2f} s a work")


if __name__ == "__main__":
    main()
