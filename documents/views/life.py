"""A request's life: how its packet was filed, what the office answered, what it decided."""

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import SignedInRequest
from documents import access, filing
from documents import life as lives
from documents.access import To
from documents.forms.filing import DecisionForm, FilingForm, ReplyForm, TransmittalForm
from documents.models import Filing, Packet, Request
from documents.packets import transmittal as mailing

IN_FIRM_TIME = timezone.override(settings.FIRM_TIME_ZONE)  # people tell when they filed it by the clock on their wall


@require_safe
@IN_FIRM_TIME
def life(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.request(request.user, pk, to=To.WORK)
    return _page(request, found)


@require_POST
@IN_FIRM_TIME
def file(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """That a packet was filed; of a filed one, how it really was."""
    found = access.packet(request.user, pk, to=To.FILE)
    form, there = FilingForm(request.POST), _filing(found)
    if form.is_valid():
        try:
            if there:
                filing.correct(there, **form.cleaned_data, actor=request.user)
            else:
                filing.file(found, **form.cleaned_data, actor=request.user)
        except filing.CannotRecord as problem:
            form.add_error(problem.field, str(problem))
        else:
            messages.success(request, _("It is on the record."))
            return redirect("life", found.request_id)
    return _page(request, found.request, typed=form, of=there)


@require_POST
@IN_FIRM_TIME
def reply(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What the office answered; told again, as it really was."""
    found = access.packet(request.user, pk, to=To.FILE)
    form, there = ReplyForm(request.POST), _filing(found)
    if there is None:
        raise Http404
    if form.is_valid():
        said = form.cleaned_data
        try:
            filing.reply(there, said["reply"], said["replied_on"], said["pages_confirmed"], actor=request.user)
        except filing.CannotRecord as problem:
            form.add_error(problem.field, str(problem))
        else:
            messages.success(request, _("It is on the record."))
            return redirect("life", found.request_id)
    return _page(request, found.request, typed=form, of=there)


@require_POST
@IN_FIRM_TIME
def decide(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What the office decided; told again, as it really was."""
    found = access.request(request.user, pk, to=To.FILE)
    form = DecisionForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            filing.decide(found, said["outcome"], said["decided_on"], said["decision"], actor=request.user)
        except filing.CannotRecord as problem:
            form.add_error(problem.field, str(problem))
        else:
            messages.success(request, _("It is on the record."))
            return redirect("life", pk)
    return _page(request, found, typed=form)


@require_http_methods(["GET", "HEAD", "POST"])
def transmittal(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The mail that goes with the packet, to copy. It names the A-number: whoever looks is on the record."""
    found = access.request(request.user, pk, to=To.FILE)
    if not mailing.wanted(found):
        raise Http404
    typed = request.POST if request.method == "POST" else None
    form = TransmittalForm(typed, initial={"text": found.transmittal or mailing.draft(found)})
    if form.is_valid():
        mailing.change(found, form.cleaned_data["text"], actor=request.user)
        messages.success(request, _("Saved."))
        return redirect("transmittal", pk)
    mailing.shown(found, actor=request.user)
    packet = lives.to_file(found) or next((each.packet for each in lives.filings(found)), None)
    context = {
        "request_": found,
        "matter": found.matter,
        "form": form,
        "subject": mailing.subject(found),
        "mail": mailing.mail(found, found.transmittal, packet) if found.transmittal else "",
        "packet": packet,
        "tab": "packet",
    }
    return render(request, "documents/transmittal.html", context, status=422 if form.is_bound else 200)


def _filing(packet: Packet) -> Filing | None:
    return next((each for each in lives.filings(packet.request) if each.packet_id == packet.pk), None)


def _page(
    request: SignedInRequest, found: Request, *, typed: forms.BaseForm | None = None, of: Filing | None = None
) -> HttpResponse:
    """The page; `typed`: a form that was not accepted, and the filing it is about."""
    records = [_record(each, typed if each == of else None) for each in lives.filings(found)]
    new = typed if isinstance(typed, FilingForm) and not of else FilingForm(initial={"filed_at": timezone.now()})
    context = {
        "request_": found,
        "matter": found.matter,
        "steps": lives.timeline(found),
        "to_file": lives.to_file(found),
        "filing_form": new,
        "records": records,
        "unanswered": next((each for each in records if not each.filing.replied_on), None),
        "differing": [each.filing for each in records if filing.differs(each.filing)],
        "decision_form": typed if isinstance(typed, DecisionForm) else _as_decided(found),
        "decided": found.state in filing.DECISIONS,
        "may_decide": found.state == Request.State.FILED,
        "by_mail": mailing.wanted(found),
        "tab": "packet",
    }
    return render(request, "documents/life.html", context, status=422 if typed else 200)


@dataclass(frozen=True, slots=True)
class Record:
    """A filing, with the forms that correct it, or record the reply."""

    filing: Filing
    form: forms.BaseForm
    reply_form: forms.BaseForm


def _record(each: Filing, typed: forms.BaseForm | None) -> Record:
    form = typed if isinstance(typed, FilingForm) else FilingForm(instance=each)
    reply_form = typed if isinstance(typed, ReplyForm) else ReplyForm(instance=each)
    form.auto_id, reply_form.auto_id = f"filing{each.pk}_%s", f"reply{each.pk}_%s"
    return Record(each, form, reply_form)


def _as_decided(found: Request) -> DecisionForm:
    return DecisionForm(instance=found, initial={"outcome": found.state if found.state in filing.DECISIONS else None})
