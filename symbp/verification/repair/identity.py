"""What a mistake is, wherever it was made: the same in two rows where the same was done wrong."""

from __future__ import annotations

from dataclasses import fields, replace

from symbp.language import written as w
from symbp.language.form import Edge, Unit, Var
from symbp.language.written import Name, Written
from symbp.verification.repair.editing import Edit, Editing


def identified(edit: Edit, e: Editing) -> Edit:
    """The edit with its identity: its code, and what was written and what belongs there, by kind and not by place."""
    was, should = (abstract(e, x) if hasattr(x, "span") else x for x in (edit.was, edit.should))
    if edit.was is None and edit.should is None:
        was, should = type(edit.old).__name__, type(edit.new).__name__
    return replace(edit, identity=(edit.code, was, should))


def abstract(e: Editing, node: object) -> object:
    """A form with its names replaced by what kind of quantity each is, and how it stands to that which the row is about."""
    if isinstance(node, w.Bracket):
        return abstract(e, node.of)
    if isinstance(node, Name):
        bare, rest = e.lexicon.bare(node)
        var, quantity = e.lexicon.var(bare), e.lexicon.quantity(node)
        marks = "".join(script.text for script in rest)
        if var is not None:
            return var.kind, related(e, var), marks
        return (quantity.kind, "", marks) if quantity is not None else (node.base, "", marks)
    if isinstance(node, tuple):
        return tuple(abstract(e, item) for item in node)
    if hasattr(node, "span") and not isinstance(node, w.Script):
        return type(node).__name__, *(abstract(e, getattr(node, f.name)) for f in fields(node) if f.name not in {"span", "low", "high"})  # type: ignore[arg-type]
    return node.text if isinstance(node, w.Script) else node


def related(e: Editing, var: Var) -> str:
    """How a quantity stands to the subject of the row: its own, of its source, of what it leads to, of the same layer, or of another."""
    subject = e.subject.owner if e.subject is not None else None
    unit = var.owner.target if isinstance(var.owner, Edge) else var.owner
    if var.owner == subject:
        return "own"
    if isinstance(subject, Edge) and unit in {subject.source, subject.target}:
        return "source" if unit == subject.source else "target"
    near = subject.target if isinstance(subject, Edge) else subject
    if isinstance(near, Unit) and isinstance(unit, Unit):
        return f"layer {int(str(unit.layer)) - int(str(near.layer)):+d}"
    return "other"


__all__ = ["Written", "abstract", "identified"]
