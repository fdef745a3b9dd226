r"""What people write, as it is read: spellings of one and the same formula, and the conditions that a row states."""

from __future__ import annotations

from typing import Final

import pytest

import symbp
from symbp.verification.reader import Reader
from symbp.verification.source.statements import Condition, condition_of, sentence
from symbp.verification.tokens import Unreadable, lex
from symbp.verification.written import (
    Derivative,
    Entry,
    Indicator,
    Matrix,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Statement,
    Written,
    parts,
)

FUNCTIONS: Final = frozenset({"f", "g", "sigma"})

SAME: Final = {
    "2-2-2": r"""
        # products, fractions, numbers
        dE/dw5 = (out_o1 − t1) · out_o1 · (1 − out_o1) · out_h1
        dE/dw5 = (out_o1 - t1) × out_o1 × (1 - out_o1) × out_h1
        dE/dw5 = (out_o1 - t1) ∙ out_o1 ∙ (1 - out_o1) ∙ out_h1
        dE/dw5 = (out_o1 - t1)out_o1(1 - out_o1)out_h1
        dE/dw5 = （out_o1 − t1）＊out_o1＊（1 − out_o1）＊out_h1
        $\frac{\partial E}{\partial w_5} = (out_{o1} - t_1) . out_{o1} . (1 - out_{o1}) . out_{h1}$
        out_o1*(1 - out_o1) = out_o1 - out_o1**2
        out_o1*(1 - out_o1) = out_o1 - out_o1^2
        out_o1*(1 - out_o1) = out_o1 - out_o1²
        $E_{o1} = \frac12 (t_1 - out_{o1})^2 = \tfrac12 (t_1 - out_{o1})^2 = \dfrac{1}2 \left(t_1 - out_{o1}\right)^2$
        E_o1 = 1/2(t1 - out_o1)^2
        E_o1 = ½(t1 − out_o1)²
        E_o1 = .5*(t1 - out_o1)^2 = 0.5 (t1 - out_o1)^2 = 5e-1*(t1 - out_o1)^2 = 5.0E-01*(t1 - out_o1)^2
        $E_{o1} = 0{,}5 (t_1 - out_{o1})^2 = 5 \cdot 10^{-1} (t_1 - out_{o1})^2$
        $E_{o1} = 0,5 (t_1 - out_{o1})^2 = 5\times 10^{-1} (t_1 - out_{o1})^2$
        # names
        $\frac{\partial E}{\partial out_{h_1}} = \delta_{o1}\,w_5 + \delta_{o2}\,w_7$
        $net_{h_1} = net_{h1} = \text{net}_{h1} = \mathrm{net}_{h1} = \mathit{net}_{h_{1}} = net_{\text{h1}}$
        $net_{h,1} = net_{h1}$
        $w_5 = w_{h1o1} = w_{h1\_o1} = w_{h_1 o_1}$
        $w_{5}^{\text{neu}} = w_5 - \eta \frac{\partial E}{\partial w_5}$
        $w_5^{nouveau} = w_5 - \eta \frac{\partial E}{\partial w_5}$
        $w_5^{new} = w_5^{alt} - \eta \frac{\partial E}{\partial w_5}$
        w5_neu = w5 - lr * dE/dw5
        w5 := w5 - lr * dE/dw5
        # derivatives
        $\mathrm{d}E/\mathrm{d}w_5 = \delta_{o1} out_{h1}$
        $\frac{\mathrm{d} E}{\mathrm{d} w_5} = \delta_{o1} out_{h1}$
        $\frac{{\rm d}E}{{\rm d}w_5} = \delta_{o1} out_{h1}$
        ${\rm d}E/{\rm d}w_5 = \delta_{o1} out_{h1}$
        $\frac{\text{d}E}{\text{d}w_5} = \delta_{o1} out_{h1}$
        $\dv{E}{w_5} = \delta_{o1} out_{h1} = \pdv{E}{w_5}$
        $\pdv{w_5} \qty(\frac{1}{2} \qty(t_1 - out_{o1})^2) = \delta_{o1} out_{h1}$
        $\frac{\partial}{\partial w_5}\left(\frac{1}{2} (t_1 - out_{o1})^2\right) = \delta_{o1} out_{h1}$
        $\frac{\partial}{\partial w_5} E = \delta_{o1} out_{h1}$
        $\partial_{w_5} E = \delta_{o1} out_{h1}$
        $\nabla_{w_5} E = \delta_{o1} out_{h1}$
        dE/d(w5) = dE/dw5
        dE_o1/dout_o1 = -(t1 - out_o1)
        ∂E/∂(w₅) = δ_o1 · out_h1
        # functions
        $\sigma'(z) = \sigma^{\prime}(z) = \sigma\prime(z) = \dot\sigma(z) = \dot{\sigma}(z)$
        $\sigma(z) = \frac{1}{1+\mathrm{e}^{-z}} = \frac{1}{1+\exp(-z)} = \frac1{1+\exp\left(-z\right)} = \frac{1}{1+\exp\{-z\}}$
        $\sigma(z) = \mathop{\sigma}(z)$
        $\ln\bigl(1-out_{o1}\bigr) = \log(1 - out_{o1}) = \operatorname{ln}(1 - out_{o1})$
        $f'_{h1}(net_{h1}) = f'(net_{h1}) = out_{h1} (1 - out_{h1})$
        σ(z) = 1/(1 + e^-z)
        # relations, groups and what only looks
        $\sigma(z) \stackrel{!}{=} 1 - \sigma(-z)$
        $\sigma(z) \overset{\text{def}}{=} \frac{1}{1+e^{-z}}$
        $\sigma(z) \hat{=} \frac{1}{1+e^{-z}}$
        σ(z) ≙ 1/(1 + e^(-z))
        $out_{h1}{}^2 = {out_{h1}}^2 = (out_{h1})^2 = out_{h1}^{2}$
        $\abs{net_{h1}} = |net_{h1}| = \lvert net_{h1} \rvert$
        $\boxed{E_{o1} = \tfrac12 (t_1 - out_{o1})^2}$
        $\underbrace{(out_{o1} - t_1)}_{\text{loss}} out_{o1} (1 - out_{o1}) = \delta_{o1}$
        $E_{o1} = \frac12 (t_1 - out_{o1})^2 \qquad (3)$
        E_o1 = 1/2*(t1 - out_o1)^2      (3)
        # sums
        $E = \sum_k \frac12 (t_k - out_{ok})^2 = \sum\limits_{k=1}^2 \frac12 (t_k - out_{o_k})^2$
        $E = \underset{k}{\sum} \frac12 (t_k - out_{ok})^2$
        E = Σ_k 1/2 (t_k - out_ok)^2
        E = ∑ₖ 1/2 (tₖ - out_ok)²
        E = sum_k 1/2 (t_k - out_ok)^2
        E = sum over k of 1/2 (t_k - out_ok)^2
        # conditions
        $\frac{\partial E}{\partial out_{ok}} = out_{ok} - t_k, \quad k = 1, 2$
        $\frac{\partial E}{\partial out_{ok}} = out_{ok} - t_k \quad (k = 1, 2)$
        $\frac{\partial E}{\partial out_{ok}} = out_{ok} - t_k \text{ for } k = 1, 2$
        $\frac{\partial E}{\partial out_{ok}} = out_{ok} - t_k \text{ for } k = 1, \dots, 2$
        $\frac{\partial E}{\partial out_{ok}} = out_{ok} - t_k, \quad k \in \{1, 2\}$
        $\frac{\partial E}{\partial out_{ok}} = out_{ok} - t_k, \quad 1 \leq k \leq 2$
        $\sigma(z) = \frac{1}{1 + e^{-z}} \text{ where } \sigma'(z) = \sigma(z) (1 - \sigma(z))$
    """,
    "2-3-2:relu,identity": r"""
        $\frac{\partial out_{h1}}{\partial net_{h1}} = 1 \text{ if } net_{h1} > 0$
        $\frac{\partial out_{h1}}{\partial net_{h1}} = 0 \text{ for } net_{h1} < 0$
        $\frac{\partial out_{h1}}{\partial net_{h1}} = 1 \quad (net_{h1} > 0)$
        $out_{h1} = net_{h1}, \quad net_{h1} > 0$
        $out_{h1} = \max(0, net_{h1})$
    """,
}
UFLDL: Final = r"""
    $\delta^{(3)}_{1} = \delta_1^{(3)}$
    ${a^{(2)}_1}^2 = (a^{(2)}_1)^2 = a^{(2)}_1 a^{(2)}_1 = (a_1^{(2)})^2$
    $W^{(1)}_{1,2} = W^{(1)}_{12} = W_{12}^{(1)}$
    $(W^{(2)})^T \delta^{(3)} = W^{(2)}{}^T \delta^{(3)} = {W^{(2)}}^{\top} \delta^{(3)}$
    $J = \frac{1}{2} \|y - a^{(3)}\|_2^2 = \frac12 \norm{y - a^{(3)}}^2 = \frac12 \left\| y - a^{(3)} \right\|^2$
    $\nabla_{W^{(2)}} J = \delta^{(3)} (a^{(2)})^T$
"""

FALSE: Final = {
    "2-2-2": r"""
        $\frac{\partial E}{\partial out_{ok}} = out_{ok} - t_1, \quad k = 1, 2$
        $\frac{\partial E}{\partial out_{ok}} = out_{ok} - t_1 \text{ for } k = 1, 2$
        $E_{o1} = \frac12 (t_1 - out_{o1})^2 \quad (3) + 1$
        $\dv{E}{w_5} = \delta_{o1} out_{h2}$
        $\pdv{E}{w_5} = \pdv{E}{w_6}$
        $\sigma(z) \stackrel{!}{=} 1 - \sigma(z)$
        $\sigma(z) \hat{=} \frac{1}{1+e^{z}}$
        $\dot\sigma(z) = \sigma(z)$
        E = sum over k of (t_k - out_ok)^2
        out_o1*(1 - out_o1) = out_o1 - out_o1**3
        $\abs{net_{h1}} = net_{h1}$
    """,
    "2-3-2:relu,identity": r"""
        $\frac{\partial out_{h1}}{\partial net_{h1}} = 1 \text{ if } net_{h1} < 0$
        $out_{h1} = net_{h1}, \quad net_{h1} > -1$
        $\frac{\partial out_{h1}}{\partial net_{h1}} = 1 \text{ if } net_{h2} > 0$
    """,
}


def _rows(table: dict[str, str]) -> list[tuple[str, str]]:
    lines = [(network, line.strip()) for network, text in table.items() for line in text.splitlines()]
    return [(network, line) for network, line in lines if line and not line.startswith("#")]


def verdicts(network: str, row: str, notation: str | None = None) -> set[str]:
    return {found.verdict for found in symbp.verify(network, row + "\n", notation=notation).files[0].rows}


@pytest.mark.parametrize(("network", "row"), _rows(SAME))
def test_every_spelling_is_read(network: str, row: str) -> None:
    assert verdicts(network, row) == {"correct"}


@pytest.mark.parametrize("row", [line.strip() for line in UFLDL.splitlines() if line.strip()])
def test_every_spelling_of_layers_is_read(row: str) -> None:
    assert verdicts("2-3-2", row, "ufldl") == {"correct"}


@pytest.mark.parametrize(("network", "row"), _rows(FALSE))
def test_a_spelling_that_is_read_is_judged(network: str, row: str) -> None:
    found = verdicts(network, row)
    assert found
    assert "correct" not in found


# -- conditions --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("i", [Condition("i", "any")]),
        (r"i \neq j", [Condition("i", "≠", "j")]),
        ("k = 1, 2", [Condition("k", "in", values=(1, 2))]),
        (r"k = 1, \dots, 4", [Condition("k", "in", values=(1, 2, 3, 4))]),
        (r"k = 4, \ldots, 1", [Condition("k", "in", values=(1, 2, 3, 4))]),
        (r"k \in \{1, 3\}", [Condition("k", "in", values=(1, 3))]),
        (r"t = 1, \dots, T", [Condition("t", "any")]),
        (r"k = l, l-1, \dots, 1", [Condition("k", "any")]),
        (r"l = L-1, L-2, \ldots, 2", [Condition("l", "any")]),
        (r"1 \leq i \leq 3", [Condition("i", "≥", values=(1,)), Condition("i", "≤", values=(3,))]),
        ("L = 3", [Condition("L", "any")]),
        ("L = 0.4127", None),
        (r"L \approx 0.4127", None),
        (r"L \approx 3", None),
        ("t = 1", None),
        ("i = 0.5", None),
        ("w_5 = 1, 2", None),
        ("z = 1, 2", None),
        (r"z > 0", None),
    ],
)
def test_conditions(text: str, conditions: list[Condition] | None) -> None:
    assert condition_of(lex(text, "latex")) == conditions


@pytest.mark.parametrize("text", ["k = 1, 2", r"t = 1, \dots, T", r"k = l, l-1, \dots, 1", r"i \neq j, \quad k = 1, 2"])
def test_a_row_of_conditions_is_no_statement(text: str) -> None:
    found = sentence(lex(text, "latex"), FUNCTIONS)
    assert not found.statements
    assert found.conditions


@pytest.mark.parametrize("text", [r"L \approx 0.4127", "L = 0.4127", "x = y, 5 = z", r"a = b \text{ for } i = 1, 2"])
def test_an_equation_is_no_condition(text: str) -> None:
    assert sentence(lex(text, "latex"), FUNCTIONS).statements


# -- trees -------------------------------------------------------------------------------------------------------------------


def tree(text: str) -> Written:
    return Reader(lex(text, "latex"), FUNCTIONS).whole()


def statement(text: str) -> Statement:
    (found,) = sentence(lex(text, "latex"), FUNCTIONS).statements
    return found


def test_a_row_of_a_matrix_keeps_its_place() -> None:
    for text in ("Z_{n,:}", "(Z)_{n,:}", "(dZ)_{n,:}"):
        node = tree(text)
        assert isinstance(node, Entry)
        assert node.sub.text == "n,:"
    assert isinstance(tree("Z_{n,:}^2"), Power)


def test_the_name_of_a_norm_is_no_power() -> None:
    assert isinstance(tree(r"\|x\|_2"), Norm)
    assert isinstance(tree(r"\|x\|_2^2"), Power)
    assert isinstance(tree(r"\|x\|_1"), Entry)


def test_derivatives_in_a_line() -> None:
    for text in ("dE/dw", r"\mathrm{d}E/\mathrm{d} w", r"{\rm d} E / {\rm d} w", "dE/d(w)", r"\dv{E}{w}"):
        node = tree(text)
        assert isinstance(node, Derivative), text
        assert not node.is_round
    for text in (r"\partial E/\partial w", r"\partial_w E", r"\pdv{E}{w}", r"\diffp{E}{w}", r"\pdv{w} E"):
        node = tree(text)
        assert isinstance(node, Derivative), text
        assert node.is_round
    assert isinstance(tree("d/w"), Quotient)
    assert isinstance(tree("d (t - o)"), Product)


def test_a_condition_on_a_quantity_is_on_both_sides() -> None:
    found = statement(r"f'(z) = 1 \text{ for } z > 0")
    assert all(any(isinstance(part, Indicator) for part in parts(form)) for form in found.forms)
    assert len(found.forms) == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"\left.\frac{dE}{dw}\right|_{w=0}", "a value at a point"),
        (r"\dv[2]{E}{w}", "a second derivative"),
        (r"\frac{\partial^2 E}{\partial w^2}", "a second derivative"),
        (r"w_5 = 1 +", "the formula ends too early"),
        ("(a + b", "unexpected"),
        ("a )", "unexpected ')'"),
        ("a''''''", "too many scripts"),
        (r"\foo{a}", r"unknown macro \foo"),
    ],
)
def test_what_is_not_read_is_named(text: str, found: str) -> None:
    with pytest.raises(Unreadable) as caught:
        sentence(lex(f"x = {text}", "latex"), FUNCTIONS)
    assert caught.value.found.startswith(found) or caught.value.expected


def test_a_list_is_a_column() -> None:
    node = tree("[1, 2]")
    assert isinstance(node, Matrix)
    assert [len(row) for row in node.rows] == [1, 1]
    assert isinstance(tree("1{,}5"), Number)
