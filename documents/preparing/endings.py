"""What a picture file says of itself, before or instead of decoding it: whether it stops before its end, its size."""

from collections.abc import Callable

from documents.preparing import tiff
from documents.preparing.words import Kind, Reason


def why(data: bytes, kind: Kind) -> Reason:
    """TRUNCATED where an unreadable picture was cut short on its way, DAMAGED where it is broken in itself."""
    return Reason.TRUNCATED if _CUT[kind](data) else Reason.DAMAGED


def boxes_end(data: bytes) -> int:
    """Where the top-level boxes of an ISO media file say it ends."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        if size < 8:
            return len(data) if size == 0 else at
        at += size
    return at


def webp_pixels(data: bytes) -> int:
    """By its first chunk (RFC 9649): lossy, lossless, or extended; 0 where it cannot be told."""
    match data[12:16]:
        case b"VP8 " if data[23:26] == b"\x9d\x01\x2a":
            width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        case _:
            return 0
    return width * height


def _tiff_is_cut(data: bytes) -> bool:
    try:
        return any(page.end > len(data) + tiff.SLACK for page in tiff.directories(data))
    except tiff.CutShort:
        return True


_CUT: dict[Kind, Callable[[bytes], bool]] = {
    Kind.JPEG: lambda data: data.rfind(b"\xff\xd9") < len(data) // 2,
    Kind.PNG: lambda data: b"IEND" not in data[-64:],
    Kind.HEIC: lambda data: boxes_end(data) > len(data),
    Kind.AVIF: lambda data: boxes_end(data) > len(data),
    Kind.TIFF: _tiff_is_cut,
    Kind.WEBP: lambda data: int.from_bytes(data[4:8], "little") + 8 > len(data),
    Kind.GIF: lambda data: not data.rstrip(b"\0").endswith(b";"),
    Kind.BMP: lambda data: int.from_bytes(data[2:6], "little") > len(data),
}
