"""Text messages and the ways out for mail: to whom, by what, and what happens when it does not answer."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.request import Request, urlopen

import pytest
from django.core import mail as outbox
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts import providers, reaching, texting
from accounts.models import Reminders, User
from portal import hours
from portal.settings import mailer, texter, time_zone

PHONE = "+13125550142"
NOON, NIGHT = datetime(2026, 3, 2, 18, tzinfo=UTC), datetime(2026, 3, 2, 5, tzinfo=UTC)  # a Monday in Chicago, a Sunday


class Provider:
    """A sender as a firm writes one: it posts to its provider."""

    def __init__(self, *, url: str, account: str) -> None:
        self.url, self.account = url, account

    def send(self, to: str, text: str) -> None:
        body = json.dumps({"account": self.account, "to": to, "text": text}).encode()
        with urlopen(Request(self.url, body), timeout=5):
            pass


class Double(BaseHTTPRequestHandler):
    """Somebody else's server: keeps what it is sent and answers `status`."""

    status = 200
    answer: ClassVar[dict[str, Any]] = {"ErrorCode": 0, "Message": "OK", "MessageID": "1", "To": "lena@example.test"}
    got: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.got.append(body)
        answer = json.dumps(self.answer).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_about: Any) -> None:
        """Says nothing."""


@pytest.fixture
def double() -> Any:
    handler = type("Fresh", (Double,), {"got": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield handler, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOON)


@pytest.fixture
def lena_by_text(lena: User) -> User:
    lena.phone, lena.reminders = PHONE, Reminders.TEXT
    lena.save()
    return lena


# ---- who sends


def test_without_a_setting_texts_are_printed_without_the_number(capsys: pytest.CaptureFixture[str]) -> None:
    texting.send("mail/reminder_by_text", PHONE, "en")
    printed = capsys.readouterr().err
    assert printed.startswith("text to •••42: You have something to look at: http")
    assert PHONE not in printed


def test_a_folder_keeps_each(tmp_path: Path, settings: Any) -> None:
    settings.TEXTER = texter(f"file://{tmp_path}/texts")
    for language in ("en", "es"):
        texting.send("mail/message_by_text", PHONE, language)
    kept = [path.read_text() for path in (tmp_path / "texts").iterdir()]
    assert len(kept) == 2
    assert all(text.startswith(f"To: {PHONE}\n\n") for text in kept)


def test_a_class_of_the_firms_own_is_made_with_its_keywords(double: Any, settings: Any) -> None:
    handler, url = double
    settings.TEXTER = texter(f"python:tests.test_texting.Provider?account=a%26b&url={url}")
    texting.send("mail/reminder_by_text", PHONE, "en")
    [got] = handler.got
    assert (got["account"], got["to"]) == ("a&b", PHONE)


def test_a_provider_that_refuses_or_is_away_is_an_os_error(double: Any, settings: Any) -> None:
    handler, url = double
    handler.status = 500
    for address in (url, "http://127.0.0.1:1/"):
        settings.TEXTER = texter(f"python:tests.test_texting.Provider?account=a&url={address}")
        with pytest.raises(OSError, match="500|refused"):
            texting.send("mail/reminder_by_text", PHONE, "en")


@pytest.mark.parametrize("what", ["reminder", "message"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_text_message_is_one_and_not_three(what: str, language: str, settings: Any, tmp_path: Path) -> None:
    settings.TEXTER = texter(f"file://{tmp_path}")
    texting.send(f"mail/{what}_by_text", PHONE, language)
    text = next(tmp_path.iterdir()).read_text().partition("\n\n")[2].strip()
    assert len(text) <= 70 + len(settings.PUBLIC_URL)
    assert "\n" not in text


@pytest.mark.parametrize("url", ["", "console", "sms:", "file:", "python:", "python:not a name", "http://x/"])
def test_any_other_setting_stops_the_portal(url: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        texter(url)


@pytest.mark.parametrize("name", ["", "Chicago", "America/Nowhere", "/etc/passwd", "../x"])
def test_a_time_zone_that_is_none_stops_the_portal(name: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        time_zone(name)


# ---- who is told, and how


def test_people_are_told_the_way_they_chose(lena_by_text: User, at_noon: None, settings: Any, tmp_path: Path) -> None:
    settings.TEXTER = texter(f"file://{tmp_path}")
    assert reaching.tell(lena_by_text, "reminder") == "text"
    assert (len(list(tmp_path.iterdir())), outbox.outbox) == (1, [])


def test_by_mail_where_there_is_no_number(lena_by_text: User) -> None:
    lena_by_text.phone = ""
    assert reaching.tell(lena_by_text, "reminder") == "mail"
    assert [one.to for one in outbox.outbox] == [[lena_by_text.email]]


def test_by_mail_where_nobody_sends_texts(lena_by_text: User, settings: Any) -> None:
    settings.TEXTS_ARRIVE = False
    assert reaching.channel(lena_by_text) == "mail"


@pytest.mark.parametrize(
    "columns", [{"is_active": False}, {"reminders": Reminders.NONE}, {"email": "lena@portal.invalid"}]
)
def test_some_are_not_told_at_all(lena: User, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(lena, name, value)
    assert reaching.tell(lena, "reminder") == ""
    assert outbox.outbox == []


def test_no_phone_rings_at_night(
    lena_by_text: User, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.TEXTER = texter(f"file://{tmp_path}")
    monkeypatch.setattr(timezone, "now", lambda: NIGHT)
    with pytest.raises(reaching.NotNow):
        reaching.tell(lena_by_text, "message")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        ("2026-03-02T14:59", True),  # 8:59 in Chicago on a Monday
        ("2026-03-02T15:00", False),
        ("2026-03-03T01:59", False),  # 19:59
        ("2026-03-03T02:00", True),
        ("2026-03-01T18:00", True),  # Sunday noon
        ("2026-03-09T14:00", False),  # 9:00 in summer time
        ("2026-03-09T01:00", True),  # Sunday evening, though Monday in Greenwich
    ],
)
def test_quiet_hours_are_the_firms(at: str, quiet: bool) -> None:
    assert hours.quiet(datetime.fromisoformat(at).replace(tzinfo=UTC)) == quiet


# ---- mail by a provider


def test_a_provider_is_named_with_its_keywords() -> None:
    assert mailer("anymail+amazon-ses://?message_tag_name=a%20b&x=1") == {
        "BACKEND": "accounts.providers.ProviderBackend",
        "OPTIONS": {"provider": "amazon_ses", "message_tag_name": "a b", "x": "1"},
    }


def test_a_mail_server_is_what_it_was() -> None:
    found = mailer("smtps://u%40x:p@mail.example")
    assert found["OPTIONS"] == {
        "host": "mail.example", "port": 465, "username": "u@x", "password": "p", "use_ssl": True, "timeout": 10,
    }  # fmt: skip


@pytest.fixture
def postmark(double: Any, settings: Any) -> Any:
    handler, url = double
    settings.MAILERS = {"default": mailer(f"anymail+postmark://?server_token=t&api_url={url}")}
    return handler


def test_mail_leaves_by_the_provider(postmark: Any) -> None:
    EmailMessage("s", "b", "us@example.test", to=["lena@example.test"]).send()
    assert [(one["To"], one["Subject"]) for one in postmark.got] == [("lena@example.test", "s")]


INACTIVE = {"ErrorCode": 406, "Message": "Found inactive addresses: lena@example.test. Inactive recipients"}


@pytest.mark.parametrize(("status", "answer"), [(500, {}), (401, {"ErrorCode": 10}), (422, INACTIVE), (200, {"x": 1})])
def test_a_provider_that_does_not_take_it_is_like_a_server_that_does_not(
    postmark: Any, status: int, answer: dict[str, Any]
) -> None:
    postmark.status, postmark.answer = status, answer
    with pytest.raises(OSError, match="Anymail"):
        EmailMessage("s", "b", "us@example.test", to=["lena@example.test"]).send()


def test_what_is_wrong_with_a_provider_is_an_os_error(settings: Any) -> None:
    assert issubclass(providers.NotTaken, OSError)
    settings.MAILERS = {"default": mailer("anymail+postmark://?server_token=t&api_url=http://127.0.0.1:1/")}
    with pytest.raises(OSError, match="Anymail"):
        EmailMessage("s", "b", "us@example.test", to=["lena@example.test"]).send()
