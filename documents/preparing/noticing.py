"""Whether a photo can be read: measured on a small grey copy of what is printed. In doubt nothing is said.

Sharp letters, lines and paper edges go from dark to light within a dot or two of that copy. What is out of focus, or was
moved, takes its time everywhere: the steepest step near an edge is then small against the contrast there. A page without
any edges, an empty one for instance, is not judged.
"""

from collections.abc import Callable

from PIL import Image, ImageChops

from documents.preparing import geometry
from documents.preparing.words import Warning_

_DPI = 90  # of the small copy, at least: letters of 10 points are 12 dots high
_LEAST_SIDE = 100  # dots: what is smaller is warned of as such
_AROUND = 9  # dots in a row that are looked at together
_CONTRAST, _LEAST_CONTRAST = 4, 16  # an edge has a quarter of the picture's contrast, and not less than so many greys
_STEEP = 0.4  # of its contrast in one step: a sharp edge. Of text that a blur leaves just readable, some edges have it
_FEW_STEEP = 0.02  # of all edges
_FLAT = 0.25  # of the dots have no edge near: what changes there from one to the next is the camera's noise
_EDGES = 0.005  # of all dots: fewer edges tell nothing
_DARK, _DARK_LIGHTS = 50, 80  # a tenth of a readable picture is lighter than the one, or its lights than the other

_Pick = Callable[[Image.Image, Image.Image], Image.Image]


def noticed(image: Image.Image) -> set[Warning_]:
    """BLURRED or DARK, of the pixels of one page (grey or RGB)."""
    grey = image.convert("L").reduce(max(1, int(geometry.picture_dpi(*image.size) / _DPI)))
    if min(grey.size) < _LEAST_SIDE:
        return set()
    if _lighter_than(grey, 0.9) < _DARK and _lighter_than(grey, 0.995) < _DARK_LIGHTS:
        return {Warning_.DARK}
    contrast = (_lighter_than(grey, 0.995) - _lighter_than(grey, 0.01)) // _CONTRAST
    across, down = _steps(grey, 1, 0), _steps(grey, 0, 1)
    soft = _is_soft(across, down[0], contrast) or _is_soft(down, across[0], contrast)
    return {Warning_.BLURRED} if soft else set()


def _lighter_than(grey: Image.Image, share: float) -> int:
    """The grey value that at least this share of a picture does not pass."""
    room = share * grey.width * grey.height
    for value, count in enumerate(grey.histogram()):
        room -= count
        if room <= 0:
            return value
    return 255


def _steps(grey: Image.Image, dx: int, dy: int) -> tuple[Image.Image, Image.Image]:
    """For each dot's row (or column) of neighbours: the contrast in it, and the largest step from one to the next."""
    contrast = ImageChops.subtract(
        _among(ImageChops.lighter, grey, _AROUND, dx, dy), _among(ImageChops.darker, grey, _AROUND, dx, dy)
    )
    width, height = grey.size
    step = ImageChops.difference(grey.crop((0, 0, width - dx, height - dy)), grey.crop((dx, dy, width, height)))
    steepest = _among(ImageChops.lighter, step, _AROUND - 1, dx, dy)
    left, top = dy * (_AROUND // 2), dx * (_AROUND // 2)  # of what both directions know of
    box = (left, top, left + width - _AROUND + 1, top + height - _AROUND + 1)
    return contrast.crop(box), steepest.crop(box)


def _among(pick: _Pick, image: Image.Image, count: int, dx: int, dy: int) -> Image.Image:
    """The lightest or darkest of `count` dots in a row, for each first one."""
    done = 1
    while done < count:
        more = min(done, count - done)
        width, height = image.size
        here = image.crop((0, 0, width - more * dx, height - more * dy))
        image = pick(here, image.crop((more * dx, more * dy, width, height)))
        done += more
    return image


def _is_soft(steps: tuple[Image.Image, Image.Image], other: Image.Image, least: int) -> bool:
    """Whether there are edges in this direction (more contrast than in the `other`), and nearly none is steep."""
    grain = _lighter_than(steps[1], _FLAT)
    contrast, steepest = (image.point([max(0, value - grain) for value in range(256)]) for image in steps)
    other = other.point([max(0, value - grain) for value in range(256)])
    strong = max(least, _LEAST_CONTRAST)
    is_edge = contrast.point([255 * (value >= strong) for value in range(256)])
    is_edge = ImageChops.darker(is_edge, _no_more(other, contrast))
    reach = steepest.point([min(255, round(value / _STEEP)) for value in range(256)])
    is_steep = ImageChops.darker(is_edge, _no_more(contrast, reach))
    edges, steep = is_edge.histogram()[255], is_steep.histogram()[255]
    return edges >= _EDGES * contrast.width * contrast.height and steep < _FEW_STEEP * edges


def _no_more(one: Image.Image, other: Image.Image) -> Image.Image:
    """White where `one` is not lighter than the `other`."""
    return ImageChops.subtract(one, other).point([255] + [0] * 255)
