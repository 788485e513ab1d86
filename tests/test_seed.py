"""The demo firm: made once, on this machine only."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import audit, policy
from accounts.models import AuditEvent, FirmPolicy, User
from documents import checklist
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.management.commands.seed import PASSWORD
from documents.models import ChecklistItem, Document, Matter, Membership, Request
from portal import hours


@pytest.fixture
def seeded(db, capsys) -> list[dict[str, str]]:
    call_command("seed")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_first_line_names_the_cast(seeded):
    assert seeded[0] == {
        "matter": "AMP-0001",
        "request": str(Request.objects.get().pk),
        "client": "maria@amparo.example",
        "paralegal": "pat@amparo.example",
        "attorney": "ana@amparo.example",
        "administrator": "ada@amparo.example",
    }


def test_the_other_lines_tell_how_each_signs_in(seeded):
    told = {line["email"].partition("@")[0]: line for line in seeded[1:]}
    assert set(told) == {"maria", "wilmer", "pat", "ana", "max", "ada"}
    assert told["ana"]["password"] == PASSWORD
    assert "password" not in told["maria"]


def test_staff_have_their_password_and_an_app_that_is_allowed(seeded):
    ana = User.objects.get(email="ana@amparo.example")
    assert ana.check_password(PASSWORD)
    assert policy.factors(ana) <= policy.allowed_factors()
    assert policy.factors(ana)


def test_their_codes_can_be_asked_for(seeded):
    call_command("totp", "pat@amparo.example", stdout=(out := StringIO()))
    assert len(json.loads(out.getvalue())["code"]) == 6


def test_the_request_is_the_one_of_the_contract(seeded):
    request = Request.objects.get()
    assert (request.stage, request.form, request.profile) == ("before_court", "administrative_closure", "OPLA")


def test_the_walls_stand(seeded):
    on = {(str(seat.matter), seat.user.email.partition("@")[0]) for seat in Membership.objects.all()}
    first = {("AMP-0001", name) for name in ("maria", "ana", "pat")}
    assert on == first | {("AMP-0002", name) for name in ("wilmer", "max")}


def test_the_papers_are_real_and_left_for_the_worker(seeded):
    papers = list(Document.objects.all())
    assert [(paper.state, paper.sender.email) for paper in papers] == [("received", "maria@amparo.example")] * 3
    for paper in papers:
        check(paper)
        prepare(paper)
    assert [(paper.state, paper.pages) for paper in papers] == [("ready", 2), ("ready", 1), ("ready", 1)]


def test_the_office_asks_for_papers_and_three_of_them_came(seeded):
    standings = checklist.standings(Matter.objects.get(number=1))
    assert sum(each.with_us for each in standings) == 3
    assert {each.item.added_by.email for each in standings} == {"pat@amparo.example"}


def test_a_second_time_changes_nothing(seeded, capsys):
    before = [model.objects.count() for model in (User, Matter, Request, Document, ChecklistItem, AuditEvent)]
    call_command("seed")
    again = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert again == seeded
    assert [model.objects.count() for model in (User, Matter, Request, Document, ChecklistItem, AuditEvent)] == before
    assert audit.verify() == []


def test_apps_stay_allowed_after_a_year(seeded):
    FirmPolicy.objects.update(totp_until=hours.today() - timedelta(days=1))
    call_command("seed")
    assert FirmPolicy.objects.filter(totp_until__gt=hours.today()).exists()


def test_it_refuses_anywhere_but_on_this_machine(db, settings):
    settings.LOOPBACK = False
    with pytest.raises(CommandError, match="loopback"):
        call_command("seed")
    assert not User.objects.exists()
