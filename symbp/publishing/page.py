"""What HTML asks of its row of FORMATS: escapes, the factors' classes, gaps, links to equations, and the colours of the page."""

from __future__ import annotations

import re
from html import escape

from symbp.publishing.palette import DARK, LIGHT

_UNPRINTABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
"""What HTML does not allow to stand in a text."""
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of the text around it; letters written from the right have theirs without."""
_TIED = re.compile(r"[(“]?<math>(?:(?!</math>).)*</math>(?:[,.;:?!)”]|-\w+|s\b)+|[(“]<math>(?:(?!</math>).)*</math>")


def escape_html(text: str) -> str:
    """Plain text as HTML that shows the same, in an element or an attribute: no markup comes of it, and it stays within its own place."""
    return escape(_TURNING.sub("", _UNPRINTABLE.sub("\ufffd", text)))


def html_paint(colour: int, text: str) -> str:
    return f'<mrow class="f{colour}">{text}</mrow>'


def html_gap(at: int) -> str:
    return f'<mtext class="gap">({at})</mtext>'


def html_refer(label: str, at: int) -> str:
    return f'<a href="#{label}">({at})</a>'


def css_colours() -> str:
    """The colours of factors as CSS: --f1, --f2, … on a light page, --f1-dark, … on a dark one."""
    pairs = ((role.replace("factor", "--f"), LIGHT[role], DARK[role]) for role in LIGHT)
    return " ".join(f"{name}: {light}; {name}-dark: {dark};" for name, light, dark in pairs)


def tied(text: str) -> str:
    """`text` with inline mathematics tied to the punctuation beside it: browsers would break the line between the two."""
    return _TIED.sub(r'<span class="tied">\g<0></span>', text)
