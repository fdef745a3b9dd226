"""Gradients without any derivation: central differences, the complex step, and SymPy's diff of the composed error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symbp.language.form import Form, Var, rewrite
from symbp.network.calculus import SympyAlgebra, fold, unfold_functions
from symbp.network.numbers import HighPrecision
from symbp.network.program import Program

PRECISION = 80
"""Decimal digits of the differences."""
STEP = 25
"""Central differences step by 10**-STEP: their own error is of the order of its square."""


@dataclass(frozen=True)
class NumericGradient:
    """dE / d parameter by the forward pass alone."""

    central: Any
    complex_step: Any | None


def digits_for(program: Program, point: Mapping[Var, Fraction]) -> int:
    """PRECISION, and more where large numbers cancel: twice the decimal size of the largest number on the way."""
    algebra = HighPrecision(PRECISION)
    values = program.evaluate({var: algebra.rational(value) for var, value in point.items()}, algebra)
    largest = max((int(algebra.context.mag(value)) for value in values.values() if value), default=0)
    return PRECISION + max(0, int(2 * 0.302 * largest))


class GradientOracle:
    """Evaluates the forward pass around `point`, exactly given; knows no derivative rule.

    Where one parameter moves, only what depends on it is evaluated again.
    """

    def __init__(self, program: Program, point: Mapping[Var, Fraction], *, analytic: bool) -> None:
        self.tape = program.tape
        self.digits = digits_for(program, point)
        self.algebra = HighPrecision(self.digits)
        self.point = {var: self.algebra.rational(value) for var, value in point.items()}
        self.slots = self.tape.slots(self.point, self.algebra)
        self.error = program.bindings[-1].var
        self.analytic = analytic

    def error_with(self, parameter: Var, value: Any) -> Any:
        """E with `parameter` at `value`, everything else where it was."""
        return self.tape.moved(self.slots, parameter, value, self.algebra, self.error)

    def gradient(self, parameter: Var) -> NumericGradient:
        """(E(w + h) - E(w - h)) / 2h with h = 10**-25 (scaled by |w|), and Im E(w + ih) / h with h = 10**-60."""
        context = self.algebra.context
        at = self.point[parameter]
        h = max(abs(at), context.mpf(1)) * context.mpf(10) ** -STEP
        central = (self.error_with(parameter, at + h) - self.error_with(parameter, at - h)) / (2 * h)
        if not self.analytic:
            return NumericGradient(central, None)
        h = context.mpf(10) ** -60
        return NumericGradient(central, self.error_with(parameter, context.mpc(at, h)).imag / h)


MAX_COMPOSED = 360
"""Up to so many operations the composed error is differentiated by SymPy."""


def composed_size(program: Program) -> int:
    """How many operations the error has once everything is substituted into it."""
    if any(var.kind == "divergence" for var in program.forms):
        return MAX_COMPOSED + 1  # a mean of activations under a fraction bar makes the common denominator swell
    sizes: dict[Var, int] = {}

    def size(node: Any) -> int:
        if isinstance(node, Form):
            return max(1, len(node.args) - 1) + sum(size(arg) for arg in node.args)
        return sizes.get(node, 0)

    for binding in program.bindings:
        sizes[binding.var] = size(unfold_functions(binding.form))
    return sizes[program.bindings[-1].var]


def composed(program: Program) -> tuple[Any, dict[Var, Any]]:
    """The error as one SymPy expression of the free variables, and every variable as such an expression."""
    import sympy

    symbols = {var: sympy.Symbol(f"x{at}", real=True) for at, var in enumerate(program.free)}
    values: dict[Var, Any] = dict(symbols)
    for binding in program.bindings:
        values[binding.var] = fold(unfold_functions(binding.form), SympyAlgebra(), values.__getitem__)
    return values[program.bindings[-1].var], values


def composed_gradients_agree(program: Program, formulas: Mapping[Var, Any]) -> dict[Var, bool]:
    """Is each formula exactly sympy.diff of the composed error by that parameter?

    `formulas` are over forward quantities. Both sides are brought to one quotient of polynomials, an exponential being one
    free generator for each different argument.
    """
    import sympy

    from symbp.network.calculus import from_sympy
    from symbp.proof.quotient import QuotientAlgebra

    error, values = composed(program)
    found = {}
    for parameter, formula in formulas.items():
        generators: dict[Any, Var] = {values[var]: var for var in program.free}
        powers: dict[Any, Any] = {}
        right = _without_exponentials(sympy.diff(error, values[parameter]), generators, powers)
        left = _without_exponentials(fold(unfold_functions(formula), SympyAlgebra(), values.__getitem__), generators, powers)
        sides = [from_sympy(side, generators) for side in (left, right)]
        algebra = QuotientAlgebra.for_nodes(*sides)
        found[parameter] = (algebra.of(sides[0]) + -algebra.of(sides[1])).is_zero()
    return found


def _without_exponentials(expression: Any, generators: dict[Any, Var], powers: dict[Any, Any]) -> Any:
    """`expression` with a power of one symbol of `powers` for every exp(n a); what is inside an exponential stays inside."""
    import sympy

    symbols: dict[Any, Any] = {}

    def symbol(argument: Any) -> Any:
        if argument not in powers:
            powers[argument] = sympy.Symbol(f"e{len(powers)}", real=True)
            generators[powers[argument]] = Var("argument", step=len(generators))
        return powers[argument]

    def change(part: Any) -> Any:
        if part not in symbols:
            if isinstance(part, sympy.exp):
                content, argument = part.args[0].as_content_primitive()
                sign = -1 if argument.could_extract_minus_sign() else 1
                if not content.is_Integer:
                    content, argument = sympy.Integer(1), content * argument
                symbols[part] = symbol(sign * argument) ** (sign * content)
            else:
                symbols[part] = part.func(*map(change, part.args)) if part.args else part
        return symbols[part]

    return change(expression)


def compose(program: Program, node: Any) -> Any:
    """`node` over the free variables only."""

    def change(part: Any) -> Any:
        if isinstance(part, Var) and part in program.forms:
            return rewrite(unfold_functions(program.forms[part]), change)
        return part

    return rewrite(node, change)
