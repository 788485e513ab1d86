"""What the scanner finds is served to nobody, at no address, and its sender reads a sentence that frightens nobody."""

import re
from collections.abc import Callable
from hashlib import sha256

import pytest
from django.utils.translation import override

from documents import words
from scripts.signatures import EICAR, MARKER
from tests import fixtures
from tests.faults.conftest import ANA, Case
from tests.stack import Stack

# ClamAV calls EICAR clean where anything follows it, so what hides inside a picture is a marker of our own.
FILES = {
    "photo.jpg": EICAR,
    "foto de la playa.jpg": fixtures.jpeg(80, 60, comment=MARKER),
    "carta con adjunto.pdf": fixtures.attached_pdf(EICAR),
}
FRIGHTENING = r"virus|infect|malware|malicios|dañin|harmful|threat|amenaza|quarantin|cuarentena|rechaz|reject"


@pytest.fixture(scope="module")
def sent(stack: Stack) -> Case:
    """All three, in one form, from the client herself."""
    maria = stack.visitor("maria@amparo.example")
    matter = stack.value("SELECT id FROM documents_matter WHERE number = 1")
    case = Case(stack, maria, str(matter))
    assert case.send(*FILES.items()).path.endswith("/send/?receipt")
    case.becomes("quarantined", *FILES.values())
    return case


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("who", ["maria@amparo.example", ANA])
def test_it_is_served_to_nobody(stack: Stack, sent: Case, name: str, who: str) -> None:
    [row] = sent.documents(FILES[name])
    asked = [
        stack.visitor(who).get(f"/documents/{row['id']}/{rest}") for rest in ("", "pages/1.jpg", "original/", "status/")
    ]
    assert {answer.status for answer in asked[1:3]} <= {403, 404}  # a client may see no original at all
    assert not any(EICAR in answer.body or MARKER in answer.body for answer in asked)


@pytest.mark.parametrize("name", FILES)
def test_its_client_reads_a_neutral_sentence(sent: Case, name: str) -> None:
    [row] = sent.documents(FILES[name])
    page = sent.sender.get(f"/documents/{row['id']}/").text
    with override("es"):
        sentence = str(words.sentence("infected"))
    assert sentence != "We could not open this file. Take a new photo of the paper and send that."
    assert sentence in page
    assert '<html lang="es"' in page
    assert re.findall(FRIGHTENING, page + sent.sender.get(f"/matters/{sent.matter}/").text, re.IGNORECASE) == []


def test_no_packet_has_it(opened: Callable[..., Case]) -> None:
    case, good = opened(), fixtures.pdf(words="beside an infected one")
    case.send(("buena.pdf", good), ("mala.jpg", EICAR))
    case.becomes("ready", good)
    case.becomes("quarantined", EICAR)
    case.accept(good)
    case.order()
    packet = case.bound()
    sql = "SELECT DISTINCT source_sha256 FROM documents_packetpage WHERE kind = 'exhibit' AND packet_id = %s"
    sources = case.stack.rows(sql, packet["id"])
    assert {row["source_sha256"] for row in sources} == {sha256(good).hexdigest()}
