"""What a JPEG file carries besides its picture: found, and left behind. Nothing here decodes a pixel."""

import re

_NEXT_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")  # in entropy-coded data: FF00 and restarts are data
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_ADOBE, _COMMENT = 0xEE, 0xFE  # Adobe's segment says how colours are coded: the picture needs it
_APPLICATION = range(0xE0, 0xF0)
_ALONE = {0x01, *range(0xD0, 0xD8)}


def strip(data: bytes) -> bytes | None:
    """The same picture without metadata, thumbnails, comments and anything after its end; None when it has no end.

    Bytes of the picture itself are copied as they are. ValueError when this is no JPEG.
    """
    if data[:2] != b"\xff\xd8":
        raise ValueError("not a JPEG")
    kept = [b"\xff\xd8"]
    at = 2
    while (found := _NEXT_MARKER.match(data, at)) is not None:
        marker, start = data[found.end() - 1], found.end()
        if marker == _END:
            return b"".join([*kept, b"\xff\xd9"])
        if marker in _ALONE or marker == _START:
            at = start
            continue
        length = int.from_bytes(data[start : start + 2])
        at = start + length
        if length < 2 or at > len(data):
            return None
        if marker == _SCAN:
            after = _NEXT_MARKER.search(data, at)
            if after is None:
                return None
            at = after.start()
        if _is_picture(marker, data[start + 2 : start + 7]):
            kept.append(b"\xff" + bytes([marker]) + data[start:at])
    if at >= len(data):
        return None
    raise ValueError("a JPEG marker is missing")


def _is_picture(marker: int, content: bytes) -> bool:
    if marker == _ADOBE:
        return content == b"Adobe"
    return marker not in _APPLICATION and marker != _COMMENT


def ends_in_zeros(data: bytes) -> bool:
    """Whether the file was made full length and never filled: a copy that broke off leaves zeros at its end."""
    return len(data) > 64 and not data[-64:].strip(b"\0")
