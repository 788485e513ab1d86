"""What a person may not be shown of one paper is not shown by another way: its translation, a filed packet, a guess."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts.models import User
from documents import compartments, deeds, delivery, matters, pairing, tagging
from documents.deeds import What
from documents.models import (
    Compartment,
    Document,
    DocumentType,
    Factor,
    Matter,
    Packet,
    PacketPage,
    Request,
    Suggestion,
)
from documents.packets import arranging
from tests.conftest import Browser
from tests.papers import paper, unguarded


def tag(document: Document, code: str, user: User) -> None:
    tagging.tag(document, Factor.objects.get(code=code), actor=user)


def inside(document: Document) -> set[str]:
    return {each.compartment.value for each in compartments.of(Document.objects.get(pk=document.pk))}


@pytest.fixture
def story(matter: Matter, pat: User) -> Document:
    """By its kind in the compartment of asylum."""
    kind = next(kind for kind in DocumentType.objects.all() if "asylum" in kind.sensitivity)
    return paper(matter, pat, item=kind)


@pytest.fixture
def translated(matter: Matter, pat: User) -> Document:
    return paper(matter, pat)


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


def test_a_translation_is_where_its_original_is(story: Document, translated: Document, pat: User) -> None:
    assert inside(translated) == set()
    pairing.pair(story, translated, actor=pat)
    assert inside(translated) == {"asylum"}
    assert inside(story) == {"asylum"}


@pytest.mark.parametrize("turned", [False, True])
def test_so_it_is_when_something_speaks_for_it_later(
    matter: Matter, translated: Document, pat: User, turned: bool
) -> None:
    original = paper(matter, pat)
    pairing.pair(original, translated, actor=pat)
    one, other = (translated, original) if turned else (original, translated)
    tag(one, "VICTIM_WITNESS", pat)
    compartments.place(one, Compartment.MEDICAL, actor=pat)
    assert inside(other) == inside(one) == {"1367", "medical"}


def test_a_withheld_paper_is_not_filed_as_its_translation(
    story: Document, translated: Document, request_: Request, pat: User, ana: User
) -> None:
    tag(translated, "RELIEF_ELIGIBLE", pat)
    tagging.accept(translated, actor=pat)
    pairing.pair(story, translated, actor=pat)
    compartments.decide(story, Compartment.ASYLUM, "withhold", "Too much.", seen=story.print_sha256, actor=ana)
    now = Document.objects.get(pk=translated.pk)
    assert not compartments.may_be_filed(now)  # V12 stops the order until an attorney decides on this one too
    seen = now.print_sha256
    compartments.decide(now, Compartment.ASYLUM, "withhold", "Too much.", seen=seen, actor=ana)
    assert arranging.filed(request_) == (None, [])


def test_another_persons_paper_is_not_looked_at_through_what_was_filed(
    translated: Document, request_: Request, pat: User, ana: User
) -> None:
    packet = Packet.objects.create(request=request_, number=1)
    PacketPage.objects.create(
        packet=packet, number=1, part=1, part_page=1, kind="exhibit", document=translated, source_page=1,
        draft_key="none", draft_sha256="0",
    )  # fmt: skip
    with unguarded():
        Packet.objects.filter(pk=packet.pk).update(
            state="filed", total_pages=1, released_by=ana, released_at=translated.received_at
        )
    tag(translated, "WRONG_PERSON", ana)
    packet.refresh_from_db()
    with pytest.raises(PermissionDenied):
        delivery.draft_page(packet, 1, actor=pat)
    with pytest.raises(Http404):  # an attorney may: there are no bytes of this one
        delivery.draft_page(packet, 1, actor=ana)


def test_what_a_closed_paper_may_show_is_not_guessed_aloud(
    translated: Document, pats: Client, browser: Browser, ana: User
) -> None:
    Suggestion.objects.create(document=translated, factor_id="CRIMINAL_HISTORY", source="text", grounds=1)
    page = reverse("document", args=[translated.pk])
    assert len(pats.get(page).context["guesses"]) == 1
    tag(translated, "WRONG_PERSON", ana)
    assert pats.get(page).context["guesses"] == []
    assert len(browser(ana).get(page).context["guesses"]) == 1


def test_a_factor_of_one_matter_is_taken_back_and_told_nowhere_else(
    matter: Matter, translated: Document, pats: Client, pat: User, ana: User
) -> None:
    elsewhere = matters.open_matter("Other, One", actor=ana)
    theirs = Factor.everything.create(code="M2_SECRET", position=900, polarity="positive", name_en="Secret", name_es="S",
                                      matter=elsewhere)  # fmt: skip
    ours = Factor.everything.create(code="M1_OURS", position=901, polarity="positive", name_en="Ours", name_es="N",
                                    matter=matter)  # fmt: skip
    answer = pats.post(reverse("untag", args=[translated.pk]), {"factor": theirs.pk}, follow=True)
    assert b"Secret" not in answer.content
    deeds.doing(translated, What.TAGGED, lambda: tagging.tag(translated, ours, actor=pat), factors=[ours.pk], actor=pat)
    deeds.undo(translated, actor=pat)
    assert not translated.tags.exists()
