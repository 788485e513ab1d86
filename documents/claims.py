"""Which factors count in a matter: claimed though no paper says so yet, or not applicable, which an attorney decides."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEvent, User
from documents import access
from documents.models import Claim, Document, Factor, Matter, Tag

Said, Polarity = Claim.Said, Factor.Polarity


class CannotClaim(Exception):
    """This cannot be said of the factor (any more); the message says what to do."""


def claim(matter: Matter, factor: Factor, *, actor: User) -> Claim:
    """The factor counts here. Raises CannotClaim for what speaks against the client, and against an attorney's word."""
    if factor.polarity not in (Polarity.POSITIVE, Polarity.CONTEXT):
        raise CannotClaim(_("Only what speaks for the client, or explains, is claimed."))
    with transaction.atomic():
        standing = _take(matter, factor)
        if standing and standing.said == Said.CLAIMED:
            return standing
        if standing and standing.set_aside:
            raise CannotClaim(_("An attorney decided that this does not apply. An attorney takes that back first."))
        return _say(matter, factor, standing, Said.CLAIMED, "", actor)


def set_aside(matter: Matter, factor: Factor, why: str, *, actor: User) -> Claim:
    """The factor does not apply, and why. Of an attorney it is decided, of a paralegal a proposal.

    Raises CannotClaim while papers are tagged to it: they say otherwise.
    """
    with transaction.atomic():
        standing = _take(matter, factor)
        if standing and standing.set_aside:
            raise CannotClaim(_("An attorney decided that already."))
        if (
            Tag.objects.filter(factor=factor, document__matter=matter)
            .exclude(document__state__in=Document.OVER)
            .exists()
        ):
            raise CannotClaim(_("Papers are tagged to it. Take these tags away first."))
        return _say(matter, factor, standing, Said.NOT_APPLICABLE, why, actor)


def agree(proposed: Claim, *, actor: User) -> None:
    """An attorney decides what was proposed. The caller has checked the right to. Once is enough."""
    with transaction.atomic():
        ours = _again(proposed)
        if ours.said != Said.NOT_APPLICABLE:
            raise CannotClaim(_("There is nothing to decide."))
        if not ours.set_aside:
            ours.decided_by, ours.decided_at = actor, timezone.now()
            ours.save(update_fields=["decided_by", "decided_at"])
            _record(ours, "decided", actor)


def take_back(said: Claim, *, actor: User) -> None:
    """It is said no more, and stays on the record. The caller has checked the right to."""
    with transaction.atomic():
        _take_back(_again(said), actor)


def _take(matter: Matter, factor: Factor) -> Claim | None:
    """What stands of it now, ours until the transaction ends."""
    if factor.polarity == Polarity.PROCEDURAL or factor.matter_id not in (None, matter.pk):
        raise CannotClaim(_("This is no factor of this matter."))
    audit.take_turns(matter.audit_chain)
    return Claim.objects.select_for_update().filter(matter=matter, factor=factor, taken_back_at=None).first()


def _again(said: Claim) -> Claim:
    audit.take_turns(said.audit_chain)
    found = Claim.objects.select_for_update(of=("self",)).filter(pk=said.pk, taken_back_at=None).first()
    if found is None:
        raise CannotClaim(_("Somebody else took this back already."))
    return found


def _say(matter: Matter, factor: Factor, standing: Claim | None, said: str, why: str, actor: User) -> Claim:
    if standing:
        _take_back(standing, actor)
    decides = said == Said.NOT_APPLICABLE and access.may(actor, access.To.SET_ASIDE)
    decision = {"decided_by": actor, "decided_at": timezone.now()} if decides else {}
    made = Claim.objects.create(matter=matter, factor=factor, said=said, why=why, by=actor, **decision)
    _record(made, said if decides or said == Said.CLAIMED else "proposed", actor)
    return made


def _take_back(said: Claim, actor: User) -> None:
    said.taken_back_by, said.taken_back_at = actor, timezone.now()
    said.save(update_fields=["taken_back_by", "taken_back_at"])
    _record(said, "taken_back", actor)


def _record(said: Claim, action: str, actor: User) -> None:
    audit.record(AuditEvent.Kind.CLAIMED, said.matter, actor=actor, factor=said.factor_id, action=action)
