"""The page that tells staff how the portal is, and the banner that sends them there."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from documents import alarms, gate, looks, matters, watching
from documents.looks import Look
from documents.models import Alarm, Document, Matter, Packet, Request
from documents.packets import order
from tests.conftest import Browser

Kind = Alarm.Kind
BANNER = "See the status"


@pytest.fixture
def worker(db: None) -> None:
    """A worker that gave a sign of life just now."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")


@pytest.fixture
def well(firm: object, worker: None, settings: Any) -> None:
    """Everything was looked at and found in order."""
    settings.SCANNER_SIGNATURES = "official"
    gate.look()
    watching.watch()


def page(client: Client) -> str:
    answer = client.get("/status/")
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_everything_is_well(well: None, browser: Browser, pat: User) -> None:
    text = page(browser(pat))
    assert "Everything is well." in text
    assert "1 worker is at work." in text


@pytest.mark.parametrize("lacks", ["worker", "scanner", "store", "proof"])
def test_it_is_not_well_while_anything_is_not_known(lacks: str, well: None, browser: Browser, pat: User) -> None:
    if lacks == "worker":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    else:
        looks.forget(getattr(Look, lacks.upper()))
    assert "Everything is well." not in page(browser(pat))


def test_an_alarm_says_since_when_and_what_to_do(well: None, browser: Browser, ana: User) -> None:
    alarms.raise_(Kind.SCANNER_AWAY, "No answer.")
    text = page(browser(ana))
    assert "Files wait: the scanner gives no verdict" in text
    assert escape(str(alarms.ADVICE[Kind.SCANNER_AWAY])) in text
    assert "Everything is well." not in text


def test_an_alarm_that_ended_is_still_told(well: None, browser: Browser, ada: User) -> None:
    alarms.raise_(Kind.SWEPT)
    alarms.end(Kind.SWEPT)
    text = page(browser(ada))
    assert "Alarms that ended" in text
    assert "Everything is well." in text


def test_the_depth_of_every_queue_is_told(received: Document, browser: Browser, max_: User) -> None:
    assert watching.depths() == {
        "received": 1, "checking": 0, "clean": 0, "preparing": 0, "ordered": 0, "binding": 0}  # fmt: skip
    assert '<dd class="n">1</dd>' in page(browser(max_))


def test_a_purged_matter_counts_for_nothing(received: Document, matter: Matter) -> None:
    Matter.objects.filter(pk=matter.pk).update(purged_at=timezone.now())
    assert watching.depths()["received"] == 0
    assert watching.oldest_waiting() is None


@pytest.fixture
def failed(accepted: Document, request_: Request, ana: User) -> Packet:
    packet = order.order(request_, actor=ana)
    Packet.objects.filter(pk=packet.pk).update(state=Packet.State.FAILED)
    return packet


def test_what_failed_is_linked_for_its_own_people_alone(
    failed: Packet, browser: Browser, pat: User, max_: User, ada: User
) -> None:
    link = f"/packets/{failed.pk}/"
    assert [link in page(browser(user)) for user in (pat, max_, ada)] == [True, False, False]


def test_no_name_of_a_matter_is_told_to_others(failed: Packet, browser: Browser, max_: User, ada: User) -> None:
    for user in (max_, ada):
        text = page(browser(user))
        assert not [word for word in ("Rodríguez", "AMP-", "carta") if word in text]


def test_signatures_are_dated(well: None, browser: Browser, pat: User) -> None:
    seen = looks.last(Look.SCANNER)
    assert seen is not None
    assert f"Signatures {seen['version']} of" in page(browser(pat))


@pytest.mark.parametrize(("signatures", "told"), [("test", True), ("official", False)])
def test_test_signatures_are_told_loudly(
    signatures: str, told: bool, well: None, browser: Browser, pat: User, settings: Any
) -> None:
    settings.SCANNER_SIGNATURES = signatures
    text = page(browser(pat))
    assert ("It protects nobody." in text, "Everything is well." in text) == (told, not told)


@pytest.mark.parametrize("trouble", list(gate.Trouble))
def test_every_trouble_of_the_scanner_has_words(trouble: str, well: None, browser: Browser, pat: User) -> None:
    seen = looks.last(Look.SCANNER) or {}
    looks.keep(Look.SCANNER, **{**seen, "trouble": trouble})
    assert (str(gate.Trouble.NONE) == trouble) == ("It answers, and finds what it must find." in page(browser(pat)))


def test_the_part_that_renews_itself_is_the_page_without_its_frame(well: None, browser: Browser, pat: User) -> None:
    answer = browser(pat).get("/status/now/").text
    assert 'data-refresh="/status/now/"' in answer
    assert "<html" not in answer


# ---- the banner


def test_the_banner_stands_on_staff_pages_while_an_alarm_is_open(well: None, browser: Browser, pat: User) -> None:
    paralegal = browser(pat)
    assert BANNER not in paralegal.get("/matters/").text
    alarms.raise_(Kind.SWEPT)
    assert BANNER in paralegal.get("/matters/").text
    alarms.end(Kind.SWEPT)
    assert BANNER not in paralegal.get("/matters/").text


def test_and_while_the_gate_is_shut(well: None, browser: Browser, pat: User) -> None:
    looks.forget(Look.PROOF)
    assert "The gate is shut: new files wait." in browser(pat).get("/matters/").text


def test_never_on_a_clients_page(well: None, browser: Browser, matter: Matter, maria: User) -> None:
    alarms.raise_(Kind.SWEPT)
    looks.forget(Look.PROOF)
    client = browser(maria)
    with_alarm = client.get(f"/matters/{matter.pk}/").text
    assert "/status/" not in with_alarm
    alarms.end(Kind.SWEPT)
    looks.keep(Look.PROOF)
    assert len(client.get(f"/matters/{matter.pk}/").text) == len(with_alarm)


def test_it_costs_one_question(well: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert gate.standing() == (0, True)


def test_the_page_asks_the_same_number_of_questions(
    well: None, browser: Browser, pat: User, ana: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        matters.open_matter(f"Somebody {number}", "", actor=ana)
        alarms.raise_(list(Kind)[number])
    paralegal = browser(pat)
    with django_assert_max_num_queries(18):
        paralegal.get("/status/")


def test_what_waits_longest_is_told(received: Document, browser: Browser, pat: User) -> None:
    Document.objects.update(state_since=timezone.now() - timedelta(hours=3))
    assert "3 hours" in page(browser(pat)).replace("\xa0", " ")
