"""kill -9 of the process that takes files in pieces, at every step of a first piece, of a last one, and of a paper's page.

After each death the phone asks where its file has arrived, and goes on from there; then the judge looks (judge.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from scripts import services
from tests import fixtures
from tests.faults import judge
from tests.faults.conftest import Case
from tests.faults.dying import FILE, PAGE, PIECE, REACHED, WHOLE, Point, Work
from tests.faults.test_kills import Workers, dying_web
from tests.faults.uploads import InPieces
from tests.stack import Stack, wait_until

pytestmark = pytest.mark.skipif(bool(services.ELSEWHERE), reason="the S3 server is not ours to look into")


@dataclass(frozen=True)
class Death:
    """While the first or the last of two pieces is taken, of a file by itself or of one page of a paper."""

    point: Point
    last: bool
    page: bool

    @property
    def name(self) -> str:
        return f"{self.point.name}, {'last' if self.last else 'first'} piece of a {'page' if self.page else 'file'}"

    @property
    def content(self) -> bytes:
        return fixtures.jpeg(300, 200, comment=self.name.encode())

    @property
    def half(self) -> int:
        return len(self.content) // 2

    @property
    def kept(self) -> int:
        """Bytes that are there after the death: a piece that was put and not noted is sent once more, and agreed to."""
        noted = self.point not in PIECE[:2]
        return (self.half if self.last else 0) + (len(self.content) - self.half if self.last else self.half) * noted


DEATHS = [
    *(Death(point, last, page=last) for point, last in product(PIECE, (False, True))),
    *(Death(point, True, page) for point, page in product(WHOLE, (False, True))),
    *(Death(point, True, False) for point in FILE),
    *(Death(point, True, True) for point in PAGE),
]


@dataclass
class Afterwards:
    """What was answered at the death, whether it came, and from where each file went on."""

    case: Case
    told: dict[str, int] = field(default_factory=dict)
    died: dict[str, bool] = field(default_factory=dict)
    went_on: dict[str, int] = field(default_factory=dict)
    uploads: dict[str, InPieces] = field(default_factory=dict)

    def documents(self, death: Death) -> list[dict[str, Any]]:
        return self.case.documents(death.content)


@pytest.fixture(scope="module")
def after(stack: Stack, opened: Callable[..., Case]) -> Afterwards:
    done = Afterwards(opened("Prueba, Piezas"))
    with dying_web(stack, "pieces") as control:
        for death in DEATHS:
            die_while_taking(done, death, control)
    wait_until(lambda: all(map(done.documents, DEATHS)), 60)
    done.case.becomes("ready", *(death.content for death in DEATHS), seconds=120)
    workers = Workers(stack)
    assert workers(Work(["sweep"])) == REACHED
    workers.end()
    return done


def die_while_taking(done: Afterwards, death: Death, control: Path) -> None:
    paper = {"paper": str(uuid4()), "page": "1"} if death.page else {}
    wait_until(lambda: answers(done), 60)
    upload = done.uploads[death.name] = InPieces(done.case, death.content, **paper)
    if death.last:
        assert upload.send(0, death.half) == 204
    control.write_text(death.point.name)
    piece = (death.half, len(death.content)) if death.last else (0, death.half)
    done.told[death.name] = upload.send(*piece)
    done.died[death.name] = not control.exists()
    control.unlink(missing_ok=True)
    wait_until(lambda: answers(done), 60)
    done.went_on[death.name] = upload.go_on()
    if death.page:
        assert upload.row()["state"] == "kept"
        done.case.sender.post(f"/matters/{done.case.matter}/papers/", {"upload": upload.pk, "turn": "0"})


def answers(done: Afterwards) -> bool:
    """Whether the process for pieces does; what answers for the whole portal is another."""
    return done.case.stack.stands("pieces") and done.case.sender.get("/uploads/").status == 405


each_death = pytest.mark.parametrize("death", DEATHS, ids=lambda death: death.name)


@each_death
def test_it_died_there_and_nobody_said_that_the_piece_came(after: Afterwards, death: Death) -> None:
    assert (after.died[death.name], after.told[death.name]) == (True, 503)


@each_death
def test_it_goes_on_from_where_it_had_arrived(after: Afterwards, death: Death) -> None:
    assert after.went_on[death.name] == death.kept


@each_death
def test_it_ends_whole_and_once(after: Afterwards, death: Death) -> None:
    [row] = after.documents(death)
    assert list(judge.of_document(after.case.stack, row, death.content, 1, "ready")) == []
    upload = after.uploads[death.name].row()
    assert (upload["state"], upload["document_id"], upload["duplicate"]) == ("received", row["id"], False)


def test_every_object_has_its_row_and_every_row_its_object(after: Afterwards) -> None:
    assert list(judge.of_buckets(after.case.stack)) == []


def test_every_chain_is_whole(after: Afterwards, proved: None) -> None:
    assert list(judge.of_chains(after.case.stack)) == []
