"""What `symbp derive` writes, judged by `symbp verify`: every row should be correct. Run as a script, it prints what is not.

python tests/roundtrip.py [--appendix all] [--md|--tex] [example …] [notation …]
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import symbp
from symbp.api import DerivedNetwork
from symbp.language.notation import NOTATIONS
from symbp.network.gallery import examples
from symbp.network.reader import load
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.judge import Judge, Judged
from symbp.verification.source.extract import extract
from symbp.verification.source.work import words_of

FORMATS = ("tex", "md")


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of ours that is not found correct, and why."""

    document: str
    line: int
    verdict: str
    reason: str
    text: str


@cache
def derived(example: str, notation: str, appendix: str = "none") -> DerivedNetwork:
    found = symbp.derive(example, notation=notation, appendix=appendix)  # type: ignore[call-overload]
    assert isinstance(found, DerivedNetwork)
    return found


def spec_of(example: str, notation: str) -> NetworkSpec:
    return load(example).with_options(notation)


def judged(spec: NetworkSpec, text: str, kind: str) -> list[Judged]:
    """Every row of a document with its rulings."""
    return Judge(spec, extract(text, kind, "derived", words_of(spec)), names=tuple(spec.names.items())).run()


def faults(example: str, notation: str, kind: str, appendix: str = "none") -> tuple[int, list[Fault]]:
    """How many rows a document has, and those that are not found correct."""
    rows = judged(spec_of(example, notation), derived(example, notation, appendix).render(kind), kind)
    name = f"{example}.{notation}.{kind}"
    return len(rows), [Fault(name, r.line.row.line, r.verdict, reason(r), r.line.row.text) for r in rows if r.verdict != "correct"]


def reason(judged: Judged) -> str:
    """Why a row is not found correct."""
    if judged.trouble is not None:
        return f"unreadable: {judged.trouble.found}"
    if judged.is_late:
        return "late"
    worst = judged.worst
    if worst is None:
        return "nothing"
    unclear = f" {worst.unclear.key} {worst.unclear.names.get('name', '')}" if worst.unclear else ""
    return f"{worst.how} {worst.outcome.kind}{unclear}{f' {worst.outcome.misfit}' if worst.outcome.misfit else ''}"


def chosen(arguments: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    names = [a for a in arguments if a in examples()] or list(examples())
    notations = [a for a in arguments if a in NOTATIONS] or list(NOTATIONS)
    kinds = [kind for kind in FORMATS if f"--{kind}" in arguments] or list(FORMATS)
    for example in names:
        for notation in notations:
            try:
                load(example).with_options(notation)
            except symbp.SymbpError as error:
                print(f"{example}.{notation}: {error}")
                continue
            yield from ((example, notation, kind) for kind in kinds)


def main(arguments: Sequence[str]) -> None:
    appendix = "all" if "all" in arguments else "none"
    total, every = 0, []
    for example, notation, kind in chosen(arguments):
        start = time.monotonic()
        count, found = faults(example, notation, kind, appendix)
        took = time.monotonic() - start
        total += count
        every += found
        verdicts = dict(Counter(fault.verdict for fault in found))
        print(f"{example}.{notation}.{kind}: {count} rows, {took:.1f} s {verdicts or ''}", flush=True)
    print(f"{total - len(every)} of {total} rows correct")
    causes: defaultdict[str, list[Fault]] = defaultdict(list)
    for fault in every:
        causes[fault.reason].append(fault)
    for cause, group in sorted(causes.items(), key=lambda item: -len(item[1])):
        print(f"{len(group)}× {cause}")
        for fault in group[: 200 if "-v" in arguments else 4]:
            print(f"    {fault.document}:{fault.line} {fault.text[:150]}")


if __name__ == "__main__":
    main(sys.argv[1:])
