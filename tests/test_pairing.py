"""A paper, its translation and the certificate: paired by a person, on the record, and kept together in the packet."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.audit import trail
from accounts.models import AuditEvent, User
from documents import matters, pairing, particulars, tagging
from documents.models import Document, Factor, Matter, PageText, Request, Translation
from documents.packets import arranging, letter, order
from tests.conftest import Browser
from tests.papers import paper, shut

Kind = AuditEvent.Kind
Make = Callable[..., Document]


@pytest.fixture
def filed(matter: Matter, maria: User, pat: User) -> Make:
    def make(code: str = "EDUCATION", pages: int = 2) -> Document:
        made = paper(matter, maria, pages=pages)
        tagging.tag(made, Factor.objects.get(code=code), actor=pat)
        tagging.accept(made, actor=pat)
        return made

    return make


def exhibits(request: Request) -> list[list[str]]:
    """The documents behind each tab, in order, as D and their number."""
    numbers = {str(each.pk): f"D{each.number}" for each in request.matter.documents.all()}
    return [[numbers[source.document] for source in exhibit.sources] for exhibit in order.freeze(request).exhibits]


def test_a_pair_is_on_the_record_and_tags_what_translates(matter: Matter, maria: User, pat: User) -> None:
    lease, english, certificate = (paper(matter, maria) for _ in range(3))
    made = pairing.pair(lease, english, certificate, actor=pat)
    assert list(pairing.standing(matter)) == [made]
    assert [list(each.tags.values_list("factor", flat=True)) for each in (lease, english, certificate)] == [
        [], ["TRANSLATION"], ["TRANSLATION"],
    ]  # fmt: skip
    event = trail(matter.audit_chain, kinds=[Kind.PAIRED]).get()
    assert (event.actor, event.subject_id, event.facts["documents"]) == (pat, str(lease.pk), [1, 2, 3])


def test_paired_again_it_is_changed_and_the_old_pair_stays_on_the_record(
    matter: Matter, maria: User, pat: User
) -> None:
    lease, english, better = (paper(matter, maria) for _ in range(3))
    first = pairing.pair(lease, english, actor=pat)
    assert pairing.pair(lease, english, actor=pat) == first
    second = pairing.pair(lease, better, actor=pat)
    assert list(pairing.standing(matter)) == [second]
    first.refresh_from_db()
    assert first.undone_by == pat


def test_ranges_of_an_original_have_translations_of_their_own(matter: Matter, maria: User, pat: User) -> None:
    book, one, two = (paper(matter, maria, pages=4) for _ in range(3))
    pairing.pair(book, one, pages=(1, 2), actor=pat)
    pairing.pair(book, two, pages=(3, 4), actor=pat)
    assert pairing.standing(matter).count() == 2


def test_taken_apart_it_is_no_pair(matter: Matter, maria: User, pat: User) -> None:
    made = pairing.pair(paper(matter, maria), paper(matter, maria), actor=pat)
    pairing.unpair(made, actor=pat)
    pairing.unpair(made, actor=pat)
    assert not pairing.standing(matter)
    assert trail(matter.audit_chain, kinds=[Kind.UNPAIRED]).count() == 1


def test_what_cannot_be_a_pair(matter: Matter, maria: User, pat: User, ana: User) -> None:
    lease, english, third = (paper(matter, maria) for _ in range(3))
    other = matters.open_matter("Other", "", actor=ana)
    strange = paper(other, ana)
    with pytest.raises(pairing.CannotPair, match="different documents"):
        pairing.pair(lease, lease, actor=pat)
    with pytest.raises(pairing.CannotPair, match="different documents"):
        pairing.pair(lease, english, lease, actor=pat)
    with pytest.raises(pairing.CannotPair, match="one matter"):
        pairing.pair(lease, strange, actor=pat)
    with pytest.raises(pairing.CannotPair, match="pages 1 to 2"):
        pairing.pair(lease, english, pages=(2, 3), actor=pat)
    pairing.pair(lease, english, actor=pat)
    with pytest.raises(pairing.CannotPair, match="another pair"):
        pairing.pair(english, third, actor=pat)
    with pytest.raises(pairing.CannotPair, match="another pair"):
        pairing.pair(third, lease, actor=pat)
    shut(third, state="withdrawn")
    with pytest.raises(pairing.CannotPair, match="not ready"):
        pairing.pair(lease, third, actor=pat)


def test_the_database_refuses_what_the_rule_would(matter: Matter, maria: User, ana: User) -> None:
    lease, english = paper(matter, maria), paper(matter, maria)
    strange = paper(matters.open_matter("Other", "", actor=ana), ana)
    for wrong in (
        {"original": lease, "translation": lease},
        {"original": lease, "translation": english, "certificate": lease},
        {"original": lease, "translation": strange},
        {"original": lease, "translation": english, "first_page": 3, "last_page": 2},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Translation.objects.create(by=ana, **wrong)
    Translation.objects.create(by=ana, original=lease, translation=english)
    with pytest.raises(IntegrityError), transaction.atomic():
        Translation.objects.create(by=ana, original=lease, translation=english)


# In the packet


def test_three_stand_behind_one_tab_in_this_order(filed: Make, request_: Request, pat: User) -> None:
    lease, award, english = filed("US_RESIDENCE"), filed("EDUCATION"), filed("TRANSLATION")
    certificate = filed("TRANSLATION")
    assert exhibits(request_) == [["D1"], ["D2"], ["D3"], ["D4"]] or len(exhibits(request_)) == 4
    before = {tuple(each)[-1]: place for place, each in enumerate(exhibits(request_))}
    pairing.pair(lease, english, certificate, actor=pat)
    now = exhibits(request_)
    assert ["D3", "D4", "D1"] in now
    assert (now.index(["D3", "D4", "D1"]) < now.index(["D2"])) == (before["D1"] < before["D2"])
    exhibit = next(each for each in order.freeze(request_).exhibits if len(each.sources) > 1)
    assert [factor.code for factor in exhibit.factors] == ["US_RESIDENCE"]
    assert exhibit.note == "With its English translation."
    assert award.pk in arranging.tabs(request_)


def test_every_accepted_page_is_there_once_however_they_are_paired(filed: Make, request_: Request, pat: User) -> None:
    papers = [filed("EDUCATION", pages=number % 3 + 1) for number in range(8)]
    pairing.pair(papers[7], papers[0], papers[3], actor=pat)
    pairing.pair(papers[6], papers[1], papers[3], actor=pat)  # one certificate names both
    pairing.pair(papers[2], papers[1], pages=(1, 1), actor=pat)  # one translation of two
    frozen = order.freeze(request_)
    once = [(source.document, page) for source in frozen.sources() for page in source.numbers()]
    assert sorted(once) == sorted((str(each.pk), page) for each in papers for page in range(1, each.pages + 1))
    assert sorted(map(sorted, exhibits(request_))) == [["D1", "D2", "D3", "D4", "D7", "D8"], ["D5"], ["D6"]]
    for places in exhibits(request_):
        if "D8" in places:
            assert places.index("D1") < places.index("D8")
            assert places.index("D2") < places.index("D7")


def test_what_is_not_accepted_keeps_nobody_out(filed: Make, request_: Request, matter: Matter, maria: User, pat: User):
    lease = filed("US_RESIDENCE")
    pairing.pair(lease, paper(matter, maria), actor=pat)
    assert exhibits(request_) == [["D1"]]


def test_a_persons_order_keeps_them_together(filed: Make, request_: Request, pat: User) -> None:
    lease, award, english = filed("US_RESIDENCE"), filed("EDUCATION"), filed("TRANSLATION")
    third = filed("EDUCATION")
    arranging.arrange(request_, [third.pk, english.pk, award.pk, lease.pk], actor=pat)
    pairing.pair(lease, english, actor=pat)
    assert exhibits(request_) == [["D4"], ["D3", "D1"], ["D2"]]
    arranging.arrange(request_, arranging.moved(request_, english.pk, 1), actor=pat)
    assert exhibits(request_) == [["D4"], ["D2"], ["D3", "D1"]]
    pairing.unpair(pairing.standing(request_.matter).get(), actor=pat)
    assert sorted(map(str, exhibits(request_))) == ["['D1']", "['D2']", "['D3']", "['D4']"]
    with pytest.raises(arranging.CannotArrange):
        arranging.arrange(request_, [third.pk, english.pk, award.pk], actor=pat)


def test_a_citation_of_one_of_them_counts_its_own_pages(filed: Make, request_: Request, pat: User) -> None:
    lease, english = filed("US_RESIDENCE", pages=3), filed("TRANSLATION", pages=2)
    pairing.pair(lease, english, actor=pat)
    frozen = order.freeze(request_)

    def cited(text: str) -> letter.Cited | None:
        (found,) = letter.citations(f"See {{tab:{text}}}.")
        return letter.resolve(found, frozen)

    assert cited("D1") == cited("D2") == letter.Cited(0, 1)
    assert (cited("D2#2"), cited("D1#1"), cited("D1#3"), cited("A#5")) == tuple(
        letter.Cited(0, n) for n in (2, 3, 5, 5)
    )
    assert cited("D2#3") is cited("D1#4") is None


# On its page


def form(**papers: object) -> dict[str, object]:
    return {f"pair-{name}": getattr(paper, "pk", paper) for name, paper in papers.items()}


def test_a_pair_is_made_on_the_page_of_the_original_and_of_the_translation(
    matter: Matter, maria: User, pat: User, browser: Browser
) -> None:
    lease, english, certificate = (paper(matter, maria) for _ in range(3))
    desk = browser(pat)
    typed = form(translation=english, certificate=certificate, first_page=1, last_page=2)
    assert desk.post(reverse("pair", args=[lease.pk]), typed).status_code == 302
    made = pairing.standing(matter).get()
    assert (made.original, made.translation, made.certificate, made.last_page) == (lease, english, certificate, 2)
    page = desk.get(reverse("document", args=[lease.pk])).content.decode()
    assert "It needs a certificate that names it" in page
    assert desk.post(reverse("apart", args=[made.pk])).status_code == 302
    assert (
        desk.post(reverse("pair", args=[english.pk]), {**form(original=lease), "as": "translation"}).status_code == 302
    )
    assert pairing.standing(matter).get().translation == english


def test_what_is_no_pair_is_shown_again_as_it_was_typed(
    matter: Matter, maria: User, pat: User, ana: User, browser: Browser
) -> None:
    lease, english = paper(matter, maria), paper(matter, maria)
    strange = paper(matters.open_matter("Other", "", actor=ana), ana)
    desk, where = browser(pat), reverse("pair", args=[lease.pk])
    for typed in (
        {}, form(translation=strange), form(translation=lease), form(translation="x\0"), form(translation="' OR 1=1"),
        form(translation=english, first_page=2, last_page=9), form(translation=english, first_page=1),
        form(translation=english, certificate=english), form(translation=english, first_page="1e9", last_page=-1),
    ):  # fmt: skip
        assert desk.post(where, typed).status_code == 422, typed
    assert f'value="{english.pk}" selected' in desk.post(where, typed).content.decode()
    assert not Translation.objects.exists()


def test_what_a_machine_reads_is_asked_in_violet_and_said_by_one_click(
    matter: Matter, maria: User, pat: User, browser: Browser
) -> None:
    lease = paper(matter, maria)
    read(lease, "en", "es")
    desk = browser(pat)
    page = desk.get(reverse("document", args=[lease.pk])).content.decode()
    assert 'data-tone="guess"' in page
    assert "Page 2 seems to be in Spanish" in page
    desk.post(reverse("note", args=[lease.pk]), {"says-language": "es"})
    page = desk.get(reverse("document", args=[lease.pk])).content.decode()
    assert "It needs an English translation" in page
    assert "seems to be in Spanish" not in page


# What a machine noticed


def read(document: Document, *languages: str) -> None:
    for page, language in zip(document.page_set.all(), languages, strict=False):
        PageText.objects.create(page=page, text="x", source="ocr", language=language)


def test_a_machine_names_the_pages_that_seem_not_to_be_in_english(matter: Matter, maria: User, pat: User) -> None:
    spanish, english, unread = paper(matter, maria, pages=3), paper(matter, maria), paper(matter, maria)
    read(spanish, "en", "es", "es")
    read(english, "en", "")
    found = particulars.hints([spanish, english, unread])
    assert found == {spanish.pk: particulars.Hint("es", [2, 3])}
    particulars.note(spanish, {"language": "es"}, actor=pat)
    assert particulars.hints([spanish]) == {}


def test_the_others_are_in_english_is_not_said_of_what_seems_not_to_be(matter: Matter, maria: User, pat: User) -> None:
    spanish, plain = paper(matter, maria), paper(matter, maria)
    read(spanish, "es", "es")
    assert particulars.note_language(matter, "en", actor=pat) == 1
    spanish.refresh_from_db()
    plain.refresh_from_db()
    assert (particulars.language(spanish), particulars.language(plain)) == ("", "en")
