"""Makes `templates/math.woff2`: of Latin Modern Math (fonts-lmodern), the characters that our MathML has, under a name of its own.

    python tests/real/make_math_font.py [latinmodern-math.otf]

Brackets higher than the highest of that font are put together here: a browser draws what it puts together itself beside its place.
It needs fonttools and brotli. The GUST Font License asks that what is changed bears another name; its text lies beside the font.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from fontTools.misc.transform import Offset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import RecordingPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.otTables import MathGlyphVariantRecord

SOURCE = Path("/usr/share/texmf/fonts/opentype/public/lm-math/latinmodern-math.otf")
TARGET = Path(__file__).resolve().parents[2] / "templates" / "math.woff2"
FAMILY = "symbp math"

BLOCKS = (
    range(0x20, 0x7F),
    range(0x391, 0x3D7),
    (0xA0, 0xB1, 0xB7, 0xD7, 0x2C6, 0x302, 0x3F5, 0x210E),
    range(0x1D434, 0x1D468),  # slanted letters
    range(0x1D6E2, 0x1D71C),  # slanted Greek, and the sign of a partial derivative
    range(0x1D7CE, 0x1D7D8),  # bold digits
    map(ord, "‖′″‴…→∂∇∏∑−∘√∞≈≠≤≥⊘⊙⊤⋅⋮⋯⋱⟨⟩⎡⎣⎢⎤⎦⎥⎧⎨⎩⎪"),
    (0x2009, 0x2061, 0x2062),
)
NAMES = {1: FAMILY, 3: f"{FAMILY}, of Latin Modern Math 1.959", 4: FAMILY, 6: "symbp-math", 16: FAMILY}

BRACKETS = "()[]{|"
HEIGHTS = range(3250, 9001, 250)
"""How high they may be, in thousandths of the text size; what is higher still is left to the browser."""
OVERLAP = 10


def characters() -> set[int]:
    """Every character that the font keeps."""
    return {code for block in BLOCKS for code in block}


def add_brackets(font: TTFont) -> None:
    """More sizes of the brackets, each made of the pieces that the font has for it."""
    variants = font["MATH"].table.MathVariants
    glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
    for bracket in BRACKETS:
        at = variants.VertGlyphCoverage.glyphs.index(cmap[ord(bracket)])
        construction = variants.VertGlyphConstruction[at]
        parts = construction.GlyphAssembly.PartRecords
        highest = construction.MathGlyphVariantRecord[-1].AdvanceMeasurement
        for height in (height for height in HEIGHTS if height > highest):
            name = f"{cmap[ord(bracket)]}.h{height}"
            add_glyph(font, name, glyphs, parts, height)
            record = MathGlyphVariantRecord()
            record.VariantGlyph, record.AdvanceMeasurement = name, height
            construction.MathGlyphVariantRecord.append(record)
            construction.VariantCount = len(construction.MathGlyphVariantRecord)


def add_glyph(font: TTFont, name: str, glyphs: Any, parts: list[Any], height: int) -> None:
    """The `parts` from the bottom up, those that may be repeated as often as `height` asks, around the axis of the fractions."""
    fixed = sum(part.FullAdvance - OVERLAP for part in parts if not part.PartFlags & 1) + OVERLAP
    extenders = [part for part in parts if part.PartFlags & 1]
    to_fill = (height - fixed) / len(extenders)
    axis = font["MATH"].table.MathConstants.AxisHeight.Value
    width = max(font["hmtx"][part.glyph][0] for part in parts)
    pen = T2CharStringPen(width, None)
    y = axis - height / 2
    for part in parts:
        end = y + (to_fill if part.PartFlags & 1 else part.FullAdvance - OVERLAP)
        while y < end - 1:
            # The last one reaches back over the one before it, and ends where it must.
            bottom = max(min(y, end + OVERLAP - part.FullAdvance), axis - height / 2) if part.PartFlags & 1 else y
            recorded = RecordingPen()
            glyphs[part.glyph].draw(recorded)
            recorded.replay(TransformPen(pen, Offset(0, round(bottom))))
            y = min(y + part.FullAdvance - OVERLAP, end)
    put_glyph(font, name, width, pen)


def put_glyph(font: TTFont, name: str, width: int, pen: T2CharStringPen) -> None:
    top = font["CFF "].cff.topDictIndex[0]
    strings = top.CharStrings
    string = pen.getCharString(private=top.Private, globalSubrs=font["CFF "].cff.GlobalSubrs)
    strings.charStringsIndex.append(string)
    strings.charStrings[name] = len(strings.charStringsIndex) - 1
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    top.charset = font.getGlyphOrder()
    bounds = BoundsPen(None)
    string.draw(bounds)
    font["hmtx"][name] = (width, round(bounds.bounds[0]))


def main(source: Path) -> None:
    font = TTFont(source, recalcTimestamp=False)
    options = Options(layout_features=[], notdef_outline=True, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14, 16], hinting=False, flavor="woff2")
    options.drop_tables += ["FFTM", "DSIG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    add_brackets(font)
    for record in font["name"].names:
        if record.nameID in NAMES:
            record.string = NAMES[record.nameID]
    top = font["CFF "].cff.topDictIndex[0]
    font["CFF "].cff.fontNames[0] = NAMES[6]
    top.FullName = top.FamilyName = FAMILY
    font.flavor = "woff2"
    font.save(TARGET)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE)
