"""Photos of papers, made in code: a page of writing, on a table, out of focus, moved, in the dark; and albums of them."""

import io
import random
import zipfile
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

_WORDS = ["hago", "constar", "que", "conozco", "a", "la", "familia", "desde", "hace", "diez", "inviernos", "en", "casa"]
_PAPER, _INK, _TABLE = (244, 242, 236), (35, 35, 45), (92, 70, 52)


def page(width: int = 1500, height: int = 1940, *, size: int = 33, lines: int = 99) -> Image.Image:
    """A letter with so many lines, as a scanner gives it at 200 dpi."""
    chance, font = random.Random(7), ImageFont.load_default(size)
    image = Image.new("RGB", (width, height), _PAPER)
    pen = ImageDraw.Draw(image)
    for line in range(min(lines, int(height * 0.8 / (size * 1.5)))):
        words = " ".join(chance.choices(_WORDS, k=round(width * 0.8 / size / 2.9)))
        pen.text((width * 0.08, height * 0.08 + line * size * 1.5), words, font=font, fill=_INK)
    return image


def on_table(
    paper: Image.Image, *, tilt: float = 0, share: float = 0.8, table: tuple[int, int, int] = _TABLE, move: int = 0
) -> Image.Image:
    """The paper on a table, turned clockwise by `tilt` degrees; `move` dots to the right of the middle."""
    width, height = 1560, 2080
    image = Image.new("RGB", (width, height), table)
    grain = Image.effect_noise((width // 8, height // 60), 60).resize((width, height))
    image = Image.blend(image, grain.convert("RGB"), 0.08)
    small = paper.resize((round(width * share), round(paper.height * width * share / paper.width)))
    turned = small.rotate(-tilt, Image.Resampling.BICUBIC, expand=True)
    shape = Image.new("L", small.size, 255).rotate(-tilt, expand=True)
    image.paste(turned, ((width - turned.width) // 2 + move, (height - turned.height) // 2), shape)
    return image


def numbered(number: int) -> Image.Image:
    """A photo of 12 megapixels of a full page on a table, with this number in its first line."""
    paper = page(lines=30)
    ImageDraw.Draw(paper).text((120, 60), f"Folio {number}", font=ImageFont.load_default(44), fill=_INK)
    return on_table(paper, tilt=1, share=0.95).resize((3024, 4032))


def blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius))


def moved(image: Image.Image, dots: int) -> Image.Image:
    """As when the hand moves sideways while the picture is taken."""
    result = image
    for step in range(1, dots):
        result = Image.blend(result, ImageChops.offset(image, step, 0), 1 / (step + 1))
    return result


def darkened(image: Image.Image, light: float) -> Image.Image:
    return image.point([round(value * light) for value in range(256)] * 3)


def grainy(image: Image.Image, strength: float = 5) -> Image.Image:
    """With the noise of a small sensor."""
    grain = Image.effect_noise(image.size, strength).convert("RGB")
    return ImageChops.add(image, grain, 1, -128)


def jpeg(image: Image.Image, quality: int = 88) -> bytes:
    into = io.BytesIO()
    image.save(into, "JPEG", quality=quality)
    return into.getvalue()


def album(photos: Sequence[bytes], names: Sequence[str] = (), *, method: int = zipfile.ZIP_STORED) -> bytes:
    """One file of several photos, in order."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as file:
        for number, photo in enumerate(photos, 1):
            file.writestr(zipfile.ZipInfo(names[number - 1] if names else f"{number}.jpg"), photo, method)
    return into.getvalue()
