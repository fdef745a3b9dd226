"""The names of a network's quantities as tokens: what stands before the parser's eyes, looked up by base and scripts.

quantity = name { script }                at most one superscript and one subscript, in either order
script   = ( "^" | "_" ) ( "{" … "}" | token ) | raised | lowered
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final, TypeAlias

from symbp.language.form import Edge, Form, Function, Index, Layer, Node, Position, Unit, Var, leaves
from symbp.language.latex import LatexWriter
from symbp.language.lexer import Medium, Token, error, lex
from symbp.language.notation import Speller
from symbp.language.plain import PlainWriter
from symbp.language.vocabulary import Sharing, Vocabulary
from symbp.language.writer import Writer

MAX_NAME: Final = 40
"""A script of more tokens is no part of a name."""

FUNCTIONS: Mapping[str, str] = {
    "sigma": "sigmoid",
    "tanh": "tanh",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "softplus": "softplus",
    "SiLU": "silu",
    "GELU": "gelu",
    "sin": "sin",
    "softmax": "softmax",
    "f": "f",
    "id": "identity",
    "varphi": "varphi",
    "psi": "psi",
    "chi": "chi",
}
"""The function that each symbol means; the greek ones are a user's own."""

WHOLE = frozenset({"weights", "biases", "nets", "outs", "deltas"})
"""The kinds of whole layers that formulas name; `inputs` and `targets` never stand in one, and x is an argument."""

INDICES: Final = "ijkm"

_NO_NAME = "\0"
"""Instead of an empty or long script, which must not pass for none."""

Key: TypeAlias = tuple[str, str, str]
"""How a name is looked up: its base, superscript and subscript, without braces."""

_WRITERS: Mapping[Medium, type[Writer]] = {"latex": LatexWriter, "plain": PlainWriter}


@dataclass(frozen=True, slots=True)
class Script:
    """A superscript or subscript: its text, and the tokens from `start` up to `end` that it spans."""

    text: str
    start: int
    end: int


def braces(tokens: list[Token], text: str) -> dict[int, int]:
    """Where each `{` is closed, by the tokens' numbers."""
    waiting: list[int] = []
    closing: dict[int, int] = {}
    for at, token in enumerate(tokens):
        if token.text == "{":
            waiting.append(at)
        elif token.text == "}":
            if not waiting:
                raise error("unexpected '}'", text, token.start, "no '{' is open here")
            closing[waiting.pop()] = at
    if waiting:
        raise error("this '{' is never closed", text, tokens[waiting[-1]].start, "expected '}'")
    return closing


def flat(tokens: list[Token]) -> str:
    """The text of `tokens` without braces, and without the mark of a script in a script: h_{1,2} is h1,2."""
    return "".join(token.text for token in tokens if token.text not in {"{", "}", "_"})


def scripts(tokens: list[Token], at: int, closing: Mapping[int, int], medium: Medium) -> dict[str, Script]:
    """The scripts that start at `at`, at most one "^" and one "_"; in plain text the sign "^" is a power's only."""
    found: dict[str, Script] = {}
    while (mark := _mark(tokens[at], medium)) and mark not in found:
        start = at + 1 if tokens[at].kind == "sign" else at
        end = min(closing.get(start, start) + 1, len(tokens) - 1)
        text = flat(tokens[start:end]) if end - start <= MAX_NAME else ""
        found[mark] = Script(text or _NO_NAME, start, end)
        at = end
    return found


def _mark(token: Token, medium: Medium) -> str:
    if token.kind == "sign":
        return token.text if medium == "latex" and token.text in {"^", "_"} else ""
    return {"raised": "^", "lowered": "_"}.get(token.kind, "")


def quantities(vocabulary: Vocabulary, depth: str) -> Iterator[Var]:
    """Every Var that a formula may name: those of the network, then general ones and whole layers; `depth` is the last of any."""
    yield from vocabulary.variables()
    yield Var("argument")
    for layer in range(1, vocabulary.last + 1):
        yield from (Var("delta", unit, sample=1, step=1) for unit in vocabulary.units(layer))
    yield Var("outs", Layer(0))
    layers: list[Position] = [*range(1, vocabulary.last + 1), *(Index("l", by) for by in (-2, -1, 0, 1))]
    layers += [Index(depth, by) for by in (-1, 0)]
    for at in layers:
        yield from _general(at)
        yield from (Var(kind, Layer(at)) for kind in ("weights", "nets", "outs", "deltas"))
        # Both are spelled b; a network whose layers share a bias has no vectors of them.
        yield Var("biases" if set(vocabulary.sharing) == {Sharing.UNIT} else "bias", Layer(at))


def _general(layer: Position) -> Iterator[Var]:
    before: Position = layer.shifted(-1) if isinstance(layer, Index) else layer - 1
    for name in INDICES:
        unit = Unit(layer, Index(name))
        yield from (Var(kind, unit, sample=1) for kind in ("net", "out", "delta"))
        yield Var("bias", unit)
        yield from (Var("weight", Edge(Unit(before, Index(source)), unit)) for source in INDICES)


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

    def _key(self, var: Var) -> Key:
        spelled = self._writer.var(var)[0]
        tokens = lex(spelled, self.medium)
        marks = scripts(tokens, 1, braces(tokens, spelled), self.medium)
        return tokens[0].text, marks["^"].text if "^" in marks else "", marks["_"].text if "_" in marks else ""

    @cached_property
    def variables(self) -> Mapping[Key, Var]:
        """Every quantity; where two are spelled alike, the one that the network itself has."""
        known: dict[Key, Var] = {}
        for var in quantities(self.speller.vocabulary, self.speller.notation.depth):
            known.setdefault(self._key(var), var)
        return known

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """Every function by the token that names it."""
        found = (Function(name, symbol) for symbol, name in FUNCTIONS.items())
        return {lex(self._writer.function(function), self.medium)[0].text: function for function in found}

    def known(self) -> list[str]:
        """What a message may suggest."""
        return [self._writer.var(var)[0] for var in islice(self.variables.values(), 500)]

    def width(self, layer: Position) -> str:
        """The symbol for the number of units in `layer`, as `flat` gives it."""
        return flat(lex(self.speller.width_name(layer), self.medium))
