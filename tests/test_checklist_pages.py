"""The list as its client reads it, and as the legal team works on it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from documents import checklist, matters, presets, tagging, undoing
from documents.forms.checklist import LAWYERS, headings, under_headings
from documents.models import ChecklistItem, Factor
from documents.views.asked import listed
from tests.checklists import HIDDEN, bind, kind
from tests.checklists import lease as lease
from tests.checklists import today as today
from tests.conftest import sent, simple_pdf

# The client's page


@pytest.fixture
def phone(browser, maria, matter):
    maria.language = "en"
    maria.save()
    return browser(maria)


def home(phone, matter) -> str:
    return phone.get(reverse("matter", args=[matter.pk])).content.decode()


def seen(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.partition("<main")[2].partition("</main>")[0]))


def test_the_list_stands_under_everyday_headings_with_its_prompt_and_a_way_to_send(phone, matter, lease):
    text = home(phone, matter)
    words = seen(text)
    assert "Where you live" in words
    assert "Take photos of your rent contract" in words
    assert f"{reverse('send', args=[matter.pk])}?asked={lease.pk}" in text
    assert "0 of 1 is with us." in words


def test_in_spanish_the_prompt_is_spanish(browser, maria, matter, lease):
    assert kind("lease").prompt_es in seen(home(browser(maria), matter))


def test_everything_negative_stands_under_the_one_neutral_heading(matter, pat):
    for factor in Factor.objects.filter(polarity="negative"):
        checklist.add_preset(matter, factor.pk, actor=pat)
    only_negative = {"arrest_report", "border_papers", "removal_order", "prior_filing", "warrant_paper", "charging_doc"}
    known = headings()
    assert {known[code] for code in only_negative} == {LAWYERS}
    names = {str(heading) for heading, _lines in under_headings(checklist.standings(matter))}
    assert str(LAWYERS) in names
    assert not [name for name in names if HIDDEN.search(name)]


def test_no_polarity_no_factor_no_code_reaches_a_client(phone, matter, pat):
    for preset in ("before_court", "FAMILY_USC_LPR", "CRIMINAL_HISTORY", "REHABILITATION"):
        checklist.add_preset(matter, preset, actor=pat)
    words = seen(home(phone, matter))
    assert "Things only your lawyer needs to see" in words
    assert not HIDDEN.findall(words)


def test_what_is_asked_again_comes_first_and_what_is_done_folds_away(phone, matter, lease, ready, maria, pat):
    first, second, done = (checklist.add(matter, kind(code), actor=pat) for code in ("passport", "visa", "nta"))
    tagging.ask_again(bind(ready, asked=first), "The date is cut off.", actor=pat)
    bind(sent(simple_pdf(1, "Visa"), "visa.pdf", matter, maria), asked=second, state="refused", reason="damaged")
    bind(sent(simple_pdf(1, "NTA"), "nta.pdf", matter, maria), asked=done)
    asked = listed(checklist.standings(matter), ready)
    assert asked.next is not None
    assert (asked.next.item, [line.item for line in asked.again]) == (first, [second])
    assert [line.item for line in asked.done] == [done]
    text = home(phone, matter)
    places = [text.index(words) for words in ("The date is cut off.", 'id="again"', 'id="need-1"', "Done: 1 paper")]
    assert places == sorted(places)
    assert "1 of 4 are with us." in seen(text)


def test_what_comes_next_is_shown_once_with_its_heading(matter, lease, pat):
    checklist.add(matter, kind("utility_bill"), actor=pat)
    asked = listed(checklist.standings(matter))
    assert asked.next is not None
    assert (asked.next.item, str(asked.heading)) == (lease, "Where you live")
    assert [[line.title for line in lines] for _heading, lines in asked.needed] == [[str(kind("utility_bill"))]]


def test_a_paper_that_nobody_asked_for_can_come_next(matter, lease, ready, pat):
    tagging.ask_again(ready, "The date is cut off.", actor=pat)
    asked = listed(checklist.standings(matter), ready)
    assert (asked.next, asked.heading) == (None, None)
    assert len(asked.needed) == 1


def test_when_everything_is_with_us_the_page_says_so(phone, matter, lease, received):
    bind(received, asked=lease)
    words = seen(home(phone, matter))
    assert "Your list is done for now" in words
    assert "1 of 1 is with us." in words


def test_a_waived_one_is_not_counted(phone, matter, lease, pat):
    checklist.waive(checklist.add(matter, kind("nta"), actor=pat), actor=pat)
    words = seen(home(phone, matter))
    assert "0 of 1 is with us." in words
    assert "Not needed any more" in words


def test_without_a_list_the_page_is_calm(phone, matter):
    words = seen(home(phone, matter))
    assert "Start with one photo." in words
    assert "Send papers" in words
    assert "I don’t have it" not in words


def test_a_client_answers_and_takes_it_back(phone, matter, lease):
    where = reverse("answer", args=[lease.pk])
    answer = phone.post(where, {"answer": "cant_find"}, follow=True)
    assert "We wrote it down." in answer.content.decode()
    assert "I have it after all" in answer.content.decode()
    lease.refresh_from_db()
    assert lease.answer == "cant_find"
    phone.post(where, {"answer": ""})
    lease.refresh_from_db()
    assert (lease.answer, lease.answered_at) == ("", None)


@pytest.mark.parametrize("day", ["", "yesterday", "2020-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_is_none_is_said_so_and_nothing_is_kept(phone, lease, day):
    page = phone.post(reverse("answer", args=[lease.pk]), {"answer": "later", "remind_on": day}, follow=True)
    assert page.status_code == 200
    lease.refresh_from_db()
    assert lease.answer == ""


def test_an_answer_nobody_offers_is_refused(phone, lease):
    phone.post(reverse("answer", args=[lease.pk]), {"answer": "never"})
    lease.refresh_from_db()
    assert lease.answer == ""


# The legal team's page


@pytest.fixture
def desk(browser, pat):
    return browser(pat)


def act(desk, matter, do: str, **fields):
    return desk.post(reverse("checklist", args=[matter.pk]), {"do": do, **fields}, follow=True)


def test_the_team_adds_lists_and_sees_who_sent_what(desk, matter, received, maria):
    bind(received, item=kind("passport"))
    page = act(desk, matter, "presets", presets=["before_court", "EDUCATION"])
    words = seen(page.content.decode())
    assert matter.checklist.count() == len(presets.STAGES["before_court"]) + 5
    assert "Document 1" in words
    assert maria.name in words
    assert "Being checked" in words
    assert "1 of 15 are with us" in words


def test_one_paper_or_own_words(desk, matter, today):
    act(desk, matter, "add", item="lease", due=(today + timedelta(days=9)).isoformat())
    act(desk, matter, "add", words="The letter of your landlord")
    assert [(one.item_id, one.words) for one in matter.checklist.all()] == [
        ("lease", ""),
        (None, "The letter of your landlord"),
    ]


@pytest.mark.parametrize(
    ("do", "fields"),
    [
        ("", {}), ("nonsense", {}), ("add", {}), ("add", {"item": "nothing"}), ("add", {"words": "x" * 301}),
        ("add", {"words": "\u202e\n"}), ("add", {"item": "lease", "due": "2020-01-01"}), ("presets", {}),
        ("presets", {"presets": ["nonsense"]}), ("due", {"due": "soon"}), ("waive", {}), ("waive", {"on": "x"}), ("undo", {}),
        ("add", {"words": "a\x00b"}), ("change", {"on": "\x00"}), ("add", {"item": "\x00"}),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_and_changes_nothing(desk, matter, do, fields):
    page = act(desk, matter, do, **fields)
    assert page.status_code == 422
    assert 'data-tone="stop"' in page.content.decode()
    assert not matter.checklist.exists()


def test_an_item_of_another_matter_is_not_there(desk, matter, max_):
    elsewhere = checklist.add(matters.open_matter("Otro", actor=max_), kind("nta"), actor=max_)
    assert act(desk, matter, "waive", on=elsewhere.pk).status_code == 404
    elsewhere.refresh_from_db()
    assert elsewhere.waived_at is None


@pytest.mark.parametrize("do", ["up", "down", "waive", "remove", "change"])
def test_buttons_do_what_they_say_and_undo_takes_it_back(desk, matter, lease, pat, do):
    checklist.add(matter, kind("nta"), actor=pat)
    before = undoing.mark(matter)
    page = act(desk, matter, do, on=lease.pk, words="Otra")
    assert page.status_code == 200
    if do != "up":
        assert undoing.mark(matter) != before
    act(desk, matter, "undo")
    assert undoing.mark(matter) == before


def test_the_team_asks_for_it_all_the_same(desk, matter, lease, maria):
    checklist.answer(lease, "cant_find", actor=maria)
    assert "I can’t find it" in seen(desk.get(reverse("checklist", args=[matter.pk])).content.decode())
    act(desk, matter, "anew", on=lease.pk)
    lease.refresh_from_db()
    assert lease.answer == ""


def test_a_late_one_is_marked(desk, matter, lease, today):
    ChecklistItem.objects.update(due=today - timedelta(days=1))
    assert "Late" in seen(desk.get(reverse("checklist", args=[matter.pk])).content.decode())
