"""kill -9 of a worker in the middle of a check, a prepare and a bind at once: a fresh one takes all three up by itself."""

import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any

import pytest

from tests import fixtures
from tests.clamd_double import Clamd, keeps_silent
from tests.faults.conftest import Case
from tests.stack import Stack, wait_until
from tests.store_double import Relay

BOUND, PREPARED, CHECKED = (fixtures.pdf(pages=3, words=word) for word in ("bound", "prepared", "checked"))
TAKEN_UP = 30  # seconds


@dataclass
class Stall:
    """Lets the first object into the vault, and keeps every later one waiting on its way."""

    over: Event = field(default_factory=Event)
    passed: int = 0

    def __call__(self, request: str) -> None:
        if request.startswith("PUT /amparo-vault/") and "/keys/" not in request and "/probes/" not in request:
            self.passed += 1
            if self.passed > 1:
                self.over.wait()


@dataclass
class Deaf:
    """Hands a stream on to the real clamd; once `over` is set it takes streams and answers nothing."""

    real: tuple[str, int]
    over: Event = field(default_factory=Event)

    def __call__(self, double: Clamd, line: socket.socket) -> None:
        if self.over.is_set():
            keeps_silent(double, line)
            return
        with socket.create_connection(self.real) as clamd, line.makefile("rb") as reader:
            clamd.sendall(b"zINSTREAM\0")
            while (head := reader.read(4)) != bytes(4):
                clamd.sendall(head + reader.read(struct.unpack("!L", head)[0]))
            clamd.sendall(head)
            line.sendall(clamd.recv(4096))


@dataclass(frozen=True)
class Left:
    """What the dead worker left, and when the fresh one was started (the database's clock)."""

    packet: Case
    papers: Case
    at: datetime


@pytest.fixture(scope="module", params=[False, True], ids=["alone", "with-its-group"])
def left(request: pytest.FixtureRequest, stack: Stack, opened: Callable[..., Case]) -> Left:
    packet, papers = opened(), opened()
    packet.send(("unida.pdf", BOUND))
    packet.becomes("ready", BOUND)
    packet.accept(BOUND)
    wait_until(lambda: not stack.rows("SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"), 60)
    try:
        kill_in_the_middle(stack, packet, papers, whole_group=request.param)
    finally:
        at = stack.value("SELECT now()")
        stack.restart_worker()
    papers.becomes("ready", CHECKED, PREPARED)
    wait_until(lambda: packet.packets()[0]["state"] == "bound", 60)
    return Left(packet, papers, at)


def kill_in_the_middle(stack: Stack, packet: Case, papers: Case, *, whole_group: bool) -> None:
    """All three are certainly in the middle: clamd gives no answer, and the store keeps what comes after the first."""
    stall, deaf = Stall(), Deaf(address(stack.settings["CLAMD_ADDRESS"]))
    with Relay(stack.settings["S3_ENDPOINT_URL"], stall) as relay, Clamd(deaf) as clamd:
        stack.restart_worker(S3_ENDPOINT_URL=relay.url, CLAMD_ADDRESS=clamd.address)
        papers.send(("preparada.pdf", PREPARED))
        papers.becomes("preparing", PREPARED)
        deaf.over.set()
        papers.send(("revisada.pdf", CHECKED))
        packet.order()
        papers.becomes("checking", CHECKED)
        wait_until(lambda: packet.packets()[0]["state"] == "binding" and stall.passed >= 3, 60)
        stack.kill_worker(whole_group=whole_group)
        stall.over.set()
    states = papers.state(CHECKED), papers.state(PREPARED), packet.packets()[0]["state"]
    assert states == ("checking", "preparing", "binding")


def address(text: str) -> tuple[str, int]:
    host, _colon, port = text.partition(":")
    return host, int(port)


def moves(left: Left, thing: dict[str, Any]) -> list[dict[str, Any]]:
    sql = "SELECT at, facts FROM accounts_auditevent WHERE kind = 'moved' AND subject_id = %s ORDER BY id"
    return left.papers.stack.rows(sql, str(thing["id"]))


def test_all_are_taken_up_within_half_a_minute(left: Left) -> None:
    for thing in (*left.papers.documents(), *left.packet.packets()):
        [taken_up] = [move["at"] for move in moves(left, thing) if move["facts"]["why"] == "worker_gone"]
        assert 0 <= (taken_up - left.at).total_seconds() <= TAKEN_UP


def test_each_paper_is_there_once_with_every_page_once(left: Left) -> None:
    for content in (CHECKED, PREPARED):
        [row] = left.papers.documents(content)
        pages = left.papers.stack.rows("SELECT number FROM documents_page WHERE document_id = %s ORDER BY 1", row["id"])
        assert [page["number"] for page in pages] == [1, 2, 3]
        assert (row["pages"], row["crashes"]) == (3, 0)
    assert len(left.papers.documents()) == 2


def test_the_packet_has_each_page_once(left: Left) -> None:
    [packet] = left.packet.packets()
    [document] = left.packet.documents()
    sql = "SELECT document_id, source_page FROM documents_packetpage WHERE packet_id = %s AND kind = 'exhibit' ORDER BY number"
    ledger = left.packet.stack.rows(sql, packet["id"])
    parts = left.packet.stack.rows("SELECT number FROM documents_packetpart WHERE packet_id = %s", packet["id"])
    assert [(row["document_id"], row["source_page"]) for row in ledger] == [
        (document["id"], page) for page in (1, 2, 3)
    ]
    assert (len(parts), packet["crashes"]) == (1, 0)


def test_no_plain_bytes_stay_behind(left: Left, stack: Stack) -> None:
    """Once the words of the pages are read too, which needs them open for a while."""
    unread = "SELECT count(*) FROM documents_document WHERE state = 'ready' AND read_at IS NULL"
    wait_until(lambda: stack.value(unread) == 0, 120)
    assert list(os.scandir(stack.settings["WORK_DIR"])) == []


def test_everything_is_as_promised(left: Left, proved: None) -> None:
    """Judged by `verify`: chains, stored bytes, verdicts, ledgers."""
    assert left.packet.packets()[0]["state"] == "bound"
