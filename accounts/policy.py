"""Who must have which factor, what needs a fresh one, and who may begin whom."""

from collections.abc import Callable
from functools import wraps
from time import time
from typing import Any, Concatenate
from urllib.parse import urlencode, urlsplit

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import audit
from accounts.models import AuditEvent, FirmPolicy, Role, SignedInRequest, User, policy, policy_of
from portal import hours

TOTP_TYPE, PASSKEY = Authenticator.Type.TOTP.value, Authenticator.Type.WEBAUTHN.value
STAFF = frozenset({Role.PARALEGAL, Role.ATTORNEY, Role.ADMINISTRATOR})
OUTSIDE = "https://weather.com/"  # where "leave now" goes: a page anybody might have open


def firm(request: HttpRequest) -> dict[str, Any]:
    """For templates: the firm, read only where a page shows it, and the way out."""
    return {"firm": SimpleLazyObject(lambda: policy_of(request)), "outside": OUTSIDE}


# Factors


def allowed_factors(rules: FirmPolicy | None = None) -> frozenset[str]:
    """The second factors staff may use today: passkeys always, an app through the firm's date."""
    until = (rules or policy()).totp_until
    app = until is not None and hours.today() <= until
    return frozenset({PASSKEY, TOTP_TYPE}) if app else frozenset({PASSKEY})


def factors(user: User) -> set[str]:
    """The second factors `user` has set up, allowed or not (recovery codes are none)."""
    return set(Authenticator.objects.filter(user=user, type__in=[TOTP_TYPE, PASSKEY]).values_list("type", flat=True))


def second_factor(request: SignedInRequest) -> bool:
    """Whether this session may work: a client's always; of staff, one that proved an allowed second factor."""
    return not request.user.works_here or bool(_proofs(request, allowed_factors(policy_of(request))))


def fresh(request: SignedInRequest) -> bool:
    """Whether this person proved within the firm's minutes who they are: staff by an allowed second factor, never by
    the password or a recovery code alone; clients by any way they sign in."""
    kinds = allowed_factors(policy_of(request)) if request.user.works_here else None
    return any(_recently(request, at) for at in _proofs(request, kinds))


def recent(request: SignedInRequest) -> bool:
    """Fresh enough to change one's own ways to sign in. Who has a second factor must have used one (a recovery code
    counts: that is what it is for); who has none yet must have signed in just now."""
    user = request.user
    needs_factor = user.works_here and bool(factors(user))
    kinds = frozenset({PASSKEY, TOTP_TYPE, "recovery_codes"}) if needs_factor else None
    return any(_recently(request, at) for at in _proofs(request, kinds))


def _proofs(request: SignedInRequest, kinds: frozenset[str] | None) -> list[float]:
    """When this session proved its person, in seconds since 1970; by a second factor of `kinds`, or by anything."""
    records = get_authentication_records(request, request.user)
    return [record["at"] for record in records if kinds is None or record.get("type") in kinds]


def _recently(request: SignedInRequest, at: float) -> bool:
    return time() - at < policy_of(request).step_up_minutes * 60


type View[**P] = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]


def require_fresh[**P](view: View[P]) -> View[P]:
    """Ask for a fresh second factor first, then come back: here, or after a POST to its field `back`."""
    return _first(fresh, view)


def require_recent[**P](view: View[P]) -> View[P]:
    """The same for a person's own ways to sign in, where a first factor must be possible."""
    return _first(recent, view)


def require_administrator[**P](view: View[P]) -> View[P]:
    @wraps(view)
    def administered(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.administers:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return administered


def _first[**P](test: Callable[[SignedInRequest], bool], view: View[P]) -> View[P]:
    @wraps(view)
    def stepped_up(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if test(request):
            return view(request, *args, **kwargs)
        back = request.POST.get("back", "/") if request.method == "POST" else request.get_full_path()
        return HttpResponseRedirect(f"{reverse('reauthenticate')}?{urlencode({'next': safe(request, back)})}")

    return stepped_up


def safe(request: HttpRequest, url: str | None) -> str:
    """`url` when it leads back into this portal, else "/". What is no path at all might be the name of a page, or of none."""
    inside = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if url and inside and urlsplit(url).path.startswith("/") else "/"


# People


def may_invite(actor: User | None, role: str) -> bool:
    """An administrator brings staff, attorneys and paralegals bring clients; the portal (`None`) begins a firm."""
    if actor is None:
        return True
    return actor.is_active and (actor.administers if role in STAFF else actor.role in {Role.ATTORNEY, Role.PARALEGAL})


def enrol_totp(user: User) -> str:
    """Give `user` an app secret (base32) without the page: for a demo firm, whose people have no phones."""
    secret = generate_totp_secret()
    with transaction.atomic():
        TOTP.activate(user, secret)
        audit.record(AuditEvent.Kind.FACTOR_ADDED, user, actor=None, method=TOTP_TYPE)
    return secret
