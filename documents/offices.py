"""The firm's office profiles: copies of the portal's own, changed with a source and a day. Every version is kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.models import AuditEvent, User
from documents import lifecycle
from documents.models import DocumentType, Factor, OfficeProfile
from documents.packets import profiles
from documents.packets.profiles import Profile, UnknownProfile
from portal.hours import today

SHIPPED: Final = "0"  # the mark of a profile that the firm has not touched yet
LEAST, MOST = 1_000_000, 50_000_000  # bytes a file may have
CODE: Final = re.compile(r"(?P<family>[A-Z]+)-[A-Z0-9]+(?:-[A-Z0-9]+)*")
HARMFUL: Final = "negative"  # this section is never filed by itself, whatever an office takes
FIELDS: Final[dict[str, Promise]] = {
    "name": gettext_lazy("Name"),
    "filing": gettext_lazy("Title of the filing"),
    "letter_title": gettext_lazy("Title of the letter"),
    "file_suffix": gettext_lazy("End of file names"),
    "part_limit": gettext_lazy("Most bytes a file may have"),
    "double_spaced": gettext_lazy("Letter in double spacing"),
    "forbidden": gettext_lazy("Leave out"),
    "accepts_requests": gettext_lazy("Takes requests"),
    "channel": gettext_lazy("How it is sent"),
    "sources": gettext_lazy("Sources"),
}


class CannotChange(Exception):
    """This is no profile, or a colleague was quicker; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What one version says and the one before did not."""

    what: str | Promise
    was: str
    now: str


def load(code: str) -> Profile:
    """What the firm holds of this office: its newest version, else what came with the portal. UnknownProfile when there
    is neither."""
    newest = OfficeProfile.objects.filter(code=code).first()
    return of_row(newest) if newest else profiles.load(code)


def at(code: str, version: str) -> Profile:
    """This very version. UnknownProfile when it is not kept (any more): the portal's own changed with a new release."""
    if row := OfficeProfile.objects.filter(code=code, version=version).first():
        return of_row(row)
    shipped = profiles.load(code)
    if shipped.version != version:
        raise UnknownProfile(f"There is no version {version} of the office profile “{code}”.")
    return shipped


def available() -> list[Profile]:
    """Every office there is, by code, as it is now."""
    own = OfficeProfile.objects.values_list("code", flat=True)
    return [load(code) for code in sorted({profile.code for profile in profiles.available()} | {*own})]


def of_row(row: OfficeProfile) -> Profile:
    return profiles.of(row.data, row.last_checked.isoformat())


def versions(code: str) -> QuerySet[OfficeProfile]:
    """What the firm made of it, newest first, with who did."""
    return OfficeProfile.objects.filter(code=code).select_related("by")


def mark(code: str) -> str:
    """Tells whether somebody changed or checked it since."""
    newest = OfficeProfile.objects.filter(code=code).first()
    return str(newest.number) if newest else SHIPPED


def history(code: str) -> list[tuple[OfficeProfile, list[Difference]]]:
    """Each version with what it changed, newest first."""
    told = [(row, of_row(row)) for row in versions(code)]
    before = [profile for _row, profile in told[1:]] + ([_origin(code, told[-1][1])] if told else [])
    return [(row, differences(was, now)) for (row, now), was in zip(told, before, strict=True)]


def differences(was: Profile, now: Profile) -> list[Difference]:
    """Field by field, then section by section."""
    found = [
        Difference(label, _told(name, was), _told(name, now))
        for name, label in FIELDS.items()
        if getattr(was, name) != getattr(now, name)
    ]
    uses = {section.code: section.use for section in was.sections}
    moved = [section for section in now.sections if uses[section.code] != section.use]
    return found + [Difference(section.title, uses[section.code], section.use) for section in moved]


def change(
    code: str, data: Mapping[str, Any], source: str, last_checked: date, *, seen: str = "", actor: User
) -> OfficeProfile:
    """Add a version of this profile. `source`: where the firm has it from; `seen`: `mark` of the one that was on the
    page. Raises CannotChange."""
    with transaction.atomic():
        _take(code, seen)
        now = load(code)
        told = _sound({**data, "code": code}, now, last_checked)
        if told.version == now.version:
            raise CannotChange(_("Nothing is changed. If you checked it, say so below."))
        return _add(told, source, last_checked, actor)


def check(code: str, source: str = "", *, seen: str = "", actor: User) -> OfficeProfile:
    """I looked today, and nothing changed. `source`: where, when it is not the one it was."""
    with transaction.atomic():
        _take(code, seen)
        last = OfficeProfile.objects.filter(code=code).first()
        return _add(load(code), source or (last.source if last else _("As it came with the portal")), today(), actor)


def copy(code: str, new_code: str, name: str, source: str, *, actor: User) -> OfficeProfile:
    """An office of the firm's own that begins with what another one expects: OPLA-CHI with OPLA's. Nobody asked it yet
    whether it takes requests, nor checked it newer than that one. Raises CannotChange."""
    with transaction.atomic():
        lifecycle.take_turns("offices")
        like = load(code)
        _require_free(new_code, like)
        checked, own = date.fromisoformat(like.last_checked), {"code": new_code, "name": name}
        return _add(_sound({**own, "accepts_requests": "unknown"}, like, checked), source, checked, actor)


def _take(code: str, seen: str) -> None:
    lifecycle.take_turns("offices")
    if seen and seen != mark(code):
        raise CannotChange(_("Somebody else changed this profile meanwhile: see its history. Then save yours again."))


def _require_free(code: str, like: Profile) -> None:
    matched = CODE.fullmatch(code)
    if not matched or matched["family"] != like.family or len(code) > 20:
        raise CannotChange(_("The code is %s, a hyphen, and capital letters or digits.") % like.family)
    if code in {profile.code for profile in available()}:
        raise CannotChange(_("There is an office with this code already."))


def _sound(data: Mapping[str, Any], like: Profile, last_checked: date) -> Profile:
    """A profile like the other one, but for `data`. CannotChange says what no profile may say."""
    try:
        told = profiles.of({**like.data(), **data}, last_checked.isoformat())
    except ValueError as problem:
        raise CannotChange(_("This is not a whole profile: %s") % problem) from problem
    if not LEAST <= told.part_limit <= MOST:
        raise CannotChange(_("A file may have from 1 to 50 MB."))
    if [section.code for section in told.sections] != [section.code for section in like.sections]:
        raise CannotChange(_("Its sections are those it had, in their order."))
    if any(section.code == HARMFUL and section.use not in {"released_only", "off"} for section in told.sections):
        raise CannotChange(_("What may do harm goes in only when an attorney released it, for every office."))
    known = {*DocumentType.objects.values_list("pk", flat=True), *Factor.objects.values_list("pk", flat=True)}
    if not {*told.forbidden} <= known:
        raise CannotChange(_("Something to leave out is no type of document and no tag."))
    if last_checked > today():
        raise CannotChange(_("The day it was checked has not come yet."))
    return told


def _add(profile: Profile, source: str, last_checked: date, actor: User) -> OfficeProfile:
    number = 1 + int(mark(profile.code))
    row = OfficeProfile.objects.create(
        code=profile.code, number=number, data=profile.data(), version=profile.version, source=source,
        last_checked=last_checked, by=actor,
    )  # fmt: skip
    audit.record(
        AuditEvent.Kind.OFFICE_CHANGED, row, actor=actor, profile=row.code, profile_version=row.version, count=number
    )
    return row


def _origin(code: str, first: Profile) -> Profile:
    """What a firm's first version was made of; its own where that is not known (any more)."""
    try:
        return profiles.load(code)
    except UnknownProfile:
        return first


def _told(name: str, profile: Profile) -> str:
    value = getattr(profile, name)
    return "; ".join(value) if isinstance(value, tuple) else str(value)
