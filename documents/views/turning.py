"""The pages of any document turned and moved on its review page, by the legal team: one step, and they are made anew."""

import re
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import SignedInRequest
from documents import access, arranging, lifecycle
from documents.access import To
from documents.models import Document
from documents.preparing import Placed

TURNS: Final = {"left": 270, "right": 90, "over": 180}
NUMBER: Final = re.compile(r"[0-9]{1,5}")
type Plan = list[Placed]


@require_POST
def turn(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """`do` is one step, with `leaf` the page of the file it is done to, without one all; `seen` the pages it was done on."""
    found = access.document(request.user, pk, to=To.TURN)
    leaf, seen = _number(request, "leaf"), request.POST.get("seen", "")
    plan = _after(found, request.POST.get("do", ""), leaf, _number(request, "place"))
    try:
        if arranging.rearrange(found, plan, seen=seen, actor=request.user):
            messages.success(request, _("The pages are being made anew. They are back here in a moment."))
        else:
            messages.info(request, _("Nothing is different. The pages stay as they are."))
    except arranging.CannotArrange as problem:
        messages.error(request, str(problem))
    except (lifecycle.LostRace, lifecycle.IllegalMove):
        messages.error(request, _("Somebody else was first. Nothing of yours was done. Look again."))
    return redirect(f"{reverse('document', args=[pk])}{_anchor(found, plan, leaf)}")


def _after(document: Document, do: str, leaf: int | None, place: int | None) -> Plan:
    """How the pages lie after a step; what makes no sense changes nothing."""
    plan = arranging.arranged(document)
    match do:
        case "left" | "right" | "over":
            return arranging.turned(plan, leaf, TURNS[do])
        case "came" if leaf is None:
            return arranging.as_sent(document)
        case "earlier" | "later" if leaf is not None:
            return arranging.moved(plan, leaf, 1 if do == "later" else -1)
        case "place" if leaf is not None and place:
            return arranging.moved(plan, leaf, place - 1 - _place(plan, leaf))
    return plan


def _place(plan: Plan, leaf: int) -> int:
    """Counted from 0."""
    return next((place for place, each in enumerate(plan) if each.photo == leaf), 0)


def _anchor(document: Document, plan: Plan, leaf: int | None) -> str:
    """Where the page will be: behind all pages of those before it."""
    if leaf is None:
        return ""
    shown = list(document.page_set.values_list("leaf", flat=True))
    before = sum(max(1, shown.count(each.photo)) for each in plan[: _place(plan, leaf)])
    return f"#page-{before + 1}"


def _number(request: SignedInRequest, name: str) -> int | None:
    typed = request.POST.get(name, "")
    return int(typed) if NUMBER.fullmatch(typed) else None
