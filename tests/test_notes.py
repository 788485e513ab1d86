"""Notes in three layers: who reads which, what a change leaves, and that no word of one goes anywhere else."""

import json
from io import StringIO
from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http import Http404
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEvent, User
from documents import access, noting, purging
from documents.models import Document, Matter, Note, NoteVersion, Request
from documents.packets import order
from tests.conftest import Browser
from tests.papers import paper
from tests.test_export import read

pytestmark = pytest.mark.django_db
WORDS = {"client": "Traiga el original", "team": "Compare the stamps", "attorney": "Privileged strategy"}
SEES = {
    "maria": {"client"},
    "pat": {"client", "team"},
    "ana": {"client", "team", "attorney"},
    "max_": set(),
    "ada": set(),
}


def write(matter: Matter, actor: User, layer: str = "team", text: str = "", document: Document | None = None) -> Note:
    return noting.write(matter, text or WORDS[layer], layer, document, token=uuid4(), actor=actor)


@pytest.fixture
def ready(matter: Matter, maria: User) -> Document:
    return paper(matter, maria)


@pytest.fixture
def notes(ready: Document, matter: Matter, ana: User) -> dict[str, Note]:
    """One of each layer, about the matter and about its document; by layer those about the document."""
    for layer in WORDS:
        write(matter, ana, layer)
    return {layer: write(matter, ana, layer, document=ready) for layer in WORDS}


def posted(text: str = "Look at page 2", layer: str = "team", **more: str) -> dict[str, str]:
    return {"note-text": text, "note-layer": layer, "note-token": str(uuid4()), **more}


def kinds(matter: Matter) -> list[tuple[str, dict[str, object]]]:
    return [(event.kind, event.facts) for event in audit.trail(matter.audit_chain) if event.kind.startswith("note_")]


# Who reads which


@pytest.mark.parametrize("who", SEES)
def test_rows_come_by_layer_and_membership(request, notes, who):
    found = access.notes(request.getfixturevalue(who))
    assert {note.layer for note in found} == SEES[who]
    assert len(found) == 2 * len(SEES[who])


@pytest.mark.parametrize("who", SEES)
def test_no_page_shows_a_word_for_others(
    request, browser: Browser, notes, ready: Document, matter: Matter, request_, who
):
    """Pages of the matter and of the document, lists, the record, what a search finds, and the notes' own pages."""
    client = browser(request.getfixturevalue(who))
    about = ["matter", "activity", "messages", "checklist", "board", "members", "send", "opened", "evidence"]
    places = [reverse(name, args=[matter.pk]) for name in about]
    places += [reverse(name, args=[ready.pk]) for name in ("document", "document_status")]
    places += [reverse(name, args=[request_.pk]) for name in ("request", "letter", "rules", "life", "asking")]
    places += [reverse("note_change", args=[note.pk]) for note in notes.values()]
    places += ["/", "/inbox/", "/inbox/?show=answered", "/matters/", "/account/", "/quarantine/"]
    seen = b"".join(client.get(place, follow=True).content for place in places).decode()
    seen += "".join(
        client.post("/matters/", {"q": words}).content.decode().replace(words, "") for words in WORDS.values()
    )
    assert {layer for layer, words in WORDS.items() if words in seen} == SEES[who]


@pytest.mark.parametrize("page", ["matter", "document"])
def test_a_client_reads_what_the_office_wrote_for_the_client(browser: Browser, notes, ready, matter, maria: User, page):
    maria.language = "en"
    maria.save()
    about = matter if page == "matter" else ready
    text = browser(maria).get(reverse(page, args=[about.pk])).content.decode()
    assert "From your office" in text
    assert WORDS["client"] in text
    assert reverse("note_change", args=[notes["client"].pk]) not in text


def test_a_client_reads_none_about_a_paper_that_is_not_the_clients(matter: Matter, maria: User, pat: User, ana: User):
    write(matter, ana, "client", document=paper(matter, pat))
    assert not access.notes(maria)


def test_who_leaves_the_matter_reads_none(notes, matter: Matter, pat: User):
    matter.memberships.filter(user=pat).delete()
    assert not access.notes(pat)


# Writing


@pytest.mark.parametrize("page", ["document", "matter"])
def test_a_note_is_written_where_it_belongs(browser: Browser, ready: Document, matter: Matter, pat: User, page):
    about = ready if page == "document" else matter
    answer = browser(pat).post(reverse(f"{page}_notes", args=[about.pk]), posted("Mire la página 2 \r\n«sí»"))
    assert answer["Location"] == reverse(page, args=[about.pk]) + "#notes"
    note = Note.objects.get()
    assert (note.layer, note.document, note.versions.get().text) == (
        "team", ready if page == "document" else None, "Mire la página 2 \n«sí»".strip(),
    )  # fmt: skip
    text = browser(pat).get(reverse(page, args=[about.pk])).content.decode()
    assert "«sí»" in text
    assert 'data-key="n"' in text


def test_the_layer_is_the_legal_teams_unless_another_is_chosen(browser: Browser, ready: Document, pat: User):
    form = browser(pat).get(reverse("document", args=[ready.pk])).context["note_form"]
    assert form["layer"].value() == "team"
    assert [code for code, _word in form.fields["layer"].choices] == ["client", "team"]


def test_pressing_twice_writes_once(browser: Browser, matter: Matter, pat: User):
    once = posted()
    for _press in range(2):
        browser(pat).post(reverse("matter_notes", args=[matter.pk]), once)
    assert Note.objects.count() == NoteVersion.objects.count() == 1


UNSAVED = [{"text": ""}, {"text": " \u200b"}, {"text": "ж" * 4001}, {"layer": "attorney"}, {"layer": "\0"}]


@pytest.mark.parametrize("typed", UNSAVED)
@pytest.mark.parametrize("page", ["document", "matter"])
def test_what_cannot_be_saved_is_kept_on_the_page(
    browser: Browser, ready: Document, matter: Matter, pat: User, typed, page
):
    """A paralegal is not offered what only attorneys read."""
    about = ready if page == "document" else matter
    answer = browser(pat).post(reverse(f"{page}_notes", args=[about.pk]), posted(**{"text": "Keep this", **typed}))
    assert answer.status_code == 422
    assert typed.get("text", "Keep this").strip() in answer.content.decode()
    assert not Note.objects.exists()


def test_a_note_beside_a_paper_that_is_not_ready(browser: Browser, received: Document, pat: User):
    where = reverse("document_notes", args=[received.pk])
    assert browser(pat).post(where, posted("")).status_code == 422
    browser(pat).post(where, posted("Came by hand"))
    assert "Came by hand" in browser(pat).get(reverse("document", args=[received.pk])).content.decode()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{who} %s", "\u202eabc", "'; DROP TABLE x; --", "🪪"])
def test_a_note_may_say_anything_and_breaks_nothing(browser: Browser, matter: Matter, pat: User, text):
    browser(pat).post(reverse("matter_notes", args=[matter.pk]), posted(text))
    page = browser(pat).get(reverse("matter", args=[matter.pk])).content
    assert Note.objects.get().versions.get().text == text
    assert b"<script>alert" not in page


@pytest.mark.parametrize(("who", "layer", "why"), [
    ("pat", "attorney", PermissionDenied), ("maria", "client", PermissionDenied), ("max_", "team", Http404),
])  # fmt: skip
def test_the_rule_itself_asks_who_writes(request, matter: Matter, who, layer, why):
    with pytest.raises(why):
        write(matter, request.getfixturevalue(who), layer)
    assert not Note.objects.exists()


# Changing


def change(
    browser: Browser, user: User, note: Note, text: str, layer: str, seen: int = 1, more: dict[str, str] | None = None
):
    typed = {"note-text": text, "note-layer": layer, "note-seen": str(seen), **(more or {})}
    return browser(user).post(reverse("note_change", args=[note.pk]), typed)


def test_a_change_adds_a_version(browser: Browser, notes, ready: Document, pat: User):
    answer = change(browser, pat, notes["team"], "The stamps are the same", "team")
    assert answer["Location"] == reverse("document", args=[ready.pk]) + "#notes"
    assert [v.text for v in notes["team"].versions.all()] == ["The stamps are the same", WORDS["team"]]
    page = browser(pat).get(reverse("note_change", args=[notes["team"].pk])).content.decode()
    assert WORDS["team"] in page
    assert "The stamps are the same" in page


def test_saving_what_is_there_adds_nothing(browser: Browser, notes, pat: User):
    change(browser, pat, notes["team"], WORDS["team"], "team")
    assert notes["team"].versions.count() == 1


def test_more_readers_are_confirmed_and_on_the_record(browser: Browser, notes, matter: Matter, pat: User, maria: User):
    answer = change(browser, pat, notes["team"], "For her eyes", "client")
    assert answer.status_code == 422
    assert "For her eyes" in answer.content.decode()
    assert notes["team"].versions.count() == 1
    change(browser, pat, notes["team"], "For her eyes", "client", more={"note-confirmed": "on"})
    assert kinds(matter)[0] == ("note_changed", {"version": 2, "level": "client", "was": "team", "to": "client"})
    home = browser(pat).get(reverse("activity", args=[matter.pk])).content.decode()
    assert "Pat Nguyen changed who reads a note. Now: The client reads it too." in home


def test_new_readers_read_no_earlier_words(browser: Browser, notes, pat: User, ana: User, maria: User):
    note = notes["attorney"]
    for seen, layer in enumerate(("team", "client"), 1):
        change(browser, ana, note, f"For the {layer}", layer, seen, {"note-confirmed": "on"})
    said = {who: [v.text for v in access.notes(who).get(pk=note.pk).versions.all()] for who in (maria, pat, ana)}
    assert said == {
        maria: ["For the client"], pat: ["For the client", "For the team"],
        ana: ["For the client", "For the team", WORDS["attorney"]],
    }  # fmt: skip
    assert WORDS["attorney"] not in browser(pat).get(reverse("note_change", args=[note.pk])).content.decode()


def test_fewer_readers_need_no_word_and_the_others_read_it_no_more(browser: Browser, notes, pat: User, ana: User):
    change(browser, ana, notes["team"], WORDS["team"], "attorney")
    assert not access.notes(pat).filter(pk=notes["team"].pk).exists()


def test_a_colleague_was_first_and_nothing_is_lost(browser: Browser, notes, pat: User, ana: User):
    change(browser, ana, notes["team"], "Of Ana", "team")
    answer = change(browser, pat, notes["team"], "Of Pat", "team", seen=1)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Of Ana" in page
    assert "Of Pat" in page
    assert 'name="note-seen" value="2"' in page
    assert notes["team"].versions.count() == 2


# Striking out


def test_a_note_that_is_taken_away_is_kept_struck_out(browser: Browser, notes, ready, matter, maria: User, pat: User):
    browser(pat).post(reverse("note_strike", args=[notes["client"].pk]))
    page = browser(pat).get(reverse("document", args=[ready.pk])).content.decode()
    assert f"<del>{WORDS['client']}</del>" in page
    assert WORDS["client"] not in browser(maria).get(reverse("document", args=[ready.pk])).content.decode()
    assert kinds(matter)[0] == ("note_struck", {"version": 1, "level": "client"})


def test_what_is_struck_out_is_not_changed_any_more(browser: Browser, notes, ana: User):
    browser(ana).post(reverse("note_strike", args=[notes["team"].pk]))
    assert change(browser, ana, notes["team"], "Again", "team").status_code == 422
    browser(ana).post(reverse("note_strike", args=[notes["team"].pk]))
    assert (notes["team"].versions.count(), kinds(notes["team"].matter)[0][0]) == (1, "note_struck")
    assert len([kind for kind, _facts in kinds(notes["team"].matter) if kind == "note_struck"]) == 1


@pytest.mark.parametrize("name", ["note_change", "note_strike"])
def test_a_note_for_others_is_like_one_that_is_not_there(browser: Browser, notes, pat: User, name):
    chrome = browser(pat)
    there = chrome.post(reverse(name, args=[notes["attorney"].pk]))
    nowhere = chrome.post(reverse(name, args=[uuid4()]))
    assert there.status_code == nowhere.status_code == 404
    assert there.content == nowhere.content


# Nowhere else


def test_the_record_holds_no_word(notes, matter: Matter):
    for event in audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.NOTE_WRITTEN]):
        assert not [words for words in WORDS.values() if words in json.dumps(event.facts)]
        assert set(event.facts) <= {"level", "document"}


def test_no_mail_is_sent_for_a_note(notes, mailed):
    assert not mail.outbox


def test_no_packet_has_a_word_of_a_note(notes, request_: Request, matter: Matter, accepted: Document, ana: User):
    for layer in WORDS:
        write(matter, ana, layer, document=accepted)
    packet = order.order(request_, actor=ana)
    frozen = json.dumps(packet.order, ensure_ascii=False)
    assert str(accepted.pk) in frozen
    assert not [words for words in WORDS.values() if words in frozen]


def test_the_words_are_sealed_in_the_database(notes):
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(text, ' ') FROM documents_noteversion")
        [stored] = cursor.fetchone()
    assert not [words for words in WORDS.values() if words in stored]


def test_a_purge_forgets_every_version(notes, matter: Matter, ana: User):
    noting.change(access.note(ana, notes["team"].pk, to=access.To.NOTE), "Other words", "team", seen=1, actor=ana)
    purging.purge(matter, actor=ana, why="closed")
    assert set(NoteVersion.objects.values_list("text", flat=True)) == {""}
    assert not access.notes(ana)


def test_an_export_has_every_version_with_its_layer(received: Document, matter: Matter, tmp_path, ana: User):
    for layer in WORDS:
        noting.strike(write(matter, ana, layer, document=received), actor=ana)
    call_command("export", "--matter", matter.reference, "--out", str(tmp_path / "out"), stdout=StringIO())
    rows = read(tmp_path / "out" / "notes.csv")
    assert [(row["about"], row["layer"], row["text"]) for row in rows] == [
        ("document 1", layer, words) for layer, words in WORDS.items()
    ]
    assert {row["struck_by"] for row in rows} == {"Ana Cortés"}


# What the database refuses


@pytest.mark.parametrize("what", [{"number": 7}, {"layer": "client"}, {"text": "other words"}])
def test_a_version_is_never_changed(notes, what):
    with pytest.raises((ProgrammingError, IntegrityError), match="only ever added"), transaction.atomic():
        NoteVersion.objects.filter(note=notes["team"]).update(**what)


def test_a_version_is_never_removed(notes):
    with pytest.raises(ProgrammingError, match="only ever added"), transaction.atomic():
        notes["team"].versions.all().delete()


@pytest.mark.parametrize("what", [{"layer": "all"}, {"struck_at": "2026-01-01T00:00Z"}])
def test_a_note_has_a_known_layer_and_is_struck_out_by_somebody(notes, what):
    with pytest.raises(IntegrityError), transaction.atomic():
        Note.objects.filter(pk=notes["team"].pk).update(**what)


def test_queries_do_not_grow_with_notes(browser: Browser, matter: Matter, ana: User, django_assert_max_num_queries):
    chrome, page = browser(ana), reverse("matter", args=[matter.pk])
    write(matter, ana)
    with django_assert_max_num_queries(19) as one:
        chrome.get(page)
    for n in range(10):
        write(matter, ana, text=f"{n}")
    with django_assert_max_num_queries(len(one)):
        assert len(chrome.get(page).context["notes"]) == 11
