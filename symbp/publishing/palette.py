"""PALETTE: what a colour is for (its role), and its value on white and on a dark page.

The factors of a chain rule product are told apart by people who lack any one kind of cone, and by their lightness alone in grey
print; `tests/test_drawing.py` simulates both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PAGE: Final = ("#ffffff", "#16181d")
"""The page that the colours are made for, light and dark."""
FACTORS: Final = ("factor1", "factor2", "factor3", "factor4")
"""The factors of a chain rule product from the error back to the parameter: E by out, out by net, net by w."""


@dataclass(frozen=True, slots=True)
class Colour:
    """A row of PALETTE; `latex` is the name that LaTeX knows it by, none for the colour of the text around."""

    light: str
    dark: str
    latex: str = ""


Palette = Mapping[str, Colour]

PALETTE: Palette = {
    "ink": Colour("#000000", "#e8e8e6"),
    "faint": Colour("#767676", "#8c9099", "symbpFaint"),
    "grid": Colour("#d4d4d4", "#3a3e47", "symbpGrid"),
    "factor1": Colour("#c04e00", "#f27a14", "symbpA"),
    "factor2": Colour("#0a4527", "#d9f7a8", "symbpB"),
    "factor3": Colour("#1f35f5", "#6cc7ff", "symbpC"),
    "factor4": Colour("#340048", "#b54dff", "symbpD"),
}

NO_COLOUR: Palette = {role: colour if role in {"ink", "grid"} else PALETTE["ink"] for role, colour in PALETTE.items()}
"""Everything in ink: what is lit is told by the width of its lines."""

PALETTES: Mapping[str, Palette] = {"colour": PALETTE, "none": NO_COLOUR}

TERMINAL: Mapping[str, str] = {"factor1": "33", "factor2": "32", "factor3": "34", "factor4": "35"}
"""On a terminal: the codes of SGR."""


def latex_colours(palette: Palette = PALETTE, *, dark: bool = False) -> str:
    """The lines of a preamble that define the colours; they need xcolor."""
    rows = {colour.latex: colour.dark if dark else colour.light for colour in palette.values() if colour.latex}
    return "\n".join(rf"\definecolor{{{name}}}{{HTML}}{{{value[1:].upper()}}}" for name, value in rows.items())
