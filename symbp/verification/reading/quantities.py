"""What a written name may mean: quantities of a network, at given indices or at letters; and the words and letters for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from symbp.language.form import Index, Position, Var
from symbp.verification.written import Name, Script


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a name means: one of the network (`var`), or one that indices choose; whole layers have no `unit`.

    `layer` counts from 0, the input; of a weight or bias it is the layer that it leads into. It is None where the name does not tell.
    `of` is what a slope (dW, dZ) or a change (Δw) is of. `sample` is a letter or a number, or None for any one.
    `is_hidden`: it is of no output.
    """

    kind: str
    layer: Position | None = None
    unit: Position | None = None
    source: Position | None = None
    sample: Position | None = None
    step: int = 0
    var: Var | None = None
    of: Quantity | None = None
    is_batch: bool = False
    is_hidden: bool = False
    key: str = ""
    time: Position | None = None
    source_layer: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.var is None and self.unit is None and self.kind in WHOLES


@dataclass(frozen=True, slots=True)
class Reading:
    """A quantity, and the superscripts that are no part of its name: powers and transpositions."""

    quantity: Quantity
    rest: tuple[Script, ...] = ()


WHOLES: Final = frozenset({"input", "target", "net", "out", "delta", "weight", "bias"})
LAYERED: Final = frozenset({"net", "out", "delta", "weight", "bias"})

_USAGE: Final = {
    "net": "net in Net s sum inp zeta N",
    "net out weight": "u v",
    "out": "out Out output act o p yhat ohat ahat phat f pi s_ Yhat pred O H S P",
    "out net": "h a A",
    "net out": "z Z",
    "target out": "y",
    "input": "x i input X I",
    "target": "t target Target d T Y true tar",
    "delta": "delta Delta err e G",
    "weight": "w W Theta v_ weight omega V",
    "weight bias": "theta",
    "bias": "c b bias B",
    "error": "E J L C loss cost Loss error Error Cost MSE BCE CE",
    "error learning_rate": "l",
    "learning_rate": "lr rate eta alpha epsilon gamma mu",
    "net weight": "U",
    "weight_decay": "lambda",
    "rho": "rho",
}
BASES: Final[Mapping[str, str]] = {base: kinds for kinds, bases in _USAGE.items() for base in bases.split()}
"""What letters and words commonly stand for, the likeliest first; a network's notation comes before all of them."""

BATCHES: Final = frozenset(
    {"X", "A", "Z", "Y", "H", "S", "P", "Yhat", "O", "T", "I", "Delta", "G", "U", "N", "dZ", "dA", "Net", "Out", "D"}
)
"""Capitals that stand for a matrix with one column, or row, for each sample."""
NEW = frozenset(
    {"+", "new", "neu", "(new)", "(neu)", "updated", "(1)", "next", "'", "(t+1)", "(n+1)", "(k+1)", "t+1", "nuevo", "nouveau", "*", "upd"}
)
OLD = frozenset({"old", "(t)", "(0)", "(old)", "alt", "(n)", "(k)", "t"})
TOTAL = frozenset({"", "total", "tot", "Total", "t", "ges", "gesamt", "all", "sum", "T", "0"})
_POSITION = re.compile(r"(?:([A-Za-z]|n_?l|nl|ell)([+-][0-9]{1,3})?|([0-9]{1,4}))")
_OFFSETS = {"n_l": "L", "nl": "L", "ell": "l"}
BRACKETED = re.compile(r"(\([^()]*\)|\[[^\[\]]*\])")


def position(text: str) -> Position | None:
    """A number, a letter, or a letter with an offset; L and n_l are the last layer."""
    match = _POSITION.fullmatch(text)
    if match is None:
        return None
    if match[3]:
        return int(match[3])
    return Index(_OFFSETS.get(match[1], match[1]), int(match[2] or 0))


def moved(at: Position, by: int) -> Position:
    return at + by if isinstance(at, int) else at.shifted(by)


SAMPLES = frozenset({"i", "n", "p", "s", "m", "k", "t", "j"})
LAYER_WORDS = frozenset({"h", "o", "hidden", "output", "out", "i", "hid"})
SLOPED = frozenset("W Z A b z a w X H".split())
_PATTERNS: Final = {
    "input": "input inputs batch_inputs",
    "target": "target targets batch_targets",
    "weight": "weight weights",
    "bias": "bias shared_bias biases",
    "net": "net nets batch_nets",
    "out": "out output outs outputs batch_outs",
    "delta": "delta deltas batch_deltas",
    "error": "error error_total error_sample",
    "learning_rate": "learning_rate",
    "weight_decay": "weight_decay",
    "rho": "rho",
    "l1": "l1",
    "beta": "beta",
    "momentum": "momentum",
}
PATTERN_KINDS: Final[Mapping[str, str]] = {pattern: kind for kind, patterns in _PATTERNS.items() for pattern in patterns.split()}
"""What the patterns of a notation are patterns of."""


def stepped(var: Var, step: int) -> Var:
    return Var(var.kind, var.owner, step=step)


def indices_of(sub: str) -> list[Position]:
    """The indices of a subscript: i; 12 as two digits is for weights only; i,j; ij; 1,2; j0."""
    pieces = (
        sub.split(",")
        if "," in sub
        else re.findall(r"[A-Za-z](?:[+-][0-9])?|[0-9]", sub)
        if not sub.isdigit()
        else [*sub]
        if len(sub) == 2
        else [sub]
    )
    found = [position(piece) for piece in pieces if piece]
    return [] if any(at is None for at in found) or len(found) > 3 else [at for at in found if at is not None]


def pieces(script: Script) -> Iterator[Script]:
    """A superscript's parts: brackets one by one, and what stands between them: [2](i), [1]T."""
    tokens = [t for t in script.tokens if t.text not in {"{", "}", ","} or t.kind != "sign"]
    depth = 0
    run: list[object] = []
    for token in tokens:
        if token.text in {"(", "["} and token.kind == "sign" and depth == 0:
            if run:
                yield _script(run, script)
            run = []
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        run.append(token)
        if token.text in {")", "]"} and depth == 0:
            yield _script(run, script)
            run = []
    if run:
        yield _script(run, script)


def _script(tokens: Sequence[object], whole: Script) -> Script:
    kept = tuple(t for t in tokens)
    return whole if len(kept) == len(whole.tokens) else Script(kept, (kept[0].start, kept[-1].end))  # type: ignore[arg-type, attr-defined]


def spelling(name: Name) -> str:
    """A name as it is looked up: its base and scripts, without what only looks."""
    sub = name.sub.text if name.sub else ""
    sups = "".join(f"^{script.text}" for script in name.sups)
    return f"{name.base}_{sub}{sups}{chr(39) * name.primes}{'+' * name.plus}"
