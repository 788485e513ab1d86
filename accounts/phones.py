"""A mobile number as one writes it, and as a text message needs it."""

import re

HOME = "+1"  # the country of a number without a country code
_PUNCTUATION = re.compile(r"[\s().\-–/]")  # people copy numbers with a dash of any length
_AT_HOME = re.compile(r"(?:\+?1)?([2-9][0-9]{2}[2-9][0-9]{6})")
_ABROAD = re.compile(r"(?:\+|00)([2-9][0-9]{7,13})")


class NoNumber(Exception):
    """Nobody can be reached there."""


def e164(text: str) -> str:
    """“(312) 555-0142” as “+13125550142”; “+52 …” and “0052 …” keep their country. Raises NoNumber."""
    digits = _PUNCTUATION.sub("", text)
    if found := _AT_HOME.fullmatch(digits):
        return f"{HOME}{found[1]}"
    if found := _ABROAD.fullmatch(digits):
        return f"+{found[1]}"
    raise NoNumber
