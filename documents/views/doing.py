"""Doing something to a document and telling the person what became of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.models import SignedInRequest
from documents import deeds, lifecycle, tagging
from documents.models import Document, Factor
from documents.views import desk

NO = tagging.CannotTag, tagging.CannotAccept, tagging.CannotWithdraw, tagging.CannotRestore, deeds.CannotUndo
TOO_LATE = lifecycle.LostRace, lifecycle.IllegalMove


def done(request: SignedInRequest, rule: Callable[[], object]) -> bool:
    """Whether the rule did it. What stops it is told to the person."""
    try:
        rule()
    except NO as problem:
        messages.error(request, str(problem))
    except TOO_LATE:
        messages.error(request, _("Somebody else was first. Nothing of yours was done. Look again."))
    else:
        return True
    return False


def show(request: SignedInRequest, found: Document, **forms: Any) -> HttpResponse:
    """The page of the document; with forms that could not be taken, as they were filled in."""
    page = "document.html" if found.state == Document.State.READY else "document_state.html"
    answer = 422 if forms else 200
    return render(request, f"documents/{page}", desk.about(request, found, **forms), status=answer)


def tagged(factor: Factor) -> str:
    said = _("Tagged: %s. It is on attorney hold now.") if factor.holds else _("Tagged: %s.")
    return said % factor
