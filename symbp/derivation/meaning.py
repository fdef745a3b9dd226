"""What the names of a derivation stand for on a program: deltas and gradients are derivatives of E along every path."""

from __future__ import annotations

from symbp.language.form import Edge, Form, Layer, Node, Unit, Var, rewrite, total
from symbp.network.forward import ERROR
from symbp.network.program import Program


def gradient(parameter: Node) -> Form:
    """dE / d parameter."""
    return total(ERROR, parameter)


def delta(unit: Unit) -> Var:
    """How much the net input of `unit` answers for the error: dE / d net."""
    return Var("delta", unit, sample=1)


def net(unit: Unit) -> Var:
    return Var("net", unit, sample=1)


def out(unit: Unit) -> Var:
    return Var("out", unit, sample=1)


def delta_meaning(var: Var) -> Form:
    """A delta is the total derivative of E by its unit's net input, whatever formula a text gives for it."""
    return total(ERROR, Var("net", var.owner, var.sample, var.time))


def as_adjoints(node: Node, program: Program) -> Node:
    """`node` with its deltas and derivatives replaced by variables that `network.numbers.evaluate` has values for."""

    def change(part: Node) -> Node:
        if isinstance(part, Var) and part.kind == "delta" and part.step == 0:
            part = delta_meaning(part)
        if isinstance(part, Form) and part.op in {"total", "partial"}:
            of, wrt = part.args
            assert isinstance(of, Var) and isinstance(wrt, Var)
            if part.op == "total" and of == ERROR:
                return Var("adjoint", wrt)
            return program.partial(of, wrt)
        return part

    return rewrite(node, change)


def target_unit(parameter: Var) -> Unit | Layer:
    """The unit that a parameter acts on first, or the layer that shares it."""
    match parameter.owner:
        case Edge(_, target):
            return target
        case Unit() | Layer() as owner:
            return owner
    raise AssertionError(parameter)
