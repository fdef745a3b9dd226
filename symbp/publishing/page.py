"""What HTML asks of its row of FORMATS: escapes, the factors' classes, gaps, links to equations, pictures."""

from __future__ import annotations

import re
from html import escape

from symbp.publishing.drawing_svg import svg
from symbp.publishing.pictures import Picture

_UNPRINTABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
"""What HTML does not allow to stand in a text."""
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of the text around it; letters written from the right have theirs without."""
_TIED = re.compile(r"[(“]?<math>(?:(?!</math>).)*</math>(?:[,.;:?!)”]|-\w+|s\b)+|[(“]<math>(?:(?!</math>).)*</math>")


def escape_html(text: str) -> str:
    """Plain text as HTML that shows the same, in an element or an attribute: no markup comes of it, and it stays within its own place."""
    return escape(_TURNING.sub("", _UNPRINTABLE.sub("\ufffd", text)))


def html_paint(colour: int, text: str) -> str:
    return f'<mrow class="factor{colour}">{text}</mrow>'


def html_gap(at: int, digits: int) -> str:
    """A box, which the style draws, in letters of three quarters of the size."""
    return f'<mrow class="gap"><mtext>({at})</mtext><mspace width="{round((digits / 2 - 1.2) / 0.75 - 1.4, 1):g}em"/></mrow>'


def html_refer(label: str, at: int) -> str:
    return f'<a href="#{label}">({at})</a>'


def html_drawing(picture: Picture) -> str:
    """The picture as SVG within the page, which brings the colours. It has no title, which browsers would show under the mouse."""
    drawing, speller = picture.drawing, picture.writer.speller
    return svg(
        drawing, speller, title="", description=picture.description, identity=picture.identity, palette=picture.palette, standalone=False
    )


def tied(text: str) -> str:
    """`text` with inline mathematics tied to the punctuation beside it: browsers would break the line between the two."""
    return _TIED.sub(r'<span class="tied">\g<0></span>', text)
