"""Signs of what is computed: x + (-y) is one subtraction, and what is negative is, where it can be, a difference turned round.

Values stay what they are in every algebra; a tape that was compiled from such forms has fewer instructions that only turn a sign.
"""

from __future__ import annotations

from fractions import Fraction

from symbp.language.form import Form, Node, Value, add, neg, number

_PRODUCTS = frozenset({"times", "dot", "frac"})


def settled(form: Form) -> Node:
    """The same value, the sign of `form` and of its terms or factors settled; parts of these are left as they are.

    A sign that nothing takes up stays at its factor, or at the first term: many gradients share -delta, and none -delta out.
    """
    is_negative, body = _taken_out(form)
    if not is_negative:
        return _difference(body)
    if (turned := _turned(body)) is not None:
        return turned
    if form.op == "add" and isinstance(body, Form):
        return Form("sub", (form.args[0], add(*body.args[1:])))
    return form if form.op in _PRODUCTS else neg(body)


def _taken_out(node: Node) -> tuple[bool, Node]:
    """Is the sign of `node` turned, and what is left: -x y as -(x y), -x - y as -(x + y)."""
    if not isinstance(node, Form):
        return False, node
    if node.op == "neg":
        is_negative, body = _taken_out(node.args[0])
        return not is_negative, body
    if node.op in _PRODUCTS or node.op == "add":
        signs, bodies = zip(*map(_taken_out, node.args), strict=True)
        if node.op in _PRODUCTS and any(signs):
            return sum(signs) % 2 == 1, Form(node.op, bodies)
        if node.op == "add" and all(signs) and len(bodies) > 1:
            return True, Form("add", bodies)
    return False, node


def _turned(node: Node) -> Node | None:
    """-node, if a constant or a difference in it can be turned."""
    match node:
        case Value(_, Fraction() as meaning):
            return number(-meaning)
        case Form("add"):
            both = _sides(node)
            return None if both is None else Form("sub", both[::-1])
        case Form("times" | "dot" | "frac", args):
            for at, factor in enumerate(args):
                if (turned := _turned(factor)) is not None:
                    return Form(node.op, (*args[:at], turned, *args[at + 1 :]))
    return None


def _difference(node: Node) -> Node:
    """x + (-y) as x - y."""
    both = _sides(node) if isinstance(node, Form) and node.op == "add" else None
    return node if both is None else Form("sub", both)


def _sides(node: Form) -> tuple[Node, Node] | None:
    """What a sum adds and what it takes away, if it does both."""
    plus: list[Node] = []
    minus: list[Node] = []
    for term in node.args:
        is_negative, body = _taken_out(term)
        (minus if is_negative else plus).append(body)
    return (add(*plus), add(*minus)) if plus and minus else None
