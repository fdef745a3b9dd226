"""An edited tree back into the person's own text: only what changed is written anew, the rest is what they wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import pairwise

from symbp.language import written as w
from symbp.language.written import Span, Written
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.source.work import Line

_SIGN = re.compile("[-+−–]")
_SIZED = re.compile(r"\\(left|[bB]igg?l?)\s*$")
_BINDING = {w.Sum: 0, w.Negative: 1, w.BigSum: 1, w.Product: 2, w.Derivative: 3, w.Quotient: 3}
"""How strongly the parts of a form hold together; what is not listed holds most."""
Patch = tuple[Span, str]


@dataclass
class Printer:
    """Writes forms of one row. `texts` holds the text of parts that stand elsewhere, by identity; `habits` are all rows of the work."""

    line: Line
    form: Written
    habits: Sequence[Line] = ()
    texts: dict[int, tuple[Written, str]] = field(default_factory=dict)
    is_careful: bool = False
    """Are names set in brackets before an exponent, where h^2 would be the h of layer 2?"""

    @property
    def math(self) -> str:
        return self.line.row.math

    @property
    def is_latex(self) -> bool:
        return self.line.row.medium == "latex"

    def known(self, node: Written, text: str) -> None:
        """Remember the text of a part that stands elsewhere, or nowhere yet."""
        self.texts[id(node)] = (node, text)

    @cached_property
    def own(self) -> dict[int, Written]:
        """The parts of the row, by identity."""
        forms = [form for link in self.line.links for form in (link.head, link.left, link.right) if not self.is_above(form)]
        return {id(part): part for form in (*forms, self.form) for part in w.parts(form)}

    def is_above(self, form: Written) -> bool:
        """Does the form stand in the row before, from which this one goes on?"""
        first = self.line.links[0] if self.line.links else None
        return first is not None and first.is_carried and (form is first.left or form is first.head)

    # -- patches ---------------------------------------------------------------------------------------------------

    def patch(self, old: Written, new: Written) -> Patch:
        """One stretch of the row, and what stands there after the edit of `old` to `new`."""
        patches = list(self.patches(old, new))
        if not patches:
            return (old.span[0], old.span[0]), ""
        start, end = min(span[0] for span, _ in patches), max(span[1] for span, _ in patches)
        return (start, end), patched(self.math, (start, end), patches)

    def patches(self, old: Written, new: Written) -> Iterator[Patch]:
        """The smallest stretches that change, left to right."""
        if new is old:
            return
        if isinstance(old, w.Negative) and new is old.of and self.math[old.span[0] : new.span[0]].strip() in {"-", "−", "–"}:
            yield (old.span[0], new.span[0]), ""
        elif isinstance(old, w.Sum) and isinstance(new, w.Sum) and old.terms == new.terms and self.are_between(old, new):
            yield from self.signs(old, new)
        elif isinstance(old, w.Product) and (at := removed(old, new)) and not self.is_lone(old, new):
            yield self.without(old, *at)
        elif type(old) is type(new) and (pairs := parallel(old, new)) is not None:
            for a, b in pairs:
                yield from self.patches(a, b)
        else:
            is_whole = old is self.form
            yield (
                self.outer(old),
                self.show(
                    unwrapped(new) if is_whole and isinstance(unwrapped(new), w.Sum) else new, self.place(old), is_inner=not is_whole
                ),
            )

    def is_lone(self, old: w.Product, new: Written) -> bool:
        """Is what remains the whole form, with brackets that are no longer needed?"""
        return old is self.form and isinstance(new, w.Bracket) and isinstance(unwrapped(new), w.Sum)

    def are_between(self, old: w.Sum, new: w.Sum) -> bool:
        """Do all signs that change stand between terms?"""
        gaps = [self.math[a.span[1] : b.span[0]] for a, b in pairwise(old.terms)]
        return old.minus[0] == new.minus[0] and all(_SIGN.search(gap) for gap in gaps)

    def signs(self, old: w.Sum, new: w.Sum) -> Iterator[Patch]:
        for (a, b), was, now in zip(pairwise(old.terms), old.minus[1:], new.minus[1:], strict=True):
            if was != now and (sign := _SIGN.search(self.math, a.span[1], b.span[0])):
                yield (sign.start(), b.span[1]), ("-" if now else "+") + self.math[sign.end() : b.span[1]]

    def without(self, old: w.Product, at: int, end: int) -> Patch:
        """A product without the factors from `at` to `end`."""
        stop = old.factors[end - 1].span[1]
        if end == len(old.factors):
            return (old.factors[at - 1].span[1], stop), ""
        following = self.outer(old.factors[end])[0]
        if not at:
            return (self.outer(old.factors[at])[0], following), ""
        last = old.factors[at - 1].span[1]
        before, after = self.math[last : self.outer(old.factors[at])[0]], self.math[stop:following]
        return (last, following), max(after, before, key=len)

    def outer(self, node: Written) -> Span:
        """Where a part stands, with the \\left or \\bigl before its bracket."""
        shown, before = self.math[node.span[0] : node.span[1]], self.math[: node.span[0]]
        sized = _SIZED.search(before)
        is_closed = shown.count(r"\left") < shown.count(r"\right") or re.search(r"\\[bB]igg?r", shown)
        return (sized.start(), node.span[1]) if sized and is_closed and shown[:1] in {"(", "[", "\\"} else node.span

    # -- text ------------------------------------------------------------------------------------------------------

    def text(self, node: Written) -> str:
        """What was written for a part of the row."""
        start, end = self.outer(node)
        return self.math[start:end]

    def place(self, old: Written) -> int:
        """How strongly what stands in the place of a part must hold together."""
        for part in self.own.values():
            for child in w.children(part):
                if child is old:
                    if isinstance(part, w.Sum):
                        return 2 if part.minus[[t is old for t in part.terms].index(True)] else 1
                    if isinstance(part, w.Quotient):
                        return 0 if self.math[part.span[0] : part.span[0] + 1] == "\\" else 3
                    return {w.Product: 2, w.Negative: 2, w.Power: 9, w.Transposed: 9, w.BigSum: 2}.get(type(part), 0)
        return 0

    def show(self, node: Written, least: int = 0, *, is_inner: bool = True) -> str:
        """The text of any form; in brackets where it holds together less than it must."""
        if id(node) in self.own:
            text = self.text(node)
        elif id(node) in self.texts:
            text = self.texts[id(node)][1]
        else:
            text = self.written(node)
        inner = unwrapped(node) if id(node) not in self.own and not text.startswith("(") else node
        loose = _BINDING.get(type(inner), 9) < least or (least == 9 and _BINDING.get(type(inner), 9) < 9)
        return f"({text})" if loose and is_inner and not self.is_bracketed(inner, text) else text

    def is_bracketed(self, node: Written, text: str) -> bool:
        return isinstance(node, w.Quotient | w.Derivative) and text.startswith(("\\frac", "\\dfrac", "\\tfrac"))

    def written(self, node: Written) -> str:
        """A form that stands nowhere yet."""
        match node:
            case w.Number():
                return self.decimal(node.text) + (f"e{node.exponent}" if node.exponent else "")
            case w.Bracket():
                return self.show(node.of) if isinstance(node.of, w.Bracket | w.Name) else f"({self.show(node.of)})"
            case w.Negative():
                return f"-{self.show(node.of, 2)}"
            case w.Sum():
                return self.sum(node)
            case w.Product():
                return self.product(node)
            case w.Quotient():
                plain = f"{self.show(node.top, 2)}/{self.show(node.bottom, 9)}"
                return rf"\frac{{{self.show(node.top)}}}{{{self.show(node.bottom)}}}" if self.is_latex else plain
            case w.Power():
                base, exponent = self.show(node.base, 9), self.show(node.exponent)
                base = f"({base})" if ("^" in base or self.is_careful) and not base.startswith("(") else base
                return (
                    f"{base}^{{{exponent}}}"
                    if self.is_latex and len(exponent) > 1
                    else f"{base}^{exponent}"
                    if len(exponent) == 1
                    else f"{base}^({exponent})"
                )
            case w.Transposed():
                inner = self.show(node.of, 9)
                return f"({inner}){self.turn}" if "^" in inner and not inner.startswith("(") else inner + self.turn
            case w.Call():
                return self.call(node)
            case w.BigSum():
                low = node.low.text if node.low else ""
                return (
                    (rf"\sum_{{{low}}} " if len(low) > 1 else rf"\sum_{low} ") + self.show(node.body, 2)
                    if self.is_latex
                    else f"Σ_{low} {self.show(node.body, 2)}"
                )
            case w.Derivative():
                of, by = self.show(node.of), self.show(node.wrt)
                return rf"\frac{{\partial {of}}}{{\partial {by}}}" if self.is_latex else f"∂{of}/∂{by}"
            case w.Indicator():
                condition = node.condition
                return rf"\mathbf{{1}}[{self.show(condition.left)} > 0]" if isinstance(condition, w.Relation) else ""
        return self.math[node.span[0] : node.span[1]]

    def call(self, node: w.Call) -> str:
        """A call; of one of the row, with what stands around its arguments."""
        name = self.texts[id(node.name)][1] if id(node.name) in self.texts else node.name.base
        if id(node.args[0]) in self.own and node.span[0] < node.args[0].span[0] and node.name.span != node.span:
            return name + self.math[node.name.span[1] : node.span[1]]
        inner = ", ".join(self.show(arg) for arg in node.args)
        named = inner + "".join(f", {key}={value}" for key, value in node.options)
        return rf"\sum_{{i=1}}^{{m}} {inner}" if name == "np.sum" and self.is_latex else f"{name}({named})"

    def sum(self, node: w.Sum) -> str:
        out = ""
        for at, (term, minus) in enumerate(zip(node.terms, node.minus, strict=True)):
            out += (" - " if minus else " + ") if at else "-" if minus else ""
            out += self.show(term, 2 if minus else 1)
        return out

    def product(self, node: w.Product) -> str:
        """Factors with what stands between them in the row, or is usual."""
        out = self.show(node.factors[0], 1 if isinstance(node.factors[0], w.Negative) else 2)
        for a, b, sign in zip(node.factors, node.factors[1:], node.signs, strict=False):
            gap = self.math[a.span[1] : self.outer(b)[0]] if id(a) in self.own and id(b) in self.own and a.span[1] <= b.span[0] else ""
            shown = self.show(b, 2)
            glue = self.entrywise if sign == "odot" else gap if gap and is_gap(gap) else self.glue
            if self.is_latex and not glue.strip() and (shown[:1].isdigit() or shown.startswith("-")):
                glue = r" \cdot "
            out += glue + shown
        return out

    # -- habits ----------------------------------------------------------------------------------------------------

    def decimal(self, text: str) -> str:
        """A number with the decimal comma, where the row has one."""
        return text.replace(".", ",") if re.search(r"\d,\d", self.math) and not re.search(r"\d\.\d", self.math) else text

    @cached_property
    def glue(self) -> str:
        """What the person writes between factors: as in this form, or the row, or else as is usual."""
        usual = " " if self.is_latex else " * "
        forms = [self.form, *(link.right for link in self.line.links)]
        for product in (part for form in forms for part in w.parts(form) if isinstance(part, w.Product)):
            for a, b in pairwise(product.factors):
                glue = self.math[a.span[1] : b.span[0]]
                if is_gap(glue) and (glue.strip() or not usual.strip()) and "\\odot" not in glue:
                    return glue if glue.strip() or "\\" in glue else usual
        return usual

    @cached_property
    def entrywise(self) -> str:
        """The sign of a product entry by entry, as it is written in the work."""
        sign = self.habit((r"\odot", r"\circ", "⊙", "∘", ".*"))
        return f" {sign or (chr(92) + 'odot' if self.is_latex else '⊙')} "

    @cached_property
    def turn(self) -> str:
        """The mark of a transposition, as it is written in the work."""
        return self.habit((r"^{\top}", r"^\top", r"^{\mathsf{T}}", r"^\mathsf{T}", r"^{T}", "ᵀ", "⊤", ".T")) or "^T"

    def habit(self, marks: Iterable[str]) -> str:
        """The first of these marks that is written in the work."""
        texts = [line.row.math for line in self.habits]
        return next((mark for mark in marks if any(mark in text for text in texts)), "")


def is_gap(text: str) -> bool:
    """Is this what stands between two factors, and nothing else?"""
    return len(text) < 12 and not set(text) & set("/[](){}&") and ("\\" in text or not any(c.isalnum() for c in text))


def removed(old: w.Product, new: Written) -> tuple[int, int] | None:
    """The run of factors that `new` lacks, if it lacks just such a run."""
    rest = new.factors if isinstance(new, w.Product) else (new,)
    count = len(old.factors) - len(rest)
    for at in range(len(rest) + 1 if count > 0 else 0):
        if all(a is b for a, b in zip((*old.factors[:at], *old.factors[at + count :]), rest, strict=True)):
            return at, at + count
    return None


def parallel(old: Written, new: Written) -> list[tuple[Written, Written]] | None:
    """The parts of two forms side by side, if these are alike but for them."""
    if isinstance(old, w.Name | w.Number | w.Call):
        return None
    a, b = list(w.children(old)), list(w.children(new))
    marks = [f.name for f in fields(old) if f.name in {"minus", "signs", "sign", "low", "high", "sub"}]
    if len(a) != len(b) or any(getattr(old, mark) != getattr(new, mark) for mark in marks):
        return None
    pairs = list(zip(a, b, strict=True))
    is_near = any(x is y for x, y in pairs) or len(pairs) == 1 or all(type(x) is type(y) for x, y in pairs)
    return pairs if is_near else None


def patched(text: str, span: Span, pieces: Sequence[Patch]) -> str:
    """The text of a span with parts of it replaced."""
    out, at = "", span[0]
    for (start, end), shown in sorted(pieces):
        out += text[at:start] + shown
        at = end
    return out + text[at : span[1]]
