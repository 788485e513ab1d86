"""The rules about how a packet goes out, and about a request that follows a denied one."""

import re
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.models import Circumstance, Request
from documents.packets import circumstances
from documents.packets.rules.facts import Facts, Problem, Rule, mark_of

TRANSMITTAL = "transmittal"
LINK = re.compile(r"https?://|\bwww\.|\b[\w-]+\.(?:com|org|net|gov|io|me|link|app)/", re.IGNORECASE)


def followed(facts: Facts) -> Iterator[Problem]:
    """V23"""
    parent = facts.request.parent
    if parent is None:
        return
    if parent.state != Request.State.DENIED or parent.decided_on is None:
        words = _("Request %(number)d, which this one follows, is not recorded as denied. Record the decision first.")
        yield Problem(words % {"number": parent.number}, mend="life")
    elif not facts.circumstances:
        yield Problem(_("Nothing is noted that changed since the denial. Note at least one change, with its paper."))
    else:
        yield from _unproved(facts, parent.decided_on)


def _unproved(facts: Facts, denied: date) -> Iterator[Problem]:
    """Unless one change has a later paper that is filed now: what each lacks."""
    filed = {document.pk for document in facts.filed}
    found = [_lacks(each, denied, filed) for each in facts.circumstances]
    if "" not in found:
        yield from (Problem(why) for why in dict.fromkeys(found))


def _lacks(each: Circumstance, denied: date, filed: set[UUID]) -> str:
    words = {"change": each.get_kind_display(), "document": each.document}
    if each.document is None:
        return _("“%(change)s” has no paper that shows it.") % words
    if not circumstances.later(each, denied):
        return _("“%(change)s” and its paper, %(document)s, are not from after the day of the denial.") % words
    if each.document_id not in filed:
        return _("“%(change)s”: its paper, %(document)s, is not in this packet. Accept it and tag it.") % words
    return ""


def mailed(facts: Facts) -> Iterator[Problem]:
    """V47: one office deleted mail without a text unread; another took no links."""
    if not facts.profile.uses(TRANSMITTAL):
        return
    text = facts.request.transmittal
    why = ""
    if not text.strip():
        why = _("The mail to the office has no text. Save one: mail without a text may be deleted.")
    elif LINK.search(text):
        why = _("The text of the mail has a link. Attach the files, and take the link out.")
    if why:
        yield Problem(why, about=TRANSMITTAL, mark=mark_of(text))


RULES = (
    Rule(
        "V23", "B", "measured", gettext_lazy("A request after a denial says what changed, with later evidence"),
        "Practice: resubmission on changed circumstances", followed, "changed",
    ),
    Rule(
        "V47", "W", "measured", gettext_lazy("The mail has a text, and the files are attached"),
        "Detroit and Cleveland 2015; Chicago 2013", mailed, "transmittal",
    ),
)  # fmt: skip
