"""The rules about what papers say together: of the family, of days, of years lived here."""

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents import particulars, questions
from documents.models import Document, Request
from documents.packets.rules.facts import Facts, Problem, Rule, mark_of, of_document
from documents.packets.rules.papers import listed, months_before, written
from portal.hours import today

FAMILY: Final = "FAMILY_USC_LPR"
# Of whom; what proves the relationship; what proves their status.
RELATIVES: Final[dict[str, tuple[Promise, str, str]]] = {
    "spouse": (gettext_lazy("husband or wife"), "marriage_cert", "spouse_status"),
    "parent": (gettext_lazy("parent"), "birth_cert", "parent_status"),
}
# What leaves the client outside of proceedings, where two years of presence are asked for.
ENDING: Final = {Request.Form.DISMISSAL, Request.Form.TERMINATION, Request.Form.NO_NTA}
LONG, PRESENCE = 12, 24  # months
YEARS_HERE: Final = ("US_RESIDENCE", "LAWFUL_TIME")
PROOFS: Final = ("lease", "utility_bill", "bank_statement", "tax_transcript", "medical_visit", "report_card")


class Span(NamedTuple):
    """Days a paper speaks of, both included."""

    first: date
    last: date


def proved(facts: Facts) -> Iterator[Problem]:
    """V31, by the types of the papers. A child born in the United States needs no other proof of status."""
    if FAMILY not in facts.by_factor:
        return
    for about, (who, relation, status) in RELATIVES.items():
        related, statuses = facts.of_types(relation), facts.of_types(status)
        if about == "parent" and not statuses:
            continue  # one's own birth certificate proves identity too
        yield from _half(about, who, related, statuses, status if related else relation)
    for document in facts.of_types("child_birth_cert"):
        if not particulars.says(document, "us_born"):
            why = (
                _("%s: note that the child was born in the United States, or add a proof of the child's status.")
                % document
            )
            yield Problem(why, document, str(document.pk), of_document(document), factor=FAMILY)


def _half(
    about: str, who: Promise, related: list[Document], statuses: list[Document], missing: str
) -> Iterator[Problem]:  # fmt: skip
    """`missing`: the kind of paper that is the other half."""
    if bool(related) == bool(statuses):
        return
    mark = mark_of(*map(of_document, related + statuses))
    if related:
        why = _("%(papers)s: nothing filed proves the status of the %(who)s.")
    else:
        why = _("%(papers)s: nothing filed proves that this is the client's %(who)s.")
    said = why % {"papers": listed(related + statuses), "who": who}
    yield Problem(said, (related + statuses)[0], about, mark, factor=FAMILY, ask=(missing,))


def compared(facts: Facts) -> Iterator[Problem]:
    """V32: asked of every packet of more than one paper. Noted days are a hint; the papers themselves are not read."""
    if len(facts.filed) < 2:
        return
    why = _("Compare the days of entry, residence, marriage and work in all papers. State that they agree, or explain.")
    said = [why, *_differing(facts, "entered", _("Noted days of entry differ: %s."))]
    said += _differing(facts, "married", _("Noted days of marriage differ: %s."))
    yield Problem(" ".join(said), mark=mark_of(*map(of_document, facts.filed)))


def _differing(facts: Facts, code: str, shape: str) -> Iterator[str]:
    days = [(day, document) for document in facts.filed if (day := particulars.day(document, code))]
    if len({day for day, _document in days}) > 1:
        yield shape % ", ".join(f"{written(day)} ({document})" for day, document in days)


def lived(facts: Facts) -> Iterator[Problem]:
    """V35, of the days that were noted; what a paper covers is not read by a machine."""
    proofs = list(filter(questions.proves_residence, facts.filed))
    spans = sorted(span for document in proofs for span in _spans(document))
    unread = [document for document in proofs if not _spans(document)]
    hint = [_("Note what these cover: %s.") % listed(unread)] if unread else []
    if facts.request.form in ENDING and not any(span.first <= months_before(today(), PRESENCE) for span in spans):
        why = _(
            "Nothing noted shows that the client was here two years ago. Add it: a dismissed case may be begun anew."
        )
        yield Problem(" ".join([why, *hint]), about="presence", mark=mark_of(spans), factor=_years(facts), ask=PROOFS)
    if any(code in facts.by_factor for code in YEARS_HERE) and (missing := _gaps(_entry(facts), spans)):
        words = ", ".join(
            _("%(first)s to %(last)s") % {"first": written(first), "last": written(last)} for first, last in missing
        )
        why = (
            _("No noted proof of residence covers: %s.") % words if spans else _("No proof of residence is noted yet.")
        )
        mark = mark_of([first for first, _last in missing], spans)
        yield Problem(" ".join([why, *hint]), about="gaps", mark=mark, factor=_years(facts), ask=PROOFS)


def _years(facts: Facts) -> str:
    """The factor of the board that the years stand under."""
    return next((code for code in YEARS_HERE if code in facts.by_factor), YEARS_HERE[0])


def _spans(document: Document) -> list[Span]:
    """What was noted that it covers; else the one day it is dated."""
    first, last = particulars.day(document, "covers_from"), particulars.day(document, "covers_to")
    dated = particulars.day(document, "dated")
    first, last = first or last or dated, last or first or dated
    return [Span(first, last)] if first and last else []


def _entry(facts: Facts) -> date | None:
    """The first day of entry that was noted."""
    return min((day for each in facts.filed if (day := particulars.day(each, "entered"))), default=None)


def _gaps(entry: date | None, spans: list[Span]) -> list[Span]:
    """Where more than 12 months pass between entry (else the first proof), the proofs, and today."""
    if not spans:
        return [Span(entry or today(), today())]
    reached, found = entry or spans[0].first, []
    for first, last in [*spans, Span(today(), today())]:
        if months_before(first, LONG) > reached:
            found.append(Span(reached, first))
        reached = max(reached, last)
    return found


RULES = (
    Rule(
        "V31", "W", "measured", gettext_lazy("Family: both the relationship and the relative's status are proved"),
        "Morton memo 2011, factor 12", proved, "matter",
    ),
    Rule(
        "V32", "W", "attested", gettext_lazy("Days of entry, residence, marriage and work agree in all papers"),
        "practice: consistency", compared, "matter",
    ),
    Rule(
        "V35", "W", "measured", gettext_lazy("Residence without a gap over 12 months; two years of presence, as noted"),
        "practice: expedited removal", lived, "matter",
    ),
)  # fmt: skip
