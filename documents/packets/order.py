"""From a matter's rows to a frozen order: which documents go in, behind which tab, and what stands in the way."""

import json
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.dateformat import format as formatted

from accounts.audit import record
from accounts.models import AuditEvent, User, policy
from documents import lifecycle, queue
from documents.models import Document, Factor, Packet, Request
from documents.packets import profiles, rules
from documents.packets.shape import CoverData, Exhibit, FactorRef, LetterData, Order, Respondent, Source

APPEARANCE = "REPRESENTATION"
BEFORE = ["DECLARATION", "IDENTITY", "CHARGING"]  # what comes before the factors, in this order
AFTER = ["PRIOR_REQUEST", "BACKGROUND_CHECK", "PHOTO_EXHIBIT", "TRANSLATION"]  # and what comes after them
UNDATED = ""


class CannotOrder(Exception):
    """Something stands in the way; `results` are the rules that say what."""

    def __init__(self, results: list[rules.Result]) -> None:
        super().__init__(" ".join(result.why for result in results))
        self.results = results


def order(request: Request, *, actor: User | None) -> Packet:
    """Freeze the list of documents, their bytes, the letter and the time, and have it bound.

    An earlier packet that nobody released yet is returned by it. Raises CannotOrder.
    """
    with transaction.atomic():
        request = Request.objects.select_for_update(of=("self",)).select_related("matter").get(pk=request.pk)
        if failed := [result for result in rules.judge(request, freeze(request)) if result.blocks]:
            raise CannotOrder(failed)
        for earlier in request.packets.filter(state=Packet.State.BOUND):
            lifecycle.move(earlier, Packet.State.RETURNED, actor=actor)
        if request.state in {Request.State.GATHERING, Request.State.READY}:
            lifecycle.move(request, Request.State.IN_REVIEW, actor=actor)
        last = request.packets.aggregate(last=Max("number"))["last"] or 0
        packet = Packet.objects.create(request=request, number=last + 1)
        frozen = freeze(request, packet=str(packet.pk), ordered_at=timezone.now().isoformat(timespec="seconds"))
        record(AuditEvent.Kind.ORDERED, packet, actor=actor, order_sha256=frozen.digest(), count=len(frozen.exhibits))
        lifecycle.move(
            packet,
            Packet.State.ORDERED,
            actor=actor,
            order=json.loads(frozen.to_json()),
            order_sha256=frozen.digest(),
            ordered_by=actor,
            ordered_at=frozen.ordered_at,
        )
        queue.defer("bind", packet)
    return packet


def freeze(request: Request, *, packet: str = "", ordered_at: str = UNDATED) -> Order:
    """The order as the rows say it now, in the packet's own language."""
    profile = profiles.load(request.profile)
    with translation.override("en"):
        filed = _filed(request)
        appearance = next((document for document in filed if _factors(document)[0].code == APPEARANCE), None)
        return Order(
            packet=packet,
            request=str(request.pk),
            profile=profile.code,
            profile_version=profile.version,
            cover=_cover(request, profile),
            letter=LetterData.of(request.letter) if request.letter.strip() else None,
            appearance=_source(appearance) if appearance else None,
            exhibits=tuple(_exhibit(document) for document in filed if document != appearance),
            ordered_at=ordered_at,
        )


def _filed(request: Request) -> list[Document]:
    """The accepted documents, in the order of their tabs."""
    accepted = request.matter.documents.filter(state=Document.State.READY, review=Document.Review.ACCEPTED)
    tagged = accepted.filter(tags__isnull=False).distinct().select_related("item").prefetch_related("tags__factor")
    return sorted(tagged, key=_place)


def _place(document: Document) -> tuple[object, ...]:
    return (*_rank(_factors(document)[0]), document.item.position if document.item else 999, document.number)


def _factors(document: Document) -> list[Factor]:
    """What the document supports; the first is the tab it is printed behind."""
    return sorted((tag.factor for tag in document.tags.all()), key=_rank)


def _rank(factor: Factor) -> tuple[int, int]:
    """Sections: appearance; declaration, identity; the positive factors, the seed's first; then the rest."""
    if factor.code == APPEARANCE:
        return (0, 0)
    for section, codes in ((1, BEFORE), (6, AFTER)):
        if factor.code in codes:
            return (section, codes.index(factor.code))
    if factor.code == "RELIEF_ELIGIBLE":
        return (3, 0)
    if factor.holds:
        return (4, factor.position)
    return (2 if factor.polarity == Factor.Polarity.POSITIVE else 5, factor.position)


def _exhibit(document: Document) -> Exhibit:
    return Exhibit(
        title=document.exhibit_title,
        factors=tuple(FactorRef(factor.code, factor.name_en) for factor in _factors(document)),
        sources=(_source(document),),
        handles=(f"D{document.number}", *([document.item_id] if document.item_id else [])),
    )


def _source(document: Document) -> Source:
    return Source(
        document=str(document.pk),
        sha256=document.sha256,
        print_sha256=document.print_sha256,
        pages=document.pages,
        use=((1, document.pages),),
        title=document.exhibit_title,
    )


def _cover(request: Request, profile: profiles.Profile) -> CoverData:
    firm, matter = policy(), request.matter
    counsel = request.letter_signed_by.name if request.letter_signed_by else ""
    return CoverData(
        filer=tuple(_lines([counsel, firm.firm_name, firm.address, firm.phone])),
        office=tuple(_lines([request.office])),
        respondents=(
            Respondent(matter.respondent, f"A{matter.a_number}" if matter.a_number else "", _family(matter.respondent)),
        ),
        title=profile.filing,
        form_asked=request.get_form_display(),
        stage=request.get_stage_display(),
        judge=request.judge,
        next_hearing=formatted(request.next_hearing, "F j, Y, g:i A") if request.next_hearing else "",
        notice="DETAINED" if request.detained else "",
    )


def _family(name: str) -> str:
    """“Rodríguez, María” and “María Rodríguez” both give Rodríguez."""
    before, comma, _after = name.partition(",")
    return before.strip() if comma else name.split()[-1]


def _lines(blocks: Iterable[str]) -> list[str]:
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]
