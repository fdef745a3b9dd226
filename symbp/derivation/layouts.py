"""Backpropagation for any layered network: the equations in matrix form, in either layout, and all of them in their order.

In denominator layout dE/dx has the shape of x, and a chain rule is read from right to left: dE/dx = dy/dx dE/dy. Numerator layout
transposes every derivative: dE/dx = dE/dy dy/dx. (Magnus and Neudecker, Matrix Differential Calculus, use the latter.)

    denominator   delta^L = dE/dout o f'(net)      delta^l = (W^T delta^{l+1}) o f'(net)      dE/dW = delta out^T
    numerator     delta^L = dE/dout o f'(net)^T    delta^l = (delta^{l+1} W) o f'(net)^T      dE/dW = out delta
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbp.derivation.entries import Layout
from symbp.derivation.general import Equation, Indices, result, total_over, unit
from symbp.derivation.meaning import delta, net
from symbp.derivation.pattern import hadamard, matmul, transpose, whole
from symbp.derivation.steps import Over, Step, link
from symbp.language.form import Form, Index, Node, Position, Var, add, apply, partial, total
from symbp.network.forward import ERROR


@dataclass(frozen=True, slots=True)
class Shape:
    """`node` has so many rows and columns: the units of a layer, or one; for `every` layer."""

    node: Node
    rows: Position | None
    columns: Position | None
    every: tuple[Over, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the algorithm: `step` once, or for every layer that it holds for, in a `loop` with the lines beside it."""

    name: str
    step: Step
    loop: str = ""
    descending: bool = False


def diag(x: Node) -> Form:
    return Form("diag", (x,))


@dataclass(frozen=True)
class General(Indices):
    """The equations in indices and, in `layout`, in matrix form."""

    layout: Layout = Layout.DENOMINATOR

    # -- in matrix form ----------------------------------------------------------------------------------------------

    def product(self, *outer_first: Node) -> Form:
        """The factors of a chain rule, from E inwards, in the order of the layout: leftwards or rightwards."""
        return matmul(*(outer_first if self.layout is Layout.NUMERATOR else outer_first[::-1]))

    def turned(self, x: Node) -> Node:
        """A column of the forward pass, beside derivatives in this layout."""
        return transpose(x) if self.layout is Layout.NUMERATOR else x

    @property
    def backwards(self) -> Node:
        """The Jacobian of the next nets by the outs of layer l: W, or its transpose."""
        _, matrix = self._weights_after
        return matrix if self.layout is Layout.NUMERATOR else transpose(matrix)

    @property
    def _weights_after(self) -> tuple[Index, Var]:
        after = self.here(1)
        return after, whole("weights", after)

    def matrix_forward(self) -> Iterator[Equation]:
        start, end, layers = self.ends
        form = add(matmul(whole("weights", end), whole("outs", start)), whole("biases", end))
        yield Equation("matrix_forward_net", Step(whole("nets", end), (link(form, "definition"),), (layers,)))
        form = apply(self.function, whole("nets", end))
        yield Equation("matrix_forward_out", Step(whole("outs", end), (link(form, "definition"),), (layers,)))

    def matrix_delta(self) -> Equation:
        here = self.here()
        form = total(ERROR, whole("nets", here))
        return Equation("matrix_delta", Step(whole("deltas", here), (link(form, "definition_of_delta"),), (self.active,)))

    def jacobians(self) -> Iterator[Equation]:
        """d out / d net is diagonal; d net / d out of the layer before is W; their product leads from net to net."""
        here, (after, _) = self.here(), self._weights_after
        slopes = diag(apply(self.slope, whole("nets", here)))
        by_net, by_out = partial(whole("outs", here), whole("nets", here)), partial(whole("nets", after), whole("outs", here))
        yield Equation("jacobian_out_net", self._told(by_net, (self.active,), (slopes, "own_net")))
        yield Equation("jacobian_net_out", self._told(by_out, (self.inner,), (self.backwards, "by_components")))
        both = total(whole("nets", after), whole("nets", here))
        chain = (self.product(by_out, by_net), "chain_rule"), (self.product(self.backwards, slopes), "put_in")
        yield Equation("jacobian_net_net", self._told(both, (self.inner,), *chain))

    def matrix_output_delta(self) -> Equation:
        nets, outs = whole("nets", self.last), whole("outs", self.last)
        slopes, by_outs = apply(self.slope, nets), total(ERROR, outs)
        return Equation(
            "matrix_output_delta",
            self._told(
                whole("deltas", self.last),
                (),
                (total(ERROR, nets), "definition_of_delta"),
                (self.product(by_outs, partial(outs, nets)), "chain_rule"),
                (self.product(by_outs, diag(slopes)), "put_in"),
                (hadamard(by_outs, self.turned(slopes)), "diagonal_product"),
            ),
        )

    def matrix_hidden_delta(self) -> Equation:
        here, (after, _) = self.here(), self._weights_after
        nets, deltas = whole("nets", here), whole("deltas", after)
        slopes = apply(self.slope, nets)
        return Equation(
            "matrix_hidden_delta",
            self._told(
                whole("deltas", here),
                (self.inner,),
                (total(ERROR, nets), "definition_of_delta"),
                (self.product(total(ERROR, whole("nets", after)), total(whole("nets", after), nets)), "chain_rule"),
                (self.product(deltas, self.backwards, diag(slopes)), "put_in"),
                (hadamard(self.product(deltas, self.backwards), self.turned(slopes)), "diagonal_product"),
            ),
        )

    def matrix_weight_gradient(self) -> Equation:
        start, end, layers = self.ends
        i, matrix = unit(end, "i"), whole("weights", end)
        one_by_one = total_over("i", end, matmul(delta(i), partial(net(i), matrix)))
        column, row = whole("deltas", end), transpose(whole("outs", start))
        form = matmul(column, row) if self.layout is Layout.DENOMINATOR else matmul(whole("outs", start), column)
        over = (layers,)
        return Equation(
            "matrix_weight_gradient", self._told(total(ERROR, matrix), over, (one_by_one, "chain_rule_nets"), (form, "only_one_row"))
        )

    def matrix_bias_gradient(self) -> Equation:
        _, end, layers = self.ends
        biases, nets, deltas = (whole(kind, end) for kind in ("biases", "nets", "deltas"))
        chain = (self.product(total(ERROR, nets), partial(nets, biases)), "chain_rule"), (deltas, "identity_jacobian")
        return Equation("matrix_bias_gradient", self._told(total(ERROR, biases), (layers,), *chain))

    # -- the whole ---------------------------------------------------------------------------------------------------

    def equations(self) -> tuple[Equation, ...]:
        """Every equation, in the order of the text."""
        return (
            *self.forward(),
            self.delta_meaning(),
            self.out_by_net(),
            self.output_delta(),
            self.net_by_out(),
            self.net_by_net(),
            self.hidden_delta(),
            self.net_by_weight(),
            self.weight_gradient(),
            self.net_by_bias(),
            self.bias_gradient(),
            *self.matrix_forward(),
            self.matrix_delta(),
            *self.jacobians(),
            self.matrix_output_delta(),
            self.matrix_hidden_delta(),
            self.matrix_weight_gradient(),
            self.matrix_bias_gradient(),
        )

    def shapes(self) -> tuple[Shape, ...]:
        """How many rows and columns the matrices have in this layout."""
        start, end, layers = self.ends
        here, (after, _) = self.here(), self._weights_after
        turned = self.layout is Layout.NUMERATOR

        def laid_out(node: Node, rows: Position | None, columns: Position | None, over: Over) -> Shape:
            return Shape(node, columns, rows, (over,)) if turned else Shape(node, rows, columns, (over,))

        return (
            Shape(whole("nets", here), here, None, (self.active,)),
            Shape(whole("weights", end), end, start, (layers,)),
            laid_out(whole("deltas", here), here, None, self.active),
            laid_out(total(ERROR, whole("weights", end)), end, start, layers),
            laid_out(total(ERROR, whole("biases", end)), end, None, layers),
            laid_out(total(whole("nets", after), whole("nets", here)), here, after, self.inner),
        )


def algorithm(equations: dict[str, Equation]) -> tuple[Line, ...]:
    """The passes over the network, a line each: forward layer by layer, then back."""

    def line(name: str, loop: str = "", *, descending: bool = False) -> Line:
        return Line(name, result(equations[name]), loop, descending)

    return (
        line("matrix_forward_net", "up"),
        line("matrix_forward_out", "up"),
        line("matrix_output_delta"),
        line("matrix_hidden_delta", "down", descending=True),
        line("matrix_weight_gradient", "gradients"),
        line("matrix_bias_gradient", "gradients"),
    )
