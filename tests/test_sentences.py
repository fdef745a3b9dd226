"""What is said of mistakes, word by word: the sentence, the row as it should be, and the question instead of both."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from symbp.network.reader import load
from symbp.publishing.report import View, render_report
from symbp.verification.report.report import JudgedRow, Report
from symbp.verification.report.verify import VerifyOptions, verify_file

SIGMOID = 'activation = "sigmoid"'
NETWORKS = {
    "symbols": f"""
inputs = ["x1", "x2"]
[[layers]]
units = ["h1", "h2"]
{SIGMOID}
bias = 0.1
[[layers]]
units = ["k1", "k2"]
{SIGMOID}
bias = 0.1
[[layers]]
units = ["o1"]
{SIGMOID}
bias = 0.1
""",
    "tanh": f"""
inputs = ["x1", "x2"]
[[layers]]
units = ["h1", "h2"]
activation = "tanh"
bias = 0.1
[[layers]]
units = ["o1"]
{SIGMOID}
bias = 0.1
""",
    "matrices": f"""
notation = "ufldl"
inputs = 2
[[layers]]
units = 3
{SIGMOID}
bias = [0.1, 0.2, 0.3]
[[layers]]
units = 2
{SIGMOID}
bias = [0.35, 0.45]
""",
    "batch": f"""
notation = "ng"
loss = "binary_cross_entropy"
inputs = 3
[[layers]]
units = 4
activation = "relu"
bias = [0.1, 0.2, 0.3, -0.1]
[[layers]]
units = 1
{SIGMOID}
bias = [0.2]
""",
}
FORMATS = ("txt", "json", "html", "md", "tex")


@dataclass(frozen=True)
class Case:
    """A work, the line that is looked at, and all that should be said of it."""

    name: str
    network: str
    work: str
    line: int
    verdict: str
    code: str | None
    message: str
    expected: str | None
    hint: str
    kind: str = "txt"


CASES = (
    Case(
        "a w7 with the other output's slope",
        "mazur",
        "dE/dw7 = (out_o2 - t2) * out_o2 * (1 - out_o1) * out_h1",
        1,
        "wrong",
        "wrong_index",
        "w7 feeds o2 only, so the sigmoid derivative is o2's: out_o2, not out_o1.",
        "dE/dw7 = (out_o2 - t2) * out_o2 * (1 - out_o2) * out_h1",
        "Which output does w7 feed?",
        kind="txt",
    ),
    Case(
        "the same in LaTeX",
        "mazur",
        r"$$ \frac{\partial E}{\partial w_7} = (out_{o2} - t_2) \cdot out_{o2} \cdot (1 - out_{o1}) \cdot out_{h1} $$",
        1,
        "wrong",
        "wrong_index",
        "w_7 feeds o2 only, so the sigmoid derivative is o2's: out_{o2}, not out_{o1}.",
        r"\frac{\partial E}{\partial w_7} = (out_{o2} - t_2) \cdot out_{o2} \cdot (1 - out_{o2}) \cdot out_{h1}",
        "Which output does w_7 feed?",
        kind="md",
    ),
    Case(
        "another output's delta",
        "mazur",
        "dE/dw7 = delta_o1 * out_h1",
        1,
        "wrong",
        "wrong_index",
        "w7 feeds o2 only, so the factor here is o2's: delta_o2, not delta_o1.",
        "dE/dw7 = delta_o2 * out_h1",
        "Which output does w7 feed?",
        kind="txt",
    ),
    Case(
        "another source",
        "mazur",
        "dE/dw6 = delta_o1 * out_h1",
        1,
        "wrong",
        "wrong_index",
        "w6 leads from h2, so what h2 passes on belongs here: out_h2, not out_h1.",
        "dE/dw6 = delta_o1 * out_h2",
        "From where does w6 lead, and what is passed on there?",
        kind="txt",
    ),
    Case(
        "another weight",
        "mazur",
        "net_h1 = w1 * i1 + w3 * i2 + b1",
        1,
        "wrong",
        "wrong_index",
        "The weight from i2 to h1 belongs here: w2, not w3.",
        "net_h1 = w1 * i1 + w2 * i2 + b1",
        "Which weight leads from i2 to h1?",
        kind="txt",
    ),
    Case(
        "another unit all along",
        "mazur",
        "delta_h1 = (delta_o1 * w5 + delta_o2 * w7) * out_h2 * (1 - out_h2)",
        1,
        "wrong",
        "wrong_index",
        "This is about h1, and h2 has no place in it.",
        "delta_h1 = (delta_o1 * w5 + delta_o2 * w7) * out_h1 * (1 - out_h1)",
        "Which units have to do with delta_h1? Compare the indices on both sides.",
        kind="txt",
    ),
    Case(
        "the whole chain through another unit",
        "symbols",
        "dE/dw7 = dE/dnet_o1 * dnet_o1/dout_k1 * dout_k1/dnet_k1 * dnet_k1/dw7\n"
        "dE/dw5 = dE/dnet_o1 * dnet_o1/dout_k1 * dout_k1/dnet_k1 * dnet_k1/dw5\n"
        "dE/dw8 = dE/dnet_o1 * dnet_o1/dout_k2 * dout_k2/dnet_k2 * dnet_k2/dw8",
        1,
        "wrong",
        "wrong_index",
        "w7 feeds k2 only, so the way to it leads through k2, not through k1.",
        "dE/dw7 = dE/dnet_o1 * dnet_o1/dout_k2 * dout_k2/dnet_k2 * dnet_k2/dw7",
        "Which unit does w7 feed?",
        kind="txt",
    ),
    Case(
        "an index of a general row",
        "matrices",
        r"$$ z^{(3)}_i = \sum_j W^{(2)}_{ij} a^{(2)}_j + b^{(2)}_i $$"
        "\n"
        r"$$ \delta^{(2)}_i = \left( \sum_{j=1}^{2} W^{(2)}_{ij} \delta^{(3)}_j \right) f'(z^{(2)}_i) $$",
        2,
        "wrong",
        "wrong_index",
        r"In \delta^{(2)}_i an index is off: W^{(2)}_{ji}, not W^{(2)}_{ij}.",
        r"\delta^{(2)}_i = \left( \sum_{j=1}^{2} W^{(2)}_{ji} \delta^{(3)}_j \right) f'(z^{(2)}_i)",
        r"Which units have to do with \delta^{(2)}_i? Compare the indices on both sides.",
        kind="md",
    ),
    Case(
        "the sign of a gradient",
        "mazur",
        "dE/dw5 = (t1 - out_o1) * out_o1 * (1 - out_o1) * out_h1",
        1,
        "wrong",
        "sign",
        "The sign of dE/dw5 is the wrong way round: -(t1 - out_o1) * out_o1 * (1 - out_o1) * out_h1.",
        "dE/dw5 = -(t1 - out_o1) * out_o1 * (1 - out_o1) * out_h1",
        "Which sign does dE/dw5 have? Work it out once more, and watch where a minus comes from.",
        kind="txt",
    ),
    Case(
        "a step uphill",
        "mazur",
        "w5+ = w5 + eta * dE/dw5",
        1,
        "wrong",
        "sign",
        "The sign of eta * dE/dw5 is the wrong way round: w5 - eta * dE/dw5, not w5 + eta * dE/dw5.",
        "w5+ = w5 - eta * dE/dw5",
        "Which sign does eta * dE/dw5 have? Work it out once more, and watch where a minus comes from.",
        kind="txt",
    ),
    Case(
        "a minus too many",
        "mazur",
        r"$$ \delta_{o1} = \frac{\partial E}{\partial net_{o1}} $$"
        "\n"
        r"$$ \frac{\partial E}{\partial w_5} = -\delta_{o1} \cdot out_{h1} $$",
        2,
        "wrong",
        "sign",
        r"The sign of \frac{\partial E}{\partial w_5} is the wrong way round: \delta_{o1} \cdot "
        r"out_{h1}, not -\delta_{o1} \cdot out_{h1}.",
        r"\frac{\partial E}{\partial w_5} = \delta_{o1} \cdot out_{h1}",
        r"Which sign does \frac{\partial E}{\partial w_5} have? Work it out once more, and watch where a minus comes from.",
        kind="md",
    ),
    Case(
        "no slope of the activation",
        "mazur",
        "dE/dw5 = (out_o1 - t1) * out_h1",
        1,
        "wrong",
        "missing_activation_derivative",
        "Between the net input and the output of o1 stands sigmoid, so its derivative is a factor here: out_o1 * (1 - out_o1).",
        "dE/dw5 = (out_o1 - t1) * out_h1 * out_o1 * (1 - out_o1)",
        "What stands between the net input and the output of o1, and what does it add to the chain rule?",
        kind="txt",
    ),
    Case(
        "one way of two",
        "symbols",
        "dE/dout_h2 = delta_k1 * w6",
        1,
        "wrong",
        "missing_sum",
        "h2 reaches E through k1 and k2; you took only k1.",
        "dE/dout_h2 = delta_k1 * w6 + delta_k2 * w8",
        "In how many ways does h2 reach E, and which of them did you take?",
        kind="txt",
    ),
    Case(
        "one way of two, in LaTeX",
        "symbols",
        r"$$ \frac{\partial E}{\partial w_3} = \delta_{k1} \cdot w_6 \cdot out_{h2} \cdot (1 - out_{h2}) \cdot x_1 $$",
        1,
        "wrong",
        "missing_sum",
        "h2 reaches E through k1 and k2; you took only k1.",
        r"\frac{\partial E}{\partial w_3} = (\delta_{k1} \cdot w_6 + \delta_{k2} \cdot w_8) \cdot "
        r"out_{h2} \cdot (1 - out_{h2}) \cdot x_1",
        "In how many ways does h2 reach E, and which of them did you take?",
        kind="md",
    ),
    Case(
        "no sum over an index",
        "matrices",
        "$$z^{(2)} = W^{(1)} x + b^{(1)}$$\n"
        "$$z^{(3)} = W^{(2)} a^{(2)} + b^{(2)}$$\n"
        r"$$ \frac{\partial J}{\partial a^{(2)}_j} = \delta^{(3)}_i W^{(2)}_{ij} $$",
        3,
        "wrong",
        "missing_sum",
        "Here a sum over every way to the error is due, and not every way is in it.",
        r"\frac{\partial J}{\partial a^{(2)}_j} = \sum_i \delta^{(3)}_i W^{(2)}_{ij}",
        "In how many ways does a^{(2)}_j reach J, and which of them did you take?",
        kind="md",
    ),
    Case(
        "net for out",
        "mazur",
        "dE/dw5 = delta_o1 * net_h1",
        1,
        "wrong",
        "net_vs_out",
        "w5 is multiplied with what its source passes on, which is out_h1, not net_h1.",
        "dE/dw5 = delta_o1 * out_h1",
        "Is net_h1 what goes into the activation or what comes out of it, and which of the two does w5 multiply?",
        kind="txt",
    ),
    Case(
        "net for out in a slope",
        "mazur",
        "dout_o1/dnet_o1 = out_o1 * (1 - net_o1)",
        1,
        "wrong",
        "net_vs_out",
        "Net input and output are mixed up: out_o1, not net_o1.",
        "dout_o1/dnet_o1 = out_o1 * (1 - out_o1)",
        "Is net_o1 what goes into the activation or what comes out of it, and which of the two belongs here?",
        kind="txt",
    ),
    Case(
        "no transposition",
        "matrices",
        "$$z^{(2)} = W^{(1)} x + b^{(1)}$$\n"
        "$$z^{(3)} = W^{(2)} a^{(2)} + b^{(2)}$$\n"
        r"$$ \delta^{(2)} = (W^{(2)} \delta^{(3)}) \odot f'(z^{(2)}) $$",
        3,
        "wrong",
        "transpose_order",
        "The matrices are in the wrong order, or one is not transposed as it must be: (W^{(2)})^T, not W^{(2)}.",
        r"\delta^{(2)} = ((W^{(2)})^T \delta^{(3)}) \odot f'(z^{(2)})",
        "Which shape has each factor? Write out one entry of the product, and see which sum it is.",
        kind="md",
    ),
    Case(
        "the outer product the wrong way",
        "matrices",
        "$$z^{(2)} = W^{(1)} x + b^{(1)}$$\n"
        "$$z^{(3)} = W^{(2)} a^{(2)} + b^{(2)}$$\n"
        r"$$ \nabla_{W^{(1)}} J = x (\delta^{(2)})^{\top} $$",
        3,
        "wrong",
        "transpose_order",
        r"The matrices are in the wrong order, or one is not transposed as it must be: \delta^{(2)} "
        r"x^{\top}, not x (\delta^{(2)})^{\top}.",
        r"\nabla_{W^{(1)}} J = \delta^{(2)} x^{\top}",
        "Which shape has each factor? Write out one entry of the product, and see which sum it is.",
        kind="md",
    ),
    Case(
        "a number of another weight",
        "mazur",
        "net_h1 = 0.15 * 0.05 + 0.25 * 0.1 + 0.35 = 0.3775",
        1,
        "wrong",
        "wrong_constant",
        "w2 is 0.2, not 0.25.",
        "net_h1 = 0.15 * 0.05 + 0.2 * 0.1 + 0.35 = 0.3775",
        "Where does 0.25 come from? Look it up once more.",
        kind="txt",
    ),
    Case(
        "no weight",
        "tanh",
        "dE/dw1 = delta_o1 * (1 - out_h1^2) * x1\ndE/dw3 = delta_o1 * w6 * (1 - out_h2^2) * x1\nnet_o1 = w5 * out_h1 + w6 * out_h2 + b2",
        1,
        "wrong",
        "dropped_factor",
        "A factor is missing in dE/dw1: w5.",
        "dE/dw1 = delta_o1 * (1 - out_h1^2) * x1 * w5",
        "Go along the way to the error: does every step of it give a factor of dE/dw1?",
        kind="txt",
    ),
    Case(
        "no input",
        "symbols",
        "dE/dw1 = delta_h1",
        1,
        "wrong",
        "dropped_factor",
        "A factor is missing in dE/dw1: x1.",
        "dE/dw1 = delta_h1 * x1",
        "Go along the way to the error: does every step of it give a factor of dE/dw1?",
        kind="txt",
    ),
    Case(
        "no mean",
        "batch",
        "$$ dW^{[2]} = dZ^{[2]} A^{[1]T} $$\n$$ dW^{[1]} = \\frac{1}{m} dZ^{[1]} X^T $$",
        1,
        "wrong",
        "dropped_factor",
        r"A factor is missing in dW^{[2]}: \frac{1}{m}.",
        r"dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}",
        "Go along the way to the error: does every step of it give a factor of dW^{[2]}?",
        kind="md",
    ),
    Case(
        "the slope twice",
        "mazur",
        "dE/dw5 = delta_o1 * out_o1 * (1 - out_o1) * out_h1",
        1,
        "wrong",
        "duplicated_factor",
        "out_o1 * (1 - out_o1) is here once too often: every step of the way gives its factor once.",
        "dE/dw5 = delta_o1 * out_h1",
        "Count the factors: how often does each step of the way give one?",
        kind="txt",
    ),
    Case(
        "a factor twice in LaTeX",
        "tanh",
        r"$$ \frac{\partial E}{\partial w_1} = \delta_{o1}\, w_5\, w_5\, (1 - out_{h1}^2)\, x_1 $$",
        1,
        "wrong",
        "duplicated_factor",
        "w_5 is here once too often: every step of the way gives its factor once.",
        r"\frac{\partial E}{\partial w_1} = \delta_{o1}\, w_5\, (1 - out_{h1}^2)\, x_1",
        "Count the factors: how often does each step of the way give one?",
        kind="md",
    ),
    Case(
        "an updated weight",
        "mazur",
        "w5+ = w5 - eta * delta_o1 * out_h1\ndE/dout_h1 = delta_o1 * w5+ + delta_o2 * w7",
        2,
        "wrong",
        "updated_weights_used",
        "w5+ is the weight after the update; all gradients of a step are taken with the weights before it, here w5.",
        "dE/dout_h1 = delta_o1 * w5 + delta_o2 * w7",
        "With which weights was the forward pass made, and which of them do you use here?",
        kind="txt",
    ),
    Case(
        "an error after updated weights",
        "mazur",
        "E_total_new = 0.291027924",
        1,
        "wrong",
        "updated_weights_used",
        "This is the value for updated output weights: the error was led back through weights that had "
        "been updated already. All gradients of a step are taken with the weights before it, which gives 0.291027774.",
        "E_total_new = 0.291027774",
        "With which weights was the forward pass made, and which of them do you use here?",
        kind="txt",
    ),
    Case(
        "rounded on the way",
        "mazur",
        "dE/dw5 = 0.13849856 * 0.59326999 = 0.08220000",
        1,
        "wrong",
        "rounding",
        "Rounded, this is 0.08216704, not 0.08220000.",
        "dE/dw5 = 0.13849856 * 0.59326999 = 0.08216704",
        "Round once more, from the number before it was rounded: what are the last digits?",
        kind="txt",
    ),
    Case(
        "numbers rounded too far",
        "mazur",
        "delta_o1 = 0.138498562\nout_h1 = 0.593269992\ndE/dw5 = 0.14 * 0.59 = 0.082600",
        3,
        "wrong",
        "rounding",
        "0.082600 comes of numbers that were rounded on the way; with all their places it is 0.082167.",
        "dE/dw5 = 0.082167",
        "Which numbers did you put in here, and with how many of their places?",
        kind="txt",
    ),
    Case(
        "a two of a square with a half",
        "mazur",
        "dE/dout_o1 = 2*(out_o1 - t1)",
        1,
        "wrong",
        "factor_two",
        "The factor 2 does not belong here. The square gives a 2 when it is differentiated, and only a "
        "half in front of it takes that away.",
        "dE/dout_o1 = out_o1 - t1",
        "Which factor does a square give when it is differentiated, and is there anything that takes it away?",
        kind="txt",
    ),
    Case(
        "the slope of tanh for sigmoid",
        "mazur",
        "dout_h1/dnet_h1 = 1 - out_h1^2",
        1,
        "wrong",
        "wrong_activation_derivative",
        "h1 has the activation sigmoid, and this is not its derivative: out_h1 * (1 - out_h1), not 1 - out_h1^2.",
        "dout_h1/dnet_h1 = out_h1 * (1 - out_h1)",
        "Which activation does h1 have, and what is its derivative?",
        kind="txt",
    ),
    Case(
        "the slope of sigmoid for tanh",
        "tanh",
        r"$$ \frac{\partial E}{\partial w_1} = \delta_{o1} \cdot w_5 \cdot out_{h1} (1 - out_{h1}) \cdot x_1 $$",
        1,
        "wrong",
        "wrong_activation_derivative",
        "h1 has the activation tanh, and this is not its derivative: (1 - out_{h1}^2), not out_{h1} (1 - out_{h1}).",
        r"\frac{\partial E}{\partial w_1} = \delta_{o1} \cdot w_5 \cdot (1 - out_{h1}^2) \cdot x_1",
        "Which activation does h1 have, and what is its derivative?",
        kind="md",
    ),
    Case(
        "a right side of something else",
        "mazur",
        "dE/dw5 = delta_o1 * out_h1\ndE/dw5 = delta_o1 * out_h2\ndE/dw6 = delta_o1 * out_h2",
        2,
        "wrong",
        "wrong_lhs",
        "What stands on the right is dE/dw6, not dE/dw5.",
        "dE/dw6 = delta_o1 * out_h2",
        "Read the right side by itself: of which quantity is it the value?",
        kind="txt",
    ),
    Case(
        "a gradient that is a bias's",
        "tanh",
        "dE/dw6 = delta_o1\ndE/db2 = delta_o1\ndE/dw5 = delta_o1 * out_h1",
        1,
        "wrong",
        "wrong_lhs",
        "What stands on the right is dE/db2, not dE/dw6.",
        "dE/db2 = delta_o1",
        "Read the right side by itself: of which quantity is it the value?",
        kind="txt",
    ),
    Case(
        "an input at a bias",
        "tanh",
        "dE/db2 = delta_o1 * out_h1",
        1,
        "wrong",
        "bias_gradient",
        "A bias stands in its net input with factor 1, so out_h1 does not belong here.",
        "dE/db2 = delta_o1",
        "With which factor does the bias stand in its net input?",
        kind="txt",
    ),
    Case(
        "one unit of a shared bias",
        "mazur",
        "dE/db2 = delta_o1",
        1,
        "wrong",
        "bias_gradient",
        "This bias stands in the net inputs of o1 and o2, so all of their deltas are added up: delta_o1 + delta_o2, not delta_o1.",
        "dE/db2 = delta_o1 + delta_o2",
        "In which net inputs does this bias stand?",
        kind="txt",
    ),
    Case(
        "a bias without a sum over samples",
        "batch",
        "$$ db^{[2]} = \\frac{1}{m} dZ^{[2]} $$\n$$ dW^{[2]} = \\frac{1}{m} dZ^{[2]} A^{[1]T} $$",
        1,
        "wrong",
        "bias_gradient",
        r"A bias stands in its net input with factor 1, in every sample, so its gradient is made of the "
        r"deltas of all samples: \sum_{i=1}^{m} dZ^{[2](i)}, not dZ^{[2]}.",
        r"db^{[2]} = \frac{1}{m} \sum_{i=1}^{m} dZ^{[2](i)}",
        "With which factor does the bias stand in its net input, and in how many samples?",
        kind="md",
    ),
    Case(
        "digits exchanged",
        "mazur",
        "net_h1 = 0.15 * 0.05 + 0.2 * 0.1 + 0.35 = 0.3757",
        1,
        "wrong",
        "arithmetic_slip",
        "The formula is right, but two digits are swapped: 0.3775, not 0.3757.",
        "net_h1 = 0.15 * 0.05 + 0.2 * 0.1 + 0.35 = 0.3775",
        "The formula is right. Compare your number with what the calculator shows, digit by digit.",
        kind="txt",
    ),
    Case(
        "digits with a comma",
        "mazur",
        r"$$ net_{h1} = 0,15 \cdot 0,05 + 0,2 \cdot 0,1 + 0,35 = 0,3757 $$",
        1,
        "wrong",
        "arithmetic_slip",
        "The formula is right, but two digits are swapped: 0,3775, not 0,3757.",
        r"net_{h1} = 0,15 \cdot 0,05 + 0,2 \cdot 0,1 + 0,35 = 0,3775",
        "The formula is right. Compare your number with what the calculator shows, digit by digit.",
        kind="md",
    ),
    Case(
        "another error's derivative",
        "mazur",
        "dE/dout_o1 = (out_o1 - t1)/(out_o1*(1 - out_o1))",
        1,
        "wrong",
        "wrong_loss_derivative",
        "This is not the derivative of the error by out_o1: out_o1 - t1, not (out_o1 - t1)/(out_o1*(1 - out_o1)).",
        "dE/dout_o1 = out_o1 - t1",
        "What is the error, written out, and what is its derivative by out_o1?",
        kind="txt",
    ),
    Case(
        "a logarithm's derivative",
        "batch",
        r"$$ \frac{\partial L}{\partial a^{[2]}} = a^{[2]} - y $$",
        1,
        "wrong",
        "wrong_loss_derivative",
        r"This is not the derivative of the error by a^{[2]}: \frac{a^{[2]} - y}{a^{[2]} (1 - a^{[2]})}, not a^{[2]} - y.",
        r"\frac{\partial L}{\partial a^{[2]}} = \frac{a^{[2]} - y}{a^{[2]} (1 - a^{[2]})}",
        "What is the error, written out, and what is its derivative by a^{[2]}?",
        kind="md",
    ),
    Case(
        "no slip that is known",
        "mazur",
        "dE/dw5 = out_h1^3 + 7 * t2",
        1,
        "wrong",
        "unexplained",
        "This does not hold for dE/dw5, and no one slip that I know of leads here. Go through it step by step.",
        None,
        "Go through this row step by step: which step can you not justify?",
        kind="txt",
    ),
    Case(
        "what follows",
        "mazur",
        "dE/dw7 = delta_o1 * out_h1\nw7+ = w7 - eta * delta_o1 * out_h1",
        2,
        "follows",
        None,
        "This goes on from line 1; given what stands there, it is right.",
        None,
        "This goes on from line 1. What becomes of it once that line is right?",
        kind="txt",
    ),
    Case(
        "a name that nobody knows",
        "mazur",
        "dE/dw5 = foo * out_h1",
        1,
        "undecidable",
        None,
        "I do not know what `foo` is; nearest are out_o2 and out_o1. A comment such as `% symbp: foo = out_o2` would tell.",
        None,
        "I do not know what `foo` is; nearest are out_o2 and out_o1. A comment such as `% symbp: foo = out_o2` would tell.",
        kind="txt",
    ),
    Case(
        "numbers where there are none",
        "symbols",
        "dE/dw5 = 0.0314",
        1,
        "undecidable",
        None,
        "Whether this is right depends on numbers that the network file does not have; weights and a sample would decide it.",
        None,
        "Whether this is right depends on numbers that the network file does not have; weights and a sample would decide it.",
        kind="txt",
    ),
    Case(
        "a row that ends too early",
        "mazur",
        "dE/dw5 = (out_o1 - ",
        1,
        "unreadable",
        None,
        "I cannot read this row: the formula ends too early (expected: a number, a name or a bracket).",
        None,
        "I cannot read this row: the formula ends too early (expected: a number, a name or a bracket).",
        kind="txt",
    ),
    Case(
        "a sign too many",
        "mazur",
        "dE/dw5 = delta_o1 * ) out_h1",
        1,
        "unreadable",
        None,
        "I cannot read this row: I am stuck at `)`, where I expected a number, a name or a bracket.",
        None,
        "I cannot read this row: I am stuck at `)`, where I expected a number, a name or a bracket.",
        kind="txt",
    ),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The networks as files."""
    found = tmp_path_factory.mktemp("networks")
    for name, text in NETWORKS.items():
        (found / f"{name}.toml").write_text(text, encoding="utf-8")
    return found


@cache
def judged(folder: Path, case: Case) -> Report:
    spec = load(folder / f"{case.network}.toml" if case.network in NETWORKS else case.network)
    return Report((verify_file(spec, case.work, case.kind, f"work.{case.kind}", VerifyOptions(prove=False)),))


def row(folder: Path, case: Case) -> JudgedRow:
    return next(row for row in judged(folder, case).files[0].rows if row.line == case.line)


def message(folder: Path, case: Case, *, hints: bool = False) -> str | None:
    """The sentence about the line, as JSON has it."""
    record = json.loads(render_report(judged(folder, case), "json", View(hints=hints)))
    return next(row["message"] for row in record["files"][0]["rows"] if row["line"] == case.line)


each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@each
def test_what_is_said(case: Case, folder: Path) -> None:
    found = row(folder, case)
    assert (found.verdict, found.code) == (case.verdict, case.code)
    assert message(folder, case) == case.message
    assert found.expected == case.expected
    assert message(folder, case, hints=True) == case.hint


def test_every_code_is_here() -> None:
    codes = {case.code for case in CASES if case.code}
    assert len(codes) == 18
    assert {case.verdict for case in CASES} == {"wrong", "follows", "undecidable", "unreadable"}


@each
@pytest.mark.parametrize("format", FORMATS)
def test_no_hint_holds_the_repaired_part(case: Case, format: str, folder: Path) -> None:  # noqa: A002
    """Neither the repaired row nor what is put in is in any format; what the person wrote themselves is."""
    if case.expected is None:
        return
    found, shown = row(folder, case), render_report(judged(folder, case), format, View(hints=True))
    if letters(case.expected) not in letters(case.work):
        assert letters(case.expected) not in letters(shown)
    assert case.expected not in shown or case.expected in case.work
    start, end = found.marked or (0, len(case.expected))
    asked = message(folder, case, hints=True) or ""
    if re.search(r"\w", part := case.expected[start:end]):
        assert not re.search(rf"(?<![\w^]){re.escape(part)}(?![\w^])", asked)


@each
def test_the_answer_is_there_without_hints(case: Case, folder: Path) -> None:
    """So that the test above looks for what would be found."""
    if case.expected is not None:
        assert letters(case.expected) in letters(render_report(judged(folder, case), "md", View()))


@each
def test_the_marked_parts_are_what_differs(case: Case, folder: Path) -> None:
    """What stands around the repaired part stood there before."""
    found = row(folder, case)
    if found.expected is not None and found.marked is not None and case.code not in {"rounding", "arithmetic_slip"}:
        start, end = found.marked
        assert letters(found.text).startswith(letters(found.expected[:start]))
        assert letters(found.expected[end:]) in letters(found.text) or found.expected[end:].lstrip().startswith("=")


def letters(text: str) -> str:
    """Letters and digits only, so that no format's marks are in the way."""
    return re.sub(r"[\W_]", "", text)
