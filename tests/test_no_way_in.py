"""No path puts what is held, undisclosed, withheld or unsettled into a packet; layer by layer, whoever asks."""

import re
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from documents import compartments, matters, tagging
from documents.models import Compartment, Document, Factor, Finding, Matter, Packet, Request
from documents.packets import order, releasing, rules
from documents.packets.binding import bind_packet
from tests import releasable
from tests.conftest import Browser
from tests.papers import paper

Harm = Callable[[Document, User, User], object]


def held(document: Document, pat: User, _ana: User) -> None:
    tagging.tag(document, Factor.objects.get(code="CRIMINAL_HISTORY"), actor=pat)


def held_in_part(document: Document, pat: User, ana: User) -> None:
    """Tagged anew after it was lifted."""
    held(document, pat, ana)
    tagging.lift_hold(document.holds.get(), why="Known.", actor=ana)
    held(document, pat, ana)


def offence(document: Document, pat: User, _ana: User) -> None:
    tagging.tag(document, Factor.objects.get(code="REHABILITATION"), actor=pat)


def undecided(document: Document, pat: User, _ana: User) -> None:
    compartments.place(document, Compartment.S1367, actor=pat)


def undecided_by_tag(document: Document, pat: User, _ana: User) -> None:
    tagging.tag(document, Factor.objects.get(code="HEALTH"), actor=pat)


def withheld(document: Document, pat: User, ana: User) -> None:
    undecided(document, pat, ana)
    compartments.decide(document, Compartment.S1367, "withhold", "No.", seen=document.print_sha256, actor=ana)


def found(document: Document, _pat: User, _ana: User) -> None:
    Finding.objects.create(document=document, page=1, kind="ssn", mark="0" * 64)


def named(document: Document, _pat: User, _ana: User) -> None:
    Finding.objects.create(document=document, page=2, kind="client", mark="0" * 64)


WAITS: dict[str, tuple[Harm, set[str]]] = {
    "held": (held, {"V09", "V10"}),
    "held anew": (held_in_part, {"V09"}),
    "an offence": (offence, {"V09", "V10"}),
    "undecided": (undecided, {"V12"}),
    "undecided by tag": (undecided_by_tag, {"V12"}),
}
waiting = pytest.mark.parametrize(("harm", "by"), WAITS.values(), ids=WAITS)


@pytest.fixture
def good(matter: Matter, maria: User, pat: User) -> Document:
    """Accepted evidence, by its rows alone."""
    made = paper(matter, maria)
    tagging.tag(made, Factor.objects.get(code="EDUCATION"), actor=pat)
    tagging.accept(made, actor=pat)
    return made


# The order


@waiting
def test_nothing_that_waits_is_ordered_not_even_despite_every_rule(
    good: Document, request_: Request, pat: User, ana: User, harm: Harm, by: set[str]
) -> None:
    harm(good, pat, ana)
    for despite in ((), rules.RULES):
        with pytest.raises(order.CannotOrder) as stopped:
            order.order(request_, actor=ana, despite=despite)
        assert {result.id for result in stopped.value.results} == by
    assert not Packet.objects.exists()


@waiting
@pytest.mark.parametrize("who", ["pat", "ana"])
def test_no_button_orders_it(
    request: pytest.FixtureRequest, good: Document, request_: Request, browser: Browser, pat: User, ana: User,
    harm: Harm, by: set[str], who: str,
) -> None:  # fmt: skip
    harm(good, pat, ana)
    browser(request.getfixturevalue(who)).post(reverse("order", args=[request_.pk]))
    assert not Packet.objects.exists()


@waiting
def test_no_command_binds_it(
    good: Document, request_: Request, pat: User, ana: User, harm: Harm, by: set[str], tmp_path, capsys
) -> None:
    harm(good, pat, ana)
    with pytest.raises(SystemExit):
        call_command("bind", request=str(request_.pk), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    said = capsys.readouterr().out
    assert all(f'"{rule}"' in said for rule in by)


def test_what_is_withheld_is_not_in_the_order_and_its_packet_is_made_without_it(
    good: Document, matter: Matter, maria: User, request_: Request, pat: User, ana: User
) -> None:
    other = paper(matter, maria)
    tagging.tag(other, Factor.objects.get(code="EDUCATION"), actor=pat)
    tagging.accept(other, actor=pat)
    withheld(good, pat, ana)
    packet = order.order(request_, actor=ana)
    assert str(other.pk) in str(packet.order)
    assert str(good.pk) not in str(packet.order)


def test_the_commands_own_matter_has_nobody_to_decide_and_still_nothing_held(pat: User, ana: User) -> None:
    """What `assemble` makes is released by nobody: rule V12 is reported there, and a hold stops it as anywhere."""
    scratch = matters.open_throwaway("Nobody", actor=ana)
    made = paper(scratch, pat)
    tagging.tag(made, Factor.objects.get(code="HEALTH"), actor=pat)
    tagging.accept(made, actor=pat)
    request = matters.open_request(scratch, profile="OPLA", office="OPLA", stage="", form="", actor=ana)
    assert order.order(request, actor=ana, despite=rules.RULES).state == "ordered"
    held(made, pat, ana)
    with pytest.raises(order.CannotOrder):
        order.order(request, actor=ana, despite=rules.RULES)


# The binding: what happens between the order and the last page of its packet


@pytest.mark.parametrize("harm", [held, undecided, withheld])
def test_what_waits_since_the_order_is_not_bound(
    accepted: Document, request_: Request, pat: User, ana: User, harm: Harm
) -> None:
    packet = order.order(request_, actor=ana)
    harm(accepted, pat, ana)
    bind_packet(packet)
    packet.refresh_from_db()
    assert (packet.state, packet.parts.count()) == ("failed", 0)
    assert "waits for an attorney" in packet.failure


# The release


LAST = {
    "held": (held, "V09"), "undecided": (undecided, "V12"), "a number": (found, "V14"), "another client": (named, "V13"),
}  # fmt: skip


def test_nothing_that_waits_or_is_unsettled_is_released(
    accepted: Document, request_: Request, pat: User, ana: User
) -> None:
    releasable.represented(request_.matter, ana)
    packet = order.order(request_, actor=ana)
    bind_packet(packet)
    releasable.cleared(packet, ana)
    for name, (harm, rule) in LAST.items():
        with transaction.atomic():
            harm(accepted, pat, ana)
            with pytest.raises(releasing.CannotRelease) as stopped:
                releasing.release(packet, confirmed=True, actor=ana)
            transaction.set_rollback(True)
        blocking = [result for result in stopped.value.results if result.id == rule]
        assert blocking, name
        assert not any(result.may_be_stated for result in blocking), name
    with transaction.atomic():
        withheld(accepted, pat, ana)
        packet.refresh_from_db()
        assert packet.state == "invalidated"
        transaction.set_rollback(True)
    packet.refresh_from_db()
    releasing.release(packet, confirmed=True, actor=ana)
    last: list[Harm] = [held, undecided, withheld]
    for each in last:
        with transaction.atomic():
            each(accepted, pat, ana)
            packet.refresh_from_db()
            assert packet.state == "invalidated", each  # and is downloaded by nobody any more
            transaction.set_rollback(True)


# The client's view


def words(client: Client, page: str) -> str:
    """Without the token that is another one each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", client.get(page).content.decode())


@pytest.mark.parametrize("harm", [held, offence, undecided, withheld, found, named])
def test_the_client_reads_nothing_of_it(
    good: Document, request_: Request, browser: Browser, maria: User, pat: User, ana: User, harm: Harm
) -> None:
    pages = [reverse("matter", args=[good.matter_id]), reverse("document", args=[good.pk])]
    pages += [reverse("document_status", args=[good.pk]), reverse("opened", args=[good.matter_id])]
    marias = browser(maria)
    before = [words(marias, page) for page in pages]
    harm(good, pat, ana)
    assert [words(marias, page) for page in pages] == before
