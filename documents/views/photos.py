"""The pages of a paper made of photos, to be put right by whoever sent it or by the legal team.

What is not saved yet stands in the address, as `plan`: nothing is kept anywhere, and "back" in the browser undoes a step.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import SignedInRequest
from documents import access, arranging, lifecycle
from documents.access import To
from documents.models import Document, Page
from documents.preparing.placing import Placed
from documents.views.standing import MOVING, standing

NOT_DONE = arranging.CannotArrange, lifecycle.LostRace, lifecycle.IllegalMove
STEP: Final = re.compile(r"(up|down|turn|remove|back|use|undo)-([0-9]{1,4})")
PLACE: Final = re.compile(
    r"([0-9]{1,4})(?:t(90|180|270))?(c)?"
)  # a photo, its turn, and whether it is cropped as offered
NOTICED: Final[dict[str, Promise]] = {
    "blurred": gettext_lazy("This page is blurry."),
    "dark": gettext_lazy("This page is too dark."),
}


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


@require_http_methods(["GET", "HEAD", "POST"])
def arrange(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The pages with their buttons (GET), one step of the plan, or the whole of it to be done (POST)."""
    found = access.document(request.user, pk, to=To.ARRANGE)
    if not found.photos:
        return redirect("document", pk)
    if request.method != "POST":
        return _show(request, found)
    plan = read(request.POST.get("plan", ""), found)
    if request.POST.get("do") == "save":
        return _save(request, found, plan)
    step = STEP.fullmatch(request.POST.get("do", ""))
    if step:
        plan = _after(plan, step[1], int(step[2]), arranging.offers(found))
    return redirect(_address(found, plan) + (f"#photo-{step[2]}" if step else ""))


def _save(request: SignedInRequest, found: Document, plan: list[Placed]) -> HttpResponse:
    try:
        arranging.rearrange(found, plan, actor=request.user)
    except arranging.CannotArrange as problem:
        messages.error(request, str(problem))
    except (lifecycle.LostRace, lifecycle.IllegalMove):
        messages.error(request, _("Somebody else was first. Nothing of yours was done. Look again."))
    return redirect("arrange", found.pk)


def _after(plan: list[Placed], do: str, photo: int, offers: dict[int, Placed]) -> list[Placed]:
    """The plan with one step done; what makes no sense changes nothing."""
    match do:
        case "up" | "down":
            return arranging.moved(plan, photo, -1 if do == "up" else 1)
        case "turn":
            return arranging.turned(plan, photo)
        case "remove":
            return arranging.without(plan, photo)
        case "back":
            return arranging.with_again(plan, photo)
        case "use" if photo in offers:
            return arranging.cut(plan, offers[photo])
        case "undo":
            return arranging.uncut(plan, photo)
    return plan


def read(written: str, document: Document) -> list[Placed]:
    """The plan as an address tells it; the pages as they are where it tells none of this document."""
    offers = arranging.offers(document)
    places = [PLACE.fullmatch(word) for word in written.split(".")]
    photos = [int(place[1]) for place in places if place]
    if len(photos) < len(places) or len({*photos}) < len(photos) or not {*photos} <= {*range(1, document.photos + 1)}:
        return arranging.arranged(document)
    plan = [Placed(int(place[1]), turn=int(place[2] or 0)) for place in places if place]
    for place in places:
        if place and place[3] and (offer := offers.get(int(place[1]))):
            plan = arranging.cut(plan, offer)
    return plan


def write(plan: Iterable[Placed]) -> str:
    """What `read` reads: "2.1t90.3c"."""
    return ".".join(
        f"{each.photo}{f't{each.turn}' if each.turn else ''}{'c' if arranging.is_cut(each) else ''}" for each in plan
    )


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
