"""The firm's office profiles: a version each time, nobody's change lost, and a packet keeps the one it was ordered with."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit import trail
from accounts.models import AuditEvent, User
from documents import offices
from documents.forms import offices as forms
from documents.models import Document, OfficeProfile, Request
from documents.offices import CannotChange
from documents.packets import order, outline, profiles, rules
from documents.packets.binding import bind_packet
from documents.packets.profiles import UnknownProfile
from portal import hours
from tests.conftest import Browser

TODAY = hours.today()


def changed(ana: User, code: str = "OPLA", **values: Any) -> OfficeProfile:
    return offices.change(code, values or {"accepts_requests": "yes"}, "Called them.", TODAY, actor=ana)


def sections(code: str, use: str) -> list[dict[str, str]]:
    """As they came with the portal, but for one."""
    came: list[dict[str, str]] = profiles.load("OPLA").data()["sections"]
    return [section | {"use": use} if section["code"] == code else section for section in came]


@pytest.fixture
def anas(browser: Browser, ana: User) -> Client:
    return browser(ana)


def typed(code: str = "OPLA", **values: Any) -> dict[str, Any]:
    """The form as the page sends it back."""
    form = forms.OfficeForm(profile=offices.load(code))
    sent = {field.name: field.initial for field in form}
    said = {name: value for name, value in sent.items() if value is not None and value is not False}
    return said | {"source": "A call", "seen": offices.mark(code)} | values


def save(client: Client, **values: Any) -> Any:
    return client.post(reverse("office", args=["OPLA"]), typed(**values))


def shown(client: Client, name: str, *code: str) -> str:
    return client.get(reverse(name, args=code)).content.decode()


# What the firm holds


def test_a_firm_begins_with_what_came_with_the_portal(firm) -> None:
    assert offices.load("OPLA") == profiles.load("OPLA")
    assert offices.available() == profiles.available()


def test_the_newest_version_counts_and_the_first_is_kept(ana: User) -> None:
    first = offices.load("OPLA")
    changed(ana)
    changed(ana, channel="A web form.")
    now = offices.load("OPLA")
    assert (now.accepts_requests, now.channel) == ("yes", "A web form.")
    assert offices.at("OPLA", first.version) == first
    assert [row.number for row in offices.versions("OPLA")] == [2, 1]


def test_a_change_is_on_the_record_without_a_word_that_was_typed(ana: User) -> None:
    row = changed(ana)
    event = trail("accounts", kinds=[AuditEvent.Kind.OFFICE_CHANGED]).get()
    assert (event.actor, event.facts) == (ana, {"profile": "OPLA", "profile_version": row.version, "count": 1})


def test_the_same_data_has_the_same_version(ana: User) -> None:
    first = offices.load("OPLA").version
    changed(ana)
    assert changed(ana, accepts_requests="unknown").version == first


def test_a_check_has_a_day_of_its_own_and_the_version_it_had(ana: User) -> None:
    before = changed(ana)
    OfficeProfile.objects.update(last_checked=TODAY - timedelta(days=40))
    row = offices.check("OPLA", actor=ana)
    assert (row.version, row.source, row.last_checked) == (before.version, "Called them.", TODAY)
    assert offices.load("OPLA").last_checked == TODAY.isoformat()


def test_nothing_changed_is_a_check_and_no_change(ana: User) -> None:
    with pytest.raises(CannotChange, match="Nothing is changed"):
        changed(ana, accepts_requests="unknown")


def test_a_colleagues_change_is_not_overwritten_unseen(ana: User) -> None:
    seen = offices.mark("OPLA")
    changed(ana)
    with pytest.raises(CannotChange, match="Somebody else"):
        offices.change("OPLA", {"accepts_requests": "no"}, "Mail", TODAY, seen=seen, actor=ana)
    with pytest.raises(CannotChange, match="Somebody else"):
        offices.check("OPLA", seen=seen, actor=ana)
    assert offices.load("OPLA").accepts_requests == "yes"


@pytest.mark.parametrize(
    "wrong",
    [{"part_limit": 99}, {"part_limit": 50_000_001}, {"part_limit": "24"}, {"accepts_requests": "perhaps"},
     {"forbidden": ["no_such_paper"]}, {"sections": []}, {"no_such_field": 1},
     {"sections": sections("negative", "on")}, {"sections": sections("cover", "sometimes")}],
    ids=str,
)  # fmt: skip
def test_what_is_no_profile_is_refused(ana: User, wrong: dict[str, Any]) -> None:
    with pytest.raises(CannotChange):
        changed(ana, **wrong)
    assert not OfficeProfile.objects.exists()


def test_nobody_checked_it_tomorrow(ana: User) -> None:
    with pytest.raises(CannotChange, match="not come yet"):
        offices.change("OPLA", {"channel": "x"}, "x", TODAY + timedelta(days=1), actor=ana)


def test_a_copy_is_an_office_of_its_own(ana: User) -> None:
    changed(ana, channel="A web form.", accepts_requests="yes")
    offices.copy("OPLA", "OPLA-CHI", "OPLA Chicago", "Their fact sheet", actor=ana)
    copied = offices.load("OPLA-CHI")
    assert (copied.name, copied.channel, copied.family) == ("OPLA Chicago", "A web form.", "OPLA")
    assert copied.accepts_requests == "unknown"  # nobody asked this one
    changed(ana, "OPLA-CHI", channel="By mail.")
    assert offices.load("OPLA").channel == "A web form."
    assert [profile.code for profile in offices.available()] == ["EOIR", "ERO", "OPLA", "OPLA-CHI"]


@pytest.mark.parametrize(
    "code", ["OPLA", "EOIR-CHI", "OPLA-", "OPLA-chi", "opla-CHI", "OPLA CHI", "OPLA-" + "X" * 20, ""]
)
def test_a_copys_code_tells_its_kind(ana: User, code: str) -> None:
    with pytest.raises(CannotChange):
        offices.copy("OPLA", code, "OPLA Chicago", "x", actor=ana)


def test_an_office_is_copied_once_under_a_code(ana: User) -> None:
    offices.copy("OPLA", "OPLA-CHI", "OPLA Chicago", "x", actor=ana)
    with pytest.raises(CannotChange, match="already"):
        offices.copy("OPLA", "OPLA-CHI", "OPLA Chicago", "x", actor=ana)


def test_the_history_says_what_each_version_changed(ana: User) -> None:
    changed(ana)
    offices.check("OPLA", actor=ana)
    changed(ana, sections=sections("photographs", "off"), forbidden=["nta"])
    told = [[(str(each.what), each.was, each.now) for each in found] for _row, found in offices.history("OPLA")]
    assert told == [
        [("Leave out", "nta; hearing_notice", "nta"), ("Photographs", "on", "off")],
        [],
        [("Takes requests", "unknown", "yes")],
    ]


# Packets


def test_an_order_carries_the_firms_version(request_: Request, ana: User) -> None:
    row = changed(ana)
    assert order.freeze(request_).profile_version == row.version


def test_a_packet_is_bound_with_the_version_it_was_ordered_with(
    request_: Request, accepted: Document, ana: User
) -> None:
    changed(ana, file_suffix="Chicago")
    packet = order.order(request_, actor=ana)
    changed(ana, file_suffix="Detroit", part_limit=5_000_000)
    bind_packet(packet)
    assert (packet.state, packet.failure) == ("bound", "")
    assert "Chicago" in packet.parts.get().filename
    assert outline.bound(packet)[0].limit == 24_000_000
    words = {word.id: word for word in rules.judge(request_, order.freeze(request_), packet)}
    assert words["V19"].passed
    assert "what it expects, changed" in words["V27"].why


def test_a_check_changes_no_packet(request_: Request, accepted: Document, ana: User) -> None:
    packet = order.order(request_, actor=ana)
    offices.check("OPLA", actor=ana)
    assert order.order(request_, actor=ana) == packet  # the very same pages: the button was pressed twice


def test_a_version_that_is_not_kept_says_so(
    request_: Request, accepted: Document, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    packet = order.order(request_, actor=ana)

    def newer(code: str, version: str) -> None:
        raise UnknownProfile(code + version)  # as after a release that came with another file

    monkeypatch.setattr(offices, "at", newer)
    bind_packet(packet)
    assert packet.state == "failed"
    assert packet.failure == "The office profile has changed since this packet was ordered. Order it again."


def test_files_with_other_names_do_not_pass(request_: Request, accepted: Document, ana: User) -> None:
    packet = order.order(request_, actor=ana)
    bind_packet(packet)
    packet.parts.update(filename="Packet.exe")
    [word] = rules.judge(request_, order.freeze(request_), packet, only=lambda one: one.id == "V19")
    assert "names of the files" in word.why


# Pages


def test_the_list_says_who_takes_requests_and_when_that_was_looked_up(anas: Client, ana: User) -> None:
    changed(ana)
    changed(ana, "ERO", accepts_requests="no")
    page = shown(anas, "offices")
    assert all(words in page for words in ("It takes requests.", "It takes no requests now.", "We do not know"))
    assert page.count("Last checked") == 3
    assert "Called them." in page


def test_an_old_check_is_said_to_be_old(anas: Client, ana: User) -> None:
    changed(ana)
    OfficeProfile.objects.update(last_checked=TODAY - timedelta(days=31))
    assert "more than 30 days ago" in shown(anas, "offices")
    assert "more than 30 days ago" in shown(anas, "office", "OPLA")


def test_what_is_typed_is_a_new_version(anas: Client, ana: User) -> None:
    answer = save(anas, accepts_requests="yes", megabytes="9.5", forbidden=["nta"], use_photographs="off")
    assert answer["Location"] == reverse("office", args=["OPLA"])
    now = offices.load("OPLA")
    assert (now.accepts_requests, now.part_limit, now.forbidden) == ("yes", 9_500_000, ("nta",))
    assert not now.uses("photographs")
    page = shown(anas, "office", "OPLA")
    assert all(words in page for words in (ana.name, "A call", "<del>Nobody knows</del>"))


def test_the_form_sent_back_as_it_came_changes_nothing(anas: Client) -> None:
    answer = save(anas)
    assert answer.status_code == 422
    assert "Nothing is changed" in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("name", ""), ("megabytes", "0"), ("megabytes", "51"), ("megabytes", "NaN"), ("accepts_requests", "x"), ("source", ""),
     ("forbidden", ["x"]), ("use_negative", "on"), ("use_cover", "x"), ("last_checked", "soon")],
)  # fmt: skip
def test_what_cannot_be_is_said_and_the_rest_is_kept(anas: Client, field: str, wrong: object) -> None:
    answer = save(anas, **{"channel": "Kept as typed", field: wrong})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert "Kept as typed" in answer.content.decode()
    assert not OfficeProfile.objects.exists()


def test_a_stale_page_says_so_and_may_save_again(anas: Client, ana: User) -> None:
    stale = typed(channel="Mine")
    changed(ana)
    answer = anas.post(reverse("office", args=["OPLA"]), stale)
    assert (answer.status_code, "Somebody else" in answer.content.decode()) == (422, True)
    assert answer.context["seen"] == "1"
    assert anas.post(reverse("office", args=["OPLA"]), stale | {"seen": "1"}).status_code == 302


def test_a_check_and_a_copy_from_the_page(anas: Client) -> None:
    anas.post(reverse("office_check", args=["OPLA"]), {"source": "Their site", "seen": "0"})
    assert OfficeProfile.objects.get().source == "Their site"
    answer = anas.post(
        reverse("office_copy", args=["OPLA"]), {"new_code": "opla-chi", "name": "OPLA Chicago", "source": "Fact sheet"}
    )
    assert answer["Location"] == reverse("office", args=["OPLA-CHI"])
    assert "Begun as a copy" in shown(anas, "office", "OPLA-CHI")


def test_a_copy_that_cannot_be_says_why(anas: Client) -> None:
    where = reverse("office_copy", args=["OPLA"])
    answer = anas.post(where, {"new_code": "EOIR-CHI", "name": "Kept", "source": "x"})
    assert (answer.status_code, "a hyphen, and capital" in answer.content.decode()) == (422, True)
    assert 'value="Kept"' in answer.content.decode()


def test_an_office_that_is_not_there_is_not_found(anas: Client) -> None:
    for method, name in (("get", "office"), ("post", "office_check"), ("post", "office_copy")):
        assert getattr(anas, method)(reverse(name, args=["NONE"])).status_code == 404


def test_a_paralegal_reads_and_changes_nothing(browser: Browser, pat: User) -> None:
    page = shown(browser(pat), "office", "OPLA")
    assert "changes office profiles" in page
    assert "<form" not in page.partition("<main")[2].partition("</main")[0]


def test_a_request_may_be_made_of_the_firms_own_office(anas: Client, ana: User, request_: Request) -> None:
    offices.copy("OPLA", "OPLA-CHI", "OPLA Chicago", "x", actor=ana)
    page = shown(anas, "request_new", str(request_.matter_id))
    assert 'value="OPLA-CHI"' in page
    assert reverse("office", args=["OPLA"]) in shown(anas, "request", str(request_.pk))


def test_every_answer_and_every_use_has_its_word() -> None:
    assert {*forms.USES} == {*profiles.USES}
    assert {*forms.ANSWERS} == {*profiles.ANSWERS}
