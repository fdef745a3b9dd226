"""Numbers for the reference: scalar functions over Python floats, HIPS autograd, PyTorch or mpmath; activations, losses, formulas.

Every value is one scalar, so that a branch is a plain `if` on every backend. Nothing of symbp is imported.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import mpmath

Scalar = Any
NAMES = ("exp", "log", "log1p", "tanh", "sin", "cos", "sqrt", "erf")


class Scalars:
    """A backend: the functions NAMES, and how an exact decimal becomes a number. `near_kink` is told how far every kink is."""

    def __init__(self, functions: Mapping[str, Callable[[Scalar], Scalar]], number: Callable[[Decimal], Scalar]) -> None:
        self.number = number
        self.kinks: list[float] = []
        for name in NAMES:
            setattr(self, name, functions[name])

    exp: Callable[[Scalar], Scalar]
    log: Callable[[Scalar], Scalar]
    log1p: Callable[[Scalar], Scalar]
    tanh: Callable[[Scalar], Scalar]
    sin: Callable[[Scalar], Scalar]
    cos: Callable[[Scalar], Scalar]
    sqrt: Callable[[Scalar], Scalar]
    erf: Callable[[Scalar], Scalar]

    def kink(self, distance: Scalar) -> bool:
        """Is `distance`, which is 0 at a kink, above 0?"""
        return bool(distance > 0)


class Watching(Scalars):
    """Floats that remember how near each kink was."""

    def kink(self, distance: Scalar) -> bool:
        self.kinks.append(abs(float(distance)))
        return bool(distance > 0)


def floats() -> Watching:
    return Watching({name: getattr(math, name) for name in NAMES}, float)


@cache
def high_precision() -> Scalars:
    """mpmath at 60 digits, in a context of its own."""
    context = mpmath.mp.clone()
    context.dps = 60
    functions = {name: getattr(context, "ln" if name == "log" else name) for name in NAMES}
    return Scalars(functions, lambda exact: context.mpf(str(exact)))


@cache
def hips() -> Scalars:
    """autograd.numpy; erf is defined here, since autograd's own needs SciPy: erf'(x) = 2 / sqrt(pi) e^(-x^2)."""
    import autograd.numpy as anp
    from autograd.extend import defvjp, primitive

    erf = primitive(lambda x: math.erf(float(x)))
    defvjp(erf, lambda ans, x: lambda g: g * 2 / math.sqrt(math.pi) * anp.exp(-x * x))
    return Scalars({name: erf if name == "erf" else getattr(anp, name) for name in NAMES}, float)


@cache
def pytorch() -> Scalars:
    """torch, float64 on the CPU."""
    import torch

    def number(exact: Decimal) -> Scalar:
        return torch.tensor(float(exact), dtype=torch.float64)

    return Scalars({name: getattr(torch, name) for name in NAMES}, number)


# -- activations -------------------------------------------------------------------------------------------------------


def sigmoid(m: Scalars, x: Scalar) -> Scalar:
    """1 / (1 + e^-x), from the side where nothing overflows."""
    if x >= 0:
        return 1 / (1 + m.exp(-x))
    return m.exp(x) / (1 + m.exp(x))


def softplus(m: Scalars, x: Scalar) -> Scalar:
    """ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)."""
    return x + m.log1p(m.exp(-x)) if x > 0 else m.log1p(m.exp(x))


ACTIVATIONS: dict[str, Callable[[Scalars, Scalar], Scalar]] = {
    "sigmoid": sigmoid,
    "tanh": lambda m, x: m.tanh(x),
    "relu": lambda m, x: x if m.kink(x) else 0 * x,
    "leaky_relu": lambda m, x: x if m.kink(x) else m.number(Decimal("0.01")) * x,
    "elu": lambda m, x: x if m.kink(x) else m.exp(x) - 1,
    "softplus": softplus,
    "silu": lambda m, x: x * sigmoid(m, x),
    "gelu": lambda m, x: x * (1 + m.erf(x / m.sqrt(m.number(Decimal(2))))) / 2,
    "sin": lambda m, x: m.sin(x),
    "identity": lambda m, x: x,
}
"""The activations of one unit; softmax is of a whole layer."""


def softmax(m: Scalars, nets: Sequence[Scalar]) -> list[Scalar]:
    """e^net_i / sum_j e^net_j, where the largest net is taken off first."""
    highest = max(nets)
    powers = [m.exp(net - highest) for net in nets]
    return [power / total(powers) for power in powers]


def activate(m: Scalars, name: str, nets: Sequence[Scalar]) -> list[Scalar]:
    """The outs of units that share an activation: a name, or a formula in x."""
    if name == "softmax":
        return softmax(m, nets)
    if name in ACTIVATIONS:
        return [ACTIVATIONS[name](m, net) for net in nets]
    return [evaluate(m, name, {"x": net}) for net in nets]


# -- losses ------------------------------------------------------------------------------------------------------------


def total(terms: Sequence[Scalar]) -> Scalar:
    """Their sum, from the left."""
    found = terms[0]
    for term in terms[1:]:
        found = found + term
    return found


def entropy_term(m: Scalars, t: Scalar, o: Scalar) -> Scalar:
    """t ln o, which is 0 where t is 0."""
    return t * m.log(o) if t != 0 else 0 * o


def kl_term(m: Scalars, t: Scalar, o: Scalar) -> Scalar:
    """t ln(t / o), where 0 ln 0 = 0."""
    return t * (m.log(t) - m.log(o)) if t != 0 else 0 * o


def huber(m: Scalars, t: Scalar, o: Scalar) -> Scalar:
    """d^2 / 2 up to |d| = 1, then |d| - 1/2."""
    d = o - t if o > t else t - o
    return (2 * d - 1) / 2 if m.kink(d - 1) else d * d / 2


TERMS: dict[str, Callable[[Scalars, Scalar, Scalar], Scalar]] = {
    "half_squared_error": lambda m, t, o: (t - o) * (t - o) / 2,
    "squared_error": lambda m, t, o: (t - o) * (t - o),
    "binary_cross_entropy": lambda m, t, o: -(entropy_term(m, t, o) + entropy_term(m, 1 - t, 1 - o)),
    "cross_entropy": lambda m, t, o: -entropy_term(m, t, o),
    "hinge": lambda m, t, o: 1 - t * o if m.kink(1 - t * o) else 0 * o,
    "huber": huber,
    "kl_divergence": kl_term,
}
"""The losses that are sums over the outputs."""
WHOLE = ("mean_squared_error", "cross_entropy_from_logits")
"""Those that see all outputs at once."""


def loss(m: Scalars, name: str, targets: Sequence[Scalar], outs: Sequence[Scalar]) -> Scalar:
    """The error of one sample at one time: a name, or a formula in t and o that is summed over the outputs."""
    pairs = list(zip(targets, outs, strict=True))
    if name in TERMS:
        return total([TERMS[name](m, t, o) for t, o in pairs])
    if name == "mean_squared_error":
        return total([(t - o) * (t - o) for t, o in pairs]) / len(pairs)
    if name == "cross_entropy_from_logits":
        highest = max(outs)
        log_sum_exp = highest + m.log(total([m.exp(o - highest) for o in outs]))
        return total(list(targets)) * log_sum_exp - total([t * o for t, o in pairs])
    return total([evaluate(m, name, {"t": t, "o": o}) for t, o in pairs])


def divergence(m: Scalars, rho: Scalar, mean: Scalar) -> Scalar:
    """KL(rho || mean) of two Bernoulli distributions."""
    return rho * m.log(rho / mean) + (1 - rho) * m.log((1 - rho) / (1 - mean))


# -- formulas ----------------------------------------------------------------------------------------------------------

TOKEN = re.compile(r"\s*(?:([0-9]+(?:\.[0-9]*)?)|([A-Za-z_]+)|(.))")
CALLS: dict[str, Callable[[Scalars, Scalar], Scalar]] = {
    "exp": lambda m, x: m.exp(x),
    "ln": lambda m, x: m.log(x),
    "log": lambda m, x: m.log(x),
    "sqrt": lambda m, x: m.sqrt(x),
    "sin": lambda m, x: m.sin(x),
    "cos": lambda m, x: m.cos(x),
    "tanh": lambda m, x: m.tanh(x),
    "abs": lambda m, x: x if m.kink(x) else -x,
}


def evaluate(m: Scalars, formula: str, names: Mapping[str, Scalar]) -> Scalar:
    """The value of a user's formula: + - * / ^ (an integer exponent), brackets, CALLS and `names`; `-x^2` is -(x^2)."""
    return _Formula(m, formula, names).value()


class _Formula:
    """Recursive descent: sum = product { ("+" | "-") product }, product = sign { ("*" | "/") sign }, sign = { "-" } power."""

    def __init__(self, m: Scalars, text: str, names: Mapping[str, Scalar]) -> None:
        self.m, self.names = m, names
        self.tokens = [next(part for part in match.groups() if part) for match in TOKEN.finditer(text.strip())]

    def value(self) -> Scalar:
        found = self.sum()
        if self.tokens:
            raise ValueError(f"not understood: {self.tokens}")
        return found

    def take(self, *wanted: str) -> str | None:
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in wanted else None

    def need(self, wanted: str) -> None:
        if not self.take(wanted):
            raise ValueError(f"expected {wanted} before {self.tokens}")

    def sum(self) -> Scalar:
        found = self.product()
        while sign := self.take("+", "-"):
            found = found + self.product() if sign == "+" else found - self.product()
        return found

    def product(self) -> Scalar:
        found = self.sign()
        while operator := self.take("*", "/"):
            found = found * self.sign() if operator == "*" else found / self.sign()
        return found

    def sign(self) -> Scalar:
        return -self.sign() if self.take("-") else self.power()

    def power(self) -> Scalar:
        base = self.atom()
        return base ** int(self.tokens.pop(0)) if self.take("^") else base

    def atom(self) -> Scalar:
        if self.take("("):
            found = self.sum()
            self.need(")")
            return found
        word = self.tokens.pop(0)
        if word in CALLS:
            self.need("(")
            found = CALLS[word](self.m, self.sum())
            self.need(")")
            return found
        return self.names[word] if word in self.names else self.m.number(Decimal(word))
