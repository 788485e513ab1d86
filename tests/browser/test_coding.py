"""Forty documents coded by keyboard alone; two people at one document; and nothing typed is lost."""

import statistics
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import fixtures
from tests.browser.chrome import window
from tests.browser.walk import ANA, PAT
from tests.browser.watch import Watch
from tests.stack import Stack, wait_until

MANY = 40
FACTORS = ["FAMILY_USC_LPR", "WORK_HISTORY", "TAXES", "EDUCATION"]
READY = "SELECT count(*) FROM documents_document WHERE matter_id = %s AND state = 'ready'"
CODED = """SELECT d.number, d.title, d.review, string_agg(t.factor_id, ' ') AS factors FROM documents_document d
    LEFT JOIN documents_tag t ON t.document_id = d.id WHERE d.matter_id = %s GROUP BY d.id ORDER BY d.number"""
LOOKS = """SELECT e.kind FROM accounts_auditevent e JOIN documents_document d ON e.subject_id = d.id::text
    WHERE d.matter_id = %s AND d.number = %s AND e.kind IN ('fetched', 'viewed') ORDER BY e.seq"""
# Milliseconds from a key to the next document's first page on the screen: the picture is there, and a frame was drawn.
WATCHED = """() => {
  let at = 0
  window.painted = []
  addEventListener('keydown', () => { at = performance.now() }, true)
  document.addEventListener('page', async ({ detail }) => {
    const began = at
    if (detail.same) return
    window.early = (window.early || 0) + detail.early
    await document.querySelector('#main section img').decode()
    requestAnimationFrame(() => setTimeout(() => window.painted.push(performance.now() - began)))
  })
}"""


@pytest.fixture(scope="module")
def evidence(stack: Stack) -> list[str]:
    """The addresses of forty small papers of one matter, the first of each ten with a name that tells."""
    ana = stack.visitor(ANA)
    client = {"client-name": "Rosa", "client-email": "rosa@clients.example", "client-language": "es"}
    matter = ana.post("/matters/new/", {"respondent": "Mejía, Rosa", "a_number": "", **client}).path.split("/")[2]
    pat = stack.value("SELECT id FROM accounts_user WHERE email = %s", PAT)
    ana.post(f"/matters/{matter}/members/", {"person": str(pat)})
    names = [f"{'acta de matrimonio' if number % 10 == 1 else 'scan'} {number}.pdf" for number in range(1, MANY + 1)]
    for start in range(0, MANY, 10):
        files = [(name, fixtures.pdf(1, words=name)) for name in names[start : start + 10]]
        ana.send(f"/matters/{matter}/send/", files)
    wait_until(lambda: stack.value(READY, matter) == MANY, 120)
    rows = stack.rows("SELECT id FROM documents_document WHERE matter_id = %s ORDER BY number", matter)
    return [matter, *(f"/documents/{row['id']}/" for row in rows)]


@pytest.fixture
def page(stack: Stack, chromium: Browser) -> Iterator[Page]:
    with window(chromium, stack, ANA) as desk:
        watch = Watch(desk, stack.url)
        yield desk.new_page()
        assert watch.troubles == []


def at(page: Page, number: int) -> None:
    expect(page.locator(".cells [aria-current]")).to_have_text(str(number))


def said(page: Page) -> Locator:
    """What the page tells after something was done."""
    return page.locator("[data-walk] .note[data-tone=good]")


def code(page: Page, factor: str, title: str) -> None:
    """From anywhere on the page: its factor and its title."""
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.keyboard.type(factor.lower())
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#coding [name=factor][type=hidden]").first).to_have_value(factor)
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.keyboard.type(title)
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Title saved.")


def test_what_is_fetched_ahead_is_a_look_when_it_is_shown(stack: Stack, page: Page, evidence: list[str]) -> None:
    def looks(number: int) -> list[str]:
        return [row["kind"] for row in stack.rows(LOOKS, evidence[0], number)]

    page.goto(evidence[1])
    wait_until(lambda: looks(2) == ["fetched"], 10)
    page.keyboard.press("j")
    at(page, 2)
    wait_until(lambda: looks(2) == ["fetched", "viewed"], 10)
    wait_until(lambda: looks(3) == ["fetched"], 10)


def test_forty_documents_by_keyboard_alone(stack: Stack, page: Page, evidence: list[str]) -> None:
    matter, first, *_ = evidence
    page.goto(first)
    page.evaluate(WATCHED)
    for number in range(1, MANY + 1):
        at(page, number)
        if number % 10 == 1:
            page.keyboard.press("y")  # its name tells
            expect(said(page)).to_contain_text("Tagged: ")
            page.keyboard.press("e")
            page.keyboard.type(f"Marriage {number}")
            page.keyboard.press("Enter")
            expect(said(page)).to_contain_text("Title saved.")
            page.keyboard.press("a")
        elif number % 10 == 2:
            page.keyboard.press("p")
            expect(said(page)).to_contain_text("Tagged: ")
            page.keyboard.press("e")
            page.keyboard.type(f"The same {number}")
            page.keyboard.press("Enter")
            expect(said(page)).to_contain_text("Title saved.")
            page.keyboard.press("f")
            page.keyboard.press("Enter")  # nothing to add: accepted
        else:
            code(page, FACTORS[number % 4], f"Paper {number}")
            page.keyboard.press("a")
        if number < MANY:
            at(page, number + 1)
    page.wait_for_url(f"**/matters/{matter}/")
    expect(page.get_by_text("Nothing else waits for review in this matter.")).to_be_visible()
    for row in stack.rows(CODED, matter):
        number = row["number"]
        wanted = FACTORS[0] if number % 10 in {1, 2} else FACTORS[number % 4]
        assert (row["factors"], row["review"], bool(row["title"])) == (wanted, "accepted", True), number


def test_the_next_page_is_there_at_once(page: Page, evidence: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A figure, not a limit: a busy machine proves nothing."""
    page.goto(evidence[1])
    page.evaluate(WATCHED)
    for number in range(2, 22):
        page.wait_for_timeout(700)  # a glance
        page.keyboard.press("j")
        at(page, number)
    wait_until(lambda: page.evaluate("window.painted.length") == 20, 15)
    painted = page.evaluate("window.painted")
    with capsys.disabled():
        print(f"\nkey to next page painted: median {statistics.median(painted):.0f} ms, worst {max(painted):.0f} ms;")
        print(f"{page.evaluate('window.early')} of {len(painted)} were fetched ahead")
    page.go_back()
    at(page, 20)
    page.keyboard.press("k")
    at(page, 19)
    assert page.evaluate("window.painted.length") >= 20, "A page was loaded anew."


def test_keys_undo_hold_and_ask_again(stack: Stack, page: Page, evidence: list[str]) -> None:
    pending = "UPDATE documents_document SET review = 'pending' WHERE matter_id = %s AND number IN (3, 4)"
    stack.rows(pending, evidence[0])
    page.goto(evidence[3])
    page.keyboard.press("r")
    page.keyboard.press("1")
    expect(page.locator("[data-reads]:not(option)")).to_contain_text("La foto")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Asked again. The client reads")
    at(page, 4)
    page.keyboard.press("u")
    at(page, 3)
    expect(said(page)).to_contain_text("Undone. Document 3 is as it was.")
    page.keyboard.press("h")
    page.keyboard.type("The date of birth differs.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("On attorney hold: The date of birth differs.")).to_be_visible()
    page.keyboard.press("+")
    expect(page.locator("[data-zoom]")).not_to_have_attribute("data-zoom", "fit")
    page.keyboard.press("0")
    expect(page.locator("[data-zoom]")).to_have_attribute("data-zoom", "fit")


def test_what_was_typed_is_kept_until_it_is_saved(page: Page, evidence: list[str]) -> None:
    page.goto(evidence[4])
    page.keyboard.press("e")
    page.keyboard.type(" and more")
    typed = page.locator("#id_title").input_value()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    at(page, 5)
    expect(page.locator("[data-kept]")).to_be_hidden()
    page.keyboard.press("k")
    expect(page.locator("#id_title")).to_have_value(typed)
    expect(page.locator("[data-kept]")).to_be_visible()
    page.context.set_offline(True)
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    expect(page.locator("[data-walk] p[data-tone=stop]")).to_contain_text("Not saved: there is no connection.")
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("#id_title")).to_have_value(typed)
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Title saved.")
    expect(page.locator("[data-kept]")).to_be_hidden()
    assert page.evaluate("Object.keys(sessionStorage).filter(each => each.startsWith('draft ')).length") == 0


def test_two_at_one_document_are_told(stack: Stack, chromium: Browser, page: Page, evidence: list[str]) -> None:
    with window(chromium, stack, PAT) as other:
        page.goto(evidence[6])
        pat = other.new_page()
        pat.goto(evidence[6])
        expect(pat.get_by_text("Ana Cortés is looking at this too.")).to_be_visible()
        expect(page.get_by_text("Pat Nguyen is looking at this too.")).to_be_visible(timeout=25_000)
