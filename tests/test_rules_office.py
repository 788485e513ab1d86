"""What is asked, of whom, at which stage, and when: each rule on a request that keeps it and on one that does not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from documents import offices, particulars, tagging
from documents.models import Document, Factor, Matter, OfficeProfile, Request
from documents.packets import order, posture, rules, stating
from portal import hours
from tests.papers import paper

STAGE, FORM = Request.Stage, Request.Form


def words(request: Request, rule: str) -> list[rules.Result]:
    request = Request.objects.select_related("matter").get(pk=request.pk)
    return rules.judge(request, order.freeze(request), only=lambda one: one.id == rule)


def whys(request: Request, rule: str) -> list[str]:
    return [word.why for word in words(request, rule) if not word.passed]


def changed(request: Request, **values: object) -> Request:
    Request.objects.filter(pk=request.pk).update(**values)
    return request


def told(code: str, ana: User, **values: object) -> None:
    """The same office, that expects something else."""
    offices.change(code, values, "Called them.", hours.today(), actor=ana)


def checked(code: str, ana: User, days: int) -> None:
    """Somebody looked so many days ago."""
    row = offices.check(code, actor=ana)
    OfficeProfile.objects.filter(pk=row.pk).update(last_checked=hours.today() - timedelta(days=days))


def answered(request: Request, rule: str, ana: User) -> None:
    """Whatever an attorney may state of it, is stated."""
    for word in words(request, rule):
        if word.problem and word.may_be_stated:
            stating.state(request, rule, word.problem.about, word.problem.mark, "Looked at.", actor=ana)


# V02


def test_a_final_order_is_not_dismissed(request_: Request) -> None:
    changed(request_, stage=STAGE.FINAL_ORDER, form=FORM.DISMISSAL)
    [why] = whys(request_, "V02")
    assert "cannot be asked for at this stage: “Final order”" in why
    assert "ask for a stay" in why


def test_what_fits_passes(request_: Request) -> None:
    assert whys(request_, "V02") == []


def test_a_mismatch_is_not_talked_away(request_: Request, ana: User) -> None:
    changed(request_, stage=STAGE.FINAL_ORDER, form=FORM.DISMISSAL)
    with pytest.raises(stating.CannotState):
        stating.state(request_, "V02", "", "", "It will do.", actor=ana)


def test_release_is_for_who_is_detained(request_: Request) -> None:
    changed(request_, form=FORM.RELEASE)
    assert str(posture.ONLY_DETAINED) in whys(request_, "V02")[0]
    changed(request_, detained=True)
    assert whys(request_, "V02") == []


@pytest.mark.parametrize("form", [FORM.NO_NTA, FORM.DEFERRED_ACTION])
def test_no_case_is_approached_on_an_attorneys_word(request_: Request, ana: User, form: str) -> None:
    changed(request_, stage=STAGE.NOT_IN_PROCEEDINGS, form=form)
    assert whys(request_, "V02") == [str(posture.A_REQUEST_CAN_START_A_CASE)]
    answered(request_, "V02", ana)
    assert whys(request_, "V02") == []


def test_a_stay_is_asked_of_the_field_office(request_: Request) -> None:
    changed(request_, stage=STAGE.FINAL_ORDER, form=FORM.STAY)
    assert "another office profile" in whys(request_, "V02")[0]
    changed(request_, profile="ERO")
    assert whys(request_, "V02") == []


def test_nothing_said_is_no_answer(request_: Request) -> None:
    changed(request_, stage="", form="")
    assert whys(request_, "V02") == [str(posture.NEEDS_A_FORM)]


# V03, V42


def test_an_office_that_takes_requests_passes(request_: Request, ana: User) -> None:
    told("OPLA", ana, accepts_requests="yes")
    assert whys(request_, "V03") == []


def test_an_office_that_takes_none_blocks(request_: Request, ana: User) -> None:
    told("OPLA", ana, accepts_requests="no")
    [word] = words(request_, "V03")
    assert not word.may_be_stated
    assert "takes no requests now" in word.why


def test_where_nobody_knows_an_attorney_says_why(request_: Request, ana: User) -> None:
    assert "not known whether" in whys(request_, "V03")[0]
    answered(request_, "V03", ana)
    assert whys(request_, "V03") == []


def test_what_was_said_of_one_version_is_not_said_of_the_next(request_: Request, ana: User) -> None:
    answered(request_, "V03", ana)
    told("OPLA", ana, channel="A web form.")
    assert whys(request_, "V03")


@pytest.mark.parametrize(("age", "warned"), [(30, False), (31, True)])
def test_a_profile_is_checked_again_after_thirty_days(request_: Request, ana: User, age: int, warned: bool) -> None:
    checked("OPLA", ana, age)
    assert bool(whys(request_, "V42")) == warned


def test_an_old_check_may_be_accepted(request_: Request, ana: User) -> None:
    checked("OPLA", ana, 31)
    answered(request_, "V42", ana)
    assert whys(request_, "V42") == []


# V24, V25


def test_a_letter_needs_no_proof_of_service(request_: Request) -> None:
    assert whys(request_, "V24") == whys(request_, "V25") == []


def test_what_a_motion_needs_is_stated_piece_by_piece(request_: Request, ana: User) -> None:
    changed(request_, profile="EOIR")
    assert [word.problem.about for word in words(request_, "V24") if word.problem] == ["order", "service"]
    answered(request_, "V24", ana)
    assert whys(request_, "V24") == []


def test_no_proof_of_service_where_the_office_wants_none(request_: Request, ana: User) -> None:
    sections = offices.load("EOIR").data()["sections"]
    off = [section | {"use": "off"} if section["code"] == "proof_of_service" else section for section in sections]
    told("EOIR", ana, sections=off)
    changed(request_, profile="EOIR")
    assert [word.problem.about for word in words(request_, "V24") if word.problem] == ["order"]


def test_what_was_stated_of_a_motion_is_stated_again_of_other_evidence(
    request_: Request, accepted: Document, matter: Matter, pat: User, ana: User
) -> None:
    changed(request_, profile="EOIR")
    answered(request_, "V24", ana)
    passport(matter, pat, "")
    assert len(whys(request_, "V24")) == 2


@pytest.fixture
def stay(request_: Request) -> Request:
    return changed(request_, stage=STAGE.FINAL_ORDER, form=FORM.STAY, profile="ERO")


def passport(matter: Matter, pat: User, expires: str) -> Document:
    document = paper(matter, pat, title="Passport", item_id="passport")
    tagging.tag(document, Factor.objects.get(code="IDENTITY"), actor=pat)
    tagging.accept(document, actor=pat)
    if expires:
        particulars.note(document, {"expires": expires}, actor=pat)
    return document


def in_days(days: int) -> str:
    return (hours.today() + timedelta(days=days)).isoformat()


def test_a_stay_with_all_of_it_passes(stay: Request, matter: Matter, pat: User, ana: User) -> None:
    passport(matter, pat, in_days(400))
    answered(stay, "V25", ana)
    assert whys(stay, "V25") == []


def test_the_form_the_fee_and_the_way_are_stated(stay: Request, matter: Matter, pat: User) -> None:
    passport(matter, pat, in_days(400))
    assert [word.problem.about for word in words(stay, "V25") if word.problem] == ["i246", "fee", "person"]


def test_the_form_that_was_sent_stands_first_and_is_what_is_stated_of(stay: Request, matter: Matter, pat: User) -> None:
    passport(matter, pat, in_days(400))
    form = paper(matter, pat, title="Form I-246", item_id="form_i246")
    tagging.tag(form, Factor.objects.get(code="IDENTITY"), actor=pat)
    tagging.accept(form, actor=pat)
    assert [exhibit.title for exhibit in order.freeze(stay).exhibits] == ["Form I-246", "Passport"]
    assert [word.document for word in words(stay, "V25") if word.problem] == [form, None, None]


def test_deferred_action_has_no_form_and_no_fee(stay: Request) -> None:
    assert whys(changed(stay, form=FORM.DEFERRED_ACTION), "V25") == []


@pytest.mark.parametrize(("days", "warned"), [(182, True), (183, False)])
def test_a_passport_is_good_for_six_months(stay: Request, matter: Matter, pat: User, days: int, warned: bool) -> None:
    passport(matter, pat, in_days(days))
    assert any("six months" in why for why in whys(stay, "V25")) == warned


def test_of_two_passports_the_newer_one_counts(stay: Request, matter: Matter, pat: User) -> None:
    for days in (10, 400):
        passport(matter, pat, in_days(days))
    assert not any("six months" in why for why in whys(stay, "V25"))


def test_a_passport_nobody_read_does_not_pass(stay: Request, matter: Matter, pat: User, ana: User) -> None:
    document = passport(matter, pat, "")
    answered(stay, "V25", ana)
    assert whys(stay, "V25") == [f"Nobody noted when {document} ends. Note it on the document."]


def test_a_stay_is_for_one_person_who_is_named(stay: Request, matter: Matter, pat: User, ana: User) -> None:
    passport(matter, pat, in_days(400))
    matter.respondent = ""
    matter.save()
    answered(stay, "V25", ana)
    assert "one person" in " ".join(whys(stay, "V25"))


def test_a_stay_needs_identity_that_no_word_replaces(stay: Request, ana: User) -> None:
    answered(stay, "V25", ana)
    assert whys(stay, "V25") == ["No identity document is filed. The field office wants one."]


# V40, V41


@pytest.mark.parametrize(("pages", "warned"), [(249, False), (250, True)])
def test_a_long_packet_is_a_warning(request_: Request, matter: Matter, pat: User, pages: int, warned: bool) -> None:
    document = paper(matter, pat, pages=pages)  # and its tab sheet
    tagging.tag(document, Factor.objects.get(code="COMMUNITY_TIES"), actor=pat)
    tagging.accept(document, actor=pat)
    assert bool(whys(request_, "V40")) == warned


@pytest.mark.parametrize(("pages", "warned"), [(10, False), (11, True)])
def test_a_long_declaration_is_a_warning(
    request_: Request, matter: Matter, pat: User, pages: int, warned: bool
) -> None:
    document = paper(matter, pat, pages=pages)
    tagging.tag(document, Factor.objects.get(code="DECLARATION"), actor=pat)
    tagging.accept(document, actor=pat)
    assert bool(whys(request_, "V40")) == warned


def test_too_many_tabs_are_a_warning(request_: Request, matter: Matter, pat: User) -> None:
    for _tab in range(53):
        tagging.tag(paper(matter, pat, pages=1), Factor.objects.get(code="COMMUNITY_TIES"), actor=pat)
    matter.documents.update(review="accepted")
    assert whys(request_, "V40") == ["There are tabs up to AAA. Offices ask for concise requests."]
    matter.documents.filter(number=53).update(review="pending")
    assert whys(request_, "V40") == []


@pytest.mark.parametrize(
    ("days", "said"), [(1, "in 1 day: inside the 10-"), (9, "inside the 10-"), (14, "inside the 15-"), (29, "inside the 30-"),
                       (40, ""), (-2, "is over")],
)  # fmt: skip
def test_a_near_hearing_is_a_warning(request_: Request, days: int, said: str) -> None:
    changed(request_, next_hearing=timezone.now() + timedelta(days=days))
    assert [said in why for why in whys(request_, "V41")] == ([True] if said else [])


def test_a_detained_client_is_a_warning(request_: Request) -> None:
    changed(request_, detained=True)
    assert "The client is detained" in whys(request_, "V41")[0]


def test_a_warning_accepted_for_one_window_speaks_again_in_the_next(request_: Request, ana: User) -> None:
    hearing = timezone.now() + timedelta(days=29)
    changed(request_, next_hearing=hearing)
    assert stating.accept_warnings(request_, [word.key for word in words(request_, "V41")], "Ready.", actor=ana) == 1
    changed(request_, next_hearing=timezone.now() + timedelta(days=9))
    assert whys(request_, "V41")


def test_the_release_waits_for_them_and_the_order_does_not(accepted: Document, request_: Request, ana: User) -> None:
    changed(request_, stage=STAGE.FINAL_ORDER, form=FORM.DISMISSAL)
    assert order.order(Request.objects.get(pk=request_.pk), actor=ana).state == "ordered"
    assert whys(request_, "V02")
