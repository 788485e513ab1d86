"""Versions of a letter: each save is one, any two compare, an older one comes back as a new one. And the preview."""

import re

import pytest
from django.urls import reverse

from documents import matters
from documents.differing import Run, differences
from documents.packets import previewing
from tests.test_drafting import filed

pytestmark = pytest.mark.django_db
ONE, TWO = "First line.\n\nShe worked here.\n", "First line.\n\nShe has worked here.\n"


@pytest.fixture
def written(request_, pat, ana):
    matters.change_letter(request_, ONE, actor=pat)
    matters.change_letter(request_, TWO, actor=ana)
    return request_


def page(client, request, query=""):
    return client.get(reverse("letter_versions", args=[request.pk]) + query).content.decode()


def post(client, name, request, *more, **typed):
    return client.post(reverse(name, args=[request.pk, *more]), typed)


def numbers(request):
    return [(each.number, each.text, each.by.name) for each in request.letter_versions.order_by("number")]


def test_every_saved_letter_is_a_version(written, pat, ana):
    assert numbers(written) == [(1, ONE, pat.name), (2, TWO, ana.name)]


def test_saving_the_same_again_is_none(written, ana):
    matters.change_letter(written, TWO, actor=ana)
    assert written.letter_versions.count() == 2


def test_an_older_one_comes_back_as_a_new_one_unsigned(written, ana, browser):
    seen = matters.letter_sha256(TWO)
    matters.sign_letter(written, seen=seen, actor=ana)
    assert post(browser(ana), "letter_restore", written, 1, seen=seen).status_code == 302
    written.refresh_from_db()
    assert (written.letter, written.letter_signed_at) == (ONE, None)
    assert numbers(written)[2] == (3, ONE, ana.name)


def test_not_when_somebody_changed_the_letter_meanwhile(written, ana, browser):
    answer = post(browser(ana), "letter_restore", written, 1, seen=matters.letter_sha256(ONE))
    assert answer["Location"] == reverse("letter_versions", args=[written.pk])
    written.refresh_from_db()
    assert written.letter == TWO


def test_one_that_never_was_is_not_restored(written, ana, browser):
    assert post(browser(ana), "letter_restore", written, 9, seen="").status_code == 404


def test_the_page_tells_the_last_two_apart(written, pat, browser):
    html = page(browser(pat), written)
    assert "From version 1 to version 2" in html
    assert re.search(r'<ins><span class="vh">\[put in: </span>\s*has\s*<', html)
    assert pat.name in html


def test_any_two_are_compared_in_any_order(written, ana, browser):
    matters.change_letter(written, "Another.", actor=ana)
    html = page(browser(ana), written, "?old=2&new=1")
    assert "From version 2 to version 1" in html
    assert re.search(r'<del><span class="vh">\[taken out: </span>\s*has\s*<', html)


@pytest.mark.parametrize("query", ["?old=1&new=99", "?old=x&new=", "?old=1"])
def test_an_address_that_names_no_version_still_answers(written, ana, browser, query):
    assert "Compare" in page(browser(ana), written, query)


def test_before_anything_is_saved_the_page_says_so(request_, pat, browser):
    assert "No letter was saved yet." in page(browser(pat), request_)


def test_html_in_a_version_is_text(written, ana, browser):
    matters.change_letter(written, "<script>alert(1)</script>", actor=ana)
    assert "<script>alert" not in page(browser(ana), written)


def both(old, new):
    runs = differences(old, new)
    left = "".join(run.text for run in runs if run.kind in ("same", "gone"))
    right = "".join(run.text for run in runs if run.kind in ("same", "new"))
    return left, right


@pytest.mark.parametrize(
    ("old", "new"), [("", "a"), ("a", ""), ("a b c", "a x c"), ("a\nb\n", "b\na\n"), ("one two", "one\ntwo")]
)
def test_the_runs_make_up_both_texts(old, new):
    assert both(old, new) == (old, new)


def test_words_are_told_apart_and_far_lines_are_not_shown():
    old = "".join(f"line {n}\n" for n in range(9))
    assert differences(old, old.replace("line 4", "row 4")) == [
        Run("skip", lines=3), Run("same", "line 3\n"), Run("gone", "line"), Run("new", "row"), Run("same", " 4\n"),
        Run("same", "line 5\n"), Run("skip", lines=3),
    ]  # fmt: skip


def test_a_very_long_stretch_is_told_apart_as_a_whole():
    old, new = "a " * 4_000, "b " * 4_000
    assert [run.kind for run in differences(old, new)] == ["gone", "new"]


def test_the_same_text_has_no_difference():
    assert differences("a", "a") == []


# The preview


@pytest.fixture
def cited(request_, pat):
    filed(request_, pat, "Marriage certificate", "FAMILY_USC_LPR")
    return request_


def typed(client, request, text, **headers):
    return client.post(reverse("letter_preview", args=[request.pk]), {"letter": text}, headers=headers)


def test_citations_are_filled_in_and_lost_ones_marked(cited):
    shown = previewing.preview(cited, "See {tab:D1 p.3} and {tab:D9}.")
    found = [each for each in shown.blocks[0]["inlines"] if each["kind"] in ("cite", "lost")]
    assert [each["kind"] for each in found] == ["cite", "lost"]
    assert (found[0]["tab"], found[0]["page"]) == ("A", 7)  # cover, letter, index, the tab's sheet, its third page
    assert shown.lost == 1


def test_a_script_gets_the_part_alone(cited, pat, browser):
    answer = typed(browser(pat), cited, "# Family\n\nSee {tab:D1}.", **{"X-Requested-With": "fetch"})
    html = answer.content.decode()
    assert html.startswith('<div id="preview"')
    assert ">Family</h3>" in html
    assert "Tab A, p. 5." in html


def test_without_a_script_the_page_comes_with_what_was_typed_and_saves_nothing(cited, pat, browser):
    answer = typed(browser(pat), cited, "See {tab:D9}.")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "1 citation leads nowhere." in html
    assert ">\nSee {tab:D9}.</textarea>" in html
    cited.refresh_from_db()
    assert cited.letter == ""


def test_raw_html_does_not_pass(cited, pat, browser):
    html = typed(browser(pat), cited, "<img src=x> **<b>x</b>** [a](javascript:1)").content.decode()
    assert "<img src" not in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert 'href="javascript' not in html


@pytest.mark.parametrize("headers", [{}, {"X-Requested-With": "fetch"}])
def test_what_is_nested_without_end_is_refused(cited, pat, browser, headers):
    answer = typed(browser(pat), cited, ">" * 5_000 + "x", **headers)
    assert answer.status_code in (200, 422)
    deep = typed(browser(pat), cited, "*a **b " * 20_000 + "c** d*" * 20_000, **headers)
    assert deep.status_code in (200, 422)


def test_every_kind_of_block_is_drawn(cited, pat, browser):
    text = "# H\n\np *e* `c`\n\n- a\n\n3. b\n\n> q\n\n    code\n\n---\n\nx  \ny"
    html = typed(browser(pat), cited, text).content.decode()
    for tag in ("<h3 id=\"part-1\"", "<em>", "<ul>", '<ol start="3">', "<blockquote>", "<hr>", "<br>"):
        assert tag in html, tag


# The outline on the page


def test_an_empty_letter_is_offered_the_outline(cited, pat, browser):
    client, where = browser(pat), reverse("letter", args=[cited.pk])
    assert 'href="?outline"' in client.get(where).content.decode()
    html = client.get(f"{where}?outline").content.decode()
    assert "# Why the balance favors discretion" in html
    assert "It is not saved yet" in html
    cited.refresh_from_db()
    assert cited.letter == ""


def test_a_letter_that_exists_is_never_replaced_by_it(written, pat, browser):
    html = browser(pat).get(reverse("letter", args=[written.pk]) + "?outline").content.decode()
    assert "She has worked here." in html
    assert 'href="?outline"' not in html


def test_the_page_says_what_the_letter_does_not_argue_yet(cited, pat, browser):
    html = browser(pat).get(reverse("letter", args=[cited.pk])).content.decode()
    assert "not yet" in html
    assert "{tab:D1}" in html
