"""NOTATIONS: how each kind of quantity is spelled, a row each; a notation never changes what is true.

A pattern is `base^superscript_subscript`. Its fields:

    {unit}, {source}   names of the unit, and of the unit that a weight leads from
    {i}, {j}           their numbers in their layers (for outputs, targets and errors, that of the output); {j} of a bias is 0
    {layer}            the layer, where the input is 0; {layer+1} where the input counts as 1
    {number}           the weight's number, counted through the network
    {block}            the matrix that a weight of a recurrent network belongs to: xh, hh, hy
    {name}             a parameter's own name
    {sample}           the number of the sample; where there is only one, the letter that stands for any sample

A superscript may be in square brackets or in round ones. What stands in a subscript as a word is set upright.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symbp.errors import SymbpError, nearest


@dataclass(frozen=True)
class Notation:
    """A row of NOTATIONS: `patterns` by kind, and in `general` those that differ where an index is free.

    `function` is the letter for the activation of any layer, `hadamard` the sign of the product entry by entry ("circ", "odot").
    `loss_derivative` chooses between equal forms, `-(t - o)` or `o - t`. `numbering` is the number of the input layer;
    `weights_lead` says whether the weights called l lead "into" layer l or "from" it. `width` is the pattern of the number of units.
    `sample` is how a superscript (`^…`, taking up {sup}) or subscript (`_…`, before {sub}) takes up the number of the sample, where
    there are several; `sample_index` is the letter of any sample, which `keeps_sample` leaves where there is only one.
    `gradient` spells the derivative of the error with respect to a whole layer: as a fraction (""), "nabla" or "d".
    `depth` is the output layer's number where the network is any.
    """

    name: str
    source: str
    patterns: Mapping[str, str]
    general: Mapping[str, str]
    loss_derivative: str
    function: str = "f"
    hadamard: str = "circ"
    numbering: int = 1
    width: str = ""
    weights_lead: str = "from"
    sample: str = "^{sup}({sample})"
    sample_index: str = "p"
    keeps_sample: bool = False
    gradient: str = ""
    depth: str = "L"


_EVERYWHERE = {
    "named": "{name}",
    "weight_decay": "lambda",
    "l1": "lambda_1",
    "rho": "rho",
    "beta": "beta",
    "momentum": "mu",
    "beta1": "beta_1",
    "beta2": "beta_2",
    "epsilon": "epsilon",
    "update_number": "n",
    "velocity": "v",
    "first_moment": "m",
    "second_moment": "v",
    "first_corrected": "mhat",
    "second_corrected": "vhat",
    "squares": "S_2",
    "magnitudes": "S_1",
    "argument": "x",
    "units": "n_{layer}",
}
"""What every notation spells alike, unless its row says otherwise."""

_UNIT_BY_UNIT = {
    "error": "E_{unit}",
    "error_total": "E",
    "error_sample": "E",
    "error_data": "E_data",
    "mean_activation": "rhohat_{unit}",
    "divergence": "KL_{unit}",
    "learning_rate": "eta",
    "block_weight": "w^{block}_{i}{j}",
}
"""What most notations that call units by their names spell alike."""

_BY_LAYER = {
    "input": "x_{i}",
    "target": "y_{i}",
    "mean_activation": "rhohat^({layer})_{i}",
    "divergence": "KL^({layer})_{i}",
    "block_weight": "W^{block}_{i}{j}",
}
"""What most notations that number units within layers spell alike."""


def _whole(weights: str, biases: str, nets: str, outs: str, deltas: str, columns: str = "Z A Delta") -> dict[str, str]:
    """Patterns of whole layers: vectors, and matrices with a column for each sample whose bases are `columns`."""
    bases = zip(("nets", "outs", "deltas"), columns.split(), (nets, outs, deltas), strict=True)
    batches = {f"batch_{kind}": base + vector[vector.index("^") :] for kind, base, vector in bases}
    single = {
        "inputs": "x",
        "targets": "y",
        "weights": weights,
        "biases": biases,
        "nets": nets,
        "outs": outs,
        "deltas": deltas,
    }
    return {**single, **batches, "batch_inputs": "X", "batch_targets": "Y"}


_MAZUR = Notation(
    name="mazur",
    source="Matt Mazur, A Step by Step Backpropagation Example (2015)",
    patterns={
        "input": "{unit}",
        "target": "t_{i}",
        "weight": "w_{number}",
        "bias": "b_{unit}",
        "shared_bias": "b_{layer}",
        "net": "net_{unit}",
        "out": "out_{unit}",
        "delta": "delta_{unit}",
        **_UNIT_BY_UNIT,
        **_EVERYWHERE,
        **_whole("W^({layer})", "b^({layer})", "net^({layer+1})", "out^({layer+1})", "delta^({layer+1})", "Net Out Delta"),
        "units": "n_{layer+1}",
        "inputs": "i",
        "targets": "t",
        "batch_inputs": "I",
        "batch_targets": "T",
    },
    general={
        "input": "i_{i}",
        "weight": "w^({layer})_{i}{j}",
        "bias": "b^({layer})_{i}",
        "shared_bias": "b^({layer})",
        "net": "net^({layer+1})_{i}",
        "out": "out^({layer+1})_{i}",
        "delta": "delta^({layer+1})_{i}",
        "error": "E_{i}",
        "mean_activation": "rhohat^({layer+1})_{i}",
        "divergence": "KL^({layer+1})_{i}",
    },
    loss_derivative="-(t - o)",
)

_UFLDL = Notation(
    name="ufldl",
    source="UFLDL Tutorial, Stanford, section Backpropagation Algorithm",
    patterns={
        "weight": "W^({layer})_{i}{j}",
        "bias": "b^({layer})_{i}",
        "shared_bias": "b^({layer})",
        "net": "z^({layer+1})_{i}",
        "out": "a^({layer+1})_{i}",
        "delta": "delta^({layer+1})_{i}",
        "learning_rate": "alpha",
        "error": "J_{i}",
        "error_total": "J",
        "error_sample": "J",
        "error_data": "J_data",
        **_BY_LAYER,
        "mean_activation": "rhohat^({layer+1})_{i}",
        "divergence": "KL^({layer+1})_{i}",
        **_EVERYWHERE,
        **_whole("W^({layer})", "b^({layer})", "z^({layer+1})", "a^({layer+1})", "delta^({layer+1})"),
        "units": "s_{layer+1}",
    },
    general={},
    loss_derivative="-(t - o)",
    width="s_{layer+1}",
    depth="n_l",
)

_NIELSEN = Notation(
    name="nielsen",
    source="Michael Nielsen, Neural Networks and Deep Learning (2015), chapter 2",
    patterns={
        "weight": "w^{layer+1}_{i}{j}",
        "bias": "b^{layer+1}_{i}",
        "shared_bias": "b^{layer+1}",
        "net": "z^{layer+1}_{i}",
        "out": "a^{layer+1}_{i}",
        "delta": "delta^{layer+1}_{i}",
        "learning_rate": "eta",
        "error": "C_{i}",
        "error_total": "C",
        "error_sample": "C",
        "error_data": "C_data",
        **_BY_LAYER,
        "block_weight": "w^{block}_{i}{j}",
        "mean_activation": "rhohat^{layer+1}_{i}",
        "divergence": "KL^{layer+1}_{i}",
        **_EVERYWHERE,
        **_whole("w^{layer+1}", "b^{layer+1}", "z^{layer+1}", "a^{layer+1}", "delta^{layer+1}"),
        "units": "n_{layer+1}",
    },
    general={},
    loss_derivative="o - t",
    function="sigma",
    hadamard="odot",
    weights_lead="into",
    # He writes the example before the layer, as in z^{x,l}; in brackets, no number of a sample looks like a power.
    sample="^({sample}),{sup}",
)

_NG = Notation(
    name="ng",
    source="Andrew Ng, Neural Networks and Deep Learning (deeplearning.ai, 2017), weeks 3 and 4",
    patterns={
        "weight": "W^[{layer}]_{i}{j}",
        "bias": "b^[{layer}]_{i}",
        "shared_bias": "b^[{layer}]",
        "net": "z^[{layer}]_{i}",
        "out": "a^[{layer}]_{i}",
        "delta": "dz^[{layer}]_{i}",
        "learning_rate": "alpha",
        "error": "L_{i}",
        "error_total": "J",
        "error_sample": "L",
        "error_data": "J_data",
        **_BY_LAYER,
        "mean_activation": "rhohat^[{layer}]_{i}",
        "divergence": "KL^[{layer}]_{i}",
        **_EVERYWHERE,
        **_whole("W^[{layer}]", "b^[{layer}]", "z^[{layer}]", "a^[{layer}]", "dz^[{layer}]", "Z A dZ"),
        "units": "n^[{layer}]",
    },
    general={},
    loss_derivative="o - t",
    function="g",
    numbering=0,
    width="n^[{layer}]",
    weights_lead="into",
    gradient="d",
)

_BISHOP = Notation(
    name="bishop",
    source="Christopher Bishop, Pattern Recognition and Machine Learning (2006), sections 5.1 and 5.3",
    patterns={
        "input": "x_{i}",
        "target": "t_{i}",
        "weight": "w^({layer})_{i}{j}",
        # The weight from a source whose output is always 1.
        "bias": "w^({layer})_{i}{j}",
        "shared_bias": "w^({layer})_0",
        "net": "a_{unit}",
        "out": "z_{unit}",
        "output": "y_{i}",
        "delta": "delta_{unit}",
        **_UNIT_BY_UNIT,
        "error_sample": "E_{sample}",
        **_EVERYWHERE,
        **_whole("W^({layer})", "w^({layer})_0", "a^({layer})", "z^({layer})", "delta^({layer})", "A Z Delta"),
        "outputs": "y",
        "batch_outputs": "Y",
        "targets": "t",
        "batch_targets": "T",
    },
    general={
        "net": "a^({layer})_{i}",
        "out": "z^({layer})_{i}",
        "output": "y_{i}",
        "delta": "delta^({layer})_{i}",
        "error": "E_{i}",
        "mean_activation": "rhohat^({layer})_{i}",
        "divergence": "KL^({layer})_{i}",
    },
    loss_derivative="o - t",
    function="h",
    numbering=0,
    weights_lead="into",
    sample="_{sample}{sub}",
    sample_index="n",
)

_RUMELHART = Notation(
    name="rumelhart",
    source="Rumelhart, Hinton and Williams, Learning Internal Representations by Error Propagation (1986)",
    # The index p of the pattern is never left out there; so it stays where there is one sample only.
    patterns={
        "input": "o_{unit}",
        "target": "t_{unit}",
        "weight": "w_{unit}{source}",
        "bias": "theta_{unit}",
        "shared_bias": "theta_{layer}",
        "net": "net_{unit}",
        "out": "o_{unit}",
        "delta": "delta_{unit}",
        **_UNIT_BY_UNIT,
        "error_total": "E_{sample}",
        "error_sample": "E_{sample}",
        **_EVERYWHERE,
        **_whole("W^({layer})", "theta^({layer})", "net^({layer})", "o^({layer})", "delta^({layer})", "Net O Delta"),
        "inputs": "i",
        "targets": "t",
        "batch_inputs": "I",
        "batch_targets": "T",
        "momentum": "alpha",
    },
    general={
        "input": "o^({layer})_{i}",
        "target": "t_{i}",
        "weight": "w^({layer})_{i}{j}",
        "bias": "theta^({layer})_{i}",
        "shared_bias": "theta^({layer})",
        "net": "net^({layer})_{i}",
        "out": "o^({layer})_{i}",
        "delta": "delta^({layer})_{i}",
        "error": "E_{i}",
        "mean_activation": "rhohat^({layer})_{i}",
        "divergence": "KL^({layer})_{i}",
    },
    loss_derivative="-(t - o)",
    numbering=0,
    weights_lead="into",
    sample="_{sample}{sub}",
    keeps_sample=True,
)

_GOODFELLOW = Notation(
    name="goodfellow",
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), algorithms 6.3, 6.4, 8.2 and 8.7",
    patterns={
        "weight": "W^({layer})_{i}{j}",
        "bias": "b^({layer})_{i}",
        "shared_bias": "b^({layer})",
        "net": "a^({layer})_{i}",
        "out": "h^({layer})_{i}",
        "delta": "g^({layer})_{i}",
        "learning_rate": "epsilon",
        "error": "L_{i}",
        "error_total": "J",
        "error_sample": "L",
        "error_data": "L_data",
        **_BY_LAYER,
        **_EVERYWHERE,
        **_whole("W^({layer})", "b^({layer})", "a^({layer})", "h^({layer})", "g^({layer})", "A H G"),
        "momentum": "alpha",
        "beta1": "rho_1",
        "beta2": "rho_2",
        "epsilon": "delta",
    },
    general={},
    loss_derivative="o - t",
    hadamard="odot",
    numbering=0,
    weights_lead="into",
    gradient="nabla",
)

NOTATIONS: dict[str, Notation] = {row.name: row for row in (_MAZUR, _UFLDL, _NIELSEN, _NG, _BISHOP, _RUMELHART, _GOODFELLOW)}


def notation(name: str) -> Notation:
    """The row of NOTATIONS called `name`; an unknown name is an error that lists the known ones."""
    if name not in NOTATIONS:
        raise SymbpError(f"unknown notation {name!r}", hint=nearest(name, NOTATIONS))
    return NOTATIONS[name]
