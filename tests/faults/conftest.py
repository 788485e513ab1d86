"""A matter of its own for each test, on the one running portal, and what every fault test asks about it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Stack, wait_until
from tests.visitor import Answer, File, Visitor

MARIA, ANA = "maria@amparo.example", "ana@amparo.example"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.faults)


@dataclass(frozen=True)
class Case:
    """A matter with a request, and a person on it who sends."""

    stack: Stack
    sender: Visitor
    matter: str
    request: str = ""

    @property
    def door(self) -> str:
        return f"/matters/{self.matter}/send/"

    def send(self, *files: File) -> Answer:
        return self.sender.send(self.door, files)

    def documents(self, content: bytes | None = None) -> list[dict[str, Any]]:
        """The rows of this matter; with `content`, of the documents that came as these bytes."""
        found = self.stack.rows("SELECT * FROM documents_document WHERE matter_id = %s ORDER BY number", self.matter)
        return [row for row in found if content is None or row["sha256"] == sha256(content).hexdigest()]

    def state(self, content: bytes) -> str:
        [row] = self.documents(content)
        return str(row["state"])

    def becomes(self, state: str, *contents: bytes, seconds: float = 60) -> None:
        wait_until(lambda: {self.state(content) for content in contents} == {state}, seconds)

    def accept(self, content: bytes, factor: str = "FAMILY_USC_LPR") -> None:
        """Tagged and accepted, as the sender: somebody who works on the matter."""
        [row] = self.documents(content)
        self.sender.post(f"/documents/{row['id']}/tag/", {"factor": factor, "strength": "direct"})
        self.sender.post(f"/documents/{row['id']}/accept/", {"seen": "pending"})
        assert self.documents(content)[0]["review"] == "accepted"

    def order(self) -> Answer:
        return self.sender.post(f"/requests/{self.request}/order/")

    def packets(self) -> list[dict[str, Any]]:
        """The rows, the first ordered first."""
        return self.stack.rows("SELECT * FROM documents_packet WHERE request_id = %s ORDER BY number", self.request)

    def bound(self) -> dict[str, Any]:
        """The row of the packet ordered last, waited for."""
        ended = wait_until(lambda: [row for row in self.packets()[-1:] if row["state"] not in {"ordered", "binding"}], 120)
        assert ended[0]["state"] == "bound", ended[0]["failure"]
        return ended[0]

    @property
    def reference(self) -> str:
        return f"AMP-{self.stack.value('SELECT number FROM documents_matter WHERE id = %s', self.matter):04}"


@pytest.fixture(scope="session")
def opened(stack: Stack) -> Callable[..., Case]:
    """Opens one more matter, as Ana; she is on it, and sends on the client's behalf."""

    def open_(name: str = "Prueba, Alma", a_number: str = "") -> Case:
        ana = stack.visitor(ANA)
        asked = {"stage": "before_court", "form": "administrative_closure", "profile": "OPLA", "office": "OPLA Chicago"}
        fields = {f"request-{field}": value for field, value in asked.items()}
        page = ana.post("/matters/new/", {"respondent": name, "a_number": a_number, "client-language": "es", **fields})
        assert (found := re.fullmatch(r"/matters/([0-9a-f-]{36})/", page.path)), page.text
        matter = found[1]
        return Case(
            stack, ana, matter, str(stack.value("SELECT id FROM documents_request WHERE matter_id = %s", matter))
        )

    return open_


@pytest.fixture
def case(opened: Callable[..., Case]) -> Case:
    return opened()


@pytest.fixture
def marias(stack: Stack) -> Case:
    """The client herself, in Spanish, in her seeded matter."""
    sql = "SELECT matter_id FROM documents_membership m JOIN accounts_user u ON u.id = m.user_id WHERE u.email = %s"
    return Case(stack, stack.visitor(MARIA), str(stack.value(sql, MARIA)))


@pytest.fixture
def proved(stack: Stack) -> Iterator[None]:
    """Whatever the test did: afterwards every chain, stored byte, verdict and ledger is as promised."""
    yield
    assert stack.manage("verify") == ([{"verified": True, "wrong": 0}], 0)
