"""The client's pages, and the door that takes a form full of files."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.models import SignedInRequest
from documents import access, arranging, checklist, matters, messages, noting, receipts, redacting, tagging
from documents.access import To
from documents.forms import sending
from documents.forms.sending import FormHandler, SendForm
from documents.forms.unlocking import UnlockForm
from documents.intake import unlocking
from documents.models import Document, Matter
from documents.views import agreeing, asked, photos
from documents.views.standing import Standing, sentence, standing, wanted

PAPERS_SHOWN = 20
PAGES_SHOWN = (
    1  # of their own papers; the others are fetched when somebody asks for them: each weighs as much as a page
)
NOT_ACCEPTED = 422


@csrf_exempt  # the token stands in the body, and no byte of that is read before we know whose matter this is
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The form (GET), what came of it (GET ?receipt, or ?receipt=batch of a phone), and the files themselves (POST)."""
    matter = access.matter(request.user, pk, to=To.SEND)
    if request.method == "POST":
        return _take(request, matter)
    receipt = _recalled(request, matter) if "receipt" in request.GET else None
    return _receipt(request, matter, receipt) if receipt else _form(request, matter)


def _recalled(request: SignedInRequest, matter: Matter) -> sending.Receipt | None:
    if batch := request.GET["receipt"]:
        return sending.arrived(matter, batch, sender=request.user)
    return sending.recall(request.session, matter)


def _take(request: SignedInRequest, matter: Matter) -> HttpResponse:
    handler = FormHandler(request, matter)
    request.upload_handlers = [handler]
    try:
        return _receive(request, matter, handler)
    except TooManyFilesSent:
        _read_to_the_end(request)
        return _form(
            request, matter, error=_("That was too much at once, and none of it was received. Send fewer files.")
        )


@csrf_protect
def _receive(request: SignedInRequest, matter: Matter, handler: FormHandler) -> HttpResponse:
    """Everything is read and sealed by now. Whoever may not be here was sent away before."""
    files = [file for _field, some in request.FILES.lists() for file in some]
    if not files and not handler.broken:
        return _form(request, matter, error=_("No file came. Choose your photos or files first."))
    form = SendForm(request.POST)
    paper = form.paper(matter, request.user)
    taken = sending.take(files, broken=handler.broken, paper=paper, together=form.is_one_paper)
    sending.remember(request.session, matter, taken)
    return redirect(reverse("send", args=[matter.pk]) + "?receipt")


def _read_to_the_end(request: HttpRequest) -> None:
    """A browser that is still sending does not hear an answer."""
    while request.read(64 * 1024):
        continue


def _form(request: SignedInRequest, matter: Matter, error: str = "") -> HttpResponse:
    again = [one.standing.document.item for one in wanted(matter, _standings(request, matter))]
    form = SendForm(
        request.POST if error else None,
        wanted=dict.fromkeys(kind for kind in again if kind),
        initial={"asked": request.GET.get("asked", "")},
    )
    about: dict[str, Any] = {
        "matter": matter,
        "form": form,
        "error": error,
        "asked": _asked(request, form, matter),
        **_limits(),
    }
    if request.user.works_here:
        about |= {"client": matters.client_of(matter), "tab": "evidence"}
        about["request_"] = access.newest_request(request.user, matter)
    return render(request, "documents/send.html", about, status=NOT_ACCEPTED if error else 200)


def _asked(request: SignedInRequest, form: SendForm, matter: Matter) -> asked.Line | None:
    """What of the list the files are for, if the list has it."""
    try:
        sought = UUID(str(form["asked"].value()))
    except ValueError:
        return None
    every = checklist.standings(matter, access.documents(request.user).filter(matter=matter))
    return next((asked.line(each) for each in every if each.item.pk == sought), None)


def _limits() -> dict[str, int | None]:
    return {"most_files": settings.DATA_UPLOAD_MAX_NUMBER_FILES, "most_bytes": settings.UPLOAD_LIMIT}


def _receipt(request: SignedInRequest, matter: Matter, receipt: sending.Receipt) -> HttpResponse:
    """What came, file by file, and where each of them stands by now."""
    theirs = access.documents(request.user).filter(matter=matter)
    found = {one.pk: one for one in theirs.filter(pk__in=[each.document for each in receipt.files if each.document])}
    batch = UUID(request.GET["receipt"]) if request.GET["receipt"] else None
    lines = {one.document.pk: one for one in receipts.lines(found.values(), batch)}
    came = [
        (each, standing(found[each.document]), lines[each.document]) for each in receipt.files if each.document in found
    ]
    failed = [(each, sentence(each.reason)) for each in receipt.files if each.document is None]
    about: dict[str, Any] = {
        "matter": matter,
        "at": receipt.at,
        "receipt": request.GET["receipt"],
        "batch": batch,
        "may_save": bool(receipts.sent(request.user, matter, batch)),
        "came": came,
        "failed": failed,
        "moving": any(one.moving for _taken, one, _line in came),
        "total": len(came) + len(failed),
        "tab": "evidence",
        "request_": access.newest_request(request.user, matter),
    }
    return render(request, _part(request, "documents/_receipt.html", "documents/receipt.html"), about)


def overview(request: SignedInRequest, matter: Matter) -> HttpResponse:
    """A client's matter: what to do next, and what the office has."""
    everything = _standings(request, matter)
    again = wanted(matter, everything)
    shown = Paginator(everything, PAPERS_SHOWN).get_page(request.GET.get("page"))
    about = {
        "matter": matter,
        "with_us": sum(one.with_us for one in everything),
        "next": again[0] if again else None,
        "more": len(again) - 1,
        "asked": asked.listed(
            checklist.standings(matter, [one.document for one in everything]),
            again[0].standing.document if again else None,
        ),
        "without": asked.WITHOUT,
        "days": asked.days(),
        "page": shown,
        "moving": any(one.moving for one in shown),
        "unread": messages.unread(request.user, matter),
        "notes": noting.listed(request.user, matter),
        **agreeing.to_read(matter),
    }
    return render(request, _part(request, "documents/_client_have.html", "documents/client_home.html"), about)


def choose(request: SignedInRequest, mine: Iterable[Matter]) -> HttpResponse:
    """For a client of several matters, or of none yet."""
    return render(request, "documents/client_choose.html", {"matters": mine})


def document(
    request: SignedInRequest, found: Document, unlock_form: UnlockForm | None = None, status: int = 200
) -> HttpResponse:
    """One paper of a client: where it stands, its pages, and what proves that it came. A form as it was filled in."""
    return render(request, "documents/client_document.html", _about(request, found, unlock_form), status=status)


def document_status(request: SignedInRequest, found: Document) -> HttpResponse:
    """The part of that page that changes by itself."""
    return render(request, "documents/_client_document.html", _about(request, found))


def _about(request: SignedInRequest, found: Document, unlock_form: UnlockForm | None = None) -> dict[str, Any]:
    seen = found.state == Document.State.READY and access.may_read(request.user, found)
    pages = photos.pages(found) if seen else []
    left = tagging.CLIENT_MAY_UNDO - (timezone.now() - found.received_at)
    it = standing(found)
    return {
        "document": found,
        "matter": found.matter,
        "it": it,
        "unlock_form": unlock_form or UnlockForm(),
        "wrong": it.locked and not unlock_form and unlocking.was_wrong(found),
        "pages": pages[:PAGES_SHOWN],
        "more_pages": pages[PAGES_SHOWN:],
        "redacted": redacting.burnt_in(found).exists(),
        "may_arrange": arranging.may_arrange(found, request.user),
        "notes": noting.listed(request.user, found.matter, found),
        "minutes_left": max(1, int(left.total_seconds() // 60)) if tagging.may_undo(found, request.user) else 0,
        **_limits(),
    }


def _standings(request: SignedInRequest, matter: Matter) -> list[Standing]:
    """Newest first; what was purged or never arrived is not shown."""
    return [
        standing(one)
        for one in access.documents(request.user).filter(matter=matter).order_by("-number")
        if one.state != Document.State.PURGED
    ]


def _part(request: HttpRequest, part: str, whole: str) -> str:
    """A page that refreshes a part of itself (refresh.js) asks for that part alone."""
    return part if request.headers.get("X-Requested-With") == "fetch" else whole
