"""What ought not to stand on a page, looked for in the words of each page once they were read: numbers by their form
(packets/numbers.py), and the full names of the firm's other clients.

A finding says of which kind and on which page, never the thing itself, whose it is, or in which matter. It is settled by
somebody of the team, with a reason, and is open again when the words of its page change.
"""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle
from documents.models import Document, Finding, Matter
from documents.packets import numbers
from documents.packets.argued import folded
from documents.packets.rules.naming import other_clients, stands_in

Kind = AuditEvent.Kind
FINDINGS = Prefetch("findings", queryset=Finding.objects.select_related("settled_by"))  # to prefetch, with who settled
Found = dict[tuple[int, str], str]  # page (1-based) and kind to the mark of the page's words


def look(document: Document, texts: Mapping[int, str]) -> list[Finding]:
    """At the words of these pages (reading.texts): what is found anew, also where the words around it changed.

    What no longer stands there is gone, and so is what was found on a page that is no more. May be repeated.
    """
    found = _found(document, texts)
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        standing = {(each.page, each.kind): each for each in document.findings.select_for_update()}
        gone = [each.pk for key, each in standing.items() if key not in found and _is_known(document, each, texts)]
        document.findings.filter(pk__in=gone).delete()
        new = [key for key, mark in found.items() if key not in standing or standing[key].mark != mark]
        document.findings.filter(pk__in=[standing[key].pk for key in new if key in standing]).delete()
        made = Finding.objects.bulk_create(
            Finding(document=document, page=page, kind=kind, mark=found[page, kind]) for page, kind in new
        )
        if made:
            pages, kinds = sorted({page for page, _kind in new}), sorted({kind for _page, kind in new})
            record(Kind.FOUND, document, actor=None, codes=kinds, pages=pages, count=len(made))
    return made


def settle(
    document: Document, seen: Mapping[int, str], settled_as: str, why: str, *, actor: User
) -> None:  # fmt: skip
    """Somebody of the team looked, and says what they are. `seen`: findings and their marks, as they were on the page.

    Raises LostRace when one is settled already, or its page is another one since; then none is.
    """
    said = {"settled_as": settled_as, "settled_why": why, "settled_by": actor, "settled_at": timezone.now()}
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        for pk, mark in seen.items():
            if not document.findings.filter(pk=pk, mark=mark, settled_at=None).update(**said):
                raise lifecycle.LostRace(f"finding {pk} is settled, or no longer what was seen")
        settled = document.findings.filter(pk__in=seen)
        kinds_, pages = ({*settled.values_list(name, flat=True)} for name in ("kind", "page"))
        record(Kind.SETTLED, document, actor=actor, codes=sorted(kinds_), pages=sorted(pages), why=settled_as)


def reopen(finding: Finding, *, actor: User) -> None:
    """Somebody thought better of it. Once is enough."""
    with transaction.atomic():
        audit.take_turns(finding.document.audit_chain)
        ours = Finding.objects.filter(pk=finding.pk).exclude(settled_at=None)
        if ours.update(settled_as="", settled_why="", settled_by=None, settled_at=None):
            record(
                Kind.SETTLED, finding.document, actor=actor, outcome="reopened",
                codes=[finding.kind], pages=[finding.page],
            )  # fmt: skip


def kinds(text: str, own: Collection[str], others: Collection[str]) -> set[str]:
    """What seems to stand in these words. `own`: figures of A-numbers that may; `others`: names that may not."""
    found = numbers.kinds(text, own)
    words = {*folded(text).split()}
    named = (name for name in others if {*folded(name).split()} <= words)
    return found | ({Finding.Kind.CLIENT.value} if any(stands_in(text, name) for name in named) else set())


def _found(document: Document, texts: Mapping[int, str]) -> Found:
    matter = document.matter
    own, others = [numbers.figures(matter.a_number)], other_clients(matter)
    return {
        (page, kind): _mark(matter, text) for page, text in texts.items() for kind in kinds(text, own, others)
    }  # fmt: skip


def _mark(matter: Matter, text: str) -> str:
    """Tells other words from these, and tells nobody what they are: a number alone would soon be guessed."""
    return salted_hmac(f"documents.harm {matter.pk}", text, algorithm="sha256").hexdigest()


def _is_known(document: Document, finding: Finding, texts: Mapping[int, str]) -> bool:
    """Whether its page was read now, or is there no more."""
    return finding.page in texts or finding.page > document.pages
