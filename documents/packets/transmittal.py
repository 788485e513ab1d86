"""The mail that carries a packet to the office: its subject, a text, and a case block, as the office wants them.

Only the text is anybody's to write. The rest is derived each time, so that it is never out of date, and none of it is kept.
"""

import hashlib
from collections.abc import Iterator

from django.db import transaction
from django.utils import translation
from django.utils.dateformat import format as formatted

from accounts.audit import record
from accounts.models import AuditEvent, User, policy
from documents import offices
from documents.models import Packet, Request

SECTION = "transmittal"


def wanted(request: Request) -> bool:
    """Whether this office takes a packet by mail."""
    return offices.load(request.profile).uses(SECTION)


def subject(request: Request) -> str:
    """The A-number and what it is, and nothing else: one office refused other subjects (Chicago, 2013)."""
    number = f"A{request.matter.a_number}" if request.matter.a_number else request.matter.respondent
    return f"{number} {offices.load(request.profile).filing}"


def draft(request: Request) -> str:
    """A text to begin with."""
    with translation.override("en"):
        asked = str(request.get_form_display()).lower()
        what = offices.load(request.profile).filing
    return (
        f"Dear Counsel:\n\nAttached is a {what}. We ask for {asked}. The case and the files are named below.\n\n"
        "Please confirm that you received it, with its title and the number of its pages.\n\nThank you.\n"
    )


def change(request: Request, text: str, *, actor: User) -> None:
    """Keep the text of the mail."""
    with transaction.atomic():
        request.transmittal = text
        request.save(update_fields=["transmittal"])
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        record(AuditEvent.Kind.MOVED, request, actor=actor, field="transmittal", sha256=sha256)


def shown(request: Request, *, actor: User) -> None:
    """Somebody looks at a mail, which names the A-number: on the record, as everywhere."""
    if request.matter.a_number:
        with transaction.atomic():
            record(AuditEvent.Kind.REVEALED, request.matter, actor=actor, field="a_number")


def mail(request: Request, text: str, packet: Packet | None) -> str:
    """The whole mail, to copy. `packet`: the one that goes out, whose files are attached."""
    with translation.override("en"):
        files = list(_files(packet)) if packet else []
        return "\n".join([text.strip(), "", *_case(request), *files, "", *_counsel(request)])


def _case(request: Request) -> Iterator[str]:
    matter, hearing = request.matter, request.next_hearing
    yield f"Name: {matter.respondent}"
    yield f"A-number: {f'A{matter.a_number}' if matter.a_number else 'none known'}"
    yield f"Detained: {'YES' if request.detained else 'no'}"
    if request.judge:
        yield f"Judge: {request.judge}"
    yield f"Next hearing: {formatted(hearing, 'F j, Y, g:i A') if hearing else 'none scheduled that we know of'}"


def _files(packet: Packet) -> Iterator[str]:
    yield f"Pages in all: {packet.total_pages}"
    for part in packet.parts.all():
        yield f"Attached: {part.filename}, pages {packet.label(part.first_page)} to {packet.label(part.last_page)}"


def _counsel(request: Request) -> Iterator[str]:
    firm, signer = policy(), request.letter_signed_by
    lines = [signer.name if signer else "", firm.firm_name, *firm.address.splitlines(), firm.phone, _mail_of(signer)]
    yield from (line.strip() for line in lines if line.strip())


def _mail_of(signer: User | None) -> str:
    return signer.email if signer else ""
