"""The whole procedure as pseudocode: forward, deltas from the last layer back, gradients, update; repeated.

Where the network has a pattern, its equations stand in the lines; else the lines say in words what each unit does.
"""

from __future__ import annotations

from collections.abc import Iterator

from symbp.derivation.optimizers import RATE
from symbp.derivation.pattern import Pattern
from symbp.derivation.steps import Algorithm, Cell, Line, Say, Section, Step
from symbp.derivation.training import is_online
from symbp.network.forward import ERROR
from symbp.network.spec import NetworkSpec


def algorithm(spec: NetworkSpec, pattern: Pattern | None) -> Section:
    """The section with the algorithm for `spec`; its equations are those of the pattern."""
    return Section("algorithm", (Say("algorithm"), Algorithm(tuple(_lines(spec, pattern.rules if pattern else {})))))


def _lines(spec: NetworkSpec, rules: dict[str, tuple[Step, ...]]) -> Iterator[Line]:
    words = spec.vocabulary
    depth = 0
    if spec.learning_rate is not None:
        yield Line(0, Say("alg_repeat", {"error": ERROR}))
        depth = 1
    inner = depth
    if words.samples > 1:
        yield Line(depth, Say("alg_samples", {"is_online": int(is_online(spec))}))
        inner = depth + 1
    yield Line(inner, Say("alg_forward", {"times": words.times}))
    yield Line(inner, Say("alg_output_delta"), rules.get("output_delta", ()))
    if words.hidden:
        yield Line(
            inner, Say("alg_hidden_delta", {"times": words.times, "has_rule": int("hidden_delta" in rules)}), rules.get("hidden_delta", ())
        )
    is_summed = words.samples > 1 and not is_online(spec)
    yield Line(depth if is_summed else inner, Say("alg_gradients", {"sign": spec.delta_sign}), rules.get("gradients", ()))
    if spec.learning_rate is not None:
        names: dict[str, Cell | tuple[Cell, ...]] = {"optimizer": spec.settings.optimizer, "rate": RATE, "kind": spec.update}
        yield Line(inner if is_online(spec) else depth, Say("alg_update", names))
