"""What a written form is worth in a scope: arrays of points by rows by columns, of numbers or of symbols.

Letters get their values as they are needed: a form that needs one that it has not raises `Need` (it is about all of them) or `Choose`
(it can be meant in several ways).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from symbp.language import written as w
from symbp.language.written import Name, Script, Written
from symbp.verification.judging.calls import Calls
from symbp.verification.judging.scope import Need, Symbolic, Unclear
from symbp.verification.judging.shapes import numbers_in, shape, unwrapped
from symbp.verification.reading.quantities import position
from symbp.verification.source.statements import Condition, condition_of

MAX_TERMS: Final = 4096
MAX_SYMBOLS: Final = 200
"""So many terms a sum may have in a proof."""
MANY: Final = 2048
"""So many numbers are added or multiplied in the time of a step."""


class Meaning(Calls):
    """The evaluation of any form; here those whose parts stand for several: sums over indices, cases, indicators."""

    def of(self, node: Written) -> Any:
        """The value of `node`; a step for each node, and more for one of many numbers."""
        self.grids.budget.tick()
        value = _RULES[type(node)](self, node)
        if (size := numbers_in(value)) > MANY:
            self.grids.budget.tick(size / MANY)
        return value

    def big(self, node: w.BigSum) -> Any:
        letters, condition = self.bound(node)
        if not letters:
            value = self.of(node.body)
            if shape(value) == (1, 1):
                raise Unclear("sum_without_index", node.span[0])
            return self.summed(self.summed(value, -1), -2)
        total: Any = None
        for values in self.ranges(letters, node):
            self.grids.budget.tick()
            inner = self.under({**self.letters, **values})
            if not condition(inner):
                continue
            value = inner.of(node.body)
            if total is None:
                total = value
            else:
                total = self.added(total, value, node.span) if node.sign == "Σ" else self.multiplied(total, value, "odot", node.span)
        return self.source.constant(Fraction(int(node.sign == "Π"))) if total is None else total

    def bound(self, node: w.BigSum) -> tuple[list[str], Callable[[Meaning], bool]]:
        """The letters that the sum binds, and the condition on them."""
        if node.low is None:
            return [x for x in self.grids.free_letters(node.body) if x not in self.letters], lambda _: True
        tokens = [t for t in node.low.tokens if t.kind != "word"]
        said = _said(tuple(tokens))
        names = [t.text for t in tokens if (t.kind == "name" and len(t.text) == 1) or t.text in {"ell"}]
        if not names:
            raise Unclear("sum_without_index", node.span[0])
        if said and said[0].sign in {"≠", "<", ">", "≤", "≥"} and said[0].other:
            first, other = said[0].letter, said[0].other
            letter = first if first not in self.letters or (other in self.letters and first not in self.letters) else other
            if first in self.letters and other in self.letters:
                letter = first
            sign = said[0].sign
            other = other if letter == first else first
            if other not in self.letters:
                self.grids.need_letter(other, node.body, self)
            return [letter], lambda inner: _compares(inner.letters[first], sign, inner.letters[said[0].other])
        if said and said[0].sign == "≠" and said[0].values:
            return [said[0].letter], lambda inner: inner.letters[said[0].letter] not in said[0].values
        if len(tokens) > 4 and any(t.text in {"≠"} for t in tokens):
            at = next(k for k, t in enumerate(tokens) if t.text == "≠")
            a, b = tokens[at - 1].text, tokens[at + 1].text
            if b in self.letters or a in self.letters:
                return [names[0]], lambda inner: inner.letters.get(a) != inner.letters.get(b)
        listed = [t.text for t in tokens if t.kind == "name"]
        is_list = len(listed) > 1 and all(t.kind == "name" or t.text == "," for t in tokens)
        return (listed if is_list else [names[0]]), lambda _: True

    def ranges(self, letters: list[str], node: w.BigSum) -> list[dict[str, int]]:
        found: list[dict[str, int]] = [{}]
        for letter in letters:
            values = self.range(letter, node)
            found = [{**done, letter: value} for done in found for value in values]
            if len(found) > (MAX_SYMBOLS if isinstance(self.source, Symbolic) else MAX_TERMS):
                raise Unclear("too_many_terms", node.span[0])
        return found

    def range(self, letter: str, node: w.BigSum) -> tuple[int, ...]:
        """The values of a bound letter: as its limits say in numbers, or else all of what it counts in the body."""
        low = _limit(node.low)
        high = position(node.high.text) if node.high is not None else None
        if isinstance(high, int) and low is not None:
            if high - low > MAX_TERMS:
                raise Unclear("too_many_terms", node.span[0])
            return tuple(range(low, high + 1))
        if node.high is not None and node.high.text in {"m", "N"} and self.grids.samples > 1 and low == 1:
            return tuple(range(1, self.grids.samples + 1))
        listed = _said(node.low.tokens) if node.low is not None else None
        if listed and listed[0].sign == "in" and len(listed[0].values) > 1:
            return listed[0].values
        values = self.grids.values_of(letter, node.body, self)
        if low == 0 and values and values[0] == 1:
            values = (0, *values)
        return values

    def cases(self, node: w.Cases) -> Any:
        """The first value whose condition holds; conditions on indices are decided, those on quantities stay cases."""
        found: Any = None
        for value, condition in zip(reversed(node.values), reversed(node.conditions), strict=True):
            if condition is None:
                found = self.of(value)
                continue
            decided = self.decided(condition)
            if decided is True:
                found = self.of(value)
            elif decided is None:
                x = self.positive(condition)
                found = self.of(value) if found is None else self.source.call("cases", x, *self.sides(condition, self.of(value), found))
        if found is None:
            raise Unclear("no_case", node.span[0])
        return found

    def sides(self, condition: Written, value: Any, otherwise: Any) -> tuple[Any, Any]:
        assert isinstance(condition, w.Relation)
        return (value, otherwise) if condition.sign in {">", "<"} else (otherwise, value)

    def decided(self, condition: Written) -> bool | None:
        """Whether a condition on indices holds; None where it is one on quantities."""
        if isinstance(condition, w.Placed):
            return self.grids.is_placed(condition, self)
        assert isinstance(condition, w.Relation)
        left, right = unwrapped(condition.left), unwrapped(condition.right)
        sides = [self.letter(side) for side in (left, right)]
        if sides[0] is None or sides[1] is None:
            return None
        return _compares(sides[0], condition.sign, sides[1])

    def letter(self, node: Written) -> int | None:
        """The value of an index or a whole number."""
        if isinstance(node, Name) and not node.sub and not node.sups and len(node.base) == 1 and not self.is_argument(node):
            if node.base in self.letters:
                return self.letters[node.base]
            if not self.grids.readings(node) and node.base.isalpha():
                raise Need(node.base, tuple(range(1, self.grids.spec.vocabulary.widest + 1)))
        if isinstance(node, w.Number) and node.is_whole and len(node.text) < 5:
            return int(node.text)
        return None

    def positive(self, condition: Written) -> Any:
        """What must be positive for > and <, and must not be for ≤ and ≥."""
        assert isinstance(condition, w.Relation)
        left, right = self.of(condition.left), self.of(condition.right)
        if condition.sign in {"=", "≠"}:
            raise Unclear("equality_condition", condition.span[0])
        return left - right if condition.sign in {">", "≤"} else right - left

    def indicator(self, node: w.Indicator) -> Any:
        assert isinstance(node.condition, w.Relation)
        one, zero = self.source.constant(Fraction(1)), self.source.constant(Fraction(0))
        decided = self.decided(node.condition)
        if decided is not None:
            return one if decided else zero
        x = self.positive(node.condition)
        return self.source.call("cases", x, *self.sides(node.condition, one, zero))


@lru_cache(maxsize=4096)
def _said(tokens: tuple[w.Token, ...]) -> list[Condition] | None:
    """The conditions below a sum, read once."""
    return condition_of(tokens)


def _compares(a: int, sign: str, b: int) -> bool:
    return {"=": a == b, "≠": a != b, "<": a < b, ">": a > b, "≤": a <= b, "≥": a >= b}[sign]


def _limit(low: Script | None) -> int | None:
    """The number at which a sum starts: 1 where none is told."""
    if low is None:
        return 1
    tail = low.text.rpartition("=")[2]
    return int(tail) if tail.isdigit() and len(tail) < 6 else 1


_RULES: Mapping[type, Callable[[Meaning, Any], Any]] = {
    w.Number: Meaning.number,
    w.Name: Meaning.name,
    w.Sum: Meaning.sum,
    w.Product: Meaning.product,
    w.Negative: Meaning.negative,
    w.Quotient: Meaning.quotient,
    w.Power: Meaning.power,
    w.Bracket: Meaning.bracket,
    w.Transposed: Meaning.transposed,
    w.Entry: Meaning.entry,
    w.Call: Meaning.call,
    w.Derivative: Meaning.derivative,
    w.Nabla: Meaning.nabla,
    w.BigSum: Meaning.big,
    w.Relation: Meaning.relation,
    w.Placed: Meaning.relation,
    w.Cases: Meaning.cases,
    w.Indicator: Meaning.indicator,
    w.Matrix: Meaning.matrix,
    w.Norm: Meaning.norm,
    w.Ones: Meaning.ones,
}
