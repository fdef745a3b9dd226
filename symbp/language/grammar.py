r"""What the parser reads, and its tables: which tokens call an operator, stand between two parts, or begin one.

    formula  = sum
    sum      = product { ( "+" | "-" ) product }
    product  = beside { dot beside } | beside { "\circ" power }   dot: "\cdot", or "·" between blanks
    beside   = signed { times signed } | signed "/" power         times: nothing in LaTeX, "·" without blanks in plain text
    signed   = [ "-" ] power
    power    = atom [ "^" exponent | raised | "^{\top}" | "ᵀ" ]
    exponent = "{" sum "}" | digit | letter | in plain text an atom
    atom     = number | "½" | "\pi" | quantity | "(" sum ")" | "|" sum "|" | cases | matrix | fraction | derivative
             | gradient | call | indexed
             | kronecker
    fraction = "\frac" "{" sum "}" "{" sum "}"
    derivative = "\frac" "{" "\partial" power "}" "{" "\partial" power "}" | "∂" power "/" "∂" power
               | "\frac" "{" "d" power "}" "{" "d" power "}" | "d" power "/" "d" power
               | "\frac" "{" "d" "}" "{" "d" power "}" "[" sum "]" | "d/d" power "[" sum "]"
    kronecker = ( "1" | "\mathbf{1}" ) "[" index "=" index "]"
    gradient = "\nabla" "_" "{" quantity "}" quantity | "∇_" quantity quantity
    call     = function { "'" } "(" sum ")" | operator "(" sum [ "," sum ] ")" | "e" "^" exponent | "\sqrt" "{" sum "}"
    operator = "\ln" | "\exp" | "\sin" | "\cos" | "\max" | "ln" | "exp" | "sin" | "cos" | "max" | "sqrt" | "erf" | "sgn" | "diag"
    cases    = "\begin{cases}" sum "&" "if" sum ">" sum "\\" sum "&" "otherwise" "\end{cases}"
             | "{" sum "," "if" sum ">" sum ";" sum "," "otherwise" "}"
    indexed  = "\sum" "_" "{" index [ "=" "1" ] "}" [ "^" "{" width "}" ] product | "Σ_" index product
    matrix   = "\begin{bmatrix}" sum { ( "&" | "\\" ) sum } "\end{bmatrix}" | "[" sum { ( "," | ";" ) sum } "]"

Operators in a row are one Form with many arguments, as they were written; brackets keep what they hold together. A superscript
belongs to the name if the network has such a name, else it is a power. Where one of the factors side by side is a matrix, the
product is matmul. The layer that a sum runs over is that of the units that bear its index.
"""

from __future__ import annotations

from collections.abc import Mapping

from symbp.language.lexer import SPACED, TIGHT, Medium

CALLS: Mapping[str, str] = {
    **{name: name for name in ("exp", "sin", "cos", "max", "sqrt", "erf")},
    **{"\\" + name: name for name in ("exp", "sin", "cos", "max", "sqrt")},
    r"\ln": "log",
    "ln": "log",
    "sgn": "sign",
    "diag": "diag",
}
INFIX: Mapping[Medium, Mapping[str, str]] = {
    "latex": {"+": "add", "-": "add", r"\cdot": "dot", r"\circ": "hadamard", r"\odot": "hadamard", "/": "frac"},
    "plain": {"+": "add", "-": "add", SPACED: "dot", TIGHT: "times", "∘": "hadamard", "⊙": "hadamard", "/": "frac"},
}
BESIDE: Mapping[Medium, str] = {"latex": "times", "plain": "matmul"}
STARTS: Mapping[Medium, frozenset[str]] = {
    "latex": frozenset(
        {"(", r"\nabla", r"\frac", r"\ln", r"\exp", r"\sqrt", r"\max", r"\pi", r"\left|", r"\begin{bmatrix}", r"\begin{cases}", r"\mathbf"}
    ),
    "plain": frozenset({"(", "∇_", "[", "∂"}),
}
