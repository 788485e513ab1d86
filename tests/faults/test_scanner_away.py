"""Without a scanner files wait, without end and without loss, and nobody can open them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import fixtures
from tests.faults.conftest import ANA, Case
from tests.stack import Stack, wait_until

BY_FORM, BY_COMMAND = fixtures.pdf(words="by form"), fixtures.jpeg(90, 60, comment=b"by command")


@pytest.fixture
def waiting(stack: Stack, case: Case, tmp_path: Path) -> Iterator[Case]:
    """Two files that came while clamd was away, each looked for once already."""
    stack.stop_clamd()
    try:
        case.send(("carta.pdf", BY_FORM))
        photo = tmp_path / "foto.jpg"
        photo.write_bytes(BY_COMMAND)
        [told], code = stack.manage("receive", "--matter", case.reference, "--as", ANA, "--wait", "0", str(photo))
        assert (told["outcome"], told["reason"], code) == ("waiting", "scanner_unavailable", 1)
        wait_until(lambda: [row["waits"] > 0 for row in case.documents()] == [True, True], 60)
        yield case
    finally:
        stack.start_clamd()


def test_files_wait_unserved_and_then_all_become_ready_untouched(stack: Stack, waiting: Case, proved: None) -> None:
    for row in waiting.documents():
        assert (row["state"] in {"received", "checking"}, row["vault_key"], row["print_key"]) == (True, "", "")
        assert waiting.sender.get(f"/documents/{row['id']}/pages/1.jpg").status == 404
        assert waiting.sender.get(f"/documents/{row['id']}/original/").status == 404
    stack.start_clamd()
    waiting.becomes("ready", BY_FORM, BY_COMMAND)
    assert len(waiting.documents()) == 2
