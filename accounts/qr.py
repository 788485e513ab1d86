"""A link as a square that a phone's camera reads."""

import segno


def svg(text: str) -> str:
    """Inline SVG without style attributes, as large as its box, dark on light in both colour schemes."""
    code = segno.make(text, micro=False, error="m")
    return str(code.svg_inline(border=4, dark="#14201b", light="#fff", svgclass=None, lineclass=None, omitsize=True))
