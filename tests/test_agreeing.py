"""Before anything is filed a client reads what a yes means and the list of papers, and answers; every answer is kept."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEvent
from documents import agreeing, matters, outcome, tagging
from documents import messages as talk
from documents.models import Agreement, Factor, Matter, Message, Request
from tests.conftest import made_ready, simple_pdf
from tests.releasable import agreed, weighed

pytestmark = pytest.mark.django_db
Kind = Agreement.Kind
HIDDEN = re.compile(
    r"positive|negative|positiv[oa]|negativ[oa]|factor|criminal|\bICE\b|asylum|asilo|FAMILY_USC_LPR|immigration|inmigraci",
    re.IGNORECASE,
)


@pytest.fixture
def asked(accepted, request_, ana) -> Request:
    """Maria's request with one paper to be filed and a complete memo."""
    return weighed(request_, ana)


def page_of(kind: str, asked: Request) -> str:
    return reverse("agree", args=[asked.pk, kind])


def seen(asked: Request, kind: str) -> str:
    return agreeing.seen_now(asked, Kind(kind))


def words(answer) -> str:
    text = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def told(matter: Matter) -> list[str]:
    return [message.text for message in Message.objects.filter(matter=matter)]


# The text


def test_both_languages_say_the_same_things():
    spanish, english = outcome.TEXTS["es"], outcome.TEXTS["en"]
    assert [len(sentences) for _head, sentences in spanish.parts] == [len(said) for _head, said in english.parts]


def test_a_changed_word_is_another_version():
    """The text changed? Keep the old one in EARLIER under its version, then write the new version here."""
    assert outcome.VERSION == "e6ffbbfd8219db6a65a2cd45a14b7d5a3152a04b3c03ed44492757271ca11b01"
    assert all(outcome.version_of(texts) == version for version, texts in outcome.EARLIER.items())


@pytest.mark.parametrize("language", ["en", "es"])
def test_its_sentences_are_short(language):
    for _heading, sentences in outcome.TEXTS[language].parts:
        for sentence in re.split(r"[.?] ?", " ".join(sentences)):
            assert len(sentence.split()) <= 14, sentence


# The client's pages


def test_home_says_that_there_is_something_to_read(browser, maria, matter, asked):
    home = browser(maria).get(reverse("matter", args=[matter.pk])).content.decode()
    assert page_of("outcome", asked) in home
    assert page_of("evidence", asked) in home


def test_nothing_is_asked_before_the_lawyer_checked_other_ways(browser, maria, matter, accepted, request_):
    assert agreeing.asked(request_) == []
    assert "/read/" not in browser(maria).get(reverse("matter", args=[matter.pk])).content.decode()
    phone = browser(maria)
    assert phone.get(page_of("outcome", request_)).status_code == 200
    assert phone.post(page_of("outcome", request_), {"do": "agree", "seen": outcome.VERSION}).status_code == 422
    assert not Agreement.objects.exists()


def test_without_a_paper_only_the_text_is_read(request_, ana):
    assert [one.kind for one in agreeing.asked(weighed(request_, ana))] == [Kind.OUTCOME]


def test_what_is_filed_already_is_not_asked_about(asked):
    Request.objects.filter(pk=asked.pk).update(state="filed")
    assert agreeing.of_matter(asked.matter) == []


def test_in_spanish_it_is_spanish_and_never_says_what_it_must_not(browser, maria, asked):
    text = words(browser(maria).get(page_of("outcome", asked)))
    assert "No le da un permiso de trabajo." in text
    assert not HIDDEN.findall(text)


def test_the_title_is_neutral(browser, maria, asked):
    title = re.search(r"<title>(.*?)</title>", browser(maria).get(page_of("outcome", asked)).content.decode())
    assert title is not None
    assert title[1] == "Sus papeles"


def test_the_list_names_papers_as_their_client_does(browser, maria, asked, accepted, pat):
    tagging.name_exhibit(accepted, "Proof of a strong positive factor", actor=pat)
    answer = browser(maria).get(page_of("evidence", asked))
    assert "carta.pdf" in words(answer)
    assert not HIDDEN.findall(words(answer))
    assert reverse("page", args=[accepted.pk, 1]) in answer.content.decode()


def test_she_understands(browser, maria, asked):
    answer = browser(maria).post(page_of("outcome", asked), {"do": "agree", "seen": seen(asked, "outcome")})
    assert answer["Location"] == page_of("evidence", asked)  # the other thing is still open
    kept = Agreement.objects.get()
    assert (kept.person, kept.kind, kept.version, kept.language) == (maria, "outcome", outcome.VERSION, "es")
    assert (kept.agreed, kept.read_aloud, kept.recorded_by) == (True, False, None)


def test_it_is_on_the_record(browser, maria, asked, matter):
    browser(maria).post(page_of("outcome", asked), {"do": "agree", "seen": seen(asked, "outcome")})
    event = audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.AGREED]).get()
    assert (event.actor, event.outcome, event.facts["language"], event.facts["type"]) == (
        maria,
        "agreed",
        "es",
        "outcome",
    )


def test_the_button_pressed_twice_is_one_answer(browser, maria, asked, matter):
    phone = browser(maria)
    for _press in range(2):
        phone.post(page_of("outcome", asked), {"do": "ask", "words": "¿Y mi hijo?", "seen": seen(asked, "outcome")})
    assert Agreement.objects.count() == 1
    assert told(matter) == ["¿Y mi hijo?"]
    assert audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.AGREED]).count() == 1


def test_a_question_is_no_yes_and_goes_into_the_thread(browser, maria, asked, matter):
    browser(maria).post(
        page_of("outcome", asked), {"do": "ask", "words": "¿Y mi hijo?", "seen": seen(asked, "outcome")}
    )
    assert not Agreement.objects.get().agreed
    assert told(matter) == ["¿Y mi hijo?"]
    assert agreeing.asked(asked)[0].open


@pytest.mark.parametrize("typed", [{}, {"do": "maybe"}, {"do": "ask", "words": " "}])
def test_no_answer_is_not_a_yes(browser, maria, asked, typed):
    answer = browser(maria).post(page_of("outcome", asked), {"seen": seen(asked, "outcome"), **typed})
    assert answer.status_code == 422
    assert not Agreement.objects.exists()


def test_a_kind_that_does_not_exist_is_not_found(browser, maria, asked):
    assert browser(maria).get(page_of("everything", asked)).status_code == 404


# The list


def test_she_agrees_to_the_list(browser, maria, asked, matter):
    browser(maria).post(page_of("outcome", asked), {"do": "agree", "seen": seen(asked, "outcome")})
    answer = browser(maria).post(page_of("evidence", asked), {"do": "agree", "seen": seen(asked, "evidence")})
    assert answer["Location"] == reverse("matter", args=[matter.pk])
    assert Agreement.objects.filter(kind="evidence").get().version == seen(asked, "evidence")
    assert [one.open for one in agreeing.asked(asked)] == [False, False]


def test_a_list_that_changed_while_she_read_is_shown_again(browser, maria, asked, matter, pat):
    before = seen(asked, "evidence")
    other = made_ready(simple_pdf(text="Otra"), "otra.pdf", matter, maria)
    tagging.tag(other, Factor.objects.get(code="COMMUNITY_TIES"), actor=pat)
    tagging.accept(other, actor=pat)
    answer = browser(maria).post(page_of("evidence", asked), {"do": "agree", "seen": before})
    assert answer.status_code == 422
    assert "otra.pdf" in words(answer)
    assert not Agreement.objects.exists()


def test_a_paper_she_does_not_want_sent_is_kept_with_its_reason(browser, maria, asked, accepted, matter):
    typed = {
        "do": "agree",
        "seen": seen(asked, "evidence"),
        f"no-{accepted.pk}": "on",
        f"why-{accepted.pk}": "Es de mi esposo.",
    }
    browser(maria).post(page_of("evidence", asked), typed)
    kept = Agreement.objects.get()
    assert (kept.agreed, kept.objections) == (True, [str(accepted.pk)])
    assert "Es de mi esposo." in kept.words
    [message] = told(matter)
    assert "carta.pdf" in message
    assert "Es de mi esposo." in message


def test_what_she_ticked_is_ticked_when_she_comes_back(browser, maria, asked, accepted):
    typed = {"do": "agree", "seen": seen(asked, "evidence"), f"no-{accepted.pk}": "on"}
    browser(maria).post(page_of("evidence", asked), typed)
    assert re.search(r"<input[^>]* checked", browser(maria).get(page_of("evidence", asked)).content.decode())


def test_once_it_is_taken_out_nobody_asks_her_again(maria, asked, accepted, matter, pat):
    other = made_ready(simple_pdf(text="Otra"), "otra.pdf", matter, maria)
    tagging.tag(other, Factor.objects.get(code="COMMUNITY_TIES"), actor=pat)
    tagging.accept(other, actor=pat)
    now = seen(asked, "evidence")
    agreeing.answer(asked, Kind.EVIDENCE, agreed=True, seen=now, objections={str(other.pk): ""}, actor=maria)
    tagging.withdraw(other, actor=pat)
    assert seen(asked, "evidence") != now
    assert not agreeing.asked(asked)[1].open


def test_a_reason_without_its_tick_is_asked_about(browser, maria, asked, accepted):
    typed = {"do": "agree", "seen": seen(asked, "evidence"), f"why-{accepted.pk}": "No sé."}
    answer = browser(maria).post(page_of("evidence", asked), typed)
    assert (answer.status_code, "No sé." in answer.content.decode()) == (422, True)
    assert not Agreement.objects.exists()


def test_a_paper_of_nobody_cannot_be_objected_to(maria, asked):
    with pytest.raises(agreeing.CannotAgree):
        agreeing.answer(
            asked, Kind.EVIDENCE, agreed=True, seen=seen(asked, "evidence"), objections={str(uuid4()): ""}, actor=maria
        )


# For the legal team


def test_staff_read_it_aloud_in_the_clients_language(browser, pat, maria, asked):
    where = reverse("read_aloud", args=[asked.pk, "outcome"])
    assert "No le da una visa." in browser(pat).get(where).content.decode()
    answer = browser(pat).post(where, {"do": "agree", "seen": seen(asked, "outcome")})
    assert answer["Location"] == reverse("asking", args=[asked.pk])
    kept = Agreement.objects.get()
    assert (kept.person, kept.recorded_by, kept.read_aloud, kept.language) == (maria, pat, True, "es")


def test_what_staff_record_is_no_message_of_the_client(browser, pat, asked, matter):
    where = reverse("read_aloud", args=[asked.pk, "outcome"])
    browser(pat).post(where, {"do": "ask", "words": "And her son?", "seen": seen(asked, "outcome")})
    assert (Agreement.objects.get().agreed, told(matter)) == (False, [])
    assert "And her son?" in browser(pat).get(reverse("asking", args=[asked.pk])).content.decode()


def test_the_team_sees_how_both_stand(browser, pat, ana, maria, asked):
    page = browser(pat).get(reverse("asking", args=[asked.pk])).content.decode()
    assert page.count("Not answered yet") == 2
    agreed(asked, maria)
    page = browser(pat).get(reverse("asking", args=[asked.pk])).content.decode()
    assert page.count("The client agrees") == 2
    assert "Remind the client" not in page


def test_the_team_sees_which_paper_is_not_to_be_sent(browser, pat, maria, asked, accepted):
    mark = seen(asked, "evidence")
    agreeing.answer(asked, Kind.EVIDENCE, agreed=True, seen=mark, objections={str(accepted.pk): "Mía."}, actor=maria)
    page = browser(pat).get(reverse("asking", args=[asked.pk])).content.decode()
    assert f"The client does not want {accepted} sent." in page
    assert "Mía." in page


def test_a_reminder_is_a_neutral_message_in_her_language(browser, pat, maria, asked, matter):
    token = str(uuid4())
    for _press in range(2):
        browser(pat).post(reverse("asking", args=[asked.pk]), {"token": token})
    [line] = talk.thread(maria, matter)
    assert not HIDDEN.findall(line.message.text)


def test_without_a_client_nobody_is_asked(browser, pat, ana, asked, matter):
    matter.memberships.filter(user__role="client").delete()
    assert "No client is on this matter yet." in browser(pat).get(reverse("asking", args=[asked.pk])).content.decode()
    where = reverse("read_aloud", args=[asked.pk, "outcome"])
    assert browser(pat).post(where, {"do": "agree", "seen": outcome.VERSION})["Location"] == reverse(
        "asking", args=[asked.pk]
    )
    assert not Agreement.objects.exists()


def test_another_matters_client_answers_nothing(browser, asked, lena):
    other = matters.open_matter("Other", actor=asked.matter.memberships.get(user__role="attorney").user)
    matters.add_member(other, lena, actor=lena)
    assert browser(lena).post(page_of("outcome", asked), {"do": "agree", "seen": outcome.VERSION}).status_code == 404


@pytest.mark.parametrize("name", ["agree", "read_aloud", "asking"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_finds_nothing(browser, max_, asked, name, method):
    where = reverse(name, args=[asked.pk] if name == "asking" else [asked.pk, "outcome"])
    assert getattr(browser(max_), method)(where).status_code == 404


def test_staff_do_not_answer_as_the_client_nor_the_client_as_staff(browser, pat, maria, asked):
    assert browser(pat).post(page_of("outcome", asked)).status_code == 403
    assert browser(maria).post(reverse("read_aloud", args=[asked.pk, "outcome"])).status_code == 403
