"""From a matter's rows to a frozen order: which documents go in, behind which tab, and what stands in the way."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.dateformat import format as formatted

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User, policy
from documents import lifecycle, offices, queue
from documents.models import Document, FittedPrint, Packet, Request
from documents.packets import arranging, rules
from documents.packets.letter import DATE
from documents.packets.naming import titles
from documents.packets.profiles import Profile
from documents.packets.shape import CoverData, Exhibit, FactorRef, LetterData, Order, Respondent, Source
from documents.pairing import Group
from portal import hours

UNDATED = ""
UNYIELDING = {"V11"}  # what must never be filed is in no packet, not even in one that nobody can release


class CannotOrder(Exception):
    """Something stands in the way; `results` are the rules that say what."""

    def __init__(self, results: list[rules.Result]) -> None:
        super().__init__(" ".join(result.why for result in results))
        self.results = results


def order(request: Request, *, actor: User | None, despite: Collection[str] = ()) -> Packet:
    """Freeze the list of documents, their bytes, the letter and the time, and have it bound.

    An earlier packet that nobody released yet is returned by it. Raises CannotOrder. `despite`: rules that are on the
    record and do not stop it, for a packet that nobody can release. That every page is in it once is not a rule here:
    binding proves it, and nothing overrides that.
    """
    with transaction.atomic():
        request = take(request)
        frozen = freeze(request)
        words = rules.judge(request, frozen)
        failed = [result for result in words if result.blocks]
        if stopped := [result for result in words if result.stops_order and result.id not in {*despite} - UNYIELDING]:
            raise CannotOrder(stopped)
        for twin in request.packets.filter(state__in=[Packet.State.ORDERED, Packet.State.BINDING]):
            if Order.from_json(rules.canonical(twin)).essence() == frozen.essence():
                return twin  # the button was pressed twice
        for earlier in request.packets.filter(state=Packet.State.BOUND):
            lifecycle.move(earlier, Packet.State.RETURNED, actor=actor)
        if request.state in {Request.State.GATHERING, Request.State.READY}:
            lifecycle.move(request, Request.State.IN_REVIEW, actor=actor)
        last = request.packets.aggregate(last=Max("number"))["last"] or 0
        packet = Packet.objects.create(request=request, number=last + 1)
        frozen = replace(frozen, packet=str(packet.pk), ordered_at=timezone.now().isoformat(timespec="seconds"))
        record(
            AuditEvent.Kind.ORDERED,
            packet,
            actor=actor,
            order_sha256=frozen.digest(),
            count=len(frozen.exhibits),
            rules=sorted({result.id for result in failed}),
        )
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


def take(request: Request) -> Request:
    """The request and its evidence as they are now, and as they stay until the transaction ends: what is judged is what
    is frozen or released."""
    audit.take_turns(request.audit_chain)
    taken = Request.objects.select_for_update(of=("self",)).select_related("matter", "letter_signed_by")
    request = taken.get(pk=request.pk)
    list(request.matter.documents.select_for_update().values_list("pk"))
    return request


def freeze(request: Request) -> Order:
    """The order as the rows say it now, in the packet's own language, for no packet yet and without a time."""
    profile = offices.load(request.profile)
    with translation.override("en"):
        appearance, groups = arranging.groups(request)
        filed = [document for group in groups for document in group.documents]
        prints = fitted(request, [*filed, *([appearance] if appearance else [])])
        named = titles(group.head for group in groups)
        return Order(
            packet="",
            request=str(request.pk),
            profile=profile.code,
            profile_version=profile.version,
            cover=_cover(request, profile),
            letter=LetterData.of(printed(request)) if request.letter.strip() else None,
            appearance=_source(appearance, prints) if appearance else None,
            exhibits=tuple(_exhibit(group, name, prints) for group, (_, name) in zip(groups, named, strict=True)),
            ordered_at=UNDATED,
        )


def printed(request: Request) -> str:
    """The letter as it is printed: dated on the day an attorney signed it, where it says so."""
    if not request.letter_signed_at:
        return request.letter
    return request.letter.replace(DATE, formatted(hours.day(request.letter_signed_at), "F j, Y"))


def fitted(request: Request, documents: Iterable[Document]) -> dict[str, str]:
    """SHA-256 of the smaller pages the request wants filed, by the SHA-256 of those they were made from."""
    if not request.fit:
        return {}
    rows = FittedPrint.objects.filter(document__in=documents, dpi=request.fit).exclude(key="")
    return dict(rows.values_list("of_sha256", "sha256"))


def _exhibit(group: Group, title: str, prints: Mapping[str, str]) -> Exhibit:
    item = group.head.item_id
    return Exhibit(
        title=title,
        factors=tuple(FactorRef(factor.code, factor.name_en) for factor in arranging.factors_of(group)),
        sources=tuple(_source(document, prints) for document in group.documents),
        handles=(*(f"D{document.number}" for document in group.documents), *([item] if item else [])),
        note="With its English translation." if len(group.documents) > 1 else "",
    )


def _source(document: Document, prints: Mapping[str, str]) -> Source:
    return Source(
        document=str(document.pk),
        sha256=document.sha256,
        print_sha256=prints.get(document.print_sha256, document.print_sha256),
        pages=document.pages,
        use=((1, document.pages),),
        title=document.exhibit_title,
    )


def _cover(request: Request, profile: Profile) -> CoverData:
    firm, name = policy(), request.matter.respondent
    number = f"A{request.matter.a_number}" if request.matter.a_number else ""
    counsel = request.letter_signed_by.name if request.letter_signed_by else ""
    return CoverData(
        filer=tuple(_lines([counsel, firm.firm_name, firm.address, firm.phone])),
        office=tuple(_lines([request.office])),
        respondents=(Respondent(name, number, _family(name)),) if name else (),
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
