"""The letter: Markdown as it was signed, citations that fill themselves in or break loudly."""

import dataclasses
from typing import Any

import pytest

from documents.packets.letter import Citation, Cited, blocks, citations, dangling, default_letter, resolve
from documents.packets.shape import Exhibit, Order, Source
from tests.prints import FAMILY, SCHOOL, TIES, order


def made(name: str, pages: int) -> Source:
    return Source(name, "0" * 64, "1" * 64, pages, ((1, pages),), f"Title of {name}")


ORDER = order(
    Exhibit("Marriage", (FAMILY, TIES), (made("doc-1", 2), made("doc-2", 1)), handles=("Marriage", "b")),
    Exhibit("Diploma", (SCHOOL,), (made("doc-3", 4),), handles=("school", "paper")),
    Exhibit("Report card", (SCHOOL,), (made("doc-4", 1),), handles=("paper",)),
)


def plain(citation: Citation) -> dict[str, Any]:
    return {"kind": "cite", "of": (citation.handle, citation.page)}


def inlines(markdown: str) -> list[dict[str, Any]]:
    (paragraph,) = blocks(markdown, plain)
    return list(paragraph["inlines"])


def text(markdown: str) -> str:
    return "".join(inline.get("text", f"<{inline['kind']}>") for inline in inlines(markdown))


@pytest.mark.parametrize(
    ("written", "handle", "page"),
    [
        ("{tab:school}", "school", None),
        ("{tab:FAMILY_USC_LPR}", "FAMILY_USC_LPR", None),
        ("{tab:school p.3}", "school", 3),
        ("{tab:school p. 3}", "school", 3),
        ("{tab:school#3}", "school", 3),
        ("{TAB: two words p.12 }", "two words", 12),
    ],
)
def test_a_citation_is_read_in_each_of_its_forms(written: str, handle: str, page: int | None) -> None:
    assert citations(f"See {written}.") == [Citation(handle, page, written)]


@pytest.mark.parametrize(
    ("written", "exhibit", "page"),
    [
        ("{tab:marriage}", 0, 1),  # its handle, in any case
        ("{tab:SCHOOL p.4}", 1, 4),
        ("{tab:c}", 2, 1),  # its tab letter
        ("{tab:education}", 1, 1),  # the first under that factor
        ("{tab:doc-4}", 2, 1),
        ("{tab:marriage#3}", 0, 3),  # the third page of the exhibit is the first of its second document
    ],
)
def test_a_citation_finds_its_exhibit(written: str, exhibit: int, page: int) -> None:
    (citation,) = citations(written)
    assert resolve(citation, ORDER) == Cited(exhibit, page)


@pytest.mark.parametrize(
    "written",
    [
        "{tab:divorce}",  # nothing is called that
        "{tab:paper}",  # two exhibits are
        "{tab:b}",  # one exhibit is called that, another is Tab B
        "{tab:marriage p.4}",  # it has three pages
        "{tab:marriage#0}",
        "{tab:COMMUNITY_TIES}",  # nothing is printed under it
        "{tab:}",
        "{tab",
        "{tab marriage}",
    ],
)
def test_what_does_not_resolve_is_named(written: str) -> None:
    (named,) = dangling(f"See {written}", ORDER)
    assert written.startswith(named)


def test_a_citation_in_code_or_escaped_is_only_text() -> None:
    assert dangling("`{tab:nothing}` and \\{tab:nothing}", ORDER) == []


def test_underscores_and_stars_in_a_citation_are_not_emphasis() -> None:
    assert [each["kind"] for each in inlines("_a_ {tab:_a_*b*} _c_")] == [
        "emphasis",
        "text",
        "cite",
        "text",
        "emphasis",
    ]


def test_citations_in_headings_lists_and_quotes_count() -> None:
    assert [each.handle for each in citations("# {tab:a}\n\n- x **{tab:b}**\n\n> 1. {tab:c}")] == ["a", "b", "c"]


@pytest.mark.parametrize("html", ["<script>alert(1)</script>", "<b>x</b>", "<!-- x -->", "<img src=x>"])
def test_html_stays_the_text_it_is(html: str) -> None:
    assert text(f"See {html}") == f"See {html}"
    assert text(html) == html


def test_a_link_keeps_its_words_and_its_address_and_leads_nowhere() -> None:
    assert text("[the memo](https://example.test/m)") == "the memo (https://example.test/m)"
    assert text("<https://example.test/m>") == "https://example.test/m"


def test_an_image_is_not_fetched() -> None:
    assert text("![alt](https://example.test/x.png)") == "!alt (https://example.test/x.png)"


def test_the_tree_has_every_kind_of_block() -> None:
    tree = blocks("# H\n\np\n\n- a\n\n3. b\n\n> q\n\n    code\n\n---\n\nx  \ny", plain)
    assert [block["kind"] for block in tree] == [
        "heading", "paragraph", "list", "list", "quote", "code", "rule", "paragraph"
    ]  # fmt: skip
    assert (tree[3]["ordered"], tree[3]["start"]) == (True, 3)
    assert [each["kind"] for each in tree[-1]["inlines"]] == ["text", "break", "text"]


def test_the_letter_we_write_cites_every_tab() -> None:
    letter = default_letter(ORDER)
    assert [resolve(each, ORDER) for each in citations(letter)] == [Cited(0, 1), Cited(1, 1), Cited(2, 1)]


def test_the_letter_we_write_is_about_the_factors_and_names_the_form_asked_for() -> None:
    letter = default_letter(ORDER)
    headings = [block for block in blocks(letter, plain) if block["kind"] == "heading"]
    assert ["".join(each["text"] for each in block["inlines"]) for block in headings] == [FAMILY.name, SCHOOL.name]
    assert "Dismissal without prejudice" in letter


@pytest.mark.parametrize("title", ["# not a heading", "{tab:evil}", "*a* _b_ `c` <d> [e](f) ![g](h) \\", "1. x\n\n- y"])
def test_a_title_reads_in_our_letter_as_it_is_written(title: str) -> None:
    named = dataclasses.replace(ORDER.exhibits[0], title=title)
    one: Order = dataclasses.replace(ORDER, exhibits=(named,))
    lists = [block for block in blocks(default_letter(one), plain) if block["kind"] == "list"]
    (item,) = lists[0]["items"]
    words = "".join(each.get("text", "") for each in item[0]["inlines"])
    assert words.startswith(" ".join(title.split()) + ": ")
    assert dangling(default_letter(one), one) == []
