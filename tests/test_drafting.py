"""A first letter from the factor board: what it says, in which order, and what a letter does not argue yet."""

import pytest

from documents import matters, tagging
from documents.models import Circumstance, Factor, Request
from documents.packets import arguing, drafting, order, rules, stating
from documents.packets.argued import heading_of, sections
from documents.packets.letter import dangling
from tests.papers import paper

pytestmark = pytest.mark.django_db


def filed(request, sender, title, *codes, pages=None, strength="direct", lifted=None):
    document = paper(request.matter, sender, pages=6, title=title)
    for code in codes:
        factor = Factor.objects.get(code=code)
        tagging.tag(document, factor, pages=pages, strength=strength, actor=sender)
    for hold in document.holds.all():
        tagging.lift_hold(hold, why="Known to the office.", actor=lifted or sender)
    tagging.accept(document, actor=sender)
    return document


@pytest.fixture
def board(request_, pat, ana):
    """Family with a supporting and a direct paper, school on pages 2 to 3, taxes, and a criminal history."""
    filed(request_, pat, "Neighbor's note", "FAMILY_USC_LPR", strength="supporting")
    filed(request_, pat, "Tax returns", "TAXES")
    filed(request_, pat, "School records", "EDUCATION", pages=(2, 3))
    filed(request_, pat, "Marriage *certificate*", "FAMILY_USC_LPR")
    filed(request_, pat, "Docket sheet", "CRIMINAL_HISTORY", lifted=ana)
    return request_


def drafted(request):
    request = Request.objects.select_related("matter", "parent").get(pk=request.pk)
    return drafting.draft(request, order.freeze(request))


def headings(text):
    return [section.heading for section in sections(text) if section.heading]


def facts(request, text=""):
    Request.objects.filter(pk=request.pk).update(letter=text)
    request = Request.objects.get(pk=request.pk)
    return rules.Facts.of(request, order.freeze(request))


def omit(request, attorney, code="CRIMINAL_HISTORY"):
    now = order.freeze(request)
    problems = [each.problem for each in rules.judge(request, now) if each.id == "V06" and each.problem]
    [found] = [each for each in problems if each.about == code]
    stating.state(request, "V06", code, found.mark, "Sealed; the office has no record of it.", actor=attorney)


def test_it_goes_from_the_form_over_the_factors_to_the_balance(board):
    assert headings(drafted(board)) == [
        "Why this case is not a priority",
        heading_of("EDUCATION", ""),
        heading_of("FAMILY_USC_LPR", ""),
        heading_of("TAXES", ""),
        heading_of("CRIMINAL_HISTORY", ""),
        "Why the balance favors discretion",
        "Conclusion",
    ]


def test_the_form_is_named_before_everything_else(board):
    text = drafted(board)
    assert 0 < text.index("**administrative closure**") < text.index("# Why this case")


def test_each_factor_cites_its_papers_the_strongest_first(board):
    text = drafted(board)
    family = text[text.index(f"# {heading_of('FAMILY_USC_LPR', '')}") :]
    assert family.index("{tab:D4}") < family.index("{tab:D1}")


def test_pages_of_a_tag_are_cited_as_such(board):
    assert "School records ({tab:D3 p.2} to {tab:D3 p.3})" in drafted(board)


def test_every_citation_of_it_leads_somewhere(board):
    assert dangling(drafted(board), order.freeze(board)) == []


def test_a_title_reads_as_it_is(board):
    assert "Marriage \\*certificate\\* ({tab:D4})" in drafted(board)


def test_it_passes_the_rules_of_a_letter_once_it_is_signed(board, ana):
    text = drafted(board)
    matters.change_letter(board, text, actor=ana)
    matters.sign_letter(board, seen=matters.letter_sha256(text), actor=ana)
    words = rules.judge(board, order.freeze(board), only=lambda rule: rule.id in {"V05", "V06", "V13", "V28", "V29"})
    assert [word.id for word in words if not word.passed] == []


def test_nothing_of_it_is_missing_from_the_board(board):
    text = drafted(board)
    assert drafting.missing(text, facts(board, text)) == []


def test_what_is_left_out_on_purpose_is_not_in_it(board, ana):
    omit(board, ana)
    text = drafted(board)
    assert heading_of("CRIMINAL_HISTORY", "") not in headings(text)
    assert "{tab:D5}" not in text
    assert drafting.missing(text, facts(board, text)) == []


def test_a_declaration_is_cited_in_the_opening(board, pat):
    filed(board, pat, "Declaration", "DECLARATION")
    assert "Our client's own declaration is at {tab:D6}." in drafted(board)


def test_of_an_empty_board_it_is_a_letter_too(request_):
    text = drafted(request_)
    assert headings(text)[0] == "Why this case is not a priority"
    assert "Maria Rodríguez" in text


def test_a_request_after_a_denied_one_tells_what_changed(board, ana, pat):
    again = matters.open_request(
        board.matter, stage="before_court", form="dismissal", profile="OPLA", office="OPLA", parent=board, actor=ana
    )
    Circumstance.objects.create(request=again, kind="birth", words="A son", happened_on="2026-05-02", added_by=pat)
    assert "What changed since the last request" in headings(drafted(again))


@pytest.mark.parametrize("form", Request.Form.values)
def test_each_form_is_asked_for_in_words_the_rule_knows(request_, form, ana):
    Request.objects.filter(pk=request_.pk).update(form=form)
    request_.refresh_from_db()
    text = drafted(request_)
    assert rules.argument.names_form(text, request_)


def test_a_letter_that_says_nothing_misses_every_factor(board):
    found = {each.code for each in drafting.missing("Dear Counsel,", facts(board, "Dear Counsel,"))}
    assert found == {"EDUCATION", "FAMILY_USC_LPR", "TAXES", "CRIMINAL_HISTORY"}


@pytest.mark.parametrize(
    "text",
    [
        "# Education in the United States\n\nYears of it.",  # the letter's own heading
        "# School: finished or studying now",  # the factor's name
        "She finished school ({tab:D3}).",
        "# Her life here\n\n- school {tab:D3 p.2}",
    ],
)
def test_a_heading_or_a_citation_argues_a_factor(board, text):
    assert "EDUCATION" not in {each.code for each in drafting.missing(text, facts(board, text))}


def test_a_citation_under_another_factors_heading_does_not(board):
    text = "# Taxes paid\n\nSee {tab:D3}."
    assert "EDUCATION" in {each.code for each in drafting.missing(text, facts(board, text))}


def test_the_board_says_of_each_factor_whether_it_is_argued(board, ana):
    omit(board, ana)
    text = "# Taxes paid\n\n{tab:D2}"
    found = {each.factor.code: each.state for each in arguing.arguments(facts(board, text))}
    assert found == {
        "EDUCATION": "missing",
        "FAMILY_USC_LPR": "missing",
        "TAXES": "argued",
        "CRIMINAL_HISTORY": "omitted",
    }
