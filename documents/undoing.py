"""One step back on a checklist: what it was, noted so that a session can keep it, and how it becomes so again."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from accounts.models import User
from documents import checklist, lifecycle
from documents.checklist import CannotAsk
from documents.models import ChecklistItem, Matter

Noted = list[dict[str, Any]]
_WORDS: Final[Any] = ChecklistItem._meta.get_field("words")  # sealed in a session's row as in its own


def noted(matter: Matter) -> Noted:
    """The list as it is, in JSON; what the firm wrote is ciphertext."""
    return [
        {**_plain(item), "words": _WORDS.get_prep_value(item.words), "answer": _answer(item)}
        for item in matter.checklist.all()
    ]


def mark(matter: Matter) -> str:
    """Tells one list from another. An answer of the client's is no other list."""
    plain = json.dumps([_plain(item) for item in matter.checklist.all()])
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def noting[T](matter: Matter, act: Callable[[], T]) -> tuple[T, Noted, str]:
    """Do it; its answer, what the list was before, and the mark of what it is now. Nobody else comes between."""
    with transaction.atomic():
        lifecycle.take_turns(str(matter.pk))
        was = noted(matter)
        return act(), was, mark(matter)


def restore(matter: Matter, were: Noted, *, seen: str, actor: User) -> None:
    """Make the list what it was. `seen`: the mark of what is undone; a colleague's later change is not undone unseen.

    Raises CannotAsk, and then nothing happened.
    """
    with transaction.atomic():
        lifecycle.take_turns(str(matter.pk))
        if seen != mark(matter):
            raise CannotAsk(_("Somebody changed the list meanwhile. Here it is as it is now."))
        now = {str(item.pk): item for item in matter.checklist.all()}
        for pk in now.keys() - {row["id"] for row in were}:
            checklist.remove(now[pk], actor=actor)
        for row in were:
            _restore(now.get(row["id"]) or _again(matter, row, actor), row, actor)
        checklist.reorder(matter, [UUID(row["id"]) for row in were], actor=actor)


def _plain(item: ChecklistItem) -> dict[str, Any]:
    return {
        "id": str(item.pk),
        "item": item.item_id or "",
        "words": item.words,
        "due": _iso(item.due),
        "waived": item.waived_at is not None,
    }


def _answer(item: ChecklistItem) -> list[str]:
    return [item.answer, item.answered_at.isoformat() if item.answered_at else "", _iso(item.remind_on)]


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _again(matter: Matter, row: dict[str, Any], actor: User) -> ChecklistItem:
    """One that was taken off, under the id that it had, with what the client had said."""
    said, at, remind_on = row["answer"]
    return checklist.put_back(
        ChecklistItem(
            pk=UUID(row["id"]),
            matter=matter,
            item_id=row["item"] or None,
            words=_words(row),
            position=0,
            added_by=actor,
            answer=said,
            answered_at=parse_datetime(at),
            remind_on=parse_date(remind_on),
        ),
        actor=actor,
    )


def _restore(item: ChecklistItem, row: dict[str, Any], actor: User) -> None:
    checklist.change(item, _words(row), parse_date(row["due"]), actor=actor)
    (checklist.waive if row["waived"] else checklist.unwaive)(item, actor=actor)


def _words(row: dict[str, Any]) -> str:
    return _WORDS.from_db_value(row["words"], None, None) or ""
