"""A print-ready PDF written as it is kept: nothing packed, streams as they are, the same bytes each time."""

from typing import Any

import pikepdf


def save(pdf: pikepdf.Pdf, to: Any) -> None:
    """`to`: a path, or something to write into."""
    pdf.save(
        to,
        static_id=True,
        fix_metadata_version=False,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        compress_streams=False,
    )
