"""What Python code uses: `derive`, `check`, and what they return."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from symbp.api_printable import Printable
from symbp.derivation.derive import derive as build
from symbp.derivation.derive import train as build_training
from symbp.derivation.formulas import gradient_program
from symbp.derivation.steps import Appendix, Detail
from symbp.derivation.training import at_step, compared_outs
from symbp.errors import SymbpError, nearest
from symbp.language.form import Var, leaves
from symbp.language.own_notation import chosen
from symbp.network.forward import ERROR, forward
from symbp.network.numbers import Rounding
from symbp.network.reader import load
from symbp.network.spec import NetworkSpec, by_place
from symbp.proof.certify import CheckedDerivation, certify
from symbp.proof.gradients import DEFAULT_SEED, GradientCheck, check_gradients, unfolded
from symbp.publishing.recipe import Recipe

if TYPE_CHECKING:
    import sympy

    from symbp.api_evaluate import Evaluator
    from symbp.proof.general import CheckedGeneral
    from symbp.proof.layers import CheckedLayer
    from symbp.publishing.document import Document

LAYER = "layer:"
"""What the name of a layer begins with."""
MAX_DIGITS = 100
MAX_STEPS = 1_000_000
DETAILS = ("brief", "normal", "full")
APPENDICES = ("none", "used", "all")
GENERAL = "general"
"""Instead of a network: the derivation for any."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class DerivedNetwork(Printable):
    """A certified derivation. In a notebook it shows itself."""

    checked: CheckedDerivation
    recipe: Recipe | None = None

    @property
    def spec(self) -> NetworkSpec:
        return self.checked.derivation.spec

    def document(self) -> Document:
        from symbp.publishing.document import Document

        return Document.of(self.checked)

    def to_json(self) -> str:
        from symbp.publishing.records import to_json

        return to_json(self.checked)

    def gradient(self, parameter: str, *, composed: bool = False) -> sympy.Expr:
        """dE / d parameter as a SymPy expression over the forward quantities, or `composed` over weights, inputs and targets.

        Its symbols have the canonical names: i1, h1, o1, or what the network calls its units; w1; b1 or b_h1; net_h1, out_h1; t1.

        >>> import symbp
        >>> symbp.derive("mazur").gradient("w5")
        out_h1*out_o1*(1 - out_o1)*(out_o1 - t1)
        >>> sorted(map(str, symbp.derive("1-1").gradient("w1", composed=True).free_symbols))
        ['b_o1', 'i1', 't1', 'w1']
        """
        return expression(self.spec, self.checked.derivation.program, parameter_named(self.spec, parameter), composed=composed)

    def evaluate(self, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """E and dE/dw of every weight and bias in numbers, by the derivation's own formulas.

        `values` are what the network's file does not have, or what is to be otherwise: numbers, or arrays over many points at once.

        >>> import symbp
        >>> found = symbp.derive("mazur").evaluate({"w5": [0.4, 0.5]})
        >>> [round(float(x), 6) for x in found["E"]], [round(float(x), 6) for x in found["dE/dw5"]]
        ([0.298371, 0.306524], [0.082167, 0.080874])
        """
        return self.evaluator.at(values or {})

    @cached_property
    def evaluator(self) -> Evaluator:
        """What `evaluate` asks; its `inputs` and `outputs` are the names."""
        from symbp.api_evaluate import Evaluator

        return Evaluator(self.spec)

    def check(self, seed: int = DEFAULT_SEED) -> CheckReport:
        """Every gradient compared with numeric ones and with SymPy's: see `check`."""
        return report(self.spec, seed)


@dataclass(frozen=True)
class DerivedLayer(Printable):
    """A certified layer on a whole batch. In a notebook it shows itself.

    >>> import symbp
    >>> print(symbp.derive("layer:dense", samples="columns").render("md").splitlines()[0])
    # A dense layer for a whole batch, samples as columns
    """

    checked: CheckedLayer
    recipe: Recipe | None = None

    def document(self) -> Document:
        from symbp.publishing.layers import layer_document

        return layer_document(self.checked)

    def to_json(self) -> str:
        from symbp.publishing.layers import to_json

        return to_json(self.checked)


@dataclass(frozen=True)
class DerivedGeneral(Printable):
    """The certified derivation for any layered network. In a notebook it shows itself."""

    checked: CheckedGeneral
    recipe: Recipe | None = None

    def document(self) -> Document:
        from symbp.publishing.general import general_document

        return general_document(self.checked)

    def to_json(self) -> str:
        from symbp.publishing.general import general_json

        return general_json(self.checked)


@dataclass(frozen=True)
class CheckReport:
    """The gradient check of every parameter; `ok` says whether all agree."""

    spec: NetworkSpec
    checks: tuple[GradientCheck, ...]
    seed: int

    @cached_property
    def ok(self) -> bool:
        return all(check.agrees for check in self.checks)


@overload
def derive(  # type: ignore[overload-overlap]
    network: Literal["general"], *, notation: str | None = None, layout: str | None = None, progress: Progress = ...
) -> DerivedGeneral: ...
@overload
def derive(
    network: str | Path,
    *,
    notation: str | None = None,
    update: str | None = None,
    detail: Detail = "normal",
    digits: int = 6,
    decimals: int | None = None,
    weights: Iterable[str] = (),
    steps: int = 0,
    appendix: Appendix = "none",
    progress: Progress = ...,
) -> DerivedNetwork: ...
@overload
def derive(network: str, *, samples: str, progress: Progress = ...) -> DerivedLayer: ...
def derive(
    network: str | Path, *, progress: Progress = lambda what, done, of: None, **options: Any
) -> DerivedNetwork | DerivedGeneral | DerivedLayer:
    """Derive backpropagation for `network`: a file, a built-in example ("mazur"), a shorthand ("2-3-1:tanh"), "general", or a layer.

    Every equation is certified before this returns. `weights` restricts the parameters that are derived; `digits`
    significant digits (or `decimals` after the point) are printed; `steps` iterates the update; an `appendix` derives the
    activations, those "used" or "all" there are. "general" is the derivation for any layered network, its matrices in the `layout`
    "denominator" (the default) or "numerator". "layer:softmax" is that of a layer on a whole batch, with `samples` as "rows" (the
    default) or "columns"; see LAYERS.

    >>> import symbp
    >>> symbp.derive("2-2-1").gradient("w5")
    out_h1*out_o1*(1 - out_o1)*(out_o1 - t1)
    """
    name = str(network)
    found: DerivedNetwork | DerivedGeneral | DerivedLayer
    if name == GENERAL:
        _only(options, ("notation", "layout"), "the general derivation")
        found = _derive_general(**options, progress=progress)
    elif name.startswith(LAYER):
        _only(options, ("samples",), "a layer")
        found = _derive_layer(name.removeprefix(LAYER), **options)
    else:
        _only(options, ("notation", "update", "detail", "digits", "decimals", "weights", "steps", "appendix"), "a network")
        found = _derive_network(network, **options, progress=progress)
    return replace(found, recipe=Recipe.of("derive", network, options))


def _only(options: Mapping[str, Any], allowed: tuple[str, ...], what: str) -> None:
    """Refuse what does not go with the kind of thing that is derived."""
    refused = sorted(set(options) - set(allowed))
    if refused:
        does = "does" if len(refused) == 1 else "do"
        raise SymbpError(f"{' and '.join(refused)} {does} not go with {what}", hint=f"it takes {', '.join(allowed)}")


def _derive_general(
    notation: str | None = None, layout: str | None = None, progress: Progress = lambda what, done, of: None
) -> DerivedGeneral:
    from symbp.derivation.entries import Layout
    from symbp.derivation.layouts import General
    from symbp.proof.general import certify_general

    layout = layout or Layout.DENOMINATOR
    if layout not in list(Layout):
        raise SymbpError(f"unknown layout {layout!r}", hint=nearest(layout, Layout))
    return DerivedGeneral(certify_general(General(chosen(notation or "mazur"), Layout(layout)), progress=progress))


def _derive_layer(name: str, samples: str | None = None) -> DerivedLayer:
    from symbp.derivation.layers import layer_named, samples_named
    from symbp.proof.layers import certify_layer

    return DerivedLayer(certify_layer(layer_named(name).arranged(samples_named(samples or "rows"))))


def _derive_network(
    network: str | Path,
    *,
    notation: str | None = None,
    update: str | None = None,
    detail: Detail = "normal",
    digits: int = 6,
    decimals: int | None = None,
    weights: Iterable[str] = (),
    steps: int = 0,
    appendix: Appendix = "none",
    progress: Progress = lambda what, done, of: None,
) -> DerivedNetwork:
    spec = load(network).with_options(notation, update)
    rounding = _rounding(digits, decimals)
    if detail not in DETAILS:
        raise SymbpError(f"unknown detail {detail!r}", hint=nearest(detail, DETAILS))
    if appendix not in APPENDICES:
        raise SymbpError(f"unknown appendix {appendix!r}", hint=nearest(appendix, APPENDICES))
    if steps:
        check_steps(spec, steps)
    names = tuple(weights)
    chosen = frozenset(parameter_named(spec, name) for name in names) if names else None
    return DerivedNetwork(certify(build(spec, rounding, detail, chosen, steps, appendix, progress), progress))


def check_steps(spec: NetworkSpec, steps: int) -> None:
    """Refuse what cannot be trained."""
    if not 0 <= steps <= MAX_STEPS:
        raise SymbpError(f"{steps} steps", hint=f"a number from 0 to {MAX_STEPS}")
    if spec.learning_rate is None:
        raise SymbpError("there are no steps without a learning rate", hint="give learning_rate in the network file")
    if not spec.is_numeric:
        raise SymbpError("there are no steps without numbers", hint="give weights and [[samples]] in the network file")


@dataclass(frozen=True)
class TrainedNetwork(DerivedNetwork):
    """A certified training. A step is a pass over all samples: one update, or online one for each of them."""

    @property
    def steps(self) -> int:
        return self.checked.derivation.steps_taken

    @cached_property
    def errors(self) -> tuple[float, ...]:
        """The error before the first step, and after each."""
        return tuple(self._value(at_step(ERROR, n)) for n in range(self.steps + 1))

    @cached_property
    def parameters(self) -> dict[str, float]:
        """Every parameter after the last step, by its canonical name; a bias that is not trained is what it was."""
        spec, words = self.spec, self.spec.vocabulary
        return {words.canonical(p): self._value(at_step(p, self.steps) if p in spec.trained else p) for p in words.parameters()}

    @cached_property
    def outputs(self) -> dict[str, float]:
        """Every out that is compared with a target, after the last step."""
        return {self.spec.vocabulary.canonical(o): self._value(at_step(o, self.steps)) for o in compared_outs(self.spec)}

    def table(self) -> str:
        """The error over the steps, the outputs and the parameters after the last, as text."""
        from symbp.publishing.document import Document
        from symbp.publishing.render import render

        return render(Document.tables(self.checked), "txt")

    def _value(self, var: Var) -> float:
        assert self.checked.recomputed is not None
        return float(self.checked.recomputed.quantity(var).near)


def train(
    network: str | Path,
    *,
    steps: int,
    every: int | None = None,
    notation: str | None = None,
    update: str | None = None,
    digits: int = 6,
    decimals: int | None = None,
    progress: Progress = lambda what, done, of: None,
) -> TrainedNetwork:
    """Train `network` for so many steps; `every` says which steps the table shows, otherwise 0, 1, 2, 5, 10, 20, … and the last.

    Every number is recomputed at a higher precision before this returns.

    >>> import symbp
    >>> trained = symbp.train("mazur", steps=1)
    >>> [round(error, 6) for error in trained.errors]
    [0.298371, 0.291028]
    """
    spec = load(network).with_options(notation, update)
    rounding = _rounding(digits, decimals)
    check_steps(spec, steps)
    if steps < 1 or (every is not None and every < 1):
        raise SymbpError(f"{steps} steps, every {every}" if every is not None else f"{steps} steps", hint="numbers of 1 or more")
    options = {"steps": steps, "every": every, "notation": notation, "update": update, "decimals": decimals}
    recipe = Recipe.of("train", network, options | ({"digits": digits} if digits != Rounding().digits else {}))
    return TrainedNetwork(certify(build_training(spec, rounding, steps, every, progress), progress), recipe)


def check(
    network: str | Path,
    *,
    notation: str | None = None,
    seed: int = DEFAULT_SEED,
    progress: Progress = lambda what, done, of: None,
) -> CheckReport:
    """Compare every gradient with central differences, the complex step and, on nets where it finishes, `sympy.diff`.

    >>> import symbp
    >>> symbp.check("2-2-1").ok
    True
    """
    if network == GENERAL:
        raise SymbpError("the general derivation has no network of its own to check", hint="symbp derive general checks every equation")
    return report(load(network).with_options(notation), seed, progress)


def report(spec: NetworkSpec, seed: int, progress: Progress = lambda what, done, of: None) -> CheckReport:
    """The gradient check of `spec`, SymPy's included."""
    return CheckReport(spec, check_gradients(spec, forward(spec), seed, with_sympy=True, progress=progress), seed)


def _rounding(digits: int, decimals: int | None) -> Rounding:
    if decimals is not None and not 0 <= decimals <= MAX_DIGITS:
        raise SymbpError(f"{decimals} decimals", hint=f"a number from 0 to {MAX_DIGITS}")
    if not 1 <= digits <= MAX_DIGITS:
        raise SymbpError(f"{digits} digits", hint=f"a number from 1 to {MAX_DIGITS}")
    return Rounding(digits, decimals)


def parameter_named(spec: NetworkSpec, name: str) -> Var:
    """The weight or bias that `name` means, canonically or in the notation in use."""
    var = spec.speller.read(name)
    if var.kind not in {"weight", "bias"} or var.step:
        raise SymbpError(
            f"{name!r} is not a weight or a bias", hint=nearest(name, map(spec.vocabulary.canonical, spec.vocabulary.parameters()))
        )
    return var


def expression(spec: NetworkSpec, program: Any, parameter: Var, *, composed: bool) -> sympy.Expr:
    import sympy

    from symbp.network.calculus import SympyAlgebra, fold, unfold_functions
    from symbp.proof.numeric import compose

    form = unfolded(gradient_program(spec), Var("gradient", parameter.owner))
    form = unfold_functions(compose(program, form) if composed else form)
    words = by_place(spec.vocabulary)
    symbols = {var: sympy.Symbol(words.canonical(var), real=True) for var in leaves(form) if isinstance(var, Var)}
    found: sympy.Expr = fold(form, SympyAlgebra(), symbols.__getitem__)
    return found
