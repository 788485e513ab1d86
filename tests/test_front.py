"""nginx, with the configuration that make run and compose share: what it lets through and what it never writes down."""

import http.client
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from scripts import process, run

MB = 1024 * 1024


class Portal(BaseHTTPRequestHandler):
    """Answers with what it was told and how much it read; `/large` with 20 MB."""

    def do_POST(self) -> None:
        if self.headers["Transfer-Encoding"] == "chunked":
            read = sum(iter(self._chunk, 0))
        else:
            read = len(self.rfile.read(int(self.headers["Content-Length"] or 0)))
        told = " ".join(self.headers.get(name, "-") for name in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded"))
        self._answer(f"{read} {told}".encode())

    def do_GET(self) -> None:
        self._answer(b"x" * 20 * MB if self.path == "/large" else b"page")

    def _chunk(self) -> int:
        size = int(self.rfile.readline(), 16)
        self.rfile.read(size + 2)
        return size

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@dataclass
class Front:
    port: int
    folder: Path

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        line.request(method, path, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read()

    def log(self) -> str:
        return (self.folder / "nginx.log").read_text()


@pytest.fixture(scope="module")
def portal() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def started(folder: Path, upstream: int, pieces: int) -> Front:
    front = Front(process.choose_block(1), folder)
    config = run.nginx_config(folder, f"127.0.0.1:{front.port}", f"127.0.0.1:{upstream}", f"127.0.0.1:{pieces}")
    process.spawn(folder, "nginx", ["/usr/sbin/nginx", "-e", "stderr", "-c", str(config)])
    process.wait_ready(folder, "nginx", lambda: not process.free(front.port))
    for spool in ("body", "proxy"):
        (folder / spool).chmod(0)  # whoever would spool plain bytes to the disk fails
    return front


@pytest.fixture(scope="module")
def front(portal, tmp_path_factory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    yield started(folder, portal, portal)
    process.stop(folder, "nginx", signal.SIGTERM)


def test_a_body_of_a_chunk_is_passed_on_without_touching_the_disk(front):
    status, said = front.ask("POST", "/uploads/1", b"x" * (3 * MB - 1))
    assert (status, said.split()[0]) == (200, b"%d" % (3 * MB - 1))


def test_a_form_of_many_files_is_passed_on_without_touching_the_disk(front):
    status, said = front.ask("POST", "/matters/AMP-0001/send/", b"x" * 40 * MB)
    assert (status, said.split()[0]) == (200, b"%d" % (40 * MB))


def test_a_large_answer_is_passed_on_without_touching_the_disk(front):
    status, said = front.ask("GET", "/large")
    assert (status, len(said)) == (200, 20 * MB)


@pytest.mark.parametrize("path", ["/uploads/1", "/matters/AMP-0001/", "/matters/AMP-0001/send/more/"])
def test_more_than_a_chunk_is_taken_nowhere_else(front, path):
    status, said = front.ask("POST", path, b"x" * (3 * MB + 1))
    assert status == 413
    assert b"none of it was received" in said
    assert "no se recibió nada" in said.decode()


def test_who_asks_is_what_nginx_sees_and_not_what_they_claim(front):
    claimed = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "Forwarded": "for=203.0.113.9"}
    assert front.ask("POST", "/", b"", **claimed)[1] == b"0 127.0.0.1 http -"


def test_the_log_keeps_neither_token_nor_id_nor_query_nor_address(front):
    front.ask("GET", "/invitations/tok3n/?next=s3cret")
    front.ask("GET", "/I-589_Juan_Perez.pdf")
    assert process.until(lambda: "GET (other) 200" in front.log(), 5)
    assert "GET /invitations 200" in front.log()
    assert not any(word in front.log() for word in ("tok3n", "s3cret", "Juan", "127.0.0.1"))


def test_a_portal_that_is_away_is_told_in_both_languages_and_kept_out_of_the_log(tmp_path):
    away = process.choose_block(1)
    front = started(tmp_path, away, away)
    try:
        status, said = front.ask("GET", "/invitations/tok3n/")
        assert status == 503
        assert b"try again in a minute" in said
        assert "Intente de nuevo" in said.decode()
        assert process.until(lambda: "GET /invitations 503" in front.log(), 5)
        assert not any(word in front.log() for word in ("tok3n", "127.0.0.1"))
    finally:
        process.stop(tmp_path, "nginx", signal.SIGTERM)


def test_only_so_many_forms_are_read_at_once(front):
    lines = [http.client.HTTPConnection("127.0.0.1", front.port, timeout=20) for _ in range(12)]
    for line in lines:  # each has sent its head and a first byte, and holds a thread of the portal
        line.putrequest("POST", "/matters/AMP-0001/send/")
        line.putheader("Content-Length", "1000")
        line.endheaders(b"x")
    try:
        full = lambda: front.ask("POST", "/matters/AMP-0002/send/", b"x")[0] == 503  # noqa: E731  # asked until it is so
        assert process.until(full, 10)
        assert front.ask("GET", "/")[0] == 200
    finally:
        for line in lines:
            line.close()


@pytest.mark.parametrize(
    ("path", "expected"), [("/uploads/", 503), ("/uploads/1", 503), ("/", 200), ("/matters/1/", 200)]
)
def test_files_on_their_way_have_a_process_of_their_own(portal, tmp_path, path, expected):
    """Nobody answers there, and pages are answered all the same."""
    front = started(tmp_path, portal, process.choose_block(1))
    try:
        assert front.ask("POST", path, b"x")[0] == expected
    finally:
        process.stop(tmp_path, "nginx", signal.SIGTERM)
