"""Pictures of a packet's pages for people who look before it is released: the file itself goes nowhere until then."""

import itertools
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

WIDTH = 1000  # pixels
QUALITY = 80
TILE = 64  # pixels

Box = tuple[int, int, int, int]


Look = Callable[[pypdfium2.PdfPage, Image.Image, int], None]


def nobody(page: pypdfium2.PdfPage, picture: Image.Image, number: int) -> None:
    """Nobody looks."""


def draft_images(pdf: Path, into: Path, *, text: str = "DRAFT", first_page: int, look: Look = nobody) -> list[Path]:
    """A JPEG of each page, 1000 pixels wide, with `text` burnt into it, named by packet page: `page-00042.jpg`.

    `first_page` is the packet page of the file's first page. `look` is shown each page, its picture without `text`, and
    its packet page.
    """
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = enumerate(document, first_page)
        return [_draft(page, number, into / f"page-{number:05d}.jpg", text, look) for number, page in pages]
    finally:
        document.close()


def _draft(page: pypdfium2.PdfPage, number: int, path: Path, text: str, look: Look) -> Path:
    # Red first and four bytes a pixel: Pillow works on the very memory pdfium drew into, without a copy.
    picture = page.render(scale=WIDTH / page.get_width(), rev_byteorder=True, prefer_bgrx=True).to_pil()
    look(page, picture, number)
    for box, mask in _mark(picture.size, text):
        picture.paste((176, 0, 32), box, mask)
    picture.save(path, "JPEG", quality=QUALITY, optimize=False)
    page.close()
    return path


@lru_cache(maxsize=2)
def _mark(size: tuple[int, int], text: str) -> list[tuple[Box, Image.Image]]:
    """How much of the watermark each pixel gets: the text across the page, and small along its edge; in tiles, without
    those that get nothing."""
    across = _words(text, size[0] / (0.62 * max(len(text), 4)), 70).rotate(
        52, expand=True, resample=Image.Resampling.BILINEAR
    )
    mark = Image.new("L", size, 0)
    mark.paste(across, ((size[0] - across.width) // 2, (size[1] - across.height) // 2))
    small = _words(text, 22, 110)
    for left in range(20, size[0] - small.width, max(small.width * 3, 1)):
        mark.paste(small, (left, 12))
    corners = itertools.product(range(0, size[0], TILE), range(0, size[1], TILE))
    boxes = [(left, top, min(left + TILE, size[0]), min(top + TILE, size[1])) for left, top in corners]
    tiles = [(box, mark.crop(box)) for box in boxes]
    return [(box, tile) for box, tile in tiles if tile.getbbox()]


def _words(text: str, height: float, strength: int) -> Image.Image:
    font = ImageFont.load_default(size=height)
    left, top, right, bottom = font.getbbox(text)
    words = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2), 0)
    ImageDraw.Draw(words).text((-left, -top), text, fill=strength, font=font)
    return words
