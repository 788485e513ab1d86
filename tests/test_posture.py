"""Which form may be asked for at which stage, and of whom: each pair fits, or says why not."""

import pytest

from documents.models import Request
from documents.packets import posture, profiles

STAGE, FORM = Request.Stage, Request.Form


@pytest.mark.parametrize("stage", STAGE)
@pytest.mark.parametrize("form", FORM)
def test_each_form_at_each_stage_fits_or_says_why_not(stage: str, form: str) -> None:
    why = posture.why_not(stage, form, detained=True)
    assert bool(why) == (form not in posture.FITS[stage])


def test_after_a_final_order_there_is_a_stay_deferred_action_or_a_joint_motion() -> None:
    assert posture.FITS[STAGE.FINAL_ORDER] == {FORM.STAY, FORM.DEFERRED_ACTION, FORM.JOINT_REOPEN}


def test_without_a_case_there_is_nothing_to_end() -> None:
    assert posture.FITS[STAGE.NOT_IN_PROCEEDINGS] == {FORM.NO_NTA, FORM.DEFERRED_ACTION}


def test_deferred_action_may_be_asked_for_at_any_stage() -> None:
    assert all(FORM.DEFERRED_ACTION in forms for forms in posture.FITS.values())


@pytest.mark.parametrize("stage", [STAGE.BEFORE_COURT, STAGE.ON_APPEAL])
def test_release_is_for_who_is_detained(stage: str) -> None:
    assert not posture.why_not(stage, FORM.RELEASE, detained=True)
    assert posture.why_not(stage, FORM.RELEASE, detained=False) == posture.ONLY_DETAINED


@pytest.mark.parametrize(("stage", "form"), [("", FORM.STAY), (STAGE.FINAL_ORDER, ""), ("", "")])
def test_what_is_not_said_fits_nothing(stage: str, form: str) -> None:
    assert posture.why_not(stage, form, detained=False) == posture.NEEDS_A_FORM


@pytest.mark.parametrize(
    ("form", "takes"),
    [(FORM.STAY, {"ERO"}), (FORM.DISMISSAL, {"OPLA", "EOIR"}), (FORM.NO_NTA, {"OPLA", "ERO"}),
     (FORM.RELEASE, {"OPLA", "EOIR", "ERO"})],
)  # fmt: skip
def test_each_form_has_its_offices(form: str, takes: set[str]) -> None:
    codes = {profile.code for profile in profiles.available()}
    assert {code for code in codes if not posture.other_office(form, code)} == takes


def test_a_copy_counts_as_the_office_it_was_made_of() -> None:
    assert not posture.other_office(FORM.STAY, "ERO-CHI")
    assert posture.other_office(FORM.STAY, "OPLA-CHI")


def test_every_form_is_for_some_stage_and_every_stage_has_its_reason() -> None:
    assert set().union(*posture.FITS.values()) == set(FORM)
    assert set(posture.FITS) == set(posture.REASONS) == set(STAGE)
