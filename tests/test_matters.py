"""Opening a matter, finding one's own, and reading one."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, User
from documents import checklist, matters, tagging
from documents.forms.matters import a_number
from documents.models import Document, DocumentType, Factor, Matter, Request
from documents.views import evidence
from tests import fixtures
from tests.conftest import Browser, sent

ALONE = {"respondent": "Okonkwo, Chidi", "a_number": ""}
REQUEST = {
    "request-stage": "before_court", "request-form": "administrative_closure", "request-profile": "OPLA",
    "request-office": "OPLA Chicago",
}  # fmt: skip
INVITATION = {"client-name": "Chidi Okonkwo", "client-email": "chidi@example.test", "client-language": "en"}
HOSTILE = [
    "\0", "'; DROP TABLE x; --", "<script>alert(1)</script>", "{who}", "%s%n", "\u202e", "ж" * 5000, "🪪", "../../etc",
]  # fmt: skip


def kinds(matter: Matter) -> list[str]:
    return [event.kind for event in audit.trail(matter.audit_chain)]


def many(matter: Matter, maria: User, number: int, after: int = 0, **columns: object) -> None:
    """So many documents on the way, numbered from 100 + `after`."""
    Document.objects.bulk_create(
        Document(
            matter=matter,
            number=100 + n,
            sender=maria,
            name=f"{n}.pdf",
            size=1,
            sha256=f"{n:064}",
            intake_key=f"k{n}",
            **columns,
        )  # fmt: skip
        for n in range(after, after + number)
    )


# Where people begin


@pytest.mark.parametrize(("who", "where"), [("ada", "/people/"), ("pat", "/inbox/"), ("max_", "/inbox/")])
def test_home_is_where_somebody_works(request, browser: Browser, who, where):
    assert browser(request.getfixturevalue(who)).get("/")["Location"] == where


def test_a_client_of_one_matter_comes_to_it(browser: Browser, matter: Matter, maria: User):
    assert browser(maria).get("/")["Location"] == reverse("matter", args=[matter.pk])


def test_a_client_of_two_matters_chooses(browser: Browser, matter: Matter, maria: User, max_: User):
    other = matters.open_matter("Rodríguez, Maria", actor=max_)
    matters.add_member(other, maria, actor=max_)
    page = browser(maria).get("/").content.decode()
    assert str(matter.pk) in page
    assert str(other.pk) in page


def test_home_asks_a_stranger_to_sign_in(client, db):
    assert client.get("/")["Location"].startswith("/sign-in/")


# The list


def test_the_list_has_ones_own_matters_only(browser: Browser, matter: Matter, max_: User, pat: User):
    other = matters.open_matter("Okonkwo, Chidi", actor=max_)
    page = browser(pat).get("/matters/").content.decode()
    assert matter.reference in page
    assert other.reference not in page
    assert "Okonkwo" not in page


def test_the_list_counts_truly(browser: Browser, ready: Document, maria: User, pat: User):
    sent(fixtures.png(80, 60), "foto.png", ready.matter, maria)
    tagging.tag(ready, Factor.objects.get(code="CRIMINAL_HISTORY"), actor=pat)
    tagging.tag(ready, Factor.objects.get(code="FRAUD"), actor=pat)  # two holds, still one document
    [row] = browser(pat).get("/matters/").context["page"]
    assert (row.to_review, row.being_checked, row.on_hold, row.asked_again, row.stuck) == (1, 1, 1, 0, 0)


def test_what_waits_longest_comes_first(browser: Browser, ready: Document, ana: User):
    newer = matters.open_matter("Okonkwo, Chidi", actor=ana)
    assert [row.pk for row in browser(ana).get("/matters/").context["page"]] == [ready.matter_id, newer.pk]


def test_an_empty_list_says_the_next_step(browser: Browser, max_: User):
    assert reverse("matter_new") in browser(max_).get("/matters/").content.decode()


@pytest.mark.parametrize(("q", "found"), [("rodriguez MARIA", True), ("amp-0001", True), ("okonkwo", False)])
def test_the_search_knows_names_and_numbers(browser: Browser, matter: Matter, pat: User, q, found):
    answer = browser(pat).post("/matters/", {"q": q})
    assert (str(matter.pk) in answer.content.decode()) is found


def test_the_search_finds_nothing_of_others(browser: Browser, matter: Matter, max_: User):
    assert str(matter.pk) not in browser(max_).post("/matters/", {"q": "rodriguez"}).content.decode()


def test_a_search_leaves_no_name_in_an_address(browser: Browser, matter: Matter, pat: User):
    page = browser(pat).get("/matters/").content.decode()
    assert '<form class="row" method="post" role="search">' in page
    assert len(browser(pat).get("/matters/", {"q": "nobody"}).context["page"]) == 1


@pytest.mark.parametrize("q", HOSTILE)
def test_the_search_takes_anything(browser: Browser, matter: Matter, pat: User, q):
    answer = browser(pat).post("/matters/", {"q": q})
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content


def test_the_list_asks_the_same_number_of_queries(browser: Browser, request_, ana, django_assert_max_num_queries):
    for n in range(30):
        matters.open_request(
            matters.open_matter(f"Client {n}", actor=ana), stage="on_appeal", form="dismissal", profile="OPLA",
            office="BIA", actor=ana,
        )  # fmt: skip
    chrome = browser(ana)
    with django_assert_max_num_queries(9):
        assert len(chrome.get("/matters/").context["page"]) == 31


# A new matter


def test_one_page_leads_from_nothing_to_an_invited_client(browser, ana: User, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        browser(ana).post("/matters/new/", {**ALONE, "a_number": "A 12-345-678", **REQUEST, **INVITATION})
    opened = Matter.objects.get()
    assert (opened.respondent, opened.a_number) == ("Okonkwo, Chidi", "012345678")
    assert {str(m.user) for m in opened.memberships.all()} == {"Ana Cortés", "Chidi Okonkwo"}
    assert opened.requests.get().office == "OPLA Chicago"
    assert mail.outbox[0].to == ["chidi@example.test"]


def test_the_request_and_the_invitation_may_wait(browser: Browser, ana: User):
    answer = browser(ana).post("/matters/new/", {**ALONE, "client-language": "en"})
    opened = Matter.objects.get()
    assert answer["Location"] == reverse("matter", args=[opened.pk])
    assert (opened.requests.count(), opened.memberships.count()) == (0, 1)


def test_opening_is_on_the_record(browser: Browser, ana: User):
    browser(ana).post("/matters/new/", {**ALONE, **REQUEST})
    assert kinds(Matter.objects.get()) == ["request_opened", "member_added", "matter_opened"]


@pytest.mark.parametrize("who", ["maria", "pat", "ada"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_an_attorney_opens_a_matter(request, browser: Browser, who, method):
    assert getattr(browser(request.getfixturevalue(who)), method)("/matters/new/", ALONE).status_code == 403
    assert not Matter.objects.exists()


def test_what_was_typed_stays(browser: Browser, ana: User):
    answer = browser(ana).post("/matters/new/", {**ALONE, "a_number": "12", **REQUEST, **INVITATION})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert all(typed in page for typed in ["Okonkwo, Chidi", "OPLA Chicago", "chidi@example.test", "8 or 9 digits"])
    assert not Matter.objects.exists()


def test_half_a_request_is_asked_for_the_rest(browser: Browser, ana: User):
    answer = browser(ana).post("/matters/new/", {**ALONE, "request-office": "OPLA Chicago"})
    assert answer.status_code == 422
    assert set(answer.context["request_form"].errors) == {"stage", "form", "profile"}


def test_a_colleagues_address_is_no_clients(browser: Browser, ana: User, pat: User):
    answer = browser(ana).post("/matters/new/", {**ALONE, **INVITATION, "client-email": pat.email.upper()})
    assert "email" in answer.context["client_form"].errors
    assert not Matter.objects.exists()


@pytest.mark.parametrize("typed", ["A123456789", "a 123 456 789", "123-456-789", "A#123.456.789"])
def test_an_a_number_is_taken_as_people_write_it(typed):
    assert a_number(typed) == "123456789"


@pytest.mark.parametrize("typed", ["1234567", "1234567890", "12345678x", "١٢٣٤٥٦٧٨", "A", "AA12345678"])
def test_an_a_number_has_eight_or_nine_digits(typed):
    with pytest.raises(Exception, match="8 or 9 digits"):
        a_number(typed)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_may_be_anything_and_breaks_nothing(browser: Browser, ana: User, text):
    about = {"respondent": text, "request-office": text, "client-name": text}
    answer = browser(ana).post("/matters/new/", about)
    assert answer.status_code in {200, 422}
    assert b"<script>alert" not in answer.content


# One matter


@pytest.fixture
def page(matter: Matter) -> str:
    return reverse("matter", args=[matter.pk])


@pytest.mark.parametrize("name", ["matter", "evidence", "activity"])
@pytest.mark.parametrize(("who", "status"), [("pat", 200), ("ana", 200), ("max_", 404), ("ada", 404)])
def test_who_reads_a_matter(request, browser: Browser, matter: Matter, name, who, status):
    answer = browser(request.getfixturevalue(who)).get(reverse(name, args=[matter.pk]))
    assert answer.status_code == status
    assert ("Rodríguez" in answer.content.decode()) is (status == 200 and name != "evidence")


@pytest.mark.parametrize("name", ["evidence", "activity", "reveal"])
def test_a_client_never_sees_the_offices_pages(browser: Browser, matter: Matter, maria: User, name):
    where = reverse(name, args=[matter.pk])
    assert (browser(maria).post(where) if name == "reveal" else browser(maria).get(where)).status_code == 403


def test_a_stranger_signs_in_first(client, page, matter: Matter):
    for name in ["matter", "evidence", "activity", "reveal"]:
        assert client.get(reverse(name, args=[matter.pk]))["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(
    ("name", "method"), [("matter", "post"), ("evidence", "post"), ("activity", "put"), ("reveal", "get")]
)
def test_wrong_methods_are_refused(browser: Browser, matter: Matter, ana: User, name, method):
    assert getattr(browser(ana), method)(reverse(name, args=[matter.pk])).status_code == 405


def test_a_client_reads_the_clients_page(browser: Browser, page, accepted: Document, maria: User):
    text = browser(maria).get(page).content.decode()
    assert "documents/client_home.html" in [template.name for template in browser(maria).get(page).templates]
    assert "Factor" not in text


def test_documents_stand_in_groups(browser: Browser, page, accepted: Document, maria: User, pat: User):
    sent(fixtures.png(80, 60), "foto.png", accepted.matter, maria)
    groups = browser(pat).get(page).context["groups"]
    assert [(str(group.heading), len(group.rows)) for group in groups] == [("Still being checked", 1), ("Accepted", 1)]


def test_no_state_is_left_out_or_counted_twice():
    states = [Document(state=s, review=r) for s in Document.State for r in Document.Review]
    shown = {document.pk: document for document in states}
    for document in states:
        vars(document).update(held=False, found=0)  # as the page counts them
    grouped = [row.document for group in evidence.groups(evidence.sorted_out(states), shown) for row in group.rows]
    assert sorted(document.pk for document in grouped) == sorted(document.pk for document in states)


def test_tags_and_holds_are_words(browser: Browser, page, ready: Document, pat: User):
    factor = Factor.objects.get(code="CRIMINAL_HISTORY")
    tagging.tag(ready, factor, actor=pat)
    text = browser(pat).get(page).content.decode()
    assert factor.name_en in text
    assert "On attorney hold" in text
    assert factor.code not in text


def test_a_paper_sent_for_the_client_says_so(browser: Browser, page, matter: Matter, pat: User):
    sent(fixtures.pdf(pages=1), "carta.pdf", matter, pat)
    assert "Pat Nguyen for the client" in browser(pat).get(page).content.decode()


def test_the_table_renews_itself_only_while_something_moves(browser: Browser, matter, received: Document, pat: User):
    where = reverse("evidence", args=[matter.pk])
    assert f'data-refresh="{where}"' in browser(pat).get(where).content.decode()
    Document.objects.filter(pk=received.pk).update(state="refused", reason="damaged")
    done = browser(pat).get(where).content.decode()
    assert "data-refresh" not in done
    assert "It does not open" in done


def test_the_next_step_is_the_first_paper_to_review(browser: Browser, page, ready: Document, pat: User):
    text = browser(pat).get(page).content.decode()
    assert f'class="button go" href="{reverse("document", args=[ready.pk])}">Review 1 new' in text
    assert text.count("button go") == 1


def test_the_page_title_tells_no_name(browser: Browser, page, pat: User):
    assert "<title>Matter</title>" in browser(pat).get(page).content.decode()


def test_the_next_hearing_is_the_nearest_one_to_come(browser: Browser, page, request_: Request, pat: User):
    request_.next_hearing = timezone.now() + timedelta(days=69)
    request_.save()
    assert browser(pat).get(page).context["next_hearing"] == request_.next_hearing


def test_a_matter_asks_the_same_number_of_queries(
    browser: Browser, page, request_, accepted: Document, maria: User, pat: User, django_assert_max_num_queries
):
    chrome = browser(pat)
    many(request_.matter, maria, 10)
    with django_assert_max_num_queries(24) as few:
        chrome.get(page)
    many(request_.matter, maria, 1000, after=10)
    with django_assert_max_num_queries(len(few)):
        answer = chrome.get(page)
    assert (len(answer.context["documents"]), len(answer.context["page"])) == (1011, 50)


def test_the_evidence_is_paged_and_its_counts_are_of_all(browser: Browser, matter, page, ready, maria: User, pat: User):
    many(matter, maria, 60)
    first = browser(pat).get(page)
    assert [(group.code, group.number, len(group.rows)) for group in first.context["groups"]] == [
        ("review", 1, 1), ("checked", 60, 49),
    ]  # fmt: skip
    second = browser(pat).get(page, {"page": 2})
    assert [(group.code, group.number, len(group.rows)) for group in second.context["groups"]] == [("checked", 60, 11)]
    text = second.content.decode()
    assert 'Still being checked <span class="n">60</span>' in text
    assert f'data-refresh="{reverse("evidence", args=[matter.pk])}?page=2"' in text


@pytest.mark.parametrize(("show", "rows"), [("review", 1), ("checked", 3), ("accepted", 4), ("\0", 4), ("<b>", 4)])
def test_a_group_of_the_evidence_alone(browser: Browser, matter, page, ready, maria: User, pat: User, show, rows):
    """One that is empty or unknown: everything."""
    many(matter, maria, 3)
    answer = browser(pat).get(page, {"show": show})
    assert len(answer.context["page"]) == rows
    assert f'href="{page}?show=review#list"' in answer.content.decode()


def test_the_home_says_how_far_the_list_is(browser: Browser, matter, page, ready: Document, pat: User):
    lease, birth = DocumentType.objects.all()[:2]
    for kind in (lease, birth):
        checklist.add(matter, kind, actor=pat)
    Document.objects.filter(pk=ready.pk).update(item=lease)
    answer = browser(pat).get(page)
    assert "1 of 2 is here, 1 missing" in answer.content.decode()
    assert [it.item.item for it in answer.context["asked"]["shown"]] == [birth]


# The A-number


def test_the_number_is_masked(browser: Browser, page, pat: User):
    text = browser(pat).get(page).content.decode()
    assert "A••• ••• 789" in text
    assert "123456789" not in text


def test_revealing_shows_it_once_and_is_on_the_record(browser: Browser, matter: Matter, page, pat: User):
    chrome = browser(pat)
    assert "A123456789" in chrome.post(reverse("reveal", args=[matter.pk])).content.decode()
    assert "A123456789" not in chrome.get(page).content.decode()
    event = audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.REVEALED]).get()
    assert (event.actor, event.facts) == (pat, {"field": "a_number"})


@pytest.mark.parametrize(("who", "status"), [("maria", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not_reveal(request, browser: Browser, matter: Matter, who, status):
    answer = browser(request.getfixturevalue(who)).post(reverse("reveal", args=[matter.pk]))
    assert answer.status_code == status
    assert "revealed" not in kinds(matter)


def test_where_there_is_no_number_nothing_is_revealed(browser: Browser, ana: User):
    bare = matters.open_matter("Okonkwo, Chidi", actor=ana)
    assert "no A-number yet" in browser(ana).post(reverse("reveal", args=[bare.pk]), follow=True).content.decode()
    assert "revealed" not in kinds(bare)
