"""The store fails at each place a file passes on its way: nothing that was received is lost, nothing comes twice, and nobody
sees a page but the kind ones. Each fault is there for a while, then it is lifted, and the work is done again."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from typing import Any

import pytest
from botocore.config import Config
from django.test import Client
from django.urls import reverse

from accounts.audit import trail, verify
from accounts.models import User
from documents import tagging, vault
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import Document, Factor, Matter, Packet, Request
from documents.packets import order, releasing
from documents.packets.binding import bind_packet
from documents.vault import Area
from tests.conftest import Browser, simple_pdf
from tests.store_double import LOST, Relay, Rule, Spoil, answer, flipped, shortened
from tests.test_send import body, post

SMALL = simple_pdf(2)
LARGE = SMALL + b"%" + b"0123456789abcdef" * 600_000  # more than one part of an upload
BROKEN, BUSY = answer("500 Internal Server Error", "InternalError"), answer("503 Service Unavailable", "SlowDown")
FOREVER = 1_000
# What the store does, and how many requests it does it to before it is itself again.
AWAY: dict[str, tuple[Any, int]] = {
    "500 once": (BROKEN, 1),
    "503 three times": (BUSY, 3),
    "503 for ever": (BUSY, FOREVER),
    "its answer is lost": (LOST, 1),
}
WRITES = AWAY | {
    "another bit arrives": (Spoil(request=flipped), FOREVER),
    "not all of it arrives": (Spoil(request=shortened), FOREVER),
}
READS = AWAY | {
    "another bit comes back": (Spoil(answer=flipped), FOREVER),
    "not all of it comes back": (Spoil(answer=shortened), FOREVER),
}


@dataclass(frozen=True)
class Place:
    """Where on its way a file is: the requests that the fault is in, and the work they belong to."""

    asks: str
    work: str
    content: bytes = SMALL
    has: str = ""

    @property
    def faults(self) -> dict[str, tuple[Any, int]]:
        return {"PUT": WRITES, "POST": WRITES, "GET": READS}.get(self.asks.split()[0], AWAY)

    def meets(self, asked: str) -> bool:
        return asked.startswith(self.asks) and self.has in asked and "/keys/" not in asked


PLACES = {
    "put into intake": Place("PUT /amparo-intake", "send"),
    "begin a large one": Place("POST /amparo-intake", "send", LARGE, "?uploads"),
    "put a part": Place("PUT /amparo-intake", "send", LARGE, "partNumber="),
    "complete a large one": Place("POST /amparo-intake", "send", LARGE, "?uploadId="),
    "read back from intake": Place("GET /amparo-intake", "send"),
    "get from intake": Place("GET /amparo-intake", "check"),
    "put into the vault": Place("PUT /amparo-vault", "check"),
    "read back from the vault": Place("GET /amparo-vault", "check"),
    "let go of intake": Place("DELETE /amparo-intake", "check"),
    "get what is prepared": Place("GET /amparo-vault", "prepare"),
    "put a print": Place("PUT /amparo-vault", "prepare"),
    "get a print": Place("GET /amparo-vault", "bind"),
    "put a part of a packet": Place("PUT /amparo-vault", "bind"),
}


@pytest.fixture
def faulty(settings: Any) -> Iterator[Callable[[Rule], Callable[[], None]]]:
    """Put a relay before the store; what comes back lifts the fault. One attempt more than one, and short patience."""
    with ExitStack() as stack:

        def start(rule: Rule) -> Callable[[], None]:
            relay = stack.enter_context(Relay(settings.S3_ENDPOINT_URL, rule))
            before = settings.STORAGES
            settings.STORAGES = {**before, **{area: _at(relay.url, before[area]) for area in Area}}

            def lift() -> None:
                settings.STORAGES = before

            return lift

        yield start


def _at(url: str, storage: dict[str, Any]) -> dict[str, Any]:
    quick = Config(connect_timeout=1, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})
    options = storage["OPTIONS"]
    return {
        **storage,
        "OPTIONS": {**options, "endpoint_url": url, "client_config": options["client_config"].merge(quick)},
    }


@dataclass
class Way:
    """A file's way, each work of it again and again until it is done, as the queue and the sweep have it done."""

    matter: Matter
    request: Request
    phone: Client
    team: User

    def go(self, work: str, content: bytes) -> None:
        getattr(self, work)(content)

    @property
    def document(self) -> Document:
        return Document.objects.select_related("matter").get(matter=self.matter)

    def send(self, content: bytes) -> None:
        """A form is answered with the page that tells what came of it, whatever the store does."""
        sent = post(self.phone, self.matter, body(("carta.pdf", content)))
        assert sent.status_code == 302
        page = self.phone.get(sent["Location"])
        said = "We could not save this file" not in page.content.decode()
        assert (page.status_code, said) == (200, self.matter.documents.exists())

    def check(self, _content: bytes) -> None:
        with suppress(vault.StoreUnavailable):  # then its job failed, and the sweep takes the row up
            check(self.document)

    def prepare(self, _content: bytes) -> None:
        prepare(self.document)

    def bind(self, _content: bytes) -> None:
        if not self.request.packets.exists():
            tagging.tag(self.document, Factor.objects.get(code="FAMILY_USC_LPR"), actor=self.team)
            tagging.accept(self.document, actor=self.team)
            order.order(self.request, actor=self.team)
        packet = self.request.packets.get()
        if packet.state == Packet.State.FAILED:  # a person orders it again
            releasing.retry(packet, actor=self.team)
        bind_packet(packet)


@pytest.fixture
def way(matter: Matter, request_: Request, browser: Browser, maria: User, ana: User) -> Way:
    maria.language = "en"
    maria.save()
    return Way(matter, request_, browser(maria), ana)


WORKS = ["send", "check", "prepare", "bind"]
ENDS = {"send": "received", "check": "clean", "prepare": "ready"}


CASES = [(place, fault) for place in PLACES for fault in PLACES[place].faults]


@pytest.mark.parametrize(("place", "fault"), CASES)
def test_a_store_that_fails_there_loses_nothing_and_doubles_nothing(
    way: Way, place: str, fault: str, faulty: Callable[[Rule], Callable[[], None]]
) -> None:
    at, met = PLACES[place], count(1)
    does, times = at.faults[fault]
    for work in WORKS[: WORKS.index(at.work)]:
        way.go(work, at.content)
    lift = faulty(lambda asked: does if at.meets(asked) and next(met) <= times else None)
    way.go(at.work, at.content)
    assert next(met) > 1  # the fault was met, or this would prove nothing
    nobody_sees_what_is_not_ready(way)
    lift()
    for _again in range(2):
        way.go(at.work, at.content)
    stands_once(way, at)


def nobody_sees_what_is_not_ready(way: Way) -> None:
    for document in way.matter.documents.exclude(state="ready"):
        asked = [
            way.phone.get(reverse("page", args=[document.pk, 1])),
            way.phone.get(reverse("document", args=[document.pk])),
        ]
        assert [answer.status_code for answer in asked] == [404, 200]


def kept(document: Document) -> Iterator[tuple[Area, str, str]]:
    """Every object that the document promises, with its SHA-256."""
    whole = (Area.VAULT, document.vault_key) if document.vault_key else (Area.INTAKE, document.intake_key)
    yield *whole, document.sha256
    if document.print_key:
        yield Area.VAULT, document.print_key, document.print_sha256
    yield from ((Area.VAULT, page.preview_key, page.preview_sha256) for page in document.page_set.all())


def stands_once(way: Way, at: Place) -> None:
    """One document, one receipt, its very bytes, a whole chain; of a packet each page once."""
    document = way.document
    if at.work == "bind":
        packet = way.request.packets.get()
        pages = list(packet.ledger.exclude(document=None).values_list("source_page", flat=True))
        assert (packet.state, pages, packet.parts.count()) == ("bound", [1, 2], 1)
    else:
        assert document.state == ENDS[at.work]
    for area, key, digest in kept(document):
        assert vault.fingerprint(area, key, under=bytes(way.matter.key)).sha256 == digest
    assert document.sha256 == sha256(at.content).hexdigest()
    received = [event for event in trail(document.audit_chain) if event.kind == "received"]
    assert [event.outcome for event in received].count("done") == 1
    assert verify() == []
