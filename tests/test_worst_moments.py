"""What a hostile reader found once, each at its worst moment: it must not come back."""

import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit import trail
from accounts.models import User
from documents import matters, tagging, vault
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import Document, Matter, PacketPage, Request
from documents.packets import binding, caged, letter, order
from documents.packets.caged import _bound
from documents.packets.shape import tab_letters
from tests.conftest import Browser, sent, simple_pdf

State = Document.State


def test_a_work_folder_that_cannot_be_used_refuses_nothing(received: Document, settings: Any) -> None:
    settings.WORK_DIR = Path("/proc/nowhere")
    for _time in range(5):
        check(received)
    assert (received.state, received.crashes) == ("received", 0)


def test_nor_does_it_hold_what_is_being_prepared(received: Document, settings: Any) -> None:
    check(received)
    settings.WORK_DIR = Path("/proc/nowhere")
    for _time in range(5):
        prepare(received)
    assert (received.state, received.crashes) == ("clean", 0)


def test_the_same_bytes_again_mend_a_copy_that_was_lost(received: Document, matter: Matter, maria: User) -> None:
    vault.shred(vault.Area.INTAKE, received.intake_key)
    check(received)
    assert sent(simple_pdf(2), "otra vez.pdf", matter, maria) == received
    check(received)
    assert received.state == "clean"


def test_the_scanner_is_asked_before_anything_is_fetched_or_written(received: Document, settings: Any) -> None:
    events = len(list_of(received))
    settings.CLAMD_ADDRESS = "127.0.0.1:1"
    for _time in range(3):
        check(received)
    assert (received.waits, len(list_of(received))) == (3, events)


def list_of(document: Document) -> list[Any]:
    return list(trail(document.audit_chain))


def test_a_file_that_was_refused_is_never_on_the_record_as_clean(matter: Matter, maria: User) -> None:
    document = sent(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "dibujo.svg", matter, maria)
    check(document)
    assert document.state == "refused"
    assert not document.verdicts.filter(outcome="clean").exists()


@pytest.mark.parametrize("state", ["quarantined", "checking", "refused", "preparing"])
@pytest.mark.parametrize("button", ["restore", "try_again"])
def test_no_button_brings_back_what_is_not_withdrawn_or_held(
    ready: Document, pat: User, browser: Browser, state: str, button: str
) -> None:
    tagging.withdraw(ready, actor=pat)
    tagging.restore(ready, actor=pat)
    Document.objects.filter(pk=ready.pk).update(state=state)
    answer = browser(pat).post(reverse(button, args=[ready.pk]))
    ready.refresh_from_db()
    assert (answer.status_code, ready.state) == (302, state)


def test_evidence_taken_out_while_binding_fails_the_packet_by_name(
    accepted: Document, request_: Request, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Withdrawn between the fetch of its pages and the promise of the packet."""

    def and_meanwhile(*arguments: Any) -> Any:
        tagging.withdraw(accepted, actor=ana)
        return bind_and_draw(*arguments)

    bind_and_draw = caged.bind_and_draw
    monkeypatch.setattr(binding, "bind_and_draw", and_meanwhile)
    packet = order.order(request_, actor=ana)
    binding.bind_packet(packet)
    assert (packet.state, packet.parts.exists()) == ("failed", False)
    assert accepted.exhibit_title in packet.failure


def test_a_button_pressed_twice_orders_one_packet(accepted: Document, request_: Request, ana: User) -> None:
    assert order.order(request_, actor=ana) == order.order(request_, actor=ana)


def test_the_thousandth_tab_fits_into_the_ledger(accepted: Document, request_: Request, ana: User) -> None:
    packet = order.order(request_, actor=ana)
    row = PacketPage(packet=packet, number=1, part=1, part_page=1, kind="tab", tab=tab_letters(999), draft_key="x")
    row.save()
    assert len(tab_letters(999)) == 39


def test_a_file_name_from_the_sandbox_is_never_a_path(tmp_path: Path) -> None:
    (tmp_path / "evil.pdf").write_bytes(b"%PDF-")
    facts = {"pages": 1, "bytes": 5, "sha256": "0" * 64, "first_page": 1, "last_page": 1, "path": "evil.pdf"}
    with pytest.raises(ValueError, match="path"):
        _bound({"parts": [{"file": "../../evil.pdf", **facts}], "ledger": [], "manifest": {}, "notes": []}, tmp_path)


def test_a_letter_of_spaces_is_read_at_once() -> None:
    assert letter.citations("{tab:" + " " * 50_000) == [letter.Citation("", None, "{tab")]


def test_a_letter_nested_without_end_is_not_saved(request_: Request, pat: User, browser: Browser) -> None:
    answer = browser(pat).post(reverse("letter", args=[request_.pk]), {"letter": "*a " * 1500 + "a* " * 1500})
    request_.refresh_from_db()
    assert (answer.status_code, request_.letter) == (422, "")


def test_two_people_at_one_letter_do_not_overwrite_each_other(request_: Request, pat: User, browser: Browser) -> None:
    seen = matters.letter_sha256("")
    matters.change_letter(request_, "Ana wrote this.", actor=pat)
    answer = browser(pat).post(reverse("letter", args=[request_.pk]), {"letter": "Pat wrote that.", "seen": seen})
    request_.refresh_from_db()
    assert (answer.status_code, request_.letter) == (422, "Ana wrote this.")
    assert b"Pat wrote that." in answer.content


def test_a_session_that_is_over_does_nothing_by_any_form(ready: Document, pat: User, browser: Browser) -> None:
    paralegal = browser(pat)
    session = paralegal.session
    session["began"] = session["seen"] = time.time() - 45 * 60
    session.save()
    where = reverse("reveal", args=[ready.matter_id])
    answer = paralegal.post(where, {"a": "b"}, headers={"content-type": "multipart/form-data; boundary=x"})
    assert (answer.status_code, answer["Location"].startswith("/sign-in/")) == (302, True)


@pytest.mark.parametrize("charset", ["hex", "rot13", "nonsense", "utf-7"])
def test_a_character_set_that_no_browser_sends_is_a_bad_request(client: Client, db: None, charset: str) -> None:
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert client.generic("POST", "/language/", b"language=es", kind).status_code == 400


def test_a_name_is_not_in_a_message(ready: Document, pat: User, browser: Browser) -> None:
    paralegal = browser(pat)
    answer = paralegal.post(reverse("withdraw", args=[ready.pk]))
    assert "messages" not in answer.cookies
    assert "carta.pdf" not in str(dict(paralegal.session))
