"""`Program`: the forward pass as single assignments; what every name of a derivation stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from symbp.language.form import KINKED, Form, Node, Value, Var, add, leaves, number, times, total
from symbp.network.calculus import derivative, fold, unfold_functions
from symbp.network.evaluation import Instruction, Steps, run
from symbp.network.signs import settled
from symbp.network.sums import Shared, new_leaves, shared


@dataclass(frozen=True, slots=True)
class Binding:
    """`var = form`, by definition."""

    var: Var
    form: Node


class IllFormed(Exception):
    """A program that assigns a name twice or uses one before it is assigned; a bug of symbp, never of a user."""


@dataclass(frozen=True)
class Program:
    """Bindings in the order of computation; the constructor refuses double assignment and use before assignment."""

    bindings: tuple[Binding, ...]
    delta_sign: int = 1
    """The s of delta = s dE/dnet: a convention of the network's."""
    assumptions: Mapping[Var, Node] = field(default_factory=dict)
    """Free variables that are taken to be given by others: one target, where the targets sum to 1."""

    def __post_init__(self) -> None:
        seen: set[Var] = set()
        used: set[Node] = set()
        walked: set[Form] = set()
        for binding in self.bindings:
            here = new_leaves(binding.form, walked)
            if binding.var in seen or binding.var in used or binding.var in here:
                raise IllFormed(f"{binding.var} is assigned twice, or used before it is assigned")
            seen.add(binding.var)
            used |= here

    @cached_property
    def forms(self) -> dict[Var, Node]:
        """What each bound variable is, in the order of computation."""
        return {binding.var: binding.form for binding in self.bindings}

    @cached_property
    def shared(self) -> Shared | None:
        """The bindings with the long sums that several of them share named; None where there are none."""
        return shared((binding.var, binding.form) for binding in self.bindings)

    @cached_property
    def split(self) -> Program:
        """The same program with these sums bound to names of their own: all that is derived from it takes work that grows with its
        length, where each out of a softmax has the sum of all exponentials in it. Derivatives along every path are the same.
        """
        return self if self.shared is None else Program(bindings(self.shared.pairs), self.delta_sign, self.assumptions)

    @cached_property
    def position(self) -> dict[Var, int]:
        """Where each bound variable stands in the order of computation."""
        return {binding.var: place for place, binding in enumerate(self.bindings)}

    @cached_property
    def _terms(self) -> dict[Var, dict[Var, tuple[Node, ...]]]:
        """Per bound variable, the terms of its sum in which each direct input stands: derivatives are linear."""
        found: dict[Var, dict[Var, list[Node]]] = {}
        for binding in self.bindings:
            form = binding.form
            terms = form.args if isinstance(form, Form) and form.op == "add" else (form,)
            inputs = found.setdefault(binding.var, {})
            for term in terms:
                for var in dict.fromkeys(leaf for leaf in leaves(term) if isinstance(leaf, Var)):
                    inputs.setdefault(var, []).append(term)
        return {var: {wrt: tuple(terms) for wrt, terms in inputs.items()} for var, inputs in found.items()}

    @cached_property
    def users(self) -> dict[Var, tuple[Var, ...]]:
        """The bound variables whose form holds each variable."""
        users: dict[Var, list[Var]] = {}
        for var, inputs in self._terms.items():
            for direct in inputs:
                users.setdefault(direct, []).append(var)
        return {var: tuple(found) for var, found in users.items()}

    def inputs(self, of: Var) -> tuple[Var, ...]:
        """The direct inputs of a bound variable."""
        return tuple(self._terms.get(of, ()))

    def partial(self, of: Var, wrt: Var) -> Node:
        """d of / d wrt along the edge between them: the other direct inputs of `of` are held fixed."""
        if of == wrt:
            return number(1)
        if (of, wrt) not in self._partials:
            terms = self._terms.get(of, {}).get(wrt, ())
            self._partials[of, wrt] = add(*(derivative(term, wrt) for term in terms)) if terms else number(0)
        return self._partials[of, wrt]

    @cached_property
    def _partials(self) -> dict[tuple[Var, Var], Node]:
        return {}

    def total(self, of: Var, wrt: Var, partial: Callable[[Var, Var], Node] | None = None) -> Node:
        """d of / d wrt along every path, one step unrolled: sum over users u of total(of, u) · partial(u, wrt)."""
        if of == wrt:
            return number(1)
        partial = partial or self.partial
        reached = [user for user in self.users.get(wrt, ()) if self.reaches(user, of)]
        terms = [partial(u, wrt) if u == of else times(total(of, u), partial(u, wrt)) for u in reached]
        return add(*terms) if terms else number(0)

    def reaches(self, start: Var, end: Var) -> bool:
        """Does `end` depend on `start`?"""
        return start in self._ancestors(end)

    def _ancestors(self, end: Var) -> frozenset[Var]:
        if end not in self._ancestor_sets:
            found, todo = {end}, [end]
            while todo:
                for var in self.inputs(todo.pop()):
                    if var not in found:
                        found.add(var)
                        todo.append(var)
            self._ancestor_sets[end] = frozenset(found)
        return self._ancestor_sets[end]

    @cached_property
    def _ancestor_sets(self) -> dict[Var, frozenset[Var]]:
        return {}

    @cached_property
    def free(self) -> tuple[Var, ...]:
        """The variables that no binding assigns: inputs, targets, weights and biases."""
        if self.split is not self:
            return self.split.free
        every = dict.fromkeys(leaf for b in self.bindings for leaf in leaves(b.form) if isinstance(leaf, Var))
        return tuple(var for var in every if var not in self.forms)

    @cached_property
    def tape(self) -> Tape:
        """All bindings, ready to be evaluated."""
        if self.split is not self:
            whole = self.split.tape
            return replace(whole, outputs={var: slot for var, slot in whole.outputs.items() if var in self.forms})
        return Tape.of({binding.var: binding.form for binding in self.bindings})

    @cached_property
    def reverse(self) -> Program:
        """Bindings for d E / d v of every v, over the forward quantities; 0 where E does not depend on v.

        Numbers only; the derivation that people read is built, and proved, elsewhere.
        """
        return self.sweep(self.bindings[-1].var)

    def sweep(self, end: Var) -> Program:
        """Bindings for d `end` / d v of every v that `end` depends on; that of a sample's error is kept apart by its sample."""
        sample = end.sample if end != self.bindings[-1].var else None
        bindings = [Binding(Var("adjoint", end, sample), number(1))]
        above = self._ancestors(end)
        order = [b.var for b in reversed(self.bindings) if b.var in above and b.var != end] + [v for v in self.free if v in above]
        for var in order:
            terms = [times(Var("adjoint", u, sample), self.partial(u, var)) for u in self.users[var] if u in above]
            bindings.append(Binding(Var("adjoint", var, sample), add(*terms)))
        bindings += [Binding(Var("adjoint", var, sample), number(0)) for var in (*self.forms, *self.free) if var not in above]
        return Program(tuple(bindings))

    def leading_to(self, end: Var) -> tuple[Binding, ...]:
        """The bindings that `end` depends on, its own among them."""
        above = self._ancestors(end)
        return tuple(b for b in self.bindings if b.var in above)

    def assumed(self, point: Mapping[Var, Any], algebra: Any) -> dict[Var, Any]:
        """`point` with the variables that assumptions give."""
        return dict(point) | {var: fold(form, algebra, point.__getitem__) for var, form in self.assumptions.items()}

    def evaluate(self, point: Mapping[Var, Any], algebra: Any) -> dict[Var, Any]:
        """The value of every variable at `point`, which gives the free ones."""
        return self.tape.run(point, algebra)

    def gradients(self, values: Mapping[Var, Any], algebra: Any) -> dict[Var, Any]:
        """d E / d v of every variable v, at the `values` that `evaluate` gave; E is the last binding."""
        every = dict(values)
        for binding in self.split.bindings if self.split is not self else ():
            if binding.var not in every:
                every[binding.var] = fold(unfold_functions(binding.form), algebra, every.__getitem__)
        found = self.split.reverse.tape.run(every, algebra)
        return {var: found[_adjoint(var)] for var in values if _adjoint(var) in found}


def _adjoint(var: Var) -> Var:
    return Var("adjoint", var)


@dataclass(frozen=True)
class Tape:
    """Forms compiled to a list of instructions; equal parts are computed once, signs as `signs` has them. No code is made or executed."""

    constants: tuple[Fraction, ...]
    inputs: tuple[Var, ...]
    instructions: tuple[Instruction, ...]
    outputs: Mapping[Var, int]

    @classmethod
    def of(cls, forms: Mapping[Var, Node]) -> Tape:
        """Compile `forms` in their order; a variable among the keys may be used by those after it."""
        return _Compiler().compile(forms)

    @property
    def operations(self) -> int:
        """How many operations a run takes; an addition, a product and a function call count one each."""
        return sum(len(args) - 1 if op in {"add", "times", "dot"} else 1 for op, args in self.instructions)

    def run(self, point: Mapping[Var, Any], algebra: Any) -> dict[Var, Any]:
        """The values of the outputs and, with them, those that `point` gave."""
        slots = self.slots(point, algebra)
        return dict(point) | {var: slots[slot] for var, slot in self.outputs.items()}

    def slots(self, point: Mapping[Var, Any], algebra: Any) -> list[Any]:
        """The values of all constants, inputs and instructions, in that order."""
        slots: list[Any] = [algebra.rational(value) for value in self.constants]
        slots += [point[var] for var in self.inputs]
        slots += [None] * len(self.instructions)
        run(self._steps.steps, self._steps.functions(algebra), slots)
        return slots

    def constant_slots(self, slots: Sequence[int], algebra: Any) -> dict[int, Any]:
        """The values of all constants, and of `slots`, which depend on constants alone and are given in their order."""
        found: dict[int, Any] = {at: algebra.rational(value) for at, value in enumerate(self.constants)}
        start = len(self.constants) + len(self.inputs)
        run([self._steps.steps[slot - start] for slot in slots], self._steps.functions(algebra), found)
        return found

    def moved(self, slots: Sequence[Any], var: Var | int, value: Any, algebra: Any, output: Var) -> Any:
        """`output` with the input (or the slot) `var` at `value` and everything else as in `slots`; only what changes is computed."""
        return self.all_moved(slots, var, value, algebra)[self.outputs[output]]

    def all_moved(self, slots: Sequence[Any], var: Var | int, value: Any, algebra: Any) -> list[Any]:
        """All `slots`, with the input (or the slot) `var` at `value`."""
        moved, slot = list(slots), self._slot(var)
        moved[slot] = value
        steps, start = self._steps.steps, len(self.constants) + len(self.inputs)
        run([steps[at - start] for at in self._dependent(slot)], self._steps.functions(algebra), moved)
        return moved

    def only_through(self, var: Var) -> tuple[int, int | None] | None:
        """The sum in which the input `var` stands once and nowhere else, by itself or in one product of two: its slot, and the other
        factor's. A weight stands so in the net input of its unit, where no other unit shares it.
        """
        start = len(self.constants) + len(self.inputs)
        users, slot, factor = self._users.get(self._slot(var), []), self._slot(var), None
        if len(users) == 1 and self.instructions[users[0] - start][0] == "times":
            args = self.instructions[users[0] - start][1]
            if len(args) != 2 or args[0] == args[1]:
                return None
            factor = args[1] if args[0] == slot else args[0]
            slot, users = users[0], self._users.get(users[0], [])
        if len(users) != 1 or slot in self._named:
            return None
        op, terms = self.instructions[users[0] - start]
        return (users[0], factor) if op == "add" and terms.count(slot) == 1 else None

    def terms(self, slot: int) -> int:
        """How many terms the sum at `slot` has."""
        return len(self.instructions[slot - len(self.constants) - len(self.inputs)][1])

    def conditions(self, var: Var | int) -> tuple[tuple[int, ...], ...]:
        """The slots on whose sign, or on the sign of whose difference, an operator with kinks depends, where they depend on `var`."""
        if not self.has_kinks:
            return ()
        start = len(self.constants) + len(self.inputs)
        moving = {self._slot(var), *self._dependent(self._slot(var))}
        found = dict.fromkeys(
            args[: 2 if op == "max" else 1] for op, args in (self.instructions[at - start] for at in moving if at >= start) if op in KINKED
        )
        return tuple(args for args in found if moving & set(args))

    @cached_property
    def all_conditions(self) -> tuple[tuple[int, ...], ...]:
        """The slots on whose sign, or on the sign of whose difference, an operator with kinks depends."""
        return tuple(dict.fromkeys(args[: 2 if op == "max" else 1] for op, args in self.instructions if op in KINKED))

    @cached_property
    def _steps(self) -> Steps:
        return Steps.of(self.instructions, len(self.constants) + len(self.inputs))

    def _slot(self, var: Var | int) -> int:
        return var if isinstance(var, int) else self._places[var]

    @cached_property
    def _named(self) -> frozenset[int]:
        return frozenset(self.outputs.values())

    @cached_property
    def has_kinks(self) -> bool:
        return any(op in KINKED for op, _ in self.instructions)

    @cached_property
    def _places(self) -> dict[Var, int]:
        return {var: at for at, var in enumerate(self.inputs, len(self.constants))}

    @cached_property
    def _users(self) -> dict[int, list[int]]:
        users: dict[int, list[int]] = {}
        for at, (_, args) in enumerate(self.instructions, len(self.constants) + len(self.inputs)):
            for arg in set(args):
                users.setdefault(arg, []).append(at)
        return users

    def _dependent(self, slot: int) -> tuple[int, ...]:
        """The slots of the instructions that depend on `slot`, in their order; kept until another is asked for."""
        last: tuple[int, tuple[int, ...]] | None = self.__dict__.get("_last")
        if last is None or last[0] != slot:
            last = slot, self._search(slot)
            self.__dict__["_last"] = last  # one tuple at a time, so that threads may ask for different slots
        return last[1]

    def _search(self, slot: int) -> tuple[int, ...]:
        found: set[int] = set()
        todo = [slot]
        while todo:
            new = [user for user in self._users.get(todo.pop(), ()) if user not in found]
            found.update(new)
            todo += new
        return tuple(sorted(found))


class _Compiler:
    def __init__(self) -> None:
        self.constants: dict[Fraction, int] = {}
        self.inputs: dict[Var, int] = {}
        self.parts: dict[tuple[str, tuple[tuple[str, int], ...]], int] = {}
        self.named: dict[Var, tuple[str, int]] = {}

    def compile(self, forms: Mapping[Var, Node]) -> Tape:
        for var, form in forms.items():
            self.named[var] = self._slot(unfold_functions(form))
        start = {"constant": 0, "input": len(self.constants), "part": len(self.constants) + len(self.inputs)}

        def place(slot: tuple[str, int]) -> int:
            return start[slot[0]] + slot[1]

        instructions = tuple((op, tuple(place(arg) for arg in args)) for op, args in self.parts)
        outputs = {var: place(slot) for var, slot in self.named.items()}
        return Tape(tuple(self.constants), tuple(self.inputs), instructions, outputs)

    def _slot(self, node: Node) -> tuple[str, int]:
        node = settled(node) if isinstance(node, Form) else node
        if isinstance(node, Form):
            if node.op == "pow" and isinstance(node.args[1], Value) and node.args[1].meaning == 2:
                base = self._slot(node.args[0])
                return "part", self.parts.setdefault(("times", (base, base)), len(self.parts))
            key = node.op, tuple(self._slot(arg) for arg in node.args)
            return "part", self.parts.setdefault(key, len(self.parts))
        if isinstance(node, Value):
            if not isinstance(node.meaning, Fraction):
                return self._slot(node.meaning)
            return "constant", self.constants.setdefault(node.meaning, len(self.constants))
        assert isinstance(node, Var), node
        if node in self.named:
            return self.named[node]
        return "input", self.inputs.setdefault(node, len(self.inputs))


def bindings(pairs: Iterable[tuple[Var, Node]]) -> tuple[Binding, ...]:
    return tuple(Binding(var, form) for var, form in pairs)
