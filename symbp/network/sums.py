"""Long sums that several bindings share, as the sum of exponentials under every out of a softmax: each is named once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from symbp.language.form import Form, Node, Value, Var, add, leaves

LONG: Final = 8
"""A sum of more terms than that is long."""
_WALKED: Final = 1024
Pairs = list[tuple[Var, Node]]


def is_long(node: Node) -> bool:
    return isinstance(node, Form) and node.op == "add" and len(node.args) > LONG


@dataclass(frozen=True)
class Shared:
    """Bindings in which every long sum that stood in several of them has a name, bound right before it is used first."""

    pairs: tuple[tuple[Var, Node], ...]
    names: dict[frozenset[Node], Var]
    """The name of a sum, by its terms in whatever order."""

    def put(self, node: Node) -> Node:
        """`node` with each of these sums by its name."""
        if not isinstance(node, Form):
            return node
        if is_long(node) and (name := self.names.get(terms_of(node))) is not None:
            return name
        args = tuple([self.put(arg) if isinstance(arg, Form) else arg for arg in node.args])
        return Form(node.op, args) if any(a is not b for a, b in zip(args, node.args, strict=True)) else node


@lru_cache(maxsize=_WALKED)
def terms_of(node: Form) -> frozenset[Node]:
    """The terms of a long sum, none of which stands twice; else nothing."""
    found = frozenset(node.args)
    return found if len(found) == len(node.args) else frozenset()


def shared(pairs: Iterable[tuple[Var, Node]]) -> Shared | None:
    """The bindings `pairs` with shared long sums named; None where there are none."""
    own = tuple(pairs)
    met: dict[Form, int] = {}
    for _, form in own:
        for part in _long_sums(form, met):
            met[part] = met.get(part, 0) + 1
    several = [part for part, count in met.items() if count > 1 and terms_of(part)]
    if not several:
        return None
    names: dict[frozenset[Node], Var] = {}
    for part in several:
        names.setdefault(terms_of(part), Var("common", step=len(names)))
    return _bound(own, {part: names[terms_of(part)] for part in several}, names)


def _long_sums(form: Node, met: Mapping[Form, int]) -> dict[Form, None]:
    """Long sums in `form` itself and, where one was not `met` before, within it."""
    found: dict[Form, None] = {}
    waiting = [form]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Form):
            if is_long(part):
                found[part] = None
                if part in met:
                    continue
            waiting += part.args
    return found


def _bound(own: tuple[tuple[Var, Node], ...], sums: dict[Form, Var], names: dict[frozenset[Node], Var]) -> Shared:
    """`own` with the `sums` named, each of which is bound before what uses it first."""
    found: Pairs = []
    done: set[Var] = set()

    def put(node: Node) -> Node:
        if not isinstance(node, Form):
            return node
        if is_long(node) and (name := sums.get(node)) is not None:
            if name not in done:
                done.add(name)
                found.append((name, add(*map(put, node.args))))
            return name
        args = tuple([put(arg) for arg in node.args])
        return Form(node.op, args) if any(a is not b for a, b in zip(args, node.args, strict=True)) else node

    for var, form in own:
        changed = put(form)
        found.append((var, changed))
    return Shared(tuple(found), names)


def new_leaves(form: Node, walked: set[Form]) -> set[Node]:
    """The leaves of `form`, but for those of long sums that were `walked` before; those that are new are noted there."""
    found: set[Node] = set()
    waiting = [form]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, Form):
            found.add(part)
        elif not is_long(part):
            waiting += part.args
        elif part not in walked:
            walked.add(part)
            waiting += part.args
    return found


def values(node: Node) -> tuple[Value, ...]:
    """The numbers in `node`, left to right; those of a long sum are looked up once."""
    if isinstance(node, Form):
        if is_long(node):
            return _values_of_sum(node)
        return tuple(value for arg in node.args for value in values(arg))
    return (node,) if isinstance(node, Value) else ()


@lru_cache(maxsize=_WALKED)
def _values_of_sum(node: Form) -> tuple[Value, ...]:
    return tuple(leaf for leaf in leaves(node) if isinstance(leaf, Value))
