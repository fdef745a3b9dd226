"""The quantities of a layer that works on a whole batch, and how they are spelled.

Matrices: X, Y, G = dE/dY, W, M, S, xhat; vectors are columns: b, mu, v, sigma, gamma, beta, and ones; numbers: N, D, K, p, epsilon.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbp.language.form import Form, Index, Matrix, Node, Position, Range, Var, leaves
from symbp.language.notation import NOTATIONS, Notation
from symbp.language.speller import Name, shown

KINDS = {
    "X": "input",
    "G": "given",
    "M": "given",
    "W": "weight",
    "gamma": "weight",
    "b": "bias",
    "beta": "bias",
    "p": "constant",
    "epsilon": "constant",
    "mu": "out",
    "v": "net",
    "xhat": "out",
    "sigma": "out",
    "S": "out",
    "Y": "out",
    "ones": "ones",
    "delta": "kronecker",
    "N": "size",
    "D": "size",
    "K": "size",
}
"""What each symbol is. A proof puts in what is `out` first, then what is `net`."""

SIZES = ("N", "D", "K")


def whole(symbol: str) -> Var:
    """A matrix, vector or number as a whole."""
    return Var(KINDS[symbol], Matrix(symbol))


def entry(symbol: str, row: Position, column: Position | None = None) -> Var:
    """An entry of a matrix, or of a vector."""
    return Var(KINDS[symbol], Matrix(symbol, row, column))


def ones(size: str) -> Var:
    """The column of as many ones as `size` says."""
    return Var("ones", Matrix("ones", Index(size)))


def kronecker(i: Position, j: Position) -> Var:
    """1 where i = j, else 0."""
    return entry("delta", i, j)


def sum_over(index: Index, size: str, body: Node) -> Form:
    """The sum of `body` over index = 1, …, size."""
    return Form("sum", (Range(index, Index(size)), body))


def free_indices(node: Node) -> tuple[str, ...]:
    """The indices of `node` that no sum binds."""
    found = dict.fromkeys(name for leaf in leaves(node) if isinstance(leaf, Var) for name in _names(leaf))
    bound = {leaf.index.name for leaf in leaves(node) if isinstance(leaf, Range)}
    return tuple(name for name in found if name not in bound and name not in SIZES)


def sizes_of_ones(node: Node) -> Iterator[str]:
    """The sizes of the columns of ones in `node`."""
    for leaf in leaves(node):
        match leaf:
            case Var("ones", Matrix(_, Index(size))):
                yield size


def _names(var: Var) -> tuple[str, ...]:
    if not isinstance(var.owner, Matrix):
        return ()
    return tuple(at.name for at in (var.owner.row, var.owner.column) if isinstance(at, Index))


@dataclass(frozen=True)
class LayerSpeller:
    """Spells the quantities of a layer; the same in every notation."""

    notation: Notation = NOTATIONS["mazur"]
    distinguishes: bool = False

    @property
    def vocabulary(self) -> LayerSpeller:
        """A layer's quantities need no vocabulary beside their names."""
        return self

    def name(self, var: Var) -> Name:
        """X, X_nj, 1_N; E."""
        if not isinstance(var.owner, Matrix):
            return Name("E")
        return Name(var.owner.symbol, sub="".join(shown(at) for at in (var.owner.row, var.owner.column) if at is not None))

    def width_name(self, layer: Position) -> Name:
        """N, D or K."""
        return Name(shown(layer))

    def gradient_name(self, var: Var) -> None:
        """A derivative is a fraction."""

    def letter(self, index: Index) -> str:
        """An index as it is written."""
        return shown(index)
