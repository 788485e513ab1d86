"""Messages between the client and the legal team of a matter."""

from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.models import SignedInRequest
from documents import access
from documents import messages as power
from documents.access import To
from documents.forms.messages import MessageForm
from documents.views.matters import READS_AND_WRITES, posted, status_of

SHOWN = 50  # of the newest; the others are fetched when somebody asks for them


@require_http_methods(READS_AND_WRITES)
def messages(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The thread, its newest message at the end, and the form to write another. Seen is read."""
    matter = access.matter(request.user, pk, to=To.MESSAGE)
    form = MessageForm(posted(request))
    if form.is_valid():
        power.write(matter, **form.cleaned_data, actor=request.user)
        return redirect(reverse("messages", args=[pk]) + "#newest")
    lines = power.thread(request.user, matter, last=None if "all" in request.GET else SHOWN + 1)
    shown = lines if "all" in request.GET else lines[-SHOWN:]
    if request.method == "GET":
        power.mark_read(request.user, shown)
    about = {
        "matter": matter,
        "tab": "messages",
        "request_": access.newest_request(request.user, matter),
        "form": form,
        "token": uuid4(),
        "lines": shown,
        "more": len(lines) > len(shown),
        "longest": power.LONGEST,
    }
    itself = request.headers.get("X-Requested-With") == "fetch"  # refresh.js asks for the thread alone
    page = "documents/_message_thread.html" if itself else "documents/messages.html"
    return render(request, page, about, status=status_of(form))
