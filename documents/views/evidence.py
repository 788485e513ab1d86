"""The evidence of a matter as its table shows it: each document in one group, with a word and a shape for its state."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents import compartments, tagging
from documents.models import Document, Factor
from documents.preparing import Reason

State, Review = Document.State, Document.Review
ON_THE_WAY = frozenset({State.RECEIVED, State.CHECKING, State.CLEAN, State.PREPARING})
AWAY = frozenset({State.WITHDRAWN, State.PURGED})
NOT_USED = frozenset({State.REFUSED, State.QUARANTINED})
# For the office; what the client reads of the same reason is in documents.words.
WHY: Final[dict[str, Promise]] = {
    Reason.WRONG_TYPE: _("Not a kind of file we take"),
    Reason.DAMAGED: _("It does not open"),
    Reason.TRUNCATED: _("It did not arrive whole"),
    Reason.EMPTY: _("It is empty"),
    Reason.LOCKED: _("It has a password"),
    Reason.TOO_LARGE: _("It is too big"),
    Reason.TOO_COMPLEX: _("It is too complex to check"),
    Reason.ACTIVE_CONTENT: _("It has a program inside"),
    Reason.INFECTED: _("The scanner found something harmful"),
    Reason.SCANNER_UNAVAILABLE: _("It waits for the scanner"),
    Reason.TIMEOUT: _("Preparing it took too long"),
    Reason.NOT_REDACTED: _("Its black boxes could not be burnt in. Nobody sees its pages until they are"),
}


@dataclass(frozen=True, slots=True)
class Row:
    document: Document
    title: str
    icon: str
    word: str | Promise
    tone: str  # a value of data-tone
    why: str | Promise
    held: int  # holds that nobody lifted
    found: int  # things found on its pages and not settled

    @property
    def inside(self) -> list[compartments.Inside]:
        return compartments.of(self.document)

    @property
    def disclosure(self) -> str:
        """A word for the table: it is withheld, or an attorney has yet to decide; nothing where there is nothing to say."""
        if any(one.withheld for one in self.inside):
            return "withheld"
        return "undecided" if any(one.waits for one in self.inside) else ""


@dataclass(frozen=True, slots=True)
class Group:
    """`number` and `pages` are of all its documents, `rows` of those that the open page of the table shows."""

    code: str
    heading: str | Promise
    number: int
    pages: int
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the factor board, counted."""

    icon: str
    name: str | Promise
    factors: int
    documents: int
    on_hold: int


# In the order somebody works through them; every document is in the first group that takes it, so that counts add up.
GROUPS: Final[list[tuple[str, Promise, Callable[[Document], bool]]]] = [
    ("review", _("To review"), lambda d: _is_pending(d) and not getattr(d, "aside", False)),  # tagging.telling_aside
    ("decide", _("Needs a decision"), lambda d: d.state == State.HELD),
    ("checked", _("Still being checked"), lambda d: d.state in ON_THE_WAY),
    ("again", _("Asked again"), lambda d: d.state == State.READY and d.review == Review.ASK_AGAIN),
    ("aside", _("Set aside: not for a packet"), lambda d: _is_pending(d)),
    ("accepted", _("Accepted"), lambda d: d.state == State.READY),
    ("not-used", _("Not used: refused or quarantined"), lambda d: d.state in NOT_USED),
    ("out", _("Taken out"), lambda d: True),
]
HEADINGS: Final = {code: heading for code, heading, _takes in GROUPS}
# What counting needs of a document: nothing that is sealed but what was noted on it, which says its language.
FOR_COUNTS: Final = (
    "matter", "number", "state", "review", "pages", "asked", "item", "received_at", "particulars",
)  # fmt: skip
# What a row says besides, counted with it.
COUNTED: Final[dict[str, Any]] = {
    "held": Count("holds", filter=Q(holds__lifted_at=None), distinct=True),
    "found": Count("findings", filter=Q(findings__settled_at=None), distinct=True),
}
REVIEWS: Final[dict[str, tuple[str, str]]] = {
    Review.PENDING: ("inbox", "do"),
    Review.ACCEPTED: ("done", "good"),
    Review.ASK_AGAIN: ("again", "do"),
}
STATES: Final[dict[str, tuple[str, str]]] = {
    State.REFUSED: ("minus", "wait"),
    State.QUARANTINED: ("lock", "stop"),
    State.HELD: ("hand", "stop"),
}


def _is_pending(document: Document) -> bool:
    return bool(document.state == State.READY and document.review == Review.PENDING)


def sorted_out(documents: Iterable[Document]) -> dict[str, list[Document]]:
    """Each document once, under the code of its group. Empty groups are left out."""
    left, made = list(documents), {}
    for code, _heading, takes in GROUPS:
        mine = [document for document in left if takes(document)]
        left = [document for document in left if not takes(document)]
        if mine:
            made[code] = mine
    return made


def groups(sorted_: Mapping[str, list[Document]], shown: Mapping[UUID, Document]) -> list[Group]:
    """With the rows of those that are shown (whole rows, by id); groups that show none are left out."""
    found = [
        Group(
            code,
            HEADINGS[code],
            len(documents),
            sum(document.pages for document in documents),
            [_row(shown[document.pk]) for document in documents if document.pk in shown],
        )
        for code, documents in sorted_.items()
    ]
    return [group for group in found if group.rows]


def sides(documents: QuerySet[Document]) -> list[Side]:
    """What the matter's usable documents support, by polarity. One query, however many."""
    held = Q(holds__placed_at__isnull=False, holds__lifted_at=None)
    kept = tagging.telling_aside(documents.exclude(state__in=AWAY | NOT_USED).order_by().select_related(None))
    kept = kept.exclude(~Q(review=Review.ACCEPTED), aside=True)
    counted = kept.values("tags__factor__polarity").annotate(
        factors=Count("tags__factor", distinct=True),
        documents=Count("pk", distinct=True),
        waiting=Count("pk", distinct=True, filter=held),
    )
    found: dict[str, Any] = {row["tags__factor__polarity"]: row for row in counted}
    shown = [(Factor.Polarity.POSITIVE, "plus"), (Factor.Polarity.NEGATIVE, "minus"), (Factor.Polarity.CONTEXT, "dot")]
    return [_side(icon, polarity.label, found.get(polarity, {})) for polarity, icon in shown]


def _side(icon: str, name: str | Promise, row: Mapping[str, int]) -> Side:
    return Side(icon, name, row.get("factors", 0), row.get("documents", 0), row.get("waiting", 0))


def named(document: Document) -> str:
    """For the legal team: the exhibit's title, else the kind of paper, else the name of the file."""
    return document.title or str(document.item or "") or document.name


def _row(document: Any) -> Row:
    """Of a document with what is COUNTED."""
    why = WHY.get(document.reason, "") if document.state != State.READY else ""
    if document.state == State.READY:
        (icon, tone), word = REVIEWS[document.review], document.get_review_display()
    else:
        (icon, tone), word = STATES.get(document.state, ("clock", "wait")), document.get_state_display()
    return Row(document, named(document), icon, word, tone, why, document.held, document.found)
