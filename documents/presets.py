"""Lists that are put on a client's checklist at one go: for the stage of the case, and for a factor.

What a stage needs is from the practice: the items an office expects (identity, the client's declaration, a certified
disposition of every arrest, the charging paper and hearing notices where the record does not have them, relief that
was filed for: domain reference, section 1.6, after the Detroit/Cleveland 2015 and Chicago 2013 fact sheets), a proof of
address because residence is a factor of every memo, and for a final order what Form I-246 asks for (passport, birth
certificate, medical proof, dispositions: 8 CFR 241.6 and the form's instructions). What a factor needs is its evidence
in the taxonomy. A firm reads these as a start: each item can be taken off again. Last checked: 2026-11-24.
"""

from typing import Final

from django.db.models import Count, Q

from documents.models import DocumentType, Factor, Request

Stage = Request.Stage
_WHO: Final = ("passport", "birth_cert", "consular_id", "utility_bill")
_STORY: Final = ("petition_receipt", "court_disposition", "client_declaration")
STAGES: Final[dict[str, tuple[str, ...]]] = {
    Stage.NOT_IN_PROCEEDINGS: (*_WHO, "status_notice", *_STORY),
    Stage.BEFORE_COURT: ("nta", "hearing_notice", *_WHO, "cancellation_filing", *_STORY),
    Stage.ON_APPEAL: ("removal_order", "nta", *_WHO, "cancellation_filing", *_STORY),
    Stage.FINAL_ORDER: ("removal_order", "checkin_record", *_WHO, "medical_record", *_STORY),
}
# The firm brings these itself, so a preset never asks a client for them.
NOT_THE_CLIENTS: Final = frozenset({"foia", "country_report", "other", "form_i246"})


def kinds(preset: str) -> list[DocumentType]:
    """What a stage's or a factor's preset asks for, in its order. An unknown one asks for nothing."""
    if codes := STAGES.get(preset):
        found = DocumentType.objects.in_bulk(codes)
        return [found[code] for code in codes]
    evidence = DocumentType.objects.filter(factors__code=preset).exclude(pk__in=NOT_THE_CLIENTS)
    return list(evidence.order_by("position"))


def factors() -> list[tuple[Factor, int]]:
    """Those that have a preset, each with how many papers; a factor of the firm's own has no evidence in the taxonomy."""
    asks = Count("evidence", filter=~Q(evidence__in=NOT_THE_CLIENTS))
    return [(one, one.asks) for one in Factor.objects.annotate(asks=asks).filter(asks__gt=0).order_by("position")]
