"""Words that must not get out, and every place they might: one row a word, one column a place (canaries.py lives the life)."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import postgres, process, services, store
from tests.faults.canaries import ASKED, GIVEN, SENT, TYPED, Life, live, plain
from tests.faults.conftest import Case
from tests.stack import Stack, wait_until
from tests.visitor import Answer

WORDS = [*TYPED, *SENT, *ASKED, *GIVEN]
ONES_OWN = {
    "e-mail of the client",
    "name of the client",
}  # of a person who signs in: their account and their mail have it
# Of the team's own columns, which are plain by design: they are for people of the matter, and no file, name or number.
NOTES = {
    "the judge", "the office", "a note", "title of an exhibit", "own words to the client", "why a hold is lifted",
    "why it is destroyed", "why a packet is returned",
}  # fmt: skip
# The frozen order and what is written from it: the cover, the letter and the files' names as the office gets them.
FROZEN = {"name of the person", "the A-number", "the letter", "the address in the letter"}
MAY_BE = {
    "mail": ONES_OWN | {"a mistyped e-mail", "a code by mail", "an invitation"},  # each to its own address alone
    "rows": ONES_OWN | NOTES | {"a mistyped e-mail", "a session", "a code of the app"},
    "error pages": {"an invitation"},  # used up by then, on the page at its very address
}


@pytest.fixture(scope="module")
def life(stack: Stack, opened: Callable[..., Case]) -> Life:
    return live(stack, opened)


@pytest.fixture(scope="module")
def places(life: Life, stack: Stack) -> dict[str, bytes]:
    """What each place holds, all of it."""
    work = Path(stack.settings["WORK_DIR"])
    wait_until(lambda: not list(work.iterdir()), 20)
    mail = stack.folder / "mail"
    logs = {path.name: path.read_bytes() for path in stack.folder.rglob("*.log") if mail not in path.parents}
    assert {"web.log", "worker.log", "nginx.log", "postgres.log", "clamd.log"} <= logs.keys()
    return {
        **{name: logs[name] for name in ("nginx.log", "postgres.log", "clamd.log")},
        "web.log": without_mails(logs["web.log"]),
        "worker.log": without_mails(logs["worker.log"]),
        "other logs": b"".join(text for name, text in logs.items() if name not in {"web.log", "worker.log"}),
        "mail": plain(mail),
        "work folder and the scanner's": plain(work, process.memory_dir(stack.folder / "clamd", "tmp")),
        "nginx's folder": plain(stack.folder / "nginx"),
        "names of objects": b"\n".join(objects(stack)),
        "bytes of objects": plain(stack.folder / "seaweedfs" / "data"),
        "jobs": json.dumps(stack.rows("SELECT * FROM procrastinate_jobs"), default=str).encode(),
        "the record": json.dumps(stack.rows("SELECT * FROM accounts_auditevent"), default=str).encode(),
        "rows": dump(stack),
        "addresses": "\n".join(sorted(life.led_to)).encode(),
        "error pages": b"".join(error(each) for each in life.answers),
    }


def without_mails(log: bytes) -> bytes:
    """A demo's mails are printed for whoever runs it on this machine: these lines are mail."""
    return re.sub(rb"(?m)^mail to .*\n(?:(?!\d{4}-|\[).*\n)*", b"", log)


def error(answer: Answer) -> bytes:
    """The page of a fault and its headers; 422 is the form once more, with what was typed."""
    told = [f"{name}: {value}" for name, value in answer.headers.items() if name != "Set-Cookie"]
    return answer.body + "\n".join(told).encode() if answer.status >= 400 and answer.status != 422 else b""


def objects(stack: Stack) -> list[bytes]:
    """Key and metadata of everything in the buckets."""
    owner = store.client(services.port(stack.folder, services.S3), stack.state["s3_owner"])
    found = []
    for bucket in store.BUCKETS:
        for each in owner.list_objects_v2(Bucket=bucket).get("Contents", []):
            head = owner.head_object(Bucket=bucket, Key=each["Key"])
            found.append(f"{bucket} {each['Key']} {head['Metadata']} {head.get('ContentDisposition')}".encode())
    return found


def dump(stack: Stack) -> bytes:
    url = postgres.url("postgres", stack.state["postgres"], services.port(stack.folder, services.POSTGRES))
    return subprocess.run([postgres.program("pg_dump"), url], capture_output=True, check=True).stdout


def test_there_are_enough_of_them() -> None:
    assert len(set(WORDS)) == len(WORDS) >= 40


def test_the_killed_worker_did_have_it(life: Life) -> None:
    assert SENT["words of a large file"].encode() in life.in_work


def test_the_life_was_lived(life: Life, places: dict[str, bytes]) -> None:
    """Each place was written to, and each word was used, or this would prove nothing."""
    assert set(life.canaries) == set(WORDS) - {"where a photo was taken"}
    empty = {name for name, content in places.items() if not content}
    assert empty <= {"work folder and the scanner's", "jobs", "worker.log"}


@pytest.mark.parametrize("word", WORDS)
def test_it_is_nowhere_but_where_it_may_be(life: Life, places: dict[str, bytes], word: str) -> None:
    canary = life.canaries.get(word, b"GPSLatitude")
    found = {place for place, content in places.items() if canary in content}
    assert found <= {place for place, allowed in MAY_BE.items() if word in allowed}


@pytest.mark.parametrize(
    "table",
    [
        "documents_matter",
        "documents_document",
        "documents_request",
        "documents_packet",
        "documents_packetpart",
        "django_session",
    ],
)
def test_names_numbers_and_letters_are_sealed_columns(life: Life, stack: Stack, table: str) -> None:
    rows = json.dumps(stack.rows(f"SELECT * FROM {table}"), default=str).encode()
    sealed = FROZEN | set(SENT) | {"password of a locked file"}
    assert [word for word in sealed if life.canaries[word] in rows] == []
