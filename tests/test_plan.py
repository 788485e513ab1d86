"""The packet while it is planned: the order of its tabs, what it will come to, and what the office expects."""

import random
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit import trail
from accounts.models import User
from documents import history, matters, tagging
from documents.models import Document, Factor, Matter, Request
from documents.packets import arranging, expected, order, outline, profiles, releasing
from documents.packets.binding import bind_packet
from documents.packets.shape import CoverData, Exhibit, FactorRef, Order, Source, tab_letters
from tests.conftest import Browser, made_ready, simple_pdf
from tests.papers import paper

MB = 1_000_000


def filed(matter: Matter, user: User, title: str, *codes: str, item: str | None = None) -> Document:
    """An accepted document by its rows alone."""
    document = paper(matter, user, title=title, item_id=item)
    for code in codes:
        tagging.tag(document, Factor.objects.get(code=code), actor=user)
    tagging.accept(document, actor=user)
    return document


@pytest.fixture
def three(matter: Matter, pat: User) -> list[Document]:
    """In the usual order."""
    wanted = [("Passport", "IDENTITY"), ("Diploma", "EDUCATION"), ("Marriage", "FAMILY_USC_LPR")]
    return [filed(matter, pat, title, code) for title, code in wanted]


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


def ids(documents: list[Document]) -> list[UUID]:
    return [document.pk for document in documents]


def titles(request: Request) -> list[str]:
    return [exhibit.title for exhibit in order.freeze(Request.objects.get(pk=request.pk)).exhibits]


def ask(client: Client, request: Request, **typed: object) -> str:
    return client.post(reverse("tabs", args=[request.pk]), typed, follow=True).content.decode()


def shown(client: Client, request: Request) -> str:
    return client.get(reverse("request", args=[request.pk])).content.decode()


def spaced(documents: list[UUID]) -> str:
    return " ".join(map(str, documents))


# The order of the tabs


def test_the_tabs_stand_as_they_were_put(three, request_, pat):
    arranging.arrange(request_, ids(three)[::-1], actor=pat)
    assert titles(request_) == ["Marriage", "Diploma", "Passport"]


def test_a_new_order_is_on_the_record(three, request_, pat):
    arranging.arrange(request_, ids(three)[::-1], actor=pat)
    event = trail(request_.audit_chain)[0]
    assert (event.actor, event.facts) == (pat, {"field": "tabs", "documents": [3, 2, 1]})
    assert history.told(request_.matter, [event])[0].text == "Pat Nguyen changed the order of the tabs of Request 1."


def test_the_same_order_again_is_not_on_the_record(three, request_, pat):
    before = trail(request_.audit_chain).count()
    arranging.arrange(request_, ids(three), actor=pat)
    assert trail(request_.audit_chain).count() == before


@pytest.mark.parametrize("wrong", ["stranger", "twice", "missing", "one too many", "nothing", "another matter's"])
def test_only_the_very_documents_are_an_order(three, request_, pat, ana, wrong):
    own = ids(three)
    other = filed(matters.open_matter("Other", actor=ana), ana, "Other", "IDENTITY").pk
    order_ = {
        "stranger": [*own[:2], uuid4()], "twice": [own[0], own[0], own[1]], "missing": own[:2], "nothing": [],
        "one too many": [*own, own[0]], "another matter's": [*own[:2], other],
    }[wrong]  # fmt: skip
    with pytest.raises(arranging.CannotArrange, match="list of exhibits"):
        arranging.arrange(request_, order_, actor=pat)
    assert titles(request_) == ["Passport", "Diploma", "Marriage"]


def test_a_colleagues_order_is_not_overwritten_unseen(three, request_, pat, ana):
    seen = arranging.mark(ids(three))
    arranging.arrange(request_, ids(three)[::-1], seen=seen, actor=ana)
    with pytest.raises(arranging.CannotArrange, match="Somebody else"):
        arranging.arrange(request_, [three[1].pk, three[0].pk, three[2].pk], seen=seen, actor=pat)


def test_a_new_document_stands_with_its_section(three, request_, matter, pat):
    arranging.arrange(request_, ids(three)[::-1], actor=pat)
    filed(matter, pat, "Birth certificate", "IDENTITY")
    filed(matter, pat, "Union card", "COMMUNITY_TIES")
    filed(matter, pat, "Declaration", "DECLARATION")
    assert titles(request_) == ["Marriage", "Union card", "Diploma", "Declaration", "Passport", "Birth certificate"]


def test_a_document_taken_out_leaves_the_others_as_they_were(three, request_, pat):
    arranging.arrange(request_, ids(three)[::-1], actor=pat)
    tagging.withdraw(three[1], actor=pat)
    assert titles(request_) == ["Marriage", "Passport"]


def test_whatever_is_arranged_and_added_every_document_has_one_tab(request_, matter, pat):
    codes, chance = ["IDENTITY", "EDUCATION", "FAMILY_USC_LPR", "PRIOR_REQUEST", "DECLARATION"], random.Random(7)
    for number in range(12):
        filed(matter, pat, f"Paper {number}", chance.choice(codes))
        if number % 3 == 2:
            now = arranging.tabs(request_)
            arranging.arrange(request_, chance.sample(now, len(now)), actor=pat)
        assert sorted(titles(request_)) == sorted(f"Paper {each}" for each in range(number + 1))


def test_the_appearance_form_stays_in_front(three, request_, matter, pat):
    form = filed(matter, pat, "Form E-28", "REPRESENTATION")
    arranging.arrange(request_, ids(three)[::-1], actor=pat)
    frozen = order.freeze(request_)
    assert frozen.appearance
    assert (frozen.appearance.document, len(frozen.exhibits)) == (str(form.pk), 3)


def test_it_is_printed_in_that_order(request_, matter, maria, pat, ana):
    papers = [made_ready(simple_pdf(text=word), f"{word}.pdf", matter, maria) for word in ("Uno", "Dos")]
    for document in papers:
        tagging.tag(document, Factor.objects.get(code="EDUCATION"), actor=pat)
        tagging.accept(document, actor=pat)
    arranging.arrange(request_, ids(papers)[::-1], actor=pat)
    packet = order.order(request_, actor=ana)
    bind_packet(packet)
    printed = packet.ledger.filter(kind="exhibit").values_list("tab", "document")
    assert list(printed) == [("A", papers[1].pk), ("B", papers[0].pk)]
    plan = outline.planned(request_, order.freeze(request_))
    assert plan.pages == packet.total_pages
    assert [(line.first, line.last) for line in plan.exhibits] == [
        (line.first, line.last) for line in outline.bound(packet)[0].lines if line.tab
    ]
    arranging.arrange(request_, ids(papers), actor=pat)
    with pytest.raises(releasing.CannotRelease, match="The evidence changed"):
        releasing.release(packet, confirmed=True, actor=ana)


# The page


def test_a_tab_moves_down_by_a_button(three, request_, pats):
    page = ask(pats, request_, down=three[0].pk)
    assert "Saved." in page
    assert titles(request_) == ["Diploma", "Passport", "Marriage"]


def test_at_the_top_it_stays(three, request_, pats):
    ask(pats, request_, up=three[0].pk)
    assert titles(request_) == ["Passport", "Diploma", "Marriage"]


def test_undo_and_the_usual_order_are_buttons(three, request_, pats):
    ask(pats, request_, up=three[2].pk)
    assert f'name="order" value="{spaced(ids(three))}"' in shown(pats, request_)
    assert "Use the usual order" in shown(pats, request_)
    page = ask(pats, request_, usual="on")
    assert titles(request_) == ["Passport", "Diploma", "Marriage"]
    assert "Use the usual order" not in page


def test_undo_is_gone_when_a_colleague_changed_it_since(three, request_, pats, ana):
    ask(pats, request_, up=three[2].pk)
    arranging.arrange(request_, ids(three)[::-1], actor=ana)
    assert "Undo" not in shown(pats, request_)


@pytest.mark.parametrize("typed", [
    {"order": '["not", {"json": 1}]'}, {"order": "\x00"}, {"up": "x"}, {"down": "'; DROP TABLE"}, {"order": "x" * 200_000},
    {"seen": "x" * 65},
])  # fmt: skip
def test_garbage_changes_nothing_and_is_said(three, request_, pats, typed):
    assert "Nothing was changed." in ask(pats, request_, **typed)
    assert Request.objects.get(pk=request_.pk).tab_order == []


@pytest.mark.parametrize("count", [4_000, 10_000])
def test_a_list_without_end_changes_nothing(three, request_, pats, count):
    ask(pats, request_, order=" ".join(str(uuid4()) for _each in range(count)))
    assert Request.objects.get(pk=request_.pk).tab_order == []


def test_a_tab_that_is_not_there_does_not_move(three, request_, pats, received):
    assert "not behind a tab any more" in ask(pats, request_, up=received.pk)


@pytest.mark.parametrize(("who", "answer"), [("maria", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not(three, request_, browser, request, who, answer):
    client = browser(request.getfixturevalue(who))
    assert client.post(reverse("tabs", args=[request_.pk]), {"down": three[0].pk}).status_code == answer
    assert titles(request_) == ["Passport", "Diploma", "Marriage"]


def test_nothing_moves_by_a_get(three, request_, pats):
    assert pats.get(reverse("tabs", args=[request_.pk]), {"down": three[0].pk}).status_code == 405


def test_a_title_is_changed_here(three, request_, pats):
    back = reverse("request", args=[request_.pk])
    answer = pats.post(reverse("document_title", args=[three[0].pk]), {"title": "Passport, every page", "back": back})
    assert answer["Location"] == back
    assert titles(request_)[0] == "Passport, every page"


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_title_leads_nowhere_else(three, pats, back):
    answer = pats.post(reverse("document_title", args=[three[0].pk]), {"title": "Passport", "back": back})
    assert answer["Location"] == "/"


def test_a_document_for_two_factors_says_where_else(request_, matter, pat, pats):
    filed(matter, pat, "Lease", "FAMILY_USC_LPR", "EDUCATION")
    first, also = [Factor.objects.get(code=code).name_en for code in ("EDUCATION", "FAMILY_USC_LPR")]
    [line] = outline.planned(request_, order.freeze(request_)).exhibits
    assert (line.supports, line.also) == (first, (also,))
    assert "also: " in shown(pats, request_)


def test_what_the_office_expects_is_shown_with_its_source_and_date(request_, pats):
    page, profile = shown(pats, request_), profiles.load("OPLA")
    assert all(source.split("]")[0] in page for source in profile.sources)
    assert f'datetime="{profile.last_checked}"' in page
    assert "We do not know if it takes requests." in page


def test_what_the_office_does_not_want_is_marked(request_, matter, pat, pats):
    filed(matter, pat, "Notice to Appear", "CHARGING", item="nta")
    filed(matter, pat, "Diploma", "EDUCATION")
    assert [line.unwanted for line in outline.planned(request_, order.freeze(request_)).exhibits] == [True, False]
    assert shown(pats, request_).count("This office does not want it") == 1


# Pages and megabytes


def planned(*exhibits: tuple[int, int], profile: str = "OPLA") -> expected.Expected:
    """Of exhibits with so many pages and bytes."""
    made = [
        Exhibit(f"Exhibit {place}", (FactorRef("X", "X"),), (Source(f"d{place}", "", "", pages, ((1, pages),), ""),))
        for place, (pages, _size) in enumerate(exhibits)
    ]
    whole = Order("", "", profile, "", CoverData((), (), (), ""), None, None, tuple(made), "")
    sizes = {f"d{place}": size for place, (_pages, size) in enumerate(exhibits)}
    return expected.expected(whole, profiles.load(profile), sizes, {"cover": "Cover", "index": "Index"})


def test_the_pages_of_the_parts_have_no_hole():
    plan = planned((10, 20 * MB), (30, 10 * MB), (5, 60 * MB), (1, 0))
    pages = [page for part in plan.parts for page in range(part.first, part.last + 1)]
    assert pages == list(range(1, 2 + 46 + 4 + 1))
    assert all(part.bytes <= part.limit for part in plan.parts)


def test_what_does_not_fit_begins_the_next_part():
    plan = planned((10, 20 * MB), (10, 20 * MB))
    assert [[line.tab for line in part.lines if line.tab] for part in plan.parts] == [["A"], ["B"]]


def test_what_is_too_large_for_a_part_goes_on_in_the_next():
    plan = planned((100, 50 * MB), (1, MB))
    assert [len(part.lines) for part in plan.parts] == [3, 0, 1]
    assert plan.exhibits[0].last == plan.parts[2].lines[0].first - 1


def test_a_page_too_large_for_any_part_still_ends():
    assert [len(part.lines) for part in planned((1, 90 * MB), (1, MB)).parts] == [2, 1, 0, 1]


def test_a_hundred_tabs_are_counted_on():
    plan = planned(*[(1, MB)] * 100)
    assert [line.tab for line in plan.exhibits] == [tab_letters(place) for place in range(100)]


def test_the_size_is_that_of_the_print_ready_form(accepted: Document, request_: Request):
    [line] = outline.planned(request_, order.freeze(request_)).exhibits
    assert line.bytes == accepted.print_size > 0


def test_a_document_prepared_before_sizes_were_noted_counts_as_it_came(three, request_):
    assert three[0].print_size == 0
    assert {line.bytes for line in outline.planned(request_, order.freeze(request_)).exhibits} == {three[0].size}


# The letter


def test_the_letter_says_what_it_cites(three, request_, pats, pat):
    matters.change_letter(request_, "See {tab:D2 p.2}, {tab:C} and {tab:D77}.", actor=pat)
    page = pats.get(reverse("letter", args=[request_.pk])).content.decode()
    cited = {each.text: (each.tab, each.page, each.by_letter) for each in outline.cited(order.freeze(request_))}
    assert cited == {"{tab:D2 p.2}": ("B", 2, False), "{tab:C}": ("C", None, True)}
    assert "Tab B, p. …" in page
    assert '<div class="gap row">' in page
