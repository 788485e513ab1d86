"""A form full of files: what it asks, what becomes of each file in it, and the receipt until the session ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from documents import vault
from documents.intake import NotKept, NotTaken, arriving, composing, receive
from documents.intake.composing import Paper
from documents.intake.form import SealedUpload, SealingHandler
from documents.models import Document, DocumentType, Matter, Upload
from documents.preparing import Reason

WAITS = "waits"  # a page that came, of a paper that is not put together yet
NO_ROOM = "no_room"  # the matter takes no more
LOST = (vault.StoreUnavailable, vault.Missing, vault.Tampered)
NOT_KEPT = "not_kept"  # beside the closed reasons: the store did not take it, the same file may come again
ANYTHING = "other"
TAKEN_BACK = Upload.State.ABANDONED
# Everyday headings. Each begins at this type of the data file's order and ends where the next one begins.
HEADINGS: Final = {
    "passport": _("Who you are"),
    "i94": _("Visas, permits and cards"),
    "lease": _("Where you live"),
    "report_card": _("School"),
    "dd214": _("Military service"),
    "marriage_cert": _("Your family"),
    "support_letter": _("Your community"),
    "le_cert": _("If something happened to you"),
    "doctor_letter": _("Health"),
    "care_letter": _("Who you take care of"),
    "petition_receipt": _("What was sent in for you before"),
    "country_report": _("Your home country"),
    "employer_letter": _("Work and taxes"),
    "court_disposition": _("Things only your lawyer needs to see"),
    "nta": _("Letters from the court and the government"),
    "client_declaration": _("Statements"),
}
_NAME: Any = Document._meta.get_field("name")  # a name that became no document is sealed like one that did


class SendForm(forms.Form):
    """What the files are, if the sender knows. An answer we do not know counts as none: it never costs a file."""

    item = forms.ChoiceField(label=_("What is this?"), required=False)

    asked = forms.UUIDField(required=False, widget=forms.HiddenInput)  # what of the checklist they are sent for
    together = forms.BooleanField(
        label=_("These photos are pages of one paper"),
        required=False,
        help_text=_("We put them together, in their order."),
    )

    for_team = forms.ChoiceField(
        label=_("Who may see it"),
        required=False,
        choices=[("", _("The client and the legal team")), ("team", _("The legal team only"))],
        help_text=_(
            "What the team alone sees can still be filed. Tag it as attorney's work to keep it out of packets."
        ),
    )

    def __init__(self, *args: Any, wanted: Iterable[DocumentType] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = list(DocumentType.objects.exclude(pk=ANYTHING))
        self._types = {kind.pk: kind for kind in types}
        again = [(_("We asked for this again"), [(kind.pk, str(kind)) for kind in wanted])] if wanted else []
        field: Any = self.fields["item"]
        field.choices = [("", _("Something else, or I am not sure")), *again, *_grouped(types)]

    def chosen(self) -> DocumentType | None:
        return self._types.get(self.data.get("item", ""))

    def paper(self, matter: Matter, actor: User) -> Paper:
        """What becomes of the files. What of the list it is for counts as nothing where the list does not have it."""
        self.is_valid()  # an answer that makes no sense is none
        asked = self.cleaned_data.get("asked")
        item = matter.checklist.select_related("item").filter(pk=asked).first() if asked else None
        for_team = actor.works_here and self.data.get("for_team") == "team"
        return Paper(matter, actor, self.chosen(), item, for_team=for_team)

    @property
    def is_one_paper(self) -> bool:
        return bool(self.data.get("together"))


def _grouped(types: list[DocumentType]) -> list[tuple[Any, list[tuple[str, str]]]]:
    groups: list[tuple[Any, list[tuple[str, str]]]] = []
    for kind in types:
        if kind.pk in HEADINGS or not groups:
            groups.append((HEADINGS.get(kind.pk, ""), []))
        groups[-1][1].append((kind.pk, str(kind)))
    return groups


class FormHandler(SealingHandler):
    """Seals each file while it is read, and remembers the name of the one at which the body broke off."""

    broken = ""

    def upload_interrupted(self) -> None:
        super().upload_interrupted()
        self.broken = self.file_name or ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file: a document (`duplicate`: it was here before), or the reason why it is none."""

    name: str = ""
    document: UUID | None = None
    duplicate: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    at: Any  # datetime
    files: list[Taken]


def take(files: "Iterable[UploadedFile[Any]]", *, broken: str, paper: Paper, together: bool = False) -> list[Taken]:
    """Receive every file by itself: one that fails costs no other. `broken`: the name of a file that was cut short.

    `together`: the photos among them are the pages of one paper.
    """
    alone, taken = list(files), list[Taken]()
    pages = [file for file in alone if together and _is_page(file, paper.matter)]
    if len(pages) > 1:
        alone = [file for file in alone if file not in pages]
        taken = _take_together(pages, paper)
    taken += [_take(file, paper) for file in alone]
    return [*taken, Taken(broken, reason=Reason.TRUNCATED)] if broken else taken


def _is_page(file: "UploadedFile[Any]", matter: Matter) -> bool:
    sealed = _sealed(file)
    if sealed is None:
        return False
    try:
        chunks = vault.chunks(sealed.area, sealed.key, under=bytes(matter.key))
        return bool(composing.picture(next(chunks, b"")[: composing.HEAD]))
    except LOST:
        return False


def _take_together(files: "list[UploadedFile[Any]]", paper: Paper) -> list[Taken]:
    parts = [composing.of_sealed(sealed, file.name or "", paper.matter) for file in files if (sealed := _sealed(file))]
    if sum(part.size for part in parts) > arriving.room(paper.matter):
        return [Taken(file.name or "", reason=NO_ROOM) for file in files]
    try:
        receipts = composing.compose(parts, paper)
    except (NotTaken, NotKept, *LOST):
        return [Taken(file.name or "", reason=NOT_KEPT) for file in files]
    return [Taken(document=receipt.document.pk, duplicate=receipt.duplicate) for receipt in receipts]


def _take(file: "UploadedFile[Any]", paper: Paper) -> Taken:
    name, sealed = file.name or "", _sealed(file)
    if sealed is None:
        too_large = (file.size or 0) > settings.UPLOAD_LIMIT
        return Taken(name, reason=Reason.TOO_LARGE if too_large else NOT_KEPT)
    if sealed.size > arriving.room(paper.matter):
        return Taken(name, reason=NO_ROOM)
    try:
        receipt = receive(
            sealed,
            matter=paper.matter,
            name=name,
            item=paper.item,
            asked=paper.asked,
            on_behalf=paper.on_behalf,
            actor=paper.actor,
        )
    except NotTaken as problem:
        return Taken(name, reason=problem.reason)
    except (NotKept, *LOST):
        return Taken(name, reason=NOT_KEPT)
    return Taken(document=receipt.document.pk, duplicate=receipt.duplicate)


def _sealed(file: "UploadedFile[Any]") -> vault.Sealed | None:
    return file.sealed if isinstance(file, SealedUpload) else None


def remember(session: SessionBase, matter: Matter, taken: list[Taken]) -> None:
    """Keep the outcome for the page that tells it. Names of files are ciphertext in the session's row."""
    files = [
        {
            "name": _NAME.get_prep_value(each.name),
            "document": str(each.document or ""),
            "duplicate": each.duplicate,
            "reason": str(each.reason),
        }
        for each in taken
    ]
    session["sent"] = {"matter": str(matter.pk), "at": timezone.now().isoformat(), "files": files}


def arrived(matter: Matter, batch: str, *, sender: User) -> Receipt | None:
    """What a phone sent together in pieces; a file that has not arrived yet counts as cut short."""
    try:
        uploads = list(Upload.objects.filter(matter=matter, sender=sender, batch=UUID(batch)).exclude(state=TAKEN_BACK))
    except ValueError:
        return None
    became = {
        each.document_id: Taken(each.name, each.document_id, each.duplicate) for each in uploads if each.document_id
    }
    files = [*became.values(), *(Taken(each.name, reason=_missing(each)) for each in uploads if not each.document_id)]
    return Receipt(max(each.touched_at for each in uploads), files) if uploads else None


def _missing(upload: Upload) -> str:
    return WAITS if upload.state == Upload.State.KEPT else Reason.TRUNCATED.value


def recall(session: SessionBase, matter: Matter) -> Receipt | None:
    """The last sending of this session into this matter."""
    kept = session.get("sent")
    if not kept or kept["matter"] != str(matter.pk):
        return None
    files = [
        Taken(
            name=_NAME.from_db_value(each["name"], None, None),
            document=UUID(each["document"]) if each["document"] else None,
            duplicate=each["duplicate"],
            reason=each["reason"],
        )
        for each in kept["files"]
    ]
    return Receipt(parse_datetime(kept["at"]), files)
