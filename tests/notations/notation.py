"""Personal notations: what a person calls things and what they write down, drawn at random, the same all through a work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from notations.nets import Network
from notations.truth import Sense

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Notation:
    """Every choice is a feature by which the measure tells apart what breaks. Letters are keys of `pen.LETTERS`."""

    medium: str  # tex, md, ascii, unicode
    units: str  # named, super, double, through, letters, suffix, call; of whole layers: super, sub, named, letters
    brackets: str  # around a layer above: "()", "[]" or none
    layer_shift: int  # what is added to the number of a layer
    weight_shift: int  # the same, of a weight's
    first: int  # from where units are counted
    net: str
    out: str
    x: str
    t: str
    w: str
    b: str
    delta: str
    error: str
    eta: str
    by_layer: tuple[Pair, ...]  # letters of net and out, layer by layer, where units is "letters"
    hat: bool  # the outputs are ŷ, the targets y
    lone: bool  # the only unit of a layer has no index
    inputs_out: bool  # the inputs are outs of layer 0
    weights: str  # through, edge, named, letters, units
    lead: str  # the first index is where an edge leads "into", or where it comes "from"
    numbering: str  # weights are numbered by "unit" or by "source"
    derivative: str
    gradient: str  # a name of one's own for dE/dw: g, grad, d, dE_d; or none
    update: str  # plus, prime, new, arrow, assign
    sign: str  # of a product
    function: str  # an activation as sigma, f, name, or written out
    half: str
    transposed: str
    braces: bool
    capitals: bool  # Net_H1, not net_h1
    joined: bool
    # what is written down
    forward: bool
    blame: str  # delta, slope or expanded: how the derivative by a net input enters
    anchored: bool  # delta is defined as the derivative that it is
    delta_sign: int
    per_sample: bool
    rows: bool  # a sample is a row
    worked: bool  # a(1 - a), not f'(z)
    turned: bool  # -(t - o), not o - t
    chains: str  # the chain rule written out: none, output, all
    locals: bool  # rows for dnet/dw and the like
    updates: bool
    general: bool  # rows with a free index
    broken: bool  # a chain over several lines
    digits: int

    @property
    def sense(self) -> Sense:
        """What of it decides about truth."""
        return Sense(self.delta_sign, self.per_sample, self.rows)

    @property
    def tex(self) -> bool:
        """Whether formulas are LaTeX."""
        return self.medium in {"tex", "md"}

    def features(self) -> dict[str, str]:
        """For the tables."""
        return {name: str(value) for name, value in asdict(self).items()}


def drawn(network: Network, rng: Random) -> Notation:
    """A notation that suits the network; whether it is without ambiguity is seen when it is spelled."""
    choices = _scalar(network, rng) if network.kind in {"scalar", "numbers"} else _whole(network, rng)
    choices = {**_common(network, rng), **choices}
    if choices["blame"] == "delta" and choices["derivative"] == "frac delta":
        choices["blame"] = "slope"
    return Notation(**{**choices, "delta_sign": choices["delta_sign"] if choices["blame"] == "delta" else 1})


def _common(network: Network, rng: Random) -> dict[str, Any]:
    pick = rng.choice
    medium = pick(["tex", "md", "md", "ascii", "unicode"])
    tex = medium in {"tex", "md"}
    same = len({name for name in network.activations if name not in {"identity", "softmax"}}) == 1
    delta = pick(["delta", "delta", "delta", "d"])
    derivatives = {"tex": _TEX, "md": _TEX, "ascii": ["d/d", "d/d", "d()/d()", "D[]"], "unicode": ["∂/∂", "∂/∂", "d/d"]}[medium]
    derivative = pick(derivatives)
    return {
        "medium": medium,
        "first": 1,
        "delta": delta,
        "error": pick(["E", "E", "J", "L", "C"] + (["calL", "Etot"] if tex else ["Etot", "Loss"])),
        "eta": pick(["eta", "eta", "alpha", *([] if tex else ["lr"])]),
        "by_layer": (),
        "brackets": pick(["()", "[]"]),
        "inputs_out": False,
        "numbering": "unit",
        "derivative": derivative,
        "gradient": pick(["", "", "", "grad", "d"]),
        "update": pick(["plus", "prime", "new", "arrow"] if tex else ["plus", "new", "assign"]),
        "sign": pick(["", r" \cdot ", r" \, ", r" \times "] if tex else [" * ", "*"] if medium == "ascii" else ["·", " · ", "*"]),
        "half": pick(
            [r"\frac{1}{2}", r"\tfrac{1}{2}", r"\frac12", "0.5"] if tex else ["1/2", "0.5"] if medium == "ascii" else ["½", "1/2"]
        ),
        "function": pick(["sigma", "name", "written", *(["f", "f"] if same else [])]),
        "transposed": pick(["^T", r"^{\top}", r"^{\mathsf T}"] if tex else [".T", "^T"] if medium == "ascii" else ["ᵀ", "^T"]),
        "braces": pick([True, False]),
        "capitals": rng.random() < 0.15,
        "joined": pick([True, False]),
        "forward": rng.random() < 0.75,
        "blame": pick(["delta", "delta", "slope"]),
        "anchored": rng.random() < 0.6,
        "delta_sign": 1,
        "per_sample": False,
        "rows": False,
        "worked": rng.random() < 0.6,
        "turned": rng.random() < 0.4,
        "chains": pick(["none", "output", "all"]),
        "locals": rng.random() < 0.5,
        "updates": rng.random() < 0.6,
        "general": False,
        "broken": False,
        "digits": pick([4, 5, 6, 8]),
        "lead": pick(["into", "from"]),
        "hat": rng.random() < 0.25,
        "lone": rng.random() < 0.6,
    }


_TEX = ["frac ∂", "frac ∂", "frac ∂", "dfrac ∂", "frac d", "frac rm", "∂/∂", "nabla", "frac delta"]
_NETS: dict[str, Sequence[Pair]] = {
    "named": [("net", "out"), ("z", "a"), ("net", "o"), ("s", "y"), ("in", "out"), ("net", "a"), ("u", "v"), ("a", "h"), ("z", "h")],
    "super": [("z", "a"), ("net", "o"), ("a", "z"), ("z", "h"), ("s", "a"), ("u", "v"), ("v", "y"), ("n", "a"), ("a", "h")],
    "letters": [("u", "h"), ("p", "h"), ("r", "h"), ("a", "z"), ("s", "h")],
}
_OUTPUTS = [("v", "o"), ("q", "y"), ("g", "y"), ("c", "o")]


def _scalar(network: Network, rng: Random) -> dict[str, Any]:
    """Units by name, by number, by number and layer, or by a letter for each layer."""
    pick, deep = rng.choice, network.last > 2
    units = pick(["super", "super", "double", "through", *([] if deep else ["named", "named", "letters", "suffix", "call"])])
    net, out = pick(_NETS.get(units, _NETS["super"]))
    if units in {"suffix", "call"}:
        net, out = pick([("net", "out"), ("in", "out"), ("z", "a") if units == "call" else ("net", "out")])
    output = pick(_OUTPUTS)
    weights = {
        "named": ["through", "through", "named"],
        "super": ["edge", "edge", "through"],
        "double": ["edge", "through"],
        "through": ["units", "through"],
        "letters": ["letters", "letters", "through"],
        "suffix": ["through", "named"],
        "call": ["through", "named"],
    }[units]
    shift = pick([0, 0, 0, 1]) if units in {"super", "double"} else 0
    hat = units not in {"suffix", "call"} and out != "y" and output[1] != "y" and rng.random() < 0.3
    weight = pick(weights)
    return {
        "units": units,
        "net": net,
        "out": out,
        "x": pick(["x", "x", "i"]),
        "t": "y" if hat else pick(["t", "t", "y", "target" if units in {"named", "suffix", "call"} else "t"]),
        "w": pick(["w", "w", "w", "W", "theta"]) if weight in {"edge", "through"} else "w",
        "b": pick(["b", "b", "beta"]),
        "by_layer": ((net, out), output) if units == "letters" else (),
        "layer_shift": shift,
        "weight_shift": pick([shift, max(shift - 1, 0)]),
        "first": pick([1, 1, 1, 0]) if units in {"super", "letters", "through"} else 1,
        "hat": hat,
        "inputs_out": units == "super" and rng.random() < 0.3,
        "weights": weight,
        "numbering": pick(["unit", "unit", "source"]) if network.kind == "scalar" else "unit",
        "gradient": pick(["", "", "", "g", "grad", "d", "dE_d"]) if weight == "through" else pick(["", "", "grad", "d"]),
        "blame": pick(["delta", "delta", "slope", *([] if deep else ["expanded"])]),
        "delta_sign": pick([1] * 9 + [-1]),
        "broken": network.kind == "scalar" and rng.random() < 0.25,
    }


def _whole(network: Network, rng: Random) -> dict[str, Any]:
    """Whole layers: their number above or below, their name, or a letter each."""
    pick, recurrent = rng.choice, network.kind == "recurrent"
    units = "letters" if recurrent else pick(["super", "super", "sub", "sub", *(["named", "letters"] if network.last == 2 else [])])
    net, out = pick([("z", "a"), ("z", "h"), ("a", "h"), ("s", "h"), ("u", "h")] if not recurrent else [("z", "h"), ("a", "h"), ("s", "h")])
    shift = pick([0, 0, 0, 1]) if units == "super" else 0
    hat = rng.random() < 0.5 and not (units == "letters" and not recurrent)
    return {
        "units": units,
        "net": net,
        "out": out,
        "x": "x",
        "t": "y" if hat or recurrent else pick(["y", "t"]),
        "w": pick(["W", "W", "W", "Theta"]) if units != "letters" else "W",
        "b": "b",
        "by_layer": ((net, out), pick([("v", "o"), ("q", "p"), ("r", "o")])) if units == "letters" else (),
        "layer_shift": shift,
        "weight_shift": pick([shift, max(shift - 1, 0)]),
        "hat": hat,
        "inputs_out": units in {"super", "sub"} and rng.random() < 0.3,
        "weights": pick(["letters", "named"]) if units == "letters" else "through",
        "gradient": pick(["", "", "d", "grad"]),
        "rows": not recurrent and rng.random() < 0.4,
        "per_sample": network.mean and rng.random() < 0.6,
        "general": rng.random() < 0.3,
        "lone": False,
        "function": pick(["name", "sigma", "f"]) if len(set(network.activations) - {"identity", "softmax"}) == 1 else "name",
        "worked": "relu" not in network.activations and rng.random() < 0.5,
    }
