import io
from datetime import timedelta
from uuid import UUID

import typst
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from accounts import audit, policy
from accounts.models import AuditEvent, FirmPolicy, Role, User
from accounts.models import policy as firm_policy
from documents import access, checklist, matters, messages, options, vault
from documents.intake import receive
from documents.management.commands._demo import MESSAGES, OPTIONS
from documents.management.commands._work import say
from documents.models import DocumentType, Matter, Request
from portal import hours

PASSWORD = "three lit doorways in a wall"  # noqa: S105  # of a demo on this machine: seed refuses everywhere else
PEOPLE = {
    "maria": ("María Elena Rodríguez", Role.CLIENT, "es"),
    "wilmer": ("Wilmer Hernández", Role.CLIENT, "es"),
    "pat": ("Pat Nguyen", Role.PARALEGAL, "en"),
    "ana": ("Ana Cortés", Role.ATTORNEY, "en"),
    "max": ("Max Weber", Role.ATTORNEY, "en"),
    "ada": ("Ada Okafor", Role.ADMINISTRATOR, "en"),
}
LETTER = r"""
#set document(title: "Letter of employment", date: none)
#set page("us-letter", margin: 1in)
#set text(12pt, lang: "en")
#set par(justify: false, leading: 0.8em)
*Lakeside Bakery* \ 410 West Harbor Street \ Chicago, Illinois 60610

#v(2em) March 2, 2026 #v(1em)
To whom it may concern:

María Elena Rodríguez has worked in our kitchen since June 2014. She opens the bakery at four in the morning, five days
a week, and has trained eleven of the people who work here now. In twelve years she missed three days.

Her hourly pay is 21 dollars. She is a permanent, full-time employee, and her place here is secure.

#pagebreak() We ask whoever decides to let her stay. Customers ask for her by name, and two families depend on her pay.

#v(2em) Sincerely, #v(3em) Thomas Bell \ Owner
"""


class Command(BaseCommand):
    help = "A demo firm to look around in, made once. Only where PUBLIC_URL is loopback."

    def handle(self, *args: object, **options: object) -> None:
        if not settings.LOOPBACK:
            raise CommandError("The demo firm has passwords that everybody can read: PUBLIC_URL must be loopback.")
        _firm()
        people = {short: _person(f"{short}@amparo.example", *about) for short, about in PEOPLE.items()}
        matter = _matter("Rodríguez, María Elena", "087654321", people, client="maria", team=["ana", "pat"])
        request = _request(matter, people["ana"])
        _weigh(request, people["ana"])
        _checklist(matter, request, people["pat"])
        _matter("Hernández Xitumul, Wilmer", "", people, client="wilmer", team=["max"])
        try:
            _samples(matter, people["maria"])
        except vault.StoreUnavailable as problem:
            raise CommandError(f"The sample documents were not received: {problem}.") from problem
        _messages(matter, people)
        _tell(matter, request, people)


def _firm() -> FirmPolicy:
    firm, today = firm_policy(), hours.today()
    if not firm.firm_name:
        firm.firm_name, firm.phone = "Cortés Immigration Law", "312 555 0142"
        firm.address = "12 Wall Street\nChicago, IL 60601"
    if firm.totp_until is None or firm.totp_until < today:
        firm.totp_until = today + timedelta(days=365)
    firm.save()
    return firm


def _person(email: str, name: str, role: Role, language: str) -> User:
    """Everybody else begins with an invitation; demo people have no mailbox to open one in."""
    if there := User.objects.filter(email=email).first():
        return there
    password = None if role == Role.CLIENT else PASSWORD
    with transaction.atomic():
        user = User.objects.create_user(
            email, password=password, name=name, role=role, language=language, is_active=True, joined_at=timezone.now()
        )
        audit.record(AuditEvent.Kind.JOINED, user, actor=None)
        if user.works_here:
            policy.enrol_totp(user)
    return user


def _matter(respondent: str, a_number: str, people: dict[str, User], *, client: str, team: list[str]) -> Matter:
    """The client's matter, opened by the first of the team."""
    lead = people[team[0]]
    with transaction.atomic():
        matter = access.matters(people[client]).first() or matters.open_matter(respondent, a_number, actor=lead)
        for member in (*team, client):
            matters.add_member(matter, people[member], actor=lead)
    return matter


def _request(matter: Matter, attorney: User) -> Request:
    return matter.requests.last() or matters.open_request(
        matter,
        actor=attorney,
        stage=Request.Stage.BEFORE_COURT,
        form=Request.Form.ADMINISTRATIVE_CLOSURE,
        profile="OPLA",
        office="OPLA Chicago",
        judge="Hon. R. Alvarado",
        next_hearing=(timezone.now() + timedelta(days=90)).replace(hour=9, minute=0, second=0, microsecond=0),
    )


def _weigh(request: Request, attorney: User) -> None:
    """The options memo, complete, until somebody changes it."""
    if not request.options:
        options.weigh(request, OPTIONS, actor=attorney)


def _checklist(matter: Matter, request: Request, paralegal: User) -> None:
    """What the office asks María for: the stage's list and a few papers more, two weeks from the first start."""
    if matter.checklist.exists():
        return
    due = hours.today() + timedelta(days=14)
    checklist.add_preset(matter, request.stage, due, actor=paralegal)
    for code in ("marriage_cert", "child_birth_cert", "employer_letter"):
        checklist.add(matter, DocumentType.objects.get(pk=code), due=due, actor=paralegal)
    checklist.add(matter, words="Las fotos que nos enseñó en la oficina", actor=paralegal)


def _samples(matter: Matter, client: User) -> None:
    """Three papers as a client sends them, through the one door in; the worker checks them as it would any other."""
    if matter.documents.exists():
        return
    for name, item, content in (
        ("carta del trabajo.pdf", "employer_letter", typst.compile(LETTER.encode())),
        ("IMG_0457.jpg", "marriage_cert", _photo()),
        ("recibo de luz.png", "utility_bill", _bill()),
    ):
        sealed = vault.seal([content], vault.Area.INTAKE, under=bytes(matter.key))
        receive(sealed, matter=matter, name=name, item=DocumentType.objects.get(pk=item), actor=client)


def _paper(title: str, lines: list[str]) -> Image.Image:
    """A page of Letter at 150 dots an inch."""
    page = Image.new("RGB", (1275, 1650), (252, 250, 244))
    draw = ImageDraw.Draw(page)
    draw.rectangle((60, 60, 1215, 1590), outline=(60, 70, 65), width=4)
    draw.text((120, 130), title, fill=(20, 30, 25), font=ImageFont.load_default(56))
    for row, line in enumerate(lines):
        draw.text((120, 290 + 90 * row), line, fill=(30, 40, 35), font=ImageFont.load_default(36))
    return page


def _photo() -> bytes:
    """A certificate lying a little askew on a table, as a phone sees it."""
    lines = ["County of Cook, State of Illinois", "Maria Elena Rodriguez and Daniel Ortiz",
             "were married on the 14th of May, 2016.", "Recorded in book 212, page 88."]  # fmt: skip
    turned = _paper("CERTIFICATE OF MARRIAGE", lines).rotate(2, expand=True, fillcolor=(96, 74, 54))
    return _saved(turned, "JPEG", quality=85)


def _bill() -> bytes:
    lines = ["Customer: M. E. Rodriguez and D. Ortiz", "Service: 2207 South Hoyne Avenue, Chicago",
             "From January 3 to February 2, 2026", "Amount due: 74.18 dollars"]  # fmt: skip
    return _saved(_paper("NORTH SHORE ELECTRIC", lines), "PNG")


def _saved(image: Image.Image, kind: str, **how: int) -> bytes:
    image.save(out := io.BytesIO(), kind, **how)
    return out.getvalue()


def _messages(matter: Matter, people: dict[str, User]) -> None:
    """A few words to and fro, the last of which the client has not read."""
    for place, (who, text) in enumerate(MESSAGES):
        messages.write(matter, text, token=UUID(int=place), actor=people[who])
        if place + 1 < len(MESSAGES):
            for reader in ("pat", "maria"):
                messages.mark_read(people[reader], messages.thread(people[reader], matter))


def _tell(matter: Matter, request: Request, people: dict[str, User]) -> None:
    cast = {"client": "maria", "paralegal": "pat", "attorney": "ana", "administrator": "ada"}
    emails = {part: people[short].email for part, short in cast.items()}
    say(matter=matter.reference, request=str(request.pk), **emails)
    for user in people.values():
        who = {"email": user.email, "name": user.name, "as": user.get_role_display()}
        if user.is_client:
            say(**who, signs_in="a code by mail: it is printed here and kept in .local/mail")
        else:
            say(**who, signs_in="password, then a code", password=PASSWORD, code=f"manage.py totp {user.email}")
