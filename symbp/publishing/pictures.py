"""Figures and plots of a document → drawings, with what is said of them and read in their stead."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from symbp.derivation.derive import activations_of
from symbp.derivation.steps import Figure, Plot
from symbp.language.form import Function, Var
from symbp.language.writer import Writer
from symbp.network.activation import Activation
from symbp.network.spec import NetworkSpec
from symbp.publishing.activation_plot import activation_described, activation_drawing
from symbp.publishing.described import described
from symbp.publishing.diagram import network_drawing
from symbp.publishing.drawing import Drawing
from symbp.publishing.languages import ENGLISH
from symbp.publishing.palette import Palette
from symbp.publishing.plot import Curve, plot_drawing


@dataclass(frozen=True)
class Picture:
    """A drawing that is to stand in a document: `identity` is its own name there, `description` what it shows, in words alone."""

    drawing: Drawing
    identity: str
    title: str
    description: str
    writer: Writer
    palette: Palette


def figure_drawing(figure: Figure, spec: NetworkSpec, lang: str = ENGLISH) -> Drawing | None:
    """What `figure` shows, with words in the language `lang`; an activation of a network without numbers has no picture."""
    if figure.key == "activation":
        activation = activation_of(figure, spec)
        return activation_drawing(spec, activation, lang=lang) if activation is not None and spec.is_numeric else None
    return network_drawing(spec, figure.about if isinstance(figure.about, Var) else None)


def figure_described(figure: Figure, spec: NetworkSpec, lang: str = ENGLISH) -> str:
    """What `figure` shows, in words of the language `lang`."""
    if figure.key == "activation":
        activation = activation_of(figure, spec)
        assert activation is not None
        return activation_described(spec, activation, lang=lang)
    return described(spec, figure.about if isinstance(figure.about, Var) else None, lang)


def activation_of(figure: Figure, spec: NetworkSpec) -> Activation | None:
    """The activation of the network that `figure` is about, if it is one of its own."""
    assert isinstance(figure.about, Function)
    return next((own for own in activations_of(spec) if own.function == figure.about), None)


def curve_of(plot: Plot) -> Curve:
    return Curve.of([(n, Decimal(value.shown)) for n, value in plot.points])


def curve_drawing(plot: Plot, across: str, up: str) -> Drawing:
    """The curve of `plot` over axes with these names."""
    return plot_drawing(curve_of(plot), across, up)
