"""What speaks for and against, and where nothing speaks yet; and the factors themselves."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import SignedInRequest
from documents import access, matters, tagging
from documents.access import To
from documents.forms.review import FactorForm, grouped
from documents.models import Document, Factor, Tag

Polarity = Factor.Polarity
MEMOS: Final[dict[str, str]] = {
    "MEISSNER2000": "Meissner 2000",
    "MORTON2011": "Morton 2011",
    "MORTON2011-VICTIMS": "Morton 2011 (victims)",
    "JOHNSON2014": "Johnson 2014",
    "KELLY2017": "Kelly 2017",
    "TRASVINA2021": "Trasviña 2021",
    "MAYORKAS2021": "Mayorkas 2021",
    "DOYLE2022": "Doyle 2022",
}


@dataclass(slots=True)
class Square:
    """A factor of the board and what supports it. `held`: how many exhibits wait for an attorney because of it."""

    factor: Factor
    tags: list[Tag] = field(default_factory=list)
    held: int = 0


@dataclass(slots=True)
class Column:
    """`shown`: the main factors, also when empty, then others that have exhibits. `rest`: those that have nothing."""

    shown: list[Square] = field(default_factory=list)
    rest: list[Factor] = field(default_factory=list)

    @property
    def supported(self) -> int:
        return sum(bool(square.tags) for square in self.shown)


@require_safe
def board(request: SignedInRequest, pk: UUID) -> HttpResponse:
    matter = access.matter(request.user, pk, to=To.WORK)
    documents = access.documents(request.user).filter(matter=matter).exclude(state__in=Document.OVER)
    columns = arrange(tagging.factors(), tagging.tags_of(documents))
    unsorted = documents.filter(state=Document.State.READY, tags=None).order_by("number")
    context = {
        "matter": matter,
        "request_": matter.requests.first(),
        "tab": "board",
        "positive": columns[Polarity.POSITIVE],
        "negative": columns[Polarity.NEGATIVE],
        "context": columns[Polarity.CONTEXT],
        "unsorted": unsorted,
    }
    return render(request, "documents/board.html", context)


def arrange(factors: Iterable[Factor], tags: Iterable[Tag]) -> dict[str, Column]:
    """The three columns. Papers that are no factor stand under context."""
    of: defaultdict[str, list[Tag]] = defaultdict(list)
    for tag in tags:
        of[tag.factor_id].append(tag)
    columns = {str(polarity): Column() for polarity in (Polarity.POSITIVE, Polarity.NEGATIVE, Polarity.CONTEXT)}
    for factor in factors:
        column = columns.get(factor.polarity, columns[Polarity.CONTEXT])
        if of[factor.code] or factor.origin == Factor.Origin.SEED:
            column.shown.append(Square(factor, of[factor.code], sum(_held(tag) for tag in of[factor.code])))
        else:
            column.rest.append(factor)
    return columns


def _held(tag: Tag) -> bool:
    """Whether an attorney still has to look at the document because of this very factor."""
    return any(hold.factor_id == tag.factor_id and not hold.lifted_at for hold in tag.document.holds.all())


@require_http_methods(["GET", "HEAD", "POST"])
def factors(request: SignedInRequest) -> HttpResponse:
    if not any(access.may(request.user, to) for to in (To.WORK, To.ADD_FACTOR)):
        raise PermissionDenied
    form = FactorForm(request.POST or None)
    if request.method == "POST":
        access.require(request.user, To.ADD_FACTOR)
        if form.is_valid() and _added(request, form):
            return redirect("factors")
    context = {
        "groups": [(name, [(each, _memos(each)) for each in group]) for name, group in grouped(tagging.factors())],
        "form": form,
        "may_add": access.may(request.user, To.ADD_FACTOR),
    }
    return render(request, "documents/factors.html", context, status=422 if request.method == "POST" else 200)


def _memos(factor: Factor) -> str:
    """Where it comes from, in the order of time."""
    return ", ".join(MEMOS.get(source, _("Practice")) for source in factor.memo_sources)


def _added(request: SignedInRequest, form: FactorForm) -> bool:
    try:
        made = matters.add_factor(**form.cleaned_data, actor=request.user)
    except IntegrityError:  # somebody else took the code a moment ago
        form.add_error("code", _("There is a factor with this code already."))
        return False
    messages.success(request, _("Added: %s.") % made)
    return True
