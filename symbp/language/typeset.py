"""`TypesetWriter`: what LaTeX, Typst and MathML share, where formulas have two dimensions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from symbp.language.form import ATOM, POWER, Form, Node, Value, Var
from symbp.language.markers import bare, has_gap
from symbp.language.speller import Name
from symbp.language.writer import Writer, unbroken

LONG = 45
"""Brackets around more than this may hold a line break, which brackets that grow do not allow."""

WIDE: Mapping[str, float] = {
    **dict.fromkeys("+-−=≈><", 2.5),
    "⋅": 1.9,
    "∘": 1.9,
    "⊙": 2.4,
    "⊘": 2.4,
    "×": 2.5,
    "∑": 2.9,
    "σ": 1.2,
    "⊤": 1.0,
    "…": 3.0,
    "ln": 1.9,
    "sin": 2.8,
    "cos": 3.0,
    "max": 4.0,
    "tanh": 4.2,
}
"""What is wider or narrower than its letters: signs with the gaps around them, and functions."""
THIN_WIDTH, SCRIPT, BAR, CELL = 0.35, 0.72, 0.6, 2.0
"""A thin gap; how much smaller scripts are; what a fraction's bar is longer; what a column of a matrix has around it."""

_DIFFERENTIAL = re.compile(r"d[A-Za-z]")


def is_differential(base: str) -> bool:
    """Is `base` a letter with the d of a derivative, dW?"""
    return _DIFFERENTIAL.fullmatch(base) is not None


def parted(name: Name) -> tuple[str, list[str]]:
    """The letters of a name, and what its subscript has before the units: of w1, w and 1."""
    subs = [name.sub] if name.sub else []
    if match := re.fullmatch(r"([A-Za-z]+)(\d+)", name.base):
        return match[1], [match[2], *subs]
    return name.base, subs


def letter_width(text: str) -> float:
    """The width of a letter, a number, a word or a sign; a blank and a character for private use take no room."""
    return WIDE.get(text) or sum(map(_character_width, text))


def _character_width(c: str) -> float:
    if c.isspace() or "\ue000" <= c <= "\uf8ff":
        return 0.0
    return WIDE.get(c, 1.15 if c.isalpha() or c in "∂∇" else 1.0)


class TypesetWriter(Writer):
    """A medium says what gaps and brackets look like, and by what its own text is told: patterns of what stands left and right."""

    dot: ClassVar[str]
    thin: ClassVar[str]
    beside: ClassVar[str]

    tall: ClassVar[re.Pattern[str]]
    """What is higher than a line."""
    leads_digit: ClassVar[re.Pattern[str]]
    leads_gap: ClassVar[re.Pattern[str]]
    """What a thin gap goes before: a fraction, a bold letter."""
    leads_bracket: ClassVar[re.Pattern[str]]
    leads_word: ClassVar[re.Pattern[str]]
    has_word: ClassVar[re.Pattern[str]]
    ends_gap: ClassVar[re.Pattern[str]]
    """What a thin gap goes after: square brackets, brackets that grow."""

    def named(self, name: Name) -> str:
        """A Name."""
        raise NotImplementedError

    def measure(self, text: str) -> float:
        """About how wide `text` comes out, in digits of the text size."""
        raise NotImplementedError

    def flat(self, inner: str) -> str:
        """Brackets of the height of a line, between which a line may break."""
        raise NotImplementedError

    def growing(self, inner: str) -> str:
        """Brackets as high as what they hold."""
        raise NotImplementedError

    def large(self, inner: str) -> str:
        """High brackets between which a line may break."""
        raise NotImplementedError

    def var(self, var: Var) -> tuple[str, int]:
        name = self.speller.name(var)
        return self.named(name), POWER if name.sup or name.time else ATOM

    def name(self, name: Name) -> str:
        return self.named(name)

    def brackets(self, inner: str) -> str:
        if not (self.tall.search(inner) or has_gap(inner)):
            return self.flat(inner)
        whole = unbroken(inner)
        return self.large(inner) if self.measure(bare(whole)) > LONG else self.growing(whole)

    def juxtaposed(self, left: str, right: str, right_node: Node) -> str:
        is_bracket = self.leads_bracket.match(right)
        if isinstance(right_node, Form) and right_node.op == "gap":
            return self.dot
        if self.leads_digit.match(right) or (isinstance(right_node, Value) and is_bracket):
            return self.dot
        if self.leads_gap.match(right) or self.ends_gap.search(left):
            return self.thin
        if is_bracket:
            return self.beside
        return self.thin if self.has_word.search(left) or self.leads_word.match(right) else self.beside
