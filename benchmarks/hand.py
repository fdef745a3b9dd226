"""Jobs `rows` and `mistakes`: judging the works of tests/hand, right rows against math-verify, wrong rows with their diagnosis."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import median

from measuring import Pace, Side, Times, alternate, profile, shown, timed
from peer import NoPeer, Peer
from reporting import Finding, Section, table, times
from symbp.network.reader import load
from symbp.verification.report.report import JudgedRow
from symbp.verification.report.verify import VerifyOptions, verify_file
from symbp.verification.source.sources import read_work

WORKS = Path(__file__).parents[1] / "tests" / "hand"
FASTER, MISTAKE = 50, 30.0
_CLOSERS = {"$$": "$$", r"\[": r"\]", "$": "$", "": r"\\"}
"""What stands around a row in its file."""


@dataclass(frozen=True)
class Marked:
    """A work of tests/hand, with what a person says of its rows."""

    folder: Path

    @cached_property
    def source(self) -> tuple[str, str]:
        (work,) = self.folder.glob("work.*")
        return read_work(work)

    @cached_property
    def expected(self) -> dict[int, str]:
        """The verdict of each marked line."""
        record = json.loads((self.folder / "expected.json").read_text("utf-8"))
        return {line["line"]: line["verdict"] for line in record["lines"]}

    @property
    def is_right(self) -> bool:
        return set(self.expected.values()) == {"correct"}

    def judge(self, text: str | None = None, *, prove: bool = True) -> tuple[JudgedRow, ...]:
        """As `symbp.verify` does, from the network's file to the report."""
        own, kind = self.source
        options = VerifyOptions(prove=prove)
        return verify_file(load(str(self.folder / "spec.toml")), own if text is None else text, kind, "work", options).rows

    @cached_property
    def rows(self) -> tuple[JudgedRow, ...]:
        return self.judge()

    @cached_property
    def put_right(self) -> str:
        """The work with each wrong row as symbp expects it, and without what follows from mistakes."""
        text = self.source[0]
        for row in self.rows:
            if row.verdict in {"wrong", "follows"}:
                text = text.replace(row.text, _around(row.text, row.expected or ""), 1)
        return text


def _around(row: str, formula: str) -> str:
    """`formula` between the delimiters of `row`."""
    opening = next(each for each in _CLOSERS if row.startswith(each))
    closing = _CLOSERS[opening] if row.endswith(_CLOSERS[opening]) else ""
    return f"{opening}{formula}{closing}"


def works() -> list[Marked]:
    return [Marked(path.parent) for path in sorted(WORKS.glob("*/spec.toml"))]


# -- right rows ------------------------------------------------------------------------------------------------------------


def bare(row: str) -> str:
    """A row without what is around its formula."""
    text = row.strip().removesuffix(r"\\").replace("&", "")
    text = re.sub(r"^(\$\$?|\\\[|\\\()|(\$\$?|\\\]|\\\))$", "", text.strip())
    text = re.sub(r"\\boxed\{(.*)\}$", r"\1", text.strip().strip("$"))
    return text.strip().rstrip(".,;").strip()


def asked(work: Marked) -> Iterator[tuple[JudgedRow, dict[str, str]]]:
    """The rows of a work that a person marked right, as math-verify is asked: with the last side as the key."""
    for row in work.rows:
        if work.expected.get(row.line) == "correct":
            text = bare(row.text)
            yield row, {"row": text, "key": text.rpartition("=")[2].strip()}


@dataclass
class Counted:
    """Right rows that math-verify reads, and how many of them each judges right; `asked` are those of the works that are timed."""

    rows: int = 0
    read: int = 0
    ours: int = 0
    same: int = 0
    expanded: int = 0
    asked: dict[str, list[dict[str, str]]] = field(default_factory=lambda: {key: [] for key in KEYS})

    def count(self, work: Marked, peer: Peer) -> None:
        for row, question in asked(work):
            answer = peer.ask(**question)
            self.rows += 1
            if answer["reads"]:
                other = {"row": question["row"], "key": answer["expanded"]}
                self.read += 1
                self.ours += row.verdict == "correct"
                self.same += answer["right"]
                self.expanded += peer.ask(**other)["right"]
                if work.is_right:
                    self.asked["same"].append(question)
                    self.asked["expanded"].append(other)


KEYS = {"same": "its own last side", "expanded": "that side expanded"}
OURS, UNPROVED, THEIRS, AGAIN = (
    "symbp",
    "symbp, without proofs",
    "math-verify, key: {}",
    "math-verify, key: {}, in a process that has seen all rows",
)


def rows(pace: Pace) -> Section:
    """Rows of works without mistakes are timed; those of all works are counted."""
    every = works()[:1] if pace.quick else works()
    right = [work for work in every if work.is_right]
    number = sum(len(work.rows) for work in right)
    sides: dict[str, Side] = {
        OURS: timed(lambda: [work.judge() for work in right]),
        UNPROVED: timed(lambda: [work.judge(prove=False) for work in right]),
    }
    counted = Counted()
    try:
        with Peer("rows", "math-verify", pace) as peer:
            for work in every:
                counted.count(work, peer)
    except NoPeer as why:
        finding = Finding("a right row judged", "math-verify, parse and verify", FASTER, "least", None, note=str(why))
        return Section(TITLE, (finding,), (), times_of_rows(alternate(sides, pace.rounds()), number))
    share = len(counted.asked["same"]) / number
    for key, words in KEYS.items():
        asking = Asking(pace, counted.asked[key], share)
        sides |= {THEIRS.format(words): asking.first, AGAIN.format(words): asking.again}
    found = alternate(sides, pace.rounds())
    slow = profile(lambda: [work.judge() for work in right], 6)
    findings = [
        Finding(f"a right row judged, key: {key}", "math-verify, parse and verify", FASTER, "least", ratio, bounded_by=slow)
        for key in KEYS.values()
        for ratio in (found[THEIRS.format(key)].median / found[OURS].median,)
    ]
    findings.append(Finding("right rows that both read, judged right by symbp", "–", counted.read, "least", counted.ours, "rows"))
    text = (
        *times_of_rows(found, number),
        "",
        f"Of the {counted.rows} rows that are marked right in {len(every)} works, math-verify reads {counted.read} (the row and its last",
        "side as expressions: it reads no derivative). It knows no network, so it is given a key: the last side of the row itself,",
        f"letter for letter, which is the least work for it (it judges {counted.same} right), or that side expanded by SymPy",
        f"({counted.expanded}). symbp judges {counted.ours} of them right, by the network alone. A row of math-verify is two calls of",
        "`parse` and one of `verify`, imports left out, in a new process each round, so that nothing is remembered of the rows; symbp's",
        "caches are emptied each round, and a row is its share of the whole work, from the network's file to the proofs. A process",
        "that has seen all rows has the tables of its grammar ready.",
    )
    return Section(TITLE, tuple(findings), (), text)


TITLE = "Right rows of hand work"


@dataclass
class Asking:
    """These rows judged by math-verify, twice in a new process; seconds, were there as many rows as symbp judges."""

    pace: Pace
    questions: list[dict[str, str]]
    share: float
    second: float = 0.0

    def first(self) -> float:
        with Peer("rows", "math-verify", self.pace) as peer:
            took, self.second = (self._all(peer) for _ in range(2))
        return took

    def again(self) -> float:
        """What the second time took, in the process that `first` began."""
        return self.second

    def _all(self, peer: Peer) -> float:
        return sum(float(peer.ask(**question)["seconds"]) for question in self.questions) / self.share


def times_of_rows(found: dict[str, Times], number: int) -> tuple[str, ...]:
    rows = [(name, shown(each.median / number), times(each.median / found[OURS].median)) for name, each in found.items()]
    head = f"Medians of {len(found[OURS].runs)}, in turn, a row; symbp's over the {number} rows of the works without mistakes."
    return (head, "", *table(("side", "a row", "ratio"), rows))


# -- wrong rows ------------------------------------------------------------------------------------------------------------


def mistakes(pace: Pace) -> Section:
    """Each work with wrong rows, and the same put right, in turn."""
    chosen = [work for work in works() if any(row.verdict == "wrong" for row in work.rows)]
    chosen = chosen[:1] if pace.quick else chosen
    rows, more, whole, number = [], 0.0, 0.0, 0
    for work in chosen:
        wrong = sum(row.verdict == "wrong" for row in work.rows)
        sides: dict[str, Side] = {"wrong": timed(work.judge), "right": timed(functools.partial(work.judge, work.put_right))}
        found = alternate(sides, pace.rounds())
        beyond = median(a - b for a, b in zip(found["wrong"].runs, found["right"].runs, strict=True))
        rows.append((work.folder.name, len(work.rows), wrong, found["wrong"], found["right"], shown(max(beyond, 0.0) / wrong)))
        more, whole, number = more + beyond, whole + found["wrong"].median, number + wrong
    slow = profile(lambda: [work.judge() for work in chosen], 6)
    findings = (
        Finding(
            "a wrong row, diagnosis included, beyond the same work put right",
            "–",
            MISTAKE,
            "most",
            1e3 * more / number,
            "ms",
            bounded_by=slow,
        ),
        Finding(
            "works with wrong rows, their right rows included, a wrong row",
            "–",
            MISTAKE,
            "most",
            1e3 * whole / number,
            "ms",
            bounded_by=slow,
        ),
    )
    head = ("work", "rows", "wrong", "judged", "judged, put right", "a wrong row more")
    text = (
        f"Medians of {pace.rounds()} (least to most), in turn, caches emptied, from the network's file to the proofs. Put right: wrong",
        "rows as symbp expects them, rows that follow from a mistake left out.",
        "",
        *table(head, rows),
    )
    return Section("Wrong rows of hand work", findings, (), text)
