"""The one door out: nothing leaves that was not scanned clean, and nothing changed ever arrives whole."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.audit import trail
from accounts.models import User
from documents import delivery, vault
from documents.models import Document, Matter, Packet, PacketPage, PacketPart, Request
from documents.vault.store import bucket
from tests.conftest import Browser
from tests.papers import judged, paper, shut

PICTURE, FILE, PART = b"\xff\xd8 a picture", b"%PDF original " * 50_000, b"%PDF packet " * 50_000
STATES = [state for state in Document.State if state != Document.State.READY]


def sealed(content: bytes, matter: Matter) -> vault.Sealed:
    return vault.seal([content], vault.Area.VAULT, under=bytes(matter.key))


@pytest.fixture
def kept(matter: Matter, maria: User) -> Document:
    """A ready document with real bytes in the vault."""
    file, picture = sealed(FILE, matter), sealed(PICTURE, matter)
    document = paper(matter, maria, pages=1, vault_key=file.key)
    shut(document, sha256=file.sha256, size=file.size)
    document.refresh_from_db()
    judged(document, "clean")
    document.page_set.update(preview_key=picture.key, preview_sha256=picture.sha256)
    return document


@pytest.fixture
def packet(kept: Document, request_: Request, ana: User) -> Packet:
    """A released packet of that document, with a real part in the vault."""
    whose = {"released_by": ana, "released_at": kept.received_at, "state": Packet.State.RELEASED}
    made = Packet.objects.create(request=request_, number=1, total_pages=1, **whose)
    file = sealed(PART, kept.matter)
    PacketPart.objects.create(
        packet=made, number=1, filename="part1.pdf", key=file.key, bytes=file.size, sha256=file.sha256, first_page=1,
        last_page=1,
    )  # fmt: skip
    draft = sealed(PICTURE, kept.matter)
    PacketPage.objects.create(
        packet=made, number=1, part=1, part_page=1, kind="exhibit", document=kept, source_page=1, draft_key=draft.key,
        draft_sha256=draft.sha256,
    )  # fmt: skip
    return made


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


@pytest.fixture
def anas(browser: Browser, ana: User) -> Client:
    return browser(ana)


def picture_of(document: Document) -> str:
    return reverse("page", args=[document.pk, 1])


def original_of(document: Document) -> str:
    return reverse("original", args=[document.pk])


def part_of(packet: Packet) -> str:
    return reverse("packet_part", args=[packet.pk, 1])


def body(answer: HttpResponseBase) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]


# Works


def test_a_page_is_the_very_picture_that_was_made(kept, pats):
    answer = pats.get(picture_of(kept))
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/jpeg", PICTURE)


def test_its_client_sees_it_too(kept, browser, maria):
    assert browser(maria).get(picture_of(kept)).content == PICTURE


def test_an_original_is_the_very_file_that_was_sent(kept, pats):
    assert body(pats.get(original_of(kept))) == FILE


def test_a_part_of_a_released_packet_is_the_very_file_that_was_bound(packet, anas):
    assert body(anas.get(part_of(packet))) == PART


def test_files_are_saved_and_never_run(kept, packet, pats, anas):
    for answer in (pats.get(original_of(kept)), anas.get(part_of(packet))):
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_nothing_that_leaves_is_kept_or_guessed_at(kept, packet, pats, anas):
    for answer in (pats.get(original_of(kept)), anas.get(part_of(packet)), pats.get(picture_of(kept))):
        assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("no-store", "nosniff")
        assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_there_is_no_piece_of_a_file(kept, pats):
    answer = pats.get(original_of(kept), headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer["Accept-Ranges"], len(body(answer))) == (200, "none", len(FILE))


NAMES = ['a"b.pdf', "ñandú 漢字.pdf", "a\r\nX-Evil: 1.pdf", "../../etc/passwd", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_breaks_out_of_its_header(kept, pats, name):
    kept.name = name
    kept.save(update_fields=["name"])
    answer = pats.get(original_of(kept))
    assert "X-Evil" not in answer
    assert answer["Content-Disposition"].startswith("attachment")


# On the record


def test_looking_through_a_document_is_one_view(kept, pats, pat):
    for _ in range(3):
        pats.get(picture_of(kept))
    assert [event.actor for event in trail(kept.audit_chain).filter(kind="viewed")] == [pat]


def kinds(document: Document) -> list[str]:
    return [event.kind for event in trail(document.audit_chain) if event.kind in {"fetched", "viewed"}]


def test_a_picture_that_is_fetched_ahead_is_no_look_until_it_is_shown(kept, pats):
    assert pats.get(f"{picture_of(kept)}?ahead=1").status_code == 200
    assert kinds(kept) == ["fetched"]
    pats.post(reverse("lookers", args=[kept.pk]))
    assert kinds(kept) == ["viewed", "fetched"]


def test_every_other_picture_is_a_look(kept, browser, pats, maria):
    assert pats.get(reverse("document", args=[kept.pk])).content.count(b"?ahead") == 0
    early = pats.get(reverse("document", args=[kept.pk]), headers={"X-Requested-With": "ahead"}).content
    assert early.count(f"{picture_of(kept)}?ahead=1".encode()) == 2  # small and large
    browser(maria).get(f"{picture_of(kept)}?ahead=1")  # no page of a client's is fetched ahead
    assert kinds(kept) == ["viewed"]


def test_to_be_here_is_no_look_at_what_is_shut(kept, pats):
    shut(kept, state="held")
    pats.post(reverse("lookers", args=[kept.pk]))
    assert kinds(kept) == []


def test_every_download_is_on_the_record(kept, packet, pats, anas):
    pats.get(original_of(kept))
    anas.get(part_of(packet))
    events = trail(kept.audit_chain).filter(kind="downloaded")
    assert [event.facts.get("part") or event.facts["field"] for event in events] == [1, "original"]


# Each wrong person


@pytest.mark.parametrize(("who", "picture", "original"), [("maria", 200, 403), ("max_", 404, 404), ("ada", 404, 404)])
def test_who_may_not(request, kept, browser, who, picture, original):
    client = browser(request.getfixturevalue(who))
    assert client.get(picture_of(kept)).status_code == picture
    assert client.get(original_of(kept)).status_code == original


@pytest.mark.parametrize(("who", "answer"), [("maria", 403), ("pat", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not_have_a_packet(request, packet, browser, who, answer):
    assert browser(request.getfixturevalue(who)).get(part_of(packet)).status_code == answer


def test_nobody_signs_in_first(kept, packet):
    for where in (picture_of(kept), original_of(kept), part_of(packet)):
        assert Client().get(where)["Location"].startswith("/sign-in/")


def test_an_original_needs_a_fresh_second_factor(kept, browser, pat):
    assert "/reauthenticate/" in browser(pat, fresh=False).get(original_of(kept))["Location"]


def test_who_leaves_the_matter_sees_nothing_from_the_next_request_on(kept, pats, pat, matter):
    matter.memberships.get(user=pat).delete()
    assert pats.get(picture_of(kept)).status_code == 404


@pytest.mark.parametrize("method", ["head", "post", "put", "delete", "options"])
def test_there_is_one_way_to_ask(kept, pats, method):
    for where in (picture_of(kept), original_of(kept)):
        assert getattr(pats, method)(where).status_code == 405


# Wrong state: the gate


@pytest.mark.parametrize("state", STATES)
def test_nothing_leaves_in_any_other_state(kept, packet, pats, anas, state):
    shut(kept, state=state)
    for answer in (pats.get(picture_of(kept)), pats.get(original_of(kept)), anas.get(part_of(packet))):
        assert answer.status_code == 404
        assert PICTURE not in body(answer)


def no_verdict(document: Document) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        document.verdicts.all().delete()
        cursor.execute("SET session_replication_role = origin")


def on_other_bytes(document: Document) -> None:
    shut(document, sha256="0" * 64)


def infected_since(document: Document) -> None:
    judged(document, "infected")


def judged_only_as_it_came(document: Document) -> None:
    """It came locked, and nothing clean was ever said of the copy without its lock."""
    shut(document, unlocked_key=document.vault_key, unlocked_sha256="0" * 64)


@pytest.mark.parametrize("spoil", [no_verdict, on_other_bytes, infected_since, judged_only_as_it_came])
def test_nothing_leaves_without_a_clean_verdict_on_the_very_bytes(
    kept: Document, packet: Packet, pats: Client, anas: Client, spoil: Callable[[Document], None]
) -> None:
    spoil(kept)
    for where, client in ((picture_of(kept), pats), (original_of(kept), pats), (part_of(packet), anas)):
        assert client.get(where).status_code == 404


@pytest.mark.parametrize("state", [s for s in Packet.State if s not in {Packet.State.RELEASED, Packet.State.FILED}])
def test_no_file_of_a_packet_leaves_before_it_is_released(packet, anas, state):
    Packet.objects.filter(pk=packet.pk).update(state=state)
    assert anas.get(part_of(packet)).status_code == 404


def test_the_gate_itself_asks_the_rows_and_not_the_copy(kept, pat):
    copy = Document.objects.get(pk=kept.pk)
    shut(kept, state=Document.State.QUARANTINED)
    with pytest.raises(delivery.NotCleared):
        delivery.page(copy, 1, actor=pat)


# Hostile input


@pytest.mark.parametrize("number", ["0", "2", "999999999", "9" * 25])
def test_a_page_that_is_none_is_not_found(kept, pats, number):
    assert pats.get(f"/documents/{kept.pk}/pages/{number}.jpg").status_code == 404


@pytest.mark.parametrize("number", ["-1", "1e3", "١", "1.5", "..%2F1"])
def test_what_is_no_number_is_no_address(kept, pats, number):
    assert pats.get(f"/documents/{kept.pk}/pages/{number}.jpg").status_code == 404


# What lies in the vault was changed, past every rule of ours


class AtRest:
    """An object as it lies in the store, reached by the worker's credential."""

    def __init__(self, key: str) -> None:
        self.store, there = bucket(vault.Area.VAULT)
        self.bucket, self.key = there["Bucket"], key

    def read(self) -> bytes:
        return bytes(self.store.get_object(Bucket=self.bucket, Key=self.key)["Body"].read())

    def write(self, content: bytes) -> None:
        self.store.put_object(Bucket=self.bucket, Key=self.key, Body=content)

    def flip(self, at: float) -> None:
        content = bytearray(self.read())
        content[int(at * (len(content) - 1))] ^= 1
        self.write(bytes(content))

    def cut(self, at: float) -> None:
        content = self.read()
        self.write(content[: int(at * len(content))])

    def lose(self, _at: float) -> None:
        self.store.delete_object(Bucket=self.bucket, Key=self.key)


CHANGES = [*((AtRest.flip, at) for at in (0, 0.5, 1)), (AtRest.cut, 0.5), (AtRest.cut, 0.99), (AtRest.lose, 0)]
Change = Callable[[AtRest, float], None]


def received(answer: HttpResponseBase) -> bytes:
    """As much as a browser gets before the connection breaks."""
    came = b""
    try:
        for chunk in answer.streaming_content if answer.streaming else []:  # type: ignore[attr-defined]
            came += chunk
    except vault.Tampered:
        return came
    return came


@pytest.mark.parametrize(("change", "at"), CHANGES)
def test_a_changed_picture_is_not_shown_and_is_on_the_record(
    kept: Document, pats: Client, change: Change, at: float
) -> None:
    change(AtRest(kept.page_set.get().preview_key), at)
    assert pats.get(picture_of(kept)).status_code == 404
    assert trail(kept.audit_chain)[0].outcome in {"tampered", "missing"}


@pytest.mark.parametrize(("change", "at"), CHANGES)
def test_a_changed_original_never_arrives_whole_and_is_on_the_record(
    kept: Document, pats: Client, change: Change, at: float
) -> None:
    change(AtRest(kept.vault_key), at)
    assert len(received(pats.get(original_of(kept)))) < len(FILE)
    assert trail(kept.audit_chain)[0].outcome in {"tampered", "missing"}


@pytest.mark.parametrize(("change", "at"), CHANGES)
def test_a_changed_part_never_arrives_whole_and_is_on_the_record(
    packet: Packet, anas: Client, change: Change, at: float
) -> None:
    change(AtRest(packet.parts.get().key), at)
    assert len(received(anas.get(part_of(packet)))) < len(PART)
    assert trail(packet.audit_chain)[0].outcome in {"tampered", "missing"}


def test_another_file_of_the_same_matter_is_no_substitute(kept, pats, matter):
    other = sealed(FILE[::-1], matter)
    Document.objects.filter(pk=kept.pk).update(vault_key=other.key)
    assert len(received(pats.get(original_of(kept)))) < len(FILE)


def test_a_file_of_another_matter_does_not_open(kept, pats, matter):
    other = vault.seal([FILE], vault.Area.VAULT, under=vault.new_key())
    Document.objects.filter(pk=kept.pk).update(vault_key=other.key)
    assert received(pats.get(original_of(kept))) == b""
