"""The plan of a paper's pages as a page sends it: one step at it, or the whole of it, "2.1t90.3c"."""

import re
from collections.abc import Iterable
from typing import Final

from documents import arranging
from documents.models import Document
from documents.preparing import Placed

STEP: Final = re.compile(r"(up|down|turn|remove|back|use|undo)-([0-9]{1,4})")
# A photo, its turn, and whether it is cropped as offered.
PLACE: Final = re.compile(r"([0-9]{1,4})(?:t(90|180|270))?(c)?")


def after(plan: list[Placed], do: str, photo: int, offers: dict[int, Placed]) -> list[Placed]:
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
