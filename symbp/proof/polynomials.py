"""Sparse polynomials over the rationals in many generators: a term names only the generators that stand in it.

A sum or a product takes work by its terms, however many generators there are, as of a net with a thousand outputs. What is asked for
seldom, common factors and remainders, is left to SymPy's rings, with the generators that occur. Monomials are in lexical order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from typing import Any, TypeAlias

Monomial: TypeAlias = tuple[tuple[int, int], ...]
"""(-g, power) for each generator g that occurs, the first generator first, so that tuples compare as monomials do."""
Number: TypeAlias = "int | Fraction"
STEP = 6
"""SymPy's rings have a multiple of so many generators, as it compiles products of monomials anew for each number of them."""


@dataclass(frozen=True)
class Ring:
    """The polynomials in `ngens` generators."""

    ngens: int

    @cached_property
    def gens(self) -> tuple[Polynomial, ...]:
        return tuple(Polynomial(self, {((-g, 1),): 1}) for g in range(self.ngens))

    @cached_property
    def one(self) -> Polynomial:
        return self.ground(1)

    def ground(self, value: Number) -> Polynomial:
        """A number as a polynomial."""
        return Polynomial(self, {(): value} if value else {})


class Polynomial:
    """A polynomial of `ring`: the coefficient of each monomial that occurs. It does not change once it is made."""

    __slots__ = ("_hash", "coefficients", "ring")

    def __init__(self, ring: Ring, coefficients: dict[Monomial, Number]) -> None:
        self.ring, self.coefficients = ring, coefficients
        self._hash: int | None = None

    def __len__(self) -> int:
        return len(self.coefficients)

    def __bool__(self) -> bool:
        return bool(self.coefficients)

    def __iter__(self) -> Iterator[Monomial]:
        return iter(self.coefficients)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.coefficients.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Polynomial):
            return self is other or self.coefficients == other.coefficients
        return NotImplemented

    # -- arithmetic ------------------------------------------------------------------------------------------------

    def __add__(self, other: Polynomial) -> Polynomial:
        small, large = sorted((self.coefficients, other.coefficients), key=len)
        found = dict(large)
        for monomial, value in small.items():
            if total := found.get(monomial, 0) + value:
                found[monomial] = total
            else:
                del found[monomial]
        return Polynomial(self.ring, found)

    def __neg__(self) -> Polynomial:
        return self.scaled(-1)

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + -other

    def scaled(self, value: Number) -> Polynomial:
        """This times a number."""
        if value == 1:
            return self
        return Polynomial(self.ring, {m: _whole(c * value) for m, c in self.coefficients.items()} if value else {})

    def __mul__(self, other: Polynomial) -> Polynomial:
        found: dict[Monomial, Number] = {}
        get = found.get
        for a, x in self.coefficients.items():
            for b, y in other.coefficients.items():
                monomial = _product(a, b)
                found[monomial] = get(monomial, 0) + x * y
        return Polynomial(self.ring, {m: c for m, c in found.items() if c})

    def __pow__(self, n: int) -> Polynomial:
        if len(self) == 1:
            ((monomial, value),) = self.coefficients.items()
            return Polynomial(self.ring, {tuple([(g, p * n) for g, p in monomial] if n else ()): value**n})
        found = self.ring.one
        for _ in range(n):
            found = found * self
        return found

    def square(self) -> Polynomial:
        return self * self

    # -- what it is like -------------------------------------------------------------------------------------------

    @property
    def leading(self) -> Number:
        """The coefficient of the greatest monomial."""
        return self.coefficients[max(self.coefficients)]

    @property
    def is_ground(self) -> bool:
        """Is it a number?"""
        return not self.coefficients or (len(self.coefficients) == 1 and () in self.coefficients)

    def primitive(self) -> tuple[Fraction, Polynomial]:
        """The greatest positive number by which whole coefficients without a common factor are left, and what is left."""
        parts = [Fraction(c) for c in self.coefficients.values()]
        content = Fraction(math.gcd(*(c.numerator for c in parts)), math.lcm(*(c.denominator for c in parts)))
        return content, Polynomial(self.ring, {m: _whole(Fraction(c) / content) for m, c in self.coefficients.items()})

    def without(self, generator: Polynomial, most: int) -> tuple[Polynomial, int]:
        """This divided by the highest power of `generator` that divides it, at most `most`, and that power."""
        (((g, _),),) = generator.coefficients
        power = most
        for monomial in self.coefficients:
            power = min(power, next((p for h, p in monomial if h == g), 0))
            if not power:
                return self, 0
        lowered = {tuple([(h, p - power if h == g else p) for h, p in m if h != g or p > power]): c for m, c in self.coefficients.items()}
        return Polynomial(self.ring, lowered), power

    @property
    def is_generator(self) -> bool:
        if len(self.coefficients) != 1:
            return False
        ((monomial, value),) = self.coefficients.items()
        return value == 1 and len(monomial) == 1 and monomial[0][1] == 1

    # -- by SymPy ----------------------------------------------------------------------------------------------------

    def cancel(self, other: Polynomial) -> tuple[Polynomial, Polynomial]:
        """This over `other` without a common factor, with whole coefficients."""
        if other.is_ground and other.coefficients == {(): 1}:
            scale = math.lcm(*(Fraction(c).denominator for c in self.coefficients.values()))
            return (self, other) if scale == 1 else (self.scaled(scale), self.ring.ground(scale))
        dense = _Dense.of(self, other)
        top, bottom = dense(self).cancel(dense(other))
        return dense.back(top), dense.back(bottom)

    def rem(self, others: Polynomial | Iterable[Polynomial]) -> Polynomial:
        """The remainder by one polynomial, or by several."""
        several = [others] if isinstance(others, Polynomial) else list(others)
        dense = _Dense.of(self, *several)
        return dense.back(dense(self).rem([dense(other) for other in several]))

    def quo(self, other: Polynomial) -> Polynomial:
        dense = _Dense.of(self, other)
        return dense.back(dense(self).quo(dense(other)))

    def factor_list(self) -> tuple[Number, list[tuple[Polynomial, int]]]:
        """A number, and the irreducible factors with their exponents."""
        dense = _Dense.of(self)
        content, factors = dense(self).factor_list()
        return _number(content), [(dense.back(factor), int(power)) for factor, power in factors]


def _product(a: Monomial, b: Monomial) -> Monomial:
    if not a or not b:
        return a or b
    if a[-1][0] > b[0][0]:
        return a + b
    if b[-1][0] > a[0][0]:
        return b + a
    found = dict(a)
    for generator, power in b:
        found[generator] = found.get(generator, 0) + power
    return tuple(sorted(found.items(), reverse=True))


def _whole(value: Number) -> Number:
    return value.numerator if value.denominator == 1 else value


def _number(value: Any) -> Number:
    return _whole(Fraction(int(value.numerator), int(value.denominator)))


@dataclass(frozen=True)
class _Dense:
    """Polynomials as those of one of SymPy's rings, and back: its generators are those that occur, in their order."""

    own: Ring
    generators: tuple[int, ...]
    ring: Any

    @classmethod
    def of(cls, *polynomials: Polynomial) -> _Dense:
        every = sorted({g for p in polynomials for monomial in p for g, _ in monomial}, reverse=True)
        return cls(polynomials[0].ring, tuple(every), _ring(-(-max(1, len(every)) // STEP) * STEP))

    def __call__(self, polynomial: Polynomial) -> Any:
        places = {g: at for at, g in enumerate(self.generators)}
        found = {}
        for monomial, value in polynomial.coefficients.items():
            powers = [0] * self.ring.ngens
            for g, power in monomial:
                powers[places[g]] = power
            found[tuple(powers)] = self.ring.domain(value.numerator, value.denominator)
        return self.ring.from_dict(found)

    def back(self, polynomial: Any) -> Polynomial:
        found = {
            tuple([(g, power) for g, power in zip(self.generators, monomial, strict=False) if power]): _number(value)
            for monomial, value in polynomial.items()
        }
        return Polynomial(self.own, found)


@cache
def _ring(size: int) -> Any:
    """SymPy's polynomials in so many generators. To make one takes as long as many a proof."""
    from sympy import QQ
    from sympy.polys.rings import PolyRing

    return PolyRing([f"x{i}" for i in range(size)], QQ)
