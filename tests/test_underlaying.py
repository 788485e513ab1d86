"""Words under pictures: found by every reader, seen by none, wherever they stand; filed only where somebody asks for them."""

import subprocess
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import audit
from accounts.models import AuditEvent, User
from documents import custody, preparing, reading, tagging, vault, verifying
from documents.models import Document, Factor, FittedPrint, Matter, PageText, Request
from documents.packets import fitting, order, rules
from documents.packets.binding import bind_packet
from documents.preparing import Place, ocr, underlaying
from documents.preparing.underlaying import place_of
from documents.preparing.words import Job
from tests import photographs
from tests.conftest import Browser, made_ready, simple_pdf
from tests.releasable import agreed, weighed
from tests.test_fitting import printed, scanned

PLACES = {1: [Place("Acta", 100, 80, 60, 20), Place("Núñez", 300.5, 500, 90, 18), Place("—ß漢", 72, 700, 50, 12)]}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.pdf"
    path.write_bytes(scanned(pages=2))
    return path


def drawn(path: Path, page: int = 0) -> bytes:
    return bytes(pypdfium2.PdfDocument(path)[page].render(scale=1.5).to_pil().tobytes())


def words_by_poppler(path: Path) -> list[str]:
    told = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True)
    return told.stdout.split()


# Under one document


def test_two_readers_find_the_words_where_they_stand(source: Path, tmp_path: Path) -> None:
    made = preparing.underlay(source, tmp_path, PLACES) or pytest.fail("no words")
    assert words_by_poppler(made) == ["Acta", "Núñez", "—ß漢"]
    text = pypdfium2.PdfDocument(made)[0].get_textpage()
    assert text.get_text_bounded(95, 685, 165, 720).strip() == "Acta"
    assert text.get_text_bounded(295, 270, 395, 295).strip() == "Núñez"


def test_nothing_looks_different(source: Path, tmp_path: Path) -> None:
    made = preparing.underlay(source, tmp_path, PLACES) or pytest.fail("no words")
    assert [drawn(made, page) for page in (0, 1)] == [drawn(source, page) for page in (0, 1)]


def test_words_that_would_show_are_refused(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    font = underlaying._font
    inked = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    monkeypatch.setattr(underlaying, "_font", lambda pdf, codes: font(pdf, codes) and inked)
    monkeypatch.setattr(underlaying, "_INK", b"0 Tr")
    with pytest.raises(preparing.Refused):
        underlaying.work(Job(source, tmp_path, "", preparing.DEFAULT, wish=PLACES))


def test_the_same_words_give_the_same_copy(source: Path, tmp_path: Path) -> None:
    copies = []
    for name in "ab":
        (tmp_path / name).mkdir()
        made = preparing.underlay(source, tmp_path / name, PLACES) or pytest.fail("no words")
        copies.append(made.read_bytes())
    assert copies[0] == copies[1]


def test_letters_beside_the_picture_stay(tmp_path: Path) -> None:
    path = tmp_path / "source.pdf"
    path.write_bytes(scanned(text="Lease"))
    made = preparing.underlay(path, tmp_path, PLACES) or pytest.fail("no words")
    assert words_by_poppler(made) == ["Lease", "Acta", "Núñez", "—ß漢"]


def test_without_words_there_is_no_copy(source: Path, tmp_path: Path) -> None:
    assert preparing.underlay(source, tmp_path, {}) is None
    assert preparing.underlay(source, tmp_path, {1: [Place("  ", 1, 1, 1, 1)]}) is None


@pytest.mark.parametrize(
    "told",
    [
        ["word", 600, 10, 50, 10], ["word", -1, 10, 5, 10], ["word", 10, 790, 5, 20], ["word", 10, 10, -5, 10],
        ["", 1, 1, 1, 1],
        ["w" * 201, 1, 1, 1, 1], [7, 1, 1, 1, 1], ["word", "1", 1, 1, 1], ["word", float("nan"), 1, 1, 1], ["word", 1, 1], None,
    ],
)  # fmt: skip
def test_a_word_that_stands_on_no_page_is_not_believed(told: object) -> None:
    with pytest.raises(preparing.PreparingFailed):
        place_of(told)


def test_words_nobody_is_sure_of_have_no_place() -> None:
    line = "5\t1\t1\t1\t1\t{at}\t10\t20\t40\t9\t{sure}\t{word}"
    table = "\n".join(
        [
            line.format(at=1, sure=96.1, word="casa"),
            line.format(at=2, sure=12, word="~|;"),
            "4\t1\t1\t1\t1\t0\t0\t0\t9\t9\t-1\t",
        ]
    )
    assert ocr._spots(table) == [("casa", 10, 20, 40, 9)]


def test_a_page_on_its_side_has_no_places() -> None:
    turned = photographs.page(900, 1200, lines=9).transpose(Image.Transpose.ROTATE_90)
    text, spots = ocr.Reader().read(turned, 150)
    assert "constar" in text
    assert spots == []


# In a packet


@pytest.fixture
def photo(matter: Matter, maria: User, pat: User, request_: Request) -> Document:
    document = made_ready(photographs.jpeg(photographs.page(lines=9)), "foto.jpg", matter, maria)
    tagging.tag(document, Factor.objects.get(code="FAMILY_USC_LPR"), actor=pat)
    tagging.accept(document, actor=pat)
    return document


def read(document: Document) -> None:
    reading.read(document)
    document.refresh_from_db()
    assert document.read_at


def put_under(request: Request, actor: User) -> Request:
    fitting.underlay(request, actor=actor)
    fitting.fit(request)
    request.refresh_from_db()
    return request


@pytest.fixture
def searchable(photo: Document, request_: Request, pat: User) -> Request:
    read(photo)
    return put_under(request_, pat)


def test_nobody_asked_and_the_pages_are_as_they_came(photo: Document, request_: Request) -> None:
    read(photo)
    assert printed(request_) == photo.print_sha256


def test_a_bound_packet_can_be_searched_and_is_proved(
    searchable: Request, ana: User, photo: Document, tmp_path: Path
) -> None:
    assert (searchable.searchable, searchable.underlaying) == (True, False)
    assert printed(searchable) == photo.fitted.get(words=True).sha256
    packet = order.order(searchable, actor=ana)
    bind_packet(packet)
    assert packet.state == "bound", packet.failure
    part = packet.parts.get()
    path = tmp_path / "part.pdf"
    vault.copy_to_file(vault.Area.VAULT, part.key, path, under=bytes(photo.matter.key))
    assert "constar" in words_by_poppler(path)
    assert (packet.manifest["findings"]["hidden"], packet.manifest["findings"]["pages_without_text"]) == ([], [])
    assert verifying._wrong_with(packet) == ""


def test_taken_out_again_the_pages_are_as_they_came(searchable: Request, pat: User, photo: Document) -> None:
    fitting.strip(searchable, actor=pat)
    assert printed(searchable) == photo.print_sha256


def test_it_is_on_the_record(searchable: Request, pat: User) -> None:
    told = audit.trail(searchable.audit_chain, kinds=[AuditEvent.Kind.MOVED])
    assert [(event.facts["level"], event.actor) for event in told if event.facts.get("field") == "words"] == [
        (1, None), (0, pat),
    ]  # fmt: skip


def test_what_the_client_agreed_to_stands(photo: Document, request_: Request, pat: User, ana: User, maria: User) -> None:
    read(photo)
    agreed(weighed(request_, ana), maria)
    assert printed(put_under(request_, pat)) != photo.print_sha256
    now = rules.judge(request_, order.freeze(request_), only=lambda rule: rule.id == "V22")
    assert [result.problem for result in now] == [None]


def test_what_is_not_read_yet_is_filed_as_it_is_until_somebody_asks_again(
    photo: Document, request_: Request, pat: User
) -> None:
    put_under(request_, pat)
    assert (request_.searchable, printed(request_)) == (True, photo.print_sha256)
    read(photo)
    assert printed(put_under(request_, pat)) == photo.fitted.get(words=True).sha256


def test_what_has_its_own_words_stays(matter: Matter, maria: User, pat: User, request_: Request) -> None:
    letter = made_ready(simple_pdf(1, "I certify that this is true:"), "carta.pdf", matter, maria)
    tagging.tag(letter, Factor.objects.get(code="EDUCATION"), actor=pat)
    tagging.accept(letter, actor=pat)
    read(letter)
    put_under(request_, pat)
    assert (printed(request_), letter.fitted.get().key) == (letter.print_sha256, "")


def test_smaller_pages_have_their_words_too(
    searchable: Request, photo: Document, pat: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = fitting._parts
    monkeypatch.setattr(fitting, "_parts", lambda request, dpi: parts(request, dpi) if dpi == 150 else 2)
    fitting.ask(searchable, actor=pat)
    fitting.fit(searchable)
    assert searchable.fit == 150
    with_words = photo.fitted.get(dpi=150, words=True)
    assert printed(searchable) == with_words.sha256
    assert with_words.size < photo.fitted.get(dpi=0, words=True).size
    assert [done.change.to_dpi for done in fitting.done(searchable)] == [150]


def test_taken_out_again_smaller_pages_have_no_words(
    searchable: Request, photo: Document, pat: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = fitting._parts
    monkeypatch.setattr(fitting, "_parts", lambda request, dpi: parts(request, dpi) if dpi == 150 else 2)
    fitting.ask(searchable, actor=pat)
    fitting.fit(searchable)
    fitting.strip(searchable, actor=pat)
    assert printed(searchable) == photo.fitted.get(dpi=150, words=False).sha256


def test_pages_prepared_anew_have_not_the_words_of_the_old_ones(searchable: Request, photo: Document) -> None:
    Document.objects.filter(pk=photo.pk).update(print_sha256="0" * 64)
    assert printed(searchable) == "0" * 64


def test_what_a_dead_worker_left_is_queued_again(photo: Document, request_: Request, pat: User) -> None:
    fitting.underlay(request_, actor=pat)
    assert Request.objects.filter(pk=request_.pk, underlaying=True).exists()
    ProcrastinateJob.objects.all().delete()
    assert custody.recover()["fit"] == 1


def test_where_a_word_stands_does_not_lie_open(searchable: Request) -> None:
    assert any(place[0] == "constar" for row in PageText.objects.all() for place in row.places)
    with connection.cursor() as cursor:
        cursor.execute("SELECT places FROM documents_pagetext")
        assert all("constar" not in places for (places,) in cursor.fetchall())


def pressed(client: Client, request: Request, do: str) -> str:
    return client.post(reverse("fit", args=[request.pk]), {"do": do}, follow=True).content.decode()


def test_asked_for_on_the_page_and_taken_out(photo: Document, request_: Request, pat: User, browser: Browser) -> None:
    read(photo)
    paralegal = browser(pat)
    assert "putting the words it read under the pictures" in pressed(paralegal, request_, "words")
    status = paralegal.get(reverse("fit_status", args=[request_.pk]), {"of": "words"}).content.decode()
    assert "data-refresh" in status
    fitting.fit(request_)
    html = paralegal.get(reverse("request", args=[request_.pk])).content.decode()
    assert "1 page that is a picture has the words" in html
    assert "Put the words under the pictures" in pressed(paralegal, request_, "no_words")
    assert not FittedPrint.objects.filter(words=False).exists()
