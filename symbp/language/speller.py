"""`Speller`: the quantities of a network in a notation, Var to Name, and text to Var."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Final

from symbp.errors import SymbpError, nearest
from symbp.language.form import Edge, Index, Layer, Parameter, Position, Unit, Var
from symbp.language.notation import Notation
from symbp.language.vocabulary import Vocabulary

SAMPLE: Final = "p"
"""The name of the Index of any sample; a notation may spell it otherwise."""

_NUMBERED = re.compile(r"([A-Za-z]+)_?([0-9]+(?:_[0-9]+)*)")
_WORDED = re.compile(r"([A-Za-z])_([A-Za-z][A-Za-z0-9]*)")
_PATTERN = re.compile(r"(?P<base>[^^_]+)(?:\^(?P<sup>[^_]+))?(?:_(?P<sub>.+))?")
_BATCHES: Final = frozenset({"inputs", "targets", "nets", "outs", "deltas"})


@dataclass(frozen=True, slots=True)
class Name:
    """A spelled quantity before any medium: `base`, superscript and subscript.

    `words` are names in the subscript, after `sub`; `is_own` says that the base is a name that a user may have given; `time` is the
    time step, raised in angle brackets; `of` is the parameter that this is the velocity or a moment of, which becomes the subscript.
    """

    base: str
    sup: str = ""
    sub: str = ""
    words: tuple[str, ...] = ()
    is_own: bool = False
    time: str = ""
    of: Name | None = None

    @property
    def flat(self) -> Name:
        """Where no subscript stands in another: `v` of W^(2)_11 as v_W^(2)_11."""
        if self.of is None:
            return self
        return replace(self.of, base=f"{self.base}_{self.of.base}", sup=self.of.sup + self.sup, is_own=True)

    def lower(self, separator: str) -> str:
        """The whole subscript, as it is typed."""
        return separator.join((self.sub, *self.words) if self.sub else self.words)


def shown(position: Position, by: int = 0) -> str:
    """A layer's or a unit's position as text: 3, l, l+1."""
    if isinstance(position, int):
        return str(position + by)
    offset = position.offset + by
    return position.name + (f"{offset:+d}" if offset else "")


def after(step: int) -> str:
    """The mark of a quantity after `step` updates: w+, then w(2), w(3)."""
    return {0: "", 1: "+"}.get(step, f"({step})")


@cache
def split(pattern: str) -> tuple[str, str, str]:
    """The base, superscript and subscript of a pattern."""
    match = _PATTERN.fullmatch(pattern)
    assert match is not None, pattern
    base, sup, sub = (match[part] or "" for part in ("base", "sup", "sub"))
    return base, sup, sub


@dataclass(frozen=True)
class Speller:
    """A notation on one network: Var to Name, and text to Var. `read(ascii(v)) == v` for every Var of the network."""

    notation: Notation
    vocabulary: Vocabulary

    # -- Var to Name -----------------------------------------------------------------------------------------------

    def name(self, var: Var) -> Name:
        """The Name that the notation gives to `var`."""
        found = self._spelled.get(var)
        if found is None:
            found = self._spelled[var] = self._name(var)
        return found

    @cached_property
    def _spelled(self) -> dict[Var, Name]:
        return {}

    def _name(self, var: Var) -> Name:
        if isinstance(var.owner, Var):
            own = Name(self.notation.patterns[var.kind], of=self.name(var.owner))
            own = self._sampled(own, shown(var.sample)) if var.sample is not None else own
            return replace(own, sup=own.sup + after(var.step))
        fields, is_general = self._fields(var)
        pattern = self._pattern(var, is_general)
        base, sup, sub = split(pattern)
        words = tuple(fields[field] for field in re.findall(r"\{(unit|source)\}", sub))
        lower = "" if words else sub.replace("}{", "}{comma}{").format_map(fields)
        if lower == sub and sub.isalpha() and len(sub) > 1:
            lower, words = "", (sub,)
        name = Name(base.format_map(fields), sup.format_map(fields), lower, words, base in {"{unit}", "{name}"})
        if base == "{name}":
            name = _own(name)
        if fields["sample"] and var.sample is not None and "{sample}" not in pattern:
            name = self._sampled(name, fields["sample"])
        if not var.step and var.time is None:
            return name
        return replace(name, sup=name.sup + after(var.step), time="" if var.time is None else shown(var.time))

    def _sampled(self, name: Name, sample: str) -> Name:
        template = self.notation.sample
        if template.startswith("^"):
            return replace(name, sup=template[1:].format(sup=name.sup, sample=sample).strip(","))
        both_letters = len(sample) == len(name.sub) == 1 and sample.isalpha() and name.sub.isalpha()
        joined = "" if both_letters else ","
        return replace(name, sub=sample + (joined + name.sub if name.sub else ""))

    def width_name(self, layer: Position) -> Name | None:
        """The notation's symbol for the number of units in `layer`, if it has one."""
        if not self.notation.width:
            return None
        fields = {"layer+1": shown(layer, 1), "layer": shown(layer)}
        base, sup, sub = (part.format_map(fields) for part in split(self.notation.width))
        return Name(base, sup, sub)

    def gradient_name(self, var: Var) -> Name | None:
        """The name of the derivative of the error with respect to the whole layer `var`, where the notation has names for these."""
        if self.notation.gradient != "d" or var.kind not in {"weights", "biases", "outs"}:
            return None
        name = self.name(var)
        return replace(name, base="d" + name.base)

    def letter(self, index: Index) -> str:
        """An index as it is written."""
        return self.notation.sample_index if index.name == SAMPLE else shown(index)

    def _pattern(self, var: Var, is_general: bool) -> str:
        kind, row = self._kind(var), self.notation
        return row.general.get(kind, row.patterns[kind]) if is_general else row.patterns[kind]

    def _kind(self, var: Var) -> str:
        """The pattern's key for `var`."""
        words, kind, owner = self.vocabulary, var.kind, var.owner
        match owner:
            case Parameter():
                return "named"
            case Layer() if kind == "bias":
                return "shared_bias"
            case Layer(layer) if kind == "outs" and layer == words.last and words.is_layered and "outputs" in self.notation.patterns:
                return "batch_outputs" if words.samples > 1 and var.sample is None else "outputs"
            case Layer() if kind in _BATCHES and words.samples > 1 and var.sample is None:
                return f"batch_{kind}"
            case Edge(source, target) if words.times and isinstance(source.layer, int) and isinstance(target.layer, int):
                return "block_weight"
            case Unit(layer, index) if kind == "out" and "output" in self.notation.patterns:
                is_last = not words.wiring and layer == words.last
                return "output" if owner in words.outputs or (is_last and isinstance(index, Index)) else kind
        return kind

    def _fields(self, var: Var) -> tuple[dict[str, str], bool]:
        """What a pattern's fields stand for, and whether an index is free."""
        words, owner = self.vocabulary, var.owner
        fields = {"sample": self._sample(var), "comma": "", "j": "0"}
        units: tuple[Unit, ...] = ()
        match owner:
            case Edge(source, target):
                units = (target, source)
            case Unit():
                units = (owner,)
            case Parameter(name):
                return {**fields, "name": name}, False
        layer = units[0].layer if units else owner.layer if isinstance(owner, Layer) else 0
        fields |= {"layer": shown(layer), "layer+1": shown(layer, 1)}
        fields |= {field: shown(unit.index) for field, unit in zip(("i", "j"), units, strict=False)}
        if len(units) == 2 and isinstance(layer, int) and isinstance(units[1].layer, int):
            block = words.block(Edge(units[1], units[0]))
            fields["block"] = f"({block})" if block.isdecimal() else block
        if isinstance(layer, Index) or any(isinstance(at, Index) for unit in units for at in (unit.layer, unit.index)):
            return fields, True
        fields |= {field: words.unit_name(unit) for field, unit in zip(("unit", "source"), units, strict=False)}
        if len(units) == 1 and (var.kind in {"target", "error"} or self._kind(var) == "output"):
            fields["i"] = str(words.outputs.index(units[0]) + 1)
        if len(units) == 2 and not words.wiring:
            fields["number"] = str(words.weight_number(Edge(units[1], units[0])))
        fields["comma"] = "," if words.widest > 9 else ""
        return fields, False

    def _sample(self, var: Var) -> str:
        """The sample that `var` is of, as text; nothing where there is only one, unless the notation keeps the letter of any."""
        words = self.vocabulary
        if isinstance(var.sample, Index):
            return self.letter(var.sample)
        if words.samples > 1:
            return "" if var.sample is None else str(var.sample)
        is_total = var.kind == "error_total" and "error_data" not in words.extras
        return self.notation.sample_index if self.notation.keeps_sample and (var.sample is not None or is_total) else ""

    # -- text ------------------------------------------------------------------------------------------------------

    def ascii(self, var: Var) -> str:
        """As one types it: `net_h1`, `W^(2)_11`, `out^<2>_h1`."""
        name = self.name(var).flat
        tail, sup = name.lower(","), name.sup + (f"<{name.time}>" if name.time else "")
        return name.base + (f"^{sup}" if sup else "") + (f"_{tail}" if tail else "")

    @cached_property
    def _names(self) -> tuple[dict[str, Var], tuple[str, Var, Var] | None]:
        """What each text means, and the first text that would mean two things."""
        known: dict[str, Var] = {}
        for var in self.vocabulary.variables():
            typed = self.ascii(var)
            for text in (self.vocabulary.canonical(var), typed, typed.replace(",", "_")):
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
            first, second = (f"the {said(var)} {self.vocabulary.canonical(var)}" for var in both)
            message = f"the name {text!r} is used twice in notation {self.notation.name!r}: for {first} and for {second}"
            raise SymbpError(message, hint="give the input, unit or parameter another name")

    def read(self, text: str) -> Var:
        """The quantity that `text` names: a canonical name or one of this notation, as `ascii` writes it."""
        name = re.sub(r"\s+|(?<=[\^_])\{|\}", "", text)
        known, _ = self._names
        if name not in known:
            parameters = [self.vocabulary.canonical(v) for v in self.vocabulary.parameters()]
            raise SymbpError(f"there is no {text!r} in this network", hint=nearest(name, parameters))
        return known[name]


def said(var: Var) -> str:
    """The kind of a quantity in words."""
    return var.kind.replace("_", " ")


def _own(name: Name) -> Name:
    """A parameter's own name with its number, or what follows one letter, in the subscript: w1, k1_2, w_skip."""
    if match := _NUMBERED.fullmatch(name.base):
        return replace(name, base=match[1], sub=match[2].replace("_", ","))
    if match := _WORDED.fullmatch(name.base):
        return replace(name, base=match[1], words=(match[2],))
    return name
