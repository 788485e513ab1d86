"""Guards behind guards: each is taken for itself, where the one before it would have let something through."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from documents import access, custody, lifecycle, vault
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import Document, Hold, Matter, Packet, PacketPage, Request
from documents.packets import bind, order, profiles
from documents.packets.binder import write_part
from documents.packets.binding import bind_packet
from documents.packets.shape import CannotBind, Order
from documents.preparing import PreparingFailed, sandbox
from documents.preparing.words import Limits
from documents.scanning import MARKER
from documents.vault.sealing import PART
from tests.clamd_double import Clamd, says
from tests.conftest import Browser, person, sent, simple_pdf
from tests.papers import paper, shut
from tests.store_double import Rule
from tests.test_lifecycle import other_connection
from tests.test_store_faults import LARGE
from tests.test_store_faults import faulty as faulty

Area = vault.Area
OTHER = simple_pdf(1, "Otra")


# Out of a packet: whatever is in it counts


@pytest.fixture
def released(matter: Matter, maria: User, request_: Request, ana: User) -> Packet:
    """A released packet of two documents, by its rows."""
    both = [paper(matter, maria, pages=1), paper(matter, maria, pages=1)]
    whose = {"released_by": ana, "released_at": both[0].received_at, "state": Packet.State.RELEASED}
    packet = Packet.objects.create(request=request_, number=1, total_pages=2, **whose)
    picture = vault.seal([b"\xff\xd8 a picture"], Area.VAULT, under=bytes(matter.key))
    for number, document in enumerate(both, 1):
        PacketPage.objects.create(
            packet=packet, number=number, part=1, part_page=number, kind="exhibit", document=document, source_page=1,
            draft_key=picture.key, draft_sha256=picture.sha256,
        )  # fmt: skip
    return packet


@pytest.fixture
def doubted(released: Packet) -> Packet:
    """Something was found in the second document since."""
    shut(Document.objects.get(number=2), state=Document.State.QUARANTINED)
    return released


@pytest.fixture
def anas(browser: Browser, ana: User) -> Client:
    return browser(ana)


def asked(client: Client, packet: Packet, name: str, *more: int) -> int:
    return client.get(reverse(name, args=[packet.pk, *more])).status_code


def test_as_long_as_all_is_clear_it_leaves(released: Packet, anas: Client) -> None:
    assert [asked(anas, released, "packet_page", 1), asked(anas, released, "packet_ledger")] == [200, 200]


def test_no_picture_of_a_packet_leaves_that_holds_something_unclear(doubted: Packet, anas: Client) -> None:
    assert asked(anas, doubted, "packet_page", 1) == 404


def test_no_paper_of_a_packet_leaves_that_holds_something_unclear(doubted: Packet, anas: Client) -> None:
    assert [asked(anas, doubted, name) for name in ("packet_ledger", "packet_manifest")] == [404, 404]


def test_one_unclear_document_of_two_shuts_the_packet(doubted: Packet, anas: Client) -> None:
    assert asked(anas, doubted, "packet_page", 1) == 404


def test_a_ledger_asks_for_a_fresh_second_factor(released: Packet, browser: Browser, ana: User) -> None:
    answer = browser(ana, fresh=False).get(reverse("packet_ledger", args=[released.pk]))
    assert "/reauthenticate/" in answer.headers.get("Location", "")


def test_a_release_asks_for_a_fresh_second_factor(released: Packet, browser: Browser, ana: User) -> None:
    answer = browser(ana, fresh=False).post(reverse("packet_release", args=[released.pk]))
    assert "/reauthenticate/" in answer.headers["Location"]


def test_what_a_former_client_sent_is_not_the_next_ones(matter: Matter, maria: User) -> None:
    theirs = paper(matter, person("Rosa Rodríguez", Role.CLIENT))
    assert theirs not in access.documents(maria)


# In through the gate: the bytes that were scanned, and no others


class Swapping(Clamd):
    """Calls everything clean. Each time it is asked for its version, the file on the worker's disk is another one."""

    def __init__(self, work: Path, contents: list[bytes | None]) -> None:
        super().__init__(says(b"stream: OK\0"))
        self._work, self._contents = work, contents

    def _tell_version(self, line: Any) -> None:
        content = self._contents.pop(0) if self._contents else None
        for path in self._work.glob("work-*/file"):
            path.write_bytes(path.read_bytes() if content is None else content)
        super()._tell_version(line)


@pytest.fixture
def swapping(settings: Any) -> Iterator[Callable[..., None]]:
    """The scanner is asked for its version three times: before anything is fetched, before the scan, and after it."""
    started: list[Clamd] = []

    def start(*contents: bytes | None) -> None:
        started.append(Swapping(settings.WORK_DIR, [None, *contents]).__enter__())
        settings.CLAMD_ADDRESS = started[-1].address

    yield start
    for double in started:
        double.__exit__()


def test_bytes_changed_for_the_scanners_eyes_only_are_not_let_in(
    received: Document, swapping: Callable[..., None]
) -> None:
    swapping(OTHER, simple_pdf(2))  # other bytes are scanned, and then the old ones lie there again
    check(received)
    assert (received.state, received.vault_key) == ("received", "")


def test_bytes_changed_on_their_way_into_the_vault_are_not_let_in(
    matter: Matter, maria: User, settings: Any, faulty: Callable[[Rule], object]
) -> None:
    def change(asked: str) -> None:
        if asked.startswith("POST /amparo-vault") and asked.endswith("?uploads"):
            for path in settings.WORK_DIR.glob("work-*/file"):
                path.write_bytes(path.read_bytes()[:-1] + b"y")

    document = sent(LARGE * 2, "carta.pdf", matter, maria)
    faulty(change)
    check(document)
    assert (document.state, document.vault_key) == ("received", "")


def test_nothing_lies_in_the_vault_before_it_was_found_clean(
    matter: Matter, maria: User, faulty: Callable[[Rule], object]
) -> None:
    asked: list[str] = []
    document = sent(LARGE * 2 + MARKER, "carta.pdf", matter, maria)
    faulty(asked.append)
    check(document)
    kinds = [each.split()[0] for each in asked if "/amparo-vault" in each]
    assert (document.state, kinds) == ("quarantined", ["POST", "PUT", "PUT", "DELETE"])  # parts, and they were taken back


def test_with_the_very_bytes_the_same_scanner_lets_them_in(received: Document, swapping: Callable[..., None]) -> None:
    swapping(None, None)
    check(received)
    assert received.state == "clean"


def test_other_bytes_of_the_same_matter_are_never_prepared(received: Document, matter: Matter) -> None:
    check(received)
    other = vault.seal([OTHER], Area.VAULT, under=bytes(matter.key))
    Document.objects.filter(pk=received.pk).update(vault_key=other.key)
    prepare(received)
    assert (received.state, received.pages) == ("clean", 0)


# Two workers


@pytest.fixture
def elsewhere(received: Document) -> Iterator[psycopg.Connection]:
    """Another worker holds the document."""
    with other_connection() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [lifecycle._lock(received)])
        yield other


def test_what_another_worker_holds_is_left_alone(received: Document, elsewhere: psycopg.Connection) -> None:
    check(received)
    assert (received.state, received.verdicts.exists()) == ("received", False)


def test_what_another_worker_holds_is_not_taken_up(received: Document, elsewhere: psycopg.Connection) -> None:
    Document.objects.filter(pk=received.pk).update(state="checking")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert custody.recover()["check"] == 0


# At rest


def test_a_large_object_is_never_written_over_another(matter: Matter) -> None:
    under = bytes(matter.key)
    first, second = vault.seal([b"first"], Area.VAULT, under=under), vault.Seal(Area.VAULT, under=under)
    second.key = first.key
    second.write(b"x" * PART * 2)
    with pytest.raises(vault.AlreadyThere):
        second.close()
    assert vault.fingerprint(Area.VAULT, first.key, under=under).size == 5


# The sandbox


def test_processor_time_ends_before_the_deadline(tmp_path: Path) -> None:
    limits = Limits(seconds=4, cpu_seconds=1)
    with pytest.raises(PreparingFailed, match="processor time"):
        sandbox.run(
            "tests.sandbox_probes:spins", Path(__file__), tmp_path, limits=limits, readable=(Path(__file__).parent,)
        )


def test_an_answer_behind_a_link_is_none(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.json").write_text(json.dumps({"done": "a secret"}))
    (tmp_path / "answer.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(PreparingFailed):
        sandbox.read_json(tmp_path / "answer.json", 1000)


# Into a packet


def test_an_order_that_changed_is_not_bound(accepted: Document, request_: Request, ana: User) -> None:
    packet = order.order(request_, actor=ana)
    Packet.objects.filter(pk=packet.pk).update(order={**packet.order, "ordered_at": "2020-01-01T00:00:00+00:00"})
    bind_packet(packet)
    assert (packet.state, packet.failure) == ("failed", "The order is not the one that was frozen.")


def test_a_negative_tag_nobody_released_stops_the_packet(accepted: Document, request_: Request, pat: User) -> None:
    """As if its hold had got lost: the tag alone needs an attorney's word."""
    from_the_record = "CRIMINAL_HISTORY"
    accepted.tags.update(factor=from_the_record)
    Hold.objects.filter(document=accepted).delete()
    with pytest.raises(order.CannotOrder) as stopped:
        order.order(request_, actor=pat)
    assert [result.id for result in stopped.value.results] == ["V10"]


def test_a_packet_written_wrong_is_not_bound(
    accepted: Document, request_: Request, ana: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever wrote the file showed one page twice."""

    def wrongly(path: Path, *plan: Any) -> Any:
        size, digest = write_part(path, *plan)
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            pdf.pages[-1].obj.Resources.XObject["/Page"] = pdf.pages[-2].obj.Resources.XObject["/Page"]
            pdf.save(path)
        return path.stat().st_size, digest

    monkeypatch.setattr(bind, "write_part", wrongly)
    asked = Order.from_json(json.dumps(order.order(request_, actor=ana).order))
    pages = tmp_path / "print.pdf"
    vault.copy_to_file(Area.VAULT, accepted.print_key, pages, under=bytes(accepted.matter.key))
    with pytest.raises(CannotBind, match="Page 2 of"):
        bind.bind(asked, {str(accepted.pk): pages}, profiles.load(asked.profile), tmp_path)
