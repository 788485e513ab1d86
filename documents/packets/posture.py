"""Which form of discretion may be asked for at which stage of a case, and of which office (domain reference, 1.2)."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents.models import Request

Stage, Form = Request.Stage, Request.Form

FITS: Final[dict[str, frozenset[str]]] = {
    Stage.NOT_IN_PROCEEDINGS: frozenset({Form.NO_NTA, Form.DEFERRED_ACTION}),
    Stage.BEFORE_COURT: frozenset({
        Form.DISMISSAL, Form.ADMINISTRATIVE_CLOSURE, Form.TERMINATION, Form.STIPULATION, Form.RELEASE, Form.DEFERRED_ACTION,
    }),
    Stage.ON_APPEAL: frozenset({
        Form.DISMISSAL, Form.ADMINISTRATIVE_CLOSURE, Form.TERMINATION, Form.JOINT_REOPEN, Form.STIPULATION, Form.RELEASE,
        Form.DEFERRED_ACTION,
    }),
    Stage.FINAL_ORDER: frozenset({Form.JOINT_REOPEN, Form.STAY, Form.DEFERRED_ACTION}),
}  # fmt: skip
REASONS: Final[dict[str, Promise]] = {
    Stage.NOT_IN_PROCEEDINGS: _("No charging paper is with the court: there is no case to end, close or reopen yet."),
    Stage.BEFORE_COURT: _("The case is with a judge: nothing is final that could be stayed or reopened."),
    Stage.ON_APPEAL: _(
        "The case is on appeal: no order is final yet. Ask for a joint motion to the Board, or for closure."
    ),
    Stage.FINAL_ORDER: _("The order is final: ask for a stay, deferred action or a joint motion to reopen."),
}
# Which office decides on it. An office profile of the firm's own counts as the one it was copied from.
OFFICES: Final[dict[str, frozenset[str]]] = {
    Form.STAY: frozenset({"ERO"}),
    Form.DISMISSAL: frozenset({"OPLA", "EOIR"}),
    Form.ADMINISTRATIVE_CLOSURE: frozenset({"OPLA", "EOIR"}),
    Form.TERMINATION: frozenset({"OPLA", "EOIR"}),
    Form.JOINT_REOPEN: frozenset({"OPLA", "EOIR"}),
    Form.STIPULATION: frozenset({"OPLA", "EOIR"}),
    Form.NO_NTA: frozenset({"OPLA", "ERO"}),
    Form.DEFERRED_ACTION: frozenset({"OPLA", "ERO"}),
}
ONLY_DETAINED: Final = _("Release from custody is for a client who is detained.")
NEEDS_A_FORM: Final = _("Say at which stage the case is, and what is asked for.")
A_REQUEST_CAN_START_A_CASE: Final = _(
    "No case is open, and a request can start one. An attorney states that the office should be approached all the same."
)


def why_not(stage: str, form: str, *, detained: bool) -> str | Promise:
    """Why this form cannot be asked for at this stage, in a sentence; empty where it can."""
    if not stage or not form:
        return NEEDS_A_FORM
    if form not in FITS[stage]:
        return REASONS[stage]
    if form == Form.RELEASE and not detained:
        return ONLY_DETAINED
    return ""


def other_office(form: str, profile: str) -> bool:
    """Whether another office than this profile's decides on the form."""
    return profile.partition("-")[0] not in OFFICES.get(form, {profile.partition("-")[0]})
