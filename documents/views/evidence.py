"""The evidence of a matter as its table shows it: each document in one group, with a word and a shape for its state."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents import compartments
from documents.models import Document, Factor
from documents.preparing import Reason

State, Review = Document.State, Document.Review
ON_THE_WAY = frozenset({State.RECEIVED, State.CHECKING, State.CLEAN, State.PREPARING})
FIRST = 50  # rows of a group at first
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

    @property
    def found(self) -> int:
        """What was found on its pages and not settled."""
        return sum(each.is_open for each in self.document.findings.all())

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
    heading: str | Promise
    rows: list[Row]
    pages: int
    total: int = 0  # of its documents; the rows may be the first of them only


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the factor board, counted."""

    icon: str
    name: str | Promise
    factors: int
    documents: int
    on_hold: int


# In the order somebody works through them; every document is in the first group that takes it, so that counts add up.
GROUPS: Final[list[tuple[Promise, Callable[[Document], bool]]]] = [
    (_("To review"), lambda d: d.state == State.READY and d.review == Review.PENDING),
    (_("Needs a decision"), lambda d: d.state == State.HELD),
    (_("Still being checked"), lambda d: d.state in ON_THE_WAY),
    (_("Asked again"), lambda d: d.state == State.READY and d.review == Review.ASK_AGAIN),
    (_("Accepted"), lambda d: d.state == State.READY),
    (_("Not used: refused or quarantined"), lambda d: d.state in NOT_USED),
    (_("Taken out"), lambda d: True),
]
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


def groups(documents: Iterable[Document], *, whole: bool = False) -> list[Group]:
    """Each document once, of each group the first rows unless the `whole` is asked for. Empty groups are left out."""
    left, made = list(documents), []
    for heading, takes in GROUPS:
        mine = [document for document in left if takes(document)]
        left = [document for document in left if not takes(document)]
        if mine:
            rows = [_row(document) for document in (mine if whole else mine[:FIRST])]
            made.append(Group(heading, rows, sum(document.pages for document in mine), len(mine)))
    return made


def moving(documents: Iterable[Document]) -> int:
    """How many will change without anybody doing anything."""
    return sum(document.state in ON_THE_WAY for document in documents)


def to_review(documents: Iterable[Document]) -> list[Document]:
    return [document for document in documents if document.state == State.READY and document.review == Review.PENDING]


def sides(documents: Iterable[Document]) -> list[Side]:
    """What the matter's usable documents support, by polarity."""
    kept = [document for document in documents if document.state not in AWAY | NOT_USED]
    shown = [(Factor.Polarity.POSITIVE, "plus"), (Factor.Polarity.NEGATIVE, "minus"), (Factor.Polarity.CONTEXT, "dot")]
    return [_side(polarity, icon, kept) for polarity, icon in shown]


def _side(polarity: Factor.Polarity, icon: str, documents: list[Document]) -> Side:
    tags = [
        (tag.factor_id, document)
        for document in documents
        for tag in document.tags.all()
        if tag.factor.polarity == polarity
    ]
    tagged = {document for _factor, document in tags}
    return Side(
        icon, polarity.label, len({factor for factor, _document in tags}), len(tagged), sum(d.on_hold for d in tagged)
    )


def _row(document: Document) -> Row:
    title = document.title or str(document.item or "") or document.name
    why = WHY.get(document.reason, "") if document.state != State.READY else ""
    if document.state == State.READY:
        (icon, tone), word = REVIEWS[document.review], document.get_review_display()
    else:
        (icon, tone), word = STATES.get(document.state, ("clock", "wait")), document.get_state_display()
    return Row(document, title, icon, word, tone, why)
