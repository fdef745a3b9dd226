"""What a Form is worth, by means of the tests' own: nothing here is shared with symbp's fold, Program, entries or proof.

The forward pass is written from the sizes, activations and loss of the network; every derivative is a central difference of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

from mpmath.ctx_mp import MPContext

from symbp.derivation.steps import Over, Step
from symbp.language.form import Edge, Form, Function, Index, Layer, Node, Range, Unit, Value, Var
from symbp.network.spec import NetworkSpec

MP = MPContext()
MP.dps = 110
H = MP.mpf(10) ** -35
TOLERANCE = MP.mpf(10) ** -45

Indices = Mapping[str, int]
Number = Any
Matrix = list[list[Any]]


class Nonsense(Exception):
    """The form says nothing on this network: a unit that is not there, or shapes that do not fit."""


def _xlogy(x: Number, y: Number) -> Number:
    return x * MP.log(y) if x else x


def _slope(f: Callable[[Number], Number]) -> Callable[[Number], Number]:
    return lambda x: (f(x + H) - f(x - H)) / (2 * H)


FUNCTIONS: dict[str, Callable[[Number], Number]] = {
    "sigmoid": lambda x: 1 / (1 + MP.exp(-x)),
    "tanh": MP.tanh,
    "relu": lambda x: max(x, 0 * x),
    "leaky_relu": lambda x: x if x > 0 else x / 100,
    "elu": lambda x: x if x > 0 else MP.exp(x) - 1,
    "softplus": lambda x: MP.log(1 + MP.exp(x)),
    "silu": lambda x: x / (1 + MP.exp(-x)),
    "gelu": lambda x: x * (1 + MP.erf(x / MP.sqrt(2))) / 2,
    "sin": MP.sin,
    "identity": lambda x: x,
}
LOSSES: dict[str, Callable[[Number, Number, int], Number]] = {
    "half_squared_error": lambda t, o, n: (t - o) * (t - o) / 2,
    "squared_error": lambda t, o, n: (t - o) * (t - o),
    "mean_squared_error": lambda t, o, n: (t - o) * (t - o) / n,
    "binary_cross_entropy": lambda t, o, n: -(_xlogy(t, o) + _xlogy(1 - t, 1 - o)),
    "cross_entropy": lambda t, o, n: -_xlogy(t, o),
    "hinge": lambda t, o, n: max(0 * t, 1 - t * o),
    "huber": lambda t, o, n: (t - o) * (t - o) / 2 if abs(t - o) < 1 else abs(t - o) - MP.mpf(1) / 2,
    "kl_divergence": lambda t, o, n: _xlogy(t, t) - _xlogy(t, o),
}
WHOLE = {"nets": "net", "outs": "out", "deltas": "delta", "inputs": "input", "targets": "target", "biases": "bias"}


def exactly(value: object) -> Number:
    exact = Fraction(str(value))
    return MP.mpf(exact.numerator) / exact.denominator


def free_variables(spec: NetworkSpec) -> list[Var]:
    """Inputs, targets, weights, biases, the rate, and the argument of a function."""
    sizes = [len(layer) for layer in spec.vocabulary.names]
    found = [Var("input", Unit(0, i), sample=1) for i in range(1, sizes[0] + 1)]
    found += [Var("target", Unit(len(sizes) - 1, i), sample=1) for i in range(1, sizes[-1] + 1)]
    for layer in range(1, len(sizes)):
        sharing, targets = str(spec.vocabulary.sharing[layer - 1]), [Unit(layer, i) for i in range(1, sizes[layer] + 1)]
        found += [Var("weight", Edge(Unit(layer - 1, j), unit)) for unit in targets for j in range(1, sizes[layer - 1] + 1)]
        if sharing == "unit":
            found += [Var("bias", unit) for unit in targets]
        elif sharing == "shared":
            found.append(Var("bias", Layer(layer)))
    return [*found, Var("learning_rate"), Var("argument")]


def generic_point(spec: NetworkSpec, seed: int) -> dict[Var, Number]:
    """Rationals of ordinary size, no two alike; under softmax the targets sum to 1."""
    random = Random(seed)
    point = {var: random.choice((-1, 1, 1)) * MP.mpf(random.randint(150_000, 1_400_000)) / 1_000_003 for var in free_variables(spec)}
    if spec.activations[-1].name == "softmax":
        *others, last = (var for var in point if var.kind == "target")
        point[last] = 1 - sum(point[var] for var in others)
    return point


def data_point(spec: NetworkSpec) -> dict[Var, Number]:
    """The numbers that the network gives."""
    return {var: exactly(value) for var, value in spec.data.items()}


@dataclass
class World:
    """One network at one point. `moved` are quantities that are displaced, whatever would compute them."""

    spec: NetworkSpec
    point: Mapping[Var, Number]
    _derivatives: dict[tuple[str, Var, Var], Number] = field(default_factory=dict)
    _base: dict[Var, Number] = field(default_factory=dict)

    # -- the forward pass ------------------------------------------------------------------------------------------

    def forward(self, moved: Var | None = None, by: Number = 0) -> dict[Var, Number]:
        """Every quantity; `moved` is displaced and all that follows is computed from it."""
        values: dict[Var, Number] = {}

        def put(var: Var, value: Number) -> Number:
            values[var] = value + by if var == moved else value
            return values[var]

        for var, value in self.point.items():
            put(var, value)
        sizes = [len(layer) for layer in self.spec.vocabulary.names]
        below = [values[Var("input", Unit(0, i), sample=1)] for i in range(1, sizes[0] + 1)]
        for layer in range(1, len(sizes)):
            nets = []
            for i in range(1, sizes[layer] + 1):
                unit = Unit(layer, i)
                net = sum(values[Var("weight", Edge(Unit(layer - 1, j + 1), unit))] * x for j, x in enumerate(below))
                net = net + values.get(Var("bias", unit), 0) + values.get(Var("bias", Layer(layer)), 0)
                nets.append(put(Var("net", unit, sample=1), net))
            outs = self._outs(self.spec.activations[layer - 1].name, nets)
            below = [put(Var("out", Unit(layer, i), sample=1), out) for i, out in enumerate(outs, 1)]
        errors = MP.mpf(0)
        for i, o in enumerate(below, 1):
            unit = Unit(len(sizes) - 1, i)
            errors = errors + put(
                Var("error", unit, sample=1), LOSSES[self.spec.loss.name](values[Var("target", unit, sample=1)], o, sizes[-1])
            )
        put(Var("error_total"), errors)
        return values

    @staticmethod
    def _outs(name: str, nets: list[Number]) -> list[Number]:
        if name != "softmax":
            return [FUNCTIONS[name](net) for net in nets]
        exponentials = [MP.exp(net) for net in nets]
        return [x / sum(exponentials) for x in exponentials]

    @property
    def values(self) -> dict[Var, Number]:
        if not self._base:
            self._base = self.forward()
        return self._base

    def total(self, of: Var, wrt: Var) -> Number:
        """d of / d wrt along every path."""
        key = "total", of, wrt
        if key not in self._derivatives:
            if of not in self.values or wrt not in self.values:
                raise Nonsense(f"{of} or {wrt}")
            up, down = (self.forward(wrt, by)[of] for by in (H, -H))
            self._derivatives[key] = (up - down) / (2 * H)
        return self._derivatives[key]

    def partial(self, of: Var, wrt: Var) -> Number:
        """d of / d wrt, all that is computed between them held where it is."""
        key = "partial", of, wrt
        if key not in self._derivatives:
            if of not in self.values or wrt not in self.values:
                raise Nonsense(f"{of} or {wrt}")
            is_direct = of == wrt or wrt in self._direct(of)
            self._derivatives[key] = self.total(of, wrt) if is_direct else MP.mpf(0)
        return self._derivatives[key]

    def _direct(self, of: Var) -> set[Var]:
        """What `of` is computed from; in a layered network no other path leads from there."""
        unit = of.owner
        match of.kind, unit:
            case "net", Unit(int(layer), _):
                kind = "out" if layer > 1 else "input"
                sources = {Var(kind, Unit(layer - 1, j + 1), sample=1) for j in range(len(self.spec.vocabulary.names[layer - 1]))}
                weights = {Var("weight", Edge(s.owner, unit)) for s in sources if isinstance(s.owner, Unit)}
                return sources | weights | {Var("bias", unit), Var("bias", Layer(layer))}
            case "out", Unit(int(layer), _) if self.spec.activations[layer - 1].name == "softmax":
                return {var for var in self.values if var.kind == "net" and isinstance(var.owner, Unit) and var.owner.layer == layer}
            case "out", _:
                return {Var("net", unit, sample=1)}
            case "error", _:
                return {Var("out", unit, sample=1), Var("target", unit, sample=1)}
            case "error_total", _:
                last = len(self.spec.vocabulary.names) - 1
                whole = set() if self.spec.loss.joint is None else {Unit(last, i + 1) for i in range(len(self.spec.vocabulary.names[last]))}
                return {var for var in self.values if var.kind == "error" or (var.kind in {"out", "target"} and var.owner in whole)}
        return set()

    # -- after an update -------------------------------------------------------------------------------------------

    def after(self, var: Var) -> Number:
        """A parameter, a delta or E after one update, in the order that the network asks for."""
        old = Var(var.kind, var.owner, var.sample)
        if var.kind == "error_total":
            moved = {p: self.after(Var(p.kind, p.owner, step=1)) for p in self.point if self._is_trained(p)}
            return World(self.spec, {**self.point, **moved}).values[old]
        if var.kind == "delta":
            return self._late_delta(old)
        if not self._is_trained(old):
            raise Nonsense(f"{old} is not updated")
        return self.values[old] - self.values[Var("learning_rate")] * self._direction(old)

    def _is_trained(self, var: Var) -> bool:
        return var.kind == "weight" or (var.kind == "bias" and self.spec.train_bias)

    def _direction(self, var: Var) -> Number:
        last = len(self.spec.vocabulary.names) - 1
        assert isinstance(var.owner, Edge | Unit | Layer)
        layer = var.owner.target.layer if isinstance(var.owner, Edge) else var.owner.layer
        assert isinstance(layer, int)
        if self.spec.update == "simultaneous" or layer == last:
            return self.total(Var("error_total"), var)
        match var.owner:
            case Edge(source, target):
                kind = "out" if source.layer else "input"
                return self._late_delta(Var("delta", target, sample=1)) * self.values[Var(kind, source, sample=1)]
            case Unit():
                return self._late_delta(Var("delta", var.owner, sample=1))
        units = [Unit(layer, i + 1) for i in range(len(self.spec.vocabulary.names[layer]))]
        return sum(self._late_delta(Var("delta", unit, sample=1)) for unit in units)

    def _late_delta(self, var: Var) -> Number:
        """The delta that comes back through weights which are updated already."""
        unit = var.owner
        assert isinstance(unit, Unit)
        assert isinstance(unit.layer, int)
        if unit.layer == len(self.spec.vocabulary.names) - 1:
            return self.total(Var("error_total"), Var("net", unit, sample=1))
        back = MP.mpf(0)
        for k in range(1, len(self.spec.vocabulary.names[unit.layer + 1]) + 1):
            above = Unit(unit.layer + 1, k)
            back += self.after(Var("weight", Edge(unit, above), step=1)) * self._late_delta(Var("delta", above, sample=1))
        return back * self.partial(Var("out", unit, sample=1), Var("net", unit, sample=1))

    # -- forms -----------------------------------------------------------------------------------------------------

    def scalar(self, var: Var, local: Mapping[Var, Number]) -> Number:
        if var in local:
            return local[var]
        if var.step:
            return self.after(var)
        if var.kind == "delta":
            return self.total(Var("error_total"), Var("net", var.owner, sample=var.sample))
        if var not in self.values:
            raise Nonsense(str(var))
        return self.values[var]

    def matrix(self, var: Var, of: Var | None = None, kind: str = "total") -> Matrix:
        """A whole layer's quantities as a column (weights: a row per unit), or the derivatives of `of` by each."""
        assert isinstance(var.owner, Layer)
        assert isinstance(var.owner.layer, int)
        layer = var.owner.layer
        names = self.spec.vocabulary.names
        if not 0 <= layer < len(names) or (var.kind == "weights" and layer == 0):
            raise Nonsense(str(var))
        units = [Unit(layer, i + 1) for i in range(len(names[layer]))]
        if var.kind == "weights":
            rows = [[Var("weight", Edge(Unit(layer - 1, j + 1), unit)) for j in range(len(names[layer - 1]))] for unit in units]
        else:
            one = "input" if var.kind == "outs" and layer == 0 else WHOLE[var.kind]
            rows = [[Var(one, unit, sample=None if one == "bias" else 1)] for unit in units]
        if of is None:
            return [[self.scalar(cell, {}) for cell in row] for row in rows]
        return [[self.total(of, cell) if kind == "total" else self.partial(of, cell) for cell in row] for row in rows]

    def worth(self, node: Node, at: Indices | None = None, local: Mapping[Var, Number] | None = None) -> Any:
        """The number, or the matrix of numbers, that `node` is; free indices are `at` these values."""
        at, local = at or {}, local or {}
        if isinstance(node, Value):
            if isinstance(node.meaning, Fraction):
                return MP.mpf(node.meaning.numerator) / node.meaning.denominator
            return self.worth(node.meaning, at, local)
        if isinstance(node, Var):
            var = fixed(node, at)
            return self.matrix(var) if var.kind in WHOLE or var.kind == "weights" else self.scalar(var, local)
        if not isinstance(node, Form):
            raise Nonsense(str(node))
        return self._form(node, at, local)

    def _form(self, node: Form, at: Indices, local: Mapping[Var, Number]) -> Any:
        match node.op, node.args:
            case ("total" | "partial") as kind, (Var() as of, Var() as wrt):
                of, wrt = fixed(of, at), fixed(wrt, at)
                if wrt.kind in WHOLE or wrt.kind == "weights":
                    return self.matrix(wrt, of, kind)
                return self.total(of, wrt) if kind == "total" else self.partial(of, wrt)
            case "ddx", (inner, Var() as wrt):
                x = self.scalar(wrt, local)
                up, down = (self.worth(inner, at, {**local, wrt: x + by}) for by in (H, -H))
                return (up - down) / (2 * H)
            case "apply", (Function() as function, x):
                name = self._activation(function, x, at)
                if name not in FUNCTIONS:
                    raise Nonsense(f"{name} of one argument")
                f = FUNCTIONS[name]
                for _ in range(function.order):
                    f = _slope(f)
                return each(f, self.worth(x, at, local))
            case "sum", (Range(index, layer), body):
                width = self._width(layer, at)
                return add([self.worth(body, {**at, index.name: k}, local) for k in range(1, width + 1)])
            case "matrix", rows:
                return [[self.worth(cell, at, local) for cell in row.args] for row in rows if isinstance(row, Form)]
        return combine(node.op, [self.worth(arg, at, local) for arg in node.args])

    def _activation(self, function: Function, x: Node, at: Indices) -> str:
        if function.name != "f":
            return function.name
        if not isinstance(x, Var) or not isinstance(owner := fixed(x, at).owner, Unit | Layer) or not isinstance(owner.layer, int):
            raise Nonsense("f of what no layer owns")
        if not 1 <= owner.layer < len(self.spec.vocabulary.names):
            raise Nonsense(f"f in layer {owner.layer}")
        return self.spec.activations[owner.layer - 1].name

    def _width(self, layer: int | Index, at: Indices) -> int:
        there = place(layer, at)
        if not 0 <= there < len(self.spec.vocabulary.names):
            raise Nonsense(f"layer {there}")
        return len(self.spec.vocabulary.names[there])

    def assignments(self, every: tuple[Over, ...], at: Indices | None = None) -> Iterator[dict[str, int]]:
        """Every choice of the free indices."""
        done = dict(at or {})
        if not every:
            yield done
            return
        first, *rest = every
        values = range(1, self._width(first.layer, done) + 1) if first.layer is not None else first.values
        for value in values:
            yield from self.assignments(tuple(rest), {**done, first.name: value})

    def all_worths(self, node: Node, step: Step) -> list[Any]:
        return [self.worth(node, at) for at in self.assignments(step.every)]


def place(position: int | Index, at: Indices) -> int:
    if isinstance(position, int):
        return position
    if position.name not in at:
        raise Nonsense(f"index {position.name} is bound nowhere")
    return at[position.name] + position.offset


def fixed(var: Var, at: Indices) -> Var:
    """`var` with its free indices given their values; what the input puts out is the input."""
    match var.owner:
        case Unit(layer, index):
            unit = Unit(place(layer, at), place(index, at))
            return Var("input" if var.kind == "out" and unit.layer == 0 else var.kind, unit, var.sample, var.time, var.step)
        case Edge(s, t):
            edge = Edge(Unit(place(s.layer, at), place(s.index, at)), Unit(place(t.layer, at), place(t.index, at)))
            return Var(var.kind, edge, var.sample, var.time, var.step)
        case Layer(layer):
            return Var(var.kind, Layer(place(layer, at)), var.sample, var.time, var.step)
    return var


def each(f: Callable[..., Number], *operands: Any) -> Any:
    """`f` entry by entry; all operands are scalars, or matrices of one shape."""
    if not any(isinstance(x, list) for x in operands):
        return f(*operands)
    shapes = {(len(x), len(x[0])) if isinstance(x, list) else None for x in operands}
    if len(shapes) != 1:
        raise Nonsense(f"shapes {shapes}")
    return [[f(*cells) for cells in zip(*rows, strict=True)] for rows in zip(*operands, strict=True)]


def add(operands: list[Any]) -> Any:
    return each(lambda *xs: sum(xs, MP.mpf(0)), *operands)


def multiply(*factors: Number) -> Number:
    if any(isinstance(x, list) for x in factors):
        raise Nonsense("a matrix in a product of numbers")
    return MP.fprod(factors)


def matmul(left: Any, right: Any) -> Matrix:
    if not isinstance(left, list) or not isinstance(right, list) or len(left[0]) != len(right):
        raise Nonsense("the shapes of a product")
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*right, strict=True)] for row in left]


def combine(op: str, args: list[Any]) -> Any:
    if op in {"hadamard", "transpose", "matmul"} and not all(isinstance(x, list) for x in args):
        raise Nonsense(f"{op} of a number")
    match op:
        case "add":
            return add(args)
        case "neg":
            return each(lambda x: -x, args[0])
        case "times" | "dot":
            return multiply(*args)
        case "hadamard":
            return each(lambda *xs: MP.fprod(xs), *args)
        case "transpose":
            return [list(column) for column in zip(*args[0], strict=True)]
        case "matmul":
            found = args[0]
            for right in args[1:]:
                found = matmul(found, right)
            return found
    if any(isinstance(x, list) for x in args):
        raise Nonsense(f"{op} of a matrix")
    match op:
        case "frac":
            if not args[1]:
                raise Nonsense("division by zero")
            return args[0] / args[1]
        case "pow":
            return args[0] ** args[1]
        case "exp":
            return MP.exp(args[0])
        case "log" | "sqrt" | "sin" | "cos" | "erf":
            return getattr(MP, op)(args[0])
        case "pi":
            return +MP.pi
        case "abs":
            return abs(args[0])
        case "sign":
            return MP.sign(args[0])
        case "max":
            return max(args)
        case "cases":
            return args[1] if args[0] > 0 else args[2]
        case "xlogy":
            return _xlogy(*args)
    raise Nonsense(op)


def alike(left: Any, right: Any) -> bool:
    """Equal to more digits than any error of the differences."""
    if isinstance(left, list) or isinstance(right, list):
        same_shape = isinstance(left, list) and isinstance(right, list) and len(left) == len(right)
        return same_shape and all(alike(a, b) for a, b in zip(left, right, strict=True))
    return bool(abs(left - right) <= TOLERANCE * max(1, abs(left), abs(right)))
