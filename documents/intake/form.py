"""A plain form of many files. Each is sealed while it is read: no plaintext ever touches a disk of the web server."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from documents import vault
from documents.models import Matter


class SealedUpload(UploadedFile):
    """A file of the form, sealed in intake; `sealed` is None when the store did not take it. It cannot be read here."""

    def __init__(self, name: str, size: int, sealed: vault.Sealed | None) -> None:
        super().__init__(name=name, size=size)
        self.sealed = sealed

    def close(self) -> None:
        """Nothing is open."""


class SealingHandler(FileUploadHandler):
    """Seals every file under the matter's key.

    A file over the limit, or one that the store does not take, is let go while it is read; the others go on.
    """

    chunk_size = 256 * 1024

    def __init__(self, request: HttpRequest, matter: Matter) -> None:
        super().__init__(request)
        self.under = bytes(matter.key)
        self.seal: vault.Seal | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.seal = vault.Seal(vault.Area.INTAKE, under=self.under)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.seal is None:
            return
        if start + len(raw_data) > settings.UPLOAD_LIMIT:
            self._let_go()
            return
        try:
            self.seal.write(raw_data)
        except vault.StoreUnavailable:
            self._let_go()

    def file_complete(self, file_size: int) -> SealedUpload:
        sealed = None
        try:
            sealed = self.seal.close() if self.seal else None
        except vault.StoreUnavailable:
            self._let_go()
        self.seal = None
        return SealedUpload(self.file_name or "file", file_size, sealed)

    def upload_interrupted(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        if self.seal:
            self.seal.abandon()
        self.seal = None
