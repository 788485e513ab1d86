"""One photo of a paper, taken again: a new paper with the others as they came, which goes through the door like any other."""

import re
from functools import partial

from django.utils.translation import gettext as _

from accounts.models import User
from documents import tagging, vault
from documents.arranging import CannotArrange, arranged, as_sent, require
from documents.intake import arriving, composing
from documents.intake.composing import Paper, Part
from documents.intake.receiving import Receipt
from documents.models import Document
from documents.preparing import Placed, album


def retake(document: Document, photo: int, sealed: vault.Sealed, name: str, *, actor: User) -> Receipt:
    """The same paper with one photo taken again: a new document, which goes through the door like any other.

    When it is ready it takes the place of this one. Raises CannotArrange, or as composing.compose does.
    """
    require(document, actor)
    new = composing.of_sealed(sealed, name, document.matter)
    if not composing.picture(new.read()[: composing.HEAD]):
        raise CannotArrange(_("This is not a photo. Take a photo of the page."))
    parts = [new if number == photo else part for number, part in enumerate(_parts(document), 1)]
    if new not in parts:
        raise CannotArrange(_("These are not the pages of this paper. Nothing was changed."))
    if not composing.fits(parts) or sum(part.size for part in parts) > arriving.room(document.matter):
        raise CannotArrange(_("This photo is too big for this paper. Send it by itself."))
    plan = [Placed(photo) if each.photo == photo else each for each in arranged(document)]
    wanted = () if plan == as_sent(document) else plan
    for_team = not (document.on_behalf or document.sender.is_client)
    paper = Paper(document.matter, actor, document.item, document.asked, document, wanted, for_team=for_team)
    [receipt] = composing.compose(parts, paper)
    if actor.pk != document.sender_id and receipt.document.pk != document.pk:  # a sender's own goes when this is ready
        tagging.withdraw(document, actor=actor)
    return receipt


def _parts(document: Document) -> list[Part]:
    """Its photos as they came, from the vault."""
    under, name = bytes(document.matter.key), re.sub(r" \(\d+\)\.zip$", ".jpg", document.name)
    whole = b"".join(vault.chunks(vault.Area.VAULT, document.vault_key, under=under))
    photos = [whole] if document.photos == 1 else [album.photo(whole, n) for n in range(1, document.photos + 1)]
    return [Part(name, len(photo), partial(bytes, photo)) for photo in photos]
