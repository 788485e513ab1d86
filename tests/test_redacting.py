"""Black boxes on documents: drawn, approved by another pair of eyes, burnt in, taken off; and nothing of what was under
them in any page, packet or search."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import audit
from accounts.models import AuditEvent, User
from documents import arranging, delivery, lifecycle, preparing, purging, reading, redacting, tagging, vault
from documents.intake.readying import prepare
from documents.models import Document, Factor, Matter, Packet, PageText, Redaction, Request
from documents.packets import order, releasing
from documents.packets.binding import bind_packet
from documents.preparing import Box, Placed
from documents.redacting import CannotRedact, approve, take_off
from tests import releasable
from tests.boxes import LINE, box, burnt, draw
from tests.papers import paper

Kind = AuditEvent.Kind
RULES = [f"V{number:02}" for number in range(100)]


@pytest.fixture
def letter(matter: Matter, maria: User) -> Document:
    """By its rows alone."""
    return paper(matter, maria)


def words(key: str, matter: Matter, folder: Path) -> str:
    """What another reader finds in a stored PDF."""
    path = folder / "read.pdf"
    path.write_bytes(b"".join(vault.chunks(vault.Area.VAULT, key, under=bytes(matter.key))))
    return subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True, text=True).stdout


def job(document: Document) -> ProcrastinateJob | None:
    return ProcrastinateJob.objects.filter(task_name="documents.tasks.prepare", args__pk=str(document.pk)).last()


# What is drawn


def test_a_box_is_drawn_and_covers_nothing_yet(letter: Document, pat: User) -> None:
    made = draw(letter, pat)
    letter.refresh_from_db()
    assert (made.is_proposed, made.of_sha256, letter.state) == (True, letter.print_sha256, "ready")
    event = audit.trail(letter.audit_chain, kinds=[Kind.BOX_DRAWN]).get()
    assert (event.actor, event.facts) == (pat, {"pages": [1], "reason": "ssn"})


def test_the_same_box_twice_is_one(letter: Document, pat: User, ana: User) -> None:
    assert draw(letter, pat) == draw(letter, ana)
    assert letter.redactions.count() == 1


def test_another_reason_is_told_and_sealed(letter: Document, pat: User) -> None:
    with pytest.raises(CannotRedact, match="Say why"):
        redacting.draw(letter, Box(1, *LINE), why="other", actor=pat)
    made = redacting.draw(letter, Box(1, *LINE), why="other", words="Her sister's name", actor=pat)
    made.refresh_from_db()
    assert made.words == "Her sister's name"
    assert "sister" not in str(audit.trail(letter.audit_chain).values_list("facts", flat=True))


def test_there_is_no_box_on_a_page_that_is_not_there(letter: Document, pat: User) -> None:
    with pytest.raises(CannotRedact, match="pages 1 to 2"):
        draw(letter, pat, page=3)


@pytest.mark.parametrize("state", ["clean", "preparing", "held", "withdrawn", "quarantined"])
def test_only_on_pages_that_are_there(letter: Document, pat: User, ana: User, state: str) -> None:
    there = draw(letter, pat)
    Document.objects.filter(pk=letter.pk).update(state=state, was="ready" if state == "withdrawn" else "")
    with pytest.raises(CannotRedact):
        draw(letter, pat, page=2)
    with pytest.raises(CannotRedact):
        approve(letter, [there.pk], actor=ana)


@pytest.mark.parametrize("wrong", [{"page": 0}, {"left": 400}, {"bottom": 793}, {"approved_at": timezone.now()}])
def test_what_is_no_box_the_database_refuses(letter: Document, pat: User, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        box(letter, pat, **wrong)


# Four eyes


def test_who_drew_a_box_does_not_approve_it(letter: Document, pat: User) -> None:
    made = draw(letter, pat)
    with pytest.raises(CannotRedact, match="You drew this box"):
        approve(letter, [made.pk], actor=pat)
    letter.refresh_from_db()
    assert (letter.state, letter.redactions.get().is_proposed) == ("ready", True)


def test_a_colleague_approves_and_so_does_an_attorney_their_own(
    letter: Document, matter: Matter, pat: User, lena: User, ana: User
) -> None:
    approve(letter, [draw(letter, pat).pk], actor=lena)
    other = paper(matter, pat)
    approve(other, [draw(other, ana).pk], actor=ana)
    assert Redaction.objects.filter(Redaction.BURNT_IN).count() == 2


def test_only_what_was_looked_at_is_approved(letter: Document, pat: User, ana: User) -> None:
    seen, later = draw(letter, pat), draw(letter, pat, page=2)
    approve(letter, [seen.pk], actor=ana)
    later.refresh_from_db()
    assert later.is_proposed


@pytest.mark.parametrize("how", ["none", "gone", "of another document"])
def test_what_changed_meanwhile_is_not_approved(
    letter: Document, matter: Matter, pat: User, ana: User, how: str
) -> None:
    made = draw(letter, pat)
    seen = {"none": [], "gone": [made.pk], "of another document": [draw(paper(matter, pat), pat).pk]}[how]
    if how == "gone":
        take_off(made, actor=pat)
    with pytest.raises(CannotRedact, match="changed meanwhile"):
        approve(letter, seen, actor=ana)


def test_approving_has_the_pages_made_anew(letter: Document, pat: User, ana: User) -> None:
    """Nothing of them is shown or found until they are there."""
    PageText.objects.create(page=letter.page_set.get(number=1), text="4321", source="layer")
    Document.objects.filter(pk=letter.pk).update(read_at=timezone.now())
    tagging.tag(letter, Factor.objects.get(code="EDUCATION"), actor=pat)
    approve(letter, [draw(letter, pat).pk], actor=ana)
    letter.refresh_from_db()
    assert (letter.state, letter.read_at, reading.texts(letter), letter.tags.count()) == ("clean", None, {}, 1)
    waiting = job(letter)
    assert waiting is not None
    assert waiting.status == "todo"
    event = audit.trail(letter.audit_chain, kinds=[Kind.REDACTED]).get()
    assert (event.actor, event.facts) == (ana, {"count": 1, "pages": [1], "codes": ["ssn"]})
    with pytest.raises(delivery.NotCleared):
        delivery.page(letter, 1, actor=ana)


# What it stops


def test_a_document_with_a_box_that_nobody_approved_is_not_accepted(letter: Document, pat: User) -> None:
    tagging.tag(letter, Factor.objects.get(code="EDUCATION"), actor=pat)
    made = draw(letter, pat)
    with pytest.raises(tagging.CannotAccept, match="Nobody has approved"):
        tagging.accept(letter, actor=pat)
    take_off(made, actor=pat)
    tagging.accept(letter, actor=pat)


def test_nor_is_it_filed(letter: Document, request_: Request, pat: User, ana: User) -> None:
    tagging.tag(letter, Factor.objects.get(code="EDUCATION"), actor=pat)
    tagging.accept(letter, actor=pat)
    draw(letter, pat)
    with pytest.raises(order.CannotOrder, match="boxes that nobody has approved"):
        order.order(request_, actor=ana)


def test_pages_with_a_box_are_not_arranged(matter: Matter, maria: User, pat: User) -> None:
    photos = paper(matter, maria, pages=3, photos=3)
    made = draw(photos, pat)
    with pytest.raises(arranging.CannotArrange):
        arranging.rearrange(photos, [Placed(2)], actor=pat)
    take_off(made, actor=pat)
    assert arranging.may_arrange(photos, pat)


# Taking off


def test_a_box_that_covers_nothing_goes_at_once(letter: Document, pat: User, lena: User) -> None:
    made = draw(letter, pat)
    take_off(made, actor=lena)
    take_off(made, actor=pat)  # twice is once
    letter.refresh_from_db()
    made.refresh_from_db()
    assert (letter.state, made.removed_by) == ("ready", lena)
    assert audit.trail(letter.audit_chain, kinds=[Kind.UNREDACTED]).get().facts["was"] == "drawn"


def test_what_is_burnt_in_an_attorney_takes_off(letter: Document, pat: User, lena: User, ana: User) -> None:
    made = draw(letter, pat)
    approve(letter, [made.pk], actor=ana)
    Document.objects.filter(pk=letter.pk).update(state="ready")
    with pytest.raises(CannotRedact, match="An attorney"):
        take_off(made, actor=lena)
    take_off(made, actor=ana)
    letter.refresh_from_db()
    assert letter.state == "clean"


def packet_with(document: Document, request: Request, ana: User, state: str) -> Packet:
    """A packet with the document in it, by its rows."""
    packet = order.order(request, actor=ana, despite=RULES)
    facts = {"total_pages": 1, "released_by": ana, "released_at": timezone.now()}
    Packet.objects.filter(pk=packet.pk).update(state=state, **facts)
    if state not in ("ordered", "binding"):
        packet.ledger.create(
            number=1, part=1, part_page=1, kind="exhibit", document=document, source_page=1, draft_key="k"
        )
    packet.refresh_from_db()
    return packet


@pytest.fixture
def filed(letter: Document, pat: User) -> Document:
    tagging.tag(letter, Factor.objects.get(code="EDUCATION"), actor=pat)
    tagging.accept(letter, actor=pat)
    return letter


@pytest.mark.parametrize("state", ["ordered", "binding", "released"])
def test_what_was_released_or_is_being_bound_stays_as_it_is(
    filed: Document, request_: Request, pat: User, ana: User, state: str
) -> None:
    made = box(filed, pat)
    packet_with(filed, request_, ana, state)
    with pytest.raises(CannotRedact, match="released, or is being bound"):
        draw(filed, pat, page=2)
    with pytest.raises(CannotRedact, match="released, or is being bound"):
        approve(filed, [made.pk], actor=ana)
    Redaction.objects.filter(pk=made.pk).update(approved_by=ana, approved_at=timezone.now())
    with pytest.raises(CannotRedact, match="released, or is being bound"):
        take_off(made, actor=ana)
    with pytest.raises(lifecycle.IllegalMove):
        lifecycle.make_anew(filed, actor=ana, why="redacted")


def test_what_was_bound_or_accepted_before_is_so_no_more(
    filed: Document, request_: Request, pat: User, ana: User
) -> None:
    packet = packet_with(filed, request_, ana, "bound")
    approve(filed, [draw(filed, pat).pk], actor=ana)
    filed.refresh_from_db()
    packet.refresh_from_db()
    assert (filed.review, filed.tags.count(), packet.state) == ("pending", 1, "invalidated")


@pytest.mark.parametrize("state", ["returned", "superseded"])
def test_an_older_packet_shows_no_draft_of_what_was_under_it(
    filed: Document, request_: Request, pat: User, ana: User, state: str
) -> None:
    packet = packet_with(filed, request_, ana, state)
    draft = vault.seal([b"a picture"], vault.Area.VAULT, under=bytes(filed.matter.key))
    packet.ledger.update(draft_key=draft.key, draft_sha256=draft.sha256)
    assert delivery.draft_page(packet, 1, actor=ana).content == b"a picture"
    approve(filed, [draw(filed, pat).pk], actor=ana)
    Document.objects.filter(pk=filed.pk).update(state="ready")
    with pytest.raises(delivery.NotCleared):
        delivery.draft_page(packet, 1, actor=ana)


def test_a_purged_matter_keeps_no_box(letter: Document, matter: Matter, pat: User) -> None:
    draw(letter, pat)
    Document.objects.filter(pk=letter.pk).update(vault_key="", print_key="", state="refused")
    letter.page_set.all().delete()
    purging.purge(matter, actor=None, why="test")
    assert not Redaction.objects.exists()


# From end to end


def test_a_redacted_page_is_in_no_print_packet_or_search(
    accepted: Document, request_: Request, pat: User, ana: User, tmp_path: Path
) -> None:
    before, matter = accepted.print_sha256, accepted.matter
    assert "Carta 2" in words(accepted.print_key, matter, tmp_path)
    burnt(accepted, pat, ana, 2)
    assert (accepted.state, accepted.review, accepted.pages) == ("ready", "pending", 2)
    assert words(accepted.print_key, matter, tmp_path).split() == ["Carta", "1"]
    tagging.accept(accepted, actor=pat)
    releasable.represented(matter, ana)
    packet = order.order(request_, actor=ana, despite=RULES)
    bind_packet(packet)
    packet.refresh_from_db()
    assert packet.state == "bound"
    assert packet.ledger.filter(document=accepted).count() == 2
    text = "".join(words(part.key, matter, tmp_path) for part in packet.parts.all())
    assert "Carta 1" in text
    assert "Carta 2" not in text
    releasing.return_(packet, "Once more", actor=ana)
    take_off(accepted.redactions.get(), actor=ana)
    prepare(accepted)
    accepted.refresh_from_db()
    assert (accepted.state, accepted.print_sha256) == ("ready", before)


def test_pages_that_are_not_those_it_was_drawn_on_are_held(ready: Document, pat: User, ana: User) -> None:
    """They are shown to nobody, with or without the box, until somebody looked."""
    made = draw(ready, pat)
    approve(ready, [made.pk], actor=ana)
    Redaction.objects.filter(pk=made.pk).update(of_sha256="0" * 64)
    prepare(ready)
    ready.refresh_from_db()
    assert (ready.state, ready.reason) == ("held", preparing.Reason.NOT_REDACTED)
    with pytest.raises(delivery.NotCleared):
        delivery.page(ready, 1, actor=ana)
    made.refresh_from_db()
    with pytest.raises(CannotRedact, match="An attorney"):
        take_off(made, actor=pat)
    take_off(made, actor=ana)
    tagging.try_again(ready, actor=ana)
    prepare(ready)
    ready.refresh_from_db()
    assert ready.state == "ready"


def test_a_second_box_joins_the_first(ready: Document, pat: User, ana: User, tmp_path: Path) -> None:
    burnt(ready, pat, ana, 1)
    burnt(ready, pat, ana, 2)
    assert words(ready.print_key, ready.matter, tmp_path).split() == []
    assert {each.of_sha256 for each in ready.redactions.all()} != {ready.print_sha256}


def test_what_nobody_approved_is_not_burnt_in(ready: Document, pat: User, ana: User, tmp_path: Path) -> None:
    draw(ready, pat, page=2)
    burnt(ready, pat, ana, 1)
    assert words(ready.print_key, ready.matter, tmp_path).split() == ["Carta", "2"]


def test_a_box_that_cannot_be_burnt_in_shows_no_page(ready: Document, pat: User, ana: User) -> None:
    made = draw(ready, pat)
    approve(ready, [made.pk], actor=ana)
    Redaction.objects.filter(pk=made.pk).update(page=9)
    prepare(ready)
    ready.refresh_from_db()
    assert (ready.state, ready.reason) == ("held", "not_redacted")
