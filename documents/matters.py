"""Opening matters and requests, and who is on them."""

import hashlib
import secrets
import string
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import access, lifecycle, queue, vault
from documents.models import Factor, LetterVersion, Matter, Membership, Request

Kind = AuditEvent.Kind


class CannotJoin(Exception):
    """This person cannot be on this matter; the message says why."""


class CannotSave(Exception):
    """Somebody else saved first; the message says so."""


class CannotSign(Exception):
    """There is nothing to sign, or it is signed; the message says which."""


def open_matter(respondent: str, a_number: str = "", *, actor: User) -> Matter:
    """A new matter with a key of its own and whoever opened it as its first member."""
    with transaction.atomic():
        lifecycle.take_turns("matters")
        matter = Matter.objects.create(
            number=1 + (Matter.objects.aggregate(last=Max("number"))["last"] or 0),
            respondent=respondent,
            a_number=a_number,
            key=vault.new_key(),
        )
        record(Kind.MATTER_OPENED, matter, actor=actor)
        queue.defer("keep_key", matter)
        add_member(matter, actor, actor=actor)
    return matter


def open_throwaway(respondent: str, a_number: str = "", *, actor: User) -> Matter:
    """A matter for one command, without number or members, so that it is on nobody's list: see purging.throwaway.

    Its key is in its row alone: nothing of it is to be restored from a backup of the store.
    """
    with transaction.atomic():
        matter = Matter.objects.create(throwaway=True, respondent=respondent, a_number=a_number, key=vault.new_key())
        record(Kind.MATTER_OPENED, matter, actor=actor, type="throwaway")
    return matter


def open_request(matter: Matter, *, actor: User, **about: Any) -> Request:
    """A new request in the matter. `about`: stage, form, profile, office, and what else its cover says."""
    with transaction.atomic():
        lifecycle.take_turns(str(matter.pk))
        last = matter.requests.aggregate(last=Max("number"))["last"] or 0
        request = Request.objects.create(matter=matter, number=last + 1, **about)
        record(Kind.REQUEST_OPENED, request, actor=actor, request=request.number, stage=request.stage)
    return request


def change_request(request: Request, *, seen: str, actor: User, **about: Any) -> list[str]:
    """Change what is asked, of whom, and where the case stands; the names of what changed. `seen`: `request_mark` of what
    was on the page: a colleague's later change is not overwritten unseen. A packet bound before does not fit it any more
    (rule V27), and is ordered again."""
    with transaction.atomic():
        ours = Request.objects.select_for_update().get(pk=request.pk)
        if seen != request_mark(ours):
            raise CannotSave(_("Somebody else changed this meanwhile. Here is how it is now."))
        changed = sorted(name for name, value in about.items() if getattr(ours, name) != value)
        for name in changed:
            setattr(ours, name, about[name])
        if changed:
            ours.save(update_fields=changed)
            record(Kind.MOVED, ours, actor=actor, field="request", fields=changed)
    return changed


def request_mark(request: Request) -> str:
    """Tells whether what a request asks for, and of whom, is still the same."""
    said = [request.stage, request.form, request.profile, request.office, request.judge, request.detained]
    hearing = request.next_hearing.isoformat() if request.next_hearing else ""
    return letter_sha256("|".join([*map(str, said), hearing]))[:16]


def add_member(matter: Matter, user: User, *, actor: User) -> Membership:
    """Put a person on the matter; once is enough. A second client never joins another client's matter."""
    if user.administers:
        raise CannotJoin(_("An administrator manages people and is on no matter."))
    with transaction.atomic():
        lifecycle.take_turns(str(matter.pk))
        if user.is_client and access.clients(matter).exclude(user=user).exists():
            raise CannotJoin(_("This matter already has its client."))
        membership, created = Membership.objects.get_or_create(matter=matter, user=user)
        if created:
            record(Kind.MEMBER_ADDED, membership, actor=actor, member=str(user.pk), role=user.role)
    return membership


def remove_member(membership: Membership, *, actor: User) -> None:
    """Take a person off the matter, from the next request on. The last attorney stays."""
    with transaction.atomic():
        lifecycle.take_turns(str(membership.matter_id))
        attorneys = access.attorneys(membership.matter)
        if membership in attorneys and attorneys.count() == 1:
            raise CannotJoin(_("A matter keeps at least one attorney. Add another one first."))
        record(Kind.MEMBER_REMOVED, membership, actor=actor, member=str(membership.user_id), role=membership.user.role)
        membership.delete()


def client_of(matter: Matter) -> User | None:
    membership = access.clients(matter).select_related("user").first()
    return membership.user if membership else None


def change_letter(request: Request, text: str, *, seen: str = "", actor: User) -> None:
    """Save the letter. A changed letter has to be signed again. `seen`: SHA-256 of the text that was being changed."""
    with transaction.atomic():
        _take(request)
        if seen and seen != letter_sha256(request.letter):
            raise CannotSave(_("Somebody else changed the letter meanwhile. Yours is below: compare, then save again."))
        if text == request.letter:
            return
        request.letter, request.letter_signed_by, request.letter_signed_at = text, None, None
        request.save(update_fields=["letter", "letter_signed_by", "letter_signed_at"])
        _keep_version(request, actor)
        record(Kind.MOVED, request, actor=actor, field="letter", letter_sha256=letter_sha256(text))


def restore_letter(request: Request, version: LetterVersion, *, seen: str, actor: User) -> None:
    """An older letter is the letter again, as a new version. Raises CannotSave when `seen` is not the one before it."""
    change_letter(request, version.text, seen=seen, actor=actor)


def _keep_version(request: Request, actor: User) -> None:
    last = request.letter_versions.aggregate(last=Max("number"))["last"] or 0
    text, digest = request.letter, letter_sha256(request.letter)
    LetterVersion.objects.create(request=request, number=last + 1, text=text, sha256=digest, by=actor)


def sign_letter(request: Request, *, seen: str, actor: User) -> None:
    """An attorney signs the letter that was on the page, and no other: `seen` is the SHA-256 of its text."""
    with transaction.atomic():
        _take(request)
        if not request.letter.strip():
            raise CannotSign(_("There is no letter to sign yet."))
        if seen != letter_sha256(request.letter):
            raise CannotSign(_("The letter changed since you opened it. Read it again, then sign."))
        request.letter_signed_by, request.letter_signed_at = actor, timezone.now()
        request.save(update_fields=["letter_signed_by", "letter_signed_at"])
        record(Kind.LETTER_SIGNED, request, actor=actor, letter_sha256=letter_sha256(request.letter))


def _take(request: Request) -> None:
    """The letter as it is now, ours until the transaction ends."""
    audit.take_turns(request.audit_chain)
    request.refresh_from_db(fields=["letter"], from_queryset=Request.objects.select_for_update())


def letter_sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def add_factor(
    code: str, polarity: str, name_en: str, name_es: str, reveals: bool = False, *, actor: User
) -> Factor:  # fmt: skip
    """A factor of the firm's own. Its code is permanent. `reveals`: its papers wait for an attorney, whatever it says."""
    about = {"polarity": polarity, "name_en": name_en, "name_es": name_es, "reveals": reveals}
    return _define(code, None, about, actor)


def add_own_factor(
    matter: Matter, polarity: str, name_en: str, name_es: str, reveals: bool = False, *, actor: User
) -> Factor:  # fmt: skip
    """A factor of this matter alone, which no other one sees. Its code is made here: what a person types is no code."""
    code = "OWN_" + "".join(secrets.choice(string.ascii_uppercase) for _letter in range(12))
    about = {"polarity": polarity, "name_en": name_en, "name_es": name_es, "reveals": reveals}
    return _define(code, matter, about, actor)


def put_away_factor(factor: Factor, *, away: bool, actor: User) -> None:
    """One of the firm's own is offered no more, or again. Where it is used it stays."""
    with transaction.atomic():
        was: dict[str, Any] = {"put_away_at__isnull": away, "origin": Factor.Origin.FIRM}
        at = timezone.now() if away else None
        if Factor.everything.filter(pk=factor.pk, **was).update(put_away_at=at):
            action = "put_away" if away else "put_back"
            record(Kind.FACTOR_DEFINED, factor, actor=actor, factor=factor.code, action=action)


def _define(code: str, matter: Matter | None, about: dict[str, Any], actor: User) -> Factor:
    with transaction.atomic():
        lifecycle.take_turns("factors")
        last = Factor.everything.aggregate(last=Max("position"))["last"] or 0
        origin = Factor.Origin.FIRM
        factor: Factor = Factor.everything.create(code=code, matter=matter, position=last + 1, origin=origin, **about)
        record(Kind.FACTOR_DEFINED, factor, actor=actor, factor=code, polarity=factor.polarity)
    return factor
