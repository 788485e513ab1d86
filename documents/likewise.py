"""The tags of the document a person coded last, for the next one of its kind: ten pay stubs are ten times the same."""

from typing import Final

from django.db import transaction
from django.db.models import Subquery
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from documents import access, tagging
from documents.models import Document, Factor, Tag

KEPT: Final = Factor.NEVER_FILED | Factor.SET_ASIDE


def previous(document: Document, actor: User) -> list[Tag]:
    """What the other document of the matter says that `actor` tagged last, one they may read. That a paper is not for a
    packet is said of that one alone, never copied. One query."""
    coded = Tag.objects.filter(tagged_by=actor, document__matter=document.matter_id).exclude(document=document)
    last = coded.order_by("-tagged_at", "-pk").values("document")[:1]
    seen = access.readable(actor).exclude(state__in=Document.OVER).select_related(None)
    tags = Tag.objects.filter(document=Subquery(last), document__in=seen).exclude(factor__in=KEPT)
    return list(tags.select_related("factor", "document__item"))


def missing(document: Document, actor: User) -> list[Tag]:
    """Those of them that this document does not have."""
    here = {tag.factor_id for tag in document.tags.all()}
    return [tag for tag in previous(document, actor) if tag.factor_id not in here]


def copy(document: Document, *, actor: User) -> list[Tag]:
    """Tag it the same way: factor, strength and note; page ranges only where it has as many pages. Raises CannotTag."""
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        tags = missing(document, actor)
        if not tags:
            raise tagging.CannotTag(_("There is nothing to copy: you tagged no other document, or this one the same."))
        return [_copied(tag, document, actor) for tag in tags]


def _copied(tag: Tag, document: Document, actor: User) -> Tag:
    span = (tag.first_page, tag.last_page) if tag.document.pages == document.pages else (None, None)
    pages = (span[0], span[1]) if span[0] and span[1] else None
    return tagging.tag(
        document, tag.factor, pages=pages, note=tag.note, strength=tag.strength, origin="previous", actor=actor
    )
