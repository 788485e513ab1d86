"""A file that came locked: its password is given in place, tried once, and forgotten; what is inside is scanned too."""

import csv
import io
import logging
from pathlib import Path

import pikepdf
import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.audit import trail
from accounts.models import Role, User
from documents import lifecycle, matters, preparing, tagging, vault, verifying
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.intake.unlocking import unlock, waits_for_password
from documents.models import Document, Factor, Matter, Request
from documents.packets import order
from documents.packets.binding import bind_packet
from documents.preparing import Limits, sandbox
from tests import documents as papers
from tests.conftest import Browser, person, sent
from tests.locked import LOCKS, PASSWORD, locked, opened
from tests.locks import TESTS, State, everything_stored, page, refused, sha256, where
from tests.locks import phone as phone
from tests.locks import waiting as waiting
from tests.papers import shut

# Works


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("password", ["la de Maria", "la oficina"])
def test_either_password_opens_any_lock(matter: Matter, maria: User, lock: str, password: str) -> None:
    document = refused(locked(user="la de Maria", lock=lock), matter, maria)
    assert (opened(document, password, maria).state, document.pages) == ("ready", 2)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_password_with_letters_of_its_own_opens_any_lock(matter: Matter, maria: User, lock: str) -> None:
    document = refused(locked(user="contraseña", lock=lock), matter, maria)
    assert opened(document, "contraseña", maria).state == "ready"


@pytest.mark.parametrize("typed", ["mi tía ", "mi ti\u0301a"], ids=["a blank", "in two pieces"])
def test_what_a_phone_makes_of_a_password_still_opens_it(matter: Matter, maria: User, typed: str) -> None:
    document = refused(locked(user="mi tía"), matter, maria)
    assert opened(document, typed, maria).state == "ready"


def test_a_blank_that_belongs_to_the_password_counts(matter: Matter, maria: User) -> None:
    document = refused(locked(user=" uno "), matter, maria)
    assert opened(document, " uno ", maria).state == "ready"


def test_the_file_is_kept_as_it_came_and_beside_it_without_its_lock(waiting: Document, maria: User) -> None:
    opened(waiting, PASSWORD, maria)
    assert sha256(vault.Area.VAULT, waiting.vault_key, waiting.matter) == waiting.sha256
    assert sha256(vault.Area.VAULT, waiting.unlocked_key, waiting.matter) == waiting.unlocked_sha256 != waiting.sha256


def test_the_verdict_is_about_the_unlocked_bytes(waiting: Document, maria: User) -> None:
    opened(waiting, PASSWORD, maria)
    assert [(v.sha256, v.outcome) for v in waiting.verdicts.all()] == [
        (waiting.unlocked_sha256, "clean"), (waiting.sha256, "locked"),
    ]  # fmt: skip


def test_a_person_is_told_that_its_lock_was_taken_off(waiting: Document, maria: User) -> None:
    assert opened(waiting, PASSWORD, maria).warnings == ["restrictions_removed"]


def test_what_leaves_is_the_unlocked_file(waiting: Document, maria: User, pat: User, browser: Browser) -> None:
    opened(waiting, PASSWORD, maria)
    answer = browser(pat).get(reverse("original", args=[waiting.pk]))
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert int(answer["Content-Length"]) == len(body) == waiting.unlocked_size
    assert len(pikepdf.open(io.BytesIO(body)).pages) == 2  # nobody is asked for a password


def test_its_pages_go_into_a_packet(waiting: Document, maria: User, pat: User, request_: Request) -> None:
    opened(waiting, PASSWORD, maria)
    tagging.tag(waiting, Factor.objects.get(code="FAMILY_USC_LPR"), actor=pat)
    tagging.accept(waiting, actor=pat)
    packet = order.order(request_, actor=pat)
    bind_packet(packet)
    assert [(row.source_page, row.source_sha256) for row in packet.ledger.exclude(document=None)] == [
        (1, waiting.sha256), (2, waiting.sha256),
    ]  # fmt: skip


def test_an_export_has_the_unlocked_file_and_says_so(waiting: Document, maria: User, tmp_path: Path) -> None:
    opened(waiting, PASSWORD, maria)
    call_command("export", "--matter", waiting.matter.reference, "--out", str(tmp_path / "out"), stdout=io.StringIO())
    with (tmp_path / "out" / "index.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["unlocked"], row["sha256"], row["file_sha256"]) == ("yes", waiting.sha256, waiting.unlocked_sha256)
    assert len(pikepdf.open(tmp_path / "out" / row["file"]).pages) == 2


def test_everything_about_it_is_as_promised(waiting: Document, maria: User) -> None:
    opened(waiting, PASSWORD, maria)
    assert not [sentence for sentence in verifying.verify() if str(waiting.pk) in sentence]


def test_a_copy_that_changed_in_the_store_is_found(waiting: Document, maria: User) -> None:
    opened(waiting, PASSWORD, maria)
    other = vault.seal([b"other bytes"], vault.Area.VAULT, under=bytes(waiting.matter.key))
    Document.objects.filter(pk=waiting.pk).update(unlocked_key=other.key)
    assert [sentence for sentence in verifying.verify() if f"{waiting.pk} unlocked" in sentence]


# On the record, and nowhere else


def test_who_gave_it_is_on_the_record(waiting: Document, pat: User) -> None:
    unlock(waiting, PASSWORD, actor=pat)
    event = trail(waiting.audit_chain).get(kind="unlocked")
    assert (event.actor, event.subject_id, event.facts) == (pat, str(waiting.pk), {})


def test_the_password_is_sealed_while_it_waits(waiting: Document, maria: User) -> None:
    unlock(waiting, PASSWORD, actor=maria)
    assert Document.objects.get(pk=waiting.pk).password == PASSWORD
    assert PASSWORD not in everything_stored()


@pytest.mark.parametrize("password", [PASSWORD, "no es esta"], ids=["right", "wrong"])
def test_the_password_is_forgotten_and_was_never_told(
    waiting: Document, maria: User, browser: Browser, caplog: pytest.LogCaptureFixture, password: str
) -> None:
    caplog.set_level(logging.DEBUG)
    browser(maria).post(where(waiting), {"password": password})
    check(waiting)
    prepare(waiting)
    assert Document.objects.get(pk=waiting.pk).password == ""
    told = [everything_stored(), caplog.text, *(f"{m.subject} {m.body}" for m in mail.outbox)]
    assert not [text for text in told if password in text]


def test_the_password_is_gone_as_soon_as_the_copy_is_there(waiting: Document, maria: User) -> None:
    unlock(waiting, PASSWORD, actor=maria)
    check(waiting)
    assert (waiting.state, Document.objects.get(pk=waiting.pk).password) == ("clean", "")


def test_the_sandbox_hears_the_password_and_nobody_can_read_it_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    readable = (TESTS, Path("/proc/self"))
    got = sandbox.run(
        "tests.sandbox_probes:secrets", tmp_path / "file", tmp_path, secret=PASSWORD, limits=Limits(), readable=readable
    )
    assert got.pop("secret") == PASSWORD
    assert PASSWORD not in str(got)
    assert "documents.preparing.nursery" in got["command"]


def test_no_file_of_the_sandbox_holds_the_password(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(locked())
    into = tmp_path / "into"
    into.mkdir()
    preparing.unlock(tmp_path / "file", PASSWORD, into)
    assert [path.name for path in into.rglob("*")] == ["unlocked.pdf"]
    assert PASSWORD.encode() not in (into / "unlocked.pdf").read_bytes()


def test_a_secret_that_is_no_password_is_not_sent(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="longer than any password"):
        sandbox.run("none:none", tmp_path, tmp_path, secret="x" * 4097, limits=Limits())


# A wrong one


def test_a_wrong_password_is_told_and_asked_for_again(waiting: Document, maria: User, phone: Client) -> None:
    assert "That password did not open it" not in page(phone, waiting)
    opened(waiting, "no es esta", maria)
    assert (waiting.state, waiting.reason, waiting.password) == ("refused", "locked", "")
    assert "That password did not open it" in page(phone, waiting)


def test_after_a_wrong_one_the_right_one_opens_it(waiting: Document, maria: User) -> None:
    opened(waiting, "no es esta", maria)
    assert opened(waiting, PASSWORD, maria).state == "ready"


HOSTILE = {
    "right to left": "\u202eكلمة السر",
    "emoji": "🔒😀",
    "blanks": "   ",
    "long": "x" * 500,
    "quote": "'; --\r\n",
}


@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_a_strange_password_is_a_wrong_one(waiting: Document, maria: User, browser: Browser, typed: str) -> None:
    assert browser(maria).post(where(waiting), {"password": typed}).status_code == 302
    check(waiting)
    assert (waiting.state, waiting.reason, waiting.mime) == ("refused", "locked", "application/pdf")


@pytest.mark.parametrize("typed", ["", "x" * 10_000, "a\0b"], ids=["empty", "10 kB", "NUL"])
def test_what_can_be_no_password_is_told_in_place(waiting: Document, phone: Client, typed: str) -> None:
    answer = phone.post(where(waiting), {"password": typed})
    assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (422, True)
    assert not typed or typed not in answer.text
    assert Document.objects.get(pk=waiting.pk).state == "refused"


def test_emoji_can_be_the_password(matter: Matter, maria: User) -> None:
    document = refused(locked(user="🔒😀"), matter, maria)
    assert opened(document, "🔒😀", maria).state == "ready"


def test_too_many_tries_have_to_wait(waiting: Document, phone: Client) -> None:
    for _time in range(10):
        phone.post(where(waiting), {"password": "no es esta"})
        check(waiting)
    answer = phone.post(where(waiting), {"password": PASSWORD})
    assert (answer.status_code, "Wait a few minutes" in answer.text) == (429, True)
    assert Document.objects.get(pk=waiting.pk).state == "refused"


# Each wrong person, method and state


@pytest.mark.parametrize(("who", "answer"), [("maria", 302), ("pat", 302), ("ana", 302), ("max_", 404), ("ada", 404)])
def test_who_may_give_it(
    waiting: Document, browser: Browser, request: pytest.FixtureRequest, who: str, answer: int
) -> None:
    client = browser(request.getfixturevalue(who))
    assert client.post(where(waiting), {"password": PASSWORD}).status_code == answer
    assert (Document.objects.get(pk=waiting.pk).state == "received") == (answer == 302)


def test_another_client_does_not_know_of_it(waiting: Document, browser: Browser, ana: User) -> None:
    rosa = person("Rosa Díaz", Role.CLIENT)
    matters.add_member(matters.open_matter("Díaz, Rosa", "", actor=ana), rosa, actor=ana)
    assert browser(rosa).post(where(waiting), {"password": PASSWORD}).status_code == 404


def test_nobody_signs_in_first(waiting: Document) -> None:
    assert Client().post(where(waiting), {"password": PASSWORD})["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_there_is_one_way_to_give_it(waiting: Document, browser: Browser, maria: User, method: str) -> None:
    assert getattr(browser(maria), method)(where(waiting)).status_code == 405


@pytest.mark.parametrize("state", [state for state in State if state != State.REFUSED])
def test_no_other_state_waits_for_a_password(waiting: Document, browser: Browser, pat: User, state: str) -> None:
    shut(waiting, state=state, pages=1, vault_key="x", print_key="x", print_sha256="x")  # no state lacks what it needs
    browser(pat).post(where(waiting), {"password": PASSWORD})
    assert (Document.objects.get(pk=waiting.pk).state, Document.objects.get(pk=waiting.pk).password) == (state, "")
    with pytest.raises(lifecycle.IllegalMove):
        unlock(waiting, PASSWORD, actor=pat)


def test_what_was_refused_for_another_reason_waits_for_none(matter: Matter, maria: User) -> None:
    document = sent(b"%PDF-1.7 rubbish", "carta.pdf", matter, maria)
    check(document)
    assert (document.state, waits_for_password(document)) == ("refused", False)


OTHERS = {
    "office file": (papers.compound("EncryptionInfo", "EncryptedPackage"), "carta.docx"),
    "locked file inside": (locked(user="", attached={"dentro.pdf": locked()}), "carta.pdf"),
}


@pytest.mark.parametrize(("content", "name"), OTHERS.values(), ids=OTHERS)
def test_what_no_password_of_ours_opens_is_not_asked_for_one(
    matter: Matter, maria: User, phone: Client, content: bytes, name: str
) -> None:
    document = refused(content, matter, maria, name)
    assert not waits_for_password(document)
    assert where(document) not in page(phone, document)
    assert "take the password off" in page(phone, document)


def test_a_locked_file_inside_a_locked_file_stays_refused(matter: Matter, maria: User) -> None:
    document = refused(locked(attached={"dentro.pdf": locked(user="otra")}), matter, maria)
    assert (opened(document, PASSWORD, maria).state, document.reason) == ("refused", "locked")
    assert not waits_for_password(document)


def test_without_its_bytes_there_is_nothing_to_open(waiting: Document, maria: User) -> None:
    shut(waiting, intake_key="")
    with pytest.raises(lifecycle.IllegalMove):
        unlock(waiting, PASSWORD, actor=maria)
