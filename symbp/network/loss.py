"""LOSSES: one row each; the error of one output, and its derivative as a teacher derives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from symbp.language.form import (
    HALF,
    ONE,
    TWO,
    ZERO,
    Form,
    Node,
    Var,
    absolute,
    add,
    cases,
    ddx,
    dot,
    exp,
    frac,
    log,
    maximum,
    neg,
    number,
    power,
    sign,
    sub,
    times,
    xlogy,
)
from symbp.network.worked import Chain, exponential_sum

Term = Callable[[Node, Node, int], Node]
"""A form of a target, an out and the number of outputs."""
Steps = Callable[[Node, Node, int], Chain]
Many = Sequence[Node]

MINUS, PLUS = "-(t - o)", "o - t"
"""The two styles in which notations write a difference."""


@dataclass(frozen=True, slots=True)
class Domain:
    """Which numbers a loss is defined for; `only` lists them where they are few."""

    words: str
    low: Fraction | None = None
    high: Fraction | None = None
    is_open: bool = False
    only: tuple[Fraction, ...] = ()

    def is_near(self, value: Fraction) -> bool:
        """Is `value` one of them, or an end of the interval?"""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def holds(self, value: Fraction) -> bool:
        """Is `value` one of them?"""
        if self.only:
            return value in self.only
        above = self.low is None or value > self.low or (value == self.low and not self.is_open)
        return above and (self.high is None or value < self.high or (value == self.high and not self.is_open))


ANY = Domain("any number")
UNIT = Domain("a number from 0 to 1", Fraction(0), Fraction(1))
WITHIN = Domain("a number between 0 and 1, neither of them", Fraction(0), Fraction(1), is_open=True)
POSITIVE = Domain("a positive number", Fraction(0), is_open=True)
SIGNS = Domain("1 or -1", Fraction(-1), Fraction(1), only=(Fraction(-1), Fraction(1)))


@dataclass(frozen=True, slots=True)
class Loss:
    """A row of LOSSES: E = sum over outputs of term(t, o, n), which `words` say, where n is the number of outputs.

    `derivative[style](t, o, n)` is d term / d o in the form that a notation's `loss_derivative` asks for; `worked(t, o, n)` leads
    there. `targets` and `outs` say what it is defined for. `analytic` allows the complex step.

    Where `joint` is given, E = joint(ts, os) of all outputs at once, `joint_derivative(ts, os, k)` is dE / d o_k (`k` counts
    from 0), and `joint_worked(ts, os, k)` leads there.
    """

    name: str
    words: str
    term: Term
    derivative: Mapping[str, Term]
    worked: Steps
    targets: Domain = ANY
    outs: Domain = ANY
    analytic: bool = True
    joint: Callable[[Many, Many], Node] | None = None
    joint_derivative: Callable[[Many, Many, int], Node] | None = None
    joint_worked: Callable[[Many, Many, int], Chain] | None = None

    @property
    def is_joint(self) -> bool:
        """Is E no sum over the outputs?"""
        return self.joint is not None


def same(derivative: Term) -> dict[str, Term]:
    """One form in both styles."""
    return {MINUS: derivative, PLUS: derivative}


def _lowered(t: Node, o: Node) -> Node:
    return power(sub(t, o), sub(TWO, ONE))


def _share(top: int, n: int) -> Node:
    """top / n, reduced."""
    share = Fraction(top, n)
    return number(share) if share.denominator == 1 else frac(number(share.numerator), number(share.denominator))


def _mean_slope(difference: Node, n: int) -> Node:
    return difference if n == 2 else times(_share(2, n), difference)


def _mean_square(t: Node, o: Node, n: int) -> Node:
    square = power(sub(t, o), TWO)
    return square if n == 1 else times(_share(1, n), square)


def _mean_worked(t: Node, o: Node, n: int) -> Chain:
    share = () if n == 1 else (_share(1, n),)
    return ((dot(TWO, *share, _lowered(t, o), neg(ONE)), "power_and_chain_rule"),)


def _mean_minus(t: Node, o: Node, n: int) -> Node:
    return neg(_mean_slope(sub(t, o), n))


def _binary(t: Node, o: Node, n: int) -> Node:
    return neg(add(xlogy(t, o), xlogy(sub(ONE, t), sub(ONE, o))))


def _binary_worked(t: Node, o: Node, n: int) -> Chain:
    second = dot(sub(ONE, t), frac(ONE, sub(ONE, o)), neg(ONE))
    return (
        (neg(add(dot(t, frac(ONE, o)), second)), "chain_rule"),
        (add(neg(frac(t, o)), frac(sub(ONE, t), sub(ONE, o))), "simplify"),
    )


def _divergence_worked(t: Node, o: Node, n: int) -> Chain:
    assert isinstance(o, Var)
    apart = sub(xlogy(t, t), xlogy(t, o))
    return (ddx(apart, o), "logarithm_of_quotient"), (neg(dot(t, frac(ONE, o))), "standard_derivative")


def _margin(t: Node, o: Node) -> Form:
    """1 - t o: positive where the hinge is open."""
    return sub(ONE, times(t, o))


def _hinge_worked(t: Node, o: Node, n: int) -> Chain:
    assert isinstance(o, Var)
    return ((cases(_margin(t, o), ddx(_margin(t, o), o), ddx(ZERO, o)), "case_by_case"),)


def _near(t: Node, o: Node) -> Form:
    """1 - |t - o|: positive where the square counts."""
    return sub(ONE, absolute(sub(t, o)))


def _huber(t: Node, o: Node, n: int) -> Node:
    return cases(_near(t, o), times(HALF, power(sub(t, o), TWO)), sub(absolute(sub(t, o)), HALF))


def _huber_worked(t: Node, o: Node, n: int) -> Chain:
    square = dot(TWO, HALF, _lowered(t, o), neg(ONE))
    return ((cases(_near(t, o), square, dot(sign(sub(t, o)), neg(ONE))), "case_by_case"),)


def _of_all(t: Node, o: Node, n: int) -> Node:
    raise NotImplementedError("this error is of all outputs at once")


def _no_chain(t: Node, o: Node, n: int) -> Chain:
    raise NotImplementedError("this error is of all outputs at once")


def _logits(ts: Many, os: Many) -> Node:
    """-sum of t_k o_k + (sum of t_k) ln sum of e^o_k, which is -sum of t_k ln softmax_k."""
    products = neg(add(*(times(t, o) for t, o in zip(ts, os, strict=True))))
    return add(products, times(add(*ts), log(exponential_sum(os))))


def _logits_slope(ts: Many, os: Many, k: int) -> Node:
    """(sum of t_i) e^o_k / (sum of e^o_i) - t_k."""
    return sub(times(add(*ts), frac(exp(os[k]), exponential_sum(os))), ts[k])


def _logits_worked(ts: Many, os: Many, k: int) -> Chain:
    slope = dot(add(*ts), frac(ONE, exponential_sum(os)), exp(os[k]))
    return ((add(neg(ts[k]), slope), "chain_rule"),)


LOSSES: dict[str, Loss] = {
    row.name: row
    for row in (
        Loss(
            "half_squared_error",
            "half the squared difference between target and output",
            lambda t, o, n: times(HALF, power(sub(t, o), TWO)),
            {MINUS: lambda t, o, n: neg(sub(t, o)), PLUS: lambda t, o, n: sub(o, t)},
            lambda t, o, n: ((dot(TWO, HALF, _lowered(t, o), neg(ONE)), "power_and_chain_rule"),),
        ),
        Loss(
            "squared_error",
            "the squared difference between target and output",
            lambda t, o, n: power(sub(t, o), TWO),
            {MINUS: lambda t, o, n: times(neg(TWO), sub(t, o)), PLUS: lambda t, o, n: times(TWO, sub(o, t))},
            lambda t, o, n: ((dot(TWO, _lowered(t, o), neg(ONE)), "power_and_chain_rule"),),
        ),
        Loss(
            "mean_squared_error",
            "the squared difference between target and output, divided by the number of outputs",
            _mean_square,
            {MINUS: _mean_minus, PLUS: lambda t, o, n: _mean_slope(sub(o, t), n)},
            _mean_worked,
        ),
        Loss(
            "binary_cross_entropy",
            "the binary cross-entropy of target and output",
            _binary,
            {
                MINUS: lambda t, o, n: neg(frac(sub(t, o), times(o, sub(ONE, o)))),
                PLUS: lambda t, o, n: frac(sub(o, t), times(o, sub(ONE, o))),
            },
            _binary_worked,
            targets=UNIT,
            outs=WITHIN,
        ),
        Loss(
            "cross_entropy",
            "minus the target times the logarithm of the output",
            lambda t, o, n: neg(xlogy(t, o)),
            same(lambda t, o, n: neg(frac(t, o))),
            lambda t, o, n: ((neg(dot(t, frac(ONE, o))), "standard_derivative"),),
            targets=UNIT,
            outs=POSITIVE,
        ),
        Loss(
            "cross_entropy_from_logits",
            "the cross-entropy of the targets and the softmax of the outputs",
            _of_all,
            same(_of_all),
            _no_chain,
            targets=UNIT,
            joint=_logits,
            joint_derivative=_logits_slope,
            joint_worked=_logits_worked,
        ),
        Loss(
            "hinge",
            "how far target times output stays below 1",
            lambda t, o, n: maximum(ZERO, _margin(t, o)),
            same(lambda t, o, n: cases(_margin(t, o), neg(t), ZERO)),
            _hinge_worked,
            targets=SIGNS,
            analytic=False,
        ),
        Loss(
            "huber",
            "half the squared difference between target and output, beyond a difference of 1 linear",
            _huber,
            {
                MINUS: lambda t, o, n: cases(_near(t, o), neg(sub(t, o)), neg(sign(sub(t, o)))),
                PLUS: lambda t, o, n: cases(_near(t, o), sub(o, t), sign(sub(o, t))),
            },
            _huber_worked,
            analytic=False,
        ),
        Loss(
            "kl_divergence",
            "the target times the logarithm of target over output",
            lambda t, o, n: xlogy(t, frac(t, o)),
            same(lambda t, o, n: neg(frac(t, o))),
            _divergence_worked,
            targets=UNIT,
            outs=POSITIVE,
        ),
    )
}
