"""Other ways to stay, weighed before prosecutorial discretion is asked for: the options memo of a request.

An attorney answers for each way; what nobody answered stays empty and rule V20 says so.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents.matters import CannotSave
from documents.models import Request


class Way(models.TextChoices):
    """The other ways to stay that are looked at, each time all of them."""

    ASYLUM = "asylum", gettext_lazy("Asylum, withholding of removal, CAT")
    CANCELLATION = "cancellation", gettext_lazy("Cancellation of removal")
    ADJUSTMENT = "adjustment", gettext_lazy("Adjustment of status")
    VICTIM = "victim", gettext_lazy("U or T visa, VAWA")
    JUVENILE = "juvenile", gettext_lazy("Special immigrant juvenile")
    PROTECTED = "protected", gettext_lazy("TPS or DACA")
    PAROLE = "parole", gettext_lazy("Parole in place")
    MOTION = "motion", gettext_lazy("Motion to suppress or to terminate")
    APPEAL = "appeal", gettext_lazy("Appeal")


class Answer(models.TextChoices):
    PURSUED = "pursued", gettext_lazy("Pursued")
    NOT_AVAILABLE = "not_available", gettext_lazy("Not available")
    PRESERVED = "preserved", gettext_lazy("Preserved")


class YesNo(models.TextChoices):
    YES = "yes", gettext_lazy("Yes")
    NO = "no", gettext_lazy("No")


ASKED_OF_A_DISMISSAL: Final = Request.Form.DISMISSAL


@dataclass(frozen=True, slots=True)
class Memo:
    """What was answered. `ways`: way to (answer, note). `two_years`: whether the client is here under two years, or
    cannot prove longer; `closure`: whether administrative closure was considered. Empty: not answered."""

    ways: dict[str, tuple[str, str]]
    work_permit: str = ""
    two_years: str = ""
    closure: str = ""

    @classmethod
    def of(cls, request: Request) -> "Memo":
        said = request.options
        ways = {way.value: (said.get(way.value, ""), said.get(f"{way.value}_note", "")) for way in Way}
        return cls(ways, said.get("work_permit", ""), said.get("two_years", ""), said.get("closure", ""))

    @property
    def risky(self) -> bool:
        """After a dismissal the office could order the client removed without a judge."""
        return self.two_years == YesNo.YES

    @property
    def unweighed(self) -> bool:
        """A dismissal is asked for, and nobody looked at the way that keeps the judge."""
        return self.closure == YesNo.NO


def weigh(request: Request, said: dict[str, str], *, seen: str = "", actor: User) -> None:
    """Save the memo. `seen`: the mark of the one that was being changed. Raises CannotSave when somebody saved since."""
    typed = {key: words for key, words in said.items() if words}
    with transaction.atomic():
        audit.take_turns(request.audit_chain)
        request.refresh_from_db(fields=["options"], from_queryset=Request.objects.select_for_update())
        if typed == request.options:
            return
        if seen and seen != mark(request):
            raise CannotSave(_("Somebody else changed the memo meanwhile. Yours is below: compare, then save again."))
        changed = sorted(key for key in {*typed, *request.options} if typed.get(key) != request.options.get(key))
        request.options, request.options_by, request.options_at = typed, actor, timezone.now()
        request.save(update_fields=["options", "options_by", "options_at"])
        record(AuditEvent.Kind.WEIGHED, request, actor=actor, fields=changed, sha256=mark(request))


def mark(request: Request) -> str:
    """Tells one memo from another."""
    return hashlib.sha256(json.dumps(request.options, sort_keys=True).encode()).hexdigest()[:16]


def missing(request: Request) -> Iterator[str]:
    """A sentence for everything that nobody answered yet."""
    memo = Memo.of(request)
    for way, (answer, note) in memo.ways.items():
        if not answer:
            yield _("Say whether this is pursued, not available or preserved: %s.") % Way(way).label
        elif answer == Answer.NOT_AVAILABLE and not note:
            yield _("Say why this is not available: %s.") % Way(way).label
    if not memo.work_permit:
        yield _("Say what a yes does to the client's work permit.")
    if request.form == ASKED_OF_A_DISMISSAL:
        yield from _screened(memo)


def complete(request: Request) -> bool:
    return next(missing(request), None) is None


def _screened(memo: Memo) -> Iterator[str]:
    if not memo.two_years:
        yield _("A dismissal is asked for: say whether the client is here under two years or cannot prove longer.")
    if not memo.closure:
        yield _("A dismissal is asked for: say whether administrative closure was considered.")
