"""`Conventions`: what a network file leaves open, and a person's work decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from symbp.network.spec import NetworkSpec

OF_NAMES = ("numbering", "weights_lead", "weight_order", "bare_layers", "whole_numbers", "samples", "layer_letters")


@dataclass(frozen=True, slots=True)
class Conventions:
    """How the work is to be read.

    - `delta_sign`: s in delta = s dE/dnet.
    - `numbering`: the number of the input layer; `weights_lead`: whether the weights called l lead "into" layer l or "from" it.
    - `weight_order`: whether w_ij leads "into" i from j, or "from" i into j.
    - `weight_rows`: whether a row of W is a "unit" or a "source"; `samples`: whether they are "columns" or "rows" (vectors likewise).
    - `gradient`: whether dE/dW has the shape of W ("same") or is its transpose; `jacobian`: whether its rows are of what is
      differentiated ("of") or of what it is differentiated by ("by").
    - `reduction`: whether E is the "sum" or the "mean" over samples; `per_example`: whether dZ is of each sample's own error.
    - `initial_state`: whether what a recurrent network begins with is "free", where the file does not give it, or "zero".
    - `bare_layers`: whether a layer may be raised without brackets; `whole_numbers`: whether z_1 is a whole layer rather than a unit.
    - `layer_letters`: the letters that stand for layers.
    """

    delta_sign: int = 1
    numbering: int = 1
    weights_lead: Literal["into", "from"] = "from"
    weight_order: Literal["into", "from"] = "into"
    weight_rows: Literal["unit", "source"] = "unit"
    samples: Literal["columns", "rows"] = "columns"
    gradient: Literal["same", "transposed"] = "same"
    jacobian: Literal["of", "by"] = "of"
    reduction: Literal["sum", "mean"] = "sum"
    per_example: bool = True
    initial_state: Literal["free", "zero"] = "free"
    bare_layers: bool = False
    whole_numbers: bool = False
    layer_letters: frozenset[str] = frozenset({"l", "L"})

    @classmethod
    def of(cls, spec: NetworkSpec, letters: frozenset[str] = frozenset()) -> Conventions:
        """Those of the network's file and notation; `letters` are met where layers are."""
        row = spec.notation
        found = cls(
            delta_sign=spec.delta_sign,
            numbering=row.numbering,
            weights_lead="into" if row.weights_lead == "into" else "from",
            layer_letters=letters | {"l", "L"},
            reduction="mean" if spec.reduction == "mean" or (spec.notation.name == "ng" and spec.vocabulary.samples == 1) else "sum",
        )
        return found.fixed_by(spec)

    def fixed_by(self, spec: NetworkSpec) -> Conventions:
        """With those that the network file fixes as it has them."""
        return replace(self, **spec.reading) if spec.reading else self  # type: ignore[arg-type]

    def label(self, layer: int) -> int:
        """The number by which the work calls `layer`, which counts from the input, 0."""
        return layer + self.numbering

    @property
    def weight_label(self) -> int:
        """How much more than the layer that they lead into the number of weights is."""
        return self.numbering if self.weights_lead == "into" else self.numbering - 1

    def spells(self, spec: NetworkSpec) -> bool:
        """Are layers numbered, and the indices of weights ordered, as in the notation of the network's file?"""
        own = Conventions.of(spec)
        fields = ("numbering", "weights_lead", "weight_order", "bare_layers", "whole_numbers")
        return all(getattr(self, field) == getattr(own, field) for field in fields)

    @property
    def of_names(self) -> Conventions:
        """Those that decide which quantities a name may mean; the others, about what these are worth, left as they are by default."""
        return Conventions(**{field: getattr(self, field) for field in OF_NAMES})

    def has_layer(self, letter: str) -> bool:
        """Does the letter stand for a layer?"""
        return letter in self.layer_letters

    def changed(self, name: str, value: object) -> Conventions:
        """With one of them otherwise."""
        return replace(self, **{name: value})  # type: ignore[arg-type]
