"""Gradients without any derivation: central differences, the complex step, and SymPy's diff of the composed error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symbp.language.form import Form, Var, rewrite
from symbp.network.calculus import SympyAlgebra, fold, unfold_functions
from symbp.network.numbers import VANISHED, HighPrecision
from symbp.network.program import Program

PRECISION = 80
"""Decimal digits of the differences."""
STEP = 25
"""Central differences step by 10**-STEP: their own error is of the order of its square."""


PLAIN = 20
"""Numbers given with more decimals than that add to the precision."""
SMALLEST_STEP = 400
"""Where a kink is nearer than that, the parameter stands at it as far as any number shows."""


MANY = 16
"""A sum of more terms than that is moved once for all the weights that stand in it."""
IMAGINARY_STEP = 60
"""The complex step is 10**-IMAGINARY_STEP."""


@dataclass(frozen=True)
class NumericGradient:
    """dE / d parameter by the forward pass alone, by differences that step 10**-`step`.

    At a kink `one_sided` are the derivatives from below and from above; elsewhere there is none.
    """

    central: Any
    complex_step: Any | None
    step: int = STEP
    one_sided: tuple[Any, Any] | None = None


@dataclass(frozen=True)
class MovedSum:
    """E where a sum s is moved: `difference` is E(s + H) - E(s - H), `imaginary` is Im E(s + iK), H and K the two steps."""

    real_step: Any
    difference: Any
    imaginary_step: Any
    imaginary: Any | None
    tiny: Any
    """How far a weight may miss H, by rounding."""


def digits_for(program: Program, point: Mapping[Var, Fraction]) -> int:
    """PRECISION, and more where large numbers cancel: twice the decimal size of the largest number on the way.

    Where a value has no logarithm only because its digits were lost (1 - out of a saturated unit), as many as that takes.
    """
    longest = max((int(0.302 * value.denominator.bit_length()) for value in point.values()), default=0)
    digits = PRECISION + max(0, longest - PLAIN)
    while True:
        algebra = HighPrecision(digits)
        values = program.evaluate({var: algebra.rational(value) for var, value in point.items()}, algebra)
        if all(algebra.exists(value) for value in values.values()):
            largest = max((int(algebra.context.mag(value)) for value in values.values() if value), default=0)
            return digits + max(0, int(2 * 0.302 * largest))
        if digits > VANISHED:
            for value in values.values():
                algebra.require(value)
        digits *= 2


class GradientOracle:
    """Evaluates the forward pass around `point`, exactly given; knows no derivative rule.

    Where one parameter moves, only what depends on it is evaluated again. `analytic` allows the complex step, which is taken
    where nothing with a kink depends on the parameter.
    """

    def __init__(self, program: Program, point: Mapping[Var, Fraction], *, analytic: bool) -> None:
        self.tape = program.tape
        self.digits = digits_for(program, point)
        self.point = dict(point)
        self.error = program.bindings[-1].var
        self.analytic = analytic
        self._moved_sums: dict[int, MovedSum | None] = {}
        self._prepare(self.digits)

    def _prepare(self, digits: int) -> None:
        self.algebra = HighPrecision(digits)
        self.at = {var: self.algebra.rational(value) for var, value in self.point.items()}
        self.slots = self.tape.slots(self.at, self.algebra)

    def error_with(self, parameter: Var, value: Any) -> Any:
        """E with `parameter` at `value`, everything else where it was."""
        return self.tape.moved(self.slots, parameter, value, self.algebra, self.error)

    def slope(self, direction: Mapping[Var, Fraction]) -> Any | None:
        """The derivative of E along `direction`: (E(w + h v) - E(w - h v)) / 2h with h = 10**-25; None where a kink is within 2 h."""
        context = self.algebra.context
        h = context.mpf(10) ** -STEP
        ways = (1, -1) if not self.tape.has_kinks else (1, -1, 0, 2, -2)
        found = [self._slots_along(direction, way * h) for way in ways]
        if self.tape.has_kinks:
            signs = [self._signs_of(slots, self.tape.all_conditions) for slots in found]
            if any(there != signs[0] for there in signs):
                return None
        above, below = (slots[self.tape.outputs[self.error]] for slots in found[:2])
        return (above - below) / (2 * h)

    def _slots_along(self, direction: Mapping[Var, Fraction], h: Any) -> list[Any]:
        """The values of the forward pass at w + h v."""
        moved = {parameter: self.at[parameter] + h * self.algebra.rational(v) for parameter, v in direction.items()}
        return self.tape.slots({**self.at, **moved}, self.algebra)

    def gradient(self, parameter: Var) -> NumericGradient:
        """(E(w + h) - E(w - h)) / 2h with h = 10**-25 (scaled by |w|), and Im E(w + ih) / h with h = 10**-IMAGINARY_STEP.

        Within a step of a kink h is made smaller, at more digits; at a kink itself the differences are one-sided.
        """
        shared = self._shared(parameter)
        if shared is not None:
            return shared
        conditions = self.tape.conditions(parameter)
        step, at_kink = self._step(parameter, conditions) if conditions else (STEP, False)
        if step == STEP and not at_kink:
            return self._gradient(parameter, STEP, is_smooth=not conditions)
        self._prepare(self.digits + 3 * step)
        try:
            return self._at_kink(parameter, step) if at_kink else self._gradient(parameter, step, is_smooth=False)
        finally:
            self._prepare(self.digits)

    # -- the many weights of one sum -----------------------------------------------------------------------------------

    def _shared(self, parameter: Var) -> NumericGradient | None:
        """The same for one of MANY weights of a sum: h is such that the sum moves by H, the same for all of them.

        That it does is evaluated for each weight; E with the sum moved by H, which is then E(w + h), is evaluated once.
        """
        found = self.tape.only_through(parameter)
        if found is None or self.tape.terms(found[0]) <= MANY:
            return None
        slot, factor = found
        if slot not in self._moved_sums:
            self._moved_sums[slot] = self._moved_sum(slot)
        moved, at, one = self._moved_sums[slot], self.at[parameter], self.algebra.context.mpf(1)
        source = one if factor is None else self.slots[factor]
        if moved is None:
            return None
        if not source:
            return NumericGradient(source, source if moved.imaginary is not None else None)
        h = moved.real_step / source
        for way in (h, -h):
            if abs((at + way) * source - at * source - way * source) > moved.tiny or abs(abs(way * source) - moved.real_step) > moved.tiny:
                return None
        complex_step = None if moved.imaginary is None else moved.imaginary / (moved.imaginary_step / source)
        return NumericGradient(moved.difference / (2 * h), complex_step)

    def _moved_sum(self, slot: int) -> MovedSum | None:
        """E with the sum in `slot` moved, where no kink is near."""
        context, at = self.algebra.context, self.slots[slot]
        h, small = max(abs(at), context.mpf(1)) * context.mpf(10) ** -STEP, context.mpf(10) ** -IMAGINARY_STEP
        conditions = self.tape.conditions(slot)
        if conditions:
            here, *around = (self._signs(slot, at + way * h, conditions) for way in (0, -2, -1, 1, 2))
            if any(signs != here for signs in around):
                return None
        above, below = (self.tape.moved(self.slots, slot, at + way * h, self.algebra, self.error) for way in (1, -1))
        imaginary = None
        if self.analytic and not conditions:
            imaginary = self.tape.moved(self.slots, slot, context.mpc(at, small), self.algebra, self.error).imag
        return MovedSum(h, above - below, small, imaginary, h * context.mpf(10) ** -(STEP + 10))

    # -- one parameter by itself ---------------------------------------------------------------------------------------

    def _gradient(self, parameter: Var, step: int, *, is_smooth: bool) -> NumericGradient:
        context = self.algebra.context
        at, h = self.at[parameter], self._h(parameter, step)
        central = (self.error_with(parameter, at + h) - self.error_with(parameter, at - h)) / (2 * h)
        if not (self.analytic and is_smooth):
            return NumericGradient(central, None, step)
        h = context.mpf(10) ** -IMAGINARY_STEP
        return NumericGradient(central, self.error_with(parameter, context.mpc(at, h)).imag / h, step)

    def _at_kink(self, parameter: Var, step: int) -> NumericGradient:
        """(4 E(w + h) - E(w + 2h) - 3 E(w)) / 2h on either side: an error of the order of h squared."""
        at, h = self.at[parameter], self._h(parameter, step)
        here = self.error_with(parameter, at)
        below, above = (
            (4 * self.error_with(parameter, at + way * h) - self.error_with(parameter, at + 2 * way * h) - 3 * here) / (2 * way * h)
            for way in (-1, 1)
        )
        mean = (below + above) / 2
        is_smooth = abs(below - above) <= max(abs(below), abs(above), 1) * self.algebra.context.mpf(10) ** -(step + STEP // 2)
        return NumericGradient(mean, None, step, None if is_smooth else (below, above))

    def _h(self, parameter: Var, step: int) -> Any:
        context = self.algebra.context
        return max(abs(self.at[parameter]), context.mpf(1)) * context.mpf(10) ** -step

    def _step(self, parameter: Var, conditions: tuple[tuple[int, ...], ...]) -> tuple[int, bool]:
        """The step within which no condition changes its sign, and whether one is 0 here and is not beside."""
        step = STEP
        while step <= SMALLEST_STEP:
            if step > STEP:
                self._prepare(self.digits + 3 * step)
            at, h = self.at[parameter], self._h(parameter, step)
            here, *around = (self._signs(parameter, value, conditions) for value in (at, at - 2 * h, at - h, at + h, at + 2 * h))
            changed = [signs for signs in zip(here, *around, strict=True) if len(set(signs)) > 1]
            if all(signs[0] == 0 for signs in changed):
                self._prepare(self.digits)
                return step, bool(changed)
            step *= 2
        self._prepare(self.digits)
        return step, True

    def _signs(self, parameter: Var | int, value: Any, conditions: tuple[tuple[int, ...], ...]) -> list[int]:
        """The sign of what each condition asks to be positive, with `parameter` at `value`; what rounding leaves of 0 is 0."""
        return self._signs_of(self.tape.all_moved(self.slots, parameter, value, self.algebra), conditions)

    def _signs_of(self, slots: list[Any], conditions: tuple[tuple[int, ...], ...]) -> list[int]:
        """The signs of the conditions where the forward pass has these values."""
        found = []
        for args in conditions:
            numbers = [slots[arg] for arg in args]
            size = max(abs(number) for number in numbers)
            difference = numbers[0] - numbers[1] if len(numbers) > 1 else numbers[0]
            tiny = max(size, 1) * self.algebra.context.mpf(10) ** -(self.algebra.context.dps - 15)
            found.append(0 if abs(difference) <= tiny else 1 if difference > 0 else -1)
        return found


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


def composed_gradients_agree(program: Program, formulas: Mapping[Var, Any]) -> dict[Var, bool | None]:
    """Is each formula exactly sympy.diff of the composed error by that parameter?

    `formulas` are over forward quantities. Both sides are brought to one quotient of polynomials, an exponential being one
    free generator for each different argument. Where there are functions beside exponentials, what is not proved is left open: None.
    """
    import sympy

    from symbp.network.calculus import from_sympy
    from symbp.proof.quotient import NotRational, QuotientAlgebra

    error, values = composed(program)
    found: dict[Var, bool | None] = {}
    for parameter, formula in formulas.items():
        generators: dict[Any, Var] = {values[var]: var for var in program.free}
        powers: dict[Any, Any] = {}
        right = _without_exponentials(sympy.diff(error, values[parameter]), generators, powers)
        left = _without_exponentials(fold(unfold_functions(formula), SympyAlgebra(), values.__getitem__), generators, powers)
        sides = [from_sympy(side, generators) for side in (left, right)]
        algebra = QuotientAlgebra.for_nodes(*sides)
        try:
            found[parameter] = algebra.same(*sides) or (None if algebra.atoms or algebra.signs else False)
        except (NotRational, ZeroDivisionError):
            found[parameter] = None
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
