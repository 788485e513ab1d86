"""Numbers that ought not to stand on a filed page, told by their form: what looks like one, never which one it is.

Only what is written as such numbers usually are is found: with its separators, or after its own name. A number spread
over the boxes of a form, one in a picture, or one written out in words is not.
"""

import re
from collections.abc import Callable, Collection, Iterator

SSN, ITIN, CARD, BANK, A_NUMBER = KINDS = ("ssn", "itin", "card", "bank", "a_number")

_FIGURES = re.compile(r"\d{3}")  # without three in a row there is no number
_GAP = r"[ \u00a0.\u2010-\u2015-]"  # between groups of figures
_SSN_NAME = r"(?:\bSSN|\bsocial security|\bITIN|\btax(?:payer)? id|\bseguro social)[^\d]{0,40}"
_NINE = re.compile(
    rf"(?<![\d-])(\d{{3}}){_GAP}(\d{{2}}){_GAP}(\d{{4}})(?![\d-])|{_SSN_NAME}(?<!\d)(\d{{3}})(\d{{2}})(\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_CARD = re.compile(
    rf"(?<![\d-])(?:\d{{4}}{_GAP}?\d{{4}}{_GAP}?\d{{4}}{_GAP}?\d{{1,4}}(?:{_GAP}?\d{{3}})?"
    rf"|\d{{4}}{_GAP}?\d{{6}}{_GAP}?\d{{4,5}})(?![\d-])"
)
_BANK = re.compile(
    r"\b(?:account|acct\.?|cuenta)\s*(?:number|no\.?|num\.?|#|n[uú]mero)?\s*[:#]?\s*(\d[\d -]{4,20}\d)"
    r"|\b(?:routing|ABA|IBAN)\b[^\d]{0,20}(\d{9})(?!\d)",
    re.IGNORECASE,
)
_A_NUMBER = re.compile(
    rf"(?<![A-Za-z\d])(?:A|(?i:alien)|(?i:USCIS))(?:{_GAP}?(?i:registration))?{_GAP}?(?i:numbers?|no\.?|file)?\s?[#:]?{_GAP}?"
    rf"(\d{{2,3}}{_GAP}?\d{{3}}{_GAP}?\d{{3}})(?!\d)"
)
_BRANDS = (  # lengths and the first figures, as the networks hand them out
    ((13, 16, 19), re.compile("4")),
    ((16,), re.compile("5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|35|6011|64[4-9]|65")),
    ((15,), re.compile("3[47]")),
    ((14,), re.compile("3(?:0[0-5]|[68])")),
)


def kinds(text: str, own: Collection[str]) -> set[str]:
    """Which kinds of numbers seem to stand in this text. `own`: the A-numbers it may hold, as figures; of a masked one
    its last."""
    if not _FIGURES.search(text):
        return set()
    a_numbers = [found[1] for found in _A_NUMBER.finditer(text)]
    rest = _A_NUMBER.sub("", text) if a_numbers else text  # figures after an A are no one's social security number
    found = {A_NUMBER} if any(_foreign(number, own) for number in a_numbers) else set()
    if _FIGURES.search(rest):
        found |= {*_nines(rest), *(kind for kind, has in _FINDERS.items() if any(has(rest)))}
    return found


def figures(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _foreign(number: str, own: Collection[str]) -> bool:
    return not any(figures(number).zfill(9).endswith(each) for each in own if each)


def _nines(text: str) -> Iterator[str]:
    """Numbers of nine figures, in one pass."""
    for found in _NINE.finditer(text):
        area, group, serial = found.group(1, 2, 3) if found[1] else found.group(4, 5, 6)
        if _ssn(area, group, serial):
            yield SSN
        elif _itin(area, int(group)):
            yield ITIN


def _ssn(area: str, group: str, serial: str) -> bool:
    """As they are handed out; 9xx is never one."""
    return area not in ("000", "666") and area[0] != "9" and group != "00" and serial != "0000"


def _itin(area: str, group: int) -> bool:
    return area[0] == "9" and (50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or 94 <= group <= 99)


def _card(text: str) -> Iterator[bool]:
    for found in _CARD.finditer(text):
        number = figures(found[0])
        branded = any(len(number) in lengths and brand.match(number) for lengths, brand in _BRANDS)
        yield branded and _luhn(number)


def _luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = (int(figure) * (1 + at % 2) for at, figure in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _bank(text: str) -> Iterator[bool]:
    """An account after its name; a routing number after its own, whose check figure agrees (ABA)."""
    for found in _BANK.finditer(text):
        yield bool(found[1]) or sum(int(f) * w for f, w in zip(found[2], (3, 7, 1) * 3, strict=True)) % 10 == 0


_FINDERS: dict[str, Callable[[str], Iterator[bool]]] = {CARD: _card, BANK: _bank}
