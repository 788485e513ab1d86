"""Notes about a matter or one of its documents, each for those of one layer: the client too, the legal team, attorneys only.

A change adds a version, a note that is taken away is struck out and kept. A version is read by those for whom it was
written: a note that more people read from now on shows them no earlier words. No word of a note is on the record, in a
message or in a packet.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import access, lifecycle
from documents.models import Document, Matter, Note, NoteVersion

Kind, Layer = AuditEvent.Kind, Note.Layer
LONGEST = 4000  # characters
WIDEST_FIRST: Final = list(Layer)


class CannotWrite(Exception):
    """The note is not what the person saw, or was struck out; the message says which."""


class NotConfirmed(CannotWrite):
    """More people would read it than before: somebody has to say that this is meant."""


@dataclass(frozen=True, slots=True)
class Line:
    """A note as one person sees it: what it says now, and what it said before to those of that person's layers."""

    note: Note
    now: NoteVersion
    earlier: list[NoteVersion]


def write(matter: Matter, text: str, layer: str, document: Document | None = None, *, token: UUID, actor: User) -> Note:
    """A new note. `token`: made for one form; the same words by the same form are one note.

    404 or 403 for somebody who may not, or not in this layer, by now.
    """
    pk = uuid5(token, f"{matter.pk} {document and document.pk} {actor.pk} {text}")
    with transaction.atomic():
        _take(matter, layer, actor)
        if there := Note.objects.filter(pk=pk).first():
            return there
        note = Note.objects.create(pk=pk, matter=matter, document=document, layer=layer)
        NoteVersion.objects.create(note=note, number=1, layer=layer, text=text, by=actor)
        record(Kind.NOTE_WRITTEN, note, actor=actor, level=layer, document=str(document.pk) if document else "")
    return note


def change(note: Note, text: str, layer: str, *, seen: int, confirmed: bool = False, actor: User) -> None:
    """Say it in other words, or to others. `seen`: the number of the version that was changed.

    Raises CannotWrite; NotConfirmed where more people would read it and nobody `confirmed` that.
    """
    with transaction.atomic():
        now = _open(note, layer, actor)
        if now.number != seen:
            raise CannotWrite(_("Somebody changed this note meanwhile. Yours is not saved: look at both."))
        if (now.text, now.layer) == (text, layer):
            return
        if is_wider(layer, than=now.layer) and not confirmed:
            raise NotConfirmed(_("More people would read this. Say that you mean it."))
        NoteVersion.objects.create(note=note, number=now.number + 1, layer=layer, text=text, by=actor)
        Note.objects.filter(pk=note.pk).update(layer=layer)
        moved = {"was": now.layer, "to": layer} if now.layer != layer else {}
        record(Kind.NOTE_CHANGED, note, actor=actor, version=now.number + 1, level=layer, **moved)


def strike(note: Note, *, actor: User) -> None:
    """Take it away: the client does not see it any more, the legal team sees that it was struck out."""
    with transaction.atomic():
        now = _open(note, note.layer, actor)
        Note.objects.filter(pk=note.pk).update(struck_at=timezone.now(), struck_by=actor)
        record(Kind.NOTE_STRUCK, note, actor=actor, version=now.number, level=now.layer)


def listed(user: User, matter: Matter, document: Document | None = None) -> list[Line]:
    """What this person may read: about the matter itself, or about one of its documents. Oldest first."""
    return [line(note) for note in access.notes(user).filter(matter=matter, document=document)]


def line(note: Note) -> Line:
    """Of a note from access.notes: its newest version is of its layer, so whoever sees the note sees that one."""
    now, *earlier = note.versions.all()
    return Line(note, now, earlier)


def is_wider(layer: str, *, than: str) -> bool:
    """Whether people read the one layer who do not read the other."""
    return WIDEST_FIRST.index(Layer(layer)) < WIDEST_FIRST.index(Layer(than))


def _open(note: Note, layer: str, actor: User) -> NoteVersion:
    """The newest version of a note that still stands, the matter ours until the transaction ends."""
    _take(note.matter, layer, actor)
    note.refresh_from_db(fields=["layer", "struck_at"])
    if note.layer not in access.layers(actor) or note.struck_at:
        raise CannotWrite(_("This note was taken away meanwhile. Nothing was changed."))
    return note.versions.latest("number")


def _take(matter: Matter, layer: str, actor: User) -> None:
    lifecycle.take_turns(str(matter.pk))
    access.matter(actor, matter.pk, to=access.To.NOTE)
    if layer not in access.layers(actor):
        raise PermissionDenied("a note for others' eyes")
