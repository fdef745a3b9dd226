"""What the names of a derivation stand for on a program: deltas and gradients are derivatives of E along every path."""

from __future__ import annotations

from symbp.language.form import Form, Node, Unit, Var, neg, rewrite, total
from symbp.network.forward import ERROR
from symbp.network.program import Program


def gradient(parameter: Node) -> Form:
    """dE / d parameter."""
    return total(ERROR, parameter)


Place = Unit | Var
"""A unit of a network with one sample and no time, or any quantity of the unit, sample and time step that are meant."""


def of(kind: str, place: Place) -> Var:
    """The quantity `kind` at `place`."""
    if isinstance(place, Var):
        return Var(kind, place.owner, place.sample, place.time)
    return Var(kind, place, sample=1)


def delta(place: Place) -> Var:
    """How much the net input answers for the error: dE / dnet, times the sign that the network's convention gives it."""
    return of("delta", place)


def net(place: Place) -> Var:
    return of("net", place)


def out(place: Place) -> Var:
    return of("out", place)


def delta_meaning(var: Var, sign: int = 1) -> Node:
    """A delta is the total derivative of E by its unit's net input (times `sign`), whatever formula a text gives for it."""
    slope = total(ERROR, of("net", var))
    return slope if sign == 1 else neg(slope)


def sample_error(sample: int) -> Var:
    """The error of one of several samples."""
    return Var("error_sample", None, sample)


def is_sample_error(node: Node) -> bool:
    """Is `node` the whole error of a sample, of all its time steps?"""
    return isinstance(node, Var) and node.kind == "error_sample" and node.time is None and node.step == 0


def as_adjoints(node: Node, program: Program) -> Node:
    """`node` with its deltas and derivatives replaced by variables that `network.numbers.evaluate` has values for."""

    def change(part: Node) -> Node:
        if isinstance(part, Var) and part.kind == "delta" and part.step == 0:
            return rewrite(delta_meaning(part, program.delta_sign), change)
        if isinstance(part, Form) and part.op in {"total", "partial"}:
            of, wrt = part.args
            assert isinstance(of, Var) and isinstance(wrt, Var)
            if part.op == "total" and of == ERROR:
                return Var("adjoint", wrt)
            if part.op == "total" and is_sample_error(of):
                return Var("adjoint", wrt, of.sample)
            return program.partial(of, wrt)
        return part

    return rewrite(node, change)
