"""Who may do what. The only source of rows: not a member, or the matter purged, and the row does not exist."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Role, User
from documents.models import (
    ChecklistItem,
    Circumstance,
    Claim,
    Disposition,
    Document,
    Factor,
    Likeness,
    Matter,
    Membership,
    Note,
    NoteVersion,
    Packet,
    Request,
    Snippet,
    Statement,
    Tag,
    Translation,
    Upload,
)


class To(StrEnum):
    """What somebody is about to do."""

    SEE = "see"
    SEND = "send"
    ASK = "ask"  # change the checklist
    ANSWER = "answer"
    MESSAGE = "message"
    SEE_OPENED = "see_opened"  # who of the firm opened one's papers
    WORK = "work"  # see the legal team's layer: review, board, packet
    UNLOCK = "unlock"
    ARRANGE = "arrange"
    TURN = "turn"  # pages of any document, on its review page
    REDACT = "redact"
    UNREDACT = "unredact"  # and approve one's own boxes
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    TAG = "tag"
    REVIEW = "review"
    HOLD = "hold"  # for a reason of one's own
    NOTE = "note"  # write notes: in the layers that one sees
    LIFT_HOLD = "lift_hold"
    SETTLE = "settle"  # what was found on a page, and what a paper is checked for
    PLACE = "place"  # a document into a compartment, to be more careful
    DISCLOSE = "disclose"  # decide on disclosure; take a document out of a compartment
    SEE_QUARANTINE = "see_quarantine"
    PROPOSE_DISPOSITION = "propose_disposition"
    DECIDE_DISPOSITION = "decide_disposition"
    SEE_ORIGINAL = "see_original"
    WRITE_LETTER = "write_letter"
    SIGN_LETTER = "sign_letter"
    KEEP_SNIPPET = "keep_snippet"  # the firm's paragraphs for letters
    ORDER = "order"
    STATE = "state"  # an attorney's word on a rule
    WEIGH = "weigh"  # the options memo
    AGREE = "agree"  # the client, to what a grant means and to the list of evidence
    READ_ALOUD = "read_aloud"  # the same to the client, and record the answer
    CHART = "chart"  # keep the criminal history chart; its notes are an attorney's (STATE)
    FILE = "file"  # record the filing, the reply, the decision
    CHANGE_OFFICE = "change_office"
    RETURN = "return"
    APPROVE = "approve"  # say that a bound packet is good to go
    RELEASE = "release"
    DOWNLOAD = "download"
    REVEAL = "reveal"
    OPEN_MATTER = "open_matter"
    OPEN_REQUEST = "open_request"
    CHANGE_MEMBERS = "change_members"
    GIVE_LINK = "give_link"
    ASSIGN = "assign"
    ADD_FACTOR = "add_factor"
    CLAIM = "claim"  # say that a factor counts in this matter, or propose that it does not apply
    OWN_FACTOR = "own_factor"  # one matter's
    SET_ASIDE = "set_aside"  # decide that it does not apply
    SEE_STATUS = "see_status"


CLIENT, PARALEGAL, ATTORNEY, ADMINISTRATOR = Role.CLIENT, Role.PARALEGAL, Role.ATTORNEY, Role.ADMINISTRATOR
TEAM = frozenset({PARALEGAL, ATTORNEY})
COUNSEL = frozenset({ATTORNEY})
MAY: Final[dict[To, frozenset[Role]]] = {
    To.SEE: TEAM | {CLIENT},
    To.SEND: TEAM | {CLIENT},
    To.ASK: TEAM,
    To.ANSWER: frozenset({CLIENT}),
    To.MESSAGE: TEAM | {CLIENT},
    To.SEE_OPENED: frozenset({CLIENT}),  # the team has all of it: activity
    To.WORK: TEAM,
    To.UNLOCK: TEAM | {CLIENT},
    To.ARRANGE: TEAM | {CLIENT},  # as long as nobody builds on its pages: see arranging.may_arrange
    To.TURN: TEAM,  # until somebody builds on its pages: see arranging.why_not
    To.REDACT: TEAM,
    To.UNREDACT: COUNSEL,
    To.WITHDRAW: TEAM | {CLIENT},  # a client while it is fresh and untagged: see tagging.withdraw
    To.RESTORE: TEAM,
    To.TAG: TEAM,
    To.REVIEW: TEAM,
    To.HOLD: TEAM,
    To.NOTE: TEAM,
    To.LIFT_HOLD: COUNSEL,
    To.SETTLE: TEAM,
    To.PLACE: TEAM,
    To.DISCLOSE: COUNSEL,
    To.SEE_QUARANTINE: TEAM | {ADMINISTRATOR},
    To.PROPOSE_DISPOSITION: COUNSEL,
    To.DECIDE_DISPOSITION: COUNSEL | {ADMINISTRATOR},
    To.SEE_ORIGINAL: TEAM,
    To.WRITE_LETTER: TEAM,
    To.SIGN_LETTER: COUNSEL,
    To.KEEP_SNIPPET: COUNSEL,
    To.ORDER: TEAM,
    To.STATE: COUNSEL,
    To.WEIGH: COUNSEL,
    To.AGREE: frozenset({CLIENT}),
    To.READ_ALOUD: TEAM,
    To.CHART: TEAM,
    To.FILE: TEAM,
    To.CHANGE_OFFICE: COUNSEL | {ADMINISTRATOR},
    To.RETURN: COUNSEL,
    To.APPROVE: COUNSEL,
    To.RELEASE: COUNSEL,
    To.DOWNLOAD: COUNSEL,
    To.REVEAL: TEAM,
    To.OPEN_MATTER: COUNSEL,
    To.OPEN_REQUEST: TEAM,
    To.CHANGE_MEMBERS: COUNSEL,
    To.GIVE_LINK: TEAM,  # to the client, who lost a phone
    To.ASSIGN: frozenset({ADMINISTRATOR}),
    To.ADD_FACTOR: COUNSEL | {ADMINISTRATOR},
    To.CLAIM: TEAM,
    To.SET_ASIDE: COUNSEL,
    To.OWN_FACTOR: COUNSEL,
    To.SEE_STATUS: TEAM | {ADMINISTRATOR},
}
# Whose eyes a note is for.
SEES: Final[dict[Role, frozenset[Note.Layer]]] = {
    CLIENT: frozenset({Note.Layer.CLIENT}),
    PARALEGAL: frozenset({Note.Layer.CLIENT, Note.Layer.TEAM}),
    ATTORNEY: frozenset(Note.Layer),
    ADMINISTRATOR: frozenset(),
}


def may(user: User, to: To) -> bool:
    return user.is_active and user.role in MAY[to]


def require(user: User, to: To) -> None:
    """403 for somebody who may know of the thing but not do this to it."""
    if not may(user, to):
        raise PermissionDenied(f"{user.role} may not {to}")


def matters(user: User) -> QuerySet[Matter]:
    return Matter.objects.filter(memberships__user=user, purged_at=None)


def requests(user: User) -> QuerySet[Request]:
    mine = Request.objects.filter(matter__memberships__user=user, matter__purged_at=None)
    return mine.select_related("matter")


def documents(user: User) -> QuerySet[Document]:
    """The documents of the user's matters; a client's own ones, and those sent in the client's name."""
    mine = Document.objects.filter(matter__memberships__user=user, matter__purged_at=None)
    mine = mine.select_related("matter", "item")
    return mine.filter(_a_clients(user)) if user.role == CLIENT else mine


def _a_clients(user: User) -> Q:
    """What they sent, and what was sent for them unless it is somebody else's; attorney's work in no case."""
    tags = Tag.objects.filter(document=OuterRef("pk"))
    secret = Exists(tags.filter(factor__in=Factor.CLIENT_NEVER_SEES))
    anothers = Exists(tags.filter(factor__in=Factor.ATTORNEY_ALONE_SEES))
    return (Q(sender=user) | Q(on_behalf=True) & ~Q(anothers)) & ~Q(secret)


def readable(user: User) -> QuerySet[Document]:
    """Of those, the ones whose pages and words the user may read: another person's paper is an attorney's alone."""
    mine = documents(user)
    return mine if user.role in COUNSEL else mine.exclude(tags__factor__in=Factor.ATTORNEY_ALONE_SEES)


def may_read(user: User, document: Document) -> bool:
    """The same of one that the user may see."""
    return user.role in COUNSEL or not any(tag.factor_id in Factor.ATTORNEY_ALONE_SEES for tag in document.tags.all())


def require_readable(user: User, document: Document) -> None:
    """403 where it is another person's paper."""
    if not may_read(user, document):
        raise PermissionDenied("another person's paper is kept from being shown further")


def packets(user: User) -> QuerySet[Packet]:
    mine = Packet.objects.filter(request__matter__memberships__user=user, request__matter__purged_at=None)
    return mine.select_related("request__matter")


def clients(matter: Matter) -> QuerySet[Membership]:
    return matter.memberships.filter(user__role=CLIENT)


def attorneys(matter: Matter) -> QuerySet[Membership]:
    return matter.memberships.filter(user__role=ATTORNEY, user__is_active=True)


def matter(user: User, pk: UUID, *, to: To) -> Matter:
    found = get_object_or_404(matters(user), pk=pk)
    require(user, to)
    return found


def request(user: User, pk: UUID, *, to: To) -> Request:
    found = get_object_or_404(requests(user), pk=pk)
    require(user, to)
    return found


def document(user: User, pk: UUID, *, to: To) -> Document:
    """With the people whom its page names."""
    found = get_object_or_404(documents(user).select_related("sender", "reviewed_by"), pk=pk)
    require(user, to)
    return found


def asked(user: User, pk: UUID, *, to: To) -> ChecklistItem:
    """One of what the client of a matter is asked for."""
    mine = ChecklistItem.objects.filter(matter__memberships__user=user, matter__purged_at=None)
    found = get_object_or_404(mine.select_related("matter", "item"), pk=pk)
    require(user, to)
    return found


def upload(user: User, pk: UUID) -> Upload:
    """One's own, into a matter one may still send to."""
    mine = Upload.objects.filter(sender=user, matter__memberships__user=user, matter__purged_at=None)
    found = get_object_or_404(
        mine.select_related("matter", "sender", "item", "asked", "replaces", "document__item"), pk=pk
    )
    require(user, To.SEND)
    return found


def packet(user: User, pk: UUID, *, to: To) -> Packet:
    found = get_object_or_404(packets(user), pk=pk)
    require(user, to)
    return found


def statement(user: User, pk: int, *, to: To) -> Statement:
    mine = Statement.objects.filter(request__in=requests(user)).select_related("request__matter")
    found = get_object_or_404(mine, pk=pk)
    require(user, to)
    return found


def circumstance(user: User, pk: UUID, *, to: To) -> Circumstance:
    mine = Circumstance.objects.filter(request__in=requests(user)).select_related("request__matter")
    found = get_object_or_404(mine, pk=pk)
    require(user, to)
    return found


def translation(user: User, pk: int, *, to: To) -> Translation:
    mine = Translation.objects.filter(original__in=documents(user)).select_related(
        "original", "translation", "certificate"
    )
    found = get_object_or_404(mine, pk=pk)
    require(user, to)
    return found


def likeness(user: User, pk: int, *, to: To) -> Likeness:
    mine = Likeness.objects.filter(document__in=documents(user)).select_related("document__matter", "other__matter")
    found = get_object_or_404(mine, pk=pk)
    require(user, to)
    return found


def layers(user: User) -> frozenset[Note.Layer]:
    """Of the notes this person sees, and may write."""
    return SEES[Role(user.role)] if user.is_active else frozenset()


def notes(user: User) -> QuerySet[Note]:
    """The only source of notes: of the user's matters, in the user's layers, each with the versions written for these.
    Struck out ones are for the legal team."""
    seen = layers(user)
    mine = Note.objects.filter(matter__memberships__user=user, matter__purged_at=None, layer__in=seen)
    mine = mine.filter(Q(document=None) | Q(document__in=documents(user).values("pk")))
    mine = mine.filter(struck_at=None) if user.role == CLIENT else mine
    written = NoteVersion.objects.filter(layer__in=seen).select_related("by")
    return mine.select_related("matter", "struck_by").prefetch_related(Prefetch("versions", queryset=written))


def note(user: User, pk: UUID, *, to: To) -> Note:
    found = get_object_or_404(notes(user), pk=pk)
    require(user, to)
    return found


def snippets(user: User) -> QuerySet[Snippet]:
    """The firm's paragraphs that are offered: of no client, for the whole team."""
    kept = Snippet.objects.filter(put_away_at=None) if may(user, To.WORK) else Snippet.objects.none()
    return kept.select_related("factor", "by")


def snippet(user: User, pk: int, *, to: To) -> Snippet:
    require(user, to)
    return get_object_or_404(snippets(user), pk=pk)


def claim(user: User, pk: int, *, to: To) -> Claim:
    """What stands of a factor in one of the user's matters."""
    mine = Claim.objects.filter(matter__in=matters(user), taken_back_at=None).select_related("matter", "factor")
    found = get_object_or_404(mine, pk=pk)
    require(user, to)
    return found


def newest_request(user: User, on: Matter) -> Request | None:
    """For the head and the tabs of a matter's pages."""
    return requests(user).filter(matter=on).defer("letter").first()


def assignable(user: User) -> QuerySet[Matter]:
    """For the administrator: that a matter exists and who is on it, and nothing of what is in it."""
    require(user, To.ASSIGN)
    return Matter.objects.filter(throwaway=False, purged_at=None).only("id", "number", "opened_at")


def quarantined(user: User) -> QuerySet[Document]:
    """What is in quarantine: of the user's matters; for the administrator of all, and nothing but what a list shows."""
    require(user, To.SEE_QUARANTINE)
    return _quarantined(user)


def disposition(user: User, pk: int, *, to: To) -> Disposition:
    """One about a document that the user may know to be in quarantine."""
    found = get_object_or_404(
        Disposition.objects.select_related("document__matter"), pk=pk, document__in=_quarantined(user)
    )
    require(user, to)
    return found


def _quarantined(user: User) -> QuerySet[Document]:
    mine = documents(user)
    if user.role == ADMINISTRATOR:
        mine = Document.objects.filter(matter__purged_at=None).select_related("matter")
        mine = mine.only("number", "state", "state_since", "reason", "matter__number", "matter__throwaway")
    return mine.filter(state=Document.State.QUARANTINED, matter__throwaway=False)
