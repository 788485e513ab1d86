"""A tag taken from one factor to another, as the board does it: pages, strength and note go with it."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from documents import tagging
from documents.models import Document, Factor, Tag


def move(document: Document, old: Factor, new: Factor, *, actor: User) -> Tag:
    """Say that the document supports `new` and not `old`. The new tag comes first, so that an accepted paper is never
    without one. A hold that the old one placed stays. Raises CannotTag where there is no such tag, or the other is."""
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        there = {tag.factor_id: tag for tag in document.tags.filter(factor__in=[old, new])}
        if old.pk not in there:
            raise tagging.CannotTag(_("Somebody took this tag away meanwhile. Nothing was changed."))
        if new.pk in there:
            raise tagging.CannotTag(_("It supports that factor already. Nothing was changed."))
        was = there[old.pk]
        pages = (was.first_page, was.last_page) if was.first_page and was.last_page else None
        made = tagging.tag(
            document, new, pages=pages, note=was.note, strength=was.strength, origin="moved", actor=actor
        )
        tagging.untag(document, old, actor=actor)
    return made
