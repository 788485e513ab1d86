"""Sending a form full of files: each is received or not by itself, and nobody reads "Received" for what is not kept."""

import base64
import tempfile
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.audit import trail
from accounts.models import AuditEvent
from documents import vault
from documents.forms.sending import HEADINGS, SendForm, _grouped
from documents.intake.checking import check
from documents.models import Document, DocumentType
from scripts import process
from scripts.signatures import EICAR
from tests import fixtures
from tests.conftest import sent

pytestmark = pytest.mark.django_db
NAMES = Path(__file__).resolve().parents[2] / "shared" / "samples" / "NAMES__6ef80738.txt"
PHOTO, LETTER = fixtures.jpeg(80, 60), fixtures.pdf(pages=1)


def body(*files: tuple[str, bytes], **fields: str) -> bytes:
    """What a browser sends: fields, then files in their order, names as they are."""
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    for name, content in files:
        filename = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        parts.append(f'name="files"; filename="{filename}"\r\nContent-Type: image/jpeg\r\n\r\n'.encode() + content)
    joined = b"".join(b"--amparo\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts)
    return joined + b"--amparo--\r\n"


def post(client, matter, content: bytes, **more):
    url = reverse("send", args=[matter.pk])
    return client.post(url, content, content_type="multipart/form-data; boundary=amparo", **more)


def told(client, matter, *files: tuple[str, bytes], **fields: str) -> str:
    """Send, follow to the page that tells what came of it, and read it."""
    answer = post(client, matter, body(*files, **fields))
    assert (answer.status_code, answer["Location"]) == (302, reverse("send", args=[matter.pk]) + "?receipt")
    return client.get(answer["Location"]).content.decode()


@pytest.fixture
def phone(browser, maria, matter):
    """Maria's, in English for the tests to read."""
    maria.language = "en"
    maria.save()
    return browser(maria)


@pytest.fixture
def no_store(settings):
    """Nothing listens where the store should be."""
    options = {**settings.STORAGES["intake"]["OPTIONS"], "endpoint_url": f"http://127.0.0.1:{process.choose_block(1)}"}
    settings.STORAGES = {**settings.STORAGES, "intake": {**settings.STORAGES["intake"], "OPTIONS": options}}


def test_each_file_becomes_a_received_document(phone, matter):
    page = told(phone, matter, ("acta.jpg", PHOTO), ("carta.pdf", LETTER))
    assert "We have your papers" in page
    assert page.count("Received</p>") == 2
    assert [one.name for one in Document.objects.all()] == ["acta.jpg", "carta.pdf"]
    assert {one.state for one in Document.objects.all()} == {"received"}


def test_what_is_kept_is_what_was_sent(phone, matter):
    told(phone, matter, ("carta.pdf", LETTER))
    document = matter.documents.get()
    with vault.open_sealed(vault.Area.INTAKE, document.intake_key, under=bytes(matter.key)) as stream:
        assert stream.read() == LETTER


def test_sending_is_on_the_record(phone, matter, maria):
    told(phone, matter, ("carta.pdf", LETTER))
    event = trail(matter.audit_chain, kinds=[AuditEvent.Kind.RECEIVED]).get()
    assert (event.actor, event.facts["on_behalf"], event.facts["size"]) == (maria, False, len(LETTER))


def test_the_sender_may_say_what_it_is(phone, matter):
    page = told(phone, matter, ("acta.jpg", PHOTO), item="marriage_cert")
    assert matter.documents.get().item_id == "marriage_cert"
    assert "Marriage certificate" in page


@pytest.mark.parametrize("item", ["no_such_thing", "x\0", "other", "' OR 1=1"])
def test_an_unknown_kind_costs_no_file(phone, matter, item):
    told(phone, matter, ("acta.jpg", PHOTO), item=item)
    assert matter.documents.get().item is None


def test_staff_send_on_the_clients_behalf(browser, pat, matter):
    desk = browser(pat)
    assert "You send these for Maria Rodríguez, who sees them" in desk.get(reverse("send", args=[matter.pk])).content.decode()
    assert "See the evidence" in told(desk, matter, ("carta.pdf", LETTER))
    document = matter.documents.get()
    assert (document.sender, document.on_behalf) == (pat, True)


class Unread:
    """A body that nobody may touch."""

    def read(self, *_size: int) -> bytes:
        raise AssertionError("somebody read the body")

    readline = read


@pytest.mark.parametrize("who", ["max_", "ada"])
def test_whoever_is_not_on_the_matter_is_sent_away_before_the_body_is_read(request, browser, matter, who):
    stranger = browser(request.getfixturevalue(who))
    assert post(stranger, matter, body(("a.pdf", LETTER)), **{"wsgi.input": Unread()}).status_code == 404


def test_a_stranger_is_asked_to_sign_in_before_the_body_is_read(client, matter):
    assert post(client, matter, body(("a.pdf", LETTER)), **{"wsgi.input": Unread()}).status_code == 302
    assert not Document.objects.exists()


def test_without_the_token_nothing_is_received(phone, matter):
    phone.handler.enforce_csrf_checks = True
    assert post(phone, matter, body(("carta.pdf", LETTER))).status_code == 403
    assert not Document.objects.exists()


def test_with_the_token_it_is(phone, matter):
    phone.handler.enforce_csrf_checks = True
    phone.get(reverse("send", args=[matter.pk]))
    told(phone, matter, ("carta.pdf", LETTER), csrfmiddlewaretoken=phone.cookies["__Host-csrf"].value)
    assert Document.objects.count() == 1


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_there_are_no_other_ways(phone, matter, method):
    assert getattr(phone, method)(reverse("send", args=[matter.pk])).status_code == 405


def test_looking_writes_nothing(phone, matter):
    phone.get("/")  # the session's clocks are wound
    before = AuditEvent.objects.count(), phone.session.items()
    phone.get(reverse("send", args=[matter.pk]))
    phone.get(reverse("send", args=[matter.pk]) + "?receipt")
    assert (AuditEvent.objects.count(), phone.session.items()) == before
    assert not Document.objects.exists()


def test_the_same_again_says_when_it_first_came(phone, matter):
    told(phone, matter, ("carta.pdf", LETTER))
    page = told(phone, matter, ("otra.pdf", LETTER))
    assert "We have this one already" in page
    assert "It came just now." in page
    assert Document.objects.count() == 1


def test_a_good_one_comes_in_beside_an_empty_one(phone, matter):
    page = told(phone, matter, ("vacio.pdf", b""), ("carta.pdf", LETTER))
    assert "We have 1 of 2" in page
    assert page.count("Received</p>") == 1
    assert "vacio.pdf" in page
    assert "This file is empty." in page
    assert matter.documents.get().name == "carta.pdf"


def test_a_file_over_the_limit_costs_no_other(phone, matter, settings):
    settings.UPLOAD_LIMIT = 100_000
    page = told(phone, matter, ("grande.pdf", b"x" * 100_001), ("carta.pdf", LETTER[:100_000]))
    assert "This file is too big." in page
    assert [one.name for one in matter.documents.all()] == ["carta.pdf"]


def test_while_the_store_is_away_nothing_is_called_received(phone, matter, no_store):
    page = told(phone, matter, ("carta.pdf", LETTER))
    assert "Nothing came in" in page
    assert "We could not save this file. Send it again in a minute." in page
    assert "Received" not in page
    assert not Document.objects.exists()


def test_without_the_scanner_it_is_received_and_waits(phone, matter, settings):
    settings.CLAMD_ADDRESS = f"127.0.0.1:{process.choose_block(1)}"
    page = told(phone, matter, ("carta.pdf", LETTER))
    check(matter.documents.get())
    assert "Received" in page
    assert matter.documents.get().state == "received"
    assert "We are checking it" in phone.get(reverse("send", args=[matter.pk]) + "?receipt").content.decode()


def test_a_body_cut_short_names_the_file_that_did_not_arrive(phone, matter):
    whole = body(("carta.pdf", LETTER), ("acta.jpg", PHOTO))
    page = phone.get(post(phone, matter, whole[:-40])["Location"]).content.decode()
    assert "acta.jpg" in page
    assert "This file did not arrive whole." in page
    assert [one.name for one in matter.documents.all()] == ["carta.pdf"]


@pytest.mark.parametrize("content", [body(), body(("", b"")), body(("..", LETTER)), b"", b"--amparo"])
def test_no_file_is_answered_with_a_sentence(phone, matter, content):
    answer = post(phone, matter, content)
    assert answer.status_code == 422
    assert "No file came. Choose your photos or files first." in answer.content.decode()


def test_too_many_at_once_is_answered_with_a_sentence(phone, matter, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    answer = post(phone, matter, body(*[(f"{n}.jpg", PHOTO) for n in range(3)]))
    assert answer.status_code == 422
    assert "none of it was received" in answer.content.decode()
    assert not Document.objects.exists()


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=", "text/plain", ""])
def test_a_body_of_another_kind_is_no_accident(phone, matter, kind):
    answer = phone.post(reverse("send", args=[matter.pk]), b"hello", content_type=kind)
    assert answer.status_code in {400, 422}
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("acta\0.jpg", "acta.jpg"),
        ("acta\u202egpj.exe", "actagpj.exe"),
        ("a" * 300 + ".jpg", "a" * 150),
        ("<script>alert(1)</script>", "script>"),
        ("acta.jpg\r\nSet-Cookie: a=b", "acta.jpg%0D%0ASet-Cookie: a=b"),
        ("ácta ñ 写真 😀.jpg", "ácta ñ 写真 😀.jpg"),
    ],
)
def test_a_hostile_name_is_only_a_name(phone, matter, name, kept):
    page = told(phone, matter, (name, PHOTO))
    assert matter.documents.get().name == kept
    assert "<script>alert" not in page


@pytest.mark.skipif(not NAMES.exists(), reason="the sample of hostile names is not here")
def test_no_known_hostile_name_breaks_the_door(phone, matter, settings):
    lines = [line for line in NAMES.read_text().splitlines() if line and not line.startswith("#")]
    names = [base64.b64decode(line).decode(errors="replace") for line in lines][:150]
    answer = post(phone, matter, body(*[(name, b"") for name in names]))
    assert phone.get(answer["Location"]).status_code == 200


def test_what_is_dangerous_is_told_without_a_word_that_frightens(phone, matter):
    told(phone, matter, ("photo.jpg", EICAR))
    check(matter.documents.get())
    page = phone.get(reverse("send", args=[matter.pk]) + "?receipt").content.decode()
    assert "We could not open this file. Take a new photo of the paper and send that." in page
    assert not any(word in page.lower() for word in ("virus", "infect", "malware", "quarantin", "reject", "refus"))


def test_no_plain_byte_touches_a_disk(phone, matter, settings, monkeypatch, tmp_path):
    (temporary := tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    told(phone, matter, ("grande.jpg", PHOTO + bytes(4_000_000)), ("carta.pdf", LETTER))
    assert not list(temporary.iterdir())
    assert not settings.WORK_DIR.exists() or not list(settings.WORK_DIR.iterdir())


def test_the_names_of_what_failed_are_sealed_in_the_session(phone, matter):
    told(phone, matter, ("orden-de-deportacion.pdf", b""))
    assert "deportacion" not in str(dict(phone.session.items()))


def test_a_receipt_is_of_one_matter(browser, ana, maria, matter):
    told(browser(ana), matter, ("carta.pdf", LETTER))
    assert "carta.pdf" not in browser(ana).get(reverse("send", args=[matter.pk]) + "?receipt").content.decode()


def test_the_receipt_renews_itself_until_all_is_checked(phone, matter, maria):
    told(phone, matter, ("photo.jpg", EICAR))
    url = reverse("send", args=[matter.pk]) + "?receipt"
    part = phone.get(url, headers={"X-Requested-With": "fetch"}).content.decode()
    assert part.startswith("<section")
    assert f'data-refresh="{url}"' in part
    check(matter.documents.get())
    assert "data-refresh" not in phone.get(url, headers={"X-Requested-With": "fetch"}).content.decode()


def test_every_kind_of_paper_stands_under_one_everyday_heading(db):
    types = list(DocumentType.objects.exclude(pk="other"))
    groups = _grouped(types)
    assert [code for _heading, some in groups for code, _label in some] == [kind.pk for kind in types]
    assert [heading for heading, _some in groups] == list(HEADINGS.values())


def test_what_was_asked_again_is_offered_first(db):
    shown = str(SendForm(wanted=[DocumentType.objects.get(pk="lease")])["item"])
    first, second = shown.split("<optgroup")[1:3]
    assert "We asked for this again" in first
    assert "Lease or rent receipts" in first
    assert "Who you are" in second


def test_the_form_works_without_a_script(phone, matter):
    page = phone.get(reverse("send", args=[matter.pk])).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert "multiple" in page
    assert "capture" not in page


def test_the_same_bytes_twice_in_one_form_are_one_document(phone, matter):
    told(phone, matter, ("a.jpg", PHOTO), ("b.jpg", PHOTO))
    assert Document.objects.count() == 1


def test_a_duplicate_of_what_a_colleague_sent_is_hers_to_see(phone, matter, pat):
    first = sent(LETTER, "carta.pdf", matter, pat)
    assert reverse("document", args=[first.pk]) in told(phone, matter, ("otra.pdf", LETTER))
