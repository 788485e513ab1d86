"""What comes under protection after a packet was bound or released: that packet is out of use, unless an office has it."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.audit import trail
from accounts.models import User
from documents import compartments, likewise, tagging
from documents.models import Compartment, Document, Factor, Matter, Packet, PacketPage, Request
from tests.papers import paper, unguarded
from tests.releasable import disclosed

type Act = Callable[[Document, User], object]


def tag(document: Document, code: str, user: User) -> None:
    tagging.tag(document, Factor.objects.get(code=code), actor=user)


def again(document: Document, user: User) -> None:
    tagging.reopen(document, actor=user)
    tagging.ask_again(document, "Too dark", actor=user)


@pytest.fixture
def good(matter: Matter, maria: User, pat: User) -> Document:
    document = paper(matter, maria)
    tag(document, "EDUCATION", pat)
    tagging.accept(document, actor=pat)
    return document


def holding(document: Document, request: Request, state: str, attorney: User) -> Packet:
    """A packet in this state with a page of the document, as if it had been bound."""
    gone = {} if state == "bound" else {"released_by": attorney, "released_at": timezone.now()}
    packet = Packet.objects.create(request=request, number=1)
    PacketPage.objects.create(
        packet=packet, number=1, part=1, part_page=1, kind="exhibit", document=document, source_page=1, draft_key="none",
    )  # fmt: skip
    with unguarded():
        Packet.objects.filter(pk=packet.pk).update(state=state, total_pages=1, **gone)
    return packet


PROTECTED: dict[str, tuple[Act, str]] = {
    "compartment by a tag": (lambda document, who: tag(document, "HEALTH", who), "compartment"),
    "compartment by hand": (lambda document, who: compartments.place(document, Compartment.ASYLUM, actor=who), "compartment"),
    "hold by a tag": (lambda document, who: tag(document, "CRIMINAL_HISTORY", who), "held"),
    "hold by hand": (lambda document, who: tagging.hold_back(document, "The date differs.", actor=who), "held"),
    "never filed": (lambda document, who: tag(document, "WRONG_PERSON", who), "evidence_gone"),
    "asked for again": (again, "asked_again"),
}  # fmt: skip


@pytest.mark.parametrize("state", ["bound", "released", "filed"])
@pytest.mark.parametrize("what", PROTECTED)
def test_its_packets_are_out_of_use(
    good: Document, request_: Request, pat: User, ana: User, state: str, what: str
) -> None:
    packet = holding(good, request_, state, ana)
    act, why = PROTECTED[what]
    act(good, pat)
    packet.refresh_from_db()
    assert packet.state == ("filed" if state == "filed" else "invalidated")
    if state != "filed":
        assert packet.failure.startswith(f"{good} ")
        [moved] = [event for event in trail(good.audit_chain) if event.subject_id == str(packet.pk)]
        assert (moved.facts["to"], moved.facts["why"]) == ("invalidated", why)


def test_what_is_disclosed_already_goes_on(good: Document, request_: Request, pat: User, ana: User) -> None:
    tag(good, "HEALTH", pat)
    disclosed(good, ana)
    packet = holding(good, request_, "released", ana)
    tag(good, "PREGNANT_NURSING", pat)
    packet.refresh_from_db()
    assert packet.state == "released"


@pytest.mark.parametrize("code", sorted(likewise.KEPT))
def test_that_a_paper_is_not_for_a_packet_is_copied_to_no_other(matter: Matter, pat: User, code: str) -> None:
    first, second = paper(matter, pat), paper(matter, pat)
    tag(first, "EDUCATION", pat)
    tag(first, code, pat)
    if code != "WRONG_PERSON":  # the other paper of that person is nothing a paralegal reads
        assert [each.factor_id for each in likewise.copy(second, actor=pat)] == ["EDUCATION"]
    else:
        assert likewise.previous(second, pat) == []
    assert not second.tags.filter(factor=code).exists()


def test_an_attorney_copies_what_another_persons_paper_shows(matter: Matter, ana: User) -> None:
    first, second = paper(matter, ana), paper(matter, ana)
    tag(first, "EDUCATION", ana)
    tag(first, "WRONG_PERSON", ana)
    assert [each.factor_id for each in likewise.copy(second, actor=ana)] == ["EDUCATION"]
