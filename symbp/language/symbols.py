"""SYMBOLS: letters that are not on the keyboard, a row each: as typed, in LaTeX, in Unicode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LETTERS: Final = (
    "alpha α, beta β, gamma γ, delta δ, epsilon ε, zeta ζ, eta η, theta θ, kappa κ, lambda λ, mu μ, nu ν, xi ξ, rho ρ, "
    "sigma σ, tau τ, varphi φ, chi χ, psi ψ, omega ω, Gamma Γ, Delta Δ, Theta Θ, Lambda Λ, Phi Φ, Omega Ω"
)

GREEK: Mapping[str, str] = dict(pair.split() for pair in _LETTERS.split(", "))
"""Greek letters by their names; LaTeX has a macro for each. Pi is the number."""

HATTED: Mapping[str, str] = {"rhohat": "rho", "yhat": "y", "xhat": "X", "mhat": "m", "vhat": "v"}
"""Letters with a hat, and the letter below it."""

MARKED: Mapping[str, tuple[str, str]] = {
    **{name: (rf"\hat{{\{x}}}" if x in GREEK else rf"\hat{{{x}}}", GREEK.get(x, x) + "\u0302") for name, x in HATTED.items()},
    "ones": (r"\mathbf{1}", "1"),
}
"""Letters with a hat, and the column of ones: in LaTeX and in Unicode."""

RAISED = dict(zip("0123456789+-()lnptxhyoL,", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ˡⁿᵖᵗˣʰʸᵒᴸ\u2009", strict=True))
"""Characters and their superscripts; a comma has none and becomes a thin gap."""

LOWERED = dict(zip("0123456789+-()ijklmnpt,", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₗₘₙₚₜ\u2009", strict=True))
"""Characters and their subscripts."""
