"""Random network files over everything that a network file can say, each made again from its number.

`network(i)` goes through every topology, activation and loss in turn, the rest is drawn; `sparse(i)` all have the sparsity
penalty; `plain(i)` are layered nets of one sample.
Every network is valid: outputs where the loss's logarithms need them, no argument near a kink, at most MOST parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from random import Random

from reference import Network, read

MOST = 30
KINK = 0.005
ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu", "sin", "identity", "formula")
LOSSES = (
    *("half_squared_error", "squared_error", "mean_squared_error", "binary_cross_entropy", "cross_entropy"),
    *("cross_entropy_from_logits", "hinge", "huber", "kl_divergence", "formula"),
)
ACTIVATION_FORMULAS = ("x / (1 + abs(x))", "x^2 / 4 + x", "exp(-x^2)", "ln(1 + x^2)", "x / (1 + exp(-2 * x))")
LOSS_FORMULAS = ("(t - o)^4 / 4", "ln(1 + (t - o)^2)", "exp(o - t) - (o - t)")
DISTRIBUTIONS = {"cross_entropy", "kl_divergence", "cross_entropy_from_logits"}
"""Losses whose targets are distributions."""
WITHIN = {"binary_cross_entropy", "cross_entropy", "kl_divergence"}
"""Losses whose outputs lie between 0 and 1."""
REASONABLE = 25.0
"""The largest gradient that a network for teaching has."""


@dataclass
class Draft:
    """A network file in the making: what it must have, and its lines."""

    random: Random
    hidden: str
    loss: str
    top: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    time: tuple[int, bool] | None = None
    """Of a recurrent network, the number of steps, and whether each has targets."""
    inputs: int = 1
    outputs: int = 1

    def number(self) -> str:
        """A short decimal that is not 0."""
        return f"{self.random.choice([-1, 1]) * self.random.randint(5, 130) / 100}"

    def row(self, length: int) -> str:
        return f"[{', '.join(self.number() for _ in range(length))}]"

    def matrix(self, rows: int, columns: int) -> str:
        return f"[{', '.join(self.row(columns) for _ in range(rows))}]"

    def chance(self, of: float) -> bool:
        return self.random.random() < of

    def activation(self) -> str:
        """What the hidden units are given."""
        return self.random.choice(ACTIVATION_FORMULAS) if self.hidden == "formula" else self.hidden

    def last_activation(self, units: int, *, layer: bool = True) -> str:
        """An activation of the outputs for which the loss is defined."""
        joint = ["softmax"] if layer and units > 1 else []
        if self.loss == "binary_cross_entropy":
            return self.random.choice(["sigmoid", "sigmoid", *joint])
        if self.loss in WITHIN:
            return self.random.choice(["sigmoid", *joint, *joint, *joint])
        if self.loss == "cross_entropy_from_logits":
            return self.random.choice(["identity", "identity", self.activation()])
        return self.random.choice(["identity", "sigmoid", "tanh", self.activation(), *joint])

    def bias(self, units: int) -> str:
        return self.random.choice([f"bias = {self.number()}", f"bias = {self.row(units)}", "bias = false", ""])

    def width(self, most: int = 3, least: int = 1) -> int:
        return self.random.randint(least, most)

    def last_width(self, most: int = 3) -> int:
        """A softmax, or logits, of one output would have no gradient."""
        return self.width(most, 2 if self.loss in DISTRIBUTIONS else 1)


# -- topologies --------------------------------------------------------------------------------------------------------


def _units(draft: Draft, units: int, prefix: str) -> str:
    """A number of units, or (rarely) names."""
    if draft.chance(0.85):
        return str(units)
    return "[" + ", ".join(f'"{prefix}{"abcdefgh"[at]}"' for at in range(units)) + "]"


def _dense(draft: Draft, sizes: list[int], first: int = 1) -> None:
    """[[layers]] that are fully connected, from layer `first` on; the activation of the last suits the loss."""
    for at, (sources, units) in enumerate(pairwise(sizes), first):
        last = at == first + len(sizes) - 2
        activation = draft.last_activation(units) if last else draft.activation()
        if not last and units > 1 and draft.chance(0.04):
            activation = "softmax"
        draft.body += ["", "[[layers]]", f"units = {_units(draft, units, 'uvwyz'[at - 1])}", f'activation = "{activation}"']
        draft.body += [f"weights = {draft.matrix(units, sources)}", draft.bias(units)]
    draft.outputs = sizes[-1]


def _one_hidden(draft: Draft) -> None:
    sizes = [draft.width(), draft.width(), draft.last_width()]
    draft.inputs = sizes[0]
    draft.top.append(f"inputs = {_units(draft, sizes[0], 'x')}")
    _dense(draft, sizes)


def _other_depths(draft: Draft) -> None:
    """No hidden layer, or two, or three."""
    depth = draft.random.choice([0, 2, 2, 3])
    sizes = [draft.width(), *(draft.width(2) for _ in range(depth)), draft.last_width()]
    draft.inputs = sizes[0]
    draft.top.append(f"inputs = {sizes[0]}")
    _dense(draft, sizes)


def _graph(draft: Draft, *, shared: bool = False) -> None:
    """Units that read any inputs and units before them; `shared` names stand on several edges and in several biases."""
    inputs = [f"i{at}" for at in range(1, draft.width() + 1)]
    hidden = [f"h{at}" for at in range(1, draft.width(4) + 1)]
    outputs = [f"o{at}" for at in range(1, draft.last_width(2) + 1)]
    weights, biases, tables = _Names(draft, "w", shared), _Names(draft, "b", shared), []
    unread = set(hidden)
    for at, name in enumerate([*hidden, *outputs]):
        sources = _sources(draft, inputs, hidden, outputs, at)
        unread -= set(sources)
        is_last = at >= len(hidden)
        if name == outputs[-1]:
            sources += sorted(unread)
        activation = draft.last_activation(1, layer=False) if is_last else draft.activation()
        reads = ", ".join(f'{source} = "{weights.next()}"' for source in sources)
        lines = ["", "[[units]]", f'name = "{name}"', f'activation = "{activation}"', f"inputs = {{ {reads} }}"]
        tables.append([*lines, f'bias = "{biases.next()}"'] if draft.chance(0.6) else lines)
    if draft.chance(0.2):
        draft.random.shuffle(tables)
    listed = [", ".join(f'"{name}"' for name in names) for names in (inputs, outputs)]
    draft.top += [f"inputs = [{listed[0]}]", f"outputs = [{listed[1]}]"]
    draft.body += [line for table in tables for line in table]
    draft.body += ["", "[parameters]", *(f"{name} = {draft.number()}" for name in [*weights.used, *biases.used])]
    draft.inputs, draft.outputs = len(inputs), len(outputs)


def _sources(draft: Draft, inputs: list[str], hidden: list[str], outputs: list[str], at: int) -> list[str]:
    """What unit number `at` reads: inputs and hidden units before it; an output reads a hidden unit, and now and then an output."""
    is_last = at >= len(hidden)
    before = [*inputs, *hidden[:at]]
    sources = draft.random.sample(before, min(len(before), draft.width()))
    if not set(sources) & set(hidden) and (is_last or (at and draft.chance(0.6))):
        sources[0] = hidden[at - 1] if not is_last else hidden[-1]
    return [*sources, outputs[0]] if at > len(hidden) and draft.chance(0.3) else sources


class _Names:
    """w1, w2, …, where names are shared one that was there before now and then."""

    def __init__(self, draft: Draft, letter: str, shared: bool) -> None:
        self.draft, self.letter, self.shared = draft, letter, shared
        self.used: list[str] = []

    def next(self) -> str:
        if self.shared and self.used and self.draft.chance(0.45):
            return self.draft.random.choice(self.used)
        self.used.append(f"{self.letter}{len(self.used) + 1}")
        return self.used[-1]


def _shared_graph(draft: Draft) -> None:
    _graph(draft, shared=True)


def _convolution(draft: Draft) -> None:
    """One or two convolutions, mostly with a dense layer after them."""
    least = 2 if draft.loss in DISTRIBUTIONS else 1
    size = draft.inputs = draft.random.randint(3, 5)
    draft.top.append(f"inputs = {size}")
    several = size > 3 and draft.chance(0.4)
    dense = draft.chance(0.75)
    for at in range(1, 2 + several):
        last = not dense and at == 1 + several
        entries = draft.random.randint(2, min(3, size - least)) if size - least > 2 and not several else 2
        size = size - entries + 1
        activation = draft.last_activation(size) if last else draft.activation()
        draft.body += ["", "[[layers]]", f"kernel = {draft.row(entries)}", f'activation = "{activation}"']
        draft.body.append(draft.random.choice([f"bias = {draft.number()}", "bias = false", ""]))
    draft.outputs = size
    if dense:
        _dense(draft, [size, draft.last_width()], 2 + several)


def _recurrent(draft: Draft) -> None:
    units, steps, every = draft.width(2), draft.width(4, 1), draft.chance(0.5)
    draft.inputs, draft.time = draft.width(2), (steps, every)
    draft.top.append(f"inputs = {draft.inputs}")
    draft.body += ["", "[recurrent]", f"units = {units}", f'activation = "{draft.activation()}"']
    draft.body += [f"input_weights = {draft.matrix(units, draft.inputs)}", f"recurrent_weights = {draft.matrix(units, units)}"]
    draft.body += [draft.bias(units), f"start = {draft.row(units)}" if draft.chance(0.3) else ""]
    draft.body.append(f'error = "{"every" if every else "last"}"' if not every or draft.chance(0.7) else "")
    _dense(draft, [units, draft.width(2), draft.last_width(2)] if draft.chance(0.3) else [units, draft.last_width(2)], 2)


TOPOLOGIES: dict[str, Callable[[Draft], None]] = {
    "one hidden layer": _one_hidden,
    "other depths": _other_depths,
    "graph": _graph,
    "shared graph": _shared_graph,
    "convolution": _convolution,
    "recurrent": _recurrent,
}


# -- samples, options --------------------------------------------------------------------------------------------------


def _targets(draft: Draft) -> str:
    """Targets of one sample at one time, in the range of the loss."""
    random, count = draft.random, draft.outputs
    if draft.loss in DISTRIBUTIONS:
        if draft.loss == "cross_entropy" and draft.chance(0.15):
            return "[" + ", ".join(f"{random.randint(1, 9) / 10}" for _ in range(count)) + "]"
        cuts = sorted(random.randint(0, 20) for _ in range(count - 1))
        parts = [b - a for a, b in pairwise([0, *cuts, 20])]
        one = random.randrange(count)
        if draft.chance(0.4):
            parts = [20 * (at == one) for at in range(count)]
        return "[" + ", ".join(f"{part / 20:g}" for part in parts) + "]"
    if draft.loss == "binary_cross_entropy":
        return "[" + ", ".join(random.choice(["0", "1", "0.3", "0.85"]) for _ in range(count)) + "]"
    if draft.loss == "hinge":
        return "[" + ", ".join(random.choice(["1", "-1"]) for _ in range(count)) + "]"
    return draft.row(count)


def _sample(draft: Draft) -> list[str]:
    if draft.time is None:
        return ["", "[[samples]]", f"inputs = {draft.row(draft.inputs)}", f"targets = {_targets(draft)}"]
    steps, every = draft.time
    targets = f"[{', '.join(_targets(draft) for _ in range(steps))}]" if every else _targets(draft)
    return ["", "[[samples]]", f"inputs = {draft.matrix(steps, draft.inputs)}", f"targets = {targets}"]


def _options(draft: Draft, *, sparse: bool, in_order: bool) -> list[str]:
    """Regularisation and reduction, and what changes no gradient: the delta's sign, the update, which may be `in_order` of layers."""
    random = draft.random
    optional = {
        'reduction = "mean"': 0.35,
        'reduction = "sum"': 0.2,
        f"weight_decay = {random.choice(['0.1', '0.01', '0.5', '0.001'])}": 0.3,
        f"l1 = {random.choice(['0.1', '0.02', '0.001'])}": 0.2,
        f"decay_biases = {random.choice(['true', 'true', 'false'])}": 0.3,
        f"sparsity = {{ rho = {random.choice(['0.05', '0.2'])}, beta = {random.choice(['3', '0.5'])} }}": 0.7 if sparse else 0.0,
        f"delta_sign = {random.choice(['-1', '-1', '1'])}": 0.25,
        f"train_bias = {random.choice(['true', 'false'])}": 0.2,
        "learning_rate = 0.5": 0.4,
        'update = "output_first"': 0.5 if in_order else 0.0,
        'update = "simultaneous"': 0.0 if in_order else 0.1,
        'training = "online"': 0.1,
        'optimizer = "momentum"\nmomentum = 0.9': 0.1,
        'optimizer = "adam"': 0.1,
    }
    chosen = [line for line, of in optional.items() if draft.chance(of)]
    if sum("optimizer" in line for line in chosen) > 1:
        chosen = [line for line in chosen if "momentum" not in line]
    if 'update = "output_first"' in chosen:
        chosen = [line for line in chosen if "optimizer" not in line]
    if sum("reduction" in line for line in chosen) > 1:
        chosen.remove('reduction = "sum"')
    if any("decay_biases" in line for line in chosen) and not any("weight_decay" in line or "l1" in line for line in chosen):
        chosen.append("weight_decay = 0.05")
    return chosen


def _draw(seed: str, topology: str, hidden: str, loss: str) -> str:
    """One attempt."""
    draft = Draft(Random(seed), hidden, loss)
    TOPOLOGIES[topology](draft)
    name = draft.random.choice(LOSS_FORMULAS) if loss == "formula" else loss
    sparse = hidden == "sigmoid" and "softmax" not in "".join(draft.body)
    samples = draft.random.choice([1, 1, 2, 3])
    in_order = topology in {"one hidden layer", "other depths"} and samples == 1
    lines = [f'title = "{topology}, {hidden}, {loss}"', f'loss = "{name}"', *_options(draft, sparse=sparse, in_order=in_order)]
    lines += [*draft.top, *draft.body]
    for _ in range(samples):
        lines += _sample(draft)
    return "\n".join(line for at, line in enumerate(lines) if line or (at + 1 < len(lines) and lines[at + 1].startswith("["))) + "\n"


def _fit(text: str) -> bool:
    """Small, with an error that is a number, away from every kink, and with gradients that are neither all 0 nor huge."""
    try:
        found: Network = read(text)
        if (
            len(found.values) > MOST
            or ("sparsity" in found.table and not found.hidden())
            or found.nearest_kink() < KINK
            or not abs(found.error()) < 1e6
        ):
            return False
    except (ValueError, OverflowError, ZeroDivisionError):
        return False
    return 1e-3 < max(map(abs, found.gradients().values())) < REASONABLE


@cache
def network(index: int) -> str:
    """The network file number `index`: its topology, activation and loss follow from the number."""
    topology = list(TOPOLOGIES)[index % len(TOPOLOGIES)]
    pair = index // len(TOPOLOGIES) + 50 * (index % len(TOPOLOGIES))
    hidden, loss = ACTIVATIONS[pair % len(ACTIVATIONS)], LOSSES[pair % len(LOSSES)]
    for attempt in range(1000):
        if _fit(text := _draw(f"network {index} {attempt}", topology, hidden, loss)):
            return text
    raise AssertionError(f"no network {index}")


@cache
def sparse(index: int) -> str:
    """A network with the sparsity penalty: every topology in turn, any loss; a recurrent one has several steps."""
    topology = list(TOPOLOGIES)[index % len(TOPOLOGIES)]
    for attempt in range(1000):
        text = _draw(f"sparse {index} {attempt}", topology, "sigmoid", LOSSES[index // 2 % len(LOSSES)])
        if "sparsity" in text and _fit(text) and (topology != "recurrent" or "], [" in text.split("[[samples]]")[1].split("targets")[0]):
            return text
    raise AssertionError(f"no sparse network {index}")


@cache
def plain(index: int) -> str:
    """A layered network of sigmoid, tanh and identity units with a squared error of one sample."""
    random = Random(f"plain {index}")
    for attempt in range(1000):
        draft = Draft(Random(f"plain {index} {attempt}"), random.choice(["sigmoid", "tanh", "identity"]), "squared_error")
        lines = [f'title = "plain {index}"', f'loss = "{random.choice(["half_squared_error", "squared_error"])}"']
        TOPOLOGIES[random.choice(["one hidden layer", "other depths"])](draft)
        text = "\n".join([*lines, *draft.top, *draft.body, *_sample(draft)]) + "\n"
        if "softmax" not in text and _fit(text):
            return text
    raise AssertionError(f"no plain network {index}")
