"""Where a rule comes from, in words: a citation is said as it is, everything else in the reader's language."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

IN_WORDS: Final[dict[str, Promise]] = {
    "ECAS: 25 MB a file": _("ECAS: 25 MB a file"),
    "Form I-246, instructions": _("Form I-246, instructions"),
    "ICPM 3.1: filing deadlines": _("ICPM 3.1: filing deadlines"),
    "Morton memo 2011, factor 12": _("Morton memo 2011, factor 12"),
    "Detroit and Cleveland 2015; Chicago 2013": _("Detroit and Cleveland 2015; Chicago 2013"),
    "8 USC 1367; 8 CFR 208.6 and 1208.6": _("8 USC 1367; 8 CFR 208.6 and 1208.6"),
    "Rule 1.6": _("Rule 1.6"),
    "Rules 1.2 and 1.4": _("Rules 1.2 and 1.4"),
    "Rules 1.6 and 5.3": _("Rules 1.6 and 5.3"),
    "Offices' instructions": _("Offices' instructions"),
    "Offices' instructions; Rule 3.3": _("Offices' instructions; Rule 3.3"),
    "Practice: resubmission on changed circumstances": _("Practice: resubmission on changed circumstances"),
    "design": _("our own check"),
    "office fact sheet, September 2015": _("office fact sheet, September 2015"),
    "office fact sheet, September 2015; ICPM 10.4": _("office fact sheet, September 2015; ICPM 10.4"),
    "offices' criminal history charts": _("offices' criminal history charts"),
    "practice guides on stays, motions and dismissal": _("practice guides on stays, motions and dismissal"),
    "practice: consistency": _("practice: consistency"),
    "practice: expedited removal": _("practice: expedited removal"),
    "practice: factor board": _("practice: factor board"),
    "practice: false numbers": _("practice: false numbers"),
    "practice: harmful evidence": _("practice: harmful evidence"),
    "practice: informed client": _("practice: informed client"),
    "practice: options memo; 8 USC 1225(b)(1)": _("practice: options memo; 8 USC 1225(b)(1)"),
    "practice: reference 57d": _("practice: numbers on pages"),
    "practice: third parties": _("practice: third parties"),
    "reference 101": _("practice: hidden data"),
    "reference 101; design": _("practice: hidden data"),
    "reference 44: Detroit, Cleveland": _("Detroit and Cleveland"),
    "scanning guidance": _("scanning guidance"),
}


def said(source: str) -> str:
    """The source of a rule, for the page."""
    return str(IN_WORDS.get(source, source))
