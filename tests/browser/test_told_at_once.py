"""What is wrong with a file is said in its row, while whoever sent it is still there, in their language."""

from collections.abc import Iterator
from hashlib import sha256
from random import Random

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from django.utils.functional import Promise
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from documents import words
from documents.preparing import Reason, Warning_
from tests import fixtures, photographs
from tests.browser.chrome import window
from tests.browser.test_resumable import MARIA
from tests.browser.test_resumable import matter as matter
from tests.stack import Stack, wait_until

PAPER = photographs.page()
WRONG = {
    "empty.jpg": (b"", words.REFUSALS[Reason.EMPTY]),
    "cut.jpg": (fixtures.cut(fixtures.jpeg(1200, 900)), words.REFUSALS[Reason.TRUNCATED]),
    "damaged.pdf": (b"%PDF-1.7\n" + Random(7).randbytes(4000), words.REFUSALS[Reason.DAMAGED]),
    "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", words.REFUSALS[Reason.WRONG_TYPE]),
    "locked.pdf": (fixtures.locked_pdf(), words.HAS_PASSWORD),
    "blurred.jpg": (photographs.jpeg(photographs.blurred(PAPER, 9)), words.NOTICED[Warning_.BLURRED]),
    "dark.jpg": (photographs.jpeg(photographs.darkened(PAPER, 0.03)), words.NOTICED[Warning_.DARK]),
}


@pytest.fixture(params=["es", "en"])
def language(request: pytest.FixtureRequest, stack: Stack) -> Iterator[str]:
    """Maria reads this language for a while."""
    stack.rows("UPDATE accounts_user SET language = %s WHERE email = %s", request.param, MARIA)
    yield request.param
    stack.rows("UPDATE accounts_user SET language = 'es' WHERE email = %s", MARIA)


@pytest.fixture
def page(stack: Stack, chromium: Browser, matter: str, language: str) -> Iterator[Page]:
    with window(chromium, stack, MARIA, phone=True, language=language) as context:
        page = context.new_page()
        page.goto(f"/matters/{matter}/send/")
        yield page


def said(sentence: Promise, language: str) -> str:
    with translation.override(language):
        return str(sentence)


def send(page: Page, files: dict[str, bytes]) -> None:
    page.set_input_files("#files", [FilePayload(name=n, mimeType="", buffer=content) for n, content in files.items()])


def row(page: Page, name: str) -> Locator:
    return page.locator("[data-chosen] li", has_text=name)


def test_each_refusal_says_its_sentence(page: Page, language: str) -> None:
    mark = f"% {language}".encode()  # the same bytes again would be a duplicate
    send(page, {name: content + mark if content else content for name, (content, _sentence) in WRONG.items()})
    for name, (_content, sentence) in WRONG.items():
        expect(row(page, name)).to_contain_text(said(sentence, language), timeout=60_000)
    assert [each["id"] for each in Axe().run(page).response["violations"]] == []


def test_a_file_that_is_here_already_says_since_when(page: Page, language: str) -> None:
    content = fixtures.pdf(1, words=f"dos veces {language}")
    send(page, {"primero.pdf": content})
    expect(row(page, "primero.pdf").locator("[data-tone=good]")).to_be_visible()
    send(page, {"segundo.pdf": content})
    expect(row(page, "segundo.pdf")).to_contain_text(translated("We have this one already", language))


def translated(text: str, language: str) -> str:
    with translation.override(language):
        return translation.gettext(text)


def test_a_photo_that_is_not_sharp_is_taken_again_and_gives_way(page: Page, stack: Stack, language: str) -> None:
    shade = 6 if language == "es" else 7
    send(page, {"borrosa.jpg": photographs.jpeg(photographs.blurred(photographs.page(size=30 + shade), 9))})
    again = row(page, "borrosa.jpg").get_by_role("button", name=translated("Take it again", language))
    with page.expect_file_chooser(timeout=60_000) as asked:
        again.click(timeout=60_000)
    sharp = photographs.jpeg(photographs.page(size=20 + shade))
    asked.value.set_files({"name": "nitida.jpg", "mimeType": "image/jpeg", "buffer": sharp})
    expect(row(page, "borrosa.jpg")).to_have_count(0)
    sql = "SELECT o.state FROM documents_document n JOIN documents_document o ON o.id = n.replaces_id WHERE n.sha256 = %s"
    digest = sha256(sharp).hexdigest()
    wait_until(lambda: [old["state"] for old in stack.rows(sql, digest)] == ["withdrawn"], 60)
