"""RULES: the one-step justifications, and how each is worded beside its line."""

from __future__ import annotations

RULES: dict[str, str] = {
    "definition": "definition",
    "chain_rule": "chain rule",
    "only_term": "the other errors do not contain it",
    "power_and_chain_rule": "power rule and chain rule",
    "simplify": "simplified",
    "power_rule": "power rule",
    "quotient_rule": "quotient rule",
    "split_fraction": "split the fraction",
    "recognise": "the function itself again",
    "derivative_of_activation": "derivative of the activation",
    "only_factor": "the only term with it",
    "factors_put_in": "the factors put in",
    "sum_over_paths": "one term per unit that it feeds",
    "definition_of_delta": "definition of delta",
    "deltas_reused": "deltas reused",
    "delta_times_source": "delta times source",
    "sum_over_uses": "one term per unit that adds it",
    "sum_over_all_uses": "one term per use",
    "sum_over_outs": "one term per out that it acts on",
    "collapse": "the out of each class cancels, the rest is summed",
    "targets_sum_to_one": "the targets sum to 1",
    "no_path": "no path leads to the error",
    "gradient_descent": "gradient descent",
    "late_delta": "through updated weights",
    "late_update": "with the late delta",
    "by_components": "entry by entry",
    "numbers_put_in": "numbers put in",
    "value": "value",
}
