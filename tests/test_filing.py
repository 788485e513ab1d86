"""What becomes of a packet after it left: filed, answered, decided; and what was told wrongly is corrected, on the record."""

import csv
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit import trail
from accounts.models import AuditEvent, User
from documents import filing, history, life, messages, purging
from documents.models import Document, Filing, Packet, Request
from documents.packets import order, rules, transmittal
from portal import hours
from tests.conftest import Browser
from tests.filed import bound, filed, released

__all__ = ["bound", "filed", "released"]
FIRM = ZoneInfo("America/Chicago")
TODAY = hours.today


def record(client: Client, packet: Packet, **typed: str) -> int:
    now = timezone.now().astimezone(FIRM)
    about = {"channel": "mail", "filed_at": f"{now:%Y-%m-%dT%H:%M}", "words": "Receipt 0815", **typed}
    return client.post(reverse("packet_file", args=[packet.pk]), about).status_code


def answer(client: Client, packet: Packet, **typed: str) -> int:
    about = {"replied_on": f"{TODAY():%Y-%m-%d}", "pages_confirmed": str(packet.total_pages), "reply": "Received."}
    return client.post(reverse("packet_reply", args=[packet.pk]), about | typed).status_code


def decide(client: Client, request: Request, **typed: str) -> int:
    about = {"outcome": "denied", "decided_on": f"{TODAY():%Y-%m-%d}", "decision": "Not a priority.", **typed}
    return client.post(reverse("decide", args=[request.pk]), about).status_code


def page(client: Client, request: Request) -> str:
    return client.get(reverse("life", args=[request.pk])).content.decode()


@pytest.fixture
def paralegal(pat: User, browser: Browser) -> Client:
    return browser(pat)


# Filing


def test_a_released_packet_is_filed_and_its_request_with_it(released: Packet, paralegal: Client) -> None:
    assert record(paralegal, released) == 302
    released.refresh_from_db()
    released.request.refresh_from_db()
    assert (released.state, released.request.state) == ("filed", "filed")
    assert (released.filing.channel, released.filing.words) == ("mail", "Receipt 0815")


def test_filing_is_on_the_record_without_what_was_typed(released: Packet, paralegal: Client, pat: User) -> None:
    record(paralegal, released)
    event = trail(released.audit_chain).filter(kind=AuditEvent.Kind.FILED).get()
    assert (event.actor, event.facts) == (pat, {"via": "mail", "pages": released.total_pages})
    assert "0815" not in str(list(trail(released.audit_chain).values_list("facts", flat=True)))


def test_the_hour_is_that_on_the_firms_wall(released: Packet, paralegal: Client) -> None:
    at = timezone.now().astimezone(FIRM)
    record(paralegal, released, filed_at=f"{at:%Y-%m-%dT%H:%M}")
    assert released.filing.filed_at == at.replace(second=0, microsecond=0)


def test_what_has_not_happened_yet_is_not_recorded(released: Packet, paralegal: Client) -> None:
    later = timezone.now().astimezone(FIRM) + timedelta(hours=1)
    assert record(paralegal, released, filed_at=f"{later:%Y-%m-%dT%H:%M}") == 422
    assert not Filing.objects.exists()


def test_nothing_is_filed_before_it_was_released(released: Packet, paralegal: Client) -> None:
    answer_ = paralegal.post(
        reverse("packet_file", args=[released.pk]), {"channel": "ecas", "filed_at": "2026-01-01T09:00", "words": "kept"}
    )
    assert answer_.status_code == 422
    assert "The packet was not released yet at that time." in answer_.content.decode()
    assert "kept" in answer_.content.decode()


def test_a_packet_that_nobody_released_is_not_filed(bound: Packet, paralegal: Client) -> None:
    assert record(paralegal, bound) == 422
    assert not Filing.objects.exists()


@pytest.mark.parametrize("wrong", [{"channel": "pigeon"}, {"filed_at": "yesterday"}, {"filed_at": ""}])
def test_what_cannot_be_read_is_said(released: Packet, paralegal: Client, wrong: dict[str, str]) -> None:
    assert record(paralegal, released, **wrong) == 422


def test_a_packet_that_goes_out_while_another_is_ordered_is_filed(released: Packet, ana: User) -> None:
    order.order(released.request, actor=ana)
    filing.file(released, "mail", timezone.now(), actor=ana)
    released.request.refresh_from_db()
    assert released.request.state == "filed"


def test_a_wrong_channel_is_corrected_and_the_first_stays_on_the_record(filed: Filing, paralegal: Client) -> None:
    assert record(paralegal, filed.packet, channel="ecas") == 302
    filed.refresh_from_db()
    assert filed.channel == "ecas"
    event = trail(filed.audit_chain).filter(kind=AuditEvent.Kind.FILED, outcome="corrected").get()
    assert event.facts["was"][0] == "mail"
    assert "corrected what is recorded of Packet 1" in history.told(filed.packet.request.matter, [event])[0].text


# The reply


def test_the_reply_is_kept_with_its_page_count(filed: Filing, paralegal: Client, request_: Request) -> None:
    assert answer(paralegal, filed.packet) == 302
    filed.refresh_from_db()
    assert (filed.reply, filed.pages_confirmed) == ("Received.", filed.packet.total_pages)
    assert "Pages of packet 1:" not in page(paralegal, request_)


def test_another_page_count_is_said_loudly_until_it_is_right(
    filed: Filing, paralegal: Client, request_: Request
) -> None:
    answer(paralegal, filed.packet, pages_confirmed="3")
    sent = filed.packet.total_pages
    loud = f"Pages of packet 1: the office counted 3, we sent {sent}."
    assert loud in page(paralegal, request_)
    assert loud in paralegal.get(reverse("packet", args=[filed.packet_id])).content.decode()
    answer(paralegal, filed.packet)
    assert "Pages of packet 1:" not in page(paralegal, request_)
    outcomes = trail(filed.audit_chain).filter(kind=AuditEvent.Kind.REPLIED).values_list("outcome", flat=True)
    assert list(outcomes) == ["corrected", "done"]


def test_a_reply_says_something(filed: Filing, paralegal: Client) -> None:
    assert answer(paralegal, filed.packet, pages_confirmed="", reply=" ") == 422


@pytest.mark.parametrize("day", ["2026-01-01", "2999-01-01"])
def test_a_reply_comes_after_the_filing_and_not_tomorrow(filed: Filing, paralegal: Client, day: str) -> None:
    assert answer(paralegal, filed.packet, replied_on=day) == 422


def test_what_was_not_filed_is_not_answered(released: Packet, paralegal: Client) -> None:
    assert answer(paralegal, released) == 404


# The decision


@pytest.mark.parametrize("outcome", ["granted", "denied"])
def test_the_office_decides(filed: Filing, paralegal: Client, request_: Request, outcome: str) -> None:
    assert decide(paralegal, request_, outcome=outcome) == 302
    request_.refresh_from_db()
    assert (request_.state, request_.decided_on, request_.decision) == (outcome, TODAY(), "Not a priority.")


def test_nothing_is_decided_before_it_is_filed(released: Packet, paralegal: Client, request_: Request) -> None:
    assert decide(paralegal, request_) == 422


@pytest.mark.parametrize("wrong", [{"decided_on": "2026-01-01"}, {"decided_on": "2999-01-01"}, {"outcome": "filed"},
                                   {"decision": ""}])  # fmt: skip
def test_a_decision_that_cannot_be_is_said(filed: Filing, paralegal: Client, request_: Request, wrong) -> None:
    assert decide(paralegal, request_, **wrong) == 422
    request_.refresh_from_db()
    assert request_.state == "filed"


def test_a_grant_recorded_as_a_denial_is_corrected(filed: Filing, paralegal: Client, request_: Request) -> None:
    decide(paralegal, request_)
    decide(paralegal, request_, outcome="granted", decision="Closed.")
    request_.refresh_from_db()
    assert (request_.state, request_.decision) == ("granted", "Closed.")
    moves = trail(request_.audit_chain).filter(kind=AuditEvent.Kind.MOVED, subject_id=str(request_.pk))
    assert [event.facts["to"] for event in moves[:3]] == ["granted", "filed", "denied"]
    assert moves[1].facts["why"] == "corrected"


def test_a_decisions_words_are_corrected_on_the_record(filed: Filing, paralegal: Client, request_: Request) -> None:
    decide(paralegal, request_)
    decide(paralegal, request_, decision="Denied without words.")
    request_.refresh_from_db()
    assert request_.decision == "Denied without words."
    event = trail(request_.audit_chain)[0]
    assert (event.outcome, event.facts["field"]) == ("corrected", "decision")


# The page


def test_the_page_has_the_next_step_and_no_other(
    bound: Packet, paralegal: Client, request_: Request, ana: User
) -> None:
    assert "Nothing to file yet" in page(paralegal, request_)
    assert "It was filed" not in page(paralegal, request_)


def test_the_page_tells_the_life_in_its_order(filed: Filing, paralegal: Client, request_: Request) -> None:
    answer(paralegal, filed.packet)
    decide(paralegal, request_)
    request_.refresh_from_db()
    told = [step.what for step in life.timeline(request_)]
    assert told == [
        "Opened", "Packet 1 ordered", "Packet 1 released", "Packet 1 filed", "The office replied", "Denied",
    ]  # fmt: skip
    assert "Ask again" in page(paralegal, request_)


@pytest.mark.parametrize("where", ["matter", "request", "packet"])
def test_the_page_is_reached_from(filed: Filing, paralegal: Client, request_: Request, where: str) -> None:
    pk = {"matter": request_.matter_id, "request": request_.pk, "packet": filed.packet_id}[where]
    link = f'href="{reverse("life", args=[request_.pk])}"'
    assert link in paralegal.get(reverse(where, args=[pk])).content.decode()


def test_what_was_written_goes_with_the_matter(filed: Filing, paralegal: Client, request_: Request, ana: User) -> None:
    answer(paralegal, filed.packet)
    purging.purge(request_.matter, actor=ana, why="closed")
    filed.refresh_from_db()
    assert (filed.words, filed.reply) == ("", "")


# The mail


def mail(client: Client, request: Request, text: str = "") -> str:
    where = reverse("transmittal", args=[request.pk])
    if text:
        client.post(where, {"text": text})
    return client.get(where).content.decode()


def found(request: Request) -> list[str]:
    request.refresh_from_db()
    words = rules.results(rules.sending.RULES[1], rules.Facts.of(request, order.freeze(request)))
    return [word.why for word in words if word.blocks]


def test_the_mail_has_all_that_can_be_derived(released: Packet, paralegal: Client, request_: Request) -> None:
    html = mail(paralegal, request_, "Dear Counsel: the files are attached.")
    for derived in (
        ">A123456789 Request for the Exercise of Prosecutorial Discretion</textarea>", "Name: Rodríguez, Maria",
        "A-number: A123456789", "Detained: no", "Next hearing: none", released.parts.get().filename, "Cortés Law",
    ):  # fmt: skip
        assert derived in html


def test_a_mail_is_offered_as_a_draft_and_counts_once_it_is_saved(request_: Request, paralegal: Client) -> None:
    assert "We ask for administrative closure." in mail(paralegal, request_)
    assert found(request_) == ["The mail to the office has no text. Save one: mail without a text may be deleted."]
    mail(paralegal, request_, transmittal.draft(request_))
    assert found(request_) == []


@pytest.mark.parametrize("link", ["https://box.example/x", "see www.box.example", "drive.google.com/file/1"])
def test_a_mail_with_a_link_is_warned_of(request_: Request, paralegal: Client, link: str) -> None:
    mail(paralegal, request_, f"The files are here: {link}")
    assert found(request_) == ["The text of the mail has a link. Attach the files, and take the link out."]


def test_an_office_without_mail_needs_none(request_: Request, paralegal: Client) -> None:
    request_.profile = "EOIR"
    request_.save()
    assert found(request_) == []
    assert paralegal.get(reverse("transmittal", args=[request_.pk])).status_code == 404


def test_a_warning_about_the_mail_may_be_accepted(request_: Request, accepted: Document) -> None:
    [word] = rules.results(rules.sending.RULES[1], rules.Facts.of(request_, order.freeze(request_)))
    assert word.may_be_stated


def test_who_sees_the_a_number_is_on_the_record(request_: Request, paralegal: Client, pat: User) -> None:
    mail(paralegal, request_)
    assert trail(request_.audit_chain).filter(kind=AuditEvent.Kind.REVEALED, actor=pat).count() == 1


def test_a_day_begins_where_the_firm_is() -> None:
    assert hours.day(datetime(2026, 3, 2, 3, tzinfo=ZoneInfo("UTC"))).isoformat() == "2026-03-01"


# Leaving with everything


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_an_export_has_the_filing_the_reply_and_the_decision(
    filed: Filing, paralegal: Client, request_: Request, tmp_path: Path
) -> None:
    answer(paralegal, filed.packet, pages_confirmed="3")
    decide(paralegal, request_)
    call_command("export", "--matter", request_.matter.reference, "--out", str(tmp_path / "out"), stdout=StringIO())
    [row] = table(tmp_path / "out" / "filings.csv")
    assert (row["channel"], row["pages_confirmed"], row["reply"]) == ("mail", "3", "Received.")
    [row] = table(tmp_path / "out" / "requests.csv")
    assert (row["state"], row["decision"], row["follows"]) == ("denied", "Not a priority.", "")


def test_an_export_has_what_changed_and_what_was_said(
    request_: Request, pat: User, maria: User, tmp_path: Path
) -> None:
    request_.circumstances.create(kind="birth", words="A son.", happened_on="2026-01-01", added_by=pat)
    messages.write(request_.matter, "=Buenos días", token=uuid4(), actor=maria)
    call_command("export", "--matter", request_.matter.reference, "--out", str(tmp_path / "out"), stdout=StringIO())
    [row] = table(tmp_path / "out" / "circumstances.csv")
    assert (row["kind"], row["words"], row["document"]) == ("birth", "A son.", "")
    [row] = table(tmp_path / "out" / "messages.csv")
    assert (row["sender"], row["text"]) == ("Maria Rodríguez", "'=Buenos días")
