"""The rules about papers: one packet that passes them all, and for each rule arrangements that fail it and no other."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from accounts.models import User
from documents import pairing, particulars, tagging
from documents.models import Document, Factor, Matter, Page, Request, Statement
from documents.packets import order, rules, stating
from documents.packets.rules import disclosing, evidence, papers, together
from documents.particulars import Answer
from portal.hours import today
from tests import releasable
from tests.papers import paper

GROUP = {rule.id for each in (papers, disclosing, together) for rule in each.RULES} | {"V33", "V46"}
ATTESTED = {"V15", "V32", "V36", "V37", "V45"}
TOLD = {"language": "en"}
RECENT, OLD = today() - timedelta(days=60), today() - timedelta(days=500)
CERTIFICATE = dict.fromkeys(pairing.CERTIFICATE, True)


class Packet:
    """A request and short words to change what is filed with it."""

    def __init__(self, request: Request, matter: Matter, pat: User, ana: User) -> None:
        self.request, self.matter, self.pat, self.ana = request, matter, pat, ana

    def file(self, *tags: str, item: str | None = None, says: dict[str, Answer] | None = None, **columns) -> Document:
        """An accepted paper in English, of which `says` was noted."""
        made = paper(self.matter, self.pat, item_id=item, **columns)
        for code in tags or ("EDUCATION",):
            tagging.tag(made, Factor.objects.get(code=code), actor=self.pat)
        tagging.accept(made, actor=self.pat)
        self.note(made, **(TOLD | (says or {})))
        return made

    def note(self, document: Document, **answers: Answer) -> None:
        particulars.note(document, answers, actor=self.pat)

    def judge(self) -> list[rules.Result]:
        return rules.judge(self.request, order.freeze(self.request), only=lambda rule: rule.id in GROUP)

    def state(self, *wanted: str) -> None:
        """An attorney answers what these rules ask; V12 on the page of each paper."""
        if "V12" in wanted:
            for document in self.matter.documents.all():
                releasable.disclosed(document, self.ana)
        for result in self.judge():
            if result.id in wanted and not result.passed and result.may_be_stated and result.problem:
                about, mark = result.problem.about, result.problem.mark
                stating.state(self.request, result.id, about, mark, "Looked at.", actor=self.ana)

    def failing(self) -> set[str]:
        return {result.id for result in self.judge() if not result.passed}

    def why(self, rule: str) -> str:
        return " ".join(result.why for result in self.judge() if result.id == rule and not result.passed)


@pytest.fixture
def packet(request_: Request, matter: Matter, pat: User, ana: User) -> Packet:
    """Every kind of paper that a rule here looks at, as it should be."""
    made = Packet(request_, matter, pat, ana)
    made.file("REPRESENTATION", says={"signed": True, "a_number": True})
    sworn: dict[str, Answer] = {
        "signed": True,
        "dated": RECENT,
        "perjury": True,
        "understands": False,
        "interpreted": True,
    }
    made.file("DECLARATION", item="client_declaration", says=sworn)
    spanish = made.file("FAMILY_USC_LPR", item="marriage_cert", says={"language": "es", "married": date(2010, 5, 1)})
    made.file("FAMILY_USC_LPR", item="spouse_status")
    made.file("FAMILY_USC_LPR", item="child_birth_cert", says={"us_born": True})
    pairing.pair(spanish, made.file("TRANSLATION", says=dict(CERTIFICATE)), actor=pat)
    made.file("CHARACTER", item="support_letter", says={"signed": True, "dated": RECENT})
    made.file("HEALTH", item="doctor_letter", says={"signed": True, "dated": RECENT})
    made.file("IDENTITY", item="passport", says={"expires": today(), "entered": OLD})
    made.file("US_RESIDENCE", item="lease", says={"covers_from": OLD, "covers_to": RECENT})
    made.file("WORK_HISTORY", item="pay_stub", says={"covers_from": RECENT, "covers_to": RECENT})
    made.file(
        "HOME_COUNTRY", item="country_report", says={"source": "State", "dated": OLD, "url": "x.test", "marked": True}
    )
    said: dict[str, Answer] = {"who": "Maria, Lucia", "when": "2019", "relation": "daughter", "minors": True}
    made.file("PHOTO_EXHIBIT", item="family_photos", says=said)
    made.file("HOME_COUNTRY", item="court_disposition", says={"certified": True, "sealed": False})
    made.state(*ATTESTED, "V12", "V39")
    return made


def of(packet: Packet, item: str) -> Document:
    return packet.matter.documents.get(item_id=item)


def tagged(packet: Packet, code: str) -> Document:
    return packet.matter.documents.get(tags__factor=code)


def says(item: str, **answers: Answer) -> Callable[[Packet], None]:
    return lambda packet: packet.note(of(packet, item), **answers)


def tag_says(code: str, **answers: Answer) -> Callable[[Packet], None]:
    return lambda packet: packet.note(tagged(packet, code), **answers)


def adds(*tags: str, **arguments) -> Callable[[Packet], object]:
    return lambda packet: packet.file(*tags, **arguments)


def out(item: str) -> Callable[[Packet], None]:
    """With its translation, if it has one."""

    def take(packet: Packet) -> None:
        tagging.reopen(of(packet, item), actor=packet.pat)
        for each in pairing.standing(packet.matter).filter(original__item=item):
            tagging.reopen(each.translation, actor=packet.pat)

    return take


def without_form(packet: Packet) -> None:
    tagging.reopen(tagged(packet, "REPRESENTATION"), actor=packet.pat)


def noticed(packet: Packet) -> None:
    page = of(packet, "lease").page_set.get(number=2)
    page.noticed = ["blurred"]
    page.save()


def same_file(packet: Packet) -> None:
    twin = of(packet, "lease")
    packet.file(print_sha256=twin.print_sha256)


def same_page(packet: Packet) -> None:
    pages = [of(packet, item).page_set.get(number=2) for item in ("lease", "pay_stub")]
    pages[1].preview_sha256 = pages[0].preview_sha256
    pages[1].save()


def wants_two_years(packet: Packet) -> None:
    Request.objects.filter(pk=packet.request.pk).update(form="dismissal")
    packet.request.refresh_from_db()


def apart(packet: Packet) -> None:
    pairing.unpair(pairing.standing(packet.matter).get(), actor=packet.pat)


BROKEN: list[tuple[str, str, Callable[[Packet], object]]] = [
    ("V04", "There is no appearance form", without_form),
    ("V04", "lacks: “Signature”", tag_says("REPRESENTATION", signed=False)),
    ("V04", "Note of Document 1: “The A-number of this matter”", tag_says("REPRESENTATION", a_number=None)),
    ("V07", "“Signature”", says("client_declaration", signed=None)),
    ("V07", "“Date on it”", says("client_declaration", dated=None)),
    ("V07", "penalty of perjury", says("client_declaration", perjury=False)),
    ("V07", "Certificate of interpretation", says("client_declaration", interpreted=False)),
    ("V07", "understands English", says("client_declaration", understands=None)),
    ("V08", "The language of 1 paper is not noted yet", says("lease", language=None)),
    ("V08", "has no translation", says("pay_stub", language="other")),
    ("V08", "has no translation", apart),
    *(("V08", "The translation of Document 3", tag_says("TRANSLATION", **{code: False})) for code in CERTIFICATE),
    ("V12", "may tell of abuse, asylum or health", adds(item="ut_vawa_filing")),
    ("V12", "may tell of abuse, asylum or health", adds("VICTIM_WITNESS")),
    ("V15", "social security or tax number", adds(item="itin_letter")),
    ("V31", "proves the status of the husband or wife", out("spouse_status")),
    ("V31", "proves that this is the client's husband or wife", out("marriage_cert")),
    ("V31", "proves that this is the client's parent", adds(item="parent_status")),
    ("V31", "born in the United States", says("child_birth_cert", us_born=None)),
    ("V32", "Compare the days", adds()),
    ("V32", "Noted days of entry differ", says("client_declaration", entered=RECENT)),
    ("V33", "not sharp (page 2)", noticed),
    ("V33", "is hard to read: small.", adds(warnings=["low_resolution", "repaired"])),
    ("V34", "“Signature”", says("support_letter", signed=False)),
    ("V34", "“Date on it”", says("support_letter", dated=None)),
    ("V34", "more than 6 months ago", says("support_letter", dated=OLD)),
    ("V34", "more than 6 months ago", says("doctor_letter", dated=OLD)),
    ("V34", "more than 12 months ago", adds(item="clean_record", says={"dated": OLD})),
    ("V34", "ended on", says("passport", expires=OLD)),
    ("V34", "“Date it ends”", says("passport", expires=None)),
    ("V35", "No noted proof of residence covers", says("passport", entered=OLD - timedelta(days=400))),
    ("V35", "No noted proof of residence covers", says("lease", covers_from=None, covers_to=OLD)),
    ("V35", "two years ago", wants_two_years),
    ("V36", "names its writer", adds(item="hardship_decl", says={"signed": True, "dated": RECENT, "perjury": True,
                                                                 "understands": True})),
    ("V37", "this office has it already", adds(item="nta")),
    ("V38", "“Web address”", says("country_report", url=None)),
    ("V38", "lacks: “Marked passage”", says("country_report", marked=False)),
    ("V39", "“People in it”", says("family_photos", who=None)),
    ("V39", "shows faces of children", says("family_photos", relation="niece")),
    ("V39", "weapons", adds("PHOTO_EXHIBIT", says={"who": "Maria", "when": "2019", "relation": "self"})),
    ("V43", "lacks: “Court's certification”", says("court_disposition", certified=False)),
    ("V43", "sealed or expunged", says("court_disposition", sealed=True)),
    ("V43", "“Order that seals or expunges it”", says("court_disposition", sealed=None)),
    ("V45", "is a medical record", adds(item="medical_record")),
    ("V46", "is the same file as Document 15", same_file),
    ("V46", "2 (page 2 of Document 10)", same_page),
]  # fmt: skip
# Rules that ask anew of whatever changed on a paper, beside the one that is meant.
ASKED_ANEW = ATTESTED | {"V12", "V39"}
NO_FORM = "There is no appearance form"  # an attorney may say where it was filed already
NO_WORD_SETTLES = {"V04", "V07", "V08"}


def test_a_packet_of_good_papers_passes_every_rule(packet):
    assert packet.failing() == set()


@pytest.mark.parametrize(("rule", "words", "breaks"), BROKEN, ids=lambda value: value if isinstance(value, str) else "")
def test_each_rule_fails_alone_says_why_and_yields_only_to_the_word_it_may(packet, rule, words, breaks):
    breaks(packet)
    packet.state(*(ASKED_ANEW - {rule}))
    assert packet.failing() == {rule}
    assert words in packet.why(rule)
    packet.state(rule)
    assert packet.failing() == ({rule} if rule in NO_WORD_SETTLES and words != NO_FORM else set())


def test_what_was_stated_of_a_paper_is_asked_again_when_it_changes(packet):
    packet.note(of(packet, "pay_stub"), dated=RECENT)
    assert "V15" in packet.failing()
    assert Statement.objects.filter(rule="V15", taken_back_at=None).count() == 1


def test_each_rule_says_its_source_and_where_it_is_mended(packet):
    for rule in GROUP:
        assert rules.RULES[rule].source
        assert rules.RULES[rule].mend == "matter"


def test_a_matter_without_an_a_number_is_an_attorneys_word(packet):
    Matter.objects.filter(pk=packet.matter.pk).update(a_number="")
    packet.request = Request.objects.get(pk=packet.request.pk)
    assert "The matter has no A-number" in packet.why("V04")
    packet.state("V04")
    assert packet.why("V04") == ""


def test_one_file_may_hold_a_paper_and_its_translation(packet):
    both = packet.file("TRANSLATION", item="birth_cert", says={"language": "es", **CERTIFICATE})
    assert "has no translation" in packet.why("V08")
    packet.note(both, holds_original=True)
    assert packet.why("V08") == ""


def test_a_photo_without_words_needs_no_translation(packet):
    packet.note(of(packet, "family_photos"), language="none")
    assert packet.why("V08") == ""


def test_an_english_declaration_of_who_understands_it_needs_no_certificate(packet):
    packet.note(of(packet, "client_declaration"), understands=True, interpreted=None)
    assert packet.why("V07") == ""


def test_many_papers_without_a_language_are_one_thing_to_mend(packet):
    for document in packet.matter.documents.all():
        packet.note(document, language=None)
    assert [result.id for result in packet.judge() if not result.passed].count("V08") == 1
    assert packet.why("V08").count("Document") == papers.NAMED


def test_a_family_factor_nobody_claims_is_not_asked_about(request_, matter, pat, ana):
    alone = Packet(request_, matter, pat, ana)
    alone.file(item="marriage_cert")
    assert alone.why("V31") == ""


def test_one_paper_alone_has_nothing_to_agree_with(request_, matter, pat, ana):
    alone = Packet(request_, matter, pat, ana)
    alone.file()
    assert alone.why("V32") == ""


def test_empty_pages_are_not_the_same_page_twice(packet):
    same_page(packet)
    Page.objects.filter(document=of(packet, "pay_stub"), number=2).update(blank=True)
    assert packet.why("V46") == ""


def test_residence_that_nobody_noted_is_named(packet):
    packet.note(of(packet, "lease"), covers_from=None, covers_to=None)
    packet.note(of(packet, "pay_stub"), covers_from=None, covers_to=None)
    assert "No proof of residence is noted yet. Note what these cover: Document 10, Document 11." in packet.why("V35")


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2026, 8, 31), 6, date(2026, 2, 28)), (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)), (date(2026, 12, 1), 12, date(2025, 12, 1)),
    ],
)  # fmt: skip
def test_months_are_counted_as_the_calendar_does(day, months, earlier):
    assert papers.months_before(day, months) == earlier


def test_what_is_not_measured_is_said(packet):
    assert "looks alike was judged" in str(rules.RULES["V46"].title)
    assert "looks alike" in str(evidence.once.__doc__)
