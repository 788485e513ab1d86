"""Mail by way of a provider that django-anymail knows. Read only where MAIL_URL names one (extra `providers`)."""

from collections.abc import Sequence
from typing import Any

from anymail.exceptions import AnymailError
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string


class NotTaken(OSError):
    """The provider did not take the mail, like a mail server that does not."""


class ProviderBackend(BaseEmailBackend):
    """`provider`: a module of anymail.backends; `options`: its keywords, such as `api_key`."""

    def __init__(self, *, provider: str, alias: str | None = None, **options: Any) -> None:
        super().__init__(alias=alias)
        self.backend = import_string(f"anymail.backends.{provider}.EmailBackend")(alias=alias, **options)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        try:
            return int(self.backend.send_messages(email_messages) or 0)
        except AnymailError as problem:
            raise NotTaken(type(problem).__name__) from problem
