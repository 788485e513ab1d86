"""Papers of photos through the portal: what is kept of them, and how they are made ready again as somebody arranged them."""

import pytest
from PIL import Image

from accounts.models import AuditEvent, User
from documents import custody, lifecycle, vault
from documents.intake.readying import prepare
from documents.models import Document, Matter, Page
from documents.preparing import Placed
from documents.scanning import MARKER, Outcome
from tests import fixtures, hiding, photographs
from tests.conftest import made_ready

State = Document.State
PAGE = photographs.page()
SHARP, ON_TABLE = photographs.jpeg(PAGE), photographs.jpeg(photographs.on_table(PAGE, tilt=4))
BLURRED = photographs.jpeg(photographs.blurred(PAGE, 7))
ALBUM = photographs.album([SHARP, BLURRED, ON_TABLE])


@pytest.fixture
def paper(matter: Matter, maria: User) -> Document:
    """Three photos, the second out of focus, the third on a table."""
    return made_ready(ALBUM, "papel.zip", matter, maria)


def pages(document: Document) -> list[Page]:
    return list(document.page_set.all())


def again(document: Document, arrangement: list[object]) -> None:
    """Made ready anew."""
    lifecycle.move(document, State.CLEAN, actor=None, why="arranged", arrangement=arrangement)
    prepare(document)
    document.refresh_from_db()


def test_a_paper_of_photos_is_ready_with_what_is_known_of_it(paper: Document) -> None:
    assert (paper.state, paper.mime, paper.photos, paper.pages) == ("ready", "application/zip", 3, 3)
    assert [page.noticed for page in pages(paper)] == [[], ["blurred"], []]
    assert paper.warnings == ["blurred"]
    assert [Placed.from_json(each).photo for each in paper.suggestions] == [3]
    assert paper.arrangement == []


def test_each_photo_was_before_the_scanner_by_itself(paper: Document) -> None:
    assert paper.verdicts.get().parts == 4
    assert paper.verdicts.get().outcome == Outcome.CLEAN


def test_what_hides_in_a_photo_keeps_the_paper_out(matter: Matter, maria: User) -> None:
    document = made_ready(photographs.album([SHARP, hiding.photo_and_pdf(MARKER)]), "papel.zip", matter, maria)
    assert (document.state, document.print_key) == ("quarantined", "")


def test_a_photo_alone_is_one(matter: Matter, maria: User) -> None:
    document = made_ready(BLURRED, "foto.jpg", matter, maria)
    assert (document.photos, document.warnings, pages(document)[0].noticed) == (1, ["blurred"], ["blurred"])


def test_a_document_is_no_photo(ready: Document) -> None:
    assert (ready.photos, ready.suggestions) == (0, [])


def test_an_arranged_paper_has_its_new_pages_and_no_others(paper: Document) -> None:
    old = paper.print_sha256
    again(paper, [Placed(3).to_json(), Placed(1, 90).to_json()])
    assert (paper.state, paper.pages, paper.photos) == ("ready", 2, 3)
    assert [page.number for page in pages(paper)] == [1, 2]
    assert [page.noticed for page in pages(paper)] == [[], []]
    assert paper.warnings == []
    assert paper.print_sha256 != old
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.PREPARED, subject_id=str(paper.pk)).count() == 2


def test_a_suggestion_outlasts_an_arrangement_without_its_photo(paper: Document) -> None:
    suggested = paper.suggestions
    again(paper, [Placed(1).to_json()])
    assert paper.suggestions == suggested
    again(paper, suggested)
    assert paper.suggestions == suggested


def test_the_photos_are_as_they_came_whatever_is_done_to_their_pages(paper: Document) -> None:
    again(paper, [Placed(2, 180, (0.1, 0.1, 0.9, 0.9)).to_json()])
    assert b"".join(vault.chunks(vault.Area.VAULT, paper.vault_key, under=bytes(paper.matter.key))) == ALBUM


def test_the_pages_of_before_are_nobodys_and_the_new_ones_are_somebodys(paper: Document) -> None:
    before = {paper.print_key, *(page.preview_key for page in pages(paper))}
    again(paper, [Placed(2).to_json()])
    after = {paper.print_key, *(page.preview_key for page in pages(paper))}
    assert not before & after
    referred = custody.referred(vault.Area.VAULT)
    assert after <= referred
    assert not before & referred


NO_ARRANGEMENTS: dict[str, list[object]] = {
    "a photo that is not there": [Placed(9).to_json()],
    "a photo twice": [Placed(1).to_json(), Placed(1).to_json()],
    "no photo at all": [{"photo": "1"}],
    "not even that": ["1"],
}


@pytest.mark.parametrize("arrangement", NO_ARRANGEMENTS.values(), ids=NO_ARRANGEMENTS)
def test_no_page_is_lost_to_an_arrangement_that_makes_no_sense(paper: Document, arrangement: list[object]) -> None:
    again(paper, arrangement)
    assert (paper.state, paper.pages, paper.arrangement) == ("ready", 3, [])


def test_no_page_is_lost_to_an_arrangement_that_cannot_be_printed(matter: Matter, maria: User) -> None:
    tape = fixtures.saved_picture(Image.new("1", (1200, 60_000)), "PNG")  # as many pages as one picture may take
    document = made_ready(tape, "recibo.png", matter, maria)
    again(document, [Placed(1, crop=(0.0, 0.0, 0.5, 1.0)).to_json()])  # one more
    assert (document.state, document.pages, document.arrangement) == ("ready", 40, [])
