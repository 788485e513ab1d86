"""The whole line, as people walk it: from a new matter to a downloaded packet."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext, override
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests import fixtures
from tests.browser.chrome import window
from tests.browser.watch import Watch
from tests.clearing import clear
from tests.stack import PASSWORD, Stack

ANA, PAT = "ana@amparo.example", "pat@amparo.example"
CLIENT = "lucia@clients.example"
LETTER, BLURRY, RECORD, CLEAR = "carta.pdf", "IMG_0007.jpg", "antecedentes.png", "IMG_0008.heic"
expect.set_options(timeout=15_000)
LIVE = 60_000  # milliseconds until the worker is up and has done its part


def in_spanish(words: str) -> str:
    with override("es"):
        return gettext(words)


@dataclass
class Walk:
    """What the journey left: addresses, files, and whatever the windows complained of."""

    downloads: Path
    matter: str = ""
    request: str = ""
    packet: str = ""
    documents: dict[str, str] = field(default_factory=dict)  # the file's name: the document's address
    troubles: list[str] = field(default_factory=list)


def walk(stack: Stack, chromium: Browser, downloads: Path) -> Walk:
    done = Walk(downloads)
    with (
        _watched(done, stack, window(chromium, stack)) as desk,
        _watched(done, stack, window(chromium, stack, phone=True, language="es")) as phone,
    ):
        ana, client = desk.new_page(), phone.new_page()
        sign_in(ana, stack, ANA)
        passkey(ana)
        open_matter(ana, done)
        join(client, stack.mail(CLIENT))
        send(client, stack)
        with _watched(done, stack, window(chromium, stack, PAT)) as second_desk:
            pat = second_desk.new_page()
            review(pat, done)
            send_again(client, done)
            accept(pat, done, CLEAR, "COMMUNITY_TIES")
        lift(ana, done)
        write_letter(ana, done)
        order(ana, done, stack)
        release(ana, done, stack)
        download(ana, done)
    return done


@contextmanager
def _watched(done: Walk, stack: Stack, opened: AbstractContextManager[BrowserContext]) -> Iterator[BrowserContext]:
    with opened as context:
        watch = Watch(context, stack.url)
        yield context
    done.troubles += watch.troubles


def press(page: Page | Locator, name: str) -> None:
    """The button or link of this name, whatever key is written in front of it."""
    named = re.compile(rf"^([A-Z] ?)?{re.escape(name)}$")
    page.get_by_role("button", name=named).or_(page.get_by_role("link", name=named)).first.click()


def sign_in(page: Page, stack: Stack, email: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(email)
    press(page, "Use my password")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Go on")
    page.get_by_label("Code from your app").fill(stack.code(email))
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()


def passkey(page: Page) -> None:
    """The laptop's own fingerprint reader, in software."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    reader = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": reader})
    page.goto("/account/passkeys/add/")
    press(page, "Set up a passkey")
    page.wait_for_url(lambda url: "/passkeys/add/" not in url)


def open_matter(page: Page, done: Walk) -> None:
    page.goto("/matters/")
    press(page, "Open a matter")
    page.get_by_label("Client's full name").fill("Paredes, Lucía")
    page.get_by_label("A-number").fill("A 098 765 432")
    asked = {"Stage of the case": "before_court", "What we ask for": "dismissal", "Office profile": "OPLA"}
    for label, choice in asked.items():
        page.get_by_label(label).select_option(choice)
    page.get_by_label("Office", exact=True).fill("OPLA Chicago")
    page.get_by_label("Name to greet the client with").fill("Lucía")
    page.get_by_label("Client's e-mail").fill(CLIENT)
    page.get_by_label("Language").select_option("es")
    press(page, "Open the matter")
    page.wait_for_url(re.compile(r"/matters/[0-9a-f-]{36}/$"))
    done.matter = path(page)
    href = page.get_by_role("navigation").get_by_role("link", name="Packet", exact=True).get_attribute("href")
    done.request = href or ""
    page.goto(f"{done.matter}members/")
    choose(page.get_by_label("Person"), "Pat Nguyen")
    press(page, "Add")
    expect(page.get_by_role("cell", name="Pat Nguyen", exact=True)).to_be_visible()


def choose(select: Locator, words: str) -> None:
    """The first choice that begins with these words."""
    label = select.locator("option").filter(has_text=re.compile(f"^{re.escape(words)}")).first.text_content()
    select.select_option(label=label)


def path(page: Page) -> str:
    return "/" + page.url.split("/", 3)[3]


def join(page: Page, mail: str) -> None:
    [link] = re.findall(r"http\S+/invitations/\S+", mail)
    page.goto(link)
    press(page, in_spanish("Come in"))
    press(page, in_spanish("Not now"))
    expect(page.locator("html")).to_have_attribute("lang", "es")


def send(page: Page, stack: Stack) -> None:
    """Three files at once, while no worker is there: so that the change is seen to come by itself."""
    files = {
        LETTER: ("application/pdf", fixtures.pdf(3, words="carta")),
        BLURRY: ("image/jpeg", fixtures.jpeg(320, 240, orientation=6)),
        RECORD: ("image/png", fixtures.png(320, 240)),
    }
    waits = page.get_by_text(in_spanish("We are checking them. You can close this page."))
    with stack.no_worker():
        press(page, in_spanish("Send papers"))
        choose_files(page, files)
        received(page, 3)
        expect(waits).to_be_visible()
        page.evaluate("window.stayed = true")
    expect(waits).to_have_count(0, timeout=LIVE)
    assert page.evaluate("window.stayed"), "The page was loaded anew: the change did not come by itself."


def choose_files(page: Page, files: dict[str, tuple[str, bytes]]) -> None:
    chosen = [{"name": name, "mimeType": kind, "buffer": content} for name, (kind, content) in files.items()]
    page.get_by_label(in_spanish("Your photos or files")).set_input_files(chosen)  # type: ignore[arg-type]  # a TypedDict


def received(page: Page, files: int) -> None:
    """All of them say so, first where they were chosen, then on the receipt."""
    expect(page.get_by_text(in_spanish("Received"), exact=True)).to_have_count(files)
    press(page, in_spanish("Done"))
    page.wait_for_url("**/send/?receipt=*")
    expect(page.get_by_text(in_spanish("Received"), exact=True)).to_have_count(files)


def review(page: Page, done: Walk) -> None:
    accept(page, done, LETTER, "FAMILY_USC_LPR")
    accept(page, done, RECORD, "CRIMINAL_HISTORY")
    page.goto(address(page, done, BLURRY))
    page.locator("summary").filter(has_text="Ask again").click()
    page.get_by_label("What the client reads").select_option("blurry")
    press(page, "Ask again")
    expect(page.get_by_role("main").get_by_text(re.compile("^Asked again. The client reads"))).to_be_visible()


def address(page: Page, done: Walk, name: str) -> str:
    """The document that came under this file name."""
    if name not in done.documents:
        page.goto(done.matter)
        done.documents[name] = page.get_by_role("link", name=name, exact=True).first.get_attribute("href") or ""
    return done.documents[name]


def accept(page: Page, done: Walk, name: str, factor: str) -> None:
    page.goto(address(page, done, name))
    field = page.get_by_role("combobox", name="Add a factor")
    field.fill(factor)
    field.press("Enter")
    press(page, "Add")
    expect(page.get_by_role("button", name=re.compile("^Remove .+"))).to_be_visible()
    press(page, "Accept")
    expect(page.get_by_role("main").get_by_text(re.compile("^Accepted: "))).to_be_visible()


def send_again(page: Page, done: Walk) -> None:
    """The client finds out what was wrong, in her language, and sends another photo from that very page."""
    page.goto("/")
    reason = in_spanish("The photo is blurry. Put the paper on a table, in good light.")
    expect(page.get_by_text(reason).first).to_be_visible()
    press(page, in_spanish("Send it again"))
    choose_files(page, {CLEAR: ("image/heic", fixtures.heic())})
    received(page, 1)
    waits = page.get_by_text(in_spanish("We are checking them. You can close this page."))
    expect(waits).to_have_count(0, timeout=LIVE)


def lift(page: Page, done: Walk) -> None:
    page.goto(done.documents[RECORD])
    page.locator("summary").filter(has_text="Let it go forward").click()
    page.get_by_label("Why it may go forward").fill("Dismissed in 2014, and the letter says so.")
    page.get_by_role("button", name=re.compile("^Lift the hold")).click()
    expect(page.get_by_role("main").get_by_text(re.compile("^Hold lifted"))).to_be_visible()


def write_letter(page: Page, done: Walk) -> None:
    """Hers, which names what is asked for; she signs it."""
    page.goto(f"{done.request}letter/")
    page.get_by_label("Request letter").fill("We ask for dismissal without prejudice of this case.\n")
    press(page, "Save the letter")
    press(page, "Sign")
    expect(page.get_by_text("You signed the letter.")).to_be_visible()


def order(page: Page, done: Walk, stack: Stack) -> None:
    """Ordered while no worker is there; the page that waits becomes the page of the bound packet by itself."""
    with stack.no_worker():
        page.goto(done.request)
        press(page, "Order and bind")
        expect(page.get_by_role("heading", name="The packet is being bound")).to_be_visible()
        done.packet = path(page)
    expect(page.get_by_role("link", name="Go to the rules")).to_be_visible(timeout=LIVE)
    clear(stack, done.packet.split("/")[2], ANA)
    page.reload()
    expect(page.get_by_role("button", name="Release")).to_be_visible()
    pictures = page.get_by_role("img", name=re.compile(r"^Page \d+: "))
    for number in range(pictures.count()):
        pictures.nth(number).scroll_into_view_if_needed()
        expect(pictures.nth(number)).to_have_js_property("complete", value=True)
        assert pictures.nth(number).evaluate("picture => picture.naturalWidth") > 0


def release(page: Page, done: Walk, stack: Stack) -> None:
    """Her second factor of a moment ago counts as old: the page asks again, and takes her fingerprint."""
    stack.rows("UPDATE accounts_firmpolicy SET step_up_minutes = 0")
    press(page, "Release")
    expect(page.get_by_role("heading", name="Prove it is you")).to_be_visible()
    stack.rows("UPDATE accounts_firmpolicy SET step_up_minutes = 60")
    press(page, "Use my passkey")
    page.wait_for_url(f"**{done.packet}")
    press(page, "Release")
    expect(page.get_by_role("heading", name="Released")).to_be_visible()


def download(page: Page, done: Walk) -> None:
    for name, file in {"Download part 1": "packet.pdf", "Page ledger": "ledger.csv"}.items():
        with page.expect_download() as coming:
            page.get_by_role("link", name=name).click()
        coming.value.save_as(done.downloads / file)
