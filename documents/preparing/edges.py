"""The edge of a light paper on a darker table: where to crop a photo, and how far it is tilted. Only a suggestion.

Looked for on a small grey copy. Four straight sides, all in the picture, that agree with one another and are light within
and dark without: else nothing is suggested.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from PIL import Image, ImageDraw, ImageFilter

from documents.preparing.placing import Placed

_LONGER, _NARROWEST = 240, 60  # dots of the small copy's sides: at least, and less than twice as many
_CONTRAST = 40  # greys between paper and table, on average
_SMALLEST, _LARGEST = 0.15, 0.92  # of the photo: what could be the paper; beyond there is little to crop
_MIDDLE = 0.7  # of each side: what is looked at, as corners are torn, rounded and turned in
_OFF, _MOST_OFF = 1.5, 0.15  # dots from the straight line that a side may be, and the share of it that may be further
_MOST_TILT, _APART = 12.0, 4.0  # degrees: of the paper, and between two of its sides (a photo from aslant)
_LIGHT, _DARK = 0.93, 0.85  # shares: of the paper that is light, writing aside, and of the rest that is dark
_MARGIN = 0.006  # of the photo, left around the paper
_LEAST_TILT = 0.4  # degrees: less is straight


@dataclass(frozen=True, slots=True)
class _Side:
    """x of a side that runs down, or y of one that runs across: `start` + `slope` × the other one, in dots."""

    start: float
    slope: float

    @property
    def degrees(self) -> float:
        return math.degrees(math.atan(self.slope))


def suggestion(image: Image.Image, photo: int) -> Placed | None:
    """How this upright photo would be straightened and cropped to the paper on it; None where that is not certain."""
    factor = max(image.size) // _LONGER
    if factor < 1 or min(image.size) < factor * _NARROWEST:
        return None
    light = _light(image.reduce(factor).convert("L"))
    return _placed(light, photo) if light else None


def _light(grey: Image.Image) -> Image.Image | None:
    """White where the paper may be, its writing filled in; None where nothing stands out."""
    plain = grey.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.MinFilter(5))
    border, apart = _parted(plain.histogram())
    return plain.point([255 * (value > border) for value in range(256)]) if apart >= _CONTRAST else None


def _parted(counts: Sequence[int]) -> tuple[int, float]:
    """The grey value that parts dark from light best (N. Otsu, 1979), and how far apart their averages are."""
    total, whole = sum(counts), sum(value * count for value, count in enumerate(counts))
    best, border, apart = -1.0, 0, 0.0
    dark = dark_sum = 0
    for value, count in enumerate(counts):
        dark, dark_sum = dark + count, dark_sum + value * count
        if not 0 < dark < total:
            continue
        between = (whole - dark_sum) / (total - dark) - dark_sum / dark
        if dark * (total - dark) * between**2 > best:
            best, border, apart = dark * (total - dark) * between**2, value, between
    return border, apart


def _placed(light: Image.Image, photo: int) -> Placed | None:
    across, down = _sides(light), _sides(light.transpose(Image.Transpose.TRANSPOSE))
    if across is None or down is None:
        return None
    (left, right), (top, bottom) = across, down
    # A paper turned clockwise has its sides run to the left on their way down, its top run down on its way right.
    angles = [-left.degrees, -right.degrees, top.degrees, bottom.degrees]
    tilt = sum(angles) / 4
    if abs(tilt) > _MOST_TILT or max(angles) - min(angles) > _APART:
        return None
    corners = [_crossing(side, end) for side in (left, right) for end in (top, bottom)]
    if not _is_filled(light, corners):
        return None
    straight = 0.0 if abs(tilt) < _LEAST_TILT else -round(tilt, 1)
    return _cropped(photo, straight, [_turned(corner, straight, light.size) for corner in corners])


def _sides(light: Image.Image) -> tuple[_Side, _Side] | None:
    """The left and right side of the largest light thing, each row telling where it begins and ends."""
    width, rows = light.width, []
    data = light.tobytes()
    for y in range(light.height):
        length, start = _longest(data[y * width : (y + 1) * width])
        rows.append((y, start, start + length) if length >= width / 5 else None)
    runs = [list(run) for is_paper, run in groupby(rows, key=bool) if is_paper]
    seen = [row for row in max(runs, key=len, default=[]) if row]
    skipped = round(len(seen) * (1 - _MIDDLE) / 2)
    middle = seen[skipped : len(seen) - skipped]
    if len(middle) < light.height / 6 or any(start < 1 or end > width - 1 for _, start, end in middle):
        return None
    left, right = _line([(y, start) for y, start, _ in middle]), _line([(y, end) for y, _, end in middle])
    return (left, right) if left and right else None


def _longest(row: bytes) -> tuple[int, int]:
    """The longest white stretch of a row, and where it begins."""
    longest = max(row.split(b"\0"), key=len)
    return len(longest), row.find(longest)


def _line(points: list[tuple[int, int]]) -> _Side | None:
    """The straight line through most of these (place along, place of the edge); None where they are no line."""
    first = _fitted(points)
    near = [point for point in points if abs(_distance(first, point)) <= 2 * _OFF]
    line = _fitted(near) if len(near) > len(points) / 2 else first
    off = sum(abs(_distance(line, point)) > _OFF for point in points)
    return line if off <= _MOST_OFF * len(points) else None


def _distance(line: _Side, point: tuple[int, int]) -> float:
    return point[1] - line.start - line.slope * point[0]


def _fitted(points: list[tuple[int, int]]) -> _Side:
    """Least squares."""
    middle_x, middle_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - middle_x) ** 2 for x, _ in points) or 1
    slope = sum((x - middle_x) * (y - middle_y) for x, y in points) / spread
    return _Side(middle_y - slope * middle_x, slope)


def _crossing(side: _Side, end: _Side) -> tuple[float, float]:
    """Where x = side(y) and y = end(x) meet."""
    y = (end.start + end.slope * side.start) / (1 - end.slope * side.slope)
    return side.start + side.slope * y, y


def _is_filled(light: Image.Image, corners: list[tuple[float, float]]) -> bool:
    """Whether what lies between the corners (left, then right; upper first) is light, and the rest dark."""
    inside = Image.new("1", light.size)
    upper_left, lower_left, upper_right, lower_right = corners
    ImageDraw.Draw(inside).polygon([upper_left, upper_right, lower_right, lower_left], fill=1)
    within, all_ = light.histogram(inside), light.histogram()
    area, rest = sum(within), sum(all_) - sum(within)
    return within[255] >= _LIGHT * area and all_[0] - within[0] >= _DARK * rest


def _turned(point: tuple[float, float], degrees: float, size: tuple[int, int]) -> tuple[float, float]:
    """Where a dot comes to lie when the picture is turned about its centre, clockwise; as fractions of its size."""
    angle, (width, height) = math.radians(degrees), size
    x, y = point[0] - width / 2, point[1] - height / 2
    new_x, new_y = x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)
    return new_x / width + 0.5, new_y / height + 0.5


def _cropped(photo: int, tilt: float, corners: list[tuple[float, float]]) -> Placed | None:
    """To the box around the corners. None where that is nearly the photo, or a small thing on it."""
    across, down = zip(*corners, strict=True)
    left, top = (round(max(0.0, min(places) - _MARGIN), 4) for places in (across, down))
    right, bottom = (round(min(1.0, max(places) + _MARGIN), 4) for places in (across, down))
    placed = Placed(photo, 0, (left, top, right, bottom), tilt)
    return placed if placed.is_sound and _SMALLEST <= (right - left) * (bottom - top) <= _LARGEST else None
