"""What ought not to stand on a page is found in its words, told by kind alone, and settled by somebody of the team."""

import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.models import User
from documents import harm, lifecycle, matters, purging, reading, tagging
from documents.models import Document, Factor, Finding, Matter, PageText
from tests.conftest import Browser
from tests.papers import paper

SSN, SECRET = "Soc. sec. no. 123-45-6789", "123-45-6789"
SETTLED = {"kind": "ssn", "settled_as": "own", "why": "The tax office wants it."}


@pytest.fixture
def ready(matter: Matter, maria: User) -> Document:
    return paper(matter, maria)


def read(document: Document, *texts: str) -> list[Finding]:
    """The words of its pages, as whoever reads them keeps them; and what is found in them."""
    PageText.objects.filter(page__document=document).delete()
    for page, text in zip(document.page_set.all(), texts, strict=True):
        PageText.objects.create(page=page, text=text, source="ocr")
    return harm.look(document, reading.texts(document))


def found(document: Document) -> list[tuple[int, str]]:
    return [(each.page, each.kind) for each in document.findings.all()]


def seen(document: Document) -> dict[int, str]:
    return {each.pk: each.mark for each in document.findings.filter(settled_at=None)}


def settle(client: Client, document: Document, **typed: object):
    ticked = [f"{pk}:{mark}" for pk, mark in seen(document).items()]
    return client.post(reverse("findings_settle", args=[document.pk]), {"found": ticked, **SETTLED, **typed})


@pytest.fixture
def doubted(ready: Document) -> Document:
    """With a number on page 2."""
    read(ready, "Dear sir", SSN)
    return ready


# Works


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (SSN, ["ssn"]),
        ("ITIN 912-70-1234", ["itin"]),
        ("Visa 4111 1111 1111 1111", ["card"]),
        ("Account number: 00123456789", ["bank"]),
        ("A-number A 987 654 321", ["a_number"]),
        ("A123 456 789, A••• ••• 789, A123456789", []),  # her own, whole and masked
        ("Invoice 12345, 3 March 2019, tel. (312) 555-0142", []),
        (f"{SSN}; again {SECRET}; A987654321", ["a_number", "ssn"]),
        ("", []),
    ],
)
def test_each_kind_is_found_once_a_page(ready: Document, text: str, kinds: list[str]) -> None:
    read(ready, "", text)
    assert found(ready) == [(2, kind) for kind in kinds]


@pytest.mark.parametrize("text", ["signed: óscar  QUISPE", "Quispe,\nOscar", "Señor Oscar Quispe."])
def test_another_clients_name_is_found_however_it_is_written(ready: Document, ana: User, text: str) -> None:
    matters.open_matter("Quispe, Óscar", actor=ana)
    read(ready, text, "Quispe, and on another line Óscar alone")
    assert found(ready) == [(1, "client")]


def test_the_clients_own_name_is_no_finding(ready: Document) -> None:
    read(ready, "Maria Rodríguez", "RODRIGUEZ, MARIA")
    assert found(ready) == []


def test_no_row_holds_what_was_found_or_whose_it_is(doubted: Document, ana: User) -> None:
    matters.open_matter("Quispe, Óscar", actor=ana)
    read(doubted, "Óscar Quispe", SSN)
    rows = json.dumps([*Finding.objects.values(), *audit.trail(doubted.audit_chain).values("facts")], default=str)
    assert not [word for word in (SECRET, "6789", "Quispe", "scar") if word in rows]


def test_the_page_names_the_kind_and_leads_to_the_page(doubted: Document, browser: Browser, pat: User) -> None:
    page = browser(pat).get(reverse("document", args=[doubted.pk])).content.decode()
    assert "A Social Security number" in page
    assert 'href="#page-2"' in page
    assert "1 finding to settle" in browser(pat).get(reverse("matter", args=[doubted.matter_id])).content.decode()


def test_it_is_settled_with_a_reason_and_opened_again(doubted: Document, browser: Browser, pat: User) -> None:
    pats = browser(pat)
    assert settle(pats, doubted).status_code == 302
    one = doubted.findings.get()
    assert (one.settled_as, one.settled_why, one.settled_by) == ("own", SETTLED["why"], pat)
    assert SETTLED["why"] in pats.get(reverse("document", args=[doubted.pk])).content.decode()
    pats.post(reverse("finding_reopen", args=[doubted.pk, one.pk]))
    assert doubted.findings.get().is_open


def test_looked_at_again_what_is_settled_stays_so_as_long_as_the_words_do(doubted: Document, pat: User) -> None:
    harm.settle(doubted, seen(doubted), "own", "", actor=pat)
    assert read(doubted, "Dear sir, dear madam", SSN) == []
    assert not doubted.findings.get().is_open
    [again] = read(doubted, "Dear sir, dear madam", f"{SSN}, and more")
    assert again.is_open


def test_what_is_gone_from_its_page_is_gone(doubted: Document) -> None:
    read(doubted, "Dear sir", "Soc. sec. no. [blacked out]")
    assert found(doubted) == []


def test_a_page_that_was_not_read_keeps_what_was_found(doubted: Document) -> None:
    harm.look(doubted, {1: SSN})
    assert found(doubted) == [(1, "ssn"), (2, "ssn")]
    Document.objects.filter(pk=doubted.pk).update(pages=1)
    doubted.refresh_from_db()
    harm.look(doubted, {1: SSN})
    assert found(doubted) == [(1, "ssn")]  # there is no second page any more


def test_whoever_accepts_it_is_told(doubted: Document, browser: Browser, pat: User) -> None:
    tagging.tag(doubted, Factor.objects.get(code="EDUCATION"), actor=pat)
    said = browser(pat).post(reverse("accept", args=[doubted.pk]), follow=True).content.decode()
    assert "Document 1: 1 thing found on its pages is not settled" in said


# On the record


def test_finding_and_settling_are_on_the_record(doubted: Document, pat: User) -> None:
    harm.settle(doubted, seen(doubted), "other", "Her mother's.", actor=pat)
    settled, was_found = audit.trail(doubted.audit_chain)[:2]
    assert (was_found.kind, was_found.actor, was_found.facts) == (
        "found", None, {"codes": ["ssn"], "pages": [2], "count": 1},
    )  # fmt: skip
    assert (settled.kind, settled.actor, settled.facts) == (
        "settled", pat, {"codes": ["ssn"], "pages": [2], "why": "other"},
    )  # fmt: skip


def test_the_reason_is_sealed_and_forgotten_with_the_matter(doubted: Document, pat: User, ana: User) -> None:
    harm.settle(doubted, seen(doubted), "other", "Her mother's.", actor=pat)
    with connection.cursor() as cursor:
        cursor.execute("SELECT settled_why FROM documents_finding")
        assert "mother" not in cursor.fetchone()[0]
    purging.purge(doubted.matter, actor=ana, why="closed")
    assert not Finding.objects.exists()


# Each wrong person


@pytest.mark.parametrize(("who", "answer"), [("maria", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not_settle_it(
    request: pytest.FixtureRequest, doubted: Document, browser: Browser, who: str, answer: int
) -> None:
    assert settle(browser(request.getfixturevalue(who)), doubted).status_code == answer
    assert doubted.findings.get().is_open


def test_the_client_sees_nothing_of_it(doubted: Document, browser: Browser, maria: User) -> None:
    marias = browser(maria)
    for where in (reverse("document", args=[doubted.pk]), reverse("matter", args=[doubted.matter_id])):
        assert not [word for word in ("Social", "Seguro", "finding") if word in marias.get(where).content.decode()]


# Wrong state


def test_the_second_of_two_people_is_told(doubted: Document, pat: User, ana: User) -> None:
    was = seen(doubted)
    harm.settle(doubted, was, "own", "", actor=pat)
    with pytest.raises(lifecycle.LostRace):
        harm.settle(doubted, was, "not_one", "", actor=ana)
    assert doubted.findings.get().settled_by == pat


def test_what_changed_meanwhile_is_not_settled_unseen(doubted: Document, browser: Browser, pat: User) -> None:
    ticked = [f"{pk}:{mark}" for pk, mark in seen(doubted).items()]
    read(doubted, "Dear sir", f"{SSN} and 2")
    assert settle(browser(pat), doubted, found=ticked).status_code == 422
    assert doubted.findings.get().is_open


def test_the_database_refuses_what_nobody_settled(doubted: Document) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        doubted.findings.update(settled_as="own")


# Hostile input


@pytest.mark.parametrize(
    "typed",
    [
        {"settled_as": ""}, {"settled_as": "gone"}, {"settled_as": "other", "why": " "}, {"why": "x" * 1001},
        {"found": []}, {"found": ["1"]}, {"found": ["x:y"]}, {"found": ["9" * 30 + ":0"]}, {"kind": "name"}, {"why": "a\x00b"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(doubted: Document, browser: Browser, pat: User, typed: dict[str, object]) -> None:
    assert settle(browser(pat), doubted, **typed).status_code == 422
    assert doubted.findings.get().is_open


def test_what_was_typed_is_kept(doubted: Document, browser: Browser, pat: User) -> None:
    page = settle(browser(pat), doubted, settled_as="", why="It is hers").content.decode()
    assert "It is hers" in page


def test_a_finding_of_another_document_is_none_here(
    doubted: Document, matter: Matter, browser: Browser, pat: User
) -> None:
    other, pats = paper(matter, pat), browser(pat)
    ticked = [f"{pk}:{mark}" for pk, mark in seen(doubted).items()]
    assert settle(pats, other, found=ticked).status_code == 422
    assert pats.post(reverse("finding_reopen", args=[other.pk, doubted.findings.get().pk])).status_code == 404
    assert doubted.findings.get().is_open
