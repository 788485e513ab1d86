"""Pages made smaller: only pictures, only as far as needed, never below what is legible, and told page by page."""

import io
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from documents import preparing, quarantine, tagging, vault, verifying
from documents.models import Document, Factor, FittedPrint, Matter, Request
from documents.packets import fitting, order
from documents.packets.binding import bind_packet
from tests.conftest import Browser, made_ready, simple_pdf
from tests.photographs import grainy, page

A_PAGE = 300  # dots an inch, of 8.5 by 11 inches


def scanned(dpi: int = A_PAGE, pages: int = 1, *, text: str = "") -> bytes:
    """A scan: one picture over each Letter page, and letters beside it if wanted."""
    pdf, into = pikepdf.new(), io.BytesIO()
    for number in range(pages):
        sheet = pdf.add_blank_page(page_size=(612, 792))
        picture = grainy(page(int(8.5 * dpi), int(11 * dpi), lines=40 + number))
        saved = io.BytesIO()
        picture.save(saved, "JPEG", quality=92)
        image = pdf.make_stream(saved.getvalue())
        image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        image.Width, image.Height = picture.size
        image.ColorSpace, image.BitsPerComponent, image.Filter = pikepdf.Name.DeviceRGB, 8, pikepdf.Name.DCTDecode
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        sheet.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image), Font=pikepdf.Dictionary(F1=font))
        words = f"BT /F1 24 Tf 72 400 Td ({text}) Tj ET" if text else ""
        sheet.Contents = pdf.make_stream(f"q 612 0 0 792 0 0 cm /I Do Q {words}".encode())
    pdf.save(into, deterministic_id=True)
    return into.getvalue()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.pdf"
    path.write_bytes(scanned(text="Lease"))
    return path


def pictures(path: Path) -> list[tuple[int, int]]:
    with pikepdf.open(path) as pdf:
        found = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image"]
        return [(int(image.Width), int(image.Height)) for image in found]


def test_a_picture_is_brought_down_to_what_is_wanted(source: Path, tmp_path: Path) -> None:
    made, [change] = preparing.bring_down(source, tmp_path, 150) or pytest.fail("nothing was gained")
    assert pictures(made) == [(1275, 1650)]
    assert (change.page, change.from_dpi, change.to_dpi) == (1, 300, 150)
    assert made.stat().st_size < source.stat().st_size / 2


def test_never_below_what_is_legible(source: Path, tmp_path: Path) -> None:
    made, [change] = preparing.bring_down(source, tmp_path, 40) or pytest.fail("nothing was gained")
    assert change.to_dpi == 150


def test_letters_stay_letters(source: Path, tmp_path: Path) -> None:
    made, _changes = preparing.bring_down(source, tmp_path, 150) or pytest.fail("nothing was gained")
    assert "Lease" in pypdfium2.PdfDocument(made)[0].get_textpage().get_text_range()


def test_the_same_bytes_give_the_same_copy(source: Path, tmp_path: Path) -> None:
    copies = []
    for name in "ab":
        (tmp_path / name).mkdir()
        made, _changes = preparing.bring_down(source, tmp_path / name, 150) or pytest.fail("nothing was gained")
        copies.append(made.read_bytes())
    assert copies[0] == copies[1]


@pytest.mark.parametrize("dpi", [150, 160])
def test_what_is_coarse_already_stays(dpi: int, tmp_path: Path) -> None:
    path = tmp_path / "coarse.pdf"
    path.write_bytes(scanned(dpi))
    assert preparing.bring_down(path, tmp_path, 150) is None


def changed(path: Path, **entries: object) -> Path:
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        image = pdf.pages[0].obj.Resources.XObject.I
        for name, value in entries.items():
            image[f"/{name}"] = value
        pdf.save(path)
    return path


@pytest.mark.parametrize("name", ["Decode", "Mask"])
def test_what_is_drawn_in_another_way_stays(name: str, source: Path, tmp_path: Path) -> None:
    changed(source, **{name: pikepdf.Array([0, 1, 0, 1, 0, 1])})
    assert preparing.bring_down(source, tmp_path, 150) is None


def test_a_picture_that_lies_about_itself_stays(source: Path, tmp_path: Path) -> None:
    changed(source, Width=100)
    assert preparing.bring_down(source, tmp_path, 150) is None


def test_what_the_process_says_is_not_believed(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lie = [{"page": 1, "from_dpi": 100, "to_dpi": 150, "before": 1, "after": 2}]
    monkeypatch.setattr("documents.preparing.sandbox.run", lambda *_a, **_k: lie)
    with pytest.raises(preparing.PreparingFailed):
        preparing.bring_down(source, tmp_path, 150)


# In a packet


@pytest.fixture
def big(matter: Matter, maria: User, pat: User, request_: Request) -> Document:
    """Two scanned pages that are more than one file may hold (see `tight`)."""
    document = made_ready(scanned(pages=2), "scan.pdf", matter, maria)
    tagging.tag(document, Factor.objects.get(code="FAMILY_USC_LPR"), actor=pat)
    tagging.accept(document, actor=pat)
    return document


def fit_now(request: Request, actor: User) -> Request:
    fitting.ask(request, actor=actor)
    fitting.fit(request)
    request.refresh_from_db()
    return request


def printed(request: Request) -> str:
    return order.freeze(request).exhibits[0].sources[0].print_sha256


def test_what_fits_stays_as_it_came(big: Document, request_: Request, pat: User) -> None:
    fit_now(request_, pat)
    assert (request_.fit, request_.fitting) == (0, False)
    assert printed(request_) == big.print_sha256


def test_the_least_change_that_is_enough(
    big: Document, request_: Request, pat: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "_parts", lambda request, dpi: _parts(request, dpi) if dpi != 0 else 2)
    fit_now(request_, pat)
    assert request_.fit == 200
    assert printed(request_) == FittedPrint.objects.get(dpi=200).sha256


_parts = fitting._parts


@pytest.fixture
def fitted(big: Document, request_: Request, pat: User, monkeypatch: pytest.MonkeyPatch) -> Request:
    monkeypatch.setattr(fitting, "_parts", lambda request, dpi: _parts(request, dpi) if dpi == 150 else 2)
    return fit_now(request_, pat)


def test_it_says_what_was_done_to_which_page(fitted: Request) -> None:
    assert [(done.change.page, done.change.to_dpi) for done in fitting.done(fitted)] == [(1, 150), (2, 150)]


def test_the_packet_is_bound_from_the_smaller_pages_and_proved(fitted: Request, ana: User, big: Document) -> None:
    packet = order.order(fitted, actor=ana)
    bind_packet(packet)
    assert packet.state == "bound", packet.failure
    assert packet.parts.get().bytes < big.print_size
    assert verifying._wrong_with(packet) == ""


def test_undone_the_pages_are_as_they_came(fitted: Request, pat: User, big: Document) -> None:
    fitting.undo(fitted, actor=pat)
    assert printed(fitted) == big.print_sha256


def test_smaller_pages_are_made_once(fitted: Request, pat: User) -> None:
    before = [*FittedPrint.objects.values_list("pk", "key")]
    fit_now(fitted, pat)
    assert [*FittedPrint.objects.values_list("pk", "key")] == before


def test_pages_prepared_anew_are_filed_as_they_are(fitted: Request, big: Document) -> None:
    Document.objects.filter(pk=big.pk).update(print_sha256="0" * 64)
    assert printed(fitted) == "0" * 64


def test_smaller_pages_go_with_the_document(fitted: Request, big: Document) -> None:
    key = big.fitted.get(dpi=150).key
    assert (vault.Area.VAULT, key) in [*quarantine._objects(big)]


def test_what_a_dead_worker_left_is_taken_up(big: Document, request_: Request, pat: User) -> None:
    fitting.ask(request_, actor=pat)
    fitting.fit(request_)  # another one, after it
    fitting.fit(request_)
    assert not Request.objects.get(pk=request_.pk).fitting


def test_a_document_without_pictures_stays(accepted: Document, request_: Request, pat: User, tmp_path: Path) -> None:
    path = tmp_path / "letters.pdf"
    path.write_bytes(simple_pdf())
    assert preparing.bring_down(path, tmp_path, 150) is None


def asked(client: Client, request: Request, do: str) -> str:
    return client.post(reverse("fit", args=[request.pk]), {"do": do}, follow=True).content.decode()


def test_the_page_tells_what_was_done(fitted: Request, pat: User, browser: Browser) -> None:
    html = browser(pat).get(reverse("request", args=[fitted.pk])).content.decode()
    assert "2 pictures were brought down to 150 dots an inch" in html
    assert " to 150 dots an inch, " in html


def test_asked_for_on_the_page_and_taken_back(fitted: Request, pat: User, browser: Browser) -> None:
    assert "The portal is making the pictures smaller" in asked(browser(pat), fitted, "fit")
    assert "The portal is making" not in asked(browser(pat), fitted, "undo")
    assert Request.objects.get(pk=fitted.pk).fit == 0
