"""Pages by the words on them, and the words of one page."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import SignedInRequest
from documents import access, delivery, searching
from documents.access import To
from documents.forms.searching import WordsForm
from documents.models import Matter
from documents.views.matters import READS_AND_WRITES, posted, status_of

A_PAGE = 25  # texts that are unsealed for one answer


@require_http_methods(READS_AND_WRITES)
def search(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A search is a POST although it changes nothing, its further pages too: what somebody looks for in a client's papers
    must not be in an address, a history or a log (ASVS 14.2.1)."""
    found = access.matter(request.user, pk, to=To.WORK)
    form = WordsForm(posted(request))
    results = _results(request, found, form) if form.is_valid() else {}
    words = {
        "matter": found,
        "tab": "search",
        "request_": access.newest_request(request.user, found),
        "form": form,
        "unread": searching.unread(request.user, found),
        "unreadable": searching.unreadable(request.user, found),
        **results,
    }
    return render(request, "documents/search.html", words, status=200 if results else status_of(form))


def _results(request: SignedInRequest, found: Matter, form: WordsForm) -> dict[str, Any]:
    wanted = form.cleaned_data["wanted"]
    page = Paginator(searching.pages(request.user, found, wanted), A_PAGE).get_page(request.POST.get("page"))
    return {"page": page, "groups": searching.by_document(list(page.object_list), wanted)}


@require_safe
def page_words(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    """What was read on a page, to look at, to copy and to be read aloud."""
    found = access.document(request.user, pk, to=To.WORK)
    access.require_readable(request.user, found)
    read = delivery.words(found, number, actor=request.user)
    words = {
        "matter": found.matter,
        "document": found,
        "number": number,
        "read": read,
        "request_": access.newest_request(request.user, found.matter),
    }
    return render(request, "documents/page_words.html", words)
