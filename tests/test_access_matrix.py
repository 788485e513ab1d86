"""Every address, for everyone, in one table. An address without a row fails.

Maria is the matter's client, Pat and Ana its paralegal and attorney, Max an attorney of another matter, Ada administers.
A person who is not on the matter gets the very answer that a random id gets.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from accounts.models import User
from documents import checklist, claims, lifecycle, matters, noting, pairing, quarantine, snippets, tagging
from documents.models import Circumstance, Document, Factor, Finding, Likeness, Matter, Request, Statement
from documents.packets import order, releasing
from documents.packets.binding import bind_packet
from tests import boxes, releasable
from tests.conftest import Browser, sent, simple_pdf
from tests.papers import paper

# What nobody needs to sign in for: 200 for all, or what follows the arrow.
OPEN = {"healthz", "robots", "security"}
# Signing in, joining, leaving: these have tests of their own (test_sign_in, test_accounts…), about one person each.
ONES_OWN = {
    "account_login", "account_confirm_login_code", "password", "mfa_authenticate", "mfa_login_webauthn", "sign_out", "leave",
    "language", "care", "invitation", "account", "change_password", "end_sessions", "second_factor", "add_totp",
    "remove_factor", "add_passkey", "recovery_codes", "reauthenticate", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn", "readyz",
    "new_code", "account_reach", "on_phone",
    "uploads", "upload",  # a program asks: test_uploads
    "papers",  # and once more, in test_composing
}  # fmt: skip

MATRIX = {  #                        maria pat  ana  max  ada  nobody
    ("get", "home"):                (302, 302, 302, 302, 302, 302),
    ("get", "hand_over"):           (200, 403, 403, 403, 403, 302),
    ("post", "hand_over"):          (200, 403, 403, 403, 403, 302),
    ("get", "people"):              (403, 403, 403, 403, 200, 302),
    ("post", "invite_staff"):       (403, 403, 403, 403, 200, 302),
    ("get", "firm"):                (403, 403, 403, 403, 200, 302),
    ("post", "change_person"):      (403, 403, 403, 403, 400, 302),
    ("get", "assignments"):         (403, 403, 403, 403, 200, 302),
    ("get", "factors"):             (403, 200, 200, 200, 200, 302),
    ("post", "factors"):            (403, 403, 422, 422, 422, 302),
    ("get", "status"):              (403, 200, 200, 200, 200, 302),
    ("get", "status_now"):          (403, 200, 200, 200, 200, 302),
    ("get", "inbox"):               (403, 200, 200, 200, 403, 302),
    ("get", "matters"):             (403, 200, 200, 200, 403, 302),
    ("get", "matter_new"):          (403, 403, 200, 200, 403, 302),
    ("get", "matter"):              (200, 200, 200, 404, 404, 302),
    ("get", "evidence"):            (403, 200, 200, 404, 404, 302),
    ("get", "activity"):            (403, 200, 200, 404, 404, 302),
    ("post", "reveal"):             (403, 200, 200, 404, 404, 302),
    ("get", "members"):             (403, 200, 200, 404, 404, 302),
    ("post", "members"):            (403, 403, 422, 404, 404, 302),
    ("post", "member_remove"):      (403, 403, 302, 404, 404, 302),
    ("get", "invite_client"):       (403, 403, 200, 404, 404, 302),
    ("post", "client_link"):        (403, 200, 200, 404, 404, 302),
    ("get", "request_new"):         (403, 200, 200, 404, 404, 302),
    ("get", "messages"):            (200, 200, 200, 404, 404, 302),
    ("post", "messages"):           (422, 422, 422, 404, 404, 302),
    ("get", "checklist"):           (403, 200, 200, 404, 404, 302),
    ("post", "checklist"):          (403, 422, 422, 404, 404, 302),
    ("post", "answer"):             (302, 403, 403, 404, 404, 302),
    ("get", "search"):              (403, 200, 200, 404, 404, 302),
    ("post", "search"):             (403, 422, 422, 404, 404, 302),
    ("get", "board"):               (403, 200, 200, 404, 404, 302),
    ("post", "claim"):              (403, 422, 422, 404, 404, 302),
    ("get", "own_factor"):          (403, 403, 200, 404, 404, 302),
    ("post", "own_factor"):         (403, 403, 422, 404, 404, 302),
    ("post", "claim_decide"):       (403, 403, 302, 404, 404, 302),
    ("post", "claim_take_back"):    (403, 302, 302, 404, 404, 302),
    ("post", "line_up"):            (403, 302, 302, 404, 404, 302),
    ("post", "factor_put_away"):    (403, 403, 302, 302, 302, 302),
    ("get", "send"):                (200, 200, 200, 404, 404, 302),
    ("post", "send"):               (422, 422, 422, 404, 404, 302),
    ("get", "receipt_pdf"):         (200, 200, 200, 404, 404, 302),
    ("get", "opened"):              (200, 403, 403, 404, 404, 302),
    ("get", "document"):            (200, 200, 200, 404, 404, 302),
    ("get", "document_status"):     (200, 200, 200, 404, 404, 302),
    ("get", "page"):                (200, 200, 200, 404, 404, 302),
    ("get", "page_words"):          (403, 200, 200, 404, 404, 302),
    ("get", "original"):            (403, 200, 200, 404, 404, 302),
    ("post", "document_title"):     (403, 302, 302, 404, 404, 302),
    ("post", "note"):               (403, 302, 302, 404, 404, 302),
    ("post", "document_notes"):     (403, 422, 422, 404, 404, 302),
    ("post", "matter_notes"):       (403, 422, 422, 404, 404, 302),
    ("get", "note_change"):         (403, 200, 200, 404, 404, 302),
    ("post", "note_change"):        (403, 422, 422, 404, 404, 302),
    ("post", "note_strike"):        (403, 302, 302, 404, 404, 302),
    ("post", "put_away"):           (403, 302, 302, 404, 404, 302),
    ("post", "note_language"):      (403, 302, 302, 404, 404, 302),
    ("post", "pair"):               (403, 422, 422, 404, 404, 302),
    ("post", "apart"):              (403, 302, 302, 404, 404, 302),
    ("post", "compare"):            (403, 302, 302, 404, 404, 302),
    ("post", "tag"):                (403, 422, 422, 404, 404, 302),
    ("post", "untag"):              (403, 302, 302, 404, 404, 302),
    ("post", "move"):               (403, 302, 302, 404, 404, 302),
    ("post", "move_back"):          (403, 302, 302, 404, 404, 302),
    ("post", "suggestion"):         (403, 302, 302, 404, 404, 302),
    ("post", "same_as_before"):     (403, 302, 302, 404, 404, 302),
    ("post", "hold"):               (403, 422, 422, 404, 404, 302),
    ("post", "undo"):               (403, 302, 302, 404, 404, 302),
    ("get", "lookers"):             (403, 200, 200, 404, 404, 302),
    ("post", "lookers"):            (403, 200, 200, 404, 404, 302),
    ("post", "accept"):             (403, 302, 302, 404, 404, 302),
    ("post", "ask_again"):          (403, 422, 422, 404, 404, 302),
    ("post", "reopen"):             (403, 302, 302, 404, 404, 302),
    ("post", "lift_hold"):          (403, 403, 422, 404, 404, 302),
    ("post", "findings_settle"):    (403, 422, 422, 404, 404, 302),
    ("post", "finding_reopen"):     (403, 302, 302, 404, 404, 302),
    ("post", "compartment_in"):     (403, 422, 422, 404, 404, 302),
    ("post", "compartment_out"):    (403, 403, 422, 404, 404, 302),
    ("post", "disclose"):           (403, 403, 422, 404, 404, 302),
    ("post", "look_at"):            (403, 302, 302, 404, 404, 302),
    ("post", "unlock"):             (302, 302, 302, 404, 404, 302),
    ("get", "arrange"):             (302, 302, 302, 404, 404, 302),  # of a paper that is no photo: its own page
    ("post", "arrange"):            (302, 302, 302, 404, 404, 302),
    ("post", "turn"):               (403, 302, 302, 404, 404, 302),
    ("get", "redact"):              (403, 200, 200, 404, 404, 302),
    ("post", "redact"):             (403, 422, 422, 404, 404, 302),
    ("post", "redact_approve"):     (403, 302, 302, 404, 404, 302),
    ("post", "redact_take_off"):    (403, 302, 302, 404, 404, 302),
    ("post", "withdraw"):           (302, 302, 302, 404, 404, 302),
    ("post", "try_again"):          (403, 302, 302, 404, 404, 302),
    ("post", "restore"):            (403, 302, 302, 404, 404, 302),
    ("get", "quarantine"):          (403, 200, 200, 200, 200, 302),
    ("post", "disposition"):        (403, 403, 422, 404, 404, 302),
    ("post", "disposition_decide"): (403, 403, 302, 404, 302, 302),
    ("get", "request"):             (403, 200, 200, 404, 404, 302),
    ("post", "tabs"):               (403, 302, 302, 404, 404, 302),
    ("get", "letter"):              (403, 200, 200, 404, 404, 302),
    ("post", "letter"):             (403, 422, 422, 404, 404, 302),
    ("post", "letter_sign"):        (403, 403, 302, 404, 404, 302),
    ("post", "letter_preview"):     (403, 200, 200, 404, 404, 302),
    ("get", "letter_versions"):     (403, 200, 200, 404, 404, 302),
    ("post", "letter_restore"):     (403, 302, 302, 404, 404, 302),
    ("get", "offices"):             (403, 200, 200, 200, 200, 302),
    ("get", "office"):              (403, 200, 200, 200, 200, 302),
    ("post", "office"):             (403, 403, 422, 422, 422, 302),
    ("post", "office_check"):       (403, 403, 302, 302, 302, 302),
    ("post", "office_copy"):        (403, 403, 422, 422, 422, 302),
    ("get", "snippets"):            (403, 200, 200, 200, 403, 302),
    ("post", "snippets"):           (403, 403, 422, 422, 403, 302),
    ("post", "snippet_put_away"):   (403, 403, 302, 302, 403, 302),
    ("post", "order"):              (403, 302, 302, 404, 404, 302),
    ("get", "packet"):              (403, 200, 200, 404, 404, 302),
    ("get", "request_edit"):        (403, 200, 200, 404, 404, 302),
    ("post", "request_edit"):       (403, 422, 422, 404, 404, 302),
    ("post", "fit"):                (403, 302, 302, 404, 404, 302),
    ("get", "fit_status"):          (403, 200, 200, 404, 404, 302),
    ("get", "rules"):               (403, 200, 200, 404, 404, 302),
    ("post", "rule_state"):         (403, 403, 422, 404, 404, 302),
    ("post", "warnings_accept"):    (403, 403, 422, 404, 404, 302),
    ("post", "statement_take_back"): (403, 403, 302, 404, 404, 302),
    ("get", "life"):                (403, 200, 200, 404, 404, 302),
    ("get", "transmittal"):         (403, 200, 200, 404, 404, 302),
    ("post", "transmittal"):        (403, 422, 422, 404, 404, 302),
    ("post", "packet_file"):        (403, 422, 422, 404, 404, 302),
    ("post", "packet_reply"):       (403, 404, 404, 404, 404, 302),  # not filed: nothing to answer
    ("post", "decide"):             (403, 422, 422, 404, 404, 302),
    ("get", "request_again"):       (403, 302, 302, 404, 404, 302),  # not denied: nothing to follow
    ("post", "request_again"):      (403, 302, 302, 404, 404, 302),
    ("get", "changed"):             (403, 200, 200, 404, 404, 302),
    ("post", "changed"):            (403, 422, 422, 404, 404, 302),
    ("post", "changed_take_off"):   (403, 302, 302, 404, 404, 302),
    ("get", "options"):             (403, 200, 200, 404, 404, 302),
    ("post", "options"):            (403, 403, 302, 404, 404, 302),
    ("get", "asking"):              (403, 200, 200, 404, 404, 302),
    ("post", "asking"):             (403, 422, 422, 404, 404, 302),
    ("get", "read_aloud"):          (403, 200, 200, 404, 404, 302),
    ("post", "read_aloud"):         (403, 422, 422, 404, 404, 302),
    ("get", "agree"):               (200, 403, 403, 404, 404, 302),
    ("post", "agree"):              (422, 403, 403, 404, 404, 302),
    ("get", "arrests"):             (403, 200, 200, 404, 404, 302),
    ("post", "arrests"):            (403, 422, 422, 404, 404, 302),
    ("get", "packet_status"):       (403, 200, 200, 404, 404, 302),
    ("get", "packet_page"):         (403, 200, 200, 404, 404, 302),
    ("post", "packet_supplement"):  (403, 302, 302, 404, 404, 302),
    ("post", "packet_retry"):       (403, 302, 302, 404, 404, 302),
    ("post", "packet_return"):      (403, 403, 422, 404, 404, 302),
    ("post", "packet_approve"):     (403, 403, 302, 404, 404, 302),
    ("post", "packet_release"):     (403, 403, 302, 404, 404, 302),
    ("get", "packet_part"):         (403, 403, 200, 404, 404, 302),
    ("get", "packet_manifest"):     (403, 403, 200, 404, 404, 302),
    ("get", "packet_changes"):      (403, 404, 404, 404, 404, 302),  # there is one packet alone
    ("get", "packet_proof"):        (403, 403, 200, 404, 404, 302),
    ("get", "packet_ledger"):       (403, 403, 200, 404, 404, 302),
}  # fmt: skip
DOCUMENTS = {
    "document", "document_status", "page", "original", "document_title", "note", "pair", "tag", "untag", "accept", "ask_again",
    "suggestion", "same_as_before", "hold", "undo", "lookers", "move", "move_back",
    "reopen", "lift_hold", "arrange", "withdraw", "restore", "try_again", "unlock", "disposition",
    "page_words",
    "turn",
    "redact", "redact_approve", "redact_take_off",
    "findings_settle", "finding_reopen", "compartment_in", "compartment_out", "disclose", "look_at",
    "document_notes", "put_away",
}  # fmt: skip
REQUESTS = {
    "request", "request_edit", "tabs", "fit", "fit_status", "order", "rules", "rule_state", "warnings_accept", "letter",
    "letter_sign", "letter_preview", "letter_versions", "letter_restore", "options", "asking", "read_aloud", "agree", "life",
    "transmittal", "decide", "request_again", "line_up",
}  # fmt: skip
BARE = {
    "home", "hand_over", "offices", "people", "invite_staff", "firm", "assignments", "factors", "matters", "matter_new",
    "quarantine", "status", "status_now", "snippets", "inbox",
}  # fmt: skip


@pytest.fixture
def world(accepted: Document, request_: Request, pat: User, ana: User, max_: User, ada: User) -> dict[str, Any]:
    """Maria's matter with a reviewed, once held document and a released packet."""
    tagging.tag(accepted, Factor.objects.get(code="CRIMINAL_HISTORY"), actor=pat)
    hold = accepted.holds.get()
    tagging.lift_hold(hold, why="Known to the office.", actor=ana)
    releasable.represented(request_.matter, ana)
    packet = order.order(request_, actor=ana)
    bind_packet(packet)
    releasable.cleared(packet, ana)
    releasing.release(packet, confirmed=True, actor=ana)
    other = sent(simple_pdf(1, "otra"), "otra.pdf", accepted.matter, pat)
    for state in (Document.State.CHECKING, Document.State.QUARANTINED):
        lifecycle.move(other, state, actor=None)
    proposal = quarantine.propose(other, "release", "Known to the office.", actor=ana)
    member = accepted.matter.memberships.get(user=pat).pk
    asked = checklist.add(accepted.matter, words="Your first letter", actor=pat)
    stated = Statement.objects.create(request=request_, rule="V32", about="dates", words="Looked at.", by=ana)
    followed = {"stage": "before_court", "form": "dismissal", "profile": "OPLA", "office": "OPLA Chicago"}
    again = matters.open_request(accepted.matter, parent=request_, actor=ana, **followed)
    noted = Circumstance.objects.create(
        request=again, kind="birth", words="A son.", happened_on="2026-01-01", added_by=pat
    )  # fmt: skip
    found = {"again": again, "noted": noted}
    found |= {"box": boxes.box(accepted, pat)}
    found |= {"snippet": snippets.keep(Factor.objects.get(code="EDUCATION"), "School", "A diploma.", actor=ana)}
    found |= {"claim": claims.set_aside(accepted.matter, Factor.objects.get(code="MILITARY_SELF"), "None.", actor=pat)}
    found |= {"own": matters.add_factor("CHOIR", "positive", "Choir", "Coro", actor=ana)}
    found |= {"statement": stated, "document": accepted, "request": request_, "packet": packet, "matter": accepted.matter}
    found["finding"] = Finding.objects.create(document=accepted, page=1, kind="ssn", mark="0" * 64)
    found |= {"remark": noting.write(accepted.matter, "Call at noon.", "client", token=uuid4(), actor=pat)}
    papers = [paper(accepted.matter, pat, on_behalf=True) for _ in range(2)]
    found |= {"apart": pairing.pair(*papers, actor=pat)}
    found |= {"compare": Likeness.objects.create(document=papers[1], other=papers[0], pages=1, of=2)}
    return {**found, "hold": hold, "member": member, "proposal": proposal, "asked": asked}


def routes(resolver: URLResolver) -> list[str]:
    names = []
    for entry in resolver.url_patterns:
        names += routes(entry) if isinstance(entry, URLResolver) else [entry.name or str(entry.pattern)]
    return names


def test_every_address_has_a_row() -> None:
    assert set(routes(get_resolver())) == OPEN | ONES_OWN | {name for _method, name in MATRIX}


# What is counted, not named: the row of the world it stands for.
NUMBERED = {
    "statement_take_back": "statement", "claim_decide": "claim", "claim_take_back": "claim", "apart": "apart",
    "compare": "compare", "disposition_decide": "proposal", "snippet_put_away": "snippet",
}  # fmt: skip


def address(name: str, world: dict[str, Any], pk: object = None) -> str:
    if name in BARE:
        return reverse(name)
    if name.startswith("office"):
        return reverse(name, args=["OPLA"])
    kind = "document" if name in DOCUMENTS else "request" if name in REQUESTS else "matter"
    kind = "packet" if name.startswith("packet") else "asked" if name == "answer" else kind
    kind = "remark" if name in {"note_change", "note_strike"} else kind
    arguments: dict[str, Any] = {"pk": pk or world[kind].pk}
    if name == "change_person":
        arguments = {"pk": world["matter"].memberships.first().user_id}
    if name.startswith("changed"):
        arguments = {"pk": pk or world["again" if name == "changed" else "noted"].pk}
    if name == "factor_put_away":
        arguments = {"code": world["own"].pk}
    if name in NUMBERED:
        arguments = {"pk": 0 if pk else world[NUMBERED[name]].pk}
    extra: dict[str, dict[str, Any]] = dict.fromkeys(("page", "page_words", "packet_page", "packet_part"), {"number": 1})
    extra |= {"read_aloud": {"kind": "outcome"}, "agree": {"kind": "outcome"}}
    extra |= {"letter_restore": {"number": 1}}
    extra |= {"redact_take_off": {"box": world["box"].pk}}
    extra |= {"lift_hold": {"hold": world["hold"].pk}, "finding_reopen": {"finding": world["finding"].pk}}
    extra |= {"member_remove": {"member": world["member"]}}
    return reverse(name, kwargs=arguments | extra.get(name, {}))


def ask(client: Client, method: str, where: str) -> HttpResponse:
    answer: HttpResponse = getattr(client, method)(where)
    return answer


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens in here never was, so that one world serves every row."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_who_may_do_what(
    world: dict[str, Any], browser: Browser, maria: User, pat: User, ana: User, max_: User, ada: User
) -> None:
    cast, wrong = [*map(browser, (maria, pat, ana, max_, ada)), Client()], {}
    for (method, name), row in MATRIX.items():
        found = []
        for client in cast:
            with undone():
                found.append(ask(client, method, address(name, world)).status_code)
        if tuple(found) != row:
            wrong[method, name] = (row, tuple(found))
    assert not wrong


def test_what_is_not_yours_answers_like_what_is_not_there(world: dict[str, Any], browser: Browser, max_: User) -> None:
    stranger = browser(max_)
    for method, name in [key for key, row in MATRIX.items() if row[3] == 404]:
        there = ask(stranger, method, address(name, world))
        nowhere = ask(stranger, method, address(name, world, pk=uuid4()))
        assert there.content == nowhere.content, name
        assert dict(there.items()) == dict(nowhere.items()), name


def test_what_changes_something_never_answers_a_get(world: dict[str, Any], browser: Browser, ana: User) -> None:
    attorney = browser(ana)
    for name in {name for method, name in MATRIX if method == "post"} - {
        name for method, name in MATRIX if method == "get"
    }:
        assert attorney.get(address(name, world)).status_code == 405, name


def test_who_leaves_the_matter_is_out_at_once(
    world: dict[str, Any], browser: Browser, pat: User, matter: Matter
) -> None:
    paralegal = browser(pat)
    assert paralegal.get(address("document", world)).status_code == 200
    matter.memberships.filter(user=pat).delete()
    assert paralegal.get(address("document", world)).status_code == 404


def test_who_is_stopped_is_out_at_once(world: dict[str, Any], browser: Browser, pat: User) -> None:
    paralegal = browser(pat)
    User.objects.filter(pk=pat.pk).update(is_active=False)
    assert paralegal.get(address("document", world)).status_code == 302


@pytest.mark.parametrize("user", ["maria", "max_", "ada"])
def test_no_page_of_others_shows_a_word_of_the_matter(
    user: str, world: dict[str, Any], browser: Browser, request: pytest.FixtureRequest, matter: Matter
) -> None:
    client = browser(request.getfixturevalue(user))
    secret = {"maria": ["123456789"], "ada": ["123456789", "Rodríguez, Maria", "carta.pdf"]}
    words = secret.get(user, ["123456789", "Rodríguez", "carta.pdf"])
    for method, name in MATRIX:
        if method == "get":
            body = b"".join(client.get(address(name, world)))
            assert not [word for word in words if word.encode() in body], name
