"""Requests of the resumable door that cannot be followed, and whose they are."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from documents import lifecycle
from documents.intake import arriving
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import Matter, Upload
from tests.conftest import Browser
from tests.phones import BODY, HALF, LETTER, TUS, Phone, document
from tests.phones import begun as begun
from tests.phones import phone as phone

# Bad requests


@pytest.mark.parametrize(
    ("size", "status"), [("", 400), ("-1", 400), ("x", 400), ("1" * 40, 400), ("0", 413), (str(10**14), 413)]
)
def test_a_length_that_cannot_be_is_refused(phone: Phone, size: str, status: int) -> None:
    answer = phone.begin(size)  # type: ignore[arg-type]  # as a program might
    assert answer.status_code == status
    assert not Upload.objects.exists()


@pytest.mark.parametrize("told", [{"id": "7"}, {"id": ""}, {"matter": "x"}, {"batch": "no"}])
def test_an_announcement_that_cannot_be_read_is_refused(phone: Phone, told: dict[str, Any]) -> None:
    assert phone.begin(**told).status_code == 400


@pytest.mark.parametrize("header", ["filename ***", "filename =", "a b c"])
def test_metadata_that_is_no_metadata_is_refused(phone: Phone, header: str) -> None:
    answer = phone.client.post(reverse("uploads"), headers={**TUS, "Upload-Length": "1", "Upload-Metadata": header})
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["", "\x00", "../../etc/passwd", "a" * 5000, "ñ\u202egpj.exe", "😀.pdf"])
def test_any_name_is_a_name(phone: Phone, name: str) -> None:
    phone.send(phone.begin(filename=name)["Location"], 0, LETTER)
    assert 0 < len(document().name) <= 150


def test_an_item_we_do_not_know_costs_no_file(phone: Phone) -> None:
    phone.send(phone.begin(item="\0")["Location"], 0, LETTER)
    assert document().item is None


def test_more_than_a_piece_is_too_much(phone: Phone) -> None:
    size = arriving.PIECE + 1
    where = phone.begin(size)["Location"]
    assert phone.send(where, 0, bytes(size)).status_code == 413
    assert phone.send(where, 0, bytes(arriving.PIECE)).status_code == 204


def test_more_than_was_announced_is_too_much(phone: Phone, begun: str) -> None:
    assert phone.send(begun, 0, LETTER + b"x").status_code == 413
    assert phone.arrived(begun) == 0


def test_other_bodies_are_refused(phone: Phone, begun: str) -> None:
    answer = phone.client.patch(begun, LETTER, content_type="text/plain", headers={**TUS, "Upload-Offset": "0"})
    assert answer.status_code == 415


def test_another_version_is_refused_and_told_ours(phone: Phone, begun: str) -> None:
    answer = phone.client.head(begun, headers={"Tus-Resumable": "0.2.2"})
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")


def test_a_network_that_knows_only_post_can_still_send(phone: Phone, begun: str) -> None:
    headers = {**TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert phone.client.post(begun, LETTER, content_type=BODY, headers=headers).status_code == 204
    assert document().size == len(LETTER)


def test_the_matter_takes_no_more_than_its_quota(phone: Phone, settings: Any) -> None:
    settings.MATTER_LIMIT = len(LETTER) * 2 - 1
    assert phone.begin().status_code == 201
    phone.id = uuid4()
    answer = phone.begin()
    assert (answer.status_code, answer.content) == (507, answer.content)
    assert b"office" in answer.content or b"oficina" in answer.content


def test_what_was_only_announced_takes_room_for_an_hour(phone: Phone, settings: Any) -> None:
    settings.MATTER_LIMIT = len(LETTER)
    phone.begin()
    phone.id = uuid4()
    assert phone.begin().status_code == 507
    Upload.objects.update(begun_at=timezone.now() - arriving.BEGUN)
    assert phone.begin().status_code == 201


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_what_is_out_of_use_and_still_stored_takes_room(phone: Phone, begun: str, settings: Any, state: str) -> None:
    settings.MATTER_LIMIT = len(LETTER)
    phone.send(begun, 0, LETTER)
    moved(state)
    phone.id = uuid4()
    assert phone.begin(10).status_code == 507


def moved(state: str) -> None:
    path = {"refused": ["checking", "refused"], "withdrawn": ["withdrawn"]}[state]
    for step in path:
        lifecycle.move(document(), step, actor=None)


# Who


def test_somebody_not_signed_in_hears_401_and_no_page(begun: str) -> None:
    answer = Client().head(begun, headers=TUS)
    assert answer.status_code == 401
    assert Client().post(reverse("uploads"), headers=TUS).status_code == 401


def test_after_signing_in_again_the_upload_goes_on(phone: Phone, begun: str, browser: Browser, maria: User) -> None:
    phone.send(begun, 0, LETTER[:HALF])
    phone.client.logout()
    assert phone.send(begun, HALF, LETTER[HALF:]).status_code == 401
    phone.client = browser(maria)
    assert phone.arrived(phone.begin()["Location"]) == HALF
    phone.send(begun, HALF, LETTER[HALF:])
    assert document().size == len(LETTER)


@pytest.mark.parametrize("who", ["pat", "max_", "ada"])
@pytest.mark.parametrize("method", ["head", "patch", "delete", "get"])
def test_nobody_else_knows_of_an_upload(
    begun: str, browser: Browser, request: pytest.FixtureRequest, who: str, method: str
) -> None:
    answer = getattr(browser(request.getfixturevalue(who)), method)(begun, headers=TUS)
    assert answer.status_code == (404 if method != "patch" else 415)


def test_nobody_sends_into_a_matter_of_others(phone: Phone, browser: Browser, max_: User) -> None:
    phone.client = browser(max_)
    assert phone.begin().status_code == 404


def test_who_was_taken_off_the_matter_sends_no_more(phone: Phone, begun: str, maria: User) -> None:
    phone.matter.memberships.filter(user=maria).delete()
    assert phone.send(begun, 0, LETTER).status_code == 404


def test_staff_without_a_second_factor_send_nothing(phone: Phone, pat: User) -> None:
    phone.client = Client()
    phone.client.force_login(pat, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert phone.begin().status_code == 401


def test_what_staff_send_is_on_behalf_of_the_client(phone: Phone, browser: Browser, pat: User) -> None:
    phone.client = browser(pat)
    phone.send(phone.begin()["Location"], 0, LETTER)
    assert (document().sender, document().on_behalf) == (pat, True)


def test_another_site_cannot_send(maria: User, matter: Matter) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(maria, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert Phone(strict, matter).begin().status_code == 403
    assert not Upload.objects.exists()


# The row


def test_the_row_of_a_file_says_where_it_stands(phone: Phone, begun: str) -> None:
    phone.send(begun, 0, LETTER)
    row = phone.client.get(begun).content.decode()
    assert "carta.pdf" in row
    assert f'data-refresh="{begun}"' in row
    check(document())
    prepare(document())
    assert "data-refresh" not in phone.client.get(begun).content.decode()
