"""Before anything is filed, the client reads two things and answers: what a yes means, and the list of papers.

Every answer is kept. The client gives it, or somebody of the firm who read it aloud records what the client said.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle, matters, messages, options, outcome
from documents.models import Agreement, Document, Matter, Request
from documents.packets.freezing import adds, freeze
from documents.packets.order import take
from documents.packets.rules.asking import consents, list_mark, understands
from documents.packets.shape import Order

Kind = Agreement.Kind
BEFORE_FILING: Final = (Request.State.GATHERING, Request.State.IN_REVIEW, Request.State.READY)


class CannotAgree(Exception):
    """What was read is not what stands there now, or nobody is asked; the message says which."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of the list, as its client knows it: never by what it argues."""

    document: Document
    title: str

    @property
    def pk(self) -> str:
        return str(self.document.pk)


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the two things. `last`: what was answered, in whatever state the thing was then; `open`: an answer to what
    stands there now is still missing."""

    request: Request
    kind: Agreement.Kind
    last: Agreement | None
    open: bool


def answer(
    request: Request, kind: Agreement.Kind, *, agreed: bool, seen: str, actor: User,
    objections: dict[str, str] | None = None, words: str = "",
) -> Agreement:  # fmt: skip
    """What the client says to it. `seen`: the mark of what was read. `objections`: document to reason, of papers that
    shall not be sent; the yes is then to the list without them. The same answer given twice is one. Raises CannotAgree.
    """
    with transaction.atomic():
        lifecycle.take_turns(str(request.matter_id))
        request = take(request)
        person, now = _client(request), freeze(request, as_they_came=True)
        _require(request, kind, now, seen, unwanted := objections or {})
        if unwanted:
            words = f"{_unwanted(now, unwanted, person)}\n{words}".strip()
        given = Agreement(
            request=request,
            person=person,
            kind=kind,
            version=outcome.VERSION if kind == Kind.OUTCOME else list_mark(_pages(now), without=unwanted),
            language=person.language,
            read_aloud=not actor.is_client,
            agreed=agreed,
            objections=sorted(unwanted),
            words=words,
            recorded_by=None if actor.is_client else actor,
        )
        return _said_already(given) or _keep(given, actor)


def asked(request: Request) -> list[Asked]:
    """The two things, as far as there is something to read: nothing before the options memo is complete."""
    if over(request) or not options.complete(request):
        return []
    person, now = matters.client_of(request.matter), freeze(request, as_they_came=True)
    last = {one.kind: one for one in request.agreements.filter(person=person)}
    found = [Asked(request, Kind.OUTCOME, last.get("outcome"), not understands(last.get("outcome"), person))]
    if any(now.sources()):
        found.append(
            Asked(request, Kind.EVIDENCE, last.get("evidence"), not consents(last.get("evidence"), person, _pages(now)))
        )
    return found


def of_matter(matter: Matter) -> list[Asked]:
    """Of the newest request that is not filed yet, or has something to add to what was filed."""
    for request in matter.requests.filter(state__in=(*BEFORE_FILING, Request.State.FILED)).select_related("matter"):
        if found := asked(request):
            return found
    return []


def over(request: Request) -> bool:
    """Nobody is asked any more: it went out, and nothing came after that which a supplement could add."""
    return request.state not in BEFORE_FILING and (request.state != Request.State.FILED or not adds(request))


def papers(request: Request, language: str) -> list[Paper]:
    """The list of what is going to be filed now, in that language."""
    return _papers(request, freeze(request, as_they_came=True), language)


def seen_now(request: Request, kind: Agreement.Kind) -> str:
    """The mark of what there is to read."""
    return outcome.VERSION if kind == Kind.OUTCOME else list_mark(_pages(freeze(request, as_they_came=True)))


def remind(request: Request, *, token: UUID, actor: User) -> None:
    """A neutral message to the client that there is something to read. Raises CannotAgree."""
    client = _client(request)
    with override(client.language):
        text = _("Please read what is on your page before we send anything. Then tell us if it is right.")
    messages.write(request.matter, text, token=token, actor=actor)


def _pages(now: Order) -> dict[str, str]:
    return {source.document: source.print_sha256 for source in now.sources()}


def _client(request: Request) -> User:
    if client := matters.client_of(request.matter):
        return client
    raise CannotAgree(_("No client is on this matter yet."))


def _require(request: Request, kind: Agreement.Kind, now: Order, seen: str, unwanted: Iterable[str]) -> None:
    if over(request) or not options.complete(request):
        raise CannotAgree(_("There is nothing to read right now."))
    if seen != (outcome.VERSION if kind == Kind.OUTCOME else list_mark(_pages(now))):
        raise CannotAgree(_("This changed while you were reading. Here it is as it is now."))
    if {*unwanted} - {source.document for source in now.sources()}:
        raise CannotAgree(_("This changed while you were reading. Here it is as it is now."))


def _said_already(given: Agreement) -> Agreement | None:
    names = ("person_id", "version", "language", "read_aloud", "agreed", "objections", "words", "recorded_by_id")
    last = Agreement.objects.filter(request=given.request, kind=given.kind).last()
    same = last and all(getattr(last, name) == getattr(given, name) for name in names)
    return last if same else None


def _keep(given: Agreement, actor: User) -> Agreement:
    given.save(force_insert=True)
    record(
        AuditEvent.Kind.AGREED,
        given.request,
        actor=actor,
        outcome="agreed" if given.agreed else "asked",
        type=str(given.kind),
        version=given.version,
        language=given.language,
        method="read_aloud" if given.read_aloud else "read",
        count=len(given.objections),
    )
    if actor.is_client and given.words:
        token = uuid5(NAMESPACE_URL, f"{given.request_id} {given.kind} {given.pk}")
        messages.write(given.request.matter, given.words[: messages.LONGEST], token=token, actor=actor)
    return given


def _unwanted(now: Order, unwanted: dict[str, str], person: User) -> str:
    """In the client's language, for the message thread: which papers, and why."""
    documents = {str(one.pk): one for one in Document.objects.filter(pk__in=unwanted).select_related("item")}
    with override(person.language):
        lines = [
            _("Please do not send: %(paper)s. %(why)s") % {"paper": _title(documents[pk]), "why": why}
            for pk, why in sorted(unwanted.items())
        ]
    return "\n".join(line.strip() for line in lines)


def _papers(request: Request, now: Order, language: str) -> list[Paper]:
    order = dict.fromkeys(source.document for source in now.sources())
    found = {str(one.pk): one for one in request.matter.documents.filter(pk__in=order).select_related("item")}
    with override(language):
        return [Paper(found[pk], _title(found[pk])) for pk in order]


def _title(document: Document) -> str:
    return str(document.item or document.name)
