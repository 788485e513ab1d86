"""V20, V21, V22, V26, V29, V30: each with a request that passes it, and one that fails only it of these."""

import pytest

from accounts.models import User
from documents import agreeing, arrests, matters, options, outcome, tagging
from documents.models import Agreement, Factor, Request, Tag
from documents.packets import order, rules, stating
from documents.packets.rules import asking
from tests.conftest import made_ready, simple_pdf
from tests.people import person
from tests.releasable import SCREENED, WEIGHED, agreed, weighed

pytestmark = pytest.mark.django_db
Kind = Agreement.Kind
OURS = {rule.id for rule in asking.RULES}
ABOUT = {"charge": "Driving without a license"}


def results(request_: Request) -> list[rules.Result]:
    fresh = Request.objects.select_related("matter").get(pk=request_.pk)
    return rules.judge(fresh, order.freeze(fresh), only=lambda rule: rule.id in OURS)


def failing(request_: Request) -> set[str]:
    return {result.id for result in results(request_) if result.blocks}


def why(request_: Request, rule: str) -> list[str]:
    return [result.why for result in results(request_) if result.id == rule and result.blocks]


def state(request_: Request, attorney: User, rule: str, words: str = "Looked at.") -> None:
    for result in results(request_):
        if result.id == rule and result.problem and not result.passed:
            about, mark = result.problem.about, result.problem.mark
            stating.state(request_, rule, about, mark, words, actor=attorney)


@pytest.fixture
def done(accepted, request_, ana, maria) -> Request:
    """Everything of this chapter is done."""
    agreed(weighed(request_, ana), maria)
    state(request_, ana, "V26", "None known.")
    state(request_, ana, "V30", "Does not apply.")
    return request_


@pytest.fixture
def more(done, matter, maria, pat):
    """One more paper, accepted behind a positive factor after everything was done."""
    other = made_ready(simple_pdf(text="Otra"), "otra.pdf", matter, maria)
    tagging.tag(other, Factor.objects.get(code="FAMILY_USC_LPR"), actor=pat)
    tagging.accept(other, actor=pat)
    return other


def test_all_pass(done):
    assert failing(done) == set()
    assert {result.id for result in results(done)} == OURS


def test_none_of_them_stops_an_order(accepted, request_, ana):
    assert order.order(request_, actor=ana).state == "ordered"


def test_severity_and_kind_are_those_of_the_practice():
    assert {rule.id: (rule.severity, rule.kind) for rule in asking.RULES} == {
        "V20": ("B", "attested"),
        "V21": ("B", "measured"),
        "V22": ("B", "attested"),
        "V26": ("B", "attested"),
        "V29": ("W", "measured"),
        "V30": ("W", "measured"),
    }


# V20


def test_a_memo_that_misses_a_way_fails(done, ana):
    options.weigh(done, {**WEIGHED, "appeal": ""}, actor=ana)
    assert failing(done) == {"V20"}
    assert why(done, "V20") == ["Say whether this is pursued, not available or preserved: Appeal."]


@pytest.mark.parametrize(
    "said", [{**WEIGHED, "work_permit": ""}, {**WEIGHED, "asylum": "not_available"}], ids=["permit", "no note"]
)
def test_so_does_one_without_the_work_permit_or_without_a_reason(done, ana, said):
    options.weigh(done, said, actor=ana)
    assert failing(done) == {"V20"}


def test_a_dismissal_asks_about_expedited_removal(done, ana):
    Request.objects.filter(pk=done.pk).update(form="dismissal")
    assert failing(done) == {"V20"}
    assert len(why(done, "V20")) == 2
    options.weigh(done, WEIGHED | SCREENED, actor=ana)
    assert failing(done) == set()


def test_no_statement_stands_for_the_memo(done, ana):
    options.weigh(done, {}, actor=ana)
    assert not [result for result in results(done) if result.id == "V20" and result.may_be_stated]


# V21


def test_without_the_clients_word_it_fails(done):
    Agreement.objects.filter(kind="outcome").delete()
    assert failing(done) == {"V21"}


def test_an_earlier_text_fails(done):
    Agreement.objects.filter(kind="outcome").update(version="0" * 64)
    assert failing(done) == {"V21"}
    assert "changed since" in why(done, "V21")[0]


def test_another_language_fails(done):
    User.objects.filter(email="maria@example.test").update(language="en")
    assert failing(done) == {"V21"}
    assert "another language" in why(done, "V21")[0]


def test_a_question_fails_until_it_is_answered_and_read_again(done, maria):
    about = {"agreed": False, "words": "¿Y mi hijo?", "seen": outcome.VERSION, "actor": maria}
    agreeing.answer(done, Kind.OUTCOME, **about)
    assert failing(done) == {"V21"}
    agreed(done, maria)
    assert failing(done) == set()


def test_read_aloud_by_staff_is_as_good(done, pat):
    Agreement.objects.filter(kind="outcome").delete()
    agreeing.answer(done, Kind.OUTCOME, agreed=True, seen=outcome.VERSION, actor=pat)
    assert failing(done) == set()


def test_another_person_who_is_the_client_now_has_to_read_it(done, matter, maria, ana):
    matter.memberships.filter(user=maria).delete()
    assert failing(done) == {"V21", "V22"}
    matters.add_member(matter, person("lena@example.test", "client", language="es"), actor=ana)
    assert failing(done) == {"V21", "V22"}


# V22


def test_without_consent_it_fails_and_nobody_states_it_for_the_client(done):
    Agreement.objects.filter(kind="evidence").delete()
    assert failing(done) == {"V22"}
    assert not [result for result in results(done) if result.id == "V22" and result.may_be_stated]


def test_a_list_that_is_longer_than_what_was_agreed_to_fails(done, more):
    assert failing(done) == {"V22"}
    assert why(done, "V22") == ["The list of papers is not the one the client agreed to. The client looks at it again."]


def test_a_paper_with_other_pages_than_she_saw_fails(done, accepted):
    type(accepted).objects.filter(pk=accepted.pk).update(print_sha256="f" * 64)
    assert failing(done) == {"V22"}


def test_a_paper_she_objects_to_fails_by_name_until_it_is_taken_out(done, more, maria, pat):
    seen = agreeing.seen_now(done, Kind.EVIDENCE)
    agreeing.answer(done, Kind.EVIDENCE, agreed=True, seen=seen, objections={str(more.pk): "Mía."}, actor=maria)
    assert why(done, "V22") == [f"The client does not want {more} sent. Take it out, or talk with the client."]
    tagging.withdraw(more, actor=pat)
    assert failing(done) == set()


# V26


def test_without_a_line_an_attorney_states_that_none_is_known(done, ana):
    stating.take_back(done.statements.get(rule="V26"), actor=ana)
    assert failing(done) == {"V26"}
    state(done, ana, "V26", "None known. Asked the client on 3 March.")
    assert failing(done) == set()


def test_a_line_without_a_paper_or_a_note_fails_and_no_statement_stands_for_it(done, matter, pat):
    arrests.add(matter, ABOUT, actor=pat)
    assert failing(done) == {"V26"}
    assert not [result for result in results(done) if result.id == "V26" and result.may_be_stated]


def test_a_paper_mends_it(done, matter, accepted, pat):
    arrests.add(matter, ABOUT, accepted, actor=pat)
    assert failing(done) == set()


def test_a_note_mends_it(done, matter, pat, ana):
    arrests.note(arrests.add(matter, ABOUT, actor=pat), "The court destroyed its file.", actor=ana)
    assert failing(done) == set()


def test_a_paper_that_is_gone_mends_nothing(done, matter, maria, pat):
    gone = made_ready(simple_pdf(text="Otra"), "otra.pdf", matter, maria)
    arrests.add(matter, ABOUT, gone, actor=pat)
    tagging.withdraw(gone, actor=pat)
    assert failing(done) == {"V26"}
    assert "line 1" in why(done, "V26")[0]


def test_a_paper_tagged_so_asks_the_question_anew(done, accepted, pat, ana):
    tagging.tag(accepted, Factor.objects.get(code="CRIMINAL_HISTORY"), actor=pat)
    assert "1 document is tagged as criminal history." in why(done, "V26")[0]


# V29


def test_only_supporting_papers_are_a_warning(done, accepted, pat, ana):
    Tag.objects.filter(document=accepted).update(strength="supporting")
    assert failing(done) == {"V29"}
    state(done, ana, "V29", "The letters say it together.")
    assert failing(done) == set()


def test_one_direct_paper_is_enough(done, accepted, more, maria):
    Tag.objects.filter(document=accepted).update(strength="supporting")
    agreed(done, maria)
    assert failing(done) == set()


def test_what_was_said_of_one_paper_is_not_said_of_two(done, accepted, ana, more, maria):
    Tag.objects.update(strength="supporting")
    agreed(done, maria)
    state(done, ana, "V29", "Enough.")
    assert failing(done) == set()
    type(accepted).objects.filter(pk=more.pk).update(print_sha256="f" * 64)
    assert failing(done) == {"V22", "V29"}


def test_a_negative_factor_is_not_claimed(done, accepted, pat, ana):
    tagging.tag(accepted, Factor.objects.get(code="CRIMINAL_HISTORY"), strength="supporting", actor=pat)
    assert "V29" not in failing(done)


# V30


def test_every_main_factor_without_a_paper_is_named_and_stated_for_itself(done, ana):
    statements = done.statements.filter(rule="V30")
    seed = Factor.objects.filter(origin="seed").exclude(code="FAMILY_USC_LPR")
    assert {statement.about for statement in statements} == set(seed.values_list("code", flat=True))
    stating.take_back(statements.first(), actor=ana)
    assert failing(done) == {"V30"}
    assert len(why(done, "V30")) == 1
