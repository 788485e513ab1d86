"""Something dies while a file is on its way: what was not wholly kept was never received, and the way on is open."""

from random import Random

import pytest

from scripts import services
from tests import fixtures
from tests.faults.conftest import Case
from tests.faults.uploads import PART, HalfSent
from tests.stack import Stack, wait_until

pytestmark = pytest.mark.skipif(bool(services.ELSEWHERE), reason="the S3 server is not ours to look into or to stop")
LARGE = fixtures.pdf(words="large") + b"%" + Random(1).randbytes(5 * PART // 2).replace(b"\n", b" ")


def test_a_killed_web_process_leaves_no_document_and_the_next_upload_works(
    stack: Stack, case: Case, proved: None
) -> None:
    with HalfSent(case, "grande.pdf", LARGE) as upload:
        assert len(stack.kill_web_workers()) == 2
        assert " 302 " not in upload.finish().partition("\r\n")[0]
    assert case.documents() == []
    small = fixtures.pdf(words="after the kill")
    wait_until(lambda: stack.stands() and "receipt" in case.send(("otra.pdf", small)).path, 60)
    assert [row["name"] != "" for row in case.documents()] == [True]


def test_without_a_store_the_sender_is_asked_to_send_again(stack: Stack, case: Case) -> None:
    with HalfSent(case, "grande.pdf", LARGE) as upload:
        stack.stop_store()
        try:
            assert upload.finish().startswith("HTTP/1.1 302 ")
            page = case.sender.get(f"{case.door}?receipt")
        finally:
            stack.start_store()
    assert (page.status, case.documents()) == (200, [])
    assert "We could not save this file. Send it again in a minute." in page.text
    assert case.send(("grande.pdf", LARGE)).status == 200
    assert len(case.documents(LARGE)) == 1
