"""The reference by which every gradient is judged: network file → E(parameters) → gradients by other people's tools.

Written from the format of network files alone: nothing of symbp is imported, so that no fault is shared with it. The forward pass is
scalar by scalar, over any backend of `reference_math`.

    network = read(text)                      # needs weights and [[samples]]
    network.error(), network.gradients("autograd" | "torch" | "central")
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reference_math import Scalar, Scalars, Watching, activate, divergence, floats, high_precision, hips, loss, pytorch, total

Table = Mapping[str, Any]


# -- names: the one place that decides what a parameter is called ------------------------------------------------------


def default_names(sizes: Sequence[int]) -> list[list[str]]:
    """i1, i2; h1 (or h1_2: unit 2 of the first of several hidden layers); o1."""
    last = len(sizes) - 1

    def name(layer: int, index: int) -> str:
        if layer in {0, last}:
            return f"{'i' if layer == 0 else 'o'}{index}"
        return f"h{index}" if last == 2 else f"h{layer}_{index}"

    return [[name(layer, index) for index in range(1, size + 1)] for layer, size in enumerate(sizes)]


def weight_name(number: int) -> str:
    """The weights of dense layers, numbered unit by unit through all of them."""
    return f"w{number}"


def kernel_name(layer: int, entry: int, *, several: bool) -> str:
    """An entry of the kernel of a convolution: k1, k2, …; k2_1 in layer 2, where `several` layers have kernels."""
    return f"k{layer}_{entry}" if several else f"k{entry}"


def recurrent_name(layer: int, last: int, unit: int, source: int, *, delayed: bool = False) -> str:
    """In a recurrent network: wxh_i_j, whh_i_j; why_i_j into the only layer after it, else w2_i_j, w3_i_j, …"""
    block = ("hh" if delayed else "xh") if layer == 1 else "hy" if layer == last == 2 else str(layer)
    return f"w{block}_{unit}_{source}"


def bias_name(layer: int, unit: str | None) -> str:
    """The bias that a layer shares, or that of one unit."""
    return f"b{layer}" if unit is None else f"b_{unit}"


# -- the network -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Term:
    """A weight times the out of a source, one time step before where it is delayed."""

    weight: str
    source: str
    delayed: bool = False


@dataclass(frozen=True)
class Unit:
    name: str
    terms: tuple[Term, ...]
    bias: str | None


@dataclass(frozen=True)
class Group:
    """Units that are computed together, by one activation."""

    activation: str
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class Network:
    """A network with all its numbers; `values` are the parameters in the order of the file, `biases` those that are biases."""

    inputs: tuple[str, ...]
    groups: tuple[Group, ...]
    outputs: tuple[str, ...]
    values: Mapping[str, Decimal]
    biases: frozenset[str]
    table: Table
    start: tuple[Decimal, ...] = ()
    """The outs of the recurrent units before the first step."""
    errors: str = field(default="every")

    @property
    def names(self) -> list[str]:
        return list(self.values)

    @property
    def recurrent(self) -> bool:
        return "recurrent" in self.table

    def hidden(self) -> list[str]:
        """The units that are no outputs."""
        return [unit.name for group in self.groups for unit in group.units if unit.name not in self.outputs]

    # -- the forward pass ----------------------------------------------------------------------------------------------

    def evaluate(self, m: Scalars, parameters: Mapping[str, Scalar]) -> Scalar:
        """E at `parameters`: the samples' errors, summed or averaged, and the penalties."""
        samples, runs = self.table["samples"], []
        errors = []
        for sample in samples:
            steps = self._steps(m, parameters, sample)
            runs += steps
            errors.append(total([loss(m, self._loss, wanted, outs) for wanted, outs in self._compared(m, sample, steps)]))
        error = total(errors)
        if self.table.get("reduction", "sum") == "mean":
            error = error / len(samples)
        return total([error, *self._penalties(m, parameters, runs)])

    @property
    def _loss(self) -> str:
        return str(self.table.get("loss", "half_squared_error"))

    def _steps(self, m: Scalars, parameters: Mapping[str, Scalar], sample: Table) -> list[dict[str, Scalar]]:
        """The outs of every unit, time step by time step; after the recurrent layer, only at steps that carry an error."""
        sequence = sample["inputs"] if self.recurrent else [sample["inputs"]]
        before = {}
        if self.recurrent:
            before = {unit.name: m.number(value) for unit, value in zip(self.groups[0].units, self.start, strict=True)}
        found = []
        for at, row in enumerate(sequence, 1):
            has_error = self.errors == "every" or at == len(sequence)
            outs = {name: m.number(Decimal(value)) for name, value in zip(self.inputs, row, strict=True)}
            for group in self.groups if has_error else self.groups[:1]:
                nets = [self._net(parameters, unit, outs, before) for unit in group.units]
                outs.update(zip((unit.name for unit in group.units), activate(m, group.activation, nets), strict=True))
            found.append(outs)
            before = outs
        return found

    @staticmethod
    def _net(parameters: Mapping[str, Scalar], unit: Unit, outs: Mapping[str, Scalar], before: Mapping[str, Scalar]) -> Scalar:
        terms = [parameters[term.weight] * (before if term.delayed else outs)[term.source] for term in unit.terms]
        return total([*terms, parameters[unit.bias]] if unit.bias else terms)

    def _compared(self, m: Scalars, sample: Table, steps: list[dict[str, Scalar]]) -> Iterator[tuple[list[Scalar], list[Scalar]]]:
        """Targets and outs at every step that carries an error."""
        rows = sample["targets"] if self.recurrent and self.errors == "every" else [sample["targets"]]
        for row, outs in zip(rows, steps if len(rows) == len(steps) else steps[-1:], strict=True):
            wanted = [m.number(Decimal(value)) for value in row]
            yield wanted, [outs[name] for name in self.outputs]

    def _penalties(self, m: Scalars, parameters: Mapping[str, Scalar], runs: list[dict[str, Scalar]]) -> Iterator[Scalar]:
        """lambda / 2 sum w^2, lambda_1 sum |w|, each parameter once; beta sum_j KL(rho || mean of out_j over samples and time steps)."""
        decayed = [w for name, w in parameters.items() if self.table.get("decay_biases", False) or name not in self.biases]
        if "weight_decay" in self.table and decayed:
            yield m.number(Decimal(self.table["weight_decay"])) / 2 * total([w * w for w in decayed])
        if "l1" in self.table and decayed:
            yield m.number(Decimal(self.table["l1"])) * total([w if m.kink(w) else -w for w in decayed])
        if "sparsity" in self.table and self.hidden():
            rho, beta = (m.number(Decimal(self.table["sparsity"][key])) for key in ("rho", "beta"))
            every = [[outs[name] for outs in runs if name in outs] for name in self.hidden()]
            yield beta * total([divergence(m, rho, total(own) / len(own)) for own in every])

    # -- what is asked of it -------------------------------------------------------------------------------------------

    def error(self) -> float:
        """E, in floats."""
        return float(self.evaluate(m := floats(), self._numbers(m)))

    def outs(self) -> list[list[dict[str, float]]]:
        """The out of every input and unit, for each sample and each of its time steps, in floats."""
        m = floats()
        return [self._steps(m, self._numbers(m), sample) for sample in self.table["samples"]]

    def nearest_kink(self) -> float:
        """How near the argument of a relu, |x|, hinge … comes to its kink."""
        m: Watching = floats()
        self.evaluate(m, self._numbers(m))
        return min(m.kinks, default=float("inf"))

    def gradients(self, by: str = "autograd") -> dict[str, Any]:
        """dE / dw of every parameter, by the tool called `by`: "autograd", "torch", or "central" (differences at 60 digits)."""
        return {"autograd": self._by_autograd, "torch": self._by_torch, "central": self._by_differences}[by]()

    def _numbers(self, m: Scalars) -> dict[str, Scalar]:
        return {name: m.number(value) for name, value in self.values.items()}

    def _by_autograd(self) -> dict[str, float]:
        import autograd

        m = hips()
        found = autograd.grad(lambda parameters: self.evaluate(m, parameters))(self._numbers(m))
        return {name: float(value) for name, value in found.items()}

    def _by_torch(self) -> dict[str, float]:
        m = pytorch()
        parameters = {name: value.requires_grad_() for name, value in self._numbers(m).items()}
        self.evaluate(m, parameters).backward()
        return {name: 0.0 if p.grad is None else float(p.grad) for name, p in parameters.items()}

    def _by_differences(self) -> dict[str, Any]:
        """(E(w + h) - E(w - h)) / 2h at h = 1e-20: its error is about 1e-40 of the third derivative, its noise as much."""
        m = high_precision()
        point, step = self._numbers(m), m.number(Decimal("1e-20"))
        found = {}
        for name, value in point.items():
            above, below = (self.evaluate(m, point | {name: moved}) for moved in (value + step, value - step))
            found[name] = (above - below) / (2 * step)
        return found


# -- reading -----------------------------------------------------------------------------------------------------------


def read(text: str) -> Network:
    """The network that the TOML `text` describes."""
    table = tomllib.loads(text, parse_float=Decimal)
    return _graph(table) if "units" in table else _layers(table)


def _named(given: int | list[str], default: list[str]) -> list[str]:
    return given if isinstance(given, list) else default


def _count(given: int | list[str]) -> int:
    return len(given) if isinstance(given, list) else given


class _Parameters:
    """Parameters as they are met: weights and biases of each layer, the weights first."""

    def __init__(self) -> None:
        self.values: dict[str, Decimal] = {}
        self.biases: set[str] = set()
        self.weights = 0

    def add(self, name: str, value: Any) -> str:
        assert name not in self.values, name
        self.values[name] = Decimal(value)
        return name

    def number(self, value: Any) -> str:
        """The next numbered weight."""
        self.weights += 1
        return self.add(weight_name(self.weights), value)

    def layer_biases(self, bias: Any, layer: int, units: list[str]) -> list[str | None]:
        """The bias of each unit: a number is shared, a list holds one per unit, without any there is none."""
        if bias is None or bias is False:
            return [None] * len(units)
        if isinstance(bias, list):
            found = [self.add(bias_name(layer, unit), value) for unit, value in zip(units, bias, strict=True)]
        else:
            found = [self.add(bias_name(layer, None), bias)] * len(units)
        self.biases.update(found)
        return [*found]


def _layers(table: Table) -> Network:
    """Layers, of which the first may be recurrent, and any a convolution."""
    recurrent, layers = table.get("recurrent"), table.get("layers", [])
    every = [recurrent, *layers] if recurrent else layers
    sizes = [_count(table["inputs"])]
    for layer in every:
        sizes.append(sizes[-1] - len(layer["kernel"]) + 1 if "kernel" in layer else _count(layer["units"]))
    defaults = default_names(sizes)
    names = [_named(table["inputs"], defaults[0])]
    names += [_named(layer.get("units", 0), default) for layer, default in zip(every, defaults[1:], strict=True)]
    parameters, groups = _Parameters(), []
    for at, layer in enumerate(every, 1):
        if recurrent:
            terms = _time_terms(parameters, layer, at, len(every), names)
        elif "kernel" in layer:
            several = sum("kernel" in layer for layer in every) > 1
            entries = [parameters.add(kernel_name(at, a, several=several), value) for a, value in enumerate(layer["kernel"], 1)]
            terms = _convolved_terms(entries, at, names)
        else:
            rows = zip(names[at], layer["weights"], strict=True)
            terms = [[Term(parameters.number(w), s) for s, w in zip(names[at - 1], row, strict=True)] for _, row in rows]
        biases = parameters.layer_biases(layer.get("bias"), at, names[at])
        units = [Unit(name, tuple(own), bias) for name, own, bias in zip(names[at], terms, biases, strict=True)]
        groups.append(Group(layer.get("activation", "sigmoid"), tuple(units)))
    start = tuple(map(Decimal, recurrent.get("start", [0] * sizes[1]))) if recurrent else ()
    errors = recurrent.get("error", "every") if recurrent else "every"
    biases = frozenset(parameters.biases)
    return Network(tuple(names[0]), tuple(groups), tuple(names[-1]), parameters.values, biases, table, start, errors)


def _convolved_terms(entries: list[str], at: int, names: list[list[str]]) -> list[list[Term]]:
    """net_j = sum_m k_m out_(j+m-1): stride 1, no padding, the kernel not turned round."""
    return [[Term(k, names[at - 1][j + m]) for m, k in enumerate(entries)] for j in range(len(names[at]))]


def _time_terms(parameters: _Parameters, layer: Table, at: int, last: int, names: list[list[str]]) -> list[list[Term]]:
    """W_xh x(t) + W_hh h(t - 1) in the recurrent layer; in those after it, W h."""
    found: list[list[Term]] = [[] for _ in names[at]]
    blocks = [("input_weights", at - 1, False), ("recurrent_weights", 1, True)] if at == 1 else [("weights", at - 1, False)]
    for key, origin, delayed in blocks:
        for i, row in enumerate(layer[key], 1):
            for j, value in enumerate(row, 1):
                name = parameters.add(recurrent_name(at, last, i, j, delayed=delayed), value)
                found[i - 1].append(Term(name, names[origin][j - 1], delayed))
    return found


def _graph(table: Table) -> Network:
    """Units in any order; each is computed after what it reads. A name on an edge is a weight, though it be a bias as well."""
    waiting = {unit["name"]: unit for unit in table["units"]}
    inputs = _named(table["inputs"], default_names([_count(table["inputs"]), 1])[0])
    done, groups = set(inputs), []
    while waiting:
        ready = [unit for unit in waiting.values() if set(unit["inputs"]) <= done]
        if not ready:
            raise ValueError(f"a cycle among {sorted(waiting)}")
        for unit in ready:
            terms = tuple(Term(weight, source) for source, weight in unit["inputs"].items())
            if unit.get("activation") == "softmax":
                raise ValueError("softmax is of a layer")
            groups.append(Group(unit.get("activation", "sigmoid"), (Unit(unit["name"], terms, unit.get("bias") or None),)))
            done.add(unit["name"])
            del waiting[unit["name"]]
    weights = {weight for unit in table["units"] for weight in unit["inputs"].values()}
    biases = frozenset(unit["bias"] for unit in table["units"] if unit.get("bias")) - weights
    values = {name: Decimal(value) for name, value in table["parameters"].items()}
    return Network(tuple(inputs), tuple(groups), tuple(table["outputs"]), values, biases, table)
