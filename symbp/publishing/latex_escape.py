"""Plain text → LaTeX that prints the same."""

from __future__ import annotations

from functools import partial

from symbp.errors import SymbpError
from symbp.publishing.wide import is_wide

_LATEX_SPECIALS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\ensuremath{<}", ">": r"\ensuremath{>}", "|": r"\ensuremath{|}",
    "≈": r"$\approx$", "`": r"\textasciigrave{}", '"': r"\char`\"{}",
}  # fmt: skip


def escape_latex(text: str, *, wide: bool = False) -> str:
    """Plain text as LaTeX that prints the same and does nothing; what it has no glyph for is refused.

    pdfLaTeX has none for full-width letters; with the package ctex, XeLaTeX and LuaLaTeX have (`wide`).
    """
    for c in text:
        if ord(c) > 126 and c not in _LATEX_SPECIALS and not (0xC0 <= ord(c) <= 0x17F or (wide and is_wide(c))) and c not in "–—‘’“”…":
            raise SymbpError(
                f"LaTeX has no {c!r} (U+{ord(c):04X}) here, which {text!r} holds", hint="choose another title, or --to md or txt"
            )
    return "".join(_LATEX_SPECIALS.get(c, c) for c in text).replace("--", "-{}-").replace("--", "-{}-")


escape_wide_latex = partial(escape_latex, wide=True)
