"""Form × Notation → MathML Core: what stands in a `<math>` element, a sequence of whole elements.

Signs that are not seen say what a screen reader needs: a function is applied (U+2061), two quantities are multiplied (U+2062).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from symbp.language.form import Function
from symbp.language.speller import Name
from symbp.language.symbols import GREEK, HATTED
from symbp.language.typeset import BAR, CELL, SCRIPT, THIN_WIDTH, TypesetWriter, is_differential, letter_width, parted
from symbp.language.writer import BREAK

_THIN = "0.167em"
_LETTERS = {**GREEK, "epsilon": "ϵ"}
"""Greek letters; that of epsilon is LaTeX's."""
_SUM = '<mo lspace="0em">∑</mo>'
"""What stands before a sum has its gap already."""
_PRIMES = ("", "′", "″", "‴")
_TYPED = re.compile(r"[A-Za-z]_[A-Za-z0-9]|[A-Za-z]|[0-9]+|\S")
_SPACED = re.compile(r'<mo(?: form="infix")?>([^<]{1,6})</mo>')
"""An infix sign with the gaps that it has by itself."""
_TAG = re.compile(r"<(/?)([a-z]+)([^>]*)>|&#?(\w+);|([^<&]+)")
_BRACKET = re.compile(r"<mo>([(\[|\])])</mo>")
_OPENED = "(?:<m(?:row|sup|sub|subsup|under|underover)>)*"


def word(text: str, *, is_own: bool = False) -> str:
    """A name's letters: greek (but not a user's own), several letters upright, one letter or a differential slanted."""
    if not is_own:
        if text in _LETTERS:
            # MathML would slant a capital Greek letter, LaTeX does not.
            upright = ' mathvariant="normal"' if text[0].isupper() else ""
            return f"<mi{upright}>{_LETTERS[text]}</mi>"
        if text in HATTED:
            return f'<mover accent="true">{word(HATTED[text])}<mo stretchy="false">ˆ</mo></mover>'
        if text == "ones":
            return "<mn>𝟏</mn>"
        if is_differential(text):
            return f"<mrow><mi>{text[0]}</mi><mi>{text[1]}</mi></mrow>"
    return f"<mi>{escape(text)}</mi>"


def unit_name(name: str) -> str:
    """A unit's name in a subscript: h1, h_{1,2} for h1_2, and words upright."""
    if match := re.fullmatch(r"([A-Za-z])(\d+)_(\d+)", name):
        return f"<msub><mi>{match[1]}</mi>{row(tight(typed(f'{match[2]},{match[3]}')))}</msub>"
    return typed(name) if re.fullmatch(r"[A-Za-z]\d*", name) else word(name, is_own=True)


def typed(text: str) -> str:
    """Letters, digits and signs one by one; n_l has a subscript."""
    return "".join(map(_typed_part, _TYPED.findall(text)))


def _typed_part(part: str) -> str:
    if "_" in part:
        base, sub = map(_typed_part, part.split("_"))
        return f"<msub>{base}{sub}</msub>"
    if part.isdecimal():
        return f"<mn>{part}</mn>"
    if part.isalpha() or part in "…∂":
        return f"<mi>{part}</mi>"
    if part in "()[]⟨⟩":
        return f'<mo stretchy="false">{part}</mo>'
    return f"<mo>{escape(part.replace('-', '−'))}</mo>"


def tight(text: str) -> str:
    """`text` as it stands in a script, without gaps around its signs."""
    return _SPACED.sub(r'<mo lspace="0em" rspace="0em">\1</mo>', text)


def is_single(text: str) -> bool:
    """Is `text` one element?"""
    depth = count = 0
    for closes, name, _, entity, words in _TAG.findall(text):
        if name:
            depth += -1 if closes else 1
            count += bool(closes) and depth == 0
        elif depth == 0 and (entity or words):
            return False
    return count == 1


def row(text: str) -> str:
    """`text` as one element."""
    return text if is_single(text) else f"<mrow>{text}</mrow>"


def name_mathml(name: Name) -> str:
    """A Name in MathML, one element."""
    base, subs = parted(name)
    out = word(base, is_own=name.is_own)
    sub = name_mathml(name.of) if name.of is not None else "<mo>,</mo>".join([*map(typed, subs), *map(unit_name, name.words)])
    sup = typed(name.sup + (f"⟨{name.time}⟩" if name.time else ""))
    kind = "m" + ("sub" if sub else "") + ("sup" if sup else "")
    scripts = "".join(row(tight(script)) for script in (sub, sup) if script)
    return f"<{kind}>{out}{scripts}</{kind}>" if scripts else out


class MathmlWriter(TypesetWriter):
    """The medium `mathml`."""

    medium = "mathml"
    minus, plus, greater = '<mo form="infix">−</mo>', '<mo form="infix">+</mo>', "<mo>&gt;</mo>"
    """A sign that starts a line stands between two terms all the same."""
    dot, thin, beside = "<mo>⋅</mo>", f'<mo rspace="{_THIN}">&#8290;</mo>', "<mo>&#8290;</mo>"
    tall = re.compile("<mfrac>|<munder|<mtable")
    leads_digit, leads_gap = re.compile(_OPENED + "<mn>[0-9]"), re.compile(f"<mfrac>|<munder|{_OPENED}<mn>𝟏")
    leads_bracket = re.compile(_OPENED + r"<mo[^>]*>[(|]")
    leads_word = re.compile(_OPENED + "<mi>[^<]{2,}</mi>")
    has_word = re.compile("<mi>[^<]{2,}</mi>(?!<mo>(?:&#8289;|[′″‴]))")
    ends_gap = re.compile(r"<mo>\)</mo></mrow>$|<mo[^>]*>\]</mo></mrow>$")

    def named(self, name: Name) -> str:
        return name_mathml(name)

    def measure(self, text: str) -> float:
        return width(text)

    def typed(self, text: str) -> str:
        return typed(text)

    def is_negative(self, written: str) -> bool:
        return written.startswith('<mo form="prefix">−')

    def nabla(self, wrt: str, of: str) -> str:
        return f'<msub><mi mathvariant="normal">∇</mi>{row(wrt)}</msub>{of}'

    def value(self, shown: str) -> str:
        mantissa, _, exponent = shown.partition("e")
        top, slash, bottom = (_signed(part) for part in mantissa.partition("/"))
        written = f"{top}<mo>/</mo>{bottom}" if slash else top
        return f"{written}<mo>×</mo><msup><mn>10</mn>{row(_signed(str(int(exponent))))}</msup>" if exponent else written

    def function(self, function: Function) -> str:
        symbol, order = function.symbol, function.order
        letter = word(symbol) if symbol in GREEK else f"<mi>{escape(symbol)}</mi>"
        primes = _PRIMES[order] if order < len(_PRIMES) else "′" * order
        # The prime of a font for mathematics is small and raised already.
        return f"<mrow>{letter}<mo>{primes}</mo></mrow>" if order else letter

    def flat(self, inner: str) -> str:
        written = f'<mo stretchy="false">(</mo>{inner}<mo stretchy="false">)</mo>'
        return written if BREAK in inner else f"<mrow>{written}</mrow>"

    def growing(self, inner: str) -> str:
        return f"<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>"

    def large(self, inner: str) -> str:
        return f'<mo minsize="1.8em" maxsize="1.8em">(</mo>{inner}<mo minsize="1.8em" maxsize="1.8em">)</mo>'

    def fill(self, template: str, args: Sequence[str]) -> str:
        args = list(args)
        if not any(map(self.tall.search, args)):
            template = _BRACKET.sub(r'<mo stretchy="false">\1</mo>', template)
        if template.endswith("}</mrow></msup>"):
            args[-1] = tight(args[-1])
        if template.startswith("<msup><mrow>{0}") and args[0].startswith("<msub>") and is_single(args[0]):
            # The exponent stands above the subscript.
            template = template.replace("msup>", "msubsup>").replace("<mrow>{0}</mrow>", "{0}", 1)
            args[0] = args[0].removeprefix("<msub>").removesuffix("</msub>")
        for at, arg in enumerate(args):
            if is_single(arg):
                template = template.replace(f"<mrow>{{{at}}}</mrow>", f"{{{at}}}")
        return template.format(*args)

    def matrix(self, rows: list[list[str]]) -> str:
        written = "".join("<mtr>" + "".join(_cell(cell, at, len(cells)) for at, cell in enumerate(cells)) + "</mtr>" for cells in rows)
        return f"<mrow><mo>[</mo><mtable>{written}</mtable><mo>]</mo></mrow>"

    def hadamard(self) -> str:
        return "<mo>∘</mo>" if self.speller.notation.hadamard == "circ" else "<mo>⊙</mo>"

    def range(self, index: str, top: str) -> str:
        if top:
            return f"<munderover>{_SUM}<mrow>{tight(f'{index}<mo>=</mo><mn>1</mn>')}</mrow>{tight(row(top))}</munderover>"
        return f"<munder>{_SUM}{tight(row(index))}</munder>"


def _cell(cell: str, at: int, columns: int) -> str:
    """A cell, without a gap to the brackets."""
    sides = [side for side, is_outer in (("left", at == 0), ("right", at == columns - 1)) if is_outer]
    style = "; ".join(f"padding-{side}: 0" for side in sides)
    return f'<mtd style="{style}">{cell}</mtd>' if style else f"<mtd>{cell}</mtd>"


def _signed(number: str) -> str:
    if number in {"", "/"}:
        return number
    sign = '<mo form="prefix">−</mo>' if number[0] == "-" else ""
    return f"{sign}<mn>{escape(number.lstrip('-'))}</mn>"


# -- widths ------------------------------------------------------------------------------------------------------------


def width(mathml: str) -> float:
    """About how wide `mathml` comes out, in digits of the text size; a fraction is as wide as its wider part."""
    open_: list[tuple[str, list[float]]] = [("mrow", [])]
    columns: list[list[float]] = []
    for closes, name, attributes, entity, words in _TAG.findall(mathml):
        widths = open_[-1][1]
        if name == "mtable" and not closes:
            columns.append([])
        if name and closes:
            open_.pop()
            open_[-1][1].append(_element(name, widths, columns))
        elif name:
            open_.append((name, [THIN_WIDTH] if f'"{_THIN}"' in attributes else []))
        elif entity in {"gt", "lt"}:
            widths.append(letter_width(">"))
        elif not entity:
            widths.append(0.0 if open_[-1][0] == "mo" and words == "ˆ" else letter_width(words))
    return sum(width for _, widths in open_ for width in widths)


def _element(name: str, widths: list[float], columns: list[list[float]]) -> float:
    """The width of an element whose children have these widths; `columns` are those of the tables that are open."""
    match name:
        case "mfrac":
            return max(widths, default=0.0) + BAR
        case "msub" | "msup" | "msubsup" | "munder" | "munderover":
            return sum(widths[:1]) + SCRIPT * sum(widths[1:])
        case "mtr":
            known = columns[-1]
            columns[-1] = [max(pair) for pair in zip(known or [0.0] * len(widths), widths, strict=False)]
            return 0.0
        case "mtable":
            return sum(CELL + widest for widest in columns.pop())
    return sum(widths)
