"""Operations, counted alike in what symbp writes and in SymPy expressions."""

from __future__ import annotations

from typing import Any

import sympy

from symbp.language.form import Form, Node, Value, Var, leaves
from symbp.network.calculus import SympyAlgebra, fold, unfold_functions
from symbp.network.program import Program

# -- operations: an addition, a product and a function call count one each; a sign is free -----------------------------


def form_operations(node: Node) -> int:
    """Of a Form as it is written: x - y is one addition, x**2 one product, x/y one product, sigma(x) one call."""
    return sum(map(form_operations, node.args)) + _own_of_form(node) if isinstance(node, Form) and _varies(node) else 0


def program_operations(program: Program) -> int:
    """Of all forms of a program, by the same rules, equal parts once: what it takes to compute them."""
    parts: set[Form] = set()
    todo: list[Node] = [binding.form for binding in program.bindings]
    while todo:
        node = todo.pop()
        if isinstance(node, Form) and node not in parts and _varies(node):
            parts.add(node)
            todo += node.args
    return sum(map(_own_of_form, parts))


def signs(program: Program) -> int:
    """How many of the tape's instructions only turn a sign; they are no operations by the rules above."""
    return sum(op == "neg" for op, _ in program.tape.instructions)


def _varies(form: Form) -> bool:
    return any(isinstance(leaf, Var) for leaf in leaves(form))


def _own_of_form(form: Form) -> int:
    if form.op in {"add", "times", "dot"}:
        return len(form.args) - 1
    if form.op == "pow" and isinstance(form.args[1], Value):
        return int(form.args[1].shown) - 1
    return int(form.op != "neg")


def tree_operations(tree: Any, known: dict[Any, int]) -> int:
    """Of a SymPy expression as it is printed, by the same rules; `known` remembers equal parts, each counts where it stands."""
    if tree not in known:
        known[tree] = sum(tree_operations(arg, known) for arg in tree.args) + _own(tree)
    return known[tree]


def _own(tree: Any) -> int:
    if tree.is_Add:
        return len(tree.args) - 1
    if tree.is_Mul:
        factors = [arg for arg in tree.args if arg != -1]
        below = sum(bool(arg.is_Pow and arg.exp.is_negative) for arg in factors)  # each counts its division itself
        return len(factors) - 1 - below + (below == len(factors))
    if tree.is_Pow:
        power = int(tree.exp)
        return power - 1 if power > 0 else -power
    return 1 if tree.args else 0


def count_ops(program: Program) -> int:
    """sympy.count_ops of every right-hand side, turned into a SymPy expression."""
    total = 0
    for binding in program.bindings:
        symbols = {leaf: sympy.Dummy() for leaf in leaves(binding.form) if isinstance(leaf, Var)}
        total += sympy.count_ops(fold(unfold_functions(binding.form), SympyAlgebra(), symbols.__getitem__))
    return total
