"""The store fails while a file comes in pieces, and while photos become one paper: no piece that was acknowledged is lost, no
paper is there twice, and the sender hears a kind sentence. Each fault is there for a while, then it is lifted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit import verify
from accounts.models import User
from documents import vault
from documents.intake import arriving
from documents.models import Document, Matter, Upload
from documents.preparing import album
from tests import fixtures
from tests.conftest import Browser
from tests.phones import LETTER, Phone
from tests.store_double import LOST, Rule, Spoil, answer, flipped, shortened
from tests.test_store_faults import BROKEN, BUSY, FOREVER
from tests.test_store_faults import faulty as faulty

Faulty = Callable[[Rule], Callable[[], None]]
REFUSED, CUT = answer("403 Forbidden", "AccessDenied"), 40  # bytes of the answer before the line is cut
PHOTOS = [fixtures.jpeg(640 + n, 480) for n in range(3)]
STEP = len(LETTER) // 3 + 1
# What the store does, and how many requests it does it to before it is itself again.
AWAY: dict[str, tuple[Any, int]] = {
    "refused": (REFUSED, FOREVER),
    "500 once": (BROKEN, 1),
    "503 for ever": (BUSY, FOREVER),
    "done, and its answer lost": (LOST, 1),
    "done each time, and no answer comes": (LOST, FOREVER),
    "cut in the answer": (CUT, FOREVER),
}
FAULTS = {
    "PUT": AWAY | {"another bit arrives": (Spoil(request=flipped), FOREVER)},
    "GET": AWAY
    | {
        "another bit comes back": (Spoil(answer=flipped), FOREVER),
        "not all of it comes back": (Spoil(answer=shortened), FOREVER),
    },
}
# The first piece and the last one; a photo, the paper read back, its photos compared.
PIECES = [(method, first, fault) for method in FAULTS for first in (1, 3) for fault in FAULTS[method]]
PAPERS = [("PUT", 1, fault) for fault in FAULTS["PUT"]] + [("GET", n, fault) for n in (1, 4, 5) for fault in FAULTS["GET"]]
BY_ITSELF = [each for each in PAPERS if each[2] in {"refused", "done, and its answer lost", "cut in the answer"}]
TOLD = "What you sent and we confirmed is safe."
KIND = {204, 409, 410, 503}  # 410: the bytes that came back are not what was sent


def fails(method: str, first: int, fault: str) -> tuple[Rule, Callable[[], bool]]:
    """From the `first` request of this kind on; and whether it was met."""
    (does, times), met = FAULTS[method][fault], count(1)
    seen: list[int] = []

    def rule(asked: str) -> Any:
        if not asked.startswith(f"{method} /amparo-intake"):
            return None
        seen.append(next(met))
        return does if first <= seen[-1] < first + times else None

    return rule, lambda: bool(seen and seen[-1] >= first)


@dataclass
class Sender:
    """Goes on from where the portal says that the file has arrived; remembers what was acknowledged."""

    phone: Phone
    where: str
    acknowledged: int = 0
    answers: list[Any] = field(default_factory=list)

    def go_on(self, tries: int = 4) -> None:
        at = self._arrived()
        while tries and at < len(LETTER):
            told = self.phone.send(self.where, at, LETTER[at : at + STEP])
            self.answers.append(told)
            if told.status_code == 204:
                self.acknowledged = int(told["Upload-Offset"])
            tries -= told.status_code != 204
            at = self._arrived()

    def choose_again(self) -> None:
        """The same file once more, as after a reload: where the portal let go of the first, it begins anew."""
        where = self.phone.begin()["Location"]
        self.acknowledged = self.acknowledged if where == self.where else 0
        self.where = where

    def _arrived(self) -> int:
        """Asked while the store is away it may be told to wait."""
        told = self.phone.client.head(self.where, headers={"Tus-Resumable": "1.0.0"})
        self.answers.append(told)
        at = int(told.get("Upload-Offset") or self.acknowledged)
        assert at >= self.acknowledged
        return at


@pytest.fixture
def sender(matter: Matter, maria: User, browser: Browser) -> Sender:
    maria.language = "en"
    maria.save()
    phone = Phone(browser(maria), matter)
    return Sender(phone, phone.begin()["Location"])


@pytest.mark.parametrize(("method", "first", "fault"), PIECES)
def test_no_piece_is_lost_and_none_is_there_twice(
    sender: Sender, method: str, first: int, fault: str, faulty: Faulty
) -> None:
    rule, met = fails(method, first, fault)
    lift = faulty(rule)
    sender.go_on()
    assert met()
    assert all(kind(told) for told in sender.answers)
    lift()
    sender.choose_again()
    sender.go_on()
    stands_once([LETTER])


def kind(told: Any) -> bool:
    """No 5xx but the one that says what is safe."""
    plain = told.status_code != 503 or told.headers.get("Retry-After") == "30"
    return plain and told.status_code in KIND | {200} and (told.status_code != 503 or says(told))


def says(told: Any) -> bool:
    return told.wsgi_request.method == "HEAD" or TOLD in told.content.decode()


def stands_once(contents: list[bytes]) -> None:
    """One document, of these very bytes in this order, one receipt, and every upload knows it."""
    document = Document.objects.select_related("matter").get()
    under = bytes(document.matter.key)
    stored = b"".join(vault.chunks(vault.Area.INTAKE, document.intake_key, under=under))
    inside = [sha256(stored).hexdigest()] if len(contents) == 1 else list(album.digests(iter([stored])))
    assert inside == [sha256(content).hexdigest() for content in contents]
    assert sha256(stored).hexdigest() == document.sha256
    uploads = set(Upload.objects.exclude(state="abandoned").values_list("state", "document_id", "duplicate"))
    assert uploads == {("received", document.pk, False)}
    assert verify() == []


# Photos of one paper


@pytest.fixture
def pages(sender: Sender, matter: Matter) -> list[Upload]:
    Upload.objects.all().delete()
    paper = uuid4()
    for page, photo in enumerate(PHOTOS, 1):
        told = Phone(sender.phone.client, matter).begin(len(photo), body=photo, paper=paper, page=page, filename="a.jpg")
        assert told.status_code == 201
    return list(Upload.objects.order_by("page"))


def by_hand(client: Client, matter: Matter, pages: list[Upload]) -> Any:
    told = {"upload": [str(page.pk) for page in pages], "turn": ["0"] * len(pages)}
    return client.post(reverse("papers", args=[matter.pk]), told)


@pytest.mark.parametrize(("method", "first", "fault"), PAPERS)
def test_a_paper_is_there_once_and_no_photo_of_it_is_lost(
    sender: Sender, matter: Matter, pages: list[Upload], method: str, first: int, fault: str, faulty: Faulty
) -> None:
    rule, met = fails(method, first, fault)
    lift = faulty(rule)
    told = by_hand(sender.phone.client, matter, pages)
    assert met()
    assert kind(told)
    all_or_nothing(told.status_code == 204)
    lift()
    for _again in range(2):
        assert by_hand(sender.phone.client, matter, pages).status_code == 204
    stands_once(PHOTOS)


def all_or_nothing(done: bool) -> None:
    """Until there is a document, every page waits as it did."""
    assert Document.objects.exists() == done
    assert {upload.state for upload in Upload.objects.all()} == {"received" if done else "kept"}


@pytest.mark.parametrize(("method", "first", "fault"), BY_ITSELF)
def test_nor_when_the_worker_puts_it_together(
    pages: list[Upload], method: str, first: int, fault: str, faulty: Faulty
) -> None:
    Upload.objects.update(touched_at=timezone.now() - arriving.A_WHILE - timedelta(minutes=1))
    rule, met = fails(method, first, fault)
    lift = faulty(rule)
    try:
        arriving.expire()
    except vault.StoreUnavailable:  # its next minute comes
        assert not Document.objects.exists()
    assert met()
    all_or_nothing(Document.objects.exists())
    lift()
    for _again in range(2):
        arriving.expire()
    stands_once(PHOTOS)
