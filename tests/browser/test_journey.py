"""The whole line through the browser, and what is true afterwards."""

import csv
import re
import subprocess
from typing import Any

import pypdf
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chrome import window
from tests.browser.walk import CLEAR, CLIENT, LETTER, RECORD, Walk, in_spanish, press
from tests.stack import Stack

PAGES = {LETTER: 3, RECORD: 1, CLEAR: 1}  # accepted, each page once


@pytest.fixture(scope="module")
def packet(walked: Walk) -> pypdf.PdfReader:
    return pypdf.PdfReader(walked.downloads / "packet.pdf")


@pytest.fixture(scope="module")
def ledger(walked: Walk) -> list[dict[str, str]]:
    with (walked.downloads / "ledger.csv").open() as rows:
        return list(csv.DictReader(rows))


def test_no_window_complained(walked: Walk) -> None:
    assert walked.troubles == []


def test_qpdf_is_silent(walked: Walk) -> None:
    checked = subprocess.run(["qpdf", "--check", walked.downloads / "packet.pdf"], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_there_are_as_many_pages_as_ledger_rows(packet: pypdf.PdfReader, ledger: list[dict[str, str]]) -> None:
    assert [int(row["packet_page"]) for row in ledger] == list(range(1, len(packet.pages) + 1))


def test_printed_numbers_are_the_labels(packet: pypdf.PdfReader) -> None:
    assert [printed(page) for page in packet.pages] == packet.page_labels


def printed(page: pypdf.PageObject) -> str:
    """The number within 36 points of the bottom edge."""
    low: list[str] = []

    def visit(text: str, _cm: Any, tm: Any, *_font: Any) -> None:
        if text.strip() and tm[5] < 36:
            low.append(text.strip())

    page.extract_text(visitor_text=visit)
    return re.findall(r"\d+", " ".join(low))[-1]


def test_the_ledger_accounts_for_each_accepted_page_once(walked: Walk, ledger: list[dict[str, str]]) -> None:
    found = sorted((row["document"], int(row["source_page"])) for row in ledger if row["kind"] == "exhibit")
    documents = {walked.documents[name].split("/")[2]: pages for name, pages in PAGES.items()}
    assert found == sorted((pk, page) for pk, pages in documents.items() for page in range(1, pages + 1))


def test_an_attorney_of_another_matter_sees_none_of_it(walked: Walk, stack: Stack) -> None:
    max_ = stack.visitor("max@amparo.example")
    document, page = walked.documents[LETTER], "pages/1.jpg"
    addresses = [
        *(walked.matter + rest for rest in ("", "evidence/", "activity/", "members/", "client/", "board/", "send/")),
        *(document + rest for rest in ("", "status/", page, "original/")),
        *(walked.request + rest for rest in ("", "letter/")),
        *(walked.packet + rest for rest in ("", "status/", page, "parts/1/", "manifest.json", "ledger.csv")),
    ]
    assert {address: max_.get(address).status for address in addresses} == dict.fromkeys(addresses, 404)
    assert "Paredes" not in max_.get("/matters/").text


def test_the_client_comes_back_with_a_code(walked: Walk, stack: Stack, chromium: Browser) -> None:
    with window(chromium, stack, phone=True, language="es") as phone:
        page = phone.new_page()
        page.goto("/sign-in/")
        page.get_by_label(in_spanish("E-mail")).fill(CLIENT)
        press(page, in_spanish("Send me a code"))
        page.get_by_label(in_spanish("The 6 numbers from the mail")).fill(
            re.findall(r"\b\d{6}\b", stack.mail(CLIENT))[0]
        )
        press(page, in_spanish("Sign in"))
        expect(page.get_by_role("link", name=LETTER)).to_be_visible()
