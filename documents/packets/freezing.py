"""What an order made now would freeze: the evidence, the letter and the cover as the rows say them."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from django.utils import translation
from django.utils.dateformat import format as formatted

from accounts.models import policy
from documents import offices
from documents.models import Document, Filing, FittedPrint, Packet, Request, Translation
from documents.packets import arranging
from documents.packets.letter import DATE
from documents.packets.naming import titles
from documents.packets.profiles import Profile
from documents.packets.shape import CoverData, Exhibit, FactorRef, Filed, LetterData, Order, Respondent, Source
from documents.pairing import Group
from portal import hours

UNDATED = ""


def freeze(request: Request, *, without: Collection[str] = (), as_they_came: bool = False) -> Order:
    """The order as the rows say it now, in the packet's own language, for no packet yet and without a time. `without`:
    documents (ids) that stay out of it; `as_they_came`: with the pages in no other form."""
    profile = offices.load(request.profile)
    with translation.override("en"):
        appearance, groups = arranging.groups(request, without=without)
        papers = [document for group in groups for document in group.documents]
        filed = [*papers, *([appearance] if appearance else [])]
        prints = {} if as_they_came else fitted(request, filed)
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


def sketch(request: Request, documents: Iterable[Document], pairs: Iterable[Translation]) -> Order:
    """`freeze` of documents that were fetched with their types and tags, and of the pairs among them, without cover and
    office: what is filed, in which order, and the letter. No query."""
    with translation.override("en"):
        appearance, groups = arranging.among(documents, pairs, request.tab_order)
        named = titles(group.head for group in groups)
        return Order(
            packet="",
            request=str(request.pk),
            profile=request.profile,
            profile_version="",
            cover=CoverData((), (), (), ""),
            letter=LetterData.of(printed(request)) if request.letter.strip() else None,
            appearance=_source(appearance, {}) if appearance else None,
            exhibits=tuple(_exhibit(group, name, {}) for group, (_, name) in zip(groups, named, strict=True)),
            ordered_at=UNDATED,
        )


def supplement(request: Request) -> Order | None:
    """What an order of all that is new since the last packet was filed would freeze: without the letter, which the office
    has. None where nothing was filed yet. It may have no exhibit."""
    packet = filed(request)
    if packet is None:
        return None
    sent = [packet, *packet.supplements.filter(state=Packet.State.FILED)]
    orders = [Order.from_json(json.dumps(each.order)) for each in sent]
    with translation.override("en"):
        day = formatted(hours.day(Filing.objects.get(packet=packet).filed_at), "F j, Y")
    onto = Filed(
        packet=str(packet.pk),
        day=day,
        pages=packet.total_pages,
        tabs=sum(len(order.exhibits) for order in orders),
        added=sum(each.total_pages for each in sent[1:]),
        number=len(sent),
    )
    now = freeze(request, without={source.document for order in orders for source in order.sources()})
    title = f"Supplement to {now.cover.title}"
    return replace(now, letter=None, onto=onto, cover=replace(now.cover, title=title))


def adds(request: Request) -> bool:
    """Whether something came after the filing that a supplement could add to it."""
    now = supplement(request)
    return bool(now and now.exhibits)


def filed(request: Request) -> Packet | None:
    """The whole packet that the office has: the last that was filed and is no supplement."""
    return request.packets.filter(state=Packet.State.FILED, adds_to=None).first()


def printed(request: Request) -> str:
    """The letter as it is printed: dated on the day an attorney signed it, where it says so."""
    if not request.letter_signed_at:
        return request.letter
    return request.letter.replace(DATE, formatted(hours.day(request.letter_signed_at), "F j, Y"))


def fitted(request: Request, documents: Iterable[Document]) -> dict[str, str]:
    """SHA-256 of the pages in the form the request wants filed, by the SHA-256 of those they were made from."""
    if not request.fit and not request.searchable:
        return {}
    rows = FittedPrint.objects.filter(document__in=documents, dpi=request.fit).exclude(key="")
    wanted = rows if request.searchable else rows.filter(words=False)
    return dict(wanted.order_by("words").values_list("of_sha256", "sha256"))  # those with words, where there are such


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
