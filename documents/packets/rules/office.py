"""The rules about what is asked, of which office, at which stage of the case, and when."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from documents import particulars
from documents.models import Document, Request
from documents.packets import arranging, posture
from documents.packets.rules.facts import Facts, Problem, Rule, mark_of
from documents.packets.shape import tab_letters
from documents.questions import is_declaration
from portal import hours

MOST_PAGES, MOST_TABS, MOST_OF_A_DECLARATION = 250, 52, 10
WINDOWS = (10, 15, 30)  # days before a hearing
REVIEWED, SIX_MONTHS = timedelta(days=30), timedelta(days=183)
CONCISE = gettext_lazy("Offices ask for concise requests.")


def fits(facts: Facts) -> Iterator[Problem]:
    """V02: nothing but another stage, form or office mends it; that no case is open yet, an attorney may override."""
    request = facts.request
    if why := posture.why_not(request.stage, request.form, detained=request.detained):
        yield Problem(_mismatch(request, str(why)))
    elif request.stage == Request.Stage.NOT_IN_PROCEEDINGS:
        why = str(posture.A_REQUEST_CAN_START_A_CASE)
        yield Problem(why, about="no case", mark=mark_of(request.stage, request.form), stated=True)
    if request.form and posture.other_office(request.form, request.profile):
        words = {"form": request.get_form_display(), "office": facts.profile.name}
        yield Problem(_("“%(form)s” is not decided by this office: %(office)s. Choose another office profile.") % words)


def _mismatch(request: Request, why: str) -> str:
    if not request.stage or not request.form:
        return why
    words = {"form": request.get_form_display(), "stage": request.get_stage_display()}
    return _("“%(form)s” cannot be asked for at this stage: “%(stage)s”.") % words + " " + why


def accepted(facts: Facts) -> Iterator[Problem]:
    """V03: whether it takes requests is data that somebody looked up; where nobody knows, an attorney says why to send."""
    profile = facts.profile
    if profile.accepts_requests == "no":
        yield Problem(_("This office takes no requests now: %s.") % profile.name)
    if profile.accepts_requests == "unknown":
        why = _("It is not known whether this office takes requests. Ask it, or say why it is sent all the same.")
        yield Problem(why, about="accepts", mark=mark_of(profile.code, profile.version), stated=True)
    if not profile.last_checked:
        yield Problem(_("Nobody has checked what this office expects yet."))


MOTION = {
    "order": gettext_lazy("The motion has a proposed order."),
    "service": gettext_lazy("Proof of service is there, or both sides are on ECAS."),
}
STAY = {
    "i246": gettext_lazy("Form I-246 is there, signed, for this one person."),
    "fee": gettext_lazy("The fee, or its waiver, is with it."),
    "person": gettext_lazy("It is filed in person, at the right field office."),
}


def motion(facts: Facts) -> Iterator[Problem]:
    """V24: the portal prints the cover page; what else a motion needs has no document type of its own, and is stated."""
    if facts.profile.family == "EOIR":
        served = facts.profile.uses("proof_of_service")
        yield from _stated(facts, MOTION if served else {"order": MOTION["order"]})


def stay(facts: Facts) -> Iterator[Problem]:
    """V25: of an application for a stay; deferred action has no form and no fee."""
    if facts.profile.family != "ERO" or facts.request.form != Request.Form.STAY:
        return
    if len(facts.now.cover.respondents) != 1:
        yield Problem(_("A stay is asked for one person. The cover names none, or several."), mend="matter")
    yield from _stated(facts, STAY, facts.of_types(arranging.APPLICATION))
    if not facts.by_factor.get("IDENTITY"):
        yield Problem(_("No identity document is filed. The field office wants one."), mend="matter")
    yield from _passport(facts)


def _passport(facts: Facts) -> Iterator[Problem]:
    """Of several, the one that ends last counts. Six months are counted from today: how long a stay is asked for, no
    field says."""
    passports = facts.of_types("passport")
    known = [(day, passport) for passport in passports if (day := particulars.day(passport, "expires"))]
    if not passports:
        why = _("No passport is filed. An attorney says what is filed in its place.")
        yield Problem(why, about="passport", mark=mark_of("none"), stated=True, mend="matter")
    elif not known:
        yield Problem(_("Nobody noted when %s ends. Note it on the document.") % passports[0], passports[0])
    else:
        until, passport = max(known, key=lambda pair: pair[0])
        if until < hours.today() + SIX_MONTHS:
            why = _("%s ends in less than six months. Renew it, or file the application for a new one.")
            yield Problem(why % passport, passport, str(passport.pk), mark_of(until), stated=True)


def _stated(facts: Facts, pieces: Mapping[str, object], forms: Sequence[Document] = ()) -> Iterator[Problem]:
    """What only a person can see, piece by piece; said again for other evidence. `forms`: the papers the first piece is
    about."""
    filed = [source.print_sha256 for source in facts.now.sources()]
    shown = forms[0] if forms else None
    for about, sentence in pieces.items():
        yield Problem(_("An attorney states: %s") % sentence, shown, about, mark_of(*filed), stated=True)
        shown = None


def concise(facts: Facts) -> Iterator[Problem]:
    """V40: evidence and tab sheets before it is bound, every page afterwards."""
    exhibits = facts.now.exhibits
    pages = facts.packet.total_pages if facts.packet else sum(1 + exhibit.length() for exhibit in exhibits)
    if pages > MOST_PAGES:
        what = _("The packet has %d pages.") if facts.packet else _("The evidence has %d pages with its tab sheets.")
        yield Problem(what % pages + " " + str(CONCISE), about="pages", mark=mark_of(pages))
    if len(exhibits) > MOST_TABS:
        why = _("There are tabs up to %s.") % tab_letters(len(exhibits) - 1)
        yield Problem(why + " " + str(CONCISE), about="tabs", mark=mark_of(len(exhibits)))
    for document in facts.filed:
        if is_declaration(document) and document.pages > MOST_OF_A_DECLARATION:
            words = {"document": document, "n": document.pages}
            why = _("%(document)s is a declaration of %(n)d pages. More than ten are seldom read.") % words
            yield Problem(why, document, str(document.pk), mark_of(document.print_sha256))


def near(facts: Facts) -> Iterator[Problem]:
    """V41: what was accepted for one window is asked again in the next."""
    request = facts.request
    if request.detained:
        why = _("The client is detained: the court sets the deadlines. File at once, and call the office.")
        yield Problem(why, about="detained", mark="detained")
    if not request.next_hearing:
        return
    days = (hours.day(request.next_hearing) - hours.today()).days
    if days < 0:
        why = _("The hearing on the request is over. Write the next one, or take it out.")
        yield Problem(why, about="hearing", mark=mark_of(request.next_hearing, "over"))
    elif window := next((window for window in WINDOWS if days <= window), 0):
        why = ngettext("The next hearing is in %(days)d day:", "The next hearing is in %(days)d days:", days)
        inside = _("inside the %(window)d-day window.")
        why = f"{why} {inside}" % {"days": days, "window": window}
        yield Problem(why, about="hearing", mark=mark_of(request.next_hearing, window))


def reviewed(facts: Facts) -> Iterator[Problem]:
    """V42"""
    checked = date.fromisoformat(facts.profile.last_checked)
    if hours.today() - checked > REVIEWED:
        why = _("The office profile was last checked more than 30 days ago. Check it again.")
        yield Problem(why, about="reviewed", mark=mark_of(facts.profile.version, checked))


RULES: tuple[Rule, ...] = (
    Rule(
        "V02", "B", "measured", gettext_lazy("What is asked for fits the stage of the case"),
        "practice guides on stays, motions and dismissal", fits, "request_edit",
    ),
    Rule(
        "V03", "B", "measured", gettext_lazy("The office is known, and takes requests"),
        "Offices' instructions", accepted, "offices",
    ),
    Rule(
        "V24", "B", "measured", gettext_lazy("A motion has what the court wants with it"),
        "8 CFR 1003.32; ICPM 5.2", motion, "request",
    ),
    Rule(
        "V25", "B", "measured", gettext_lazy("A stay has what the field office wants with it"),
        "Form I-246, instructions", stay, "request",
    ),
    Rule(
        "V40", "W", "measured", gettext_lazy("The packet is concise"), "Offices' instructions", concise, "request",
    ),
    Rule(
        "V41", "W", "measured", gettext_lazy("No hearing is near, and nobody waits in detention"),
        "ICPM 3.1: filing deadlines", near, "request_edit",
    ),
    Rule(
        "V42", "W", "measured", gettext_lazy("The office's expectations were checked in the last 30 days"),
        "design", reviewed, "offices",
    ),
)  # fmt: skip
