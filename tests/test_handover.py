"""From the computer to one's own phone: a square that works once, and a phone that only sends."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import handing, sessions
from accounts.middleware import ONLY_SENDING
from accounts.models import AuditEvent, HandOver, Role
from tests.conftest import made_ready, simple_pdf
from tests.people import events, is_signed_in, person, signed_in

pytestmark = pytest.mark.usefixtures("firm")
PIECE = {"HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_UPLOAD_LENGTH": "4"}


@pytest.fixture
def desk(maria):
    """Maria at a computer."""
    return signed_in(maria, by=["code"], client=Client(HTTP_HOST="localhost"))


def phone(user, **headers):
    """Another browser, in which `user` scanned the square and pressed the button."""
    there = Client(HTTP_HOST="localhost", headers={"User-Agent": "Mozilla/5.0 (iPhone) Safari/605"}, **headers)
    there.post(f"/on-phone/{handing.hand_over(user)}/")
    return there


def test_the_square_is_shown_only_after_a_press(desk):
    assert 'class="qr"' not in desk.get("/hand-over/").text
    assert not HandOver.objects.exists()
    assert 'class="qr"' in desk.post("/hand-over/").text
    assert HandOver.objects.count() == 1


def test_the_square_is_small_enough_for_a_camera_and_the_page_names_no_link(desk):
    page = desk.post("/hand-over/").text
    assert "/on-phone/" not in page
    assert len(page) < 20_000


def test_the_page_says_how_long_and_that_it_is_not_kept(desk):
    answer = desk.post("/hand-over/")
    assert f"{handing.MINUTES} minutos" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("role", [Role.PARALEGAL, Role.ATTORNEY, Role.ADMINISTRATOR])
def test_only_clients_go_on_at_a_phone(db, role):
    staff = person("staff@example.test", role)
    assert signed_in(staff).post("/hand-over/").status_code == 403
    with pytest.raises(PermissionDenied):
        handing.hand_over(staff)
    assert not HandOver.objects.exists()


def test_only_the_hash_of_the_token_is_kept(maria):
    token = handing.hand_over(maria)
    handing.accept(token)
    kept = f"{list(HandOver.objects.values_list())}{list(AuditEvent.objects.values_list('facts'))}"
    assert token not in kept


def test_looking_at_the_link_uses_nothing_up(maria, client):
    token = handing.hand_over(maria)
    for method in ("get", "head", "get"):
        assert getattr(client, method)(f"/on-phone/{token}/").status_code == 200
    assert "session" not in client.cookies
    assert handing.open_hand_over(token).used_at is None


def test_the_links_page_tells_its_address_to_nobody(maria, client):
    assert client.get(f"/on-phone/{handing.hand_over(maria)}/").headers["Referrer-Policy"] == "strict-origin"


def test_pressing_the_button_goes_on_at_the_phone_and_is_on_the_record(maria):
    assert is_signed_in(phone(maria))
    assert events(maria) == ["handed_over", "signed_in"]
    assert AuditEvent.objects.get(kind="signed_in").facts["method"] == "hand_over"


def test_another_site_cannot_press_it(maria):
    browser = Client(enforce_csrf_checks=True, HTTP_HOST="localhost")
    token = handing.hand_over(maria)
    assert browser.post(f"/on-phone/{token}/").status_code == 403
    assert handing.open_hand_over(token).used_at is None


def used(token):
    handing.accept(token)


def too_old(_token):
    HandOver.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def replaced(token):
    handing.hand_over(handing.open_hand_over(token).user)


def stopped(token):
    user = handing.open_hand_over(token).user
    user.is_active = False
    user.save()


def went_away(token):
    sessions.end(handing.open_hand_over(token).user, actor=None)


@pytest.mark.parametrize("why", [used, too_old, replaced, stopped, went_away])
def test_a_link_that_works_no_more_looks_like_one_that_never_did(why, maria, client):
    token = handing.hand_over(maria)
    why(token)
    assert gone(client, token) == gone(client, "never")
    assert not is_signed_in(client)


def gone(client, token):
    path = f"/on-phone/{token}/"
    answers = [client.get(path), client.post(path)]
    return [(answer.status_code, re.sub(r'value="\w{64}"', "", answer.text.replace(path, "*"))) for answer in answers]


def test_a_link_is_for_one_of_two_phones(maria):
    token = handing.hand_over(maria)
    handing.accept(token)
    with pytest.raises(handing.HandOverGone):
        handing.accept(token)


def test_a_link_works_fifteen_minutes(maria):
    handing.hand_over(maria)
    left = HandOver.objects.get().expires_at - timezone.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


@pytest.mark.parametrize("way", ["/sign-out/", "/leave/"])
def test_whoever_leaves_the_computer_takes_the_square_along(desk, maria, way):
    token = handing.hand_over(maria)
    desk.post(way)
    with pytest.raises(handing.HandOverGone):
        handing.open_hand_over(token)


# What the phone may


def addresses(entries, before=""):
    for entry in entries:
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, before + str(entry.pattern))
        else:
            yield entry


def filled(route: URLPattern):
    """The route's address for things that may be there or not: nobody may come so far as to ask."""
    known = {"uuid": uuid4(), "int": 1, "str": "x", "slug": "x"}
    names = re.findall(r"<(?:(\w+):)?(\w+)>", str(route.pattern))
    return reverse(route.name, kwargs={name: known[kind or "str"] for kind, name in names})


ROUTES = list(addresses(get_resolver().url_patterns))
CLOSED = [route for route in ROUTES if route.name not in ONLY_SENDING]


def test_what_the_phone_may_is_a_short_list_of_addresses_that_exist():
    assert {"home", "send", "uploads", "upload", "papers", "language", "sign_out", "leave"} == ONLY_SENDING
    assert {route.name for route in ROUTES} >= ONLY_SENDING
    assert len(CLOSED) > 60


def test_every_other_address_is_closed_to_the_phone(maria, matter):
    there, open_ = phone(maria), []
    for route in CLOSED:
        for method in ("get", "head", "post", "put", "patch", "delete", "options"):
            answer = getattr(there, method)(filled(route))
            if answer.status_code != 403 or answer.templates[0].name != "accounts/only_sending.html":
                open_.append((method, route.name, answer.status_code))
    assert open_ == []


def test_its_own_papers_are_closed_too(maria, matter):
    document = made_ready(simple_pdf(), "carta.pdf", matter, maria)
    there = phone(maria)
    for name in ("document", "document_status"):
        assert there.get(reverse(name, args=[document.pk])).status_code == 403
    assert there.get(reverse("page", args=[document.pk, 1])).status_code == 403
    assert there.get(reverse("matter", args=[matter.pk])).status_code == 403


def test_the_page_says_it_plainly_and_leads_to_sending(maria, matter):
    answer = phone(maria).get("/account/")
    assert "solo puede mandar papeles" in answer.text or "you can only send papers" in answer.text
    assert 'href="/"' in answer.text


def test_the_phone_makes_no_other_way_in(maria, matter):
    there = phone(maria)
    for path in ("/hand-over/", "/account/passkeys/add/", f"/on-phone/{uuid4()}/", "/account/reach/", "/sign-in/"):
        assert there.post(path).status_code == 403
    assert not maria.authenticator_set.exists()
    assert HandOver.objects.count() == 1


def test_the_phone_sends_a_form_and_sees_the_receipt(maria, matter):
    there, where = phone(maria), reverse("send", args=[matter.pk])
    assert there.get("/", follow=True).redirect_chain[-1][0] == where
    answer = there.post(where, {"files": SimpleUploadedFile("carta.pdf", simple_pdf())}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{where}?receipt"
    assert "carta.pdf" in answer.text


def test_the_phone_reaches_the_door_for_pieces(maria, matter):
    there = phone(maria)
    assert there.options("/uploads/").status_code == 204
    assert there.post("/uploads/", **PIECE).status_code == 400
    assert there.get(f"/uploads/{uuid4()}/").status_code == 404


def test_the_phone_reaches_nobody_elses_matter(maria, matter, ana):
    other = person("other@example.test", Role.CLIENT)
    assert phone(other).get(reverse("send", args=[matter.pk])).status_code == 404


def test_the_phone_speaks_ones_language_and_signs_out(maria):
    there = phone(maria)
    assert there.post("/language/", {"language": "en"}).status_code == 302
    assert there.post("/sign-out/").status_code == 302
    assert not is_signed_in(there)


# How long, and who can end it


def aged(there, seconds):
    session = there.session
    session["sending_until"] -= seconds
    session.save()
    return there


def test_the_phone_is_signed_out_after_its_minutes_however_busy(maria, matter):
    where = reverse("send", args=[matter.pk])
    assert aged(phone(maria), 15 * 60 - 30).get(where).status_code == 200
    there = aged(phone(maria), 15 * 60 + 1)
    assert there.get(where).url.startswith("/sign-in/")
    assert there.options("/uploads/").status_code == 401
    assert AuditEvent.objects.filter(kind="session_ended", outcome="sending").count() == 1


def test_photos_on_their_way_do_not_stretch_the_minutes(maria, matter):
    there = aged(phone(maria), 15 * 60 + 1)
    files = {"files": SimpleUploadedFile("carta.pdf", simple_pdf())}
    assert there.post(reverse("send", args=[matter.pk]), files).url.startswith("/sign-in/")


def test_signing_in_again_there_is_a_whole_session_again(maria, matter):
    there = aged(phone(maria), 15 * 60 + 1)
    there.get("/")
    signed_in(maria, by=["code"], client=there)
    assert there.get("/account/").status_code == 200


def test_the_list_of_sessions_shows_the_phone_and_ends_it(desk, maria, matter):
    there = phone(maria)
    assert "15 minutos" in desk.get("/account/").text or "only send papers" in desk.get("/account/").text
    [shown] = [one for one in sessions.of(maria) if one.data]
    assert (shown.device, shown.sending_until > timezone.now()) == ("Safari, iPhone", True)
    desk.post("/account/sessions/", {"session": shown.pk})
    assert there.get(reverse("send", args=[matter.pk])).url.startswith("/sign-in/")


def test_a_phone_whose_minutes_are_over_is_not_listed(maria):
    phone(maria)
    for session in sessions.of(maria):
        session.data = {"sending_until": 1.0}
        session.save()
    assert sessions.of(maria) == []


def test_the_phone_does_not_end_the_computer(desk, maria):
    phone(maria).post("/sign-out/")
    assert desk.get("/account/").status_code == 200


def test_whoever_was_signed_in_on_the_phone_is_not_any_more(maria, lena):
    there = signed_in(lena, by=["code"], client=Client(HTTP_HOST="localhost"))
    there.post(f"/on-phone/{handing.hand_over(maria)}/")
    assert there.session["_auth_user_id"] == str(maria.pk)
    assert there.get("/account/").status_code == 403


def test_old_links_are_forgotten_after_a_day(maria):
    handing.hand_over(maria)
    HandOver.objects.update(expires_at=timezone.now() - timedelta(hours=25))
    sessions.sweep()
    assert not HandOver.objects.exists()
