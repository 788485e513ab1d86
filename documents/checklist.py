"""What the firm asks a client for. Whether it came is never written down: see documents.coming."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle, presets
from documents.coming import Now, Standing, standing, standings
from documents.models import ChecklistItem, DocumentType, Matter
from portal import hours

__all__ = [
    "CannotAnswer", "CannotAsk", "Now", "Standing", "add", "add_preset", "answer", "change", "due_for_all", "move",
    "open_items", "put_back", "remove", "reorder", "standing", "standings", "unwaive", "waive",
]  # fmt: skip
Kind, Answer = AuditEvent.Kind, ChecklistItem.Answer


class CannotAsk(Exception):
    """The list cannot be changed so; the message says why."""


class CannotAnswer(Exception):
    """This needs no answer any more, or the answer is not whole; the message says which."""


def add(
    matter: Matter,
    item: DocumentType | None = None,
    words: str = "",
    due: date | None = None,
    *,
    preset: str = "",
    actor: User,
) -> ChecklistItem:
    """Ask for a kind of paper, for something in the firm's own words, or for the one with the other as a hint.

    Raises CannotAsk where neither is given or the list has it already.
    """
    if not item and not words:
        raise CannotAsk(_("Choose a kind of paper, or write what you need."))
    with transaction.atomic():
        lifecycle.take_turns(str(matter.pk))
        if any((one.item_id, one.words) == (item and item.pk, words) for one in matter.checklist.all()):
            raise CannotAsk(_("This is on the list already."))
        last = matter.checklist.aggregate(last=Max("position"))["last"] or 0
        made = ChecklistItem.objects.create(
            matter=matter, item=item, words=words, due=due, position=last + 1, added_by=actor
        )
        _record(Kind.ASKED, made, actor, action="added", origin=preset)
    return made


def add_preset(matter: Matter, preset: str, due: date | None = None, *, actor: User) -> list[ChecklistItem]:
    """Ask for everything of a preset (a stage or a factor's code) that is not on the list yet, waived or not."""
    with transaction.atomic():
        lifecycle.take_turns(str(matter.pk))
        there = set(matter.checklist.values_list("item", flat=True))
        missing = [kind for kind in presets.kinds(preset) if kind.pk not in there]
        return [add(matter, kind, due=due, preset=preset, actor=actor) for kind in missing]


def change(item: ChecklistItem, words: str, due: date | None, *, actor: User) -> None:
    """Say it in other words, or until another day."""
    if not item.item_id and not words:
        raise CannotAsk(_("Write what you need."))
    with transaction.atomic():
        _take(item)
        new: dict[str, Any] = {"words": words, "due": due}
        fields = [name for name, value in new.items() if getattr(item, name) != value]
        if not fields:
            return
        item.words, item.due = words, due
        item.save(update_fields=fields)
        _record(Kind.ASKED, item, actor, action="changed", fields=fields)


def due_for_all(matter: Matter, due: date | None, *, actor: User) -> int:
    """One day for everything that is still needed. Returns for how many it changed."""
    with transaction.atomic():
        lifecycle.take_turns(str(matter.pk))
        others = [item for item in open_items(matter) if item.due != due]
        for item in others:
            change(item, item.words, due, actor=actor)
    return len(others)


def move(item: ChecklistItem, step: int, *, actor: User) -> None:
    """So many places further on (negative: further up), at most to the end."""
    with transaction.atomic():
        _take(item)
        order = list(item.matter.checklist.values_list("pk", flat=True))
        place = order.index(item.pk)
        order.insert(max(0, place + step), order.pop(place))
        reorder(item.matter, order, actor=actor)


def reorder(matter: Matter, order: list[UUID], *, actor: User) -> None:
    """Put the list in this order: everything that is on it, each once. Raises CannotAsk."""
    with transaction.atomic():
        lifecycle.take_turns(str(matter.pk))
        items = {item.pk: item for item in matter.checklist.all()}
        if sorted(order) != sorted(items):
            raise CannotAsk(_("Somebody changed the list meanwhile. Here it is as it is now."))
        if order == list(items):
            return
        for place, pk in enumerate(order, 1):
            items[pk].position = place
        ChecklistItem.objects.bulk_update(items.values(), ["position"])
        record(Kind.ASKED, matter, actor=actor, action="ordered", count=len(order))


def waive(item: ChecklistItem, *, actor: User) -> None:
    """It is not needed after all; what came for it stays."""
    _waive(item, {"waived_at": timezone.now(), "waived_by": actor}, actor)


def unwaive(item: ChecklistItem, *, actor: User) -> None:
    """It is needed again."""
    _waive(item, {"waived_at": None, "waived_by": None}, actor)


def _waive(item: ChecklistItem, fields: dict[str, Any], actor: User) -> None:
    with transaction.atomic():
        _take(item)
        if bool(item.waived_at) == bool(fields["waived_at"]):
            return
        for name, value in fields.items():
            setattr(item, name, value)
        item.save(update_fields=list(fields))
        _record(Kind.WAIVED, item, actor, to=Now.NOT_NEEDED if item.waived_at else Now.NEEDED)


def remove(item: ChecklistItem, *, actor: User) -> None:
    """Take it off the list as if it had never been there. Raises CannotAsk once something was sent for it."""
    try:
        with transaction.atomic():
            _take(item)
            _record(Kind.ASKED, item, actor, action="removed")
            item.delete()
    except IntegrityError:  # documents and uploads protect what they were sent for
        raise CannotAsk(_("Something was sent for this. Say that it is not needed instead.")) from None


def put_back(item: ChecklistItem, *, actor: User) -> ChecklistItem:
    """One that was taken off, as it was."""
    with transaction.atomic():
        lifecycle.take_turns(str(item.matter_id))
        item.save(force_insert=True)
        _record(Kind.ASKED, item, actor, action="put_back")
    return item


def open_items(matter: Matter) -> list[ChecklistItem]:
    """What the client is still asked for, in the order of the list."""
    return [each.item for each in standings(matter) if each.open]


# What the client says


def answer(item: ChecklistItem, said: str, remind_on: date | None = None, *, actor: User) -> None:
    """The client has no such paper and says why, or when to ask again; "" takes that back. Raises CannotAnswer."""
    later = remind_on if said == Answer.LATER else None
    if said == Answer.LATER and (later is None or later <= hours.today()):
        raise CannotAnswer(_("Choose a day after today."))
    with transaction.atomic():
        _take(item)
        if said and standing(item).now not in {Now.NEEDED, Now.AGAIN, Now.ANSWERED}:
            raise CannotAnswer(_("We do not need an answer for this one any more."))
        if (item.answer, item.remind_on) == (said, later):
            return
        item.answer, item.remind_on = said, later
        item.answered_at = timezone.now() if said else None
        item.save(update_fields=["answer", "remind_on", "answered_at"])
        _record(Kind.ANSWERED, item, actor, to=said or "none")


def _take(item: ChecklistItem) -> None:
    """The row as it is now, ours until the transaction ends. Raises CannotAsk for one that was taken off."""
    lifecycle.take_turns(str(item.matter_id))
    try:
        item.refresh_from_db()
    except ChecklistItem.DoesNotExist:
        raise CannotAsk(_("This is not on the list any more.")) from None


def _record(kind: AuditEvent.Kind, item: ChecklistItem, actor: User, **facts: Any) -> None:
    """Codes alone: what the firm wrote is sealed and stays in its row."""
    record(kind, item, actor=actor, **{name: value for name, value in facts.items() if value}, item=item.item_id or "")
