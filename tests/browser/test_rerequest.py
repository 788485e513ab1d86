"""A denied request becomes a new one with changed circumstances, and what is different from the denied one is shown."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from portal import hours
from tests import fixtures
from tests.browser.chrome import window
from tests.browser.walk import ANA, PAT, press
from tests.browser.watch import Watch
from tests.stack import Stack, wait_until

ABOUT = {"stage": "before_court", "form": "administrative_closure", "profile": "OPLA", "office": "OPLA Chicago"}
BORN = "Her son Leo was born in Chicago."


def day(ago: int) -> str:
    return (hours.today() - timedelta(days=ago)).isoformat()


@pytest.fixture(scope="module")
def matter(stack: Stack) -> str:
    """Of a client who was never invited: Pat sends for her."""
    ana = stack.visitor(ANA)
    asked = {f"request-{name}": value for name, value in ABOUT.items()}
    page = ana.post("/matters/new/", {"respondent": "Campos, Elsa", "a_number": "045 678 912", **asked})
    pk = page.path.split("/")[2]
    pat = stack.value("SELECT id FROM accounts_user WHERE email = %s", PAT)
    ana.post(f"/matters/{pk}/members/", {"person": str(pat)})
    return pk


def filed_paper(stack: Stack, matter: str, name: str, words: str) -> str:
    """A paper that Pat sent, tagged and accepted: its id."""
    pat = stack.visitor(PAT)
    pat.send(f"/matters/{matter}/send/", [(name, fixtures.pdf(2, words=words))])
    sql = "SELECT id, state FROM documents_document WHERE matter_id = %s ORDER BY number DESC LIMIT 1"
    wait_until(lambda: stack.rows(sql, matter)[0]["state"] == "ready", 60)
    pk = str(stack.rows(sql, matter)[0]["id"])
    pat.post(f"/documents/{pk}/tag/", {"factor": "FAMILY_USC_LPR", "strength": "direct"})
    pat.post(f"/documents/{pk}/title/", {"title": words})
    pat.post(f"/documents/{pk}/accept/")
    return pk


@pytest.fixture(scope="module")
def request_(stack: Stack, matter: str) -> str:
    """With a packet that was released five days ago: by the test's own hand, for the rules have tests of their own."""
    filed_paper(stack, matter, "carta.pdf", "Letter of her sister")
    pk = str(stack.value("SELECT id FROM documents_request WHERE matter_id = %s", matter))
    packet = stack.visitor(PAT).post(f"/requests/{pk}/order/").path.split("/")[2]
    wait_until(lambda: stack.value("SELECT state FROM documents_packet WHERE id = %s", packet) == "bound", 60)
    stack.rows(
        "UPDATE documents_packet SET state = 'released', released_at = now() - interval '5 days',"
        " released_by_id = (SELECT id FROM accounts_user WHERE email = %s) WHERE id = %s",
        ANA, packet,
    )  # fmt: skip
    stack.rows("UPDATE documents_request SET state = 'ready' WHERE id = %s", pk)
    return pk


def file(page: Page, request: str) -> None:
    page.goto(f"/requests/{request}/life/")
    page.get_by_label("Channel").first.select_option("mail")
    page.get_by_label("When it was filed").first.fill(f"{day(4)}T10:00")
    press(page, "It was filed")
    expect(page.get_by_role("link", name="Packet 1 filed")).to_be_visible()


def answer(page: Page) -> None:
    """First with a page too few, which stands there until it is put right."""
    form = page.locator(".next form")
    form.get_by_label("Date of the reply").fill(day(3))
    form.get_by_label("Pages the office counted").fill("1")
    press(page, "Save the reply")
    alert = page.get_by_role("alert").filter(has_text="Pages of packet 1: the office counted 1, we sent")
    expect(alert).to_be_visible()
    sent = re.findall(r"we sent (\d+)", alert.inner_text())[0]
    page.locator("summary").filter(has_text="The reply on packet 1").click()
    page.get_by_label("Pages the office counted").fill(sent)
    press(page, "Save the reply")
    expect(alert).to_have_count(0)


def deny(page: Page) -> None:
    page.get_by_label("denied it").check()
    page.get_by_label("Date of the decision").fill(day(2))
    page.get_by_label("What the office decided").fill("Not a priority of the office.")
    press(page, "Save the decision")
    expect(page.get_by_role("heading", name="The office denied it")).to_be_visible()


def ask_again(page: Page) -> str:
    press(page, "Ask again")
    expect(page.get_by_label("Office", exact=True)).to_have_value("OPLA Chicago")
    expect(page.get_by_label("What we ask for")).to_have_value("administrative_closure")
    press(page, "Open the request")
    page.wait_for_url("**/changed/")
    expect(page.get_by_text("Nothing is noted that changed since the denial.")).to_be_visible()
    return page.url.split("/")[4]


def test_a_denied_request_is_asked_again(stack: Stack, chromium: Browser, matter: str, request_: str) -> None:
    with window(chromium, stack, PAT) as desk:
        watch, page = Watch(desk, stack.url), desk.new_page()
        file(page, request_)
        answer(page)
        deny(page)
        new = ask_again(page)
        filed_paper(stack, matter, "acta.pdf", "Birth certificate of Leo")
        page.reload()
        page.get_by_label("What changed").select_option("birth")
        page.get_by_label("When").fill(day(1))
        page.get_by_label("In a sentence").fill(BORN)
        page.get_by_label("The paper that shows it").select_option(label="Document 2: Birth certificate of Leo")
        press(page, "Note it")
        expect(page.get_by_text(BORN)).to_be_visible()
        expect(page.locator(".gap")).to_have_count(0)
        rows = page.locator("section[aria-labelledby=different] tbody tr")
        expect(rows).to_have_count(2)
        expect(rows.nth(0)).to_contain_text(re.compile(r"Birth certificate of Leo.*New", re.DOTALL))
        expect(rows.nth(1)).to_contain_text(re.compile(r"Letter of her sister.*The same", re.DOTALL))
        page.goto(f"/requests/{new}/")
        press(page, "What changed since the denial")
        page.wait_for_url("**/changed/")
        assert watch.troubles == []


def test_on_a_phone_nothing_is_wider_than_the_screen(
    stack: Stack, chromium: Browser, request_: str, matter: str
) -> None:
    with window(chromium, stack, PAT, phone=True) as phone:
        page = phone.new_page()
        last = stack.rows("SELECT id FROM documents_request WHERE matter_id = %s ORDER BY number DESC", matter)[0]["id"]
        for where in (f"{request_}/life", f"{last}/changed", f"{last}/mail"):
            page.goto(f"/requests/{where}/")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where
