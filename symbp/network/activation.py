"""ACTIVATIONS: one row each; the function, its derivative as a teacher writes it, and the steps that lead there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from symbp.language.form import ONE, TWO, ZERO, Form, Function, Node, Var, add, apply, cases, cos, power, sin, sub, times
from symbp.language.names import FUNCTIONS
from symbp.network import worked
from symbp.network.worked import LEAK, SIGMA, TANH, Chain, prime

__all__ = ["ACTIVATIONS", "SIGMA", "TANH", "Activation", "Chain", "Kink", "prime"]


@dataclass(frozen=True, slots=True)
class Kink:
    """Where f has no derivative, and the value that f' has there by convention."""

    at: Fraction
    slope: Fraction


@dataclass(frozen=True, slots=True)
class Activation:
    """A row of ACTIVATIONS: out = f(net), or, where `joint` is given, each out of a layer from all its nets.

    `definition(x)` is f written out, `derivative(net, out)` is f'(net) as it is used, in terms of out where that is shorter,
    `worked(x)` derives it, starting at d/dx of the definition. `analytic` allows the complex step; `kinks` are the points where
    f has no derivative. `is_named` says whether f stands by its name: out = sigma(net), but out = net for the identity.

    `joint(nets, k)` is out_k, `joint_derivative(outs, i, k)` is d out_i / d net_k, `joint_worked(nets, outs, i, k)` derives it.
    `joint_product(outs, slopes, k)` is the sum over i of slope_i d out_i / d net_k, factored so that what all k share is one form;
    a slope of 0 is no term of it.
    """

    name: str
    function: Function
    definition: Callable[[Node], Node]
    derivative: Callable[[Node, Node], Node]
    worked: Callable[[Var], Chain]
    analytic: bool = True
    kinks: tuple[Kink, ...] = ()
    is_named: bool = True
    joint: Callable[[Sequence[Node], int], Node] | None = None
    joint_derivative: Callable[[Sequence[Node], int, int], Node] | None = None
    joint_worked: Callable[[Sequence[Var], Sequence[Node], int, int], Chain] | None = None
    joint_product: Callable[[Sequence[Node], Sequence[Node], int], Node] | None = None

    def __post_init__(self) -> None:
        FUNCTIONS.setdefault(self.function.symbol, self.function.name)

    @property
    def is_joint(self) -> bool:
        """Is each out a function of all the nets of its layer?"""
        return self.joint is not None

    def out(self, net: Node) -> Node:
        """The activation of `net`, by the function's name where it has one."""
        return apply(self.function, net) if self.is_named else self.definition(net)

    def slope(self, x: Node) -> Form:
        """f'(x), by name."""
        return apply(prime(self.function), x)


def _of_all(*_: Node) -> Node:
    raise NotImplementedError("this function is of all the nets of a layer")


def _no_chain(_: Var) -> Chain:
    raise NotImplementedError("this function is of all the nets of a layer")


ACTIVATIONS: dict[str, Activation] = {
    row.name: row
    for row in (
        Activation("sigmoid", SIGMA, worked.sigmoid, lambda net, out: times(out, sub(ONE, out)), worked.sigmoid_worked),
        Activation("tanh", TANH, worked.tanh, lambda net, out: sub(ONE, power(out, TWO)), worked.tanh_worked),
        Activation(
            "relu",
            worked.RELU,
            worked.relu,
            lambda net, out: cases(net, ONE, ZERO),
            worked.relu_worked,
            analytic=False,
            kinks=(Kink(Fraction(0), Fraction(0)),),
        ),
        Activation(
            "leaky_relu",
            worked.LEAKY_RELU,
            worked.leaky_relu,
            lambda net, out: cases(net, ONE, LEAK),
            worked.leaky_relu_worked,
            analytic=False,
            kinks=(Kink(Fraction(0), Fraction(1, 100)),),
        ),
        Activation(
            "elu",
            worked.ELU,
            worked.elu,
            lambda net, out: cases(net, ONE, add(out, ONE)),
            worked.elu_worked,
            analytic=False,
        ),
        Activation("softplus", worked.SOFTPLUS, worked.softplus, lambda net, out: apply(SIGMA, net), worked.softplus_worked),
        Activation(
            "silu",
            worked.SILU,
            worked.silu,
            lambda net, out: add(out, times(apply(SIGMA, net), sub(ONE, out))),
            worked.silu_worked,
        ),
        Activation("gelu", worked.GELU, worked.gelu, lambda net, out: worked.gelu_slope(net), worked.gelu_worked),
        Activation("sin", worked.SIN, sin, lambda net, out: cos(net), worked.sin_worked),
        Activation("identity", worked.IDENTITY, lambda x: x, lambda net, out: ONE, worked.identity_worked, is_named=False),
        Activation(
            "softmax",
            worked.SOFTMAX,
            _of_all,
            _of_all,
            _no_chain,
            joint=worked.softmax,
            joint_derivative=worked.softmax_slope,
            joint_worked=worked.softmax_worked,
            joint_product=worked.softmax_product,
        ),
    )
}
