"""The colours of factors: told apart by colour-blind readers, and on a grey print by how dark they are.

Roles: `factor1`, `factor2`, `factor3`, … in the order of a chain rule product.
"""

from __future__ import annotations

LIGHT = {"factor1": "#1F3A93", "factor2": "#B3470B", "factor3": "#0F7F5F", "factor4": "#7A2E8E"}
"""On white paper."""
DARK = {"factor1": "#8CB4FF", "factor2": "#FF9A4D", "factor3": "#7FE0B5", "factor4": "#D79BEA"}
"""On a dark page."""
TERMINAL = {"factor1": "34", "factor2": "33", "factor3": "32", "factor4": "35"}
"""On a terminal: the codes of SGR."""


def latex_colours() -> str:
    """The colours of factors as xcolor defines them: symbpA, symbpB, …"""
    rows = (rf"\definecolor{{symbp{chr(ord('A') + at)}}}{{HTML}}{{{value[1:]}}}" for at, value in enumerate(LIGHT.values()))
    return "\n".join(rows)
