"""Reading letters off a picture, by Tesseract, in the sandbox.

Tesseract is loaded as a library, like the office program: it needs no leave to start programs and opens no socket. Its
languages are those that are installed by scripts/setup; the first is tried first, and is the better reader of the other.
"""

import ctypes
import os
from typing import NamedTuple

from PIL import Image

from documents.preparing.words import PreparingFailed

LANGUAGES = "spa+eng"
_LIBRARY = "libtesseract.so.5"
_TURNED_TOO = 1  # pages that lie on their side or stand on their head are seen and read upright (PSM_AUTO_OSD)
_NICER = 10  # how far behind all other work: a page being prepared is waited for, a page being read is not
_POINTER, _TEXT, _INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
# From Tesseract's capi.h: what each answers, and what it takes after its handle.
_CALLS = {
    "Init3": (_INT, (_TEXT, _TEXT)),
    "SetVariable": (_INT, (_TEXT, _TEXT)),
    "SetPageSegMode": (None, (_INT,)),
    "SetImage": (None, (_TEXT, _INT, _INT, _INT, _INT)),
    "SetSourceResolution": (None, (_INT,)),
    "GetUTF8Text": (_POINTER, ()),
    "GetTsvText": (_POINTER, (_INT,)),
}
_WORD, _SURE = "5", 50.0  # the level of a word in a table of what was read; of a hundred, from which it is believed


class Spot(NamedTuple):
    """A word on a picture, in its dots: from the left, from the top, how wide, how high."""

    word: str
    left: int
    top: int
    wide: int
    high: int


class Reader:
    """One for a process: its models take a tenth of a second and 60 MB. Raises PreparingFailed where it cannot start."""

    def __init__(self) -> None:
        os.nice(_NICER)
        try:
            self._library = ctypes.CDLL(_LIBRARY)
        except OSError as missing:
            raise PreparingFailed("Tesseract is not installed.") from missing
        for name, (answers, takes) in _CALLS.items():
            call = getattr(self._library, f"TessBaseAPI{name}")
            call.restype, call.argtypes = answers, (_POINTER, *takes)
        self._library.TessBaseAPICreate.restype = _POINTER
        self._library.TessDeleteText.argtypes = (_POINTER,)
        self._handle = self._library.TessBaseAPICreate()
        if self._call("Init3", None, LANGUAGES.encode()):
            raise PreparingFailed("Tesseract lacks a language.")
        self._call("SetVariable", b"debug_file", b"/dev/null")
        self._call("SetPageSegMode", _TURNED_TOO)

    def read(self, picture: Image.Image, dpi: int) -> tuple[str, list[Spot]]:
        """What stands on a grey picture, line by line; and where each of its words stands, in dots from the left and the
        top. Words nobody can be sure of have no place, nor has anything on a page that lies on its side."""
        if picture.mode != "L":
            picture = picture.convert("L")
        dots = picture.tobytes()
        self._call("SetImage", dots, picture.width, picture.height, 1, picture.width)
        self._call("SetSourceResolution", dpi)
        return self._text("GetUTF8Text"), _spots(self._text("GetTsvText", 0))

    def _text(self, name: str, *arguments: object) -> str:
        found = self._call(name, *arguments)
        if not found:
            return ""
        text = ctypes.string_at(found).decode(errors="replace")
        self._library.TessDeleteText(found)
        return text

    def _call(self, name: str, *arguments: object) -> int | None:
        answer: int | None = getattr(self._library, f"TessBaseAPI{name}")(self._handle, *arguments)
        return answer


def _spots(table: str) -> list[Spot]:
    """Of a table with a line for each thing found: level, five numbers of where it belongs, left, top, width, height, how
    sure it is, and the word."""
    found = []
    for line in table.splitlines():
        match line.split("\t"):
            case [level, _, _, _, _, _, left, top, wide, high, sure, word] if level == _WORD and word.strip():
                if float(sure) >= _SURE:
                    found.append(Spot(word.strip(), int(left), int(top), int(wide), int(high)))
    on_their_side = sum(spot.high > spot.wide for spot in found if len(spot.word) > 3)
    return [] if on_their_side * 2 > len(found) else found
