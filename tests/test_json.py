"""JSON: every quantity is a record of its own, named the same in every notation, with the value that a plain computation gives."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import symbp
from symbp.cli import main

KEYS = ["kind", "layer", "unit", "source", "sample", "time", "step", "parameter", "name", "latex", "value"]
KINDS = {"input", "target", "weight", "bias", "net", "out", "error", "error_total", "delta", "gradient", "updated", "error_after"}
PLACE = ("layer", "unit", "source")
Record = dict[str, Any]
TEXT = """\
learning_rate = 0.25
inputs = ["rain"]
[[layers]]
units = ["left", "right"]
weights = [[0.5], [-0.25]]
bias = [0.125, 1e-9]
[[layers]]
units = ["yield_1"]
activation = "identity"
weights = [[1, 2]]
[[samples]]
inputs = [1]
targets = [0.123456789]
"""


@cache
def document(network: str, *options: str) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["derive", network, "--to", "json", *options])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def records(network: str, *options: str) -> list[Record]:
    found: list[Record] = document(network, *options)["records"]
    return found


def named(network: str, *options: str) -> dict[str, Record]:
    """Records by name; a weight's and its updated one's names differ, so each occurs once."""
    found = records(network, *options)
    assert len({r["name"] for r in found}) == len(found)
    return {r["name"]: r for r in found}


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "own.toml"
    path.write_text(TEXT, "utf-8")
    return str(path)


def test_the_document() -> None:
    found = document("mazur")
    assert list(found) == ["symbp", "network", "records"]
    assert found["symbp"] == symbp.__version__


def test_the_record_of_the_issue() -> None:
    record = named("mazur")["net_h1"]
    whole = dict(zip(KEYS, ["net", 1, 1, None, 1, None, 0, None, "net_h1", record["latex"], "0.3775"], strict=True))
    assert record == whole
    assert record["latex"] == r"\mathrm{net}_{h1}"


@pytest.mark.parametrize("network", ["mazur", "2-3-1:tanh,sigmoid", "1-1"])
def test_every_key_is_always_there_in_order(network: str) -> None:
    assert all(list(record) == KEYS for record in records(network))


def test_the_kinds_and_how_many_of_each() -> None:
    found = [record["kind"] for record in records("mazur")]
    assert set(found) == KINDS
    sizes = {"input": 2, "target": 2, "weight": 8, "bias": 2, "net": 4, "out": 4, "error": 2, "delta": 4, "gradient": 10}
    assert {kind: found.count(kind) for kind in KINDS} == sizes | {"error_total": 1, "updated": 8, "error_after": 1}


@pytest.mark.parametrize(
    ("name", "kind", "place", "sample", "step", "parameter"),
    [
        ("i2", "input", (0, 2, None), 1, 0, None),
        ("t1", "target", (2, 1, None), 1, 0, None),
        ("w2", "weight", (1, 1, 2), None, 0, "w2"),
        ("w7", "weight", (2, 2, 1), None, 0, "w7"),
        ("b1", "bias", (1, None, None), None, 0, "b1"),
        ("out_o2", "out", (2, 2, None), 1, 0, None),
        ("E_o1", "error", (2, 1, None), 1, 0, None),
        ("E", "error_total", (None, None, None), None, 0, None),
        ("delta_h2", "delta", (1, 2, None), 1, 0, None),
        ("dE/dw7", "gradient", (2, 2, 1), None, 0, "w7"),
        ("dE/db2", "gradient", (2, None, None), None, 0, "b2"),
        ("w7+", "updated", (2, 2, 1), None, 1, "w7"),
        ("E+", "error_after", (None, None, None), None, 1, None),
    ],
)
def test_where_a_quantity_is(
    name: str, kind: str, place: tuple[int | None, ...], sample: int | None, step: int, parameter: str | None
) -> None:
    record = named("mazur")[name]
    assert (record["kind"], tuple(record[key] for key in PLACE)) == (kind, place)
    assert (record["sample"], record["time"], record["step"], record["parameter"]) == (sample, None, step, parameter)


def test_a_bias_per_unit_has_its_unit() -> None:
    record = named("2-3-1")["dE/db_h2"]
    assert tuple(record[key] for key in PLACE) == (1, 2, None)
    assert record["parameter"] == "b_h2"


def test_biases_that_are_trained_are_updated(own: str) -> None:
    assert {r["name"] for r in records(own) if r["kind"] == "updated"} == {"w1+", "w2+", "b_left+", "b_right+", "w3+", "w4+"}


def test_a_symbolic_network_has_no_values_and_without_rate_no_update() -> None:
    found = records("2-2-1")
    assert {record["value"] for record in found} == {None}
    assert {record["kind"] for record in found} == KINDS - {"updated", "error_after"}


@pytest.mark.parametrize("notation", ["ufldl", "nielsen"])
def test_latex_follows_the_notation_and_nothing_else_does(notation: str) -> None:
    here, there = records("mazur"), records("mazur", "--notation", notation)
    assert [{**r, "latex": ""} for r in here] == [{**r, "latex": ""} for r in there]
    assert all(a["latex"] != b["latex"] for a, b in zip(here, there, strict=True) if a["kind"] in {"net", "out", "weight", "error"})
    assert len({record["latex"] for record in there}) == len(there)


def test_latex_in_each_notation() -> None:
    spelled = {notation: named("mazur", "--notation", notation)["w5"]["latex"] for notation in ("mazur", "ufldl", "nielsen")}
    assert spelled == {"mazur": "w_{5}", "ufldl": "W^{(2)}_{11}", "nielsen": "w^{3}_{11}"}


def test_names_of_ones_own(own: str) -> None:
    found = named(own)
    some = {"rain", "net_left", "out_right", "delta_yield_1", "E_yield_1", "b_left", "b_right", "t1", "w4", "dE/db_right"}
    assert some <= set(found)
    assert found["rain"]["kind"] == "input"
    assert document(own)["network"]["layers"][0]["units"] == ["left", "right"]


# -- values ------------------------------------------------------------------------------------------------------------


def plainly(w: dict[int, Decimal]) -> dict[str, Decimal]:
    """Mazur's network with the weights `w`, in a few lines of decimal arithmetic: all quantities, and the updated weights."""
    i1, i2, t1, t2, b1, b2 = map(Decimal, ["0.05", "0.10", "0.01", "0.99", "0.35", "0.60"])
    with localcontext(Context(prec=60)):
        v = {"net_h1": w[1] * i1 + w[2] * i2 + b1, "net_h2": w[3] * i1 + w[4] * i2 + b1}
        v |= {f"out_h{n}": 1 / (1 + (-v[f"net_h{n}"]).exp()) for n in (1, 2)}
        v |= {f"net_o{n}": w[2 * n + 3] * v["out_h1"] + w[2 * n + 4] * v["out_h2"] + b2 for n in (1, 2)}
        v |= {f"out_o{n}": 1 / (1 + (-v[f"net_o{n}"]).exp()) for n in (1, 2)}
        v |= {"E_o1": (t1 - v["out_o1"]) ** 2 / 2, "E_o2": (t2 - v["out_o2"]) ** 2 / 2}
        d = {f"o{n}": (v[f"out_o{n}"] - t) * v[f"out_o{n}"] * (1 - v[f"out_o{n}"]) for n, t in ((1, t1), (2, t2))}
        d |= {f"h{n}": (w[n + 4] * d["o1"] + w[n + 6] * d["o2"]) * v[f"out_h{n}"] * (1 - v[f"out_h{n}"]) for n in (1, 2)}
        g = {1: d["h1"] * i1, 2: d["h1"] * i2, 3: d["h2"] * i1, 4: d["h2"] * i2}
        g |= {2 * n + k + 2: d[f"o{n}"] * v[f"out_h{k}"] for n in (1, 2) for k in (1, 2)}
        found = v | {f"delta_{unit}": x for unit, x in d.items()} | {f"dE/dw{n}": x for n, x in g.items()}
        found |= {f"w{n}+": w[n] - x / 2 for n, x in g.items()}
        return found | {"E": v["E_o1"] + v["E_o2"], "dE/db1": d["h1"] + d["h2"], "dE/db2": d["o1"] + d["o2"]}


@cache
def steps() -> list[dict[str, Decimal]]:
    """All quantities after none, one, two and three updates."""
    found = [plainly({n: Decimal(x) for n, x in enumerate(["0.15", "0.20", "0.25", "0.30", "0.40", "0.45", "0.50", "0.55"], 1)})]
    for _ in range(3):
        found.append(plainly({n: found[-1][f"w{n}+"] for n in range(1, 9)}))
    return found


def expected() -> dict[str, Decimal]:
    return steps()[0] | {"E+": steps()[1]["E"]}


def significant(value: Decimal, digits: int) -> Decimal:
    return Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(value)


@pytest.mark.parametrize("digits", [1, 6, 17, 40])
def test_values_are_those_of_a_plain_computation(digits: int) -> None:
    found = named("mazur", "--digits", str(digits))
    shown = {name: Decimal(found[name]["value"]) for name in expected()}
    assert shown == {name: significant(value, digits) for name, value in expected().items()}


def test_decimals_are_counted_after_the_point() -> None:
    found = named("mazur", "--decimals", "9")
    shown = {name: Decimal(found[name]["value"]) for name in expected()}
    assert shown == {name: value.quantize(Decimal("1e-9")) for name, value in expected().items()}


@pytest.mark.parametrize("digits", ["6", "30", "60"])
def test_given_numbers_are_what_was_typed_to_so_many_digits(digits: str, own: str) -> None:
    found = named(own, "--digits", digits)
    assert found["t1"]["value"] == ("0.123457" if digits == "6" else "0.123456789")
    assert [found[name]["value"] for name in ("w2", "b_right", "rain")] == ["-0.25", "0.000000001", "1"]


def test_values_are_plain_decimals(tmp_path: Path) -> None:
    path = tmp_path / "wide.toml"
    path.write_text(TEXT.replace("[-0.25]", "[-2.5e-30]").replace("[[1, 2]]", "[[1e12, 2]]"), "utf-8")
    values = [record["value"] for record in records(str(path))]
    assert not [value for value in values if set(value) - set("-.0123456789")]
    assert "-0.0000000000000000000000000000025" in values
    assert "1" + "0" * 12 in values


def test_every_step_has_its_error() -> None:
    found = [r for r in records("mazur", "--steps", "3") if r["kind"] == "error_after"]
    assert [r["step"] for r in found] == [1, 2, 3]
    assert [r["value"] for r in found] == [str(significant(after["E"], 6)) for after in steps()[1:]]
    assert named("mazur")["E"]["latex"] not in {r["latex"] for r in found}, "none of them is E before the update"


def test_output_first_changes_updates_only() -> None:
    here, there = named("mazur"), named("mazur", "--update", "output_first")
    assert set(here) == set(there)
    differing = {name for name in here if here[name]["value"] != there[name]["value"]}
    assert differing <= {"w1+", "w2+", "w3+", "w4+", "E+"}
    nine = named("mazur", "--update", "output_first", "--decimals", "9")
    assert nine["E+"]["value"] == "0.291027924"
