"""What a PDF would do besides being looked at, and what makes a copy of its pages do nothing at all."""

from typing import Any

import pikepdf

from documents.preparing import bounds, jpeg
from documents.preparing.objects import dictionaries
from documents.preparing.words import Limits, Reason, Refused, Warning_

_ACTIONS = {
    *("/JavaScript", "/Launch", "/URI", "/SubmitForm", "/GoToR", "/GoToE", "/ImportData"),
    *("/Rendition", "/Movie", "/Sound", "/RichMediaExecute", "/GoTo3DView"),
}
_MEDIA = {"/RichMedia", "/3D", "/Movie", "/Sound", "/Screen"}
_DOES = {"/AA", "/JS", "/JavaScript", "/XFA"}
# Entries that a page can be shown without, and that lead out of it, name a person, or hide something behind it.
_DROPPED = (
    *("/AA", "/AF", "/Alternates", "/JS", "/LastModified", "/Measure", "/Metadata", "/OC", "/OPI", "/PieceInfo"),
    *("/Properties", "/PtData", "/Ref", "/StructParent", "/StructParents", "/Thumb"),
)
_OUTSIDE_FILE = ("/F", "/FFilter", "/FDecodeParms")


def found(pdf: pikepdf.Pdf, limits: Limits) -> set[Warning_]:
    """What a copy will not have, as warnings. Refused(TOO_COMPLEX) for a form that only a script can draw, and as
    bounds.demand_small says."""
    if pdf.Root.get("/NeedsRendering", False):
        raise Refused(Reason.TOO_COMPLEX, "Its pages are drawn by a form script (XFA) and are not in the file.")
    warnings = set()
    for thing in dictionaries(pdf, limits):
        bounds.demand_small(thing, limits)
        keys = set(thing.keys())
        if "/EF" in keys or thing.get("/Type") == "/EmbeddedFile":
            warnings.add(Warning_.ATTACHMENTS_SET_ASIDE)
        if keys & _DOES or thing.get("/S") in _ACTIONS or thing.get("/Subtype") in _MEDIA:
            warnings.add(Warning_.ACTIVE_CONTENT_REMOVED)
    return warnings


def scrub(copy: pikepdf.Pdf, limits: Limits) -> None:
    """Leaves of copied page contents only what draws: no metadata, no way out of the file, no EXIF in a photo."""
    for thing in dictionaries(copy, limits):
        for key in _DROPPED:
            if key in thing:
                del thing[key]
        if isinstance(thing, pikepdf.Stream):
            _scrub_stream(thing)


def _scrub_stream(stream: Any) -> None:
    for key in _OUTSIDE_FILE:
        if key in stream:
            del stream[key]
    if stream.get("/Subtype") == "/PS":
        stream.write(b"")
    if stream.get("/Subtype") != "/Image":
        return
    if stream.get("/Filter") in ("/DCTDecode", pikepdf.Array([pikepdf.Name.DCTDecode])):
        _scrub_photo(stream)


def _scrub_photo(stream: Any) -> None:
    data = stream.read_raw_bytes()
    try:
        stripped = jpeg.strip(data)
    except ValueError:
        stripped = None
    if stripped is not None and len(stripped) < len(data):
        settings = stream.get("/DecodeParms")
        stream.write(stripped, filter=pikepdf.Name.DCTDecode, decode_parms=settings)
