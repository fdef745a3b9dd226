"""Exact normal forms: a form as a quotient of two polynomials over the rationals.

The generators are the variables and one per exponential, logarithm, root, sine and so on. An identity that holds with those as
free symbols, up to the `relations` between them (r^2 = x for a root, s^2 + c^2 = 1), is proved; one that fails so is not refuted,
since two of them may depend on each other. Cases are decided by `signs`, which a proof goes through one after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from symbp.language.form import KINKED, Form, Node, Var, leaves
from symbp.network.calculus import fold
from symbp.proof.polynomials import STEP, Polynomial, Ring


@dataclass
class Effort:
    """Counts the products of terms that a proof forms, and gives it up after `most`: the same on every machine.

    Where there are many generators, a product counts for more, as it takes longer.
    """

    most: float = float("inf")
    made: int = 0

    def take(self, products: int) -> None:
        """So many products are to be formed."""
        self.made += products
        if self.made > self.most:
            raise NotRational("it would take too long")

    def times(self, a: Any, b: Any) -> Any:
        """The product of two polynomials."""
        self.take(len(a) * len(b) * wide(a))
        return a * b

    def power(self, a: Any, n: int) -> Any:
        """a^n by squares, n being positive or 0."""
        if len(a) < 2 or n < 2:
            return a**n
        half = self.power(a, n // 2)
        self.take(len(half) * len(half) * wide(a) // 2)
        square = half.square()
        return self.times(square, a) if n % 2 else square


def wide(polynomial: Any) -> int:
    """How many times as long a product of terms takes there as in a ring of few generators."""
    return 1 + int(polynomial.ring.ngens) // WIDE


@dataclass(frozen=True, slots=True)
class Quotient:
    """`top / product of factor**exponent over bottom`, not reduced; keeping the bottom in factors keeps sums small."""

    top: Any
    bottom: Mapping[Any, int]
    effort: Effort = field(compare=False)

    def __add__(self, other: Quotient) -> Quotient:
        if self.bottom == other.bottom:
            return Quotient(self.top + other.top, self.bottom, self.effort)
        common = {f: max(self.bottom.get(f, 0), other.bottom.get(f, 0)) for f in (*self.bottom, *other.bottom)}
        return Quotient(self._over(common) + other._over(common), common, self.effort)

    def _over(self, common: Mapping[Any, int]) -> Any:
        """The top over the bottom `common`, of which the own bottom is a part."""
        top = self.top
        for factor, exponent in common.items():
            missing = exponent - self.bottom.get(factor, 0)
            if missing:
                top = self.effort.times(top, self.effort.power(factor, missing))
        return top

    def __neg__(self) -> Quotient:
        return Quotient(-self.top, self.bottom, self.effort)

    def __mul__(self, other: Quotient) -> Quotient:
        bottom = {f: self.bottom.get(f, 0) + other.bottom.get(f, 0) for f in (*self.bottom, *other.bottom)}
        top = self.effort.times(self.top, other.top)
        return _shortened(top, bottom, self.effort) if wide(top) > 1 and top else Quotient(top, bottom, self.effort)

    def inverse(self) -> Quotient:
        """1 over this; the old top becomes a factor of the bottom."""
        if not self.top:
            raise ZeroDivisionError
        top = self._bottom()
        scale = 1 / Fraction(self.top.leading)
        factor = self.top.scaled(scale)
        return Quotient(top.scaled(scale), {} if factor.is_ground else {factor: 1}, self.effort)

    def constant(self) -> Fraction | None:
        """The rational that this is, if it is one."""
        if not self.top:
            return Fraction(0)
        return Fraction(self.top.leading) if self.top.is_ground and not self.bottom else None

    def reduced(self) -> tuple[Any, Any]:
        """Top and bottom without a common factor."""
        top, bottom = self.top.cancel(self._bottom())
        return top, bottom

    def _bottom(self) -> Any:
        """The bottom as one polynomial."""
        found = self.top.ring.one
        for factor, exponent in self.bottom.items():
            found = self.effort.times(found, self.effort.power(factor, exponent))
        return found

    def is_zero(self) -> bool:
        return not self.top


def _shortened(top: Polynomial, bottom: dict[Polynomial, int], effort: Effort) -> Quotient:
    """The quotient without the generators that divide both: e_j / e_j is 1 before anything is brought over one bottom."""
    kept = dict(bottom)
    for factor, exponent in bottom.items():
        if factor.is_generator:
            top, power = top.without(factor, exponent)
            kept[factor] -= power
    return Quotient(top, {factor: exponent for factor, exponent in kept.items() if exponent}, effort)


WIDE = 24
"""With so many generators more, a product of terms takes as long again."""
MAX_POWER = 64
MAX_BRANCHES = 400
"""A proof goes through at most so many choices of signs."""
MAX_ATOMS = 20_000
MAX_WORK = 5_000
"""A proof that would reduce so many products of terms is given up."""
REDUCING = 20
"""A common factor takes so many times as long to find as a product."""
FACTORING = 1_000
"""Factors take as long to find as so many products, most likely."""
MAX_FACTORED = 40
"""The sign of a polynomial of so many terms is asked of its factors."""


class NotRational(Exception):
    """The form has a part that no generator stands for."""


class Undecided(Exception):
    """A case depends on the sign of `condition`, a polynomial about which nothing is assumed."""

    def __init__(self, condition: Any) -> None:
        super().__init__(condition)
        self.condition = condition


@dataclass
class QuotientAlgebra:
    """The algebra of quotients; `exp(n x)` becomes the n-th power of one generator per x.

    `signs` are what is assumed of conditions (1, 0 or -1). One that is 0 is a relation too.
    """

    ring: Any
    variables: dict[Var, Any]
    spare: list[Any]
    atoms: dict[tuple[str, Any, Any], Any] = field(default_factory=dict)
    roots: list[Polynomial] = field(default_factory=list)
    relations: list[Any] = field(default_factory=list)
    signs: dict[Any, int] = field(default_factory=dict)
    positive: dict[Any, None] = field(default_factory=dict)
    work: int = 0
    effort: Effort = field(default_factory=Effort)
    _reduced: dict[Any, tuple[Any, Any]] = field(default_factory=dict)
    _factored: dict[Any, tuple[Any, list[tuple[Any, int]]]] = field(default_factory=dict)

    @classmethod
    def for_nodes(cls, *nodes: Node, effort: Effort | None = None) -> QuotientAlgebra:
        variables = list(dict.fromkeys(leaf for node in nodes for leaf in leaves(node) if isinstance(leaf, Var)))
        calls = _calls(*nodes)
        ring = Ring(-(-max(1, len(variables) + calls) // STEP) * STEP)
        generators = list(ring.gens)
        # Atoms come first, so that a relation such as r**2 - x replaces the root's square.
        return cls(ring, dict(zip(variables, generators[calls:], strict=False)), generators[:calls], effort=effort or Effort())

    def of(self, node: Node) -> Quotient:
        """The normal form of `node`, whose functions are unfolded."""
        found: Quotient = fold(node, self, lambda var: self._plain(self.variables[var]))
        return found

    def same(self, left: Node, right: Node) -> bool:
        """Are the two equal, for every choice of signs that their cases ask for?"""
        waiting: list[dict[Any, int]] = [{}]
        for _ in range(MAX_BRANCHES):
            if not waiting:
                return True
            self.signs = waiting.pop()
            try:
                if not self.is_zero(self.of(left) + -self.of(right)):
                    return False
            except Undecided as found:
                waiting += [{**self.signs, found.condition: sign} for sign in (0, -1, 1)]
        return False

    def is_zero(self, x: Quotient) -> bool:
        return not self._related(x.top)

    def _related(self, polynomial: Any) -> Any:
        """`polynomial` modulo the relations, and modulo the conditions that are 0."""
        modulus = [*self.relations, *(condition for condition, sign in self.signs.items() if not sign)]
        if not modulus or not polynomial:
            return polynomial
        self.effort.take(len(polynomial) * sum(map(len, modulus)))
        return polynomial.rem(modulus)

    def _plain(self, polynomial: Any) -> Quotient:
        """A polynomial, over 1."""
        return Quotient(polynomial, {}, self.effort)

    def _canonical(self, x: Quotient) -> tuple[Polynomial, Polynomial]:
        """Top and bottom as an atom's argument: related and reduced, roots out of a bottom that they divide."""
        key = x.top, frozenset(x.bottom.items())
        if key not in self._reduced:
            self.work += len(x.top) * sum(len(factor) * exponent for factor, exponent in x.bottom.items())
            if self.work > MAX_WORK:
                raise NotRational("it would take too long")
            self.effort.take(REDUCING * len(x.top) * sum(map(len, x.bottom)))
            self._reduced[key] = x.reduced()
        top, bottom = before = self._reduced[key]
        for root in self.roots:
            if not bottom.rem(root):
                top, bottom = top * root, bottom * root
        top, bottom = self._related(top), self._related(bottom)
        if not bottom:
            raise ZeroDivisionError
        return before if (top, bottom) == before else top.cancel(bottom)

    # -- the operators ---------------------------------------------------------------------------------------------

    def rational(self, value: Fraction) -> Quotient:
        return self._plain(self.ring.ground(value.numerator if value.denominator == 1 else value))

    def divide(self, x: Quotient, y: Quotient) -> Quotient:
        return x * y.inverse()

    def power(self, x: Quotient, n: Quotient) -> Quotient:
        exponent = n.constant()
        if exponent is None or exponent.denominator != 1 or abs(exponent) > MAX_POWER:
            raise NotRational(f"a power of {x.top}")
        times = int(exponent)
        base = x if times >= 0 else x.inverse()
        return Quotient(self.effort.power(base.top, abs(times)), {f: m * abs(times) for f, m in base.bottom.items() if times}, self.effort)

    def exp(self, x: Quotient) -> Quotient:
        top, bottom = self._canonical(x)
        if not top:
            return self._plain(self.ring.one)
        content, primitive = top.primitive()
        if primitive.leading < 0:
            content, primitive = -content, -primitive
        power = content.numerator
        if abs(power) > MAX_POWER:  # a formula's own 1.702 x would be the 851st power of e^(x / 500)
            primitive, power = primitive.scaled(abs(power)), 1 if power > 0 else -1
        atom = self._atom("exp", primitive, bottom.scaled(content.denominator))
        self.positive[atom] = None
        return self._plain(atom**power) if power > 0 else Quotient(self.ring.one, {atom: -power}, self.effort)

    def log(self, x: Quotient) -> Quotient:
        return self._plain(self._atom("log", *self._canonical(x)))

    def erf(self, x: Quotient) -> Quotient:
        """erf(-x) = -erf x."""
        top, bottom, sign = self._odd(x)
        return self._plain(self._atom("erf", top, bottom).scaled(sign)) if top else self.rational(Fraction(0))

    def sin(self, x: Quotient) -> Quotient:
        """sin(-x) = -sin x, and sin^2 = 1 - cos^2."""
        top, bottom, sign = self._odd(x)
        return self._plain(self._circle(top, bottom)[0].scaled(sign)) if top else self.rational(Fraction(0))

    def cos(self, x: Quotient) -> Quotient:
        """cos(-x) = cos x."""
        top, bottom, _ = self._odd(x)
        return self._plain(self._circle(top, bottom)[1]) if top else self.rational(Fraction(1))

    def _odd(self, x: Quotient) -> tuple[Any, Any, int]:
        """The argument of an odd function without its sign, and that sign."""
        top, bottom = self._canonical(x)
        return (-top, bottom, -1) if top and top.leading < 0 else (top, bottom, 1)

    def _circle(self, top: Any, bottom: Any) -> tuple[Any, Any]:
        is_new = ("sin", top, bottom) not in self.atoms
        sine, cosine = self._atom("sin", top, bottom), self._atom("cos", top, bottom)
        if is_new:
            self.relations.append(sine**2 + cosine**2 - self.ring.one)
        return sine, cosine

    def pi(self) -> Quotient:
        atom = self._atom("pi", None, None)
        self.positive[atom] = None
        return self._plain(atom)

    def sqrt(self, x: Quotient) -> Quotient:
        """A root r with r^2 = x; of a product, the roots of its positive factors are taken one by one."""
        top, bottom = self._canonical(x)
        if not top:
            return self.rational(Fraction(0))
        content, rest = (top * bottom).primitive()
        outer = self._plain(self.ring.one)
        for atom in self.positive:
            while not rest.rem(atom):
                rest = rest.quo(atom)
                outer = outer * self._plain(self._root(atom))
        outer = outer * self._rational_root(content)
        if rest != self.ring.one:
            outer = outer * self._plain(self._root(rest))
        return self.divide(outer, self._plain(bottom))

    def _rational_root(self, value: Fraction) -> Quotient:
        """The root of p/q is that of p q over q, of which squares are taken out and each prime is a root of its own."""
        from sympy import factorint

        if value < 0 or max(value.numerator, value.denominator) > 10**9:
            raise NotRational(f"the root of {value}")
        found = self.rational(Fraction(1, value.denominator))
        for prime, exponent in factorint(value.numerator * value.denominator).items():
            found = found * self.rational(Fraction(prime) ** (exponent // 2))
            if exponent % 2:
                found = found * self._plain(self._root(self.ring.ground(int(prime))))
        return found

    def _root(self, of: Any) -> Any:
        is_new = ("sqrt", of, self.ring.one) not in self.atoms
        root = self._atom("sqrt", of, self.ring.one)
        if is_new:
            self.relations.append(root**2 - of)
        return root

    # -- cases -----------------------------------------------------------------------------------------------------

    def sign_of(self, x: Quotient) -> int:
        """1, 0 or -1: what is known or assumed of x, else Undecided."""
        top, bottom = self._canonical(x)
        condition = self._related(top * bottom)
        if not condition:
            return 0
        if condition.is_ground:
            return 1 if condition.leading > 0 else -1
        for atom in self.positive:
            while not condition.rem(atom):
                condition = condition.quo(atom)
        content, factors = self._factors(condition)
        found = 1 if content > 0 else -1
        for factor, exponent in factors:
            found *= self._assumed(factor) ** exponent
        return found

    def _factors(self, condition: Any) -> tuple[Any, list[tuple[Any, int]]]:
        """The factors of a polynomial with their exponents, and what number they are multiplied with."""
        if len(condition) > MAX_FACTORED or _is_irreducible(condition):
            return 1, [(condition, 1)]
        if condition not in self._factored:
            self.effort.take(FACTORING * wide(condition))
            self._factored[condition] = condition.factor_list()
        return self._factored[condition]

    def _assumed(self, condition: Any) -> int:
        """What `signs` say of a polynomial or of its negative."""
        flipped = -1 if condition.leading < 0 else 1
        _, primitive = condition.scaled(flipped).primitive()
        if self._is_positive(primitive):
            return flipped
        if primitive not in self.signs:
            raise Undecided(primitive)
        return flipped * self.signs[primitive]

    def _is_positive(self, polynomial: Any) -> bool:
        """Is it a sum of positive multiples of positive atoms and of squares, not all of them squares of what may be 0?"""
        known = {g for atom in self.positive for monomial in atom for g, _ in monomial}
        terms = [(value > 0, [power for g, power in monomial if g not in known]) for monomial, value in polynomial.coefficients.items()]
        return all(plus and not any(power % 2 for power in powers) for plus, powers in terms) and not all(powers for _, powers in terms)

    def cases(self, x: Quotient, a: Quotient, b: Quotient) -> Quotient:
        return a if a == b or self.sign_of(x) > 0 else b

    def absolute(self, x: Quotient) -> Quotient:
        return x if self.sign_of(x) > 0 else -x

    def sign(self, x: Quotient) -> Quotient:
        return self.rational(Fraction(self.sign_of(x)))

    def maximum(self, x: Quotient, y: Quotient) -> Quotient:
        return y if self.sign_of(y + -x) > 0 else x

    def logarithmic(self, x: Quotient, y: Quotient) -> Quotient:
        return x * self.log(y)

    def _atom(self, kind: str, top: Any, bottom: Any) -> Any:
        key = kind, top, bottom
        if key not in self.atoms:
            if not self.spare:
                raise NotRational("more atoms than were thought of")
            self.atoms[key] = self.spare.pop()
            if kind == "sqrt":
                self.roots.append(self.atoms[key])
        return self.atoms[key]


def _is_irreducible(polynomial: Any) -> bool:
    """Is it a generator, times a number, and terms without that generator, as a net input with its bias is?

    Then no factor can have the generator but one, and the others divide a number.
    """
    met = Counter(g for monomial in polynomial for g, _ in monomial)
    return any(len(monomial) == 1 and monomial[0][1] == 1 and met[monomial[0][0]] == 1 for monomial in polynomial)


_ATOMS = {"exp": 1, "log": 1, "xlogy": 1, "erf": 1, "pi": 1, "sin": 2, "cos": 2, "sqrt": 3}
"""How many generators each operator may take, a root one for each of its factors."""


def _calls(*nodes: Node) -> int:
    """How many generators the atoms of `nodes` take; one with cases inside may be another atom for other signs."""
    met: dict[Node, bool] = {}

    def visit(node: Node) -> bool:
        """Has `node` cases inside?"""
        if not isinstance(node, Form):
            return False
        if node not in met:
            inside = [visit(arg) for arg in node.args]
            met[node] = node.op in KINKED or any(inside)
        return met[node]

    for node in nodes:
        visit(node)
    weights = (_ATOMS.get(node.op, 0) * (3 if kinked else 1) for node, kinked in met.items() if isinstance(node, Form))
    return min(sum(weights), MAX_ATOMS)
