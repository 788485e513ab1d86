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
from documents.intake import NotKept, NotTaken, receive
from documents.intake.form import SealedUpload, SealingHandler
from documents.models import Document, DocumentType, Matter, Upload
from documents.preparing import Reason

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

    def __init__(self, *args: Any, wanted: Iterable[DocumentType] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = list(DocumentType.objects.exclude(pk=ANYTHING))
        self._types = {kind.pk: kind for kind in types}
        again = [(_("We asked for this again"), [(kind.pk, str(kind)) for kind in wanted])] if wanted else []
        field: Any = self.fields["item"]
        field.choices = [("", _("Something else, or I am not sure")), *again, *_grouped(types)]

    def chosen(self) -> DocumentType | None:
        return self._types.get(self.data.get("item", ""))


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


def take(
    files: "Iterable[UploadedFile[Any]]", *, broken: str, matter: Matter, item: DocumentType | None, actor: User
) -> list[Taken]:
    """Receive every file by itself: one that fails costs no other. `broken`: the name of a file that was cut short."""
    taken = [_take(file, matter, item, actor) for file in files]
    return [*taken, Taken(broken, reason=Reason.TRUNCATED)] if broken else taken


def _take(file: "UploadedFile[Any]", matter: Matter, item: DocumentType | None, actor: User) -> Taken:
    name = file.name or ""
    sealed = file.sealed if isinstance(file, SealedUpload) else None
    if sealed is None:
        too_large = (file.size or 0) > settings.UPLOAD_LIMIT
        return Taken(name, reason=Reason.TOO_LARGE if too_large else NOT_KEPT)
    try:
        receipt = receive(sealed, matter=matter, name=name, item=item, on_behalf=not actor.is_client, actor=actor)
    except NotTaken as problem:
        return Taken(name, reason=problem.reason)
    except (NotKept, vault.StoreUnavailable, vault.Missing, vault.Tampered):
        return Taken(name, reason=NOT_KEPT)
    return Taken(document=receipt.document.pk, duplicate=receipt.duplicate)


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
    files = [
        Taken(each.name, each.document_id, each.duplicate, "" if each.document_id else Reason.TRUNCATED)
        for each in uploads
    ]
    return Receipt(max(each.touched_at for each in uploads), files) if uploads else None


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
