"""Text messages: in a language, without a word about a case, by whatever sender SMS_URL names.

A sender of the firm's own is a class with one method, named by `python:package.module.Class?name=value&…`; what stands
after the question mark are the keywords it is made with, all of them text:

    class Sender:
        def __init__(self, *, account: str, secret: str) -> None: ...
        def send(self, to: str, text: str) -> None: ...

`to` is the number as it was typed in, `text` at most 160 characters. What could not be handed to the provider is raised
as NotSent or any other OSError: it is tried again a quarter of an hour later.
"""

import sys
from pathlib import Path
from typing import Any, Protocol, cast
from uuid import uuid4

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.module_loading import import_string


class NotSent(OSError):
    """The provider did not take the message, or did not answer in time."""


class Sender(Protocol):
    def send(self, to: str, text: str) -> None: ...


def send(template: str, phone: str, language: str, **context: Any) -> None:
    """Send `templates/<template>.txt` in `language` as a text message. Raises OSError when it could not be sent."""
    with translation.override(language):
        text = render_to_string(f"{template}.txt", {"portal": settings.PUBLIC_URL, **context})
    sender().send(phone, " ".join(text.split()))


def sender() -> Sender:
    path, keywords = settings.TEXTER
    return cast(Sender, import_string(path)(**keywords))


class Console:
    """No text message goes anywhere: what would have gone is printed, and of the number its last two figures."""

    def send(self, to: str, text: str) -> None:
        print(f"text to {masked(to)}: {text}", file=sys.stderr, flush=True)


class Folder(Console):
    """Keeps each text message in a folder and prints it, so that whoever runs a demo on this machine can read it."""

    def __init__(self, *, folder: str) -> None:
        self.folder = Path(folder)

    def send(self, to: str, text: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{uuid4().hex}.txt").write_text(f"To: {to}\n\n{text}\n")
        super().send(to, text)


def masked(phone: str) -> str:
    return f"•••{phone[-2:]}"
