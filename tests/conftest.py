"""The cast. Maria: client. Pat (paralegal) and Ana (attorney): on her matter. Max: attorney, not on it. Ada: administrator."""

import io
import time
from datetime import date
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pikepdf
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import FirmPolicy, Role, User, policy
from documents import custody, looks, matters, tagging, vault
from documents.intake import receive
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import Document, Factor, Matter, Request

# Fixtures for all folders of tests:
from tests.people import boss as boss
from tests.people import lena as lena
from tests.people import mailed as mailed
from tests.people import tom as tom
from tests.stack import stack as stack


def simple_pdf(pages: int = 1, text: str = "Carta") -> bytes:
    """A born-digital PDF with a line of text on each page."""
    pdf, into = pikepdf.new(), io.BytesIO()
    for number in range(1, pages + 1):
        page = pdf.add_blank_page(page_size=(612, 792))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = pdf.make_stream(f"BT /F1 24 Tf 72 650 Td ({text} {number}) Tj ET".encode())
    pdf.save(into, deterministic_id=True)
    return into.getvalue()


class Browser(Protocol):
    def __call__(self, user: User, *, fresh: bool = True) -> Client: ...



def person(name: str, role: Role, language: str = "en") -> User:
    joined = timezone.now()
    email = f"{name.split()[0].lower()}@example.test"
    return User.objects.create_user(
        email, name=name, role=role, language=language, is_active=True, joined_at=joined
    )


@pytest.fixture(autouse=True)
def private_work_dir(tmp_path: Path, settings: object) -> None:
    settings.WORK_DIR = tmp_path / "work"  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def private_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests share the store and not the database: each has anchors of its own."""
    monkeypatch.setattr(custody, "HEADS", f"heads-{uuid4().hex}/")


@pytest.fixture
def firm(db: None) -> FirmPolicy:
    """The office, on a portal whose scanner and store were proved when its worker started."""
    looks.keep(looks.Look.PROOF)
    firm = policy()
    firm.firm_name, firm.address, firm.phone = "Cortés Law", "12 Wall Street\nChicago, IL 60601", "312 555 0142"
    firm.totp_until = date(2099, 12, 31)
    firm.save()
    return firm


@pytest.fixture
def maria(firm: FirmPolicy) -> User:
    return person("Maria Rodríguez", Role.CLIENT, "es")


@pytest.fixture
def pat(firm: FirmPolicy) -> User:
    return person("Pat Nguyen", Role.PARALEGAL)


@pytest.fixture
def ana(firm: FirmPolicy) -> User:
    return person("Ana Cortés", Role.ATTORNEY)


@pytest.fixture
def max_(firm: FirmPolicy) -> User:
    return person("Max Weber", Role.ATTORNEY)


@pytest.fixture
def ada(firm: FirmPolicy) -> User:
    return person("Ada Admin", Role.ADMINISTRATOR)


@pytest.fixture
def matter(maria: User, pat: User, ana: User) -> Matter:
    opened = matters.open_matter("Rodríguez, Maria", "123456789", actor=ana)
    for member in (pat, maria):
        matters.add_member(opened, member, actor=ana)
    return opened


@pytest.fixture
def request_(matter: Matter, ana: User) -> Request:
    return matters.open_request(
        matter, stage="before_court", form="administrative_closure", profile="OPLA", office="OPLA Chicago", actor=ana
    )


@pytest.fixture
def browser(firm: FirmPolicy) -> Browser:
    """A browser in which somebody is signed in, staff with a fresh second factor."""

    def signed_in(user: User, *, fresh: bool = True) -> Client:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        session = client.session
        at = time.time() - (0 if fresh else 3600)
        session["account_authentication_methods_user"] = str(user.pk)
        session["account_authentication_methods"] = [
            {"method": "password", "at": at},
            {"method": "mfa", "type": "totp", "at": at},
        ]
        session.save()
        return client

    return signed_in


def sent(content: bytes, name: str, matter: Matter, actor: User) -> Document:
    """Received through the door, and nothing done yet."""
    sealed = vault.seal([content], vault.Area.INTAKE, under=bytes(matter.key))
    return receive(sealed, matter=matter, name=name, actor=actor, on_behalf=not actor.is_client).document


def made_ready(content: bytes, name: str, matter: Matter, actor: User) -> Document:
    """Received, checked by the real scanner and prepared."""
    document = sent(content, name, matter, actor)
    check(document)
    prepare(document)
    document.refresh_from_db()
    return document


@pytest.fixture
def received(matter: Matter, maria: User) -> Document:
    return sent(simple_pdf(2), "carta.pdf", matter, maria)


@pytest.fixture
def ready(matter: Matter, maria: User) -> Document:
    return made_ready(simple_pdf(2), "carta.pdf", matter, maria)


@pytest.fixture
def accepted(ready: Document, pat: User) -> Document:
    tagging.tag(ready, Factor.objects.get(code="FAMILY_USC_LPR"), actor=pat)
    tagging.accept(ready, actor=pat)
    return ready
