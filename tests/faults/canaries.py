"""A life with words that must not get out: everything a person types, sends or is given here carries one of its own."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
from PIL import Image

from scripts.signatures import EICAR
from tests import fixtures
from tests.clearing import clear
from tests.faults.conftest import ANA, Case
from tests.stack import PASSWORD, Stack, wait_until
from tests.visitor import Answer, Visitor

MANY = 150  # pages: long enough in the sandbox to be stopped there
A_NUMBER = "219384756"
# What it is: the word itself. Birds, so that nothing else is called so.
TYPED = {
    "name of the person": "Colibri5e1f",
    "the A-number": A_NUMBER,
    "the A-number as it is written": "A219-384-756",
    "e-mail of the client": "zorzal83ab@clients.example",
    "name of the client": "Zorzal83ab",
    "the judge": "Lechuza19cd",
    "the office": "Gaviota77be",
    "a note": "Perdiz20aa",
    "title of an exhibit": "Mirlo41ce",
    "own words to the client": "Jilguero9f3",
    "why a hold is lifted": "Cuervo55d0",
    "why it is destroyed": "Golondrina6b",
    "why a packet is returned": "Ruisenor18",
    "the letter": "Tordo2c71fe",
    "the address in the letter": "1482 Calandria Ave",
    "a search": "Cardenal3b9",
    "a mistyped password": "Halcon-not-it-7c1",
    "the right password": PASSWORD,
    "a mistyped code": "739184",
    "password of a locked file": "Pelicano4e82",
    "a wrong password of it": "Flamenco0d7",
    "a mistyped e-mail": "garza5b1@nowhere.example",
}
SENT = {
    "name of a file": "I-589_Juan_Alondra71",
    "name of a refused file": "Maria_Urraca3fd",
    "name of an infected file": "Rosa_Condor8e2",
    "name of a locked file": "Pedro_Cisne14b",
    "name of a file with a path": "Documentos-Tucan90",
    "words on a page": "Canario6d1f",
    "words of a large file": "Vencejo27ea",
    "comment of a photo": "Abubilla93c",
    "what phone took a photo": "Avestruz-Phone-5",
    "who made a PDF": "Grulla80bb-author",
    "a file inside a PDF": "Faisan7ca1.txt",
    "words inside a file inside": "Pardela52e9",
}
ASKED = {
    "a query": "Quetzal1f40",
    "an address that is not there": "Oropendola66",
    "a token that is none": "Estornino-2ab9-token",
    "a referrer": "Chorlito45e",
    "a browser": "Carpintero-Browser/9",
    "another cookie": "Avetoro88d1",
    "a claimed address": "203.0.113.77",
    "a field nobody asked for": "Petirrojo0c3",
}
GIVEN = ("a session", "a CSRF token", "a code by mail", "a code of the app", "an invitation", "where a photo was taken")


@dataclass
class Life:
    """`canaries`: every word there was. `answers`: those that told of a fault. `led_to`: every address the portal named."""

    stack: Stack
    case: Case
    canaries: dict[str, bytes] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    led_to: set[str] = field(default_factory=set)
    in_work: bytes = b""  # what the killed worker had in plain, or the test would prove nothing


def live(stack: Stack, opened: Callable[..., Case]) -> Life:
    case = opened(f"{TYPED['name of the person']}, Alma", TYPED["the A-number as it is written"])
    life = Life(stack, case, {name: word.encode() for name, word in {**TYPED, **SENT, **ASKED}.items()})
    stack.rows("UPDATE documents_request SET judge = %s, office = %s WHERE id = %s", TYPED["the judge"], TYPED["the office"],
               case.request)  # fmt: skip
    client = invited(life)
    signing_in(life, client)
    documents(life, client)
    reviewed(life)
    filed(life)
    lost(life, client)
    unserved(life)
    crashed(life)
    life.led_to = client.led_to | case.sender.led_to
    return life


def invited(life: Life) -> Visitor:
    """By Ana, through the mail's link."""
    fields = {"name": TYPED["name of the client"], "email": TYPED["e-mail of the client"], "language": "es"}
    life.case.sender.post(f"/matters/{life.case.matter}/client/", fields)
    [token] = re.findall(r"/invitations/([^\s/]+)/", life.stack.mail(TYPED["e-mail of the client"]))
    life.canaries["an invitation"] = token.encode()
    client = Visitor(life.stack.url)
    client.get(f"/invitations/{token}/")
    assert client.post(f"/invitations/{token}/").status == 200
    life.answers.append(Visitor(life.stack.url).get(f"/invitations/{token}/"))  # it works once
    return client


def signing_in(life: Life, client: Visitor) -> None:
    """Wrongly in every way, and rightly: by a code of the mail, and of the app."""
    stranger, email = Visitor(life.stack.url), "pat@amparo.example"
    stranger.get("/sign-in/")
    for typed in (TYPED["a mistyped e-mail"], email):
        stranger.post("/sign-in/", {"email": typed, "way": "code"})
    asked = stranger.post("/sign-in/", {"email": email, "way": "password"})
    life.answers.append(stranger.post(asked.path, {"login": email, "password": TYPED["a mistyped password"]}))
    half = stranger.post(asked.path, {"login": email, "password": PASSWORD})
    life.answers.append(stranger.post(half.path, {"code": TYPED["a mistyped code"]}))
    code = life.stack.code(email)
    stranger.post(half.path, {"code": code})
    again = Visitor(life.stack.url)
    again.sign_in_by_mail(TYPED["e-mail of the client"], lambda: life.stack.mail(TYPED["e-mail of the client"]))
    [mailed] = re.findall(r"\b\d{6}\b", life.stack.mail(TYPED["e-mail of the client"]))
    given = {"a code by mail": mailed, "a code of the app": code, "a session": client.cookies["__Host-session"]}
    life.canaries |= {name: word.encode() for name, word in given.items()}
    life.canaries["a CSRF token"] = client.cookies["__Host-csrf"].encode()


def documents(life: Life, client: Visitor) -> None:
    """Ready, refused, quarantined, locked and unlocked; a duplicate; a name that would be a path."""
    door = f"/matters/{life.case.matter}/send/"
    files = [
        (f"{SENT['name of a file']}.pdf", told()),
        (f"{SENT['name of a refused file']}.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        (f"{SENT['name of an infected file']}.jpg", EICAR),
        (f"{SENT['name of a locked file']}.pdf", fixtures.locked_pdf(TYPED["password of a locked file"])),
        (f"../{SENT['name of a file with a path']}/foto.jpg", photo()),
    ]
    client.send(door, files)
    client.send(door, files[:1], {"anything": ASKED["a field nobody asked for"]})
    wanted = ["ready", "refused", "quarantined", "refused", "ready"]
    wait_until(lambda: [row["state"] for row in life.case.documents()] == wanted, 120)
    locked = life.case.documents()[3]
    for password in (TYPED["a wrong password of it"], TYPED["password of a locked file"]):
        client.post(f"/documents/{locked['id']}/unlock/", {"password": password})
        wait_until(lambda: life.case.documents()[3]["state"] in {"refused", "ready"}, 120)
    assert life.case.documents()[3]["state"] == "ready"
    for row in life.case.documents():
        client.get(f"/documents/{row['id']}/")


def told() -> bytes:
    """A PDF that has its words on its page, as its author, and in a file inside."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.docinfo["/Author"] = SENT["who made a PDF"]
        pdf.attachments[SENT["a file inside a PDF"]] = SENT["words inside a file inside"].encode()

    with pikepdf.open(io.BytesIO(fixtures.pdf(words=SENT["words on a page"]))) as pdf:
        change(pdf)
        return fixtures.saved(pdf)


def photo() -> bytes:
    tags = fixtures.exif()
    tags[0x0110] = SENT["what phone took a photo"]
    into = io.BytesIO()
    fixtures.quarters(400, 300).save(into, "JPEG", exif=tags, comment=SENT["comment of a photo"].encode())
    with Image.open(io.BytesIO(into.getvalue())) as image:
        assert image.getexif()[0x0110] == SENT["what phone took a photo"]
    return into.getvalue()


def reviewed(life: Life) -> None:
    """Tagged with a note, titled, asked for again, held and let go, looked for, revealed, and proposed to be destroyed."""
    ana, [ready, _refused, infected, locked, picture] = life.case.sender, life.case.documents()
    at = f"/documents/{ready['id']}/"
    for factor in ("FAMILY_USC_LPR", "CRIMINAL_HISTORY"):
        ana.post(f"{at}tag/", {"factor": factor, "strength": "direct", "note": TYPED["a note"]})
    ana.post(f"{at}title/", {"title": TYPED["title of an exhibit"]})
    hold = life.stack.value("SELECT id FROM documents_hold WHERE document_id = %s", ready["id"])
    ana.post(f"{at}holds/{hold}/lift/", {"why": TYPED["why a hold is lifted"]})
    ana.post(f"{at}accept/", {"seen": "pending"})
    for row in (locked, picture):
        ana.post(f"/documents/{row['id']}/ask-again/", {"words": TYPED["own words to the client"], "seen": "pending"})
    destroy = {"kind": "destroy", "why": TYPED["why it is destroyed"]}
    ana.post(f"/documents/{infected['id']}/disposition/", destroy)
    ana.post("/matters/", {"q": TYPED["a search"]})
    assert A_NUMBER in ana.post(f"/matters/{life.case.matter}/a-number/").text.replace("-", "").replace(" ", "")
    ana.get(f"{at}original/")


def filed(life: Life) -> None:
    """A letter, signed; a packet returned; another one released and downloaded."""
    ana, at = life.case.sender, f"/requests/{life.case.request}/"
    words = f"We ask for administrative closure. {TYPED['the letter']} lives at {TYPED['the address in the letter']}."
    page = ana.get(f"{at}letter/")
    ana.post(f"{at}letter/", {"letter": words, "seen": seen(page)})
    ana.post(f"{at}letter/sign/", {"seen": seen(ana.get(f"{at}letter/"))})
    for ending in ("return", "release"):
        life.case.order()
        packet = f"/packets/{life.case.bound()['id']}/"
        ana.get(packet), ana.get(f"{packet}pages/1.jpg")
        if ending == "release":
            clear(life.stack, packet.split("/")[2], ANA)
        ana.post(f"{packet}{ending}/", {"why": TYPED["why a packet is returned"]})
    assert life.case.packets()[-1]["state"] == "released"
    assert [ana.get(f"{packet}{rest}").status for rest in ("parts/1/", "manifest.json", "ledger.csv")] == [
        200,
        200,
        200,
    ]


def seen(page: Answer) -> str:
    return re.findall(r'name="seen" value="([0-9a-f]+)"', page.text)[0]


def lost(life: Life, client: Visitor) -> None:
    """400, 403, 404, 405, 413, 422 and a refused token, with everything a browser tells of itself."""
    ana, matter = life.case.sender, life.case.matter
    told = {
        "Referer": f"{life.stack.url}/{ASKED['a referrer']}", "User-Agent": ASKED["a browser"],
        "X-Forwarded-For": ASKED["a claimed address"], "Cookie": f"{ana.cookie()}; other={ASKED['another cookie']}",
    }  # fmt: skip
    for path in (
        f"/matters/{matter}/nothing-here/?q={ASKED['a query']}", f"/{ASKED['an address that is not there']}/",
        f"/invitations/{ASKED['a token that is none']}/", f"/requests/{life.case.request}/sign-out/",
    ):  # fmt: skip
        life.answers.append(ana.get(path, **told))
    life.answers.append(client.get(f"/requests/{life.case.request}/letter/"))
    life.answers.append(client.post(f"/matters/{matter}/client/", {"email": TYPED["e-mail of the client"]}))
    life.answers.append(ana.post(f"/matters/{matter}/client/", {"email": TYPED["a search"], "name": ""}))
    life.answers.append(ana.post("/sign-in/", {"x": "y" * 3_500_000}))
    csrf, ana.cookies["__Host-csrf"] = ana.cookies["__Host-csrf"], "x" * 32
    life.answers.append(ana.post(f"/matters/{matter}/a-number/", {"a": TYPED["a note"]}))
    ana.cookies["__Host-csrf"] = csrf
    assert {answer.status for answer in life.answers} >= {403, 404, 413, 422}


def unserved(life: Life) -> None:
    """503: no store; and a form that the store takes nothing of."""
    row = life.case.documents()[0]
    life.stack.stop_store()
    try:
        life.answers.append(life.case.sender.get(f"/documents/{row['id']}/pages/1.jpg"))
        life.case.send((f"{SENT['name of a file']}.pdf", fixtures.pdf(words="unserved")))
    finally:
        life.stack.start_store()
    assert life.answers[-1].status == 503


def crashed(life: Life) -> None:
    """A worker is killed while it has a file of many pages in plain before it."""
    large = fixtures.pdf(MANY, words=SENT["words of a large file"]) + b"%% " + SENT["words of a large file"].encode()
    work = Path(life.stack.settings["WORK_DIR"])
    life.case.send((f"{SENT['name of a file']}.pdf", large))
    life.case.becomes("preparing", large)
    wait_until(lambda: SENT["words of a large file"].encode() in plain(work), 20)
    life.stack.freeze_worker()
    assert life.case.state(large) == "preparing"
    life.in_work = plain(work)
    life.stack.kill_worker()
    life.stack.start_worker()
    life.case.becomes("ready", large)


def plain(*folders: Path) -> bytes:
    """The names of all files below, and what is in them; while somebody works there, files come and go."""
    found = b""
    for path in (each for folder in folders for each in folder.rglob("*")):
        found += str(path).encode() + b"\n"
        try:
            found += path.read_bytes() if path.is_file() else b""
        except OSError:
            continue
    return found
