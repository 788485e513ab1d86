"""How often a code for one e-mail is sent, and when the next one may be."""

from math import ceil
from time import time

from allauth.core.internal.ratelimit import Rate, get_cache_key, get_rates
from django.core.cache import cache
from django.http import HttpRequest

APP, ACTION = "allauth.account", "request_login_code"


def minutes_to_wait(request: HttpRequest, email: str) -> int:
    """Until one more code may be asked for, rounded up; 1 at least, since somebody was just refused."""
    left = max(_seconds(request, rate, email) for rate in get_rates(app=APP, action=ACTION))
    return max(1, ceil(left / 60))


def _seconds(request: HttpRequest, rate: Rate, email: str) -> float:
    """0 when this rate allows one now. The cache has when it was used, the newest first."""
    used = cache.get(get_cache_key(request, app=APP, action=ACTION, rate=rate, key=email.lower()), [])
    return float(used[rate.amount - 1] + rate.duration - time()) if len(used) >= rate.amount else 0.0
