"""What the judge says of the marked pieces of hand work, against what they should get; run as a script, it prints it.

python tests/measured.py [hand|hand_more] [the beginnings of names …]
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from symbp.network.reader import load
from symbp.verification.report.report import RULINGS, JudgedRow
from symbp.verification.report.verify import VerifyOptions, verify_file

HERE = Path(__file__).resolve().parent
VERDICTS = ("wrong", "follows", "undecidable", "unreadable", "correct", "definition", "none")
"""In the order in which they decide a line of several rows; "none" is a line in which no row was found."""


@dataclass(frozen=True, slots=True)
class Line:
    """A marked line: what it should get and what it got."""

    piece: str
    line: int
    text: str
    expected: str
    code: str | None
    found: str
    found_code: str | None


@dataclass
class Measured:
    """All marked lines of a corpus, and rows that are judged but not marked."""

    lines: list[Line] = field(default_factory=list)
    unmarked: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """How many lines get the verdict that they should."""
        return sum(line.expected == line.found for line in self.lines) / len(self.lines)

    @property
    def accused(self) -> list[Line]:
        """Right lines that are called wrong, or said to follow from a mistake."""
        return [line for line in self.lines if line.expected == "correct" and line.found in {"wrong", "follows"}]

    @property
    def code_share(self) -> float:
        """Of the wrong lines, how many get the code that they should."""
        wrong = [line for line in self.lines if line.expected == "wrong"]
        return sum(line.code == line.found_code for line in wrong) / len(wrong)

    def table(self) -> str:
        """Confusion tables: a row for each expected verdict, or code, and what was found."""
        verdicts = Counter((line.expected, line.found) for line in self.lines)
        codes = Counter((line.code or "", line.found_code or line.found) for line in self.lines if line.expected == "wrong")
        missed = [line for line in self.lines if line.expected != line.found or (line.expected == "wrong" and line.code != line.found_code)]
        return "\n".join(
            [
                f"{self.share:.1%} of {len(self.lines)} lines, {self.code_share:.1%} of codes, {len(self.accused)} right lines accused",
                f"not marked: {dict(self.unmarked)}",
                *_confusion(verdicts, RULINGS, VERDICTS),
                *(f"{code:28} {found:28} {count:4}" for (code, found), count in sorted(codes.items())),
                *(
                    f"{at.piece}:{at.line} {at.expected} {at.code or ''} → {at.found} {at.found_code or ''}: {at.text[:100]}"
                    for at in missed
                ),
            ]
        )


def _confusion(found: Counter[tuple[str, str]], rows: Sequence[str], columns: Sequence[str]) -> Iterator[str]:
    yield f"{'expected':>12}" + "".join(f"{column:>12}" for column in columns)
    for row in rows:
        yield f"{row:>12}" + "".join(f"{found[row, column] or '.':>12}" for column in columns)


def measure(corpus: str, names: Sequence[str] = ("",)) -> Measured:
    """Judge the pieces of a corpus whose names begin so."""
    measured = Measured()
    for folder in sorted(path.parent for path in (HERE / corpus).glob("*/expected.json")):
        if folder.name.startswith(tuple(names)):
            _measure(folder, measured)
    return measured


def _measure(folder: Path, measured: Measured) -> None:
    expected = {line["line"]: line for line in json.loads((folder / "expected.json").read_text(encoding="utf-8"))["lines"]}
    work = next(folder.glob("work.*"))
    report = verify_file(
        load(folder / "spec.toml"), work.read_text(encoding="utf-8"), work.suffix[1:], work.name, VerifyOptions(prove=False)
    )
    judged: dict[int, JudgedRow] = {}
    for row in report.rows:
        before = judged.get(row.line)
        if before is None or VERDICTS.index(row.verdict) < VERDICTS.index(before.verdict):
            judged[row.line] = row
    for number, line in expected.items():
        found = judged.get(number)
        verdict, code = (found.verdict, found.code) if found else ("none", None)
        measured.lines.append(Line(folder.name, number, line["text"], line["verdict"], line.get("code"), verdict, code))
    measured.unmarked.update(row.verdict for number, row in judged.items() if number not in expected)


if __name__ == "__main__":
    print(measure(sys.argv[1] if len(sys.argv) > 1 else "hand", sys.argv[2:] or ("",)).table())
