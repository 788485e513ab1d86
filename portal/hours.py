"""The firm's day: which day it is where the firm is, and when nobody is to be disturbed."""

from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.utils import timezone

OPENS, CLOSES = 9, 20  # o'clock
SUNDAY: Final = 6


def day(at: datetime) -> date:
    return _here(at).date()


def today() -> date:
    return day(timezone.now())


def quiet(at: datetime) -> bool:
    """From 20:00 to 9:00, and all Sunday."""
    there = _here(at)
    return there.weekday() == SUNDAY or not OPENS <= there.hour < CLOSES


def _here(at: datetime) -> datetime:
    return at.astimezone(settings.FIRM_TIME_ZONE)
