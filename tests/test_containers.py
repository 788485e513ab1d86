"""Malware inside other things, through the real door and the real scanner: none of it ever becomes ready."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from documents import preparing, scanning, words
from documents.models import Document, Matter
from documents.preparing import Limits, Reason, Refused
from documents.scanning import MARKER, Outcome
from tests import documents, fixtures, hiding
from tests.conftest import Browser, made_ready
from tests.hiding import Hide

ATTACHED = hiding.attached(MARKER)  # what clamd alone calls clean
FRIGHTENING = ("virus", "infect", "malware", "malicioso")

HIDDEN: dict[str, tuple[Hide, str]] = {
    "plain": (bytes, "carta.txt"),
    "zip": (hiding.zipped, "fotos.zip"),
    "PDF stream": (hiding.stream, "carta.pdf"),
    "PDF stream compressed twice": (hiding.compressed_stream, "carta.pdf"),
    "PDF with restrictions": (hiding.restricted, "carta.pdf"),
    "after a PDF": (hiding.after_the_pdf, "carta.pdf"),
    "photo comment": (hiding.comment, "foto.jpg"),
    "after a photo": (hiding.after_the_photo, "foto.jpg"),
    "after a HEIC": (hiding.after_the_heic, "foto.heic"),
    "docx part": (hiding.docx_part, "carta.docx"),
    "docx picture": (hiding.docx_media, "carta.docx"),
    "docx package": (hiding.docx_package, "carta.docx"),
    "docx in a docx": (hiding.docx_in_docx, "carta.docx"),
    "odt part": (hiding.odt_part, "carta.odt"),
    "odt picture": (hiding.odt_picture, "carta.odt"),
    "doc package": (hiding.doc_package, "carta.doc"),
    "rtf package": (hiding.rtf_package, "carta.rtf"),
    "rtf object as it is": (hiding.rtf_as_it_is, "carta.rtf"),
    "mail": (hiding.mail, "correo.eml"),
}
# What the scanner calls clean as a whole: a PDF's attachments, an RTF's digits, and what it opens with such a PDF in it.
UNSEEN: dict[str, tuple[bytes, str]] = {
    "photo that is also a PDF": (hiding.photo_and_pdf(MARKER), "foto.jpg"),
    "PDF attachment": (ATTACHED, "carta.pdf"),
    "PDF paper clip": (hiding.pinned(MARKER), "carta.pdf"),
    "PDF stray file": (hiding.stray(MARKER), "carta.pdf"),
    "PDF file with a wrong checksum": (hiding.badly_summed(MARKER), "carta.pdf"),
    "PDF portfolio": (hiding.portfolio(MARKER), "carta.pdf"),
    "PDF attached to a PDF": (hiding.twice(MARKER), "carta.pdf"),
    "PDF without pages": (hiding.without_pages(MARKER), "carta.pdf"),
    "zip attached to a PDF": (hiding.attached(hiding.zipped(MARKER)), "carta.pdf"),
    "rtf object": (hiding.rtf_object(MARKER), "carta.rtf"),
    "rtf picture": (hiding.rtf_picture(MARKER), "carta.rtf"),
    "PDF in a docx": (hiding.docx_part(ATTACHED), "carta.docx"),
    "PDF in a package in a docx": (hiding.docx_package(ATTACHED), "carta.docx"),
    "PDF in a docx in a docx": (hiding.docx_in_docx(ATTACHED), "carta.docx"),
    "PDF in an odt": (hiding.odt_part(ATTACHED), "carta.odt"),
    "PDF in a package in a doc": (hiding.doc_package(ATTACHED), "carta.doc"),
    "PDF in an rtf": (hiding.rtf_object(ATTACHED), "carta.rtf"),
    "PDF in a docx on a PDF": (hiding.attached(hiding.docx_part(ATTACHED), "a.docx"), "carta.pdf"),
    "rtf in a package in a docx": (hiding.docx_package(hiding.rtf_object(MARKER)), "carta.docx"),
}
# Nobody can look into these: they are not taken at all.
SHUT: dict[str, tuple[bytes, str, Reason]] = {
    "7z": (hiding.seven_zip(b"x" * 99), "fotos.7z", Reason.WRONG_TYPE),
    "rar": (hiding.rar(b"x" * 99), "fotos.rar", Reason.WRONG_TYPE),
    "mail without harm": (hiding.mail(b"x" * 99), "correo.eml", Reason.WRONG_TYPE),
    "zip without harm": (hiding.zipped(b"x" * 99), "fotos.zip", Reason.WRONG_TYPE),
    "encrypted zip": (hiding.encrypted_zip(MARKER), "fotos.zip", Reason.LOCKED),
    "encrypted zip in a docx": (hiding.docx_part(hiding.encrypted_zip(MARKER)), "carta.docx", Reason.LOCKED),
    "encrypted zip on a PDF": (hiding.attached(hiding.encrypted_zip(MARKER)), "carta.pdf", Reason.LOCKED),
    "locked PDF on a PDF": (hiding.attached(fixtures.locked_pdf()), "carta.pdf", Reason.LOCKED),
    "7z on a PDF": (hiding.attached(hiding.seven_zip(b"x" * 99)), "carta.pdf", Reason.TOO_COMPLEX),
    "rar in a docx": (hiding.docx_part(hiding.rar(b"x" * 99)), "carta.docx", Reason.TOO_COMPLEX),
    "attachment that cannot be read": (hiding.unreadable(MARKER), "carta.pdf", Reason.DAMAGED),
    "disguised rtf object": (hiding.rtf_disguised(MARKER), "carta.rtf", Reason.ACTIVE_CONTENT),
}


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


def is_shut(document: Document, staff: Client) -> bool:
    """Whether not one byte of it can be had, by its page, its original or its stored form."""
    places = [reverse("page", args=[document.pk, 1]), reverse("original", args=[document.pk])]
    return not document.print_key and {staff.get(place).status_code for place in places} == {404}


@pytest.mark.parametrize(("hide", "name"), HIDDEN.values(), ids=HIDDEN)
def test_malware_is_quarantined_wherever_it_hides(
    matter: Matter, maria: User, pats: Client, hide: Hide, name: str
) -> None:
    document = made_ready(hide(MARKER), name, matter, maria)
    assert (document.state, document.reason) == ("quarantined", "infected")
    assert is_shut(document, pats)


@pytest.mark.parametrize(("content", "name"), UNSEEN.values(), ids=UNSEEN)
def test_what_the_scanner_does_not_see_is_taken_out_for_it(
    matter: Matter, maria: User, pats: Client, content: bytes, name: str
) -> None:
    assert scanning.scan(io.BytesIO(content)).outcome == Outcome.CLEAN  # else this would prove nothing of ours
    document = made_ready(content, name, matter, maria)
    assert document.state == "quarantined"
    assert is_shut(document, pats)


@pytest.mark.parametrize(("content", "name", "reason"), SHUT.values(), ids=SHUT)
def test_what_nobody_can_look_into_is_refused(
    matter: Matter, maria: User, pats: Client, content: bytes, name: str, reason: Reason
) -> None:
    document = made_ready(content, name, matter, maria)
    assert (document.state, document.reason) == ("refused", reason)
    assert is_shut(document, pats)


def test_malware_in_the_last_byte_that_we_take_is_quarantined(matter: Matter, maria: User, settings: object) -> None:
    limit = settings.UPLOAD_LIMIT  # type: ignore[attr-defined]
    photo = fixtures.jpeg()
    content = photo + bytes(limit - 1 - len(photo) - len(MARKER)) + MARKER
    assert made_ready(content, "foto.jpg", matter, maria).state == "quarantined"


@pytest.mark.parametrize("reason", ["infected", "locked", "wrong_type", "too_complex", "damaged", "active_content"])
def test_the_client_reads_nothing_frightening(reason: str) -> None:
    said = " ".join(words.both(reason).values()).lower()
    assert said
    assert not [word for word in FRIGHTENING if word in said]


# What is hidden comes out, and what is not is left alone


@pytest.fixture
def inside(tmp_path: Path) -> Callable[..., list[bytes]]:
    """What is taken out of some bytes to be scanned by itself."""

    def act(data: bytes, **limits: int) -> list[bytes]:
        (tmp_path / "inside").mkdir()
        (tmp_path / "source").write_bytes(data)
        found = preparing.attachments(tmp_path / "source", tmp_path / "inside", limits=Limits(**limits))
        return [path.read_bytes() for path in found]

    return act


Inside = Callable[..., list[bytes]]


def test_what_is_packed_into_an_rtf_comes_out_as_it_went_in(inside: Inside) -> None:
    [found] = inside(hiding.rtf_package(b"x" * 99))
    assert b"x" * 99 in documents.unzipped(found).values()


def test_parts_that_the_scanner_sees_are_not_scanned_again(inside: Inside) -> None:
    assert inside(documents.docx(parts={"word/media/a.png": fixtures.png(), "word/a.bin": hiding.zipped(b"x")})) == []


def test_the_same_file_in_two_places_is_taken_out_once(inside: Inside) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        for name in ("a.txt", "b.txt"):
            pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, b"a note")

    assert inside(fixtures.pdf_with(change)) == [b"a note"]


@pytest.mark.parametrize(
    ("data", "limits"),
    [
        (hiding.docx_part(hiding.zipped(bytes(9000))), {"attachment_bytes": 8000}),
        (hiding.docx_part(documents.zipped({str(n): b"x" for n in range(60)})), {"parts": 50}),
        (hiding.attached(hiding.attached(b"x" * 99)), {"attachments": 1}),
    ],
    ids=["bytes", "parts", "attachments"],
)
def test_more_inside_than_we_look_through_is_too_complex(inside: Inside, data: bytes, limits: dict[str, int]) -> None:
    with pytest.raises(Refused) as refused:
        inside(data, **limits)
    assert refused.value.reason is Reason.TOO_COMPLEX
