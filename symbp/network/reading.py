"""The table [reading] of a network file: how all hand work on the network is to be read. It decides what the works cannot, then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from symbp.errors import SymbpError, nearest
from symbp.network.source import Source, said

CHOICES: Final[Mapping[str, Mapping[object, tuple[str, object]]]] = {
    "delta": {"dE/dnet": ("delta_sign", 1), "-dE/dnet": ("delta_sign", -1)},
    "weight_rows": {"unit": ("weight_rows", "unit"), "source": ("weight_rows", "source")},
    "weight_order": {"into": ("weight_order", "into"), "from": ("weight_order", "from")},
    "samples": {"columns": ("samples", "columns"), "rows": ("samples", "rows")},
    "gradient": {"same": ("gradient", "same"), "transposed": ("gradient", "transposed")},
    "jacobian": {"of": ("jacobian", "of"), "by": ("jacobian", "by")},
    "reduction": {"sum": ("reduction", "sum"), "mean": ("reduction", "mean")},
    "error": {"sample": ("per_example", True), "whole": ("per_example", False)},
    "input_layer": {0: ("numbering", 0), 1: ("numbering", 1)},
    "weights_lead": {"into": ("weights_lead", "into"), "from": ("weights_lead", "from")},
    "initial_state": {"free": ("initial_state", "free"), "zero": ("initial_state", "zero")},
}
"""For each key what it may be, and the convention of `verification.reading.conventions` that is fixed so.

delta is what the letter stands for; weight_rows what a row of W belongs to; weight_order where the first index of w_ij leads; samples
whether a batch has them as columns or rows; gradient whether dE/dW has the shape of W; jacobian what its rows are of; reduction what E
is over samples; error whose error dZ is of; input_layer the number of the inputs; weights_lead where the weights numbered l lead;
initial_state what a recurrent network begins with.
"""
NAMES: Final = "names"
EXAMPLE: Final = 'as in names = { "I_j" = "net_j" }'
MAX_NAMES: Final = 200


def names_of(source: Source, table: Mapping[str, Any]) -> dict[str, str]:
    """A person's names, each with what it means: the table `names` of the file, and that of [reading]."""
    found: dict[str, str] = {}
    own = table.get("reading", {})
    for names, place in ((table.get(NAMES, {}), source.top(NAMES)), (own.get(NAMES, {}), source.place("reading", 1, NAMES))):
        is_table = isinstance(names, dict) and len(names) <= MAX_NAMES
        if not is_table or not all(isinstance(meaning, str) and 0 < len(meaning) <= 200 for meaning in names.values()):
            raise SymbpError(
                "names is no table of texts", place, EXAMPLE if found or names is own.get(NAMES) else 'as in names = { h1 = "net_h1" }'
            )
        for name, meaning in names.items():
            if found.setdefault(name, meaning) != meaning:
                raise SymbpError(f"{name!r} means two things: {found[name]!r} and {meaning!r}", place, "name it once")
    return found


def conventions_of(source: Source, table: Mapping[str, Any]) -> dict[str, object]:
    """The conventions that [reading] fixes, by their names in `Conventions`."""
    own = table.get("reading", {})
    if not isinstance(own, dict):
        raise SymbpError(f"reading is {said(own)}", source.top("reading"), f"a table [reading] with {', '.join(CHOICES)}, {NAMES}")
    source.keys(own, (*CHOICES, NAMES), "reading", 0)
    found: dict[str, object] = {}
    for key, value in own.items():
        if key == NAMES:
            continue
        known = CHOICES[key]
        if isinstance(value, bool | list | dict) or value not in known:
            hint = nearest(value, [str(one) for one in known]) if isinstance(value, str) else f"known: {', '.join(map(str, known))}"
            raise SymbpError(f"unknown {key} {said(value)}", source.place("reading", 1, key), hint)
        field, choice = known[value]
        found[field] = choice
    _agrees(source, table, found)
    return found


def _agrees(source: Source, table: Mapping[str, Any], found: Mapping[str, object]) -> None:
    """What the network itself is must not be read otherwise."""
    for field, key in (("delta_sign", "delta"), ("reduction", "reduction")):
        if field in found and field in table and table[field] != found[field]:
            message = f"[reading] says {key} otherwise than {field} = {said(table[field])}"
            raise SymbpError(message, source.place("reading", 1, key), "leave one of them out")
