r"""Hand work is read tolerantly: each kind of spelling gives the tree that a person means by it, and what stays open is a choice.

The trees are shown in a short way: a ~ b is a product without a sign, f⟮x⟯ a call, Dd<E | w> a derivative, [x] a bracket.
"""

from __future__ import annotations

import contextlib
import time
from typing import Final

import pytest

from symbp.language import written as w
from symbp.language.reader import Reader, open_choices
from symbp.language.tokens import Medium, Unreadable, lex
from symbp.language.written import Written

MEDIA: Final[tuple[Medium, ...]] = ("plain", "latex")
FUNCTIONS: Final = frozenset({"f", "g", "sigma", "phi", "psi"})
READ: Final = r"""
        # names
        input_{(h1)} ⟹ input_{(h1)}
        W^{[2]}_{ij} \cdot 1 ⟹ (W_{ij}^{[2]} cdot 1)
        W_i{_j} \cdot 1 ⟹ (W_{ij} cdot 1)
        W_{i}^{(l)}{}_j \cdot 1 ⟹ (W_{ij}^{(l)} cdot 1)
        w4^+ ⟹ w_{4}^{+}
        w_4^{+}\, ⟹ w_{4}^{+}
        w_5' ⟹ w_{5}'
        w'_1 ⟹ w_{1}'
        Z⁽¹⁾ ⟹ Z^{(1)}
        W⁽¹⁾x + b⁽¹⁾ ⟹ (+(W^{(1)} ~ x) +b^{(1)})
        z₁ ⟹ z_{1}
        ŷ ⟹ yhat
        ŷ₁ ⟹ yhat_{1}
        \bar{x} ⟹ xbar
        \bar{W}^{(1)} ⟹ Wbar^{(1)}
        \overline{z_1} ⟹ zbar_{1}
        \mathbf{\hat{y}} ⟹ yhat
        \hat{\mathbf{y}}_1 ⟹ yhat_{1}
        w^* ⟹ w^{star}
        w^{*}\, ⟹ w^{star}
        h[0] ⟹ h^{[0]}
        W[1][2] ⟹ W^{[1]}^{[2]}
        W[i][j]*x[j] ⟹ (W^{[i]}^{[j]} star x^{[j]})
        a[2]₁ ⟹ a_{1}^{[2]}
        W.T ⟹ Wᵀ
        W.T @ d ⟹ (Wᵀ at d)
        W.T.dot(d) ⟹ (Wᵀ at d)
        W'*d ⟹ (W' star d)
        W1' * d ⟹ (W_{1}' star d)
        net(h1) ⟹ net_{h1}
        E(o1) ⟹ E_{o1}
        E(o1) + E(o2) ⟹ (+E_{o1} +E_{o2})
        out(h1)*(1-out(h1)) ⟹ (out_{h1} star [(+1 -out_{h1})])
        w5neu ⟹ w_{5neu}
        w5_new ⟹ w_{5new}
        w_5neu ⟹ w_{5neu}
        x_1^{(2)} ⟹ x_{1}^{(2)}
        δo1 ⟹ delta_{o1}
        δo1·w5 + δo2·w7 ⟹ (+(delta_{o1} cdot w_{5}) +(delta_{o2} cdot w_{7}))
        ηδo1 ⟹ (eta ~ delta_{o1})
        η·x1 ⟹ (eta cdot x_{1})
        neth1 ⟹ neth_{1}
        w_h1i1 ⟹ w_{h1i1}
        w_h1i1*i1 ⟹ (w_{h1i1} star i_{1})
        w_{h1,i1} ⟹ w_{h1,i1}
        w_{1\to2} ⟹ w_{1→2}
        w_{1→2} ⟹ w_{1→2}
        h^{⟨t⟩} ⟹ h^{⟨t⟩}
        h⟨t⟩ ⟹ h^{⟨t⟩}
        h^{<t>} ⟹ h^{<t>}
        h^<t-1> ⟹ h^{⟨t-1⟩}
        h_{t-1} ⟹ h_{t-1}
        z_{L-1} ⟹ z_{L-1}
        a^{L-1} ⟹ a^{L-1}
        Err_j ⟹ Err_{j}
        \mathit{Err}_j ⟹ Err_{j}
        net ⟹ net
        sum_h1 ⟹ sum_{h1}
        Net_H1 ⟹ Net_{H1}
        h1_in ⟹ h_{1in}
        d_h1 ⟹ d_{h1}
        y_true ⟹ y_{true}
        grad_w5 ⟹ grad_{w5}
        \text{net}_{h1} ⟹ net_{h1}
        delta o1 ⟹ delta_{o1}
        new w5 ⟹ w_{5new}
        w5 new ⟹ w_{5new}
        o1 error ⟹ error_{o1}
        y1y2 ⟹ (y_{1} ~ y_{2})
        w1x1 + w2x2 ⟹ (+(w_{1} ~ x_{1}) +(w_{2} ~ x_{2}))
        2(y-t)out_h1 ⟹ (2 ~ [(+y -t)] ~ out_{h1})
        x⁽ⁱ⁾ ⟹ x^{(i)}
        θ⁽ˡ⁾ᵢⱼ ⟹ theta_{ij}^{(l)}
        a_1^{[2](i)} ⟹ a_{1}^{[2](i)}
        \theta_{ij}^{(l)} ⟹ theta_{ij}^{(l)}
        \Theta^{(1)}_{10} ⟹ Theta_{10}^{(1)}
        w_{11}^{(1)}x_1 ⟹ (w_{11}^{(1)} ~ x_{1})
        w11*x1 ⟹ (w_{11} star x_{1})
        \mathbf{W}^{(2)\top}\boldsymbol\delta^{(2)} ⟹ (W^{(2)⊤} ~ delta^{(2)})
        {W^{(2)}}^{\top} ⟹ [W^{(2)}]ᵀ
        {out_{h1}}^2 ⟹ [out_{h1}]^^2
        {w}_{ij} ⟹ w_{ij}
        net_{h_1} ⟹ net_{h1}
        z^{2}_k ⟹ z_{k}^{2}
        o_1^{(3)} ⟹ o_{1}^{(3)}
        \tilde{x}_1 ⟹ xtilde_{1}
        w_5^\ast ⟹ w_{5}^{star}
        v_{dw} ⟹ v_{dw}
        \Delta w_5 ⟹ Deltaw_{5}
        Δw5 ⟹ Deltaw_{5}
        ΔW^{(1)} ⟹ DeltaW^{(1)}
        wx + b ⟹ (+wx +b)
        w^Tx + b ⟹ (+(w^{T} ~ x) +b)
        Wx+b ⟹ (+Wx +b)
        y_hat ⟹ y_{hat}
        # derivatives
        ∂E/∂w5 ⟹ D∂<E | w_{5}>
        dE/dw_5 ⟹ Dd<E | w_{5}>
        d E / d w ⟹ Dd<E | w>
        \frac{dE}{dw} ⟹ Dd<E | w>
        \frac{\partial}{\partial w} E ⟹ D∂<E | w>
        ∂/∂w (E) ⟹ D∂<[E] | w>
        \frac{\partial}{\partial w_5}\left(\frac12 (t-o)^2\right) ⟹ D∂<[((1 / 2) ~ [(+t -o)]^^2)] | w_{5}>
        D[E, w] ⟹ Dd<E | w>
        D[E_o1, w5] ⟹ Dd<E_{o1} | w_{5}>
        \partial w ⟹ ∂w
        \partial w_{jk} ⟹ ∂w_{jk}
        dW1 ⟹ dW_{1}
        \frac{\partial^2 E}{\partial w^2} ⟹ D∂<D∂<E | w> | w>
        \frac{\partial^2 E}{\partial w_1 \partial w_2} ⟹ D∂<D∂<E | w_{2}> | w_{1}>
        \frac{d^2E}{dw^2} ⟹ Dd<Dd<E | w> | w>
        \frac{\partial^2}{\partial w^2} E ⟹ D∂<D∂<E | w> | w>
        d²E/dw² ⟹ Dd<Dd<E | w> | w>
        d^2E/dw^2 ⟹ Dd<Dd<E | w> | w>
        ∂²E/∂w1∂w2 ⟹ D∂<D∂<E | w_{2}> | w_{1}>
        ∂²E/∂w² ⟹ D∂<D∂<E | w> | w>
        dσ/dx ⟹ Dd<sigma | x>
        dσ/dx(x) ⟹ (Dd<sigma | x> ~ [x])
        \frac{d\sigma}{dx} ⟹ Dd<sigma | x>
        \frac{dL}{d\mathbf{W}} ⟹ Dd<L | W>
        \frac{d \sigma(z)}{d z} ⟹ Dd<sigma⟮z⟯ | z>
        δE/δw5 ⟹ D∂<E | w_{5}>
        \delta E/\delta w ⟹ D∂<E | w>
        \frac{\delta E}{\delta w} ⟹ D∂<E | w>
        \frac{\delta_1}{\delta_2} ⟹ (delta_{1} / delta_{2})
        δ_o1/δ_h1 ⟹ (delta_{o1} / delta_{h1})
        ∂E_total/∂w5 ⟹ D∂<E_{total} | w_{5}>
        dEtotal/dw5 ⟹ Dd<Etotal | w_{5}>
        dao/dno ⟹ Dd<ao | no>
        dao/dzo * dzo/dw7 ⟹ (Dd<ao | zo> star Dd<zo | w_{7}>)
        dLoss/dOut * dOut/dW9 ⟹ (Dd<Loss | Out> star Dd<Out | W_{9}>)
        d_o1/d_h1 ⟹ (d_{o1} / d_{h1})
        \frac{\partial J(w,b)}{\partial w} ⟹ D∂<J | w>
        H(\hat y, y) ⟹ H
        L(w, b | x) ⟹ L
        \mathcal{L}(\theta) ⟹ L
        L(y,\hat{y}) ⟹ L
        J(\theta) ⟹ J
        J(W, b; x, y) ⟹ J
        \frac{\partial \mathcal{L}(\theta)}{\partial \theta} ⟹ D∂<L | theta>
        \frac{\partial E(o1)}{\partial w_5} ⟹ D∂<E_{o1} | w_{5}>
        \frac{C_0}{dw_L} ⟹ Dd<C_{0} | w_{L}>
        \frac{z_{L-1}}{dw_{L-1}} ⟹ Dd<z_{L-1} | w_{L-1}>
        \frac{\partial E}{dw} ⟹ D∂<E | w>
        \frac{\partial (y - t)^2}{\partial y} ⟹ D∂<[(+y -t)]^^2 | y>
        \frac{\partial \frac12 (y-t)^2}{\partial y} ⟹ D∂<((1 / 2) ~ [(+y -t)]^^2) | y>
        \frac{\partial}{\partial z}\sigma(z) ⟹ D∂<sigma⟮z⟯ | z>
        \frac{d}{dx}(1-\sigma(x)) ⟹ Dd<[(+1 -sigma⟮x⟯)] | x>
        \frac{d}{dx} \ln \sigma(x) ⟹ Dd<ln⟮sigma⟮x⟯⟯ | x>
        \nabla_{W} E ⟹ ∇<W|E>
        \nabla E ⟹ ∇E
        ∇_w E ⟹ ∇<w|E>
        \nabla_{\theta} J(\theta) ⟹ ∇<theta|J>
        \frac{\partial f}{\partial x}\frac{\partial x}{\partial w} ⟹ (D∂<f | x> ~ D∂<x | w>)
        (dE/do1)*(do1/dnet) ⟹ ([Dd<E | o_{1}>] star [Dd<o_{1} | net>])
        dE/d(w5) ⟹ Dd<E | [w_{5}]>
        d(E)/d(w5) ⟹ Dd<[E] | [w_{5}]>
        dout_o1/dnet_o1 ⟹ Dd<out_{o1} | net_{o1}>
        dnet_o1/dw5 ⟹ Dd<net_{o1} | w_{5}>
        dE_o1/dout_o1 ⟹ Dd<E_{o1} | out_{o1}>
        ∂E/∂out_o1 · ∂out_o1/∂net_o1 ⟹ (D∂<E | out_{o1}> cdot D∂<out_{o1} | net_{o1}>)
        \partial E / \partial w_5 ⟹ D∂<E | w_{5}>
        \dv[2]{E}{w} ⟹ Dd<Dd<E | w> | w>
        \frac{\mathrm{d}E}{\mathrm{d}w_5} ⟹ Dd<E | w_{5}>
        frac{partial E}{partial w_5} ⟹ D∂<E | w_{5}>
        dL/dŷ ⟹ Dd<L | yhat>
        ∂L/∂ŷ₀ ⟹ D∂<L | yhat_{0}>
        d L / d W^(2) ⟹ Dd<L | W^{(2)}>
        dC/da^{(L)} ⟹ Dd<C | a^{(L)}>
        dx ⟹ dx
        xdy ⟹ xdy
        \mathrm{d}W ⟹ dW
        E_{w} ⟹ E_{w}
        grad_w7 ⟹ grad_{w7}
        delta/dist ⟹ (delta / dist)
        dot/dim ⟹ (dot / dim)
        # functions
        σ_h(z) ⟹ sigma_{h}⟮z⟯
        σ_o'(z) ⟹ sigma_{o}'⟮z⟯
        \sigma_h'(z_1) ⟹ sigma_{h}'⟮z_{1}⟯
        f^{(2)}(z) ⟹ f^{(2)}⟮z⟯
        f_1'(x) ⟹ f_{1}'⟮x⟯
        \tanh^2 z ⟹ tanh⟮z⟯^^2
        tanh²(s) ⟹ tanh⟮s⟯^^2
        tanh^2(s) ⟹ tanh⟮s⟯^^2
        \tanh' (x) ⟹ tanh'⟮x⟯
        sigmoid(w5 h1 + w6 h2 + b2) ⟹ sigmoid⟮(+(w_{5} ~ h_{1}) +(w_{6} ~ h_{2}) +b_{2})⟯
        sigmoid_prime(z) ⟹ sigmoid'⟮z⟯
        relu'(z) ⟹ relu'⟮z⟯
        sigmiod(net_h2) ⟹ sigmiod⟮net_{h2}⟯
        g^{[1]'}(Z^{[1]}) ⟹ g^{[1]}'⟮Z^{[1]}⟯
        g'^{[1]}(Z^{[1]}) ⟹ g^{[1]}'⟮Z^{[1]}⟯
        \operatorname{softmax}(z)_i ⟹ softmax⟮z⟯@i
        softmax(z)[i] ⟹ softmax⟮z⟯@[i]
        \mathrm{ReLU}(z) ⟹ ReLU⟮z⟯
        np.sum(dZ, axis=0) ⟹ np.sum⟮dZ(('axis', '0'),)⟯
        np.sum(dZ, axis=1, keepdims=True) ⟹ np.sum⟮dZ(('axis', '1'), ('keepdims', 'True'))⟯
        np.outer(a,b) ⟹ np.outer⟮a, b⟯
        np.dot(W2, h1) + b2 ⟹ (+np.dot⟮W_{2}, h_{1}⟯ +b_{2})
        a @ b ⟹ (a at b)
        (W3^T * d3) .* (1 - a2.^2) ⟹ ([(W_{3}^{T} star d_{3})] odot [(+1 -a_{2}^{2})])
        (y - t)**2 ⟹ [(+y -t)]^^2
        W.T ⟹ Wᵀ
        x[0] ⟹ x^{[0]}
        lr * dW1 ⟹ (lr star dW_{1})
        math.exp(-z) ⟹ np.exp⟮-z⟯
        torch.sigmoid(z) ⟹ sigmoid⟮z⟯
        tf.reduce_mean(L) ⟹ np.mean⟮L⟯
        1/(1+np.exp(-z)) ⟹ (1 / [(+1 +np.exp⟮-z⟯)])
        np.array([[1, 2], [3, 4]]) ⟹ [M[[1, 2], [3, 4]]]
        torch.tensor([0.1, 0.2]) ⟹ [M[[0.1], [0.2]]]
        dZ.sum(axis=0) ⟹ np.sum⟮dZ(('axis', '0'),)⟯
        x.T.dot(d) ⟹ (xᵀ at d)
        \log \hat{y}_i ⟹ log⟮yhat_{i}⟯
        \ln(1-\hat y) ⟹ ln⟮(+1 -yhat)⟯
        e^-net_h1 ⟹ exp⟮-net_{h1}⟯
        e^{-z} ⟹ exp⟮-z⟯
        e^(-z) ⟹ exp⟮[-z]⟯
        exp(-z) ⟹ exp⟮-z⟯
        1/(1+e^-x) ⟹ (1 / [(+1 +exp⟮-x⟯)])
        e^{z_1}+e^{z_2} ⟹ (+exp⟮z_{1}⟯ +exp⟮z_{2}⟯)
        \max[0, z] ⟹ max⟮0, z⟯
        \mathbf{a}[\mathbf{f}_0] ⟹ a⟮f_{0}⟯
        a[z] ⟹ a⟮z⟯
        f'(net_{o1}) ⟹ f'⟮net_{o1}⟯
        σ'(z3) ⟹ sigma'⟮z_{3}⟯
        act'(z) ⟹ act'⟮z⟯
        w(x1 + x2) ⟹ (w ~ [(+x_{1} +x_{2})])
        η(t - o) ⟹ (eta ~ [(+t -o)])
        o(1-o) ⟹ (o ~ [(+1 -o)])
        o1(1-o1) ⟹ (o_{1} ~ [(+1 -o_{1})])
        o1 (1-o1) ⟹ (o_{1} ~ [(+1 -o_{1})])
        out_{h1}(1-out_{h1}) ⟹ (out_{h1} ~ [(+1 -out_{h1})])
        (a)(b) ⟹ ([a] ~ [b])
        \sigma ⟹ sigma
        \tanh ⟹ tanh
        -\ln(0.4740) ⟹ -ln⟮0.4740⟯
        y\ln a + (1-y)\ln(1-a) ⟹ (+(y ~ ln⟮a⟯) +([(+1 -y)] ~ ln⟮(+1 -a)⟯))
        f(x, y) ⟹ f⟮x, y⟯
        net(1-net) ⟹ (net ~ [(+1 -net)])
        h(t) ⟹ h_{t}
        h(t-1) ⟹ h_{t-1}
        x(t) ⟹ x_{t}
        \sigma(W x(t) + U h(t-1)) ⟹ sigma⟮(+(W ~ x_{t}) +(U ~ h_{t-1}))⟯
        tanh 2z ⟹ tanh⟮(2 ~ z)⟯
        tanh z1 ⟹ tanh⟮z_{1}⟯
        # numbers
        1.2e-3 ⟹ 1.2e-3
        3·10^{-4} ⟹ 3e-4
        3*10^-4 ⟹ 3e-4
        ½·(t1 − a_o1)² ⟹ ((1 / 2) cdot [(+t_{1} -a_{o1})]^^2)
        1{,}5 ⟹ 1.5
        (0.1, 0.2)^T ⟹ M[[0.1, 0.2]]ᵀ
        [0.1 0.2] ⟹ M[[0.1], [0.2]]
        [0.1 -0.2; 0.3 0.4] ⟹ M[[0.1, -0.2], [0.3, 0.4]]
        [1 - 2] ⟹ [(+1 -2)]
        [[a, b], [c, d]] ⟹ M[[a, b], [c, d]]
        [[0.3, -0.5], [1.2, 0.8]] ⟹ M[[0.3, -0.5], [1.2, 0.8]]
        [[1 2] [3 4]] ⟹ M[[1, 2], [3, 4]]
        [1, 2] ⟹ M[[1], [2]]
        (1, 2, 3) ⟹ M[[1, 2, 3]]
        \begin{pmatrix}0.15 & 0.2\\0.25&0.3\end{pmatrix} ⟹ M[[0.15, 0.2], [0.25, 0.3]]
        0.3*0.9 + -0.6*0.2 ⟹ (+(0.3 star 0.9) -(0.6 star 0.2))
        –0.120·0.7 ⟹ -(0.120 cdot 0.7)
        a × b ∘ c ⊙ d ⊗ e ⟹ (a times b odot c odot d odot e)
        1/2(t-o)^2 ⟹ ((1 / 2) ~ [(+t -o)]^^2)
        1/2m ⟹ ((1 / 2) ~ m)
        1/(2m) ⟹ (1 / [(2 ~ m)])
        a/b/c ⟹ ((a / b) / c)
        a/b*c ⟹ ((a / b) star c)
        2^99 ⟹ 2^^99
        10^{-10} ⟹ 10^^-10
        \sqrt{x} ⟹ sqrt⟮x⟯
        √x ⟹ sqrt⟮x⟯
        √(x+1) ⟹ sqrt⟮(+x +1)⟯
        |x| ⟹ |x|
        \|a - y\|^2 ⟹ |(+a -y)|^^2
        \mathbb{1}[z > 0] ⟹ Indicator(z>0)
        1_{z>0} ⟹ Indicator(z>0)
        \mathbb{I}[\mathbf{f}_1 > 0] \odot x ⟹ (Indicator(f_{1}>0) odot x)
        \sum_{i=1}^{n} w_i x_i ⟹ Σ<i=1..n>{(w_{i} ~ x_{i})}
        Σ_k 1/2 (t_k - out_ok)^2 ⟹ Σ<k..>{((1 / 2) ~ [(+t_{k} -out_{ok})]^^2)}
        Σ w_i x_i ⟹ Σ<..>{(w_{i} ~ x_{i})}
        ∑ᵢ wᵢxᵢ ⟹ Σ<i..>{(w_{i} ~ x_{i})}
        sum_k w_k ⟹ Σ<k..>{w_{k}}
        sum(w_k x_k) ⟹ sum⟮(w_{k} ~ x_{k})⟯
        2(−0.35 − 1) ⟹ (2 ~ [(-0.35 -1)])
        100 m / 9.58 s ⟹ (((100 ~ m) / 9.58) ~ s)
        -0.6*-0.4 ⟹ -(0.6 star -0.4)
        W^{3-j-1}.s_{j-1} ⟹ (W^{3-j-1} cdot s_{j-1})
        W.W.s_0 ⟹ (W cdot W cdot s_{0})
        W_2^T\delta ⟹ (W_{2}^{T} ~ delta)
        \delta W_2^T ⟹ (delta ~ W_{2}^{T})
        E[x^2] ⟹ E⟮x^{2}⟯
        W^{[2]T} dZ^{[2]} * (1 - (Z^{[1]})^2) ⟹ (W^{[2]T} ~ dZ^{[2]} star [(+1 -[Z^{[1]}]^^2)])
        y_qw_{qk} ⟹ y_{qwqk}
"""


def shown(node: Written) -> str:
    match node:
        case w.Number(text, exponent):
            return text + (f"e{exponent}" if exponent else "")
        case w.Name(base, sub, sups, primes, plus):
            return base + (f"_{{{sub.text}}}" if sub else "") + "".join(f"^{{{s.text}}}" for s in sups) + "'" * primes + "+" * plus
        case w.Call(name, args, options):
            return f"{shown(name)}⟮{', '.join(map(shown, args))}{options or ''}⟯"
        case w.Sum(terms, minus):
            return "(" + " ".join(("-" if m else "+") + shown(x) for x, m in zip(terms, minus, strict=True)) + ")"
        case w.Product(factors, signs):
            return "(" + shown(factors[0]) + "".join(f" {s or '~'} {shown(x)}" for s, x in zip(signs, factors[1:], strict=True)) + ")"
        case w.Negative(of):
            return f"-{shown(of)}"
        case w.Quotient(top, bottom):
            return f"({shown(top)} / {shown(bottom)})"
        case w.Power(base, exponent):
            return f"{shown(base)}^^{shown(exponent)}"
        case w.Bracket(of):
            return f"[{shown(of)}]"
        case w.Transposed(of):
            return f"{shown(of)}ᵀ"
        case w.Entry(of, sub):
            return f"{shown(of)}@{sub.text}"
        case w.Derivative(of, wrt, is_round):
            return f"D{'∂' if is_round else 'd'}<{shown(of)} | {shown(wrt)}>"
        case w.Nabla(wrt, of):
            return f"∇<{wrt.text}|{shown(of) if of else ''}>"
        case w.BigSum(sign, low, high, body):
            return f"{sign}<{low.text if low else ''}..{high.text if high else ''}>{{{shown(body)}}}"
        case w.Matrix(rows):
            return "M[" + ", ".join("[" + ", ".join(map(shown, row)) + "]" for row in rows) + "]"
        case w.Relation(left, sign, right):
            return shown(left) + sign + shown(right)
        case w.Norm(of):
            return f"|{shown(of)}|"
    return type(node).__name__ + "(" + ", ".join(map(shown, w.children(node))) + ")"


def medium_of(text: str) -> Medium:
    return "latex" if "\\" in text else "plain"


def read(text: str, **choices: str) -> str:
    """`text` as it is read; a choice is given as kind_name = option."""
    decided = {(kind, name): option for key, option in choices.items() for kind, _, name in (key.partition("_"),)}
    return shown(Reader(lex(text, medium_of(text), choices=decided), FUNCTIONS, choices=decided).whole())


ROWS: Final = [line.split(" ⟹ ") for line in READ.splitlines() if " ⟹ " in line]


@pytest.mark.parametrize(("text", "tree"), [(text.strip(), tree) for text, tree in ROWS])
def test_what_a_person_writes_is_read(text: str, tree: str) -> None:
    assert read(text) == tree


@pytest.mark.parametrize(("text", "tree"), [(text.strip(), tree) for text, tree in ROWS])
def test_every_choice_that_is_met_can_be_taken(text: str, tree: str) -> None:
    """Each option alone gives a tree, or an error of a kind that is reported."""
    for key, options in open_choices(text, medium_of(text), (), FUNCTIONS).items():
        for option in options:
            with contextlib.suppress(Unreadable):
                Reader(lex(text, medium_of(text), choices={key: option}), FUNCTIONS, choices={key: option}).whole()


@pytest.mark.parametrize(
    ("text", "choices", "tree"),
    [
        ("δE/δw5", {"delta_δ": "letter"}, "(delta_{E} / delta_{w5})"),
        (r"\frac{\delta E}{\delta w}", {"delta_δ": "letter"}, "((delta ~ E) / (delta ~ w))"),
        ("dao/dno", {"glued_dao": "name"}, "(dao / dno)"),
        (r"Err_j", {}, "Err_{j}"),
        (r"\, Err_j", {"glued_Err": "letters"}, "(E ~ r ~ r_{j})"),
        ("wx + b", {"glued_wx": "letters"}, "(+(w ~ x) +b)"),
        ("δo1", {"glued_δo": "product"}, "(delta ~ o_{1})"),
        ("h(x)", {"call_h": "call"}, "h⟮x⟯"),
        ("h(x)*2", {"call_h": "call"}, "(h⟮x⟯ star 2)"),
        ("o(1 - o)", {"call_o": "call"}, "o⟮(+1 -o)⟯"),
        ("net(h1)", {"call_net": "product"}, "(net ~ [h_{1}])"),
        ("E(o1)", {"call_E": "dropped"}, "E"),
        ("L(y, p)", {"call_L": "call"}, "L⟮y, p⟯"),
        ("z^2", {"raised_z": "power"}, "z^^2"),
        ("z_1^2 + 1", {"raised_z": "power"}, "(+z_{1}^^2 +1)"),
        ("W' d", {"primed_W": "transposed"}, "(Wᵀ ~ d)"),
        ("delta o1", {"spaced_delta": "product"}, "(delta ~ o_{1})"),
        ("1/2m", {"order_/": "right"}, "(1 / (2 ~ m))"),
        (r"\frac{C}{dw}", {"over_d": "quotient"}, "(C / dw)"),
        ("d E / d w", {"differential_d": "letter"}, "(((d ~ E) / d) ~ w)"),
    ],
)
def test_a_choice_decides_for_the_whole_text(text: str, choices: dict[str, str], tree: str) -> None:
    assert read(text, **choices) == tree


@pytest.mark.parametrize(
    "text", ["dE/dw5 = (out_o1 - t1)*out_o1*(1 - out_o1)*out_h1", r"\frac{\partial E}{\partial w_5} = \delta_{o1} out_{h1}"]
)
def test_usual_rows_leave_little_open(text: str) -> None:
    assert {kind for kind, _ in open_choices(text, medium_of(text), (), FUNCTIONS)} <= {"call"}


@pytest.mark.parametrize(
    "text",
    [
        *(
            part * 900
            for part in (
                "d(",
                "dE/d",
                "f(",
                "a(b",
                "[",
                "{",
                "h[0]",
                "x[",
                "δ",
                "δa/",
                "d/",
                "D[",
                "∂",
                "∇",
                "sum_",
                "1_{",
                "dao/",
                "w'",
                "x⟨t⟩",
            )
        ),
        "dao/dno * " * 500,
        "a(b,c)" * 500,
        r"\frac{\partial^2 E}{" * 100,
        r"\frac" * 3000,
        "d²" * 900,
        "Err " * 1200,
        "x" * 19_000,
        "dx" * 9_000,
    ],
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    for medium in MEDIA:
        start = time.process_time()
        with contextlib.suppress(Unreadable):
            Reader(lex(text[:19_000], medium), FUNCTIONS).whole()
        assert time.process_time() - start < 1.5


def test_an_error_names_the_place_and_what_was_expected() -> None:
    for text, at, expected in (("2*(a - b", 8, "')'"), ("a + * b", 4, "a number, a name or a bracket"), (r"\frac{a}{b", 8, "'}'")):
        with pytest.raises(Unreadable) as caught:
            Reader(lex(text, medium_of(text)), FUNCTIONS).whole()
        assert (caught.value.at, caught.value.expected) == (at, expected)
