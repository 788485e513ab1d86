"""What is asked, of whom, at which stage, and when: each rule on a request that keeps it and on one that does not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from documents import matters, tagging
from documents.models import Document, Factor, Matter, Request
from documents.packets import order, posture, profiles, rules, stating
from documents.packets.rules import office
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


def profiled(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    """The same office, that expects something else."""
    for name, value in values.items():
        monkeypatch.setattr(profiles.Profile, name, value, raising=False)


# V02


@pytest.mark.parametrize("stage", STAGE)
@pytest.mark.parametrize("form", FORM)
def test_each_form_at_each_stage_fits_or_says_why_not(stage: str, form: str) -> None:
    why = posture.why_not(stage, form, detained=True)
    assert bool(why) == (form not in posture.FITS[stage])


def test_a_final_order_is_not_dismissed(request_: Request) -> None:
    changed(request_, stage=STAGE.FINAL_ORDER, form=FORM.DISMISSAL)
    [why] = whys(request_, "V02")
    assert "cannot be asked for when the case is final order" in why
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


def test_no_case_is_approached_on_an_attorneys_word(request_: Request, ana: User) -> None:
    changed(request_, stage=STAGE.NOT_IN_PROCEEDINGS, form=FORM.NO_NTA)
    [word] = words(request_, "V02")
    assert word.problem
    stating.state(request_, "V02", word.problem.about, word.problem.mark, "The NTA is at the printer.", actor=ana)
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


def test_an_office_that_takes_requests_passes(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    profiled(monkeypatch, accepts_requests="yes")
    assert whys(request_, "V03") == []


def test_an_office_that_takes_none_blocks(request_: Request, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    profiled(monkeypatch, accepts_requests="no")
    [word] = words(request_, "V03")
    assert not word.may_be_stated
    assert "takes no requests now" in word.why


def test_where_nobody_knows_an_attorney_says_why(request_: Request, ana: User) -> None:
    [word] = words(request_, "V03")
    assert word.problem
    stating.state(request_, "V03", "accepts", word.problem.mark, "I called them today.", actor=ana)
    assert whys(request_, "V03") == []


@pytest.mark.parametrize(("age", "warned"), [(30, False), (31, True)])
def test_a_profile_is_checked_again_after_thirty_days(
    request_: Request, monkeypatch: pytest.MonkeyPatch, age: int, warned: bool
) -> None:
    profiled(monkeypatch, last_checked=(office.hours.today() - timedelta(days=age)).isoformat())
    assert bool(whys(request_, "V42")) == warned


# V24, V25


def test_a_letter_needs_no_proof_of_service(request_: Request) -> None:
    assert whys(request_, "V24") == whys(request_, "V25") == []


def test_what_a_motion_needs_is_stated_piece_by_piece(request_: Request, ana: User) -> None:
    changed(request_, profile="EOIR")
    assert [word.problem.about for word in words(request_, "V24") if word.problem] == ["order", "service"]
    for word in words(request_, "V24"):
        assert word.problem
        stating.state(request_, "V24", word.problem.about, word.problem.mark, "Behind tab C.", actor=ana)
    assert whys(request_, "V24") == []


def passport(matter: Matter, pat: User, expires: str) -> Document:
    document = paper(matter, pat, title="Passport", item_id="passport")
    tagging.tag(document, Factor.objects.get(code="IDENTITY"), actor=pat)
    tagging.accept(document, actor=pat)
    Document.objects.filter(pk=document.pk).update(particulars={"expires": expires} if expires else {})
    return document


@pytest.mark.parametrize(("days", "warned"), [(182, True), (183, False)])
def test_a_passport_is_good_for_six_months(request_: Request, matter: Matter, pat: User, days: int, warned: bool) -> None:
    changed(request_, profile="ERO")
    passport(matter, pat, (office.hours.today() + timedelta(days=days)).isoformat())
    assert any("six months" in why for why in whys(request_, "V25")) == warned


def test_a_stay_needs_identity(request_: Request) -> None:
    changed(request_, profile="ERO")
    assert "No identity document is filed. The field office wants one." in whys(request_, "V25")


# V40, V41


@pytest.mark.parametrize(("pages", "warned"), [(249, False), (250, True)])
def test_a_long_packet_is_a_warning(request_: Request, matter: Matter, pat: User, pages: int, warned: bool) -> None:
    document = paper(matter, pat, pages=pages)  # and its tab sheet
    tagging.tag(document, Factor.objects.get(code="COMMUNITY_TIES"), actor=pat)
    tagging.accept(document, actor=pat)
    assert bool(whys(request_, "V40")) == warned


@pytest.mark.parametrize(("pages", "warned"), [(10, False), (11, True)])
def test_a_long_declaration_is_a_warning(request_: Request, matter: Matter, pat: User, pages: int, warned: bool) -> None:
    document = paper(matter, pat, pages=pages)
    tagging.tag(document, Factor.objects.get(code="DECLARATION"), actor=pat)
    tagging.accept(document, actor=pat)
    assert bool(whys(request_, "V40")) == warned


@pytest.mark.parametrize(("days", "window"), [(9, 10), (14, 15), (29, 30), (40, 0)])
def test_a_near_hearing_is_a_warning(request_: Request, days: int, window: int) -> None:
    changed(request_, next_hearing=timezone.now() + timedelta(days=days))
    found = whys(request_, "V41")
    assert [f"inside the {window}-day window" in why for why in found] == ([True] if window else [])


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
    assert matters.client_of(request_.matter)
