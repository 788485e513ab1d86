"""The firm's own paragraphs for letters, by factor. They are of no client: what is a client's is filled in when one is used."""

import re
from collections.abc import Mapping
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents.models import Factor, Snippet
from documents.packets import letter, numbers
from documents.packets.rules import naming

Kind = AuditEvent.Kind
CLIENT: Final = "{client}"
MARK: Final = re.compile(r"\{[^{}]*\}?")


class CannotKeep(Exception):
    """The paragraph is of one client, or has a mark that nothing fills; the message says which."""


def keep(factor: Factor, title: str, text: str, *, instead: Snippet | None = None, actor: User) -> Snippet:
    """A paragraph for letters that argue this factor. `instead`: the one it replaces, which is put away. Raises
    CannotKeep."""
    _require_of_nobody(f"{title}\n{text}")
    _require_filled(text)
    with transaction.atomic():
        if instead:
            put_away(instead, actor=actor)
        kept = Snippet.objects.create(factor=factor, title=title, text=text, by=actor)
        record(Kind.SNIPPET_KEPT, kept, actor=actor, factor=factor.code, action="kept")
    return kept


def put_away(snippet: Snippet, *, actor: User) -> None:
    """It is offered no more; letters that used it keep their words. Once is enough."""
    with transaction.atomic():
        away = Snippet.objects.filter(pk=snippet.pk, put_away_at=None).update(put_away_at=timezone.now())
        if away:
            record(Kind.SNIPPET_KEPT, snippet, actor=actor, factor=snippet.factor_id, action="put_away")


def filled(text: str, client: str, cited: Mapping[str, str]) -> str:
    """The paragraph for one letter: the client's name, and for each factor's code the citation of its strongest paper.
    A code with no paper stays, and rule V28 speaks of it."""
    named = text.replace(CLIENT, letter.escaped(client))
    return letter.CITATION.sub(lambda found: cited.get(found[1].strip().upper(), found[0]), named)


def _require_of_nobody(text: str) -> None:
    if any(naming.stands_in(text, name) for name in naming.other_clients()):
        raise CannotKeep(_("A client's name stands in it. Write %s where the name goes.") % CLIENT)
    if numbers.kinds(text, []):
        raise CannotKeep(_("A number of a person seems to stand in it. A paragraph is for every client."))


def _require_filled(text: str) -> None:
    codes = {*Factor.objects.values_list("pk", flat=True)}
    for mark in MARK.findall(text):
        found = letter.CITATION.fullmatch(mark)
        if mark not in (CLIENT, letter.DATE) and not (found and found[1].strip().upper() in codes):
            words = {"mark": mark, "client": CLIENT}
            raise CannotKeep(_("“%(mark)s” is not filled in. Use %(client)s, or {tab:…} with a factor's code.") % words)
