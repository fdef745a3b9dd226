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
        h(t) ⟹ h^{(t)}
        h(t-1) ⟹ h^{(t-1)}
        x(t) ⟹ x^{(t)}
        \sigma(W x(t) + U h(t-1)) ⟹ sigma⟮(+(W ~ x^{(t)}) +(U ~ h^{(t-1)}))⟯
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
        \frac{\partial E_{total}}{\partial w_{5}} ⟹ D∂<E_{total} | w_{5}>
        \frac{\partial E_\text{total}}{\partial w_5} ⟹ D∂<E_{total} | w_{5}>
        \dfrac{\partial \text{Loss}}{\partial w_{5}} ⟹ D∂<Loss | w_{5}>
        \frac{\partial \mathrm{MSE}}{\partial \hat{y}} ⟹ D∂<MSE | yhat>
        E_{tot}  ⟹ E_{tot}
        \frac{\partial z^{(2)}}{\partial a^{(1)}}\frac{\partial a^{(1)}}{\partial z^{(1)}} ⟹ (D∂<z^{(2)} | a^{(1)}> ~ D∂<a^{(1)} | z^{(1)}>)
        W^{(2)^T}\delta^{(2)} ⟹ (W^{(2)}^{T} ~ delta^{(2)})
        (W^{(2)})^{\mathsf T}\delta ⟹ ([W^{(2)}]ᵀ ~ delta)
        {\bf W}^T \mathbf{x} ⟹ ([W]ᵀ ~ x)
        \mathbf{W}_{1}^{\mathrm{T}} ⟹ W_{1}^{T}
        W_1^{\intercal} \delta_1 ⟹ (W_{1}^{⊤} ~ delta_{1})
        \overline{\mathbf{W}}^{(1)} ⟹ Wbar^{(1)}
        \bar w_5 ⟹ wbar_{5}
        \bar{\delta} ⟹ deltabar
        \mathbf{J}_{\sigma} ⟹ J_{sigma}
        \operatorname{diag}(\sigma'(z)) W ⟹ (diag⟮sigma'⟮z⟯⟯ ~ W)
        \mathrm{diag}(f'(z^{(1)})) ⟹ diag⟮f'⟮z^{(1)}⟯⟯
        \nabla_a C \odot \sigma'(z^L) ⟹ (∇<a|C> odot sigma'⟮z^{L}⟯)
        \frac{\partial C}{\partial w^l_{jk}} ⟹ D∂<C | w_{jk}^{l}>
        a^{l-1}_k \delta^l_j ⟹ (a_{k}^{l-1} ~ delta_{j}^{l})
        \sigma'\left(z_1\right) ⟹ sigma'⟮z_{1}⟯
        \sigma^\prime(z) ⟹ sigma'⟮z⟯
        \sigma^{\prime}(z_1) ⟹ sigma'⟮z_{1}⟯
        \varphi'(v_j(n)) ⟹ phi'⟮v_{j}^{(n)}⟯
        y_j(n) ⟹ y_{j}^{(n)}
        \varphi_j^{'}(v_j(n)) ⟹ phi_{j}'⟮v_{j}^{(n)}⟯
        \delta_j(n) ⟹ delta_{j}^{(n)}
        w_{ji}(n+1) ⟹ w_{ji}^{(n+1)}
        \Delta w_{ji}(n) ⟹ Deltaw_{ji}^{(n)}
        \frac{\partial \mathcal{E}(n)}{\partial w_{ji}(n)} ⟹ D∂<E^{(n)} | w_{ji}^{(n)}>
        -\eta\frac{\partial \mathcal{E}(n)}{\partial w_{ji}(n)} ⟹ -(eta ~ D∂<E^{(n)} | w_{ji}^{(n)}>)
        net_j^{(p)} ⟹ net_{j}^{(p)}
        \delta_{pj} ⟹ delta_{pj}
        \theta^{(t+1)} ⟹ theta^{(t+1)}
        w^{(t+1)}  ⟹ w^{(t+1)}
        w(t+1) ⟹ w^{(t+1)}
        w[t+1] ⟹ w^{[t+1]}
        w_{new} ⟹ w_{new}
        w_5^{\text{new}} ⟹ w_{5}^{new}
        w_5^{(new)} ⟹ w_{5}^{(new)}
        w_5^{(t+1)} ⟹ w_{5}^{(t+1)}
        \hat{w}_5 ⟹ what_{5}
        w5' ⟹ w_{5}'
        w5* ⟹ w_{5}^{star}
        ∂E/∂w₅ ⟹ D∂<E | w_{5}>
        ∂Eₜₒₜₐₗ/∂w₅ ⟹ D∂<E_{total} | w_{5}>
        (∂E/∂out₁)(∂out₁/∂net₁) ⟹ ([D∂<E | out_{1}>] ~ [D∂<out_{1} | net_{1}>])
        ∂E/∂w_{11}^{(2)} ⟹ D∂<E | w_{11}^{(2)}>
        dE/dW⁽²⁾ ⟹ Dd<E | W^{(2)}>
        dJ_dz2 ⟹ Dd<J | z_{2}>
        dJ_dw ⟹ Dd<J | w>
        dL_dW1 ⟹ Dd<L | W_{1}>
        dZ2 @ A1.T / m ⟹ ((dZ_{2} at A_{1}ᵀ) / m)
        (1/m) * dZ2 @ A1.T ⟹ ([(1 / m)] star dZ_{2} at A_{1}ᵀ)
        1/m * np.sum(dZ2, axis=1, keepdims=True) ⟹ ((1 / m) star np.sum⟮dZ_{2}(('axis', '1'), ('keepdims', 'True'))⟯)
        (A2 - Y) * A2 * (1 - A2) ⟹ ([(+A_{2} -Y)] star A_{2} star [(+1 -A_{2})])
        np.multiply(dA, 1 - np.power(A1, 2)) ⟹ np.multiply⟮dA, (+1 -[A_{1}]^^2)⟯
        np.matmul(W2.T, dZ2) ⟹ np.dot⟮W_{2}ᵀ, dZ_{2}⟯
        X.T @ (y_hat - y) ⟹ (Xᵀ at [(+y_{hat} -y)])
        self.W1 ⟹ (self cdot W_{1})
        2*(y_pred - y_true) ⟹ (2 star [(+y_{pred} -y_{true})])
        y_pred*(1-y_pred) ⟹ (y_{pred} star [(+1 -y_{pred})])
        sigmoid_derivative(z) ⟹ sigmoid'⟮z⟯
        d_sigmoid(z1) ⟹ sigmoid'⟮z_{1}⟯
        dsigmoid(z1) ⟹ sigmoid'⟮z_{1}⟯
        sigma_prime(z) ⟹ sigma'⟮z⟯
        σ´(z) ⟹ sigma'⟮z⟯
        σ’(z₁) ⟹ sigma'⟮z_{1}⟯
        f ' (x) ⟹ f'⟮x⟯
        f'(net_j)  ⟹ f'⟮net_{j}⟯
        g'(z^{[1]}) ⟹ g'⟮z^{[1]}⟯
        A^{[l-1]} ⟹ A^{[l-1]}
        a^{<t-1>} ⟹ a^{<t-1>}
        W_{aa}a^{\langle t-1\rangle} + W_{ax}x^{\langle t\rangle} + b_a ⟹ (+(W_{aa} ~ a^{⟨t-1⟩}) +(W_{ax} ~ x^{⟨t⟩}) +b_{a})
        \frac{\partial E_3}{\partial W} ⟹ D∂<E_{3} | W>
        \prod_{j=k+1}^{3}\frac{\partial s_j}{\partial s_{j-1}} ⟹ Π<j=k+1..3>{D∂<s_{j} | s_{j-1}>}
        f_t \odot c_{t-1} + i_t \odot \tilde{c}_t ⟹ (+(f_{t} odot c_{t-1}) +(i_{t} odot ctilde_{t}))
        \tilde{C}_t ⟹ Ctilde_{t}
        \tanh(W_{hh}h_{t-1}+W_{xh}x_t+b_h) ⟹ tanh⟮(+(W_{hh} ~ h_{t-1}) +(W_{xh} ~ x_{t}) +b_{h})⟯
        -\sum_i y_i \log \hat{y}_i ⟹ -Σ<i..>{(y_{i} ~ log⟮yhat_{i}⟯)}
        -[y\log a+(1-y)\log(1-a)] ⟹ -[(+(y ~ log⟮a⟯) +([(+1 -y)] ~ log⟮(+1 -a)⟯))]
        -\frac{1}{N}\sum_{n=1}^N\sum_{k} t_{nk}\ln y_{nk} ⟹ -((1 / N) ~ Σ<n=1..N>{Σ<k..>{(t_{nk} ~ ln⟮y_{nk}⟯)}})
        \frac{e^{z_i}}{\sum_j e^{z_j}} ⟹ (exp⟮z_{i}⟯ / Σ<j..>{exp⟮z_{j}⟯})
        S_i(1_{i=j} - S_j) ⟹ (S_{i} ~ [(+Indicator(i=j) -S_{j})])
        S_i(\delta_{ij} - S_j) ⟹ (S_{i} ~ [(+delta_{ij} -S_{j})])
        S_i(1\{i=j\} - S_j) ⟹ (S_{i} ~ [(+Indicator(i=j) -S_{j})])
        p_i - \mathbb{1}[i = k] ⟹ (+p_{i} -Indicator(i=k))
        \frac{1}{2}\|\mathbf{y}-\mathbf{t}\|_2^2 ⟹ ((1 / 2) ~ |(+y -t)|^^2)
        \frac12\lVert W\rVert_F^2 ⟹ ((1 / 2) ~ |W|^^2)
        \frac{\lambda}{2}\sum_j w_j^2 ⟹ ((lambda / 2) ~ Σ<j..>{w_{j}^{2}})
        \mathbb{E}[L] ⟹ E^{[L]}
        \max(0, z) ⟹ max⟮0, z⟯
        \mathbf{1}_{z>0} ⟹ Indicator(z>0)
        H(z) ⟹ H
        \text{ReLU}(z) ⟹ ReLU⟮z⟯
        \text{ReLU}'(z_1) ⟹ ReLU'⟮z_{1}⟯
        \text{softmax}(W_2 h + b_2) ⟹ softmax⟮(+(W_{2} ~ h) +b_{2})⟯
        \text{sigmoid}(z) ⟹ sigmoid⟮z⟯
        \text{out}_{h1} ⟹ out_{h1}
        \text{net}_{o1} ⟹ net_{o1}
        target_{o1} - out_{o1} ⟹ (+target_{o1} -out_{o1})
        out_{o1} - target_{o1} ⟹ (+out_{o1} -target_{o1})
        \mathit{net}_{h1} ⟹ net_{h1}
        \textit{net}_1 ⟹ net_{1}
        \textbf{w}_1 ⟹ w_{1}
        net_{h_1}^{(2)} ⟹ net_{h1}^{(2)}
        0.5\times(0.01-0.75136507)^2 ⟹ (0.5 times [(+0.01 -0.75136507)]^^2)
        0.298371109 ⟹ 0.298371109
        1.1059 * 0.1868 ⟹ (1.1059 star 0.1868)
        -(0.01 - 0.7514) ⟹ -[(+0.01 -0.7514)]
        0.35891648 ⟹ 0.35891648
        5.0 * 10^-2 ⟹ 5.0e-2
        3e-05 ⟹ 3e-5
        2.5 \cdot 10^{-3} ⟹ 2.5e-3
        .5(y-t)^2 ⟹ (.5 ~ [(+y -t)]^^2)
        1 / (1 + e^{-0.3775}) ⟹ (1 / [(+1 +exp⟮-0.3775⟯)])
        1/(1+e^(-0.3775)) ⟹ (1 / [(+1 +exp⟮[-0.3775]⟯)])
        1 / 1 + e^-x ⟹ (+(1 / 1) +exp⟮-x⟯)
        (0.7414)(0.1868)(0.5933) ⟹ ([0.7414] ~ [0.1868] ~ [0.5933])
        0.7414 x 0.1868 ⟹ (0.7414 times 0.1868)
        \left( \begin{array}{cc} 1 & 2 \\ 3 & 4 \end{array} \right) ⟹ [M[[1, 2], [3, 4]]]
        \left[\begin{matrix}1\\2\end{matrix}\right] ⟹ [M[[1], [2]]]
        [0.1, 0.2]^T ⟹ M[[0.1], [0.2]]ᵀ
        [w1 w2; w3 w4] ⟹ M[[w_{1}, w_{2}], [w_{3}, w_{4}]]
        [w1, w2] ⟹ M[[w_{1}], [w_{2}]]
        \{a_1, a_2\} ⟹ M[[a_{1}], [a_{2}]]
        \begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases} ⟹ Cases(1, 0, z>0, z≤0)
        \begin{cases} 1, & \text{if } z>0 \\ 0, & \text{otherwise} \end{cases} ⟹ Cases(1, 0, z>0)
        \frac{d}{dw}\left[\frac12(t-o)^2\right] ⟹ Dd<[((1 / 2) ~ [(+t -o)]^^2)] | w>
        \frac{d}{dx}[1+e^{-x}]^{-1} ⟹ Dd<[(+1 +exp⟮-x⟯)]^^-1 | x>
        \frac{d}{dx}\frac{1}{1+e^{-x}} ⟹ Dd<(1 / (+1 +exp⟮-x⟯)) | x>
        \frac{d}{dx}\left(1+e^{-x}\right)^{-1} ⟹ Dd<[(+1 +exp⟮-x⟯)]^^-1 | x>
        -(1+e^{-x})^{-2}(-e^{-x}) ⟹ -([(+1 +exp⟮-x⟯)]^^-2 ~ [-exp⟮-x⟯])
        d(1/(1+e^-x))/dx ⟹ Dd<[(1 / [(+1 +exp⟮-x⟯)])] | x>
        \frac{dσ(x)}{dx} ⟹ Dd<sigma⟮x⟯ | x>
        \frac{\mathrm d}{\mathrm d x}\sigma(x) ⟹ Dd<sigma⟮x⟯ | x>
        \frac{d y}{d x} ⟹ Dd<y | x>
        \frac{\Delta E}{\Delta w} ⟹ (DeltaE / Deltaw)
        \frac{\partial^2 C}{\partial w_{jk}\partial b} ⟹ D∂<D∂<C | b> | w_{jk}>
        \frac{\partial \mathbf{a}}{\partial \mathbf{z}^{\top}} ⟹ D∂<a | z^{⊤}>
        \mathrm{tr}(A^T B) ⟹ tr⟮(A^{T} ~ B)⟯
        \operatorname{tr}(W^T dW) ⟹ tr⟮(W^{T} ~ dW)⟯
        \text{vec}(W) ⟹ vec⟮W⟯
        W \otimes x^T ⟹ (W odot x^{T})
        \delta \mathbf{x}^\top ⟹ (delta ~ x^{⊤})
        \langle \delta, x\rangle ⟹ (deltaᵀ at x)
        w \cdot x + b ⟹ (+(w cdot x) +b)
        \mathbf w^\top \mathbf x ⟹ (w^{⊤} ~ x)
        w'x + b ⟹ (+(w' ~ x) +b)
        W'δ ⟹ (W' ~ delta)
        \hat{y}^{(i)} ⟹ yhat^{(i)}
        x^{(i)}_j ⟹ x_{j}^{(i)}
        z_i^{[1](j)} ⟹ z_{i}^{[1](j)}
        \mathcal{L}^{(i)} ⟹ L^{(i)}
        L_i ⟹ L_{i}
        E_p ⟹ E_{p}
        E^{(n)} ⟹ E^{(n)}
        E^p ⟹ E^{p}
        \epsilon^{[3]} ⟹ epsilon^{[3]}
        \varepsilon_j ⟹ epsilon_{j}
        \lambda W^{[2]} ⟹ (lambda ~ W^{[2]})
        \beta v_{dw} + (1-\beta) dW ⟹ (+(beta ~ v_{dw}) +([(+1 -beta)] ~ dW))
        \frac{\hat m_t}{\sqrt{\hat v_t}+\epsilon} ⟹ (mhat_{t} / (+sqrt⟮vhat_{t}⟯ +epsilon))
        m_t/(1-\beta_1^t) ⟹ (m_{t} / [(+1 -beta_{1}^{t})])
        \beta_1^t ⟹ beta_{1}^{t}
        (\beta_1)^t ⟹ [beta_{1}]^^t
        w_{t+1} ⟹ w_{t+1}
        \text{err}_{o1} ⟹ err_{o1}
        e_{o1} ⟹ e_{o1}
        η·δ·x ⟹ (eta cdot delta cdot x)
        ein^2 ⟹ ein^{2}
        Fehler_o1 ⟹ Fehler_{o1}
        Netto_h1 ⟹ Netto_{h1}
        neuron_1 ⟹ neuron_{1}
        n1_out ⟹ n_{1out}
        n1_in ⟹ n_{1in}
        out1 ⟹ out_{1}
        out_1*(1-out_1) ⟹ (out_{1} star [(+1 -out_{1})])
        outH1 ⟹ outH_{1}
        outO1*(1-outO1) ⟹ (outO_{1} star [(+1 -outO_{1})])
        wih11 ⟹ wih_{11}
        who_11 ⟹ who_{11}
        w_ij ⟹ w_{ij}
        w_1,1 ⟹ w_{1,1}
        w_1_1 ⟹ w_{11}
        w(1,1) ⟹ w_{1,1}
        w1_11 ⟹ w_{111}
        w^1_11 ⟹ w_{11}^{1}
        w^1_{11} ⟹ w_{11}^{1}
        b^1_1 ⟹ b_{1}^{1}
        x1 * w11 + x2 * w21 ⟹ (+(x_{1} star w_{11}) +(x_{2} star w_{21}))
        i1w1 + i2w2 ⟹ (+(i_{1} ~ w_{1}) +(i_{2} ~ w_{2}))
        w1i1 + w2i2 + b1 ⟹ (+(w_{1} ~ i_{1}) +(w_{2} ~ i_{2}) +b_{1})
        2(a-y)a(1-a) ⟹ (2 ~ [(+a -y)] ~ a ~ [(+1 -a)])
        2(a−y)·σ′(z)·x ⟹ (2 ~ [(+a -y)] cdot sigma'⟮z⟯ cdot x)
        (a-y)σ'(z)w₂σ'(z₁)x ⟹ ([(+a -y)] ~ sigma'⟮z⟯ ~ w_{2} ~ sigma'⟮z_{1}⟯ ~ x)
        -2(y-ŷ) ⟹ -(2 ~ [(+y -yhat)])
        2·(ŷ−y) ⟹ (2 cdot [(+yhat -y)])
        ŷ(1−ŷ) ⟹ (yhat ~ [(+1 -yhat)])
        (ŷ-y)ŷ(1-ŷ)h ⟹ ([(+yhat -y)] ~ yhat ~ [(+1 -yhat)] ~ h)
        x̂ ⟹ xhat
        w̄₅ ⟹ wbar_{5}
        ẇ ⟹ wdot
        v_j(n) ⟹ v_{j}^{(n)}
        dJ_dw * 2 ⟹ (Dd<J | w> star 2)
        1[z>0] ⟹ Indicator(z>0)
        1(z > 0) x ⟹ (Indicator(z>0) ~ x)
        1(z) ⟹ (1 ~ [z])
        (1-\beta)^t ⟹ [(+1 -beta)]^^t
        (W)^t ⟹ [W]ᵀ
        W^{(2)^T}\delta ⟹ (W^{(2)}^{T} ~ delta)
        W^{(2)^{T}}\delta ⟹ (W^{(2)}^{T} ~ delta)
        W^{(2)T}\delta ⟹ (W^{(2)T} ~ delta)
        a^{[2](i)} ⟹ a^{[2](i)}
        A^{[1]T} ⟹ A^{[1]T}
        w_h1,i1 ⟹ w_{h1,i1}
        dE/dw_1,1 ⟹ Dd<E | w_{1,1}>
        y_1^{(1)} ⟹ y_{1}^{(1)}
        w^{(1)(2)} ⟹ w^{(1)(2)}
        w_5^{(new)+} ⟹ w_{5}^{(new)+}
        \delta^{(l+1)} ⟹ delta^{(l+1)}
        x^{(2+3)} ⟹ x^{(2+3)}
        dE_dw5 ⟹ Dd<E | w_{5}>
        d_h1*i1 ⟹ (d_{h1} star i_{1})
        dx_dt ⟹ Dd<x | t>

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
