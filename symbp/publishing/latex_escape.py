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

    pdfLaTeX has none for full-width letters; with the package ctex, XeLaTeX and LuaLaTeX have those of its fonts (`wide`).
    """
    for c in text:
        if not (c in _LATEX_SPECIALS or " " <= c <= "~" or 0xC0 <= ord(c) <= 0x17F or c in "–—‘’“”…" or (wide and _is_in_fandol(c))):
            raise SymbpError(
                f"LaTeX has no {c!r} (U+{ord(c):04X}) here, which {text!r} holds", hint="choose another title, or --to md or txt"
            )
    return "".join(_LATEX_SPECIALS.get(c, c) for c in text).replace("--", "-{}-").replace("--", "-{}-")


def _is_in_fandol(c: str) -> bool:
    """Do the Fandol fonts, which TeX Live brings, have the full-width letter `c`? They have all of GB 2312, and little beside it."""
    try:
        return is_wide(c) and bool(c.encode("gb2312"))
    except UnicodeEncodeError:
        return False


escape_wide_latex = partial(escape_latex, wide=True)
