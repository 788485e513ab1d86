"""What the board shows as missing: the rules' own words on the same papers, with the button that mends it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from documents import access, checklist, claims, matters, particulars, tagging
from documents.models import Document, DocumentType, Factor, Request, Tag, Verdict
from documents.packets import boarding, order, rules, stating
from portal.hours import today
from tests.papers import paper
from tests.test_board import square

pytestmark = pytest.mark.django_db
LONG_AGO = today() - timedelta(days=3000)


def file(matter, actor, *codes, item=None, accept=True, strength="direct", **says):
    made = paper(matter, actor, item_id=item)
    for code in codes:
        tagging.tag(made, Factor.everything.get(code=code), strength=strength, actor=actor)
    if accept:
        tagging.accept(made, actor=actor)
    if says:
        particulars.note(made, says, actor=actor)
    return made


def look(matter, actor):
    return boarding.look(matter, matter.requests.first(), access.documents(actor).filter(matter=matter))


def gaps(matter, actor):
    """(factor, rule, what the sentence is about) of each gap on the board."""
    found = look(matter, actor).squares
    return {(each.factor.code, gap.result.id, gap.result.problem.about) for each in found for gap in each.gaps}


@pytest.fixture
def page(matter, browser, pat):
    return lambda who=pat: browser(who).get(reverse("board", args=[matter.pk])).content.decode()


@pytest.fixture
def full(request_, matter, pat, ana):
    """Something wrong of every kind that a board shows, and one thing an attorney settled."""
    file(matter, pat, "FAMILY_USC_LPR", item="spouse_status")
    file(matter, pat, "FAMILY_USC_LPR", item="child_birth_cert")
    file(matter, pat, "EDUCATION", strength="supporting")
    file(matter, pat, "HEALTH", accept=False)
    file(matter, pat, "US_RESIDENCE", item="lease", covers_from=LONG_AGO, covers_to=LONG_AGO)
    record = file(matter, pat, "CRIMINAL_HISTORY", accept=False)
    tagging.lift_hold(record.holds.get(), why="Known.", actor=ana)
    tagging.accept(record, actor=pat)
    claims.claim(matter, Factor.objects.get(code="CAREGIVER"), actor=pat)
    claims.set_aside(matter, Factor.objects.get(code="LAWFUL_TIME"), "Never admitted.", actor=ana)
    tabs = [str(pk) for pk in matter.documents.order_by("-number").values_list("pk", flat=True)]
    Request.objects.filter(pk=request_.pk).update(form="dismissal", tab_order=tabs)
    matters.change_letter(request_, "# Taxes paid\n\nYears.\n\n# Education in the United States\n\n{tab:D3}", actor=ana)
    [word] = [each for each in words(request_) if each.problem and each.problem.about == "SECURITY_SAFETY"]
    stating.state(request_, "V30", "SECURITY_SAFETY", word.problem.mark, "None known.", actor=ana)
    return request_


def words(request_, only=boarding.HERE):
    fresh = Request.objects.select_related("matter").get(pk=request_.pk)
    return [each for each in rules.judge(fresh, order.freeze(fresh), only=lambda rule: rule.id in only) if each.problem]


def test_board_and_rules_never_disagree(full, matter, pat):
    documents = access.documents(pat).filter(matter=matter)
    factors = {factor.code: factor for factor in Factor.everything.of(matter.pk)}
    fresh = Request.objects.get(pk=full.pk)
    facts = boarding.facts_of(matter, fresh, boarding.fetched(documents, factors), factors)
    said = [(each.id, each.why, each.key, each.passed) for each in boarding.words(facts)]
    assert sorted(said) == sorted((each.id, each.why, each.key, each.passed) for each in words(full))
    assert {each[0] for each in said} == {*boarding.HERE}
    frozen = order.freeze(fresh)
    assert (facts.now.exhibits, facts.now.letter) == (frozen.exhibits, frozen.letter)
    assert facts.filed[0].number == 6  # the tabs as they were moved


def test_every_gap_stands_under_its_factor(full, matter, pat):
    child = matter.documents.get(item_id="child_birth_cert")
    assert gaps(matter, pat) == {
        ("FAMILY_USC_LPR", "V31", "spouse"),
        ("FAMILY_USC_LPR", "V31", str(child.pk)),
        ("EDUCATION", "V29", "EDUCATION"),
        ("HEALTH", "V29", "HEALTH"),
        ("CAREGIVER", "V29", "CAREGIVER"),
        ("TAXES", "V29", "TAXES"),
        ("US_RESIDENCE", "V35", "gaps"),
        ("CRIMINAL_HISTORY", "V06", "CRIMINAL_HISTORY"),
    }


def test_two_years_unproven_is_a_gap_where_the_form_asks_for_it(request_, matter, pat):
    file(matter, pat, "COMMUNITY_TIES", item="lease", covers_from=today(), covers_to=today())
    assert not gaps(matter, pat)
    Request.objects.filter(pk=request_.pk).update(form="dismissal")
    assert gaps(matter, pat) == {("US_RESIDENCE", "V35", "presence")}


def test_a_matter_without_a_request_has_gaps_too(matter, pat):
    file(matter, pat, "FAMILY_USC_LPR", item="marriage_cert")
    assert gaps(matter, pat) == {("FAMILY_USC_LPR", "V31", "spouse")}


def test_the_other_half_closes_it(request_, matter, pat):
    file(matter, pat, "FAMILY_USC_LPR", item="marriage_cert")
    file(matter, pat, "FAMILY_USC_LPR", item="spouse_status")
    assert not gaps(matter, pat)


def test_a_paper_that_is_not_accepted_shows_nothing_yet(request_, matter, pat):
    waiting = file(matter, pat, "EDUCATION", accept=False)
    assert gaps(matter, pat) == {("EDUCATION", "V29", "EDUCATION")}
    tagging.accept(waiting, actor=pat)
    assert not gaps(matter, pat)


def test_what_an_attorney_accepted_is_no_gap_until_it_changes(request_, matter, pat, ana):
    file(matter, pat, "EDUCATION", strength="supporting")
    [word] = words(request_, {"V29"})
    stating.state(request_, "V29", "EDUCATION", word.problem.mark, "Enough together.", actor=ana)
    assert not gaps(matter, pat)
    file(matter, pat, "EDUCATION", strength="supporting")
    assert gaps(matter, pat) == {("EDUCATION", "V29", "EDUCATION")}


def test_papers_that_show_what_was_set_aside_unfold_it(matter, pat, ana, page):
    claims.set_aside(matter, Factor.objects.get(code="EDUCATION"), "No school here.", actor=ana)
    assert "No school here." in square(page(), "EDUCATION")
    file(matter, pat, "EDUCATION")
    there = square(page(), "EDUCATION")
    assert "Papers show what was said not to apply." in there
    assert look(matter, pat).gaps == 1


# The buttons


def asked_for(there):
    return re.findall(r'<option value="(\w+)">', there)


def test_the_missing_half_is_asked_for_with_one_press(request_, matter, pat, browser, page):
    file(matter, pat, "FAMILY_USC_LPR", item="marriage_cert")
    there = square(page(), "FAMILY_USC_LPR")
    assert asked_for(there.partition('class="gap')[2]) == ["spouse_status"]
    [back] = re.findall(r'name="back" value="([^"]+)"', there)[:1]
    answer = browser(pat).post(
        reverse("checklist", args=[matter.pk]), {"do": "add", "item": "spouse_status", "back": back}
    )
    assert answer["Location"] == reverse("board", args=[matter.pk]) + "#FAMILY_USC_LPR"
    assert matter.checklist.get().item_id == "spouse_status"
    there = square(page(), "FAMILY_USC_LPR")
    assert "Asked for already:" in there
    assert not asked_for(there.partition('class="gap')[2])


def test_a_way_back_out_of_the_portal_is_not_taken(matter, pat, browser):
    about = {"do": "add", "item": "lease", "back": "https://elsewhere.example/"}
    assert browser(pat).post(reverse("checklist", args=[matter.pk]), about)["Location"] == "/"


def test_what_is_not_needed_any_more_is_offered_again(request_, matter, pat, page):
    file(matter, pat, "FAMILY_USC_LPR", item="marriage_cert")
    asked = checklist.add(matter, DocumentType.objects.get(pk="spouse_status"), actor=pat)
    checklist.waive(asked, actor=pat)
    assert asked_for(square(page(), "FAMILY_USC_LPR").partition('class="gap')[2]) == ["spouse_status"]


def test_only_an_attorney_is_led_to_leaving_it_out(full, page, ana):
    rule = reverse("rules", args=[full.pk]) + "#v06"
    assert rule not in square(page(), "CRIMINAL_HISTORY")
    assert rule in square(page(ana), "CRIMINAL_HISTORY")


# Its order, and the letter


def test_in_family_the_spouse_comes_first_on_board_and_in_the_packet(request_, matter, pat):
    for item in ("birth_cert", "family_letter", "parent_status", "child_birth_cert", "spouse_status", "marriage_cert"):
        file(matter, pat, "FAMILY_USC_LPR", item=item, strength="supporting" if item == "marriage_cert" else "direct")
    kin = ["marriage_cert", "spouse_status", "child_birth_cert", "parent_status", "birth_cert", "family_letter"]
    [family] = [each for each in look(matter, pat).squares if each.factor.code == "FAMILY_USC_LPR"]
    assert [tag.document.item_id for tag in family.tags] == kin
    tabs = {exhibit.sources[0].document: exhibit for exhibit in order.freeze(request_).exhibits}
    items = {str(pk): item for pk, item in matter.documents.values_list("pk", "item_id")}
    assert [items[pk] for pk in tabs] == kin


def test_each_factor_says_where_the_letter_argues_it(full, page):
    there = square(page(), "EDUCATION")
    assert reverse("letter", args=[full.pk]) + "#part-2" in there
    assert "In the letter, part 2" in there


def test_that_part_is_an_anchor_of_the_letter(full, browser, pat):
    letter = browser(pat).get(reverse("letter", args=[full.pk])).content.decode()
    assert re.search(r'id="part-2" tabindex="-1">\s*Education in the United States', letter)


# Its cost


def many(matter, sender, first, last):
    """Ready and accepted by their rows alone, most of them tagged."""
    rows = [
        Document(matter=matter, sender=sender, number=number, name="x", size=9, sha256=f"{number:064}", intake_key="i")
        for number in range(first, last + 1)
    ]
    Document.objects.bulk_create(rows)
    judged = {"outcome": "clean", "engine": "test", "signature_version": 1, "signatures_at": timezone.now()}
    Verdict.objects.bulk_create(Verdict(document=row, sha256=row.sha256, **judged) for row in rows)
    kept = {"vault_key": "v", "print_key": "p", "print_sha256": "0" * 64, "pages": 1, "review": "accepted"}
    Document.objects.filter(number__range=(first, last)).update(state="ready", **kept)
    codes = ["EDUCATION", "US_RESIDENCE", "IDENTITY"]
    Tag.objects.bulk_create(
        Tag(document=row, factor_id=codes[row.number % 3], tagged_by=sender) for row in rows if row.number % 7
    )


def test_as_many_queries_from_ten_to_a_thousand_documents(request_, matter, pat, browser):
    counted = []
    client = browser(pat)
    for first, last in ((1, 10), (11, 1000)):
        many(matter, pat, first, last)
        client.get(reverse("board", args=[matter.pk]))
        with CaptureQueriesContext(connection) as page:
            client.get(reverse("board", args=[matter.pk]))
        with CaptureQueriesContext(connection) as alone:
            look(matter, pat)
        counted.append((len(page), len(alone)))
    assert counted[0] == counted[1]
    assert counted[1][1] <= 11
