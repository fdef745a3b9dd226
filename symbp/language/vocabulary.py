"""`Vocabulary`: which quantities a network has, how its units are connected, and canonical names.

The canonical names are those of JSON and Python whatever the notation: i1, h1 (or h1_2), o1; w1, w2, … numbered unit by
unit through all layers; b1, b2 for a bias that layer 1, 2 shares, b_h1 for one per unit; wxh_1_2, whh_1_2, why_1_2 in a recurrent
network; a parameter's own name where it has one; net_h1, out_h1, t1, E_o1, E, delta_h1, dE/dw5, w5+. Where there are several samples
or time steps, @s2, @t3 or @s2t3 follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from symbp.language.form import Edge, Layer, Parameter, Unit, Var


class Sharing(StrEnum):
    """How a layer's units come by their biases."""

    SHARED = "shared"
    UNIT = "unit"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Connection:
    """An arrow into a unit: `weight` times the out of `source`, `delay` time steps before."""

    weight: Var
    source: Unit
    delay: int = 0


@dataclass(frozen=True)
class Wiring:
    """A network given unit by unit: the connections and the bias of each unit, and the units that are outputs.

    `kernels[l]` holds the shared weights of a layer that is a convolution.
    """

    connections: Mapping[Unit, tuple[Connection, ...]]
    biases: Mapping[Unit, Var]
    outputs: tuple[Unit, ...]
    kernels: Mapping[int, tuple[Var, ...]] = field(default_factory=dict)


EXTRAS: Mapping[str, str] = {
    "weight_decay": "lambda",
    "l1": "lambda_1",
    "rho": "rho",
    "beta": "beta",
    "momentum": "mu",
    "beta1": "beta_1",
    "beta2": "beta_2",
    "epsilon": "eps",
    "squares": "S_2",
    "magnitudes": "S_1",
    "error_data": "E_data",
    "update_number": "n",
}
"""Quantities that only some networks have: their kind, and their canonical name."""

KEPT: Mapping[str, str] = {
    "velocity": "v",
    "first_moment": "m",
    "first_corrected": "mhat",
    "second_moment": "v",
    "second_corrected": "vhat",
}
"""What optimizers keep for each parameter: the kind, and its canonical letter."""
KEPT_WITH: Mapping[str, tuple[str, ...]] = {
    "momentum": ("velocity",),
    "beta1": ("first_moment", "first_corrected"),
    "beta2": ("second_moment", "second_corrected"),
}
"""The constant that each of these comes with."""


@dataclass(frozen=True)
class Vocabulary:
    """`names[l]` are the units of layer l (0 is the input); `sharing[l - 1]` is about the biases of layer l.

    With `wiring` the layers are only depths, and it says what is connected. `times` above 0 makes layer 1 recurrent, unrolled over so
    many steps; `error_at` are the steps that carry an error. `extras` are kinds of EXTRAS, "mean_activation", or "online".
    """

    names: tuple[tuple[str, ...], ...]
    sharing: tuple[Sharing, ...] = ()
    samples: int = 1
    times: int = 0
    error_at: tuple[int, ...] = ()
    wiring: Wiring | None = None
    extras: tuple[str, ...] = ()

    # -- units and instances ---------------------------------------------------------------------------------------

    @property
    def last(self) -> int:
        """The last layer, where 0 is the input."""
        return len(self.names) - 1

    @property
    def is_layered(self) -> bool:
        """Does every layer feed the next, and nothing else?"""
        return self.wiring is None and not self.times

    @cached_property
    def distinguishes(self) -> bool:
        """Do derivatives along one edge and along every path differ: by a skip, a weight that is shared, or time?"""
        if self.times:
            return True
        arrows = [(unit, arrow) for unit, own in self._connections.items() for arrow in own] if self.wiring else []
        skips = any(arrow.source.layer + 1 != unit.layer for unit, arrow in arrows)  # type: ignore[operator]
        return skips or len({arrow.weight for _, arrow in arrows}) < len(arrows)

    @cached_property
    def outputs(self) -> tuple[Unit, ...]:
        """The units whose outs are compared with targets."""
        return self.wiring.outputs if self.wiring else self.units(self.last)

    @property
    def every_sample(self) -> range:
        return range(1, self.samples + 1)

    @property
    def every_time(self) -> tuple[int | None, ...]:
        """The time steps; a network without time has one instance of each unit."""
        return tuple(range(1, self.times + 1)) if self.times else (None,)

    @property
    def error_times(self) -> tuple[int | None, ...]:
        """The time steps at which outputs are compared with targets."""
        return self.error_at if self.times else (None,)

    def width(self, layer: int) -> int:
        return len(self.names[layer])

    @cached_property
    def widest(self) -> int:
        return max(len(layer) for layer in self.names)

    def units(self, layer: int) -> tuple[Unit, ...]:
        return tuple(Unit(layer, i) for i in range(1, self.width(layer) + 1))

    def unit_name(self, unit: Unit) -> str:
        assert isinstance(unit.layer, int) and isinstance(unit.index, int)
        return self.names[unit.layer][unit.index - 1]

    def is_there(self, unit: Unit, time: int | None) -> bool:
        """Is `unit` computed at `time`? What follows the recurrent layer is so only where an error is taken."""
        return time is None or unit.layer in {0, 1} or time in self.error_at

    def layer_nets(self, layer: int, sample: int = 1, time: int | None = None) -> tuple[Var, ...]:
        """The net inputs of one layer at one sample and time step."""
        return tuple(Var("net", unit, sample, time) for unit in self.units(layer) if self.is_there(unit, time))

    def nets(self, sample: int = 1, time: int | None = None) -> Iterator[Var]:
        """The net inputs of one sample and time step, in the order of computation."""
        for layer in range(1, self.last + 1):
            yield from self.layer_nets(layer, sample, time)

    def instances(self) -> Iterator[Var]:
        """The net inputs of every sample, time step and unit, in the order of computation."""
        for sample in self.every_sample:
            for time in self.every_time:
                yield from self.nets(sample, time)

    # -- connections -----------------------------------------------------------------------------------------------

    @cached_property
    def _connections(self) -> dict[Unit, tuple[Connection, ...]]:
        if self.wiring:
            return dict(self.wiring.connections)
        found = {}
        for layer in range(1, self.last + 1):
            for unit in self.units(layer):
                own = [Connection(Var("weight", Edge(source, unit)), source) for source in self.units(layer - 1)]
                if self.times and layer == 1:
                    own += [Connection(Var("weight", Edge(source, unit)), source, 1) for source in self.units(1)]
                found[unit] = tuple(own)
        return found

    def connections(self, unit: Unit) -> tuple[Connection, ...]:
        """The arrows into `unit`."""
        return self._connections.get(unit, ())

    @cached_property
    def _feeds(self) -> dict[Unit, tuple[tuple[Connection, Unit], ...]]:
        found: dict[Unit, list[tuple[Connection, Unit]]] = {}
        for target, arrows in self._connections.items():
            for arrow in arrows:
                found.setdefault(arrow.source, []).append((arrow, target))
        return {unit: tuple(arrows) for unit, arrows in found.items()}

    def feeds(self, unit: Unit) -> tuple[tuple[Connection, Unit], ...]:
        """The arrows out of `unit`, each with the unit that it leads to."""
        return self._feeds.get(unit, ())

    @cached_property
    def _users(self) -> dict[Var, tuple[tuple[Unit, Connection | None], ...]]:
        found: dict[Var, list[tuple[Unit, Connection | None]]] = {}
        for unit, arrows in self._connections.items():
            for arrow in arrows:
                found.setdefault(arrow.weight, []).append((unit, arrow))
            if (bias := self.bias(unit)) is not None:
                found.setdefault(bias, []).append((unit, None))
        return {parameter: tuple(users) for parameter, users in found.items()}

    def users(self, parameter: Var) -> tuple[tuple[Unit, Connection | None], ...]:
        """The units that use `parameter`: on a connection, or (None) as their bias."""
        return self._users.get(parameter, ())

    def sources(self, net: Var) -> tuple[tuple[Var, Var], ...]:
        """The terms of a net input: (weight, what it multiplies)."""
        assert isinstance(net.owner, Unit)
        return tuple((arrow.weight, self.source(arrow, net)) for arrow in self.connections(net.owner))

    def source(self, arrow: Connection, net: Var) -> Var:
        """What `arrow` brings to the net input `net`."""
        assert net.time is None or isinstance(net.time, int)
        time = None if net.time is None else net.time - arrow.delay
        return self.out(arrow.source, net.sample if isinstance(net.sample, int) else 1, time)

    def fed(self, out: Var) -> tuple[tuple[Var, Var], ...]:
        """The net inputs in which `out` stands, each after the weight that multiplies it there."""
        assert isinstance(out.owner, Unit)
        found = []
        for arrow, target in self.feeds(out.owner):
            time = None if out.time is None else out.time + arrow.delay  # type: ignore[operator]
            if time is None or (1 <= time <= self.times and self.is_there(target, time)):
                found.append((arrow.weight, Var("net", target, out.sample, time)))
        return tuple(found)

    def uses(self, parameter: Var) -> Iterator[tuple[Var, Var | None]]:
        """Every place where `parameter` stands: the net input, and what it multiplies there (nothing, for a bias)."""
        for sample in self.every_sample:
            for time in self.every_time:
                for unit, arrow in self.users(parameter):
                    if not self.is_there(unit, time):
                        continue
                    net = Var("net", unit, sample, time)
                    yield net, None if arrow is None else self.source(arrow, net)

    # -- parameters ------------------------------------------------------------------------------------------------

    @cached_property
    def _weights_before(self) -> tuple[int, ...]:
        counts = [0]
        for layer in range(1, self.last + 1):
            counts.append(counts[-1] + self.width(layer) * self.width(layer - 1))
        return tuple(counts)

    def weight_number(self, edge: Edge) -> int:
        """Weights are numbered from 1, unit by unit through all layers."""
        layer, row, column = edge.target.layer, edge.target.index, edge.source.index
        assert isinstance(layer, int) and isinstance(row, int) and isinstance(column, int)
        return self._weights_before[layer - 1] + (row - 1) * self.width(layer - 1) + column

    def block(self, edge: Edge) -> str:
        """In a recurrent network, the matrix that a weight belongs to: xh, hh, hy, or the layer that it leads into."""
        layer = edge.target.layer
        if layer == 1:
            return "hh" if edge.source.layer == 1 else "xh"
        return "hy" if layer == self.last == 2 else str(layer)

    def bias(self, unit: Unit) -> Var | None:
        """The bias that `unit` adds, which may be one that its whole layer shares."""
        if self.wiring:
            return self.wiring.biases.get(unit)
        assert isinstance(unit.layer, int)
        match self.sharing[unit.layer - 1]:
            case Sharing.SHARED:
                return Var("bias", Layer(unit.layer))
            case Sharing.UNIT:
                return Var("bias", unit)
            case _:
                return None

    def weights(self, unit: Unit) -> tuple[Var, ...]:
        """The weights of `unit`, one per connection."""
        return tuple(arrow.weight for arrow in self.connections(unit))

    def layer_weights(self, layer: int) -> tuple[Var, ...]:
        """The distinct weights that first stand in `layer`."""
        return tuple(p for p in self._by_layer[layer] if p.kind == "weight")

    def biases(self, layer: int) -> tuple[Var, ...]:
        """The distinct biases that first stand in `layer`."""
        return tuple(p for p in self._by_layer[layer] if p.kind == "bias")

    @cached_property
    def _by_layer(self) -> dict[int, list[Var]]:
        seen: set[Var] = set()
        found: dict[int, list[Var]] = {}
        for layer in range(1, self.last + 1):
            units = self.units(layer)
            every = [w for unit in units for w in self.weights(unit)] + [b for b in map(self.bias, units) if b is not None]
            found[layer] = [p for p in dict.fromkeys(every) if p not in seen]
            seen.update(found[layer])
        return found

    def parameters(self) -> Iterator[Var]:
        """Every weight and bias: layer by layer, the weights first."""
        for layer in range(1, self.last + 1):
            yield from self.layer_weights(layer)
            yield from self.biases(layer)

    def out(self, unit: Unit, sample: int = 1, time: int | None = None) -> Var:
        """What `unit` passes on: an input, or a unit's out."""
        return Var("input" if unit.layer == 0 else "out", unit, sample, time)

    # -- every quantity --------------------------------------------------------------------------------------------

    def variables(self) -> Iterator[Var]:
        """Every scalar quantity of the network, and the parameters after an update."""
        for sample in self.every_sample:
            for time in self.every_time:
                yield from self._instance(sample, time)
            if self.times:
                yield from (Var("out", unit, sample, 0) for unit in self.units(1))
            if self.samples > 1:
                yield Var("error_sample", None, sample)
        for parameter in self.parameters():
            yield parameter
            yield Var(parameter.kind, parameter.owner, step=1)
            yield from self._kept(parameter)
        for kind in self.extras:
            if kind in EXTRAS:
                yield Var(kind)
            elif kind == "mean_activation":
                yield from (Var(k, unit) for unit in self.hidden for k in ("mean_activation", "divergence"))
        yield Var("error_total")
        yield Var("error_total", step=1)
        yield Var("learning_rate")

    def _kept(self, parameter: Var) -> Iterator[Var]:
        """What the optimizer keeps for `parameter`, before and after the first update; online, that is one with the first sample."""
        sample = 1 if "online" in self.extras else None
        if sample:
            yield Var(parameter.kind, parameter.owner, sample, step=1)
        for kind in (kind for extra in self.extras for kind in KEPT_WITH.get(extra, ())):
            if not kind.endswith("corrected"):
                yield Var(kind, parameter)
            yield Var(kind, parameter, sample, step=1)

    @property
    def hidden(self) -> tuple[Unit, ...]:
        """The units that are neither inputs nor outputs."""
        return tuple(u for at in range(1, self.last + 1) for u in self.units(at) if u not in self.outputs)

    def _instance(self, sample: int, time: int | None) -> Iterator[Var]:
        for unit in self.units(0):
            yield Var("input", unit, sample, time)
        if time in self.error_times:
            for unit in self.outputs:
                yield Var("target", unit, sample, time)
                yield Var("error", unit, sample, time)
            if time is not None:
                yield Var("error_sample", None, sample, time)
        for net in self.nets(sample, time):
            yield from (Var(kind, net.owner, sample, time) for kind in ("net", "out", "delta"))

    def canonical(self, var: Var) -> str:
        """The name of a concrete scalar quantity in JSON and Python."""
        mark = (f"s{var.sample}" if self.samples > 1 and var.sample is not None else "") + (f"t{var.time}" if var.time is not None else "")
        return self._canonical(var) + {0: "", 1: "+"}.get(var.step, f"+{var.step}") + (f"@{mark}" if mark else "")

    def _canonical(self, var: Var) -> str:
        match var.kind, var.owner:
            case _, Parameter(name):
                return f"dE/d{name}" if var.kind == "gradient" else name
            case "weight", Edge() as edge:
                return f"w{self.block(edge)}_{edge.target.index}_{edge.source.index}" if self.times else f"w{self.weight_number(edge)}"
            case "bias", Layer(layer):
                return f"b{layer}"
            case "bias", Unit() as unit:
                return f"b_{self.unit_name(unit)}"
            case "input", Unit() as unit:
                return self.unit_name(unit)
            case "target", Unit() as unit:
                return f"t{self.outputs.index(unit) + 1}"
            case "error", Unit() as unit:
                return f"E_{self.unit_name(unit)}"
            case ("net" | "out" | "delta") as kind, Unit() as unit:
                return f"{kind}_{self.unit_name(unit)}"
            case ("mean_activation" | "divergence") as kind, Unit() as unit:
                return f"{'rho' if kind == 'mean_activation' else 'KL'}_{self.unit_name(unit)}"
            case "gradient", owner:
                return f"dE/d{self._canonical(Var('bias' if isinstance(owner, Unit | Layer) else 'weight', owner))}"
            case (("error_total" | "error_sample"), None):
                return "E"
            case "learning_rate", None:
                return "eta"
            case kind, Var() as parameter if kind in KEPT:
                return f"{KEPT[kind]}_{self._canonical(parameter)}"
            case kind, None if kind in EXTRAS:
                return EXTRAS[kind]
        raise AssertionError(f"no canonical name for {var}")
