"""V05, V06, V13, V28 and the letter's part of V29: each with a request that passes it, and one that fails only it."""

import json
from datetime import datetime

import pytest

from documents import matters, tagging
from documents.models import Factor, Packet, Request
from documents.packets import order, rules, stating
from documents.packets.rules import argument, naming
from tests.papers import paper
from tests.test_drafting import filed

pytestmark = pytest.mark.django_db
OURS = {rule.id for rule in argument.RULES} | {"V29"}
GOOD = (
    "{date}\n\nWe ask for administrative closure for Maria Rodríguez, A123456789.\n\n# Criminal history\n\n{tab:D2}\n"
)


def results(request, packet=None):
    fresh = Request.objects.select_related("matter", "letter_signed_by").get(pk=request.pk)
    return rules.judge(fresh, order.freeze(fresh), packet, only=lambda rule: rule.id in OURS)


def failing(request, packet=None):
    return {result.id for result in results(request, packet) if result.blocks}


def state(request, attorney, rule):
    for result in results(request):
        if result.id == rule and result.may_be_stated and not result.passed:
            about, mark = result.problem.about, result.problem.mark
            stating.state(request, rule, about, mark, "On purpose.", actor=attorney)


@pytest.fixture
def write(request_, ana, pat):
    """Writes a letter and signs it; there are a family's paper (D1) and a record that an attorney released (D2)."""
    filed(request_, pat, "Marriage certificate", "FAMILY_USC_LPR")
    filed(request_, pat, "Docket sheet", "CRIMINAL_HISTORY", lifted=ana)

    def written(text=GOOD, *, sign=True):
        matters.change_letter(request_, text, actor=ana)
        if sign:
            matters.sign_letter(request_, seen=matters.letter_sha256(text), actor=ana)
        return request_

    return written


def test_a_good_letter_passes_all(write):
    assert failing(write()) == set()


def test_severity_and_kind_are_those_of_the_practice():
    assert {rule.id: (rule.severity, rule.kind) for rule in argument.RULES} == {
        "V05": ("B", "attested"),
        "V06": ("B", "attested"),
        "V13": ("B", "measured"),
        "V28": ("B", "measured"),
    }


# V05


def test_no_letter_fails_and_does_not_stop_an_order(request_, ana, pat):
    filed(request_, pat, "Marriage certificate", "FAMILY_USC_LPR")
    [word] = [each for each in results(request_) if each.id == "V05"]
    assert (word.passed, word.stops_order, word.may_be_stated) == (False, False, False)
    assert order.order(request_, actor=ana).state == "ordered"


def test_an_unsigned_letter_fails_and_stops_the_order(write):
    request = write(sign=False)
    assert failing(request) == {"V05"}
    assert [each.stops_order for each in results(request) if each.id == "V05"] == [True]


def test_a_letter_that_does_not_name_the_form_fails(write, ana):
    request = write(GOOD.replace("administrative closure", "discretion"))
    assert failing(request) == {"V05"}
    state(request, ana, "V05")
    assert failing(request) == set()


def test_that_statement_is_of_this_letter_alone(write, ana):
    request = write(GOOD.replace("administrative closure", "discretion"))
    state(request, ana, "V05")
    assert failing(write(GOOD.replace("administrative closure", "mercy"))) == {"V05"}


@pytest.mark.parametrize("words", ["administratively close the case", "Administrative  **closure**"])
def test_other_words_for_the_form_name_it_too(write, words):
    assert failing(write(GOOD.replace("administrative closure", words))) == set()


def test_an_undated_letter_fails_unless_an_attorney_says_where_the_date_is(write, ana):
    request = write(GOOD.replace("{date}", "To the office"))
    assert failing(request) == {"V05"}
    state(request, ana, "V05")
    assert failing(request) == set()


@pytest.mark.parametrize("day", ["November 24, 2026", "24 November 2026", "11/24/2026"])
def test_a_day_that_is_written_out_dates_it(write, day):
    assert failing(write(GOOD.replace("{date}", day))) == set()


def test_where_date_stands_the_day_of_the_signature_is_printed(write):
    request = write()
    Request.objects.filter(pk=request.pk).update(letter_signed_at=datetime.fromisoformat("2026-11-24T18:00Z"))
    printed = order.freeze(Request.objects.get(pk=request.pk)).letter
    assert printed
    assert printed.markdown.startswith("November 24, 2026\n")


# V06


def test_a_negative_factor_that_the_letter_passes_over_fails(write, ana):
    request = write(GOOD.replace("# Criminal history\n\n{tab:D2}", ""))
    assert failing(request) == {"V06"}
    state(request, ana, "V06")
    assert failing(request) == set()


@pytest.mark.parametrize("text", ["# Criminal history\n\nIt is old.", "She was arrested once, see {tab:D2}."])
def test_a_heading_or_a_citation_addresses_it(write, text):
    assert failing(write(GOOD.replace("# Criminal history\n\n{tab:D2}", text))) == set()


def test_its_mention_under_another_heading_does_not(write):
    text = "# Family who are citizens or lawful residents\n\n{tab:D1}, {tab:D2}"
    assert failing(write(GOOD.replace("# Criminal history\n\n{tab:D2}", text))) == {"V06"}


def test_another_paper_behind_it_asks_anew(write, ana, pat):
    request = write(GOOD.replace("# Criminal history\n\n{tab:D2}", ""))
    state(request, ana, "V06")
    filed(request, pat, "Another docket", "CRIMINAL_HISTORY", lifted=ana)
    assert failing(request) == {"V06"}


# V13


def test_an_a_number_that_is_not_the_clients_fails(write, ana):
    request = write(GOOD.replace("A123456789", "A987-654-321"))
    assert failing(request) == {"V13"}
    state(request, ana, "V13")  # her husband's
    assert failing(request) == set()


@pytest.mark.parametrize("name", ["Juan Pérez Gómez", "PÉREZ GÓMEZ, Juan", "Juan Perez Gomez"])
def test_another_clients_name_fails_and_is_not_told(write, ana, name):
    matters.open_matter("Pérez Gómez, Juan", actor=ana)
    request = write(GOOD + f"\nHe is {name}.\n")
    assert failing(request) == {"V13"}
    [word] = [each for each in results(request) if each.id == "V13"]
    assert "Juan" not in word.why
    assert "another client" in word.why.lower()


def test_it_is_found_on_a_tab_too(write, ana, pat):
    matters.open_matter("Pérez Gómez, Juan", actor=ana)
    request = write()
    tagging.name_exhibit(request.matter.documents.get(number=1), "Letter of Juan Pérez Gómez", actor=pat)
    assert failing(request) == {"V13"}


@pytest.mark.parametrize("other", ["Case", "Rodríguez, Maria", "Pérez, Juan"])
def test_a_single_word_ones_own_name_and_half_a_name_are_no_match(write, ana, other):
    matters.open_matter(other, actor=ana)
    assert failing(write(GOOD + "\nThe case of Juan and of a Pérez.\n")) == set()


def test_a_number_on_a_bound_page_is_asked_about(write, request_):
    manifest = {"findings": {"numbers": [{"page": 7, "kind": "a_number"}, {"page": 8, "kind": "ssn"}]}}
    write()
    frozen = order.freeze(request_)
    packet = Packet(request=request_, number=1, manifest=manifest, order=json.loads(frozen.to_json()))
    facts = rules.Facts.of(request_, frozen, packet)
    [problem] = naming.theirs(facts)
    assert (problem.about, problem.stated, ": 7." in problem.why) == ("pages", True, True)


# V28


def test_a_citation_that_leads_nowhere_fails(write):
    assert failing(write(GOOD + "\n{tab:D99}\n")) == {"V28"}


# V29


def test_a_heading_with_no_paper_behind_its_factor_is_warned_of(write, ana):
    request = write(GOOD + "\n# Education in the United States\n\nShe finished school.\n")
    assert failing(request) == {"V29"}
    state(request, ana, "V29")
    assert failing(request) == set()


def test_a_paper_that_came_since_settles_it(write, pat):
    request = write(GOOD + "\n# Education in the United States\n\nShe finished school.\n")
    filed(request, pat, "Diploma", "EDUCATION")
    assert failing(request) == set()


def test_a_firms_own_factor_is_argued_by_its_name(write, ana, pat):
    factor = matters.add_factor("CHOIR", "negative", "Sings too loud", "Canta fuerte", actor=ana)
    document = paper(write().matter, pat, title="Complaint")
    tagging.tag(document, Factor.objects.get(pk=factor.pk), actor=pat)
    tagging.lift_hold(document.holds.get(), why="Known.", actor=ana)
    tagging.accept(document, actor=pat)
    assert failing(write()) == {"V06"}
    assert failing(write(GOOD + "\n# That she sings too loud\n\nShe does not.\n")) == set()
