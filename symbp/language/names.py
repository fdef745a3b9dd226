"""The names of a network's quantities, as a reader sees them: what each stands for, looked up by base and scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from typing import Final, TypeAlias

from symbp.language.form import Edge, Form, Function, Index, Layer, Node, Parameter, Position, Range, Unit, Var, leaves, total
from symbp.language.latex import LatexWriter
from symbp.language.plain import PlainWriter
from symbp.language.reader import Reader
from symbp.language.speller import SAMPLE, Speller
from symbp.language.tokens import Medium, Unreadable, lex
from symbp.language.vocabulary import Sharing, Vocabulary
from symbp.language.writer import Writer
from symbp.language.written import Name, Token

FUNCTIONS: dict[str, str] = {"varphi": "varphi", "psi": "psi", "chi": "chi"}
"""The function that each symbol means: these are a user's own, every activation adds its own.

Any other is that of whatever layer its argument belongs to.
"""

GENERAL = "f"
"""The name of the activation of whatever layer its argument belongs to."""

WHOLE = frozenset({"weights", "biases", "nets", "outs", "deltas"})
"""The kinds of whole layers that formulas name; `inputs` and `targets` never stand in one, and x is an argument."""

INDICES: Final = "ijkm"

Key: TypeAlias = tuple[str, str, str]
"""How a name is looked up: its base, superscript and subscript, without braces."""

_WRITERS: Mapping[Medium, type[Writer]] = {"latex": LatexWriter, "plain": PlainWriter}


def flat(tokens: Sequence[Token]) -> str:
    """The text of `tokens` without braces, and without the mark of a script in a script: h_{1,2} is h1,2."""
    return "".join(token.text for token in tokens if token.text not in {"{", "}", "_"})


def key(name: Name) -> Key:
    """How a name is looked up."""
    return name.base, "".join(flat(script.tokens) for script in name.sups), flat(name.sub.tokens) if name.sub else ""


def quantities(vocabulary: Vocabulary, depth: str) -> Iterator[Var]:
    """Every Var that a formula may name: those of the network, then general ones and whole layers; `depth` is the last of any."""
    yield from vocabulary.variables()
    yield Var("argument")
    yield from (Var("argument", Parameter(f"u{at}")) for at in (1, 2, 3))
    for layer in range(1, vocabulary.last + 1):
        yield from (Var("delta", unit, sample=1, step=1) for unit in vocabulary.units(layer))
    yield Var("outs", Layer(0))
    layers: list[Position] = [*range(1, vocabulary.last + 1), *(Index("l", by) for by in (-2, -1, 0, 1))]
    layers += [Index(depth, by) for by in (-1, 0)]
    for at in layers:
        yield from _general(at, [1] if vocabulary.times and at == 1 else [])
        yield from (Var(kind, Layer(at)) for kind in ("weights", "nets", "outs", "deltas"))
        # Both are spelled b; a network whose layers share a bias has no vectors of them.
        if vocabulary.wiring is None or isinstance(at, Index):
            yield Var("biases" if set(vocabulary.sharing) == {Sharing.UNIT} else "bias", Layer(at))
    if vocabulary.samples > 1 or vocabulary.times:
        yield from _any_instance(vocabulary, [0, *layers])


def _general(layer: Position, recurrent: list[Position]) -> Iterator[Var]:
    before: Position = layer.shifted(-1) if isinstance(layer, Index) else layer - 1
    for name in INDICES:
        unit = Unit(layer, Index(name))
        yield from (Var(kind, unit, sample=1) for kind in ("net", "out", "delta"))
        yield Var("bias", unit)
        yield from (Var("weight", Edge(Unit(at, Index(source)), unit)) for source in INDICES for at in (before, *recurrent))


def _any_instance(vocabulary: Vocabulary, layers: list[Position]) -> Iterator[Var]:
    """Quantities of any sample p, and of time steps t - 1, t and t + 1."""
    samples: list[Position] = [Index(SAMPLE), *vocabulary.every_sample] if vocabulary.samples > 1 else [1]
    times: list[Position | None] = [Index("t", by) for by in (0, -1, 1)] if vocabulary.times else [None]
    if vocabulary.times and vocabulary.samples > 1:
        times += range(vocabulary.times + 1)
    for sample, time in product(samples, times):
        yield Var("error_sample", None, sample, time)
        for at in layers:
            yield from _owned(vocabulary, at, sample, time)
            kinds = ("nets", "outs", "deltas") if at != 0 else ("inputs", "outs", "targets")
            yield from (Var(kind, Layer(at), sample, time) for kind in kinds)


def _owned(vocabulary: Vocabulary, layer: Position, sample: Position, time: Position | None) -> Iterator[Var]:
    units = vocabulary.units(layer) if isinstance(layer, int) else ()
    for unit in (*units, *(Unit(layer, Index(name)) for name in INDICES)):
        kinds = ("net", "out", "delta") if layer != 0 else ("input",)
        ends = ("target", "error") if unit in vocabulary.outputs or (layer == vocabulary.last and isinstance(unit.index, Index)) else ()
        yield from (Var(kind, unit, sample, time) for kind in (*kinds, *ends))


def is_matrix(node: Node) -> bool:
    """Does `node` stand for a whole layer or a matrix, as far as its own operator tells?"""
    match node:
        case Var(kind) | Form("apply" | "total", (_, Var(kind))):
            return kind in WHOLE
        case Form(op):
            return op in {"matrix", "transpose", "matmul", "hadamard", "diag"}
    return False


def layer_of(index: str, body: Node) -> Position | None:
    """The layer of the units in `body` that bear `index`."""
    for leaf in leaves(body):
        owner = leaf.owner if isinstance(leaf, Var) else None
        units = (owner.source, owner.target) if isinstance(owner, Edge) else (owner,)
        for unit in units:
            if isinstance(unit, Unit) and unit.index == Index(index):
                return unit.layer
    return None


def _bears(name: str, position: Position | None) -> bool:
    return isinstance(position, Index) and position.name == name


@dataclass(frozen=True)
class Names:
    """What each name of a network stands for in one medium."""

    speller: Speller
    medium: Medium

    @property
    def distinguishes(self) -> bool:
        """Are derivatives along one edge spelled otherwise than those along every path?"""
        return self.speller.vocabulary.distinguishes

    @cached_property
    def _writer(self) -> Writer:
        return _WRITERS[self.medium](self.speller)

    def text(self, node: Node) -> str:
        """`node` as this medium writes it."""
        return self._writer.text(node)

    def _key(self, node: Node) -> Key:
        spelled = self.text(node)
        try:
            name = Reader(lex(spelled, self.medium)).scripted()
        except Unreadable:
            name = None
        return (spelled, "", "") if name is None else key(name)

    @cached_property
    def variables(self) -> Mapping[Key, Var]:
        """Every quantity; where two are spelled alike, the one that the network itself has."""
        known: dict[Key, Var] = {}
        for var, spelled in self.keys.items():
            known.setdefault(spelled, var)
        return known

    @cached_property
    def keys(self) -> Mapping[Var, Key]:
        """Every quantity that a formula may name, and how it is looked up."""
        return {var: self._key(var) for var in quantities(self.speller.vocabulary, self.speller.notation.depth)}

    @cached_property
    def gradients(self) -> Mapping[Key, Node]:
        """The names of derivatives of the error with respect to whole layers, where the notation has names for these."""
        error = Var("error_total")
        wholes = [var for var in self.keys if self.speller.gradient_name(var)]
        return {self._key(gradient): gradient for gradient in (total(error, var) for var in wholes)}

    @cached_property
    def nodes(self) -> Mapping[Key, Node]:
        """What a name stands for: a quantity, or the derivative of the error with respect to a whole layer."""
        return {**self.gradients, **self.variables}

    @cached_property
    def bases(self) -> frozenset[str]:
        """The first tokens of all names."""
        return frozenset(base for base, _, _ in self.nodes)

    def range(self, letter: str, body: Node) -> Range | None:
        """What a sum over the index written `letter` runs over: samples or time steps of quantities in `body`, or a layer's units."""
        every = [leaf for leaf in leaves(body) if isinstance(leaf, Var)]
        if letter == self.speller.letter(Index(SAMPLE)) and any(_bears(SAMPLE, var.sample) for var in every):
            return Range(Index(SAMPLE), "samples")
        if any(_bears(letter, var.time) for var in every):
            return Range(Index(letter), "times")
        layer = layer_of(letter, body)
        return None if layer is None else Range(Index(letter), layer)

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """Every function by the token that names it."""
        found = (Function(FUNCTIONS.get(symbol, GENERAL), symbol) for symbol in (*FUNCTIONS, "f", self.speller.notation.function))
        return {lex(self._writer.function(function), self.medium)[0].text: function for function in found}

    def known(self) -> list[str]:
        """What a message may suggest."""
        return [self._writer.var(var)[0] for var in islice(self.variables.values(), 500)]

    def width(self, over: Position | str) -> str:
        """The symbol for the number of units in a layer, as `flat` gives it."""
        name = None if isinstance(over, str) else self.speller.width_name(over)
        return flat(lex(self._writer.name(name), self.medium)) if name else ""
