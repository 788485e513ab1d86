"""Every page, as the person who stands before it, with something on it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from playwright.sync_api import Page

from scripts.signatures import EICAR
from tests import fixtures
from tests.browser.walk import ANA, BLURRY, CLIENT, LETTER, PAT, RECORD, Walk
from tests.stack import PASSWORD, Stack, wait_until
from tests.visitor import Visitor

ADA, MAX, NEW = "ada@amparo.example", "max@amparo.example", "nora@amparo.example"
MARIA = "maria@amparo.example"
Steps = Callable[[Page], None]


def nothing(_page: Page) -> None:
    """The address is all."""


def asked_for_a_code(page: Page) -> None:
    page.locator("[name=email]").fill(f"{uuid4()}@clients.example")  # codes for one address are few
    page.locator("[name=way][value=code]").click()
    page.wait_for_url("**/sign-in/code/**")


def asked_for_a_password(page: Page) -> None:
    page.locator("[name=email]").fill(MAX)
    page.locator("[name=way][value=password]").click()
    page.wait_for_url("**/sign-in/password/**")


def half_way(page: Page) -> None:
    asked_for_a_password(page)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button.go").click()
    page.wait_for_url("**/sign-in/second-factor/**")


def opened(page: Page) -> None:
    page.locator("main details:not([open]) summary").first.click()


def turning(page: Page) -> None:
    page.locator('[data-lie="all"] summary').click()
    page.locator('[data-lie="1"] summary').click()


def looked_for(page: Page) -> None:
    """Asked until it is found: words are read in the background."""

    def ask() -> bool:
        page.locator("#id_q").fill("rodriguez")
        page.locator("main form[role=search] button").first.click()
        page.wait_for_load_state()
        return page.locator("mark").count() > 0

    wait_until(ask, 60)


@dataclass(frozen=True)
class Place:
    """`path` names what the walk left in braces; `steps` go on from there; `client`: part of what clients see."""

    name: str
    who: str
    path: str
    steps: Steps = nothing
    status: int = 200
    client: bool = False


def client(name: str, path: str, who: str = CLIENT, steps: Steps = nothing, status: int = 200) -> Place:
    return Place(f"client-{name}", who, path, steps, status, client=True)


PLACES = [
    client("sign-in", "/sign-in/", ""),
    client("sign-in-code", "/sign-in/", "", asked_for_a_code),
    client("sign-in-password", "/sign-in/", "", asked_for_a_password),
    client("sign-in-second-factor", "/sign-in/", "", half_way),
    client("care", "/care/", ""),
    client("join", "{join}", ""),
    client("invitation-gone", "/invitations/none/", "", status=404),
    client("home", "/matters/{matter}/"),
    client("home-list", "/matters/{first}/", MARIA),
    client("send", "/matters/{matter}/send/"),
    client("receipt", "/matters/{matter}/send/?receipt"),
    client("opened", "/matters/{matter}/opened/"),
    client("opened-nobody", "/matters/{first}/opened/", MARIA),
    client("messages", "/matters/{matter}/messages/"),
    client("document", "/documents/{letter}/"),
    client("document-again", "/documents/{blurry}/"),
    client("document-refused", "/documents/{refused}/"),
    client("document-quarantined", "/documents/{quarantined}/"),
    client("read", "/requests/{blocked}/read/outcome/", MARIA),
    client("account", "/account/"),
    client("passkey", "/account/passkeys/add/"),
    client("not-found", "/matters/{other}/", status=404),
    Place("staff-join", "", "{join_staff}"),
    Place("staff-choose-factor", NEW, "/account/second-factor/"),
    Place("staff-add-app", NEW, "/account/second-factor/app/"),
    Place("inbox", PAT, "/inbox/"),
    Place("inbox-needs-me", ANA, "/inbox/?show=me"),
    Place("inbox-failed", PAT, "/inbox/?show=failed"),
    Place("inbox-empty", MAX, "/inbox/?show=held"),
    Place("note", ANA, "{note}"),
    Place("matters", PAT, "/matters/"),
    Place("matters-none", NEW, "/matters/"),  # half way: on to the second factor
    Place("matter", PAT, "/matters/{matter}/"),
    Place("matter-asked", ANA, "/matters/{first}/"),
    Place("activity", PAT, "/matters/{matter}/activity/"),
    Place("messages", PAT, "/matters/{matter}/messages/"),
    Place("members", ANA, "/matters/{matter}/members/"),
    Place("send-for-client", PAT, "/matters/{matter}/send/"),
    Place("invite-client", ANA, "/matters/{invited}/client/"),
    Place("matter-empty", ANA, "/matters/{invited}/"),
    Place("matter-new", ANA, "/matters/new/"),
    Place("request-new", ANA, "/matters/{matter}/requests/new/"),
    Place("checklist", PAT, "/matters/{first}/checklist/"),
    Place("checklist-empty", PAT, "/matters/{matter}/checklist/"),
    Place("checklist-change", PAT, "/matters/{first}/checklist/", opened),
    Place("search", PAT, "/matters/{first}/search/"),
    Place("search-found", PAT, "/matters/{first}/search/", looked_for),
    Place("page-words", PAT, "/documents/{seeded}/pages/1/words/"),
    Place("board", PAT, "/matters/{matter}/board/"),
    Place("board-changing", ANA, "/matters/{first}/board/", opened),
    Place("own-factor", ANA, "/matters/{matter}/board/factor/"),
    Place("factors", ANA, "/factors/"),
    Place("review-new", PAT, "/documents/{seeded}/"),
    Place("review-turning", PAT, "/documents/{seeded}/", turning),
    Place("review-accepted", PAT, "/documents/{letter}/"),
    Place("review-asked-again", PAT, "/documents/{blurry}/"),
    Place("redact", PAT, "/documents/{seeded}/redact/"),
    Place("review-held", ANA, "/documents/{held}/"),
    Place("review-doubted", PAT, "/documents/{held}/", opened),
    Place("review-lifted", ANA, "/documents/{record}/"),
    Place("review-in-spanish", PAT, "/documents/{spanish}/"),
    Place("review-alike", PAT, "/documents/{alike}/"),
    Place("review-another-persons", PAT, "/documents/{anothers}/"),
    Place("send-for-the-team", PAT, "/matters/{first}/send/"),
    Place("document-refused", PAT, "/documents/{refused}/"),
    Place("document-quarantined", PAT, "/documents/{quarantined}/"),
    Place("document-quarantined-attorney", ANA, "/documents/{undecided}/", opened),
    Place("quarantine", ANA, "/quarantine/"),
    Place("quarantine-second-person", ADA, "/quarantine/"),
    Place("options", ANA, "/requests/{blocked}/options/"),
    Place("asking", PAT, "/requests/{blocked}/asking/"),
    Place("read-aloud", PAT, "/requests/{blocked}/asking/outcome/"),
    Place("arrests", ANA, "/matters/{first}/history-chart/"),
    Place("request", ANA, "/requests/{request}/"),
    Place("request-blocked", ANA, "/requests/{blocked}/"),
    Place("request-change", ANA, "/requests/{request}/change/"),
    Place("rules", ANA, "/requests/{request}/rules/"),
    Place("rules-blocked", PAT, "/requests/{blocked}/rules/"),
    Place("life", ANA, "/requests/{request}/life/"),
    Place("mail", ANA, "/requests/{request}/mail/"),
    Place("letter", ANA, "/requests/{request}/letter/"),
    Place("letter-empty", PAT, "/requests/{blocked}/letter/"),
    Place("letter-versions", ANA, "/requests/{request}/letter/versions/"),
    Place("snippets", ANA, "/snippets/"),
    Place("offices", ANA, "/offices/"),
    Place("office", ANA, "/offices/OPLA/"),
    Place("packet-bound", ANA, "/packets/{bound}/"),
    Place("packet-released", ANA, "/packets/{packet}/"),
    Place("assignments", ADA, "/assignments/"),
    Place("people", ADA, "/people/"),
    Place("status", ADA, "/status/"),
    Place("firm", ADA, "/people/firm/"),
    Place("account", ANA, "/account/"),
    Place("change-password", PAT, "/account/password/"),
    Place("reauthenticate", PAT, "/reauthenticate/"),
    Place("not-found", PAT, "/matters/{other}/", status=404),
]


def facts(stack: Stack, walk: Walk) -> dict[str, str]:
    """What stands in the braces; makes what the walk did not leave."""
    matter, request, packet = (address.split("/")[2] for address in (walk.matter, walk.request, walk.packet))
    letter, blurry, record = (walk.documents[name].split("/")[2] for name in (LETTER, BLURRY, RECORD))
    first, other = (row["id"] for row in stack.rows("SELECT id FROM documents_matter WHERE number < 3 ORDER BY number"))
    seeded, second, *_ = stack.rows("SELECT id FROM documents_document WHERE matter_id = %s ORDER BY number", first)
    return {
        "matter": matter, "request": request, "packet": packet, "letter": letter, "blurry": blurry, "record": record,
        "first": str(first), "other": str(other), "seeded": str(seeded["id"]), "held": held(stack, str(second["id"])),
        "blocked": str(stack.value("SELECT id FROM documents_request WHERE matter_id = %s", first)),
        "note": noted(stack, str(first), letter), **paired(stack, str(first)),
        "bound": bound(stack, request), **not_taken(stack, matter), **invited(stack),
    }  # fmt: skip


def held(stack: Stack, document: str) -> str:
    """The seed's second paper, under a negative factor, in a compartment, and with numbers on its page."""
    wait_until(lambda: stack.value("SELECT state FROM documents_document WHERE id = %s", document) == "ready", 60)
    stack.visitor(ANA).post(f"/documents/{document}/tag/", {"factor": "CRIMINAL_HISTORY", "strength": "direct"})
    stack.visitor(PAT).post(f"/documents/{document}/compartments/", {"compartment": "medical"})
    columns = "document_id, page, kind, mark, settled_as, settled_why"
    sql = f"INSERT INTO documents_finding ({columns}) VALUES (%s, 1, %s, %s, '', '')"
    for kind in ("ssn", "client"):
        stack.rows(sql, document, kind, "0" * 64)
    return document


def noted(stack: Stack, matter: str, document: str) -> str:
    """Notes of every layer on a matter and a document; one that was changed, whose page it is."""
    ana = stack.visitor(ANA)
    said = {"client": "Bring the original on Friday, please.", "team": "The date is hard to read.", "attorney": "Ask first."}
    for place in (f"/matters/{matter}/notes/", f"/documents/{document}/notes/"):
        for layer, text in said.items():
            ana.post(place, {"note-text": text, "note-layer": layer, "note-token": str(uuid4())})
    note = f"/notes/{stack.value('SELECT id FROM documents_note WHERE layer = %s ORDER BY at LIMIT 1', 'team')}/"
    ana.post(note, {"note-text": "The date is March 3, 2019.", "note-layer": "team", "note-seen": "1"})
    return note


def paired(stack: Stack, matter: str) -> dict[str, str]:
    """A paper in Spanish with its translation, two papers that look alike, and one of another person."""
    pat, again = stack.visitor(PAT), fixtures.pdf(3)
    files = [("acta.pdf", fixtures.pdf(4)), ("acta en.pdf", fixtures.pdf(5)), ("a.pdf", again)]
    pat.send(f"/matters/{matter}/send/", [*files, ("a otra vez.pdf", again + b"\n% again"), ("ajena.pdf", fixtures.pdf(6))])
    sql = "SELECT id FROM documents_document WHERE matter_id = %s AND state = 'ready' ORDER BY number DESC LIMIT 5"
    last = "SELECT count(*) FROM documents_document WHERE matter_id = %s AND state <> 'ready'"
    wait_until(lambda: not stack.value(last, matter), 60)
    anothers, alike, _first, english, spanish = (str(row["id"]) for row in stack.rows(sql, matter))
    pat.post(f"/documents/{spanish}/note/", {"says-language": "es"})
    pat.post(f"/documents/{spanish}/pair/", {"pair-translation": english})
    pat.post(f"/documents/{anothers}/tag/", {"factor": "WRONG_PERSON", "strength": "direct"})
    wait_until(lambda: stack.value("SELECT count(*) FROM documents_likeness WHERE document_id = %s", alike), 60)
    return {"spanish": spanish, "alike": alike, "anothers": anothers}


def bound(stack: Stack, request: str) -> str:
    """A second packet of the request, bound and not released, with a letter on the way."""
    ana = stack.visitor(ANA)
    packet = ana.post(f"/requests/{request}/order/").path.split("/")[2]
    wait_until(lambda: stack.value("SELECT state FROM documents_packet WHERE id = %s", packet) == "bound", 60)
    return packet


def not_taken(stack: Stack, matter: str) -> dict[str, str]:
    """A file of a wrong type and two infected ones, from a client who then also has a receipt; for one of these an
    attorney has proposed what becomes of it."""
    files = [
        ("lista.zip", b"PK\x03\x04 no"),
        ("foto rara.jpg", EICAR),
        ("foto 2.jpg", EICAR + b" "),
        ("otra.pdf", fixtures.pdf(2)),
    ]
    stack.visitor(CLIENT).send(f"/matters/{matter}/send/", files)
    sql = "SELECT id FROM documents_document WHERE matter_id = %s AND state = %s ORDER BY number"
    wait_until(lambda: len(stack.rows(sql, matter, "quarantined") + stack.rows(sql, matter, "refused")) == 3, 60)
    refused, (harmful, other) = stack.value(sql, matter, "refused"), stack.rows(sql, matter, "quarantined")
    why = "The client took this photo in our office. We think that the finding is a mistake."
    stack.visitor(ANA).post(f"/documents/{harmful['id']}/disposition/", {"kind": "release", "why": why})
    return {"refused": str(refused), "quarantined": str(harmful["id"]), "undecided": str(other["id"])}


def invited(stack: Stack) -> dict[str, str]:
    """A matter whose client has not come yet, and two people of the firm: one invited, one half way in."""
    client = {"client-name": "Óscar", "client-email": "oscar@clients.example", "client-language": "es"}
    page = stack.visitor(ANA).post("/matters/new/", {"respondent": "Quispe, Óscar", "a_number": "", **client})
    for email, name in {"ines@amparo.example": "Inés", NEW: "Nora"}.items():
        person = {"email": email, "name": name, "role": "paralegal", "language": "en"}
        stack.visitor(ADA).post("/people/invite/", person)
    stack.visitors[NEW] = half = Visitor(stack.url)
    half.get(link(stack, NEW))
    half.post(link(stack, NEW), {"password": "violet anchor seven bakery"})
    return {
        "invited": page.path.split("/")[2],
        "join": link(stack, "oscar@clients.example"),
        "join_staff": link(stack, "ines@amparo.example"),
    }


def link(stack: Stack, email: str) -> str:
    return re.findall(r"/invitations/\S+", stack.mail(email))[0]


def arrive(page: Page, place: Place, facts: dict[str, str]) -> int:
    """Go there; the status of the answer."""
    answer = page.goto(place.path.format(**facts))
    place.steps(page)
    assert answer
    return answer.status


def speak(stack: Stack, language: str) -> None:
    """Everybody in this language from now on; who is not signed in has it from the browser."""
    stack.rows("UPDATE accounts_user SET language = %s", language)
