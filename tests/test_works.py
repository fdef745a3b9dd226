"""Hand work that nobody had prepared for: no row that is judged right today may be judged otherwise, and the small cases likewise.

`tests/works` and `tests/cases.toml` are the sample that the reading was built for, `tests/first_contact` the sets that were judged once
before anything was mended for them; `misses.json` lists the rows that still miss. `python tests/test_works.py` measures all of them.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from symbp.network.reader import load, read
from symbp.verification.report.verify import VerifyOptions, verify_file

HERE = Path(__file__).resolve().parent
MISSES = HERE / "works" / "misses.json"
SETS = (HERE / "works", *sorted((HERE / "first_contact").glob("set*")))
ORDER = ("wrong", "follows", "unreadable", "undecidable", "correct", "definition")
SAME = {"definition": "correct"}
OPTIONS = VerifyOptions(prove=False)


def works(root: Path) -> list[Path]:
    """The folders of a set, each with a network file, a work and its expected verdicts."""
    return sorted(folder for folder in root.iterdir() if (folder / "expected.json").exists())


def verdicts(spec: Any, text: str, suffix: str) -> dict[int, str]:
    """The verdict on each line: the worst, where it has several rows."""
    found: dict[int, str] = {}
    for row in verify_file(spec, text, suffix, f"work.{suffix}", OPTIONS).rows:
        if row.line not in found or ORDER.index(row.verdict) < ORDER.index(found[row.line]):
            found[row.line] = row.verdict
    return found


def misses(folder: Path) -> Iterator[tuple[int, str, str]]:
    """Lines that do not get what a fair marker gives them: the line, what it should get, what it gets."""
    work = next(path for path in folder.iterdir() if path.name.startswith("work."))
    found = verdicts(load(str(folder / "spec.toml")), work.read_text(), work.suffix[1:])
    for line in json.loads((folder / "expected.json").read_text())["lines"]:
        got = found.get(line["line"], "absent")
        fair = {SAME.get(verdict, verdict) for verdict in (line["verdict"], *line.get("also", ()))}
        if SAME.get(got, got) not in fair:
            yield line["line"], line["verdict"], got


def key(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


@pytest.mark.parametrize("folder", [folder for root in SETS[:1] for folder in works(root)], ids=key)
def test_rows_that_were_judged_right_still_are(folder: Path) -> None:
    known = {line for line, _, _ in json.loads(MISSES.read_text())["works"].get(key(folder), ())}
    assert [miss for miss in misses(folder) if miss[0] not in known] == []


CASES = tomllib.loads((HERE / "cases.toml").read_text())["case"]


def case_misses(case: dict[str, Any]) -> list[str]:
    """The rows of a small case that get what they should not; its marks are another matter."""
    spec = read(case["spec"], "network.toml") if "spec" in case else load(case["network"])
    spec = spec.with_options(case.get("notation"))
    found = verdicts(spec, case["text"], case.get("suffix", "md" if "$" in case["text"] else "txt"))
    fair = {"not wrong": {"correct", "definition", "undecidable"}}
    rows = case.get("rows", {}).items()
    return [line for line, want in rows if found.get(int(line)) not in fair.get(want, set(want.split(" or ")))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_cases_that_were_right_still_are(case: dict[str, Any]) -> None:
    known = json.loads(MISSES.read_text())["cases"].get(case["id"], ())
    assert [line for line in case_misses(case) if line not in known] == []


def measured() -> dict[str, Any]:
    """All that misses, with a line of figures for each set."""
    found: dict[str, Any] = {"works": {}, "cases": {}}
    for root in SETS:
        rows = accused = accepted = wrong = 0
        for folder in works(root):
            expected = json.loads((folder / "expected.json").read_text())["lines"]
            rows += len(expected)
            missed = list(misses(folder))
            wrong += len(missed)
            accused += sum(want in {"correct", "undecidable"} and got in {"wrong", "follows"} for _, want, got in missed)
            accepted += sum(want in {"wrong", "follows"} and got == "correct" for _, want, got in missed)
            if missed:
                found["works"][key(folder)] = missed
        sys.stdout.write(
            f"{root.name}: {rows} rows, {1 - wrong / rows:.1%} right, {accused} right rows called wrong, {accepted} false rows accepted\n"
        )
    for case in CASES:
        if missed_rows := case_misses(case):
            found["cases"][case["id"]] = missed_rows
    sys.stdout.write(f"cases: {len(CASES) - len(found['cases'])} of {len(CASES)} as expected\n")
    return found


if __name__ == "__main__":
    result = measured()
    if "--write" in sys.argv:
        MISSES.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
