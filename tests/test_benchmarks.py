"""The benchmark script: cheap jobs give their rows, and RESULTS.md holds nothing but what the script wrote."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
JOBS = ("gradients", "operations", "scale", "mazur", "start", "layer", "rows", "mistakes", "evaluator")
"""A job for each row of the table of aims."""


def run(*arguments: str) -> str:
    command = [sys.executable, str(BENCHMARKS / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True, timeout=300).stdout


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """The Markdown and the record of a quick run of cheap jobs."""
    output = tmp_path_factory.mktemp("bench") / "found.md"
    run("--quick", "--no-install", "--only", "operations", "start", "evaluator", "--output", str(output))
    return output.read_text("utf-8"), json.loads(output.with_suffix(".json").read_text("utf-8"))


def test_each_job_gives_its_rows(quick: tuple[str, dict[str, Any]]) -> None:
    text, record = quick
    assert list(record["sections"]) == ["operations", "start", "evaluator"]
    rows = [line for line in text.partition("## Aims")[2].partition("\n## ")[0].splitlines() if line.startswith("| ")]
    findings = [finding for section in record["sections"].values() for finding in section["findings"]]
    assert len(rows) == 2 + len(findings)
    for finding, row in zip(findings, rows[2:], strict=True):
        cells = row.strip("| ").split(" | ")
        assert cells[0] == finding["what"]
        assert len(cells) == 5


def test_what_is_met_is_judged_by_the_numbers(quick: tuple[str, dict[str, Any]]) -> None:
    text, record = quick
    for section in record["sections"].values():
        for finding in section["findings"]:
            (row,) = [line for line in text.splitlines() if line.startswith(f"| {finding['what']} |")]
            if finding["found"] is None:
                assert finding["note"]
                assert "no number" in row
            else:
                met = finding["found"] >= finding["aim"] if finding["bound"] == "least" else finding["found"] <= finding["aim"]
                assert row.endswith("| met |" if met else "off |")
                assert met or finding["bounded_by"] in text


def test_gradients_take_at_most_as_many_operations_as_is_aimed_at(quick: tuple[str, dict[str, Any]]) -> None:
    """On every example, counted either way, and for a softmax whose whole Jacobian acts: counts depend on no machine."""
    findings = quick[1]["sections"]["operations"]["findings"]
    assert len(findings) == 3
    assert all(finding["found"] <= finding["aim"] for finding in findings), findings


def test_times_are_measured(quick: tuple[str, dict[str, Any]]) -> None:
    """A process takes some time, and more than one that imports less: a number that is not measured would be neither."""
    _, record = quick
    for finding in record["sections"]["start"]["findings"]:
        assert 0.5 < finding["found"] < 50


def test_a_peer_that_is_not_there_is_said_to_be_missing() -> None:
    script = (
        f"import sys; sys.path[:0] = [{str(BENCHMARKS)!r}, {str(BENCHMARKS.parent)!r}]\n"
        "from pathlib import Path\n"
        "import peer\n"
        "from numeric import evaluator\n"
        "from measuring import Pace\n"
        "peer.HOME = Path('not', 'there')\n"
        "(finding,) = evaluator(Pace(quick=True, install=False)).findings\n"
        "assert finding.found is None and 'torch is not installed' in finding.verdict, finding\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=300)


def test_results_are_what_the_script_wrote(tmp_path: Path) -> None:
    """RESULTS.md is a function of the record of its run: a result typed into it would not come out again."""
    shutil.copy(BENCHMARKS / "RESULTS.json", tmp_path / "again.json")
    run("--again", "--output", str(tmp_path / "again.md"))
    assert (tmp_path / "again.md").read_bytes() == (BENCHMARKS / "RESULTS.md").read_bytes()


def test_results_are_complete() -> None:
    record = json.loads((BENCHMARKS / "RESULTS.json").read_text("utf-8"))
    assert set(JOBS) <= set(record["sections"])
    for name in JOBS:
        section = record["sections"][name]
        assert section["findings"], name
        assert not section["failed"], name
    assert "--quick" not in record["about"]["run"]
    assert "--only" not in record["about"]["run"]
