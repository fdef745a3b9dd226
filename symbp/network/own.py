"""A user's own activation or loss: its formula, SymPy's derivative of it in the form that reads shortest, and its kinks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache, lru_cache
from itertools import chain, islice, product
from typing import Any, Final

from symbp.errors import Place, SymbpError, nearest
from symbp.language.form import ARGUMENT, KINKED, Form, Function, Node, Var, ddx, leaves, neg, number, rewrite, sub
from symbp.network.activation import ACTIVATIONS, Activation, Kink
from symbp.network.algebra import HighPrecision
from symbp.network.calculus import derivative, fold, to_sympy, unfold_functions
from symbp.network.formula import known_functions, pointed, read_formula
from symbp.network.legible import legible, operations
from symbp.network.loss import LOSSES, Loss, same
from symbp.network.worked import Chain

TARGET, OUT = Var("target"), Var("out")
"""The t and o of a loss."""
SYMBOLS: Final = ("varphi", "psi", "chi")
"""How a network's own functions are called, in the order in which they are met."""
MAX_EXPONENT: Final = 64
"""Rationals in exponents with a longer numerator or denominator are symbols where a shorter form is looked for."""
MAX_CANDIDATE: Final = 150
"""A derivative of more operations is not brought to another form."""
MAX_BRANCHES: Final = 32
_DIGITS: Final = 50
_SAMPLES: Final = tuple(Fraction(n, 16) for n in (-53, -29, -16, -11, -5, -1, 0, 2, 7, 13, 16, 21, 47))


def loss_named(text: object, place: Place) -> Loss:
    """The row of LOSSES, or the loss that `text` is a formula of."""
    if not isinstance(text, str):
        raise SymbpError(f"the loss is no text: {str(text)[:40]}", place, f"{nearest('', LOSSES)}, or a formula in t and o")
    return LOSSES[text] if text in LOSSES else loss_of(text, place)


def activation_of(text: str, place: Place, symbol: str = SYMBOLS[0]) -> Activation:
    """The activation that `text` is a formula of, in x."""
    _refuse_names(text, "x", ACTIVATIONS, "activation", place)
    form = read_formula(text, {"x": ARGUMENT}, place)
    _require(form, ARGUMENT, "x", text, place)
    slope = shortest_derivative(form, ARGUMENT)
    is_analytic = not _is_kinked(form)
    return Activation(
        text.strip(),
        Function(symbol, symbol, definition=form),
        lambda x: _put(form, {ARGUMENT: x}),
        lambda net, out: _put(slope, {ARGUMENT: net}),
        lambda x: ((ddx(_put(form, {ARGUMENT: x}), x), "definition"), (_put(slope, {ARGUMENT: x}), "differentiated")),
        analytic=is_analytic,
        kinks=() if is_analytic else tuple(_kinks(form, slope)),
    )


def distinguished(rows: tuple[Activation, ...]) -> tuple[Activation, ...]:
    """`rows`, in which a user's own functions that differ have symbols that differ."""
    symbols: dict[Node, str] = {}
    found = []
    for row in rows:
        form = row.function.definition
        if form is not None:
            symbol = symbols.setdefault(form, SYMBOLS[min(len(symbols), len(SYMBOLS) - 1)])
            row = replace(row, function=replace(row.function, name=symbol, symbol=symbol))
        found.append(row)
    return tuple(found)


def loss_of(text: str, place: Place) -> Loss:
    """The loss that `text` is a formula of, in t and o."""
    _refuse_names(text, "o", LOSSES, "loss", place)
    form = read_formula(text, {"t": TARGET, "o": OUT}, place)
    _require(form, OUT, "o", text, place)
    slope = shortest_derivative(form, OUT)

    def at(node: Node) -> Callable[[Node, Node, int], Node]:
        return lambda t, o, n: _put(node, {TARGET: t, OUT: o})

    def worked(t: Node, o: Node, n: int) -> Chain:
        return ((ddx(at(form)(t, o, n), o), "definition"),) if isinstance(o, Var) else ()

    return Loss(text.strip(), text.strip(), at(form), same(at(slope)), worked, analytic=not _is_kinked(form))


def _refuse_names(text: str, variable: str, rows: Any, what: str, place: Place) -> None:
    """A single word, or words joined as names are, is a name that does not exist, and no formula."""
    words = re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text)
    is_name = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_ .-]*", text.strip()) is not None
    if not text.strip() or (is_name and variable not in words):
        hint = f"{nearest(text, rows)}\nor a formula in {'x' if variable == 'x' else 't and o'}"
        raise SymbpError(f"unknown {what} {text[:80]!r}", place, hint)


def _require(form: Node, var: Var, name: str, text: str, place: Place) -> None:
    if var not in set(leaves(form)):
        raise pointed(f"the formula has no {name}", text, 0, place, f"known functions: {', '.join(known_functions())}, max, min")


def _put(form: Node, by: dict[Var, Node]) -> Node:
    return rewrite(form, lambda part: by.get(part, part) if isinstance(part, Var) else part)


def _is_kinked(form: Node) -> bool:
    return any(isinstance(part, Form) and part.op in KINKED for part in _parts(unfold_functions(form)))


def _parts(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Form):
        yield from chain.from_iterable(map(_parts, node.args))


# -- the derivative ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def shortest_derivative(form: Node, wrt: Var) -> Node:
    """d form / d wrt as the shortest of a few forms that SymPy brings it to; each is compared with the first at many points."""
    import sympy

    symbols: dict[Var, sympy.Symbol] = {}
    expression = to_sympy(unfold_functions(form), symbols)
    if wrt not in symbols:
        return derivative(form, wrt)
    first = sympy.diff(expression, symbols[wrt])
    back = {symbol: var for var, symbol in symbols.items()}
    best = legible(first, back)
    for candidate in _candidates(first):
        try:
            found = legible(candidate, back)
        except NotImplementedError:
            continue
        if operations(found) < operations(best) and _agree(found, derivative(form, wrt), tuple(symbols)):
            best = found
    return best


def _candidates(expression: Any) -> Iterator[Any]:
    import sympy
    from sympy import cancel, expand, factor, powsimp, together

    from symbp.network.kinked import Absolute, Signum

    if sympy.count_ops(expression) > MAX_CANDIDATE:
        return
    yield from _by_cases(expression)
    without_signs = expression.replace(Signum, lambda x: Absolute(x) / x)
    for whole in dict.fromkeys((expression, without_signs)):
        start, back = _with_short_exponents(whole)
        for change in (lambda x: x, together, factor, cancel, powsimp, lambda x: factor(cancel(expand(x))), lambda x: powsimp(factor(x))):
            try:
                yield change(start).xreplace(back)
            except (sympy.PolynomialError, NotImplementedError, ZeroDivisionError):
                continue


def _with_short_exponents(expression: Any) -> tuple[Any, dict[Any, Any]]:
    """`expression` with symbols for the long numbers in exponents, and these by symbol: SymPy would factor e^(1.702 x) as the 851st power
    of e^(x / 500), which takes without end.
    """
    import sympy

    symbols: dict[Any, Any] = {}

    def short(argument: Any) -> Any:
        long = [r for r in argument.atoms(sympy.Rational) if max(abs(r.p), r.q) > MAX_EXPONENT]
        names = {r: sympy.sign(r) * symbols.setdefault(abs(r), sympy.Dummy(positive=True)) for r in long}
        return sympy.exp(argument.xreplace(names))

    changed = expression.replace(sympy.exp, short)
    return changed, {symbol: number for number, symbol in symbols.items()}


def _by_cases(expression: Any) -> Iterator[Any]:
    """Where all cases have one condition: the whole case by case."""
    from sympy import factor

    from symbp.network.kinked import Cases

    conditions = {part.args[0] for part in expression.atoms(Cases)}
    if len(conditions) == 1:
        positive, otherwise = (expression.replace(Cases, lambda *args, at=at: args[at]) for at in (1, 2))
        yield Cases(conditions.pop(), factor(positive), factor(otherwise))


def _agree(left: Node, right: Node, variables: tuple[Var, ...]) -> bool:
    """Have the two the same values wherever the second has one, kinks of simple formulas included?"""
    algebra = HighPrecision(_DIGITS)
    for place, sample in enumerate(_SAMPLES):
        for shift in range(3 if len(variables) > 1 else 1):
            at = {var: algebra.rational(_SAMPLES[(place + shift * k) % len(_SAMPLES)] if k else sample) for k, var in enumerate(variables)}
            a, b = (fold(unfold_functions(side), algebra, at.__getitem__) for side in (left, right))
            if not algebra.exists(b):
                continue
            if not algebra.exists(a) or abs(a - b) > max(abs(a), abs(b), 1) * algebra.context.mpf(10) ** (15 - _DIGITS):
                return False
    return True


# -- kinks -------------------------------------------------------------------------------------------------------------


def _kinks(form: Node, slope: Node) -> Iterator[Kink]:
    """Rational points where a condition is 0 and the slopes on the two sides differ; elsewhere the gradient check finds them."""
    found = {root for condition in _conditions(unfold_functions(form)) for root in _roots(condition)}
    algebra = HighPrecision(_DIGITS)
    for root in sorted(found):
        near = Fraction(1, 10**30)
        left, here, right = (
            fold(unfold_functions(slope), algebra, lambda _, x=x: algebra.rational(x)) for x in (root - near, root, root + near)
        )
        if all(algebra.exists(x) for x in (left, here, right)) and abs(left - right) > algebra.context.mpf(10) ** -20:
            exact = Fraction(str(algebra.context.nstr(here, 20)))
            yield Kink(root, exact)


def _value(node: Node, x: Fraction, algebra: HighPrecision) -> Any:
    return fold(unfold_functions(node), algebra, lambda _: algebra.rational(x))


def _conditions(form: Node) -> Iterator[Node]:
    """What the cases of `form` ask to be positive, for every way that the cases within go."""
    for part in _parts(form):
        if isinstance(part, Form) and part.op in KINKED:
            condition = sub(part.args[0], part.args[1]) if part.op == "max" else part.args[0]
            yield from islice(_branches(condition), MAX_BRANCHES)


def _branches(node: Node) -> Iterator[Node]:
    """`node` with each of its cases replaced by one of its values."""
    if not isinstance(node, Form):
        yield node
        return
    for args in product(*(tuple(islice(_branches(arg), MAX_BRANCHES)) for arg in node.args)):
        match node.op:
            case "max":
                yield from args
            case "cases":
                yield from args[1:]
            case "abs":
                yield from (args[0], neg(args[0]))
            case "sign":
                yield from (number(sign) for sign in (-1, 0, 1))
            case _:
                yield Form(node.op, args)


@cache
def _roots(condition: Node) -> tuple[Fraction, ...]:
    """The rational zeros of a condition that is a polynomial of low degree, or a quotient of such."""
    import sympy

    symbols: dict[Var, sympy.Symbol] = {}
    expression = to_sympy(condition, symbols)
    if len(symbols) != 1:
        return ()
    (x,) = symbols.values()
    top, _ = sympy.fraction(sympy.together(expression))
    if not top.is_polynomial(x) or sympy.degree(top, x) > 12:
        return ()
    factors = sympy.Poly(top, x, domain="QQ").factor_list()[1] if sympy.Poly(top, x).domain.is_QQ or sympy.Poly(top, x).domain.is_ZZ else []
    linear = [factor for factor, _ in factors if factor.degree() == 1]
    return tuple(Fraction(int(root.p), int(root.q)) for factor in linear for root in [-factor.nth(0) / factor.nth(1)])
