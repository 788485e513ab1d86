"""What was found harmful stays shut until two persons say otherwise, and is scanned again then."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit import trail
from accounts.models import User
from documents import lifecycle, quarantine, tagging, vault
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import Disposition, Document, Matter, Upload, Verdict
from documents.scanning import Outcome
from tests.clamd_double import Clamd, says, version
from tests.conftest import Browser, sent, simple_pdf

Kind = Disposition.Kind
FOUND = b"stream: Some.Thing-1 FOUND\0"
OK = b"stream: OK\0"


@pytest.fixture
def scanner(settings: Any) -> Iterator[Callable[..., None]]:
    """A scanner that answers `answer` under signatures of this version."""
    with ExitStack() as stack:

        def start(answer: bytes, number: int) -> None:
            double = stack.enter_context(Clamd(says(answer), [version(number=number)]))
            settings.CLAMD_ADDRESS = double.address

        yield start


@pytest.fixture
def quarantined(matter: Matter, maria: User, scanner: Callable[..., None]) -> Document:
    """Found harmful under signatures 100."""
    document = sent(simple_pdf(1), "carta.pdf", matter, maria)
    scanner(FOUND, 100)
    check(document)
    document.refresh_from_db()
    assert document.state == "quarantined"
    return document


@pytest.fixture
def released(quarantined: Document, ana: User, ada: User) -> Document:
    """Proposed by Ana and approved by the administrator; nothing done yet."""
    proposal = quarantine.propose(quarantined, Kind.RELEASE, "Sent by the school itself.", actor=ana)
    quarantine.decide(proposal, approve=True, actor=ada)
    return quarantined


def test_a_release_waits_for_newer_signatures(released: Document, scanner: Callable[..., None]) -> None:
    scanner(OK, 100)
    quarantine.settle(released)
    assert released.state == "quarantined"
    scanner(OK, 101)
    quarantine.settle(released)
    assert released.state == "received"


def test_what_is_released_is_scanned_again_and_made_ready(released: Document, scanner: Callable[..., None]) -> None:
    scanner(OK, 101)
    quarantine.settle(released)
    check(released)
    prepare(released)
    released.refresh_from_db()
    assert (released.state, released.pages) == ("ready", 1)


def test_what_is_found_again_goes_back_and_needs_a_new_decision(
    released: Document, scanner: Callable[..., None]
) -> None:
    scanner(FOUND, 101)
    quarantine.settle(released)
    check(released)
    released.refresh_from_db()
    assert (released.state, quarantine.standing(released)) == ("quarantined", None)
    scanner(OK, 102)
    quarantine.settle(released)
    assert released.state == "quarantined"


def test_a_release_waits_while_the_scanner_is_away(released: Document, settings: Any) -> None:
    settings.CLAMD_ADDRESS = "127.0.0.1:1"
    quarantine.settle(released)
    assert released.state == "quarantined"


def test_who_proposed_does_not_approve(quarantined: Document, ana: User) -> None:
    proposal = quarantine.propose(quarantined, Kind.RELEASE, "I know it.", actor=ana)
    with pytest.raises(quarantine.CannotDecide):
        quarantine.decide(proposal, approve=True, actor=ana)
    quarantine.decide(proposal, approve=False, actor=ana)
    assert quarantine.standing(quarantined) is None


def test_the_database_keeps_anybody_from_approving_alone(quarantined: Document, ana: User) -> None:
    proposal = quarantine.propose(quarantined, Kind.RELEASE, "I know it.", actor=ana)
    now = timezone.now()
    alone = Disposition.objects.filter(pk=proposal.pk)
    with pytest.raises(IntegrityError, match="nobody_approves_alone"), transaction.atomic():
        alone.update(decision="approved", decided_by=ana, decided_at=now)


@pytest.mark.parametrize("state", ["received", "checking", "withdrawn"])
def test_the_database_lets_nothing_out_of_quarantine_unreleased(quarantined: Document, state: str) -> None:
    with pytest.raises(IntegrityError, match="not released"), transaction.atomic():
        Document.objects.filter(pk=quarantined.pk).update(state=state)


def test_the_database_wants_newer_signatures_than_those_that_doubted(released: Document) -> None:
    now = timezone.now()
    about = {"document": released, "sha256": released.sha256, "engine": "ClamAV", "signatures_at": now}
    Document.objects.filter(pk=released.pk).update(state="received")
    Verdict.objects.create(outcome=Outcome.CLEAN, signature_version=100, **about)
    with pytest.raises(IntegrityError, match="verdict against it"), transaction.atomic():
        Document.objects.filter(pk=released.pk).update(state="clean")


def test_nothing_is_proposed_twice(quarantined: Document, ana: User, max_: User) -> None:
    quarantine.propose(quarantined, Kind.RELEASE, "I know it.", actor=ana)
    with pytest.raises(quarantine.CannotPropose):
        quarantine.propose(quarantined, Kind.DESTROY, "I do not.", actor=max_)


def test_nothing_is_proposed_beside_what_was_approved(released: Document, ana: User) -> None:
    with pytest.raises(quarantine.CannotPropose):
        quarantine.propose(released, Kind.DESTROY, "I do not know it.", actor=ana)


def test_only_what_is_in_quarantine_is_proposed(ready: Document, ana: User) -> None:
    with pytest.raises(lifecycle.IllegalMove):
        quarantine.propose(ready, Kind.DESTROY, "Old.", actor=ana)


def test_a_proposal_is_decided_once(quarantined: Document, ana: User, ada: User) -> None:
    proposal = quarantine.propose(quarantined, Kind.RELEASE, "I know it.", actor=ana)
    quarantine.decide(proposal, approve=False, actor=ada)
    with pytest.raises(lifecycle.LostRace):
        quarantine.decide(proposal, approve=True, actor=ada)


def destroyed(document: Document, ana: User, ada: User) -> Document:
    proposal = quarantine.propose(document, Kind.DESTROY, "Nobody needs it.", actor=ana)
    quarantine.decide(proposal, approve=True, actor=ada)
    quarantine.settle(document)
    document.refresh_from_db()
    return document


def test_what_is_destroyed_is_gone_and_on_the_record(quarantined: Document, ana: User, ada: User) -> None:
    key, number = quarantined.intake_key, quarantined.number
    gone = destroyed(quarantined, ana, ada)
    assert (gone.state, gone.name, gone.intake_key, gone.number) == ("purged", "", "", number)
    with pytest.raises(vault.Missing):
        vault.fingerprint(vault.Area.INTAKE, key, under=bytes(gone.matter.key))
    kinds = trail(gone.audit_chain).filter(subject_id=str(gone.pk)).values_list("kind", flat=True)
    assert {"proposed", "decided"} <= set(kinds)


def test_nor_is_the_name_kept_under_which_it_was_sent(quarantined: Document, maria: User, ana: User, ada: User) -> None:
    about = {"matter": quarantined.matter, "sender": maria, "file_id": uuid4(), "prefix": vault.new_prefix()}
    upload = Upload.objects.create(document=quarantined, state="received", name="carta.pdf", size=1, offset=1, **about)
    destroyed(quarantined, ana, ada)
    upload.refresh_from_db()
    assert upload.name == ""


def test_nothing_is_destroyed_under_legal_hold(quarantined: Document, ana: User, ada: User) -> None:
    Matter.objects.filter(pk=quarantined.matter_id).update(legal_hold=True)
    proposal = quarantine.propose(quarantined, Kind.DESTROY, "Nobody needs it.", actor=ana)
    proposal.document.matter.refresh_from_db()
    with pytest.raises(quarantine.CannotDecide):
        quarantine.decide(proposal, approve=True, actor=ada)


def test_a_legal_hold_set_after_the_decision_still_keeps_it(quarantined: Document, ana: User, ada: User) -> None:
    proposal = quarantine.propose(quarantined, Kind.DESTROY, "Nobody needs it.", actor=ana)
    quarantine.decide(proposal, approve=True, actor=ada)
    Matter.objects.filter(pk=quarantined.matter_id).update(legal_hold=True)
    quarantine.settle(quarantined)
    assert quarantined.state == "quarantined"


def test_a_destruction_that_died_half_way_is_ended(quarantined: Document, ana: User, ada: User) -> None:
    proposal = quarantine.propose(quarantined, Kind.DESTROY, "Nobody needs it.", actor=ana)
    quarantine.decide(proposal, approve=True, actor=ada)
    lifecycle.move(quarantined, "purged", actor=None, why="destroyed")
    assert quarantine.settle_all() == 1
    quarantined.refresh_from_db()
    assert (quarantined.intake_key, quarantine.settle_all()) == ("", 0)


def test_restoring_what_was_found_harmful_meanwhile_leads_into_quarantine(ready: Document, pat: User) -> None:
    tagging.withdraw(ready, actor=pat)
    last = ready.verdicts.get()
    Verdict.objects.create(
        document=ready, sha256=ready.sha256, outcome=Outcome.INFECTED, engine=last.engine,
        signature_version=last.signature_version + 1, signatures_at=last.signatures_at,
    )  # fmt: skip
    tagging.restore(ready, actor=pat)
    assert ready.state == "quarantined"


# Pages


@pytest.fixture
def proposal(quarantined: Document, ana: User) -> Disposition:
    return quarantine.propose(quarantined, Kind.RELEASE, "Sent by the school itself.", actor=ana)


def test_an_attorney_proposes_on_the_page_of_the_document(quarantined: Document, browser: Browser, ana: User) -> None:
    typed = {"kind": "release", "why": "Sent by the school itself."}
    browser(ana).post(reverse("disposition", args=[quarantined.pk]), typed)
    assert quarantined.dispositions.get().why == typed["why"]


def test_a_proposal_without_a_reason_comes_back_as_it_was(quarantined: Document, browser: Browser, ana: User) -> None:
    page = browser(ana).post(reverse("disposition", args=[quarantined.pk]), {"kind": "destroy", "why": " "})
    assert page.status_code == 422
    assert b'value="destroy" required checked' in page.content
    assert not quarantined.dispositions.exists()


def test_the_administrator_reads_what_was_found_and_nothing_of_the_case(
    proposal: Disposition, browser: Browser, ada: User
) -> None:
    page = browser(ada).get(reverse("quarantine")).content.decode()
    assert all(words in page for words in ("Some.Thing-1", proposal.why, proposal.document.matter.reference))
    assert all(words not in page for words in ("Rodríguez", "carta", reverse("document", args=[proposal.document_id])))


@pytest.mark.parametrize(("do", "decision"), [("approve", "approved"), ("decline", "declined"), ("", "declined")])
def test_the_administrator_decides(proposal: Disposition, browser: Browser, ada: User, do: str, decision: str) -> None:
    browser(ada).post(reverse("disposition_decide", args=[proposal.pk]), {"do": do})
    proposal.refresh_from_db()
    assert (proposal.decision, proposal.decided_by) == (decision, ada)


def test_a_decision_asks_for_a_fresh_second_factor(proposal: Disposition, browser: Browser, ada: User) -> None:
    answer = browser(ada, fresh=False).post(reverse("disposition_decide", args=[proposal.pk]), {"do": "approve"})
    assert answer.url.startswith(reverse("reauthenticate"))  # type: ignore[attr-defined]  # a redirect
    proposal.refresh_from_db()
    assert proposal.decision == ""


def test_an_attorney_of_another_matter_knows_nothing_of_it(proposal: Disposition, browser: Browser, max_: User) -> None:
    client: Client = browser(max_)
    assert proposal.why not in client.get(reverse("quarantine")).content.decode()
    assert client.post(reverse("disposition_decide", args=[proposal.pk]), {"do": "approve"}).status_code == 404


def test_a_paralegal_sees_and_does_not_decide(proposal: Disposition, browser: Browser, pat: User) -> None:
    client = browser(pat)
    assert "Some.Thing-1" in client.get(reverse("quarantine")).content.decode()
    assert client.post(reverse("disposition_decide", args=[proposal.pk]), {"do": "approve"}).status_code == 403


def test_the_list_does_not_ask_more_for_more(
    proposal: Disposition, browser: Browser, pat: User, matter: Matter, maria: User,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    for number in range(5):
        check(sent(simple_pdf(1, str(number)), "otra.pdf", matter, maria))
    client = browser(pat)
    client.get(reverse("quarantine"))
    with django_assert_max_num_queries(9):
        assert client.get(reverse("quarantine")).content.count(b"Some.Thing-1") == 6
