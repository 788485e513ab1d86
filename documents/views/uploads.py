"""The resumable door: tus 1.0 with creation, creation-with-upload, checksum, termination and expiration (tus.io).

A person's own sessions and matters as everywhere; whoever is not signed in hears 401 and not a page, since a program
asks. Each answer is short: the proxy holds a piece until it is whole, so no connection is ever in the way of another.
"""

import base64
import binascii
import logging
import re
from collections.abc import Callable
from typing import Any, Concatenate
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import SignedInRequest
from accounts.policy import second_factor
from documents import access, alarms, arranging, lifecycle, vault
from documents.access import To
from documents.intake import NotKept, NotTaken, arriving
from documents.models import Upload
from documents.views.standing import sentence, standing

log = logging.getLogger(__name__)
VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"
BODY = "application/offset+octet-stream"
MISMATCH = 460  # of a checksum
_NUMBER = re.compile(r"[0-9]{1,15}")
_PAGE = re.compile(r"[0-9]{1,6}")

type Action[**P] = Callable[Concatenate[SignedInRequest, P], HttpResponse]


class Refused(Exception):
    """The request cannot be followed: the status says how, the sentence why."""

    def __init__(self, status: int, why: str = "", **headers: object) -> None:
        super().__init__(why)
        self.status, self.why, self.headers = status, why, headers


def _door(**actions: Action[Any]) -> Callable[..., HttpResponse]:
    """A view of the protocol: one function a method. POST may stand for another method where a network allows no other."""

    @login_not_required
    def view(request: HttpRequest, **where: Any) -> HttpResponse:
        method = request.headers.get("X-HTTP-Method-Override", request.method or "").upper()
        action = actions.get(method if request.method == "POST" else request.method or "")
        try:
            answer = _answered(request, action, where, list(actions))
        except Refused as problem:
            answer = _said(problem.why, problem.status)
            for name, value in problem.headers.items():
                answer[name.replace("_", "-")] = str(value)
        answer["Tus-Resumable"] = VERSION
        return answer

    return view


def _answered(request: Any, action: Action[Any] | None, where: dict[str, Any], methods: list[str]) -> HttpResponse:
    if not request.user.is_authenticated or not second_factor(request):
        raise Refused(401, _("Sign in again. What was sent so far is kept."))
    if action is None:
        raise Refused(405, Allow=", ".join(methods))
    if request.method not in {"GET", "OPTIONS"} and request.headers.get("Tus-Resumable") != VERSION:
        raise Refused(412, "This is tus 1.0.0.", Tus_Version=VERSION)
    return action(request, **where)


def _options(_request: SignedInRequest, **_where: Any) -> HttpResponse:
    answer = HttpResponse(status=204)
    answer["Tus-Version"] = VERSION
    answer["Tus-Extension"] = EXTENSIONS
    answer["Tus-Max-Size"] = str(settings.UPLOAD_LIMIT)
    answer["Tus-Checksum-Algorithm"] = ",".join(arriving.ALGORITHMS)
    return answer


def _create(request: SignedInRequest) -> HttpResponse:
    told = _metadata(request)
    matter = access.matter(request.user, _uuid(told.get("matter", "")), to=To.SEND)
    announced = arriving.Announced(
        file_id=_uuid(told.get("id", "")),
        name=told.get("filename", ""),
        size=_number(request, "Upload-Length"),
        item=told.get("item", ""),
        **{word: _uuid(told[word]) if told.get(word) else None for word in ("batch", "asked", "replaces", "paper")},
        for_team=told.get("team") == "team",
        page=int(told["page"]) if _PAGE.fullmatch(told.get("page", "")) else 0,
    )
    upload = _followed(lambda: arriving.begin(matter, announced, actor=request.user))
    if request.content_type == BODY and upload.offset == 0 and upload.state == Upload.State.ARRIVING:
        _append(request, upload, at=0)
    answer = _where(upload, 201)
    answer["Location"] = reverse("upload", args=[upload.pk])
    return answer


def _head(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Where the upload has arrived. One whose last answer was lost is finished now."""
    upload = _mine(request, pk)
    if upload.state == Upload.State.ARRIVING and upload.whole:
        _followed(lambda: arriving.finish(upload))
    answer = _where(upload, 200)
    answer["Upload-Length"] = str(upload.size)
    return answer


def _patch(request: SignedInRequest, pk: UUID) -> HttpResponse:
    if request.content_type != BODY:
        raise Refused(415, f"A piece is {BODY}.")
    upload = _mine(request, pk)
    _append(request, upload, at=_number(request, "Upload-Offset"))
    return _where(upload, 204)


def _append(request: SignedInRequest, upload: Upload, at: int) -> None:
    body = _body(request)
    _require_checksum(request, body)
    _followed(lambda: arriving.append(upload, at, body))


def _delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    upload = _mine(request, pk)
    _followed(lambda: arriving.abandon(upload, actor=request.user))
    return HttpResponse(status=204)


def _row(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Where the file stands, as a row of the page that sends it."""
    upload = _mine(request, pk)
    document = upload.document and access.documents(request.user).filter(pk=upload.document.pk).first()
    about: dict[str, Any] = {"upload": upload, "it": standing(document) if document else None}
    about["noticed"] = arranging.noticed(document) if document and not upload.duplicate else []
    return render(request, "documents/_sent.html", about)


uploads = _door(OPTIONS=_options, POST=_create)


@require_POST
def papers(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """These pages are all of a paper: `upload` and `turn`, once for each, in order. 204; what is no page any more is
    left as it is, 409 where the store or somebody else was in the way: asking again is harmless."""
    matter = access.matter(request.user, pk, to=To.SEND)
    told = zip(request.POST.getlist("upload"), request.POST.getlist("turn"), strict=False)
    try:
        pages = [(access.upload(request.user, UUID(upload)), int(turn) % 360 // 90 * 90) for upload, turn in told]
        arriving.compose(
            [upload for upload, _turn in pages if upload.matter_id == matter.pk],
            [turn for upload, turn in pages if upload.matter_id == matter.pk],
            actor=request.user,
        )
    except ValueError:
        return _said(_("These are not the pages of this paper. Nothing was changed."), 422)
    except (NotTaken, NotKept, lifecycle.LostRace, vault.Missing, vault.Tampered) as problem:
        log.warning("a paper cannot be put together now: %r", problem)
        return _said(_("We could not put your pages together. Try again."), 409)
    return HttpResponse(status=204)


def _said(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


upload = _door(OPTIONS=_options, HEAD=_head, PATCH=_patch, DELETE=_delete, GET=_row)


def _followed[R](rule: Callable[[], R]) -> R:
    """What stops the rule, in the words of the protocol."""
    try:
        return rule()
    except NotTaken as problem:
        raise Refused(413, sentence(problem.reason)) from problem
    except arriving.TooMuch as problem:
        raise Refused(413, f"A piece has at most {arriving.PIECE} bytes and ends with the file.") from problem
    except arriving.QuotaReached as problem:
        raise Refused(507, _("The office cannot take more files now. Ask the office.")) from problem
    except arriving.WrongOffset as problem:
        raise Refused(409, "It has arrived elsewhere.", Upload_Offset=problem.at) from problem
    except arriving.OtherFile as problem:
        raise Refused(409, _("This is not the file that was begun. Choose it again.")) from problem
    except arriving.Busy as problem:
        raise Refused(423, "Somebody else is at it. Ask again in a moment.") from problem
    except (vault.Missing, vault.Tampered) as problem:
        log.error("an upload cannot be finished: %r", problem)
        alarms.raise_(alarms.Kind.BYTES_CHANGED, "A piece of an upload is not what was sent.")
        raise Refused(410, _("We could not keep this file. Choose it again.")) from problem
    except arriving.Over as problem:
        raise Refused(410, _("This upload has ended. Choose the file again.")) from problem


def _mine(request: SignedInRequest, pk: UUID) -> Upload:
    """One's own upload, in a matter one may still send into."""
    return access.upload(request.user, pk)


def _where(upload: Upload, status: int) -> HttpResponse:
    if upload.state == Upload.State.ABANDONED:
        raise Refused(410, _("This upload has ended. Choose the file again."))
    answer = HttpResponse(status=status)
    answer["Upload-Offset"] = str(upload.offset)
    if upload.state == Upload.State.ARRIVING:
        answer["Upload-Expires"] = http_date(arriving.expires(upload).timestamp())
    return answer


def _body(request: HttpRequest) -> bytes:
    announced = request.headers.get("Content-Length")
    try:
        body = request.read(arriving.PIECE + 1)
    except UnreadablePostError as problem:
        raise Refused(400, "The piece broke off.") from problem
    if announced is not None and announced.isdigit() and len(body) < min(int(announced), arriving.PIECE + 1):
        raise Refused(400, "The piece broke off.")
    return bytes(body)


def _require_checksum(request: HttpRequest, body: bytes) -> None:
    told = request.headers.get("Upload-Checksum")
    if told is None:
        return
    algorithm, _space, encoded = told.partition(" ")
    digest = _decoded(encoded)
    if algorithm not in arriving.ALGORITHMS or not digest:
        raise Refused(400, f"A checksum is one of {', '.join(arriving.ALGORITHMS)}, in base64.")
    if not arriving.matches(body, algorithm, digest):
        raise Refused(MISMATCH, "The piece is not what was sent.")


def _metadata(request: HttpRequest) -> dict[str, str]:
    """`Upload-Metadata`: pairs of a word and base64 of UTF-8, separated by commas."""
    told = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        word, _space, encoded = pair.strip().partition(" ")
        value = _decoded(encoded)
        if value is None:
            raise Refused(400, "Upload-Metadata cannot be read.")
        told[word] = value.decode(errors="replace")
    return told


def _decoded(encoded: str) -> bytes | None:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None


def _number(request: HttpRequest, header: str) -> int:
    told = request.headers.get(header, "")
    if not _NUMBER.fullmatch(told):
        raise Refused(400, f"{header} is a whole number of bytes.")
    return int(told)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as problem:
        raise Refused(400, "Upload-Metadata names a matter and an id, each a UUID.") from problem
