"""The words of pages: read off them once they are ready, kept sealed, given up where nobody can, forgotten with them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import audit
from accounts.models import AuditEvent, User
from documents import custody, lifecycle, matters, purging, queue, reading
from documents.intake.readying import prepare
from documents.models import Document, Matter, Page, PageText
from documents.preparing import Limits, PreparingFailed, transcript
from tests import photographs
from tests.conftest import made_ready, simple_pdf
from tests.papers import paper

Source = PageText.Source


def jobs() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name="documents.tasks.read").order_by("pk"))


def rows(document: Document) -> list[PageText]:
    return list(PageText.objects.filter(page__document=document).order_by("page__number"))


@pytest.fixture
def photo(matter: Matter, maria: User) -> Document:
    taken = photographs.on_table(photographs.page(lines=9), tilt=1)
    return made_ready(photographs.jpeg(taken), "foto.jpg", matter, maria)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Bounds of the sandbox in which nothing can be read any more."""

    def act(**bounds: Any) -> None:
        monkeypatch.setattr(transcript.read, "__kwdefaults__", {"limits": Limits(**bounds)})

    return act


# What is read


def test_a_ready_document_waits_for_its_words_from_the_moment_it_is_ready(ready: Document) -> None:
    [job] = jobs()
    assert job.args == {"pk": str(ready.pk)}
    assert job.queue_name == queue.READING
    assert ready.read_at is None


def test_what_is_written_in_the_file_is_taken_from_it(matter: Matter, maria: User) -> None:
    document = made_ready(simple_pdf(2, "I certify that this is true:"), "carta.pdf", matter, maria)
    reading.read(document)
    document.refresh_from_db()
    assert document.read_at
    assert reading.texts(document) == {1: "I certify that this is true: 1", 2: "I certify that this is true: 2"}
    assert {row.source for row in rows(document)} == {Source.LAYER}


def test_the_words_of_a_photo_are_read_off_it(photo: Document) -> None:
    reading.read(photo)
    [row] = rows(photo)
    assert row.source == Source.OCR
    assert "hago constar" in " ".join(row.text.split())
    assert row.language == "es"


def test_a_scan_is_read_by_both_and_nothing_is_said_twice() -> None:
    words = transcript.Words(1, "Acta de nacimiento\nFolio 12", "Acta de nacimiento\nSello del consulado")
    assert reading._merged(words) == ("Acta de nacimiento\nFolio 12\nSello del consulado", Source.BOTH)
    same = transcript.Words(1, "Acta de nacimiento", "ACTA DE\nNACIMIENTO")
    assert reading._merged(same) == ("Acta de nacimiento", Source.LAYER)


def test_letters_of_a_font_without_a_table_are_no_words() -> None:
    assert not transcript.is_real("\ue000\ue001\ue002" * 30)
    assert not transcript.is_real('!"#$%&' * 30)
    assert not transcript.is_real("Page 1 of 3")
    assert transcript.is_real("I certify that this is true.")


def test_it_is_on_the_record_without_a_word_of_it(ready: Document) -> None:
    reading.read(ready)
    event = audit.trail(ready.audit_chain, kinds=[AuditEvent.Kind.READ]).get()
    assert event.facts == {"pages": 2, "count": 0}
    assert event.actor is None


def test_neither_the_text_nor_a_word_lies_open_in_the_database(photo: Document) -> None:
    reading.read(photo)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, words::text FROM documents_pagetext")
        [(text, words)] = cursor.fetchall()
    assert "constar" in rows(photo)[0].text
    assert "const" not in (text + words).lower()
    assert "famil" not in (text + words).lower()


# A turn, and the next


def test_a_long_document_is_read_in_turns(matter: Matter, maria: User, monkeypatch: pytest.MonkeyPatch) -> None:
    document = made_ready(simple_pdf(3), "libro.pdf", matter, maria)
    read = transcript.read
    monkeypatch.setattr(transcript, "read", lambda *about: read(*about)[:2])
    reading.read(document)
    document.refresh_from_db()
    assert (len(rows(document)), document.read_at) == (2, None)
    assert [job.priority for job in jobs()] == [0, queue.LATER]
    reading.read(document)
    document.refresh_from_db()
    assert len(rows(document)) == 3
    assert document.read_at


def test_twice_reads_once(ready: Document) -> None:
    reading.read(ready)
    reading.read(ready)
    assert len(rows(ready)) == 2
    assert audit.trail(ready.audit_chain, kinds=[AuditEvent.Kind.READ]).count() == 1


def test_reading_keeps_nobody_from_the_document_but_other_readers(
    ready: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = transcript.read
    found: list[bool] = []

    def meanwhile(*about: Any) -> list[transcript.Words]:
        found.extend(is_free(ready, to) for to in ("", reading.READING))
        return read(*about)

    monkeypatch.setattr(transcript, "read", meanwhile)
    reading.read(ready)
    assert found == [True, False]


def is_free(document: Document, to: str) -> bool:
    """As another worker finds it."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lifecycle._lock(document, to)])
            return bool(cursor.fetchone()[0])
    finally:
        other.close()


# What cannot be read


@pytest.mark.parametrize("bounds", [{"seconds": 0.05}, {"cpu_seconds": 60, "memory": 40 << 20}], ids=["time", "memory"])
def test_a_page_nobody_can_read_is_given_up_after_three_times_and_stays_ready(
    photo: Document, hurried: Callable[..., None], bounds: dict[str, Any]
) -> None:
    hurried(**bounds)
    for _time in range(reading.TRIES):
        reading.read(photo)
        photo.refresh_from_db()
        assert (photo.state, photo.read_at) == ("ready", None)
    reading.read(photo)
    photo.refresh_from_db()
    [row] = rows(photo)
    assert (photo.state, row.source, row.text) == ("ready", Source.NONE, "")
    assert photo.read_at
    assert audit.trail(photo.audit_chain, kinds=[AuditEvent.Kind.READ]).get().facts == {"pages": 0, "count": 1}


def test_a_worker_that_dies_of_a_page_has_tried_it(ready: Document) -> None:
    Page.objects.filter(document=ready, number=1).update(tries=reading.TRIES)
    reading.read(ready)
    reading.read(ready)
    assert [row.source for row in rows(ready)][0] == Source.NONE
    assert len(rows(ready)) == 2


def test_a_store_that_is_away_is_not_the_pages_fault(ready: Document) -> None:
    from_store = ready.print_key
    Document.objects.filter(pk=ready.pk).update(print_key="gone")
    reading.read(ready)
    assert {page.tries for page in ready.page_set.all()} == {0}
    Document.objects.filter(pk=ready.pk).update(print_key=from_store)
    reading.read(ready)
    assert len(rows(ready)) == 2


def test_a_process_that_was_taken_over_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "words-0001.json").symlink_to("/etc/passwd")
    with pytest.raises(PreparingFailed):
        list(transcript._found(tmp_path, 1))
    (tmp_path / "words-0001.json").unlink()
    (tmp_path / "words-0001.json").write_text('{"layer": ["x"], "picture": null}')
    with pytest.raises(PreparingFailed):
        list(transcript._found(tmp_path, 1))


# What becomes of the words


@pytest.mark.parametrize("state", ["withdrawn", "quarantined"])
def test_what_was_taken_out_meanwhile_gets_no_words(
    ready: Document, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = transcript.read

    def meanwhile(*about: Any) -> list[transcript.Words]:
        lifecycle.move(Document.objects.get(pk=ready.pk), state, actor=None)
        return read(*about)

    monkeypatch.setattr(transcript, "read", meanwhile)
    reading.read(ready)
    assert rows(ready) == []


def test_pages_that_were_made_again_are_read_again(ready: Document) -> None:
    reading.read(ready)
    ready.refresh_from_db()
    lifecycle.move(ready, Document.State.CLEAN, actor=None)
    prepare(ready)
    ready.refresh_from_db()
    assert (ready.read_at, rows(ready)) == (None, [])
    assert len(jobs()) == 2


def test_a_purge_forgets_the_words(ready: Document, ana: User) -> None:
    """In the transaction that begins it: from then on its bytes may take long to go, and its words are gone."""
    reading.read(ready)
    with transaction.atomic():
        purging._let_go(ready.matter, ana, "test")
    assert PageText.objects.count() == 0


# What nobody reads


def test_the_sweep_finds_what_nobody_reads(matter: Matter, maria: User) -> None:
    document = paper(matter, maria, state_since=timezone.now() - timedelta(minutes=1))
    assert custody.recover()["read"] == 1
    assert custody.recover()["read"] == 0  # it waits already
    assert [job.priority for job in jobs()] == [queue.LATER]
    assert jobs()[0].args == {"pk": str(document.pk)}


def test_the_sweep_leaves_what_is_read_fresh_or_elsewhere(matter: Matter, maria: User, ana: User) -> None:
    long_ago = timezone.now() - timedelta(minutes=1)
    paper(matter, maria, state_since=long_ago, read_at=timezone.now())
    paper(matter, maria, state_since=timezone.now())
    thrown = matters.open_throwaway("", "", actor=ana)
    paper(thrown, ana, state_since=long_ago)
    assert reading.waiting() == []


def test_what_a_command_throws_away_is_not_read(ana: User) -> None:
    made_ready(simple_pdf(), "x.pdf", matters.open_throwaway("", "", actor=ana), ana)
    assert jobs() == []
