"""Pages that look alike are found, pages of one form are not; a person says what they are."""

import base64
import io
import random
import zlib
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from accounts.audit import trail
from accounts.models import AuditEvent, User
from documents import likeness, matters, tagging
from documents.models import Document, Factor, Likeness, Matter, PageLook, PageText, Request
from documents.packets import order, rules
from documents.preparing import seeming
from tests.conftest import Browser, made_ready
from tests.papers import paper, shut

Change = Callable[[Image.Image], Image.Image]


def stub(seed: int) -> Image.Image:
    """A pay stub of always the same form, with other days and figures on it."""
    chance, page = random.Random(seed), Image.new("L", (1000, 1294), 255)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size=22)
    draw.text((60, 50), "ACME ROOFING LLC   EARNINGS STATEMENT", fill=0, font=ImageFont.load_default(size=30))
    draw.rectangle((50, 110, 950, 240), outline=0, width=3)
    draw.text((70, 130), f"Period ending {chance.randint(1, 12):02}/{chance.randint(1, 28):02}/2026", fill=0, font=font)
    for row in range(14):
        draw.line((50, 300 + row * 50, 950, 300 + row * 50), fill=128)
        for x in (400, 580, 760):
            draw.text((x, 310 + row * 50), f"{chance.uniform(1, 2000):.2f}", fill=0, font=font)
    return page


def jpeg(quality: int) -> Change:
    def change(page: Image.Image) -> Image.Image:
        page.save(kept := io.BytesIO(), "JPEG", quality=quality)
        return Image.open(kept)

    return change


COPIES: dict[str, Change] = {
    "pressed": jpeg(25),
    "half as large": lambda page: page.resize((500, 647)).resize((1000, 1294)),
    "a quarter as large": lambda page: page.resize((250, 323)).resize((1000, 1294)),
    "darker": lambda page: ImageEnhance.Brightness(page).enhance(0.7),
    "paler": lambda page: ImageEnhance.Contrast(page).enhance(0.7),
}


def alike(one: Image.Image, other: Image.Image) -> bool:
    looks = [seeming.Look.of(each) for each in (one, other)]
    coarse = seeming.apart(*(int(look.coarse, 16) for look in looks)) <= seeming.NEAR
    return coarse and seeming.same(*(seeming.opened(look.fine) for look in looks))


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_looks_like_its_original(how: str) -> None:
    assert alike(stub(1), COPIES[how](stub(1)))


def test_other_pages_of_one_form_do_not() -> None:
    pages = [stub(seed) for seed in range(6)]
    assert not [1 for at, one in enumerate(pages) for other in pages[:at] if alike(one, other)]


@pytest.mark.parametrize(
    ("coarse", "fine"),
    [
        ("f" * 16, ""), ("f" * 16, base64.b64encode(b"x").decode()), ("g" * 16, "eA=="), ("f" * 15, "eA=="), (3, None),
        ("f" * 16, base64.b64encode(zlib.compress(bytes(13_001))).decode()),
        ("f" * 16, base64.b64encode(zlib.compress(bytes(10**7))).decode()),
    ],
)  # fmt: skip
def test_what_is_no_look_is_not_taken_for_one(coarse: object, fine: object) -> None:
    assert not seeming.is_look(coarse, fine)


def test_what_is_one_is() -> None:
    look = seeming.Look.of(stub(1))
    assert seeming.is_look(look.coarse, look.fine)


# In a matter


def seen(document: Document, *pictures: Image.Image) -> Document:
    """Its pages look like these."""
    looks = map(seeming.Look.of, pictures)
    likeness.keep(zip(document.page_set.all(), looks, strict=True))
    return document


@pytest.fixture
def two(matter: Matter, maria: User) -> tuple[Document, Document]:
    first = seen(paper(matter, maria), stub(1), stub(2))
    return first, seen(paper(matter, maria), jpeg(30)(stub(1)), jpeg(30)(stub(2)))


def test_a_ready_document_has_the_looks_of_its_pages_and_is_compared(matter: Matter, maria: User) -> None:
    written = stub(1).convert("RGB")
    for quality in (90, 40):
        written.save(kept := io.BytesIO(), "JPEG", quality=quality)
        document = made_ready(kept.getvalue(), f"{quality}.jpg", matter, maria)
    assert PageLook.objects.filter(page__document__matter=matter).count() == 2
    likeness.find(document)
    found = Likeness.objects.get()
    assert (found.document, found.other.number, found.pages, found.of) == (document, 1, 1, 1)


def test_what_looks_alike_is_asked_once(two: tuple[Document, Document]) -> None:
    first, second = two
    for document in (second, first, second):
        likeness.find(document)
    found = Likeness.objects.get()
    assert (found.document, found.other, found.pages, found.of, found.said) == (second, first, 2, 2, "open")


def test_a_part_of_a_longer_one_is_found_and_a_tenth_too_little_is_not(matter: Matter, maria: User) -> None:
    longer = seen(paper(matter, maria, pages=4), *map(stub, (1, 2, 3, 4)))
    part = seen(paper(matter, maria), stub(2), stub(3))
    half = seen(paper(matter, maria), stub(4), stub(9))
    assert [(each.other, each.pages, each.of) for each in likeness.alike(part)] == [(longer, 2, 2)]
    assert likeness.alike(half) == []


def test_words_decide_where_both_have_enough(two: tuple[Document, Document]) -> None:
    words = " ".join(f"word{number}" for number in range(20))
    for document, figures in zip(two, ("100 200 300", "100 999 888"), strict=True):
        for page in document.page_set.all():
            PageText.objects.create(page=page, text=f"{words} {figures}", source="ocr")
    assert likeness.alike(two[1]) == []
    PageText.objects.filter(page__document=two[1]).delete()
    for page in two[1].page_set.all():
        PageText.objects.create(page=page, text=f"{words} 100 200 300", source="ocr")
    assert len(likeness.alike(two[1])) == 1


def test_another_matter_is_not_looked_at(two: tuple[Document, Document], ana: User) -> None:
    strange = seen(paper(matters.open_matter("Other", "", actor=ana), ana), stub(1), stub(2))
    assert likeness.alike(strange) == []


def test_what_is_not_there_any_more_is_not_compared(two: tuple[Document, Document]) -> None:
    shut(two[0], state="withdrawn")
    assert likeness.alike(two[1]) == []


def test_it_takes_as_many_questions_for_many_as_for_few(two: tuple[Document, Document], matter: Matter, maria: User):
    with CaptureQueriesContext(
        connection,
    ) as few:
        likeness.alike(two[1])
    for _more in range(4):
        seen(paper(matter, maria), stub(1), stub(2))
    with CaptureQueriesContext(connection) as many:
        assert len(likeness.alike(two[1])) == 5
    assert len(many) == len(few)


def test_the_same_leaves_one_out_and_it_is_on_the_record(two: tuple[Document, Document], pat: User) -> None:
    likeness.find(two[1])
    found = Likeness.objects.get()
    likeness.same(found, two[0], actor=pat)
    found.refresh_from_db()
    assert (found.said, found.decided_by) == ("same", pat)
    assert two[0].tags.get().factor_id == "DUPLICATE_OR_ILLEGIBLE"
    assert tagging.is_set_aside(two[0])
    event = trail(two[0].audit_chain, kinds=[AuditEvent.Kind.COMPARED]).get()
    assert (event.outcome, event.facts["documents"]) == ("same", [2, 1])
    with pytest.raises(likeness.CannotDecide):
        likeness.different(found, actor=pat)


def test_different_papers_are_not_asked_again(two: tuple[Document, Document], pat: User) -> None:
    likeness.find(two[1])
    likeness.different(Likeness.objects.get(), actor=pat)
    likeness.find(two[1])
    assert [row.said for row in Likeness.objects.all()] == ["different"]
    assert not likeness.undecided(two[0].matter)


def test_only_one_of_the_two_can_be_left_out(two: tuple[Document, Document], matter: Matter, maria: User, pat: User):
    likeness.find(two[1])
    with pytest.raises(likeness.CannotDecide):
        likeness.same(Likeness.objects.get(), paper(matter, maria), actor=pat)
    assert Likeness.objects.get().said == "open"


def test_the_database_keeps_pairs_apart(two: tuple[Document, Document], ana: User) -> None:
    strange = paper(matters.open_matter("Other", "", actor=ana), ana)
    for other in (two[0], strange):
        with pytest.raises(IntegrityError), transaction.atomic():
            Likeness.objects.create(document=two[0], other=other, pages=1, of=1)


def test_on_its_page_it_is_decided(two: tuple[Document, Document], pat: User, browser: Browser) -> None:
    likeness.find(two[1])
    found, desk = Likeness.objects.get(), browser(pat)
    page = desk.get(reverse("document", args=[two[1].pk])).content.decode()
    assert "Looks like Document 1 (2 of 2 pages)" in page
    where = reverse("compare", args=[found.pk])
    for wrong in ({}, {"said": "same"}, {"said": "same", "leave_out": found.pk}, {"said": "open"}):
        assert desk.post(where, wrong).status_code == 302
        assert Likeness.objects.get().said == "open"
    answer = desk.post(where, {"said": "same", "leave_out": two[0].pk})
    assert answer["Location"] == reverse("document", args=[two[0].pk])
    assert "Set aside" in desk.get(answer["Location"]).content.decode()
    desk.post(where, {"said": "different"})
    assert Likeness.objects.get().said == "same"


def test_what_looks_alike_is_a_warning_of_the_packet(
    two: tuple[Document, Document], request_: Request, pat: User
) -> None:
    for document in two:
        tagging.tag(document, Factor.objects.get(code="EDUCATION"), actor=pat)
        tagging.accept(document, actor=pat)
    likeness.find(two[1])

    def said() -> str:
        words = rules.judge(request_, order.freeze(request_), only=lambda rule: rule.id == "V46")
        return " ".join(result.why for result in words)

    assert "Document 2 looks like Document 1 (2 of 2 pages)" in said()
    likeness.different(Likeness.objects.get(), actor=pat)
    assert said() == ""
