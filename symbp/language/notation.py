"""NOTATIONS: how each kind of quantity is spelled, a row each; a notation never changes what is true.

A pattern is `base^superscript_subscript`. Its fields: `{unit}` the unit's name, `{number}` the weight's number, `{layer}` (0 is
the input; `{layer+1}` where the input counts as 1), `{i}` the unit's index (that of the output, for targets and errors), `{j}` the
source's, `{name}` a parameter's own name, `{block}` the matrix that a weight of a recurrent network belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from symbp.errors import SymbpError, nearest
from symbp.language.form import Edge, Index, Layer, Parameter, Position, Unit, Var
from symbp.language.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Name:
    """A spelled quantity before any medium: `base`, superscript and subscript.

    `unit` is a subscript that is a unit's name; `is_own` says that the base is a name that a user may have given; `time` is the
    time step, raised in angle brackets; `of` is the parameter that this is the velocity or a moment of, which becomes the subscript.
    """

    base: str
    sup: str = ""
    sub: str = ""
    unit: str = ""
    is_own: bool = False
    time: str = ""
    of: Name | None = None

    @property
    def flat(self) -> Name:
        """Where no subscript stands in another: `v` of W^(2)_11 as v_W^(2)_11."""
        if self.of is None:
            return self
        return replace(self.of, base=f"{self.base}_{self.of.base}", sup=self.of.sup + self.sup, is_own=True)


@dataclass(frozen=True)
class Notation:
    """A row of NOTATIONS. `general` overrides `patterns` where an index is free; `numbering` is the input layer's number there.

    `loss_derivative` chooses between equal forms, `-(t - o)` or `o - t`; `weights_lead` says whether the weights of layer l lead
    "into" it or "from" it. `sample` says how a superscript takes up the number of the sample, where there are several.
    """

    name: str
    source: str
    patterns: Mapping[str, str]
    general: Mapping[str, str]
    loss_derivative: str
    function: str = "f"
    hadamard: str = "circ"
    numbering: int = 1
    width: str = ""
    weights_lead: str = "from"
    sample: str = "{sup}({sample})"


_EVERYWHERE = {
    "named": "{name}",
    "weight_decay": "lambda",
    "l1": "lambda_1",
    "rho": "rho",
    "beta": "beta",
    "momentum": "mu",
    "beta1": "beta_1",
    "beta2": "beta_2",
    "epsilon": "epsilon",
    "update_number": "n",
    "velocity": "v",
    "first_moment": "m",
    "second_moment": "v",
    "first_corrected": "mhat",
    "second_corrected": "vhat",
    "squares": "S_2",
    "magnitudes": "S_1",
    "argument": "x",
}
"""What every notation spells alike, unless its row says otherwise."""

_WHOLE_LAYERS = {
    "inputs": "x",
    "targets": "y",
    "weights": "W^({layer})",
    "biases": "b^({layer})",
    "nets": "z^({layer+1})",
    "outs": "a^({layer+1})",
    "deltas": "delta^({layer+1})",
}

NOTATIONS: dict[str, Notation] = {
    row.name: row
    for row in (
        Notation(
            name="mazur",
            source="Matt Mazur, A Step by Step Backpropagation Example (2015)",
            patterns={
                "input": "{unit}",
                "target": "t_{i}",
                "weight": "w_{number}",
                "bias": "b_{unit}",
                "shared_bias": "b_{layer}",
                "net": "net_{unit}",
                "out": "out_{unit}",
                "error": "E_{unit}",
                "error_total": "E",
                "delta": "delta_{unit}",
                "learning_rate": "eta",
                "error_sample": "E",
                "error_data": "E_0",
                "block_weight": "w^{block}_{i}{j}",
                "mean_activation": "rho_{unit}",
                "divergence": "KL_{unit}",
                **_EVERYWHERE,
                **_WHOLE_LAYERS,
                "inputs": "i",
                "targets": "t",
                "nets": "net^({layer+1})",
                "outs": "out^({layer+1})",
            },
            general={
                "input": "i_{i}",
                "weight": "w^({layer})_{i}{j}",
                "bias": "b^({layer})_{i}",
                "shared_bias": "b^({layer})",
                "net": "net^({layer+1})_{i}",
                "out": "out^({layer+1})_{i}",
                "delta": "delta^({layer+1})_{i}",
            },
            loss_derivative="-(t - o)",
        ),
        Notation(
            name="ufldl",
            source="UFLDL Tutorial, Stanford, section Backpropagation Algorithm",
            patterns={
                "input": "x_{i}",
                "target": "y_{i}",
                "weight": "W^({layer})_{i}{j}",
                "bias": "b^({layer})_{i}",
                "shared_bias": "b^({layer})",
                "net": "z^({layer+1})_{i}",
                "out": "a^({layer+1})_{i}",
                "error": "J_{i}",
                "error_total": "J",
                "delta": "delta^({layer+1})_{i}",
                "learning_rate": "alpha",
                "error_sample": "J",
                "error_data": "J_0",
                "block_weight": "W^{block}_{i}{j}",
                "mean_activation": "rho_{i}",
                "divergence": "KL_{i}",
                **_EVERYWHERE,
                **_WHOLE_LAYERS,
            },
            general={},
            loss_derivative="-(t - o)",
            width="s_{layer+1}",
        ),
        Notation(
            name="nielsen",
            source="Michael Nielsen, Neural Networks and Deep Learning (2015), chapter 2",
            patterns={
                "input": "x_{i}",
                "target": "y_{i}",
                "weight": "w^{layer+1}_{i}{j}",
                "bias": "b^{layer+1}_{i}",
                "shared_bias": "b^{layer+1}",
                "net": "z^{layer+1}_{i}",
                "out": "a^{layer+1}_{i}",
                "error": "C_{i}",
                "error_total": "C",
                "delta": "delta^{layer+1}_{i}",
                "learning_rate": "eta",
                "error_sample": "C",
                "error_data": "C_0",
                "block_weight": "w^{block}_{i}{j}",
                "mean_activation": "rho_{i}",
                "divergence": "KL_{i}",
                **_EVERYWHERE,
                **_WHOLE_LAYERS,
                "weights": "w^{layer+1}",
                "biases": "b^{layer+1}",
                "nets": "z^{layer+1}",
                "outs": "a^{layer+1}",
                "deltas": "delta^{layer+1}",
            },
            general={},
            loss_derivative="o - t",
            function="sigma",
            hadamard="odot",
            weights_lead="into",
        ),
    )
}


def notation(name: str) -> Notation:
    """The row of NOTATIONS called `name`; an unknown name is an error that lists the known ones."""
    if name not in NOTATIONS:
        raise SymbpError(f"unknown notation {name!r}", hint=nearest(name, NOTATIONS))
    return NOTATIONS[name]


def shown(position: Position, by: int = 0) -> str:
    """A layer's or a unit's position as text: 3, l, l+1."""
    if isinstance(position, int):
        return str(position + by)
    offset = position.offset + by
    return position.name + (f"{offset:+d}" if offset else "")


def after(step: int) -> str:
    """The mark of a quantity after `step` updates: w+, then w(2), w(3)."""
    return {0: "", 1: "+"}.get(step, f"({step})")


_NUMBERED = re.compile(r"([A-Za-z]+)_?([0-9]+(?:_[0-9]+)*)")
_PATTERN = re.compile(r"(?P<base>[^^_]+)(?:\^(?P<sup>[^_]+))?(?:_(?P<sub>.+))?")


@dataclass(frozen=True)
class Speller:
    """A notation on one network: Var to Name, and text to Var. `read(ascii(v)) == v` for every Var."""

    notation: Notation
    vocabulary: Vocabulary

    def name(self, var: Var) -> Name:
        """The Name that the notation gives to `var`."""
        if isinstance(var.owner, Var):
            mark = "" if var.sample is None else self.notation.sample.format(sup="", sample=shown(var.sample)).strip(",")
            return Name(self.notation.patterns[var.kind], mark + after(var.step), of=self.name(var.owner))
        kind, fields, is_general = self._fields(var)
        if "{unit}" in (pattern := self._pattern(kind, is_general)) and not is_general:
            assert isinstance(var.owner, Unit)
            fields["unit"] = self.vocabulary.unit_name(var.owner)
        match = _PATTERN.fullmatch(pattern)
        assert match is not None, pattern
        base, sup, sub = (match[part] or "" for part in ("base", "sup", "sub"))
        unit = fields["unit"] if sub == "{unit}" else ""
        written = {part: text.format_map(fields) for part, text in (("base", base), ("sup", sup), ("sub", sub))}
        if var.sample is not None and (self.vocabulary.samples > 1 or isinstance(var.sample, Index)):
            written["sup"] = self.notation.sample.format(sup=written["sup"], sample=shown(var.sample)).strip(",")
        if base == "{name}" and (own := _NUMBERED.fullmatch(written["base"])):
            written |= {"base": own[1], "sub": own[2].replace("_", ",")}
        return Name(
            written["base"],
            written["sup"] + after(var.step),
            "" if unit else written["sub"],
            unit,
            base in {"{unit}", "{name}"},
            "" if var.time is None else shown(var.time),
        )

    def width_name(self, layer: Position) -> str:
        """The notation's symbol for the number of units in `layer`, or nothing."""
        return self.notation.width.format_map({"layer+1": shown(layer, 1), "layer": shown(layer)})

    def _pattern(self, kind: str, is_general: bool) -> str:
        row = self.notation
        return row.general.get(kind, row.patterns[kind]) if is_general else row.patterns[kind]

    def _fields(self, var: Var) -> tuple[str, dict[str, str], bool]:
        layer: Position
        indices: tuple[Position, ...]
        match var.owner:
            case Edge(source, target):
                layer, indices = target.layer, (target.index, source.index)
            case Unit(at, index):
                layer, indices = at, (index,)
            case Layer(at):
                layer, indices = at, ()
            case Parameter(name):
                return "named", {"name": name}, False
            case _:
                return var.kind, {}, False
        is_general = any(isinstance(position, Index) for position in (layer, *indices))
        fields = {"layer": shown(layer), "layer+1": shown(layer, 1)}
        for field, position in zip(("i", "j"), indices, strict=False):
            fields[field] = shown(position)
        if var.kind in {"target", "error"} and isinstance(var.owner, Unit) and not is_general:
            fields["i"] = str(self.vocabulary.outputs.index(var.owner) + 1)
        if isinstance(var.owner, Edge) and self.vocabulary.times:
            fields["block"] = self.vocabulary.block(var.owner)
        if len(indices) == 2 and not is_general:
            if self.vocabulary.widest > 9:
                fields["j"] = "," + fields["j"]
            assert isinstance(var.owner, Edge)
            fields["number"] = str(self.vocabulary.weight_number(var.owner))
        return self._kind(var), fields, is_general

    def _kind(self, var: Var) -> str:
        """The pattern's key for `var`."""
        if var.kind == "bias" and isinstance(var.owner, Layer):
            return "shared_bias"
        return "block_weight" if var.kind == "weight" and self.vocabulary.times else var.kind

    def ascii(self, var: Var) -> str:
        """As one types it: `net_h1`, `W^(2)_11`, `out^<2>_h1`."""
        name = self.name(var).flat
        tail, sup = name.unit or name.sub, name.sup + (f"<{name.time}>" if name.time else "")
        return name.base + (f"^{sup}" if sup else "") + (f"_{tail}" if tail else "")

    @cached_property
    def _names(self) -> tuple[dict[str, Var], tuple[str, Var, Var] | None]:
        """What each text means, and the first text that would mean two things."""
        known: dict[str, Var] = {}
        for var in self.vocabulary.variables():
            for text in (self.vocabulary.canonical(var), self.ascii(var)):
                if known.setdefault(text, var) != var:
                    return known, (text, known[text], var)
        for var in self.vocabulary.variables():
            known.setdefault(self.ascii(var).replace("_", "", 1), var)
        return known, None

    @property
    def clash(self) -> tuple[str, Var, Var] | None:
        """A text that two quantities of the network would share, and those two."""
        return self._names[1]

    def check(self) -> None:
        """Raise where two quantities of the network would be spelled alike."""
        if self.clash:
            text, *both = self.clash
            first, second = (f"the {var.kind.replace('_', ' ')} {self.vocabulary.canonical(var)}" for var in both)
            message = f"the name {text!r} is used twice in notation {self.notation.name!r}: for {first} and for {second}"
            raise SymbpError(message, hint="give the input or unit another name")

    def read(self, text: str) -> Var:
        """The quantity that `text` names: a canonical name or one of this notation, as `ascii` writes it."""
        name = re.sub(r"\s+|(?<=[\^_])\{|\}", "", text)
        known, _ = self._names
        if name not in known:
            parameters = [self.vocabulary.canonical(v) for v in self.vocabulary.parameters()]
            raise SymbpError(f"there is no {text!r} in this network", hint=nearest(name, parameters))
        return known[name]
