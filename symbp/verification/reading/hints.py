"""What the place of a name in a row suggests that it is: an argument of an activation is a net input, what is squared is an error.

Hints make the right reading of a name without a usual spelling come early in the search; they never decide anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from symbp.language import written as w
from symbp.language.written import Name, Written
from symbp.verification.judging.scope import activation_called
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.reading.families import Family
from symbp.verification.source.work import Line

MOST: Final = 1.0
"""So much hints may take off the price of a kind."""
SOONER: Final = 2.4
"""So much sooner, in prices, they may make a kind come in the search."""

Hint = tuple[Name, str]


def hints_in(lines: Sequence[Line], functions: Collection[str], family_of: Callable[[Name], Family]) -> dict[Family, dict[str, float]]:
    """For each family the kinds that the places of its members suggest, with what each takes off the price."""
    found: dict[Family, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for line in lines:
        for link in line.links:
            for name, kind in _of_link(link.left, link.right, functions):
                family = family_of(name)
                found[family][kind] = min(SOONER, found[family][kind] + 0.6)
    return found


def _of_link(left: Written, right: Written, functions: Collection[str]) -> Iterator[Hint]:
    head, body = unwrapped(left), unwrapped(right)
    for form in (left, right):
        yield from _everywhere(form, functions)
    if not isinstance(head, Name):
        return
    if head.plus:
        yield from ((head, kind) for kind in ("weight", "bias"))
    if isinstance(body, w.Sum) and any(_is_difference(term) and minus for term, minus in zip(body.terms, body.minus, strict=True)):
        return
    if _is_activated(body, functions):
        yield head, "out"
    elif _is_squared(body):
        yield head, "error_total"
        yield head, "error"
    elif (terms := _products(body)) and not any(isinstance(p, w.Derivative) for p in w.parts(body)):
        yield head, "net"
        for term in terms:
            yield from _of_term(term)


def _everywhere(form: Written, functions: Collection[str]) -> Iterator[Hint]:
    for part in w.parts(form):
        if isinstance(part, w.Call) and _is_activation(part, functions):
            argument = unwrapped(part.args[0]) if part.args else None
            if isinstance(argument, Name):
                yield argument, "net"
            elif argument is not None and (terms := _products(argument)):
                for term in terms:
                    yield from _of_term(term)
        elif isinstance(part, w.Call) and part.name.base == "exp" and len(part.args) == 1:
            argument = unwrapped(part.args[0])
            argument = unwrapped(argument.of) if isinstance(argument, w.Negative) else argument
            if isinstance(argument, Name):
                yield argument, "net"
        elif isinstance(part, w.Power) and (difference := unwrapped(part.base)) and _is_difference(difference):
            assert isinstance(difference, w.Sum)
            for term in difference.terms:
                if isinstance(term, Name):
                    yield term, "target"
                    yield term, "out"
        elif isinstance(part, w.Derivative):
            of, wrt = unwrapped(part.of), unwrapped(part.wrt)
            if isinstance(wrt, Name):
                yield wrt, "weight"
            if isinstance(of, Name):
                yield of, "error_total"


def _is_activation(call: w.Call, functions: Collection[str]) -> bool:
    return len(call.args) == 1 and (call.name.base in functions or activation_called(call.name.base) is not None)


def _is_activated(body: Written, functions: Collection[str]) -> bool:
    """Is this an activation of something, or 1/(1 + exp(-x))?"""
    if isinstance(body, w.Call):
        return _is_activation(body, functions) and not body.name.primes
    if isinstance(body, w.Quotient):
        bottom = unwrapped(body.bottom)
        return isinstance(bottom, w.Sum) and any(isinstance(p, w.Call) and p.name.base == "exp" for p in w.parts(bottom))
    return False


def _is_difference(form: Written) -> bool:
    form = unwrapped(form)
    return isinstance(form, w.Sum) and len(form.terms) == 2 and form.minus[0] != form.minus[1]


def _is_squared(body: Written) -> bool:
    return any(
        (isinstance(p, w.Power) and _is_difference(p.base)) or (isinstance(p, w.Norm) and _is_difference(p.of)) for p in w.parts(body)
    )


def _products(body: Written) -> list[Written]:
    """The terms of a weighted sum: products of two names, with a name alone; none where it is no such sum."""
    body = body.body if isinstance(body, w.BigSum) else body
    terms = [unwrapped(term) for term in body.terms] if isinstance(body, w.Sum) else [unwrapped(body)]
    terms = [unwrapped(term.body) if isinstance(term, w.BigSum) else term for term in terms]
    pairs = [term for term in terms if isinstance(term, w.Product) and len(term.factors) == 2]
    rest = [term for term in terms if not isinstance(term, w.Product)]
    if (
        not pairs
        or len(pairs) + len(rest) != len(terms)
        or not all(isinstance(unwrapped(f), Name | w.Transposed) for p in pairs for f in p.factors)
    ):
        return []
    return terms if all(isinstance(term, Name) for term in rest) else []


def _of_term(term: Written) -> Iterator[Hint]:
    if isinstance(term, Name):
        yield term, "bias"
    elif isinstance(term, w.Product):
        for factor in term.factors:
            inner = unwrapped(factor)
            inner = unwrapped(inner.of) if isinstance(inner, w.Transposed) else inner
            if isinstance(inner, Name):
                yield from ((inner, kind) for kind in ("weight", "input", "out"))
