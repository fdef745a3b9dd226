"""The functions of the activations: what they are, and the steps that lead from there to their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import TypeAlias, TypeVarTuple

from symbp.language.form import (
    HALF,
    ONE,
    PI,
    TWO,
    ZERO,
    Form,
    Function,
    Node,
    Var,
    add,
    apply,
    cases,
    cos,
    ddx,
    decimal,
    dot,
    erf,
    exp,
    frac,
    log,
    neg,
    power,
    sin,
    sqrt,
    sub,
    times,
)

Chain: TypeAlias = tuple[tuple[Node, str], ...]
"""Equal forms, each with the rule that leads to it."""

Given = TypeVarTuple("Given")


def kept(make: Callable[[*Given], Node]) -> Callable[[*Given], Node]:
    """`make`, with what it gave last, for when it is asked the same again: the units of a layer ask for their sum one after the other."""
    last: list[tuple[tuple[*Given], Node]] = []

    @wraps(make)
    def asked(*given: *Given) -> Node:
        found = last[0] if last else None
        if found is None or found[0] != given:
            found = given, make(*given)
            last[:] = [found]
        return found[1]

    return asked


SIGMA, TANH, IDENTITY = Function("sigmoid", "sigma"), Function("tanh", "tanh"), Function("identity", "id")
RELU, LEAKY_RELU, ELU = Function("relu", "ReLU"), Function("leaky_relu", "LeakyReLU"), Function("elu", "ELU")
SOFTPLUS, SILU, GELU = Function("softplus", "softplus"), Function("silu", "SiLU"), Function("gelu", "GELU")
SIN, SOFTMAX = Function("sin", "sin"), Function("softmax", "softmax")

LEAK = decimal("0.01")
"""The slope of the leaky ReLU where x is not positive."""


def prime(function: Function) -> Function:
    return replace(function, order=function.order + 1)


def sigmoid(x: Node) -> Node:
    """1 / (1 + e^-x)."""
    return frac(ONE, add(ONE, exp(neg(x))))


def sigmoid_worked(x: Var) -> Chain:
    bottom = add(ONE, exp(neg(x)))
    return (
        (ddx(sigmoid(x), x), "definition"),
        (frac(exp(neg(x)), power(bottom, TWO)), "quotient_rule"),
        (dot(frac(ONE, bottom), frac(exp(neg(x)), bottom)), "split_fraction"),
        (times(apply(SIGMA, x), sub(ONE, apply(SIGMA, x))), "recognise"),
    )


def tanh(x: Node) -> Node:
    """(e^x - e^-x) / (e^x + e^-x)."""
    return frac(sub(exp(x), exp(neg(x))), add(exp(x), exp(neg(x))))


def tanh_worked(x: Var) -> Chain:
    plus, minus = add(exp(x), exp(neg(x))), sub(exp(x), exp(neg(x)))
    return (
        (ddx(tanh(x), x), "definition"),
        (frac(sub(power(plus, TWO), power(minus, TWO)), power(plus, TWO)), "quotient_rule"),
        (sub(ONE, power(frac(minus, plus), TWO)), "split_fraction"),
        (sub(ONE, power(apply(TANH, x), TWO)), "recognise"),
    )


def relu(x: Node) -> Node:
    """x where x > 0, else 0."""
    return cases(x, x, ZERO)


def relu_worked(x: Var) -> Chain:
    return (
        (ddx(relu(x), x), "definition"),
        (cases(x, ddx(x, x), ddx(ZERO, x)), "case_by_case"),
        (cases(x, ONE, ZERO), "power_rule"),
    )


def leaky_relu(x: Node) -> Node:
    """x where x > 0, else 0.01 x."""
    return cases(x, x, times(LEAK, x))


def leaky_relu_worked(x: Var) -> Chain:
    return (
        (ddx(leaky_relu(x), x), "definition"),
        (cases(x, ddx(x, x), ddx(times(LEAK, x), x)), "case_by_case"),
        (cases(x, ONE, LEAK), "power_rule"),
    )


def elu(x: Node) -> Node:
    """x where x > 0, else e^x - 1: ELU with alpha = 1."""
    return cases(x, x, sub(exp(x), ONE))


def elu_worked(x: Var) -> Chain:
    return (
        (ddx(elu(x), x), "definition"),
        (cases(x, ddx(x, x), ddx(sub(exp(x), ONE), x)), "case_by_case"),
        (cases(x, ONE, exp(x)), "standard_derivative"),
        (cases(x, ONE, add(apply(ELU, x), ONE)), "recognise"),
    )


def softplus(x: Node) -> Node:
    """ln(1 + e^x)."""
    return log(add(ONE, exp(x)))


def softplus_worked(x: Var) -> Chain:
    return (
        (ddx(softplus(x), x), "definition"),
        (dot(frac(ONE, add(ONE, exp(x))), exp(x)), "chain_rule"),
        (frac(ONE, add(ONE, exp(neg(x)))), "simplify"),
        (apply(SIGMA, x), "recognise_sigmoid"),
    )


def silu(x: Node) -> Node:
    """x sigma(x), also called swish."""
    return times(x, apply(SIGMA, x))


def silu_worked(x: Var) -> Chain:
    sigma = apply(SIGMA, x)
    return (
        (ddx(silu(x), x), "definition"),
        (add(sigma, times(x, apply(prime(SIGMA), x))), "product_rule"),
        (add(sigma, times(x, sigma, sub(ONE, sigma))), "derivative_of_activation"),
        (add(times(x, sigma), times(sigma, sub(ONE, times(x, sigma)))), "simplify"),
        (add(apply(SILU, x), times(sigma, sub(ONE, apply(SILU, x)))), "recognise"),
    )


def normal_below(x: Node) -> Node:
    """The share of the standard normal distribution below x: (1 + erf(x / sqrt 2)) / 2."""
    return times(HALF, add(ONE, erf(frac(x, sqrt(TWO)))))


def normal_density(x: Node) -> Node:
    """e^(-x^2 / 2) / sqrt(2 pi)."""
    return times(frac(ONE, sqrt(times(TWO, PI))), exp(neg(frac(power(x, TWO), TWO))))


def gelu(x: Node) -> Node:
    """x times the normal distribution's share below x (Hendrycks and Gimpel 2016), exact."""
    return times(x, normal_below(x))


def gelu_slope(x: Node) -> Node:
    return add(normal_below(x), times(x, normal_density(x)))


def gelu_worked(x: Var) -> Chain:
    inner = frac(x, sqrt(TWO))
    slope = dot(frac(TWO, sqrt(PI)), exp(neg(power(inner, TWO))), frac(ONE, sqrt(TWO)))
    return (
        (ddx(gelu(x), x), "definition"),
        (add(normal_below(x), times(x, HALF, ddx(erf(inner), x))), "product_rule"),
        (add(normal_below(x), dot(frac(x, TWO), *slope.args if isinstance(slope, Form) else (slope,))), "chain_rule"),
        (gelu_slope(x), "simplify"),
    )


def sin_worked(x: Var) -> Chain:
    return (ddx(sin(x), x), "definition"), (cos(x), "standard_derivative")


def identity_worked(x: Var) -> Chain:
    return (ddx(x, x), "definition"), (ONE, "power_rule")


# -- softmax: every out of a layer from all its nets -------------------------------------------------------------------


def exponential_sum(nets: Sequence[Node]) -> Node:
    """The sum of e^net over a layer, one form for all its outs."""
    return _exponential_sum(tuple(nets))


@kept
def _exponential_sum(nets: tuple[Node, ...]) -> Node:
    return add(*(exp(net) for net in nets))


def softmax(nets: Sequence[Node], k: int) -> Node:
    """out_k = e^net_k / sum of e^net_i; `k` counts from 0."""
    return frac(exp(nets[k]), exponential_sum(nets))


def softmax_slope(outs: Sequence[Node], i: int, k: int) -> Node:
    """d out_i / d net_k = out_i (1 - out_i) where i = k, else -out_i out_k."""
    return times(outs[i], sub(ONE, outs[i])) if i == k else neg(times(outs[i], outs[k]))


def softmax_product(outs: Sequence[Node], slopes: Sequence[Node], k: int) -> Node:
    """sum over i of slope_i d out_i / d net_k = out_k (slope_k - sum over i of slope_i out_i), with one sum for every k."""
    weighted = _weighted(tuple(outs), tuple(slopes))
    return times(neg(outs[k]), weighted) if slopes[k] == ZERO else times(outs[k], sub(slopes[k], weighted))


@kept
def _weighted(outs: tuple[Node, ...], slopes: tuple[Node, ...]) -> Node:
    return add(*(times(slope, out) for slope, out in zip(slopes, outs, strict=True) if slope != ZERO))


def softmax_worked(nets: Sequence[Var], outs: Sequence[Node], i: int, k: int) -> Chain:
    """From the quotient to `softmax_slope`, by the quotient rule."""
    own, other, bottom = exp(nets[i]), exp(nets[k]), exponential_sum(nets)
    if i == k:
        top = sub(dot(own, bottom), dot(own, own))
        split = dot(frac(own, bottom), frac(sub(bottom, own), bottom))
    else:
        top = sub(dot(ZERO, bottom), dot(own, other))
        split = neg(dot(frac(own, bottom), frac(other, bottom)))
    return (
        (ddx(softmax(nets, i), nets[k]), "definition"),
        (frac(top, power(bottom, TWO)), "quotient_rule"),
        (split, "split_fraction"),
        (softmax_slope(outs, i, k), "recognise"),
    )
