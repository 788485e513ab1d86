"""What happened in a matter, in sentences a person reads: the audit trail without a code."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Max, QuerySet, Value
from django.db.models.functions import TruncHour
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.models import AuditEvent, Role, User
from documents.models import Disposition, Document, Factor, Matter, Note, Packet, Request

Kind = AuditEvent.Kind
PORTAL = "Amparo"
NONE: Final = Value(0)
SENTENCES: Final[dict[str, Promise]] = {
    Kind.MATTER_OPENED: gettext_lazy("{who} opened the matter."),
    Kind.REQUEST_OPENED: gettext_lazy("{who} opened {what}."),
    Kind.MEMBER_ADDED: gettext_lazy("{who} added {member} to the matter."),
    Kind.MEMBER_REMOVED: gettext_lazy("{who} took {member} off the matter."),
    Kind.REVEALED: gettext_lazy("{who} revealed the A-number."),
    Kind.RECEIVED: gettext_lazy("{who} sent {what}."),
    Kind.MOVED: gettext_lazy("{who} moved {what}. It is now: {to}."),
    Kind.SCANNED: gettext_lazy("{who} scanned {what}."),
    Kind.PREPARED: gettext_lazy("{who} prepared {what}."),
    Kind.READ: gettext_lazy("{who} read the words of {what}."),
    Kind.TAGGED: gettext_lazy("{who} tagged {what}: {factor}."),
    Kind.UNTAGGED: gettext_lazy("{who} took a tag off {what}: {factor}."),
    Kind.SUGGESTED: gettext_lazy("{who} suggested factors for {what}."),
    Kind.SUGGESTION_DECIDED: gettext_lazy("{who} decided about a suggestion for {what}: {factor}."),
    Kind.REVIEWED: gettext_lazy("{who} reviewed {what}. It is now: {to}."),
    Kind.HELD: gettext_lazy("{who} put {what} on attorney hold: {factor}."),
    Kind.HOLD_LIFTED: gettext_lazy("{who} lifted the attorney hold on {what}: {factor}."),
    Kind.VIEWED: gettext_lazy("{who} looked at {what}."),
    Kind.FETCHED: gettext_lazy("{what} was fetched for {who} ahead of being looked at."),
    Kind.DOWNLOADED: gettext_lazy("{who} downloaded {what}."),
    Kind.UNLOCKED: gettext_lazy("{who} gave the password of {what}."),
    Kind.BOX_DRAWN: gettext_lazy("{who} drew a black box on {what}."),
    Kind.REDACTED: gettext_lazy("{who} approved the black boxes on {what}."),
    Kind.UNREDACTED: gettext_lazy("{who} took a black box off {what}."),
    Kind.NOTED: gettext_lazy("{who} noted what {what} says."),
    Kind.FOUND: gettext_lazy("{who} found something to look at on {what}."),
    Kind.SETTLED: gettext_lazy("{who} settled what was found on {what}."),
    Kind.LOOKED_AT: gettext_lazy("{who} looked at a point to check on {what}."),
    Kind.PROPOSED: gettext_lazy("{who} proposed what becomes of {what}: {action}."),
    Kind.DECIDED: gettext_lazy("{who} decided about {what}: {action}. {decision}."),
    Kind.CLAIMED: gettext_lazy("{who} said whether this applies: {factor}."),
    Kind.LETTER_SIGNED: gettext_lazy("{who} signed the letter of {what}."),
    Kind.ORDERED: gettext_lazy("{who} ordered {what}."),
    Kind.BOUND: gettext_lazy("{who} bound {what}."),
    Kind.APPROVED: gettext_lazy("{who} approved {what}."),
    Kind.RELEASED: gettext_lazy("{who} released {what}."),
}
DUPLICATE = gettext_lazy("{who} sent {what} again. It was here already.")
ON_BEHALF = gettext_lazy("{who} sent {what} for the client.")
HELD_BACK = gettext_lazy("{who} put {what} on attorney hold.")
LET_GO = gettext_lazy("{who} lifted an attorney hold on {what}.")
OF_ITSELF = gettext_lazy("{what} is now: {to}.")
LANGUAGE = gettext_lazy("{who} noted the language of all papers without one.")
LETTER = gettext_lazy("{who} changed the letter of {what}.")
TITLE = gettext_lazy("{who} named {what}.")
TABS = gettext_lazy("{who} changed the order of the tabs of {what}.")
FACTORS = gettext_lazy("{who} changed the order of the factors of {what}.")
RECEIPT = gettext_lazy("{who} saved the receipt of what they sent.")
MAIL = gettext_lazy("{who} changed the text of the mail of {what}.")
READERS = gettext_lazy("{who} changed who reads a note. Now: {to}.")
CORRECTED = gettext_lazy("{who} corrected what is recorded of {what}.")
OUTCOMES: Final[dict[str, Promise]] = {
    "corrected": CORRECTED,
    "in_part": gettext_lazy("{who} lifted the attorney hold on some pages of {what}: {factor}."),
    "reopened": gettext_lazy("{who} opened what was found on {what} again."),
    "undone": gettext_lazy("{who} took back a look at a point to check on {what}."),
    "placed": gettext_lazy("{who} put {what} into a compartment."),
    "taken_out": gettext_lazy("{who} took {what} out of a compartment."),
    "disclose": gettext_lazy("{who} decided that {what} may be disclosed."),
    "withhold": gettext_lazy("{who} withheld {what}."),
}
_OWN_HOLDS: Final[dict[str, Promise]] = {Kind.HELD: HELD_BACK, Kind.HOLD_LIFTED: LET_GO}  # for no factor
FIELDS: Final[dict[str, Promise]] = {
    "letter": LETTER,
    "title": TITLE,
    "tabs": TABS,
    "factors": FACTORS,
    "receipt": RECEIPT,
    "transmittal": MAIL,
}
# What a machine does on the way to somewhere; the whole list has it, a short one does not.
ON_THE_WAY = ["checking", "clean", "preparing", "received", "binding"]
ROUTINE = [each.value for each in (Kind.SCANNED, Kind.PREPARED, Kind.READ, Kind.VIEWED, Kind.FETCHED, Kind.SUGGESTED)]


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    text: str


def everything(matter: Matter) -> QuerySet[AuditEvent]:
    """The whole record of the matter, newest first."""
    return audit.trail(matter.audit_chain)


def notable(matter: Matter) -> QuerySet[AuditEvent]:
    """Without the steps a machine takes on the way, and without looks."""
    passing = everything(matter).filter(kind=Kind.MOVED.value, facts__to__in=ON_THE_WAY)
    return everything(matter).exclude(kind__in=ROUTINE).exclude(pk__in=passing.order_by().values("pk"))


def openings(matter: Matter, documents: Iterable[str]) -> QuerySet[AuditEvent, Any]:
    """Who of the firm opened which of these documents (ids), newest first; once a person, document and hour.

    Rows of `last` (the last time in that hour), `kind` (viewed or downloaded), `subject_id`, `actor__name`, `actor_role`.
    """
    opened = audit.trail(matter.audit_chain, kinds=[Kind.VIEWED, Kind.DOWNLOADED])
    opened = opened.filter(subject_type=Document._meta.label_lower, subject_id__in=list(documents), outcome="done")
    opened = opened.filter(actor__isnull=False).exclude(actor_role=Role.CLIENT.value)  # not the portal's own work
    by_hour = opened.order_by().annotate(hour=TruncHour("at"))
    each = by_hour.values("hour", "actor", "actor__name", "actor_role", "subject_id", "kind")
    return each.annotate(last=Max("at")).order_by("-last", "subject_id", "kind")


def told(matter: Matter, events: Iterable[AuditEvent]) -> list[Line]:
    """A sentence for each event of this matter. The number of queries does not grow with the events."""
    listed = list(events)
    things = _things(matter, {event.subject_id for event in listed})
    members = {event.facts["member"] for event in listed if "member" in event.facts}
    names = {str(pk): name for pk, name in User.objects.filter(pk__in=members).values_list("pk", "name")}
    factors = {factor.code: str(factor) for factor in Factor.everything.of(matter.pk).filter(pk__in=_factors(listed))}
    return [Line(event.at, _sentence(event, things, names, factors)) for event in listed]


def _factors(events: list[AuditEvent]) -> set[str]:
    return {event.facts["factor"] for event in events if "factor" in event.facts}


def _things(matter: Matter, ids: set[str]) -> dict[str, str]:
    """The words for whatever of the matter an event is about. One query."""
    uuids = {one for one in ids if len(one) == len(str(matter.pk))}  # a membership's is a short number
    documents = _numbered(Document.objects.filter(matter=matter, pk__in=uuids), _("Document {number}"))
    requests = _numbered(Request.objects.filter(matter=matter, pk__in=uuids), _("Request {number}"))
    packets = Packet.objects.filter(request__matter=matter, pk__in=uuids)
    bound = _numbered(packets, _("Packet {number} of request {request}"), F("request__number"))
    rows = documents.union(requests, bound, all=True).order_by()
    return {str(pk): words.format(number=number, request=request) for pk, words, number, request in rows}


def _numbered(rows: QuerySet[Any], words: str, request: Value | F = NONE) -> QuerySet[Any, tuple[Any, ...]]:
    named = rows.order_by().annotate(words=Value(words), of=request)
    return named.values_list("pk", "words", "number", "of")


def _sentence(event: AuditEvent, things: dict[str, str], names: dict[str, str], factors: dict[str, str]) -> str:
    what = things.get(event.subject_id, "")
    words = {
        "who": event.actor.name if event.actor else PORTAL,
        "what": what,
        "to": _state(event),
        "member": names.get(event.facts.get("member", ""), _("a person")),
        "factor": factors.get(event.facts.get("factor", ""), ""),
        "action": dict(Disposition.Kind.choices).get(event.facts.get("action", ""), ""),
        "decision": dict(Disposition.Decision.choices).get(event.outcome, ""),
    }
    shape = _shape(event)
    if shape is None:
        return f"{words['who']} {event.label}{f': {what}' if what else ''}."
    return str(shape).format(**words)


def _shape(event: AuditEvent) -> Promise | None:
    kind, facts = event.kind, event.facts
    if event.outcome in OUTCOMES:
        return OUTCOMES[event.outcome]
    if facts.get("field") in FIELDS:
        return FIELDS[facts["field"]]
    if kind == Kind.NOTE_CHANGED and "to" in facts:
        return READERS
    if kind == Kind.NOTED and "documents" in facts:
        return LANGUAGE
    if kind == Kind.RECEIVED and event.outcome == "duplicate":
        return DUPLICATE
    if kind == Kind.RECEIVED and facts.get("on_behalf"):
        return ON_BEHALF
    if kind == Kind.MOVED and event.actor is None:
        return OF_ITSELF
    if kind in _OWN_HOLDS and not facts.get("factor"):
        return _OWN_HOLDS[kind]
    return SENTENCES.get(kind)


def _state(event: AuditEvent) -> str:
    """Where a thing went, by its label."""
    choices = {
        Document._meta.label_lower: [*Document.State.choices, *Document.Review.choices],
        Request._meta.label_lower: Request.State.choices,
        Packet._meta.label_lower: Packet.State.choices,
        Note._meta.label_lower: Note.Layer.choices,
    }.get(event.subject_type, [])
    return str(dict(choices).get(event.facts.get("to", ""), ""))
