"""Who may do what. The only source of rows: not a member, or the matter purged, and the row does not exist."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Role, User
from documents.models import (
    ChecklistItem,
    Circumstance,
    Disposition,
    Document,
    Matter,
    Membership,
    Packet,
    Request,
    Snippet,
    Statement,
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
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    TAG = "tag"
    REVIEW = "review"
    LIFT_HOLD = "lift_hold"
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
    To.WITHDRAW: TEAM | {CLIENT},  # a client while it is fresh and untagged: see tagging.withdraw
    To.RESTORE: TEAM,
    To.TAG: TEAM,
    To.REVIEW: TEAM,
    To.LIFT_HOLD: COUNSEL,
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
    To.SEE_STATUS: TEAM | {ADMINISTRATOR},
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
    return mine.filter(Q(sender=user) | Q(on_behalf=True)) if user.role == CLIENT else mine


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
    found = get_object_or_404(documents(user), pk=pk)
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


def snippets(user: User) -> QuerySet[Snippet]:
    """The firm's paragraphs that are offered: of no client, for the whole team."""
    kept = Snippet.objects.filter(put_away_at=None) if may(user, To.WORK) else Snippet.objects.none()
    return kept.select_related("factor", "by")


def snippet(user: User, pk: int, *, to: To) -> Snippet:
    require(user, to)
    return get_object_or_404(snippets(user), pk=pk)


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
