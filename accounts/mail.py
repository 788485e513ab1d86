"""What the portal writes to people. A mail never tells what the office does, nor anything about a case."""

import sys
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend
from django.template.loader import render_to_string
from django.utils import translation

UNREACHABLE = ".invalid"  # reserved: no mail server has it (RFC 2606)


def send(template: str, email: str, language: str, **context: Any) -> None:
    """Send `templates/<template>.txt` in `language`; its first line is the subject. Raises OSError without mail.

    Nothing goes to people without an e-mail: see User.has_email.
    """
    if email.endswith(UNREACHABLE):
        return
    with translation.override(language):
        text = render_to_string(f"{template}.txt", {"portal": settings.PUBLIC_URL, **context})
    subject, _line, body = text.strip().partition("\n")
    EmailMessage(subject.strip(), body.strip() + "\n", to=[email]).send()


class FolderBackend(EmailBackend):
    """Keeps each mail in a folder and prints it, so that whoever runs a demo on this machine can read it."""

    def write_message(self, message: EmailMessage) -> None:
        super().write_message(message)
        to = ", ".join(message.recipients())
        print(f"mail to {to}: {message.subject}\n{message.body}", file=sys.stderr, flush=True)
