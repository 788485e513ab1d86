"""What the rules look at, and what a rule is."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from documents import compartments, likeness, matters, offices, pairing
from documents.models import (
    Agreement,
    Arrest,
    Circumstance,
    Claim,
    Document,
    Factor,
    Finding,
    Likeness,
    Packet,
    PacketPage,
    Request,
    Statement,
    Translation,
)
from documents.packets import arranging, freezing
from documents.packets.profiles import Profile
from documents.packets.rules import sources
from documents.packets.shape import Order

State, Review = Document.State, Document.Review
SETTLED = {State.REFUSED, State.WITHDRAWN, State.PURGED, State.QUARANTINED}


@dataclass(frozen=True)
class Facts:
    """The matter as the rules see it. `packet` is None before there is one; `now` is what an order of today would say.

    What several rules need is fetched once, here.
    """

    request: Request
    documents: list[Document]
    now: Order
    packet: Packet | None = None

    @classmethod
    def of(cls, request: Request, now: Order, packet: Packet | None = None) -> "Facts":
        """Of a request, with every document that is not over."""
        documents = request.matter.documents.exclude(state__in=SETTLED).order_by("number")
        related = documents.select_related("item").prefetch_related("tags__factor", "holds", "page_set", "redactions")
        related = related.prefetch_related(*compartments.ROWS)
        return cls(request, list(related), now, packet)

    @cached_property
    def accepted(self) -> list[Document]:
        return [document for document in self.documents if document.review == Review.ACCEPTED]

    @cached_property
    def profile(self) -> Profile:
        return offices.load(self.request.profile)

    @cached_property
    def filed(self) -> list[Document]:
        """What goes in, the appearance form first, then in the order of the tabs."""
        order = [source.document for source in self.now.sources()]
        known = {str(document.pk): document for document in self.documents}
        return [known[pk] for pk in order if pk in known]

    @cached_property
    def by_factor(self) -> dict[str, list[Document]]:
        """The filed documents behind each code, factor or procedural tag, in the order of the tabs."""
        found: dict[str, list[Document]] = {}
        for document in self.filed:
            for factor in arranging.factors(document):
                found.setdefault(factor.code, []).append(document)
        return found

    @cached_property
    def factors(self) -> dict[str, Factor]:
        """Every factor there is, by code, in the order of the taxonomy."""
        return {factor.code: factor for factor in Factor.everything.of(self.request.matter_id)}

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """What the team says of factors, and did not take back, by code."""
        standing = Claim.objects.filter(matter=self.request.matter_id, taken_back_at=None)
        return {claim.factor_id: claim for claim in standing.select_related("by", "decided_by")}

    @cached_property
    def statements(self) -> dict[tuple[str, str], Statement]:
        """What attorneys stated and did not take back, by rule and what it is about."""
        standing = self.request.statements.filter(taken_back_at=None).select_related("by")
        return {(statement.rule, statement.about): statement for statement in standing}

    @cached_property
    def client(self) -> User | None:
        return matters.client_of(self.request.matter)

    @cached_property
    def agreements(self) -> dict[str, Agreement]:
        """The client's last answer of each kind."""
        return {agreement.kind: agreement for agreement in self.request.agreements.select_related("person")}

    @cached_property
    def pairs(self) -> list[Translation]:
        """Papers and their translations, as somebody paired them."""
        return list(pairing.standing(self.request.matter))

    @cached_property
    def likenesses(self) -> list[Likeness]:
        """Documents that look alike, of which nobody said yet what they are."""
        return list(likeness.undecided(self.request.matter))

    @cached_property
    def arrests(self) -> list[Arrest]:
        return list(self.request.matter.arrests.select_related("disposition"))

    @cached_property
    def circumstances(self) -> list[Circumstance]:
        return list(self.request.circumstances.select_related("document"))

    @cached_property
    def then(self) -> Order:
        """What was ordered, of the packet there is."""
        assert self.packet is not None
        return Order.from_json(json.dumps(self.packet.order))

    @cached_property
    def again(self) -> Order | None:
        """What the same order would freeze today: everything, or what a supplement would add. None where nothing was filed
        to add to."""
        return freezing.supplement(self.request) if self.then.onto else self.now

    @cached_property
    def ledger(self) -> dict[int, PacketPage]:
        """The pages of the packet there is, by number."""
        return {row.number: row for row in self.packet.ledger.all()} if self.packet else {}

    @cached_property
    def unsettled(self) -> dict[Document, list[Finding]]:
        """What was found on the pages of filed documents (documents.harm) and nobody settled."""
        found: dict[Document, list[Finding]] = {}
        known = {document.pk: document for document in self.filed}
        for finding in Finding.objects.filter(document__in=known, settled_at=None):
            found.setdefault(known[finding.document_id], []).append(finding)
        return found

    @property
    def letter(self) -> str:
        return self.now.letter.markdown if self.now.letter else ""

    @property
    def findings(self) -> dict[str, Any]:
        """What binding measured on the finished pages (packets/finding.py); empty before there is a packet."""
        return self.packet.manifest.get("findings", {}) if self.packet else {}

    def of_types(self, *items: str) -> list[Document]:
        """The filed documents of these types."""
        return [document for document in self.filed if document.item_id in items]

    def sensitive(self, *kinds: str) -> list[Document]:
        """The filed documents whose type is marked so (id, ssn, medical, s1367, asylum, criminal, third_party …)."""
        return [document for document in self.filed if document.item and {*document.item.sensitivity} & {*kinds}]

    def proved_when_bound(self, rule: str) -> bool:
        rows = self.packet.manifest.get("rules", []) if self.packet else []
        return any(row["id"] == rule and row["passed"] for row in rows)


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands against a rule. `why`: a sentence that says what to do; `document`: the one to mend, when it is one.

    `about` is what an attorney's statement on it has to be about, and `mark` (see `mark_of`) tells when that changed.
    `stated`: whether such a statement settles it; None: as its rule says. `before`: "order" or "release", as well.
    `mend`: the page where it is mended, where the rule's own is not it. `always`: it stops every order, also one made
    despite the rules. `factor`: the code it is about, on the board; `ask`: the kinds of paper that would mend it, the
    likeliest first.
    """

    why: str
    document: Document | None = None
    about: str = ""
    mark: str = ""
    stated: bool | None = None
    before: str = ""
    mend: str = ""
    always: bool = False
    factor: str = ""
    ask: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One of V01–V48. `severity`: B blocks, W warns. `kind`: measured or attested, where an attorney's statement settles
    what it finds. `before`: what it stands before. `packet`: it looks at a bound packet. `mend`: the name of the page
    (of urls.py) where it is mended: one about the request ("letter", "request", …), or "matter" and its others."""

    id: str
    severity: str
    kind: str
    title: str | Promise
    source: str
    find: Callable[[Facts], Iterable[Problem]]
    mend: str
    before: str = "release"
    packet: bool = False

    @property
    def where_from(self) -> str:
        """Its source, for the page."""
        return sources.said(self.source)

    def stated(self, problem: Problem) -> bool:
        """Whether an attorney's word may settle it: a warning, what is attested, or what the rule says of this."""
        by_nature = self.severity == "W" or self.kind == "attested"
        return by_nature if problem.stated is None else problem.stated


def mark_of(*facts: object) -> str:
    """Tells whether what a statement was about is still the same."""
    return hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()[:16]


def of_document(document: Document) -> str:
    """The mark of a document as it is filed: its pages, its title, what it supports, what was read on it."""
    supports = sorted(tag.factor_id for tag in document.tags.all())
    return mark_of(document.print_sha256, document.title, document.item_id, supports, document.particulars)


def unsettled(facts: Facts, *kinds: str) -> Iterator[Problem]:
    """The filed documents on whose pages something of these kinds was found that nobody settled."""
    for document, findings in facts.unsettled.items():
        if pages := sorted({each.page for each in findings if each.kind in kinds}):
            words = {"document": document, "pages": ", ".join(map(str, pages))}
            why = _("%(document)s: settle what was found on its pages (%(pages)s) first.") % words
            yield Problem(why, document, f"found {document.pk}"[:64], mark_of(pages), stated=False)


def about_each(documents: Iterable[Document], why: str) -> Iterator[Problem]:
    """The same sentence (with %(document)s) about each of them; a statement is about one of them as it is now."""
    for document in documents:
        yield Problem(why % {"document": document}, document, str(document.pk), of_document(document))
