"""Derivation → CheckedDerivation: every link of every chain, every printed number, every gradient; or StepRefuted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from symbp.derivation.entries import ShapeMismatch, is_general, scalar_pairs
from symbp.derivation.formulas import Formulas
from symbp.derivation.instantiate import Numbers, relation_between
from symbp.derivation.meaning import of, out
from symbp.derivation.steps import Algorithm, Derivation, Figure, Link, Plot, Say, Step, Table
from symbp.derivation.training import (
    Progress,
    after_one,
    after_sample,
    at_step,
    before_sample,
    definitions,
    first_after,
    is_online,
    iterated,
    update_direction,
    updated,
)
from symbp.derivation.update import columns
from symbp.errors import StepRefuted
from symbp.language.form import Form, Function, Node, Unit, Value, Var, add, leaves
from symbp.language.plain import PlainWriter
from symbp.language.speller import Speller
from symbp.network.forward import ERROR
from symbp.network.numbers import Quantity, Rounding, to_decimal
from symbp.network.sums import values
from symbp.proof.gradients import DIRECTIONS, MOST_CHECKED, DirectionCheck, GradientCheck, check_directions, check_gradients
from symbp.proof.identity import Agrees, Proved, Prover, Refuted, Rounds, Unknown, Verdict

TOLD = frozenset({"error_after", "error_after_pass", "error_curve"})
"""The sentences that give numbers, each of a meaning of its own."""
MOST_PRODUCTS = 20_000_000
"""A proof that would form more products of terms ends as agreement at random points."""
EXTRA_DIGITS = 20
"""Printed numbers are recomputed with so many digits more than they were made from."""


@dataclass(frozen=True)
class CheckedDerivation:
    """A derivation whose every link has a verdict, none of them Refuted or Unknown; the only thing that can be printed."""

    derivation: Derivation
    verdicts: tuple[tuple[Step, tuple[tuple[Verdict, ...], ...]], ...]
    numbers: tuple[tuple[Value, Verdict], ...]
    gradients: tuple[GradientCheck, ...]
    recomputed: Numbers | None
    """The values at higher precision by which the printed numbers were judged."""
    directions: tuple[DirectionCheck, ...] = ()
    """All gradients at once, where there are too many to check each by itself; then there are no `gradients`."""

    def __post_init__(self) -> None:
        steps = tuple(self.derivation.steps())
        if tuple(step for step, _ in self.verdicts) != steps or tuple(v for v, _ in self.numbers) != tuple(self.derivation.values()):
            raise ValueError("verdicts of another derivation")
        for step, links in self.verdicts:
            good = all(found and all(isinstance(v, Proved | Agrees | Rounds) for v in found) for found in links)
            if len(links) != len(step.chain) or not good:
                raise ValueError("an uncertified equation")
        if not all(isinstance(verdict, Rounds | Proved) for _, verdict in self.numbers):
            raise ValueError("an uncertified number")
        parameters = tuple(self.derivation.spec.vocabulary.parameters())
        if self.directions and not self.gradients:
            if len(parameters) <= MOST_CHECKED or len(self.directions) < DIRECTIONS or not all(check.agrees for check in self.directions):
                raise ValueError("unchecked gradients")
            return
        if tuple(check.parameter for check in self.gradients) != parameters or not all(check.agrees for check in self.gradients):
            raise ValueError("an unchecked gradient")

    def counts(self) -> Counter[str]:
        """How many equations were proved, agreed numerically, and how many printed numbers were checked."""
        found: Counter[str] = Counter()
        for _, links in self.verdicts:
            for verdicts in links:
                found.update({type(v).__name__.lower() for v in verdicts})
        found["rounds"] += len(self.numbers)
        return found


def certify(derivation: Derivation, progress: Progress = lambda what, done, of: None) -> CheckedDerivation:
    """Check everything that would be printed; raise StepRefuted at the first thing that is not so."""
    court = _Court(derivation)
    steps = tuple(derivation.steps())
    verdicts = []
    for at, step in enumerate(steps, 1):
        verdicts.append((step, court.step(step)))
        progress("checking equations", at, len(steps))
    numbers = tuple((value, court.number(value)) for value in derivation.values())
    directions, gradients = _checked_gradients(derivation, progress)
    court.gradients(gradients)
    court.directions(directions)
    court.words()
    return CheckedDerivation(derivation, tuple(verdicts), numbers, gradients, court.finer, directions)


def _checked_gradients(derivation: Derivation, progress: Progress) -> tuple[tuple[DirectionCheck, ...], tuple[GradientCheck, ...]]:
    """Of many gradients, all at once along random directions; of few, or where a kink is in the way, each by itself."""
    spec, program = derivation.spec, derivation.program
    if sum(1 for _ in spec.vocabulary.parameters()) > MOST_CHECKED and (directions := check_directions(spec, program)):
        progress("checking gradients", 1, 1)
        return directions, ()
    return (), check_gradients(spec, program, progress=progress)


class _Court:
    def __init__(self, derivation: Derivation) -> None:
        spec, program = derivation.spec, derivation.program
        self.derivation = derivation
        self.prover = Prover(program, definitions(spec, program) if spec.learning_rate is not None else {}, most=MOST_PRODUCTS)
        self.rounding = derivation.rounding
        self.finer: Numbers | None = None
        if spec.is_numeric:
            self.finer = Numbers.of(spec, program, _finer(self.rounding))
            if spec.learning_rate is not None:
                self.finer.learn(after_one(spec, program, self.finer.rounding))
            self._recompute_iterations(self.finer)

    def _recompute_iterations(self, finer: Numbers) -> None:
        if self.derivation.steps_taken:
            spec, program, digits = self.derivation.spec, self.derivation.program, finer.rounding.working_digits
            finer.learn(iterated(spec, program, self.derivation.steps_taken, digits))

    # -- equations -------------------------------------------------------------------------------------------------

    def step(self, step: Step) -> tuple[tuple[Verdict, ...], ...]:
        if any(isinstance(leaf, Value) and not isinstance(leaf.meaning, Fraction) for leaf in leaves(step.lhs)):
            raise StepRefuted(f"a number stands on the left of {self._text(step.lhs)}")
        self._relations(step)
        if is_general(step):
            return self._general(step)
        found, previous = [], step.lhs
        for link in step.chain:
            found.append((self._link(step, previous, link),))
            previous = link.form
        return tuple(found)

    def _general(self, step: Step) -> tuple[tuple[Verdict, ...], ...]:
        found: list[list[Verdict]] = [self._numbers(link.form) for link in step.chain]
        try:
            for at, left, right in scalar_pairs(step, self.derivation.spec):
                found[at].append(self._accept(self.prover.equal(left, right), step, left, right))
        except ShapeMismatch as error:
            raise StepRefuted(f"the shapes do not fit in {self._text(step.lhs)}: {error}") from None
        return tuple(tuple(verdicts) for verdicts in found)

    def _link(self, step: Step, previous: Node, link: Link) -> Verdict:
        checked = self._numbers(link.form)
        verdict = self._accept(self.prover.equal(previous, link.form), step, previous, link.form)
        return checked[0] if isinstance(link.form, Value) and checked else verdict

    def _numbers(self, form: Node) -> list[Verdict]:
        """Every number in `form`: a constant of the derivation must be shown as what it is."""
        found = values(form)
        for value in found:
            if isinstance(value.meaning, Fraction) and Fraction(value.shown) != value.meaning:
                self._wrong_number(value, str(value.meaning))
        return [self.number(value) for value in found if not isinstance(value.meaning, Fraction)]

    def _relations(self, step: Step) -> None:
        previous = step.lhs
        for link in step.chain:
            right = relation_between(previous, link.form)
            if link.relation != right:
                equation = f"{self._text(previous)} {link.relation} {self._text(link.form)}"
                raise StepRefuted(f"{equation}, in the step for {self._text(step.lhs)}: the sign must be {right}")
            previous = link.form

    def _accept(self, verdict: Verdict, step: Step, left: Node, right: Node) -> Verdict:
        if isinstance(verdict, Proved | Agrees | Rounds):
            return verdict
        equation = f"{self._text(left)} = {self._text(right)}"
        if isinstance(verdict, Unknown):
            raise StepRefuted(f"neither proved nor refuted: {equation}, in the step for {self._text(step.lhs)}: {verdict.reason}")
        assert isinstance(verdict, Refuted)
        at = ", ".join(f"{self._text(var)} = {float(x):g}" for var, x in list(verdict.witness.items())[:40])
        raise StepRefuted(
            f"refuted: {equation}, in the step for {self._text(step.lhs)}",
            hint=f"at {at}\nthe left side is {verdict.left}, the right side {verdict.right}",
        )

    def _text(self, node: Node) -> str:
        return PlainWriter(Speller(self.derivation.spec.speller.notation, self.derivation.spec.vocabulary)).text(node)

    # -- numbers ---------------------------------------------------------------------------------------------------

    def number(self, value: Value) -> Verdict:
        """Is `shown` the number that is meant, whole if it is said to be exact, else correctly rounded?"""
        if isinstance(value.meaning, Fraction):
            raise StepRefuted(f"the number {value.shown} stands for nothing in this network")
        try:
            shown = Decimal(value.shown)
        except InvalidOperation:
            return self._wrong_number(value, "a number")
        data = self.derivation.spec.data
        if isinstance(value.meaning, Var) and value.meaning in data and value.exact:
            true = data[value.meaning]
            return Proved() if shown == true else self._wrong_number(value, str(true))
        if self.finer is None:
            return self._wrong_number(value, "unknown: the network has no numbers")
        quantity = self._quantity(value)
        if value.exact:
            return Proved() if shown == quantity.exact else self._wrong_number(value, str(quantity.exact or quantity.near)[:60])
        right = self.rounding.decimal(quantity.near)
        if shown != right:
            return self._wrong_number(value, str(right))
        exponent = right.as_tuple().exponent
        assert isinstance(exponent, int)
        return Rounds(-exponent)

    def _quantity(self, value: Value) -> Quantity:
        assert self.finer is not None
        assert isinstance(value.meaning, Form | Var)
        return self.finer.quantity(value.meaning)

    def _wrong_number(self, value: Value, right: str) -> Verdict:
        meaning = value.meaning
        name = self._text(meaning) if isinstance(meaning, Form | Var) else str(meaning)
        raise StepRefuted(f"the number {value.shown} stands for {name}, which is {right}")

    def words(self) -> None:
        """Do the numbers of tables belong to their rows, and do sentences say what this derivation is?"""
        for section in self.derivation.sections:
            for part in section.parts:
                match part:
                    case Table(key, rows, samples):
                        for row in rows:
                            self._row(key, row, samples)
                    case Say(key, names):
                        self._say(key, names)
                    case Plot(key, points, names):
                        self._say(key, names)
                        self._plot(key, points)
                    case Figure("activation", Function() as function, points):
                        self._places(function, points)
                    case Algorithm(lines):
                        for line in lines:
                            self._say(line.say.key, line.say.names)

    def _say(self, key: str, names: Mapping[str, object]) -> None:
        spec, steps = self.derivation.spec, self.derivation.steps_taken
        wanted: dict[str, object] = {"kind": spec.update, "steps": steps, "train_bias": int(spec.train_bias), "loss": spec.loss.words}
        wanted |= {"optimizer": spec.settings.optimizer, "is_online": int(is_online(spec))}
        meant = {"before": ERROR, "after": updated(ERROR), "first": ERROR, "last": at_step(ERROR, steps)}
        for name, value in names.items():
            given = value.meaning if isinstance(value, Value) else value
            right = meant[name] if name in meant and key in TOLD else wanted.get(name, given)
            if given != right or (isinstance(value, Form) and key in TOLD):
                raise StepRefuted(f"the sentence {key!r} says {name} = {given}, which is {right}")

    def _plot(self, key: str, points: tuple[tuple[int, Value], ...]) -> None:
        """Does each point of a curve stand for the error after that step, in order and up to the last?"""
        steps = [n for n, _ in points]
        if steps != sorted(set(steps)) or steps[0] != 0 or steps[-1] != self.derivation.steps_taken:
            raise StepRefuted(f"the points of the curve {key!r} do not lead through the steps in their order")
        for n, value in points:
            if value.meaning != at_step(ERROR, n):
                raise StepRefuted(f"the point {value.shown} of the curve {key!r} is not the error after {n} steps")

    def _places(self, function: Function, points: tuple[tuple[Value, Value], ...]) -> None:
        """Is each point of an activation's picture a unit that has it: its net input, and the out of the same unit?"""
        spec = self.derivation.spec
        for x, y in points:
            match x.meaning:
                case Var("net", Unit() as unit) as place if y.meaning == out(place) and spec.activation(unit).function == function:
                    continue
            raise StepRefuted(f"the point ({x.shown}, {y.shown}) is no unit on the picture of {function.name}")

    def _row(self, key: str, row: tuple[Any, ...], samples: tuple[int, ...]) -> None:
        cells = row[-1] if key == "symbols" else row
        found = [cell.meaning for cell in cells if isinstance(cell, Value)]
        if key == "symbols":
            expected = [var for var in row[0] if var in self.derivation.spec.data]
        else:
            expected = list(self._row_quantities(key, row, samples)) if self.derivation.spec.is_numeric else []
        if found != expected:
            shown = [cell.shown if isinstance(cell, Value) else str(cell) for cell in cells]
            raise StepRefuted(f"the cells {', '.join(shown)[:200]} of the table {key!r} do not belong to their row")

    def _row_quantities(self, key: str, row: tuple[Any, ...], samples: tuple[int, ...]) -> tuple[Node, ...]:
        first, spec = row[0], self.derivation.spec
        match key:
            case "sample_gradients":
                shares = Formulas(spec).gradient_terms
                return tuple(add(*shares(first.args[1], sample)) if sample else first for sample in samples)
            case "sample_data" | "sample_values" | "sample_errors" | "sample_deltas":
                return tuple(Var(first.kind, first.owner, sample, first.time) for sample in samples)
            case "updates" | "late_updates":
                return (first, update_direction(spec, first), first_after(spec, first))
            case "momentum_updates" | "moments" | "adam_updates":
                return columns(spec, key, first)
            case "pass":
                is_error = first.kind == "error_sample"
                return tuple(before_sample(p) if is_error else after_sample(first, p) for p in samples)
            case "parameters":
                return (first, at_step(first, self.derivation.steps_taken))
            case "gradients":
                return (first.lhs,)
            case "errors":
                return (at_step(ERROR, first),)
            case "outputs":
                return (of("target", first), at_step(first, self.derivation.steps_taken))
        raise StepRefuted(f"nothing is known of the numbers of the table {key!r}")

    def directions(self, checks: tuple[DirectionCheck, ...]) -> None:
        for check in checks:
            if not check.agrees:
                numbers = f"by the gradients {to_decimal(check.analytic):.12g}, by central differences {to_decimal(check.central):.12g}"
                raise StepRefuted(f"the gradients fail the numeric check along random direction {check.number}: {numbers}")

    def gradients(self, checks: tuple[GradientCheck, ...]) -> None:
        for check in checks:
            if not check.agrees:
                name = self._text(check.parameter)
                numbers = f"derived {to_decimal(check.analytic):.12g}, by central differences {to_decimal(check.central):.12g}"
                raise StepRefuted(f"the gradient by {name} fails the numeric check: {numbers}")


def _finer(rounding: Rounding) -> Rounding:
    return replace(rounding, guard=rounding.guard + EXTRA_DIGITS)
