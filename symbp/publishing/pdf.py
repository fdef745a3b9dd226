"""A PDF: of the Typst source by the `typst` package, or of the LaTeX source by latexmk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from symbp.errors import SymbpError
from symbp.publishing.extras import needed
from symbp.publishing.wide import has_cjk

if TYPE_CHECKING:
    from symbp.publishing.document import Document
    from symbp.publishing.formats import Publish, Style

CHINESE = (
    "Noto Serif CJK SC", "Source Han Serif SC", "Noto Serif SC", "Songti SC", "SimSun", "NSimSun", "FandolSong",
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei",
)  # fmt: skip
"""Fonts with Chinese letters, the best first; the package brings none."""
_KNOWN = re.compile(
    "[\\s!-~\xa0-\u017f\u0391-\u03ff\u0400-\u045f\u2010-\u2027\u2030-\u203a\u2190-\u21ff\u2200-\u22ff\u27e8\u27e9\u2800-\u28ff\u2500-\u257f]"
)
"""What the fonts in the package have beside Chinese."""


def make_pdf(document: Document, style: Style, publish: Publish) -> dict[str, str | bytes]:
    """The document as a PDF, by the engine that `style` names. The same document gives the same bytes."""
    return {"": ENGINES[style.engine](document, replace(style, fragment=False), publish)}


def _typst(document: Document, style: Style, publish: Publish) -> bytes:
    source = publish(document, "typ", style)[""]
    assert isinstance(source, str)
    return by_typst(source, style.lang)


def _latex(document: Document, style: Style, publish: Publish) -> bytes:
    from symbp.publishing.latexmk import by_latexmk

    source = publish(document, "tex", style)[""]
    assert isinstance(source, str)
    return by_latexmk(source, "xelatex" if has_cjk(source) else "pdflatex")


ENGINES: dict[str, Callable[[Document, Style, Publish], bytes]] = {"typst": _typst, "latex": _latex}


def by_typst(source: str, lang: str = "en") -> bytes:
    """`source` compiled in memory. It reads no files; fonts are those in the package, and for Chinese one of the system's."""
    typst = needed("typst", "pdf", "a PDF")
    chinese = lang.startswith("zh") or has_cjk(source)
    _refuse_unknown(source)
    inputs = {"cjk": _chinese_font(typst.Fonts().families())} if chinese else {}
    with TemporaryDirectory() as root:
        try:
            pdf, warnings = typst.compile_with_warnings(
                source.encode(), root=root, ignore_system_fonts=not chinese, sys_inputs=inputs, package_path=root, package_cache_path=root
            )
        except typst.TypstError as error:
            raise SymbpError(f"Typst stopped: {error.message}", hint="symbp derive … --to typ shows the source") from None
    if warnings:
        raise SymbpError(f"Typst warns: {warnings[0].message}", hint="symbp derive … --to typ shows the source")
    content: bytes = pdf
    return content


def _chinese_font(families: Iterable[str]) -> str:
    here = {family.casefold(): family for family in families}
    for family in CHINESE:
        if family.casefold() in here:
            return here[family.casefold()]
    raise SymbpError("no font for Chinese is installed, which a PDF needs", hint=f"install {CHINESE[0]} (Debian: fonts-noto-cjk)")


def _refuse_unknown(source: str) -> None:
    for c in source:
        if not (_KNOWN.match(c) or has_cjk(c)):
            raise SymbpError(f"no font of the PDF has {c!r} (U+{ord(c):04X})", hint="choose another title, or --to html or typ")
