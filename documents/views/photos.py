"""The pages of a paper made of photos, to be put right by whoever sent it or by the legal team.

What is not saved yet stands in the address, as `plan`: nothing is kept anywhere, and "back" in the browser undoes a step.
"""

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.models import SignedInRequest
from documents import access, arranging, lifecycle, retaking, tagging, vault
from documents.access import To
from documents.forms.photos import STEP, after, read, write
from documents.forms.sending import NOT_KEPT
from documents.intake import NotKept, NotTaken
from documents.intake.form import SealedUpload, SealingHandler
from documents.models import Document, Page
from documents.preparing import Reason
from documents.preparing.placing import Placed
from documents.views.standing import MOVING, sentence, standing
from documents.words import NOTICED

NO_PHOTO: Final = gettext_lazy("No file came. Choose your photos or files first.")
RETAKE: Final = re.compile(r"retake-([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One photo as the page shows it. `shown`: the page of the document that has its picture, `turn`: of that picture."""

    photo: int
    place: int
    shown: int
    turn: int
    offered: bool
    cut: bool
    outline: str
    noticed: list[Promise]


@dataclass(frozen=True, slots=True)
class Seen:
    """One page of a document as its client sees it, with what we noticed about it."""

    number: int
    noticed: list[Promise]


def pages(document: Document) -> list[Seen]:
    """All pages of a client's paper."""
    return [Seen(page.number, _noticed(document, page)) for page in document.page_set.all()]


def _noticed(document: Document, page: Page) -> list[Promise]:
    """What to say about a page; nothing any more where the paper was taken again as often as we ask for."""
    return [NOTICED[word] for word in page.noticed if word in NOTICED] if arranging.may_warn(document) else []


@csrf_exempt  # the token stands in the body, and no byte of that is read before we know whose paper this is
@require_http_methods(["GET", "HEAD", "POST"])
def arrange(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The pages with their buttons (GET), one step of the plan, or the whole of it to be done (POST)."""
    found = access.document(request.user, pk, to=To.ARRANGE)
    if not found.photos:
        return redirect("document", pk)
    if request.method != "POST":
        return _show(request, found)
    request.upload_handlers = [SealingHandler(request, found.matter)]
    return _change(request, found)


@csrf_protect
def _change(request: SignedInRequest, found: Document) -> HttpResponse:
    """A photo that came with the form is sealed by now."""
    if retaken := RETAKE.fullmatch(request.POST.get("do", "")):
        return _retake(request, found, int(retaken[1]))
    plan = read(request.POST.get("plan", ""), found)
    if request.POST.get("do") == "save":
        return _save(request, found, plan)
    step = STEP.fullmatch(request.POST.get("do", ""))
    if step:
        plan = after(plan, step[1], int(step[2]), arranging.offers(found))
    return redirect(_address(found, plan) + (f"#photo-{step[2]}" if step else ""))


def _save(request: SignedInRequest, found: Document, plan: list[Placed]) -> HttpResponse:
    try:
        arranging.rearrange(found, plan, actor=request.user)
    except arranging.CannotArrange as problem:
        messages.error(request, str(problem))
    except (lifecycle.LostRace, lifecycle.IllegalMove):
        messages.error(request, _("Somebody else was first. Nothing of yours was done. Look again."))
    return redirect("arrange", found.pk)


def _retake(request: SignedInRequest, found: Document, photo: int) -> HttpResponse:
    """On to the new paper, or back here with what was wrong."""
    file = next((file for _field, some in request.FILES.lists() for file in some), None)
    sealed = file.sealed if isinstance(file, SealedUpload) else None
    if file is None or sealed is None:
        messages.error(request, NO_PHOTO if file is None else sentence(_why(file.size or 0)))
        return redirect(_address(found, arranging.arranged(found)) + f"#photo-{photo}")
    try:
        new = retaking.retake(found, photo, sealed, file.name or "", actor=request.user)
    except (arranging.CannotArrange, tagging.CannotWithdraw) as problem:
        messages.error(request, str(problem))
    except (NotTaken, NotKept, vault.StoreUnavailable, vault.Missing, vault.Tampered):
        messages.error(request, sentence(NOT_KEPT))
    else:
        if new.document.pk != found.pk:
            return redirect("document", new.document.pk)
        messages.info(request, _("This is the same photo as before. Nothing was changed."))
    return redirect(_address(found, arranging.arranged(found)) + f"#photo-{photo}")


def _why(size: int) -> str:
    return Reason.TOO_LARGE if size > settings.UPLOAD_LIMIT else NOT_KEPT


def _address(document: Document, plan: list[Placed]) -> str:
    here = reverse("arrange", args=[document.pk])
    return here if plan == arranging.arranged(document) else f"{here}?{urlencode({'plan': write(plan)})}"


def _show(request: SignedInRequest, found: Document) -> HttpResponse:
    may, now = arranging.may_arrange(found, request.user), arranging.arranged(found)
    plan = read(request.GET.get("plan", ""), found) if may else now
    pictures = _pictures(found, now)
    about: dict[str, Any] = {
        "document": found,
        "matter": found.matter,
        "it": standing(found),
        "moving": found.state in MOVING,
        "may": may,
        "plan": write(plan),
        "changed": plan != now,
        "sheets": _sheets(found, plan, pictures) if found.state == Document.State.READY else [],
        "gone": [
            (each, pictures.get(each)) for each in range(1, found.photos + 1) if each not in {p.photo for p in plan}
        ],
    }
    part = request.headers.get("X-Requested-With") == "fetch"
    return render(request, "documents/_photos.html" if part else "documents/photos.html", about)


def _pictures(document: Document, now: list[Placed]) -> dict[int, Page]:
    """The page that shows a photo. A very tall photo takes several pages: then nobody knows which, and there are none."""
    pages = list(document.page_set.all()) if document.state == Document.State.READY else []
    return {placed.photo: page for placed, page in zip(now, pages, strict=True)} if len(pages) == len(now) else {}


def _sheets(document: Document, plan: list[Placed], pictures: dict[int, Page]) -> list[Sheet]:
    """Every photo of the plan, in its order."""
    was, offers = {each.photo: each for each in arranging.arranged(document)}, arranging.offers(document)
    return [_sheet(document, place, each, was, offers, pictures.get(each.photo)) for place, each in enumerate(plan, 1)]


def _sheet(
    document: Document,
    place: int,
    placed: Placed,
    was: dict[int, Placed],
    offers: dict[int, Placed],
    page: Page | None,
) -> Sheet:
    before, cut = was.get(placed.photo, Placed(placed.photo)), arranging.is_cut(placed)
    offer = offers.get(placed.photo)
    plain = offer is not None and not (cut or placed.turn or before.changes)  # its picture is the photo as it came
    return Sheet(
        photo=placed.photo,
        place=place,
        shown=page.number if page else 0,
        turn=(placed.turn - before.turn) % 360,
        offered=offer is not None and not cut,
        cut=cut,
        outline=_outline(offer) if offer and plain else "",
        noticed=_noticed(document, page) if page else [],
    )


def _outline(offer: Placed) -> str:
    """For the script: left, top, right, bottom as fractions of the photo, and its tilt in degrees."""
    return " ".join(f"{number:.4f}" for number in (*(offer.crop or (0, 0, 1, 1)), offer.tilt))
