"""A receipt to keep: the facts of what came in, on the page and as a PDF, and nothing of what the papers are for."""

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts import handing
from accounts.models import AuditEvent, User
from documents import history, lifecycle, receipts
from documents.models import Document, Matter, Upload
from tests.conftest import Browser, made_ready, sent, simple_pdf
from tests.papers import paper, shut

BATCH = UUID("0190a000-0000-7000-8000-000000000001")
SPOKEN = re.compile(r"immigra|inmigra|deport|court|corte|A-?number|123456789|Rodríguez", re.IGNORECASE)


def came(document: Document, batch: UUID = BATCH, *, duplicate: bool = False) -> Upload:
    """A file of this document that arrived in pieces."""
    return Upload.objects.create(
        matter=document.matter, sender=document.sender, file_id=uuid4(), batch=batch, name=document.name, size=9, offset=9,
        prefix="x", state=Upload.State.RECEIVED, document=document, duplicate=duplicate,
    )  # fmt: skip


def words(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in pages)


def flat(pdf: bytes) -> str:
    return re.sub(r"\s+", " ", words(pdf))


@pytest.fixture
def english(maria: User) -> User:
    maria.language = "en"
    maria.save()
    return maria


@pytest.fixture
def phone(browser: Browser, english: User) -> Client:
    return browser(english)


@pytest.fixture
def two(matter: Matter, maria: User) -> list[Document]:
    """Two papers, the first of three photos, sent together."""
    found = [paper(matter, maria, pages=3, photos=3), paper(matter, maria, pages=2)]
    for document in found:
        came(document)
    return found


def pdf_of(client: Client, matter: Matter, batch: UUID | None = None) -> bytes:
    answer = client.get(reverse("receipt_pdf", args=[matter.pk, batch] if batch else [matter.pk]))
    assert answer.status_code == 200
    return answer.content


# Works


def test_the_pdf_has_every_paper_with_what_proves_it(phone, matter, two):
    text = flat(pdf_of(phone, matter, BATCH))
    assert "2 papers · 4 files · 5 pages" in text
    assert "3 files · 3 pages" in text
    for document in two:
        assert document.name in text
        figures = document.sha256[:16].upper()
        assert " ".join(figures[at : at + 4] for at in (0, 4, 8, 12)) in text
    assert "this number proves what we received" in text
    assert "Cortés Law" in text
    assert "312 555 0142" in text


def test_it_says_when_each_paper_came_by_the_offices_clock(phone, matter, two):
    for document in two:
        shut(document, received_at=datetime(2026, 11, 24, 3, 5, tzinfo=UTC))
    assert "Received: Nov. 23, 2026, 9:05 p.m. CST" in flat(pdf_of(phone, matter, BATCH))
    answer = phone.get(reverse("receipt_pdf", args=[matter.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="receipt-2026-11-23.pdf"'


def test_it_is_in_the_language_of_its_reader(browser, maria, matter, two):
    with translation.override("es"):
        title = translation.gettext("Receipt")
    text = flat(pdf_of(browser(maria), matter, BATCH))
    assert title in text
    assert title != "Receipt"


def test_it_is_a_letter_page(phone, matter, two):
    pages = pypdfium2.PdfDocument(pdf_of(phone, matter, BATCH))
    assert [page.get_size() for page in pages] == [(612, 792)]


def test_the_same_facts_are_the_same_bytes_and_others_are_others(phone, matter, two):
    first = pdf_of(phone, matter, BATCH)
    assert pdf_of(phone, matter, BATCH) == first
    shut(two[0], size=10)
    assert pdf_of(phone, matter, BATCH) != first


def test_a_batch_is_what_was_sent_together_and_all_is_everything(phone, matter, maria, two):
    other = paper(matter, maria, pages=1)
    came(other, uuid4())
    assert other.name not in flat(pdf_of(phone, matter, BATCH))
    assert "3 papers · 5 files · 6 pages" in flat(pdf_of(phone, matter))


def test_pages_are_told_once_they_are_known_and_never_guessed(phone, matter, two, received):
    came(received)
    text = flat(pdf_of(phone, matter, BATCH))
    assert "3 papers · 5 files carta" not in text
    assert "3 papers · 5 files Each" in text
    assert received.name in text


def test_a_file_that_came_twice_is_counted_where_it_came(phone, matter, two):
    again = uuid4()
    came(two[1], again, duplicate=True)
    assert "1 paper · 1 file · 2 pages" in flat(pdf_of(phone, matter, again))
    assert "2 papers · 4 files" in flat(pdf_of(phone, matter))


def test_what_was_taken_out_is_on_no_receipt(phone, matter, maria, two):
    lifecycle.move(two[0], Document.State.WITHDRAWN, actor=maria)
    assert two[0].name not in flat(pdf_of(phone, matter, BATCH))


def test_long_lists_go_on_over_pages(phone, matter, maria):
    names = [paper(matter, maria, pages=1).name for _ in range(30)]
    made = pdf_of(phone, matter)
    assert len(pypdfium2.PdfDocument(made)) > 1
    assert not [name for name in names if name not in flat(made)]


# Who


def test_everybody_saves_only_what_they_sent_themselves(browser, phone, pat, matter, two):
    theirs = paper(matter, pat, pages=1, on_behalf=True, name="from the office.pdf")
    mine, pats = flat(pdf_of(phone, matter)), flat(pdf_of(browser(pat), matter))
    assert theirs.name not in mine
    assert theirs.name in pats
    assert two[0].name not in pats
    assert browser(pat).get(reverse("receipt_pdf", args=[matter.pk, BATCH])).status_code == 404


def test_a_batch_that_is_not_there_is_not_found(phone, matter, two):
    assert phone.get(reverse("receipt_pdf", args=[matter.pk, uuid4()])).status_code == 404
    assert phone.get(f"/matters/{matter.pk}/receipt/none.pdf").status_code == 404


def test_nothing_sent_has_no_receipt(phone, matter):
    assert phone.get(reverse("receipt_pdf", args=[matter.pk])).status_code == 404


def test_it_is_only_read(phone, matter, two):
    assert phone.post(reverse("receipt_pdf", args=[matter.pk])).status_code == 405


# How it leaves


def test_it_is_saved_never_run_never_kept_and_on_the_record(phone, matter, maria, two):
    answer = phone.get(reverse("receipt_pdf", args=[matter.pk, BATCH]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    event = AuditEvent.objects.get(kind="downloaded", chain=matter.audit_chain)
    assert (event.actor, event.facts) == (maria, {"field": "receipt"})
    (line,) = history.told(matter, [event])
    assert line.text == "Maria Rodríguez saved the receipt of what they sent."


def test_it_says_nothing_of_what_the_papers_are_for(phone, matter, two):
    Document.objects.filter(pk=two[0].pk).update(item="nta", title="Notice to appear in immigration court")
    made = pdf_of(phone, matter)
    assert not SPOKEN.findall(words(made))
    assert not SPOKEN.findall(str(pypdfium2.PdfDocument(made).get_metadata_dict()))


HOSTILE = [
    '#read("/etc/passwd")',
    "#panic() $x$ *b* _i_",
    '"]; #import "house.typ"',
    "<label> @ref // /* */",
    "= Title",
    r"\ `raw` ~",
    "#sys.inputs",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_printed_and_never_run(phone, matter, two, name):
    document = Document.objects.get(pk=two[0].pk)
    document.name = name
    document.save()
    assert name in flat(pdf_of(phone, matter, BATCH))


@pytest.mark.parametrize("name", ["王 😀.pdf", "a\u202egpj.exe", "x" * 255, "\x07\x7f", "a\nb", " ", "مرحبا"])
def test_no_name_breaks_it(phone, matter, two, name):
    document = Document.objects.get(pk=two[0].pk)
    document.name = name
    document.save()
    assert len(pypdfium2.PdfDocument(pdf_of(phone, matter, BATCH))) == 1


def test_a_firm_without_a_name_has_receipts_too(phone, matter, two, firm):
    firm.firm_name = firm.phone = ""
    firm.save()
    assert two[0].name in flat(pdf_of(phone, matter))


# The page


def page_of(client: Client, matter: Matter) -> str:
    return client.get(reverse("send", args=[matter.pk]) + f"?receipt={BATCH}").content.decode()


def test_the_page_shows_each_paper_and_how_to_keep_it(phone, matter, maria):
    document = made_ready(simple_pdf(2), "carta.pdf", matter, maria)
    came(document)
    text = page_of(phone, matter)
    assert f'src="{reverse("page", args=[document.pk, 1])}"' in text
    assert "2 pages" in text
    assert receipts.fingerprint(document) in text
    assert len(receipts.fingerprint(document)) == 19
    assert "this number proves what we received" in text
    assert f'href="{reverse("receipt_pdf", args=[matter.pk, BATCH])}"' in text


def test_a_sending_by_the_form_offers_the_receipt_of_everything(phone, matter):
    phone.post(reverse("send", args=[matter.pk]), {"files": SimpleUploadedFile("carta.pdf", simple_pdf())})
    text = phone.get(reverse("send", args=[matter.pk]) + "?receipt").content.decode()
    assert f'href="{reverse("receipt_pdf", args=[matter.pk])}"' in text


@pytest.mark.parametrize("state", [state for state in Document.State if state != "ready"])
def test_there_is_no_picture_before_the_paper_is_ready(phone, matter, maria, state):
    document = sent(simple_pdf(2), "carta.pdf", matter, maria)
    came(document)
    shut(document, state=state, pages=2)
    assert reverse("page", args=[document.pk, 1]) not in page_of(phone, matter)


def test_a_receipt_of_nothing_is_not_offered(phone, matter, maria, two):
    for document in two:
        lifecycle.move(document, Document.State.WITHDRAWN, actor=maria)
    text = page_of(phone, matter)
    assert two[0].name in text
    assert "/receipt/" not in text


@pytest.mark.parametrize("batch", [BATCH.hex, str(BATCH).upper(), f"{{{BATCH}}}"])
def test_however_the_batch_is_written(phone, matter, two, batch):
    answer = phone.get(reverse("send", args=[matter.pk]), {"receipt": batch})
    assert reverse("receipt_pdf", args=[matter.pk, BATCH]) in answer.content.decode()


def test_a_phone_that_only_sends_has_no_pictures_and_no_way_to_the_papers(maria, matter, two):
    there = Client(HTTP_HOST="localhost")
    there.post(f"/on-phone/{handing.hand_over(maria)}/")
    text = page_of(there, matter)
    assert two[0].name in text
    assert "/documents/" not in text
    assert "/receipt/" not in text
    assert there.get(reverse("receipt_pdf", args=[matter.pk, BATCH])).status_code == 403
