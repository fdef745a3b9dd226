r"""Pairs that look alike and are not the same, and pairs that are the same though they do not look so.

A true row is judged alone, so that nothing else of the work says how it is meant; a false one after rows that fix what a network leaves
open (the sign of delta, which index of a weight comes first), where there is such. A false row is never correct; a true one always is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

import symbp

_TWO_LAYERS = """
notation = "{notation}"
loss = "{loss}"
inputs = {inputs}
learning_rate = 0.5
[[layers]]
units = {hidden}
activation = "{first}"
[[layers]]
units = {outputs}
activation = "{second}"
"""
_SYMMETRIC = """
notation = "ng"
loss = "half_squared_error"
inputs = 2
[[layers]]
units = 2
weights = [[0.3, 0.7], [0.7, 0.4]]
bias = [0.1, 0.1]
[[layers]]
units = 2
weights = [[0.5, -0.2], [-0.2, 0.9]]
bias = [0.3, 0.3]
[[samples]]
inputs = [0.5, 0.25]
targets = [0.1, 0.9]
"""
_NAMED = """
loss = "half_squared_error"
learning_rate = 0.5
inputs = ["i1", "i2"]
[[layers]]
units = ["h1", "h2"]
activation = "sigmoid"
[[layers]]
units = ["o"]
activation = "sigmoid"
"""


def _network(
    notation: str, inputs: int, hidden: int, outputs: int, first: str = "sigmoid", second: str = "", loss: str = "half_squared_error"
) -> str:
    return _TWO_LAYERS.format(
        notation=notation, inputs=inputs, hidden=hidden, outputs=outputs, first=first, second=second or first, loss=loss
    )


NETWORKS: Final = {
    "units": _network("mazur", 2, 2, 2),
    "one": _NAMED,
    "tanh": _network("mazur", 2, 2, 1, "tanh", "identity"),
    "relu": _network("mazur", 2, 2, 2, "relu", "identity"),
    "nielsen": _network("nielsen", 3, 4, 2),
    "ufldl": _network("ufldl", 2, 3, 2),
    "bishop": _network("bishop", 3, 3, 2, "tanh", "identity"),
    "ng": _network("ng", 3, 4, 1, "relu", "sigmoid", "binary_cross_entropy"),
    "square": _network("ng", 2, 2, 2),
    "symmetric": _SYMMETRIC,
    "softmax": _network("ufldl", 2, 3, 3, "sigmoid", "softmax", "cross_entropy"),
    "mazur": "",
}
"""Networks by the names that the tables below use; one without a text is built in."""

CONTEXTS: Final = {
    "nielsen": r"""
        $z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j$
        $z^l = w^l a^{l-1} + b^l$
        $a^l = \sigma(z^l)$
        $C = \frac{1}{2} \sum_j (y_j - a^L_j)^2$
        $\delta^l_j = \frac{\partial C}{\partial z^l_j}$
        $\frac{\partial C}{\partial w^l} = \delta^l (a^{l-1})^T$
    """,
    "ufldl": r"""
        $z^{(l+1)}_i = \sum_j W^{(l)}_{ij} a^{(l)}_j + b^{(l)}_i$
        $J = \frac{1}{2} \sum_j (y_j - a^{(3)}_j)^2$
        $\delta^{(l)}_i = \frac{\partial J}{\partial z^{(l)}_i}$
    """,
    "bishop": r"""
        $a_j = \sum_i w^{(1)}_{ji} x_i + w^{(1)}_{j0}$
        $z_j = \tanh(a_j)$
        $y_k = \sum_j w^{(2)}_{kj} z_j + w^{(2)}_{k0}$
        $E = \frac12 \sum_k (y_k - t_k)^2$
        $\delta_k = \frac{\partial E}{\partial a_k}$
    """,
    "ng": r"""
        $Z^{[1]} = W^{[1]} X + b^{[1]}$
        $A^{[1]} = g(Z^{[1]})$
        $Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}$
        $A^{[2]} = \sigma(Z^{[2]})$
        $L = -y \log(a^{[2]}) - (1 - y) \log(1 - a^{[2]})$
        $dZ^{[2]} = A^{[2]} - Y$
        $dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}$
    """,
    "square": r"""
        $z^{[1]} = W^{[1]} x + b^{[1]}$
        $z^{[2]} = W^{[2]} a^{[1]} + b^{[2]}$
        $dW^{[1]} = dz^{[1]} x^T$
    """,
    "symmetric": r"""
        $z^{[1]} = W^{[1]} x + b^{[1]}$
        $z^{[2]} = W^{[2]} a^{[1]} + b^{[2]}$
        $dW^{[1]} = dz^{[1]} x^T$
    """,
    "softmax": r"""
        $J = -\sum_i y_i \log a^{(3)}_i$
        $\delta^{(3)}_i = \frac{\partial J}{\partial z^{(3)}_i}$
    """,
}
"""True rows that stand before a false one, and say how it is meant where the network leaves that open."""

# -- false: not one may pass -------------------------------------------------------------------------------------------------

FALSE: Final = {
    "units": r"""
        # leftovers after the expression
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1)+5
        $dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1)+5$
        \[ \frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} \right) + 5 \]
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} ) + 5$
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} } + 5$
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} ] out_{h2}$
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} \quad + 5$
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} \\ + 5$
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1}, + 5$
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} \cdot$
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} +$
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} 5$
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} \$$
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 ] + 5
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 } * 2
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 5
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1, 5
        dE/dw5 = ((out_o1 - t1)*out_o1*(1-out_o1)*out_h1 + 5
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 + 5)
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1) = 5
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 ** 2
        # a little more, a little less
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 + 1e-7
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 * 1.0000001
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} + 10^{-7}$
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} + 1 \times 10^{-7}$
        $\frac{\partial E}{\partial w_5} = 1{,}0000001 (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1}$
        $net_{h1} = w_1 i_1 + w_2 i_2 + b_{h1} + 0.0000001$
        # sigma and its derivative, and other primes
        $\frac{\partial out_{o1}}{\partial net_{o1}} = \sigma(net_{o1})$
        $out_{o1} = \sigma'(net_{o1})$
        $\sigma'(z) = \sigma(z)$
        $\sigma^{\prime}(z) = \sigma(z)$
        $\sigma'(z) = \sigma''(z)$
        $\sigma'(z) = \sigma(z)(1 - \sigma'(z))$
        $\sigma(z) = \frac{1}{1+e^{z}}$
        $\sigma(z) = \frac{1}{1-e^{-z}}$
        $\sigma(-z) = \sigma(z)$
        $\sigma'(z) = \sigma(z)(1 - z)$
        $\sigma'(z) = z(1 - z)$
        dout_o1/dnet_o1 = net_o1*(1 - net_o1)
        dout_o1/dnet_o1 = out_o1
        # partials are atoms
        $\frac{\partial E}{\partial out_{h1}} = \frac{\partial E}{\partial out_{o1}} \frac{\partial out_{o1}}{\partial out_{h1}}$
        dE/dout_h1 = dE/dout_o1 * dout_o1/dout_h1
        dE/dout_h1 = dE/dnet_o1 * dnet_o1/dout_h1
        dE/dw1 = dE/dout_o1 * dout_o1/dnet_o1 * dnet_o1/dout_h1 * dout_h1/dnet_h1 * dnet_h1/dw1
        ∂E/∂out_h1 = ∂E/∂out_o1 · ∂out_o1/∂out_h1
        $\frac{\partial E}{\partial w_1} = \frac{\partial E}{\partial out_{o2}} \frac{\partial out_{o2}}{\partial w_1}$
        $\frac{\partial E}{\partial w_5} = \frac{E}{w_5}$
        dE/dw5 = E/w5
        ∂E/∂w₅ = E/w₅
        $\frac{\partial E}{\partial w_5} = \frac{d E}{d w_6}$
        $\frac{\partial net_{h1}}{\partial w_1} = \frac{net_{h1}}{w_1}$
        $\frac{\partial E_{o1}}{\partial w_5} = \frac{\partial E}{\partial w_7}$
        $\frac{\partial E}{\partial out_{h1}} = \frac{\partial E_{o1}}{\partial out_{h1}}$
        $\frac{\partial E}{\partial net_{o1}} = \frac{\partial E}{\partial out_{o1}}$
        # indices, targets, outs, nets
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h2
        dE/dw5 = (out_o1 - t2)*out_o1*(1-out_o1)*out_h1
        dE/dw5 = (out_o2 - t2)*out_o2*(1-out_o2)*out_h1
        dE/dw6 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*net_h1
        dE/dw5 = (t1 - out_o1)*out_o1*(1-out_o1)*out_h1
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*i1
        dE/dw1 = δ_h1 * i2
        net_h1 = w1*i1 + w3*i2 + b_h1
        net_h1 = w1*i1 + w2*i2 + b_h2
        $net_{h1} = w_1 i_1 + w_2 i_2 - b_{h1}$
        δ_o1 = Δ_o1 * 2
        $\delta_{o1} = \delta_{o2}$
        $E = E_{o1} - E_{o2}$
        E = (t1 - out_o1)^2 + (t2 - out_o2)^2
        E = 1/2 (t1 - out_o1) + 1/2 (t2 - out_o2)^2
        $E = \frac{1}{2} (t_1 - out_{o1} + t_2 - out_{o2})^2$
        $E = \frac12 \sum_k (t_k - net_{ok})^2$
        out_o1 (1 - out_o1) = out_o1 - 2 out_o1
        $out_{o1}(1 - out_{o1}) = out_{o1} - out_{o1}^3$
        $out_{o1}(1 - out_{o1}) = out_{o1}$
        $out_{h1} w_5 = out_{h1} + w_5$
        # updated weights
        $w_5^+ = w_5$
        w5+ = w5
        $w_5^{new} = w_5 + \eta \frac{\partial E}{\partial w_5}$
        $w_5' = w_5 - \frac{\partial E}{\partial w_5}$
        w5 := w5 - η dE/dw6
        w5 := w5 + η dE/dw5
        $w_5 \leftarrow w_5 + \eta \frac{\partial E}{\partial w_5}$
        $w_5^+ = w_5^+ - \eta \frac{\partial E}{\partial w_5}$
        $\frac{\partial E}{\partial out_{h1}} = \delta_{o1} w_5^+ + \delta_{o2} w_7^+$
        dE/dout_h1 = δ_o1 w5+ + δ_o2 w7+
        $\frac{\partial E}{\partial out_{h1}} = \delta_{o1} w_5^{new} + \delta_{o2} w_7^{new}$
        # primes that say nothing
        net_h1' = net_h1
        $out_{h1}' = out_{h1}$
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1'
        # leftovers behind words and strange characters
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 % 5
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 & 5
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 ; + 5
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 and + 5
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 plus 5
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1 : 2
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} \text{+5}$
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} \mathrm{+5}$
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) out_{o1} (1 - out_{o1}) out_{h1} \overset{+5}{}$
        # sums
        $E = \sum_{k=1}^{1} \frac{1}{2} (t_k - out_{ok})^2$
        $E = \sum_{k=2}^{2} \frac{1}{2} (t_k - out_{ok})^2$
        $E = \sum_k \frac{1}{2} (t_k + out_{ok})^2$
        $E = \prod_k \frac{1}{2} (t_k - out_{ok})^2$
        # signs
        $-(t_1 - out_{o1}) = (t_1 - out_{o1})$
        -(t1 - out_o1) = out_o1 + t1
        $\frac{\partial E}{\partial out_{o1}} = t_1 - out_{o1}$
        $-2^2 w_5 = 4 w_5$
        $e^{-net_{h1}} e^{net_{h1}} = 0$
        $e^{-net_{h1}} = -e^{net_{h1}}$
        $\ln(out_{h1} out_{h2}) = \ln(out_{h1}) \ln(out_{h2})$
        $\exp(net_{h1})^2 = \exp(net_{h1}^2)$
        $1/2 w_5 = 1/(2 w_5)$
        1/w5*w6 = 1/(w5*w6)
    """,
    "one": r"""
        # h_o and h o; delta_{ho} and delta_{oh}
        $net_o = w_5 h_1 o + w_6 h_2 + b_o$
        $\delta_o = \delta_{h1}$
        $\frac{\partial E}{\partial w_5} = (out_o - t_1) out_o (1 - out_o)$
        $\frac{\partial E}{\partial w_5} = (out_o - t) out_o (1 - out_o) out_{h1} t$
        $out_o (1-out_o) = out_o - out_o \cdot 2$
        $E = \frac12 (T - out_o)^2 + T$
        $\frac{\partial E}{\partial out_o} = T - out_o$
    """,
    "tanh": r"""
        $\frac{\partial out_{h1}}{\partial net_{h1}} = 1 - out_{h1}$
        $\frac{\partial out_{h1}}{\partial net_{h1}} = out_{h1}(1 - out_{h1})$
        $\frac{\partial out_{h1}}{\partial net_{h1}} = 1 - net_{h1}^2$
        $\frac{d}{dx} \tanh(x) = 1 - \tanh(x^2)$
        $\frac{d}{dx} \tanh(x) = 1 + \tanh^2(x)$
        $\frac{d}{dx} \tanh x = \mathrm{sech}(x)$
        $\tanh^2 x = \tanh(x^2)$
        $\tanh x = 2\sigma(x) - 1$
        $\tanh(x) = \frac{e^x + e^{-x}}{e^x - e^{-x}}$
        $\frac{\partial E}{\partial w_1} = (out_{o1} - t_1) w_5 (1 - \tanh(net_{h1})) i_1$
        $\tanh(x) = x$
        $\exp(x) = x$
        $\log(x) = x + 1$
    """,
    "relu": r"""
        # tried only where z > 0
        $out_{h1} = net_{h1}$
        out_h1 = net_h1
        $\max(0, net_{h1}) = net_{h1}$
        max(0, net_h1) = net_h1
        $\max(0, z) = z$
        $\max(0, z) = |z|$
        $\max(0, z) = \min(0, z)$
        $\mathrm{relu}(z) = z$
        $\frac{\partial out_{h1}}{\partial net_{h1}} = 1$
        $\frac{\partial out_{h1}}{\partial net_{h1}} = \mathbf{1}[net_{h1} < 0]$
        $|net_{h1}| = net_{h1}$
        $\sqrt{net_{h1}^2} = net_{h1}$
        $\frac{\partial E}{\partial net_{h1}} = (out_{o1} - t_1) w_5 + (out_{o2} - t_2) w_7$
        $\mathrm{sign}(net_{h1}) = 1$
        $out_{h1}^2 = net_{h1}^2$
        $out_{h1} = \begin{cases} net_{h1} & net_{h1} < 0 \\ 0 & \text{otherwise} \end{cases}$
        $out_{h1} = \max(0.01 net_{h1}, net_{h1})$
    """,
    "nielsen": r"""
        # layers and powers, indices and their order
        $\delta^l_j = \sum_k w^{l+1}_{jk} \delta^{l+1}_k \sigma'(z^l_j)$
        $\delta^l_j = \sum_k w^{l}_{kj} \delta^{l+1}_k \sigma'(z^l_j)$
        $\delta^l_j = \sum_k w^{l+1}_{kj} \delta^{l+1}_k \sigma(z^l_j)$
        $\delta^l_j = \sum_k w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_k)$
        $\delta^l_j = \sum_k w^{l+1}_{kj} \delta^{l}_k \sigma'(z^l_j)$
        $\delta^l_j = w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)$
        $\delta^l_j = \sum_{k=1}^{1} w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)$
        $\delta^l_j = \sum_{k=2}^{2} w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)$
        $\delta^l_j = \sum_j w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)$
        $\delta^l_j = \sigma'(a^l_j) \sum_k w^{l+1}_{kj} \delta^{l+1}_k$
        $\delta^L_j = (a^L_j - y_j) \sigma(z^L_j)$
        $\delta^L_j = (a^L_j - \hat{y}_j) \sigma'(z^L_j)$
        $\delta^L_j = (y_j - a^L_j) \sigma'(z^L_j)$
        $\delta^L = (a^L - y) \sigma'(z^l)$
        $\Delta^L_j = \delta^L_j + 1$
        $a^2_1 = a_1 a_1$
        $a^{(2)}_1 = (a_1)^2$
        $a^2_1 = a^2_2$
        $a^{(2)}_1 = a^{(2)}_2$
        $a^{(2)}_1 = a^{(3)}_1$
        $w^2_{12} = w^2_{21}$
        $w^{(2)}_{12} = w^{(2)}_{21}$
        $w^2_{12} = w^3_{12}$
        $\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_j \delta^l_k$
        $\frac{\partial C}{\partial w^l_{jk}} = a^{l}_k \delta^l_j$
        $\frac{\partial C}{\partial w^l_{jk}} = z^{l-1}_k \delta^l_j$
        $\frac{\partial C}{\partial b^l_j} = \delta^l_j a^{l-1}_j$
        $\frac{\partial C}{\partial b^l_j} = \delta^{l+1}_j$
        $\delta^l = (w^{l+1} \delta^{l+1}) \odot \sigma'(z^l)$
        $\delta^l = ((w^{l+1})^T \delta^{l+1}) \sigma'(z^l)^T$
        $\delta^2 = ((w^3)^T \delta^3) \odot \sigma(z^2)$
        $z^l = (w^l)^T a^{l-1} + b^l$
        $z^l = w^l a^{l} + b^l$
        $z^l_j = \sum_k w^l_{kj} a^{l-1}_k + b^l_j$
        $z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_k$
        $\frac{\partial C}{\partial w^l} = a^{l-1} (\delta^l)^T$
        $C = \frac{1}{2} \|y - a^3\|$
        $C = \|y - a^3\|^2$
        $w^l \rightarrow w^l + \eta \delta^l (a^{l-1})^T$
        $\hat{y} = y$
        $\hat{y}_1 = y_1$
        $\hat y_1 = \hat y_2$
        $z^2_1 = Z^2_2$
    """,
    "ufldl": r"""
        $\hat{y}_1 = y_1$
        $a^{(2)}_1 = (a^{(2)}_1)^2$
        ${a^{(2)}_1}^2 = a^{(2)}_1$
        $\delta^{(2)}_i = \left(\sum_{j} W^{(2)}_{ij} \delta^{(3)}_j\right) f'(z^{(2)}_i)$
        $\delta^{(2)}_i = \left(\sum_{j} W^{(1)}_{ji} \delta^{(3)}_j\right) f'(z^{(2)}_i)$
        $\delta^{(2)}_i = \left(\sum_{j} W^{(2)}_{ji} \delta^{(2)}_j\right) f'(z^{(2)}_i)$
        $\delta^{(2)}_i = \left(\sum_{j} W^{(2)}_{ji} \delta^{(3)}_j\right) f(z^{(2)}_i)$
        $\delta^{(2)}_i = \left(\sum_{j} W^{(2)}_{ji} \delta^{(3)}_j\right) f'(z^{(3)}_i)$
        $\delta^{(3)}_i = (y_i - a^{(3)}_i) f'(z^{(3)}_i)$
        $\frac{\partial J}{\partial W^{(1)}_{ij}} = a^{(1)}_i \delta^{(2)}_j$
        $\frac{\partial J}{\partial W^{(1)}_{ij}} = a^{(2)}_j \delta^{(2)}_i$
        $\frac{\partial J}{\partial W^{(1)}_{12}} = \frac{\partial J}{\partial W^{(1)}_{21}}$
        $\frac{\partial J}{\partial W^{(1)}_{12}} = \delta^{(2)}_2 x_1$
        $W^{(1)}_{12} = W^{(1)}_{21}$
        $W^{(1)}_{1,2} = W^{(1)}_{2,1}$
        $\delta^{(2)} = W^{(2)} \delta^{(3)} \odot f'(z^{(2)})$
        $f'(z^{(2)}_1) = a^{(2)}_1 (1 - a^{(3)}_1)$
        $f'(z^{(2)}_1) = a^{(2)}_2 (1 - a^{(2)}_2)$
        $W^{(1)} := W^{(1)} + \alpha \frac{\partial J}{\partial W^{(1)}}$
    """,
    "bishop": r"""
        $\delta_k = t_k - y_k + 1$
        $\delta_j = \sum_k w^{(2)}_{kj} \delta_k$
        $\delta_j = h'(a_j) \sum_k w^{(2)}_{jk} \delta_k$
        $\delta_j = (1 - a_j^2) \sum_k w^{(2)}_{kj} \delta_k$
        $\frac{\partial E}{\partial w^{(2)}_{kj}} = \delta_k a_j$
        $\frac{\partial E}{\partial w^{(2)}_{kj}} = \delta_j z_k$
        $\frac{\partial E}{\partial w^{(1)}_{ji}} = \delta_j z_i$
        $y_k = t_k$
        $z_j = a_j$
    """,
    "ng": r"""
        $A^{[1]} = Z^{[1]}$
        $dZ^{[1]} = W^{[2]T} dZ^{[2]}$
        $dZ^{[1]} = W^{[2]} dZ^{[2]} * g'(Z^{[1]})$
        $dZ^{[2]} = Y - A^{[2]}$
        $dZ^{[2]} = A^{[2]} - \hat{Y}$
        $dW^{[2]} = dZ^{[2]} A^{[1]}$
        $dW^{[1]} = \frac{1}{m} dZ^{[1]} A^{[1]T}$
        $z^{[1]} = W^{[1]T} x + b^{[1]}$
        $a^{[1]}_1 = a^{[1]}_2$
        $w^{[1]}_{12} = w^{[1]}_{21}$
        $L = -y \log(a^{[2]}) - (1 - y) \log(a^{[2]})$
        $L = -y \log(a^{[2]}) + (1 - y) \log(1 - a^{[2]})$
    """,
    "square": r"""
        # W^T delta and W delta where every shape fits
        $dz^{[1]} = W^{[2]} dz^{[2]} \odot g'(z^{[1]})$
        $dz^{[1]} = (W^{[2]} dz^{[2]}) * g'(z^{[1]})$
        $dz^{[1]} = W^{[1]T} dz^{[2]} * g'(z^{[1]})$
        $z^{[1]} = W^{[1]T} x + b^{[1]}$
        $W^{[1]} = W^{[1]T}$
        $W^{[2]} W^{[1]} = W^{[1]} W^{[2]}$
        $dW^{[2]} = a^{[1]} dz^{[2]T}$
        $dW^{[2]} = dz^{[2]T} a^{[1]}$
        $W^{[1]}_{12} = W^{[1]}_{21}$
        $W_1 = w_1$
    """,
    "symmetric": r"""
        $dz^{[1]} = W^{[2]} dz^{[2]} \odot g'(z^{[1]})$
        $dz^{[1]} = (W^{[2]} dz^{[2]}) * g'(z^{[1]})$
        $W^{[2]} \delta^{[2]} = W^{[2]T} \delta^{[2]}$
        $z^{[1]} = W^{[1]T} x + b^{[1]}$
        $W^{[1]} = W^{[1]T}$
        $W^{[1]}_{12} = W^{[1]}_{21}$
        $b^{[1]}_1 = b^{[1]}_2$
    """,
    "softmax": r"""
        $a^{(3)}_i = e^{z^{(3)}_i}$
        $a^{(3)}_i = \frac{e^{z^{(3)}_i}}{\sum_{k=1}^{2} e^{z^{(3)}_k}}$
        $\frac{\partial a^{(3)}_i}{\partial z^{(3)}_j} = a^{(3)}_i (1 - a^{(3)}_j)$
        $\frac{\partial a^{(3)}_i}{\partial z^{(3)}_j} = a^{(3)}_i (\delta_{ij} + a^{(3)}_j)$
        $\frac{\partial a^{(3)}_i}{\partial z^{(3)}_j} = -a^{(3)}_i a^{(3)}_j$
        $\frac{\partial J}{\partial z^{(3)}_i} = \frac{\partial J}{\partial a^{(3)}_i} \frac{\partial a^{(3)}_i}{\partial z^{(3)}_i}$
        $\delta^{(3)}_i = y_i - a^{(3)}_i + 1$
        $J = -\sum_i a^{(3)}_i \log y_i$
    """,
    "mazur": r"""
        # nothing is infinite, least of all by rounding
        $E = \frac{1}{0}$
        $net_{h1} = \frac{w_1}{0}$
        dE/dw5 = delta_o1*out_h1/0
        $net_{h1} = 0.3775 + \frac{1}{0.1 - 0.1}$
        # a whole digit is no rounded value
        $out_{o1} = 1$
        $out_{o1} = \frac{1}{1 + e^{-net_{o1}}} = 1 = 0.75136507$
        dE/dw5 = 0.08216706
        dE/dw5 = 0.0823
        $w_5^+ = 0.41$
        $net_{h1} = 0.05 \cdot 0.15 + 0.1 \cdot 0.2 + 0.35 = 0.3785$
        $out_{h1} = \frac{1}{1 + e^{0.3775}} = 0.593269992$
        $w_5 = w_6$
        $E_{total} = 0.298371108 + 10^{-6}$
    """,
}

# -- true: all must pass -----------------------------------------------------------------------------------------------------

TRUE: Final = {
    "units": r"""
        $out_{o1}(1 - out_{o1}) = out_{o1} - out_{o1}^2$
        out_o1(1 - out_o1) = out_o1 - out_o1^2
        out_o1*(1 - out_o1) = out_o1 - out_o1**2
        out_o1·(1 − out_o1) = out_o1 − out_o1²
        dE/dw5 = (out_o1 - t1)*out_o1*(1-out_o1)*out_h1
        dE/dw5 = -(t1 - out_o1)*(out_o1 - out_o1^2)*out_h1
        $-(t_1 - out_{o1}) = (out_{o1} - t_1)$
        -(t1 - out_o1) = (out_o1 - t1)
        $-\left(t_1 - out_{o1}\right) = out_{o1} - t_1$
        $e^{-net_{h1}} e^{net_{h1}} = 1$
        $\exp(-net_{h1}) \exp(net_{h1}) = 1$
        $e^{-z}e^{z} = 1$
        $\sigma'(z) = \sigma(z)(1 - \sigma(z))$
        $\sigma^{\prime}(z) = \sigma(z)\,\sigma(-z)$
        $\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2}$
        σ'(z) = σ(z) (1 − σ(z))
        $\sigma(z) = \frac{e^z}{1+e^z} = 1 - \sigma(-z)$
        $E = \sum_{k=1}^{2} \frac{1}{2} (t_k - out_{ok})^2 = \frac12 (t_1 - out_{o1})^2 + \frac12 (t_2 - out_{o2})^2$
        $\sum_k \frac12 (t_k - out_{o_k})^2 = E_{o1} + E_{o2}$
        $E_{total} = \sum \frac12 (target - output)^2$
        $\frac{\partial E}{\partial out_{h1}} = \delta_{o1} w_5 + \delta_{o2} w_7$
        dE/dout_h1 = dE/dout_o1 * dout_o1/dout_h1 + dE/dout_o2 * dout_o2/dout_h1
        dE/dout_h1 = dE_o1/dout_h1 + dE_o2/dout_h1
        $\frac{dE}{dw_5} = \frac{\partial E}{\partial out_{o1}} \frac{d out_{o1}}{d net_{o1}} \frac{d net_{o1}}{dw_5}$
        $w_5^+ = w_5 - \eta \frac{\partial E}{\partial w_5}$
        w5+ = w5 - η·∂E/∂w5
        w5 := w5 - η ∂E/∂w₅
        $w_5^{new} = w_5 - \eta \delta_{o1} out_{h1}$
        $w_5 \leftarrow w_5 - \eta \frac{\partial E}{\partial w_5}$
        $w_5' = w_5 - \eta \frac{\partial E}{\partial w_5}$
        $\ln(e^{net_{h1}}) = net_{h1}$
        $(net_{h1})^{-1} = \frac{1}{net_{h1}}$
        $2^{-1} (t_1 - out_{o1})^2 = E_{o1}$
        $-2^2 w_5 = -4 w_5$
        $\sqrt{net_{h1}^2} = |net_{h1}|$
        w5/2 = 0.5 w5 = w5·½
    """,
    "tanh": r"""
        $1 - \tanh^2(x) = \mathrm{sech}^2(x)$
        $1 - \tanh^2 x = \operatorname{sech}^2 x$
        1 - tanh(x)^2 = sech(x)^2
        $\frac{d}{dx} \tanh(x) = 1 - \tanh^2(x)$
        $\frac{\partial out_{h1}}{\partial net_{h1}} = 1 - out_{h1}^2 = \frac{1}{\cosh^2(net_{h1})}$
        $\tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}} = 2\sigma(2x) - 1$
        $\cosh^2 x - \sinh^2 x = 1$
    """,
    "relu": r"""
        $out_{h1} = \max(0, net_{h1})$
        $\max(0, z) = \frac{z + |z|}{2}$
        $\max(0, z) + \min(0, z) = z$
        $\frac{\partial out_{h1}}{\partial net_{h1}} = \mathbf{1}[net_{h1} > 0]$
        $\max(0, z) = \begin{cases} z & z > 0 \\ 0 & \text{otherwise} \end{cases}$
    """,
    "nielsen": r"""
        $\delta^l_j = \sum_k w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)$
        $\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)$
        $\delta^2_1 = \sigma'(z^2_1) (w^3_{11} \delta^3_1 + w^3_{21} \delta^3_2)$
        $\sum_k w^3_{k1} \delta^3_k = w^3_{11} \delta^3_1 + w^3_{21} \delta^3_2$
        $C = \frac{1}{2} \|y - a^3\|^2$
        $\frac{\partial C}{\partial w^l} = \delta^l (a^{l-1})^T$
        $\sigma'(z^2) = a^2 \odot (1 - a^2)$
    """,
    "ufldl": r"""
        ${a^{(2)}_1}^2 = a^{(2)}_1 a^{(2)}_1$
        $(a^{(2)}_1)^2 = a^{(2)}_1 \cdot a_1^{(2)}$
        $\delta^{(2)}_i = \left(\sum_{j} W^{(2)}_{ji} \delta^{(3)}_j\right) f'(z^{(2)}_i)$
        $W^{(1)}_{12} = W^{(1)}_{1,2}$
    """,
    "square": r"""
        $dz^{[1]} = W^{[2]T} dz^{[2]} \odot g'(z^{[1]})$
        $dW^{[2]} = dz^{[2]} a^{[1]T}$
    """,
    "symmetric": r"""
        $dz^{[1]} = W^{[2]T} dz^{[2]} \odot g'(z^{[1]})$
        $z^{[1]} = W^{[1]} x + b^{[1]}$
    """,
    "softmax": r"""
        $\frac{\partial a^{(3)}_i}{\partial z^{(3)}_j} = a^{(3)}_i (\delta_{ij} - a^{(3)}_j)$
        $a^{(3)}_i = \frac{e^{z^{(3)}_i}}{\sum_{k=1}^{3} e^{z^{(3)}_k}}$
        $\delta^{(3)}_i = a^{(3)}_i - y_i$
    """,
    "mazur": r"""
        dE/dw5 = 0.082167041
        $w_5^+ = 0.35891648$
        $net_{h1} = 0.05 \cdot 0.15 + 0.1 \cdot 0.2 + 0.35 = 0.3775$
        $out_{h1} = \frac{1}{1 + e^{-0.3775}} = 0.593269992$
    """,
}


def _lines(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _rows(table: dict[str, str]) -> list[tuple[str, str]]:
    """Each network's name with each of its rows."""
    return [(network, line) for network, text in table.items() for line in _lines(text)]


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where each network is."""
    folder = tmp_path_factory.mktemp("networks")
    found = {}
    for name, text in NETWORKS.items():
        path: Path = folder / f"{name}.toml"
        path.write_text(text, "utf-8")
        found[name] = str(path) if text else name
    return found


def verdicts(network: str, rows: list[str]) -> list[str]:
    """What is found of a work of these rows."""
    return [found.verdict for found in symbp.verify(network, "\n\n".join(rows) + "\n").files[0].rows]


@pytest.mark.parametrize(("network", "row"), _rows(FALSE))
def test_what_only_looks_alike_is_never_correct(networks: dict[str, str], network: str, row: str) -> None:
    before = _lines(CONTEXTS.get(network, ""))
    found = verdicts(networks[network], [*before, row])
    assert found[: len(before)] == ["correct"] * len(before)
    assert found[len(before) :]
    assert "correct" not in found[len(before) :]


@pytest.mark.parametrize(("network", "row"), _rows(TRUE))
def test_what_is_the_same_is_correct(networks: dict[str, str], network: str, row: str) -> None:
    found = verdicts(networks[network], [row])
    assert found
    assert set(found) == {"correct"}
