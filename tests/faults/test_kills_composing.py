"""kill -9 of a worker at every step of putting photos together as one paper; then another one does the same work again."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from scripts import services
from tests import fixtures
from tests.faults import judge
from tests.faults.conftest import Case
from tests.faults.dying import REACHED, Point, Work
from tests.faults.test_kills import Workers
from tests.faults.uploads import InPieces
from tests.stack import Stack, wait_until

pytestmark = pytest.mark.skipif(bool(services.ELSEWHERE), reason="the S3 server is not ours to look into")
PAGES = 3
COMMITTED = Point("C5 after it is committed", "documents.intake.composing", "_receive", "after")
DEATHS = [
    Point("C1 before the photos are read", "documents.intake.composing", "_compose", "before"),
    Point("C1 after one of them is read", "documents.intake.composing", "_named", "after", nth=2),
    Point("C2 before the paper is put", "documents.vault.sealing", "Seal.close", "before", "intake"),
    Point("C2 after the paper is put", "documents.vault.sealing", "Seal.close", "after", "intake"),
    Point("C3 after it is read back", "documents.vault.opening", "fingerprint", "after", "intake"),
    Point("C3 after its photos are compared", "documents.preparing.album", "digests", "after"),
    Point("C4 before it is committed", "documents.queue", "defer", "after", "check"),
    Point("C4 after one of the uploads ended", "documents.lifecycle", "move", "after", "received"),
    Point("C4 after the last of the uploads ended", "documents.lifecycle", "move", "after", "received", nth=PAGES),
    COMMITTED,
]


def photos(death: Point) -> list[bytes]:
    return [fixtures.jpeg(300, 200 + page, comment=death.name.encode()) for page in range(PAGES)]


@dataclass
class Paper:
    """The uploads of one paper, how the worker ended that was at it, and what it left."""

    uploads: list[InPieces]
    ended: int = 0
    left: set[Any] = field(default_factory=set)

    def rows(self) -> list[dict[str, Any]]:
        return [upload.row() for upload in self.uploads]

    def states(self) -> set[Any]:
        return {(row["state"], row["document_id"] is None) for row in self.rows()}

    def document(self) -> dict[str, Any]:
        [pk] = {row["document_id"] for row in self.rows()}
        [row] = [row for row in self.uploads[0].case.documents() if row["id"] == pk]
        return row


@dataclass
class Afterwards:
    case: Case
    papers: dict[str, Paper] = field(default_factory=dict)


@pytest.fixture(scope="module")
def after(stack: Stack, opened: Callable[..., Case]) -> Afterwards:
    done, workers = Afterwards(opened("Prueba, Fotos")), Workers(stack)
    for death in DEATHS:
        paper = done.papers[death.name] = kept(done.case, death)
        paper.ended = workers(Work(["compose"], point=death))
        paper.left = paper.states()
        for _again in range(2):
            assert workers(Work(["compose"])) == REACHED
    wait_until(lambda: {row["state"] for row in done.case.documents()} == {"ready"}, 120)
    assert workers(Work(["sweep"])) == REACHED
    workers.end()
    return done


def kept(case: Case, death: Point) -> Paper:
    """All pages came, and nobody said that these are all."""
    name = str(uuid4())
    uploads = [InPieces(case, photo, paper=name, page=str(page)) for page, photo in enumerate(photos(death), 1)]
    for upload in uploads:
        upload.go_on()
    paper = Paper(uploads)
    assert paper.states() == {("kept", True)}
    return paper


each_death = pytest.mark.parametrize("death", DEATHS, ids=lambda death: death.name)


@each_death
def test_it_died_there(after: Afterwards, death: Point) -> None:
    assert after.papers[death.name].ended == -9


@each_death
def test_until_it_is_committed_every_page_waits_as_before(after: Afterwards, death: Point) -> None:
    assert after.papers[death.name].left == {("received", False) if death == COMMITTED else ("kept", True)}


@each_death
def test_it_ends_once_and_holds_every_photo_as_it_came(after: Afterwards, death: Point) -> None:
    row = after.papers[death.name].document()
    original = after.case.sender.get(f"/documents/{row['id']}/original/").body
    with zipfile.ZipFile(io.BytesIO(original)) as file:
        assert [file.read(name) for name in file.namelist()] == photos(death)
    assert list(judge.of_document(after.case.stack, row, original, PAGES, "ready")) == []


def test_there_are_as_many_documents_as_papers(after: Afterwards) -> None:
    assert len(after.case.documents()) == len(DEATHS)


def test_every_object_has_its_row_and_every_row_its_object(after: Afterwards) -> None:
    assert list(judge.of_buckets(after.case.stack)) == []


def test_every_chain_is_whole(after: Afterwards, proved: None) -> None:
    assert list(judge.of_chains(after.case.stack)) == []
